//! Stage 3, by its public items.

use std::rc::Rc;

use stage3::backward::order;
use stage3::{Container, Node, Trace, Value, backward};

use crate::evaluate::{Argument, METHODS, Method};
use crate::levels::{Seen, Shown, Traced};
use crate::listing::{Excerpt, Line};
use crate::words::short;

/// The rules.
pub const VJP: Excerpt = Excerpt {
    file: "backward.rs",
    item: "pub(crate) fn vjp(",
};

/// Stage 3.
pub struct Stage3;

fn container(value: &Value) -> &Rc<Container> {
    match value {
        Value::Boxed(container) => container,
        Value::Plain(_) => unreachable!("a value that a trace does not record"),
    }
}

impl Traced for Stage3 {
    const NAME: &'static str = "stage3";
    const RAW: &'static str = "return Value::Plain((self.raw)(&numbers));";
    type Value = Value;
    type Node = Node;
    type Trace = Trace;

    fn methods() -> Vec<Method> {
        let more: &[Method] = &[("floor", &[]), ("sign", &[])];
        [METHODS, more].concat()
    }

    fn number(number: f64) -> Value {
        Value::from(number)
    }

    fn open() -> Trace {
        Trace::open()
    }

    fn trace_id(trace: &Trace) -> u64 {
        trace.id()
    }

    fn input(trace: &Trace, value: &Value) -> Value {
        Value::Boxed(trace.input(value))
    }

    fn peel(value: &Value) -> Option<(u64, &Rc<Node>, &Value)> {
        match value {
            Value::Plain(_) => None,
            Value::Boxed(container) => {
                Some((container.trace(), container.node(), container.value()))
            }
        }
    }

    fn see(node: &Node) -> Seen<'_, Self> {
        Seen {
            id: node.id,
            name: node.primitive.name,
            args: &node.args,
            result: &node.result,
            parents: &node.parents,
        }
    }

    fn bind(node: &Node, args: &[&Value]) -> Value {
        node.primitive.bind(args)
    }

    fn call(name: &str, values: &[&Value], _args: &[Argument]) -> Result<Value, String> {
        Ok(match (name, values) {
            ("add", [x, y]) => *x + *y,
            ("sub", [x, y]) => *x - *y,
            ("mul", [x, y]) => *x * *y,
            ("div", [x, y]) => *x / *y,
            ("neg", [x]) => -*x,
            ("powf", [x, y]) => x.powf(*y),
            ("sin", [x]) => x.sin(),
            ("cos", [x]) => x.cos(),
            ("exp", [x]) => x.exp(),
            ("ln", [x]) => x.ln(),
            ("sqrt", [x]) => x.sqrt(),
            ("tanh", [x]) => x.tanh(),
            ("floor", [x]) => x.floor(),
            ("sign", [x]) => x.sign(),
            _ => unreachable!("`{name}` is not among the methods"),
        })
    }

    fn order(output: &Node) -> Vec<&Node> {
        order(&[output])
    }

    fn backward(output: &Value, seed: &Value, inputs: &[Value]) -> Vec<Value> {
        let gradients = backward(&[(container(output), seed.clone())]);
        let inputs = inputs.iter();
        inputs.map(|input| gradients.of(container(input))).collect()
    }

    fn add(x: &Value, y: &Value) -> Value {
        x + y
    }

    fn ones(_value: &Value) -> Value {
        Value::from(1.0)
    }

    fn zeros(_value: &Value) -> Value {
        Value::from(0.0)
    }

    fn show(value: &Value) -> Shown {
        let text = short(value.value());
        Shown {
            title: Some(text.clone()),
            text,
            numbers: vec![value.value()],
            ..Shown::default()
        }
    }

    fn rule(node: &Node, argnum: usize) -> Line {
        let (name, args) = (node.primitive.name, &node.args);
        let no_result = node.result.value() == 0.0;
        let row = match (name, argnum) {
            ("powf", 0) if args[0] == 0.0 && args[1] == 0.0 => "0) if args[0]",
            ("powf", 0) if no_result && args[1].value().is_infinite() => "0) if *result",
            ("powf", 0) => "0) => gradient",
            ("powf", _) if args[0] == 0.0 && args[1] >= 0.0 => "_) if args[0]",
            ("powf", _) if no_result && args[0].value().is_infinite() => "_) if *result",
            ("powf", _) => "_) => gradient",
            ("sub" | "mul" | "div", 0) => "0)",
            _ => "_)",
        };
        VJP.line(format!("(\"{name}\", {row}"))
    }
}

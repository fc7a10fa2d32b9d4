//! Stage 3, by its public items.

use stage3::backward::order;
use stage3::{Node, Trace, Value, backward};

use crate::evaluate::{Argument, METHODS, Method};
use crate::levels::{self, Shown, Traced};
use crate::listing::{Excerpt, Line};
use crate::program::{Program, Term};
use crate::recorder::Recorder;
use crate::request::Error;
use crate::words::short;

/// The rules.
const VJP: Excerpt = Excerpt {
    file: "backward.rs",
    item: "pub(crate) fn vjp(",
};

/// Stage 3.
pub struct Stage3;

/// Records what the engine does with a program.
///
/// # Errors
/// The program cannot be run.
pub fn record(
    recorder: &mut Recorder,
    program: &Program,
    inputs: &[(String, Term)],
    order: usize,
) -> Result<(), Error> {
    levels::record::<Stage3>(recorder, program, inputs, order)
}

impl Traced for Stage3 {
    crate::traced!();

    const NAME: &'static str = "stage3";
    const RAW: &'static str = "return Value::Plain((self.raw)(&numbers));";
    fn methods() -> Vec<Method> {
        let more: &[Method] = &[("floor", &[]), ("sign", &[])];
        [METHODS, more].concat()
    }

    fn call(name: &str, values: &[&Value], _args: &[Argument]) -> Result<Value, String> {
        let result = match (name, values) {
            ("floor", [x]) => Some(x.floor()),
            ("sign", [x]) => Some(x.sign()),
            _ => crate::operation!(name, values),
        };
        Ok(result.unwrap_or_else(|| unreachable!("`{name}` is not among the methods")))
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

//! The walk: gradients are pushed from the outputs to the inputs.

use std::collections::HashMap;
use std::rc::Rc;

use crate::graph::{Container, Node, Value};
use crate::ops::SECH;
use crate::trace::{Primitive, Trace};

// ANCHOR: backward
/// The gradients of one walk.
pub struct Gradients(HashMap<u64, Value>);

impl Gradients {
    /// d output / d `container`; 0 when the outputs do not depend on it.
    pub fn of(&self, container: &Container) -> Value {
        self.of_node(container.node())
    }

    /// d output / d result of `node`; 0 when the outputs do not depend on it.
    pub fn of_node(&self, node: &Node) -> Value {
        let gradient = self.0.get(&node.id).cloned();
        gradient.unwrap_or(Value::Plain(0.0))
    }
}

/// Walks the graph from the outputs back to the inputs, and returns the gradients of everything
/// on the way.
///
/// Each output comes with its seed, d something / d output: 1 for the gradient of the output
/// itself. The outputs' gradients add up. The graph stays as it is.
///
/// [`vector_jacobian`] opens the trace and calls this; [`Trace::input`] shows how to do it by
/// hand.
///
/// # Panics
///
/// On a [`Primitive`] without a rule, and if a rule meets a container whose trace has ended.
pub fn backward(outputs: &[(&Container, Value)]) -> Gradients {
    let mut gradients = HashMap::new();
    let mut nodes: Vec<&Node> = Vec::new();
    for (output, seed) in outputs {
        add_to(&mut gradients, output.node(), seed.clone());
        nodes.push(output.node());
    }
    for node in order(&nodes) {
        let gradient = gradients[&node.id].clone();
        for (argnum, parent) in &node.parents {
            let contribution = vjp(node.primitive, *argnum, &gradient, &node.result, &node.args);
            add_to(&mut gradients, parent, contribution);
        }
    }
    Gradients(gradients)
}

fn add_to(gradients: &mut HashMap<u64, Value>, node: &Node, contribution: Value) {
    let gradient = match gradients.get(&node.id) {
        Some(gradient) => gradient + &contribution,
        None => contribution,
    };
    gradients.insert(node.id, gradient);
}
// ANCHOR_END: backward

// ANCHOR: order
/// Everything that the outputs depend on, each node before its parents (and after all of its
/// children), so that a gradient is complete before it is passed on.
///
/// Counts the children of each node first, then takes a node once the count is used up. This is
/// Kahn's topological sort (1962). It loops where recursion would overflow the stack.
pub fn order<'a>(outputs: &[&'a Node]) -> Vec<&'a Node> {
    let mut children: HashMap<u64, usize> = HashMap::new();
    let mut ready = Vec::new();
    for &output in outputs {
        if children.insert(output.id, 0).is_none() {
            ready.push(output);
        }
    }
    let mut unseen = ready.clone();
    while let Some(node) = unseen.pop() {
        for (_, parent) in &node.parents {
            let count = children.entry(parent.id).or_insert_with(|| {
                unseen.push(parent);
                0
            });
            *count += 1;
        }
    }

    // An output that another output depends on has to wait for it.
    ready.retain(|output| children[&output.id] == 0);
    let mut order = Vec::with_capacity(children.len());
    while let Some(node) = ready.pop() {
        order.push(node);
        for (_, parent) in &node.parents {
            let count = children.get_mut(&parent.id).expect("it was counted");
            *count -= 1;
            if *count == 0 {
                ready.push(parent);
            }
        }
    }
    order
}
// ANCHOR_END: order

// ANCHOR: vjp
/// The derivative rules: `gradient` × d result / d argument number `argnum`.
///
/// NIST's *Digital Library of Mathematical Functions* lists the derivatives in §4.7, §4.20 and
/// §4.34.
pub(crate) fn vjp(
    primitive: &Primitive,
    argnum: usize,
    gradient: &Value,
    result: &Value,
    args: &[Value],
) -> Value {
    match (primitive.name, argnum) {
        ("add", _) => gradient.clone(),
        ("sub", 0) => gradient.clone(),
        ("sub", _) => -gradient,
        ("mul", 0) => gradient * &args[1],
        ("mul", _) => gradient * &args[0],
        ("div", 0) => gradient / &args[1],
        ("div", _) => -gradient * result / &args[1],
        ("neg", _) => -gradient,
        // Both formulas for powers can say 0 · ∞, where the derivative is 0. At 0⁰ it is taken to be 0.
        ("powf", 0) if args[0] == 0.0 && args[1] == 0.0 => Value::Plain(0.0),
        ("powf", 0) if *result == 0.0 && args[1].value().is_infinite() => Value::Plain(0.0),
        ("powf", 0) => gradient * &args[1] * args[0].powf(&args[1] - 1.0),
        ("powf", _) if args[0] == 0.0 && args[1] >= 0.0 => Value::Plain(0.0),
        ("powf", _) if *result == 0.0 && args[0].value().is_infinite() => Value::Plain(0.0),
        ("powf", _) => gradient * result * args[0].ln(),
        ("sin", _) => gradient * args[0].cos(),
        ("cos", _) => -gradient * args[0].sin(),
        ("exp", _) => gradient * result,
        ("ln", _) => gradient / &args[0],
        ("sqrt", _) => gradient * 0.5 / result,
        // 1 − result² is the same on paper, but loses its digits where the result is near ±1.
        ("tanh", _) => {
            let sech = SECH.bind(&[&args[0]]);
            gradient * &sech * sech
        }
        ("sech", _) => -gradient * result * args[0].tanh(),
        (name, argnum) => panic!(
            "no derivative rule for argument {argnum} of primitive `{name}`; \
             rules are the arms of `vjp` in stages/stage3/src/backward.rs"
        ),
    }
}
// ANCHOR_END: vjp

// ANCHOR: vector_jacobian
/// Turns a gradient of the result into the gradient of the input.
pub type PullBack = Box<dyn Fn(&Value) -> Value>;

/// The value of `f` at `x`, and the pull-back: a function from d something / d value to
/// d something / d `x`.
///
/// The pull-back may be called again and again. What it returns can be differentiated by the traces
/// that were open when `vector_jacobian` was called, and by the trace of the seed.
///
/// ```
/// use stage3::{Value, vector_jacobian};
///
/// let (value, pull_back) = vector_jacobian(|x| x * x, &Value::from(3.0));
/// assert_eq!(value, 9.0);
/// assert_eq!(pull_back(&Value::from(1.0)), 6.0);
/// assert_eq!(pull_back(&Value::from(10.0)), 60.0);
/// ```
///
/// # Panics
///
/// If `x` or what `f` returns is a container whose trace has ended, or if `f` returns one of a trace
/// that was opened inside it and is still open. The pull-back panics as [`backward`] does.
pub fn vector_jacobian(f: impl FnOnce(&Value) -> Value, x: &Value) -> (Value, PullBack) {
    let trace = Trace::open();
    let input = trace.input(x);
    let output = f(&Value::Boxed(Rc::clone(&input)));
    if let Value::Boxed(container) = &output {
        container.check_open(|| "the result of the differentiated function".to_owned());
    }
    // To this trace, a plain result or one of a trace further out does not depend on the input.
    let (value, output) = match output {
        Value::Boxed(output) if output.trace() == trace.id() => {
            (output.value().clone(), Some(output))
        }
        Value::Boxed(output) if output.trace() > trace.id() => panic!(
            "the result of the differentiated function is a container of trace {}, which was \
             opened inside; expected a plain number or a container of trace {} or further out",
            output.trace(),
            trace.id()
        ),
        constant => (constant, None),
    };
    let pull_back = move |seed: &Value| match &output {
        Some(output) => backward(&[(output, seed.clone())]).of(&input),
        None => Value::Plain(0.0),
    };
    (value, Box::new(pull_back))
}
// ANCHOR_END: vector_jacobian

// ANCHOR: grad
/// The derivative of `f`, as a function that can be differentiated again.
///
/// ```
/// use stage3::{Value, grad};
///
/// let slope = grad(|x| x.sin());
/// assert_eq!(slope(&Value::from(0.0)), 1.0);
/// let curvature = grad(slope);
/// assert_eq!(curvature(&Value::from(0.0)), 0.0);
/// ```
///
/// # Panics
///
/// As [`vector_jacobian`].
pub fn grad(f: impl Fn(&Value) -> Value) -> impl Fn(&Value) -> Value {
    move |x| {
        let (_, pull_back) = vector_jacobian(&f, x);
        pull_back(&Value::Plain(1.0))
    }
}
// ANCHOR_END: grad

//! Pictures of a graph: as text, and in DOT, the language of Graphviz.

use std::collections::HashMap;

use crate::backward::{Gradients, order, vjp};
use crate::graph::{Container, Node, Value};

// ANCHOR: draw
/// The graph of `output` as text: a line for each node, parents first. `[5]₀` is 5 in a box of
/// trace 0, which is further out.
///
/// ```
/// use stage3::{Trace, Value, backward, draw};
///
/// let trace = Trace::open();
/// let x = Value::Boxed(trace.input(&Value::from(3.0)));
/// let Value::Boxed(y) = 2.0 * &x * &x else {
///     panic!("a product of containers is a container");
/// };
/// let text = draw::text(&y, &backward(&[(&y, Value::from(1.0))]));
/// assert_eq!(
///     text,
///     "n0 = input()          value 3  gradient 12\n\
///      n1 = mul(2, n0)       value 6  gradient 3\n\
///      n2 = mul(n1, n0)      value 18  gradient 1\n"
/// );
/// ```
pub fn text(output: &Container, gradients: &Gradients) -> String {
    let mut text = String::new();
    for (name, node, args) in named(output) {
        let recipe = format!("{name} = {}({})", node.primitive.name, args.join(", "));
        let (value, gradient) = (show(&node.result), show(&gradients.of_node(node)));
        text += &format!("{recipe:20}  value {value}  gradient {gradient}\n");
    }
    text
}

/// The graph of `output` in DOT: the arrows lead from a result to the inputs that it holds, and
/// carry the local derivative d result / d input.
///
/// ```
/// use stage3::{Trace, Value, backward, draw};
///
/// let trace = Trace::open();
/// let x = Value::Boxed(trace.input(&Value::from(3.0)));
/// let Value::Boxed(y) = x.powf(2.0) else {
///     panic!("a power of a container is a container");
/// };
/// let dot = draw::dot(&y, &backward(&[(&y, Value::from(1.0))]));
/// assert!(dot.contains(r#"n1 -> n0 [label="6"];"#));
/// ```
///
/// # Panics
///
/// On a primitive without a rule, and if a recorded value is of a trace that has ended.
pub fn dot(output: &Container, gradients: &Gradients) -> String {
    let mut dot = String::from("digraph {\n");
    for (name, node, args) in named(output) {
        let op = node.primitive.name;
        let (value, gradient) = (show(&node.result), show(&gradients.of_node(node)));
        dot += &format!("  {name} [label=\"{op}\\nvalue {value}\\ngradient {gradient}\"];\n");
        for (argnum, _) in &node.parents {
            let (one, result) = (Value::Plain(1.0), &node.result);
            let local = show(&vjp(node.primitive, *argnum, &one, result, &node.args));
            dot += &format!("  {name} -> {} [label=\"{local}\"];\n", args[*argnum]);
        }
    }
    dot + "}\n"
}

/// The nodes in the order in which they were made, named n0, n1, …, with the names of their
/// arguments. A constant has none, and is shown as it is.
fn named(output: &Container) -> Vec<(String, &Node, Vec<String>)> {
    let mut nodes = order(&[output.node()]);
    nodes.sort_by_key(|node| node.id);
    let names: HashMap<u64, String> = (0..)
        .zip(&nodes)
        .map(|(i, node)| (node.id, format!("n{i}")))
        .collect();
    let name = |node: &Node| names[&node.id].clone();
    nodes
        .into_iter()
        .map(|node| {
            let mut args: Vec<String> = node.args.iter().map(show).collect();
            for (argnum, parent) in &node.parents {
                args[*argnum] = name(parent);
            }
            (name(node), node, args)
        })
        .collect()
}

/// A number in its boxes, each with the id of its trace.
fn show(value: &Value) -> String {
    match value {
        Value::Plain(number) => short(*number),
        Value::Boxed(container) => {
            let digits = ['₀', '₁', '₂', '₃', '₄', '₅', '₆', '₇', '₈', '₉'];
            let id = container.trace().to_string();
            let id = id.bytes().map(|digit| digits[usize::from(digit - b'0')]);
            format!("[{}]{}", show(container.value()), String::from_iter(id))
        }
    }
}

/// A number with six digits at most.
fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.5e}").parse().expect("a number");
    rounded.to_string()
}
// ANCHOR_END: draw

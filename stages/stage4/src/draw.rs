//! Pictures of a graph: as text, and in DOT, the language of Graphviz.

use std::collections::HashMap;

use crate::backward::order;
use crate::graph::{Container, Node, Value, downcast};

// ANCHOR: draw
/// The graph of `output` as text: a line for each node, parents first. Of an array it shows the
/// shape. `[5]₀` is 5 in a box of trace 0, which is further out.
///
/// ```
/// use ndarray::array;
/// use stage4::{Trace, Value, draw};
///
/// let trace = Trace::open();
/// let x = Value::Boxed(trace.input(&Value::from(array![3.0, 4.0])));
/// let Value::Boxed(y) = (2.0 * &x).sin() else {
///     panic!("the sine of a container is a container");
/// };
/// assert_eq!(
///     draw::text(&y),
///     "n0 = input()          array 2\n\
///      n1 = mul(2, n0)       array 2\n\
///      n2 = sin(n1)          array 2\n"
/// );
/// ```
pub fn text(output: &Container) -> String {
    let mut text = String::new();
    for (name, node, args) in named(output) {
        let recipe = format!("{name} = {}({})", node.primitive.name, args.join(", "));
        text += &format!("{recipe:20}  {}\n", show(&node.result));
    }
    text
}

/// The graph of `output` in DOT: the arrows lead from a result to the inputs that it holds.
///
/// ```
/// use ndarray::array;
/// use stage4::{Trace, Value, draw};
///
/// let trace = Trace::open();
/// let x = Value::Boxed(trace.input(&Value::from(array![3.0, 4.0])));
/// let Value::Boxed(y) = x.powf(2.0) else {
///     panic!("a power of a container is a container");
/// };
/// assert!(draw::dot(&y).contains("n1 -> n0;"));
/// ```
pub fn dot(output: &Container) -> String {
    let mut dot = String::from("digraph {\n");
    for (name, node, args) in named(output) {
        let op = node.primitive.name;
        let result = show(&node.result).escape_debug().to_string();
        dot += &format!("  {name} [label=\"{op}\\n{result}\"];\n");
        for (argnum, _) in &node.parents {
            dot += &format!("  {name} -> {};\n", args[*argnum]);
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

/// A number, an array's shape or another type's `Debug` in its boxes, each with the id of its trace.
fn show(value: &Value) -> String {
    match value {
        Value::Plain(raw) => match (downcast(raw), raw.shape()) {
            (Some(number), _) => short(*number),
            (None, []) => format!("{raw:?}"),
            (None, shape) => {
                let lengths: Vec<String> = shape.iter().map(usize::to_string).collect();
                format!("array {}", lengths.join(" × "))
            }
        },
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

//! Pictures of a graph: as text, and in DOT, the language of Graphviz.

use std::collections::HashMap;

use crate::backward::{Gradients, order, vjp};
use crate::graph::{Container, Node};

// ANCHOR: draw
/// The graph of `output` as text: a line for each node, parents first.
///
/// ```
/// use stage2::{Container, backward, draw};
///
/// let x = Container::new(3.0);
/// let y = &x * &x;
/// let text = draw::text(&y, &backward(&[(&y, 1.0)]));
/// assert_eq!(
///     text,
///     "n0 = input()          value 3  gradient 6\n\
///      n1 = mul(n0, n0)      value 9  gradient 1\n"
/// );
/// ```
pub fn text(output: &Container, gradients: &Gradients) -> String {
    let mut text = String::new();
    for (name, node, args) in named(output) {
        let recipe = format!("{name} = {}({})", node.op.name(), args.join(", "));
        let (value, gradient) = (short(node.result), short(gradients.of_node(node)));
        text += &format!("{recipe:20}  value {value}  gradient {gradient}\n");
    }
    text
}

/// The graph of `output` in DOT: the arrows lead from a result to the inputs that it holds, and
/// carry the local derivative d result / d input.
///
/// ```
/// use stage2::{Container, backward, draw};
///
/// let x = Container::new(3.0);
/// let y = x.powf(2.0);
/// let dot = draw::dot(&y, &backward(&[(&y, 1.0)]));
/// assert!(dot.contains(r#"n2 -> n0 [label="6"];"#));
/// ```
pub fn dot(output: &Container, gradients: &Gradients) -> String {
    let mut dot = String::from("digraph {\n");
    for (name, node, args) in named(output) {
        let op = node.op.name();
        let (value, gradient) = (short(node.result), short(gradients.of_node(node)));
        dot += &format!("  {name} [label=\"{op}\\nvalue {value}\\ngradient {gradient}\"];\n");
        for (argnum, parent) in args.iter().enumerate() {
            let local = short(vjp(node.op, argnum, 1.0, node.result, &node.args));
            dot += &format!("  {name} -> {parent} [label=\"{local}\"];\n");
        }
    }
    dot + "}\n"
}

/// The nodes in the order in which they were made, named n0, n1, …, with the names of their
/// arguments.
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
            let args = node.parents.iter().map(|parent| name(parent)).collect();
            (name(node), node, args)
        })
        .collect()
}

/// A number with six digits at most.
fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.5e}").parse().expect("a number");
    rounded.to_string()
}
// ANCHOR_END: draw

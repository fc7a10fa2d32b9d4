//! The walk: gradients are pushed from the outputs to the inputs.

use std::collections::HashMap;

use crate::graph::{Container, Node};
use crate::ops::Op;

// ANCHOR: backward
/// The gradients of one walk.
pub struct Gradients(HashMap<u64, f64>);

impl Gradients {
    /// d output / d `container`; 0 when the outputs do not depend on it.
    pub fn of(&self, container: &Container) -> f64 {
        self.of_node(container.node())
    }

    /// d output / d result of `node`; 0 when the outputs do not depend on it.
    pub fn of_node(&self, node: &Node) -> f64 {
        self.0.get(&node.id).copied().unwrap_or(0.0)
    }
}

/// Walks the graph from the outputs back to the inputs, and returns the gradients of everything
/// on the way.
///
/// Each output comes with its seed, d something / d output: 1 for the gradient of the output
/// itself. The outputs' gradients add up. The graph stays as it is.
///
/// ```
/// use stage2::{Container, backward};
///
/// let x = Container::new(3.0);
/// let (square, cube) = (&x * &x, &x * &x * &x);
/// assert_eq!(backward(&[(&square, 1.0)]).of(&x), 6.0);
/// assert_eq!(backward(&[(&cube, 1.0)]).of(&x), 27.0);
/// assert_eq!(backward(&[(&square, 10.0), (&cube, 1.0)]).of(&x), 87.0);
/// ```
pub fn backward(outputs: &[(&Container, f64)]) -> Gradients {
    let mut gradients = HashMap::new();
    let mut nodes: Vec<&Node> = Vec::new();
    for (output, seed) in outputs {
        add_to(&mut gradients, output.node(), *seed);
        nodes.push(output.node());
    }
    for node in order(&nodes) {
        let gradient = gradients[&node.id];
        for (argnum, parent) in node.parents.iter().enumerate() {
            let contribution = vjp(node.op, argnum, gradient, node.result, &node.args);
            add_to(&mut gradients, parent, contribution);
        }
    }
    Gradients(gradients)
}

fn add_to(gradients: &mut HashMap<u64, f64>, node: &Node, contribution: f64) {
    let gradient = match gradients.get(&node.id) {
        Some(gradient) => gradient + contribution,
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
        for parent in &node.parents {
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
        for parent in &node.parents {
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
pub(crate) fn vjp(op: Op, argnum: usize, gradient: f64, result: f64, args: &[f64]) -> f64 {
    match (op, argnum) {
        (Op::Input, _) => unreachable!("an input has no arguments"),
        (Op::Add, _) => gradient,
        (Op::Sub, 0) => gradient,
        (Op::Sub, _) => -gradient,
        (Op::Mul, 0) => gradient * args[1],
        (Op::Mul, _) => gradient * args[0],
        (Op::Div, 0) => gradient / args[1],
        (Op::Div, _) => -gradient * result / args[1],
        (Op::Neg, _) => -gradient,
        // Both formulas for powers can say 0 · ∞, where the derivative is 0. At 0⁰ it is taken to be 0.
        (Op::Powf, 0) if args[0] == 0.0 && args[1] == 0.0 => 0.0,
        (Op::Powf, 0) if result == 0.0 && args[1].is_infinite() => 0.0,
        (Op::Powf, 0) => gradient * args[1] * args[0].powf(args[1] - 1.0),
        (Op::Powf, _) if args[0] == 0.0 && args[1] >= 0.0 => 0.0,
        (Op::Powf, _) if result == 0.0 && args[0].is_infinite() => 0.0,
        (Op::Powf, _) => gradient * result * args[0].ln(),
        (Op::Sin, _) => gradient * args[0].cos(),
        (Op::Cos, _) => -gradient * args[0].sin(),
        (Op::Exp, _) => gradient * result,
        (Op::Ln, _) => gradient / args[0],
        (Op::Sqrt, _) => gradient * 0.5 / result,
        // 1 − result² is the same on paper, but loses its digits where the result is near ±1.
        (Op::Tanh, _) => gradient / args[0].cosh() / args[0].cosh(),
    }
}
// ANCHOR_END: vjp

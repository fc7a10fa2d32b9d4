//! Recording: what every operation does with its result.

use std::rc::Rc;

use crate::graph::{Container, Node};
use crate::ops::Op;

// ANCHOR: record
/// Applies `op` to the values of `args`, and puts the result into a container of its own.
pub(crate) fn record(op: Op, args: &[&Container]) -> Container {
    let values: Vec<f64> = args.iter().map(|arg| arg.value()).collect();
    let parents = args.iter().map(|arg| Rc::clone(arg.node())).collect();
    let result = op.apply(&values);
    Container::with_node(result, Node::new(op, values, result, parents))
}
// ANCHOR_END: record

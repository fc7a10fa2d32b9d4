//! The data: nodes that point at their inputs, and containers that carry values.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use crate::ops::Op;

// ANCHOR: node
/// One step of a computation: the recipe of a result, and the nodes of its arguments.
pub struct Node {
    /// A number that no other node of this thread has.
    pub id: u64,
    /// The operation; [`Op::Input`] for a value that nothing computed.
    pub op: Op,
    /// The operation's arguments.
    pub args: Vec<f64>,
    /// What the operation returned for them.
    pub result: f64,
    /// The arguments' nodes, in the same order.
    pub parents: Vec<Rc<Node>>,
}

impl Node {
    pub(crate) fn new(op: Op, args: Vec<f64>, result: f64, parents: Vec<Rc<Node>>) -> Rc<Node> {
        thread_local! { static NEXT_ID: Cell<u64> = const { Cell::new(0) } }
        let id = NEXT_ID.replace(NEXT_ID.get() + 1);
        Rc::new(Node {
            id,
            op,
            args,
            result,
            parents,
        })
    }
}
// ANCHOR_END: node

// ANCHOR: drop
impl Drop for Node {
    /// Takes the graph apart in a loop. The drop that Rust writes would call itself for each
    /// parent, and a long chain would overflow the stack.
    fn drop(&mut self) {
        let mut parents = std::mem::take(&mut self.parents);
        while let Some(parent) = parents.pop() {
            // Only the last owner may take a node's parents away.
            if let Some(mut node) = Rc::into_inner(parent) {
                parents.append(&mut node.parents);
            }
        }
    }
}
// ANCHOR_END: drop

// ANCHOR: container
/// A number that takes part in a computation, and the node that says where it came from.
///
/// A clone is a second handle to the same node, not a new input.
#[derive(Clone)]
pub struct Container {
    value: f64,
    node: Rc<Node>,
}
// ANCHOR_END: container

// ANCHOR: container_impl
impl Container {
    /// A new input: a value that nothing computed.
    pub fn new(value: f64) -> Container {
        Container::with_node(value, Node::new(Op::Input, Vec::new(), value, Vec::new()))
    }

    pub(crate) fn with_node(value: f64, node: Rc<Node>) -> Container {
        Container { value, node }
    }

    /// The number itself.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The node that says where the number came from.
    ///
    /// ```
    /// use stage2::{Container, Op};
    ///
    /// let x = Container::new(3.0);
    /// let y = &x * 5.0;
    /// assert_eq!(y.node().op, Op::Mul);
    /// assert_eq!(y.node().args, [3.0, 5.0]);
    /// assert_eq!(y.node().parents[0].id, x.node().id);
    /// ```
    pub fn node(&self) -> &Rc<Node> {
        &self.node
    }
}
// ANCHOR_END: container_impl

// ANCHOR: convert
impl From<f64> for Container {
    /// A plain number becomes an input of its own.
    fn from(value: f64) -> Self {
        Self::new(value)
    }
}

impl fmt::Debug for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Container").field(&self.value()).finish()
    }
}

impl fmt::Display for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.value(), f)
    }
}
// ANCHOR_END: convert

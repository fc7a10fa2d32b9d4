//! The data: nodes that point at their inputs, and containers that carry values.

use std::cell::Cell;
use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

use crate::trace::Primitive;

// ANCHOR: node
/// One step of a computation: the recipe of a result, and the nodes of its arguments.
pub struct Node {
    /// A number that no other node of this thread has.
    pub id: u64,
    /// The function; [`INPUT`](crate::trace::INPUT) for a value that nothing computed.
    pub primitive: &'static Primitive,
    /// The function's arguments, as the level below sees them.
    pub args: Vec<Value>,
    /// What the function returned for them.
    pub result: Value,
    /// The nodes of those arguments that were containers of this trace, with their positions.
    pub parents: Vec<(usize, Rc<Node>)>,
}

impl Node {
    pub(crate) fn new(
        primitive: &'static Primitive,
        args: Vec<Value>,
        result: Value,
        parents: Vec<(usize, Rc<Node>)>,
    ) -> Rc<Node> {
        thread_local! { static NEXT_ID: Cell<u64> = const { Cell::new(0) } }
        let id = NEXT_ID.replace(NEXT_ID.get() + 1);
        Rc::new(Node {
            id,
            primitive,
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
    ///
    /// The recorded values hold nodes too, but of the traces further out, and those have drops of
    /// their own: the calls go as deep as the traces are nested, however long the chains are.
    fn drop(&mut self) {
        let mut parents = std::mem::take(&mut self.parents);
        while let Some((_, parent)) = parents.pop() {
            // Only the last owner may take a node's parents away.
            if let Some(mut node) = Rc::into_inner(parent) {
                parents.append(&mut node.parents);
            }
        }
    }
}
// ANCHOR_END: drop

// ANCHOR: container
/// A value that takes part in a trace, and the node that says where it came from.
pub struct Container {
    value: Value,
    node: Rc<Node>,
    trace: u64,
}

/// What functions compute with: a plain number, or a container.
///
/// A container's value may itself be a container, of a trace further out.
#[derive(Clone)]
pub enum Value {
    /// A number that is not recorded.
    Plain(f64),
    /// A value that a trace records.
    Boxed(Rc<Container>),
}
// ANCHOR_END: container

// ANCHOR: container_impl
impl Container {
    pub(crate) fn with_node(value: Value, node: Rc<Node>, trace: u64) -> Container {
        Container { value, node, trace }
    }

    /// What the container carries: a plain number, or a container of a trace further out.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The node that says where the value came from.
    pub fn node(&self) -> &Rc<Node> {
        &self.node
    }

    /// The trace that the container belongs to.
    pub fn trace(&self) -> u64 {
        self.trace
    }
}

impl Value {
    /// The number at the bottom, with all containers taken off.
    pub fn value(&self) -> f64 {
        match self {
            Value::Plain(value) => *value,
            Value::Boxed(container) => container.value.value(),
        }
    }
}
// ANCHOR_END: container_impl

// ANCHOR: convert
impl From<f64> for Value {
    /// A plain number stays plain: it is not recorded.
    fn from(value: f64) -> Self {
        Value::Plain(value)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Value").field(&self.value()).finish()
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.value(), f)
    }
}
// ANCHOR_END: convert

// ANCHOR: compare
impl PartialEq for Value {
    /// Compares the numbers at the bottom: a comparison has no derivative.
    fn eq(&self, other: &Value) -> bool {
        self.value() == other.value()
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Value) -> Option<Ordering> {
        self.value().partial_cmp(&other.value())
    }
}

impl PartialEq<f64> for Value {
    fn eq(&self, other: &f64) -> bool {
        self.value() == *other
    }
}

impl PartialOrd<f64> for Value {
    fn partial_cmp(&self, other: &f64) -> Option<Ordering> {
        self.value().partial_cmp(other)
    }
}
// ANCHOR_END: compare

//! The data: nodes that point at their inputs, and containers that carry values.

use std::any::Any;
use std::cell::Cell;
use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

use crate::trace::Primitive;

// ANCHOR: data
/// What a container can carry at the bottom: numbers, arrays, types of your own.
///
/// The engine needs no more than this. A type whose values have gradients implements `zeros`,
/// `ones` and `add`, and `shape` if values of the type differ in shape. A setting, such as a list
/// of axes, implements nothing: it has no gradient.
///
/// Data must not hold a [`Value`]: containers are looked for among the arguments of a function, not
/// inside them, and one that hides there counts as a constant.
///
/// ```
/// use std::rc::Rc;
/// use stage4::{Data, Raw, downcast};
///
/// #[derive(Debug)]
/// struct Pair(f64, f64);
///
/// impl Data for Pair {
///     fn zeros(&self) -> Raw {
///         Rc::new(Pair(0.0, 0.0))
///     }
///     fn ones(&self) -> Raw {
///         Rc::new(Pair(1.0, 1.0))
///     }
///     fn add(&self, other: &Raw) -> Raw {
///         let other = downcast::<Pair>(other).expect("gradients of a Pair are Pairs");
///         Rc::new(Pair(self.0 + other.0, self.1 + other.1))
///     }
/// }
///
/// let sum = Pair(1.0, 2.0).add(&Pair(0.0, 0.0).ones());
/// assert_eq!(downcast::<Pair>(&sum).unwrap().1, 3.0);
/// ```
pub trait Data: Any + fmt::Debug {
    /// The name of the type in messages.
    fn kind(&self) -> &'static str {
        std::any::type_name::<Self>()
    }

    /// The length of each axis; empty for a number, and for types without axes.
    fn shape(&self) -> &[usize] {
        &[]
    }

    /// Zeros of the same kind and shape: the gradient of what does not matter. This and the two below
    /// panic unless the type defines them.
    fn zeros(&self) -> Raw {
        no_gradient(self.kind())
    }

    /// Ones of the same kind and shape: the seed of an output.
    fn ones(&self) -> Raw {
        no_gradient(self.kind())
    }

    /// The sum of two gradients, which are of the same kind and shape.
    fn add(&self, _other: &Raw) -> Raw {
        no_gradient(self.kind())
    }

    /// Prints the data, for `{}` and `{:?}` of a [`Value`]: as `Debug` does, unless the type knows
    /// a shorter form.
    fn print(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

fn no_gradient(kind: &str) -> ! {
    panic!("a value of type {kind} has no gradient")
}

/// Shared data of any type.
pub type Raw = Rc<dyn Data>;

/// The data as a `T`; none if it is of another type.
pub fn downcast<T: Data>(raw: &Raw) -> Option<&T> {
    let any: &dyn Any = &**raw;
    any.downcast_ref()
}

/// Kind and shape in words, for messages.
pub(crate) fn describe(raw: &Raw) -> String {
    match raw.shape() {
        [] => raw.kind().to_owned(),
        shape => format!("{} of shape {shape:?}", raw.kind()),
    }
}
// ANCHOR_END: data

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

/// What functions compute with: plain data, or a container.
///
/// A container's value may itself be a container, of a trace further out.
#[derive(Clone)]
pub enum Value {
    /// Data that is not recorded.
    Plain(Raw),
    /// A value that a trace records.
    Boxed(Rc<Container>),
}
// ANCHOR_END: container

// ANCHOR: container_impl
impl Container {
    pub(crate) fn with_node(value: Value, node: Rc<Node>, trace: u64) -> Container {
        Container { value, node, trace }
    }

    /// What the container carries: plain data, or a container of a trace further out.
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
    /// Wraps data of any type; for numbers and arrays there is `Value::from`.
    pub fn new(data: impl Data) -> Value {
        Value::Plain(Rc::new(data))
    }

    /// The data at the bottom, with all containers taken off.
    pub fn raw(&self) -> &Raw {
        match self {
            Value::Plain(raw) => raw,
            Value::Boxed(container) => container.value.raw(),
        }
    }

    /// The number at the bottom, with all containers taken off.
    ///
    /// # Panics
    ///
    /// If there is anything but an `f64`.
    pub fn value(&self) -> f64 {
        let raw = self.raw();
        *downcast(raw).unwrap_or_else(|| {
            panic!(
                "`value`, `==`, `>` and their relatives: expected a number (f64), not {}; \
                 `equals`, `greater` and their relatives compare arrays",
                describe(raw)
            )
        })
    }

    /// The data at the bottom as a `T`.
    ///
    /// # Panics
    ///
    /// If it is of another type.
    pub fn data<T: Data>(&self) -> &T {
        let raw = self.raw();
        downcast(raw).unwrap_or_else(|| {
            let expected = std::any::type_name::<T>();
            panic!(
                "`data`: expected a value of type {expected}, not {}",
                describe(raw)
            )
        })
    }

    /// The length of each axis; empty for a number.
    pub fn shape(&self) -> &[usize] {
        self.raw().shape()
    }

    /// Zeros of the same kind and shape, as a constant.
    pub fn zeros(&self) -> Value {
        Value::Plain(self.raw().zeros())
    }

    /// Ones of the same kind and shape, as a constant.
    pub fn ones(&self) -> Value {
        Value::Plain(self.raw().ones())
    }
}
// ANCHOR_END: container_impl

// ANCHOR: convert
impl From<f64> for Value {
    /// A plain number stays plain: it is not recorded.
    fn from(value: f64) -> Self {
        Self::new(value)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Value(")?;
        self.raw().print(f)?;
        f.write_str(")")
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match downcast::<f64>(self.raw()) {
            Some(number) => fmt::Display::fmt(number, f),
            None => self.raw().print(f),
        }
    }
}
// ANCHOR_END: convert

// ANCHOR: compare
impl PartialEq for Value {
    /// Compares the numbers at the bottom: a comparison has no derivative.
    ///
    /// All four comparisons panic on anything but numbers. For arrays there is no single answer;
    /// [`Value::equals`] compares element by element.
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

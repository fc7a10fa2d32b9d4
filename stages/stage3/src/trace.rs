//! Recording: what every wrapped function does with its arguments and its result.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::graph::{Container, Node, Value};

// ANCHOR: trace
thread_local! {
    static NEXT_TRACE: Cell<u64> = const { Cell::new(0) };
    static OPEN: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// An open trace. It ends when it is dropped, even if a panic drops it.
///
/// The id of a trace is never used again, so a container that outlives its trace cannot be taken
/// for one of a later trace.
pub struct Trace {
    id: u64,
}

impl Trace {
    /// Opens a trace inside all those that are open on this thread.
    pub fn open() -> Trace {
        let id = NEXT_TRACE.replace(NEXT_TRACE.get() + 1);
        OPEN.with_borrow_mut(|open| open.push(id));
        Trace { id }
    }

    /// Boxes `value` as an input of this trace.
    ///
    /// # Panics
    ///
    /// If `value` is a container that is not of an open trace further out.
    ///
    /// ```
    /// use stage3::{Trace, Value, backward};
    ///
    /// let trace = Trace::open();
    /// let x = trace.input(&Value::from(3.0));
    /// let Value::Boxed(y) = Value::Boxed(x.clone()).sin() else {
    ///     panic!("the sine of a container is a container");
    /// };
    /// let gradients = backward(&[(&y, Value::from(1.0))]);
    /// assert_eq!(gradients.of(&x), 3.0_f64.cos());
    /// ```
    pub fn input(&self, value: &Value) -> Rc<Container> {
        if let Value::Boxed(container) = value {
            container.check_open(|| "`Trace::input`: the value".to_owned());
            let outer = container.trace();
            assert!(
                outer < self.id,
                "`Trace::input`: the value is a container of trace {outer}; \
                 expected one of a trace further out than trace {}",
                self.id
            );
        }
        let node = Node::new(&INPUT, Vec::new(), value.clone(), Vec::new());
        Rc::new(Container::with_node(value.clone(), node, self.id))
    }

    /// The trace's number: the higher, the further in.
    pub fn id(&self) -> u64 {
        self.id
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        OPEN.with_borrow_mut(|open| open.retain(|&id| id != self.id));
    }
}
// ANCHOR_END: trace

// ANCHOR: primitive
/// A function of plain numbers, wrapped so that calls of it are recorded.
///
/// ```
/// use stage3::{Primitive, Value};
///
/// static HYPOT: Primitive = Primitive::new("hypot", |args| args[0].hypot(args[1]));
///
/// assert_eq!(HYPOT.bind(&[&Value::from(3.0), &Value::from(4.0)]), 5.0);
/// ```
pub struct Primitive {
    /// The name of the function in graphs and messages.
    pub name: &'static str,
    /// The function itself, which knows nothing of containers.
    pub raw: fn(&[f64]) -> f64,
}

/// The primitive of inputs, which nothing computed.
pub static INPUT: Primitive = Primitive::new("input", |_| unreachable!("an input is not computed"));

impl Primitive {
    /// Wraps `raw`.
    pub const fn new(name: &'static str, raw: fn(&[f64]) -> f64) -> Primitive {
        Primitive { name, raw }
    }
}
// ANCHOR_END: primitive

// ANCHOR: bind
impl Primitive {
    /// Calls the function, and records the call if there are containers among `args`.
    ///
    /// # Panics
    ///
    /// If an argument is a container whose trace has ended, or if the raw function refuses the
    /// arguments.
    pub fn bind(&'static self, args: &[&Value]) -> Value {
        let Some(trace) = innermost_trace(self.name, args) else {
            let numbers: Vec<f64> = args.iter().map(|arg| arg.value()).collect();
            return Value::Plain((self.raw)(&numbers));
        };

        // Unbox the containers of the innermost trace. To this trace all other values are
        // constants.
        let mut unboxed = Vec::new();
        let mut parents = Vec::new();
        for (argnum, arg) in args.iter().enumerate() {
            match arg {
                Value::Boxed(container) if container.trace() == trace => {
                    unboxed.push(container.value().clone());
                    parents.push((argnum, Rc::clone(container.node())));
                }
                _ => unboxed.push(Value::clone(arg)),
            }
        }

        // Call the function for the levels below, which may record it in turn.
        let result = self.bind(&unboxed.iter().collect::<Vec<_>>());

        // Box the result.
        let node = Node::new(self, unboxed, result.clone(), parents);
        Value::Boxed(Rc::new(Container::with_node(result, node, trace)))
    }
}
// ANCHOR_END: bind

// ANCHOR: innermost
/// The id of the innermost trace among the containers in `args`; none if all are plain.
fn innermost_trace(name: &str, args: &[&Value]) -> Option<u64> {
    let mut innermost = None;
    for (argnum, arg) in args.iter().enumerate() {
        if let Value::Boxed(container) = arg {
            container.check_open(|| format!("`{name}`: argument {argnum}"));
            innermost = innermost.max(Some(container.trace()));
        }
    }
    innermost
}

impl Container {
    /// Panics if the trace of this container has ended; `what` names it in the message.
    pub(crate) fn check_open(&self, what: impl Fn() -> String) {
        let trace = self.trace();
        assert!(
            OPEN.with_borrow(|open| open.contains(&trace)),
            "{} is a container of trace {trace}, which has ended; \
             expected a plain number or a container of an open trace \
             (return a container from the differentiated function instead of keeping it)",
            what()
        );
    }
}
// ANCHOR_END: innermost

// ANCHOR: untraced
/// A function that has no derivative, or whose derivative is zero wherever it has one.
///
/// It takes the containers off completely and returns a plain number: to every trace a constant.
pub struct Untraced {
    /// The name of the function in messages.
    pub name: &'static str,
    /// The function itself.
    pub raw: fn(&[f64]) -> f64,
}

impl Untraced {
    /// Wraps `raw`.
    pub const fn new(name: &'static str, raw: fn(&[f64]) -> f64) -> Untraced {
        Untraced { name, raw }
    }

    /// Calls the function on plain numbers.
    ///
    /// # Panics
    ///
    /// If an argument is a container whose trace has ended.
    pub fn bind(&self, args: &[&Value]) -> Value {
        innermost_trace(self.name, args); // for its check alone
        let numbers: Vec<f64> = args.iter().map(|arg| arg.value()).collect();
        Value::Plain((self.raw)(&numbers))
    }
}
// ANCHOR_END: untraced

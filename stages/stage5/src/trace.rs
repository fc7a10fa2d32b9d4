//! Recording: what becomes of an expression on the tape.

use std::cell::{Cell, RefMut};
use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic;

use crate::graph::{Edge, Mark, Tape};
use crate::number::Number;
use crate::ops::Operand;

// ANCHOR: trace
/// A tape that is being recorded.
///
/// The lifetime `'t` is the name of one recording, which no other has: variables of two tapes cannot
/// meet in an operation, and none can outlive the recording.
///
/// ```compile_fail,E0521
/// use stage5::Tape;
///
/// let (mut here, mut there) = (Tape::new(), Tape::new());
/// here.open(|here| {
///     let x = here.input(3.0);
///     there.open(|there| (x * there.input(4.0)).value())
/// });
/// ```
#[derive(Clone, Copy)]
pub struct Trace<'t, T = f64> {
    pub(crate) tape: &'t Tape<T>,
    /// Without it, two recordings could agree on a lifetime that is shorter.
    name: PhantomData<Cell<&'t ()>>,
}

impl<T: Number> Tape<T> {
    /// Clears the tape, without giving memory back, and calls `f` to record on it. All marks are gone.
    ///
    /// ```
    /// use stage5::Tape;
    ///
    /// let mut tape = Tape::new();
    /// for x in [3.0, 4.0] {
    ///     let slope = tape.open(|trace| {
    ///         let x = trace.input(x);
    ///         let square = (x * x).record();
    ///         trace.backward(&[(square, 1.0)]).of(x)
    ///     });
    ///     assert_eq!(slope, 2.0 * x);
    /// }
    /// ```
    ///
    /// A variable cannot leave, because the tape may be cleared after that:
    ///
    /// ```compile_fail
    /// let mut tape = stage5::Tape::new();
    /// let x = tape.open(|trace| trace.input(3.0));
    /// ```
    pub fn open<R>(&mut self, f: impl for<'t> FnOnce(Trace<'t, T>) -> R) -> R {
        self.marks.get_mut().clear();
        self.used.set(0);
        self.len.set(0);
        f(self.trace())
    }

    /// Takes off the tape whatever was recorded after `mark`, without giving memory back, and calls
    /// `f` to record from there, with the variables that the mark has kept.
    ///
    /// ```
    /// use stage5::Tape;
    ///
    /// let mut tape = Tape::new();
    /// let mark = tape.open(|trace| {
    ///     let x = trace.input(3.0);
    ///     let costly = x.exp().record();
    ///     trace.mark(&[x, costly])
    /// });
    /// for power in 1..4 {
    ///     let slope = tape.rewind(&mark, |trace, kept| {
    ///         let y = kept[1].powi(power).record();
    ///         trace.backward(&[(y, 1.0)]).of(kept[0])
    ///     });
    ///     let power = f64::from(power);
    ///     assert!((slope / (power * (power * 3.0).exp()) - 1.0).abs() < 1e-14);
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// If the mark is of another tape, or is itself no longer on this one.
    pub fn rewind<R>(
        &mut self,
        mark: &Mark<T>,
        f: impl for<'t> FnOnce(Trace<'t, T>, &[Var<'t, T>]) -> R,
    ) -> R {
        let marks = self.marks.get_mut();
        let Some(position) = marks.iter().position(|&id| id == mark.id) else {
            panic!(
                "`Tape::rewind`: the mark is not on the tape; expected one that was made on this \
                 tape since it was last opened, and that no rewind has cut off since"
            );
        };
        marks.truncate(position + 1);
        self.used.set(mark.used);
        self.len.set(mark.len);
        let trace = self.trace();
        let kept = mark.kept.iter();
        let kept: Vec<_> = kept
            .map(|&(entry, value)| trace.var(entry, value))
            .collect();
        f(trace, &kept)
    }

    fn trace(&self) -> Trace<'_, T> {
        Trace {
            tape: self,
            name: PhantomData,
        }
    }
}
// ANCHOR_END: trace

// ANCHOR: expression
/// A number that was computed from entries of a tape, and how it depends on each of them.
///
/// Nothing of an expression is on the tape before [`Expression::record`].
#[derive(Clone, Copy)]
pub struct Expression<'t, T, P> {
    pub(crate) trace: Trace<'t, T>,
    pub(crate) value: T,
    pub(crate) partials: P,
}

/// An expression that is an entry of the tape: an input, or a result that has been recorded.
pub type Var<'t, T = f64> = Expression<'t, T, Entry>;

/// The partial derivatives of an expression: one for each place in it where an entry appears.
pub trait Partials<T>: Copy {
    /// How many partial derivatives there are.
    fn count(&self) -> usize;

    /// Writes each of them, times `factor`, into an edge of its own, which leaves `child`.
    ///
    /// `edges` has a place for each. They hold edges of an earlier recording, so every one is written.
    fn write(&self, child: u32, factor: T, edges: &mut [Edge<T>]);
}

/// The partial derivative of an entry with respect to itself: 1.
#[derive(Clone, Copy)]
pub struct Entry(pub(crate) u32);

/// The chain rule: a weight, times the partials of an argument.
#[derive(Clone, Copy)]
pub struct Scaled<T, P>(pub(crate) T, pub(crate) P);

/// The partials of two arguments.
#[derive(Clone, Copy)]
pub struct Joined<P, Q>(pub(crate) P, pub(crate) Q);
// ANCHOR_END: expression

// ANCHOR: partials
impl<T: Number> Partials<T> for Entry {
    #[inline]
    fn count(&self) -> usize {
        1
    }

    #[inline]
    fn write(&self, child: u32, factor: T, edges: &mut [Edge<T>]) {
        edges[0] = Edge {
            child,
            parent: self.0,
            weight: factor,
        };
    }
}

impl<T: Number, P: Partials<T>> Partials<T> for Scaled<T, P> {
    #[inline]
    fn count(&self) -> usize {
        self.1.count()
    }

    #[inline]
    fn write(&self, child: u32, factor: T, edges: &mut [Edge<T>]) {
        self.1.write(child, self.0.times(factor), edges);
    }
}

impl<T: Number, P: Partials<T>, Q: Partials<T>> Partials<T> for Joined<P, Q> {
    #[inline]
    fn count(&self) -> usize {
        self.0.count() + self.1.count()
    }

    #[inline]
    fn write(&self, child: u32, factor: T, edges: &mut [Edge<T>]) {
        let (first, second) = edges.split_at_mut(self.0.count());
        self.0.write(child, factor, first);
        self.1.write(child, factor, second);
    }
}
// ANCHOR_END: partials

// ANCHOR: record
impl<'t, T: Number, P: Partials<T>> Expression<'t, T, P> {
    /// Puts the expression on the tape, as one entry with an edge for each of its partials.
    ///
    /// ```
    /// use stage5::{Edge, Tape};
    ///
    /// Tape::new().open(|trace| {
    ///     let (x, y) = (trace.input(3.0), trace.input(4.0));
    ///     let z = (5.0 * x * y + 1.0).record();
    ///     assert_eq!(z.value(), 61.0);
    ///     let edge = |parent, weight| Edge { child: 2, parent, weight };
    ///     assert_eq!(trace.edges(), [edge(0, 20.0), edge(1, 15.0)]);
    /// });
    /// ```
    ///
    /// # Panics
    ///
    /// If the tape is full or does not fit into memory, or while a sum asks for its terms. What is on it
    /// stays.
    // Left to itself, the compiler does not inline this and `extend`, and a short entry costs more.
    #[inline(always)]
    pub fn record(self) -> Var<'t, T> {
        let mut edges = self.trace.edges_mut();
        let entry = self.trace.next_entry();
        let value = extend(&mut edges, entry, self);
        self.trace.tape.len.set(entry + 1);
        self.trace.var(entry, value)
    }
}

impl<'t, T: Number> Trace<'t, T> {
    /// A new input: an entry that nothing computed.
    ///
    /// # Panics
    ///
    /// If the tape is full, or while a sum asks for its terms. What is on it stays.
    #[inline]
    pub fn input(self, value: T) -> Var<'t, T> {
        let _edges = self.edges_mut();
        let entry = self.next_entry();
        self.tape.len.set(entry + 1);
        self.var(entry, value)
    }

    /// A new input for each of `values`. Panics as [`Trace::input`] does.
    pub fn inputs(self, values: &[T]) -> Vec<Var<'t, T>> {
        values.iter().map(|&value| self.input(value)).collect()
    }

    /// A place to [rewind](Tape::rewind) to, and what to go on with from there.
    pub fn mark(self, kept: &[Var<'t, T>]) -> Mark<T> {
        static NEXT_ID: atomic::AtomicU64 = atomic::AtomicU64::new(0);
        let id = NEXT_ID.fetch_add(1, atomic::Ordering::Relaxed);
        self.tape.marks.borrow_mut().push(id);
        Mark {
            id,
            used: self.tape.used.get(),
            len: self.tape.len.get(),
            kept: kept.iter().map(|var| (var.entry(), var.value)).collect(),
        }
    }

    /// A copy of what is on the tape, to look at. Panics while a sum asks for its terms.
    pub fn edges(self) -> Vec<Edge<T>> {
        self.edges_mut()[..self.tape.used.get()].to_vec()
    }

    pub(crate) fn var(self, entry: u32, value: T) -> Var<'t, T> {
        Expression {
            trace: self,
            value,
            partials: Entry(entry),
        }
    }

    #[inline]
    pub(crate) fn edges_mut(self) -> RefMut<'t, Vec<Edge<T>>> {
        let Ok(edges) = self.tape.edges.try_borrow_mut() else {
            panic!(
                "`Trace::sum`: expected terms that are recorded before the sum is, or not at all"
            );
        };
        edges
    }

    #[inline]
    pub(crate) fn next_entry(self) -> u32 {
        let (len, limit) = (self.tape.len.get(), self.tape.limit);
        assert!(
            len < limit,
            "the tape is full: expected at most {limit} entries (inputs and recorded results)"
        );
        len
    }
}

/// Writes the partials of an expression into edges of `entry`, behind those in use. Returns its value.
#[inline(always)]
pub(crate) fn extend<T: Number, P: Partials<T>>(
    edges: &mut Vec<Edge<T>>,
    entry: u32,
    expression: Expression<'_, T, P>,
) -> T {
    let Expression {
        trace,
        mut value,
        partials,
    } = expression;
    let start = trace.tape.used.get();
    let end = start + partials.count();
    if end > edges.len() {
        value = grow(edges, end, value);
    }
    partials.write(entry, T::from(1.0), &mut edges[start..end]);
    trace.tape.used.set(end);
    value
}

/// Free edges are added this many at a time. Memory that is never written to takes no room.
const BLOCK: usize = 4096;

/// Makes the list at least as long as `end`, and a block longer if its memory allows.
///
/// Returns `value`. If the caller had to keep it across the call, it would go through memory each
/// time that something is recorded.
#[cold]
#[inline(never)]
fn grow<T: Number>(edges: &mut Vec<Edge<T>>, end: usize, value: T) -> T {
    assert!(
        edges.try_reserve(end - edges.len()).is_ok(),
        "the tape does not fit into memory: expected room for more edges"
    );
    let empty = Edge {
        child: 0,
        parent: 0,
        weight: T::from(0.0),
    };
    edges.resize(edges.capacity().min(end + BLOCK), empty);
    value
}
// ANCHOR_END: record

// ANCHOR: var_impl
impl<'t, T: Number, P: Partials<T>> Expression<'t, T, P> {
    /// The number itself.
    pub fn value(self) -> T {
        self.value
    }

    /// The recording that the expression belongs to.
    pub fn trace(self) -> Trace<'t, T> {
        self.trace
    }
}

impl<T: Number> Var<'_, T> {
    /// The number of the entry.
    pub fn entry(self) -> u32 {
        self.partials.0
    }
}
// ANCHOR_END: var_impl

// ANCHOR: convert
impl<T: Number, P> fmt::Debug for Expression<'_, T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.value).finish()
    }
}

impl<T: Number + fmt::Display, P> fmt::Display for Expression<'_, T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.value, f)
    }
}
// ANCHOR_END: convert

// ANCHOR: compare
impl<'t, T: Number, P: Partials<T>, R: Operand<'t, T>> PartialEq<R> for Expression<'t, T, P> {
    /// Compares the numbers: a comparison has no derivative.
    fn eq(&self, other: &R) -> bool {
        self.value.value() == other.number().value()
    }
}

impl<'t, T: Number, P: Partials<T>, R: Operand<'t, T>> PartialOrd<R> for Expression<'t, T, P> {
    fn partial_cmp(&self, other: &R) -> Option<Ordering> {
        self.value.value().partial_cmp(&other.number().value())
    }
}
// ANCHOR_END: compare

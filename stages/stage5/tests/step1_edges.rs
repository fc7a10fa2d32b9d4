//! # An entry is a number
//!
//! Chapter: stage5.md#edges
//!
//! About: values, graph
//!
//! Items: graph.rs `Tape::new`, `Tape::with_limit`, `Default for Tape<T>`, trace.rs `Tape::open`,
//! `Tape::trace`, `Trace::input`, `Trace::inputs`, `Trace::edges`, `Trace::var`, `Trace::edges_mut`,
//! `Trace::next_entry`, `Expression::value`, `Expression::trace`, `Var::entry`,
//! `fmt::Debug for Expression<'_, T, P>`, `fmt::Display for Expression<'_, T, P>`
//!
//! A tape is one list of edges, and the number of entries so far. An entry is an input or a result,
//! and it is no more than a number, counted from 0. An input adds 1 to the count, and no edge.
//!
//! In `graph.rs`, `Edge<T = f64>` has the public fields `child: u32`, `parent: u32` and `weight: T`,
//! takes 16 bytes, and derives `Clone`, `Copy`, `Debug` and `PartialEq`. A `Tape<T = f64>` comes from
//! `Tape::new()`, `Tape::default()` or `Tape::with_limit(limit: u32)`, for at most that many entries.
//! The edges are in a `RefCell`, the count in a `Cell`: variables will share the tape.
//!
//! In `trace.rs`, `tape.open(f)` clears the tape, calls `f` with a `Trace`, and returns what `f` returns:
//! `pub fn open<R>(&mut self, f: impl for<'t> FnOnce(Trace<'t, T>) -> R) -> R`. A `Trace<'t, T = f64>`
//! is `Copy`. `trace.input(value)` makes a variable, `trace.inputs(&[…])` a `Vec` of them, and
//! `trace.edges()` is a copy of the list. A variable is the smallest expression:
//! `Var<'t, T = f64>` is `Expression<'t, T, Entry>`, a `Copy` struct of the trace, the value and an
//! `Entry(u32)`. It has `value()`, `trace()` and `entry()`; `{:?}` prints `Expression(2.5)` and `{}`
//! prints `2.5`, with the precision that is asked for.
//!
//! A full tape panics before anything changes: "the tape is full: expected at most 3 entries (inputs
//! and recorded results)".
//!
//! `number.rs` has the trait `Number`. For now it needs `Copy + Debug + PartialEq + From<f64>`, and
//! `f64` implements it; the operations of later steps add to it. `lib.rs` exports `Edge`, `Tape`,
//! `Number`, `Expression`, `Trace` and `Var`.
//!
//! Hint 1: A `Trace` holds `&'t Tape<T>`, and a `PhantomData<Cell<&'t ()>>`: without that, Rust may
//! shorten the lifetimes of two recordings until they are the same.
//! Hint 2: `next_entry` is the count, if it is below the limit. `input` sets the count to
//! `entry + 1` afterwards.
//! Hint 3: `edges_mut` borrows the list with `try_borrow_mut`. It can fail only in the step on sums,
//! and its message is explained there: "`Trace::sum`: expected terms that are recorded before the sum
//! is, or not at all".

use pretty_assertions::assert_eq;
use stage5::{Edge, Tape};

#[path = "../../../tests/src/panics.rs"]
mod panics;

use panics::refused;

#[test]
fn an_input_gives_its_number_back() {
    Tape::new().open(|trace| assert_eq!(trace.input(2.5).value(), 2.5));
}

#[test]
fn entries_are_counted_from_0() {
    Tape::new().open(|trace| {
        assert_eq!(trace.input(2.5).entry(), 0);
        assert_eq!(trace.input(2.5).entry(), 1);
    });
}

#[test]
fn inputs_makes_a_variable_of_each_number() {
    Tape::new().open(|trace| {
        let inputs = trace.inputs(&[3.0, 4.0, 5.0]);
        let seen: Vec<_> = inputs.iter().map(|x| (x.entry(), x.value())).collect();
        assert_eq!(seen, [(0, 3.0), (1, 4.0), (2, 5.0)]);
    });
}

#[test]
fn inputs_have_no_edges() {
    Tape::new().open(|trace| {
        let _x = trace.input(2.5);
        assert_eq!(trace.edges(), []);
    });
}

#[test]
fn an_edge_is_two_numbers_and_a_weight_in_16_bytes() {
    let edge = Edge {
        child: 2,
        parent: 0,
        weight: 4.0,
    };
    let copy = edge;
    assert_eq!((copy.child, copy.parent, copy.weight), (2, 0, 4.0));
    assert_eq!(copy, edge);
    assert_eq!(size_of::<Edge>(), 16);
}

#[test]
fn a_variable_can_be_copied_and_knows_its_recording() {
    Tape::new().open(|trace| {
        let x = trace.input(2.5);
        let same = x;
        assert_eq!((x.entry(), x.value()), (same.entry(), same.value()));
        assert_eq!(x.trace().input(4.0).entry(), 1);
    });
}

#[test]
fn open_returns_what_the_function_returns() {
    let seen = Tape::new().open(|trace| trace.input(2.5).value() + 1.0);
    assert_eq!(seen, 3.5);
}

#[test]
fn a_tape_that_is_opened_again_begins_at_0() {
    let mut tape = Tape::default();
    for _ in 0..3 {
        tape.open(|trace| assert_eq!(trace.input(2.5).entry(), 0));
    }
}

#[test]
fn two_tapes_count_for_themselves() {
    Tape::new().open(|here| {
        assert_eq!(here.input(1.0).entry(), 0);
        Tape::new().open(|there| assert_eq!(there.input(2.0).entry(), 0));
        assert_eq!(here.input(3.0).entry(), 1);
    });
}

#[test]
fn a_full_tape_refuses_an_input() {
    let mut tape = Tape::with_limit(3);
    tape.open(|trace| {
        let _full = trace.inputs(&[1.0, 2.0, 3.0]);
        refused(&["tape is full", "at most 3 entries"], || {
            _ = trace.input(4.0)
        });
    });
    tape.open(|trace| assert_eq!(trace.input(5.0).entry(), 0));
}

#[test]
fn a_variable_prints_as_its_number() {
    Tape::new().open(|trace| {
        let x = trace.input(2.5);
        assert_eq!(format!("{x:?}, {x}, {x:.2}"), "Expression(2.5), 2.5, 2.50");
    });
}

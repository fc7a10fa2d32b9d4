//! # A tape is used again
//!
//! Chapter: stage5.md#again
//!
//! About: values, graph, gradients, memory
//!
//! Items: trace.rs `Tape::rewind`, `Trace::mark`, backward.rs `Drop for Gradients<'_, T>`
//!
//! Training asks for the gradient of the same function a million times. A tape keeps its memory when
//! it is opened again, and a tape that is long enough allocates nothing. Often a part stays the same
//! from turn to turn, too: then a mark says where it ends, and the tape is rewound to there.
//!
//! `trace.mark(kept: &[Var<'t, T>]) -> Mark<T>` notes how long the tape is, and the variables to go on
//! with. `tape.rewind(&mark, f)` takes off what was recorded after that, and calls `f` with the
//! trace and the kept variables:
//! `f: impl for<'t> FnOnce(Trace<'t, T>, &[Var<'t, T>]) -> R`. `Mark<T = f64>` is in `graph.rs`, and
//! `lib.rs` exports it.
//!
//! A mark of another tape, or one that is itself no longer on the tape because the tape was opened
//! anew or rewound to before that mark, is refused: "`Tape::rewind`: the mark is not on the tape;
//! expected one that was made on this tape since it was last opened, and that no rewind has cut off
//! since".
//!
//! Gradients that are dropped leave their memory to the next sweep, in the tape's `spare`.
//!
//! Hint 1: Give each mark a number that no other mark has, and let the tape keep a list of the numbers
//! of those that are on it. Marks are made on many threads: count with an `AtomicU64`.
//! Hint 2: A rewind looks for the mark's number in the list and cuts the list after it, cuts the edges
//! with `truncate` (or sets the count of those in use), and sets the count of entries. The variables are
//! made anew from their entries and values.
//! Hint 3: `Vec::clear` and `Vec::truncate` keep the memory. In `Drop`, `std::mem::take` the adjoints and
//! put them into the `Cell` `spare`; `backward` begins with `spare.take()`.

use allocation_counter::measure;
use pretty_assertions::assert_eq;
use stage5::{Mark, Tape};

#[path = "../../../tests/src/panics.rs"]
mod panics;

use panics::refused;

/// A tape with a mark after one input.
fn marked(tape: &mut Tape) -> Mark {
    tape.open(|trace| trace.mark(&[trace.input(1.0)]))
}

#[test]
fn a_rewound_tape_goes_on_from_its_mark() {
    let mut tape = Tape::new();
    let (mark, kept_edges) = tape.open(|trace| {
        let x = trace.input(3.0);
        let square = (x * x).record();
        let mark = trace.mark(&[x, square]);
        let _taken_off = (square * square).record();
        (mark, trace.edges()[..2].to_vec())
    });
    for factor in [2.0, 5.0] {
        tape.rewind(&mark, |trace, kept| {
            assert_eq!(trace.edges(), kept_edges);
            let [x, square] = [kept[0], kept[1]];
            assert_eq!((x.value(), x.entry()), (3.0, 0));
            assert_eq!((square.value(), square.entry()), (9.0, 1));
            let y = (square * factor).record();
            assert_eq!((y.value(), y.entry()), (9.0 * factor, 2));
            assert_eq!(trace.backward(&[(y, 1.0)]).of(x), 6.0 * factor);
        });
    }
}

#[test]
fn a_mark_within_a_mark_is_there_until_the_tape_is_rewound_to_before_it() {
    let mut tape = Tape::new();
    let first = marked(&mut tape);
    let second = tape.rewind(&first, |trace, kept| {
        trace.mark(&[(kept[0] * 2.0).record()])
    });
    tape.rewind(&second, |_, kept| assert_eq!(kept[0].value(), 2.0));
    tape.rewind(&second, |_, kept| assert_eq!(kept[0].entry(), 1));
    tape.rewind(&first, |_, kept| assert_eq!(kept[0].value(), 1.0));
    refused(&["`Tape::rewind`", "the mark is not on the tape"], || {
        tape.rewind(&second, |_, _| ())
    });
    tape.rewind(&first, |_, kept| assert_eq!(kept[0].value(), 1.0));
}

#[test]
fn a_mark_of_another_tape_is_refused() {
    let (mut tape, mut other) = (Tape::new(), Tape::new());
    let (_, foreign) = (marked(&mut tape), marked(&mut other));
    refused(&["`Tape::rewind`", "the mark is not on the tape"], || {
        tape.rewind(&foreign, |_, _| ())
    });
}

#[test]
fn a_mark_of_an_earlier_recording_is_refused() {
    let mut tape = Tape::new();
    let before = marked(&mut tape);
    let after = marked(&mut tape);
    refused(&["`Tape::rewind`", "the mark is not on the tape"], || {
        tape.rewind(&before, |_, _| ())
    });
    tape.rewind(&after, |_, kept| assert_eq!(kept[0].value(), 1.0));
}

#[test]
fn a_full_tape_can_be_rewound() {
    let mut tape = Tape::with_limit(2);
    let mark = marked(&mut tape);
    for _ in 0..3 {
        tape.rewind(&mark, |trace, kept| {
            assert_eq!((kept[0] * 2.0).record().entry(), 1);
            refused(&["tape is full", "at most 2 entries"], || {
                _ = trace.input(1.0)
            });
        });
    }
}

#[test]
fn a_tape_that_is_opened_again_allocates_nothing() {
    let mut tape = Tape::new();
    let mut run = || {
        tape.open(|trace| {
            let x = trace.input(1.0);
            let y = (0..1000).fold(x, |y, _| y.sin().record());
            drop(trace.backward(&[(y, 1.0)]));
        });
    };
    assert!(measure(&mut run).count_total > 0);
    let again = measure(&mut run).count_total;
    assert_eq!(again, 0, "allocations of the second turn");
}

#[test]
fn a_tape_that_is_rewound_keeps_its_memory() {
    let mut tape = Tape::new();
    let mark = marked(&mut tape);
    let mut run = || {
        tape.rewind(&mark, |trace, kept| {
            let y = (0..1000).fold(kept[0], |y, _| y.sin().record());
            drop(trace.backward(&[(y, 1.0)]));
        });
    };
    run();
    // The list of kept variables is made each time.
    let again = measure(&mut run).count_total;
    assert!(
        again <= 1,
        "the second turn allocates {again} times, and only the kept variables need it"
    );
}

#[test]
fn a_panic_in_a_recording_leaves_a_tape_to_use() {
    let mut tape = Tape::new();
    refused(&["the function's own"], || {
        tape.open(|trace| {
            let _ = trace.input(1.0).sin().record();
            panic!("the function's own error");
        })
    });
    let product = tape.gradient(|x| (x[0] * x[1]).record(), &[3.0, 4.0]);
    assert_eq!(product, (12.0, vec![4.0, 3.0]));
}

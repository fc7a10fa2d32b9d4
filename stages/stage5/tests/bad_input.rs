//! What a tape does when it is full, empty, or given what is not on it.

use allocation_counter::measure;
use pretty_assertions::assert_eq;
use stage5::{Tape, Trace, gradient};

#[path = "../../../tests/src/panics.rs"]
mod panics;

use panics::refused;

/// Fails unless the tape that `full` fills goes on as if nothing had happened.
fn refuses(full: impl for<'t> Fn(Trace<'t>)) {
    let mut tape = Tape::with_limit(3);
    tape.open(|trace| {
        let (x, y) = (trace.input(3.0), trace.input(4.0));
        let product = (x * y).record();
        let before = trace.edges();
        refused(&["tape is full", "at most 3 entries"], || full(trace));
        assert_eq!(trace.edges(), before);
        let gradients = trace.backward(&[(product, 1.0)]);
        assert_eq!([x, y].map(|x| gradients.of(x)), [4.0, 3.0]);
    });
    tape.open(|trace| assert_eq!(trace.input(5.0).entry(), 0));
}

#[test]
fn a_full_tape_refuses_an_input_a_result_and_a_sum_and_keeps_what_it_has() {
    refuses(|trace| _ = trace.input(5.0));
    refuses(|trace| drop(trace.inputs(&[5.0])));
    refuses(|trace| _ = trace.sum(trace.inputs(&[])));
}

#[test]
fn an_empty_tape_has_no_gradients() {
    Tape::<f64>::new().open(|trace| {
        assert_eq!(trace.edges(), []);
        drop(trace.backward(&[]));
        assert_eq!(trace.sum(trace.inputs(&[])).value(), 0.0);
        assert_eq!(trace.dot(&[], &[]).record().value(), 0.0);
    });
}

#[test]
fn what_is_recorded_while_a_sum_asks_for_its_terms_is_refused() {
    Tape::new().open(|trace| {
        let x = trace.input(3.0);
        refused(&["`Trace::sum`"], || {
            _ = trace.sum((0..3).map(|_| (x * x).record()))
        });
        refused(&["`Trace::sum`"], || {
            _ = trace.sum((0..3).map(|_| trace.input(1.0)))
        });
        assert_eq!(trace.sum((0..3).map(|_| x * x)).value(), 27.0);
    });
}

#[test]
fn a_scalar_product_of_different_lengths_names_both() {
    Tape::new().open(|trace| {
        let x = trace.inputs(&[1.0, 2.0, 3.0]);
        refused(&["`Trace::dot`", "3, not 2"], || _ = trace.dot(&x, &x[1..]));
    });
}

#[test]
fn a_mark_of_another_tape_or_one_that_was_taken_off_is_refused() {
    let mark = |tape: &mut Tape| tape.open(|trace| trace.mark(&[trace.input(1.0)]));
    let (mut tape, mut other) = (Tape::new(), Tape::new());
    let (first, foreign) = (mark(&mut tape), mark(&mut other));
    refused(&["`Tape::rewind`", "not on the tape"], || {
        tape.rewind(&foreign, |_, _| ())
    });
    let second = tape.rewind(&first, |trace, kept| {
        let y = (kept[0] * 2.0).record();
        trace.mark(&[y])
    });
    tape.rewind(&second, |_, kept| assert_eq!(kept[0].value(), 2.0));
    tape.rewind(&first, |_, kept| assert_eq!(kept[0].value(), 1.0));
    refused(&["`Tape::rewind`"], || tape.rewind(&second, |_, _| ()));
    tape.open(|_| ());
    refused(&["`Tape::rewind`"], || tape.rewind(&first, |_, _| ()));
}

#[test]
fn nan_travels_to_what_it_came_from_and_no_further() {
    let (value, slopes) = gradient(
        |x| (x[0].ln() + x[0] * x[1] + x[2]).record(),
        &[f64::NAN, 2.0, 1.0],
    );
    assert!(value.is_nan() && slopes[0].is_nan() && slopes[1].is_nan());
    assert_eq!(slopes[2], 1.0);
}

#[test]
fn what_no_output_depends_on_contributes_nothing_however_steep_it_is() {
    Tape::new().open(|trace| {
        let x = trace.input(0.0);
        let steep = x.sqrt().record();
        let output = (x * 2.0).record();
        assert_eq!(trace.backward(&[(output, 1.0)]).of(x), 2.0);
        assert_eq!(trace.backward(&[(steep, 1.0)]).of(x), f64::INFINITY);
    });
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
    assert_eq!(
        tape.gradient(|x| (x[0] * x[1]).record(), &[3.0, 4.0]),
        (12.0, vec![4.0, 3.0])
    );
}

#[test]
fn a_tape_that_is_used_again_allocates_nothing() {
    let mut tape = Tape::new();
    let mut run = || {
        tape.open(|trace| {
            let x = trace.input(1.0);
            let y = (0..1000).fold(x, |y, _| y.sin().record());
            drop(trace.backward(&[(y, 1.0)]));
        });
    };
    assert!(measure(&mut run).count_total > 0);
    assert_eq!(measure(&mut run).count_total, 0);
}

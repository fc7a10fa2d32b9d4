//! # The sweep
//!
//! Chapter: stage5.md#sweep
//!
//! About: gradients, order, long chains
//!
//! Items: backward.rs `Trace::backward`, `Gradients::of`, `gradient`, `Tape::gradient`
//!
//! The list is in order already: an argument is recorded before its results. So the walk is a loop over
//! the edges from the end to the beginning. Each edge takes the adjoint of its child, times the
//! weight, to its parent. There is nothing to count, and nothing to look up but a place in a list.
//!
//! `trace.backward(outputs: &[(Var<'t, T>, T)]) -> Gradients<'t, T>` takes outputs with their seeds, as
//! in stage 2. `gradients.of(var)` is 0 where the outputs do not depend on `var`, also where it was
//! recorded after them. The tape stays as it is. An entry whose adjoint is 0 passes nothing on, not
//! even 0 · ∞.
//!
//! `gradient(f, x: &[f64]) -> (f64, Vec<f64>)` does all of it on a tape of its own: `f` is an
//! `impl for<'t> FnOnce(&[Var<'t>]) -> Var<'t>`. `tape.gradient(f, &x)` uses that tape again, for
//! numbers of any kind. `lib.rs` exports `Gradients` and `gradient`.
//!
//! Hint 1: The adjoints are a `Vec`, with a place for each entry. They begin with 0, and then the seeds
//! are added.
//! Hint 2: Nothing after the last output matters to it. The edges are sorted by their children, so
//! `partition_point` finds where to begin. The adjoints need not be longer, if `of` returns 0 for what
//! lies beyond.
//! Hint 3: `for edge in edges[..end].iter().rev()`: `let gradient = adjoints[edge.child as usize]`, and
//! add `edge.weight.times(gradient)` to `adjoints[edge.parent as usize]`.

use pretty_assertions::assert_eq;
use stage5::{Tape, gradient};

#[path = "../../../tests/src/threads.rs"]
mod threads;

use threads::LONG;

#[test]
fn the_gradient_of_the_output_is_its_seed() {
    Tape::new().open(|trace| {
        let x = trace.input(3.0);
        assert_eq!(trace.backward(&[(x, 7.0)]).of(x), 7.0);
        let square = (x * x).record();
        assert_eq!(trace.backward(&[(square, 7.0)]).of(square), 7.0);
    });
}

#[test]
fn an_expression_has_the_gradients_worked_out_by_hand() {
    Tape::new().open(|trace| {
        let x = trace.inputs(&[1.0, 2.0, 3.0]);
        let f = ((x[0] + x[1]) * (x[1] * x[2])).record();
        let gradients = trace.backward(&[(f, 1.0)]);
        assert_eq!([0, 1, 2].map(|i| gradients.of(x[i])), [6.0, 15.0, 6.0]);
    });
}

#[test]
fn results_in_between_have_gradients_as_well() {
    Tape::new().open(|trace| {
        let x = trace.inputs(&[1.0, 2.0, 3.0]);
        let (d, e) = ((x[0] + x[1]).record(), (x[1] * x[2]).record());
        let f = (d * e).record();
        let gradients = trace.backward(&[(f, 1.0)]);
        assert_eq!([gradients.of(d), gradients.of(e)], [6.0, 3.0]);
        assert_eq!([0, 1, 2].map(|i| gradients.of(x[i])), [6.0, 15.0, 6.0]);
    });
}

#[test]
fn the_contributions_of_all_paths_are_added() {
    Tape::new().open(|trace| {
        let x = trace.input(3.0);
        let square = (x * x).record();
        let y = (square * x + square).record(); // x³ + x²
        assert_eq!(trace.backward(&[(y, 1.0)]).of(x), 33.0);
    });
}

#[test]
fn what_the_output_does_not_depend_on_has_gradient_0() {
    Tape::new().open(|trace| {
        let (x, y) = (trace.input(3.0), trace.input(4.0));
        let square = (x * x).record();
        let later = (square * y).record();
        let gradients = trace.backward(&[(square, 1.0)]);
        assert_eq!([x, y, later].map(|var| gradients.of(var)), [6.0, 0.0, 0.0]);
    });
}

#[test]
fn the_tape_can_be_swept_again() {
    Tape::new().open(|trace| {
        let x = trace.input(3.0);
        let (square, cube) = ((x * x).record(), (x * x * x).record());
        assert_eq!(trace.backward(&[(square, 1.0)]).of(x), 6.0);
        assert_eq!(trace.backward(&[(cube, 1.0)]).of(x), 27.0);
        assert_eq!(trace.backward(&[(square, 1.0)]).of(x), 6.0);
    });
}

#[test]
fn gradients_stay_while_the_tape_goes_on() {
    Tape::new().open(|trace| {
        let x = trace.input(3.0);
        let square = (x * x).record();
        let first = trace.backward(&[(square, 1.0)]);
        let second = trace.backward(&[(square, 10.0)]);
        let _more = (square * x).record();
        assert_eq!([first.of(x), second.of(x)], [6.0, 60.0]);
    });
}

#[test]
fn several_outputs_add_up_each_with_its_seed() {
    Tape::new().open(|trace| {
        let x = trace.input(3.0);
        let (square, cube) = ((x * x).record(), (x * x * x).record());
        let both = trace.backward(&[(square, 10.0), (cube, 1.0)]);
        assert_eq!(both.of(x), 87.0);
        let turned = trace.backward(&[(cube, 1.0), (square, 10.0)]);
        assert_eq!(turned.of(x), 87.0);
    });
}

#[test]
fn an_output_that_is_named_twice_counts_twice() {
    Tape::new().open(|trace| {
        let x = trace.input(3.0);
        let square = (x * x).record();
        let twice = trace.backward(&[(square, 1.0), (square, 10.0)]);
        assert_eq!(twice.of(x), 66.0);
    });
}

#[test]
fn without_outputs_all_gradients_are_0() {
    Tape::new().open(|trace| {
        let x = trace.input(3.0);
        assert_eq!(trace.backward(&[]).of(x), 0.0);
    });
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
fn within_an_expression_nothing_is_contributed_either() {
    let floor = gradient(|x| x[0].sqrt().max(0.001).record(), &[0.0]);
    assert_eq!(floor, (0.001, vec![0.0]));
}

#[test]
fn a_function_has_its_value_and_its_gradient() {
    let seen = gradient(|x| (x[0] * x[1] + x[0].sin()).record(), &[0.0, 4.2]);
    assert_eq!(seen, (0.0, vec![5.2, 0.0]));
}

#[test]
fn a_function_may_return_an_input_or_a_constant() {
    assert_eq!(gradient(|x| x[1], &[3.0, 4.0]), (4.0, vec![0.0, 1.0]));
    let constant = gradient(|x| x[0].trace().input(5.0), &[3.0]);
    assert_eq!(constant, (5.0, vec![0.0]));
}

#[test]
fn a_tape_of_ones_own_takes_one_function_after_the_other() {
    let mut tape = Tape::new();
    let square = tape.gradient(|x| (x[0] * x[0]).record(), &[3.0]);
    assert_eq!(square, (9.0, vec![6.0]));
    let product = tape.gradient(|x| (x[0] * x[1]).record(), &[3.0, 4.0]);
    assert_eq!(product, (12.0, vec![4.0, 3.0]));
}

/// Along each path, this would take longer than the universe is old.
#[test]
fn a_thousand_diamonds_are_swept_in_a_thousand_steps() {
    let seen = threads::in_good_time(|| {
        Tape::new().open(|trace| {
            let x = trace.input(1.0);
            let y = (0..1000).fold(x, |y, _| (y + y).record());
            trace.backward(&[(y, 1.0)]).of(x)
        })
    });
    assert_eq!(seen, 2.0_f64.powi(1000));
}

#[test]
fn a_long_chain_does_not_overflow_the_stack() {
    let (value, slopes) = threads::with_a_small_stack(|| {
        gradient(|x| (0..LONG).fold(x[0], |y, _| y.sin().record()), &[1.0])
    });
    let (mut plain, mut slope) = (1.0_f64, 1.0_f64);
    for _ in 0..LONG {
        slope *= plain.cos();
        plain = plain.sin();
    }
    assert_eq!(value, plain);
    assert!(
        (slopes[0] / slope - 1.0).abs() < 1e-9,
        "not close\n  left: {}\n right: {slope}",
        slopes[0]
    );
}

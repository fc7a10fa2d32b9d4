//! # The exam
//!
//! Chapter: stage5.md#what-breaks
//!
//! About: values, graph, gradients, rules, higher derivatives, memory
//!
//! There is nothing left to write. The exam asks everything that is known about this stage: the table
//! of functions that every stage computes, with an entry for each operation; all operations at random
//! points, against finite differences and dual numbers, to the second order, and in random expressions
//! of one entry; bad input; and what must not compile.
//!
//! What it asks for beyond the steps: a panic leaves a tape that can still be used, also in the middle
//! of a sum; a tape that does not fit into memory panics and says so; a NaN reaches the inputs that it
//! is combined with, and no others; curves have their derivatives to the sixth order on a tape of dual
//! numbers.
//!
//! What must not compile: a variable that leaves its recording, or is used in another; a seed for a
//! variable of another tape; a tape that is opened while it is recorded; a variable that leaves a rewound
//! recording. That is what the lifetime of a recording is for: `open` and `rewind` take functions
//! `impl for<'t> FnOnce(…)`, and the `Cell` in the `PhantomData` of a `Trace` keeps `'t` as it is.
//!
//! Hint 1: Nothing here is new. Which sentence of which step does the failing test hold you to?
//! Hint 2: Of a case from the table, the message names the function, the point and the input. Record
//! it in a test of your own, and print `trace.edges()`.
//! Hint 3: `cargo course diff mine stage5 --code` shows where your engine and the book's differ.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stage5::Dual;

/// The judges, the table of cases, and what every stage is asked.
#[path = "../../../tests/src/exam.rs"]
mod exam;
#[path = "../../../tests/src/stages/stage5.rs"]
#[allow(unreachable_pub, reason = "in a crate of its own it is reachable")]
mod operand;

#[path = "behaviours/bad_input.rs"]
mod bad_input;
#[path = "behaviours/does_not_compile.rs"]
mod does_not_compile;
#[path = "behaviours/properties.rs"]
mod properties;

use exam::dual::{self, Orders};
use exam::finite::relative_error;
use exam::program::{Step, run};
use exam::{cases, suite};
use operand::{Noted, on_a_tape};

#[test]
fn every_form_of_every_operator_has_its_value_and_its_slopes() {
    suite::computes_every_form::<Noted>();
}

#[test]
fn small_expressions_have_the_gradients_worked_out_by_hand() {
    suite::computes(cases::expressions::<Noted>());
}

#[test]
fn each_operation_has_the_derivatives_of_the_textbook() {
    suite::computes(cases::each_operation::<Noted>());
}

#[test]
fn powers_and_roots_at_0_and_infinity_have_the_derivatives_of_the_limit() {
    suite::computes(cases::powers_at_the_edges::<Noted>());
}

#[test]
fn constants_branches_and_loops_have_their_gradients() {
    suite::computes(cases::constants_and_control_flow::<Noted>());
}

#[test]
fn functions_from_other_books_have_the_gradients_printed_there() {
    suite::computes(cases::classics::<Noted>());
}

/// The gradient is one order more than the numbers on the tape carry.
#[test]
fn curves_have_their_known_derivatives_to_order_6() {
    type Dual5 = Dual<Dual<Dual<Dual<Dual>>>>;
    for curve in cases::curves::<Noted>() {
        let x = Dual5::input_at(curve.at);
        let (_, slope) = on_a_tape(|x| (curve.function)(&x[0]), &[x]);
        for (order, &expected) in curve.orders.iter().enumerate().skip(1) {
            let seen = slope[0].order(order - 1);
            assert!(
                relative_error(seen, expected) <= 1e-13,
                "the derivative of order {order} of {}, for x = {} ({})\n  left: {seen}\n right: \
                 {expected}",
                curve.name,
                curve.at,
                curve.source
            );
        }
    }
}

fn programs() -> impl Strategy<Value = Vec<Step>> {
    let any_step = (0..Step::KINDS, any::<usize>(), any::<usize>());
    let step = any_step.prop_map(|(kind, x, y)| Step::new(kind, x, y));
    prop::collection::vec(step, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 100, failure_persistence: None, rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_programs_agree_with_dual_numbers_and_finite_differences(
        steps in programs(), x in prop::collection::vec(-2.0..2.0, 1..5),
    ) {
        let wrong = suite::wrong_in_program::<Noted>(&steps, &x);
        prop_assert!(wrong.is_none(), "{steps:?} at {x:?}: {}", wrong.unwrap_or_default());
    }

    #[test]
    fn random_programs_have_the_second_derivatives_that_dual_numbers_find(
        steps in programs(), x in prop::collection::vec(-2.0..2.0, 1..5),
    ) {
        let mut inputs: Vec<Dual> = x.iter().copied().map(Dual::from).collect();
        inputs[0] = Dual::input(x[0]);
        let (_, gradient) = on_a_tape(|x| run::<Noted>(&steps, x), &inputs);
        let mut inputs: Vec<dual::Dual<dual::Dual>> =
            x.iter().copied().map(dual::Dual::from).collect();
        inputs[0] = Orders::input_at(x[0]);
        let expected = Orders::order(&run::<dual::Dual<dual::Dual>>(&steps, &inputs), 2);
        prop_assert!(
            relative_error(gradient[0].slope, expected) <= 1e-8,
            "{steps:?} at {x:?}: the second derivative\n  left: {}\n right: {expected}",
            gradient[0].slope
        );
    }
}

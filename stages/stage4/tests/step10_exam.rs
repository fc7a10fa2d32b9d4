//! # The exam
//!
//! Chapter: arrays.md#what-breaks-now
//!
//! About: graph, gradients, rules, higher derivatives, shapes, memory, long chains
//!
//! The steps before this one test what they teach, and no more. The exam tests everything that the
//! project knows how to test about stage 4: what all stages are asked, and what stage 4 does,
//! behaviour by behaviour. There is nothing new to write. If all of it is green, your engine does
//! what the book's does.
//!
//! Each module is a file of `stages/stage4/tests/behaviours`. A test's name says what it demands.
//!
//! What it asks for beyond the steps, in short. Memory: nothing stays behind when values, traces and
//! pull-backs are gone, and chains of 25,000 operations do not overflow a small stack, along either
//! argument, even if a panic drops them. The walk: a rule is asked once, however many paths there
//! are, and an output that is named twice gets both seeds. The registry: one for all threads. Traces:
//! a container of an ended trace is refused wherever it turns up ("has ended"), and so is a result of
//! a trace that was opened inside ("opened inside"); traces end in any order, also by a panic.
//!
//! Numbers: NaN and infinity stay in their lane. The largest and the smallest of elements with NaN
//! are NaN, which gets the gradient, and `argmax_axis` finds it. `logsumexp_axis` of infinities is
//! what the formula says. `ln_1p` and `exp_m1` are exact near 0. In its exponent, a power of 0 has
//! the derivative 0 where the exponent is not negative, and −∞ where it is. A slope does not
//! overflow on the way: that of x / y holds where y² would be 0 or infinite. What is replaced by
//! `with_slice_axis` is gone, also if it was NaN. Empty arrays pass through, except where a largest
//! element is asked for.
//!
//! Names: as in the steps. Refusals: as in the steps, for each operation; where one is composed of
//! others, the axis and the shape.
//!
//! Hint 1: The name of a failed test is a sentence. Which rule, operation or part of the engine does
//! it speak of?
//! Hint 2: `cargo test --test step10_exam NAME` in your crate runs one test alone. Take its smallest
//! input, and work it out by hand.
//! Hint 3: `cargo course diff mine stage4 --code` shows where your engine and the book's differ.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stage4::Value;

/// What all stages are asked, and the judges.
#[path = "../../../tests/src/exam.rs"]
mod exam;
#[path = "../../../tests/src/stages/stage4.rs"]
mod operand;

/// What is left in memory.
#[path = "../../../tests/src/left.rs"]
mod left;

/// A type that stage 4 does not know.
#[path = "../../../tests/src/complex.rs"]
#[allow(unreachable_pub, reason = "in a crate of its own it is reachable")]
mod complex;

mod common;
#[path = "common/meanwhile.rs"]
mod meanwhile;

#[path = "behaviours/check.rs"]
mod check;

#[path = "behaviours/broadcasting.rs"]
mod broadcasting;
#[path = "behaviours/complex_numbers.rs"]
mod complex_numbers;
#[path = "behaviours/derivatives.rs"]
mod derivatives;
#[path = "behaviours/edges.rs"]
mod edges;
#[path = "behaviours/errors.rs"]
mod errors;
#[path = "behaviours/memory.rs"]
mod memory;
#[path = "behaviours/non_finite.rs"]
mod non_finite;
#[path = "behaviours/operations.rs"]
mod operations;
#[path = "behaviours/places.rs"]
mod places;
#[path = "behaviours/products.rs"]
mod products;
#[path = "behaviours/properties.rs"]
mod properties;
#[path = "behaviours/reductions.rs"]
mod reductions;
#[path = "behaviours/registry.rs"]
mod registry;
#[path = "behaviours/rules_of_ones_own.rs"]
mod rules_of_ones_own;
#[path = "behaviours/tracing.rs"]
mod tracing;
#[path = "behaviours/walk.rs"]
mod walk;

use exam::threads::in_good_time;
use exam::{cases, program::Step, suite};

#[test]
fn every_form_of_an_operator_has_its_value_and_its_derivatives() {
    suite::computes_every_form::<Value>();
}

#[test]
fn expressions_have_their_known_values_and_gradients() {
    // One of them has 2^1000 paths.
    in_good_time(|| suite::computes(cases::expressions::<Value>()));
}

#[test]
fn each_operation_has_its_known_derivative() {
    suite::computes(cases::each_operation::<Value>());
}

#[test]
fn powers_have_their_known_derivatives_at_the_edges() {
    suite::computes(cases::powers_at_the_edges::<Value>());
}

#[test]
fn constants_branches_and_loops_have_their_known_gradients() {
    suite::computes(cases::constants_and_control_flow::<Value>());
}

#[test]
fn classics_have_their_known_gradients() {
    suite::computes(cases::classics::<Value>());
}

#[test]
fn curves_have_their_known_derivatives_to_order_6() {
    suite::computes_curves(cases::curves::<Value>());
}

fn programs() -> impl Strategy<Value = Vec<Step>> {
    let any_step = (0..Step::KINDS, any::<usize>(), any::<usize>());
    let step = any_step.prop_map(|(kind, x, y)| Step::new(kind, x, y));
    prop::collection::vec(step, 1..40)
}

fn points() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-2.0..2.0, 1..5)
}

proptest! {
    // The same programs each time, and nothing is kept of a failure but what it prints.
    #![proptest_config(ProptestConfig {
        cases: 100, failure_persistence: None, rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_programs_have_the_gradients_that_the_judges_find(
        steps in programs(), x in points(),
    ) {
        let wrong = suite::wrong_in_program::<Value>(&steps, &x);
        prop_assert!(wrong.is_none(), "{}", wrong.unwrap_or_default());
    }

    #[test]
    fn random_programs_have_the_second_derivatives_that_the_judges_find(
        steps in programs(), x in points(),
    ) {
        let wrong = suite::wrong_in_curvature::<Value>(&steps, &x);
        prop_assert!(wrong.is_none(), "{}", wrong.unwrap_or_default());
    }
}

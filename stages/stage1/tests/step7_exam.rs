//! # The exam
//!
//! Chapter: stage1.md#what-breaks
//!
//! About: values, gradients, rules, memory
//!
//! There is nothing left to write. The steps have tried a few examples of each thing; the exam asks
//! everything that is known about this stage: all forms of all operators, powers of 0, of infinity
//! and to infinity (0 where a formula says 0 · ∞), a table of functions with known gradients, and
//! random programs against finite differences and dual numbers. It also asks what is easily
//! overlooked: a gradient of 0 is an answer like any other, a seed of 0 is a seed, and all memory
//! is free once the last handle is gone.
//!
//! Hint 1: Nothing here is new. Which sentence of which step does the failing test hold you to?
//! Hint 2: The message names the function, the point and the input. Build the same with three
//! variables in a test of your own, and print the children and gradients of each.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stage1::Var;

/// The judges, the table of cases, and what every stage is asked.
#[path = "../../../tests/src/exam.rs"]
mod exam;
#[path = "../../../tests/src/stages/stage1.rs"]
mod operand;

/// What is left in memory.
#[path = "../../../tests/src/left.rs"]
mod left;

use exam::program::Step;
use exam::{cases, suite, threads};
use left::nothing_is_left;

#[test]
fn every_form_of_every_operator_has_its_value_and_its_slopes() {
    suite::computes_every_form::<Var>();
}

#[test]
fn small_expressions_have_the_gradients_worked_out_by_hand() {
    // Some have more paths than could be followed one by one.
    threads::in_good_time(|| suite::computes(cases::expressions::<Var>()));
}

#[test]
fn each_operation_has_the_derivatives_of_the_textbook() {
    suite::computes(cases::each_operation::<Var>());
}

#[test]
fn powers_and_roots_at_0_and_infinity_have_the_derivatives_of_the_limit() {
    suite::computes(cases::powers_at_the_edges::<Var>());
}

#[test]
fn constants_branches_and_loops_have_their_gradients() {
    suite::computes(cases::constants_and_control_flow::<Var>());
}

#[test]
fn functions_from_other_books_have_the_gradients_printed_there() {
    suite::computes(cases::classics::<Var>());
}

#[test]
fn a_variable_that_is_used_in_many_results_has_the_sum_of_all() {
    let x = Var::new(2.0);
    let sum = (1..=1000).fold(Var::new(0.0), |sum, factor| sum + &x * f64::from(factor));
    sum.seed(1.0);
    assert_eq!(x.grad(), 500_500.0);
}

#[test]
fn a_seed_of_0_is_a_seed() {
    let (x, y) = (Var::new(2.0), Var::new(3.0));
    let sum = &x + &y;
    let square = &sum * &sum;
    square.seed(1.0);
    sum.seed(0.0);
    assert_eq!(sum.grad(), 0.0);
    assert_eq!(x.grad(), 0.0);
}

/// Nothing is seeded, so each of the gradients is 0.
#[test]
fn a_gradient_of_0_is_remembered_like_any_other() {
    let grad = threads::in_good_time(|| {
        let x = Var::new(1.0);
        let _result = cases::doubled(1000, &x);
        x.grad()
    });
    assert_eq!(grad, 0.0);
}

#[test]
fn a_gradient_that_is_not_a_number_is_remembered_too() {
    let grad = threads::in_good_time(|| {
        let x = Var::new(1.0);
        cases::doubled(1000, &x).seed(f64::NAN);
        x.grad()
    });
    assert!(grad.is_nan(), "{grad}");
}

#[test]
fn each_variable_can_be_asked_in_any_order() {
    let (x, y) = (Var::new(2.0), Var::new(3.0));
    let product = &x * &y;
    let square = &product * &product;
    square.seed(1.0);
    assert_eq!(x.grad(), 36.0); // 2·x·y²
    assert_eq!(square.grad(), 1.0);
    assert_eq!(product.grad(), 12.0);
    assert_eq!(y.grad(), 24.0);
}

#[test]
fn a_cleared_variable_leaves_the_others_as_they_are() {
    let (x, y) = (Var::new(2.0), Var::new(3.0));
    let product = &x * &y;
    product.seed(1.0);
    assert_eq!((x.grad(), y.grad()), (3.0, 2.0));
    x.clear();
    assert_eq!((product.grad(), y.grad()), (1.0, 2.0));
    assert_eq!(x.grad(), 3.0);
}

#[test]
fn a_handle_is_enough_to_keep_what_it_needs() {
    let x = Var::new(3.0);
    {
        let square = &x * &x;
        (&square * &square).seed(1.0);
    }
    assert_eq!(x.grad(), 108.0); // the results live in the children of x
}

/// Values, gradients and handles of all kinds, all gone at the end.
fn round() {
    let (x, y) = (Var::new(0.5), Var::new(4.2));
    let z = &x * &y + x.sin() - (&x / &y).exp();
    z.seed(1.0);
    assert!(x.grad() + y.grad() > 0.0);
    let kept = z.clone();
    drop((x, y, z));
    assert!(kept.grad() == 1.0);
}

#[test]
fn all_memory_is_free_when_the_last_handle_is_gone() {
    nothing_is_left("all_memory_is_free_when_the_last_handle_is_gone", round);
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// Straight lines of operations in which every result may be used again.
    #[test]
    fn random_programs_agree_with_dual_numbers_and_finite_differences(
        steps in prop::collection::vec((0..Step::KINDS, any::<usize>(), any::<usize>()), 1..40),
        x in prop::collection::vec(-2.0..2.0, 1..5),
    ) {
        let steps: Vec<Step> = steps.iter().map(|&(kind, x, y)| Step::new(kind, x, y)).collect();
        let wrong = suite::wrong_in_program::<Var>(&steps, &x);
        prop_assert!(wrong.is_none(), "{steps:?} at {x:?}: {}", wrong.unwrap_or_default());
    }
}

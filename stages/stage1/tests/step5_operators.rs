//! # The other operators, and plain numbers
//!
//! Chapter: stage1.md#operators
//!
//! About: values, rules
//!
//! Items: ops.rs `Sub<&Var> for &Var`, `Div<&Var> for &Var`, `Neg for &Var`, `Neg for Var`,
//! `From<&Var> for Var`
//!
//! Subtraction, division and change of sign, each with its weights, and each recorded as one
//! result. Operators work on variables and references, and with a plain number on either side; the
//! macro `forward!` reduces all these forms to the one with two references. The weights of a
//! quotient are right for large numbers too, where `y * y` is infinite.
//!
//! Hint 1: Each operator needs its value and one weight for each input, as `Mul` does.
//! Hint 2: d(x − y)/dy = −1. d(x / y)/dx = 1/y and d(x / y)/dy = −x/y².
//! Hint 3: `record(x / y, &[(1.0 / y, self), (-x / y / y, other)])`. `From<&Var>` hands out a
//! clone, and `Neg for Var` is `-&self`.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stage1::Var;

#[track_caller]
fn assert_close(actual: (f64, f64), expected: (f64, f64)) {
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-12 * b.abs();
    assert!(
        close(actual.0, expected.0) && close(actual.1, expected.1),
        "not close\n  left: {actual:?}\n right: {expected:?}"
    );
}

/// The gradients of `f` at `x` and `y`.
fn gradients(f: impl Fn(&Var, &Var) -> Var, x: f64, y: f64) -> (f64, f64) {
    let (x, y) = (Var::new(x), Var::new(y));
    f(&x, &y).seed(1.0);
    (x.grad(), y.grad())
}

#[test]
fn a_difference_has_weights_1_and_minus_1() {
    assert_eq!((&Var::new(5.0) - &Var::new(2.0)).value(), 3.0);
    assert_eq!(gradients(|x, y| x - y, 5.0, 2.0), (1.0, -1.0));
}

#[test]
fn a_difference_is_one_result() {
    let (x, y) = (Var::new(5.0), Var::new(2.0));
    let _difference = &x - &y;
    let children: Vec<(f64, f64)> = y
        .children()
        .iter()
        .map(|(w, child)| (*w, child.value()))
        .collect();
    assert_eq!(children, [(-1.0, 3.0)]);
}

#[test]
fn a_quotient_has_both_weights_of_the_quotient_rule() {
    assert_eq!((&Var::new(6.0) / &Var::new(2.0)).value(), 3.0);
    assert_eq!(gradients(|x, y| x / y, 6.0, 2.0), (0.5, -1.5));
    // y² would be infinite.
    assert_close(gradients(|x, y| x / y, 1e200, 1e200), (1e-200, -1e-200));
}

#[test]
fn a_change_of_sign_has_weight_minus_1() {
    assert_eq!((-&Var::new(2.0)).value(), -2.0);
    assert_eq!(gradients(|x, y| &(-x) * y, 2.0, 7.0), (-7.0, -2.0));
}

#[test]
fn a_variable_minus_itself_has_gradient_0() {
    assert_eq!(gradients(|x, _| x - x, 5.0, 0.0), (0.0, 0.0));
}

#[test]
fn a_plain_number_may_stand_on_either_side() {
    let x = Var::new(4.0);
    assert_eq!((&x + 2.0).value(), 6.0);
    assert_eq!((2.0 + &x).value(), 6.0);
    assert_eq!((&x - 2.0).value(), 2.0);
    assert_eq!((2.0 - &x).value(), -2.0);
    assert_eq!((&x * 2.0).value(), 8.0);
    assert_eq!((2.0 * &x).value(), 8.0);
    assert_eq!((&x / 2.0).value(), 2.0);
    assert_eq!((2.0 / &x).value(), 0.5);
}

#[test]
fn the_gradient_knows_on_which_side_the_number_stood() {
    assert_eq!(gradients(|x, _| x + 2.0, 4.0, 0.0).0, 1.0);
    assert_eq!(gradients(|x, _| 2.0 + x, 4.0, 0.0).0, 1.0);
    assert_eq!(gradients(|x, _| x - 2.0, 4.0, 0.0).0, 1.0);
    assert_eq!(gradients(|x, _| 2.0 - x, 4.0, 0.0).0, -1.0);
    assert_eq!(gradients(|x, _| x * 2.0, 4.0, 0.0).0, 2.0);
    assert_eq!(gradients(|x, _| 2.0 * x, 4.0, 0.0).0, 2.0);
    assert_eq!(gradients(|x, _| x / 2.0, 4.0, 0.0).0, 0.5);
    assert_eq!(gradients(|x, _| 2.0 / x, 4.0, 0.0).0, -0.125);
}

#[test]
fn variables_and_references_mix() {
    let x = Var::new(3.0);
    let y = (&x + x.clone()) * x.clone() - (x.clone() * &x) + 2.0 * x.clone() - -x.clone() / 1.0;
    assert_eq!(y.value(), 18.0); // x² + 3x
    y.seed(1.0);
    assert_eq!(x.grad(), 9.0);
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// The four operators in one expression, against a small step to either side.
    #[test]
    fn gradients_agree_with_central_differences(x in -2.0..2.0, y in 1.0..3.0) {
        let f = |x: f64, y: f64| (x * y - x) / (y + 2.0) - -x;
        let (by_x, by_y) = gradients(|x, y| (x * y - x) / (y + 2.0) - -x, x, y);
        let h = 1e-5;
        let steps_x = (f(x + h, y) - f(x - h, y)) / (2.0 * h);
        let steps_y = (f(x, y + h) - f(x, y - h)) / (2.0 * h);
        prop_assert!((by_x - steps_x).abs() < 1e-8, "by x: {by_x}, central difference {steps_x}");
        prop_assert!((by_y - steps_y).abs() < 1e-8, "by y: {by_y}, central difference {steps_y}");
    }
}

//! # Functions
//!
//! Chapter: stage1.md#functions
//!
//! About: values, rules
//!
//! Items: ops.rs `Var::powf`, `Var::sin`, `Var::cos`, `Var::exp`, `Var::ln`, `Var::sqrt`,
//! `Var::tanh`
//!
//! The functions are methods with the names that they have on `f64`. Each records one result with
//! its derivative as the weight. A power has two inputs, and the exponent may be a number, a
//! variable or a reference: `fn powf(&self, exponent: impl Into<Var>) -> Var`. Where a formula
//! for a power says 0 · ∞, the derivative is 0: that of x⁰ at 0, that of 0^y in y, and where the
//! power is 0 because the base or the exponent is infinite. Elsewhere ∞ is right: √x has it at 0, and 1/x has −∞.
//! The derivative of `tanh` must keep its digits where tanh is near 1: at 18 it is 9.278…·10⁻¹⁶, and
//! 1 − tanh² is wrong by 4% there.
//!
//! Hint 1: sin′ = cos, cos′ = −sin, exp′ = exp, ln′ = 1/x, √′ = 1/(2√x), tanh′ = 1/cosh².
//! Hint 2: For powers: d(x^y)/dx = y·x^(y−1) and d(x^y)/dy = x^y·ln x. The first says 0 · ∞ for
//! x = y = 0, and where x^y is 0 and y infinite; the second for x = 0 < y, and where x^y is 0 and x
//! infinite. For x = y = 0, take 0 there too.
//! Hint 3: With `let result = x.powf(y);`, `by_base` is 0 if
//! `x == 0.0 && y == 0.0 || result == 0.0 && y.is_infinite()`, else `y * x.powf(y - 1.0)`. `by_exponent`
//! is 0 if `x == 0.0 && y >= 0.0 || result == 0.0 && x.is_infinite()`, else `result * x.ln()`.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stage1::Var;

#[track_caller]
fn assert_close(actual: f64, expected: f64) {
    let close = (actual - expected).abs() <= 1e-12 * expected.abs().max(1.0);
    assert!(close, "not close\n  left: {actual}\n right: {expected}");
}

/// The derivative of `f` at `x`.
fn slope(f: impl Fn(&Var) -> Var, x: f64) -> f64 {
    let x = Var::new(x);
    f(&x).seed(1.0);
    x.grad()
}

#[test]
fn values_are_those_of_the_plain_functions() {
    let x = Var::new(0.5);
    assert_close(x.sin().value(), 0.5_f64.sin());
    assert_close(x.cos().value(), 0.5_f64.cos());
    assert_close(x.exp().value(), 0.5_f64.exp());
    assert_close(x.ln().value(), 0.5_f64.ln());
    assert_close(x.sqrt().value(), 0.5_f64.sqrt());
    assert_close(x.tanh().value(), 0.5_f64.tanh());
    assert_close(x.powf(3.0).value(), 0.125);
}

#[test]
fn a_product_and_a_sine_share_an_input() {
    let (x, y) = (Var::new(0.5), Var::new(4.2));
    let z = &x * &y + x.sin();
    assert_close(z.value(), 2.579425538604203);
    z.seed(1.0);
    assert_close(x.grad(), 5.077582561890373);
    assert_close(y.grad(), 0.5);
}

#[test]
fn derivatives_are_those_of_the_textbook() {
    assert_close(slope(Var::sin, 0.0), 1.0);
    assert_close(slope(Var::cos, 0.5), -0.479425538604203);
    assert_close(slope(Var::exp, 1.0), std::f64::consts::E);
    assert_close(slope(Var::ln, 4.0), 0.25);
    assert_close(slope(Var::sqrt, 4.0), 0.25);
    assert_close(slope(Var::tanh, 0.5), 0.786447732965927);
}

#[test]
fn the_slope_of_tanh_keeps_its_digits_where_tanh_is_near_1() {
    let expected = [
        (18.0, 9.278091320974273e-16),
        (-18.0, 9.278091320974273e-16),
        (20.0, 1.6993417021166355e-17),
    ];
    for (x, expected) in expected {
        let found = slope(Var::tanh, x);
        assert!(
            (found - expected).abs() < 1e-12 * expected,
            "the slope of tanh at {x}\n  left: {found}\n right: {expected}"
        );
    }
}

#[test]
fn a_power_can_have_a_plain_exponent() {
    assert_close(slope(|x| x.powf(3.0), 2.0), 12.0);
    assert_close(slope(|x| x.powf(-1.0), 2.0), -0.25);
}

#[test]
fn a_power_has_a_derivative_by_its_exponent() {
    assert_close(slope(|y| Var::new(2.0).powf(y), 3.0), 8.0 * 2.0_f64.ln());
}

#[test]
fn base_and_exponent_can_be_the_same_variable() {
    assert_close(slope(|x| x.powf(x), 2.0), 6.772588722239782);
}

#[test]
fn a_negative_base_is_fine_with_a_whole_exponent() {
    assert_close(Var::new(-2.0).powf(3.0).value(), -8.0);
    assert_close(slope(|x| x.powf(3.0), -2.0), 12.0);
}

#[test]
fn powers_of_0_have_the_derivatives_of_the_limit() {
    assert_eq!(slope(|x| x.powf(0.0), 0.0), 0.0);
    assert_eq!(slope(|x| x.powf(1.0), 0.0), 1.0);
    assert_eq!(slope(|x| x.powf(2.0), 0.0), 0.0);
    assert_eq!(slope(|x| x.powf(0.5), 0.0), f64::INFINITY);
    assert_eq!(slope(|y| Var::new(0.0).powf(y), 2.0), 0.0);
}

#[test]
fn powers_that_are_0_far_out_are_flat() {
    assert_eq!(slope(|x| x.powf(f64::INFINITY), 0.5), 0.0);
    assert_eq!(slope(|y| Var::new(0.5).powf(y), f64::INFINITY), 0.0);
    assert_eq!(slope(|x| x.powf(-1.0), f64::INFINITY), 0.0);
    assert_eq!(slope(|y| Var::new(f64::INFINITY).powf(y), -1.0), 0.0);
}

#[test]
fn the_edges_of_a_function_are_those_of_f64() {
    assert!(Var::new(-1.0).ln().value().is_nan());
    assert!(Var::new(-1.0).sqrt().value().is_nan());
    assert_eq!(slope(Var::sqrt, 0.0), f64::INFINITY);
    assert_eq!(slope(Var::ln, 0.0), f64::INFINITY);
}

/// A name, the function of a variable, and the same of a plain number.
type Function = (&'static str, fn(&Var) -> Var, fn(f64) -> f64);

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn each_derivative_agrees_with_a_central_difference(x in 0.5..2.0) {
        let functions: [Function; 8] = [
            ("sin", Var::sin, f64::sin),
            ("cos", Var::cos, f64::cos),
            ("exp", Var::exp, f64::exp),
            ("ln", Var::ln, f64::ln),
            ("sqrt", Var::sqrt, f64::sqrt),
            ("tanh", Var::tanh, f64::tanh),
            ("x^1.7", |x| x.powf(1.7), |x| x.powf(1.7)),
            ("1.7^x", |x| Var::new(1.7).powf(x), |x| 1.7_f64.powf(x)),
        ];
        for (name, traced, plain) in functions {
            let h = 1e-5;
            let difference = (plain(x + h) - plain(x - h)) / (2.0 * h);
            let gradient = slope(traced, x);
            prop_assert!(
                (gradient - difference).abs() < 1e-8,
                "{name} at {x}: gradient {gradient}, central difference {difference}"
            );
        }
    }
}

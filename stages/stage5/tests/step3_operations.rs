//! # Plain numbers and functions
//!
//! Chapter: stage5.md#operations
//!
//! About: values, rules
//!
//! Items: ops.rs `Operand<'t, T> for f64`, `Expression::powf`, `Expression::powi`, `Expression::sin`,
//! `Expression::cos`, `Expression::exp`, `Expression::ln`, `Expression::sqrt`, `Expression::tanh`,
//! `Expression::exp_m1`, `Expression::ln_1p`, `Expression::abs`, `Expression::max`, `Expression::min`,
//! `Expression::hypot`, `Expression::atan2`, `Expression::floor`, `Expression::sign`, rules.rs `sin`,
//! `cos`, `exp`, `ln`, `sqrt`, `tanh`, `exp_m1`, `ln_1p`, `abs`, `sign`, `powi`, `powf`, `max`,
//! `min`, `share`, `hypot`, `atan2`, number.rs `Number::sin`, `Number::cos`, `Number::tanh`, `Number for f64`,
//! trace.rs `PartialEq<R> for Expression<'t, T, P>`, `PartialOrd<R> for Expression<'t, T, P>`
//!
//! A plain number has no derivative, so it is not recorded: as a second argument it adds no partials.
//! It may be on either side of an operator. `x += y` (and `-=`, `*=`, `/=`) of a variable records the
//! result at once, so that a loop can go on with `x`.
//!
//! The functions are methods of every expression: `sin`, `cos`, `exp`, `ln`, `sqrt`, `tanh`, `exp_m1`,
//! `ln_1p`, `abs` and `powi(i32)` of one argument; `powf`, `max`, `min`, `hypot` and `atan2` of two, of
//! which the second is an expression or an `f64`. `floor()` and `sign()` return a plain `f64`.
//! Expressions are compared with each other and with numbers, by their values.
//!
//! The trait `Number` gets the functions too, with `value(self) -> f64`, the plain number. Where a rule
//! needs two functions of one number, let the number compute both at once: `sin_cos(self)`, and
//! `tanh_with_slope(self)`, each of which returns a pair. The `max` and `min` of a `Number` are NaN if
//! either argument is.
//!
//! At the edges: where both arguments of `max` or `min` are equal, each gets half; where the result is
//! NaN, the weight is 1 for both. `abs` at 0, `hypot` and `atan2` at the origin and `powi(0)` have
//! derivatives of 0. So has `powf`, where a formula says 0 · ∞: in the base for 0⁰, and for a result
//! of 0 with an infinite exponent; in the exponent for a base of 0 whose exponent is not negative, and
//! for a result of 0 with an infinite base. No rule may lose its digits or overflow on the way:
//! 1 − tanh² has no digits left where tanh is near 1, and x² + y² is infinite for 1e200.
//!
//! Hint 1: For a plain number, `Operand::With<P>` is `P`, and `join` returns its first argument.
//! Hint 2: d atan2(y, x) is x / (x² + y²) in y, and −y / (x² + y²) in x. With the length from `hypot`,
//! divide by it twice.
//! Hint 3: `tanh` has the weight 1 − result² while |result| is below 0.9, and 1 / cosh² beyond. The weight of
//! `powi` is x.powi(exponent − 1) · exponent; for `i32::MIN`, `saturating_sub` keeps the exponent in
//! its range.

use pretty_assertions::assert_eq;
use stage5::{Edge, Tape, Var};

/// The value of `f` at `x`, and its derivative, which a single edge carries.
fn slope(f: impl for<'t> FnOnce(Var<'t>) -> Var<'t>, x: f64) -> [f64; 2] {
    Tape::new().open(|trace| {
        let y = f(trace.input(x));
        let edges = trace.edges();
        assert_eq!(edges.len(), 1, "one edge, from the result to its argument");
        [y.value(), edges[0].weight]
    })
}

/// The value of `f` at `x` and `y`, and the weights of both.
fn slopes(f: impl for<'t> FnOnce(Var<'t>, Var<'t>) -> Var<'t>, x: f64, y: f64) -> [f64; 3] {
    Tape::new().open(|trace| {
        let z = f(trace.input(x), trace.input(y));
        let edges = trace.edges();
        let parents: Vec<u32> = edges.iter().map(|edge| edge.parent).collect();
        assert_eq!(parents, [0, 1]);
        [z.value(), edges[0].weight, edges[1].weight]
    })
}

#[track_caller]
fn assert_close<const N: usize>(what: &str, seen: [f64; N], expected: [f64; N]) {
    for (seen, expected) in seen.into_iter().zip(expected) {
        let close = (seen - expected).abs() <= 4e-15 * expected.abs();
        assert!(
            close || seen == expected,
            "{what}\n  left: {seen}\n right: {expected}"
        );
    }
}

#[test]
fn plain_numbers_are_not_recorded() {
    Tape::new().open(|trace| {
        let (x, y) = (trace.input(3.0), trace.input(4.0));
        let z = (5.0 * x * y + 1.0).record();
        assert_eq!((z.value(), z.entry()), (61.0, 2));
        let edge = |parent, weight| Edge {
            child: 2,
            parent,
            weight,
        };
        assert_eq!(trace.edges(), [edge(0, 20.0), edge(1, 15.0)]);
    });
}

#[test]
fn a_plain_number_may_be_on_either_side() {
    assert_eq!(slope(|x| (x + 2.0).record(), 4.0), [6.0, 1.0]);
    assert_eq!(slope(|x| (2.0 + x).record(), 4.0), [6.0, 1.0]);
    assert_eq!(slope(|x| (x - 2.0).record(), 4.0), [2.0, 1.0]);
    assert_eq!(slope(|x| (2.0 - x).record(), 4.0), [-2.0, -1.0]);
    assert_eq!(slope(|x| (x * 2.0).record(), 4.0), [8.0, 2.0]);
    assert_eq!(slope(|x| (2.0 * x).record(), 4.0), [8.0, 2.0]);
    assert_eq!(slope(|x| (x / 2.0).record(), 4.0), [2.0, 0.5]);
    assert_eq!(slope(|x| (2.0 / x).record(), 4.0), [0.5, -0.125]);
}

#[test]
fn an_assignment_records_its_result() {
    Tape::new().open(|trace| {
        let x = trace.input(3.0);
        let mut y = trace.input(1.0);
        y += x;
        y *= x;
        y -= 2.0;
        y /= x * x;
        assert_eq!((y.value(), y.entry()), (10.0 / 9.0, 5));
        let parents = trace.edges();
        let parents: Vec<_> = parents.iter().map(|e| (e.child, e.parent)).collect();
        let expected = [
            (2, 1),
            (2, 0),
            (3, 2),
            (3, 0),
            (4, 3),
            (5, 4),
            (5, 0),
            (5, 0),
        ];
        assert_eq!(parents, expected);
    });
}

#[test]
fn each_function_has_its_value_and_its_derivative() {
    for x in [0.3_f64, 1.7] {
        let tanh = 1.0 / x.cosh().powi(2);
        macro_rules! has {
            ($($function:ident($($argument:expr)?) => $slope:expr;)*) => { $(
                let seen = slope(|x| x.$function($($argument)?).record(), x);
                assert_close(stringify!($function), seen, [x.$function($($argument)?), $slope]);
            )* };
        }
        has! {
            sin() => x.cos();
            cos() => -x.sin();
            exp() => x.exp();
            ln() => 1.0 / x;
            sqrt() => 0.5 / x.sqrt();
            tanh() => tanh;
            exp_m1() => x.exp();
            ln_1p() => 1.0 / (1.0 + x);
            abs() => 1.0;
            powi(3) => 3.0 * x * x;
            powi(-2) => -2.0 / (x * x * x);
            powi(1) => 1.0;
            powi(0) => 0.0;
            powf(2.5) => 2.5 * x.powf(1.5);
            max(0.1) => 1.0;
            max(9.0) => 0.0;
            min(0.1) => 0.0;
            min(9.0) => 1.0;
            hypot(2.0) => x / x.hypot(2.0);
            atan2(2.0) => 2.0 / (x * x + 4.0);
        }
    }
    assert_eq!(slope(|x| x.abs().record(), -3.0), [3.0, -1.0]);
}

#[test]
fn each_function_of_two_arguments_has_both_derivatives() {
    let seen = slopes(|x, y| x.powf(y).record(), 3.0, 2.0);
    assert_close("powf", seen, [9.0, 6.0, 9.0 * 3.0_f64.ln()]);
    let seen = slopes(|x, y| x.max(y).record(), 3.0, 2.0);
    assert_close("max", seen, [3.0, 1.0, 0.0]);
    let seen = slopes(|x, y| x.min(y).record(), 3.0, 2.0);
    assert_close("min", seen, [2.0, 0.0, 1.0]);
    let seen = slopes(|x, y| x.hypot(y).record(), 3.0, 4.0);
    assert_close("hypot", seen, [5.0, 0.6, 0.8]);
    let seen = slopes(|y, x| y.atan2(x).record(), 3.0, 4.0);
    assert_close("atan2", seen, [3.0_f64.atan2(4.0), 4.0 / 25.0, -3.0 / 25.0]);
}

#[test]
fn a_function_of_an_expression_scales_all_of_its_partials() {
    let seen = slopes(|x, y| (x * y).sin().record(), 0.5, 3.0);
    let cos = 1.5_f64.cos();
    assert_close("sin(x·y)", seen, [1.5_f64.sin(), cos * 3.0, cos * 0.5]);
}

#[test]
fn at_a_tie_each_gets_half() {
    assert_eq!(slopes(|x, y| x.max(y).record(), 2.0, 2.0), [2.0, 0.5, 0.5]);
    assert_eq!(slopes(|x, y| x.min(y).record(), 2.0, 2.0), [2.0, 0.5, 0.5]);
}

#[test]
fn the_larger_and_the_smaller_of_nan_is_nan() {
    for (x, y) in [(f64::NAN, 1.0), (1.0, f64::NAN)] {
        for [value, by_x, by_y] in [
            slopes(|x, y| x.max(y).record(), x, y),
            slopes(|x, y| x.min(y).record(), x, y),
        ] {
            assert!(value.is_nan(), "of {x} and {y}: {value}");
            assert_eq!([by_x, by_y], [1.0, 1.0]);
        }
    }
}

#[test]
fn at_a_kink_the_derivative_is_0() {
    assert_eq!(slope(|x| x.abs().record(), 0.0), [0.0, 0.0]);
    assert_eq!(
        slopes(|x, y| x.hypot(y).record(), 0.0, 0.0),
        [0.0, 0.0, 0.0]
    );
    assert_eq!(
        slopes(|y, x| y.atan2(x).record(), 0.0, 0.0),
        [0.0, 0.0, 0.0]
    );
}

#[test]
fn powers_have_no_0_times_infinity() {
    let at = |x: f64, y: f64| slopes(|x, y| x.powf(y).record(), x, y);
    assert_eq!(at(0.0, 0.0), [1.0, 0.0, 0.0]);
    assert_eq!(at(0.0, 2.0), [0.0, 0.0, 0.0]);
    assert_eq!(at(0.0, -1.0)[..2], [f64::INFINITY, f64::NEG_INFINITY]);
    assert_eq!(at(0.5, f64::INFINITY), [0.0, 0.0, 0.0]);
    assert_eq!(at(f64::INFINITY, -1.0)[2], 0.0);
    assert_eq!(slope(|x| x.powi(0).record(), 0.0), [1.0, 0.0]);
    assert_eq!(slope(|x| x.powi(i32::MIN).record(), 1.0)[0], 1.0);
}

#[test]
fn the_derivative_of_tanh_keeps_its_digits() {
    for x in [2.0_f64, 10.0, 20.0, -15.0] {
        let sech = 1.0 / x.cosh();
        let seen = slope(|x| x.tanh().record(), x);
        assert_close("tanh", seen, [x.tanh(), sech * sech]);
    }
}

#[test]
fn near_0_no_digits_are_lost() {
    assert_eq!(slope(|x| x.exp_m1().record(), 1e-20), [1e-20, 1.0]);
    assert_eq!(slope(|x| x.ln_1p().record(), 1e-20), [1e-20, 1.0]);
}

#[test]
fn large_numbers_do_not_overflow_on_the_way() {
    let seen = slopes(|x, y| x.hypot(y).record(), 3e200, 4e200);
    assert_close("hypot", seen, [5e200, 0.6, 0.8]);
    let seen = slopes(|y, x| y.atan2(x).record(), 3e200, 4e200);
    assert_close("atan2", seen, [0.75_f64.atan(), 1.6e-201, -1.2e-201]);
    let seen = slopes(|x, y| (x / y).record(), 1e200, 1e200);
    assert_close("x / y", seen, [1.0, 1e-200, -1e-200]);
}

#[test]
fn floor_and_sign_are_plain_numbers() {
    Tape::new().open(|trace| {
        let x = trace.input(-2.5);
        let (floor, sign): (f64, f64) = (x.floor(), (x * 2.0).sign());
        assert_eq!((floor, sign), (-3.0, -1.0));
        assert_eq!(trace.input(0.0).sign(), 0.0);
        assert!(trace.input(f64::NAN).sign().is_nan());
    });
}

#[test]
fn comparisons_compare_the_values() {
    Tape::new().open(|trace| {
        let (x, y) = (trace.input(3.0), trace.input(4.0));
        assert!(x < y && x * x > y && x + 1.0 == y && x != y);
        assert!(x > 2.5 && y <= 4.0 && x == 3.0);
        let nan = trace.input(f64::NAN);
        assert!(nan != nan && nan.partial_cmp(&x).is_none());
        assert_eq!(trace.edges(), []);
    });
}

//! # The other direction
//!
//! Chapter: stage5.md#forward
//!
//! About: gradients, higher derivatives
//!
//! Items: forward.rs `Dual::input`, `Dual::constant`, `Dual::unary`, `Dual::binary`, `Add for Dual<T>`,
//! `Sub for Dual<T>`, `Mul for Dual<T>`, `Div for Dual<T>`, `Neg for Dual<T>`, `Number for Dual<T>`,
//! `From<f64> for Dual<T>`, `PartialOrd for Dual<T>`, `hessian_vector`
//!
//! A `Dual<T = f64>` is a number with its derivative in one input. It obeys the rules that are there
//! already, so it is a `Number`, and a tape can compute with it: then each gradient comes with its
//! own derivative. A dual number of dual numbers carries the second derivative too, and so on.
//!
//! In `forward.rs`, `Dual` has the public fields `value: T` and `slope: T`, and derives `Clone`, `Copy`,
//! `Debug` and `PartialEq`. `Dual::input(x)` has the slope 1, `Dual::constant(x)` and
//! `Dual::from(2.0)` the slope 0. It has the operators with dual numbers and with `f64`
//! on either side, all functions of `Number`, and comparisons of the values. A slope of 0
//! contributes 0, not 0 · ∞, in each part of a dual number: `times` has to see to that.
//!
//! `hessian_vector(f, x: &[f64], direction: &[f64]) -> (Vec<f64>, Vec<f64>)` returns the gradient of `f` at
//! `x` and how it changes in a direction, from one sweep over a tape of dual numbers. `f` is an
//! `impl for<'t> FnOnce(&[Var<'t, Dual>]) -> Var<'t, Dual>`. A direction of another length is refused:
//! "`hessian_vector`: expected a direction of 2 numbers, as many as inputs, not 3". `lib.rs` exports
//! `Dual` and `hessian_vector`.
//!
//! Hint 1: `Dual::binary` calls the rule with both values: the slope is the sum of weight · slope over the
//! arguments.
//! Hint 2: Whatever a rule computes is of type `T`, so the weights of a dual number's rule are
//! themselves dual where `T` is. Nothing has to be written for higher orders. Of a pair such as
//! `sin_cos`, each half has a slope: for the slope of `tanh`, 1 − tanh², it is −2 · tanh times that of `tanh`.
//! Hint 3: The inputs of `hessian_vector` are `Dual { value, slope }`, with the slopes from the direction.
//! `Tape::new().gradient(f, &inputs)` returns dual numbers: their values are the gradient, their slopes
//! the product.

use pretty_assertions::assert_eq;
use stage5::{Dual, Number, Tape, Var, gradient, hessian_vector};

#[path = "../../../tests/src/panics.rs"]
mod panics;

use panics::refused;

#[track_caller]
fn assert_close(what: &str, seen: f64, expected: f64) {
    let close = (seen - expected).abs() <= 1e-12 * expected.abs().max(1.0);
    assert!(close, "{what}\n  left: {seen}\n right: {expected}");
}

#[test]
fn an_input_has_the_slope_1_and_a_constant_0() {
    let (x, c) = (Dual::input(3.0), Dual::constant(4.0));
    assert_eq!((x.value, x.slope), (3.0, 1.0));
    assert_eq!((c.value, c.slope), (4.0, 0.0));
    assert_eq!(Dual::from(4.0), c);
    assert_eq!(x.value(), 3.0);
}

#[test]
fn operators_carry_the_slope_along() {
    let x = Dual::input(6.0);
    let y = Dual {
        value: 2.0,
        slope: 10.0,
    };
    let parts = |dual: Dual| (dual.value, dual.slope);
    assert_eq!(parts(x + y), (8.0, 11.0));
    assert_eq!(parts(x - y), (4.0, -9.0));
    assert_eq!(parts(x * y), (12.0, 62.0));
    assert_eq!(parts(x / y), (3.0, -14.5));
    assert_eq!(parts(-x), (-6.0, -1.0));
    assert_eq!(parts(2.0 - x * 3.0), (-16.0, -3.0));
    assert_eq!(parts(12.0 / x + 1.0), (3.0, -1.0 / 3.0));
    assert!(x > y && x == Dual::input(6.0) && x != Dual::constant(6.0));
}

/// Each function in both modes.
#[test]
fn each_function_has_the_slope_of_the_tape() {
    for (x, y) in [(0.3, 1.7), (1.7, 0.3)] {
        macro_rules! same {
            ($($function:ident($($argument:expr)?);)*) => { $(
                let dual = Dual::input(x).$function($($argument.into())?);
                let taped = gradient(|x| x[0].$function($($argument)?).record(), &[x]);
                assert_close(stringify!($function), dual.value, taped.0);
                assert_close(stringify!($function), dual.slope, taped.1[0]);
            )* };
        }
        same! { sin(); cos(); exp(); ln(); sqrt(); tanh(); exp_m1(); ln_1p(); abs(); powi(3); }
        same! { powf(y); max(y); min(y); hypot(y); atan2(y); }
    }
}

#[test]
fn a_slope_of_0_contributes_nothing() {
    assert_eq!(Dual::constant(0.0).sqrt().slope, 0.0);
    assert_eq!((Dual::input(3.0) * Dual::constant(0.0).sqrt()).slope, 0.0);
}

#[test]
fn a_gradient_of_0_contributes_nothing_while_its_slope_does() {
    // The slope of √x at 0 is infinite, and y is 0. But y moves.
    let steep = hessian_vector(
        |x| (x[0].sqrt().record() * x[1]).record(),
        &[0.0, 0.0],
        &[0.0, 1.0],
    );
    assert_eq!(steep, (vec![0.0, 0.0], vec![f64::INFINITY, 0.0]));
}

#[test]
fn a_dual_of_duals_carries_the_second_derivative() {
    let x = Dual::input(Dual::input(3.0));
    assert_eq!(x.powi(3).slope.slope, 18.0);
    let y = x.sin() * x;
    let second = 2.0 * 3.0_f64.cos() - 3.0 * 3.0_f64.sin();
    assert_close("(x sin x)″", y.slope.slope, second);
}

#[test]
fn a_tape_of_dual_numbers_carries_the_second_derivative() {
    Tape::new().open(|trace| {
        let x = trace.input(Dual::input(3.0));
        let cube = (x * x * x + 1.0).record();
        assert_eq!(
            cube.value(),
            Dual {
                value: 28.0,
                slope: 27.0
            }
        );
        let by_x = trace.backward(&[(cube, Dual::from(1.0))]).of(x);
        assert_eq!(
            by_x,
            Dual {
                value: 27.0,
                slope: 18.0
            }
        );
    });
}

#[test]
fn a_hessian_vector_product_is_a_column_of_the_hessian() {
    fn f<'t, T: Number>(x: &[Var<'t, T>]) -> Var<'t, T> {
        (x[0] * x[0] * x[1]).record()
    }
    let (slopes, product) = hessian_vector(f, &[3.0, 5.0], &[1.0, 0.0]);
    assert_eq!(slopes, gradient(f, &[3.0, 5.0]).1);
    assert_eq!((slopes, product), (vec![30.0, 9.0], vec![10.0, 6.0]));
    let (_, product) = hessian_vector(f, &[3.0, 5.0], &[0.0, 1.0]);
    assert_eq!(product, [6.0, 0.0]);
    let (_, product) = hessian_vector(f, &[3.0, 5.0], &[2.0, -1.0]);
    assert_eq!(product, [14.0, 12.0]);
}

#[test]
fn a_direction_of_another_length_is_refused() {
    refused(&["`hessian_vector`", "2 numbers", "not 3"], || {
        hessian_vector(|x| x[0], &[1.0, 2.0], &[0.0; 3]);
    });
}

#[test]
fn six_derivatives_of_tanh_come_from_a_tape_of_nested_numbers() {
    type Fifth = Dual<Dual<Dual<Dual<Dual>>>>;
    let x = 0.5_f64;
    let input: Fifth = Dual::input(Dual::input(Dual::input(Dual::input(Dual::input(x)))));
    let (y, by_x) = Tape::new().gradient(|x| x[0].tanh().record(), &[input]);
    // By t = tanh x, each is a polynomial: t′ = 1 − t², and so on.
    let t = x.tanh();
    let s = 1.0 - t * t;
    let d = &by_x[0];
    assert_close("order 0", y.value(), t);
    assert_close("order 1", d.value(), s);
    assert_close("order 2", d.slope.value(), -2.0 * t * s);
    assert_close("order 3", d.slope.slope.value(), s * (6.0 * t * t - 2.0));
    let fourth = s * (16.0 * t - 24.0 * t.powi(3));
    assert_close("order 4", d.slope.slope.slope.value(), fourth);
    let fifth = s * (120.0 * t.powi(4) - 120.0 * t * t + 16.0);
    assert_close("order 5", d.slope.slope.slope.slope.value(), fifth);
    let sixth = s * (-720.0 * t.powi(5) + 960.0 * t.powi(3) - 272.0 * t);
    assert_close("order 6", d.slope.slope.slope.slope.slope, sixth);
}

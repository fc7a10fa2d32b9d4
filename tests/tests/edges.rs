//! Gradients at the edges of `f64`, in every stage: where a rule as the textbook has it would lose
//! its digits, overflow, or say 0 · ∞.

use tests::dual::{self, Dual};
use tests::number::{Number, Operators};
use tests::stages::{Nested, Noted, Stage, on_a_tape};

const INFINITY: f64 = f64::INFINITY;

/// How far a gradient may be off, relative to itself. The rounding of a few operations is far
/// below it, and the faults are far above.
const TOLERANCE: f64 = 1e-13;

fn is_close(gradient: f64, expected: f64) -> bool {
    // The smallest number is what a rounding costs among the subnormal ones.
    let allowed = (TOLERANCE * expected.abs()).max(f64::from_bits(1));
    gradient == expected || expected.is_finite() && (gradient - expected).abs() <= allowed
}

fn check(who: &str, gradient: &[f64], expected: &[f64]) {
    assert_eq!(gradient.len(), expected.len());
    let mut pairs = gradient.iter().zip(expected);
    assert!(
        pairs.all(|(found, expected)| is_close(*found, *expected)),
        "{who}: {gradient:?}, not {expected:?}"
    );
}

fn check_stage<S: Stage>(f: impl FnOnce(&[S]) -> S, x: &[f64], expected: &[f64]) {
    check(S::NAME, &S::gradient(f, x).1, expected);
}

/// A test that one gradient is the same in all stages, and by dual numbers.
macro_rules! gradients {
    ($($name:ident: ($($input:ident = $at:expr),+) => $f:expr, is $expected:expr;)*) => { $(
        #[test]
        fn $name() {
            fn function<N: Number>(inputs: &[N]) -> N
            where
                for<'a> &'a N: Operators<N>,
            {
                let [$($input),+] = inputs else { unreachable!() };
                $f
            }
            let (x, expected) = ([$($at),+], $expected);
            check("dual numbers", &dual::gradient(function::<Dual>, &x), &expected);
            check_stage(function::<stage1::Var>, &x, &expected);
            check_stage(function::<stage2::Container>, &x, &expected);
            check_stage(function::<stage3::Value>, &x, &expected);
            check_stage(function::<stage4::Value>, &x, &expected);
            check_stage(function::<Noted>, &x, &expected);
        }
    )* };
}

// The numbers are rounded from sixty digits.
gradients! {
    tanh_keeps_its_digits_at_18: (x = 18.0) => x.tanh(), is [9.278091320974273e-16];
    tanh_keeps_its_digits_at_minus_18: (x = -18.0) => x.tanh(), is [9.278091320974273e-16];
    tanh_is_not_flat_at_20: (x = 20.0) => x.tanh(), is [1.6993417021166355e-17];
    tanh_is_not_flat_at_300: (x = 300.0) => x.tanh(), is [1.0601586212017243e-260];
    tanh_is_not_flat_where_its_slope_is_subnormal: (x = 370.0) => x.tanh(), is [1.675e-321];
    tanh_is_flat_where_cosh_overflows: (x = 711.0) => x.tanh(), is [0.0];
    tanh_is_flat_at_infinity: (x = INFINITY) => x.tanh(), is [0.0];

    a_square_of_a_tiny_number_has_a_slope: (x = 1e-200) => x.powf(&N::from(2.0)), is [2e-200];
    x_to_an_infinite_power_is_flat_below_1: (x = 0.5, y = INFINITY) => x.powf(y), is [0.0, 0.0];
    x_to_an_infinite_power_is_flat_at_0: (x = 0.0, y = INFINITY) => x.powf(y), is [0.0, 0.0];
    x_to_an_infinite_power_is_steep_above_1:
        (x = 2.0, y = INFINITY) => x.powf(y), is [INFINITY, INFINITY];
    x_to_minus_infinity_is_flat_above_1: (x = 2.0, y = -INFINITY) => x.powf(y), is [0.0, 0.0];
    infinity_to_minus_infinity_is_flat: (x = INFINITY, y = -INFINITY) => x.powf(y), is [0.0, 0.0];
    infinity_to_a_negative_power_is_flat: (x = INFINITY, y = -1.0) => x.powf(y), is [0.0, 0.0];
    infinity_squared_is_steep: (x = INFINITY, y = 2.0) => x.powf(y), is [INFINITY, INFINITY];
    x_to_the_0_is_flat_at_infinity: (x = INFINITY) => x.powf(&N::from(0.0)), is [0.0];
    x_to_the_1_has_slope_1_at_infinity: (x = INFINITY) => x.powf(&N::from(1.0)), is [1.0];
    x_to_a_negative_power_is_vertical_at_0:
        (x = 0.0, y = -1.0) => x.powf(y), is [-INFINITY, -INFINITY];
    x_to_the_0_is_flat_at_0: (x = 0.0, y = 0.0) => x.powf(y), is [0.0, 0.0];

    a_quotient_of_tiny_numbers_has_its_slopes:
        (x = 1e-170, y = 1e-170) => x / y, is [1e170, -1e170];
    a_quotient_of_huge_numbers_has_its_slopes:
        (x = 1e160, y = 1e160) => x / y, is [1e-160, -1e-160];
    a_quotient_by_infinity_is_flat: (x = 1.0, y = INFINITY) => x / y, is [0.0, 0.0];

    the_root_of_the_smallest_number_has_its_slope:
        (x = f64::from_bits(1)) => x.sqrt(), is [2.2494568972715982e161];
    the_root_is_flat_at_infinity: (x = INFINITY) => x.sqrt(), is [0.0];
    the_logarithm_is_flat_at_infinity: (x = INFINITY) => x.ln(), is [0.0];
    the_exponential_is_flat_at_minus_infinity: (x = -INFINITY) => x.exp(), is [0.0];
    the_exponential_is_steep_at_infinity: (x = INFINITY) => x.exp(), is [INFINITY];
    a_sine_of_a_huge_number_has_its_slope: (x = 1e22) => x.sin(), is [0.523214785395139];
}

/// The orders 1 to 4 of tanh.
fn check_tanh<S: Nested>(x: f64, expected: [f64; 4]) {
    let order = |order| S::derivative_of_order(order, &|x: &S| x.tanh(), &S::from(x)).value();
    check(S::NAME, &[1, 2, 3, 4].map(order), &expected);
}

fn tanh_at(x: f64, expected: [f64; 4]) {
    check_tanh::<stage3::Value>(x, expected);
    check_tanh::<stage4::Value>(x, expected);
    check("stage5", &stage5_tanh(x), &expected);
    let dual = dual_tanh(x);
    check("dual numbers", &dual, &expected);
}

/// The orders 1 to 4, on a tape of numbers that carry three.
fn stage5_tanh(x: f64) -> [f64; 4] {
    use stage5::Dual;
    use tests::dual::Orders;
    type Dual3 = Dual<Dual<Dual>>;
    let (_, slope) = on_a_tape(|x| x[0].tanh(), &[Dual3::input_at(x)]);
    [0, 1, 2, 3].map(|order| slope[0].order(order))
}

fn dual_tanh(x: f64) -> [f64; 4] {
    use tests::dual::Orders;
    type Dual4 = Dual<Dual<Dual<Dual<f64>>>>;
    let tanh = Dual4::input_at(x).tanh();
    [1, 2, 3, 4].map(|order| tanh.order(order))
}

#[test]
fn each_derivative_of_tanh_keeps_its_digits_at_18() {
    let sech_2 = 9.278091320974273e-16;
    tanh_at(18.0, [1.0, -2.0, 4.0, -8.0].map(|factor| factor * sech_2));
    tanh_at(-18.0, [1.0, 2.0, 4.0, 8.0].map(|factor| factor * sech_2));
}

#[test]
fn each_derivative_of_tanh_is_right_at_0() {
    tanh_at(0.0, [1.0, 0.0, -2.0, 0.0]);
}

#[test]
fn each_derivative_of_tanh_is_0_far_out() {
    for x in [400.0, 711.0, 1e300, INFINITY] {
        tanh_at(x, [0.0; 4]);
        tanh_at(-x, [0.0; 4]);
    }
}

/// The slope of x² is 0 there, and that of the root is infinite.
#[test]
fn a_nested_dual_number_has_the_slope_of_a_single_one() {
    use stage5::{Dual, Number};
    fn length<T: Number>(x: T) -> T {
        (x * x).sqrt()
    }
    let (single, nested) = (Dual::input(0.0), Dual::input(Dual::input(0.0)));
    assert_eq!(length(single).slope, 0.0);
    assert_eq!(length(nested).slope.value, 0.0);
    assert_eq!(length(nested).value.slope, 0.0);
}

//! Powers at 0 and at infinity, negative bases, ties, and slopes that keep their digits.

use pretty_assertions::assert_eq;
use stage4::ops::select;
use stage4::{Value, elementwise_grad, grad, grads};

use crate::check::{array, assert_close, check};
use ndarray::arr0;

/// The first, second and third derivative of `f` at `x`.
fn derivatives(f: fn(&Value) -> Value, x: f64) -> [f64; 3] {
    let x = Value::from(x);
    [
        grad(f)(&x).value(),
        grad(grad(f))(&x).value(),
        grad(grad(grad(f)))(&x).value(),
    ]
}

#[test]
fn powers_with_a_plain_exponent_have_their_derivatives_at_0() {
    assert_eq!(derivatives(|x| x.powf(0.0), 0.0), [0.0, 0.0, 0.0]);
    assert_eq!(derivatives(|x| x.powf(1.0), 0.0), [1.0, 0.0, 0.0]);
    assert_eq!(derivatives(|x| x.powf(2.0), 0.0), [0.0, 2.0, 0.0]);
    assert_eq!(derivatives(|x| x.powf(3.0), 0.0), [0.0, 0.0, 6.0]);
    assert_eq!(grad(|x| x.powf(0.5))(&Value::from(0.0)), f64::INFINITY);
    assert_eq!(grad(Value::sqrt)(&Value::from(0.0)), f64::INFINITY);
}

#[test]
fn a_negative_base_with_a_whole_exponent_is_finite() {
    assert_eq!(derivatives(|x| x.powf(3.0), -2.0), [12.0, -12.0, 6.0]);
    assert_eq!(derivatives(|x| x.powf(-1.0), -2.0), [-0.25, -0.25, -0.375]);
    assert_eq!(derivatives(|x| x.powf(0.0), -2.0), [0.0, 0.0, 0.0]);
}

#[test]
fn a_base_of_0_has_no_derivative_by_the_exponent() {
    let by_exponent = |y: f64| grad(|y| Value::from(0.0).powf(y))(&Value::from(y)).value();
    for exponent in [0.0, 0.5, 2.0] {
        assert_eq!(by_exponent(exponent), 0.0);
    }
    assert_eq!(by_exponent(-1.0), f64::NEG_INFINITY);
    assert!(by_exponent(f64::NAN).is_nan());
}

#[test]
fn the_edges_of_powers_stay_in_their_places_of_an_array() {
    let x = array(&[6], &[0.0, 0.0, 0.0, -2.0, 2.0, 0.0]);
    let y = array(&[6], &[0.0, 1.0, 2.0, 3.0, 0.0, 3.0]);
    let gradients = grads(|p| p[0].powf(&p[1]).sum())(&[x, y.clone()]);
    let by_x = [0.0, 1.0, 0.0, 12.0, 0.0, 0.0];
    assert_eq!(gradients[0].array(), array(&[6], &by_x).array());
    let mut by_y = gradients[1].array();
    assert!(by_y[3].is_nan()); // the logarithm of −2
    by_y[3] = 0.0;
    let ln_2 = 2.0_f64.ln();
    assert_eq!(by_y, array(&[6], &[0.0, 0.0, 0.0, 0.0, ln_2, 0.0]).array());
}

#[test]
fn the_mixed_second_derivative_is_right_where_the_exponent_is_0() {
    let power = |p: &[Value]| p[0].powf(&p[1]);
    let at = [Value::from(2.0), Value::from(0.0)];
    // d/dx xʸ = y·xʸ⁻¹, and in y at y = 0 that is 1/x.
    let by_base_first = grads(|p| grads(power)(p).swap_remove(0))(&at);
    let by_exponent_first = grads(|p| grads(power)(p).swap_remove(1))(&at);
    assert_eq!(by_base_first, [0.0, 0.5]);
    assert_close(&by_exponent_first[0], &arr0(0.5));
    check(&power, &at).unwrap();
}

#[test]
fn x_to_the_x_at_2_has_the_known_gradient() {
    let gradient = grad(|x| x.powf(x))(&Value::from(2.0));
    assert_close(&gradient, &arr0(6.772588722239782));
}

#[test]
fn maximum_and_minimum_of_equals_share_the_gradient_in_halves() {
    let at = [Value::from(3.0), Value::from(3.0)];
    assert_eq!(grads(|x| x[0].maximum(&x[1]))(&at), [0.5, 0.5]);
    assert_eq!(grads(|x| x[0].minimum(&x[1]))(&at), [0.5, 0.5]);
    assert_eq!(grad(|x| x.maximum(x))(&Value::from(3.0)), 1.0);
}

#[test]
fn max_and_min_share_the_gradient_evenly_among_equals_along_each_lane() {
    let x = array(&[2, 3], &[5.0, 5.0, 1.0, 2.0, 2.0, 2.0]);
    let third = 1.0 / 3.0;
    let by_max = grad(|x| x.max_axis(1).sum())(&x);
    assert_close(
        &by_max,
        &array(&[2, 3], &[0.5, 0.5, 0.0, third, third, third]).array(),
    );
    let by_min = grad(|x| x.min_axis(1).sum())(&x);
    assert_close(
        &by_min,
        &array(&[2, 3], &[0.0, 0.0, 1.0, third, third, third]).array(),
    );
    let by_all = grad(|x| x.min_axis([0, 1]))(&array(&[2, 2], &[1.0, 3.0, 4.0, 1.0]));
    assert_eq!(
        by_all.array(),
        array(&[2, 2], &[0.5, 0.0, 0.0, 0.5]).array()
    );
}

#[test]
fn at_0_relu_and_abs_have_the_derivative_0() {
    let x = array(&[3], &[-2.0, 0.0, 2.0]);
    let relu = grad(|x| select(&x.greater(0.0), x, 0.0).sum())(&x);
    assert_eq!(relu.array(), array(&[3], &[0.0, 0.0, 1.0]).array());
    let abs = grad(|x| x.abs().sum())(&x);
    assert_eq!(abs.array(), array(&[3], &[-1.0, 0.0, 1.0]).array());
}

#[test]
fn a_quotient_of_tiny_or_huge_numbers_has_the_right_slope() {
    let by_denominator = |x: f64| grad(|y| Value::from(x) / y)(&Value::from(x)).value();
    for x in [1e-170, 1e160] {
        assert!((by_denominator(x) * x + 1.0).abs() < 1e-14);
    }
}

#[test]
fn exp_m1_has_the_slope_of_exp_where_both_are_tiny() {
    assert_eq!(grad(|x| x.exp_m1())(&Value::from(-40.0)), (-40.0_f64).exp());
}

#[test]
fn ln_1p_and_exp_m1_are_exact_near_0() {
    for x in [1e-20, -1e-20, 1e-300] {
        let x = Value::from(x);
        assert_eq!([x.ln_1p(), x.exp_m1()], [x.clone(), x]);
    }
}

/// Panics unless the first derivatives of `f` at `x` are `expected`, but for their last digits.
#[track_caller]
fn assert_derivatives<const N: usize>(f: fn(&Value) -> Value, x: f64, expected: [f64; N]) {
    for (order, (found, expected)) in derivatives(f, x).into_iter().zip(expected).enumerate() {
        let error = (found - expected).abs();
        let close = found == expected || expected.is_finite() && error <= 1e-14 * expected.abs();
        assert!(close, "order {}: {found}, not {expected}", order + 1);
    }
}

#[test]
fn tanh_keeps_its_digits_at_18_and_is_flat_far_out() {
    let sech_2 = 9.278091320974273e-16;
    assert_derivatives(Value::tanh, 18.0, [sech_2, -2.0 * sech_2, 4.0 * sech_2]);
    assert_derivatives(Value::tanh, -18.0, [sech_2, 2.0 * sech_2, 4.0 * sech_2]);
    assert_derivatives(Value::tanh, 0.0, [1.0, 0.0, -2.0]);
    for x in [711.0, 1e300, f64::INFINITY] {
        assert_derivatives(Value::tanh, x, [0.0; 3]);
        assert_derivatives(Value::tanh, -x, [0.0; 3]);
    }
}

#[test]
fn asin_and_acos_keep_their_digits_near_1() {
    // The largest number below 1, where 1 − x² is wrong in its first digit.
    let below_1 = 1.0 - f64::EPSILON / 2.0;
    let expected = [67108864.0, 3.022314549036573e23];
    assert_derivatives(Value::asin, below_1, expected);
    assert_derivatives(Value::acos, below_1, expected.map(|x| -x));
    assert_derivatives(Value::asin, -below_1, [expected[0], -expected[1]]);
    assert_derivatives(Value::asin, 0.9999, [70.71244595190564, 353544.5507641294]);
}

#[test]
fn asin_and_acos_keep_their_digits_near_0() {
    assert_derivatives(Value::asin, 1e-20, [1.0, 1e-20, 1.0]);
    assert_derivatives(Value::acos, 1e-20, [-1.0, -1e-20, -1.0]);
    assert_derivatives(Value::asin, 0.0, [1.0, 0.0, 1.0]);
}

#[test]
fn asin_and_acos_are_vertical_at_both_ends() {
    let infinity = f64::INFINITY;
    assert_derivatives(Value::asin, 1.0, [infinity, infinity]);
    assert_derivatives(Value::asin, -1.0, [infinity, -infinity]);
    assert_derivatives(Value::acos, 1.0, [-infinity, -infinity]);
    assert!(derivatives(Value::asin, 1.1)[0].is_nan());
}

#[test]
fn atan_is_flat_far_out() {
    assert_derivatives(Value::atan, 1e10, [1e-20, -2e-30]);
    assert_derivatives(Value::atan, 1e150, [1e-300]);
    assert_derivatives(Value::atan, 1e200, [0.0, 0.0]);
    assert_derivatives(Value::atan, f64::INFINITY, [0.0]);
}

#[test]
fn ln_1p_keeps_its_digits_at_both_ends() {
    assert_derivatives(Value::ln_1p, 1e-20, [1.0, -1.0, 2.0]);
    let near_minus_1 = f64::EPSILON / 2.0 - 1.0;
    assert_derivatives(Value::ln_1p, near_minus_1, [2.0_f64.powi(53)]);
    assert_derivatives(Value::ln_1p, -1.0, [f64::INFINITY, f64::NEG_INFINITY]);
}

#[test]
fn tan_keeps_its_digits_near_its_pole() {
    let x = std::f64::consts::FRAC_PI_2;
    assert_derivatives(Value::tan, x, [2.667093788113571e32]);
}

#[test]
fn infinite_exponents_and_bases_stay_in_their_places_of_an_array() {
    let infinity = f64::INFINITY;
    let x = array(&[6], &[0.5, 2.0, 0.0, infinity, infinity, 3.0]);
    let y = array(&[6], &[infinity, -infinity, infinity, -1.0, -infinity, 2.0]);
    let power = |p: &[Value]| p[0].powf(&p[1]).sum();
    let at = [x.clone(), y.clone()];
    let gradients = grads(power)(&at);
    let by_x = [0.0, 0.0, 0.0, 0.0, 0.0, 6.0];
    assert_eq!(gradients[0].array(), array(&[6], &by_x).array());
    let by_y = [0.0, 0.0, 0.0, 0.0, 0.0, 9.0 * 3.0_f64.ln()];
    assert_eq!(gradients[1].array(), array(&[6], &by_y).array());
    // Nor do they spoil the second derivatives of the others.
    let curvature = elementwise_grad(elementwise_grad(|x| x.powf(&y)));
    let by_x_twice = [0.0, 0.0, 0.0, 0.0, 0.0, 2.0];
    assert_eq!(curvature(&x).array(), array(&[6], &by_x_twice).array());
}

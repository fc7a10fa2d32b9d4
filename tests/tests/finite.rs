//! The measuring tool itself: how exact it is, and that it catches what is wrong.

use tests::dual::{self, Dual};
use tests::finite::{
    check, check_orders, close, derivative, directional, relative_error, step, trusted,
};
use tests::number::Number;

#[test]
fn a_central_difference_has_ten_good_digits() {
    let (x, exact) = (1.0_f64, 1.0_f64.cos());
    let error = (derivative(f64::sin, x) - exact).abs() / exact;
    assert!(error < 1e-10, "{error}");
}

#[test]
fn the_step_is_6e_minus_6_and_grows_with_the_input() {
    assert!((step(0.0) - 6.055e-6).abs() < 1e-9);
    assert_eq!(step(-1e6), 1e6 * step(1.0));
    assert!(close(derivative(|x| x * x, 1e6), 2e6));
}

#[test]
fn errors_are_relative_to_the_larger_number_or_to_1() {
    assert_eq!(relative_error(3.0, 4.0), 0.25);
    assert_eq!(relative_error(0.25, 0.0), 0.25);
    assert_eq!(relative_error(f64::INFINITY, f64::INFINITY), 0.0);
    assert_eq!(relative_error(f64::NAN, f64::NAN), 0.0);
    assert_eq!(relative_error(f64::NAN, 1.0), f64::INFINITY);
    assert_eq!(relative_error(f64::INFINITY, 1.0), f64::INFINITY);
    assert_eq!(
        relative_error(f64::INFINITY, f64::NEG_INFINITY),
        f64::INFINITY
    );
}

#[test]
fn a_factor_of_2_001_for_2_is_caught() {
    let square = |x: &[f64]| x[0] * x[0];
    assert!(check(square, &[3.0], &[2.0 * 3.0]).is_ok());
    let mismatch = check(square, &[3.0], &[2.001 * 3.0]).unwrap_err();
    assert_eq!((mismatch.input, mismatch.gradient), (0, 6.003));
    assert!(close(mismatch.finite, 6.0));
}

#[test]
fn the_mismatch_names_the_input() {
    let mismatch = check(|x| x[0] + 5.0 * x[1], &[0.0, 0.0], &[1.0, 4.0]).unwrap_err();
    let text = mismatch.to_string();
    assert!(
        text.starts_with("input 1: gradient 4, finite difference 5"),
        "{text}"
    );
}

#[test]
#[should_panic(expected = "one gradient for each input")]
fn a_gradient_of_the_wrong_length_is_refused() {
    let _ = check(|x| x[0], &[1.0, 2.0], &[1.0]);
}

#[test]
fn a_derivative_that_is_wrong_only_at_second_order_is_caught() {
    let orders: [&dyn Fn(f64) -> f64; 3] = [&|x| x * x * x, &|x| 3.0 * x * x, &|x| 6.0 * x];
    assert!(check_orders(&orders, 2.0).is_ok());
    let wrong: [&dyn Fn(f64) -> f64; 3] = [orders[0], orders[1], &|_| 6.0];
    assert_eq!(check_orders(&wrong, 2.0).unwrap_err().0, 2);
}

#[test]
fn a_difference_is_not_trusted_beside_a_kink_or_at_a_jump_or_in_noise() {
    assert!(close(trusted(f64::abs, 1.0).unwrap(), 1.0));
    assert_eq!(trusted(f64::abs, step(0.0) / 2.0), None);
    assert_eq!(trusted(f64::floor, 1.0), None);
    assert_eq!(trusted(|x| x * x + 1e8, 3.0), None);
}

#[test]
fn a_direction_weighs_the_derivatives_of_all_inputs() {
    let f = |x: &[f64]| x[0] * x[0] + 5.0 * x[1];
    let slope = directional(f, &[3e6, 2.0], &[1e-3, 1e3]);
    assert!(close(slope, 6e6 * 1e-3 + 5.0 * 1e3), "{slope}");
}

#[test]
#[should_panic(expected = "one speed for each input")]
fn a_direction_of_the_wrong_length_is_refused() {
    directional(|x| x[0], &[1.0, 2.0], &[1.0]);
}

#[test]
#[should_panic(expected = "nothing moves along a direction of zeros")]
fn a_direction_of_zeros_is_refused() {
    directional(|x| x[0], &[1.0, 2.0], &[0.0, 0.0]);
}

#[test]
fn a_dual_number_squared_is_9_with_slope_6() {
    let x = Dual::input(3.0);
    assert_eq!(
        x * x,
        Dual {
            value: 9.0,
            slope: 6.0
        }
    );
}

#[test]
fn nested_dual_numbers_give_the_mixed_derivative_of_a_power() {
    // The derivative of x^y in x is y·x^(y-1), and of that in y at (2, 0) it is 1/2.
    let x = Dual::constant(Dual::input(2.0));
    let y = Dual::input(Dual::constant(0.0));
    assert_eq!(x.powf(&y).slope.slope, 0.5);
}

#[test]
fn the_gradient_of_a_product_takes_one_run_for_each_input() {
    let runs = std::cell::Cell::new(0);
    let product = |x: &[Dual]| {
        runs.set(runs.get() + 1);
        x[0] * x[1] * x[2]
    };
    assert_eq!(dual::gradient(product, &[2.0, 3.0, 5.0]), [15.0, 10.0, 6.0]);
    assert_eq!(runs.get(), 3);
}

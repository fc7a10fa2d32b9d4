//! Taylor coefficients have the derivatives of nested dual numbers.

use stage5::taylor::Taylor;
use stage5::{Dual, Number};

type Six = Dual<Dual<Dual<Dual<Dual<Dual>>>>>;

/// The input of six orders.
fn six(x: f64) -> Six {
    Dual::input(Dual::input(Dual::input(Dual::input(Dual::input(
        Dual::input(x),
    )))))
}

/// The derivatives from order 0 to 6.
fn orders(y: Six) -> [f64; 7] {
    [
        y.value(),
        y.slope.value(),
        y.slope.slope.value(),
        y.slope.slope.slope.value(),
        y.slope.slope.slope.slope.value(),
        y.slope.slope.slope.slope.slope.value(),
        y.slope.slope.slope.slope.slope.slope,
    ]
}

#[track_caller]
fn assert_same(what: &str, x: f64, seen: Taylor<7>, expected: Six) {
    for (order, expected) in orders(expected).into_iter().enumerate() {
        let seen = seen.derivative(order);
        let close = (seen - expected).abs() <= 1e-10 * expected.abs().max(1.0);
        assert!(
            close,
            "order {order} of {what} at {x}\n  left: {seen}\n right: {expected}"
        );
    }
}

#[test]
fn the_input_is_x_plus_t() {
    assert_eq!(Taylor::<4>::input(3.0), Taylor([3.0, 1.0, 0.0, 0.0]));
    assert_eq!(Taylor::<3>::from(2.0), Taylor([2.0, 0.0, 0.0]));
    assert_eq!(Taylor::<1>::input(3.0), Taylor([3.0]));
}

#[test]
fn a_cube_has_its_derivatives() {
    let x = Taylor::<5>::input(3.0);
    let cube = x * x * x;
    let seen = [0, 1, 2, 3, 4].map(|order| cube.derivative(order));
    assert_eq!(seen, [27.0, 27.0, 18.0, 6.0, 0.0]);
}

#[test]
fn six_derivatives_of_tanh_at_200_points_are_those_of_nested_numbers() {
    for point in 0..200 {
        let x = -5.0 + f64::from(point) / 20.0;
        assert_same("tanh", x, Taylor::input(x).tanh(), six(x).tanh());
    }
}

#[test]
fn each_operation_has_the_derivatives_of_nested_numbers() {
    for x in [-1.3, 0.4, 2.0] {
        let (taylor, dual) = (Taylor::<7>::input(x), six(x));
        assert_same("exp", x, taylor.exp(), dual.exp());
        assert_same("sin", x, taylor.sin(), dual.sin());
        assert_same("cos", x, taylor.cos(), dual.cos());
        assert_same("-x", x, -taylor, -dual);
        let (two, both) = (Taylor::from(2.0), dual * dual + 2.0);
        assert_same("x² + 2", x, taylor * taylor + two, both);
        let (quotient, expected) = (taylor / (taylor * taylor + two), dual / both);
        assert_same("x / (x² + 2)", x, quotient, expected);
        assert_same("2 − sin x", x, two - taylor.sin(), 2.0 - dual.sin());
    }
}

#[test]
fn operations_of_results_have_them_as_well() {
    for x in [-0.7, 0.4, 1.1] {
        let (taylor, dual) = (Taylor::<7>::input(x), six(x));
        let seen = (taylor.sin() * taylor).tanh() / (taylor * taylor).exp();
        let expected = (dual.sin() * dual).tanh() / (dual * dual).exp();
        assert_same("tanh(x sin x) / exp x²", x, seen, expected);
        assert_same("cos eˣ", x, taylor.exp().cos(), dual.exp().cos());
    }
}

/// No nested number could hold so many.
#[test]
fn forty_derivatives_of_exp_are_all_the_same() {
    let y = Taylor::<41>::input(1.0).exp();
    for order in 0..=40 {
        let seen = y.derivative(order);
        assert!((seen / 1.0_f64.exp() - 1.0).abs() < 1e-12, "order {order}: {seen}");
    }
}

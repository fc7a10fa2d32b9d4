//! The tangent has its value, its slope, and one child for each use.

use stage1::Var;

#[track_caller]
fn assert_close(actual: f64, expected: f64) {
    let close = (actual - expected).abs() <= 1e-12 * expected.abs().max(1.0);
    assert!(close, "not close\n  left: {actual}\n right: {expected}");
}

/// The derivative of the tangent at `x`.
fn slope(x: f64) -> f64 {
    let x = Var::new(x);
    x.tan().seed(1.0);
    x.grad()
}

#[test]
fn the_value_is_that_of_the_plain_function() {
    assert_eq!(Var::new(0.5).tan().value(), 0.5_f64.tan());
    assert_eq!(Var::new(-2.0).tan().value(), (-2.0_f64).tan());
}

#[test]
fn the_slope_is_that_of_the_textbook() {
    assert_eq!(slope(0.0), 1.0);
    assert_close(slope(std::f64::consts::FRAC_PI_4), 2.0);
    assert_close(slope(0.5), 0.5_f64.cos().powi(-2));
}

#[test]
fn the_slope_agrees_with_central_differences() {
    for x in [-1.2_f64, -0.3, 0.7, 2.0, 4.0] {
        let h = 1e-6;
        let difference = ((x + h).tan() - (x - h).tan()) / (2.0 * h);
        let close = (slope(x) - difference).abs() < 1e-6 * difference;
        assert!(
            close,
            "at {x}: slope {}, central difference {difference}",
            slope(x)
        );
    }
}

#[test]
fn it_is_one_operation() {
    let x = Var::new(0.5);
    let y = x.tan();
    assert_eq!(x.children().len(), 1);
    assert_eq!(x.children()[0].1.value(), y.value());
}

#[test]
fn it_works_with_the_other_operations() {
    let x = Var::new(0.5);
    let y = x.tan() - x.sin() / x.cos();
    y.seed(1.0);
    assert_close(x.grad(), 0.0);
}

//! ln(1 + x) is exact near 0, and so are its derivatives.

use stage3::ops::LN_1P;
use stage3::{Trace, Value, grad};

#[track_caller]
fn assert_close(actual: f64, expected: f64) {
    let close = (actual - expected).abs() <= 1e-12 * expected.abs().max(1.0);
    assert!(close, "not close\n  left: {actual}\n right: {expected}");
}

fn at(x: f64, f: impl Fn(&Value) -> Value) -> f64 {
    f(&Value::from(x)).value()
}

#[test]
fn the_value_is_exact_near_0() {
    assert_eq!(at(1e-20, Value::ln_1p), 1e-20);
    assert_eq!(at(0.5, Value::ln_1p), 0.5_f64.ln_1p());
    assert_eq!(at(-1.0, Value::ln_1p), f64::NEG_INFINITY);
}

#[test]
fn it_is_one_wrapped_function() {
    let trace = Trace::open();
    let Value::Boxed(y) = Value::Boxed(trace.input(&Value::from(0.5))).ln_1p() else {
        panic!("a function of a container is a container");
    };
    assert_eq!(y.node().primitive.name, LN_1P.name);
    assert_eq!(LN_1P.name, "ln_1p");
}

#[test]
fn its_derivatives_are_those_of_the_textbook() {
    for x in [-0.5, 0.0, 1e-20, 3.0] {
        assert_close(at(x, grad(Value::ln_1p)), 1.0 / (1.0 + x));
        let second = -1.0 / ((1.0 + x) * (1.0 + x));
        assert_close(at(x, grad(grad(Value::ln_1p))), second);
        let third = 2.0 / ((1.0 + x) * (1.0 + x) * (1.0 + x));
        assert_close(at(x, grad(grad(grad(Value::ln_1p)))), third);
    }
}

#[test]
fn it_works_with_the_other_functions() {
    // ln(1 + e^x) has the derivative 1 / (1 + e^−x).
    let softplus = |x: &Value| x.exp().ln_1p();
    assert_close(at(2.0, grad(softplus)), 1.0 / (1.0 + (-2.0_f64).exp()));
}

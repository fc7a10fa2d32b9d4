//! One primitive computes sine and cosine, and both have all derivatives.

use std::rc::Rc;

use stage4::backward::order;
use stage4::pair::{Pair, sin_cos};
use stage4::{Data, Trace, Value, downcast, grad};

#[track_caller]
fn assert_close(actual: &Value, expected: f64) {
    let actual = actual.value();
    let close = (actual - expected).abs() <= 1e-12 * expected.abs().max(1.0);
    assert!(close, "not close\n  left: {actual}\n right: {expected}");
}

#[test]
fn the_values_are_sine_and_cosine() {
    let (sin, cos) = sin_cos(&Value::from(0.5));
    assert_eq!((sin.value(), cos.value()), 0.5_f64.sin_cos());
}

#[test]
fn a_pair_is_data_with_a_gradient() {
    let x = Pair(3.0, 4.0);
    assert_eq!(downcast(&x.zeros()), Some(&Pair(0.0, 0.0)));
    assert_eq!(downcast(&x.ones()), Some(&Pair(1.0, 1.0)));
    let sum = x.add(&(Rc::new(Pair(10.0, 20.0)) as stage4::Raw));
    assert_eq!(downcast(&sum), Some(&Pair(13.0, 24.0)));
}

#[test]
fn both_results_come_from_one_node() {
    let trace = Trace::open();
    let (sin, cos) = sin_cos(&Value::Boxed(trace.input(&Value::from(0.5))));
    let (Value::Boxed(sin), Value::Boxed(cos)) = (sin, cos) else {
        panic!("a function of a container is a container");
    };
    let nodes = order(&[sin.node(), cos.node()]);
    let name = |name: &str| nodes.iter().filter(|n| n.primitive.name == name).count();
    assert_eq!(name("sin_cos"), 1);
    assert_eq!(nodes.len(), 4); // with the input, and one node for each result
}

#[test]
fn each_result_has_its_derivative() {
    let x = Value::from(0.5);
    assert_close(&grad(|x| sin_cos(x).0)(&x), 0.5_f64.cos());
    assert_close(&grad(|x| sin_cos(x).1)(&x), -0.5_f64.sin());
}

#[test]
fn contributions_of_both_results_are_added() {
    // sin x · cos x, with the derivative cos 2x.
    let product = |x: &Value| {
        let (sin, cos) = sin_cos(x);
        sin * cos
    };
    let x = Value::from(0.5);
    assert_close(&grad(product)(&x), 1.0_f64.cos());
    // sin² + cos² = 1.
    let one = |x: &Value| {
        let (sin, cos) = sin_cos(x);
        &sin * &sin + &cos * &cos
    };
    assert_close(&grad(one)(&x), 0.0);
}

#[test]
fn derivatives_are_right_at_every_order() {
    let x = Value::from(0.5);
    assert_close(&grad(grad(|x| sin_cos(x).0))(&x), -0.5_f64.sin());
    assert_close(&grad(grad(|x| sin_cos(x).1))(&x), -0.5_f64.cos());
    assert_close(&grad(grad(grad(|x| sin_cos(x).0)))(&x), -0.5_f64.cos());
    let product = |x: &Value| {
        let (sin, cos) = sin_cos(x);
        sin * cos
    };
    assert_close(&grad(grad(product))(&x), -2.0 * 1.0_f64.sin());
}

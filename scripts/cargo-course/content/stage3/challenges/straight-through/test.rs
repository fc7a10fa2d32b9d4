//! Rounding, with the derivative of the identity.

use stage3::{Value, grad};

fn at(x: f64, f: impl Fn(&Value) -> Value) -> f64 {
    f(&Value::from(x)).value()
}

#[test]
fn the_value_is_rounded() {
    let rounded = [2.4, 2.5, -1.5, 3.0].map(|x| at(x, Value::round));
    assert_eq!(rounded, [2.0, 3.0, -2.0, 3.0]);
}

#[test]
fn the_derivative_is_that_of_the_identity() {
    for x in [2.4, 2.5, -1.5, 3.0] {
        assert_eq!(at(x, grad(Value::round)), 1.0);
        assert_eq!(at(x, grad(grad(Value::round))), 0.0);
    }
}

#[test]
fn the_chain_rule_uses_the_rounded_value() {
    // The product rule: 2 · round(x) · 1.
    let f = |x: &Value| x.round() * x.round();
    assert_eq!(at(2.4, grad(f)), 4.0);
    assert_eq!(at(2.4, grad(grad(f))), 2.0);
}

#[test]
fn floor_is_still_a_constant() {
    assert_eq!(at(2.4, grad(Value::floor)), 0.0);
}

#[test]
fn a_whole_number_can_be_found_by_descent() {
    // The w whose rounded value makes w · 3 = 21.
    let loss = |w: &Value| (w.round() * 3.0 - 21.0).powf(2.0);
    let mut w = 0.2;
    for _ in 0..100 {
        w -= 0.01 * at(w, grad(loss));
    }
    assert_eq!(at(w, Value::round), 7.0);
}

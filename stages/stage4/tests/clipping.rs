//! What the chapter on practice says of gradients that are too long.

#[path = "../examples/clipping.rs"]
#[allow(dead_code, reason = "the tests have no use for what is printed")]
mod clipping;

use clipping::{clip, descend, length, loss};
use ndarray::array;
use stage4::{Value, grads};

#[test]
fn the_gradient_is_that_of_the_formula() {
    let (w, s) = (1.1_f64, 0.9_f64);
    let gradients = grads(loss)(&[Value::from(w), Value::from(s)]);
    let error = 2.0 * (w.powi(10) * s - 0.5);
    let expected = [error * 10.0 * w.powi(9) * s, error * w.powi(10)];
    for (gradient, expected) in gradients.iter().zip(expected) {
        assert!((gradient.value() / expected - 1.0).abs() < 1e-12);
    }
}

#[test]
fn the_length_is_that_of_all_numbers_together() {
    let gradients = [
        Value::from(array![[2.0, 4.0], [5.0, 6.0]]),
        Value::from(0.0),
    ];
    assert_eq!(length(&gradients), 9.0);
}

#[test]
fn clipping_keeps_the_direction_and_leaves_short_gradients_alone() {
    let gradients = [Value::from(array![3.0, 0.0]), Value::from(-4.0)];
    let clipped = clip(&gradients, 1.0);
    assert!((length(&clipped) - 1.0).abs() < 1e-15);
    assert!((clipped[0].index(&[0]).value() - 0.6).abs() < 1e-15);
    assert!((clipped[1].value() + 0.8).abs() < 1e-15);
    let short = clip(&gradients, 10.0);
    assert_eq!(short[0].array(), gradients[0].array());
    assert_eq!(short[1], gradients[1]);
}

#[test]
fn zeros_stay_zeros() {
    assert_eq!(clip(&[Value::from(0.0)], 1.0)[0], 0.0);
}

#[test]
fn only_the_clipped_descent_arrives() {
    let last = |rate, limit| descend(rate, limit, 400).pop().unwrap();
    assert!(last(0.01, None).factor.is_nan());
    assert!(last(1e-5, None).loss > 0.1);
    assert!(last(0.01, Some(1.0)).loss < 1e-20);
}

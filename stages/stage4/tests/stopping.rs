//! What the chapter on stopped gradients says of its example.

#[path = "../examples/stopping.rs"]
#[allow(dead_code, reason = "the tests have no use for what is printed")]
mod stopping;

use ndarray::{Array1, array};
use stage4::{Value, grad, grads};
use stopping::{
    Goals, both, chosen_after, chosen_before, detached, formula, learn, padded, plain, relaxed,
    springs, weights,
};

/// Whether all elements are the same up to `tolerance`.
fn assert_close(actual: &Value, expected: &Value, tolerance: f64) {
    let largest = (actual - expected).abs().max();
    assert!(largest <= tolerance, "{actual} and {expected}");
}

/// The slope of `f` along one element, from two of its values.
fn difference(f: impl Fn(&Value) -> Value, x: &Value, place: &[usize]) -> f64 {
    let nudged = |nudge: f64| {
        let mut elements = x.array();
        elements[place] += nudge;
        f(&Value::from(elements)).value()
    };
    (nudged(1e-6) - nudged(-1e-6)) / 2e-6
}

#[test]
fn the_second_layer_has_one_gradient_however_the_first_is_frozen() {
    let [first, second] = weights();
    let parameters = [first.clone(), second.clone()];
    let [learns, frozen] = [grads(both)(&parameters), grads(detached)(&parameters)];
    let captured = grads(plain)(std::slice::from_ref(&second));
    assert_close(&frozen[1], &learns[1], 0.0);
    assert_close(&captured[0], &learns[1], 0.0);
    assert_close(&frozen[0], &first.zeros(), 0.0);
    for i in 0..3 {
        let loss = |second: &Value| both(&[first.clone(), second.clone()]);
        let slope = learns[1].index(&[i]).value();
        assert!((slope - difference(loss, &second, &[i])).abs() < 1e-8);
    }
    assert!(learns[0].abs().max() > 0.1);
}

#[test]
fn a_detached_goal_leads_to_the_values_and_a_goal_that_moves_does_not() {
    let exact = Array1::from_iter((1..=5).map(|state| f64::from(state) / 6.0));
    for goals in [Goals::Detached, Goals::Copied(20)] {
        assert_close(&learn(goals), &Value::from(exact.clone()), 1e-6);
    }
    // The least sum of squares: each of the outer two steps is taken once, each of the inner ones in
    // both directions, so the values rise by 1/4 at the ends and by 1/8 in between.
    let least = Value::from(array![0.25, 0.375, 0.5, 0.625, 0.75]);
    assert_close(&learn(Goals::Through), &least, 1e-6);
}

#[test]
fn lengths_agree_with_differences_away_from_0() {
    let x = Value::from(array![3.0, 4.0]);
    for length in [formula, chosen_after, padded, chosen_before] {
        for i in 0..2 {
            let slope = grad(length)(&x).index(&[i]).value();
            assert!((slope - difference(length, &x, &[i])).abs() < 1e-8);
        }
    }
}

#[test]
fn at_0_a_choice_has_to_come_before_the_root() {
    let zero = Value::from(array![0.0, 0.0]);
    for length in [formula, chosen_after] {
        assert_eq!(grad(length)(&zero).is_nan().sum(), 2.0);
    }
    for length in [padded, chosen_before] {
        assert_close(&grad(length)(&zero), &zero, 0.0);
    }
    assert_eq!(chosen_before(&zero), 0.0);
    assert_eq!(padded(&zero), 1e-3);
}

#[test]
fn points_at_one_place_stay_there_by_convention() {
    assert!(relaxed(formula, 1).is_nan());
    assert!((relaxed(chosen_before, 200) - 1.0).abs() < 1e-9);
    // With three springs at rest there would be nothing left.
    let apart = Value::from(array![[0.0, 0.0], [1.0, 0.0], [0.5, 0.75_f64.sqrt()]]);
    assert!(springs(chosen_before, &apart).value() < 1e-30);
}

//! Adam moves parameters as its paper says.

use ndarray::array;
use stage4::adam::Adam;
use stage4::{Value, grads};

#[track_caller]
fn assert_close(actual: f64, expected: f64) {
    let close = (actual - expected).abs() <= 1e-9 * expected.abs().max(1.0);
    assert!(close, "not close\n  left: {actual}\n right: {expected}");
}

#[test]
fn the_first_steps_on_a_parabola_are_those_of_the_formula() {
    let mut x = [Value::from(1.0)];
    let mut adam = Adam::new(0.1);
    for expected in [
        0.9000000005,
        0.8004122286917927,
        0.70158627294603,
        0.6039390605737458,
    ] {
        let gradients = grads(|x| &x[0] * &x[0])(&x);
        adam.step(&mut x, &gradients);
        assert_close(x[0].value(), expected);
    }
}

#[test]
fn the_first_step_is_the_rate_whatever_the_gradient() {
    let mut x = [Value::from(array![0.0, 0.0, 0.0])];
    let gradient = Value::from(array![1e-3, -5.0, 1e6]);
    Adam::new(0.5).step(&mut x, &[gradient]);
    for (moved, expected) in x[0].array().iter().zip([-0.5, 0.5, -0.5]) {
        assert!((moved - expected).abs() < 1e-4, "{moved}");
    }
}

#[test]
fn without_a_gradient_nothing_moves() {
    let mut x = [Value::from(7.0)];
    let mut adam = Adam::new(0.5);
    for _ in 0..3 {
        adam.step(&mut x, &[Value::from(0.0)]);
    }
    assert_eq!(x[0], 7.0);
}

#[test]
fn parameters_keep_their_shapes() {
    let mut parameters = [
        Value::from(array![[1.0, 2.0], [3.0, 4.0]]),
        Value::from(5.0),
        Value::from(array![6.0, 7.0, 8.0]),
    ];
    let gradients = parameters.each_ref().map(Value::ones);
    let mut adam = Adam::new(0.1);
    adam.step(&mut parameters, &gradients);
    adam.step(&mut parameters, &gradients);
    assert_eq!(parameters[0].shape(), [2, 2]);
    assert_eq!(parameters[1].shape(), [0; 0]);
    assert_eq!(parameters[2].shape(), [3]);
}

#[test]
fn two_optimisers_do_not_know_of_each_other() {
    let (mut x, mut y) = ([Value::from(1.0)], [Value::from(1.0)]);
    let (mut first, mut second) = (Adam::new(0.1), Adam::new(0.1));
    first.step(&mut x, &[Value::from(1.0)]);
    first.step(&mut x, &[Value::from(-1.0)]);
    second.step(&mut y, &[Value::from(1.0)]);
    assert_close(y[0].value(), 0.9);
}

#[test]
fn a_line_is_fitted() {
    let x = Value::from(array![0.0, 1.0, 2.0, 3.0]);
    let target = Value::from(array![1.0, 3.0, 5.0, 7.0]);
    let loss = |p: &[Value]| {
        let error = &x * &p[0] + &p[1] - &target;
        (&error * &error).mean()
    };
    let mut parameters = [Value::from(0.0), Value::from(0.0)];
    let mut adam = Adam::new(0.05);
    for _ in 0..2000 {
        let gradients = grads(loss)(&parameters);
        adam.step(&mut parameters, &gradients);
    }
    assert!((parameters[0].value() - 2.0).abs() < 1e-3);
    assert!((parameters[1].value() - 1.0).abs() < 1e-3);
}

//! Forward mode on the recorded graph agrees with the walk backward.

use stage2::forward::forward;
use stage2::{Container, backward};

#[track_caller]
fn assert_close(actual: f64, expected: f64) {
    let close = (actual - expected).abs() <= 1e-12 * expected.abs().max(1.0);
    assert!(close, "not close\n  left: {actual}\n right: {expected}");
}

#[test]
fn an_input_has_its_own_rate() {
    let x = Container::new(3.0);
    assert_eq!(forward(&[(&x, 7.0)], &x), 7.0);
}

#[test]
fn each_input_has_its_derivative() {
    let (a, b, c) = (
        Container::new(1.0),
        Container::new(2.0),
        Container::new(3.0),
    );
    let f = (&a + &b) * (&b * &c);
    assert_eq!(forward(&[(&a, 1.0)], &f), 6.0);
    assert_eq!(forward(&[(&b, 1.0)], &f), 15.0);
    assert_eq!(forward(&[(&c, 1.0)], &f), 6.0);
}

#[test]
fn rates_of_several_inputs_add_up() {
    let (x, y) = (Container::new(2.0), Container::new(5.0));
    let product = &x * &y;
    assert_eq!(forward(&[(&x, 1.0), (&y, 10.0)], &product), 25.0);
}

#[test]
fn it_agrees_with_the_walk_backward() {
    let (x, y) = (Container::new(0.7), Container::new(1.9));
    let z = (x.sin() / &y - x.powf(&y)).tanh() + (&x * &y).sqrt() * x.exp() - y.ln() * x.cos();
    let gradients = backward(&[(&z, 1.0)]);
    assert_close(forward(&[(&x, 1.0)], &z), gradients.of(&x));
    assert_close(forward(&[(&y, 1.0)], &z), gradients.of(&y));
    let both = 2.0 * gradients.of(&x) - 3.0 * gradients.of(&y);
    assert_close(forward(&[(&x, 2.0), (&y, -3.0)], &z), both);
}

#[test]
fn an_intermediate_result_has_the_rate_that_is_given() {
    let x = Container::new(3.0);
    let square = &x * &x;
    let power = &square * &square;
    assert_eq!(forward(&[(&square, 1.0)], &power), 18.0);
    assert_eq!(forward(&[(&x, 1.0), (&square, 1.0)], &power), 18.0);
}

#[test]
fn without_inputs_nothing_moves() {
    let x = Container::new(3.0);
    assert_eq!(forward(&[], &x.sin()), 0.0);
}

#[test]
fn deep_graphs_with_many_paths_are_walked_once() {
    let x = Container::new(1.0);
    let mut y = x.clone();
    for _ in 0..1000 {
        y = &y + &y;
    }
    assert_eq!(forward(&[(&x, 1.0)], &y), 1.0715086071862673e301);
    let mut y = x.clone();
    for _ in 0..100_000 {
        y = -y;
    }
    assert_eq!(forward(&[(&x, 1.0)], &y), 1.0);
}

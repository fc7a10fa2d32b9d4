//! The derivatives in all inputs of a function, for one call and one walk.

use std::cell::{Cell, RefCell};

use stage3::backward::grads;
use stage3::{Value, grad};

fn at(f: impl Fn(&[Value]) -> Vec<Value>, xs: &[f64]) -> Vec<f64> {
    let xs: Vec<Value> = xs.iter().copied().map(Value::from).collect();
    f(&xs).iter().map(Value::value).collect()
}

/// The gradient of each entry of the gradient.
fn hessian(f: impl Fn(&[Value]) -> Value, xs: &[f64]) -> Vec<Vec<f64>> {
    (0..xs.len())
        .map(|i| at(grads(|xs| grads(&f)(xs).swap_remove(i)), xs))
        .collect()
}

fn rosenbrock(xs: &[Value]) -> Value {
    let (x, y) = (&xs[0], &xs[1]);
    (1.0 - x).powf(2.0) + 100.0 * (y - x * x).powf(2.0)
}

fn goldstein_price(xs: &[Value]) -> Value {
    let (x, y) = (&xs[0], &xs[1]);
    let (sum, slant) = (x + y + 1.0, 2.0 * x - 3.0 * y);
    let first = 19.0 - 14.0 * x + 3.0 * x * x - 14.0 * y + 6.0 * x * y + 3.0 * y * y;
    let second = 18.0 - 32.0 * x + 12.0 * x * x + 48.0 * y - 36.0 * x * y + 27.0 * y * y;
    (1.0 + &sum * &sum * first) * (30.0 + &slant * &slant * second)
}

#[test]
fn each_input_has_its_derivative() {
    assert_eq!(
        at(
            grads(|x| (&x[0] + &x[1]) * (&x[1] * &x[2])),
            &[1.0, 2.0, 3.0]
        ),
        [6.0, 15.0, 6.0]
    );
}

#[test]
fn classic_functions_have_their_gradients() {
    assert_eq!(at(grads(rosenbrock), &[0.0, 2.0]), [-2.0, 400.0]);
    assert_eq!(at(grads(goldstein_price), &[1.0, 1.0]), [-5376.0, 8064.0]);
}

#[test]
fn the_function_is_called_once() {
    let calls = Cell::new(0);
    let f = |xs: &[Value]| {
        calls.set(calls.get() + 1);
        &xs[0] * &xs[1]
    };
    assert_eq!(at(grads(f), &[3.0, 4.0]), [4.0, 3.0]);
    assert_eq!(calls.get(), 1);
}

#[test]
fn what_does_not_matter_has_derivative_0() {
    assert_eq!(at(grads(|x| &x[0] * &x[0]), &[3.0, 4.0]), [6.0, 0.0]);
    assert_eq!(at(grads(|_| Value::from(7.0)), &[3.0, 4.0]), [0.0, 0.0]);
    assert_eq!(at(grads(|_| Value::from(7.0)), &[]), [0.0; 0]);
}

#[test]
fn an_input_can_be_the_result() {
    assert_eq!(at(grads(|x| x[1].clone()), &[3.0, 4.0]), [0.0, 1.0]);
}

#[test]
fn a_hessian_comes_from_doing_it_twice() {
    assert_eq!(
        hessian(rosenbrock, &[0.0, 2.0]),
        [[-798.0, 0.0], [0.0, 200.0]]
    );
    assert_eq!(
        hessian(|x| &x[0] * &x[0] * &x[1], &[3.0, 5.0]),
        [[10.0, 6.0], [6.0, 0.0]]
    );
}

#[test]
fn it_nests_with_the_gradient_by_one_input() {
    // x · d/dy (x + y) = x.
    let f = |x: &Value| x * grads(|y| x + &y[0])(&[Value::from(1.0)]).swap_remove(0);
    assert_eq!(grad(f)(&Value::from(5.0)), 1.0);
}

#[test]
#[should_panic(expected = "the result of the differentiated function is a container of trace")]
fn a_kept_container_is_refused_as_a_result() {
    let kept = RefCell::new(None);
    let f = |xs: &[Value]| kept.replace(Some(xs[0].clone())).unwrap_or(&xs[0] * &xs[0]);
    at(grads(f), &[3.0]);
    at(grads(f), &[3.0]);
}

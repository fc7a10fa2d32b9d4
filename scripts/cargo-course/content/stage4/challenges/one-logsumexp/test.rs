//! ln Σ exp is one node, and as safe as before.

use ndarray::array;
use pretty_assertions::assert_eq;
use stage4::array::Axes;
use stage4::backward::order;
use stage4::{Trace, Value, grad, hessian, vector_jacobian};

#[track_caller]
fn assert_close(actual: &Value, expected: &Value) {
    assert_eq!(actual.shape(), expected.shape());
    let (actual, expected) = (actual.array(), expected.array());
    let close = (&actual - &expected)
        .iter()
        .all(|error| error.abs() < 1e-12);
    assert!(close, "not close\n  left: {actual}\n right: {expected}");
}

fn matrix() -> Value {
    Value::from(array![[1.0, 2.0, 4.0], [0.5, -1.0, 3.0]])
}

#[test]
fn one_call_is_one_node() {
    for axes in [Axes::from(0), Axes::from([0, 1]), Axes::from(1).keep()] {
        let trace = Trace::open();
        let x = Value::Boxed(trace.input(&matrix()));
        let Value::Boxed(y) = x.logsumexp_axis(axes) else {
            panic!("a function of a container is a container");
        };
        assert_eq!(y.node().primitive.name, "logsumexp");
        assert_eq!(order(&[y.node()]).len(), 2);
    }
}

#[test]
fn the_value_is_that_of_the_formula() {
    let x = matrix();
    assert_close(&x.logsumexp_axis(0), &x.exp().sum_axis(0).ln());
    assert_close(&x.logsumexp_axis([0, 1]), &x.exp().sum().ln());
    let kept = Axes::from(1).keep();
    assert_close(
        &x.logsumexp_axis(kept.clone()),
        &x.exp().sum_axis(kept).ln(),
    );
}

#[test]
fn the_gradient_is_the_softmax() {
    let x = matrix();
    let (value, pull_back) = vector_jacobian(|x| x.logsumexp_axis(1), &x);
    assert_close(&pull_back(&value.ones()), &x.softmax_axis(1));
    let seed = Value::from(array![2.0, -3.0]);
    let expected = x.softmax_axis(1) * seed.reshape(&[2, 1]);
    assert_close(&pull_back(&seed), &expected);
    assert_close(
        &grad(|x| x.logsumexp_axis([0, 1]))(&x),
        &x.softmax_axis([0, 1]),
    );
}

#[test]
fn large_numbers_do_not_overflow() {
    let x = Value::from(array![1000.0, 1000.0]);
    assert_eq!(x.logsumexp_axis(0), 1000.0 + 2.0_f64.ln());
    assert_close(
        &grad(|x| x.logsumexp_axis(0))(&x),
        &Value::from(array![0.5, 0.5]),
    );
    let x = Value::from(array![-1000.0, -1000.0]);
    assert_eq!(x.logsumexp_axis(0), -1000.0 + 2.0_f64.ln());
    assert_close(
        &grad(|x| x.logsumexp_axis(0))(&x),
        &Value::from(array![0.5, 0.5]),
    );
}

#[test]
fn infinite_elements_have_the_values_of_the_limit() {
    let x = Value::from(array![f64::NEG_INFINITY, 3.0]);
    assert_eq!(x.logsumexp_axis(0), 3.0);
    assert_close(
        &grad(|x| x.logsumexp_axis(0))(&x),
        &Value::from(array![0.0, 1.0]),
    );
    let x = Value::from(array![f64::NEG_INFINITY, f64::NEG_INFINITY]);
    assert_eq!(x.logsumexp_axis(0), f64::NEG_INFINITY);
    assert_close(
        &grad(|x| x.logsumexp_axis(0))(&x),
        &Value::from(array![0.0, 0.0]),
    );
}

#[test]
#[should_panic(expected = "[0, 3]")]
fn nothing_has_no_logsumexp() {
    Value::from(ndarray::Array::zeros((0, 3))).logsumexp_axis(0);
}

#[test]
fn it_can_be_differentiated_again() {
    // The second derivatives are diag(p) − p·pᵀ, with p the softmax.
    let x = Value::from(array![0.1, 0.7, -0.4]);
    let p = x.softmax_axis(0);
    let diagonal = Value::from(array![[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]) * &p;
    assert_close(
        &hessian(|x| x.logsumexp_axis(0))(&x),
        &(diagonal - p.outer(&p)),
    );
}

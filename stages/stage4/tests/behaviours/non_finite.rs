//! NaN and infinity travel as IEEE says, and stay in their lane.

use std::f64::consts::LN_2;

use pretty_assertions::assert_eq;
use stage4::ops::select;
use stage4::{Value, grad, grads, hessian, jacobian, vector_jacobian};

use crate::check::{array, assert_close};

const NAN: f64 = f64::NAN;
const INFINITY: f64 = f64::INFINITY;

/// The elements, with NaN as −999, so that they can be compared.
fn elements(value: &Value) -> Vec<f64> {
    let mark = |&x: &f64| if x.is_nan() { -999.0 } else { x };
    value.array().iter().map(mark).collect()
}

#[test]
fn values_are_those_of_f64() {
    let x = array(&[4], &[0.0, -1.0, INFINITY, NAN]);
    assert_eq!(elements(&(1.0 / &x)), [INFINITY, -1.0, 0.0, -999.0]);
    assert_eq!(elements(&x.ln()), [-INFINITY, -999.0, INFINITY, -999.0]);
    assert_eq!(elements(&(&x - &x)), [0.0, 0.0, -999.0, -999.0]);
    assert_eq!(x.sum().value().is_nan(), true);
}

#[test]
fn nan_in_one_element_does_not_reach_the_gradient_of_another() {
    let x = array(&[3], &[1.0, NAN, 2.0]);
    let functions: [fn(&Value) -> Value; 8] = [
        |x| x * x,
        |x| x.exp(),
        |x| x.ln(),
        |x| x.powf(2.0),
        |x| x.maximum(1.5),
        |x| select(&x.greater(1.5), x, 0.0),
        |x| x.abs() / x.sqrt(),
        |x| x.take(0, &[0, 1, 1, 2]).tanh(),
    ];
    for (i, f) in functions.into_iter().enumerate() {
        let gradient = grad(|x| f(x).sum())(&x).array();
        let apart = grad(|x| f(x).sum())(&array(&[3], &[1.0, 3.0, 2.0])).array();
        assert_eq!(
            [gradient[0], gradient[2]],
            [apart[0], apart[2]],
            "function {i}"
        );
    }
}

#[test]
fn nan_in_one_lane_does_not_reach_the_gradient_of_another() {
    let x = array(&[3, 2], &[1.0, 2.0, NAN, 4.0, 6.0, 5.0]);
    for (reduce, expected) in [
        (
            Value::max_axis as fn(&Value, usize) -> Value,
            [0.0, 1.0, 1.0, 0.0],
        ),
        (Value::min_axis, [1.0, 0.0, 0.0, 1.0]),
        (Value::prod_axis, [2.0, 1.0, 5.0, 6.0]),
        (Value::sum_axis, [1.0, 1.0, 1.0, 1.0]),
    ] {
        let value = elements(&reduce(&x, 1));
        assert_eq!(value[1], -999.0);
        let gradient = elements(&grad(|x| reduce(x, 1).sum())(&x));
        assert_eq!([&gradient[..2], &gradient[4..]].concat(), expected);
    }
}

#[test]
fn the_extremum_with_nan_is_nan_and_nan_gets_its_gradient() {
    let x = array(&[3], &[1.0, NAN, 2.0]);
    assert!(x.max().value().is_nan() && x.min().value().is_nan());
    assert_eq!(elements(&grad(Value::max)(&x)), [0.0, 1.0, 0.0]);
    assert_eq!(x.argmax_axis(0), 1.0);
    assert!(array(&[2], &[NAN, 1.0]).max().value().is_nan());
}

#[test]
fn an_infinite_extremum_gets_the_gradient() {
    let x = array(&[3], &[1.0, INFINITY, INFINITY]);
    assert_eq!(elements(&grad(Value::max)(&x)), [0.0, 0.5, 0.5]);
    assert_eq!(elements(&grad(Value::min)(&x)), [1.0, 0.0, 0.0]);
}

#[test]
fn select_with_a_safe_argument_has_a_finite_gradient() {
    let x = array(&[3], &[-1.0, 0.0, 4.0]);
    let safe_root = |x: &Value| {
        let positive = x.greater(0.0);
        select(&positive, select(&positive, x, 1.0).sqrt(), 0.0)
    };
    assert_eq!(elements(&safe_root(&x)), [0.0, 0.0, 2.0]);
    assert_eq!(
        elements(&grad(|x| safe_root(x).sum())(&x)),
        [0.0, 0.0, 0.25]
    );
}

#[test]
fn the_choice_not_taken_keeps_its_infinity_to_itself() {
    let at = [array(&[2], &[1.0, INFINITY]), array(&[2], &[NAN, 2.0])];
    let choose = |x: &[Value]| (select(&array(&[2], &[1.0, 0.0]), &x[0], &x[1]) * 3.0).sum();
    assert_eq!(choose(&at), 9.0);
    let gradients = grads(choose)(&at);
    assert_eq!(elements(&gradients[0]), [3.0, 0.0]);
    assert_eq!(elements(&gradients[1]), [0.0, 3.0]);
}

#[test]
fn an_infinite_gradient_reaches_the_side_taken_and_no_other() {
    let x = array(&[3], &[1.0, 2.0, 3.0]);
    let seed = array(&[3], &[INFINITY, NAN, 1.0]);
    let condition = array(&[3], &[1.0, 0.0, 1.0]);
    let (_, pull_back) = vector_jacobian(|x| select(&condition, x, 0.0), &x);
    assert_eq!(elements(&pull_back(&seed)), [INFINITY, 0.0, 1.0]);
    let (_, pull_back) = vector_jacobian(|x| select(&condition, 0.0, x), &x);
    assert_eq!(elements(&pull_back(&seed)), [0.0, -999.0, 0.0]);
    let (_, pull_back) = vector_jacobian(|x| x.maximum(2.5), &x);
    assert_eq!(elements(&pull_back(&seed)), [0.0, 0.0, 1.0]);
    let (_, pull_back) = vector_jacobian(|x| x.minimum(1.5), &x);
    assert_eq!(elements(&pull_back(&seed)), [INFINITY, 0.0, 0.0]);
}

#[test]
fn beside_a_nan_neither_side_loses() {
    let pair = [array(&[2], &[NAN, 1.0]), array(&[2], &[1.0, NAN])];
    let choices: [fn(&[Value]) -> Value; 2] =
        [|x| x[0].maximum(&x[1]).sum(), |x| x[0].minimum(&x[1]).sum()];
    for f in choices {
        let gradients = grads(f)(&pair);
        assert_eq!(elements(&gradients[0]), [1.0, 1.0]);
        assert_eq!(elements(&gradients[1]), [1.0, 1.0]);
    }
}

#[test]
fn softmax_and_logsumexp_are_stable_at_1000() {
    let x = array(&[3], &[1000.0, 1000.0, -1000.0]);
    assert_eq!(elements(&x.softmax_axis(0)), [0.5, 0.5, 0.0]);
    assert_eq!(x.logsumexp_axis(0), 1000.0 + LN_2);
    assert_eq!((-&x).logsumexp_axis(0), 1000.0);
    assert_eq!(
        elements(&grad(|x| x.logsumexp_axis(0))(&x)),
        [0.5, 0.5, 0.0]
    );
    let first = grad(|x| x.softmax_axis(0).index(&[0]))(&x);
    assert_eq!(elements(&first), [0.25, -0.25, 0.0]);
    let second = hessian(|x| x.logsumexp_axis(0))(&x);
    let expected = [0.25, -0.25, 0.0, -0.25, 0.25, 0.0, 0.0, 0.0, 0.0];
    assert_close(&second, &array(&[3, 3], &expected).array());
}

#[test]
fn logsumexp_of_infinities_is_what_ieee_makes_of_it() {
    assert_eq!(
        array(&[2], &[-INFINITY, -INFINITY]).logsumexp_axis(0),
        -INFINITY
    );
    assert_eq!(array(&[2], &[INFINITY, 1.0]).logsumexp_axis(0), INFINITY);
    assert_eq!(array(&[2], &[-INFINITY, 1.0]).logsumexp_axis(0), 1.0);
    let masked = array(&[2], &[-INFINITY, 1.0]);
    assert_eq!(elements(&masked.softmax_axis(0)), [0.0, 1.0]);
    assert_eq!(
        elements(&grad(|x| x.logsumexp_axis(0))(&masked)),
        [0.0, 1.0]
    );
}

#[test]
fn what_is_replaced_is_gone_whatever_it_was() {
    let x = array(&[4], &[1.0, NAN, INFINITY, 4.0]);
    let part = array(&[2], &[20.0, 30.0]);
    let replaced = x.with_slice_axis(0, 1..3, &part);
    assert_eq!(elements(&replaced), [1.0, 20.0, 30.0, 4.0]);
    let (_, pull_back) = vector_jacobian(|x| x.with_slice_axis(0, 1..3, &part), &x);
    let seed = array(&[4], &[1.0, INFINITY, NAN, 2.0]);
    assert_eq!(elements(&pull_back(&seed)), [1.0, 0.0, 0.0, 2.0]);
}

/// The value, the gradient and the Hessian of logsumexp, and the softmax with its Jacobian.
fn exponentials(x: &[f64]) -> [Vec<f64>; 5] {
    let logsumexp = |x: &Value| x.logsumexp_axis(0);
    let softmax = |x: &Value| x.softmax_axis(0);
    let x = array(&[x.len()], x);
    let found = [
        logsumexp(&x),
        grad(logsumexp)(&x),
        hessian(logsumexp)(&x),
        softmax(&x),
        jacobian(softmax)(&x),
    ];
    found.each_ref().map(elements)
}

#[test]
fn where_all_is_minus_infinity_logsumexp_is_flat_and_softmax_is_even() {
    let [value, gradient, hessian, softmax, jacobian] = exponentials(&[-INFINITY, -INFINITY]);
    assert_eq!(value, [-INFINITY]);
    assert_eq!(gradient, [0.0, 0.0]);
    assert_eq!(hessian, [0.0; 4]);
    assert_eq!(softmax, [0.5, 0.5]);
    assert_eq!(jacobian, [0.0; 4]);
}

#[test]
fn infinity_alone_decides_logsumexp_and_softmax() {
    for other in [1.0, -1.0, 0.0, 1e308, -INFINITY] {
        let [value, gradient, hessian, softmax, jacobian] = exponentials(&[INFINITY, other]);
        assert_eq!(value, [INFINITY]);
        assert_eq!(gradient, [1.0, 0.0], "beside {other}");
        assert_eq!(hessian, [0.0; 4], "beside {other}");
        assert_eq!(softmax, [1.0, 0.0], "beside {other}");
        assert_eq!(jacobian, [0.0; 4], "beside {other}");
    }
}

#[test]
fn several_infinities_share_logsumexp_and_softmax() {
    let [value, gradient, _, softmax, _] = exponentials(&[INFINITY, 3.0, INFINITY]);
    assert_eq!(value, [INFINITY]);
    assert_eq!(gradient, [0.5, 0.0, 0.5]);
    assert_eq!(softmax, [0.5, 0.0, 0.5]);
}

#[test]
fn infinities_in_one_lane_do_not_reach_logsumexp_and_softmax_of_another() {
    let x = array(
        &[4, 2],
        &[INFINITY, 1.0, 0.0, 0.0, -INFINITY, -INFINITY, NAN, 0.0],
    );
    let value = elements(&x.logsumexp_axis(1));
    assert_eq!(value, [INFINITY, LN_2, -INFINITY, -999.0]);
    let gradient = elements(&grad(|x| x.logsumexp_axis(1).sum())(&x));
    assert_eq!(gradient, [1.0, 0.0, 0.5, 0.5, 0.0, 0.0, -999.0, -999.0]);
    let softmax = elements(&x.softmax_axis(1));
    assert_eq!(softmax, [1.0, 0.0, 0.5, 0.5, 0.5, 0.5, -999.0, -999.0]);
}

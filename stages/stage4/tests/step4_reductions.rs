//! # Reductions
//!
//! Chapter: arrays.md#over-axes
//!
//! About: values, shapes
//!
//! Items: array.rs `Axes::keep`, `Axes::all`, `From<Vec<usize>> for Axes`,
//! `From<[usize; N]> for Axes`, `From<usize> for Axes`, `Args::reduce`, `Args::check_axes`, `sum`,
//! `prod`, `max`, `min`, `argmax`, `check_not_empty`, `reshape`, ops.rs `Value::all_axes`,
//! `Value::sum`, `Value::sum_axis`, `Value::prod`, `Value::prod_axis`, `Value::max`,
//! `Value::max_axis`, `Value::min`, `Value::min_axis`, `Value::mean`, `Value::mean_axis`,
//! `Value::argmax_axis`, `Value::reshape`, `Value::logsumexp_axis`, `Value::softmax_axis`,
//! `Value::below`
//!
//! An array is reduced over all axes, over one or over several. The axes go away, or stay with
//! length 1. Which axes, and whether they stay, is an argument like any other, of type `Axes`: a
//! setting, which has no gradient. A mean, a softmax and a logsumexp are composed from what is
//! there; the last one needs a simple `reshape`.
//!
//! Names: `stage4::array::Axes` is made from one axis, from an array or from a `Vec` of axes, in any
//! order: `x.sum_axis(1)`, `x.sum_axis([2, 0])`, `x.sum_axis(vec![0, 1])`. With
//! `x.sum_axis(Axes::from(1).keep())` the axes stay. `sum`, `prod`, `max`, `min` and `mean` have no
//! argument and reduce over all axes; to a number, then. `argmax_axis(1)` gives the position of the
//! first of the largest, as a number.
//!
//! Refusals: they name the operation and the shape: `sum_axis(2)` of shape [2, 3] says `sum`, "axis 2"
//! and [2, 3], and `sum_axis([1, 1])` says `sum`, "axis 1" and [1, 1]. The largest of no elements is
//! refused by `max`, with the shape [0].
//!
//! Hint 1: Reduce over several axes one by one. Which goes first, so that the numbers of the
//! others stay right?
//! Hint 2: `ndarray` has `sum_axis`, `product_axis` and `fold_axis`. A loop over the axes, from the
//! last to the first, serves all reductions; what they do to one axis is a closure.
//! Hint 3: Before it takes exponentials, a softmax subtracts the largest element, as a constant
//! (`detach`), so that no power is larger than 1. A logsumexp adds it again.

use ndarray::{Array3, array};
use pretty_assertions::assert_eq;
use stage4::Value;
use stage4::array::Axes;

mod common;

use common::assert_refused;

/// 1, 2, 3, … in the shape [2, 2, 3].
fn cube() -> Value {
    let numbers = Vec::from_iter((1..=12).map(f64::from));
    Value::from(Array3::from_shape_vec([2, 2, 3], numbers).expect("twelve places"))
}

fn matrix() -> Value {
    Value::from(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
}

#[test]
fn all_elements_are_reduced_to_a_number() {
    let x = matrix();
    assert_eq!(x.sum(), 21.0);
    assert_eq!(x.prod(), 720.0);
    assert_eq!(x.max(), 6.0);
    assert_eq!(x.min(), 1.0);
    assert_eq!(x.mean(), 3.5);
}

#[test]
fn a_number_has_nothing_to_reduce() {
    let x = Value::from(7.0);
    for reduce in [Value::sum, Value::prod, Value::max, Value::min, Value::mean] {
        assert_eq!(reduce(&x), 7.0);
    }
}

#[test]
fn one_axis_is_reduced() {
    let x = matrix();
    assert_eq!(x.sum_axis(0).array(), array![5.0, 7.0, 9.0].into_dyn());
    assert_eq!(x.sum_axis(1).array(), array![6.0, 15.0].into_dyn());
    assert_eq!(x.prod_axis(1).array(), array![6.0, 120.0].into_dyn());
    assert_eq!(x.max_axis(0).array(), array![4.0, 5.0, 6.0].into_dyn());
    assert_eq!(x.min_axis(1).array(), array![1.0, 4.0].into_dyn());
    assert_eq!(x.mean_axis(0).array(), array![2.5, 3.5, 4.5].into_dyn());
}

#[test]
fn several_axes_are_reduced_in_any_order() {
    let x = cube();
    let sums = array![6.0 + 24.0, 15.0 + 33.0].into_dyn();
    assert_eq!(x.sum_axis([0, 2]).array(), sums);
    assert_eq!(x.sum_axis([2, 0]).array(), sums);
    assert_eq!(x.sum_axis(vec![0, 1, 2]), 78.0);
}

#[test]
fn reduced_axes_are_kept_on_demand() {
    let x = cube();
    let kept = x.sum_axis(Axes::from(1).keep());
    let sums = array![[[5.0, 7.0, 9.0]], [[17.0, 19.0, 21.0]]].into_dyn();
    assert_eq!(kept.array(), sums);
    assert_eq!(x.max_axis(Axes::from([2, 0]).keep()).shape(), [1, 2, 1]);
    assert_eq!(x.mean_axis(Axes::from([0, 1, 2]).keep()).shape(), [1, 1, 1]);
}

#[test]
fn an_axis_that_is_not_there_is_refused() {
    assert_refused(|| matrix().sum_axis(2), &["`sum`", "axis 2", "[2, 3]"]);
}

#[test]
fn an_axis_that_is_given_twice_is_refused() {
    assert_refused(|| matrix().sum_axis([1, 1]), &["`sum`", "axis 1", "[1, 1]"]);
}

#[test]
fn nothing_has_no_largest_element() {
    let nothing = Value::from(ndarray::Array1::zeros(0));
    assert_refused(|| nothing.max(), &["`max`", "[0]"]);
    assert_eq!(nothing.sum(), 0.0);
}

#[test]
fn the_position_of_the_largest_is_found() {
    let x = Value::from(array![[1.0, 5.0, 5.0], [7.0, 2.0, 3.0]]);
    assert_eq!(x.argmax_axis(1).array(), array![1.0, 0.0].into_dyn());
    assert_eq!(x.argmax_axis(0).array(), array![1.0, 0.0, 0.0].into_dyn());
}

#[test]
fn softmax_and_logsumexp_are_what_their_formulas_say() {
    let x = Value::from(array![0.0, 2.0_f64.ln(), 5.0_f64.ln()]); // powers 1, 2, 5
    let softmax = x.softmax_axis(0).array();
    for (seen, expected) in softmax.iter().zip([0.125, 0.25, 0.625]) {
        assert!((seen - expected).abs() < 1e-15, "{softmax}");
    }
    let logsumexp = x.logsumexp_axis(0).value();
    assert!((logsumexp - 8.0_f64.ln()).abs() < 1e-14, "{logsumexp}");
    let rows = Value::from(array![[0.0, 0.0], [7.0, 7.0]]);
    assert_eq!(rows.logsumexp_axis(1).shape(), [2]);
    assert_eq!(rows.logsumexp_axis(Axes::from(1).keep()).shape(), [2, 1]);
    assert_eq!(rows.softmax_axis(1).array(), rows.zeros().array() + 0.5);
}

#[test]
fn softmax_and_logsumexp_do_not_overflow() {
    let x = Value::from(array![1000.0, 1000.0]);
    assert_eq!(x.softmax_axis(0).array(), array![0.5, 0.5].into_dyn());
    let logsumexp = x.logsumexp_axis(0).value();
    assert!(
        (logsumexp - 1000.0 - 2.0_f64.ln()).abs() < 1e-12,
        "{logsumexp}"
    );
}

#[test]
fn the_elements_are_put_into_another_shape() {
    let tall = array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]].into_dyn();
    assert_eq!(matrix().reshape(&[3, 2]).array(), tall);
    let x = Value::from(7.0).reshape(&[1, 1]);
    assert_eq!(x.array(), array![[7.0]].into_dyn());
}

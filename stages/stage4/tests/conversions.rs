//! What a value can be made from, and what is at the top of the crate.

use ndarray::{Array1, ArrayD, aview1};
use pretty_assertions::assert_eq;
// The version of `ndarray` that the crate takes, without a dependency of one's own.
use stage4::ndarray::array;
use stage4::{Axes, SharedArray, Value, concatenate, grad, select, stack};

fn of(elements: &[f64]) -> ArrayD<f64> {
    aview1(elements).to_owned().into_dyn()
}

#[test]
fn a_vector_is_made_from_a_vec_a_slice_or_a_fixed_array() {
    let elements = vec![1.0, 2.0];
    assert_eq!(Value::from(&elements[..]).array(), of(&[1.0, 2.0]));
    assert_eq!(Value::from(elements).array(), of(&[1.0, 2.0]));
    assert_eq!(Value::from([1.0, 2.0]).array(), of(&[1.0, 2.0]));
    assert_eq!(Value::from([]).shape(), [0]);
}

#[test]
fn an_array_is_made_from_a_reference_or_a_view() {
    let matrix = array![[1.0, 2.0], [3.0, 4.0]];
    assert_eq!(Value::from(&matrix).array(), matrix.clone().into_dyn());
    assert_eq!(
        Value::from(matrix.view()).array(),
        matrix.clone().into_dyn()
    );
    assert_eq!(Value::from(matrix.column(1)).array(), of(&[2.0, 4.0]));
}

#[test]
fn a_shared_array_stays_shared() {
    let shared = Array1::from(vec![1.0, 2.0]).into_shared();
    let value = Value::from(shared.clone());
    assert_eq!(value.data::<SharedArray>().as_ptr(), shared.as_ptr());
}

#[test]
fn an_array_without_axes_becomes_a_number() {
    let number = ndarray::arr0(2.0);
    assert_eq!(Value::from(&number), 2.0);
    assert_eq!(Value::from(number.view()), 2.0);
    assert_eq!(Value::from(number.clone().into_shared()), 2.0);
    assert_eq!(Value::from(number), 2.0);
}

#[test]
fn what_operations_take_is_converted() {
    let x = Value::from([1.0, 4.0]);
    assert_eq!(x.maximum([2.0, 3.0]).array(), of(&[2.0, 4.0]));
    assert_eq!(x.powf(array![1.0, 0.5]).array(), of(&[1.0, 2.0]));
    assert_eq!(
        select(&x.less(2.0), [10.0, 20.0], &x).array(),
        of(&[10.0, 4.0])
    );
}

#[test]
fn axes_are_made_from_one_from_several_or_from_a_slice() {
    let x = Value::from(array![[1.0, 2.0], [3.0, 4.0]]);
    let axes: &[usize] = &[0, 1];
    assert_eq!(x.sum_axis(axes), 10.0);
    assert_eq!(x.sum_axis(Axes::from(0)).array(), of(&[4.0, 6.0]));
}

#[test]
fn arrays_are_joined_by_functions_at_the_top() {
    let parts = [Value::from([1.0]), Value::from([2.0])];
    assert_eq!(concatenate(0, &parts).array(), of(&[1.0, 2.0]));
    assert_eq!(stack(0, &parts).shape(), [2, 1]);
}

#[test]
fn each_comparison_says_1_or_0_and_beside_nan_0() {
    let x = Value::from([1.0, 2.0, 3.0, f64::NAN]);
    for (actual, expected) in [
        (x.less(2.0), [1.0, 0.0, 0.0, 0.0]),
        (x.less_equal(2.0), [1.0, 1.0, 0.0, 0.0]),
        (x.equals(2.0), [0.0, 1.0, 0.0, 0.0]),
        (x.greater_equal(2.0), [0.0, 1.0, 1.0, 0.0]),
        (x.greater(2.0), [0.0, 0.0, 1.0, 0.0]),
    ] {
        assert_eq!(actual.array(), of(&expected));
    }
}

#[test]
fn a_comparison_is_a_constant() {
    let steps = |x: &Value| (x.less(2.0) + x.less_equal(2.0) + x.greater_equal(2.0)) * x;
    assert_eq!(grad(steps)(&Value::from(2.0)), 2.0);
}

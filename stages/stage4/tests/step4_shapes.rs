//! # Sums, shapes and matrices
//!
//! Chapter: arrays.md#sums-shapes-matrices
//!
//! About: values, shapes
//!
//! Items: array.rs `Axes::keep`, `Axes::all`, `From<Vec<usize>> for Axes`,
//! `From<[usize; N]> for Axes`, `From<usize> for Axes`, `Args::reduce`, `Args::check_axes`, `sum`,
//! `prod`, `max`, `min`, `argmax`, `check_not_empty`, `reshape`, `permute`, `slice`, `pad`,
//! `take`, `scatter`, `concatenate`, `matmul`, `matrices`, ops.rs `Value::all_axes`, `Value::sum`,
//! `Value::sum_axis`, `Value::prod`, `Value::prod_axis`, `Value::max`, `Value::max_axis`,
//! `Value::min`, `Value::min_axis`, `Value::mean`, `Value::mean_axis`, `Value::argmax_axis`,
//! `Value::logsumexp_axis`, `Value::softmax_axis`, `Value::shift`, `Value::reshape`,
//! `Value::permuted_axes`, `Value::t`, `Value::matrix_t`, `Value::slice_axis`,
//! `Value::with_slice_axis`, `Value::index_axis`, `Value::index`, `Value::take`, `concatenate`,
//! `stack`, `Value::dot`, `Value::outer`
//!
//! Arrays are summed up over axes, taken apart, put together and multiplied. What a raw function
//! needs to know besides, such as the axes, is an argument like any other: a setting, which has no
//! gradient. For `slice` there is the opposite, `pad`, and for `take` there is `scatter`; the
//! rules will need them. What each function refuses, and in which words, is the `expected = "…"` of
//! its tests.
//!
//! Hint 1: Reduce over several axes one by one. Which goes first, so that the numbers of the
//! others stay right?
//! Hint 2: Few of these are primitives. A mean is a sum and a division, an index is a slice and a
//! reshape, a stack is a reshape and a concatenation, a product with a vector is one with a matrix
//! of one row or column.
//! Hint 3: `matmul` repeats both stacks of matrices to common leading axes, makes one axis of
//! them, and calls `ndarray::linalg::general_mat_mul` for each pair.

use ndarray::{Array3, ArrayD, Slice, array};
use pretty_assertions::assert_eq;
use stage4::Value;
use stage4::array::Axes;
use stage4::ops::{concatenate, stack};

/// 1, 2, 3, … in a shape.
fn counted(shape: [usize; 3]) -> Value {
    let count = shape.iter().product::<usize>();
    let numbers = Vec::from_iter((1..=count).map(|i| i as f64));
    Value::from(Array3::from_shape_vec(shape, numbers).expect("as many as there are places"))
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
    assert_eq!(Value::from(7.0).sum(), 7.0);
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
    let x = counted([2, 2, 3]);
    let sums = array![6.0 + 24.0, 15.0 + 33.0].into_dyn();
    assert_eq!(x.sum_axis([0, 2]).array(), sums);
    assert_eq!(x.sum_axis([2, 0]).array(), sums);
    assert_eq!(x.sum_axis(vec![0, 1, 2]), 78.0);
}

#[test]
fn reduced_axes_are_kept_on_demand() {
    let x = counted([2, 2, 3]);
    assert_eq!(x.sum_axis(Axes::from(1).keep()).shape(), [2, 1, 3]);
    assert_eq!(x.max_axis(Axes::from([2, 0]).keep()).shape(), [1, 2, 1]);
    assert_eq!(x.mean_axis(Axes::from([0, 1, 2]).keep()).shape(), [1, 1, 1]);
}

#[test]
#[should_panic(expected = "`sum`: there is no axis 2 in the shape [2, 3]")]
fn an_axis_that_is_not_there_is_refused() {
    matrix().sum_axis(2);
}

#[test]
#[should_panic(expected = "`sum`: axis 1 is given twice in [1, 1]")]
fn an_axis_that_is_given_twice_is_refused() {
    matrix().sum_axis([1, 1]);
}

#[test]
#[should_panic(expected = "`max`: no elements in the shape [0]")]
fn nothing_has_no_largest_element() {
    Value::from(array![1.0]).slice_axis(0, 1..1).max();
}

#[test]
fn the_position_of_the_largest_is_found() {
    let x = Value::from(array![[1.0, 5.0, 5.0], [7.0, 2.0, 3.0]]);
    assert_eq!(x.argmax_axis(1).array(), array![1.0, 0.0].into_dyn());
    assert_eq!(x.argmax_axis(0).array(), array![1.0, 0.0, 0.0].into_dyn());
}

#[test]
fn softmax_and_logsumexp_do_not_overflow() {
    let x = Value::from(array![1000.0, 1000.0]);
    assert_eq!(x.softmax_axis(0).array(), array![0.5, 0.5].into_dyn());
    assert_eq!(x.logsumexp_axis(0), 1000.0 + 2.0_f64.ln());
}

#[test]
fn the_elements_are_put_into_another_shape() {
    let x = matrix();
    let tall = array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]].into_dyn();
    assert_eq!(x.reshape(&[3, 2]).array(), tall);
    // Row by row also when the rows are not in memory like that.
    let columns = array![1.0, 4.0, 2.0, 5.0, 3.0, 6.0].into_dyn();
    assert_eq!(x.t().reshape(&[6]).array(), columns);
    assert_eq!(
        Value::from(7.0).reshape(&[1, 1]).array(),
        array![[7.0]].into_dyn()
    );
}

#[test]
#[should_panic(
    expected = "`reshape`: argument 0 is an array of shape [2, 3]; expected 4 elements for the shape \
                [2, 2]"
)]
fn another_number_of_elements_is_refused() {
    matrix().reshape(&[2, 2]);
}

#[test]
fn axes_are_put_into_another_order() {
    let transposed = array![[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]].into_dyn();
    assert_eq!(matrix().t().array(), transposed);
    let x = counted([2, 3, 4]);
    let permuted = x.permuted_axes(&[2, 0, 1]);
    assert_eq!(permuted.shape(), [4, 2, 3]);
    assert_eq!(permuted.index(&[3, 0, 1]), x.index(&[0, 1, 3]));
}

#[test]
fn a_part_of_an_axis_is_taken() {
    let x = matrix();
    assert_eq!(
        x.slice_axis(1, 1..).array(),
        array![[2.0, 3.0], [5.0, 6.0]].into_dyn()
    );
    let every_other = Slice::from(..).step_by(2);
    assert_eq!(
        x.slice_axis(1, every_other).array(),
        array![[1.0, 3.0], [4.0, 6.0]].into_dyn()
    );
    let backward = Slice::from(..).step_by(-1);
    assert_eq!(
        x.slice_axis(0, backward).array(),
        array![[4.0, 5.0, 6.0], [1.0, 2.0, 3.0]].into_dyn()
    );
}

#[test]
fn a_part_of_an_axis_is_replaced() {
    let x = matrix();
    let part = Value::from(array![[10.0], [20.0]]);
    let replaced = array![[1.0, 10.0, 10.0], [4.0, 20.0, 20.0]].into_dyn();
    assert_eq!(x.with_slice_axis(1, 1.., &part).array(), replaced);
}

#[test]
fn rows_and_elements_are_picked() {
    let x = matrix();
    assert_eq!(x.index_axis(0, 1).array(), array![4.0, 5.0, 6.0].into_dyn());
    assert_eq!(x.index_axis(1, 1).array(), array![2.0, 5.0].into_dyn());
    assert_eq!(x.index(&[1, 2]), 6.0);
}

#[test]
fn places_are_taken_in_any_order_and_number() {
    let taken = array![[3.0, 1.0, 3.0], [6.0, 4.0, 6.0]].into_dyn();
    assert_eq!(matrix().take(1, &[2, 0, 2]).array(), taken);
}

#[test]
#[should_panic(expected = "`take`: index 3 is out of range for length 3")]
fn a_place_that_is_not_there_is_refused() {
    matrix().take(1, &[0, 3]);
}

#[test]
fn arrays_are_put_one_after_the_other() {
    let (x, y) = (Value::from(array![1.0, 2.0]), Value::from(array![3.0]));
    let joined = array![1.0, 2.0, 3.0, 1.0, 2.0].into_dyn();
    assert_eq!(concatenate(0, &[x.clone(), y, x]).array(), joined);
    let column = Value::from(array![[0.0], [0.0]]);
    assert_eq!(concatenate(1, &[column, matrix()]).shape(), [2, 4]);
}

#[test]
fn arrays_are_put_side_by_side() {
    let (x, y) = (Value::from(array![1.0, 2.0]), Value::from(array![3.0, 4.0]));
    let both = [x, y];
    assert_eq!(
        stack(0, &both).array(),
        array![[1.0, 2.0], [3.0, 4.0]].into_dyn()
    );
    assert_eq!(
        stack(1, &both).array(),
        array![[1.0, 3.0], [2.0, 4.0]].into_dyn()
    );
    let numbers = [Value::from(5.0), Value::from(6.0)];
    assert_eq!(stack(0, &numbers).array(), array![5.0, 6.0].into_dyn());
}

#[test]
#[should_panic(expected = "`concatenate`: the shapes [[2, 3], [2]] do not fit along axis 0")]
fn arrays_that_do_not_fit_together_are_refused() {
    concatenate(0, &[matrix(), Value::from(array![1.0, 2.0])]);
}

#[test]
fn matrices_and_vectors_are_multiplied() {
    let a = matrix();
    let b = Value::from(array![[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]);
    let (two, three) = (
        Value::from(array![1.0, 10.0]),
        Value::from(array![1.0, 10.0, 100.0]),
    );
    assert_eq!(
        a.dot(&b).array(),
        array![[4.0, 5.0], [10.0, 11.0]].into_dyn()
    );
    assert_eq!(a.dot(&three).array(), array![321.0, 654.0].into_dyn());
    assert_eq!(two.dot(&a).array(), array![41.0, 52.0, 63.0].into_dyn());
    assert_eq!(two.dot(&two), 101.0);
    assert_eq!(
        two.dot(&Value::from(3.0)).array(),
        array![3.0, 30.0].into_dyn()
    );
}

#[test]
fn stacks_of_matrices_are_multiplied_pair_by_pair() {
    let (x, y) = (counted([2, 2, 3]), counted([1, 3, 4]));
    let products = x.dot(&y);
    assert_eq!(products.shape(), [2, 2, 4]);
    for i in 0..2 {
        let product = x.index_axis(0, i).dot(&y.index_axis(0, 0));
        assert_eq!(products.index_axis(0, i).array(), product.array());
    }
    let none: ArrayD<f64> = Array3::zeros((0, 2, 4)).into_dyn();
    assert_eq!(x.slice_axis(0, 0..0).dot(&y).array(), none);
}

#[test]
fn an_outer_product_pairs_each_with_each() {
    let (x, y) = (
        Value::from(array![1.0, 2.0]),
        Value::from(array![3.0, 4.0, 5.0]),
    );
    let pairs = array![[3.0, 4.0, 5.0], [6.0, 8.0, 10.0]].into_dyn();
    assert_eq!(x.outer(&y).array(), pairs);
}

#[test]
#[should_panic(expected = "`dot`: the shapes [2, 3] and [2] do not fit")]
fn a_product_that_does_not_fit_is_refused_with_both_shapes() {
    matrix().dot(&Value::from(array![1.0, 2.0]));
}

#[test]
#[should_panic(
    expected = "`slice`: Slice { start: 1, end: Some(4), step: 1 } does not fit axis 1 \
                           of length 3"
)]
fn a_part_that_is_not_there_is_refused() {
    matrix().slice_axis(1, 1..4);
}

#[test]
#[should_panic(expected = "`index_axis`: there is no entry 2 along axis 0 in the shape [2, 3]")]
fn an_entry_that_is_not_there_is_refused() {
    matrix().index(&[2, 0]);
}

#[test]
#[should_panic(expected = "`stack`: the shapes [[2, 3], [2]] do not fit along a new axis 0")]
fn arrays_of_unequal_shapes_are_not_stacked() {
    stack(0, &[matrix(), Value::from(array![1.0, 2.0])]);
}

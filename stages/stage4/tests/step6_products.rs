//! # Products of matrices
//!
//! Chapter: arrays.md#matrix-products
//!
//! About: values, shapes
//!
//! Items: array.rs `matmul`, `Args::batch`, `matrices`, ops.rs `Value::matrix_t`, `Value::dot`, `Value::outer`
//!
//! `MATMUL` is a primitive: the matrix product over the last two axes. The axes before them are a
//! stack of matrices and broadcast. `dot` takes more: a vector on the left becomes a matrix of one
//! row, a vector on the right one of one column, and a number scales. So `dot` of two vectors is a
//! number. `outer` pairs each element of one with each of the other; the shape is that of the first
//! followed by that of the second.
//!
//! Names: `x.dot(&y)`, `x.outer(&y)`.
//!
//! Refusals: they name `dot` and both shapes, [2, 3] and [2].
//!
//! Hint 1: Only the product of two stacks of matrices computes something. The others reshape,
//! call it, and reshape back.
//! Hint 2: `matmul` repeats both stacks to common leading axes (`Args::broadcast_shapes`), makes
//! one axis of them, and multiplies pair by pair.
//! Hint 3: `ndarray::linalg::general_mat_mul(1.0, &x, &y, 0.0, &mut product)` is one product. In
//! `outer`, reshape the first so that it has an axis of length 1 for each axis of the second, and
//! multiply element by element.

use ndarray::{Array3, ArrayD, array};
use pretty_assertions::assert_eq;
use stage4::Value;

mod common;

use common::assert_refused;

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
    for (left, right) in [([2, 2, 3], [1, 3, 4]), ([1, 2, 3], [2, 3, 4])] {
        let (x, y) = (counted(left), counted(right));
        let products = x.dot(&y);
        assert_eq!(products.shape(), [2, 2, 4]);
        for i in 0..2 {
            let pick = |stack: &Value| stack.index_axis(0, i.min(stack.shape()[0] - 1));
            let product = pick(&x).dot(&pick(&y));
            assert_eq!(products.index_axis(0, i).array(), product.array());
        }
    }
    let none: ArrayD<f64> = Array3::zeros((0, 2, 4)).into_dyn();
    let nothing = counted([2, 2, 3]).slice_axis(0, 0..0);
    assert_eq!(nothing.dot(&counted([1, 3, 4])).array(), none);
}

#[test]
fn a_matrix_meets_each_matrix_of_a_stack() {
    let products = counted([2, 4, 2]).dot(&matrix());
    assert_eq!(products.shape(), [2, 4, 3]);
    let last = counted([2, 4, 2]).index_axis(0, 1).dot(&matrix());
    assert_eq!(products.index_axis(0, 1).array(), last.array());
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
fn a_product_that_does_not_fit_is_refused_with_both_shapes() {
    let vector = Value::from(array![1.0, 2.0]);
    assert_refused(|| matrix().dot(&vector), &["`dot`", "[2, 3]", "[2]"]);
}

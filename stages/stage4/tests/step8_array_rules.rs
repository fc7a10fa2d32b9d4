//! # Rules for arrays
//!
//! Chapter: arrays.md#rules-for-arrays
//!
//! About: rules, shapes, higher derivatives
//!
//! Items: rules.rs `define`, `reductions`, `expand`, `extremum`, `others`, `shapes`, `shape_of`,
//! `products`
//!
//! The gradient of a sum is repeated, that of a repetition is summed. The gradient of a part is
//! padded with zeros, that of a permutation is permuted back, that of a place that was taken twice
//! is added up. And for a matrix product Y = A·B, the gradient in A is G·Bᵀ and that in B is Aᵀ·G.
//! Settings are never differentiated, so they need no rules. Elements that are equal and all the
//! largest share the gradient evenly. The product of elements has its derivatives also where some of
//! them are 0.
//!
//! Names: nothing new; the rules belong to the array primitives of `ops.rs`.
//!
//! Hint 1: These functions are linear. The rule of each is its transpose, and that is another
//! function of the list: `SLICE` and `PAD`, `TAKE` and `SCATTER`, `SUM` and `BROADCAST`.
//! Hint 2: Before the gradient of a reduction can be repeated, it needs the reduced axes back,
//! with length 1: `expand`. Equal maxima share the gradient, so count them.
//! Hint 3: The derivative of a product in one factor is the product of the others. Dividing the
//! whole by the factor fails at 0; multiply the product of all before it with that of all after it.

use ndarray::{Array3, Slice, array};
use pretty_assertions::assert_eq;
use stage4::ops::{concatenate, stack};
use stage4::{Value, grad, vector_jacobian, vector_jacobians};

/// Σ seed · d f(x) / dx.
fn pulled(f: impl FnOnce(&Value) -> Value, x: &Value, seed: &Value) -> Value {
    let gradient = vector_jacobian(f, x).1(seed);
    assert_eq!(gradient.shape(), x.shape());
    gradient
}

fn matrix() -> Value {
    Value::from(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
}

#[test]
fn a_sum_repeats_the_gradient() {
    let x = matrix();
    assert_eq!(grad(Value::sum)(&x).array(), x.ones().array());
    let rows = pulled(|x| x.sum_axis(1), &x, &Value::from(array![1.0, 10.0]));
    assert_eq!(
        rows.array(),
        array![[1.0, 1.0, 1.0], [10.0, 10.0, 10.0]].into_dyn()
    );
    let columns = pulled(|x| x.sum_axis(0), &x, &Value::from(array![1.0, 2.0, 3.0]));
    assert_eq!(
        columns.array(),
        array![[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]].into_dyn()
    );
}

#[test]
fn a_broadcast_value_gets_the_sum_over_its_copies() {
    let x = Value::from(array![[1.0], [2.0]]);
    let gradient = pulled(|x| x.broadcast(&[2, 3]), &x, &matrix());
    assert_eq!(gradient.array(), array![[6.0], [15.0]].into_dyn());
}

#[test]
fn a_mean_divides_it() {
    let sixth = 1.0 / 6.0;
    let expected = matrix().array().mapv(|_| sixth);
    assert_eq!(grad(Value::mean)(&matrix()).array(), expected);
}

#[test]
fn equal_extrema_share_the_gradient() {
    let x = Value::from(array![3.0, 1.0, 3.0, 1.0, 1.0]);
    assert_eq!(
        grad(Value::max)(&x).array(),
        array![0.5, 0.0, 0.5, 0.0, 0.0].into_dyn()
    );
    let third = 1.0 / 3.0;
    assert_eq!(
        grad(Value::min)(&x).array(),
        array![0.0, third, 0.0, third, third].into_dyn()
    );
}

#[test]
fn each_factor_of_a_product_gets_the_product_of_the_others() {
    let x = Value::from(array![2.0, 3.0, 5.0]);
    assert_eq!(
        grad(Value::prod)(&x).array(),
        array![15.0, 10.0, 6.0].into_dyn()
    );
    let one_zero = Value::from(array![2.0, 0.0, 5.0]);
    assert_eq!(
        grad(Value::prod)(&one_zero).array(),
        array![0.0, 10.0, 0.0].into_dyn()
    );
    let two_zeros = Value::from(array![0.0, 0.0, 5.0]);
    assert_eq!(
        grad(Value::prod)(&two_zeros).array(),
        array![0.0, 0.0, 0.0].into_dyn()
    );
    // The second derivative with respect to both zeros is 5.
    let by_first = |x: &Value| grad(Value::prod)(x).index(&[0]);
    assert_eq!(
        grad(by_first)(&two_zeros).array(),
        array![0.0, 5.0, 0.0].into_dyn()
    );
}

#[test]
fn shapes_and_orders_are_undone() {
    let x = matrix();
    let seed = Value::from(array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    let reshaped = pulled(|x| x.reshape(&[3, 2]), &x, &seed);
    assert_eq!(
        reshaped.array(),
        array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]].into_dyn()
    );
    let transposed = pulled(Value::t, &x, &seed);
    assert_eq!(
        transposed.array(),
        array![[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]].into_dyn()
    );

    let cube = Value::from(Array3::zeros((2, 3, 4)));
    let permuted = cube.permuted_axes(&[1, 2, 0]) + matrix().t().reshape(&[3, 1, 2]);
    let back = pulled(|x| x.permuted_axes(&[1, 2, 0]), &cube, &permuted);
    assert_eq!(back.array(), permuted.array().permuted_axes(vec![2, 0, 1]));
}

#[test]
fn a_part_is_padded_with_zeros() {
    let x = Value::from(array![1.0, 2.0, 3.0, 4.0]);
    let seed = Value::from(array![5.0, 7.0]);
    let forward = pulled(|x| x.slice_axis(0, 1..3), &x, &seed);
    assert_eq!(forward.array(), array![0.0, 5.0, 7.0, 0.0].into_dyn());
    let backward = Slice::from(..).step_by(-2); // 4, 2
    let backward = pulled(|x| x.slice_axis(0, backward), &x, &seed);
    assert_eq!(backward.array(), array![0.0, 7.0, 0.0, 5.0].into_dyn());
    assert_eq!(
        grad(|x| x.index(&[2]))(&x).array(),
        array![0.0, 0.0, 1.0, 0.0].into_dyn()
    );
}

#[test]
fn a_part_that_was_replaced_takes_its_gradient_away() {
    let (x, part) = (Value::from(array![1.0, 2.0, 3.0]), Value::from(array![9.0]));
    let write = |x: &[Value]| x[0].with_slice_axis(0, 1.., &x[1]);
    let (_, pull_back) = vector_jacobians(write, &[x, part]);
    let gradients = pull_back(&Value::from(array![1.0, 10.0, 100.0]));
    assert_eq!(gradients[0].array(), array![1.0, 0.0, 0.0].into_dyn());
    assert_eq!(gradients[1].array(), array![110.0].into_dyn());
}

#[test]
fn a_place_that_was_taken_twice_gets_both() {
    let x = Value::from(array![1.0, 2.0, 3.0]);
    let seed = Value::from(array![1.0, 10.0, 100.0]);
    let taken = pulled(|x| x.take(0, &[2, 0, 2]), &x, &seed);
    assert_eq!(taken.array(), array![10.0, 0.0, 101.0].into_dyn());
}

#[test]
fn joined_arrays_get_their_parts_back() {
    let parts = [Value::from(array![1.0, 2.0]), Value::from(array![3.0])];
    let (_, pull_back) = vector_jacobians(|x| concatenate(0, x), &parts);
    let gradients = pull_back(&Value::from(array![5.0, 6.0, 7.0]));
    assert_eq!(gradients[0].array(), array![5.0, 6.0].into_dyn());
    assert_eq!(gradients[1].array(), array![7.0].into_dyn());

    let rows = [Value::from(array![1.0, 2.0]), Value::from(array![3.0, 4.0])];
    let (_, pull_back) = vector_jacobians(|x| stack(1, x), &rows);
    let gradients = pull_back(&Value::from(array![[5.0, 6.0], [7.0, 8.0]]));
    assert_eq!(gradients[0].array(), array![5.0, 7.0].into_dyn());
    assert_eq!(gradients[1].array(), array![6.0, 8.0].into_dyn());
}

#[test]
fn a_matrix_product_has_two_matrix_products_as_gradients() {
    let (a, b) = (matrix(), matrix().t());
    let (_, pull_back) = vector_jacobians(|x| x[0].dot(&x[1]), &[a.clone(), b.clone()]);
    let seed = Value::from(array![[1.0, 0.0], [0.0, 10.0]]);
    let gradients = pull_back(&seed);
    assert_eq!(
        gradients[0].array(),
        array![[1.0, 2.0, 3.0], [40.0, 50.0, 60.0]].into_dyn()
    );
    assert_eq!(
        gradients[1].array(),
        array![[1.0, 40.0], [2.0, 50.0], [3.0, 60.0]].into_dyn()
    );
}

#[test]
fn a_matrix_that_meets_a_stack_gets_the_sum_over_the_stack() {
    let stack = Value::from(array![[[1.0, 2.0]], [[10.0, 20.0]]]); // 2 × 1 × 2
    let b = Value::from(array![[1.0], [1.0]]);
    let by_b = pulled(|b| stack.dot(b), &b, &Value::from(array![[[1.0]], [[1.0]]]));
    assert_eq!(by_b.array(), array![[11.0], [22.0]].into_dyn());
}

#[test]
fn a_vector_product_passes_each_vector_to_the_other() {
    let (x, y) = (Value::from(array![1.0, 2.0]), Value::from(array![3.0, 4.0]));
    let (_, pull_back) = vector_jacobians(|x| x[0].dot(&x[1]), &[x.clone(), y.clone()]);
    let gradients = pull_back(&Value::from(1.0));
    assert_eq!(gradients[0].array(), y.array());
    assert_eq!(gradients[1].array(), x.array());
}

#[test]
fn softmax_has_gradients_that_sum_to_0() {
    let x = Value::from(array![999.0, 1000.0, 1001.0]);
    let gradient = grad(|x| x.softmax_axis(0).index(&[0]))(&x);
    assert!(gradient.sum().value().abs() < 1e-15);
    let by_logsumexp = grad(|x| x.logsumexp_axis(0))(&x).array();
    let softmax = x.softmax_axis(0).array();
    assert!(
        (by_logsumexp - softmax)
            .iter()
            .all(|error| error.abs() < 1e-15)
    );
}

#[test]
fn these_rules_are_differentiated_too() {
    // x·A·x has the gradient (A + Aᵀ)·x, and A + Aᵀ in every direction after that.
    let a = Value::from(array![[1.0, 2.0], [5.0, 3.0]]);
    let form = |x: &Value| x.dot(&a).dot(x);
    let x = Value::from(array![10.0, 1.0]);
    assert_eq!(grad(form)(&x).array(), array![27.0, 76.0].into_dyn());
    let first = |x: &Value| grad(form)(x).index(&[0]);
    assert_eq!(grad(first)(&x).array(), array![2.0, 7.0].into_dyn());
}

//! # Moving elements
//!
//! Chapter: arrays.md#moving-elements
//!
//! About: values, shapes
//!
//! Items: array.rs `permute`, `Args::check_slice`, `slice`, `pad`, `take`, `scatter`, `concatenate`, ops.rs
//! `Value::permuted_axes`, `Value::t`, `Value::slice_axis`, `Value::with_slice_axis`,
//! `Value::index_axis`, `Value::index`, `Value::take`, `concatenate`, `stack`
//!
//! Arrays are permuted, taken apart and put together. Nothing is computed: elements move. Whatever
//! else a raw function needs to know is again a setting: `Shape`, `Part`, `Places` and `Joint` of
//! `array.rs`, or `Axes`. For `slice` there is the opposite, `pad`, and for `take` there is
//! `scatter`; the rules will need them.
//!
//! Names: a part of an axis is an `ndarray::Slice`, or what becomes one: `x.slice_axis(1, 1..)`,
//! `x.slice_axis(0, Slice::from(..).step_by(-1))`. `x.with_slice_axis(1, 1.., &part)` is `x` with
//! that part replaced, and `part` may broadcast. `index_axis(0, 1)` is an entry without its axis,
//! `index(&[1, 2])` one element, `take(1, &[2, 0, 2])` the entries at these places.
//! `concatenate(axis, &arrays)` and `stack(axis, &arrays)` are functions of `stage4::ops`.
//!
//! Refusals: they name what was called and the shapes: `reshape(&[2, 2])` of shape [2, 3] says
//! `reshape`, [2, 3] and [2, 2]. `slice_axis(1, 1..9)` says `slice`, "axis 1" and its length 3.
//! `take(1, &[0, 7])` says `take`, 7 and the length 3. `index(&[5, 0])` says `index`, 5 and
//! [2, 3]. `concatenate` and `stack` say their name, "axis 0" and the shapes, [[2, 3], [2]].
//!
//! Hint 1: Few of these are primitives. An index is a slice and a reshape, a stack is a reshape and
//! a concatenation. What is composed of primitives needs no rules of its own.
//! Hint 2: `ndarray` moves the elements: `permuted_axes`, `slice_axis`, `select`,
//! `ndarray::concatenate`. Where it would panic in its own words, check first.
//! Hint 3: To replace a part, pad the new part with zeros to the whole shape, pad as many ones in
//! the same way, and let `select` choose: the new where there is a 1, the old elsewhere.

use ndarray::{Array3, Slice, array};
use pretty_assertions::assert_eq;
use stage4::Value;
use stage4::ops::{concatenate, stack};

mod common;

use common::assert_refused;

fn matrix() -> Value {
    Value::from(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
}

/// 1, 2, 3, … in the shape [2, 3, 4].
fn cube() -> Value {
    let numbers = Vec::from_iter((1..=24).map(f64::from));
    Value::from(Array3::from_shape_vec([2, 3, 4], numbers).expect("24 places"))
}

#[test]
fn the_elements_are_put_into_another_shape_row_by_row() {
    let x = matrix();
    let tall = array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]].into_dyn();
    assert_eq!(x.reshape(&[3, 2]).array(), tall);
    // Also when the rows are not in memory like that.
    let columns = array![1.0, 4.0, 2.0, 5.0, 3.0, 6.0].into_dyn();
    assert_eq!(x.t().reshape(&[6]).array(), columns);
}

#[test]
fn another_number_of_elements_is_refused() {
    let parts = ["`reshape`", "[2, 3]", "[2, 2]"];
    assert_refused(|| matrix().reshape(&[2, 2]), &parts);
}

#[test]
fn axes_are_put_into_another_order() {
    let transposed = array![[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]].into_dyn();
    assert_eq!(matrix().t().array(), transposed);
    let x = cube();
    // All lengths differ, and so does the order from its inverse.
    let permuted = x.permuted_axes(&[2, 0, 1]);
    assert_eq!(permuted.shape(), [4, 2, 3]);
    assert_eq!(permuted.index(&[3, 0, 1]), x.index(&[0, 1, 3]));
    assert_eq!(x.t().shape(), [4, 3, 2]);
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
fn a_part_that_is_not_there_is_refused() {
    let parts = ["`slice`", "axis 1", "3"];
    assert_refused(|| matrix().slice_axis(1, 1..9), &parts);
}

#[test]
fn a_place_that_is_not_there_is_refused() {
    assert_refused(|| matrix().take(1, &[0, 7]), &["`take`", "7", "3"]);
}

#[test]
fn an_entry_that_is_not_there_is_refused() {
    assert_refused(|| matrix().index(&[5, 0]), &["index", "5", "[2, 3]"]);
}

#[test]
fn arrays_that_do_not_fit_together_are_refused() {
    let unequal = [matrix(), Value::from(array![1.0, 2.0])];
    let joined = || concatenate(0, &unequal);
    assert_refused(joined, &["`concatenate`", "axis 0", "[2, 3]", "[2]"]);
    let stacked = || stack(0, &unequal);
    assert_refused(stacked, &["`stack`", "axis 0", "[2, 3]", "[2]"]);
}

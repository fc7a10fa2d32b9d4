//! `exp` and `tanh` of arrays may be replaced.

use std::thread;

use ndarray::{ArrayD, array};
use pretty_assertions::assert_eq;
use stage4::array::{Elementary, set_elementary};
use stage4::{Value, value_and_grad};

/// Functions not to be mistaken for the right ones.
const OTHERS: Elementary = Elementary {
    exp: |xs, ys| ys.iter_mut().zip(xs).for_each(|(y, x)| *y = 10.0 + x),
    tanh: |xs, ys| ys.iter_mut().zip(xs).for_each(|(y, x)| *y = 20.0 + x),
};

/// What `f` returns while they replace the right ones.
fn with_others<R>(f: impl FnOnce() -> R) -> R {
    set_elementary(Some(OTHERS));
    let result = f();
    set_elementary(None);
    result
}

/// e to the power of `x`, and its hyperbolic tangent.
fn results(x: &Value) -> [ArrayD<f64>; 2] {
    [x.exp().array(), x.tanh().array()]
}

#[test]
fn arrays_are_computed_by_the_given_functions() {
    let x = Value::from(array![[1.0, 2.0], [3.0, 4.0]]);
    let own = results(&x);
    let given = [
        array![[11.0, 12.0], [13.0, 14.0]].into_dyn(),
        array![[21.0, 22.0], [23.0, 24.0]].into_dyn(),
    ];
    assert_eq!(with_others(|| results(&x)), given);
    assert_eq!(results(&x), own);
}

/// A large result is written into a reused block, which still holds the old elements.
#[test]
fn every_element_of_a_large_array_is_computed() {
    for x in [1.0, 2.0, 3.0] {
        let result = with_others(|| Value::from(vec![x; 1 << 15]).exp().array());
        assert!(result.iter().all(|y| *y == 10.0 + x), "{x}");
    }
}

#[test]
fn a_rule_sees_the_result_of_the_given_function() {
    let x = Value::from(array![1.0, 2.0]);
    let (value, slope) = with_others(|| value_and_grad(|x| x.exp().sum(), &x));
    assert_eq!(value, 23.0);
    // The rule of `exp` is g · y.
    assert_eq!(slope.array(), array![11.0, 12.0].into_dyn());
}

#[test]
fn what_does_not_lie_row_by_row_without_gaps_is_computed_one_by_one() {
    let matrix = Value::from(array![[1.0, 2.0], [3.0, 4.0]]);
    let one_by_one = [Value::from(0.5), matrix.t(), matrix.slice_axis(1, 1..)];
    let own = one_by_one.each_ref().map(results);
    let others = with_others(|| one_by_one.each_ref().map(results));
    assert_eq!(others, own);
}

#[test]
fn other_threads_keep_their_functions() {
    let there = || thread::spawn(|| Value::from(array![0.0]).exp().array()).join();
    let result = with_others(there).expect("no panic");
    assert_eq!(result, array![1.0].into_dyn());
}

//! Indices, slices, places taken, arrays put together; aliasing.

use ndarray::{Slice, array};
use pretty_assertions::assert_eq;
use stage4::ops::{concatenate, stack};
use stage4::{Value, grad, grads, jacobian, vector_jacobian, vector_jacobians};

use crate::check::{arbitrary, assert_gradients};

fn counted() -> Value {
    Value::from(array![1.0, 2.0, 3.0, 4.0, 5.0])
}

#[test]
fn slices_are_those_of_ndarray() {
    let x = arbitrary(&[3, 5], 1);
    let slices = [
        Slice::from(..),
        Slice::from(1..4),
        Slice::from(2..2),
        Slice::from(5..),
        Slice::from(-2..),
        Slice::from(..-1),
        Slice::from(..).step_by(2),
        Slice::from(1..).step_by(3),
        Slice::from(..).step_by(-1),
        Slice::from(..4).step_by(-2),
        Slice::from(1..4).step_by(-3),
    ];
    for slice in slices {
        let expected = x.array();
        let expected = expected.slice_axis(ndarray::Axis(1), slice);
        assert_eq!(x.slice_axis(1, slice).array(), expected, "{slice:?}");
        let part = |x: &[Value]| x[0].slice_axis(1, slice).exp();
        assert_gradients(&format!("{slice:?}"), &part, std::slice::from_ref(&x));
    }
}

#[test]
fn a_slice_written_back_keeps_both_gradients_apart() {
    let slice = Slice::from(..).step_by(-2); // 5, 3, 1
    let write = |x: &[Value]| x[0].with_slice_axis(0, slice, &x[1]);
    let part = Value::from(array![10.0, 20.0, 30.0]);
    let (value, pull_back) = vector_jacobians(write, &[counted(), part.clone()]);
    assert_eq!(value.array(), array![30.0, 2.0, 20.0, 4.0, 10.0].into_dyn());
    let gradients = pull_back(&counted());
    assert_eq!(
        gradients[0].array(),
        array![0.0, 2.0, 0.0, 4.0, 0.0].into_dyn()
    );
    assert_eq!(gradients[1].array(), array![5.0, 3.0, 1.0].into_dyn());
    assert_gradients(
        "with_slice_axis",
        &|x| write(x).exp(),
        &[counted() / 5.0, part / 30.0],
    );
}

#[test]
fn what_is_written_back_may_come_from_the_array_itself() {
    // Doubles the middle, twice over.
    let f = |x: &[Value]| {
        let doubled = x[0].slice_axis(0, 1..3) * 2.0;
        let once = x[0].with_slice_axis(0, 1..3, &doubled);
        let entry = once.index_axis(0, 2) * 2.0;
        once.with_slice_axis(0, 2..3, &entry)
    };
    let x = counted();
    assert_eq!(
        f(std::slice::from_ref(&x)).array(),
        array![1.0, 4.0, 12.0, 4.0, 5.0].into_dyn()
    );
    assert_eq!(x.array(), counted().array());
    let gradient = grad(|x| f(std::slice::from_ref(x)).sum())(&x);
    assert_eq!(gradient.array(), array![1.0, 2.0, 4.0, 1.0, 1.0].into_dyn());
}

#[test]
fn a_number_is_written_to_a_whole_part() {
    let x = arbitrary(&[2, 3], 1);
    let write = |x: &[Value]| x[0].with_slice_axis(1, 1.., &x[1]).exp();
    assert_gradients("a number written", &write, &[x, Value::from(0.5)]);
}

#[test]
fn indices_pick_entries_of_any_axis() {
    let x = arbitrary(&[2, 3, 4], 1);
    for (axis, index) in [(0, 1), (1, 0), (1, 2), (2, 3)] {
        let expected = x.array();
        let expected = expected.index_axis(ndarray::Axis(axis), index);
        assert_eq!(x.index_axis(axis, index).array(), expected);
        let entry = |x: &[Value]| x[0].index_axis(axis, index).exp();
        assert_gradients("index_axis", &entry, std::slice::from_ref(&x));
    }
    assert_eq!(x.index(&[1, 2, 3]), x.array()[[1, 2, 3]]);
    let gradient = grad(|x| x.index(&[1, 2, 3]))(&x).array();
    assert_eq!((gradient[[1, 2, 3]], gradient.sum()), (1.0, 1.0));
}

#[test]
fn places_taken_several_times_get_the_sum() {
    let x = arbitrary(&[3, 2], 1);
    let (value, pull_back) = vector_jacobian(|x| x.take(0, &[2, 0, 2, 2]), &x);
    assert_eq!(value.shape(), [4, 2]);
    let counts = pull_back(&value.ones()).array();
    assert_eq!(
        counts,
        array![[1.0, 1.0], [0.0, 0.0], [3.0, 3.0]].into_dyn()
    );
    let (none, pull_back) = vector_jacobian(|x| x.take(0, &[]), &x);
    assert_eq!(none.shape(), [0, 2]);
    assert_eq!(pull_back(&none).array(), x.zeros().array());
}

#[test]
fn concatenation_and_stacking_give_each_array_its_part_back() {
    let [x, y, z] = [[2, 1], [2, 3], [2, 0]].map(|shape| arbitrary(&shape, 1));
    let (value, pull_back) = vector_jacobians(|x| concatenate(1, x), &[x, y, z]);
    assert_eq!(value.shape(), [2, 4]);
    let seed = arbitrary(&[2, 4], 2);
    let gradients = pull_back(&seed);
    assert_eq!(gradients[0].array(), seed.slice_axis(1, ..1).array());
    assert_eq!(gradients[1].array(), seed.slice_axis(1, 1..).array());
    assert_eq!(gradients[2].shape(), [2, 0]);

    for axis in 0..3 {
        let pair = [arbitrary(&[2, 3], 1), arbitrary(&[2, 3], 2)];
        let stacked = stack(axis, &pair);
        for (i, part) in pair.iter().enumerate() {
            assert_eq!(stacked.index_axis(axis, i).array(), part.array());
        }
        assert_gradients("stack", &|x| stack(axis, x).exp(), &pair);
    }
}

#[test]
fn one_array_twice_in_one_operation_gets_both_gradients() {
    let x = Value::from(array![[1.0, 2.0], [3.0, 4.0]]);
    type Twice = fn(&[Value]) -> Value;
    let twice: [(&str, Twice); 6] = [
        ("mul", |x| &x[0] * &x[0]),
        ("div", |x| &x[0] / &x[0]),
        ("powf", |x| x[0].powf(&x[0])),
        ("dot", |x| x[0].dot(&x[0])),
        ("concatenate", |x| {
            concatenate(0, &[x[0].clone(), x[0].clone()]).exp()
        }),
        ("with itself transposed", |x| &x[0] * x[0].t()),
    ];
    for (name, f) in twice {
        assert_gradients(name, &f, &[x.clone() / 4.0]);
    }
}

#[test]
fn gradients_that_start_as_one_buffer_do_not_show_it() {
    // The sum hands the same gradient to all three; two of them are then added to.
    let f = |x: &[Value]| (&x[0] + &x[1] + &x[2] + &x[0] * 10.0 + &x[1] * 100.0).sum();
    let x = [1, 2, 3].map(|salt| arbitrary(&[2], salt));
    let gradients = grads(f)(&x).into_iter().map(|g| g.array());
    let expected = [11.0, 101.0, 1.0].map(|g| array![g, g].into_dyn());
    assert_eq!(gradients.collect::<Vec<_>>(), expected);

    // A seed is not changed, and the pull-back gives the same again.
    let seed = Value::from(array![1.0, 2.0]);
    let (_, pull_back) = vector_jacobian(|x| x + x + x.reshape(&[2]), &seed);
    let (first, second) = (pull_back(&seed), pull_back(&seed));
    assert_eq!(first.array(), array![3.0, 6.0].into_dyn());
    assert_eq!(second.array(), first.array());
    assert_eq!(seed.array(), array![1.0, 2.0].into_dyn());
}

#[test]
fn reshapes_of_views_keep_the_order_of_rows() {
    let x = arbitrary(&[2, 3, 4], 1);
    let f = |x: &[Value]| {
        let permuted = x[0].permuted_axes(&[1, 2, 0]);
        permuted.reshape(&[4, 6]).t().reshape(&[3, 8]).exp()
    };
    let value = f(std::slice::from_ref(&x));
    let permuted = x.array().permuted_axes(vec![1, 2, 0]);
    let by_hand = Vec::from_iter(permuted.iter().copied());
    let by_hand = ndarray::Array2::from_shape_vec((4, 6), by_hand).unwrap();
    let by_hand = Vec::from_iter(by_hand.t().iter().map(|x| x.exp()));
    assert_eq!(value.array().into_iter().collect::<Vec<_>>(), by_hand);
    assert_gradients("views", &f, &[x]);
}

#[test]
fn the_jacobian_of_a_permutation_is_a_permutation() {
    let x = arbitrary(&[2, 3], 1);
    let matrix = jacobian(|x| x.t().reshape(&[6]))(&x).reshape(&[6, 6]);
    assert_eq!(
        matrix.dot(&x.reshape(&[6])).array(),
        x.t().reshape(&[6]).array()
    );
    assert_eq!(
        matrix.dot(&matrix.t()).array(),
        ndarray::Array2::eye(6).into_dyn()
    );
}

#[test]
fn empty_arrays_pass_through() {
    let x = arbitrary(&[0, 3], 1);
    assert_eq!((x.sum(), x.prod()), (Value::from(0.0), Value::from(1.0)));
    assert!(x.mean().value().is_nan());
    assert_eq!(x.sum_axis(0).array(), array![0.0, 0.0, 0.0].into_dyn());
    let functions: [fn(&Value) -> Value; 9] = [
        |x| x.exp() * x,
        |x| x.sum(),
        |x| x.prod_axis(0),
        |x| x.max_axis(1),
        |x| x.t(),
        |x| x.reshape(&[3, 0]),
        |x| x.dot(&arbitrary(&[3, 2], 1)),
        |x| x.t().dot(x),
        |x| concatenate(0, &[x.clone(), arbitrary(&[2, 3], 1)]),
    ];
    for (i, f) in functions.into_iter().enumerate() {
        let (value, pull_back) = vector_jacobian(f, &x);
        assert_eq!(pull_back(&value.ones()).shape(), [0, 3], "function {i}");
    }
    assert_eq!(jacobian(|x| x.exp())(&x).shape(), [0, 3, 0, 3]);
}

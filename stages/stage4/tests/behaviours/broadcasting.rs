//! Shapes broadcast as in `ndarray` and NumPy, and every gradient has the shape of its input.

use pretty_assertions::assert_eq;
use stage4::ops::select;
use stage4::{Value, vector_jacobians};

use crate::check::{arbitrary, assert_gradients};

type Binary = fn(&[Value]) -> Value;

const OPERATIONS: [(&str, Binary); 8] = [
    ("add", |x| &x[0] + &x[1]),
    ("sub", |x| &x[0] - &x[1]),
    ("mul", |x| &x[0] * &x[1]),
    ("div", |x| &x[0] / &x[1]),
    ("powf", |x| x[0].powf(&x[1])),
    ("maximum", |x| x[0].maximum(&x[1])),
    ("minimum", |x| x[0].minimum(&x[1])),
    ("select", |x| select(&x[0].greater(&x[1]), &x[0], &x[1])),
];

/// Two shapes, and the shape of the result.
const SHAPES: [[&[usize]; 3]; 12] = [
    [&[], &[], &[]],
    [&[], &[3], &[3]],
    [&[], &[1], &[1]],
    [&[1], &[3], &[3]],
    [&[3, 1], &[1, 4], &[3, 4]],
    [&[3, 1], &[4], &[3, 4]],
    [&[1, 1], &[2], &[1, 2]],
    [&[2, 3, 4], &[4], &[2, 3, 4]],
    [&[2, 3, 4], &[3, 1], &[2, 3, 4]],
    [&[2, 1, 4], &[3, 1], &[2, 3, 4]],
    [&[1, 3], &[2, 1, 1], &[2, 1, 3]],
    [&[0, 3], &[3], &[0, 3]],
];

#[test]
fn results_and_gradients_have_their_shapes_either_way_round() {
    for (name, f) in OPERATIONS {
        for [x, y, result] in SHAPES {
            for [x, y] in [[x, y], [y, x]] {
                let (value, pull_back) = vector_jacobians(f, &[arbitrary(x, 1), arbitrary(y, 2)]);
                assert_eq!(value.shape(), result, "{name}");
                let gradients = pull_back(&value.ones());
                assert_eq!(
                    [gradients[0].shape(), gradients[1].shape()],
                    [x, y],
                    "{name}"
                );
            }
        }
    }
}

#[test]
fn what_was_repeated_gets_the_sum_over_its_copies() {
    for [x, y, result] in SHAPES {
        let (value, pull_back) =
            vector_jacobians(|x| &x[0] + &x[1], &[arbitrary(x, 1), arbitrary(y, 2)]);
        let gradients = pull_back(&value.ones());
        let count = result.iter().product::<usize>() as f64;
        // All elements of the seed arrive, none is lost or doubled.
        assert_eq!(
            [gradients[0].sum().value(), gradients[1].sum().value()],
            [count, count]
        );
    }
}

#[test]
fn select_broadcasts_all_three_arguments() {
    let shapes: [[&[usize]; 3]; 7] = [
        [&[3], &[], &[]],
        [&[3], &[], &[3]],
        [&[3], &[3], &[]],
        [&[], &[3], &[]],
        [&[3, 1], &[1, 2], &[]],
        [&[2], &[3, 1], &[1, 1]],
        [&[2, 1, 1], &[3], &[2, 1]],
    ];
    for [condition, x, y] in shapes {
        let condition = arbitrary(condition, 3).greater(1.0);
        let choose = |p: &[Value]| select(&condition, &p[0], &p[1]).exp();
        let name = format!("select of {:?}, {x:?} and {y:?}", condition.shape());
        assert_gradients(&name, &choose, &[arbitrary(x, 1), arbitrary(y, 2)]);
    }
}

#[test]
fn a_number_and_an_array_of_one_element_stay_apart() {
    let (value, pull_back) = vector_jacobians(
        |x| &x[0] * &x[1],
        &[Value::from(2.0), Value::from(ndarray::array![3.0])],
    );
    assert_eq!(value.shape(), [1]);
    let gradients = pull_back(&value.ones());
    assert_eq!(gradients[0], 3.0);
    assert_eq!(gradients[1].array(), ndarray::array![2.0].into_dyn());
}

//! # What was repeated adds up
//!
//! Chapter: arrays.md#unbroadcast
//!
//! About: gradients, rules, shapes, higher derivatives
//!
//! Items: rules.rs `define`, `unbroadcast`, `arithmetic`, `functions`, `share`, `choices`
//!
//! The rules for each element are those of stage 3, and `define` puts them into the registry. One
//! thing is new: where an argument was repeated to the shape of the result, its gradient is the sum
//! over all copies. Each gradient has exactly the shape of its argument.
//!
//! `asin` and `acos` have the problem that `tanh` had: near ±1 the digits of 1 − x² are lost. Their
//! rules divide by a primitive that keeps them: `COS_ASIN` in `ops.rs`, the cosine of the inverse sine,
//! which is √((1 − x)(1 + x)). Its derivative is −x divided by its value. For `tanh` there is
//! `TANH_SLOPE`, which is 1 − y², computed from y and x. It is a function of y alone: x is detached,
//! and has the derivative 0.
//!
//! A choice (`select`, `maximum`, `minimum`) hands the gradient to the side that was taken and 0 to
//! the other, whatever the gradient is, NaN and infinity included. At a tie, and beside a NaN, neither
//! side of a maximum loses: each gets half of the gradient at a tie, and all of it beside a NaN. `abs`
//! has the derivative 0 at 0. Powers: in x, xʸ has the derivative 0 at x = y = 0, and in y it has 0 at
//! x = 0 and y ≥ 0. The results of `floor` and of the comparisons have no derivative. A gradient that
//! was accumulated needs a rule too.
//!
//! Names: the rules belong to the primitives of `ops.rs`, and to `ACCUMULATE`.
//!
//! Hint 1: A number that is added to a vector of three goes into three results. What is its
//! gradient?
//! Hint 2: Where the shapes are equal, `unbroadcast` returns the gradient as it is: sums and reshapes
//! get their rules only in the next step. Otherwise it sums the gradient over the axes that the
//! argument does not have, and over those that have length 1 in it, and gives it the argument's
//! shape.
//! Hint 3: `gradient.sum_axis(repeated).reshape(goal)`. A product with 0 and 1 is no choice, since
//! 0 · ∞ is NaN: use `select` in the rules of choices. `ACCUMULATE` passes its gradient on to both.

use ndarray::{Array3, array};
use pretty_assertions::assert_eq;
use stage4::ops::select;
use stage4::{Value, grad, vector_jacobian, vector_jacobians};

/// A function of two values.
type Operator = fn(&Value, &Value) -> Value;

/// The gradients of the sum of `f` in both inputs, and the check that they have their shapes.
fn by_both(f: Operator, x: &Value, y: &Value) -> [Value; 2] {
    let (value, pull_back) = vector_jacobians(|x| f(&x[0], &x[1]), &[x.clone(), y.clone()]);
    let gradients: [Value; 2] = pull_back(&value.ones()).try_into().expect("two");
    assert_eq!(gradients[0].shape(), x.shape());
    assert_eq!(gradients[1].shape(), y.shape());
    gradients
}

#[test]
fn equal_shapes_pass_the_gradient_on() {
    let (x, y) = (Value::from(array![2.0, 3.0]), Value::from(array![5.0, 7.0]));
    let [by_x, by_y] = by_both(|x, y| x * y, &x, &y);
    assert_eq!(by_x.array(), array![5.0, 7.0].into_dyn());
    assert_eq!(by_y.array(), array![2.0, 3.0].into_dyn());
}

#[test]
fn a_number_gets_the_sum_over_the_vector() {
    let (x, y) = (Value::from(2.0), Value::from(array![5.0, 7.0, 11.0]));
    let [by_x, by_y] = by_both(|x, y| x * y, &x, &y);
    assert_eq!(by_x, 23.0);
    assert_eq!(by_y.array(), array![2.0, 2.0, 2.0].into_dyn());
    let [by_y, by_x] = by_both(|y, x| y - x, &y, &x);
    assert_eq!(by_x, -3.0);
    assert_eq!(by_y.array(), array![1.0, 1.0, 1.0].into_dyn());
}

#[test]
fn a_column_and_a_row_each_get_the_sum_along_the_other() {
    let column = Value::from(array![[1.0], [2.0], [3.0]]);
    let row = Value::from(array![[10.0, 20.0, 30.0, 40.0]]);
    let [by_column, by_row] = by_both(|x, y| x * y, &column, &row);
    assert_eq!(
        by_column.array(),
        array![[100.0], [100.0], [100.0]].into_dyn()
    );
    assert_eq!(by_row.array(), array![[6.0, 6.0, 6.0, 6.0]].into_dyn());
}

#[test]
fn a_vector_gets_the_sum_over_the_axes_that_it_does_not_have() {
    let cube = Value::from(Array3::from_elem((2, 5, 3), 1.0));
    let vector = Value::from(array![1.0, 2.0, 4.0]);
    let [by_cube, by_vector] = by_both(|x, y| x / y, &cube, &vector);
    assert_eq!(by_cube.array().index_axis(ndarray::Axis(2), 2).sum(), 2.5);
    assert_eq!(by_vector.array(), array![-10.0, -2.5, -0.625].into_dyn());
}

#[test]
fn an_axis_of_length_1_stays_when_there_is_nothing_to_repeat() {
    let (x, y) = (Value::from(array![[2.0]]), Value::from(array![[3.0]]));
    let [by_x, _] = by_both(|x, y| x * y, &x, &y);
    assert_eq!(by_x.array(), array![[3.0]].into_dyn());
}

#[test]
fn a_choice_passes_the_gradient_to_the_side_taken() {
    let x = Value::from(array![-1.0, 0.0, 2.0]);
    let relu = |x: &Value| select(&x.greater(0.0), x, 0.0);
    let (_, pull_back) = vector_jacobian(relu, &x);
    assert_eq!(
        pull_back(&x.ones()).array(),
        array![0.0, 0.0, 1.0].into_dyn()
    );
    // Not even infinity gets through on the other side.
    let seed = Value::from(array![f64::INFINITY, f64::NAN, 1.0]);
    assert_eq!(pull_back(&seed).array(), array![0.0, 0.0, 1.0].into_dyn());
}

#[test]
fn both_sides_of_each_operator_get_the_sum_over_their_copies() {
    let number = Value::from(2.0);
    let vector = Value::from(array![1.0, 2.0, 4.0]);
    let operators: [(Operator, f64, f64); 4] = [
        (|x, y| x + y, 3.0, 3.0),
        (|x, y| x - y, 3.0, -3.0),
        (|x, y| x * y, 7.0, 7.0),
        (|x, y| x / y, 1.75, -1.75),
    ];
    for (operator, on_the_left, on_the_right) in operators {
        assert_eq!(by_both(operator, &number, &vector)[0], on_the_left);
        assert_eq!(by_both(operator, &vector, &number)[1], on_the_right);
    }
}

#[test]
fn a_nan_gets_the_gradient_of_a_maximum_that_is_nan() {
    let (x, y) = (array![f64::NAN, 1.0], array![1.0, f64::NAN]);
    let choices: [Operator; 2] = [|x, y| x.maximum(y), |x, y| x.minimum(y)];
    for f in choices {
        let [by_x, by_y] = by_both(f, &Value::from(x.clone()), &Value::from(y.clone()));
        assert_eq!([by_x.array()[0], by_y.array()[1]], [1.0, 1.0]);
    }
}

#[test]
fn a_number_that_is_selected_several_times_gets_the_sum() {
    let x = Value::from(array![1.0, 2.0, 3.0, 4.0]);
    let (_, pull_back) = vector_jacobian(
        |number| select(&x.greater(2.5), number, &x),
        &Value::from(7.0),
    );
    assert_eq!(pull_back(&x), 7.0); // 3 + 4
}

#[test]
fn at_a_tie_each_side_gets_half() {
    let x = Value::from(array![1.0, 5.0, 3.0]);
    let y = Value::from(array![2.0, 2.0, 3.0]);
    let [by_x, by_y] = by_both(|x, y| x.maximum(y), &x, &y);
    assert_eq!(by_x.array(), array![0.0, 1.0, 0.5].into_dyn());
    assert_eq!(by_y.array(), array![1.0, 0.0, 0.5].into_dyn());
    let [by_x, by_y] = by_both(|x, y| x.minimum(y), &x, &y);
    assert_eq!(by_x.array(), array![1.0, 0.0, 0.5].into_dyn());
    assert_eq!(by_y.array(), array![0.0, 1.0, 0.5].into_dyn());
}

#[test]
fn powers_are_safe_at_0() {
    let (x, y) = (
        Value::from(array![0.0, 0.0, 0.0, 2.0]),
        Value::from(array![0.0, 1.0, 2.0, 3.0]),
    );
    let [by_x, by_y] = by_both(|x, y| x.powf(y), &x, &y);
    assert_eq!(by_x.array(), array![0.0, 1.0, 0.0, 12.0].into_dyn());
    let ln_2 = 2.0_f64.ln();
    assert_eq!(by_y.array(), array![0.0, 0.0, 0.0, 8.0 * ln_2].into_dyn());
}

#[test]
fn each_function_has_its_derivative() {
    let x = 0.3_f64;
    type Function = fn(&Value) -> Value;
    let functions: [(Function, f64); 17] = [
        (|x| -x, -1.0),
        (Value::sin, x.cos()),
        (Value::cos, -x.sin()),
        (Value::tan, 1.0 / x.cos().powi(2)),
        (Value::asin, 1.0 / (1.0 - x * x).sqrt()),
        (Value::acos, -1.0 / (1.0 - x * x).sqrt()),
        (Value::atan, 1.0 / (1.0 + x * x)),
        (Value::sinh, x.cosh()),
        (Value::cosh, x.sinh()),
        (Value::tanh, 1.0 / x.cosh().powi(2)),
        (Value::exp, x.exp()),
        (Value::exp_m1, x.exp()),
        (Value::ln, 1.0 / x),
        (Value::ln_1p, 1.0 / (1.0 + x)),
        (Value::sqrt, 0.5 / x.sqrt()),
        (Value::abs, 1.0),
        (Value::square, 2.0 * x),
    ];
    for (i, (function, derivative)) in functions.into_iter().enumerate() {
        let computed = grad(function)(&Value::from(x)).value();
        assert!(
            (computed - derivative).abs() < 1e-14,
            "function {i}: {computed}"
        );
    }
}

#[test]
fn rules_keep_their_digits_where_a_difference_would_lose_them() {
    type Function = fn(&Value) -> Value;
    let functions: [(&str, Function, f64, f64); 4] = [
        ("tanh", Value::tanh, 18.0, 9.278091320974273e-16),
        ("tanh", Value::tanh, -20.0, 1.6993417021166355e-17),
        ("asin", Value::asin, 0.999999999, 22360.68009678968),
        ("acos", Value::acos, -0.999999999, -22360.68009678968),
    ];
    for (name, function, x, expected) in functions {
        let found = grad(function)(&Value::from(x)).value();
        assert!(
            (found - expected).abs() < 1e-12 * expected.abs(),
            "the slope of {name} at {x}\n  left: {found}\n right: {expected}"
        );
    }
}

#[test]
fn a_gradient_is_differentiated_again() {
    let x = Value::from(2.0);
    assert_eq!(grad(grad(|x| x * x * x))(&x), 12.0);
    let slope = |x: &Value| vector_jacobian(|x| x * x * x, x).1(&x.ones());
    let vector = Value::from(array![1.0, 2.0]);
    let (gradient, pull_back) = vector_jacobian(slope, &vector);
    assert_eq!(gradient.array(), array![3.0, 12.0].into_dyn());
    assert_eq!(
        pull_back(&vector.ones()).array(),
        array![6.0, 12.0].into_dyn()
    );
}

#[test]
fn perturbations_are_not_confused_between_nested_gradients() {
    let slope = grad(|x| x * grad(|y| x + y)(&Value::from(1.0)));
    assert_eq!(slope(&Value::from(1.0)), 1.0);
    let nested = grad(|x| grad(|y| x * y)(x));
    assert_eq!(nested(&Value::from(5.0)), 1.0);
}

//! # Jacobians and Hessians
//!
//! Chapter: arrays.md#jacobians-and-hessians
//!
//! About: higher derivatives, shapes
//!
//! Items: backward.rs `grads`, `value_and_grad`, derivatives.rs `elementwise_grad`, `jacobian`, `unit`,
//! `hessian`, `hessian_vector_product`, `returning_number`, `jvp`
//!
//! Everything else is composed from what is there. A function of several inputs has a gradient in each.
//! A function that returns an array has a Jacobian: one pull-back for each element of the result. The
//! Hessian is the Jacobian of the gradient, and its product with one vector does not need the Hessian.
//! And forward mode, the Jacobian times a vector, needs no other engine: the pull-back is linear in its
//! seed, and the pull-back of the pull-back goes the other way, from a vector to the Jacobian times
//! that vector.
//!
//! Names: `grads(f)(&xs)` is a `Vec` with a gradient for each input. `elementwise_grad(f)(&x)` has the
//! shape of `x`: the derivative of each element in the one at the same place. `jacobian(f)(&x)` has
//! the axes of the result, then those of `x`. `hessian(f)(&x)` and `hessian_vector_product(f)(&x,
//! &vector)` are for an `f` that returns a number. `jvp(f, &x, &vector)` returns the value and the
//! derivative along the vector. `value_and_grad(f, &x)` is `value_and_grads` for one input.
//!
//! Refusals: `grad` of a function that returns an array says `grad`, the shape and the ways out:
//! `elementwise_grad`, `jacobian` and `vector_jacobian`. `hessian` says the shape. A vector of another
//! shape than `x` is refused with both shapes.
//!
//! Hint 1: A pull-back with a 1 in one place and 0 elsewhere gives one row of the Jacobian.
//! Hint 2: For curves, seed all elements of the result with 1. For the Hessian, compose two
//! functions that exist already.
//! Hint 3: `jacobian(grad(f))`. The Hessian is symmetric, so its product with a vector is what the
//! pull-back of the gradient makes of that vector. In `jvp`, take the pull-back of
//! `|seed| pull_back(seed)`, at any seed.

use std::rc::Rc;

use ndarray::array;
use pretty_assertions::assert_eq;
use stage4::{
    Data, Primitive, Raw, Value, defvjp, downcast, elementwise_grad, grad, grads, hessian,
    hessian_vector_product, jacobian, jvp, value_and_grad, value_and_grads,
};

mod common;

use common::assert_refused;

#[test]
fn there_is_a_gradient_by_each_input() {
    let neuron = |x: &[Value]| (x[0].dot(&x[1]) + &x[2]).tanh().sum();
    let inputs = [
        Value::from(array![[1.0, 2.0], [3.0, 4.0]]),
        Value::from(array![0.0, 0.0]),
        Value::from(0.0),
    ];
    let gradients = grads(neuron)(&inputs);
    assert_eq!(
        gradients[0].array(),
        array![[0.0, 0.0], [0.0, 0.0]].into_dyn()
    );
    assert_eq!(gradients[1].array(), array![4.0, 6.0].into_dyn());
    assert_eq!(gradients[2], 2.0);
    let (value, same) = value_and_grads(neuron, &inputs);
    assert_eq!(value, 0.0);
    assert_eq!(same[1].array(), gradients[1].array());
}

#[test]
fn gradients_by_several_inputs_are_differentiated_again() {
    let f = |x: &[Value]| &x[0] * &x[0] * &x[1];
    let mixed = grads(|x| grads(f)(x).swap_remove(0)); // 2·x·y
    assert_eq!(mixed(&[3.0.into(), 5.0.into()]), [10.0, 6.0]);
}

#[test]
fn grad_of_an_array_names_the_shape_and_what_to_do() {
    let slope = || grad(|x| x * x)(&Value::from(array![1.0, 2.0]));
    let ways_out = ["`elementwise_grad`", "`jacobian`", "`vector_jacobian`"];
    assert_refused(slope, &["`grad`", "[2]"]);
    assert_refused(slope, &ways_out);
}

#[test]
fn curves_are_differentiated_at_all_points_at_once() {
    let x = Value::from(array![0.0, 1.0, 2.0]);
    let cube = |x: &Value| x * x * x;
    let slopes = elementwise_grad(cube);
    assert_eq!(slopes(&x).array(), array![0.0, 3.0, 12.0].into_dyn());
    let curvatures = elementwise_grad(elementwise_grad(cube));
    assert_eq!(curvatures(&x).array(), array![0.0, 6.0, 12.0].into_dyn());
}

#[test]
fn a_jacobian_has_a_row_for_each_result() {
    let polar = |x: &Value| {
        let (radius, angle) = (x.index(&[0]), x.index(&[1]));
        stage4::ops::stack(0, &[&radius * angle.cos(), &radius * angle.sin()])
    };
    let rows = jacobian(polar)(&Value::from(array![2.0, 0.0]));
    assert_eq!(rows.array(), array![[1.0, 0.0], [0.0, 2.0]].into_dyn());
}

#[test]
fn a_jacobian_is_not_transposed() {
    // Neither symmetric nor of one row or column, and not even square.
    let f = |x: &Value| {
        let (x, y, z) = (x.index(&[0]), x.index(&[1]), x.index(&[2]));
        stage4::ops::stack(0, &[&x + 10.0 * &y, &y * &z])
    };
    let rows = jacobian(f)(&Value::from(array![1.0, 2.0, 3.0]));
    let expected = array![[1.0, 10.0, 0.0], [0.0, 3.0, 2.0]].into_dyn();
    assert_eq!(rows.array(), expected);
    let a = Value::from(array![[1.0, 2.0], [5.0, 3.0]]);
    let of_a_linear_map = jacobian(|x| a.dot(x))(&Value::from(array![7.0, 8.0]));
    assert_eq!(of_a_linear_map.array(), a.array());
}

#[test]
fn a_jacobian_has_the_axes_of_the_result_then_those_of_the_input() {
    let x = Value::from(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    assert_eq!(jacobian(|x| x.sum_axis(1))(&x).shape(), [2, 2, 3]);
    assert_eq!(jacobian(|x| x.sum())(&x).shape(), [2, 3]);
    let by_number = jacobian(|x| x * Value::from(array![1.0, 2.0]));
    assert_eq!(
        by_number(&Value::from(3.0)).array(),
        array![1.0, 2.0].into_dyn()
    );
    assert_eq!(jacobian(|x| x * x)(&Value::from(3.0)), 6.0);
}

#[test]
fn a_hessian_is_the_jacobian_of_the_gradient() {
    let f = |x: &Value| x.prod() + x.index(&[0]).powf(3.0);
    let x = Value::from(array![2.0, 3.0]);
    let matrix = array![[12.0, 1.0], [1.0, 0.0]].into_dyn();
    assert_eq!(hessian(f)(&x).array(), matrix);
    assert_eq!(jacobian(grad(f))(&x).array(), matrix);
}

#[test]
fn a_hessian_is_that_of_a_function_that_returns_a_number() {
    let of_an_array = || hessian(|x| x.sin())(&Value::from(array![2.0, 3.0]));
    assert_refused(of_an_array, &["[2]"]);
}

#[test]
fn a_hessian_vector_product_is_the_hessian_times_the_vector() {
    let f = |x: &Value| (x.sin() * x.sum()).sum();
    let x = Value::from(array![0.5, 1.0, 1.5]);
    let vector = Value::from(array![1.0, -2.0, 3.0]);
    let product = hessian_vector_product(f)(&x, &vector).array();
    let expected = hessian(f)(&x).dot(&vector).array();
    assert!((product - expected).iter().all(|error| error.abs() < 1e-14));
}

#[test]
fn a_vector_of_another_shape_is_refused() {
    let x = Value::from(array![2.0, 3.0]);
    let product = hessian_vector_product(|x| x.prod());
    assert_refused(
        || product(&x, &Value::from(array![1.0, 1.0, 1.0])),
        &["[3]", "[2]"],
    );
}

#[test]
fn forward_mode_is_the_jacobian_times_the_vector() {
    // From three numbers to two.
    let f = |x: &Value| x.take(0, &[0, 1]) * x.take(0, &[1, 2]);
    let x = Value::from(array![2.0, 3.0, 5.0]);
    let vector = Value::from(array![1.0, 10.0, 100.0]);
    let (value, along) = jvp(f, &x, &vector);
    assert_eq!(value.array(), array![6.0, 15.0].into_dyn());
    assert_eq!(along.array(), array![23.0, 350.0].into_dyn());
    let expected = jacobian(f)(&x).dot(&vector);
    assert_eq!(along.array(), expected.array());
    let short = Value::from(array![1.0, 10.0]);
    assert_refused(|| jvp(f, &x, &short), &["[2]", "[3]"]);
}

#[test]
fn the_value_and_the_gradient_by_one_input_come_together() {
    let (value, gradient) = value_and_grad(|x| x.prod(), &Value::from(array![2.0, 3.0]));
    assert_eq!(value, 6.0);
    assert_eq!(gradient.array(), array![3.0, 2.0].into_dyn());
}

/// A point in the plane.
#[derive(Debug, PartialEq)]
struct Point(f64, f64);

impl Data for Point {
    fn zeros(&self) -> Raw {
        Rc::new(Point(0.0, 0.0))
    }

    fn ones(&self) -> Raw {
        Rc::new(Point(1.0, 1.0))
    }

    fn add(&self, other: &Raw) -> Raw {
        let other = downcast::<Point>(other).expect("a point for a point");
        Rc::new(Point(self.0 + other.0, self.1 + other.1))
    }
}

static DOT: Primitive = Primitive::new("dot", |args| {
    let (p, q) = (args.get::<Point>(0), args.get::<Point>(1));
    Rc::new(p.0 * q.0 + p.1 * q.1)
});

static SCALE: Primitive = Primitive::new("scale", |args| {
    let (factor, p) = (args.get::<f64>(0), args.get::<Point>(1));
    Rc::new(Point(factor * p.0, factor * p.1))
});

#[test]
fn a_type_of_ones_own_takes_part_in_all_of_this() {
    let dot = |p: &Value, q: &Value| DOT.bind(&[p, q]);
    defvjp(
        &DOT,
        &[
            |g, _, p| SCALE.bind(&[g, &p[1]]),
            |g, _, p| SCALE.bind(&[g, &p[0]]),
        ],
    );
    defvjp(
        &SCALE,
        &[
            |g, _, x| DOT.bind(&[g, &x[1]]),
            |g, _, x| SCALE.bind(&[&x[0], g]),
        ],
    );
    let (p, q) = (Value::new(Point(3.0, 4.0)), Value::new(Point(1.0, 0.0)));

    // The distance from the origin. Its gradient is p / |p|.
    let distance = |p: &Value| dot(p, p).sqrt();
    let gradient = grad(distance)(&p);
    let Point(x, y) = gradient.data();
    assert!((x - 0.6).abs() < 1e-15 && (y - 0.8).abs() < 1e-15);

    // Along q, a second time: (q − (q·p) p / |p|²) / |p|.
    let curvature = hessian_vector_product(distance)(&p, &q);
    let Point(x, y) = curvature.data();
    assert!((x - 16.0 / 125.0).abs() < 1e-15 && (y + 12.0 / 125.0).abs() < 1e-15);
}

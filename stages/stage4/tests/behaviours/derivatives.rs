//! Higher orders, Jacobians, Hessians, several inputs; known references.

use ndarray::array;
use pretty_assertions::assert_eq;
use stage4::ops::stack;
use stage4::{
    Value, elementwise_grad, grad, grads, hessian, hessian_vector_product, jacobian,
    value_and_grads, vector_jacobian,
};

use crate::check::{arbitrary, assert_close, assert_gradients};

/// A number from a vector, with mixed derivatives of all orders.
fn mixed(x: &Value) -> Value {
    (x.sin() * x.sum()).exp().sum() + x.prod() * x.dot(x)
}

/// A vector from a vector.
fn map(x: &Value) -> Value {
    x.outer(x).tanh().sum_axis(0) * x.take(0, &[1, 2, 0])
}

#[test]
fn gradients_of_arrays_stay_arrays_at_every_order() {
    let x = arbitrary(&[3], 1);
    let mut f: Box<dyn Fn(&Value) -> Value> = Box::new(|x| (x.tanh() * x).sum());
    for order in 1..=4 {
        let gradient = grad(f);
        let value = gradient(&x);
        assert_eq!(value.shape(), [3], "order {order}");
        assert_eq!(value.raw().kind(), x.raw().kind(), "order {order}");
        assert!(matches!(value, Value::Plain(_)), "order {order}");
        f = Box::new(move |x| gradient(x).sum());
    }
}

#[test]
fn curves_are_differentiated_to_any_order() {
    let x = Value::from(array![0.5, 1.0, 2.0]);
    let mut f: Box<dyn Fn(&Value) -> Value> = Box::new(|x| x.exp() + x * x * x);
    let exp = x.array().exp();
    let cube = [
        3.0 * &x.array() * &x.array(),
        6.0 * &x.array(),
        array![6.0, 6.0, 6.0].into_dyn(),
        array![0.0, 0.0, 0.0].into_dyn(),
    ];
    for expected in cube {
        f = Box::new(elementwise_grad(f));
        assert_close(&f(&x), &(&exp + &expected));
    }
}

#[test]
fn the_ways_to_compose_a_hessian_agree() {
    let x = arbitrary(&[3], 1);
    let expected = hessian(mixed)(&x).array();
    assert_eq!(expected.shape(), [3, 3]);
    assert_close(&jacobian(grad(mixed))(&x), &expected);
    assert_close(&hessian(mixed)(&x).t(), &expected);

    // Row by row: the gradient of each element of the gradient.
    let row = |i: usize| grad(move |x| grad(mixed)(x).index(&[i]))(&x);
    assert_close(&stack(0, &[row(0), row(1), row(2)]), &expected);

    // Column by column: products with the unit vectors.
    let unit = |i: usize| {
        let mut unit = array![0.0, 0.0, 0.0];
        unit[i] = 1.0;
        Value::from(unit)
    };
    let column = |i: usize| hessian_vector_product(mixed)(&x, &unit(i));
    assert_close(&stack(1, &[column(0), column(1), column(2)]), &expected);

    // The gradient of the gradient's product with a vector.
    let vector = arbitrary(&[3], 2);
    let product = hessian_vector_product(mixed)(&x, &vector);
    assert_close(&product, &hessian(mixed)(&x).dot(&vector).array());
    assert_close(&grad(|x| grad(mixed)(x).dot(&vector))(&x), &product.array());
}

#[test]
fn the_ways_to_compose_a_jacobian_agree() {
    let x = arbitrary(&[3], 1);
    let expected = jacobian(map)(&x).array();
    let row = |i: usize| grad(move |x| map(x).index(&[i]))(&x);
    assert_close(&stack(0, &[row(0), row(1), row(2)]), &expected);

    // The pull-back of a pull-back pushes forward: the transpose of the transpose.
    let (_, pull_back) = vector_jacobian(map, &x);
    let vector = arbitrary(&[3], 2);
    assert_close(
        &pull_back(&vector),
        &jacobian(map)(&x).t().dot(&vector).array(),
    );
    let transposed = |seed: &Value| vector_jacobian(map, &x).1(seed);
    let (_, push_forward) = vector_jacobian(transposed, &x.zeros());
    assert_close(
        &push_forward(&vector),
        &jacobian(map)(&x).dot(&vector).array(),
    );
}

#[test]
fn jacobians_are_differentiated_in_turn() {
    let x = arbitrary(&[2], 1);
    let cube = |x: &Value| x * x * x;
    let third = jacobian(jacobian(jacobian(cube)))(&x);
    assert_eq!(third.shape(), [2, 2, 2, 2]);
    assert_eq!(third.index(&[0, 0, 0, 0]), 6.0);
    assert_eq!(third.sum(), 12.0);
    let f = |x: &[Value]| jacobian(map)(&x[0]);
    assert_gradients("jacobian", &f, &[arbitrary(&[3], 1)]);
    let f = |x: &[Value]| hessian_vector_product(mixed)(&x[0], &x[1]);
    assert_gradients(
        "hessian_vector_product",
        &f,
        &[arbitrary(&[3], 1), arbitrary(&[3], 2)],
    );
}

#[test]
fn a_hessian_of_a_matrix_has_four_axes() {
    let x = arbitrary(&[2, 2], 1);
    let second = hessian(|x| (x * x).sum())(&x);
    let expected = ndarray::Array2::eye(4) * 2.0;
    assert_eq!(second.shape(), [2, 2, 2, 2]);
    assert_eq!(second.reshape(&[4, 4]).array(), expected.into_dyn());
}

#[test]
fn what_does_not_depend_on_the_input_has_zeros() {
    let x = arbitrary(&[2, 3], 1);
    assert_eq!(grad(|_| Value::from(7.0))(&x).array(), x.zeros().array());
    assert_eq!(
        jacobian(|_| arbitrary(&[2], 2))(&x).array(),
        ndarray::Array3::zeros((2, 2, 3)).into_dyn()
    );
    assert_eq!(
        hessian(|x| x.sum())(&x).array(),
        ndarray::Array4::zeros((2, 3, 2, 3)).into_dyn()
    );
    assert_eq!(grad(grad(|x| x.clone()))(&Value::from(3.0)), 0.0);
    let gradients = grads(|x| x[1].sum())(&[x.clone(), Value::from(array![1.0, 2.0])]);
    assert_eq!(gradients[0].array(), x.zeros().array());
    assert_eq!(gradients[1].array(), array![1.0, 1.0].into_dyn());
}

#[test]
fn classic_functions_have_their_known_gradients() {
    let at = |x: f64, y: f64| [Value::from(x), Value::from(y)];

    let goldstein_price = |p: &[Value]| {
        let (x, y) = (&p[0], &p[1]);
        let first = (x + y + 1.0).powf(2.0)
            * (19.0 - 14.0 * x + 3.0 * x * x - 14.0 * y + 6.0 * x * y + 3.0 * y * y);
        let second = (2.0 * x - 3.0 * y).powf(2.0)
            * (18.0 - 32.0 * x + 12.0 * x * x + 48.0 * y - 36.0 * x * y + 27.0 * y * y);
        (1.0 + first) * (30.0 + second)
    };
    let gradients = grads(goldstein_price)(&at(1.0, 1.0));
    assert_eq!(gradients, [-5376.0, 8064.0]);

    let rosenbrock =
        |p: &[Value]| (1.0 - &p[0]).powf(2.0) + 100.0 * (&p[1] - &p[0] * &p[0]).powf(2.0);
    assert_eq!(grads(rosenbrock)(&at(0.0, 2.0)), [-2.0, 400.0]);

    let newton = |x: &Value| x.powf(4.0) - 2.0 * x * x;
    assert_eq!(grad(newton)(&Value::from(2.0)), 24.0);
    assert_eq!(grad(grad(newton))(&Value::from(2.0)), 44.0);

    let relu = |x: Value| stage4::ops::select(&x.greater(0.0), &x, 0.0);
    let micrograd = |p: &[Value]| {
        let (a, b) = (&p[0], &p[1]);
        let (mut c, mut d) = (a + b, a * b + b.powf(3.0));
        c = &c + &c + 1.0;
        c = 1.0 + &c + &c - a;
        d = &d + &d * 2.0 + relu(b + a);
        d = &d + 3.0 * &d + relu(b - a);
        let f = (c - d).powf(2.0);
        &f / 2.0 + 10.0 / &f
    };
    let (value, gradients) = value_and_grads(micrograd, &at(-4.0, 2.0));
    let rounded = |x: &Value| (x.value() * 1e4).round() / 1e4;
    assert_eq!(rounded(&value), 24.7041);
    assert_eq!(rounded(&gradients[0]), 138.8338);
    assert_eq!(rounded(&gradients[1]), 645.5773);
}

//! What the chapter on custom rules says of linear equations.

#[path = "../examples/systems.rs"]
#[allow(dead_code, reason = "the tests have no use for what is printed")]
mod systems;

use ndarray::{Array2, array};
use stage4::{Value, grad, hessian_vector_product};
use systems::{define, det, factored, inverse, solve};

/// Matrices whose first pivot is 0, that are far from symmetric, and of other sizes.
fn matrices() -> [Value; 4] {
    [
        Value::from(array![[0.0, 2.0, 1.0], [4.0, 1.0, 0.0], [1.0, 0.0, 3.0]]),
        Value::from(array![[1.0, 2.0, -1.0], [0.5, 1.5, 2.0], [3.0, -1.0, 0.3]]),
        Value::from(array![[2.0]]),
        Value::from(Array2::from_shape_fn((5, 5), |(i, j)| {
            ((3 * i + 7 * j + i * j) % 11) as f64 + if i == j { 4.0 } else { 0.0 }
        })),
    ]
}

fn right_side(a: &Value) -> Value {
    let n = a.shape()[0];
    Value::from(Array2::from_shape_fn((n, 2), |(i, j)| {
        (i as f64 + 1.0) * (j as f64 - 0.3)
    }))
}

/// Weights for each element of a result, so that no two of them can be mixed up.
fn weighed(x: &Value) -> Value {
    let weights = (0..x.array().len()).map(|i| 1.0 + 0.7 * (i as f64).sin());
    let weights = Value::from(ndarray::Array1::from_iter(weights));
    (x * weights.reshape(x.shape())).sum()
}

fn assert_close(actual: &Value, expected: &Value, tolerance: f64) {
    let size = expected.abs().max().value().max(1.0);
    let largest = (actual - expected).abs().max().value();
    assert!(largest <= tolerance * size, "{actual} and {expected}");
}

/// Compares the gradient, and a product with the Hessian, with differences of what they derive from.
fn check(f: impl Fn(&Value) -> Value, x: &Value) {
    let gradient = grad(&f)(x);
    let moved = |place: usize, by: f64| {
        let mut elements = x.array();
        *elements.iter_mut().nth(place).unwrap() += by;
        Value::from(elements)
    };
    let differences = (0..x.array().len()).map(|place| {
        let [up, down] = [1e-5, -1e-5].map(|by| f(&moved(place, by)).value());
        (up - down) / 2e-5
    });
    let differences = Value::from(ndarray::Array1::from_iter(differences)).reshape(x.shape());
    assert_close(&gradient, &differences, 1e-6);

    let along = Value::from(x.array().mapv(|x| 0.3 * x + 0.1));
    let product = hessian_vector_product(&f)(x, &along);
    let [up, down] = [1e-5, -1e-5].map(|by| grad(&f)(&(x + &along * by)));
    assert_close(&product, &((up - down) / 2e-5), 1e-6);
}

#[test]
fn solutions_solve_and_inverses_invert() {
    define();
    for a in matrices() {
        let b = right_side(&a);
        assert_close(&a.dot(&solve(&a, &b)), &b, 1e-12);
        assert_close(
            &inverse(&a).dot(&a),
            &Value::from(Array2::<f64>::eye(a.shape()[0])),
            1e-12,
        );
    }
}

#[test]
fn determinants_are_those_by_hand() {
    define();
    let [swapped, full, single, _] = matrices();
    for (a, expected) in [(swapped, -25.0), (full, 19.15), (single, 2.0)] {
        assert!((det(&a).value() - expected).abs() < 1e-12);
    }
    assert_eq!(det(&Value::from(array![[1.0, 2.0], [2.0, 4.0]])), 0.0);
}

#[test]
fn all_rules_agree_with_differences_at_two_orders() {
    define();
    for a in matrices() {
        let b = right_side(&a);
        check(|a| weighed(&solve(a, &b)), &a);
        check(|b| weighed(&solve(&a, b)).powf(2.0), &b);
        check(|a| weighed(&inverse(a)), &a);
        check(det, &a);
    }
}

#[test]
fn the_rule_of_the_inverse_is_that_of_giles() {
    define();
    let [a, ..] = matrices();
    let weights = Value::from(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 10.0]]);
    let gradient = grad(|a| (inverse(a) * &weights).sum())(&a);
    let c = inverse(&a);
    assert_close(&gradient, &-c.t().dot(&weights).dot(&c.t()), 1e-12);
}

#[test]
fn a_matrix_is_factored_once_for_all_derivatives() {
    define();
    let [a, ..] = matrices();
    let b = right_side(&a);
    let f = |a: &Value| weighed(&solve(a, &b));
    assert_eq!(factored(|| drop(grad(f)(&a))), 1);
    assert_eq!(factored(|| drop(hessian_vector_product(f)(&a, &a))), 1);
}

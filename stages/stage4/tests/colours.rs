//! What the chapter on practice says of Jacobians that are mostly zeros.

#[path = "../examples/colours.rs"]
#[allow(dead_code, reason = "the tests have no use for what is printed")]
mod colours;

use colours::{define, forces, places, tridiagonal, walks};
use ndarray::Array2;
use stage4::{Value, jacobian};

#[test]
fn three_products_hold_the_whole_jacobian() {
    define();
    for n in [1, 2, 3, 7, 30] {
        let x = places(n);
        let by_hand = Array2::from_shape_fn((n, n), |(i, j)| match i.abs_diff(j) {
            0 => -2.0 - (0.3 * i as f64).cos(),
            1 => 1.0,
            _ => 0.0,
        });
        let by_colours = Value::from(tridiagonal(forces, &x));
        assert!((&by_colours - Value::from(by_hand)).abs().max() < 1e-15);
        assert!((by_colours - jacobian(forces)(&x)).abs().max() < 1e-15);
    }
}

#[test]
fn the_number_of_products_does_not_grow() {
    define();
    for n in [6, 120] {
        let x = places(n);
        assert_eq!(walks(|| drop(tridiagonal(forces, &x))), 3);
        assert_eq!(walks(|| drop(jacobian(forces)(&x))), n);
    }
}

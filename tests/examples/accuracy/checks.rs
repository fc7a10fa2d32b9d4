//! The bounds are kept, the reference is right, and the edges are as the book shows them.

use pretty_assertions::assert_eq;

use crate::operations::{Operation, operations};
use crate::reference::{self, big};
use crate::{Row, curvatures, edges, slopes};

fn bounded(rows: impl Iterator<Item = Row>) {
    let mut wrong = Vec::new();
    for row in rows {
        let [of_value, of_derivative] = row.bounds;
        let value = row.value.as_ref().map_or(0.0, |worst| worst.error);
        if value > of_value || row.worst().error > of_derivative {
            wrong.push(row.to_string());
        }
    }
    assert!(wrong.is_empty(), "beyond the bounds:\n{}", wrong.join("\n"));
}

#[test]
fn values_and_slopes_of_every_operation_are_within_their_bounds() {
    bounded(operations().iter().flat_map(slopes));
}

#[test]
fn second_derivatives_of_every_operation_are_within_their_bounds() {
    bounded(operations().iter().filter_map(curvatures));
}

/// Those that move elements compute nothing.
const MOVING: [&str; 8] = [
    "broadcast",
    "reshape",
    "permute",
    "slice",
    "pad",
    "take",
    "scatter",
    "concatenate",
];

/// What the table calls primitives that are written with signs.
const WRITTEN: [(&str, &str); 7] = [
    ("add", "x + y"),
    ("sub", "x − y"),
    ("mul", "x · y"),
    ("div", "x / y"),
    ("neg", "−x"),
    ("powf", "x^y"),
    ("matmul", "dot"),
];

#[test]
fn the_table_holds_every_primitive_that_computes() {
    let source = include_str!("../../../stages/stage4/src/ops.rs");
    let named = source.split("Primitive::new(\"").skip(1);
    let named: Vec<&str> = named.filter_map(|rest| rest.split('"').next()).collect();
    assert!(named.len() > 30, "{named:?}");
    let table = operations();
    for name in named {
        let written = WRITTEN.iter().find(|(primitive, _)| *primitive == name);
        let with_x = format!("{name} x");
        let names = [name, &with_x, written.map_or("", |(_, written)| written)];
        let listed = |operation: &Operation| names.contains(&operation.name);
        assert!(
            MOVING.contains(&name) || table.iter().any(listed),
            "`{name}` is not in the table"
        );
    }
}

#[test]
fn the_reference_knows_numbers_from_elsewhere() {
    let known = [
        // 1e22 is 10²² exactly, and a well-known hard case.
        (
            reference::value(|x| x[0].sin(), &[1e22]),
            -0.8522008497671888,
        ),
        (
            reference::slope(|x| x[0].sin(), &[1e22], 0),
            0.523214785395139,
        ),
        (
            reference::value(|x| x[0].exp(), &[1.0]),
            std::f64::consts::E,
        ),
        (reference::slope(|x| x[0].ln(), &[0.25], 0), 4.0),
        (reference::slope(|x| &x[0] / &x[1], &[1.0, 4.0], 1), -0.0625),
        (reference::curvature(|x| x[0].powf(&x[0]), 1.0), 2.0),
        // sech², and −2·sech²·tanh.
        (
            reference::slope(|x| x[0].tanh(), &[18.0], 0),
            9.278091320974273e-16,
        ),
        (
            reference::curvature(|x| x[0].tanh(), 18.0),
            -1.8556182641948537e-15,
        ),
    ];
    for (number, known) in known {
        assert_eq!(number.to_f64().value(), known);
    }
}

#[test]
fn errors_are_counted_in_units_in_the_last_place() {
    let ulp = f64::EPSILON;
    assert_eq!(reference::error(1.0, &big(1.0, 100)), 0.0);
    assert_eq!(reference::error(1.0 + 3.0 * ulp, &big(1.0, 100)), 3.0);
    let between = big(1.0, 100) + big(ulp, 100) / big(4.0, 100);
    assert_eq!(reference::error(1.0, &between), 0.25);
    assert_eq!(reference::error(1.0 + ulp, &between), 0.75);
    // The smallest numbers are all one unit apart, and 0 is one of them.
    assert_eq!(reference::error(0.0, &big(5e-324, 100)), 1.0);
    assert_eq!(reference::error(1e-323, &big(0.0, 100)), 2.0);
    let too_large = big(f64::MAX, 100) * big(2.0, 100);
    assert_eq!(reference::error(f64::INFINITY, &too_large), 0.0);
    assert_eq!(reference::error(f64::MAX, &too_large), f64::INFINITY);
    assert_eq!(reference::error(f64::NAN, &big(1.0, 100)), f64::INFINITY);
}

#[test]
fn the_edges_are_as_the_book_shows_them() {
    let expected = "\
function | at | value | gradient
1 / x | 0 | ∞ | -∞
1 / x | -0 | -∞ | -∞
x / y | 1e160, 1e-300 | ∞ | 9.999999999999999e299, -∞
x · y | ∞, 0 | NaN | 0, ∞
sqrt x | 0 | 0 | ∞
sqrt x | -0 | -0 | -∞
sqrt x | ∞ | ∞ | 0
ln x | 0 | -∞ | ∞
ln x | -0 | -∞ | -∞
ln x | -1 | NaN | -1
exp x | 710 | ∞ | ∞
exp x | -∞ | 0 | 0
sin x | ∞ | NaN | NaN
tanh x | 711 | 1 | 0
tanh x | ∞ | 1 | 0
asin x | 1 | 1.5707963267948966 | ∞
asin x | 1.1 | NaN | NaN
atan x | 1e155 | 1.5707963267948966 | 0
abs x | 0 | 0 | 0
maximum | 3, 3 | 3 | 0.5, 0.5
maximum | NaN, 1 | NaN | 1, 1
x^y | 0, 0 | 1 | 0, 0
x^y | 0, 2 | 0 | 0, 0
x^y | 0, -1 | ∞ | -∞, -∞
x^y | -2, 3 | -8 | 12, NaN
x^y | 0.5, ∞ | 0 | 0, -0
x^y | 2, -∞ | 0 | 0, 0
x^y | ∞, -1 | 0 | -0, 0
prod | 0, 2, 5 | 0 | 10, 0, 0
prod | 0, ∞, 2 | NaN | ∞, 0, NaN
max | 1, NaN, 2 | NaN | 0, 1, 0
logsumexp | -∞, 1 | 1 | 0, 1
logsumexp | -∞, -∞ | -∞ | 0, 0
logsumexp | ∞, 1 | ∞ | 1, 0
logsumexp | ∞, ∞ | ∞ | 0.5, 0.5
softmax, the first | -∞, 1 | 0 | 0, 0
softmax, the first | -∞, -∞ | 0.5 | 0, 0
softmax, the first | ∞, 1 | 1 | 0, 0
";
    assert_eq!(edges::table(), expected);
}

//! What the engine says at the edges: at zeros of both signs, at infinity and NaN, at ties, and
//! where a result overflows.

use stage4::Value;
use stage4::ops::stack;
use tests::stages::Stage;

use crate::numbers;

/// A function, and its inputs.
type Edge = (&'static str, fn(&[Value]) -> Value, &'static [f64]);

const INFINITY: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

const EDGES: &[Edge] = &[
    ("1 / x", |x| 1.0 / &x[0], &[0.0]),
    ("1 / x", |x| 1.0 / &x[0], &[-0.0]),
    ("x / y", |x| &x[0] / &x[1], &[1e160, 1e-300]),
    ("x · y", |x| &x[0] * &x[1], &[INFINITY, 0.0]),
    ("sqrt x", |x| x[0].sqrt(), &[0.0]),
    ("sqrt x", |x| x[0].sqrt(), &[-0.0]),
    ("sqrt x", |x| x[0].sqrt(), &[INFINITY]),
    ("ln x", |x| x[0].ln(), &[0.0]),
    ("ln x", |x| x[0].ln(), &[-0.0]),
    ("ln x", |x| x[0].ln(), &[-1.0]),
    ("exp x", |x| x[0].exp(), &[710.0]),
    ("exp x", |x| x[0].exp(), &[-INFINITY]),
    ("sin x", |x| x[0].sin(), &[INFINITY]),
    ("tanh x", |x| x[0].tanh(), &[711.0]),
    ("tanh x", |x| x[0].tanh(), &[INFINITY]),
    ("asin x", |x| x[0].asin(), &[1.0]),
    ("asin x", |x| x[0].asin(), &[1.1]),
    ("atan x", |x| x[0].atan(), &[1e155]),
    ("abs x", |x| x[0].abs(), &[0.0]),
    ("maximum", |x| x[0].maximum(&x[1]), &[3.0, 3.0]),
    ("maximum", |x| x[0].maximum(&x[1]), &[NAN, 1.0]),
    ("x^y", |x| x[0].powf(&x[1]), &[0.0, 0.0]),
    ("x^y", |x| x[0].powf(&x[1]), &[0.0, 2.0]),
    ("x^y", |x| x[0].powf(&x[1]), &[0.0, -1.0]),
    ("x^y", |x| x[0].powf(&x[1]), &[-2.0, 3.0]),
    ("x^y", |x| x[0].powf(&x[1]), &[0.5, INFINITY]),
    ("x^y", |x| x[0].powf(&x[1]), &[2.0, -INFINITY]),
    ("x^y", |x| x[0].powf(&x[1]), &[INFINITY, -1.0]),
    ("prod", |x| stack(0, x).prod(), &[0.0, 2.0, 5.0]),
    ("prod", |x| stack(0, x).prod(), &[0.0, INFINITY, 2.0]),
    ("max", |x| stack(0, x).max(), &[1.0, NAN, 2.0]),
    ("logsumexp", logsumexp, &[-INFINITY, 1.0]),
    ("logsumexp", logsumexp, &[-INFINITY, -INFINITY]),
    ("logsumexp", logsumexp, &[INFINITY, 1.0]),
    ("logsumexp", logsumexp, &[INFINITY, INFINITY]),
    ("softmax, the first", softmax, &[-INFINITY, 1.0]),
    ("softmax, the first", softmax, &[-INFINITY, -INFINITY]),
    ("softmax, the first", softmax, &[INFINITY, 1.0]),
];

fn logsumexp(x: &[Value]) -> Value {
    stack(0, x).logsumexp_axis(0)
}

fn softmax(x: &[Value]) -> Value {
    stack(0, x).softmax_axis(0).index(&[0])
}

/// The table.
pub(crate) fn table() -> String {
    let mut table = String::from("function | at | value | gradient\n");
    for (name, f, at) in EDGES {
        let (value, gradient) = Value::gradient(f, at);
        let cells = [numbers(at), numbers(&[value]), numbers(&gradient)];
        table += &format!("{name} | {}\n", cells.join(" | "));
    }
    table
}

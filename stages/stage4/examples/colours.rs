//! A Jacobian that is mostly zeros, from three products instead of one for each column.

use std::cell::Cell;
use std::rc::Rc;

use ndarray::{Array1, Array2};
use stage4::{Primitive, Value, concatenate, defvjp, jacobian, jvp};

thread_local! {
    static WALKS: Cell<usize> = const { Cell::new(0) };
}

/// Hands its argument on, and counts how often its rule is called: once in each walk back through it.
static COUNT: Primitive = Primitive::new("count", |args| Rc::clone(args.raw(0)));

pub(crate) fn define() {
    defvjp(
        &COUNT,
        &[|gradient, _, _| {
            WALKS.set(WALKS.get() + 1);
            gradient.clone()
        }],
    );
}

/// How many walks back `f` takes.
pub(crate) fn walks(f: impl FnOnce()) -> usize {
    WALKS.set(0);
    f();
    WALKS.get()
}

// ANCHOR: chain
/// Beads on a string: the force on each comes from its two neighbours and from itself.
pub(crate) fn forces(x: &Value) -> Value {
    // Returns `x` itself, and counts the walks for the table.
    let x = COUNT.bind(&[x]);
    let end = Value::from([0.0]);
    let all = concatenate(0, &[end.clone(), x.clone(), end]);
    let n = x.shape()[0];
    let [left, right] = [0, 2].map(|shift| all.slice_axis(0, shift..shift + n));
    left + right - 2.0 * &x - x.sin()
}
// ANCHOR_END: chain

// ANCHOR: coloured
/// The Jacobian of a function whose results depend on three neighbouring inputs at most, from one
/// product for each colour.
pub(crate) fn tridiagonal(f: impl Fn(&Value) -> Value, x: &Value) -> Array2<f64> {
    let n = x.shape()[0];
    let mut matrix = Array2::zeros((n, n));
    for colour in 0..3 {
        // All columns of a colour at once: no two of them have a number in the same row.
        let seed = Array1::from_shape_fn(n, |column| f64::from(column % 3 == colour));
        let product = jvp(&f, x, &Value::from(seed)).1.array();
        for column in (colour..n).step_by(3) {
            for row in column.saturating_sub(1)..(column + 2).min(n) {
                matrix[[row, column]] = product[[row]];
            }
        }
    }
    matrix
}
// ANCHOR_END: coloured

/// Places of the beads.
pub(crate) fn places(n: usize) -> Value {
    Value::from(Array1::from_shape_fn(n, |i| 0.3 * i as f64))
}

fn show(name: &str, matrix: &Array2<f64>) {
    println!("matrix: {name}");
    for row in matrix.rows() {
        let numbers = row
            .iter()
            .map(|x| format!("{}", (x * 10.0).round() / 10.0 + 0.0));
        println!("{}", Vec::from_iter(numbers).join(" "));
    }
}

fn main() {
    define();
    let x = places(6);
    println!("## picture");
    show("the Jacobian", &tridiagonal(forces, &x));
    let seeds = Array2::from_shape_fn((6, 3), |(i, colour)| f64::from(i % 3 == colour));
    println!();
    show("three seeds", &seeds);
    println!();
    let matrix = jacobian(forces)(&x);
    show(
        "three products",
        &matrix
            .dot(&Value::from(seeds))
            .array()
            .into_dimensionality()
            .expect("a matrix"),
    );

    println!("## table");
    println!("beads  walks, row by row  walks, by colours  largest difference");
    for n in [6, 30, 120] {
        let x = places(n);
        let by_rows = walks(|| drop(jacobian(forces)(&x)));
        let by_colours = walks(|| drop(tridiagonal(forces, &x)));
        let matrix = Value::from(tridiagonal(forces, &x));
        let difference = (jacobian(forces)(&x) - matrix).abs().max();
        println!("{n:5}  {by_rows:17}  {by_colours:17}  {difference:18}");
    }
}

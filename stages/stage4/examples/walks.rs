//! How often a derivative runs the function, and how often it walks back through it.

use std::cell::Cell;
use std::rc::Rc;

use ndarray::{Array1, Array2};
use stage4::{
    Primitive, Value, defvjp, grad, hessian, hessian_vector_product, jacobian, jvp, stack,
};

thread_local! {
    static RUNS: Cell<usize> = const { Cell::new(0) };
    static WALKS: Cell<usize> = const { Cell::new(0) };
}

/// Hands its argument on, and counts: a call of it is a run, and a call of its rule is a walk back
/// through that run.
static COUNT: Primitive = Primitive::new("count", |args| {
    RUNS.set(RUNS.get() + 1);
    Rc::clone(args.raw(0))
});

/// n numbers to n numbers.
fn squares(x: &Value) -> Value {
    let x = COUNT.bind(&[x]);
    &x * &x
}

/// n numbers to one.
fn sum_of_cubes(x: &Value) -> Value {
    let x = COUNT.bind(&[x]);
    (&x * &x * &x).sum()
}

/// n numbers to m.
pub(crate) fn mixed(x: &Value, results: usize) -> Value {
    let x = COUNT.bind(&[x]);
    let weights = Array2::from_shape_fn((results, x.shape()[0]), |(i, j)| (i + 2 * j) as f64);
    Value::from(weights).dot(&x.sin())
}

/// The Jacobian by forward mode: a column for each input.
pub(crate) fn by_columns(f: impl Fn(&Value) -> Value, x: &Value) -> Value {
    let n = x.shape()[0];
    let unit = |j| Value::from(Array1::from_shape_fn(n, |i| f64::from(i == j)));
    let columns = Vec::from_iter((0..n).map(|j| jvp(&f, x, &unit(j)).1));
    stack(1, &columns)
}

/// Runs and walks that `derivative` takes.
pub(crate) fn counted(derivative: impl FnOnce()) -> (usize, usize) {
    RUNS.set(0);
    WALKS.set(0);
    derivative();
    (RUNS.get(), WALKS.get())
}

/// Prints how often the function ran and was walked through, for three sizes.
fn show(name: &str, derivative: impl Fn(&Value)) {
    print!("{name:32}");
    for n in [2, 10, 100] {
        let (runs, walks) = counted(|| derivative(&Value::from(Array1::from_elem(n, 0.5))));
        print!("  {runs:4}  {walks:5}");
    }
    println!();
}

pub(crate) fn define() {
    defvjp(
        &COUNT,
        &[|gradient, _, _| {
            WALKS.set(WALKS.get() + 1);
            gradient.clone()
        }],
    );
}

fn main() {
    define();

    println!("## table");
    println!("{:32}       n = 2       n = 10      n = 100", "");
    println!("{:32}{}", "", "  runs  walks".repeat(3));
    show("gradient", |x| drop(grad(sum_of_cubes)(x)));
    show("Jacobian of n results", |x| drop(jacobian(squares)(x)));
    show("Hessian", |x| drop(hessian(sum_of_cubes)(x)));
    show("Hessian-vector product", |x| {
        drop(hessian_vector_product(sum_of_cubes)(x, &x.ones()));
    });

    println!("## shapes");
    println!("inputs  results  by rows: runs  walks  by columns: runs  walks");
    for (inputs, results) in [(2, 100), (10, 10), (100, 2)] {
        let x = Value::from(Array1::from_elem(inputs, 0.5));
        let f = |x: &Value| mixed(x, results);
        let (runs, walks) = counted(|| drop(jacobian(f)(&x)));
        let (runs_by_columns, walks_by_columns) = counted(|| drop(by_columns(f, &x)));
        println!(
            "{inputs:6}  {results:7}  {runs:13}  {walks:5}  {runs_by_columns:16}  {walks_by_columns:5}"
        );
    }
}

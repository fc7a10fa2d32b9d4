//! How often a derivative runs the function, and how often it walks back through it.

use std::cell::Cell;
use std::rc::Rc;

use ndarray::Array1;
use stage4::{Primitive, Value, defvjp, grad, hessian, hessian_vector_product, jacobian};

thread_local! {
    static RUNS: Cell<usize> = const { Cell::new(0) };
    static WALKS: Cell<usize> = const { Cell::new(0) };
}

/// Hands its argument on, and counts: a call of it is a run, a call of its rule is a walk.
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

/// Prints how often the function ran and was walked through, for three sizes.
fn show(name: &str, derivative: impl Fn(&Value)) {
    print!("{name:32}");
    for n in [2, 10, 100] {
        RUNS.set(0);
        WALKS.set(0);
        derivative(&Value::from(Array1::from_elem(n, 0.5)));
        print!("  {:4}  {:5}", RUNS.get(), WALKS.get());
    }
    println!();
}

fn main() {
    defvjp(
        &COUNT,
        &[|gradient, _, _| {
            WALKS.set(WALKS.get() + 1);
            gradient.clone()
        }],
    );

    println!("## table");
    println!("{:32}       n = 2       n = 10      n = 100", "");
    println!("{:32}{}", "", "  runs  walks".repeat(3));
    show("gradient", |x| drop(grad(sum_of_cubes)(x)));
    show("Jacobian of n results", |x| drop(jacobian(squares)(x)));
    show("Hessian", |x| drop(hessian(sum_of_cubes)(x)));
    show("Hessian-vector product", |x| {
        drop(hessian_vector_product(sum_of_cubes)(x, &x.ones()));
    });
}

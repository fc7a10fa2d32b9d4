//! What the engine says when something does not fit. Each message names who refused, what came,
//! and what was expected.

use std::panic::{self, AssertUnwindSafe};
use std::rc::Rc;

use ndarray::array;
use stage4::{Primitive, Trace, Value, backward, defvjp, grad};

/// The sum of two arguments that broadcast, with rules that forget that they do.
static FORGETFUL_ADD: Primitive = Primitive::new("forgetful_add", |args| args.zip(|x, y| x + y));

/// A number, whatever comes in.
static NUMB: Primitive = Primitive::new("numb", |_| Rc::new(0.0));

/// Prints the message that `f` panics with.
fn show(name: &str, f: impl FnOnce()) {
    println!("## {name}");
    let error = panic::catch_unwind(AssertUnwindSafe(f)).expect_err("it panics");
    println!("{}", error.downcast_ref::<String>().expect("a text"));
}

fn main() {
    // So that a message is printed here, and not on the error output with a note about
    // backtraces.
    panic::set_hook(Box::new(|_| ()));
    defvjp(&FORGETFUL_ADD, &[|g, _, _| g.clone(), |g, _, _| g.clone()]);
    defvjp(&NUMB, &[|g, _, _| g.clone()]);

    let row = Value::from(array![10.0, 20.0]);
    let matrix = Value::from(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);

    show("shapes", || drop(&matrix * &row));

    show("without-sum", || {
        let square = Value::from(array![[1.0, 2.0], [3.0, 4.0]]);
        grad(|row| FORGETFUL_ADD.bind(&[&square, row]).sum())(&row);
    });

    show("another-kind", || {
        grad(|row| NUMB.bind(&[row]))(&row);
    });

    show("grad-of-an-array", || {
        grad(|row| row * row)(&row);
    });

    show("in-between", || {
        let trace = Trace::open();
        let x = trace.input(&Value::from(3.0));
        let Value::Boxed(y) = Value::Boxed(x).sin() else {
            unreachable!("the sine of a container is a container");
        };
        backward(&[(&y, Value::from(1.0))]).of(&y);
    });
}

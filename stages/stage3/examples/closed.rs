//! What is still closed in this stage: the rules, and who may have which.

use std::panic::{catch_unwind, set_hook};

use stage3::{Primitive, Value, grad};

/// A function that the crate does not have.
static SINH: Primitive = Primitive::new("sinh", |args| args[0].sinh());

/// A function whose name is taken.
static MINE: Primitive = Primitive::new("sin", |args| 100.0 * args[0]);

fn main() {
    set_hook(Box::new(|_| ())); // the message is printed here
    println!("## no-rule");
    let x = Value::from(1.0);
    println!("sinh 1 = {:.4}", SINH.bind(&[&x]).value());
    let error = catch_unwind(|| grad(|x| SINH.bind(&[x]))(&1.0.into())).expect_err("no rule");
    println!("{}", error.downcast_ref::<String>().expect("a text"));

    println!("## by-name");
    let slope = grad(|x| MINE.bind(&[x]))(&Value::from(0.0));
    println!("the slope of 100 x at 0: {}", slope.value());
}

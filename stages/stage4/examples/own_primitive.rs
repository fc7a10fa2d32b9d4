//! A function that the crate does not have, and its rule.

use std::panic;

use stage4::{Primitive, Value, defvjp, grad};

/// ln(1 + e^x), a smooth ramp, in the form that does not overflow.
static SOFTPLUS: Primitive = Primitive::new("softplus", |args| {
    args.map(|x| x.max(0.0) + (-x.abs()).exp().ln_1p())
});

fn softplus(x: &Value) -> Value {
    SOFTPLUS.bind(&[x])
}

fn main() {
    println!("## value");
    for x in [-2.0, 0.0, 2.0, 1000.0] {
        println!("softplus({x}) = {:.6}", softplus(&Value::from(x)).value());
    }

    println!("## without-a-rule");
    // So that the message is printed here, and not on the error output with a note about
    // backtraces.
    panic::set_hook(Box::new(|_| ()));
    let error = panic::catch_unwind(|| grad(softplus)(&Value::from(2.0)).value()).unwrap_err();
    println!("{}", error.downcast_ref::<String>().expect("a text"));

    println!("## with-a-rule");
    // The derivative is 1 / (1 + e^−x). The rule computes with traced values, so it has
    // derivatives itself.
    defvjp(
        &SOFTPLUS,
        &[|gradient, _result, args| gradient / (1.0 + (-&args[0]).exp())],
    );
    let first = grad(softplus);
    let second = grad(grad(softplus));
    println!("  x   first      second");
    for x in [-2.0, 0.0, 2.0] {
        let x = Value::from(x);
        let (first, second) = (first(&x).value(), second(&x).value());
        println!("{:3}   {first:.6}   {second:.6}", x.value());
    }
}

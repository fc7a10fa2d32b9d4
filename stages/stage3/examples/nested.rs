//! A derivative inside a function that is differentiated itself.

use stage3::{Value, grad};

fn main() {
    println!("## product");
    // d/dy (x·y) at y = 1 is x. So f is the identity, and its slope is 1.
    let f = |x: &Value| grad(|y| x * y)(&Value::from(1.0));
    let x = Value::from(5.0);
    println!("f(5) = {}, f′(5) = {}", f(&x).value(), grad(f)(&x).value());

    println!("## confusion");
    // d/dy (x + y) is 1. So g is the identity too. Take the outer x for the inner y, and you find
    // 2 there, and g′ becomes 2.
    let g = |x: &Value| x * grad(|y| x + y)(&Value::from(1.0));
    println!("g(5) = {}, g′(5) = {}", g(&x).value(), grad(g)(&x).value());
}

//! Control flow: a trace records what was computed, whatever made the choice.

use stage3::{Value, grad};

/// Newton's method for √a, from above.
fn root(a: &Value) -> Value {
    let mut x = a + 1.0;
    while &x * &x - a > 1e-12 {
        x = (&x + a / &x) * 0.5;
    }
    x
}

/// Between any two neighbouring whole numbers, this is a different parabola.
fn steps(x: &Value) -> Value {
    x.floor() * x * x
}

fn main() {
    println!("## newton");
    let a = Value::from(8.0);
    println!("root of 8    {:.8}", root(&a).value());
    println!("its slope    {:.8}", grad(root)(&a).value());
    println!("1/(2·√8)     {:.8}", 1.0 / (2.0 * 8.0_f64.sqrt()));

    println!("## floor");
    for x in [2.5, -2.5].map(Value::from) {
        // floor(x) counts as a constant: the derivatives are 2·floor(x)·x and 2·floor(x).
        let (slope, curvature) = (grad(steps)(&x), grad(grad(steps))(&x));
        println!(
            "x = {:4}: slope {:3}, second derivative {:2}",
            x.value(),
            slope.value(),
            curvature.value()
        );
    }
}

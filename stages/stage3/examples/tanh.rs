//! Six derivatives of (1 − e^−x) / (1 + e^−x), which is tanh(x/2).

use stage3::backward::order;
use stage3::{Trace, Value, grad};

fn tanh(x: &Value) -> Value {
    let y = (-x).exp();
    (1.0 - &y) / (1.0 + &y)
}

type Function = Box<dyn Fn(&Value) -> Value>;

/// The derivatives of orders 0 to 6.
fn derivatives() -> Vec<Function> {
    vec![
        Box::new(tanh),
        Box::new(grad(tanh)),
        Box::new(grad(grad(tanh))),
        Box::new(grad(grad(grad(tanh)))),
        Box::new(grad(grad(grad(grad(tanh))))),
        Box::new(grad(grad(grad(grad(grad(tanh)))))),
        Box::new(grad(grad(grad(grad(grad(grad(tanh))))))),
    ]
}

fn main() {
    // 200 points from −7 to 7, and the derivatives there.
    let points: Vec<f64> = (0..200)
        .map(|i| -7.0 + 14.0 * f64::from(i) / 199.0)
        .collect();
    let curve =
        |f: &Function| -> Vec<f64> { points.iter().map(|x| f(&Value::from(*x)).value()).collect() };
    let curves: Vec<Vec<f64>> = derivatives().iter().map(curve).collect();

    println!("## table");
    println!("order           at 0           at 1      height");
    for (order, f) in derivatives().iter().enumerate() {
        let at = |x: f64| f(&Value::from(x)).value();
        let height = curves[order]
            .iter()
            .fold(0.0_f64, |height, y| height.max(y.abs()));
        println!(
            "{order:5}  {:13}  {:13}  {height:10.8}",
            fixed(at(0.0), 10),
            fixed(at(1.0), 10)
        );
    }

    println!("## nodes");
    println!("order  nodes");
    for (order, f) in derivatives().iter().take(6).enumerate() {
        println!("{order:5}  {:5}", nodes(f));
    }

    println!("## curves");
    println!("x: x\ny: value");
    for (order, curve) in curves.iter().enumerate() {
        println!("panel: order {order}");
        for (x, y) in points.iter().zip(curve) {
            println!("{x:.3} {}", fixed(*y, 4));
        }
    }
}

/// How many nodes the result of `f` depends on in a trace that is opened around `f`.
fn nodes(f: impl Fn(&Value) -> Value) -> usize {
    let trace = Trace::open();
    let input = trace.input(&Value::from(1.0));
    match f(&Value::Boxed(input)) {
        Value::Boxed(result) => order(&[result.node()]).len(),
        Value::Plain(_) => 0,
    }
}

/// `value` with the given number of decimals, and without the sign of −0.
fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if digits.parse() == Ok(0.0) => digits.to_owned(),
        _ => text,
    }
}

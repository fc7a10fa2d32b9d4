//! A gradient that is far too large for a moment, and a limit to its length.

use stage4::{Value, value_and_grads};

// ANCHOR: loop
/// Ten times the same factor: far from the goal of 1/2 the loss is a cliff.
pub(crate) fn loss(p: &[Value]) -> Value {
    let end = (0..10).fold(p[1].clone(), |x, _| x * &p[0]);
    (end - 0.5).powf(2.0)
}
// ANCHOR_END: loop

// ANCHOR: clip
/// The length of all gradients together, as if they were one vector.
pub(crate) fn length(gradients: &[Value]) -> f64 {
    let squares = gradients.iter().map(|g| (g * g).sum());
    squares.sum::<Value>().value().sqrt()
}

/// The gradients, made shorter if together they are longer than `limit`. Their direction stays.
pub(crate) fn clip(gradients: &[Value], limit: f64) -> Vec<Value> {
    let factor = (limit / length(gradients)).min(1.0);
    gradients.iter().map(|g| g * factor).collect()
}
// ANCHOR_END: clip

/// A number, short.
fn short(x: f64) -> String {
    match x.abs() {
        0.001..10_000.0 => format!("{x:.3}"),
        _ => format!("{x:.0e}"),
    }
}

/// Where a descent has come to.
pub(crate) struct Place {
    pub(crate) factor: f64,
    pub(crate) loss: f64,
}

/// The places of a descent, with gradients as they are or limited.
pub(crate) fn descend(rate: f64, limit: Option<f64>, steps: usize) -> Vec<Place> {
    let mut parameters = [Value::from(1.5), Value::from(1.0)];
    let mut places = Vec::new();
    for _ in 0..=steps {
        let (loss, gradients) = value_and_grads(loss, &parameters);
        places.push(Place {
            factor: parameters[0].value(),
            loss: loss.value(),
        });
        let gradients = match limit {
            Some(limit) => clip(&gradients, limit),
            None => gradients,
        };
        for (parameter, gradient) in parameters.iter_mut().zip(&gradients) {
            *parameter -= gradient * rate;
        }
    }
    places
}

fn main() {
    let plain = descend(0.01, None, 400);
    let slow = descend(1e-5, None, 400);
    let clipped = descend(0.01, Some(1.0), 400);

    println!("## table");
    println!("step  factor at rate 0.01  loss  at 0.00001  loss  clipped  loss");
    for step in [0, 1, 2, 3, 50, 100, 400] {
        let descents = [&plain, &slow, &clipped].map(|places| &places[step]);
        let numbers = descents.map(|place| [place.factor, place.loss].map(short).join("  "));
        println!("{step}  {}", numbers.join("  "));
    }

    println!("## cliff");
    println!("x: factor");
    println!("y: length of the gradient log");
    println!("line: length");
    for i in 0..=40 {
        let factor = 0.7 + 0.02 * f64::from(i);
        let (_, gradients) = value_and_grads(loss, &[Value::from(factor), Value::from(1.0)]);
        println!("{factor:.2} {:.3e}", length(&gradients));
    }
    println!("guide: limit");
    println!("0.7 1");
    println!("1.5 1");
}

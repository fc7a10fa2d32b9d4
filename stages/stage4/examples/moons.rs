//! A network of two layers learns to tell two interleaved half-moons apart.

use std::f64::consts::PI;

use ndarray::{Array1, Array2};
use stage4::{Value, value_and_grads};

/// Points on each moon.
const POINTS: usize = 50;
/// Neurons in the hidden layer.
const HIDDEN: usize = 8;
const STEPS: usize = 600;
const LEARNING_RATE: f64 = 0.8;

/// A linear congruential generator: the same numbers on every machine.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number from −1 to 1.
    fn number(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (self.0 >> 33) as f64 / (1_u64 << 30) as f64 - 1.0
    }

    fn matrix(&mut self, rows: usize, columns: usize) -> Value {
        Value::from(Array2::from_shape_simple_fn((rows, columns), || {
            self.number()
        }))
    }
}

/// The points, one in each row, and what they are: 1 on the upper moon, −1 on the lower.
pub(crate) fn moons(random: &mut Random) -> (Value, Value) {
    let mut points = Array2::zeros((2 * POINTS, 2));
    let mut labels = Array1::zeros(2 * POINTS);
    for i in 0..POINTS {
        let (sin, cos) = (PI * i as f64 / (POINTS - 1) as f64).sin_cos();
        for (row, x, y, label) in [
            (2 * i, cos, sin, 1.0),
            (2 * i + 1, 1.0 - cos, 0.5 - sin, -1.0),
        ] {
            points[[row, 0]] = x + 0.15 * random.number();
            points[[row, 1]] = y + 0.15 * random.number();
            labels[row] = label;
        }
    }
    (Value::from(points), Value::from(labels))
}

// ANCHOR: network
/// One score for each point: above 0 for the upper moon.
pub(crate) fn network(parameters: &[Value], points: &Value) -> Value {
    let hidden = (points.dot(&parameters[0]) + &parameters[1]).tanh();
    hidden.dot(&parameters[2]) + &parameters[3]
}

/// The mean of ln(1 + exp(−label · score)): near 0 where the score has the sign of the label.
fn loss(parameters: &[Value], points: &Value, labels: &Value) -> Value {
    (-(labels * network(parameters, points)))
        .exp()
        .ln_1p()
        .mean()
}

/// The share of points whose score has the sign of their label.
pub(crate) fn accuracy(parameters: &[Value], points: &Value, labels: &Value) -> f64 {
    (labels * network(parameters, points))
        .greater(0.0)
        .mean()
        .value()
}
// ANCHOR_END: network

// ANCHOR: train
/// Learns by gradient descent. On the way `report` gets the step, the loss and the parameters.
pub(crate) fn train(
    random: &mut Random,
    (points, labels): &(Value, Value),
    mut report: impl FnMut(usize, f64, &[Value]),
) {
    let mut parameters = vec![
        random.matrix(2, HIDDEN),
        Value::from(Array1::zeros(HIDDEN)),
        random.matrix(HIDDEN, 1).reshape(&[HIDDEN]),
        Value::from(0.0),
    ];
    for step in 0..=STEPS {
        let (value, gradients) = value_and_grads(|p| loss(p, points, labels), &parameters);
        report(step, value.value(), &parameters);
        for (parameter, gradient) in parameters.iter_mut().zip(&gradients) {
            *parameter = &*parameter - gradient * LEARNING_RATE;
        }
    }
}
// ANCHOR_END: train

fn main() {
    let mut random = Random(2);
    let data = moons(&mut random);
    println!("## training");
    println!("step   loss  accuracy");
    train(&mut random, &data, |step, loss, parameters| {
        if step % 100 == 0 {
            let accuracy = accuracy(parameters, &data.0, &data.1);
            println!("{step:4}  {loss:.3}  {:7.1}%", 100.0 * accuracy);
        }
    });
}

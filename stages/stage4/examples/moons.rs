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
struct Random(u64);

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
fn moons(random: &mut Random) -> (Array2<f64>, Array1<f64>) {
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
    (points, labels)
}

// ANCHOR: network
/// One score for each point: above 0 for the upper moon.
fn network(parameters: &[Value], points: &Value) -> Value {
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
fn accuracy(parameters: &[Value], points: &Value, labels: &Value) -> f64 {
    (labels * network(parameters, points))
        .greater(0.0)
        .mean()
        .value()
}
// ANCHOR_END: network

// ANCHOR: train
/// Learns by gradient descent, and hands step, loss and accuracy to `report` on the way.
/// Returns the parameters.
pub(crate) fn train(mut report: impl FnMut(usize, f64, f64)) -> Vec<Value> {
    let mut random = Random(2);
    let (points, labels) = moons(&mut random);
    let (points, labels) = (Value::from(points), Value::from(labels));
    let mut parameters = vec![
        random.matrix(2, HIDDEN),
        Value::from(Array1::zeros(HIDDEN)),
        random.matrix(HIDDEN, 1).reshape(&[HIDDEN]),
        Value::from(0.0),
    ];
    for step in 0..=STEPS {
        let (value, gradients) = value_and_grads(|p| loss(p, &points, &labels), &parameters);
        if step % 100 == 0 {
            report(step, value.value(), accuracy(&parameters, &points, &labels));
        }
        for (parameter, gradient) in parameters.iter_mut().zip(&gradients) {
            *parameter = &*parameter - gradient * LEARNING_RATE;
        }
    }
    parameters
}
// ANCHOR_END: train

/// The plane, with the side of the boundary that the network puts each place on, and the points.
fn picture(parameters: &[Value]) -> String {
    let (columns, rows) = (64, 22);
    let x = |column: usize| -1.4 + 3.8 * column as f64 / (columns - 1) as f64;
    let y = |row: usize| 1.3 - 2.1 * row as f64 / (rows - 1) as f64;
    let mut cells = vec![vec![' '; columns]; rows];
    for (row, line) in cells.iter_mut().enumerate() {
        let places =
            Array2::from_shape_fn((columns, 2), |(column, axis)| [x(column), y(row)][axis]);
        let upper = network(parameters, &Value::from(places))
            .greater(0.0)
            .array();
        for (cell, upper) in line.iter_mut().zip(&upper) {
            *cell = if *upper == 1.0 { '.' } else { ' ' };
        }
    }
    let (points, labels) = moons(&mut Random(2));
    for (point, label) in points.rows().into_iter().zip(&labels) {
        let column = ((point[0] + 1.4) / 3.8 * (columns - 1) as f64).round() as usize;
        let row = ((1.3 - point[1]) / 2.1 * (rows - 1) as f64).round() as usize;
        cells[row][column] = if *label > 0.0 { 'o' } else { 'x' };
    }
    let lines = cells.into_iter().map(String::from_iter);
    let lines = lines.map(|line| line.trim_end().to_owned());
    Vec::from_iter(lines).join("\n")
}

fn main() {
    println!("## training");
    println!("step   loss  accuracy");
    let parameters = train(|step, loss, accuracy| {
        println!("{step:4}  {loss:.3}  {:7.1}%", 100.0 * accuracy);
    });

    println!("## boundary");
    println!("{}", picture(&parameters));
}

//! A convolution: one small matrix of weights, moved over a picture.

#[path = "digits.rs"]
#[allow(dead_code, reason = "parts of it are enough")]
mod digits;

use digits::{Random, adam};
use ndarray::{Array1, Array2};
use stage4::{Value, value_and_grads};

/// The rows of a picture, and its columns.
pub(crate) const SIDE: usize = 6;
/// The rows of a window, and its columns.
const WINDOW: usize = 3;
/// The places for a window in a row or a column.
const PLACES: usize = SIDE - WINDOW + 1;
/// The patterns that are looked for.
const PATTERNS: usize = 4;

// ANCHOR: windows
/// The points that each window sees, one window after the other.
fn points() -> Vec<usize> {
    let mut points = Vec::new();
    for (top, left) in grid(PLACES) {
        for (row, column) in grid(WINDOW) {
            points.push((top + row) * SIDE + left + column);
        }
    }
    points
}

/// All rows and columns below `side`.
fn grid(side: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..side).flat_map(move |row| (0..side).map(move |column| (row, column)))
}

/// How well each pattern fits into each window: for pictures in rows, a matrix of windows and
/// patterns for each picture.
pub(crate) fn convolved(pictures: &Value, patterns: &Value) -> Value {
    let count = pictures.shape()[0];
    let windows = pictures.take(1, &points());
    windows
        .reshape(&[count, PLACES * PLACES, WINDOW * WINDOW])
        .dot(patterns)
}
// ANCHOR_END: windows

// ANCHOR: networks
/// Each pattern counts where it fits best, wherever that is.
pub(crate) fn windowed(p: &[Value], pictures: &Value) -> Value {
    let fits = (convolved(pictures, &p[0]) + &p[1]).maximum(0.0);
    fits.max_axis(1).dot(&p[2]) + &p[3]
}

/// Every point has weights of its own.
pub(crate) fn dense(p: &[Value], pictures: &Value) -> Value {
    (pictures.dot(&p[0]) + &p[1]).maximum(0.0).dot(&p[2]) + &p[3]
}
// ANCHOR_END: networks

/// A network of two layers, as a function of parameters and pictures.
pub(crate) type Network = fn(&[Value], &Value) -> Value;

/// Weights for so many inputs and hidden neurons.
pub(crate) fn start(inputs: usize, hidden: usize) -> Vec<Value> {
    let mut random = Random(3);
    vec![
        random.weights(inputs, hidden),
        Value::from(Array1::zeros(hidden)),
        random.weights(hidden, 1).reshape(&[hidden]),
        Value::from(0.0),
    ]
}

/// Pictures of bars, three points long, and 1 for a bar that lies or −1 for one that stands.
pub(crate) struct Bars {
    pub(crate) pictures: Value,
    pub(crate) labels: Value,
}

/// The bars that are in the upper left, or those that are not.
pub(crate) fn bars(upper_left: bool) -> Bars {
    let (mut points, mut labels) = (Vec::new(), Vec::new());
    for (row, column) in grid(SIDE) {
        for (down, label) in [(0, 1.0), (1, -1.0)] {
            let right = 1 - down;
            let (last_row, last_column) = (row + 2 * down, column + 2 * right);
            let inside = last_row < SIDE && last_column < SIDE;
            if inside && (last_row < 4 && last_column < 4) == upper_left {
                let mut picture = [0.0; SIDE * SIDE];
                for i in 0..3 {
                    picture[(row + i * down) * SIDE + column + i * right] = 1.0;
                }
                points.extend(picture);
                labels.push(label);
            }
        }
    }
    let shape = (labels.len(), SIDE * SIDE);
    let pictures = Array2::from_shape_vec(shape, points).expect("36 points for each picture");
    Bars {
        pictures: Value::from(pictures),
        labels: Value::from(Array1::from(labels)),
    }
}

/// The share of bars that a network tells right.
pub(crate) fn right(network: Network, p: &[Value], bars: &Bars) -> f64 {
    let margins = &bars.labels * network(p, &bars.pictures);
    margins.greater(0.0).mean().value()
}

/// The parameters after so many steps on the bars in the upper left.
pub(crate) fn trained(network: Network, mut parameters: Vec<Value>, steps: usize) -> Vec<Value> {
    let bars = bars(true);
    let mut update = adam(0.02);
    for _ in 0..steps {
        let loss = |p: &[Value]| {
            (-(&bars.labels * network(p, &bars.pictures)))
                .softplus()
                .mean()
        };
        let (_, gradients) = value_and_grads(loss, &parameters);
        update(&mut parameters, &gradients);
    }
    parameters
}

fn main() {
    println!("## bars");
    for row in 0..SIDE {
        let line = |picture: usize| {
            let points = &bars(true).pictures.array();
            let ink = |column| points[[picture, row * SIDE + column]];
            String::from_iter((0..SIDE).map(|column| if ink(column) > 0.0 { '█' } else { '·' }))
        };
        println!("{}  {}", line(0), line(1));
    }

    println!("## table");
    println!("network     parameters  upper left  elsewhere");
    let [seen, unseen] = [bars(true), bars(false)];
    let networks: [(&str, Network, [usize; 2]); 2] = [
        ("each point", dense, [SIDE * SIDE, 8]),
        ("windows", windowed, [WINDOW * WINDOW, PATTERNS]),
    ];
    for (name, network, [inputs, hidden]) in networks {
        let parameters = trained(network, start(inputs, hidden), 300);
        let count: usize = parameters
            .iter()
            .map(|p| p.shape().iter().product::<usize>())
            .sum();
        let [seen, unseen] = [&seen, &unseen].map(|bars| right(network, &parameters, bars));
        println!(
            "{name:10}  {count:10}  {:9.0}%  {:8.0}%",
            100.0 * seen,
            100.0 * unseen
        );
    }
}

//! What the engines compute, where it starts, and how long it takes by hand.

use std::hint::black_box;

use ndarray::{Array1, Array2, ArrayD, Axis};
use tests::workloads::{broadcast, digits_network, rosenbrock, small_network, stretched_sines};

use crate::measure::{Make, Parts, Run, run, run_numbers};

pub const ROSENBROCK: &str = "Rosenbrock, 1,000";
pub const LARGE_ROSENBROCK: &str = "Rosenbrock, 100,000";
pub const CHAIN: &str = "chain, 1,000";
pub const LONG_CHAIN: &str = "chain, 1,000,000";
pub const NETWORK: &str = "small network";
pub const DIGITS: &str = "digits";
pub const BROADCAST: &str = "broadcast";
pub const TANH: &str = "six derivatives";

/// What is held on the way, in bytes for each operation of [`LONG_CHAIN`].
pub const MEMORY: &str = "bytes";

/// A step of a chain has three.
pub const OPERATIONS: f64 = 3e6;

/// The columns of the table, and the gradients by hand.
pub const WORKLOADS: [(&str, Make); 9] = [
    (ROSENBROCK, || rosenbrock_by_hand(1000)),
    (LARGE_ROSENBROCK, || rosenbrock_by_hand(100_000)),
    (CHAIN, || chain_by_hand(1000)),
    // After some 190,000 steps the derivative is smaller than the smallest normal number, and a
    // multiplication by it takes several times as long. By hand there is one in each step. At the end it is
    // so near 0 that the comparison says nothing of it: that of the shorter chain does.
    (LONG_CHAIN, || chain_by_hand(1_000_000)),
    (NETWORK, network_by_hand),
    (DIGITS, digits_by_hand),
    (BROADCAST, broadcast_by_hand),
    (TANH, tanh_by_hand),
    (MEMORY, || chain_by_hand(1_000_000)),
];

/// The rows and columns of the matrix in the broadcast expression.
pub const SIZE: usize = 1000;

/// The number at which a chain starts.
pub const CHAIN_INPUT: f64 = stretched_sines::INPUT;

fn rosenbrock_by_hand(count: usize) -> Box<dyn Run> {
    let x = rosenbrock::inputs(count);
    run_numbers(move || rosenbrock::by_hand(black_box(&x)))
}

fn chain_by_hand(count: usize) -> Box<dyn Run> {
    let gradient = move || stretched_sines::by_hand(count, black_box(CHAIN_INPUT));
    run(gradient, |(value, slope)| vec![vec![value], vec![slope]])
}

fn network_by_hand() -> Box<dyn Run> {
    let parameters = small_network::Parameters::start();
    let (samples, targets) = small_network::samples();
    run(
        move || small_network::by_hand(&samples, &targets, black_box(&parameters)),
        |(value, gradient)| vec![vec![value], gradient.flat()],
    )
}

fn digits_by_hand() -> Box<dyn Run> {
    let parameters = digits_network::Parameters::start();
    let (pictures, digits) = digits_network::samples();
    run(
        move || digits_network::by_hand(&pictures, &digits, black_box(&parameters)),
        |(value, gradient)| {
            let gradient = layers(gradient.weights, gradient.biases);
            join(value, gradient.into_iter().map(|x| x.into_iter().collect()))
        },
    )
}

fn broadcast_by_hand() -> Box<dyn Run> {
    let (a, b) = broadcast::inputs(SIZE);
    run(
        move || broadcast::by_hand(black_box(&a), &b),
        |(value, by_a, by_b)| vec![vec![value], by_a.into_iter().chain(by_b).collect()],
    )
}

/// The derivatives of tanh are polynomials in tanh.
fn tanh_by_hand() -> Box<dyn Run> {
    let points = tanh_points();
    let six = |x: &f64| {
        let y = x.tanh();
        let (y2, slope) = (y * y, 1.0 - y * y);
        [
            slope,
            slope * y * -2.0,
            slope * (6.0 * y2 - 2.0),
            slope * y * (16.0 - 24.0 * y2),
            slope * (16.0 + y2 * (120.0 * y2 - 120.0)),
            slope * y * (y2 * (960.0 - 720.0 * y2) - 272.0),
        ]
    };
    run(
        move || -> Vec<[f64; 6]> { black_box(&points).iter().map(six).collect() },
        |all| by_order(&all),
    )
}

/// 200 points, in whose middle is 0.
pub fn tanh_points() -> Vec<f64> {
    (0..200).map(|i| f64::from(i) * 0.03 - 2.985).collect()
}

/// The derivatives of all points, order by order.
pub fn by_order(all: &[[f64; 6]]) -> Parts {
    let order = |order: usize| all.iter().map(|six| six[order]).collect();
    (0..6).map(order).collect()
}

// For the engines whose numbers are arrays.

pub fn rosenbrock_array(count: usize) -> Vec<ArrayD<f64>> {
    vec![Array1::from(rosenbrock::inputs(count)).into_dyn()]
}

/// A and b.
pub fn broadcast_arrays() -> Vec<ArrayD<f64>> {
    let (a, b) = broadcast::inputs(SIZE);
    vec![a.into_dyn(), b.into_dyn()]
}

/// The samples and their targets.
pub fn network_data() -> Vec<ArrayD<f64>> {
    let (samples, targets) = small_network::samples();
    vec![samples.into_dyn(), targets.into_dyn()]
}

pub fn network_arrays() -> Vec<ArrayD<f64>> {
    let parameters = small_network::Parameters::start();
    layers(parameters.weights, parameters.biases)
}

/// The pictures and their digits.
pub fn digits_data() -> Vec<ArrayD<f64>> {
    let (pictures, digits) = digits_network::samples();
    vec![pictures.into_dyn(), digits.into_dyn()]
}

pub fn digits_arrays() -> Vec<ArrayD<f64>> {
    let parameters = digits_network::Parameters::start();
    layers(parameters.weights, parameters.biases)
}

/// The weights and the bias of each layer in turn. A bias is a matrix with one row.
fn layers<const N: usize>(weights: [Array2<f64>; N], biases: [Array1<f64>; N]) -> Vec<ArrayD<f64>> {
    let biases = biases.map(|bias| bias.insert_axis(Axis(0)).into_dyn());
    let layers = weights.into_iter().zip(biases);
    layers
        .flat_map(|(weights, bias)| [weights.into_dyn(), bias])
        .collect()
}

/// A value, and the gradients of all arrays one after the other.
pub fn join(value: f64, gradients: impl IntoIterator<Item = Vec<f64>>) -> Parts {
    vec![vec![value], gradients.into_iter().flatten().collect()]
}

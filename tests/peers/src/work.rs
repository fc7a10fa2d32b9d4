//! What the engines compute, where it starts, and how long it takes by hand.

use std::hint::black_box;

use ndarray::{Array1, ArrayD};
use tests::workloads::{broadcast, rosenbrock, small_network, stretched_sines};

use crate::measure::{Parts, Run, run, run_numbers};

/// The rows and columns of the matrix in the broadcast expression.
pub const SIZE: usize = 1000;

/// The number at which a chain of sines starts.
pub const SINES_INPUT: f64 = stretched_sines::INPUT;

pub fn rosenbrock_by_hand(count: usize) -> Box<dyn Run> {
    let x = rosenbrock::inputs(count);
    run_numbers(move || rosenbrock::by_hand(black_box(&x)))
}

pub fn sines_by_hand(count: usize) -> Box<dyn Run> {
    let gradient = move || stretched_sines::by_hand(count, black_box(SINES_INPUT));
    run(gradient, |(value, slope)| vec![vec![value], vec![slope]])
}

pub fn network_by_hand() -> Box<dyn Run> {
    let parameters = small_network::Parameters::start();
    let (samples, targets) = small_network::samples();
    run(
        move || small_network::by_hand(&samples, &targets, black_box(&parameters)),
        |(value, gradient)| vec![vec![value], gradient.flat()],
    )
}

pub fn broadcast_by_hand() -> Box<dyn Run> {
    let (a, b) = broadcast::inputs(SIZE);
    run(
        move || broadcast::by_hand(black_box(&a), &b),
        |(value, by_a, by_b)| vec![vec![value], by_a.into_iter().chain(by_b).collect()],
    )
}

/// The derivatives of tanh are polynomials in tanh.
pub fn tanh_by_hand() -> Box<dyn Run> {
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

/// The weights and the bias of each layer in turn. A bias is a matrix with one row.
pub fn network_arrays() -> Vec<ArrayD<f64>> {
    let parameters = small_network::Parameters::start();
    let layers = parameters.weights.into_iter().zip(parameters.biases);
    layers
        .flat_map(|(weights, bias)| {
            [
                weights.into_dyn(),
                bias.insert_axis(ndarray::Axis(0)).into_dyn(),
            ]
        })
        .collect()
}

/// A value, and the gradients of all arrays one after the other.
pub fn join(value: f64, gradients: impl IntoIterator<Item = Vec<f64>>) -> Parts {
    vec![vec![value], gradients.into_iter().flatten().collect()]
}

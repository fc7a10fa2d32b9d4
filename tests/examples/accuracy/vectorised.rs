//! Computed together, `exp` and `tanh` are nearly as exact, and the same at special values.

use ndarray::{ArrayD, Axis};
use pretty_assertions::assert_eq;
use stage4::Value;
use stage4::array::set_elementary;
use tests::vectorised::{BLOCK, FEW, VECTORISED};
use tests::workloads::numbers;

use crate::operations::operations;
use crate::reference;

type Function = fn(&Value) -> Value;

const FUNCTIONS: [(&str, Function); 2] = [("exp x", Value::exp), ("tanh x", Value::tanh)];

/// The function of an array, computed one number at a time, then several at once.
fn both(function: Function, numbers: &[f64]) -> [ArrayD<f64>; 2] {
    let x = Value::from(numbers);
    let exact = function(&x).array();
    set_elementary(Some(VECTORISED));
    let vectorised = function(&x).array();
    set_elementary(None);
    [exact, vectorised]
}

/// How many `f64`s apart the two numbers are.
fn distance(x: f64, y: f64) -> u64 {
    // Positions on a line, on which both zeros have the same place.
    let place = |x: f64| match x.to_bits().cast_signed() {
        bits if bits < 0 => i64::MIN - bits,
        bits => bits,
    };
    place(x).abs_diff(place(y))
}

/// If not, `rustnum` computes one number at a time.
fn computes_several_at_once() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx2")
        && std::arch::is_x86_feature_detected!("fma");
    #[cfg(not(target_arch = "x86_64"))]
    return cfg!(target_arch = "aarch64");
}

/// Each number of the table comes four times, once in each place of a group of four.
#[test]
fn results_are_at_most_two_numbers_from_the_nearest() {
    let table = operations();
    for (name, function) in FUNCTIONS {
        let operation = table.iter().find(|operation| operation.name == name);
        let operation = operation.expect("an operation of the table");
        let ordinary = numbers(400);
        let scaled = |scale: f64| ordinary.iter().map(move |x| x * scale);
        let scales = [1e-3, 0.1, 0.5, 1.0, 5.0, 30.0, 700.0];
        let mut xs = Vec::from_iter(scales.into_iter().flat_map(scaled));
        xs.extend(operation.points.iter().flatten().flat_map(|x| [*x; 4]));

        let [exact, vectorised] = both(function, &xs);
        if computes_several_at_once() {
            assert_ne!(vectorised, exact, "{name}: one number at a time");
        }
        for (x, found) in xs.iter().zip(&vectorised) {
            let right = reference::value(operation.reference, &[*x]);
            let away = distance(*found, right.to_f64().value());
            assert!(
                away <= 2,
                "{name} at {x:?}: {found:?} is {away} numbers away"
            );
        }
    }
}

/// Edges in each place of a group of four, beside ordinary numbers.
#[test]
fn results_at_the_edges_are_those_of_the_system() {
    let edges = [
        0.0,
        -0.0,
        1e-310,
        800.0,
        -800.0,
        f64::INFINITY,
        -f64::INFINITY,
        f64::NAN,
    ];
    for (name, function) in FUNCTIONS {
        for length in [FEW, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + FEW + 5] {
            let x = |i: usize| match i % 3 {
                0 => 0.3,
                _ => edges[(i + i / 8) % 8],
            };
            let xs = Vec::from_iter((0..length).map(x));
            let [exact, vectorised] = both(function, &xs);
            for (i, x) in xs.iter().enumerate().filter(|(i, _)| i % 3 > 0) {
                // As text, NaN equals itself, and −0 does not equal 0.
                let [exact, found] = [&exact, &vectorised].map(|all| format!("{:?}", all[i]));
                assert_eq!(found, exact, "{name} at {x:?}, element {i} of {length}");
            }
        }
    }
}

#[test]
fn a_few_elements_are_computed_one_after_the_other() {
    let xs = numbers(BLOCK + FEW - 1);
    for (name, function) in FUNCTIONS {
        let [exact, vectorised] = both(function, &xs[..FEW - 1]);
        assert_eq!(vectorised, exact, "{name}");
        let end = |array: &ArrayD<f64>| array.slice_axis(Axis(0), (BLOCK..).into()).to_owned();
        let [exact, vectorised] = both(function, &xs);
        assert_eq!(end(&vectorised), end(&exact), "{name}");
    }
}

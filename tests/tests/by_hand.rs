//! The yardstick of the benches: gradients written by hand are the stages' gradients.

use ndarray::Array2;
use stage4::Value;
use tests::finite::{self, relative_error};
use tests::stages::{Noted, Stage};
use tests::workloads::{
    broadcast, digits_network, rosenbrock, sines, six_derivatives, small_network, stretched_sines,
};

#[allow(
    dead_code,
    unreachable_pub,
    reason = "it has more operations than are timed, for a crate that others use"
)]
#[path = "../benches/challenge/taylor.rs"]
mod taylor;

use taylor::Taylor;

fn same(name: &str, by_hand: &[f64], other: &[f64]) {
    assert_eq!(by_hand.len(), other.len(), "{name}");
    for (i, (&by_hand, &other)) in by_hand.iter().zip(other).enumerate() {
        let error = relative_error(by_hand, other);
        assert!(
            error < 1e-12,
            "{name}, number {i}: {other}, by hand {by_hand}"
        );
    }
}

/// The elements of arrays, one after the other.
fn flat(values: &[Value]) -> Vec<f64> {
    values
        .iter()
        .flat_map(|value| value.array().into_iter())
        .collect()
}

#[test]
fn the_rosenbrock_gradient_of_1000_variables_is_every_stages_gradient() {
    fn stage<S: Stage>(f: fn(&[S]) -> S, x: &[f64]) {
        let (value, gradient) = S::gradient(f, x);
        let (known, by_hand) = rosenbrock::by_hand(x);
        same(S::NAME, &[known], &[value]);
        same(S::NAME, &by_hand, &gradient);
    }
    let x = rosenbrock::inputs(1000);
    let (known, by_hand) = rosenbrock::by_hand(&x);
    same("plain", &[known], &[rosenbrock::function::<f64>(&x)]);
    stage(rosenbrock::function::<stage1::Var>, &x);
    stage(rosenbrock::function::<stage2::Container>, &x);
    stage(rosenbrock::function::<stage3::Value>, &x);
    stage(rosenbrock::function::<Value>, &x);
    stage(rosenbrock::function::<Noted>, &x);
    for f in [
        rosenbrock::each_operation,
        rosenbrock::each_assignment,
        rosenbrock::one_sum,
    ] {
        let (value, gradient) = stage5::gradient(f, &x);
        same("stage5", &[known], &[value]);
        same("stage5", &by_hand, &gradient);
    }
    let array = Value::from(ndarray::Array1::from(x));
    let on_array = stage4::grad(rosenbrock::on_array)(&array);
    same("stage4 on an array", &by_hand, &flat(&[on_array]));
    assert!(relative_error(rosenbrock::on_array(&array).value(), known) < 1e-12);
}

#[test]
fn the_derivative_of_1000_sines_is_every_stages_derivative() {
    fn stage<S: Stage>() {
        let (value, gradient) = S::gradient(|x| sines::function(1000, &x[0]), &[sines::INPUT]);
        let (known, by_hand) = sines::by_hand(1000, sines::INPUT);
        same(S::NAME, &[known, by_hand], &[value, gradient[0]]);
    }
    stage::<stage1::Var>();
    stage::<stage2::Container>();
    stage::<stage3::Value>();
    stage::<Value>();
    stage::<Noted>();
    let (value, slope) = stage5::gradient(|x| sines::on_a_tape(1000, x[0]), &[sines::INPUT]);
    let (known, by_hand) = sines::by_hand(1000, sines::INPUT);
    same("stage5", &[known, by_hand], &[value, slope[0]]);
}

#[test]
fn the_derivative_of_1000_stretched_sines_is_stage5s_derivative_and_the_finite_difference() {
    // A short chain: the derivative of a long one is too small for a difference.
    for count in [3, 1000] {
        let (known, by_hand) = stretched_sines::by_hand(count, stretched_sines::INPUT);
        let plain = stretched_sines::function(count, stretched_sines::INPUT);
        same("plain", &[known], &[plain]);
        for f in [
            stretched_sines::each_operation,
            stretched_sines::each_assignment,
        ] {
            let (value, slope) = stage5::gradient(|x| f(count, x[0]), &[stretched_sines::INPUT]);
            same("stage5", &[known, by_hand], &[value, slope[0]]);
        }
    }
    let (_, by_hand) = stretched_sines::by_hand(3, stretched_sines::INPUT);
    let finite = finite::derivative(|x| stretched_sines::function(3, x), stretched_sines::INPUT);
    assert!(
        finite::close(by_hand, finite),
        "{by_hand}, by differences {finite}"
    );
}

#[test]
fn the_small_networks_gradient_is_every_stages_gradient() {
    type Samples = Array2<f64>;
    fn stage<S: Stage>(f: fn(&Samples, &Samples, &[S]) -> S) {
        let parameters = small_network::Parameters::start();
        let (samples, targets) = small_network::samples();
        let (value, gradient) = S::gradient(|p| f(&samples, &targets, p), &parameters.flat());
        let (known, by_hand) = small_network::by_hand(&samples, &targets, &parameters);
        same(S::NAME, &[known], &[value]);
        same(S::NAME, &by_hand.flat(), &gradient);
    }
    stage(small_network::function::<stage1::Var>);
    stage(small_network::function::<stage2::Container>);
    stage(small_network::function::<stage3::Value>);
    stage(small_network::function::<Value>);
    stage(small_network::function::<Noted>);

    let parameters = small_network::Parameters::start();
    let (samples, targets) = small_network::samples();
    let (known, by_hand) = small_network::by_hand(&samples, &targets, &parameters);
    let plain = small_network::plain(&samples, &targets, &parameters);
    same(
        "plain",
        &[known, known],
        &[
            plain,
            small_network::function::<f64>(&samples, &targets, &parameters.flat()),
        ],
    );
    let (value, gradient) = stage5::gradient(
        |p| small_network::on_a_tape(&samples, &targets, p),
        &parameters.flat(),
    );
    same("stage5", &[known], &[value]);
    same("stage5", &by_hand.flat(), &gradient);
    let (value, gradient) = small_network::in_fours(
        &mut stage5::Tape::new(),
        &samples,
        &targets,
        &parameters.flat(),
    );
    same("in fours", &[known], &[value]);
    same("in fours", &by_hand.flat(), &gradient);
    let (value, gradient) = small_network::by_hand_in_loops(&samples, &targets, &parameters.flat());
    same("in loops", &[known], &[value]);
    same("in loops", &by_hand.flat(), &gradient);
    let (samples, targets) = (Value::from(samples), Value::from(targets));
    let loss = |p: &[Value]| small_network::on_arrays(&samples, &targets, p);
    let (value, gradients) = stage4::value_and_grads(loss, &parameters.values());
    same("stage4 on arrays", &[known], &[value.value()]);
    same("stage4 on arrays", &by_hand.flat(), &flat(&gradients));
}

#[test]
fn the_digits_networks_gradient_is_stage4s_gradient() {
    let parameters = digits_network::Parameters::start();
    let (pictures, digits) = digits_network::samples();
    let (known, by_hand) = digits_network::by_hand(&pictures, &digits, &parameters);
    same(
        "plain",
        &[known],
        &[digits_network::plain(&pictures, &digits, &parameters)],
    );
    let (pictures, digits) = (Value::from(pictures), Value::from(digits));
    let loss = |p: &[Value]| digits_network::on_arrays(&pictures, &digits, p);
    let (value, gradients) = stage4::value_and_grads(loss, &parameters.values());
    same("value", &[known], &[value.value()]);
    same("gradient", &flat(&by_hand.values()), &flat(&gradients));
}

#[test]
fn the_broadcast_gradient_is_that_of_stages_4_and_5_and_the_finite_difference() {
    let (a, b) = broadcast::inputs(10);
    let (known, by_a, by_b) = broadcast::by_hand(&a, &b);
    same("plain", &[known], &[broadcast::plain(&a, &b)]);
    let by_hand: Vec<f64> = by_a.into_iter().chain(by_b).collect();

    let inputs = [Value::from(a.clone()), Value::from(b.clone())];
    let (value, gradients) = stage4::value_and_grads(broadcast::on_arrays, &inputs);
    same("value", &[known], &[value.value()]);
    same("gradient", &by_hand, &flat(&gradients));
    assert_eq!(gradients[1].shape(), [1, 10]);
    let (value, gradient) = stage5::gradient(|x| broadcast::on_a_tape(x, 10), &flat(&inputs));
    same("stage5", &[known], &[value]);
    same("stage5", &by_hand, &gradient);

    let f = |x: &[f64]| {
        let a = Array2::from_shape_vec((10, 10), x[..100].to_vec()).unwrap();
        let b = Array2::from_shape_vec((1, 10), x[100..].to_vec()).unwrap();
        broadcast::plain(&a, &b)
    };
    assert_eq!(finite::check(f, &flat(&inputs), &by_hand), Ok(()));
}

#[test]
fn six_derivatives_of_tanh_are_those_of_nested_numbers_and_of_taylor_coefficients() {
    let points = six_derivatives::points();
    let by_hand = six_derivatives::by_hand(&points);
    let tape = six_derivatives::on_a_tape(&mut stage5::Tape::new(), &points);
    let nested = six_derivatives::nested(&points);
    for (i, &x) in points.iter().enumerate() {
        let y = Taylor::<7>::input(x).tanh();
        let taylor = std::array::from_fn(|order| y.derivative(order));
        for (name, seen) in [("tape", tape[i]), ("nested", nested[i]), ("Taylor", taylor)] {
            for order in 0..7 {
                let (known, seen) = (by_hand[i][order], seen[order]);
                assert!(
                    (seen - known).abs() < 1e-12,
                    "{name}, order {order} at {x}: {seen}, by hand {known}"
                );
            }
        }
    }
}

/// What is timed as the challenge's solution is what the course shows as its solution.
#[test]
fn the_taylor_coefficients_are_those_of_the_challenge() {
    let challenge =
        include_str!("../../scripts/cargo-course/content/stage5/challenges/taylor/challenge.toml");
    let timed = include_str!("../benches/challenge/taylor.rs");
    assert!(
        challenge.contains(timed),
        "tests/benches/challenge/taylor.rs"
    );
}

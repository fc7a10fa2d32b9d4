//! A chain with checkpoints has the gradient of the whole chain.

use std::cell::Cell;

use pretty_assertions::assert_eq;
use stage5::checkpoint::checkpoint;
use stage5::{Tape, Var};

/// A pendulum, a short time later.
fn swing<'t>(x: &[Var<'t>]) -> Vec<Var<'t>> {
    let speed = (x[1] - 0.01 * x[0].sin()).record();
    let angle = (x[0] + 0.01 * speed).record();
    vec![angle, speed]
}

/// The same, all on one tape.
fn whole(count: usize, x: &[f64], seeds: &[f64]) -> (Vec<f64>, Vec<f64>) {
    Tape::new().open(|trace| {
        let inputs = trace.inputs(x);
        let outputs = (0..count).fold(inputs.clone(), |x, _| swing(&x));
        let values = outputs.iter().map(|output| output.value()).collect();
        let outputs: Vec<_> = outputs.into_iter().zip(seeds.iter().copied()).collect();
        let gradients = trace.backward(&outputs);
        let gradient = inputs.iter().map(|&input| gradients.of(input)).collect();
        (values, gradient)
    })
}

#[test]
fn powers_of_two_are_doubled() {
    for every in [1, 3, 10, 100] {
        let double = checkpoint(|x| vec![(x[0] * 2.0).record()], 10, every, &[1.0], &[1.0]);
        assert_eq!(double, (vec![1024.0], vec![1024.0]), "every {every} steps");
    }
}

#[test]
fn the_gradient_is_that_of_the_whole_chain() {
    let (x, seeds) = ([1.0, -0.3], [1.0, 0.5]);
    for every in [1, 7, 100, 250, 1000] {
        let seen = checkpoint(swing, 250, every, &x, &seeds);
        assert_eq!(seen, whole(250, &x, &seeds), "every {every} steps");
    }
}

#[test]
fn a_chain_of_no_steps_returns_its_seeds() {
    let seen = checkpoint(swing, 0, 10, &[1.0, 2.0], &[3.0, 4.0]);
    assert_eq!(seen, (vec![1.0, 2.0], vec![3.0, 4.0]));
}

#[test]
fn the_tape_stays_short_and_no_step_is_recorded_a_third_time() {
    let (longest, calls) = (Cell::new(0), Cell::new(0));
    checkpoint(
        |x| {
            calls.set(calls.get() + 1);
            let next = (x[0] * 1.0001).record();
            longest.set(longest.get().max(next.entry()));
            vec![next]
        },
        10_000,
        100,
        &[1.0],
        &[1.0],
    );
    // One input, and 100 results.
    assert!(longest.get() <= 100, "{} entries", longest.get());
    assert!(calls.get() <= 20_000, "{} calls", calls.get());
}

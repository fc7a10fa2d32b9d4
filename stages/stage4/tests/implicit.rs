//! What the chapter on custom rules says of roots: the judge is a bisection.

#[path = "../examples/implicit.rs"]
#[allow(dead_code, reason = "the tests have no use for what is printed")]
mod implicit;

use implicit::{define, implicit as by_equation, last_steps, nodes, unrolled};
use stage4::{Value, grad};

/// The root by halving an interval.
fn halved(m: f64) -> f64 {
    let (mut low, mut high) = (m - 1.0, m + 1.0);
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        if middle - 0.8 * middle.sin() < m {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

fn at(f: impl Fn(&Value) -> Value, m: f64) -> f64 {
    f(&Value::from(m)).value()
}

#[test]
fn both_ways_find_the_root_and_its_derivatives() {
    define();
    for m in [0.1, 0.5, 2.0, 4.0] {
        let first = (halved(m + 1e-4) - halved(m - 1e-4)) / 2e-4;
        let second = (halved(m + 1e-3) - 2.0 * halved(m) + halved(m - 1e-3)) / 1e-6;
        for root in [unrolled as fn(&Value) -> Value, by_equation] {
            assert!((at(root, m) - halved(m)).abs() < 1e-13);
            assert!((at(grad(root), m) / first - 1.0).abs() < 1e-4);
            assert!((at(grad(grad(root)), m) - second).abs() < 1e-3 * second.abs().max(1.0));
        }
    }
}

#[test]
fn a_loop_that_begins_at_the_root_has_the_slope_of_its_guess() {
    define();
    let far_end = std::f64::consts::PI;
    assert_eq!(at(grad(unrolled), far_end), 1.0);
    assert!((at(grad(by_equation), far_end) - 1.0 / 1.8).abs() < 1e-12);
}

#[test]
fn one_step_from_the_root_knows_the_slope_and_two_know_the_curvature() {
    define();
    let [one, two] = [1, 2].map(|count| move |m: &Value| last_steps(m, count));
    let (first, second) = (at(grad(by_equation), 0.5), at(grad(grad(by_equation)), 0.5));
    assert!((at(grad(one), 0.5) - first).abs() < 1e-12);
    assert!(at(grad(grad(one)), 0.5).abs() < 1e-12 && second.abs() > 1.0);
    assert!((at(grad(grad(two)), 0.5) - second).abs() < 1e-10);
}

#[test]
fn the_equation_takes_two_nodes_and_the_steps_many() {
    define();
    assert_eq!(nodes(by_equation, 0.5), 2);
    assert!(nodes(unrolled, 0.5) > 30);
}

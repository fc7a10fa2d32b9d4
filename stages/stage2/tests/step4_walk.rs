//! # The walk
//!
//! Chapter: stage2.md#the-walk
//!
//! About: gradients, rules
//!
//! Items: backward.rs `backward`, `add_to`, `vjp`, `Gradients::of`, `Gradients::of_node`
//!
//! `backward` takes the outputs with their seeds and walks in the order of the step before. Each
//! node passes its gradient to its parents, multiplied by the local derivative, which `vjp` works
//! out from the recorded arguments and result. The gradients live in a map that each call makes
//! anew. Anything that the outputs do not depend on is not in it, and has gradient 0.
//!
//! `pub fn backward(outputs: &[(&Container, f64)]) -> Gradients`: each output comes with its seed.
//! The map is inside a `Gradients`, which is asked by `of(&Container)` and `of_node(&Node)`.
//! `lib.rs` exports both. As in stage 1, the derivative of a power is 0 where a formula says 0 · ∞.
//! The derivative of `tanh`, too, must keep its digits where tanh is near 1: use 1/cosh², since
//! 1 − tanh² loses them.
//!
//! Hint 1: A gradient that arrives at a parent is *added* to what has arrived there before.
//! Hint 2: `vjp` returns gradient × d result / d argument. For `Op::Mul`, argument 0, that is
//! `gradient * args[1]`. Many rules are shortest with the result: for `Op::Exp`, `gradient * result`.
//! Hint 3: Put the seeds into the map, then for each node of `order` take its gradient from the
//! map, and for each `(argnum, parent)` add `vjp(node.op, argnum, gradient, node.result, &node.args)`.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stage2::{Container, backward};

#[path = "../../../tests/src/threads.rs"]
mod threads;

#[track_caller]
fn assert_close(actual: f64, expected: f64) {
    let close = (actual - expected).abs() <= 1e-12 * expected.abs().max(1.0);
    assert!(close, "not close\n  left: {actual}\n right: {expected}");
}

/// The derivative of `f` at `x`.
fn slope(f: impl Fn(&Container) -> Container, x: f64) -> f64 {
    let x = Container::new(x);
    backward(&[(&f(&x), 1.0)]).of(&x)
}

/// The gradients of `f` at `x` and `y`.
fn slopes(f: impl Fn(&Container, &Container) -> Container, x: f64, y: f64) -> (f64, f64) {
    let (x, y) = (Container::new(x), Container::new(y));
    let gradients = backward(&[(&f(&x, &y), 1.0)]);
    (gradients.of(&x), gradients.of(&y))
}

/// `x` doubled `times` times by adding it to itself: 2^`times` paths.
fn doubled(x: &Container, times: usize) -> Container {
    let mut y = x.clone();
    for _ in 0..times {
        y = &y + &y;
    }
    y
}

#[test]
fn the_gradient_of_the_output_is_its_seed() {
    assert_eq!(slope(Container::clone, 2.0), 1.0);
}

#[test]
fn each_operator_has_the_derivatives_of_elementary_calculus() {
    assert_eq!(slopes(|x, y| x + y, 6.0, 2.0), (1.0, 1.0));
    assert_eq!(slopes(|x, y| x - y, 6.0, 2.0), (1.0, -1.0));
    assert_eq!(slopes(|x, y| x * y, 6.0, 2.0), (2.0, 6.0));
    assert_eq!(slopes(|x, y| x / y, 6.0, 2.0), (0.5, -1.5));
    assert_eq!(slope(|x| -x, 6.0), -1.0);
}

#[test]
fn each_function_has_the_derivative_of_the_textbook() {
    assert_close(slope(Container::sin, 0.0), 1.0);
    assert_close(slope(Container::cos, 0.5), -0.479425538604203);
    assert_close(slope(Container::exp, 1.0), std::f64::consts::E);
    assert_close(slope(Container::ln, 4.0), 0.25);
    assert_close(slope(Container::sqrt, 4.0), 0.25);
    assert_close(slope(Container::tanh, 0.5), 0.786447732965927);
}

#[test]
fn the_slope_of_tanh_keeps_its_digits_where_tanh_is_near_1() {
    let expected = [
        (18.0, 9.278091320974273e-16),
        (-18.0, 9.278091320974273e-16),
        (20.0, 1.6993417021166355e-17),
    ];
    for (x, expected) in expected {
        let found = slope(Container::tanh, x);
        assert!(
            (found - expected).abs() < 1e-12 * expected,
            "the slope of tanh at {x}\n  left: {found}\n right: {expected}"
        );
    }
}

#[test]
fn the_gradient_knows_on_which_side_a_plain_number_stood() {
    assert_eq!(slope(|x| x + 2.0, 4.0), 1.0);
    assert_eq!(slope(|x| 2.0 + x, 4.0), 1.0);
    assert_eq!(slope(|x| x - 2.0, 4.0), 1.0);
    assert_eq!(slope(|x| 2.0 - x, 4.0), -1.0);
    assert_eq!(slope(|x| x * 2.0, 4.0), 2.0);
    assert_eq!(slope(|x| 2.0 * x, 4.0), 2.0);
    assert_eq!(slope(|x| x / 2.0, 4.0), 0.5);
    assert_eq!(slope(|x| 2.0 / x, 4.0), -0.125);
}

#[test]
fn a_power_has_derivatives_by_base_and_exponent() {
    assert_close(slope(|x| x.powf(3.0), 2.0), 12.0);
    assert_close(
        slope(|y| Container::new(2.0).powf(y), 3.0),
        8.0 * 2.0_f64.ln(),
    );
    assert_close(slope(|x| x.powf(x), 2.0), 6.772588722239782);
    assert_close(slope(|x| x.powf(3.0), -2.0), 12.0);
}

#[test]
fn powers_of_0_have_the_derivatives_of_the_limit() {
    assert_eq!(slope(|x| x.powf(0.0), 0.0), 0.0);
    assert_eq!(slope(|x| x.powf(1.0), 0.0), 1.0);
    assert_eq!(slope(|x| x.powf(2.0), 0.0), 0.0);
    assert_eq!(slope(|x| x.powf(0.5), 0.0), f64::INFINITY);
    assert_eq!(slope(|y| Container::new(0.0).powf(y), 2.0), 0.0);
}

#[test]
fn each_rule_multiplies_by_the_gradient_of_the_result() {
    type Rule = (&'static str, fn(&Container) -> Container);
    let rules: [Rule; 16] = [
        ("x + 2", |x| x + 2.0),
        ("x - 2", |x| x - 2.0),
        ("2 - x", |x| 2.0 - x),
        ("x * 2", |x| x * 2.0),
        ("2 * x", |x| 2.0 * x),
        ("x / 2", |x| x / 2.0),
        ("2 / x", |x| 2.0 / x),
        ("-x", |x| -x),
        ("x^3", |x| x.powf(3.0)),
        ("3^x", |x| Container::new(3.0).powf(x)),
        ("sin x", Container::sin),
        ("cos x", Container::cos),
        ("exp x", Container::exp),
        ("ln x", Container::ln),
        ("sqrt x", Container::sqrt),
        ("tanh x", Container::tanh),
    ];
    for (name, rule) in rules {
        let x = Container::new(2.0);
        let y = rule(&x);
        let (once, tenfold) = (
            backward(&[(&y, 1.0)]).of(&x),
            backward(&[(&y, 10.0)]).of(&x),
        );
        let close = (tenfold - 10.0 * once).abs() < 1e-12;
        assert!(
            close,
            "the rule of {name}\n  left: {tenfold}\n right: {}",
            10.0 * once
        );
    }
}

#[test]
fn a_reused_input_gets_the_sum_of_both_paths() {
    assert_eq!(slope(|x| x * x, 3.0), 6.0);
}

#[test]
fn paths_of_different_lengths_are_added_too() {
    assert_eq!(slope(|x| x * x * x + x, 3.0), 28.0);
    assert_eq!(slope(|x| x + x * x * x, 3.0), 28.0);
}

#[test]
fn the_first_expression_has_the_gradients_worked_out_by_hand() {
    let (a, b, c) = (
        Container::new(1.0),
        Container::new(2.0),
        Container::new(3.0),
    );
    let f = (&a + &b) * (&b * &c);
    assert_eq!(f.value(), 18.0);
    let gradients = backward(&[(&f, 1.0)]);
    assert_eq!(gradients.of(&a), 6.0);
    assert_eq!(gradients.of(&b), 15.0);
    assert_eq!(gradients.of(&c), 6.0);
}

#[test]
fn a_product_and_a_sine_share_an_input() {
    let (x, y) = (Container::new(0.5), Container::new(4.2));
    let z = &x * &y + x.sin();
    assert_close(z.value(), 2.579425538604203);
    let gradients = backward(&[(&z, 1.0)]);
    assert_close(gradients.of(&x), 5.077582561890373);
    assert_close(gradients.of(&y), 0.5);
}

#[test]
fn diamonds_in_a_row_double_the_paths() {
    assert_eq!(slope(|x| doubled(x, 2), 1.0), 4.0);
    assert_eq!(slope(|x| doubled(x, 20), 1.0), 1_048_576.0);
}

/// Along each path, this would take longer than the universe is old.
#[test]
fn a_thousand_diamonds_take_a_thousand_steps() {
    let gradient = threads::in_good_time(|| slope(|x| doubled(x, 1000), 1.0));
    assert_eq!(gradient, 1.0715086071862673e301);
}

#[test]
fn an_input_that_the_output_does_not_depend_on_has_gradient_0() {
    assert_eq!(slopes(|x, _| x * x, 3.0, 2.0), (6.0, 0.0));
}

#[test]
fn an_output_that_is_a_constant_has_gradient_0_for_every_input() {
    assert_eq!(slopes(|_, _| Container::new(7.0), 3.0, 2.0), (0.0, 0.0));
    assert_eq!(
        slopes(|_, _| Container::new(7.0) * 2.0, 3.0, 2.0),
        (0.0, 0.0)
    );
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn each_derivative_agrees_with_a_central_difference(x in 0.5..2.0) {
        let functions: [Function; 8] = [
            ("sin", Container::sin, f64::sin),
            ("cos", Container::cos, f64::cos),
            ("exp", Container::exp, f64::exp),
            ("ln", Container::ln, f64::ln),
            ("sqrt", Container::sqrt, f64::sqrt),
            ("tanh", Container::tanh, f64::tanh),
            ("x^1.7", |x| x.powf(1.7), |x| x.powf(1.7)),
            ("1.7^x", |x| Container::new(1.7).powf(x), |x| 1.7_f64.powf(x)),
        ];
        for (name, traced, plain) in functions {
            let h = 1e-5;
            let difference = (plain(x + h) - plain(x - h)) / (2.0 * h);
            let gradient = slope(traced, x);
            prop_assert!(
                (gradient - difference).abs() < 1e-8,
                "{name} at {x}: gradient {gradient}, central difference {difference}"
            );
        }
    }

    /// A program of up to twenty steps, each with results of earlier steps as operands.
    #[test]
    fn programs_that_reuse_results_agree_with_central_differences(
        x in -1.0..1.0,
        steps in prop::collection::vec((0..4, 0..1000_usize, 0..1000_usize), 1..20),
    ) {
        let plain = |x: f64| {
            let mut results = vec![x];
            for (op, i, j) in &steps {
                let (a, b) = (results[i % results.len()], results[j % results.len()]);
                results.push(match op {
                    0 => (a + b) * 0.5,
                    1 => (a - b) * 0.5,
                    2 => a * b,
                    _ => a.cos(),
                });
            }
            results[results.len() - 1]
        };
        let traced = |x: &Container| {
            let mut results = vec![x.clone()];
            for (op, i, j) in &steps {
                let (a, b) = (&results[i % results.len()], &results[j % results.len()]);
                results.push(match op {
                    0 => (a + b) * 0.5,
                    1 => (a - b) * 0.5,
                    2 => a * b,
                    _ => a.cos(),
                });
            }
            results[results.len() - 1].clone()
        };
        let h = 1e-5;
        let difference = (plain(x + h) - plain(x - h)) / (2.0 * h);
        let gradient = slope(traced, x);
        prop_assert!(
            (gradient - difference).abs() < 1e-6,
            "gradient {gradient}, central difference {difference}"
        );
    }
}

/// A name, the function of a container, and the same of a plain number.
type Function = (&'static str, fn(&Container) -> Container, fn(f64) -> f64);

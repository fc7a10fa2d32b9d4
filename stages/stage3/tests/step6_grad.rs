//! # Derivatives of derivatives
//!
//! Chapter: stage3.md#derivatives-of-derivatives
//!
//! About: gradients, higher derivatives, long chains
//!
//! Items: backward.rs `grad`
//!
//! `grad(f)` is the derivative of `f` as a function of values, so it can be given to `grad` again,
//! and used inside a function that is differentiated with respect to something else:
//! `pub fn grad(f: impl Fn(&Value) -> Value) -> impl Fn(&Value) -> Value`, which `lib.rs` exports. The
//! hard case is an inner derivative in which a variable of the outer one takes part: each trace must
//! see its own input only.
//!
//! Hint 1: You have all the parts. No new bookkeeping is needed.
//! Hint 2: The derivative at `x` is what the pull-back at `x` makes of 1.
//! Hint 3: `move |x| { let (_, pull_back) = vector_jacobian(&f, x); pull_back(&Value::Plain(1.0)) }`

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stage3::{Value, grad};

#[path = "../../../tests/src/threads.rs"]
mod threads;

#[track_caller]
fn assert_close(actual: f64, expected: f64) {
    let close = (actual - expected).abs() <= 1e-12 * expected.abs().max(1.0);
    assert!(close, "not close\n  left: {actual}\n right: {expected}");
}

fn at(x: f64, f: impl Fn(&Value) -> Value) -> f64 {
    f(&Value::from(x)).value()
}

/// The derivative of `f` of the given order.
fn derivative(f: fn(&Value) -> Value, order: usize) -> Box<dyn Fn(&Value) -> Value> {
    let mut f: Box<dyn Fn(&Value) -> Value> = Box::new(f);
    for _ in 0..order {
        f = Box::new(grad(f));
    }
    f
}

/// A function with a name.
type Function = (&'static str, fn(&Value) -> Value);

/// tanh(x/2), written with what there is.
fn tanh(x: &Value) -> Value {
    let y = (-x).exp();
    (1.0 - &y) / (1.0 + &y)
}

#[test]
fn the_derivative_is_a_function() {
    let slope = grad(|x| x * x);
    assert_eq!(at(3.0, &slope), 6.0);
    assert_eq!(at(-1.0, &slope), -2.0);
}

#[test]
fn a_cube_can_be_differentiated_until_nothing_is_left() {
    let cube = |x: &Value| x * x * x;
    let expected = [27.0, 27.0, 18.0, 6.0, 0.0, 0.0];
    for (order, expected) in expected.into_iter().enumerate() {
        assert_eq!(at(3.0, derivative(cube, order)), expected, "order {order}");
    }
}

#[test]
fn a_power_of_itself_has_two_derivatives() {
    assert_close(at(2.0, grad(|x| x.powf(x))), 6.772588722239782);
    // x^x · ((ln x + 1)² + 1/x)
    let expected = 4.0 * ((2.0_f64.ln() + 1.0).powi(2) + 0.5);
    assert_close(at(2.0, grad(grad(|x| x.powf(x)))), expected);
}

#[test]
fn mixed_derivatives_of_a_power_do_not_depend_on_their_order() {
    // x^y in x and in y, at x = 2 and y = 0: 1/x.
    let by_x_first = at(0.0, grad(|y| grad(|x| x.powf(y))(&Value::from(2.0))));
    let by_y_first = at(2.0, grad(|x| grad(|y| x.powf(y))(&Value::from(0.0))));
    assert_close(by_x_first, 0.5);
    assert_close(by_y_first, 0.5);
}

#[test]
fn a_square_at_0_has_a_second_derivative() {
    assert_eq!(at(0.0, grad(|x| x.powf(2.0))), 0.0);
    assert_eq!(at(0.0, grad(grad(|x| x.powf(2.0)))), 2.0);
}

#[test]
fn sines_and_cosines_take_turns() {
    let x = 0.7_f64;
    let expected = [
        x.sin(),
        x.cos(),
        -x.sin(),
        -x.cos(),
        x.sin(),
        x.cos(),
        -x.sin(),
    ];
    for (order, expected) in expected.into_iter().enumerate() {
        assert_close(at(x, derivative(Value::sin, order)), expected);
    }
}

#[test]
fn the_derivatives_of_tanh_up_to_order_6_at_1() {
    let expected = [
        0.46211715726000974,
        0.393223866482964,
        -0.181715495345897,
        -0.0706511610324713,
        0.247013722732786,
        -0.102083952249106,
        -0.566867817059244,
    ];
    for (order, expected) in expected.into_iter().enumerate() {
        assert_close(at(1.0, derivative(tanh, order)), expected);
    }
}

#[test]
fn the_derivatives_of_tanh_up_to_order_6_at_0() {
    let expected = [0.0, 0.5, 0.0, -0.25, 0.0, 0.5, 0.0];
    for (order, expected) in expected.into_iter().enumerate() {
        assert_close(at(0.0, derivative(tanh, order)), expected);
    }
}

#[test]
fn the_curves_of_tanh_have_the_known_heights() {
    let heights = [0.49984536, 0.19242698, 0.24969080, 0.25495555];
    for (order, expected) in (1..).zip(heights) {
        let curve = derivative(tanh, order);
        let points = (0..200).map(|i| -7.0 + 14.0 * f64::from(i) / 199.0);
        let height = points.map(|x| at(x, &curve).abs()).fold(0.0, f64::max);
        assert!(
            (height - expected).abs() < 1e-8,
            "order {order}: {height}, not {expected}"
        );
    }
}

#[test]
fn a_constant_function_has_derivative_0_at_each_order() {
    assert_eq!(at(3.0, grad(|_| Value::from(7.0))), 0.0);
    assert_eq!(at(3.0, grad(grad(|_| Value::from(7.0)))), 0.0);
}

#[test]
fn the_identity_has_second_derivative_0() {
    assert_eq!(at(3.0, grad(Value::clone)), 1.0);
    assert_eq!(at(3.0, grad(grad(Value::clone))), 0.0);
}

#[test]
fn an_inner_derivative_may_use_the_outer_variable() {
    // d/dy (x·y) at y = x is x.
    let f = |x: &Value| grad(|y| x * y)(x);
    assert_eq!(at(5.0, f), 5.0);
    assert_eq!(at(5.0, grad(f)), 1.0);
}

/// Mixing up the two traces gives 2.
#[test]
fn an_inner_derivative_does_not_count_the_outer_variable_as_its_own() {
    // x · d/dy (x + y) = x · 1.
    let f = |x: &Value| x * grad(|y| x + y)(&Value::from(1.0));
    assert_eq!(at(5.0, f), 5.0);
    assert_eq!(at(5.0, grad(f)), 1.0);
}

#[test]
fn three_derivatives_nest() {
    // d/dz (x·y·z) = x·y; d/dy (y·x·y) at y = x is 2x²; its derivative is 4x.
    let f = |x: &Value| grad(|y| y * grad(|z| x * y * z)(&Value::from(1.0)))(x);
    assert_eq!(at(3.0, f), 18.0);
    assert_eq!(at(3.0, grad(f)), 12.0);
    assert_eq!(at(3.0, grad(grad(f))), 4.0);
}

#[test]
fn names_may_be_shadowed() {
    // x · 2x.
    let f = |x: &Value| x * grad(|x| x * x)(x);
    assert_eq!(at(3.0, f), 18.0);
    assert_eq!(at(3.0, grad(f)), 12.0);
    assert_eq!(at(3.0, grad(grad(f))), 4.0);
}

#[test]
fn an_inner_function_may_be_constant_in_its_argument() {
    // d/dy x² = 0.
    let f = |x: &Value| grad(|_| x * x)(x) + x;
    assert_eq!(at(3.0, f), 3.0);
    assert_eq!(at(3.0, grad(f)), 1.0);
}

#[test]
fn an_inner_derivative_may_be_taken_at_a_result() {
    // cos(x²), with derivative −2x·sin(x²).
    let f = |x: &Value| grad(Value::sin)(&(x * x));
    assert_close(at(1.5, f), 2.25_f64.cos());
    assert_close(at(1.5, grad(f)), -3.0 * 2.25_f64.sin());
}

#[test]
fn long_chains_on_two_levels_are_walked_and_dropped_on_a_small_stack() {
    threads::with_a_small_stack(|| {
        let chain = |x: &Value| (0..threads::LONG).fold(x.clone(), |y, _| -y);
        assert_eq!(at(1.0, grad(chain)), 1.0);
        assert_eq!(at(1.0, grad(grad(|x| chain(&(x * x))))), 2.0);
    });
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 32,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// The derivative of each order against a small step in the order below.
    #[test]
    fn higher_derivatives_agree_with_central_differences(x in 0.5..2.0) {
        let functions: [Function; 10] = [
            ("sin", Value::sin),
            ("cos", Value::cos),
            ("exp", Value::exp),
            ("ln", Value::ln),
            ("sqrt", Value::sqrt),
            ("tanh", Value::tanh),
            ("x^1.7", |x| x.powf(1.7)),
            ("1.7^x", |x| Value::from(1.7).powf(x)),
            ("1/(x+1)", |x| 1.0 / (x + 1.0)),
            ("(1−x)/x", |x| (1.0 - x) / x),
        ];
        for (name, f) in functions {
            for order in 1..=3 {
                let (below, h) = (derivative(f, order - 1), 1e-5);
                let difference = (at(x + h, &below) - at(x - h, &below)) / (2.0 * h);
                let gradient = at(x, derivative(f, order));
                prop_assert!(
                    (gradient - difference).abs() < 1e-6 * gradient.abs().max(1.0),
                    "order {order} of {name} at {x}: {gradient}, central difference {difference}"
                );
            }
        }
    }

    /// A program of up to ten steps, each with results of earlier steps as operands.
    #[test]
    fn programs_that_reuse_results_have_two_derivatives(
        x in -1.0..1.0,
        steps in prop::collection::vec((0..4, 0..1000_usize, 0..1000_usize), 1..10),
    ) {
        let program = |x: &Value| {
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
        let slope = (at(x + h, program) - at(x - h, program)) / (2.0 * h);
        prop_assert!((at(x, grad(program)) - slope).abs() < 1e-6);
        let curvature = (at(x + h, grad(program)) - at(x - h, grad(program))) / (2.0 * h);
        prop_assert!((at(x, grad(grad(program))) - curvature).abs() < 1e-6);
    }
}

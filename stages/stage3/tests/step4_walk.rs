//! # The walk computes with values
//!
//! Chapter: stage3.md#the-walk
//!
//! About: gradients, rules, higher derivatives, order, long chains
//!
//! Items: backward.rs `backward`, `add_to`, `order`, `vjp`, `Gradients::of`
//!
//! The walk is that of stage 2, with two changes. Gradients, arguments and results are `Value`s,
//! and the rules compute with traced operations: so a trace further out records the walk itself,
//! and can differentiate it. And since plain arguments have no node, each parent comes with the
//! position of its argument.
//!
//! `pub fn backward(outputs: &[(&Container, Value)]) -> Gradients`, whose method `of(&Container)` returns
//! a `Value`. `order` is public too, in `backward.rs`, and takes and returns what it did in stage 2. `lib.rs`
//! exports `Gradients` and `backward`.
//!
//! A wrapped function without a rule is an error that names it, the argument, and the place where rules
//! live: `` no derivative rule for argument 1 of primitive `hypot`; rules are the arms of `vjp` in
//! stages/stage3/src/backward.rs ``.
//!
//! As in stage 2, the derivative of a power is 0 where a formula says 0 · ∞. The derivative of
//! `tanh` is sech², with sech = 1/cosh: it keeps its digits where tanh is near 1, and so does the second
//! derivative. No operation computes sech yet. So wrap it: `SECH` in `ops.rs`, with a rule of its own,
//! sech′ = −sech · tanh.
//!
//! If you begin with your stage 2: no test asks for `draw.rs` from here on. Leave it out, or let it
//! follow, as the section *Drawing* of the chapter shows.
//!
//! Hint 1: `order` changes in one thing only: a parent is a pair now.
//! Hint 2: Add gradients as `gradient + &contribution`, not as numbers: to compute with `.value()`
//! would hide the walk from the traces further out. (A condition may use it.)
//! Hint 3: `vjp` matches on `(primitive.name, argnum)`: `("mul", 0) => gradient * &args[1]`. The last
//! arm, `(name, argnum) => panic!(…)`, is the error.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stage3::backward::{backward, order};
use stage3::{Primitive, Trace, Value};

#[path = "../../../tests/src/panics.rs"]
mod panics;
#[path = "../../../tests/src/threads.rs"]
mod threads;

type Function = fn(&Value) -> Value;

/// A name, a function of values, and the same of plain numbers.
type Pair = (&'static str, Function, fn(f64) -> f64);

#[track_caller]
fn assert_close(actual: f64, expected: f64) {
    let close = (actual - expected).abs() <= 1e-12 * expected.abs().max(1.0);
    assert!(close, "not close\n  left: {actual}\n right: {expected}");
}

/// The gradients of `f` at `inputs`, for the given seed of its result.
fn seeded<const N: usize>(
    f: impl Fn([&Value; N]) -> Value,
    inputs: [f64; N],
    seed: f64,
) -> [f64; N] {
    let trace = Trace::open();
    let inputs = inputs.map(|input| trace.input(&Value::from(input)));
    let values = inputs.each_ref().map(|input| Value::Boxed(input.clone()));
    let Value::Boxed(output) = f(values.each_ref()) else {
        panic!("the result is not a container");
    };
    let gradients = backward(&[(&output, Value::from(seed))]);
    inputs.map(|input| gradients.of(&input).value())
}

fn slopes(f: impl Fn(&Value, &Value) -> Value, x: f64, y: f64) -> [f64; 2] {
    seeded(|[x, y]| f(x, y), [x, y], 1.0)
}

fn slope(f: impl Fn(&Value) -> Value, x: f64) -> f64 {
    let [slope] = seeded(|[x]| f(x), [x], 1.0);
    slope
}

/// `x` doubled `times` times by adding it to itself: 2^`times` paths.
fn doubled(x: &Value, times: usize) -> Value {
    let mut y = x.clone();
    for _ in 0..times {
        y = &y + &y;
    }
    y
}

#[test]
fn the_gradient_of_the_output_is_its_seed() {
    assert_eq!(slope(Value::clone, 2.0), 1.0);
    assert_eq!(seeded(|[x]| x.clone(), [2.0], 7.0), [7.0]);
}

#[test]
fn each_operator_has_the_derivatives_of_elementary_calculus() {
    assert_eq!(slopes(|x, y| x + y, 6.0, 2.0), [1.0, 1.0]);
    assert_eq!(slopes(|x, y| x - y, 6.0, 2.0), [1.0, -1.0]);
    assert_eq!(slopes(|x, y| x * y, 6.0, 2.0), [2.0, 6.0]);
    assert_eq!(slopes(|x, y| x / y, 6.0, 2.0), [0.5, -1.5]);
    assert_eq!(slope(|x| -x, 6.0), -1.0);
}

#[test]
fn each_function_has_the_derivative_of_the_textbook() {
    assert_close(slope(Value::sin, 0.0), 1.0);
    assert_close(slope(Value::cos, 0.5), -0.479425538604203);
    assert_close(slope(Value::exp, 1.0), std::f64::consts::E);
    assert_close(slope(Value::ln, 4.0), 0.25);
    assert_close(slope(Value::sqrt, 4.0), 0.25);
    assert_close(slope(Value::tanh, 0.5), 0.786447732965927);
}

#[test]
fn the_slope_of_tanh_keeps_its_digits_where_tanh_is_near_1() {
    let expected = [
        (18.0, 9.278091320974273e-16),
        (-18.0, 9.278091320974273e-16),
        (20.0, 1.6993417021166355e-17),
    ];
    for (x, expected) in expected {
        let found = slope(Value::tanh, x);
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
    assert_close(slope(|y| Value::from(2.0).powf(y), 3.0), 8.0 * 2.0_f64.ln());
    assert_close(slope(|x| x.powf(x), 2.0), 6.772588722239782);
    assert_close(slope(|x| x.powf(3.0), -2.0), 12.0);
}

#[test]
fn powers_of_0_have_the_derivatives_of_the_limit() {
    assert_eq!(slope(|x| x.powf(0.0), 0.0), 0.0);
    assert_eq!(slope(|x| x.powf(1.0), 0.0), 1.0);
    assert_eq!(slope(|x| x.powf(2.0), 0.0), 0.0);
    assert_eq!(slope(|x| x.powf(0.5), 0.0), f64::INFINITY);
    assert_eq!(slope(|y| Value::from(0.0).powf(y), 2.0), 0.0);
}

#[test]
fn each_rule_multiplies_by_the_gradient_of_the_result() {
    let rules: [(&str, Function); 16] = [
        ("x + 2", |x| x + 2.0),
        ("x - 2", |x| x - 2.0),
        ("2 - x", |x| 2.0 - x),
        ("x * 2", |x| x * 2.0),
        ("2 * x", |x| 2.0 * x),
        ("x / 2", |x| x / 2.0),
        ("2 / x", |x| 2.0 / x),
        ("-x", |x| -x),
        ("x^3", |x| x.powf(3.0)),
        ("3^x", |x| Value::from(3.0).powf(x)),
        ("sin x", Value::sin),
        ("cos x", Value::cos),
        ("exp x", Value::exp),
        ("ln x", Value::ln),
        ("sqrt x", Value::sqrt),
        ("tanh x", Value::tanh),
    ];
    for (name, rule) in rules {
        let [once] = seeded(|[x]| rule(x), [2.0], 1.0);
        let [tenfold] = seeded(|[x]| rule(x), [2.0], 10.0);
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
    let f = |[a, b, c]: [&Value; 3]| (a + b) * (b * c);
    assert_eq!(seeded(f, [1.0, 2.0, 3.0], 1.0), [6.0, 15.0, 6.0]);
    assert_eq!(seeded(f, [1.0, 2.0, 3.0], 3.0), [18.0, 45.0, 18.0]);
}

#[test]
fn a_product_and_a_sine_share_an_input() {
    let [by_x, by_y] = slopes(|x, y| x * y + x.sin(), 0.5, 4.2);
    assert_close(by_x, 5.077582561890373);
    assert_close(by_y, 0.5);
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
    assert_eq!(slopes(|x, _| x * x, 3.0, 2.0), [6.0, 0.0]);
}

#[test]
fn each_node_comes_once_and_before_its_parents() {
    let trace = Trace::open();
    let x = Value::Boxed(trace.input(&Value::from(1.0)));
    let y = x.sin().cos();
    for z in [&x + &y, &y + &x] {
        let (Value::Boxed(x), Value::Boxed(z)) = (&x, &z) else {
            panic!("both are containers");
        };
        let ids: Vec<u64> = order(&[z.node()]).iter().map(|node| node.id).collect();
        assert_eq!(ids.len(), 4);
        assert_eq!((ids[0], ids[3]), (z.node().id, x.node().id));
    }
}

#[test]
fn an_output_on_which_another_depends_has_both_gradients() {
    let trace = Trace::open();
    let x = trace.input(&Value::from(3.0));
    let square = Value::Boxed(x.clone()) * Value::Boxed(x.clone());
    let (Value::Boxed(power), Value::Boxed(square)) = (&square * &square, &square) else {
        panic!("both are containers");
    };
    let one = Value::from(1.0);
    for outputs in [[square, &power], [&power, square]] {
        let gradients = backward(&outputs.map(|output| (&**output, one.clone())));
        assert_eq!(gradients.of(square), 19.0); // 1 + 2·9
        assert_eq!(gradients.of(&x), 114.0); // 6·19
    }
}

#[test]
fn the_gradients_of_a_single_trace_are_plain_numbers() {
    let trace = Trace::open();
    let x = trace.input(&Value::from(3.0));
    let Value::Boxed(y) = Value::Boxed(x.clone()).sin() else {
        panic!("the sine of a container is a container");
    };
    let gradient = backward(&[(&y, Value::from(1.0))]).of(&x);
    assert!(matches!(gradient, Value::Plain(_)));
}

#[test]
fn the_walk_of_an_inner_trace_is_recorded_by_the_outer_one() {
    let outer = Trace::open();
    let x = outer.input(&Value::from(3.0));
    let inner = Trace::open();
    let y = inner.input(&Value::Boxed(x.clone()));
    let y_value = Value::Boxed(y.clone());
    let Value::Boxed(cube) = &y_value * &y_value * &y_value else {
        panic!("the cube of a container is a container");
    };

    let slope = backward(&[(&cube, Value::from(1.0))]).of(&y);
    assert_eq!(slope, 27.0);
    let Value::Boxed(slope) = slope else {
        panic!("the gradient should be a container of the outer trace");
    };
    assert_eq!(slope.trace(), outer.id());
    assert_eq!(backward(&[(&slope, Value::from(1.0))]).of(&x), 18.0);
}

/// The second derivative of `f` at `x`, by the walk of an inner trace that an outer one records; none
/// if it has recorded nothing.
fn curvature(f: impl Fn(&Value) -> Value, x: f64) -> Option<f64> {
    let (outer, inner) = (Trace::open(), Trace::open());
    let x = outer.input(&Value::from(x));
    let y = inner.input(&Value::Boxed(x.clone()));
    let Value::Boxed(output) = f(&Value::Boxed(y.clone())) else {
        panic!("the result is not a container");
    };
    match backward(&[(&output, Value::from(1.0))]).of(&y) {
        Value::Boxed(slope) => Some(backward(&[(&slope, Value::from(1.0))]).of(&x).value()),
        Value::Plain(_) => None,
    }
}

/// The derivative in `t` of the derivative of `f` in `y`, found in the same way.
fn mixed(f: impl Fn(&Value, &Value) -> Value, y: f64, t: f64) -> Option<f64> {
    let (outer, inner) = (Trace::open(), Trace::open());
    let t = outer.input(&Value::from(t));
    let y = inner.input(&Value::from(y));
    let Value::Boxed(output) = f(&Value::Boxed(y.clone()), &Value::Boxed(t.clone())) else {
        panic!("the result is not a container");
    };
    match backward(&[(&output, Value::from(1.0))]).of(&y) {
        Value::Boxed(slope) => Some(backward(&[(&slope, Value::from(1.0))]).of(&t).value()),
        Value::Plain(_) => None,
    }
}

/// In none of these do two gradients meet, and each takes no rule but its own and those above it.
#[test]
fn each_rule_computes_with_traced_operations() {
    let (x, t) = (0.5_f64, 0.5_f64.tanh());
    let rules = [
        ("mul", mixed(|y, t| y * t, x, 3.0), 1.0),
        ("mul", mixed(|y, t| t * y, x, 3.0), 1.0),
        ("div", mixed(|y, t| y / t, x, 2.0), -0.25),
        ("div", curvature(|x| 2.0 / x, x), 4.0 / (x * x * x)),
        ("exp", curvature(Value::exp, x), x.exp()),
        ("sin", curvature(Value::sin, x), -x.sin()),
        ("cos", curvature(Value::cos, x), -x.cos()),
        ("ln", curvature(Value::ln, x), -1.0 / (x * x)),
        ("sqrt", curvature(Value::sqrt, x), -0.25 / (x * x.sqrt())),
        ("tanh", curvature(Value::tanh, x), -2.0 * t * (1.0 - t * t)),
        ("powf", curvature(|x| x.powf(3.0), x), 6.0 * x),
        (
            "powf",
            curvature(|x| Value::from(2.0).powf(x), x),
            2.0_f64.ln().powi(2) * 2.0_f64.powf(x),
        ),
        ("add", curvature(|x| (x + 1.0).exp(), x), (x + 1.0).exp()),
        ("sub", curvature(|x| (2.0 - x).exp(), x), (2.0 - x).exp()),
        ("neg", curvature(|x| (-x).exp(), x), (-x).exp()),
    ];
    for (name, found, expected) in rules {
        let found = found.unwrap_or_else(|| {
            panic!("the slope of a function with `{name}` is plain: its rule was not recorded")
        });
        assert!(
            (found - expected).abs() < 1e-12,
            "second derivative of a function with `{name}`\n  left: {found}\n right: {expected}"
        );
    }
}

#[test]
fn gradients_that_meet_are_added_with_traced_operations() {
    assert_eq!(curvature(|x| x * x, 3.0), Some(2.0));
}

#[test]
fn the_second_derivative_of_tanh_keeps_its_digits_where_tanh_is_near_1() {
    for (x, expected) in [
        (18.0, -1.8556182641948537e-15),
        (-18.0, 1.8556182641948537e-15),
    ] {
        let found = curvature(Value::tanh, x).expect("the rule of tanh is recorded");
        assert!(
            (found - expected).abs() < 1e-12 * expected.abs(),
            "the second derivative of tanh at {x}\n  left: {found}\n right: {expected}"
        );
    }
}

#[test]
fn a_long_chain_is_walked_on_a_small_stack() {
    let chain = |x: &Value| (0..threads::LONG).fold(x.clone(), |y, _| -y);
    let slope = threads::with_a_small_stack(move || slope(chain, 1.0));
    assert_eq!(slope, 1.0);
}

#[test]
fn a_function_without_a_rule_is_an_error_that_names_it_and_says_where_rules_live() {
    static HYPOT: Primitive = Primitive::new("hypot", |args| args[0].hypot(args[1]));
    let four = Value::from(4.0);
    panics::refused(&["argument 0", "`hypot`", "`vjp`", "backward.rs"], || {
        _ = slope(|x| HYPOT.bind(&[x, &four]), 3.0);
    });
    panics::refused(&["argument 1", "`hypot`", "`vjp`", "backward.rs"], || {
        _ = slope(|x| HYPOT.bind(&[&four, x]), 3.0);
    });
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn each_derivative_agrees_with_a_central_difference(x in 0.5..2.0) {
        let functions: [Pair; 8] = [
            ("sin", Value::sin, f64::sin),
            ("cos", Value::cos, f64::cos),
            ("exp", Value::exp, f64::exp),
            ("ln", Value::ln, f64::ln),
            ("sqrt", Value::sqrt, f64::sqrt),
            ("tanh", Value::tanh, f64::tanh),
            ("x^1.7", |x| x.powf(1.7), |x| x.powf(1.7)),
            ("1.7^x", |x| Value::from(1.7).powf(x), |x| 1.7_f64.powf(x)),
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
}

//! # Branches, loops and functions that are not traced
//!
//! Chapter: stage3.md#control-flow
//!
//! About: gradients, higher derivatives
//!
//! Items: trace.rs `Untraced::bind`, ops.rs `Value::floor`, `Value::sign`
//!
//! A trace records what was computed, not the program: branches and loops leave only the
//! operations of the path that was taken. Some functions have no derivative, or one that is 0
//! almost everywhere: an `Untraced` function takes all boxes off and returns a plain number, a
//! constant to every trace. Comparisons have done this since the first step.
//!
//! In `trace.rs`, an `Untraced` is made like a `Primitive`, by `Untraced::new(name, raw)`, and called like
//! one, by `fn bind(&self, args: &[&Value]) -> Value`. It refuses what a `Primitive` refuses. `lib.rs`
//! exports it. Two of them are statics in `ops.rs`, and methods of `Value`: `FLOOR`, and `SIGN`, which is
//! −1, 0 or 1, and NaN for NaN.
//!
//! Hint 1: `Untraced::bind` returns a plain number, however deeply its arguments are boxed.
//! Hint 2: `arg.value()` is the number at the bottom. But containers whose trace has ended are
//! refused here too.
//! Hint 3: Call `innermost_trace(self.name, args)` for its checks only, then do what `bind` does
//! with plain numbers. `floor` is `FLOOR.bind(&[self])`.

use stage3::{Trace, Untraced, Value, grad};

#[path = "../../../tests/src/panics.rs"]
mod panics;

#[track_caller]
fn assert_close(actual: f64, expected: f64) {
    let close = (actual - expected).abs() <= 1e-12 * expected.abs().max(1.0);
    assert!(close, "not close\n  left: {actual}\n right: {expected}");
}

fn at(x: f64, f: impl Fn(&Value) -> Value) -> f64 {
    f(&Value::from(x)).value()
}

#[test]
fn floor_and_sign_have_the_values_of_the_textbook() {
    assert_eq!(
        [2.7, 2.0, -1.5].map(|x| at(x, Value::floor)),
        [2.0, 2.0, -2.0]
    );
    assert_eq!(
        [2.7, 0.0, -0.0, -1.5].map(|x| at(x, Value::sign)),
        [1.0, 0.0, 0.0, -1.0]
    );
    assert!(at(f64::NAN, Value::sign).is_nan());
}

#[test]
fn an_untraced_function_takes_all_boxes_off() {
    let (outer, inner) = (Trace::open(), Trace::open());
    let x = Value::Boxed(outer.input(&Value::from(2.7)));
    let y = Value::Boxed(inner.input(&x));
    assert!(matches!(x.floor(), Value::Plain(2.0)));
    assert!(matches!(y.floor(), Value::Plain(2.0)));
    assert!(matches!(y.sign(), Value::Plain(1.0)));
}

#[test]
fn a_function_of_ones_own_can_be_left_untraced() {
    static LARGEST: Untraced = Untraced::new("largest", |args| {
        let largest = (0..args.len()).max_by(|&i, &j| args[i].total_cmp(&args[j]));
        largest.map_or(f64::NAN, |place| place as f64)
    });
    let trace = Trace::open();
    let x = Value::Boxed(trace.input(&Value::from(2.7)));
    let place = LARGEST.bind(&[&Value::from(1.0), &x, &Value::from(2.0)]);
    assert!(matches!(place, Value::Plain(1.0)));
}

#[test]
fn an_untraced_function_refuses_a_container_whose_trace_has_ended() {
    let trace = Trace::open();
    let x = Value::Boxed(trace.input(&Value::from(2.7)));
    drop(trace);
    panics::refused(&["`floor`", "argument 0", "ended"], || drop(x.floor()));
}

#[test]
fn floor_is_a_constant_factor() {
    let f = |x: &Value| x.floor() * x * x;
    for (x, floor) in [(2.7, 2.0), (-1.5, -2.0)] {
        assert_close(at(x, grad(f)), 2.0 * floor * x);
        assert_close(at(x, grad(grad(f))), 2.0 * floor);
        assert_eq!(at(x, grad(grad(grad(f)))), 0.0);
    }
    assert_eq!(at(2.7, grad(Value::floor)), 0.0);
}

#[test]
fn sign_is_a_constant_factor() {
    let f = |x: &Value| x.sign() * x * x * x;
    for (x, sign) in [(1.5, 1.0), (-1.5, -1.0)] {
        assert_close(at(x, grad(f)), 3.0 * sign * x * x);
        assert_close(at(x, grad(grad(f))), 6.0 * sign * x);
        assert_close(at(x, grad(grad(grad(f)))), 6.0 * sign);
    }
}

#[test]
fn a_branch_is_recorded_only_where_it_was_taken() {
    let f = |x: &Value| if *x > 0.0 { x * x } else { -x };
    assert_eq!(at(3.0, grad(f)), 6.0);
    assert_eq!(at(-3.0, grad(f)), -1.0);
    assert_eq!(at(3.0, grad(grad(f))), 2.0);
    assert_eq!(at(-3.0, grad(grad(f))), 0.0);
}

#[test]
fn a_boxed_value_equals_a_number_with_its_value() {
    let f = |x: &Value| if *x == 2.0 { x * x * x } else { x.clone() };
    assert_eq!(at(2.0, grad(f)), 12.0);
    assert_eq!(at(2.0, grad(grad(f))), 12.0);
    assert_eq!(at(2.5, grad(f)), 1.0);
}

#[test]
fn a_branch_may_compare_values_of_two_traces() {
    // The larger of x and y, in y: 0 or 1. The inner y is 2.
    let f = |x: &Value| x * grad(|y| if x > y { x.clone() } else { y.clone() })(&Value::from(2.0));
    assert_eq!(at(1.0, f), 1.0);
    assert_eq!(at(3.0, f), 0.0);
    assert_eq!(at(1.0, grad(f)), 1.0);
}

#[test]
fn a_loop_with_a_fixed_count_is_recorded_turn_by_turn() {
    let power = |x: &Value| (0..5).fold(Value::from(1.0), |product, _| product * x);
    assert_eq!(at(2.0, power), 32.0);
    assert_eq!(at(2.0, grad(power)), 80.0);
    assert_eq!(at(2.0, grad(grad(power))), 160.0);
}

#[test]
fn a_loop_until_convergence_is_recorded_as_far_as_it_went() {
    // Newton's square root. From above, it comes down to √a.
    let root = |a: &Value| {
        let mut x = a + 1.0;
        while &x * &x - a > 1e-12 {
            x = (&x + a / &x) * 0.5;
        }
        x
    };
    let root_8 = 8.0_f64.sqrt();
    assert_close(at(8.0, root), root_8);
    assert_close(at(8.0, grad(root)), 1.0 / (2.0 * root_8));
    let curvature = at(8.0, grad(grad(root)));
    assert!(
        (curvature + 1.0 / (4.0 * 8.0 * root_8)).abs() < 1e-6,
        "{curvature}"
    );
}

#[test]
fn recursion_is_recorded_too() {
    fn power(x: &Value, n: u32) -> Value {
        if n == 0 {
            Value::from(1.0)
        } else {
            x * power(x, n - 1)
        }
    }
    assert_eq!(at(2.0, grad(|x| power(x, 5))), 80.0);
}

//! Primitives and rules defined outside of the crate, and the checker that finds wrong ones.

use pretty_assertions::assert_eq;
use stage4::ops::select;
use stage4::{Primitive, Value, defvjp, elementwise_grad, grad};

use crate::check::{arbitrary, assert_gradients, check};

#[test]
fn a_primitive_of_ones_own_passes_the_checker() {
    static HYPOT: Primitive = Primitive::new("hypot", |args| args.zip(f64::hypot));
    defvjp(&HYPOT, &[|g, y, x| g * &x[0] / y, |g, y, x| g * &x[1] / y]);
    let hypot = |x: &[Value]| HYPOT.bind(&[&x[0], &x[1]]);
    assert_gradients("hypot", &hypot, &[Value::from(3.0), Value::from(4.0)]);
    assert_gradients("hypot", &hypot, &[arbitrary(&[3], 1), arbitrary(&[3], 2)]);
}

#[test]
fn a_rule_for_functions_with_a_gap_fills_it() {
    // sin(x) / x, and 1 at 0. The gap has to be filled at each order.
    static SINC: Primitive = Primitive::new("sinc", |args| {
        args.map(|x| if x == 0.0 { 1.0 } else { x.sin() / x })
    });
    defvjp(
        &SINC,
        &[|g, y, x| {
            let at_0 = x[0].equals(0.0);
            let safe = select(&at_0, 1.0, &x[0]);
            g * select(&at_0, -&x[0] / 3.0, (x[0].cos() - y) / safe)
        }],
    );
    let x = Value::from(ndarray::array![0.0, 1.0]);
    let sinc = |x: &Value| SINC.bind(&[x]);
    let (s, c) = 1.0_f64.sin_cos();
    let slopes = elementwise_grad(sinc)(&x).array();
    assert_eq!(slopes, ndarray::array![0.0, c - s].into_dyn());
    assert_eq!(
        elementwise_grad(elementwise_grad(sinc))(&x).array()[0],
        -1.0 / 3.0
    );
}

/// What the checker says of the square with a rule.
fn verdict(square: &'static Primitive) -> Result<(), String> {
    check(&|x| square.bind(&[&x[0]]), &[arbitrary(&[2], 1)])
}

#[test]
fn a_rule_that_is_wrong_by_a_small_factor_fails_the_checker() {
    static RIGHT: Primitive = Primitive::new("right", |args| args.map(|x| x * x));
    static WRONG: Primitive = Primitive::new("wrong", |args| args.map(|x| x * x));
    defvjp(&RIGHT, &[|g, _, x| g * 2.0 * &x[0]]);
    defvjp(&WRONG, &[|g, _, x| g * 2.001 * &x[0]]);
    assert_eq!(verdict(&RIGHT), Ok(()));
    let why = verdict(&WRONG).unwrap_err();
    assert!(
        why.starts_with("the gradient in argument 0 is not"),
        "{why}"
    );
}

#[test]
fn a_rule_that_is_wrong_only_at_second_order_fails_the_checker() {
    // It computes with a constant instead of the argument.
    static WRONG: Primitive = Primitive::new("wrong", |args| args.map(|x| x * x));
    defvjp(&WRONG, &[|g, _, x| g * 2.0 * x[0].detach()]);
    let why = verdict(&WRONG).unwrap_err();
    assert!(
        why.starts_with("the second derivative in argument 0 is not"),
        "{why}"
    );
}

#[test]
fn a_rule_without_its_sum_fails_by_its_shape() {
    static WRONG: Primitive = Primitive::new("wrong", |args| args.zip(|x, y| x + y));
    defvjp(&WRONG, &[|g, _, _| g.clone(), |g, _, _| g.clone()]);
    let y = arbitrary(&[3], 1);
    let why = crate::check::message(|| grad(|x| WRONG.bind(&[x, &y]).sum())(&Value::from(1.0)));
    let expected = "what the rule for argument 0 of `wrong` returned is an array of shape [3]; \
                    expected f64";
    assert_eq!(why, expected);
}

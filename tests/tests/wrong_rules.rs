//! Rules that are wrong, as a reader might write them: the checker catches each of them, and the
//! report knows what is wrong.

use pretty_assertions::assert_eq;
use stage4::{Primitive, Rule, Value, defvjp, elementwise_grad, grad};
use tests::diagnosis::{Guess, examine};
use tests::dual::{self, Dual};
use tests::finite::{Mismatch, check, check_orders, derivative};

/// A primitive x², with a rule of one's own.
macro_rules! square_with_rule {
    ($rule:expr) => {{
        static SQUARE: Primitive = Primitive::new("square", |args| args.map(|x| x * x));
        let rule: Rule = $rule;
        defvjp(&SQUARE, &[rule]);
        |x: &Value| SQUARE.bind(&[x])
    }};
}

/// Checks the first derivative of f, which computes x², at 3.
fn checked(f: impl Fn(&Value) -> Value) -> Result<(), Mismatch> {
    let gradient = grad(&f)(&Value::from(3.0)).value();
    check(|x| f(&Value::from(x[0])).value(), &[3.0], &[gradient])
}

/// The order of the first derivative of f at 3 that is wrong.
fn first_wrong_order(f: impl Fn(&Value) -> Value) -> Option<usize> {
    let first = grad(&f);
    let second = grad(&first);
    let third = grad(&second);
    let number = |f: &dyn Fn(&Value) -> Value, x: f64| f(&Value::from(x)).value();
    let orders: [&dyn Fn(f64) -> f64; 4] = [
        &|x| number(&f, x),
        &|x| number(&first, x),
        &|x| number(&second, x),
        &|x| number(&third, x),
    ];
    check_orders(&orders, 3.0).err().map(|(order, _)| order)
}

/// What the report on the gradient of f at 3 guesses.
fn guesses(f: impl Fn(&Value) -> Value) -> Vec<Option<Guess>> {
    let gradient = [grad(&f)(&Value::from(3.0)).value()];
    let finite = [derivative(|x| f(&Value::from(x)).value(), 3.0)];
    let dual = dual::gradient(|x: &[Dual]| x[0] * x[0], &[3.0]);
    let reports = examine(
        "stage4",
        "square",
        &[("x", 3.0)],
        1e-13,
        &gradient,
        &finite,
        &dual,
    );
    reports.iter().map(|report| report.guess()).collect()
}

#[test]
fn a_right_rule_passes_to_third_order() {
    let square = square_with_rule!(|g, _, x| g * 2.0 * &x[0]);
    assert_eq!(checked(square), Ok(()));
    assert_eq!(first_wrong_order(square), None);
    assert_eq!(guesses(square), []);
}

#[test]
fn a_factor_of_2_001_is_caught() {
    let square = square_with_rule!(|g, _, x| g * 2.001 * &x[0]);
    assert_eq!(checked(square).unwrap_err().gradient, 3.0 * 2.001);
    assert_eq!(guesses(square), [None]);
}

#[test]
fn a_rule_that_is_wrong_only_at_second_order_is_caught_there() {
    // `detach` takes the containers off: the number is right, but nobody sees where it came from.
    let square = square_with_rule!(|g, _, x| g * 2.0 * x[0].detach());
    assert_eq!(checked(square), Ok(()));
    assert_eq!(first_wrong_order(square), Some(2));
}

#[test]
fn a_lost_minus_is_guessed() {
    let square = square_with_rule!(|g, _, x| g * -2.0 * &x[0]);
    assert_eq!(guesses(square), [Some(Guess::Sign)]);
}

#[test]
fn a_rule_that_forgets_its_argument_is_guessed_as_a_missing_edge() {
    let square = square_with_rule!(|_, _, x| x[0].zeros());
    assert_eq!(guesses(square), [Some(Guess::MissingEdge)]);
}

#[test]
fn half_of_x_times_x_is_guessed_as_overwritten() {
    let square = square_with_rule!(|g, _, x| g * &x[0]);
    assert_eq!(guesses(square), [Some(Guess::Overwritten)]);
}

#[test]
fn twice_the_gradient_is_guessed_as_not_cleared() {
    let square = square_with_rule!(|g, _, x| g * 4.0 * &x[0]);
    assert_eq!(guesses(square), [Some(Guess::NotCleared)]);
}

#[test]
fn a_rule_with_zero_times_infinity_is_guessed() {
    let square = square_with_rule!(|g, _, x| g * (&x[0] - &x[0]) * f64::INFINITY);
    assert_eq!(guesses(square), [Some(Guess::ZeroTimesInfinity)]);
}

#[test]
fn a_rule_that_swaps_the_elements_of_an_array_is_caught_at_element_0() {
    let square = square_with_rule!(|g, _, x| g * 2.0 * x[0].take(0, &[1, 0]));
    let array = |x: &[f64]| Value::from(ndarray::Array1::from(x.to_vec()));
    let x = [3.0, 4.0];
    let gradient = elementwise_grad(square)(&array(&x)).array();
    let mismatch = check(
        |x| square(&array(x)).sum().value(),
        &x,
        &gradient.into_raw_vec_and_offset().0,
    );
    assert_eq!(mismatch.unwrap_err().input, 0);
}

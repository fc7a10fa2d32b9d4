//! # Any function can be wrapped
//!
//! Chapter: stage3.md#wrapping
//!
//! About: values
//!
//! Items: graph.rs `Value::value`, `From<f64> for Value`, `fmt::Debug for Value`,
//! `PartialEq for Value`, `PartialOrd for Value`, `PartialEq<f64> for Value`,
//! `PartialOrd<f64> for Value`, trace.rs `Primitive::bind`, `innermost_trace`, ops.rs
//! `Add<&Value> for &Value`, `Sub<&Value> for &Value`, `Mul<&Value> for &Value`,
//! `Div<&Value> for &Value`, `Neg for &Value`, `Neg for Value`, `From<&Value> for Value`,
//! `Value::powf`, `Value::sin`, `Value::cos`, `Value::exp`, `Value::ln`, `Value::sqrt`,
//! `Value::tanh`
//!
//! A `Primitive` wraps a function of plain numbers, and `bind` calls it on `Value`s. The closed
//! list of operations is gone: operators and methods bind a primitive each, and so can anybody
//! else's code. As long as all arguments are plain numbers, nothing is recorded and the result is
//! a plain number. Values compare by the numbers that they hold.
//!
//! In `graph.rs` a `Value` is `Plain(f64)` or `Boxed(Rc<Container>)`; it can be cloned, `value()` is its
//! number, and it prints as `Value(2.5)`. In `trace.rs` a `Primitive` has a `name: &'static str` and a
//! `raw: fn(&[f64]) -> f64`; `Primitive::new(name, raw)` is a `const fn`, and
//! `fn bind(&'static self, args: &[&Value]) -> Value` calls it. In `ops.rs` there is a `static` for each
//! operation: `ADD`, `SUB`, `MUL`, `DIV`, `NEG`, `POWF`, `SIN`, `COS`, `EXP`, `LN`, `SQRT` and `TANH`,
//! each with that name in small letters. Operators and `powf` have the same forms as in stage 2, and
//! `==`, `<` and the others compare a value with a value or with an `f64`. `lib.rs` exports `Value` and
//! `Primitive`, and all of its modules are public.
//!
//! `Op` and `record` go, so a `Node` has a `primitive: &'static Primitive` in place of its `op`.
//! `backward.rs` and `draw.rs` wait for step 4: until then, leave both out of `lib.rs`.
//!
//! Hint 1: First the data, then `Primitive`, then `ops.rs`: `Container` becomes `Value`, and
//! `record(Op::Add, …)` becomes `ADD.bind(…)`. For now no argument is a container, so there is no
//! innermost trace.
//! Hint 2: `bind` collects the arguments' numbers, calls `self.raw` and wraps what it returns.
//! Hint 3: `Value::Plain((self.raw)(&numbers))`. Each operator is one line, such as
//! `ADD.bind(&[self, other])`.

use stage3::{Primitive, Value};

static HYPOT: Primitive = Primitive::new("hypot", |args| args[0].hypot(args[1]));

#[track_caller]
fn assert_close(actual: f64, expected: f64) {
    let close = (actual - expected).abs() <= 1e-12 * expected.abs().max(1.0);
    assert!(close, "not close\n  left: {actual}\n right: {expected}");
}

fn plain(value: f64) -> Value {
    Value::from(value)
}

#[test]
fn a_number_becomes_a_plain_value_and_back() {
    assert!(matches!(plain(2.5), Value::Plain(2.5)));
    assert_eq!(plain(2.5).value(), 2.5);
}

#[test]
fn a_wrapped_function_is_called_on_the_numbers_in_their_order() {
    static POWER: Primitive = Primitive::new("power", |args| args[0].powf(args[1]));
    assert_eq!(POWER.bind(&[&plain(2.0), &plain(3.0)]).value(), 8.0);
    assert_eq!(POWER.bind(&[&plain(3.0), &plain(2.0)]).value(), 9.0);
}

#[test]
fn a_wrapped_function_of_plain_numbers_returns_a_plain_number() {
    let result = HYPOT.bind(&[&plain(3.0), &plain(4.0)]);
    assert!(matches!(result, Value::Plain(5.0)));
}

#[test]
fn a_wrapped_function_may_have_any_number_of_arguments() {
    static SUM: Primitive = Primitive::new("sum", |args| args.iter().sum());
    assert_eq!(
        SUM.bind(&[&plain(1.0), &plain(2.0), &plain(3.0)]).value(),
        6.0
    );
    assert_eq!(SUM.bind(&[]).value(), 0.0);
}

#[test]
fn values_are_those_of_the_plain_operations() {
    let (x, y) = (plain(6.0), plain(2.0));
    assert_eq!((&x + &y).value(), 8.0);
    assert_eq!((&x - &y).value(), 4.0);
    assert_eq!((&x * &y).value(), 12.0);
    assert_eq!((&x / &y).value(), 3.0);
    assert_eq!((-&x).value(), -6.0);
    assert_close(x.powf(&y).value(), 36.0);
    assert_close(x.sin().value(), 6.0_f64.sin());
    assert_close(x.cos().value(), 6.0_f64.cos());
    assert_close(x.exp().value(), 6.0_f64.exp());
    assert_close(x.ln().value(), 6.0_f64.ln());
    assert_close(x.sqrt().value(), 6.0_f64.sqrt());
    assert_close(x.tanh().value(), 6.0_f64.tanh());
}

#[test]
fn a_plain_number_may_stand_on_either_side() {
    let x = plain(4.0);
    assert_eq!((&x + 2.0).value(), 6.0);
    assert_eq!((2.0 + &x).value(), 6.0);
    assert_eq!((&x - 2.0).value(), 2.0);
    assert_eq!((2.0 - &x).value(), -2.0);
    assert_eq!((&x * 2.0).value(), 8.0);
    assert_eq!((2.0 * &x).value(), 8.0);
    assert_eq!((&x / 2.0).value(), 2.0);
    assert_eq!((2.0 / &x).value(), 0.5);
    assert_close(x.powf(2.0).value(), 16.0);
}

#[test]
fn owned_values_and_references_mix() {
    let x = plain(3.0);
    let y = (&x + x.clone()) * x.clone() - (x.clone() * &x) + 2.0 * x.clone() - -x.clone() / 1.0;
    assert_eq!(y.value(), 18.0); // x² + 3x
}

#[test]
fn values_compare_with_values_and_with_plain_numbers() {
    let (two, three) = (plain(2.0), plain(3.0));
    assert!(two == plain(2.0) && two != three);
    assert!(two < three && two <= plain(2.0));
    assert!(three > two && three >= plain(3.0));
    assert!(two == 2.0 && two != 3.0);
    assert!(two < 3.0);
    assert!(two <= 2.0);
    assert!(two > 1.0);
    assert!(two >= 2.0);
}

#[test]
fn nan_compares_with_nothing() {
    let nan = plain(f64::NAN);
    assert!(nan != plain(f64::NAN));
    assert_eq!(nan.partial_cmp(&plain(1.0)), None);
    assert_eq!(nan.partial_cmp(&1.0), None);
}

#[test]
fn a_value_prints_as_its_number() {
    assert_eq!(format!("{:?}", plain(2.5)), "Value(2.5)");
}

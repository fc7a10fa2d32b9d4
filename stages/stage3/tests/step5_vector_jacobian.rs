//! # The value and the pull-back
//!
//! Chapter: stage3.md#the-pull-back
//!
//! About: gradients
//!
//! Items: backward.rs `vector_jacobian`
//!
//! `vector_jacobian(f, x)` opens a trace, calls `f` on a boxed `x`, and returns two things: the
//! value of `f`, without the box of this trace, and the pull-back, a function from the gradient of
//! the value to the gradient of `x`. The pull-back may be called many times. If the result is plain or
//! of a trace further out, it does not depend on `x`, and the pull-back returns 0.
//!
//! `pub fn vector_jacobian(f: impl FnOnce(&Value) -> Value, x: &Value) -> (Value, PullBack)`, and
//! `PullBack` is the name for a `Box<dyn Fn(&Value) -> Value>`. `lib.rs` exports both.
//!
//! The result of `f` is refused if it is a container of a trace that has ended:
//! `the result of the differentiated function is a container of trace 7, which has ended`, or of
//! one that was opened inside `f` and is still open: `…, which was opened inside`.
//!
//! Hint 1: The trace need not be open while the pull-back runs. What must live on is the graph,
//! and the closure can own it.
//! Hint 2: Look at what `f` returned: a container of this trace has a value further out and a node
//! to walk from; a plain number, or a container of a lower trace, is a constant.
//! Hint 3: Call `check_open` on a returned container before the trace ends. The pull-back is
//! `backward(&[(output, seed.clone())]).of(&input)`, or `Value::Plain(0.0)` for a constant.

use std::cell::{Cell, RefCell};

use stage3::{Trace, Value, vector_jacobian};

#[path = "../../../tests/src/panics.rs"]
mod panics;

use panics::refused;

fn plain(value: f64) -> Value {
    Value::from(value)
}

#[test]
fn the_value_is_that_of_the_function() {
    let (value, _) = vector_jacobian(|x| x * x, &plain(3.0));
    assert_eq!(value, 9.0);
    assert!(matches!(value, Value::Plain(_)));
}

#[test]
fn the_function_is_called_once() {
    let calls = Cell::new(0);
    let (_, pull_back) = vector_jacobian(
        |x| {
            calls.set(calls.get() + 1);
            x * x
        },
        &plain(3.0),
    );
    pull_back(&plain(1.0));
    assert_eq!(calls.get(), 1);
}

#[test]
fn the_pull_back_takes_a_gradient_of_the_value_to_one_of_the_input() {
    let (_, pull_back) = vector_jacobian(|x| x * x, &plain(3.0));
    assert_eq!(pull_back(&plain(1.0)), 6.0);
    assert_eq!(pull_back(&plain(10.0)), 60.0);
    assert_eq!(pull_back(&plain(0.0)), 0.0);
}

#[test]
fn the_pull_back_gives_the_same_answer_again() {
    let (_, pull_back) = vector_jacobian(|x| x * x, &plain(3.0));
    assert_eq!(pull_back(&plain(1.0)), 6.0);
    assert_eq!(pull_back(&plain(1.0)), 6.0);
}

#[test]
fn two_pull_backs_do_not_know_of_each_other() {
    let x = plain(3.0);
    let (_, square) = vector_jacobian(|x| x * x, &x);
    let (_, cube) = vector_jacobian(|x| x * x * x, &x);
    assert_eq!(square(&plain(1.0)), 6.0);
    assert_eq!(cube(&plain(1.0)), 27.0);
    assert_eq!(square(&plain(1.0)), 6.0);
}

#[test]
fn the_input_itself_has_gradient_1() {
    let (value, pull_back) = vector_jacobian(Value::clone, &plain(3.0));
    assert_eq!((value, pull_back(&plain(1.0))), (plain(3.0), plain(1.0)));
}

#[test]
fn a_constant_function_has_gradient_0() {
    let (value, pull_back) = vector_jacobian(|_| Value::from(7.0), &plain(3.0));
    assert_eq!((value, pull_back(&plain(1.0))), (plain(7.0), plain(0.0)));
}

#[test]
fn a_result_that_depends_on_an_outer_trace_only_is_a_constant() {
    let outer = Trace::open();
    let x = Value::Boxed(outer.input(&plain(3.0)));
    let (value, pull_back) = vector_jacobian(|_| &x * &x, &plain(5.0));
    assert_eq!(value, 9.0);
    assert!(matches!(value, Value::Boxed(container) if container.trace() == outer.id()));
    assert_eq!(pull_back(&plain(1.0)), 0.0);
}

#[test]
fn the_value_belongs_to_the_trace_further_out() {
    let outer = Trace::open();
    let x = Value::Boxed(outer.input(&plain(3.0)));
    let (value, pull_back) = vector_jacobian(|y| y * y, &x);
    assert!(matches!(value, Value::Boxed(container) if container.trace() == outer.id()));
    let slope = pull_back(&plain(1.0));
    assert_eq!(slope, 6.0);
    assert!(matches!(slope, Value::Boxed(container) if container.trace() == outer.id()));
}

#[test]
fn a_pull_back_can_be_differentiated_by_its_seed() {
    let (_, pull_back) = vector_jacobian(|x| x * x, &plain(3.0));
    let (value, pull_back_again) = vector_jacobian(|seed| pull_back(seed), &plain(2.0));
    assert_eq!(value, 12.0);
    assert_eq!(pull_back_again(&plain(1.0)), 6.0);
}

#[test]
fn a_kept_container_is_refused_when_it_is_used() {
    let kept = RefCell::new(None);
    let f = |x: &Value| kept.replace(Some(x.clone())).unwrap_or(x * x);
    _ = vector_jacobian(f, &plain(3.0));
    let kept = kept.take().unwrap();
    refused(&["`add`", "argument 0", "ended"], || _ = &kept + 1.0);
}

#[test]
fn a_kept_container_is_refused_in_a_later_trace_too() {
    let kept = RefCell::new(None);
    let f = |x: &Value| match kept.replace(Some(x.clone())) {
        Some(earlier) => x * earlier,
        None => x * x,
    };
    _ = vector_jacobian(f, &plain(3.0));
    refused(&["`mul`", "argument 1", "ended"], || {
        _ = vector_jacobian(f, &plain(4.0));
    });
}

#[test]
fn a_kept_container_is_refused_as_a_result() {
    let kept = RefCell::new(None);
    let f = |x: &Value| kept.replace(Some(x.clone())).unwrap_or(x * x);
    _ = vector_jacobian(f, &plain(3.0));
    refused(&["result", "ended"], || {
        _ = vector_jacobian(f, &plain(4.0));
    });
}

#[test]
fn a_pull_back_that_outlives_an_outer_trace_is_refused() {
    let outer = Trace::open();
    let x = Value::Boxed(outer.input(&plain(3.0)));
    let (_, pull_back) = vector_jacobian(|y| &x * y, &plain(5.0));
    assert_eq!(pull_back(&plain(1.0)), 3.0);
    drop(outer);
    // Which argument it is depends on how the rule is written.
    refused(&["`mul`", "ended"], || _ = pull_back(&plain(1.0)));
}

#[test]
fn a_result_of_a_trace_that_was_opened_inside_is_refused() {
    let mut inner = None;
    refused(&["result", "opened inside"], || {
        let _ = vector_jacobian(
            |x| {
                let trace = inner.insert(Trace::open());
                let x = Value::Boxed(trace.input(x));
                &x * &x
            },
            &plain(3.0),
        );
    });
}

#[test]
fn a_panic_in_the_function_leaves_no_trace_open() {
    let mut kept = None;
    refused(&["the function's own error"], || {
        _ = vector_jacobian(
            |x| {
                kept = Some(x.clone());
                panic!("the function's own error")
            },
            &plain(3.0),
        );
    });

    // If the trace were still open, its container could still be used.
    refused(&["`sin`", "argument 0", "ended"], || {
        _ = kept.unwrap().sin();
    });

    // And whatever comes later is not disturbed.
    assert!(matches!(plain(2.0) * plain(3.0), Value::Plain(6.0)));
    let (_, pull_back) = vector_jacobian(|x| x * x, &plain(3.0));
    assert_eq!(pull_back(&plain(1.0)), 6.0);
}

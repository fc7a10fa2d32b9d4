//! # Traces nest
//!
//! Chapter: stage3.md#nested-traces
//!
//! About: graph
//!
//! Items: trace.rs `Primitive::bind`, `innermost_trace`
//!
//! A container may carry a container of a trace further out. `bind` unboxes only the containers
//! of the *innermost* trace among its arguments, the one that was opened last; to that trace, everything
//! else is a constant. Then it calls *itself* on what is left, so that the trace further out records the
//! operation in turn, down to the plain numbers. So `args` and `result` of a node are what the level
//! below sees, and may be containers.
//!
//! Boxes nest in the order of their traces: `Trace::input` refuses a container whose trace has ended,
//! and one that is not of a trace `further out`. `value.value()` is the number at the bottom of all boxes.
//!
//! Hint 1: A trace that was opened later is further in, and has a higher id.
//! Hint 2: Compare each container's trace with the innermost one before you unbox it. A container
//! of another trace stays as it is.
//! Hint 3: `Value::Boxed(container) if container.trace() == trace` unboxes; `_` clones. The result
//! is `self.bind(…)` on the unboxed arguments, not the raw function.

use std::rc::Rc;

use stage3::{Container, Trace, Value};

#[path = "../../../tests/src/panics.rs"]
mod panics;

use panics::refused;

fn input(trace: &Trace, value: &Value) -> Value {
    Value::Boxed(trace.input(value))
}

#[track_caller]
fn container(value: &Value) -> &Rc<Container> {
    match value {
        Value::Boxed(container) => container,
        Value::Plain(number) => panic!("expected a container, got the plain number {number}"),
    }
}

/// The trace that `value` belongs to; none for a plain number.
fn trace_of(value: &Value) -> Option<u64> {
    match value {
        Value::Boxed(container) => Some(container.trace()),
        Value::Plain(_) => None,
    }
}

/// The positions and ids of the nodes that the node of `value` points at.
#[track_caller]
fn parents(value: &Value) -> Vec<(usize, u64)> {
    let parents = &container(value).node().parents;
    parents
        .iter()
        .map(|(argnum, parent)| (*argnum, parent.id))
        .collect()
}

#[track_caller]
fn id(value: &Value) -> u64 {
    container(value).node().id
}

#[test]
fn the_number_at_the_bottom_can_be_read_through_all_boxes() {
    let (outer, inner) = (Trace::open(), Trace::open());
    let x = input(&outer, &Value::from(2.5));
    let y = input(&inner, &x);
    assert_eq!(y.value(), 2.5);
    assert_eq!(trace_of(&y), Some(inner.id()));
    assert_eq!(trace_of(container(&y).value()), Some(outer.id()));
}

#[test]
fn what_is_of_an_inner_trace_cannot_be_boxed_by_an_outer_one() {
    let (outer, inner) = (Trace::open(), Trace::open());
    let y = input(&inner, &Value::from(1.0));
    refused(&["further out"], || drop(outer.input(&y)));
}

#[test]
fn what_is_of_a_trace_that_has_ended_cannot_be_boxed() {
    let (outer, inner) = (Trace::open(), Trace::open());
    let x = input(&outer, &Value::from(1.0));
    drop(outer);
    refused(&["ended"], || drop(inner.input(&x)));
}

#[test]
fn an_operation_is_recorded_on_each_level() {
    let (outer, inner) = (Trace::open(), Trace::open());
    let x = input(&outer, &Value::from(1.0));
    let y = input(&inner, &x);

    let result = y.sin();
    assert_eq!(trace_of(&result), Some(inner.id()));
    assert_eq!(parents(&result), [(0, id(&y))]);

    let below = container(&result).value();
    assert_eq!(trace_of(below), Some(outer.id()));
    assert_eq!(parents(below), [(0, id(&x))]);

    let bottom = container(below).value();
    assert!(matches!(bottom, Value::Plain(_)));
    assert!((bottom.value() - 1.0_f64.sin()).abs() < 1e-12);
}

#[test]
fn a_container_of_the_outer_trace_is_a_constant_to_the_inner_one() {
    let (outer, inner) = (Trace::open(), Trace::open());
    let x = input(&outer, &Value::from(3.0));
    let y = input(&inner, &Value::from(5.0));

    let product = &x * &y;
    assert_eq!(product.value(), 15.0);
    assert_eq!(trace_of(&product), Some(inner.id()));
    assert_eq!(parents(&product), [(1, id(&y))]);

    // The recorded arguments are those of the level below: the constant is still a container.
    let args = &container(&product).node().args;
    assert_eq!(trace_of(&args[0]), Some(outer.id()));
    assert_eq!(trace_of(&args[1]), None);

    // The outer trace sees x times a plain number.
    let below = container(&product).value();
    assert_eq!(trace_of(below), Some(outer.id()));
    assert_eq!(parents(below), [(0, id(&x))]);
}

#[test]
fn an_operation_on_outer_containers_is_not_recorded_by_the_inner_trace() {
    let (outer, _inner) = (Trace::open(), Trace::open());
    let x = input(&outer, &Value::from(3.0));
    let square = &x * &x;
    assert_eq!(trace_of(&square), Some(outer.id()));
    assert_eq!(trace_of(container(&square).value()), None);
}

#[test]
fn a_plain_number_in_the_inner_trace_leaves_the_outer_one_out() {
    let (_outer, inner) = (Trace::open(), Trace::open());
    let y = input(&inner, &Value::from(5.0));
    let square = &y * &y;
    assert_eq!(trace_of(&square), Some(inner.id()));
    assert_eq!(trace_of(container(&square).value()), None);
}

#[test]
fn the_innermost_trace_is_the_one_opened_last_wherever_its_container_stands() {
    let traces = [Trace::open(), Trace::open(), Trace::open()];
    let [a, b, c] = &traces;
    let x = [a, b, c].map(|trace| input(trace, &Value::from(2.0)));
    for (i, j) in [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)] {
        let sum = &x[i] + &x[j];
        assert_eq!(trace_of(&sum), Some(traces[i.max(j)].id()));
        assert_eq!(
            trace_of(container(&sum).value()),
            Some(traces[i.min(j)].id())
        );
    }
}

#[test]
fn three_traces_record_one_operation_three_times() {
    let (a, b, c) = (Trace::open(), Trace::open(), Trace::open());
    let x = input(&a, &Value::from(2.0));
    let y = input(&b, &x);
    let z = input(&c, &y);
    let result = &(&x * &y) * &z;
    assert_eq!(result.value(), 8.0);
    assert_eq!(trace_of(&result), Some(c.id()));
    let below = container(&result).value();
    assert_eq!(trace_of(below), Some(b.id()));
    let further_below = container(below).value();
    assert_eq!(trace_of(further_below), Some(a.id()));
    assert_eq!(trace_of(container(further_below).value()), None);
}

#[test]
fn the_outer_trace_goes_on_when_the_inner_one_has_ended() {
    let outer = Trace::open();
    let x = input(&outer, &Value::from(1.0));
    let inner = Trace::open();
    let y = input(&inner, &x).sin();
    drop(inner);
    let below = container(&y).value();
    let result = below.cos();
    assert_eq!(trace_of(&result), Some(outer.id()));
    assert!((result.value() - 1.0_f64.sin().cos()).abs() < 1e-12);
}

#[test]
fn a_container_of_an_ended_inner_trace_is_refused_beside_an_outer_one() {
    let outer = Trace::open();
    let x = input(&outer, &Value::from(1.0));
    let inner = Trace::open();
    let y = input(&inner, &x);
    drop(inner);
    refused(&["`mul`", "argument 1", "ended"], || drop(&x * &y));
}

#[test]
fn a_container_of_an_ended_outer_trace_is_refused_inside_an_inner_one() {
    let (outer, inner) = (Trace::open(), Trace::open());
    let x = input(&outer, &Value::from(1.0));
    let y = input(&inner, &x);
    drop(outer);
    refused(&["`sin`", "argument 0", "ended"], || drop(y.sin()));
}

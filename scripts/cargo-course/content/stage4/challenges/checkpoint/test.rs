//! A part of a program that is computed again when the walk needs it.

use std::cell::Cell;
use std::rc::Rc;

use ndarray::array;
use pretty_assertions::assert_eq;
use stage4::backward::order;
use stage4::checkpoint::checkpoint;
use stage4::{Trace, Value, grad, hessian, vector_jacobian};

/// Twenty layers of a function of each element.
fn deep(x: &Value) -> Value {
    (0..20).fold(x.clone(), |y, _| (y.sin() + x) * 0.5)
}

fn vector() -> Value {
    Value::from(array![0.3, -0.7, 1.2])
}

#[test]
fn the_value_is_that_of_the_function() {
    let x = vector();
    assert_eq!(checkpoint(deep)(&x).array(), deep(&x).array());
}

#[test]
fn the_gradient_is_that_of_the_function() {
    let x = vector();
    let deep_again = checkpoint(deep);
    assert_eq!(
        grad(|x| deep_again(x).sum())(&x).array(),
        grad(|x| deep(x).sum())(&x).array()
    );
    let seed = Value::from(array![1.0, 10.0, 100.0]);
    assert_eq!(
        vector_jacobian(&deep_again, &x).1(&seed).array(),
        vector_jacobian(deep, &x).1(&seed).array()
    );
}

#[test]
fn a_call_is_one_node() {
    let nodes = |f: &dyn Fn(&Value) -> Value| {
        let trace = Trace::open();
        let Value::Boxed(y) = f(&Value::Boxed(trace.input(&vector()))) else {
            panic!("a function of a container is a container");
        };
        order(&[y.node()]).len()
    };
    assert_eq!(nodes(&deep), 61);
    assert_eq!(nodes(&checkpoint(deep)), 2);
    let (first, second) = (checkpoint(deep), checkpoint(deep));
    assert_eq!(nodes(&|x| second(&first(x))), 3);
}

#[test]
fn the_function_is_called_once_forward_and_once_for_each_walk() {
    let calls = Rc::new(Cell::new(0));
    let counter = Rc::clone(&calls);
    let f = checkpoint(move |x| {
        counter.set(counter.get() + 1);
        x.sin()
    });
    let (value, pull_back) = vector_jacobian(f, &vector());
    assert_eq!(calls.get(), 1);
    pull_back(&value.ones());
    assert_eq!(calls.get(), 2);
    pull_back(&value.ones());
    assert_eq!(calls.get(), 3);
}

#[test]
fn without_a_trace_it_is_the_function() {
    let y = checkpoint(|x| x * x)(&Value::from(3.0));
    assert!(matches!(y, Value::Plain(_)));
    assert_eq!(y, 9.0);
}

#[test]
fn second_derivatives_are_right() {
    let deep_again = checkpoint(deep);
    let x = vector();
    let difference =
        hessian(|x| deep_again(x).prod())(&x).array() - hessian(|x| deep(x).prod())(&x).array();
    assert!(difference.iter().all(|error| error.abs() < 1e-12));
    let cube = checkpoint(|x| x * x * x);
    assert_eq!(grad(grad(grad(cube)))(&Value::from(2.0)), 6.0);
}

#[test]
fn checkpoints_nest() {
    let inner = checkpoint(|x| x * x);
    let outer = checkpoint(move |x| inner(x) * x);
    assert_eq!(grad(&outer)(&Value::from(2.0)), 12.0);
    assert_eq!(grad(grad(&outer))(&Value::from(2.0)), 12.0);
}

#[test]
fn the_shape_may_change_on_the_way() {
    let norm = checkpoint(|x| (x * x).sum());
    assert_eq!(grad(norm)(&vector()).array(), (vector() * 2.0).array());
}

#[test]
#[should_panic(expected = "checkpoint")]
fn a_container_from_outside_is_refused() {
    let trace = Trace::open();
    let weight = Value::Boxed(trace.input(&Value::from(2.0)));
    let f = checkpoint(move |x| x * &weight);
    f(&Value::from(3.0));
}

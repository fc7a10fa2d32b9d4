//! The walk: each node once, its gradient complete, and no gradient that is not its own.

use std::cell::Cell;
use std::rc::Rc;

use ndarray::array;
use pretty_assertions::assert_eq;
use stage4::{
    Container, Primitive, Trace, Value, backward, defvjp, grad, value_and_grads, vector_jacobian,
};

use crate::check::assert_close;

/// What a function of a container returns.
fn container(value: Value) -> Rc<Container> {
    match value {
        Value::Boxed(container) => container,
        Value::Plain(_) => panic!("a function of a container is a container"),
    }
}

#[test]
fn each_rule_is_asked_once_however_many_paths_there_are() {
    static PLUS: Primitive = Primitive::new("plus", |args| args.zip(|x, y| x + y));
    thread_local! { static CALLS: Cell<usize> = const { Cell::new(0) } }
    fn count(gradient: &Value) -> Value {
        CALLS.set(CALLS.get() + 1);
        assert!(CALLS.get() <= 40, "a rule is asked once for each path");
        gradient.clone()
    }
    defvjp(&PLUS, &[|g, _, _| count(g), |g, _, _| count(g)]);
    let paths = |x: &Value| (0..20).fold(x.clone(), |x, _| PLUS.bind(&[&x, &x]));
    assert_eq!(grad(paths)(&Value::from(1.0)), 1048576.0);
    assert_eq!(CALLS.get(), 40);
}

#[test]
fn a_gradient_is_complete_before_it_is_passed_on() {
    // From y to the output there is a short way and a long one; the short one is found first
    // whether the arguments or the nodes are followed in their order or against it.
    let long = |y: &Value| (0..5).fold(y.clone(), |y, _| y * 2.0);
    let ways: [fn(Value, Value) -> Value; 2] =
        [|short, long| short + long, |short, long| long + short];
    for join in ways {
        let f = |x: &Value| {
            let y = x * x;
            join(y.clone(), long(&y))
        };
        assert_eq!(grad(f)(&Value::from(3.0)), 6.0 * 33.0);
        let late = |x: &Value| {
            let y = x * x;
            let far = long(&y);
            join(&y * 3.0, far)
        };
        assert_eq!(grad(late)(&Value::from(3.0)), 6.0 * 35.0);
    }
}

#[test]
fn outputs_get_their_seeds_in_any_order() {
    let trace = Trace::open();
    let x = trace.input(&Value::from(3.0));
    let y = container(&Value::Boxed(x.clone()) * 2.0);
    let z = container(&Value::Boxed(y.clone()) * &Value::Boxed(y.clone()));
    let seed = Value::from;
    for outputs in [
        [(&*y, seed(100.0)), (&*z, seed(1.0)), (&*x, seed(0.5))],
        [(&*x, seed(0.5)), (&*z, seed(1.0)), (&*y, seed(100.0))],
        [(&*z, seed(1.0)), (&*x, seed(0.5)), (&*y, seed(100.0))],
    ] {
        // 2·2·6 + 100·2 + 0.5
        assert_eq!(backward(&outputs).of(&x), 224.5);
    }
}

#[test]
fn an_output_that_is_named_twice_gets_both_seeds() {
    let trace = Trace::open();
    let x = trace.input(&Value::from(3.0));
    let y = container(&Value::Boxed(x.clone()) * &Value::Boxed(x.clone()));
    let gradients = backward(&[(&y, Value::from(1.0)), (&y, Value::from(10.0))]);
    assert_eq!(gradients.of(&x), 66.0);
    let gradients = backward(&[(&x, Value::from(1.0)), (&x, Value::from(10.0))]);
    assert_eq!(gradients.of(&x), 11.0);
    assert_eq!(backward(&[]).of(&x), 0.0);
}

#[test]
fn gradients_of_one_walk_are_not_those_of_a_later_input() {
    let trace = Trace::open();
    let gradients = {
        let x = trace.input(&Value::from(3.0));
        let y = container(Value::Boxed(x.clone()).sin());
        backward(&[(&y, Value::from(1.0))])
    };
    // The memory of that input is free, and is that of one of these.
    let later: Vec<_> = (0..100).map(|_| trace.input(&Value::from(3.0))).collect();
    for input in later {
        assert_eq!(gradients.of(&input), 0.0);
    }
}

#[test]
fn gradients_of_one_trace_are_not_those_of_another() {
    let outer = Trace::open();
    let of_outer = outer.input(&Value::from(3.0));
    let gradients = backward(&[(&of_outer, Value::from(5.0))]);
    let inner = Trace::open();
    let of_inner = inner.input(&Value::from(3.0));
    assert_eq!(gradients.of(&of_inner), 0.0);
    assert_eq!(gradients.of(&of_outer), 5.0);
}

#[test]
fn the_sum_of_contributions_is_recorded_too() {
    // Of y = x², y·y + y: in the gradient in y two contributions meet, and both depend on x.
    let f = |x: &Value| {
        let y = x * x;
        &y * &y + &y
    };
    let x = Value::from(3.0);
    assert_eq!(grad(f)(&x), 114.0); // 4x³ + 2x
    assert_eq!(grad(grad(f))(&x), 110.0); // 12x² + 2
    assert_eq!(grad(grad(grad(f)))(&x), 72.0); // 24x
    let over_array = |x: &Value| f(x).sum();
    let slope = |x: &Value| grad(over_array)(x).sum();
    assert_close(
        &grad(slope)(&Value::from(array![3.0, 1.0])),
        &array![110.0, 14.0],
    );
}

#[test]
fn a_seed_that_is_differentiated_is_recorded() {
    let by_seed = grad(|seed| vector_jacobian(|x| x * x, &Value::from(3.0)).1(seed));
    assert_eq!(by_seed(&Value::from(1.0)), 6.0);
}

#[test]
fn one_input_named_twice_is_two_inputs() {
    let x = Value::from(3.0);
    let (_, gradients) = value_and_grads(|x| &x[0] * &x[0] * &x[1], &[x.clone(), x]);
    assert_eq!(gradients, [18.0, 9.0]);
}

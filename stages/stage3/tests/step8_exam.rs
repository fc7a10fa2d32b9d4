//! # The exam
//!
//! Chapter: stage3.md#what-breaks-now
//!
//! About: graph, gradients, rules, higher derivatives, memory, long chains
//!
//! There is nothing left to write. The steps have tried a few examples of each thing; the exam asks
//! everything that is known about this stage: all forms of all operators and comparisons, powers of
//! 0, of infinity and to infinity (0 where a formula says 0 · ∞), a table of functions with known
//! derivatives up to order 6, and random programs against finite differences and dual numbers,
//! differentiated once, twice, and in two variables in turn. It also asks what is easily
//! overlooked: gradients belong to nodes, and a node that is gone has nothing in common with a new
//! one at the same place in memory; a derivative leaves nothing behind, not even the number of its
//! trace; and it costs a small multiple of its function.
//!
//! Hint 1: Nothing here is new. Which sentence of which step does the failing test hold you to?
//! Hint 2: The message names the function, the point and the order. Open two traces by hand in a test
//! of your own, and look at what each node has recorded, on each level.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stage3::backward::order;
use stage3::{Container, Trace, Value, backward, grad, vector_jacobian};

/// The judges, the table of cases, and what every stage is asked.
#[path = "../../../tests/src/exam.rs"]
mod exam;
#[path = "../../../tests/src/stages/stage3.rs"]
mod operand;

/// What is left in memory.
#[path = "../../../tests/src/left.rs"]
mod left;

use exam::program::{Step, run};
use exam::{cases, suite, threads};
use left::nothing_is_left;

/// A new input of `trace`, as a value.
fn input(trace: &Trace, value: f64) -> Value {
    Value::Boxed(trace.input(&Value::from(value)))
}

#[track_caller]
fn container(value: &Value) -> &Rc<Container> {
    match value {
        Value::Boxed(container) => container,
        Value::Plain(number) => panic!("expected a container, got the plain number {number}"),
    }
}

fn at(x: f64, f: impl Fn(&Value) -> Value) -> f64 {
    f(&Value::from(x)).value()
}

#[test]
fn every_form_of_every_operator_has_its_value_and_its_slopes() {
    suite::computes_every_form::<Value>();
}

#[test]
fn small_expressions_have_the_gradients_worked_out_by_hand() {
    // Some have more paths than could be followed one by one.
    threads::in_good_time(|| suite::computes(cases::expressions::<Value>()));
}

#[test]
fn each_operation_has_the_derivatives_of_the_textbook() {
    suite::computes(cases::each_operation::<Value>());
}

#[test]
fn powers_and_roots_at_0_and_infinity_have_the_derivatives_of_the_limit() {
    suite::computes(cases::powers_at_the_edges::<Value>());
}

#[test]
fn constants_branches_and_loops_have_their_gradients() {
    suite::computes(cases::constants_and_control_flow::<Value>());
}

#[test]
fn functions_from_other_books_have_the_gradients_printed_there() {
    suite::computes(cases::classics::<Value>());
}

#[test]
fn curves_have_their_derivatives_of_all_orders() {
    suite::computes_curves(cases::curves::<Value>());
}

#[test]
fn values_compare_by_their_numbers_whether_plain_or_boxed() {
    let (outer, inner) = (Trace::open(), Trace::open());
    let boxed_twice = |number: f64| Value::Boxed(inner.input(&input(&outer, number)));
    let all = |number: f64| {
        [
            Value::from(number),
            input(&outer, number),
            input(&inner, number),
            boxed_twice(number),
        ]
    };
    for (i, two) in all(2.0).iter().enumerate() {
        for (j, same) in all(2.0).iter().enumerate() {
            assert!(two == same, "2 == 2, for values {i} and {j}");
            assert!(two <= same, "2 <= 2, for values {i} and {j}");
            assert!(two >= same, "2 >= 2, for values {i} and {j}");
        }
        for (j, three) in all(3.0).iter().enumerate() {
            assert!(two != three, "2 != 3, for values {i} and {j}");
            assert!(two < three, "2 < 3, for values {i} and {j}");
            assert!(three > two, "3 > 2, for values {i} and {j}");
        }
        assert!(*two == 2.0 && *two != 3.0, "with numbers, for value {i}");
        assert!(*two < 3.0 && *two > 1.0, "with numbers, for value {i}");
    }
}

#[test]
fn several_outputs_add_up_each_with_its_seed() {
    let trace = Trace::open();
    let x = input(&trace, 3.0);
    let (square, cube) = (&x * &x, &x * &x * &x);
    let (square, cube) = (container(&square), container(&cube));
    let of = |outputs: &[(&Container, Value)]| backward(outputs).of(container(&x)).value();
    assert_eq!(
        of(&[(square, Value::from(10.0)), (cube, Value::from(1.0))]),
        87.0
    );
    assert_eq!(
        of(&[(square, Value::from(1.0)), (square, Value::from(1.0))]),
        12.0
    );
    assert_eq!(of(&[]), 0.0);
}

#[test]
fn a_new_container_has_no_gradient_of_a_node_that_is_gone() {
    let trace = Trace::open();
    let gradients = {
        let x = input(&trace, 3.0);
        let power = (0..100).fold(x.clone(), |power, _| power * &x);
        backward(&[(container(&power), Value::from(1.0))])
    };
    // Some of these are where the nodes of the power have been.
    let fresh: Vec<Value> = (0..100).map(|_| input(&trace, 3.0)).collect();
    for x in &fresh {
        assert_eq!(gradients.of(container(x)).value(), 0.0);
    }
}

#[test]
fn a_container_of_another_trace_has_no_gradient_in_the_walk_of_this_one() {
    let (outer, inner) = (Trace::open(), Trace::open());
    let (x, y) = (input(&outer, 3.0), input(&inner, 5.0));
    let product = &x * &y;
    let gradients = backward(&[(container(&product), Value::from(1.0))]);
    assert_eq!(gradients.of(container(&y)).value(), 3.0);
    assert_eq!(gradients.of(container(&x)).value(), 0.0);
}

#[test]
fn an_error_in_an_inner_derivative_leaves_the_outer_one_whole() {
    let f = |x: &Value| {
        let inner = || grad(|y| panic!("the function's own error, at {y:?}"))(x);
        assert!(catch_unwind(AssertUnwindSafe(inner)).is_err());
        x * x * x
    };
    assert_eq!(at(3.0, grad(f)), 27.0);
    assert_eq!(at(3.0, grad(grad(f))), 18.0);
}

#[test]
fn an_inner_derivative_of_a_constant_is_a_constant_to_the_outer_one() {
    // x · d/dy (x²) + x, which is x.
    let f = |x: &Value| x * grad(|_| x * x)(x) + x;
    assert_eq!(at(3.0, f), 3.0);
    assert_eq!(at(3.0, grad(f)), 1.0);
    assert_eq!(at(3.0, grad(grad(f))), 0.0);
}

#[test]
fn a_pull_back_is_differentiated_by_the_input_of_an_outer_trace_and_by_its_seed() {
    // The pull-back of y·x² at y = x, for the seed x, is x·x².
    let f = |x: &Value| {
        let (_, pull_back) = vector_jacobian(|y| y * x * x, x);
        pull_back(x)
    };
    assert_eq!(at(3.0, f), 27.0);
    assert_eq!(at(3.0, grad(f)), 27.0);
    assert_eq!(at(3.0, grad(grad(f))), 18.0);
}

#[test]
fn a_long_chain_of_second_arguments_is_walked_and_dropped() {
    let slope = threads::with_a_small_stack(|| {
        let chain = |x: &Value| (0..threads::LONG).fold(x.clone(), |y, _| x - y);
        at(1.0, grad(chain))
    });
    assert_eq!(slope, 1.0); // x - (x - (x - … x)), an even number of times
}

/// How many nodes the result of `f` depends on in a trace that is opened around `f`.
fn nodes(f: impl Fn(&Value) -> Value) -> usize {
    let trace = Trace::open();
    match f(&input(&trace, 0.5)) {
        Value::Boxed(result) => order(&[result.node()]).len(),
        Value::Plain(_) => 0,
    }
}

#[test]
fn a_gradient_takes_a_small_multiple_of_the_nodes_of_its_function() {
    let chain = |x: &Value| (0..200).fold(x.clone(), |y, _| y.sin());
    let (function, gradient) = (nodes(chain), nodes(grad(chain)));
    assert_eq!(function, 201);
    assert!(gradient < 8 * function, "{gradient} nodes for {function}");
}

#[test]
fn a_gradient_over_many_paths_takes_as_many_nodes_as_operations() {
    // 2^12 paths: doubled 12 times, and the seed is what the trace outside records.
    let slope = |seed: &Value| {
        let (_, pull_back) = vector_jacobian(|x| cases::doubled(12, x), &Value::from(1.0));
        pull_back(seed)
    };
    assert_eq!(at(1.0, slope), 4096.0);
    let nodes = nodes(slope);
    assert!(nodes < 100, "{nodes} nodes for 12 operations");
}

#[test]
fn many_paths_are_walked_in_good_time_on_two_levels() {
    let curvature =
        threads::in_good_time(|| at(1.0, grad(grad(|x| cases::doubled(100, &(x * x))))));
    assert_eq!(curvature, 2.0_f64.powi(101));
}

#[test]
fn derivatives_leave_nothing_behind() {
    let f = |x: &Value| x.sin() * x.exp() / (x + 1.0);
    nothing_is_left("derivatives_leave_nothing_behind", || {
        drop(grad(f)(&Value::from(0.5)));
        drop(grad(grad(grad(f)))(&Value::from(0.5)));
    });
}

#[test]
fn traces_values_and_pull_backs_leave_nothing_behind() {
    nothing_is_left("traces_values_and_pull_backs_leave_nothing_behind", || {
        let (outer, inner) = (Trace::open(), Trace::open());
        let x = input(&outer, 0.5);
        let y = Value::Boxed(inner.input(&x));
        let _product = (&x * &y).sin() * y.floor();
        let (value, pull_back) = vector_jacobian(|y| y * &x, &x);
        drop((outer, inner));
        drop((value, pull_back));
    });
}

#[test]
fn a_walk_leaves_nothing_behind() {
    let (_, pull_back) = vector_jacobian(|x| x.sin() * x, &Value::from(0.5));
    nothing_is_left("a_walk_leaves_nothing_behind", || {
        drop(pull_back(&Value::from(1.0)));
    });
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// Straight lines of operations in which every result may be used again.
    #[test]
    fn random_programs_agree_with_dual_numbers_and_finite_differences(
        steps in prop::collection::vec((0..Step::KINDS, any::<usize>(), any::<usize>()), 1..40),
        x in prop::collection::vec(-2.0..2.0, 1..5),
    ) {
        let steps: Vec<Step> = steps.iter().map(|&(kind, x, y)| Step::new(kind, x, y)).collect();
        let wrong = suite::wrong_in_program::<Value>(&steps, &x);
        prop_assert!(wrong.is_none(), "{steps:?} at {x:?}: {}", wrong.unwrap_or_default());
    }

    #[test]
    fn random_programs_have_the_second_derivatives_of_nested_dual_numbers(
        steps in prop::collection::vec((0..Step::KINDS, any::<usize>(), any::<usize>()), 1..30),
        x in prop::collection::vec(-2.0..2.0, 1..5),
    ) {
        let steps: Vec<Step> = steps.iter().map(|&(kind, x, y)| Step::new(kind, x, y)).collect();
        let wrong = suite::wrong_in_curvature::<Value>(&steps, &x);
        prop_assert!(wrong.is_none(), "{steps:?} at {x:?}: {}", wrong.unwrap_or_default());
    }

    #[test]
    fn mixed_derivatives_of_random_programs_do_not_depend_on_their_order(
        steps in prop::collection::vec((0..Step::KINDS, any::<usize>(), any::<usize>()), 1..30),
        (x, y) in (-2.0..2.0, -2.0..2.0),
    ) {
        let steps: Vec<Step> = steps.iter().map(|&(kind, x, y)| Step::new(kind, x, y)).collect();
        let f = |x: &Value, y: &Value| run::<Value>(&steps, &[x.clone(), y.clone()]);
        let by_x_first = at(y, grad(|y| grad(|x| f(x, y))(&Value::from(x))));
        let by_y_first = at(x, grad(|x| grad(|y| f(x, y))(&Value::from(y))));
        prop_assert!(
            exam::finite::relative_error(by_x_first, by_y_first) < 1e-8,
            "{steps:?} at {x}, {y}\n  left: {by_x_first}\n right: {by_y_first}"
        );
    }
}

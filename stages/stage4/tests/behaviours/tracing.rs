//! What was true of stage 3's tracer holds for arrays too.

use std::cell::RefCell;

use ndarray::array;
use pretty_assertions::assert_eq;
use stage4::ops::select;
use stage4::{Trace, Value, elementwise_grad, grad, vector_jacobian};

use crate::check::{assert_close, message};

#[test]
fn perturbations_of_nested_gradients_are_not_confused() {
    let sum = |x: &Value| x * grad(|y| x + y)(&Value::from(1.0));
    assert_eq!(grad(sum)(&Value::from(1.0)), 1.0);
    let at_itself = |x: &Value| grad(|y| x * y)(x);
    assert_eq!(grad(at_itself)(&Value::from(5.0)), 1.0);
    let deep = |x: &Value| x * grad(|y| y * grad(|z| x * y * z)(y))(x); // x · d/dy x·y² = 2x³
    assert_eq!(grad(deep)(&Value::from(3.0)), 54.0);

    // The same over arrays: x·Σ(d/dy Σ(x + y)).
    let x = Value::from(array![1.0, 2.0]);
    let sum = |x: &Value| (x * grad(|y| (x + y).sum())(&Value::from(array![1.0, 1.0]))).sum();
    assert_eq!(grad(sum)(&x).array(), array![1.0, 1.0].into_dyn());
}

#[test]
fn six_derivatives_of_half_tanh_on_an_array_are_the_known_ones() {
    let orders = [
        [0.46211715726000974, 0.0],
        [0.393223866482964, 0.5],
        [-0.181715495345897, 0.0],
        [-0.0706511610324713, -0.25],
        [0.247013722732786, 0.0],
        [-0.102083952249106, 0.5],
        [-0.566867817059244, 0.0],
    ];
    let x = Value::from(array![1.0, 0.0]);
    let mut f: Box<dyn Fn(&Value) -> Value> = Box::new(|x| {
        let y = (-x).exp();
        (1.0 - &y) / (1.0 + &y)
    });
    for expected in orders {
        assert_close(&f(&x), &ndarray::arr1(&expected));
        f = Box::new(elementwise_grad(f));
    }
}

#[test]
fn control_flow_follows_the_values() {
    let f = |x: &Value| if *x > 0.0 { x * x } else { -x };
    assert_eq!(grad(f)(&Value::from(3.0)), 6.0);
    assert_eq!(grad(f)(&Value::from(-3.0)), -1.0);
    let root = |x: &Value| {
        let mut y = x.clone();
        while (&y * &y - x).abs() > 1e-12 {
            y = (&y + x / &y) / 2.0;
        }
        y
    };
    let slope = grad(root)(&Value::from(8.0));
    assert_close(&slope, &ndarray::arr0(0.5 / 8.0_f64.sqrt()));
    let equal = |x: &Value| if *x == 2.0 { x * 3.0 } else { x.clone() };
    assert_eq!(grad(equal)(&Value::from(2.0)), 3.0);
}

#[test]
fn functions_without_a_derivative_are_constants_at_every_level() {
    let x = Value::from(2.5);
    let steps = |x: &Value| x.floor() * x * x;
    assert_eq!(grad(grad(steps))(&x), 4.0);
    let signed = |x: &Value| x.sign() * x * x * x;
    assert_eq!(grad(grad(grad(signed)))(&Value::from(-2.0)), -6.0);

    let trace = Trace::open();
    let inner = Trace::open();
    let x = Value::Boxed(trace.input(&Value::from(array![3.5, -1.0, 0.0])));
    let x = Value::Boxed(inner.input(&x));
    let constants = [
        (x.floor(), [3.0, -1.0, 0.0]),
        (x.sign(), [1.0, -1.0, 0.0]),
        (x.greater(0.0), [1.0, 0.0, 0.0]),
        (x.equals(0.0), [0.0, 0.0, 1.0]),
        (x.is_nan(), [0.0, 0.0, 0.0]),
        (x.is_finite(), [1.0, 1.0, 1.0]),
        (x.detach(), [3.5, -1.0, 0.0]),
    ];
    for (constant, expected) in constants {
        assert!(matches!(constant, Value::Plain(_)));
        assert_eq!(constant.array(), ndarray::arr1(&expected).into_dyn());
    }
    let position = x.argmax_axis(0);
    assert!(matches!(position, Value::Plain(_)));
    assert_eq!(position, 0.0);
}

#[test]
fn a_condition_has_no_gradient_and_both_sides_have() {
    let f = |x: &Value| select(&x.greater(&(x * x)), x * 2.0, x * x).sum();
    let x = Value::from(array![0.5, 3.0]);
    assert_eq!(grad(f)(&x).array(), array![2.0, 6.0].into_dyn());
}

#[test]
fn a_container_that_outlives_its_trace_is_refused() {
    let kept = RefCell::new(Value::from(0.0));
    let x = Value::from(array![1.0, 2.0]);
    grad(|x| {
        *kept.borrow_mut() = x.clone();
        x.sum()
    })(&x);
    let escaped = kept.into_inner();
    for what in [
        message(|| &escaped + 1.0),
        message(|| &x * &escaped),
        message(|| escaped.floor()),
        message(|| grad(|y| (y * &escaped).sum())(&x)),
        message(|| grad(|_| escaped.clone())(&x)),
    ] {
        assert!(what.contains("is a container of trace"), "{what}");
        assert!(what.contains("which has ended"), "{what}");
    }
    let what = message(|| &x * &escaped);
    assert!(
        what.starts_with("`mul`: argument 1 is a container of trace "),
        "{what}"
    );
}

#[test]
fn a_result_that_depends_on_an_outer_trace_only_is_a_constant() {
    let outer = Trace::open();
    let x = Value::Boxed(outer.input(&Value::from(3.0)));
    let (value, pull_back) = vector_jacobian(|_| &x * &x, &Value::from(5.0));
    assert_eq!(value, 9.0);
    assert!(matches!(value, Value::Boxed(container) if container.trace() == outer.id()));
    assert_eq!(pull_back(&Value::from(1.0)), 0.0);
}

#[test]
fn a_result_of_a_trace_that_was_opened_inside_is_refused() {
    let mut inner = None;
    let said = message(|| {
        vector_jacobian(
            |x| {
                let trace = inner.insert(Trace::open());
                let x = Value::Boxed(trace.input(x));
                &x * &x
            },
            &Value::from(3.0),
        )
    });
    let expected = "the result of the differentiated function is a container of trace ";
    assert!(said.starts_with(expected), "{said}");
    assert!(said.contains("which was opened inside"), "{said}");
}

#[test]
fn an_input_is_refused_that_is_not_of_a_trace_further_out() {
    let outer = Trace::open();
    let inner = Trace::open();
    let x = Value::Boxed(inner.input(&Value::from(3.0)));
    for trace in [&outer, &inner] {
        let said = message(|| trace.input(&x));
        let (of, than) = (inner.id(), trace.id());
        assert_eq!(
            said,
            format!(
                "`Trace::input`: the value is a container of trace {of}; \
                 expected one of a trace further out than trace {than}"
            )
        );
    }
    drop(inner);
    let said = message(|| outer.input(&x));
    assert!(said.contains("which has ended"), "{said}");
}

#[test]
fn a_condition_that_is_differentiated_counts_as_a_constant() {
    let f = |x: &Value| select(x, x * x, 0.0);
    assert_eq!(grad(f)(&Value::from(3.0)), 6.0);
}

#[test]
fn a_trace_ends_alone_whichever_ends_first() {
    let (outer, inner) = (Trace::open(), Trace::open());
    let x = Value::Boxed(outer.input(&Value::from(2.0)));
    let y = Value::Boxed(inner.input(&Value::from(3.0)));
    drop(outer);
    assert_eq!(&y * &y, 9.0);
    assert!(message(|| x.sin()).contains("has ended"));
    drop(inner);
    assert!(message(|| y.sin()).contains("has ended"));
    // Traces that are opened later have nothing to do with them.
    let _later = [Trace::open(), Trace::open()];
    assert!(message(|| x.sin()).contains("has ended"));
    assert!(message(|| y.sin()).contains("has ended"));
}

#[test]
fn a_panic_in_the_function_leaves_no_trace_open() {
    let x = Value::from(array![1.0, 2.0]);
    let kept = RefCell::new(None);
    let what = message(|| {
        grad(|x| {
            *kept.borrow_mut() = Some(x.clone());
            panic!("stop here")
        })(&x)
    });
    assert_eq!(what, "stop here");
    let escaped = kept.into_inner().expect("the function ran");
    assert!(message(|| escaped.sin()).contains("which has ended"));
    assert_eq!(grad(Value::sum)(&x).array(), array![1.0, 1.0].into_dyn());
}

#[test]
fn a_failed_operation_inside_leaves_no_trace_open_and_the_registry_whole() {
    let x = Value::from(array![1.0, 2.0]);
    message(|| grad(|x| x.reshape(&[3]))(&x));
    let (_, pull_back) = vector_jacobian(|x| x * x, &x);
    message(|| pull_back(&Value::from(1.0)));
    assert_eq!(pull_back(&x).array(), array![2.0, 8.0].into_dyn());
}

#[test]
fn a_pull_back_is_pure_and_outlives_its_trace() {
    let x = Value::from(array![1.0, 2.0]);
    let (value, pull_back) = vector_jacobian(|x| x.exp() * x, &x);
    let seed = value.ones();
    let first = pull_back(&seed).array();
    assert_eq!(pull_back(&(&seed * 3.0)).array(), 3.0 * &first);
    assert_eq!(pull_back(&seed).array(), first);
}

#[test]
fn other_threads_have_traces_of_their_own_and_the_same_rules() {
    let slopes = std::thread::spawn(|| {
        let x = Value::from(array![1.0, 2.0]);
        grad(|x| (x * x).sum())(&x).array()
    });
    assert_eq!(slopes.join().unwrap(), array![2.0, 4.0].into_dyn());
}

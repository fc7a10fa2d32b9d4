//! What is composed of other operations refuses bad input in its own name.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ndarray::{Array2, arr0, array};
use pretty_assertions::assert_eq;
use stage4::{
    Data, Primitive, SharedArray, Trace, Value, concatenate, defvjp, grad, jacobian, select, stack,
};

/// The message of the panic that `run` ends in.
fn message<T>(run: impl FnOnce() -> T) -> String {
    let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(run()))) else {
        panic!("this should have been refused");
    };
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic.downcast_ref::<&str>().expect("a text").to_string(),
    }
}

fn matrix() -> Value {
    Value::from(Array2::ones((2, 3)))
}

/// A type that knows nothing of arrays.
#[derive(Debug)]
struct Name;

impl Data for Name {
    fn kind(&self) -> &'static str {
        "name"
    }
}

/// What is composed of others, with the argument in question.
type Composed = (&'static str, fn(&Value) -> Value);

const COMPOSED: [Composed; 23] = [
    ("mean", |x| x.mean()),
    ("mean_axis", |x| x.mean_axis([])),
    ("logsumexp_axis", |x| x.logsumexp_axis([])),
    ("softmax_axis", |x| x.softmax_axis([])),
    ("select", |x| select(x, 1.0, 2.0)),
    ("t", |x| x.t()),
    ("with_slice_axis", |x| x.with_slice_axis(0, .., x)),
    ("stack", |x| stack(0, std::slice::from_ref(x))),
    ("dot", |x| x.dot(&matrix())),
    ("outer", |x| x.outer(&matrix())),
    ("concatenate", |x| concatenate(0, std::slice::from_ref(x))),
    ("maximum", |x| x.maximum(1.0)),
    ("less", |x| x.less(1.0)),
    ("is_infinite", |x| x.is_infinite()),
    ("sigmoid", |x| x.sigmoid()),
    ("softplus", |x| x.softplus()),
    ("relu", |x| x.relu()),
    ("clip", |x| x.clip(0.0, 1.0)),
    ("norm", |x| x.norm()),
    ("hypot", |x| x.hypot(1.0)),
    ("atan2", |x| x.atan2(1.0)),
    ("cumsum", |x| x.cumsum(0)),
    ("jacobian", |x| jacobian(|x| x.clone())(x)),
];

#[test]
fn a_type_that_it_does_not_know_is_refused_in_its_own_name() {
    for (name, composed) in COMPOSED {
        assert_eq!(
            message(|| composed(&Value::new(Name))),
            format!("`{name}`: argument 0 is name; expected a number (f64) or an array")
        );
    }
}

#[test]
fn a_container_that_outlived_its_trace_is_refused_in_its_own_name() {
    let trace = Trace::open();
    let id = trace.id();
    let escaped = Value::Boxed(trace.input(&matrix()));
    drop(trace);
    for (name, composed) in COMPOSED {
        let start = format!("`{name}`: argument 0 is a container of trace {id}, which has ended;");
        let said = message(|| composed(&escaped));
        assert!(said.starts_with(&start), "{said}");
    }
}

#[test]
fn the_arguments_of_select_are_numbered_as_they_are_written() {
    let name = || Value::new(Name);
    let refused = |argnum: usize| {
        format!("`select`: argument {argnum} is name; expected a number (f64) or an array")
    };
    let one = Value::from(1.0);
    assert_eq!(message(|| select(&name(), 1.0, 2.0)), refused(0));
    assert_eq!(message(|| select(&one, name(), 2.0)), refused(1));
    assert_eq!(message(|| select(&one, 1.0, name())), refused(2));
}

#[test]
fn an_operator_that_compares_two_numbers_says_what_compares_arrays() {
    let vector = Value::from([1.0, 2.0]);
    let one = Value::from(1.0);
    let expected = "`value`, `==`, `>` and their relatives: expected a number (f64), not an array of \
                    shape [2]; `equals`, `greater` and their relatives compare arrays";
    assert_eq!(message(|| vector == 1.0), expected);
    assert_eq!(message(|| vector != vector), expected);
    assert_eq!(message(|| vector > 1.0), expected);
    assert_eq!(message(|| one <= vector), expected);
}

#[test]
fn an_array_without_axes_is_refused_by_the_first_operation() {
    let shared: SharedArray = arr0(2.0).into_dyn().into_shared();
    let value = Value::new(shared.clone());
    let expected = "`sin`: argument 0 is an array without axes; \
                    expected the number in it, which `Value::from` takes out";
    assert_eq!(message(|| value.sin()), expected);
    assert_eq!(message(|| grad(|x| x.sin())(&value)), expected);
    // The way out.
    assert_eq!(grad(|x| x * x)(&Value::from(shared)), 4.0);
}

#[test]
fn an_array_without_axes_that_a_raw_function_returns_is_refused_too() {
    static FIRST: Primitive = Primitive::new("first", |args| {
        let array = args.get::<SharedArray>(0);
        std::rc::Rc::new(arr0(array[[0]]).into_dyn().into_shared())
    });
    defvjp(&FIRST, &[|g, _, _| g.clone()]);
    let x = Value::from(array![1.0, 2.0]);
    let said = message(|| grad(|x| FIRST.bind(&[x]) * 2.0)(&x));
    assert!(
        said.starts_with("`mul`: argument 0 is an array without axes;"),
        "{said}"
    );
}

#[test]
fn the_element_that_is_not_there_is_named_as_it_was_asked_for() {
    assert_eq!(
        message(|| matrix().index(&[1, 3])),
        "`index`: there is no element [1, 3] in the shape [2, 3]"
    );
}

#[test]
fn a_reduction_of_nothing_names_the_shape_of_its_argument() {
    let empty = Value::from(Array2::zeros((0, 3)));
    for (name, reduce) in [
        ("max", Value::max as fn(&Value) -> Value),
        ("softmax_axis", |x| x.softmax_axis([0, 1])),
        ("logsumexp_axis", |x| x.logsumexp_axis([1, 0])),
    ] {
        assert_eq!(
            message(|| reduce(&empty)),
            format!("`{name}`: no elements in the shape [0, 3]")
        );
    }
}

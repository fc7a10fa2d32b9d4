//! What stages 4 and 5 say to bad input, by its text: the operation, the argument and what was expected.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ndarray::{Array1, array};
use pretty_assertions::assert_eq;
use stage4::{Data, Primitive, Value, defvjp, grad, grads, vector_jacobian};
use tests::complex::Complex;
use tests::panics::refused;

/// The message of the panic that `run` ends in.
fn message<T>(run: impl FnOnce() -> T) -> String {
    let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(run()))) else {
        panic!("this should have been refused");
    };
    *panic
        .downcast::<String>()
        .expect("a message with numbers in it")
}

fn vector(length: usize) -> Value {
    Value::from(Array1::<f64>::ones(length))
}

fn matrix() -> Value {
    Value::from(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
}

#[test]
fn adding_shapes_2_3_and_4_names_both() {
    assert_eq!(
        message(|| matrix() + vector(4)),
        "`add`: the shapes [[2, 3], [4]] do not broadcast; \
         expected equal lengths, or 1, for each axis counted from the last"
    );
}

#[test]
fn a_shape_mismatch_inside_a_differentiated_function_says_the_same() {
    assert_eq!(
        message(|| grad(|x| (x * vector(4)).sum())(&matrix())),
        "`mul`: the shapes [[2, 3], [4]] do not broadcast; \
         expected equal lengths, or 1, for each axis counted from the last"
    );
}

#[test]
fn a_matrix_product_of_2_3_and_2_3_names_both() {
    assert_eq!(
        message(|| matrix().dot(&matrix())),
        "`dot`: the shapes [2, 3] and [2, 3] do not fit; \
         expected the last axis of the first to be as long as the last but one of the second, \
         or its only one"
    );
}

#[test]
fn the_gradient_of_a_result_of_shape_2_3_names_the_shape_and_the_way_out() {
    let expected = |name: &str| {
        format!(
            "`{name}`: the function returned an array of shape [2, 3]; expected f64 \
             (sum it, or use `elementwise_grad`, `jacobian` or `vector_jacobian`)"
        )
    };
    assert_eq!(message(|| grad(|x| x.exp())(&matrix())), expected("grad"));
    assert_eq!(
        message(|| grads(|x| x[0].exp())(&[matrix()])),
        expected("grads")
    );
}

#[test]
fn a_primitive_without_a_rule_is_named_with_the_argument() {
    static ERF: Primitive = Primitive::new("erf", |args| args.map(|x| x));
    assert_eq!(
        message(|| grad(|x| ERF.bind(&[x]))(&Value::from(1.0))),
        "no derivative rule for argument 0 of primitive `erf`; \
         define one for each argument with `defvjp`"
    );
}

#[test]
fn a_rule_for_the_first_argument_alone_leaves_the_second_without() {
    static SCALE: Primitive = Primitive::new("scale", |args| args.zip(|x, y| x * y));
    defvjp(&SCALE, &[|g, _, args| g * &args[1]]);
    let scale = |x: &[Value]| SCALE.bind(&[&x[0], &x[1]]);
    assert_eq!(
        message(|| grads(scale)(&[Value::from(2.0), Value::from(3.0)])),
        "no derivative rule for argument 1 of primitive `scale`; \
         define one for each argument with `defvjp`"
    );
}

/// The message without the number of the trace, which depends on what ran before.
fn without_number(message: &str) -> String {
    let words = message
        .split(' ')
        .map(|word| match word.trim_end_matches(',') {
            number if number.parse::<u64>().is_ok() && word.ends_with(',') => "N,",
            _ => word,
        });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_container_that_escaped_its_trace_is_refused_by_name() {
    let escape = || {
        let escaped = RefCell::new(None);
        grad(|x| {
            escaped.replace(Some(x.clone()));
            x * x
        })(&Value::from(3.0));
        escaped.into_inner().expect("the function has been called")
    };
    assert_eq!(
        without_number(&message(|| Value::from(2.0) * escape())),
        "`mul`: argument 1 is a container of trace N, which has ended; \
         expected plain data or a container of an open trace \
         (return a container from the differentiated function instead of keeping it)"
    );
    assert_eq!(
        without_number(&message(|| grad(|_| escape())(&Value::from(1.0)))),
        "the result of the differentiated function is a container of trace N, which has ended; \
         expected plain data or a container of an open trace \
         (return a container from the differentiated function instead of keeping it)"
    );
}

#[test]
fn a_panic_inside_the_function_leaves_no_trace_open() {
    message(|| grad(|x| (x + vector(4)).sum())(&matrix()));
    let x = Value::from(3.0);
    assert_eq!(grad(grad(|x| x * x * x))(&x), 18.0);
}

#[test]
fn a_seed_of_shape_3_for_a_result_of_shape_2_3_names_both() {
    let (_, pull_back) = vector_jacobian(|x| x * 2.0, &matrix());
    assert_eq!(
        message(|| pull_back(&vector(3))),
        "the seed of the output is an array of shape [3]; expected an array of shape [2, 3]"
    );
    assert_eq!(
        message(|| pull_back(&Value::from(1.0))),
        "the seed of the output is f64; expected an array of shape [2, 3]"
    );
}

#[test]
fn the_seed_of_a_constant_is_checked_too() {
    let (_, pull_back) = vector_jacobian(|_| matrix(), &Value::from(1.0));
    assert_eq!(
        message(|| pull_back(&vector(3))),
        "the seed of the output is an array of shape [3]; expected an array of shape [2, 3]"
    );
}

#[test]
fn a_type_that_an_operation_does_not_know_is_named() {
    let z = Value::new(Complex { re: 1.0, im: 2.0 });
    assert_eq!(
        message(|| Value::from(1.0) + &z),
        "`add`: argument 1 is a complex number; expected a number (f64) or an array"
    );
    assert_eq!(
        message(|| z.sum()),
        "`sum`: argument 0 is a complex number; expected a number (f64) or an array"
    );
}

#[test]
fn a_type_without_gradients_is_named_where_one_is_needed() {
    #[derive(Debug)]
    struct Label;
    impl Data for Label {
        fn kind(&self) -> &'static str {
            "a label"
        }
    }
    assert_eq!(
        message(|| grad(|_| Value::from(1.0))(&Value::new(Label))),
        "a value of type a label has no gradient"
    );
}

#[test]
fn a_rule_that_returns_the_shape_of_the_result_is_named() {
    static SHIFT: Primitive = Primitive::new("shift", |args| args.zip(|x, y| x + y));
    defvjp(&SHIFT, &[|g, _, _| g.clone(), |g, _, _| g.clone()]);
    let shift = |b: &Value| SHIFT.bind(&[&matrix(), b]).sum();
    assert_eq!(
        message(|| grad(shift)(&vector(3))),
        "what the rule for argument 1 of `shift` returned is an array of shape [2, 3]; \
         expected an array of shape [3]"
    );
}

#[test]
fn a_primitive_called_with_too_few_arguments_is_named() {
    assert_eq!(
        message(|| stage4::ops::POWF.bind(&[&Value::from(2.0)])),
        "`powf`: argument 1 is missing, there are 1"
    );
}

#[test]
fn comparing_an_array_with_a_number_is_refused() {
    assert_eq!(
        message(|| matrix() == 1.0),
        "`value`, `==`, `>` and their relatives: expected a number (f64), not an array of shape \
         [2, 3]; `equals`, `greater` and their relatives compare arrays"
    );
}

#[test]
fn a_tape_cannot_be_read_while_a_sum_asks_for_its_terms() {
    type Read = for<'t> fn(stage5::Trace<'t>);
    let reads: [Read; 2] = [
        |trace| drop(trace.edges()),
        |trace| drop(trace.backward(&[])),
    ];
    for read in reads {
        stage5::Tape::new().open(|trace| {
            let x = trace.input(3.0);
            let terms = [x].into_iter().inspect(|_| read(trace));
            refused(&["`Trace::sum`: expected terms that are recorded"], || {
                trace.sum(terms);
            });
        });
    }
}

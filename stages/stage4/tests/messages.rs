//! The words in which bad input is refused. The exam asks for the operation, the argument and the
//! expectation; here the whole sentence is read.

use ndarray::Slice;
use pretty_assertions::assert_eq;
use stage4::array::Axes;
use stage4::ops::{MATMUL, concatenate, select, stack};
use stage4::rules::unbroadcast;
use stage4::{
    Data, Primitive, Value, defvjp, grad, grads, hessian, hessian_vector_product, jacobian,
    value_and_grad, value_and_grads, vector_jacobian,
};

/// An array of numbers without any pattern.
fn arbitrary(shape: &[usize], salt: u32) -> Value {
    let length = shape.iter().product::<usize>();
    let number = |i: usize| 0.5 + ((i as u32 + 1000 * salt) * 37 % 101) as f64 / 101.0;
    Value::from(Vec::from_iter((0..length).map(number))).reshape(shape)
}

/// Panics unless `f` panics, and returns what it says.
#[track_caller]
fn message<T>(f: impl FnOnce() -> T) -> String {
    let Err(panic) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)) else {
        panic!("a panic is expected, and there was none");
    };
    match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => (*panic.downcast::<&str>().expect("a text")).to_owned(),
    }
}

fn vector() -> Value {
    arbitrary(&[3], 1)
}

fn matrix() -> Value {
    arbitrary(&[2, 3], 1)
}

/// A type that knows nothing of arrays.
#[derive(Debug)]
struct Name;

impl Data for Name {
    fn kind(&self) -> &'static str {
        "name"
    }
}

#[test]
fn shapes_that_do_not_broadcast() {
    let pair = arbitrary(&[2], 1);
    let rest =
        "do not broadcast; expected equal lengths, or 1, for each axis counted from the last";
    let shapes = format!("the shapes [[2, 3], [2]] {rest}");
    assert_eq!(message(|| matrix() + &pair), format!("`add`: {shapes}"));
    assert_eq!(message(|| matrix() - &pair), format!("`sub`: {shapes}"));
    assert_eq!(message(|| matrix() * &pair), format!("`mul`: {shapes}"));
    assert_eq!(message(|| matrix() / &pair), format!("`div`: {shapes}"));
    assert_eq!(
        message(|| matrix().powf(&pair)),
        format!("`powf`: {shapes}")
    );
    assert_eq!(
        message(|| matrix().maximum(&pair)),
        format!("`maximum`: {shapes}")
    );
    assert_eq!(
        message(|| matrix().greater(&pair)),
        format!("`greater`: {shapes}")
    );
    assert_eq!(
        message(|| select(&vector(), matrix(), &pair)),
        format!("`select`: the shapes [[3], [2, 3], [2]] {rest}")
    );
    assert_eq!(
        message(|| matrix().broadcast(&[3])),
        "`broadcast`: argument 0 is an array of shape [2, 3]; expected a shape that broadcasts to [3]"
    );
}

#[test]
fn the_message_is_the_same_inside_a_trace() {
    assert_eq!(
        message(|| grad(|x| (x + arbitrary(&[2], 1)).sum())(&vector())),
        message(|| vector() + arbitrary(&[2], 1))
    );
}

#[test]
fn products_that_do_not_fit() {
    let rest = "do not fit; expected the last axis of the first to be as long as the last but one \
                of the second, or its only one";
    let dot = |x: &[usize], y: &[usize]| message(|| arbitrary(x, 1).dot(&arbitrary(y, 2)));
    assert_eq!(
        dot(&[3], &[2]),
        format!("`dot`: the shapes [3] and [2] {rest}")
    );
    assert_eq!(
        dot(&[2, 3], &[2]),
        format!("`dot`: the shapes [2, 3] and [2] {rest}")
    );
    assert_eq!(
        dot(&[3], &[2, 3]),
        format!("`dot`: the shapes [3] and [2, 3] {rest}")
    );
    assert_eq!(
        dot(&[2, 3], &[4, 2, 3]),
        format!("`dot`: the shapes [2, 3] and [4, 2, 3] {rest}")
    );
    assert_eq!(
        dot(&[2, 1, 3], &[3, 3, 2]),
        "`dot`: the stacks of matrices in the shapes [2, 1, 3] and [3, 3, 2] do not broadcast; \
         expected equal lengths, or 1, for each axis before the last two"
    );
    assert!(
        message(|| MATMUL.bind(&[&vector(), &vector()]))
            .starts_with("`matmul`: the shapes [3] and [3] do not fit")
    );
}

#[test]
fn axes_that_are_not_there_or_given_twice() {
    type Reduction = fn(&Value, Axes) -> Value;
    let reductions: [(&str, Reduction); 5] = [
        ("sum", |x, axes| x.sum_axis(axes)),
        ("mean_axis", |x, axes| x.mean_axis(axes)),
        ("prod", |x, axes| x.prod_axis(axes)),
        ("max", |x, axes| x.max_axis(axes)),
        ("min", |x, axes| x.min_axis(axes)),
    ];
    for (name, reduce) in reductions {
        assert_eq!(
            message(|| reduce(&matrix(), Axes::from(2))),
            format!("`{name}`: there is no axis 2 in the shape [2, 3]")
        );
        assert_eq!(
            message(|| reduce(&matrix(), Axes::from([0, 1, 0]))),
            format!("`{name}`: axis 0 is given twice in [0, 1, 0]")
        );
        assert_eq!(
            message(|| reduce(&Value::from(1.0), Axes::from(0))),
            format!("`{name}`: there is no axis 0 in the shape []")
        );
    }
    let no_axis = |name: &str| format!("`{name}`: there is no axis 2 in the shape [2, 3]");
    assert_eq!(message(|| matrix().argmax_axis(2)), no_axis("argmax"));
    assert_eq!(
        message(|| matrix().softmax_axis(2)),
        no_axis("softmax_axis")
    );
    assert_eq!(
        message(|| matrix().logsumexp_axis(2)),
        no_axis("logsumexp_axis")
    );
    assert_eq!(message(|| matrix().slice_axis(2, ..)), no_axis("slice"));
    assert_eq!(message(|| matrix().take(2, &[0])), no_axis("take"));
    assert_eq!(
        message(|| matrix().permuted_axes(&[0, 2])),
        no_axis("permute")
    );
    assert_eq!(
        message(|| matrix().permuted_axes(&[1, 1])),
        "`permute`: axis 1 is given twice in [1, 1]"
    );
    assert_eq!(
        message(|| matrix().permuted_axes(&[1])),
        "`permute`: argument 0 is an array of shape [2, 3]; expected as many axes as in [1]"
    );
}

#[test]
fn the_extremum_of_nothing() {
    let empty = arbitrary(&[0, 3], 1);
    assert_eq!(
        message(|| empty.max()),
        "`max`: no elements in the shape [0, 3]"
    );
    assert_eq!(
        message(|| empty.min_axis(0)),
        "`min`: no elements in the shape [0, 3]"
    );
    assert_eq!(
        message(|| empty.argmax_axis(0)),
        "`argmax`: no elements in the shape [0, 3]"
    );
    assert_eq!(
        message(|| empty.logsumexp_axis(0)),
        "`logsumexp_axis`: no elements in the shape [0, 3]"
    );
}

#[test]
fn parts_and_places_that_are_not_there() {
    let expected = "expected start and end from -3 to 3, and a step other than 0";
    let slice = |slice: Slice| message(|| matrix().slice_axis(1, slice));
    for (start, end, step) in [
        (2, Some(4), 1),
        (4, None, 1),
        (-4, None, 1),
        (0, Some(-4), 1),
        (0, None, 0),
    ] {
        let wrong = Slice { start, end, step };
        assert_eq!(
            slice(wrong),
            format!("`slice`: {wrong:?} does not fit axis 1 of length 3; {expected}")
        );
    }
    let write = message(|| matrix().with_slice_axis(1, 2..4, &Value::from(0.0)));
    assert_eq!(
        write,
        format!(
            "`with_slice_axis`: Slice {{ start: 2, end: Some(4), step: 1 }} does not fit axis 1 of \
             length 3; {expected}"
        )
    );
    assert_eq!(
        message(|| matrix().with_slice_axis(1, 1.., &vector())),
        "`with_slice_axis`: argument 1 is an array of shape [3]; expected a shape that broadcasts \
         to [2, 2]"
    );
    assert_eq!(
        message(|| matrix().index_axis(1, 3)),
        "`index_axis`: there is no entry 3 along axis 1 in the shape [2, 3]"
    );
    assert_eq!(
        message(|| matrix().index_axis(2, 0)),
        "`index_axis`: there is no entry 0 along axis 2 in the shape [2, 3]"
    );
    assert_eq!(
        message(|| matrix().index(&[2, 0])),
        "`index`: there is no element [2, 0] in the shape [2, 3]"
    );
    assert_eq!(
        message(|| matrix().index(&[0, 0, 0])),
        "`index`: [0, 0, 0] has 3 places; expected one for each axis of the shape [2, 3]"
    );
    assert_eq!(
        message(|| matrix().take(1, &[0, 3])),
        "`take`: index 3 is out of range for length 3 along axis 1"
    );
    assert_eq!(
        message(|| Value::from(1.0).take(0, &[0])),
        "`take`: there is no axis 0 in the shape []"
    );
    assert_eq!(
        message(|| matrix().reshape(&[4, 2])),
        "`reshape`: argument 0 is an array of shape [2, 3]; expected 8 elements for the shape [4, 2]"
    );
}

#[test]
fn arrays_that_do_not_fit_together() {
    let numbers = [Value::from(1.0), Value::from(2.0)];
    for (axis, arrays, shapes) in [
        (0, vec![matrix(), arbitrary(&[2, 2], 1)], "[[2, 3], [2, 2]]"),
        (1, vec![matrix(), vector()], "[[2, 3], [3]]"),
        (1, vec![vector(), matrix()], "[[3], [2, 3]]"),
        (0, vec![], "[]"),
    ] {
        assert_eq!(
            message(|| concatenate(axis, &arrays)),
            format!(
                "`concatenate`: the shapes {shapes} do not fit along axis {axis}; expected at \
                 least one array, and equal lengths for every other axis"
            )
        );
    }
    for (axis, arrays, shapes) in [
        (2, vec![matrix(), matrix()], "[[2, 3], [2, 3]]"),
        (0, numbers.to_vec(), "[[], []]"),
    ] {
        assert_eq!(
            message(|| concatenate(axis, &arrays)),
            format!("`concatenate`: there is no axis {axis} in the shapes {shapes}")
        );
    }
    for (axis, arrays, shapes) in [
        (0, vec![], "[]"),
        (0, vec![matrix(), vector()], "[[2, 3], [3]]"),
        (1, vec![vector(), arbitrary(&[4], 1)], "[[3], [4]]"),
        (2, vec![vector(), vector()], "[[3], [3]]"),
    ] {
        assert_eq!(
            message(|| stack(axis, &arrays)),
            format!(
                "`stack`: the shapes {shapes} do not fit along a new axis {axis}; expected at least \
                 one array, and equal shapes of at least {axis} axes"
            )
        );
    }
}

#[test]
fn the_gradient_of_an_array() {
    let what_to_do =
        "expected f64 (sum it, or use `elementwise_grad`, `jacobian` or `vector_jacobian`)";
    let returned = |name: &str, shape: &str| {
        format!("`{name}`: the function returned an array of shape {shape}; {what_to_do}")
    };
    let squares = |x: &Value| x * x;
    assert_eq!(
        message(|| grad(squares)(&vector())),
        returned("grad", "[3]")
    );
    let outer = |x: &[Value]| x[0].outer(&x[1]);
    assert_eq!(
        message(|| grads(outer)(&[vector(), vector()])),
        returned("grads", "[3, 3]")
    );
    assert_eq!(
        message(|| value_and_grad(squares, &vector())),
        returned("value_and_grad", "[3]")
    );
    assert_eq!(
        message(|| value_and_grads(outer, &[vector(), vector()])),
        returned("value_and_grads", "[3, 3]")
    );
    assert_eq!(
        message(|| grad(|x| x.reshape(&[1]))(&Value::from(1.0))),
        returned("grad", "[1]")
    );
    assert_eq!(
        message(|| grad(|_| vector())(&vector())),
        returned("grad", "[3]")
    );
    assert_eq!(
        message(|| hessian(squares)(&vector())),
        returned("hessian", "[3]")
    );
    assert_eq!(
        message(|| hessian_vector_product(squares)(&vector(), &vector())),
        returned("hessian_vector_product", "[3]")
    );
    assert_eq!(
        message(|| grad(|_| Value::new(Name))(&vector())),
        format!("`grad`: the function returned name; {what_to_do}")
    );
}

#[test]
fn seeds_of_the_wrong_shape() {
    let wrong = |actual: &str, expected: &str| {
        format!("the seed of the output is {actual}; expected {expected}")
    };
    let (_, pull_back) = vector_jacobian(|x| x * x, &vector());
    let of_3 = "an array of shape [3]";
    assert_eq!(message(|| pull_back(&Value::from(1.0))), wrong("f64", of_3));
    assert_eq!(
        message(|| pull_back(&matrix())),
        wrong("an array of shape [2, 3]", of_3)
    );
    assert_eq!(
        message(|| pull_back(&arbitrary(&[1], 1))),
        wrong("an array of shape [1]", of_3)
    );
    let (_, pull_back) = vector_jacobian(Value::sum, &vector());
    assert_eq!(message(|| pull_back(&vector())), wrong(of_3, "f64"));
    // Also where the result is a constant, which needs no walk.
    let (_, pull_back) = vector_jacobian(|_| vector(), &vector());
    assert_eq!(message(|| pull_back(&Value::from(1.0))), wrong("f64", of_3));
    assert_eq!(
        message(|| hessian_vector_product(Value::prod)(&vector(), &Value::from(1.0))),
        "`hessian_vector_product`: the vector is f64; expected an array of shape [3]"
    );
    assert_eq!(
        message(|| jacobian(|x| x.clone())(&Value::new(Name))),
        "`jacobian`: argument 0 is name; expected a number (f64) or an array"
    );
    assert_eq!(
        message(|| jacobian(|_| Value::new(Name))(&vector())),
        "`jacobian`: the function returned name; expected a number or an array"
    );
}

#[test]
fn rules_that_are_missing_or_return_the_wrong_shape() {
    static BARE: Primitive = Primitive::new("bare", |args| args.zip(|x, y| x * y));
    assert_eq!(
        message(|| grad(|x| BARE.bind(&[x, x]))(&Value::from(1.0))),
        "no derivative rule for argument 0 of primitive `bare`; define one for each argument with \
         `defvjp`"
    );
    assert_eq!(
        message(|| grad(|x| BARE.bind(&[&Value::from(1.0), x]))(&Value::from(1.0))),
        "no derivative rule for argument 1 of primitive `bare`; define one for each argument with \
         `defvjp`"
    );

    static SHORT: Primitive = Primitive::new("short", |args| args.map(|x| x * 2.0));
    defvjp(&SHORT, &[|g, _, _| g.sum()]);
    assert_eq!(
        message(|| grad(|x| SHORT.bind(&[x]).sum())(&vector())),
        "what the rule for argument 0 of `short` returned is f64; expected an array of shape [3]"
    );

    static TURNED: Primitive = Primitive::new("turned", |args| args.map(|x| x * 2.0));
    defvjp(&TURNED, &[|g, _, _| g.t()]);
    assert_eq!(
        message(|| grad(|x| TURNED.bind(&[x]).sum())(&matrix())),
        "what the rule for argument 0 of `turned` returned is an array of shape [3, 2]; expected \
         an array of shape [2, 3]"
    );
}

/// As many elements are not enough: the gradient would be scrambled.
#[test]
fn a_gradient_of_what_was_never_repeated() {
    for shape in [&[3, 2][..], &[4], &[6], &[1, 2, 3]] {
        let target = arbitrary(shape, 2);
        assert_eq!(
            message(|| unbroadcast(matrix(), &target)),
            format!("`unbroadcast`: shape {shape:?} does not broadcast to [2, 3]")
        );
    }
}

#[test]
fn types_that_an_operation_does_not_know() {
    let name = Value::new(Name);
    let unknown = |operation: &str, argnum: usize| {
        format!("`{operation}`: argument {argnum} is name; expected a number (f64) or an array")
    };
    assert_eq!(message(|| name.sin()), unknown("sin", 0));
    assert_eq!(message(|| 1.0 + &name), unknown("add", 1));
    assert_eq!(message(|| name.sum()), unknown("sum", 0));
    assert_eq!(message(|| name.floor()), unknown("floor", 0));
    assert_eq!(
        message(|| MATMUL.bind(&[&matrix(), &name])),
        unknown("matmul", 1)
    );
    assert_eq!(
        message(|| concatenate(0, &[vector(), name.clone()])),
        unknown("concatenate", 1)
    );
    assert_eq!(
        message(|| name.array()),
        "`array`: expected a number or an array, not name"
    );
    assert_eq!(
        message(|| name.value()),
        "`value`, `==`, `>` and their relatives: expected a number (f64), not name; \
         `equals`, `greater` and their relatives compare arrays"
    );
    assert_eq!(
        message(|| name.zeros()),
        "a value of type name has no gradient"
    );
    assert_eq!(
        message(|| grad(|_| Value::from(1.0))(&name)),
        "a value of type name has no gradient"
    );
    assert_eq!(
        message(|| name.data::<f64>()),
        "`data`: expected a value of type f64, not name"
    );
    let not_a_number = "`value`, `==`, `>` and their relatives: expected a number (f64), not an \
                        array of shape [2, 3]; `equals`, `greater` and their relatives compare \
                        arrays";
    assert_eq!(message(|| matrix().value()), not_a_number);
    assert_eq!(message(|| matrix() == matrix()), not_a_number);
}

#[test]
fn arguments_that_are_missing_or_of_another_type() {
    static SUM_OF_TWO: Primitive = Primitive::new("sum_of_two", |args| {
        std::rc::Rc::new(args.get::<f64>(0) + args.get::<f64>(1))
    });
    assert_eq!(
        message(|| SUM_OF_TWO.bind(&[&Value::from(1.0)])),
        "`sum_of_two`: argument 1 is missing, there are 1"
    );
    assert_eq!(
        message(|| SUM_OF_TWO.bind(&[&Value::from(1.0), &vector()])),
        "`sum_of_two`: argument 1 is an array of shape [3]; expected f64"
    );
}

//! Bad input is refused by a message that names operation, argument and shapes.

use ndarray::Slice;
use pretty_assertions::assert_eq;
use stage4::array::Axes;
use stage4::ops::{concatenate, select, stack};
use stage4::{
    Data, Primitive, Value, defvjp, grad, grads, hessian_vector_product, jacobian, vector_jacobian,
};

use crate::check::{arbitrary, message};
use crate::common::assert_refused;

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
fn shapes_that_do_not_broadcast_are_refused_by_operation() {
    let pair = arbitrary(&[2], 1);
    let parts = |name: &'static str| [name, "[2, 3]", "[2]"];
    assert_refused(|| matrix() + &pair, &parts("`add`"));
    assert_refused(|| matrix() - &pair, &parts("`sub`"));
    assert_refused(|| matrix() * &pair, &parts("`mul`"));
    assert_refused(|| matrix() / &pair, &parts("`div`"));
    assert_refused(|| matrix().powf(&pair), &parts("`powf`"));
    assert_refused(|| matrix().maximum(&pair), &parts("`maximum`"));
    assert_refused(|| matrix().minimum(&pair), &parts("`minimum`"));
    assert_refused(|| matrix().greater(&pair), &parts("`greater`"));
    assert_refused(|| matrix().equals(&pair), &parts("`equals`"));
    assert_refused(
        || select(&vector(), matrix(), &pair),
        &["`select`", "[2, 3]", "[2]", "[3]"],
    );
    assert_refused(
        || matrix().broadcast(&[3]),
        &["`broadcast`", "[2, 3]", "[3]"],
    );
    assert_refused(|| vector().broadcast(&[3, 1]), &["`broadcast`", "[3, 1]"]);
}

#[test]
fn the_message_is_the_same_inside_a_trace() {
    assert_eq!(
        message(|| grad(|x| (x + arbitrary(&[2], 1)).sum())(&vector())),
        message(|| vector() + arbitrary(&[2], 1))
    );
}

#[test]
fn products_that_do_not_fit_are_refused_with_both_shapes() {
    let dot = |x: &[usize], y: &[usize]| arbitrary(x, 1).dot(&arbitrary(y, 2));
    assert_refused(|| dot(&[3], &[2]), &["`dot`", "[3]", "[2]"]);
    assert_refused(|| dot(&[2, 3], &[2]), &["`dot`", "[2, 3]", "[2]"]);
    assert_refused(|| dot(&[3], &[2, 3]), &["`dot`", "[3]", "[2, 3]"]);
    assert_refused(
        || dot(&[2, 3], &[4, 2, 3]),
        &["`dot`", "[2, 3]", "[4, 2, 3]"],
    );
    // The stacks do not broadcast.
    assert_refused(|| dot(&[2, 1, 3], &[3, 3, 2]), &["2", "3"]);
}

#[test]
fn axes_that_are_not_there_or_given_twice_are_refused() {
    type Reduction = fn(&Value, Axes) -> Value;
    let reductions: [(&str, Reduction); 4] = [
        ("`sum`", |x, axes| x.sum_axis(axes)),
        ("`prod`", |x, axes| x.prod_axis(axes)),
        ("`max`", |x, axes| x.max_axis(axes)),
        ("`min`", |x, axes| x.min_axis(axes)),
    ];
    for (name, reduce) in reductions {
        assert_refused(
            || reduce(&matrix(), Axes::from(2)),
            &[name, "axis 2", "[2, 3]"],
        );
        assert_refused(
            || reduce(&matrix(), Axes::from([0, 1, 0])),
            &[name, "axis 0", "[0, 1, 0]"],
        );
        assert_refused(
            || reduce(&Value::from(1.0), Axes::from(0)),
            &[name, "axis 0", "[]"],
        );
    }
    // What is composed of others says which axis, and of which shape.
    let no_axis = ["axis 2", "[2, 3]"];
    assert_refused(|| matrix().mean_axis(2), &no_axis);
    assert_refused(|| matrix().argmax_axis(2), &no_axis);
    assert_refused(|| matrix().softmax_axis(2), &no_axis);
    assert_refused(|| matrix().logsumexp_axis(2), &no_axis);
    assert_refused(|| matrix().slice_axis(2, ..), &no_axis);
    assert_refused(|| matrix().take(2, &[0]), &no_axis);
    assert_refused(|| matrix().permuted_axes(&[0, 2]), &no_axis);
    assert_refused(
        || matrix().permuted_axes(&[1, 1]),
        &["`permute", "axis 1", "[1, 1]"],
    );
    assert_refused(
        || matrix().permuted_axes(&[1]),
        &["`permute", "[2, 3]", "[1]"],
    );
}

#[test]
fn the_extremum_of_nothing_is_refused() {
    let empty = arbitrary(&[0, 3], 1);
    assert_refused(|| empty.max(), &["`max`", "0"]);
    assert_refused(|| empty.min_axis(0), &["`min`", "[0, 3]"]);
    assert_refused(|| empty.argmax_axis(0), &["`argmax", "[0, 3]"]);
    assert_refused(|| empty.logsumexp_axis(0), &["[0, 3]"]);
}

#[test]
fn parts_that_are_not_there_are_refused() {
    for (start, end, step) in [
        (2, Some(4), 1),
        (4, None, 1),
        (-4, None, 1),
        (0, Some(-4), 1),
        (0, None, 0),
    ] {
        let wrong = Slice { start, end, step };
        assert_refused(
            || matrix().slice_axis(1, wrong),
            &["`slice`", "axis 1", "3"],
        );
    }
    let number = Value::from(0.0);
    assert_refused(
        || matrix().with_slice_axis(1, 2..4, &number),
        &["slice", "axis 1", "3"],
    );
    assert_refused(
        || matrix().with_slice_axis(1, 1.., &vector()),
        &["[3]", "[2, 2]"],
    );
}

#[test]
fn entries_and_places_that_are_not_there_are_refused() {
    assert_refused(
        || matrix().index_axis(1, 3),
        &["index", "3", "axis 1", "[2, 3]"],
    );
    assert_refused(|| matrix().index_axis(2, 0), &["index", "axis 2", "[2, 3]"]);
    assert_refused(|| matrix().index(&[2, 0]), &["index", "2", "[2, 3]"]);
    assert_refused(
        || matrix().index(&[0, 0, 0]),
        &["`index`", "[0, 0, 0]", "[2, 3]"],
    );
    assert_refused(|| matrix().take(1, &[0, 3]), &["`take`", "3"]);
    assert_refused(
        || Value::from(1.0).take(0, &[0]),
        &["`take`", "axis 0", "[]"],
    );
    assert_refused(
        || matrix().reshape(&[4, 2]),
        &["`reshape`", "[2, 3]", "[4, 2]"],
    );
}

#[test]
fn arrays_that_do_not_fit_together_are_refused() {
    let numbers = [Value::from(1.0), Value::from(2.0)];
    for (axis, arrays, shapes) in [
        (
            "axis 0",
            vec![matrix(), arbitrary(&[2, 2], 1)],
            ["[2, 3]", "[2, 2]"],
        ),
        ("axis 1", vec![matrix(), vector()], ["[2, 3]", "[3]"]),
        ("axis 1", vec![vector(), matrix()], ["[3]", "[2, 3]"]),
        ("axis 2", vec![matrix(), matrix()], ["[2, 3]", "[2, 3]"]),
        ("axis 0", numbers.to_vec(), ["[]", "[]"]),
    ] {
        let number = axis[5..].parse().expect("a digit");
        let [x, y] = shapes;
        assert_refused(
            || concatenate(number, &arrays),
            &["`concatenate`", axis, x, y],
        );
    }
    assert_refused(|| concatenate(0, &[]), &["`concatenate`"]);
    for (axis, arrays, shapes) in [
        ("axis 0", vec![matrix(), vector()], ["[2, 3]", "[3]"]),
        ("axis 1", vec![vector(), arbitrary(&[4], 1)], ["[3]", "[4]"]),
        ("axis 2", vec![vector(), vector()], ["[3]", "[3]"]),
    ] {
        let number = axis[5..].parse().expect("a digit");
        let [x, y] = shapes;
        assert_refused(|| stack(number, &arrays), &["`stack`", axis, x, y]);
    }
}

#[test]
fn the_gradient_of_an_array_is_refused_with_its_shape() {
    assert_refused(|| grad(|x| x * x)(&vector()), &["`grad`", "[3]"]);
    assert_refused(
        || grads(|x| x[0].outer(&x[1]))(&[vector(), vector()]),
        &["`grad", "[3, 3]"],
    );
    assert_refused(
        || grad(|x| x.reshape(&[1]))(&Value::from(1.0)),
        &["`grad`", "[1]"],
    );
    // Also of a constant.
    assert_refused(|| grad(|_| vector())(&vector()), &["`grad`", "[3]"]);
    assert_refused(
        || hessian_vector_product(|x| x * x)(&vector(), &vector()),
        &["[3]"],
    );
    assert_refused(
        || grad(|_| Value::new(Name))(&vector()),
        &["`grad`", "name"],
    );
}

#[test]
fn seeds_of_the_wrong_shape_are_refused_with_both_shapes() {
    let (_, pull_back) = vector_jacobian(|x| x * x, &vector());
    assert_refused(|| pull_back(&Value::from(1.0)), &["seed", "f64", "[3]"]);
    assert_refused(|| pull_back(&matrix()), &["seed", "[2, 3]", "[3]"]);
    assert_refused(|| pull_back(&arbitrary(&[1], 1)), &["seed", "[1]", "[3]"]);
    let (_, pull_back) = vector_jacobian(Value::sum, &vector());
    assert_refused(|| pull_back(&vector()), &["seed", "[3]", "f64"]);
    // Also where the result is a constant, which needs no walk.
    let (_, pull_back) = vector_jacobian(|_| vector(), &vector());
    assert_refused(|| pull_back(&Value::from(1.0)), &["seed", "f64", "[3]"]);
    assert_refused(
        || hessian_vector_product(Value::prod)(&vector(), &Value::from(1.0)),
        &["f64", "[3]"],
    );
    assert_refused(|| jacobian(|x| x.clone())(&Value::new(Name)), &["name"]);
}

#[test]
fn a_rule_that_is_missing_is_named_with_its_argument() {
    static BARE: Primitive = Primitive::new("bare", |args| args.zip(|x, y| x * y));
    let one = &Value::from(1.0);
    assert_refused(
        || grad(|x| BARE.bind(&[x, x]))(one),
        &["`bare`", "argument 0", "`defvjp`"],
    );
    assert_refused(
        || grad(|x| BARE.bind(&[one, x]))(one),
        &["`bare`", "argument 1", "`defvjp`"],
    );
}

#[test]
fn a_rule_that_returns_another_shape_is_refused_with_both_shapes() {
    static SHORT: Primitive = Primitive::new("short", |args| args.map(|x| x * 2.0));
    defvjp(&SHORT, &[|g, _, _| g.sum()]);
    assert_refused(
        || grad(|x| SHORT.bind(&[x]).sum())(&vector()),
        &["`short`", "argument 0", "f64", "[3]"],
    );

    static TURNED: Primitive = Primitive::new("turned", |args| args.map(|x| x * 2.0));
    defvjp(&TURNED, &[|g, _, _| g.t()]);
    assert_refused(
        || grad(|x| TURNED.bind(&[x]).sum())(&matrix()),
        &["`turned`", "argument 0", "[3, 2]", "[2, 3]"],
    );
}

#[test]
fn types_that_an_operation_does_not_know_are_named() {
    let name = Value::new(Name);
    assert_refused(|| name.sin(), &["`sin`", "argument 0", "name"]);
    assert_refused(|| 1.0 + &name, &["`add`", "argument 1", "name"]);
    assert_refused(|| name.sum(), &["`sum`", "argument 0", "name"]);
    assert_refused(|| name.floor(), &["`floor`", "argument 0", "name"]);
    assert_refused(
        || concatenate(0, &[vector(), name.clone()]),
        &["`concatenate`", "argument 1", "name"],
    );
    assert_refused(|| name.array(), &["name"]);
    assert_refused(|| name.value(), &["f64", "name"]);
    assert_refused(|| name.zeros(), &["name", "has no gradient"]);
    assert_refused(
        || grad(|_| Value::from(1.0))(&name),
        &["name", "has no gradient"],
    );
    assert_refused(|| matrix().value(), &["f64", "[2, 3]"]);
    assert_refused(|| matrix() == matrix(), &["[2, 3]"]);
}

#[test]
fn arguments_that_are_missing_or_of_another_type_are_named() {
    static SUM_OF_TWO: Primitive = Primitive::new("sum_of_two", |args| {
        std::rc::Rc::new(args.get::<f64>(0) + args.get::<f64>(1))
    });
    assert_refused(
        || SUM_OF_TWO.bind(&[&Value::from(1.0)]),
        &["`sum_of_two`", "argument 1"],
    );
    assert_refused(
        || SUM_OF_TWO.bind(&[&Value::from(1.0), &vector()]),
        &["`sum_of_two`", "argument 1", "[3]", "f64"],
    );
}

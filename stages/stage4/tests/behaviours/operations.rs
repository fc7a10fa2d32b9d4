//! Every primitive has rules that agree with central differences, of first and second order, on
//! numbers and arrays.

use ndarray::Slice;
use stage4::array::Axes;
use stage4::ops::{COS_ASIN, TANH_SLOPE, concatenate, select, stack};
use stage4::{Value, vector_jacobian};

use crate::check::{arbitrary, array, assert_gradients};

/// A name, a function, and where to differentiate it.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) function: fn(&[Value]) -> Value,
    pub(crate) inputs: Vec<Vec<Value>>,
}

fn operation(
    name: &'static str,
    function: fn(&[Value]) -> Value,
    inputs: impl IntoIterator<Item = Vec<Value>>,
) -> Operation {
    let inputs = inputs.into_iter().collect();
    Operation {
        name,
        function,
        inputs,
    }
}

/// A number, a vector and a matrix with elements from 0.15 to 0.95, away from all edges.
fn unary() -> Vec<Vec<Value>> {
    [&[][..], &[3], &[2, 2]]
        .map(|shape| vec![arbitrary(shape, 1) * 0.8 - 0.25])
        .to_vec()
}

/// Two numbers, two arrays, and pairs that broadcast in either way.
fn binary() -> Vec<Vec<Value>> {
    let pairs: [[&[usize]; 2]; 7] = [
        [&[], &[]],
        [&[3], &[3]],
        [&[], &[3]],
        [&[3], &[]],
        [&[3, 1], &[1, 4]],
        [&[2, 2, 3], &[3]],
        [&[3], &[2, 1, 1]],
    ];
    pairs
        .map(|[x, y]| vec![arbitrary(x, 1), arbitrary(y, 2)])
        .to_vec()
}

fn matrix() -> [Vec<Value>; 1] {
    [vec![arbitrary(&[2, 3], 1)]]
}

fn cube() -> [Vec<Value>; 1] {
    [vec![arbitrary(&[2, 3, 2], 1)]]
}

pub(crate) fn operations() -> Vec<Operation> {
    let parts = || [vec![arbitrary(&[2, 2], 1), arbitrary(&[2, 3], 2)]];
    vec![
        operation("add", |x| &x[0] + &x[1], binary()),
        operation("sub", |x| &x[0] - &x[1], binary()),
        operation("mul", |x| &x[0] * &x[1], binary()),
        operation("div", |x| &x[0] / &x[1], binary()),
        operation("neg", |x| -&x[0], unary()),
        operation("powf", |x| x[0].powf(&x[1]), binary()),
        operation("sin", |x| x[0].sin(), unary()),
        operation("cos", |x| x[0].cos(), unary()),
        operation("tan", |x| x[0].tan(), unary()),
        operation("asin", |x| x[0].asin(), unary()),
        operation("acos", |x| x[0].acos(), unary()),
        operation("cos_asin", |x| COS_ASIN.bind(&[&x[0]]), unary()),
        operation("atan", |x| x[0].atan(), unary()),
        operation("sinh", |x| x[0].sinh(), unary()),
        operation("cosh", |x| x[0].cosh(), unary()),
        operation("tanh", |x| x[0].tanh(), unary()),
        operation(
            "tanh_slope",
            |x| TANH_SLOPE.bind(&[&x[0].tanh(), &x[0]]),
            unary(),
        ),
        operation("exp", |x| x[0].exp(), unary()),
        operation("exp_m1", |x| x[0].exp_m1(), unary()),
        operation("ln", |x| x[0].ln(), unary()),
        operation("ln_1p", |x| x[0].ln_1p(), unary()),
        operation("sqrt", |x| x[0].sqrt(), unary()),
        operation("abs", |x| x[0].abs(), unary()),
        operation("abs", |x| (-&x[0]).abs(), unary()),
        operation("square", |x| x[0].square(), unary()),
        operation("maximum", |x| x[0].maximum(&x[1]).exp(), binary()),
        operation("minimum", |x| x[0].minimum(&x[1]).exp(), binary()),
        operation(
            "select",
            |x| select(&x[0].greater(&x[1]), &x[0], &x[1]).exp(),
            binary(),
        ),
        operation(
            "select",
            |x| select(&x[0].greater(1.0), 2.0, &x[1]).exp(),
            binary(),
        ),
        operation("sum", |x| x[0].sum().exp(), unary()),
        operation("sum", |x| x[0].sum_axis(1).exp(), cube()),
        operation("sum", |x| x[0].sum_axis([2, 0]).exp(), cube()),
        operation(
            "sum",
            |x| x[0].sum_axis(Axes::from([0, 1]).keep()).exp(),
            cube(),
        ),
        operation("prod", |x| x[0].prod(), unary()),
        operation("prod", |x| x[0].prod_axis(1), cube()),
        operation("prod", |x| x[0].prod_axis([2, 0]), cube()),
        operation(
            "prod",
            |x| x[0].prod_axis(Axes::from([1, 2]).keep()),
            cube(),
        ),
        operation("max", |x| x[0].max().exp(), unary()),
        operation("max", |x| x[0].max_axis(1).exp(), cube()),
        operation("max", |x| x[0].max_axis([2, 0]).exp(), cube()),
        operation("max", |x| x[0].max_axis(Axes::from(0).keep()).exp(), cube()),
        operation("min", |x| x[0].min().exp(), unary()),
        operation("min", |x| x[0].min_axis(1).exp(), cube()),
        operation("min", |x| x[0].min_axis([2, 0]).exp(), cube()),
        operation("min", |x| x[0].min_axis(Axes::from(0).keep()).exp(), cube()),
        operation(
            "broadcast",
            |x| x[0].broadcast(&[2, 2, 3]).exp(),
            matrix_rows(),
        ),
        operation("reshape", |x| x[0].reshape(&[3, 2]).exp(), matrix()),
        operation("reshape", |x| x[0].t().reshape(&[6]).exp(), matrix()),
        operation("permute", |x| x[0].t().exp(), matrix()),
        operation("permute", |x| x[0].permuted_axes(&[2, 0, 1]).exp(), cube()),
        operation("slice", |x| x[0].slice_axis(1, 1..).exp(), matrix()),
        operation(
            "slice",
            |x| x[0].slice_axis(1, Slice::new(-1, None, -1)).exp(),
            cube(),
        ),
        operation(
            "slice",
            |x| x[0].slice_axis(1, Slice::new(0, None, -2)).exp(),
            cube(),
        ),
        operation("slice", |x| x[0].index(&[1, 2]).exp(), matrix()),
        operation(
            "pad",
            |x| x[0].with_slice_axis(1, 1..2, &x[1]).exp(),
            [vec![arbitrary(&[2, 3], 1), arbitrary(&[2, 1], 2)]],
        ),
        operation("take", |x| x[0].take(1, &[2, 0, 2]).exp(), matrix()),
        operation("scatter", |x| scattered(&x[0]).exp(), matrix()),
        operation(
            "concatenate",
            |x| concatenate(1, &[&x[0], &x[1], &x[0]].map(Value::from)).exp(),
            parts(),
        ),
        operation(
            "concatenate",
            |x| stack(1, x).exp(),
            [vec![arbitrary(&[2, 2], 1), arbitrary(&[2, 2], 2)]],
        ),
        operation(
            "matmul",
            |x| x[0].dot(&x[1]).exp(),
            [vec![arbitrary(&[2, 2], 1), arbitrary(&[2, 3], 2)]],
        ),
        operation(
            "mul",
            |x| x[0].outer(&x[1]).exp(),
            [vec![arbitrary(&[2], 1), arbitrary(&[3], 2)]],
        ),
        operation("div", |x| x[0].mean_axis(1).exp(), cube()),
        operation("div", |x| x[0].softmax_axis(1), cube()),
        operation("div", |x| x[0].softmax_axis([0, 2]), cube()),
        operation("add", |x| x[0].logsumexp_axis(1), cube()),
        operation(
            "add",
            |x| x[0].logsumexp_axis(Axes::from([0, 1]).keep()),
            cube(),
        ),
    ]
}

fn matrix_rows() -> Vec<Vec<Value>> {
    [&[][..], &[3], &[1, 3], &[2, 1, 1], &[2, 2, 3]]
        .map(|shape| vec![arbitrary(shape, 1)])
        .to_vec()
}

/// The places 2, 0, 2 of four, added up: what the gradient of `take` does.
fn scattered(x: &Value) -> Value {
    let like = array(&[2, 4], &[0.0; 8]);
    vector_jacobian(|like| like.take(1, &[2, 0, 2]), &like).1(x)
}

#[test]
fn gradients_and_their_gradients_agree_with_central_differences() {
    for operation in operations() {
        for inputs in &operation.inputs {
            let shapes: Vec<&[usize]> = inputs.iter().map(Value::shape).collect();
            let name = format!("{} of shapes {shapes:?}", operation.name);
            assert_gradients(&name, &operation.function, inputs);
        }
    }
}

//! The derivative rules of the operations in [`ops`](crate::ops).
//!
//! In each, `g` is the gradient of the result, `y` the result, and `x` the arguments: `x[0]` is the
//! first. What a rule returns is the gradient of its argument.
//!
//! Each is written with operations, so that it can be differentiated in turn. The formulas for
//! functions of one number are in NIST's *Digital Library of Mathematical Functions* (§4.7, §4.20,
//! §4.24, §4.34); those for matrices in Giles, *Collected Matrix Derivative Results for Forward
//! and Reverse Mode Algorithmic Differentiation* (2008).

use crate::array::{Axes, Joint, Shape, common_shape};
use crate::backward::ACCUMULATE;
use crate::graph::Value;
use crate::ops::*;
use crate::vjp::Registry;

// ANCHOR: define
/// Puts all rules of this crate into the registry.
pub(crate) fn define(registry: &mut Registry) {
    arithmetic(registry);
    functions(registry);
    choices(registry);
    reductions(registry);
    shapes(registry);
    products(registry);
}
// ANCHOR_END: define

// ANCHOR: unbroadcast
/// Sums `gradient` over whatever axes `target` was repeated along: what was copied forward adds
/// up backward. A rule of your own needs it if the primitive broadcasts.
///
/// ```
/// use ndarray::array;
/// use stage4::{Primitive, Value, defvjp, grads, rules::unbroadcast};
///
/// static HYPOT: Primitive = Primitive::new("hypot", |args| args.zip(f64::hypot));
/// defvjp(&HYPOT, &[
///     |g, y, x| unbroadcast(g * &x[0] / y, &x[0]),
///     |g, y, x| unbroadcast(g * &x[1] / y, &x[1]),
/// ]);
///
/// let total = |x: &[Value]| HYPOT.bind(&[&x[0], &x[1]]).sum();
/// let gradients = grads(total)(&[Value::from(3.0), Value::from(array![4.0, 4.0])]);
/// assert_eq!(gradients[0], 0.6 + 0.6);
/// assert_eq!(gradients[1].array(), array![0.8, 0.8].into_dyn());
/// ```
///
/// # Panics
///
/// If `target` does not broadcast to the shape of `gradient`.
pub fn unbroadcast(gradient: Value, target: &Value) -> Value {
    let (shape, goal) = (gradient.shape(), target.shape());
    if shape == goal {
        return gradient;
    }
    assert!(
        common_shape(&[goal, shape]).is_some_and(|common| common == shape),
        "`unbroadcast`: shape {goal:?} does not broadcast to {shape:?}"
    );
    let new_axes = shape.len() - goal.len();
    let repeated: Vec<usize> = (0..shape.len())
        .filter(|&axis| axis < new_axes || goal[axis - new_axes] == 1)
        .collect();
    gradient.sum_axis(repeated).reshape(goal)
}
// ANCHOR_END: unbroadcast

// ANCHOR: arithmetic
fn arithmetic(registry: &mut Registry) {
    registry.defvjp(&ACCUMULATE, &[|g, _, _| g.clone(), |g, _, _| g.clone()]);
    registry.defvjp(
        &ADD,
        &[
            |g, _, x| unbroadcast(g.clone(), &x[0]),
            |g, _, x| unbroadcast(g.clone(), &x[1]),
        ],
    );
    registry.defvjp(
        &SUB,
        &[
            |g, _, x| unbroadcast(g.clone(), &x[0]),
            |g, _, x| unbroadcast(-g, &x[1]),
        ],
    );
    registry.defvjp(
        &MUL,
        &[
            |g, _, x| unbroadcast(g * &x[1], &x[0]),
            |g, _, x| unbroadcast(g * &x[0], &x[1]),
        ],
    );
    registry.defvjp(
        &DIV,
        &[
            |g, _, x| unbroadcast(g / &x[1], &x[0]),
            |g, y, x| unbroadcast(-g * y / &x[1], &x[1]),
        ],
    );
    registry.defvjp(&NEG, &[|g, _, _| -g]);
    // Both formulas for powers can say 0 · ∞, where the derivative is 0. At 0⁰ it is taken to be 0.
    // In all these places the formulas get safe arguments instead.
    registry.defvjp(
        &POWF,
        &[
            |g, y, x| {
                let both_0 = x[0].equals(0.0) * x[1].equals(0.0);
                let flat = both_0 + y.equals(0.0) * x[1].is_infinite();
                let factor = select(&flat, 0.0, &x[1]);
                let exponent = select(&flat, 0.0, &x[1] - 1.0);
                unbroadcast(g * factor * x[0].powf(exponent), &x[0])
            },
            |g, y, x| {
                let not_negative = x[1].greater_equal(0.0);
                let at_0 = x[0].equals(0.0) * not_negative;
                let flat = at_0 + y.equals(0.0) * x[0].is_infinite();
                let base = select(&flat, 1.0, &x[0]);
                unbroadcast(select(&flat, 0.0, g * y * base.ln()), &x[1])
            },
        ],
    );
}
// ANCHOR_END: arithmetic

// ANCHOR: functions
fn functions(registry: &mut Registry) {
    registry.defvjp(&SIN, &[|g, _, x| g * x[0].cos()]);
    registry.defvjp(&COS, &[|g, _, x| -g * x[0].sin()]);
    registry.defvjp(&TAN, &[|g, y, _| g * (1.0 + y * y)]);
    registry.defvjp(&ASIN, &[|g, _, x| g / COS_ASIN.bind(&[&x[0]])]);
    registry.defvjp(&ACOS, &[|g, _, x| -g / COS_ASIN.bind(&[&x[0]])]);
    registry.defvjp(&COS_ASIN, &[|g, y, x| -g * &x[0] / y]);
    registry.defvjp(&ATAN, &[|g, _, x| g / (1.0 + &x[0] * &x[0])]);
    registry.defvjp(&SINH, &[|g, _, x| g * x[0].cosh()]);
    registry.defvjp(&COSH, &[|g, _, x| g * x[0].sinh()]);
    registry.defvjp(
        &TANH,
        &[|g, y, x| g * TANH_SLOPE.bind(&[y, &x[0].detach()])],
    );
    // A function of y alone: x is there for the digits.
    registry.defvjp(
        &TANH_SLOPE,
        &[|g, _, x| g * -2.0 * &x[0], |_, _, x| x[1].zeros()],
    );
    registry.defvjp(&EXP, &[|g, y, _| g * y]);
    registry.defvjp(&EXP_M1, &[|g, _, x| g * x[0].exp()]);
    registry.defvjp(&LN, &[|g, _, x| g / &x[0]]);
    registry.defvjp(&LN_1P, &[|g, _, x| g / (1.0 + &x[0])]);
    registry.defvjp(&SQRT, &[|g, y, _| g * 0.5 / y]);
    registry.defvjp(&ABS, &[|g, _, x| g * x[0].sign()]);
    registry.defvjp(&SQUARE, &[|g, _, x| g * 2.0 * &x[0]]);
}
// ANCHOR_END: functions

// ANCHOR: choices
/// The gradient, half of it at a tie, and 0 where the argument loses. It chooses, since a
/// product with 0 or 1 would let NaN and infinity through.
fn share(gradient: &Value, loses: &Value, ties: &Value) -> Value {
    select(loses, 0.0, select(ties, gradient * 0.5, gradient))
}

fn choices(registry: &mut Registry) {
    registry.defvjp(
        &MAXIMUM,
        &[
            |g, _, x| unbroadcast(share(g, &x[1].greater(&x[0]), &x[0].equals(&x[1])), &x[0]),
            |g, _, x| unbroadcast(share(g, &x[0].greater(&x[1]), &x[0].equals(&x[1])), &x[1]),
        ],
    );
    registry.defvjp(
        &MINIMUM,
        &[
            |g, _, x| unbroadcast(share(g, &x[0].greater(&x[1]), &x[0].equals(&x[1])), &x[0]),
            |g, _, x| unbroadcast(share(g, &x[1].greater(&x[0]), &x[0].equals(&x[1])), &x[1]),
        ],
    );
    registry.defvjp(
        &SELECT,
        &[
            |g, _, x| unbroadcast(select(&x[2], g, 0.0), &x[0]),
            |g, _, x| unbroadcast(select(&x[2], 0.0, g), &x[1]),
        ],
    );
}
// ANCHOR_END: choices

// ANCHOR: reductions
fn reductions(registry: &mut Registry) {
    registry.defvjp(&SUM, &[|g, _, x| expand(g, &x[1], &x[0])]);
    registry.defvjp(
        &PROD,
        &[|g, _, x| expand(g, &x[1], &x[0]) * others(&x[0], x[1].data())],
    );
    registry.defvjp(&MAX, &[extremum]);
    registry.defvjp(&MIN, &[extremum]);
}

/// Repeats `reduced`, the result of a reduction of `x` or its gradient, to the shape of `x`.
fn expand(reduced: &Value, axes: &Value, x: &Value) -> Value {
    let mut kept = x.shape().to_vec();
    for axis in &axes.data::<Axes>().axes {
        kept[*axis] = 1;
    }
    reduced.reshape(&kept).broadcast(x.shape())
}

/// Those equal to the extremum share the gradient evenly.
fn extremum(g: &Value, y: &Value, x: &[Value]) -> Value {
    let (x, axes) = (&x[0], &x[1]);
    let winners = select(&x.is_nan(), 1.0, x.equals(expand(y, axes, x)));
    let count = winners.sum_axis(axes.data::<Axes>().clone().keep());
    select(&winners, expand(g, axes, x) / count, 0.0)
}

/// For each element of `x` the product of the others over `axes`. Dividing the whole product by
/// the element would do, were it not for zeros.
fn others(x: &Value, axes: &Axes) -> Value {
    let Some((&axis, rest)) = axes.axes.split_first() else {
        return x.ones();
    };
    let length = x.shape()[axis];
    let rest = Axes::from(rest.to_vec()).keep();
    // The product over the other axes, for each place along this one.
    let entries: Vec<Value> = (0..length)
        .map(|i| x.slice_axis(axis, i..i + 1).prod_axis(rest.clone()))
        .collect();
    // The products of all entries before and after each place.
    let Some(first) = entries.first() else {
        return x.ones();
    };
    let (mut before, mut after) = (vec![first.ones()], vec![first.ones()]);
    for i in 1..length {
        before.push(&before[i - 1] * &entries[i - 1]);
        after.push(&after[i - 1] * &entries[length - i]);
    }
    after.reverse();
    let along: Vec<Value> = before.iter().zip(&after).map(|(b, a)| b * a).collect();
    concatenate(axis, &along) * others(x, &rest)
}
// ANCHOR_END: reductions

// ANCHOR: shapes
fn shapes(registry: &mut Registry) {
    registry.defvjp(&BROADCAST, &[|g, _, x| unbroadcast(g.clone(), &x[0])]);
    registry.defvjp(&RESHAPE, &[|g, _, x| g.reshape(x[0].shape())]);
    registry.defvjp(
        &PERMUTE,
        &[|g, _, x| {
            let order = &x[1].data::<Axes>().axes;
            let mut inverse = vec![0; order.len()];
            for (to, &from) in order.iter().enumerate() {
                inverse[from] = to;
            }
            g.permuted_axes(&inverse)
        }],
    );
    registry.defvjp(&SLICE, &[|g, _, x| PAD.bind(&[g, &x[1], &shape_of(&x[0])])]);
    registry.defvjp(&PAD, &[|g, _, x| SLICE.bind(&[g, &x[1]])]);
    registry.defvjp(
        &TAKE,
        &[|g, _, x| SCATTER.bind(&[g, &x[1], &shape_of(&x[0])])],
    );
    registry.defvjp(&SCATTER, &[|g, _, x| TAKE.bind(&[g, &x[1]])]);
    registry.defvjp_variadic(&CONCATENATE, |argnum, g, _, x| {
        let Joint { axis, starts } = x[x.len() - 1].data();
        let start = starts[argnum];
        g.slice_axis(*axis, start..start + x[argnum].shape()[*axis])
    });
}

fn shape_of(x: &Value) -> Value {
    Value::new(Shape(x.shape().to_vec()))
}
// ANCHOR_END: shapes

// ANCHOR: products
fn products(registry: &mut Registry) {
    registry.defvjp(
        &MATMUL,
        &[
            |g, _, x| unbroadcast(g.dot(&x[1].matrix_t()), &x[0]),
            |g, _, x| unbroadcast(x[0].matrix_t().dot(g), &x[1]),
        ],
    );
}
// ANCHOR_END: products

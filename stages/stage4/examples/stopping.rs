//! Where a gradient is meant to stop: a frozen layer, a target that stands still, and a norm at 0.

use ndarray::{Array1, Array2, array};
use stage4::{Trace, Value, backward::order, grad, grads, select};

// ANCHOR: network
/// The mean squared error of a network of two layers, for inputs and answers that do not change.
fn loss(first: &Value, second: &Value) -> Value {
    let inputs = Value::from(array![[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
    let answers = Value::from(array![1.0, 1.0, 0.0]);
    let error = inputs.dot(first).tanh().dot(second) - answers;
    (&error * &error).mean()
}
// ANCHOR_END: network

/// Weights that are not all alike.
pub(crate) fn weights() -> [Value; 2] {
    let first = Array2::from_shape_fn((2, 3), |(i, j)| 0.3 * (i + 1) as f64 - 0.2 * j as f64);
    [Value::from(first), Value::from(array![0.5, -0.4, 0.3])]
}

// ANCHOR: frozen
/// Both layers learn.
pub(crate) fn both(p: &[Value]) -> Value {
    loss(&p[0], &p[1])
}

/// The first layer is an input, and is detached.
pub(crate) fn detached(p: &[Value]) -> Value {
    loss(&p[0].detach(), &p[1])
}

/// The first layer is plain: it is no input of the trace at all.
pub(crate) fn plain(p: &[Value]) -> Value {
    let [first, _] = weights();
    loss(&first, &p[0])
}
// ANCHOR_END: frozen

/// How many nodes a walk would go through.
fn nodes(loss: impl Fn(&[Value]) -> Value, parameters: &[Value]) -> usize {
    let trace = Trace::open();
    let inputs = parameters.iter().map(|p| Value::Boxed(trace.input(p)));
    let Value::Boxed(loss) = loss(&Vec::from_iter(inputs)) else {
        return 0;
    };
    order(&[loss.node()]).len()
}

/// The numbers of an array, or the number.
fn numbers(value: &Value) -> String {
    let numbers = value.array().into_iter().map(|x| format!("{x:.3}"));
    Vec::from_iter(numbers).join(" ")
}

// ANCHOR: walk
/// States 1 to 5. From each, a step leads to one neighbour or the other, and a walk ends at 0 or at 6.
const STATES: usize = 5;

/// From a state, to a state, and the reward: 1 for a step to state 6.
const STEPS: [(usize, usize, f64); 2 * STATES] = [
    (1, 0, 0.0),
    (1, 2, 0.0),
    (2, 1, 0.0),
    (2, 3, 0.0),
    (3, 2, 0.0),
    (3, 4, 0.0),
    (4, 3, 0.0),
    (4, 5, 0.0),
    (5, 4, 0.0),
    (5, 6, 1.0),
];

/// The mean over all steps of (value before − (reward + value after))². The values after
/// come from `goals`.
fn surprise(values: &Value, goals: &Value) -> Value {
    let before = STEPS.map(|(from, _, _)| from);
    let after = STEPS.map(|(_, to, _)| to);
    let rewards = Value::from(Array1::from_iter(STEPS.map(|(_, _, reward)| reward)));
    let error = values.take(0, &before) - (rewards + goals.take(0, &after));
    (&error * &error).mean()
}
// ANCHOR_END: walk

/// The values by hand: of six walks from state k, on average k end at 6.
fn exact() -> Value {
    Value::from(Array1::from_iter(
        (1..=STATES).map(|state| state as f64 / 6.0),
    ))
}

// ANCHOR: learn
/// Where the values after a step come from.
#[derive(Clone, Copy)]
pub(crate) enum Goals {
    /// The values themselves, and gradients go through them.
    Through,
    /// The values themselves, as constants.
    Detached,
    /// A copy of the values that is made anew every so many steps.
    Copied(usize),
}

/// Gradient descent from zeros. The values of the two ends stay 0.
pub(crate) fn learn(goals: Goals) -> Value {
    let inside = Value::from(Array1::from_shape_fn(STATES + 2, |state| {
        f64::from((1..=STATES).contains(&state))
    }));
    let mut values = inside.zeros();
    let mut copy = values.clone();
    for step in 0..2000 {
        let gradient = match goals {
            Goals::Through => grad(|v| surprise(v, v))(&values),
            Goals::Detached => grad(|v| surprise(v, &v.detach()))(&values),
            Goals::Copied(every) => {
                if step % every == 0 {
                    copy = values.clone();
                }
                grad(|v| surprise(v, &copy))(&values)
            }
        };
        values = &values - gradient * &inside;
    }
    values.slice_axis(0, 1..=STATES)
}
// ANCHOR_END: learn

/// A way to write a length.
pub(crate) type Length = fn(&Value) -> Value;

// ANCHOR: norms
/// The length by its formula.
pub(crate) fn formula(x: &Value) -> Value {
    (x * x).sum().sqrt()
}

/// 0 where all squares are 0, chosen after the root.
pub(crate) fn chosen_after(x: &Value) -> Value {
    let square = (x * x).sum();
    select(&square.equals(0.0), 0.0, square.sqrt())
}

/// The root of a sum that is never 0.
pub(crate) fn padded(x: &Value) -> Value {
    ((x * x).sum() + 1e-6).sqrt()
}

/// The root never meets the 0.
pub(crate) fn chosen_before(x: &Value) -> Value {
    let square = (x * x).sum();
    let is_zero = square.equals(0.0);
    select(&is_zero, 0.0, select(&is_zero, 1.0, square).sqrt())
}
// ANCHOR_END: norms

// ANCHOR: springs
/// Three points in the plane, each pair joined by a spring of length 1: the energy.
pub(crate) fn springs(length: Length, points: &Value) -> Value {
    let pairs = [(0, 1), (0, 2), (1, 2)];
    let energy = |(i, j)| {
        let stretched = length(&(points.index_axis(0, i) - points.index_axis(0, j))) - 1.0;
        &stretched * &stretched
    };
    pairs.into_iter().map(energy).sum()
}

/// The energy after some steps downhill. The first two points begin at the same place.
pub(crate) fn relaxed(length: Length, steps: usize) -> f64 {
    let mut points = Value::from(array![[0.0, 0.0], [0.0, 0.0], [0.3, 0.4]]);
    for _ in 0..steps {
        points = &points - grad(|p| springs(length, p))(&points) * 0.1;
    }
    springs(length, &points).value()
}
// ANCHOR_END: springs

fn main() {
    let [first, second] = weights();
    let parameters = [first, second.clone()];

    println!("## frozen");
    println!("first layer | gradient of the first      | gradient of the second | nodes");
    for (name, loss) in [
        ("learns", both as fn(&[Value]) -> Value),
        ("detached", detached),
    ] {
        let gradients = grads(loss)(&parameters);
        let [first, second] = [&gradients[0], &gradients[1]].map(numbers);
        println!("{name} | {first} | {second} | {}", nodes(loss, &parameters));
    }
    let only = [second];
    let gradients = grads(plain)(&only);
    println!(
        "plain | not an input | {} | {}",
        numbers(&gradients[0]),
        nodes(plain, &only)
    );

    println!("## values");
    println!("goals                   state 1  2      3      4      5");
    for (name, values) in [
        ("gradients go through", learn(Goals::Through)),
        ("detached", learn(Goals::Detached)),
        ("a copy, every 20 steps", learn(Goals::Copied(20))),
        ("exact", exact()),
    ] {
        println!("{name:22}  {}", numbers(&values).replace(' ', "  "));
    }

    println!("## curves");
    println!("x: state");
    println!("y: value");
    for (curve, values) in [
        ("line: exact", exact()),
        ("points: detached", learn(Goals::Detached)),
        ("line: through the goals", learn(Goals::Through)),
    ] {
        println!("{curve}");
        for (state, value) in (1..=STATES).zip(values.array()) {
            println!("{state} {value:.4}");
        }
    }

    println!("## norms");
    println!("length          at (3, 4)  gradient     at (0, 0)  gradient");
    let lengths: [(&str, Length); 4] = [
        ("the formula", formula),
        ("chosen after", chosen_after),
        ("padded", padded),
        ("chosen before", chosen_before),
    ];
    for (name, length) in lengths {
        let at = |x: [f64; 2]| {
            let x = Value::from(x);
            let slopes = grad(length)(&x)
                .array()
                .into_iter()
                .map(|slope| format!("{slope:.3}"));
            (length(&x).value(), Vec::from_iter(slopes).join(", "))
        };
        let [(far, slope), (near, slope_at_zero)] = [at([3.0, 4.0]), at([0.0, 0.0])];
        println!("{name:14}  {far:9.7}  {slope:12}  {near:9}  {slope_at_zero}");
    }

    println!("## springs");
    println!("length         after 1 step  after 200 steps");
    for (name, length) in lengths {
        println!(
            "{name:13}  {:12.4}  {:15.4}",
            relaxed(length, 1),
            relaxed(length, 200)
        );
    }
}

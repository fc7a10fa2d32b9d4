//! A loop over time: a small recurrent network that has to remember, and a walk that goes back far
//! enough, or not.

#[path = "digits.rs"]
#[allow(dead_code, reason = "parts of it are enough")]
pub(crate) mod digits;

use digits::{Random, adam};
use ndarray::{Array1, Array2};
use stage4::{Trace, Value, backward::order, value_and_grads};

/// Numbers in a sequence.
const LENGTH: usize = 24;
/// Sequences in a batch.
const BATCH: usize = 16;
/// What the network remembers with.
const HIDDEN: usize = 12;
/// How many numbers ago.
pub(crate) const DELAY: usize = 4;

// ANCHOR: step
/// One step through time: from what is remembered and a number to what is remembered next.
fn step(p: &[Value], memory: &Value, number: &Value) -> Value {
    (memory.dot(&p[0]) + number.outer(&p[1]) + &p[2]).tanh()
}

/// What the network says, when it is asked for the number that came `DELAY` steps ago.
fn answer(p: &[Value], memory: &Value) -> Value {
    memory.dot(&p[3])
}
// ANCHOR_END: step

/// Weights before anything has been learned.
pub(crate) fn start(random: &mut Random) -> Vec<Value> {
    vec![
        random.weights(HIDDEN, HIDDEN),
        random.weights(HIDDEN, 1).reshape(&[HIDDEN]),
        Value::from(Array1::zeros(HIDDEN)),
        random.weights(HIDDEN, 1).reshape(&[HIDDEN]),
    ]
}

/// Sequences of −1 and 1: at each time a number for each of them.
pub(crate) fn sequences(random: &mut Random) -> Vec<Value> {
    let signs = random.weights(1, LENGTH * BATCH).sign();
    let signs = signs.reshape(&[LENGTH, BATCH]);
    (0..LENGTH).map(|time| signs.index_axis(0, time)).collect()
}

// ANCHOR: chunk
/// The squared errors of some steps, and what is remembered after the last of them.
pub(crate) fn errors(
    p: &[Value],
    memory: Value,
    numbers: &[Value],
    times: std::ops::Range<usize>,
) -> (Value, Value) {
    let mut memory = memory;
    let mut errors = Vec::new();
    for time in times {
        memory = step(p, &memory, &numbers[time]);
        if time >= DELAY {
            let error = answer(p, &memory) - &numbers[time - DELAY];
            errors.push((&error * &error).mean());
        }
    }
    (errors.into_iter().sum(), memory)
}

/// The mean error and its gradients, by walks that go back through at most `chunk` steps. What is
/// remembered goes on from chunk to chunk, as a plain value.
pub(crate) fn gradients(p: &[Value], numbers: &[Value], chunk: usize) -> (f64, Vec<Value>) {
    let mut memory = Value::from(Array2::zeros((BATCH, HIDDEN)));
    let mut total = 0.0;
    let mut sums: Vec<Value> = p.iter().map(Value::zeros).collect();
    for first in (0..LENGTH).step_by(chunk) {
        let times = first..(first + chunk).min(LENGTH);
        let mut after = None;
        let loss = |p: &[Value]| {
            let (errors, memory) = errors(p, memory.clone(), numbers, times);
            after = Some(memory.detach());
            errors / (LENGTH - DELAY) as f64
        };
        let (value, gradients) = value_and_grads(loss, p);
        memory = after.expect("the loss has run");
        total += value.value();
        for (sum, gradient) in sums.iter_mut().zip(&gradients) {
            *sum += gradient;
        }
    }
    (total, sums)
}
// ANCHOR_END: chunk

/// The mean error on sequences that the network has not seen, after so many steps.
pub(crate) fn trained(chunk: usize, steps: usize) -> f64 {
    let mut random = Random(7);
    let mut parameters = start(&mut random);
    let mut update = adam(0.02);
    for _ in 0..steps {
        let (_, gradients) = gradients(&parameters, &sequences(&mut random), chunk);
        update(&mut parameters, &gradients);
    }
    gradients(&parameters, &sequences(&mut random), LENGTH).0
}

/// How many nodes are alive at most.
pub(crate) fn nodes(chunk: usize) -> usize {
    let mut random = Random(7);
    let parameters = start(&mut random);
    let numbers = sequences(&mut random);
    let trace = Trace::open();
    let boxed = |parameter| Value::Boxed(trace.input(&parameter));
    let parameters: Vec<Value> = parameters.into_iter().map(boxed).collect();
    let memory = Value::from(Array2::zeros((BATCH, HIDDEN)));
    let last = LENGTH - chunk..LENGTH;
    let Value::Boxed(loss) = errors(&parameters, memory, &numbers, last).0 else {
        unreachable!("what is made of containers is a container");
    };
    order(&[loss.node()]).len()
}

/// The cosine of the angle between two gradients.
fn cosine(some: &[Value], others: &[Value]) -> f64 {
    let dot = |x: &[Value], y: &[Value]| -> f64 {
        let products = x.iter().zip(y).map(|(x, y)| (x * y).sum());
        products.sum::<Value>().value()
    };
    dot(some, others) / (dot(some, some) * dot(others, others)).sqrt()
}

/// Four steps of the loop, cut into two chunks, in DOT.
fn print_graph() {
    println!("digraph {{");
    for time in 1..=4 {
        println!("    m{time} [label=\"memory {time}\"]; e{time} [label=\"error {time}\"];");
        println!("    e{time} -> m{time}; m{time} -> w;");
        if time > 1 {
            let style = if time == 3 {
                " [label=\"cut\", style=dashed]"
            } else {
                ""
            };
            println!("    m{time} -> m{}{style};", time - 1);
        }
    }
    println!("    w [label=\"weights\", shape=ellipse];");
    println!("}}");
}

fn main() {
    println!("## graph");
    print_graph();

    let steps = 300;
    println!("## table");
    println!("walks go back  nodes  cosine  error");
    let mut random = Random(7);
    let parameters = start(&mut random);
    let numbers = sequences(&mut random);
    let (_, full) = gradients(&parameters, &numbers, LENGTH);
    for chunk in [LENGTH, 12, 6, 4, 2] {
        let (_, truncated) = gradients(&parameters, &numbers, chunk);
        println!(
            "{chunk:7} steps  {:5}  {:6.3}  {:.3}",
            nodes(chunk),
            cosine(&full, &truncated),
            trained(chunk, steps)
        );
    }
}

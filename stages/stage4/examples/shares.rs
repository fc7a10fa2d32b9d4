//! One gradient of a batch, from parts of it: one after the other, or on threads.

#[path = "digits.rs"]
#[allow(dead_code, reason = "parts of it are enough")]
mod digits;

use std::thread;

use digits::{LINES, Random, Set, TRAINING, cost, loss, sets, start};
use ndarray::ArrayD;
use stage4::{Value, value_and_grads};

/// The first 32 pictures of the training set.
pub(crate) fn batch() -> Set {
    let lines: Vec<&str> = LINES.lines().collect();
    let (training, test) = lines.split_at(TRAINING);
    let (training, _) = sets(training, test);
    training.take(&Vec::from_iter(0..32))
}

/// The parameters before anything has been learned.
pub(crate) fn parameters() -> Vec<Value> {
    start(&mut Random(1))
}

/// The gradients of the mean over a whole batch.
pub(crate) fn whole(parameters: &[Value], batch: &Set) -> Vec<Value> {
    value_and_grads(|p| loss(p, batch), parameters).1
}

// ANCHOR: accumulated
/// How the mean of a part counts in the mean of the whole.
#[derive(Clone, Copy)]
pub(crate) enum Weight {
    /// By the number of pictures in it.
    Pictures,
    /// Each part alike.
    Parts,
}

/// The gradients of parts of a batch, `size` pictures in each, added up one after the other.
pub(crate) fn accumulated(
    parameters: &[Value],
    batch: &Set,
    size: usize,
    weight: Weight,
) -> Vec<Value> {
    let rows = Vec::from_iter(0..batch.pictures.shape()[0]);
    let parts = rows.chunks(size);
    let count = parts.len();
    let mut sums: Vec<Value> = parameters.iter().map(Value::zeros).collect();
    for part in parts {
        let weight = match weight {
            Weight::Pictures => part.len() as f64 / rows.len() as f64,
            Weight::Parts => 1.0 / count as f64,
        };
        let gradients = whole(parameters, &batch.take(part));
        for (sum, gradient) in sums.iter_mut().zip(&gradients) {
            *sum += gradient * weight;
        }
    }
    sums
}
// ANCHOR_END: accumulated

// ANCHOR: threads
/// The same, with a thread for each part. Values stay on their thread: arrays go in and come out.
pub(crate) fn on_threads(parameters: &[Value], batch: &Set, size: usize) -> Vec<Value> {
    let arrays: Vec<ArrayD<f64>> = parameters.iter().map(Value::array).collect();
    let count = batch.pictures.shape()[0];
    let rows = Vec::from_iter(0..count);
    let parts = rows.chunks(size).map(|part| batch.take(part));
    let parts = Vec::from_iter(parts.map(|part| (part.pictures.array(), part.answers.array())));
    let gradients = thread::scope(|scope| {
        let work = |(pictures, answers): (ArrayD<f64>, ArrayD<f64>)| {
            let arrays = &arrays;
            scope.spawn(move || {
                let weight = pictures.shape()[0] as f64 / count as f64;
                let [pictures, answers] = [pictures, answers].map(Value::from);
                let parameters: Vec<Value> = arrays.iter().cloned().map(Value::from).collect();
                let gradients = whole(&parameters, &Set { pictures, answers });
                Vec::from_iter(gradients.iter().map(|gradient| (gradient * weight).array()))
            })
        };
        let threads = Vec::from_iter(parts.into_iter().map(work));
        let joined = threads.into_iter().map(|thread| thread.join());
        Vec::from_iter(joined.map(|gradients| gradients.expect("nothing panics")))
    });
    let mut sums: Vec<Value> = parameters.iter().map(Value::zeros).collect();
    for gradients in gradients {
        for (sum, gradient) in sums.iter_mut().zip(gradients) {
            *sum += Value::from(gradient);
        }
    }
    sums
}
// ANCHOR_END: threads

/// The largest difference, relative to the largest gradient.
pub(crate) fn difference(some: &[Value], others: &[Value]) -> f64 {
    let largest = |values: &mut dyn Iterator<Item = Value>| {
        values.map(|x| x.abs().max().value()).fold(0.0, f64::max)
    };
    let differences = largest(&mut some.iter().zip(others).map(|(x, y)| x - y));
    differences / largest(&mut some.iter().cloned())
}

fn main() {
    let (batch, parameters) = (batch(), parameters());
    let all = whole(&parameters, &batch);

    println!("## table");
    println!("32 pictures                     largest difference  numbers in a graph");
    let graph = |size: usize| cost(&batch.take(&Vec::from_iter(0..size))).1;
    println!("{:30}  {:18}  {:18}", "at once", 0, graph(32));
    for (name, size, weight) in [
        ("8 and 8 and 8 and 8", 8, Weight::Pictures),
        ("one by one", 1, Weight::Pictures),
        ("12, 12 and 8, weighted by size", 12, Weight::Pictures),
        ("12, 12 and 8, weighted equally", 12, Weight::Parts),
    ] {
        let error = difference(&all, &accumulated(&parameters, &batch, size, weight));
        println!("{name:30}  {error:18.0e}  {:18}", graph(size));
    }

    println!("## threads");
    let in_turn = accumulated(&parameters, &batch, 8, Weight::Pictures);
    let on_threads = on_threads(&parameters, &batch, 8);
    println!(
        "4 threads, against 4 parts in turn: {}",
        difference(&in_turn, &on_threads)
    );
    println!(
        "4 threads, against the whole batch: {:.0e}",
        difference(&all, &on_threads)
    );
}

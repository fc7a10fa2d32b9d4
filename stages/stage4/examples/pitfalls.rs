//! What goes wrong in training: the network of `digits`, with one thing wrong at a time.

#[path = "digits.rs"]
#[allow(dead_code, reason = "parts of it are enough")]
mod digits;

use std::cmp::Ordering;
use std::panic::{self, AssertUnwindSafe};

use digits::{LINES, Random, Set, TRAINING, accuracy, epoch, loss, momentum, network, sets, start};
use digits::{finite_difference, percent, print_gradients, print_ten_by_heart, train};
use stage4::{Trace, Value, backward::order, defvjp, ops::TANH, value_and_grads};

type Loss = fn(&[Value], &Set) -> Value;

/// As the moons were learned: numbers as they come, weights from −1 to 1, all pictures in
/// each step.
fn as_for_the_moons(training: &Set, test: &Set) {
    let mut parameters = start(&mut Random(1));
    parameters[0] = &parameters[0] * 64.0_f64.sqrt();
    parameters[2] = &parameters[2] * 32.0_f64.sqrt();
    println!("step   loss   right  test right");
    for step in 0..=20 {
        let (value, gradients) = value_and_grads(|p| loss(p, training), &parameters);
        if step % 5 == 0 {
            let [right, of_test] = [training, test].map(|set| percent(accuracy(&parameters, set)));
            println!("{step:4}  {:.3}  {right}  {of_test:>10}", value.value());
        }
        for (parameter, gradient) in parameters.iter_mut().zip(&gradients) {
            *parameter = &*parameter - gradient * 0.8;
        }
    }
}

/// The share of the test set that is read correctly after ten epochs by momentum, in batches of so many.
fn learned(sets: &[Set; 2], scale: [f64; 2], batch: usize) -> f64 {
    let [training, test] = sets;
    let mut random = Random(1);
    let mut parameters = start(&mut random);
    parameters[0] = &parameters[0] * scale[0];
    parameters[2] = &parameters[2] * scale[1];
    let mut step = momentum(0.05);
    for _ in 0..10 {
        for rows in random.shuffled(TRAINING).chunks(batch) {
            let batch = training.take(rows);
            let (_, gradients) = value_and_grads(|p| loss(p, &batch), &parameters);
            step(&mut parameters, &gradients);
        }
    }
    accuracy(&parameters, test)
}

// ANCHOR: plain
/// The loss by its formula: e to the power of a large score is infinite.
fn plain_loss(parameters: &[Value], set: &Set) -> Value {
    let scores = network(parameters, &set.pictures);
    let right = (&scores * &set.answers).sum_axis(1);
    (scores.exp().sum_axis(1).ln() - right).mean()
}
// ANCHOR_END: plain

/// The sum of the losses where the mean was meant.
fn summed_loss(parameters: &[Value], set: &Set) -> Value {
    loss(parameters, set) * set.pictures.shape()[0] as f64
}

/// The first seven batches, in the order of the file.
fn batches(training: &Set) -> [Set; 7] {
    [0, 1, 2, 3, 4, 5, 6].map(|i| training.take(&Vec::from_iter(32 * i..32 * i + 32)))
}

/// The losses of the first seven batches on the way.
fn losses(loss: Loss, rate: f64, training: &Set) -> [f64; 7] {
    let mut parameters = start(&mut Random(1));
    let mut step = momentum(rate);
    batches(training).map(|batch| {
        let (value, gradients) = value_and_grads(|p| loss(p, &batch), &parameters);
        step(&mut parameters, &gradients);
        value.value()
    })
}

/// The losses of each start in a column, with a name above.
fn print_losses(columns: &[(&str, [f64; 7])]) {
    let names = columns.iter().map(|(name, _)| format!("{name:>13}"));
    println!("batch{}", Vec::from_iter(names).concat());
    for batch in 0..7 {
        let losses = columns
            .iter()
            .map(|(_, losses)| format!("{:13.2}", losses[batch]));
        println!("{:5}{}", batch + 1, Vec::from_iter(losses).concat());
    }
}

// ANCHOR: blame
/// The first operation with a result that is not finite.
fn blame(loss: Loss, parameters: &[Value], set: &Set) -> Option<&'static str> {
    let trace = Trace::open();
    let inputs = parameters.iter().map(|p| Value::Boxed(trace.input(p)));
    let Value::Boxed(loss) = loss(&Vec::from_iter(inputs), set) else {
        unreachable!("what is made of containers is a container");
    };
    // The order begins at the loss. Look at it from the other end.
    let nodes = order(&[loss.node()]);
    let mut forwards = nodes.iter().rev();
    let culprit = forwards.find(|node| node.result.is_finite().min() == 0.0)?;
    Some(culprit.primitive.name)
}
// ANCHOR_END: blame

// ANCHOR: kept
/// A step that gives away the container of its loss. Everything that led to it stays.
fn leaky_step(parameters: &[Value], batch: &Set, kept: &mut Vec<Value>) {
    value_and_grads(
        |p| {
            let loss = loss(p, batch);
            kept.push(loss.clone());
            loss
        },
        parameters,
    );
}
// ANCHOR_END: kept

/// What the three checks before the training measure: the first loss, how far the slope of a weight
/// is from its gradient, in parts of the gradient, and the share of ten pictures that are learned by heart.
fn checks(training: &Set) -> [f64; 3] {
    let mut parameters = start(&mut Random(1));
    let few = training.take(&Vec::from_iter(0..100));
    let (first, gradients) = value_and_grads(|p| loss(p, &few), &parameters);
    let (index, place) = (0, [28, 0]);
    let gradient = gradients[index].array()[&place[..]];
    let slope = finite_difference(&parameters, &few, index, &place);
    let ten = training.take(&Vec::from_iter(0..10));
    let (mut random, mut step) = (Random(1), momentum(0.05));
    for _ in 0..100 {
        epoch(&mut parameters, &ten, &mut random, &mut step);
    }
    let off = ((slope - gradient) / gradient).abs();
    [first.value(), off, accuracy(&parameters, &ten)]
}

fn main() {
    let lines: Vec<&str> = LINES.lines().collect();
    let (training_lines, test_lines) = lines.split_at(TRAINING);
    let raw = [training_lines, test_lines].map(Set::read);
    let (training, _) = sets(training_lines, test_lines);

    println!("## moons");
    as_for_the_moons(&raw[0], &raw[1]);

    println!("## missing");
    let scaled: [Set; 2] = sets(training_lines, test_lines).into();
    let wide = [64.0_f64.sqrt(), 32.0_f64.sqrt()];
    println!("ten epochs                    test right");
    for (name, right) in [
        ("with all three", learned(&scaled, [1.0, 1.0], 32)),
        ("without scaling the points", learned(&raw, [1.0, 1.0], 32)),
        ("weights from −1 to 1", learned(&scaled, wide, 32)),
        (
            "one step for all pictures",
            learned(&scaled, [1.0, 1.0], TRAINING),
        ),
    ] {
        println!("{name:28}  {:>10}", percent(right));
    }

    println!("## rates");
    let at = |rate| losses(loss, rate, &training);
    print_losses(&[
        ("0.005", at(0.005)),
        ("0.05", at(0.05)),
        ("0.5", at(0.5)),
        ("5", at(5.0)),
        ("50", at(50.0)),
    ]);

    println!("## plain");
    print_losses(&[
        ("logsumexp", at(50.0)),
        ("its formula", losses(plain_loss, 50.0, &training)),
    ]);

    println!("## blame");
    let mut parameters = start(&mut Random(1));
    let mut step = momentum(50.0);
    for (i, batch) in batches(&training).iter().enumerate() {
        if let Some(name) = blame(plain_loss, &parameters, batch) {
            println!(
                "batch {}: the first result that is not finite comes from `{name}`",
                i + 1
            );
            break;
        }
        let (_, gradients) = value_and_grads(|p| plain_loss(p, batch), &parameters);
        step(&mut parameters, &gradients);
    }

    println!("## zeros");
    println!("epoch   loss   right");
    let mut zeros = start(&mut Random(1))
        .iter()
        .map(Value::zeros)
        .collect::<Vec<_>>();
    let mut random = Random(1);
    let mut step = momentum(0.05);
    for number in 1..=3 {
        let loss = epoch(&mut zeros, &training, &mut random, &mut step);
        println!(
            "{number:5}  {loss:.3}  {}",
            percent(accuracy(&zeros, &training))
        );
    }

    println!("## each-point");
    let [Set { pictures, answers }, _] = raw;
    let centred = &pictures - pictures.mean_axis(0);
    let deviations = (&centred * &centred).mean_axis(0).sqrt();
    println!(
        "points without ink in any picture: {}",
        deviations.equals(0.0).sum().value()
    );
    let pictures = centred / deviations;
    println!(
        "loss: {}",
        loss(&start(&mut Random(1)), &Set { pictures, answers }).value()
    );

    println!("## sum");
    let summed = losses(summed_loss, 0.05, &training);
    print_losses(&[
        ("sum", summed),
        ("sum / 32", summed.map(|loss| loss / 32.0)),
        ("mean at 1.6", at(1.6)),
    ]);

    println!("## kept");
    let parameters = start(&mut Random(1));
    let mut kept = Vec::new();
    for batch in batches(&training) {
        leaky_step(&parameters, &batch, &mut kept);
    }
    let nodes_of = |loss: &Value| match loss {
        Value::Boxed(container) => order(&[container.node()]).len(),
        Value::Plain(_) => 0,
    };
    let nodes: usize = kept.iter().map(nodes_of).sum();
    println!("nodes that are alive after 7 steps: {nodes}");
    // So that the message is printed here, and not on the error output with a note about
    // backtraces.
    panic::set_hook(Box::new(|_| ()));
    let mean = || kept.iter().fold(Value::from(0.0), |sum, loss| sum + loss) / 7.0;
    let error = panic::catch_unwind(AssertUnwindSafe(mean)).expect_err("it panics");
    println!("{}", error.downcast_ref::<String>().expect("a text"));
    drop(panic::take_hook());

    println!("## split");
    let (mut every_fifth, mut others) = (Vec::new(), Vec::new());
    for (i, line) in lines.iter().enumerate() {
        if i % 5 == 4 {
            &mut every_fifth
        } else {
            &mut others
        }
        .push(*line);
    }
    let (training, test) = sets(&others, &every_fifth);
    let (_, progress) = train(&training, &test, momentum(0.05));
    println!(
        "of {} held out: {} right",
        every_fifth.len(),
        percent(progress[9].test_accuracy)
    );
    println!("## easier");
    let forms = learned(&scaled, [1.0, 1.0], 32);
    let easier = match progress[9].test_accuracy.total_cmp(&forms) {
        Ordering::Less => "the last three forms",
        Ordering::Equal => "neither",
        Ordering::Greater => "every fifth picture",
    };
    println!("{easier}");
    let (training, test) = sets(training_lines, test_lines);
    let right = checks(&training);

    // The last, since the registry stays as it is from here on.
    println!("## wrong-rule");
    // ANCHOR: wrong_rule
    defvjp(&TANH, &[|g, y, _| g * (1.0 - y)]); // 1 − y² is right
    // ANCHOR_END: wrong_rule
    print_gradients(&start(&mut Random(1)), &training);
    println!();
    print_ten_by_heart(start(&mut Random(1)), &training);
    println!();
    let (_, progress) = train(&training, &test, momentum(0.05));
    let last = &progress[9];
    println!("right after ten epochs:  {}", percent(last.accuracy));
    println!("and in the test:         {}", percent(last.test_accuracy));

    println!("## notices");
    let wrong = checks(&training);
    let changed = |check: usize| (wrong[check] - right[check]).abs() > 1e-3;
    let names = ["the first loss", "the gradient", "ten pictures by heart"];
    let noticed = (0..3).filter(|check| changed(*check));
    println!(
        "{}",
        Vec::from_iter(noticed.map(|check| names[check])).join(", ")
    );
}

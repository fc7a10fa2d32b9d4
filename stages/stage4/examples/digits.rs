//! A network of two layers learns to read handwritten digits.

use ndarray::{Array1, Array2};
use stage4::{Trace, Value, backward::order, draw, value_and_grads};

// ANCHOR: set
/// A picture in each line: 64 points, from `0` for paper to `g`, which is 16, for ink, and
/// the right answer.
pub(crate) const LINES: &str = include_str!("digits/digits.txt");

/// Pictures and answers, one of each in every row.
pub(crate) struct Set {
    /// The ink in each of the 64 points.
    pub(crate) pictures: Value,
    /// 1 in the column of the right digit, 0 in the nine others.
    pub(crate) answers: Value,
}

impl Set {
    pub(crate) fn read(lines: &[&str]) -> Set {
        let mut pictures = Array2::zeros((lines.len(), 64));
        let mut answers = Array2::zeros((lines.len(), 10));
        for (row, line) in lines.iter().enumerate() {
            let (points, digit) = line.split_once(' ').expect("points, a space, a digit");
            for (column, point) in points.chars().enumerate() {
                let ink = point.to_digit(17).expect("a point from 0 to g");
                pictures[[row, column]] = f64::from(ink);
            }
            let digit: usize = digit.parse().expect("a digit");
            answers[[row, digit]] = 1.0;
        }
        Set {
            pictures: Value::from(pictures),
            answers: Value::from(answers),
        }
    }

    /// Some of the pictures, with their answers.
    pub(crate) fn take(&self, rows: &[usize]) -> Set {
        Set {
            pictures: self.pictures.take(0, rows),
            answers: self.answers.take(0, rows),
        }
    }
}
// ANCHOR_END: set

// ANCHOR: split
/// The first eleven forms are for learning, 1,415 pictures. The last three are for the test.
pub(crate) const TRAINING: usize = 1415;

/// Two sets, scaled alike, so that the points of the first have mean 0 and deviation 1.
pub(crate) fn sets(training: &[&str], test: &[&str]) -> (Set, Set) {
    let (mut training, mut test) = (Set::read(training), Set::read(test));
    let mean = training.pictures.mean();
    let centred = &training.pictures - &mean;
    let deviation = (&centred * &centred).mean().sqrt();
    for set in [&mut training, &mut test] {
        set.pictures = (&set.pictures - &mean) / &deviation;
    }
    (training, test)
}
// ANCHOR_END: split

// ANCHOR: random
/// A linear congruential generator: the same numbers on every machine.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A whole number below 2³¹.
    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        self.0 >> 33
    }

    /// Numbers from −1 to 1, divided by the square root of `rows`.
    pub(crate) fn weights(&mut self, rows: usize, columns: usize) -> Value {
        Value::from(Array2::from_shape_simple_fn((rows, columns), || {
            let number = self.next() as f64 / (1_u64 << 30) as f64 - 1.0;
            number / (rows as f64).sqrt()
        }))
    }

    /// The numbers below `count`, shuffled.
    pub(crate) fn shuffled(&mut self, count: usize) -> Vec<usize> {
        let mut numbers = Vec::from_iter(0..count);
        for i in (1..count).rev() {
            numbers.swap(i, self.next() as usize % (i + 1));
        }
        numbers
    }
}
// ANCHOR_END: random

// ANCHOR: network
/// Weights and biases of both layers, before anything has been learned.
pub(crate) fn start(random: &mut Random) -> Vec<Value> {
    vec![
        random.weights(64, 32),
        Value::from(Array1::zeros(32)),
        random.weights(32, 10),
        Value::from(Array1::zeros(10)),
    ]
}

/// Ten scores for each picture.
pub(crate) fn network(parameters: &[Value], pictures: &Value) -> Value {
    let hidden = (pictures.dot(&parameters[0]) + &parameters[1]).tanh();
    hidden.dot(&parameters[2]) + &parameters[3]
}
// ANCHOR_END: network

// ANCHOR: loss
/// The mean of −ln p, where p is the probability that softmax gives to the right digit.
pub(crate) fn loss(parameters: &[Value], set: &Set) -> Value {
    let scores = network(parameters, &set.pictures);
    let right = (&scores * &set.answers).sum_axis(1);
    (scores.logsumexp_axis(1) - right).mean()
}

/// The share of pictures whose right digit has the highest score.
pub(crate) fn accuracy(parameters: &[Value], set: &Set) -> f64 {
    let read = network(parameters, &set.pictures).argmax_axis(1);
    read.equals(set.answers.argmax_axis(1)).mean().value()
}
// ANCHOR_END: loss

// ANCHOR: check
/// The derivative of the loss with respect to one parameter, from two values of the loss.
pub(crate) fn finite_difference(
    parameters: &[Value],
    set: &Set,
    index: usize,
    place: &[usize],
) -> f64 {
    let nudge = 1e-5;
    let nudged = |nudge: f64| {
        let mut weights = parameters[index].array();
        weights[place] += nudge;
        let mut parameters = parameters.to_vec();
        parameters[index] = Value::from(weights);
        loss(&parameters, set).value()
    };
    (nudged(nudge) - nudged(-nudge)) / (2.0 * nudge)
}
// ANCHOR_END: check

// ANCHOR: momentum
/// Gradient descent with momentum: a step goes on in the direction of the steps before it.
pub(crate) fn momentum(rate: f64) -> impl FnMut(&mut [Value], &[Value]) {
    let mut velocities: Vec<Value> = Vec::new();
    move |parameters, gradients| {
        if velocities.is_empty() {
            velocities = gradients.iter().map(Value::zeros).collect();
        }
        for (i, gradient) in gradients.iter().enumerate() {
            velocities[i] = &velocities[i] * 0.9 + gradient;
            parameters[i] = &parameters[i] - &velocities[i] * rate;
        }
    }
}
// ANCHOR_END: momentum

// ANCHOR: adam
/// Adam: each parameter has a step of its own size (Kingma and Ba, 2015).
pub(crate) fn adam(rate: f64) -> impl FnMut(&mut [Value], &[Value]) {
    let (mut means, mut squares): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    let mut step = 0;
    move |parameters, gradients| {
        if means.is_empty() {
            means = gradients.iter().map(Value::zeros).collect();
            squares = means.clone();
        }
        step += 1;
        for (i, gradient) in gradients.iter().enumerate() {
            means[i] = &means[i] * 0.9 + gradient * 0.1;
            squares[i] = &squares[i] * 0.999 + gradient * gradient * 0.001;
            // After t steps with the same gradient, both means are still too small: by the factors
            // 1 − 0.9ᵗ and 1 − 0.999ᵗ.
            let mean = &means[i] / (1.0 - 0.9_f64.powi(step));
            let square = &squares[i] / (1.0 - 0.999_f64.powi(step));
            parameters[i] = &parameters[i] - mean / (square.sqrt() + 1e-8) * rate;
        }
    }
}
// ANCHOR_END: adam

// ANCHOR: epoch
/// Goes through a set once, in shuffled batches of 32. Returns the mean of the losses.
pub(crate) fn epoch(
    parameters: &mut [Value],
    set: &Set,
    random: &mut Random,
    mut step: impl FnMut(&mut [Value], &[Value]),
) -> f64 {
    let count = set.pictures.shape()[0];
    let mut total = 0.0;
    for rows in random.shuffled(count).chunks(32) {
        let batch = set.take(rows);
        let (value, gradients) = value_and_grads(|p| loss(p, &batch), parameters);
        step(parameters, &gradients);
        total += value.value() * rows.len() as f64;
    }
    total / count as f64
}
// ANCHOR_END: epoch

// ANCHOR: train
/// How far the training has come after an epoch.
#[derive(Debug, PartialEq)]
pub(crate) struct Progress {
    /// The mean of the losses on the way.
    pub(crate) loss: f64,
    /// The share of the training set that it reads correctly after the epoch.
    pub(crate) accuracy: f64,
    /// The same two for the test set, both after the epoch.
    pub(crate) test_loss: f64,
    pub(crate) test_accuracy: f64,
}

/// Ten epochs from a fresh start.
pub(crate) fn train(
    training: &Set,
    test: &Set,
    mut step: impl FnMut(&mut [Value], &[Value]),
) -> (Vec<Value>, Vec<Progress>) {
    let mut random = Random(1);
    let mut parameters = start(&mut random);
    // The fields are computed from the top: first the epoch, then the measurements.
    let progress = (0..10).map(|_| Progress {
        loss: epoch(&mut parameters, training, &mut random, &mut step),
        accuracy: accuracy(&parameters, training),
        test_loss: loss(&parameters, test).value(),
        test_accuracy: accuracy(&parameters, test),
    });
    let progress = progress.collect();
    (parameters, progress)
}
// ANCHOR_END: train

// ANCHOR: cost
/// What one step records: how many nodes, and how many numbers they hold as results.
pub(crate) fn cost(set: &Set) -> (usize, usize) {
    let trace = Trace::open();
    let boxed = |parameter| Value::Boxed(trace.input(&parameter));
    let parameters: Vec<Value> = start(&mut Random(1)).into_iter().map(boxed).collect();
    let Value::Boxed(loss) = loss(&parameters, set) else {
        unreachable!("what is made of containers is a container");
    };
    let nodes = order(&[loss.node()]);
    let size = |value: &Value| value.shape().iter().product::<usize>();
    let numbers = nodes.iter().map(|node| size(&node.result)).sum();
    (nodes.len(), numbers)
}
// ANCHOR_END: cost

/// The way from the pictures to the scores, in DOT, with the shapes for a batch of 32.
fn print_graph(batch: &Set) {
    let trace = Trace::open();
    let boxed = |parameter| Value::Boxed(trace.input(&parameter));
    let parameters: Vec<Value> = start(&mut Random(1)).into_iter().map(boxed).collect();
    let Value::Boxed(scores) = network(&parameters, &batch.pictures) else {
        unreachable!("what is made of containers is a container");
    };
    // The inputs come first, in the order in which they were made.
    let name = |dot: String, name: &&str| dot.replacen("input", name, 1);
    let picture = ["W1", "b1", "W2", "b2"]
        .iter()
        .fold(draw::dot(&scores), name);
    print!("{picture}");
}

/// A share in percent, six characters wide.
pub(crate) fn percent(share: f64) -> String {
    format!("{:5.1}%", 100.0 * share)
}

fn print_progress(progress: &[Progress]) {
    println!("epoch   loss   right  test loss  test right");
    for (i, epoch) in progress.iter().enumerate() {
        let [right, test_right] = [epoch.accuracy, epoch.test_accuracy].map(percent);
        let (loss, test_loss) = (epoch.loss, epoch.test_loss);
        println!(
            "{:5}  {loss:.3}  {right}  {test_loss:9.3}  {test_right:>10}",
            i + 1
        );
    }
}

/// The losses of both optimisers, as curves.
fn print_curves(named: &[(&str, &[Progress])]) {
    println!("x: epoch");
    println!("y: loss log");
    for (name, progress) in named {
        println!("line: {name}, training");
        for (i, epoch) in progress.iter().enumerate() {
            println!("{} {:.4}", i + 1, epoch.loss);
        }
        println!("line: {name}, test");
        for (i, epoch) in progress.iter().enumerate() {
            println!("{} {:.4}", i + 1, epoch.test_loss);
        }
    }
}

// ANCHOR: first_loss
fn print_first_loss(parameters: &[Value], training: &Set) {
    println!("loss   {:.3}", loss(parameters, training).value());
    println!("ln 10  {:.3}", 10.0_f64.ln());
    println!("right {}", percent(accuracy(parameters, training)));
}
// ANCHOR_END: first_loss

// ANCHOR: gradients
pub(crate) fn print_gradients(parameters: &[Value], training: &Set) {
    let few = training.take(&Vec::from_iter(0..100));
    let (_, gradients) = value_and_grads(|p| loss(p, &few), parameters);
    println!("parameter       gradient  difference");
    let places: [(usize, &[usize]); 5] = [
        (0, &[28, 0]),
        (0, &[35, 20]),
        (1, &[5]),
        (2, &[3, 7]),
        (3, &[2]),
    ];
    for (index, place) in places {
        let gradient = gradients[index].array()[place];
        let difference = finite_difference(parameters, &few, index, place);
        let parameter = format!("{index}, {place:?}");
        println!("{parameter:12}  {gradient:10.7}  {difference:10.7}");
    }
}
// ANCHOR_END: gradients

// ANCHOR: ten
pub(crate) fn print_ten_by_heart(mut parameters: Vec<Value>, training: &Set) {
    let ten = training.take(&Vec::from_iter(0..10));
    let mut random = Random(1);
    let mut step = momentum(0.05);
    println!("step   loss   right");
    for number in 0..=100 {
        if number % 25 == 0 {
            let (loss, right) = (loss(&parameters, &ten), accuracy(&parameters, &ten));
            println!("{number:4}  {:.3}  {}", loss.value(), percent(right));
        }
        epoch(&mut parameters, &ten, &mut random, &mut step);
    }
}
// ANCHOR_END: ten

// ANCHOR: misread
fn print_misread(parameters: &[Value], test: &Set, lines: &[&str]) {
    let read = network(parameters, &test.pictures).argmax_axis(1).array();
    let right = test.answers.argmax_axis(1).array();
    let is_misread = |row: &usize| read[[*row]] != right[[*row]];
    let misread: Vec<usize> = (0..lines.len()).filter(is_misread).collect();
    let ones = misread.iter().filter(|row| right[[**row]] == 1.0);
    println!("misread: {} of {}", misread.len(), lines.len());
    println!("ones among them: {}", ones.count());
    println!("## misread-pictures");
    for row in &misread[..8] {
        let (points, digit) = lines[*row].split_at(64);
        let number = TRAINING + row + 1;
        println!("{points} {number}:{digit} as {}", read[[*row]]);
    }
}
// ANCHOR_END: misread

fn main() {
    let lines: Vec<&str> = LINES.lines().collect();
    let (training_lines, test_lines) = lines.split_at(TRAINING);
    let (training, test) = sets(training_lines, test_lines);
    let parameters = start(&mut Random(1));

    println!("## line");
    println!("{}", lines[0]);
    println!("## pictures");
    println!("{}", lines[..4].join("\n"));
    println!("## forms");
    let answers: String = lines.iter().map(|line| &line[65..]).collect();
    for (place, _) in answers.match_indices("0955") {
        let first = place - 30;
        println!("{:4}  {}…", first + 1, &answers[first..first + 40]);
    }

    println!("## first-loss");
    print_first_loss(&parameters, &training);
    println!("## check");
    print_gradients(&parameters, &training);
    println!("## ten");
    print_ten_by_heart(parameters, &training);

    let (learned, by_momentum) = train(&training, &test, momentum(0.05));
    println!("## momentum");
    print_progress(&by_momentum);
    let (_, by_adam) = train(&training, &test, adam(0.01));
    println!("## adam");
    print_progress(&by_adam);
    println!("## curves");
    print_curves(&[("momentum", &by_momentum), ("Adam", &by_adam)]);
    println!("## misread");
    print_misread(&learned, &test, test_lines);

    println!("## graph");
    print_graph(&training.take(&Vec::from_iter(0..32)));
    println!("## cost");
    println!("pictures  nodes  numbers");
    for count in [1, 32, TRAINING] {
        let (nodes, numbers) = cost(&training.take(&Vec::from_iter(0..count)));
        println!("{count:8}  {nodes:5}  {numbers:7}");
    }
}

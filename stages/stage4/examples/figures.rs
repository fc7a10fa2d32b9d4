//! What the book draws of the two networks that learn: `moons` on its way, step by step, and `digits` when it
//! has learned, with what it reads in some pictures.

#[path = "moons.rs"]
#[allow(dead_code, reason = "it prints its own table")]
mod moons;

#[path = "digits.rs"]
#[allow(dead_code, reason = "it prints tables of its own")]
mod digits;

use ndarray::{Array1, Array2};
use stage4::{Value, vector_jacobian};

/// The places at which the network is asked: so many to the right and up, from −1.4 and −0.8, a tenth apart.
const COLUMNS: usize = 39;
const ROWS: usize = 22;

/// At first much happens in a few steps.
fn is_drawn(step: usize) -> bool {
    let pace = match step {
        0..40 => 5,
        40..100 => 10,
        100..300 => 20,
        _ => 50,
    };
    step.is_multiple_of(pace)
}

/// The points, then the scores of all places, row by row from below, at some of the steps.
fn print_boundary() {
    let mut random = moons::Random(2);
    let data = moons::moons(&mut random);
    println!("from: -1.4 -0.8 by 0.1");
    let (points, labels) = (data.0.array(), data.1.array());
    for (name, side) in [("upper", 1.0), ("lower", -1.0)] {
        println!("points: {name}");
        for (point, label) in points.outer_iter().zip(&labels) {
            if *label == side {
                println!("{:.2} {:.2}", point[[0]], point[[1]]);
            }
        }
    }
    let places = Array2::from_shape_fn((ROWS * COLUMNS, 2), |(place, axis)| match axis {
        0 => -1.4 + (place % COLUMNS) as f64 / 10.0,
        _ => -0.8 + (place / COLUMNS) as f64 / 10.0,
    });
    let places = Value::from(places);
    moons::train(&mut random, &data, |step, loss, parameters| {
        if !is_drawn(step) {
            return;
        }
        let right = 100.0 * moons::accuracy(parameters, &data.0, &data.1);
        println!("step: {step} loss {loss:.3} right {right:.1}%");
        let scores = moons::network(parameters, &places).array();
        for row in Vec::from_iter(scores).chunks(COLUMNS) {
            let row: Vec<String> = row.iter().map(|score| format!("{score:.3}")).collect();
            println!("{}", row.join(" "));
        }
    });
}

/// Lines of the file: two that the network reads well, and two that it misreads.
const PICTURES: [usize; 4] = [1418, 1427, 1472, 1492];

/// The network that has learned by momentum, with numbers of 32 bits, and what it reads.
fn print_pad() {
    let lines: Vec<&str> = digits::LINES.lines().collect();
    let (training_lines, test_lines) = lines.split_at(digits::TRAINING);
    let ink = digits::Set::read(training_lines).pictures;
    let mean = ink.mean();
    let centred = &ink - &mean;
    let deviation = (&centred * &centred).mean().sqrt();
    let (training, test) = digits::sets(training_lines, test_lines);
    let (parameters, _) = digits::train(&training, &test, digits::momentum(0.05));

    let short = |number: f64| f64::from(number as f32);
    let scale = [&mean, &deviation].map(|number| short(number.value()));
    println!("mean: {}\ndeviation: {}", scale[0], scale[1]);
    let parameters = parameters.iter().map(|p| p.array().mapv(short));
    let parameters: Vec<Value> = parameters.map(Value::from).collect();
    for parameter in &parameters {
        let shape: Vec<String> = parameter.shape().iter().map(usize::to_string).collect();
        println!("parameter: {}", shape.join(" "));
        println!("{}", numbers(parameter));
    }

    for line in PICTURES {
        let points = &lines[line - 1][..64];
        let set = digits::Set::read(&lines[line - 1..line]);
        let picture = set.pictures.reshape(&[64]);
        let network = |picture: &Value| {
            let scaled = (picture - scale[0]) / scale[1];
            digits::network(&parameters, &scaled)
        };
        let (scores, pull_back) = vector_jacobian(network, &picture);
        let read = scores.argmax_axis(0).value();
        let seed = Array1::from_shape_fn(10, |digit| f64::from(digit as f64 == read));
        println!("picture: {points} {line}: {}", &lines[line - 1][65..]);
        println!("probabilities: {}", numbers(&scores.softmax_axis(0)));
        println!("digit: {read}");
        println!("gradient: {}", numbers(&pull_back(&Value::from(seed))));
    }
}

/// So that they can be read back without loss.
fn numbers(value: &Value) -> String {
    let numbers = value.array();
    let numbers: Vec<String> = numbers.iter().map(f64::to_string).collect();
    numbers.join(" ")
}

fn main() {
    println!("## boundary");
    print_boundary();
    println!("## pad");
    print_pad();
}

//! What the book draws of the two networks that learn: `moons` on its way, step by step.

#[path = "moons.rs"]
#[allow(dead_code, reason = "it prints its own table")]
mod moons;

use ndarray::Array2;
use stage4::Value;

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

fn main() {
    println!("## boundary");
    print_boundary();
}

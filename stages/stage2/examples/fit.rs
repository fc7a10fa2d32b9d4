//! Gradient descent finds the three numbers of a curve that cools.

use stage2::{Container, backward};

/// Quarters of an hour since the coffee was poured, and its temperature in units of 100 °C.
const READINGS: [(f64, f64); 9] = [
    (0.0, 0.84),
    (0.5, 0.69),
    (1.0, 0.57),
    (1.5, 0.48),
    (2.0, 0.41),
    (2.5, 0.36),
    (3.0, 0.33),
    (3.5, 0.29),
    (4.0, 0.27),
];
const STEPS: usize = 1000;
const LEARNING_RATE: f64 = 0.5;
/// Where the search begins: the room, how much warmer the coffee is, and how fast it cools.
const GUESS: [f64; 3] = [0.5, 0.5, 0.5];

// ANCHOR: loss
/// What the curve says at a time: the room, and what is left of the difference.
fn curve([room, excess, rate]: &[Container; 3], time: f64) -> Container {
    room + excess * (-rate * time).exp()
}

/// The mean of the squared errors.
fn loss(parameters: &[Container; 3]) -> Container {
    let mut sum = Container::new(0.0);
    for (time, temperature) in READINGS {
        let error = curve(parameters, time) - temperature;
        sum += &error * &error;
    }
    sum / READINGS.len() as f64
}
// ANCHOR_END: loss

// ANCHOR: fit
/// Walks downhill from [`GUESS`], and hands step, loss and parameters to `report` on the way.
fn fit(mut report: impl FnMut(usize, f64, [f64; 3])) -> [f64; 3] {
    let mut numbers = GUESS;
    for step in 0..=STEPS {
        let parameters = numbers.map(Container::new);
        let loss = loss(&parameters);
        report(step, loss.value(), numbers);
        let gradients = backward(&[(&loss, 1.0)]);
        for (number, parameter) in numbers.iter_mut().zip(&parameters) {
            *number -= LEARNING_RATE * gradients.of(parameter);
        }
    }
    numbers
}
// ANCHOR_END: fit

/// The curve at many times, as a line of a plot.
fn print_line(name: &str, numbers: [f64; 3]) {
    println!("line: {name}");
    let parameters = numbers.map(Container::new);
    for i in 0..=40 {
        let time = 0.1 * i as f64;
        println!("{time:.1} {:.4}", curve(&parameters, time).value());
    }
}

fn main() {
    println!("## steps");
    println!("step  loss      room   excess  rate");
    let mut tenth = GUESS;
    let found = fit(|step, loss, numbers| {
        let [room, excess, rate] = numbers;
        if [0, 1, 2, 10, 100, 500, 1000].contains(&step) {
            println!("{step:4}  {loss:.6}  {room:.3}  {excess:.3}   {rate:.3}");
        }
        if step == 10 {
            tenth = numbers;
        }
    });

    println!("## curves");
    println!("x: quarters of an hour");
    println!("y: temperature in 100 °C");
    println!("points: readings");
    for (time, temperature) in READINGS {
        println!("{time} {temperature}");
    }
    print_line("the guess", GUESS);
    print_line("after 10 steps", tenth);
    print_line("after 1,000", found);

    println!("## nodes");
    let loss = loss(&found.map(Container::new));
    println!(
        "{} nodes for {} readings",
        stage2::backward::order(&[loss.node()]).len(),
        READINGS.len()
    );
}

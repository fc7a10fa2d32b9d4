//! How accurate the operations are: values and derivatives of stages 1 to 4, compared with numbers
//! of hundreds of digits.
//!
//! ```text
//! cargo run -p tests --example accuracy
//! cargo test -p tests --example accuracy
//! ```
//!
//! Errors are counted in units in the last place: the distance from the `f64` that is nearest to
//! the right number to the one after it. A result that is rounded as well as possible is off by at
//! most half a unit. The second command holds the errors to the bounds in `operations.rs`.

#[cfg(test)]
mod checks;
mod edges;
mod operations;
mod reference;
#[cfg(all(test, feature = "vectorised"))]
mod vectorised;

use operations::{CURVATURE_BOUND, ENGINES, Operation, operations};
use reference::{Big, big};

use tests::dual::Dual;

fn main() {
    println!("## slopes");
    println!(
        "operation | by | value | {} | allowed | worst at",
        ENGINES.join(" | ")
    );
    for row in operations().iter().flat_map(slopes) {
        println!("{row}");
    }
    println!("## curvatures");
    println!("operation | stage 3 | stage 4 | allowed | worst at");
    for row in operations().iter().filter_map(curvatures) {
        println!("{row}");
    }
    println!("## edges");
    print!("{}", edges::table());
    println!("## tanh");
    tanh_rules();
    println!("## asin");
    asin_rules();
    println!("## sums");
    sums();
}

/// The largest error, and where it is.
#[derive(Clone, Default)]
struct Worst {
    error: f64,
    at: Vec<f64>,
}

impl Worst {
    fn see(&mut self, error: f64, at: &[f64]) {
        if error > self.error {
            *self = Worst {
                error,
                at: at.to_vec(),
            };
        }
    }
}

/// One line of a table: an operation and the argument in which it is differentiated.
struct Row {
    name: &'static str,
    by: Option<&'static str>,
    value: Option<Worst>,
    derivatives: Vec<Option<Worst>>,
    bounds: [f64; 2],
}

impl Row {
    fn worst(&self) -> Worst {
        let mut worst = Worst::default();
        for seen in self.derivatives.iter().flatten() {
            worst.see(seen.error, &seen.at);
        }
        worst
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let error = |worst: &Option<Worst>| match worst {
            Some(Worst { error, .. }) => format!("{error:.1}"),
            None => String::new(),
        };
        let mut cells = vec![self.name.to_owned()];
        cells.extend(self.by.map(str::to_owned));
        cells.extend(self.value.is_some().then(|| error(&self.value)));
        cells.extend(self.derivatives.iter().map(error));
        cells.push(self.bounds[1].to_string());
        cells.push(numbers(&self.worst().at));
        f.write_str(&cells.join(" | "))
    }
}

/// As one would write them: `2, 1e-300, 1-1e-16, ∞`.
fn numbers(numbers: &[f64]) -> String {
    let written = numbers.iter().map(|x| {
        if *x != 1.0 && (x - 1.0).abs() < 1e-15 {
            return format!("1{:+.0e}", x - 1.0);
        }
        let text = format!("{x:?}").replace("inf", "∞");
        text.strip_suffix(".0").unwrap_or(&text).to_owned()
    });
    Vec::from_iter(written).join(", ")
}

/// The errors of the values of an operation, and of its derivatives in each argument.
fn slopes(operation: &Operation) -> Vec<Row> {
    let Operation {
        reference, points, ..
    } = operation;
    let engines = operation.gradients.iter();
    let found: Vec<Option<Vec<_>>> = engines
        .map(|gradient| gradient.map(|gradient| points.iter().map(|x| gradient(x)).collect()))
        .collect();

    let mut value = Worst::default();
    for (i, x) in points.iter().enumerate() {
        let right = reference::value(*reference, x);
        for found in found.iter().flatten() {
            value.see(reference::error(found[i].0, &right), x);
        }
    }

    let row = |(number, by): (usize, &&'static str)| {
        let mut derivatives: Vec<Option<Worst>> = found
            .iter()
            .map(|found| found.as_ref().map(|_| Worst::default()))
            .collect();
        for (i, x) in points.iter().enumerate() {
            let argnum = if *by == "last" { x.len() - 1 } else { number };
            let right = reference::slope(*reference, x, argnum);
            for (worst, found) in derivatives.iter_mut().flatten().zip(found.iter().flatten()) {
                worst.see(reference::error(found[i].1[argnum], &right), x);
            }
        }
        Row {
            name: operation.name,
            by: Some(by),
            value: Some(value.clone()),
            derivatives,
            bounds: operation.bounds,
        }
    };
    operation.arguments.iter().enumerate().map(row).collect()
}

/// The errors of the second derivatives of an operation with one argument.
fn curvatures(operation: &Operation) -> Option<Row> {
    if operation.arguments.len() > 1 || operation.curvatures.iter().all(Option::is_none) {
        return None;
    }
    let of = |curvature: &Option<fn(f64) -> f64>| {
        curvature.map(|curvature| {
            let mut worst = Worst::default();
            for x in operation.points.iter().flatten() {
                // Far from 1, the difference of differences would take thousands of digits.
                if (1e-20..=400.0).contains(&x.abs()) {
                    let right = reference::curvature(operation.reference, *x);
                    worst.see(reference::error(curvature(*x), &right), &[*x]);
                }
            }
            worst
        })
    };
    Some(Row {
        name: operation.name,
        by: None,
        value: None,
        derivatives: operation.curvatures.iter().map(of).collect(),
        bounds: [0.0, CURVATURE_BOUND],
    })
}

/// How wrong a slope is, relative to the right one, and with the digits that matter.
fn relative(slope: f64, right: f64) -> String {
    match ((slope - right) / right).abs() {
        0.0 => "0".to_owned(),
        error => format!("{error:.0e}"),
    }
}

/// The errors of three formulas for the slope of tanh that are equal on paper.
fn tanh_rules() {
    println!("x | slope | error of 1 − y² | of (1 − y)(1 + y) | of 1 / cosh² x");
    for x in [1.0_f64, 5.0, 10.0, 15.0, 18.0, 19.0, 20.0, 100.0] {
        let y = x.tanh();
        let right = reference::slope(|x| x[0].tanh(), &[x], 0).to_f64().value();
        let rules = [
            1.0 - y * y,
            (1.0 - y) * (1.0 + y),
            1.0 / x.cosh() / x.cosh(),
        ];
        let errors = rules.map(|slope| relative(slope, right));
        println!("{x} | {right:.3e} | {}", errors.join(" | "));
    }
}

/// The errors of two formulas for the slope of asin that are equal on paper.
fn asin_rules() {
    println!("1 − x | slope | error of 1 / √(1 − x²) | of 1 / √((1 − x)(1 + x))");
    for exponent in [1, 3, 5, 7, 9, 11] {
        let x = 1.0 - 10.0_f64.powi(-exponent);
        let right = reference::slope(|x| x[0].asin(), &[x], 0).to_f64().value();
        let squares = [1.0 - x * x, (1.0 - x) * (1.0 + x)];
        let errors = squares.map(|square| relative(1.0 / square.sqrt(), right));
        println!("1e-{exponent} | {right:.3e} | {}", errors.join(" | "));
    }
}

/// The errors of a slope that is a difference of nearly equal numbers, forwards and backwards, and
/// of the same function, written so that it is not.
fn sums() {
    println!("x | slope | forwards | backwards | of 1 − 1 / (1 + x)");
    for exponent in [0, 4, 8, 12, 16] {
        let x = 10.0_f64.powi(exponent);
        let quotient = |x: &[Big]| &x[0] / (&x[0] + big(1.0, x[0].precision()));
        let right = reference::slope(quotient, &[x], 0).to_f64().value();
        let input: Dual = Dual::input(x);
        let forwards = (input / (input + 1.0)).slope;
        let x = stage4::Value::from(x);
        let backwards = stage4::grad(|x| x / (1.0 + x))(&x).value();
        let otherwise = stage4::grad(|x| 1.0 - 1.0 / (1.0 + x))(&x).value();
        let errors = [forwards, backwards, otherwise].map(|slope| relative(slope, right));
        println!("1e{exponent} | {right:.3e} | {}", errors.join(" | "));
    }
}

//! Wrong rules, and what a gradient checker says about them.
//!
//! ```text
//! cargo run -p tests --example checking
//! ```

use std::cell::{Cell, RefCell};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use stage4::{Primitive, Rule, Value, defvjp, grad, ops};
use tests::diagnosis::examine;
use tests::dual::{self, Dual};
use tests::finite::{self, check, check_orders, close, derivative, directional, step, trusted};
use tests::program::{Step, run};
use tests::stages::Stage;
use tests::workloads::{numbers, rosenbrock};

fn main() {
    define_rules();
    println!("## unnoticed");
    unnoticed();
    println!("## layers");
    layers();
    println!("## steps");
    steps();
    println!("## errors");
    errors();
    println!("## kinks");
    kinks();
    println!("## kink-plot");
    kink_plot();
    println!("## noise");
    noise();
    println!("## directions");
    directions();
    println!("## orders");
    orders();
    println!("## judges");
    judges();
    println!("## report");
    report();
    println!("## guesses");
    guesses();
    println!("## luck-plot");
    luck_plot();
    println!("## shrunk");
    shrunk();
}

// ANCHOR: squares
static SQUARE: Primitive = Primitive::new("square", |args| args.map(|x| x * x));
static TOO_STEEP: Primitive = Primitive::new("too_steep", |args| args.map(|x| x * x));
static UNTRACED: Primitive = Primitive::new("untraced", |args| args.map(|x| x * x));

fn define_rules() {
    defvjp(&SQUARE, &[|g, _, x| g * 2.0 * &x[0]]);
    defvjp(&TOO_STEEP, &[|g, _, x| g * 2.001 * &x[0]]);
    defvjp(&UNTRACED, &[|g, _, x| g * 2.0 * x[0].detach()]);
}
// ANCHOR_END: squares

/// The value of a function and its first two derivatives.
fn value_and_derivatives(f: impl Fn(&Value) -> Value, x: f64) -> [f64; 3] {
    let first = grad(&f);
    let second = grad(&first);
    let x = Value::from(x);
    [f(&x), first(&x), second(&x)].map(|y| y.value())
}

fn unnoticed() {
    println!("x² as                    square    too_steep     untraced");
    let squares = [&SQUARE, &TOO_STEEP, &UNTRACED];
    let at_3 = squares.map(|square| value_and_derivatives(|x| square.bind(&[x]), 3.0));
    let names = ["value at 3", "slope", "slope of the slope"];
    for (row, name) in names.iter().enumerate() {
        let [a, b, c] = at_3.map(|numbers| numbers[row]);
        println!("{name:<18}{a:>13}{b:>13}{c:>13}");
    }
    // Gradient descent does not care about a slope that is a little too steep.
    let [a, b, c] = squares.map(|square| {
        let slope = grad(|x| square.bind(&[&(x - 5.0)]));
        let downhill = |x: Value, _| &x - slope(&x) * 0.1;
        (0..200).fold(Value::from(0.0), downhill).value()
    });
    println!("downhill to       {a:>13.6}{b:>13.6}{c:>13.6}");
}

/// The picture of the checks at two orders, with the numbers of the rule that is not traced.
fn layers() {
    let [value, first, second] = value_and_derivatives(|x| UNTRACED.bind(&[x]), 3.0);
    let number = |x: f64| Value::from(x);
    let of_value = derivative(|x| UNTRACED.bind(&[&number(x)]).value(), 3.0);
    let slope = grad(|x| UNTRACED.bind(&[x]));
    let of_slope = derivative(|x| slope(&number(x)).value(), 3.0);
    println!("digraph {{");
    println!("  f0 [label=\"the value\\n{value}\"];");
    println!("  f1 [label=\"the slope\\n{first}\"];");
    println!("  f2 [label=\"the slope's slope\\n{second}\"];");
    println!("  d1 [label=\"measured\\n{of_value:.3}\", shape=ellipse];");
    println!("  d2 [label=\"measured\\n{of_slope:.3}\", shape=ellipse];");
    println!("  f0 -> f1 [label=\"engine\"];");
    println!("  f1 -> f2 [label=\"engine\"];");
    println!("  f0 -> d1 [label=\"difference\"];");
    println!("  f1 -> d2 [label=\"difference\"];");
    println!("  d1 -> f1 [label=\"close?\", style=dashed];");
    println!("  d2 -> f2 [label=\"close?\", style=dashed];");
    println!("}}");
}

fn steps() {
    println!("     x  error with a step of 1e-6  error with ours");
    for exponent in [-6, -3, 0, 3, 6, 9, 12] {
        let x = 10.0_f64.powi(exponent);
        let exact = -1.0 / (x * x);
        let error = |slope: f64| ((slope - exact) / exact).abs();
        let (left, right) = (x - 1e-6, x + 1e-6);
        let fixed = error((1.0 / right - 1.0 / left) / 2e-6);
        let ours = error(derivative(|x| 1.0 / x, x));
        println!("{:>6}{fixed:>27.0e}{ours:>17.0e}", format!("1e{exponent}"));
    }
}

fn errors() {
    let judged = |name: &str, claimed: f64, finite: f64| {
        let absolute = (claimed - finite).abs();
        let relative = absolute / claimed.abs().max(finite.abs());
        let verdict = |wrong: bool| if wrong { "wrong" } else { "right" };
        println!(
            "{name:<25}{claimed:>12.0e}{finite:>12.0e}{:>10}{:>10}{:>8}",
            verdict(absolute > finite::TOLERANCE),
            verdict(relative > finite::TOLERANCE),
            verdict(!close(claimed, finite))
        );
    };
    println!("rule                          claimed    measured  absolute  relative    ours");
    let cubic = |x: f64| x * x * x - 3.0 * x;
    judged("x³ - 3x at 2", 9.0, derivative(cubic, 2.0));
    judged("x³ - 3x at 1", 0.0, derivative(cubic, 1.0));
    judged("x⁵ at 1000", 5e12, derivative(|x: f64| x.powi(5), 1000.0));
    let tiny = |x: f64| 1e-9 * x * x;
    judged("x²/10⁹ at 3, rule ÷ 2", 3e-9, derivative(tiny, 3.0));
    judged("x² at 3, rule ÷ 2", 3.0, derivative(|x| x * x, 3.0));
}

fn kinks() {
    println!("where                      left side  right side  measured    engine  trusted");
    let show = |name: &str, f: &dyn Fn(&Value) -> Value, x: f64, sides: [f64; 2]| {
        let plain = |x: f64| f(&Value::from(x)).value();
        let (measured, engine) = (derivative(plain, x), grad(f)(&Value::from(x)).value());
        let trusted = if trusted(plain, x).is_some() {
            "yes"
        } else {
            "no"
        };
        println!(
            "{name:<22}{:>14}{:>12}{measured:>10.2}{engine:>10}{trusted:>9}",
            sides[0], sides[1]
        );
    };
    show("|x| at 0", &|x| x.abs(), 0.0, [-1.0, 1.0]);
    show("|x| at 0.000002", &|x| x.abs(), 2e-6, [1.0, 1.0]);
    show("|x| at 0.01", &|x| x.abs(), 0.01, [1.0, 1.0]);
    show("larger of x, 3 at 3", &|x| x.maximum(3.0), 3.0, [0.0, 1.0]);
    let relu = |x: &Value| x * x.greater(0.0);
    show("x if x > 0, at 0", &relu, 0.0, [0.0, 1.0]);
    show("floor x at 1", &|x| x.floor() + x * 0.0, 1.0, [0.0, 0.0]);
}

/// What is said of the slope of |x| beside its kink, in steps of the ruler.
fn kink_plot() {
    println!("x: distance from the kink, in steps\ny: slope of |x|");
    let engine = grad(Value::abs);
    println!("line: engine");
    for place in [-4.0, -1e-3, 1e-3, 4.0] {
        println!("{place} {}", engine(&Value::from(place)).value());
    }
    let slope = |x: f64, h: f64| ((x + h).abs() - (x - h).abs()) / (2.0 * h);
    for (name, times) in [("measured", 1.0), ("twice the step", 2.0)] {
        println!("line: {name}");
        for place in -4..=4 {
            let x = f64::from(place) * step(0.0);
            println!("{place} {:.3}", slope(x, times * step(0.0)));
        }
    }
}

fn noise() {
    println!("     c    measured     error  ε·c / step   close");
    for exponent in [3, 5, 7, 9, 11] {
        let c = 10.0_f64.powi(exponent);
        let measured = derivative(|x| x * x + c, 3.0);
        println!(
            "{:>6}{measured:>12.6}{:>10.0e}{:>12.0e}{:>8}",
            format!("1e{exponent}"),
            (measured - 6.0).abs(),
            f64::EPSILON * c / step(3.0),
            if close(measured, 6.0) { "yes" } else { "no" }
        );
    }
}

fn directions() {
    let x = numbers(1000);
    let right = rosenbrock::by_hand(&x).1;
    let mut doubled = right.clone();
    doubled[500] *= 2.0;
    let mut swapped = right.clone();
    swapped.swap(500, 501);

    let mut first = vec![0.0; 1000];
    first[0] = 1.0;
    let mut random = numbers(2000);
    random.drain(..1000);
    let directions = [
        ("the first input alone", first),
        ("all inputs alike", vec![1.0; 1000]),
        ("each at its own speed", random),
    ];
    let runs = Cell::new(0);
    let f = |x: &[f64]| {
        runs.set(runs.get() + 1);
        rosenbrock::function::<f64>(x)
    };
    println!("what moves                 runs  right gradient    500 doubled    500, 501 swapped");
    let row = |name: &str, passes: &dyn Fn(&[f64]) -> bool| {
        let words = |passes: bool| if passes { "passes" } else { "caught" };
        runs.set(0);
        let right = words(passes(&right));
        let runs = runs.get();
        let (doubled, swapped) = (words(passes(&doubled)), words(passes(&swapped)));
        println!("{name:<26}{runs:>5}{right:>16}{doubled:>15}{swapped:>20}");
    };
    row("every input in turn", &|gradient| {
        check(f, &x, gradient).is_ok()
    });
    for (name, direction) in &directions {
        row(name, &|gradient| {
            let product = gradient.iter().zip(direction).map(|(g, v)| g * v).sum();
            close(product, directional(f, &x, direction))
        });
    }
}

fn orders() {
    for square in [&SQUARE, &TOO_STEEP, &UNTRACED] {
        let f = |x: &Value| square.bind(&[x]);
        let first = grad(f);
        let second = grad(&first);
        let orders: [&dyn Fn(f64) -> f64; 3] = [
            &|x| f(&Value::from(x)).value(),
            &|x| first(&Value::from(x)).value(),
            &|x| second(&Value::from(x)).value(),
        ];
        match check_orders(&orders, 3.0) {
            Ok(()) => println!("{:<10} nothing found", square.name),
            Err((order, mismatch)) => println!("{:<10} order {order}, {mismatch}", square.name),
        }
    }
}

fn judges() {
    println!("      factor    finite difference    dual number");
    let finite = derivative(|x| x * x, 3.0);
    let dual = dual::gradient(|x: &[Dual]| x[0] * x[0], &[3.0])[0];
    for exponent in [3, 5, 7, 9, 11, 13] {
        let factor = 2.0 + 10.0_f64.powi(-exponent);
        let claimed = factor * 3.0;
        let words = |passes: bool| if passes { "passes" } else { "caught" };
        let by_dual = finite::relative_error(claimed, dual) < 1e-13;
        println!(
            "{:>12}{:>21}{:>15}",
            format!("2 + 1e-{exponent}"),
            words(close(claimed, finite)),
            words(by_dual)
        );
    }
}

/// What `examine` has to say about x² at 3 with a rule of one's own.
macro_rules! examined {
    ($name:literal, $rule:expr) => {{
        static SQUARE: Primitive = Primitive::new("square", |args| args.map(|x| x * x));
        let rule: Rule = $rule;
        defvjp(&SQUARE, &[rule]);
        let f = |x: f64| SQUARE.bind(&[&Value::from(x)]).value();
        let gradient = grad(|x| SQUARE.bind(&[x]))(&Value::from(3.0)).value();
        let dual = dual::gradient(|x: &[Dual]| x[0] * x[0], &[3.0]);
        let (x, finite) = ([("x", 3.0)], derivative(f, 3.0));
        examine("stage4", $name, &x, 1e-13, &[gradient], &[finite], &dual).remove(0)
    }};
}

fn report() {
    println!("{}", examined!("x · x", |g, _, x| g * &x[0]));
}

fn guesses() {
    let reports = [
        ("g · 4x", examined!("x · x", |g, _, x| g * 4.0 * &x[0])),
        ("g · -2x", examined!("x · x", |g, _, x| g * -2.0 * &x[0])),
        ("0", examined!("x · x", |_, _, x| x[0].zeros())),
        (
            "g · 0 · ∞",
            examined!("x · x", |g, _, _| g * 0.0 * f64::INFINITY),
        ),
        (
            "g · 2.001x",
            examined!("x · x", |g, _, x| g * 2.001 * &x[0]),
        ),
    ];
    println!("rule        gradient  guess");
    for (rule, report) in reports {
        let tests::diagnosis::Seen::Number { gradient, .. } = report.seen else {
            unreachable!("the engine refuses wrong shapes itself");
        };
        let guess = report.guess().map(|guess| guess.words());
        let words = guess.unwrap_or("none: compare the rule with a table of derivatives");
        let short = words.split([':', ',']).next().unwrap_or(words);
        println!("{rule:<12}{gradient:>8}  {short}");
    }
}

fn luck_plot() {
    println!("x: x\ny: slope");
    let places = || (-10..=20).map(|tenth| f64::from(tenth) / 10.0);
    println!("line: the rule");
    places().for_each(|x| println!("{x} {:.3}", 2.0 * x * x));
    println!("line: measured");
    places().for_each(|x| println!("{x} {:.3}", derivative(|x| x * x, x)));
    println!("mark: 0 0 passes\nmark: 1 2 passes");
}

/// A program as lines: the inputs are named a, b, c and d, the results v1, v2 and so on.
fn print_program(steps: &[Step], inputs: usize) {
    for (number, step) in steps.iter().enumerate() {
        let name = |index: usize| match index % (inputs + number) {
            input if input < inputs => ["a", "b", "c", "d"][input].to_owned(),
            result => format!("v{}", result - inputs + 1),
        };
        let text = match *step {
            Step::Add(x, y) => format!("{} + {}", name(x), name(y)),
            Step::Sub(x, y) => format!("{} - {}", name(x), name(y)),
            Step::Mul(x, y) => format!("{} · {}", name(x), name(y)),
            Step::Div(x, y) => format!("{} / (1 + {}²)", name(x), name(y)),
            Step::Powf(x, y) => format!("(1 + {}²)^tanh {}", name(x), name(y)),
            Step::Neg(x) => format!("-{}", name(x)),
            Step::Sin(x) => format!("sin {}", name(x)),
            Step::Cos(x) => format!("cos {}", name(x)),
            Step::Tanh(x) => format!("tanh {}", name(x)),
            Step::Exp(x) => format!("exp(tanh {})", name(x)),
            Step::Ln(x) => format!("ln(1 + {}²)", name(x)),
            Step::Sqrt(x) => format!("sqrt(1 + {}²)", name(x)),
        };
        println!("    v{} = {text}", number + 1);
    }
}

fn shrunk() {
    // The cosine loses its minus, in this program only.
    defvjp(&ops::COS, &[|g, _, x| g * x[0].sin()]);

    let any_step = (0..Step::KINDS, any::<usize>(), any::<usize>());
    let step = any_step.prop_map(|(kind, x, y)| Step::new(kind, x, y));
    let programs = prop::collection::vec(step, 1..40);
    let points = prop::collection::vec(-2.0..2.0, 1..5);
    let first = RefCell::new(None);
    let tried = Cell::new(0);
    let agrees = |(steps, x): (Vec<Step>, Vec<f64>)| {
        tried.set(tried.get() + 1);
        let (_, gradient) = Value::gradient(|x| run::<Value>(&steps, x), &x);
        let dual = dual::gradient(|x| run::<Dual>(&steps, x), &x);
        let near = |(a, b): (&f64, &f64)| finite::relative_error(*a, *b) < 1e-9;
        if !gradient.iter().zip(&dual).all(near) {
            first.borrow_mut().get_or_insert((tried.get(), steps, x));
            return Err(TestCaseError::fail("the gradients differ"));
        }
        Ok(())
    };
    // Always the same programs, so that the book is always the same.
    let random = TestRng::deterministic_rng(RngAlgorithm::default());
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    let result = TestRunner::new_with_rng(config, random).run(&(programs, points), agrees);
    let Err(TestError::Fail(_, (steps, x))) = result else {
        panic!("a wrong rule was not found: {result:?}");
    };
    let (number, long, at) = first.take().expect("a program has failed");
    println!("program {number} of the random ones fails:\n");
    print_program(&long, at.len());
    println!("\nafter {} more tries:\n", tried.get() - number);
    print_program(&steps, x.len());
    println!("\nat a = {}", x[0]);
}

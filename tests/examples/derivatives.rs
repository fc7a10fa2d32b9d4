//! The tables and pictures of the chapter on derivatives of programs.
//!
//! ```text
//! cargo run -p tests --example derivatives
//! ```
//!
//! Nothing here is timed: operations are counted, by letting a trace of stage 3 watch them.

use std::fmt;
use std::rc::Rc;

use ndarray::array;
use stage3::{Trace, Value, backward};
use tests::dual::Dual;
use tests::finite::derivative;
use tests::number::{Number, Operators};
use tests::workloads::{numbers, rosenbrock};

fn main() {
    println!("## slope-plot");
    slope_plot();
    println!("## errors");
    errors();
    println!("## error-plot");
    error_plot();
    println!("## best-step");
    best_step();
    println!("## formula");
    let once = logistic_formula(X);
    println!("{once}\n{}", once.derivative());
    println!("## swell");
    swell();
    println!("## swell-plot");
    swell_plot();
    println!("## cost");
    cost();
    println!("## cost-plot");
    cost_plot();
    println!("## backwards-factor");
    if let Some((_, value, [.., reverse])) = costs().last() {
        println!("{}", times(reverse, value));
    }
    jacobians();
    println!("## floor-plot");
    floor_plot();
}

/// z = x·y + sin x at y = 4.2, and the straight line that touches it at 0.5.
fn slope_plot() {
    let z = |x: f64| x * 4.2 + x.sin();
    let (at, slope) = (0.5, derivative(z, 0.5));
    println!("x: x\ny: z, for y = 4.2\nline: z");
    for quarter in -4..=16 {
        let x = f64::from(quarter) / 4.0;
        println!("{x} {:.3}", z(x));
    }
    println!("guide: slope {slope:.2}");
    for x in [-1.0, 4.0] {
        println!("{x} {:.3}", z(at) + slope * (x - at));
    }
    println!("mark: {at} {:.3} x = {at}", z(at));
}

/// floor(x)·x² between whole numbers: one parabola for each.
fn floor_plot() {
    let steps = |x: &Value| x.floor() * x * x;
    println!("x: x\ny: floor(x) · x²");
    for (whole, name) in [(-2, "−2x²"), (-1, "−x²"), (1, "x²"), (2, "2x²")] {
        println!("line: {name}");
        for step in 0..25 {
            let x = Value::from(f64::from(whole) + f64::from(step) / 25.0);
            println!("{} {:.4}", x.value(), steps(&x).value());
        }
    }
    let at = Value::from(2.5);
    let (value, slope) = (steps(&at).value(), stage3::grad(steps)(&at).value());
    println!("mark: 2.5 {value} slope {slope}");
}

/// The one-sided and the central difference of the sine at 1.
fn differences(h: f64) -> [f64; 2] {
    let x = 1.0_f64;
    let one_sided = ((x + h).sin() - x.sin()) / h;
    let central = ((x + h).sin() - (x - h).sin()) / (2.0 * h);
    [one_sided, central]
}

fn difference_errors(h: f64) -> [f64; 2] {
    differences(h).map(|slope| (slope - 1.0_f64.cos()).abs())
}

fn errors() {
    println!("h      one-sided    central");
    for exponent in 1..=14 {
        let [one_sided, central] = difference_errors(10.0_f64.powi(-exponent));
        println!("1e-{exponent:<4}{one_sided:>9.1e}{central:>11.1e}");
    }
}

/// Four for each power of ten, the smallest first.
fn plotted_steps() -> impl Iterator<Item = f64> {
    let quarters = (4..=64).rev();
    quarters.map(|quarter| 10.0_f64.powf(f64::from(-quarter) / 4.0))
}

fn error_plot() {
    println!("x: step h log\ny: error log");
    for (which, name) in ["one-sided", "central"].iter().enumerate() {
        println!("points: {name}");
        for h in plotted_steps() {
            let error = difference_errors(h)[which];
            // By luck a difference can be right in all digits. A logarithm has no place for that.
            if error > 0.0 {
                println!("{h:.2e} {error:.2e}");
            }
        }
    }

    // What the Taylor series says, by the second and the third derivative of the sine.
    let truncation = [
        |h: f64| h / 2.0 * 1.0_f64.sin(),
        |h: f64| h * h / 6.0 * 1.0_f64.cos(),
    ];
    let rounding = |h: f64| f64::EPSILON / h;
    let guide = |name: &str, error: &dyn Fn(f64) -> f64, steps: [f64; 2]| {
        println!("guide: {name}");
        for h in steps {
            println!("{h:.2e} {:.2e}", error(h));
        }
    };
    guide("slope 1", &truncation[0], [1e-1, 1e-10]);
    guide("slope 2", &truncation[1], [1e-1, 1e-6]);
    guide("slope −1", &rounding, [1e-4, 1e-16]);
    let epsilon = f64::EPSILON;
    for (h, truncation, name) in [
        (epsilon.sqrt(), truncation[0], "√ε"),
        (epsilon.cbrt(), truncation[1], "∛ε"),
    ] {
        println!("mark: {h:.2e} {:.2e} {name}", truncation(h) + rounding(h));
    }
    println!(
        "slide: {} difference | slope | error | digits",
        1.0_f64.cos()
    );
    plotted_steps().for_each(stop);
}

/// What both differences say at a step, and the sine around 1 as the machine computes it.
fn stop(h: f64) {
    const NAMES: [&str; 2] = ["one-sided", "central"];
    let exact = 1.0_f64.cos();
    let slopes = differences(h);
    println!("stop: {h:.2e}");
    for (name, slope) in NAMES.iter().zip(slopes) {
        let (error, digits) = ((slope - exact).abs(), digits(slope, exact));
        println!("{name} | {slope:.14} | {error:.2e} | {digits}");
    }
    println!("exact | {exact:.14} | |");

    let count = |slope| match digits(slope, exact) {
        0 => "no correct digit".to_owned(),
        1 => "1 correct digit".to_owned(),
        digits => format!("{digits} correct digits"),
    };
    // Both quotients without a difference of numbers close to each other, so without its rounding.
    let half = h / 2.0;
    let unrounded = [(1.0 + half).cos() * half.sin() / half, exact * h.sin() / h];
    let larger: Vec<&str> = slopes
        .iter()
        .zip(unrounded)
        .map(|(slope, unrounded)| {
            let (truncation, rounding) = (unrounded - exact, slope - unrounded);
            let is_rounding = rounding.abs() > truncation.abs();
            if is_rounding {
                "rounding"
            } else {
                "truncation"
            }
        })
        .collect();
    let why = match larger[..] {
        [one_sided, central] if one_sided != central => {
            format!("The first error is mostly {one_sided}, the second mostly {central}.")
        }
        _ => format!("Both errors are mostly {}.", larger[0]),
    };
    let [one_sided, central] = slopes.map(count);
    println!(
        "say: With h = {h:.2e} the one-sided difference has {one_sided}, and the central difference has {central}. {why}"
    );

    let sine = |eighth: i32| (1.0 + f64::from(eighth) * h / 8.0).sin();
    let near = (-16..=16).map(|eighth| format!("{:.3}", (sine(eighth) - sine(0)) / h));
    println!("near: {}", near.collect::<Vec<_>>().join(" "));
}

/// How many decimals of two numbers agree, up to the first that differs.
fn digits(slope: f64, exact: f64) -> usize {
    let texts = [slope, exact].map(|number| format!("{number:.14}"));
    let same = texts[0].chars().zip(texts[1].chars());
    let same = same.take_while(|(a, b)| a == b).count();
    same.saturating_sub("0.".len())
}

fn best_step() {
    let best = |which: usize| {
        let error = |exponent: &i32| difference_errors(10.0_f64.powi(-exponent))[which];
        let exponents = 1..=14;
        exponents
            .min_by(|a, b| error(a).total_cmp(&error(b)))
            .expect("there are 14")
    };
    let epsilon = f64::EPSILON;
    println!("difference    best power of ten    in theory");
    println!(
        "one-sided     1e-{}    √ε = {:.1e}",
        best(0),
        epsilon.sqrt()
    );
    println!(
        "central       1e-{}    ∛ε = {:.1e}",
        best(1),
        epsilon.cbrt()
    );
}

/// A formula of x, as a tree.
enum Formula {
    X,
    Number(f64),
    Add(Rc<Formula>, Rc<Formula>),
    Sub(Rc<Formula>, Rc<Formula>),
    Mul(Rc<Formula>, Rc<Formula>),
}

use Formula::{Add, Mul, Number as Constant, Sub, X};

impl Formula {
    /// The derivative by the rules from school, and nothing tidied up.
    fn derivative(&self) -> Formula {
        let d = |u: &Formula| Rc::new(u.derivative());
        match self {
            X => Constant(1.0),
            Constant(_) => Constant(0.0),
            Add(u, v) => Add(d(u), d(v)),
            Sub(u, v) => Sub(d(u), d(v)),
            Mul(u, v) => Add(
                Rc::new(Mul(d(u), Rc::clone(v))),
                Rc::new(Mul(Rc::clone(u), d(v))),
            ),
        }
    }

    /// How many numbers, variables and signs it takes to write the formula down.
    fn size(&self) -> u64 {
        match self {
            X | Constant(_) => 1,
            Add(u, v) | Sub(u, v) | Mul(u, v) => 1 + u.size() + v.size(),
        }
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            X => write!(f, "x"),
            Constant(number) => write!(f, "{number}"),
            Add(u, v) => write!(f, "({u} + {v})"),
            Sub(u, v) => write!(f, "({u} - {v})"),
            Mul(u, v) => write!(f, "{u}·{v}"),
        }
    }
}

/// 4u(1 − u), the logistic map, as a formula.
fn logistic_formula(u: Formula) -> Formula {
    let u = Rc::new(u);
    let rest = Sub(Rc::new(Constant(1.0)), Rc::clone(&u));
    Mul(Rc::new(Mul(Rc::new(Constant(4.0)), u)), Rc::new(rest))
}

/// The same as a program, repeated: each result has a name, and is used twice.
fn logistic<N: Number>(times: usize, x: &N) -> N
where
    for<'a> &'a N: Operators<N>,
{
    (0..times).fold(x.clone(), |u, _| &u * 4.0 * (N::from(1.0) - &u))
}

/// What the formula takes after so many repetitions, its derivative, and the program: symbols and
/// operations.
struct Sizes {
    formula: u64,
    derivative: u64,
    value: u64,
    forward: u64,
    reverse: u64,
}

fn sizes() -> impl Iterator<Item = (usize, Sizes)> {
    (1..=8).map(|times| {
        let formula = (0..times).fold(X, |formula, _| logistic_formula(formula));
        let program = |x: &[Value]| logistic::<Value>(times, &x[0]);
        let dual = |x: &[Dual<Value>]| logistic::<Dual<Value>>(times, &x[0]);
        let sizes = Sizes {
            formula: formula.size(),
            derivative: formula.derivative().size(),
            value: value_operations(program, &[0.3]),
            forward: forward_operations(dual, &[0.3]),
            reverse: reverse_operations(program, &[0.3]),
        };
        (times, sizes)
    })
}

fn swell() {
    println!("repetitions  formula  derivative  value  forward  reverse");
    for (times, sizes) in sizes() {
        println!(
            "{times:11}  {:7}  {:10}  {:5}  {:7}  {:7}",
            sizes.formula, sizes.derivative, sizes.value, sizes.forward, sizes.reverse
        );
    }
}

fn swell_plot() {
    println!("x: repetitions\ny: symbols or operations log");
    type Size = fn(&Sizes) -> u64;
    let lines: [(&str, Size); 4] = [
        ("forward mode", |sizes| sizes.forward),
        ("reverse mode", |sizes| sizes.reverse),
        ("the formula", |sizes| sizes.formula),
        ("its derivative", |sizes| sizes.derivative),
    ];
    for (name, size) in lines {
        println!("line: {name}");
        for (times, sizes) in sizes() {
            println!("{times} {}", size(&sizes));
        }
    }
}

/// No more decimals than are needed, and at most so many.
fn short(number: f64, decimals: i32) -> String {
    let power = 10.0_f64.powi(decimals);
    // With 0 added, −0 is 0.
    ((number * power).round() / power + 0.0).to_string()
}

/// The operations of Rosenbrock's function of so many inputs, and of its gradient: by finite
/// differences, forwards and backwards.
fn costs() -> impl Iterator<Item = (usize, u64, [u64; 3])> {
    [2, 10, 100, 1000].into_iter().map(|inputs| {
        let x = numbers(inputs);
        let value = value_operations(rosenbrock::function::<Value>, &x);
        // Two runs for each input, and one run for each input.
        let finite = 2 * inputs as u64 * value;
        let forward = inputs as u64 * forward_operations(rosenbrock::function::<Dual<Value>>, &x);
        let reverse = reverse_operations(rosenbrock::function::<Value>, &x);
        (inputs, value, [finite, forward, reverse])
    })
}

/// How many times the operations of the value that is.
fn times(operations: u64, value: u64) -> String {
    format!("{:.1}", operations as f64 / value as f64)
}

const WAYS: [&str; 3] = ["finite differences", "forward mode", "reverse mode"];

fn cost() {
    let [finite, forward, reverse] = WAYS;
    println!("inputs  value  {finite}       ×  {forward}       ×  {reverse}    ×");
    for (inputs, value, ways) in costs() {
        let [finite, forward, reverse] = ways;
        let [by_finite, by_forward, by_reverse] = ways.map(|way| times(way, value));
        println!(
            "{inputs:6}  {value:5}  {finite:18}  {by_finite:>6}  {forward:12}  {by_forward:>6}  {reverse:12}  {by_reverse:>3}"
        );
    }
}

fn cost_plot() {
    println!("x: inputs log\ny: operations for the gradient / for the value log");
    for (way, name) in WAYS.iter().enumerate() {
        println!("line: {name}");
        for (inputs, value, ways) in costs() {
            println!("{inputs} {}", times(ways[way], value));
        }
    }
}

/// The Jacobians of f(x) = g(h(x)), with a product of matrices for g and the sine for h. Then a row
/// that goes through the one and the other.
fn jacobians() {
    use stage4::{Value, jacobian};
    let m = Value::from(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let x = Value::from(array![0.5, 1.0, 2.0]);
    let h = |x: &Value| x.sin();
    let g = |x: &Value| m.dot(x);
    let by_g = jacobian(g)(&h(&x));
    let by_h = jacobian(h)(&x);
    let by_f = jacobian(|x: &Value| g(&h(x)))(&x);

    println!("## jacobians");
    matrix("J of g", &by_g);
    matrix("× J of h", &by_h);
    matrix("= J of f", &by_f);

    println!("## row-first");
    let mut row = Value::from(array![1.0, 10.0]);
    for (name, jacobian) in [("J of g", &by_g), ("J of h", &by_h)] {
        let product = row.dot(jacobian);
        matrix(name, jacobian);
        println!("left row: {}", numbers_of(&row));
        println!("below product: {}", numbers_of(&product));
        row = product;
    }
}

fn matrix(name: &str, matrix: &stage4::Value) {
    println!("matrix: {name}");
    for row in matrix.array().rows() {
        let row = stage4::Value::from(row.to_owned());
        println!("{}", numbers_of(&row));
    }
}

fn numbers_of(row: &stage4::Value) -> String {
    let array = row.array();
    let words: Vec<String> = array.iter().map(|&number| short(number, 2)).collect();
    words.join(" ")
}

/// The operations of one run of `f`: each makes a node.
fn value_operations(f: impl Fn(&[Value]) -> Value, x: &[f64]) -> u64 {
    let watch = Trace::open();
    let x: Vec<Value> = x.iter().map(|&x| boxed(&watch, &Value::from(x))).collect();
    nodes(|| drop(f(&x)))
}

/// The operations of one run with dual numbers, for one of the derivatives.
fn forward_operations(f: impl Fn(&[Dual<Value>]) -> Dual<Value>, x: &[f64]) -> u64 {
    let watch = Trace::open();
    let dual = |(number, &x): (usize, &f64)| Dual {
        value: boxed(&watch, &Value::from(x)),
        slope: boxed(&watch, &Value::from(if number == 0 { 1.0 } else { 0.0 })),
    };
    let x: Vec<Dual<Value>> = x.iter().enumerate().map(dual).collect();
    nodes(|| drop(f(&x)))
}

/// The operations of one run and the walk back, for all derivatives.
fn reverse_operations(f: impl Fn(&[Value]) -> Value, x: &[f64]) -> u64 {
    let recorded = value_operations(&f, x);
    // The outer trace watches what the inner one lets the engine do.
    let watch = Trace::open();
    let x: Vec<Value> = x.iter().map(|&x| boxed(&watch, &Value::from(x))).collect();
    let seed = boxed(&watch, &Value::from(1.0));
    let all = nodes(|| {
        let trace = Trace::open();
        let x: Vec<Value> = x.iter().map(|x| boxed(&trace, x)).collect();
        let Value::Boxed(output) = f(&x) else {
            panic!("a function of containers is a container");
        };
        backward(&[(&output, seed)]);
    });
    // Those of the inner trace are the record, not the work.
    all - recorded - x.len() as u64
}

fn boxed(trace: &Trace, value: &Value) -> Value {
    Value::Boxed(trace.input(value))
}

/// How many nodes `run` makes: they are numbered.
fn nodes(run: impl FnOnce()) -> u64 {
    let next = || Trace::open().input(&Value::from(0.0)).node().id;
    let before = next();
    run();
    next() - before - 1
}

//! The tables of the chapter on derivatives of programs.
//!
//! ```text
//! cargo run -p tests --example derivatives
//! ```
//!
//! Nothing here is timed: operations are counted, by letting a trace of stage 3 watch them.

use std::fmt;
use std::rc::Rc;

use stage3::{Trace, Value, backward};
use tests::dual::Dual;
use tests::number::{Number, Operators};
use tests::workloads::{numbers, rosenbrock};

fn main() {
    println!("## errors");
    errors();
    println!("## best-step");
    best_step();
    println!("## symbolic");
    symbolic();
    println!("## cost");
    cost();
}

/// The error of the one-sided and of the central difference of the sine at 1.
fn difference_errors(h: f64) -> [f64; 2] {
    let (x, exact) = (1.0_f64, 1.0_f64.cos());
    let one_sided = ((x + h).sin() - x.sin()) / h;
    let central = ((x + h).sin() - (x - h).sin()) / (2.0 * h);
    [one_sided, central].map(|slope| (slope - exact).abs())
}

fn errors() {
    println!("The derivative of sin x at 1: how wrong are differences?\n");
    println!("h         one-sided     central");
    for exponent in 1..=14 {
        let [one_sided, central] = difference_errors(10.0_f64.powi(-exponent));
        println!(
            "{:<8}{one_sided:>11.1e}{central:>12.1e}",
            format!("1e-{exponent}")
        );
    }
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
    println!("            best in the table    theory");
    println!(
        "one-sided   h = 1e-{:<10}    ε^(1/2) = {:.1e}",
        best(0),
        epsilon.sqrt()
    );
    println!(
        "central     h = 1e-{:<10}    ε^(1/3) = {:.1e}",
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

fn symbolic() {
    let once = logistic_formula(X);
    println!("u = 4u(1 - u), beginning with x. Once, and its derivative:\n");
    println!("{once}");
    println!("{}\n", once.derivative());
    println!("            symbols to write it down    operations to compute it");
    println!("repeated       formula    derivative    value  forward   reverse");
    for times in 1..=8 {
        let formula = (0..times).fold(X, |formula, _| logistic_formula(formula));
        let program = |x: &[Value]| logistic::<Value>(times, &x[0]);
        let dual = |x: &[Dual<Value>]| logistic::<Dual<Value>>(times, &x[0]);
        println!(
            "{times:>8}{:>14}{:>14}{:>9}{:>9}{:>10}",
            formula.size(),
            formula.derivative().size(),
            value_operations(program, &[0.3]),
            forward_operations(dual, &[0.3]),
            reverse_operations(program, &[0.3]),
        );
    }
}

fn cost() {
    println!("Operations for Rosenbrock's function and its gradient, and how many times those of");
    println!("the value that is\n");
    println!("inputs    value    finite differences       forward mode      reverse mode");
    for inputs in [2, 10, 100, 1000] {
        let x = numbers(inputs);
        let value = value_operations(rosenbrock::function::<Value>, &x);
        // Two runs for each input, and one run for each input.
        let finite = 2 * inputs as u64 * value;
        let forward = inputs as u64 * forward_operations(rosenbrock::function::<Dual<Value>>, &x);
        let reverse = reverse_operations(rosenbrock::function::<Value>, &x);
        let times = |operations: u64| format!("× {:.1}", operations as f64 / value as f64);
        println!(
            "{inputs:>6}{value:>9}{finite:>13}{:>9}{forward:>10}{:>9}{reverse:>11}{:>7}",
            times(finite),
            times(forward),
            times(reverse),
        );
    }
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

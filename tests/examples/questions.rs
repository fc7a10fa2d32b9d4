//! The answers to the questions of the chapters that take more than one program, a line each.
//!
//! ```text
//! cargo run -p tests --example questions
//! ```

use std::panic::catch_unwind;

fn main() {
    std::panic::set_hook(Box::new(|_| {})); // some answers are that it panics
    derivatives();
    stage1_answers();
    stage2_answers();
    stage3_answers();
    stage4_answers();
    checking();
    training();
    stage5_answers();
}

/// A question, and what a run has answered.
fn answer(name: &str, answer: impl std::fmt::Display) {
    println!("## {name}\n{answer}");
}

/// What comes out, or that it panics.
fn outcome(run: impl FnOnce() -> f64 + std::panic::UnwindSafe) -> String {
    catch_unwind(run).map_or_else(|_| "it panics".to_owned(), |number| number.to_string())
}

/// The one among several for which something holds.
fn only<'a>(candidates: &[(&'a str, bool)]) -> &'a str {
    let found: Vec<&str> = candidates
        .iter()
        .filter(|(_, holds)| *holds)
        .map(|(name, _)| *name)
        .collect();
    assert_eq!(found.len(), 1, "{candidates:?}");
    found[0]
}

fn derivatives() {
    use std::cell::Cell;
    use tests::dual::{Dual, gradient};
    use tests::finite::derivative;

    let error = |h: f64| (((1.0 + h).sin() - (1.0 - h).sin()) / (2.0 * h) - 1.0_f64.cos()).abs();
    let steps = [
        ("one tenth", 0.1),
        ("one hundred-thousandth", 1e-5),
        ("the smallest you can write", f64::from_bits(1)),
    ];
    let best = steps
        .iter()
        .min_by(|a, b| error(a.1).total_cmp(&error(b.1)));
    answer("best-step", best.map_or("none", |(name, _)| *name));

    let runs = Cell::new(0);
    let f = |x: &[Dual]| {
        runs.set(runs.get() + 1);
        x[0] * x[1]
    };
    gradient(f, &[0.5, 4.2]);
    answer("forward-runs", runs.get());

    answer("difference-at-a-kink", derivative(f64::abs, 0.0));
    answer("cancelled", 1.0 - 20.0_f64.tanh().powi(2));

    let x: Dual = Dual::input(9.0);
    let mut root: Dual = Dual::constant(3.0);
    while (root.value * root.value - 9.0).abs() > 1e-12 {
        root = (root + x / root) * 0.5;
    }
    answer("no-pass", root.slope);
}

fn stage1_answers() {
    use stage1::Var;

    let no_seed = || {
        let x = Var::new(3.0);
        let _y = &x * &x;
        x.grad()
    };
    answer("no-seed", outcome(no_seed));

    let x = Var::new(3.0);
    let (a, b) = (&x + &x, &x * &x);
    a.seed(1.0);
    b.seed(1.0);
    answer("two-seeds", x.grad());

    let x = Var::new(3.0);
    let y = &x * &x;
    drop(y);
    answer("dropped", x.children().len());

    let slope = |f: fn(&Var) -> Var| {
        let x = Var::new(0.0);
        f(&x).seed(1.0);
        x.grad()
    };
    type Function = fn(&Var) -> Var;
    let candidates: [(&str, Function); 4] = [
        ("`&x * &x`", |x| x * x),
        ("`x.cos()`", |x| x.cos()),
        ("`x.powf(2.0)`", |x| x.powf(2.0)),
        ("`&x * x.sqrt()`", |x| x * x.sqrt()),
    ];
    answer(
        "not-zero",
        only(&candidates.map(|(name, f)| (name, slope(f) != 0.0))),
    );
}

/// `yes` or `no`.
fn yes(holds: bool) -> &'static str {
    if holds { "yes" } else { "no" }
}

fn stage2_answers() {
    use stage2::backward::order;
    use stage2::{Container, backward};
    use std::cmp::Reverse;

    let x = Container::new(3.0);
    let a = &x * &x;
    let b = &a * &a;
    let f = &a + &b;
    let _unused = &x * 7.0;
    let ids = |nodes: &[&stage2::Node]| -> Vec<u64> { nodes.iter().map(|node| node.id).collect() };
    let nodes = order(&[f.node()]);
    answer("waits-for-unused", yes(!ids(&nodes).contains(&x.node().id)));

    let first = order(&[a.node(), f.node()])[0].id;
    let ready = if first == f.node().id {
        "only `f`"
    } else {
        "only `a`"
    };
    answer("ready-at-first", ready);

    let mut by_id = nodes.clone();
    by_id.sort_by_key(|node| Reverse(node.id));
    answer("sorted-by-id", yes(ids(&by_id) == ids(&nodes)));

    let square = &x * &x;
    answer(
        "seeded-twice",
        backward(&[(&square, 2.0), (&square, 1.0)]).of(&x),
    );

    let left = || {
        let x = Container::new(3.0);
        let y = Container::new(x.value() * x.value());
        backward(&[(&y, 1.0)]).of(&x)
    };
    answer("left-the-graph", outcome(left));
}

fn stage3_answers() {
    use stage3::{Trace, Value, grad};

    let boxes = |value: &Value| -> usize {
        let (mut count, mut inside) = (0, value);
        while let Value::Boxed(container) = inside {
            (count, inside) = (count + 1, container.value());
        }
        count
    };
    let outer = Trace::open();
    let x = Value::Boxed(outer.input(&Value::from(3.0)));
    let inner = Trace::open();
    let y = Value::Boxed(inner.input(&x));
    answer("nodes-of-two-traces", boxes(&(&y * &y)));
    let Value::Boxed(square) = &x * &x else {
        unreachable!("x is boxed")
    };
    answer("records-the-outer", yes(square.trace() == inner.id()));
    drop((inner, outer));

    let at = |f: fn(&Value) -> Value, x: f64| grad(f)(&Value::from(x)).value();
    answer("slope-of-seven", at(|_| Value::from(7.0), 3.0));
    let branch = |x: &Value| {
        if *x == 0.0 {
            Value::from(0.0)
        } else {
            x.clone()
        }
    };
    answer("branch-at-zero", at(branch, 0.0));
    answer("value-in-the-middle", at(|x| x * x.value(), 3.0));
    answer("absolute-at-zero", at(|x| x * x.sign(), 0.0));

    // What the rule returns in either case is the slope of the sine, as its own first derivative sees it.
    let wrong = |x: &Value| Value::from(x.value().cos());
    let right = |x: &Value| x.cos();
    let x = Value::from(0.5);
    let slopes = [
        ("the first", wrong(&x) != right(&x)),
        ("the second", grad(wrong)(&x) != grad(right)(&x)),
    ];
    let first = slopes.iter().find(|(_, is_wrong)| *is_wrong);
    answer(
        "first-wrong-derivative",
        first.map_or("none", |(name, _)| *name),
    );
}

fn stage4_answers() {
    use stage4::{Primitive, Value, grad};

    static TWICE: Primitive = Primitive::new("twice", |args| args.map(|x| 2.0 * x));
    let twice = |x: &Value| TWICE.bind(&[x]);
    let said = |outcome: String, usual: &str| match outcome.as_str() {
        "it panics" => outcome,
        "0" => "it returns 0".to_owned(),
        _ => usual.to_owned(),
    };
    let plain = outcome(|| twice(&Value::from(3.0)).value());
    answer("plain-without-a-rule", said(plain, "it returns the value"));

    let beside = |x: &Value| {
        let _unused = twice(x);
        x * x
    };
    let slope = outcome(|| grad(beside)(&Value::from(3.0)).value());
    answer(
        "unused-without-a-rule",
        said(slope, "the gradient is right"),
    );
}

fn checking() {
    use stage4::{Value, grad};
    use tests::finite::{close, derivative};

    type Function = fn(&Value) -> Value;
    let candidates: [(&str, Function); 4] = [
        ("`x * x`", |x| x * x),
        ("`x.exp()`", Value::exp),
        ("`x.tanh()`", Value::tanh),
        ("`x.floor()`", Value::floor),
    ];
    let disagree = |f: Function| {
        let measured = derivative(|x| f(&Value::from(x)).value(), 2.0);
        !close(grad(f)(&Value::from(2.0)).value(), measured)
    };
    answer(
        "judge-at-a-jump",
        only(&candidates.map(|(name, f)| (name, disagree(f)))),
    );

    // What arrives last along the two arrows from x to its square.
    let x = stage1::Var::new(3.0);
    let _square = &x * &x;
    let arrows = x.children();
    answer(
        "overwritten",
        arrows.last().map_or(f64::NAN, |(weight, _)| *weight),
    );
}

fn training() {
    use ndarray::array;
    use stage4::{Value, grad};

    let mut x = Value::from(3.0);
    for _ in 0..100 {
        x = &x - grad(|x| x * x)(&x);
    }
    answer("rate-one", x.value());

    let right = Value::from(array![0.0, 1.0, 0.0]);
    let loss = |scores: &Value| scores.logsumexp_axis(0) - (scores * &right).sum();
    let sum = grad(loss)(&Value::from(array![1.0, 3.0, 0.5]))
        .sum()
        .value();
    answer("sum-of-scores", (sum * 1e12).round().abs() / 1e12);
}

fn stage5_answers() {
    use stage5::Tape;

    Tape::new().open(|trace| {
        let x = trace.input(0.5);
        (x * x + x.sin()).record();
        let whole = trace.edges().len();
        answer("edges-of-a-sum", whole);
        ((x * x).record() + x.sin().record()).record();
        answer("edges-one-by-one", trace.edges().len() - whole);
    });
}

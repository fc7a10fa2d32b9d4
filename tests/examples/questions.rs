//! The answers to the questions of the chapters that take more than one program, a line each.
//!
//! ```text
//! cargo run -p tests --example questions
//! ```

use std::cell::Cell;
use std::panic::catch_unwind;

fn main() {
    std::panic::set_hook(Box::new(|_| {})); // some answers are that it panics
    introduction();
    derivatives();
    stage1_answers();
    stage2_answers();
    stage3_answers();
    stage4_answers();
    checking();
    training();
    custom();
    practice();
    arrays();
    containers();
    containers_without_methods();
    containers_of_complex_numbers();
    speed();
    stage5_answers();
    frameworks();
    where_next();
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

fn introduction() {
    use stage1::Var;

    let f = |b: f64| {
        let (a, b, c) = (Var::new(1.0), Var::new(b), Var::new(3.0));
        (&(&a + &b) * &(&b * &c)).value()
    };
    answer("nudged", format!("{:.3}", f(2.001) - f(2.0)));
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
    let one_sided = |h: f64| (((1.0 + h).sin() - 1.0_f64.sin()) / h - 1.0_f64.cos()).abs();
    let best = [1e-5, 1e-8, 1e-11, 1e-16].into_iter();
    let best = best.min_by(|a, b| one_sided(*a).total_cmp(&one_sided(*b)));
    answer("best-one-sided", format!("{:e}", best.unwrap_or(f64::NAN)));

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
    use std::rc::Rc;

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

    let y = Container::new(3.0);
    let sum = &y + &y;
    let parent = Rc::downgrade(&sum.node().parents[0]);
    drop((y, sum));
    let is_freed = parent.upgrade().is_none();
    answer("parent-twice", if is_freed { "once" } else { "never" });

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
    use stage3::backward::order;
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
    drop(inner);

    // Whether what the second walk goes through holds the node of the function itself.
    let reads = |f: fn(&Value) -> Value, name: &str| {
        let x = Value::Boxed(outer.input(&Value::from(0.5)));
        let Value::Boxed(slope) = grad(f)(&x) else {
            unreachable!("x is boxed")
        };
        order(&[slope.node()])
            .iter()
            .any(|node| node.primitive.name == name)
    };
    assert!(!reads(Value::sin, "sin"));
    answer("second-walk-of-exp", yes(reads(Value::exp, "exp")));
    drop(outer);

    let recorded = match grad(Value::sin)(&Value::from(0.5)) {
        Value::Plain(_) => "nothing",
        Value::Boxed(_) => "the walk",
    };
    answer("no-outer-trace", recorded);

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
    let are_wrong = [
        wrong(&x) != right(&x),
        grad(wrong)(&x) != grad(right)(&x),
        grad(grad(wrong))(&x) != grad(grad(right))(&x),
    ];
    let wrong = match are_wrong {
        [false, true, true] => "all but the first",
        [false, true, false] => "only the second",
        [true, true, true] => "all",
        _ => "some",
    };
    answer("wrong-derivatives", wrong);

    let found = Cell::new(0);
    let counted = |x: &Value| {
        found.set(boxes(x));
        x * x * x
    };
    grad(grad(grad(counted)))(&Value::from(3.0));
    answer("boxes-of-three", found.get());
}

fn stage4_answers() {
    use ndarray::array;
    use stage4::{Primitive, Trace, Value, grad};
    use std::rc::Rc;

    // A raw function that asks for no type is called with any.
    static ANY: Primitive = Primitive::new("any", |_| Rc::new(1.0));
    let called = || {
        let trace = Trace::open();
        let number = Value::Boxed(trace.input(&Value::from(3.0)));
        ANY.bind(&[&number, &Value::from(array![1.0, 2.0])]).value()
    };
    let checked = match outcome(called).as_str() {
        "it panics" => "before it calls the raw function",
        _ => "nowhere",
    };
    answer("types-of-arguments", checked);

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
    use tests::finite::{close, derivative, directional};
    use tests::workloads::{numbers, rosenbrock};

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

    let rule = |x: f64| 2.0 * x * x;
    let finds = |x: f64| !close(rule(x), derivative(|x| x * x, x));
    answer(
        "not-by-luck",
        only(&[("0", finds(0.0)), ("1", finds(1.0)), ("2", finds(2.0))]),
    );

    let x = numbers(1000);
    let right = rosenbrock::by_hand(&x).1;
    let (mut doubled, mut swapped) = (right.clone(), right);
    doubled[500] *= 2.0;
    swapped.swap(500, 501);
    let mut first = vec![0.0; 1000];
    first[0] = 1.0;
    let directions = [
        ("only the first input moves", first),
        ("all inputs move at the same speed", vec![1.0; 1000]),
        (
            "each input has a speed of its own",
            numbers(2000).split_off(1000),
        ),
    ];
    let finds_both = directions.each_ref().map(|(name, direction)| {
        let measured = directional(rosenbrock::function::<f64>, &x, direction);
        let is_caught = |gradient: &[f64]| {
            let product = gradient.iter().zip(direction).map(|(g, v)| g * v).sum();
            !close(product, measured)
        };
        (*name, is_caught(&doubled) && is_caught(&swapped))
    });
    answer("finds-both", only(&finds_both));

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
    use ndarray::{Array1, Array2, array};
    use stage4::{Value, grad, grads};

    let mut x = Value::from(3.0);
    for _ in 0..100 {
        x = &x - grad(|x| x * x)(&x);
    }
    answer("rate-one", x.value());

    let right = Value::from(array![0.0, 1.0, 0.0]);
    let loss = |scores: &Value| scores.logsumexp_axis(0) - (scores * &right).sum();
    let scores = Value::from(array![1.0, 3.0, 0.5]);
    let gradient = grad(loss)(&scores);
    let sum = gradient.sum().value();
    answer("sum-of-scores", (sum * 1e12).round().abs() / 1e12);
    let is = |expected: &Value| (&gradient - expected).abs().max().value() < 1e-12;
    let probabilities = scores.softmax_axis(0);
    answer(
        "gradient-of-scores",
        only(&[
            ("the probabilities", is(&probabilities)),
            (
                "the probabilities, less 1 for the right digit",
                is(&(&probabilities - &right)),
            ),
            ("−1 for the right digit, 0 for the others", is(&-&right)),
        ]),
    );

    let pictures = Value::from(array![[1.0, 2.0], [3.0, -1.0]]);
    let answers = Value::from(array![[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]);
    let loss = |p: &[Value]| {
        let scores = (pictures.dot(&p[0]) + &p[1]).tanh().dot(&p[2]) + &p[3];
        (scores.logsumexp_axis(1) - (&scores * &answers).sum_axis(1)).mean()
    };
    let zeros = [
        Value::from(Array2::zeros((2, 4))),
        Value::from(Array1::zeros(4)),
        Value::from(Array2::zeros((4, 3))),
        Value::from(Array1::zeros(3)),
    ];
    let learns = |gradient: &Value| gradient.abs().max() > 0.0;
    let learns: Vec<bool> = grads(loss)(&zeros).iter().map(learns).collect();
    let learn = match learns[..] {
        [false, false, false, true] => "only the last biases",
        [false, false, true, true] => "the last weights and biases",
        [false, true, false, true] => "all biases",
        _ => "others",
    };
    answer("learn-from-zeros", learn);

    let first_step = |gradient: f64| {
        let mean = gradient * 0.1 / (1.0 - 0.9);
        let square = gradient * gradient * 0.001 / (1.0 - 0.999);
        mean / (square.sqrt() + 1e-8)
    };
    let longer = first_step(1000.0) / first_step(1.0);
    answer("adam-of-a-larger-loss", (longer * 1e6).round() / 1e6);
}

fn custom() {
    use stage4::{Value, grad, grads};

    let step = |a: &Value| {
        let root = a.sqrt().detach();
        (&root + a / &root) * 0.5
    };
    let curvature = grad(grad(step))(&Value::from(4.0));
    answer("curvature-of-one-step", curvature.value());

    let slopes = |detach: [bool; 2]| {
        let [weight, result] = detach;
        let stop = |value: &Value, stops: bool| if stops { value.detach() } else { value.clone() };
        let loss = |p: &[Value]| {
            let layer = (2.0 * stop(&p[0], weight)).tanh();
            let error = stop(&layer, result) * &p[1] - 1.0;
            &error * &error
        };
        grads(loss)(&[Value::from(0.3), Value::from(0.5)])
    };
    let is_same = slopes([true, false]) == slopes([false, true]);
    assert!(slopes([false, false])[0] != 0.0);
    answer("detached-result", if is_same { "no" } else { "yes" });
}

fn practice() {
    use stage4::{Value, grad};

    // The loss of a picture is its number times the weight.
    let slope = |part: &[f64]| {
        let pictures = Value::from(part);
        let loss = |weight: &Value| (weight * &pictures).mean();
        grad(loss)(&Value::from(1.0)).value()
    };
    answer("parts-alike", (slope(&[1.0, 1.0]) + slope(&[4.0])) / 2.0);

    let count = 100_usize;
    let linked = |row: usize, column: usize| row == 0 || row.abs_diff(column) <= 1;
    let clash = |a: usize, b: usize| (0..count).any(|row| linked(row, a) && linked(row, b));
    let mut colours: Vec<Vec<usize>> = Vec::new();
    for column in 0..count {
        let fits = |others: &Vec<usize>| others.iter().all(|&other| !clash(other, column));
        match colours.iter().position(fits) {
            Some(colour) => colours[colour].push(column),
            None => colours.push(vec![column]),
        }
    }
    answer("one-full-row", colours.len());
}

fn arrays() {
    use ndarray::array;
    use stage4::{Value, grad, jacobian, ops::select, vector_jacobian};

    let column = Value::from(array![[10.0], [20.0]]);
    let row = Value::from(array![1.0, 2.0, 3.0]);
    let (_, pull_back) = vector_jacobian(|column| column + &row, &column);
    let seed = Value::from(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let back = pull_back(&seed).array().into_raw_vec_and_offset().0;
    let is = |axis: usize| back == seed.sum_axis(axis).array().into_raw_vec_and_offset().0;
    answer(
        "axis-of-a-column",
        only(&[("axis 0", is(0)), ("axis 1", is(1))]),
    );

    let matrix = |f: fn(&Value) -> Value, at: &Value, shape: [usize; 2]| {
        jacobian(f)(at).reshape(&shape).array()
    };
    let three = Value::from(array![1.0, 2.0, 3.0]);
    let sum = matrix(|x| x.sum_axis(0), &seed, [3, 6]);
    let repeated = matrix(|x| x.broadcast(&[2, 3]), &three, [6, 3]);
    let added = matrix(|x| x + Value::from(array![1.0, 2.0, 3.0]), &column, [6, 2]);
    answer(
        "jacobian-of-a-sum",
        only(&[
            ("the repeated row, as it was", sum == repeated),
            ("the repeated row, on its side", sum == repeated.t()),
            (
                "the column to which a row is added, on its side",
                sum == added.t(),
            ),
        ]),
    );

    let x = Value::from(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let w = Value::from(array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    let row = grad(|x| x.dot(&w).sum())(&x).array();
    let row: Vec<String> = row.iter().map(f64::to_string).collect();
    answer("ones-times-matrix", row.join(" "));

    let risky = |x: &Value| select(&x.greater(0.0), x.sqrt(), 0.0);
    answer("root-not-taken", grad(risky)(&Value::from(0.0)).value());
}

/// `INNER`, the product of two points on a line, and `SCALE`, that of a number and a point, with their rules.
macro_rules! products {
    ($Point:ident) => {
        static INNER: Primitive = Primitive::new("inner", |args| {
            let (p, q) = (args.get::<$Point>(0), args.get::<$Point>(1));
            Rc::new(p.0 * q.0)
        });
        static SCALE: Primitive = Primitive::new("scale", |args| {
            let (factor, p) = (args.get::<f64>(0), args.get::<$Point>(1));
            Rc::new($Point(factor * p.0))
        });
        defvjp(
            &INNER,
            &[
                |g, _, x| SCALE.bind(&[g, &x[1]]),
                |g, _, x| SCALE.bind(&[g, &x[0]]),
            ],
        );
    };
}

fn containers() {
    use stage4::{Data, Primitive, Raw, Value, defvjp, downcast, grad};
    use std::cell::RefCell;
    use std::rc::Rc;

    thread_local! { static CALLED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) } }

    #[derive(Debug)]
    struct Point(f64);

    impl Point {
        fn called(method: &'static str, number: f64) -> Raw {
            CALLED.with_borrow_mut(|called| called.push(method));
            Rc::new(Point(number))
        }
    }

    impl Data for Point {
        fn zeros(&self) -> Raw {
            Point::called("`zeros`", 0.0)
        }

        fn ones(&self) -> Raw {
            Point::called("`ones`", 1.0)
        }

        fn add(&self, other: &Raw) -> Raw {
            let other = downcast::<Point>(other).expect("a point for a point");
            Point::called("`add`", self.0 + other.0)
        }
    }

    products!(Point);

    fn function(p: &Value) -> Value {
        INNER.bind(&[p, p])
    }
    let _ = grad(function)(&Value::new(Point(3.0)));
    answer("called-for-two-arrows", CALLED.take().join(" and "));

    /// How fast the function changes where the point moves by 1.
    fn slope(p: &Value) -> Value {
        INNER.bind(&[&grad(function)(p), &Value::new(Point(1.0))])
    }
    fn second_slope(p: &Value) -> Value {
        INNER.bind(&[&grad(slope)(p), &Value::new(Point(1.0))])
    }
    // `SCALE` has no rule.
    let panics = |f: fn(&Value) -> Value| {
        let value = || f(&Value::new(Point(3.0))).value();
        outcome(value) == "it panics"
    };
    let highest = match (panics(slope), panics(second_slope)) {
        (true, _) => "none",
        (false, true) => "the first",
        (false, false) => "every one",
    };
    answer("highest-derivative", highest);
}

fn containers_without_methods() {
    use stage4::{Data, Primitive, Value, defvjp, grad};
    use std::rc::Rc;

    #[derive(Debug)]
    struct Bare(f64);

    impl Data for Bare {}

    products!(Bare);

    type Function = fn(&Value) -> Value;
    let candidates: [(&str, Function); 3] = [
        ("`inner(p, q)`", |p| {
            INNER.bind(&[p, &Value::new(Bare(4.0))])
        }),
        ("`inner(p, p)`", |p| INNER.bind(&[p, p])),
        ("`|_| Value::from(7.0)`", |_| Value::from(7.0)),
    ];
    let has_gradient = |f: Function| {
        let slope = || grad(f)(&Value::new(Bare(3.0))).data::<Bare>().0;
        outcome(slope) != "it panics"
    };
    answer(
        "needs-no-method",
        only(&candidates.map(|(name, f)| (name, has_gradient(f)))),
    );
}

fn containers_of_complex_numbers() {
    use stage4::{Value, grad};
    use tests::complex::{Complex, complex, define, mul, re};

    define();
    let gradient = grad(|z: &Value| re(&mul(z, z)))(&complex(3.0, 4.0));
    let Complex { re: real, im } = *gradient.data::<Complex>();
    answer("complex-square", format!("`{real}{im:+}i`"));
}

#[expect(
    clippy::vec_init_then_push,
    reason = "the room that a first push makes"
)]
fn speed() {
    use stage4::backward::order;
    use stage4::{Trace, Value};
    use std::rc::Rc;

    let mut list = Vec::new();
    list.push(stage3::Value::from(1.0));
    let unused = list.capacity() - 1;
    let entries = [
        size_of::<stage3::Value>(),
        size_of::<(usize, Rc<stage3::Node>)>(),
    ];
    answer("saved-by-capacity", unused * entries.iter().sum::<usize>());

    // A sine is one node with one arrow, so each line runs once for it, but for those about the outputs.
    let walk = include_str!("../../stages/stage2/src/backward.rs").lines();
    let is_asked = |line: &&str| {
        let maps = ["gradients", "children"];
        let ways = [".get(", ".get_mut(", ".insert(", ".entry(", "["];
        let asks = |map: &str| ways.iter().any(|way| line.contains(&format!("{map}{way}")));
        maps.iter().any(|map| asks(map)) && !line.contains("output")
    };
    answer("maps-asked", walk.filter(is_asked).count());

    // The last number in the row of stage 2 is the ratio to the gradient by hand.
    let recorded = include_str!("../benches/recorded.txt");
    let ratios = ["chain of 1000 sines", "Rosenbrock, 1000 variables"].map(|workload| {
        let (_, rows) = recorded.split_once(workload).expect("a workload");
        let row = rows.lines().find(|row| row.trim().starts_with("stage2"));
        let ratio = row.expect("a row").split_whitespace().last();
        ratio.expect("columns").parse::<f64>().expect("a ratio")
    });
    let larger = if ratios[0] > ratios[1] {
        "for sines"
    } else {
        "for Rosenbrock's function"
    };
    answer("larger-ratio", larger);

    let trace = Trace::open();
    let x = Value::Boxed(trace.input(&Value::from(vec![1.0; 1000])));
    let Value::Boxed(sum) = x.sin().sum() else {
        unreachable!("x is boxed")
    };
    answer("nodes-of-a-thousand", order(&[sum.node()]).len());

    let product = |rows: f64, inner: f64, columns: f64| rows * inner * columns;
    let by_matrix = product(100.0, 100.0, 100.0) + product(100.0, 100.0, 1.0);
    let by_vector = product(100.0, 100.0, 1.0) + product(100.0, 100.0, 1.0);
    let times = by_matrix / by_vector;
    answer("order-of-products", format!("{times} times as many"));

    // The starts of the segments, and the nodes of one of them.
    let kept = |length: usize, segments: usize| segments + length.div_ceil(segments);
    let fewest = |length: usize| (1..=length).map(|segments| kept(length, segments)).min();
    let [longer, chain] = [40_000, 10_000].map(|length| fewest(length).unwrap_or(0) as f64);
    answer("four-times-as-long", longer / chain);
}

fn stage5_answers() {
    use stage5::Tape;

    Tape::new().open(|trace| {
        let x = trace.input(0.5);
        (x * x).record();
        answer("edges-of-a-square", trace.edges().len());
    });

    Tape::new().open(|trace| {
        let x = trace.input(0.5);
        let mut before = 0;
        let mut adds_two = || {
            let edges = trace.edges().len() - before;
            before += edges;
            edges == 2
        };
        x.sin().record();
        let sine = adds_two();
        (x.sin() * 2.0).record();
        let twice = adds_two();
        (x + x).record();
        let sum = adds_two();
        answer(
            "two-edges",
            only(&[
                ("`x.sin()`", sine),
                ("`x.sin() * 2.0`", twice),
                ("`x + x`", sum),
            ]),
        );
    });

    Tape::new().open(|trace| {
        let (x, y) = (trace.input(0.5), trace.input(0.2));
        (100.0 * (y - x * x).powi(2) + (x - 1.0).powi(2)).record();
        answer("edges-of-a-product", trace.edges().len());
    });

    Tape::new().open(|trace| {
        let x = trace.input(0.5);
        (x * x + x.sin()).record();
        let whole = trace.edges().len();
        answer("edges-of-a-sum", whole);
        ((x * x).record() + x.sin().record()).record();
        answer("edges-one-by-one", trace.edges().len() - whole);
    });

    Tape::new().open(|trace| {
        let x = trace.input(0.5);
        for _ in 0..100 {
            _ = (x * x).record();
        }
        answer("edges-of-unused-results", trace.edges().len());
    });
}

fn frameworks() {
    use stage1::Var;
    use stage4::backward::order;
    use stage4::{Trace, Value, grads};

    let x = Var::new(3.0);
    for _ in 0..3 {
        let square = &x * &x;
        square.seed(1.0);
    }
    answer("walked-three-times", x.grad());

    let record = |speed: &[Value]| {
        let (dx, dy) = (&speed[0], &speed[1]);
        (dx * 4.2 + 0.5 * dy) + dx * 0.5_f64.cos()
    };
    let at = |speed: f64| grads(record)(&[Value::from(speed), Value::from(speed)]);
    let changed = if at(100.0) == at(0.0) {
        "nothing"
    } else {
        "the gradients"
    };
    answer("record-elsewhere", changed);

    let trace = Trace::open();
    let mut x = Value::Boxed(trace.input(&Value::from(3.0)));
    while x < 100.0 {
        x = &x * &x;
    }
    let Value::Boxed(end) = x else {
        unreachable!("x is boxed")
    };
    let squarings = order(&[end.node()]).len() - 1; // all nodes but the input
    let again = (0..squarings).fold(10.0_f64, |x, _| x * x);
    answer("record-of-a-loop", again);
}

fn where_next() {
    use ndarray::array;
    use std::cell::Cell;
    use tests::dual::Dual;

    let sines = Cell::new(0);
    let segment = |x: &stage3::Value| {
        (0..100).fold(x.clone(), |x, _| {
            sines.set(sines.get() + 1);
            x.sin()
        })
    };
    let mut checkpoints = vec![stage3::Value::from(1.0)];
    for _ in 0..99 {
        let next = segment(&checkpoints[checkpoints.len() - 1]);
        checkpoints.push(next);
    }
    let mut gradient = stage3::Value::from(1.0);
    for x in checkpoints.iter().rev() {
        let (_, pull_back) = stage3::vector_jacobian(segment, x);
        gradient = pull_back(&gradient);
    }
    answer("sines-with-checkpoints", sines.get());

    type Number = Dual<stage2::Container>;
    let f = |x: &Number, y: &Number| x * x * y;
    let (x, y) = (stage2::Container::new(2.0), stage2::Container::new(3.0));
    let along = |value: &stage2::Container, slope: f64| Dual {
        value: value.clone(),
        slope: stage2::Container::from(slope),
    };
    let slope = f(&along(&x, 1.0), &along(&y, 0.0)).slope;
    answer("slope-along-x", stage2::backward(&[(&slope, 1.0)]).of(&y));

    let matrix = stage4::Value::from(array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    let f = |x: &stage4::Value| matrix.dot(&x.sin());
    let at = stage4::Value::from(array![0.5, 1.0]);
    let pull_back = |u: &stage4::Value| stage4::vector_jacobian(f, &at).1(u);
    let anywhere = stage4::Value::from(array![0.0, 0.0, 0.0]);
    let (_, push_forward) = stage4::vector_jacobian(pull_back, &anywhere);
    let pushed = push_forward(&stage4::Value::from(array![1.0, 10.0]));
    answer("pulled-back-twice", pushed.shape()[0]);
}

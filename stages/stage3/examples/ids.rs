//! What the ids of traces are for: a small tracer, run with each way to choose an id.
//!
//! It adds and multiplies, and its walk takes every path. Everything else is as in stage 3.

use std::cell::{Cell, OnceCell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::rc::Rc;

fn main() {
    set_hook(Box::new(|_| ())); // what is refused is in the table
    println!("## outermost");
    for (name, way) in [
        ("innermost first", Way::FreshChecked),
        ("outermost first", Way::OutermostFirst),
    ] {
        WAY.set(way);
        let [product, ..] = programs();
        println!("{name}   {product}");
    }

    println!("## ids");
    println!("                   product   first  second");
    for (name, way) in [
        ("no ids", Way::NoIds),
        ("by depth", Way::ByDepth),
        ("fresh, unchecked", Way::FreshUnchecked),
        ("fresh, checked", Way::FreshChecked),
    ] {
        WAY.set(way);
        let answers = programs().map(|answer| format!("{answer:>7}"));
        println!("{name:16}   {}", answers.join(" "));
    }
}

fn programs() -> [String; 3] {
    // ANCHOR: programs
    // With respect to x, at 5: the derivative of x·y with respect to y. It is x, so the slope is 1.
    let one = Value::Plain(1.0);
    let product = |x: &Value| slope(|y| mul(x, y), &one);

    // With respect to x, at 3, twice: x·x². The slope is 27. The square is computed once and kept.
    let square = OnceCell::new();
    let cube = |x: &Value| mul(x, square.get_or_init(|| mul(x, x)));
    // ANCHOR_END: programs
    let (five, three) = (Value::Plain(5.0), Value::Plain(3.0));
    [
        answer(|| slope(product, &five)),
        answer(|| slope(cube, &three)),
        answer(|| slope(cube, &three)),
    ]
}

fn answer(question: impl FnOnce() -> Value) -> String {
    match catch_unwind(AssertUnwindSafe(question)) {
        Ok(value) => value.number().to_string(),
        Err(_) => "refused".to_owned(),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    NoIds,
    ByDepth,
    FreshUnchecked,
    FreshChecked,
    OutermostFirst,
}

thread_local! {
    static WAY: Cell<Way> = const { Cell::new(Way::FreshChecked) };
    static NEXT: Cell<u64> = const { Cell::new(0) };
    static OPEN: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

// ANCHOR: new_id
/// The id of a trace that is being opened.
fn new_id() -> u64 {
    match WAY.get() {
        Way::NoIds => 0, // the same for all
        Way::ByDepth => OPEN.with_borrow(Vec::len) as u64,
        _ => NEXT.replace(NEXT.get() + 1),
    }
}
// ANCHOR_END: new_id

#[derive(Clone)]
enum Value {
    Plain(f64),
    Boxed(Rc<Container>),
}

struct Container {
    value: Value,
    trace: u64,
    /// The local derivative in each parent, and the parent.
    parents: Vec<(Value, Rc<Container>)>,
}

impl Value {
    fn number(&self) -> f64 {
        match self {
            Value::Plain(number) => *number,
            Value::Boxed(container) => container.value.number(),
        }
    }

    fn trace(&self) -> Option<u64> {
        match self {
            Value::Plain(_) => None,
            Value::Boxed(container) => Some(container.trace),
        }
    }

    fn check_open(&self) {
        if let (Some(trace), false) = (self.trace(), WAY.get() == Way::FreshUnchecked) {
            assert!(OPEN.with_borrow(|open| open.contains(&trace)));
        }
    }
}

fn add(x: &Value, y: &Value) -> Value {
    let one = Value::Plain(1.0);
    bind([x, y], |[x, y]| x + y, add, |_| [one.clone(), one.clone()])
}

fn mul(x: &Value, y: &Value) -> Value {
    bind([x, y], |[x, y]| x * y, mul, |[x, y]| [y, x])
}

/// Unboxes what belongs to the innermost trace, calls for the levels below, boxes and records.
fn bind(
    args: [&Value; 2],
    raw: fn([f64; 2]) -> f64,
    wrapped: fn(&Value, &Value) -> Value,
    locals: impl FnOnce([Value; 2]) -> [Value; 2],
) -> Value {
    args.iter().for_each(|arg| arg.check_open());
    let traces = args.into_iter().filter_map(Value::trace);
    let trace = match WAY.get() {
        Way::OutermostFirst => traces.min(),
        _ => traces.max(),
    };
    let Some(trace) = trace else {
        return Value::Plain(raw(args.map(Value::number)));
    };
    let unboxed = args.map(|arg| match arg {
        Value::Boxed(container) if container.trace == trace => container.value.clone(),
        constant => constant.clone(),
    });
    let value = wrapped(&unboxed[0], &unboxed[1]);
    let parents = locals(unboxed).into_iter().zip(args);
    let parents = parents.filter_map(|(local, arg)| match arg {
        Value::Boxed(container) if container.trace == trace => Some((local, Rc::clone(container))),
        _ => None,
    });
    Value::Boxed(Rc::new(Container {
        value,
        trace,
        parents: parents.collect(),
    }))
}

/// The derivative of `f` at `x`.
fn slope(f: impl Fn(&Value) -> Value, x: &Value) -> Value {
    let trace = new_id();
    OPEN.with_borrow_mut(|open| open.push(trace));
    let input = Rc::new(Container {
        value: x.clone(),
        trace,
        parents: Vec::new(),
    });
    let output = catch_unwind(AssertUnwindSafe(|| f(&Value::Boxed(Rc::clone(&input)))));
    OPEN.with_borrow_mut(Vec::pop);
    match output {
        Ok(Value::Boxed(output)) if output.trace == trace => {
            walk(&output, &Value::Plain(1.0), &input)
        }
        Ok(_) => Value::Plain(0.0),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// The sum of what arrives at `input` along every path from `node`.
fn walk(node: &Rc<Container>, gradient: &Value, input: &Rc<Container>) -> Value {
    if Rc::ptr_eq(node, input) {
        return gradient.clone();
    }
    let shares = node.parents.iter();
    let shares = shares.map(|(local, parent)| walk(parent, &mul(gradient, local), input));
    shares.fold(Value::Plain(0.0), |sum, share| add(&sum, &share))
}

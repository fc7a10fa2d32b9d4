//! Where the work of a gradient goes, counted: nodes, allocations, bytes, arrays.
//!
//! ```text
//! cargo run -p tests --example speed
//! ```
//!
//! Nothing is timed, so the numbers are the same in every run. Bytes are those of a 64-bit machine.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use allocation_counter::{AllocationInfo, measure};
use ndarray::{Array1, Array2};
use stage4::{
    Primitive, Trace, Value, backward::order, defvjp, grad, value_and_grads, vector_jacobian,
};
use tests::finite::relative_error;
use tests::stages::Stage;
use tests::workloads::{broadcast, digits_network, numbers, rosenbrock, sines};

fn main() {
    define_rules();
    println!("## overview");
    overview();
    println!("## one-sine");
    one_sine();
    println!("## halves");
    halves();
    println!("## lengths");
    lengths();
    println!("## lengths-plot");
    lengths_plot();
    println!("## passes");
    passes();
    println!("## blocks");
    blocks();
    println!("## held");
    held();
    println!("## held-plot");
    held_plot();
    println!("## fused");
    fused();
    println!("## checkpoints");
    checkpoints();
    println!("## profile");
    profile();
}

/// What `f` allocates the second time: the first time may fill what is filled only once.
fn counted<T>(mut f: impl FnMut() -> T) -> AllocationInfo {
    drop(f());
    measure(|| drop(f()))
}

fn overview() {
    println!("Rosenbrock's gradient |  nodes | allocations | kilobytes | kilobytes at most");
    let x = rosenbrock::inputs(1000);
    gradient_row("by hand", None, || rosenbrock::by_hand(&x), |(_, g)| g);
    let stage1 = || stage1::Var::gradient(rosenbrock::function::<stage1::Var>, &x);
    gradient_row("stage 1", None, stage1, |(_, g)| g);
    let stage2 = || stage2::Container::gradient(rosenbrock::function::<stage2::Container>, &x);
    let id2 = || stage2::Container::new(0.0).node().id;
    gradient_row("stage 2", Some(&id2), stage2, |(_, g)| g);
    let stage3 = || stage3::Value::gradient(rosenbrock::function::<stage3::Value>, &x);
    let id3 = || {
        let trace = stage3::Trace::open();
        trace.input(&stage3::Value::from(0.0)).node().id
    };
    gradient_row("stage 3", Some(&id3), stage3, |(_, g)| g);
    let stage4 = || Value::gradient(rosenbrock::function::<Value>, &x);
    gradient_row("stage 4", Some(&id4), stage4, |(_, g)| g);
    let array = [Value::from(Array1::from(x.clone()))];
    let on_array = || value_and_grads(|x| rosenbrock::on_array(&x[0]), &array);
    gradient_row("stage 4, on an array", Some(&id4), on_array, |(_, g)| {
        g[0].array().into_iter().collect()
    });
    let tape = || {
        let tape = reverse::Tape::new();
        let x = tape.add_vars(&x);
        let mut sum = tape.add_var(0.0);
        for pair in x.windows(2) {
            let (bend, rest) = (pair[1] - pair[0] * pair[0], pair[0] - 1.0);
            sum = sum + bend * bend * 100.0 + rest * rest;
        }
        reverse::Gradient::wrt(&sum.grad(), &x)
    };
    gradient_row("a tape (reverse)", None, tape, |g| g);
    let by_operation = || stage5::gradient(rosenbrock::each_operation, &x);
    gradient_row("stage 5, by operation", None, by_operation, |(_, g)| g);
    let by_line = || stage5::gradient(rosenbrock::each_assignment, &x);
    gradient_row("stage 5, line by line", None, by_line, |(_, g)| g);
    let one_sum = || stage5::gradient(rosenbrock::one_sum, &x);
    gradient_row("stage 5, one sum", None, one_sum, |(_, g)| g);
}

/// Counts one of the gradients, and checks that it is the right one. `id` is the id of a new node.
fn gradient_row<T>(
    name: &str,
    id: Option<&dyn Fn() -> u64>,
    run: impl Fn() -> T,
    gradient: impl Fn(T) -> Vec<f64>,
) {
    let right = rosenbrock::by_hand(&rosenbrock::inputs(1000)).1;
    let gradient = gradient(run());
    assert_eq!(gradient.len(), right.len());
    let close = |(a, b): (&f64, &f64)| relative_error(*a, *b) < 1e-12;
    assert!(gradient.iter().zip(&right).all(close), "{name}");
    let nodes = id.map_or(String::new(), |id| nodes(id, &run).to_string());
    let memory = counted(run);
    println!(
        "{name:<21} | {nodes:>6} | {:>11} | {:>9.0} | {:>17.0}",
        memory.count_total,
        memory.bytes_total as f64 / 1000.0,
        memory.bytes_max as f64 / 1000.0
    );
}

/// The id of a new node of stage 4.
fn id4() -> u64 {
    Trace::open().input(&Value::from(0.0)).node().id
}

/// How many nodes `f` makes: they are numbered.
fn nodes<T>(id: impl Fn() -> u64, f: impl FnOnce() -> T) -> u64 {
    let before = id();
    drop(f());
    id() - before - 1
}

fn one_sine() {
    use std::mem::size_of;
    // What an `Rc` points at has two counts in front of it.
    const COUNTS: usize = 2 * size_of::<usize>();
    // A list that grows from nothing begins with room for four.
    const ROOM: usize = 4;

    let stage1 = {
        let x = stage1::Var::new(1.0);
        let variable = measure(|| drop(stage1::Var::new(1.0))).bytes_total as usize;
        let children = ROOM * size_of::<(f64, stage1::Var)>();
        ([variable, 0, children, 0, 0, 0], measure(|| drop(x.sin())))
    };
    let stage2 = {
        let x = stage2::Container::new(1.0);
        let node = COUNTS + size_of::<stage2::Node>();
        let (args, parents) = (size_of::<f64>(), size_of::<Rc<stage2::Node>>());
        ([node, args, parents, 0, 0, 0], measure(|| drop(x.sin())))
    };
    let stage3 = {
        let trace = stage3::Trace::open();
        let x = stage3::Value::Boxed(trace.input(&stage3::Value::from(1.0)));
        let node = COUNTS + size_of::<stage3::Node>();
        let args = ROOM * size_of::<stage3::Value>();
        let parents = ROOM * size_of::<(usize, Rc<stage3::Node>)>();
        let container = COUNTS + size_of::<stage3::Container>();
        let short = size_of::<&stage3::Value>() + size_of::<f64>();
        let parts = [node, args, parents, container, 0, short];
        (parts, measure(|| drop(x.sin())))
    };
    let stage4 = {
        let trace = Trace::open();
        let x = Value::Boxed(trace.input(&Value::from(1.0)));
        let node = COUNTS + size_of::<stage4::Node>();
        let args = ROOM * size_of::<Value>();
        let parents = ROOM * size_of::<(usize, Rc<stage4::Node>)>();
        let container = COUNTS + size_of::<stage4::Container>();
        let number = COUNTS + size_of::<f64>();
        let short = size_of::<&Value>();
        let parts = [node, args, parents, container, number, short];
        (parts, measure(|| drop(x.sin())))
    };
    let stages = [stage1, stage2, stage3, stage4];
    println!("bytes of one sine               stage 1   stage 2   stage 3   stage 4");
    let row = |name: &str, number: &dyn Fn(usize) -> u64| {
        let [a, b, c, d] = [0, 1, 2, 3].map(number);
        println!("{name:<29}{a:>10}{b:>10}{c:>10}{d:>10}");
    };
    let parts = [
        "the variable, or the node",
        "its arguments",
        "its children, or parents",
        "the container",
        "the number, by itself",
        "lists that are freed at once",
    ];
    for (part, name) in parts.iter().enumerate() {
        row(name, &|stage| stages[stage].0[part] as u64);
    }
    for (parts, memory) in &stages {
        assert_eq!(parts.iter().sum::<usize>() as u64, memory.bytes_total);
    }
    row("in all, as counted", &|stage| stages[stage].1.bytes_total);
    row("allocations", &|stage| stages[stage].1.count_total);
}

/// How many operations a chain has.
const CHAIN: usize = 1000;

fn halves() {
    println!("for each sine  allocations forward  bytes  allocations back  bytes back");
    let row = |name: &str, forward: AllocationInfo, back: AllocationInfo| {
        let each = |total: u64| total as f64 / CHAIN as f64;
        println!(
            "{name:<13}{:>21.0}{:>7.0}{:>18.0}{:>12}",
            each(forward.count_total),
            each(forward.bytes_total),
            each(back.count_total),
            two_digits(each(back.bytes_total))
        );
    };
    let x = stage1::Var::new(1.0);
    let mut y = None;
    let forward = measure(|| y = Some(sines::function(CHAIN, &x)));
    y.expect("computed").seed(1.0);
    row("stage 1", forward, measure(|| assert_ne!(x.grad(), 0.0)));

    let x = stage2::Container::new(1.0);
    let mut y = x.clone();
    let forward = measure(|| y = sines::function(CHAIN, &x));
    row(
        "stage 2",
        forward,
        counted(|| stage2::backward(&[(&y, 1.0)])),
    );

    let trace = stage3::Trace::open();
    let x = stage3::Value::Boxed(trace.input(&stage3::Value::from(1.0)));
    let mut y = x.clone();
    let forward = measure(|| y = sines::function(CHAIN, &x));
    let stage3::Value::Boxed(y) = y else {
        panic!("a function of a container is a container");
    };
    let seed = || stage3::Value::from(1.0);
    row(
        "stage 3",
        forward,
        counted(|| stage3::backward(&[(&y, seed())])),
    );

    let trace = Trace::open();
    let x = Value::Boxed(trace.input(&Value::from(1.0)));
    let mut y = x.clone();
    let forward = measure(|| y = sines::function(CHAIN, &x));
    let Value::Boxed(y) = y else {
        panic!("a function of a container is a container");
    };
    let seed = || Value::from(1.0);
    row(
        "stage 4",
        forward,
        counted(|| stage4::backward(&[(&y, seed())])),
    );
}

/// Nodes, and what is allocated, for the gradient of ten sines of an array.
fn ten_sines(length: usize) -> (u64, AllocationInfo) {
    let x = [Value::from(Array1::from(numbers(length)))];
    let gradient = || value_and_grads(|x| sines::function(10, &x[0]).sum(), &x);
    (nodes(id4, gradient), counted(gradient))
}

fn lengths() {
    println!("numbers  nodes  allocations  kilobytes  bytes for each");
    for length in [1, 10, 100, 1000, 10_000] {
        let (nodes, memory) = ten_sines(length);
        println!(
            "{length:>7}{nodes:>7}{:>13}{:>11.0}{:>33}",
            memory.count_total,
            memory.bytes_total as f64 / 1000.0,
            two_digits(memory.bytes_total as f64 / (10 * length) as f64)
        );
    }
}

fn lengths_plot() {
    println!("x: numbers in the array log\ny: bytes for each sine of a number log");
    println!("line: stage 4");
    for exponent in 0..=9 {
        let length = 3_usize.pow(exponent);
        let bytes = ten_sines(length).1.bytes_total as f64;
        println!("{length} {}", two_digits(bytes / (10 * length) as f64));
    }
    println!("guide: three numbers\n1 24\n19683 24");
}

/// A number with its first two digits.
fn two_digits(number: f64) -> String {
    let place = 1 - number.log10().floor() as i32;
    let rounded = (number * 10.0_f64.powi(place)).round() / 10.0_f64.powi(place);
    rounded.to_string()
}

/// How many arrays of `size` numbers the bytes would fill.
fn arrays(bytes: u64, size: usize) -> String {
    format!("{:.0}", bytes as f64 / (8 * size) as f64)
}

fn passes() {
    let (a, b) = broadcast::inputs(100);
    let size = a.len();
    println!("what             arrays written  held at most");
    let row = |name: &str, memory: AllocationInfo| {
        println!(
            "{name:<16}{:>15}{:>14}",
            arrays(memory.bytes_total, size),
            arrays(memory.bytes_max, size)
        );
    };
    row("value, by hand", counted(|| broadcast::plain(&a, &b)));
    row("both, by hand", counted(|| broadcast::by_hand(&a, &b)));
    let inputs = [Value::from(a.clone()), Value::from(b.clone())];
    row("value, stage 4", counted(|| broadcast::on_arrays(&inputs)));
    row(
        "both, stage 4",
        counted(|| value_and_grads(broadcast::on_arrays, &inputs)),
    );
}

fn blocks() {
    let (a, b) = broadcast::inputs(400);
    let size = a.len();
    let inputs = [Value::from(a), Value::from(b)];
    stage4::array::release_blocks();
    println!("gradient  arrays allocated");
    for name in ["first", "second", "third"] {
        let memory = measure(|| drop(value_and_grads(broadcast::on_arrays, &inputs)));
        println!("{name:<8}{:>18}", arrays(memory.bytes_total, size));
    }
}

thread_local! {
    static HELD: RefCell<Vec<Value>> = const { RefCell::new(Vec::new()) };
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

/// A sine whose rule keeps every gradient that it gets, as a walk without `remove` would.
static HOARDING_SIN: Primitive = Primitive::new("hoarding_sin", |args| args.map(f64::sin));

/// A sine that counts how often it is computed.
static COUNTED_SIN: Primitive = Primitive::new("counted_sin", |args| {
    CALLS.set(CALLS.get() + 1);
    args.map(f64::sin)
});

// ANCHOR: softplus
static SOFTPLUS: Primitive = Primitive::new("softplus", |args| {
    args.map(|x| x.max(0.0) + (-x.abs()).exp().ln_1p())
});
static SIGMOID: Primitive =
    Primitive::new("sigmoid", |args| args.map(|x| 1.0 / (1.0 + (-x).exp())));
static FUSED_TWICE: Primitive = Primitive::new("fused_twice", SOFTPLUS.raw);
// ANCHOR_END: softplus

fn define_rules() {
    defvjp(
        &HOARDING_SIN,
        &[|g, _, x| {
            HELD.with_borrow_mut(|held| held.push(g.clone()));
            g * x[0].cos()
        }],
    );
    defvjp(&COUNTED_SIN, &[|g, _, x| g * x[0].cos()]);
    // ANCHOR: softplus_rules
    defvjp(&SOFTPLUS, &[|g, _, x| g / (1.0 + (-&x[0]).exp())]);
    defvjp(&FUSED_TWICE, &[|g, _, x| g * SIGMOID.bind(&[&x[0]])]);
    defvjp(&SIGMOID, &[|g, y, _| g * y * (1.0 - y)]);
    // ANCHOR_END: softplus_rules
}

/// What a gradient of `count` sines of an array holds at most, in arrays: with letting go of
/// gradients, and without.
fn held_at_most(count: usize) -> [String; 2] {
    const SIZE: usize = 10_000;
    let x = [Value::from(Array1::from(numbers(SIZE)))];
    let peak = |sine: &dyn Fn(&Value) -> Value| {
        let chain = |x: &[Value]| (0..count).fold(x[0].clone(), |x, _| sine(&x)).sum();
        let memory = counted(|| {
            let gradient = value_and_grads(chain, &x);
            HELD.take();
            gradient
        });
        arrays(memory.bytes_max, SIZE)
    };
    [peak(&Value::sin), peak(&|x| HOARDING_SIN.bind(&[x]))]
}

fn held() {
    println!("sines  letting go  without");
    for count in [10, 20, 30, 40] {
        let [letting_go, hoarding] = held_at_most(count);
        println!("{count:>5}{letting_go:>12}{hoarding:>9}");
    }
}

fn held_plot() {
    println!("x: sines\ny: arrays held at most");
    for (which, name) in ["letting go", "keeping all"].iter().enumerate() {
        println!("line: {name}");
        for count in (10..=50).step_by(10) {
            println!("{count} {}", held_at_most(count)[which]);
        }
    }
}

fn fused() {
    const SIZE: usize = 10_000;
    let x = Value::from(Array1::from(numbers(SIZE)));
    let seed = x.ones();
    let header = |name: &str| {
        println!("{name:<24}nodes  arrays made forward  kept  arrays made back");
    };
    let row = |name: &str, f: &dyn Fn(&Value) -> Value| {
        let nodes = nodes(id4, || vector_jacobian(f, &x)) - 1;
        let forward = counted(|| vector_jacobian(f, &x));
        let mut kept = None;
        let held = measure(|| kept = Some(vector_jacobian(f, &x)));
        let (_, pull_back) = kept.expect("computed");
        let back = counted(|| pull_back(&seed));
        println!(
            "{name:<24}{nodes:>5}{:>21}{:>6}{:>18}",
            arrays(forward.bytes_total, SIZE),
            arrays(held.bytes_current as u64, SIZE),
            arrays(back.bytes_total, SIZE)
        );
        back.bytes_total
    };
    header("softplus as");
    let three = row("(x.exp() + 1.0).ln()", &|x| (x.exp() + 1.0).ln());
    let one = row("SOFTPLUS", &|x| SOFTPLUS.bind(&[x]));
    row("FUSED_TWICE", &|x| FUSED_TWICE.bind(&[x]));
    println!("## fused-fewer");
    println!("{}", if one < three { "yes" } else { "no" });
    println!("## squares");
    header("square as");
    row("x * x", &|x| x * x);
    row("x.square()", &Value::square);
}

fn checkpoints() {
    const LENGTH: usize = 10_000;
    println!("segments  sines computed  kilobytes at most");
    for segments in [1, 10, 100, 250, 1000] {
        let segment =
            |x: &Value| (0..LENGTH / segments).fold(x.clone(), |x, _| COUNTED_SIN.bind(&[&x]));
        let run = || {
            let mut starts = vec![Value::from(1.0)];
            for i in 1..segments {
                starts.push(segment(&starts[i - 1]));
            }
            let backwards = starts.iter().rev();
            backwards.fold(Value::from(1.0), |gradient, start| {
                let (_, pull_back) = vector_jacobian(segment, start);
                pull_back(&gradient)
            })
        };
        let memory = counted(run);
        CALLS.set(0);
        let gradient = run();
        let whole = grad(|x| sines::function(LENGTH, x))(&Value::from(1.0));
        assert_eq!(gradient, whole);
        println!(
            "{segments:>8}{:>16}{:>19.0}",
            CALLS.get(),
            memory.bytes_max as f64 / 1000.0
        );
    }
}

fn profile() {
    let parameters = digits_network::Parameters::start();
    let pictures = Value::from(Array2::from_elem((16, 784), 0.5));
    let digits = Value::from(Array2::from_elem((16, 10), 0.1));
    let trace = Trace::open();
    let boxed = parameters.values();
    let boxed: Vec<Value> = boxed.iter().map(|p| Value::Boxed(trace.input(p))).collect();
    let Value::Boxed(loss) = digits_network::on_arrays(&pictures, &digits, &boxed) else {
        panic!("a function of containers is a container");
    };
    // Nodes, numbers in their results, and what they compute to get those.
    let mut table: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for node in order(&[loss.node()]) {
        let numbers: usize = node.result.shape().iter().product();
        let operations = match node.primitive.name {
            "matmul" => numbers * node.args[0].shape()[1],
            "sum" => node.args[0].shape().iter().product(),
            "input" => 0,
            _ => numbers,
        };
        let row = table.entry(node.primitive.name).or_default();
        let add = [1, numbers, operations];
        for (total, number) in row.iter_mut().zip(add) {
            *total += number;
        }
    }
    let mut rows: Vec<_> = table.into_iter().collect();
    rows.sort_by_key(|(_, row)| row[2]);
    let all: usize = rows.iter().map(|(_, row)| row[2]).sum();
    println!("primitive    nodes  numbers  operations    share");
    for (name, [nodes, numbers, operations]) in rows.iter().rev() {
        let share = 100.0 * *operations as f64 / all as f64;
        println!("{name:<12}{nodes:>6}{numbers:>9}{operations:>12}{share:>8.2}%");
    }
}

//! What a tape costs: counted here, and timed by the bench `speed` and by `cargo peers`, whose last
//! runs are recorded.
//!
//! ```text
//! cargo run -p tests --example tape
//! ```

use std::cell::RefCell;

use allocation_counter::{AllocationInfo, measure};
use stage5::{Edge, Tape, Var};
use tests::finite::relative_error;
use tests::stages::Stage;
use tests::workloads::{rosenbrock, sines};

/// What `cargo bench -p tests --bench speed` printed at its end.
const RECORDED: &str = include_str!("../benches/recorded.txt");

/// What `cargo peers` wrote.
const PEERS: &str = include_str!("../peers/results.md");

fn main() {
    println!("## sine");
    sine();
    println!("## rosenbrock");
    rosenbrock();
    println!("## bytes-plot");
    bytes_plot();
    println!("## peak");
    peak();
    println!("## recorded");
    println!("{}", RECORDED.lines().next().unwrap_or_default());
    println!("## times");
    times();
    println!("## six");
    six_derivatives();
    println!("## linear-plot");
    linear_plot();
    println!("## peers-recorded");
    println!("{}", PEERS.lines().next().unwrap_or_default());
    println!("## peers");
    peers();
}

/// How many operations a chain has.
const CHAIN: usize = 1000;

/// One sine of a chain in stages 2 and 5, forward and back.
fn sine() {
    println!("for each sine        allocations forward  bytes  allocations back  bytes back");
    let row = |name: &str, forward: AllocationInfo, back: AllocationInfo| {
        let each = |total: u64| total as f64 / CHAIN as f64;
        println!(
            "{name:<21}{:>19.0}{:>7.0}{:>18.0}{:>12.0}",
            each(forward.count_total),
            each(forward.bytes_total),
            each(back.count_total),
            each(back.bytes_total)
        );
    };
    let x = stage2::Container::new(1.0);
    let mut y = x.clone();
    let forward = measure(|| y = sines::function(CHAIN, &x));
    let back = measure(|| drop(stage2::backward(&[(&y, 1.0)])));
    row("stage 2", forward, back);

    let mut tape = Tape::new();
    for name in ["stage 5", "stage 5, once more"] {
        let (mut forward, mut back) = (AllocationInfo::default(), AllocationInfo::default());
        tape.open(|trace| {
            let x = trace.input(1.0);
            let mut y = x;
            forward = measure(|| y = sines::on_a_tape(CHAIN, x));
            back = measure(|| drop(trace.backward(&[(y, 1.0)])));
        });
        row(name, forward, back);
    }
}

/// A function on a tape.
type Function = for<'t> fn(&[Var<'t>]) -> Var<'t>;

/// Rosenbrock's function in three ways of recording.
fn rosenbrock() {
    println!("Rosenbrock, 1,000 variables  entries  edges  kilobytes of edges");
    let rows: [(&str, Function); 3] = [
        ("operation by operation", rosenbrock::each_operation),
        ("an entry for each assignment", rosenbrock::each_assignment),
        ("one sum", rosenbrock::one_sum),
    ];
    let x = rosenbrock::inputs(1000);
    let right = rosenbrock::by_hand(&x).1;
    for (name, function) in rows {
        let found = RefCell::new((0, 0));
        let (_, gradient) = stage5::gradient(
            |x| {
                let output = function(x);
                found.replace((output.entry() as usize + 1, output.trace().edges().len()));
                output
            },
            &x,
        );
        let close = |(a, b): (&f64, &f64)| relative_error(*a, *b) < 1e-12;
        assert!(gradient.iter().zip(&right).all(close), "{name}");
        let (entries, edges) = found.into_inner();
        let kilobytes = (edges * size_of::<Edge>()) as f64 / 1000.0;
        println!("{name:<29}{entries:>7}{edges:>7}{kilobytes:>20.0}");
    }
}

/// The bytes of edges and adjoints for each operation, where an entry has several in a row.
fn bytes_plot() {
    let entries: [fn(Var<'_>) -> Var<'_>; 6] = [
        |x| x.sin().record(),
        |x| (x.sin() * 1.5).record(),
        |x| (x.sin() * 1.5 + 0.5).record(),
        |x| (x.sin() * 1.5 + 0.5).cos().record(),
        |x| ((x.sin() * 1.5 + 0.5).cos() * 1.5).record(),
        |x| ((x.sin() * 1.5 + 0.5).cos() * 1.5 + 0.5).record(),
    ];
    println!("x: operations in an entry\ny: bytes for each operation");
    println!("points: edges and adjoints");
    for (operations, entry) in (1..).zip(entries) {
        let mut bytes = 0;
        let mut tape = Tape::new();
        tape.open(|trace| {
            let x = trace.input(1.0);
            let last = (0..CHAIN).fold(x, |x, _| entry(x));
            let entries = last.entry() as usize;
            bytes = trace.edges().len() * size_of::<Edge>() + entries * size_of::<f64>();
        });
        println!(
            "{operations} {}",
            bytes as f64 / (operations * CHAIN) as f64
        );
    }
}

/// What the gradient of a chain of sines holds at most, with the memory that lists have in reserve.
fn peak() {
    const SINES: usize = 10_000;
    println!("chain of 10,000 sines  bytes for each, at most");
    let row = |name: &str, run: &mut dyn FnMut()| {
        run();
        let bytes = measure(run).bytes_max as f64 / SINES as f64;
        println!("{name:<23}{bytes:>23.0}");
    };
    fn on<S: Stage>() {
        drop(S::gradient(|x| sines::function(SINES, &x[0]), &[1.0]));
    }
    row("stage 2", &mut on::<stage2::Container>);
    row("stage 3", &mut on::<stage3::Value>);
    row("stage 4", &mut on::<stage4::Value>);
    row("stage 5", &mut || {
        drop(stage5::gradient(|x| sines::on_a_tape(SINES, x[0]), &[1.0]));
    });
}

/// The name of a row, and its cells.
fn cells(line: &str) -> (&str, Vec<&str>) {
    let mut parts = line
        .split("  ")
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let name = parts.next().unwrap_or_default();
    (name, parts.collect())
}

/// The rows of a table that was recorded: those after the line that begins with `title`.
fn recorded(title: &str) -> impl Iterator<Item = (&str, Vec<&str>)> {
    let lines = RECORDED
        .lines()
        .skip_while(move |line| !line.starts_with(title));
    let rows = lines.skip(1).skip_while(|line| line.is_empty());
    rows.take_while(|line| !line.is_empty()).map(cells)
}

/// How many times as long as the gradient by hand each way took.
fn times() {
    const WAYS: [&str; 7] = [
        "stage2",
        "stage4",
        "stage4, on arrays",
        "stage5, operation by operation",
        "stage5",
        "stage5, one sum",
        "reverse (a tape)",
    ];
    println!(
        "time / by hand | stage 2 | stage 4 | stage 4, arrays | stage 5, plain | stage 5 | one sum | reverse"
    );
    let row = |name: &str, title: &str, yardstick: &str| {
        let ratios = WAYS.map(|way| ratio(title, way, yardstick));
        println!("{name} | {}", ratios.join(" | "));
    };
    for title in [
        "Rosenbrock, 1000 variables",
        "Rosenbrock, 100000 variables",
        "x = sin(x)·1.0001 + 0.0001, 1000 times",
        "x = sin(x)·1.0001 + 0.0001, 1000000 times",
        NETWORK,
        "broadcast: sum(tanh(A + b)·exp(−A·A))",
        SIX_DERIVATIVES,
    ] {
        row(title, title, BY_HAND);
        if title == NETWORK {
            row("the same, by hand in loops", title, "by hand, in loops");
        }
    }
}

/// How many times as long as the yardstick, if both are recorded.
fn ratio(title: &str, way: &str, yardstick: &str) -> String {
    let to_hand = |way| {
        let (_, cells) = recorded(title).find(|(name, _)| *name == way)?;
        Some(number(cells.last()?))
    };
    match (to_hand(way), to_hand(yardstick)) {
        (Some(way), Some(yardstick)) => rounded(way / yardstick),
        _ => String::new(),
    }
}

/// A recorded ratio.
fn number(ratio: &str) -> f64 {
    ratio.parse().expect("a recorded ratio is a number")
}

/// Two digits, or all that are before the point.
fn rounded(ratio: f64) -> String {
    match ratio {
        n if n < 10.0 => format!("{n:.1}"),
        n => format!("{n:.0}"),
    }
}

const BY_HAND: &str = "by hand";
const NETWORK: &str = "2-16-16-1 network, 100 samples";
const SIX_DERIVATIVES: &str = "six derivatives of tanh, 200 points";

/// How many times as long as six derivatives by hand each way took.
fn six_derivatives() {
    println!("six derivatives of tanh | numbers per variable | time / by hand");
    for (name, numbers, way) in [
        ("five nested duals on a tape", 32, "stage5"),
        ("six nested duals", 64, "stage5, nested numbers alone"),
        ("Taylor coefficients", 7, "stage5, Taylor coefficients"),
    ] {
        println!(
            "{name} | {numbers} | {}",
            ratio(SIX_DERIVATIVES, way, BY_HAND)
        );
    }
}

/// The time of the gradient of a chain of sines over its length.
fn linear_plot() {
    println!("x: sines log\ny: seconds log");
    for (stage, times) in recorded("Sine chain: time of a gradient for each operation").skip(1) {
        let points = (3..).zip(times).filter(|(_, time)| *time != "-");
        let points = points.map(|(power, time)| (10_f64.powi(power), seconds(time)));
        let points = Vec::from_iter(points);
        if points.len() > 1 {
            println!("line: {}", stage.replace("stage", "stage "));
            for (sines, each) in points {
                println!("{sines} {:.3e}", sines * each);
            }
        }
    }
}

/// `12.3 ns` in seconds.
fn seconds(time: &str) -> f64 {
    let (number, unit) = time.split_once(' ').expect("a time has a unit");
    let number: f64 = number.parse().expect("a time is a number");
    number
        * match unit {
            "ns" => 1e-9,
            "µs" => 1e-6,
            _ => 1e-3,
        }
}

/// The stages and engines of others: a table in Markdown, without the lines around it.
fn peers() {
    let rows = PEERS.lines().filter_map(|line| line.strip_prefix('|'));
    for row in rows.filter(|row| !row.starts_with("---")) {
        println!("{}", row.trim_end_matches('|'));
    }
}

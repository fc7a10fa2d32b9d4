//! How long a gradient takes, compared with the plain function and with a gradient by hand.
//!
//! Every workload runs with the same inputs in one run, on one thread. At the end the estimates
//! that criterion has stored are read back and printed as ratios.
//!
//! ```text
//! cargo bench -p tests --bench speed                 # everything
//! cargo bench -p tests --bench speed -- broadcast    # one workload
//! ```
//!
//! The chapter on the tape shows what is in `recorded.txt`: paste there what a whole run prints at
//! its end, with the day and the machine.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion, SamplingMode};
use stage4::{Value, value_and_grads};
use stage5::Tape;
use tests::stages::Stage;
use tests::workloads::{
    broadcast, digits_network, rosenbrock, sines, six_derivatives, small_network, stretched_sines,
};

/// The solution of the course's challenge.
#[allow(
    dead_code,
    unreachable_pub,
    reason = "it has more operations than are timed, for a crate that others use"
)]
#[path = "challenge/taylor.rs"]
mod taylor;

use taylor::Taylor;

/// The plain function and the gradient by hand, to which the others are compared.
const FUNCTION: &str = "function";
const BY_HAND: &str = "by hand";

/// Number by number, where the other gradient by hand is of arrays.
const BY_HAND_IN_LOOPS: &str = "by hand, in loops";

/// A tape with an entry for each operation, where otherwise it has one for each assignment.
const EACH_OPERATION: &str = "stage5, operation by operation";

fn main() {
    let start = SystemTime::now();
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .without_plots()
        .output_directory(&output_directory())
        .configure_from_args();
    rosenbrock_gradient(&mut criterion);
    large_rosenbrock_gradient(&mut criterion);
    sine_chain(&mut criterion);
    stretched_sine_chains(&mut criterion);
    small_network_gradient(&mut criterion);
    digits_network_gradient(&mut criterion);
    broadcast_gradient(&mut criterion);
    six_tanh_derivatives(&mut criterion);
    scaling(&mut criterion);
    print_ratios(start);
    print_scaling(start);
}

fn group<'a>(criterion: &'a mut Criterion, name: &str) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sampling_mode(SamplingMode::Flat);
    group
}

// ANCHOR: time
/// Times `run`. What it returns is dropped within the time, as a graph has to be.
fn time<T>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, mut run: impl FnMut() -> T) {
    group.bench_function(name, |bencher| bencher.iter(|| drop(black_box(run()))));
}
// ANCHOR_END: time

const ROSENBROCK: &str = "Rosenbrock, 1000 variables";

fn rosenbrock_gradient(criterion: &mut Criterion) {
    let mut group = group(criterion, ROSENBROCK);
    let x = rosenbrock::inputs(1000);
    time(&mut group, FUNCTION, || {
        rosenbrock::function::<f64>(black_box(&x))
    });
    time(&mut group, BY_HAND, || rosenbrock::by_hand(black_box(&x)));
    time(&mut group, "stage1", || {
        Stage::gradient(rosenbrock::function::<stage1::Var>, black_box(&x))
    });
    time(&mut group, "stage2", || {
        Stage::gradient(rosenbrock::function::<stage2::Container>, black_box(&x))
    });
    time(&mut group, "stage3", || {
        Stage::gradient(rosenbrock::function::<stage3::Value>, black_box(&x))
    });
    time(&mut group, "stage4", || {
        Stage::gradient(rosenbrock::function::<Value>, black_box(&x))
    });
    rosenbrock_on_an_array(&mut group, &x);
    rosenbrock_on_a_tape(&mut group, &x);
    time(&mut group, "reverse (a tape)", || {
        let tape = reverse::Tape::new();
        let x = tape.add_vars(black_box(&x));
        let mut sum = tape.add_var(0.0);
        for pair in x.windows(2) {
            let (bend, rest) = (pair[1] - pair[0] * pair[0], pair[0] - 1.0);
            sum = sum + bend * bend * 100.0 + rest * rest;
        }
        reverse::Gradient::wrt(&sum.grad(), &x)
    });
    group.finish();
}

const LARGE_ROSENBROCK: &str = "Rosenbrock, 100000 variables";

fn large_rosenbrock_gradient(criterion: &mut Criterion) {
    let mut group = group(criterion, LARGE_ROSENBROCK);
    let x = rosenbrock::inputs(100_000);
    time(&mut group, FUNCTION, || {
        rosenbrock::function::<f64>(black_box(&x))
    });
    time(&mut group, BY_HAND, || rosenbrock::by_hand(black_box(&x)));
    rosenbrock_on_an_array(&mut group, &x);
    rosenbrock_on_a_tape(&mut group, &x);
    group.finish();
}

fn rosenbrock_on_an_array(group: &mut BenchmarkGroup<'_, WallTime>, x: &[f64]) {
    let array = Value::from(x);
    time(group, "stage4, on arrays", || {
        let x = std::slice::from_ref(black_box(&array));
        value_and_grads(|x| rosenbrock::on_array(&x[0]), x)
    });
}

/// Whoever uses a tape once uses it again, so it keeps its memory.
fn rosenbrock_on_a_tape(group: &mut BenchmarkGroup<'_, WallTime>, x: &[f64]) {
    let mut tape = Tape::new();
    time(group, EACH_OPERATION, || {
        tape.gradient(rosenbrock::each_operation, black_box(x))
    });
    time(group, "stage5", || {
        tape.gradient(rosenbrock::each_assignment, black_box(x))
    });
    time(group, "stage5, one sum", || {
        tape.gradient(rosenbrock::one_sum, black_box(x))
    });
}

const SINES: &str = "chain of 1000 sines";

fn sine_chain(criterion: &mut Criterion) {
    let mut group = group(criterion, SINES);
    time(&mut group, FUNCTION, || {
        sines::function(1000, black_box(&sines::INPUT))
    });
    time(&mut group, BY_HAND, || {
        sines::by_hand(1000, black_box(sines::INPUT))
    });
    time(&mut group, "stage1", || sine_gradient::<stage1::Var>(1000));
    time(&mut group, "stage2", || {
        sine_gradient::<stage2::Container>(1000)
    });
    time(&mut group, "stage3", || {
        sine_gradient::<stage3::Value>(1000)
    });
    time(&mut group, "stage4", || sine_gradient::<Value>(1000));
    let mut tape = Tape::new();
    time(&mut group, "stage5", || {
        tape.gradient(|x| sines::on_a_tape(1000, x[0]), &[black_box(sines::INPUT)])
    });
    time(&mut group, "reverse (a tape)", || {
        let tape = reverse::Tape::new();
        let x = tape.add_var(black_box(sines::INPUT));
        let y = (0..1000).fold(x, |x, _| x.sin());
        reverse::Gradient::wrt(&y.grad(), &x)
    });
    group.finish();
}

fn sine_gradient<S: Stage>(count: usize) -> (f64, Vec<f64>) {
    S::gradient(
        |x| sines::function(count, &x[0]),
        &[black_box(sines::INPUT)],
    )
}

const STRETCHED_SINES: [(&str, usize); 2] = [
    ("x = sin(x)·1.0001 + 0.0001, 1000 times", 1000),
    ("x = sin(x)·1.0001 + 0.0001, 1000000 times", 1_000_000),
];

fn stretched_sine_chains(criterion: &mut Criterion) {
    for (name, count) in STRETCHED_SINES {
        let mut group = group(criterion, name);
        let input = [stretched_sines::INPUT];
        time(&mut group, FUNCTION, || {
            stretched_sines::function(count, black_box(input[0]))
        });
        time(&mut group, BY_HAND, || {
            stretched_sines::by_hand(count, black_box(input[0]))
        });
        let mut tape = Tape::new();
        time(&mut group, EACH_OPERATION, || {
            tape.gradient(
                |x| stretched_sines::each_operation(count, x[0]),
                black_box(&input),
            )
        });
        time(&mut group, "stage5", || {
            tape.gradient(
                |x| stretched_sines::each_assignment(count, x[0]),
                black_box(&input),
            )
        });
        group.finish();
    }
}

const SMALL_NETWORK: &str = "2-16-16-1 network, 100 samples";

fn small_network_gradient(criterion: &mut Criterion) {
    let mut group = group(criterion, SMALL_NETWORK);
    let parameters = small_network::Parameters::start();
    let (samples, targets) = small_network::samples();
    time(&mut group, FUNCTION, || {
        small_network::plain(&samples, &targets, black_box(&parameters))
    });
    time(&mut group, BY_HAND, || {
        small_network::by_hand(&samples, &targets, black_box(&parameters))
    });
    let flat = parameters.flat();
    time(&mut group, BY_HAND_IN_LOOPS, || {
        small_network::by_hand_in_loops(&samples, &targets, black_box(&flat))
    });
    time(&mut group, "function on numbers", || {
        small_network::function::<f64>(&samples, &targets, black_box(&flat))
    });
    time(&mut group, "stage1", || {
        stage1::Var::gradient(
            |p| small_network::function::<stage1::Var>(&samples, &targets, p),
            black_box(&flat),
        )
    });
    time(&mut group, "stage2", || {
        stage2::Container::gradient(
            |p| small_network::function::<stage2::Container>(&samples, &targets, p),
            black_box(&flat),
        )
    });
    time(&mut group, "stage3", || {
        stage3::Value::gradient(
            |p| small_network::function::<stage3::Value>(&samples, &targets, p),
            black_box(&flat),
        )
    });
    let mut tape = Tape::new();
    time(&mut group, "stage5", || {
        tape.gradient(
            |p| small_network::on_a_tape(&samples, &targets, p),
            black_box(&flat),
        )
    });
    let values = parameters.values();
    let (samples, targets) = (Value::from(samples), Value::from(targets));
    time(&mut group, "stage4, on arrays", || {
        let loss = |p: &[Value]| small_network::on_arrays(&samples, &targets, p);
        value_and_grads(loss, black_box(&values))
    });
    group.finish();
}

const DIGITS_NETWORK: &str = "784-128-10 network, batch of 256";

fn digits_network_gradient(criterion: &mut Criterion) {
    let mut group = group(criterion, DIGITS_NETWORK);
    let parameters = digits_network::Parameters::start();
    let (pictures, digits) = digits_network::samples();
    time(&mut group, FUNCTION, || {
        digits_network::plain(&pictures, &digits, black_box(&parameters))
    });
    time(&mut group, BY_HAND, || {
        digits_network::by_hand(&pictures, &digits, black_box(&parameters))
    });
    let values = parameters.values();
    let (pictures, digits) = (Value::from(pictures), Value::from(digits));
    time(&mut group, "stage4, on arrays", || {
        let loss = |p: &[Value]| digits_network::on_arrays(&pictures, &digits, p);
        value_and_grads(loss, black_box(&values))
    });
    group.finish();
}

const BROADCAST: &str = "broadcast: sum(tanh(A + b)·exp(−A·A))";

fn broadcast_gradient(criterion: &mut Criterion) {
    let mut group = group(criterion, BROADCAST);
    let (a, b) = broadcast::inputs(1000);
    time(&mut group, FUNCTION, || broadcast::plain(black_box(&a), &b));
    time(&mut group, BY_HAND, || {
        broadcast::by_hand(black_box(&a), &b)
    });
    let mut tape = Tape::new();
    let flat: Vec<f64> = a.iter().chain(&b).copied().collect();
    time(&mut group, "stage5", || {
        tape.gradient(|x| broadcast::on_a_tape(x, 1000), black_box(&flat))
    });
    let values = [Value::from(a), Value::from(b)];
    time(&mut group, "stage4, on arrays", || {
        value_and_grads(broadcast::on_arrays, black_box(&values))
    });
    group.finish();
}

const SIX_DERIVATIVES: &str = "six derivatives of tanh, 200 points";

/// Nested dual numbers, and Taylor coefficients.
const NESTED: &str = "stage5, nested numbers alone";
const TAYLOR: &str = "stage5, Taylor coefficients";

fn six_tanh_derivatives(criterion: &mut Criterion) {
    let mut group = group(criterion, SIX_DERIVATIVES);
    let points = six_derivatives::points();
    time(&mut group, FUNCTION, || {
        six_derivatives::function(black_box(&points))
    });
    time(&mut group, BY_HAND, || {
        six_derivatives::by_hand(black_box(&points))
    });
    let mut tape = Tape::new();
    time(&mut group, "stage5", || {
        six_derivatives::on_a_tape(&mut tape, black_box(&points))
    });
    time(&mut group, NESTED, || {
        six_derivatives::nested(black_box(&points))
    });
    time(&mut group, TAYLOR, || {
        let orders = |&x: &f64| {
            let y = Taylor::<7>::input(x).tanh();
            std::array::from_fn::<_, 7, _>(|order| y.derivative(order))
        };
        black_box(&points).iter().map(orders).collect::<Vec<_>>()
    });
    group.finish();
}

const SCALING: &str = "sine chain";
const SIZES: [usize; 6] = [1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// The last two are for the tape: the nodes of the other stages would not find room. Stage 1 stays
/// below the ten thousand operations at which its recursion overflows the stack.
fn scaling(criterion: &mut Criterion) {
    let mut group = group(criterion, SCALING);
    group.sample_size(10);
    type Gradient<'a> = &'a mut dyn FnMut(usize) -> (f64, Vec<f64>);
    let mut tape = Tape::new();
    let mut on_a_tape = |count| {
        tape.gradient(
            |x| sines::on_a_tape(count, x[0]),
            &[black_box(sines::INPUT)],
        )
    };
    let stages: [(&str, Gradient<'_>, &[usize]); 5] = [
        ("stage1", &mut sine_gradient::<stage1::Var>, &SIZES[..1]),
        (
            "stage2",
            &mut sine_gradient::<stage2::Container>,
            &SIZES[..4],
        ),
        ("stage3", &mut sine_gradient::<stage3::Value>, &SIZES[..4]),
        ("stage4", &mut sine_gradient::<Value>, &SIZES[..4]),
        ("stage5", &mut on_a_tape, &SIZES),
    ];
    for (stage, gradient, sizes) in stages {
        for &size in sizes {
            group.bench_function(format!("{stage}, {size}"), |bencher| {
                bencher.iter_batched(|| size, &mut *gradient, BatchSize::PerIteration);
            });
        }
    }
    group.finish();
}

/// Where criterion keeps its results between runs.
fn output_directory() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("speed")
}

/// The median of a benchmark in seconds, if it has run since `start`.
fn median(group: &str, name: &str, start: SystemTime) -> Option<f64> {
    let directory = output_directory()
        .join(file_name(group))
        .join(file_name(name));
    let path = directory.join("new").join("estimates.json");
    if fs::metadata(&path).ok()?.modified().ok()? < start {
        return None;
    }
    let estimates: serde_json::Value = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
    Some(estimates["median"]["point_estimate"].as_f64()? * 1e-9)
}

/// The name that criterion gives a directory.
fn file_name(name: &str) -> String {
    name.replace(['?', '"', '/', '\\', '*', '<', '>', ':', '|', '^'], "_")
}

fn print_ratios(start: SystemTime) {
    println!(
        "\nTime of a gradient, median of one run; ratios to the plain function and to the gradient by hand"
    );
    for group in [
        ROSENBROCK,
        LARGE_ROSENBROCK,
        SINES,
        STRETCHED_SINES[0].0,
        STRETCHED_SINES[1].0,
        SMALL_NETWORK,
        DIGITS_NETWORK,
        BROADCAST,
        SIX_DERIVATIVES,
    ] {
        let Some((function, by_hand)) =
            median(group, FUNCTION, start).zip(median(group, BY_HAND, start))
        else {
            continue;
        };
        println!(
            "\n{group:<42}{:>12}{:>12}{:>12}",
            "time", "/ function", "/ by hand"
        );
        for name in [
            FUNCTION,
            BY_HAND,
            BY_HAND_IN_LOOPS,
            "function on numbers",
            "stage1",
            "stage2",
            "stage3",
            "stage4",
            "stage4, on arrays",
            EACH_OPERATION,
            "stage5",
            "stage5, one sum",
            NESTED,
            TAYLOR,
            "reverse (a tape)",
        ] {
            if let Some(time) = median(group, name, start) {
                let (to_function, to_hand) = (time / function, time / by_hand);
                println!(
                    "  {name:<40}{:>12}{to_function:>12.2}{to_hand:>12.2}",
                    in_units(time)
                );
            }
        }
    }
}

fn print_scaling(start: SystemTime) {
    let of = |stage: &str, size: usize| median(SCALING, &format!("{stage}, {size}"), start);
    let stages = ["stage1", "stage2", "stage3", "stage4", "stage5"];
    if !stages.iter().any(|stage| of(stage, SIZES[0]).is_some()) {
        return;
    }
    println!("\nSine chain: time of a gradient for each operation");
    print!("\n  {:<10}", "");
    for size in SIZES {
        print!("{:>12}", format!("10^{}", size.ilog10()));
    }
    println!();
    for stage in stages {
        print!("  {stage:<10}");
        for size in SIZES {
            match of(stage, size) {
                Some(time) => print!("{:>12}", in_units(time / size as f64)),
                None => print!("{:>12}", "-"),
            }
        }
        println!();
    }
}

fn in_units(seconds: f64) -> String {
    match seconds {
        s if s < 1e-6 => format!("{:.1} ns", s * 1e9),
        s if s < 1e-3 => format!("{:.1} µs", s * 1e6),
        s => format!("{:.2} ms", s * 1e3),
    }
}

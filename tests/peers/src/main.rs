//! Other engines beside the stages and beside gradients by hand, on the same work.
//!
//! ```text
//! cargo peers             # everything: about four minutes
//! cargo peers network     # the workloads with this in their name
//! ```
//!
//! A run of everything is written to `results.md`, which the book shows, unless an engine does not
//! agree to [`TOLERANCE`]. Each engine does each workload in a process of its own, on one thread and
//! in `f64`, and takes turns with the gradient by hand. The table has the medians of the ratios.
//! Tapes are used again.
//!
//! To add an engine of single numbers, make its numbers a `Scalar` and say how it computes a
//! gradient, in `scalars.rs`. One of arrays says each function in its own words, in `arrays.rs`.
//! Then name it in [`ENGINES`] and add its rows to [`workloads`].

mod arrays;
mod measure;
mod scalars;
mod stages;
mod work;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs};

use measure::{Run, difference, ratio};

/// How far from the gradient by hand a number may be, relative to the largest one beside it.
const TOLERANCE: f64 = 1e-8;

/// The rows of the table: the name of each engine, and the crate whose version is told.
const ENGINES: [(&str, &str); 14] = [
    ("stage 1", ""),
    ("stage 2", ""),
    ("stage 3", ""),
    ("stage 4", ""),
    ("stage 4, on arrays", ""),
    ("stage 5, each operation", ""),
    ("stage 5", ""),
    ("stage 5, one sum", ""),
    ("reverse", "reverse"),
    ("RustQuant", "RustQuant_autodiff"),
    ("xad-rs", "xad-rs"),
    ("rust-autograd", "autograd"),
    ("candle", "candle-core"),
    ("burn, ndarray", "burn-ndarray"),
];

/// Makes what is to be run.
type Make = fn() -> Box<dyn Run>;

/// The same function for all engines.
struct Workload {
    name: &'static str,
    by_hand: Make,
    engines: Vec<(&'static str, Make)>,
}

/// The columns of the table. Where an engine is not named, the table has a dash.
fn workloads() -> Vec<Workload> {
    use arrays::{autograd, burn, candle};
    use scalars::{reverse, rustquant, xad};
    use stages::{stage1, stage2, stage3, stage4, stage4_on_arrays, stage5};

    vec![
        Workload {
            name: "Rosenbrock, 1,000",
            by_hand: || work::rosenbrock_by_hand(1000),
            engines: vec![
                ("stage 1", || stage1::rosenbrock(1000)),
                ("stage 2", || stage2::rosenbrock(1000)),
                ("stage 3", || stage3::rosenbrock(1000)),
                ("stage 4", || stage4::rosenbrock(1000)),
                ("stage 4, on arrays", || stage4_on_arrays::rosenbrock(1000)),
                ("stage 5, each operation", || {
                    stage5::rosenbrock_by_operation(1000)
                }),
                ("stage 5", || stage5::rosenbrock(1000)),
                ("stage 5, one sum", || stage5::rosenbrock_as_one_sum(1000)),
                ("reverse", || reverse::rosenbrock(1000)),
                ("RustQuant", || rustquant::rosenbrock(1000)),
                ("xad-rs", || xad::rosenbrock(1000)),
                ("rust-autograd", || autograd::rosenbrock(1000)),
                ("candle", || candle::rosenbrock(1000)),
                ("burn, ndarray", || burn::rosenbrock(1000)),
            ],
        },
        // Stage 1 goes back by recursion, and would overflow the stack.
        Workload {
            name: "Rosenbrock, 100,000",
            by_hand: || work::rosenbrock_by_hand(100_000),
            engines: vec![
                ("stage 2", || stage2::rosenbrock(100_000)),
                ("stage 3", || stage3::rosenbrock(100_000)),
                ("stage 4", || stage4::rosenbrock(100_000)),
                ("stage 4, on arrays", || {
                    stage4_on_arrays::rosenbrock(100_000)
                }),
                ("stage 5, each operation", || {
                    stage5::rosenbrock_by_operation(100_000)
                }),
                ("stage 5", || stage5::rosenbrock(100_000)),
                ("stage 5, one sum", || {
                    stage5::rosenbrock_as_one_sum(100_000)
                }),
                ("reverse", || reverse::rosenbrock(100_000)),
                ("RustQuant", || rustquant::rosenbrock(100_000)),
                ("xad-rs", || xad::rosenbrock(100_000)),
                ("rust-autograd", || autograd::rosenbrock(100_000)),
                ("candle", || candle::rosenbrock(100_000)),
                ("burn, ndarray", || burn::rosenbrock(100_000)),
            ],
        },
        Workload {
            name: "sines, 1,000",
            by_hand: || work::sines_by_hand(1000),
            engines: vec![
                ("stage 1", || stage1::sines(1000)),
                ("stage 2", || stage2::sines(1000)),
                ("stage 3", || stage3::sines(1000)),
                ("stage 4", || stage4::sines(1000)),
                ("stage 5, each operation", || {
                    stage5::sines_by_operation(1000)
                }),
                ("stage 5", || stage5::sines(1000)),
                ("reverse", || reverse::sines(1000)),
                ("RustQuant", || rustquant::sines(1000)),
                ("xad-rs", || xad::sines(1000)),
            ],
        },
        // After some 190,000 steps the derivative is smaller than the smallest normal number, and a
        // multiplication by it takes several times as long. By hand there is one in each step.
        Workload {
            name: "sines, 1,000,000",
            by_hand: || work::sines_by_hand(1_000_000),
            engines: vec![
                ("stage 2", || stage2::sines(1_000_000)),
                ("stage 3", || stage3::sines(1_000_000)),
                ("stage 4", || stage4::sines(1_000_000)),
                ("stage 5, each operation", || {
                    stage5::sines_by_operation(1_000_000)
                }),
                ("stage 5", || stage5::sines(1_000_000)),
                ("reverse", || reverse::sines(1_000_000)),
                ("RustQuant", || rustquant::sines(1_000_000)),
                ("xad-rs", || xad::sines(1_000_000)),
            ],
        },
        Workload {
            name: "network",
            by_hand: work::network_by_hand,
            engines: vec![
                ("stage 1", stage1::network),
                ("stage 2", stage2::network),
                ("stage 3", stage3::network),
                ("stage 4", stage4::network),
                ("stage 4, on arrays", stage4_on_arrays::network),
                ("stage 5", stage5::network),
                ("reverse", reverse::network),
                ("RustQuant", rustquant::network),
                ("xad-rs", xad::network),
                ("rust-autograd", autograd::network),
                ("candle", candle::network),
                ("burn, ndarray", burn::network),
            ],
        },
        // Six million nodes of stages 1 to 3 would take gigabytes.
        Workload {
            name: "broadcast",
            by_hand: work::broadcast_by_hand,
            engines: vec![
                ("stage 4, on arrays", stage4_on_arrays::broadcast),
                ("stage 5", stage5::broadcast),
                ("reverse", reverse::broadcast),
                ("RustQuant", rustquant::broadcast),
                ("xad-rs", xad::broadcast),
                ("rust-autograd", autograd::broadcast),
                ("candle", candle::broadcast),
                ("burn, ndarray", burn::broadcast),
            ],
        },
        // The other engines stop at the first derivative, or at the second.
        Workload {
            name: "six derivatives",
            by_hand: work::tanh_by_hand,
            engines: vec![
                ("stage 3", stages::tanh_of_stage3),
                ("stage 4, on arrays", stage4_on_arrays::tanh),
                ("stage 5", stage5::tanh),
                ("rust-autograd", autograd::tanh),
            ],
        },
    ]
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let mut workloads = workloads();
    match &arguments[..] {
        [] => {}
        [part] => workloads.retain(|workload| workload.name.contains(part)),
        [workload, engine] => {
            println!("{}", measure(&workloads, workload, engine));
            return ExitCode::SUCCESS;
        }
        _ => panic!("expected nothing, or a part of the name of a workload"),
    }
    let ratios = measure_all(&workloads);
    let table = table(&workloads, &ratios);
    print!("{table}");
    if ratios.values().any(Option::is_none) {
        eprintln!("engines have failed, or disagree: see above, and {FAILED} in the table");
        return ExitCode::FAILURE;
    }
    if arguments.is_empty() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/results.md");
        fs::write(path, &table).expect("the folder of the package");
    }
    ExitCode::SUCCESS
}

/// What a process of its own does: the ratio, after a look at the numbers.
fn measure(workloads: &[Workload], workload: &str, engine: &str) -> f64 {
    let workload = workloads.iter().find(|known| known.name == workload);
    let workload = workload.expect("the name of a workload");
    let known = workload.engines.iter().find(|(name, _)| *name == engine);
    let (mut run, mut by_hand) = (
        known.expect("an engine that does it").1(),
        (workload.by_hand)(),
    );
    let difference = difference(&run.parts(), &by_hand.parts());
    eprintln!("{}, {engine}: differs by {difference:.1e}", workload.name);
    assert!(
        difference <= TOLERANCE,
        "{}: {engine} differs from the gradient by hand by {difference:e}",
        workload.name
    );
    ratio(&mut *run, &mut *by_hand)
}

/// [`measure`] in a process of its own, with one thread; nothing if that has failed.
fn measure_apart(workload: &str, engine: &str) -> Option<f64> {
    let output = Command::new(env::current_exe().expect("this program"))
        .args([workload, engine])
        .env("RAYON_NUM_THREADS", "1")
        .env("OMP_NUM_THREADS", "1")
        .stderr(Stdio::inherit())
        .output()
        .expect("this program can be started again");
    let printed = String::from_utf8(output.stdout).expect("a number");
    let ratio = || printed.trim().parse().expect("a number");
    output.status.success().then(ratio)
}

/// The ratio of each workload and engine.
type Ratios = HashMap<(&'static str, &'static str), Option<f64>>;

fn measure_all(workloads: &[Workload]) -> Ratios {
    let mut ratios = Ratios::new();
    for workload in workloads {
        for &(engine, _) in &workload.engines {
            let named = ENGINES.iter().any(|(name, _)| *name == engine);
            assert!(named, "`{engine}` is not in the list of engines");
            let ratio = measure_apart(workload.name, engine);
            ratios.insert((workload.name, engine), ratio);
        }
    }
    ratios
}

const FAILED: &str = "✗";

/// The table in Markdown, and under it what it was measured with.
fn table(workloads: &[Workload], ratios: &Ratios) -> String {
    let mut table = String::from("| engine |");
    for workload in workloads {
        write!(table, " {} |", workload.name).expect("a string takes everything");
    }
    table += "\n|---|";
    table += &"--:|".repeat(workloads.len());
    for (engine, _) in ENGINES {
        write!(table, "\n| {engine} |").expect("a string takes everything");
        for workload in workloads {
            let cell = match ratios.get(&(workload.name, engine)) {
                Some(&Some(ratio)) => rounded(ratio),
                Some(None) => FAILED.to_string(),
                None => "–".to_string(),
            };
            write!(table, " {cell} |").expect("a string takes everything");
        }
    }
    format!("{table}\n\n*{}*\n", conditions())
}

/// Three digits, or all in front of the point.
fn rounded(ratio: f64) -> String {
    match ratio {
        r if r < 10.0 => format!("{r:.2}"),
        r if r < 100.0 => format!("{r:.1}"),
        r => format!("{r:.0}"),
    }
}

/// The date, the machine, the compiler, and the versions of the engines.
fn conditions() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let processor = model.map_or("an unknown processor", |model| {
        model.trim_start_matches([' ', '\t', ':'])
    });
    let versions = ENGINES.iter().filter(|(_, package)| !package.is_empty());
    let versions = versions.map(|(_, package)| format!("{package} {}", version(package)));
    let versions: Vec<String> = versions.collect();
    format!(
        "How many times as long as the gradient by hand. Measured on {}, on one thread (processor: \
         {processor}; compiler: {}). Versions: {}. The graph of rust-autograd is made before the \
         clock starts.",
        printed_by("date", "+%F"),
        printed_by("rustc", "--version"),
        versions.join(", ")
    )
}

/// The version of a package in the lock file.
fn version(package: &str) -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let entry = format!("name = \"{package}\"\nversion = \"");
    let (_, rest) = lock.split_once(&entry).expect("a package in the lock file");
    rest.split('"').next().expect("a version")
}

fn printed_by(program: &str, argument: &str) -> String {
    let output = Command::new(program).arg(argument).output();
    let output = output.unwrap_or_else(|error| panic!("`{program}`: {error}"));
    String::from_utf8_lossy(&output.stdout).trim().to_string()
}

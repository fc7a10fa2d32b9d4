//! Other engines beside the stages and beside gradients by hand, on the same work.
//!
//! ```text
//! cargo peers             # everything: about five minutes
//! cargo peers chain       # the workloads with this in their name
//! ```
//!
//! A run of everything is written to `results.md`, which the book shows, unless an engine does not
//! agree to [`TOLERANCE`]. Each engine does each workload in a process of its own, on one thread and
//! in `f64`, and takes turns with the gradient by hand. The table has the medians of the ratios.
//! Tapes are used again. All are compiled by the default release profile, without link-time optimisation.
//!
//! To add an engine of single numbers, make its numbers a `Scalar` and say how it computes a
//! gradient, in `scalars.rs`. One of arrays says each function in its own words, in `arrays.rs`.
//! Then put its package into [`ENGINES`].

#[cfg(feature = "others")]
mod arrays;
mod measure;
#[cfg(feature = "others")]
mod scalars;
mod stages;
mod work;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs};

use measure::{Cell, Run, difference, peak, ratio};
#[cfg(feature = "others")]
use tests::vectorised::VECTORISED;
use work::WORKLOADS;

/// How far from the gradient by hand a number may be, relative to the largest one beside it.
const TOLERANCE: f64 = 1e-8;

/// The rows of the table: the stages, and the packages of others.
const ENGINES: [&str; 16] = [
    "stage 1",
    "stage 2",
    "stage 3",
    "stage 4",
    "stage 4, on arrays",
    "stage 4, with rustnum",
    "stage 5, each operation",
    "stage 5",
    "stage 5, one sum",
    "stage 5, four at once",
    "reverse",
    "RustQuant_autodiff",
    "xad-rs",
    "autograd",
    "candle-core",
    "burn-ndarray",
];

/// What each engine can do. Where nothing is said, the table has an empty cell.
fn cells() -> Vec<Cell> {
    let cells = stages::cells().into_iter();
    #[cfg(feature = "others")]
    let cells = cells.chain(scalars::cells()).chain(arrays::cells());
    cells.collect()
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let part = match &arguments[..] {
        [] => "",
        [part] => part,
        [workload, engine] => {
            println!("{}", measure(workload, engine));
            return ExitCode::SUCCESS;
        }
        _ => panic!("expected nothing, or a part of the name of a workload"),
    };
    let workloads = WORKLOADS.map(|(name, _)| name);
    let workloads: Vec<&str> = workloads
        .into_iter()
        .filter(|name| name.contains(part) && (*name != work::MEMORY || cfg!(target_os = "linux")))
        .collect();
    let measured = measure_all(&workloads);
    let table = table(&workloads, &measured);
    print!("{table}");
    if measured.values().any(Option::is_none) {
        eprintln!("engines have failed, or disagree: see above, and {FAILED} in the table");
        return ExitCode::FAILURE;
    }
    if part.is_empty() && cfg!(feature = "others") {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/results.md");
        fs::write(path, &table).expect("the folder of the package");
    }
    ExitCode::SUCCESS
}

/// Makes what a cell runs, and sets the functions of this thread for it: those of `rustnum` for the row that
/// names it, and the ordinary ones for all others.
fn make(cell: Cell) -> Box<dyn Run> {
    #[cfg(feature = "others")]
    stage4::array::set_elementary((cell.engine == stages::WITH_RUSTNUM).then_some(VECTORISED));
    (cell.make)()
}

/// What a process of its own does: the number for the table, after a look at the numbers.
fn measure(workload: &str, engine: &str) -> f64 {
    let cell = |workload| {
        cells()
            .into_iter()
            .find(|cell| cell.workload == workload && cell.engine == engine)
            .expect("a workload and an engine that does it")
    };
    let (_, by_hand) = WORKLOADS
        .into_iter()
        .find(|(name, _)| *name == workload)
        .expect("a workload");
    if workload == work::MEMORY {
        // A short chain first, since the pages of the program's code count, too.
        make(cell(work::CHAIN)).parts();
    }
    let (mut run, mut by_hand) = (make(cell(workload)), by_hand());
    let (parts, peak) = peak(|| run.parts());
    let difference = difference(&parts, &by_hand.parts());
    eprintln!("{workload}, {engine}: differs by {difference:.1e}");
    assert!(
        difference <= TOLERANCE,
        "{workload}: {engine} differs from the gradient by hand by {difference:e}"
    );
    match workload {
        work::MEMORY => peak.expect("the status of a process") / work::OPERATIONS,
        _ => ratio(&mut *run, &mut *by_hand),
    }
}

/// [`measure`] in a process of its own, with one thread; nothing if that has failed.
fn measure_apart(workload: &str, engine: &str) -> Option<f64> {
    let output = Command::new(env::current_exe().expect("this program"))
        .args([workload, engine])
        .env("RAYON_NUM_THREADS", "1")
        .stderr(Stdio::inherit())
        .output()
        .expect("this program can be started again");
    let printed = String::from_utf8(output.stdout).expect("a number");
    let number = || printed.trim().parse().expect("a number");
    output.status.success().then(number)
}

/// The number for each workload and engine.
type Measured = HashMap<(&'static str, &'static str), Option<f64>>;

fn measure_all(workloads: &[&'static str]) -> Measured {
    let mut measured = Measured::new();
    for Cell {
        workload, engine, ..
    } in cells()
    {
        if workloads.contains(&workload) {
            measured.insert((workload, engine), measure_apart(workload, engine));
        }
    }
    measured
}

const FAILED: &str = "✗";

/// The table in Markdown, below what it was measured on.
fn table(workloads: &[&'static str], measured: &Measured) -> String {
    let mut table = format!("{}\n\n| engine", conditions());
    for workload in workloads {
        write!(table, " | {workload}").expect("a string takes everything");
    }
    table += " |\n|---|";
    table += &"--:|".repeat(workloads.len());
    for engine in ENGINES {
        write!(table, "\n| {} |", named(engine)).expect("a string takes everything");
        for &workload in workloads {
            let cell = match measured.get(&(workload, engine)) {
                Some(&Some(number)) => rounded(number),
                Some(None) => FAILED.to_string(),
                None => String::new(),
            };
            write!(table, " {cell} |").expect("a string takes everything");
        }
    }
    table + "\n"
}

/// Three digits, or all in front of the point.
fn rounded(number: f64) -> String {
    match number {
        n if n < 10.0 => format!("{n:.2}"),
        n if n < 100.0 => format!("{n:.1}"),
        n => format!("{n:.0}"),
    }
}

/// The date, the machine and the compiler.
fn conditions() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let processor = model.map_or("an unknown processor", |model| {
        model.trim_start_matches([' ', '\t', ':'])
    });
    let date = printed_by("date", "+%-d %B %Y");
    let compiler = printed_by("rustc", "--version");
    let compiler = compiler.split(" (").next().unwrap_or_default();
    format!("on {date}, {processor}, one thread, {compiler}")
}

/// What stands for an engine in the table: behind the name of a package, its version in the lock file.
fn named(engine: &str) -> String {
    let lock = include_str!("../Cargo.lock");
    let package = engine.rsplit(' ').next().unwrap_or_default();
    let entry = format!("name = \"{package}\"\nversion = \"");
    match lock.split_once(&entry) {
        Some((_, rest)) => {
            let version = rest.split('"').next().expect("a version");
            format!("{engine} {version}")
        }
        None => engine.to_string(),
    }
}

fn printed_by(program: &str, argument: &str) -> String {
    let output = Command::new(program)
        .arg(argument)
        .env("LC_ALL", "C")
        .output();
    let output = output.unwrap_or_else(|error| panic!("`{program}`: {error}"));
    String::from_utf8_lossy(&output.stdout).trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cell_has_its_column_and_its_row() {
        let cells = cells();
        for (index, cell) in cells.iter().enumerate() {
            let (workload, engine) = (cell.workload, cell.engine);
            let column = WORKLOADS.iter().any(|(name, _)| *name == workload);
            assert!(column, "{workload}");
            assert!(ENGINES.contains(&engine), "{engine}");
            let same = |other: &Cell| (other.workload, other.engine) == (workload, engine);
            assert!(
                !cells[..index].iter().any(same),
                "{workload}, {engine}: twice"
            );
        }
    }

    #[test]
    fn short_workloads_agree() {
        let short = [work::ROSENBROCK, work::CHAIN, work::TANH];
        for cell in cells()
            .into_iter()
            .filter(|cell| short.contains(&cell.workload))
        {
            let by_hand = WORKLOADS.iter().find(|(name, _)| *name == cell.workload);
            let by_hand = by_hand.expect("a workload").1().parts();
            let difference = difference(&make(cell).parts(), &by_hand);
            let (workload, engine) = (cell.workload, cell.engine);
            assert!(
                difference <= TOLERANCE,
                "{workload}, {engine}: {difference}"
            );
        }
    }

    /// `results.md` is of this program, and the chapter that shows it explains each column.
    #[test]
    fn results_are_in_line() {
        let results = include_str!("../results.md");
        let rows = results.lines().filter(|line| line.starts_with('|'));
        let cells_of = |row: &'static str| row[1..row.len() - 1].split('|').map(str::trim);
        let rows = rows.map(|row| Vec::from_iter(cells_of(row)));
        let rows = Vec::from_iter(rows);
        assert_eq!(rows[0][1..], WORKLOADS.map(|(name, _)| name));
        // The names have the versions of the lock file.
        let engines = Vec::from_iter(rows[2..].iter().map(|row| row[0]));
        assert_eq!(engines, ENGINES.map(named));
        for cell in cells() {
            let column = rows[0].iter().position(|name| *name == cell.workload);
            let row = rows.iter().find(|row| row[0] == named(cell.engine));
            let shown = row.expect("a row")[column.expect("a column")];
            let number: Result<f64, _> = shown.parse();
            assert!(number.is_ok(), "{}, {}", cell.workload, cell.engine);
        }

        let chapter = include_str!("../../../book/src/stage5.md");
        for (name, _) in WORKLOADS {
            let explained = format!("**{name}**");
            assert!(
                chapter.contains(&explained),
                "the chapter lacks {explained}"
            );
        }
    }

    #[test]
    fn differences_are_relative_to_the_largest_number() {
        let expected = vec![vec![1.0], vec![0.5, -100.0]];
        assert_eq!(difference(&expected, &expected), 0.0);
        assert_eq!(
            difference(&vec![vec![1.5], vec![0.5, -100.0]], &expected),
            0.5
        );
        assert_eq!(
            difference(&vec![vec![1.0], vec![1.5, -100.0]], &expected),
            0.01
        );
        let with_nan = vec![vec![f64::NAN], vec![0.5, -100.0]];
        assert!(difference(&with_nan, &expected).is_nan());
    }
}

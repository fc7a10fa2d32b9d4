//! What is on a tape, and how it is swept.
//!
//! ```text
//! cargo run -p stage5 --example edges
//! ```

use std::mem::{offset_of, size_of};

use stage5::{Edge, Tape, Trace, Var};

fn main() {
    println!("## plain");
    Tape::new().open(|trace| table(each_operation(&trace.inputs(&POINT))));
    println!("## plain-picture");
    Tape::new().open(|trace| picture(each_operation(&trace.inputs(&POINT))));
    println!("## whole");
    Tape::new().open(|trace| table(at_once(&trace.inputs(&POINT))));
    println!("## whole-picture");
    Tape::new().open(|trace| picture(at_once(&trace.inputs(&POINT))));
    println!("## sweep");
    Tape::new().open(|trace| {
        let x = trace.inputs(&POINT);
        sweep(&x, each_operation(&x));
    });
    println!("## bend");
    bend();
    println!("## sum");
    Tape::new().open(|trace| {
        let x = trace.inputs(&[3.0, 4.0, 5.0]);
        table(trace.sum(x.iter().map(|x| x.powi(2))));
    });
    println!("## layout");
    layout();
}

/// Where the first expression is computed: a, b and c.
const POINT: [f64; 3] = [1.0, 2.0, 3.0];

// ANCHOR: each_operation
/// The first expression, with an entry for each operation.
fn each_operation<'t>(x: &[Var<'t>]) -> Var<'t> {
    let (a, b, c) = (x[0], x[1], x[2]);
    let d = (a + b).record();
    let e = (b * c).record();
    (d * e).record()
}
// ANCHOR_END: each_operation

// ANCHOR: at_once
/// The first expression as one entry.
fn at_once<'t>(x: &[Var<'t>]) -> Var<'t> {
    let (a, b, c) = (x[0], x[1], x[2]);
    ((a + b) * (b * c)).record()
}
// ANCHOR_END: at_once

fn table(output: Var<'_>) {
    println!("child  parent  weight");
    for edge in output.trace().edges() {
        println!("{:5}  {:6}  {:6}", edge.child, edge.parent, edge.weight);
    }
}

/// The entries and edges in DOT. The first three entries are a, b and c.
fn picture(output: Var<'_>) {
    println!("digraph {{");
    for entry in (0..=output.entry()).rev() {
        let name = ["0: a", "1: b", "2: c"].get(entry as usize);
        let label = name.map_or(entry.to_string(), |name| (*name).to_owned());
        println!("  n{entry} [label=\"{label}\"];");
    }
    for edge in output.trace().edges() {
        let Edge { child, parent, .. } = edge;
        println!("  n{child} -> n{parent} [label=\"{}\"];", edge.weight);
    }
    println!("}}");
}

/// The sweep, edge by edge, as `backward` does it.
fn sweep<'t>(x: &[Var<'t>], output: Var<'t>) {
    let mut adjoints = vec![0.0; output.entry() as usize + 1];
    adjoints[output.entry() as usize] = 1.0;
    println!("edge    | weight |  a |  b |  c |  3 |  4 |  5");
    let row = |edge: &str, weight: &str, adjoints: &[f64]| {
        let adjoints = adjoints.iter().map(|adjoint| format!("{adjoint:2}"));
        let adjoints = Vec::from_iter(adjoints).join(" | ");
        println!("{edge:<7} | {weight:>6} | {adjoints}");
    };
    row("seed", "", &adjoints);
    for edge in output.trace().edges().iter().rev() {
        adjoints[edge.parent as usize] += edge.weight * adjoints[edge.child as usize];
        let arrow = format!("{} → {}", edge.child, edge.parent);
        row(&arrow, &edge.weight.to_string(), &adjoints);
    }
    let gradients = output.trace().backward(&[(output, 1.0)]);
    for (x, adjoint) in x.iter().zip(adjoints) {
        assert_eq!(gradients.of(*x), adjoint);
    }
}

/// The right-hand side `next - x * x`, in three ways.
fn bend() {
    let row = |name: &str, trace: Trace<'_>, result: Var<'_>| {
        let edges = trace.edges();
        let entries = result.entry() + 1 - 2; // without the two inputs
        let bytes = size_of::<Edge>() * edges.len();
        println!("{name:<24}{entries:>9}{:>7}{bytes:>7}", edges.len());
    };
    println!("next - x * x              entries  edges  bytes");
    Tape::new().open(|trace| {
        let (x, next) = (trace.input(3.0), trace.input(4.0));
        let square = (x * x).record();
        row("operation by operation", trace, (next - square).record());
    });
    Tape::new().open(|trace| {
        let (x, next) = (trace.input(3.0), trace.input(4.0));
        row("as one entry", trace, (next - x * x).record());
    });
    Tape::new().open(|trace| {
        let (x, next) = (trace.input(3.0), trace.input(4.0));
        row("and with powi", trace, (next - x.powi(2)).record());
    });
}

/// How many letters of the drawing a byte takes.
const LETTERS: usize = 3;

/// An edge in memory, byte by byte. Rust orders the fields as it likes.
fn layout() {
    let mut fields = [
        (offset_of!(Edge, child), "child"),
        (offset_of!(Edge, parent), "parent"),
        (offset_of!(Edge, weight), "weight"),
    ];
    fields.sort();
    let bytes = (0..size_of::<Edge>()).map(|byte| format!("{byte:<LETTERS$}"));
    println!("{}", Vec::from_iter(bytes).concat().trim_end());
    let ends = fields.iter().skip(1).map(|(start, _)| *start);
    let ends = ends.chain([size_of::<Edge>()]);
    let drawing = fields.iter().zip(ends).map(|((start, name), end)| {
        let width = LETTERS * (end - start) - 3;
        format!("├{name:─^width$}┤ ")
    });
    println!("{}", Vec::from_iter(drawing).concat().trim_end());
}

//! `cargo course show` runs on a reader's engine what the figures of the chapters run on those of the book.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_book::directive::{Directive, Steps};
use pretty_assertions::assert_eq;
use project::{Workspace, entries};
use serde::Deserialize;

/// What a stage of the book does wrong, and a right engine of a reader need not.
const FLAW: &str = "a flaw of the stage, which a right engine need not have";

/// The programs of figures that are left out, by stage, each with the reason.
const LEFT_OUT: [(&str, &str, &str); 6] = [
    (
        "stage1",
        "let y = x * x; y.seed(1.0); x.grad(); let z = x * x * x; z.seed(1.0); x.grad();",
        FLAW,
    ),
    (
        "stage1",
        "let y = x * x; let z = x * x * x; y.seed(1.0); z.seed(1.0); x.grad();",
        FLAW,
    ),
    (
        "stage1",
        "let y = x * x; x.grad(); y.seed(1.0); x.grad();",
        FLAW,
    ),
    (
        "stage1",
        "let y = x.sin(); drop(y); let z = x.cos(); drop(z);",
        FLAW,
    ),
    (
        "stage1",
        "let root = x.sqrt(); drop(root); let y = x * 3; y.seed(1.0); x.grad();",
        FLAW,
    ),
    (
        "stage2",
        "let z = x.sin().sin().sin(); drop(z);",
        "nothing is computed, and a right drop may take the chain apart in its own order",
    ),
];

/// A program, its inputs, and how often it is differentiated.
type Program = (String, Vec<(String, String)>, usize);

/// `scripts/cargo-course/content/stageN/programs.toml`.
#[derive(Deserialize)]
struct Shown {
    program: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    program: String,
    inputs: Vec<(String, String)>,
    #[serde(default = "once")]
    order: usize,
}

fn once() -> usize {
    1
}

/// The programs of the chapters' figures, by the stage that runs them, or that a variant is made of.
fn figures(workspace: &Workspace) -> BTreeMap<String, BTreeSet<Program>> {
    let mut found: BTreeMap<String, BTreeSet<Program>> = BTreeMap::new();
    for path in entries(&workspace.path("book/src")).unwrap() {
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = project::read(&path).unwrap();
        for line in text.lines().filter(|line| line.starts_with("{{#steps ")) {
            let Directive::Steps(steps) = Directive::parse(line).unwrap() else {
                unreachable!("{line}");
            };
            let Steps {
                stages,
                program,
                inputs,
                order,
                ..
            } = steps;
            for stage in stages {
                let base = stage.split_once('-').map_or(&*stage, |(base, _)| base);
                let program = (program.replace('\n', " "), inputs.clone(), order);
                found.entry(base.to_owned()).or_default().insert(program);
            }
        }
    }
    // Dual numbers are none of the stages that a reader builds.
    found.remove("forward");
    found
}

#[test]
fn the_programs_of_the_figures_are_shown_on_a_reader_s_engine_too() {
    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let figures = figures(&workspace);
    let stages = Vec::from_iter(figures.keys().map(String::as_str));
    assert_eq!(stages, ["stage1", "stage2", "stage3", "stage4"]);
    let mut missing = Vec::new();
    for (stage, programs) in &figures {
        let place = format!("scripts/cargo-course/content/{stage}/programs.toml");
        let shown: Shown = toml::from_str(&workspace.read(&place).unwrap()).unwrap();
        let shown: Vec<Program> = shown
            .program
            .into_iter()
            .map(|row| (row.program, row.inputs, row.order))
            .collect();
        let left = programs.iter().filter(|program| !shown.contains(program));
        missing.extend(left.map(|(program, ..)| (&**stage, &**program)));
    }
    let left_out = LEFT_OUT.map(|(stage, program, _)| (stage, program));
    missing.sort_unstable();
    let mut wanted = left_out.to_vec();
    wanted.sort_unstable();
    assert_eq!(missing, wanted, "not shown, and not meant to be left out");
}

//! The lines of the stages' code beside the picture: each step shows the one that runs.

mod played;

use played::{Played, record};
use pretty_assertions::assert_eq;

/// Each operation, and each arm of the rules for powers.
const PROGRAM: &str = "let a = x + y;\n\
    let b = a - x * y;\n\
    let c = -(b / y);\n\
    let d = c.sin() + c.cos() + c.exp() + (x * y).ln() + x.sqrt() + c.tanh();\n\
    d + x.powf(y) + z.powf(z) + z.powf(i) + z.powf(x) + i.powf(-i) + i.powf(-x)";

fn inputs() -> Vec<(String, String)> {
    let inputs = [("x", "2"), ("y", "3"), ("z", "0"), ("i", "inf")];
    inputs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
}

/// The row that a step shows.
fn row(played: &Played, step: &recorder::recording::Step) -> Option<String> {
    let listing = &played.recording.listings[step.listing?];
    listing
        .text
        .lines()
        .nth(step.row?)
        .map(|row| row.trim().to_owned())
}

/// Each step but the last ones shows a row. Returns the rows of the rules.
fn rules(played: &Played) -> Vec<String> {
    let mut rules = Vec::new();
    for step in &played.recording.steps {
        let row = row(played, step);
        assert!(row.is_some() || step.kind == "final", "{step:?}");
        if step.kind == "rule" {
            rules.extend(row);
        }
    }
    rules.sort();
    rules.dedup();
    rules
}

#[test]
fn each_step_shows_the_line_that_runs() {
    rules(&record("stage1", PROGRAM, &inputs(), 1));
    let second = rules(&record("stage2", PROGRAM, &inputs(), 1));
    let arms = include_str!("../../../stages/stage2/src/backward.rs").lines();
    let mut arms: Vec<&str> = arms
        .map(str::trim)
        .filter(|line| line.starts_with("(Op::") && !line.contains("Op::Input"))
        .collect();
    arms.sort_unstable();
    assert_eq!(second, arms);

    // `sech` is only in the rule of `tanh`.
    let third = "let t = x.tanh();\n".to_owned() + &PROGRAM.replace("c.tanh()", "t");
    let third = rules(&record("stage3", &third, &inputs(), 1));
    let arms = include_str!("../../../stages/stage3/src/backward.rs").lines();
    let mut arms: Vec<&str> = arms
        .map(str::trim)
        .filter(|line| line.starts_with("(\"") && !line.contains("\"sech\""))
        .collect();
    arms.sort_unstable();
    assert_eq!(third, arms);
    let twice = rules(&record("stage3", "x.tanh()", &inputs()[..1], 2));
    assert!(twice.contains(&"(\"sech\", _) => -gradient * result * args[0].tanh(),".to_owned()));
}

#[test]
fn what_goes_wrong_shows_the_line_that_does_it() {
    let x = &inputs()[..1];
    let questions = "let y = x * x;\ny.seed(1.0);\nx.grad();\nx.clear();\nx.grad();";
    rules(&record("stage1", questions, x, 1));
    let rows = |stage: &str, program: &str| -> Vec<String> {
        let played = record(stage, program, x, 1);
        let steps = played.recording.steps.iter();
        let steps =
            steps.filter(|step| matches!(step.kind, "ready" | "dropped" | "kept" | "freed"));
        let mut rows: Vec<_> = steps.filter_map(|step| row(&played, step)).collect();
        rows.dedup();
        rows
    };
    let chain = "let z = x.sin().sin();\ndrop(z);";
    assert_eq!(rows("stage2-at-once", "x * x"), ["order.push(node);"]);
    assert_eq!(
        rows("stage2-dropped-recursion", chain),
        ["self.parents.clear();"]
    );
    assert_eq!(
        rows("stage2", chain),
        [
            "let mut parents = std::mem::take(&mut self.parents);",
            "parents.append(&mut node.parents);",
            "if let Some(mut node) = Rc::into_inner(parent) {",
        ]
    );
    let operations = "let a = x + 2;\nlet b = a - x * 3;\nlet c = -(b / a);\n\
                      c.sin() + c.cos() + c.exp() + a.ln() + x.sqrt() + c.tanh() + x.powf(2)";
    rules(&record("forward", operations, x, 1));
}

#[test]
fn each_rule_of_stage_4_is_found() {
    let primitives = include_str!("../../../stages/stage4/src/rules.rs").lines();
    let primitives = primitives.filter(|line| !line.starts_with("///"));
    let primitives = primitives.filter_map(|line| {
        let (_, rest) = line.split_once('&')?;
        let (name, _) = rest.split_once(',')?;
        let constant = name
            .chars()
            .all(|c| c.is_ascii_uppercase() || c == '_' || c == '1');
        (constant && name.len() > 1).then(|| name.to_lowercase())
    });
    let primitives: Vec<String> = primitives.collect();
    assert!(primitives.len() > 35, "{primitives:?}");
    let sources = recorder::stages::STAGE4;
    for primitive in primitives {
        let arguments = match primitive.as_str() {
            "add" | "sub" | "mul" | "div" | "powf" | "maximum" | "minimum" | "select"
            | "matmul" => 2,
            _ => 1,
        };
        let rows: Vec<Option<usize>> = (0..arguments)
            .map(|argnum| {
                let line = recorder::stages::stage4::rule(&primitive, argnum);
                sources.cut(line.excerpt).and_then(|cut| cut.row(&line))
            })
            .collect();
        let mut different = rows.clone();
        different.dedup();
        assert!(rows.iter().all(Option::is_some), "{primitive}: {rows:?}");
        assert_eq!(different.len(), arguments, "{primitive}: {rows:?}");
    }
}

#[test]
fn stage_4_shows_the_registry_the_rule_and_the_sum() {
    let inputs = [("x", "array![[1, 2], [3, 4]]"), ("b", "array![10, 20]")];
    let inputs = inputs.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let played = record("stage4", "(x - b).sum()", &inputs, 1);
    rules(&played);
    let rows: Vec<String> = played
        .recording
        .steps
        .iter()
        .filter(|step| matches!(step.kind, "looked-up" | "rule"))
        .filter(|step| step.arrow == Some(1))
        .filter_map(|step| row(&played, step))
        .collect();
    let expected = [
        "let rule = registry.each.get(&(address(primitive), argnum)).copied();",
        "|g, _, x| unbroadcast(-g, &x[1]),",
        "gradient.sum_axis(repeated).reshape(goal)",
    ];
    assert_eq!(rows, expected);
    let cells: Vec<&str> = played
        .recording
        .steps
        .iter()
        .flat_map(|step| &step.set)
        .filter(|change| change.of == recorder::recording::Of::Arrow(1) && change.field == "cells")
        .map(|change| change.text.as_str())
        .collect();
    assert_eq!(cells, ["−1 −1;−1 −1", "−2 −2"]);
}

#[test]
fn listings_are_whole_items_without_the_marks_of_the_book() {
    for (stage, program) in [
        ("stage1", "x * x"),
        ("stage2", "x * x"),
        ("stage3", "x * x"),
        ("stage4", "x * x"),
    ] {
        let played = record(stage, program, &inputs()[..1], 1);
        assert!(played.recording.listings.len() > 3, "{stage}");
        for listing in &played.recording.listings {
            let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../..")
                .join(&listing.file);
            let source = std::fs::read_to_string(file).expect("the file is there");
            let first = source
                .lines()
                .nth(listing.first - 1)
                .expect("the line is there");
            assert_eq!(listing.text.lines().next(), Some(first.trim()));
            assert!(!listing.text.contains("ANCHOR"), "{}", listing.text);
            assert!(listing.text.ends_with('}'), "{}", listing.text);
        }
    }
}

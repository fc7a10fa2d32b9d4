//! The steps of some programs that a reader would watch.

mod played;

use played::{Played, fails, record};
use pretty_assertions::assert_eq;

fn play(stage: &str, program: &str, inputs: &[(&str, &str)], order: usize) -> Played {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let inputs: Vec<(String, String)> = inputs.iter().map(owned).collect();
    record(stage, program, &inputs, order)
}

fn kinds(played: &Played) -> Vec<&'static str> {
    let mut kinds: Vec<_> = played
        .recording
        .steps
        .iter()
        .map(|step| step.kind)
        .collect();
    kinds.dedup();
    kinds
}

fn said(played: &Played, kind: &str) -> Vec<String> {
    let steps = played.recording.steps.iter();
    let steps = steps.filter(|step| step.kind == kind);
    steps.map(|step| step.say.clone()).collect()
}

const XY: &[(&str, &str)] = &[("x", "3"), ("y", "4")];

#[test]
fn stage_1_pulls_and_remembers() {
    let played = play("stage1", "let t = x * y;\nt + x", XY, 1);
    let expected = [
        "made",
        "seeded",
        "asked",
        "remembered",
        "added",
        "remembered",
        "added",
        "remembered",
        "added",
        "remembered",
        "final",
        "asked",
        "remembered",
        "added",
        "remembered",
        "final",
    ];
    assert_eq!(kinds(&played), expected);
    assert_eq!(
        said(&played, "final"),
        ["The gradient of `x` is 5.", "The gradient of `y` is 3."]
    );
    let expected = [
        "`t + x` remembers its gradient: 1.",
        "`t` will remember its gradient: 1.",
        "`t + x` remembers its gradient: 1.",
        "`x` will remember its gradient: 5.",
        "`t` remembers its gradient: 1.",
        "`y` will remember its gradient: 3.",
    ];
    assert_eq!(said(&played, "remembered"), expected);
    // `x` went into `t` first.
    let arrows: Vec<_> = played
        .recording
        .arrows
        .iter()
        .map(|arrow| (arrow.from, arrow.to))
        .collect();
    assert_eq!(arrows, [(0, 2), (1, 2), (2, 3), (0, 3)]);
}

#[test]
fn stage_2_counts_takes_and_walks() {
    let played = play("stage2", "let t = x * y;\nt + x", XY, 1);
    let expected = [
        "made", "seeded", "counted", "ready", "rule", "added", "rule", "added", "rule", "added",
        "rule", "added", "final",
    ];
    assert_eq!(kinds(&played), expected);
    let expected = [
        "`t + x` counts as a child of what it was made from: `t` waits for one child and `x` waits for one child.",
        "`t` counts as a child of what it was made from: `x` waits for 2 children and `y` waits for one child.",
    ];
    assert_eq!(said(&played, "counted"), expected);
    let expected = [
        "The first contribution to `t`: 1.",
        "The first contribution to `x`: 1.",
        "`x` has a gradient already: 1 + 4 = 5.",
        "The first contribution to `y`: 3.",
    ];
    assert_eq!(said(&played, "added"), expected);
}

#[test]
fn an_input_that_does_not_matter_has_the_gradient_0() {
    for stage in ["stage1", "stage2", "stage3", "stage4"] {
        let played = play(stage, "x * 2", XY, 1);
        assert_eq!(played.node(0, "gradient"), "2", "{stage}");
        assert_eq!(played.node(1, "gradient"), "0", "{stage}");
        let constant = play(stage, "2 * 3 + 0", XY, 1);
        assert_eq!(constant.node(0, "gradient"), "0", "{stage}");
    }
    let floor = play("stage3", "x.floor()", XY, 1);
    assert_eq!(floor.node(0, "gradient"), "0");
}

#[test]
fn the_first_number_that_is_none_is_marked() {
    for stage in ["stage1", "stage2", "stage3", "stage4"] {
        let played = play(
            stage,
            "let d = x / y;\n(d - d) * x",
            &[("x", "1"), ("y", "0")],
            1,
        );
        let nodes = 0..played.recording.nodes.len();
        let bad: Vec<&str> = nodes
            .filter(|node| !played.node(*node, "bad").is_empty())
            .map(|node| played.recording.nodes[node].title.as_str())
            .collect();
        // Not `d − d`, though it is the first NaN: that comes of the infinite `d`.
        assert_eq!(bad, ["d"], "{stage}");
        assert_eq!(played.node(played.input(0) + 2, "bad"), "∞", "{stage}");
        let marks = played
            .recording
            .steps
            .iter()
            .filter(|step| step.say.contains("This is the first"));
        assert_eq!(marks.count(), 1, "{stage}");
        assert_eq!(played.node(played.input(0), "gradient"), "NaN", "{stage}");
    }
}

#[test]
fn the_outer_trace_records_while_the_inner_one_is_walked() {
    let played = play("stage3", "x.sin()", &[("x", "2")], 2);
    let recording = &played.recording;
    let titles: Vec<(&str, Option<usize>)> = recording
        .nodes
        .iter()
        .map(|node| (node.title.as_str(), node.frame))
        .collect();
    let expected = [
        ("x", Some(0)),
        ("x", Some(1)),
        ("sin(x)", Some(0)),
        ("sin(x)", Some(1)),
        ("cos(x)", Some(0)),
        ("1 × cos(x)", Some(0)),
    ];
    assert_eq!(titles, expected);
    // As in the engine, whose first trace is number 0.
    let traces: Vec<&str> = recording
        .frames
        .iter()
        .map(|frame| frame.title.as_str())
        .collect();
    assert_eq!(traces, ["trace 0", "trace 1"]);
    // The last two appear between the beginning and the end of the inner walk.
    let at = |found: &dyn Fn(&recorder::recording::Step) -> bool| {
        recording
            .steps
            .iter()
            .position(found)
            .expect("there is such a step")
    };
    let begins = at(&|step| step.kind == "seeded");
    let ends = at(&|step| step.kind == "final");
    for node in [4, 5] {
        let appears = at(&|step| {
            let mut changes = step.set.iter();
            changes.any(|change| {
                change.of == recorder::recording::Of::Node(node) && change.field == "shown"
            })
        });
        assert!(begins < appears && appears < ends, "{node}");
    }
    assert_eq!(
        played.node(1, "gradient"),
        recorder::words::short(2_f64.cos())
    );
    assert_eq!(
        played.node(0, "gradient"),
        recorder::words::short(-2_f64.sin())
    );
}

#[test]
fn the_boxes_of_two_traces_are_not_confused() {
    // d/dx (x · d/dy (x + y)) = 1, where an engine without ids says 2.
    for stage in ["stage3", "stage4"] {
        let played = play(stage, "x * grad(|y| x + y)(2)", &[("x", "3")], 1);
        assert_eq!(played.node(0, "gradient"), "1", "{stage}");
    }
}

#[test]
fn a_shape_between_signs_is_in_brackets() {
    let formula = |op: &str, args: &[&str]| {
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        recorder::words::formula(op, &args)
    };
    let (matrix, row) = ("array 2 × 3", "[10 20 30]");
    assert_eq!(formula("mul", &[matrix, row]), "(array 2 × 3) × [10 20 30]");
    assert_eq!(formula("sub", &[row, matrix]), "[10 20 30] − (array 2 × 3)");
    assert_eq!(formula("neg", &[matrix]), "−(array 2 × 3)");
    assert_eq!(formula("sin", &[matrix]), "sin(array 2 × 3)");
    assert_eq!(formula("mul", &["−1", "−2"]), "−1 × (−2)");
}

#[test]
fn names_shadow_as_in_rust() {
    let played = play("stage2", "let x = x * x;\nlet x = x + 1;\nx * &y", XY, 1);
    assert_eq!(played.node(played.output(), "value"), "40");
    assert_eq!(played.node(0, "gradient"), "24");
}

#[test]
fn rust_computes_with_literals_itself() {
    let played = play("stage2", "x * (2.0 * 3 - 1_0).powf(2f64)", XY, 1);
    let titles: Vec<&str> = played
        .recording
        .nodes
        .iter()
        .map(|node| node.title.as_str())
        .collect();
    assert_eq!(titles, ["x", "y", "16", "x × 16"]);
}

#[test]
fn numbers_are_short() {
    let short = recorder::words::short;
    for (number, text) in [
        (0.0, "0"),
        (-0.0, "0"),
        (-1.5, "−1.5"),
        (0.1 + 0.2, "0.3"),
        (1234567.0, "1234570"),
        (12345678.0, "1.23457e7"),
        (-0.00000123, "−1.23e−6"),
        (f64::INFINITY, "∞"),
        (f64::NEG_INFINITY, "−∞"),
        (f64::NAN, "NaN"),
    ] {
        assert_eq!(short(number), text);
    }
}

#[test]
fn each_method_of_stage_4_runs_and_comes_to_what_the_engine_says() {
    let methods = recorder::stages::stage4::methods();
    assert!(methods.len() > 50);
    for (name, parameters) in methods {
        use recorder::evaluate::Parameter;
        let args: Vec<&str> = parameters
            .iter()
            .enumerate()
            .map(|(place, parameter)| match (parameter, name, place) {
                (Parameter::Value, "clip", 0) => "0.1",
                (Parameter::Value, "clip", _) => "0.4",
                (Parameter::Value, "dot", _) => "&y.t()",
                (Parameter::Value, "with_slice_axis", _) => "&y.slice_axis(1, 0..2)",
                (Parameter::Value, ..) => "&y",
                (Parameter::Index, ..) => "1",
                (Parameter::Axes, ..) => "[0, 1]",
                (Parameter::List, "permuted_axes", _) => "&[1, 0]",
                (Parameter::List, "broadcast", _) => "&[2, 2, 3]",
                (Parameter::List, "reshape", _) => "&[3, 2]",
                (Parameter::List, "index", _) => "&[1, 2]",
                (Parameter::List, ..) => "&[0, 0, 1]",
                (Parameter::Range, ..) => "0..2",
            })
            .collect();
        let program = match name {
            "select" => "select(&x.greater(y), x, y).sum()".to_owned(),
            _ => format!("x.{name}({}).sum()", args.join(", ")),
        };
        let inputs = [
            ("x", "array![[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]"),
            ("y", "array![[0.3, 0.2, 0.1], [0.3, 0.7, 0.5]]"),
        ];
        let inputs = inputs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        for order in [1, 2] {
            let played = fails("stage4", &program, &inputs, order, "nothing");
            assert!(played.is_some());
        }
    }
}

//! What goes wrong, as the chapters show it: questions that a program asks itself, and stages with one
//! edit.

mod played;

use played::{Played, record};
use pretty_assertions::assert_eq;

fn play(stage: &str, program: &str, inputs: &[(&str, &str)]) -> Played {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let inputs: Vec<(String, String)> = inputs.iter().map(owned).collect();
    record(stage, program, &inputs, 1)
}

fn said(played: &Played, kind: &str) -> Vec<String> {
    let steps = played.recording.steps.iter();
    let steps = steps.filter(|step| step.kind == kind);
    steps.map(|step| step.say.clone()).collect()
}

/// What a variable of stage 1 says of its gradient, each time that the program asks.
fn answers(program: &str, x: &str) -> Vec<String> {
    said(&play("stage1", program, &[("x", x)]), "final")
}

#[test]
fn stage_1_answers_as_its_example_of_limits() {
    let expect = |program: &str, x: &str, gradients: &[&str]| {
        let expected = gradients.iter();
        let expected = expected.map(|gradient| format!("The gradient of `x` is {gradient}."));
        assert_eq!(
            answers(program, x),
            expected.collect::<Vec<_>>(),
            "{program}"
        );
    };
    let stale = "let y = x * x;\ny.seed(1.0);\nx.grad();\n\
                 let z = x * x * x;\nz.seed(1.0);\nx.grad();";
    expect(stale, "3", &["6", "6"]);
    let mixed = format!("{stale}\nx.clear();\nx.grad()");
    expect(&mixed, "3", &["6", "6", "33"]);
    let early = "let y = x * x;\nx.grad();\ny.seed(1.0);\nx.grad();";
    expect(early, "3", &["0", "0"]);
    let discarded = "let root = x.sqrt();\ndrop(root);\n\
                     let y = x * 3;\ny.seed(1.0);\nx.grad();";
    expect(discarded, "0", &["NaN"]);
    // Two cleared and asked again is a question like any other.
    expect(
        "let y = x * x;\ny.seed(2.0);\nx.grad();\ny.seed(1.0);\nx.clear();\nx.grad();",
        "3",
        &["12", "6"],
    );

    let played = play("stage1", stale, &[("x", "3")]);
    let remembered = said(&played, "remembered").pop();
    let expected = "`x` remembers its gradient: 6. A child has come since then, and is not asked.";
    assert_eq!(remembered.as_deref(), Some(expected));
}

#[test]
fn calls_that_are_open_are_counted() {
    let played = play(
        "stage1",
        "let z = x.sin().sin().sin();\nz.seed(1.0);\nx.grad();",
        &[("x", "1")],
    );
    let asked = said(&played, "asked");
    let ends = asked
        .iter()
        .map(|say| say.rsplit(". ").next().unwrap_or_default());
    assert_eq!(
        ends.collect::<Vec<_>>(),
        [
            "`x` is asked for its gradient, and has to ask its child.",
            "Now 2 calls are open.",
            "Now 3 calls are open."
        ]
    );
}

#[test]
fn calls_that_have_returned_are_not_counted() {
    let program = "let p = x.sin();\nlet q = x.cos();\nlet z = p * q;\nz.seed(1.0);\nx.grad();";
    let played = play("stage1", program, &[("x", "1")]);
    let asked = said(&played, "asked");
    assert_eq!(asked.len(), 3);
    for say in &asked[1..] {
        assert!(say.ends_with("Now 2 calls are open."), "{say}");
    }
}

#[test]
fn what_stage_1_lets_go_of_stays() {
    let played = play("stage1", "let y = x.sin();\ndrop(y);", &[("x", "1")]);
    assert_eq!(
        said(&played, "dropped"),
        ["The program lets go of `y`. `x` still holds it as a child, so it stays."]
    );
    assert_eq!(played.node(1, "state"), "dropped");
}

/// The titles of the nodes in the order in which they are freed, and the most calls that were open.
fn freed(stage: &str, program: &str) -> (Vec<String>, usize) {
    let played = play(stage, program, &[("x", "1")]);
    let steps = &played.recording.steps;
    let freed = steps
        .iter()
        .flat_map(|step| &step.set)
        .filter_map(|change| {
            let recorder::recording::Of::Node(node) = change.of else {
                return None;
            };
            let title = &played.recording.nodes[node].title;
            (change.field == "state" && change.text == "freed").then(|| title.clone())
        });
    let open = |say: &str| {
        let (before, _) = say.split_once(" calls are open")?;
        before.rsplit(' ').next()?.parse().ok()
    };
    let most = steps.iter().filter_map(|step| open(&step.say)).max();
    (freed.collect(), most.unwrap_or(1))
}

#[test]
fn a_chain_is_freed_in_a_loop_or_by_calls_inside_calls() {
    let chain = "let z = x.sin().cos().exp().tanh();\ndrop(z);";
    let [a, b, c, z] = ["sin(x)", "cos(sin(x))", "n3", "z"].map(str::to_owned);
    assert_eq!(
        freed("stage2", chain),
        (vec![z.clone(), c.clone(), b.clone(), a.clone()], 2)
    );
    assert_eq!(
        freed("stage2-dropped-recursion", chain),
        (vec![a, b, c, z], 4)
    );
    // What has another owner stays, in both.
    for stage in ["stage2", "stage2-dropped-recursion"] {
        let (freed, _) = freed(stage, "let y = x.sin();\nlet z = y + y;\ndrop(z);");
        assert_eq!(freed, ["z"], "{stage}");
        let (freed, _) = self::freed(
            stage,
            "let y = x.sin();\nlet z = y + y;\ndrop(y);\ndrop(z);",
        );
        assert_eq!(freed.len(), 2, "{stage}");
    }
}

const TWO_WAYS: &str = "let a = x * x;\nlet b = a * a;\nlet f = a + b;\nf";

#[test]
fn passing_on_at_once_loses_what_comes_late() {
    let at_once = play("stage2-at-once", TWO_WAYS, &[("x", "3")]);
    assert_eq!(
        at_once.recording.title,
        "Stage 2, if nodes passed on at once"
    );
    assert_eq!(at_once.node(0, "gradient"), "6");
    assert_eq!(
        said(&at_once, "late"),
        ["The walk is over. `a` ends with 19, and has passed on 1 of it."]
    );
    let right = play("stage2", TWO_WAYS, &[("x", "3")]);
    assert_eq!(right.node(0, "gradient"), "114");
    assert_eq!(said(&right, "late"), [""; 0]);
    // The picture is the same.
    let places = |played: &Played| -> Vec<(f64, f64)> {
        let nodes = played.recording.nodes.iter();
        nodes.map(|node| (node.x, node.y)).collect()
    };
    assert_eq!(places(&at_once), places(&right));
    // The other way round it is right by luck.
    let lucky = play(
        "stage2-at-once",
        &TWO_WAYS.replace("a + b", "b + a"),
        &[("x", "3")],
    );
    assert_eq!(lucky.node(0, "gradient"), "114");
}

#[test]
fn without_ids_the_outer_trace_records_nothing() {
    let program = "grad(|y| x * y)(1)";
    let outer = |stage| {
        play(stage, program, &[("x", "5")])
            .node(0, "gradient")
            .to_owned()
    };
    assert_eq!(outer("stage3"), "1");
    assert_eq!(outer("stage3-confused-traces"), "0");
    let confused = play("stage3-confused-traces", program, &[("x", "5")]);
    assert_eq!(
        said(&confused, "unboxed"),
        ["`mul` takes the box of trace 0 off `x` and the box of trace 1 off `y`."]
    );
    // An arrow from one frame to the other ends at both boxes.
    let recording = &confused.recording;
    let crossing = recording
        .arrows
        .iter()
        .find(|arrow| recording.nodes[arrow.from].frame != recording.nodes[arrow.to].frame);
    let crossing = crossing.expect("the inner product has the outer input as a parent");
    let (from, to) = (
        &recording.nodes[crossing.from],
        &recording.nodes[crossing.to],
    );
    assert_eq!(crossing.points[0][0], from.x);
    assert_eq!(crossing.points[1][0], to.x + to.width);
}

#[test]
fn speeds_are_the_derivatives_that_the_walk_finds() {
    for program in [
        "let a = x * y;\nlet b = x.sin();\na + b",
        "(x / y - x).exp() * -x",
        "x.powf(3) + x.sqrt().ln() - x.tanh().cos()",
        "y * y",
    ] {
        let inputs = [("x", "0.7"), ("y", "-1.3")];
        let forwards = play("forward", program, &inputs);
        let walked = play("stage2", program, &inputs);
        let output = forwards.recording.nodes.len() - 1;
        let number = |text: &str| text.replace('−', "-").parse::<f64>().expect("a number");
        let (speed, gradient) = (
            number(forwards.node(output, "speed")),
            number(walked.node(0, "gradient")),
        );
        assert!(
            (speed - gradient).abs() < 1e-5,
            "{program}: {speed}, {gradient}"
        );
        // The boxes are in the same places, and the arrows lead the other way.
        for (a, b) in forwards
            .recording
            .arrows
            .iter()
            .zip(&walked.recording.arrows)
        {
            assert_eq!((a.from, a.to), (b.to, b.from), "{program}");
            assert_eq!(a.points.first(), b.points.last(), "{program}");
            assert_eq!(
                forwards.recording.nodes[a.from].x,
                walked.recording.nodes[a.from].x
            );
        }
    }
}

//! Programs and inputs that are wrong: what is said, and where.

use pretty_assertions::assert_eq;
use recorder::recording;
use recorder::request::{Error, Place, Request};

fn refusal(stage: &str, program: &str, inputs: &[(&str, &str)], order: usize) -> Error {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let request = Request {
        stage: stage.to_owned(),
        program: program.to_owned(),
        inputs: inputs.iter().map(owned).collect(),
        order,
    };
    match recording(&request) {
        Ok(_) => panic!("{program} is accepted"),
        Err(error) => error,
    }
}

/// The message and the part of the program that is marked.
fn marked(stage: &str, program: &str) -> (String, String) {
    let error = refusal(stage, program, &[("x", "3"), ("y", "4")], 1);
    let place = error.place.unwrap_or_else(|| panic!("no place: {error:?}"));
    let line: Vec<u16> = program
        .lines()
        .nth(place.line)
        .unwrap_or_default()
        .encode_utf16()
        .collect();
    let part = String::from_utf16(&line[place.start..place.end]).expect("whole letters");
    (error.message, part)
}

#[track_caller]
fn refused(stage: &str, program: &str, message: &str, part: &str) {
    let (found, marked) = marked(stage, program);
    assert!(found.contains(message), "{program}: {found}");
    assert_eq!(marked, part, "{program}: {found}");
}

#[test]
fn what_does_not_parse_is_marked_where_it_stops() {
    refused("stage2", "let t = x * ;\nt", "expected an expression", ";");
    refused("stage2", "let t = x * y\nt.sin()", "expected `;`", "t");
    refused("stage2", "(x + y", "this `(` is not closed", "(");
    refused("stage2", "(x + y]", "this `]` closes no `[`", "]");
    refused("stage2", "x + y)", "this `)` closes no `(`", ")");
    refused("stage2", "x + \"y", "a sign that is not known", "");
    refused("stage2", "x y", "expected an operator, or the end", "y");
    refused(
        "stage2",
        "x.powf(2 3)",
        "expected an operator, or the end",
        "3",
    );
    refused("stage2", "x + ", "expected an expression", "");
    refused("stage2", "", "an empty program", "");
    refused("stage2", "let t = x;", "ends with a `let`", "");
    refused("stage2", "x * x;", "without its `;`", "x * x");
}

#[test]
fn what_is_not_allowed_is_named_with_what_is() {
    for (program, message, part) in [
        ("loop { x }", "a loop", "loop"),
        ("while x { y };\nx", "a loop", "while"),
        ("for i in x { y };\nx", "a loop", "for"),
        ("if x { y } else { x }", "a choice", "if"),
        ("f(x)", "an unknown function `f`", "f"),
        ("x(y)", "an unknown function `x`", "x"),
        (
            "x.foo(y)",
            "has no method `foo`; it has powf, sin",
            "x.foo(y)",
        ),
        ("x.value", "did you mean `.value()`?", "value"),
        ("x % y", "an unknown operator", "%"),
        ("x.add(y)", "write it with its operator", "add"),
        ("vec![x]", "an unknown macro", "vec"),
        ("\"x\"", "not a number", "\"x\""),
        ("|z| z", "a closure", "|"),
        ("!x", "an unknown operator", "!"),
        ("return x", "not known here", "return"),
        ("{ x }", "a block", "{ x }"),
        ("let (a, b) = x;\na", "a plain name", "(a, b)"),
        ("std::f64::consts::PI * x", "a path", "std"),
        ("x;\ny", "this value is not used", "x"),
        ("x = y", "an unknown operator", "="),
        ("x.sin(y)", "`sin` takes 0 arguments, not 1", "x.sin(y)"),
        ("q * x", "`q` has no value", "q"),
        ("grad(|z| z)(x)", "stage2 has no `grad`", "grad(|z| z)(x)"),
        ("array![1, 2] * x", "stage2 has no arrays", "array![1, 2]"),
    ] {
        refused("stage2", program, message, part);
    }
    refused(
        "stage2",
        "let t = x * y;\nt.seed(1);",
        "stage2 has no `seed`",
        "t.seed(1)",
    );
    refused("stage3", "x.clear();", "stage1 has it", "x.clear()");
    refused("stage4", "drop(x);", "stage1 and stage2 show it", "drop(x)");
    refused(
        "stage1",
        "x.seed(y);\nx.grad();",
        "`seed` takes a number",
        "y",
    );
    refused("stage1", "x.seed();", "`seed` takes one number", "x.seed()");
    refused(
        "stage1",
        "x.grad(1);",
        "`grad` takes no arguments",
        "x.grad(1)",
    );
    refused(
        "stage1",
        "let t = 2;\nt.grad();",
        "a plain number has no `grad`",
        "t",
    );
    refused("stage1", "drop(x);", "`x` is not a result", "drop(x)");
    refused(
        "stage1",
        "drop(x * y);",
        "`drop` takes one name",
        "drop(x * y)",
    );
    refused(
        "stage1",
        "let t = x * y;\ndrop(t);\nt",
        "`t` has no value",
        "t",
    );
    refused(
        "stage3",
        "grad(|z| { z.grad(); })(x)",
        "returns nothing",
        "{ z.grad(); }",
    );
    refused("stage3", "grad(|z| z)", "call it, too", "grad(|z| z)");
    refused("stage3", "grad(x)(x)", "takes one closure", "grad(x)");
    refused("stage4", "x.sum_axis(y)", "expected an axis", "y");
    refused("stage4", "x.reshape(2)", "expected a list", "2");
    refused("stage4", "array![[1, 2], [3]] * x", "a row of 1", "[3]");
    refused("stage4", "array![[1, 2], 3] * x", "side by side", "3");
    refused("stage4", "array![x]", "expected a number", "x");
}

#[test]
fn columns_are_counted_as_javascript_does() {
    let place = refusal("stage2", "let 𝒙 = x;\n𝒙 * q", &[("x", "1")], 1).place;
    let (line, start, end) = (1, 5, 6);
    assert_eq!(place, Some(Place { line, start, end }));
}

#[test]
fn a_wrong_input_is_named() {
    let error = refusal("stage2", "x", &[("x", "1.2.3")], 1);
    assert_eq!(error.input.as_deref(), Some("x"));
    assert_eq!(error.message, "`x` = 1.2.3: expected a number");
    let error = refusal("stage2", "x", &[("x", "array![1, 2]")], 1);
    assert_eq!(error.input.as_deref(), Some("x"));
    assert_eq!(error.message, "`x`: stage2 has no arrays; stage4 has");
    let error = refusal("stage4", "x", &[("x", "array![[1, 2], [3]]")], 1);
    assert_eq!(error.input.as_deref(), Some("x"));
    assert!(error.message.contains("a row of 1"), "{error:?}");
    assert_eq!(error.place, None);
    for text in ["", "y", "x + 1", "1; 2"] {
        let error = refusal("stage4", "x", &[("x", text)], 1);
        assert_eq!(error.input.as_deref(), Some("x"), "{text}");
    }
}

#[test]
fn unknown_stages_and_orders_are_refused() {
    let message = |stage: &str, order: usize| refusal(stage, "x", &[("x", "1")], order).message;
    assert!(message("stage9", 1).contains("unknown stage `stage9`; expected stage1"));
    assert!(message("stage9", 2).contains("unknown stage `stage9`"));
    assert!(message("stage2", 2).contains("stage2 has the first derivative only"));
    assert!(message("stage3", 4).contains("expected 1, 2 or 3"));
    assert!(message("stage3", 0).contains("expected 1, 2 or 3"));
    let response = recorder::record("{");
    assert!(
        response.starts_with(r#"{"error":{"message":"the request: "#),
        "{response}"
    );
}

#[test]
fn an_engine_refuses_in_its_own_words_at_the_place_of_the_operation() {
    let arrays = [("x", "array![1, 2, 3]"), ("y", "array![1, 2]")];
    for (program, message, start, end) in [
        (
            "1 + (x * y)",
            "`mul`: the shapes [[3], [2]] do not broadcast",
            5,
            10,
        ),
        (
            "x.dot(&y)",
            "`dot`: the shapes [3] and [2] do not fit",
            0,
            9,
        ),
        (
            "x.sum_axis(1)",
            "`sum`: there is no axis 1 in the shape [3]",
            0,
            13,
        ),
        (
            "x.reshape(&[2, 2])",
            "expected 4 elements for the shape [2, 2]",
            0,
            18,
        ),
        (
            "grad(|z| z * 2)(x)",
            "`grad`: the function returned an array of shape [3]",
            0,
            18,
        ),
    ] {
        let error = refusal("stage4", program, &arrays, 1);
        assert!(error.message.contains(message), "{program}: {error:?}");
        let line = 0;
        assert_eq!(error.place, Some(Place { line, start, end }), "{program}");
    }
    // And the next program runs as if nothing had been.
    let response = recorder::record(r#"{"stage":"stage4","program":"x","inputs":[["x","1"]]}"#);
    assert!(response.starts_with(r#"{"recording""#), "{response}");
}

#[test]
fn too_much_is_refused_with_its_number() {
    let long = vec!["x"; 10_001].join(" + ");
    let error = refusal("stage2", &long, &[("x", "1")], 1);
    assert_eq!(error.message, "10000 operations; at most 300 can be shown");
    // Numbers become nodes, too.
    let numbers = vec!["x"; 151].join(" * 2 + ");
    let error = refusal("stage2", &numbers, &[("x", "1")], 1);
    assert_eq!(error.message, "451 nodes; at most 300 can be shown");
    let twice = format!("grad(|y| {})(x)", vec!["y.sin()"; 60].join(" * "));
    let error = refusal("stage3", &twice, &[("x", "1")], 3);
    assert_eq!(
        error.message,
        "more than 3000 nodes; at most 300 can be shown"
    );
    let ones = format!("array![{}]", vec!["1"; 200].join(", "));
    let error = refusal("stage4", "x.outer(&x)", &[("x", &ones)], 1);
    assert!(
        error.message.contains("has 40000 elements; at most 10000"),
        "{error:?}"
    );
    let error = refusal(
        "stage4",
        "x.broadcast(&[1000000, 1000000, 200])",
        &[("x", &ones)],
        1,
    );
    assert!(
        error.message.contains("elements; at most 10000"),
        "{error:?}"
    );
}

#[test]
fn deep_programs_overflow_no_stack() {
    let brackets = format!("{}x{}", "(".repeat(5_000), ")".repeat(5_000));
    refused("stage2", &brackets, "brackets more than 40 deep", "(");
    let signs = format!("{}x", "-".repeat(5_000));
    assert!(marked("stage2", &signs).0.contains("5000 operations"));
    let calls = format!("x{}", ".sin()".repeat(5_000));
    assert!(marked("stage2", &calls).0.contains("5000 operations"));
    for prefix in ["|z| ", "& ", "! ", "return ", "move ", "loop ", "if "] {
        let request = format!(
            r#"{{"stage":"stage2","program":"{}x","inputs":[["x","1"]]}}"#,
            prefix.repeat(5_000)
        );
        assert!(recorder::record(&request).len() > 10);
    }
    let grads = format!("{}x{}", "grad(|x| ".repeat(6), ")(x)".repeat(6));
    refused(
        "stage3",
        &grads,
        "more than 4 derivatives inside one another",
        &grads[27..grads.len() - 12],
    );
    // As deep as it may be.
    let fits = format!("{}x{}", "(".repeat(40), ")".repeat(40));
    let fits = [fits, vec!["-"; 290].concat() + "x"].join(" + ");
    let request = Request {
        stage: "stage3".to_owned(),
        program: fits,
        inputs: vec![("x".to_owned(), "1".to_owned())],
        order: 1,
    };
    assert!(recorder::without_places(&request).is_ok());
}

//! Whatever tries every operation tries each of them. These are lists in texts, and no compiler sees
//! that one of them has become too short.

use std::fs;
use std::path::Path;

/// The text of a file, also where git has put other line ends.
fn read(place: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(place);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{place}: {error}"));
    text.replace("\r\n", "\n")
}

/// What is between two texts, the first time.
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("{start}"));
    rest.split_once(end).unwrap_or_else(|| panic!("{end}")).0
}

/// The names in a folder, sorted.
fn names_in(place: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(place);
    let entries = fs::read_dir(&path).unwrap_or_else(|error| panic!("{place}: {error}"));
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names = Vec::from_iter(names.filter(|name| !name.starts_with('.')));
    names.sort();
    names
}

/// The steps of a stage, without the exam: it is shared, and tries what all stages have.
fn steps(stage: &str) -> String {
    let folder = format!("stages/{stage}/tests");
    let mut names = names_in(&folder);
    names.retain(|name| name.starts_with("step") && !name.ends_with("_exam.rs"));
    let texts = names.iter().map(|name| read(&format!("{folder}/{name}")));
    let text = Vec::from_iter(texts).concat();
    // The headers tell what there is, and try nothing.
    let lines = text.lines().filter(|line| !line.starts_with("//!"));
    Vec::from_iter(lines).join("\n")
}

/// The functions that a trait asks for.
fn functions<'a>(source: &'a str, receiver: &str) -> Vec<&'a str> {
    let body = between(source, "\npub trait Number", "\n}\n");
    let required = body.lines().filter(|line| line.ends_with(';'));
    let functions = required.filter_map(|line| line.trim().strip_prefix("fn "));
    let functions = functions.filter_map(|line| line.split_once(receiver));
    let mut names = Vec::from_iter(functions.map(|(name, _)| name.trim_end_matches('(')));
    names.retain(|name| *name != "value");
    names
}

fn is_called(text: &str, name: &str) -> bool {
    let calls = [
        format!(".{name}("),
        format!("::{name},"),
        format!(" {name}("),
    ];
    calls.iter().any(|call| text.contains(call))
}

/// Those that the text does not call, as lines that say so.
fn not_called(place: &str, text: &str, names: &[&str]) -> Vec<String> {
    let missing = names.iter().filter(|name| !is_called(text, name));
    let lines = missing.map(|name| format!("{place}: nothing calls `{name}`"));
    lines.collect()
}

#[test]
fn every_function_that_all_stages_have_is_in_each_list() {
    let number = read("tests/src/number.rs");
    let names = functions(&number, "&self");
    assert!(names.contains(&"powf") && names.contains(&"tanh") && !names.contains(&"floor"));
    let cases = read("tests/src/cases.rs");
    let mut texts = vec![
        (
            "tests/src/cases.rs, `each_operation`".to_owned(),
            between(&cases, "\npub fn each_operation", "\n}\n").to_owned(),
        ),
        (
            "tests/src/program.rs, `run`".to_owned(),
            read("tests/src/program.rs"),
        ),
    ];
    let accuracy = "tests/examples/accuracy/operations.rs";
    let rows = read(accuracy);
    let rows = rows.lines().filter(|line| line.contains("everywhere!(\""));
    let rows = Vec::from_iter(rows).join("\n");
    texts.push((format!("{accuracy}, `everywhere!`"), rows));
    for stage in names_in("stages") {
        texts.push((format!("stages/{stage}/tests/step*.rs"), steps(&stage)));
    }
    let missing = texts
        .iter()
        .map(|(place, text)| not_called(place, text, &names));
    let missing = Vec::from_iter(missing.flatten());
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

#[test]
fn every_function_of_stage_5_is_tried_by_its_properties_and_a_step() {
    let number = read("stages/stage5/src/number.rs");
    let mut names = functions(&number, "self");
    // The numbers compute these in pairs, and the expressions one by one.
    names.retain(|name| !["sin_cos", "tanh_with_slope"].contains(name));
    assert!(names.contains(&"atan2"));
    let properties = "stages/stage5/tests/behaviours/properties.rs";
    let mut missing = not_called(properties, &read(properties), &names);
    let text = steps("stage5");
    missing.extend(not_called("stages/stage5/tests/step*.rs", &text, &names));
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

#[test]
fn the_exam_of_stage_2_draws_every_operation() {
    let ops = read("stages/stage2/src/ops.rs");
    let variants = between(&ops, "pub enum Op {", "\n}\n").lines();
    let variants = variants.filter_map(|line| line.trim().strip_suffix(','));
    let variants = Vec::from_iter(variants);
    assert!(variants.contains(&"Input") && variants.contains(&"Tanh"));
    let folder = "stages/stage2/tests";
    let mut names = names_in(folder).into_iter();
    let exam = names.find(|name| name.ends_with("_exam.rs")).unwrap();
    let place = format!("{folder}/{exam}");
    let text = read(&place);
    let test = "fn every_operation_is_drawn_under_its_name_in_small_letters";
    let drawn = between(&text, test, "\n}\n");
    for variant in variants {
        assert!(
            drawn.contains(&format!("Op::{variant},")),
            "{place}: `Op::{variant}` is not in the list of `{test}`"
        );
    }
}

/// How exactly stage 4 computes them is in the book, in the chapter on accuracy.
#[test]
fn every_primitive_on_numbers_of_stage_4_is_in_the_table_of_accuracy() {
    let ops = read("stages/stage4/src/ops.rs");
    let place = "tests/examples/accuracy/operations.rs";
    let table = read(place);
    let mut missing = Vec::new();
    for anchor in ["op", "more_ops"] {
        let part = between(
            &ops,
            &format!("// ANCHOR: {anchor}\n"),
            &format!("// ANCHOR_END: {anchor}\n"),
        );
        for primitive in part.split("Primitive::new(\"").skip(1) {
            let (name, _) = primitive.split_once('"').unwrap();
            // These have signs in the place of names.
            let is_a_sign = ["add", "sub", "mul", "div", "neg", "powf"].contains(&name);
            let rows = [format!("!(\"{name}\""), format!("!(\"{name} x\"")];
            if !is_a_sign && !rows.iter().any(|row| table.contains(row)) {
                missing.push(format!("{place}: there is no row `{name}`"));
            }
        }
    }
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

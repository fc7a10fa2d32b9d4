//! What a stage begins with fails the steps that it should, and the reference passes all.

use cargo_course::skeleton::Written;
use cargo_course::start::{self, Base};
use cargo_course::step;
use cargo_course::{content, skeleton};
use pretty_assertions::assert_eq;
use project::Workspace;
use project::anchors::without_anchors;
use project::stages::sources;

use crate::clone::{Clone, Said, for_each_stage, original, stopped};

/// The marks that `check --all` should show.
fn expected(count: usize, red: &[usize]) -> String {
    let mark = |number| if red.contains(&number) { '✘' } else { '✔' };
    (1..=count).map(mark).collect()
}

/// Tries a skeleton after each step, as a reader would leave it who writes what the reference has.
fn skeletons(stage: &str) {
    let clone = Clone::new(&format!("skeleton of {stage}"));
    let workspace = clone.workspace();
    let steps = step::of_stage(&workspace, stage).unwrap();

    let said = clone.succeed(&format!("start {stage} --from skeleton"));
    let all_red: Vec<usize> = (1..=steps.len()).collect();
    assert_eq!(said.marks(), expected(steps.len(), &all_red), "{said}");
    said.must_say(&format!(
        "All {} steps are red now, and that is right",
        steps.len()
    ));

    // In an exam nothing is written, so it is green with the step before it.
    let writing = steps.iter().filter(|step| !step.items.is_empty());
    for done in 0..writing.count() {
        let base = Base::Skeleton(Written::steps(done));
        if done > 0 {
            let sources = start::starter(&workspace, stage, &base).unwrap();
            clone.paste(stage, &sources);
        }
        let said = clone.fail(&format!("check {stage} --all --limit 120"));
        let red = start::red(&workspace, stage, &base).unwrap();
        assert_eq!(
            said.marks(),
            expected(steps.len(), &red),
            "after step {done}:\n{said}"
        );
        assert_eq!(said.stderr, "", "after step {done}");
        let next = &steps[red[0] - 1];
        said.must_say(&format!("Step {}: {}", next.number, next.title));
        said.must_say(&next.text);
        said.must_say("is not written yet");
    }

    clone.paste(stage, &workspace.reference(stage).unwrap());
    let said = clone.succeed(&format!("check {stage} --limit 120"));
    assert_eq!(said.marks(), expected(steps.len(), &[]));
    passed(&said, stage);
}

/// What is said when a stage is done.
#[track_caller]
fn passed(said: &Said, stage: &str) {
    said.must_say(&format!("All steps of {stage} pass"));
    said.must_say(&format!("cargo course diff mine {stage}"));
    said.must_say(&format!("cargo course diff mine {stage} --code"));
}

/// Begins with the stage before: first the reference's, then the reader's own.
fn evolved(stage: &str, before: &str) {
    let clone = Clone::new(&format!("{stage} from {before}"));
    let workspace = clone.workspace();
    let count = step::of_stage(&workspace, stage).unwrap().len();

    // One of the reader's own that does not pass is not taken.
    clone.succeed(&format!("start {before} --from skeleton"));
    let said = clone.succeed(&format!("start {stage}"));
    said.must_say(&format!("It is a copy of the reference stages/{before}"));
    let advice = content::stage(&workspace, stage).unwrap().advice;
    said.must_say(&format!(
        "which you now change until it is {stage}. {advice}"
    ));
    let lib = std::fs::read_to_string(clone.path(&format!("work/{stage}/src/lib.rs"))).unwrap();
    let [now, then] = [stage, before].map(|name| name.replace("stage", "stage "));
    let front = format!("//! My {now}, begun with {then}.\n\n// In ");
    assert!(lib.starts_with(&front), "{lib}");
    let base = Base::Reference(before.to_owned());
    let red = start::red(&workspace, stage, &base).unwrap();
    assert_eq!(said.marks(), expected(count, &red), "{said}");
    let said = clone.fail(&format!("check {stage} --all --limit 120"));
    assert_eq!(said.marks(), expected(count, &red), "{said}");
    said.must_say("not the tests of this step: they use something that is not there yet");

    let own = workspace.reference(before).unwrap();
    let with_mark = own
        .into_iter()
        .map(|(file, text)| (file, format!("{text}\n// Mine.\n")))
        .collect();
    clone.paste(before, &with_mark);
    let said = clone.succeed(&format!("start {stage} --from previous --again"));
    said.must_say(&format!("It is a copy of your own work/{before}"));
    let copied = std::fs::read_to_string(clone.path(&format!("work/{stage}-2/src/graph.rs")));
    assert!(copied.unwrap().ends_with("// Mine.\n"));
}

#[test]
fn every_skeleton_is_red_where_nothing_is_written() {
    for_each_stage(skeletons);
}

#[test]
fn every_stage_is_red_where_it_begins_with_the_one_before() {
    for_each_stage(|stage| {
        let workspace = Workspace::find(original()).unwrap();
        if let Some(before) = start::before(&workspace, stage).unwrap() {
            evolved(stage, &before);
        }
    });
}

/// `start` says so: step 1 of stage 2 can be passed beside all of stage 1.
#[test]
fn stage2_may_keep_what_stage1_needs_for_a_step() {
    let clone = Clone::new("var stays");
    let workspace = clone.workspace();
    clone
        .succeed("start stage2")
        .must_say("In step 1, leave `Var` where it is");
    let op = "#[derive(Clone, Copy, Debug, PartialEq, Eq)]\npub enum Op {\n    Input,\n}\n";
    let new = &workspace.reference("stage2").unwrap()["graph.rs"];
    let (_, new) = new.split_once("use std::rc::Rc;\n").unwrap();
    let mut sources = sources(&clone.path("work/stage2/src")).unwrap();
    for (file, text) in [
        ("graph.rs", new),
        ("ops.rs", op),
        (
            "lib.rs",
            "pub use graph::{Container, Node};\npub use ops::Op;\n",
        ),
    ] {
        sources.get_mut(file).unwrap().push_str(text);
    }
    clone.paste("stage2", &sources);
    let said = clone.fail("check");
    assert_eq!(said.marks(), stopped(1, clone.count("stage2")), "{said}");
}

#[test]
fn stage1_has_nothing_before_it() {
    let clone = Clone::new("nothing before");
    let said = clone.fail("start stage1 --from previous");
    said.must_say("there is nothing before stage1; use --from skeleton");
    assert!(!clone.path("work/stage1").exists());
}

#[test]
fn a_skeleton_may_begin_at_a_later_step() {
    let clone = Clone::new("later step");
    let said = clone.succeed("start stage1 --step 4");
    let count = clone.count("stage1");
    assert_eq!(said.marks(), expected(count, &Vec::from_iter(4..=count)));
    said.must_say("Begin with step 4: Many paths, few steps");
    let fail = |step: usize, words: &str| {
        let said = clone.fail(&format!("start stage1 --again --step {step}"));
        said.must_say(words);
    };
    let next = count + 1;
    fail(
        next,
        &format!("there is no step {next}; stage1 has {count}"),
    );
    // The last one is the exam.
    fail(count, "nothing would be left to write in stage1");
}

#[test]
fn an_item_that_is_not_there_is_named() {
    let clone = Clone::new("no such item");
    clone.edit(
        "stages/stage1/tests/step3_gradients.rs",
        "`Var::seed`",
        "`Var::sprout`",
    );
    clone.fail("start stage1").must_say(
        "step3_gradients names `Var::sprout` in backward.rs, where there is no such item with a body",
    );
    assert!(!clone.path("work/stage1").exists());
}

#[test]
fn a_skeleton_keeps_all_but_the_bodies() {
    let clone = Clone::new("all but the bodies");
    let workspace = clone.workspace();
    let steps = step::of_stage(&workspace, "stage3").unwrap();
    let sources = workspace.reference("stage3").unwrap();
    let cut = skeleton::cut(&sources, &steps, &Written::default()).unwrap();
    assert!(cut["graph.rs"].contains(
        "    /// their own: the calls go as deep as the traces are nested, however long the chains are.
    fn drop(&mut self) {
        // step 2: not written yet
    }
"
    ));
    assert!(cut["backward.rs"].contains(
        "\npub fn grad(f: impl Fn(&Value) -> Value) -> impl Fn(&Value) -> Value {
    |_| todo!(\"step 6\")
}
"
    ));
    assert!(
        cut["lib.rs"]
            .contains("\n\n#![allow(unused, reason = \"what uses these is not written yet\")]\n")
    );
    // All items are written after all steps.
    let mut whole = skeleton::cut(&sources, &steps, &Written::steps(steps.len())).unwrap();
    whole.insert("lib.rs".to_owned(), sources["lib.rs"].clone());
    assert_eq!(whole, sources);
}

#[test]
fn a_stage_may_begin_with_nothing() {
    let clone = Clone::new("nothing");
    let said = clone.succeed("start stage1 --empty");
    let count = clone.count("stage1");
    assert_eq!(said.marks(), "✘".repeat(count));
    said.must_say("There is nothing in it.");
    let signature =
        "src/graph.rs #[derive(Clone)] pub struct Var(…) impl Var pub fn new(value: f64)";
    said.must_say(signature);
    let said = clone.fail("check");
    assert_eq!(said.marks(), stopped(0, count));
    said.must_say("not the tests of this step: they use something that is not there yet");
    said.must_say(signature);
    clone.succeed("hint --signatures").must_say(signature);
    let said = clone.succeed("hint --signatures --step 3");
    said.must_say("src/backward.rs impl Var pub fn seed(&self, gradient: f64)");
    // That was no hint.
    let steps = step::of_stage(&clone.workspace(), "stage1").unwrap();
    let said = clone.succeed("hint");
    said.must_say(&steps[0].hints[0]);
    assert!(!said.says(&steps[0].hints[1]), "{said}");

    clone.paste("stage1", &clone.workspace().reference("stage1").unwrap());
    clone.succeed("check");
    clone
        .fail("start stage1 --again --empty --step 2")
        .must_say("cannot be used with");
}

#[test]
fn files_may_be_given() {
    let clone = Clone::new("given files");
    let said = clone.succeed("start stage2 --given ops.rs,trace.rs");
    said.must_say("`ops.rs` and `trace.rs` are written, as in the reference.");
    let workspace = clone.workspace();
    let reference = without_anchors(workspace.reference("stage2").unwrap());
    let mine = sources(&clone.path("work/stage2/src")).unwrap();
    for (file, text) in &reference {
        let is_given = matches!(file.as_str(), "ops.rs" | "trace.rs");
        assert_eq!(mine[file] == *text, is_given, "{file}");
    }
    let steps = step::of_stage(&workspace, "stage2").unwrap();
    let written = Written {
        steps: 0,
        files: vec!["ops.rs".to_owned(), "trace.rs".to_owned()],
    };
    let red = skeleton::red(&steps, &written);
    assert_eq!(said.marks(), expected(steps.len(), &red));
    let said = clone.fail("check --all");
    assert_eq!(said.marks(), expected(steps.len(), &red), "{said}");

    // Once the steps before are written, those that ask for nothing else pass.
    let base = Base::Skeleton(Written {
        steps: 1,
        ..written
    });
    clone.paste(
        "stage2",
        &start::starter(&workspace, "stage2", &base).unwrap(),
    );
    let red = start::red(&workspace, "stage2", &base).unwrap();
    let said = clone.fail("check --all");
    assert_eq!(said.marks(), expected(steps.len(), &red), "{said}");

    let fail = |line: &str, words: &str| clone.fail(line).must_say(words);
    fail(
        "start stage2 --again --given op.rs",
        "there is no file `op.rs` in stage2; there are backward.rs",
    );
    let all = Vec::from_iter(reference.keys().map(String::as_str)).join(",");
    fail(
        &format!("start stage2 --again --given {all}"),
        "nothing would be left to write",
    );
}

//! Crates that an earlier version has written, beside steps that have changed since.

use std::fs;

use pretty_assertions::assert_eq;
use project::stages::sources;

use crate::clone::{Clone, Said};

/// `work/stage1`, its settings and what was noted of it, as commit 4426302 wrote them.
fn earlier(name: &str) -> Clone {
    let clone = Clone::new(name);
    clone.succeed("start stage1");
    for (place, text) in [
        (
            "work/stage1/Cargo.toml",
            include_str!("../earlier/stage1.toml"),
        ),
        (
            "work/.cargo/config.toml",
            include_str!("../earlier/config.toml"),
        ),
        ("work/.course.toml", include_str!("../earlier/course.toml")),
    ] {
        fs::write(clone.path(place), text).unwrap();
    }
    clone
}

impl Clone {
    /// As `run`, and nothing may be looked up in the network.
    fn offline(&self, line: &str) -> Said {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        let mut command = self.command(&arguments);
        Said::from(command.env("CARGO_NET_OFFLINE", "true").output().unwrap())
    }

    /// Gives a step of stage 1 another name.
    fn rename(&self, from: &str, to: &str) {
        let path = |name: &str| self.path(&format!("stages/stage1/tests/{name}.rs"));
        fs::rename(path(from), path(to)).unwrap();
    }
}

#[test]
fn steps_that_are_new_renamed_and_split_reach_a_crate_that_was_there_before() {
    let clone = earlier("earlier");
    let reference = clone.workspace().reference("stage1").unwrap();
    // It has six steps, and today's are others already: there is an exam.
    let count = clone.count("stage1");
    let said = clone.offline("check");
    said.must_say(&format!("0 of {count} steps"));
    said.must_say("not written yet");

    // Step 2 is called otherwise, step 4 is two steps, and there is one more at the end, with a
    // dependency of its own.
    let tests = |name: &str| clone.path(&format!("stages/stage1/tests/{name}.rs"));
    clone.rename("step2_children", "step2_arrows");
    clone.rename("step7_exam", "step8_exam");
    clone.rename("step6_functions", "step7_functions");
    clone.rename("step5_operators", "step6_operators");
    fs::copy(tests("step4_reuse"), tests("step5_again")).unwrap();
    fs::copy(tests("step1_variables"), tests("step9_more")).unwrap();
    clone.edit(
        "stages/stage1/tests/step9_more.rs",
        "use stage1::Var;",
        "use anyhow as _;\nuse stage1::Var;",
    );
    clone.edit(
        "stages/stage1/Cargo.toml",
        "[dev-dependencies]",
        "[dev-dependencies]\nanyhow = \"1.0\"",
    );
    assert_eq!(clone.count("stage1"), count + 2);

    let before = sources(&clone.path("work/stage1/src")).unwrap();
    let said = clone.offline("check");
    said.must_say(&format!("0 of {} steps", count + 2));
    said.must_say("not written yet");
    assert_eq!(sources(&clone.path("work/stage1/src")).unwrap(), before);
    clone.paste("stage1", &reference);
    let said = clone.offline("check");
    assert_eq!(said.marks(), "✔".repeat(count + 2), "{said}");
    assert_eq!(said.stderr, "");
    let manifest = fs::read_to_string(clone.path("work/stage1/Cargo.toml")).unwrap();
    clone.offline("check");
    assert_eq!(
        fs::read_to_string(clone.path("work/stage1/Cargo.toml")).unwrap(),
        manifest
    );
    let config = fs::read_to_string(clone.path("work/.cargo/config.toml")).unwrap();
    assert!(
        config.contains("cargo-course") && config.contains("cargo-book"),
        "{config}"
    );
}

#[test]
fn a_list_that_was_changed_by_hand_is_left() {
    let clone = earlier("by hand");
    clone.edit(
        "work/stage1/Cargo.toml",
        "tests/step6_functions.rs\"\n",
        "tests/step6_functions.rs\"\nharness = true\n",
    );
    // As long as the steps are the same, it is right.
    let path = clone.path("stages/stage1/tests/step7_exam.rs");
    let exam = fs::read_to_string(&path).unwrap();
    fs::remove_file(&path).unwrap();
    clone.fail("check").must_say("0 of 6 steps");
    fs::write(&path, exam).unwrap();
    let manifest = || fs::read_to_string(clone.path("work/stage1/Cargo.toml")).unwrap();
    let before = manifest();
    let said = clone.fail("check");
    said.must_say("the list of tests in work/stage1/Cargo.toml has been changed by hand");
    said.must_say("Please put in: [[test]] name = \"step7_exam\"");
    assert_eq!(manifest(), before);
}

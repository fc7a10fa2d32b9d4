//! Whatever is wrong with the reader's crate is explained, and is never a failure of the tool.

use std::fs;

use cargo_course::step;

use crate::clone::{Clone, Said, stopped};

/// Stage 1, with all steps written, and one text in `backward.rs` replaced.
fn with(name: &str, find: &str, replace: &str) -> Clone {
    let clone = Clone::new(name);
    clone.succeed("start stage1");
    clone.paste("stage1", &clone.workspace().reference("stage1").unwrap());
    clone.edit("work/stage1/src/backward.rs", find, replace);
    clone
}

#[track_caller]
fn explained(said: &Said, words: &str) {
    said.must_say(words);
    assert_eq!(said.stderr, "", "{said}");
}

const SUM: &str = "grad += weight * child.grad();";

#[test]
fn a_wrong_number_is_shown_beside_the_right_one() {
    let clone = with("wrong number", SUM, "grad = weight * child.grad();");
    let said = clone.fail("check");
    explained(&said, "Half of what it should be");
    said.must_say("✘ a_reused_input_gets_the_sum_of_both_paths seen 3.0 expected 6.0");
    said.must_say("at stages/stage1/tests/step4_reuse.rs:");
    said.must_say("its tests stages/stage1/tests/step4_reuse.rs");
    said.must_say("the book stage1.html#many-paths-few-steps");
}

#[test]
fn what_a_test_printed_is_shown() {
    let wrong = "println!(\"at {weight}\"); grad = weight * child.grad();";
    let clone = with("printed", SUM, wrong);
    let said = clone.fail("check");
    explained(&said, "Half of what it should be");
    said.must_say("seen 3.0 expected 6.0 printed │ at 3 │ at 3 at stages/stage1/tests/");
}

#[test]
fn a_crate_that_does_not_compile() {
    let clone = with("does not compile", SUM, "grad += weight * child.gard();");
    let said = clone.fail("check");
    said.must_say("work/stage1 does not compile");
    said.must_say("no method named `gard` found");
    said.must_say("src/backward.rs:");
    // It has never compiled: the last that is known is what it was begun with.
    said.must_say("Last seen: Step 1: A number in a box");
    let said = clone.succeed("hint");
    said.must_say("It does not compile now; last seen: step 1: A number in a box");

    let graph = "work/stage1/src/backward.rs";
    clone.edit(graph, "child.gard()", "2.0");
    let count = clone.count("stage1");
    clone.fail("check").must_say(&format!("2 of {count} steps"));
    clone.edit(graph, "weight * 2.0", "weight * child.gard()");
    let said = clone.fail("check");
    said.must_say("no method named `gard` found");
    said.must_say("Last seen: Step 3");
    said.must_say("To write in this step: src/");
    let steps = step::of_stage(&clone.workspace(), "stage1").unwrap();
    clone.succeed("hint").must_say(&steps[2].hints[0]);
    let said = clone.succeed("");
    said.must_say(&format!("2 of {count} steps when it last compiled"));
    said.must_say("last seen: step 3");
    said.must_say("it does not compile cargo course check");

    // Without what the tool has noted, there is no telling.
    fs::remove_file(clone.path("work/.course.toml")).unwrap();
    clone
        .fail("hint")
        .must_say("there is no telling which step you are on");
    let said = clone.fail("check");
    assert!(!said.says("Last seen"), "{said}");
    clone.succeed("").must_say(&format!("0 of {count} steps"));
}

#[test]
fn a_crate_that_cargo_refuses() {
    let clone = with("refused", SUM, SUM);
    clone.edit("work/stage1/Cargo.toml", "[package]", "[parcel]");
    let said = clone.fail("check");
    said.must_say("Cargo cannot build work/stage1");
    said.must_say("Cargo.toml");

    clone.edit("work/stage1/Cargo.toml", "[parcel]", "[package]");
    fs::remove_file(clone.path("work/stage1/src/lib.rs")).unwrap();
    clone
        .fail("check")
        .must_say("Cargo cannot build work/stage1");
}

#[test]
fn an_endless_loop() {
    let clone = with("endless", SUM, "println!(\"at {weight}\"); loop {}");
    let said = clone.fail("check --limit 2");
    explained(&said, "It uses processor time without end.");
    said.must_say(
        "✘ an_input_pulls_the_weight_times_the_gradient_of_its_child was stopped when it",
    );
    said.must_say("of processor time");
    said.must_say("Not run after that");
    said.must_say("printed │ at 3");
}

#[test]
fn a_test_that_waits_for_ever() {
    let clone = with("waiting", SUM, "loop { std::thread::park() }");
    let said = clone.fail("check --limit 2");
    said.must_say("was stopped when it had used no processor time for 5 s");
    said.must_say("it is waiting");
}

#[test]
fn what_ends_one_test_hides_nothing_of_the_others() {
    const NINE: &str = "if self.value() == 9.0 {";
    let wrong = format!("{NINE} return self.grad(); }} grad = weight * child.grad();");
    let clone = with("one of them", SUM, &wrong);
    let said = clone.fail("check");
    assert_eq!(said.marks(), stopped(3, clone.count("stage1")));
    said.must_say("✘ paths_of_different_lengths_are_added_too has overflowed the stack");
    let other = "✘ a_reused_input_gets_the_sum_of_both_paths";
    said.must_say(other);

    let walk = "work/stage1/src/backward.rs";
    for (before, after, words) in [
        ("return self.grad()", "loop {}", "of processor time"),
        (
            "loop {}",
            "std::process::exit(0)",
            "has ended the whole test program",
        ),
    ] {
        clone.edit(walk, before, after);
        let said = clone.fail("check --limit 4");
        assert_eq!(said.marks(), stopped(3, clone.count("stage1")));
        said.must_say("✘ paths_of_different_lengths_are_added_too");
        said.must_say(words);
        said.must_say(other);
    }
    // What does not die shows its values.
    clone.edit(walk, NINE, "if false {");
    let said = clone.fail("check");
    explained(&said, "Half of what it should be");
    said.must_say(&format!("{other} seen 3.0 expected 6.0"));
}

#[test]
fn a_stack_overflow() {
    let clone = with(
        "overflow",
        "let mut grad = 0.0;",
        "let mut grad = self.grad();",
    );
    let said = clone.fail("check");
    explained(&said, "a function calls itself without end");
    said.must_say("has overflowed the stack");

    let graph = "work/stage1/src/graph.rs";
    clone.edit(
        graph,
        "        Self::new(value)\n",
        "        value.into()\n",
    );
    let said = clone.fail("check");
    explained(&said, "a function calls itself without end");
    said.must_say("Step 1: A number in a box");
}

#[test]
fn a_wrong_derivative_is_not_taken_for_a_wrong_walk() {
    let clone = with("wrong derivative", SUM, SUM);
    let ops = "work/stage1/src/ops.rs";
    let right = "(0.5 / result, self)";
    for (wrong, seen) in [
        ("(1.0 / result, self)", "0.5"),
        ("(0.5 * result, self)", "1"),
    ] {
        clone.edit(ops, right, wrong);
        let said = clone.fail("check");
        explained(&said, "One derivative is wrong.");
        said.must_say(&format!(
            "✘ derivatives_are_those_of_the_textbook seen {seen}"
        ));
        clone.edit(ops, wrong, right);
    }
    clone.edit(
        ops,
        "(by_exponent, &exponent)",
        "(0.0 * by_exponent, &exponent)",
    );
    explained(&clone.fail("check"), "No gradient arrives at the exponent.");
}

#[test]
fn an_arrow_at_the_wrong_end() {
    let clone = with("wrong end", SUM, SUM);
    clone.edit(
        "work/stage1/src/trace.rs",
        "input.add_child(*weight, &result)",
        "result.add_child(*weight, input)",
    );
    let said = clone.fail("check");
    explained(&said, "nothing was recorded here");
    said.must_say("seen [] expected [(1.0, 5.0)]");
}

#[test]
fn an_item_that_is_missing_is_named_though_it_compiles() {
    let clone = Clone::new("missing item");
    let workspace = clone.workspace();
    clone.succeed("start stage2 --from skeleton");
    clone.succeed("break stage2");
    let with = |written: &str| {
        let mut sources = workspace.reference("stage2").unwrap();
        let graph = sources.get_mut("graph.rs").unwrap();
        *graph = graph.replace("impl Drop for Node {", written);
        sources
    };
    let names = "To write in this step: src/graph.rs Drop for Node";
    let missing = with("impl Node {\n    #[allow(unused, missing_docs)]");
    clone.paste("stage2", &missing);
    let said = clone.fail("check stage2");
    explained(&said, "The stack has overflowed on a long chain");
    said.must_say(names);

    // In a bug hunt everything was there, and what is there is not missing.
    clone.paste("bug-stage2", &missing);
    let said = clone.fail("check bug-stage2");
    explained(&said, "The stack has overflowed on a long chain");
    assert!(!said.says("To write in this step"), "{said}");
    let mut wrong = with("impl Drop for Node {");
    let graph = wrong.get_mut("graph.rs").unwrap();
    *graph = graph.replace("Rc::into_inner(parent)", "Rc::into_inner(parent.clone())");
    clone.paste("stage2", &wrong);
    let said = clone.fail("check stage2");
    explained(&said, "The stack has overflowed on a long chain");
    assert!(!said.says("To write in this step"), "{said}");
}

#[test]
fn a_panic_of_ones_own() {
    let clone = with("panic", SUM, "panic!(\"no {weight}\");");
    let said = clone.fail("check");
    explained(&said, "Your own code has panicked");
    said.must_say("no 3");
    said.must_say("at work/stage1/src/backward.rs:");
    said.must_say("│ panic!(\"no {weight}\");");
}

#[test]
fn a_process_that_ends_itself() {
    let clone = with("ended", SUM, "std::process::abort();");
    explained(
        &clone.fail("check"),
        "The whole test program has ended in the middle.",
    );
    clone.edit("work/stage1/src/backward.rs", "abort()", "exit(0)");
    explained(
        &clone.fail("check"),
        "The whole test program has ended in the middle.",
    );
}

#[test]
fn what_is_not_written_is_named_with_its_place() {
    let clone = Clone::new("not written");
    clone.succeed("start stage1");
    let said = clone.fail("check");
    explained(&said, "This is not a mistake");
    said.must_say("To write in this step: src/graph.rs Var::new, Var::value");
    said.must_say("is not written yet");
    let place = said
        .stdout
        .split_whitespace()
        .find(|word| word.starts_with("work/stage1/src/graph.rs:"));
    let line: usize = place.unwrap().rsplit(':').next().unwrap().parse().unwrap();
    let graph = fs::read_to_string(clone.path("work/stage1/src/graph.rs")).unwrap();
    assert!(
        graph
            .lines()
            .nth(line - 1)
            .unwrap()
            .contains("todo!(\"step 1\")")
    );
}

#[test]
fn whatever_the_environment_says() {
    let said = "println!(\"at {weight}\"); let unused = 1; grad += weight * child.grad();";
    let clone = with("environment", SUM, said);
    let check = |variables: &[(&str, &str)]| {
        let mut command = clone.command(&["check"]);
        let output = command.envs(variables.iter().copied()).output();
        Said::from(output.unwrap())
    };
    let all = [
        ("RUST_TEST_NOCAPTURE", "1"),
        ("RUST_TEST_THREADS", "1"),
        ("RUST_TEST_SHUFFLE", "1"),
        ("RUST_BACKTRACE", "full"),
        ("RUST_MIN_STACK", "1000000000"),
        ("PROPTEST_CASES", "0"),
        ("CARGO_TERM_COLOR", "always"),
        ("CARGO_TERM_VERBOSE", "true"),
        ("CARGO_TERM_PROGRESS_WHEN", "always"),
        ("CARGO_BUILD_WARNINGS", "deny"),
    ];
    let green = |variables: &[(&str, &str)]| {
        let said = check(variables);
        assert!(said.success, "{variables:?}:\n{said}");
        assert_eq!(said.stderr, "", "{variables:?}");
    };
    all.iter().for_each(|variable| green(&[*variable]));
    green(&all);
    green(&[("CARGO_TERM_QUIET", "true"), ("RUSTFLAGS", "-D warnings")]);

    clone.edit(
        "work/stage1/src/backward.rs",
        "grad += weight",
        "grad = weight",
    );
    let red = |variables: &[(&str, &str)]| {
        let said = check(variables);
        explained(&said, "Half of what it should be");
        said.must_say("✘ a_reused_input_gets_the_sum_of_both_paths");
        assert!(!said.stdout.contains('\x1b'), "{variables:?}:\n{said}");
    };
    all.iter().for_each(|variable| red(&[*variable]));
    red(&all);
}

/// On a terminal, as `script` from util-linux makes one, of which nothing is known but its width.
#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_nothing_is_left_of_what_was_shown_meanwhile() {
    let clone = with("terminal", SUM, "grad = weight * child.grad();");
    let check = |name: &str, value: &str| {
        let command = format!("'{}' check", env!("CARGO_BIN_EXE_cargo-course"));
        let mut script = clone.program("script", &["-qec", &command, "/dev/null"]);
        // Where `CI` is set, `anstream` colours on every terminal: not on these.
        script.env("CI", "true").env("TERM", "xterm");
        let output = script.env(name, value).output();
        // As on every terminal, a line that is written again begins at its first letter.
        Said::from(output.unwrap()).stdout.replace("\r\n", "\n")
    };
    let coloured = check("COLUMNS", "60");
    assert!(coloured.contains("\r\x1b[2K"), "{coloured}");
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let plain = check(name, value);
        assert!(!plain.contains(['\r', '\x1b']), "{name}:\n{plain:?}");
        assert!(plain.starts_with("Your stage1"), "{name}:\n{plain}");
    }
}

#[test]
fn lines_are_as_long_as_the_terminal_is_wide() {
    let clone = with("narrow", SUM, "grad = weight * child.grad();");
    let mut command = clone.command(&["check"]);
    let said = Said::from(command.env("COLUMNS", "44").output().unwrap());
    explained(&said, "Half of what it should be");
    let is_prose = |line: &&str| !line.contains(['_', '/', '#']);
    for line in said.stdout.lines().filter(is_prose) {
        assert!(line.chars().count() <= 44, "{line}");
    }
}

#[test]
fn what_editors_and_systems_leave_behind_is_nothing_of_the_readers() {
    let clone = with("notes of editors", SUM, SUM);
    for folder in [
        "work",
        "work/stage1",
        "work/stage1/src",
        "stages",
        "stages/stage1/src",
        "stages/stage1/tests",
        "scripts/cargo-course/content/stage1/bugs",
        "scripts/cargo-course/content/stage1/challenges",
    ] {
        let write = |name: &str, bytes: &[u8]| {
            fs::write(clone.path(folder).join(name), bytes).unwrap();
        };
        for (name, end) in [
            ("graph", "rs"),
            ("step1_x", "rs"),
            ("x", "toml"),
            ("stage2", ""),
        ] {
            write(&format!("._{name}.{end}"), &[0, 0xff, 0xfe]);
            write(&format!(".{name}.{end}.swp"), &[0, 0xff]);
            write(&format!("{name}.{end}~"), b"old");
            write(&format!("#{name}.{end}#"), b"half");
            #[cfg(unix)]
            {
                let note = clone.path(folder).join(format!(".#{name}.{end}"));
                std::os::unix::fs::symlink("me@here.1:2", note).unwrap();
            }
        }
        write(".DS_Store", &[0, 0xff]);
    }
    clone.succeed("check").must_say("All steps of stage1 pass");
    clone
        .succeed("diff mine stage1")
        .must_say("There is no difference");
    let said = clone.succeed("start stage2");
    said.must_say("It is a copy of your own work/stage1");
    assert!(!said.says(".swp"), "{said}");
    clone.succeed("break --list");
    clone.succeed("break stage1");
    clone.succeed("challenge tan");
    clone.succeed("hint stage1 --step 1");
    clone.succeed("");
}

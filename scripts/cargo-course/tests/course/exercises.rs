//! The book asks its readers to break a stage, and says what turns red: so it is.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Seek};
use std::process::Command;

use pretty_assertions::assert_eq;

use crate::clone::{Clone, Said, copy, original};

/// A change to one of the stages, or to the judges.
struct Change {
    /// The chapter that asks for it.
    chapter: &'static str,
    /// What the chapter runs then, after `cargo`.
    command: &'static str,
    place: &'static str,
    find: &'static str,
    replace: &'static str,
    /// All tests that turn red outside of the exam.
    red: &'static [&'static str],
    /// How many of the exam do, if the chapter says so.
    in_exam: Option<usize>,
    /// What the output says besides.
    says: &'static [&'static str],
}

/// A clone in which cargo sees the stages and the tests across them.
fn clone(name: &str) -> Clone {
    let clone = Clone::new(name);
    for part in ["tests", "scripts/project"] {
        copy(&original().join(part), &clone.path(part));
    }
    for tool in ["cargo-book", "cargo-course", "recorder"] {
        clone.edit("Cargo.toml", &format!("    \"scripts/{tool}\",\n"), "");
    }
    clone
}

/// What a command has said, in the order in which a terminal would show it.
fn said(mut command: Command) -> Said {
    let file = tempfile::tempfile().unwrap();
    command.stdout(file.try_clone().unwrap());
    command.stderr(file.try_clone().unwrap());
    let success = command.status().unwrap().success();
    let mut file = file;
    file.rewind().unwrap();
    let stdout = io::read_to_string(file).unwrap();
    Said {
        success,
        stdout,
        stderr: String::new(),
    }
}

/// The names of the tests that have failed, and how many more have failed in an exam.
fn red(said: &Said) -> (BTreeSet<String>, usize) {
    let (mut names, mut in_exam) = (BTreeSet::new(), 0);
    let mut program = "";
    for line in said.stdout.lines() {
        if let Some(started) = line.trim_start().strip_prefix("Running tests/") {
            program = started;
        } else if line.trim_start().starts_with("Doc-tests ") {
            program = line;
        }
        let failed = line.strip_prefix("test ");
        match failed.and_then(|line| line.strip_suffix(" ... FAILED")) {
            Some(_) if program.contains("_exam.rs") => in_exam += 1,
            Some(name) => {
                names.insert(name.to_owned());
            }
            None => {}
        }
    }
    (names, in_exam)
}

/// Makes each change in turn, and takes it back.
fn try_each(clone: &Clone, changes: &[Change]) {
    let (mut seen, mut expected) = (Vec::new(), Vec::new());
    for change in changes {
        let chapter = format!("book/src/{}.md", change.chapter);
        let text = fs::read_to_string(original().join(&chapter)).unwrap();
        let command = format!("cargo {}", change.command);
        assert!(
            text.contains(&command),
            "{chapter} does not say `{command}`"
        );

        let before = fs::read_to_string(clone.path(change.place)).unwrap();
        clone.edit(change.place, change.find, change.replace);
        let words: Vec<&str> = change.command.split(' ').collect();
        let said = said(clone.program(env!("CARGO"), &words));
        fs::write(clone.path(change.place), before).unwrap();

        for words in change.says {
            said.must_say(words);
        }
        let (names, in_exam) = red(&said);
        let named = change.red.iter().copied().map(String::from).collect();
        seen.push((change.find, names, change.in_exam.map(|_| in_exam)));
        expected.push((change.find, named, change.in_exam));
    }
    assert_eq!(seen, expected);
}

#[test]
fn of_stage1() {
    try_each(
        &clone("exercises of stage1"),
        &[Change {
            chapter: "stage1",
            command: "test -p stage1 --no-fail-fast",
            place: "stages/stage1/src/backward.rs",
            find: "        self.grad_cache().set(Some(grad));\n",
            replace: "",
            red: &[
                "a_remembered_gradient_goes_stale_when_the_graph_grows",
                "a_thousand_diamonds_take_a_thousand_steps",
                "clearing_an_input_leaves_the_variables_in_between_stale",
                "reading_before_seeding_remembers_0",
            ],
            in_exam: Some(3),
            says: &[
                "left: 33.0 right: 6.0",
                "left: 108.0",
                "left: 6.0 right: 0.0",
            ],
        }],
    );
}

#[test]
fn of_stage2() {
    const COMMAND: &str = "test -p stage2 --no-fail-fast";
    const WALK: &str = "stages/stage2/src/backward.rs";
    try_each(
        &clone("exercises of stage2"),
        &[
            Change {
                chapter: "setup",
                command: COMMAND,
                place: "stages/stage2/src/ops.rs",
                find: "Op::Cos => args[0].cos()",
                replace: "Op::Cos => args[0].sin()",
                red: &[
                    "programs_that_reuse_results_agree_with_central_differences",
                    "values_are_those_of_the_plain_operations",
                ],
                in_exam: None,
                says: &[],
            },
            Change {
                chapter: "setup",
                command: COMMAND,
                place: "stages/stage2/src/ops.rs",
                find: "Op::Sub => args[0] - args[1]",
                replace: "Op::Sub => args[1] - args[0]",
                red: &[
                    "a_change_in_place_is_recorded",
                    "a_plain_number_may_stand_on_either_side",
                    "it_is_changed_in_place_by_values_references_and_numbers",
                    "owned_containers_and_references_mix",
                    "programs_that_reuse_results_agree_with_central_differences",
                    "values_are_those_of_the_plain_operations",
                ],
                in_exam: Some(5),
                says: &[],
            },
            Change {
                chapter: "stage2",
                command: COMMAND,
                place: WALK,
                find: "(Op::Cos, _) => -gradient",
                replace: "(Op::Cos, _) => gradient",
                red: &[
                    "each_derivative_agrees_with_a_central_difference",
                    "each_function_has_the_derivative_of_the_textbook",
                    "programs_that_reuse_results_agree_with_central_differences",
                ],
                in_exam: None,
                says: &[],
            },
            Change {
                chapter: "stage2",
                command: COMMAND,
                place: WALK,
                find: "    ready.retain(|output| children[&output.id] == 0);\n",
                replace: "",
                red: &[
                    "an_output_on_which_another_depends_has_both_gradients",
                    "an_output_waits_for_the_output_that_depends_on_it",
                ],
                in_exam: Some(1),
                says: &[],
            },
            Change {
                chapter: "stage2",
                command: COMMAND,
                place: "stages/stage2/src/graph.rs",
                find: "impl Drop for Node {",
                replace: "impl Node {\n    #[allow(dead_code)]",
                red: &[],
                in_exam: None,
                says: &["has overflowed its stack"],
            },
        ],
    );
}

#[test]
fn of_stage3() {
    const COMMAND: &str = "test -p stage3 --no-fail-fast";
    try_each(
        &clone("exercises of stage3"),
        &[
            Change {
                chapter: "stage3",
                command: COMMAND,
                place: "stages/stage3/src/backward.rs",
                find: "gradient * args[0].cos()",
                replace: "gradient * args[0].value().cos()",
                red: &[
                    "an_inner_derivative_may_be_taken_at_a_result",
                    "each_rule_computes_with_traced_operations",
                    "higher_derivatives_agree_with_central_differences",
                    "sines_and_cosines_take_turns",
                ],
                in_exam: None,
                says: &[],
            },
            Change {
                chapter: "next",
                command: COMMAND,
                place: "stages/stage3/src/trace.rs",
                find: " if container.trace() == trace",
                replace: "",
                red: &[
                    "a_container_of_the_outer_trace_is_a_constant_to_the_inner_one",
                    "a_box_in_a_box_has_the_number_of_each_trace",
                    "a_local_derivative_is_in_its_boxes_too",
                    "a_pull_back_that_outlives_an_outer_trace_is_refused",
                    "an_inner_derivative_may_use_the_outer_variable",
                    "each_rule_computes_with_traced_operations",
                    "mixed_derivatives_of_a_power_do_not_depend_on_their_order",
                    "numbers_of_traces_further_out_are_in_their_boxes",
                    "the_innermost_trace_is_the_one_opened_last_wherever_its_container_stands",
                    "three_derivatives_nest",
                ],
                in_exam: None,
                says: &[],
            },
        ],
    );
}

#[test]
fn of_stage4() {
    const COMMAND: &str = "test -p stage4 --no-fail-fast";
    try_each(
        &clone("exercises of stage4"),
        &[
            Change {
                chapter: "stage4",
                command: COMMAND,
                place: "stages/stage4/src/backward.rs",
                find: "ACCUMULATE.bind(&[gradient, &contribution])",
                replace: "gradient + &contribution",
                red: &[
                    "a_type_of_ones_own_is_differentiated",
                    "a_type_of_ones_own_takes_part_in_all_of_this",
                ],
                in_exam: Some(7),
                says: &[],
            },
            Change {
                chapter: "arrays",
                command: COMMAND,
                place: "stages/stage4/src/rules.rs",
                find: "|g, _, x| unbroadcast(g.clone(), &x[0]),\n            |g, _, x| unbroadcast(g.clone(), &x[1]),",
                replace: "|g, _, x| unbroadcast(g.clone(), &x[0]),\n            |g, _, _| g.clone(),",
                red: &[
                    "a_second_run_gives_the_same_numbers",
                    "a_walk_must_go_back_further_than_the_delay",
                    "adam_learns_as_fast_as_momentum",
                    "both_sides_of_each_operator_get_the_sum_over_their_copies",
                    "chunks_change_the_gradient_and_not_the_error",
                    "gradients_agree_with_finite_differences",
                    "nine_of_ten_unseen_digits_are_read_after_ten_epochs",
                    "operations::gradients_and_their_gradients_agree_with_central_differences",
                    "parts_of_unequal_size_must_not_count_alike",
                    "parts_weighted_by_their_size_add_up_to_the_whole",
                    "stages/stage4/src/lib.rs - (line 10)",
                    "ten_pictures_are_learned_by_heart",
                    "the_full_gradient_agrees_with_differences",
                    "the_network_learns_to_tell_the_moons_apart",
                    "there_is_a_gradient_by_each_input",
                    "threads_that_are_added_in_order_change_no_digit",
                    "windows_tell_bars_where_none_has_been_seen",
                ],
                in_exam: None,
                says: &[
                    "what the rule for argument 1 of `add` returned is an array of shape [2]; expected f64",
                ],
            },
            Change {
                chapter: "containers",
                command: "run -p stage4 --example own_type",
                place: "stages/stage4/examples/own_type.rs",
                find: "&[|g, _, x| inner(g, &x[1]), |g, _, x| scale(&x[0], g)]",
                replace: "&[|g, _, x| scale(&x[0], g), |g, _, x| inner(g, &x[1])]",
                red: &[],
                in_exam: None,
                says: &["returned is a point; expected f64"],
            },
        ],
    );
}

#[test]
fn of_the_judges() {
    try_each(
        &clone("exercises of the judges"),
        &[
            Change {
                chapter: "derivatives",
                command: "test -p tests --test cases",
                place: "tests/src/finite.rs",
                find: "f64::EPSILON.cbrt() * x.abs().max(1.0)",
                replace: "1e-12",
                red: &[
                    "stage1_computes_every_case",
                    "stage2_computes_every_case",
                    "stage3_computes_every_case",
                    "stage4_computes_every_case",
                    "stage5_computes_every_case",
                    "the_judges_agree_with_the_curves_to_order_6",
                    "the_judges_agree_with_the_table",
                ],
                in_exam: None,
                says: &["the judges disagree with each other"],
            },
            Change {
                chapter: "checking",
                command: "test -p tests --no-fail-fast --test cases --test random",
                place: "stages/stage4/src/rules.rs",
                find: "TANH_SLOPE.bind(&[y, ",
                replace: "TANH_SLOPE.bind(&[&y.detach(), ",
                red: &[
                    "second_derivatives_agree_with_nested_dual_numbers",
                    "stage4_computes_every_curve_to_order_6",
                ],
                in_exam: None,
                says: &[
                    "gradient 0",
                    "finite difference -0.76799",
                    "the rule is not written with traced operations",
                ],
            },
            Change {
                chapter: "stage2",
                command: "test -p tests --test cases",
                place: "stages/stage2/src/backward.rs",
                find: "(Op::Cos, _) => -gradient",
                replace: "(Op::Cos, _) => gradient",
                red: &["stage2_computes_every_case"],
                in_exam: None,
                says: &["the opposite sign: the rule has lost a minus"],
            },
            Change {
                chapter: "speed",
                command: "run -p tests --example speed",
                place: "stages/stage3/src/trace.rs",
                find: "let mut unboxed = Vec::new();\n        let mut parents = Vec::new();",
                replace: "let mut unboxed = Vec::with_capacity(args.len());\n        let mut parents = Vec::with_capacity(args.len());",
                red: &[],
                in_exam: None,
                says: &["left: 288 right: 192"],
            },
        ],
    );
}

//! Every challenge does what it declares. (Every bug does, in `engines`.)

use cargo_course::content;
use cargo_course::step;
use pretty_assertions::assert_eq;

use crate::clone::{Clone, for_each_stage};

/// Takes up each challenge of a stage in turn, and solves it.
fn challenges(stage: &str) {
    let clone = Clone::new(&format!("challenges of {stage}"), &[stage]);
    let workspace = clone.workspace();
    let challenges = content::challenges(&workspace, stage).unwrap();

    let steps = step::of_stage(&workspace, stage).unwrap().len();
    let mut wrong = Vec::new();
    for challenge in challenges {
        let slug = &challenge.slug;
        assert!(challenge.hints.len() >= 2, "{slug} has too few hints");
        let said = clone.succeed(&format!("challenge {slug}"));
        said.must_say(&challenge.title);

        let folder = format!("challenge-{slug}");
        let said = clone.run(&format!("check {folder} --limit 120"));
        if said.success || said.marks() != "✔".repeat(steps) + "✘" {
            wrong.push(format!("{slug} should be red at the start, but:\n{said}"));
        }
        let mut sources = workspace.reference(stage).unwrap();
        challenge.solve(&mut sources).unwrap();
        clone.paste(&folder, &sources);
        let said = clone.run(&format!("check {folder} --limit 120"));
        if !said.success || said.marks() != "✔".repeat(steps + 1) {
            wrong.push(format!(
                "{slug} should be green with its solution, but:\n{said}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_challenge_is_red_at_the_start_and_green_with_its_solution() {
    for_each_stage(challenges);
}

#[test]
fn names_are_not_used_twice() {
    let clone = Clone::new("names", &[]);
    let workspace = clone.workspace();
    content::all_challenges(&workspace).unwrap();
    for stage in workspace.stages().unwrap() {
        let bugs = content::bugs(&workspace, &stage).unwrap();
        let mut marks: Vec<String> = bugs.iter().map(content::Bug::mark).collect();
        marks.sort();
        marks.dedup();
        assert_eq!(marks.len(), bugs.len());
        for bug in &bugs {
            // Beside its number, a title that begins like an entry of the list reads as one.
            let (first, _) = bug.title.split_once(" · ").unwrap_or_default();
            assert!(first.parse::<usize>().is_err(), "{}", bug.title);
        }
        assert!(
            !content::stage(&workspace, &stage)
                .unwrap()
                .achieved
                .is_empty()
        );
    }
}

//! A folder in `stages` is a stage, and whatever lists the stages lists all of them.

use std::fs;
use std::path::{Path, PathBuf};

/// As many bugs to hunt, and challenges, as every stage has at least.
const BUGS: usize = 5;
const CHALLENGES: usize = 3;

fn path(place: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(place)
}

/// The names in a folder, sorted; none if it is not there.
fn names(place: &str) -> Vec<String> {
    let entries = fs::read_dir(path(place)).into_iter().flatten();
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string();
    let mut names = Vec::from_iter(entries.filter_map(|entry| name(entry).ok()));
    names.retain(|name| !name.starts_with('.'));
    names.sort();
    names
}

fn stages() -> Vec<String> {
    let mut stages = names("stages");
    stages.retain(|stage| path(&format!("stages/{stage}/src")).is_dir());
    stages
}

/// What a stage lacks, each with the place where it should be.
fn missing(stage: &str) -> Vec<String> {
    let mut missing = Vec::new();
    let title = stage.replace("stage", "Stage ");
    for (place, words) in [
        // The workspace.
        ("Cargo.toml", format!("    \"stages/{stage}\",\n")),
        (
            "Cargo.toml",
            format!("\n{stage} = {{ path = \"stages/{stage}\" }}"),
        ),
        // What must hold across stages.
        ("tests/Cargo.toml", format!("\n{stage}.workspace = true")),
        ("tests/src/stages.rs", stage.to_owned()),
        (
            "tests/tests/cases.rs",
            format!("fn {stage}_computes_every_case()"),
        ),
        ("tests/tests/book.rs", format!("\"{stage}\"")),
        ("tests/benches/speed.rs", format!("\"{stage}\"")),
        ("tests/benches/memory.rs", format!("row(\"{stage}\"")),
        // What readers see.
        ("README.md", format!("\n| [{stage}](stages/{stage}/src) |")),
        ("book/src/SUMMARY.md", format!("\n- [{title}: ")),
        ("book/src/SUMMARY.md", format!("({stage}.md)")),
        ("book/src/introduction.md", format!("]({stage}.md) | ")),
    ] {
        let text = fs::read_to_string(path(place)).unwrap_or_default();
        // Also where git has put other line ends.
        if !text.replace("\r\n", "\n").contains(&words) {
            missing.push(format!("{place} should say {:?}", words.trim()));
        }
    }
    let content = format!("scripts/cargo-course/content/{stage}");
    for place in [
        format!("stages/{stage}/src/lib.rs"),
        format!("book/src/{stage}.md"),
        format!("{content}/stage.toml"),
    ] {
        if !path(&place).is_file() {
            missing.push(format!("there should be a file {place}"));
        }
    }
    let tests = format!("stages/{stage}/tests");
    let steps = names(&tests)
        .into_iter()
        .filter(|name| name.starts_with("step"));
    let steps = Vec::from_iter(steps);
    let number = |step: &str| {
        let digits = step.strip_prefix("step")?.split('_').next()?;
        digits.parse::<usize>().ok()
    };
    let last = steps.iter().max_by_key(|step| number(step));
    if !last.is_some_and(|step| step.ends_with("_exam.rs")) {
        missing.push(format!(
            "the last step in {tests} should be its exam, stepK_exam.rs"
        ));
    }
    for (place, what, names, least) in [
        (
            format!("stages/{stage}/examples"),
            "examples",
            names(&format!("stages/{stage}/examples")),
            1,
        ),
        (tests, "steps", steps, 1),
        (
            format!("{content}/bugs"),
            "bugs",
            names(&format!("{content}/bugs")),
            BUGS,
        ),
        (
            format!("{content}/challenges"),
            "challenges",
            names(&format!("{content}/challenges")),
            CHALLENGES,
        ),
    ] {
        if names.len() < least {
            let number = names.len();
            missing.push(format!(
                "{place}: {number} {what}, at least {least} are expected"
            ));
        }
    }
    missing
}

#[test]
fn every_stage_is_in_every_list_and_has_all_that_a_stage_has() {
    let stages = stages();
    assert!(!stages.is_empty());
    let all = stages.iter().flat_map(|stage| {
        let line = move |what| format!("{stage}: {what}");
        missing(stage).into_iter().map(line)
    });
    let all = Vec::from_iter(all);
    assert!(all.is_empty(), "something is missing\n{}", all.join("\n"));
}

#[test]
fn a_stage_that_is_only_a_folder_lacks_everything() {
    let missing = missing("stage0");
    assert_eq!(missing.len(), 20, "{missing:#?}");
}

/// Cargo puts all of them into one folder, where the one that was built last would run for both.
#[test]
fn no_two_examples_of_the_workspace_have_the_same_name() {
    let folders = stages()
        .into_iter()
        .map(|stage| format!("stages/{stage}/examples"));
    let folders = folders.chain(["tests/examples".to_owned()]);
    let mut examples = Vec::from_iter(folders.flat_map(|folder| names(&folder)));
    examples.retain(|example| example.ends_with(".rs"));
    examples.sort();
    let twice = examples.windows(2).filter(|pair| pair[0] == pair[1]);
    let twice = Vec::from_iter(twice.map(|pair| &pair[0]));
    assert!(twice.is_empty(), "{twice:?}");
}

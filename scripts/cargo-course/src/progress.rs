//! What a book that is built here shows of the course: which steps are done, and what comes next.
//!
//! It is a script, `work/.progress.js`, because a page that is opened from the disk can read nothing else.
//! Git ignores the folder, so a published book has none.

use std::collections::BTreeMap;
use std::fs;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::own::Own;
use crate::state;
use crate::step::Step;
use project::Workspace;

const FILE: &str = ".progress.js";

/// The function of the book's `progress.js` that the file calls.
const CALL: [&str; 2] = ["courseProgress(", ");\n"];

/// What the file says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Progress {
    /// What to type next.
    next: String,
    /// The stages that have been begun.
    stages: BTreeMap<String, Vec<Done>>,
}

/// A step of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Done {
    number: usize,
    title: String,
    /// The section of the book, as its pages name it.
    page: String,
    done: bool,
}

/// Notes which steps of a crate are done. Bugs and challenges are not shown.
///
/// # Errors
/// The stages cannot be read, or the folder cannot be written to.
pub fn note<'a>(
    workspace: &Workspace,
    own: &Own,
    steps: impl Iterator<Item = (&'a Step, bool)>,
) -> Result<()> {
    let purpose = &own.purpose;
    if purpose.bug.is_some() || purpose.challenge.is_some() {
        return Ok(());
    }
    let path = workspace.path("work").join(FILE);
    let before = fs::read_to_string(&path).unwrap_or_default();
    // What cannot be understood is written anew: every check knows its own stage.
    let mut progress = read(&before).unwrap_or_default();
    let steps: Vec<Done> = steps
        .map(|(step, done)| Done {
            number: step.number,
            title: step.title.clone(),
            page: step.chapter.replacen(".md", ".html", 1),
            done,
        })
        .collect();
    let is_done = steps.iter().all(|step| step.done);
    progress.stages.insert(purpose.stage.clone(), steps);
    let next = workspace.next(&purpose.stage)?;
    progress.next = match next {
        _ if !is_done => "cargo course check".to_owned(),
        Some(next) if !progress.stages.contains_key(&next) => format!("cargo course start {next}"),
        Some(next) => format!("cargo course check {next}"),
        None => "cargo course challenge".to_owned(),
    };
    let text = written(&progress);
    match text == before {
        true => Ok(()),
        false => state::write(&path, &text),
    }
}

fn read(text: &str) -> Option<Progress> {
    let data = text.strip_prefix(CALL[0])?.strip_suffix(CALL[1])?;
    serde_json::from_str(data).ok()
}

fn written(progress: &Progress) -> String {
    let data = serde_json::to_string(progress).expect("its keys are texts");
    CALL.join(&data)
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;
    use crate::own::Purpose;

    /// A workspace with two stages and a folder `work`.
    fn workspace() -> (tempfile::TempDir, Workspace) {
        let folder = tempfile::tempdir().unwrap();
        for place in ["stages/stage1/src", "stages/stage2/src", "work"] {
            fs::create_dir_all(folder.path().join(place)).unwrap();
        }
        fs::write(folder.path().join("Cargo.toml"), "").unwrap();
        let workspace = Workspace::find(folder.path()).unwrap();
        (folder, workspace)
    }

    fn step(number: usize) -> Step {
        Step {
            number,
            name: format!("step{number}"),
            file: "x.rs".into(),
            title: "A \"title\"".to_owned(),
            chapter: "one.md#here".to_owned(),
            about: Vec::new(),
            items: Vec::new(),
            text: String::new(),
            hints: Vec::new(),
        }
    }

    fn noted(workspace: &Workspace, purpose: Purpose, done: [bool; 2]) -> String {
        let own = Own {
            name: purpose.folder(),
            folder: workspace.path("work"),
            purpose,
        };
        let steps = [step(1), step(2)];
        note(workspace, &own, steps.iter().zip(done)).unwrap();
        fs::read_to_string(workspace.path("work").join(FILE)).unwrap_or_default()
    }

    #[test]
    fn the_book_is_told_what_is_done_and_what_comes_next() {
        let (_folder, workspace) = workspace();
        let text = noted(&workspace, Purpose::stage("stage1"), [true, false]);
        assert_eq!(
            text,
            "courseProgress({\"next\":\"cargo course check\",\"stages\":{\"stage1\":[\
             {\"number\":1,\"title\":\"A \\\"title\\\"\",\"page\":\"one.html#here\",\"done\":true},\
             {\"number\":2,\"title\":\"A \\\"title\\\"\",\"page\":\"one.html#here\",\"done\":false}]}});\n"
        );
        let next = |stage: &str, done| {
            let text = noted(&workspace, Purpose::stage(stage), done);
            read(&text).unwrap().next
        };
        assert_eq!(next("stage1", [true, true]), "cargo course start stage2");
        assert_eq!(next("stage2", [false, false]), "cargo course check");
        assert_eq!(next("stage1", [true, true]), "cargo course check stage2");
        assert_eq!(next("stage2", [true, true]), "cargo course challenge");
        let text = noted(&workspace, Purpose::stage("stage2"), [true, true]);
        assert_eq!(
            read(&text).unwrap().stages.len(),
            2,
            "the other stage stays"
        );
    }

    #[test]
    fn what_is_no_stage_and_what_cannot_be_read_do_no_harm() {
        let (_folder, workspace) = workspace();
        let bug = Purpose {
            bug: Some("mark".to_owned()),
            ..Purpose::stage("stage1")
        };
        assert_eq!(noted(&workspace, bug, [true, true]), "");
        fs::write(workspace.path("work").join(FILE), "oops").unwrap();
        let text = noted(&workspace, Purpose::stage("stage1"), [true, false]);
        assert_eq!(read(&text).unwrap().stages.len(), 1);
    }
}

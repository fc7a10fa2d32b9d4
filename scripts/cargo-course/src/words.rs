//! What the commands say, but for what a check has found.

use std::path::Path;

use anyhow::Result;

use crate::check::{Report, Trouble};
use crate::content::{self, Bug, Challenge};
use crate::explain;
use crate::needs;
use crate::outcome::Outcome;
use crate::own::Own;
use crate::paint::{BAD, FAINT, GOOD, STRONG, command, indented, paint, table, wrapped};
use crate::show::Shown;
use crate::skeleton::{self, Written};
use crate::start::{Base, Started};
use crate::state::State;
use crate::step::Step;
use project::Workspace;

/// A heading with a green mark.
fn done(words: &str) -> String {
    format!("{} {}\n\n", paint(GOOD, "✔"), paint(STRONG, words))
}

/// To those who have not begun.
pub fn welcome() -> String {
    let mut text = format!("{}\n\n", paint(STRONG, "Welcome to the course."));
    text += &wrapped(
        "You build engines for automatic differentiation, each from an earlier one. \
         Every stage has a handful of steps with tests, and you are told after each step \
         whether it is right and what comes next.",
        "  ",
    );
    text.push('\n');
    text += &table(&[
        ("begin", command("start stage1")),
        ("all commands", command("--help")),
        ("the book", "cargo book".to_owned()),
    ]);
    text
}

/// What `show` has found, and where its page is.
///
/// # Errors
/// A recording is not as it should be.
pub fn shown(workspace: &Workspace, own: &Own, shown: &Shown) -> Result<String> {
    let place = workspace.place(&own.folder);
    let wrong = |words: &str| format!("{} {}\n\n", paint(BAD, "✘"), paint(STRONG, words));
    Ok(match shown {
        Shown::Page { file, programs } => {
            let mut text = format!("{}\n\n", paint(STRONG, &format!("{place}, step by step")));
            for (program, outcome) in programs {
                let (mark, said) = verdict(outcome)?;
                text += &format!("  {mark} {}\n", program.title);
                text += &wrapped(&said, "    ");
            }
            let is_same = programs.iter().all(|(_, outcome)| outcome.is_same());
            text += &match is_same {
                true => format!(
                    "\n  Nothing differs in these programs. {} looks at more.\n",
                    command("check")
                ),
                false => String::new(),
            };
            text + &format!("\n  The page: {}\n", workspace.place(file))
        }
        Shown::Broken(errors) => {
            let text = wrong(&format!("{place} does not compile"));
            text + &explain::errors(errors) + &table(&[("more about it", command("check"))])
        }
        Shown::Refused(words) => {
            let text = wrong(&format!("Cargo cannot build {place}"));
            text + &indented(words, "  ")
        }
        Shown::Lacks {
            steps,
            last,
            errors,
        } => {
            let mut text = wrong(&format!("{place} does not have all that is shown"));
            let lacks = match steps.is_empty() {
                true => "All names are there, but they cannot be used in the same way:",
                false => "Your crate lacks items from:",
            };
            text += &wrapped(
                &format!(
                    "The pictures need all items up to step {}; a body may be `todo!()`. {lacks}",
                    last.number
                ),
                "  ",
            );
            for step in steps {
                text += &format!("  - step {}: {}\n", step.number, step.title);
            }
            text.push('\n');
            text + &explain::errors(errors) + &table(&[("what is next", command("check"))])
        }
    })
}

/// What became of a program: its mark and a sentence.
fn verdict(outcome: &Outcome) -> Result<(String, String)> {
    let (good, bad) = (paint(GOOD, "✔"), paint(BAD, "✘"));
    Ok(match outcome {
        Outcome::Recorded(recorded) => {
            let own = recorded.own()?;
            match own.difference {
                None => (
                    good,
                    format!("{} steps, and nothing differs.", own.steps.len()),
                ),
                Some(difference) => {
                    let step = difference.step + 1;
                    let count = own.steps.len();
                    (bad, format!("Step {step} of {count}: {}", difference.say))
                }
            }
        }
        Outcome::Refused(message) => (bad, format!("It cannot run: {message}")),
        Outcome::Ended(how) => (bad, format!("Your engine {}", Outcome::ended(how))),
        Outcome::Left => (
            paint(FAINT, "·"),
            "Not run, after one that had to be stopped.".to_owned(),
        ),
    })
}

/// There is no browser.
pub fn not_opened(error: &std::io::Error) -> String {
    wrapped(
        &format!("The browser cannot be opened ({error}): open the page yourself."),
        "  ",
    )
}

/// Where the reader is, and what comes next.
pub fn overview(workspace: &Workspace, report: &Report, others: &[Own]) -> String {
    let mut text = explain::steps(workspace, report);
    text.push('\n');
    if report.trouble.is_some() {
        text += &explain::last(report);
    }
    let mut rows = Vec::new();
    match (report.step(), &report.trouble) {
        (_, Some(Trouble::Broken(_))) => {
            rows.push(("it does not compile", command("check")));
        }
        (_, Some(Trouble::Refused(_))) => {
            rows.push(("Cargo cannot build it", command("check")));
        }
        (Some(step), None) => {
            text += &format!("  Next is step {}: {}\n\n", step.number, step.title);
            rows.push(("what it wants", command("check")));
            rows.push(("on every save", command("watch")));
            rows.push(("a hint", command("hint")));
        }
        (None, None) => {
            text += &format!("  {}\n\n", paint(GOOD, "All steps pass."));
            rows.push(("what comes next", command("check")));
        }
    }
    rows.push(("all commands", command("--help")));
    text += &table(&rows);
    if !others.is_empty() {
        let names: Vec<&str> = others.iter().map(|own| own.name.as_str()).collect();
        text += &format!(
            "\n  Also in work: {}. {}\n",
            names.join(", "),
            paint(
                FAINT,
                "This was about the crate that you are in, or saved last."
            )
        );
    }
    text
}

/// Of a new crate for a stage.
///
/// # Errors
/// The content of the course is not as it should be.
pub fn started(workspace: &Workspace, started: &Started) -> Result<String> {
    let place = workspace.place(&started.own.folder);
    let stage = &started.own.purpose.stage;
    let mut text = done(&format!("{place} is ready"));
    let (base, why) = match &started.base {
        Base::Skeleton(written) => (
            format!(
                "It has the types and signatures of {stage}, and a `todo!` wherever something \
                 is to be written.{}",
                given(&started.steps, &written.files)
            ),
            match *written == Written::default() {
                true => "Nothing is written yet",
                false => "This is still to be written",
            },
        ),
        Base::Nothing => (
            format!(
                "There is nothing in it. You write {stage} from the first type on, with the names \
                 that its tests use."
            ),
            "Nothing is written yet",
        ),
        Base::Own(own) => (
            format!(
                "It is a copy of your own {}, which you now change until it is {stage}.",
                workspace.place(&own.folder)
            ),
            "It is not this stage yet",
        ),
        Base::Reference(before) => (
            format!(
                "It is a copy of the reference stages/{before} (there is none of your own that \
                 passes all steps), which you now change until it is {stage}."
            ),
            "It is not this stage yet",
        ),
    };
    text += &wrapped(&base, "  ");
    let advice = content::stage(workspace, stage)?.advice;
    if !advice.is_empty() && matches!(started.base, Base::Own(_) | Base::Reference(_)) {
        text.push('\n');
        text += &wrapped(advice.trim(), "  ");
    }
    let head = match (started.red.len(), started.steps.len()) {
        (red, all) if red == all => format!("All {all} steps are red now"),
        (red, all) => format!("{red} of {all} steps are red now"),
    };
    text += &format!(
        "\n  {}\n\n",
        paint(STRONG, &format!("{head}, and that is right. {why}:"))
    );
    for step in &started.steps {
        let mark = match started.red.contains(&step.number) {
            true => paint(BAD, "✘"),
            false => paint(GOOD, "✔"),
        };
        let line = explain::listed(step, started.steps.len());
        text += &format!("  {mark} {line}\n");
    }
    if let Some(step) = started
        .steps
        .iter()
        .find(|step| started.red.contains(&step.number))
    {
        text += &format!(
            "\n  {}\n\n",
            paint(
                STRONG,
                &format!("Begin with step {}: {}", step.number, step.title)
            )
        );
        text += &wrapped(&step.text, "  ");
        text += &match &started.base {
            Base::Skeleton(written) => {
                let mut step = step.clone();
                step.items
                    .retain(|item| !written.files.contains(&item.file));
                format!("\n{}", explain::items(&step))
            }
            _ => needs::of_step(workspace, stage, step)?.text(),
        };
        text.push('\n');
        let mut rows = vec![
            ("open in your editor", place),
            ("its tests", workspace.place(&step.file)),
            ("see where you are", command("check")),
            ("the same on every save", command("watch")),
        ];
        if matches!(started.base, Base::Skeleton(_)) {
            rows.push(("what its tests need", command("hint --signatures")));
        } else {
            let skeleton = format!("start {stage} --from skeleton --again");
            rows.push(("too big a leap?", command(&skeleton)));
        }
        text += &table(&rows);
    }
    Ok(text)
}

/// What is in the files that were written from the beginning.
fn given(steps: &[Step], files: &[String]) -> String {
    if files.is_empty() {
        return String::new();
    }
    let names = listed(files.iter().map(|file| format!("`{file}`")));
    let verb = if files.len() == 1 { "is" } else { "are" };
    let steps = skeleton::complete(steps, files);
    let about = match steps[..] {
        [] => "No step can be passed with that alone".to_owned(),
        [step] => format!("Step {step} asks for nothing else"),
        _ => format!(
            "Steps {} ask for nothing else",
            listed(steps.iter().map(usize::to_string))
        ),
    };
    format!(" {names} {verb} written, as in the reference. {about}.")
}

/// `a, b and c`.
fn listed(words: impl Iterator<Item = String>) -> String {
    let words = Vec::from_iter(words);
    match &words[..] {
        [begin @ .., before, last] => {
            let begin: String = begin.iter().map(|word| format!("{word}, ")).collect();
            format!("{begin}{before} and {last}")
        }
        _ => words.concat(),
    }
}

/// What the tests of a step need.
///
/// # Errors
/// The tests or the reference cannot be read.
pub fn signatures(workspace: &Workspace, own: &Own, step: &Step) -> Result<String> {
    let head = format!("Step {}: {}", step.number, step.title);
    let mut text = format!("{}\n\n", paint(STRONG, &head));
    text += &wrapped(&step.text, "  ");
    text += &needs::of_step(workspace, &own.purpose.stage, step)?.text();
    Ok(text)
}

/// The first so many hints for a step.
pub fn hints(own: &Own, step: &Step, shown: usize, was_last: bool) -> String {
    let mut text = format!(
        "{}\n\n",
        paint(STRONG, &format!("Step {}: {}", step.number, step.title))
    );
    for (hint, number) in step.hints[..shown].iter().zip(1..) {
        let hint = wrapped(hint, "     ");
        let line = format!("  {number}. {}", hint.trim_start());
        text += &match number == shown {
            true => line,
            false => paint(FAINT, &line),
        };
    }
    let left = step.hints.len() - shown;
    let stage = &own.purpose.stage;
    text += &match (left, was_last) {
        (0, false) => "\n  That was the last hint.\n".to_owned(),
        (0, true) => format!(
            "\n  Those are all. See the answer with {}\n  \
             (--code leaves the comments out).\n",
            match &own.purpose.challenge {
                Some(slug) => command(&format!("diff mine:{} solution:{slug}", own.name)),
                None => command(&format!("diff mine:{} {stage}", own.name)),
            }
        ),
        (1, _) => "\n  One more is left.\n".to_owned(),
        (left, _) => format!("\n  {left} more are left.\n"),
    };
    text
}

/// Of a new crate with a bug in it.
pub fn planted(workspace: &Workspace, own: &Own, bug: &Bug) -> String {
    let stage = &own.purpose.stage;
    let place = workspace.place(&own.folder);
    let mut text = done(&format!("There is a bug in {place}"));
    text += &format!("  {}\n\n", paint(STRONG, &bug.title));
    text += &wrapped(
        &format!(
            "It is the reference of {stage} with one mistake, of a kind that has been made \
             many times before. Find it and fix it: when all steps pass again, you have."
        ),
        "  ",
    );
    text.push('\n');
    text += &table(&[
        ("what is red", command("check")),
        ("the same on every save", command("watch")),
        (
            "give up",
            command(&format!("diff mine:{} {stage}", own.name)),
        ),
    ]);
    text
}

/// The bugs of all stages, or of one, and those that have been found.
///
/// # Errors
/// The content of the course is not as it should be.
pub fn bugs(workspace: &Workspace, state: &State, only: Option<&str>) -> Result<String> {
    let mut text = String::new();
    for stage in workspace.stages()? {
        if only.is_some_and(|only| only != stage) {
            continue;
        }
        let found = state.found.get(&stage).cloned().unwrap_or_default();
        text += &format!("{}\n", paint(STRONG, &stage));
        for (bug, number) in content::bugs(workspace, &stage)?.iter().zip(1..) {
            let mark = match found.contains(&bug.mark()) {
                true => paint(GOOD, "✔"),
                false => paint(FAINT, "·"),
            };
            text += &format!("  {mark} {number}  {}\n", bug.title);
        }
        text.push('\n');
    }
    text += &table(&[
        ("the next one", command("break STAGE")),
        ("a certain one", command("break STAGE --number NUMBER")),
    ]);
    Ok(text)
}

/// Of a new crate for a challenge.
pub fn challenged(
    workspace: &Workspace,
    challenge: &Challenge,
    own: &Own,
    base: Option<&Own>,
) -> String {
    let place = |path: &Path| workspace.place(path);
    let folder = place(&own.folder);
    let mut text = done(&format!("{folder} is ready"));
    let base = match base {
        Some(own) => format!("your own {}", place(&own.folder)),
        None => format!("the reference stages/{}", challenge.stage),
    };
    text += &wrapped(
        &format!(
            "It is a copy of {base}. The steps of the stage pass; the test of the challenge is \
             red, and that is right."
        ),
        "  ",
    );
    text += &format!("\n  {}\n\n", paint(STRONG, &challenge.title));
    text += &wrapped(&challenge.text, "  ");
    text.push('\n');
    text += &table(&[
        ("open in your editor", folder),
        ("its test", place(&challenge.test)),
        ("see where you are", command("check")),
        ("a hint", command("hint")),
        (
            "a worked solution",
            command(&format!(
                "diff {} solution:{}",
                challenge.stage, challenge.slug
            )),
        ),
    ]);
    text
}

/// All challenges.
///
/// # Errors
/// The content of the course is not as it should be.
pub fn challenges(workspace: &Workspace) -> Result<String> {
    let all = content::all_challenges(workspace)?;
    let width = all.keys().map(String::len).max().unwrap_or(0);
    let mut text = String::new();
    for stage in workspace.stages()? {
        text += &format!("{}\n", paint(STRONG, &stage));
        for (slug, challenge) in all.iter().filter(|(_, c)| c.stage == stage) {
            text += &format!("  {slug:width$}  {}\n", challenge.title);
        }
        text.push('\n');
    }
    text += &table(&[("take one up", command("challenge NAME"))]);
    Ok(text)
}

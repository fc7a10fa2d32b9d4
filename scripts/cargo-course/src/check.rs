//! Checking one crate: its steps in order.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;

use crate::calls::{self, Call};
use crate::cargo::{self, Build, Kind};
use crate::content;
use crate::diagnosis::{self, Diagnosis};
use crate::evidence::{cause, is_library, is_own};
use crate::manifest;
use crate::own::Own;
use crate::paint::Status;
use crate::run::{self, Run};
use crate::skeleton;
use crate::state::{Known, State};
use crate::step::{self, CHALLENGE, Step};
use project::Workspace;
use project::stages::sources;

/// How much processor time the tests of one step may use.
pub const LIMIT: Duration = Duration::from_secs(60);

/// How to check.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Go on after a red step.
    pub all: bool,
    /// How much processor time the tests of one step may use.
    pub limit: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            all: false,
            limit: LIMIT,
        }
    }
}

/// What a check has found.
#[derive(Debug)]
pub struct Report {
    /// The crate.
    pub own: Own,
    /// What was known of it before.
    pub known: Known,
    /// Its steps, and what became of them.
    pub steps: Vec<(Step, Outcome)>,
    /// What kept the steps from being run.
    pub trouble: Option<Trouble>,
}

/// What became of a step.
#[derive(Debug)]
pub enum Outcome {
    /// All tests pass.
    Green,
    /// Some do not.
    Red(Box<Red>),
    /// It was not run.
    Waiting,
}

/// A step that is not right.
#[derive(Debug)]
pub struct Red {
    /// What is likely to be wrong.
    pub diagnosis: Diagnosis,
    /// What was seen.
    pub seen: Seen,
    /// The calls that led to the panic that is shown, if it is one of the reader's code.
    pub calls: Vec<Call>,
    /// Where the crate says itself that the step is not written: file below `src`, and line.
    pub unwritten: Vec<(String, usize)>,
    /// Whether an item of the step does not occur in the crate at all.
    pub lacks: bool,
}

/// What was seen of a red step.
#[derive(Debug)]
pub enum Seen {
    /// Its tests were run.
    Tests(Run),
    /// Its tests do not compile against the crate.
    Errors(Vec<String>),
}

/// What kept the steps from being run.
#[derive(Debug)]
pub enum Trouble {
    /// The library does not compile, with these errors.
    Broken(Vec<String>),
    /// Cargo does not accept the crate, with these words.
    Refused(String),
}

impl Report {
    /// The first red step.
    pub fn red(&self) -> Option<(&Step, &Red)> {
        self.steps.iter().find_map(|(step, outcome)| match outcome {
            Outcome::Red(red) => Some((step, &**red)),
            _ => None,
        })
    }

    /// The step that the reader is on: the first one that is not green. None when all are.
    pub fn step(&self) -> Option<&Step> {
        let green = |outcome: &Outcome| matches!(outcome, Outcome::Green);
        let next = self.steps.iter().find(|(_, outcome)| !green(outcome));
        next.map(|(step, _)| step)
    }

    /// How many steps are green, from the first one on.
    pub fn green(&self) -> usize {
        let green = |(_, outcome): &&(Step, Outcome)| matches!(outcome, Outcome::Green);
        self.steps.iter().take_while(green).count()
    }

    /// The step that the reader was on when the crate last compiled, while it does not.
    pub fn last(&self) -> Option<&Step> {
        self.trouble.as_ref()?;
        self.steps.get(self.known.green?).map(|(step, _)| step)
    }

    /// Whether all steps are green.
    pub fn is_green(&self) -> bool {
        self.step().is_none()
    }

    /// Whether a red step is probably not begun: something is to be written in it, there is code
    /// from the stage before, and not one test of the step passes.
    pub fn is_untouched(&self, red: &Red) -> bool {
        let writes = |(step, _): (&Step, &Red)| !step.items.is_empty();
        let purpose = &self.own.purpose;
        let is_stage = purpose.bug.is_none() && purpose.challenge.is_none();
        let none_passes = match &red.seen {
            Seen::Tests(run) => run.died.is_empty() && run.passed.is_empty(),
            Seen::Errors(_) => false,
        };
        is_stage && self.known.evolved && none_passes && self.red().is_some_and(writes)
    }
}

/// The steps of a crate: those of its stage, and the challenge.
///
/// # Errors
/// A header or the challenge is not as it should be.
pub fn steps(workspace: &Workspace, own: &Own) -> Result<Vec<Step>> {
    let mut steps = step::of_stage(workspace, &own.purpose.stage)?;
    if let Some(slug) = &own.purpose.challenge {
        let challenge = content::challenge(workspace, slug)?;
        steps.push(Step {
            number: steps.len() + 1,
            name: CHALLENGE.to_owned(),
            file: challenge.test,
            title: challenge.title,
            chapter: String::new(),
            about: Vec::new(),
            items: Vec::new(),
            text: challenge.text,
            hints: challenge.hints,
        });
    }
    Ok(steps)
}

/// Builds the tests of a crate and runs them, step by step.
///
/// # Errors
/// Cargo or a test program cannot be started. Whatever is wrong with the crate is in the report.
pub fn check(workspace: &Workspace, own: &Own, options: Options) -> Result<Report> {
    manifest::update(workspace, own)?;
    let steps = steps(workspace, own)?;
    let names = Vec::from_iter(steps.iter().map(|step| step.name.clone()));
    let known = State::load(workspace).crates.remove(&own.name);
    let mut report = Report {
        own: own.clone(),
        known: known.unwrap_or_default(),
        steps: Vec::new(),
        trouble: None,
    };
    let mut rounds = rounds(&report.known, names.len(), options).into_iter();
    let mut built = 0;
    let mut programs = BTreeMap::new();
    let status = Status::new();
    for (index, step) in steps.into_iter().enumerate() {
        let goes_on = report.trouble.is_none() && (options.all || report.red().is_none());
        if index == built
            && goes_on
            && let Some(end) = rounds.next()
        {
            match cargo::build(&own.folder, Kind::Test, &names[built..end])? {
                Build::Library(more) => programs.extend(more),
                Build::Broken(errors) => report.trouble = Some(Trouble::Broken(errors)),
                Build::Refused(words) => report.trouble = Some(Trouble::Refused(words)),
            }
            built = end;
        }
        status.show(&format!("Step {}: {}", step.number, step.title));
        let outcome = match programs.remove(&step.name) {
            Some(program) if options.all || report.red().is_none() => match program {
                Ok(program) => {
                    let run = run::run(&program, &own.folder, &step.file, options.limit)?;
                    let trace =
                        |test: &str| run::traced(&program, &own.folder, test, options.limit / 4);
                    judge(workspace, own, &step, run, trace)?
                }
                Err(errors) => Outcome::Red(Box::new(Red {
                    diagnosis: Diagnosis::does_not_compile(&step),
                    seen: Seen::Errors(errors),
                    calls: Vec::new(),
                    unwritten: Vec::new(),
                    lacks: false,
                })),
            },
            _ => Outcome::Waiting,
        };
        report.steps.push((step, outcome));
    }
    Ok(report)
}

/// How many steps are built at once, each time: first those up to the one that the reader was on,
/// then the one after it, then all. On every save only the first of them are compiled.
fn rounds(known: &Known, count: usize, options: Options) -> Vec<usize> {
    let green = known.green.unwrap_or(0);
    let ends = match options.all {
        true => vec![count],
        false => vec![green + 1, green + 2, count],
    };
    let mut ends = Vec::from_iter(ends.into_iter().map(|end| end.min(count)));
    ends.dedup();
    ends
}

/// What becomes of a step after its tests have run. Where a mark of the skeleton is left, there is no
/// need to guess. `trace` runs one test again and returns what it prints with the calls that led to
/// its panics.
///
/// # Errors
/// The sources of the crate, or the explanations of its stage, cannot be read; or a test cannot be run.
pub fn judge(
    workspace: &Workspace,
    own: &Own,
    step: &Step,
    run: Run,
    trace: impl Fn(&str) -> Result<String>,
) -> Result<Outcome> {
    let table = content::explanations(workspace, &own.purpose.stage)?;
    let Some(mut diagnosis) = diagnosis::of_run(step, &run, &table) else {
        return Ok(Outcome::Green);
    };
    let sources = sources(&own.src())?;
    let unwritten = skeleton::unwritten(&sources, step);
    if !unwritten.is_empty() {
        diagnosis = Diagnosis::not_written(step);
    }
    let shown = diagnosis.shown(&run).and_then(cause);
    let calls = match (shown, &diagnosis.test) {
        (Some(panic), Some(test)) if is_own(panic) || is_library(panic) => {
            calls::of_panic(&trace(test)?, panic)
        }
        _ => Vec::new(),
    };
    Ok(Outcome::Red(Box::new(Red {
        diagnosis,
        seen: Seen::Tests(run),
        calls,
        unwritten,
        lacks: skeleton::lacks(&sources, step),
    })))
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn what_is_compiled_on_every_save_ends_with_the_step_that_the_reader_is_on() {
        let rounds = |green, all| {
            let known = Known {
                green,
                ..Known::default()
            };
            let options = Options {
                all,
                ..Options::default()
            };
            rounds(&known, 10, options)
        };
        assert_eq!(rounds(None, false), [1, 2, 10]);
        assert_eq!(rounds(Some(4), false), [5, 6, 10]);
        assert_eq!(rounds(Some(8), false), [9, 10]);
        assert_eq!(rounds(Some(10), false), [10]);
        assert_eq!(rounds(Some(4), true), [10]);
    }
}

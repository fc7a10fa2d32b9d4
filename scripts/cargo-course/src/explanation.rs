//! What it means that certain tests of a step fail, told by whoever knows the step: the tables in
//! `content/stageN/explanations.toml`, which `content/README.md` describes.

use serde::Deserialize;

use crate::evidence::Sight;
use crate::evidence::values;
use crate::limit::Reason;
use crate::run::{Failure, How, Run};

/// One row: what is seen, and what it means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// What it is called.
    pub key: String,
    /// The step, by the name of its test file.
    pub step: String,
    /// Tests that fail: all of these.
    pub fails: Vec<String>,
    /// Tests that pass: all of these.
    #[serde(default)]
    pub passes: Vec<String>,
    /// Whether no other tests fail.
    #[serde(default)]
    pub alone: bool,
    /// How the values differ that the first of the tests shows.
    #[serde(default)]
    pub seen: Option<Sight>,
    /// Texts that the first of the tests shows.
    #[serde(default)]
    pub shows: Vec<String>,
    /// How the first of the tests ended, if not by failing.
    #[serde(default)]
    pub how: Option<Ended>,
    /// What it means.
    pub says: String,
}

/// How a test ended that has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// It ran out of stack.
    StackOverflow,
    /// It was busy for too long.
    Endless,
    /// It waited.
    Waiting,
}

impl Explanation {
    /// Whether this is what has been seen of a step.
    pub fn fits(&self, step: &str, run: &Run) -> bool {
        let failed = |name: &String| run.failed.iter().any(|failure| failure.test == *name);
        let died = |name: &String| run.died.iter().any(|death| death.test == *name);
        let count = run.failed.len() + run.died.len();
        self.step == step
            && self.fails.iter().all(|name| failed(name) || died(name))
            && self.passes.iter().all(|name| run.passed.contains(name))
            && (!self.alone || count == self.fails.len())
            && self.fits_first(run)
    }

    /// Whether the first of the tests shows what it should.
    fn fits_first(&self, run: &Run) -> bool {
        let Some(first) = self.fails.first() else {
            return false;
        };
        let failure = run.failed.iter().find(|failure| failure.test == *first);
        let death = run.died.iter().find(|death| death.test == *first);
        let output = failure.map(|failure| &failure.output);
        let output = output.or(death.map(|death| &death.output));
        let output = one_line(output.map_or("", String::as_str));
        let how = death.map(|death| match death.how {
            How::StackOverflow => Some(Ended::StackOverflow),
            How::Stopped(stopped) if stopped.reason == Reason::Waiting => Some(Ended::Waiting),
            How::Stopped(_) => Some(Ended::Endless),
            How::Ended(_) => None,
        });
        self.seen
            .is_none_or(|sight| failure.is_some_and(|failure| shows(failure, sight)))
            && self.how.is_none_or(|ended| how == Some(Some(ended)))
            && self
                .shows
                .iter()
                .all(|text| output.contains(&one_line(text)))
    }
}

fn shows(failure: &Failure, sight: Sight) -> bool {
    values(failure).is_some_and(|values| {
        let sights = [values.sight(), values.sight_of_shapes()];
        sights.contains(&Some(sight))
    })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::Stopped;
    use crate::run::{Death, panics};

    fn row(more: &str) -> Explanation {
        let text = format!("key = 'k'\nstep = 'step1'\nfails = ['a', 'b']\nsays = 's'\n{more}");
        toml::from_str(&text).unwrap()
    }

    fn failure(test: &str, message: &str) -> Failure {
        let output = format!("thread '{test}' (1) panicked at tests/step.rs:1:1:\n{message}");
        Failure {
            test: test.to_owned(),
            panics: panics(&output),
            output,
            wanted: None,
        }
    }

    fn run(failed: &[&str], passed: &[&str]) -> Run {
        let message = "not close\n  left: 3\n right: 6";
        Run {
            failed: failed.iter().map(|test| failure(test, message)).collect(),
            passed: passed.iter().map(|test| test.to_string()).collect(),
            ..Run::default()
        }
    }

    #[test]
    fn all_that_a_row_names_must_be_so() {
        for (more, failed, passed, fits) in [
            ("", &["a", "b"][..], &[][..], true),
            ("", &["a", "c", "b"], &[], true),
            ("", &["a"], &["b"], false),
            ("alone = true", &["a", "b"], &["c"], true),
            ("alone = true", &["a", "b", "c"], &[], false),
            ("passes = ['c']", &["a", "b"], &["c", "d"], true),
            ("passes = ['c']", &["a", "b"], &["d"], false),
            ("seen = 'half'", &["a", "b"], &[], true),
            ("seen = 'double'", &["a", "b"], &[], false),
            ("shows = ['left: 3 right', 'close']", &["a", "b"], &[], true),
            ("shows = ['left: 3', 'far']", &["a", "b"], &[], false),
            ("how = 'endless'", &["a", "b"], &[], false),
        ] {
            let run = run(failed, passed);
            assert_eq!(row(more).fits("step1", &run), fits, "{more} {failed:?}");
            assert!(!row(more).fits("step2", &run));
        }
    }

    #[test]
    fn it_may_matter_how_a_test_ended() {
        let stopped = |reason| {
            let stopped = Stopped {
                reason,
                limit: std::time::Duration::ZERO,
                processor: std::time::Duration::ZERO,
                clock: std::time::Duration::ZERO,
            };
            How::Stopped(stopped)
        };
        for (how, name) in [
            (How::StackOverflow, "stack-overflow"),
            (stopped(Reason::Endless), "endless"),
            (stopped(Reason::Slow), "endless"),
            (stopped(Reason::Waiting), "waiting"),
            (How::Ended(String::new()), "none"),
        ] {
            let mut run = run(&["b"], &[]);
            run.died.push(Death {
                test: "a".to_owned(),
                how,
                output: String::new(),
            });
            assert!(row("").fits("step1", &run));
            for other in ["stack-overflow", "endless", "waiting"] {
                let row = row(&format!("how = '{other}'"));
                assert_eq!(row.fits("step1", &run), other == name, "{name} {other}");
            }
        }
    }
}

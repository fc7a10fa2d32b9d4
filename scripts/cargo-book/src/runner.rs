//! Examples, each run once.
//!
//! An example may print lines such as `## name` to split its output into sections, so that a
//! chapter can show them one by one. Those lines themselves are never shown.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::{Context, Result, anyhow, bail};

use crate::directive::Example;
use project::{Workspace, process};

/// Runs examples, each of them once. One that failed has another try with the next book.
#[derive(Debug)]
pub struct Runner {
    root: PathBuf,
    cargo: OsString,
    outputs: Mutex<HashMap<Example, Output>>,
    runs: AtomicUsize,
    stopped: AtomicBool,
}

/// What an example printed, or why it could not.
type Output = Result<String, String>;

impl Runner {
    /// A runner for the examples of a workspace, by the cargo that runs us.
    pub fn new(workspace: &Workspace) -> Runner {
        Runner {
            root: workspace.root().to_path_buf(),
            cargo: std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()),
            outputs: Mutex::default(),
            runs: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
        }
    }

    /// How often an example has run.
    pub fn count(&self) -> usize {
        self.runs.load(Ordering::Relaxed)
    }

    /// What the example prints.
    ///
    /// # Errors
    /// It cannot be built, or it fails, or it prints what is not UTF-8.
    pub fn output(&self, example: &Example) -> Result<String> {
        let mut outputs = lock(&self.outputs);
        outputs
            .entry(example.clone())
            .or_insert_with(|| self.run(example))
            .clone()
            .map_err(|message| anyhow!(message))
    }

    /// Runs examples that will be asked for and have not run well, as many at a time as there are
    /// cores.
    pub fn run_ahead(&self, mut examples: HashSet<Example>) {
        {
            let outputs = lock(&self.outputs);
            examples.retain(|example| !matches!(outputs.get(example), Some(Ok(_))));
        }
        let waiting = Mutex::new(Vec::from_iter(examples));
        let next = || lock(&waiting).pop();
        thread::scope(|scope| {
            for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
                scope.spawn(|| {
                    while let Some(example) = next() {
                        let output = self.run(&example);
                        lock(&self.outputs).insert(example, output);
                    }
                });
            }
        });
    }

    /// Ends the examples that run, as failed, and runs none any more.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    fn run(&self, example: &Example) -> Output {
        self.runs.fetch_add(1, Ordering::Relaxed);
        let run = || -> Result<String> {
            let (status, output, errors) = self.finish(example)?;
            if !status.success() {
                let errors = String::from_utf8_lossy(&errors);
                bail!("failed ({status}):\n{}", indented(errors.trim_end()));
            }
            let text = String::from_utf8(output).context("printed what is not UTF-8")?;
            Ok(text.replace("\r\n", "\n"))
        };
        run().map_err(|error| format!("`{}` {error:#}", example.command()))
    }

    /// How cargo ended, and what it printed on the one and on the other.
    fn finish(&self, example: &Example) -> Result<(ExitStatus, Vec<u8>, Vec<u8>)> {
        if self.is_stopped() {
            bail!("was stopped");
        }
        let mut command = Command::new(&self.cargo);
        command
            .args(example.arguments())
            .current_dir(&self.root)
            .env("CARGO_TERM_COLOR", "never");
        let finished = process::run(&mut command, usize::MAX, |_| self.is_stopped())
            .context("cannot be run")?;
        match finished.status {
            Some(status) => Ok((status, finished.stdout, finished.stderr)),
            None => bail!("was stopped"),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("    {line}")).collect();
    lines.join("\n")
}

/// A section of the output, or all of it, without the lines that name sections and without
/// blank lines around it.
///
/// # Errors
/// There is no such section, or two of that name, or it is empty.
pub fn section(output: &str, name: Option<&str>) -> Result<String> {
    let mut names: Vec<&str> = Vec::new();
    let mut kept: Vec<&str> = Vec::new();
    for line in output.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            names.push(title.trim());
        } else if name.is_none() || names.last().copied() == name {
            kept.push(line.trim_end());
        }
    }
    if let Some(name) = name {
        match names.iter().filter(|found| **found == name).count() {
            0 if names.is_empty() => {
                bail!(
                    "there is no section `{name}` in the output: it has no lines such as `## {name}`"
                )
            }
            0 => bail!(
                "there is no section `{name}` in the output (it has: {})",
                names.join(", ")
            ),
            1 => {}
            _ => bail!("the output has more than one section `{name}`"),
        }
    }
    let text = kept.join("\n");
    let text = text.trim_matches('\n');
    match (text.is_empty(), name) {
        (false, _) => Ok(format!("{text}\n")),
        (true, Some(name)) => bail!("the section `{name}` of the output is empty"),
        (true, None) => bail!("the example prints nothing"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    const OUTPUT: &str = "before\n\n## one\n\na\n\nb\n\n## two\nc\n## none\n";

    #[test]
    fn a_section_is_cut_out() {
        assert_eq!(section(OUTPUT, Some("one")).unwrap(), "a\n\nb\n");
        assert_eq!(section(OUTPUT, Some("two")).unwrap(), "c\n");
    }

    #[test]
    fn the_whole_output_has_no_markers() {
        assert_eq!(section(OUTPUT, None).unwrap(), "before\n\n\na\n\nb\n\nc\n");
    }

    #[track_caller]
    fn refused(output: &str, name: Option<&str>, message: &str) {
        assert_eq!(section(output, name).unwrap_err().to_string(), message);
    }

    #[test]
    fn a_missing_section_is_an_error_that_names_the_others() {
        refused(
            OUTPUT,
            Some("three"),
            "there is no section `three` in the output (it has: one, two, none)",
        );
        refused(
            "a\n",
            Some("one"),
            "there is no section `one` in the output: it has no lines such as `## one`",
        );
        refused(
            OUTPUT,
            Some("none"),
            "the section `none` of the output is empty",
        );
        refused("", None, "the example prints nothing");
        refused(
            "## a\nx\n## a\ny\n",
            Some("a"),
            "the output has more than one section `a`",
        );
    }
}

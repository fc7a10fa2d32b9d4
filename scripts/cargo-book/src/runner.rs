//! Examples, each run once: what one printed is kept beside its program, until the program changes.
//!
//! An example may print lines such as `## name` to split its output into sections, so that a
//! chapter can show them one by one. Those lines themselves are never shown.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;

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
    /// cores. All are built at once; what a program has printed before, it need not print again.
    pub fn run_ahead(&self, mut examples: HashSet<Example>) {
        {
            let outputs = lock(&self.outputs);
            examples.retain(|example| !matches!(outputs.get(example), Some(Ok(_))));
        }
        let programs = self.build(&examples);
        let waiting = Mutex::new(Vec::from_iter(examples));
        let next = || lock(&waiting).pop();
        thread::scope(|scope| {
            for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
                scope.spawn(|| {
                    while let Some(example) = next() {
                        let output = match programs.get(&example) {
                            Some(program) => self.kept(&example, program),
                            None => self.run(&example),
                        };
                        lock(&self.outputs).insert(example, output);
                    }
                });
            }
        });
    }

    /// The programs of examples. One that cannot be built has none: Cargo says why when it is run.
    fn build(&self, examples: &HashSet<Example>) -> HashMap<Example, PathBuf> {
        if examples.is_empty() || self.is_stopped() {
            return HashMap::new();
        }
        let packages: BTreeSet<&str> = examples.iter().map(|example| &*example.stage).collect();
        let names: BTreeSet<&str> = examples.iter().map(|example| &*example.name).collect();
        let mut command = Command::new(&self.cargo);
        command
            .args(["build", "--quiet", "--keep-going"])
            .arg("--message-format=json-render-diagnostics")
            .args(packages.iter().flat_map(|package| ["-p", package]))
            .args(names.iter().flat_map(|name| ["--example", name]))
            .current_dir(&self.root);
        let finished = process::run(&mut command, usize::MAX, |_| self.is_stopped());
        let printed = finished.map(|finished| finished.stdout).unwrap_or_default();
        String::from_utf8_lossy(&printed)
            .lines()
            .filter_map(|line| serde_json::from_str::<Artifact>(line).ok())
            .filter_map(Artifact::example)
            .collect()
    }

    /// What the program of an example printed when it was last run, if it has not changed since.
    /// Otherwise it is run now.
    fn kept(&self, example: &Example, program: &Path) -> Output {
        let Some(mark) = mark(program) else {
            return self.run(example);
        };
        let place = program.with_extension("printed");
        if let Ok(text) = fs::read_to_string(&place)
            && let Some(output) = text.strip_prefix(&mark)
        {
            return Ok(output.to_owned());
        }
        let output = self.printed(example, &mut Command::new(program));
        if let Ok(text) = &output {
            // Beside its place, then renamed: there is never half of it. Without it, it is run again.
            let beside = program.with_extension(format!("printed-{}", std::process::id()));
            let _ = fs::write(&beside, mark + text).and_then(|()| fs::rename(&beside, &place));
        }
        output
    }

    /// Ends the examples that run, as failed, and runs none any more.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Runs an example by Cargo, which says what is wrong if it cannot be built.
    fn run(&self, example: &Example) -> Output {
        let mut command = Command::new(&self.cargo);
        command
            .args(example.arguments())
            .env("CARGO_TERM_COLOR", "never");
        self.printed(example, &mut command)
    }

    /// What the command of an example prints.
    fn printed(&self, example: &Example, command: &mut Command) -> Output {
        self.runs.fetch_add(1, Ordering::Relaxed);
        let mut run = || -> Result<String> {
            if self.is_stopped() {
                bail!("was stopped");
            }
            command.current_dir(&self.root);
            let finished = process::run(command, usize::MAX, |_| self.is_stopped())
                .context("cannot be run")?;
            let status = finished.status.context("was stopped")?;
            if !status.success() {
                bail!(
                    "failed ({status}){}",
                    said(&finished.stderr, &finished.stdout)
                );
            }
            let text = String::from_utf8(finished.stdout).context("printed what is not UTF-8")?;
            Ok(text.replace("\r\n", "\n"))
        };
        run().map_err(|error| format!("`{}` {error:#}", example.command()))
    }
}

/// What Cargo says of a program that it has built or found up to date.
#[derive(Deserialize)]
struct Artifact {
    manifest_path: PathBuf,
    target: Target,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    name: String,
}

impl Artifact {
    /// The example with its program. A stage's folder has the name of its package.
    fn example(self) -> Option<(Example, PathBuf)> {
        let stage = self.manifest_path.parent()?.file_name()?.to_str()?;
        let example = Example {
            stage: stage.to_owned(),
            name: self.target.name,
        };
        let program = self.executable?;
        self.target
            .kind
            .iter()
            .any(|kind| kind == "example")
            .then_some((example, program))
    }
}

/// What tells a program from the one before: when it was linked, and how long it is.
fn mark(program: &Path) -> Option<String> {
    let metadata = fs::metadata(program).ok()?;
    let linked = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("{} {}\n", linked.as_nanos(), metadata.len()))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a program that has failed said: its errors, or what else there is.
fn said(errors: &[u8], output: &[u8]) -> String {
    let [errors, output] = [errors, output].map(String::from_utf8_lossy);
    match (errors.trim_end(), output.trim_end()) {
        ("", "") => " and said nothing".to_owned(),
        ("", output) => format!(
            " without an error message, after printing:\n{}",
            indented(output)
        ),
        (errors, _) => format!(":\n{}", indented(errors)),
    }
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

    #[test]
    fn a_program_that_fails_without_an_error_message_is_shown_by_its_output() {
        assert_eq!(said(b"error: no\n", b"## one\n"), ":\n    error: no");
        assert_eq!(
            said(b"", b"## one\na\n"),
            " without an error message, after printing:\n    ## one\n    a"
        );
        assert_eq!(said(b"\n", b""), " and said nothing");
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

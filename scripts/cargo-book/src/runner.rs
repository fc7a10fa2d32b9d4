//! Examples, each run once: what one printed is kept beside its program, until the program changes.
//!
//! An example may print lines such as `## name` to split its output into sections, so that a
//! chapter can show them one by one. Those lines themselves are never shown.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;

use crate::directive::Example;
use project::Workspace;
use project::process::{self, Finished};

/// Runs examples, each of them once. One that failed has another try with the next book.
#[derive(Debug)]
pub struct Runner {
    root: PathBuf,
    cargo: OsString,
    outputs: Mutex<HashMap<Example, Output>>,
    recordings: Mutex<HashMap<String, Output>>,
    runs: AtomicUsize,
    stopped: AtomicBool,
}

/// The command of the recorder, which answers requests of [`crate::draw::steps`].
const RECORD: &str = "cargo run --quiet --package recorder --bin record";

/// Out of all packages, Cargo builds what it has built for `cargo test`. Of a few, the dependencies might have fewer
/// features, and it would compile them once more.
const EVERYTHING: &str = "--workspace";

/// What an example printed, or why it could not.
type Output = Result<String, String>;

impl Runner {
    /// A runner for the examples of a workspace, by the cargo that runs us.
    pub fn new(workspace: &Workspace) -> Runner {
        Runner {
            root: workspace.root().to_path_buf(),
            cargo: std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()),
            outputs: Mutex::default(),
            recordings: Mutex::default(),
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
        let names: BTreeSet<&str> = examples.iter().map(|example| &*example.name).collect();
        let mut command = Command::new(&self.cargo);
        command
            .args(["build", "--quiet", "--keep-going"])
            .arg(EVERYTHING)
            .arg("--message-format=json-render-diagnostics")
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
            keep(&place, &(mark + text));
        }
        output
    }

    /// What the recorder answers to a request, which is JSON in one line.
    ///
    /// # Errors
    /// The recorder cannot be built, or it fails.
    pub fn recording(&self, request: &str) -> Result<String> {
        self.record_ahead([request.to_owned()].into());
        let recordings = lock(&self.recordings);
        let recording = recordings.get(request).cloned();
        let recording = recording.unwrap_or_else(|| Err("was stopped".to_owned()));
        recording.map_err(|message| anyhow!("`{RECORD}` {message}"))
    }

    /// Lets the recorder answer requests that will be asked for and have no good answer, all in one
    /// run. What it has answered before, it need not answer again until it changes.
    pub fn record_ahead(&self, mut requests: BTreeSet<String>) {
        let mut recordings = lock(&self.recordings);
        requests.retain(|request| !matches!(recordings.get(request), Some(Ok(_))));
        if requests.is_empty() {
            return;
        }
        match self.record(&requests) {
            Ok(answers) => {
                recordings.extend(
                    answers
                        .into_iter()
                        .map(|(request, answer)| (request, Ok(answer))),
                );
            }
            Err(error) => {
                let failed = format!("{error:#}");
                let failures = requests
                    .into_iter()
                    .map(|request| (request, Err(failed.clone())));
                recordings.extend(failures);
            }
        }
    }

    /// The answers to requests, from the file beside the recorder or by running it.
    fn record(&self, requests: &BTreeSet<String>) -> Result<BTreeMap<String, String>> {
        let program = self.recorder()?;
        let mark = mark(&program).context("is not there")?;
        let place = program.with_extension("recorded");
        let text = fs::read_to_string(&place).unwrap_or_default();
        let mut kept = BTreeMap::new();
        if let Some(text) = text.strip_prefix(&mark) {
            let lines: Vec<&str> = text.lines().collect();
            kept.extend(
                lines
                    .chunks_exact(2)
                    .map(|pair| (pair[0].to_owned(), pair[1].to_owned())),
            );
        }
        let missing: Vec<&str> = requests
            .iter()
            .filter(|request| !kept.contains_key(*request))
            .map(|request| &**request)
            .collect();
        if missing.is_empty() {
            return Ok(kept);
        }
        let mut input = tempfile::tempfile()?;
        input.write_all((missing.join("\n") + "\n").as_bytes())?;
        input.rewind()?;
        let mut command = Command::new(&program);
        command.current_dir(&self.root);
        let stop = |_: &_| self.is_stopped();
        let finished = process::run_on(input.into(), &mut command, usize::MAX, stop)
            .context("cannot be run")?;
        let text = good(finished)?;
        let answers: Vec<&str> = text.lines().collect();
        if answers.len() != missing.len() {
            bail!(
                "gave {} answers to {} requests",
                answers.len(),
                missing.len()
            );
        }
        let answers = missing.into_iter().zip(answers);
        kept.extend(answers.map(|(request, answer)| (request.to_owned(), answer.to_owned())));
        let lines = kept
            .iter()
            .map(|(request, answer)| format!("{request}\n{answer}\n"));
        keep(&place, &(mark + &lines.collect::<String>()));
        Ok(kept)
    }

    /// The recorder's program, which Cargo brings up to date.
    fn recorder(&self) -> Result<PathBuf> {
        let mut command = Command::new(&self.cargo);
        command
            .args(["build", "--quiet", EVERYTHING, "--bin", "record"])
            .arg("--message-format=json-render-diagnostics")
            .env("CARGO_TERM_COLOR", "never")
            .current_dir(&self.root);
        let finished = process::run(&mut command, usize::MAX, |_| self.is_stopped())
            .context("cannot be built")?;
        let text = good(finished)?;
        text.lines()
            .filter_map(|line| serde_json::from_str::<Artifact>(line).ok())
            .find_map(|artifact| artifact.executable)
            .context("is not there")
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
            good(finished)
        };
        run().map_err(|error| format!("`{}` {error:#}", example.command()))
    }
}

/// What a program has printed that has not failed.
fn good(finished: Finished) -> Result<String> {
    let status = finished.status.context("was stopped")?;
    if !status.success() {
        bail!(
            "failed ({status}){}",
            said(&finished.stderr, &finished.stdout)
        );
    }
    let text = String::from_utf8(finished.stdout).context("printed what is not UTF-8")?;
    Ok(text.replace("\r\n", "\n"))
}

/// Writes beside the place, then renames: there is never half of it. Without it, a program is run again.
fn keep(place: &Path, text: &str) {
    let beside = place.with_added_extension(std::process::id().to_string());
    let _ = fs::write(&beside, text).and_then(|()| fs::rename(&beside, place));
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

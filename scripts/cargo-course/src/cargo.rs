//! Building the tests of a crate, or another program that uses it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::paint::Status;

/// What Cargo has made of a crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Build {
    /// The library compiles. Each program by its name: where it is, or what the compiler says.
    Library(BTreeMap<String, Result<PathBuf, Vec<String>>>),
    /// The library does not compile.
    Broken(Vec<String>),
    /// Cargo has not come as far as the compiler: a mistake in `Cargo.toml`, a crate that is not
    /// there and cannot be downloaded.
    Refused(String),
}

/// Cargo's messages, as far as they matter here.
#[derive(Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Event {
    CompilerMessage {
        target: Target,
        message: Diagnostic,
    },
    CompilerArtifact {
        target: Target,
        executable: Option<PathBuf>,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    message: String,
    rendered: Option<String>,
}

/// What is built of a crate beside its library.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Tests.
    Test,
    /// Programs.
    Bin,
}

impl Kind {
    /// As Cargo calls it.
    fn name(self) -> &'static str {
        match self {
            Kind::Test => "test",
            Kind::Bin => "bin",
        }
    }
}

/// Builds the programs of this kind with these names, and goes on after one that does not compile.
///
/// # Errors
/// Cargo cannot be started.
pub fn build(folder: &Path, kind: Kind, names: &[String]) -> Result<Build> {
    let mut command = cargo();
    command
        .current_dir(folder)
        .args(["build", "--keep-going"])
        .arg("--message-format=json-diagnostic-rendered-ansi")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for name in names {
        command.arg(format!("--{}", kind.name())).arg(name);
    }
    let mut child = command.spawn().context("Cargo cannot be started")?;
    let stderr = child.stderr.take().expect("it is piped");
    let log = thread::spawn(move || follow(stderr));

    let mut programs = BTreeMap::new();
    let mut errors: BTreeMap<(bool, String), Vec<String>> = BTreeMap::new();
    let stdout = child.stdout.take().expect("it is piped");
    for line in BufReader::new(stdout).lines() {
        let line = line.context("the output of Cargo cannot be read")?;
        match serde_json::from_str(&line) {
            Ok(Event::CompilerArtifact {
                target,
                executable: Some(program),
            }) => {
                programs.insert(target.name, program);
            }
            Ok(Event::CompilerMessage { target, message })
                if message.level == "error" && !message.message.starts_with("aborting due to") =>
            {
                let is_program = target.kind.iter().any(|of| of == kind.name());
                let rendered = message.rendered.unwrap_or(message.message);
                errors
                    .entry((is_program, target.name))
                    .or_default()
                    .push(rendered);
            }
            _ => {}
        }
    }
    let succeeded = child.wait().context("Cargo has got lost")?.success();
    let log = log.join().expect("reading lines does not panic");

    let (in_programs, in_library): (Vec<_>, Vec<_>) = errors
        .into_iter()
        .partition(|((is_program, _), _)| *is_program);
    if !in_library.is_empty() {
        let errors = in_library.into_iter().flat_map(|(_, errors)| errors);
        return Ok(Build::Broken(errors.collect()));
    }
    if !succeeded && in_programs.is_empty() {
        return Ok(Build::Refused(log));
    }
    let errors = in_programs
        .into_iter()
        .map(|((_, name), errors)| (name, Err(errors)));
    let programs = programs
        .into_iter()
        .map(|(name, program)| (name, Ok(program)));
    Ok(Build::Library(errors.chain(programs).collect()))
}

/// Cargo, whatever the environment says about how it talks and what it takes for an error.
fn cargo() -> Command {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let mut command = Command::new(variable("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .env("CARGO_TERM_COLOR", "never")
        .env("CARGO_TERM_QUIET", "false")
        .env("CARGO_TERM_VERBOSE", "false")
        .env("CARGO_TERM_PROGRESS_WHEN", "never")
        .env("CARGO_BUILD_WARNINGS", "warn");
    for (name, separator) in [
        ("RUSTFLAGS", " "),
        ("CARGO_BUILD_RUSTFLAGS", " "),
        ("CARGO_ENCODED_RUSTFLAGS", "\x1f"),
    ] {
        if let Some(flags) = variable(name).and_then(|flags| flags.into_string().ok()) {
            command.env(name, without_denials(&flags, separator));
        }
    }
    // Cargo runs in the reader's crate: what is relative is meant from here.
    if let Some(target) = variable("CARGO_TARGET_DIR")
        && let Ok(target) = std::path::absolute(target)
    {
        command.env("CARGO_TARGET_DIR", target);
    }
    command
}

/// Flags for the compiler with which a warning stays one: code that is half written has many.
fn without_denials(flags: &str, separator: &str) -> String {
    let denies = ["-D", "--deny", "-F", "--forbid"];
    let is_denial = |flag: &str| denies.iter().any(|word| flag.starts_with(word));
    match flags.split(separator).any(is_denial) {
        true => format!("{flags}{separator}--cap-lints=warn"),
        false => flags.to_owned(),
    }
}

/// Shows Cargo's progress while it works, and returns what it has said.
fn follow(stderr: impl Read) -> String {
    let status = Status::new();
    let mut log = String::new();
    let lines = BufReader::new(stderr).lines();
    for line in lines.map_while(std::io::Result::ok) {
        status.show(&line);
        log.push_str(&line);
        log.push('\n');
    }
    log
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn warnings_stay_warnings() {
        assert_eq!(
            without_denials("-D warnings", " "),
            "-D warnings --cap-lints=warn"
        );
        let flags = "-Copt-level=1\x1f-Dunused";
        let capped = "-Copt-level=1\x1f-Dunused\x1f--cap-lints=warn";
        assert_eq!(without_denials(flags, "\x1f"), capped);
        let flags = "-C target-cpu=native -Wunused";
        assert_eq!(without_denials(flags, " "), flags);
    }
}

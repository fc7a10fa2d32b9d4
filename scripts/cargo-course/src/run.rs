//! Running a test program within a time limit, and reading what it says.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use project::process;
use syn::visit::{self, Visit};

/// As much of a program's output as is kept.
const KEPT: usize = 1 << 20;

/// What a test program has done.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The tests that passed.
    pub passed: Vec<String>,
    /// The tests that failed, in the order in which they stand in the file.
    pub failed: Vec<Failure>,
    /// How it ended.
    pub end: End,
}

/// How a test program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// By itself, after all tests.
    Finished,
    /// It ran out of stack in this test.
    StackOverflow(String),
    /// It was stopped after the time limit, when these tests were not done.
    Endless(Vec<String>),
    /// In some other way, with these last words.
    Died(String),
}

/// A test that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The name of the test.
    pub test: String,
    /// Where and why it panicked.
    pub panics: Vec<Panic>,
    /// All that it printed.
    pub output: String,
    /// What it should have panicked with.
    pub wanted: Option<String>,
}

/// One panic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panic {
    /// The file, as the compiler knows it.
    pub file: String,
    /// The line in it.
    pub line: usize,
    /// What it says.
    pub message: String,
}

/// Runs the tests of a program, `source` being the text of their file.
///
/// # Errors
/// The program cannot be started.
pub fn run(program: &Path, folder: &Path, source: &str, limit: Duration) -> Result<Run> {
    let start = Instant::now();
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .args(["--color", "never"])
        .env("RUST_BACKTRACE", "0")
        .env("NO_COLOR", "1")
        .env("CARGO_MANIFEST_DIR", folder);
    let finished = process::run(&mut command, KEPT, |_| start.elapsed() >= limit)
        .with_context(|| format!("{} cannot be run", program.display()))?;
    let (stdout, stderr) = (plain(&finished.stdout), plain(&finished.stderr));
    Ok(read(finished.status, &stdout, &stderr, source))
}

/// Takes colours out and unifies line ends.
fn plain(text: &[u8]) -> String {
    anstream::adapter::strip_str(&String::from_utf8_lossy(text))
        .to_string()
        .replace("\r\n", "\n")
}

fn read(status: Option<ExitStatus>, stdout: &str, stderr: &str, source: &str) -> Run {
    let mut passed = Vec::new();
    let mut failed = Vec::new();
    let mut wanted = wanted(source);
    for line in stdout.lines() {
        let Some((name, result)) = line
            .strip_prefix("test ")
            .and_then(|rest| rest.split_once(" ... "))
        else {
            continue;
        };
        // `test name - should panic ... ok`
        let name = name.split(" - ").next().unwrap_or(name).to_owned();
        match result {
            "ok" => passed.push(name),
            result if result.starts_with("FAILED") => {
                let output = section(stdout, &name);
                failed.push(Failure {
                    panics: panics(&output),
                    wanted: wanted.remove(&name),
                    test: name,
                    output,
                });
            }
            _ => {}
        }
    }
    let place = |test: &str| source.find(&format!("fn {test}("));
    failed.sort_by_key(|failure| place(&failure.test));

    let end = match status {
        None => {
            let done: Vec<&String> = passed
                .iter()
                .chain(failed.iter().map(|failure| &failure.test))
                .collect();
            let mut all = test_names(source);
            all.retain(|name| !done.contains(&name));
            End::Endless(all)
        }
        _ if stderr.contains("has overflowed its stack") => {
            End::StackOverflow(overflowed(stderr).unwrap_or_default())
        }
        Some(status) if stdout.contains("test result: ") => {
            debug_assert!(status.success() == failed.is_empty());
            End::Finished
        }
        Some(status) => End::Died(format!("{stderr}\n{status}")),
    };
    Run {
        passed,
        failed,
        end,
    }
}

/// The names of the functions with `#[test]`, in order.
fn test_names(source: &str) -> Vec<String> {
    source
        .split("#[test]")
        .skip(1)
        .filter_map(|rest| rest.split_once("fn ")?.1.split_once('('))
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// The texts of `#[should_panic(expected = "…")]`, by the names of the tests.
fn wanted(source: &str) -> BTreeMap<String, String> {
    struct Wanted(BTreeMap<String, String>);
    impl<'ast> Visit<'ast> for Wanted {
        fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
            for attribute in &function.attrs {
                if attribute.path().is_ident("should_panic")
                    && let Ok(expected) = attribute.parse_args::<syn::MetaNameValue>()
                    && let syn::Expr::Lit(literal) = &expected.value
                    && let syn::Lit::Str(text) = &literal.lit
                {
                    self.0.insert(function.sig.ident.to_string(), text.value());
                }
            }
            visit::visit_item_fn(self, function);
        }
    }
    let mut wanted = Wanted(BTreeMap::new());
    if let Ok(file) = syn::parse_file(source) {
        wanted.visit_file(&file);
    }
    wanted.0
}

/// What a failed test has printed.
fn section(stdout: &str, test: &str) -> String {
    let head = format!("\n---- {test} stdout ----\n");
    let Some((_, rest)) = stdout.split_once(&head) else {
        return String::new();
    };
    let end = ["\n---- ", "\n\nfailures:\n"]
        .iter()
        .filter_map(|end| rest.find(end))
        .min();
    rest[..end.unwrap_or(rest.len())].trim().to_owned()
}

/// The panics in a test's output.
pub fn panics(output: &str) -> Vec<Panic> {
    let mut panics: Vec<Panic> = Vec::new();
    // What the test program says of a panic in other words is no part of it.
    let output = output.split("\nnote: panic did not contain expected string");
    for line in output.take(1).flat_map(str::lines) {
        if let Some(place) = line
            .strip_prefix("thread '")
            .and_then(|rest| rest.split_once(" panicked at "))
            .map(|(_, place)| place)
        {
            // src/backward.rs:12:9:
            let mut parts = place.trim_end_matches(':').rsplitn(3, ':');
            let (_, line, file) = (parts.next(), parts.next(), parts.next());
            panics.push(Panic {
                file: file.unwrap_or_default().to_owned(),
                line: line.and_then(|line| line.parse().ok()).unwrap_or(0),
                message: String::new(),
            });
        } else if let Some(panic) = panics.last_mut()
            && !line.starts_with("note: ")
        {
            panic.message.push_str(line);
            panic.message.push('\n');
        }
    }
    for panic in &mut panics {
        panic.message = panic.message.trim().to_owned();
    }
    panics
}

/// The thread in ``thread 'name' (123) has overflowed its stack``, which is called as the test.
fn overflowed(stderr: &str) -> Option<String> {
    let line = stderr
        .lines()
        .find(|line| line.contains("has overflowed its stack"))?;
    let (_, rest) = line.split_once("thread '")?;
    Some(rest.split_once('\'')?.0.to_owned())
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn what_a_test_should_panic_with_is_read_from_its_source() {
        let source = r#"
            #[test]
            #[should_panic(expected = "there is \
                                       no axis")]
            fn refused() {}
            mod inner { #[test] #[should_panic(expected = "no\n\"way\"")] fn inside() {} }
            #[test] #[should_panic] fn any_words() {}
            #[test] fn no_panic() {}
        "#;
        let texts = [("inside", "no\n\"way\""), ("refused", "there is no axis")];
        let texts = texts.map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert_eq!(Vec::from_iter(wanted(source)), texts);

        let output = "thread 'refused' (7) panicked at src/ops.rs:12:9:\nother words\n\
                      note: panic did not contain expected string\n      \
                      panic message: \"other words\"\n expected substring: \"there is no axis\"";
        assert_eq!(panics(output)[0].message, "other words");
        let stdout = format!(
            "test no_panic ... ok\ntest refused - should panic ... FAILED\n\
             test inside - should panic ... FAILED\n\nfailures:\n\n\
             ---- refused stdout ----\n{output}\n---- inside stdout ----\n\
             note: test did not panic as expected at a.rs:7:4\n\nfailures:\n    refused\n"
        );
        let run = read(None, &stdout, "", source);
        let failed = run.failed.iter().map(|failure| failure.wanted.as_deref());
        assert_eq!(
            Vec::from_iter(failed),
            [Some("there is no axis"), Some("no\n\"way\"")]
        );
    }

    #[test]
    fn panics_are_read_with_their_places() {
        let output = "\
some text of the test's own

thread 'a_test' (7) panicked at C:\\my work\\src\\ops.rs:12:9:
not yet implemented: step 2
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace

thread 'a_test' (7) panicked at ../../stages/stage1/tests/step1.rs:3:5:
assertion `left == right` failed
  left: 1.0
 right: 2.0
";
        let panic = |file: &str, line, message: &str| Panic {
            file: file.to_owned(),
            line,
            message: message.to_owned(),
        };
        assert_eq!(
            panics(output),
            [
                panic(
                    "C:\\my work\\src\\ops.rs",
                    12,
                    "not yet implemented: step 2"
                ),
                panic(
                    "../../stages/stage1/tests/step1.rs",
                    3,
                    "assertion `left == right` failed\n  left: 1.0\n right: 2.0"
                ),
            ]
        );
    }
}

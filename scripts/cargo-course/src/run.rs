//! Running a test program within a limit, and reading what it says.
//!
//! All tests run together first. If that ends before each of them has a result, because one runs
//! out of stack or never ends, those that have not passed run again, each alone: what ends one of
//! them hides nothing of the others.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

use anyhow::{Context, Result};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use project::process;

use crate::limit::{Limits, Stopped, Watch};

/// As much of a program's output as is kept.
const KEPT: usize = 1 << 20;

/// As many tests are stopped, each alone, before the rest is left.
const PATIENCE: usize = 3;

/// What the tests of a program have done. Each is in one list, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Run {
    /// Those that passed.
    pub passed: Vec<String>,
    /// Those that failed.
    pub failed: Vec<Failure>,
    /// Those that ended the whole program, or had to be stopped.
    pub died: Vec<Death>,
    /// Those that were not run any more, as too many before had to be stopped.
    pub left: Vec<String>,
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

/// A test that ended the program, or had to be stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Death {
    /// The name of the test. Empty if it happens only when all tests run together.
    pub test: String,
    /// How it ended.
    pub how: How,
    /// All that it printed until then.
    pub output: String,
}

/// How a test ended that has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// It ran out of stack.
    StackOverflow,
    /// It was stopped.
    Stopped(Stopped),
    /// It ended the program in some other way, with these last words.
    Ended(String),
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

/// A test as its file declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// The name.
    pub name: String,
    /// What its documentation says.
    pub doc: String,
    /// What it should panic with.
    pub wanted: Option<String>,
    /// Its code, without comments, the words set apart by spaces.
    pub code: String,
}

impl Test {
    /// Whether a word occurs in its code.
    pub fn names(&self, word: &str) -> bool {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        self.code.split(|c| !is_part(c)).any(|part| part == word)
    }
}

impl Run {
    /// Whether all tests pass.
    pub fn is_green(&self) -> bool {
        self.failed.is_empty() && self.died.is_empty() && self.left.is_empty()
    }
}

impl How {
    /// What has happened, after the name of the test.
    pub fn words(&self) -> String {
        match self {
            How::StackOverflow => "has overflowed the stack".to_owned(),
            How::Stopped(stopped) => stopped.words(),
            How::Ended(_) => "has ended the whole test program".to_owned(),
        }
    }
}

/// Runs the tests of a program that was made of this file, with so much processor time for all of
/// them.
///
/// # Errors
/// The program cannot be started.
pub fn run(program: &Path, folder: &Path, file: &Path, processor: Duration) -> Result<Run> {
    let program = Program {
        path: program,
        folder,
        declared: tests(file),
    };
    let names = program.names()?;
    let together = program.start(&[], Limits::of(processor))?;
    let mut run = Run::default();
    let mut pending = Vec::new();
    for name in &names {
        match result(&together.stdout, name) {
            Some(Outcome::Passed) => run.passed.push(name.clone()),
            Some(Outcome::Ignored) => {}
            // What it said is lost with a program that another test has ended.
            Some(Outcome::Failed) if together.how().is_some() => pending.push(name.clone()),
            Some(Outcome::Failed) => {
                let output = section(&together.stdout, name);
                run.failed.push(program.failure(name, output));
            }
            None => pending.push(name.clone()),
        }
    }

    let mut stopped = 0;
    for name in pending {
        if stopped == PATIENCE {
            run.left.push(name);
            continue;
        }
        match program.alone(&name, processor / 4)? {
            Alone::Passed => run.passed.push(name),
            Alone::Failed(failure) => run.failed.push(failure),
            Alone::Died(death) => {
                stopped += usize::from(matches!(death.how, How::Stopped(_)));
                run.died.push(death);
            }
        }
    }
    // All pass alone. Those that were only slow together are right.
    if run.is_green()
        && let Some(how) = together.how()
        && !matches!(how, How::Stopped(_))
    {
        let test = overflowed(&together.stderr).filter(|test| names.contains(test));
        let test = test.unwrap_or_default();
        run.passed.retain(|name| *name != test);
        let output = together.stderr;
        run.died.push(Death { test, how, output });
    }

    let place = |test: &str| {
        program
            .declared
            .iter()
            .position(|declared| declared.name == *test)
    };
    run.passed.sort_by_key(|test| place(test));
    run.failed.sort_by_key(|failure| place(&failure.test));
    run.died.sort_by_key(|death| place(&death.test));
    run.left.sort_by_key(|test| place(test));
    Ok(run)
}

/// All that a test prints that runs alone, with the calls that led to each panic.
///
/// # Errors
/// The program cannot be started.
pub fn traced(program: &Path, folder: &Path, test: &str, processor: Duration) -> Result<String> {
    let program = Program {
        path: program,
        folder,
        declared: Vec::new(),
    };
    let arguments = ["--exact", test, "--nocapture"];
    let ended = program.start_with("1", &arguments, Limits::of(processor))?;
    Ok(ended.stderr)
}

/// A test program.
struct Program<'a> {
    path: &'a Path,
    /// Where it runs.
    folder: &'a Path,
    /// What its file declares.
    declared: Vec<Test>,
}

impl Program<'_> {
    fn start(&self, arguments: &[&str], limits: Limits) -> Result<Ended> {
        self.start_with("0", arguments, limits)
    }

    /// With this value of `RUST_BACKTRACE`.
    fn start_with(&self, backtrace: &str, arguments: &[&str], limits: Limits) -> Result<Ended> {
        let mut command = Command::new(self.path);
        command
            .current_dir(self.folder)
            .args(["--color", "never"])
            // With one thread, the name of a test comes before what it prints, and its result after.
            .args(["--test-threads", &threads().to_string()])
            .args(arguments)
            .env("RUST_BACKTRACE", backtrace)
            .env_remove("RUST_LIB_BACKTRACE")
            .env("NO_COLOR", "1")
            .env_remove("CLICOLOR_FORCE")
            .env_remove("RUST_MIN_STACK")
            .env("CARGO_MANIFEST_DIR", self.folder);
        // What the reader has set for tests of their own: more cases, another order, no capturing.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("RUST_TEST_") || text.starts_with("PROPTEST_") {
                command.env_remove(name);
            }
        }
        let mut watch = Watch::new(limits);
        let mut stopped = None;
        let finished = process::run(&mut command, KEPT, |child| {
            stopped = watch.look(child);
            stopped.is_some()
        });
        let finished =
            finished.with_context(|| format!("{} cannot be run", self.path.display()))?;
        Ok(Ended {
            stdout: plain(&finished.stdout),
            stderr: plain(&finished.stderr),
            status: match (finished.status, stopped) {
                (None, Some(stopped)) => Err(stopped),
                (status, _) => Ok(status.unwrap_or_default()),
            },
        })
    }

    /// The names of the tests, as the program lists them. One that cannot do even that is asked for
    /// those of its file.
    fn names(&self) -> Result<Vec<String>> {
        let limits = Limits::of(Duration::from_secs(10));
        let list = self.start(&["--list", "--format", "terse"], limits)?;
        let lines = list.stdout.lines();
        let names = Vec::from_iter(lines.filter_map(|line| line.strip_suffix(": test")));
        Ok(match names[..] {
            [] => self.declared.iter().map(|test| test.name.clone()).collect(),
            _ => names.into_iter().map(str::to_owned).collect(),
        })
    }

    /// Runs one test. Nothing is captured: of a test that dies, what was captured is lost.
    fn alone(&self, name: &str, processor: Duration) -> Result<Alone> {
        let ended = self.start(&["--exact", name, "--nocapture"], Limits::of(processor))?;
        let outcome = result(&ended.stdout, name);
        let printed = ended.stdout.split_once("running 1 test\n");
        let printed = printed.map_or("", |(_, rest)| rest);
        let printed = match printed.find(&format!("test {name} ")) {
            Some(end) if outcome.is_some() => &printed[..end],
            _ => printed,
        };
        // What the program says itself of a panic with other words.
        let note = section(&ended.stdout, name);
        let parts = [printed, &ended.stderr, &note].map(str::trim);
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        let output = parts.collect::<Vec<_>>().join("\n");
        Ok(match (outcome, ended.how()) {
            (Some(Outcome::Failed), None) => Alone::Failed(self.failure(name, output)),
            (_, None) => Alone::Passed,
            (_, Some(how)) => Alone::Died(Death {
                test: name.to_owned(),
                how,
                output,
            }),
        })
    }

    fn failure(&self, name: &str, output: String) -> Failure {
        let declared = self.declared.iter().find(|test| test.name == name);
        Failure {
            test: name.to_owned(),
            panics: panics(&output),
            output,
            wanted: declared.and_then(|test| test.wanted.clone()),
        }
    }
}

/// What a test did that ran alone.
enum Alone {
    Passed,
    Failed(Failure),
    Died(Death),
}

/// A program that has ended.
struct Ended {
    stdout: String,
    stderr: String,
    status: Result<ExitStatus, Stopped>,
}

impl Ended {
    /// How it came to an end that is not the usual one after all tests.
    fn how(&self) -> Option<How> {
        let status = match self.status {
            Err(stopped) => return Some(How::Stopped(stopped)),
            Ok(status) => status,
        };
        if self.stderr.contains("has overflowed its stack") {
            return Some(How::StackOverflow);
        }
        // With an error it ends where tests have failed, too.
        let usual = match self.stdout.rsplit_once("test result: ") {
            Some((_, rest)) => rest.starts_with("ok") == status.success(),
            None => false,
        };
        (!usual).then(|| How::Ended(format!("{}\n{status}", self.stderr.trim())))
    }
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(2, |threads| threads.get().max(2))
}

/// Takes colours out and unifies line ends.
fn plain(text: &[u8]) -> String {
    anstream::adapter::strip_str(&String::from_utf8_lossy(text))
        .to_string()
        .replace("\r\n", "\n")
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Passed,
    Failed,
    Ignored,
}

/// What a program says of one of its tests; nothing if it has not come to that.
fn result(stdout: &str, name: &str) -> Option<Outcome> {
    // What tests have printed comes after that.
    let lines = stdout.split("\nfailures:\n").next()?;
    // `test name - should panic ... ok`; before it there may be what a test has written past the
    // capturing, without the end of a line.
    let (_, rest) = [" ... ", " - should panic ... "]
        .iter()
        .find_map(|between| lines.split_once(&format!("test {name}{between}")))?;
    let is = |word| rest.starts_with(word);
    match () {
        () if is("ok") => Some(Outcome::Passed),
        () if is("FAILED") => Some(Outcome::Failed),
        () if is("ignored") => Some(Outcome::Ignored),
        () => None,
    }
}

/// The tests that a file and its modules declare, in order, also those inside of macros.
pub fn tests(file: &Path) -> Vec<Test> {
    let mut tests = Vec::new();
    read_file(file, "", &mut tests);
    tests
}

/// What cannot be read does not compile either, and the compiler says why.
fn read_file(file: &Path, module: &str, tests: &mut Vec<Test>) {
    if let Ok(source) = project::read(file)
        && let Ok(tokens) = source.parse()
    {
        collect(tokens, file, module, tests);
    }
}

/// Macros such as `proptest!` hold functions that are not quite Rust's: what matters is a `fn` with
/// a name and the attributes before it.
fn collect(tokens: TokenStream, file: &Path, module: &str, tests: &mut Vec<Test>) {
    let mut attributes: Vec<TokenStream> = Vec::new();
    let mut inner = String::new();
    let mut is_test = false;
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match (token, tokens.peek()) {
            (TokenTree::Punct(punct), Some(TokenTree::Group(group))) if punct.as_char() == '#' => {
                attributes.push(group.stream());
                tokens.next();
            }
            (TokenTree::Ident(word), Some(TokenTree::Ident(name))) if word == "fn" => {
                let test = test(format!("{module}{name}"), &attributes);
                is_test = test.is_some();
                tests.extend(test);
            }
            (TokenTree::Ident(word), Some(TokenTree::Ident(name))) if word == "mod" => {
                inner = name.to_string();
            }
            (TokenTree::Punct(punct), _) if punct.as_char() == ';' => {
                if let Some(path) = module_file(file, &inner, &attributes) {
                    read_file(&path, &format!("{module}{inner}::"), tests);
                }
                inner.clear();
                attributes.clear();
            }
            (TokenTree::Group(group), _) if group.delimiter() == Delimiter::Brace => {
                if let Some(test) = tests.last_mut().filter(|_| is_test) {
                    test.code = group.to_string();
                    is_test = false;
                }
                let module = match inner.as_str() {
                    "" => module.to_owned(),
                    inner => format!("{module}{inner}::"),
                };
                collect(group.stream(), file, &module, tests);
                inner.clear();
                attributes.clear();
            }
            _ => {}
        }
    }
}

/// The file of a module: what its attribute says, or one of the usual ones.
fn module_file(file: &Path, name: &str, attributes: &[TokenStream]) -> Option<PathBuf> {
    if name.is_empty() {
        return None;
    }
    let folder = file.parent()?;
    let mut texts = attributes.iter().filter_map(text);
    if let Some((_, path)) = texts.find(|(attribute, _)| attribute == "path") {
        return Some(folder.join(path));
    }
    let below = file.with_extension("");
    let usual = [folder, &below].map(|folder| {
        let folder = folder.join(name);
        [folder.with_extension("rs"), folder.join("mod.rs")]
    });
    usual.into_iter().flatten().find(|path| path.is_file())
}

/// Name and text of an attribute such as `path = "…"`.
fn text(attribute: &TokenStream) -> Option<(String, String)> {
    let meta = syn::parse2::<syn::MetaNameValue>(attribute.clone()).ok()?;
    let name = meta.path.get_ident()?.to_string();
    match meta.value {
        syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Str(text),
            ..
        }) => Some((name, text.value())),
        _ => None,
    }
}

/// A function with these attributes, if it is a test.
fn test(name: String, attributes: &[TokenStream]) -> Option<Test> {
    let is_test = |attribute: &TokenStream| attribute.to_string() == "test";
    attributes.iter().any(is_test).then(|| {
        let texts = attributes.iter().filter_map(text);
        let docs = texts.filter(|(name, _)| name == "doc");
        let docs = Vec::from_iter(docs.map(|(_, line)| line.trim().to_owned()));
        let panics = attributes.iter().find_map(|attribute| {
            let list = syn::parse2::<syn::MetaList>(attribute.clone()).ok()?;
            let (name, words) = text(&list.tokens)?;
            (list.path.is_ident("should_panic") && name == "expected").then_some(words)
        });
        Test {
            name,
            doc: docs.join(" "),
            wanted: panics,
            code: String::new(),
        }
    })
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

/// The place in the line that a panic begins with.
fn place(line: &str) -> Option<&str> {
    let (_, place) = line.strip_prefix("thread '")?.split_once(" panicked at ")?;
    Some(place)
}

/// The panics in a test's output.
pub fn panics(output: &str) -> Vec<Panic> {
    let mut panics: Vec<Panic> = Vec::new();
    // What the test program says of a panic in other words is no part of it.
    let output = output.split("\nnote: panic did not contain expected string");
    for line in output.take(1).flat_map(str::lines) {
        if let Some(place) = place(line) {
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

/// What a test has printed before its first panic.
pub fn printed(output: &str) -> String {
    let lines = output.lines().take_while(|line| place(line).is_none());
    // What the runtime says of a stack overflow is known already.
    let is_own = |line: &&str| {
        !line.contains("has overflowed its stack") && !line.starts_with("fatal runtime error")
    };
    lines
        .filter(is_own)
        .collect::<Vec<_>>()
        .join("\n")
        .trim()
        .to_owned()
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
    fn what_a_file_declares_is_read() {
        let source = r#"
            //! A step.

            /// No test.
            fn helper() {}

            /// Axes are counted from 0,
            /// and end somewhere.
            #[test]
            #[should_panic(expected = "there is \
                                       no axis")]
            fn refused() { fn inner() {} }
            mod inner { #[test] #[should_panic(expected = "no\n\"way\"")] fn inside() {} }
            #[test] #[should_panic] fn any_words() {}
            proptest! {
                #![proptest_config(config())]
                /// Numbers.
                #[test]
                fn numbers(x in -2.0..2.0, y in any::<f64>()) { assert!(x < y) }
            }
            #[cfg(test)]
            const TEST: &str = "fn test()";
            fn last() {}
            /// Elsewhere.
            #[path = "other/behaviours.rs"]
            mod behaviours;
            mod common;
            mod lost;
        "#;
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            path
        };
        let file = write("step1_x.rs", source);
        write("other/behaviours.rs", "#[test] fn it_works() {} mod deep;");
        write("other/deep.rs", "#[test] fn so_does_this() {}");
        write("common/mod.rs", "fn helper() {} #[test] fn is_common() {}");
        let test = |name: &str, doc: &str, wanted: Option<&str>| Test {
            name: name.to_owned(),
            doc: doc.to_owned(),
            wanted: wanted.map(str::to_owned),
            code: String::new(),
        };
        let axes = "Axes are counted from 0, and end somewhere.";
        let mut found = tests(&file);
        let compares = |test: &Test| test.names("x") && test.names("y") && !test.names("assert_");
        assert!(compares(&found[3]) && !found[0].names("x"));
        for test in &mut found {
            test.code.clear();
        }
        assert_eq!(
            found,
            [
                test("refused", axes, Some("there is no axis")),
                test("inner::inside", "", Some("no\n\"way\"")),
                test("any_words", "", None),
                test("numbers", "Numbers.", None),
                test("behaviours::it_works", "", None),
                test("behaviours::deep::so_does_this", "", None),
                test("common::is_common", "", None),
            ]
        );
    }

    #[test]
    fn what_a_test_panicked_with_is_without_the_words_around_it() {
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
        assert_eq!(section(&stdout, "refused"), output);
    }

    #[test]
    fn results_are_read_whatever_stands_around_them() {
        let stdout = "running 5 tests\n\
                      test a ... ok\n\
                      written past the capturing: test a_b - should panic ... FAILED\n\
                      test slow has been running for over 60 seconds\n\
                      test b ... ignored\n\nfailures:\n\n\
                      ---- a_b stdout ----\ntest c ... ok\n\nfailures:\n    a_b\n";
        let result = |name| result(stdout, name);
        assert_eq!(result("a"), Some(Outcome::Passed));
        assert_eq!(result("a_b"), Some(Outcome::Failed));
        assert_eq!(result("b"), Some(Outcome::Ignored));
        assert_eq!(result("slow"), None);
        assert_eq!(result("c"), None);
    }

    #[test]
    fn what_a_test_printed_is_told_from_its_panic() {
        let panic = "thread 'a' (7) panicked at src/ops.rs:12:9:\nwords\nnote: run with";
        let output = format!("x = 3\n\n  y = 4\n\n{panic}");
        assert_eq!(printed(&output), "x = 3\n\n  y = 4");
        assert_eq!(printed(panic), "");
        assert_eq!(printed("all of it\n"), "all of it");
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

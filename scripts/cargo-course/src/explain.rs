//! What a check has found, in words.

use std::path::Path;

use anyhow::Result;

use crate::check::{Outcome, Red, Report, Seen, Trouble};
use crate::content;
use crate::diagnosis::{Cause, Diagnosis, NOT_WRITTEN};
use crate::evidence::{self, cause, is_own};
use crate::needs;
use crate::paint::{
    BAD, COMMAND, FAINT, GOOD, STRONG, command, indented, paint, table, width, wrapped,
};
use crate::run::{self, Failure, How, Panic, Run};
use crate::step::{CHALLENGE, Step};
use project::Workspace;

/// As many of the compiler's errors as are shown.
const ERRORS: usize = 2;

/// As many failing tests as are named.
const TESTS: usize = 6;

/// As many lines of a value, or of a test's output, as are shown.
const LINES: usize = 12;

/// As many calls on the way to a panic as are shown.
const CALLS: usize = 6;

/// All that there is to say about a crate.
///
/// # Errors
/// The content of the course is not as it should be.
pub fn report(workspace: &Workspace, report: &Report) -> Result<String> {
    if let Some(trouble) = &report.trouble {
        return self::trouble(workspace, report, trouble);
    }
    let mut text = steps(workspace, report);
    text.push('\n');
    if let Some((step, red)) = report.red() {
        text += &self::red(workspace, report, step, red)?;
    } else {
        text += &green(workspace, report)?;
    }
    Ok(text)
}

/// The list of steps with their marks, and the bar below.
pub fn steps(workspace: &Workspace, report: &Report) -> String {
    let mut text = format!(
        "{}  {}\n\n",
        paint(STRONG, &title(report)),
        paint(FAINT, &workspace.place(&report.own.folder))
    );
    // While it does not compile, what is known is how far it was.
    let last = match &report.trouble {
        Some(_) => report.known.green,
        None => None,
    };
    for ((step, outcome), index) in report.steps.iter().zip(0..) {
        let line = listed(step, report.steps.len());
        let line = match outcome {
            _ if last.is_some_and(|green| index < green) => paint(FAINT, &format!("✔ {line}")),
            Outcome::Green => format!("{} {line}", paint(GOOD, "✔")),
            Outcome::Red(_) => format!("{} {}", paint(BAD, "✘"), paint(STRONG, &line)),
            Outcome::Waiting => paint(FAINT, &format!("· {line}")),
        };
        text += &format!("  {line}\n");
    }
    let count = report.steps.len();
    let green = |outcome: &Outcome| matches!(outcome, Outcome::Green);
    let done = report.steps.iter().filter(|(_, o)| green(o)).count();
    let done = last.unwrap_or(done).min(count);
    let each = (width().saturating_sub(30) / count.max(1)).clamp(1, 4);
    let (full, empty) = ("█".repeat(each * done), "░".repeat(each * (count - done)));
    text += &format!(
        "\n  {}{} {done} of {count} steps{}\n",
        paint(if last.is_some() { FAINT } else { GOOD }, &full),
        paint(FAINT, &empty),
        match last {
            Some(_) => " when it last compiled",
            None => "",
        }
    );
    text
}

/// Number and title of a step in the list of all.
pub fn listed(step: &Step, count: usize) -> String {
    let width = count.to_string().len();
    let title = wrapped(&step.title, &" ".repeat(width + 6));
    format!("{:width$}  {}", step.number, title.trim())
}

/// Where the reader was before a crate stopped to compile; nothing if that is not known.
pub fn last(report: &Report) -> String {
    let what = match &report.trouble {
        Some(Trouble::Broken(_)) => "It does not compile now",
        _ => "Cargo cannot build it now",
    };
    match report.last() {
        Some(step) => format!(
            "  {what}; last seen: step {}: {}\n\n",
            step.number, step.title
        ),
        None => String::new(),
    }
}

/// What the crate is for.
fn title(report: &Report) -> String {
    let purpose = &report.own.purpose;
    match (&purpose.bug, &purpose.challenge) {
        (Some(_), _) => format!("A bug hunt in {}", purpose.stage),
        (None, Some(challenge)) => format!("The challenge {challenge} in {}", purpose.stage),
        (None, None) => format!("Your {}", purpose.stage),
    }
}

/// Where to read more about a step, and what to type.
pub fn ways(workspace: &Workspace, step: &Step) -> String {
    let mut ways = vec![("its tests", workspace.place(&step.file))];
    if let Some((file, section)) = step.chapter.split_once(".md") {
        let page = format!("{file}.html{section} {}", paint(FAINT, "(cargo book)"));
        ways.push(("the book", page));
    }
    ways.push(("a hint", command("hint")));
    if !step.items.is_empty() {
        ways.push(("signatures", command("hint --signatures")));
    }
    ways.push(("try again", command("check")));
    table(&ways)
}

fn trouble(workspace: &Workspace, report: &Report, trouble: &Trouble) -> Result<String> {
    let place = workspace.place(&report.own.folder);
    Ok(match trouble {
        Trouble::Broken(errors) => {
            let mut text = format!(
                "{} {}\n\n",
                paint(BAD, "✘"),
                paint(STRONG, &format!("{place} does not compile"))
            );
            text += &wrapped(
                "The compiler stops in your own crate, so no step can be run. It says:",
                "  ",
            );
            text.push('\n');
            text += &self::errors(errors);
            text += &early(workspace, report, errors)?;
            text += &format!(
                "\n  Fix this first, then run {} again.\n",
                paint(COMMAND, "cargo course check")
            );
            if let Some(step) = report.last() {
                text += &format!(
                    "\n  {}\n\n",
                    paint(STRONG, &format!("Last seen: {}", head(step)))
                );
                text += &wrapped(&step.text, "  ");
                if report.own.purpose.bug.is_none() {
                    text += &to_write(step);
                }
                text.push('\n');
                text += &ways(workspace, step);
            }
            text
        }
        Trouble::Refused(words) => {
            let mut text = format!(
                "{} {}\n\n",
                paint(BAD, "✘"),
                paint(STRONG, &format!("Cargo cannot build {place}"))
            );
            text += &wrapped(
                "It stops before it compiles anything: perhaps there is a mistake in Cargo.toml, a \
                 file is missing, or something has to be downloaded. It says:",
                "  ",
            );
            text.push('\n');
            text += &indented(words, "  │ ");
            text
        }
    })
}

/// A line for each file with errors that only later steps speak of. In a skeleton, all files are
/// there from the beginning, and where the stage has advice on the order, it says more.
fn early(workspace: &Workspace, report: &Report, errors: &[String]) -> Result<String> {
    let Some(last) = report.last().filter(|_| report.known.evolved) else {
        return Ok(String::new());
    };
    let advice = content::stage(workspace, &report.own.purpose.stage)?.advice;
    let mut files: Vec<String> = Vec::new();
    for file in errors.iter().filter_map(|error| file(error)) {
        if !files.contains(&file) && !speaks_of(&advice, &file) {
            files.push(file);
        }
    }
    let mut text = String::new();
    for file in files {
        let belongs = |step: &Step| {
            speaks_of(&step.text, &file) || step.items.iter().any(|item| item.file == file)
        };
        let first = report.steps.iter().find(|(step, _)| belongs(step));
        if let Some((Step { number, .. }, _)) = first
            && *number > last.number
        {
            text += &wrapped(
                &format!("src/{file} belongs to step {number}: leave it out of lib.rs until then."),
                "  ",
            );
        }
    }
    Ok(match text.is_empty() {
        true => text,
        false => format!("\n{text}"),
    })
}

/// The file below `src` that an error is in. The first place in it is its own, and those below
/// explain it.
fn file(error: &str) -> Option<String> {
    let error = anstream::adapter::strip_str(error).to_string();
    let mut lines = error.lines();
    let place = lines.find_map(|line| line.trim_start().strip_prefix("--> "))?;
    let place = place.replace('\\', "/");
    let (file, _) = place.strip_prefix("src/")?.split_once(':')?;
    Some(file.to_owned())
}

/// Whether a text says what to do in a file, other than to let it wait.
fn speaks_of(text: &str, file: &str) -> bool {
    let name = format!("`{file}`");
    let mut sentences = text.split(". ");
    let waits = |sentence: &str| {
        ["wait for", "waits for"]
            .iter()
            .any(|w| sentence.contains(w))
    };
    sentences.any(|sentence| sentence.contains(&name) && !waits(sentence))
}

/// What the compiler says, as far as it is shown.
pub fn errors(errors: &[String]) -> String {
    let mut text = String::new();
    for error in errors.iter().take(ERRORS) {
        text += &indented(error, "  │ ");
        text.push('\n');
    }
    text.pop();
    if let Some(more @ 1..) = errors.len().checked_sub(ERRORS) {
        text += &format!(
            "\n  and {more} more {}\n",
            if more == 1 { "error" } else { "errors" }
        );
    }
    text
}

/// Number and title of a step.
fn head(step: &Step) -> String {
    match step.name.as_str() {
        CHALLENGE => format!("Challenge: {}", step.title),
        _ => format!("Step {}: {}", step.number, step.title),
    }
}

fn red(workspace: &Workspace, report: &Report, step: &Step, red: &Red) -> Result<String> {
    let mut text = format!("{} {}\n\n", paint(BAD, "✘"), paint(STRONG, &head(step)));
    // In a bug hunt everything has been written once.
    let hunt = report.own.purpose.bug.is_some();
    text += &wrapped(&step.text, "  ");
    text.push('\n');
    match &red.seen {
        Seen::Errors(errors) => {
            let words = if hunt {
                "The tests of this step no longer compile against your crate. The compiler says:"
            } else {
                "Your crate compiles, but not the tests of this step: they use something that is \
                 not there yet, or looks different. The compiler says:"
            };
            text += &wrapped(words, "  ");
            text.push('\n');
            text += &self::errors(errors);
            // A skeleton has the signatures.
            if hunt || !report.known.evolved {
                text += &to_write(step);
            } else {
                text += &needs::of_step(workspace, &report.own.purpose.stage, step)?.text();
            }
        }
        Seen::Tests(run) if red.diagnosis.cause == Cause::NotWritten => {
            text += &not_written(report, step, red, run);
        }
        Seen::Tests(run) => {
            text += &seen(workspace, report, red, run);
            text.push('\n');
            if report.is_untouched(red) {
                text += &untouched(step, &red.diagnosis);
            } else {
                text += &wrapped(&red.diagnosis.words, "  ");
                if red.lacks && !hunt {
                    text += &to_write(step);
                }
            }
        }
    }
    text.push('\n');
    text += &ways(workspace, step);
    Ok(text)
}

/// Of a step that is probably not begun.
fn untouched(step: &Step, diagnosis: &Diagnosis) -> String {
    let words = "No test of this step passes: it is probably not written yet.";
    let mut text = wrapped(words, "  ");
    text += &to_write(step);
    // What is missing panics, too, or is a wrong number.
    if !diagnosis.cause.is_vague() {
        text += &format!("\n  {}\n", paint(STRONG, "If it is written:"));
        text += &wrapped(&diagnosis.words, "    ");
    }
    text
}

/// The items of a step, by their files.
fn to_write(step: &Step) -> String {
    if step.items.is_empty() {
        return String::new();
    }
    let mut text = format!("\n  {}\n", paint(STRONG, "To write in this step:"));
    text += &items(step);
    text
}

/// A line for each file that a step writes in.
pub fn items(step: &Step) -> String {
    let mut files: Vec<(String, Vec<&str>)> = Vec::new();
    for item in &step.items {
        let file = format!("src/{}", item.file);
        match files.iter_mut().find(|(name, _)| *name == file) {
            Some((_, names)) => names.push(&item.name),
            None => files.push((file, vec![&item.name])),
        }
    }
    let width = files.iter().map(|(file, _)| file.len()).max().unwrap_or(0);
    let indent = " ".repeat(width + 6);
    let line = |(file, names): &(String, Vec<&str>)| {
        // A name stays on one line.
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let names = wrapped(&names.join(", "), &indent).replace('`', "");
        format!("    {file:width$}  {}", names.trim_start())
    };
    files.iter().map(line).collect()
}

fn not_written(report: &Report, step: &Step, red: &Red, run: &Run) -> String {
    let missing = |panic: &&Panic| panic.message.contains(NOT_WRITTEN);
    let mut places: Vec<String> = Vec::new();
    let failed = run.failed.iter().flat_map(|failure| failure.panics.clone());
    let died = run.died.iter().map(|death| run::panics(&death.output));
    let panics: Vec<Panic> = failed.chain(died.flatten()).collect();
    for panic in panics.iter().filter(missing) {
        // The number in it may be that of an earlier version.
        let line = format!("{}  is not written yet", place(report, panic));
        if !places.contains(&line) {
            places.push(line);
        }
    }
    for (file, line) in &red.unwritten {
        let name = &report.own.name;
        places.push(format!("work/{name}/src/{file}:{line}  is not written yet"));
    }
    let mut text = wrapped(&red.diagnosis.words, "  ");
    text += &to_write(step);
    text += &format!("\n  {}\n", paint(STRONG, "The tests have reached:"));
    for place in places {
        text += &format!("    {place}\n");
    }
    text
}

/// A place in the reader's crate, as it can be clicked in most terminals.
fn place(report: &Report, panic: &Panic) -> String {
    let file = panic.file.replace('\\', "/");
    if is_own(panic) {
        format!("work/{}/{file}:{}", report.own.name, panic.line)
    } else {
        let file = file.rsplit("../").next().unwrap_or(&file);
        format!("{file}:{}", panic.line)
    }
}

fn seen(workspace: &Workspace, report: &Report, red: &Red, run: &Run) -> String {
    let mut text = String::new();
    for death in &run.died {
        let test = match death.test.as_str() {
            "" => "the tests together",
            test => test,
        };
        text += &format!("  {} {}\n", paint(BAD, "✘"), paint(STRONG, test));
        text += &wrapped(&death.how.words(), "      ");
        if let How::Ended(words) = &death.how {
            text += &indented(&first_lines(words), "      │ ");
        }
        text += &printed(&death.output);
    }
    if let count @ 1.. = run.left.len() {
        text += &format!("  Not run after that: {count} more.\n");
    }
    if !run.failed.is_empty() {
        let (failed, all) = (run.failed.len(), run.failed.len() + run.passed.len());
        if run.died.is_empty() {
            let verb = if failed == 1 { "fails" } else { "fail" };
            text += &format!("  {failed} of {all} tests {verb}:\n");
        }
        let shown = red.diagnosis.shown(run).or(run.failed.first());
        // Whoever writes a check needs the words that each test wants of it.
        let mut more = 0;
        for (failure, number) in run.failed.iter().zip(1..) {
            if number > TESTS && failure.wanted.is_none() {
                more += 1;
                continue;
            }
            text += &format!("  {} {}\n", paint(BAD, "✘"), paint(STRONG, &failure.test));
            if Some(failure) == shown {
                text += &details(workspace, report, red, failure);
            } else {
                text += &wanted(failure);
            }
        }
        if more > 0 {
            text += &format!("    and {more} more\n");
        }
    }
    text
}

/// What one test has seen.
fn details(workspace: &Workspace, report: &Report, red: &Red, failure: &Failure) -> String {
    let mut text = String::new();
    if let Some(values) = evidence::values(failure) {
        let keep = shapes(&values.seen) != shapes(&values.expected);
        let value = |value: &str| {
            let value = without_layout(value, keep);
            match compact(&value) {
                short if short.chars().count() < 64 => format!("{short}\n"),
                _ => format!("\n{}", indented(&first_lines(&value), "          ")),
            }
        };
        text += &format!("      seen      {}", value(&values.seen));
        text += &format!("      expected  {}", value(&values.expected));
        if let Some(words) = cause(failure).and_then(comment) {
            let words = without_layout(&words, keep);
            text += &indented(&first_lines(&words), "      │ ");
        }
    } else {
        let words = match cause(failure) {
            Some(panic) => &panic.message,
            None => &failure.output,
        };
        text += &indented(&first_lines(words), "      │ ");
    }
    text += &wanted(failure);
    text += &printed(&failure.output);
    if let Some(panic) = cause(failure) {
        text += &places(workspace, report, red, panic);
    } else {
        let folder: &Path = &report.own.folder;
        text += &format!("      in        {}\n", workspace.place(folder));
    }
    text
}

/// What the reader's own code has printed in a test.
fn printed(output: &str) -> String {
    match run::printed(output) {
        none if none.is_empty() => none,
        text => format!(
            "      printed\n{}",
            indented(&first_lines(&text), "      │ ")
        ),
    }
}

/// Where a panic is, and the calls that led there, with the lines of code.
fn places(workspace: &Workspace, report: &Report, red: &Red, panic: &Panic) -> String {
    let mut text = format!("      at        {}\n", place(report, panic));
    text += &code(workspace, report, &panic.file, panic.line);
    let Some((test, own)) = red.calls.split_last() else {
        return text;
    };
    for call in own.iter().take(CALLS) {
        let place = format!("work/{}/{}:{}", report.own.name, call.file, call.line);
        text += &format!("      called    {place}, in `{}`\n", call.function);
    }
    if own.len() > CALLS {
        text += "                …\n";
    }
    text += &format!("      from      {}:{}\n", test.file, test.line);
    text + &code(workspace, report, &test.file, test.line)
}

/// The statement that begins in this line of a file, if it can be read.
fn code(workspace: &Workspace, report: &Report, file: &str, line: usize) -> String {
    let file = file.replace('\\', "/");
    let path = match file.starts_with("src/") {
        true => report.own.folder.join(&file),
        false => workspace.path(file.rsplit("../").next().unwrap_or(&file)),
    };
    let source = project::read(&path).unwrap_or_default();
    match evidence::statement(&source, line) {
        // Its condition says less than the words that it has shown.
        own_words if own_words.starts_with("assert!(\n") => String::new(),
        statement => indented(&statement, "      │ "),
    }
}

/// The words that a test wants a panic to hold, if it wants one.
fn wanted(failure: &Failure) -> String {
    let line = |words: &String| {
        let words = words.replace('\n', "\\n");
        wrapped(&format!("the message should contain: {words}"), "      ")
    };
    failure.wanted.as_ref().map(line).unwrap_or_default()
}

/// What a failed comparison says beyond the two values.
fn comment(panic: &Panic) -> Option<String> {
    let message = &panic.message;
    for usual in [
        "assertion `left == right` failed",
        "assertion failed: `(left == right)`",
    ] {
        if let Some(rest) = message.strip_prefix(usual) {
            let first = rest.lines().next().unwrap_or_default();
            return first.strip_prefix(": ").map(str::to_owned);
        }
    }
    let is_value = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("left: ") || line.starts_with("right: ")
    };
    let lines = message.lines().filter(|line| !is_value(line));
    Some(lines.collect::<Vec<_>>().join("\n"))
}

/// What the library for arrays shows behind the numbers.
const LAYOUT: &str = ", shape=";

/// The shapes that are shown behind the numbers of arrays.
fn shapes(value: &str) -> Vec<&str> {
    let rests = value.split(LAYOUT).skip(1);
    rests.filter_map(|rest| rest.split(']').next()).collect()
}

/// Arrays as numbers only, or with their shapes: how they lie in memory is of no concern here.
fn without_layout(value: &str, keep_shapes: bool) -> String {
    let mut parts = value.split(LAYOUT);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for rest in parts {
        if keep_shapes && let Some((shape, _)) = rest.split_once(']') {
            text += &format!("{LAYOUT}{shape}]");
        }
        // `…, dynamic ndim=1` is the end, and what an array is part of may go on behind it.
        let line = rest.find('\n').unwrap_or(rest.len());
        let end = match rest[..line].find("ndim=") {
            Some(at) => {
                let is_digit = |c: char| c.is_ascii_digit();
                let digits = &rest[at + "ndim=".len()..];
                rest.len() - digits.trim_start_matches(is_digit).len()
            }
            None => line,
        };
        text += &rest[end..];
    }
    text
}

/// A value that is printed over several lines, as one.
fn compact(value: &str) -> String {
    let mut compact = String::new();
    for part in value.lines().map(str::trim) {
        if part.starts_with([')', ']', '}']) && compact.ends_with(',') {
            compact.pop();
        } else if compact.ends_with([',', ':']) {
            compact.push(' ');
        }
        compact += part;
    }
    compact
}

fn first_lines(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().collect();
    let mut first = lines[..lines.len().min(LINES)].join("\n");
    if lines.len() > LINES {
        first += "\n…";
    }
    first
}

fn green(workspace: &Workspace, report: &Report) -> Result<String> {
    let own = &report.own;
    let stage = &own.purpose.stage;
    let head = |words: &str| format!("{} {}\n\n", paint(GOOD, "✔"), paint(STRONG, words));
    if let Some(mark) = &own.purpose.bug {
        let mut text = head("You have found it: all steps pass again");
        let bugs = content::bugs(workspace, stage)?;
        if let Some(bug) = bugs.iter().find(|bug| bug.mark() == *mark) {
            text += &format!("  {}\n\n", paint(STRONG, &bug.title));
            text += &wrapped(bug.story.trim(), "  ");
        }
        text.push('\n');
        text += &table(&[
            ("the next one", command(&format!("break {stage}"))),
            ("all of them", command("break --list")),
        ]);
        return Ok(text);
    }
    if let Some(challenge) = &own.purpose.challenge {
        let mut text = head("Challenge passed");
        text += &table(&[
            (
                "a worked solution",
                command(&format!("diff {stage} solution:{challenge}")),
            ),
            ("more challenges", command("challenge")),
        ]);
        return Ok(text);
    }
    let mut text = head(&format!("All steps of {stage} pass"));
    text += &wrapped(content::stage(workspace, stage)?.achieved.trim(), "  ");
    text.push('\n');
    let mut rows = vec![
        (
            "compare with the reference",
            command(&format!("diff mine {stage}")),
        ),
        (
            "without comments",
            command(&format!("diff mine {stage} --code")),
        ),
    ];
    if let Some(next) = workspace.next(stage)? {
        rows.push(("go on", command(&format!("start {next}"))));
    }
    rows.push(("hunt a bug", command(&format!("break {stage}"))));
    rows.push(("a challenge", command("challenge")));
    text += &table(&rows);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;
    use crate::calls::Call;
    use crate::diagnosis::of_run;
    use crate::own::{Own, Purpose};
    use crate::run::panics;
    use crate::state::Known;
    use crate::step;

    fn workspace() -> Workspace {
        Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    /// A failure with these panics: place and message.
    fn failure(test: &str, panicked: &[(&str, &str)]) -> Failure {
        let line = |(place, message): &(&str, &str)| {
            format!("thread '{test}' (1) panicked at {place}:1:1:\n{message}\n")
        };
        let output: String = panicked.iter().map(line).collect();
        Failure {
            test: test.to_owned(),
            panics: panics(&output),
            output,
            wanted: None,
        }
    }

    /// What is said of a crate for `stage` in which a step has passed and failed these tests, on one
    /// line.
    fn said(stage: &str, step: usize, evolved: bool, passed: usize, failed: &[Failure]) -> String {
        said_with(stage, step, evolved, passed, failed, &[])
    }

    /// The same with the calls that led to the panic.
    fn said_with(
        stage: &str,
        step: usize,
        evolved: bool,
        passed: usize,
        failed: &[Failure],
        calls: &[Call],
    ) -> String {
        let workspace = workspace();
        let run = Run {
            passed: vec!["passed".to_owned(); passed],
            failed: failed.to_vec(),
            ..Run::default()
        };
        let mut steps = Vec::new();
        for each in step::of_stage(&workspace, stage).unwrap() {
            let outcome = match each.number == step {
                false => Outcome::Waiting,
                true => Outcome::Red(Box::new(Red {
                    diagnosis: of_run(&each, &run, &[]).unwrap(),
                    seen: Seen::Tests(run.clone()),
                    calls: calls.to_vec(),
                    unwritten: Vec::new(),
                    lacks: false,
                })),
            };
            steps.push((each, outcome));
        }
        let report = Report {
            own: Own {
                name: stage.to_owned(),
                // Not in `work`: the code of a reader's own crate would be shown.
                folder: workspace.path("no crate"),
                purpose: Purpose::stage(stage),
            },
            known: Known {
                evolved,
                green: None,
            },
            steps,
            trouble: None,
        };
        joined(&super::report(&workspace, &report).unwrap())
    }

    /// The number of the step with a word in its name.
    fn number(stage: &str, word: &str) -> usize {
        let steps = step::of_stage(&workspace(), stage).unwrap();
        steps
            .iter()
            .find(|step| step.name.contains(word))
            .unwrap()
            .number
    }

    /// On one line, without colours.
    fn joined(text: &str) -> String {
        let text = anstream::adapter::strip_str(text).to_string();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// A crate that does not compile, with errors in this file.
    fn broken(known: Known, purpose: Purpose, file: &str) -> Report {
        let workspace = workspace();
        let steps = step::of_stage(&workspace, &purpose.stage).unwrap();
        let error = format!("error[E0425]: cannot find `x`\n  \x1b[94m--> \x1b[0m{file}:3:5\n");
        Report {
            own: Own {
                name: purpose.stage.clone(),
                folder: workspace.path("work").join(&purpose.stage),
                purpose,
            },
            known,
            steps: steps
                .into_iter()
                .map(|step| (step, Outcome::Waiting))
                .collect(),
            trouble: Some(Trouble::Broken(vec![error.clone(), error])),
        }
    }

    #[test]
    fn while_a_crate_does_not_compile_its_last_step_is_told() {
        let stage = Purpose::stage("stage3");
        let known = |green| Known {
            evolved: true,
            green,
        };
        let said = |report: &Report| joined(&super::report(&workspace(), report).unwrap());
        let report = broken(known(Some(3)), stage.clone(), "src/graph.rs");
        let (step, _) = &report.steps[3];
        let text = said(&report);
        let words = format!("Last seen: Step 4: {} {}", step.title, joined(&step.text));
        assert!(text.contains(&words), "{text}");
        assert!(text.contains("To write in this step: src/"), "{text}");
        assert!(text.contains("a hint cargo course hint"), "{text}");
        let text = joined(&steps(&workspace(), &report));
        assert!(text.contains("✔ 3 ") && text.contains("· 4 "), "{text}");
        let count = report.steps.len();
        let words = format!("3 of {count} steps when it last compiled");
        assert!(text.contains(&words), "{text}");
        let words = format!("It does not compile now; last seen: step 4: {}", step.title);
        assert_eq!(joined(&last(&report)), words);

        // In a bug hunt, all is written.
        let hunt = Purpose {
            bug: Some("mark".to_owned()),
            ..stage.clone()
        };
        let text = said(&broken(known(Some(3)), hunt, "src/graph.rs"));
        assert!(
            text.contains("Last seen") && !text.contains("To write"),
            "{text}"
        );

        // Where nothing is known, or all was green, there is no such step.
        for green in [None, Some(count)] {
            let report = broken(known(green), stage.clone(), "src/graph.rs");
            assert!(!said(&report).contains("Last seen"));
            assert_eq!(last(&report), "");
        }
    }

    #[test]
    fn a_file_with_errors_that_belongs_to_a_later_step_is_named() {
        let early = |evolved, stage: &str, green, file: &str| {
            let known = Known {
                evolved,
                green: Some(green),
            };
            let report = broken(known, Purpose::stage(stage), file);
            joined(&super::report(&workspace(), &report).unwrap())
        };
        for (stage, green, file, step) in [
            ("stage3", 0, "src/backward.rs", 4),
            ("stage3", 2, "src\\backward.rs", 4),
            ("stage4", 0, "src/ops.rs", 3),
            ("stage4", 0, "src/backward.rs", 2),
            // Named by the items of step 5, but begun in step 2.
            ("stage4", 0, "src/rules.rs", 2),
        ] {
            let text = early(true, stage, green, file);
            let file = file.replace('\\', "/");
            let words =
                format!("{file} belongs to step {step}: leave it out of lib.rs until then. Fix");
            assert_eq!(text.matches(&words).count(), 1, "{text}");
        }
        for text in [
            early(true, "stage3", 3, "src/backward.rs"),
            early(false, "stage3", 0, "src/backward.rs"),
            early(true, "stage3", 0, "src/graph.rs"),
            early(true, "stage3", 0, "src/lib.rs"),
            early(true, "stage4", 1, "src/rules.rs"),
            // The stage's advice is another one.
            early(true, "stage2", 0, "src/trace.rs"),
            early(true, "stage2", 0, "src/ops.rs"),
        ] {
            assert!(!text.contains("belongs to step"), "{text}");
        }
    }

    #[test]
    fn a_step_of_which_no_test_passes_is_probably_not_written() {
        let missing = "no derivative rule for argument 0 of primitive `mul`";
        let failed = [failure("a_sum", &[("src/backward.rs", missing)])];
        let words = "No test of this step passes: it is probably not written yet.";
        let list = "To write in this step: src/rules.rs define, unbroadcast";
        let number = number("stage4", "unbroadcast");
        let text = said("stage4", number, true, 0, &failed);
        assert!(text.contains(words) && text.contains(list), "{text}");
        assert!(!text.contains("Your own code has panicked"), "{text}");
        for (evolved, passed) in [(true, 1), (false, 0)] {
            let text = said("stage4", number, evolved, passed, &failed);
            assert!(!text.contains(words) && !text.contains(list), "{text}");
        }
        // A guess that says more stays.
        let minus = "not close\n  left: -1\n right: 1";
        let failed = [failure("a_sum", &[("tests/step.rs", minus)])];
        let text = said("stage4", number, true, 0, &failed);
        assert!(
            text.contains(words) && text.contains("with the opposite sign"),
            "{text}"
        );
    }

    #[test]
    fn the_words_that_each_test_wants_are_shown() {
        let refused = |number: usize| {
            let other = [("src/array.rs", "other words")];
            Failure {
                wanted: Some(format!("`sum`: refusal {number}")),
                ..failure(&format!("refused_{number}"), &other)
            }
        };
        let mut failed: Vec<Failure> = (1..=10).map(refused).collect();
        failed.push(failure(
            "another",
            &[("tests/step.rs", "left: 1\nright: 2")],
        ));
        let text = said("stage4", 4, false, 3, &failed);
        let first = "✘ refused_1 │ other words the message should contain: `sum`: refusal 1 at \
                     work/stage4/src/array.rs:1";
        assert!(text.contains(first), "{text}");
        for number in 2..=10 {
            let line =
                format!("✘ refused_{number} the message should contain: `sum`: refusal {number} ");
            assert!(text.contains(&line), "{line}{text}");
        }
        assert!(text.contains("and 1 more"), "{text}");
    }

    #[test]
    fn arrays_are_shown_without_their_layout() {
        let array = |numbers: &str, shape: &str| {
            format!("{numbers}, shape={shape}, strides=[1], layout=CFcf (0xf), dynamic ndim=1")
        };
        let shown = |left: &str, right: &str| {
            let message =
                format!("assertion `left == right` failed\n  left: {left}\n right: {right}");
            let failed = [failure("sum", &[("tests/step.rs", &message)])];
            said("stage4", 4, false, 1, &failed)
        };
        let (left, right) = (array("[1.0, 0.0]", "[2]"), array("[1.0, 2.0]", "[2]"));
        let text = shown(&left, &right);
        let line = "seen [1.0, 0.0] expected [1.0, 2.0] at ";
        assert!(text.contains(line), "{text}");
        let text = shown(&format!("({left}, {left})"), &format!("({right}, {left})"));
        let line = "seen ([1.0, 0.0], [1.0, 0.0]) expected ([1.0, 2.0], [1.0, 0.0]) at ";
        assert!(text.contains(line), "{text}");
        let text = shown(&array("[[1.0]]", "[1, 1]"), &left);
        let line = "seen [[1.0]], shape=[1, 1] expected [1.0, 0.0], shape=[2] at ";
        assert!(text.contains(line), "{text}");

        // Over several lines, as by `pretty_assertions`.
        let message = format!(
            "assertion failed: `(left == right)`\n\nDiff < left / right > :\n\
             <[[1.0, 0.0],\n<{}\n>[[1.0, 2.0],\n>{}\n",
            array(" [3.0, 4.0]]", "[2, 2]"),
            array(" [3.0, 4.0]]", "[2, 2]")
        );
        let failed = [failure("sum", &[("tests/step.rs", &message)])];
        let text = said("stage4", 4, false, 1, &failed);
        let line = "seen [[1.0, 0.0], [3.0, 4.0]] expected [[1.0, 2.0], [3.0, 4.0]] at ";
        assert!(text.contains(line), "{text}");
    }

    #[test]
    fn the_calls_that_led_to_a_panic_are_shown_with_their_code() {
        let file = "stages/stage3/tests/step2_recording.rs";
        let source = project::read(&workspace().path(file)).unwrap();
        let text = "let trace = Trace::open();";
        let line = 1 + source.lines().position(|line| line.trim() == text).unwrap();
        let call = |function: &str, file: &str, line| Call {
            function: function.to_owned(),
            file: file.to_owned(),
            line,
        };
        let calls = [
            call("innermost_trace", "src/trace.rs", 162),
            call("bind", "src/trace.rs", 120),
            call("a_test", file, line),
        ];
        let failed = [failure("a_test", &[("src/trace.rs", "it has ended")])];
        let said = said_with("stage3", 2, false, 1, &failed, &calls);
        let words = format!(
            "✘ a_test │ it has ended at work/stage3/src/trace.rs:1 called \
             work/stage3/src/trace.rs:162, in `innermost_trace` called work/stage3/src/trace.rs:120, \
             in `bind` from {file}:{line} │ {text} Your own code has panicked"
        );
        assert!(said.contains(&words), "{said}");
    }

    #[test]
    fn the_line_of_the_test_is_shown() {
        let file = "../../stages/stage1/tests/step1_variables.rs";
        let source = project::read(&workspace().path(&file[6..])).unwrap();
        let text = "assert_eq!(Var::new(2.5).value(), 2.5);";
        let line = 1 + source.lines().position(|line| line.trim() == text).unwrap();
        let place = format!("{file}:{line}");
        let output = format!("thread 'a' (1) panicked at {place}:5:\nleft: 1\nright: 2.5");
        let failed = Failure {
            panics: panics(&output),
            output,
            ..failure("a", &[])
        };
        let said = said("stage1", 1, false, 1, &[failed]);
        let words = format!("seen 1 expected 2.5 at {} │ {text}", &place[6..]);
        assert!(said.contains(&words), "{said}");
    }

    #[test]
    fn the_cause_is_shown_and_not_what_was_caught_before() {
        let panics = [
            ("src/ops.rs", "no rule"),
            ("tests/step.rs", "it should name `f`"),
        ];
        let text = said("stage4", 4, false, 1, &[failure("names", &panics)]);
        let line = "✘ names │ it should name `f` at tests/step.rs:1";
        assert!(text.contains(line), "{text}");
    }

    #[test]
    fn values_are_brought_to_one_line() {
        let value = "[\n    (\n        2.0,\n        6.0,\n    ),\n    (\n        1.0,\n    ),\n]";
        assert_eq!(compact(value), "[(2.0, 6.0), (1.0)]");
        assert_eq!(compact("Some(3.0)"), "Some(3.0)");
    }
}

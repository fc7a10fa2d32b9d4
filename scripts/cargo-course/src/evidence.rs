//! What a failed test has seen, and what it wanted.

use project::pattern::{Pattern, close};
use serde::Deserialize;

use crate::run::{Failure, Panic};

/// What was seen and what was expected, as texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// What the reader's crate has computed.
    pub seen: String,
    /// What the test wants.
    pub expected: String,
    /// Whether both were written with `{:?}`, as by `assert_eq!`.
    pub debug: bool,
}

/// How two values differ, where that is plain to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sight {
    /// Each wrong number is half of what it should be.
    Half,
    /// Each wrong number is twice what it should be.
    Double,
    /// All numbers are 0, and should not be.
    Zero,
    /// Each wrong number has the opposite sign.
    Opposite,
    /// There is a NaN in the place of a number.
    NotANumber,
    /// The right numbers, in the opposite order.
    Swapped,
    /// There is nothing in a list.
    Empty,
    /// A list lacks repetitions.
    Shorter,
    /// A list repeats what should be in it once.
    Longer,
    /// The shape of what an array was broadcast to.
    Broadcast,
    /// Any other shape.
    Shape,
}

/// Whether the panic comes from the reader's crate, and not from a test.
pub fn is_own(panic: &Panic) -> bool {
    let file = panic.file.replace('\\', "/");
    file.starts_with("src/")
}

/// Whether the panic comes from a library, which the compiler knows by its whole path.
pub fn is_library(panic: &Panic) -> bool {
    let file = panic.file.replace('\\', "/");
    file.starts_with('/')
        || file
            .split_once('/')
            .is_some_and(|(top, _)| top.ends_with(':'))
}

/// Whether the test tries the smallest input out of many, which may fit a pattern by chance.
pub fn is_minimal(failure: &Failure) -> bool {
    failure.output.contains("minimal failing input")
}

/// The panic that a test has failed by: the last one, as it may have caught others before.
pub fn cause(failure: &Failure) -> Option<&Panic> {
    let (last, before) = failure.panics.split_last()?;
    // One that only hands on another panic: of a thread, or of the smallest input that fails.
    let hands_on = |panic: &&Panic| {
        last.message.ends_with("value: Any { .. }")
            || (last.message.contains("minimal failing input")
                && last.message.contains(&panic.message))
    };
    Some(before.iter().rfind(hands_on).unwrap_or(last))
}

/// What a failure says it has seen and expected, where it says so.
///
/// Understands `assert_eq!`, that of `pretty_assertions`, `left:` and `right:` in a message of
/// one's own, and `…: 3, central difference 6`.
pub fn values(failure: &Failure) -> Option<Values> {
    match cause(failure) {
        // What the reader's own code says is a text, and not a comparison.
        Some(panic) if is_own(panic) || is_library(panic) => None,
        Some(panic) => values_in(&panic.message),
        None => values_in(&failure.output),
    }
}

fn values_in(message: &str) -> Option<Values> {
    let after = |label: &str| {
        message
            .lines()
            .find_map(|line| line.trim_start().strip_prefix(label))
            .map(|text| text.trim().to_owned())
    };
    let debug = message.starts_with("assertion");
    if let (Some(seen), Some(expected)) = (after("left:"), after("right:")) {
        return Some(Values {
            seen,
            expected,
            debug,
        });
    }
    if message.contains("Diff < left / right > :") {
        let side = |marks: [char; 1]| {
            let lines: Vec<&str> = message
                .lines()
                .skip_while(|line| !line.starts_with("Diff <"))
                .skip(1)
                .filter_map(|line| line.strip_prefix(marks).or(line.strip_prefix(' ')))
                .collect();
            lines.join("\n").trim().to_owned()
        };
        return Some(Values {
            seen: side(['<']),
            expected: side(['>']),
            debug,
        });
    }
    let (before, after) = message.split_once("central difference")?;
    let seen = *numbers(before.lines().last()?).last()?;
    let expected = *numbers(after).first()?;
    Some(Values {
        seen: seen.to_string(),
        expected: expected.to_string(),
        debug: false,
    })
}

impl Values {
    /// How they differ, where that is plain to see.
    pub fn sight(&self) -> Option<Sight> {
        let (seen, expected) = (&self.seen, &self.expected);
        if let (Some(seen), Some(expected)) = (shape(seen), shape(expected))
            && seen != expected
        {
            return Some(of_shapes(&seen, &expected));
        }
        if seen == "[]" && expected.starts_with('[') {
            return Some(Sight::Empty);
        }
        let [seen, expected] = [seen, expected].map(|text| numbers(text));
        match () {
            () if repeats(&expected, &seen) => return Some(Sight::Shorter),
            () if repeats(&seen, &expected) => return Some(Sight::Longer),
            () if seen.len() != expected.len() => return None,
            () => {}
        }
        let pairs = Vec::from_iter(seen.iter().copied().zip(expected.iter().copied()));
        if pairs
            .iter()
            .any(|(seen, expected)| seen.is_nan() && !expected.is_nan())
        {
            return Some(Sight::NotANumber);
        }
        let same = |(a, b): (&f64, &f64)| close(*a, *b);
        if seen.len() == 2 && seen.iter().rev().zip(&expected).all(same) {
            return Some(Sight::Swapped);
        }
        // Ids, counts and positions are whole numbers.
        if self.are_whole() {
            return None;
        }
        let is_wrong = |(seen, expected): &&(f64, f64)| !close(*seen, *expected);
        let mut wrong = pairs.iter().filter(is_wrong);
        let (seen_first, expected_first) = wrong.next()?;
        let pattern = Pattern::of(*seen_first, *expected_first)?;
        let all = wrong.all(|(seen, expected)| Pattern::of(*seen, *expected) == Some(pattern));
        match pattern {
            _ if !all => None,
            Pattern::Half => Some(Sight::Half),
            Pattern::Double => Some(Sight::Double),
            Pattern::Opposite => Some(Sight::Opposite),
            // Where one of several numbers is 0, the others have arrived.
            Pattern::Zero => seen.iter().all(|seen| *seen == 0.0).then_some(Sight::Zero),
        }
    }

    /// How two lists of whole numbers differ as the shapes of arrays.
    pub fn sight_of_shapes(&self) -> Option<Sight> {
        let is_list = |text: &str| text.starts_with('[') && !text.starts_with("[[");
        let lists = is_list(&self.seen) && is_list(&self.expected) && self.are_whole();
        let [seen, expected] = [&self.seen, &self.expected].map(|text| numbers(text));
        (lists && seen != expected).then(|| of_shapes(&seen, &expected))
    }

    /// Whether both are texts.
    pub fn are_texts(&self) -> bool {
        self.debug && self.seen.starts_with('"') && self.expected.starts_with('"')
    }

    /// Whether it was written with `{:?}`, and there is no number with a point.
    fn are_whole(&self) -> bool {
        let is_whole = |text: &str| {
            let mut words = words(text).filter(|word| word.parse::<f64>().is_ok());
            words.all(|word| word.parse::<i128>().is_ok())
        };
        self.debug && is_whole(&self.seen) && is_whole(&self.expected)
    }
}

fn of_shapes(seen: &[f64], expected: &[f64]) -> Sight {
    match broadcasts(expected, seen) {
        true => Sight::Broadcast,
        false => Sight::Shape,
    }
}

/// As many lines of a statement as are shown.
const LINES: usize = 6;

/// The statement that begins in a line of a source file, counted from 1. Nothing of a `proptest!`,
/// which is as long as all of its tests.
pub fn statement(source: &str, line: usize) -> String {
    let mut lines = source.lines().skip(line.saturating_sub(1));
    let Some(first) = lines.next() else {
        return String::new();
    };
    let indent = first.len() - first.trim_start().len();
    let mut statement = Vec::new();
    // What closes it is indented as its first line is.
    for line in [first].into_iter().chain(lines).take(LINES) {
        let own = line.len() - line.trim_start().len();
        if own < indent && !line.trim().is_empty() {
            break;
        }
        let text = line.get(indent..).unwrap_or_default().trim_end();
        statement.push(text);
        if !text.starts_with(' ') && text.ends_with([';', '}', ',']) {
            break;
        }
    }
    match statement[0].starts_with("proptest!") {
        true => String::new(),
        false => statement.join("\n"),
    }
}

/// What a message says of the shapes of a gradient and of its argument, after `of shape` or `for the
/// shape`: a number has no axes.
pub fn sight_in_refusal(message: &str) -> Option<Sight> {
    let (seen, expected) = message.split_once("; expected ")?;
    let is_rule = seen.contains("rule") && message.contains("of shape [");
    let is_reshape = seen.contains("of shape [") && expected.contains("elements for the shape [");
    let [seen, expected] = [seen, expected].map(|text| match text.split_once("shape [") {
        Some((_, shape)) => numbers(shape.split(']').next().unwrap_or_default()),
        None => Vec::new(),
    });
    match of_shapes(&seen, &expected) {
        _ if seen == expected => None,
        Sight::Broadcast if is_rule || is_reshape => Some(Sight::Broadcast),
        Sight::Shape if is_rule => Some(Sight::Shape),
        _ => None,
    }
}

/// Whether an array of one shape is repeated to the other: where it has no axis, or length 1.
fn broadcasts(from: &[f64], to: &[f64]) -> bool {
    let mut pairs = from.iter().rev().zip(to.iter().rev());
    from.len() <= to.len() && from != to && pairs.all(|(from, to)| from == to || *from == 1.0)
}

/// Whether `long` is `short` with some of its numbers repeated.
fn repeats(long: &[f64], short: &[f64]) -> bool {
    let mut rest = long.iter();
    let in_order = short.iter().all(|number| rest.any(|other| other == number));
    long.len() > short.len() && in_order && long.iter().all(|number| short.contains(number))
}

/// The shape of an array, which is shown behind its numbers: `[1.0], shape=[2, 3], strides=…`.
fn shape(text: &str) -> Option<Vec<f64>> {
    let (_, rest) = text.split_once("shape=")?;
    Some(numbers(rest.split(']').next()?))
}

/// What numbers can be made of, without what describes an array's layout.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '+' | '_');
    let values = text
        .lines()
        .map(|line| line.split(", shape=").next().unwrap_or_default());
    values.flat_map(move |line| line.split(move |c| !is_part(c)))
}

/// All numbers in a text, without those in names.
fn numbers(text: &str) -> Vec<f64> {
    let is_number = |word: &&str| {
        !word.starts_with(|c: char| c.is_alphabetic()) || matches!(*word, "NaN" | "inf")
    };
    words(text)
        .filter(is_number)
        .filter_map(|word| word.trim_end_matches('.').parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;
    use crate::run::panics;

    /// A failure with these panics: place and message.
    fn panicked(panicked: &[(&str, &str)]) -> Failure {
        let line = |(place, message): &(&str, &str)| {
            format!("thread 'a' (1) panicked at {place}:1:1:\n{message}\n")
        };
        let output: String = panicked.iter().map(line).collect();
        Failure {
            test: "a".to_owned(),
            panics: panics(&output),
            output,
            wanted: None,
        }
    }

    fn values_of(message: &str) -> Values {
        values(&panicked(&[("tests/step.rs", message)])).unwrap()
    }

    /// What `assert_eq!` shows of two values.
    fn equal(left: &str, right: &str) -> Values {
        values_of(&format!(
            "assertion `left == right` failed\n  left: {left}\n right: {right}"
        ))
    }

    #[test]
    fn patterns_of_numbers_are_recognised() {
        for (left, right, sight) in [
            ("3.0", "6.0", Some(Sight::Half)),
            ("12.0", "6.0", Some(Sight::Double)),
            ("0.0", "6.0", Some(Sight::Zero)),
            ("-6.0", "6.0", Some(Sight::Opposite)),
            ("(1.0, 1.0)", "(1.0, -1.0)", Some(Sight::Opposite)),
            ("(2.0, 6.0)", "(6.0, 2.0)", Some(Sight::Swapped)),
            ("5.0", "6.0", None),
            ("(3.0, 12.0)", "(6.0, 6.0)", None),
            ("NaN", "6.0", Some(Sight::NotANumber)),
            ("(0.5, NaN)", "(1.0, 6.0)", Some(Sight::NotANumber)),
            ("6.0", "NaN", None),
            ("inf", "6.0", None),
            ("-0.0", "6.0", Some(Sight::Zero)),
            ("[0.0, 0.0]", "[1.0, 2.0]", Some(Sight::Zero)),
            // Something has arrived.
            ("[0.0, 2.0]", "[1.0, 2.0]", None),
            ("(0.0, 2.0)", "(1.0, 2.0)", None),
            ("[]", "[(1.0, 5.0)]", Some(Sight::Empty)),
            ("\"\"", "\"Value(2.5)\"", None),
        ] {
            assert_eq!(equal(left, right).sight(), sight, "{left} {right}");
        }
    }

    #[test]
    fn ids_counts_and_positions_are_no_gradients() {
        for (left, right) in [
            ("None", "Some(0)"),
            ("Some(0)", "Some(1)"),
            ("Some(1)", "Some(2)"),
            ("1", "2"),
            ("0", "8"),
            ("[(0, 0)]", "[(1, 0)]"),
            ("[(2, 0)]", "[(1, 0)]"),
            ("[\n    (\n        0,\n        2,\n    ),\n]", "[(0, 1)]"),
        ] {
            let sight = equal(left, right).sight();
            let is_other = matches!(sight, None | Some(Sight::Swapped));
            assert!(is_other, "{left} {right}: {sight:?}");
        }
        // In words of its own, a test shows numbers as they are.
        let shown = values_of("not close\n  left: 3\n right: 6");
        assert_eq!(shown.sight(), Some(Sight::Half));
    }

    #[test]
    fn lists_with_other_repetitions_are_recognised() {
        for (left, right, sight) in [
            ("[0]", "[0, 0]", Some(Sight::Shorter)),
            ("[0]", "[0, 1]", None),
            ("[1, 1, 0]", "[1, 0]", Some(Sight::Longer)),
            ("[1, 0, 1]", "[1, 0]", Some(Sight::Longer)),
            ("[1, 2, 0]", "[1, 0]", None),
        ] {
            assert_eq!(equal(left, right).sight(), sight, "{left} {right}");
        }
    }

    #[test]
    fn shapes_are_recognised() {
        let array = |shape: &str| format!("[1.0], shape={shape}, strides=[1], layout=CFcf (0xf)");
        for (left, right, sight) in [
            ("[2, 3]", "[3]", Some(Sight::Broadcast)),
            ("[3, 4]", "[3, 1]", Some(Sight::Broadcast)),
            ("[3, 2]", "[2, 3]", Some(Sight::Shape)),
            ("[3]", "[2, 3]", Some(Sight::Shape)),
            ("[3]", "[3]", None),
        ] {
            assert_eq!(
                equal(left, right).sight_of_shapes(),
                sight,
                "{left} {right}"
            );
            let arrays = equal(&array(left), &array(right));
            assert_eq!(arrays.sight(), sight, "{left} {right}");
        }
        assert_eq!(equal("[2.0, 3.0]", "[3.0]").sight_of_shapes(), None);
    }

    #[test]
    fn in_a_refusal_only_a_shape_that_was_broadcast_is_taken_for_one() {
        let array = |shape: &str| format!("an array of shape {shape}");
        let broadcast = Some(Sight::Broadcast);
        for (seen, expected, sight) in [
            (array("[2, 3]"), array("[3]"), broadcast),
            (array("[2, 3]"), array("[2, 1]"), broadcast),
            (array("[3]"), "a number".to_owned(), broadcast),
            ("a number".to_owned(), array("[3]"), Some(Sight::Shape)),
            (array("[4, 2, 3]"), array("[2, 3, 4]"), Some(Sight::Shape)),
            (array("[3]"), array("[2, 3]"), Some(Sight::Shape)),
        ] {
            let rule = "what the rule for argument 0 of `permute` returned";
            let message = format!("{rule} is {seen}; expected {expected}");
            assert_eq!(sight_in_refusal(&message), sight, "{message}");
            let message = format!("the seed of the output is {seen}; expected {expected}");
            assert_eq!(sight_in_refusal(&message), None, "{message}");
        }
        for (shape, sight) in [("[3, 1]", broadcast), ("[2, 2]", None)] {
            let reshape = "`reshape`: argument 0 is an array of shape [3, 4]; expected";
            let message = format!("{reshape} 3 elements for the shape {shape}");
            assert_eq!(sight_in_refusal(&message), sight, "{message}");
        }
    }

    #[test]
    fn a_panic_that_the_test_has_caught_is_not_the_cause() {
        let caught = ("src/ops.rs", "no rule for `f`");
        let test = ("../../stages/stage3/tests/step.rs", "left: 3\nright: 6");
        let cause_of = |all: &[(&str, &str)]| cause(&panicked(all)).unwrap().message.clone();
        assert_eq!(cause_of(&[caught, test]), test.1);
        assert_eq!(cause_of(&[test, caught]), caught.1);

        // What is handed on is.
        let joined = (
            test.0,
            "called `Result::unwrap()` on an `Err` value: Any { .. }",
        );
        assert_eq!(cause_of(&[caught, joined]), caught.1);
        assert_eq!(cause_of(&[joined]), joined.1);
        let words = "Test failed: no rule for `f`.\nminimal failing input: x = 0.5";
        let other = ("src/ops.rs", "another one");
        assert_eq!(cause_of(&[caught, other, (test.0, words)]), caught.1);
    }

    #[test]
    fn a_panic_in_a_library_is_told_from_ones_own() {
        for file in [
            "/home/me/.cargo/registry/src/index/ndarray-0.17/src/arraytraits.rs",
            "/rustc/0123/library/core/src/option.rs",
            "C:\\Users\\me\\.cargo\\registry\\src\\index\\ndarray-0.17\\src\\arraytraits.rs",
        ] {
            let failure = panicked(&[(file, "left: 3\nright: 6")]);
            let panic = &failure.panics[0];
            assert!(is_library(panic) && !is_own(panic), "{file}");
            assert_eq!(values(&failure), None);
        }
        for (file, own) in [
            ("src\\ops.rs", true),
            ("../../stages/stage3/tests/step.rs", false),
            ("..\\..\\scripts\\cargo-course\\content\\test.rs", false),
        ] {
            let panic = &panicked(&[(file, "words")]).panics[0];
            assert!(!is_library(panic) && is_own(panic) == own, "{file}");
        }
    }

    #[test]
    fn differences_of_pretty_assertions_are_read() {
        let message = "assertion failed: `(left == right)`\n\nDiff < left / right > :\n [\n<    3.0,\n>    6.0,\n ]\n";
        let values = values_of(message);
        assert_eq!(numbers(&values.seen), [3.0]);
        assert_eq!(numbers(&values.expected), [6.0]);
        assert_eq!(values.sight(), Some(Sight::Half));
    }

    #[test]
    fn messages_about_differences_are_read() {
        let values = values_of("by x: -1.5, central difference 1.5000000001");
        assert_eq!(values.sight(), Some(Sight::Opposite));
    }

    #[test]
    fn numbers_are_not_taken_from_names() {
        assert_eq!(
            numbers("Var(-2.5) e1 x2 1e-3, inf"),
            [-2.5, 1e-3, f64::INFINITY]
        );
    }

    #[test]
    fn a_statement_is_read_to_its_end() {
        let source = "\
fn f() {
    assert_eq!(a, b);
    assert_close(
        slope(f, 0.5),
        1.0,
    );
    for i in 0..9 {
        a(i);
        b(i);
        c(i);
        d(i);
        e(i);
        f(i);
    }
}
proptest! {
    fn g() {}
}
fn h() -> f64 {
    match a {
        b => panic!(
            \"no b\"
        )
    }
}
";
        assert_eq!(statement(source, 2), "assert_eq!(a, b);");
        assert_eq!(
            statement(source, 3),
            "assert_close(\n    slope(f, 0.5),\n    1.0,\n);"
        );
        assert_eq!(statement(source, 4), "slope(f, 0.5),");
        assert_eq!(statement(source, 7).lines().count(), LINES);
        assert_eq!(statement(source, 16), "");
        assert_eq!(statement(source, 21), "b => panic!(\n    \"no b\"\n)");
        assert_eq!(statement(source, 99), "");
    }
}

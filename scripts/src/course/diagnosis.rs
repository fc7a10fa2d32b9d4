//! A guess at the cause, from what the tests have seen.

use serde::Deserialize;

use super::run::{End, Failure, Panic, Run};

/// What is likely to be wrong. `scripts/course/README.md` lists the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Diagnosis {
    /// One contribution has replaced the other.
    Overwritten,
    /// Something was counted again.
    Doubled,
    /// No number where one was expected.
    MissingEdge,
    /// The opposite sign.
    Sign,
    /// The wrong shape.
    UnreducedBroadcast,
    /// Only derivatives of derivatives are wrong.
    SecondOrder,
    /// Right when first asked, wrong when asked again.
    Stale,
    /// The process died of recursion.
    StackOverflow,
    /// The time limit has passed.
    Endless,
    /// The engine itself has panicked.
    Panic,
    /// The process has ended in some other way.
    Died,
    /// Any other number.
    WrongNumber,
    /// A test has failed without showing two values.
    Failed,
    /// A `todo!` is still there.
    NotWritten,
    /// The compiler has refused it.
    DoesNotCompile,
}

impl Diagnosis {
    /// The guess in words.
    pub fn words(self) -> &'static str {
        match self {
            Diagnosis::Overwritten => {
                "Half of what it should be: an input that is used twice gets two contributions, \
                 and the second has probably overwritten the first instead of being added to it."
            }
            Diagnosis::Doubled => {
                "Double what it should be: something is counted twice. Perhaps the gradients of an \
                 earlier walk were not cleared, or an edge is walked twice."
            }
            Diagnosis::MissingEdge => {
                "Nothing where something was expected: there is probably an edge missing in the \
                 graph, so that the walk never gets from the output to this input."
            }
            Diagnosis::Sign => {
                "The opposite sign: a derivative has lost a minus, or has one too many."
            }
            Diagnosis::UnreducedBroadcast => {
                "The wrong shape: an input that was broadcast is used once for each copy, so its \
                 gradient has to be summed back over the repeated axes."
            }
            Diagnosis::SecondOrder => {
                "First derivatives are right, and only derivatives of derivatives are wrong. \
                 Perhaps a rule is not written with traced operations, so that the outer trace \
                 does not see it, or an inner trace takes the containers of an outer one for its \
                 own."
            }
            Diagnosis::Stale => {
                "Right at first, but wrong when it is asked again after a change: an old answer is \
                 still kept somewhere."
            }
            Diagnosis::StackOverflow => {
                "The stack has overflowed: a long chain of operations was followed by recursion. \
                 The walk may call itself for each node, or dropping a node drops its parents one \
                 inside the other. A loop with a list of its own has no such limit."
            }
            Diagnosis::Endless => {
                "It takes far too long. Either a loop never ends, or the same nodes are visited \
                 again for each path that leads to them, and the number of paths doubles with \
                 every step."
            }
            Diagnosis::Panic => "Your own code has panicked, at the place shown.",
            Diagnosis::Died => {
                "The whole test program has ended in the middle. Something in your code ends the \
                 process, or panics while a panic is already under way (in a `drop`, for example)."
            }
            Diagnosis::WrongNumber => {
                "Not what was expected. Work the smallest failing test out by hand, and compare \
                 each number on the way."
            }
            Diagnosis::Failed => "The test says what it expected.",
            Diagnosis::NotWritten => {
                "This is not a mistake: the code that this step is about is not written yet."
            }
            Diagnosis::DoesNotCompile => "The compiler says what it does not understand.",
        }
    }
}

/// What was seen and what was expected, as texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// What the reader's crate has computed.
    pub seen: String,
    /// What the test wants.
    pub expected: String,
}

/// A guess for a red step: none if the run is green.
pub fn of_run(run: &Run) -> Option<Diagnosis> {
    let not_written = |text: &str| text.contains("not yet implemented");
    match &run.end {
        End::Died(words) if not_written(words) => return Some(Diagnosis::NotWritten),
        End::StackOverflow(_) => return Some(Diagnosis::StackOverflow),
        End::Endless(_) => return Some(Diagnosis::Endless),
        End::Died(_) => return Some(Diagnosis::Died),
        End::Finished => {}
    }
    if run
        .failed
        .iter()
        .any(|failure| not_written(&failure.output))
    {
        return Some(Diagnosis::NotWritten);
    }
    let guesses: Vec<Diagnosis> = run.failed.iter().map(of_failure).collect();
    let of_numbers = |guess: &Diagnosis| {
        !matches!(
            guess,
            Diagnosis::Panic | Diagnosis::Failed | Diagnosis::Endless
        )
    };
    let numbers = guesses.iter().filter(|guess| of_numbers(guess)).count();
    if numbers > 0 && run.failed.iter().all(is_higher_order) {
        return Some(Diagnosis::SecondOrder);
    }
    // A test that shows a pattern says more than one that shows only a number; but where most do
    // not show any, the cause is another one.
    let vague = [Diagnosis::WrongNumber, Diagnosis::Failed, Diagnosis::Panic];
    let clear: Vec<&Diagnosis> = guesses.iter().filter(|g| !vague.contains(g)).collect();
    let without = guesses.iter().filter(|g| **g == Diagnosis::Failed).count();
    match clear.first() {
        Some(clearest) if clear.len() >= without => Some(**clearest),
        _ => guesses.first().copied(),
    }
}

/// A guess for one test.
pub fn of_failure(failure: &Failure) -> Diagnosis {
    let name = &failure.test;
    if ["ten seconds", "time limit", "Timeout"]
        .iter()
        .any(|words| failure.output.contains(words))
    {
        return Diagnosis::Endless;
    }
    if failure.output.contains("has overflowed its stack") {
        return Diagnosis::StackOverflow;
    }
    if failure
        .output
        .contains("panic did not contain expected string")
    {
        return Diagnosis::Failed;
    }
    if let Some(panic) = failure.panics.first().filter(|panic| is_own(panic)) {
        // The engine checks what the rules return.
        return match panic.message.contains("of shape [") {
            true => Diagnosis::UnreducedBroadcast,
            false => Diagnosis::Panic,
        };
    }
    let Some(values) = values(failure) else {
        return Diagnosis::Failed;
    };
    let guess = compare(&values, failure);
    let again = ["again", "clear", "stale", "later", "anew", "earlier"]
        .iter()
        .any(|word| name.split('_').any(|part| part.starts_with(word)));
    match guess {
        Diagnosis::WrongNumber | Diagnosis::MissingEdge if again => Diagnosis::Stale,
        guess => guess,
    }
}

/// Whether the panic comes from the reader's crate, and not from a test.
pub fn is_own(panic: &Panic) -> bool {
    let file = panic.file.replace('\\', "/");
    file.starts_with("src/")
}

/// Whether the name of a test is about derivatives of derivatives.
fn is_higher_order(failure: &Failure) -> bool {
    let higher = [
        "differentiated",
        "second_derivative",
        "third_derivative",
        "derivatives_of_derivatives",
        "higher",
        "nested",
        "hessian",
        "curvature",
        "perturbation",
        "traced_operations",
        "inner",
        "outer_trace",
    ];
    higher.iter().any(|words| failure.test.contains(words))
}

fn compare(values: &Values, failure: &Failure) -> Diagnosis {
    let (seen, expected) = (&values.seen, &values.expected);
    let shape = |text: &str| text.split_once("shape=").map(|(_, rest)| shape_of(rest));
    let about_shapes = failure
        .test
        .split('_')
        .any(|word| word.starts_with("shape") || word.starts_with("broadcast"));
    if let (Some(seen), Some(expected)) = (shape(seen), shape(expected))
        && seen != expected
    {
        return Diagnosis::UnreducedBroadcast;
    }
    let [seen, expected] = [seen, expected].map(|text| numbers(text));
    if seen.len() != expected.len() || (about_shapes && seen != expected && whole(&expected)) {
        return match () {
            () if about_shapes => Diagnosis::UnreducedBroadcast,
            () if seen.is_empty() => Diagnosis::MissingEdge,
            () => Diagnosis::WrongNumber,
        };
    }
    let wrong: Vec<(f64, f64)> = seen
        .into_iter()
        .zip(expected)
        .filter(|(seen, expected)| !close(*seen, *expected))
        .collect();
    let all = |test: fn(f64, f64) -> bool| {
        !wrong.is_empty() && wrong.iter().all(|(seen, expected)| test(*seen, *expected))
    };
    match () {
        () if all(|seen, _| seen == 0.0) => Diagnosis::MissingEdge,
        () if all(|seen, expected| close(seen, expected / 2.0)) => Diagnosis::Overwritten,
        () if all(|seen, expected| close(seen, expected * 2.0)) => Diagnosis::Doubled,
        () if all(|seen, expected| close(seen, -expected)) => Diagnosis::Sign,
        () => Diagnosis::WrongNumber,
    }
}

/// What a failure says it has seen and expected, where it says so.
///
/// Understands `assert_eq!`, that of `pretty_assertions`, `left:` and `right:` in a message of
/// one's own, and `…: 3, central difference 6`.
pub fn values(failure: &Failure) -> Option<Values> {
    match failure.panics.first() {
        // What the reader's own code says is a text, and not a comparison.
        Some(panic) if is_own(panic) => None,
        _ => {
            let panics = failure.panics.iter();
            let messages = panics.map(|panic| panic.message.as_str());
            messages.chain([&*failure.output]).find_map(values_in)
        }
    }
}

fn values_in(message: &str) -> Option<Values> {
    let after = |label: &str| {
        message
            .lines()
            .find_map(|line| line.trim_start().strip_prefix(label))
            .map(|text| text.trim().to_owned())
    };
    if let (Some(seen), Some(expected)) = (after("left:"), after("right:")) {
        return Some(Values { seen, expected });
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
        });
    }
    for judge in [
        "central difference",
        "finite difference",
        "difference",
        "expected",
    ] {
        if let Some((before, after)) = message.split_once(judge)
            && let Some(seen) = numbers(before.lines().last().unwrap_or_default()).last()
            && let Some(expected) = numbers(after).first()
        {
            return Some(Values {
                seen: seen.to_string(),
                expected: expected.to_string(),
            });
        }
    }
    None
}

/// Like numbers up to a small difference, or both not a number.
fn close(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-6 * a.abs().max(b.abs())
}

fn whole(numbers: &[f64]) -> bool {
    numbers.iter().all(|number| number.fract() == 0.0)
}

/// The numbers in `[2, 3], strides=…`.
fn shape_of(text: &str) -> Vec<f64> {
    numbers(text.split(']').next().unwrap_or_default())
}

/// All numbers in a text, without those in names and without what describes an array's layout.
fn numbers(text: &str) -> Vec<f64> {
    let text: String = text
        .lines()
        .map(|line| line.split(", shape=").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n");
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '+' | '_');
    text.split(|c| !is_part(c))
        .filter(|word| !word.is_empty())
        .filter(|word| {
            !word.starts_with(|c: char| c.is_alphabetic()) || matches!(*word, "NaN" | "inf")
        })
        .filter_map(|word| word.trim_end_matches('.').parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;
    use crate::course::run::panics;

    fn failure(test: &str, message: &str) -> Failure {
        let output = format!("thread '{test}' (1) panicked at tests/step.rs:1:1:\n{message}");
        Failure {
            test: test.to_owned(),
            panics: panics(&output),
            output,
        }
    }

    fn equal(test: &str, left: &str, right: &str) -> Diagnosis {
        let message = format!("assertion `left == right` failed\n  left: {left}\n right: {right}");
        of_failure(&failure(test, &message))
    }

    #[test]
    fn patterns_of_numbers_are_recognised() {
        assert_eq!(equal("sum", "3.0", "6.0"), Diagnosis::Overwritten);
        assert_eq!(equal("sum", "12.0", "6.0"), Diagnosis::Doubled);
        assert_eq!(equal("sum", "0.0", "6.0"), Diagnosis::MissingEdge);
        assert_eq!(equal("sum", "[]", "[(1.0, 5.0)]"), Diagnosis::MissingEdge);
        assert_eq!(equal("sum", "-6.0", "6.0"), Diagnosis::Sign);
        assert_eq!(equal("sum", "(1.0, 1.0)", "(1.0, -1.0)"), Diagnosis::Sign);
        assert_eq!(equal("sum", "5.0", "6.0"), Diagnosis::WrongNumber);
        assert_eq!(equal("sum", "NaN", "6.0"), Diagnosis::WrongNumber);
        assert_eq!(equal("asked_again", "5.0", "6.0"), Diagnosis::Stale);
    }

    #[test]
    fn shapes_are_recognised() {
        let array = |shape: &str| format!("[1.0], shape={shape}, strides=[1], layout=CFcf (0xf)");
        let (left, right) = (array("[2, 3]"), array("[3]"));
        assert_eq!(equal("sum", &left, &right), Diagnosis::UnreducedBroadcast);
        let name = "gradients_have_the_shape_of_their_input";
        assert_eq!(equal(name, "[2, 3]", "[3]"), Diagnosis::UnreducedBroadcast);
        assert_eq!(
            equal(name, "[3, 4]", "[3, 1]"),
            Diagnosis::UnreducedBroadcast
        );
    }

    #[test]
    fn differences_of_pretty_assertions_are_read() {
        let message = "assertion failed: `(left == right)`\n\nDiff < left / right > :\n [\n<    3.0,\n>    6.0,\n ]\n";
        let values = values(&failure("sum", message)).unwrap();
        assert_eq!(numbers(&values.seen), [3.0]);
        assert_eq!(numbers(&values.expected), [6.0]);
    }

    #[test]
    fn messages_about_differences_are_read() {
        let message = "by x: -1.5, central difference 1.5000000001";
        assert_eq!(of_failure(&failure("sum", message)), Diagnosis::Sign);
    }

    #[test]
    fn numbers_are_not_taken_from_names() {
        assert_eq!(
            numbers("Var(-2.5) e1 x2 1e-3, inf"),
            [-2.5, 1e-3, f64::INFINITY]
        );
    }
}

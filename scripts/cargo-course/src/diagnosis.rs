//! A guess at the cause, from what the tests have seen.

use serde::Deserialize;

use crate::run::{Failure, How, Panic, Run};

/// What is likely to be wrong. `content/README.md` lists the keys.
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
    /// A wrong number from a test of single derivatives.
    Rule,
    /// An empty list where a graph was to be recorded.
    NotRecorded,
    /// A list that lacks repetitions.
    Shorter,
    /// A list that repeats what should be in it once.
    Longer,
    /// Not a number where one was expected.
    NotANumber,
    /// The shape of what an input was broadcast to.
    UnreducedBroadcast,
    /// Any other wrong shape from a rule.
    OtherShape,
    /// Only derivatives of derivatives are wrong.
    SecondOrder,
    /// Right when first asked, wrong when asked again.
    Stale,
    /// The process died of recursion over a long chain.
    StackOverflow,
    /// The process died of recursion without a long chain.
    SelfCall,
    /// The time limit has passed.
    Endless,
    /// The engine itself has panicked.
    Panic,
    /// A library that it calls has panicked.
    Library,
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
    /// Whether many causes look like this.
    pub fn is_vague(self) -> bool {
        matches!(
            self,
            Diagnosis::Rule
                | Diagnosis::WrongNumber
                | Diagnosis::Failed
                | Diagnosis::Panic
                | Diagnosis::Library
        )
    }

    /// The guess in words.
    pub fn words(self) -> &'static str {
        match self {
            Diagnosis::Overwritten => {
                "Half of what it should be: an input that is used twice, or an output that is named \
                 twice, gets two contributions, and the second has probably overwritten the first \
                 instead of being added to it."
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
            Diagnosis::Rule => {
                "One derivative is wrong, by a factor or altogether. Look up the line that the test \
                 names: is there a factor missing, such as the 2 in √′ = 1/(2√x)? If it is 0, the \
                 input may not be recorded at all."
            }
            Diagnosis::NotRecorded => {
                "The list is empty: nothing was recorded here. Perhaps it was recorded at the other \
                 end: who gets the arrow, the input or the result?"
            }
            Diagnosis::Shorter => {
                "Shorter than it should be: something that occurs twice was listed once."
            }
            Diagnosis::Longer => "Longer than it should be: something was listed twice.",
            Diagnosis::NotANumber => {
                "NaN: 0 · ∞, 0 / 0 or ∞ / ∞. Which part of the formula is 0 or infinite here?"
            }
            Diagnosis::UnreducedBroadcast => {
                "The wrong shape: an input that was broadcast is used once for each copy, so its \
                 gradient has to be summed back over the repeated axes."
            }
            Diagnosis::OtherShape => "The rule returns another shape than that of its argument.",
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
            Diagnosis::SelfCall => {
                "The stack has overflowed: a function calls itself without end. An operator or a \
                 conversion written by itself does that: `-self` inside `Neg for Var` is this same \
                 `neg`, `value.into()` inside `From<f64>` is this same `from`."
            }
            Diagnosis::Endless => {
                "It takes far too long. Either a loop never ends, or the same nodes are visited \
                 again for each path that leads to them, and the number of paths doubles with \
                 every step."
            }
            Diagnosis::Library => "A library that your code calls has panicked.",
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
    if run.is_green() {
        return None;
    }
    let outputs = run.failed.iter().map(|failure| &failure.output);
    let mut outputs = outputs.chain(run.died.iter().map(|death| &death.output));
    if outputs.any(|output| output.contains("not yet implemented")) {
        return Some(Diagnosis::NotWritten);
    }
    if let Some(death) = run.died.first() {
        return Some(match death.how {
            How::StackOverflow => of_overflow(&death.test),
            How::Stopped(_) => Diagnosis::Endless,
            How::Ended(_) => Diagnosis::Died,
        });
    }
    let guesses: Vec<Diagnosis> = run.failed.iter().map(of_failure).collect();
    // A panic of the engine's own says what is wrong, and where.
    let says_itself = |guess: &Diagnosis| {
        matches!(
            guess,
            Diagnosis::Panic | Diagnosis::Library | Diagnosis::Endless
        )
    };
    if !guesses.iter().all(says_itself) && run.failed.iter().all(is_higher_order) {
        return Some(Diagnosis::SecondOrder);
    }
    // A test that shows a pattern says more than one that shows only a number; but where most do
    // not show any, the cause is another one.
    // In the smallest input that fails, a pattern can be a coincidence.
    let is_minimal = |failure: &Failure| failure.output.contains("minimal failing input");
    let is_plain = |failure: &Failure| !is_minimal(failure) && values(failure).is_some();
    let first_plain = run.failed.iter().position(is_plain);
    let clear: Vec<Diagnosis> = (0..)
        .zip(&run.failed)
        .filter(|(index, failure)| !is_minimal(failure) || first_plain.is_none_or(|p| p > *index))
        .map(|(index, _)| guesses[index])
        .filter(|guess| !guess.is_vague())
        .collect();
    let without = guesses.iter().filter(|g| **g == Diagnosis::Failed).count();
    match clear.first() {
        Some(clearest) if clear.len() >= without => Some(*clearest),
        _ => guesses.first().copied(),
    }
}

/// A guess for a test whose process ran out of stack: without a long chain, a function calls
/// itself.
fn of_overflow(test: &str) -> Diagnosis {
    let long = [
        "a_long_",
        "long_chains",
        "chain_of_a_million",
        "deep_graphs",
        "overflow_the_stack",
    ];
    match long.iter().any(|words| test.contains(words)) {
        true => Diagnosis::StackOverflow,
        false => Diagnosis::SelfCall,
    }
}

/// A guess for one test.
pub fn of_failure(failure: &Failure) -> Diagnosis {
    let name = &failure.test;
    if ["has not ended", "time limit", "Timeout"]
        .iter()
        .any(|words| failure.output.contains(words))
    {
        return Diagnosis::Endless;
    }
    if failure.output.contains("has overflowed its stack") {
        return of_overflow(name);
    }
    // The words of the panic are wrong, or there was none.
    if failure.wanted.is_some() {
        return Diagnosis::Failed;
    }
    match cause(failure) {
        Some(panic) if is_own(panic) => {
            return of_rule(&panic.message).unwrap_or(Diagnosis::Panic);
        }
        Some(panic) if is_library(panic) => return Diagnosis::Library,
        _ => {}
    }
    if failure.output.contains("rule was not recorded") {
        return Diagnosis::SecondOrder;
    }
    let Some(values) = values(failure) else {
        return Diagnosis::Failed;
    };
    let guess = compare(&values, failure);
    let again = has_word(
        name,
        &["again", "clear", "stale", "later", "anew", "earlier"],
    );
    match guess {
        Diagnosis::Overwritten
        | Diagnosis::Doubled
        | Diagnosis::MissingEdge
        | Diagnosis::WrongNumber
            if is_about_rules(name) =>
        {
            Diagnosis::Rule
        }
        Diagnosis::WrongNumber | Diagnosis::MissingEdge if again => Diagnosis::Stale,
        guess => guess,
    }
}

/// A guess for what the engine says of a rule that has returned the wrong shape, or that gives a
/// gradient the shape of its argument without having summed it.
fn of_rule(message: &str) -> Option<Diagnosis> {
    let (seen, expected) = message.split_once("; expected ")?;
    let is_rule = seen.contains("rule") && message.contains("of shape [");
    let is_reshape = seen.contains("of shape [") && expected.contains("elements for the shape [");
    // A number has no axes.
    let [seen, expected] = [seen, expected].map(|text| match text.split_once("shape [") {
        Some((_, shape)) => shape_of(shape),
        None => Vec::new(),
    });
    match broadcasts(&expected, &seen) {
        _ if seen == expected => None,
        true if is_rule || is_reshape => Some(Diagnosis::UnreducedBroadcast),
        false if is_rule => Some(Diagnosis::OtherShape),
        _ => None,
    }
}

/// Whether an array of one shape is repeated to the other: where it has no axis, or length 1.
fn broadcasts(from: &[f64], to: &[f64]) -> bool {
    let mut pairs = from.iter().rev().zip(to.iter().rev());
    from.len() <= to.len() && pairs.all(|(from, to)| from == to || *from == 1.0)
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

/// Whether the name of a test is about single derivatives, where a factor that is missing looks
/// like a contribution that is.
fn is_about_rules(test: &str) -> bool {
    let rules = [
        "textbook",
        "each_derivative_agrees",
        "elementary_calculus",
        "exponent",
        "quotient_rule",
        "has_weight",
    ];
    rules.iter().any(|words| test.contains(words)) && !test.contains("values")
}

/// Whether the name of a test has a word that begins like one of these.
fn has_word(test: &str, words: &[&str]) -> bool {
    let mut parts = test.split('_');
    parts.any(|part| words.iter().any(|word| part.starts_with(word)))
}

/// Whether the name of a test is about derivatives of derivatives, and not about what is refused.
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
    failure.wanted.is_none() && higher.iter().any(|words| failure.test.contains(words))
}

fn compare(values: &Values, failure: &Failure) -> Diagnosis {
    let (name, seen, expected) = (&failure.test, &values.seen, &values.expected);
    let shape = |text: &str| text.split_once("shape=").map(|(_, rest)| shape_of(rest));
    let about_shapes = has_word(name, &["shape", "broadcast"]);
    // Other lists may be lengths of axes.
    let about_graphs = has_word(
        name,
        &[
            "arrow", "child", "parent", "node", "argument", "input", "output",
        ],
    );
    let is_empty_graph = about_graphs && seen == "[]";
    // Patterns are those of gradients.
    let no_gradient = [seen, expected].iter().any(|text| is_no_gradient(text));
    let is_list = seen.starts_with('[');
    if let (Some(seen), Some(expected)) = (shape(seen), shape(expected))
        && seen != expected
    {
        return match broadcasts(&expected, &seen) {
            true => Diagnosis::UnreducedBroadcast,
            false => Diagnosis::WrongNumber,
        };
    }
    let [seen, expected] = [seen, expected].map(|text| numbers(text));
    if seen.len() != expected.len() || (about_shapes && seen != expected && whole(&expected)) {
        return match () {
            () if about_shapes && broadcasts(&expected, &seen) => Diagnosis::UnreducedBroadcast,
            () if about_shapes => Diagnosis::WrongNumber,
            () if is_empty_graph => Diagnosis::NotRecorded,
            () if seen.is_empty() && !no_gradient => Diagnosis::MissingEdge,
            () if about_graphs && repeats(&expected, &seen) => Diagnosis::Shorter,
            () if about_graphs && repeats(&seen, &expected) => Diagnosis::Longer,
            () => Diagnosis::WrongNumber,
        };
    }
    let all_are_0 = seen.iter().all(|seen| *seen == 0.0);
    let wrong: Vec<(f64, f64)> = seen
        .into_iter()
        .zip(expected)
        .filter(|(seen, expected)| !close(*seen, *expected))
        .collect();
    if wrong
        .iter()
        .any(|(seen, expected)| seen.is_nan() && !expected.is_nan())
    {
        return Diagnosis::NotANumber;
    }
    let all = |test: fn(f64, f64) -> bool| {
        !wrong.is_empty() && wrong.iter().all(|(seen, expected)| test(*seen, *expected))
    };
    match () {
        () if no_gradient => Diagnosis::WrongNumber,
        () if all(|seen, _| seen == 0.0) && (all_are_0 || !is_list) => Diagnosis::MissingEdge,
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

/// Whether a value is an option, or holds tuples of integers: ids, positions and the like.
fn is_no_gradient(text: &str) -> bool {
    let is_integer = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_digit());
    let is_tuple = |rest: &str| {
        let inner = rest.split(')').next().unwrap_or_default();
        let mut words = inner.split(',').map(str::trim);
        inner.contains(',') && words.all(|word| word.is_empty() || is_integer(word))
    };
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    words.any(|word| word == "None")
        || text.contains("Some(")
        || text.split('(').skip(1).any(is_tuple)
}

/// Like numbers up to a small difference, or both not a number.
fn close(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-6 * a.abs().max(b.abs())
}

/// Whether `long` is `short` with some of its numbers repeated.
fn repeats(long: &[f64], short: &[f64]) -> bool {
    let mut rest = long.iter();
    let in_order = short.iter().all(|number| rest.any(|other| other == number));
    in_order && long.iter().all(|number| short.contains(number))
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
    use crate::run::{Death, panics};

    fn failure(test: &str, message: &str) -> Failure {
        let output = format!("thread '{test}' (1) panicked at tests/step.rs:1:1:\n{message}");
        Failure {
            test: test.to_owned(),
            panics: panics(&output),
            output,
            wanted: None,
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
        assert_eq!(equal("sum", "NaN", "6.0"), Diagnosis::NotANumber);
        assert_eq!(
            equal("sum", "(0.5, NaN)", "(1.0, 6.0)"),
            Diagnosis::NotANumber
        );
        assert_eq!(equal("sum", "6.0", "NaN"), Diagnosis::WrongNumber);
        assert_eq!(equal("asked_again", "5.0", "6.0"), Diagnosis::Stale);
    }

    #[test]
    fn ids_and_positions_are_no_gradients() {
        for (seen, expected) in [
            ("None", "Some(0)"),
            ("Some(0)", "Some(1)"),
            ("Some(1)", "Some(2)"),
            ("Some(-1)", "Some(1)"),
            ("[(0, 0)]", "[(1, 0)]"),
            ("[(2, 0)]", "[(1, 0)]"),
            ("[]", "[(1, 0)]"),
            ("[\n    (\n        0,\n        0,\n    ),\n]", "[(1, 0)]"),
            // Something has arrived.
            ("[0.0, 2.0]", "[1.0, 2.0]"),
        ] {
            let guess = equal("traces", seen, expected);
            assert_eq!(guess, Diagnosis::WrongNumber, "{seen} {expected}");
        }
        assert_eq!(
            equal("sum", "[0.0, 0.0]", "[1.0, 2.0]"),
            Diagnosis::MissingEdge
        );
        assert_eq!(
            equal("sum", "(0.0, 2.0)", "(1.0, 2.0)"),
            Diagnosis::MissingEdge
        );
        assert_eq!(equal("children", "[]", "[(1, 0)]"), Diagnosis::NotRecorded);
    }

    /// A failure of proptest, which shows the smallest input that fails.
    fn minimal(test: &str, words: &str) -> Failure {
        let message = format!("Test failed: {words}.\nminimal failing input: x = 0.5\n");
        failure(test, &message)
    }

    fn run(failed: &[Failure]) -> Diagnosis {
        let run = Run {
            failed: failed.to_vec(),
            ..Run::default()
        };
        of_run(&run).unwrap()
    }

    #[test]
    fn in_a_test_of_single_rules_no_pattern_is_seen_but_the_sign() {
        for name in [
            "derivatives_are_those_of_the_textbook",
            "each_operator_has_the_derivatives_of_elementary_calculus",
            "a_power_has_a_derivative_by_its_exponent",
            "a_quotient_has_both_weights_of_the_quotient_rule",
            "a_change_of_sign_has_weight_minus_1",
        ] {
            for seen in ["0.5", "0.125", "0.0", "0.3"] {
                assert_eq!(equal(name, seen, "0.25"), Diagnosis::Rule, "{name}");
            }
            assert_eq!(equal(name, "-0.25", "0.25"), Diagnosis::Sign, "{name}");
            assert_eq!(equal(name, "NaN", "0.25"), Diagnosis::NotANumber, "{name}");
        }
        let words = "sqrt at 0.5: gradient 0.35, central difference 0.7";
        let name = "each_derivative_agrees_with_a_central_difference";
        assert_eq!(of_failure(&minimal(name, words)), Diagnosis::Rule);
        for name in [
            "gradients_agree_with_central_differences",
            "programs_that_reuse_results_agree_with_central_differences",
        ] {
            assert_eq!(of_failure(&minimal(name, words)), Diagnosis::Overwritten);
        }
        let name = "floor_and_sign_have_the_values_of_the_textbook";
        assert_eq!(equal(name, "0.0", "1.0"), Diagnosis::MissingEdge);
    }

    #[test]
    fn a_test_of_single_rules_says_less_than_a_pattern_elsewhere() {
        let rule = "each_function_has_the_derivative_of_the_textbook";
        let message = |seen: f64| format!("not close\n  left: {seen}\n right: 6");
        let failed = [
            failure(rule, &message(2.0)),
            failure("a_reused_input_gets_the_sum_of_both_paths", &message(3.0)),
        ];
        assert_eq!(run(&failed), Diagnosis::Overwritten);
        assert_eq!(run(&failed[..1]), Diagnosis::Rule);
    }

    #[test]
    fn a_minimal_input_says_less_than_a_plain_comparison_before_it() {
        let minimal = minimal("programs", "gradient 0.35, central difference 0.7");
        let plain = failure("sum", "not close\n  left: 5\n right: 6");
        let failed = [plain.clone(), minimal.clone()];
        assert_eq!(run(&failed), Diagnosis::WrongNumber);
        let failed = [minimal, plain];
        assert_eq!(run(&failed), Diagnosis::Overwritten);
    }

    #[test]
    fn only_a_long_chain_is_blamed_for_the_stack_where_there_is_one() {
        let overflow = |test: &str| {
            let death = Death {
                test: test.to_owned(),
                how: How::StackOverflow,
                output: String::new(),
            };
            let run = Run {
                died: vec![death],
                ..Run::default()
            };
            of_run(&run).unwrap()
        };
        for name in [
            "a_long_chain_does_not_overflow_the_stack",
            "a_chain_of_a_million_sines_has_value_and_gradient_and_can_be_dropped",
            "a_long_row_of_diamonds_can_be_dropped",
            "long_chains_on_two_levels_are_walked_and_dropped_in_a_thread_with_a_small_stack",
            "deep_graphs_with_many_paths_are_walked_once",
        ] {
            assert_eq!(overflow(name), Diagnosis::StackOverflow, "{name}");
        }
        for name in [
            "a_plain_number_becomes_a_variable",
            "a_change_of_sign_has_weight_minus_1",
            "a_chain_is_walked_from_its_end",
            "",
        ] {
            assert_eq!(overflow(name), Diagnosis::SelfCall, "{name}");
        }
    }

    #[test]
    fn derivatives_of_derivatives_are_recognised_without_numbers() {
        let higher = "the_walk_of_an_inner_trace_is_recorded_by_the_outer_one";
        let words = "assertion failed: gradient.is_boxed()";
        let failed = [failure(higher, words), failure("the_curvature", words)];
        assert_eq!(run(&failed), Diagnosis::SecondOrder);
        let failed = [failure(higher, words), failure("sum", words)];
        assert_eq!(run(&failed), Diagnosis::Failed);
        let failed = [failure(higher, "this has not ended while the test counted")];
        assert_eq!(run(&failed), Diagnosis::Endless);
        let refused = Failure {
            wanted: Some("the trace has ended".to_owned()),
            ..failure("an_ended_inner_trace_is_refused", "other words")
        };
        assert_eq!(run(&[refused]), Diagnosis::Failed);
        let own = Failure {
            test: "a_type_of_ones_own_is_differentiated".to_owned(),
            ..panicked(&[("src/trace.rs", "`add`: argument 0 is point")])
        };
        assert_eq!(run(&[own]), Diagnosis::Panic);

        let words = "the slope of a function with `tanh` is plain: its rule was not recorded";
        let failed = [failure("each_rule", words), failure("another", words)];
        assert_eq!(run(&failed), Diagnosis::SecondOrder);
    }

    #[test]
    fn an_empty_list_of_arrows_is_recognised() {
        for name in [
            "a_sum_is_a_child_of_both_inputs_with_weight_1",
            "the_arrows_point_at_results",
            "the_parents_are_the_nodes_of_the_arguments",
        ] {
            assert_eq!(equal(name, "[]", "[(1.0, 5.0)]"), Diagnosis::NotRecorded);
            assert_eq!(equal(name, "0.0", "5.0"), Diagnosis::MissingEdge);
        }
    }

    #[test]
    fn lists_with_other_repetitions_are_recognised() {
        let name = "an_argument_that_is_used_twice_is_a_parent_twice";
        assert_eq!(equal(name, "[0]", "[0, 0]"), Diagnosis::Shorter);
        assert_eq!(equal(name, "[0]", "[0, 1]"), Diagnosis::WrongNumber);
        let name = "a_reused_node_comes_once";
        assert_eq!(equal(name, "[1, 1, 0]", "[1, 0]"), Diagnosis::Longer);
        assert_eq!(equal(name, "[1, 0, 1]", "[1, 0]"), Diagnosis::Longer);
        assert_eq!(equal(name, "[1, 2, 0]", "[1, 0]"), Diagnosis::WrongNumber);
        // The lengths of axes are no list of what occurs.
        let name = "missing_axes_are_added_in_front";
        assert_eq!(equal(name, "[2, 3]", "[2, 2, 3]"), Diagnosis::WrongNumber);
    }

    #[test]
    fn an_output_that_is_named_twice_is_among_the_words() {
        let words = Diagnosis::Overwritten.words();
        assert!(words.contains("an output that is named twice"), "{words}");
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
    fn only_a_shape_that_was_broadcast_is_taken_for_one() {
        let own = |message: &str| of_failure(&panicked(&[("src/backward.rs", message)]));
        let array = |shape: &str| format!("an array of shape {shape}");
        for (seen, expected, guess) in [
            (array("[2, 3]"), array("[3]"), Diagnosis::UnreducedBroadcast),
            (
                array("[2, 3]"),
                array("[2, 1]"),
                Diagnosis::UnreducedBroadcast,
            ),
            (
                array("[3]"),
                "a number".to_owned(),
                Diagnosis::UnreducedBroadcast,
            ),
            ("a number".to_owned(), array("[3]"), Diagnosis::OtherShape),
            (
                array("[4, 2, 3]"),
                array("[2, 3, 4]"),
                Diagnosis::OtherShape,
            ),
            (array("[3]"), array("[2, 3]"), Diagnosis::OtherShape),
        ] {
            let rule = "what the rule for argument 0 of `permute` returned";
            let message = format!("{rule} is {seen}; expected {expected}");
            assert_eq!(own(&message), guess, "{message}");
            let message = format!("the seed of the output is {seen}; expected {expected}");
            assert_eq!(own(&message), Diagnosis::Panic, "{message}");
        }
        for (shape, guess) in [
            ("[3, 1]", Diagnosis::UnreducedBroadcast),
            ("[2, 2]", Diagnosis::Panic),
        ] {
            let reshape = "`reshape`: argument 0 is an array of shape [3, 4]; expected";
            let message = format!("{reshape} 3 elements for the shape {shape}");
            assert_eq!(own(&message), guess, "{message}");
        }
        let array = |shape: &str| format!("[1.0], shape={shape}, strides=[1], layout=CFcf (0xf)");
        let (left, right) = (array("[3, 2]"), array("[2, 3]"));
        assert_eq!(equal("sum", &left, &right), Diagnosis::WrongNumber);
        let name = "gradients_have_the_shape_of_their_input";
        assert_eq!(equal(name, "[3]", "[2, 3]"), Diagnosis::WrongNumber);
    }

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

    #[test]
    fn a_panic_that_the_test_has_caught_is_not_the_cause() {
        let caught = ("src/ops.rs", "no rule for `f`");
        let test = ("../../stages/stage3/tests/step.rs", "left: 3\nright: 6");
        assert_eq!(
            of_failure(&panicked(&[caught, test])),
            Diagnosis::Overwritten
        );
        assert_eq!(of_failure(&panicked(&[test, caught])), Diagnosis::Panic);
        let words = (test.0, "it says nothing of rules");
        assert_eq!(of_failure(&panicked(&[test, words])), Diagnosis::Failed);

        // What is handed on is.
        let joined = (
            test.0,
            "called `Result::unwrap()` on an `Err` value: Any { .. }",
        );
        assert_eq!(of_failure(&panicked(&[caught, joined])), Diagnosis::Panic);
        assert_eq!(of_failure(&panicked(&[joined])), Diagnosis::Failed);
        let words = "Test failed: no rule for `f`.\nminimal failing input: x = 0.5";
        let minimal = (test.0, words);
        let other = ("src/ops.rs", "another one");
        let failure = panicked(&[caught, other, minimal]);
        assert_eq!(cause(&failure).unwrap().message, caught.1);
        assert_eq!(of_failure(&failure), Diagnosis::Panic);
    }

    #[test]
    fn a_panic_in_a_library_is_told_from_ones_own() {
        for file in [
            "/home/me/.cargo/registry/src/index/ndarray-0.17/src/arraytraits.rs",
            "/rustc/0123/library/core/src/option.rs",
            "C:\\Users\\me\\.cargo\\registry\\src\\index\\ndarray-0.17\\src\\arraytraits.rs",
        ] {
            let failure = panicked(&[(file, "left: 3\nright: 6")]);
            assert_eq!(of_failure(&failure), Diagnosis::Library, "{file}");
            assert_eq!(values(&failure), None);
        }
        for (file, guess) in [
            ("src\\ops.rs", Diagnosis::Panic),
            ("../../stages/stage3/tests/step.rs", Diagnosis::Failed),
            (
                "..\\..\\scripts\\cargo-course\\content\\stage1\\challenges\\tan\\test.rs",
                Diagnosis::Failed,
            ),
        ] {
            assert_eq!(of_failure(&panicked(&[(file, "words")])), guess, "{file}");
        }
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

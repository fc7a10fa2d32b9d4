//! What is likely to be wrong: from what the tests of a step have seen, or plainly unknown.
//!
//! The evidence, in this order: which tests fail, if the stage has an [`Explanation`] for that; what
//! the first of them has seen and wanted; and what the step is about, which decides whether a
//! pattern in the numbers can mean anything. A pattern is a hint and no proof, so its words say
//! "perhaps".

use crate::evidence::{Sight, cause, is_library, is_minimal, is_own, sight_in_refusal, values};
use crate::explanation::Explanation;
use crate::limit::Reason;
use crate::run::{self, Death, Failure, How, Run};
use crate::step::{Step, Topic};

/// What is said of a red step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// What is likely to be wrong.
    pub cause: Cause,
    /// The same in words.
    pub words: String,
    /// The failed test that shows it; none if it is shown by what ended in another way.
    pub test: Option<String>,
}

/// What is likely to be wrong. `content/README.md` lists the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// What the stage's own table says, by its key.
    Explained(String),
    /// One contribution has replaced the other.
    Overwritten,
    /// Something was counted again.
    Doubled,
    /// No number where one was expected.
    MissingEdge,
    /// The opposite sign.
    Sign,
    /// Two numbers, each in the place of the other.
    Swapped,
    /// Any other number from a rule.
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
    /// The process died of recursion over a long chain.
    StackOverflow,
    /// The process died of recursion without a long chain.
    SelfCall,
    /// Two texts that differ.
    Text,
    /// The processor time was used up.
    Endless,
    /// A test has given up waiting for a thread of its own.
    TooLong,
    /// It waited.
    Waiting,
    /// It was slow by the clock only.
    Busy,
    /// The engine itself has panicked.
    Panic,
    /// A library that it calls has panicked.
    Library,
    /// The process has ended in some other way.
    Died,
    /// A panic in other words than the test wants.
    OtherWords,
    /// No panic where the test wants one.
    NotRefused,
    /// What was seen fits no known cause.
    Unknown,
    /// A `todo!` is still there.
    NotWritten,
    /// The compiler has refused it.
    DoesNotCompile,
}

/// How `todo!` panics.
pub const NOT_WRITTEN: &str = "not yet implemented";

impl Cause {
    /// What it is called.
    pub fn key(&self) -> &str {
        match self {
            Cause::Explained(key) => key,
            Cause::Overwritten => "overwritten",
            Cause::Doubled => "doubled",
            Cause::MissingEdge => "missing-edge",
            Cause::Sign => "sign",
            Cause::Swapped => "swapped",
            Cause::Rule => "rule",
            Cause::NotRecorded => "not-recorded",
            Cause::Shorter => "shorter",
            Cause::Longer => "longer",
            Cause::NotANumber => "not-a-number",
            Cause::UnreducedBroadcast => "unreduced-broadcast",
            Cause::OtherShape => "other-shape",
            Cause::SecondOrder => "second-order",
            Cause::StackOverflow => "stack-overflow",
            Cause::SelfCall => "self-call",
            Cause::Text => "text",
            Cause::Endless => "endless",
            Cause::TooLong => "too-long",
            Cause::Waiting => "waiting",
            Cause::Busy => "busy",
            Cause::Panic => "panic",
            Cause::Library => "library",
            Cause::Died => "died",
            Cause::OtherWords => "other-words",
            Cause::NotRefused => "not-refused",
            Cause::Unknown => "unknown",
            Cause::NotWritten => "not-written",
            Cause::DoesNotCompile => "does-not-compile",
        }
    }

    /// Whether many mistakes look like this.
    pub fn is_vague(&self) -> bool {
        matches!(
            self,
            Cause::Rule | Cause::Unknown | Cause::Panic | Cause::Library | Cause::NotRefused
        )
    }

    /// The same in words, in a step that is about these topics.
    fn words(&self, about: &[Topic]) -> String {
        // Where single rules are tested, a factor may be what is missing.
        let rules = about.contains(&Topic::Rules);
        let words = match self {
            Cause::Explained(_) => "",
            Cause::Overwritten if rules => {
                "Half of what it should be. Perhaps the rule of the operation lacks a factor; or, if \
                 an input is used twice there, its second contribution replaces the first instead \
                 of being added to it."
            }
            Cause::Overwritten => {
                "Half of what it should be. Perhaps an input that is used twice gets two \
                 contributions, and the second replaces the first instead of being added to it."
            }
            Cause::Doubled if rules => {
                "Twice what it should be. Perhaps the rule of the operation has a factor too many, \
                 or something is counted twice."
            }
            Cause::Doubled => {
                "Twice what it should be. Perhaps something is counted twice: a contribution, an \
                 edge, or what an earlier call has left behind."
            }
            Cause::MissingEdge if rules => {
                "0 where there should be a gradient. Perhaps the rule is missing or returns 0; or \
                 the graph has no edge to this input, so that nothing ever arrives there."
            }
            Cause::MissingEdge => {
                "0 where there should be a gradient. Perhaps the graph has no edge to this input, \
                 so that nothing ever arrives there."
            }
            Cause::Sign => {
                "The right number with the opposite sign. Perhaps a rule has lost a minus or has \
                 one too many, or the operands of a subtraction have changed places."
            }
            Cause::Swapped => {
                "The right numbers in the wrong places: perhaps the two have been swapped."
            }
            Cause::Rule => {
                "One derivative is wrong. The line above names the operation: compare its rule with \
                 a table of derivatives. Perhaps a factor is missing, or an argument or the result \
                 is used where another one belongs."
            }
            Cause::NotRecorded => {
                "The list is empty: nothing was recorded here. Perhaps it was recorded at the other \
                 end, or at a copy."
            }
            Cause::Shorter => {
                "The list is too short: perhaps something that occurs twice was listed once."
            }
            Cause::Longer => "The list is too long: perhaps something was listed twice.",
            Cause::Text => "Two texts differ. Compare them letter by letter.",
            Cause::NotANumber => {
                "NaN: 0 · ∞, 0 / 0, ∞ / ∞ or ∞ − ∞. Which part of the formula is 0 or infinite here?"
            }
            Cause::UnreducedBroadcast => {
                "The wrong shape: perhaps an input was broadcast. It is then used once for each \
                 copy, so its gradient has to be summed back over the repeated axes."
            }
            Cause::OtherShape => {
                "The wrong shape. A gradient has the shape of the argument that it belongs to."
            }
            Cause::SecondOrder => {
                "Only derivatives of derivatives are wrong. Perhaps a rule takes a plain number out \
                 of a value, or uses one as a constant, so that the trace further out does not see \
                 it."
            }
            Cause::StackOverflow => {
                "The stack has overflowed on a long chain of operations, which was walked by recursion. \
                 Perhaps a function calls itself for each node, or dropping a node drops \
                 its parents one inside the other. A loop with a list of its own has no such limit."
            }
            Cause::SelfCall => {
                "The stack has overflowed: a function calls itself without end, directly or through \
                 others. Which of the functions that this test calls ends in a call of itself with \
                 the same arguments? An operator that is written with the same operator does, and \
                 so does a conversion that is written with the same conversion."
            }
            Cause::Endless => {
                "It uses processor time without end. Either a loop never ends; or the work grows \
                 much faster than the graph, because each path is followed instead of each node, or \
                 because a list is searched or copied at every step. Which of these it is cannot be \
                 seen from outside."
            }
            Cause::TooLong => {
                "It does not end in reasonable time. Either a loop never ends; or the work grows much \
                 faster than the graph, because each path is followed instead of each node, or \
                 because a list is searched or copied at every step; or it waits for a lock that it \
                 holds itself. Which of these it is cannot be seen from outside."
            }
            Cause::Waiting => {
                "It is waiting for something that never comes, and uses no processor time. Perhaps it \
                 asks for a lock that it holds itself."
            }
            Cause::Busy => {
                "It has taken a long time by the clock, but little processor time. Perhaps the machine \
                 is busy with something else: try again."
            }
            Cause::Library => {
                "A library that your code calls has panicked. Look at the call that led there: its \
                 arguments are not what the library can use."
            }
            Cause::Panic => {
                "Your own code has panicked at the place shown. Where that is a check of yours, look \
                 at the call that led there."
            }
            Cause::Died => {
                "The whole test program has ended in the middle. Something in your code ends the \
                 process, or panics while a panic is already under way (in a `drop`, for example)."
            }
            Cause::OtherWords => {
                "It is right that this panics, but the message should contain other words."
            }
            Cause::NotRefused => "This should panic and does not: add a check that refuses it.",
            Cause::Unknown => {
                "What was seen does not tell the cause. The name of the first test says what it asks \
                 for: work its lines out by hand, and compare each value on the way."
            }
            Cause::NotWritten => {
                "This is not a mistake: the code that this step is about is not written yet."
            }
            Cause::DoesNotCompile => "The compiler says what it does not understand.",
        };
        words.to_owned()
    }
}

impl Diagnosis {
    fn new(cause: Cause, step: &Step, test: Option<&str>) -> Diagnosis {
        Diagnosis {
            words: cause.words(&step.about),
            cause,
            test: test.map(str::to_owned),
        }
    }

    /// Of a step that is not written yet.
    pub fn not_written(step: &Step) -> Diagnosis {
        Diagnosis::new(Cause::NotWritten, step, None)
    }

    /// Of tests that the compiler refuses.
    pub fn does_not_compile(step: &Step) -> Diagnosis {
        Diagnosis::new(Cause::DoesNotCompile, step, None)
    }
}

impl Diagnosis {
    /// The failure that is shown in full.
    pub fn shown<'a>(&self, run: &'a Run) -> Option<&'a Failure> {
        let test = self.test.as_ref()?;
        run.failed.iter().find(|failure| failure.test == *test)
    }
}

/// What is said of a step after its tests have run: nothing if they all pass.
pub fn of_run(step: &Step, run: &Run, table: &[Explanation]) -> Option<Diagnosis> {
    if run.is_green() {
        return None;
    }
    let outputs = run.failed.iter().map(|failure| &failure.output);
    let mut outputs = outputs.chain(run.died.iter().map(|death| &death.output));
    if outputs.any(|output| output.contains(NOT_WRITTEN)) {
        return Some(Diagnosis::not_written(step));
    }
    if let Some(row) = table.iter().find(|row| row.fits(&step.name, run)) {
        let failed = |test: &&String| run.failed.iter().any(|failure| failure.test == **test);
        return Some(Diagnosis {
            cause: Cause::Explained(row.key.clone()),
            words: row.says.clone(),
            test: row.fails.iter().find(failed).cloned(),
        });
    }
    // The smallest input out of many may fit a pattern by chance.
    let plain = run.failed.iter().find(|failure| !is_minimal(failure));
    if let Some(failure) = plain.or(run.failed.first()) {
        let mut cause = of_failure(step, failure);
        let higher = step.about.contains(&Topic::HigherDerivatives);
        if higher && run.died.is_empty() && run.failed.iter().all(shows_orders) {
            cause = Cause::SecondOrder;
        }
        return Some(Diagnosis::new(cause, step, Some(&failure.test)));
    }
    let cause = match run.died.first() {
        Some(death) => of_death(step, death),
        None => Cause::Unknown,
    };
    Some(Diagnosis::new(cause, step, None))
}

/// What the end of a test says that has no result.
fn of_death(step: &Step, death: &Death) -> Cause {
    match death.how {
        How::StackOverflow if is_long(step, &death.test) => Cause::StackOverflow,
        How::StackOverflow => Cause::SelfCall,
        How::Stopped(stopped) => match stopped.reason {
            Reason::Endless => Cause::Endless,
            Reason::Waiting => Cause::Waiting,
            Reason::Slow => Cause::Busy,
        },
        How::Ended(_) => Cause::Died,
    }
}

/// Whether a test makes a long chain of operations: such a test takes the length from a constant
/// with the name `LONG`.
fn is_long(step: &Step, test: &str) -> bool {
    let tests = run::tests(&step.file);
    let test = tests.iter().find(|declared| declared.name == test);
    step.about.contains(&Topic::LongChains) && test.is_some_and(|test| test.names("LONG"))
}

/// Whether a failed test says that it is about a derivative of a derivative.
fn shows_orders(failure: &Failure) -> bool {
    let message = cause(failure).map_or("", |panic| &panic.message);
    let order = message.split("order ").nth(1).unwrap_or_default();
    let order = order.split(|c: char| !c.is_ascii_digit()).next();
    let order: Option<usize> = order.and_then(|digits| digits.parse().ok());
    message.contains("second derivative") || order.is_some_and(|order| order > 1)
}

/// What one failed test says.
fn of_failure(step: &Step, failure: &Failure) -> Cause {
    let about = |topic| step.about.contains(&topic);
    if failure
        .output
        .contains("this has not ended while the test counted")
    {
        return Cause::TooLong;
    }
    match cause(failure) {
        _ if failure.wanted.is_some() && failure.panics.is_empty() => return Cause::NotRefused,
        _ if failure.wanted.is_some() => return Cause::OtherWords,
        Some(panic)
            if panic
                .message
                .contains("a panic is expected, and there was none") =>
        {
            return Cause::NotRefused;
        }
        Some(panic) if panic.message.starts_with("the message should contain") => {
            return Cause::OtherWords;
        }
        Some(panic) if is_own(panic) => {
            return match sight_in_refusal(&panic.message) {
                Some(Sight::Broadcast) => Cause::UnreducedBroadcast,
                Some(_) => Cause::OtherShape,
                None => Cause::Panic,
            };
        }
        Some(panic) if is_library(panic) => return Cause::Library,
        _ => {}
    }
    if shows_orders(failure) && about(Topic::HigherDerivatives) {
        return Cause::Unknown;
    }
    let Some(values) = values(failure) else {
        return Cause::Unknown;
    };
    // `pretty_assertions` shows texts without quotes.
    let is_drawn = about(Topic::Drawing) && values.expected.contains(' ');
    if values.are_texts() || is_drawn {
        return Cause::Text;
    }
    let shapes = about(Topic::Shapes).then(|| values.sight_of_shapes());
    let recorded = about(Topic::Graph) || about(Topic::Order);
    let derived = about(Topic::Gradients) || about(Topic::Rules);
    // Where single rules are tested and nothing else, all sums are right already.
    let summed = about(Topic::Gradients);
    match shapes.flatten().or_else(|| values.sight()) {
        Some(Sight::NotANumber) => Cause::NotANumber,
        Some(Sight::Broadcast) if derived => Cause::UnreducedBroadcast,
        Some(Sight::Shape) if derived => Cause::OtherShape,
        Some(Sight::Empty) if recorded => Cause::NotRecorded,
        Some(Sight::Shorter) if recorded => Cause::Shorter,
        Some(Sight::Longer) if recorded => Cause::Longer,
        Some(Sight::Swapped) => Cause::Swapped,
        Some(Sight::Half) if summed => Cause::Overwritten,
        Some(Sight::Double) if summed => Cause::Doubled,
        Some(Sight::Zero) if summed => Cause::MissingEdge,
        Some(Sight::Opposite) if derived => Cause::Sign,
        _ if about(Topic::Rules) && !summed => Cause::Rule,
        _ => Cause::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use pretty_assertions::assert_eq;

    use super::*;
    use crate::limit::Stopped;
    use crate::run::panics;

    /// A step that is about these topics.
    fn step(about: &[Topic]) -> Step {
        Step {
            number: 1,
            name: "step1".to_owned(),
            file: PathBuf::from("step1.rs"),
            title: String::new(),
            chapter: String::new(),
            about: about.to_vec(),
            items: Vec::new(),
            text: String::new(),
            hints: Vec::new(),
        }
    }

    /// A test that panics at a place with a message.
    fn failure(test: &str, place: &str, message: &str) -> Failure {
        let output = format!("thread '{test}' (1) panicked at {place}:1:1:\n{message}");
        Failure {
            test: test.to_owned(),
            panics: panics(&output),
            output,
            wanted: None,
        }
    }

    fn said(about: &[Topic], failed: &[Failure]) -> Diagnosis {
        let run = Run {
            failed: failed.to_vec(),
            ..Run::default()
        };
        of_run(&step(about), &run, &[]).unwrap()
    }

    /// What is said of these values, in a step about these topics.
    fn equal(about: &[Topic], left: &str, right: &str) -> Cause {
        let message = format!("assertion `left == right` failed\n  left: {left}\n right: {right}");
        said(about, &[failure("test", "tests/step.rs", &message)]).cause
    }

    #[test]
    fn a_pattern_means_something_only_where_there_are_gradients() {
        for (left, cause) in [
            ("3.0", Cause::Overwritten),
            ("12.0", Cause::Doubled),
            ("0.0", Cause::MissingEdge),
            ("-6.0", Cause::Sign),
        ] {
            for about in [&[Topic::Gradients][..], &[Topic::Gradients, Topic::Rules]] {
                assert_eq!(equal(about, left, "6.0"), cause, "{left} {about:?}");
                let words = cause.words(about);
                assert!(words.to_lowercase().contains("perhaps"), "{words}");
            }
            for about in [Topic::Values, Topic::Graph, Topic::Drawing, Topic::Memory] {
                assert_eq!(
                    equal(&[about], left, "6.0"),
                    Cause::Unknown,
                    "{left} {about:?}"
                );
            }
        }
    }

    #[test]
    fn where_rules_are_tested_a_factor_may_be_missing() {
        let words = |about: &[Topic]| Cause::Overwritten.words(about);
        assert!(words(&[Topic::Gradients, Topic::Rules]).contains("lacks a factor"));
        assert!(!words(&[Topic::Gradients]).contains("factor"));
    }

    #[test]
    fn any_other_number_is_a_wrong_rule_only_where_nothing_but_rules_is_tested() {
        for left in ["5.0", "3.0", "12.0", "0.0"] {
            assert_eq!(equal(&[Topic::Rules], left, "6.0"), Cause::Rule, "{left}");
        }
        assert_eq!(equal(&[Topic::Rules], "-6.0", "6.0"), Cause::Sign);
        let both = [Topic::Gradients, Topic::Rules];
        assert_eq!(equal(&both, "5.0", "6.0"), Cause::Unknown);
        assert_eq!(equal(&[Topic::Gradients], "5.0", "6.0"), Cause::Unknown);
    }

    #[test]
    fn lists_of_what_is_recorded_are_compared_only_there() {
        for about in [Topic::Graph, Topic::Order] {
            assert_eq!(equal(&[about], "[]", "[(1.0, 5.0)]"), Cause::NotRecorded);
            assert_eq!(equal(&[about], "[0]", "[0, 0]"), Cause::Shorter);
            assert_eq!(equal(&[about], "[1, 1, 0]", "[1, 0]"), Cause::Longer);
        }
        assert_eq!(equal(&[Topic::Values], "[0]", "[0, 0]"), Cause::Unknown);
    }

    #[test]
    fn shapes_are_those_of_gradients_only_where_there_are_some() {
        let both = [Topic::Shapes, Topic::Rules];
        assert_eq!(equal(&both, "[2, 3]", "[3]"), Cause::UnreducedBroadcast);
        assert_eq!(equal(&both, "[3, 2]", "[2, 3]"), Cause::OtherShape);
        let values = [Topic::Shapes, Topic::Values];
        assert_eq!(equal(&values, "[2, 3]", "[3]"), Cause::Unknown);
    }

    #[test]
    fn texts_are_no_numbers() {
        let (left, right) = ("\"Var(2)\"", "\"Var(2.0)\"");
        assert_eq!(equal(&[Topic::Values], left, right), Cause::Text);
        let (left, right) = ("n0 = input() value 1", "n0 = input() value 2");
        assert_eq!(equal(&[Topic::Drawing], left, right), Cause::Text);
    }

    #[test]
    fn what_the_table_says_comes_first() {
        let message = "not close\n  left: 3\n right: 6";
        let failed = [
            failure("a", "src/ops.rs", "words"),
            failure("b", "tests/step.rs", message),
        ];
        let row = "key = 'k'\nstep = 'step1'\nfails = ['b']\nsays = 'It is this.'";
        let table = [toml::from_str(row).unwrap()];
        let run = Run {
            failed: failed.to_vec(),
            ..Run::default()
        };
        let said = of_run(&step(&[Topic::Rules]), &run, &table).unwrap();
        assert_eq!(said.cause, Cause::Explained("k".to_owned()));
        assert_eq!(said.words, "It is this.");
        assert_eq!(said.shown(&run), Some(&failed[1]));
    }

    #[test]
    fn a_minimal_input_says_less_than_a_plain_comparison() {
        let words = "Test failed: gradient 0.35, central difference 0.7.\nminimal failing input: x";
        let minimal = failure("programs", "tests/step.rs", words);
        let plain = failure("sum", "tests/step.rs", "not close\n  left: 5\n right: 6");
        let about = [Topic::Gradients];
        for failed in [
            [plain.clone(), minimal.clone()],
            [minimal.clone(), plain.clone()],
        ] {
            let said = said(&about, &failed);
            assert_eq!(
                (said.cause, said.test),
                (Cause::Unknown, Some("sum".to_owned()))
            );
        }
        assert_eq!(said(&about, &[minimal]).cause, Cause::Overwritten);
    }

    #[test]
    fn a_panic_of_ones_own_says_itself_what_is_wrong() {
        let own = failure("a", "src/trace.rs", "`add`: argument 0 is point");
        assert_eq!(said(&[Topic::Rules], &[own]).cause, Cause::Panic);
        let words = "what the rule for argument 1 of `add` returned is an array of shape [2]; \
                     expected f64";
        let own = failure("a", "src/backward.rs", words);
        let said = said(&[Topic::Rules], &[own]);
        assert_eq!(said.cause, Cause::UnreducedBroadcast);
    }

    #[test]
    fn a_missing_refusal_is_told_from_one_in_other_words() {
        let wanted = |output: &str| Failure {
            test: "refused".to_owned(),
            panics: panics(output),
            output: output.to_owned(),
            wanted: Some("there is no axis".to_owned()),
        };
        let about = [Topic::Values];
        let panic = "thread 'refused' (7) panicked at src/ops.rs:12:9:\nother words";
        assert_eq!(said(&about, &[wanted(panic)]).cause, Cause::OtherWords);
        let none = "note: test did not panic as expected at a.rs:7:4";
        assert_eq!(said(&about, &[wanted(none)]).cause, Cause::NotRefused);

        // The same, where the test catches the panic.
        for (message, cause) in [
            ("a panic is expected, and there was none", Cause::NotRefused),
            (
                "the message should contain `sin`, but it is: no",
                Cause::OtherWords,
            ),
        ] {
            let failed = [failure("refused", "tests/step.rs", message)];
            assert_eq!(said(&about, &failed).cause, cause, "{message}");
        }
    }

    #[test]
    fn derivatives_of_derivatives_are_blamed_where_all_that_fails_is_one() {
        let second = |test| {
            let message = "the second derivative of sin\n  left: 0\n right: 6";
            failure(test, "tests/step.rs", message)
        };
        let order = |order| {
            let message = format!("the derivative of order {order} of tanh\n  left: 0\n right: 6");
            failure("order", "tests/step.rs", &message)
        };
        let about = [Topic::Gradients, Topic::HigherDerivatives];
        let cause = |failed: &[Failure]| said(&about, failed).cause;
        assert_eq!(cause(&[second("a"), order(3)]), Cause::SecondOrder);
        assert_eq!(cause(&[order(1)]), Cause::MissingEdge);
        assert_eq!(cause(&[second("a"), order(1)]), Cause::Unknown);
        // Not where there are none.
        assert_ne!(
            said(&[Topic::Graph], &[second("a")]).cause,
            Cause::SecondOrder
        );
    }

    fn died(step: &Step, test: &str, how: How) -> Cause {
        let run = Run {
            died: vec![Death {
                test: test.to_owned(),
                how,
                output: String::new(),
            }],
            ..Run::default()
        };
        let said = of_run(step, &run, &[]).unwrap();
        assert_eq!(said.test, None);
        said.cause
    }

    #[test]
    fn only_a_long_chain_is_blamed_for_the_stack_where_there_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("step1.rs");
        let source = "#[test] fn deep() { for _ in 0..threads::LONG {} }
                      #[test] fn flat() { no_chain_of_BELONGING(); }";
        std::fs::write(&file, source).unwrap();
        let step = |about| Step {
            file: file.clone(),
            ..step(&[about])
        };
        let overflow = |about, test| died(&step(about), test, How::StackOverflow);
        assert_eq!(overflow(Topic::LongChains, "deep"), Cause::StackOverflow);
        assert_eq!(overflow(Topic::LongChains, "flat"), Cause::SelfCall);
        assert_eq!(overflow(Topic::LongChains, ""), Cause::SelfCall);
        assert_eq!(overflow(Topic::Values, "deep"), Cause::SelfCall);
    }

    #[test]
    fn what_waits_is_told_from_what_is_busy() {
        let stopped = |reason| {
            How::Stopped(Stopped {
                reason,
                limit: Duration::ZERO,
                processor: Duration::ZERO,
                clock: Duration::ZERO,
            })
        };
        let step = step(&[Topic::Gradients]);
        for (how, cause) in [
            (stopped(Reason::Endless), Cause::Endless),
            (stopped(Reason::Waiting), Cause::Waiting),
            (stopped(Reason::Slow), Cause::Busy),
            (How::Ended(String::new()), Cause::Died),
        ] {
            assert_eq!(died(&step, "a", how), cause);
        }
        // A test that gives up by itself does not know which of these it is.
        let message = "this has not ended while the test counted to 200 million";
        let failed = [failure("a", "tests/step.rs", message)];
        assert_eq!(said(&[Topic::Gradients], &failed).cause, Cause::TooLong);
    }

    #[test]
    fn values_say_more_than_what_ended_beside_them() {
        let message = "not close\n  left: 3\n right: 6";
        let run = Run {
            failed: vec![failure("a", "tests/step.rs", message)],
            died: vec![Death {
                test: "b".to_owned(),
                how: How::StackOverflow,
                output: String::new(),
            }],
            ..Run::default()
        };
        let said = of_run(&step(&[Topic::Gradients]), &run, &[]).unwrap();
        assert_eq!(said.cause, Cause::Overwritten);
    }

    #[test]
    fn what_is_not_written_is_no_mistake_however_it_ends() {
        let panic = failure("a", "src/ops.rs", "not yet implemented: step 2");
        let about = [Topic::Values];
        assert_eq!(said(&about, &[panic]).cause, Cause::NotWritten);
        let minimal = "Test failed: not yet implemented: step 5.\nminimal failing input: x = 0.5";
        let minimal = failure("a", "tests/step.rs", minimal);
        assert_eq!(said(&about, &[minimal]).cause, Cause::NotWritten);
    }
}

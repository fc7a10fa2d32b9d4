//! `{{#quiz type stage2 "x * x" x=3 "gradient of x"}}`: a fold of the chapter becomes a question, and a run
//! of a stage knows the answer. The directive comes first in the fold. Below it are the wrong answers, each
//! with its reason, and then the explanation:
//!
//! ```text
//! <details>
//! <summary>Predict: what is the gradient of <code>x * x</code> at 3?</summary>
//!
//! {{#quiz type stage2 "x * x" x=3 "gradient of x"}}
//!
//! - 9: that is the value.
//! - 3: that is one factor. The other one is `x` too, and both contribute.
//!
//! Each factor contributes the other one.
//!
//! </details>
//! ```
//!
//! With `choose` for `type` the answers are offered. What can be asked of a program is said at [`wanted`].
//! In place of a program with its inputs there may be an example and a section of what it prints, a line.
//!
//! The theme's `quiz.js` asks. Without it, and on paper, there is a fold with the answers in it.

use std::ops::Range;

use anyhow::{Context, Result, bail};
use pulldown_cmark::{Event, Parser, Tag};
use serde::Deserialize;

use crate::directive::{Asked, Quiz};
use crate::html::{escape, with_code};
use crate::markdown::options;
use project::recorder::{self, Answer};

/// The request to the recorder, if that is who knows the answer.
pub fn request(quiz: &Quiz) -> Option<String> {
    match &quiz.source {
        Asked::Program {
            stage,
            program,
            inputs,
            order,
            ..
        } => Some(recorder::request(stage, program, inputs, *order)),
        Asked::Example { .. } => None,
    }
}

#[derive(Deserialize)]
struct Recording {
    nodes: Vec<Node>,
    arrows: Vec<serde_json::Value>,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Node {
    title: String,
}

#[derive(Deserialize)]
struct Step {
    kind: String,
    node: Option<usize>,
    set: Vec<Change>,
}

#[derive(Deserialize)]
struct Change {
    node: Option<usize>,
    field: String,
    text: String,
}

/// What a recording says of
///
/// - `nodes` or `arrows`: how many there are;
/// - `steps KIND`: how many steps are of that kind, such as `rule` or `added`;
/// - `order`: the nodes in the order in which they are ready, by name;
/// - `FIELD of NAME`: what is shown at a node at the end, such as its `value`, `gradient` or `shape`. Of
///   several nodes of that name it is the first, which is in the outermost trace;
/// - `error`: the message with which the engine refuses the program.
///
/// # Errors
/// It says nothing of that.
pub fn wanted(recorded: &str, wanted: &str) -> Result<String> {
    let answer = serde_json::from_str::<Answer<Recording>>(recorded);
    let answer = answer.with_context(|| format!("the recorder answers {recorded:.200}"))?;
    let recording = match (answer, wanted) {
        (Answer::Error(refusal), "error") => return Ok(refusal.message),
        (Answer::Error(refusal), _) => bail!("the program is refused: {}", refusal.message),
        (Answer::Recording(_), "error") => bail!("the program is not refused"),
        (Answer::Recording(recording), _) => recording,
    };
    let Recording {
        nodes,
        arrows,
        steps,
    } = &recording;
    let of_kind = |kind: &str| -> Vec<&Step> {
        let steps = steps.iter();
        steps.filter(|step| step.kind == kind).collect()
    };
    Ok(match wanted.split_once(' ') {
        None if wanted == "nodes" => nodes.len().to_string(),
        None if wanted == "arrows" => arrows.len().to_string(),
        None if wanted == "order" => {
            let ready = of_kind("ready").into_iter().filter_map(|step| step.node);
            let names: Vec<&str> = ready.map(|node| &*nodes[node].title).collect();
            if names.is_empty() {
                bail!("no node is ever ready in the recording");
            }
            names.join(", ")
        }
        Some(("steps", kind)) => match of_kind(kind).len() {
            0 => bail!("there is no step `{kind}` in the recording"),
            count => count.to_string(),
        },
        Some((field, name)) if name.starts_with("of ") => {
            let name = &name["of ".len()..];
            let node = nodes.iter().position(|node| node.title == name);
            let node = node.with_context(|| {
                let names: Vec<&str> = nodes.iter().map(|node| &*node.title).collect();
                format!(
                    "there is no node `{name}` in the recording (it has: {})",
                    names.join(", ")
                )
            })?;
            let changes = steps.iter().flat_map(|step| &step.set);
            let mut last =
                changes.filter(|change| change.node == Some(node) && change.field == field);
            let last = last.next_back();
            let last = last.with_context(|| format!("the node `{name}` has no {field}"))?;
            last.text.clone()
        }
        _ => bail!(
            "expected nodes, arrows, order, error, `steps KIND` or `FIELD of NAME`, not `{wanted}`"
        ),
    })
}

/// A wrong answer.
struct Wrong {
    /// As it is written, with code between backticks.
    text: String,
    /// Where it is in the chapter, with the colon after it.
    range: Range<usize>,
}

/// The right answer, in the place of the directive.
///
/// # Errors
/// It is empty, or longer than a line.
pub fn render(quiz: &Quiz, right: &str) -> Result<String> {
    let right = right.trim();
    if right.is_empty() || right.contains('\n') {
        bail!("the answer to a question is one line, not `{right}`");
    }
    let who = match &quiz.source {
        Asked::Program { stage, .. } => {
            let stage = stage.replacen("stage", "stage ", 1);
            match stage.split_once('-') {
                Some((stage, _)) => format!("{stage} with one edit"),
                None => stage,
            }
        }
        Asked::Example { example, .. } => {
            let folder = match &*example.stage {
                "tests" => "tests".to_owned(),
                stage => format!("stages/{stage}"),
            };
            let place = format!("{folder}/examples/{}.rs", example.name);
            format!("<code>{}</code>", escape(&place))
        }
    };
    Ok(format!(
        r#"<p class="quiz-answer">From a run of {who}: <b>{}</b></p>"#,
        with_code(right)
    ))
}

/// What changes around the directive, and where: the fold becomes a question. The directive is the line at
/// `line`, and the right answer is `right`.
///
/// # Errors
/// The directive is not in its place; or an answer is missing, is there twice, or has no reason.
pub fn fold(
    quiz: &Quiz,
    text: &str,
    line: &Range<usize>,
    right: &str,
) -> Result<Vec<(Range<usize>, String)>> {
    const DETAILS: &str = "<details>";
    const SUMMARY: &str = "</summary>";
    let right = right.trim();
    let before = &text[..line.start];
    let start = before.rfind("<details").filter(|start| {
        let inside = &before[*start..];
        inside.starts_with("<details>\n<summary>")
            && inside.trim_end().ends_with(SUMMARY)
            && inside.matches(SUMMARY).count() == 1
    });
    let Some(start) = start else {
        bail!(
            "a question is a fold: expected `<details>`, a line `<summary>…</summary>` and a blank line before this directive"
        );
    };
    let summary = start + before[start..].trim_end().len() - SUMMARY.len();

    let wrong = wrong(text, line.end)?;
    if wrong.is_empty() && !quiz.is_typed {
        bail!("expected a list of wrong answers below this directive, `- ANSWER: why it is wrong`");
    }
    for (index, Wrong { text, .. }) in wrong.iter().enumerate() {
        if is_same(text, right, quiz.is_typed) {
            bail!("`{text}` is given as a wrong answer, and the run says that it is right");
        }
        if wrong[..index]
            .iter()
            .any(|other| is_same(text, &other.text, false))
        {
            bail!("`{text}` is given twice as a wrong answer");
        }
    }

    let mut parts = vec![(
        start..start + DETAILS.len(),
        r#"<details class="quiz">"#.to_owned(),
    )];
    if !quiz.is_typed {
        let texts = wrong.iter().map(|wrong| &*wrong.text);
        let offered: Vec<String> = sorted(texts.chain([right]).collect())
            .into_iter()
            .map(|text| format!("<span>{}</span>", with_code(text)))
            .collect();
        let offered = offered.join(" · ");
        parts.push((
            summary..summary,
            format!(r#" <span class="quiz-offered">({offered})</span>"#),
        ));
    }
    parts.extend(wrong.into_iter().map(|Wrong { text, range }| {
        (
            range,
            format!(
                r#"<span class="quiz-not">Not <b>{}</b>:</span>"#,
                with_code(&text)
            ),
        )
    }));
    Ok(parts)
}

/// The wrong answers in the list that comes next, if it is a list that does.
fn wrong(text: &str, from: usize) -> Result<Vec<Wrong>> {
    let rest = &text[from..];
    let mut wrong = Vec::new();
    let mut events = Parser::new_ext(rest, options())
        .into_offset_iter()
        .peekable();
    if !matches!(events.peek(), Some((Event::Start(Tag::List(None)), _))) {
        return Ok(wrong);
    }
    let mut depth = 0;
    for (event, range) in events {
        match event {
            Event::Start(Tag::List(_)) => depth += 1,
            Event::End(pulldown_cmark::TagEnd::List(_)) => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            Event::Start(Tag::Item) if depth == 1 => {
                let item = &rest[range.clone()];
                let sign = item.len() - item[1..].trim_start().len();
                let Some((answer, reason)) = split(&item[sign..]) else {
                    bail!(
                        "`{}` has no reason: expected `- ANSWER: why it is wrong`",
                        item.trim()
                    );
                };
                let mut words = answer.split('`').step_by(2);
                if words.any(|words| words.contains(['$', '\n'])) {
                    bail!("an answer is plain text and code, without formulas, not `{answer}`");
                }
                if reason.trim().is_empty() {
                    bail!("`{answer}` has no reason: expected `- ANSWER: why it is wrong`");
                }
                let start = from + range.start + sign;
                wrong.push(Wrong {
                    text: answer.trim_end().to_owned(),
                    range: start..start + answer.len() + 1,
                });
            }
            _ => {}
        }
    }
    Ok(wrong)
}

/// At the first colon outside of code that ends a word.
fn split(item: &str) -> Option<(&str, &str)> {
    let mut in_code = false;
    for (at, sign) in item.char_indices() {
        match sign {
            '`' => in_code = !in_code,
            ':' if !in_code && item[at + 1..].starts_with([' ', '\n']) => {
                return Some((&item[..at], &item[at + 1..]));
            }
            _ => {}
        }
    }
    None
}

/// Numbers by size, other answers by the alphabet: the order tells nothing.
fn sorted(mut answers: Vec<&str>) -> Vec<&str> {
    let all_numbers = answers.iter().all(|answer| number(answer).is_some());
    answers.sort_by(|a, b| match (number(a), number(b)) {
        (Some(a), Some(b)) if all_numbers => a.total_cmp(&b),
        _ => plain(a).cmp(&plain(b)),
    });
    answers
}

/// Whether two answers are the same; if one is `typed`, as the theme's script judges it.
fn is_same(a: &str, b: &str, typed: bool) -> bool {
    match (number(a), number(b)) {
        (Some(a), Some(b)) if a.is_finite() && b.is_finite() => {
            // A whole number is to be exact. Of others two digits are enough.
            let tolerance = match typed && b.fract() != 0.0 {
                true => 0.01 * b.abs(),
                false => 1e-9 * b.abs(),
            };
            (a - b).abs() <= tolerance * (1.0 + 1e-9)
        }
        (Some(a), Some(b)) => a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(),
        _ => plain(a) == plain(b),
    }
}

/// Letters and signs without blanks, capitals or the signs of code.
fn plain(answer: &str) -> String {
    let kept = answer.chars().filter(|c| !c.is_whitespace() && *c != '`');
    kept.flat_map(char::to_lowercase).collect()
}

/// A number, a fraction of two, or a power.
fn number(answer: &str) -> Option<f64> {
    let mut answer = plain(answer).replace('−', "-");
    // `1,000`, but not `0, 1`.
    let mut groups = answer
        .split(['.', '/', '^'])
        .next()
        .unwrap_or_default()
        .split(',')
        .skip(1);
    if groups.all(|group| group.len() == 3) {
        answer = answer.replace(',', "");
    }
    let parts = |sign: char| {
        let (a, b) = answer.split_once(sign)?;
        Some((a.parse::<f64>().ok()?, b.parse::<f64>().ok()?))
    };
    let whole = answer.parse().ok();
    whole
        .or_else(|| parts('/').map(|(a, b)| a / b))
        .or_else(|| parts('^').map(|(a, b)| a.powf(b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directive::Example;
    use pretty_assertions::assert_eq;

    const RECORDED: &str = r#"{"recording":{"nodes":[{"title":"x"},{"title":"x × x"},{"title":"x"}],"arrows":[{},{}],"steps":[{"kind":"made","node":0,"set":[{"node":0,"field":"gradient","text":"1"}]},{"kind":"ready","node":1,"set":[]},{"kind":"ready","node":0,"set":[{"arrow":0,"field":"gradient","text":"8"},{"node":0,"field":"gradient","text":"−6"},{"node":2,"field":"gradient","text":"2"}]}]}}"#;

    #[test]
    fn a_recording_answers_questions() {
        for (asked, answer) in [
            ("nodes", "3"),
            ("arrows", "2"),
            ("order", "x × x, x"),
            ("steps ready", "2"),
            ("gradient of x", "−6"),
        ] {
            assert_eq!(wanted(RECORDED, asked).unwrap(), answer, "{asked}");
        }
        let refusal = r#"{"error":{"message":"no method `sine`","line":0}}"#;
        assert_eq!(wanted(refusal, "error").unwrap(), "no method `sine`");
    }

    #[test]
    fn what_a_recording_does_not_know_is_refused() {
        for (asked, message) in [
            ("error", "the program is not refused"),
            ("steps rule", "there is no step `rule` in the recording"),
            ("gradient of x × x", "the node `x × x` has no gradient"),
            (
                "gradient of y",
                "there is no node `y` in the recording (it has: x, x × x, x)",
            ),
            (
                "gradient x",
                "expected nodes, arrows, order, error, `steps KIND` or `FIELD of NAME`, not `gradient x`",
            ),
        ] {
            assert_eq!(wanted(RECORDED, asked).unwrap_err().to_string(), message);
        }
        let refused = wanted(r#"{"error":{"message":"too much"}}"#, "nodes");
        assert_eq!(
            refused.unwrap_err().to_string(),
            "the program is refused: too much"
        );
    }

    fn quiz(is_typed: bool) -> Quiz {
        let example = Example {
            stage: "tests".to_owned(),
            name: "questions".to_owned(),
        };
        let section = "one".to_owned();
        let source = Asked::Example { example, section };
        Quiz { is_typed, source }
    }

    /// A fold with this below the directive, as the chapter has it in the end.
    fn folded(is_typed: bool, right: &str, below: &str) -> Result<String> {
        let above = "<details>\n<summary>What?</summary>\n\n";
        let text = format!("{above}@\n\n{below}\n\n</details>\n");
        placed(is_typed, right, &text)
    }

    fn placed(is_typed: bool, right: &str, text: &str) -> Result<String> {
        let line = text.find('@').unwrap();
        let mut parts = fold(&quiz(is_typed), text, &(line..line + 2), right)?;
        parts.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
        let mut text = text.to_owned();
        for (range, html) in parts {
            text.replace_range(range, &html);
        }
        Ok(text)
    }

    #[test]
    fn a_fold_becomes_a_question_with_its_wrong_answers() {
        assert_eq!(
            folded(
                true,
                "7",
                "- 6 : too few: by one.\n- `a: $b$`: no\n  number.\n\nBecause."
            )
            .unwrap(),
            "<details class=\"quiz\">\n<summary>What?</summary>\n\n@\n\n\
             - <span class=\"quiz-not\">Not <b>6</b>:</span> too few: by one.\n- <span class=\"quiz-not\">Not <b><code>a: $b$</code></b>:</span> no\n  number.\n\nBecause.\n\n</details>\n"
        );
        assert_eq!(
            render(&quiz(true), "7\n").unwrap(),
            "<p class=\"quiz-answer\">From a run of <code>tests/examples/questions.rs</code>: <b>7</b></p>"
        );
        let source = Asked::Program {
            stage: "stage2-at-once".to_owned(),
            program: "x".to_owned(),
            inputs: Vec::new(),
            order: 1,
            wanted: "nodes".to_owned(),
        };
        let edited = Quiz {
            source,
            ..quiz(true)
        };
        assert_eq!(
            render(&edited, "7\n").unwrap(),
            "<p class=\"quiz-answer\">From a run of stage 2 with one edit: <b>7</b></p>"
        );
        assert!(folded(true, "7", "No list.\n\n- 7: this is one.").is_ok());
    }

    #[test]
    fn the_answers_to_choose_from_are_in_an_order_that_tells_nothing() {
        for (right, wrong, offered) in [
            (
                "9",
                "- 10: a\n- −1: b\n- 1/2: c",
                "−1</span> · <span>1/2</span> · <span>9</span> · <span>10",
            ),
            (
                "`b`",
                "- c: a\n- a < b: b",
                "a &lt; b</span> · <span><code>b</code></span> · <span>c",
            ),
        ] {
            let text = folded(false, right, wrong).unwrap();
            let offer =
                format!(" <span class=\"quiz-offered\">(<span>{offered}</span>)</span></summary>");
            assert!(text.contains(&offer), "{text}");
        }
    }

    #[test]
    fn wrong_answers_are_wrong_and_have_reasons() {
        let reason = "has no reason: expected `- ANSWER: why it is wrong`";
        for (is_typed, right, below, message) in [
            (false, "7", "Text.", "expected a list of wrong answers below this directive, `- ANSWER: why it is wrong`".to_owned()),
            (false, "7", "1. 6: no.", "expected a list of wrong answers below this directive, `- ANSWER: why it is wrong`".to_owned()),
            (false, "7", "- 6", format!("`- 6` {reason}")),
            (false, "7", "- 6:\n- 5: no.", format!("`6` {reason}")),
            (false, "7", "- 6: no.\n- 7.0: no.", "`7.0` is given as a wrong answer, and the run says that it is right".to_owned()),
            (true, "0.3333", "- 1/3: no.", "`1/3` is given as a wrong answer, and the run says that it is right".to_owned()),
            (true, "NaN", "- nan: no.", "`nan` is given as a wrong answer, and the run says that it is right".to_owned()),
            (true, "`f, d`", "- F,d: no.", "`F,d` is given as a wrong answer, and the run says that it is right".to_owned()),
            (true, "1", "- 1,000: a\n- 1e3: b", "`1e3` is given twice as a wrong answer".to_owned()),
            (true, "1", "- $x$: a", "an answer is plain text and code, without formulas, not `$x$`".to_owned()),
        ] {
            let refused = folded(is_typed, right, below).unwrap_err();
            assert_eq!(refused.to_string(), message, "{below}");
        }
        // To choose between them is possible where to type them would not be.
        assert!(folded(false, "0.3333", "- 1/3: no.").is_ok());
        assert!(folded(true, "0, 1", "- 1: no.\n- 01: no.").is_err());
        assert!(folded(true, "0, 1", "- 1: no.").is_ok());
    }

    #[test]
    fn the_right_answer_is_there() {
        for right in ["", " \n", "a\nb"] {
            let refused = render(&quiz(true), right).unwrap_err().to_string();
            let right = right.trim();
            assert_eq!(
                refused,
                format!("the answer to a question is one line, not `{right}`")
            );
        }
    }

    #[test]
    fn a_question_is_the_beginning_of_a_fold() {
        for text in [
            "@\n",
            "<details>\n<summary>a</summary>\n\nFirst.\n\n@\n",
            "<details>\n<summary>a</summary>\n\n</details>\n\n@\n",
            "<details class=\"quiz\">\n<summary>a</summary>\n\n@\n",
            "<details><summary>a</summary>\n\n@\n",
        ] {
            let refused = placed(true, "7", text).unwrap_err().to_string();
            assert!(
                refused.starts_with("a question is a fold: expected"),
                "{refused}"
            );
        }
    }
}

//! The line in a chapter that asks for something to be shown, and where such lines are.

use std::ops::Range;

use anyhow::{Context, Result, anyhow, bail};

use crate::markdown::{code_blocks, comments};
use crate::show::listing::Note;

/// A directive, read but not yet carried out.
#[derive(Debug, Clone, PartialEq)]
pub enum Directive {
    /// `{{#code PATH}}` or `{{#code PATH:ANCHOR}}`, and notes: `"WORDS" "NOTE" …`
    Code {
        /// The path from the top of the workspace.
        place: String,
        /// The region; the whole file without one.
        anchor: Option<String>,
        /// What is said below a line that holds some words.
        notes: Vec<Note>,
    },
    /// `{{#diff OLD-STAGE NEW-STAGE FILE}}` or `{{#diff OLD-STAGE NEW-STAGE FILE:ANCHOR}}`, and notes
    Diff {
        /// The stage whose lines are marked with `-`.
        old: String,
        /// The stage whose lines are marked with `+`.
        new: String,
        /// The path in `src/` of either stage.
        file: String,
        /// The region; the whole file without one.
        anchor: Option<String>,
        /// What is said below a line that holds some words.
        notes: Vec<Note>,
    },
    /// `{{#run STAGE EXAMPLE}}` or `{{#run STAGE EXAMPLE SECTION}}`
    Run {
        /// The example.
        example: Example,
        /// The part of its output; all of it without one.
        section: Option<String>,
    },
    /// `{{#table STAGE EXAMPLE SECTION}}`
    Table {
        /// The example.
        example: Example,
        /// The part of its output that is a table.
        section: String,
    },
    /// `{{#graph STAGE EXAMPLE SECTION "TITLE" "DESCRIPTION"}}`
    Graph(Drawing),
    /// `{{#plot STAGE EXAMPLE SECTION "TITLE" "DESCRIPTION"}}`
    Plot(Drawing),
    /// `{{#slide STAGE EXAMPLE SECTION "TITLE" "DESCRIPTION"}}`
    Slide(Drawing),
    /// `{{#matrices STAGE EXAMPLE SECTION "TITLE" "DESCRIPTION"}}`
    Matrices(Drawing),
    /// `{{#boundary STAGE EXAMPLE SECTION "TITLE" "DESCRIPTION"}}`
    Boundary(Drawing),
    /// `{{#digits STAGE EXAMPLE SECTION "TITLE" "DESCRIPTION"}}`
    Digits(Drawing),
    /// `{{#pad STAGE EXAMPLE SECTION "TITLE" "DESCRIPTION"}}`
    Pad(Drawing),
    /// `{{#steps STAGE [STAGE] "PROGRAM" NAME=VALUE … "TITLE" "DESCRIPTION"}}`
    Steps(Steps),
    /// `{{#playground STAGE [STAGE] "PROGRAM" NAME=VALUE … "TITLE" "DESCRIPTION"}}`
    Playground(Steps),
    /// `{{#quiz type|choose STAGE "PROGRAM" NAME=VALUE … "WANTED"}}` or `{{#quiz type|choose STAGE EXAMPLE SECTION}}`
    Quiz(Quiz),
    /// `{{#description "TEXT"}}`
    Description {
        /// What a search engine shows.
        text: String,
    },
    /// `{{#rules GROUP}}`
    Rules {
        /// A function of stage 4's `rules.rs`, or `untraced`.
        group: String,
    },
}

/// A picture that is drawn from what an example prints.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// The example.
    pub example: Example,
    /// The part of its output that says what to draw.
    pub section: String,
    /// What the picture is called.
    pub title: String,
    /// What the picture shows, for those who cannot see it.
    pub description: String,
}

/// A program that one or two stages run, to be stepped through.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps {
    /// The stages.
    pub stages: Vec<String>,
    /// Lines of Rust, from `;` to `;`.
    pub program: String,
    /// The values of its free names, as they are written.
    pub inputs: Vec<(String, String)>,
    /// How often it is differentiated.
    pub order: usize,
    /// What the figure is called.
    pub title: String,
    /// What the figure shows, for those who cannot see it.
    pub description: String,
}

/// A question, and the run that knows its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Quiz {
    /// Whether the answer is typed; otherwise it is chosen.
    pub is_typed: bool,
    /// Where the right answer comes from.
    pub source: Asked,
}

/// Who knows the answer to a question.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// The recorder, of a program.
    Program {
        /// The stage that runs it.
        stage: String,
        /// Lines of Rust, from `;` to `;`.
        program: String,
        /// The values of its free names, as they are written.
        inputs: Vec<(String, String)>,
        /// How often it is differentiated.
        order: usize,
        /// What to look for in the recording: `gradient of x`.
        wanted: String,
    },
    /// An example.
    Example {
        /// The example.
        example: Example,
        /// The part of its output that is the answer.
        section: String,
    },
}

/// An example of a stage: `stages/STAGE/examples/EXAMPLE.rs`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Example {
    /// The package.
    pub stage: String,
    /// The name of the example.
    pub name: String,
}

impl Example {
    /// The arguments for cargo that run it.
    pub fn arguments(&self) -> [&str; 6] {
        ["run", "--quiet", "-p", &self.stage, "--example", &self.name]
    }

    /// The command that runs it.
    pub fn command(&self) -> String {
        format!("cargo {}", self.arguments().join(" "))
    }
}

impl Directive {
    /// The example that has to run for it.
    pub fn example(&self) -> Option<&Example> {
        match self {
            Directive::Run { example, .. } | Directive::Table { example, .. } => Some(example),
            Directive::Graph(drawing)
            | Directive::Plot(drawing)
            | Directive::Slide(drawing)
            | Directive::Matrices(drawing)
            | Directive::Boundary(drawing)
            | Directive::Digits(drawing)
            | Directive::Pad(drawing) => Some(&drawing.example),
            Directive::Quiz(Quiz {
                source: Asked::Example { example, .. },
                ..
            }) => Some(example),
            Directive::Code { .. }
            | Directive::Diff { .. }
            | Directive::Steps(_)
            | Directive::Playground(_)
            | Directive::Quiz(_)
            | Directive::Description { .. }
            | Directive::Rules { .. } => None,
        }
    }
}

impl Directive {
    /// The program that has to be recorded for it.
    pub fn steps(&self) -> Option<&Steps> {
        match self {
            Directive::Steps(steps) | Directive::Playground(steps) => Some(steps),
            _ => None,
        }
    }

    /// The question that it asks.
    pub fn quiz(&self) -> Option<&Quiz> {
        match self {
            Directive::Quiz(quiz) => Some(quiz),
            _ => None,
        }
    }
}

const DIRECTIVES: &str = "code, diff, run, table, graph, plot, slide, matrices, boundary, digits, pad, steps, playground, quiz, rules, description";

impl Directive {
    /// Reads a directive such as `{{#code stages/stage1/src/lib.rs}}`.
    ///
    /// # Errors
    /// The text is not a directive as the variants of [`Directive`] show it.
    pub fn parse(text: &str) -> Result<Directive> {
        let inner = text
            .trim()
            .strip_prefix("{{#")
            .and_then(|rest| rest.strip_suffix("}}"));
        let Some(inner) = inner else {
            bail!("a directive stands alone on its line, from `{{{{#` to `}}}}`");
        };
        let (words, quoted): (Vec<&str>, Vec<bool>) = words(inner)?.into_iter().unzip();
        let example = |stage: &str, name: &str| Example {
            stage: stage.to_owned(),
            name: name.to_owned(),
        };
        match words[..] {
            ["code", path, ref rest @ ..] if are_notes(rest, &quoted[2..]) => {
                let (place, anchor) = split_anchor(path)?;
                Ok(Directive::Code {
                    place,
                    anchor,
                    notes: notes(rest),
                })
            }
            ["diff", old, new, path, ref rest @ ..] if are_notes(rest, &quoted[4..]) => {
                let (file, anchor) = split_anchor(path)?;
                let notes = notes(rest);
                let (old, new) = (name(old)?, name(new)?);
                Ok(Directive::Diff {
                    old,
                    new,
                    file,
                    anchor,
                    notes,
                })
            }
            ["run", stage, example_name] => Ok(Directive::Run {
                example: example(&name(stage)?, &name(example_name)?),
                section: None,
            }),
            ["run", stage, example_name, section] => Ok(Directive::Run {
                example: example(&name(stage)?, &name(example_name)?),
                section: Some(section.to_owned()),
            }),
            ["table", stage, example_name, section] => Ok(Directive::Table {
                example: example(&name(stage)?, &name(example_name)?),
                section: section.to_owned(),
            }),
            [
                kind @ ("graph" | "plot" | "slide" | "matrices" | "boundary" | "digits" | "pad"),
                stage,
                example_name,
                section,
                title,
                description,
            ] if quoted[4..] == [true, true]
                && ![title, description]
                    .iter()
                    .any(|text| text.trim().is_empty()) =>
            {
                let drawing = Drawing {
                    example: example(&name(stage)?, &name(example_name)?),
                    section: section.to_owned(),
                    title: title.to_owned(),
                    description: description.to_owned(),
                };
                Ok(match kind {
                    "plot" => Directive::Plot(drawing),
                    "slide" => Directive::Slide(drawing),
                    "matrices" => Directive::Matrices(drawing),
                    "boundary" => Directive::Boundary(drawing),
                    "digits" => Directive::Digits(drawing),
                    "pad" => Directive::Pad(drawing),
                    _ => Directive::Graph(drawing),
                })
            }
            [kind @ ("steps" | "playground"), ref rest @ ..] => {
                let steps = steps(rest, &quoted[1..]).with_context(|| {
                    format!(
                        "expected {{{{#{kind} STAGE [STAGE] \"PROGRAM\" NAME=VALUE … \"TITLE\" \"DESCRIPTION\"}}}}, none of them empty"
                    )
                })?;
                Ok(if kind == "steps" {
                    Directive::Steps(steps)
                } else {
                    Directive::Playground(steps)
                })
            }
            ["quiz", ref rest @ ..] => quiz(rest, &quoted[1..]).map(Directive::Quiz),
            ["rules", group] => Ok(Directive::Rules {
                group: group.to_owned(),
            }),
            ["description", text] if quoted[1] => Ok(Directive::Description {
                text: text.to_owned(),
            }),
            ["code", ..] => bail!(
                "expected {{{{#code PATH}}}} or {{{{#code PATH:ANCHOR}}}}, perhaps with notes: \"WORDS\" \"NOTE\" …"
            ),
            ["diff", ..] => bail!(
                "expected {{{{#diff OLD-STAGE NEW-STAGE FILE}}}} or {{{{#diff OLD-STAGE NEW-STAGE FILE:ANCHOR}}}}, perhaps with notes: \"WORDS\" \"NOTE\" …"
            ),
            ["run", ..] => {
                bail!("expected {{{{#run STAGE EXAMPLE}}}} or {{{{#run STAGE EXAMPLE SECTION}}}}")
            }
            ["table", ..] => bail!("expected {{{{#table STAGE EXAMPLE SECTION}}}}"),
            [
                kind @ ("graph" | "plot" | "slide" | "matrices" | "boundary" | "digits" | "pad"),
                ..,
            ] => bail!(
                "expected {{{{#{kind} STAGE EXAMPLE SECTION \"TITLE\" \"DESCRIPTION\"}}}}, none of them empty"
            ),
            ["rules", ..] => bail!("expected {{{{#rules GROUP}}}}"),
            ["description", ..] => bail!("expected {{{{#description \"TEXT\"}}}}"),
            [other, ..] => {
                bail!("there is no directive `{other}`: expected {DIRECTIVES} or mdBook's title")
            }
            [] => bail!("expected the name of a directive: {DIRECTIVES}"),
        }
    }
}

/// Whether words are notes: pairs in quotation marks, none of them empty.
fn are_notes(words: &[&str], quoted: &[bool]) -> bool {
    let filled = words.iter().all(|word| !word.trim().is_empty());
    words.len().is_multiple_of(2) && filled && quoted.iter().all(|quoted| *quoted)
}

fn notes(words: &[&str]) -> Vec<Note> {
    let pairs = words.chunks_exact(2);
    pairs
        .map(|pair| (pair[0].to_owned(), pair[1].to_owned()))
        .collect()
}

/// What follows the name of the directive.
fn steps(words: &[&str], quoted: &[bool]) -> Result<Steps> {
    let Some(at @ 1..=2) = quoted.iter().position(|quoted| *quoted) else {
        bail!("the program, in quotation marks, comes after one or two stages");
    };
    let (stages, rest) = words.split_at(at);
    let [program, values @ .., title, description] = rest else {
        bail!("the title or the description is missing");
    };
    let count = quoted.iter().filter(|quoted| **quoted).count();
    let texts = [program, title, description];
    if !quoted.ends_with(&[true, true])
        || count != 3
        || texts.iter().any(|text| text.trim().is_empty())
    {
        bail!("the title or the description is missing");
    }
    let (inputs, order) = self::values(values)?;
    let stages = stages.iter().map(|stage| name(stage));
    Ok(Steps {
        stages: stages.collect::<Result<_>>()?,
        program: lines(program),
        inputs,
        order,
        title: (*title).to_owned(),
        description: (*description).to_owned(),
    })
}

/// What follows `quiz`.
fn quiz(words: &[&str], quoted: &[bool]) -> Result<Quiz> {
    let example = |stage: &str, word: &str| -> Result<Example> {
        let (stage, name) = (name(stage)?, name(word)?);
        Ok(Example { stage, name })
    };
    let (kind, source) = match words {
        [kind, stage, program, values @ .., wanted]
            if quoted[2]
                && quoted.iter().filter(|quoted| **quoted).count() == 2
                && quoted.ends_with(&[true]) =>
        {
            let (inputs, order) = self::values(values)?;
            let source = Asked::Program {
                stage: name(stage)?,
                program: lines(program),
                inputs,
                order,
                wanted: (*wanted).to_owned(),
            };
            (kind, source)
        }
        [kind, stage, example_name, section] if !quoted.contains(&true) => {
            let source = Asked::Example {
                example: example(stage, example_name)?,
                section: (*section).to_owned(),
            };
            (kind, source)
        }
        _ => bail!(
            "expected {{{{#quiz type STAGE \"PROGRAM\" NAME=VALUE … \"WANTED\"}}}} or {{{{#quiz type STAGE EXAMPLE SECTION}}}}, or `choose` for `type`"
        ),
    };
    let is_typed = match *kind {
        "type" => true,
        "choose" => false,
        other => bail!("the answer to a question is to `type` or to `choose`, not to `{other}`"),
    };
    Ok(Quiz { is_typed, source })
}

/// The lines of a program that is written in one.
fn lines(program: &str) -> String {
    let lines = program.split_inclusive(';').map(str::trim);
    lines.collect::<Vec<_>>().join("\n")
}

/// `NAME=VALUE …`, and the order among them.
fn values(words: &[&str]) -> Result<(Vec<(String, String)>, usize)> {
    let mut inputs: Vec<(String, String)> = Vec::new();
    for word in words {
        let pair = word.split_once('=').filter(|(name, _)| is_identifier(name));
        match (pair, inputs.last_mut()) {
            (Some((name, value)), _) => inputs.push((name.to_owned(), value.to_owned())),
            // Blanks in an array.
            (None, Some((_, value))) => *value = format!("{value} {word}"),
            (None, None) => bail!("`{word}` is not NAME=VALUE"),
        }
    }
    let at = inputs.iter().position(|(name, _)| name == "order");
    let order = match at.map(|at| inputs.remove(at).1) {
        Some(number) => {
            let order = number.parse().ok().filter(|order| (1..=3).contains(order));
            order.with_context(|| format!("the order is 1, 2 or 3, not `{number}`"))?
        }
        None => 1,
    };
    Ok((inputs, order))
}

fn is_identifier(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Splits at spaces; what stands in double quotes is one word. Says of each whether it does.
fn words(text: &str) -> Result<Vec<(&str, bool)>> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let quoted = rest.strip_prefix('"');
        let (word, after) = match quoted.map(|quoted| quoted.split_once('"')) {
            Some(Some(split)) => split,
            Some(None) => bail!("a quotation mark is not closed"),
            None => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
        };
        if word.contains('"') || after.starts_with(|c: char| !c.is_whitespace()) {
            bail!("a quotation mark stands at the beginning or the end of a word");
        }
        words.push((word, quoted.is_some()));
        rest = after.trim_start();
    }
    Ok(words)
}

/// `PATH:ANCHOR` or `PATH`.
fn split_anchor(path: &str) -> Result<(String, Option<String>)> {
    match path.split_once(':') {
        Some((_, "")) => bail!("the name after the colon is missing"),
        Some((place, anchor)) => Ok((place.to_owned(), Some(anchor.to_owned()))),
        None => Ok((path.to_owned(), None)),
    }
}

/// The name of a package or an example.
fn name(word: &str) -> Result<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if word.starts_with('-') || !word.chars().all(plain) || word.is_empty() {
        bail!("`{word}` is not the name of a stage or an example");
    }
    Ok(word.to_owned())
}

/// The directives of a chapter, each with the range of its line, or what is wrong where `{{#`
/// stands. mdBook's own `{{#title …}}` is none of them.
pub(crate) fn directives(text: &str) -> Vec<(Range<usize>, Result<Directive>)> {
    let code = code_blocks(text);
    let comments = comments(text);
    let mut found = Vec::new();
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        let start = end;
        end += line.len();
        let Some(sign) = unescaped(text, start..end) else {
            continue;
        };
        let line = line.trim_end();
        let is_in = |ranges: &[Range<usize>], at| ranges.iter().any(|range| range.contains(&at));
        let directive = if is_in(&code, start + sign) {
            Err(anyhow!(
                r"a directive in code does nothing: to show it, write `\{{{{#`"
            ))
        } else if is_in(&comments, start) {
            Err(anyhow!("a directive in a comment shows nothing"))
        } else if line.trim_start().starts_with("{{#title ") {
            continue;
        } else if !line[..sign].trim_start().is_empty() {
            Err(anyhow!(
                "a directive stands alone on its line, from `{{{{#` to `}}}}`"
            ))
        } else {
            Directive::parse(line)
        };
        found.push((start..start + line.len(), directive));
    }
    found
}

/// Where in a line its first `{{#` is that has no backslash before it. mdBook reads the signs with
/// spaces between them too, and then heeds no backslash.
fn unescaped(text: &str, line: Range<usize>) -> Option<usize> {
    let is_sign = |index: &usize| {
        let at = line.start + index;
        let Some(rest) = text[at..].strip_prefix("{{") else {
            return false;
        };
        if rest.starts_with('#') {
            return !text[..at].ends_with('\\');
        }
        let word = rest.trim_start().strip_prefix('#');
        word.is_some_and(|word| word.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
    };
    let braces = text[line.clone()].match_indices('{');
    braces.map(|(index, _)| index).find(is_sign)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn the_forms_are_read() {
        assert_eq!(
            Directive::parse("{{#code stages/stage2/src/graph.rs:node}}").unwrap(),
            Directive::Code {
                place: "stages/stage2/src/graph.rs".into(),
                anchor: Some("node".into()),
                notes: vec![]
            }
        );
        assert_eq!(
            Directive::parse(r#"{{#code a.rs "let x" "Why `x`."}}"#).unwrap(),
            Directive::Code {
                place: "a.rs".into(),
                anchor: None,
                notes: vec![("let x".into(), "Why `x`.".into())]
            }
        );
        assert_eq!(
            Directive::parse(r#"{{#diff stage1 stage2 graph.rs "a" "A" "b" "B"}}"#).unwrap(),
            Directive::Diff {
                old: "stage1".into(),
                new: "stage2".into(),
                file: "graph.rs".into(),
                anchor: None,
                notes: vec![("a".into(), "A".into()), ("b".into(), "B".into())]
            }
        );
        let example = Example {
            stage: "stage2".into(),
            name: "graph".into(),
        };
        let drawing = Drawing {
            example: example.clone(),
            section: "dot".into(),
            title: "A title".into(),
            description: "And more".into(),
        };
        assert_eq!(
            Directive::parse(r#"{{#graph stage2 graph dot "A title" "And more"}}"#).unwrap(),
            Directive::Graph(drawing.clone())
        );
        assert_eq!(
            Directive::parse(r#"{{#plot stage2 graph dot "A title" "And more"}}"#).unwrap(),
            Directive::Plot(drawing.clone())
        );
        assert_eq!(
            Directive::parse(r#"{{#matrices stage2 graph dot "A title" "And more"}}"#).unwrap(),
            Directive::Matrices(drawing)
        );
        assert_eq!(
            Directive::parse("{{#table stage2 graph dot}}").unwrap(),
            Directive::Table {
                example: example.clone(),
                section: "dot".into()
            }
        );
        assert_eq!(
            Directive::parse("{{# run  stage2 graph }}").unwrap(),
            Directive::Run {
                example,
                section: None
            }
        );
        assert_eq!(
            Directive::parse("{{#description \"Some words.\"}}").unwrap(),
            Directive::Description {
                text: "Some words.".into()
            }
        );
        assert_eq!(
            Directive::parse("{{#rules functions}}").unwrap(),
            Directive::Rules {
                group: "functions".into()
            }
        );
    }

    #[test]
    fn a_program_is_read_with_its_inputs() {
        let text =
            r#"{{#steps stage1 stage2 "let t = x * y; t.sin()" x=3 y=-4.5 "A title" "And more"}}"#;
        let steps = Steps {
            stages: vec!["stage1".into(), "stage2".into()],
            program: "let t = x * y;\nt.sin()".into(),
            inputs: vec![("x".into(), "3".into()), ("y".into(), "-4.5".into())],
            order: 1,
            title: "A title".into(),
            description: "And more".into(),
        };
        assert_eq!(Directive::parse(text).unwrap(), Directive::Steps(steps));

        let text = r#"{{#playground stage4 "m.sum()" m=array![[1, 2], [3, 4]] order=2 "A title" "And more"}}"#;
        let steps = Steps {
            stages: vec!["stage4".into()],
            program: "m.sum()".into(),
            inputs: vec![("m".into(), "array![[1, 2], [3, 4]]".into())],
            order: 2,
            title: "A title".into(),
            description: "And more".into(),
        };
        assert_eq!(
            Directive::parse(text).unwrap(),
            Directive::Playground(steps)
        );
    }

    #[test]
    fn a_question_asks_a_program_or_an_example() {
        let text = r#"{{#quiz type stage3 "let t = x * x; t" x=-2 order=2 "gradient of x"}}"#;
        let source = Asked::Program {
            stage: "stage3".into(),
            program: "let t = x * x;\nt".into(),
            inputs: vec![("x".into(), "-2".into())],
            order: 2,
            wanted: "gradient of x".into(),
        };
        let typed = Quiz {
            is_typed: true,
            source,
        };
        assert_eq!(Directive::parse(text).unwrap(), Directive::Quiz(typed));

        let example = Example {
            stage: "tests".into(),
            name: "questions".into(),
        };
        let source = Asked::Example {
            example: example.clone(),
            section: "one".into(),
        };
        let chosen = Directive::Quiz(Quiz {
            is_typed: false,
            source,
        });
        let text = "{{#quiz choose tests questions one}}";
        assert_eq!(Directive::parse(text).unwrap(), chosen);
        assert_eq!(chosen.example(), Some(&example));
    }

    #[test]
    fn a_question_that_is_not_complete_is_refused() {
        let expected = r#"expected {{#quiz type STAGE "PROGRAM" NAME=VALUE … "WANTED"}} or {{#quiz type STAGE EXAMPLE SECTION}}, or `choose` for `type`"#;
        for (rest, message) in [
            ("type tests questions", expected),
            (r#"type stage1 "x" x=1"#, expected),
            (r#"type stage1 "x" x=1 nodes"#, expected),
            (r#"type tests questions "one""#, expected),
            (r#"type stage1 "x" x "nodes""#, "`x` is not NAME=VALUE"),
            (
                "guess tests questions one",
                "the answer to a question is to `type` or to `choose`, not to `guess`",
            ),
        ] {
            let error = Directive::parse(&format!("{{{{#quiz {rest}}}}}")).unwrap_err();
            assert_eq!(error.to_string(), message, "{rest}");
        }
    }

    #[test]
    fn a_program_that_is_not_complete_is_refused() {
        let expected = r#"expected {{#steps STAGE [STAGE] "PROGRAM" NAME=VALUE … "TITLE" "DESCRIPTION"}}, none of them empty"#;
        for (rest, why) in [
            (
                r#""x" x=1 "A" "B""#,
                "the program, in quotation marks, comes after one or two stages",
            ),
            (
                r#"stage1 stage2 stage3 "x" x=1 "A" "B""#,
                "the program, in quotation marks, comes after one or two stages",
            ),
            (
                r#"stage1 "x" x=1 "A""#,
                "the title or the description is missing",
            ),
            (
                r#"stage1 "x" x=1 "A" "" "#,
                "the title or the description is missing",
            ),
            (r#"stage1 "x" 3 "A" "B""#, "`3` is not NAME=VALUE"),
            (
                r#"stage1 "x" x=1 order=4 "A" "B""#,
                "the order is 1, 2 or 3, not `4`",
            ),
        ] {
            let error = Directive::parse(&format!("{{{{#steps {rest}}}}}")).unwrap_err();
            assert_eq!(format!("{error:#}"), format!("{expected}: {why}"));
        }
    }

    #[track_caller]
    fn refused(text: &str, message: &str) {
        assert_eq!(Directive::parse(text).unwrap_err().to_string(), message);
    }

    #[test]
    fn other_forms_are_refused_with_what_was_expected() {
        for text in [
            "{{#code}}",
            "{{#code a b}}",
            r#"{{#code a "b"}}"#,
            r#"{{#code a "b" c}}"#,
            r#"{{#code a "b" ""}}"#,
        ] {
            refused(
                text,
                r#"expected {{#code PATH}} or {{#code PATH:ANCHOR}}, perhaps with notes: "WORDS" "NOTE" …"#,
            );
        }
        refused(
            "{{#diff stage1 graph.rs}}",
            r#"expected {{#diff OLD-STAGE NEW-STAGE FILE}} or {{#diff OLD-STAGE NEW-STAGE FILE:ANCHOR}}, perhaps with notes: "WORDS" "NOTE" …"#,
        );
        refused(
            "{{#run stage1}}",
            "expected {{#run STAGE EXAMPLE}} or {{#run STAGE EXAMPLE SECTION}}",
        );
        refused(
            "{{#graph stage2 graph dot \"Title\"}}",
            "expected {{#graph STAGE EXAMPLE SECTION \"TITLE\" \"DESCRIPTION\"}}, none of them empty",
        );
        refused("{{#rules}}", "expected {{#rules GROUP}}");
        refused(
            "{{#description word}}",
            "expected {{#description \"TEXT\"}}",
        );
        refused(
            "{{#plot stage2 graph dot \"\" \"And more\"}}",
            "expected {{#plot STAGE EXAMPLE SECTION \"TITLE\" \"DESCRIPTION\"}}, none of them empty",
        );
        refused(
            "{{#matrices stage2 graph dot}}",
            "expected {{#matrices STAGE EXAMPLE SECTION \"TITLE\" \"DESCRIPTION\"}}, none of them empty",
        );
        refused(
            "{{#table stage2 graph}}",
            "expected {{#table STAGE EXAMPLE SECTION}}",
        );
        refused(
            "{{#include a.rs}}",
            "there is no directive `include`: expected code, diff, run, table, graph, plot, slide, matrices, boundary, digits, pad, steps, playground, quiz, rules, description or mdBook's title",
        );
        refused(
            "{{#}}",
            "expected the name of a directive: code, diff, run, table, graph, plot, slide, matrices, boundary, digits, pad, steps, playground, quiz, rules, description",
        );
        refused(
            "{{#run --release x}}",
            "`--release` is not the name of a stage or an example",
        );
        refused("{{#graph a b c \"d}}", "a quotation mark is not closed");
        refused("{{#code a.rs:}}", "the name after the colon is missing");
        refused("{{#diff a b c.rs:}}", "the name after the colon is missing");
        refused(
            "{{ #code a}}",
            "a directive stands alone on its line, from `{{#` to `}}`",
        );
        refused(
            "{{#code a}} and more",
            "a directive stands alone on its line, from `{{#` to `}}`",
        );
    }

    #[test]
    fn quotation_marks_come_in_pairs_around_words() {
        let message = "a quotation mark stands at the beginning or the end of a word";
        for (words, message) in [
            (r#""T" D""#, message),
            (r#""T"D""#, message),
            (r#""T "D""#, message),
            (r#"T" "D""#, message),
            (r#""T" "D"""#, message),
            (r#""T" "D"#, "a quotation mark is not closed"),
        ] {
            refused(&format!("{{{{#graph a b c {words}}}}}"), message);
        }
        let expected = "expected {{#graph STAGE EXAMPLE SECTION \"TITLE\" \"DESCRIPTION\"}}, none of them empty";
        for words in [
            r#"T "D""#,
            r#""T" D"#,
            r#"" " "D""#,
            r#""T" " ""#,
            r#"" " " ""#,
        ] {
            refused(&format!("{{{{#graph a b c {words}}}}}"), expected);
        }
    }
}

//! The steps, read from the headers of the stages' tests.
//!
//! A step is a test file `stepK_name.rs`. Its `//!` header is all that there is to know about it:
//!
//! ```text
//! //! # Gradients are pulled
//! //!
//! //! Chapter: stage1.md#pulling-gradients
//! //!
//! //! About: gradients
//! //!
//! //! Items: graph.rs `Var::grad_cache`, backward.rs `Var::seed`, `Var::grad`
//! //!
//! //! What the step wants, in one or more paragraphs.
//! //!
//! //! Hint 1: From gentle …
//! //! Hint 2: … to explicit.
//! ```
//!
//! The last step of a stage is its exam, `stepK_exam.rs`: all that the project knows how to ask. There
//! is nothing to write in it, so it has no items.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Error, Result, bail};

use project::{Workspace, entries, file_name, is_left_behind, read};

/// The name of the step, and of its test, that belongs to a challenge.
pub const CHALLENGE: &str = "challenge";

/// One step of a stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its place in the order, from 1.
    pub number: usize,
    /// The name of the test file, without `.rs`.
    pub name: String,
    /// The test file.
    pub file: PathBuf,
    /// What the step is about, in a few words.
    pub title: String,
    /// The section of the book: `stage1.md#pulling-gradients`.
    pub chapter: String,
    /// What its tests look at.
    pub about: Vec<Topic>,
    /// What the reader writes in this step; nothing in an exam.
    pub items: Vec<Item>,
    /// What the step wants.
    pub text: String,
    /// From gentle to explicit.
    pub hints: Vec<String>,
}

/// What the tests of a step look at: it decides which causes a wrong value may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// What operations return, before there are any derivatives.
    Values,
    /// What is recorded: nodes, their arguments and parents, ids and traces.
    Graph,
    /// The order in which nodes are visited.
    Order,
    /// Sums over all paths from the output to an input.
    Gradients,
    /// The derivative of each operation.
    Rules,
    /// Derivatives of derivatives.
    HigherDerivatives,
    /// The axes of arrays.
    Shapes,
    /// Chains that recursion cannot follow to their end.
    LongChains,
    /// What is freed, and when.
    Memory,
    /// Pictures and texts of a graph.
    Drawing,
}

impl Topic {
    /// All topics, as headers name them.
    const NAMES: [(&str, Topic); 10] = [
        ("values", Topic::Values),
        ("graph", Topic::Graph),
        ("order", Topic::Order),
        ("gradients", Topic::Gradients),
        ("rules", Topic::Rules),
        ("higher derivatives", Topic::HigherDerivatives),
        ("shapes", Topic::Shapes),
        ("long chains", Topic::LongChains),
        ("memory", Topic::Memory),
        ("drawing", Topic::Drawing),
    ];
}

impl FromStr for Topic {
    type Err = Error;

    fn from_str(name: &str) -> Result<Topic> {
        let known = Topic::NAMES.iter().find(|(known, _)| *known == name);
        known.map(|(_, topic)| *topic).with_context(|| {
            let names = Topic::NAMES.map(|(name, _)| name).join(", ");
            format!("there is no topic `{name}`; there are {names}")
        })
    }
}

/// Something that the reader writes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Item {
    /// The file below `src`.
    pub file: String,
    /// `record`, `Var::grad` or `Neg for Var`.
    pub name: String,
}

impl Step {
    /// Whether it asks for all that the stage should do, and teaches nothing.
    pub fn is_exam(&self) -> bool {
        self.name.ends_with("_exam")
    }
}

/// The steps of a stage, in order.
///
/// # Errors
/// A test file cannot be read, a header lacks something, or the numbers leave a gap.
pub fn of_stage(workspace: &Workspace, stage: &str) -> Result<Vec<Step>> {
    let tests = workspace.stage(stage).join("tests");
    let mut steps = Vec::new();
    if tests.is_dir() {
        for path in entries(&tests)? {
            let name = file_name(&path);
            if !is_left_behind(&path)
                && let Some(name) = name.strip_suffix(".rs")
                && name.starts_with("step")
            {
                let step = parse(name, &path, &read(&path)?)
                    .with_context(|| format!("the header of {}", path.display()))?;
                steps.push(step);
            }
        }
    }
    steps.sort_by_key(|step| step.number);
    for (step, number) in steps.iter().zip(1..) {
        if step.number != number {
            bail!("{} should be step {number}", step.file.display());
        }
    }
    Ok(steps)
}

/// Reads the header of one test file.
///
/// # Errors
/// Something is missing, or an item has no file.
pub fn parse(name: &str, file: &Path, text: &str) -> Result<Step> {
    let number = name
        .strip_prefix("step")
        .and_then(|rest| rest.split('_').next())
        .and_then(|digits| digits.parse().ok())
        .context("the file should be called stepK_name.rs")?;
    let mut step = Step {
        number,
        name: name.to_owned(),
        file: file.to_path_buf(),
        title: String::new(),
        chapter: String::new(),
        about: Vec::new(),
        items: Vec::new(),
        text: String::new(),
        hints: Vec::new(),
    };
    for paragraph in paragraphs(text) {
        if let Some(title) = paragraph.strip_prefix("# ") {
            step.title = title.to_owned();
        } else if let Some(chapter) = paragraph.strip_prefix("Chapter: ") {
            step.chapter = chapter.to_owned();
        } else if let Some(list) = paragraph.strip_prefix("About: ") {
            step.about = list.split(", ").map(str::parse).collect::<Result<_>>()?;
        } else if let Some(list) = paragraph.strip_prefix("Items: ") {
            step.items = items(list)?;
        } else if let Some((_, hint)) = hint(&paragraph) {
            step.hints.push(hint.to_owned());
        } else {
            if !step.text.is_empty() {
                step.text.push_str("\n\n");
            }
            step.text.push_str(&paragraph);
        }
    }
    for (what, missing) in [
        ("a title (`//! # …`)", step.title.is_empty()),
        ("a line `//! Chapter: …`", step.chapter.is_empty()),
        ("a line `//! About: …`", step.about.is_empty()),
        ("a text", step.text.is_empty()),
        ("a line `//! Hint 1: …`", step.hints.is_empty()),
    ] {
        if missing {
            bail!("there should be {what}");
        }
    }
    Ok(step)
}

/// The paragraphs of the header, each joined to one line. A hint begins one of its own.
fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs = vec![String::new()];
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    for line in lines.map(str::trim) {
        let last = paragraphs.last_mut().expect("there is always one");
        if line.is_empty() || hint(line).is_some() {
            paragraphs.push(line.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(line);
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

/// Number and text of `Hint 2: …`.
fn hint(line: &str) -> Option<(usize, &str)> {
    let (number, text) = line.strip_prefix("Hint ")?.split_once(": ")?;
    Some((number.parse().ok()?, text))
}

/// Reads ``graph.rs `Var::new`, `Var::value`, trace.rs `record` ``: a file holds for all items up
/// to the next file.
fn items(list: &str) -> Result<Vec<Item>> {
    let mut file = None;
    let mut items = Vec::new();
    for (index, part) in list.split('`').enumerate() {
        if index % 2 == 1 {
            let file: &String = file
                .as_ref()
                .with_context(|| format!("the item `{part}` should come after a file"))?;
            items.push(Item {
                file: file.clone(),
                name: part.to_owned(),
            });
        } else if let Some(word) = part.split([' ', ',']).rfind(|word| word.ends_with(".rs")) {
            file = Some(word.to_owned());
        }
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    const HEADER: &str = "\
//! # Gradients are pulled
//!
//! Chapter: stage1.md#pulling-gradients
//!
//! About: gradients, long chains
//!
//! Items: graph.rs `Var::grad_cache`, backward.rs `Var::seed`,
//! `Neg for Var`
//!
//! One sentence
//! over two lines.
//!
//! Another paragraph.
//!
//! Hint 1: Gentle.
//! Hint 2: Explicit: `a`,
//! on two lines.

use stage1::Var;
";

    #[test]
    fn a_header_is_read() {
        let step = parse("step3_gradients", Path::new("x.rs"), HEADER).unwrap();
        let item = |file: &str, name: &str| Item {
            file: file.to_owned(),
            name: name.to_owned(),
        };
        assert_eq!(
            step,
            Step {
                number: 3,
                name: "step3_gradients".to_owned(),
                file: PathBuf::from("x.rs"),
                title: "Gradients are pulled".to_owned(),
                chapter: "stage1.md#pulling-gradients".to_owned(),
                about: vec![Topic::Gradients, Topic::LongChains],
                items: vec![
                    item("graph.rs", "Var::grad_cache"),
                    item("backward.rs", "Var::seed"),
                    item("backward.rs", "Neg for Var"),
                ],
                text: "One sentence over two lines.\n\nAnother paragraph.".to_owned(),
                hints: vec![
                    "Gentle.".to_owned(),
                    "Explicit: `a`, on two lines.".to_owned()
                ],
            }
        );
    }

    #[test]
    fn an_exam_has_nothing_to_write() {
        let (begin, rest) = HEADER.split_once("//! Items").unwrap();
        let (_, end) = rest.split_once("Neg for Var`\n//!\n").unwrap();
        let text = format!("{begin}{end}");
        let exam = parse("step7_exam", Path::new("x.rs"), &text).unwrap();
        assert!(exam.is_exam() && exam.items.is_empty());
        let step = parse("step3_gradients", Path::new("x.rs"), HEADER).unwrap();
        assert_eq!(exam.text, step.text);
        assert!(!step.is_exam());
    }

    #[test]
    fn what_a_header_lacks_is_named() {
        for (line, what) in [
            ("//! # Gradients are pulled\n", "a title (`//! # …`)"),
            (
                "//! Chapter: stage1.md#pulling-gradients\n",
                "a line `//! Chapter: …`",
            ),
            (
                "//! About: gradients, long chains\n",
                "a line `//! About: …`",
            ),
        ] {
            let text = HEADER.replace(line, "");
            let error = parse("step3_gradients", Path::new("x.rs"), &text).unwrap_err();
            assert_eq!(error.to_string(), format!("there should be {what}"));
        }
    }

    #[test]
    fn a_topic_is_one_of_a_closed_list() {
        let text = HEADER.replace("long chains", "chains");
        let error = parse("step3_gradients", Path::new("x.rs"), &text).unwrap_err();
        let words = "there is no topic `chains`; there are values, graph, ";
        assert!(error.to_string().starts_with(words), "{error}");
    }
}

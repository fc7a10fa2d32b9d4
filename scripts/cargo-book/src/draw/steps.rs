//! `{{#steps stage2 "let t = x * y; t.sin() + x" x=3 y=4 "Title" "Description"}}`: what the engine of a
//! stage does with a program, to be stepped through. `{{#playground …}}` is the same for programs of the
//! reader's own.
//!
//! The recorder (`scripts/recorder`) has run the program. Its recording goes into the page for the theme's
//! `stepper.js`. For paper and for those without scripts the last picture is drawn, with all steps in words.

use std::fmt::Write;

use anyhow::{Context, Result, bail};
use dagre::Point;
use serde::Deserialize;
use serde_json::json;

use crate::directive::Steps;
use crate::draw::graph::{self, FONT, LETTER, LINE, MARGIN};
use crate::draw::svg;
use crate::html::{escape, figure};

/// The requests to the recorder, one for each stage.
pub fn requests(steps: &Steps) -> impl Iterator<Item = String> {
    let Steps {
        program,
        inputs,
        order,
        ..
    } = steps;
    steps.stages.iter().map(move |stage| {
        json!({ "stage": stage, "program": program, "inputs": inputs, "order": order }).to_string()
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Answer {
    Recording(Recording),
    Error(Refusal),
}

#[derive(Deserialize)]
struct Refusal {
    message: String,
    line: Option<usize>,
    start: Option<usize>,
    input: Option<String>,
}

/// What the last picture and the steps in words need of a recording.
#[derive(Deserialize)]
struct Recording {
    stage: String,
    nodes: Vec<Node>,
    arrows: Vec<Arrow>,
    width: f64,
    height: f64,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Node {
    title: String,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

#[derive(Deserialize)]
struct Arrow {
    points: Vec<(f64, f64)>,
    label: Option<(f64, f64)>,
}

#[derive(Deserialize)]
struct Step {
    say: String,
    set: Vec<Change>,
}

#[derive(Deserialize)]
struct Change {
    node: Option<usize>,
    arrow: Option<usize>,
    field: String,
    text: String,
}

/// The figure for a chapter, with the recorder's answers for the stages. `id` is unique in the page.
///
/// # Errors
/// The recorder has refused the program, with its message and the place.
pub fn render(steps: &Steps, answers: &[String], id: &str, is_playground: bool) -> Result<String> {
    let mut pictures = String::new();
    let mut words = String::new();
    let mut recordings = Vec::new();
    for (number, (stage, answer)) in steps.stages.iter().zip(answers).enumerate() {
        let read = serde_json::from_str(answer);
        let recording = match read.with_context(|| format!("the recorder answers {answer:.200}"))? {
            Answer::Recording(recording) => recording,
            Answer::Error(refusal) => bail!("{stage} refuses the program: {}", refusal.text()),
        };
        let id = format!("{id}-{number}");
        let picture = svg::scrolling(&recording.picture(&id, steps));
        let _ = write!(pictures, "<div>{}{picture}</div>", recording.heading());
        words.push_str(&recording.words());
        // As the recorder wrote it: its fields in its order.
        let whole = answer.trim().strip_prefix(r#"{"recording":"#);
        let whole = whole.and_then(|rest| rest.strip_suffix('}'));
        recordings.push(whole.context("the recorder's answer is not compact")?);
    }
    let data = format!(
        r#"{{"title":{},"description":{},"recordings":[{}]}}"#,
        json!(steps.title),
        json!(steps.description),
        recordings.join(",")
    );
    // Only in texts, where the escape means the same; no end tag ends the script, and no later step
    // takes a text for a directive.
    let data = data.replace('<', r"\u003c").replace("{{", r"\u007b{");
    let playground = if is_playground { " playground" } else { "" };
    let body = format!(
        r#"<autograd-stepper{playground}><div class="steps-still">{pictures}</div>{words}<script type="application/json">{data}</script></autograd-stepper>"#
    );
    Ok(figure("stepper", &escape(&steps.title), &body))
}

impl Refusal {
    fn text(&self) -> String {
        match (&self.input, self.line, self.start) {
            (Some(input), ..) => format!("`{input}`: {}", self.message),
            (None, Some(line), Some(start)) => {
                format!("line {}, column {}: {}", line + 1, start + 1, self.message)
            }
            _ => self.message.clone(),
        }
    }
}

impl Recording {
    fn heading(&self) -> String {
        let name = self.stage.replacen("stage", "Stage ", 1);
        format!("<p>{}</p>", escape(&name))
    }

    /// What a field says in the end.
    fn last(&self, is_it: impl Fn(&Change) -> bool, field: &str) -> Option<&str> {
        let changes = self
            .steps
            .iter()
            .rev()
            .flat_map(|step| step.set.iter().rev());
        let mut changes = changes.filter(|change| change.field == field && is_it(change));
        changes.next().map(|change| &*change.text)
    }

    /// The last picture.
    fn picture(&self, id: &str, steps: &Steps) -> String {
        let size = (self.width + 2.0 * MARGIN, self.height + 2.0 * MARGIN);
        let mut svg = svg::head("graph", id, &steps.title, &steps.description, size, true);
        let _ = write!(svg, r#"<g transform="translate({MARGIN} {MARGIN})">"#);
        let shown = |is_it: &dyn Fn(&Change) -> bool| self.last(is_it, "shown").is_some();
        for (index, arrow) in self.arrows.iter().enumerate() {
            if !shown(&|change| change.arrow == Some(index)) {
                continue;
            }
            let points = arrow.points.iter().map(|&(x, y)| Point::new(x, y));
            graph::arrow(&points.collect::<Vec<_>>(), false, &mut svg);
        }
        for (index, node) in self.nodes.iter().enumerate() {
            if !shown(&|change| change.node == Some(index)) {
                continue;
            }
            node.draw(&self.lines(index, node), &mut svg);
        }
        for (index, arrow) in self.arrows.iter().enumerate() {
            let of = |change: &Change| change.arrow == Some(index);
            if let Some(local) = self.last(of, "local") {
                let (x, y) = arrow.label.unwrap_or_else(|| middle(&arrow.points));
                let y = y + 0.35 * FONT;
                let _ = write!(
                    svg,
                    r#"<text class="graph-label" x="{x:.1}" y="{y:.1}">× {}</text>"#,
                    escape(local)
                );
            }
        }
        svg.push_str("</g></svg>");
        svg
    }

    /// What stands in a node's box: its class and its text.
    fn lines(&self, index: usize, node: &Node) -> Vec<(&'static str, String)> {
        let last = |field| self.last(|change| change.node == Some(index), field);
        let title = match last("shape") {
            Some(shape) => format!("{} {shape}", node.title),
            None => node.title.clone(),
        };
        let mut lines = vec![("steps-title", title)];
        for (class, sign, number, cells) in [
            ("steps-value", '=', "value", "cells"),
            ("steps-gradient", '∇', "gradient", "gradient-cells"),
        ] {
            let rows = match last(cells) {
                Some(cells) => cells.split(';').collect(),
                None => Vec::from_iter(last(number)),
            };
            for (number, row) in rows.into_iter().enumerate() {
                let sign = if number == 0 { sign } else { ' ' };
                lines.push((class, format!("{sign} {}", row.trim())));
            }
        }
        lines
    }

    /// All steps in words, folded.
    fn words(&self) -> String {
        let rows = self.steps.iter().enumerate().map(|(number, step)| {
            format!(
                "<tr><td>{}</td><td>{}</td></tr>",
                number + 1,
                sentence(&step.say)
            )
        });
        format!(
            r#"<details class="steps-words"><summary>All {} steps of {} in words</summary><div class="table-wrapper"><table><thead><tr><th>Step</th><th>What happens</th></tr></thead><tbody>{}</tbody></table></div></details>"#,
            self.steps.len(),
            self.stage.replacen("stage", "stage ", 1),
            rows.collect::<String>()
        )
    }
}

impl Node {
    fn draw(&self, lines: &[(&str, String)], svg: &mut String) {
        let Node {
            x,
            y,
            width,
            height,
            ..
        } = self;
        let _ = write!(
            svg,
            r#"<rect class="graph-node" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" rx="5"></rect>"#
        );
        for (index, (class, text)) in lines.iter().enumerate() {
            let x = x + width / 2.0;
            let y = y + 7.0 + (index as f64 + 0.5) * LINE + 0.35 * FONT;
            let _ = write!(
                svg,
                r#"<text class="{class}" x="{x:.1}" y="{y:.1}">{}</text>"#,
                escape(text)
            );
        }
    }
}

/// Where a label stands that has no place of its own.
fn middle(points: &[(f64, f64)]) -> (f64, f64) {
    let (x, y) = points.get(points.len() / 2).copied().unwrap_or_default();
    (x + 4.0 * LETTER, y)
}

/// Code is between backticks.
fn sentence(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(index, part)| {
        if index % 2 == 1 {
            format!("<code>{}</code>", escape(part))
        } else {
            escape(part)
        }
    });
    parts.collect()
}

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
use crate::html::{data, escape, figure, with_code};
use project::recorder::{Answer, request};

/// The requests to the recorder, one for each stage.
pub fn requests(steps: &Steps) -> impl Iterator<Item = String> {
    let Steps {
        program,
        inputs,
        order,
        ..
    } = steps;
    let stages = steps.stages.iter();
    stages.map(move |stage| request(stage, program, inputs, *order))
}

/// What the last picture and the steps in words need of a recording.
#[derive(Deserialize)]
struct Recording {
    title: String,
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
        let read = serde_json::from_str::<Answer<Recording>>(answer);
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
    let all = format!(
        r#"{{"title":{},"description":{},"recordings":[{}]}}"#,
        json!(steps.title),
        json!(steps.description),
        recordings.join(",")
    );
    let playground = if is_playground { " playground" } else { "" };
    let body = format!(
        r#"<autograd-stepper{playground}><div class="steps-still">{pictures}</div>{words}{}</autograd-stepper>"#,
        data(&all)
    );
    Ok(figure("stepper", &escape(&steps.title), &body))
}

impl Recording {
    fn heading(&self) -> String {
        format!("<p>{}</p>", escape(&self.title))
    }

    /// What a field says in the end.
    fn last(&self, is_it: impl Fn(&Change) -> bool, field: &str) -> Option<&str> {
        let changes = self
            .steps
            .iter()
            .rev()
            .flat_map(|step| step.set.iter().rev());
        let mut changes = changes.filter(|change| change.field == field && is_it(change));
        let last = changes.next().map(|change| &*change.text);
        last.filter(|text| !text.is_empty())
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
                    r#"<text class="graph-label is-local" x="{x:.1}" y="{y:.1}">× {}</text>"#,
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
            ("steps-value is-value", '=', "value", "cells"),
            ("steps-speed is-speed", 'δ', "speed", ""),
            (
                "steps-gradient is-gradient",
                '∇',
                "gradient",
                "gradient-cells",
            ),
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
                with_code(&step.say)
            )
        });
        format!(
            r#"<details class="steps-words"><summary>All {} steps in words: {}</summary><div class="table-wrapper"><table><thead><tr><th>Step</th><th>What happens</th></tr></thead><tbody>{}</tbody></table></div></details>"#,
            self.steps.len(),
            escape(&self.title),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::svg::drawn;
    use pretty_assertions::assert_eq;

    const RECORDED: &str = r#"{"recording":{"stage":"stage2","title":"Stage 2","program":"x * x","inputs":[["x","3"]],"order":1,"nodes":[{"name":"x","op":"input","title":"x","x":0,"y":100,"width":60,"height":70},{"name":"n1","op":"mul","title":"a < b","x":0,"y":0,"width":60,"height":70},{"name":"n2","op":"constant","title":"never","x":80,"y":0,"width":60,"height":70}],"arrows":[{"from":1,"to":0,"argnum":0,"points":[[30,70],[30,85],[30,100]],"label":[50,85]},{"from":1,"to":2,"argnum":1,"points":[[30,70],[90,85],[100,70]]}],"frames":[],"width":140,"height":170,"listings":[],"steps":[{"say":"`x` is 3.","set":[{"node":0,"field":"shown","text":"yes"},{"node":0,"field":"value","text":"3"}]},{"say":"</script>{{#run}}","set":[{"node":1,"field":"shown","text":"yes"},{"node":1,"field":"cells","text":"1 2;3 4"},{"arrow":0,"field":"shown","text":"yes"},{"arrow":0,"field":"local","text":"3"},{"node":0,"field":"gradient","text":"3"}]},{"say":"The end.","set":[{"node":0,"field":"gradient","text":"6"}]}]}}"#;

    fn steps() -> Steps {
        Steps {
            stages: vec!["stage2".to_owned()],
            program: "x * x".to_owned(),
            inputs: vec![("x".to_owned(), "3".to_owned())],
            order: 1,
            title: "A & B".to_owned(),
            description: "What it is".to_owned(),
        }
    }

    fn rendered() -> String {
        render(&steps(), &[RECORDED.to_owned()], "steps-1", false).unwrap()
    }

    #[test]
    fn the_recorder_is_asked_for_each_stage() {
        let stages = vec!["stage1".to_owned(), "stage2".to_owned()];
        let steps = Steps { stages, ..steps() };
        let request = |stage: &str| {
            format!(r#"{{"inputs":[["x","3"]],"order":1,"program":"x * x","stage":"{stage}"}}"#)
        };
        assert_eq!(
            requests(&steps).collect::<Vec<_>>(),
            [request("stage1"), request("stage2")]
        );
    }

    #[test]
    fn the_last_picture_is_drawn_of_what_is_shown() {
        let html = rendered();
        let (start, end) = (html.find("<svg").unwrap(), html.find("</svg>").unwrap());
        let svg = &html[start..end + "</svg>".len()];
        let texts = drawn(
            svg,
            &[
                "steps-title",
                "steps-value",
                "steps-gradient",
                "graph-label",
            ],
        );
        let texts: Vec<&str> = texts.iter().map(|drawn| &*drawn.text).collect();
        assert_eq!(texts, ["x", "= 3", "∇ 6", "a < b", "= 1 2", "  3 4", "× 3"]);
        assert_eq!(drawn(svg, &["graph-node"]).len(), 2);
        assert_eq!(drawn(svg, &["graph-edge"]).len(), 1);
    }

    #[test]
    fn the_recording_and_all_steps_in_words_are_in_the_page() {
        let html = rendered();
        assert!(html.starts_with("<figure class=\"stepper\"><figcaption>A &amp; B</figcaption>"));
        assert!(
            html.contains("<td>1</td><td><code>x</code> is 3.</td>"),
            "{html}"
        );
        assert!(
            html.contains("<td>2</td><td>&lt;/script&gt;&#123;&#123;#run}}</td>"),
            "{html}"
        );
        assert!(!html.contains('\n') && !html.contains("{{#"), "{html}");
        let (_, data) = html
            .split_once("<script type=\"application/json\">")
            .unwrap();
        let (data, _) = data.split_once("</script>").unwrap();
        let read: serde_json::Value = serde_json::from_str(data).unwrap();
        let recorded: serde_json::Value = serde_json::from_str(RECORDED).unwrap();
        assert_eq!(read["recordings"][0], recorded["recording"]);
        assert_eq!(read["title"], "A & B");
    }

    #[test]
    fn a_refused_program_is_refused_at_its_place() {
        for (error, message) in [
            (
                r#"{"message":"no method `sine`","line":1,"start":2,"end":6}"#,
                "stage2 refuses the program: line 2, column 3: no method `sine`",
            ),
            (
                r#"{"message":"not a number","input":"x"}"#,
                "stage2 refuses the program: `x`: not a number",
            ),
        ] {
            let answer = format!(r#"{{"error":{error}}}"#);
            let refused = render(&steps(), &[answer], "steps-1", false).unwrap_err();
            assert_eq!(refused.to_string(), message);
        }
    }
}

//! `{{#boundary stage4 figures boundary "Title" "Description"}}`: points of two kinds, and where a network
//! that learns draws the line between them, step by step. The example prints it like this:
//!
//! ```text
//! from: -1.4 -0.8 by 0.1         // where the first score was asked for, and how far apart they are
//! points: upper                  // what a score above 0 means, and its points
//! 1.08 0.13
//! points: lower
//! 0.12 -0.31
//! step: 0 loss 0.711 right 37.0%
//! -0.51 -0.42 -0.33              // scores, row by row from below
//! -0.47 -0.38 -0.29
//! ```
//!
//! Some of the steps are drawn for paper. All of them are in the page, as paths, for the theme's `boundary.js`.
//! The sides are told apart by the line and the shade, the points by their shapes.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::{Context, Result, bail};
use serde_json::json;

use crate::draw::svg;
use crate::html::{data, escape, figure};

/// How large the distance of two scores is drawn.
const CELL: f64 = 20.0;
/// A network that is so sure gives a probability of 90%: the score is ln 9.
const SURE: f64 = 2.197;
/// How many steps are drawn for paper.
const STILL: usize = 4;

/// Two kinds of points, and the scores on the way.
#[derive(Debug, PartialEq)]
pub struct Learning {
    from: [f64; 2],
    by: f64,
    kinds: Vec<(String, Vec<[f64; 2]>)>,
    steps: Vec<Step>,
}

#[derive(Debug, PartialEq)]
struct Step {
    step: String,
    loss: String,
    right: String,
    /// From below.
    scores: Vec<Vec<f64>>,
}

/// Reads what an example prints.
///
/// # Errors
/// The text is not as the module shows it; the message names the line or the step.
pub fn parse(text: &str) -> Result<Learning> {
    let mut lines = text.lines().enumerate();
    let first = lines.next().map_or("", |(_, line)| line);
    let words: Vec<&str> = first.split_whitespace().collect();
    let ["from:", x, y, "by", by] = words[..] else {
        bail!("expected `from: X Y by DISTANCE` first, found `{first}`");
    };
    let mut learning = Learning {
        from: [number(x)?, number(y)?],
        by: number(by)?,
        kinds: Vec::new(),
        steps: Vec::new(),
    };
    for (index, line) in lines {
        learning
            .read(line)
            .with_context(|| format!("line {}", index + 1))?;
    }
    learning.check()?;
    Ok(learning)
}

fn number(text: &str) -> Result<f64> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.with_context(|| format!("expected a number, found `{text}`"))
}

impl Learning {
    fn read(&mut self, line: &str) -> Result<()> {
        if let Some(name) = line.strip_prefix("points: ") {
            self.kinds.push((name.to_owned(), Vec::new()));
            return Ok(());
        }
        if let Some(rest) = line.strip_prefix("step: ") {
            let [step, "loss", loss, "right", right] = rest.split(' ').collect::<Vec<_>>()[..]
            else {
                bail!("expected `step: STEP loss LOSS right SHARE`, found `{line}`");
            };
            let [step, loss, right] = [step, loss, right].map(str::to_owned);
            self.steps.push(Step {
                step,
                loss,
                right,
                scores: Vec::new(),
            });
            return Ok(());
        }
        let numbers: Vec<f64> = line.split(' ').map(number).collect::<Result<_>>()?;
        match (self.steps.last_mut(), self.kinds.last_mut(), &numbers[..]) {
            (Some(step), ..) => step.scores.push(numbers),
            (None, Some((_, points)), &[x, y]) => points.push([x, y]),
            _ => bail!("expected `points: NAME` and points, found `{line}`"),
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        if self.kinds.len() != 2 || self.kinds.iter().any(|(_, points)| points.is_empty()) {
            bail!("expected points of two kinds");
        }
        if self.steps.len() < STILL {
            bail!(
                "expected at least {STILL} steps, found {}",
                self.steps.len()
            );
        }
        let (rows, columns) = self.size();
        for Step { step, scores, .. } in &self.steps {
            let is_full = scores.iter().all(|row| row.len() == columns);
            if rows < 2 || columns < 2 || scores.len() != rows || !is_full {
                bail!(
                    "step {step}: expected {rows} rows of {columns} scores, at least two of each"
                );
            }
        }
        Ok(())
    }

    fn size(&self) -> (usize, usize) {
        let scores = &self.steps[0].scores;
        (scores.len(), scores.first().map_or(0, Vec::len))
    }

    /// In the picture, whose upper edge is at 0.
    fn height(&self) -> f64 {
        (self.size().0 - 1) as f64 * CELL
    }

    fn width(&self) -> f64 {
        (self.size().1 - 1) as f64 * CELL
    }

    /// All points of a kind, as one path: circles, or crosses.
    fn points(&self, kind: usize) -> String {
        let mut path = String::new();
        for [x, y] in &self.kinds[kind].1 {
            let x = (x - self.from[0]) / self.by * CELL;
            let y = self.height() - (y - self.from[1]) / self.by * CELL;
            let _ = match kind {
                0 => write!(
                    path,
                    "M{:.0} {y:.0}a6 6 0 1 0 12 0a6 6 0 1 0 -12 0z",
                    x - 6.0
                ),
                _ => write!(path, "M{:.0} {:.0}l12 12m0 -12l-12 12", x - 6.0, y - 6.0),
            };
        }
        path
    }

    /// What is drawn of a step: the upper side, the line around it, and where the network is sure of either.
    fn paths(&self, step: &Step) -> [String; 3] {
        let outline = |level: f64| loops(&step.scores, level);
        let edges = |level: f64| self.path(&outline(level), true);
        [
            self.path(&outline(0.0), false),
            edges(0.0),
            edges(SURE) + &edges(-SURE),
        ]
    }

    /// Loops as a path, in whole numbers; only what is inside of the frame, if it is `open`.
    fn path(&self, loops: &[Vec<[f64; 2]>], open: bool) -> String {
        let mut path = String::new();
        let [width, height] = [self.width(), self.height()].map(|number| number as i64);
        let is_at = |[x, y]: [i64; 2], [z, w]: [i64; 2]| {
            let same = |a: i64, b: i64, end: i64| a == b && (a == 0 || a == end);
            same(x, z, width) || same(y, w, height)
        };
        for points in loops {
            let round = |[x, y]: &[f64; 2]| {
                let [x, y] = [x * CELL, self.height() - y * CELL];
                [x.round() as i64, y.round() as i64]
            };
            let mut points: Vec<[i64; 2]> = points.iter().map(round).collect();
            points.extend(points.first().copied());
            points.dedup();
            // Where the pen is.
            let mut pen = None;
            for pair in points.windows(2) {
                let [from, to] = [pair[0], pair[1]];
                if open && is_at(from, to) {
                    continue;
                }
                if pen != Some(from) {
                    let _ = write!(path, "M{} {}", from[0], from[1]);
                }
                let _ = write!(path, "l{} {}", to[0] - from[0], to[1] - from[1]);
                pen = Some(to);
            }
        }
        path
    }

    /// One step, for paper.
    fn still(&self, step: &Step, id: &str, title: &str, description: &str) -> String {
        let (width, height) = (self.width(), self.height());
        let title = format!("{title}: step {}", step.step);
        let mut svg = svg::head("boundary", id, &title, description, (width, height), false);
        let [side, line, sure] = self.paths(step);
        let _ = write!(
            svg,
            r#"<path class="boundary-side" d="{side}"></path><path class="boundary-sure" d="{sure}"></path><path class="boundary-line" d="{line}"></path><path class="boundary-first" d="{}"></path><path class="boundary-second" d="{}"></path><rect class="boundary-frame" width="{width:.0}" height="{height:.0}"></rect></svg>"#,
            self.points(0),
            self.points(1),
        );
        format!(
            "<div>{svg}<p>Step {}: loss {}, right {}</p></div>",
            escape(&step.step),
            escape(&step.loss),
            escape(&step.right)
        )
    }
}

/// Where the scores cross a level, as loops around what is above it. Outside of the scores everything is
/// below, so that all loops are closed. Places are columns and rows.
fn loops(scores: &[Vec<f64>], level: f64) -> Vec<Vec<[f64; 2]>> {
    let (rows, columns) = (scores.len() as i64, scores[0].len() as i64);
    // A corner is a score, or one outside: that has the place of its neighbour at the edge.
    let above = |(row, column): (i64, i64)| {
        let inside = (0..rows).contains(&row) && (0..columns).contains(&column);
        inside.then(|| scores[row as usize][column as usize] - level)
    };
    let is_above = |corner| above(corner).is_some_and(|score| score > 0.0);
    let place = |(row, column): (i64, i64)| {
        [
            column.clamp(0, columns - 1) as f64,
            row.clamp(0, rows - 1) as f64,
        ]
    };
    // From a side of a cell to the next one that the level crosses; a side is between two corners.
    type Side = ((i64, i64), (i64, i64));
    let mut next: BTreeMap<Side, Side> = BTreeMap::new();
    for row in -1..rows {
        for column in -1..columns {
            let corners =
                [(0, 0), (0, 1), (1, 1), (1, 0)].map(|(up, right)| (row + up, column + right));
            let side = |index: usize| (corners[index % 4], corners[(index + 1) % 4]);
            for index in 0..4 {
                let (from, to) = side(index);
                if !is_above(from) || is_above(to) {
                    continue;
                }
                let back = (1..4).map(|ahead| side(index + ahead));
                let back = back
                    .into_iter()
                    .find(|(from, to)| !is_above(*from) && is_above(*to));
                if let Some((below, over)) = back {
                    // Both from above to below, as the cells on both sides of them see it.
                    next.insert((from, to), (over, below));
                }
            }
        }
    }
    let crossing = |(from, to): Side| {
        let ([x, y], [z, w]) = (place(from), place(to));
        let share = match (above(from), above(to)) {
            (Some(high), Some(low)) => high / (high - low),
            _ => 0.0,
        };
        [x + share * (z - x), y + share * (w - y)]
    };
    let mut loops = Vec::new();
    while let Some((&start, _)) = next.first_key_value() {
        let mut points = Vec::new();
        let mut at = start;
        while let Some(to) = next.remove(&at) {
            points.push(crossing(at));
            at = to;
        }
        loops.push(points);
    }
    loops
}

/// The figure for a chapter. `id` is unique in the page.
pub fn render(learning: &Learning, id: &str, title: &str, description: &str) -> String {
    let steps = &learning.steps;
    let stills = (0..STILL).map(|index| {
        let step = &steps[index * (steps.len() - 1) / (STILL - 1)];
        learning.still(step, &format!("{id}-{index}"), title, description)
    });
    let frames = steps.iter().map(|step| {
        let [side, line, sure] = learning.paths(step);
        json!({ "step": step.step, "loss": step.loss, "right": step.right, "side": side, "line": line, "sure": sure })
    });
    let all = json!({
        "title": title,
        "description": description,
        "kinds": learning.kinds.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        "points": [learning.points(0), learning.points(1)],
        "width": learning.width(),
        "height": learning.height(),
        "frames": frames.collect::<Vec<_>>(),
    });
    let key = format!(
        r#"<ul class="boundary-key" aria-label="Signs"><li>{} the {} moon</li><li>{} the {} moon</li><li>{} taken for the {} moon</li><li>{} 90% sure</li></ul>"#,
        sign(r#"<path class="boundary-first" d="M18 16a6 6 0 1 0 12 0a6 6 0 1 0 -12 0z"></path>"#),
        escape(&learning.kinds[0].0),
        sign(r#"<path class="boundary-second" d="M18 10l12 12m0 -12l-12 12"></path>"#),
        escape(&learning.kinds[1].0),
        sign(
            r#"<path class="boundary-side" d="M0 16h48v16h-48z"></path><path class="boundary-line" d="M0 16h48"></path>"#
        ),
        escape(&learning.kinds[0].0),
        sign(r#"<path class="boundary-sure" d="M0 16h48"></path>"#),
    );
    let body = format!(
        r#"<autograd-boundary><div class="boundary-still">{}</div>{key}{}</autograd-boundary>"#,
        stills.collect::<String>(),
        data(&all.to_string())
    );
    figure("live", &escape(title), &body)
}

/// A small picture in a line of text.
fn sign(inner: &str) -> String {
    format!(r#"<svg class="boundary-sign" viewBox="0 0 48 32" aria-hidden="true">{inner}</svg>"#)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::svg::drawn;
    use pretty_assertions::assert_eq;

    const POINTS: &str = "from: 0 0 by 1\npoints: up\n0.5 1\npoints: down\n1 0\n2 0\n";

    fn learning(scores: &str) -> String {
        let steps =
            (0..4).map(|step| format!("step: {step} loss 0.{step} right 5{step}%\n{scores}"));
        POINTS.to_owned() + &steps.collect::<String>()
    }

    /// The loops around what is above 0, as a path, and the line.
    fn paths(scores: &str) -> [String; 2] {
        let learning = parse(&learning(scores)).unwrap();
        let [side, line, _] = learning.paths(&learning.steps[0]);
        [side, line]
    }

    #[test]
    fn the_line_is_where_the_scores_cross_zero() {
        // Above 0 on the left. The frame is no line, but a part of the outline.
        assert_eq!(
            paths("1 -1 -1\n3 -1 -1\n"),
            ["M0 20l10 0l5 -20l-15 0l0 20", "M10 20l5 -20"]
        );
        // An island.
        let [side, line] = paths("-1 -1 -1\n-1 1 -1\n-1 -1 -1\n");
        assert_eq!(side.matches('M').count(), 1);
        assert_eq!(side.matches('l').count(), 4, "{side}");
        assert_eq!(line.matches('l').count(), 4, "{line}");
        // Everything, and nothing.
        assert_eq!(paths("1 1\n1 1\n")[0], "M0 20l20 0l0 -20l-20 0l0 20");
        assert_eq!(paths("-1 -1\n-1 -1\n"), ["", ""]);
        // Two corners that touch belong together.
        assert_eq!(paths("1 -1\n-1 1\n")[0].matches('M').count(), 1);
    }

    #[test]
    fn four_steps_are_drawn_and_all_are_in_the_page() {
        let text = learning("1 -1 -1\n3 -1 -1\n");
        let html = render(&parse(&text).unwrap(), "b-1", "A & B", "What it is");
        assert!(!html.contains('\n') && !html.contains("{{"), "{html}");
        for step in 0..4 {
            let said = format!("<p>Step {step}: loss 0.{step}, right 5{step}%</p>");
            assert!(html.contains(&said), "{said} is not in {html}");
        }
        let (start, end) = (html.find("<svg").unwrap(), html.find("</svg>").unwrap());
        let svg = &html[start..end + "</svg>".len()];
        assert_eq!(
            drawn(svg, &["boundary-first"])[0].path,
            "M4 0a6 6 0 1 0 12 0a6 6 0 1 0 -12 0z"
        );
        assert_eq!(
            drawn(svg, &["boundary-second"])[0].path,
            "M14 14l12 12m0 -12l-12 12M34 14l12 12m0 -12l-12 12"
        );
        let (_, data) = html
            .split_once("<script type=\"application/json\">")
            .unwrap();
        let (data, _) = data.split_once("</script>").unwrap();
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["frames"].as_array().unwrap().len(), 4);
        assert_eq!(data["frames"][2]["loss"], "0.2");
        assert_eq!(data["frames"][2]["side"], "M0 20l10 0l5 -20l-15 0l0 20");
        assert_eq!(data["kinds"], json!(["up", "down"]));
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        let refused = |text: &str, message: &str| {
            assert_eq!(format!("{:#}", parse(text).unwrap_err()), message);
        };
        refused("", "expected `from: X Y by DISTANCE` first, found ``");
        refused(
            "from: 0 0 by 1\n1 2\n",
            "line 2: expected `points: NAME` and points, found `1 2`",
        );
        refused("from: 0 0 by 1\n", "expected points of two kinds");
        refused(POINTS, "expected at least 4 steps, found 0");
        refused(
            &format!("{POINTS}step: 1\n"),
            "line 7: expected `step: STEP loss LOSS right SHARE`, found `step: 1`",
        );
        refused(
            &format!("{POINTS}step: 1 loss 2 right x\n1 z\n"),
            "line 8: expected a number, found `z`",
        );
        refused(
            &(learning("1 1\n1 1\n") + "1 1\n"),
            "step 3: expected 2 rows of 2 scores, at least two of each",
        );
    }
}

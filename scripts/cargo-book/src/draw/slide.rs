//! `{{#slide tests derivatives error-plot "Title" "Description"}}`: errors of differences against their step h, as
//! [`crate::draw::plot`] draws them, and a step that the reader drags. Below the curves the example prints:
//!
//! ```text
//! slide: 0.54 difference | slope | error // the slope of the tangent, and the head of the table
//! stop: 1.00e-1                          // a step, as in the points of the curves
//! one-sided | 0.4974 | 4.29e-2           // rows of the table
//! central | 0.5394 | 9.00e-4
//! say: The error is mostly truncation.
//! near: -1.241 … 0.907                   // f(x + kh/8) − f(x) over h, for k from −16 to 16
//! ```
//!
//! For paper only the curves are drawn. The stops are in the page, as words and paths, for the theme's `slide.js`.

use std::fmt::Write;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::draw::plot::{self, Plot, marker};
use crate::draw::svg;
use crate::html::{data, escape, figure};

/// Of the picture that magnifies the function: how large h is, and how far it goes from its centre.
const UNIT: f64 = 60.0;
const CENTER: [f64; 2] = [2.0 * UNIT, 1.4 * UNIT];
/// Values around x, and those at x − h, x and x + h among them.
const NEAR: usize = 33;
const ENDS: [usize; 3] = [8, 16, 24];

/// Curves, and the steps between which the reader drags.
#[derive(Debug, PartialEq)]
pub struct Slide {
    plot: Plot,
    slope: f64,
    head: Vec<String>,
    stops: Vec<Stop>,
}

#[derive(Debug, Default, PartialEq)]
struct Stop {
    x: f64,
    name: String,
    rows: Vec<Vec<String>>,
    say: String,
    near: Vec<f64>,
}

/// Reads what an example prints.
///
/// # Errors
/// The text is not as the module shows it; the message names the line, the curve or the stop.
pub fn parse(text: &str) -> Result<Slide> {
    let (curves, rest) = text
        .split_once("slide: ")
        .context("expected `slide: SLOPE HEAD | HEAD …` below the curves")?;
    let above = curves.lines().count();
    let (first, rest) = rest.split_once('\n').unwrap_or((rest, ""));
    let (slope, head) = first.split_once(' ').unwrap_or((first, ""));
    let mut slide = Slide {
        plot: plot::parse(curves)?,
        slope: number(slope).with_context(|| format!("line {}", above + 1))?,
        head: cells(head),
        stops: Vec::new(),
    };
    for (index, line) in rest.lines().enumerate() {
        slide
            .read(line)
            .with_context(|| format!("line {}", above + index + 2))?;
    }
    if slide.stops.len() < 2 {
        bail!("expected at least 2 stops, found {}", slide.stops.len());
    }
    for Stop {
        name, say, near, ..
    } in &slide.stops
    {
        if say.is_empty() || near.len() != NEAR {
            bail!("stop {name}: expected `say: SENTENCE` and `near:` with {NEAR} numbers");
        }
    }
    Ok(slide)
}

fn number(text: &str) -> Result<f64> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.with_context(|| format!("expected a number, found `{text}`"))
}

fn cells(line: &str) -> Vec<String> {
    line.split('|').map(|cell| cell.trim().to_owned()).collect()
}

impl Slide {
    fn read(&mut self, line: &str) -> Result<()> {
        if let Some(name) = line.strip_prefix("stop: ") {
            self.stops.push(Stop {
                x: number(name)?,
                name: name.to_owned(),
                ..Stop::default()
            });
            return Ok(());
        }
        let Some(stop) = self.stops.last_mut() else {
            bail!("expected `stop: STEP`, found `{line}`");
        };
        if let Some(sentence) = line.strip_prefix("say: ") {
            sentence.clone_into(&mut stop.say);
        } else if let Some(numbers) = line.strip_prefix("near: ") {
            stop.near = numbers.split(' ').map(number).collect::<Result<_>>()?;
        } else {
            let row = cells(line);
            if row.len() != self.head.len() {
                bail!("expected {} cells, found `{line}`", self.head.len());
            }
            stop.rows.push(row);
        }
        Ok(())
    }

    /// What the script shows of a stop.
    fn frame(&self, stop: &Stop) -> Value {
        let (at, line, markers) = self.plot.at(stop.x);
        let markers: Vec<String> = markers.into_iter().map(|(_, path)| path).collect();
        let [left, middle, right] = ENDS.map(|index| stop.near[index]);
        let [left, middle, right] = [[-1.0, left], [0.0, middle], [1.0, right]];
        // One-sided and central, as the curves are told apart.
        let secants = [[middle, right], [left, right]];
        let ends = secants.iter().enumerate().map(|(number, ends)| {
            let markers = ends.map(|end| marker(number, place(end)));
            markers.concat()
        });
        json!({
            "at": (at * 10.0).round() / 10.0,
            "line": line,
            "markers": markers,
            "name": stop.name,
            "rows": stop.rows,
            "say": stop.say,
            "curve": curve(&stop.near),
            "secants": secants.map(|[from, to]| straight(from, to)),
            "ends": ends.collect::<Vec<_>>(),
        })
    }
}

/// In the picture that magnifies the function, of what is so many h from its centre.
fn place([x, y]: [f64; 2]) -> [f64; 2] {
    [CENTER[0] + x * UNIT, CENTER[1] - y * UNIT]
}

fn curve(near: &[f64]) -> String {
    let mut path = String::new();
    for (index, y) in near.iter().enumerate() {
        let [x, y] = place([(index as f64 - ENDS[1] as f64) / 8.0, *y]);
        let _ = write!(path, "{}{x:.1} {y:.1}", if index == 0 { 'M' } else { 'L' });
    }
    path
}

/// A straight line through two points, from one side of the picture to the other.
fn straight([x, y]: [f64; 2], [z, w]: [f64; 2]) -> String {
    let slope = (w - y) / (z - x);
    let [from, to] = [-2.0, 2.0].map(|end| place([end, y + slope * (end - x)]));
    format!("M{:.1} {:.1}L{:.1} {:.1}", from[0], from[1], to[0], to[1])
}

/// The figure for a chapter. `id` is unique in the page.
pub fn render(slide: &Slide, id: &str, title: &str, description: &str) -> String {
    let frames = slide.stops.iter().map(|stop| slide.frame(stop));
    let (_, _, markers) = slide.plot.at(slide.stops[0].x);
    let all = json!({
        "styles": markers.into_iter().map(|(style, _)| style).collect::<Vec<_>>(),
        "head": slide.head,
        "width": 2.0 * CENTER[0],
        "height": 2.0 * CENTER[1],
        "unit": UNIT,
        "tangent": straight([0.0, 0.0], [1.0, slide.slope]),
        "frames": frames.collect::<Vec<_>>(),
    });
    let body = format!(
        "<autograd-slide>{}{}</autograd-slide>",
        svg::scrolling(&slide.plot.svg(id, title, description)),
        data(&all.to_string())
    );
    figure("picture", &escape(title), &body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::svg::drawn;
    use pretty_assertions::assert_eq;

    const CURVES: &str = "x: h log\ny: error\nguide: slope 1\n0.1 1\n1 2\npoints: one\n0.1 1\n1 2\npoints: two\n1 3\n";

    /// A slide of the parabola at 1, whose values around it are as large at each stop.
    fn slide() -> String {
        let near = (-16..=16).map(|eighth| format!("{:.3}", f64::from(eighth).powi(2) / 256.0));
        let near = near.collect::<Vec<_>>().join(" ");
        let stop = |x: &str| {
            format!("stop: {x}\none | 0.{x}5\ntwo | 0.1\nsay: With {x} < 2.\nnear: {near}\n")
        };
        format!(
            "{CURVES}slide: 0 kind | slope\n{}{}",
            stop("0.1"),
            stop("1")
        )
    }

    #[test]
    fn the_curves_are_drawn_and_the_stops_are_in_the_page() {
        let slide = parse(&slide()).unwrap();
        let html = render(&slide, "s-1", "A & B", "What it is");
        assert!(!html.contains('\n') && !html.contains("{{"), "{html}");
        let curves = plot::parse(CURVES)
            .unwrap()
            .svg("s-1", "A & B", "What it is");
        assert!(html.contains(&curves), "{html}");

        let (_, data) = html
            .split_once("<script type=\"application/json\">")
            .unwrap();
        let (data, _) = data.split_once("</script>").unwrap();
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["head"], json!(["kind", "slope"]));
        assert_eq!(data["styles"], json!(["plot-2", "plot-3"]));
        assert_eq!(data["tangent"], "M0.0 84.0L240.0 84.0");
        let frames = data["frames"].as_array().unwrap();
        assert_eq!(frames.len(), 2);
        assert_eq!(frames[0]["name"], "0.1");
        assert_eq!(frames[0]["rows"][0], json!(["one", "0.0.15"]));
        assert_eq!(frames[0]["say"], "With 0.1 < 2.");
        // The second curve has no point at the first stop. Markers are as the curve has them.
        assert_eq!(frames[0]["markers"][1], "");
        let markers = drawn(&curves, &["plot-marker"]);
        assert_eq!(markers.len(), 2);
        assert_eq!(frames[1]["markers"][1], markers[1].path);
        assert!(
            markers[0]
                .path
                .ends_with(frames[1]["markers"][0].as_str().unwrap())
        );
    }

    #[test]
    fn secants_go_through_the_values_that_a_difference_takes() {
        let slide = parse(&slide()).unwrap();
        let frame = slide.frame(&slide.stops[1]);
        // f(x ± h) is h/4 above f(x), and f(x ± 2h) is h above it; h is 60 wide.
        assert!(frame["curve"].as_str().unwrap().starts_with("M0.0 24.0L"));
        assert_eq!(
            frame["secants"],
            json!(["M0.0 114.0L240.0 54.0", "M0.0 69.0L240.0 69.0"])
        );
        let [first, second] = [0, 1].map(|end| frame["ends"][end].as_str().unwrap().to_owned());
        assert_eq!(first, marker(0, [120.0, 84.0]) + &marker(0, [180.0, 69.0]));
        assert_eq!(second, marker(1, [60.0, 69.0]) + &marker(1, [180.0, 69.0]));
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        let refused = |text: &str, message: &str| {
            assert_eq!(format!("{:#}", parse(text).unwrap_err()), message);
        };
        refused(
            CURVES,
            "expected `slide: SLOPE HEAD | HEAD …` below the curves",
        );
        let with = |rest: &str| format!("{CURVES}slide: {rest}");
        refused(
            &with("steep a | b\n"),
            "line 11: expected a number, found `steep`",
        );
        refused(&with("1 a | b\n"), "expected at least 2 stops, found 0");
        refused(
            &with("1 a | b\nc | d\n"),
            "line 12: expected `stop: STEP`, found `c | d`",
        );
        refused(
            &with("1 a | b\nstop: 1\nc\n"),
            "line 13: expected 2 cells, found `c`",
        );
        refused(
            &with("1 a | b\nstop: 1\nsay: A.\nnear: 1 2\nstop: 2\n"),
            "stop 1: expected `say: SENTENCE` and `near:` with 33 numbers",
        );
    }
}

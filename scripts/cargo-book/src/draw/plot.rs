//! `{{#plot tests derivatives error-plot "Title" "Description"}}`: the numbers that an example
//! prints, drawn as curves. They are written like this:
//!
//! ```text
//! x: step h log                  // the axes; `log` makes one logarithmic
//! y: error log
//!
//! points: measured               // markers, one for each pair of numbers
//! 1e-1 4.3e-2
//! 1e-2 4.2e-3
//!
//! line: in theory                // a line through the pairs, with markers if they are few
//! 1e-1 4.2e-2
//! 1e-2 4.2e-3
//!
//! guide: slope 1                 // a thin line that is there to compare with
//! 1e-1 1e-1
//! 1e-2 1e-2
//!
//! mark: 1e-2 4.2e-3 here         // a ring with a text
//! ```
//!
//! With `panel: in theory` for `line: in theory` a curve has a small picture of its own. Then all of them have,
//! with the same axes, and the name above.
//!
//! Each curve has its name beside it, in its colour, dashes of its own and one of four markers:
//! nobody has to tell colours apart. The names find their places in the order of the curves.
//!
//! Colours are variables of the page and follow the reader's theme. That is what plotting libraries
//! do not offer: they write fixed colours.

use std::fmt::Write;

use anyhow::{Context, Result, bail};

use crate::draw::room::{Area, FONT, GAP, Kind, Room, width};
use crate::draw::scale::{Axis, Scale};
use crate::draw::svg;
use crate::html::{escape, figure};

/// The size of the picture. It is scaled to the page, down to three quarters of this on a phone.
const SIZE: [f64; 2] = [430.0, 340.0];
/// Of a panel.
const PANEL: [f64; 2] = [180.0, 165.0];
/// A line through this many points has markers on them.
const FEW: usize = 20;
/// An axis has at most so many.
const MOST_TICKS: usize = 7;
const MOST_TICKS_OF_PANEL: usize = 3;
/// The style sheet knows so many colours and dashes; none of the colours is that of forward mode.
const STYLES: usize = 5;

/// Curves and their axes.
#[derive(Debug, PartialEq)]
pub struct Plot {
    x: Axis,
    y: Axis,
    curves: Vec<Curve>,
    marks: Vec<Mark>,
    /// Of the two axes.
    scales: [Scale; 2],
    size: [f64; 2],
}

#[derive(Debug, Clone, PartialEq)]
struct Curve {
    kind: Kind,
    name: String,
    points: Vec<[f64; 2]>,
}

#[derive(Debug, PartialEq)]
struct Mark {
    at: [f64; 2],
    text: String,
}

/// Reads what an example prints.
///
/// # Errors
/// The text is not as the module shows it; the message names the line, the curve or the axis.
pub fn parse(text: &str) -> Result<Plot> {
    let (mut x, mut y) = (None, None);
    let mut curves: Vec<Curve> = Vec::new();
    let mut marks = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        read_line(line, &mut x, &mut y, &mut curves, &mut marks)
            .with_context(|| format!("line {}", index + 1))?;
    }
    let (Some(x), Some(y)) = (x, y) else {
        bail!("expected the axes first, `x: LABEL` and `y: LABEL`");
    };
    if curves.is_empty() {
        bail!(
            "there is no curve: expected `line: NAME`, `points: NAME`, `guide: NAME` or `panel: NAME`"
        );
    }
    for curve in &curves {
        let least = if curve.kind == Kind::Points { 1 } else { 2 };
        if curve.points.len() < least {
            bail!(
                "points of the curve `{}`: expected at least {least}, found {}",
                curve.name,
                curve.points.len()
            );
        }
    }
    if curves.len() > STYLES && curves[0].kind != Kind::Panel {
        bail!(
            "there are {} curves: more than {STYLES} cannot be told apart",
            curves.len()
        );
    }
    let panels = curves.iter().filter(|curve| curve.kind == Kind::Panel);
    let (size, most) = match panels.count() {
        0 => (SIZE, MOST_TICKS),
        count if count == curves.len() && marks.is_empty() => (PANEL, MOST_TICKS_OF_PANEL),
        _ => bail!("beside panels there can be nothing else"),
    };
    let numbers = |index: usize| {
        let points = curves.iter().flat_map(|curve| &curve.points);
        let marks = marks.iter().map(|mark: &Mark| &mark.at);
        points.chain(marks).map(move |point| point[index])
    };
    let scales = [
        Scale::new(&x, numbers(0), most).context("the axis `x`")?,
        Scale::new(&y, numbers(1), most).context("the axis `y`")?,
    ];
    Ok(Plot {
        x,
        y,
        curves,
        marks,
        scales,
        size,
    })
}

fn read_line(
    line: &str,
    x: &mut Option<Axis>,
    y: &mut Option<Axis>,
    curves: &mut Vec<Curve>,
    marks: &mut Vec<Mark>,
) -> Result<()> {
    let point = |from: &str, to: &str| point([from, to], [x.as_ref(), y.as_ref()]);
    let Some((word, rest)) = line.split_once(':') else {
        let [from, to] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            bail!("expected two numbers, found `{line}`");
        };
        let point = point(from, to)?;
        let Some(curve) = curves.last_mut() else {
            bail!(
                "`{line}` belongs to no curve: expected `line: NAME`, `points: NAME`, `guide: NAME` or `panel: NAME` before it"
            );
        };
        curve.points.push(point);
        return Ok(());
    };
    let rest = rest.trim();
    if rest.is_empty() {
        bail!("there is nothing after `{word}:`");
    }
    let kind = match word {
        "x" | "y" => {
            let axis = if word == "x" { x } else { y };
            if axis.is_some() {
                bail!("there is already an axis `{word}`");
            }
            let label = rest.strip_suffix(" log");
            *axis = Some(Axis {
                label: label.unwrap_or(rest).trim().to_owned(),
                logarithmic: label.is_some(),
            });
            return Ok(());
        }
        "mark" => {
            let [from, to, ..] = rest.split_whitespace().collect::<Vec<_>>()[..] else {
                bail!("expected `mark: X Y TEXT`, found `{line}`");
            };
            let text = rest[from.len()..].trim_start()[to.len()..].trim();
            if text.is_empty() {
                bail!("expected `mark: X Y TEXT`, found `{line}`");
            }
            marks.push(Mark {
                at: point(from, to)?,
                text: text.to_owned(),
            });
            return Ok(());
        }
        "line" => Kind::Line,
        "points" => Kind::Points,
        "guide" => Kind::Guide,
        "panel" => Kind::Panel,
        _ => bail!("expected x, y, line, points, guide, panel or mark, found `{word}:`"),
    };
    if curves.iter().any(|curve| curve.name == rest) {
        bail!("there are two curves `{rest}`");
    }
    curves.push(Curve {
        kind,
        name: rest.to_owned(),
        points: Vec::new(),
    });
    Ok(())
}

fn point(texts: [&str; 2], axes: [Option<&Axis>; 2]) -> Result<[f64; 2]> {
    let mut point = [0.0; 2];
    for (index, (text, axis)) in texts.into_iter().zip(axes).enumerate() {
        let Some(axis) = axis else {
            bail!("expected the axes first, `x: LABEL` and `y: LABEL`");
        };
        match text.parse::<f64>() {
            Ok(number) if !number.is_finite() => bail!("`{text}` cannot be drawn"),
            Ok(number) if axis.logarithmic && number <= 0.0 => {
                bail!(
                    "`{text}` has no place on the logarithmic axis `{}`",
                    axis.label
                )
            }
            Ok(number) => point[index] = number,
            Err(_) => bail!("expected a number, found `{text}`"),
        }
    }
    Ok(point)
}

/// The figure for a chapter: the picture, and its title as the caption. `id` is unique in the
/// page.
pub fn render(plot: &Plot, id: &str, title: &str, description: &str) -> String {
    let body = match plot.curves[0].kind {
        Kind::Panel => plot.panels(id, title, description),
        _ => svg::scrolling(&plot.svg(id, title, description)),
    };
    figure("picture", &escape(title), &body)
}

impl Plot {
    /// A picture of each curve, and all of them as one for those who cannot see it.
    fn panels(&self, id: &str, title: &str, description: &str) -> String {
        let panel = |(number, curve): (usize, &Curve)| {
            let y = Axis {
                label: curve.name.clone(),
                ..self.y.clone()
            };
            let panel = Plot {
                x: self.x.clone(),
                y,
                curves: vec![curve.clone()],
                marks: Vec::new(),
                scales: self.scales.clone(),
                size: self.size,
            };
            panel.svg(&format!("{id}-{number}"), &curve.name, title)
        };
        let panels: String = self.curves.iter().enumerate().map(panel).collect();
        format!(
            r#"<div class="panels" role="img" aria-label="{}. {}">{panels}</div>"#,
            escape(title),
            escape(description)
        )
    }

    /// The picture.
    pub(super) fn svg(&self, id: &str, title: &str, description: &str) -> String {
        let frame = self.frame();
        let place = |point| self.place(point);
        let mut svg = svg::head("plot", id, title, description, self.size.into(), false);
        self.axes(&mut svg, &frame);

        let curves: Vec<Vec<[f64; 2]>> = self
            .curves
            .iter()
            .map(|curve| curve.points.iter().copied().map(place).collect())
            .collect();
        for (number, (curve, points)) in self.curves.iter().zip(&curves).enumerate() {
            curve.draw(&mut svg, number, points);
        }
        let rings: Vec<[f64; 2]> = self.marks.iter().map(|mark| place(mark.at)).collect();
        for [x, y] in &rings {
            let _ = write!(
                svg,
                r#"<circle class="plot-mark" cx="{x:.1}" cy="{y:.1}" r="7"></circle>"#
            );
        }
        let lines = self.curves.iter().zip(curves);
        let lines = lines.map(|(curve, points)| (curve.kind, points)).collect();
        self.names(&mut svg, &mut Room::new(frame, lines, &rings), &rings);
        svg.push_str("</svg>");
        svg
    }

    /// Where a point is in the picture.
    fn place(&self, point: [f64; 2]) -> [f64; 2] {
        let (scales, frame) = (&self.scales, self.frame());
        let [x, y] = [scales[0].place(point[0]), scales[1].place(point[1])];
        [
            frame.left + x * (frame.right - frame.left),
            frame.bottom - y * (frame.bottom - frame.top),
        ]
    }

    /// A vertical line through the picture, where it is, and the markers of the curves on it, each with its class.
    pub(super) fn at(&self, x: f64) -> (f64, String, Vec<(String, String)>) {
        let frame = self.frame();
        let at = frame.left + self.scales[0].place(x) * (frame.right - frame.left);
        let line = format!("M{at:.1} {:.1}V{:.1}", frame.top, frame.bottom);
        let curves = self.curves.iter().enumerate();
        let curves = curves.filter(|(_, curve)| curve.kind != Kind::Guide);
        let markers = curves.map(|(number, curve)| {
            let points = curve.points.iter().filter(|point| point[0] == x);
            let path = points.map(|point| marker(number, self.place(*point)));
            (curve.style(number), path.collect())
        });
        (at, line, markers.collect())
    }

    /// What is left between the axes.
    fn frame(&self) -> Area {
        let widest = self.scales[1].ticks.iter().map(|(_, text)| width(text));
        Area {
            left: widest.fold(0.0, f64::max) + 10.0,
            top: 2.0 * FONT,
            right: self.size[0] - 14.0,
            bottom: self.size[1] - 3.2 * FONT,
        }
    }

    fn axes(&self, svg: &mut String, frame: &Area) {
        let [x, y] = &self.scales;
        let Area {
            left,
            top,
            right,
            bottom,
        } = *frame;
        let mut grid = String::new();
        for (tick, text) in &x.ticks {
            let at = left + (tick - x.from) / (x.to - x.from) * (right - left);
            let _ = write!(grid, "M{at:.1} {top:.1}V{bottom:.1}");
            let y = bottom + 1.2 * FONT;
            let _ = write!(
                svg,
                r#"<text class="plot-tick-x" x="{at:.1}" y="{y:.1}">{text}</text>"#
            );
        }
        for (tick, text) in &y.ticks {
            let at = bottom - (tick - y.from) / (y.to - y.from) * (bottom - top);
            let _ = write!(grid, "M{left:.1} {at:.1}H{right:.1}");
            let (x, y) = (left - 6.0, at + 0.35 * FONT);
            let _ = write!(
                svg,
                r#"<text class="plot-tick-y" x="{x:.1}" y="{y:.1}">{text}</text>"#
            );
        }
        let _ = write!(
            svg,
            r#"<path class="plot-grid" d="{grid}"></path><path class="plot-axis" d="M{left:.1} {top:.1}V{bottom:.1}H{right:.1}"></path><text class="plot-label-x" x="{:.1}" y="{:.1}">{}</text><text class="plot-label-y" x="0" y="{FONT:.1}">{}</text>"#,
            (left + right) / 2.0,
            self.size[1] - 0.5 * FONT,
            escape(&self.x.label),
            escape(&self.y.label),
        );
    }

    /// The texts of the marks and the names of the curves. A mark has one place only, so it has
    /// the first choice.
    fn names(&self, svg: &mut String, room: &mut Room, rings: &[[f64; 2]]) {
        for (mark, ring) in self.marks.iter().zip(rings) {
            let area = room.find(&mark.text, &[*ring], None, GAP + 5.0);
            write_text(svg, "plot-mark-text", &area, &mark.text);
        }
        let curves = self.curves.iter().enumerate();
        // The name of a panel is above it.
        for (number, curve) in curves.filter(|(_, curve)| curve.kind != Kind::Panel) {
            let points = room.lines[number].1.clone();
            let area = room.find(&curve.name, &points, Some(number), GAP);
            let class = format!("plot-name {}", curve.style(number));
            write_text(svg, &class, &area, &curve.name);
        }
    }
}

fn write_text(svg: &mut String, class: &str, area: &Area, text: &str) {
    let [x, y] = area.center();
    let _ = write!(
        svg,
        r#"<text class="{class}" x="{x:.1}" y="{:.1}">{}</text>"#,
        y + 0.35 * FONT,
        escape(text)
    );
}

impl Curve {
    fn style(&self, number: usize) -> String {
        match self.kind {
            Kind::Guide => "plot-guide".to_owned(),
            // The same colour in all pictures; dashes and markers are as of any other curve.
            Kind::Line | Kind::Points | Kind::Panel => match &*self.name {
                "forward mode" => format!("plot-{} plot-forward", number + 1),
                "reverse mode" => format!("plot-{} plot-reverse", number + 1),
                _ => format!("plot-{}", number + 1),
            },
        }
    }

    fn draw(&self, svg: &mut String, number: usize, points: &[[f64; 2]]) {
        let style = self.style(number);
        if self.kind != Kind::Points {
            let mut path = String::new();
            for (index, [x, y]) in points.iter().enumerate() {
                let sign = if index == 0 { 'M' } else { 'L' };
                let _ = write!(path, "{sign}{x:.1} {y:.1}");
            }
            let _ = write!(svg, r#"<path class="plot-line {style}" d="{path}"></path>"#);
        }
        let is_marked = self.kind == Kind::Points || points.len() <= FEW;
        if self.kind != Kind::Guide && is_marked {
            let markers: String = points.iter().map(|point| marker(number, *point)).collect();
            let _ = write!(
                svg,
                r#"<path class="plot-marker {style}" d="{markers}"></path>"#
            );
        }
    }
}

/// A small figure around a point: a circle, a square, a triangle or a diamond, and again.
pub(super) fn marker(number: usize, [x, y]: [f64; 2]) -> String {
    match number % 4 {
        0 => format!(
            "M{:.1} {y:.1}a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0Z",
            x - 3.5
        ),
        1 => format!("M{:.1} {:.1}h6.4v6.4h-6.4Z", x - 3.2, y - 3.2),
        2 => format!("M{:.1} {:.1}h8.4l-4.2 -7.6Z", x - 4.2, y + 3.4),
        _ => format!("M{x:.1} {:.1}l4.4 4.4l-4.4 4.4l-4.4 -4.4Z", y - 4.4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::room::dense;
    use crate::draw::svg::{assert_near, drawn as elements};
    use pretty_assertions::assert_eq;
    use std::collections::HashSet;

    const TWO: &str = "x: step <h> log\ny: error\n\nline: a & b\n0.1 1\n1 2\n10 4\n\
                       points: c\n1 3\nguide: d\n0.1 1\n10 5\nmark: 1 3 here it is\n";

    fn drawn(text: &str) -> String {
        render(&parse(text).unwrap(), "p1", "A & B", "What it \"is\"")
    }

    #[test]
    fn axes_curves_and_marks_are_read() {
        let plot = parse(TWO).unwrap();
        assert_eq!(plot.x.label, "step <h>");
        assert_eq!((plot.x.logarithmic, plot.y.logarithmic), (true, false));
        let kinds: Vec<Kind> = plot.curves.iter().map(|curve| curve.kind).collect();
        assert_eq!(kinds, [Kind::Line, Kind::Points, Kind::Guide]);
        assert_eq!(plot.curves[0].points, [[0.1, 1.0], [1.0, 2.0], [10.0, 4.0]]);
        let (at, text) = ([1.0, 3.0], "here it is".to_owned());
        assert_eq!(plot.marks, [Mark { at, text }]);
    }

    #[test]
    fn everything_is_drawn_in_one_line_with_a_style_for_each_curve() {
        let svg = drawn(TWO);
        for wanted in [
            r#"<div class="graph-scroll" tabindex="0"><svg class="plot" "#,
            r#"role="img" aria-labelledby="p1-title p1-desc""#,
            r#"<title id="p1-title">A &amp; B</title>"#,
            r#"<desc id="p1-desc">What it &quot;is&quot;</desc>"#,
            r#"<path class="plot-line plot-1" d="M"#,
            r#"<path class="plot-marker plot-1" d="M"#,
            r#"<path class="plot-marker plot-2" d="M"#,
            r#"<path class="plot-line plot-guide" d="M"#,
            r#"<text class="plot-name plot-1""#,
            ">a &amp; b</text>",
            ">step &lt;h&gt;</text>",
            ">here it is</text>",
            ">0.1</text>",
        ] {
            assert!(svg.contains(wanted), "{wanted} is not in\n{svg}");
        }
        for unwanted in ["plot-line plot-2", "plot-marker plot-guide", "\n"] {
            assert!(!svg.contains(unwanted), "{unwanted} is in\n{svg}");
        }
    }

    #[test]
    fn a_line_of_many_points_has_no_markers() {
        let line = |points: usize| {
            let points: String = (0..points).map(|x| format!("{x} {x}\n")).collect();
            drawn(&format!("x: x\ny: y\nline: a\n{points}"))
        };
        assert!(line(FEW).contains("plot-marker"));
        assert!(!line(FEW + 1).contains("plot-marker"));
    }

    /// Its numbers lie on ticks, so that their places can be looked up.
    const ON_TICKS: &str = "x: time\ny: error log\n\nline: a\n0 1\n5 10\n20 1000\n\
                            points: b\n10 100\n15 10\nmark: 15 10 here\n\
                            mark: 0 100 there\n";

    fn on_ticks() -> String {
        parse(ON_TICKS).unwrap().svg("p1", "T", "D")
    }

    /// Where the ticks with these texts are, along their axis.
    fn ticks(svg: &str, class: &str, texts: &[&str]) -> Vec<f64> {
        let ticks = elements(svg, &[class]);
        let found: Vec<&str> = ticks.iter().map(|tick| &*tick.text).collect();
        assert_eq!(found, texts);
        let place = |tick: svg::Drawn| match class {
            "plot-tick-x" => tick.x,
            // The middle of the text.
            _ => tick.y - 0.35 * FONT,
        };
        ticks.into_iter().map(place).collect()
    }

    /// The places of the ticks of [`ON_TICKS`].
    fn places(svg: &str) -> [Vec<f64>; 2] {
        [
            ticks(svg, "plot-tick-x", &["0", "5", "10", "15", "20"]),
            ticks(svg, "plot-tick-y", &["1", "10", "100", "1,000"]),
        ]
    }

    /// The numbers of a path, without its commands.
    fn numbers(path: &str) -> Vec<f64> {
        path.split(|c: char| c.is_alphabetic() || c == ' ')
            .filter(|number| !number.is_empty())
            .map(|number| number.parse().unwrap())
            .collect()
    }

    #[test]
    fn larger_numbers_stand_further_to_the_right_and_higher() {
        let svg = on_ticks();
        let [x, y] = places(&svg);
        assert!(x.is_sorted_by(|a, b| a < b), "{x:?}");
        assert!(y.is_sorted_by(|a, b| a > b), "{y:?}");
        let grid = elements(&svg, &["plot-grid"]).remove(0).path;
        let lines: Vec<&str> = grid.split('M').skip(1).collect();
        assert_eq!(lines.len(), x.len() + y.len());
        for (line, x) in lines.iter().zip(&x) {
            assert!(line.contains('V'), "{line}");
            assert_near(numbers(line)[0], *x);
        }
        for (line, y) in lines[x.len()..].iter().zip(&y) {
            assert!(line.contains('H'), "{line}");
            assert_near(numbers(line)[1], *y);
        }
    }

    #[test]
    fn a_point_lies_on_the_ticks_of_its_numbers() {
        let svg = on_ticks();
        let [x, y] = places(&svg);
        let line = elements(&svg, &["plot-line"]).remove(0).path;
        assert_eq!(line.replace(|c: char| !c.is_alphabetic(), ""), "MLL");
        let wanted = [x[0], y[0], x[1], y[1], x[4], y[3]];
        for (found, wanted) in numbers(&line).into_iter().zip(wanted) {
            assert_near(found, wanted);
        }
        let markers = elements(&svg, &["plot-marker"]);
        assert_eq!(markers.len(), 2);
        for (found, wanted) in markers.iter().zip([
            vec![[x[0], y[0]], [x[1], y[1]], [x[4], y[3]]],
            vec![[x[2], y[2]], [x[3], y[1]]],
        ]) {
            let found: Vec<&str> = found.path.split('M').skip(1).collect();
            assert_eq!(found.len(), wanted.len());
            for (marker, [x, y]) in found.into_iter().zip(wanted) {
                // A marker begins at its edge.
                let numbers = numbers(marker);
                let distance = (numbers[0] - x).hypot(numbers[1] - y);
                assert!(distance < 6.0, "{marker} is not around {x} {y}");
            }
        }
        let rings = elements(&svg, &["plot-mark"]);
        assert_eq!(rings.len(), 2);
        for (ring, [x, y]) in rings.iter().zip([[x[3], y[1]], [x[0], y[2]]]) {
            assert_near(ring.x, x);
            assert_near(ring.y, y);
        }
    }

    #[test]
    fn markers_of_curves_differ() {
        let curves: String = ["a", "b", "c", "d"]
            .map(|name| format!("points: {name}\n1 1\n"))
            .concat();
        let plot = parse(&format!("x: x\ny: y\n{curves}")).unwrap();
        let markers = elements(&plot.svg("p1", "T", "D"), &["plot-marker"]);
        let paths: HashSet<String> = markers.into_iter().map(|marker| marker.path).collect();
        assert_eq!(paths.len(), 4, "{paths:?}");
    }

    #[test]
    fn names_and_labels_stand_where_they_belong() {
        let svg = on_ticks();
        let [x, y] = places(&svg);
        let one = |class: &str, text: &str| {
            assert_eq!(svg.matches(&format!(">{text}</text>")).count(), 1, "{text}");
            elements(&svg, &[class])
                .into_iter()
                .find(|found| found.text == text)
                .unwrap()
        };
        for (class, text, points, gap) in [
            (
                "plot-name",
                "a",
                dense(&[[x[0], y[0]], [x[1], y[1]], [x[4], y[3]]]),
                GAP,
            ),
            ("plot-name", "b", vec![[x[2], y[2]], [x[3], y[1]]], GAP),
            ("plot-mark-text", "here", vec![[x[3], y[1]]], GAP + 5.0),
            ("plot-mark-text", "there", vec![[x[0], y[2]]], GAP + 5.0),
        ] {
            let found = one(class, text);
            let center = [found.x, found.y - 0.35 * FONT];
            let area = Area::around(center, width(text), 1.15 * FONT);
            let distances = points.iter().map(|point| area.distance(*point));
            let distance = distances.fold(f64::INFINITY, f64::min);
            // Beside it or at a corner.
            assert!(
                distance > gap - 0.2 && distance < 1.5 * gap,
                "{text}: {distance}"
            );
        }
        let below = one("plot-label-x", "time");
        assert!(below.y > y[0] + FONT && x[0] < below.x && below.x < x[4]);
        let above = one("plot-label-y", "error");
        assert!(above.y < y[3] && above.x < x[0]);
    }

    #[test]
    fn panels_have_a_curve_each_and_the_same_axes() {
        let axes = "x: x\ny: y\n";
        let svg = drawn(&format!(
            "{axes}panel: low\n0 0\n4 1\npanel: high\n0 0\n4 9\n"
        ));
        let whole =
            r#"<div class="panels" role="img" aria-label="A &amp; B. What it &quot;is&quot;">"#;
        assert!(svg.contains(whole), "{svg}");
        let panels: Vec<&str> = svg.split("<svg").skip(1).collect();
        assert_eq!(panels.len(), 2);
        let parts = |panel: &str, class: &str| -> Vec<[String; 2]> {
            let (panel, _) = panel.split_once("</svg>").unwrap();
            let found = elements(&format!("<svg{panel}</svg>"), &[class]).into_iter();
            found.map(|part| [part.text, part.path]).collect()
        };
        assert_eq!(parts(panels[0], "plot-label-y")[0][0], "low");
        assert_eq!(parts(panels[1], "plot-label-y")[0][0], "high");
        for class in ["plot-tick-x", "plot-tick-y", "plot-grid"] {
            assert_eq!(parts(panels[0], class), parts(panels[1], class));
        }
        let ends = |panel: &str| numbers(&parts(panel, "plot-line")[0][1]);
        let (low, high) = (ends(panels[0]), ends(panels[1]));
        assert_eq!(low[..3], high[..3]);
        assert!(low[3] - high[3] > 30.0, "{low:?} and {high:?}");
        refused(
            &format!("{axes}panel: a\n1 1\n2 2\nline: b\n1 1\n2 2\n"),
            "beside panels there can be nothing else",
        );
    }

    #[test]
    fn one_number_however_large_is_drawn() {
        for number in ["0", "4", "-1e17", "1e17", "1e-12"] {
            let svg = drawn(&format!("x: x\ny: y\npoints: a\n0 {number}\n1 {number}\n"));
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }

    #[track_caller]
    fn refused(text: &str, message: &str) {
        assert_eq!(format!("{:#}", parse(text).unwrap_err()), message);
    }

    #[test]
    fn what_cannot_be_drawn_is_refused_with_its_line() {
        let axes = "x: x\ny: y log\n";
        let refused_after_axes =
            |text: &str, message: &str| refused(&format!("{axes}{text}"), message);
        refused("", "expected the axes first, `x: LABEL` and `y: LABEL`");
        refused(
            "x: x\nline: a\n1 2\n",
            "line 3: expected the axes first, `x: LABEL` and `y: LABEL`",
        );
        refused("x: x\nx: x\n", "line 2: there is already an axis `x`");
        refused("x: x\ny:\n", "line 2: there is nothing after `y:`");
        refused_after_axes(
            "",
            "there is no curve: expected `line: NAME`, `points: NAME`, `guide: NAME` or `panel: NAME`",
        );
        refused_after_axes(
            "1 2\n",
            "line 3: `1 2` belongs to no curve: expected `line: NAME`, `points: NAME`, `guide: NAME` or `panel: NAME` before it",
        );
        refused_after_axes(
            "curve: a\n",
            "line 3: expected x, y, line, points, guide, panel or mark, found `curve:`",
        );
        refused_after_axes("line: a\n1\n", "line 4: expected two numbers, found `1`");
        refused_after_axes("line: a\n1 z\n", "line 4: expected a number, found `z`");
        refused_after_axes("line: a\ninf 1\n", "line 4: `inf` cannot be drawn");
        refused_after_axes(
            "line: a\n\n1 0\n",
            "line 5: `0` has no place on the logarithmic axis `y`",
        );
        refused_after_axes(
            "line: a\n1 1\n",
            "points of the curve `a`: expected at least 2, found 1",
        );
        refused_after_axes("line: a\nline: a\n", "line 4: there are two curves `a`");
        refused_after_axes(
            "mark: 1\n",
            "line 3: expected `mark: X Y TEXT`, found `mark: 1`",
        );
        refused_after_axes(
            "mark: 1 2\n",
            "line 3: expected `mark: X Y TEXT`, found `mark: 1 2`",
        );
        refused_after_axes(
            "line: a\n-1e308 1\n1e308 1\n",
            "the axis `x`: it cannot be drawn from -1e308 to 1e308",
        );
        refused_after_axes(
            "line: a\n0 1\n1e-320 1\n",
            "the axis `x`: it cannot be drawn from 0e0 to 1e-320",
        );
        let six: String = (0..6).map(|n| format!("points: {n}\n1 1\n")).collect();
        refused_after_axes(&six, "there are 6 curves: more than 5 cannot be told apart");
    }
}

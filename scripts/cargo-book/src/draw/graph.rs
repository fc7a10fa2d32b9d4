//! `{{#graph stage2 graph dot "Title" "Description"}}`: a graph that an example prints, drawn as
//! SVG in the page. It takes its colours from the page, so it follows the reader's theme.

use std::fmt::Write;

use anyhow::Result;
use dagre::graph::{Graph, GraphOptions};
use dagre::layout::types::LabelPos;
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, Point, layout};

use crate::draw::{dot, svg};
use crate::html::{escape, figure};

/// Size of the text and, in parts of it, what a letter of a monospaced font takes.
pub(super) const FONT: f64 = 14.0;
pub(super) const LETTER: f64 = 0.62 * FONT;
pub(super) const LINE: f64 = 1.35 * FONT;
pub(super) const MARGIN: f64 = 12.0;
/// How long an arrow head is.
const HEAD: f64 = 8.0;
/// Between a line and the label beside it.
const ASIDE: f64 = 5.0;

/// A graph with a place for everything.
#[derive(Debug)]
pub struct Picture {
    size: (f64, f64),
    nodes: Vec<PlacedNode>,
    edges: Vec<PlacedEdge>,
}

#[derive(Debug)]
struct PlacedNode {
    center: Point,
    size: (f64, f64),
    label: Vec<String>,
    round: bool,
}

#[derive(Debug)]
struct PlacedEdge {
    points: Vec<Point>,
    label: Option<(String, Point)>,
    dashed: bool,
}

/// Reads DOT (the part of it that [`dot`] knows) and lays it out.
///
/// # Errors
/// The text is not such a graph.
pub fn place(dot: &str) -> Result<Picture> {
    let mut read = dot::parse(dot)?;
    let mut graph = Graph::with_options(GraphOptions {
        directed: true,
        multigraph: true,
        compound: false,
    });
    let sizes: Vec<(f64, f64)> = read.nodes.iter().map(size).collect();
    for (index, (width, height)) in sizes.iter().enumerate() {
        let label = NodeLabel {
            width: *width,
            height: *height,
            ..NodeLabel::default()
        };
        graph.set_node(index.to_string(), Some(label));
    }
    for edge in &mut read.edges {
        edge.label = edge.label.take().map(factor);
    }
    for (index, edge) in read.edges.iter().enumerate() {
        let width = edge.label.as_ref().map_or(0.0, |label| width(label));
        let label = EdgeLabel {
            width,
            height: if width > 0.0 { LINE } else { 0.0 },
            // Beside its line.
            labelpos: LabelPos::Right,
            label_offset: ASIDE + 8.0,
            ..EdgeLabel::default()
        };
        let (from, to) = (edge.from.to_string(), edge.to.to_string());
        graph.set_edge(from, to, Some(label), Some(&index.to_string()));
    }
    let options = LayoutOptions {
        nodesep: 28.0,
        edgesep: 16.0,
        ranksep: 36.0,
        marginx: MARGIN,
        marginy: MARGIN,
        ..LayoutOptions::default()
    };
    layout(&mut graph, Some(options));

    let mut nodes: Vec<PlacedNode> = read
        .nodes
        .into_iter()
        .zip(sizes)
        .enumerate()
        .map(|(index, (node, size))| {
            let placed = graph.node(&index.to_string());
            let at = |position: Option<f64>| position.unwrap_or_default();
            PlacedNode {
                center: placed.map_or(Point::new(0.0, 0.0), |placed| {
                    Point::new(at(placed.x), at(placed.y))
                }),
                size,
                label: node.label,
                round: node.round,
            }
        })
        .collect();
    let mut edges: Vec<PlacedEdge> = read
        .edges
        .into_iter()
        .enumerate()
        .map(|(index, edge)| {
            let (from, to) = (edge.from.to_string(), edge.to.to_string());
            let placed = graph.edge(&from, &to, Some(&index.to_string()));
            let mut points = placed.map_or_else(Vec::new, |placed| placed.points.clone());
            if edge.back {
                points.reverse();
            }
            let label = edge.label.zip(placed).map(|(text, placed)| {
                let at = |position: Option<f64>| position.unwrap_or_default();
                let mut center = Point::new(at(placed.x), at(placed.y));
                // The layout keeps room beside a straight line. This one is round.
                if let Some((_, right)) = sides(&points, center.y) {
                    center.x = right + ASIDE + width(&text) / 2.0;
                }
                (text, center)
            });
            PlacedEdge {
                points,
                label,
                dashed: edge.dashed,
            }
        })
        .collect();

    part(&mut edges);
    make_room(&mut nodes, &mut edges);

    let corners = nodes.iter().map(|node| {
        (
            node.center.x + node.size.0 / 2.0,
            node.center.y + node.size.1 / 2.0,
        )
    });
    let labels = edges
        .iter()
        .filter_map(|edge| edge.label.as_ref())
        .map(|(text, at)| (at.x + width(text) / 2.0, at.y + LINE / 2.0));
    let points = edges
        .iter()
        .flat_map(|edge| &edge.points)
        .map(|point| (point.x, point.y));
    let size = corners
        .chain(labels)
        .chain(points)
        .fold((0.0f64, 0.0f64), |size, corner| {
            (size.0.max(corner.0), size.1.max(corner.1))
        });
    Ok(Picture {
        size: (size.0 + MARGIN, size.1 + MARGIN),
        nodes,
        edges,
    })
}

/// A number at an arrow is a local derivative, and has its sign.
fn factor(label: String) -> String {
    match label.parse::<f64>() {
        Ok(_) => format!("× {label}"),
        Err(_) => label,
    }
}

/// What a line of a box is, if it says so: the class of its colour.
fn meaning(line: &str) -> Option<String> {
    if let Some((_, trace)) = line.rsplit_once("trace ")
        && trace.parse::<usize>().is_ok()
    {
        return Some(format!("is-trace-{trace}"));
    }
    let (word, number) = line.split_once(' ')?;
    let is_known = ["value", "gradient", "speed"].contains(&word);
    let is_number = number.replace('−', "-").parse::<f64>().is_ok();
    (is_known && is_number).then(|| format!("is-{word}"))
}

/// A label that would lie on the next line goes to the left of its own.
fn part(edges: &mut [PlacedEdge]) {
    for i in 0..edges.len() {
        let (Some((text, at)), Some((left, right))) = (&edges[i].label, edges[i].sides()) else {
            continue;
        };
        let end = at.x + width(text) / 2.0;
        let meets = edges.iter().any(|other| {
            let (Some((_, there)), Some((its_left, _))) = (&other.label, other.sides()) else {
                return false;
            };
            (there.y - at.y).abs() < LINE && right < its_left && its_left < end + ASIDE / 2.0
        });
        let x = left - ASIDE - width(text) / 2.0;
        if meets && let Some((_, at)) = &mut edges[i].label {
            at.x = x;
        }
    }
}

/// A label or a line on the left may stand out of the picture: then all moves to the right.
fn make_room(nodes: &mut [PlacedNode], edges: &mut [PlacedEdge]) {
    let labels = edges.iter().filter_map(|edge| edge.label.as_ref());
    let labels = labels.map(|(text, at)| at.x - width(text) / 2.0);
    let points = edges.iter().flat_map(|edge| &edge.points);
    let left = labels.chain(points.map(|point| point.x));
    let missing = MARGIN - left.fold(MARGIN, f64::min);
    let nodes = nodes.iter_mut().map(|node| &mut node.center);
    let edges = edges.iter_mut().flat_map(|edge| {
        let label = edge.label.iter_mut().map(|(_, at)| at);
        edge.points.iter_mut().chain(label)
    });
    for at in nodes.chain(edges) {
        at.x += missing;
    }
}

fn width(text: &str) -> f64 {
    svg::width(text, LETTER)
}

fn size(node: &dot::Node) -> (f64, f64) {
    let widest = node
        .label
        .iter()
        .map(|line| width(line))
        .fold(0.0, f64::max);
    let padding = if node.round { 30.0 } else { 20.0 };
    (
        (widest + padding).max(40.0),
        node.label.len().max(1) as f64 * LINE + 14.0,
    )
}

/// The figure for a chapter: the picture, and its title as the caption. `id` is unique in the
/// page.
pub fn render(picture: &Picture, id: &str, title: &str, description: &str) -> String {
    let svg = picture.svg(id, title, description, "");
    figure("picture", &escape(title), &svg::scrolling(&svg))
}

/// The picture as a file of its own, for a page that does not share its styles (a README on
/// GitHub): it brings a background and colours, light or dark as the reader's system asks.
pub fn standalone(picture: &Picture, title: &str, description: &str) -> String {
    const STYLE: &str = "<style>\
        svg{color:#1f2328;--graph-bg:#ffffff;--graph-node:#eef2f7;--graph-line:#57606a;--value:#176f2c;--gradient:#9a3412;--local:#0a5fb4}\
        @media(prefers-color-scheme:dark){svg{color:#e6edf3;--graph-bg:#0d1117;--graph-node:#1c2430;--graph-line:#8b949e;--value:#6fd084;--gradient:#ffb077;--local:#79b8ff}}\
        .graph-card{fill:var(--graph-bg)}\
        .graph-node{fill:var(--graph-node);stroke:var(--graph-line)}\
        .graph-edge{fill:none;stroke:var(--graph-line);stroke-width:1.4}\
        .graph-dashed{stroke-dasharray:5 4}\
        .graph-arrow{fill:var(--graph-line)}\
        text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:currentColor;text-anchor:middle}\
        .is-value{fill:var(--value)}.is-gradient{fill:var(--gradient)}.is-local{fill:var(--local)}\
        .graph-label{stroke:var(--graph-bg);stroke-width:4px;paint-order:stroke}\
        </style><rect class=\"graph-card\" width=\"100%\" height=\"100%\" rx=\"8\"/>";
    let mut svg = picture.svg("graph", title, description, STYLE);
    svg = svg.replace("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ");
    svg.push('\n');
    svg
}

impl Picture {
    fn svg(&self, id: &str, title: &str, description: &str, extra: &str) -> String {
        let mut svg = svg::head("graph", id, title, description, self.size, true);
        svg.push_str(extra);
        for edge in &self.edges {
            edge.line(&mut svg);
        }
        for node in &self.nodes {
            node.draw(&mut svg);
        }
        // Labels last: what is written at an edge is never under another line.
        for (text, at) in self.edges.iter().filter_map(|edge| edge.label.as_ref()) {
            let y = at.y + 0.35 * FONT;
            let local = if text.starts_with("× ") {
                " is-local"
            } else {
                ""
            };
            let _ = write!(
                svg,
                r#"<text class="graph-label{local}" x="{:.1}" y="{y:.1}">{}</text>"#,
                at.x,
                escape(text)
            );
        }
        svg.push_str("</svg>");
        svg
    }
}

impl PlacedNode {
    fn draw(&self, svg: &mut String) {
        let (width, height) = self.size;
        let (x, y) = (self.center.x - width / 2.0, self.center.y - height / 2.0);
        let radius = if self.round { height / 2.0 } else { 5.0 };
        let _ = write!(
            svg,
            r#"<rect class="graph-node" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" rx="{radius:.1}"></rect>"#
        );
        let first = self.center.y - (self.label.len() as f64 - 1.0) * LINE / 2.0 + 0.35 * FONT;
        for (index, line) in self.label.iter().enumerate() {
            let y = first + index as f64 * LINE;
            let class =
                meaning(line).map_or_else(String::new, |class| format!(r#" class="{class}""#));
            let _ = write!(
                svg,
                r#"<text{class} x="{:.1}" y="{y:.1}">{}</text>"#,
                self.center.x,
                escape(line)
            );
        }
    }
}

/// A line through the points without its corners, in quadratic curves: for each, what it leans to
/// and where it ends. The last ends before the arrow head.
fn curves(points: &[Point]) -> Option<Vec<(Point, Point)>> {
    let [_, inner @ .., end] = points else {
        return None;
    };
    let before = inner.last()?;
    let (dx, dy) = (end.x - before.x, end.y - before.y);
    let length = dx.hypot(dy).max(1e-9);
    let base = Point::new(end.x - HEAD * dx / length, end.y - HEAD * dy / length);
    let ends = inner
        .windows(2)
        .map(|pair| Point::new((pair[0].x + pair[1].x) / 2.0, (pair[0].y + pair[1].y) / 2.0));
    Some(inner.iter().cloned().zip(ends.chain([base])).collect())
}

/// How far to the left and to the right the line goes where it passes a label at the height `y`.
fn sides(points: &[Point], y: f64) -> Option<(f64, f64)> {
    let mut from = points.first()?;
    let mut sides: Option<(f64, f64)> = None;
    let curves = curves(points)?;
    for (control, to) in &curves {
        for step in 0..=16 {
            let t = f64::from(step) / 16.0;
            let at = |a: f64, b: f64, c: f64| {
                (1.0 - t).powi(2) * a + 2.0 * t * (1.0 - t) * b + t.powi(2) * c
            };
            if (at(from.y, control.y, to.y) - y).abs() < FONT / 2.0 {
                let x = at(from.x, control.x, to.x);
                let (left, right) = sides.unwrap_or((x, x));
                sides = Some((left.min(x), right.max(x)));
            }
        }
        from = to;
    }
    sides
}

impl PlacedEdge {
    /// How far its line goes to the left and to the right, beside its label.
    fn sides(&self) -> Option<(f64, f64)> {
        sides(&self.points, self.label.as_ref()?.1.y)
    }

    /// A smooth line through the points, ending in an arrow head.
    fn line(&self, svg: &mut String) {
        arrow(&self.points, self.dashed, svg);
    }
}

/// A smooth line through the points, ending in an arrow head.
pub(super) fn arrow(points: &[Point], dashed: bool, svg: &mut String) {
    let (Some(start), Some(end)) = (points.first(), points.last()) else {
        return;
    };
    let Some(curves) = curves(points) else {
        return;
    };
    let mut path = format!("M{:.1} {:.1}", start.x, start.y);
    for (control, to) in &curves {
        let _ = write!(
            path,
            "Q{:.1} {:.1} {:.1} {:.1}",
            control.x, control.y, to.x, to.y
        );
    }
    let Some((_, base)) = curves.last() else {
        return;
    };
    // Half as broad as it is long.
    let (dx, dy) = ((end.x - base.x) / 2.0, (end.y - base.y) / 2.0);
    let dashed = if dashed { " graph-dashed" } else { "" };
    let _ = write!(
        svg,
        r#"<path class="graph-edge{dashed}" d="{path}"></path><path class="graph-arrow" d="M{:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}Z"></path>"#,
        end.x,
        end.y,
        base.x - dy,
        base.y + dx,
        base.x + dy,
        base.y - dx,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    const DIAMOND: &str =
        r#"digraph { x -> a [label="2"]; x -> b; a -> y; b -> y; a [label="a < b\n1"]; }"#;

    #[test]
    fn every_node_edge_and_label_is_drawn() {
        let svg = render(&place(DIAMOND).unwrap(), "g1", "A & B", "What it \"is\"");
        assert_eq!(svg.matches("class=\"graph-node\"").count(), 4);
        assert_eq!(svg.matches("class=\"graph-edge\"").count(), 4);
        assert_eq!(svg.matches("class=\"graph-label is-local\"").count(), 1);
        assert!(svg.contains(">a &lt; b</text>"), "{svg}");
        assert!(
            svg.contains(r#"role="img" aria-labelledby="g1-title g1-desc""#)
                && svg.contains(r#"<title id="g1-title">A &amp; B</title>"#)
                && svg.contains(r#"<desc id="g1-desc">What it &quot;is&quot;</desc>"#),
            "{svg}"
        );
        assert!(!svg.contains('\n'), "one line of HTML");
    }

    #[test]
    fn what_says_what_it_is_has_its_colour_and_a_sign() {
        let dot = r#"digraph {
            y [label="y\nvalue 6\ngradient −1.5"]; x [label="input of trace 1"]; z [label="value of\ngradient"];
            y -> x [label="-0.5"]; y -> z [label="parent"];
        }"#;
        let svg = render(&place(dot).unwrap(), "g1", "A", "B");
        let drawn = |class| {
            let drawn = svg::drawn(&svg, &[class]).into_iter();
            drawn.map(|drawn| drawn.text).collect::<Vec<_>>()
        };
        assert_eq!(drawn("is-value"), ["value 6"]);
        assert_eq!(drawn("is-gradient"), ["gradient −1.5"]);
        assert_eq!(drawn("is-trace-1"), ["input of trace 1"]);
        assert_eq!(drawn("is-local"), ["× -0.5"]);
        assert_eq!(drawn("graph-label"), ["× -0.5", "parent"]);
    }

    #[test]
    fn arrows_lead_down() {
        let picture = place("digraph { a -> b }").unwrap();
        assert!(picture.nodes[0].center.y < picture.nodes[1].center.y);
    }

    /// The boxes, the labels and the lines, each from the left to the right and from the top to the
    /// bottom.
    fn spans(picture: &Picture) -> [[f64; 4]; 3] {
        let around = |at: &Point, (width, height): (f64, f64)| {
            let (x, y) = (width / 2.0, height / 2.0);
            [at.x - x, at.x + x, at.y - y, at.y + y]
        };
        let whole = |parts: &mut dyn Iterator<Item = [f64; 4]>| {
            let none = [f64::INFINITY, 0.0, f64::INFINITY, 0.0];
            parts.fold(none, |whole, part| {
                [
                    whole[0].min(part[0]),
                    whole[1].max(part[1]),
                    whole[2].min(part[2]),
                    whole[3].max(part[3]),
                ]
            })
        };
        let edges = &picture.edges;
        let labels = edges.iter().filter_map(|edge| edge.label.as_ref());
        let points = edges.iter().flat_map(|edge| &edge.points);
        [
            whole(
                &mut picture
                    .nodes
                    .iter()
                    .map(|node| around(&node.center, node.size)),
            ),
            whole(&mut labels.map(|(text, at)| around(at, (width(text), LINE)))),
            whole(&mut points.map(|point| around(point, (0.0, 0.0)))),
        ]
    }

    #[test]
    fn everything_is_inside_the_picture() {
        for (outermost, dot) in [
            r#"digraph { a [label="a box that is broad"]; a -> b [label="1"]; }"#,
            r#"digraph { a -> b [label="a long way to the right of its line"]; }"#,
            "digraph { a -> b; a -> b; a -> b; a -> b; a -> b; a -> b }",
        ]
        .into_iter()
        .enumerate()
        {
            let picture = place(dot).unwrap();
            let spans = spans(&picture);
            let rights = spans.map(|[_, right, _, _]| right);
            let (mut others, right) = (rights.to_vec(), rights[outermost]);
            others.remove(outermost);
            assert!(others.iter().all(|other| *other < right - 1.0), "{spans:?}");
            assert!((right + MARGIN - picture.size.0).abs() < 0.1, "{spans:?}");
            for [left, _, top, bottom] in spans {
                assert!(left >= MARGIN - 0.1 && top >= MARGIN - 0.1, "{spans:?}");
                assert!(bottom <= picture.size.1 - MARGIN + 0.1, "{spans:?}");
            }
        }
    }

    #[test]
    fn a_label_stands_to_the_right_of_its_line() {
        for dot in [
            r#"digraph { a -> b [label="1"]; a -> c [label="22"]; b -> d [label="333"]; c -> d [label="4"]; }"#,
            // The layout would put this label on its line, which leads far to the right.
            r#"digraph { a -> b; a -> c; a -> d; a -> e [label="1"]; }"#,
        ] {
            for edge in place(dot).unwrap().edges {
                let Some((text, at)) = &edge.label else {
                    continue;
                };
                let (_, right) = edge.sides().unwrap();
                let between = at.x - width(text) / 2.0 - right;
                assert!((between - ASIDE).abs() < 0.5, "{between}: {edge:?}");
            }
        }
    }

    #[test]
    fn labels_of_parallel_lines_stand_on_both_sides() {
        let dot = r#"digraph { a -> b [label="from here to there"]; a -> b [label="once more"]; }"#;
        let picture = place(dot).unwrap();
        let mut spans: Vec<(f64, f64)> = picture
            .edges
            .iter()
            .map(|edge| {
                let (text, at) = edge.label.as_ref().unwrap();
                (at.x - width(text) / 2.0, at.x + width(text) / 2.0)
            })
            .collect();
        spans.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(spans[0].1 < spans[1].0, "{spans:?}");
        assert!(spans[0].0 >= MARGIN - 0.1, "{picture:?}");
    }

    #[test]
    fn an_arrow_that_goes_back_is_the_same_line_turned_round() {
        let edge = |dot: &str| place(dot).unwrap().edges.remove(0).points;
        let mut back = edge("digraph { a -> b [dir=back] }");
        back.reverse();
        let places = |points: Vec<Point>| points.iter().map(|at| (at.x, at.y)).collect::<Vec<_>>();
        assert_eq!(places(edge("digraph { a -> b }")), places(back));
    }

    #[test]
    fn a_file_of_its_own_brings_its_colours() {
        let svg = standalone(&place(DIAMOND).unwrap(), "T", "D");
        assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" "));
        assert!(svg.contains("prefers-color-scheme:dark"));
    }
}

//! A place for everything that a recording shows. Values flow upwards: an operation is above its
//! arguments, whichever way the engine's arrows lead.

use dagre::graph::{Graph, GraphOptions};
use dagre::layout::types::LabelPos;
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, Point, layout};

use crate::recording::{Node, Of, Recording};

// As the drawn graphs of the book: the size of the text, a letter of it and a line.
const FONT: f64 = 14.0;
const LETTER: f64 = 0.62 * FONT;
const LINE: f64 = 1.35 * FONT;
const MARGIN: f64 = 14.0;
/// Above the nodes of a frame, for its title.
const HEADLINE: f64 = 1.6 * LINE;
/// Between two frames.
const APART: f64 = 2.0 * MARGIN;
/// A box has room for this many letters, so that it keeps its size for most numbers.
const LETTERS: usize = 11;
/// Between a line and the label beside it.
const ASIDE: f64 = 13.0;

/// Gives each node, arrow and frame its place.
pub fn place(recording: &mut Recording) {
    lay_out(recording);
    round(recording);
}

fn lay_out(recording: &mut Recording) {
    for index in 0..recording.nodes.len() {
        let (width, height) = size(recording, index);
        let node = &mut recording.nodes[index];
        (node.width, node.height) = (width, height);
    }
    if recording.frames.is_empty() {
        let size = part(recording, None, MARGIN, MARGIN);
        (recording.width, recording.height) = (size.0 + 2.0 * MARGIN, size.1 + 2.0 * MARGIN);
        return;
    }
    let frame = |node: usize| recording.nodes[node].frame;
    let mut arrows = recording.arrows.iter();
    // What is written at an arrow between two frames is on neither.
    let apart = match arrows.any(|arrow| frame(arrow.from) != frame(arrow.to)) {
        true => (LETTERS - 3) as f64 * LETTER,
        false => APART,
    };
    let (mut left, mut height) = (MARGIN, 0.0_f64);
    for frame in 0..recording.frames.len() {
        let size = part(recording, Some(frame), left + MARGIN, MARGIN + HEADLINE);
        let frame = &mut recording.frames[frame];
        (frame.x, frame.y) = (left, MARGIN);
        frame.width = (size.0 + 2.0 * MARGIN).max(width(&frame.title) + 2.0 * MARGIN);
        frame.height = size.1 + HEADLINE + MARGIN;
        left += frame.width + apart;
        height = height.max(frame.height);
    }
    (recording.width, recording.height) = (left - apart + MARGIN, height + 2.0 * MARGIN);
    for index in 0..recording.arrows.len() {
        let (from, to) = (recording.arrows[index].from, recording.arrows[index].to);
        if recording.nodes[from].frame != recording.nodes[to].frame {
            let (points, label) = across(&recording.nodes[from], &recording.nodes[to]);
            let arrow = &mut recording.arrows[index];
            (arrow.points, arrow.label) = (points, label);
        }
    }
}

/// From a node to one in another frame, with the place of the label.
fn across(from: &Node, to: &Node) -> (Vec<[f64; 2]>, [f64; 2]) {
    let middle = |node: &Node| node.y + node.height / 2.0;
    let (start, end) = match from.x < to.x {
        true => (from.x + from.width, to.x),
        false => (from.x, to.x + to.width),
    };
    let points = [[start, middle(from)], [end, middle(to)]];
    let half = |axis: usize| (points[0][axis] + points[1][axis]) / 2.0;
    (points.to_vec(), [half(0), half(1) - LINE])
}

/// Takes the places of a recording of the same program on another stage. False if it is not of the
/// same graph.
pub fn take_places(recording: &mut Recording, from: &Recording) -> bool {
    let ends = |recording: &Recording| {
        let arrows = recording.arrows.iter();
        let mut ends: Vec<_> = arrows
            .map(|arrow| (arrow.from.max(arrow.to), arrow.argnum))
            .collect();
        ends.sort_unstable();
        ends
    };
    let ops = |recording: &Recording| {
        let nodes = recording.nodes.iter();
        nodes.map(|node| node.op.clone()).collect::<Vec<_>>()
    };
    let same = ops(recording) == ops(from) && ends(recording) == ends(from);
    if !same || recording.frames.len() > 1 {
        return false;
    }
    // Beneath the title of the only frame, if there is one.
    let (right, down) = match recording.frames.is_empty() {
        true => (0.0, 0.0),
        false => (MARGIN, HEADLINE),
    };
    for (node, from) in recording.nodes.iter_mut().zip(&from.nodes) {
        (node.x, node.y) = (from.x + right, from.y + down);
        (node.width, node.height) = (from.width, from.height);
    }
    for arrow in &mut recording.arrows {
        let result = arrow.from.max(arrow.to);
        let mut arrows = from.arrows.iter();
        let other = arrows
            .find(|other| (other.from.max(other.to), other.argnum) == (result, arrow.argnum))
            .expect("the ends are the same");
        arrow.points = other.points.clone();
        if arrow.from != other.from {
            arrow.points.reverse();
        }
        for point in arrow.points.iter_mut() {
            *point = [point[0] + right, point[1] + down];
        }
        arrow.label = [other.label[0] + right, other.label[1] + down];
    }
    (recording.width, recording.height) = (from.width, from.height);
    for frame in &mut recording.frames {
        (frame.x, frame.y) = (MARGIN, MARGIN);
        frame.width = (from.width).max(width(&frame.title) + 2.0 * MARGIN);
        frame.height = from.height - MARGIN + HEADLINE;
        (recording.width, recording.height) =
            (frame.width + 2.0 * MARGIN, frame.height + 2.0 * MARGIN);
    }
    round(recording);
    true
}

/// A tenth of a pixel is enough, and a short text.
fn round(recording: &mut Recording) {
    let tenths = |number: &mut f64| *number = (*number * 10.0).round() / 10.0;
    let size = [&mut recording.width, &mut recording.height];
    let nodes = recording.nodes.iter_mut();
    let nodes = nodes.flat_map(|at| [&mut at.x, &mut at.y, &mut at.width, &mut at.height]);
    let frames = recording.frames.iter_mut();
    let frames = frames.flat_map(|at| [&mut at.x, &mut at.y, &mut at.width, &mut at.height]);
    let arrows = recording.arrows.iter_mut();
    let arrows = arrows.flat_map(|arrow| arrow.points.iter_mut().chain([&mut arrow.label]));
    let numbers = size.into_iter().chain(nodes).chain(frames);
    numbers.chain(arrows.flatten()).for_each(tenths);
}

fn width(text: &str) -> f64 {
    text.chars().count() as f64 * LETTER
}

/// All texts that a field has at any time.
fn texts<'a>(
    recording: &'a Recording,
    of: Of,
    field: &'a str,
) -> impl Iterator<Item = &'a str> + 'a {
    let changes = recording.steps.iter().flat_map(|step| &step.set);
    let changes = changes.filter(move |change| change.of == of && change.field == field);
    changes.map(|change| change.text.as_str())
}

/// How wide and high a node's box is: title, value and gradient, or rows of cells in the place of
/// the last two.
fn size(recording: &Recording, node: usize) -> (f64, f64) {
    let letters = |text: &str| text.chars().count();
    let longest = |field: &str, more: usize| {
        let texts = texts(recording, Of::Node(node), field);
        texts.map(|text| letters(text) + more).max().unwrap_or(0)
    };
    let title = letters(&recording.nodes[node].title);
    let shape = longest("shape", 1);
    let mut widest = (title + shape).max(LETTERS);
    let mut lines = 1;
    let mut below = 14.0;
    for (line, field) in [("value", "cells"), ("gradient", "gradient-cells")] {
        let mut rows = 1;
        if longest(field, 0) == 0 {
            widest = widest.max(longest(line, 2));
        }
        for cells in texts(recording, Of::Node(node), field) {
            let table: Vec<Vec<&str>> = cells
                .split(';')
                .map(|row| row.split_whitespace().collect())
                .collect();
            rows = rows.max(table.len());
            // The state of the node, at the lower edge, is on no cell.
            below = 20.0;
            let columns = table.iter().map(Vec::len).max().unwrap_or(0);
            let column = |column: usize| {
                let cells = table.iter().filter_map(move |row| row.get(column));
                cells.map(|cell| letters(cell)).max().unwrap_or(0)
            };
            let width: usize = (0..columns).map(column).sum();
            widest = widest.max(width + 2 * columns);
        }
        lines += rows;
    }
    (widest as f64 * LETTER + 20.0, lines as f64 * LINE + below)
}

/// Lays out the nodes of one frame with its upper left corner at a place, and returns its size.
fn part(recording: &mut Recording, frame: Option<usize>, left: f64, top: f64) -> (f64, f64) {
    let mut graph = Graph::with_options(GraphOptions {
        directed: true,
        multigraph: true,
        compound: false,
    });
    let mine: Vec<usize> = (0..recording.nodes.len())
        .filter(|node| recording.nodes[*node].frame == frame)
        .collect();
    for &index in &mine {
        let node = &recording.nodes[index];
        let label = NodeLabel {
            width: node.width,
            height: node.height,
            ..NodeLabel::default()
        };
        graph.set_node(index.to_string(), Some(label));
    }
    let arrows: Vec<usize> = (0..recording.arrows.len())
        .filter(|arrow| {
            let arrow = &recording.arrows[*arrow];
            let ends = [arrow.from, arrow.to];
            ends.iter().all(|end| recording.nodes[*end].frame == frame)
        })
        .collect();
    // A result has a higher number than its arguments.
    let ends = |recording: &Recording, index: usize| {
        let arrow = &recording.arrows[index];
        let (upper, lower) = (arrow.from.max(arrow.to), arrow.from.min(arrow.to));
        (upper.to_string(), lower.to_string(), index.to_string())
    };
    let mut label_widths = Vec::new();
    for &index in &arrows {
        let longest = ["local", "contribution"].map(|field| {
            let texts = texts(recording, Of::Arrow(index), field);
            texts
                .map(|text| text.chars().count() + 2)
                .max()
                .unwrap_or(0)
        });
        let letters = longest[0].max(longest[1]).max(LETTERS - 3);
        let label = EdgeLabel {
            width: letters as f64 * LETTER,
            height: 2.0 * LINE,
            labelpos: LabelPos::Right,
            label_offset: ASIDE,
            ..EdgeLabel::default()
        };
        label_widths.push(label.width);
        let (from, to, name) = ends(recording, index);
        graph.set_edge(from, to, Some(label), Some(&name));
    }
    let options = LayoutOptions {
        nodesep: 28.0,
        edgesep: 16.0,
        ranksep: 36.0,
        ..LayoutOptions::default()
    };
    layout(&mut graph, Some(options));

    for &index in &mine {
        let node = &mut recording.nodes[index];
        if let Some(placed) = graph.node(&index.to_string()) {
            node.x = placed.x.unwrap_or_default() - node.width / 2.0;
            node.y = placed.y.unwrap_or_default() - node.height / 2.0;
        }
    }
    for (&index, label_width) in arrows.iter().zip(&label_widths) {
        let (from, to, name) = ends(recording, index);
        let arrow = &mut recording.arrows[index];
        let Some(placed) = graph.edge(&from, &to, Some(&name)) else {
            continue;
        };
        let point = |point: &Point| [point.x, point.y];
        arrow.points = placed.points.iter().map(point).collect();
        arrow.label = [placed.x.unwrap_or_default(), placed.y.unwrap_or_default()];
        // The layout keeps room beside the line where its label is.
        if let Some(x) = crossing(&arrow.points, arrow.label[1]) {
            arrow.label[0] = x + 5.0 + label_width / 2.0;
        }
        if arrow.from < arrow.to {
            arrow.points.reverse();
        }
    }
    shift(recording, &mine, &arrows, &label_widths, (left, top))
}

/// Where a line passes a height.
fn crossing(points: &[[f64; 2]], y: f64) -> Option<f64> {
    points.windows(2).find_map(|ends| {
        let ([x1, y1], [x2, y2]) = (ends[0], ends[1]);
        let within = (y1.min(y2)..=y1.max(y2)).contains(&y) && y1 != y2;
        within.then(|| x1 + (x2 - x1) * (y - y1) / (y2 - y1))
    })
}

/// Moves everything so that the upper left corner is at a place, and returns the size.
fn shift(
    recording: &mut Recording,
    nodes: &[usize],
    arrows: &[usize],
    label_widths: &[f64],
    (left, top): (f64, f64),
) -> (f64, f64) {
    // From the left to the right and from the top to the bottom.
    let mut around = [
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ];
    let mut include = |x: f64, y: f64, width: f64, height: f64| {
        around = [
            around[0].min(x),
            around[1].max(x + width),
            around[2].min(y),
            around[3].max(y + height),
        ];
    };
    for &index in nodes {
        let node = &recording.nodes[index];
        include(node.x, node.y, node.width, node.height);
    }
    for (&index, width) in arrows.iter().zip(label_widths) {
        let arrow = &recording.arrows[index];
        let [x, y] = arrow.label;
        include(x - width / 2.0, y - LINE, *width, 2.0 * LINE);
        for [x, y] in &arrow.points {
            include(*x, *y, 0.0, 0.0);
        }
    }
    if nodes.is_empty() {
        return (0.0, 0.0);
    }
    let by = [left - around[0], top - around[2]];
    for &index in nodes {
        let node = &mut recording.nodes[index];
        (node.x, node.y) = (node.x + by[0], node.y + by[1]);
    }
    for &index in arrows {
        let arrow = &mut recording.arrows[index];
        for point in arrow.points.iter_mut().chain([&mut arrow.label]) {
            *point = [point[0] + by[0], point[1] + by[1]];
        }
    }
    (around[1] - around[0], around[3] - around[2])
}

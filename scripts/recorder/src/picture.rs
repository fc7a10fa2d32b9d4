//! A place for everything that a recording shows. Values flow upwards: an operation is above its
//! arguments, whichever way the engine's arrows lead.

use dagre::graph::{Graph, GraphOptions};
use dagre::layout::types::{Align, LabelPos};
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, Point, layout};

use crate::labels;
use crate::recording::{Arrow, Node, Of, Recording};

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
/// A value that is needed more levels up than this is carried up by one line, from which arrows branch off.
/// With a line for each of them the picture is as wide as it is high, and the layout takes seconds.
const FAR: usize = 4;

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
/// same graph, or has no room for what is written at the arrows.
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
    // What is written at an arrow must have room there.
    let has_room = (0..recording.arrows.len()).all(|index| {
        let [size, room] = [
            label_size(recording, index),
            label_size(from, twin(&recording.arrows[index], from)),
        ];
        size[0] <= room[0] && size[1] <= room[1]
    });
    if !has_room {
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
        let other = &from.arrows[twin(arrow, from)];
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

/// The arrow for the same argument of the same result in a recording of the same graph.
fn twin(arrow: &Arrow, of: &Recording) -> usize {
    let key = |arrow: &Arrow| (arrow.from.max(arrow.to), arrow.argnum);
    let mut arrows = of.arrows.iter();
    let found = arrows.position(|other| key(other) == key(arrow));
    found.expect("the ends are the same")
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
            let (table, width) = table(cells);
            rows = rows.max(table);
            // The state of the node, at the lower edge, is on no cell.
            below = 20.0;
            widest = widest.max(width);
        }
        lines += rows;
    }
    (widest as f64 * LETTER + 20.0, lines as f64 * LINE + below)
}

/// How many rows a table of cells has, and how many letters wide it is.
fn table(cells: &str) -> (usize, usize) {
    let table: Vec<Vec<&str>> = cells
        .split(';')
        .map(|row| row.split_whitespace().collect())
        .collect();
    let columns = table.iter().map(Vec::len).max().unwrap_or(0);
    let column = |column: usize| {
        let cells = table.iter().filter_map(move |row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let width: usize = (0..columns).map(column).sum();
    (table.len(), width + 2 * columns)
}

/// How wide and high what is written at an arrow is: a local derivative, and below it a contribution, which
/// may be a table.
fn label_size(recording: &Recording, arrow: usize) -> [f64; 2] {
    let (mut rows, mut letters) = (2, LETTERS - 3);
    let mut is_table = false;
    for cells in texts(recording, Of::Arrow(arrow), "cells") {
        let table = table(cells);
        (rows, letters) = (rows.max(table.0), letters.max(table.1 + 2));
        is_table = true;
    }
    for field in ["local", "contribution"] {
        if !(is_table && field == "contribution") {
            for text in texts(recording, Of::Arrow(arrow), field) {
                letters = letters.max(text.chars().count() + 2);
            }
        }
    }
    [letters as f64 * LETTER, rows as f64 * LINE]
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
    let ends: Vec<(usize, usize)> = arrows
        .iter()
        .map(|arrow| {
            let arrow = &recording.arrows[*arrow];
            (arrow.from.max(arrow.to), arrow.from.min(arrow.to))
        })
        .collect();
    let trunks = Trunks::of(&ends, recording.nodes.len());
    trunks.plant(&mut graph);
    let mut sizes = Vec::new();
    for (&index, &(upper, lower)) in arrows.iter().zip(&ends) {
        let size = label_size(recording, index);
        sizes.push(size);
        let mut label = EdgeLabel {
            width: size[0],
            height: size[1],
            labelpos: LabelPos::Right,
            label_offset: ASIDE,
            ..EdgeLabel::default()
        };
        if trunks.is_far(upper, lower) {
            // So that it branches off right below its result.
            label.weight = 2;
        }
        let (from, to) = (upper.to_string(), trunks.head(upper, lower));
        graph.set_edge(from, to, Some(label), Some(&index.to_string()));
    }
    let options = LayoutOptions {
        nodesep: 28.0,
        edgesep: 16.0,
        ranksep: 36.0,
        // A chain beside such a line stays upright. Else the layout's compromise between all sides is best.
        align: trunks.any().then_some(Align::UR),
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
    for (&index, &(upper, lower)) in arrows.iter().zip(&ends) {
        let head = trunks.head(upper, lower);
        let Some(placed) = graph.edge(&upper.to_string(), &head, Some(&index.to_string())) else {
            continue;
        };
        let point = |point: &Point| [point.x, point.y];
        let arrow = &mut recording.arrows[index];
        arrow.points = placed.points.iter().map(point).collect();
        arrow.label = [placed.x.unwrap_or_default(), placed.y.unwrap_or_default()];
        // Along the line that carries its argument up.
        for (from, to) in trunks.pieces(upper, lower).iter().rev() {
            let placed = graph.edge(from, to, None);
            let points = placed.into_iter().flat_map(|placed| &placed.points);
            arrow.points.extend(points.map(point));
        }
        arrow.points.dedup();
    }
    labels::place(recording, &mine, &arrows, &sizes);
    for arrow in &arrows {
        let arrow = &mut recording.arrows[*arrow];
        if arrow.from < arrow.to {
            arrow.points.reverse();
        }
    }
    shift(recording, &mine, &arrows, &sizes, (left, top))
}

/// The lines that carry values far up, with the places where arrows branch off.
struct Trunks {
    /// The results and the arguments of the arrows.
    ends: Vec<(usize, usize)>,
    /// How far below the last result each node is, at least.
    depths: Vec<usize>,
}

impl Trunks {
    fn of(ends: &[(usize, usize)], nodes: usize) -> Trunks {
        let mut depths = vec![0; nodes];
        for node in (0..nodes).rev() {
            let results = ends.iter().filter(|(_, lower)| *lower == node);
            let depth = results.map(|(upper, _)| depths[*upper] + 1).max();
            depths[node] = depth.unwrap_or(0);
        }
        Trunks {
            ends: ends.to_vec(),
            depths,
        }
    }

    fn is_far(&self, upper: usize, lower: usize) -> bool {
        self.depths[lower] > self.depths[upper] + FAR
    }

    fn any(&self) -> bool {
        let mut ends = self.ends.iter();
        ends.any(|(upper, lower)| self.is_far(*upper, *lower))
    }

    /// Where an arrow's own line ends: at its argument, or where it branches off.
    fn head(&self, upper: usize, lower: usize) -> String {
        match self.is_far(upper, lower) {
            true => format!("{lower} at {}", self.depths[upper]),
            false => lower.to_string(),
        }
    }

    /// The pieces of a node's line, from the lowest, up to where the arrow of a result branches off.
    fn pieces(&self, upper: usize, lower: usize) -> Vec<(String, String)> {
        let mut pieces = Vec::new();
        let mut to = lower.to_string();
        for depth in (self.depths[upper]..self.depths[lower]).rev() {
            let mut ends = self.ends.iter();
            let result = ends.find(|ends| ends.1 == lower && self.depths[ends.0] == depth);
            if let Some(&(result, _)) = result
                && self.is_far(result, lower)
            {
                let from = self.head(result, lower);
                pieces.push((from.clone(), to));
                to = from;
            }
        }
        pieces
    }

    /// Adds the lines to a graph.
    fn plant(&self, graph: &mut Graph<NodeLabel, EdgeLabel>) {
        for &(upper, lower) in &self.ends {
            for (from, to) in self.pieces(upper, lower) {
                if !graph.has_edge(&from, &to, None) {
                    let label = EdgeLabel {
                        labelpos: LabelPos::Center,
                        ..EdgeLabel::default()
                    };
                    graph.set_node(from.clone(), Some(NodeLabel::default()));
                    graph.set_edge(from, to, Some(label), None);
                }
            }
        }
    }
}

/// Moves everything so that the upper left corner is at a place, and returns the size.
fn shift(
    recording: &mut Recording,
    nodes: &[usize],
    arrows: &[usize],
    sizes: &[[f64; 2]],
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
    for (&index, [width, height]) in arrows.iter().zip(sizes) {
        let arrow = &recording.arrows[index];
        let [x, y] = arrow.label;
        include(x - width / 2.0, y - height / 2.0, *width, *height);
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

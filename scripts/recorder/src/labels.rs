//! Where the labels of arrows go: beside their own lines, and on nothing else.

use crate::recording::Recording;

/// How long an arrow head is, as it is drawn.
const HEAD: f64 = 8.0;
/// Between a line and what is written beside it.
const ASIDE: f64 = 5.0;
/// How far above or below its first place a label may be, in its heights.
const SHIFTS: [f64; 9] = [0.0, -0.25, 0.25, -0.5, 0.5, -0.75, 0.75, -1.0, 1.0];
/// Closer than this to a line, a label touches it.
const TOUCH: f64 = 3.0;

/// The room that something takes.
#[derive(Clone, Copy, Debug)]
pub struct Area {
    /// The middle of it.
    pub center: [f64; 2],
    /// How wide and how high it is.
    pub size: [f64; 2],
}

impl Area {
    /// Whether something is in both.
    pub fn meets(&self, other: &Area) -> bool {
        let apart = |axis: usize| (self.center[axis] - other.center[axis]).abs();
        let reach = |axis: usize| (self.size[axis] + other.size[axis]) / 2.0;
        (0..2).all(|axis| apart(axis) < reach(axis))
    }

    /// Whether a line through this point touches it.
    pub fn touches(&self, point: [f64; 2]) -> bool {
        let apart = |axis: usize| (self.center[axis] - point[axis]).abs();
        apart(0) < self.size[0] / 2.0 + TOUCH && apart(1) < self.size[1] / 2.0
    }
}

/// A part of a line: where it begins, what it leans to and where it ends.
type Curve = [[f64; 2]; 3];

/// An arrow's line as the page draws it: through its points without their corners.
pub fn curves(points: &[[f64; 2]]) -> Vec<Curve> {
    let half = |a: [f64; 2], b: [f64; 2]| [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0];
    let [start, .., end] = points else {
        return Vec::new();
    };
    let inner = match points.len() {
        2 => vec![half(*start, *end)],
        count => points[1..count - 1].to_vec(),
    };
    let before = inner[inner.len() - 1];
    let (dx, dy) = (end[0] - before[0], end[1] - before[1]);
    let length = dx.hypot(dy).max(1e-9);
    let base = [end[0] - HEAD * dx / length, end[1] - HEAD * dy / length];
    let ends = inner.windows(2).map(|pair| half(pair[0], pair[1]));
    let mut from = *start;
    let parts = inner.iter().zip(ends.chain([base]));
    parts
        .map(|(control, to)| [std::mem::replace(&mut from, to), *control, to])
        .collect()
}

/// Points on a line, close to each other.
pub fn dense(curve: &Curve) -> impl Iterator<Item = [f64; 2]> + '_ {
    let [from, control, to] = curve;
    let length = (control[0] - from[0]).hypot(control[1] - from[1])
        + (to[0] - control[0]).hypot(to[1] - control[1]);
    let steps = (length / 4.0).ceil().max(1.0) as usize;
    (0..=steps).map(move |step| {
        let t = step as f64 / steps as f64;
        [0, 1].map(|axis| {
            (1.0 - t).powi(2) * from[axis]
                + 2.0 * t * (1.0 - t) * control[axis]
                + t.powi(2) * to[axis]
        })
    })
}

/// Gives the labels of these arrows their places. `sizes` are theirs.
pub fn place(recording: &mut Recording, nodes: &[usize], arrows: &[usize], sizes: &[[f64; 2]]) {
    let lines: Vec<Vec<Curve>> = arrows
        .iter()
        .map(|arrow| curves(&recording.arrows[*arrow].points))
        .collect();
    let boxes = nodes.iter().map(|node| {
        let node = &recording.nodes[*node];
        let size = [node.width, node.height];
        Area {
            center: [node.x + size[0] / 2.0, node.y + size[1] / 2.0],
            size,
        }
    });
    let mut taken: Vec<Area> = boxes.collect();
    for ((&arrow, line), &size) in arrows.iter().zip(&lines).zip(sizes) {
        let at = recording.arrows[arrow].label;
        // Nothing else can be on any of its places.
        let is_near = |curve: &&Curve| {
            let heights = curve.map(|point| point[1]);
            let [above, below] = [-1.5, 1.5].map(|reach| at[1] + reach * size[1]);
            heights.iter().any(|y| *y >= above) && heights.iter().any(|y| *y <= below)
        };
        // What arrows share is looked at once.
        let mut near: Vec<&Curve> = Vec::new();
        for curve in lines.iter().flatten().filter(is_near) {
            if !near.contains(&curve) {
                near.push(curve);
            }
        }
        let points: Vec<[f64; 2]> = near.into_iter().flat_map(dense).collect();
        let own: Vec<[f64; 2]> = line.iter().filter(is_near).flat_map(dense).collect();
        let mut best = (usize::MAX, at);
        for area in places(&own, at, size) {
            let on_lines = points.iter().filter(|point| area.touches(**point)).count();
            let on_others = taken.iter().filter(|other| area.meets(other)).count();
            let cost = on_lines + 1000 * on_others;
            if cost < best.0 {
                best = (cost, area.center);
            }
        }
        recording.arrows[arrow].label = best.1;
        taken.push(Area {
            center: best.1,
            size,
        });
    }
}

/// The places beside a line, the best first: at the height that the layout keeps free, or a little above
/// or below.
fn places(own: &[[f64; 2]], at: [f64; 2], size: [f64; 2]) -> Vec<Area> {
    let mut places = Vec::new();
    for shift in SHIFTS {
        let y = at[1] + shift * size[1];
        let beside = own
            .iter()
            .filter(|point| (point[1] - y).abs() <= size[1] / 2.0);
        let (left, right) = beside.fold(
            (f64::INFINITY, f64::NEG_INFINITY),
            |(left, right), point| (left.min(point[0]), right.max(point[0])),
        );
        if left > right {
            continue;
        }
        let away = ASIDE + size[0] / 2.0;
        let at = |x: f64| Area {
            center: [x, y],
            size,
        };
        places.extend([at(right + away), at(left - away)]);
    }
    places
}

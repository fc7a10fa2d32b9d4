//! Where the names go in a plot: beside what they name, and on nothing else.

use crate::draw::svg;

/// The largest text, which the style sheet asks for on a phone, and what a letter of it takes.
pub(super) const FONT: f64 = 15.5;
const LETTER: f64 = 0.62 * FONT;
/// Between a point and the name of its curve.
pub(super) const GAP: f64 = 7.0;
/// More room than this around a name makes its place no better.
const MOST_ROOM: f64 = 40.0;

/// How a curve is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Line,
    Points,
    Guide,
    /// A line in a picture of its own.
    Panel,
}

/// How wide a text is.
pub(super) fn width(text: &str) -> f64 {
    svg::width(text, LETTER)
}

/// A part of the picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Area {
    pub(super) fn around([x, y]: [f64; 2], width: f64, height: f64) -> Area {
        Area {
            left: x - width / 2.0,
            top: y - height / 2.0,
            right: x + width / 2.0,
            bottom: y + height / 2.0,
        }
    }

    fn meets(&self, other: &Area) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    fn is_in(&self, other: &Area) -> bool {
        self.left >= other.left
            && self.right <= other.right
            && self.top >= other.top
            && self.bottom <= other.bottom
    }

    /// How far a point outside is from the edge.
    pub(super) fn distance(&self, [x, y]: [f64; 2]) -> f64 {
        let dx = (self.left - x).max(x - self.right).max(0.0);
        let dy = (self.top - y).max(y - self.bottom).max(0.0);
        (dx * dx + dy * dy).sqrt()
    }

    pub(super) fn center(&self) -> [f64; 2] {
        [
            (self.left + self.right) / 2.0,
            (self.top + self.bottom) / 2.0,
        ]
    }
}

/// Points on the lines between the points.
pub(super) fn dense(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut out = Vec::new();
    for pair in points.windows(2) {
        let [[x0, y0], [x1, y1]] = [pair[0], pair[1]];
        let steps = ((x1 - x0).hypot(y1 - y0) / 4.0).ceil().max(1.0);
        let between = |step: f64| [x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps];
        out.extend((0..steps as usize).map(|step| between(step as f64)));
    }
    out.extend(points.last());
    out
}

/// Where texts can be.
pub(super) struct Room {
    frame: Area,
    /// The curves, by points that are close to each other.
    pub(super) lines: Vec<(Kind, Vec<[f64; 2]>)>,
    /// Where there is a text or a ring already.
    taken: Vec<Area>,
}

impl Room {
    pub(super) fn new(
        frame: Area,
        mut lines: Vec<(Kind, Vec<[f64; 2]>)>,
        rings: &[[f64; 2]],
    ) -> Room {
        for (kind, points) in &mut lines {
            if *kind != Kind::Points {
                *points = dense(points);
            }
        }
        let taken = rings.iter().map(|ring| Area::around(*ring, 16.0, 16.0));
        // The axes are lines too.
        let frame = Area {
            left: frame.left + GAP,
            bottom: frame.bottom - GAP / 2.0,
            ..frame
        };
        Room {
            frame,
            lines,
            taken: taken.collect(),
        }
    }

    /// The best place for a text beside one of the points `at` of the curve `own`: in the frame, on
    /// no curve and no other text, and like its point far from the other curves.
    pub(super) fn find(
        &mut self,
        text: &str,
        at: &[[f64; 2]],
        own: Option<usize>,
        gap: f64,
    ) -> Area {
        let (width, height) = (width(text), 1.15 * FONT);
        let mut best = (f64::INFINITY, self.frame);
        for &[x, y] in at {
            let (_, far) = self.around(&Area::around([x, y], 0.0, 0.0), own, 30.0);
            for (dx, dy) in SIDES {
                let center = [x + dx * (width / 2.0 + gap), y + dy * (height / 2.0 + gap)];
                let area = Area::around(center, width, height);
                let overlaps = self.taken.iter().filter(|other| area.meets(other)).count();
                let outside = usize::from(!area.is_in(&self.frame));
                let cost = (overlaps * 1000 + outside * 2000) as f64 - far;
                // Most places are no better even with all the room that there can be. Only where
                // one may be, all the points are looked at.
                if cost - MOST_ROOM >= best.0 - 1e-6 {
                    continue;
                }
                let (covered, room) = self.around(&area, own, MOST_ROOM);
                let cost = cost + (covered * 20) as f64 - room;
                if cost < best.0 - 1e-6 {
                    best = (cost, area);
                }
            }
        }
        self.taken.push(best.1);
        best.1
    }

    /// How many points of the curves are in a place, and how far the other curves are from it, or
    /// `most`. A guide may lie under the curve that it explains, so it does not count as another.
    fn around(&self, area: &Area, own: Option<usize>, most: f64) -> (usize, f64) {
        let (mut covered, mut room) = (0, most);
        let (left, right) = (area.left - most, area.right + most);
        let (top, bottom) = (area.top - most, area.bottom + most);
        for (index, (kind, points)) in self.lines.iter().enumerate() {
            let is_other = Some(index) != own && *kind != Kind::Guide;
            for &[x, y] in points {
                // Most points are too far away to matter: no need to know how far.
                if x < left || x > right || y < top || y > bottom {
                    continue;
                }
                let distance = area.distance([x, y]);
                covered += usize::from(distance < 2.0);
                if is_other {
                    room = room.min(distance);
                }
            }
        }
        (covered, room)
    }
}

/// Above, below, right, left, and between them.
const SIDES: [(f64, f64); 8] = [
    (0.0, -1.0),
    (0.0, 1.0),
    (1.0, 0.0),
    (-1.0, 0.0),
    (1.0, -1.0),
    (-1.0, -1.0),
    (1.0, 1.0),
    (-1.0, 1.0),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lie_on_nothing() {
        let frame = Area::around([200.0, 150.0], 400.0, 300.0);
        let line = |y: f64| vec![[10.0, y], [390.0, y]];
        let lines = vec![(Kind::Line, line(100.0)), (Kind::Line, line(200.0))];
        let at = [200.0, 90.0];
        let mut room = Room::new(frame, lines, &[at]);
        let ring = room.taken[0];
        let mark = room.find("a mark", &[at], None, GAP + 5.0);
        let again = room.find("a mark", &[at], None, GAP + 5.0);
        let corner = room.find("in the corner", &[[395.0, 5.0]], None, GAP);
        let a = room.find("above", &line(100.0), Some(0), GAP);
        let c = room.find("below", &line(200.0), Some(1), GAP);
        assert!(corner.is_in(&frame), "{corner:?}");
        for (area, others) in [(mark, [ring, again]), (a, [ring, c]), (c, [mark, a])] {
            assert!(area.is_in(&frame), "{area:?}");
            assert!(!others.iter().any(|other| area.meets(other)), "{area:?}");
            let points = room.lines.iter().flat_map(|(_, points)| points);
            assert!(points.into_iter().all(|point| area.distance(*point) > 0.0));
        }
        assert!(
            a.bottom < 150.0 && c.top > 150.0,
            "each beside its own: {a:?}, {c:?}"
        );
    }

    /// Whether the name of a curve at the height 150 stands above it, with another at 110.
    fn is_above(other: Kind) -> bool {
        let frame = Area::around([200.0, 150.0], 400.0, 300.0);
        let own = vec![[100.0, 150.0], [300.0, 150.0]];
        let lines = vec![
            (Kind::Line, own.clone()),
            (other, vec![[0.0, 110.0], [400.0, 110.0]]),
        ];
        let name = Room::new(frame, lines, &[]).find("a", &own, Some(0), GAP);
        name.bottom < 150.0
    }

    #[test]
    fn names_keep_away_from_other_curves_but_not_from_guides() {
        assert!(!is_above(Kind::Line), "there is more room below");
        assert!(is_above(Kind::Guide), "it is the first choice");
    }

    #[test]
    fn a_name_stands_at_a_point_that_is_far_from_other_curves() {
        let frame = Area::around([200.0, 150.0], 400.0, 300.0);
        // Close under the first point; on both sides of the second, but further away. So there is
        // a little more room for a text above the first point.
        let line = |from: f64, to: f64, y: f64| (Kind::Line, vec![[from, y], [to, y]]);
        let lines = vec![
            line(60.0, 140.0, 164.0),
            line(250.0, 350.0, 122.0),
            line(250.0, 350.0, 178.0),
        ];
        let mut room = Room::new(frame, lines, &[]);
        let name = room.find("a", &[[100.0, 150.0], [300.0, 150.0]], None, GAP);
        assert!(name.left > 250.0, "{name:?}");
    }
}

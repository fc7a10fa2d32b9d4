//! Where everything is: nothing lies on anything else, and values flow upwards.

mod played;

use std::collections::BTreeMap;

use played::record;
use recorder::labels::{Area, curves, dense};
use recorder::recording::{Node, Of, Recording};

fn recording(stage: &str, program: &str, inputs: &[(&str, &str)], order: usize) -> Recording {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let inputs: Vec<(String, String)> = inputs.iter().map(owned).collect();
    record(stage, program, &inputs, order).recording
}

const XY: &[(&str, &str)] = &[("x", "3"), ("y", "4")];

fn examples() -> Vec<Recording> {
    let program = "let t = x * y;\nt.sin() + x * 2 - t";
    let matrix = [("x", "array![[1, 2], [3, 4]]"), ("y", "array![0.5, -0.25]")];
    let stages = ["stage1", "stage2", "stage3", "stage4"];
    let mut examples: Vec<_> = stages.map(|stage| recording(stage, program, XY, 1)).into();
    examples.push(recording("stage3", "x.sin() * x", XY, 2));
    examples.push(recording("stage3", "x.exp()", XY, 3));
    examples.push(recording("stage3", "x * grad(|z| x + z)(y)", XY, 1));
    examples.push(recording(
        "stage4",
        "(x.dot(&y) + y).tanh().sum()",
        &matrix,
        1,
    ));
    examples.push(recording(
        "stage1",
        "let z = x.sin();\ndrop(z);\nlet t = x.cos();\ndrop(t);",
        &XY[..1],
        1,
    ));
    examples.push(recording("stage2", "x", XY, 1));
    examples.push(recording("stage3", "2", &[], 1));
    examples
}

fn overlap(a: &Node, b: &Node) -> bool {
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

#[test]
fn nodes_lie_beside_each_other_and_inside() {
    for recording in examples() {
        let (stage, program) = (&recording.stage, &recording.program);
        for (index, node) in recording.nodes.iter().enumerate() {
            assert!(
                node.x >= 13.8 && node.y >= 13.8,
                "{stage} {program}: {node:?}"
            );
            assert!(
                node.x + node.width <= recording.width - 13.8,
                "{stage} {program}: {node:?}"
            );
            assert!(
                node.y + node.height <= recording.height - 13.8,
                "{stage} {program}: {node:?}"
            );
            for other in &recording.nodes[..index] {
                assert!(
                    !overlap(node, other),
                    "{stage} {program}: {node:?} {other:?}"
                );
            }
            if let Some(frame) = node.frame {
                let frame = &recording.frames[frame];
                assert!(node.x > frame.x && node.x + node.width < frame.x + frame.width);
                assert!(node.y > frame.y && node.y + node.height < frame.y + frame.height);
            }
        }
        let frames = &recording.frames;
        for pair in frames.windows(2) {
            assert!(pair[0].x + pair[0].width < pair[1].x, "{frames:?}");
        }
    }
}

#[test]
fn what_is_written_at_an_arrow_between_frames_is_on_neither() {
    let program = "grad(|y| x * y)(1)";
    let recording = recording("stage3-confused-traces", program, &[("x", "5")], 1);
    let frame = |node: usize| recording.nodes[node].frame;
    let mut arrows = recording.arrows.iter();
    let across = arrows.find(|arrow| frame(arrow.from) != frame(arrow.to));
    let [x, _] = across.unwrap().label;
    let [left, right] = [0, 1].map(|frame| &recording.frames[frame]);
    // Half of `+ 1`, with a little around it.
    let half = 3.0 * 8.68 / 2.0 + 2.0;
    assert!(left.x + left.width < x - half, "{x}, {left:?}");
    assert!(x + half < right.x, "{x}, {right:?}");
}

#[test]
fn a_result_is_above_its_arguments_and_its_arrow_leads_as_the_engine_holds_it() {
    for recording in examples() {
        for arrow in &recording.arrows {
            let (from, to) = (&recording.nodes[arrow.from], &recording.nodes[arrow.to]);
            let from_result = recording.stage != "stage1";
            assert_eq!(from.y < to.y, from_result, "{arrow:?}");
            assert_eq!(arrow.from > arrow.to, from_result, "{arrow:?}");
            // From the border of the one to that of the other.
            let ends = [arrow.points[0], arrow.points[arrow.points.len() - 1]];
            for (node, [x, y]) in [from, to].into_iter().zip(ends) {
                let inside = |at: f64, start: f64, length: f64| {
                    (start - 0.5..=start + length + 0.5).contains(&at)
                };
                assert!(inside(x, node.x, node.width) && inside(y, node.y, node.height));
            }
        }
    }
}

#[test]
fn the_same_program_has_the_same_places_on_all_stages() {
    let program = "let t = x * y;\nt.sin() + x * 2 - t / 3 - t";
    let places = ["stage1", "stage2", "stage3", "stage4"].map(|stage| {
        let recording = recording(stage, program, XY, 1);
        let first = recording.nodes[0].clone();
        let nodes = recording.nodes.iter();
        let places: Vec<_> = nodes
            .map(|node| {
                let tenths = |number: f64| (10.0 * number).round() as i64;
                (
                    tenths(node.x - first.x),
                    tenths(node.y - first.y),
                    tenths(node.width),
                )
            })
            .collect();
        let mut arrows: Vec<_> = recording
            .arrows
            .iter()
            .map(|arrow| {
                (
                    arrow.from.max(arrow.to),
                    arrow.from.min(arrow.to),
                    arrow.argnum,
                )
            })
            .collect();
        arrows.sort_unstable();
        (places, arrows)
    });
    for other in &places[1..] {
        assert_eq!(*other, places[0]);
    }
}

#[test]
fn a_box_has_room_for_whatever_it_says() {
    let large = recording(
        "stage2",
        "x * y",
        &[("x", "-1.23456e-100"), ("y", "2e300")],
        1,
    );
    let letters = "= −1.23456e−100".chars().count() as f64;
    assert!(large.nodes[0].width >= letters * 8.68 + 19.9);
    let cells = recording(
        "stage4",
        "x.sum()",
        &[("x", "array![[1, 2], [3, 4], [5, 6]]")],
        1,
    );
    // A title, three rows of values and three of gradients.
    assert!(cells.nodes[0].height >= 7.0 * 18.9 + 13.9);
}

/// A chain of results, each of which needs `y`.
fn chain(length: usize) -> Recording {
    let line = |n: usize| format!("let a{} = a{n}.sin() * y;\n", n + 1);
    let lines: String = (1..length).map(line).collect();
    let program = format!("let a1 = x.sin() * y;\n{lines}a{length}");
    recording("stage2", &program, XY, 1)
}

#[test]
fn a_value_that_is_needed_on_many_levels_is_carried_up_by_one_line() {
    let long = chain(48);
    assert_eq!(long.nodes.len(), 98);
    // It grows upwards, and not to the side.
    assert!(10.0 * long.width < long.height, "{}", long.width);
    // Most of a line is that of the others, too.
    let mut lines: BTreeMap<[u64; 6], usize> = BTreeMap::new();
    let arrows = long.arrows.iter().filter(|arrow| arrow.to == 1);
    for curve in arrows.flat_map(|arrow| curves(&arrow.points)) {
        let [[a, b], [c, d], [e, f]] = curve.map(|point| point.map(f64::to_bits));
        *lines.entry([a, b, c, d, e, f]).or_default() += 1;
    }
    assert!(lines.len() < 48 * 8, "{} pieces", lines.len());
}

/// The room that each label takes in the end, with its arrow.
fn written(recording: &Recording) -> Vec<(usize, Area)> {
    let last = |arrow: usize, field: &str| {
        let changes = recording.steps.iter().flat_map(|step| &step.set);
        let mut changes =
            changes.filter(|change| change.of == Of::Arrow(arrow) && change.field == field);
        changes.next_back().map_or("", |change| &change.text)
    };
    let arrows = recording.arrows.iter().enumerate();
    let rows = arrows.flat_map(|(index, arrow)| {
        let [x, y] = arrow.label;
        let row = |text: &str, up: f64| {
            let letters = text.chars().count() + 2;
            let size = [letters as f64 * 8.68, 14.0];
            let center = [x, y + up * 18.9];
            (!text.is_empty()).then_some(Area { center, size })
        };
        let [local, contribution, cells] =
            ["local", "contribution", "cells"].map(|field| last(index, field));
        let mut rows = vec![row(local, -0.5)];
        // A table takes the place of the contribution.
        let count = cells.split(';').count() as f64;
        let first = match local {
            "" => 0.5 - count / 2.0,
            _ => 0.5,
        };
        match cells {
            "" => rows.push(row(contribution, 0.5)),
            _ => {
                let cells = cells.split(';').enumerate();
                rows.extend(cells.map(|(at, cells)| row(cells, first + at as f64)));
            }
        }
        rows.into_iter().flatten().map(move |area| (index, area))
    });
    rows.collect()
}

#[test]
fn what_is_written_at_an_arrow_is_on_nothing_else() {
    let mut found = Vec::new();
    let mut count = 0;
    for recording in examples().into_iter().chain([chain(12)]) {
        let what = format!("{} {}", recording.stage, recording.program);
        let labels = written(&recording);
        count += labels.len();
        for (index, area) in &labels {
            let title = &recording.nodes[recording.arrows[*index].from].title;
            for (other, arrow) in recording.arrows.iter().enumerate() {
                let mut points = curves(&arrow.points)
                    .into_iter()
                    .flat_map(|curve| dense(&curve).collect::<Vec<_>>());
                if points.any(|point| area.touches(point)) {
                    found.push(format!(
                        "{what}: arrow {index} from {title}: on arrow {other}"
                    ));
                }
            }
            for node in &recording.nodes {
                let size = [node.width, node.height];
                let center = [node.x + size[0] / 2.0, node.y + size[1] / 2.0];
                if area.meets(&Area { center, size }) {
                    found.push(format!(
                        "{what}: arrow {index} from {title}: on {}",
                        node.title
                    ));
                }
            }
            for (other, its) in &labels {
                if other > index && area.meets(its) {
                    found.push(format!(
                        "{what}: arrow {index}: on what is at arrow {other}"
                    ));
                }
            }
        }
    }
    assert!(count > 30, "{count}");
    assert_eq!(found, Vec::<String>::new());
}

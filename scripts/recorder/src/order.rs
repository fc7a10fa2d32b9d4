//! The order of the walk, as stages 2 to 4 find it: Kahn's count of children, up and down again.

use std::collections::BTreeMap;

use crate::evaluate::{Engine, Item, Scope, run};
use crate::listing::{Excerpt, Line};
use crate::program::{Program, Term, numbers};
use crate::recorder::Recorder;
use crate::recording::{Change, Of, Step};
use crate::request::Error;
use crate::words::{children, list};

/// The walk.
pub const BACKWARD: Excerpt = Excerpt {
    file: "backward.rs",
    item: "pub fn backward(",
};
/// The sum of the contributions.
pub const ADD_TO: Excerpt = Excerpt {
    file: "backward.rs",
    item: "fn add_to(",
};
/// The order of the nodes.
pub const ORDER: Excerpt = Excerpt {
    file: "backward.rs",
    item: "pub fn order<",
};
/// The line that counts children.
pub const COUNTED: &str = "*count += 1;";
/// The line that takes a node.
pub const READY: &str = "order.push(node);";

/// A stage that finds the gradients once it knows the output.
pub trait Walk: Engine {
    /// An input of the program.
    fn input(&mut self, name: &str, value: f64) -> usize;

    /// How it does so, step by step.
    ///
    /// # Errors
    /// The steps do not come to the gradients that the engine returns.
    fn walk(&mut self, output: usize) -> Result<(), Error>;
}

/// Records what such a stage does with a program. A program that asks for gradients itself has them.
///
/// # Errors
/// The program cannot be run, or as the walk.
pub fn record(
    engine: &mut impl Walk,
    program: &Program,
    inputs: &[(String, Term)],
) -> Result<(), Error> {
    let mut scope = Scope::new();
    for (name, number) in numbers(engine.stage(), inputs)? {
        let node = engine.input(&name, number);
        scope.push((name, Item::Value(node)));
    }
    match run(engine, program, &scope)? {
        Some(output) if !program.asks() => engine.walk(output),
        _ => Ok(()),
    }
}

/// The arguments of each node, by the numbers that they have in the recording.
pub type Parents = BTreeMap<usize, Vec<usize>>;

/// Shows how the engine has found `order`: each node counts at its parents, and then what waits for
/// no child is taken.
pub fn show(recorder: &mut Recorder, output: usize, parents: &Parents, order: &[usize]) {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    let mut unseen = vec![output];
    while let Some(node) = unseen.pop() {
        for parent in &parents[&node] {
            let count = counts.entry(*parent).or_insert_with(|| {
                unseen.push(*parent);
                0
            });
            *count += 1;
        }
        if parents[&node].is_empty() {
            continue;
        }
        let (waiting, changes) = waiting(recorder, &parents[&node], &counts);
        let name = recorder.title(node);
        let say = format!("{name} counts as a child of what it was made from: {waiting}.");
        let step = Step::new("counted", say).node(node).sets(changes);
        recorder.step(step, Some(ORDER.line(COUNTED)));
    }

    for (place, node) in order.iter().enumerate() {
        let name = recorder.title(*node);
        let count = counts.get(node).copied().unwrap_or(0);
        let is_again = order[..place].contains(node);
        if is_again {
            recorder.fault(format!("{name} is in the order of your engine twice."));
        } else if count > 0 {
            recorder.fault(format!(
                "In the order of your engine, {name} comes before {}: its gradient is passed on \
                 before all contributions to it have come.",
                children_of(recorder, *node, parents, &order[..place])
            ));
        }
        for parent in &parents[node] {
            if let Some(count) = counts.get_mut(parent) {
                *count = count.saturating_sub(1);
            }
        }
        let (waiting, changes) = waiting(recorder, &parents[node], &counts);
        let mut say = match count {
            _ if is_again => format!("{name} is number {} in the order, too.", place + 1),
            0 => format!(
                "{name} waits for no child, so it is number {} in the order.",
                place + 1
            ),
            _ => format!(
                "{name} waits for {}, and yet it is number {} in the order.",
                children(count),
                place + 1
            ),
        };
        if !waiting.is_empty() {
            say += &format!(" Now {waiting}.");
        }
        let step = Step::new("ready", say).node(*node).sets(changes).set(
            Of::Node(*node),
            "state",
            "ready",
        );
        recorder.step(step, Some(ORDER.line(READY)));
    }
    if let Some(node) = parents.keys().find(|node| !order.contains(node)) {
        let name = recorder.title(*node);
        recorder.fault(format!("{name} is not in the order of your engine."));
    }
}

/// The children of a node that have not been taken, in words.
fn children_of(recorder: &Recorder, node: usize, parents: &Parents, taken: &[usize]) -> String {
    let children = parents
        .iter()
        .filter(|(child, of)| of.contains(&node) && !taken.contains(child))
        .map(|(child, _)| recorder.title(*child));
    let children = Vec::from_iter(children);
    let its = if children.len() == 1 {
        "child"
    } else {
        "children"
    };
    format!("its {its} {}", list(&children))
}

/// Shows an order that waits for nothing: a node is taken as soon as it is met.
pub fn show_met(recorder: &mut Recorder, parents: &Parents, order: &[usize], taking: &Line) {
    for (place, node) in order.iter().enumerate() {
        let late = order[place + 1..].iter();
        let late = late.filter(|child| parents[child].contains(node));
        let late: Vec<String> = late.map(|child| recorder.title(*child)).collect();
        let name = recorder.title(*node);
        let mut say = format!("{name} is met, so it is number {} in the order.", place + 1);
        if !late.is_empty() {
            say += &format!(" It does not wait for its child {}.", list(&late));
        }
        let step = Step::new("ready", say)
            .node(*node)
            .set(Of::Node(*node), "state", "ready");
        recorder.step(step, Some(taking.clone()));
    }
}

/// What the arguments of a node wait for now, in words and as changes.
fn waiting(
    recorder: &Recorder,
    parents: &[usize],
    counts: &BTreeMap<usize, usize>,
) -> (String, Vec<Change>) {
    let (mut words, mut changes): (Vec<String>, Vec<Change>) = (Vec::new(), Vec::new());
    for (place, parent) in parents.iter().enumerate() {
        if parents[..place].contains(parent) {
            continue;
        }
        let count = counts.get(parent).copied().unwrap_or(0);
        words.push(format!(
            "{} waits for {}",
            recorder.title(*parent),
            children(count)
        ));
        for (field, text) in [
            ("count", count.to_string()),
            ("state", "waiting".to_owned()),
        ] {
            let of = Of::Node(*parent);
            changes.push(Change { of, field, text });
        }
    }
    (list(&words), changes)
}

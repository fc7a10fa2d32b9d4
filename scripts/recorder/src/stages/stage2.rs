//! Stage 2, watched through its public items: containers, nodes, the order and the walk.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::{Rc, Weak};

use stage2::backward::order;
use stage2::{Container, Node, backward};

use crate::compare::{Fact, Key};
use crate::evaluate::{Argument, Engine, Origin, operands};
use crate::listing::Excerpt;
use crate::operation;
use crate::order::{ADD_TO, BACKWARD, COUNTED, ORDER, Parents, READY, Walk, show, show_met};
use crate::program::{Program, Term};
use crate::recorder::Recorder;
use crate::recording::{Of, Step};
use crate::request::{Error, Place};
use crate::words::{counted, formula, list, open_calls, short};

/// A container becomes an input.
const NEW: Excerpt = Excerpt {
    file: "graph.rs",
    item: "pub fn new(value: f64) -> Container {",
};
/// An operation is recorded.
const RECORD: Excerpt = Excerpt {
    file: "trace.rs",
    item: "pub(crate) fn record(",
};
/// The order, if a node is taken as soon as it is met.
const AT_ONCE: Excerpt = Excerpt {
    file: "backward.rs",
    item: "fn at_once<",
};
/// The line that keeps the drop from calling itself.
const TAKEN: &str = "std::mem::take(&mut self.parents);";
/// A node is freed.
const DROP: Excerpt = Excerpt {
    file: "graph.rs",
    item: "fn drop(&mut self) {",
};
/// The rules.
const VJP: Excerpt = Excerpt {
    file: "backward.rs",
    item: "pub(crate) fn vjp(",
};

/// Records what the engine does with a program.
///
/// # Errors
/// The program cannot be run.
pub fn record(
    recorder: &mut Recorder,
    program: &Program,
    inputs: &[(String, Term)],
    _order: usize,
) -> Result<(), Error> {
    crate::order::record(&mut Stage2::new(recorder), program, inputs)
}

/// The engine and what it has made, by the numbers that its nodes have in the recording.
pub struct Stage2<'a> {
    recorder: &'a mut Recorder,
    /// None where the program has let go of it.
    containers: Vec<Option<Container>>,
    /// Its node, if that is alive, and the arguments.
    nodes: Vec<(Weak<Node>, Vec<usize>)>,
    numbers: BTreeMap<u64, usize>,
    /// The arrows of each node, in the order of its arguments.
    arrows: Vec<Vec<usize>>,
    /// The results that have a name in the program.
    named: BTreeSet<usize>,
}

impl<'a> Stage2<'a> {
    /// Nothing has been made.
    pub fn new(recorder: &'a mut Recorder) -> Stage2<'a> {
        Stage2 {
            recorder,
            containers: Vec::new(),
            nodes: Vec::new(),
            numbers: BTreeMap::new(),
            arrows: Vec::new(),
            named: BTreeSet::new(),
        }
    }
}

impl Walk for Stage2<'_> {
    fn input(&mut self, name: &str, value: f64) -> usize {
        let say = format!(
            "`{name}` is an input: a container with the value {}, and a node without parents.",
            short(value)
        );
        self.leaf("input", name, value, None, say)
    }

    fn walk(&mut self, output: usize) -> Result<(), Error> {
        let container = self.container(output).clone();
        let name = self.recorder.title(output);
        let say = format!("The walk begins: {name} is the output, and its gradient is 1.");
        let step = Step::new("seeded", say)
            .node(output)
            .set(Of::Node(output), "gradient", "1")
            .set(Of::Node(output), "state", "seeded");
        let running = "add_to(&mut gradients, output.node(), *seed);";
        self.recorder.step(step, Some(BACKWARD.line(running)));

        let order = order(&[container.node()]);
        let order: Vec<usize> = order.iter().filter_map(|node| self.number(node)).collect();
        let parents = self.reach(output);
        if self.waits() {
            show(self.recorder, output, &parents, &order);
        } else {
            show_met(self.recorder, &parents, &order, &AT_ONCE.line(READY));
        }

        let mut gradients: BTreeMap<usize, f64> = BTreeMap::from([(output, 1.0)]);
        let mut passed: Vec<(usize, f64)> = Vec::new();
        let engine = backward(&[(&container, 1.0)]);
        let of = |node: &usize| engine.of(self.container(*node));
        let returned: Vec<f64> = match self.recorder.is_reference() {
            true => Vec::new(),
            false => order.iter().map(of).collect(),
        };
        for (place, node) in order.into_iter().enumerate() {
            // What the engine of a reader returns goes on, whatever its parts add up to.
            if let Some(gradient) = returned.get(place) {
                let sum = gradients.insert(node, *gradient).unwrap_or(0.0);
                self.check(node, sum, *gradient);
            }
            passed.push((node, gradients.get(&node).copied().unwrap_or(f64::NAN)));
            self.pass_on(node, &passed, &mut gradients);
        }
        for (node, part) in passed {
            let whole = gradients[&node];
            if whole != part && !whole.is_nan() {
                let (name, whole) = (self.recorder.title(node), short(whole));
                let say = format!(
                    "The walk is over. {name} ends with {whole}, and has passed on {} of it.",
                    short(part)
                );
                self.recorder.step(Step::new("late", say).node(node), None);
            }
        }

        let inputs = 0..self.containers.len();
        for node in inputs.filter(|node| !gradients.contains_key(node)) {
            if self.recorder.recording.nodes[node].op != "input" {
                continue;
            }
            let name = self.recorder.title(node);
            let gradient = engine.of(self.container(node));
            if !self.recorder.is_reference() {
                self.check(node, 0.0, gradient);
            }
            let say = match gradient {
                0.0 => format!("The output does not depend on {name}: the gradient is 0."),
                _ => format!("The gradient of {name} is {}.", short(gradient)),
            };
            let step = Step::new("final", say)
                .node(node)
                .set(Of::Node(node), "gradient", short(gradient))
                .set(Of::Node(node), "state", "done");
            self.recorder.step(step, None);
        }
        if self.recorder.is_reference() {
            for node in 0..self.containers.len() {
                if let Some(container) = &self.containers[node] {
                    let found = gradients.get(&node).copied().unwrap_or(0.0);
                    self.check(node, found, engine.of(container));
                }
            }
        }
        Ok(())
    }
}

impl Stage2<'_> {
    fn leaf(
        &mut self,
        op: &str,
        title: &str,
        value: f64,
        place: Option<Place>,
        say: String,
    ) -> usize {
        let node = self.recorder.node(op, title, place);
        let container = Container::new(value);
        self.recorder.value(node, container.value());
        self.keep(container, Vec::new(), Vec::new());
        let step =
            Step::new("made", say)
                .shows(node)
                .at(place)
                .set(Of::Node(node), "value", short(value));
        let step = self.recorder.mark(step, node, &[value]);
        let running = "Container::with_node(value, Node::new(Op::Input";
        self.recorder.step(step, Some(NEW.line(running)));
        node
    }

    fn keep(&mut self, container: Container, operands: Vec<usize>, arrows: Vec<usize>) {
        let (id, number) = (container.node().id, self.containers.len());
        // Of what was let go, the id may come again.
        if let Some(other) = self.numbers.insert(id, number)
            && self.nodes[other].0.strong_count() > 0
        {
            self.recorder.fault(format!(
                "Your engine gave the node of {} the id {id}, which the node of {} has, too.",
                self.recorder.title(number),
                self.recorder.title(other)
            ));
        }
        self.nodes.push((Rc::downgrade(container.node()), operands));
        self.containers.push(Some(container));
        self.arrows.push(arrows);
    }

    /// The nodes that a node depends on and itself, with their parents.
    fn reach(&self, output: usize) -> Parents {
        let mut parents = Parents::new();
        let mut unseen = vec![output];
        while let Some(number) = unseen.pop() {
            if parents.contains_key(&number) {
                continue;
            }
            let node = self.nodes[number].0.upgrade();
            let of = node.iter().flat_map(|node| &node.parents);
            let of: Vec<usize> = of.filter_map(|parent| self.number(parent)).collect();
            unseen.extend(&of);
            parents.insert(number, of);
        }
        parents
    }

    fn number(&self, node: &Node) -> Option<usize> {
        self.numbers.get(&node.id).copied()
    }

    /// The gradient that the engine returns, beside the sum of the contributions.
    fn check(&mut self, node: usize, sum: f64, returned: f64) {
        let key = Key::Gradient(0, node);
        self.recorder
            .gradient(key, node, short(returned), &[returned]);
        self.recorder.same(node, &sum.into(), &returned.into());
    }

    /// A node passes its gradient on to its arguments.
    /// `passed` are the nodes that have had their turn, with the gradient that they had then.
    fn pass_on(
        &mut self,
        number: usize,
        passed: &[(usize, f64)],
        gradients: &mut BTreeMap<usize, f64>,
    ) {
        let parents = self.container(number).node().parents.len();
        let name = self.recorder.title(number);
        let gradient = gradients.get(&number).copied().unwrap_or(f64::NAN);
        if parents == 0 {
            let say = match self.recorder.recording.nodes[number].op.as_str() {
                "constant" => format!("{name} is a constant. Its gradient is not needed."),
                _ if !self.waits() => format!("{name} has its turn with {}.", short(gradient)),
                _ => format!("The gradient of {name} is complete: {}.", short(gradient)),
            };
            let step = Step::new("final", say)
                .node(number)
                .set(Of::Node(number), "state", "done");
            self.recorder
                .step(step, Some(BACKWARD.line("for node in order(")));
            return;
        }
        let op = self.recorder.recording.nodes[number].op.clone();
        let operands = self.nodes[number].1.clone();
        let args = operands.iter().map(|arg| self.container(*arg).value());
        let (args, result) = (Vec::from_iter(args), self.container(number).value());
        let arrows = self.arrows[number].clone();
        let parts = operands.into_iter().zip(arrows).take(parents);
        for (argnum, (to, arrow)) in parts.enumerate() {
            let target = self.recorder.title(to);
            let local = contribution(&op, &args, argnum, 1.0);
            let contribution = contribution(&op, &args, argnum, gradient);
            let say = format!(
                "The rule of {name} for {target}: the gradient {} times the local derivative {} is {}.",
                short(gradient),
                short(local),
                short(contribution)
            );
            let step = Step::new("rule", say)
                .node(number)
                .arrow(arrow)
                .at(self.recorder.recording.nodes[number].place)
                .set(Of::Node(number), "state", "current")
                .set(Of::Arrow(arrow), "state", "current")
                .set(Of::Arrow(arrow), "local", short(local))
                .set(Of::Arrow(arrow), "contribution", short(contribution));
            let step = self.recorder.mark(step, number, &[contribution]);
            let key = Key::Contribution(0, number, argnum);
            let amount = short(contribution);
            self.recorder.contribution(key, to, amount, &[contribution]);
            let running = VJP.line(rule(&op, &args, result, argnum));
            self.recorder.step(step, Some(running));

            let old = gradients.get(&to).copied();
            let sum = old.map_or(contribution, |old| old + contribution);
            gradients.insert(to, sum);
            let (mut say, running) = match old {
                Some(old) => (
                    format!(
                        "{target} has a gradient already: {} = {}.",
                        formula("add", &[short(old), short(contribution)]),
                        short(sum)
                    ),
                    "Some(gradient) => gradient + contribution,",
                ),
                None => (
                    format!("The first contribution to {target}: {}.", short(sum)),
                    "None => contribution,",
                ),
            };
            if passed.iter().any(|(node, _)| *node == to) {
                say +=
                    &format!(" But {target} has had its turn, and no longer passes anything on.");
            }
            let step = Step::new("added", say)
                .node(to)
                .arrow(arrow)
                .set(Of::Node(to), "gradient", short(sum))
                .set(Of::Arrow(arrow), "state", "done");
            let step = match argnum + 1 == parents {
                true => step.set(Of::Node(number), "state", "done"),
                false => step,
            };
            self.recorder.step(step, Some(ADD_TO.line(running)));
        }
    }
}

impl Stage2<'_> {
    /// Whether the engine's order waits for the children of a node.
    fn waits(&self) -> bool {
        !self.recorder.is_reference() || self.recorder.has(&ORDER.line(COUNTED))
    }

    fn container(&self, number: usize) -> &Container {
        let container = &self.containers[number];
        container.as_ref().expect("its name is in scope")
    }

    /// The program lets go of a container, and what only that one owned is freed.
    fn let_go(&mut self, number: usize, place: Option<Place>) -> Result<(), Error> {
        // Of what has no name, Rust has let go at the end of its line.
        for (other, node) in self.recorder.recording.nodes.iter().enumerate() {
            if !self.named.contains(&other) && node.op != "input" {
                self.containers[other] = None;
            }
        }
        let owners = |nodes: &[(Weak<Node>, Vec<usize>)]| -> Vec<usize> {
            nodes.iter().map(|(node, _)| node.strong_count()).collect()
        };
        let mut left = owners(&self.nodes);
        left[number] -= 1;
        let name = self.recorder.title(number);
        if left[number] > 0 {
            let has_child = self
                .nodes
                .iter()
                .any(|(node, operands)| node.strong_count() > 0 && operands.contains(&number));
            let owner = if has_child { "A child" } else { "Something" };
            let say = format!("The program lets go of {name}. {owner} still owns it, so it stays.");
            let step = Step::new("dropped", say).node(number).at(place).set(
                Of::Node(number),
                "state",
                "dropped",
            );
            self.recorder.step(step, None);
        } else if self.recorder.has(&DROP.line(TAKEN)) {
            self.show_loop(number, &mut left, place);
        } else {
            self.show_recursion(number, 1, &mut left, place);
        }
        self.containers[number] = None;
        let owned = owners(&self.nodes);
        if self.recorder.is_reference() && owned != left {
            let message = "the steps free other nodes than the engine";
            return Err(Error::anywhere(message));
        }
        let alive = owned.iter().filter(|owners| **owners > 0).count();
        let fact = Fact {
            key: Key::Alive(number),
            verb: "kept",
            amount: counted(alive, "node"),
            rest: format!("when the program let go of {name}"),
            numbers: vec![alive as f64],
        };
        self.recorder.past_fact("dropped", fact);
        Ok(())
    }

    /// How the engine's own drop takes the graph apart.
    fn show_loop(&mut self, first: usize, left: &mut [usize], place: Option<Place>) {
        let titles = |stage: &Stage2<'_>, numbers: &[usize]| -> String {
            let titles: Vec<String> = numbers.iter().map(|i| stage.recorder.title(*i)).collect();
            match titles.is_empty() {
                true => "The list is empty".to_owned(),
                false => format!("On the list: {}", list(&titles)),
            }
        };
        let mut unseen = self.nodes[first].1.clone();
        let say = format!(
            "The program lets go of {}. Nobody else owns it, so it is dropped: one call is open, which moves its parents to a list. {}.",
            self.recorder.title(first),
            titles(self, &unseen)
        );
        let step =
            Step::new("dropped", say)
                .node(first)
                .at(place)
                .set(Of::Node(first), "state", "freed");
        self.recorder.step(step, Some(DROP.line(TAKEN)));
        while let Some(parent) = unseen.pop() {
            let name = self.recorder.title(parent);
            left[parent] -= 1;
            let step = if left[parent] > 0 {
                let say = format!(
                    "{name} is taken from the list. It has another owner, so it stays. {}.",
                    titles(self, &unseen)
                );
                Step::new("kept", say)
            } else {
                unseen.extend(&self.nodes[parent].1);
                let say = format!(
                    "{name} is taken from the list. Nobody else owns it, so its parents go on the list, and it is freed: 2 calls are open. {}.",
                    titles(self, &unseen)
                );
                Step::new("dropped", say).set(Of::Node(parent), "state", "freed")
            };
            let running = match left[parent] {
                0 => "parents.append(",
                _ => "Rc::into_inner(parent)",
            };
            let step = step.node(parent).at(place);
            self.recorder.step(step, Some(DROP.line(running)));
        }
    }

    /// How a drop takes it apart that leaves the parents to Rust.
    fn show_recursion(
        &mut self,
        number: usize,
        depth: usize,
        left: &mut [usize],
        place: Option<Place>,
    ) {
        let name = self.recorder.title(number);
        let running = || Some(DROP.line("self.parents.clear();"));
        let say = format!(
            "The last owner of {name} has let go. Its drop lets go of its parents: {}.",
            open_calls(depth)
        );
        let of = Of::Node(number);
        let step = Step::new("dropped", say)
            .node(number)
            .at(place)
            .set(of, "state", "dropping");
        self.recorder.step(step, running());
        for parent in self.nodes[number].1.clone() {
            left[parent] -= 1;
            if left[parent] == 0 {
                self.show_recursion(parent, depth + 1, left, place);
                continue;
            }
            let say = format!(
                "{} has another owner, so it stays.",
                self.recorder.title(parent)
            );
            let step = Step::new("kept", say).node(parent).at(place);
            self.recorder.step(step, running());
        }
        let say = format!("The drop of {name} returns. Only now is it freed.");
        let step = Step::new("freed", say)
            .node(number)
            .at(place)
            .set(of, "state", "freed");
        self.recorder.step(step, running());
    }
}

impl Engine for Stage2<'_> {
    fn stage(&self) -> &'static str {
        "stage2"
    }

    fn tell(
        &mut self,
        name: &str,
        receiver: usize,
        _number: Option<f64>,
        origin: Origin<'_>,
    ) -> Result<(), Error> {
        match name {
            "drop" => self.let_go(receiver, origin.place),
            _ => {
                let message = format!("stage2 has no `{name}`: gradients are not in the variables");
                Err(origin.error(message))
            }
        }
    }

    fn constant(&mut self, number: f64, place: Place) -> usize {
        let text = short(number);
        let say = format!("The number {text} becomes an input of its own.");
        self.leaf("constant", &text, number, Some(place), say)
    }

    fn call(
        &mut self,
        name: &str,
        receiver: usize,
        args: &[Argument],
        origin: Origin<'_>,
    ) -> Result<usize, Error> {
        let operands = operands(receiver, args);
        let containers: Vec<&Container> = operands.iter().map(|i| self.container(*i)).collect();
        let result = operation!(name, &containers[..]);
        let result = result.unwrap_or_else(|| unreachable!("`{name}` is not among the methods"));
        let values: Vec<String> = containers.iter().map(|c| short(c.value())).collect();

        let titles = self.recorder.titles(&operands);
        let args: Vec<(usize, usize)> = operands.iter().copied().enumerate().collect();
        let (node, arrows) = self.recorder.result(name, &titles, &args, origin);
        let kept = match operands.len() {
            1 => "the argument and its node",
            _ => "both arguments and their nodes",
        };
        let say = format!(
            "{} = {} = {}. The new node keeps {kept}.",
            self.recorder.title(node),
            formula(name, &values),
            short(result.value()),
        );
        let step = Step::new("made", say)
            .shows(node)
            .at(origin.place)
            .set(Of::Node(node), "value", short(result.value()))
            .shows_arrows(&arrows);
        let step = self.recorder.mark(step, node, &[result.value()]);
        self.recorder.value(node, result.value());
        let parents = result.node().parents.len();
        self.recorder.fact(Fact {
            key: Key::Links(node, 0, 0),
            verb: "gave",
            amount: counted(parents, "parent"),
            rest: format!("to the node of {}", self.recorder.title(node)),
            numbers: vec![parents as f64],
        });
        let running = "Container::with_node(result, Node::new(op, values, result, parents))";
        self.recorder.step(step, Some(RECORD.line(running)));
        self.keep(result, operands, arrows);
        if origin.name.is_some() {
            self.named.insert(node);
        }
        Ok(node)
    }
}

/// What the engine's own rule gives: the same operation on inputs of its own, walked alone.
fn contribution(op: &str, args: &[f64], argnum: usize, gradient: f64) -> f64 {
    let inputs: Vec<Container> = args.iter().map(|arg| Container::new(*arg)).collect();
    let result = operation!(op, &inputs.iter().collect::<Vec<_>>()[..]);
    let result = result.unwrap_or_else(|| unreachable!("`{op}` is not among the methods"));
    backward(&[(&result, gradient)]).of(&inputs[argnum])
}

/// The arm of `vjp` that runs.
fn rule(op: &str, args: &[f64], result: f64, argnum: usize) -> String {
    let name = op[..1].to_uppercase() + &op[1..];
    let row = match (op, argnum) {
        ("powf", 0) if args[0] == 0.0 && args[1] == 0.0 => "0) if args[0]",
        ("powf", 0) if result == 0.0 && args[1].is_infinite() => "0) if result",
        ("powf", 0) => "0) => gradient",
        ("powf", _) if args[0] == 0.0 && args[1] >= 0.0 => "_) if args[0]",
        ("powf", _) if result == 0.0 && args[0].is_infinite() => "_) if result",
        ("powf", _) => "_) => gradient",
        ("sub" | "mul" | "div", 0) => "0)",
        _ => "_)",
    };
    format!("(Op::{name}, {row}")
}

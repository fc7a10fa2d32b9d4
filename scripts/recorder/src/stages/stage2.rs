//! Stage 2, watched through its public items: containers, nodes, the order and the walk.

use std::collections::BTreeMap;

use stage2::backward::order;
use stage2::{Container, Node, Op, backward};

use crate::evaluate::{Argument, Engine, Origin};
use crate::listing::Excerpt;
use crate::order::show;
use crate::recorder::Recorder;
use crate::recording::{Of, Step};
use crate::request::{Error, Place};
use crate::words::{formula, same, short};

/// A container becomes an input.
pub const NEW: Excerpt = Excerpt {
    file: "graph.rs",
    item: "pub fn new(value: f64) -> Container {",
};
/// An operation is recorded.
pub const RECORD: Excerpt = Excerpt {
    file: "trace.rs",
    item: "pub(crate) fn record(",
};
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
/// The rules.
pub const VJP: Excerpt = Excerpt {
    file: "backward.rs",
    item: "pub(crate) fn vjp(",
};

/// The engine and what it has made, by the numbers that its nodes have in the recording.
pub struct Stage2<'a> {
    recorder: &'a mut Recorder,
    containers: Vec<Container>,
    numbers: BTreeMap<u64, usize>,
    /// The arrows of each node, in the order of its arguments.
    arrows: Vec<Vec<usize>>,
}

impl<'a> Stage2<'a> {
    /// Nothing has been made.
    pub fn new(recorder: &'a mut Recorder) -> Stage2<'a> {
        Stage2 {
            recorder,
            containers: Vec::new(),
            numbers: BTreeMap::new(),
            arrows: Vec::new(),
        }
    }

    /// An input of the program.
    pub fn input(&mut self, name: &str, value: f64) -> usize {
        let say = format!(
            "`{name}` is an input: a container with the value {}, and a node that nothing computed.",
            short(value)
        );
        self.leaf("input", name, value, None, say)
    }

    fn leaf(
        &mut self,
        op: &str,
        title: &str,
        value: f64,
        place: Option<Place>,
        say: String,
    ) -> usize {
        let node = self.recorder.node(op, title, place);
        self.keep(Container::new(value), Vec::new());
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

    fn keep(&mut self, container: Container, arrows: Vec<usize>) {
        self.numbers
            .insert(container.node().id, self.containers.len());
        self.containers.push(container);
        self.arrows.push(arrows);
    }

    /// The walk from the output, of which the gradients of all nodes are returned.
    ///
    /// # Errors
    /// The steps do not come to the gradients that the engine returns.
    pub fn walk(&mut self, output: usize) -> Result<Vec<f64>, Error> {
        let container = self.containers[output].clone();
        let name = self.recorder.title(output);
        let say = format!("The walk begins: {name} is the output, and its gradient is 1.");
        let step = Step::new("seeded", say)
            .node(output)
            .set(Of::Node(output), "gradient", "1")
            .set(Of::Node(output), "state", "seeded");
        let running = "add_to(&mut gradients, output.node(), *seed);";
        self.recorder.step(step, Some(BACKWARD.line(running)));

        let order = order(&[container.node()]);
        let number = |node: &Node| self.numbers[&node.id];
        let numbers: Vec<usize> = order.iter().map(|node| number(node)).collect();
        let parents = order.iter().map(|node| {
            let parents = node.parents.iter().map(|parent| number(parent));
            (number(node), parents.collect())
        });
        let (counting, taking) = (ORDER.line("*count += 1;"), ORDER.line("order.push(node);"));
        let parents = parents.collect();
        show(self.recorder, &parents, &numbers, &counting, &taking);

        let mut gradients: BTreeMap<usize, f64> = BTreeMap::from([(output, 1.0)]);
        for node in order {
            self.pass_on(node, &mut gradients);
        }

        let engine = backward(&[(&container, 1.0)]);
        let inputs = 0..self.containers.len();
        for node in inputs.filter(|node| !gradients.contains_key(node)) {
            if self.recorder.recording.nodes[node].op != "input" {
                continue;
            }
            let name = self.recorder.title(node);
            let say = format!("The output does not depend on {name}: the gradient is 0.");
            let step = Step::new("final", say)
                .node(node)
                .set(Of::Node(node), "gradient", "0")
                .set(Of::Node(node), "state", "done");
            self.recorder.step(step, None);
        }
        let found = |node: usize| gradients.get(&node).copied().unwrap_or(0.0);
        let returned = self.containers.iter();
        let returned: Vec<f64> = returned.map(|container| engine.of(container)).collect();
        for (node, returned) in returned.iter().enumerate() {
            same(&self.recorder.title(node), found(node), *returned)?;
        }
        Ok(returned)
    }

    /// A node passes its gradient on to its arguments.
    fn pass_on(&mut self, node: &Node, gradients: &mut BTreeMap<usize, f64>) {
        let number = self.numbers[&node.id];
        let name = self.recorder.title(number);
        let gradient = gradients.get(&number).copied().unwrap_or(f64::NAN);
        if node.parents.is_empty() {
            let say = match self.recorder.recording.nodes[number].op.as_str() {
                "constant" => format!("{name} is a constant. Its gradient is not needed."),
                _ => format!("The gradient of {name} is complete: {}.", short(gradient)),
            };
            let step = Step::new("final", say)
                .node(number)
                .set(Of::Node(number), "state", "done");
            self.recorder
                .step(step, Some(BACKWARD.line("for node in order(")));
            return;
        }
        let arrows = self.arrows[number].clone();
        for (argnum, parent) in node.parents.iter().enumerate() {
            let (to, arrow) = (self.numbers[&parent.id], arrows[argnum]);
            let target = self.recorder.title(to);
            let local = contribution(node, argnum, 1.0);
            let contribution = contribution(node, argnum, gradient);
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
            self.recorder.step(step, Some(VJP.line(rule(node, argnum))));

            let old = gradients.get(&to).copied();
            let sum = old.map_or(contribution, |old| old + contribution);
            gradients.insert(to, sum);
            let (say, running) = match old {
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
            let step = Step::new("added", say)
                .node(to)
                .arrow(arrow)
                .set(Of::Node(to), "gradient", short(sum))
                .set(Of::Arrow(arrow), "state", "done");
            let step = match argnum + 1 == node.parents.len() {
                true => step.set(Of::Node(number), "state", "done"),
                false => step,
            };
            self.recorder.step(step, Some(ADD_TO.line(running)));
        }
    }
}

impl Engine for Stage2<'_> {
    fn stage(&self) -> &'static str {
        "stage2"
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
        let mut operands = vec![receiver];
        for arg in args {
            match arg {
                Argument::Value(operand) => operands.push(*operand),
                _ => unreachable!("the methods take values"),
            }
        }
        let containers: Vec<&Container> = operands.iter().map(|i| &self.containers[*i]).collect();
        let result = apply(name, &containers);

        let titles: Vec<String> = operands
            .iter()
            .map(|operand| self.recorder.recording.nodes[*operand].title.clone())
            .collect();
        let args: Vec<(usize, usize)> = operands.iter().copied().enumerate().collect();
        let (node, arrows) = self.recorder.result(name, &titles, &args, origin);
        let values: Vec<String> = containers.iter().map(|c| short(c.value())).collect();
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
        let running = "Container::with_node(result, Node::new(op, values, result, parents))";
        self.recorder.step(step, Some(RECORD.line(running)));
        self.keep(result, arrows);
        Ok(node)
    }
}

/// Calls the engine's operation.
fn apply(name: &str, args: &[&Container]) -> Container {
    match (name, args) {
        ("add", [x, y]) => *x + *y,
        ("sub", [x, y]) => *x - *y,
        ("mul", [x, y]) => *x * *y,
        ("div", [x, y]) => *x / *y,
        ("neg", [x]) => -*x,
        ("powf", [x, y]) => x.powf(*y),
        ("sin", [x]) => x.sin(),
        ("cos", [x]) => x.cos(),
        ("exp", [x]) => x.exp(),
        ("ln", [x]) => x.ln(),
        ("sqrt", [x]) => x.sqrt(),
        ("tanh", [x]) => x.tanh(),
        _ => unreachable!("`{name}` is not among the methods"),
    }
}

/// What the engine's own rule gives: the same operation on inputs of its own, walked alone.
fn contribution(node: &Node, argnum: usize, gradient: f64) -> f64 {
    let inputs: Vec<Container> = node.args.iter().map(|arg| Container::new(*arg)).collect();
    let result = apply(&node.op.name(), &inputs.iter().collect::<Vec<_>>());
    backward(&[(&result, gradient)]).of(&inputs[argnum])
}

/// The arm of `vjp` that runs.
fn rule(node: &Node, argnum: usize) -> &'static str {
    let args = &node.args;
    match (node.op, argnum) {
        (Op::Input, _) => "(Op::Input, _)",
        (Op::Add, _) => "(Op::Add, _)",
        (Op::Sub, 0) => "(Op::Sub, 0)",
        (Op::Sub, _) => "(Op::Sub, _)",
        (Op::Mul, 0) => "(Op::Mul, 0)",
        (Op::Mul, _) => "(Op::Mul, _)",
        (Op::Div, 0) => "(Op::Div, 0)",
        (Op::Div, _) => "(Op::Div, _)",
        (Op::Neg, _) => "(Op::Neg, _)",
        (Op::Powf, 0) if args[0] == 0.0 && args[1] == 0.0 => "(Op::Powf, 0) if args[0]",
        (Op::Powf, 0) if node.result == 0.0 && args[1].is_infinite() => "(Op::Powf, 0) if result",
        (Op::Powf, 0) => "(Op::Powf, 0) => gradient",
        (Op::Powf, _) if args[0] == 0.0 && args[1] >= 0.0 => "(Op::Powf, _) if args[0]",
        (Op::Powf, _) if node.result == 0.0 && args[0].is_infinite() => "(Op::Powf, _) if result",
        (Op::Powf, _) => "(Op::Powf, _) => gradient",
        (Op::Sin, _) => "(Op::Sin, _)",
        (Op::Cos, _) => "(Op::Cos, _)",
        (Op::Exp, _) => "(Op::Exp, _)",
        (Op::Ln, _) => "(Op::Ln, _)",
        (Op::Sqrt, _) => "(Op::Sqrt, _)",
        (Op::Tanh, _) => "(Op::Tanh, _)",
    }
}

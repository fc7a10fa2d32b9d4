//! Stage 1, watched through its public items: variables, their children, and the pull.

use stage1::Var;

use crate::compare::{Fact, Key};
use crate::evaluate::{Argument, Engine, Origin, operands};
use crate::listing::Excerpt;
use crate::operation;
use crate::order::{self, Walk};
use crate::program::{Program, Term};
use crate::recorder::Recorder;
use crate::recording::{Of, Step};
use crate::request::{Error, Place};
use crate::words::{children, formula, list, open_calls, short};

/// A variable is made.
const NEW: Excerpt = Excerpt {
    file: "graph.rs",
    item: "pub fn new(value: f64) -> Var {",
};
/// The result becomes a child.
const RECORD: Excerpt = Excerpt {
    file: "trace.rs",
    item: "pub(crate) fn record(",
};
/// The output is declared.
const SEED: Excerpt = Excerpt {
    file: "backward.rs",
    item: "pub fn seed(",
};
/// A gradient is forgotten.
const CLEAR: Excerpt = Excerpt {
    file: "backward.rs",
    item: "pub fn clear(",
};
/// The pull.
const GRAD: Excerpt = Excerpt {
    file: "backward.rs",
    item: "pub fn grad(",
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
    order::record(&mut Stage1::new(recorder), program, inputs)
}

/// The engine and what it has made, by the numbers that its variables have in the recording.
pub struct Stage1<'a> {
    recorder: &'a mut Recorder,
    vars: Vec<Var>,
    /// For each variable the arrows to its children, and the children, in order.
    children: Vec<Vec<(usize, usize)>>,
    /// For each variable what it remembers, and how many children it had then.
    cache: Vec<Option<(f64, usize)>>,
    /// How many calls of `grad` have not returned.
    open: usize,
    /// The inputs of the program.
    inputs: Vec<usize>,
}

impl<'a> Stage1<'a> {
    /// Nothing has been made.
    pub fn new(recorder: &'a mut Recorder) -> Stage1<'a> {
        Stage1 {
            recorder,
            vars: Vec::new(),
            children: Vec::new(),
            cache: Vec::new(),
            open: 0,
            inputs: Vec::new(),
        }
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
        self.keep(Var::new(value));
        let step =
            Step::new("made", say)
                .shows(node)
                .at(place)
                .set(Of::Node(node), "value", short(value));
        let step = self.recorder.mark(step, node, &[value]);
        self.recorder.value(node, self.vars[node].value());
        let running = "children: RefCell::new(Vec::new()),";
        self.recorder.step(step, Some(NEW.line(running)));
        node
    }

    fn keep(&mut self, var: Var) {
        self.vars.push(var);
        self.children.push(Vec::new());
        self.cache.push(None);
    }

    fn seed(&mut self, node: usize, gradient: f64, place: Option<Place>, say: String) {
        let of = Of::Node(node);
        let step = Step::new("seeded", say)
            .node(node)
            .at(place)
            .set(of, "gradient", short(gradient))
            .set(of, "state", "seeded");
        let running = "self.grad_cache().set(Some(gradient));";
        self.recorder.step(step, Some(SEED.line(running)));
        self.vars[node].seed(gradient);
        let known = self.children[node].len();
        self.cache[node] = Some((self.returned(node, gradient), known));
    }

    /// What the engine of a reader returns goes on in the picture, whatever its parts add up to. The
    /// book's is asked at the end, in its own order.
    fn returned(&mut self, node: usize, sum: f64) -> f64 {
        let gradient = match self.recorder.is_reference() {
            true => sum,
            false => self.vars[node].grad(),
        };
        self.recorder.same(node, &sum.into(), &gradient.into());
        let key = Key::Gradient(0, node);
        self.recorder
            .gradient(key, node, short(gradient), &[gradient]);
        gradient
    }

    /// Asks a variable for its gradient, first step by step, then the engine.
    fn gradient(&mut self, node: usize, place: Option<Place>) {
        let gradient = self.ask(node, place);
        let name = self.recorder.title(node);
        let say = format!("The gradient of {name} is {}.", short(gradient));
        let step = Step::new("final", say).node(node).at(place).set(
            Of::Node(node),
            "gradient",
            short(gradient),
        );
        self.recorder.step(step, None);

        let returned = self.vars[node].grad();
        self.recorder.same(node, &gradient.into(), &returned.into());
        // What the steps say is remembered, the engine remembers.
        for (node, known) in self.cache.iter().enumerate() {
            if let Some((found, _)) = known {
                let returned = self.vars[node].grad();
                self.recorder.same(node, &(*found).into(), &returned.into());
            }
        }
    }

    fn clear(&mut self, node: usize, place: Option<Place>) {
        let name = self.recorder.title(node);
        let say = format!("{name} forgets its gradient. All others keep theirs.");
        let of = Of::Node(node);
        let step = Step::new("cleared", say)
            .node(node)
            .at(place)
            .set(of, "gradient", "")
            .set(of, "state", "");
        let running = "self.grad_cache().set(None);";
        self.recorder.step(step, Some(CLEAR.line(running)));
        self.vars[node].clear();
        self.cache[node] = None;
    }

    /// The program lets go of a variable. It stays alive if another has it as a child.
    fn let_go(&mut self, node: usize, origin: Origin<'_>) -> Result<(), Error> {
        let name = self.recorder.title(node);
        let mut holders = Vec::new();
        for (other, children) in self.children.iter().enumerate() {
            if children.iter().any(|(_, child)| *child == node) {
                holders.push(self.recorder.title(other));
            }
        }
        if holders.is_empty() {
            return Err(origin.error(format!("{name} is not a result; `drop` takes one here")));
        }
        let hold = if holders.len() == 1 { "holds" } else { "hold" };
        let say = format!(
            "The program lets go of {name}. {} still {hold} it as a child, so it stays.",
            list(&holders)
        );
        let step = Step::new("dropped", say).node(node).at(origin.place).set(
            Of::Node(node),
            "state",
            "dropped",
        );
        self.recorder.step(step, None);
        Ok(())
    }

    /// A variable is asked for its gradient, and asks its children.
    fn ask(&mut self, node: usize, place: Option<Place>) -> f64 {
        let name = self.recorder.title(node);
        let children = self.vars[node].children();
        if let Some((gradient, known)) = self.cache[node] {
            let mut say = format!("{name} remembers its gradient: {}.", short(gradient));
            if known < children.len() {
                say += " A child has come since then, and is not asked.";
            }
            let step = Step::new("remembered", say).node(node).at(place);
            self.recorder.step(step, Some(GRAD.line("return grad;")));
            return gradient;
        }
        self.open += 1;
        let mut say = match children.len() {
            0 => format!("{name} is asked for its gradient. It has no children: 0."),
            1 => format!("{name} is asked for its gradient, and has to ask its child."),
            count => {
                format!("{name} is asked for its gradient, and has to ask its {count} children.")
            }
        };
        if self.open > 1 {
            say += &format!(" Now {}.", open_calls(self.open));
        }
        let step =
            Step::new("asked", say)
                .node(node)
                .at(place)
                .set(Of::Node(node), "state", "waiting");
        self.recorder
            .step(step, Some(GRAD.line("let mut grad = 0.0;")));

        let mut sum = 0.0;
        let known = self.children[node].clone();
        for ((weight, _), (arrow, child)) in children.iter().zip(known) {
            let argnum = self.recorder.recording.arrows[arrow].argnum;
            let gradient = self.ask(child, place);
            let contribution = weight * gradient;
            let before = sum;
            sum += contribution;
            let say = format!(
                "{name} adds the weight {} times the gradient {} of {}: {} = {}.",
                short(*weight),
                short(gradient),
                self.recorder.title(child),
                formula("add", &[short(before), short(contribution)]),
                short(sum)
            );
            let step = Step::new("added", say)
                .node(node)
                .arrow(arrow)
                .at(place)
                .set(Of::Node(node), "gradient", short(sum))
                .set(Of::Arrow(arrow), "contribution", short(contribution))
                .set(Of::Arrow(arrow), "state", "done");
            let step = self.recorder.mark(step, node, &[contribution]);
            let key = Key::Contribution(0, child, argnum);
            let amount = short(contribution);
            self.recorder
                .contribution(key, node, amount, &[contribution]);
            let running = "grad += weight * child.grad();";
            self.recorder.step(step, Some(GRAD.line(running)));
        }
        self.open -= 1;
        let sum = self.returned(node, sum);
        self.cache[node] = Some((sum, children.len()));
        let say = format!("{name} will remember its gradient: {}.", short(sum));
        let step = Step::new("remembered", say)
            .node(node)
            .at(place)
            .set(Of::Node(node), "gradient", short(sum))
            .set(Of::Node(node), "state", "cached");
        let running = "self.grad_cache().set(Some(grad));";
        self.recorder.step(step, Some(GRAD.line(running)));
        sum
    }
}

impl Walk for Stage1<'_> {
    fn input(&mut self, name: &str, value: f64) -> usize {
        let say = format!(
            "`{name}` is a variable with the value {}. It has gone into nothing yet.",
            short(value)
        );
        let node = self.leaf("input", name, value, None, say);
        self.inputs.push(node);
        node
    }

    /// The output is seeded, and each input is asked for its gradient.
    fn walk(&mut self, output: usize) -> Result<(), Error> {
        let name = self.recorder.title(output);
        let say = format!("{name} is the output: its gradient is set to 1.");
        self.seed(output, 1.0, None, say);
        for input in self.inputs.clone() {
            self.gradient(input, None);
        }
        Ok(())
    }
}

impl Engine for Stage1<'_> {
    fn stage(&self) -> &'static str {
        "stage1"
    }

    fn tell(
        &mut self,
        name: &str,
        receiver: usize,
        number: Option<f64>,
        origin: Origin<'_>,
    ) -> Result<(), Error> {
        let place = origin.place;
        match name {
            "seed" => {
                let gradient = number.expect("a seed is a number");
                let title = self.recorder.title(receiver);
                let say = format!(
                    "{title} is an output: its gradient is set to {}.",
                    short(gradient)
                );
                self.seed(receiver, gradient, place, say);
            }
            "grad" => self.gradient(receiver, place),
            "clear" => self.clear(receiver, place),
            _ => self.let_go(receiver, origin)?,
        }
        Ok(())
    }

    fn constant(&mut self, number: f64, place: Place) -> usize {
        let text = short(number);
        let say = format!("The number {text} becomes a variable of its own.");
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
        let vars: Vec<&Var> = operands.iter().map(|i| &self.vars[*i]).collect();
        let result = operation!(name, &vars[..]);
        let result = result.unwrap_or_else(|| unreachable!("`{name}` is not among the methods"));
        let values: Vec<String> = vars.iter().map(|var| short(var.value())).collect();

        // The arrows lead from the operands.
        let titles = self.recorder.titles(&operands);
        let (node, _) = self.recorder.result(name, &titles, &[], origin);
        let title = self.recorder.title(node);
        let say = format!(
            "{title} = {} = {}.",
            formula(name, &values),
            short(result.value())
        );
        let step = Step::new("made", say).shows(node).at(origin.place).set(
            Of::Node(node),
            "value",
            short(result.value()),
        );
        let step = self.recorder.mark(step, node, &[result.value()]);
        self.recorder.value(node, result.value());
        let running = "let result = Var::new(result);";
        self.recorder.step(step, Some(RECORD.line(running)));
        self.keep(result);

        for (argnum, operand) in operands.into_iter().enumerate() {
            let arrow = self.recorder.arrow(operand, node, argnum);
            self.children[operand].push((arrow, node));
            // The engine has done it already, in this order.
            let made = self.vars[operand].children();
            let known = self.children[operand].len();
            let count = made.len().min(known);
            self.recorder.fact(Fact {
                key: Key::Links(operand, node, argnum),
                verb: "gave",
                amount: children(count),
                rest: format!("to {}", self.recorder.title(operand)),
                numbers: vec![count as f64],
            });
            let Some(&(weight, _)) = made.get(known - 1) else {
                continue;
            };
            self.recorder.fact(Fact {
                key: Key::Weight(operand, node, argnum),
                verb: "recorded the weight",
                amount: short(weight),
                rest: format!("for {} in {title}", self.recorder.title(operand)),
                numbers: vec![weight],
            });
            let say = format!(
                "{} gets {title} as a child, with the weight {}: the local derivative.",
                self.recorder.title(operand),
                short(weight)
            );
            let step = Step::new("made", say)
                .node(operand)
                .arrow(arrow)
                .at(origin.place)
                .shows_arrows([&arrow])
                .set(Of::Arrow(arrow), "local", short(weight));
            let step = self.recorder.mark(step, node, &[weight]);
            let running = "input.add_child(*weight, &result);";
            self.recorder.step(step, Some(RECORD.line(running)));
        }
        Ok(node)
    }
}

//! What stages 3 and 4 have in common: values in boxes of nested traces, watched from outside.
//!
//! The walk over one trace computes with values that the traces further out record. So each rule is
//! asked alone first, which tells how many nodes it records there and what they are. Then the
//! engine's own walk runs, and must record as many, in the same order.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::compare::{Fact, Key, all_close};
use crate::evaluate::{Argument, Engine, Function, Item, METHODS, Method, Origin, Scope};
use crate::evaluate::{operands, run};
use crate::listing::{Excerpt, Line};
use crate::order::{self, ADD_TO, BACKWARD};
use crate::panics;
use crate::program::{Program, Term};
use crate::recorder::{Recorder, Sum};
use crate::recording::{Change, Of, Step};
use crate::request::{Error, Place};
use crate::words::{self, formula, list, short};

/// Derivatives inside one another.
const DEEPEST: usize = 4;

/// What can be seen of a node.
pub struct Seen<'a, S: Traced> {
    /// A number that no other node has.
    pub id: u64,
    /// The primitive's name.
    pub name: &'static str,
    /// Its arguments, as the level below sees them.
    pub args: &'a [S::Value],
    /// What it returned for them.
    pub result: &'a S::Value,
    /// The nodes of those arguments that were in a box.
    pub parents: &'a [(usize, Rc<S::Node>)],
}

/// How a value is shown.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// In a line.
    pub text: String,
    /// In the title of an operation, unless it is left out there.
    pub title: Option<String>,
    /// Of an array.
    pub shape: Option<String>,
    /// Of a small array, row by row.
    pub cells: Option<String>,
    /// All numbers in it.
    pub numbers: Vec<f64>,
}

/// Of a boxed value the trace, the node and what is in the box.
pub type Peeled<'a, S> = (u64, &'a Rc<<S as Traced>::Node>, &'a <S as Traced>::Value);

/// A stage with traces, by its public items.
pub trait Traced: Sized {
    /// The name of the stage.
    const NAME: &'static str;
    /// The line that calls the raw function in `bind`.
    const RAW: &'static str;
    /// A plain or a boxed value.
    type Value: Clone;
    /// A node.
    type Node;
    /// An open trace.
    type Trace;

    /// The methods of a value.
    fn methods() -> Vec<Method> {
        METHODS.to_vec()
    }
    /// A plain number.
    fn number(number: f64) -> Self::Value;
    /// A plain array.
    fn array(_shape: &[usize], _elements: &[f64]) -> Option<Self::Value> {
        None
    }
    /// Opens a trace.
    fn open() -> Self::Trace;
    /// The number of a trace.
    fn trace_id(trace: &Self::Trace) -> u64;
    /// Boxes a value as an input of a trace.
    fn input(trace: &Self::Trace, value: &Self::Value) -> Self::Value;
    /// What is in the box, if the value is boxed.
    fn peel(value: &Self::Value) -> Option<Peeled<'_, Self>>;
    /// What can be seen of a node.
    fn see(node: &Self::Node) -> Seen<'_, Self>;
    /// Calls the primitive of a node with other arguments.
    fn bind(node: &Self::Node, args: &[&Self::Value]) -> Self::Value;
    /// Calls an operator or a method. `values` are the receiver and those arguments that are values;
    /// the others are in `args`.
    ///
    /// # Errors
    /// It would not end well, and the engine does not say so itself.
    fn call(name: &str, values: &[&Self::Value], args: &[Argument]) -> Result<Self::Value, String>;
    /// The order of the nodes that a result depends on.
    fn order(output: &Self::Node) -> Vec<&Self::Node>;
    /// The gradients of the inputs, from one walk from a boxed output.
    fn backward(
        output: &Self::Value,
        seed: &Self::Value,
        inputs: &[Self::Value],
    ) -> Vec<Self::Value>;
    /// The sum of two gradients.
    fn add(x: &Self::Value, y: &Self::Value) -> Self::Value;
    /// The seed of an output.
    fn ones(value: &Self::Value) -> Self::Value;
    /// The gradient of what the output does not depend on.
    fn zeros(value: &Self::Value) -> Self::Value;
    /// How a value is shown, with all boxes taken off.
    fn show(value: &Self::Value) -> Shown;
    /// The output of a function that is differentiated must be something that the engine takes.
    fn check_output(_value: &Self::Value) {}
    /// The arguments of a node, of which one is repeated to the shape of the result, if it is
    /// shorter: then its gradient has not been summed yet.
    fn repeated(_node: &Self::Node, _argnum: usize) -> Option<Vec<Self::Value>> {
        None
    }
    /// The lines that look a rule up, if there are such.
    fn look_up() -> Option<Line> {
        None
    }
    /// The lines that sum a gradient over repeated axes, if there are such.
    fn sum_up() -> Option<Line> {
        None
    }
    /// The rule of a node for an argument.
    fn rule(node: &Self::Node, argnum: usize) -> Line;
}

/// What reads alike in stages 3 and 4 of [`Traced`], with the types of whichever is meant.
#[macro_export]
macro_rules! traced {
    () => {
        type Value = Value;
        type Node = Node;
        type Trace = Trace;

        fn number(number: f64) -> Value {
            Value::from(number)
        }

        fn open() -> Trace {
            Trace::open()
        }

        fn trace_id(trace: &Trace) -> u64 {
            trace.id()
        }

        fn input(trace: &Trace, value: &Value) -> Value {
            Value::Boxed(trace.input(value))
        }

        fn peel(value: &Value) -> Option<$crate::levels::Peeled<'_, Self>> {
            match value {
                Value::Plain(_) => None,
                Value::Boxed(container) => {
                    Some((container.trace(), container.node(), container.value()))
                }
            }
        }

        fn see(node: &Node) -> $crate::levels::Seen<'_, Self> {
            $crate::levels::Seen {
                id: node.id,
                name: node.primitive.name,
                args: &node.args,
                result: &node.result,
                parents: &node.parents,
            }
        }

        fn bind(node: &Node, args: &[&Value]) -> Value {
            node.primitive.bind(args)
        }

        fn order(output: &Node) -> Vec<&Node> {
            order(&[output])
        }

        fn backward(output: &Value, seed: &Value, inputs: &[Value]) -> Vec<Value> {
            let container = |value: &Value| match value {
                Value::Boxed(container) => std::rc::Rc::clone(container),
                Value::Plain(_) => unreachable!("a value that a trace does not record"),
            };
            let gradients = backward(&[(&container(output), seed.clone())]);
            let inputs = inputs.iter();
            inputs
                .map(|input| gradients.of(&container(input)))
                .collect()
        }
    };
}

/// Records what a stage with traces does with a program.
///
/// # Errors
/// The program cannot be run.
pub fn record<S: Traced>(
    recorder: &mut Recorder,
    program: &Program,
    inputs: &[(String, Term)],
    order: usize,
) -> Result<(), Error> {
    let values = inputs.iter().map(|(name, term)| {
        let value = match term {
            Term::Array(shape, elements) => S::array(shape, elements),
            Term::Number(number) => Some(S::number(*number)),
            _ => None,
        };
        let message = format!("`{name}`: {} has no arrays; stage4 has", S::NAME);
        let value = value.ok_or_else(|| Error::input(name, message))?;
        Ok((name.clone(), value))
    });
    let values = values.collect::<Result<Vec<_>, Error>>()?;
    if values.is_empty() && order > 1 {
        let message =
            "order 2 and 3 need an input: the derivatives are taken with respect to the first";
        return Err(Error::anywhere(message));
    }
    let mut engine = Levels::<S>::new(recorder, order == 1 && !program.has_grad());
    let mut body = |engine: &mut Levels<'_, S>, boxed: &[S::Value]| {
        let mut scope = Scope::new();
        for ((name, _), value) in values.iter().zip(boxed) {
            let handle = engine.handle(value.clone(), None);
            scope.push((name.clone(), Item::Value(handle)));
        }
        let output = run(engine, program, &scope)?;
        let output = output.expect("the stage shows no `drop`");
        Ok(engine.value(output))
    };
    engine.differentiate(order, &values, &mut body, None)?;
    Ok(())
}

/// A trace is opened.
const OPEN: Excerpt = Excerpt {
    file: "trace.rs",
    item: "pub fn open() -> Trace {",
};
/// A value is boxed as an input.
const INPUT: Excerpt = Excerpt {
    file: "trace.rs",
    item: "pub fn input(",
};
/// An operation is recorded.
const BIND: Excerpt = Excerpt {
    file: "trace.rs",
    item: "pub fn bind(&'static self",
};
/// A trace ends.
const DROP: Excerpt = Excerpt {
    file: "trace.rs",
    item: "impl Drop for Trace {",
};

// The lines of these that run.
const OPENED: &str = "OPEN.with_borrow_mut(";
const BOXED_INPUT: &str = "Rc::new(Container::with_node(";
const UNBOXED: &str = "unboxed.push(container.value().clone());";
const BOXED: &str = "Value::Boxed(Rc::new(Container::with_node(";
const CLOSED: &str = "OPEN.with_borrow_mut(";
const SEEDED: &str = "add_to(&mut gradients, output.node(), seed.clone());";
const SUM: &str = "Some(gradient) => ";
const FIRST: &str = "None => contribution,";

/// A value, and the node of the picture that keeps the place of a plain number.
#[derive(Clone)]
struct Tracked<V> {
    value: V,
    constant: Option<usize>,
}

/// The engine, and what is known of its nodes.
pub struct Levels<'a, S: Traced> {
    recorder: &'a mut Recorder,
    /// Whether plain numbers get a place in the picture.
    keep_constants: bool,
    /// The nodes of the picture, by the ids of the engine's.
    numbers: BTreeMap<u64, usize>,
    /// The arrow for each argument of a node of the picture.
    arrows: BTreeMap<(usize, usize), usize>,
    /// The frames, by the ids of the traces.
    frames: BTreeMap<u64, usize>,
    open: Vec<u64>,
    /// The values of the program.
    values: Vec<Tracked<S::Value>>,
    /// The nodes of the picture that a walk has given a gradient.
    reached: BTreeSet<usize>,
    /// Whether the ids of the engine's nodes count down.
    counts_down: bool,
    /// How many operations the program has called.
    calls: usize,
    /// Which of them has made a node of the picture, if it has made one in each trace.
    made_by: BTreeMap<usize, usize>,
    /// The frames in which a rule has recorded something: how many nodes, and which, is up to it.
    mixed: BTreeSet<usize>,
}

/// What is differentiated.
pub type Body<'b, L, V> = dyn FnMut(&mut L, &[V]) -> Result<V, Error> + 'b;

/// Two nodes that are made alike.
type Pair<S> = (Rc<<S as Traced>::Node>, Rc<<S as Traced>::Node>);

/// A node that was found, and the id of its trace.
type Found<S> = (u64, Rc<<S as Traced>::Node>);

impl<'a, S: Traced> Levels<'a, S> {
    /// Nothing has been made.
    pub fn new(recorder: &'a mut Recorder, keep_constants: bool) -> Levels<'a, S> {
        Levels {
            recorder,
            keep_constants,
            numbers: BTreeMap::new(),
            arrows: BTreeMap::new(),
            frames: BTreeMap::new(),
            open: Vec::new(),
            values: Vec::new(),
            reached: BTreeSet::new(),
            counts_down: next_id::<S>() > next_id::<S>(),
            calls: 0,
            made_by: BTreeMap::new(),
            mixed: BTreeSet::new(),
        }
    }

    /// When a node was made: a number that is larger than those of all nodes before it.
    fn age(&self, id: u64) -> u64 {
        match self.counts_down {
            true => u64::MAX - id,
            false => id,
        }
    }

    /// The age of the node that is made next. It is spent.
    fn now(&self) -> u64 {
        self.age(next_id::<S>())
    }

    /// The derivatives of a function with respect to all its inputs. Of a higher order, they are those
    /// of the derivative with respect to the first input.
    ///
    /// # Errors
    /// As the function, or the steps do not come to the gradients that the engine returns.
    pub fn differentiate(
        &mut self,
        order: usize,
        inputs: &[(String, S::Value)],
        function: &mut Body<'_, Self, S::Value>,
        place: Option<Place>,
    ) -> Result<Vec<S::Value>, Error> {
        if self.open.len() == DEEPEST {
            let message = format!("more than {DEEPEST} derivatives inside one another");
            let name = None;
            return Err(Origin { place, name }.error(message));
        }
        let trace = S::open();
        let frame = self.recorder.frame();
        self.frames.insert(S::trace_id(&trace), frame);
        self.open.push(S::trace_id(&trace));
        let title = self.frame_title(frame);
        let say = match frame {
            0 => format!("{title} opens."),
            _ => format!("{title} opens inside."),
        };
        let step = Step::new("opened", capital(say))
            .at(place)
            .set(Of::Frame(frame), "shown", "yes")
            .set(Of::Frame(frame), "state", "open");
        self.recorder.step(step, Some(OPEN.line(OPENED)));

        let mut boxed = Vec::new();
        for (name, value) in inputs {
            let input = S::input(&trace, value);
            self.show_input(name, &input, place);
            boxed.push(input);
        }
        let output = match order {
            0 | 1 => function(self, &boxed)?,
            _ => {
                let names = inputs.iter().map(|(name, _)| name.clone());
                let inner: Vec<_> = names.zip(boxed.iter().cloned()).collect();
                let mut gradients = self.differentiate(order - 1, &inner, function, place)?;
                gradients.swap_remove(0)
            }
        };
        let id = S::trace_id(&trace);
        drop(trace);
        self.open.pop();
        let step = Step::new("closed", format!("{} ends.", capital(title)))
            .at(place)
            .set(Of::Frame(frame), "state", "closed");
        self.recorder.step(step, Some(DROP.line(CLOSED)));

        let gradients = match S::peel(&output) {
            Some((trace, ..)) if trace == id => self.walk(&output, &boxed)?,
            _ => {
                let zeros = boxed.iter().map(|input| {
                    let (_, _, value) = S::peel(input).expect("it is in a box");
                    S::zeros(value)
                });
                zeros.collect()
            }
        };
        for (index, (input, gradient)) in boxed.iter().zip(&gradients).enumerate() {
            let step = self.final_step(input, gradient);
            let (key, shown) = (Key::Gradient(frame, index), S::show(gradient));
            let number = step.node.unwrap_or_default();
            self.recorder
                .gradient(key, number, shown.text, &shown.numbers);
            let step = match index + 1 == boxed.len() {
                true => step.set(Of::Frame(frame), "state", "walked"),
                false => step,
            };
            self.recorder.step(step, None);
        }
        Ok(gradients)
    }

    fn frame_title(&self, frame: usize) -> String {
        self.recorder.recording.frames[frame].title.clone()
    }

    fn show_input(&mut self, name: &str, input: &S::Value, place: Option<Place>) {
        let (trace, node, value) = S::peel(input).expect("it is in a box");
        let frame = self.frames[&trace];
        let number = self.recorder.node("input", name, place);
        self.recorder.recording.nodes[number].frame = Some(frame);
        self.numbers.insert(S::see(node).id, number);
        let shown = S::show(value);
        let inside = match S::peel(value) {
            Some((outer, ..)) => {
                let outer = self.frame_title(self.frames[&outer]);
                format!(", in a box of {outer}")
            }
            None => String::new(),
        };
        let title = self.frame_title(frame);
        let say = format!(
            "`{name}` goes into a box of {title}, as an input: its value is {}{inside}.",
            shown.text
        );
        let step = Step::new("boxed", say)
            .at(place)
            .shows(number)
            .sets(changes(number, &shown, false));
        let step = self.recorder.mark(step, number, &shown.numbers);
        self.recorder.step(step, Some(INPUT.line(BOXED_INPUT)));
    }

    fn final_step(&self, input: &S::Value, gradient: &S::Value) -> Step {
        let (_, node, _) = S::peel(input).expect("it is in a box");
        let number = self.numbers[&S::see(node).id];
        let name = self.recorder.title(number);
        let shown = S::show(gradient);
        let mut say = match self.reached.contains(&number) {
            true => format!("The gradient of {name} is {}.", shown.text),
            false => format!(
                "The output does not depend on {name}: its gradient is {}.",
                shown.text
            ),
        };
        if let Some((outer, ..)) = S::peel(gradient) {
            let outer = self.frame_title(self.frames[&outer]);
            say += &format!(" It is in a box of {outer}.");
        }
        Step::new("final", say)
            .node(number)
            .sets(changes(number, &shown, true))
            .set(Of::Node(number), "state", "done")
    }

    /// All nodes that a value depends on and that were made after another, in the order in which
    /// they were made. Of a reader's engine, all that are not known.
    fn made_since(&self, value: &S::Value, since: u64) -> BTreeMap<u64, Found<S>> {
        let mut found = BTreeMap::new();
        let mut known = BTreeSet::new();
        let mut unseen: Vec<Found<S>> = Vec::new();
        let reach = |value: &S::Value, unseen: &mut Vec<Found<S>>| {
            let mut value = value;
            while let Some((trace, node, inner)) = S::peel(value) {
                unseen.push((trace, Rc::clone(node)));
                value = inner;
            }
        };
        reach(value, &mut unseen);
        while let Some((trace, node)) = unseen.pop() {
            let seen = S::see(&node);
            let age = self.age(seen.id);
            if found.contains_key(&age) || self.recorder.is_reference() && age <= since {
                continue;
            }
            // What a known node of a reader's depends on may not be known.
            let is_known = !self.recorder.is_reference() && self.numbers.contains_key(&seen.id);
            if is_known && !known.insert(age) {
                continue;
            }
            for value in seen.args.iter().chain([seen.result]) {
                reach(value, &mut unseen);
            }
            for (_, parent) in seen.parents {
                unseen.push((trace, Rc::clone(parent)));
            }
            if !is_known {
                found.insert(age, (trace, Rc::clone(&node)));
            }
        }
        found
    }

    /// Puts a node into the picture.
    fn place_node(&mut self, trace: u64, node: &S::Node, origin: Origin<'_>) -> usize {
        let seen = S::see(node);
        let titles: Vec<String> = seen
            .args
            .iter()
            .enumerate()
            .filter_map(|(argnum, arg)| {
                let parent = seen.parents.iter().find(|(place, _)| *place == argnum);
                let number = match (parent, S::peel(arg)) {
                    (Some((_, parent)), _) => self.numbers.get(&S::see(parent).id),
                    (None, Some((_, outer, _))) => self.numbers.get(&S::see(outer).id),
                    (None, None) => return S::show(arg).title,
                };
                let title = |number: &usize| self.recorder.recording.nodes[*number].title.clone();
                Some(number.map_or_else(|| S::show(arg).text, title))
            })
            .collect();
        let operands: Vec<(usize, usize)> = seen
            .parents
            .iter()
            .filter_map(|(argnum, parent)| Some((*argnum, *self.numbers.get(&S::see(parent).id)?)))
            .collect();
        let (number, arrows) = self.recorder.result(seen.name, &titles, &operands, origin);
        for ((argnum, _), arrow) in operands.iter().zip(arrows) {
            self.arrows.insert((number, *argnum), arrow);
        }
        self.recorder.recording.nodes[number].frame = self.frames.get(&trace).copied();
        self.numbers.insert(seen.id, number);
        number
    }

    /// Shows the nodes that an operation has made. Each call of a primitive has made one in every
    /// trace that its arguments are of, the outermost first.
    fn show_made(
        &mut self,
        found: &BTreeMap<u64, Found<S>>,
        origin: Origin<'_>,
        operands: &[Tracked<S::Value>],
        in_rule: bool,
    ) {
        let mut calls: Vec<Vec<&Found<S>>> = Vec::new();
        for made in found.values() {
            let result = S::peel(S::see(&made.1).result).map(|(_, below, _)| S::see(below).id);
            match calls.last_mut() {
                Some(call)
                    if result.is_some()
                        && result == call.last().map(|(_, node)| S::see(node).id) =>
                {
                    call.push(made);
                }
                _ => calls.push(vec![made]),
            }
        }
        let detailed = calls.len() == 1 && !in_rule;
        let last = calls.len().saturating_sub(1);
        for (index, call) in calls.into_iter().enumerate() {
            let name = origin.name.filter(|_| index == last);
            let origin = Origin { name, ..origin };
            let numbers: Vec<usize> = call
                .iter()
                .map(|(trace, node)| self.place_node(*trace, node, origin))
                .collect();
            for number in &numbers {
                if detailed {
                    self.made_by.insert(*number, self.calls);
                }
                if in_rule {
                    self.mixed.extend(self.frame_of(*number));
                }
            }
            if detailed && self.keep_constants {
                for (argnum, operand) in operands.iter().enumerate() {
                    if let Some(constant) = operand.constant {
                        self.recorder.arrow(numbers[0], constant, argnum);
                    }
                }
            }
            if detailed {
                for ((trace, node), number) in call.iter().zip(&numbers).rev() {
                    self.show_unboxed(*trace, node, *number);
                }
            }
            self.show_call(&call, &numbers, detailed);
        }
    }

    fn frame_of(&self, number: usize) -> Option<usize> {
        self.recorder.recording.nodes[number].frame
    }

    fn show_unboxed(&mut self, trace: u64, node: &S::Node, number: usize) {
        let seen = S::see(node);
        let mut off: BTreeMap<Option<usize>, Vec<String>> = BTreeMap::new();
        for (_, parent) in seen.parents {
            if let Some(parent) = self.numbers.get(&S::see(parent).id) {
                let frame = self.recorder.recording.nodes[*parent].frame;
                let names = off.entry(frame).or_default();
                let name = self.recorder.title(*parent);
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        let off: Vec<String> = off
            .into_iter()
            .map(|(frame, names)| {
                let title = self.frame_title(frame.unwrap_or(self.frames[&trace]));
                let boxes = match names.len() {
                    1 => "the box",
                    _ => "the boxes",
                };
                format!("{boxes} of {title} off {}", list(&names))
            })
            .collect();
        let say = format!("`{}` takes {}.", seen.name, list(&off));
        let place = self.recorder.recording.nodes[number].place;
        let step = Step::new("unboxed", say).node(number).at(place);
        self.recorder.step(step, Some(BIND.line(UNBOXED)));
    }

    /// The raw function is called, and the result is boxed for each trace.
    fn show_call(&mut self, call: &[&Found<S>], numbers: &[usize], detailed: bool) {
        for (level, ((trace, node), number)) in call.iter().zip(numbers).enumerate() {
            let seen = S::see(node);
            let shown = S::show(seen.result);
            let name = self.recorder.title(*number);
            let place = self.recorder.recording.nodes[*number].place;
            let title = self.frame_title(self.frames[trace]);
            if level == 0 {
                let args: Vec<String> = seen
                    .args
                    .iter()
                    .map(S::show)
                    .filter(|arg| arg.title.is_some())
                    .map(|arg| arg.text)
                    .collect();
                let mut say = format!("{name} = {} = {}", formula(seen.name, &args), shown.text);
                say += &match detailed {
                    true => match S::NAME {
                        "stage3" => ", computed with plain numbers.".to_owned(),
                        _ => ", computed with plain data.".to_owned(),
                    },
                    false => format!(", recorded by {title}."),
                };
                let step = Step::new("made", say)
                    .node(*number)
                    .at(place)
                    .sets(changes(*number, &shown, false));
                let step = self.recorder.mark(step, *number, &shown.numbers);
                let step = match detailed {
                    true => step,
                    false => self.appear(step, *number),
                };
                let running = if detailed { S::RAW } else { BOXED };
                self.recorder.step(step, Some(BIND.line(running)));
            }
            if detailed || level > 0 {
                let again = if level > 0 { ", once more" } else { "" };
                let say = format!(
                    "{} puts {name} into a box{again}, with a node that keeps the arguments.",
                    capital(title)
                );
                let step = Step::new("boxed", say)
                    .at(place)
                    .sets(changes(*number, &shown, false));
                let step = self.appear(step, *number);
                self.recorder.step(step, Some(BIND.line(BOXED)));
            }
        }
    }

    fn appear(&self, step: Step, number: usize) -> Step {
        let arrows = self.arrows.range((number, 0)..(number + 1, 0));
        step.shows(number)
            .shows_arrows(arrows.map(|(_, arrow)| arrow))
    }

    /// The walk over a trace from its output. Returns the gradients of the inputs.
    fn walk(&mut self, output: &S::Value, inputs: &[S::Value]) -> Result<Vec<S::Value>, Error> {
        let (trace, node, value) = S::peel(output).expect("it is in a box");
        let trace = self.frame_title(self.frames[&trace]);
        let (node, seed) = (Rc::clone(node), S::ones(value));
        let number = self.numbers[&S::see(&node).id];
        let name = self.recorder.title(number);
        let shown = S::show(&seed);
        let ones = match shown.shape {
            None => "1",
            Some(_) => "1 for each element",
        };
        let say =
            format!("The walk over {trace} begins: the gradient of {name}, its output, is {ones}.");
        let step = Step::new("seeded", say)
            .node(number)
            .sets(changes(number, &shown, true))
            .set(Of::Node(number), "state", "seeded");
        self.recorder.step(step, Some(BACKWARD.line(SEEDED)));

        self.reached.insert(number);
        let order = S::order(&node);
        let known = |node: &S::Node| self.numbers.get(&S::see(node).id).copied();
        let numbers: Vec<usize> = order.iter().filter_map(|node| known(node)).collect();
        let parents = self.reach(&node);
        order::show(self.recorder, number, &parents, &numbers);

        let mut gradients = BTreeMap::from([(S::see(&node).id, seed.clone())]);
        let mut recorded = Recorded::default();
        for node in order {
            self.pass_on(node, &mut gradients, &mut recorded);
            self.recorder.check_count()?;
        }

        panics::run_at(None);
        let before = self.now();
        let returned = S::backward(output, &seed, inputs);
        let count = self.now().saturating_sub(before + 1);
        if self.recorder.is_reference() {
            if count != recorded.count {
                let message = format!(
                    "the rules record {} nodes one by one, and {count} in the engine's walk",
                    recorded.count
                );
                return Err(Error::anywhere(message));
            }
            for (place, number) in recorded.numbers {
                self.numbers.insert(before + 1 + place, number);
            }
        }
        for (input, returned) in inputs.iter().zip(&returned) {
            let (_, node, value) = S::peel(input).expect("it is in a box");
            let id = S::see(node).id;
            let found = gradients.get(&id).cloned();
            let found = found.unwrap_or_else(|| S::zeros(value));
            if !self.recorder.is_reference() {
                self.pair(&found, returned);
            }
            let (found, shown) = (Sum::from(S::show(&found)), Sum::from(S::show(returned)));
            self.recorder.same(self.numbers[&id], &found, &shown);
        }
        for returned in &returned {
            match self.recorder.is_reference() {
                true => self.check_recorded(returned, before)?,
                // What the walk has recorded beside what its rules did one by one.
                false => {
                    let more = self.made_since(returned, before);
                    let (place, name) = (None, None);
                    self.show_made(&more, Origin { place, name }, &[], true);
                }
            }
        }
        Ok(returned)
    }

    /// The nodes of a trace that one of them depends on and itself, with their parents.
    fn reach(&self, output: &Rc<S::Node>) -> order::Parents {
        let known = |node: &S::Node| self.numbers.get(&S::see(node).id).copied();
        let mut parents = order::Parents::new();
        let mut unseen = vec![Rc::clone(output)];
        while let Some(node) = unseen.pop() {
            let Some(number) = known(&node).filter(|number| !parents.contains_key(number)) else {
                continue;
            };
            let of = S::see(&node).parents.iter();
            unseen.extend(of.clone().map(|(_, parent)| Rc::clone(parent)));
            parents.insert(number, of.filter_map(|(_, parent)| known(parent)).collect());
        }
        parents
    }

    /// The nodes that the engine's walk has recorded are those that the steps show, as far as they
    /// are made alike.
    fn pair(&mut self, shown: &S::Value, returned: &S::Value) {
        let mut nodes = Vec::new();
        let both = |x: &S::Value, y: &S::Value, nodes: &mut Vec<Pair<S>>| {
            let (mut x, mut y) = (x, y);
            while let (Some((of, one, inside)), Some((by, other, within))) =
                (S::peel(x), S::peel(y))
                && of == by
            {
                nodes.push((Rc::clone(one), Rc::clone(other)));
                (x, y) = (inside, within);
            }
        };
        both(shown, returned, &mut nodes);
        while let Some((one, other)) = nodes.pop() {
            let (one, other) = (S::see(&one), S::see(&other));
            let number = self.numbers.get(&one.id).copied();
            let alike =
                |x: &S::Value, y: &S::Value| all_close(&S::show(x).numbers, &S::show(y).numbers);
            let is_new = !self.numbers.contains_key(&other.id)
                && one.name == other.name
                && alike(one.result, other.result);
            let Some(number) = number.filter(|_| is_new) else {
                continue;
            };
            self.numbers.insert(other.id, number);
            both(one.result, other.result, &mut nodes);
            // A sum or a product may have its terms the other way round.
            let (mut args, mut parents) = (Vec::from_iter(other.args), other.parents.to_vec());
            if let ([x, _], [y, _]) = (one.args, &args[..])
                && !alike(x, y)
            {
                args.reverse();
                parents.reverse();
            }
            for (x, y) in one.args.iter().zip(args) {
                both(x, y, &mut nodes);
            }
            for ((_, x), (_, y)) in one.parents.iter().zip(&parents) {
                nodes.push((Rc::clone(x), Rc::clone(y)));
            }
        }
    }

    /// What the engine's walk has recorded must be what the picture shows.
    fn check_recorded(&self, returned: &S::Value, since: u64) -> Result<(), Error> {
        for (_, node) in self.made_since(returned, since).values() {
            let seen = S::see(node);
            let shown = self.numbers.get(&seen.id);
            let shown = shown.map(|number| self.recorder.recording.nodes[*number].op.as_str());
            if shown != Some(seen.name) {
                let message = format!(
                    "the engine's walk records `{}`, where the steps show {}",
                    seen.name,
                    shown.unwrap_or("nothing")
                );
                return Err(Error::anywhere(message));
            }
        }
        Ok(())
    }

    /// A node passes its gradient on to its arguments.
    fn pass_on(
        &mut self,
        node: &S::Node,
        gradients: &mut BTreeMap<u64, S::Value>,
        recorded: &mut Recorded,
    ) {
        let seen = S::see(node);
        let Some(number) = self.numbers.get(&seen.id).copied() else {
            return;
        };
        if seen.parents.is_empty() {
            return;
        }
        let place = self.recorder.recording.nodes[number].place;
        panics::run_at(place);
        let Some(gradient) = gradients.get(&seen.id).cloned() else {
            return;
        };
        for (index, (argnum, parent)) in seen.parents.iter().enumerate() {
            let id = S::see(parent).id;
            let (to, arrow) = (self.numbers.get(&id), self.arrows.get(&(number, *argnum)));
            let (Some(to), Some(arrow)) = (to.copied(), arrow.copied()) else {
                continue;
            };
            let target = self.recorder.title(to);
            if let Some(running) = S::look_up() {
                let say = format!(
                    "The registry is asked for the rule of `{}` for argument {argnum}, {target}.",
                    seen.name
                );
                let step = Step::new("looked-up", say)
                    .node(number)
                    .arrow(arrow)
                    .at(place)
                    .set(Of::Node(number), "state", "current")
                    .set(Of::Arrow(arrow), "state", "current");
                self.recorder.step(step, Some(running));
            }

            let (contribution, made) = self.ask_rule(node, *argnum, &gradient, recorded);
            self.show_rule(node, *argnum, &gradient, &contribution, (number, arrow, to));
            let frame = self.frame_of(number).unwrap_or_default();
            if let Some(call) = self.made_by.get(&number)
                && !self.mixed.contains(&frame)
            {
                let (key, shown) = (
                    Key::Contribution(frame, *call, *argnum),
                    S::show(&contribution),
                );
                self.recorder
                    .contribution(key, to, shown.text, &shown.numbers);
            }
            let origin = Origin { place, name: None };
            self.show_made(&made, origin, &[], true);
            recorded.keep(&made, &self.numbers);

            let old = gradients.get(&id).cloned();
            let before = self.now();
            let sum = match &old {
                Some(old) => S::add(old, &contribution),
                None => contribution.clone(),
            };
            recorded.start = recorded.count;
            recorded.first = before + 1;
            recorded.count += self.now().saturating_sub(before + 1);
            let made = self.made_since(&sum, before);
            let shown = S::show(&sum);
            let (say, running) = match &old {
                Some(old) => {
                    let terms = [S::show(old).text, S::show(&contribution).text];
                    let say = format!(
                        "{target} has a gradient already: {} = {}.",
                        formula("add", &terms),
                        shown.text
                    );
                    (say, SUM)
                }
                None => {
                    let say = format!("The first contribution to {target}: {}.", shown.text);
                    (say, FIRST)
                }
            };
            let step = Step::new("added", say)
                .node(to)
                .arrow(arrow)
                .sets(changes(to, &shown, true))
                .set(Of::Arrow(arrow), "state", "done");
            let step = match index + 1 == seen.parents.len() {
                true => step.set(Of::Node(number), "state", "done"),
                false => step,
            };
            self.recorder.step(step, Some(ADD_TO.line(running)));
            self.show_made(&made, origin, &[], true);
            recorded.keep(&made, &self.numbers);
            gradients.insert(id, sum);
            self.reached.insert(to);
        }
    }

    /// What the engine's own rule gives: the same primitive with one argument in a box of a trace of
    /// its own, walked alone. Also the nodes that the rule has recorded further out.
    fn ask_rule(
        &mut self,
        node: &S::Node,
        argnum: usize,
        gradient: &S::Value,
        recorded: &mut Recorded,
    ) -> (S::Value, BTreeMap<u64, Found<S>>) {
        let seen = S::see(node);
        let trace = S::open();
        let input = S::input(&trace, &seen.args[argnum]);
        let mut args: Vec<&S::Value> = seen.args.iter().collect();
        args[argnum] = &input;
        let output = S::bind(node, &args);
        // The rule may use the result, which has been computed once more for this.
        let (mut copy, mut original) = (&output, seen.result);
        if let Some((_, _, inner)) = S::peel(copy) {
            copy = inner;
        }
        while let (Some((_, new, inner)), Some((_, old, outer))) =
            (S::peel(copy), S::peel(original))
        {
            if let Some(number) = self.numbers.get(&S::see(old).id).copied() {
                self.numbers.insert(S::see(new).id, number);
            }
            (copy, original) = (inner, outer);
        }
        drop(trace);
        let before = self.now();
        let contribution = S::backward(&output, gradient, &[input]).remove(0);
        let count = self.now().saturating_sub(before + 1);
        recorded.start = recorded.count;
        recorded.first = before + 1;
        recorded.count += count;
        let made = self.made_since(&contribution, before);
        (contribution, made)
    }

    fn show_rule(
        &mut self,
        node: &S::Node,
        argnum: usize,
        gradient: &S::Value,
        contribution: &S::Value,
        (number, arrow, to): (usize, usize, usize),
    ) {
        let seen = S::see(node);
        let place = self.recorder.recording.nodes[number].place;
        let (name, target) = (self.recorder.title(number), self.recorder.title(to));
        let shown = S::show(contribution);
        let begin = |say: String| {
            Step::new("rule", say)
                .node(number)
                .arrow(arrow)
                .at(place)
                .set(Of::Node(number), "state", "current")
                .set(Of::Arrow(arrow), "state", "current")
        };
        let rule = Some(S::rule(node, argnum));

        // A gradient of an argument that was repeated has the shape of the result at first.
        if let Some(repeated) = S::repeated(node, argnum) {
            let whole = ask_plain::<S>(node, argnum, &repeated, &plain::<S>(gradient));
            let whole = S::show(&whole);
            let say = format!(
                "The rule of {name} for {target} gives {}, in the shape of the result.",
                whole.text
            );
            let step = begin(say)
                .set(Of::Arrow(arrow), "contribution", whole.text.clone())
                .set(Of::Arrow(arrow), "cells", whole.cells.unwrap_or_default());
            self.recorder.step(step, rule);
            let say = format!(
                "{target} was repeated to that shape, so its gradient is summed to {}.",
                shown.text
            );
            let step = begin(say)
                .set(Of::Arrow(arrow), "contribution", shown.text.clone())
                .set(Of::Arrow(arrow), "cells", shown.cells.unwrap_or_default());
            let step = self.recorder.mark(step, number, &shown.numbers);
            self.recorder.step(step, S::sum_up());
            return;
        }
        let numbers = seen.args.iter().chain([seen.result, gradient]);
        let numbers = numbers.map(S::show);
        let all_numbers = numbers
            .clone()
            .filter(|shown| shown.title.is_some())
            .all(|shown| shown.shape.is_none());
        let step = if all_numbers {
            let args: Vec<S::Value> = seen.args.iter().map(plain::<S>).collect();
            let local = S::show(&ask_plain::<S>(node, argnum, &args, &S::number(1.0))).text;
            let say = format!(
                "The rule of {name} for {target}: the gradient {} times the local derivative {local} is {}.",
                S::show(gradient).text,
                shown.text
            );
            begin(say).set(Of::Arrow(arrow), "local", local)
        } else {
            let say = format!(
                "The rule of {name} for {target} turns the gradient {} into {}.",
                S::show(gradient).text,
                shown.text
            );
            begin(say)
        };
        let mut step = step.set(Of::Arrow(arrow), "contribution", shown.text);
        if let Some(cells) = shown.cells {
            step = step.set(Of::Arrow(arrow), "cells", cells);
        }
        let step = self.recorder.mark(step, number, &shown.numbers);
        self.recorder.step(step, rule);
    }
}

/// The nodes that a walk has recorded in the traces further out.
#[derive(Default)]
struct Recorded {
    /// How many, with those that nothing depends on.
    count: u64,
    /// Which of them they are in the walk, from 0, and in the picture.
    numbers: Vec<(u64, usize)>,
    /// The id of the first that the last rule or sum has recorded.
    first: u64,
    /// How many had been recorded before it.
    start: u64,
}

impl Recorded {
    fn keep<T>(&mut self, made: &BTreeMap<u64, T>, numbers: &BTreeMap<u64, usize>) {
        for id in made.keys() {
            if let Some(number) = numbers.get(id) {
                self.numbers.push((self.start + id - self.first, *number));
            }
        }
    }
}

/// The id that the next node gets. It is spent.
fn next_id<S: Traced>() -> u64 {
    let trace = S::open();
    let input = S::input(&trace, &S::number(0.0));
    let (_, node, _) = S::peel(&input).expect("it is in a box");
    S::see(node).id
}

/// The data at the bottom.
fn plain<S: Traced>(value: &S::Value) -> S::Value {
    let mut value = value;
    while let Some((_, _, inner)) = S::peel(value) {
        value = inner;
    }
    value.clone()
}

/// What the rule of a primitive gives for plain arguments.
fn ask_plain<S: Traced>(
    node: &S::Node,
    argnum: usize,
    args: &[S::Value],
    gradient: &S::Value,
) -> S::Value {
    let trace = S::open();
    let input = S::input(&trace, &args[argnum]);
    let mut args: Vec<&S::Value> = args.iter().collect();
    args[argnum] = &input;
    let output = S::bind(node, &args);
    S::backward(&output, gradient, &[input]).remove(0)
}

/// The value or the gradient of a node, as it is shown.
fn changes(number: usize, shown: &Shown, gradient: bool) -> Vec<Change> {
    let (value, cells) = match gradient {
        true => ("gradient", "gradient-cells"),
        false => ("value", "cells"),
    };
    let shape = match gradient {
        true => None,
        false => shown.shape.clone(),
    };
    let fields = [
        (value, Some(shown.text.clone())),
        (cells, shown.cells.clone()),
        ("shape", shape),
    ];
    let of = Of::Node(number);
    let changes = fields.into_iter();
    let changes = changes.filter_map(|(field, text)| {
        let text = text?;
        Some(Change { of, field, text })
    });
    changes.collect()
}

impl From<Shown> for Sum {
    fn from(shown: Shown) -> Sum {
        Sum {
            text: shown.text,
            numbers: shown.numbers,
        }
    }
}

/// As at the beginning of a sentence.
fn capital(text: String) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

impl<S: Traced> Levels<'_, S> {
    /// The program gets numbers for its values, so that it need not know their type.
    pub fn handle(&mut self, value: S::Value, constant: Option<usize>) -> usize {
        self.values.push(Tracked { value, constant });
        self.values.len() - 1
    }

    /// The value of a number.
    pub fn value(&self, handle: usize) -> S::Value {
        self.values[handle].value.clone()
    }
}

impl<S: Traced> Engine for Levels<'_, S> {
    fn stage(&self) -> &'static str {
        S::NAME
    }

    fn methods(&self) -> Vec<Method> {
        S::methods()
    }

    fn constant(&mut self, number: f64, place: Place) -> usize {
        let constant = self.keep_constants.then(|| {
            let node = self.recorder.node("constant", &short(number), Some(place));
            self.recorder.recording.nodes[node].frame = Some(0);
            node
        });
        self.handle(S::number(number), constant)
    }

    fn array(&mut self, shape: &[usize], elements: &[f64], place: Place) -> Result<usize, Error> {
        let message = format!("{} has no arrays; stage4 has", S::NAME);
        let array = S::array(shape, elements).ok_or_else(|| Error::at(place, message))?;
        Ok(self.handle(array, None))
    }

    fn call(
        &mut self,
        name: &str,
        receiver: usize,
        args: &[Argument],
        origin: Origin<'_>,
    ) -> Result<usize, Error> {
        let operands = operands(receiver, args).into_iter();
        let operands: Vec<Tracked<S::Value>> =
            operands.map(|handle| self.values[handle].clone()).collect();
        let values: Vec<&S::Value> = operands.iter().map(|operand| &operand.value).collect();

        panics::run_at(origin.place);
        let before = self.now();
        let result = S::call(name, &values, args);
        let result = result.map_err(|message| origin.error(message))?;
        panics::run_at(None);
        let made = self.made_since(&result, before);
        self.calls += 1;
        if made.is_empty() && S::peel(&result).is_none() {
            let values: Vec<String> = values.iter().map(|value| S::show(value).text).collect();
            let shown = S::show(&result);
            let say = format!(
                "{} = {}: to every trace a constant, so none records it.",
                formula(name, &values),
                shown.text
            );
            let step = Step::new("made", say).at(origin.place);
            self.recorder.step(step, Some(BIND.line(S::RAW)));
        }
        self.show_made(&made, origin, &operands, false);
        self.recorder.check_count()?;
        let (shown, called) = (S::show(&result), origin.name.unwrap_or(name));
        self.recorder.past_fact(
            "made",
            Fact {
                key: Key::Value(self.calls),
                verb: "computed",
                amount: shown.text,
                rest: format!("for `{called}`"),
                numbers: shown.numbers,
            },
        );
        let inside = |value| S::peel(value).map(|(_, _, inner)| inner);
        let boxes = std::iter::successors(Some(&result), |value| inside(value)).count() - 1;
        self.recorder.past_fact(
            "made",
            Fact {
                key: Key::Boxes(self.calls),
                verb: "gave",
                amount: words::boxes(boxes),
                rest: format!("to the result of `{called}`"),
                numbers: vec![boxes as f64],
            },
        );
        Ok(self.handle(result, None))
    }

    fn grad(
        &mut self,
        parameter: &str,
        function: &mut Function<'_>,
        at: usize,
        origin: Origin<'_>,
    ) -> Result<usize, Error> {
        let mut body = |levels: &mut Self, inputs: &[S::Value]| {
            let input = levels.handle(inputs[0].clone(), None);
            let output = function(levels, input)?;
            let output = levels.value(output);
            panics::run_at(origin.place);
            S::check_output(&output);
            Ok(output)
        };
        let inputs = [(parameter.to_owned(), self.value(at))];
        let gradients = self.differentiate(1, &inputs, &mut body, origin.place)?;
        Ok(self.handle(gradients[0].clone(), None))
    }
}

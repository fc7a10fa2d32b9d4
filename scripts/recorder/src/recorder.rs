//! Writes a recording down while the engine runs.

use crate::compare::{Difference, Fact, Key, all_close};
use crate::evaluate::Origin;
use crate::listing::{Excerpt, Line, Sources};
use crate::recording::{Arrow, Frame, Node, Of, Recording, Step};
use crate::request::{Error, Place};
use crate::words::{self, short};

/// In a page no other engine is compared with, and what is loaded has to be light.
const COMPARES: bool = cfg!(not(target_arch = "wasm32"));

/// A gradient, or what has been added up for one.
pub struct Sum {
    /// As it is shown.
    pub text: String,
    /// The numbers in it.
    pub numbers: Vec<f64>,
}

impl From<f64> for Sum {
    fn from(number: f64) -> Sum {
        Sum {
            text: short(number),
            numbers: vec![number],
        }
    }
}

/// Writes a recording down while the engine runs.
pub struct Recorder {
    /// What has been written so far.
    pub recording: Recording,
    /// What the engine did, to be compared with what another does; with the step of each.
    pub facts: Vec<(usize, Fact)>,
    /// The first thing that no right engine does.
    pub fault: Option<Difference>,
    sources: Sources,
    is_reference: bool,
    excerpts: Vec<Excerpt>,
    has_bad: bool,
}

impl Recorder {
    /// Nothing has been written yet. `sources` are the files of the stage.
    pub fn new(sources: Sources) -> Recorder {
        Recorder {
            recording: Recording::default(),
            facts: Vec::new(),
            fault: None,
            sources,
            is_reference: true,
            excerpts: Vec::new(),
            has_bad: false,
        }
    }

    /// For an engine that may be wrong: what does not add up is written down, and is no error.
    pub fn of_reader(sources: Sources) -> Recorder {
        Recorder {
            is_reference: false,
            ..Recorder::new(sources)
        }
    }

    /// Whether the engine is known to be right.
    pub fn is_reference(&self) -> bool {
        self.is_reference
    }

    /// Something that the engine did in the step that comes next.
    pub fn fact(&mut self, fact: Fact) {
        if !COMPARES {
            return;
        }
        self.facts.push((self.recording.steps.len(), fact));
    }

    /// Something that the engine did in the last step of a kind.
    pub fn past_fact(&mut self, kind: &str, fact: Fact) {
        if !COMPARES {
            return;
        }
        let steps = self.recording.steps.iter();
        let step = steps.clone().rposition(|step| step.kind == kind);
        self.facts
            .push((step.unwrap_or_else(|| steps.len().saturating_sub(1)), fact));
    }

    /// The value of a result of the program.
    pub fn value(&mut self, node: usize, value: f64) {
        if !COMPARES {
            return;
        }
        self.fact(Fact {
            key: Key::Value(node),
            verb: "computed",
            amount: short(value),
            rest: format!("for {}", self.title(node)),
            numbers: vec![value],
        });
    }

    /// What is added to the gradient of a node, by an arrow of which `key` knows the operation and
    /// the argument.
    pub fn contribution(&mut self, key: Key, node: usize, amount: String, numbers: &[f64]) {
        if !COMPARES {
            return;
        }
        self.fact(Fact {
            key,
            verb: "added",
            amount,
            rest: format!("to the gradient of {}", self.full_title(node)),
            numbers: numbers.to_vec(),
        });
    }

    /// The gradient that the engine returns for a node.
    pub fn gradient(&mut self, key: Key, node: usize, amount: String, numbers: &[f64]) {
        if !COMPARES {
            return;
        }
        self.fact(Fact {
            key,
            verb: "returned",
            amount,
            rest: format!("as the gradient of {}", self.full_title(node)),
            numbers: numbers.to_vec(),
        });
    }

    /// What the engine does in the step that comes next is wrong, whatever else it does.
    pub fn fault(&mut self, say: String) {
        let step = self.recording.steps.len();
        self.fault.get_or_insert(Difference { step, say });
    }

    /// What the steps come to must be what the engine itself returns: of the reference to the last
    /// bit. What another engine returns is shown in a step of its own if it is something else.
    pub fn same(&mut self, node: usize, found: &Sum, returned: &Sum) {
        let name = self.title(node);
        if self.is_reference {
            let is_same =
                |(x, y): (&f64, &f64)| x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan();
            let mut pairs = found.numbers.iter().zip(&returned.numbers);
            if found.numbers.len() != returned.numbers.len() || !pairs.all(is_same) {
                self.fault(format!(
                    "the steps give {name} the gradient {}, and the engine {}",
                    found.text, returned.text
                ));
            }
        } else if !all_close(&found.numbers, &returned.numbers) {
            let say = format!(
                "The contributions to {name} add up to {}, and yet the engine returns {}.",
                found.text, returned.text
            );
            let step = Step::new("returned", say).node(node).set(
                Of::Node(node),
                "gradient",
                returned.text.clone(),
            );
            self.step(step, None);
        }
    }

    /// The titles of nodes.
    pub fn titles(&self, nodes: &[usize]) -> Vec<String> {
        let title = |node: &usize| self.recording.nodes[*node].title.clone();
        nodes.iter().map(title).collect()
    }

    /// A new node; the names of those before it are not taken again.
    pub fn node(&mut self, op: &str, title: &str, place: Option<Place>) -> usize {
        let nodes = &mut self.recording.nodes;
        let taken = nodes.iter().any(|node| node.name == title);
        let simple = title.chars().all(|c| c.is_alphanumeric() || c == '_');
        let name = match simple && !taken {
            true => title.to_owned(),
            false => format!("n{}", nodes.len()),
        };
        nodes.push(Node {
            name,
            op: op.to_owned(),
            title: title.to_owned(),
            place,
            ..Node::default()
        });
        nodes.len() - 1
    }

    /// A new node for the result of an operation, and its arrows to the operands: for each its
    /// number and which argument it is. `titles` are those of all arguments.
    pub fn result(
        &mut self,
        op: &str,
        titles: &[String],
        operands: &[(usize, usize)],
        origin: Origin<'_>,
    ) -> (usize, Vec<usize>) {
        let own = words::title(op, titles, self.recording.nodes.len());
        let node = self.node(op, origin.name.unwrap_or(&own), origin.place);
        let arrows = operands
            .iter()
            .map(|(argnum, to)| self.arrow(node, *to, *argnum));
        (node, arrows.collect())
    }

    /// A new arrow.
    pub fn arrow(&mut self, from: usize, to: usize, argnum: usize) -> usize {
        self.recording.arrows.push(Arrow {
            from,
            to,
            argnum,
            ..Arrow::default()
        });
        self.recording.arrows.len() - 1
    }

    /// A node's title, as a sentence names it.
    pub fn title(&self, node: usize) -> String {
        format!("`{}`", self.recording.nodes[node].title)
    }

    /// A node's title with its trace, if there are several: each has an input of that name.
    fn full_title(&self, node: usize) -> String {
        let title = self.title(node);
        match (&self.recording.frames[..], self.recording.nodes[node].frame) {
            (frames @ [_, _, ..], Some(frame)) => format!("{title} in {}", frames[frame].title),
            _ => title,
        }
    }

    /// A new frame, for a trace.
    pub fn frame(&mut self) -> usize {
        let frames = &mut self.recording.frames;
        let trace = frames.len();
        frames.push(Frame {
            trace,
            title: format!("trace {trace}"),
            ..Frame::default()
        });
        trace
    }

    /// Marks the step in which a node has made the first NaN or infinite number. What comes of it
    /// further on is not marked.
    pub fn mark(&mut self, step: Step, node: usize, made: &[f64]) -> Step {
        let Some(bad) = made.iter().find(|number| !number.is_finite()) else {
            return step;
        };
        if self.has_bad {
            return step;
        }
        self.has_bad = true;
        let bad = short(*bad);
        let mut step = step.set(Of::Node(node), "bad", bad.clone());
        step.say += &format!(" This is the first {bad}: more may come of it.");
        step
    }

    /// Stops an engine that makes too many nodes to wait for.
    ///
    /// # Errors
    /// There are too many nodes.
    pub fn check_count(&self) -> Result<(), Error> {
        let most = crate::program::MOST_NODES;
        match self.recording.nodes.len() > 10 * most {
            true => Err(Error::anywhere(format!(
                "more than {} nodes; at most {most} can be shown",
                10 * most
            ))),
            false => Ok(()),
        }
    }

    /// The recording, unless it has too many nodes, or the steps of the reference do not add up.
    ///
    /// # Errors
    /// It has, or they do not.
    pub fn finish(self) -> Result<Recording, Error> {
        if self.is_reference
            && let Some(fault) = self.fault
        {
            return Err(Error::anywhere(fault.say));
        }
        let (count, most) = (self.recording.nodes.len(), crate::program::MOST_NODES);
        if count > most {
            let message = format!("{count} nodes; at most {most} can be shown");
            return Err(Error::anywhere(message));
        }
        Ok(self.recording)
    }

    /// Whether the stage's code has a line.
    pub fn has(&self, line: &Line) -> bool {
        let text = self.sources.cut(line.excerpt);
        text.is_some_and(|text| text.row(line).is_some())
    }

    /// Adds a step, during which a line of the stage's code runs.
    pub fn step(&mut self, step: Step, running: Option<Line>) {
        let mut step = step;
        if let Some(line) = running
            && let Some(text) = self.sources.cut(line.excerpt)
            && let row = text.row(&line)
            // A reader may write the same in other lines.
            && (row.is_some() || !self.is_reference)
        {
            let known = self
                .excerpts
                .iter()
                .position(|known| *known == line.excerpt);
            let listing = known.unwrap_or_else(|| {
                self.excerpts.push(line.excerpt);
                self.recording.listings.push(text.listing());
                self.excerpts.len() - 1
            });
            (step.listing, step.row) = (Some(listing), row);
        }
        self.recording.steps.push(step);
    }
}

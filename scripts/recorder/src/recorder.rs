//! Writes a recording down while the engine runs.

use crate::evaluate::Origin;
use crate::listing::{Excerpt, Line, Sources};
use crate::recording::{Arrow, Frame, Node, Of, Recording, Step};
use crate::request::{Error, Place};
use crate::words;

/// Writes a recording down while the engine runs.
pub struct Recorder {
    /// What has been written so far.
    pub recording: Recording,
    sources: Sources,
    excerpts: Vec<Excerpt>,
    seen_nan: bool,
    seen_infinite: bool,
}

impl Recorder {
    /// Nothing has been written yet. `sources` are the files of the stage.
    pub fn new(sources: Sources) -> Recorder {
        Recorder {
            recording: Recording::default(),
            sources,
            excerpts: Vec::new(),
            seen_nan: false,
            seen_infinite: false,
        }
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

    /// A new frame, for a trace.
    pub fn frame(&mut self) -> usize {
        let frames = &mut self.recording.frames;
        let trace = frames.len() + 1;
        frames.push(Frame {
            trace,
            title: format!("trace {trace}"),
            ..Frame::default()
        });
        trace - 1
    }

    /// Marks the step in which a node has made the first NaN, or the first infinite number.
    pub fn mark(&mut self, step: Step, node: usize, made: &[f64]) -> Step {
        let nan = made.iter().any(|number| number.is_nan());
        let infinite = made.iter().any(|number| number.is_infinite());
        let what = match (nan && !self.seen_nan, infinite && !self.seen_infinite) {
            (true, _) => "NaN",
            (false, true) => "infinite number",
            _ => return step,
        };
        self.seen_nan |= nan;
        self.seen_infinite |= infinite;
        let mut step = step.set(Of::Node(node), "bad", "yes");
        step.say += &format!(" This is the first {what}.");
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

    /// The recording, unless it has too many nodes.
    ///
    /// # Errors
    /// It has.
    pub fn finish(self) -> Result<Recording, Error> {
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
            && let Some(row) = text.row(&line)
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
            (step.listing, step.row) = (Some(listing), Some(row));
        }
        self.recording.steps.push(step);
    }
}

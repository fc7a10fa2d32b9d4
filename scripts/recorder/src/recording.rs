//! What comes out: everything that appears at any time, with its place, and the steps that show it.

use serde::Serialize;

use crate::compare::Difference;
use crate::request::Place;

/// What an engine did with a program, in order.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Recording {
    /// The stage that ran.
    pub stage: String,
    /// What the stage is called.
    pub title: String,
    /// The program as it was given.
    pub program: String,
    /// The inputs as they were given.
    pub inputs: Vec<(String, String)>,
    /// How often it was differentiated.
    pub order: usize,
    /// The nodes (in stage 1: the variables), in the order in which they were made.
    pub nodes: Vec<Node>,
    /// The arrows, as the engine holds them.
    pub arrows: Vec<Arrow>,
    /// The traces, from the outermost.
    pub frames: Vec<Frame>,
    /// How wide the picture is.
    pub width: f64,
    /// How high the picture is.
    pub height: f64,
    /// The parts of the stage's code that run.
    pub listings: Vec<Listing>,
    /// What happened.
    pub steps: Vec<Step>,
    /// The first thing that a reader's engine does otherwise than the book's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
}

/// A node, and its place.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Node {
    /// A name that no other node has.
    pub name: String,
    /// The operation; `input` or `constant` for a value that nothing computed.
    pub op: String,
    /// What it is called in the sentences.
    pub title: String,
    /// Where the program says it.
    #[serde(flatten, serialize_with = "place_or_nulls")]
    pub place: Option<Place>,
    /// The trace that it belongs to.
    pub frame: Option<usize>,
    /// The left edge.
    pub x: f64,
    /// The upper edge.
    pub y: f64,
    /// How wide the box is.
    pub width: f64,
    /// How high the box is.
    pub height: f64,
}

/// An arrow between two nodes.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Arrow {
    /// The node at its tail.
    pub from: usize,
    /// The node at its head.
    pub to: usize,
    /// Which argument of the operation it is for.
    pub argnum: usize,
    /// Its course, from the tail to the head.
    pub points: Vec<[f64; 2]>,
    /// The centre of its label.
    pub label: [f64; 2],
}

/// The frame around the nodes of a trace.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Frame {
    /// The trace's number, from 0.
    pub trace: usize,
    /// What it is called in the sentences.
    pub title: String,
    /// The left edge.
    pub x: f64,
    /// The upper edge.
    pub y: f64,
    /// How wide it is.
    pub width: f64,
    /// How high it is.
    pub height: f64,
}

/// A part of the stage's own code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listing {
    /// Its file.
    pub file: String,
    /// The number of its first line there.
    pub first: usize,
    /// Its lines.
    pub text: String,
}

/// Something that the engine did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Step {
    /// What it is: `made`, `rule`, `added` and so on.
    pub kind: &'static str,
    /// The node that it is about.
    pub node: Option<usize>,
    /// The arrow that it is about.
    pub arrow: Option<usize>,
    /// Where the program says it.
    #[serde(flatten, serialize_with = "place_or_nulls")]
    pub place: Option<Place>,
    /// The listing whose line runs.
    pub listing: Option<usize>,
    /// The row of it, from 0.
    pub row: Option<usize>,
    /// What happens, in words.
    pub say: String,
    /// What changes in the picture.
    pub set: Vec<Change>,
}

/// A field of the picture that gets another text.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// Whose field it is.
    #[serde(flatten)]
    pub of: Of,
    /// Its name.
    pub field: &'static str,
    /// What it says from now on.
    pub text: String,
}

/// Whose field changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Of {
    /// That of a node.
    Node(usize),
    /// That of an arrow.
    Arrow(usize),
    /// That of a frame.
    Frame(usize),
}

/// A place that is missing is said so in each of its fields.
fn place_or_nulls<S: serde::Serializer>(place: &Option<Place>, to: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Fields {
        line: Option<usize>,
        start: Option<usize>,
        end: Option<usize>,
    }
    let fields = Fields {
        line: place.map(|place| place.line),
        start: place.map(|place| place.start),
        end: place.map(|place| place.end),
    };
    fields.serialize(to)
}

impl Step {
    /// A step with its sentence.
    pub fn new(kind: &'static str, say: impl Into<String>) -> Step {
        Step {
            kind,
            say: say.into(),
            ..Step::default()
        }
    }

    /// It is about this node.
    pub fn node(mut self, node: usize) -> Step {
        self.node = Some(node);
        self
    }

    /// It is about this arrow.
    pub fn arrow(mut self, arrow: usize) -> Step {
        self.arrow = Some(arrow);
        self
    }

    /// The program says it here.
    pub fn at(mut self, place: Option<Place>) -> Step {
        self.place = place;
        self
    }

    /// A field changes.
    pub fn set(mut self, of: Of, field: &'static str, text: impl Into<String>) -> Step {
        let text = text.into();
        self.set.push(Change { of, field, text });
        self
    }

    /// A node appears.
    pub fn shows(self, node: usize) -> Step {
        self.node(node).set(Of::Node(node), "shown", "yes")
    }

    /// Arrows appear.
    pub fn shows_arrows<'a>(self, arrows: impl IntoIterator<Item = &'a usize>) -> Step {
        let show = |step: Step, arrow: &usize| step.set(Of::Arrow(*arrow), "shown", "yes");
        arrows.into_iter().fold(self, show)
    }

    /// Fields change.
    pub fn sets(mut self, changes: impl IntoIterator<Item = Change>) -> Step {
        self.set.extend(changes);
        self
    }
}

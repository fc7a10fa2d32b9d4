//! A recording that was played to its end.

use std::collections::BTreeMap;

use recorder::recording as record_program;
use recorder::recording::{Of, Recording};
use recorder::request::{Error, Request};

/// A recording, and what its fields say after the last step.
pub(crate) struct Played {
    pub(crate) recording: Recording,
    fields: BTreeMap<(Of, String), String>,
}

fn ask(
    stage: &str,
    program: &str,
    inputs: &[(String, String)],
    order: usize,
) -> Result<Played, Error> {
    let request = Request {
        stage: stage.to_owned(),
        program: program.to_owned(),
        inputs: inputs.to_vec(),
        order,
    };
    let recording = record_program(&request)?;
    let mut fields = BTreeMap::new();
    for change in recording.steps.iter().flat_map(|step| &step.set) {
        fields.insert((change.of, change.field.to_owned()), change.text.clone());
    }
    Ok(Played { recording, fields })
}

/// Plays a recording.
#[track_caller]
pub(crate) fn record(
    stage: &str,
    program: &str,
    inputs: &[(String, String)],
    order: usize,
) -> Played {
    ask(stage, program, inputs, order).unwrap_or_else(|error| panic!("{program}\n{error:?}"))
}

/// Plays a recording, unless it fails with this message.
#[track_caller]
#[allow(dead_code, reason = "not every test needs it")]
pub(crate) fn fails(
    stage: &str,
    program: &str,
    inputs: &[(String, String)],
    order: usize,
    message: &str,
) -> Option<Played> {
    match ask(stage, program, inputs, order) {
        Ok(played) => Some(played),
        Err(error) => {
            assert!(error.message.contains(message), "{program}\n{error:?}");
            None
        }
    }
}

impl Played {
    /// What a field of a node says.
    pub(crate) fn node(&self, node: usize, field: &str) -> &str {
        self.field(Of::Node(node), field)
    }

    /// What a field of an arrow says.
    #[allow(dead_code, reason = "not every test needs it")]
    pub(crate) fn arrow(&self, arrow: usize, field: &str) -> &str {
        self.field(Of::Arrow(arrow), field)
    }

    fn field(&self, of: Of, field: &str) -> &str {
        self.fields
            .get(&(of, field.to_owned()))
            .map_or("", String::as_str)
    }

    /// Whether a node can be seen.
    #[allow(dead_code, reason = "not every test needs it")]
    pub(crate) fn is_shown(&self, node: usize) -> bool {
        self.node(node, "shown") == "yes"
    }

    /// The node of an input, in the outermost trace.
    #[allow(dead_code, reason = "not every test needs it")]
    pub(crate) fn input(&self, number: usize) -> usize {
        let nodes = self.recording.nodes.iter().enumerate();
        let mut inputs =
            nodes.filter(|(_, node)| node.op == "input" && node.frame.unwrap_or(0) == 0);
        inputs.nth(number).expect("an input").0
    }

    /// The node that the program returns.
    #[allow(dead_code, reason = "not every test needs it")]
    pub(crate) fn output(&self) -> usize {
        let mut steps = self.recording.steps.iter();
        let seeded = steps.find(|step| step.kind == "seeded").expect("an output");
        seeded.node.expect("a node")
    }
}

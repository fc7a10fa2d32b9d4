//! The picture of the README: a graph that the project draws itself.

use anyhow::{Context, Result};

use crate::directive::Example;
use crate::graph;
use crate::run::{self, Runner};
use crate::workspace::Workspace;

/// Where it is.
pub const PLACE: &str = "book/src/images/graph.svg";

const STAGE: &str = "stage2";
const EXAMPLE: &str = "graph";
const TITLE: &str = "A computation and its graph";
const DESCRIPTION: &str =
    "Every box is an operation with its value; the arrows show what it was computed from.";

/// Runs the example and draws the first graph that it prints.
///
/// # Errors
/// The example fails, or does not print such a graph.
pub fn draw(workspace: &Workspace) -> Result<String> {
    let example = Example {
        stage: STAGE.to_owned(),
        name: EXAMPLE.to_owned(),
    };
    let output = Runner::new(workspace).output(&example)?;
    let dot = run::first_graph(&output).with_context(|| {
        format!("the example {EXAMPLE} of {STAGE} prints no graph in a section")
    })?;
    let picture = graph::place(&dot)?;
    Ok(graph::standalone(&picture, TITLE, DESCRIPTION))
}

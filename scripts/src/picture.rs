//! The picture of the README: a graph that the project draws itself.

use anyhow::Result;

use crate::directive::Example;
use crate::graph;
use crate::run::{self, Runner};
use crate::workspace::Workspace;

/// Where it is.
pub const PLACE: &str = "book/src/images/graph.svg";

const STAGE: &str = "stage2";
const EXAMPLE: &str = "graph";
const SECTION: &str = "dot";
const TITLE: &str = "A computation and its graph";
const DESCRIPTION: &str =
    "Every box is an operation with its value; the arrows show what it was computed from.";

/// Runs the example and draws what it prints.
///
/// # Errors
/// The example fails, or does not print such a graph.
pub fn draw(workspace: &Workspace) -> Result<String> {
    let example = Example {
        stage: STAGE.to_owned(),
        name: EXAMPLE.to_owned(),
    };
    let output = Runner::new(workspace).output(&example)?;
    let dot = run::section(&output, Some(SECTION))?;
    let picture = graph::place(&dot)?;
    Ok(graph::standalone(&picture, TITLE, DESCRIPTION))
}

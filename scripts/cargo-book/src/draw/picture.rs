//! The picture of the README: a graph that the project draws itself.

use anyhow::Result;

use crate::directive::Example;
use crate::draw::graph;
use crate::runner::{self, Runner};
use project::Workspace;

/// Where it is.
pub const PLACE: &str = "book/src/images/graph.svg";

const STAGE: &str = "stage2";
const EXAMPLE: &str = "graph";
const SECTION: &str = "first-expression";
const TITLE: &str = "The graph of (a + b) · (b · c), drawn by stage 2";
const DESCRIPTION: &str = "Three inputs, their sum and products, and the result. Every box shows an operation, its value and its gradient; every arrow leads from a result to what it was computed from, with the local derivative.";

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
    let dot = runner::section(&output, Some(SECTION))?;
    let picture = graph::place(&dot)?;
    Ok(graph::standalone(&picture, TITLE, DESCRIPTION))
}

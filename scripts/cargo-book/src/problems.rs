//! A chapter as it is written, and all that is wrong in it, at once.

use std::collections::HashSet;

use anyhow::{Result, bail};

/// A chapter as it is written.
#[derive(Debug)]
pub struct Written {
    /// Its path from the top of the workspace.
    pub place: String,
    /// Its Markdown, with directives.
    pub text: String,
}

/// One error that lists all problems, each once.
pub(crate) fn refuse(what: &str, mut problems: Vec<String>) -> Result<()> {
    let mut seen = HashSet::new();
    problems.retain(|problem| seen.insert(problem.clone()));
    match &problems[..] {
        [] => Ok(()),
        [problem] => bail!("a problem in {what}:\n  {problem}"),
        _ => bail!(
            "{} problems in {what}:\n  {}",
            problems.len(),
            problems.join("\n  ")
        ),
    }
}

//! The little that cannot be worked out from the tests: which hints were shown, which bugs have
//! been found, what a crate was begun with, and how far it was when it last compiled.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use project::Workspace;

const FILE: &str = ".course.toml";

/// What `work/.course.toml` holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// How many hints have been shown, by crate and step: `stage1/step3_gradients`.
    #[serde(default)]
    pub hints: BTreeMap<String, usize>,
    /// The marks of the bugs that have been found, by stage.
    #[serde(default)]
    pub found: BTreeMap<String, BTreeSet<String>>,
    /// What is known of the crates, by their names.
    #[serde(default)]
    pub crates: BTreeMap<String, Known>,
}

/// What is known of a crate beside its sources.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Known {
    /// Whether it was begun with something other than the stage's own signatures: with the stage
    /// before, or with nothing.
    pub evolved: bool,
    /// How many steps passed, from the first one on, when it last compiled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub green: Option<usize>,
}

impl State {
    /// Reads the file. Without one, or where it cannot be understood, nothing has happened yet.
    pub fn load(workspace: &Workspace) -> State {
        fs::read_to_string(workspace.path("work").join(FILE))
            .ok()
            .and_then(|text| toml::from_str(&text).ok())
            .unwrap_or_default()
    }

    /// Writes the file.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn save(&self, workspace: &Workspace) -> Result<()> {
        fs::create_dir_all(workspace.path("work")).context("the folder work cannot be made")?;
        let text = toml::to_string(self).expect("maps of numbers and texts are TOML");
        write(&workspace.path("work").join(FILE), &text)
    }
}

/// Writes a file beside its place and renames it, so that there is never half of it.
///
/// # Errors
/// The folder cannot be written to.
pub fn write(path: &Path, text: &str) -> Result<()> {
    let beside = path.with_extension(format!("new-{}", std::process::id()));
    fs::write(&beside, text)
        .and_then(|()| fs::rename(&beside, path))
        .with_context(|| format!("{} cannot be written", path.display()))
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let mut state = State::default();
        state.hints.insert("stage1/step1_variables".to_owned(), 2);
        for (evolved, green) in [(false, None), (true, Some(3))] {
            let name = format!("stage{}", state.crates.len());
            state.crates.insert(name, Known { evolved, green });
        }
        let text = toml::to_string(&state).unwrap();
        assert_eq!(toml::from_str::<State>(&text).unwrap(), state);
        // From before there were crates in it.
        let old: State = toml::from_str("[hints]\nx = 1\n").unwrap();
        assert_eq!(old.crates.len(), 0);
        let partly: State = toml::from_str("[crates.stage1]\ngreen = 2\n").unwrap();
        assert_eq!(partly.crates["stage1"].green, Some(2));
    }
}

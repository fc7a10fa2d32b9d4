//! The stages in order, and their sources.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::{Workspace, entries, file_name, files, is_left_behind, read, with_slashes};

/// The texts of a crate's source files, by their paths below `src`, written with slashes.
pub type Sources = BTreeMap<String, String>;

impl Workspace {
    /// The folder of a stage's reference.
    pub fn stage(&self, stage: &str) -> PathBuf {
        self.root.join("stages").join(stage)
    }

    /// The names of the stages, in order.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn stages(&self) -> Result<Vec<String>> {
        let mut stages: Vec<(usize, String)> = Vec::new();
        for path in entries(&self.root.join("stages"))? {
            let name = file_name(&path);
            if let Some(Ok(number)) = name.strip_prefix("stage").map(str::parse)
                && path.join("src").is_dir()
            {
                stages.push((number, name));
            }
        }
        stages.sort();
        Ok(stages.into_iter().map(|(_, name)| name).collect())
    }

    /// Refuses what is not the name of a stage.
    ///
    /// # Errors
    /// There is no such stage; the message lists those that there are.
    pub fn must_be_stage(&self, name: &str) -> Result<()> {
        let stages = self.stages()?;
        if !stages.iter().any(|stage| stage == name) {
            bail!(
                "there is no stage `{name}`; there are {}",
                stages.join(", ")
            );
        }
        Ok(())
    }

    /// The stage before this one; none before the first.
    ///
    /// # Errors
    /// The folder of the stages cannot be read.
    pub fn previous(&self, stage: &str) -> Result<Option<String>> {
        let stages = self.stages()?;
        let position = stages.iter().position(|name| name == stage);
        Ok(position
            .and_then(|position| position.checked_sub(1))
            .map(|before| stages[before].clone()))
    }

    /// The stage after this one; none after the last.
    ///
    /// # Errors
    /// The folder of the stages cannot be read.
    pub fn next(&self, stage: &str) -> Result<Option<String>> {
        let mut stages = self.stages()?.into_iter();
        stages.find(|name| name == stage);
        Ok(stages.next())
    }

    /// The sources of a stage's reference, as they are.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn reference(&self, stage: &str) -> Result<Sources> {
        sources(&self.stage(stage).join("src"))
    }

    /// Every Rust file under `stages/*/src` and `stages/*/examples`, sorted.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub fn stage_sources(&self) -> Result<Vec<String>> {
        let stages = self.stages()?;
        let folders = stages.iter().map(|stage| self.stage(stage));
        self.rust_files(folders.flat_map(|stage| [stage.join("src"), stage.join("examples")]))
    }

    /// Every Rust file under `tests/src`, `tests/examples` and `tests/benches`, sorted.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub fn test_sources(&self) -> Result<Vec<String>> {
        let tests = self.path("tests");
        self.rust_files(["src", "examples", "benches"].map(|folder| tests.join(folder)))
    }

    fn rust_files(&self, folders: impl IntoIterator<Item = PathBuf>) -> Result<Vec<String>> {
        let mut places = Vec::new();
        for folder in folders {
            if folder.is_dir() {
                let files = rust_files(&folder)?;
                places.extend(files.iter().map(|file| self.place(file)));
            }
        }
        places.sort();
        Ok(places)
    }
}

/// The texts of all Rust files below a folder.
///
/// # Errors
/// A file cannot be read, or is not UTF-8.
pub fn sources(folder: &Path) -> Result<Sources> {
    let mut sources = Sources::new();
    for path in rust_files(folder)? {
        let name = with_slashes(path.strip_prefix(folder).unwrap_or(&path));
        sources.insert(name, read(&path)?);
    }
    Ok(sources)
}

/// All Rust files below a folder, but for what editors leave behind.
fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = files(folder, &is_left_behind)?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    Ok(files)
}

/// The stage and the file, for what a reader writes who builds the stages: `stage2` and `graph.rs`
/// for `stages/stage2/src/graph.rs`. None for an example or a test.
pub fn engine(place: &str) -> Option<(&str, &str)> {
    let (stage, file) = place.strip_prefix("stages/")?.split_once('/')?;
    Some((stage, file.strip_prefix("src/")?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn workspace(files: &[&str]) -> (tempfile::TempDir, Workspace) {
        let folder = tempfile::tempdir().unwrap();
        for file in ["Cargo.toml"].iter().chain(files) {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x\r\n").unwrap();
        }
        let workspace = Workspace::find(folder.path()).unwrap();
        (folder, workspace)
    }

    #[test]
    fn the_stages_are_the_folders_of_that_name_in_the_order_of_their_numbers() {
        let (_folder, workspace) = workspace(&[
            "stages/stage10/src/lib.rs",
            "stages/stage2/src/lib.rs",
            "stages/stage9/src/lib.rs",
            "stages/stage1/notes.txt",
            "stages/other/src/lib.rs",
        ]);
        assert_eq!(workspace.stages().unwrap(), ["stage2", "stage9", "stage10"]);
        assert_eq!(workspace.previous("stage2").unwrap(), None);
        assert_eq!(workspace.previous("stage10").unwrap().unwrap(), "stage9");
        assert_eq!(workspace.next("stage9").unwrap().unwrap(), "stage10");
        assert_eq!(workspace.next("stage10").unwrap(), None);
        assert_eq!(
            workspace.must_be_stage("stage3").unwrap_err().to_string(),
            "there is no stage `stage3`; there are stage2, stage9, stage10"
        );
    }

    #[test]
    fn notes_of_editors_are_no_sources() {
        let (folder, workspace) = workspace(&[
            "stages/stage1/src/lib.rs",
            "stages/stage1/src/deep/a.rs",
            "stages/stage1/src/lib.rs~",
            "stages/stage1/src/.lib.rs.swp",
            "stages/stage1/src/.hidden/b.rs",
        ]);
        let src = folder.path().join("stages").join("stage1").join("src");
        std::fs::write(src.join("._lib.rs"), [0xFF, 0xFE, 0]).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("somebody@somewhere:1", src.join(".#lib.rs")).unwrap();
        let sources = workspace.reference("stage1").unwrap();
        assert_eq!(Vec::from_iter(sources.keys()), ["deep/a.rs", "lib.rs"]);
        assert_eq!(sources["lib.rs"], "x\n");
        assert_eq!(
            workspace.stage_sources().unwrap(),
            ["stages/stage1/src/deep/a.rs", "stages/stage1/src/lib.rs"]
        );
    }
}

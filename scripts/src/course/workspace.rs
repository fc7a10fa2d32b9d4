//! The stages: where they are, and their sources.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::step::{self, Step};

/// The folder that holds `stages` and the workspace's `Cargo.toml`.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
}

/// The texts of a crate's source files, by their paths below `src`, written with slashes.
pub type Sources = BTreeMap<String, String>;

impl Workspace {
    /// Walks up from `start` to the workspace.
    ///
    /// # Errors
    /// `start` is not inside of it.
    pub fn find(start: &Path) -> Result<Workspace> {
        let is_root =
            |folder: &&Path| folder.join("stages").is_dir() && folder.join("Cargo.toml").is_file();
        match start.ancestors().find(is_root) {
            Some(root) => Ok(Workspace {
                root: root.to_path_buf(),
            }),
            None => bail!(
                "{} is outside of the course: neither it nor a folder above it holds both \
                 Cargo.toml and stages",
                start.display()
            ),
        }
    }

    /// The top folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of the reader's own crates.
    pub fn work(&self) -> PathBuf {
        self.root.join("work")
    }

    /// The folder of a stage's reference.
    pub fn stage(&self, stage: &str) -> PathBuf {
        self.root.join("stages").join(stage)
    }

    /// The folder of a stage's bugs and challenges.
    pub fn content(&self, stage: &str) -> PathBuf {
        self.root.join("scripts").join("course").join(stage)
    }

    /// A path as messages show it: relative to the top, with slashes.
    pub fn place(&self, path: &Path) -> String {
        with_slashes(path.strip_prefix(&self.root).unwrap_or(path))
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
                && path.join("Cargo.toml").is_file()
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

    /// The steps of a stage, in order.
    ///
    /// # Errors
    /// A test file cannot be read, or its header lacks something.
    pub fn steps(&self, stage: &str) -> Result<Vec<Step>> {
        step::read_all(&self.stage(stage).join("tests"))
    }

    /// The sources of a stage's reference, as they are.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn reference(&self, stage: &str) -> Result<Sources> {
        sources(&self.stage(stage).join("src"))
    }
}

/// All Rust files below a folder, with `\n` at the line ends.
///
/// # Errors
/// A file cannot be read, or is not UTF-8.
pub fn sources(folder: &Path) -> Result<Sources> {
    fn collect(folder: &Path, top: &Path, sources: &mut Sources) -> Result<()> {
        for path in entries(folder)? {
            if path.is_dir() {
                collect(&path, top, sources)?;
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = with_slashes(path.strip_prefix(top).unwrap_or(&path));
                sources.insert(name, read(&path)?);
            }
        }
        Ok(())
    }
    let mut sources = Sources::new();
    collect(folder, folder, &mut sources)?;
    Ok(sources)
}

/// Takes out the lines that mark regions for the book.
pub fn without_anchors(sources: Sources) -> Sources {
    let marks = |line: &str| {
        let line = line.trim_start();
        line.starts_with("// ANCHOR:") || line.starts_with("// ANCHOR_END:")
    };
    let clean = |text: &str| {
        text.split_inclusive('\n')
            .filter(|line| !marks(line))
            .collect()
    };
    sources
        .into_iter()
        .map(|(name, text)| (name, clean(&text)))
        .collect()
}

/// The text of a file, with `\n` at the line ends.
///
/// # Errors
/// The file cannot be read, or is not UTF-8.
pub fn read(path: &Path) -> Result<String> {
    let text =
        fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(text.replace("\r\n", "\n"))
}

/// What a folder holds, sorted.
///
/// # Errors
/// The folder cannot be read.
pub fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = || {
        fs::read_dir(folder)?
            .map(|entry| Ok(entry?.path()))
            .collect::<std::io::Result<Vec<_>>>()
    };
    let mut entries =
        read().with_context(|| format!("the folder {} cannot be read", folder.display()))?;
    entries.sort();
    Ok(entries)
}

/// The last part of a path.
pub fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn with_slashes(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

//! The workspace: where it is, and the paths in it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The folder that holds `Cargo.toml` and `book/book.toml`.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Walks up from `start` to the workspace.
    ///
    /// # Errors
    /// No folder on the way has both `Cargo.toml` and `book/book.toml`.
    pub fn find(start: &Path) -> Result<Workspace> {
        let is_root = |folder: &&Path| {
            folder.join("Cargo.toml").is_file() && folder.join("book").join("book.toml").is_file()
        };
        match start.ancestors().find(is_root) {
            Some(root) => Ok(Workspace {
                root: root.to_path_buf(),
            }),
            None => bail!(
                "{} is outside of the workspace: neither it nor a folder above it holds both Cargo.toml and book/book.toml",
                start.display()
            ),
        }
    }

    /// The top folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of the book's sources.
    pub fn book(&self) -> PathBuf {
        self.root.join("book")
    }

    /// A path written with slashes, relative to the top, on this machine.
    pub fn path(&self, place: &str) -> PathBuf {
        self.root.join(place.split('/').collect::<PathBuf>())
    }

    /// A path as the messages show it: relative to the top, with slashes.
    pub fn place(&self, path: &Path) -> String {
        let relative = path.strip_prefix(&self.root).unwrap_or(path);
        let parts: Vec<_> = relative
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect();
        parts.join("/")
    }

    /// The text of a file in the workspace, with `\n` at the line ends.
    ///
    /// # Errors
    /// The place leaves the workspace, or there is no such file, or it is not UTF-8.
    pub fn read(&self, place: &str) -> Result<String> {
        let inside = !place.contains(['\\', ':'])
            && place
                .split('/')
                .all(|part| !matches!(part, "" | "." | ".."));
        if !inside {
            bail!("`{place}` is not a path from the top of the workspace, written with slashes");
        }
        let path = self.path(place);
        if !path.is_file() {
            bail!("there is no file {place}");
        }
        let text =
            std::fs::read_to_string(path).with_context(|| format!("{place} cannot be read"))?;
        Ok(text.replace("\r\n", "\n"))
    }

    /// Every Rust file under `stages/*/src` and `stages/*/examples`, sorted.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub fn stage_sources(&self) -> Result<Vec<String>> {
        let mut files = Vec::new();
        let stages = self.root.join("stages");
        if stages.is_dir() {
            for stage in entries(&stages)? {
                for folder in ["src", "examples"] {
                    collect_rust(&stage.join(folder), &mut files)?;
                }
            }
        }
        Ok(self.places(&files))
    }

    /// Every Rust file under `tests/src`, `tests/examples` and `tests/benches`, sorted.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub fn test_sources(&self) -> Result<Vec<String>> {
        let mut files = Vec::new();
        for folder in ["src", "examples", "benches"] {
            collect_rust(&self.path("tests").join(folder), &mut files)?;
        }
        Ok(self.places(&files))
    }

    fn places(&self, files: &[PathBuf]) -> Vec<String> {
        let mut places: Vec<String> = files.iter().map(|file| self.place(file)).collect();
        places.sort();
        places
    }
}

fn collect_rust(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if folder.is_dir() {
        for path in entries(folder)? {
            if path.is_dir() {
                collect_rust(&path, files)?;
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    Ok(())
}

/// The stage and the file, for what a reader writes who builds the stages: `stage2` and `graph.rs`
/// for `stages/stage2/src/graph.rs`. None for an example or a test.
pub(crate) fn engine(place: &str) -> Option<(&str, &str)> {
    let (stage, file) = place.strip_prefix("stages/")?.split_once('/')?;
    Some((stage, file.strip_prefix("src/")?))
}

/// What a folder holds.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = || {
        std::fs::read_dir(folder)?
            .map(|entry| Ok(entry?.path()))
            .collect::<std::io::Result<_>>()
    };
    read().with_context(|| format!("the folder {} cannot be read", folder.display()))
}

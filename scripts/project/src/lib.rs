//! What `cargo book` and `cargo course` both know of the project.
//!
//! | module | holds |
//! |---|---|
//! | [`Workspace`] | where the files are, by their paths from the top |
//! | [`stages`] | the stages in order, and their sources |
//! | [`anchors`] | a source file, and the regions that a chapter can name in it |
//! | [`diff`] | what changes from some lines to others |
//! | [`watch`] | what has changed on the disk since |
//! | [`process`] | a program, run to its end or stopped, and all that it says |
//! | [`pattern`] | how a wrong gradient looks beside the right one |
//! | [`recorder`] | what the recorder is asked, and what it answers |

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

pub mod anchors;
pub mod diff;
pub mod pattern;
pub mod process;
pub mod recorder;
pub mod stages;
pub mod watch;

/// The folder that holds the workspace's `Cargo.toml` and `stages`.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// Walks up from `start` to the workspace.
    ///
    /// # Errors
    /// No folder on the way has both `Cargo.toml` and `stages`.
    pub fn find(start: &Path) -> Result<Workspace> {
        let is_root =
            |folder: &&Path| folder.join("Cargo.toml").is_file() && folder.join("stages").is_dir();
        match start.ancestors().find(is_root) {
            Some(root) => Ok(Workspace {
                root: root.to_path_buf(),
            }),
            None => bail!(
                "{} is outside of the workspace: neither it nor a folder above it holds both \
                 Cargo.toml and stages",
                start.display()
            ),
        }
    }

    /// The top folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path written with slashes, relative to the top, on this machine.
    pub fn path(&self, place: &str) -> PathBuf {
        self.root.join(place.split('/').collect::<PathBuf>())
    }

    /// A path as messages show it: relative to the top, with slashes.
    pub fn place(&self, path: &Path) -> String {
        with_slashes(path.strip_prefix(&self.root).unwrap_or(path))
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
        if place.split('/').any(|part| is_left_behind(Path::new(part))) {
            bail!("{place} is hidden, or a copy that an editor keeps");
        }
        let path = self.path(place);
        if !path.is_file() {
            bail!("there is no file {place}");
        }
        let text = fs::read_to_string(path).with_context(|| format!("{place} cannot be read"))?;
        Ok(text.replace("\r\n", "\n"))
    }
}

/// The text of a file anywhere, with `\n` at the line ends.
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

/// The files below a folder at every depth, sorted, without the files and folders that `skip` names.
///
/// # Errors
/// A folder cannot be read.
pub fn files(folder: &Path, skip: &dyn Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in entries(folder)? {
        if skip(&path) {
            continue;
        }
        if path.is_dir() {
            found.append(&mut files(&path, skip)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

/// The last part of a path.
pub fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Whether an editor or the system keeps a file for itself: hidden notes (`.#graph.rs`, `._graph.rs`,
/// `.graph.rs.swp`), some of which are links to nowhere, and copies (`graph.rs~`, `#graph.rs#`).
pub fn is_left_behind(path: &Path) -> bool {
    let name = file_name(path);
    name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'))
}

fn with_slashes(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn the_workspace_is_found_from_every_folder_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("work").join("stage1").join("src");
        fs::create_dir_all(&deep).unwrap();
        let lost = Workspace::find(&deep).unwrap_err().to_string();
        assert!(lost.ends_with("holds both Cargo.toml and stages"), "{lost}");

        fs::create_dir(folder.path().join("stages")).unwrap();
        fs::write(folder.path().join("Cargo.toml"), "").unwrap();
        for start in [&deep, folder.path(), &folder.path().join("stages")] {
            assert_eq!(Workspace::find(start).unwrap().root(), folder.path());
        }
    }

    #[test]
    fn a_place_is_a_path_from_the_top() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("stages")).unwrap();
        fs::write(folder.path().join("Cargo.toml"), "a\r\nb\r\n").unwrap();
        let workspace = Workspace::find(folder.path()).unwrap();
        assert_eq!(workspace.read("Cargo.toml").unwrap(), "a\nb\n");
        assert_eq!(workspace.place(&workspace.path("a/b.rs")), "a/b.rs");
        for place in ["", "/etc/hosts", "../x", "a//b", "./a", "a\\b", "C:/a"] {
            let refused = workspace.read(place).unwrap_err().to_string();
            assert!(refused.contains("not a path from the top"), "{refused}");
        }
        assert_eq!(
            workspace.read("stages").unwrap_err().to_string(),
            "there is no file stages"
        );
    }
}

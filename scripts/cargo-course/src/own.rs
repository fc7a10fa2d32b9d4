//! The reader's own crates, in `work`.
//!
//! ```text
//! work/.cargo/config.toml   one target folder for all, and `cargo course` from inside of them
//! work/.course.toml         hints shown, bugs found, how far each crate was
//! work/.progress.js         what the book shows of that
//! work/stage1               a crate: Cargo.toml, Cargo.lock, src, and what it is in .course.toml
//! work/stage1-2             another one, by `--again`
//! work/bug-stage3           by `break`
//! work/challenge-tan        by `challenge`
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use project::{Workspace, entries, file_name, is_left_behind, read};

/// The file that says what a crate is for.
pub const FILE: &str = ".course.toml";

/// One crate of the reader's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// The name of the folder.
    pub name: String,
    /// The folder.
    pub folder: PathBuf,
    /// What it is for.
    pub purpose: Purpose,
}

/// What a crate is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// The stage whose tests it should pass.
    pub stage: String,
    /// The mark of the bug that was planted in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bug: Option<String>,
    /// The challenge that it should pass, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
}

impl Purpose {
    /// Building a stage.
    pub fn stage(stage: &str) -> Purpose {
        Purpose {
            stage: stage.to_owned(),
            bug: None,
            challenge: None,
        }
    }

    /// What the folder is called.
    pub fn folder(&self) -> String {
        match (&self.bug, &self.challenge) {
            (None, None) => self.stage.clone(),
            (Some(_), _) => format!("bug-{}", self.stage),
            (None, Some(challenge)) => format!("challenge-{challenge}"),
        }
    }
}

impl Own {
    /// The folder of the sources.
    pub fn src(&self) -> PathBuf {
        self.folder.join("src")
    }

    /// When the reader last saved something in it.
    fn saved(&self) -> SystemTime {
        fn newest(path: &Path) -> SystemTime {
            let own = fs::metadata(path).and_then(|metadata| metadata.modified());
            let own = own.unwrap_or(SystemTime::UNIX_EPOCH);
            if !path.is_dir() {
                return own;
            }
            // An editor notes what it has open, and that is not saved yet.
            let mut inner = entries(path).unwrap_or_default();
            inner.retain(|path| !is_left_behind(path));
            inner.iter().map(|path| newest(path)).fold(own, Ord::max)
        }
        newest(&self.src()).max(newest(&self.folder.join("Cargo.toml")))
    }

    /// Whether the reader has saved anything since it was made: what it is for is written last.
    fn is_used(&self) -> bool {
        let made = fs::metadata(self.folder.join(FILE)).and_then(|metadata| metadata.modified());
        made.is_ok_and(|made| self.saved() > made)
    }
}

/// The reader's crates, sorted by name.
///
/// # Errors
/// The folder `work` cannot be read.
pub fn all(workspace: &Workspace) -> Result<Vec<Own>> {
    let work = workspace.path("work");
    if !work.is_dir() {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for folder in entries(&work)? {
        let name = file_name(&folder);
        if !name.starts_with('.') && folder.join(FILE).is_file() {
            let text = read(&folder.join(FILE))?;
            let purpose = toml::from_str(&text)
                .with_context(|| format!("{} is not right", folder.join(FILE).display()))?;
            all.push(Own {
                name,
                folder,
                purpose,
            });
        }
    }
    Ok(all)
}

/// The crate in the folder of that name.
///
/// # Errors
/// There is none; the message says how to make it, or which ones there are.
pub fn named(workspace: &Workspace, name: &str) -> Result<Own> {
    let all = all(workspace)?;
    if let Some(own) = all.iter().find(|own| own.name == name) {
        return Ok(own.clone());
    }
    if workspace.stages()?.iter().any(|stage| stage == name) {
        bail!("you have no {name} of your own yet; make one with `cargo course start {name}`");
    }
    let names: Vec<&str> = all.iter().map(|own| own.name.as_str()).collect();
    bail!(
        "there is no crate `{name}` in work; there {}",
        match names[..] {
            [] => "is none yet: begin with `cargo course start stage1`".to_owned(),
            [one] => format!("is {one}"),
            _ => format!("are {}", names.join(", ")),
        }
    )
}

/// The crate that the reader is in; outside of all of them, the one that was saved last.
///
/// # Errors
/// The folder `work` cannot be read.
pub fn current(workspace: &Workspace, here: &Path) -> Result<Option<Own>> {
    let all = all(workspace)?;
    let inside = all.iter().find(|own| here.starts_with(&own.folder));
    let last = || all.iter().max_by_key(|own| own.saved());
    Ok(inside.or_else(last).cloned())
}

/// The crate for just that purpose that the reader is in, or else the one saved last. What has
/// been made and not written in since comes after all others.
///
/// # Errors
/// The folder `work` cannot be read.
pub fn current_for(workspace: &Workspace, here: &Path, purpose: &Purpose) -> Result<Option<Own>> {
    let mut all = all(workspace)?;
    all.retain(|own| own.purpose == *purpose);
    let inside = all.iter().find(|own| here.starts_with(&own.folder));
    let last = || all.iter().max_by_key(|own| (own.is_used(), own.saved()));
    Ok(inside.or_else(last).cloned())
}

/// The reader's crates for building `stage`, the one saved last first.
///
/// # Errors
/// The folder `work` cannot be read.
pub fn of_stage(workspace: &Workspace, stage: &str) -> Result<Vec<Own>> {
    let mut all = all(workspace)?;
    all.retain(|own| own.purpose == Purpose::stage(stage));
    all.sort_by_key(|own| std::cmp::Reverse(own.saved()));
    Ok(all)
}

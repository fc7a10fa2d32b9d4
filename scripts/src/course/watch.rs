//! Checking on every save.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};

use super::workspace::entries;

/// How often the files are looked at. There are a dozen of them, so looking costs next to nothing,
/// and it works alike on every system, on network drives and in containers.
const PAUSE: Duration = Duration::from_millis(200);

/// When each file was written, and how long it is.
type Snapshot = BTreeMap<PathBuf, (SystemTime, u64)>;

/// Calls `act` now, and whenever a Rust file or `Cargo.toml` in the folder has changed. Does not
/// return as long as the folder is there.
///
/// # Errors
/// The folder cannot be read any more.
pub fn watch(folder: &Path, mut act: impl FnMut()) -> Result<()> {
    loop {
        let before = settled(folder)?;
        act();
        while look(folder)? == before {
            thread::sleep(PAUSE);
        }
    }
}

/// Waits until nothing changes: an editor may save in several strokes.
fn settled(folder: &Path) -> Result<Snapshot> {
    let mut before = look(folder)?;
    loop {
        thread::sleep(PAUSE);
        let now = look(folder)?;
        if now == before {
            return Ok(now);
        }
        before = now;
    }
}

fn look(folder: &Path) -> Result<Snapshot> {
    let mut snapshot = Snapshot::new();
    entries(folder).with_context(|| format!("{} is gone", folder.display()))?;
    add(&folder.join("Cargo.toml"), &mut snapshot);
    add(&folder.join("src"), &mut snapshot);
    Ok(snapshot)
}

/// Adds a file, or those below a folder. One that disappears meanwhile is not there.
fn add(path: &Path, snapshot: &mut Snapshot) {
    if path.is_dir() {
        for path in entries(path).unwrap_or_default() {
            add(&path, snapshot);
        }
    } else if matters(path)
        && let Ok(metadata) = fs::metadata(path)
    {
        let written = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        snapshot.insert(path.to_path_buf(), (written, metadata.len()));
    }
}

/// Whether a file is one that the reader writes: editors keep notes beside it.
fn matters(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    !name.starts_with('.') && (name.ends_with(".rs") || name == "Cargo.toml")
}

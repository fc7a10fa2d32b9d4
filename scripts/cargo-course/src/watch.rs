//! Checking on every save.

use std::path::Path;

use anyhow::{Context, Result};
use project::entries;
use project::watch::{Snapshot, changed};

/// Calls `act` now, and whenever a file in the crate's sources or its `Cargo.toml` has changed. Does
/// not return as long as the folder is there.
///
/// # Errors
/// The folder cannot be read any more.
pub fn watch(folder: &Path, mut act: impl FnMut()) -> Result<()> {
    let look = || {
        entries(folder).with_context(|| format!("{} is gone", folder.display()))?;
        let mut snapshot = Snapshot::default();
        snapshot.add(&folder.join("Cargo.toml"));
        snapshot.add(&folder.join("src"));
        Ok(snapshot)
    };
    let mut before = look()?;
    loop {
        act();
        before = changed(&before, look)?;
    }
}

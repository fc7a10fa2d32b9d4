//! Checking on every save.

use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result};
use notify_debouncer_mini::new_debouncer;
use notify_debouncer_mini::notify::RecursiveMode;

/// How long it has to be quiet before a check: an editor may save in several strokes.
const QUIET: Duration = Duration::from_millis(100);

/// Calls `act` now, and whenever a Rust file or `Cargo.toml` in the folder changes. Does not
/// return as long as the folder can be watched.
///
/// # Errors
/// The folder cannot be watched.
pub fn watch(folder: &Path, mut act: impl FnMut()) -> Result<()> {
    let (sender, changes) = mpsc::channel();
    let watching = || format!("the folder {} cannot be watched", folder.display());
    let mut debouncer = new_debouncer(QUIET, sender).with_context(watching)?;
    debouncer
        .watcher()
        .watch(folder, RecursiveMode::Recursive)
        .with_context(watching)?;
    act();
    loop {
        let events = changes.recv().with_context(watching)?;
        if events
            .with_context(watching)?
            .iter()
            .any(|event| matters(folder, &event.path))
        {
            act();
        }
    }
}

/// Whether a file is one that the reader writes. Cargo writes too, and editors keep notes.
fn matters(folder: &Path, path: &Path) -> bool {
    let inside = path.strip_prefix(folder).unwrap_or(path);
    let hidden = |part: &std::ffi::OsStr| part.to_string_lossy().starts_with('.');
    let is_source = path.extension().is_some_and(|extension| extension == "rs");
    (is_source || inside == Path::new("Cargo.toml")) && !inside.iter().any(hidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_and_editors_write_does_not_matter() {
        let folder = Path::new("work").join("stage1");
        let matters = |file: &str| super::matters(&folder, &folder.join(file));
        assert!(matters("src/ops.rs") && matters("Cargo.toml"));
        assert!(!matters("Cargo.lock") && !matters("src/.ops.rs") && !matters("src/ops.rs~"));
    }
}

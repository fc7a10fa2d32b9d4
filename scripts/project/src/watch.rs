//! What has changed on the disk since.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

use anyhow::Result;

use crate::{entries, is_left_behind};

/// How often the files are looked at. There are some hundred of them, so looking costs next to
/// nothing, and unlike the events of the system it means the same everywhere: on network drives,
/// in containers, for every editor.
const PAUSE: Duration = Duration::from_millis(200);

/// When each file was written, and how long it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<PathBuf, (SystemTime, u64)>);

impl Snapshot {
    /// Adds a file, or those below a folder, but for what editors leave behind. One that disappears
    /// meanwhile is not there.
    pub fn add(&mut self, path: &Path) {
        if is_left_behind(path) {
            return;
        }
        if path.is_dir() {
            for path in entries(path).unwrap_or_default() {
                self.add(&path);
            }
        } else if let Ok(metadata) = fs::metadata(path) {
            let written = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            self.0.insert(path.to_path_buf(), (written, metadata.len()));
        }
    }

    /// The files that are not in a folder.
    pub fn outside(&self, folder: &Path) -> Snapshot {
        let all = self.0.iter().filter(|(path, _)| !path.starts_with(folder));
        Snapshot(all.map(|(path, state)| (path.clone(), *state)).collect())
    }
}

/// Waits until something is different from `before`, and then until nothing changes any more: an
/// editor may save in several strokes. Returns what is there now.
///
/// # Errors
/// `look` has failed.
pub fn changed(before: &Snapshot, look: impl Fn() -> Result<Snapshot>) -> Result<Snapshot> {
    let mut last = loop {
        let now = look()?;
        if now != *before {
            break now;
        }
        thread::sleep(PAUSE);
    };
    loop {
        thread::sleep(PAUSE);
        let now = look()?;
        if now == last {
            return Ok(now);
        }
        last = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_change_is_a_file_that_is_new_gone_or_longer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep").join("a.rs");
        let look = || {
            let mut snapshot = Snapshot::default();
            // The folder's own name may begin with a point.
            for path in entries(folder.path())? {
                snapshot.add(&path);
            }
            Ok(snapshot)
        };
        let mut before: Snapshot = look().unwrap();
        let steps: [&dyn Fn(); 3] = [
            &|| {
                fs::create_dir(path.parent().unwrap()).unwrap();
                fs::write(&path, "a").unwrap();
            },
            &|| fs::write(&path, "ab").unwrap(),
            &|| fs::remove_file(&path).unwrap(),
        ];
        for step in steps {
            step();
            let now = changed(&before, look).unwrap();
            assert_eq!(now, look().unwrap());
            assert!(now != before);
            before = now;
        }
        for note in [".#a.rs", "a.rs~", "#a.rs#"] {
            fs::write(folder.path().join(note), "").unwrap();
            assert_eq!(before, look().unwrap(), "{note}");
        }
    }

    #[test]
    fn what_is_outside_of_a_folder_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        let look = || {
            let mut snapshot = Snapshot::default();
            snapshot.add(&place("in"));
            snapshot.add(&place("out"));
            snapshot
        };
        fs::create_dir(place("in")).unwrap();
        fs::write(place("in").join("a"), "").unwrap();
        fs::write(place("out"), "").unwrap();
        let before = look();
        fs::write(place("in").join("a"), "longer").unwrap();
        assert!(look() != before);
        assert_eq!(look().outside(&place("in")), before.outside(&place("in")));
        fs::write(place("out"), "longer").unwrap();
        assert!(look().outside(&place("in")) != before.outside(&place("in")));
    }
}

//! A command that is killed in the middle leaves everything as it was.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use pretty_assertions::{assert_eq, assert_ne};
use project::{entries, file_name};

use crate::clone::Clone;

/// All files below a folder, with their texts. But without `Cargo.lock`, which is Cargo's, and without
/// what was killed between writing a file and renaming it.
fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    for path in entries(folder).unwrap() {
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if !path.ends_with("Cargo.lock") && !file_name(&path).contains(".new-") {
            let text = fs::read_to_string(&path).unwrap();
            files.insert(path, text);
        }
    }
    files
}

/// Starts a command and kills it after some time.
fn kill(clone: &Clone, line: &str, after: Duration) {
    let arguments: Vec<&str> = line.split_whitespace().collect();
    let mut command = clone.command(&arguments);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn start() {
    let clone = Clone::new("start killed");
    let begin = Instant::now();
    clone.succeed("start stage4 --from skeleton");
    let whole_time = begin.elapsed();
    let whole = files(&clone.path("work/stage4"));
    fs::rename(clone.path("work/stage4"), clone.path("whole")).unwrap();

    // Either all of it is there, or nothing.
    let is_whole = || {
        let there = clone.path("work/stage4").exists();
        if there {
            assert_eq!(files(&clone.path("work/stage4")), whole);
            fs::remove_dir_all(clone.path("work/stage4")).unwrap();
        }
        there
    };
    // Later and later, until it is done before it is killed.
    let mut after = Duration::ZERO;
    loop {
        kill(&clone, "start stage4 --from skeleton", after);
        if is_whole() {
            break;
        }
        after += whole_time / 15;
    }

    // In the middle of writing: as soon as anything appears.
    for _ in 0..30 {
        fs::remove_dir_all(clone.path("work")).unwrap();
        fs::create_dir(clone.path("work")).unwrap();
        let mut command = clone.command(&["start", "stage4", "--from", "skeleton"]);
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        // On a busy machine it may be done before this thread looks again.
        while entries(&clone.path("work")).unwrap().is_empty()
            && child.try_wait().unwrap().is_none()
        {}
        child.kill().unwrap();
        child.wait().unwrap();
        is_whole();
    }
    clone.succeed("start stage4 --from skeleton");
    assert_eq!(files(&clone.path("work/stage4")), whole);
    assert!(!clone.path("work/.new").exists());
}

#[test]
fn check_and_hint() {
    let clone = Clone::new("check killed");
    clone.succeed("start stage1");
    clone.paste("stage1", &clone.workspace().reference("stage1").unwrap());
    // A check notes the progress and then the state, and changes nothing else. So there are three ways
    // in which it can leave the files.
    let notes = ["work/.progress.js", "work/.course.toml"].map(|file| clone.path(file));
    let before = files(&clone.path("work"));
    clone.succeed("check");
    let after = files(&clone.path("work"));
    let mut between = before.clone();
    between.insert(notes[0].clone(), after[&notes[0]].clone());
    assert_ne!(before, between);
    assert_ne!(between, after);
    for path in &notes {
        fs::write(path, &before[path]).unwrap();
    }
    let ways = [before, between, after];
    let mut last = 0;
    for tenths in 0..12 {
        clone.edit("work/stage1/src/lib.rs", "//! Read ", "//!  Read ");
        clone.edit("work/stage1/src/lib.rs", "//!  Read ", "//! Read ");
        kill(&clone, "check", Duration::from_millis(tenths * 150));
        let there = files(&clone.path("work"));
        let way = ways.iter().position(|way| *way == there);
        let way = way.unwrap_or_else(|| panic!("{there:#?}"));
        assert!(last <= way, "what was noted is lost: {there:#?}");
        last = way;
    }
    clone.succeed("check").must_say("All steps of stage1 pass");

    clone.succeed("hint --step 2");
    let crate_files = files(&clone.path("work/stage1"));
    let hints = |clone: &Clone| {
        clone
            .succeed("hint --step 2")
            .says("That was the last hint.")
    };
    for tenths in 0..40 {
        kill(&clone, "hint --step 1", Duration::from_micros(tenths * 250));
    }
    assert_eq!(files(&clone.path("work/stage1")), crate_files);
    // The second and the third: the first has not been forgotten.
    assert!(!hints(&clone) && hints(&clone));
}

//! A command that is killed in the middle leaves everything as it was.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use pretty_assertions::{assert_eq, assert_ne};
use project::entries;

use crate::clone::Clone;

/// All files below a folder, with their texts, but without `Cargo.lock`, which is Cargo's.
fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for path in entries(folder).unwrap() {
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if !path.ends_with("Cargo.lock") {
            let text = fs::read_to_string(&path).unwrap();
            files.push((path, text));
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
    let clone = Clone::new("start killed", &[]);
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
    let kills = 30;
    let mut there = 0;
    for number in 0..kills {
        let after = whole_time * 2 * number / kills;
        kill(&clone, "start stage4 --from skeleton", after);
        there += u32::from(is_whole());
    }
    assert!(
        (1..kills).contains(&there),
        "it was never, or always, too late: {there}"
    );

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
    let clone = Clone::new("check killed", &["stage1"]);
    clone.succeed("start stage1");
    clone.paste("stage1", &clone.workspace().reference("stage1").unwrap());
    // What a check notes is there, or it is not: one may be done before it is killed.
    let notes = ["work/.course.toml", "work/.progress.js"].map(|file| {
        let path = clone.path(file);
        let text = fs::read_to_string(&path).unwrap();
        (path, text)
    });
    let before = files(&clone.path("work"));
    clone.succeed("check");
    let after = files(&clone.path("work"));
    assert_ne!(before, after);
    for (path, text) in notes {
        fs::write(path, text).unwrap();
    }
    for tenths in 0..12 {
        clone.edit("work/stage1/src/lib.rs", "//! Read ", "//!  Read ");
        clone.edit("work/stage1/src/lib.rs", "//!  Read ", "//! Read ");
        kill(&clone, "check", Duration::from_millis(tenths * 150));
        for file in files(&clone.path("work")) {
            let known = before.contains(&file) || after.contains(&file);
            assert!(known, "{file:?}");
        }
    }
    clone.succeed("check").must_say("All steps of stage1 pass");

    clone.succeed("hint --step 2");
    let hints = |clone: &Clone| {
        clone
            .succeed("hint --step 2")
            .says("That was the last hint.")
    };
    for tenths in 0..40 {
        kill(&clone, "hint --step 1", Duration::from_micros(tenths * 250));
    }
    assert!(!files(&clone.path("work/stage1")).is_empty());
    // The second and the third: the first has not been forgotten.
    assert!(!hints(&clone) && hints(&clone));
}

//! `watch` checks on every save, whatever it finds.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use crate::clone::Clone;

/// As long as one check may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

struct Watch {
    child: Child,
    lines: Receiver<String>,
}

impl Watch {
    fn new(clone: &Clone) -> Watch {
        let mut child = clone
            .command(&["watch"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines() {
                // The test may have ended.
                let _ = sender.send(line.unwrap());
            }
        });
        Watch { child, lines }
    }

    /// What it says until it waits for a save, from a check that has seen `words`.
    fn until(&self, words: &str) {
        let mut said = String::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("it never says {words:?}, but:\n{said}"));
            said += &line;
            said.push('\n');
            if line.contains("Waiting for the next save") && said.contains(words) {
                return;
            }
        }
    }

    /// That it says nothing for some time.
    fn is_quiet(&self) {
        let said = self.lines.recv_timeout(Duration::from_secs(2));
        assert!(said.is_err(), "{said:?}");
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_save_is_seen_and_errors_are_survived() {
    let clone = Clone::new("watch");
    clone.succeed("start stage1");
    let watch = Watch::new(&clone);
    watch.until("Step 1: A number in a box");

    clone.paste("stage1", &clone.workspace().reference("stage1").unwrap());
    watch.until("All steps of stage1 pass");

    clone.edit(
        "work/stage1/src/backward.rs",
        "grad += weight",
        "grad +== weight",
    );
    watch.until("does not compile");

    clone.edit(
        "work/stage1/src/backward.rs",
        "grad +== weight",
        "grad -= weight",
    );
    watch.until("the opposite sign");

    clone.edit("work/stage1/Cargo.toml", "[package]", "[parcel]");
    watch.until("Cargo cannot build");
    clone.edit("work/stage1/Cargo.toml", "[parcel]", "[package]");
    watch.until("the opposite sign");

    clone.edit(
        "work/stage1/src/backward.rs",
        "grad -= weight",
        "grad += weight",
    );
    watch.until("All steps of stage1 pass");
    // Its own work is nothing new.
    watch.is_quiet();
}

//! What is left in memory, for tests of what must be free.

use std::env;
use std::process::Command;

use allocation_counter::measure;

/// Set where nothing is captured.
const ALONE: &str = "EXAM_WITHOUT_CAPTURE";

/// Fails if more and more memory is left, the more rounds there are. `test` is the name of the test
/// that asks.
///
/// What a test prints is captured, and takes memory, too. So where something is left, the test is
/// asked again in a process of its own that captures nothing.
#[track_caller]
pub(crate) fn nothing_is_left(test: &str, round: impl Fn()) {
    // What a thread keeps for itself, and what keeps its room, is there after a few rounds.
    (0..10).for_each(|_| round());
    let memory = measure(|| (0..100).for_each(|_| round()));
    let left = (memory.count_current, memory.bytes_current);
    if left != (0, 0) && env::var_os(ALONE).is_none() && passes_alone(test) {
        return;
    }
    assert_eq!(left, (0, 0), "blocks and bytes are left after 100 rounds");
}

/// Whether a test of this program passes where nothing is captured.
fn passes_alone(test: &str) -> bool {
    let program = env::current_exe().expect("this program is a file");
    let mut command = Command::new(program);
    command.args([test, "--nocapture"]).env(ALONE, "1");
    let output = command.output().expect("this program can be started");
    let text = String::from_utf8_lossy(&output.stdout);
    output.status.success() && text.contains("test result: ok. 1 passed")
}

//! Which pages of its memory a tape writes to. The test is alone in its program, since it looks at the memory
//! of the whole process.

#![cfg(target_os = "linux")]

use std::fs;

use stage5::Tape;

/// What this process holds, in bytes.
fn resident() -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("the status of this process");
    let mut lines = status.lines();
    let kilobytes = lines.find_map(|line| line.strip_prefix("VmRSS:")?.strip_suffix(" kB"));
    let kilobytes: f64 = kilobytes
        .expect("a line about memory")
        .trim()
        .parse()
        .expect("a number");
    kilobytes * 1024.0
}

/// After that the list has room for 2²⁰ edges, and the free ones would take 7 MB.
#[test]
fn room_for_600_000_edges_takes_9_600_000_bytes_and_not_the_16_777_216_of_its_list() {
    let mut tape = Tape::new();
    let before = resident();
    tape.open(|trace| {
        let x = trace.input(0.5);
        (0..600_000).fold(x, |x, _| x.sin().record());
    });
    let grown = resident() - before;
    assert!(
        (9e6..12e6).contains(&grown),
        "600,000 edges of 16 bytes took {grown} bytes"
    );
}

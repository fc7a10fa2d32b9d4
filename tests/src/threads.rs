//! Work in a thread of its own, for tests of what may run out of stack or never end.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "the tests of the stages include this file by its path, and few need all of it"
)]

use std::hint::black_box;
use std::panic::resume_unwind;
use std::thread::{self, JoinHandle};

const MIB: usize = 1024 * 1024;

/// The length of a chain that only a loop can follow: recursion over so many operations does not fit
/// into half a MiB of stack, not even with the small frames of a release build.
pub const LONG: usize = 25_000;

/// Starts `work` in a thread with the name of the test, so that a stack overflow says where it
/// happened.
fn start<T: Send + 'static>(
    stack: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let name = thread::current().name().unwrap_or("test").to_owned();
    let thread = thread::Builder::new()
        .name(name)
        .stack_size(stack)
        .spawn(work);
    thread.expect("there is room for a thread")
}

fn end<T>(thread: JoinHandle<T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

/// What `work` returns, in a thread with a quarter of the stack that tests have by default.
pub fn with_a_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    end(start(MIB / 2, work))
}

/// What `work` returns, if it ends while the test counts to 200 million, which takes about two seconds.
///
/// No clock is asked: on a busy machine, counting and `work` are slow alike.
#[track_caller]
pub fn in_good_time<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = start(8 * MIB, work);
    for _ in 0..200 {
        if thread.is_finished() {
            return end(thread);
        }
        for number in 0..1_000_000 {
            black_box(number);
        }
        thread::yield_now();
    }
    panic!("this has not ended while the test counted to 200 million");
}

//! Work in a thread of its own, for tests of what may run out of stack or never end.

use std::hint::black_box;
use std::panic::resume_unwind;
use std::thread::{self, JoinHandle};

/// Starts `work` in a thread with 2 MiB of stack, which is what tests have by default. The thread
/// has the name of the test, so that a stack overflow says where it happened.
fn start<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    let name = thread::current().name().unwrap_or("test").to_owned();
    let thread = thread::Builder::new()
        .name(name)
        .stack_size(2 * 1024 * 1024)
        .spawn(work);
    thread.expect("there is room for a thread")
}

fn end<T>(thread: JoinHandle<T>) -> T {
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

/// What `work` returns, in a thread with 2 MiB of stack.
pub fn with_a_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    end(start(work))
}

/// What `work` returns, if it ends while the test counts to a number that takes some seconds.
///
/// No clock is asked: on a busy machine, counting and `work` are slow alike.
#[track_caller]
pub fn in_good_time<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = start(work);
    for _ in 0..1000 {
        if thread.is_finished() {
            return end(thread);
        }
        for number in 0..1_000_000 {
            black_box(number);
        }
    }
    panic!("this has not ended while the test counted to a thousand million");
}

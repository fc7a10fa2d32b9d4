//! Work on another thread, without a clock.

use std::hint::black_box;
use std::thread;

/// Whether `work` ends on a thread of its own while this one counts for a second or more.
///
/// No clock is asked: on a busy machine, both threads are slow alike.
pub(crate) fn ends_meanwhile(work: impl FnOnce() + Send + 'static) -> bool {
    let thread = thread::spawn(work);
    for _ in 0..100 {
        if thread.is_finished() {
            return thread.join().is_ok();
        }
        (0..1_000_000).for_each(|number| {
            black_box(number);
        });
    }
    false
}

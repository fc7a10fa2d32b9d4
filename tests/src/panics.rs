//! What a panic says, for tests of what is refused.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "the tests of the stages include this file by its path, and few need all of it"
)]

use std::panic::{AssertUnwindSafe, catch_unwind};

/// What `work` says when it panics.
#[track_caller]
pub fn message(work: impl FnOnce()) -> String {
    let Err(panic) = catch_unwind(AssertUnwindSafe(work)) else {
        panic!("a panic is expected, and there was none");
    };
    match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => panic.downcast::<&str>().map_or_else(
            |_| panic!("a panic with a message is expected"),
            |message| (*message).to_owned(),
        ),
    }
}

/// Fails unless `work` panics with a message that has all of these parts.
#[track_caller]
pub fn refused(parts: &[&str], work: impl FnOnce()) {
    let message = message(work);
    for part in parts {
        assert!(
            message.contains(part),
            "the message should contain `{part}`, but it is: {message}"
        );
    }
}

//! What the tests of several steps share.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Checks that `f` panics with a message that has all these `parts`, in whatever words.
#[track_caller]
pub(crate) fn assert_refused<T>(f: impl FnOnce() -> T, parts: &[&str]) {
    let Err(panic) = catch_unwind(AssertUnwindSafe(f)) else {
        panic!("a panic is expected, and there was none; it should say {parts:?}");
    };
    let message = match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => (*panic.downcast::<&str>().expect("a text")).to_owned(),
    };
    let missing: Vec<&&str> = parts
        .iter()
        .filter(|part| !message.contains(**part))
        .collect();
    assert!(
        missing.is_empty(),
        "the message should contain {missing:?}, but it is: {message}"
    );
}

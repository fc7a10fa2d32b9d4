//! An engine refuses what does not fit by a panic. Here it becomes an error, with the engine's own
//! message and the place in the program.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use crate::request::{Error, Place};

thread_local! {
    static LISTENING: Cell<bool> = const { Cell::new(false) };
    static RUNNING: Cell<Option<Place>> = const { Cell::new(None) };
    static MESSAGE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// From now on the engine runs what the program says here.
pub fn run_at(place: Option<Place>) {
    RUNNING.set(place);
}

/// What an engine says with a panic, and the place that it was running.
pub fn error(info: &PanicHookInfo<'_>) -> Error {
    let message = info.payload_as_str().unwrap_or("the engine stopped");
    Error {
        place: RUNNING.get(),
        ..Error::anywhere(message)
    }
}

/// Runs the engine. A panic becomes an error, where panics can be caught; elsewhere it is the hook
/// that has to make one of it, by [`error`].
///
/// # Errors
/// The engine has panicked, or as `run`.
pub fn catch<T>(run: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    run_at(None);
    if cfg!(target_arch = "wasm32") {
        return run();
    }
    listen();
    LISTENING.set(true);
    let result = catch_unwind(AssertUnwindSafe(run));
    LISTENING.set(false);
    result.unwrap_or_else(|_| {
        let message = MESSAGE.take().unwrap_or_default();
        Err(Error {
            place: RUNNING.get(),
            ..Error::anywhere(message)
        })
    })
}

/// Panics of engines that run here are kept and not printed; all others are as before.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let print = take_hook();
        set_hook(Box::new(move |info| match LISTENING.get() {
            true => MESSAGE.set(Some(error(info).message)),
            false => print(info),
        }));
    });
}

//! The recorder in a page. In WebAssembly a panic cannot be caught, so the response that it makes is
//! kept, and the page asks for it.

use std::cell::RefCell;
use std::panic::set_hook;

use wasm_minimal_protocol::{initiate_protocol, wasm_func};

initiate_protocol!();

thread_local! {
    static PANICKED: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Answers a request for a recording.
#[wasm_func]
pub(crate) fn record(request: &[u8]) -> Vec<u8> {
    answer(crate::record, request)
}

/// Answers a request to read a digit.
#[wasm_func]
pub(crate) fn read(request: &[u8]) -> Vec<u8> {
    answer(crate::digits::read, request)
}

fn answer(by: fn(&str) -> String, request: &[u8]) -> Vec<u8> {
    set_hook(Box::new(|info| PANICKED.set(crate::panicked(info))));
    by(&String::from_utf8_lossy(request)).into_bytes()
}

/// The response to the last request, if it has ended in a panic.
#[wasm_func]
pub(crate) fn panicked() -> Vec<u8> {
    PANICKED.take().into_bytes()
}

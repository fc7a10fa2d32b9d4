//! `cargo course`, driven in clones of the workspace.

#[path = "../../../cargo-book/tests/chromium/mod.rs"]
#[allow(dead_code, reason = "the tests of the book need more of it")]
mod chromium;
mod clone;
mod commands;
mod content;
mod earlier;
mod engines;
mod exercises;
mod interrupted;
mod show;
mod starters;
mod trouble;
mod watching;

//! `cargo course`, driven in clones of the workspace.

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

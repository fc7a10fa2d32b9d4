//! `cargo course`: build the stages yourself, step by step, and be told what is wrong.
//!
//! | module | holds |
//! |---|---|
//! | [`step`] | the steps, read from the headers of the stages' tests |
//! | [`skeleton`] | a stage with the bodies of its items taken out |
//! | [`needs`] | what the tests of a step need of a crate |
//! | [`content`] | the bugs and challenges in `content` |
//! | [`own`] | the reader's own crates in `work` |
//! | [`manifest`] | Cargo's files in them, brought up to date |
//! | [`cargo`], [`run`] | building a crate's tests, and running them |
//! | [`limit`] | when to stop a test program |
//! | [`evidence`] | what a failed test has seen, and what it wanted |
//! | [`explanation`] | what it means that certain tests fail, told by the stage |
//! | [`diagnosis`] | what is likely to be wrong, from both |
//! | [`calls`] | the calls that led to a panic |
//! | [`check`] | all of it for one crate |
//! | [`explain`] | what a check has found, in words |
//! | [`progress`] | what the book shows of it |
//! | [`words`] | what the commands say beside that |
//! | [`show`], [`page`] | a crate's engine at work, in a page |
//! | [`start`], [`diff`], [`watch`] | the commands that do more than check and explain |
//! | [`command`] | the command line |
//!
//! What belongs to the reader is never changed: a crate is written beside its place and renamed.
//! Afterwards nothing in it is touched but the list of the project's tests. Progress is what the tests say; what is stored of it is
//! only for a crate that does not compile.

pub mod calls;
pub mod cargo;
pub mod check;
pub mod command;
pub mod content;
pub mod diagnosis;
pub mod diff;
pub mod evidence;
pub mod explain;
pub mod explanation;
pub mod limit;
pub mod manifest;
pub mod needs;
pub mod outcome;
pub mod own;
pub mod page;
pub mod paint;
pub mod progress;
pub mod run;
pub mod show;
pub mod skeleton;
pub mod start;
pub mod state;
pub mod step;
pub mod watch;
pub mod words;

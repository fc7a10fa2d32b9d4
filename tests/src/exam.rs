//! What the exam of a stage includes: two judges that share nothing with the stages, what is known
//! from elsewhere, and what every stage is asked.
//!
//! An exam runs against one stage, which may be a reader's own. It includes this file by its path,
//! and the file of its stage in `stages`, so that it depends on no other stage.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "to an exam all of this is its own, and it does not use everything"
)]

pub mod number;

pub mod dual;

pub mod finite;

pub mod cases;

pub mod program;

pub mod suite;

pub mod threads;

pub mod panics;

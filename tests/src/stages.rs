//! The operands of all stages as [`Number`](crate::number::Number)s, each in a file of its own.

mod stage1;
mod stage2;
mod stage3;
mod stage4;
mod stage5;

pub use crate::exam::suite::{Nested, Stage};
pub use stage5::{Noted, on_a_tape};

//! What a directive shows as text: one file for each of them, and what they share.

pub mod code;
pub mod description;
pub mod diff;
pub mod formula;
pub mod highlight;
pub mod lighter;
pub mod listing;
pub mod marks;
pub mod quiz;
pub mod repeats;
pub mod rules;
pub mod run;
pub mod scripts;
pub mod table;

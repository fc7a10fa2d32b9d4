//! What a directive draws, as SVG in the page.

pub mod boundary;
pub mod digits;
pub mod dot;
pub mod graph;
pub mod matrix;
pub mod pad;
pub mod picture;
pub mod plot;
mod room;
mod scale;
pub mod slide;
pub mod steps;
mod svg;

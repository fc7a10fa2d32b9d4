//! Stage 1, written differently: whatever changes makes all earlier answers invalid, and variables are asked in a loop with a stack of its own.

pub mod graph;

pub mod trace;

pub mod ops;

pub mod backward;

pub use graph::Var;

//! Stage 1, written differently: the variables of a thread are slots of one arena, and a `Var` is an index.

pub mod graph;

pub mod trace;

pub mod ops;

pub mod backward;

pub use graph::Var;

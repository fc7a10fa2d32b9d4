//! Stage 1, written differently: an arrow holds a boxed closure, and its weight is worked out when it is asked for.

pub mod graph;

pub mod trace;

pub mod ops;

pub mod backward;

pub use graph::Var;

//! Stage 3: functions are wrapped, and traces nest.
//!
//! A [`Primitive`] wraps any function of plain numbers. Calling it unboxes the containers among
//! its arguments, calls the raw function, boxes the result and records the [`Node`]. The
//! derivative rules compute with [`Value`]s too, so that a gradient can be differentiated again.
//!
//! ```
//! use stage3::{Value, grad};
//!
//! let cube = |x: &Value| x * x * x;
//! let x = Value::from(3.0);
//! assert_eq!(cube(&x), 27.0);
//! assert_eq!(grad(cube)(&x), 27.0);
//! assert_eq!(grad(grad(cube))(&x), 18.0);
//! assert_eq!(grad(grad(grad(cube)))(&x), 6.0);
//! ```
//!
//! Read [`graph`], then [`trace`], [`ops`] and [`backward`](mod@backward). [`draw`] shows a graph as
//! text and for Graphviz.

// In the same order in every stage. The blank lines keep rustfmt from sorting.
pub mod graph;

pub mod trace;

pub mod ops;

pub mod backward;

pub mod draw;

pub use backward::{Gradients, PullBack, backward, grad, vector_jacobian};
pub use graph::{Container, Node, Value};
pub use trace::{Primitive, Trace, Untraced};

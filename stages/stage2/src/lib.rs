//! Stage 2: a graph of nodes, and containers that carry values.
//!
//! A [`Container`] is a number together with the [`Node`] that says where it came from. A node
//! holds the recipe of one operation and points at its *inputs*. Gradients live in a map that
//! [`backward()`] makes anew on each call, so nothing in the graph ever changes.
//!
//! ```
//! use stage2::{Container, backward};
//!
//! let (a, b, c) = (Container::new(1.0), Container::new(2.0), Container::new(3.0));
//! let f = (&a + &b) * (&b * &c);
//! assert_eq!(f.value(), 18.0);
//!
//! let gradients = backward(&[(&f, 1.0)]); // df/df
//! assert_eq!(gradients.of(&a), 6.0);
//! assert_eq!(gradients.of(&b), 15.0);
//! assert_eq!(gradients.of(&c), 6.0);
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

pub use backward::{Gradients, backward};
pub use graph::{Container, Node};
pub use ops::Op;

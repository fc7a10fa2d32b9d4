//! Stage 5: a tape instead of nodes.
//!
//! A [`Tape`] is one long list of [`Edge`]s: which result came from which argument, with the local
//! derivative. A variable is a number that knows its tape, and its place on it. Operations build an
//! [`Expression`], whose type grows with each of them; [`record`](Expression::record) puts a whole
//! one on the tape as one entry. The walk is a loop over the list from its end.
//!
//! ```
//! use stage5::gradient;
//!
//! let f = |a, b, c| (a + b) * (b * c);
//! assert_eq!(f(1.0, 2.0, 3.0), 18.0);
//!
//! let (value, slopes) = gradient(
//!     |x| {
//!         let (a, b, c) = (x[0], x[1], x[2]);
//!         ((a + b) * (b * c)).record()
//!     },
//!     &[1.0, 2.0, 3.0],
//! );
//! assert_eq!(value, 18.0);
//! assert_eq!(slopes, [6.0, 15.0, 6.0]);
//! ```
//!
//! Read [`graph`], then [`trace`], [`ops`] with its [`rules`], and [`backward`]. The numbers on a tape
//! may be of any type that is a [`Number`]. With the dual numbers of [`forward`], a tape gives higher
//! derivatives.

// In the same order in every stage. The blank lines keep rustfmt from sorting.
pub mod graph;

pub mod trace;

pub mod ops;

pub mod backward;

pub mod rules;

pub mod number;

pub mod forward;

pub use backward::{Gradients, gradient};
pub use forward::{Dual, hessian_vector};
pub use graph::{Edge, Mark, Tape};
pub use number::Number;
pub use trace::{Expression, Trace, Var};

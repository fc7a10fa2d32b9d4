//! Stage 1: automatic differentiation by naive operator overloading.
//!
//! A [`Var`] is a number that remembers the results it went into. Each operation computes its
//! local derivatives while going forward and leaves them with its inputs. A gradient is then
//! *pulled*: a variable asks its results for their gradients, and they ask theirs.
//!
//! ```
//! use stage1::Var;
//!
//! let (a, b, c) = (Var::new(1.0), Var::new(2.0), Var::new(3.0));
//! let f = (&a + &b) * (&b * &c);
//! assert_eq!(f.value(), 18.0);
//!
//! f.seed(1.0); // df/df
//! assert_eq!(a.grad(), 6.0);
//! assert_eq!(b.grad(), 15.0);
//! assert_eq!(c.grad(), 6.0);
//! ```
//!
//! Read [`graph`], then [`trace`], [`ops`] and [`backward`]. The limits of this design are part of
//! the lesson: `examples/limits.rs` and `examples/deep_chain.rs` run into each of them.

// In the same order in every stage. The blank lines keep rustfmt from sorting.
pub mod graph;

pub mod trace;

pub mod ops;

pub mod backward;

pub use graph::Var;

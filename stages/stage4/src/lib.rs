//! Stage 4: a registry of derivative rules, over arrays and types of your own.
//!
//! The engine ([`graph`], [`trace`], [`backward`](mod@backward), [`vjp`]) knows none of the
//! operations, and only `f64` of the types that they compute with. [`Data`] opens the containers to
//! any type, and [`defvjp`] defines the rules of a [`Primitive`] apart from it and from the engine. The
//! operations in [`ops`] and their rules in [`rules`] are for numbers and `ndarray` arrays. Another
//! crate can add its own, on the same terms. (One line of [`vjp`] does name [`rules`]: Rust runs
//! nothing before `main`, so somebody has to ask this crate for its rules.)
//!
//! ```
//! use ndarray::array;
//! use stage4::{Value, grads};
//!
//! // One neuron: the squared error of tanh(x · w + b), in w and in b.
//! let x = Value::from(array![[1.0, 2.0], [3.0, 4.0]]);
//! let target = Value::from(array![0.5, -0.5]);
//! let loss = |p: &[Value]| {
//!     let error = (x.dot(&p[0]) + &p[1]).tanh() - &target;
//!     (&error * &error).sum()
//! };
//! let gradients = grads(loss)(&[Value::from(array![0.0, 0.0]), Value::from(0.0)]);
//! assert_eq!(gradients[0].array(), array![2.0, 2.0].into_dyn());
//! assert_eq!(gradients[1], 0.0);
//! ```
//!
//! Read [`graph`], then [`trace`], [`backward`](mod@backward) and [`vjp`]; then
//! [`array`](mod@array), [`ops`] and [`rules`]. [`compositions`] has functions that need care, but no rules of their own.
//! [`derivatives`] composes [`vector_jacobian`] and [`grad`] into Jacobians and Hessians. [`draw`] shows a graph as text and
//! for Graphviz.

// In the same order in every stage. The blank lines keep rustfmt from sorting.
pub mod graph;

pub mod trace;

pub mod ops;

pub mod backward;

pub mod draw;

pub mod vjp;

pub mod rules;

pub mod array;

pub mod compositions;

pub mod derivatives;

pub use array::{Axes, SharedArray};
pub use backward::{
    Gradients, PullBack, PullBacks, backward, grad, grads, value_and_grad, value_and_grads,
    vector_jacobian, vector_jacobians,
};
pub use derivatives::{elementwise_grad, hessian, hessian_vector_product, jacobian, jvp};
pub use graph::{Container, Data, Node, Raw, Value, downcast};
/// The arrays that a [`Value`] can hold, in the version that this crate takes.
pub use ndarray;
pub use ops::{concatenate, select, stack};
pub use trace::{Args, Primitive, Trace, Untraced};
pub use vjp::{Rule, VariadicRule, defvjp, defvjp_variadic};

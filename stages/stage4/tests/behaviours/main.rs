//! What stage 4 does, behaviour by behaviour.

mod broadcasting;
mod check;
mod derivatives;
mod edges;
mod errors;
mod memory;
mod non_finite;
mod operations;
mod places;
mod products;
mod properties;
mod reductions;
mod rules_of_ones_own;
mod tracing;

//! What must hold across the stages.
//!
//! Two judges that share nothing with the stages, [`finite`] differences and [`dual`] numbers; one
//! table of [`cases`] and a generator of random [`program`]s, written once over every kind of
//! [`number`]; and the [`diagnosis`] of a gradient that is wrong.

pub mod number;

pub mod dual;

pub mod finite;

pub mod stages;

pub mod cases;

pub mod program;

pub mod diagnosis;

pub mod workloads;

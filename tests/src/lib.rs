//! What must hold across the stages.
//!
//! Two judges that share nothing with the stages, [`finite`] differences and [`dual`] numbers; one
//! table of [`cases`] and a generator of random [`program`]s, written once over every kind of
//! [`number`]; what every stage is asked of these, in a [`suite`]; and the [`diagnosis`] of a gradient
//! that is wrong. [`workloads`] are what the benches run. [`complex`] numbers are a type that stage 4
//! has never heard of, and [`four`] numbers at once are one that stage 5 has not.

// The exam of each stage includes this file by its path, so its modules are beside it, and not in a
// folder of its name.
#[path = "exam.rs"]
mod exam;

pub use exam::{cases, dual, finite, number, panics, program, suite, threads};

pub mod stages;

pub mod diagnosis;

pub mod workloads;

pub mod complex;

pub mod four;

#[cfg(feature = "vectorised")]
pub mod vectorised;

/// The snippets of the book, chapter by chapter: each is compiled and run as a doctest.
#[cfg(doctest)]
mod book {
    macro_rules! chapter {
        ($name:ident, $file:literal) => {
            #[doc = include_str!(concat!("../../book/src/", $file))]
            mod $name {}
        };
    }

    chapter!(introduction, "introduction.md");
    chapter!(setup, "setup.md");
    chapter!(derivatives, "derivatives.md");
    chapter!(stage1, "stage1.md");
    chapter!(stage2, "stage2.md");
    chapter!(stage3, "stage3.md");
    chapter!(stage4, "stage4.md");
    chapter!(arrays, "arrays.md");
    chapter!(containers, "containers.md");
    chapter!(checking, "checking.md");
    chapter!(training, "training.md");
    chapter!(custom, "custom.md");
    chapter!(practice, "practice.md");
    chapter!(speed, "speed.md");
    chapter!(stage5, "stage5.md");
    chapter!(frameworks, "frameworks.md");
    chapter!(playground, "playground.md");
    chapter!(next, "next.md");
    chapter!(glossary, "glossary.md");
    chapter!(sources, "sources.md");
    chapter!(rules, "rules.md");
    chapter!(accuracy, "accuracy.md");
}

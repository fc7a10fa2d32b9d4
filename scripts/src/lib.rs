//! The tools around the book: `cargo book` and the preprocessor that its chapters use.
//!
//! A chapter shows code, differences, program output and pictures by *directives*, lines such as
//! `{{#code stages/stage2/src/graph.rs:node}}`. One module for each of them:
//!
//! | directive | module | shows |
//! |---|---|---|
//! | `code` | [`code`] | a file, the part between two anchors, or what is above the first of them |
//! | `diff` | [`diff`] | what changes in a file from one stage to another |
//! | `run` | [`run`] | what an example prints |
//! | `table` | [`table`] | the table that an example prints |
//! | `graph` | [`graph`] | the Graphviz graph that an example prints, drawn |
//! | `plot` | [`plot`] | the curves that an example prints, drawn |
//! | `matrices` | [`matrix`] | the small matrices that an example prints, drawn |
//! | `rules` | [`rules`] | the derivative rules of stage 4, as formulas |
//!
//! Around them: [`directive`] reads the line, [`chapter`] expands all directives, formulas and
//! code blocks of one chapter, [`preprocessor`] does so for the whole book, [`coverage`] finds the
//! code that no chapter shows, [`book`] builds the book with mdBook, [`check`] reads the HTML that
//! came out, [`serve`] shows it in the browser, and [`epub`] makes a file for e-readers of it.
//! [`picture`] draws the graph in the README.
//!
//! Under them: [`workspace`] knows where the files are, [`source`] finds the anchors in them,
//! [`highlight`] colours Rust, [`math`] typesets formulas, [`dot`] reads Graphviz' language, and
//! [`html`] writes what can stand in a chapter.
//!
//! What goes wrong in a chapter is reported as `book/src/chapter.md:12: …`, all of it at once.
//!
//! Apart from all this, [`course`] is `cargo course`. Each of the two commands has a feature of its
//! own, so that neither compiles what only the other needs.

#[cfg(feature = "book")]
pub mod book;
#[cfg(feature = "book")]
pub mod chapter;
#[cfg(feature = "book")]
pub mod check;
#[cfg(feature = "book")]
pub mod code;
#[cfg(feature = "course")]
pub mod course;
#[cfg(feature = "book")]
pub mod coverage;
#[cfg(feature = "book")]
pub mod diff;
#[cfg(feature = "book")]
pub mod directive;
#[cfg(feature = "book")]
pub mod dot;
#[cfg(feature = "book")]
pub mod epub;
#[cfg(feature = "book")]
pub mod graph;
#[cfg(feature = "book")]
pub mod highlight;
#[cfg(feature = "book")]
pub mod html;
#[cfg(feature = "book")]
pub mod math;
#[cfg(feature = "book")]
pub mod matrix;
#[cfg(feature = "book")]
pub mod picture;
#[cfg(feature = "book")]
pub mod plot;
#[cfg(feature = "book")]
pub mod preprocessor;
#[cfg(feature = "book")]
pub mod rules;
#[cfg(feature = "book")]
pub mod run;
#[cfg(feature = "book")]
pub mod serve;
#[cfg(feature = "book")]
pub mod source;
#[cfg(feature = "book")]
mod svg;
#[cfg(feature = "book")]
pub mod table;
#[cfg(feature = "book")]
pub mod workspace;

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
//! Under them: [`project`] knows where the files are and what anchors are in them, [`highlight`] colours Rust, [`math`] typesets formulas, [`dot`] reads Graphviz' language, and
//! [`html`] writes what can stand in a chapter.
//!
//! What goes wrong in a chapter is reported as `book/src/chapter.md:12: …`, all of it at once.

pub mod book;
pub mod chapter;
pub mod check;
pub mod code;
pub mod coverage;
pub mod diff;
pub mod directive;
pub mod dot;
pub mod epub;
pub mod graph;
pub mod highlight;
pub mod html;
pub mod math;
pub mod matrix;
pub mod picture;
pub mod plot;
pub mod preprocessor;
pub mod rules;
pub mod run;
pub mod serve;
mod svg;
pub mod table;

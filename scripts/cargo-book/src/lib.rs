//! The tools around the book: `cargo book` and the preprocessor that its chapters use.
//!
//! A chapter shows code, differences, program output and pictures by *directives*, lines such as
//! `{{#code stages/stage2/src/graph.rs:node}}`. One module for each of them:
//!
//! | directive | module | shows |
//! |---|---|---|
//! | `code` | [`show::code`] | a file, the part between two anchors, or what is above the first of them |
//! | `diff` | [`show::diff`] | what changes in a file from one stage to another |
//! | `run` | [`show::run`] | what an example prints |
//! | `table` | [`show::table`] | the table that an example prints |
//! | `rules` | [`show::rules`] | the derivative rules of stage 4, as formulas |
//! | `description` | [`show::description`] | nothing in the page: it is for search engines |
//! | `graph` | [`draw::graph`] | the Graphviz graph that an example prints, drawn |
//! | `plot` | [`draw::plot`] | the curves that an example prints, drawn |
//! | `slide` | [`draw::slide`] | such curves over the step of a difference, and a step that the reader drags |
//! | `steps`, `playground` | [`draw::steps`] | what an engine does with a program, step by step |
//! | `matrices` | [`draw::matrix`] | the small matrices that an example prints, drawn |
//! | `boundary`, `digits`, `pad` | [`draw::boundary`], [`draw::digits`], [`draw::pad`] | what a trained network says |
//! | `quiz` | [`show::quiz`] | a question whose answers the reader can try |
//!
//! Around them, from the top; imports nearly always go downwards:
//!
//! | module | does |
//! |---|---|
//! | [`serve`] | shows the book in the browser |
//! | [`book`] | builds the book with mdBook |
//! | [`epub`] | makes a file for e-readers of the built pages |
//! | `engine` | compiles the recorder, for figures that run in the browser |
//! | `print` | makes contents and heads of pages for the page of all chapters |
//! | `search` | collects the text of all sections for the search |
//! | `stamp` | remembers what the last complete book was made of |
//! | [`links`] | reads the HTML that came out |
//! | [`preprocessor`] | expands all chapters |
//! | [`coverage`] | finds the code that no chapter shows |
//! | [`chapter`] | expands the directives, formulas and code blocks of one chapter |
//! | [`prose`] | finds what refers to nothing in a chapter |
//! | [`runner`] | runs examples |
//! | [`directive`] | reads the line, and finds such lines |
//! | [`problems`] | reports all that is wrong at once, as `book/src/chapter.md:12: …` |
//! | `breaks` | marks where lines may end in code, and where not: within long names, but not after the `-` of `--quiet` |
//! | [`html`] | writes what can stand in a chapter |
//!
//! [`project`] knows where the files are and what anchors are in them. [`draw::picture`] draws the
//! graph in the README.

pub mod book;
mod breaks;
pub mod chapter;
pub mod coverage;
pub mod directive;
pub mod draw;
mod engine;
pub mod epub;
pub mod html;
pub mod links;
mod markdown;
pub mod preprocessor;
mod print;
pub mod problems;
pub mod progress;
pub mod prose;
pub mod runner;
mod search;
pub mod serve;
pub mod show;
mod stamp;
mod url;

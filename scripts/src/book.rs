//! Building the book: mdBook with our preprocessor in the same process, then the checks.

use std::cell::RefCell;
use std::fmt;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};
use mdbook_driver::MDBook;

use crate::chapter::Tally;
use crate::check::{self, Checked};
use crate::preprocessor::{Stages, refuse};
use crate::workspace::Workspace;

/// A book that was built and checked.
#[derive(Debug)]
pub struct Built {
    /// The folder of its HTML.
    pub folder: PathBuf,
    /// What the preprocessor did.
    pub tally: Tally,
    /// What the checks saw.
    pub checked: Checked,
}

impl fmt::Display for Built {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Built { tally, checked, .. } = self;
        write!(
            f,
            "{} pages: {} directives, {} formulas, {} examples run, {} links good",
            checked.pages, tally.directives, tally.formulas, tally.examples, checked.links
        )
    }
}

/// Builds the book into `book/book` and checks the HTML.
///
/// # Errors
/// A chapter, an anchor or a link is wrong, or mdBook fails or warns.
pub fn build(workspace: &Workspace) -> Result<Built> {
    let (folder, tally) = render(workspace)?;
    let checked = check::check(&folder)?;
    Ok(Built {
        folder,
        tally,
        checked,
    })
}

/// Builds the book without checking the HTML.
///
/// # Errors
/// A chapter or an anchor is wrong, or mdBook fails or warns.
pub fn render(workspace: &Workspace) -> Result<(PathBuf, Tally)> {
    let warnings = Warnings::default();
    let collected = Arc::clone(&warnings.messages);
    let (folder, tally) = tracing::subscriber::with_default(warnings, || {
        let mut book = MDBook::load(workspace.book()).context("mdBook cannot load the book")?;
        let stages = Stages::default();
        let tally: Rc<RefCell<Tally>> = stages.tally();
        // book.toml names the same preprocessor as a command; this one takes its place.
        book.with_preprocessor(stages);
        book.build()?;
        let tally = *tally.borrow();
        anyhow::Ok((book.build_dir_for("html"), tally))
    })?;
    let messages = collected.lock().map(|messages| messages.clone());
    refuse("the book, seen by mdBook", messages.unwrap_or_default())?;
    Ok((folder, tally))
}

/// Collects what mdBook warns of: an unclosed tag in a chapter, a footnote that is not defined.
#[derive(Default)]
struct Warnings {
    messages: Arc<Mutex<Vec<String>>>,
}

impl tracing::Subscriber for Warnings {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() <= tracing::Level::WARN && metadata.target().starts_with("mdbook")
    }

    fn event(&self, event: &tracing::Event<'_>) {
        struct Message(String);
        impl tracing::field::Visit for Message {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
                if field.name() == "message" {
                    self.0 = format!("{value:?}");
                }
            }
        }
        let mut message = Message(String::new());
        event.record(&mut message);
        if let Ok(mut messages) = self.messages.lock() {
            messages.push(message.0);
        }
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

//! The preprocessor for mdBook: all chapters, then what they have left out.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use anyhow::Result;
use mdbook_preprocessor::book::{Book, BookItem};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};

use crate::chapter::{Expander, Tally};
use crate::coverage::{self, Coverage};
use crate::problems::{Written, refuse};
use crate::runner::Runner;
use crate::show::description;
use project::Workspace;

/// The name in `book.toml`: `[preprocessor.stages]`.
pub const NAME: &str = "stages";

/// The preprocessor.
#[derive(Debug, Default)]
pub struct Stages {
    /// Where examples have run before, if anywhere.
    runner: Option<Arc<Runner>>,
    outcome: Rc<RefCell<Outcome>>,
}

/// What a run of the preprocessor did.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How much was expanded.
    pub tally: Tally,
    /// How much of the stages is shown.
    pub coverage: Coverage,
    /// What is still missing, though all chapters can be read: anchors that no chapter shows, gaps in
    /// the coverage, and descriptions. It is for the caller to refuse.
    pub gaps: Vec<String>,
}

impl Stages {
    /// One that does not run again what the runner has run.
    pub fn with_runner(runner: Arc<Runner>) -> Stages {
        Stages {
            runner: Some(runner),
            ..Stages::default()
        }
    }

    /// What the last run did, to be read when it is over.
    pub fn outcome(&self) -> Rc<RefCell<Outcome>> {
        Rc::clone(&self.outcome)
    }
}

impl Preprocessor for Stages {
    fn name(&self) -> &str {
        NAME
    }

    fn supports_renderer(&self, renderer: &str) -> Result<bool> {
        Ok(renderer == "html")
    }

    fn run(&self, context: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let workspace = Workspace::find(&context.root)?;
        let sources = context.root.join(&context.config.book.src);
        let expander = match &self.runner {
            Some(runner) => Expander::with_runner(&workspace, Arc::clone(runner)),
            None => Expander::new(&workspace),
        };
        let mut problems = Vec::new();
        let mut written = Vec::new();
        expander.run_ahead(book.chapters().map(|chapter| &*chapter.content));
        book.for_each_mut(|item| {
            if let BookItem::Chapter(chapter) = item
                && let Some(path) = &chapter.source_path
            {
                let place = workspace.place(&sources.join(path));
                let text = std::mem::take(&mut chapter.content);
                chapter.content = expander.expand(&place, &text, &mut problems);
                written.push(Written { place, text });
            }
        });
        problems.append(&mut expander.wrong_anchors()?);
        let mut gaps = expander.unused_anchors()?;
        if !problems.is_empty() {
            // A directive that could not be carried out shows nothing.
            problems.append(&mut gaps);
            refuse("the book", problems)?;
        }
        let mut coverage = Coverage::default();
        match coverage::measure(&workspace, &written) {
            Ok(measured) => coverage = measured,
            Err(error) => refuse("the book", vec![format!("{error:#}")])?,
        }
        gaps.append(&mut coverage.gaps);
        gaps.extend(written.iter().filter_map(description::missing));
        *self.outcome.borrow_mut() = Outcome {
            tally: expander.tally(),
            coverage,
            gaps,
        };
        Ok(book)
    }
}

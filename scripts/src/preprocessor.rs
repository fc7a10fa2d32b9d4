//! The preprocessor for mdBook: all chapters, then the anchors that no chapter used.

use std::cell::RefCell;
use std::rc::Rc;

use anyhow::{Result, bail};
use mdbook_preprocessor::book::{Book, BookItem};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};

use crate::chapter::{Expander, Tally};
use crate::workspace::Workspace;

/// The name in `book.toml`: `[preprocessor.stages]`.
pub const NAME: &str = "stages";

/// The preprocessor.
#[derive(Debug, Default)]
pub struct Stages {
    tally: Rc<RefCell<Tally>>,
}

impl Stages {
    /// What the last run did, to be read when it is over.
    pub fn tally(&self) -> Rc<RefCell<Tally>> {
        Rc::clone(&self.tally)
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
        let expander = Expander::new(&workspace);
        let mut problems = Vec::new();
        book.for_each_mut(|item| {
            if let BookItem::Chapter(chapter) = item
                && let Some(path) = &chapter.source_path
            {
                let place = workspace.place(&sources.join(path));
                chapter.content = expander.expand(&place, &chapter.content, &mut problems);
            }
        });
        problems.extend(expander.unused_anchors()?);
        *self.tally.borrow_mut() = expander.tally();
        refuse("the book", problems)?;
        Ok(book)
    }
}

/// One error that lists all problems, each once.
pub(crate) fn refuse(what: &str, mut problems: Vec<String>) -> Result<()> {
    let mut seen = std::collections::HashSet::new();
    problems.retain(|problem| seen.insert(problem.clone()));
    match &problems[..] {
        [] => Ok(()),
        [problem] => bail!("a problem in {what}:\n  {problem}"),
        _ => bail!(
            "{} problems in {what}:\n  {}",
            problems.len(),
            problems.join("\n  ")
        ),
    }
}

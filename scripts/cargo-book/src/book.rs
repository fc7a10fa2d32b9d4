//! Building the book: mdBook with our preprocessor in the same process, then the checks.

use std::fmt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};
use mdbook_driver::MDBook;
use mdbook_html::HtmlHandlebars;
use mdbook_preprocessor::book::BookItem;
use mdbook_renderer::{RenderContext, Renderer};
use tokio::sync::RwLock;

use crate::breaks;
use crate::coverage::{self, Coverage};
use crate::engine::{self, Engine};
use crate::links::{self, Chapters, Checked};
use crate::preprocessor::{Outcome, Stages};
use crate::print;
use crate::problems::{Written, refuse};
use crate::progress;
use crate::runner::Runner;
use crate::search;
use crate::show::description;
use crate::stamp;
use project::{Workspace, files, is_left_behind};

pub use crate::stamp::PAGES;

/// A book that was built and checked.
#[derive(Debug)]
pub struct Built {
    /// The folder of its HTML.
    pub folder: PathBuf,
    /// What the preprocessor did.
    pub outcome: Outcome,
    /// What the checks saw.
    pub checked: Checked,
}

impl fmt::Display for Built {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Built {
            outcome, checked, ..
        } = self;
        let tally = outcome.tally;
        write!(
            f,
            "{} pages: {} directives, {} formulas, {} examples run, {} links good\n{}",
            checked.pages,
            tally.directives,
            tally.formulas,
            tally.examples,
            checked.links,
            outcome.coverage
        )
    }
}

/// Held for writing while the pages are written: mdBook empties their folder first.
pub type Writing = Arc<RwLock<()>>;

/// Builds the book into `book/book` and checks the HTML. What the runner has run before is not run
/// again.
///
/// # Errors
/// A chapter or a link is wrong, or mdBook fails or warns. What the chapters leave out
/// ([`Outcome::gaps`]) is no error here.
pub fn preview(workspace: &Workspace, runner: Arc<Runner>, writing: Writing) -> Result<Built> {
    make(workspace, runner, writing, true)
}

/// `begins` says that the pages show the reader's progress, though there may be none yet.
fn make(
    workspace: &Workspace,
    runner: Arc<Runner>,
    writing: Writing,
    begins: bool,
) -> Result<Built> {
    let _alone = alone(workspace);
    let (folder, outcome, chapters) = render(workspace, runner, writing, begins)?;
    let checked = links::check(&folder, &chapters)?;
    Ok(Built {
        folder,
        outcome,
        checked,
    })
}

/// Held by the process that writes the pages: two would remove each other's.
const LOCK: &str = "target/book.lock";

/// Waits until no other process writes the pages. Where there can be no lock, it does without.
fn alone(workspace: &Workspace) -> Option<File> {
    let path = workspace.path(LOCK);
    fs::create_dir_all(path.parent()?).ok()?;
    let lock = File::create(path).ok()?;
    if lock.try_lock().is_err() {
        eprintln!("Waiting for another `cargo book`, which is building the book.");
        lock.lock().ok()?;
    }
    Some(lock)
}

/// Builds the book as it is to be published: like [`preview`], but complete. None if this was done
/// before, and nothing has changed since.
///
/// # Errors
/// As for [`preview`], or the chapters leave something out.
pub fn build(workspace: &Workspace) -> Result<Option<Built>> {
    // Before anything is read for the book: what changes meanwhile is a change.
    // What cannot be read has no digest, and the book is built each time.
    let sources = stamp::sources(workspace).ok();
    let has_engine = || !engine::is_missing(workspace, &workspace.path(PAGES));
    let is_told = || !progress::is_new(workspace, &workspace.path(PAGES));
    let is_current = |sources| stamp::is_current(workspace, sources) && has_engine() && is_told();
    if sources.as_deref().is_some_and(is_current) {
        return Ok(None);
    }
    let runner = Arc::new(Runner::new(workspace));
    let mut built = make(workspace, runner, Writing::default(), false)?;
    refuse("the book", std::mem::take(&mut built.outcome.gaps))?;
    // mdBook's settings may lead elsewhere.
    if let Some(sources) = sources
        && built.folder == workspace.path(PAGES)
    {
        // Without the list it is built again.
        let _ = stamp::keep(workspace, &sources);
    }
    Ok(Some(built))
}

/// What the chapters show of the stages. No example is run for it.
///
/// # Errors
/// mdBook cannot read the book, or a directive is wrong.
pub fn coverage(workspace: &Workspace) -> Result<Coverage> {
    let book = MDBook::load(workspace.path("book")).context("mdBook cannot load the book")?;
    let chapters = chapters(workspace, &book).into_values();
    coverage::measure(workspace, &chapters.collect::<Vec<_>>())
}

fn chapters(workspace: &Workspace, book: &MDBook) -> Chapters {
    let sources = book.source_dir();
    let chapters = book.iter().filter_map(|item| match item {
        BookItem::Chapter(chapter) => {
            let path = chapter.source_path.as_ref()?;
            let written = Written {
                place: workspace.place(&sources.join(path)),
                text: chapter.content.clone(),
            };
            Some((path.with_extension("html"), written))
        }
        _ => None,
    });
    chapters.collect()
}

/// Builds the book without checking the HTML.
fn render(
    workspace: &Workspace,
    runner: Arc<Runner>,
    writing: Writing,
    begins: bool,
) -> Result<(PathBuf, Outcome, Chapters)> {
    let warnings = Warnings::default();
    let collected = Arc::clone(&warnings.messages);
    let engine = Rc::new(Engine::start(workspace, Arc::clone(&runner)));
    let (folder, mut outcome, chapters) = tracing::subscriber::with_default(warnings, || {
        let mut book =
            MDBook::load(workspace.path("book")).context("mdBook cannot load the book")?;
        let stages = Stages::with_runner(runner);
        let outcome = stages.outcome();
        // book.toml names the same preprocessor as a command; this one takes its place.
        book.with_preprocessor(stages);
        // And this takes the place of mdBook's own.
        book.with_renderer(Html {
            writing,
            engine: Rc::clone(&engine),
            progress: progress::file(workspace, begins),
        });
        book.build()?;
        let folder = book.build_dir_for("html");
        anyhow::Ok((folder, outcome.take(), chapters(workspace, &book)))
    })?;
    let messages = collected.lock().map(|messages| messages.clone());
    refuse("the book, seen by mdBook", messages.unwrap_or_default())?;
    if let Err(error) = engine.script() {
        outcome.gaps.push(format!("the live engine: {error:#}"));
    }
    Ok((folder, outcome, chapters))
}

/// mdBook's pages with their descriptions, the index of the search and the live engine, written while nobody reads them.
struct Html {
    writing: Writing,
    engine: Rc<Engine>,
    progress: Option<PathBuf>,
}

impl Renderer for Html {
    fn name(&self) -> &str {
        "html"
    }

    fn render(&self, context: &RenderContext) -> Result<()> {
        // Before the pages are locked: it may take a while.
        let script = self.engine.script().as_ref().ok().and_then(Option::as_ref);
        let _incomplete = self.writing.blocking_write();
        let copies = tempfile::tempdir().context("there is no folder for temporary files")?;
        HtmlHandlebars::new().render(&with_copies(context, copies.path())?)?;
        if let Some(script) = script {
            script.write(&context.destination)?;
        }
        let folder = &context.destination;
        let chapters = context.book.chapters();
        let (names, chapters): (Vec<&str>, Vec<_>) = chapters
            .filter_map(|chapter| {
                Some((
                    &*chapter.name,
                    chapter.path.as_ref()?.with_extension("html"),
                ))
            })
            .unzip();
        let mut sections = Vec::new();
        for page in &chapters {
            let name = page.to_string_lossy().replace('\\', "/");
            sections.extend(search::sections(&name, &project::read(&folder.join(page))?));
        }
        let (index, text) = search::script(&sections)?;
        let write = |page: &Path, text: String| {
            fs::write(folder.join(page), text)
                .with_context(|| format!("{} cannot be written", page.display()))
        };
        write(Path::new(&index), text)?;
        let copies = ["index.html", "print.html"].map(PathBuf::from);
        for page in chapters.into_iter().chain(copies) {
            let mut text = search::in_head(&project::read(&folder.join(&page))?, &index);
            // The page of all chapters is described as the book is.
            if page == Path::new("print.html") {
                text = print::with_contents(&text, &names)?;
            } else {
                text = description::in_head(&text).unwrap_or(text);
                if let Some(script) = script {
                    text = script.in_head(&text);
                }
                if let Some(file) = &self.progress {
                    text = progress::in_head(&text, file, &folder.join(&page));
                }
                text = without_idle(text);
            }
            // A table that scrolls can be reached by the keyboard; where none does, book.js takes it back.
            let table = r#"<div class="table-wrapper""#;
            text = text.replace(&format!("{table}>"), &format!(r#"{table} tabindex="0">"#));
            write(&page, breaks::marked(&text))?;
        }
        Ok(())
    }
}

/// The elements that a script of the theme brings to life or asks about, each with the names of its files.
const LIVE: [(&str, &str); 6] = [
    ("<autograd-stepper", "theme/stepper"),
    ("<autograd-boundary", "theme/boundary"),
    ("<autograd-pad", "theme/pad"),
    ("<autograd-slide", "theme/slide"),
    ("<details class=\"quiz\"", "theme/quiz"),
    (progress::META, "theme/progress"),
];

/// A page loads what its figures need, and nothing for those that it has not.
fn without_idle(page: String) -> String {
    let idle = LIVE.iter().filter(|(element, _)| !page.contains(element));
    let idle: Vec<&str> = idle.map(|(_, files)| *files).collect();
    let (head, body) = page.split_at(page.find("</head>").unwrap_or(0));
    let lines = head.split_inclusive('\n');
    let needed = lines.filter(|line| !idle.iter().any(|files| line.contains(files)));
    needed.chain([body]).collect()
}

/// The same book, with copies of the folders that mdBook copies into the pages: without what editors
/// leave behind, which may be a link to nowhere.
fn with_copies(context: &RenderContext, copies: &Path) -> Result<RenderContext> {
    let mut context = context.clone();
    let theme = context.config.html_config().unwrap_or_default();
    let theme = theme.theme_dir(&context.root);
    for (name, folder) in [("src", context.source_dir()), ("theme", theme)] {
        for file in files(&folder, &is_left_behind)? {
            let copy = copies.join(name).join(file.strip_prefix(&folder)?);
            fs::create_dir_all(copy.parent().unwrap_or(copies))?;
            fs::copy(&file, &copy)
                .with_context(|| format!("{} cannot be copied", file.display()))?;
        }
    }
    context.config.book.src = copies.join("src");
    let theme = copies.join("theme");
    context.config.set("output.html.theme", theme)?;
    Ok(context)
}

/// Collects what mdBook warns of: an unclosed tag in a chapter, a footnote that nothing refers to.
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

//! The book as an EPUB 3, for e-readers: `cargo book epub`.
//!
//! It is made from the pages that mdBook has built, so headings, links and callouts are the same as
//! there. `page` turns a page into XHTML, `package` makes the lists that an EPUB needs and packs
//! it. Nothing in it depends on the time or the machine: the same book is the same file, byte for byte.

mod package;
mod page;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use mdbook_driver::MDBook;
use mdbook_preprocessor::book::{BookItem, Chapter};

use crate::epub::package::{Entry, File, Metadata, STYLE_NAME, TITLE_PAGE};
use crate::epub::page::Page;
use crate::html::escape;
use crate::problems::refuse;
use crate::url::{decoded, normalized};
use project::Workspace;

/// Where `cargo book epub` writes it. Not in `book/book`, which mdBook empties.
pub const PLACE: &str = "book/book.epub";

const STYLE: &str = include_str!("book.css");
/// The cover, with `TITLE` where the lines of the title go.
const COVER: &str = include_str!("cover.svg");

/// An EPUB that was written.
#[derive(Debug)]
pub struct Epub {
    /// Its chapters.
    pub chapters: usize,
    /// Its size in bytes.
    pub size: usize,
}

impl fmt::Display for Epub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} chapters, {} kB",
            self.chapters,
            self.size.div_ceil(1000)
        )
    }
}

/// A chapter on its way from `book/src` into the EPUB. Maps of them have its page as the key.
struct Written {
    /// Its source, as messages name it.
    place: String,
    name: String,
    page: Page,
}

/// Writes the EPUB of a book whose pages mdBook has just built into the folder `html`, as the file
/// `target`.
///
/// # Errors
/// A chapter has no page, or something in it cannot stand in an EPUB: a link out of the book that
/// is no web address, an id that is there twice, a picture of an unknown format. All of it is listed.
pub fn write(workspace: &Workspace, html: &Path, target: &Path) -> Result<Epub> {
    let book = MDBook::load(workspace.path("book")).context("mdBook cannot load the book")?;
    let mut problems = Vec::new();
    let mut written = BTreeMap::new();
    let mut order = Vec::new();
    for item in book.iter() {
        if let BookItem::Chapter(chapter) = item
            && let Some(path) = &chapter.path
        {
            let built = path.with_extension("html");
            let text = std::fs::read_to_string(html.join(&built))
                .with_context(|| format!("{} cannot be read", html.join(&built).display()))?;
            let chapter = Written {
                place: workspace.place(&book.source_dir().join(path)),
                name: chapter.name.clone(),
                page: Page::read(&text),
            };
            let problem = |message| format!("{}: {message}", chapter.place);
            problems.extend(chapter.page.problems.iter().map(problem));
            order.push(built.clone());
            written.insert(built, chapter);
        }
    }
    problems.extend(broken_links(&written));
    let pictures = pictures(html, &written, &mut problems);
    refuse("the EPUB", problems)?;

    let config = &book.config.book;
    let metadata = Metadata {
        title: config
            .title
            .as_deref()
            .context("book/book.toml: expected a `title`")?,
        description: config.description.as_deref(),
        language: config.language.as_deref().unwrap_or("en"),
        authors: &config.authors,
    };
    let mut files = vec![
        File::new(STYLE_NAME, STYLE),
        cover(metadata.title),
        title_page(&metadata).in_spine(),
    ];
    for path in &order {
        let chapter = &written[path];
        files.push(chapter.file(&in_epub(path), metadata.language).in_spine());
    }
    files.extend(pictures);
    let contents = contents(&book.book.items, &written);
    let bytes = package::pack(&metadata, &contents, files)?;

    std::fs::write(target, &bytes)
        .with_context(|| format!("{} cannot be written", workspace.place(target)))?;
    Ok(Epub {
        chapters: order.len(),
        size: bytes.len(),
    })
}

impl Written {
    fn file(&self, name: &str, language: &str) -> File {
        let up = "../".repeat(name.matches('/').count());
        let style = format!("{up}{STYLE_NAME}");
        let text = package::xhtml(language, &self.name, &style, "bodymatter", &self.page.body);
        let mut file = File::new(name, text);
        if self.page.mathml {
            file.properties.push("mathml");
        }
        if self.page.svg {
            file.properties.push("svg");
        }
        file
    }
}

/// Where the page of a chapter is in the EPUB.
fn in_epub(page: &Path) -> String {
    name(&page.with_extension("xhtml"))
}

/// A path with slashes.
fn name(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

/// The checks of the pages have seen all links. Here are those to what does not come along: another
/// page of mdBook's, or an id in a part that is left out.
fn broken_links(written: &BTreeMap<PathBuf, Written>) -> Vec<String> {
    let mut problems = Vec::new();
    for (path, chapter) in written {
        for link in &chapter.page.links {
            let (target, fragment) = link.split_once('#').unwrap_or((link, ""));
            let target = if target.is_empty() {
                path.clone()
            } else {
                normalized(&path.with_file_name("").join(decoded(target)))
            };
            let problem = match written.get(&target) {
                None => "leads to no chapter",
                Some(found)
                    if fragment.is_empty() || found.page.ids.contains(&decoded(fragment)) =>
                {
                    continue;
                }
                Some(_) => "leads to no place in that chapter",
            };
            problems.push(format!("{}: `{link}` {problem}", chapter.place));
        }
    }
    problems
}

/// The pictures that the chapters show from files.
fn pictures(
    html: &Path,
    written: &BTreeMap<PathBuf, Written>,
    problems: &mut Vec<String>,
) -> Vec<File> {
    let mut files = BTreeMap::new();
    for (path, chapter) in written {
        for source in &chapter.page.pictures {
            let picture = normalized(&path.with_file_name("").join(decoded(source)));
            match std::fs::read(html.join(&picture)) {
                Ok(bytes) if package::media_type(&name(&picture)).is_some() => {
                    files.insert(name(&picture), bytes);
                }
                Ok(_) => problems.push(format!(
                    "{}: `{source}`: expected a picture in SVG, PNG, JPEG, GIF or WebP",
                    chapter.place
                )),
                Err(error) => problems.push(format!(
                    "{}: the picture `{source}` cannot be read: {error}",
                    chapter.place
                )),
            }
        }
    }
    files
        .into_iter()
        .map(|(name, bytes)| File::new(&name, bytes))
        .collect()
}

/// The title over a graph, for the shelf of an e-reader.
fn cover(title: &str) -> File {
    let mut lines: Vec<String> = Vec::new();
    for word in title.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < 14 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    let lines = lines.iter().enumerate().map(|(number, line)| {
        let y = 230 + 150 * number;
        format!(r#"<tspan x="100" y="{y}">{}</tspan>"#, escape(line))
    });
    let mut file = File::new(
        "cover.svg",
        COVER.replace("TITLE", &lines.collect::<String>()),
    );
    file.properties.push("cover-image");
    file
}

fn title_page(metadata: &Metadata<'_>) -> File {
    let mut body = format!("<h1>{}</h1>\n", escape(metadata.title));
    if let Some(description) = metadata.description {
        body.push_str(&format!("<p>{}</p>\n", escape(description)));
    }
    if !metadata.authors.is_empty() {
        body.push_str(&format!(
            "<p>{}</p>\n",
            escape(&metadata.authors.join(", "))
        ));
    }
    body.push_str(&format!("<p class=\"rights\">{}</p>\n", package::RIGHTS));
    let text = package::xhtml(
        metadata.language,
        metadata.title,
        STYLE_NAME,
        "titlepage",
        &body,
    );
    File::new(TITLE_PAGE, text)
}

/// The table of contents, as SUMMARY.md orders it: parts, chapters in them, and their sections.
fn contents(items: &[BookItem], written: &BTreeMap<PathBuf, Written>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut part: Option<Entry> = None;
    for item in items {
        match item {
            BookItem::PartTitle(title) => {
                entries.extend(part.take());
                part = Some(Entry {
                    title: escape(title),
                    ..Entry::default()
                });
            }
            BookItem::Chapter(chapter) => {
                // The chapters of a part are numbered; what follows the last part is not.
                if chapter.number.is_none() {
                    entries.extend(part.take());
                }
                let list = part.as_mut().map_or(&mut entries, |part| &mut part.entries);
                list.extend(entry(chapter, written));
            }
            BookItem::Separator => {}
        }
    }
    entries.extend(part);
    entries.retain(|entry| entry.target().is_some());
    entries
}

/// A chapter with its sections and the chapters below it. A draft has no page and is left out.
fn entry(chapter: &Chapter, written: &BTreeMap<PathBuf, Written>) -> Option<Entry> {
    let path = chapter.path.as_ref()?.with_extension("html");
    let page = &written.get(&path)?.page;
    let target = escape(&in_epub(&path));
    let sections = page.sections.iter().map(|(id, title)| Entry {
        title: title.clone(),
        href: Some(format!("{target}#{}", escape(id))),
        entries: Vec::new(),
    });
    Some(Entry {
        title: escape(&chapter.name),
        href: Some(target.clone()),
        entries: sections
            .chain(contents(&chapter.sub_items, written))
            .collect(),
    })
}

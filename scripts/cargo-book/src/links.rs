//! The HTML that came out: every link leads somewhere, and nothing comes from another host.
//!
//! The book is read from `file://` too, so a link must be relative and name a file. What scripts
//! do is not checked here.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result};
use scraper::{Html, Node, node::Element};

use crate::problems::{Written, refuse};
use crate::url::{decoded, normalized, scheme};
use project::files;

/// The pages that mdBook makes of chapters that have pages of their own: what is wrong in a chapter
/// is wrong in these again, and not worth a line.
const COPIES: [&str; 2] = ["index.html", "print.html"];

/// How much was checked.
#[derive(Debug, PartialEq)]
pub struct Checked {
    /// HTML files.
    pub pages: usize,
    /// References in them and in the style sheets.
    pub links: usize,
}

/// What a page refers to.
#[derive(Debug, PartialEq)]
struct Reference {
    url: String,
    /// Loaded with the page, not only followed by the reader.
    loaded: bool,
}

/// What is of interest in a page.
#[derive(Debug, Default)]
struct Page {
    ids: HashSet<String>,
    /// The ids that are there more than once.
    repeated: Vec<String>,
    references: Vec<Reference>,
}

/// The chapters, each under the path of its page in the folder of pages.
pub type Chapters = BTreeMap<PathBuf, Written>;

/// Checks all pages and style sheets in a folder. What is wrong in a chapter's page is reported as
/// wrong in the chapter, with the line if it can be found.
///
/// # Errors
/// A reference is broken, absolute, or loads from another host, or an id is there twice; all of
/// them are listed.
pub fn check(folder: &Path, chapters: &Chapters) -> Result<Checked> {
    let pages = pages(folder)?;
    let mut problems = Vec::new();
    let mut of_chapters = false;
    let mut links = 0;
    for (path, page) in &pages {
        let name = path.strip_prefix(folder).unwrap_or(path);
        let chapter = chapters.get(name);
        let is_copy = chapter.is_none() && COPIES.iter().any(|copy| name == Path::new(copy));
        let before = problems.len();
        let place = match chapter {
            Some(chapter) => chapter.place.clone(),
            None => name.to_string_lossy().replace('\\', "/"),
        };
        for reference in &page.references {
            links += 1;
            if let Some(problem) = problem(path, reference, &pages) {
                let url = &reference.url;
                let problem = match chapter.and_then(|chapter| find(url, &chapter.text)) {
                    Some((line, url)) => format!("{place}:{line}: `{url}` {problem}"),
                    None => format!("{place}: `{url}` {problem}"),
                };
                problems.push((is_copy, problem));
            }
        }
        let repeated = page.repeated.iter();
        problems.extend(repeated.map(|id| {
            let problem = format!("{place}: the id `{id}` is there twice");
            (is_copy, problem)
        }));
        of_chapters |= chapter.is_some() && problems.len() > before;
    }
    if of_chapters {
        problems.retain(|(is_copy, _)| !is_copy);
    }
    let problems = problems.into_iter().map(|(_, problem)| problem);
    refuse("the pages", problems.collect())?;
    Ok(Checked {
        pages: pages
            .keys()
            .filter(|path| has_extension(path, "html"))
            .count(),
        links,
    })
}

/// Where a chapter has a URL: its line, and the URL as it is written there.
fn find(url: &str, text: &str) -> Option<(usize, String)> {
    let (path, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
    let source = path.strip_suffix(".html").unwrap_or(path);
    [url.to_owned(), format!("{source}.md{fragment}")]
        .into_iter()
        .find_map(|url| {
            let whole = |at: &usize| {
                let before = &text[..*at];
                let after = text[at + url.len()..].chars().next();
                (before.ends_with(['(', '<', '"', '\'', '=']) || before.ends_with("]: "))
                    && after.is_none_or(|c| c.is_whitespace() || [')', '>', '"', '\''].contains(&c))
            };
            let mut places = text.match_indices(&*url).map(|(at, _)| at);
            let line = text[..places.find(whole)?].matches('\n').count() + 1;
            Some((line, url))
        })
}

/// All pages and style sheets in a folder, read as many at a time as there are cores. The longest comes
/// first: the page for printing has as much in it as all others.
fn pages(folder: &Path) -> Result<BTreeMap<PathBuf, Page>> {
    let mut files = files(folder, &|_| false)?;
    files.retain(|path| has_extension(path, "html") || has_extension(path, "css"));
    files.sort_by_key(|path| Reverse(fs::metadata(path).map_or(0, |metadata| metadata.len())));
    let files = Mutex::new(files.into_iter());
    let next = || files.lock().unwrap_or_else(PoisonError::into_inner).next();
    let read_some = || -> Result<Vec<(PathBuf, Page)>> {
        let mut pages = Vec::new();
        while let Some(path) = next() {
            let text = fs::read_to_string(&path)
                .with_context(|| format!("{} cannot be read", path.display()))?;
            let page = if has_extension(&path, "html") {
                Page::read(&text)
            } else {
                Page {
                    references: style_references(&text),
                    ..Page::default()
                }
            };
            pages.push((path, page));
        }
        Ok(pages)
    };
    thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let readers: Vec<_> = (0..cores).map(|_| scope.spawn(read_some)).collect();
        let mut pages = BTreeMap::new();
        for reader in readers {
            pages.extend(reader.join().expect("reading a page does not panic")?);
        }
        Ok(pages)
    })
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension()
        .is_some_and(|extension| extension == wanted)
}

/// What is wrong with a reference, if anything is.
fn problem(
    page: &Path,
    reference: &Reference,
    pages: &BTreeMap<PathBuf, Page>,
) -> Option<&'static str> {
    let url = reference.url.trim();
    if url.starts_with("//") {
        return Some("names a host without its protocol");
    }
    if let Some(scheme) = scheme(url) {
        let remote = !scheme.eq_ignore_ascii_case("data");
        return (remote && reference.loaded).then_some("is loaded from another host");
    }
    if url.starts_with('/') {
        return Some("is an absolute path: it does not work from a file");
    }
    let (path, fragment) = match url.split_once('#') {
        Some((path, fragment)) => (path, Some(decoded(fragment))),
        None => (url, None),
    };
    let path = decoded(path.split('?').next().unwrap_or_default());
    let target = if path.is_empty() {
        page.to_path_buf()
    } else {
        normalized(&page.parent().unwrap_or(page).join(path))
    };
    if target.is_dir() {
        return Some("is a folder: it does not work from a file");
    }
    if !target.is_file() {
        return Some("is not there");
    }
    match fragment {
        Some(fragment) if !fragment.is_empty() && fragment != "top" => {
            let page = pages.get(&target)?;
            (!page.ids.contains(&fragment)).then_some("leads to no place in that page")
        }
        _ => None,
    }
}

impl Page {
    fn read(html: &str) -> Page {
        let mut page = Page::default();
        for node in Html::parse_document(html).tree.root().descendants() {
            match node.value() {
                Node::Element(element) => page.element(element),
                Node::Text(text) => {
                    let parent = node.parent().and_then(|parent| parent.value().as_element());
                    if parent.is_some_and(|parent| parent.name() == "style") {
                        page.references.extend(style_references(text));
                    }
                }
                _ => {}
            }
        }
        page
    }

    fn element(&mut self, element: &Element) {
        let wanted = references(element.name(), element.attr("rel"));
        for (name, value) in element.attrs() {
            if let Some((_, loaded)) = wanted.iter().find(|(wanted, _)| *wanted == name) {
                self.references.push(Reference {
                    url: value.to_owned(),
                    loaded: *loaded,
                });
            }
            match name {
                "srcset" => {
                    let candidates = value.split(',');
                    let urls = candidates.filter_map(|one| one.split_whitespace().next());
                    self.references.extend(urls.map(|url| Reference {
                        url: url.to_owned(),
                        loaded: true,
                    }));
                }
                "style" => self.references.extend(style_references(value)),
                _ => {}
            }
        }
        let id = element.attr("id");
        let name = element.attr("name");
        let name = name.filter(|name| element.name() == "a" && id != Some(name));
        for id in id.into_iter().chain(name) {
            if !self.ids.insert(id.to_owned()) {
                self.repeated.push(id.to_owned());
            }
        }
    }
}

/// The attributes of an element that hold a URL, and whether it is loaded with the page.
fn references(element: &str, rel: Option<&str>) -> Vec<(&'static str, bool)> {
    match element {
        "a" | "area" => vec![("href", false)],
        "link" => {
            let followed = ["canonical", "license", "author", "alternate"];
            let loaded = !rel.is_some_and(|rel| followed.contains(&rel));
            vec![("href", loaded)]
        }
        "form" => vec![("action", true)],
        "object" => vec![("data", true)],
        "video" => vec![("src", true), ("poster", true)],
        // Also what is written `xlink:href`.
        "image" | "use" => vec![("href", true)],
        "base" => vec![("href", true)],
        _ => vec![("src", true)],
    }
}

/// `url(…)` and `@import "…"`.
fn style_references(css: &str) -> Vec<Reference> {
    let mut text = String::new();
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        text.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    text.push_str(rest);

    let unquoted = |url: &str| url.trim().trim_matches(['"', '\'']).to_owned();
    let calls = text
        .split("url(")
        .skip(1)
        .filter_map(|after| after.split(')').next());
    let imports = text
        .split("@import")
        .skip(1)
        .filter_map(|after| after.split(';').next())
        .filter(|import| !import.contains("url("))
        .map(|import| import.trim().trim_end_matches([' ', ';']));
    calls
        .chain(imports)
        .map(|url| Reference {
            url: unquoted(url),
            loaded: true,
        })
        // Inside a picture: `url(#gradient)`.
        .filter(|reference| !reference.url.starts_with('#'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    /// Checks a folder of files; gives the problems, one by one.
    fn problems(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        match check(folder.path(), &Chapters::new()) {
            Ok(_) => Vec::new(),
            Err(error) => {
                let message = error.to_string();
                let lines = message.lines().skip(1);
                lines.map(|line| line.trim().to_owned()).collect()
            }
        }
    }

    #[test]
    fn good_pages_pass() {
        assert_eq!(
            problems(&[
                (
                    "index.html",
                    "<a href=\"a/b%20c.html?x#y\">x</a> <a href=\"#z\">x</a><p id=z></p>\
                     <a href=\"https://example.org/\">out</a><img src=\"data:image/png,x\">\
                     <script>let a = '<img src=\"no.png\">';</script><link rel=stylesheet href=s.css>",
                ),
                ("a/b c.html", "<a name=\"y\" href=\"../index.html\">x</a>"),
                (
                    "s.css",
                    "/* url(no) */ a { b: url(\"x.woff2\") } c { d: url(#e) }"
                ),
                ("x.woff2", ""),
            ]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn broken_links_are_all_listed_with_their_page() {
        assert_eq!(
            problems(&[
                (
                    "index.html",
                    "<a href=\"no.html\">x</a><a href=\"#no\">x</a><a href=\"b.html#no\">x</a>\
                     <a href=\"/b.html\">x</a><a href=\"c\">x</a>",
                ),
                ("b.html", "<img src=\"no.png\">"),
                ("c/d.html", ""),
            ]),
            [
                "b.html: `no.png` is not there",
                "index.html: `no.html` is not there",
                "index.html: `#no` leads to no place in that page",
                "index.html: `b.html#no` leads to no place in that page",
                "index.html: `/b.html` is an absolute path: it does not work from a file",
                "index.html: `c` is a folder: it does not work from a file",
            ]
        );
    }

    #[test]
    fn an_id_that_is_there_twice_is_refused() {
        let twice = "<p id=a></p><a name=b id=b></a><p id=a></p>";
        assert_eq!(
            problems(&[("index.html", twice), ("b.html", "<p id=a></p>")]),
            ["index.html: the id `a` is there twice"]
        );
    }

    #[test]
    fn what_another_host_would_send_is_refused() {
        let host = "https://example.org/x";
        let problems = problems(&[
            (
                "index.html",
                &format!(
                    "<script src=\"{host}\"></script><img src=\"{host}\"><img srcset=\"{host} 2x\">\
                     <link href=\"{host}\"><p style=\"background: url({host})\"></p>\
                     <style>@import \"{host}\";</style><iframe src=\"{host}\"></iframe>\
                     <img src=\"//example.org/x\">"
                ),
            ),
            (
                "s.css",
                &format!("@import url({host}); a {{ b: url('{host}') }}"),
            ),
        ]);
        let loaded = format!("index.html: `{host}` is loaded from another host");
        // The same address is listed once for each file.
        assert_eq!(
            problems,
            [
                loaded.clone(),
                "index.html: `//example.org/x` names a host without its protocol".to_owned(),
                loaded.replace("index.html", "s.css"),
            ]
        );
    }

    #[test]
    fn every_way_to_load_is_seen() {
        let page = Page::read(
            "<script src=a></script><img src=a srcset=\"a 1x, a 2x\"><link href=a>\
             <p style=\"b: url(a)\"></p><style>@import 'a'; x { y: url( \"a\" ) }</style>\
             <video src=a poster=a></video><object data=a></object><svg><use href=a></use><image xlink:href=a></image></svg>",
        );
        let loaded = page.references.iter().filter(|found| found.loaded);
        assert_eq!(loaded.filter(|found| found.url == "a").count(), 13);
    }
}

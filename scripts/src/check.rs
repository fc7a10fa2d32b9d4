//! The HTML that came out: every link leads somewhere, and nothing comes from another host.
//!
//! The book is read from `file://` too, so a link must be relative and name a file. What scripts
//! do is not checked here.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use crate::preprocessor::refuse;
use crate::workspace::entries;

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
    references: Vec<Reference>,
}

/// Checks all pages and style sheets in a folder.
///
/// # Errors
/// A reference is broken, absolute, or loads from another host; all of them are listed.
pub fn check(folder: &Path) -> Result<Checked> {
    let mut files = Vec::new();
    collect(folder, &mut files)?;
    let has_extension = |path: &PathBuf, wanted: &str| {
        path.extension()
            .is_some_and(|extension| extension == wanted)
    };
    let mut pages: BTreeMap<PathBuf, Page> = BTreeMap::new();
    for path in files {
        let read = || {
            std::fs::read_to_string(&path)
                .with_context(|| format!("{} cannot be read", path.display()))
        };
        if has_extension(&path, "html") {
            pages.insert(path.clone(), read_page(&read()?));
        } else if has_extension(&path, "css") {
            let page = Page {
                references: style_references(&read()?),
                ..Page::default()
            };
            pages.insert(path.clone(), page);
        }
    }
    let mut problems = Vec::new();
    let mut links = 0;
    for (path, page) in &pages {
        let shown = path.strip_prefix(folder).unwrap_or(path);
        for reference in &page.references {
            links += 1;
            if let Some(problem) = problem(path, reference, &pages) {
                let place = shown.to_string_lossy().replace('\\', "/");
                problems.push(format!("{place}: `{}` {problem}", reference.url));
            }
        }
    }
    refuse("the pages", problems)?;
    Ok(Checked {
        pages: pages
            .keys()
            .filter(|path| has_extension(path, "html"))
            .count(),
        links,
    })
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for path in entries(folder)? {
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
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
    let scheme = url.split(['/', '?', '#']).next().unwrap_or_default();
    if let Some((scheme, _)) = scheme.split_once(':') {
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
            (!page.ids.contains(&fragment)).then_some("has no such place in the page")
        }
        _ => None,
    }
}

/// Without `.` and `..`.
pub(crate) fn normalized(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}

/// Percent signs resolved.
pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = match (first, after) {
            (b'%', [high, low, ..]) => std::str::from_utf8(&[*high, *low])
                .ok()
                .and_then(|code| u8::from_str_radix(code, 16).ok()),
            _ => None,
        };
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Collects ids and references from the tokens of a page.
#[derive(Default)]
struct Sink {
    page: RefCell<Page>,
    in_style: RefCell<bool>,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                self.tag(&tag);
                *self.in_style.borrow_mut() = &*tag.name == "style";
                match &*tag.name {
                    "script" => return TokenSinkResult::RawData(RawKind::ScriptData),
                    "style" => return TokenSinkResult::RawData(RawKind::Rawtext),
                    _ => {}
                }
            }
            Token::TagToken(_) => *self.in_style.borrow_mut() = false,
            Token::CharacterTokens(text) if *self.in_style.borrow() => {
                let mut page = self.page.borrow_mut();
                page.references.extend(style_references(&text));
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Sink {
    fn tag(&self, tag: &Tag) {
        let mut page = self.page.borrow_mut();
        let attribute = |name: &str| {
            let found = tag.attrs.iter().find(|found| &*found.name.local == name);
            found.map(|found| found.value.to_string())
        };
        for (name, loaded) in references(&tag.name, attribute("rel").as_deref()) {
            if let Some(url) = attribute(name) {
                page.references.push(Reference { url, loaded });
            }
        }
        for candidate in attribute("srcset").iter().flat_map(|set| set.split(',')) {
            if let Some(url) = candidate.split_whitespace().next() {
                page.references.push(Reference {
                    url: url.to_owned(),
                    loaded: true,
                });
            }
        }
        if let Some(style) = attribute("style") {
            page.references.extend(style_references(&style));
        }
        if let Some(id) = attribute("id") {
            page.ids.insert(id);
        }
        if &*tag.name == "a"
            && let Some(name) = attribute("name")
        {
            page.ids.insert(name);
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
        "image" | "use" => vec![("href", true), ("xlink:href", true)],
        "base" => vec![("href", true)],
        _ => vec![("src", true)],
    }
}

fn read_page(html: &str) -> Page {
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(html));
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    tokenizer.sink.page.take()
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
        match check(folder.path()) {
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
                "index.html: `#no` has no such place in the page",
                "index.html: `b.html#no` has no such place in the page",
                "index.html: `/b.html` is an absolute path: it does not work from a file",
                "index.html: `c` is a folder: it does not work from a file",
            ]
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
        let page = read_page(
            "<script src=a></script><img src=a srcset=\"a 1x, a 2x\"><link href=a>\
             <p style=\"b: url(a)\"></p><style>@import 'a'; x { y: url( \"a\" ) }</style>\
             <video src=a poster=a></video><object data=a></object><svg><use href=a></use></svg>",
        );
        let loaded = page.references.iter().filter(|found| found.loaded);
        assert_eq!(loaded.filter(|found| found.url == "a").count(), 12);
    }
}

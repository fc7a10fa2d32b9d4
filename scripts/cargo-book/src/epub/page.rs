//! A page of mdBook's as the body of an XHTML file.
//!
//! What an e-reader cannot do is left out: formulas are MathML only, no code scrolls, no heading
//! links to itself, and nothing folds, since pages of paper do not change their length.

use std::collections::{BTreeSet, HashSet};

use scraper::{ElementRef, Html, Node, Selector};

use crate::html::escape;
use crate::url::scheme;

const HTML: &str = "http://www.w3.org/1999/xhtml";
const MATHML: &str = "http://www.w3.org/1998/Math/MathML";
const SVG: &str = "http://www.w3.org/2000/svg";

/// Elements of HTML that have no end tag. All others get one: some readers do not parse XML.
const VOID: &[&str] = &["area", "br", "col", "hr", "img", "input", "wbr"];

/// What was found in a page, and what it becomes.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// The content of `<main>` as XML.
    pub(super) body: String,
    /// The id and the title, as XML without tags, of each heading of the second level.
    pub(super) sections: Vec<(String, String)>,
    /// All ids.
    pub(super) ids: HashSet<String>,
    /// Links inside the book, as mdBook has them.
    pub(super) links: Vec<String>,
    /// What `<img>` shows.
    pub(super) pictures: BTreeSet<String>,
    /// Whether there are formulas.
    pub(super) mathml: bool,
    /// Whether there are drawings.
    pub(super) svg: bool,
    /// What cannot stand in an EPUB.
    pub(super) problems: Vec<String>,
}

impl Page {
    /// Reads a page that mdBook has built.
    pub(super) fn read(html: &str) -> Page {
        let document = Html::parse_document(html);
        let mut page = Page::default();
        let main = Selector::parse("main").ok();
        match main.and_then(|main| document.select(&main).next()) {
            Some(main) => page.children(main, HTML),
            None => page.problem("its page has no `<main>`".to_owned()),
        }
        page.body = page.body.trim().to_owned() + "\n";
        page
    }

    fn problem(&mut self, problem: String) {
        self.problems.push(problem);
    }

    fn children(&mut self, parent: ElementRef<'_>, namespace: &str) {
        let mut children: Vec<_> = parent.children().collect();
        if is(parent, "figure", "picture") {
            // What the style sheet of the pages does: the caption stands below.
            let is_caption = |child: Option<ElementRef<'_>>| {
                child.is_some_and(|child| child.value().name() == "figcaption")
            };
            children.sort_by_key(|child| is_caption(ElementRef::wrap(*child)));
        }
        for child in children {
            match (child.value(), ElementRef::wrap(child)) {
                (Node::Text(text), _) => self.text(text),
                (_, Some(element)) => self.element(element, parent, namespace),
                _ => {}
            }
        }
    }

    fn text(&mut self, text: &str) {
        let stray = |c: &char| c.is_control() && !matches!(c, '\t' | '\n');
        if let Some(c) = text.chars().find(stray) {
            self.problem(format!(
                "the character U+{:04X} cannot stand in an EPUB",
                u32::from(c)
            ));
        }
        // Code keeps its lines.
        self.body.push_str(&escape(text).replace("&#10;", "\n"));
    }

    /// An element below `parent`, where `outer` is the namespace.
    fn element(&mut self, element: ElementRef<'_>, parent: ElementRef<'_>, outer: &str) {
        let tag = element.value().name();
        match tag {
            "span"
                if ["katex-html", "ask", "unseen"]
                    .iter()
                    .any(|class| is(element, "span", class)) => {}
            // What enlarges a picture that is clicked: a box to tick, and the picture once more.
            "input" if is(parent, "label", "checkbox-label") => {}
            "span" if is(element, "span", "img-wrapper") => {}
            "label" if is(element, "label", "checkbox-label") => self.children(element, outer),
            // The sign of a callout.
            "svg" if is(parent, "p", "blockquote-tag-title") => {}
            "span"
                if element
                    .value()
                    .classes()
                    .any(|class| class.starts_with("katex")) =>
            {
                self.children(element, outer);
            }
            "semantics" => self.children(element, outer),
            // Browsers set no space for it: `sin x`, but `sin(x)`.
            "mo" if element.text().eq(["\u{2061}"]) => {
                let next = element.next_siblings().find_map(ElementRef::wrap);
                let spaced = next.is_some_and(|next| !next.text().eq(["("]));
                let space = if spaced { "0.1667em" } else { "0" };
                self.body.push_str(&format!(
                    "<mo lspace=\"0\" rspace=\"{space}\">\u{2061}</mo>"
                ));
            }
            "a" if is(element, "a", "header") => self.children(element, outer),
            // What a script brings to life: its pictures for paper, and its words.
            _ if tag.starts_with("autograd-") => self.children(element, outer),
            "script" => {}
            "details" if is(element, "details", "solution") => {
                self.write(element, "figure", Some("listing"), outer);
            }
            "summary" if is(parent, "details", "solution") => {
                self.write(element, "figcaption", None, outer);
            }
            "details" => self.write(element, "div", Some("fold"), outer),
            "summary" => self.write(element, "p", Some("fold-title"), outer),
            "h2" => {
                let start = self.body.len();
                self.write(element, tag, None, outer);
                if let Some(id) = element.value().id() {
                    let title = without_tags(&self.body[start..]);
                    self.sections.push((id.to_owned(), title));
                }
            }
            _ => self.write(element, tag, None, outer),
        }
    }

    /// The element under another name, perhaps with another class.
    fn write(&mut self, element: ElementRef<'_>, tag: &str, class: Option<&str>, outer: &str) {
        let namespace = &*element.value().name.ns;
        self.mathml |= namespace == MATHML;
        self.svg |= namespace == SVG;
        self.body.push_str(&format!("<{tag}"));
        if namespace != outer {
            self.body.push_str(&format!(r#" xmlns="{namespace}""#));
        }
        if let Some(class) = class {
            self.body.push_str(&format!(r#" class="{class}""#));
        }
        for (name, value) in element.value().attrs() {
            let dropped = match name {
                // For a page that scrolls and folds.
                "tabindex" | "open" | "xmlns" => true,
                "style" => tag == "pre",
                "class" => class.is_some(),
                _ => false,
            };
            if !dropped {
                let value = self.value(name, value);
                self.body
                    .push_str(&format!(r#" {name}="{}""#, escape(&value)));
            }
        }
        if element.children().next().is_none() && (namespace != HTML || VOID.contains(&tag)) {
            self.body.push_str("/>");
            return;
        }
        self.body.push('>');
        self.children(element, namespace);
        self.body.push_str(&format!("</{tag}>"));
    }

    /// The value of an attribute, noted where others must know it.
    fn value(&mut self, name: &str, value: &str) -> String {
        match name {
            "id" if !self.ids.insert(value.to_owned()) => {
                self.problem(format!("the id `{value}` is there twice"));
            }
            "src" => {
                self.pictures.insert(value.to_owned());
            }
            "href" if scheme(value).is_none() => {
                self.links.push(value.to_owned());
                return in_epub(value);
            }
            _ => {}
        }
        value.to_owned()
    }
}

fn is(element: ElementRef<'_>, name: &str, class: &str) -> bool {
    let element = element.value();
    element.name() == name && element.classes().any(|found| found == class)
}

/// A link to a page, as a link to a chapter of the EPUB.
fn in_epub(link: &str) -> String {
    let (path, fragment) = link.split_at(link.find('#').unwrap_or(link.len()));
    match path.strip_suffix(".html") {
        Some(stem) => format!("{stem}.xhtml{fragment}"),
        None => link.to_owned(),
    }
}

fn without_tags(xml: &str) -> String {
    xml.split('<')
        .map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text))
        .collect()
}

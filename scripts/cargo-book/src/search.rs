//! What the search of the pages reads: the text of every section, as one script beside them.
//!
//! No words are left out or cut to their stems, so that code, signs and small words are found as they
//! are written. The whole book is small enough to be read through for each question.

use std::hash::{DefaultHasher, Hash, Hasher};

use anyhow::{Context, Result};
use scraper::{ElementRef, Html, Node, Selector};

/// Where a section begins: its heading, or a term of the glossary.
const HEADINGS: [&str; 4] = ["h1", "h2", "h3", "dt"];

/// What stands on lines of its own.
const BLOCKS: &[&str] = &[
    "blockquote",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "h4",
    "h5",
    "h6",
    "li",
    "ol",
    "p",
    "pre",
    "summary",
    "table",
    "tr",
    "ul",
];

/// A section: its address, the title of its chapter, its own title, and its lines. A line of code
/// begins with a tab; in others code stands between backticks.
#[derive(Debug, Default, PartialEq, serde::Serialize)]
pub(crate) struct Section(String, String, String, String);

/// The sections of a page.
pub(crate) fn sections(name: &str, page: &str) -> Vec<Section> {
    let document = Html::parse_document(page);
    let mut reader = Reader {
        page: name,
        found: Vec::new(),
        line: String::new(),
    };
    let main = Selector::parse("main").ok();
    if let Some(main) = main.and_then(|main| document.select(&main).next()) {
        reader.children(main);
    }
    reader.end_line();
    let chapter = reader.found.first().map(|section| section.2.clone());
    for section in &mut reader.found {
        section.1 = chapter.clone().unwrap_or_default();
    }
    reader.found
}

/// The script with all sections, and its name, which changes with them.
///
/// # Errors
/// They cannot be written as JSON.
pub(crate) fn script(sections: &[Section]) -> Result<(String, String)> {
    let json = serde_json::to_string(sections).context("the index of the search")?;
    let mut hasher = DefaultHasher::new();
    json.hash(&mut hasher);
    let name = format!("search-index-{:016x}.js", hasher.finish());
    Ok((name, format!("window.bookSections = {json};\n")))
}

/// A page that names the script.
pub(crate) fn in_head(page: &str, script: &str) -> String {
    let end = format!("<meta name=\"book-search\" content=\"{script}\">\n</head>");
    page.replacen("</head>", &end, 1)
}

struct Reader<'a> {
    page: &'a str,
    found: Vec<Section>,
    line: String,
}

impl Reader<'_> {
    fn children(&mut self, parent: ElementRef<'_>) {
        for child in parent.children() {
            match (child.value(), ElementRef::wrap(child)) {
                (Node::Text(text), _) => self.line.push_str(text),
                (_, Some(element)) => self.element(element),
                _ => {}
            }
        }
    }

    fn element(&mut self, element: ElementRef<'_>) {
        let name = element.value().name();
        if is_left_out(element) {
            return;
        }
        if let (true, Some(id)) = (HEADINGS.contains(&name), element.value().id()) {
            self.end_line();
            self.children(element);
            let title = one_line(&std::mem::take(&mut self.line)).replace('`', "");
            let address = format!("{}#{id}", self.page);
            self.found
                .push(Section(address, String::new(), title, String::new()));
        } else if name == "pre" {
            self.end_line();
            let code: String = code(element);
            for line in code.lines().filter(|line| !line.trim().is_empty()) {
                self.push(&format!("\t{}", line.trim_end()));
            }
        } else if BLOCKS.contains(&name) {
            self.end_line();
            self.children(element);
            self.end_line();
        } else if name == "code" {
            self.line.push('`');
            self.children(element);
            self.line.push('`');
        } else {
            self.children(element);
            if matches!(name, "td" | "th" | "br") {
                self.line.push(' ');
            }
        }
    }

    fn end_line(&mut self) {
        let line = one_line(&std::mem::take(&mut self.line));
        if !line.is_empty() {
            self.push(&line);
        }
    }

    /// A line of the section that is being read.
    fn push(&mut self, line: &str) {
        if let Some(Section(.., text)) = self.found.last_mut() {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(line);
        }
    }
}

/// What is no text, or a second time the same: of formulas the MathML is read.
fn is_left_out(element: ElementRef<'_>) -> bool {
    let is = |class| element.value().classes().any(|its| its == class);
    matches!(
        element.value().name(),
        "script" | "style" | "svg" | "autograd-stepper" | "autograd-boundary" | "autograd-slide"
    ) || ["katex-html", "ask", "unseen", "diff-mark"]
        .into_iter()
        .any(is)
}

/// Code as it is written, without the signs of differences.
fn code(element: ElementRef<'_>) -> String {
    let pieces = element
        .children()
        .map(|child| match (child.value(), ElementRef::wrap(child)) {
            (Node::Text(text), _) => text.to_string(),
            (_, Some(element)) if !is_left_out(element) => code(element),
            _ => String::new(),
        });
    pieces.collect()
}

/// Runs of space as one; in formulas `sin x`, but `sin(x)`.
fn one_line(text: &str) -> String {
    let text = text.replace("\u{2061}(", "(").replace('\u{2061}', " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn section(address: &str, title: &str, text: &str) -> Section {
        let [address, title, text] = [address, title, text].map(str::to_owned);
        Section(address, "One".to_owned(), title, text)
    }

    #[test]
    fn each_heading_and_each_term_begins_a_section() {
        let page = "<nav>no</nav><main><h1 id=\"one\"><a>One</a></h1><p>if\n  so</p><h2 id=\"a\">A <code>b</code></h2>\
            <ul><li>c</li><li>d</li></ul><h4 id=\"x\">e</h4><dl><dt id=\"t\">term</dt><dd>said</dd></dl></main>";
        assert_eq!(
            sections("page.html", page),
            [
                section("page.html#one", "One", "if so"),
                section("page.html#a", "A b", "c\nd\ne"),
                section("page.html#t", "term", "said"),
            ]
        );
    }

    #[test]
    fn code_stays_as_it_is_written() {
        let page = "<main><h1 id=\"one\">One</h1><p>Say <code>Var</code>.</p><pre><code>fn <b>f</b>() {\n\n    <i>g</i>()\n}\n\
            </code></pre><pre><code><ins><span class=\"diff-mark\">+</span>let x;</ins>\n</code></pre></main>";
        let text = "Say `Var`.\n\tfn f() {\n\t    g()\n\t}\n\tlet x;";
        assert_eq!(
            sections("p.html", page),
            [section("p.html#one", "One", text)]
        );
    }

    #[test]
    fn a_formula_is_read_once_and_pictures_are_not() {
        let page = "<main><h1 id=\"one\">One</h1><p><span class=\"katex\"><math><mo>∑</mo><mi>sin</mi><mo>\u{2061}</mo><mi>x</mi></math><span class=\"katex-html\">∑sin x</span></span></p><svg><text>s</text></svg></main>";
        assert_eq!(
            sections("p.html", page),
            [section("p.html#one", "One", "∑sin x")]
        );
    }

    #[test]
    fn the_name_changes_with_the_text() {
        let name = |text| script(&[section("p.html#one", "One", text)]).unwrap().0;
        assert_eq!(name("a"), name("a"));
        assert_ne!(name("a"), name("b"));
    }
}

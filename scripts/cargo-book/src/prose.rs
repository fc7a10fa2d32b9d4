//! What refers to nothing in a chapter: links, footnotes, and the `$` of no formula.

use std::cell::RefCell;
use std::ops::Range;

use pulldown_cmark::{BrokenLink, Event, LinkType, Parser, Tag, TagEnd};

use crate::markdown::options;

/// Reports each of them, with its place in the text.
pub(crate) fn check(markdown: &str, report: &mut impl FnMut(usize, String)) {
    let undefined = RefCell::new(Vec::new());
    // `[text]` alone may be meant as it is.
    let broken = |link: BrokenLink<'_>| {
        if matches!(link.link_type, LinkType::Reference | LinkType::Collapsed) {
            let reference = link.reference.to_string();
            undefined.borrow_mut().push((link.span.start, reference));
        }
        None
    };
    let mut in_code = false;
    let parser = Parser::new_with_broken_link_callback(markdown, options(), Some(broken));
    for (event, range) in parser.into_offset_iter() {
        match event {
            Event::Start(Tag::HtmlBlock) | Event::InlineHtml(_) => {
                if let Some(index) = dollar(&markdown[range.clone()]) {
                    report(
                        range.start + index,
                        "HTML holds no formulas: put this `$` into Markdown between blank lines, or write `&#36;` for a dollar".to_owned(),
                    );
                }
                if let Some(index) = apostrophe(&markdown[range.clone()]) {
                    report(
                        range.start + index,
                        "HTML stays as it is: write `’` for this apostrophe, as Markdown does"
                            .to_owned(),
                    );
                }
            }
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Text(_) if !in_code => text(markdown, range, report),
            _ => {}
        }
    }
    for (at, name) in undefined.into_inner() {
        report(
            at,
            format!("there is no definition `[{name}]: …` for this link"),
        );
    }
}

fn text(markdown: &str, range: Range<usize>, report: &mut impl FnMut(usize, String)) {
    let unescaped = |sign: char| {
        let signs = markdown[range.clone()].match_indices(sign);
        let places = signs.map(|(index, _)| range.start + index);
        places.filter(|at| !markdown[..*at].ends_with('\\'))
    };
    for at in unescaped('[') {
        if let Some(name) = footnote(&markdown[at..]) {
            report(at, format!("there is no footnote `[^{name}]: …`"));
        }
    }
    if let Some(at) = unescaped('$').next() {
        report(
            at,
            r"this `$` begins no formula: close it (`$x$`, without spaces inside of the signs, braces in pairs), or write `\$` for a dollar".to_owned(),
        );
    }
}

/// Where the first `$` of some HTML is that is in no comment.
fn dollar(html: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(start) = html[at..].find("<!--") {
        let found = html[at..at + start].find('$');
        if found.is_some() {
            return found.map(|index| at + index);
        }
        at += start;
        at += html[at..].find("-->")?;
    }
    html[at..].find('$').map(|index| at + index)
}

/// Where the first straight apostrophe of some HTML is that is within a word, outside of tags and code.
fn apostrophe(html: &str) -> Option<usize> {
    let mut at = 0;
    let mut in_code = false;
    for part in html.split_inclusive('>') {
        let text = part.find('<').map_or(part, |tag| &part[..tag]);
        let is_in_word = |index: &usize| {
            let (before, after) = (&text[..*index], &text[*index + 1..]);
            before.ends_with(char::is_alphabetic) && after.starts_with(char::is_alphabetic)
        };
        let mut found = text.match_indices('\'').map(|(index, _)| index);
        if let Some(index) = found.find(is_in_word).filter(|_| !in_code) {
            return Some(at + index);
        }
        match &part[text.len()..] {
            "</code>" => in_code = false,
            tag => in_code |= tag.starts_with("<code"),
        }
        at += part.len();
    }
    None
}

/// The name in `[^name]`, if the text begins with that.
fn footnote(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix("[^")?.split_once(']')?;
    let plain = !name.is_empty() && !name.contains(char::is_whitespace);
    plain.then_some(name)
}

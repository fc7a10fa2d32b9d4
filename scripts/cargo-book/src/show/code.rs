//! `{{#code PATH}}` and `{{#code PATH:ANCHOR}}`: code from a file, as it is compiled.

use anyhow::Result;

use crate::html::{escape, figure, pre, solution};
use crate::show::highlight::{self, Piece};
use crate::show::listing::{self, Line, Note};
use crate::show::scripts;
use project::anchors::{Excerpt, Source};
use project::stages::engine;

/// The listing: a caption with the place, then the code.
///
/// # Errors
/// A note belongs to no line, or to several.
pub fn render(source: &Source, excerpt: &Excerpt, whole: bool, notes: &[Note]) -> Result<String> {
    let place = escape(&source.place);
    let lines = match excerpt.numbers[..] {
        [first, .., last] if !whole => {
            format!(r#" <span class="lines">lines {first}–{last}</span>"#)
        }
        [only] if !whole => format!(r#" <span class="lines">line {only}</span>"#),
        _ => String::new(),
    };
    let caption = format!("<code>{place}</code>{lines}");
    let code = code(&excerpt.text, source.place.ends_with(".rs"), notes)?;
    Ok(if engine(&source.place).is_some() {
        solution("listing", &caption, &code)
    } else {
        figure("listing", &caption, &code)
    })
}

/// The code with its notes. Documentation in Rust can be folded.
fn code(text: &str, is_rust: bool, notes: &[Note]) -> Result<String> {
    let folds = listing::details(text.lines());
    let html: Vec<String> = if is_rust {
        highlight::rust(text)
    } else {
        text.lines().map(escape).collect()
    };
    let lines = text.lines().zip(html).zip(folds);
    let mut lines: Vec<Line> = lines
        .map(|((text, html), folds)| Line {
            text: text.to_owned(),
            // What can be folded has its colour as a whole.
            html: if folds && is_rust { escape(text) } else { html } + "&#10;",
            folds: folds && is_rust,
        })
        .collect();
    listing::annotate(&mut lines.iter_mut().collect::<Vec<_>>(), notes)?;
    let class = if is_rust { "rust" } else { "text" };
    Ok(listing::pre(class, lines.iter()))
}

/// A code block of a chapter or a listing, in colour if its language is known.
pub fn block(language: &str, text: &str) -> String {
    let in_colour = |lines: Vec<Vec<Piece<'_>>>| {
        let lines = lines.iter().map(|line| highlight::html(line, &[]));
        lines.collect()
    };
    let lines: Vec<String> = match language {
        "rust" => highlight::rust(text),
        "python" => in_colour(scripts::python(text)),
        "console" => in_colour(scripts::console(text)),
        _ => text.lines().map(escape).collect(),
    };
    let language = if language.is_empty() {
        "text"
    } else {
        language
    };
    pre(&escape(language), &lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn rendered(place: &str, anchor: Option<&str>) -> String {
        let text = "// ANCHOR: a\nlet x;\n// ANCHOR_END: a\n";
        let source = Source::parse(place, text).unwrap();
        let excerpt = source.expect(anchor).unwrap();
        render(&source, &excerpt, anchor.is_none(), &[]).unwrap()
    }

    #[test]
    fn a_listing_names_its_place() {
        assert_eq!(
            rendered("tests/src/a.rs", Some("a")),
            "<figure class=\"listing\"><figcaption><code>tests/src/a.rs</code> \
             <span class=\"lines\">line 2</span></figcaption><pre style=\"--lines:1\">\
             <code class=\"code-rust\" tabindex=\"0\"><span class=\"hl-keyword\">let</span> x;&#10;</code></pre></figure>"
        );
    }

    #[test]
    fn the_code_of_a_stage_can_be_folded() {
        let place = "stages/stage1/src/a.rs";
        let html = rendered(place, None);
        assert!(
            html.starts_with(
                "<details class=\"listing solution\" open><summary><span class=\"ask\">Show</span> \
                 <code>stages/stage1/src/a.rs</code></summary><pre "
            ) && html.ends_with("</pre></details>"),
            "{html}"
        );
        for other in ["stages/stage1/examples/a.rs", "tests/src/a.rs"] {
            assert!(rendered(other, None).starts_with("<figure"), "{other}");
        }
    }

    #[test]
    fn a_whole_file_needs_no_lines() {
        let html = rendered("tests/src/a.rs", None);
        assert!(
            html.contains("<figcaption><code>tests/src/a.rs</code></figcaption>"),
            "{html}"
        );
    }

    #[test]
    fn other_languages_are_left_plain() {
        assert_eq!(
            block("toml", "a = \"b\"\n"),
            "<pre style=\"--lines:1\"><code class=\"code-toml\" tabindex=\"0\">a = &quot;b&quot;&#10;</code></pre>"
        );
    }

    #[test]
    fn a_command_is_in_colour() {
        assert_eq!(
            block("console", "$ ls\n"),
            "<pre style=\"--lines:1\"><code class=\"code-console\" tabindex=\"0\"><span class=\"hl-prompt\">$</span> ls&#10;</code></pre>"
        );
    }
}

//! `{{#code PATH}}` and `{{#code PATH:ANCHOR}}`: code from a file, as it is compiled.

use crate::highlight;
use crate::html::{escape, figure, pre};
use crate::source::{Excerpt, Source};

/// The listing: a caption with the place, then the code.
pub fn render(source: &Source, excerpt: &Excerpt, whole: bool) -> String {
    let place = escape(&source.place);
    let lines = match excerpt.numbers[..] {
        [first, .., last] if !whole => {
            format!(r#" <span class="lines">lines {first}–{last}</span>"#)
        }
        [only] if !whole => format!(r#" <span class="lines">line {only}</span>"#),
        _ => String::new(),
    };
    let caption = format!("<code>{place}</code>{lines}");
    let language = if source.place.ends_with(".rs") {
        "rust"
    } else {
        ""
    };
    figure("listing", &caption, &block(language, &excerpt.text))
}

/// A code block of a chapter or a listing. Rust is highlighted, other languages are not.
pub fn block(language: &str, text: &str) -> String {
    if language == "rust" {
        pre("rust", &highlight::rust(text))
    } else {
        let lines: Vec<String> = text.lines().map(escape).collect();
        pre(
            &escape(if language.is_empty() {
                "text"
            } else {
                language
            }),
            &lines,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn rendered(anchor: Option<&str>) -> String {
        let text = "// ANCHOR: a\nlet x;\n// ANCHOR_END: a\n";
        let source = Source::parse("stages/stage1/src/a.rs", text).unwrap();
        let excerpt = source.expect(anchor).unwrap();
        render(&source, &excerpt, anchor.is_none())
    }

    #[test]
    fn a_listing_names_its_place() {
        assert_eq!(
            rendered(Some("a")),
            "<figure class=\"listing\"><figcaption><code>stages/stage1/src/a.rs</code> \
             <span class=\"lines\">line 2</span></figcaption><pre>\
             <code class=\"code-rust\" tabindex=\"0\"><span class=\"hl-keyword\">let</span> x;&#10;</code></pre></figure>"
        );
    }

    #[test]
    fn a_whole_file_needs_no_lines() {
        assert!(
            rendered(None).contains("<figcaption><code>stages/stage1/src/a.rs</code></figcaption>")
        );
    }

    #[test]
    fn other_languages_are_left_plain() {
        assert_eq!(
            block("toml", "a = \"b\"\n"),
            "<pre><code class=\"code-toml\" tabindex=\"0\">a = &quot;b&quot;&#10;</code></pre>"
        );
    }
}

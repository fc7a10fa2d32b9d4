//! `{{#description "One sentence."}}`: what a search engine shows below the title of the page. It stands
//! below the chapter's heading.
//!
//! In the chapter it becomes a comment. mdBook knows of no description but that of the whole book, so it
//! is put into the head of the page when the page is there.

use std::ops::RangeInclusive;

use anyhow::{Result, bail};

use crate::directive::{Directive, directives};
use crate::html::escape;
use crate::problems::Written;

/// Fewer letters say too little, and of more the end is cut off.
const LETTERS: RangeInclusive<usize> = 70..=170;

const START: &str = "<!-- description: ";
const END: &str = " -->";

/// The element of the head, as the theme writes it.
const META: [&str; 2] = [r#"<meta name="description" content=""#, r#"">"#];

/// The description, where it stands in the chapter.
///
/// # Errors
/// It is too short or too long.
pub fn render(text: &str) -> Result<String> {
    let count = text.chars().count();
    if !LETTERS.contains(&count) {
        bail!(
            "expected a description of {} to {} letters, found {count}",
            LETTERS.start(),
            LETTERS.end()
        );
    }
    Ok(format!("{START}{}{END}", escape(text)))
}

/// What is wrong if a chapter has no description, or more than one, as `place:line: message`.
pub fn missing(chapter: &Written) -> Option<String> {
    let found = directives(&chapter.text).into_iter();
    let mut found =
        found.filter(|(_, directive)| matches!(directive, Ok(Directive::Description { .. })));
    let place = &chapter.place;
    match (found.next(), found.next()) {
        (None, _) => Some(format!(
            "{place}:1: expected {{{{#description \"…\"}}}} below the heading: what a search engine shows of this chapter"
        )),
        (_, Some((range, _))) => {
            let line = chapter.text[..range.start].matches('\n').count() + 1;
            Some(format!("{place}:{line}: there is a description already"))
        }
        _ => None,
    }
}

/// A page with the description in its head, where the theme has one that fits all; none if the page has
/// none of its own.
pub fn in_head(page: &str) -> Option<String> {
    let (before, rest) = page.split_once(START)?;
    let (description, after) = rest.split_once(END)?;
    let (head, rest) = before.split_once(META[0])?;
    let (_, body) = rest.split_once(META[1])?;
    let [open, close] = META;
    Some(format!("{head}{open}{description}{close}{body}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    const SENTENCE: &str =
        "What \"this\" & that chapter holds, in one sentence of as many letters as are needed.";

    #[test]
    fn a_description_goes_into_the_head() {
        let comment = render(SENTENCE).unwrap();
        let page = |description: &str, comment: &str| {
            format!(
                "<head><meta name=\"description\" content=\"{description}\"><meta name=\"a\" content=\"b\"></head><main><h1>One</h1>{comment}<p>Text</p></main>"
            )
        };
        let wanted = "What &quot;this&quot; &amp; that chapter holds, in one sentence of as many letters as are needed.";
        assert_eq!(
            in_head(&page("One: a chapter", &comment)),
            Some(page(wanted, ""))
        );
        assert_eq!(in_head(&page("One: a chapter", "")), None);
    }

    #[test]
    fn a_description_of_no_length_for_it_is_refused() {
        for (text, count) in [("Short.", 6), (&*SENTENCE.repeat(3), 249)] {
            assert_eq!(
                render(text).unwrap_err().to_string(),
                format!("expected a description of 70 to 170 letters, found {count}")
            );
        }
    }

    #[test]
    fn each_chapter_has_one() {
        let missing = |text: &str| {
            missing(&Written {
                place: "book/src/a.md".to_owned(),
                text: text.to_owned(),
            })
        };
        let one = "{{#description \"a\"}}\n";
        assert_eq!(missing(&format!("# A\n\n{one}")), None);
        assert_eq!(
            missing("# A\n\n```text\n\\{{#description \"a\"}}\n```\n").unwrap(),
            "book/src/a.md:1: expected {{#description \"…\"}} below the heading: what a search engine shows of this chapter"
        );
        assert_eq!(
            missing(&format!("# A\n\n{one}\n{one}")).unwrap(),
            "book/src/a.md:5: there is a description already"
        );
    }
}

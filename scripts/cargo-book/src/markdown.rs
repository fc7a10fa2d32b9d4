//! Markdown as mdBook reads it.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag};

/// As mdBook reads Markdown, and formulas.
pub(crate) fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_SMART_PUNCTUATION
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_GFM
        | Options::ENABLE_MATH
}

/// Where code is: blocks and what stands in backquotes.
pub(crate) fn code_blocks(text: &str) -> Vec<Range<usize>> {
    Parser::new_ext(text, options())
        .into_offset_iter()
        .filter(|(event, _)| matches!(event, Event::Start(Tag::CodeBlock(_)) | Event::Code(_)))
        .map(|(_, range)| range)
        .collect()
}

/// Where blocks of HTML are that begin with a comment.
pub(crate) fn comments(text: &str) -> Vec<Range<usize>> {
    Parser::new_ext(text, options())
        .into_offset_iter()
        .filter(|(event, range)| {
            matches!(event, Event::Start(Tag::HtmlBlock)) && text[range.clone()].starts_with("<!--")
        })
        .map(|(_, range)| range)
        .collect()
}

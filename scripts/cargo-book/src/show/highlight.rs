//! Rust code in colour, when the book is built: no script has to run in the browser.
//!
//! The compiler's own lexer splits the code, so strings, comments and lifetimes are never
//! mistaken; what a word is (keyword, type, function, macro) is told from the word itself and
//! from what is beside it. A page has thousands of words, and each element costs time: so a function has
//! its colour where it is defined, a number and `self` have none, and words side by side that look alike are one
//! element, as is a type with the types in its brackets.

use std::ops::Range;

use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, tokenize};

use crate::html::escape;

const KEYWORDS: &[&str] = &[
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern",
    "false", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub",
    "ref", "return", "static", "struct", "super", "trait", "true", "type", "unsafe", "use",
    "where", "while",
];

const PRIMITIVES: &[&str] = &[
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8", "u16",
    "u32", "u64", "u128", "usize",
];

const TYPE: &str = "hl-type";

/// A part of a line with the class of its colour; without one for what has none.
pub type Piece<'code> = (&'static str, &'code str);

/// The lines of the code as HTML. Every line closes what it opens.
pub fn rust(code: &str) -> Vec<String> {
    pieces(code).iter().map(|line| html(line, &[])).collect()
}

/// The lines of the code in their parts.
pub fn pieces(code: &str) -> Vec<Vec<Piece<'_>>> {
    let mut rest = code;
    let tokens: Vec<(TokenKind, &str)> = tokenize(code, FrontmatterAllowed::No)
        .map(|token| {
            let (text, after) = rest.split_at(token.len as usize);
            rest = after;
            (token.kind, text)
        })
        .collect();

    let mut pieces = Vec::new();
    let mut attribute = 0; // how many brackets of an attribute are open
    for (index, &(kind, text)) in tokens.iter().enumerate() {
        let next = next(&tokens[index + 1..]);
        let after = |offset: usize| tokens.get(index + offset).map(|token| token.0);
        let macro_call = after(1) == Some(TokenKind::Bang) && after(2) != Some(TokenKind::Eq);
        if kind == TokenKind::Pound && matches!(next, TokenKind::OpenBracket | TokenKind::Bang) {
            attribute = attribute_end(&tokens[index..]);
        }
        let class = if attribute > 0 {
            attribute -= 1;
            match kind {
                TokenKind::Literal { .. } => class(kind, text),
                _ => "hl-macro",
            }
        } else if macro_call && kind == TokenKind::Ident {
            "hl-macro"
        } else if kind == TokenKind::Ident && defines(&tokens[..index]) {
            "hl-function"
        } else if limits(&tokens[..index]) {
            "hl-keyword"
        } else {
            class(kind, text)
        };
        pieces.push((class, text));
    }
    in_lines(pieces)
}

/// The pieces of a text, which may hold several lines, line by line.
pub(crate) fn in_lines(pieces: Vec<Piece<'_>>) -> Vec<Vec<Piece<'_>>> {
    let mut lines = vec![Vec::new()];
    for (class, text) in pieces {
        for (number, piece) in text.split('\n').enumerate() {
            if number > 0 {
                lines.push(Vec::new());
            }
            if let Some(line) = lines.last_mut()
                && !piece.is_empty()
            {
                line.push((class, piece));
            }
        }
    }
    if lines.last().is_some_and(Vec::is_empty) {
        lines.pop();
    }
    lines
}

/// A line as HTML. What is in the ranges of bytes is marked: it is in a `<b>`.
pub fn html(line: &[Piece<'_>], marks: &[Range<usize>]) -> String {
    // Neighbours in the same colour are one element.
    let mut parts: Vec<(&str, bool, String)> = Vec::new();
    let mut at = 0;
    for &(class, text) in line {
        for piece in cut(text, at, marks) {
            let class = if piece.trim().is_empty() { "" } else { class };
            let marked = marks.iter().any(|mark| mark.contains(&at));
            at += piece.len();
            // Space between them has no colour of its own, and what joins types has theirs.
            if let [.., (before, same, types), ("", between, signs)] = &parts[..]
                && !class.is_empty()
                && (*before, *same, *between) == (class, marked, marked)
                && (signs.trim().is_empty() || class == TYPE && joins(types, signs))
            {
                let signs = parts.pop().map_or_else(String::new, |(.., signs)| signs);
                if let Some((.., html)) = parts.last_mut() {
                    html.push_str(&signs);
                }
            }
            // A bracket that was opened in colour is closed in it.
            let class = match parts.last() {
                Some((TYPE, _, types)) if piece == ">" && is_open(types) => TYPE,
                _ => class,
            };
            match parts.last_mut() {
                Some((last, was_marked, html)) if *last == class && *was_marked == marked => {
                    html.push_str(&escape(piece));
                }
                _ => parts.push((class, marked, escape(piece))),
            }
        }
    }
    let parts = parts.into_iter().map(|part| match part {
        ("", false, html) => html,
        ("", true, html) => format!("<b>{html}</b>"),
        (class, marked, html) => {
            let element = if marked { "b" } else { "span" };
            format!(r#"<{element} class="{class}">{html}</{element}>"#)
        }
    });
    parts.collect()
}

/// Whether signs make one type of what is before and after them. All in HTML.
fn joins(types: &str, signs: &str) -> bool {
    match signs {
        "&lt;" | "&lt;&amp;" | "::" => true,
        ", " | " = " => is_open(types),
        _ => false,
    }
}

/// Whether a bracket is open in it.
fn is_open(types: &str) -> bool {
    types.matches("&lt;").count() > types.matches("&gt;").count()
}

/// A text that begins at a byte of its line, cut where marks begin and end.
fn cut<'text>(text: &'text str, at: usize, marks: &[Range<usize>]) -> Vec<&'text str> {
    let ends = marks.iter().flat_map(|mark| [mark.start, mark.end]);
    let mut pieces = Vec::new();
    let mut start = 0;
    for end in ends.filter(|end| (at + 1..at + text.len()).contains(end)) {
        pieces.push(&text[start..end - at]);
        start = end - at;
    }
    pieces.push(&text[start..]);
    pieces
}

/// Whether the next word is the name of a function that is defined.
fn defines(before: &[(TokenKind, &str)]) -> bool {
    let words = before.iter().rev();
    let mut words = words.filter(|(kind, _)| *kind != TokenKind::Whitespace);
    words.next().is_some_and(|(_, text)| *text == "fn")
}

/// Whether the next token belongs to `pub(crate)`, in which a bracket looks as the words do.
fn limits(before: &[(TokenKind, &str)]) -> bool {
    matches!(before, [.., (_, "pub")] | [.., (_, "pub"), (_, "("), _])
}

/// The kind of the next token that is not space.
fn next(tokens: &[(TokenKind, &str)]) -> TokenKind {
    tokens
        .iter()
        .map(|&(kind, _)| kind)
        .find(|kind| *kind != TokenKind::Whitespace)
        .unwrap_or(TokenKind::Eof)
}

/// How many tokens an attribute has that starts here; 0 if it is none.
fn attribute_end(tokens: &[(TokenKind, &str)]) -> usize {
    let mut depth = 0;
    for (index, (kind, _)) in tokens.iter().enumerate() {
        match kind {
            TokenKind::OpenBracket => depth += 1,
            TokenKind::CloseBracket if depth == 1 => return index + 1,
            TokenKind::CloseBracket => depth -= 1,
            TokenKind::Pound | TokenKind::Bang => {}
            _ if depth == 0 => return 0,
            _ => {}
        }
    }
    0
}

fn class(kind: TokenKind, text: &str) -> &'static str {
    match kind {
        TokenKind::LineComment { .. } | TokenKind::BlockComment { .. } => "hl-comment",
        TokenKind::Literal {
            kind: LiteralKind::Int { .. } | LiteralKind::Float { .. },
            ..
        } => "",
        TokenKind::Literal { .. } => "hl-string",
        TokenKind::Lifetime { .. } | TokenKind::RawLifetime => TYPE,
        TokenKind::Ident if KEYWORDS.contains(&text) => "hl-keyword",
        TokenKind::Ident if PRIMITIVES.contains(&text) => TYPE,
        TokenKind::Ident if text.starts_with(|c: char| c.is_uppercase()) => TYPE,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    /// `[class text]` for what is marked, to read it with ease.
    fn marked(code: &str) -> String {
        rust(code)
            .join("\n")
            .replace("<span class=\"hl-", "[")
            .replace("\">", " ")
            .replace("</span>", "]")
    }

    #[test]
    fn words_are_told_apart() {
        assert_eq!(
            marked("pub fn f(x: &'a Node) -> f64 { vec![g(1.5)] }\n"),
            "[keyword pub fn] [function f](x: &amp;[type 'a Node]) \
             -&gt; [type f64] &#123; [macro vec]![g(1.5)] }"
        );
    }

    #[test]
    fn a_type_with_those_in_its_brackets_is_one_thing() {
        assert_eq!(
            marked("pub(crate) fn f<T>(a: Map<A, Vec<T>>, b: Rc<dyn Data>) -> (Op::Add, B)\n"),
            "[keyword pub(crate) fn] [function f]&lt;[type T]&gt;(a: [type Map&lt;A, Vec&lt;T&gt;&gt;], \
             b: [type Rc]&lt;[keyword dyn] [type Data]&gt;) -&gt; ([type Op::Add], [type B])"
        );
        assert_eq!(
            marked("struct Dual<T = f64>; A = B\n"),
            "[keyword struct] [type Dual&lt;T = f64&gt;]; [type A] = [type B]"
        );
        assert_eq!(
            marked("a < B && C > d\n"),
            "a &lt; [type B] &amp;&amp; [type C] &gt; d"
        );
    }

    #[test]
    fn strings_and_comments_hide_what_is_in_them() {
        assert_eq!(
            marked("let s = \"fn\"; // fn\n"),
            "[keyword let] s = [string &quot;fn&quot;]; [comment // fn]"
        );
    }

    #[test]
    fn an_attribute_is_one_thing_and_ends() {
        assert_eq!(
            marked("#[derive(Debug)]\nstruct A;\n").replace("][macro ", ""),
            "[macro #[derive(Debug)]]\n[keyword struct] [type A];"
        );
    }

    #[test]
    fn a_comparison_is_no_macro() {
        assert_eq!(marked("a != b\n"), "a != b");
        assert_eq!(marked("a!=b\n"), "a!=b");
    }

    #[test]
    fn a_token_over_several_lines_is_closed_in_each() {
        assert_eq!(
            rust("/* a\nb */\n"),
            [
                "<span class=\"hl-comment\">/* a</span>",
                "<span class=\"hl-comment\">b */</span>"
            ]
        );
    }

    #[test]
    fn neighbours_in_one_colour_are_one_element() {
        let html = rust("#[derive(Debug)]\n");
        assert_eq!(html, [r#"<span class="hl-macro">#[derive(Debug)]</span>"#]);
    }

    #[test]
    fn what_has_changed_is_marked_in_its_colour() {
        let code = "let a = \"b c\";";
        let line = &pieces(code)[0];
        assert_eq!(
            html(line, &[0..5, 11..13]),
            "<b class=\"hl-keyword\">let</b><b> a</b> = <span class=\"hl-string\">&quot;b </span>\
             <b class=\"hl-string\">c&quot;</b>;"
        );
    }

    #[test]
    fn no_line_is_lost() {
        assert_eq!(rust("a\n\n\nb\n").len(), 4);
    }
}

//! Rust code in colour, when the book is built: no script has to run in the browser.
//!
//! The compiler's own lexer splits the code, so strings, comments and lifetimes are never
//! mistaken; what a word is (keyword, type, function, macro) is told from the word itself and
//! from what follows it.

use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, tokenize};

use crate::html::escape;

const KEYWORDS: &[&str] = &[
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern",
    "false", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub",
    "ref", "return", "self", "Self", "static", "struct", "super", "trait", "true", "type",
    "unsafe", "use", "where", "while",
];

const PRIMITIVES: &[&str] = &[
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8", "u16",
    "u32", "u64", "u128", "usize",
];

/// The lines of the code as HTML. Every line closes what it opens.
pub fn rust(code: &str) -> Vec<String> {
    let mut rest = code;
    let tokens: Vec<(TokenKind, &str)> = tokenize(code, FrontmatterAllowed::No)
        .map(|token| {
            let (text, after) = rest.split_at(token.len as usize);
            rest = after;
            (token.kind, text)
        })
        .collect();

    let mut lines = vec![String::new()];
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
                TokenKind::Literal { .. } => class(kind, text, next),
                _ => "hl-macro",
            }
        } else if macro_call && kind == TokenKind::Ident {
            "hl-macro"
        } else {
            class(kind, text, next)
        };
        for (number, piece) in text.split('\n').enumerate() {
            if number > 0 {
                lines.push(String::new());
            }
            let Some(line) = lines.last_mut() else {
                continue;
            };
            if class.is_empty() || piece.trim().is_empty() {
                line.push_str(&escape(piece));
            } else {
                line.push_str(&format!(
                    r#"<span class="{class}">{}</span>"#,
                    escape(piece)
                ));
            }
        }
    }
    if lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
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

fn class(kind: TokenKind, text: &str, next: TokenKind) -> &'static str {
    match kind {
        TokenKind::LineComment { .. } | TokenKind::BlockComment { .. } => "hl-comment",
        TokenKind::Literal {
            kind: LiteralKind::Int { .. } | LiteralKind::Float { .. },
            ..
        } => "hl-number",
        TokenKind::Literal { .. } => "hl-string",
        TokenKind::Lifetime { .. } | TokenKind::RawLifetime => "hl-lifetime",
        TokenKind::Ident if KEYWORDS.contains(&text) => "hl-keyword",
        TokenKind::Ident if PRIMITIVES.contains(&text) => "hl-type",
        TokenKind::Ident if text.starts_with(|c: char| c.is_uppercase()) => "hl-type",
        TokenKind::Ident if next == TokenKind::OpenParen => "hl-function",
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
            "[keyword pub] [keyword fn] [function f](x: &amp;[lifetime 'a] [type Node]) \
             -&gt; [type f64] &#123; [macro vec]![[function g]([number 1.5])] }"
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
    fn no_line_is_lost() {
        assert_eq!(rust("a\n\n\nb\n").len(), 4);
    }
}

//! Python, and what is typed into a shell, in the colours that Rust has. A block of either is a few lines,
//! so the first sign of a word tells what it is.

use crate::show::highlight::{Piece, in_lines};

const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// The lines of a program in Python, in their parts.
pub fn python(code: &str) -> Vec<Vec<Piece<'_>>> {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut before = ""; // the word or sign before, without space
    let mut begins = true; // whether there is nothing before in the line
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        let after = &rest[word..];
        let (class, length) = match first {
            '#' => ("hl-comment", line(rest)),
            '"' | '\'' => ("hl-string", string(rest)),
            // A decorator, with the path of its name.
            '@' if begins => {
                let end = rest[1..].find(|c: char| !is_word(c) && c != '.');
                ("hl-macro", end.map_or(rest.len(), |end| end + 1))
            }
            // `f"…"`, `rb'…'`
            _ if after.starts_with(['"', '\'']) && is_prefix(&rest[..word]) => {
                ("hl-string", word + string(after))
            }
            _ if word > 0 => (class(&rest[..word], before), word),
            _ => ("", first.len_utf8()),
        };
        let (piece, after) = rest.split_at(length);
        if !piece.trim().is_empty() {
            before = piece;
        }
        begins = piece == "\n" || begins && piece.trim().is_empty();
        pieces.push((class, piece));
        rest = after;
    }
    in_lines(pieces)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether it may stand before the quotes of a string.
fn is_prefix(word: &str) -> bool {
    (1..=2).contains(&word.len())
        && word
            .chars()
            .all(|c| "bfru".contains(c.to_ascii_lowercase()))
}

fn class(word: &str, before: &str) -> &'static str {
    match before {
        _ if KEYWORDS.contains(&word) => "hl-keyword",
        "def" => "hl-function",
        _ if word.starts_with(|c: char| c.is_uppercase()) => "hl-type",
        _ => "",
    }
}

fn line(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}

/// How long the string is that begins here: to the same quotes, but for what a `\` stands before.
fn string(text: &str) -> usize {
    let quote = &text[..1];
    let quotes = match quote.repeat(3) {
        three if text.starts_with(&three) => three,
        _ => quote.to_owned(),
    };
    let mut at = quotes.len();
    while at < text.len() && !text[at..].starts_with(&quotes) {
        let escaped = usize::from(text[at..].starts_with('\\'));
        let letters = text[at..].chars().take(1 + escaped);
        at += letters.map(char::len_utf8).sum::<usize>();
    }
    text.len().min(at + quotes.len())
}

/// The lines of what is typed into a shell, and answered: `$ ` stands before a command, and a `\` at its end
/// takes it on to the next line.
pub fn console(code: &str) -> Vec<Vec<Piece<'_>>> {
    let mut goes_on = false;
    let lines = code.lines().map(|line| {
        let is_typed = line.starts_with("$ ");
        if !is_typed && !goes_on {
            return vec![("hl-output", line)];
        }
        goes_on = line.ends_with('\\');
        let (prompt, command) = line.split_at(usize::from(is_typed));
        let (command, comment) = command.split_at(command.find("# ").unwrap_or(command.len()));
        vec![
            ("hl-prompt", prompt),
            ("", command),
            ("hl-comment", comment),
        ]
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::highlight::html;
    use pretty_assertions::assert_eq;

    /// `[class text]` for what is marked.
    fn marked(lines: &[Vec<Piece<'_>>]) -> String {
        let lines: Vec<String> = lines.iter().map(|line| html(line, &[])).collect();
        lines
            .join("\n")
            .replace("<span class=\"hl-", "[")
            .replace("\">", " ")
            .replace("</span>", "]")
    }

    #[test]
    fn words_of_python_are_told_apart() {
        let code = "  @jax.jit\n  def f(x, y=2.5):\n    return Net.of(x) @ y  # a @ b\n";
        assert_eq!(
            marked(&python(code)),
            "  [macro @jax.jit]\n  [keyword def] [function f](x, y=2.5):\n    \
             [keyword return] [type Net].of(x) @ y  [comment # a @ b]"
        );
    }

    #[test]
    fn strings_of_python_end_where_they_began() {
        for (code, expected) in [
            (r#"a("b # 'c'", d)"#, "a([string &quot;b # 'c'&quot;], d)"),
            (r#"f'\'{x}' if"#, r"[string f'\'&#123;x}'] [keyword if]"),
            (
                r#"in"" in x"#,
                "[keyword in][string &quot;&quot;] [keyword in] x",
            ),
            (
                "'''a\n'b''' in",
                "[string '''a]\n[string 'b'''] [keyword in]",
            ),
            ("'ä\\", "[string 'ä\\]"),
        ] {
            assert_eq!(marked(&python(code)), expected);
        }
    }

    #[test]
    fn a_command_is_told_from_its_prompt_and_its_answer() {
        let code = "$ cargo test \\\n    -p a # all\nok # yes\n$ ls\n";
        assert_eq!(
            marked(&console(code)),
            "[prompt $] cargo test \\\n    -p a [comment # all]\n[output ok # yes]\n[prompt $] ls"
        );
    }
}

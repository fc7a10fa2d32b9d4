//! Colours and the width of lines.
//!
//! Texts are always written with colours; `anstream` takes them out where they are not wanted: in
//! a file or a pipe, or with `NO_COLOR`.

use std::io::{ErrorKind, IsTerminal, Write};

use anstyle::{AnsiColor, Style};

/// What is well.
pub const GOOD: Style = AnsiColor::Green.on_default().bold();
/// What is not.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// What to type.
pub const COMMAND: Style = AnsiColor::Cyan.on_default();
/// Headings.
pub const STRONG: Style = Style::new().bold();
/// What is less important.
pub const FAINT: Style = Style::new().dimmed();

/// Where lines are broken.
const WIDTH: usize = 88;

/// A text in a style.
pub fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// Prints to the standard output. A reader who closes it has seen enough.
///
/// # Panics
/// If it cannot be written to for any other reason, as `println!`.
pub fn print(text: &str) {
    let mut out = anstream::stdout();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            panic!("the output cannot be written: {error}")
        }
        _ => {}
    }
}

/// A line that shows what is being done, on terminals only. It disappears with the value.
#[derive(Debug)]
pub struct Status {
    visible: bool,
}

impl Status {
    /// An empty line.
    pub fn new() -> Status {
        let visible = std::io::stderr().is_terminal();
        Status { visible }
    }

    /// Shows a text in place of the one before.
    pub fn show(&self, text: &str) {
        if self.visible {
            let text: String = text.trim().chars().take(WIDTH - 10).collect();
            anstream::eprint!("\r\x1b[2K{}", paint(FAINT, &text));
            // A status that cannot be shown is not worth a word.
            let _ = std::io::stderr().flush();
        }
    }
}

impl Default for Status {
    fn default() -> Status {
        Status::new()
    }
}

impl Drop for Status {
    fn drop(&mut self) {
        if self.visible {
            anstream::eprint!("\r\x1b[2K");
        }
    }
}

/// Breaks each line of a text into shorter ones, after `indent`; what stands in backquotes stays
/// together, and what belongs to an item of a list stands below its beginning.
pub fn wrapped(text: &str, indent: &str) -> String {
    let mut lines = String::new();
    for paragraph in text.trim().lines() {
        let rest = match paragraph.starts_with("- ") {
            true => format!("{indent}  "),
            false => indent.to_owned(),
        };
        let mut line = String::new();
        for word in words(paragraph) {
            let begin = if line.is_empty() { indent } else { " " };
            if line.chars().count() + begin.len() + word.chars().count() > WIDTH {
                lines += &format!("{line}\n");
                line.clone_from(&rest);
            } else {
                line += begin;
            }
            line += &word;
        }
        lines += &format!("{line}\n");
    }
    lines
}

/// Splits at spaces outside of backquotes.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut code = false;
    for c in text.chars() {
        code ^= c == '`';
        if c.is_whitespace() && !code {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
        } else {
            word.push(c);
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Puts `indent` before each line that is not empty.
pub fn indented(text: &str, indent: &str) -> String {
    let line = |line: &str| match line.trim_end() {
        "" => "\n".to_owned(),
        line => format!("{indent}{line}\n"),
    };
    text.trim_end().lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn lines_break_between_words_and_never_in_code() {
        let words = ["word"; 15].join(" ");
        assert_eq!(
            wrapped(&format!("- {words} `a b c` `a b c`"), "  "),
            format!("  - {words} `a b c`\n    `a b c`\n")
        );
    }

    #[test]
    fn lines_that_are_there_stay() {
        assert_eq!(wrapped("one\n\ntwo\n", "  "), "  one\n\n  two\n");
    }
}

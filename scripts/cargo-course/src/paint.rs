//! Colours, the width of lines, and tables.
//!
//! Texts are always written with colours; `anstream` takes them out where they are not wanted: in
//! a file or a pipe, or with `NO_COLOR`.

use std::io::{ErrorKind, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use terminal_size::{Width, terminal_size};

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

/// Where lines are broken on a terminal that is wide enough, and in files.
const WIDTH: usize = 88;

/// A terminal that says it is narrower has not understood the question.
const NARROWEST: usize = 20;

/// Where lines are broken: what `COLUMNS` says, or the terminal.
pub fn width() -> usize {
    let wanted = std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.parse().ok());
    let terminal = || terminal_size().map(|(Width(width), _)| usize::from(width));
    wanted
        .or_else(terminal)
        .unwrap_or(WIDTH)
        .clamp(NARROWEST, WIDTH)
}

/// Takes the colours out on a terminal that says it has none, also where `CI` is set: `anstream`
/// takes that for a log in colours.
pub fn respect_dumb_terminals() {
    let is_dumb = std::env::var_os("TERM").is_some_and(|name| name == "dumb");
    if is_dumb && std::env::var_os("CLICOLOR_FORCE").is_none() {
        ColorChoice::Never.write_global();
    }
}

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
        let stderr = std::io::stderr();
        Status {
            visible: can_be_erased(stderr.is_terminal(), AutoStream::choice(&stderr)),
        }
    }

    /// Shows a text in place of the one before.
    pub fn show(&self, text: &str) {
        if self.visible {
            let text = anstream::adapter::strip_str(text.trim()).to_string();
            let text: String = text.chars().take(width() - 1).collect();
            anstream::eprint!("\r\x1b[2K{}", paint(FAINT, &text));
            // A status that cannot be shown is not worth a word.
            let _ = std::io::stderr().flush();
        }
    }
}

/// Whether a line can be taken back. With `NO_COLOR` and `TERM=dumb` it would stay.
fn can_be_erased(is_terminal: bool, choice: ColorChoice) -> bool {
    is_terminal && choice != ColorChoice::Never
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
    wrapped_to(width(), text, indent)
}

fn wrapped_to(width: usize, text: &str, indent: &str) -> String {
    let mut lines = String::new();
    for paragraph in text.trim().lines() {
        let rest = match paragraph.starts_with("- ") {
            true => format!("{indent}  "),
            false => indent.to_owned(),
        };
        let mut line = String::new();
        for word in words(paragraph) {
            let begin = if line.is_empty() { indent } else { " " };
            let is_first = line.trim().is_empty();
            if !is_first && line.chars().count() + begin.len() + word.chars().count() > width {
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

/// `cargo course …`, painted.
pub fn command(arguments: &str) -> String {
    paint(COMMAND, &format!("cargo course {arguments}"))
}

/// Two columns; where they do not fit beside each other, one below the other.
pub fn table(rows: &[(&str, String)]) -> String {
    table_to(width(), rows)
}

fn table_to(width: usize, rows: &[(&str, String)]) -> String {
    let length = |text: &str| {
        anstream::adapter::strip_str(text)
            .to_string()
            .chars()
            .count()
    };
    let left = rows.iter().map(|(left, _)| length(left)).max().unwrap_or(0);
    let right = rows
        .iter()
        .map(|(_, right)| length(right))
        .max()
        .unwrap_or(0);
    let fits = left + right + 4 <= width;
    let row = |(name, text): &(&str, String)| match fits {
        true => format!("  {name:left$}  {text}\n"),
        false => format!("  {name}\n    {text}\n"),
    };
    rows.iter().map(row).collect()
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
            wrapped_to(88, &format!("- {words} `a b c` `a b c`"), "  "),
            format!("  - {words} `a b c`\n    `a b c`\n")
        );
    }

    #[test]
    fn lines_are_as_long_as_there_is_room() {
        let text = "one two three four five";
        assert_eq!(
            wrapped_to(11, text, "  "),
            "  one two\n  three\n  four five\n"
        );
        // A word that is longer than a line has one to itself.
        assert_eq!(wrapped_to(4, "elephants are", "  "), "  elephants\n  are\n");
    }

    #[test]
    fn columns_that_do_not_fit_are_one_below_the_other() {
        let rows = [("a", paint(STRONG, "cargo")), ("it is", command("check"))];
        let shown = |width| anstream::adapter::strip_str(&table_to(width, &rows)).to_string();
        assert_eq!(shown(27), "  a      cargo\n  it is  cargo course check\n");
        assert_eq!(
            shown(26),
            "  a\n    cargo\n  it is\n    cargo course check\n"
        );
    }

    #[test]
    fn what_cannot_be_erased_is_not_written() {
        assert!(can_be_erased(true, ColorChoice::Always));
        assert!(can_be_erased(true, ColorChoice::AlwaysAnsi));
        assert!(!can_be_erased(true, ColorChoice::Never));
        assert!(!can_be_erased(false, ColorChoice::Always));
    }

    #[test]
    fn lines_that_are_there_stay() {
        assert_eq!(wrapped("one\n\ntwo\n", "  "), "  one\n\n  two\n");
    }
}

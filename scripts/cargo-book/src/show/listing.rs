//! The lines of a listing: documentation that folds, and notes below lines.

use anyhow::{Result, bail};

use crate::html::escape;

/// A line, and what is known of it.
#[derive(Debug, Default)]
pub struct Line {
    /// The line, without its end.
    pub text: String,
    /// The line as HTML, with its end.
    pub html: String,
    /// Whether it is documentation below its first paragraph.
    pub folds: bool,
}

/// A note of the author's on the one line that holds some words.
pub type Note = (String, String);

/// With fewer lines, the sign of a fold takes as much room as it saves.
const FEWEST: usize = 2;

/// Which lines are documentation that can be folded: what comes after the first paragraph, which says
/// what the item is. Examples are part of it.
pub fn details<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<bool> {
    let mut below = false;
    let lines = lines.map(|line| {
        let line = line.trim();
        let text = line.strip_prefix("///").or(line.strip_prefix("//!"));
        below = match text {
            Some(text) => below || text.is_empty(),
            None => false,
        };
        below
    });
    let mut folds: Vec<bool> = lines.collect();
    for run in folds.chunk_by_mut(|a, b| a == b) {
        run.fill(run[0] && run.len() >= FEWEST);
    }
    folds
}

/// Adds each note to its line.
///
/// # Errors
/// The words of a note are in no line, or in several.
pub fn annotate(lines: &mut [&mut Line], notes: &[Note]) -> Result<()> {
    for (words, note) in notes {
        let mut found: Vec<_> = lines
            .iter_mut()
            .filter(|line| line.text.contains(words))
            .collect();
        let [line] = &mut found[..] else {
            bail!(
                "a note belongs to one line: `{words}` is in {} of those that are shown",
                found.len()
            );
        };
        line.html += &format!(
            r#"<span class="pin" role="note">{}&#10;</span>"#,
            with_code(note)
        );
    }
    Ok(())
}

/// Text in which backticks mark code.
fn with_code(text: &str) -> String {
    let parts = text
        .split('`')
        .enumerate()
        .map(|(index, part)| match index % 2 {
            0 => escape(part),
            _ => format!("<code>{}</code>", escape(part)),
        });
    parts.collect()
}

/// A block of code that the keyboard can scroll. Documentation in it is in one element, which the style
/// sheet can leave out: then its first line tells how much it holds.
pub fn pre<'a>(class: &str, lines: impl Iterator<Item = &'a Line>) -> String {
    let lines: Vec<&Line> = lines.collect();
    let mut body = String::new();
    let mut folded = 0;
    for run in lines.chunk_by(|a, b| a.folds == b.folds) {
        let html = run.iter().map(|line| &*line.html).collect::<String>();
        if !run[0].folds || run.len() < FEWEST {
            body += &html;
            continue;
        }
        folded += run.len() - 1;
        let first = &run[0].text;
        let indentation = &first[..first.len() - first.trim_start().len()];
        let mark = if class == "diff" { " " } else { "" };
        body += &format!(
            r#"<span class="docs" data-fold="{mark}{indentation}/// ⋯ {} lines"><span>{html}</span></span>"#,
            run.len()
        );
    }
    let folded = match folded {
        0 => String::new(),
        _ => format!(";--docs:{folded}"),
    };
    format!(
        r#"<pre style="--lines:{}{folded}"><code class="code-{class}" tabindex="0">{body}</code></pre>"#,
        lines.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn lines(text: &str) -> Vec<Line> {
        let folds = details(text.lines());
        let lines = text.lines().zip(folds).map(|(text, folds)| Line {
            text: text.to_owned(),
            html: format!("{text}&#10;"),
            folds,
        });
        lines.collect()
    }

    #[test]
    fn documentation_folds_below_its_first_paragraph() {
        let text =
            "    /// One\n    /// paragraph.\n    ///\n    /// Two.\n    fn a();\n/// Three.\nb\n";
        assert_eq!(
            pre("rust", lines(text).iter()),
            "<pre style=\"--lines:7;--docs:1\"><code class=\"code-rust\" tabindex=\"0\">    /// One&#10;    /// paragraph.&#10;\
             <span class=\"docs\" data-fold=\"    /// ⋯ 2 lines\"><span>    ///&#10;    /// Two.&#10;</span></span>\
             \u{20}   fn a();&#10;/// Three.&#10;b&#10;</code></pre>"
        );
        assert!(!pre("rust", lines("/// A.\n///\nb\n").iter()).contains("docs"));
        assert!(pre("rust", lines("//! A.\n//!\n//! B.\n").iter()).contains("docs"));
    }

    #[test]
    fn a_note_is_below_its_line() {
        let mut lines = lines("let a;\nlet b;\n");
        let mut all: Vec<&mut Line> = lines.iter_mut().collect();
        annotate(&mut all, &[("b;".to_owned(), "Is `a < b`?".to_owned())]).unwrap();
        assert_eq!(
            pre("rust", lines.iter()).split("tabindex=\"0\">").nth(1),
            Some(
                "let a;&#10;let b;&#10;<span class=\"pin\" role=\"note\">Is <code>a &lt; b</code>?&#10;</span></code></pre>"
            )
        );
    }

    #[test]
    fn a_note_without_its_line_is_refused() {
        for (words, count) in [("let c", 0), ("let", 2)] {
            let mut lines = lines("let a;\nlet b;\n");
            let mut all: Vec<&mut Line> = lines.iter_mut().collect();
            let error = annotate(&mut all, &[(words.to_owned(), "N".to_owned())]).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!(
                    "a note belongs to one line: `{words}` is in {count} of those that are shown"
                )
            );
        }
    }
}

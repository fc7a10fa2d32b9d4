//! `{{#run stage2 graph}}`: what an example prints when it runs, now.

use crate::directive::Example;
use crate::html::{escape, indentation, output, wrapped};

/// The command as its caption, then its output.
pub fn render(example: &Example, text: &str) -> String {
    let lines: Vec<_> = text
        .lines()
        .map(|line| (escape(line), column(line)))
        .collect();
    output(&example.command(), &wrapped("text", &lines))
}

/// A line with fewer letters fits.
const LONG: usize = 72;

/// Where the last of the columns of a long line begins: two spaces or more are between them.
fn column(line: &str) -> Option<usize> {
    if line.chars().count() < LONG {
        return None;
    }
    let (start, text) = line.split_at(indentation(line));
    let gap = text.rfind("  ");
    Some(start.len() + gap.map_or(0, |gap| text[..gap + 2].chars().count()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_long_line_goes_on_where_its_last_column_begins() {
        let long = "a ".repeat(40);
        assert_eq!(column("a  b"), None);
        assert_eq!(column(&long), Some(0));
        assert_eq!(column(&format!("  {long}")), Some(2));
        assert_eq!(column(&format!("  ä  b   c {long}")), Some(9));
        let example = Example {
            stage: "stage2".into(),
            name: "graph".into(),
        };
        let html = render(&example, &format!("a  {}\n", "b ".repeat(40)));
        assert!(
            html.contains("<span class=\"hang\" style=\"--column:3\">a  b b"),
            "{html}"
        );
        assert!(html.contains("b &#10;</span></code>"), "{html}");
        let html = render(&example, &"b ".repeat(60));
        assert!(html.contains("<span class=\"hang message\" "), "{html}");
    }

    #[test]
    fn output_stands_under_its_command() {
        let example = Example {
            stage: "stage2".into(),
            name: "graph".into(),
        };
        assert_eq!(
            render(&example, "a < b\n\nc\n"),
            "<figure class=\"output\"><figcaption>\
             <code>cargo run --quiet -p stage2 --example graph</code></figcaption>\
             <pre style=\"--lines:3\"><code class=\"code-text\" tabindex=\"0\">a &lt; b&#10;&#10;c&#10;</code></pre></figure>"
        );
    }
}

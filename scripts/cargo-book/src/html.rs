//! HTML that can stand in a chapter.
//!
//! Everything that the preprocessor puts into a chapter is *one line* of HTML: mdBook then leaves
//! it alone wherever it stands, also in lists and quotes, and blank lines in code do not end it.

/// Escapes text for an element or a quoted attribute, in one line.
///
/// ```
/// assert_eq!(cargo_book::html::escape("a < b\n"), "a &lt; b&#10;");
/// ```
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            // so that no later step takes code for a directive
            '{' => out.push_str("&#123;"),
            _ => out.push(c),
        }
    }
    out
}

/// Text in which code is between backticks.
pub(crate) fn with_code(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(index, part)| {
        if index % 2 == 1 {
            format!("<code>{}</code>", escape(part))
        } else {
            escape(part)
        }
    });
    parts.collect()
}

/// A block of code that the keyboard can scroll; `lines` are HTML. (A class that is only the
/// language would be taken for the theme `rust`, and by mdBook for a block to treat itself.) From the
/// number of lines the style sheet knows its height, so that browsers need not lay out what is far away.
pub(crate) fn pre(class: &str, lines: &[String]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| (line.clone(), None)).collect();
    wrapped(class, &lines)
}

/// The same, whose lines may wrap. With the HTML of a line comes how far in it goes on then, unless it is short.
pub(crate) fn wrapped(class: &str, lines: &[(String, Option<usize>)]) -> String {
    let hang = |(html, column): &(String, Option<usize>)| match column {
        None => format!("{html}&#10;"),
        Some(column) => {
            // A message without columns wraps everywhere.
            let is_message = class == "text" && !html.trim_start().contains("  ");
            let kind = if is_message { "hang message" } else { "hang" };
            format!(r#"<span class="{kind}" style="--column:{column}">{html}&#10;</span>"#)
        }
    };
    let body: String = lines.iter().map(hang).collect();
    format!(
        r#"<pre style="--lines:{}"><code class="code-{class}" tabindex="0">{body}</code></pre>"#,
        lines.len(),
    )
}

/// How far in a line begins.
pub(crate) fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// A block with a caption; both are HTML.
pub(crate) fn figure(class: &str, caption: &str, body: &str) -> String {
    format!(r#"<figure class="{class}"><figcaption>{caption}</figcaption>{body}</figure>"#)
}

/// Data for a script of the page, in JSON.
pub(crate) fn data(json: &str) -> String {
    // Only in texts, where the escape means the same; no end tag ends the script, and no later step
    // takes a text for a directive.
    let json = json.replace('<', r"\u003c").replace("{{", r"\u007b{");
    format!(r#"<script type="application/json">{json}</script>"#)
}

/// What a command prints, with the command as the caption. The body is HTML.
pub(crate) fn output(command: &str, body: &str) -> String {
    figure("output", &format!("<code>{}</code>", escape(command)), body)
}

/// What tells who builds the stages how to: the code of a stage, or its rules. The caption folds it, and
/// they ask for it first. Open, unless the theme's script closes it.
pub(crate) fn solution(class: &str, caption: &str, body: &str) -> String {
    format!(
        r#"<details class="{class} solution" open><summary><span class="ask">Show</span> {caption}</summary>{body}</details>"#
    )
}

/// Makes HTML safe inside a Markdown paragraph or table: nothing in it is Markdown any more.
///
/// Text between tags keeps its meaning but loses every character that Markdown or smart
/// punctuation could act on; in tags only the table's `|` needs care.
pub(crate) fn inline(html: &str) -> String {
    let mut out = String::with_capacity(html.len() * 2);
    let mut in_tag = false;
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => {
                in_tag = false;
                out.push('>');
                continue;
            }
            _ => {}
        }
        let markdown = c.is_ascii_punctuation() && !matches!(c, '<' | '&' | ';' | '#');
        match c {
            '\n' => out.push(' '),
            '|' => out.push_str("&#124;"),
            _ if !in_tag && markdown => out.push_str(&format!("&#{};", u32::from(c))),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn escaped_text_is_one_line_and_no_directive() {
        assert_eq!(
            escape("if a < b && \"c\" {\n{{#x}}"),
            "if a &lt; b &amp;&amp; &quot;c&quot; &#123;&#10;&#123;&#123;#x}}"
        );
    }

    #[test]
    fn inline_html_holds_no_markdown() {
        assert_eq!(
            inline("<b class=\"x|y\">a_1 * 'b'|\n&lt;</b>"),
            "<b class=\"x&#124;y\">a&#95;1 &#42; &#39;b&#39;&#124; &lt;</b>"
        );
    }
}

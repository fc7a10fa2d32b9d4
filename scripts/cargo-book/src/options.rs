//! Options in code, such as `--quiet`: no line ends after their `-`.

/// A page in which they stand in elements that a browser does not break. What scrolls is left as it is.
pub(crate) fn unbroken(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    let mut wraps = false;
    for part in page.split_inclusive('>') {
        let (text, tag) = part.split_at(part.find('<').unwrap_or(part.len()));
        for word in text.split_inclusive(char::is_whitespace) {
            let start = word.len() - word.trim_start_matches(['(', '[']).len();
            let end = word.trim_end().len().max(start);
            match &word[start..end] {
                option if wraps && is_option(option) => out.push_str(&format!(
                    r#"{}<span class="unbroken">{option}</span>{}"#,
                    &word[..start],
                    &word[end..]
                )),
                _ => out.push_str(word),
            }
        }
        out.push_str(tag);
        wraps = match tag {
            r#"<code>"# | r#"<code class="code-text" tabindex="0">"# => true,
            "</code>" => false,
            _ => wraps,
        };
    }
    out
}

/// A number is never broken after its sign.
fn is_option(word: &str) -> bool {
    let rest = word.strip_prefix('-').unwrap_or_default();
    rest.starts_with(|c: char| !c.is_ascii_digit() && c != '.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn an_option_in_code_is_not_broken() {
        for (page, expected) in [
            (
                "<p>a --b <code>c -d e-f [--g]</code> -h</p>",
                "<p>a --b <code>c <span class=\"unbroken\">-d</span> e-f [<span class=\"unbroken\">--g]</span></code> -h</p>",
            ),
            (
                "<code>-1 - -.5 a -&gt; b</code>",
                "<code>-1 - -.5 a <span class=\"unbroken\">-&gt;</span> b</code>",
            ),
            (
                "<code class=\"code-rust\" tabindex=\"0\">-a</code>",
                "<code class=\"code-rust\" tabindex=\"0\">-a</code>",
            ),
            ("<script>a > -b</script>", "<script>a > -b</script>"),
        ] {
            assert_eq!(unbroken(page), expected);
        }
    }
}

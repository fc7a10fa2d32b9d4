//! Where lines may end in code: not after the `-` of options, such as `--quiet`, nor within `1e-3` or after the `&` of
//! `&[x]`, but within long names and paths.

/// Of so many letters, a word may be too long for a line on a phone.
const LONG: usize = 36;

/// A page in which options and the like stand in elements that a browser does not break, and in which long words may be
/// broken between their parts. What scrolls is left as it is.
pub(crate) fn marked(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    let (mut wraps, mut is_in_text) = (false, false);
    for part in page.split_inclusive('>') {
        let (text, tag) = part.split_at(part.find('<').unwrap_or(part.len()));
        for word in text.split_inclusive(char::is_whitespace) {
            let start = word.len() - word.trim_start_matches(['(', '[']).len();
            let end = word.trim_end().len().max(start);
            match &word[start..end] {
                one if wraps && (is_option(one) || is_one(one)) => out.push_str(&format!(
                    r#"{}<span class="unbroken">{one}</span>{}"#,
                    &word[..start],
                    &word[end..]
                )),
                long if is_in_text && long.len() >= LONG => out.push_str(&in_parts(word)),
                _ => out.push_str(word),
            }
        }
        out.push_str(tag);
        wraps = match tag {
            r#"<code>"# | r#"<code class="code-text" tabindex="0">"# => true,
            "</code>" => false,
            _ => wraps,
        };
        is_in_text = wraps && (is_in_text || tag == "<code>");
    }
    out
}

/// A word that may be broken after a folder, after what a name is in, and between the words of a name.
fn in_parts(word: &str) -> String {
    let mut out = String::new();
    let mut letters = word.trim_end().chars().peekable();
    while let Some(letter) = letters.next() {
        out.push(letter);
        let is_end = match letter {
            '/' | '_' => letters.peek() != Some(&letter),
            ':' => out.ends_with("::"),
            _ => false,
        };
        if is_end && letters.peek().is_some() {
            out.push_str("<wbr>");
        }
    }
    out + &word[word.trim_end().len()..]
}

/// A number is never broken after its sign.
fn is_option(word: &str) -> bool {
    let rest = word.strip_prefix('-').unwrap_or_default();
    rest.starts_with(|c: char| !c.is_ascii_digit() && c != '.')
}

/// A short word in which a browser would break what belongs together: `&[x]`, or a number such as `1e-3`.
fn is_one(word: &str) -> bool {
    let is_exponent = |(before, after): (&str, &str)| {
        before.ends_with(|c: char| c.is_ascii_digit())
            && after.starts_with(|c: char| c.is_ascii_digit())
    };
    let is_reference = word.contains("&amp;[") || word.contains("&amp;(");
    word.len() < LONG && (is_reference || word.split_once("e-").is_some_and(is_exponent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn an_option_is_not_broken_and_a_long_name_between_its_parts() {
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
            (
                "<code>r=1e-3 re-1 f(&amp;[x], &amp;y) a_long_name_of_a_function(&amp;[x[0]])</code>",
                "<code><span class=\"unbroken\">r=1e-3</span> re-1 <span class=\"unbroken\">f(&amp;[x],</span> &amp;y) a_<wbr>long_<wbr>name_<wbr>of_<wbr>a_<wbr>function(&amp;[x[0]])</code>",
            ),
            (
                "<code>a_name_that_is_longer_than_all_the_others a_short_one /// a::path::with::parts::that::are::too::many </code>",
                "<code>a_<wbr>name_<wbr>that_<wbr>is_<wbr>longer_<wbr>than_<wbr>all_<wbr>the_<wbr>others a_short_one /// a::<wbr>path::<wbr>with::<wbr>parts::<wbr>that::<wbr>are::<wbr>too::<wbr>many </code>",
            ),
            (
                "<code class=\"code-text\" tabindex=\"0\">a/path/that/is/long</code>",
                "<code class=\"code-text\" tabindex=\"0\">a/path/that/is/long</code>",
            ),
        ] {
            assert_eq!(marked(page), expected);
        }
    }
}

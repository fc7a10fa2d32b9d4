//! Formulas, typeset by KaTeX when the book is built: no script has to run in the browser.
//! Screen readers get MathML.

use anyhow::{Result, bail};
use katex::tree::VirtualNode;
use katex::{KatexContext, OutputFormat, Settings};

use crate::html;
use crate::show::lighter::lighten;

/// The typesetter.
#[derive(Default)]
pub struct Math {
    context: KatexContext,
}

impl Math {
    /// HTML for a formula, inline or on a line of its own, safe inside Markdown.
    ///
    /// # Errors
    /// KaTeX does not understand the formula.
    pub fn typeset(&self, tex: &str, display: bool) -> Result<String> {
        let settings = Settings::builder()
            .display_mode(display)
            .output(OutputFormat::HtmlAndMathml)
            .throw_on_error(true)
            .build();
        let tree = katex::render_to_dom_tree(&self.context, &marked(tex.trim()), &settings);
        let html = tree.and_then(|mut formula| {
            lighten(&mut formula, display);
            formula.to_markup()
        });
        match html {
            Ok(html) => Ok(html::inline(&in_order(&coloured(&without_wrappers(
                &without_source(&html),
            ))))),
            Err(error) => bail!("the formula `{}` cannot be read: {error}", tex.trim()),
        }
    }
}

/// What has a colour of its own in the book. In a formula it is `\asgradient{…}` and so on, in the page
/// the class `is-gradient`.
const COLOURED: [&str; 4] = ["value", "gradient", "local", "speed"];

/// With names for colours, which KaTeX hands on.
fn marked(tex: &str) -> String {
    COLOURED.iter().fold(tex.to_owned(), |tex, name| {
        tex.replace(
            &format!("\\as{name}{{"),
            &format!("\\textcolor{{{name}}}{{"),
        )
    })
}

/// With the page's own colours in their place, which follow the theme.
fn coloured(html: &str) -> String {
    COLOURED.iter().fold(html.to_owned(), |html, name| {
        let html = html.replace(&format!("color:{name};"), &format!("color:var(--{name});"));
        let mathml = format!("class=\"is-{name}\"");
        html.replace(&format!("mathcolor=\"{name}\""), &mathml)
    })
}

/// The same HTML with the attributes of each element sorted. The typesetter keeps them in hash maps,
/// so without this no two builds of the book would be the same.
fn in_order(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    for piece in html.split_inclusive('>') {
        let (before, tag) = piece.split_at(piece.find('<').unwrap_or(piece.len()));
        out.push_str(before);
        // `<name key="value" key="value">`: the keys stand before the quotes, and the end after them.
        let parts: Vec<&str> = tag.split('"').collect();
        let (Some((name, first)), [_, rest @ .., end]) = (parts[0].split_once(' '), &parts[..])
        else {
            out.push_str(tag);
            continue;
        };
        let keys = std::iter::once(&first).chain(rest.iter().skip(1).step_by(2));
        let values = rest.iter().step_by(2);
        let mut attributes: Vec<_> = keys.map(|key| key.trim_start()).zip(values).collect();
        attributes.sort();
        out.push_str(name);
        for (key, value) in attributes {
            out.push_str(&format!(r#" {key}"{value}""#));
        }
        out.push_str(end);
    }
    out
}

/// Without the TeX that KaTeX leaves in its MathML: nothing shows it.
fn without_source(html: &str) -> String {
    let end = "</annotation>";
    match (html.find("<annotation"), html.find(end)) {
        (Some(from), Some(to)) => format!("{}{}", &html[..from], &html[to + end.len()..]),
        _ => html.to_owned(),
    }
}

/// Without elements of the MathML that say nothing: what held the TeX, and the row that `math` is anyway.
fn without_wrappers(html: &str) -> String {
    html.replace("<semantics><mrow>", "")
        .replace("</mrow></semantics>", "")
        .replace("<semantics>", "")
        .replace("</semantics>", "")
}

impl std::fmt::Debug for Math {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Math")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_formula_is_html_and_mathml() {
        let html = Math::default().typeset(r"\frac{a_1}{b^2}", false).unwrap();
        assert!(html.starts_with("<span class=\"katex\">"), "{html}");
        assert!(
            html.contains("<math ") && html.contains("<mfrac>"),
            "{html}"
        );
        assert!(!html.contains('\n') && !html.contains('|'), "{html}");
        assert!(!html.contains("frac{"), "the source is left out: {html}");
        let html = Math::default().typeset(r"\text{*b*}", false).unwrap();
        assert!(!html.contains("*b"), "Markdown could act on it: {html}");
    }

    #[test]
    fn what_has_a_colour_has_that_of_the_page() {
        let tex = r"\asgradient{\bar x} = \asgradient{\bar a} \cdot \aslocal{y} + x";
        let html = Math::default().typeset(tex, false).unwrap();
        assert!(html.contains("color:var(--gradient);"), "{html}");
        assert!(html.contains("color:var(--local);"), "{html}");
        assert_eq!(html.matches("class=\"is-gradient\"").count(), 2, "{html}");
        assert_eq!(html.matches("class=\"is-local\"").count(), 1, "{html}");
        assert!(!html.contains("mathcolor"), "{html}");
    }

    #[test]
    fn a_formula_has_no_row_of_its_own() {
        for (tex, mathml) in [
            ("x", "<mi>x</mi>"),
            ("x + y", "<mi>x</mi><mo>&#43;</mo><mi>y</mi>"),
            (r"\frac{1}{2}", "<mfrac><mn>1</mn><mn>2</mn></mfrac>"),
            (
                r"\frac{xy}{2}",
                "<mfrac><mrow><mi>x</mi><mi>y</mi></mrow><mn>2</mn></mfrac>",
            ),
        ] {
            let html = Math::default().typeset(tex, false).unwrap();
            assert!(
                html.contains(&format!("MathML\">{mathml}</math>")),
                "{html}"
            );
        }
    }

    /// What is seen of a formula, with its bases in brackets.
    fn bases(tex: &str, display: bool) -> String {
        let html = Math::default().typeset(tex, display).unwrap();
        let (_, seen) = html.split_once("katex-html").unwrap();
        let bases = seen.split("katex-base").skip(1).map(|base| {
            let texts = base.split('>').skip(1);
            let texts = texts.filter_map(|text| text.split('<').next());
            format!("[{}]", texts.collect::<String>())
        });
        bases
            .collect::<String>()
            .replace("&#43;", "+")
            .replace("&#40;", "(")
            .replace("&#41;", ")")
            .replace("&#61;", "=")
    }

    #[test]
    fn no_line_ends_in_brackets_or_in_a_number() {
        for (tex, expected) in [
            ("x = y + 1", "[x=][y+][1]"),
            ("x = f(y + 1) + 2", "[x=][f(y+1)+][2]"),
            ("((a + b) + c) + d", "[((a+b)+c)+][d]"),
            (r"2 \cdot 10^{6} \cdot x", "[2⋅106⋅][x]"),
            (r"a \cdot 2", "[a⋅][2]"),
        ] {
            assert_eq!(bases(tex, false), expected);
        }
        assert_eq!(bases("x = y + 1", true), "[x=y+1]");
    }

    #[test]
    fn spaces_and_supports_are_no_elements() {
        let seen = |tex: &str| {
            let html = Math::default().typeset(tex, false).unwrap();
            let (_, seen) = html.split_once("katex-html\">").unwrap();
            seen.to_owned()
        };
        assert_eq!(
            seen("2 = x"),
            "<span class=\"katex-base\" style=\"--height:0.6444em;\"><span style=\"margin-right:0.2778em;\">2</span>\
             <span style=\"margin-right:0.2778em;\">&#61;</span></span>\
             <span class=\"katex-base\" style=\"--height:0.4306em;\"><span class=\"mord mathnormal\">x</span></span></span></span>"
        );
        assert_eq!(seen(r"\frac{1}{2}").matches("<span").count(), 14);
    }

    #[test]
    fn a_display_formula_stands_alone() {
        let html = Math::default().typeset("x\n+ y", true).unwrap();
        assert!(html.contains("katex-display"), "{html}");
    }

    #[test]
    fn attributes_are_in_order_and_nothing_else_is_touched() {
        for (html, sorted) in [
            (
                r#"a<b d="x y" c="" e="1"/>f</b>"#,
                r#"a<b c="" d="x y" e="1"/>f</b>"#,
            ),
            (r#"<b>"c" &lt; "d"</b> e"#, r#"<b>"c" &lt; "d"</b> e"#),
            ("<b c>d</b >", "<b c>d</b >"),
        ] {
            assert_eq!(in_order(html), sorted);
        }
    }

    #[test]
    fn a_formula_is_typeset_the_same_each_time() {
        let tex = r"\dfrac{a_1}{b^2} + \sqrt{x}";
        let first = Math::default().typeset(tex, true).unwrap();
        for _ in 0..20 {
            assert_eq!(Math::default().typeset(tex, true).unwrap(), first);
        }
    }

    #[test]
    fn bad_tex_is_refused() {
        let error = Math::default().typeset(r"\frac{a", false).unwrap_err();
        let message = error.to_string();
        assert!(
            message.starts_with(r"the formula `\frac{a` cannot be read: "),
            "{message}"
        );
    }
}

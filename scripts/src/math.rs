//! Formulas, typeset by KaTeX when the book is built: no script has to run in the browser.
//! Screen readers get MathML.

use anyhow::{Result, bail};
use katex::{KatexContext, OutputFormat, Settings};

use crate::html;

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
        match katex::render_to_string(&self.context, tex.trim(), &settings) {
            Ok(html) => Ok(html::inline(&html)),
            Err(error) => bail!("the formula `{}` cannot be read: {error}", tex.trim()),
        }
    }
}

impl std::fmt::Debug for Math {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Math")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_html_and_mathml() {
        let html = Math::default().typeset(r"\frac{a_1}{b^2}", false).unwrap();
        assert!(html.starts_with("<span class=\"katex\">"), "{html}");
        assert!(
            html.contains("<math ") && html.contains("<mfrac>"),
            "{html}"
        );
        assert!(!html.contains('\n') && !html.contains('|'), "{html}");
        assert!(!html.contains("a_1"), "Markdown could act on it: {html}");
    }

    #[test]
    fn a_display_formula_stands_alone() {
        let html = Math::default().typeset("x\n+ y", true).unwrap();
        assert!(html.contains("katex-display"), "{html}");
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

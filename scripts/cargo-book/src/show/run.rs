//! `{{#run stage2 graph}}`: what an example prints when it runs, now.

use crate::directive::Example;
use crate::html::{escape, output, pre};

/// The command as its caption, then its output.
pub fn render(example: &Example, text: &str) -> String {
    let lines: Vec<String> = text.lines().map(escape).collect();
    output(&example.command(), &pre("text", &lines))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

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

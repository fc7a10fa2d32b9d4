//! The page that shows an engine at work: the book's stepper, with all that it needs in one file.

use std::fmt::Write;

use anyhow::Result;
use serde_json::json;

use crate::content::Program;
use crate::outcome::{Outcome, Recorded};
use crate::own::Own;
use project::{Workspace, read};

/// The folder of what the book's pages load.
const THEME: &str = "book/theme";

/// The page, which opens from the disk and without a network.
///
/// # Errors
/// The book's files cannot be read, or a recording is not as it should be.
pub fn page(workspace: &Workspace, own: &Own, programs: &[(Program, Outcome)]) -> Result<String> {
    let theme = |file: &str| read(&workspace.path(THEME).join(file));
    let (book, stepper, script) = (
        theme("book.css")?,
        theme("stepper.css")?,
        theme("stepper.js")?,
    );
    let (place, stage) = (workspace.place(&own.folder), &own.purpose.stage);
    let title = format!("{place}, step by step");
    let mut figures = String::new();
    for (program, outcome) in programs {
        figures += &figure(program, outcome)?;
    }
    Ok(format!(
        r#"<!DOCTYPE html>
<html lang="en" class="js" data-reading="read">
<head>
<meta charset="utf-8">
<title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<style>
{book}
{stepper}
{STYLE}
</style>
</head>
<body>
<main class="content">
<h1>{title}</h1>
<p>This is what the engine in <code>{place}</code> does. Where it differs from the book’s
<code>{stage}</code>, the first difference is marked, and the book’s engine runs beside it. Which of several
independent nodes comes first is up to you, and so is the way in which you write a rule.</p>
{figures}</main>
<script>
{script}
</script>
</body>
</html>
"#,
        title = escape(&title),
        place = escape(&place),
    ))
}

/// What the page needs beside the book's own styles: it has no bar and no sidebar.
const STYLE: &str = "main.content { max-width: 72rem; margin: 0 auto; padding: 1rem; }
figure.stepper { margin-block: 2rem; }
figure.stepper > p { margin: 0; padding: 1em 1.1rem; }
@media print { .steps-live { display: block; } }";

fn figure(program: &Program, outcome: &Outcome) -> Result<String> {
    let body = match outcome {
        Outcome::Recorded(recorded) => stepper(&program.title, recorded)?,
        Outcome::Refused(message) => paragraph(&format!("This program cannot run: {message}")),
        Outcome::Ended(how) => {
            let code = program.program.trim();
            paragraph(&format!(
                "Your engine, with `{code}`, {}",
                Outcome::ended(how)
            ))
        }
        Outcome::Left => paragraph("This was not run, after a program that had to be stopped."),
    };
    let caption = escape(&program.title);
    Ok(format!(
        "<figure class=\"stepper\"><figcaption>{caption}</figcaption>{body}</figure>\n"
    ))
}

fn stepper(title: &str, recorded: &Recorded) -> Result<String> {
    let own = recorded.own()?;
    let mut recordings = recorded.own.get().to_owned();
    let mut verdict = paragraph("Nothing differs from the book’s engine here.");
    if let Some(difference) = &own.difference {
        let _ = write!(recordings, ",{}", recorded.reference.get());
        // The stepper says it itself.
        let words = format!("Step {}: {}", difference.step + 1, difference.say);
        verdict = format!("<noscript>{}</noscript>", paragraph(&words));
    }
    // Only in texts, where the escape means the same; no end tag ends the script.
    let data = format!(
        r#"{{"title":{},"recordings":[{recordings}]}}"#,
        json!(title)
    );
    let data = data.replace('<', r"\u003c");
    let first = own.difference.map(|difference| difference.step);
    let rows = own.steps.iter().enumerate().map(|(number, step)| {
        let say = sentence(&step.say);
        let say = match first == Some(number) {
            true => format!("<strong>{say}</strong>"),
            false => say,
        };
        format!("<tr><td>{}</td><td>{say}</td></tr>", number + 1)
    });
    Ok(format!(
        r#"{verdict}<autograd-stepper><details class="steps-words"><summary>All {} steps in words</summary><div class="table-wrapper"><table><thead><tr><th>Step</th><th>What happens</th></tr></thead><tbody>{}</tbody></table></div></details><script type="application/json">{data}</script></autograd-stepper>"#,
        own.steps.len(),
        rows.collect::<String>(),
    ))
}

fn paragraph(text: &str) -> String {
    format!("<p>{}</p>", sentence(text))
}

/// Code is between backticks.
fn sentence(text: &str) -> String {
    let parts = text.split('`').enumerate().map(|(index, part)| {
        let part = escape(part);
        match index % 2 {
            0 => part,
            _ => format!("<code>{part}</code>"),
        }
    });
    parts.collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

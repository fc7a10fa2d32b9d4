//! The page of all chapters, for paper: a list of contents, and the name of the chapter at the head of each page.

use anyhow::{Result, ensure};

/// What mdBook puts between two chapters.
const BREAK: &str = r#"<div style="break-before: page; page-break-before: always;"></div>"#;

/// Where the theme wants the contents; the chapters follow.
const PLACE: &str = "<!-- contents -->";

/// mdBook's page, with contents, and each chapter in an element with pages of its own. Browsers cannot yet take the
/// head of a page from its text, so each kind of page has a rule in the head.
///
/// # Errors
/// The page holds other chapters than those that are named.
pub(crate) fn with_contents(page: &str, names: &[&str]) -> Result<String> {
    let parts = page.split_once("</head>").and_then(|(head, rest)| {
        let (before, rest) = rest.split_once(PLACE)?;
        let (chapters, after) = rest.split_once("</main>")?;
        Some((head, before, chapters, after))
    });
    let Some((head, before, chapters, after)) = parts else {
        // A theme without a place for them.
        return Ok(page.to_owned());
    };
    let chapters: Vec<&str> = chapters.split(BREAK).collect();
    ensure!(
        chapters.len() == names.len(),
        "expected {} chapters on the page for printing, found {}",
        names.len(),
        chapters.len()
    );
    let (mut rules, mut contents, mut text) = (String::new(), String::new(), String::new());
    for (index, (chapter, name)) in chapters.iter().zip(names).enumerate() {
        let name = name.replace('\\', r"\\").replace('"', r#"\""#);
        // No end tag ends the style.
        let name = name.replace('<', r"\3c ");
        rules += &format!("@page chapter-{index} {{ @top-right {{ content: \"{name}\"; }} }}\n");
        let sections = links(chapter, "2").map(|link| format!("<li>{link}</li>"));
        let sections: String = sections.collect();
        let title = links(chapter, "1").next().unwrap_or_default();
        contents += &format!("<li>{title}<ol>{sections}</ol></li>\n");
        text += &format!(
            "<div class=\"content printed\" style=\"page: chapter-{index}\">{chapter}</div>\n"
        );
    }
    Ok(format!(
        "{head}<style>\n{rules}</style>\n</head>{before}<nav class=\"contents\" aria-label=\"Contents of this page\">\n\
         <h1>Contents</h1>\n<ol>\n{contents}</ol>\n</nav>\n{text}</main>{after}"
    ))
}

/// The headings of a level, each as the link to itself that mdBook makes of it.
fn links<'a>(chapter: &'a str, level: &'a str) -> impl Iterator<Item = &'a str> {
    chapter.split("<h").filter_map(move |rest| {
        let (_, heading) = rest.strip_prefix(level)?.split_once('>')?;
        heading.split_once("</h").map(|(link, _)| link)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    const ONE: &str = r##"<h1 id="a"><a href="#a">A &lt; b</a></h1><h2 id="c"><a href="#c">C</a></h2><h3 id="d"><a href="#d">D</a></h3>"##;
    const TWO: &str = r##"<h1 id="e"><a href="#e">E</a></h1>"##;

    fn page(chapters: &str) -> String {
        format!("<head>\n</head><main>{PLACE}{chapters}</main>")
    }

    #[test]
    fn chapters_have_contents_and_heads() {
        let page = page(&format!("{ONE}{BREAK}{TWO}"));
        let wanted = format!(
            r##"<head>
<style>
@page chapter-0 {{ @top-right {{ content: "A \3c  \"b\\"; }} }}
@page chapter-1 {{ @top-right {{ content: "E"; }} }}
</style>
</head><main><nav class="contents" aria-label="Contents of this page">
<h1>Contents</h1>
<ol>
<li><a href="#a">A &lt; b</a><ol><li><a href="#c">C</a></li></ol></li>
<li><a href="#e">E</a><ol></ol></li>
</ol>
</nav>
<div class="content printed" style="page: chapter-0">{ONE}</div>
<div class="content printed" style="page: chapter-1">{TWO}</div>
</main>"##
        );
        assert_eq!(with_contents(&page, &[r#"A < "b\"#, "E"]).unwrap(), wanted);
    }

    #[test]
    fn other_chapters_than_those_that_are_named_are_refused() {
        assert_eq!(
            with_contents(&page(ONE), &["A", "E"])
                .unwrap_err()
                .to_string(),
            "expected 2 chapters on the page for printing, found 1"
        );
    }

    #[test]
    fn a_theme_without_a_place_for_contents_has_none() {
        let page = "<head></head><main>A</main>";
        assert_eq!(with_contents(page, &["A"]).unwrap(), page);
    }
}

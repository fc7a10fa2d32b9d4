//! Each step sends its reader to a section of the book that is there.

use std::collections::BTreeSet;
use std::path::Path;

use cargo_course::step;
use project::Workspace;

/// The ids of a chapter's headings: those that are given, and otherwise as mdBook makes them.
fn ids(chapter: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let mut in_code = false;
    for line in chapter.lines() {
        in_code ^= line.trim_start().starts_with("```");
        let heading = line.trim_start_matches('#');
        if in_code || heading.len() == line.len() || !heading.starts_with(' ') {
            continue;
        }
        if let Some((_, id)) = heading.split_once("{#") {
            ids.insert(id.trim_end_matches('}').to_owned());
            continue;
        }
        let letters = heading.trim().to_lowercase();
        let letters = letters.chars().filter_map(|c| match c {
            c if c.is_alphanumeric() || matches!(c, '_' | '-') => Some(c),
            c => c.is_whitespace().then_some('-'),
        });
        let id: String = letters.collect();
        let numbers = (1..).map(|number| format!("{id}-{number}"));
        let free = std::iter::once(id.clone())
            .chain(numbers)
            .find(|id| !ids.contains(id));
        ids.extend(free);
    }
    ids
}

#[test]
fn ids_are_as_mdbook_makes_them() {
    let chapter = "# Stage 1: naïve `grad`\n## Given {#other}\n```rust\n# hidden\n```\n\
                   ### A b_c-d?\n## A b_c-d\n#no heading\n";
    let expected = ["stage-1-naïve-grad", "other", "a-b_c-d", "a-b_c-d-1"];
    assert_eq!(ids(chapter), BTreeSet::from(expected.map(str::to_owned)));
}

#[test]
fn every_chapter_of_a_step_leads_to_a_section() {
    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut wrong = Vec::new();
    for stage in workspace.stages().unwrap() {
        for step in step::of_stage(&workspace, &stage).unwrap() {
            let place = workspace.place(&step.file);
            let (chapter, section) = step.chapter.split_once('#').unwrap_or((&step.chapter, ""));
            match workspace.read(&format!("book/src/{chapter}")) {
                Err(error) => wrong.push(format!("{place}: {error}")),
                Ok(text) if ids(&text).contains(section) => {}
                Ok(_) => wrong.push(format!(
                    "{place}: book/src/{chapter} has no heading with the id `{section}`"
                )),
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

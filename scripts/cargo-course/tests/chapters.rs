//! Each step sends its reader to a section of the book that is there, and the chapters say which steps
//! there are.

use std::path::Path;

use cargo_course::step;
use project::{Workspace, entries};

/// A heading of a chapter.
#[derive(Debug, PartialEq, Eq)]
struct Heading {
    level: usize,
    text: String,
    /// The one that is given, and otherwise as mdBook makes it.
    id: String,
}

fn headings(chapter: &str) -> Vec<Heading> {
    let mut headings: Vec<Heading> = Vec::new();
    let mut in_code = false;
    for line in chapter.lines() {
        in_code ^= line.trim_start().starts_with("```");
        let heading = line.trim_start_matches('#');
        let level = line.len() - heading.len();
        if in_code || level == 0 || !heading.starts_with(' ') {
            continue;
        }
        let (text, id) = match heading.split_once("{#") {
            Some((text, id)) => (text.trim(), id.trim_end_matches('}').to_owned()),
            None => {
                let text = heading.trim();
                let letters = text.to_lowercase();
                let letters = letters.chars().filter_map(|c| match c {
                    c if c.is_alphanumeric() || matches!(c, '_' | '-') => Some(c),
                    c => c.is_whitespace().then_some('-'),
                });
                let id: String = letters.collect();
                let mut all =
                    std::iter::once(id.clone()).chain((1..).map(|number| format!("{id}-{number}")));
                let is_free = |id: &String| headings.iter().all(|heading| heading.id != *id);
                (text, all.find(is_free).unwrap())
            }
        };
        let text = text.to_owned();
        headings.push(Heading { level, text, id });
    }
    headings
}

/// The texts of the heading with that id, and of those that it is below; none if there is no such id.
fn section<'a>(headings: &'a [Heading], id: &str) -> Vec<&'a str> {
    let mut texts = Vec::new();
    let mut level = usize::MAX;
    let after = headings.iter().rev().skip_while(|heading| heading.id != id);
    for heading in after {
        if heading.level < level {
            level = heading.level;
            texts.push(&*heading.text);
        }
    }
    texts
}

#[test]
fn ids_are_as_mdbook_makes_them() {
    let chapter = "# Stage 1: naïve `grad`\n## Given {#other}\n```rust\n# hidden\n```\n\
                   ### A b_c-d?\n## A b_c-d\n#no heading\n";
    let headings = headings(chapter);
    let ids = Vec::from_iter(headings.iter().map(|heading| &*heading.id));
    assert_eq!(ids, ["stage-1-naïve-grad", "other", "a-b_c-d", "a-b_c-d-1"]);
    let texts = ["A b_c-d?", "Given", "Stage 1: naïve `grad`"];
    assert_eq!(section(&headings, "a-b_c-d"), texts);
    assert_eq!(section(&headings, "a-b_c-d-1"), ["A b_c-d", texts[2]]);
    assert!(section(&headings, "none").is_empty());
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
                Ok(text) if !self::section(&headings(&text), section).is_empty() => {}
                Ok(_) => wrong.push(format!(
                    "{place}: book/src/{chapter} has no heading with the id `{section}`"
                )),
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What a chapter's *Build it* says of its steps: their numbers, each with the words up to the next.
fn steps_told(chapter: &str) -> Vec<(usize, String)> {
    let Some((_, rest)) = chapter.split_once("\nIn this chapter, step ") else {
        return Vec::new();
    };
    let line = rest.split("\n\n").next().unwrap_or(rest);
    let mut told: Vec<(usize, String)> = Vec::new();
    for word in line.split_whitespace() {
        match (word.parse(), told.last_mut()) {
            (Ok(number), _) => told.push((number, String::new())),
            (Err(_), Some((_, words))) => *words += &format!("{word} "),
            (Err(_), None) => {}
        }
    }
    told
}

const NUMBERS: [&str; 13] = [
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
];

#[test]
fn every_chapter_says_which_steps_it_tells_of() {
    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut wrong = Vec::new();
    for stage in workspace.stages().unwrap() {
        let steps = step::of_stage(&workspace, &stage).unwrap();
        for step in &steps {
            let (chapter, id) = step.chapter.split_once('#').unwrap();
            let text = workspace.read(&format!("book/src/{chapter}")).unwrap();
            let told = steps_told(&text);
            let place = format!("book/src/{chapter}, \"In this chapter, step …\"");
            let words = told.iter().find(|(number, _)| *number == step.number);
            let words = words.map(|(_, words)| &**words);
            let number = step.number;
            if step.items.is_empty() {
                let exam = told.iter().find(|(_, words)| words.contains("the exam"));
                if exam.is_some_and(|(told, _)| *told != number) {
                    wrong.push(format!("{place}: the exam is step {number}"));
                }
                continue;
            }
            let headings = headings(&text);
            let section = section(&headings, id);
            let names = |words: &str| {
                let mut section = section.iter();
                section.any(|text| words.contains(&format!("*{text}*")))
            };
            if !words.is_some_and(names) {
                wrong.push(format!(
                    "{place}: step {number} is *{}*, which it does not say",
                    section[0]
                ));
            }
        }
        let place = format!("book/src/{stage}.md");
        let text = workspace.read(&place).unwrap();
        let text = Vec::from_iter(text.split_whitespace()).join(" ");
        let count = NUMBERS[steps.len()];
        let says = ["you through", "you through its"]
            .iter()
            .any(|words| text.contains(&format!("{words} {count} steps")));
        if !says {
            wrong.push(format!(
                "{place}: \"takes you through … steps\" should say {count}, with the exam"
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The names of steps in a text, such as `step4_walk`.
fn names_of_steps(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    let names = words.filter(|word| {
        let number = word
            .strip_prefix("step")
            .and_then(|rest| rest.split_once('_'));
        number.is_some_and(|(number, _)| number.parse::<usize>().is_ok())
    });
    names.collect()
}

#[test]
fn every_step_that_a_chapter_names_is_there() {
    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let stages = workspace.stages().unwrap();
    let steps = stages
        .iter()
        .flat_map(|stage| step::of_stage(&workspace, stage).unwrap());
    let known = Vec::from_iter(steps.map(|step| step.name));
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in entries(&workspace.path("book/src")).unwrap() {
        let place = workspace.place(&path);
        if !place.ends_with(".md") {
            continue;
        }
        let text = workspace.read(&place).unwrap();
        let names = names_of_steps(&text);
        count += names.len();
        let unknown = names
            .iter()
            .filter(|name| known.iter().all(|step| step != *name));
        wrong.extend(unknown.map(|name| format!("{place}: no stage has a step `{name}`")));
    }
    assert!(count > 0, "the chapters name some");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

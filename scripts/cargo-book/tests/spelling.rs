//! The prose of the chapters, of the README and of the stages' comments, read by Hunspell.
//!
//! Words that no dictionary of English knows stand in `book/dictionary.txt`, one in a line.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use pretty_assertions::assert_eq;
use project::Workspace;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// The words of a text in Markdown, without code and formulas. Of a directive, what it says to the
/// reader stands in quotation marks.
fn prose(markdown: &str) -> String {
    let mut text = String::new();
    for line in markdown.lines() {
        if line.trim_start().starts_with("{{#") {
            // What is stepped through is first a program.
            let is_program = ["{{#steps ", "{{#playground "]
                .iter()
                .any(|sign| line.trim_start().starts_with(sign));
            let quoted = line
                .split('"')
                .skip(1)
                .step_by(2)
                .skip(usize::from(is_program));
            text.extend(quoted.map(|words| format!("\n\n{words}\n\n")));
        } else {
            text.push_str(line);
        }
        text.push('\n');
    }
    let mut prose = String::new();
    let mut code = false;
    let plain = Options::all() - Options::ENABLE_SMART_PUNCTUATION;
    for event in Parser::new_ext(&text, plain) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => code = true,
            Event::End(TagEnd::CodeBlock) => code = false,
            Event::Text(words) if !code => prose.push_str(&words),
            Event::Code(_) | Event::InlineMath(_) | Event::DisplayMath(_) => prose.push_str(" 0 "),
            Event::Start(_) | Event::End(_) | Event::SoftBreak | Event::HardBreak => {
                prose.push('\n');
            }
            _ => {}
        }
    }
    prose
}

/// The comments of a source, as one text.
fn comments(source: &str) -> String {
    let lines = source.lines().map(|line| {
        let line = line.trim_start();
        let comment = ["//! ", "/// ", "// "]
            .iter()
            .find_map(|start| line.strip_prefix(start));
        match comment {
            Some(comment) if !comment.starts_with("ANCHOR") => comment,
            _ => "",
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The words that Hunspell does not know; none if there is no Hunspell.
fn unknown(text: &str) -> Option<BTreeSet<String>> {
    let mut child = Command::new("hunspell")
        .args(["-l", "-d", "en_GB", "-i", "utf-8"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take().unwrap();
    let text = text.to_owned();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{output:?}");
    let words = String::from_utf8(output.stdout).unwrap();
    Some(words.lines().map(str::to_owned).collect())
}

#[test]
fn every_word_is_in_a_dictionary() {
    if unknown("word").is_none() {
        // A reader need not have Hunspell. CI must.
        assert!(
            std::env::var_os("CI").is_none(),
            "expected hunspell on the PATH"
        );
        return;
    }
    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mut texts = vec![(
        "README.md".to_owned(),
        prose(&workspace.read("README.md").unwrap()),
    )];
    for entry in std::fs::read_dir(workspace.path("book/src")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let place = workspace.place(&path);
            texts.push((place.clone(), prose(&workspace.read(&place).unwrap())));
        }
    }
    for place in workspace.stage_sources().unwrap() {
        let text = comments(&workspace.read(&place).unwrap());
        texts.push((place, prose(&text)));
    }

    let dictionary = workspace.read("book/dictionary.txt").unwrap();
    let known: BTreeSet<&str> = dictionary.lines().collect();
    let sorted: Vec<&str> = known.iter().copied().collect();
    assert_eq!(
        dictionary.lines().collect::<Vec<_>>(),
        sorted,
        "sorted, each word once"
    );

    let mut misspelt = BTreeSet::new();
    let mut used = BTreeSet::new();
    for (place, text) in &texts {
        for word in unknown(text).unwrap() {
            let stem = word.strip_suffix("'s").unwrap_or(&word);
            if stem.contains(|c: char| c.is_ascii_digit()) {
                continue; // stage2
            }
            match known.get(stem) {
                Some(stem) => drop(used.insert(*stem)),
                None => drop(misspelt.insert(format!("{place}: {word}"))),
            }
        }
    }
    assert_eq!(misspelt, BTreeSet::new());
    assert_eq!(known, used, "words that nobody uses");
}

#[test]
fn prose_leaves_code_and_formulas_out() {
    let text = "A `fn` of $x$ and **bold**.\n\n{{#graph a b c \"Title\" \"And more\"}}\n\n```\ncode\n```\n";
    let words: Vec<String> = prose(text).split_whitespace().map(str::to_owned).collect();
    assert_eq!(words.join(" "), "A 0 of 0 and bold . Title And more");
}

#[test]
fn comments_are_one_text() {
    let source =
        "//! One\n//! two.\nlet x = 1; // not this\n/// Three.\n// ANCHOR: x\n    // Four.\n";
    assert_eq!(comments(source), "One\ntwo.\n\nThree.\n\nFour.");
}

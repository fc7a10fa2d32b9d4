//! The book's chapters are compiled, and the chapters that reports name exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use pretty_assertions::assert_eq;
use tests::diagnosis::Guess;

fn book() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../book/src")
}

/// Everything in `text` that ends in `.md` and comes between `open` and `close`.
fn chapters(text: &str, open: char, close: char) -> BTreeSet<&str> {
    let candidates = text.split(open).filter_map(|part| part.split(close).next());
    candidates.filter(|name| name.ends_with(".md")).collect()
}

#[test]
fn the_snippets_of_every_chapter_in_the_summary_are_doctests() {
    let summary = fs::read_to_string(book().join("SUMMARY.md")).unwrap();
    let library = include_str!("../src/lib.rs");
    assert_eq!(chapters(library, '"', '"'), chapters(&summary, '(', ')'));
}

#[test]
fn every_chapter_that_a_report_names_exists() {
    for guess in [
        Guess::Overwritten,
        Guess::NotCleared,
        Guess::MissingEdge,
        Guess::Sign,
        Guess::ZeroTimesInfinity,
        Guess::NotTraced,
        Guess::NotSummed,
        Guess::JudgesDisagree,
    ] {
        for stage in ["stage1", "stage2", "stage3", "stage4", "stage5"] {
            let chapter = book().join(guess.chapter(stage));
            assert!(chapter.is_file(), "{} of {guess:?}", chapter.display());
        }
    }
}

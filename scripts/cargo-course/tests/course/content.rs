//! Names and hints. (What bugs and challenges declare is tried in `engines`.)

use cargo_course::content;
use pretty_assertions::assert_eq;

use crate::clone::Clone;

#[test]
fn names_are_not_used_twice() {
    let clone = Clone::new("names");
    let workspace = clone.workspace();
    for (slug, challenge) in content::all_challenges(&workspace).unwrap() {
        assert!(challenge.hints.len() >= 2, "{slug} has too few hints");
    }
    for stage in workspace.stages().unwrap() {
        let bugs = content::bugs(&workspace, &stage).unwrap();
        let mut marks: Vec<String> = bugs.iter().map(content::Bug::mark).collect();
        marks.sort();
        marks.dedup();
        assert_eq!(marks.len(), bugs.len());
        for bug in &bugs {
            // Beside its number, a title that begins like an entry of the list reads as one.
            let (first, _) = bug.title.split_once(" · ").unwrap_or_default();
            assert!(first.parse::<usize>().is_err(), "{}", bug.title);
        }
        assert!(
            !content::stage(&workspace, &stage)
                .unwrap()
                .achieved
                .is_empty()
        );
    }
}

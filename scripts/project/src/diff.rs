//! How lines differ: once for the book and for `cargo course diff`, so that both show the same hunks.

use std::ops::Range;

pub use similar::udiff::UnifiedHunkHeader;
pub use similar::{ChangeTag, DiffOp, DiffTag, group_diff_ops};

/// Unchanged lines shown around a change.
pub const CONTEXT: usize = 3;

/// What changes from some lines to others. A line that is rare on both sides is found again before
/// braces are, so that a hunk seldom begins in one function and ends in the next. And two changes
/// with nothing but a lone `///` between them are one.
///
/// (Of lines, and not of texts: those would also be split at a lone `\r`.)
pub fn lines(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let ops = similar::capture_diff_slices(similar::Algorithm::Histogram, old, new);
    let last = ops.len().saturating_sub(1);
    let mut parts: Vec<(bool, Range<usize>, Range<usize>)> = Vec::new();
    for (index, op) in ops.iter().enumerate() {
        let (old_range, new_range) = (op.old_range(), op.new_range());
        let between = 0 < index && index < last;
        let empty = || {
            old[op.old_range()]
                .iter()
                .all(|line| is_empty_comment(line))
        };
        let same = op.tag() == DiffTag::Equal && !(between && empty());
        match parts.last_mut() {
            Some((false, old, new)) if !same => {
                old.end = old_range.end;
                new.end = new_range.end;
            }
            _ => parts.push((same, old_range, new_range)),
        }
    }
    parts.into_iter().map(|part| op(&part)).collect()
}

/// Whether a line is a comment that holds no word, such as the `///` between two paragraphs.
fn is_empty_comment(line: &str) -> bool {
    line.trim_start().starts_with("//") && !line.contains(char::is_alphanumeric)
}

fn op((same, old, new): &(bool, Range<usize>, Range<usize>)) -> DiffOp {
    let (old_index, new_index) = (old.start, new.start);
    let (old_len, new_len) = (old.len(), new.len());
    match (same, old_len, new_len) {
        (true, ..) => DiffOp::Equal {
            old_index,
            new_index,
            len: old_len,
        },
        (_, 0, _) => DiffOp::Insert {
            old_index,
            new_index,
            new_len,
        },
        (_, _, 0) => DiffOp::Delete {
            old_index,
            old_len,
            new_index,
        },
        _ => DiffOp::Replace {
            old_index,
            old_len,
            new_index,
            new_len,
        },
    }
}

/// What changes from some words to others.
pub fn words(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    similar::capture_diff_slices(similar::Algorithm::Myers, old, new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn same<'a>(old: &[&'a str], new: &[&str]) -> Vec<&'a str> {
        let ops = lines(old, new);
        let same = ops.iter().filter(|op| op.tag() == DiffTag::Equal);
        same.flat_map(|op| old[op.old_range()].to_vec()).collect()
    }

    #[test]
    fn a_rare_line_is_found_again_before_braces_are() {
        let old = ["{", "a", "}", "{", "b", "}", "{", "c", "}"];
        let new = ["{", "c", "}", "{", "x", "}", "{", "}", "y"];
        assert_eq!(same(&old, &new), ["{", "c", "}"]);
    }

    #[test]
    fn a_lone_empty_comment_is_no_anchor() {
        let old = ["a", "/// b", "///", "/// c", "d"];
        let new = ["a", "/// x", "/// y", "///", "/// z", "d"];
        assert_eq!(same(&old, &new), ["a", "d"]);
        assert_eq!(
            lines(&old, &new)[1],
            DiffOp::Replace {
                old_index: 1,
                old_len: 3,
                new_index: 1,
                new_len: 4
            }
        );
        // With a line that says something it is one.
        let new = ["a", "/// x", "///", "/// c", "y"];
        assert_eq!(same(&old, &new), ["a", "///", "/// c"]);
    }

    #[test]
    fn only_a_new_line_ends_a_line() {
        let ops = lines(&["a\rb"], &["a\rc"]);
        assert_eq!(ops.len(), 1);
        assert_eq!(ops[0].old_range(), 0..1);
    }
}

//! How lines differ: once for the book and for `cargo course diff`, so that both show the same hunks.

pub use similar::{ChangeTag, DiffTag, TextDiff};

/// Unchanged lines shown around a change.
pub const CONTEXT: usize = 3;

/// What changes from some lines to others. A line that is rare on both sides is found again before
/// braces are, so that a hunk seldom begins in one function and ends in the next.
///
/// (Of lines, and not of texts: those would also be split at a lone `\r`.)
pub fn lines<'old, 'new>(old: &[&'old str], new: &[&'new str]) -> TextDiff<'old, 'new, str> {
    TextDiff::configure()
        .algorithm(similar::Algorithm::Histogram)
        .diff_slices(old, new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_rare_line_is_found_again_before_braces_are() {
        let old = ["{", "a", "}", "{", "b", "}", "{", "c", "}"];
        let new = ["{", "c", "}", "{", "x", "}", "{", "}", "y"];
        let diff = lines(&old, &new);
        let same = diff.iter_all_changes();
        let same = same.filter(|change| change.tag() == ChangeTag::Equal);
        let same: Vec<&str> = same.map(|change| change.value()).collect();
        assert_eq!(same, ["{", "c", "}"]);
    }

    #[test]
    fn only_a_new_line_ends_a_line() {
        let diff = lines(&["a\rb"], &["a\rc"]);
        assert_eq!(diff.iter_all_changes().count(), 2);
    }
}

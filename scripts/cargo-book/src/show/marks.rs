//! What has changed within lines: which line took the place of which, and which words differ.

use std::ops::Range;

use project::diff::{self, DiffTag};

/// For each line the ranges of bytes that changed.
type Marks = Vec<Vec<Range<usize>>>;

/// Of two lines that belong together, at least this share is the same.
const ALIKE: f64 = 0.5;

/// The changed words of lines that go, and of the lines that come in their place. A line that has no
/// relative on the other side is changed as a whole, and has no marks.
pub fn marks(old: &[&str], new: &[&str]) -> [Marks; 2] {
    let mut marks = [vec![Vec::new(); old.len()], vec![Vec::new(); new.len()]];
    for (old_line, new_line) in pairs(old, new, 0, 0) {
        let [of_old, of_new] = changed(old[old_line], new[new_line]);
        marks[0][old_line] = of_old;
        marks[1][new_line] = of_new;
    }
    marks
}

/// Which lines belong together, in the order of both sides: first the two that are most alike, then
/// what is above them and what is below. The numbers of the first lines are added.
fn pairs(old: &[&str], new: &[&str], old_at: usize, new_at: usize) -> Vec<(usize, usize)> {
    let mut best = (ALIKE, None);
    for (i, a) in old.iter().enumerate() {
        for (j, b) in new.iter().enumerate() {
            let likeness = likeness(a, b);
            if likeness > best.0 {
                best = (likeness, Some((i, j)));
            }
        }
    }
    let Some((i, j)) = best.1 else {
        return Vec::new();
    };
    let mut found = pairs(&old[..i], &new[..j], old_at, new_at);
    found.push((old_at + i, new_at + j));
    let below = [old_at + i + 1, new_at + j + 1];
    found.extend(pairs(&old[i + 1..], &new[j + 1..], below[0], below[1]));
    found
}

/// The share of the letters that two lines have in common, from 0 to 1. Blanks do not count.
fn likeness(old: &str, new: &str) -> f64 {
    let [old, new] = [words(old), words(new)];
    let letters = |words: &[&str]| -> usize { words.iter().map(|word| word.trim().len()).sum() };
    let ops = diff::words(&old, &new).into_iter();
    let same = ops.filter(|op| op.tag() == DiffTag::Equal);
    let same: usize = same.map(|op| letters(&old[op.old_range()])).sum();
    2.0 * same as f64 / (letters(&old) + letters(&new)).max(1) as f64
}

/// The ranges of bytes that changed in either line.
fn changed(old: &str, new: &str) -> [Vec<Range<usize>>; 2] {
    let words = [words(old), words(new)];
    let mut ranges = [Vec::new(), Vec::new()];
    for op in diff::words(&words[0], &words[1]) {
        if op.tag() == DiffTag::Equal {
            continue;
        }
        for (side, range) in [op.old_range(), op.new_range()].into_iter().enumerate() {
            let length = |words: &[&str]| words.iter().map(|word| word.len()).sum::<usize>();
            let start = length(&words[side][..range.start]);
            let end = start + length(&words[side][range]);
            let line = [old, new][side];
            // Blanks before the first word are no word.
            let indentation = line.len() - line.trim_start().len();
            mark(&mut ranges[side], start.max(indentation)..end, line);
        }
    }
    ranges
}

/// Adds a range. What is between it and the one before is marked too if it is a sign or a blank: two
/// marks a letter apart are read as one.
fn mark(ranges: &mut Vec<Range<usize>>, range: Range<usize>, line: &str) {
    match ranges.last_mut() {
        _ if range.is_empty() => {}
        Some(last) if line[last.end..range.start].chars().count() < 2 => last.end = range.end,
        _ => ranges.push(range),
    }
}

/// A line as words, blanks and single signs.
fn words(line: &str) -> Vec<&str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut words = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let same =
            |c: char| is_word(first) && is_word(c) || first.is_whitespace() && c.is_whitespace();
        let end = rest.find(|c| !same(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end.max(first.len_utf8()));
        words.push(word);
        rest = after;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    /// Both sides with what is marked in brackets.
    fn marked(old: &[&str], new: &[&str]) -> [Vec<String>; 2] {
        let [of_old, of_new] = marks(old, new);
        [(old, of_old), (new, of_new)].map(|(lines, marks)| {
            let lines = lines.iter().zip(marks).map(|(line, ranges)| {
                let mut line = (*line).to_owned();
                for range in ranges.into_iter().rev() {
                    line.insert(range.end, ']');
                    line.insert(range.start, '[');
                }
                line
            });
            lines.collect()
        })
    }

    #[test]
    fn the_words_that_differ_are_marked() {
        assert_eq!(
            marked(
                &["impl Add<&Var> for &Var {"],
                &["impl Add<&Value> for &Value {"]
            ),
            [
                ["impl Add<&[Var]> for &[Var] {"],
                ["impl Add<&[Value]> for &[Value] {"]
            ]
        );
    }

    #[test]
    fn a_line_is_compared_with_its_relative() {
        assert_eq!(
            marked(
                &["let a = one;", "let b = two;"],
                &["something_else()", "let a = one();", "let b = two();"]
            ),
            [
                vec!["let a = one;", "let b = two;"],
                vec!["something_else()", "let a = one[()];", "let b = two[()];"]
            ]
        );
    }

    #[test]
    fn marks_a_letter_apart_are_one() {
        assert_eq!(
            marked(&["keep this: a.b()"], &["keep this: c.d()"]),
            [["keep this: [a.b]()"], ["keep this: [c.d]()"]]
        );
    }

    #[test]
    fn indentation_is_not_marked() {
        assert_eq!(
            marked(
                &["    a.b(c);", "a(b, c)"],
                &["        a.b(d);", "    a(b, c)"]
            ),
            [
                ["    a.b([c]);", "a(b, c)"],
                ["        a.b([d]);", "    a(b, c)"]
            ]
        );
    }

    #[test]
    fn what_has_no_relative_is_not_marked() {
        assert_eq!(
            marked(&["return 1;"], &["let next = previous + step();"]),
            [["return 1;"], ["let next = previous + step();"]]
        );
        assert_eq!(marked(&[], &["ä – x"]), [vec![], vec!["ä – x"]]);
    }
}

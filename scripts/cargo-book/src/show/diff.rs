//! `{{#diff stage1 stage2 graph.rs}}`: what changes in a file, or in the region of an anchor,
//! from one stage to another.

use std::ops::Range;

use anyhow::{Result, bail};

use crate::html::{escape, solution};
use crate::show::highlight::{self, Piece};
use crate::show::listing::{self, Line, Note};
use crate::show::marks::marks;
use crate::show::repeats::{Repeat, repeats};
use project::Workspace;
use project::anchors::{Excerpt, Source};
use project::diff::{self, CONTEXT, group_diff_ops};

/// A line of a difference. Lines count from 0 in the excerpts of their sides.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Row {
    /// Unchanged lines that are left out.
    Gap,
    Removed(usize),
    Added(usize),
    /// In both.
    Same(usize, usize),
}

/// A file in two stages. A side without the file, or without the anchor, is empty.
#[derive(Debug)]
pub struct Sides {
    /// The older and the newer file, where they exist.
    pub sources: [Option<Source>; 2],
    excerpts: [Option<Excerpt>; 2],
    anchor: Option<String>,
}

impl Sides {
    /// Reads both sides.
    ///
    /// # Errors
    /// Neither side has the file or the anchor, or a file's anchors are wrong.
    pub fn read(
        workspace: &Workspace,
        stages: [&str; 2],
        file: &str,
        anchor: Option<&str>,
    ) -> Result<Sides> {
        let places = stages.map(|stage| format!("stages/{stage}/src/{file}"));
        for stage in stages {
            if !workspace.path("stages").join(stage).is_dir() {
                bail!("there is no stage {stage} in stages/");
            }
        }
        let read = |place: &String| -> Result<Option<Source>> {
            let exists = workspace.path(place).is_file();
            exists.then(|| Source::read(workspace, place)).transpose()
        };
        let sources = [read(&places[0])?, read(&places[1])?];
        let excerpts = [&sources[0], &sources[1]]
            .map(|source| source.as_ref().and_then(|source| source.excerpt(anchor)));
        let files: Vec<String> = sources.iter().flatten().map(Source::with_anchors).collect();
        if files.is_empty() {
            bail!("there is no file {}, and no {}", places[0], places[1]);
        }
        match (&excerpts, anchor) {
            ([None, None], Some(name)) => {
                bail!("there is no anchor `{name}` in {}", files.join(", nor in "))
            }
            ([Some(old), Some(new)], _) if old.text == new.text => {
                bail!("{} and {} do not differ here", places[0], places[1])
            }
            _ => Ok(Sides {
                sources,
                excerpts,
                anchor: anchor.map(str::to_owned),
            }),
        }
    }

    fn text(&self, side: usize) -> &str {
        self.excerpts[side]
            .as_ref()
            .map_or("", |excerpt| &excerpt.text)
    }

    fn rows(&self) -> Vec<Row> {
        let [old, new] = [0, 1].map(|side| self.text(side).lines().collect::<Vec<_>>());
        let mut rows = Vec::new();
        let mut shown = 0; // how many lines of the old side are behind us
        for group in group_diff_ops(diff::lines(&old, &new), CONTEXT) {
            if let Some(first) = group.first() {
                let (old, new) = (first.old_range().start, first.new_range().start);
                rows.extend(gap(old - shown, shown, new));
            }
            shown = group.last().map_or(shown, |op| op.old_range().end);
            let changes = group
                .iter()
                .flat_map(|op| op.iter_changes(&old[..], &new[..]));
            rows.extend(changes.filter_map(|change| {
                match (change.old_index(), change.new_index()) {
                    (Some(old), Some(new)) => Some(Row::Same(old, new)),
                    (Some(old), None) => Some(Row::Removed(old)),
                    (None, Some(new)) => Some(Row::Added(new)),
                    (None, None) => None,
                }
            }));
        }
        rows.extend(gap(old.len() - shown, shown, new.len()));
        rows
    }

    /// The lines of either side that [`render`] shows, as they count in the files.
    pub fn shown(&self) -> [Vec<usize>; 2] {
        let mut shown = [Vec::new(), Vec::new()];
        for row in self.rows() {
            let (old, new) = match row {
                Row::Gap => (None, None),
                Row::Removed(old) => (Some(old), None),
                Row::Added(new) => (None, Some(new)),
                Row::Same(old, new) => (Some(old), Some(new)),
            };
            for (side, index) in [(0, old), (1, new)] {
                if let (Some(excerpt), Some(index)) = (&self.excerpts[side], index) {
                    shown[side].push(excerpt.numbers[index]);
                }
            }
        }
        shown
    }
}

/// What takes the place of so many equal lines, the first of which is `old`, and the last of which is before `end`
/// on the new side. A single line takes no more room than a gap.
fn gap(lines: usize, old: usize, end: usize) -> Option<Row> {
    match lines {
        0 => None,
        1 => Some(Row::Same(old, end - 1)),
        _ => Some(Row::Gap),
    }
}

impl Row {
    fn is_change(self) -> bool {
        matches!(self, Row::Removed(_) | Row::Added(_))
    }
}

/// One side of the rows: lines as they are, in colour, with what can be folded and what changed.
struct Side<'text> {
    lines: Vec<&'text str>,
    pieces: Vec<Vec<Piece<'text>>>,
    folds: Vec<bool>,
    marks: Vec<Vec<Range<usize>>>,
}

impl<'text> Side<'text> {
    fn new(text: &'text str, is_rust: bool) -> Side<'text> {
        let lines: Vec<&str> = text.lines().collect();
        let (pieces, folds) = if is_rust {
            (highlight::pieces(text), listing::details(text.lines()))
        } else {
            let pieces = lines.iter().map(|line| vec![("", *line)]);
            (pieces.collect(), vec![false; lines.len()])
        };
        let marks = vec![Vec::new(); lines.len()];
        Side {
            lines,
            pieces,
            folds,
            marks,
        }
    }

    fn line(&self, at: usize, element: &str, mark: char) -> Line {
        let html = highlight::html(&self.pieces[at], &self.marks[at]);
        Line {
            text: self.lines[at].to_owned(),
            html: if element.is_empty() {
                format!("{mark}{html}&#10;")
            } else {
                format!(
                    r#"<{element}><span class="diff-mark">{mark}</span>{html}&#10;</{element}>"#
                )
            },
            folds: self.folds[at],
        }
    }
}

/// The rows as lines. In each change the words are marked that differ.
fn lines(rows: &[Row], changes: &[Range<usize>], [mut old, mut new]: [Side<'_>; 2]) -> Vec<Line> {
    for change in changes {
        let (mut removed, mut added) = (Vec::new(), Vec::new());
        for row in &rows[change.clone()] {
            match *row {
                Row::Removed(at) => removed.push(at),
                Row::Added(at) => added.push(at),
                Row::Gap | Row::Same(..) => {}
            }
        }
        let old_texts: Vec<&str> = removed.iter().map(|at| old.lines[*at]).collect();
        let new_texts: Vec<&str> = added.iter().map(|at| new.lines[*at]).collect();
        let [of_old, of_new] = marks(&old_texts, &new_texts);
        for (at, marks) in removed.into_iter().zip(of_old) {
            old.marks[at] = marks;
        }
        for (at, marks) in added.into_iter().zip(of_new) {
            new.marks[at] = marks;
        }
    }
    let line = |row: &Row| match *row {
        Row::Gap => Line {
            html: "<span class=\"diff-gap\">⋯&#10;</span>".to_owned(),
            ..Line::default()
        },
        Row::Removed(at) => old.line(at, "del", '-'),
        Row::Added(at) => new.line(at, "ins", '+'),
        Row::Same(_, at) => new.line(at, "", ' '),
    };
    rows.iter().map(line).collect()
}

/// The runs of rows that go or come.
fn changes(rows: &[Row]) -> Vec<Range<usize>> {
    let mut at = 0;
    let mut changes = Vec::new();
    for run in rows.chunk_by(|a, b| a.is_change() == b.is_change()) {
        if run[0].is_change() {
            changes.push(at..at + run.len());
        }
        at += run.len();
    }
    changes
}

/// Parts of the rows that only repeat what is above them, with how often they do. The braces that close
/// the first of them stay with it.
fn folds(rows: &[Row], changes: &[Range<usize>], lines: &[Line]) -> Vec<(Range<usize>, usize)> {
    let texts: Vec<String> = changes
        .iter()
        .map(|change| {
            let sign = |row: &Row| match row {
                Row::Removed(_) => '-',
                _ => '+',
            };
            let rows = rows[change.clone()].iter().zip(&lines[change.clone()]);
            rows.map(|(row, line)| format!("\n{}{}", sign(row), line.text))
                .collect()
        })
        .collect();
    let braces = |from: usize, to: usize| {
        let closes = |line: &&Line| line.text.trim_start().starts_with('}');
        lines[from..to].iter().take_while(closes).count()
    };
    let fold = |repeat: Repeat| {
        let before = changes[repeat.changes.start - 1].end;
        let first = braces(before, changes[repeat.changes.start].start);
        let last = changes[repeat.changes.end - 1].end;
        let next = changes.get(repeat.changes.end);
        let next = next.map_or(rows.len(), |change| change.start);
        let end = last + braces(last, next).min(first);
        (before + first..end, repeat.changes.len() / repeat.period)
    };
    repeats(&texts).into_iter().map(fold).collect()
}

/// The difference as a figure. Removed lines begin with `-`, new ones with `+`, others with a
/// space, so that it reads like `diff -u`; `⋯` stands for lines left out. Changes that repeat the one
/// before are in a fold.
///
/// # Errors
/// A note belongs to no line, or to several.
pub fn render(sides: &Sides, stages: [&str; 2], file: &str, notes: &[Note]) -> Result<String> {
    let rows = sides.rows();
    let changes = changes(&rows);
    let is_rust = file.ends_with(".rs");
    let both = [0, 1].map(|side| Side::new(sides.text(side), is_rust));
    let mut lines = lines(&rows, &changes, both);
    // A difference in documentation alone is there to be seen.
    if changes
        .iter()
        .all(|change| lines[change.clone()].iter().all(|line| line.folds))
    {
        lines.iter_mut().for_each(|line| line.folds = false);
    }
    let folds = folds(&rows, &changes, &lines);
    listing::annotate(&mut lines.iter_mut().collect::<Vec<_>>(), notes)?;
    let mut code = String::new();
    let mut at = 0;
    for (fold, count) in folds {
        let body = listing::pre("diff", lines[fold.clone()].iter());
        code += &listing::pre("diff", lines[at..fold.start].iter());
        code += &format!(
            r#"<details class="more"><summary>{count} more like this</summary>{body}</details>"#
        );
        at = fold.end;
    }
    if at < lines.len() {
        code += &listing::pre("diff", lines[at..].iter());
    }

    let [old, new] = stages.map(escape);
    let file = escape(file);
    // What is new or gone is the file, or a region of it.
    let region = match (&sides.anchor, &sides.sources) {
        (Some(anchor), [Some(_), Some(_)]) => format!("<code>{}</code> is ", escape(anchor)),
        _ => String::new(),
    };
    let (stage, what, views) = match sides.excerpts {
        [None, _] => (&new, format!("{region}new in {new}"), String::new()),
        [_, None] => (&old, format!("{region}gone in {new}"), String::new()),
        _ => (
            &new,
            format!("changed from {old} to {new}"),
            format!(r#" data-old="{old}" data-new="{new}""#),
        ),
    };
    let caption = format!(
        r#"<code>stages/{stage}/src/{file}</code> <span class="lines"{views}>{what}</span>"#
    );
    Ok(solution("listing", &caption, &code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn sides(old: Option<&str>, new: Option<&str>) -> Sides {
        let source = |text: Option<&str>| text.map(|text| Source::parse("a.txt", text).unwrap());
        let sources = [source(old), source(new)];
        let excerpts = [&sources[0], &sources[1]]
            .map(|source| source.as_ref().and_then(|source| source.excerpt(None)));
        Sides {
            sources,
            excerpts,
            anchor: None,
        }
    }

    /// What is left of the figure without its tags.
    fn plain(old: Option<&str>, new: Option<&str>) -> String {
        let html = render(&sides(old, new), ["stage1", "stage2"], "a.txt", &[]).unwrap();
        let mut text = String::new();
        let mut in_tag = false;
        for c in html.chars() {
            match c {
                '<' => in_tag = true,
                '>' => in_tag = false,
                _ if !in_tag => text.push(c),
                _ => {}
            }
        }
        text.replace("&#10;", "\n")
    }

    #[test]
    fn marks_survive_without_colour() {
        assert_eq!(
            plain(Some("a\nb\nc\n"), Some("a\nx\nc\n")),
            "Show stages/stage2/src/a.txt changed from stage1 to stage2 a\n-b\n+x\n c\n"
        );
    }

    #[test]
    fn far_lines_are_left_out_visibly() {
        let old = "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n0\n";
        assert_eq!(
            plain(Some(old), Some(&old.replace('5', "x"))),
            "Show stages/stage2/src/a.txt changed from stage1 to stage2\
             ⋯\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n⋯\n"
        );
    }

    /// It takes no more room than the mark for what is left out.
    #[test]
    fn a_single_far_line_is_shown() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        assert_eq!(
            plain(Some(old), Some(&old.replace('5', "x"))),
            "Show stages/stage2/src/a.txt changed from stage1 to stage2 1\n\
             \x202\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n 9\n"
        );
    }

    #[test]
    fn what_is_shown_is_known_by_its_lines_in_the_files() {
        let old = "// ANCHOR: a\n1\n2\n3\n4\n5\n6\n// ANCHOR_END: a\n";
        let sides = sides(Some(old), Some("0\n1\n2\n3\n4\nx\n6\n"));
        assert_eq!(sides.shown(), [vec![2, 3, 4, 5, 6, 7], (1..=7).collect()]);
    }

    #[test]
    fn what_is_left_out_is_not_shown() {
        let old = "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n0\n";
        let sides = sides(Some(old), Some(&old.replace('5', "x")));
        let shown: Vec<usize> = (3..=9).collect();
        assert_eq!(sides.shown(), [shown.clone(), shown]);
    }

    #[test]
    fn a_missing_side_is_empty() {
        assert_eq!(
            plain(None, Some("a\n")),
            "Show stages/stage2/src/a.txt new in stage2+a\n"
        );
        assert_eq!(
            plain(Some("a\n"), None),
            "Show stages/stage1/src/a.txt gone in stage2-a\n"
        );
    }

    #[test]
    fn a_region_that_one_file_lacks_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let region = "// ANCHOR: a\nx\n// ANCHOR_END: a\n";
        for (place, text) in [
            ("Cargo.toml", ""),
            ("stages/stage1/src/a.rs", "y\n"),
            ("stages/stage2/src/a.rs", region),
        ] {
            let path = folder.path().join(place);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let workspace = Workspace::find(folder.path()).unwrap();
        let html = |stages| {
            let sides = Sides::read(&workspace, stages, "a.rs", Some("a")).unwrap();
            render(&sides, stages, "a.rs", &[]).unwrap()
        };
        for (stages, wanted) in [
            (["stage1", "stage2"], "<code>a</code> is new in stage2<"),
            (["stage2", "stage1"], "<code>a</code> is gone in stage1<"),
        ] {
            let html = html(stages);
            let place = "<code>stages/stage2/src/a.rs</code>";
            assert!(html.contains(place) && html.contains(wanted), "{html}");
        }
    }

    /// The figure's code in Rust, as it is in the page.
    fn code(old: &str, new: &str, notes: &[Note]) -> Result<String> {
        let html = render(&sides(Some(old), Some(new)), ["s1", "s2"], "a.rs", notes)?;
        let (_, code) = html.split_once("</summary>").unwrap();
        Ok(code
            .strip_suffix("</details>")
            .unwrap()
            .replace("&#10;", "\n"))
    }

    #[test]
    fn words_that_changed_are_marked() {
        assert_eq!(
            code("same\nx.y(one);\n", "same\nx.y(two);\n", &[]).unwrap(),
            "<pre style=\"--lines:3\"><code class=\"code-diff\" tabindex=\"0\"> same\n\
             <del><span class=\"diff-mark\">-</span>x.y(<b>one</b>);\n</del>\
             <ins><span class=\"diff-mark\">+</span>x.y(<b>two</b>);\n</ins>\
             </code></pre>"
        );
    }

    #[test]
    fn changes_like_the_first_are_in_a_fold() {
        let text = |call: &str| -> String {
            let names = ["a", "b", "c", "d"];
            let functions =
                names.map(|name| format!("fn {name}\n    {}\n}}\n\n", call.replace('N', name)));
            functions.concat() + "end\n"
        };
        let plain = plain(Some(&text("old(N)")), Some(&text("N.new()")));
        let first = " fn a\n-    old(a)\n+    a.new()\n }\n";
        assert!(
            plain.contains(&format!(
                "stage2{first}3 more like this \n fn b\n-    old(b)"
            )),
            "{plain}"
        );
        assert!(plain.ends_with("+    d.new()\n }\n \n end\n"), "{plain}");
        let html = code(&text("old(N)"), &text("N.new()"), &[]).unwrap();
        let after = html.split("</details>").nth(1).unwrap();
        assert_eq!(
            after,
            "<pre style=\"--lines:2\"><code class=\"code-diff\" tabindex=\"0\"> \n end\n</code></pre>"
        );
    }

    #[test]
    fn documentation_of_either_side_can_be_folded() {
        let text = |name: &str| format!("/// A.\n///\n/// {name}.\n/// B.\nfn {name}();\n");
        let html = code(&text("x"), &text("y"), &[]).unwrap();
        let docs = html.split("class=\"docs\"").nth(1).unwrap();
        let (docs, _) = docs.split_once("</span></span>").unwrap();
        assert!(docs.starts_with(" data-fold=\" /// ⋯ 4 lines\""), "{html}");
        assert_eq!(docs.matches("<del>").count(), 1, "{html}");
    }

    #[test]
    fn documentation_is_not_folded_where_nothing_else_has_changed() {
        let text = |name: &str| format!("/// A.\n///\n/// {name}.\n/// B.\nfn f();\n");
        let html = code(&text("x"), &text("y"), &[]).unwrap();
        assert!(!html.contains("class=\"docs\""), "{html}");
        assert_eq!(html.matches("<del>").count(), 1, "{html}");
    }

    #[test]
    fn a_note_is_below_its_line() {
        let note = |words: &str| [(words.to_owned(), "Why.".to_owned())];
        let html = code("a\nb\n", "a\nc\n", &note("c")).unwrap();
        let pin = "</ins><span class=\"pin\" role=\"note\">Why.\n</span></code>";
        assert!(html.contains(pin), "{html}");
        assert_eq!(
            code("a\nb\n", "a\nc\n", &note("x"))
                .unwrap_err()
                .to_string(),
            "a note belongs to one line: `x` is in 0 of those that are shown"
        );
    }

    #[test]
    fn both_sides_of_a_change_can_be_shown() {
        let html = |old, new| render(&sides(old, new), ["s1", "s2"], "a.rs", &[]).unwrap();
        assert!(html(Some("a"), Some("b")).contains("data-old=\"s1\" data-new=\"s2\""));
        assert!(!html(None, Some("b")).contains("data-old"));
    }

    #[test]
    fn only_a_new_line_ends_a_line() {
        let html = plain(Some("a\rb\nc\n"), Some("a\rb\nd\n"));
        assert!(html.ends_with(" a\rb\n-c\n+d\n"), "{html:?}");
    }

    #[test]
    fn markers_are_not_compared() {
        let html = plain(
            Some("// ANCHOR: a\na\n// ANCHOR_END: a\nb\n"),
            Some("a\nc\n"),
        );
        assert!(html.ends_with(" a\n-b\n+c\n"), "{html}");
    }
}

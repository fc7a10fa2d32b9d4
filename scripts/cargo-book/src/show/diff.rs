//! `{{#diff stage1 stage2 graph.rs}}`: what changes in a file, or in the region of an anchor,
//! from one stage to another.

use anyhow::{Result, bail};

use crate::html::{escape, pre, solution};
use crate::show::highlight;
use project::Workspace;
use project::anchors::{Excerpt, Source};
use project::diff::{self, CONTEXT};

/// A line of a difference. Lines count from 0 in the excerpts of their sides.
#[derive(Debug, PartialEq)]
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
        let diff = diff::lines(&old, &new);
        let mut rows = Vec::new();
        let mut shown = 0; // how many lines of the old side are behind us
        for group in diff.grouped_ops(CONTEXT) {
            let start = group.first().map_or(0, |op| op.old_range().start);
            if start > shown {
                rows.push(Row::Gap);
            }
            shown = group.last().map_or(shown, |op| op.old_range().end);
            let changes = group.iter().flat_map(|op| diff.iter_changes(op));
            rows.extend(changes.filter_map(|change| {
                match (change.old_index(), change.new_index()) {
                    (Some(old), Some(new)) => Some(Row::Same(old, new)),
                    (Some(old), None) => Some(Row::Removed(old)),
                    (None, Some(new)) => Some(Row::Added(new)),
                    (None, None) => None,
                }
            }));
        }
        if shown < old.len() {
            rows.push(Row::Gap);
        }
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

/// The difference as a figure. Removed lines begin with `-`, new ones with `+`, others with a
/// space, so that it reads like `diff -u`; `⋯` stands for lines left out.
pub fn render(sides: &Sides, stages: [&str; 2], file: &str) -> String {
    let rust = file.ends_with(".rs");
    let [old_lines, new_lines] = [sides.text(0), sides.text(1)].map(|text| {
        if rust {
            highlight::rust(text)
        } else {
            text.lines().map(escape).collect()
        }
    });
    let line = |row: &Row| {
        let (mark, element, line) = match *row {
            Row::Gap => return r#"<span class="diff-gap">⋯</span>"#.to_owned(),
            Row::Removed(old) => ('-', "del", &old_lines[old]),
            Row::Added(new) => ('+', "ins", &new_lines[new]),
            Row::Same(_, new) => (' ', "span", &new_lines[new]),
        };
        format!(r#"<{element}><span class="diff-mark">{mark}</span>{line}</{element}>"#)
    };
    let lines: Vec<String> = sides.rows().iter().map(line).collect();

    let [old, new] = stages.map(escape);
    let file = escape(file);
    // What is new or gone is the file, or a region of it.
    let region = match (&sides.anchor, &sides.sources) {
        (Some(anchor), [Some(_), Some(_)]) => format!("<code>{}</code> is ", escape(anchor)),
        _ => String::new(),
    };
    let (stage, what) = match sides.excerpts {
        [None, _] => (&new, format!("{region}new in {new}")),
        [_, None] => (&old, format!("{region}gone in {new}")),
        _ => (&new, format!("changed from {old} to {new}")),
    };
    let caption =
        format!(r#"<code>stages/{stage}/src/{file}</code> <span class="lines">{what}</span>"#);
    solution("listing", &caption, &pre("diff", &lines))
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
        let html = render(&sides(old, new), ["stage1", "stage2"], "a.txt");
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
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        assert_eq!(
            plain(Some(old), Some(&old.replace('5', "x"))),
            "Show stages/stage2/src/a.txt changed from stage1 to stage2\
             ⋯\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n⋯\n"
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
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let sides = sides(Some(old), Some(&old.replace('5', "x")));
        let shown: Vec<usize> = (2..=8).collect();
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
            render(&sides, stages, "a.rs")
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

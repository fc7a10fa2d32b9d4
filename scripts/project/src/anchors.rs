//! Source files and the anchors in them.
//!
//! An anchor names a region of a file: the lines between `// ANCHOR: name` and
//! `// ANCHOR_END: name`, each alone on its line. Regions may nest and overlap.
//!
//! Every file with anchors has one more region, [`TOP`]: what stands above the first of them.

use anyhow::{Result, bail};

use crate::Workspace;
use crate::stages::Sources;

/// The name of the region above the first anchor, where a file says what it is and what it uses.
pub const TOP: &str = "top";

/// A file, read, with its anchors.
#[derive(Debug)]
pub struct Source {
    /// The path from the top of the workspace, with slashes.
    pub place: String,
    lines: Vec<String>,
    anchors: Vec<Anchor>,
}

/// A named region. Lines count from 1; the markers themselves are `start` and `end`.
#[derive(Debug)]
pub struct Anchor {
    /// The name.
    pub name: String,
    /// The line of `// ANCHOR: name`.
    pub start: usize,
    end: usize,
}

/// A part of a file without marker lines and without the indentation that all lines share.
#[derive(Debug, PartialEq)]
pub struct Excerpt {
    /// The code; every line ends with `\n`.
    pub text: String,
    /// For each line of the text, its number in the file, from 1.
    pub numbers: Vec<usize>,
}

enum Marker<'a> {
    Start(&'a str),
    End(&'a str),
}

fn marker(line: &str) -> Option<Marker<'_>> {
    let comment = line.trim().strip_prefix("//")?.trim();
    if let Some(name) = comment.strip_prefix("ANCHOR:") {
        Some(Marker::Start(name.trim()))
    } else {
        let name = comment.strip_prefix("ANCHOR_END:")?;
        Some(Marker::End(name.trim()))
    }
}

/// Takes out the lines that mark regions.
pub fn without_anchors(sources: Sources) -> Sources {
    let clean = |text: &str| {
        text.split_inclusive('\n')
            .filter(|line| marker(line).is_none())
            .collect()
    };
    sources
        .into_iter()
        .map(|(name, text)| (name, clean(&text)))
        .collect()
}

impl Source {
    /// Reads a file.
    ///
    /// # Errors
    /// There is no such file, or an anchor in it is duplicated, empty or unclosed.
    pub fn read(workspace: &Workspace, place: &str) -> Result<Source> {
        Source::parse(place, &workspace.read(place)?)
    }

    /// Finds the anchors of a text.
    ///
    /// # Errors
    /// An anchor is duplicated, empty or unclosed.
    pub fn parse(place: &str, text: &str) -> Result<Source> {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut anchors: Vec<Anchor> = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            let number = index + 1;
            match marker(line) {
                Some(Marker::Start("") | Marker::End("")) => {
                    bail!("{place}:{number}: an anchor needs a name: `// ANCHOR: name`")
                }
                Some(Marker::Start(TOP)) => {
                    bail!(
                        "{place}:{number}: the name `{TOP}` is taken: it means the lines above the first anchor"
                    )
                }
                Some(Marker::Start(name)) => {
                    if let Some(first) = anchors.iter().find(|anchor| anchor.name == name) {
                        bail!(
                            "{place}:{number}: the anchor `{name}` is already in line {}: a file has each name once",
                            first.start
                        );
                    }
                    anchors.push(Anchor {
                        name: name.to_owned(),
                        start: number,
                        end: 0,
                    });
                }
                Some(Marker::End(name)) => {
                    match anchors
                        .iter_mut()
                        .find(|anchor| anchor.name == name && anchor.end == 0)
                    {
                        Some(anchor) => anchor.end = number,
                        None => bail!(
                            "{place}:{number}: `// ANCHOR_END: {name}` has no `// ANCHOR: {name}` before it"
                        ),
                    }
                }
                None => {}
            }
        }
        for Anchor { name, start, end } in &anchors {
            if *end == 0 {
                bail!(
                    "{place}:{start}: the anchor `{name}` is not closed: expected a line `// ANCHOR_END: {name}`"
                );
            }
            let has_code = |line: &String| !line.trim().is_empty() && marker(line).is_none();
            if !lines[*start..end - 1].iter().any(has_code) {
                bail!("{place}:{start}: the anchor `{name}` is empty: expected code in it");
            }
        }
        Ok(Source {
            place: place.to_owned(),
            lines,
            anchors,
        })
    }

    /// The anchors, in the order of their first lines.
    pub fn anchors(&self) -> &[Anchor] {
        &self.anchors
    }

    /// The lines that are code or comments: neither blank nor the markers of an anchor. Each with
    /// its number.
    pub fn filled_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = (1..).zip(self.lines.iter().map(|line| line.trim_end()));
        lines.filter(|(_, line)| !line.is_empty() && marker(line).is_none())
    }

    /// Where the lines above the first anchor end; none without an anchor or with nothing above it.
    fn top(&self) -> Option<usize> {
        let end = self.anchors.first()?.start - 1;
        let (first, _) = self.filled_lines().next()?;
        (first <= end).then_some(end)
    }

    /// The name of the innermost region that a line is in.
    pub fn region(&self, line: usize) -> Option<&str> {
        let around = |anchor: &&Anchor| anchor.start < line && line < anchor.end;
        match self.anchors.iter().rfind(around) {
            Some(anchor) => Some(&anchor.name),
            None => self.top().filter(|end| line <= *end).map(|_| TOP),
        }
    }

    /// The region of an anchor, or [`TOP`], if there is one of that name; without a name the whole
    /// file.
    pub fn excerpt(&self, anchor: Option<&str>) -> Option<Excerpt> {
        let (start, end) = match anchor {
            None => (1, self.lines.len()),
            Some(TOP) => (1, self.top()?),
            Some(name) => {
                let anchor = self.anchors.iter().find(|anchor| anchor.name == name)?;
                (anchor.start + 1, anchor.end - 1)
            }
        };
        let mut kept: Vec<(usize, &str)> = (start..=end)
            .map(|number| (number, self.lines[number - 1].trim_end()))
            .filter(|(_, line)| marker(line).is_none())
            .collect();
        // Where a marker stood between two blank lines, one of them is enough.
        kept.dedup_by(|next, line| line.1.is_empty() && next.1.is_empty() && next.0 > line.0 + 1);
        while kept.last().is_some_and(|(_, line)| line.is_empty()) {
            kept.pop();
        }
        let blank = kept.iter().take_while(|(_, line)| line.is_empty()).count();
        let kept = &kept[blank..];

        let indentation = |line: &str| line.len() - line.trim_start().len();
        let filled = kept.iter().filter(|(_, line)| !line.is_empty());
        let shared = filled.map(|(_, line)| indentation(line)).min().unwrap_or(0);
        let text = kept
            .iter()
            .map(|(_, line)| format!("{}\n", line.get(shared..).unwrap_or("")))
            .collect();
        let numbers = kept.iter().map(|(number, _)| *number).collect();
        Some(Excerpt { text, numbers })
    }

    /// Like [`Source::excerpt`], with an error that names the anchors that there are.
    ///
    /// # Errors
    /// There is no such anchor, or the whole file is empty.
    pub fn expect(&self, anchor: Option<&str>) -> Result<Excerpt> {
        let place = &self.place;
        match (self.excerpt(anchor), anchor) {
            (Some(excerpt), _) if !excerpt.text.is_empty() => Ok(excerpt),
            (None, Some(name)) => bail!("there is no anchor `{name}` in {}", self.with_anchors()),
            _ => bail!("{place} is empty"),
        }
    }

    /// The place with the anchors that there are, for an error.
    pub fn with_anchors(&self) -> String {
        let place = &self.place;
        let top = self.top().map(|_| TOP);
        let names = self.anchors.iter().map(|anchor| &*anchor.name);
        let names: Vec<_> = top.into_iter().chain(names).collect();
        match names.join(", ") {
            none if none.is_empty() => format!("{place} (it has no anchors)"),
            names => format!("{place} (it has: {names})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    const NESTED: &str = "\
use x;

// ANCHOR: node
struct Node {
    // ANCHOR: fields
    value: f64,
        // more
    // ANCHOR_END: fields
}
// ANCHOR_END: node
";

    fn text(anchor: Option<&str>) -> String {
        let source = Source::parse("a.rs", NESTED).unwrap();
        source.expect(anchor).unwrap().text
    }

    #[test]
    fn a_region_loses_inner_markers() {
        assert_eq!(
            text(Some("node")),
            "struct Node {\n    value: f64,\n        // more\n}\n"
        );
    }

    #[test]
    fn a_region_loses_its_common_indentation() {
        assert_eq!(text(Some("fields")), "value: f64,\n    // more\n");
    }

    #[test]
    fn the_whole_file_loses_all_markers() {
        assert_eq!(
            text(None),
            "use x;\n\nstruct Node {\n    value: f64,\n        // more\n}\n"
        );
    }

    #[test]
    fn a_marker_between_blank_lines_leaves_one_of_them() {
        let source = Source::parse("a.rs", "a\n\n// ANCHOR: b\n\nb\n// ANCHOR_END: b\n").unwrap();
        assert_eq!(source.expect(None).unwrap().text, "a\n\nb\n");
    }

    #[test]
    fn an_excerpt_knows_its_lines() {
        let source = Source::parse("a.rs", NESTED).unwrap();
        assert_eq!(source.expect(Some("fields")).unwrap().numbers, [6, 7]);
        assert_eq!(source.expect(Some("node")).unwrap().numbers, [4, 6, 7, 9]);
    }

    #[test]
    fn the_top_ends_at_the_first_anchor() {
        assert_eq!(text(Some(TOP)), "use x;\n");
        let top = |text: &str| Source::parse("a.rs", text).unwrap().excerpt(Some(TOP));
        assert_eq!(top("use x;\n"), None);
        assert_eq!(top("\n// ANCHOR: a\na\n// ANCHOR_END: a\n"), None);
    }

    #[test]
    fn an_unknown_name_is_refused_with_those_there_are() {
        let source = Source::parse("a.rs", NESTED).unwrap();
        assert_eq!(
            source.expect(Some("edge")).unwrap_err().to_string(),
            "there is no anchor `edge` in a.rs (it has: top, node, fields)"
        );
    }

    #[track_caller]
    fn refused(text: &str, message: &str) {
        assert_eq!(
            Source::parse("a.rs", text).unwrap_err().to_string(),
            message
        );
    }

    #[test]
    fn misuse_is_named_with_its_line() {
        refused(
            "// ANCHOR: a\nx\n",
            "a.rs:1: the anchor `a` is not closed: expected a line `// ANCHOR_END: a`",
        );
        refused(
            "// ANCHOR: a\n\n// ANCHOR_END: a\n",
            "a.rs:1: the anchor `a` is empty: expected code in it",
        );
        refused(
            "// ANCHOR: a\nx\n// ANCHOR_END: a\n// ANCHOR: a\nx\n// ANCHOR_END: a\n",
            "a.rs:4: the anchor `a` is already in line 1: a file has each name once",
        );
        refused(
            "x\n// ANCHOR_END: a\n",
            "a.rs:2: `// ANCHOR_END: a` has no `// ANCHOR: a` before it",
        );
        refused(
            "x\n// ANCHOR: top\nx\n// ANCHOR_END: top\n",
            "a.rs:2: the name `top` is taken: it means the lines above the first anchor",
        );
        refused(
            "// ANCHOR:\n",
            "a.rs:1: an anchor needs a name: `// ANCHOR: name`",
        );
    }
}

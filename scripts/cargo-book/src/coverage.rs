//! What the chapters show of the stages' code: every line, and every change from stage to stage.
//!
//! A **line** is shown by a `code` or a `diff` that displays it; what a diff leaves out at its `⋯`
//! it does not show. A line that is shown in one stage counts as shown in the next stage too, if
//! the comparison of the whole files leaves it unchanged.
//!
//! A **hunk** is a run of changed lines between the files of two neighbouring stages. It is shown
//! when a diff between these stages displays all lines that go, and such a diff, or a `code` of the
//! newer file, all lines that come. So a `code` does not show what its lines take the place of.
//!
//! A stage that the course begins with another one than the one before is not compared with that: it
//! has no hunks, and its own lines have to be shown.
//!
//! Blank lines and the markers of anchors do not count. Nor does the top of a file, above its first
//! anchor: what a file says of itself, and what it uses.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::{Context, Result};

use crate::directive::{Directive, directives};
use crate::problems::Written;
use crate::show::diff::Sides;
use project::Workspace;
use project::anchors::{Source, TOP};
use project::diff::{self, DiffTag};
use project::stages::engine;

/// How much of the stages is shown.
#[derive(Debug, Default)]
pub struct Coverage {
    lines: Share,
    hunks: Share,
    /// What is not shown, as `place:line: message`.
    pub gaps: Vec<String>,
    /// Per file what is shown where.
    pub listing: String,
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Coverage { lines, hunks, .. } = self;
        write!(
            f,
            "coverage: {} of {} lines, {} of {} hunks shown",
            lines.shown, lines.all, hunks.shown, hunks.all
        )
    }
}

#[derive(Debug, Default)]
struct Share {
    shown: usize,
    all: usize,
}

impl Share {
    fn count(&mut self, shown: bool) {
        self.shown += usize::from(shown);
        self.all += 1;
    }
}

/// A file of a stage, and what the chapters show of it. All lines are numbers in the file.
struct File {
    source: Source,
    /// The lines that count.
    lines: Vec<usize>,
    /// What each directive displays, with the directive's place.
    displays: Vec<(String, Vec<usize>)>,
    shown: BTreeSet<usize>,
    /// Displayed by a `code`, or as the newer side of a diff with the stage before.
    arrived: BTreeSet<usize>,
    /// Displayed as the older side of a diff with the next stage.
    left: BTreeSet<usize>,
    gaps: BTreeMap<usize, BTreeSet<Gap>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    /// The line is not shown.
    Line,
    /// It is shown, but not as one that this stage brings.
    Arrival,
    /// That the next stage drops it is not shown.
    Removal,
}

type Files = BTreeMap<String, File>;

/// Compares the stages with what the chapters show.
///
/// # Errors
/// A directive or an anchor is wrong.
pub fn measure(workspace: &Workspace, chapters: &[Written]) -> Result<Coverage> {
    let mut files = read_files(workspace)?;
    for chapter in chapters {
        note_displays(workspace, chapter, &mut files)?;
    }
    let mut coverage = Coverage::default();
    let hunks = hunks(&mut files, &stages_apart(workspace)?);
    for file in files.values_mut() {
        for &line in &file.lines {
            let shown = file.shown.contains(&line);
            coverage.lines.count(shown);
            if !shown {
                file.gaps.entry(line).or_default().insert(Gap::Line);
            }
        }
    }
    for hunk in hunks {
        coverage.hunks.count(hunk.note_gaps(&mut files));
    }
    coverage.listing = files.iter().map(|(place, file)| file.list(place)).collect();
    for (place, file) in &files {
        file.report(place, &files, &mut coverage.gaps);
    }
    Ok(coverage)
}

fn read_files(workspace: &Workspace) -> Result<Files> {
    let mut files = Files::new();
    for place in workspace.stage_sources()? {
        if engine(&place).is_none() {
            continue;
        }
        let source = Source::read(workspace, &place)?;
        let lines = counted(&source).map(|(number, _)| number).collect();
        let file = File {
            source,
            lines,
            displays: Vec::new(),
            shown: BTreeSet::new(),
            arrived: BTreeSet::new(),
            left: BTreeSet::new(),
            gaps: BTreeMap::new(),
        };
        files.insert(place, file);
    }
    Ok(files)
}

/// The lines that a chapter has to show.
fn counted(source: &Source) -> impl Iterator<Item = (usize, &str)> {
    let lines = source.filled_lines();
    lines.filter(|(number, _)| source.region(*number) != Some(TOP))
}

/// The numbers of the stages that grow out of another one than the one before: the course's
/// `stage.toml` says what they are `begun_with`.
fn stages_apart(workspace: &Workspace) -> Result<BTreeSet<usize>> {
    let mut apart = BTreeSet::new();
    for stage in workspace.stages()? {
        let place = format!("scripts/cargo-course/content/{stage}/stage.toml");
        if workspace.path(&place).is_file() {
            let content: toml::Table = toml::from_str(&workspace.read(&place)?).context(place)?;
            if content.contains_key("begun_with") {
                apart.extend(stage_number(&stage));
            }
        }
    }
    Ok(apart)
}

/// 2 for `stage2`.
fn stage_number(stage: &str) -> Option<usize> {
    stage.strip_prefix("stage")?.parse().ok()
}

/// 2 and `graph.rs` for `stages/stage2/src/graph.rs`.
fn numbered(place: &str) -> Option<(usize, &str)> {
    let (stage, file) = engine(place)?;
    Some((stage_number(stage)?, file))
}

/// Notes what a chapter's directives display.
fn note_displays(workspace: &Workspace, chapter: &Written, files: &mut Files) -> Result<()> {
    for (range, directive) in directives(&chapter.text) {
        let number = chapter.text[..range.start].matches('\n').count() + 1;
        let at = format!("{}:{number}", chapter.place);
        match directive.with_context(|| at.clone())? {
            Directive::Code { place, anchor, .. } => {
                let source = Source::read(workspace, &place).with_context(|| at.clone())?;
                let excerpt = source.expect(anchor.as_deref()).context(at.clone())?;
                if let Some(file) = files.get_mut(&place) {
                    file.arrived.extend(&excerpt.numbers);
                    file.shown.extend(&excerpt.numbers);
                    file.displays.push((at, excerpt.numbers));
                }
            }
            Directive::Diff {
                old,
                new,
                file,
                anchor,
                ..
            } => {
                let sides = Sides::read(workspace, [&old, &new], &file, anchor.as_deref())
                    .context(at.clone())?;
                let neighbours = match (stage_number(&old), stage_number(&new)) {
                    (Some(old), Some(new)) => old + 1 == new,
                    _ => false,
                };
                let [old_lines, new_lines] = sides.shown();
                for (stage, lines) in [(&old, old_lines), (&new, new_lines)] {
                    let Some(file) = files.get_mut(&format!("stages/{stage}/src/{file}")) else {
                        continue;
                    };
                    file.shown.extend(&lines);
                    if neighbours && stage == &old {
                        file.left.extend(&lines);
                    } else if neighbours {
                        file.arrived.extend(&lines);
                    }
                    file.displays.push((format!("{at}, {old} → {new}"), lines));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Lines of one file that go, and the lines of the next stage's file that come in their place.
struct Hunk {
    old: (String, Vec<usize>),
    new: (String, Vec<usize>),
}

/// Compares each file with the same file of the stage before, where unchanged lines are shown if
/// they are shown there.
fn hunks(files: &mut Files, apart: &BTreeSet<usize>) -> Vec<Hunk> {
    let mut hunks = Vec::new();
    for [old_place, new_place] in neighbours(files, apart) {
        let [old, new] = [&old_place, &new_place].map(|place| -> Vec<(usize, &str)> {
            let lines = files.get(place).map(|file| counted(&file.source));
            lines.into_iter().flatten().collect()
        });
        let [old_texts, new_texts] = [&old, &new]
            .map(|lines| -> Vec<&str> { lines.iter().map(|(_, text)| *text).collect() });
        let mut unchanged = Vec::new();
        for op in diff::lines(&old_texts, &new_texts) {
            let [old, new] = [&old[op.old_range()], &new[op.new_range()]]
                .map(|lines| lines.iter().map(|(number, _)| *number));
            if op.tag() == DiffTag::Equal {
                unchanged.extend(old.zip(new));
            } else {
                hunks.push(Hunk {
                    old: (old_place.clone(), old.collect()),
                    new: (new_place.clone(), new.collect()),
                });
            }
        }
        let shown_before = files.get(&old_place).map(|file| file.shown.clone());
        if let (Some(before), Some(file)) = (shown_before, files.get_mut(&new_place)) {
            unchanged.retain(|(old, new)| before.contains(old) && !file.shown.contains(new));
            let lines: Vec<usize> = unchanged.into_iter().map(|(_, new)| new).collect();
            file.shown.extend(&lines);
            file.displays.push((format!("as in {old_place}"), lines));
        }
    }
    hunks
}

/// The pairs of places that are to be compared, of which one may not exist: older stages first.
fn neighbours(files: &Files, apart: &BTreeSet<usize>) -> Vec<[String; 2]> {
    let mut stages: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for place in files.keys() {
        if let Some((number, file)) = numbered(place) {
            stages.entry(number).or_default().insert(file);
        }
    }
    let mut pairs = Vec::new();
    for (number, old) in &stages {
        if apart.contains(&(number + 1)) {
            continue;
        }
        for file in stages
            .get(&(number + 1))
            .into_iter()
            .flat_map(|new| old | new)
        {
            let place = |number: usize| format!("stages/stage{number}/src/{file}");
            pairs.push([place(*number), place(number + 1)]);
        }
    }
    pairs
}

impl Hunk {
    /// Whether all of it is shown. What is not is noted.
    fn note_gaps(self, files: &mut Files) -> bool {
        let mut shown = true;
        for ((place, lines), gap) in [(self.old, Gap::Removal), (self.new, Gap::Arrival)] {
            let Some(file) = files.get_mut(&place) else {
                continue;
            };
            for line in lines {
                let seen = match gap {
                    Gap::Removal => &file.left,
                    _ => &file.arrived,
                };
                if !seen.contains(&line) {
                    shown = false;
                    let gaps = file.gaps.entry(line).or_default();
                    if gap == Gap::Removal || !gaps.contains(&Gap::Line) {
                        gaps.insert(gap);
                    }
                }
            }
        }
        shown
    }
}

impl File {
    /// Some of the lines as text, such as `lines 3, 5–8`.
    fn ranges(&self, wanted: impl Fn(usize) -> bool) -> String {
        let runs = self.lines.chunk_by(|a, b| wanted(*a) == wanted(*b));
        let ranges: Vec<String> = runs
            .filter_map(|run| match *run {
                [only] if wanted(only) => Some(only.to_string()),
                [first, .., last] if wanted(first) => Some(format!("{first}–{last}")),
                _ => None,
            })
            .collect();
        match &ranges[..] {
            [only] if !only.contains('–') => format!("line {only}"),
            _ => format!("lines {}", ranges.join(", ")),
        }
    }

    /// What is shown where, in the order of the lines.
    fn list(&self, place: &str) -> String {
        let mut rows: Vec<(Option<&usize>, String)> = Vec::new();
        for (at, lines) in &self.displays {
            let ranges = self.ranges(|line| lines.contains(&line));
            rows.push((lines.iter().min(), format!("  {ranges}: {at}\n")));
        }
        let hidden = |line: &&usize| !self.shown.contains(line);
        if let Some(first) = self.lines.iter().find(hidden) {
            let ranges = self.ranges(|line| hidden(&&line));
            rows.push((Some(first), format!("  {ranges}: not shown\n")));
        }
        rows.retain(|(first, _)| first.is_some());
        rows.sort();
        let rows: String = rows.into_iter().map(|(_, row)| row).collect();
        format!("{place}\n{rows}")
    }

    /// The gaps as problems, one for each kind and region.
    fn report(&self, place: &str, files: &Files, problems: &mut Vec<String>) {
        for region in self
            .lines
            .chunk_by(|a, b| self.source.region(*a) == self.source.region(*b))
        {
            let anchor = self.source.region(region[0]);
            let name = anchor.map_or(String::new(), |anchor| format!(":{anchor}"));
            for gap in [Gap::Line, Gap::Arrival, Gap::Removal] {
                let wanted = |line: usize| {
                    let gaps = self.gaps.get(&line);
                    region.contains(&line) && gaps.is_some_and(|gaps| gaps.contains(&gap))
                };
                let Some(first) = region.iter().find(|line| wanted(**line)) else {
                    continue;
                };
                let lines = self.ranges(wanted);
                let code = format!("{{{{#code {place}{name}}}}}");
                let diff = |older: usize, file: &str| {
                    let stages = [older, older + 1].map(|stage| format!("stage{stage}"));
                    // A region that only moved differs in the diff of the whole file.
                    let excerpts = stages.each_ref().map(|stage| {
                        let file = files.get(&format!("stages/{stage}/src/{file}"))?;
                        file.source.excerpt(anchor).map(|excerpt| excerpt.text)
                    });
                    let name = if excerpts[0] == excerpts[1] {
                        ""
                    } else {
                        &name
                    };
                    format!("{{{{#diff {} {file}{name}}}}}", stages.join(" "))
                };
                let message = match (gap, numbered(place)) {
                    (Gap::Arrival, Some((stage, file))) => format!(
                        "no chapter shows that {lines} came with stage{stage}: expected {code} or {}",
                        diff(stage - 1, file)
                    ),
                    (Gap::Removal, Some((stage, file))) => format!(
                        "no diff shows stage{} dropping {lines}: expected {}",
                        stage + 1,
                        diff(stage, file)
                    ),
                    _ => format!("no chapter shows {lines}: expected {code} or a diff"),
                };
                problems.push(format!("{place}:{first}: {message}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    /// Measures a book of one chapter; the files of the stages are named as `stage1/a.rs`.
    fn measured(files: &[(&str, &str)], chapter: &str) -> Result<Coverage> {
        let folder = tempfile::tempdir()?;
        let write = |place: &str, text: &str| {
            let path = folder.path().join(place);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("Cargo.toml", "");
        for (place, text) in files {
            if place.ends_with(".rs") {
                write(&format!("stages/{}", place.replace('/', "/src/")), text);
            } else {
                write(&format!("scripts/cargo-course/content/{place}"), text);
            }
        }
        let chapter = Written {
            place: "book/src/a.md".to_owned(),
            text: chapter.to_owned(),
        };
        measure(&Workspace::find(folder.path())?, &[chapter])
    }

    #[track_caller]
    fn complete(files: &[(&str, &str)], chapter: &str, report: &str) {
        let coverage = measured(files, chapter).unwrap();
        assert_eq!(coverage.gaps, Vec::<String>::new());
        assert_eq!(coverage.to_string(), format!("coverage: {report}"));
    }

    /// The gaps, without what is expected in their place.
    #[track_caller]
    fn gaps(files: &[(&str, &str)], chapter: &str, wanted: &[&str]) {
        let gaps = measured(files, chapter).unwrap().gaps;
        let gaps: Vec<_> = gaps
            .iter()
            .map(|gap| gap.split(": expected").next().unwrap())
            .collect();
        assert_eq!(gaps, wanted);
    }

    const ANCHORED: &str = "use x;\n\n// ANCHOR: a\nfn a() {\n    1\n}\n// ANCHOR_END: a\n";

    #[test]
    fn a_line_is_shown_by_its_anchor_or_the_whole_file_and_the_top_need_not_be() {
        let files = [("stage1/a.rs", ANCHORED)];
        let report = "3 of 3 lines, 0 of 0 hunks shown";
        complete(&files, "{{#code stages/stage1/src/a.rs}}\n", report);
        complete(
            &files,
            "{{#title x}}\n  {{#code stages/stage1/src/a.rs:a}}\n",
            report,
        );
        gaps(
            &files,
            "{{#code stages/stage1/src/a.rs:top}}\n",
            &["stages/stage1/src/a.rs:4: no chapter shows lines 4–6"],
        );
    }

    #[test]
    fn a_line_that_a_diff_leaves_out_is_not_shown() {
        let old = "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n0\n";
        let new = old.replace('5', "x");
        gaps(
            &[("stage1/a.rs", old), ("stage2/a.rs", &new)],
            "{{#diff stage1 stage2 a.rs}}\n",
            &[
                "stages/stage1/src/a.rs:1: no chapter shows lines 1–2, 10–11",
                "stages/stage2/src/a.rs:1: no chapter shows lines 1–2, 10–11",
            ],
        );
    }

    #[test]
    fn an_unchanged_line_counts_as_shown_where_the_stage_before_shows_it() {
        let new = format!("{ANCHORED}\nfn b() {{}}\n");
        let files = [
            ("stage1/a.rs", ANCHORED),
            ("stage2/a.rs", ANCHORED),
            ("stage3/a.rs", &new),
        ];
        gaps(
            &files,
            "{{#code stages/stage1/src/a.rs:a}}\n",
            &["stages/stage3/src/a.rs:9: no chapter shows line 9"],
        );
        // Not the other way: what the later stage shows was not shown in the earlier.
        gaps(
            &files,
            "{{#code stages/stage3/src/a.rs}}\n",
            &[
                "stages/stage1/src/a.rs:4: no chapter shows lines 4–6",
                "stages/stage2/src/a.rs:4: no chapter shows lines 4–6",
            ],
        );
    }

    #[test]
    fn code_shows_what_comes_and_not_what_goes() {
        let new = ANCHORED.replace("1", "2");
        let files = [("stage1/a.rs", ANCHORED), ("stage2/a.rs", &new)];
        let codes = "{{#code stages/stage1/src/a.rs}}\n{{#code stages/stage2/src/a.rs:a}}\n";
        gaps(
            &files,
            codes,
            &["stages/stage1/src/a.rs:5: no diff shows stage2 dropping line 5"],
        );
        let diff = "{{#code stages/stage1/src/a.rs}}\n{{#diff stage1 stage2 a.rs:a}}\n";
        complete(&files, diff, "6 of 6 lines, 1 of 1 hunks shown");
    }

    #[test]
    fn a_diff_of_other_stages_or_the_wrong_way_shows_no_hunk() {
        let [second, third] = ["2", "3"].map(|other| ANCHORED.replace('1', other));
        let files = [
            ("stage1/a.rs", ANCHORED),
            ("stage2/a.rs", &second),
            ("stage3/a.rs", &third),
        ];
        let code = [1, 2, 3].map(|stage| format!("{{{{#code stages/stage{stage}/src/a.rs}}}}\n"));
        let wrong = "{{#diff stage1 stage3 a.rs}}\n{{#diff stage2 stage1 a.rs}}\n";
        gaps(
            &files,
            &format!("{}{wrong}", code.concat()),
            &[
                "stages/stage1/src/a.rs:5: no diff shows stage2 dropping line 5",
                "stages/stage2/src/a.rs:5: no diff shows stage3 dropping line 5",
            ],
        );
    }

    #[test]
    fn a_line_that_is_first_shown_when_it_goes_is_missing_where_it_came() {
        gaps(
            &[
                ("stage1/a.rs", "a\nb\n"),
                ("stage2/a.rs", "a\nb\nc\n"),
                ("stage3/a.rs", "a\nb\n"),
            ],
            "{{#code stages/stage1/src/a.rs}}\n{{#diff stage2 stage3 a.rs}}\n",
            &["stages/stage2/src/a.rs:3: no chapter shows that line 3 came with stage2"],
        );
    }

    #[test]
    fn a_region_that_moved_unchanged_is_in_the_diff_of_the_whole_file() {
        let a = "// ANCHOR: a\n1\n// ANCHOR_END: a\n";
        let b = "// ANCHOR: b\n2\n3\n// ANCHOR_END: b\n";
        let [old, new] = [format!("{a}{b}"), format!("{b}{a}")];
        let gaps = measured(
            &[("stage1/a.rs", &old), ("stage2/a.rs", &new)],
            "{{#code stages/stage1/src/a.rs}}\n{{#code stages/stage2/src/a.rs}}\n",
        );
        assert_eq!(
            gaps.unwrap().gaps,
            [
                "stages/stage1/src/a.rs:2: no diff shows stage2 dropping line 2: expected {{#diff stage1 stage2 a.rs}}"
            ]
        );
    }

    #[test]
    fn new_and_deleted_files_are_hunks() {
        let files = [("stage1/a.rs", ANCHORED), ("stage2/b.rs", "b\n")];
        gaps(
            &files,
            "{{#code stages/stage1/src/a.rs}}\n",
            &[
                "stages/stage1/src/a.rs:4: no diff shows stage2 dropping lines 4–6",
                "stages/stage2/src/b.rs:1: no chapter shows line 1",
            ],
        );
        complete(
            &files,
            "{{#code stages/stage2/src/b.rs}}\n{{#diff stage1 stage2 a.rs}}\n",
            "4 of 4 lines, 2 of 2 hunks shown",
        );
    }

    #[test]
    fn a_stage_that_is_begun_with_an_earlier_one_has_no_hunks_and_shows_all_lines() {
        let files = [
            ("stage1/a.rs", "1\n"),
            ("stage2/a.rs", "2\n"),
            ("stage2/stage.toml", "achieved = \"2\"\n"),
            ("stage3/a.rs", "2\n3\n"),
            ("stage3/stage.toml", "begun_with = \"stage1\"\n"),
        ];
        let before = "{{#code stages/stage1/src/a.rs}}\n{{#diff stage1 stage2 a.rs}}\n";
        gaps(
            &files,
            before,
            &["stages/stage3/src/a.rs:1: no chapter shows lines 1–2"],
        );
        complete(
            &files,
            &format!("{before}{{{{#code stages/stage3/src/a.rs}}}}\n"),
            "4 of 4 lines, 1 of 1 hunks shown",
        );
    }

    #[test]
    fn blank_lines_and_markers_are_no_hunks() {
        complete(
            &[
                ("stage1/a.rs", ANCHORED),
                (
                    "stage2/a.rs",
                    "use x;\n// ANCHOR: a\nfn a() {\n\n    1\n}\n// ANCHOR_END: a\n\n",
                ),
            ],
            "{{#code stages/stage1/src/a.rs}}\n",
            "6 of 6 lines, 0 of 0 hunks shown",
        );
    }

    #[test]
    fn a_gap_says_what_is_expected() {
        let gaps = measured(
            &[
                ("stage1/a.rs", ANCHORED),
                ("stage2/a.rs", "b\n"),
                ("stage3/a.rs", "c\n"),
            ],
            "{{#diff stage2 stage3 a.rs}}\n",
        );
        assert_eq!(
            gaps.unwrap().gaps,
            [
                "stages/stage1/src/a.rs:4: no chapter shows lines 4–6: expected {{#code stages/stage1/src/a.rs:a}} or a diff",
                "stages/stage1/src/a.rs:4: no diff shows stage2 dropping lines 4–6: expected {{#diff stage1 stage2 a.rs:a}}",
                "stages/stage2/src/a.rs:1: no chapter shows that line 1 came with stage2: expected {{#code stages/stage2/src/a.rs}} or {{#diff stage1 stage2 a.rs}}",
            ]
        );
    }

    #[test]
    fn a_directive_that_means_nothing_is_an_error_with_its_line() {
        #[track_caller]
        fn refused(chapter: &str, message: &str) {
            let error = measured(&[("stage1/a.rs", "a\n")], chapter).unwrap_err();
            assert_eq!(format!("{error:#}"), format!("book/src/a.md:2: {message}"));
        }
        refused("\n{{#code b.rs}}\n", "there is no file b.rs");
        refused(
            "<!--\n{{#code stages/stage1/src/a.rs}}\n-->\n",
            "a directive in a comment shows nothing",
        );
        refused(
            "```text\n{{#code stages/stage1/src/a.rs}}\n```\n",
            r"a directive in code does nothing: to show it, write `\{{#`",
        );
        refused(
            "\n{{#diff stage1 stage2 a.rs}}\n",
            "there is no stage stage2 in stages/",
        );
        refused(
            "\n{{#cod}}\n",
            "there is no directive `cod`: expected code, diff, run, table, graph, plot, slide, matrices, boundary, digits, pad, steps, playground, quiz, rules, description or mdBook's title",
        );
    }

    #[test]
    fn the_listing_says_what_is_shown_where() {
        let new = ANCHORED.replace("1", "2");
        let coverage = measured(
            &[("stage1/a.rs", ANCHORED), ("stage2/a.rs", &new)],
            "{{#code stages/stage1/src/a.rs:a}}\n\n{{#diff stage1 stage2 a.rs:a}}\n",
        );
        assert_eq!(
            coverage.unwrap().listing,
            "\
stages/stage1/src/a.rs
  lines 4–6: book/src/a.md:1
  lines 4–6: book/src/a.md:3, stage1 → stage2
stages/stage2/src/a.rs
  lines 4–6: book/src/a.md:3, stage1 → stage2
"
        );
    }
}

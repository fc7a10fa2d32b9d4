//! One chapter: its directives, formulas and code blocks become HTML.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use anyhow::{Context, Result};
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use crate::directive::{Asked, Directive, Drawing, Quiz, Steps, directives};
use crate::draw::{boundary, digits, graph, matrix, pad, plot, slide, steps};
use crate::markdown::{code_blocks, options};
use crate::prose;
use crate::runner::{self, Runner};
use crate::show::formula::Math;
use crate::show::rules::Tables;
use crate::show::{code, description, diff, quiz, run, table};
use project::Workspace;
use project::anchors::{Anchor, Source};
use project::stages::engine;

/// Expands chapters, and remembers what they used.
#[derive(Debug)]
pub struct Expander {
    workspace: Workspace,
    runner: Arc<Runner>,
    /// How often the runner had run before.
    runs_before: usize,
    math: Math,
    /// Read when a chapter first shows rules.
    rules: OnceCell<Tables>,
    used: RefCell<HashSet<(String, String)>>,
    groups: RefCell<HashSet<String>>,
    directives: Cell<usize>,
    formulas: Cell<usize>,
    pictures: Cell<usize>,
}

/// How much was expanded.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tally {
    /// Directives carried out.
    pub directives: usize,
    /// Formulas typeset.
    pub formulas: usize,
    /// Examples run.
    pub examples: usize,
}

/// What goes in place of a part of the chapter.
struct Replacement {
    range: Range<usize>,
    html: String,
}

impl Expander {
    /// An expander for the chapters of a workspace's book.
    pub fn new(workspace: &Workspace) -> Expander {
        Expander::with_runner(workspace, Arc::new(Runner::new(workspace)))
    }

    /// An expander that does not run again what the runner has run.
    pub fn with_runner(workspace: &Workspace, runner: Arc<Runner>) -> Expander {
        Expander {
            workspace: workspace.clone(),
            runs_before: runner.count(),
            runner,
            math: Math::default(),
            rules: OnceCell::new(),
            used: RefCell::default(),
            groups: RefCell::default(),
            directives: Cell::new(0),
            formulas: Cell::new(0),
            pictures: Cell::new(0),
        }
    }

    /// How much was expanded so far.
    pub fn tally(&self) -> Tally {
        Tally {
            directives: self.directives.get(),
            formulas: self.formulas.get(),
            examples: self.runner.count() - self.runs_before,
        }
    }

    /// Runs all examples of some chapters, side by side. Later they only have to be looked up.
    pub fn run_ahead<'a>(&self, texts: impl IntoIterator<Item = &'a str>) {
        let found = texts.into_iter().flat_map(directives);
        let directives = found.filter_map(|(_, directive)| directive.ok());
        let directives: Vec<Directive> = directives.collect();
        let examples = directives.iter().filter_map(Directive::example);
        self.runner.run_ahead(examples.cloned().collect());
        let requests = directives.iter().filter_map(Directive::steps);
        let requests = requests.flat_map(steps::requests);
        let questions = directives.iter().filter_map(Directive::quiz);
        let questions = questions.filter_map(quiz::request);
        self.runner
            .record_ahead(requests.chain(questions).collect());
    }

    /// Expands a chapter. What is wrong in it is added to `problems`, as `place:line: message`.
    pub fn expand(&self, place: &str, text: &str, problems: &mut Vec<String>) -> String {
        let text = &text.replace("\r\n", "\n");
        let mut found = Vec::new();
        let mut report = |offset: usize, message: String| {
            found.push((text[..offset].matches('\n').count() + 1, message));
        };
        let mut replacements = Vec::new();
        let markdown = self.directives(text, &mut replacements, &mut report);
        let markdown = self.display_formulas(&markdown, &mut replacements, &mut report);
        self.blocks(&markdown, &mut replacements, &mut report);
        prose::check(&markdown, &mut report);
        found.sort_by_key(|(line, _)| *line);
        found.dedup();
        let found = found.into_iter();
        problems.extend(found.map(|(line, message)| format!("{place}:{line}: {message}")));

        replacements.sort_by_key(|replacement| replacement.range.start);
        let mut out = String::with_capacity(text.len() * 2);
        let mut at = 0;
        for Replacement { range, html } in replacements {
            out.push_str(&text[at..range.start]);
            out.push_str(&html);
            at = range.end;
        }
        out.push_str(&text[at..]);
        out
    }

    /// Expands the directives, and gives the text with spaces in their places.
    fn directives(
        &self,
        text: &str,
        replacements: &mut Vec<Replacement>,
        report: &mut impl FnMut(usize, String),
    ) -> String {
        let mut markdown = text.to_owned();
        for (range, directive) in directives(text) {
            let parts = directive.and_then(|directive| {
                let html = self.carry_out(&directive)?;
                let line = &text[range.clone()];
                let indentation = &line[..line.len() - line.trim_start().len()];
                let mut parts = vec![(range.clone(), format!("{indentation}{html}\n"))];
                if let Directive::Quiz(quiz) = &directive {
                    parts.extend(quiz::fold(quiz, text, &range, &self.answer(quiz)?)?);
                }
                Ok(parts)
            });
            match parts {
                Ok(parts) => {
                    self.directives.set(self.directives.get() + 1);
                    markdown.replace_range(range.clone(), &" ".repeat(range.len()));
                    let parts = parts.into_iter();
                    replacements.extend(parts.map(|(range, html)| Replacement { range, html }));
                }
                Err(error) => report(range.start, format!("{error:#}")),
            }
        }
        markdown
    }

    /// Typesets formulas between `$$` that begin their line, and gives the text with `x` in their
    /// places. Markdown would take a line such as `+ y` in them for a list.
    fn display_formulas(
        &self,
        text: &str,
        replacements: &mut Vec<Replacement>,
        report: &mut impl FnMut(usize, String),
    ) -> String {
        let code = code_blocks(text);
        let mut markdown = text.to_owned();
        let mut at = 0;
        while let Some(line) = text[at..].split_inclusive('\n').next() {
            let start = at + line.len() - line.trim_start().len();
            at += line.len();
            let Some(rest) = text[start..].strip_prefix("$$") else {
                continue;
            };
            if code.iter().any(|range| range.contains(&start)) {
                continue;
            }
            let paragraph = rest.find("\n\n").map_or(rest, |end| &rest[..end]);
            let Some(length) = paragraph.find("$$") else {
                report(
                    start,
                    "this `$$` is not closed: expected another `$$` before the next blank line"
                        .to_owned(),
                );
                markdown.replace_range(start..start + 2, "xx");
                continue;
            };
            let range = start..start + length + 4;
            let directives = replacements.iter().map(|other| other.range.start);
            if let Some(directive) = directives.into_iter().find(|at| range.contains(at)) {
                report(
                    directive,
                    "a directive in a formula shows nothing".to_owned(),
                );
            } else {
                self.formula(&rest[..length], true, range.clone(), replacements, report);
            }
            let blank: String = text[range.clone()]
                .split('\n')
                .map(|line| "x".repeat(line.len()))
                .collect::<Vec<_>>()
                .join("\n");
            markdown.replace_range(range.clone(), &blank);
            at = at.max(range.end);
        }
        markdown
    }

    /// Highlights code blocks and typesets formulas.
    fn blocks(
        &self,
        markdown: &str,
        replacements: &mut Vec<Replacement>,
        report: &mut impl FnMut(usize, String),
    ) {
        let mut block: Option<(String, String)> = None;
        let mut table_head = false;
        for (event, range) in Parser::new_ext(markdown, options()).into_offset_iter() {
            match event {
                Event::Start(Tag::TableHead) => table_head = true,
                Event::End(TagEnd::TableHead) => table_head = false,
                // A screen reader names the column of each cell, also of those at the left.
                Event::Start(Tag::TableCell)
                    if table_head && markdown[range.clone()].trim().is_empty() =>
                {
                    replacements.push(Replacement {
                        range,
                        html: r#"<span class="unseen">Row</span>"#.to_owned(),
                    });
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    let language = info.split([',', ' ']).next().unwrap_or_default();
                    block = Some((language.to_owned(), String::new()));
                }
                Event::Text(text) if block.is_some() => {
                    if let Some((_, code)) = &mut block {
                        code.push_str(&text);
                    }
                }
                Event::End(TagEnd::CodeBlock) => {
                    if let Some((language, code)) = block.take() {
                        let end = range.start + markdown[range.clone()].trim_end().len();
                        replacements.push(Replacement {
                            range: range.start..end,
                            html: code::block(&language, &visible(&language, &code)),
                        });
                    }
                }
                Event::InlineMath(tex) => {
                    // A browser may break the line after a formula: never before a comma. A long
                    // one may be broken inside, or it would be wider than a phone.
                    let end = range.end;
                    let next = markdown.get(end..=end).unwrap_or_default();
                    self.formula(&tex, false, range, replacements, report);
                    let formula = replacements.last_mut().filter(|last| last.range.end == end);
                    if let Some(formula) = formula
                        && [",", ".", ";", ":", "?", ")"].contains(&next)
                        && tex.len() <= 30
                    {
                        formula.range.end += 1;
                        formula.html =
                            format!(r#"<span class="unbroken">{}{next}</span>"#, formula.html);
                    }
                }
                Event::DisplayMath(tex) => {
                    self.formula(&tex, true, range, replacements, report);
                }
                _ => {}
            }
        }
    }

    fn formula(
        &self,
        tex: &str,
        display: bool,
        range: Range<usize>,
        replacements: &mut Vec<Replacement>,
        report: &mut impl FnMut(usize, String),
    ) {
        match self.math.typeset(tex, display) {
            Ok(html) => {
                self.formulas.set(self.formulas.get() + 1);
                replacements.push(Replacement { range, html });
            }
            Err(error) => report(range.start, format!("{error:#}")),
        }
    }

    fn carry_out(&self, directive: &Directive) -> Result<String> {
        match directive {
            Directive::Code {
                place,
                anchor,
                notes,
            } => {
                let source = Source::read(&self.workspace, place)?;
                let excerpt = source.expect(anchor.as_deref())?;
                self.note(place, anchor.as_deref());
                code::render(&source, &excerpt, anchor.is_none(), notes)
            }
            Directive::Diff {
                old,
                new,
                file,
                anchor,
                notes,
            } => {
                let stages = [&**old, &**new];
                let sides = diff::Sides::read(&self.workspace, stages, file, anchor.as_deref())?;
                for source in sides.sources.iter().flatten() {
                    self.note(&source.place, anchor.as_deref());
                }
                diff::render(&sides, stages, file, notes)
            }
            Directive::Run { example, section } => {
                let output = self.runner.output(example)?;
                let text = runner::section(&output, section.as_deref())?;
                Ok(run::render(example, &text))
            }
            Directive::Table { example, section } => {
                let text = runner::section(&self.runner.output(example)?, Some(section))?;
                let table = table::parse(&text)
                    .with_context(|| format!("the section `{section}` is no table"))?;
                Ok(table::render(example, &table))
            }
            Directive::Graph(drawing) => self.draw(drawing, "graph", graph::place, graph::render),
            Directive::Plot(drawing) => self.draw(drawing, "plot", plot::parse, plot::render),
            Directive::Slide(drawing) => self.draw(drawing, "slide", slide::parse, slide::render),
            Directive::Matrices(drawing) => {
                self.draw(drawing, "matrices", matrix::parse, matrix::render)
            }
            Directive::Boundary(drawing) => {
                self.draw(drawing, "boundary", boundary::parse, boundary::render)
            }
            Directive::Digits(drawing) => {
                let render = |digits: &Vec<_>, _: &str, title: &str, description: &str| {
                    digits::render(digits, title, description)
                };
                self.draw(drawing, "pictures", digits::parse, render)
            }
            Directive::Pad(drawing) => {
                let render = |pad: &pad::Pad, _: &str, title: &str, description: &str| {
                    pad::render(pad, title, description)
                };
                self.draw(drawing, "pad", pad::parse, render)
            }
            Directive::Steps(steps) => self.steps(steps, false),
            Directive::Playground(steps) => self.steps(steps, true),
            Directive::Quiz(quiz) => quiz::render(quiz, &self.answer(quiz)?),
            Directive::Description { text } => description::render(text),
            Directive::Rules { group } => {
                self.groups.borrow_mut().insert(group.clone());
                self.rules()?.render(group, &self.math)
            }
        }
    }

    fn rules(&self) -> Result<&Tables> {
        if let Some(rules) = self.rules.get() {
            return Ok(rules);
        }
        let rules = Tables::read(&self.workspace)?;
        Ok(self.rules.get_or_init(|| rules))
    }

    /// A picture of what the section says, which `read` understands.
    fn draw<P>(
        &self,
        drawing: &Drawing,
        kind: &str,
        read: impl Fn(&str) -> Result<P>,
        render: impl Fn(&P, &str, &str, &str) -> String,
    ) -> Result<String> {
        let Drawing {
            example,
            section,
            title,
            description,
        } = drawing;
        let text = runner::section(&self.runner.output(example)?, Some(section))?;
        let picture = read(&text).with_context(|| {
            format!("the section `{section}` holds no {kind} that can be drawn")
        })?;
        let number = self.pictures.get() + 1;
        self.pictures.set(number);
        Ok(render(
            &picture,
            &format!("{kind}-{number}"),
            title,
            description,
        ))
    }

    /// A figure that steps through what the recorder saw the stages do.
    fn steps(&self, steps: &Steps, is_playground: bool) -> Result<String> {
        let answers: Result<Vec<String>> = steps::requests(steps)
            .map(|request| self.runner.recording(&request))
            .collect();
        let number = self.pictures.get() + 1;
        self.pictures.set(number);
        steps::render(steps, &answers?, &format!("steps-{number}"), is_playground)
    }

    /// The right answer to a question.
    fn answer(&self, quiz: &Quiz) -> Result<String> {
        match &quiz.source {
            Asked::Program { wanted, .. } => {
                let request = quiz::request(quiz).expect("a program is recorded");
                quiz::wanted(&self.runner.recording(&request)?, wanted)
            }
            Asked::Example { example, section } => {
                runner::section(&self.runner.output(example)?, Some(section))
            }
        }
    }

    fn note(&self, place: &str, anchor: Option<&str>) {
        if let Some(anchor) = anchor {
            self.used
                .borrow_mut()
                .insert((place.to_owned(), anchor.to_owned()));
        }
    }

    /// What is wrong with the anchors in the files that chapters may show, as `place:line: message`.
    ///
    /// # Errors
    /// A source cannot be read.
    pub fn wrong_anchors(&self) -> Result<Vec<String>> {
        let errors = self.sources()?.into_iter().filter_map(Result::err);
        Ok(errors.map(|error| error.to_string()).collect())
    }

    /// The files that chapters may show; errors are those of their anchors.
    fn sources(&self) -> Result<Vec<Result<Source>>> {
        let mut places = self.workspace.stage_sources()?;
        places.extend(self.workspace.test_sources()?);
        let read = |place: &String| Ok(Source::parse(place, &self.workspace.read(place)?));
        places.iter().map(read).collect()
    }

    /// The anchors in the stages' examples and in `tests` that no chapter has shown so far, as
    /// `place:line: message`. (Of the engines [`crate::coverage`] knows every line.) Also what is missing
    /// of the rules where some are shown.
    ///
    /// # Errors
    /// A source cannot be read.
    pub fn unused_anchors(&self) -> Result<Vec<String>> {
        let used = self.used.borrow();
        let mut unused = Vec::new();
        let groups = self.groups.borrow();
        if !groups.is_empty() {
            // What cannot be read has been reported where it should be shown.
            unused.extend(
                self.rules()
                    .map_or_else(|_| Vec::new(), |rules| rules.missing(&groups)),
            );
        }
        for source in self.sources()?.into_iter().flatten() {
            let place = &source.place;
            if engine(place).is_some() {
                continue;
            }
            for Anchor { name, start, .. } in source.anchors() {
                if !used.contains(&(place.clone(), name.clone())) {
                    unused.push(format!(
                        "{place}:{start}: no chapter shows the anchor `{name}`: expected {{{{#code {place}:{name}}}}} or a diff, or no anchor"
                    ));
                }
            }
        }
        Ok(unused)
    }
}

/// Code as it is shown: without the lines that only `rustdoc` needs (`# use stage1::Var;`), and
/// without the backslash of an escaped directive.
fn visible(language: &str, code: &str) -> String {
    let code = code.replace(r"\{{#", "{{#");
    if language != "rust" {
        return code;
    }
    let mut out = String::new();
    for line in code.lines() {
        let trimmed = line.trim_start();
        if trimmed == "#" || trimmed.starts_with("# ") {
            continue;
        }
        match trimmed.strip_prefix("##") {
            Some(rest) => {
                out.push_str(&line[..line.len() - trimmed.len()]);
                out.push('#');
                out.push_str(rest);
            }
            None => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    /// Expands a chapter of a workspace with one file; gives the result and the problems.
    fn expand(text: &str) -> (String, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir(root.join("stages")).unwrap();
        for (file, text) in [
            ("Cargo.toml", ""),
            (
                "a.txt",
                "// ANCHOR: a\nlet $x$;\n\n{{#run}}\n// ANCHOR_END: a\n",
            ),
        ] {
            std::fs::write(root.join(file), text).unwrap();
        }
        let mut problems = Vec::new();
        let expander = Expander::new(&Workspace::find(root).unwrap());
        let text = expander.expand("book/src/c.md", text, &mut problems);
        (text, problems)
    }

    #[track_caller]
    fn refused(text: &str, message: &str) {
        assert_eq!(expand(text).1, [format!("book/src/c.md:{message}")]);
    }

    #[track_caller]
    fn unchanged(text: &str) {
        assert_eq!(expand(text), (text.to_owned(), Vec::new()));
    }

    #[test]
    fn a_directive_becomes_one_line_with_a_blank_one_after_it() {
        let (text, problems) = expand("before\n{{#code a.txt:a}}\nafter\n");
        assert_eq!(problems, Vec::<String>::new());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((lines[0], lines[2], lines[3]), ("before", "", "after"));
        assert!(
            lines[1].contains("let $x$;&#10;&#10;&#123;&#123;#run}}&#10;</code>"),
            "neither formula nor directive in code: {text}"
        );
    }

    #[test]
    fn a_directive_in_a_list_keeps_its_indentation() {
        let (text, _) = expand("- item\n\n  {{#code a.txt:a}}\n");
        assert!(text.contains("\n  <figure "), "{text}");
    }

    #[test]
    fn misplaced_directives_are_refused() {
        refused(
            "a\n\nsee {{#code a.txt}}\n",
            "3: a directive stands alone on its line, from `{{#` to `}}`",
        );
        refused(
            "> {{#code a.txt}}\n",
            "1: a directive stands alone on its line, from `{{#` to `}}`",
        );
        for spaced in [
            "{{ #code a.txt}}\n",
            "{{\n#include a.txt}}\n",
            "\\{{ #code a.txt}}\n",
            "{{{#code a.txt}}\n",
        ] {
            refused(
                spaced,
                "1: a directive stands alone on its line, from `{{#` to `}}`",
            );
        }
        refused(
            "```text\n{{#code a.txt}}\n```\n",
            r"2: a directive in code does nothing: to show it, write `\{{#`",
        );
        refused(
            "by `{{#code a.txt}}`\n",
            r"1: a directive in code does nothing: to show it, write `\{{#`",
        );
        refused(
            "a\n\n<!--\n{{#code a.txt}}\n\n-->\n",
            "4: a directive in a comment shows nothing",
        );
        refused(
            "$$\nx\n{{#code a.txt:a}}\n$$\n",
            "3: a directive in a formula shows nothing",
        );
        refused("\n{{#code b.txt}}\n", "2: there is no file b.txt");
        refused(
            "{{#code a.txt:b}}\n",
            "1: there is no anchor `b` in a.txt (it has: a)",
        );
        refused(
            "{{#code ../a.txt}}\n",
            "1: `../a.txt` is not a path from the top of the workspace, written with slashes",
        );
    }

    #[test]
    fn every_problem_is_reported() {
        let (_, problems) = expand("{{#code b}}\n\n{{#nothing}}\n\n$\\frac$\n");
        assert_eq!(problems.len(), 3, "{problems:?}");
    }

    #[test]
    fn what_stands_in_code_or_a_comment_does_not_run() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("stages")).unwrap();
        std::fs::write(folder.path().join("Cargo.toml"), "").unwrap();
        let expander = Expander::new(&Workspace::find(folder.path()).unwrap());
        expander.run_ahead(["```text\n{{#run a b}}\n```\n\n<!--\n{{#run c d}}\n-->\n"]);
        assert_eq!(expander.tally(), Tally::default());
    }

    #[test]
    fn an_escaped_directive_and_mdbooks_title_are_left() {
        unchanged("\\{{#code a.txt}} and `\\{{#run x y}}`\n");
        unchanged("{{#title Something}}\n");
        let (text, problems) = expand("```text\n\\{{#code a}}\n```\n");
        assert_eq!(problems, Vec::<String>::new());
        assert!(text.contains(">&#123;&#123;#code a}}&#10;<"), "{text}");
    }

    #[test]
    fn formulas_are_typeset_wherever_they_stand() {
        for text in [
            "a $x$ b\n",
            "| a |\n|---|\n| $x$ |\n",
            "> $x$\n",
            "## The $x$\n",
            "$$\nx\n+ y\n= z\n$$\n",
            "text\n$$x$$\ntext\n",
            "> $$\n> x\n> y $$\n",
            "- item\n\n  $$\n  x\n  - y\n  $$\n",
            "a $$x$$ b\n",
            "*$x$*\n",
        ] {
            let (html, problems) = expand(text);
            assert_eq!(problems, Vec::<String>::new(), "{text}");
            assert_eq!(html.matches("class=\"katex\"").count(), 1, "{text}\n{html}");
        }
    }

    #[test]
    fn no_head_of_a_column_is_empty() {
        let (text, problems) = expand("> | | a |\n> |---|---|\n> | b | |\n");
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(
            text,
            "> |<span class=\"unseen\">Row</span>| a |\n> |---|---|\n> | b | |\n"
        );
    }

    #[test]
    fn a_line_does_not_begin_with_the_comma_after_a_formula() {
        let (html, _) = expand("($x$), and $y$");
        assert!(
            html.starts_with("(<span class=\"unbroken\"><span class=\"katex\">"),
            "{html}"
        );
        assert!(
            html.contains("</span>)</span>, and <span class=\"katex\">"),
            "{html}"
        );
        let long = "1 + ".repeat(8) + "1";
        assert!(!expand(&format!("${long}$,")).0.contains("unbroken"));
        assert_eq!(expand("$x$, $\\frac$.").1.len(), 1);
    }

    #[test]
    fn code_and_literal_dollars_are_no_formulas() {
        unchanged("`$x$` costs \\$5 or \\$6\n");
        let (html, problems) = expand("```sh\n$ echo $HOME $x$\n```\n");
        assert_eq!(problems, Vec::<String>::new());
        assert!(html.contains("$ echo $HOME $x$"), "{html}");
    }

    #[test]
    fn a_dollar_that_means_nothing_is_refused() {
        let message = r"this `$` begins no formula: close it (`$x$`, without spaces inside of the signs, braces in pairs), or write `\$` for a dollar";
        refused("one\ncosts $5\n", &format!("2: {message}"));
        refused("a ${x$\n", &format!("1: {message}"));
        let message = "HTML holds no formulas: put this `$` into Markdown between blank lines, or write `&#36;` for a dollar";
        for (text, line) in [
            (
                "<details>\n<summary>Predict $x$</summary>\n\ntext\n\n</details>\n",
                2,
            ),
            ("a\n<b title=\"$x$\">b</b>\n", 2),
            ("<div>\n<!-- $5 -->\n$5\n</div>\n", 3),
        ] {
            refused(text, &format!("{line}: {message}"));
        }
        unchanged("<div>\n<!-- $5\n$x$ -->\n</div>\n\na <!-- $5 --> b\n\n<!--\n$x$\n\n$y$\n-->\n");
        refused(
            "$$\nx\n\ny\n",
            "1: this `$$` is not closed: expected another `$$` before the next blank line",
        );
    }

    #[test]
    fn an_apostrophe_in_html_is_refused() {
        let message = "HTML stays as it is: write `’` for this apostrophe, as Markdown does";
        let text =
            "<details>\n<summary>The <code>f'a</code> of x's</summary>\n\nx's\n\n</details>\n";
        refused(text, &format!("2: {message}"));
        unchanged("<p title=\"x's\">\n<code>b'x'</code> 'a' ’s\n</p>\n");
    }

    #[test]
    fn what_refers_to_nothing_is_refused() {
        refused(
            "a\n\n[text][nowhere]\n",
            "3: there is no definition `[nowhere]: …` for this link",
        );
        refused(
            "- a\n- ![text][no where]\n",
            "2: there is no definition `[no where]: …` for this link",
        );
        refused(
            "[nowhere][]\n",
            "1: there is no definition `[nowhere]: …` for this link",
        );
        refused("a\nb[^1]\n", "2: there is no footnote `[^1]: …`");
        unchanged(
            "[a] [text][b] [b][] c[^1] \\[^2] \\[c][d] `[e][f]` `[^3]`\n\n[b]: https://example.org/\n\n[^1]: d\n",
        );
    }

    #[test]
    fn problems_are_in_the_order_of_lines() {
        let (_, problems) = expand("$\\frac$\n\n$$\nx\n\n{{#code b}}\n\na $5\n");
        let lines: Vec<&str> = problems
            .iter()
            .map(|problem| problem.split(':').nth(1).unwrap())
            .collect();
        assert_eq!(lines, ["1", "3", "6", "8"], "{problems:?}");
    }

    #[test]
    fn bad_tex_is_refused_with_its_line() {
        let (_, problems) = expand("a\n\nb $\\frac$ c\n");
        assert!(
            problems[0].starts_with(r"book/src/c.md:3: the formula `\frac` cannot be read: "),
            "{problems:?}"
        );
    }

    #[test]
    fn rust_blocks_are_highlighted_without_their_hidden_lines() {
        let (html, _) = expand("```rust,ignore\n# use a;\n#[x]\nlet a = 1;\n## b\n```\nafter\n");
        assert_eq!(
            html,
            "<pre style=\"--lines:3\"><code class=\"code-rust\" tabindex=\"0\"><span class=\"hl-macro\">#[x]</span>&#10;<span class=\"hl-keyword\">let</span> a = \
             1;&#10;# b&#10;</code></pre>\nafter\n"
        );
    }

    #[test]
    fn a_code_block_in_a_quote_stays_in_it() {
        let (html, _) = expand("> ```text\n> a\n>\n> b\n> ```\n> c\n");
        assert_eq!(
            html,
            "> <pre style=\"--lines:3\"><code class=\"code-text\" tabindex=\"0\">a&#10;&#10;b&#10;</code></pre>\n> c\n"
        );
    }
}

//! `{{#rules functions}}`: the derivative rules of stage 4 as formulas, each with its code.
//!
//! The formulas are written by hand in `book/rules.toml`, one for each argument of each primitive, and
//! each is kept with the code that it was written for: when a rule changes, its formula has to be checked
//! again. The rest comes from the code: which primitives there are, the rules of a group, which is a
//! function of `rules.rs`, and where the table of `operations.rs` checks each. What has no formula or no
//! check is an error.

mod formulas;
mod stage4;

use std::collections::{BTreeSet, HashSet};

use anyhow::{Context, Result, bail};

use crate::html::{escape, figure, indentation, solution, with_code, wrapped};
use crate::show::formula::Math;
use crate::show::highlight;
use crate::show::rules::formulas::Formulas;
use crate::show::rules::stage4::{CHECKS, Group, OPERATIONS, Primitive, RULES, Rule, Stage4};
use project::Workspace;

pub use formulas::FORMULAS;

/// The group of the functions that have no derivative.
const UNTRACED: &str = "untraced";

/// What the tables are made of.
#[derive(Debug)]
pub struct Tables {
    formulas: Formulas,
    stage4: Stage4,
}

impl Tables {
    /// Reads the rules and their formulas.
    ///
    /// # Errors
    /// A file is missing or cannot be read, rules are not defined in the way of `rules.rs`, or a
    /// primitive has no rule.
    pub fn read(workspace: &Workspace) -> Result<Tables> {
        let formulas = Formulas::read(workspace)?;
        let stage4 = Stage4::read(workspace, &formulas.signs)?;
        Ok(Tables { formulas, stage4 })
    }

    /// What is missing where some groups are shown: the other groups, and rules for what
    /// `book/rules.toml` has besides.
    pub fn missing(&self, shown: &HashSet<String>) -> Vec<String> {
        let Tables { formulas, stage4 } = self;
        let groups = stage4.groups.iter().map(|group| &*group.name);
        let unseen = groups
            .chain([UNTRACED])
            .filter(|group| !shown.contains(*group));
        let mut missing: Vec<String> = unseen
            .map(|group| {
                format!(
                    "no chapter shows the group `{group}` of rules: expected {{{{#rules {group}}}}}"
                )
            })
            .collect();
        let primitives = stage4.groups.iter().flat_map(|group| &group.primitives);
        let rules: BTreeSet<_> = primitives
            .flat_map(|primitive| {
                let name = &primitive.function.name;
                let rules = primitive.rules.iter();
                rules.map(|rule| (name.clone(), rule.argument))
            })
            .collect();
        missing.extend(formulas.for_nothing(&rules, &stage4.functions));
        missing
    }

    /// The table of a group of rules.
    ///
    /// # Errors
    /// There is no such group, or a rule has no formula or no check.
    pub fn render(&self, name: &str, math: &Math) -> Result<String> {
        let groups = &self.stage4.groups;
        match groups.iter().find(|group| group.name == name) {
            Some(group) => self.group(group, math),
            None if name == UNTRACED => Ok(self.untraced()),
            None => {
                let names: Vec<&str> = groups.iter().map(|group| &*group.name).collect();
                bail!(
                    "there is no group `{name}` of rules: expected one of {}, {UNTRACED}",
                    names.join(", ")
                )
            }
        }
    }

    fn group(&self, group: &Group, math: &Math) -> Result<String> {
        let mut problems = Vec::new();
        let bodies = group.primitives.iter();
        let bodies: String = bodies
            .map(|primitive| self.primitive(primitive, math, &mut problems))
            .collect();
        if !problems.is_empty() {
            bail!("{}", problems.join("\n"));
        }
        let (first, last) = group.lines;
        // On a phone the path is longer than a line, which may end before the name of the file.
        let (folder, file) = CHECKS.rsplit_once('/').expect("a file in a folder");
        let caption = format!(
            r#"<code>{RULES}</code> <span class="lines">lines {first}–{last}</span>, checked by <code>{folder}/<wbr>{file}</code>"#
        );
        let header = ["Function", "Rule", "What it computes", "Checked"];
        let table = table(&format!("Rules: {}", group.name), &header, &bodies);
        Ok(solution("rules", &caption, &table))
    }

    /// A row for each argument. What is wrong with a rule is added to `problems`.
    fn primitive(&self, primitive: &Primitive, math: &Math, problems: &mut Vec<String>) -> String {
        let (name, says) = (
            &primitive.function.name,
            with_code(&primitive.function.says),
        );
        if primitive.checked.is_none() {
            problems.push(format!(
                "no `operation(\"{name}\", …)` in {CHECKS} checks the rules of `{name}`"
            ));
        }
        let checked = primitive.checked.as_deref().unwrap_or_default();
        let mut html = String::from("<tbody>");
        for (index, rule) in primitive.rules.iter().enumerate() {
            let rule = self.rule(name, rule, math).unwrap_or_else(|error| {
                problems.push(format!("{error:#}"));
                String::new()
            });
            if index == 0 {
                let count = primitive.rules.len();
                let scope = if count == 1 { "row" } else { "rowgroup" };
                html.push_str(&format!(
                    r#"<tr><th scope="{scope}" rowspan="{count}" id="rule-{name}"><code>{name}</code></th><td>{rule}</td><td rowspan="{count}">{says}</td><td rowspan="{count}">{checked}</td></tr>"#,
                ));
            } else {
                html.push_str(&format!("<tr><td>{rule}</td></tr>"));
            }
        }
        html.push_str("</tbody>");
        html
    }

    /// The formula, and the code below it.
    fn rule(&self, primitive: &str, rule: &Rule, math: &Math) -> Result<String> {
        let formula = self.formulas.of(primitive, rule.argument, &rule.code);
        let formula = formula.with_context(|| rule.place.clone())?;
        let lines = formula.lines().filter(|line| !line.trim().is_empty());
        let lines: Vec<String> = lines
            // In braces, so that it is not broken into lines.
            .map(|line| math.typeset(&format!("{{{}}}", with_gradients(line)), false))
            .collect::<Result<_>>()?;
        let code = rule.shown.lines().zip(highlight::rust(&rule.shown));
        let code: Vec<_> = code
            .map(|(line, html)| (html, Some(indentation(line) + 2)))
            .collect();
        let code = wrapped("rust", &code);
        Ok(format!("{}{code}", lines.join("<br>")))
    }

    fn untraced(&self) -> String {
        let mut body = String::from("<tbody>");
        for function in &self.stage4.untraced {
            body.push_str(&format!(
                r#"<tr><th scope="row"><code>{}</code></th><td>{}</td></tr>"#,
                escape(&function.name),
                with_code(&function.says)
            ));
        }
        body.push_str("</tbody>");
        let caption = format!("<code>{OPERATIONS}</code>");
        let header = ["Function", "What it computes"];
        let table = table("Functions without a derivative", &header, &body);
        figure("rules", &caption, &table)
    }
}

/// A table that scrolls where it is too wide, also by keyboard.
fn table(label: &str, header: &[&str], bodies: &str) -> String {
    let header: String = header
        .iter()
        .map(|name| format!(r#"<th scope="col">{name}</th>"#))
        .collect();
    format!(
        r#"<div class="table-wrapper" role="region" aria-label="{label}" tabindex="0"><table><thead><tr>{header}</tr></thead>{bodies}</table></div>"#
    )
}
/// The gradient g that comes in and the h that go out, in the colour of gradients.
fn with_gradients(tex: &str) -> String {
    let mut out = String::new();
    let mut rest = tex;
    while let Some(letter) = rest.chars().next() {
        // Words, with the backslash of a command before them, are not looked into.
        let start = usize::from(letter == '\\');
        let word = rest[start..].find(|c: char| !c.is_ascii_alphabetic());
        let end = word.map_or(rest.len(), |word| start + word);
        let (token, after) = rest.split_at(end.max(letter.len_utf8()));
        rest = after;
        if !matches!(token, "g" | "h") {
            out.push_str(token);
            continue;
        }
        // With its index.
        let index = rest
            .strip_prefix('_')
            .and_then(|index| index.chars().next());
        let index = index.filter(|index| index.is_ascii_alphanumeric());
        let length = index.map_or(0, |_| 2);
        out.push_str(&format!("\\asgradient{{{token}{}}}", &rest[..length]));
        rest = &rest[length..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chapter::Expander;
    use crate::show::rules::stage4::{CHECKED_ELSEWHERE, WALK};
    use pretty_assertions::assert_eq;

    const FORMULAS_OF_ALL: &str = r"signs = ['unbroadcast']
[[rule]]
of = 'add'
argument = 0
code = '|g, _, x| unbroadcast(g.clone(), &x[0])'
formula = 'h_0 = g'
[[rule]]
of = 'add'
argument = 1
code = '|g, _, x| unbroadcast(g.clone(), &x[1])'
formula = 'h_1 = g'
[[rule]]
of = 'accumulate'
argument = 0
code = '|g, _, _| g.clone()'
formula = 'h_0 = g'
[[rule]]
of = 'accumulate'
argument = 1
code = '|g, _, _| g.clone()'
formula = 'h_1 = g'
[[rule]]
of = 'sin'
argument = 0
code = '|g, _, x| g * x[0].cos()'
formula = '''
h = g \cdot c
\text{where } c = \cos x
'''
[[rule]]
of = 'abs'
argument = 0
code = '''
fn signed(g: &Value, _: &Value, x: &[Value]) -> Value {
    half(g) * x[0].sign() + half(g) * x[0].sign()
}

fn half(g: &Value) -> Value {
    g * 0.5
}
'''
formula = 'h = g \cdot s'
[[rule]]
of = 'total'
code = '|_, g, _, _| g.clone()'
formula = 'h_i = g'
";

    const ADDED: &str = "fn added(registry: &mut Registry) {
    registry.defvjp(&ADD, &[|g, _, x| unbroadcast(g.clone(), &x[0]), |g, _, x| unbroadcast(g.clone(), &x[1])]);
    registry.defvjp(&ACCUMULATE, &[|g, _, _| g.clone(), |g, _, _| g.clone()]);
}
";

    /// The files of a small stage.
    fn files() -> Vec<(&'static str, String)> {
        vec![
            ("Cargo.toml", String::new()),
            (FORMULAS, FORMULAS_OF_ALL.to_owned()),
            (
                RULES,
                format!(
                    "fn define(registry: &mut Registry) {{
    added(registry);
    functions(registry);
}}
{ADDED}fn functions(registry: &mut Registry) {{
    registry.defvjp(&SIN, &[|g, _, x| g * x[0].cos()]);
    registry.defvjp(&ABS, &[signed]);
    registry.defvjp_variadic(&TOTAL, |_, g, _, _| g.clone());
}}
fn signed(g: &Value, _: &Value, x: &[Value]) -> Value {{
    half(g) * x[0].sign() + half(g) * x[0].sign()
}}
fn half(g: &Value) -> Value {{
    g * 0.5
}}
pub fn unbroadcast(gradient: Value, target: &Value) -> Value {{
    gradient
}}
"
                ),
            ),
            (
                OPERATIONS,
                "/// Addition\n/// of `<` two.\n///\n/// More.
pub static ADD: Primitive = Primitive::new(\"add\", |args| args.zip(|x, y| x + y));
/// Sine.
pub static SIN: Primitive = Primitive::new(\"sin\", |args| args.map(f64::sin));
/// Absolute value.
pub static ABS: Primitive = Primitive::new(\"abs\", |args| args.map(f64::abs));
/// Sum of all.
pub static TOTAL: Primitive = Primitive::new(\"total\", total);
/// Whole part.
pub static FLOOR: Untraced = Untraced::new(\"floor\", |args| args.map(f64::floor));
"
                .to_owned(),
            ),
            (
                WALK,
                "/// Gradients that meet.
pub static ACCUMULATE: Primitive = Primitive::new(\"accumulate\", add);
"
                .to_owned(),
            ),
            (
                CHECKS,
                "fn operations() -> Vec<Operation> {
    vec![
        operation(\"sin\", |x| x[0].sin(), unary()),
        operation(\"add\", |x| &x[0] + &x[1], binary()),
        operation(
            \"total\",
            total,
        ),
        operation(\"abs\", |x| x[0].abs(), unary()),
        operation(\"sin\", |x| (-&x[0]).sin(), unary()),
    ]
}
"
                .to_owned(),
            ),
            (
                CHECKED_ELSEWHERE.2,
                format!("\n#[test]\nfn {}() {{}}\n", CHECKED_ELSEWHERE.3),
            ),
        ]
    }

    /// The small stage, in which the text `from` of a file became `to`.
    fn stage(place: &str, [from, to]: [&str; 2]) -> (tempfile::TempDir, Workspace) {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in files() {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let changed = if file == place {
                text.replace(from, to)
            } else {
                text.clone()
            };
            assert_eq!(changed != text, file == place && from != to, "{file}");
            std::fs::write(path, changed).unwrap();
        }
        let workspace = Workspace::find(folder.path()).unwrap();
        (folder, workspace)
    }

    /// The table of a group in a workspace.
    fn render(workspace: &Workspace, group: &str, math: &Math) -> Result<String> {
        Tables::read(workspace)?.render(group, math)
    }

    /// The tables of some groups when a file has changed.
    fn tables(groups: &[&str], place: &str, change: [&str; 2]) -> Result<Vec<String>> {
        let (_folder, workspace) = stage(place, change);
        let render = |group: &&str| render(&workspace, group, &Math::default());
        groups.iter().map(render).collect()
    }

    #[track_caller]
    fn refused(group: &str, place: &str, change: [&str; 2], message: &str) {
        let error = tables(&[group], place, change).unwrap_err();
        assert_eq!(format!("{error:#}"), message);
    }

    const NO_CHANGE: [&str; 2] = ["", ""];
    const ALL: [&str; 3] = ["added", "functions", "untraced"];

    #[test]
    fn a_group_is_a_table_that_screen_readers_can_follow() {
        let tables = tables(&ALL, RULES, NO_CHANGE).unwrap();
        let [added, functions, untraced] = &tables[..] else {
            panic!("three tables: {tables:?}");
        };
        for wanted in [
            "<details class=\"rules solution\" open><summary><span class=\"ask\">Show</span> \
             <code>stages/stage4/src/rules.rs</code> <span class=\"lines\">lines 5–8</span>",
            "<div class=\"table-wrapper\" role=\"region\" aria-label=\"Rules: added\" tabindex=\"0\">",
            "<th scope=\"col\">Function</th>",
            "<tbody><tr><th scope=\"rowgroup\" rowspan=\"2\" id=\"rule-add\"><code>add</code></th><td>",
            "</td><td rowspan=\"2\">Addition of <code>&lt;</code> two.</td><td rowspan=\"2\">line 4</td></tr><tr><td>",
            "<td rowspan=\"2\">step 7, line 3</td>",
        ] {
            assert!(added.contains(wanted), "{wanted} is not in {added}");
        }
        assert_eq!(
            added.matches("<tr>").count(),
            1 + 4,
            "a row for each argument"
        );
        assert_eq!(added.matches("class=\"katex\"").count(), 4);
        for wanted in [
            "<th scope=\"row\" rowspan=\"1\" id=\"rule-sin\">",
            "<td rowspan=\"1\">lines 3, 10</td>",
            "<mi>cos</mi>",
            // A rule that is a function is shown as that.
            "<span class=\"hl-function\">signed</span>(g: &amp;",
        ] {
            assert!(functions.contains(wanted), "{wanted} is not in {functions}");
        }
        assert!(
            !functions.contains(">half</span>(g: "),
            "what it calls is not shown: {functions}"
        );
        let row = "<tr><th scope=\"row\"><code>floor</code></th><td>Whole part.</td></tr>";
        assert!(untraced.contains(row), "{untraced}");
        assert!(!untraced.contains("solution"), "{untraced}");
    }

    #[test]
    fn a_rule_that_changed_is_refused_with_what_to_write() {
        refused(
            "functions",
            RULES,
            ["x[0].cos()", "x[0].erf()"],
            r"stages/stage4/src/rules.rs:10: the rule of `sin` for argument 0 has changed. See whether book/rules.toml:22 still says the same, `h = g \cdot c
\text{where } c = \cos x`, and then write into that row:

code = '|g, _, x| g * x[0].erf()'
",
        );
        let layout = ["g * x[0].cos()", "\n g\n * x[0] .cos(),\n"];
        assert!(tables(&ALL, RULES, layout).is_ok());
    }

    #[test]
    fn what_a_rule_calls_belongs_to_it_unless_it_has_a_sign() {
        refused(
            "functions",
            RULES,
            ["    g * 0.5", "    g * 0.25"],
            r"stages/stage4/src/rules.rs:11: the rule of `abs` for argument 0 has changed. See whether book/rules.toml:30 still says the same, `h = g \cdot s`, and then write into that row:

code = '''
fn signed(g: &Value, _: &Value, x: &[Value]) -> Value {
    half(g) * x[0].sign() + half(g) * x[0].sign()
}

fn half(g: &Value) -> Value {
    g * 0.25
}
'''
",
        );
        let sign = ["    gradient\n", "    gradient.sum()\n"];
        assert!(tables(&ALL, RULES, sign).is_ok());
        let no_sign = ["signs = ['unbroadcast']", "signs = []"];
        let error = tables(&["added"], FORMULAS, no_sign).unwrap_err();
        let count = error.to_string().matches("has changed").count();
        assert_eq!(count, 2, "all at once: {error}");
    }

    #[test]
    fn what_the_message_says_is_right_when_it_is_pasted() {
        for (change, formula) in [
            (
                ["of = 'add'\nargument = 1", "of = 'add'\nargument = 2"],
                "'h_1 = g'",
            ),
            (["of = 'total'", "of = 'sum'"], "'h_i = g'"),
            (["g * 0.5", "g"], ""),
        ] {
            let (_folder, workspace) = stage(FORMULAS, change);
            let render = |group: &str| render(&workspace, group, &Math::default());
            let error = ALL.into_iter().find_map(|group| render(group).err());
            let message = format!("{:#}", error.unwrap());
            let (_, said) = message.split_once("\n\n").unwrap();
            let rows = workspace.read(FORMULAS).unwrap();
            let rows = if said.starts_with("[[rule]]") {
                rows + &said.replace("'h = …'", formula)
            } else {
                let (before, after) = rows.split_once("code = '''\nfn").unwrap();
                let (_, after) = after.split_once("'''\n").unwrap();
                format!("{before}{said}{after}")
            };
            std::fs::write(workspace.path(FORMULAS), rows).unwrap();
            for group in ALL {
                render(group).unwrap();
            }
        }
    }

    #[test]
    fn a_rule_without_a_formula_is_refused_with_the_row_that_it_needs() {
        refused(
            "functions",
            FORMULAS,
            ["of = 'sin'", "of = 'sine'"],
            "stages/stage4/src/rules.rs:10: the rule of `sin` for argument 0 has no formula. Write one into book/rules.toml:

[[rule]]
of = \"sin\"
argument = 0
code = '|g, _, x| g * x[0].cos()'
formula = 'h = …'
",
        );
    }

    #[test]
    fn rows_for_nothing_and_groups_that_are_not_shown_are_missing() {
        let missing = |change, shown: &[&str]| {
            let (_folder, workspace) = stage(FORMULAS, change);
            let shown = shown.iter().map(|group| (*group).to_owned()).collect();
            Tables::read(&workspace).unwrap().missing(&shown)
        };
        assert_eq!(missing(NO_CHANGE, &ALL), Vec::<String>::new());
        assert_eq!(
            missing(NO_CHANGE, &["added", "untraced"]),
            ["no chapter shows the group `functions` of rules: expected {{#rules functions}}"]
        );
        for (change, message) in [
            (
                ["of = 'sin'", "of = 'sine'"],
                "22: there is no rule of `sine` for argument 0",
            ),
            (
                ["of = 'total'", "of = 'total'\nargument = 0"],
                "43: there is no rule of `total` for argument 0",
            ),
            (
                ["['unbroadcast']", "['unbroadcast', 'sum']"],
                "1: there is no function `sum` to have a sign",
            ),
        ] {
            assert_eq!(missing(change, &ALL), [format!("{FORMULAS}:{message}")]);
        }
    }

    #[test]
    fn a_book_without_rules_lacks_none_and_another_is_told_what_it_lacks() {
        let unused = |chapter: &str, place, change| {
            let (_folder, workspace) = stage(place, change);
            let expander = Expander::new(&workspace);
            let mut problems = Vec::new();
            expander.expand("book/src/c.md", chapter, &mut problems);
            let unused = expander.unused_anchors().unwrap();
            (problems.len(), unused.len())
        };
        let shown = ALL
            .map(|group| format!("{{{{#rules {group}}}}}\n\n"))
            .concat();
        assert_eq!(unused("Nothing.\n", RULES, NO_CHANGE), (0, 0));
        assert_eq!(unused("{{#rules added}}\n", RULES, NO_CHANGE), (0, 2));
        assert_eq!(
            unused(&shown, FORMULAS, ["of = 'sin'", "of = 'sine'"]),
            (1, 1)
        );
        // What cannot be read is reported where it should be shown.
        assert_eq!(unused(&shown, CHECKS, ["\"sin\"", "\"add\""]), (1, 0));
        assert_eq!(unused(&shown, RULES, ["define", "defined"]), (3, 0));
    }

    #[test]
    fn formulas_that_cannot_be_read_are_refused_with_their_line() {
        for (change, message) in [
            (
                ["of = 'sin'", "of = 'add'"],
                "22: the rule of `add` for argument 0 has a row in line 2 already",
            ),
            (
                ["of = 'sin'", "off = 'sin'"],
                "23: unknown field `off`, expected one of `of`, `argument`, `code`, `formula`",
            ),
        ] {
            refused("added", FORMULAS, change, &format!("{FORMULAS}:{message}"));
        }
    }

    #[test]
    fn a_group_that_is_not_there_is_refused() {
        refused(
            "function",
            RULES,
            NO_CHANGE,
            "there is no group `function` of rules: expected one of added, functions, untraced",
        );
    }

    #[test]
    fn rules_and_primitives_must_belong_together() {
        for change in [
            [
                "Primitive = Primitive::new(\"sin\"",
                "Other = Primitive::new(\"sin\"",
            ],
            ["static SIN", "static SINE"],
        ] {
            refused(
                "added",
                OPERATIONS,
                change,
                "stages/stage4/src/rules.rs:10: `SIN` is no primitive in stages/stage4/src/ops.rs \
                 or stages/stage4/src/backward.rs, or has rules already",
            );
        }
        refused(
            "added",
            RULES,
            [
                "    registry.defvjp(&SIN, &[|g, _, x| g * x[0].cos()]);\n",
                "",
            ],
            "the primitive `SIN` has no rules in stages/stage4/src/rules.rs",
        );
        refused(
            "added",
            RULES,
            ["&SIN", "&ADD"],
            "stages/stage4/src/rules.rs:10: `ADD` is no primitive in stages/stage4/src/ops.rs or \
             stages/stage4/src/backward.rs, or has rules already",
        );
    }

    #[test]
    fn other_ways_to_define_rules_are_refused() {
        refused(
            "added",
            RULES,
            [
                "    functions(registry);",
                "    registry.defvjp(&SIN, &[]);",
            ],
            "stages/stage4/src/rules.rs:3: `define` calls one function for each group of rules, and \
             `registry.defvjp(&SIN, &[]);` is not such a call",
        );
        refused(
            "added",
            RULES,
            [
                "registry.defvjp(&SIN, &[|g, _, x| g * x[0].cos()]);",
                "for rule in rules {\n}",
            ],
            "stages/stage4/src/rules.rs:10: expected `registry.defvjp(&NAME, &[…]);` or \
             `registry.defvjp_variadic(&NAME, …);`, found `for rule in rules {`",
        );
        refused(
            "added",
            RULES,
            ["fn define(", "fn defined("],
            "there is no function `define` in stages/stage4/src/rules.rs",
        );
        refused(
            "added",
            RULES,
            ["&SIN,", "&SIN;"],
            "stages/stage4/src/rules.rs:10: Rust cannot parse it: expected `,`",
        );
    }

    #[test]
    fn a_primitive_without_a_check_is_refused() {
        for change in ["operation(\"total\"", "operation(ADD"] {
            refused(
                "added",
                CHECKS,
                ["operation(\"add\"", change],
                "no `operation(\"add\", …)` in stages/stage4/tests/behaviours/operations.rs checks the \
                 rules of `add`",
            );
        }
        refused(
            "added",
            CHECKED_ELSEWHERE.2,
            ["#[test]\n", ""],
            "there is no test `a_gradient_is_differentiated_again` in \
             stages/stage4/tests/step7_unbroadcast.rs, which is to check the rules of `accumulate`",
        );
    }

    #[test]
    fn every_primitive_of_stage_4_has_its_rows() {
        let start = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let workspace = Workspace::find(start).unwrap();
        let groups = Stage4::read(&workspace, &[]).unwrap().groups;
        let groups: HashSet<String> = groups.into_iter().map(|group| group.name).collect();
        let render = |group| {
            render(&workspace, group, &Math::default()).unwrap_or_else(|error| panic!("{error:#}"))
        };
        let html: String = groups.iter().map(|group| render(group)).collect();
        let missing = Tables::read(&workspace).unwrap().missing(&groups);
        assert_eq!(missing.len(), 1, "only `untraced`: {missing:?}");
        let named = include_str!("../../../../stages/stage4/src/ops.rs").split("Primitive::new(\"");
        let named = named.skip(1).filter_map(|rest| rest.split('"').next());
        let mut count = 0;
        for name in named.chain(["accumulate"]) {
            count += 1;
            assert!(html.contains(&format!("id=\"rule-{name}\"")), "{name}");
        }
        assert_eq!(html.matches("id=\"rule-").count(), count);
    }

    #[test]
    fn gradients_have_their_colour_and_words_are_left_alone() {
        for (tex, coloured) in [
            ("h_0 = g", r"\asgradient{h_0} = \asgradient{g}"),
            (r"\log(g) - arg_1", r"\log(\asgradient{g}) - arg_1"),
            (
                r"h = g \cdot\sin x_g",
                r"\asgradient{h} = \asgradient{g} \cdot\sin x_\asgradient{g}",
            ),
            (r"\left(g\right)", r"\left(\asgradient{g}\right)"),
        ] {
            assert_eq!(with_gradients(tex), coloured);
        }
    }
}

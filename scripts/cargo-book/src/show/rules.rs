//! `{{#rules functions}}`: the derivative rules of stage 4, as formulas.
//!
//! They are read from the code: which primitives there are, the rules of a group, which is a
//! function of `rules.rs`, and where the table of `operations.rs` checks each. What cannot be read
//! or has no check is an error.

mod formula;
mod translate;

use std::collections::{HashMap, HashSet};

use anyhow::{Result, anyhow, bail};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, Lit, Stmt};

use crate::html::{escape, figure};
use crate::show::formula::Math;
use project::Workspace;
use translate::{Code, Rule};

const RULES: &str = "stages/stage4/src/rules.rs";
const OPERATIONS: &str = "stages/stage4/src/ops.rs";
const WALK: &str = "stages/stage4/src/backward.rs";
const CHECKS: &str = "stages/stage4/tests/behaviours/operations.rs";

/// The group of the functions that have no derivative.
const UNTRACED: &str = "untraced";

/// A primitive that no function of the table calls, and the test that checks its rules: what its
/// file is called for short, the file, and the name.
const CHECKED_ELSEWHERE: &[(&str, &str, &str, &str)] = &[(
    "accumulate",
    "step 5",
    "stages/stage4/tests/step7_unbroadcast.rs",
    "a_gradient_is_differentiated_again",
)];

/// The table of a group of rules.
///
/// # Errors
/// A file is missing or cannot be read, there is no such group, rules are not defined in the way of
/// `rules.rs`, one has no formula, or a primitive is without a rule or a check.
pub fn render(workspace: &Workspace, group: &str, math: &Math) -> Result<String> {
    let files = Files::read(workspace)?;
    Rules::find(&files)?.render(group, math)
}

/// The names of all groups, in order.
///
/// # Errors
/// As those of [`render`].
pub fn groups(workspace: &Workspace) -> Result<Vec<String>> {
    let files = Files::read(workspace)?;
    let rules = Rules::find(&files)?;
    Ok(rules.names().map(str::to_owned).collect())
}

/// The sources of stage 4, parsed.
struct Files {
    text: String,
    rules: syn::File,
    operations: syn::File,
    walk: syn::File,
    /// The lines of the table by the names of primitives.
    checks: HashMap<String, Vec<usize>>,
    /// Where the other checks are.
    elsewhere: HashMap<&'static str, String>,
}

/// The rules in them.
struct Rules<'a> {
    files: &'a Files,
    code: Code<'a>,
    groups: Vec<Group<'a>>,
    /// The first paragraphs of the primitives' documentation by the names of their statics.
    says: HashMap<String, String>,
}

/// A `static` of a wrapped function.
struct Static {
    name: String,
    primitive: String,
    /// The first paragraph of its documentation.
    says: String,
}

/// A function of `rules.rs` that defines rules.
struct Group<'a> {
    name: String,
    lines: (usize, usize),
    definitions: Vec<Definition<'a>>,
}

/// `registry.defvjp(&SIN, …)`.
struct Definition<'a> {
    name: String,
    rules: Vec<&'a Expr>,
    variadic: bool,
    line: usize,
}

impl Files {
    fn read(workspace: &Workspace) -> Result<Files> {
        let read = |place| parse(place, &workspace.read(place)?);
        let mut elsewhere = HashMap::new();
        for (primitive, short, place, test) in CHECKED_ELSEWHERE {
            let line = line_of_test(place, &read(place)?, test)?;
            elsewhere.insert(*primitive, format!("{short}, line {line}"));
        }
        Ok(Files {
            text: workspace.read(RULES)?,
            rules: read(RULES)?,
            operations: read(OPERATIONS)?,
            walk: read(WALK)?,
            checks: checks(&read(CHECKS)?)?,
            elsewhere,
        })
    }
}

impl<'a> Rules<'a> {
    fn find(files: &'a Files) -> Result<Rules<'a>> {
        let mut primitives = statics(&files.operations, "Primitive");
        let listed = primitives.len();
        primitives.extend(statics(&files.walk, "Primitive"));

        let functions = files.rules.items.iter().filter_map(|item| match item {
            syn::Item::Fn(function) => Some((function.sig.ident.to_string(), function)),
            _ => None,
        });
        let names = primitives.iter();
        let code = Code {
            place: RULES,
            text: &files.text,
            functions: functions.collect(),
            primitives: names
                .map(|found| (found.name.clone(), found.primitive.clone()))
                .collect(),
        };
        let groups = find_groups(&code)?;
        let mut defined = HashSet::new();
        for Definition { name, line, .. } in groups.iter().flat_map(|group| &group.definitions) {
            if !code.primitives.contains_key(name) {
                bail!("{RULES}:{line}: there is no primitive `{name}` in {OPERATIONS} or {WALK}");
            }
            if !defined.insert(name) {
                bail!(
                    "{RULES}:{line}: `{name}` has rules already, and the registry would forget those"
                );
            }
        }
        let without = |found: &&Static| !defined.contains(&found.name);
        if let Some(Static { name, .. }) = primitives[..listed].iter().find(without) {
            bail!("the primitive `{name}` in {OPERATIONS} has no rules in {RULES}");
        }
        Ok(Rules {
            files,
            code,
            groups,
            says: primitives
                .into_iter()
                .map(|found| (found.name, found.says))
                .collect(),
        })
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.groups.iter().map(|group| &*group.name);
        names.chain([UNTRACED])
    }

    fn render(&self, name: &str, math: &Math) -> Result<String> {
        if name == UNTRACED {
            return Ok(self.render_untraced());
        }
        let Some(group) = self.groups.iter().find(|group| group.name == name) else {
            let names: Vec<&str> = self.names().collect();
            bail!(
                "there is no group `{name}` of rules: expected one of {}",
                names.join(", ")
            );
        };
        let mut bodies = String::new();
        for definition in &group.definitions {
            bodies.push_str(&self.body(definition, math)?);
        }
        let caption = format!(
            r#"<code>{RULES}</code> <span class="lines">lines {}–{}</span>, checked by <code>{CHECKS}</code>"#,
            group.lines.0, group.lines.1
        );
        let header = ["Function", "Rule", "What it computes", "Checked"];
        Ok(table(&format!("Rules: {name}"), &caption, &header, &bodies))
    }

    /// A primitive, with a row for each argument.
    fn body(&self, definition: &Definition<'_>, math: &Math) -> Result<String> {
        let Definition { name, rules, .. } = definition;
        // `find` has seen that it is there.
        let primitive = &*self.code.primitives[name];
        let subscripts: Vec<String> = match rules.len() {
            _ if definition.variadic => vec!["_i".to_owned()],
            1 => vec![String::new()],
            count => (0..count).map(|i| format!("_{i}")).collect(),
        };
        let checks = match (
            self.files.checks.get(primitive),
            self.files.elsewhere.get(primitive),
        ) {
            (Some(lines), _) => at_lines(lines),
            (None, Some(place)) => place.clone(),
            (None, None) => {
                bail!(
                    "no `operation(\"{primitive}\", …)` in {CHECKS} checks the rules of `{primitive}`"
                )
            }
        };
        let mut html = String::from("<tbody>");
        for (argnum, expression) in rules.iter().enumerate() {
            let rule = Rule {
                primitive,
                argnum,
                variadic: definition.variadic,
                subscripts: &subscripts,
                expression,
            };
            let lines = self.code.lines(rule)?;
            let lines: Vec<String> = lines
                .iter()
                // In braces, so that it is not broken into lines.
                .map(|line| math.typeset(&format!("{{{line}}}"), false))
                .collect::<Result<_>>()?;
            let rule = format!("<td>{}</td>", lines.join("<br>"));
            html.push_str("<tr>");
            if argnum > 0 {
                html.push_str(&rule);
            } else {
                let count = rules.len();
                let scope = if count == 1 { "row" } else { "rowgroup" };
                let says = escape(&self.says[name]);
                html.push_str(&format!(
                    r#"<th scope="{scope}" rowspan="{count}" id="rule-{primitive}"><code>{primitive}</code></th>{rule}<td rowspan="{count}">{says}</td><td rowspan="{count}">{checks}</td>"#,
                ));
            }
            html.push_str("</tr>");
        }
        html.push_str("</tbody>");
        Ok(html)
    }

    fn render_untraced(&self) -> String {
        let mut body = String::from("<tbody>");
        for found in statics(&self.files.operations, "Untraced") {
            body.push_str(&format!(
                r#"<tr><th scope="row"><code>{}</code></th><td>{}</td></tr>"#,
                escape(&found.primitive),
                escape(&found.says)
            ));
        }
        body.push_str("</tbody>");
        let caption = format!("<code>{OPERATIONS}</code>");
        let header = ["Function", "What it computes"];
        table("Functions without a derivative", &caption, &header, &body)
    }
}

/// A table that scrolls where it is too wide, also by keyboard.
fn table(label: &str, caption: &str, header: &[&str], bodies: &str) -> String {
    let header: String = header
        .iter()
        .map(|name| format!(r#"<th scope="col">{name}</th>"#))
        .collect();
    let table = format!("<table><thead><tr>{header}</tr></thead>{bodies}</table>");
    let wrapper = format!(
        r#"<div class="table-wrapper" role="region" aria-label="{label}" tabindex="0">{table}</div>"#
    );
    figure("rules", caption, &wrapper)
}

fn at_lines(lines: &[usize]) -> String {
    let word = if lines.len() == 1 { "line" } else { "lines" };
    let lines: Vec<String> = lines.iter().map(usize::to_string).collect();
    format!("{word} {}", lines.join(", "))
}

fn parse(place: &str, text: &str) -> Result<syn::File> {
    let file = syn::parse_file(text);
    file.map_err(|error| {
        let line = error.span().start().line;
        anyhow!("{place}:{line}: Rust cannot parse it: {error}")
    })
}

/// All `static NAME: KIND = KIND::new("name", …)` in a file.
fn statics(file: &syn::File, kind: &str) -> Vec<Static> {
    let mut found = Vec::new();
    for item in &file.items {
        if let syn::Item::Static(item) = item
            && matches!(&*item.ty, syn::Type::Path(path) if path.path.is_ident(kind))
            && let Expr::Call(call) = &*item.expr
            && let Some(name) = call.args.first().and_then(text)
        {
            found.push(Static {
                name: item.ident.to_string(),
                primitive: name,
                says: documentation(&item.attrs),
            });
        }
    }
    found
}

/// A text between quotation marks.
fn text(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// The first paragraph.
fn documentation(attributes: &[syn::Attribute]) -> String {
    let lines = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => text(&pair.value),
            _ => None,
        });
    let lines = lines.map(|line| line.trim().to_owned());
    let lines: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    lines.join(" ")
}

/// The functions that `define` calls, and nothing else: no rule comes from elsewhere.
fn find_groups<'a>(code: &Code<'a>) -> Result<Vec<Group<'a>>> {
    let Some(define) = code.functions.get("define") else {
        bail!("there is no function `define` in {RULES}");
    };
    let mut groups = Vec::new();
    for statement in &define.block.stmts {
        let function = match statement {
            Stmt::Expr(Expr::Call(call), _) => match &*call.func {
                Expr::Path(path) => path.path.get_ident(),
                _ => None,
            },
            _ => None,
        };
        let function = function.and_then(|name| code.functions.get(&name.to_string()));
        let Some(function) = function else {
            bail!(
                "{}: `define` calls one function for each group of rules, and `{}` is not such a call",
                code.place_of(statement),
                code.source(statement)
            );
        };
        let statements = &function.block.stmts;
        let definitions: Vec<Definition<'_>> = statements
            .iter()
            .map(|statement| definition(code, statement))
            .collect::<Result<_>>()?;
        let span = function.span();
        groups.push(Group {
            name: function.sig.ident.to_string(),
            lines: (span.start().line, span.end().line),
            definitions,
        });
    }
    Ok(groups)
}

/// `registry.defvjp(&SIN, &[…]);` or `registry.defvjp_variadic(&CONCATENATE, …);`.
fn definition<'a>(code: &Code<'_>, statement: &'a Stmt) -> Result<Definition<'a>> {
    let read = || {
        let Stmt::Expr(Expr::MethodCall(call), Some(_)) = statement else {
            return None;
        };
        let arguments: Vec<&Expr> = call.args.iter().map(referenced).collect();
        let [Expr::Path(name), rules] = arguments[..] else {
            return None;
        };
        let variadic = call.method == "defvjp_variadic";
        let rules = match rules {
            Expr::Array(rules) if call.method == "defvjp" => rules.elems.iter().collect(),
            rule if variadic => vec![rule],
            _ => return None,
        };
        Some(Definition {
            name: name.path.get_ident()?.to_string(),
            rules,
            variadic,
            line: statement.span().start().line,
        })
    };
    let Some(definition) = read() else {
        bail!(
            "{}: expected `registry.defvjp(&NAME, &[…]);` or `registry.defvjp_variadic(&NAME, …);`, found `{}`",
            code.place_of(statement),
            code.source(statement).lines().next().unwrap_or_default()
        );
    };
    Ok(definition)
}

fn referenced(expression: &Expr) -> &Expr {
    match expression {
        Expr::Reference(inner) => &inner.expr,
        _ => expression,
    }
}

/// The line of each `operation("sin", …)`, by name.
fn checks(file: &syn::File) -> Result<HashMap<String, Vec<usize>>> {
    let mut finder = Finder::default();
    finder.visit_file(file);
    match finder.problem {
        Some(problem) => Err(problem),
        None => Ok(finder.found),
    }
}

#[derive(Default)]
struct Finder {
    found: HashMap<String, Vec<usize>>,
    problem: Option<anyhow::Error>,
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if matches!(&*call.func, Expr::Path(path) if path.path.is_ident("operation")) {
            let line = call.span().start().line;
            match call.args.first().and_then(text) {
                Some(name) => self.found.entry(name).or_default().push(line),
                None => {
                    self.problem = Some(anyhow!(
                        "{CHECKS}:{line}: expected the name of a primitive in quotation marks"
                    ));
                }
            }
        }
        visit::visit_expr_call(self, call);
    }

    /// The table is a `vec!`, whose inside is not parsed with the file.
    fn visit_macro(&mut self, found: &'ast syn::Macro) {
        if found.path.is_ident("vec")
            && let Ok(elements) =
                found.parse_body_with(Punctuated::<Expr, syn::Token![,]>::parse_terminated)
        {
            // The elements live no longer than this call, and so another visitor looks at them.
            let mut finder = Finder::default();
            for element in &elements {
                finder.visit_expr(element);
            }
            for (name, lines) in finder.found {
                self.found.entry(name).or_default().extend(lines);
            }
            self.problem = self.problem.take().or(finder.problem);
        }
    }
}

fn line_of_test(place: &str, file: &syn::File, name: &str) -> Result<usize> {
    let test = file.items.iter().find_map(|item| match item {
        syn::Item::Fn(function) if function.sig.ident == name => Some(function),
        _ => None,
    });
    match test {
        Some(function)
            if function
                .attrs
                .iter()
                .any(|found| found.path().is_ident("test")) =>
        {
            Ok(function.sig.span().start().line)
        }
        _ => bail!(
            "there is no test `{name}` in {place}, which `CHECKED_ELSEWHERE` in scripts/cargo-book/src/show/rules.rs names"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chapter::Expander;
    use pretty_assertions::assert_eq;
    use stage4::{Primitive, Value, backward, ops, vector_jacobians};

    const ADDED: &str = "fn added(registry: &mut Registry) {
    registry.defvjp(&ADD, &[|g, _, x| unbroadcast(g.clone(), &x[0]), |g, _, x| unbroadcast(g.clone(), &x[1])]);
    registry.defvjp(&ACCUMULATE, &[|g, _, _| g.clone(), |g, _, _| g.clone()]);
}
";

    /// The files of a small stage.
    fn files() -> [(&'static str, String); 6] {
        [
            ("Cargo.toml", String::new()),
            (
                RULES,
                format!(
                    "fn define(registry: &mut Registry) {{
    added(registry);
    functions(registry);
}}
{ADDED}fn functions(registry: &mut Registry) {{
    registry.defvjp(&SIN, &[|g, _, x| g * x[0].cos()]);
    registry.defvjp_variadic(&TOTAL, |_, g, _, _| g.clone());
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
        operation(\"total\", total, [vec![x]]),
        operation(\"sin\", |x| (-&x[0]).sin(), unary()),
    ]
}
"
                .to_owned(),
            ),
            (
                CHECKED_ELSEWHERE[0].2,
                format!("\n#[test]\nfn {}() {{}}\n", CHECKED_ELSEWHERE[0].3),
            ),
        ]
    }

    /// Expands a chapter over the small stage, in which the text `from` of a file became `to`.
    fn expand(text: &str, place: &str, [from, to]: [&str; 2]) -> (String, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in files() {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let changed = if file == place {
                text.replace(from, to)
            } else {
                text.clone()
            };
            assert_eq!(
                changed != text,
                file == place && from != to,
                "the change of {file}"
            );
            std::fs::write(path, changed).unwrap();
        }
        let expander = Expander::new(&Workspace::find(folder.path()).unwrap());
        let mut problems = Vec::new();
        let html = expander.expand("book/src/c.md", text, &mut problems);
        problems.extend(expander.unused_anchors().unwrap());
        (html, problems)
    }

    #[track_caller]
    fn refused(group: &str, place: &str, change: [&str; 2], message: &str) {
        let (_, mut problems) = expand(&format!("a\n\n{{{{#rules {group}}}}}\n"), place, change);
        problems.retain(|problem| !problem.starts_with("no chapter shows"));
        assert_eq!(problems, [format!("book/src/c.md:3: {message}")]);
    }

    const NO_CHANGE: [&str; 2] = ["", ""];

    #[test]
    fn a_group_is_a_table_that_screen_readers_can_follow() {
        let text = "{{#rules added}}\n\n{{#rules functions}}\n\n{{#rules untraced}}\n";
        let (html, problems) = expand(text, RULES, NO_CHANGE);
        assert_eq!(problems, Vec::<String>::new());
        let lines: Vec<&str> = html.lines().collect();
        let [added, "", "", functions, "", "", untraced, ""] = lines[..] else {
            panic!("three lines of HTML: {html}");
        };
        for wanted in [
            "<code>stages/stage4/src/rules.rs</code> <span class=\"lines\">lines 5–8</span>",
            "<div class=\"table-wrapper\" role=\"region\" aria-label=\"Rules: added\" tabindex=\"0\">",
            "<th scope=\"col\">Function</th>",
            "<tbody><tr><th scope=\"rowgroup\" rowspan=\"2\" id=\"rule-add\"><code>add</code></th><td>",
            "</td><td rowspan=\"2\">Addition of `&lt;` two.</td><td rowspan=\"2\">line 4</td></tr><tr><td>",
            "<td rowspan=\"2\">step 5, line 3</td>",
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
            "<td rowspan=\"1\">lines 3, 6</td>",
            "<mi>cos</mi>",
        ] {
            assert!(functions.contains(wanted), "{wanted} is not in {functions}");
        }
        let row = "<tr><th scope=\"row\"><code>floor</code></th><td>Whole part.</td></tr>";
        assert!(untraced.contains(row), "{untraced}");
    }

    #[test]
    fn a_group_that_is_not_there_and_one_that_is_not_shown_are_refused() {
        refused(
            "function",
            RULES,
            NO_CHANGE,
            "there is no group `function` of rules: expected one of added, functions, untraced",
        );
        let (_, problems) = expand(
            "{{#rules added}}\n\n{{#rules untraced}}\n",
            RULES,
            NO_CHANGE,
        );
        assert_eq!(
            problems,
            ["no chapter shows the group `functions` of rules: expected {{#rules functions}}"]
        );
        let (_, problems) = expand("Nothing.\n", RULES, NO_CHANGE);
        assert_eq!(problems, Vec::<String>::new());
    }

    #[test]
    fn a_group_that_cannot_be_shown_is_not_missing_as_well() {
        let text = "{{#rules added}}\n\n{{#rules functions}}\n\n{{#rules untraced}}\n";
        for (place, change) in [
            (RULES, ["cos()", "erf()"]),
            (CHECKS, ["\"sin\"", "\"add\""]),
        ] {
            assert_eq!(expand(text, place, change).1.len(), 1);
        }
        // Nothing can be read: each directive says so.
        assert_eq!(expand(text, RULES, ["define", "defined"]).1.len(), 3);
    }

    #[test]
    fn a_rule_without_a_formula_is_refused_with_its_line() {
        refused(
            "functions",
            RULES,
            ["x[0].cos()", "x[0].erf()"],
            "stages/stage4/src/rules.rs:10: the rule for argument 0 of `sin`: `x[0].erf()` cannot be \
             written as a formula: expected what scripts/cargo-book/src/show/rules/translate.rs knows, or a formula \
             in its `BY_HAND`",
        );
    }

    #[test]
    fn rules_and_primitives_must_belong_together() {
        refused(
            "added",
            OPERATIONS,
            [
                "Primitive = Primitive::new(\"sin\"",
                "Other = Primitive::new(\"sin\"",
            ],
            "stages/stage4/src/rules.rs:10: there is no primitive `SIN` in stages/stage4/src/ops.rs \
             or stages/stage4/src/backward.rs",
        );
        refused(
            "added",
            RULES,
            [
                "    registry.defvjp(&SIN, &[|g, _, x| g * x[0].cos()]);\n",
                "",
            ],
            "the primitive `SIN` in stages/stage4/src/ops.rs has no rules in stages/stage4/src/rules.rs",
        );
        refused(
            "added",
            RULES,
            ["&SIN", "&ADD"],
            "stages/stage4/src/rules.rs:10: `ADD` has rules already, and the registry would forget those",
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
        refused(
            "added",
            CHECKS,
            ["operation(\"add\"", "operation(\"total\""],
            "no `operation(\"add\", …)` in stages/stage4/tests/behaviours/operations.rs checks the \
             rules of `add`",
        );
        refused(
            "added",
            CHECKS,
            ["operation(\"add\"", "operation(ADD"],
            "stages/stage4/tests/behaviours/operations.rs:4: expected the name of a primitive in \
             quotation marks",
        );
        refused(
            "added",
            CHECKED_ELSEWHERE[0].2,
            ["#[test]\n", ""],
            "there is no test `a_gradient_is_differentiated_again` in \
             stages/stage4/tests/step7_unbroadcast.rs, which `CHECKED_ELSEWHERE` in \
             scripts/cargo-book/src/show/rules.rs names",
        );
    }

    fn stage4() -> Files {
        let start = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        Files::read(&Workspace::find(start).unwrap()).unwrap()
    }

    #[test]
    fn every_primitive_of_stage_4_has_its_rows() {
        let files = stage4();
        let rules = Rules::find(&files).unwrap();
        let math = Math::default();
        let html: String = rules
            .names()
            .map(|name| rules.render(name, &math).unwrap())
            .collect();
        let named = include_str!("../../../../stages/stage4/src/ops.rs").split("Primitive::new(\"");
        let named = named.skip(1).filter_map(|rest| rest.split('"').next());
        let mut count = 0;
        for name in named.chain(["accumulate"]) {
            count += 1;
            assert!(html.contains(&format!("id=\"rule-{name}\"")), "{name}");
        }
        assert_eq!(html.matches("id=\"rule-").count(), count);
    }

    /// The rules that the engine uses, and the formulas on the page, at numbers.
    #[test]
    fn the_formulas_say_what_the_running_rules_compute() {
        let primitives: [&Primitive; 27] = [
            &backward::ACCUMULATE,
            &ops::ADD,
            &ops::SUB,
            &ops::MUL,
            &ops::DIV,
            &ops::NEG,
            &ops::POWF,
            &ops::SIN,
            &ops::COS,
            &ops::TAN,
            &ops::ASIN,
            &ops::ACOS,
            &ops::COS_ASIN,
            &ops::ATAN,
            &ops::SINH,
            &ops::COSH,
            &ops::TANH,
            &ops::SECH,
            &ops::EXP,
            &ops::EXP_M1,
            &ops::LN,
            &ops::LN_1P,
            &ops::SQRT,
            &ops::ABS,
            &ops::MAXIMUM,
            &ops::MINIMUM,
            &ops::SELECT,
        ];
        let files = stage4();
        let rules = Rules::find(&files).unwrap();
        let mut met = 0;
        for group in &rules.groups {
            if !["arithmetic", "functions", "choices"].contains(&&*group.name) {
                continue;
            }
            for definition in &group.definitions {
                let name = &rules.code.primitives[&definition.name];
                let primitive = primitives.iter().find(|primitive| primitive.name == name);
                let primitive = primitive.unwrap_or_else(|| panic!("{name} is not in the list"));
                met += 1;
                for at in [
                    [0.3, 0.7, 1.0],
                    [0.7, 0.3, 0.0],
                    [0.5, 0.5, 1.0],
                    [0.0, 2.0, 0.0],
                    [0.0, 0.0, 1.0],
                    [-0.5, -1.0, 0.0],
                ] {
                    agree(&rules, definition, primitive, at);
                }
            }
        }
        assert_eq!(met, primitives.len());
    }

    /// Panics unless each rule of a primitive agrees with its formula.
    fn agree(
        rules: &Rules<'_>,
        definition: &Definition<'_>,
        primitive: &'static Primitive,
        at: [f64; 3],
    ) {
        let count = definition.rules.len();
        let subscripts: Vec<String> = match count {
            1 => vec![String::new()],
            _ => (0..count).map(|i| format!("_{i}")).collect(),
        };
        let condition = Value::from(at[2]);
        let inputs: Vec<Value> = at[..count].iter().map(|&x| Value::from(x)).collect();
        let f = |x: &[Value]| {
            let settings = (primitive.name == "select").then_some(&condition);
            primitive.bind(&x.iter().chain(settings).collect::<Vec<_>>())
        };
        let (y, pull_back) = vector_jacobians(f, &inputs);
        let g = 1.7;
        let gradients = pull_back(&Value::from(g));
        for (argnum, expression) in definition.rules.iter().enumerate() {
            let rule = Rule {
                primitive: primitive.name,
                argnum,
                variadic: false,
                subscripts: &subscripts,
                expression,
            };
            let translated = rules.code.translate(rule).unwrap();
            let symbol = |tex: &str| match tex {
                "g" => g,
                "y" => y.value(),
                "x" | "x_0" => at[0],
                "x_1" => at[1],
                "s" => at[2],
                "e" => std::f64::consts::E,
                r"\pm\infty" => f64::INFINITY,
                other => panic!("what is {other}?"),
            };
            let named = |tex: &str| {
                let found = translated.named.iter().find(|(name, _)| name == tex);
                found.map_or_else(|| symbol(tex), |(_, formula)| formula.value(&symbol))
            };
            let [by_rule, by_formula] =
                [gradients[argnum].value(), translated.formula.value(&named)];
            let same = by_rule == by_formula
                || (by_rule - by_formula).abs() < 1e-14 * (1.0 + by_rule.abs())
                || by_rule.is_nan() && by_formula.is_nan();
            let name = primitive.name;
            assert!(
                same,
                "{name}, argument {argnum}, at {at:?}: {by_rule}, not {by_formula}"
            );
        }
    }
}

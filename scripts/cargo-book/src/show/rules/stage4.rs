//! The rules of stage 4 as its code has them, and where its tests check them.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Result, anyhow, bail};
use syn::spanned::Spanned;
use syn::{Expr, Item, Lit, Stmt};

use project::Workspace;

pub(super) const RULES: &str = "stages/stage4/src/rules.rs";
pub(super) const OPERATIONS: &str = "stages/stage4/src/ops.rs";
pub(super) const CHECKS: &str = "stages/stage4/tests/behaviours/operations.rs";
pub(super) const WALK: &str = "stages/stage4/src/backward.rs";

/// A primitive that no function of the table calls, and the test that checks its rules: what its
/// file is called for short, the file, and the name.
pub(super) const CHECKED_ELSEWHERE: (&str, &str, &str, &str) = (
    "accumulate",
    "step 7",
    "stages/stage4/tests/step7_unbroadcast.rs",
    "a_gradient_is_differentiated_again",
);

/// All rules.
#[derive(Debug)]
pub(super) struct Stage4 {
    pub(super) groups: Vec<Group>,
    pub(super) untraced: Vec<Function>,
    /// The names of all functions in `rules.rs`.
    pub(super) functions: BTreeSet<String>,
}

/// A function of `rules.rs` that defines rules.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) lines: (usize, usize),
    pub(super) primitives: Vec<Primitive>,
}

/// What `registry.defvjp(&SIN, …)` is about.
#[derive(Debug)]
pub(super) struct Primitive {
    pub(super) function: Function,
    /// The lines of the test, if there is one.
    pub(super) checked: Option<String>,
    pub(super) rules: Vec<Rule>,
}

/// A function that is wrapped in a `static`.
#[derive(Debug)]
pub(super) struct Function {
    /// As it is printed.
    pub(super) name: String,
    /// The first paragraph of its documentation.
    pub(super) says: String,
}

/// The rule of one argument, or of all of them, however many there are.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) argument: Option<usize>,
    pub(super) place: String,
    /// The rule; if it is the name of a function, that function.
    pub(super) shown: String,
    /// The same, and the functions of `rules.rs` that it calls, but for those with a sign.
    pub(super) code: String,
}

/// `rules.rs`, parsed.
struct File<'a> {
    text: String,
    functions: HashMap<String, syn::ItemFn>,
    /// Functions that have a sign in the formulas, so that what is in them does not matter.
    signs: &'a [String],
}

impl Stage4 {
    /// Reads the sources.
    ///
    /// # Errors
    /// A file is missing or cannot be read, rules are not defined in the way of `rules.rs`, or a
    /// primitive has no rule.
    pub(super) fn read(workspace: &Workspace, signs: &[String]) -> Result<Stage4> {
        let read = |place| parse(place, &workspace.read(place)?);
        let functions = read(RULES)?
            .items
            .into_iter()
            .filter_map(|item| match item {
                Item::Fn(mut function) => {
                    function.attrs.clear(); // its documentation is no code
                    Some((function.sig.ident.to_string(), function))
                }
                _ => None,
            });
        let file = File {
            text: workspace.read(RULES)?,
            functions: functions.collect(),
            signs,
        };
        let operations = read(OPERATIONS)?;
        let mut primitives: HashMap<String, Function> = HashMap::new();
        primitives.extend(statics(&operations, "Primitive"));
        primitives.extend(statics(&read(WALK)?, "Primitive"));
        let checks = checks(workspace)?;

        let mut groups = Vec::new();
        for function in file.groups()? {
            let mut group = Group {
                name: function.sig.ident.to_string(),
                lines: (function.span().start().line, function.span().end().line),
                primitives: Vec::new(),
            };
            for statement in &function.block.stmts {
                let (name, rules) = file.definition(statement)?;
                // Each has its rules once: the registry would forget the others.
                let Some(function) = primitives.remove(&name) else {
                    bail!(
                        "{}: `{name}` is no primitive in {OPERATIONS} or {WALK}, or has rules already",
                        file.place_of(statement)
                    );
                };
                group.primitives.push(Primitive {
                    checked: checks.get(&function.name).cloned(),
                    function,
                    rules,
                });
            }
            groups.push(group);
        }
        if let Some(name) = primitives.keys().min() {
            bail!("the primitive `{name}` has no rules in {RULES}");
        }
        let untraced = statics(&operations, "Untraced").into_iter();
        Ok(Stage4 {
            groups,
            untraced: untraced.map(|(_, function)| function).collect(),
            functions: file.functions.into_keys().collect(),
        })
    }
}

impl File<'_> {
    /// The functions that `define` calls, and nothing else: no rule comes from elsewhere.
    fn groups(&self) -> Result<Vec<&syn::ItemFn>> {
        let Some(define) = self.functions.get("define") else {
            bail!("there is no function `define` in {RULES}");
        };
        let mut groups = Vec::new();
        for statement in &define.block.stmts {
            let name = match statement {
                Stmt::Expr(Expr::Call(call), _) => ident(&call.func),
                _ => None,
            };
            let Some(group) = name.and_then(|name| self.functions.get(&name)) else {
                bail!(
                    "{}: `define` calls one function for each group of rules, and `{}` is not such a call",
                    self.place_of(statement),
                    self.source(statement)
                );
            };
            groups.push(group);
        }
        Ok(groups)
    }

    /// `registry.defvjp(&SIN, &[…]);` or `registry.defvjp_variadic(&CONCATENATE, …);`.
    fn definition(&self, statement: &Stmt) -> Result<(String, Vec<Rule>)> {
        let read = || {
            let Stmt::Expr(Expr::MethodCall(call), Some(_)) = statement else {
                return None;
            };
            let arguments: Vec<&Expr> = call.args.iter().map(referenced).collect();
            let [name, rules] = arguments[..] else {
                return None;
            };
            let rules = match rules {
                Expr::Array(rules) if call.method == "defvjp" => {
                    let rules = rules.elems.iter().enumerate();
                    let rules = rules.map(|(argnum, rule)| self.rule(Some(argnum), rule));
                    rules.collect()
                }
                rule if call.method == "defvjp_variadic" => vec![self.rule(None, rule)],
                _ => return None,
            };
            Some((ident(name)?, rules))
        };
        read().ok_or_else(|| {
            anyhow!(
                "{}: expected `registry.defvjp(&NAME, &[…]);` or `registry.defvjp_variadic(&NAME, …);`, found `{}`",
                self.place_of(statement),
                self.source(statement).lines().next().unwrap_or_default()
            )
        })
    }

    fn rule(&self, argument: Option<usize>, rule: &Expr) -> Rule {
        let function = ident(rule).and_then(|name| self.functions.get(&name));
        let shown = match function {
            Some(function) => self.source(function),
            None => self.source(rule),
        };
        let mut code = vec![shown.clone()];
        let mut called: BTreeSet<String> = ident(rule).into_iter().collect();
        let mut next = 0;
        while let Some(text) = code.get(next).cloned() {
            for word in text.split(|c: char| !c.is_alphanumeric() && c != '_') {
                if let Some(function) = self.functions.get(word)
                    && !self.signs.iter().any(|sign| sign == word)
                    && called.insert(word.to_owned())
                {
                    code.push(self.source(function));
                }
            }
            next += 1;
        }
        Rule {
            argument,
            place: self.place_of(rule),
            shown,
            code: code.join("\n\n"),
        }
    }

    /// The line of some code, with the place before it.
    fn place_of(&self, code: &impl Spanned) -> String {
        format!("{RULES}:{}", code.span().start().line)
    }

    /// Code, no further from the left than it must be.
    fn source(&self, code: &impl Spanned) -> String {
        let source = &self.text[code.span().byte_range()];
        let indentation = |line: &str| line.len() - line.trim_start().len();
        let further = source.lines().skip(1).filter(|line| !line.is_empty());
        let shared = further.map(indentation).min().unwrap_or(0);
        source.replace(&format!("\n{}", " ".repeat(shared)), "\n")
    }
}

fn referenced(expression: &Expr) -> &Expr {
    match expression {
        Expr::Reference(inner) => &inner.expr,
        _ => expression,
    }
}

/// The name that an expression is, if it is one.
fn ident(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Path(path) => Some(path.path.get_ident()?.to_string()),
        _ => None,
    }
}

fn parse(place: &str, text: &str) -> Result<syn::File> {
    let file = syn::parse_file(text);
    file.map_err(|error| {
        let line = error.span().start().line;
        anyhow!("{place}:{line}: Rust cannot parse it: {error}")
    })
}

/// All `static NAME: KIND = KIND::new("name", …)` in a file, each with the name of the static.
fn statics(file: &syn::File, kind: &str) -> Vec<(String, Function)> {
    let function = |item: &Item| match item {
        Item::Static(item) => match (&*item.ty, &*item.expr) {
            (syn::Type::Path(path), Expr::Call(call)) if path.path.is_ident(kind) => {
                let name = text(call.args.first()?)?;
                let says = documentation(&item.attrs);
                Some((item.ident.to_string(), Function { name, says }))
            }
            _ => None,
        },
        _ => None,
    };
    file.items.iter().filter_map(function).collect()
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

/// Where the rules of each primitive are checked: the lines of its `operation("sin", …)`.
fn checks(workspace: &Workspace) -> Result<HashMap<String, String>> {
    let text = workspace.read(CHECKS)?;
    let mut lines: HashMap<&str, Vec<String>> = HashMap::new();
    for (at, call) in text.match_indices("operation(") {
        let arguments = text[at + call.len()..].trim_start();
        if let Some(name) = arguments
            .strip_prefix('"')
            .and_then(|rest| rest.split('"').next())
        {
            lines.entry(name).or_default().push(line(&text, at));
        }
    }
    let checks = lines.into_iter().map(|(name, lines)| {
        let word = if lines.len() == 1 { "line" } else { "lines" };
        (name.to_owned(), format!("{word} {}", lines.join(", ")))
    });
    let (name, short, place, test) = CHECKED_ELSEWHERE;
    let text = workspace.read(place)?;
    let Some(at) = text.find(&format!("#[test]\nfn {test}(")) else {
        bail!("there is no test `{test}` in {place}, which is to check the rules of `{name}`");
    };
    let elsewhere = format!("{short}, line {}", line(&text, at + "#[test]\n".len()));
    Ok(checks.chain([(name.to_owned(), elsewhere)]).collect())
}

/// The line of a place in a text, from 1.
fn line(text: &str, at: usize) -> String {
    (text[..at].matches('\n').count() + 1).to_string()
}

//! A stage with the bodies of its items taken out, generated from the reference.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use anyhow::{Context, Result, bail};
use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::Visit;

use crate::step::{Item, Step};
use project::stages::Sources;

/// The line that a skeleton begins with, after its documentation.
const ALLOW: &str = "#![allow(unused, reason = \"what uses these is not written yet\")]\n";

/// What is written in a skeleton from the beginning, as in the reference.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// So many steps, from the first one on.
    pub steps: usize,
    /// These files below `src`.
    pub files: Vec<String>,
}

impl Written {
    /// The first so many steps.
    pub fn steps(steps: usize) -> Written {
        Written {
            steps,
            files: Vec::new(),
        }
    }

    /// The items that are written.
    fn items<'a>(&self, steps: &'a [Step]) -> HashSet<&'a Item> {
        let done = steps[..self.steps.min(steps.len())].iter();
        let given = steps.iter().flat_map(|step| &step.items);
        let given = given.filter(|item| self.files.contains(&item.file));
        done.flat_map(|step| &step.items).chain(given).collect()
    }
}

/// Replaces the bodies of all items that the steps name by `todo!("step 3")`, with the number of
/// the first step that names the item. All else stays as it is, and so does what is written.
///
/// # Errors
/// A file cannot be parsed, or a step names what is not there or has no body.
pub fn cut(sources: &Sources, steps: &[Step], written: &Written) -> Result<Sources> {
    let written = written.items(steps);
    let mut cut = sources.clone();
    for (file, text) in &mut cut {
        let found = find(text).with_context(|| format!("the file {file}"))?;
        let mut edits: Vec<(Range<usize>, String)> = Vec::new();
        let mut taken = HashSet::new();
        for step in steps {
            for item in step.items.iter().filter(|item| item.file == *file) {
                let Some(bodies) = found.get(&key(&item.name)) else {
                    bail!(
                        "{} names `{}` in {file}, where there is no such item with a body",
                        step.name,
                        item.name
                    );
                };
                if taken.insert(&item.name) && !written.contains(item) {
                    let edit = |body: &Body| (body.range.clone(), body.replacement(step, text));
                    edits.extend(bodies.iter().map(edit));
                }
            }
        }
        edits.sort_by_key(|(range, _)| range.start);
        for (range, replacement) in edits.into_iter().rev() {
            text.replace_range(range, &replacement);
        }
        if file == "lib.rs" {
            text.insert_str(front(text), &format!("\n{ALLOW}"));
        }
    }
    for step in steps {
        for item in &step.items {
            if !sources.contains_key(&item.file) {
                bail!(
                    "{} names `{}` in {}, which is not there",
                    step.name,
                    item.name,
                    item.file
                );
            }
        }
    }
    Ok(cut)
}

/// The length of the documentation that a file begins with.
pub fn front(text: &str) -> usize {
    text.split_inclusive('\n')
        .take_while(|line| line.starts_with("//!"))
        .map(str::len)
        .sum()
}

/// Takes out the line that a skeleton begins with.
pub fn without_allow(text: &str) -> String {
    text.replace(&format!("\n\n{ALLOW}"), "\n")
        .replace(ALLOW, "")
}

/// The numbers of the steps that are red while no more is written: all from the first one that
/// names something else.
pub fn red(steps: &[Step], written: &Written) -> Vec<usize> {
    let written = written.items(steps);
    let complete = |step: &&Step| step.items.iter().all(|item| written.contains(item));
    let red = steps.iter().skip_while(complete);
    red.map(|step| step.number).collect()
}

/// The numbers of the steps in which these files leave nothing to write, though there was something.
pub fn complete(steps: &[Step], files: &[String]) -> Vec<usize> {
    let is_complete = |step: &&Step| {
        !step.items.is_empty() && step.items.iter().all(|item| files.contains(&item.file))
    };
    let complete = steps.iter().filter(is_complete);
    complete.map(|step| step.number).collect()
}

/// Whether an item of a step occurs in none of the files. Cannot be told where Rust's parser fails.
pub fn lacks(sources: &Sources, step: &Step) -> bool {
    let mut names = HashSet::new();
    for text in sources.values() {
        match find(text) {
            Ok(found) => names.extend(found.into_keys()),
            Err(_) => return false,
        }
    }
    !step
        .items
        .iter()
        .all(|item| names.contains(&key(&item.name)))
}

/// Where a crate says itself that an item of a step is not written: file below `src`, and line. The
/// step may have had another number when the crate was made.
pub fn unwritten(sources: &Sources, step: &Step) -> Vec<(String, usize)> {
    let mut unwritten = Vec::new();
    for (file, text) in sources {
        let Ok(found) = find(text) else { continue };
        let keys = step.items.iter().map(|item| key(&item.name));
        let bodies = keys.filter_map(|key| found.get(&key)).flatten();
        for body in bodies {
            let before = text[..body.range.start].matches('\n').count() + 1;
            let lines = text[body.range.clone()].lines().zip(before..);
            let marks = lines.filter(|(line, _)| is_mark(line.trim()));
            unwritten.extend(marks.map(|(_, line)| (file.clone(), line)));
        }
    }
    unwritten
}

/// What a skeleton says in a body that has to stay empty, where there is no `todo!`.
fn mark(step: usize) -> String {
    format!("// step {step}{MARK}")
}

const MARK: &str = ": not written yet";

fn is_mark(line: &str) -> bool {
    line.starts_with("// step ") && line.ends_with(MARK)
}

/// What stands in a body's place.
enum Stub {
    /// Nothing has been written: a call panics.
    Todo,
    /// All of it: a constant that calls the function would no longer compile.
    Given,
    /// As `Todo`, in a function that returns `impl Fn` with so many arguments.
    Closure(usize),
    /// A mark. A panic while dropping would end the process, and Rust's own way of dropping stays.
    /// What fills something that is already there leaves it empty.
    Mark,
    /// The expression after the `|…|` of a closure.
    Expression,
}

struct Body {
    range: Range<usize>,
    stub: Stub,
}

impl Body {
    fn replacement(&self, step: &Step, text: &str) -> String {
        let todo = format!("todo!(\"step {}\")", step.number);
        let line = text[..self.range.start].rfind('\n').map_or(0, |at| at + 1);
        let signature = match self.stub {
            Stub::Expression => line,
            // The closing brace stands below the first line of the signature.
            _ => {
                let end = text[..self.range.end].rfind('\n').map_or(0, |at| at + 1);
                if end > self.range.start { end } else { line }
            }
        };
        let indent: String = text[signature..]
            .chars()
            .take_while(|c| *c == ' ')
            .collect();
        let block = |inner: &str| format!("{{\n{indent}    {inner}\n{indent}}}");
        match self.stub {
            Stub::Todo => block(&todo),
            Stub::Given => text[self.range.clone()].to_owned(),
            Stub::Closure(arguments) => {
                block(&format!("|{}| {todo}", vec!["_"; arguments].join(", ")))
            }
            Stub::Mark => block(&mark(step.number)),
            Stub::Expression => todo,
        }
    }
}

/// The bodies in a file, by the names of their items without spaces.
fn find(text: &str) -> Result<HashMap<String, Vec<Body>>> {
    let file = syn::parse_file(text).context("Rust cannot parse it")?;
    let mut finder = Finder {
        text,
        found: HashMap::new(),
    };
    finder.visit_file(&file);
    Ok(finder.found)
}

struct Finder<'a> {
    text: &'a str,
    found: HashMap<String, Vec<Body>>,
}

impl Finder<'_> {
    fn add(&mut self, name: &str, body: Body) {
        self.found.entry(key(name)).or_default().push(body);
    }

    fn add_function(&mut self, name: &str, signature: &syn::Signature, block: &syn::Block) {
        let range = range(block.span());
        let stub = match closure_arguments(&signature.output) {
            _ if signature.constness.is_some() => Stub::Given,
            _ if fills(signature) => Stub::Mark,
            Some(arguments) => Stub::Closure(arguments),
            None => Stub::Todo,
        };
        self.add(name, Body { range, stub });
    }

    fn source(&self, node: &impl Spanned) -> &str {
        &self.text[range(node.span())]
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.add_function(&item.sig.ident.to_string(), &item.sig, &item.block);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let target = self.source(&*item.self_ty).to_owned();
        let functions = item.items.iter().filter_map(|item| match item {
            syn::ImplItem::Fn(function) => Some(function),
            _ => None,
        });
        match &item.trait_ {
            None => {
                let target = target.split('<').next().unwrap_or_default();
                for function in functions {
                    let name = format!("{target}::{}", function.sig.ident);
                    self.add_function(&name, &function.sig, &function.block);
                }
            }
            Some(implemented) => {
                let path = self.source(&implemented.0).to_owned();
                let name = format!("{path} for {target}");
                for function in functions {
                    if path == "Drop" {
                        let range = range(function.block.span());
                        let stub = Stub::Mark;
                        self.add(&name, Body { range, stub });
                    } else {
                        self.add_function(&name, &function.sig, &function.block);
                    }
                }
            }
        }
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        for inner in &item.items {
            if let syn::TraitItem::Fn(function) = inner
                && let Some(block) = &function.default
            {
                let name = format!("{}::{}", item.ident, function.sig.ident);
                self.add_function(&name, &function.sig, block);
            }
        }
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        let mut closures = Closures(Vec::new());
        closures.visit_expr(&item.expr);
        for range in closures.0 {
            let stub = Stub::Expression;
            self.add(&item.ident.to_string(), Body { range, stub });
        }
    }
}

/// The bodies of the closures in an expression.
struct Closures(Vec<Range<usize>>);

impl<'ast> Visit<'ast> for Closures {
    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        self.0.push(range(closure.body.span()));
    }
}

/// Whether a function does nothing but fill its only argument.
fn fills(signature: &syn::Signature) -> bool {
    let returns_nothing = matches!(signature.output, syn::ReturnType::Default);
    let [syn::FnArg::Typed(argument)] = &Vec::from_iter(&signature.inputs)[..] else {
        return false;
    };
    let is_mutable = |reference: &syn::TypeReference| reference.mutability.is_some();
    returns_nothing && matches!(&*argument.ty, syn::Type::Reference(r) if is_mutable(r))
}

/// How many arguments the closure takes that a function returns as `impl Fn(…)`.
fn closure_arguments(output: &syn::ReturnType) -> Option<usize> {
    let syn::ReturnType::Type(_, returned) = output else {
        return None;
    };
    let syn::Type::ImplTrait(returned) = &**returned else {
        return None;
    };
    returned.bounds.iter().find_map(|bound| match bound {
        syn::TypeParamBound::Trait(bound) => match &bound.path.segments.last()?.arguments {
            syn::PathArguments::Parenthesized(arguments) => Some(arguments.inputs.len()),
            _ => None,
        },
        _ => None,
    })
}

fn range(span: Span) -> Range<usize> {
    span.byte_range()
}

/// The name of an item without spaces and lifetimes, and of a trait without its module.
pub fn key(name: &str) -> String {
    let name = match name.split_once(" for ") {
        Some((implemented, target)) => {
            let end = implemented.find('<').unwrap_or(implemented.len());
            let start = implemented[..end].rfind("::").map_or(0, |at| at + 2);
            format!("{} for {target}", &implemented[start..])
        }
        None => name.to_owned(),
    };
    name.split_whitespace()
        .filter_map(|word| word.split('\'').next())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::step::{of_stage, parse};
    use project::Workspace;

    /// What a reader gets with the signatures, in files that are otherwise theirs to write: how these
    /// places begin.
    const GIVEN: [&str; 16] = [
        // Only drawing asks for it, which is no step of stage 3.
        "stage3 backward.rs Gradients::of_node",
        // Conversions.
        "stage4 array.rs From<",
        // Where the numbers of large results lie, which changes none of them.
        "stage4 array.rs keep",
        "stage4 array.rs reused",
        "stage4 array.rs release_blocks",
        "stage4 array.rs zeros",
        "stage4 array.rs each",
        "stage4 array.rs pairs",
        "stage4 array.rs matrix",
        // Faster functions of the elements, which a reader may bring.
        "stage4 array.rs set_elementary",
        "stage4 array.rs exp",
        "stage4 array.rs tanh",
        "stage4 array.rs map_many",
        // What data are that neither print nor have gradients.
        "stage4 graph.rs Data::print",
        "stage4 graph.rs no_gradient",
        // What a raw function is handed.
        "stage4 trace.rs Args::of",
    ];

    #[test]
    fn whatever_is_written_in_a_file_of_the_steps_belongs_to_a_step() {
        let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        let mut missing = Vec::new();
        for stage in workspace.stages().unwrap() {
            let sources = workspace.reference(&stage).unwrap();
            let steps = of_stage(&workspace, &stage).unwrap();
            cut(&sources, &steps, &Written::default()).unwrap();
            for (file, text) in &sources {
                let items = steps.iter().flat_map(|step| &step.items);
                let items = items.filter(|item| item.file == *file);
                let named: HashSet<String> = items.map(|item| key(&item.name)).collect();
                // Some files are there to be used, and no step writes in them.
                if named.is_empty() {
                    continue;
                }
                // Primitives and constants are a table, which the skeleton keeps.
                let is_written = |bodies: &[Body]| {
                    let mut stubs = bodies.iter().map(|body| &body.stub);
                    stubs.any(|stub| !matches!(stub, Stub::Expression | Stub::Given))
                };
                for (name, bodies) in find(text).unwrap() {
                    let place = format!("{stage} {file} {name}");
                    let is_known = named.contains(&name)
                        || name.starts_with("Displayfor")
                        || GIVEN.iter().any(|given| place.starts_with(given));
                    if is_written(&bodies) && !is_known {
                        missing.push(place);
                    }
                }
            }
        }
        missing.sort();
        assert!(
            missing.is_empty(),
            "a skeleton would have these written, since no step names them after `Items:` in its header:\n{}",
            missing.join("\n")
        );
    }

    #[test]
    fn a_mark_belongs_to_its_item_whatever_number_it_has() {
        let header = "//! # Title\n//!\n//! Chapter: x.md#y\n//!\n//! About: graph\n//!\n\
                      //! Items: a.rs `Drop for Node`, `fill`\n//!\n\
                      //! Text.\n//!\n//! Hint 1: None.\n";
        let step = parse("step3_x", Path::new("x.rs"), header).unwrap();
        let text = "//! Nodes.\n\nimpl Drop for Node {\n    fn drop(&mut self) {\n        \
                    // step 2: not written yet\n    }\n}\n\n// step 3: not written yet\n\
                    impl Drop for Trace {\n    fn drop(&mut self) {\n        \
                    // step 3: not written yet\n    }\n}\n\
                    fn fill(x: &mut Vec<f64>) { // step 3: not written yet\n}\n";
        let sources = Sources::from([("b.rs".to_owned(), text.to_owned())]);
        assert_eq!(unwritten(&sources, &step), [("b.rs".to_owned(), 5)]);
        let exam = Step {
            items: Vec::new(),
            ..step
        };
        assert_eq!(unwritten(&sources, &exam), []);
        assert!(!lacks(&sources, &exam));
    }

    #[test]
    fn an_item_may_be_in_any_file_and_written_with_lifetimes() {
        let header = "//! # Title\n//!\n//! Chapter: x.md#y\n//!\n//! About: graph\n//!\n\
                      //! Items: a.rs `Add<&Var> for &Var`, b.rs `Var::new`, `Drop for Node`\n//!\n\
                      //! Text.\n//!\n//! Hint 1: None.\n";
        let step = parse("step1_x", Path::new("x.rs"), header).unwrap();
        let operator = "impl<'a> std::ops::Add<&'a Var> for &'a Var { fn add(self) {} }";
        let other = "impl Var { fn new() {} }";
        let with = |last: &str| {
            Sources::from([
                ("lib.rs".to_owned(), operator.to_owned()),
                ("c.rs".to_owned(), format!("{other} {last}")),
            ])
        };
        assert!(!lacks(
            &with("impl Drop for Node { fn drop(&mut self) {} }"),
            &step
        ));
        assert!(lacks(&with("impl Node { fn drop(&mut self) {} }"), &step));
        assert!(!lacks(&with("impl"), &step), "that cannot be told");
    }
}

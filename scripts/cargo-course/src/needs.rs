//! What the tests of a step need of a crate: names, declarations, signatures, words of panics. All
//! of it is read from the tests and from the reference, so it cannot differ from them.

use std::collections::BTreeSet;
use std::ops::Range;

use anyhow::{Context, Result};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::paint::{STRONG, paint, wrapped};
use crate::run;
use crate::skeleton::key;
use crate::step::Step;
use project::anchors::without_anchors;
use project::{Workspace, read};

/// What the tests of a step need, in the order of the files.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// What the tests import from the crate.
    pub uses: Vec<String>,
    /// What is declared in each file, line by line.
    pub files: Vec<(String, Vec<String>)>,
    /// What the reference has in this step beside that: nobody outside of the crate sees it.
    pub private: Vec<String>,
    /// Words that a panic must hold.
    pub panics: Vec<String>,
}

/// Reads what a step's tests need.
///
/// # Errors
/// The tests or the reference cannot be read.
pub fn of_step(workspace: &Workspace, stage: &str, step: &Step) -> Result<Needs> {
    let tests = read(&step.file)?;
    let parsed = syn::parse_file(&tests).with_context(|| step.file.display().to_string())?;
    let mut needs = Needs::default();
    let mut names = BTreeSet::new();
    for item in &parsed.items {
        if let syn::Item::Use(item) = item
            && let syn::UseTree::Path(path) = &item.tree
            && path.ident == stage
        {
            needs.uses.push(tidy(&tests[range(item)]));
            leaves(&path.tree, &mut names);
        }
    }
    let panics = run::tests(&step.file)
        .into_iter()
        .filter_map(|test| test.wanted);
    needs.panics = panics.collect::<BTreeSet<_>>().into_iter().collect();

    let keys = BTreeSet::from_iter(step.items.iter().map(|item| key(&item.name)));
    let mut files = Vec::new();
    for (file, text) in without_anchors(workspace.reference(stage)?) {
        let mut lines = Lines {
            text: &text,
            wanted: &keys,
            declared: Vec::new(),
            functions: Vec::new(),
            private: Vec::new(),
            named: &mut names,
        };
        let parsed = syn::parse_file(&text).with_context(|| format!("{stage}: {file}"))?;
        lines.visit_file(&parsed);
        let private = lines.private.iter();
        needs
            .private
            .extend(private.map(|name| format!("{file} `{name}`")));
        files.push((file, lines.declared, lines.functions));
    }
    // Types that a signature names are needed, too: hence after all files.
    for (file, declared, functions) in files {
        let declared = declared
            .into_iter()
            .filter(|(name, _)| names.contains(name));
        let mut lines = Vec::from_iter(declared.map(|(_, line)| line));
        lines.extend(functions);
        if !lines.is_empty() {
            needs.files.push((file, lines));
        }
    }
    Ok(needs)
}

impl Needs {
    /// As a text, with an empty line between its parts.
    pub fn text(&self) -> String {
        let code = |line: &String| {
            let indent = line.len() - line.trim_start().len();
            let text = wrapped(line, &" ".repeat(indent + 8));
            format!("{}{}", " ".repeat(indent + 4), text.trim_start())
        };
        let part = |head: &str, lines: &[String]| match lines {
            [] => String::new(),
            _ => format!(
                "\n  {}\n{}",
                paint(STRONG, head),
                lines.iter().map(code).collect::<String>()
            ),
        };
        let mut text = part("The tests import:", &self.uses);
        for (file, lines) in &self.files {
            text += &part(&format!("src/{file}"), lines);
        }
        text += &part("Messages of panics contain:", &self.panics);
        if !self.private.is_empty() {
            let names = self.private.join(", ");
            let words = format!("The book's crate also has, for itself: {names}.");
            text += &format!("\n{}", wrapped(&words, "  "));
        }
        text
    }
}

/// The names that a tree of `use` ends in.
fn leaves(tree: &syn::UseTree, names: &mut BTreeSet<String>) {
    match tree {
        syn::UseTree::Path(path) => leaves(&path.tree, names),
        syn::UseTree::Name(name) => {
            names.insert(name.ident.to_string());
        }
        syn::UseTree::Rename(name) => {
            names.insert(name.ident.to_string());
        }
        syn::UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, names)),
        syn::UseTree::Glob(_) => {}
    }
}

/// One file of the reference.
struct Lines<'a> {
    text: &'a str,
    /// The items of the step.
    wanted: &'a BTreeSet<String>,
    /// Public types and traits by their names.
    declared: Vec<(String, String)>,
    /// Signatures of the step's items.
    functions: Vec<String>,
    private: Vec<String>,
    /// The names that the tests and the signatures speak of.
    named: &'a mut BTreeSet<String>,
}

impl Lines<'_> {
    fn source(&self, node: &impl Spanned) -> &str {
        &self.text[range(node)]
    }

    /// A node with what makes it visible.
    fn visible(&self, visibility: &syn::Visibility, node: &impl Spanned) -> String {
        match visibility {
            syn::Visibility::Inherited => self.source(node).to_owned(),
            _ => format!("{} {}", self.source(visibility), self.source(node)),
        }
    }

    /// A signature, below the head of its `impl` if it is the first of them.
    fn function(&mut self, head: &str, line: &str, signature: &syn::Signature) {
        Names(self.named).visit_signature(signature);
        let line = tidy(line);
        if head.is_empty() {
            self.functions.push(line);
            return;
        }
        let above = self.functions.iter().rfind(|line| !line.starts_with(' '));
        if above.is_none_or(|above| above != head) {
            self.functions.push(head.to_owned());
        }
        self.functions.push(format!("    {line}"));
    }

    /// A type: its derived traits, its head, and what of it can be seen from outside.
    fn declare(&mut self, attributes: &[syn::Attribute], name: &syn::Ident, line: &str) {
        let derives = attributes.iter().filter(|a| a.path().is_ident("derive"));
        let derives: String = derives
            .map(|derive| format!("{} ", self.source(derive)))
            .collect();
        let line = tidy(&format!("{derives}{line}"));
        self.declared.push((name.to_string(), line));
    }

    fn fields(&self, fields: &syn::Fields) -> String {
        let (open, close) = match fields {
            syn::Fields::Named(_) => (" { ", " }"),
            syn::Fields::Unnamed(_) => ("(", ")"),
            syn::Fields::Unit => return String::new(),
        };
        let mut parts = Vec::new();
        let mut hidden = false;
        for field in fields {
            if !matches!(field.vis, syn::Visibility::Public(_)) {
                hidden = true;
                continue;
            }
            let name = field.ident.as_ref().map(|name| format!("{name}: "));
            parts.push(format!(
                "pub {}{}",
                name.unwrap_or_default(),
                self.source(&field.ty)
            ));
        }
        if hidden {
            parts.push("…".to_owned());
        }
        format!("{open}{}{close}", parts.join(", "))
    }
}

fn is_public(visibility: &syn::Visibility) -> bool {
    matches!(visibility, syn::Visibility::Public(_))
}

impl<'ast> Visit<'ast> for Lines<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        let name = item.sig.ident.to_string();
        match is_public(&item.vis) {
            _ if !self.wanted.contains(&key(&name)) => {}
            true => self.function("", &self.visible(&item.vis, &item.sig), &item.sig),
            false => self.private.push(name),
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let target = self.source(&*item.self_ty).to_owned();
        let start = range(&item.impl_token).start;
        let head = tidy(&self.text[start..range(&item.self_ty).end]);
        let implemented = item
            .trait_
            .as_ref()
            .map(|(path, ..)| self.source(path).to_owned());
        for item in &item.items {
            let syn::ImplItem::Fn(function) = item else {
                continue;
            };
            let name = match &implemented {
                Some(path) => format!("{path} for {target}"),
                None => {
                    let target = target.split('<').next().unwrap_or_default();
                    format!("{target}::{}", function.sig.ident)
                }
            };
            match is_public(&function.vis) || implemented.is_some() {
                _ if !self.wanted.contains(&key(&name)) => {}
                true => {
                    let line = self.visible(&function.vis, &function.sig);
                    self.function(&head, &line, &function.sig);
                }
                false => self.private.push(name),
            }
        }
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        if is_public(&item.vis) {
            let methods = item.items.iter().filter_map(|item| match item {
                syn::TraitItem::Fn(function) => Some(format!("{};", self.source(&function.sig))),
                _ => None,
            });
            let methods = methods.collect::<Vec<_>>().join(" ");
            let line = format!("pub trait {} {{ {methods} }}", item.ident);
            self.declare(&item.attrs, &item.ident, &line);
        }
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        if is_public(&item.vis) && self.wanted.contains(&key(&item.ident.to_string())) {
            let line = format!("pub static {}: {}", item.ident, self.source(&*item.ty));
            Names(self.named).visit_type(&item.ty);
            self.functions.push(tidy(&line));
        }
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        if is_public(&item.vis) {
            let generics = self.source(&item.generics);
            let fields = self.fields(&item.fields);
            let line = format!("pub struct {}{generics}{fields}", item.ident);
            self.declare(&item.attrs, &item.ident, &line);
        }
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        if is_public(&item.vis) {
            let variants = item.variants.iter().map(|variant| {
                let fields = match &variant.fields {
                    syn::Fields::Unit => "",
                    fields => self.source(fields),
                };
                format!("{}{fields}", variant.ident)
            });
            let variants = variants.collect::<Vec<_>>().join(", ");
            let line = format!("pub enum {} {{ {variants} }}", item.ident);
            self.declare(&item.attrs, &item.ident, &line);
        }
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        if is_public(&item.vis) {
            let line = format!("pub type {} = {}", item.ident, self.source(&*item.ty));
            self.declare(&item.attrs, &item.ident, &line);
        }
    }
}

/// Gathers the names of types.
struct Names<'a>(&'a mut BTreeSet<String>);

impl<'ast> Visit<'ast> for Names<'_> {
    fn visit_path_segment(&mut self, segment: &'ast syn::PathSegment) {
        self.0.insert(segment.ident.to_string());
        visit::visit_path_segment(self, segment);
    }
}

fn range(node: &impl Spanned) -> Range<usize> {
    node.span().byte_range()
}

/// On one line, without what only several lines need.
fn tidy(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.replace("( ", "(").replace(", )", ")");
    line.replace(", }", " }").replace("{ }", "{}")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use pretty_assertions::assert_eq;

    use super::*;
    use crate::step;

    #[test]
    fn what_the_tests_need_is_read_from_them_and_from_the_reference() {
        let folder = tempfile::tempdir().unwrap();
        let write = |place: &str, text: &str| {
            let path = folder.path().join(place);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("Cargo.toml", "");
        write(
            "stages/stage2/tests/step1_nodes.rs",
            "//! # Nodes\n//!\n//! Chapter: x.md#y\n//!\n//! About: graph\n//!\n//! Items: graph.rs `Node::new`, `Node::check`,\n\
             //! `Neg for &Node<'_>`, ops.rs `SIN`, `record`, `help`\n//!\n//! Text.\n//!\n//! Hint 1: None.\n\n\
             use std::rc::Rc;\nuse stage2::graph::Node;\nuse stage2::{\n    Kind,\n    Other as O,\n};\n\
             #[test]\n#[should_panic(expected = \"`sin`: no\")]\nfn a() {}\n",
        );
        write("stages/stage2/src/lib.rs", "pub mod graph;\npub mod ops;\n");
        write(
            "stages/stage2/src/graph.rs",
            "/// A node.\n#[derive(Debug)]\npub struct Node<'a> {\n    /// Its id.\n    pub id: u64,\n    \
             // ANCHOR: args\n    pub args: Vec<&'a Unused>,\n    // ANCHOR_END: args\n    hidden: bool,\n}\n\
             pub struct Unused(f64);\n\
             impl<'a> Node<'a> {\n    /// Makes one.\n    pub fn new(\n        id: u64,\n        kind: Kind,\n    \
             ) -> Self { todo!() }\n    fn check(&self) {}\n    pub fn later(&self) {}\n}\n\
             impl std::ops::Neg for &Node<'_> {\n    type Output = f64;\n    fn neg(self) -> f64 { 1.0 }\n}\n",
        );
        write(
            "stages/stage2/src/ops.rs",
            "#[derive(Clone, Copy)]\npub enum Kind {\n    /// x\n    Input,\n    Sum(f64, f64),\n}\n\
             pub static SIN: Primitive = Primitive::new(|x| x.sin());\n\
             pub struct Primitive { name: &'static str }\n\
             pub fn record(node: &Node<'_>) -> Vec<f64> { Vec::new() }\nfn help() {}\n",
        );
        let workspace = Workspace::find(folder.path()).unwrap();
        let step = &step::of_stage(&workspace, "stage2").unwrap()[0];
        let needs = of_step(&workspace, "stage2", step).unwrap();
        let lines = |lines: &[&str]| Vec::from_iter(lines.iter().map(|line| (*line).to_owned()));
        assert_eq!(
            needs,
            Needs {
                uses: lines(&[
                    "use stage2::graph::Node;",
                    "use stage2::{ Kind, Other as O };"
                ]),
                files: vec![
                    (
                        "graph.rs".to_owned(),
                        lines(&[
                            "#[derive(Debug)] pub struct Node<'a> { pub id: u64, pub args: Vec<&'a Unused>, … }",
                            "impl<'a> Node<'a>",
                            "    pub fn new(id: u64, kind: Kind) -> Self",
                            "impl std::ops::Neg for &Node<'_>",
                            "    fn neg(self) -> f64",
                        ])
                    ),
                    (
                        "ops.rs".to_owned(),
                        lines(&[
                            "#[derive(Clone, Copy)] pub enum Kind { Input, Sum(f64, f64) }",
                            "pub struct Primitive { … }",
                            "pub static SIN: Primitive",
                            "pub fn record(node: &Node<'_>) -> Vec<f64>",
                        ])
                    ),
                ],
                private: lines(&["graph.rs `Node::check`", "ops.rs `help`"]),
                panics: lines(&["`sin`: no"]),
            }
        );
        let text = anstream::adapter::strip_str(&needs.text()).to_string();
        // Where lines are broken, the terminal says.
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let begin = "The tests import: use stage2::graph::Node; use ";
        assert!(text.starts_with(begin), "{text}");
        let end = "The book's crate also has, for itself: graph.rs `Node::check`, ops.rs `help`.";
        assert!(text.ends_with(end), "{text}");
    }
}

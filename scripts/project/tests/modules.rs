//! The modules of each crate in `scripts` can be read one after another: none imports, by whatever
//! way round, one that imports it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use pretty_assertions::assert_eq;
use project::{Workspace, entries, stages::sources};

type Imports = BTreeMap<String, BTreeSet<String>>;

/// `draw::plot` for `draw/plot.rs`, `draw` for `draw/mod.rs`.
fn module(file: &str) -> String {
    let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
    path.replace('/', "::")
}

/// The paths of a `use crate::…;`. Of `a::{b::{c, d}, e as f}` these are `a::b`, `a::c`, `a::d` and
/// `a::e`, of which those that are no modules do not matter.
fn paths(import: &str) -> Vec<String> {
    let (prefix, names) = import.split_once('{').unwrap_or(("", import));
    let names = names.split([',', '{', '}']);
    let names = names.filter_map(|name| name.split_whitespace().next());
    names.map(|name| format!("{prefix}{name}")).collect()
}

/// What each module of a crate imports, but for its tests, whose lines are indented.
fn imports(src: &Path) -> Imports {
    let sources = sources(src).unwrap();
    let modules: BTreeSet<String> = sources.keys().map(|file| module(file)).collect();
    let innermost = |path: &str| {
        let ends = path.match_indices("::").map(|(end, _)| end);
        let prefixes = ends.chain([path.len()]).map(|end| path[..end].to_owned());
        prefixes.filter(|prefix| modules.contains(prefix)).last()
    };
    let imports = sources.iter().map(|(file, text)| {
        let uses = text.split("\nuse crate::").skip(1);
        let uses = uses.filter_map(|rest| rest.split(';').next());
        let found = uses.flat_map(paths).filter_map(|path| innermost(&path));
        (module(file), found.collect())
    });
    imports.collect()
}

/// Takes away what imports nothing or is imported by nothing, again and again, until only circles are
/// left, and what is between them.
fn circles(mut imports: Imports) -> Imports {
    let is_end = |imports: &Imports, module: &String| {
        imports[module].is_empty() || !imports.values().any(|needs| needs.contains(module))
    };
    while let Some(end) = imports.keys().find(|module| is_end(&imports, module)) {
        let end = end.clone();
        imports.remove(&end);
        for needs in imports.values_mut() {
            needs.remove(&end);
        }
    }
    imports
}

#[test]
fn no_module_imports_one_that_imports_it() {
    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let crates = entries(&workspace.path("scripts")).unwrap();
    assert_eq!(crates.len(), 4, "{crates:?}");
    for folder in crates {
        let imports = imports(&folder.join("src"));
        assert!(imports.values().any(|needs| !needs.is_empty()));
        assert_eq!(circles(imports), Imports::new(), "{}", folder.display());
    }
}

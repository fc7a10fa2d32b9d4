//! The chapter *Sources* names each crate that a manifest of the workspace asks for, and no other.

use std::collections::BTreeSet;
use std::path::Path;

use pretty_assertions::assert_eq;
use project::{Workspace, entries, read};

/// The names in the tables of dependencies, whatever these are for.
fn asked_for(manifest: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.trim_end().ends_with("dependencies]");
        } else if let (true, Some((name, _))) = (inside, line.split_once([' ', '.', '=']))
            && !name.starts_with('#')
        {
            names.insert(name.to_owned());
        }
    }
    names
}

/// The names that are code in a link, such as [`ndarray`](…) or [`anstream` and `anstyle`](…).
fn credited(section: &str) -> BTreeSet<String> {
    let links = section.split("](").filter_map(|text| text.rsplit_once('['));
    let texts = links.map(|(_, text)| text);
    let names = texts.flat_map(|text| text.split('`').skip(1).step_by(2));
    names.map(str::to_owned).collect()
}

#[test]
fn each_crate_is_credited() {
    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let members = ["stages", "scripts"].map(|place| entries(&workspace.path(place)).unwrap());
    let members = members
        .concat()
        .into_iter()
        .chain([workspace.path("tests")]);
    let manifests = members.map(|member| read(&member.join("Cargo.toml")).unwrap());
    let asked_for: BTreeSet<String> = manifests.flat_map(|text| asked_for(&text)).collect();
    // mdBook comes in several crates, and some crates are of this workspace.
    let ours = |name: &String| name.starts_with("stage") || name == "project" || name == "tests";
    let others = asked_for.into_iter().filter(|name| !ours(name));
    let others: BTreeSet<String> = others.filter(|name| !name.starts_with("mdbook-")).collect();

    let sources = workspace.read("book/src/sources.md").unwrap();
    let (_, made_with) = sources.split_once("## What it is made with").unwrap();
    assert!(made_with.contains("[mdBook]("));
    assert_eq!(credited(made_with), others);
}

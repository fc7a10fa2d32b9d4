//! What the last complete book was made of, so that the same book is not made again.
//!
//! It is a list in the folder `target`: a digest for all that went in, and for each page that came out.
//! Only a book that has passed all checks leaves one.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use anyhow::{Context, Result};

use crate::epub;
use project::{Workspace, files, is_left_behind};

/// The folder of the pages.
pub const PAGES: &str = "book/book";

/// Where the list is.
const LIST: &str = "target/book.digests";

/// What a complete book is made of: every file of the workspace that a chapter may show, the settings of
/// Cargo and mdBook, and this program. A new compiler makes a new program.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn sources(workspace: &Workspace) -> Result<String> {
    let made = ["target", PAGES, epub::PLACE].map(|place| workspace.path(place));
    // Cargo leaves this file in a target folder of any name.
    let is_made =
        |path: &Path| made.iter().any(|made| made == path) || path.join("CACHEDIR.TAG").exists();
    let skip = |path: &Path| is_left_behind(path) || is_made(path);

    let mut list = String::new();
    add_files(workspace, workspace.root(), &skip, &mut list)?;
    let settings = workspace.path(".cargo");
    if settings.is_dir() {
        add_files(workspace, &settings, &skip, &mut list)?;
    }
    for (name, value) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("MDBOOK_") {
            add(&name, &value, &mut list);
        }
    }
    let program = fs::metadata(std::env::current_exe()?)?;
    add(
        "cargo book",
        &(program.modified()?, program.len()),
        &mut list,
    );
    Ok(list)
}

/// Whether the last complete book was made of these sources, and its pages are as they were.
pub(crate) fn is_current(workspace: &Workspace, sources: &str) -> bool {
    let last = fs::read_to_string(workspace.path(LIST));
    last.is_ok_and(|last| with_pages(workspace, sources).is_ok_and(|now| now == last))
}

/// Notes that the pages are a complete book made of these sources.
///
/// # Errors
/// A page cannot be read, or the list cannot be written.
pub(crate) fn keep(workspace: &Workspace, sources: &str) -> Result<()> {
    fs::create_dir_all(workspace.path("target"))?;
    fs::write(workspace.path(LIST), with_pages(workspace, sources)?)?;
    Ok(())
}

fn with_pages(workspace: &Workspace, sources: &str) -> Result<String> {
    let mut list = sources.to_owned();
    add_files(workspace, &workspace.path(PAGES), &|_| false, &mut list)?;
    Ok(list)
}

fn add_files(
    workspace: &Workspace,
    folder: &Path,
    skip: &dyn Fn(&Path) -> bool,
    list: &mut String,
) -> Result<()> {
    for path in files(folder, skip)? {
        let place = workspace.place(&path);
        let bytes = fs::read(&path).with_context(|| format!("{place} cannot be read"))?;
        add(&place, &bytes, list);
    }
    Ok(())
}

/// A line of the list.
fn add(name: &str, what: &impl Hash, list: &mut String) {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    list.push_str(&format!("{:016x} {name}\n", hasher.finish()));
}

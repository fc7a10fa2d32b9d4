//! The reader's own crates, in `work`.
//!
//! ```text
//! work/.cargo/config.toml   one target folder for all, and `cargo course` from inside of them
//! work/.course.toml         hints shown, bugs found, how far each crate was
//! work/stage1               a crate: Cargo.toml, Cargo.lock, src, and what it is in .course.toml
//! work/stage1-2             another one, by `--again`
//! work/bug-stage3           by `break`
//! work/challenge-tan        by `challenge`
//! ```

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::state;
use crate::step;
use project::stages::Sources;
use project::{Workspace, entries, file_name, read};

const FILE: &str = ".course.toml";

/// Where crates are written before they are renamed to their place.
const NEW: &str = ".new";

/// One crate of the reader's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// The name of the folder.
    pub name: String,
    /// The folder.
    pub folder: PathBuf,
    /// What it is for.
    pub purpose: Purpose,
}

/// What a crate is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// The stage whose tests it should pass.
    pub stage: String,
    /// The mark of the bug that was planted in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bug: Option<String>,
    /// The challenge that it should pass, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<String>,
}

impl Purpose {
    /// Building a stage.
    pub fn stage(stage: &str) -> Purpose {
        Purpose {
            stage: stage.to_owned(),
            bug: None,
            challenge: None,
        }
    }

    /// What the folder is called.
    pub fn folder(&self) -> String {
        match (&self.bug, &self.challenge) {
            (None, None) => self.stage.clone(),
            (Some(_), _) => format!("bug-{}", self.stage),
            (None, Some(challenge)) => format!("challenge-{challenge}"),
        }
    }
}

impl Own {
    /// The folder of the sources.
    pub fn src(&self) -> PathBuf {
        self.folder.join("src")
    }

    /// When the reader last saved something in it.
    fn saved(&self) -> SystemTime {
        fn newest(path: &Path) -> SystemTime {
            let own = fs::metadata(path).and_then(|metadata| metadata.modified());
            let own = own.unwrap_or(SystemTime::UNIX_EPOCH);
            if !path.is_dir() {
                return own;
            }
            let inner = entries(path).unwrap_or_default();
            inner.iter().map(|path| newest(path)).fold(own, Ord::max)
        }
        newest(&self.src()).max(newest(&self.folder.join("Cargo.toml")))
    }

    /// Whether the reader has saved anything since it was made: what it is for is written last.
    fn is_used(&self) -> bool {
        let made = fs::metadata(self.folder.join(FILE)).and_then(|metadata| metadata.modified());
        made.is_ok_and(|made| self.saved() > made)
    }
}

/// The reader's crates, sorted by name.
///
/// # Errors
/// The folder `work` cannot be read.
pub fn all(workspace: &Workspace) -> Result<Vec<Own>> {
    let work = workspace.path("work");
    if !work.is_dir() {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for folder in entries(&work)? {
        let name = file_name(&folder);
        if !name.starts_with('.') && folder.join(FILE).is_file() {
            let text = read(&folder.join(FILE))?;
            let purpose = toml::from_str(&text)
                .with_context(|| format!("{} is not right", folder.join(FILE).display()))?;
            all.push(Own {
                name,
                folder,
                purpose,
            });
        }
    }
    Ok(all)
}

/// The crate in the folder of that name.
///
/// # Errors
/// There is none; the message says how to make it, or which ones there are.
pub fn named(workspace: &Workspace, name: &str) -> Result<Own> {
    let all = all(workspace)?;
    if let Some(own) = all.iter().find(|own| own.name == name) {
        return Ok(own.clone());
    }
    if workspace.stages()?.iter().any(|stage| stage == name) {
        bail!("you have no {name} of your own yet; make one with `cargo course start {name}`");
    }
    let names: Vec<&str> = all.iter().map(|own| own.name.as_str()).collect();
    bail!(
        "there is no crate `{name}` in work; there {}",
        match names[..] {
            [] => "is none at all".to_owned(),
            [one] => format!("is {one}"),
            _ => format!("are {}", names.join(", ")),
        }
    )
}

/// The crate that the reader is in; outside of all of them, the one that was saved last.
///
/// # Errors
/// The folder `work` cannot be read.
pub fn current(workspace: &Workspace, here: &Path) -> Result<Option<Own>> {
    let all = all(workspace)?;
    let inside = all.iter().find(|own| here.starts_with(&own.folder));
    let last = || all.iter().max_by_key(|own| own.saved());
    Ok(inside.or_else(last).cloned())
}

/// The crate for just that purpose that the reader is in, or else the one saved last. What has
/// been made and not written in since comes after all others.
///
/// # Errors
/// The folder `work` cannot be read.
pub fn current_for(workspace: &Workspace, here: &Path, purpose: &Purpose) -> Result<Option<Own>> {
    let mut all = all(workspace)?;
    all.retain(|own| own.purpose == *purpose);
    let inside = all.iter().find(|own| here.starts_with(&own.folder));
    let last = || all.iter().max_by_key(|own| (own.is_used(), own.saved()));
    Ok(inside.or_else(last).cloned())
}

/// The reader's crates for building `stage`, the one saved last first.
///
/// # Errors
/// The folder `work` cannot be read.
pub fn of_stage(workspace: &Workspace, stage: &str) -> Result<Vec<Own>> {
    let mut all = all(workspace)?;
    all.retain(|own| own.purpose == Purpose::stage(stage));
    all.sort_by_key(|own| std::cmp::Reverse(own.saved()));
    Ok(all)
}

/// Makes a crate: writes it beside its place, then renames it.
///
/// # Errors
/// There is something of that name already (unless `again`, which counts on to a free name), or
/// the folder cannot be written to.
pub fn make(
    workspace: &Workspace,
    purpose: &Purpose,
    sources: &Sources,
    again: bool,
) -> Result<Own> {
    let work = workspace.path("work");
    let first = purpose.folder();
    if !again && work.join(&first).exists() {
        bail!("work/{first} exists, and stays as it is");
    }
    let name = std::iter::once(first.clone())
        .chain((2..).map(|number| format!("{first}-{number}")))
        .find(|name| !work.join(name).exists())
        .expect("the numbers do not end");
    let folder = work.join(&name);

    let new = work.join(NEW);
    if new.is_dir() {
        // Left by a command that was ended in the middle. Nobody has been told of it.
        fs::remove_dir_all(&new).context("the folder work/.new cannot be removed")?;
    }
    let beside = new.join(std::process::id().to_string());
    let own = Own {
        name,
        folder,
        purpose: purpose.clone(),
    };
    let write_all = || -> Result<()> {
        for (file, text) in sources {
            write_inside(&beside, &format!("src/{file}"), text)?;
        }
        write_inside(&beside, "Cargo.toml", &manifest(workspace, &own)?)?;
        write_inside(&beside, "Cargo.lock", &lock(workspace, &own)?)?;
        let purpose = toml::to_string(&own.purpose).expect("a purpose is a table");
        write_inside(&beside, FILE, &purpose)
    };
    write_all()?;
    configure(workspace)?;
    fs::rename(&beside, &own.folder)
        .with_context(|| format!("{} cannot be made", own.folder.display()))?;
    fs::remove_dir(&new).context("the folder work/.new cannot be removed")?;
    Ok(own)
}

fn write_inside(folder: &Path, file: &str, text: &str) -> Result<()> {
    let path = folder.join(file.split('/').collect::<PathBuf>());
    path.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(&path, text))
        .with_context(|| format!("{} cannot be written", path.display()))
}

/// `work/.cargo/config.toml`. In a reader's crate, Cargo looks for packages in that crate only:
/// the alias leads back to the tools, by a path that holds in the top folder of each crate.
const CONFIG: &str = "\
# One target folder for all, and `cargo course` in the folder of each crate.

[build]
target-dir = \"../target\"

[alias]
course = \"run --manifest-path ../../Cargo.toml --package cargo-course --bin cargo-course --\"
";

/// Writes `work/.cargo/config.toml` if it is not there.
///
/// # Errors
/// The folder cannot be written to.
pub fn configure(workspace: &Workspace) -> Result<()> {
    let folder = workspace.path("work").join(".cargo");
    let path = folder.join("config.toml");
    if path.is_file() {
        return Ok(());
    }
    fs::create_dir_all(&folder).context("the folder work/.cargo cannot be made")?;
    state::write(&path, CONFIG)
}

/// `Cargo.toml` of a crate. Versions come from the workspace's manifest, and the tests are those
/// of the reference, where they are.
fn manifest(workspace: &Workspace, own: &Own) -> Result<String> {
    let root: toml::Table = parse(&workspace.root().join("Cargo.toml"))?;
    let stage = &own.purpose.stage;
    let reference: toml::Table = parse(&workspace.stage(stage).join("Cargo.toml"))?;
    let shared = &root["workspace"];

    let mut text = format!(
        "[package]\nname = \"my-{}\"\nversion = \"0.1.0\"\n",
        own.name
    );
    for key in ["edition", "rust-version"] {
        text += &format!("{key} = {}\n", shared["package"][key]);
    }
    text += &format!("publish = false\n\n[lib]\nname = \"{stage}\"\ndoctest = false\n");
    for section in ["dependencies", "dev-dependencies"] {
        if let Some(dependencies) = reference.get(section).and_then(toml::Value::as_table) {
            text += &format!("\n[{section}]\n");
            for (name, wanted) in dependencies {
                let dependency = resolve(wanted, shared["dependencies"].get(name))
                    .with_context(|| format!("the dependency {name} of {stage}"))?;
                text += &format!("{name} = {dependency}\n");
            }
        }
    }
    text += &format!("\n# The tests of stages/{stage}, where they are.\n");
    for step in step::of_stage(workspace, stage)? {
        text += &test(
            &step.name,
            &format!("../../stages/{stage}/tests/{}.rs", step.name),
        );
    }
    if let Some(challenge) = &own.purpose.challenge {
        let path =
            format!("../../scripts/cargo-course/content/{stage}/challenges/{challenge}/test.rs");
        text += &test("challenge", &path);
    }
    text += "\n# A workspace of its own, apart from the one around it.\n[workspace]\n";
    Ok(text)
}

fn test(name: &str, path: &str) -> String {
    format!("[[test]]\nname = \"{name}\"\npath = \"{path}\"\n")
}

/// A dependency of a stage without reference to the workspace.
fn resolve(wanted: &toml::Value, shared: Option<&toml::Value>) -> Result<toml::Value> {
    let mut table = match wanted.clone() {
        toml::Value::Table(table) => table,
        version => return Ok(version),
    };
    if table.remove("workspace").is_some() {
        let shared = shared.context("is not among the dependencies of the workspace")?;
        let mut base = match shared.clone() {
            toml::Value::Table(base) => base,
            version => toml::Table::from_iter([("version".to_owned(), version)]),
        };
        if let Some(toml::Value::String(path)) = base.get_mut("path") {
            path.insert_str(0, "../../");
        }
        base.extend(table);
        table = base;
    }
    Ok(toml::Value::Table(table))
}

/// The workspace's `Cargo.lock` with the crate in the stage's place, so that nothing has to be
/// looked up.
fn lock(workspace: &Workspace, own: &Own) -> Result<String> {
    let text = read(&workspace.root().join("Cargo.lock"))?;
    let stage = &own.purpose.stage;
    Ok(text.replace(
        &format!("\nname = \"{stage}\"\n"),
        &format!("\nname = \"my-{}\"\n", own.name),
    ))
}

fn parse(path: &Path) -> Result<toml::Table> {
    toml::from_str(&read(path)?).with_context(|| format!("{} is not right", path.display()))
}

//! Making crates: to build a stage, to hunt a bug, to try a challenge.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::check::{self, Options};
use crate::content::{self, Bug, Challenge};
use crate::manifest;
use crate::own::{self, Own, Purpose};
use crate::skeleton::{self, Written};
use crate::state::State;
use crate::step::{self, Step};
use project::Workspace;
use project::anchors::without_anchors;
use project::stages::{Sources, sources};

/// What a stage begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// The stage's own signatures, with some of the bodies.
    Skeleton(Written),
    /// Nothing at all.
    Nothing,
    /// The reader's own stage before, which passes all its steps.
    Own(Own),
    /// The reference of the stage before.
    Reference(String),
}

/// A new crate for building a stage, and what to expect of it.
#[derive(Debug)]
pub struct Started {
    /// The crate.
    pub own: Own,
    /// What it begins with.
    pub base: Base,
    /// All steps of the stage.
    pub steps: Vec<Step>,
    /// The numbers of the steps that are red at the start.
    pub red: Vec<usize>,
}

/// Refuses a folder that is there already, before any work is done for it.
///
/// # Errors
/// It is there; the message says what to do.
pub fn must_be_free(workspace: &Workspace, purpose: &Purpose, again: &str) -> Result<()> {
    let name = purpose.folder();
    if workspace.path("work").join(&name).exists() {
        bail!(
            "work/{name} exists, and stays as it is.\n\
             \n  go on there         cargo course check {name}\
             \n  begin another one   {again}"
        );
    }
    Ok(())
}

/// What `--from previous` begins with: the reader's own crate, if there is one that passes, and
/// the reference otherwise.
///
/// # Errors
/// There is no stage before, or a check fails to run.
pub fn previous(workspace: &Workspace, stage: &str) -> Result<Base> {
    let Some(before) = before(workspace, stage)? else {
        bail!("there is nothing before {stage}; use --from skeleton");
    };
    Ok(match passing(workspace, &before)? {
        Some(own) => Base::Own(own),
        None => Base::Reference(before),
    })
}

/// The stage that another one grows out of: the one before, unless `content/stageN/stage.toml` names
/// another. The first has none.
///
/// # Errors
/// The stages cannot be listed, or `stage.toml` is not as it should be.
pub fn before(workspace: &Workspace, stage: &str) -> Result<Option<String>> {
    match workspace.previous(stage)? {
        Some(previous) => {
            let named = content::stage(workspace, stage)?.begun_with;
            Ok(Some(named.unwrap_or(previous)))
        }
        None => Ok(None),
    }
}

/// The reader's crate for `stage` that was saved last, of those that pass all steps.
fn passing(workspace: &Workspace, stage: &str) -> Result<Option<Own>> {
    for own in own::of_stage(workspace, stage)? {
        if check::check(workspace, &own, Options::default())?.is_green() {
            return Ok(Some(own));
        }
    }
    Ok(None)
}

/// The sources that a stage begins with.
///
/// # Errors
/// A file cannot be read, or a step names an item that is not there.
pub fn starter(workspace: &Workspace, stage: &str, base: &Base) -> Result<Sources> {
    let before = match base {
        Base::Skeleton(written) => {
            let reference = workspace.reference(stage)?;
            let cut = skeleton::cut(&reference, &step::of_stage(workspace, stage)?, written)?;
            return Ok(without_anchors(cut));
        }
        Base::Nothing => {
            let name = stage.replace("stage", "stage ");
            let text = format!(
                "//! My {name}.\n\n\
                 // What the tests of a step need: `cargo course hint --signatures`\n"
            );
            return Ok(Sources::from([("lib.rs".to_owned(), text)]));
        }
        Base::Own(own) => (own.purpose.stage.clone(), sources(&own.src())?),
        Base::Reference(before) => (before.clone(), workspace.reference(before)?),
    };
    // The library is called as its stage.
    let (before, sources) = before;
    let mut renamed: Sources = sources
        .into_iter()
        .map(|(file, text)| (file, text.replace(&before, stage)))
        .collect();
    if let Some(text) = renamed.get_mut("lib.rs") {
        *text = with_own_front(text, stage, &before);
    }
    Ok(without_anchors(renamed))
}

/// A line in place of a front page that speaks of the stage before.
fn with_own_front(text: &str, stage: &str, before: &str) -> String {
    let (front, rest) = text.split_at(skeleton::front(text));
    if front.is_empty() {
        return text.to_owned();
    }
    let [stage, before] = [stage, before].map(|name| name.replace("stage", "stage "));
    format!("//! My {stage}, begun with {before}.\n{rest}")
}

/// The numbers of the steps that are red in a new crate.
///
/// In a skeleton they can be worked out. The stage before passes those that
/// `content/stageN/stage.toml` says it does.
///
/// # Errors
/// A header or `stage.toml` is not as it should be.
pub fn red(workspace: &Workspace, stage: &str, base: &Base) -> Result<Vec<usize>> {
    let steps = step::of_stage(workspace, stage)?;
    let already = match base {
        Base::Skeleton(written) => return Ok(skeleton::red(&steps, written)),
        Base::Nothing => Vec::new(),
        Base::Own(_) | Base::Reference(_) => content::stage(workspace, stage)?.passed_before,
    };
    let red = steps
        .into_iter()
        .filter(|step| !already.contains(&step.name));
    Ok(red.map(|step| step.number).collect())
}

/// Makes a crate for building a stage.
///
/// # Errors
/// The folder exists (unless `again`), or something cannot be read or written.
pub fn stage(workspace: &Workspace, stage: &str, base: Base, again: bool) -> Result<Started> {
    let sources = starter(workspace, stage, &base)?;
    let red = red(workspace, stage, &base)?;
    let own = make(workspace, &Purpose::stage(stage), &sources, again)?;
    Ok(Started {
        own,
        base,
        steps: step::of_stage(workspace, stage)?,
        red,
    })
}

/// Makes a copy of a reference with a bug in it: number `wanted` in the list, or the first one
/// that has neither been found nor planted yet.
///
/// # Errors
/// There is no such bug, or something cannot be read or written.
pub fn bug(workspace: &Workspace, stage: &str, wanted: Option<usize>) -> Result<(Own, Bug)> {
    let bugs = content::bugs(workspace, stage)?;
    let state = State::load(workspace);
    let found = state.found.get(stage).cloned().unwrap_or_default();
    let planted: Vec<String> = own::all(workspace)?
        .into_iter()
        .filter(|own| own.purpose.stage == stage)
        .filter_map(|own| own.purpose.bug)
        .collect();
    let seen = |bug: &&Bug| found.contains(&bug.mark()) || planted.contains(&bug.mark());
    let bug = match wanted {
        Some(number) => number.checked_sub(1).and_then(|index| bugs.get(index)),
        None => bugs.iter().find(|bug| !seen(bug)).or(bugs.first()),
    };
    let Some(bug) = bug else {
        bail!(
            "there is no such bug: {stage} has {}; `cargo course break --list` names them",
            bugs.len()
        );
    };
    let mut sources = workspace.reference(stage)?;
    bug.plant(&mut sources)?;
    let purpose = Purpose {
        bug: Some(bug.mark()),
        ..Purpose::stage(stage)
    };
    let own = make(workspace, &purpose, &without_anchors(sources), true)?;
    Ok((own, bug.clone()))
}

/// Makes a crate for a challenge, from the reader's own stage if it passes, and from the reference
/// otherwise.
///
/// # Errors
/// The folder exists (unless `again`), or something cannot be read or written.
pub fn challenge(
    workspace: &Workspace,
    challenge: &Challenge,
    again: bool,
) -> Result<(Own, Option<Own>)> {
    let stage = &challenge.stage;
    let base = passing(workspace, stage)?;
    let sources = match &base {
        Some(own) => sources(&own.src())?,
        None => workspace.reference(stage)?,
    };
    let purpose = challenge_purpose(challenge);
    let own = make(workspace, &purpose, &without_anchors(sources), again)?;
    Ok((own, base))
}

/// What the crate of a challenge is for.
pub fn challenge_purpose(challenge: &Challenge) -> Purpose {
    Purpose {
        challenge: Some(challenge.slug.clone()),
        ..Purpose::stage(&challenge.stage)
    }
}

/// Where crates are written before they are renamed to their place.
const NEW: &str = ".new";

/// Makes a crate: writes it beside its place, then renames it.
///
/// # Errors
/// There is something of that name already (unless `again`, which counts on to a free name), or
/// the folder cannot be written to.
fn make(workspace: &Workspace, purpose: &Purpose, sources: &Sources, again: bool) -> Result<Own> {
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
        write_inside(&beside, "Cargo.toml", &manifest::new(workspace, &own)?)?;
        write_inside(&beside, "Cargo.lock", &manifest::lock(workspace, &own)?)?;
        let purpose = toml::to_string(&own.purpose).expect("a purpose is a table");
        write_inside(&beside, own::FILE, &purpose)
    };
    write_all()?;
    manifest::configure(workspace)?;
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

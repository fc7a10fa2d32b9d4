//! A reader's engine at work: programs run on it and on the stage of the book, and what differs.
//!
//! The recorder (`scripts/recorder`) watches an engine by its public items alone. So a small program
//! in `work/.show` compiles its module for the stage against the reader's crate, and runs each
//! program in a process of its own: an engine that never ends takes nothing else with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::cargo::{self, Build, Kind};
use crate::content::{self, Program};
use crate::limit::{Limits, Watch};
use crate::outcome::Outcome;
use crate::own::Own;
use crate::page;
use crate::paint::Status;
use crate::run::How;
use crate::skeleton;
use crate::state;
use crate::step::{self, Step};
use project::recorder::{self, Answer};
use project::stages::sources;
use project::{Workspace, process, read};

/// As much processor time as a program may use.
const LIMIT: Duration = Duration::from_secs(10);

/// As much of what the engine itself prints as is kept.
const KEPT: usize = 1 << 16;

/// What came of it.
#[derive(Debug)]
pub enum Shown {
    /// There is a page.
    Page {
        /// Its file.
        file: PathBuf,
        /// The programs, and what became of each.
        programs: Vec<(Program, Outcome)>,
    },
    /// The crate does not compile, with these errors.
    Broken(Vec<String>),
    /// Cargo does not accept the crate, with these words.
    Refused(String),
    /// The crate compiles, and has not all that is needed.
    Lacks {
        /// The steps that bring what it has not.
        steps: Vec<Step>,
        /// The last step that is needed.
        last: Step,
        /// What the compiler says.
        errors: Vec<String>,
    },
}

/// Runs programs on a crate, and makes a page of what it does with them: those of the course if there
/// is none of the reader's own.
///
/// # Errors
/// The stage has no pictures that run, a file cannot be written, or Cargo cannot be started. Whatever is
/// wrong with the crate is in the answer.
pub fn show(workspace: &Workspace, own: &Own, program: Option<Program>) -> Result<Shown> {
    let stage = &own.purpose.stage;
    let Some(course) = content::programs(workspace, stage)? else {
        bail!(
            "{stage} has no pictures that run (stage1 to stage4 do); `cargo course check` tests it"
        );
    };
    let name = format!("show-{}", own.name);
    let folder = workspace.path("work").join(".show").join(&own.name);
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    write(
        &folder.join("Cargo.toml"),
        &manifest(workspace, own, &name)?,
    )?;
    write(&folder.join("main.rs"), &main(workspace, own))?;
    // Nothing has to be looked up. What Cargo adds to it stays.
    let lock = folder.join("Cargo.lock");
    if !lock.is_file() {
        fs::copy(workspace.root().join("Cargo.lock"), &lock)?;
    }

    let built = match cargo::build(&folder, Kind::Bin, std::slice::from_ref(&name))? {
        Build::Broken(errors) => return Ok(Shown::Broken(errors)),
        Build::Refused(words) => return Ok(Shown::Refused(words)),
        Build::Library(mut programs) => programs.remove(&name),
    };
    let built = match built.context("Cargo has built nothing")? {
        Ok(built) => built,
        Err(errors) => return lacks(workspace, own, &course.needs, errors),
    };

    let programs = program.map_or(course.programs, |program| vec![program]);
    let mut outcomes = Vec::new();
    let status = Status::new();
    let mut goes_on = true;
    for program in programs {
        status.show(&program.title);
        let outcome = match goes_on {
            true => run(&built, &folder, stage, &program)?,
            false => Outcome::Left,
        };
        goes_on &= !matches!(outcome, Outcome::Ended(How::Stopped(_)));
        outcomes.push((program, outcome));
    }
    let file = folder.with_extension("html");
    let page = page::page(workspace, own, &outcomes)?;
    state::write(&file, &page)?;
    Ok(Shown::Page {
        file,
        programs: outcomes,
    })
}

/// Writes a file, unless it says so already: then nothing is compiled anew.
fn write(path: &Path, text: &str) -> Result<()> {
    match fs::read_to_string(path) {
        Ok(old) if old == text => Ok(()),
        _ => state::write(path, text),
    }
}

/// `Cargo.toml` of the program that watches the engine.
fn manifest(workspace: &Workspace, own: &Own, name: &str) -> Result<String> {
    let table = |path: &Path| -> Result<toml::Table> {
        toml::from_str(&read(path)?).with_context(|| format!("{} is not right", path.display()))
    };
    let root = table(&workspace.root().join("Cargo.toml"))?;
    let theirs = table(&own.folder.join("Cargo.toml"))?;
    let package = theirs
        .get("package")
        .and_then(|package| package.get("name"));
    let package = package.context("the crate has no name in its Cargo.toml")?;
    let text = |path: PathBuf| toml::Value::from(path.to_string_lossy().into_owned());
    Ok(format!(
        "# Written by `cargo course show`.\n\n\
         [package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = {}\npublish = false\n\n\
         [[bin]]\nname = \"{name}\"\npath = \"main.rs\"\n\n\
         [dependencies]\nrecorder = {{ path = {} }}\n{} = {{ package = {package}, path = {} }}\n\n\
         [profile.dev.package.\"*\"]\ndebug = false\ndebug-assertions = false\n\n[workspace]\n",
        root["workspace"]["package"]["edition"],
        text(workspace.path("scripts/recorder")),
        own.purpose.stage,
        text(own.folder.clone()),
    ))
}

/// The program that watches: the recorder's module for the stage, and the reader's crate as the stage.
pub fn main(workspace: &Workspace, own: &Own) -> String {
    let stage = &own.purpose.stage;
    let module = format!("scripts/recorder/src/stages/{stage}.rs");
    format!(
        "//! Written by `cargo course show`.\n\n\
         // What the module finds in its own crate.\nuse ::recorder::*;\n\n\
         #[path = {:?}]\nmod watched;\n\n\
         fn main() -> std::io::Result<()> {{\n    \
         ::recorder::beside::main(watched::record, {:?}, {:?})\n}}\n",
        workspace.path(&module),
        own.src(),
        workspace.place(&own.src()),
    )
}

/// What a crate has not, that compiles without it.
fn lacks(workspace: &Workspace, own: &Own, needs: &str, errors: Vec<String>) -> Result<Shown> {
    let mut steps = step::of_stage(workspace, &own.purpose.stage)?;
    let last = steps.iter().position(|step| step.name == needs);
    steps.truncate(last.with_context(|| format!("there is no step {needs}"))? + 1);
    let last = steps[steps.len() - 1].clone();
    let sources = sources(&own.src())?;
    steps.retain(|step| skeleton::lacks(&sources, step));
    Ok(Shown::Lacks {
        steps,
        last,
        errors,
    })
}

/// Runs a program on the engine that was built for it.
///
/// # Errors
/// It cannot be started, or its answer not be read.
pub fn run(built: &Path, folder: &Path, stage: &str, program: &Program) -> Result<Outcome> {
    let lines = program.program.replace("; ", ";\n");
    let request = recorder::request(stage, &lines, &program.inputs, program.order);
    let file = folder.join("answer.json");
    if file.exists() {
        fs::remove_file(&file)?;
    }
    let mut command = Command::new(built);
    command.arg(request).arg(&file);
    let mut watch = Watch::new(Limits::of(LIMIT));
    let mut stopped = None;
    let finished = process::run(&mut command, KEPT, |child| {
        stopped = watch.look(child);
        stopped.is_some()
    });
    let finished = finished.with_context(|| format!("{} cannot be run", built.display()))?;
    if let Some(stopped) = stopped {
        return Ok(Outcome::Ended(How::Stopped(stopped)));
    }
    let said = String::from_utf8_lossy(&finished.stderr);
    let Ok(answer) = fs::read_to_string(&file) else {
        return Ok(Outcome::Ended(
            match said.contains("has overflowed its stack") {
                true => How::StackOverflow,
                false => How::Ended(said.trim().to_owned()),
            },
        ));
    };
    Ok(match serde_json::from_str(&answer)? {
        Answer::Recording(recorded) => Outcome::Recorded(recorded),
        Answer::Error(refusal) => Outcome::Refused(refusal.text()),
    })
}

//! The live engine: the recorder, compiled to WebAssembly for the figures that a reader changes.
//!
//! It goes beside the pages as one script, which each of them names in its head. A book without it is
//! complete: its figures step through what was recorded.

use std::cell::{Cell, OnceCell};
use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Once};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use data_encoding::BASE64;
use serde::Deserialize;
use zopfli::{Format, Options};

use crate::runner::Runner;
use project::{Workspace, process};

/// What is compiled.
const PACKAGE: &str = "recorder";
const MANIFEST: &str = "scripts/recorder/Cargo.toml";

/// For which target.
const TARGET: &str = "wasm32-unknown-unknown";

/// Another cargo than the one that runs us may have the target.
const CARGO: &str = "ENGINE_CARGO";

/// How long rustup may take to add the target.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whoever wants the target has been told how to get it, and rustup is not asked again. It holds the
/// folder where the target was missing.
const ASKED: &str = "target/engine.asked";

/// What is around the bytes.
const AROUND: &str = include_str!("engine.js");

/// The script of the pages.
#[derive(Debug)]
pub(crate) struct Script {
    name: String,
    text: String,
}

impl Script {
    /// Its name: it changes with the engine, so that no browser keeps an old one.
    fn name_of(wasm: &[u8]) -> String {
        let mut hasher = DefaultHasher::new();
        (AROUND, wasm).hash(&mut hasher);
        format!("engine-{:016x}.js", hasher.finish())
    }

    fn new(wasm: &[u8]) -> Result<Script> {
        // Some twentieth smaller than what gzip makes of it.
        let mut compressed = Vec::new();
        zopfli::compress(Options::default(), Format::Gzip, wasm, &mut compressed)?;
        let bytes = BASE64.encode(&compressed);
        Ok(Script {
            name: Script::name_of(wasm),
            text: AROUND.replacen("{{bytes}}", &bytes, 1),
        })
    }

    /// Writes it into the folder of the pages.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(&self.name);
        fs::write(&path, &self.text)
            .with_context(|| format!("{} cannot be written", path.display()))
    }

    /// A page that names it.
    pub(crate) fn in_head(&self, page: &str) -> String {
        let name = &self.name;
        let end = format!("<meta name=\"autograd-engine\" content=\"{name}\">\n</head>");
        page.replacen("</head>", &end, 1)
    }
}

/// The script, made while the pages are.
pub(crate) struct Engine {
    making: Cell<Option<JoinHandle<Result<Option<Script>>>>>,
    made: OnceCell<Result<Option<Script>>>,
}

impl Engine {
    /// Starts to make it, until the runner is stopped.
    pub(crate) fn start(workspace: &Workspace, runner: Arc<Runner>) -> Engine {
        let workspace = workspace.clone();
        let make = move || script(&workspace, &|| runner.is_stopped());
        Engine {
            making: Cell::new(Some(thread::spawn(make))),
            made: OnceCell::new(),
        }
    }

    /// The script; none if the target is missing, or this workspace has no recorder.
    ///
    /// # Errors
    /// The recorder cannot be compiled.
    pub(crate) fn script(&self) -> &Result<Option<Script>> {
        self.made.get_or_init(|| match self.making.take() {
            Some(making) => making.join().unwrap_or_else(|_| bail!("it panicked")),
            None => Ok(None),
        })
    }
}

/// Whether the pages have no engine, though there can be one by now.
pub(crate) fn is_missing(workspace: &Workspace, pages: &Path) -> bool {
    let is_engine = |name: &str| name.starts_with("engine-") && name.ends_with(".js");
    let mut files = fs::read_dir(pages).into_iter().flatten().flatten();
    let has = files.any(|file| file.file_name().to_str().is_some_and(is_engine));
    !has && workspace.path(MANIFEST).is_file() && missing(workspace).is_none()
}

fn script(workspace: &Workspace, stop: &dyn Fn() -> bool) -> Result<Option<Script>> {
    if !workspace.path(MANIFEST).is_file() || !has_target(workspace, stop) {
        return Ok(None);
    }
    let program = compile(workspace, stop)?;
    let wasm =
        fs::read(&program).with_context(|| format!("{} cannot be read", program.display()))?;
    // It takes a while to compress: the script is kept beside the program.
    let name = Script::name_of(&wasm);
    let kept = program.with_file_name(&name);
    if let Ok(text) = fs::read_to_string(&kept) {
        return Ok(Some(Script { name, text }));
    }
    let script = Script::new(&wasm)?;
    // Beside its place, then renamed: there is never half of it. Without it, it is made again.
    let beside = kept.with_extension(std::process::id().to_string());
    let _ = fs::write(&beside, &script.text).and_then(|()| fs::rename(&beside, &kept));
    Ok(Some(script))
}

/// The place of the compiled program.
fn compile(workspace: &Workspace, stop: &dyn Fn() -> bool) -> Result<PathBuf> {
    let cargo = [CARGO, "CARGO"].into_iter().find_map(std::env::var_os);
    let mut command = Command::new(cargo.unwrap_or_else(|| "cargo".into()));
    command
        .args(["rustc", "--quiet", "--package", PACKAGE, "--lib"])
        .args(["--crate-type", "cdylib", "--profile", "engine"])
        .args(["--target", TARGET])
        .arg("--message-format=json-render-diagnostics")
        .env("CARGO_TERM_COLOR", "never")
        .current_dir(workspace.root());
    let finished = process::run(&mut command, usize::MAX, |_| stop())?;
    let status = finished.status.context("was stopped")?;
    if !status.success() {
        let errors = String::from_utf8_lossy(&finished.stderr);
        bail!("cargo failed ({status}):\n{}", errors.trim_end());
    }
    String::from_utf8_lossy(&finished.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Artifact>(line).ok())
        .filter(|artifact| artifact.target.name == PACKAGE)
        .flat_map(|artifact| artifact.filenames)
        .find(|file| {
            file.extension()
                .is_some_and(|extension| extension == "wasm")
        })
        .context("cargo names no file that it has made")
}

/// What Cargo says of something that it has built or found up to date.
#[derive(Deserialize)]
struct Artifact {
    target: Target,
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

/// Whether there is the target. If not, rustup is asked for it, once.
fn has_target(workspace: &Workspace, stop: &dyn Fn() -> bool) -> bool {
    let Some(folder) = missing(workspace) else {
        return true;
    };
    let asked = workspace.path(ASKED);
    let was_asked = fs::read_to_string(&asked).is_ok_and(|text| Path::new(&text) == folder);
    if !was_asked {
        eprintln!(
            "Asking rustup for the target {TARGET}: with it, the figures run in the browser."
        );
        add(workspace, stop);
        if missing(workspace).is_none() {
            return true;
        }
        // Without this file it is asked again.
        let _ = fs::create_dir_all(workspace.path("target"))
            .and_then(|()| fs::write(&asked, folder.to_string_lossy().as_bytes()));
    }
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        eprintln!(
            "note: without `rustup target add {TARGET}` the figures step through what was recorded, and nothing in them can be changed"
        );
    });
    false
}

/// Where the compiler looks for the target, if there is nothing.
fn missing(workspace: &Workspace) -> Option<PathBuf> {
    // Whoever names another cargo has seen to that.
    if std::env::var_os(CARGO).is_some() {
        return None;
    }
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    let mut command = Command::new(rustc);
    command
        .args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(workspace.root());
    let printed = process::run(&mut command, usize::MAX, |_| false);
    let printed = printed.map(|finished| finished.stdout).unwrap_or_default();
    let folder = PathBuf::from(String::from_utf8_lossy(&printed).trim_end());
    (!folder.is_dir()).then_some(folder)
}

/// Asks rustup to add the target. Where there is no network it must not take long; where there is no
/// rustup, nothing happens.
fn add(workspace: &Workspace, stop: &dyn Fn() -> bool) {
    let mut command = Command::new("rustup");
    command
        .args(["target", "add", TARGET])
        .env("RUSTUP_MAX_RETRIES", "0")
        .current_dir(workspace.root());
    let until = Instant::now() + PATIENCE;
    let _ = process::run(&mut command, 0, |_| stop() || Instant::now() > until);
}

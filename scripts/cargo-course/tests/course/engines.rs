//! Engines that are wrong in a plausible way, and engines that are right in another way than the
//! reference: which step is the first to turn red, and by which tests.
//!
//! They lie in `tests/engines`. There are many, so each is compiled without Cargo: the library, one
//! program of all steps but the exam, and the exam if the steps are green. What the compiler knows of
//! the engine before saves most of the work.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use cargo_course::check::{self, Outcome, Report, Seen};
use cargo_course::content::Edit;
use cargo_course::explain;
use cargo_course::own::{Own, Purpose};
use cargo_course::run::{self, Run};
use cargo_course::state::Known;
use cargo_course::step::{self, Step};
use project::stages::{Sources, sources};
use project::{Workspace, entries, file_name, read};
use serde::Deserialize;

use crate::clone::original;

/// All tests of all steps need less than that.
const LIMIT: Duration = Duration::from_secs(40);

/// An engine with one mistake.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrong {
    /// What is wrong.
    title: String,
    /// The first step that turns red.
    step: String,
    /// The cause.
    cause: String,
    /// Tests of that step that fail, among others.
    tests: Vec<String>,
    #[serde(rename = "edit")]
    edits: Vec<Edit>,
}

/// Changes to the reference after which it is still right.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Right {
    /// What is different.
    #[serde(rename = "title")]
    _title: String,
    #[serde(rename = "edit")]
    edits: Vec<Edit>,
}

/// Says what is wrong with a report.
type Judge = Box<dyn Fn(&Workspace, &Report) -> Result<(), String> + Send>;

/// An engine, and who judges what a check has found.
struct Engine {
    name: String,
    /// Or why they cannot be had.
    sources: Result<Sources, String>,
    judge: Judge,
}

/// What Cargo has built for the tests of the stages, by the names of the crates.
static LIBRARIES: LazyLock<BTreeMap<String, PathBuf>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Artifact {
        target: Target,
        #[serde(default)]
        filenames: Vec<PathBuf>,
    }
    #[derive(Deserialize)]
    struct Target {
        name: String,
    }
    let mut command = Command::new(env!("CARGO"));
    command
        .current_dir(original())
        .args(["build", "--message-format=json"]);
    for stage in Workspace::find(original()).unwrap().stages().unwrap() {
        command.args(["--package", &stage]);
    }
    let output = command.args(["--test", "step1_*"]).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut libraries = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        if let Ok(Artifact { target, filenames }) = serde_json::from_str(line) {
            let is_library = |file: &PathBuf| file.extension().is_some_and(|end| end == "rlib");
            let library = filenames.into_iter().find(is_library);
            libraries.extend(library.map(|file| (target.name, file)));
        }
    }
    libraries
});

/// A place where engines of one stage are compiled, one after the other.
struct Bench {
    workspace: Workspace,
    own: Own,
    steps: Vec<Step>,
    flags: Vec<OsString>,
}

impl Bench {
    fn new(stage: &str, number: usize) -> Bench {
        let workspace = Workspace::find(original()).unwrap();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let folder = folder.join("engines").join(format!("{stage}-{number}"));
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir_all(&folder).unwrap();

        let steps = step::of_stage(&workspace, stage).unwrap();
        let small = steps.iter().filter(|step| !step.is_exam());
        let modules = small.map(|step| format!("#[path = {:?}]\nmod {};\n", step.file, step.name));
        fs::write(folder.join("steps.rs"), modules.collect::<String>()).unwrap();

        let mut flags: Vec<OsString> = Vec::new();
        for flag in [
            "--edition=2024",
            "--cap-lints=allow",
            "-Cincremental=incremental",
            "-Cdebuginfo=line-tables-only",
        ] {
            flags.push(flag.into());
        }
        // As in a crate in `work`.
        flags.push(format!("--remap-path-prefix={}=../..", original().display()).into());
        let dependencies = LIBRARIES["proptest"].parent().unwrap();
        flags.push(format!("-Ldependency={}", dependencies.display()).into());
        #[derive(Deserialize)]
        #[serde(rename_all = "kebab-case")]
        struct Manifest {
            #[serde(default)]
            dependencies: toml::Table,
            dev_dependencies: toml::Table,
        }
        let manifest = read(&workspace.stage(stage).join("Cargo.toml")).unwrap();
        let manifest: Manifest = toml::from_str(&manifest).unwrap();
        let names = manifest
            .dependencies
            .keys()
            .chain(manifest.dev_dependencies.keys());
        for name in names {
            let name = name.replace('-', "_");
            flags.push(format!("--extern={name}={}", LIBRARIES[&name].display()).into());
        }
        Bench {
            own: Own {
                name: stage.to_owned(),
                folder,
                purpose: Purpose::stage(stage),
            },
            workspace,
            steps,
            flags,
        }
    }

    fn compile(&self, arguments: &[&str]) -> Result<(), String> {
        let mut command = Command::new("rustc");
        command
            .current_dir(&self.own.folder)
            .args(&self.flags)
            .args(arguments);
        let output = command.output().unwrap();
        match output.status.success() {
            true => Ok(()),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }

    /// What `cargo course check` finds.
    fn check(&self, sources: &Sources) -> Result<Report, String> {
        let Own {
            name: stage,
            folder,
            ..
        } = &self.own;
        let src = self.own.src();
        if src.exists() {
            fs::remove_dir_all(&src).unwrap();
        }
        for (file, text) in sources {
            let path = src.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        self.compile(&["--crate-type=lib", "--crate-name", stage, "src/lib.rs"])?;
        let library = format!("--extern={stage}=lib{stage}.rlib");
        self.compile(&["--test", &library, "-osteps", "steps.rs"])?;
        let all = run::run(
            &folder.join("steps"),
            folder,
            &folder.join("steps.rs"),
            LIMIT,
        );
        let all = all.unwrap();

        let mut report = Report {
            own: self.own.clone(),
            known: Known::default(),
            steps: Vec::new(),
            trouble: None,
        };
        for step in &self.steps {
            let outcome = if report.red().is_some() {
                Outcome::Waiting
            } else {
                let run = if step.is_exam() {
                    let file = step.file.to_str().unwrap();
                    self.compile(&["--test", &library, "-oexam", file])?;
                    run::run(&folder.join("exam"), folder, &step.file, LIMIT).unwrap()
                } else {
                    of_step(&all, &step.name)
                };
                check::judge(&self.own, step, run).unwrap()
            };
            report.steps.push((step.clone(), outcome));
        }
        Ok(report)
    }
}

/// What the tests of one module have done.
fn of_step(all: &Run, module: &str) -> Run {
    let inner = |name: &str| Some(name.strip_prefix(module)?.strip_prefix("::")?.to_owned());
    let names = |names: &[String]| names.iter().filter_map(|name| inner(name)).collect();
    let mut run = Run {
        passed: names(&all.passed),
        left: names(&all.left),
        ..Run::default()
    };
    for failure in &all.failed {
        if let Some(test) = inner(&failure.test) {
            run.failed.push(run::Failure {
                test,
                ..failure.clone()
            });
        }
    }
    for death in &all.died {
        if let Some(test) = inner(&death.test) {
            run.died.push(run::Death {
                test,
                ..death.clone()
            });
        }
    }
    run
}

/// The wrong engines of a stage.
fn wrong(workspace: &Workspace, stage: &str) -> Vec<Engine> {
    let folder = folder("wrong", stage);
    let mut engines = Vec::new();
    for path in entries(&folder).unwrap() {
        let wrong: Wrong = toml::from_str(&read(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        engines.push(Engine {
            name: format!("wrong/{stage}/{}", file_name(&path)),
            sources: edited(workspace, stage, &wrong.edits),
            judge: Box::new(move |workspace, report| wrong.judge(workspace, report)),
        });
    }
    engines
}

fn folder(kind: &str, stage: &str) -> PathBuf {
    let engines = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engines");
    engines.join(kind).join(stage)
}

/// The reference with these changes.
fn edited(workspace: &Workspace, stage: &str, edits: &[Edit]) -> Result<Sources, String> {
    let mut sources = workspace.reference(stage).unwrap();
    for edit in edits {
        edit.apply(&mut sources)
            .map_err(|error| error.to_string())?;
    }
    Ok(sources)
}

impl Wrong {
    /// Whether the step that it names is the first red one, with the tests that it names.
    fn judge(&self, workspace: &Workspace, report: &Report) -> Result<(), String> {
        let Some((step, red)) = report.red() else {
            return Err(format!("is not caught ({}: {})", self.title, self.cause));
        };
        let seen = match &red.seen {
            Seen::Tests(run) => run,
            Seen::Errors(errors) => return Err(errors.join("\n")),
        };
        let failed = seen.failed.iter().map(|failure| &failure.test);
        let failed: Vec<&String> = failed
            .chain(seen.died.iter().map(|death| &death.test))
            .collect();
        let missed = |test: &&String| !failed.contains(test);
        let missed: Vec<&String> = self.tests.iter().filter(missed).collect();
        if step.name == self.step && missed.is_empty() && !self.tests.is_empty() {
            return Ok(());
        }
        let said = explain::report(workspace, report).unwrap();
        Err(format!(
            "{} is red, by {failed:?}; expected {}, by {:?}\n{said}",
            step.name, self.step, self.tests
        ))
    }
}

/// The right engines of a stage.
fn right(workspace: &Workspace, stage: &str) -> Vec<Engine> {
    let mut engines = Vec::new();
    for path in entries(&folder("right", stage)).unwrap() {
        let sources = if path.is_dir() {
            Ok(sources(&path.join("src")).unwrap())
        } else {
            let right: Right = toml::from_str(&read(&path).unwrap())
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            edited(workspace, stage, &right.edits)
        };
        engines.push(Engine {
            name: format!("right/{stage}/{}", file_name(&path)),
            sources,
            judge: Box::new(|workspace, report| match report.is_green() {
                true => Ok(()),
                false => Err(explain::report(workspace, report).unwrap()),
            }),
        });
    }
    engines
}

/// Checks engines, on as many benches as there are processors.
fn check_all(stage: &str, engines: Vec<Engine>) {
    let queue = Mutex::new(VecDeque::from(engines));
    let wrong = Mutex::new(Vec::new());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for number in 0..threads {
            let (queue, wrong) = (&queue, &wrong);
            scope.spawn(move || {
                let bench = Bench::new(stage, number);
                loop {
                    let Some(engine) = queue.lock().unwrap().pop_front() else {
                        break;
                    };
                    let report = engine.sources.and_then(|sources| bench.check(&sources));
                    let judged =
                        report.and_then(|report| (engine.judge)(&bench.workspace, &report));
                    if let Err(words) = judged {
                        wrong
                            .lock()
                            .unwrap()
                            .push(format!("{}: {words}", engine.name));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn engines_of(stage: &str) {
    let workspace = Workspace::find(original()).unwrap();
    let mut engines = wrong(&workspace, stage);
    engines.extend(right(&workspace, stage));
    check_all(stage, engines);
}

#[test]
fn the_engines_of_stage1() {
    engines_of("stage1");
}

#[test]
fn the_engines_of_stage2() {
    engines_of("stage2");
}

#[test]
fn the_engines_of_stage3() {
    engines_of("stage3");
}

#[test]
fn the_engines_of_stage4() {
    engines_of("stage4");
}

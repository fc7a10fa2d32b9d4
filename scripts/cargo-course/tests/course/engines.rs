//! Engines that are wrong in a plausible way, and engines that are right in another way than the
//! reference: the first red step of each, and what is said of it.
//!
//! They lie in `tests/engines`; bugs and challenges are engines, too. There are many, so each is
//! compiled without Cargo: the library, one program of all steps but the exam, and the exam if the
//! steps are green. What the compiler knows of the engine before saves most of the work.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, Mutex};
use std::thread;
use std::time::Duration;

use cargo_course::check::{self, Outcome, Report, Seen};
use cargo_course::content::{self, Edit};
use cargo_course::explain;
use cargo_course::outcome;
use cargo_course::own::{Own, Purpose};
use cargo_course::run::{self, Run};
use cargo_course::show;
use cargo_course::state::Known;
use cargo_course::step::{self, Step};
use project::stages::{Sources, sources};
use project::{Workspace, entries, file_name, read};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;

use crate::clone::{original, stages};

/// All tests of all steps need less than that.
const LIMIT: Duration = Duration::from_secs(20);

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
    /// Words that the explanation holds.
    #[serde(default)]
    says: Vec<String>,
    /// Words that would mislead.
    #[serde(default)]
    never: Vec<String>,
    /// What `show` says of the first difference, in the first program that has one.
    shows: Option<String>,
    /// Or why no program has one.
    unseen: Option<String>,
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

/// An engine, and what should be said of it.
struct Engine {
    name: String,
    /// Or why they cannot be had.
    sources: Result<Sources, String>,
    /// The test of the challenge that it meets and the reference does not.
    challenge: Option<PathBuf>,
    expected: Expected,
    shows: Shows,
}

/// What `show` says of an engine.
enum Shows {
    /// The same as of the reference.
    Nothing,
    /// Words of the first difference.
    Words(String),
    /// That is not declared.
    Undeclared,
}

enum Expected {
    Green,
    /// This step is red, and all of that is said.
    Red {
        step: String,
        tests: Vec<String>,
        key: Option<String>,
        says: Vec<String>,
        never: Vec<String>,
    },
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
    // The recorder is for `show`.
    command.args(["--package", "recorder", "--lib"]);
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
    _folder: TempDir,
    workspace: Workspace,
    own: Own,
    steps: Vec<Step>,
    flags: Vec<OsString>,
}

impl Bench {
    /// A place of its own: tests run at the same time.
    fn new(stage: &str) -> Bench {
        let workspace = Workspace::find(original()).unwrap();
        let temporary = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let folder = temporary.path().to_owned();

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
        // As in a crate in `work`. The last one that fits is taken.
        for (folder, name) in [(original(), "../.."), (&*folder, ".")] {
            flags.push(format!("--remap-path-prefix={}={name}", folder.display()).into());
        }
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
            _folder: temporary,
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

    /// Compiles an engine.
    fn library(&self, sources: &Sources) -> Result<(), String> {
        let src = self.own.src();
        if src.exists() {
            fs::remove_dir_all(&src).unwrap();
        }
        for (file, text) in sources {
            let path = src.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let stage = &self.own.name;
        self.compile(&["--crate-type=lib", "--crate-name", stage, "src/lib.rs"])
    }

    /// Compiles a file of tests against the engine, and runs them.
    fn run(&self, name: &str, file: &Path) -> Result<Run, String> {
        let Own {
            name: stage,
            folder,
            ..
        } = &self.own;
        let library = format!("--extern={stage}=lib{stage}.rlib");
        self.compile(&["--test", &library, "-o", name, file.to_str().unwrap()])?;
        Ok(run::run(&folder.join(name), folder, file, LIMIT).unwrap())
    }

    /// What `cargo course show` says of the first program in which it sees a difference.
    fn show(&self, sources: &Sources) -> Result<Option<String>, String> {
        let Own {
            name: stage,
            folder,
            ..
        } = &self.own;
        self.library(sources)?;
        fs::write(
            folder.join("show.rs"),
            show::main(&self.workspace, &self.own),
        )
        .unwrap();
        let library = format!("--extern={stage}=lib{stage}.rlib");
        let recorder = format!("--extern=recorder={}", LIBRARIES["recorder"].display());
        self.compile(&[
            "--crate-type=bin",
            &library,
            &recorder,
            "-o",
            "show",
            "show.rs",
        ])?;
        let programs = content::programs(&self.workspace, stage).unwrap().unwrap();
        for program in programs.programs {
            let outcome = show::run(&folder.join("show"), folder, stage, &program).unwrap();
            match outcome {
                outcome::Outcome::Recorded(recorded) => {
                    if let Some(difference) = recorded.own().unwrap().difference {
                        return Ok(Some(format!("{}: {}", program.title, difference.say)));
                    }
                }
                outcome::Outcome::Ended(how) => {
                    return Ok(Some(format!("{}: {}", program.title, how.words())));
                }
                outcome::Outcome::Refused(words) => return Err(words),
                outcome::Outcome::Left => return Err("it was left out".to_owned()),
            }
        }
        Ok(None)
    }

    /// Whether a challenge is met. Its test may name what is still to be written.
    fn meets(&self, test: &Path) -> bool {
        self.run("challenge", test).is_ok_and(|run| run.is_green())
    }

    /// What `cargo course check` finds.
    fn check(&self, sources: &Sources) -> Result<Report, String> {
        self.library(sources)?;
        let folder = &self.own.folder;
        let all = self.run("steps", &folder.join("steps.rs"))?;
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
                let (program, module) = match step.is_exam() {
                    true => (folder.join("exam"), String::new()),
                    false => (folder.join("steps"), format!("{}::", step.name)),
                };
                let run = match step.is_exam() {
                    true => self.run("exam", &step.file)?,
                    false => of_step(&all, &step.name),
                };
                let trace =
                    |test: &str| run::traced(&program, folder, &format!("{module}{test}"), LIMIT);
                check::judge(&self.workspace, &self.own, step, run, trace).unwrap()
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

/// What belongs to a stage: the engines of `tests/engines`, the solutions of the challenges, and the
/// bugs that readers hunt.
fn engines(workspace: &Workspace, stage: &str) -> Vec<Engine> {
    let files = |kind: &str| {
        let engines = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engines");
        let paths = entries(&engines.join(kind).join(stage)).unwrap();
        let name = |path: &PathBuf| format!("{kind}/{stage}/{}", file_name(path));
        Vec::from_iter(paths.into_iter().map(|path| (name(&path), path)))
    };
    fn parse<T: DeserializeOwned>(path: &Path) -> T {
        let parsed = toml::from_str(&read(path).unwrap());
        parsed.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
    let edited = |edits: &[Edit]| {
        let mut sources = workspace.reference(stage).unwrap();
        let mut edits = edits.iter();
        let applied = edits.try_for_each(|edit| edit.apply(&mut sources));
        applied.map(|()| sources).map_err(|error| error.to_string())
    };
    let mut engines = Vec::new();
    for (name, path) in files("wrong") {
        let wrong: Wrong = parse(&path);
        engines.push(Engine {
            name: format!("{name}: {}. {}", wrong.title, wrong.cause),
            sources: edited(&wrong.edits),
            challenge: None,
            expected: Expected::Red {
                step: wrong.step,
                tests: wrong.tests,
                key: None,
                says: wrong.says,
                never: wrong.never,
            },
            shows: match (wrong.shows, wrong.unseen) {
                (Some(words), None) => Shows::Words(words),
                (None, Some(_why)) => Shows::Nothing,
                (None, None) => Shows::Undeclared,
                (Some(_), Some(_)) => panic!("{name}: either `shows` or `unseen`"),
            },
        });
    }
    for (name, path) in files("right") {
        let sources = match path.is_dir() {
            true => Ok(sources(&path.join("src")).unwrap()),
            false => edited(&parse::<Right>(&path).edits),
        };
        engines.push(Engine {
            name,
            sources,
            challenge: None,
            expected: Expected::Green,
            shows: Shows::Nothing,
        });
    }
    for challenge in content::challenges(workspace, stage).unwrap() {
        engines.push(Engine {
            name: format!("challenge/{stage}/{}", challenge.slug),
            sources: edited(&challenge.edits),
            challenge: Some(challenge.test),
            expected: Expected::Green,
            shows: Shows::Nothing,
        });
    }
    for bug in content::bugs(workspace, stage).unwrap() {
        let mut sources = workspace.reference(stage).unwrap();
        let planted = bug.plant(&mut sources);
        engines.push(Engine {
            name: format!("bug/{stage}/{}", bug.slug),
            sources: planted.map(|()| sources).map_err(|error| error.to_string()),
            challenge: None,
            expected: Expected::Red {
                step: bug.step,
                tests: Vec::new(),
                key: Some(bug.diagnosis),
                says: Vec::new(),
                never: Vec::new(),
            },
            shows: Shows::Undeclared,
        });
    }
    engines
}

impl Expected {
    /// What is not as it should be in a report.
    fn compare(&self, workspace: &Workspace, report: &Report) -> Vec<String> {
        let mut wrong = Vec::new();
        let Expected::Red {
            step,
            tests,
            key,
            says,
            never,
        } = self
        else {
            if !report.is_green() {
                wrong.push("it is right, and this is said".to_owned());
            }
            return wrong;
        };
        let Some((first, red)) = report.red() else {
            return vec![format!("{step} should be red, and all steps are green")];
        };
        if first.name != *step {
            wrong.push(format!(
                "the first red step should be {step}, not {}",
                first.name
            ));
        }
        if let Seen::Tests(run) = &red.seen {
            let failed = run.failed.iter().map(|failure| &failure.test);
            let failed = Vec::from_iter(failed.chain(run.died.iter().map(|death| &death.test)));
            for test in tests.iter().filter(|test| !failed.contains(test)) {
                wrong.push(format!("{test} should fail; there fail {failed:?}"));
            }
        }
        let seen = red.diagnosis.cause.key();
        if let Some(key) = key.as_ref().filter(|key| *key != seen) {
            wrong.push(format!("the diagnosis should be {key}, not {seen}"));
        }
        let text = explained(workspace, report);
        if says.is_empty() && key.is_none() {
            wrong.push(format!("it should say something; the diagnosis is {seen}"));
        }
        for words in says.iter().filter(|words| !text.contains(*words)) {
            wrong.push(format!("it should say: {words}"));
        }
        for words in never.iter().filter(|words| text.contains(*words)) {
            wrong.push(format!("it should not say: {words}"));
        }
        wrong
    }
}

/// All that is said, on one line, without colours.
fn explained(workspace: &Workspace, report: &Report) -> String {
    let text = explain::report(workspace, report).unwrap();
    let text = anstream::adapter::strip_str(&text).to_string();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One in so many engines is looked at, as the variable `COURSE_EVERY` says.
fn every() -> usize {
    env::var("COURSE_EVERY").map_or(1, |text| text.parse().expect("a number"))
}

/// Checks the engines of a stage, on as many benches as there are processors; only those with the
/// text in their names that the variable `COURSE_ENGINE` holds, if it is set, and only one in as many
/// as `COURSE_EVERY` says.
fn check_all(stage: &str) -> Vec<String> {
    let workspace = Workspace::find(original()).unwrap();
    let mut engines = VecDeque::from(engines(&workspace, stage));
    let only = env::var("COURSE_ENGINE").ok();
    if let Some(text) = &only {
        engines.retain(|engine| engine.name.contains(text));
    }
    let every = every();
    let are_all = only.is_none() && every == 1;
    let queue = Mutex::new(VecDeque::from_iter(engines.into_iter().step_by(every)));
    let (wrong, keys) = (Mutex::new(Vec::new()), Mutex::new(BTreeSet::new()));
    let work = || {
        let bench = Bench::new(stage);
        loop {
            let next = queue.lock().unwrap().pop_front();
            let Some(Engine {
                name,
                sources,
                challenge,
                expected,
                ..
            }) = next
            else {
                break;
            };
            let report = sources.and_then(|sources| bench.check(&sources));
            let words = match report {
                Err(words) => words,
                Ok(report) => {
                    if let Some((_, red)) = report.red() {
                        keys.lock()
                            .unwrap()
                            .insert(red.diagnosis.cause.key().to_owned());
                    }
                    let mut wrong = expected.compare(&workspace, &report);
                    if let Some(test) = &challenge {
                        if !bench.meets(test) {
                            wrong.push("it does not meet the challenge".to_owned());
                        }
                        bench.library(&workspace.reference(stage).unwrap()).unwrap();
                        if bench.meets(test) {
                            wrong.push("the reference meets the challenge already".to_owned());
                        }
                    }
                    if wrong.is_empty() {
                        continue;
                    }
                    let text = explain::report(&workspace, &report).unwrap();
                    format!("{}\n{text}", wrong.join("\n"))
                }
            };
            println!("== {name}\n{words}");
            wrong.lock().unwrap().push(name);
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    // What no engine shows may as well be untrue.
    for row in content::explanations(&workspace, stage).unwrap() {
        if are_all && !keys.lock().unwrap().contains(&row.key) {
            wrong.push(format!(
                "no engine of {stage} shows the explanation {}",
                row.key
            ));
        }
    }
    wrong
}

#[test]
fn the_engines_of_each_stage_are_judged_as_they_should_be() {
    // One stage after the other: all processors are busy with one.
    let wrong = Vec::from_iter(stages().flat_map(|stage| check_all(stage)));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What `show` says of each engine of a stage that it should not.
fn show_all(stage: &str) -> Vec<String> {
    let workspace = Workspace::find(original()).unwrap();
    let mut engines = VecDeque::from(engines(&workspace, stage));
    if let Ok(text) = env::var("COURSE_ENGINE") {
        engines.retain(|engine| engine.name.contains(&text));
    }
    engines.retain(|engine| !matches!(engine.shows, Shows::Undeclared));
    let every = every();
    let engines = VecDeque::from_iter(engines.into_iter().step_by(every));
    let (queue, wrong) = (Mutex::new(engines), Mutex::new(Vec::new()));
    let work = || {
        let bench = Bench::new(stage);
        loop {
            let Some(engine) = queue.lock().unwrap().pop_front() else {
                break;
            };
            let said = engine.sources.and_then(|sources| bench.show(&sources));
            let wanted = match (&said, &engine.shows) {
                (Ok(None), Shows::Nothing) => continue,
                (Ok(Some(said)), Shows::Words(words)) if said.contains(words) => continue,
                (_, Shows::Words(words)) => words.as_str(),
                _ => "nothing",
            };
            let words = format!("{}: {said:?} is said, and not {wanted}", engine.name);
            wrong.lock().unwrap().push(words);
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    wrong.into_inner().unwrap()
}

/// The stages that have programs to show.
fn shown() -> impl Iterator<Item = &'static String> {
    let workspace = Workspace::find(original()).unwrap();
    stages().filter(move |stage| content::programs(&workspace, stage).unwrap().is_some())
}

/// Each wrong engine says what is shown of it, or why nothing is.
#[test]
fn wrong_engines_declare_what_is_shown_of_them() {
    let workspace = Workspace::find(original()).unwrap();
    let engines = shown().flat_map(|stage| engines(&workspace, stage));
    let wrong = engines.filter(|engine| engine.name.starts_with("wrong/"));
    let undeclared = wrong.filter(|engine| matches!(engine.shows, Shows::Undeclared));
    let undeclared = Vec::from_iter(undeclared.map(|engine| engine.name));
    assert!(undeclared.is_empty(), "{}", undeclared.join("\n"));
}

#[test]
fn what_is_shown_of_an_engine_accuses_wrong_ones_only() {
    let wrong = Vec::from_iter(shown().flat_map(|stage| show_all(stage)));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

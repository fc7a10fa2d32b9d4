//! A copy of the parts of the workspace that the course is about, and the command in it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use cargo_course::step;
use project::Workspace;
use project::stages::Sources;

static STAGES: LazyLock<Vec<String>> =
    LazyLock::new(|| Workspace::find(original()).unwrap().stages().unwrap());

/// A clone, in a folder whose name has a space, brackets and letters beyond ASCII.
pub(crate) struct Clone {
    root: PathBuf,
    target: Target,
    _lock: File,
}

/// A target folder, which one clone has at a time.
///
/// Cargo tells crates in it apart by their names, not by where their workspaces are, and builds one thing after
/// the other there. So there are two: the dependencies are compiled twice, and two tests run beside each other.
struct Target {
    folder: PathBuf,
    _lock: File,
}

impl Target {
    /// The first one that no clone has, as soon as there is one.
    fn free() -> Target {
        let beside = Path::new(env!("CARGO_TARGET_TMPDIR"));
        loop {
            for name in ["course-target", "course-target-2"] {
                let folder = beside.join(name);
                let lock = File::create(folder.with_extension("lock")).unwrap();
                if lock.try_lock().is_ok() {
                    return Target {
                        folder,
                        _lock: lock,
                    };
                }
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// What the command has done.
pub(crate) struct Said {
    pub(crate) success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Clone {
    /// A new clone for the test of that name.
    ///
    /// No two may be in the same folder: not even in two runs of these tests.
    pub(crate) fn new(name: &str) -> Clone {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("course");
        fs::create_dir_all(&folder).unwrap();
        let lock = File::create(folder.join(format!("{name}.lock"))).unwrap();
        lock.lock().unwrap();
        let target = Target::free();
        let root = folder.join(format!("mein [Kürs] {name}"));
        if root.exists() {
            fs::remove_dir_all(&root).unwrap();
        }
        for part in [
            "Cargo.toml",
            "Cargo.lock",
            "stages",
            // What the exams share.
            "tests/src",
            "scripts/cargo-course/content",
        ] {
            copy(&original().join(part), &root.join(part));
        }
        Clone {
            root,
            target,
            _lock: lock,
        }
    }

    pub(crate) fn workspace(&self) -> Workspace {
        Workspace::find(&self.root).unwrap()
    }

    /// How many steps a stage has.
    pub(crate) fn count(&self, stage: &str) -> usize {
        step::of_stage(&self.workspace(), stage).unwrap().len()
    }

    pub(crate) fn path(&self, place: &str) -> PathBuf {
        self.root.join(place)
    }

    /// `cargo course …`, not yet started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.program(env!("CARGO_BIN_EXE_cargo-course"), arguments)
    }

    /// A program in the clone, not yet started.
    pub(crate) fn program(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.root)
            .args(arguments)
            .env("CARGO_TARGET_DIR", &self.target.folder)
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            // One small edit after another is compiled here: that is several times as fast.
            .env("CARGO_INCREMENTAL", "1")
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR")
            .env_remove("CLICOLOR_FORCE")
            .env_remove("COLUMNS")
            .stdin(Stdio::null());
        command
    }

    /// `cargo course …`, split at spaces.
    pub(crate) fn run(&self, line: &str) -> Said {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        Said::from(self.command(&arguments).output().unwrap())
    }

    /// As `run`, and it must end well.
    #[track_caller]
    pub(crate) fn succeed(&self, line: &str) -> Said {
        let said = self.run(line);
        assert!(said.success, "cargo course {line} has failed:\n{said}");
        said
    }

    /// As `run`, and it must not end well.
    #[track_caller]
    pub(crate) fn fail(&self, line: &str) -> Said {
        let said = self.run(line);
        assert!(!said.success, "cargo course {line} has succeeded:\n{said}");
        said
    }

    /// Writes sources into a crate in `work`, in place of those that are there.
    pub(crate) fn paste(&self, folder: &str, sources: &Sources) {
        let src = self.path("work").join(folder).join("src");
        fs::remove_dir_all(&src).unwrap();
        for (file, text) in sources {
            let path = src.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    /// Replaces a text in a file, which must be there.
    #[track_caller]
    pub(crate) fn edit(&self, place: &str, find: &str, replace: &str) {
        let path = self.path(place);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(find), "{place} does not hold {find:?}");
        fs::write(path, text.replace(find, replace)).unwrap();
    }
}

impl Drop for Clone {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // One that stays behind is made anew by the next run.
            let _ = fs::remove_dir_all(&self.root);
            // What is kept for the next edit would be most of what these tests leave on the disk.
            let _ = fs::remove_dir_all(self.target.folder.join("debug/incremental"));
        }
    }
}

/// The workspace of which the clones are copies.
pub(crate) fn original() -> &'static Path {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    scripts.and_then(Path::parent).unwrap()
}

/// The marks where so many steps are green, and `check` has stopped at the next one.
pub(crate) fn stopped(green: usize, count: usize) -> String {
    "✔".repeat(green) + "✘" + &"·".repeat(count - green - 1)
}

/// All stages; or one of them, if the variable `COURSE_STAGE` names it.
pub(crate) fn stages() -> impl Iterator<Item = &'static String> {
    let only = std::env::var("COURSE_STAGE").ok();
    STAGES
        .iter()
        .filter(move |stage| only.as_ref().is_none_or(|only| only == *stage))
}

/// Does something for every stage, beside each other as far as the clones allow.
pub(crate) fn for_each_stage(act: impl Fn(&str) + Sync) {
    let failed = thread::scope(|scope| {
        let start = |stage: &'static String| {
            let act = &act;
            let work = move || act(stage);
            let thread = thread::Builder::new().name(stage.clone());
            (stage, thread.spawn_scoped(scope, work).unwrap())
        };
        let started = Vec::from_iter(stages().map(start));
        let failed = started
            .into_iter()
            .filter_map(|(stage, thread)| thread.join().err().map(|_| stage));
        Vec::from_iter(failed)
    });
    assert!(
        failed.is_empty(),
        "it has failed for {failed:?}, for the reasons above"
    );
}

impl Said {
    pub(crate) fn from(output: Output) -> Said {
        Said {
            success: output.status.success(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The mark of each step.
    pub(crate) fn marks(&self) -> String {
        let marks = self.stdout.lines().filter_map(|line| {
            let mut words = line.split_whitespace();
            let mark = words.next()?;
            let number: Option<usize> = words.next()?.parse().ok();
            let is_mark = matches!(mark, "✔" | "✘" | "·");
            (line.starts_with("  ") && is_mark && number.is_some()).then_some(mark)
        });
        marks.collect()
    }

    /// Whether it has said so, however the lines are broken.
    pub(crate) fn says(&self, words: &str) -> bool {
        let joined = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        joined(&format!("{} {}", self.stdout, self.stderr)).contains(&joined(words))
    }

    #[track_caller]
    pub(crate) fn must_say(&self, words: &str) {
        assert!(self.says(words), "it has not said {words:?}, but:\n{self}");
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\n{}", self.stdout, self.stderr)
    }
}

pub(crate) fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let name = entry.unwrap().file_name();
            copy(&from.join(&name), &to.join(&name));
        }
    } else {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
}

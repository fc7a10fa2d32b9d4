//! What stands beside the sources in `work`: Cargo's files.
//!
//! They are written when a crate is made, and brought up to date when the project has changed
//! since: a step was added, split, renamed or removed, the clone has moved. Only what an earlier
//! version has written, word for word, is touched. All else in these files is the reader's.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::content;
use crate::own::Own;
use crate::state::{self, State};
use crate::step::{self, CHALLENGE};
use project::{Workspace, read};

/// The kinds of dependencies that a stage may have.
const SECTIONS: [&str; 2] = ["dependencies", "dev-dependencies"];

/// A test in `Cargo.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    name: String,
    path: String,
}

impl Entry {
    fn text(&self) -> String {
        let Entry { name, path } = self;
        format!("[[test]]\nname = \"{name}\"\npath = \"{path}\"\n")
    }
}

/// `Cargo.toml` of a new crate. Versions come from the workspace's manifest, and the tests are
/// those of the reference, where they are.
///
/// # Errors
/// A manifest or a header is not as it should be.
pub fn new(workspace: &Workspace, own: &Own) -> Result<String> {
    let root = parse(&workspace.root().join("Cargo.toml"))?;
    let stage = &own.purpose.stage;
    let mut text = format!(
        "[package]\nname = \"my-{}\"\nversion = \"0.1.0\"\n",
        own.name
    );
    for key in ["edition", "rust-version"] {
        text += &format!("{key} = {}\n", root["workspace"]["package"][key]);
    }
    text += &format!("publish = false\n\n[lib]\nname = \"{stage}\"\ndoctest = false\n");
    for section in SECTIONS {
        let dependencies = dependencies(workspace, stage, section)?;
        if !dependencies.is_empty() {
            text += &format!("\n[{section}]\n");
            for (name, dependency) in dependencies {
                text += &format!("{name} = {dependency}\n");
            }
        }
    }
    text += &format!("\n{}\n", head(stage));
    for entry in wanted(workspace, own)? {
        text += &entry.text();
    }
    text += "\n# A workspace of its own, apart from the one around it.\n[workspace]\n";
    Ok(text)
}

/// The line above the tests.
fn head(stage: &str) -> String {
    format!("# The tests of stages/{stage}, where they are.")
}

/// The tests that a crate should have.
fn wanted(workspace: &Workspace, own: &Own) -> Result<Vec<Entry>> {
    let stage = &own.purpose.stage;
    let steps = step::of_stage(workspace, stage)?.into_iter();
    let mut wanted = Vec::from_iter(steps.map(|step| Entry {
        path: format!("../../stages/{stage}/tests/{}.rs", step.name),
        name: step.name,
    }));
    if let Some(challenge) = &own.purpose.challenge {
        let folder = content::PLACE;
        wanted.push(Entry {
            name: CHALLENGE.to_owned(),
            path: format!("../../{folder}/{stage}/challenges/{challenge}/test.rs"),
        });
    }
    Ok(wanted)
}

/// The dependencies of a stage in one section, as a crate outside of the workspace names them.
fn dependencies(
    workspace: &Workspace,
    stage: &str,
    section: &str,
) -> Result<Vec<(String, toml::Value)>> {
    let root = parse(&workspace.root().join("Cargo.toml"))?;
    let reference = parse(&workspace.stage(stage).join("Cargo.toml"))?;
    let mut dependencies = Vec::new();
    if let Some(table) = reference.get(section).and_then(toml::Value::as_table) {
        for (name, wanted) in table {
            let shared = root["workspace"]["dependencies"].get(name);
            let dependency = resolve(wanted, shared)
                .with_context(|| format!("the dependency {name} of {stage}"))?;
            dependencies.push((name.clone(), dependency));
        }
    }
    Ok(dependencies)
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

/// `Cargo.lock` of a new crate: the workspace's, with the crate in the stage's place, so that
/// nothing has to be looked up.
///
/// # Errors
/// The workspace's cannot be read.
pub fn lock(workspace: &Workspace, own: &Own) -> Result<String> {
    let text = read(&workspace.root().join("Cargo.lock"))?;
    let stage = &own.purpose.stage;
    Ok(text.replace(
        &format!("\nname = \"{stage}\"\n"),
        &format!("\nname = \"my-{}\"\n", own.name),
    ))
}

/// Brings the files of a crate up to date, and `work/.cargo/config.toml`.
///
/// # Errors
/// A file cannot be read or written, or the reader has changed the list of tests by hand so that
/// it lacks one, or names one that is not there any more. The message says what to write.
pub fn update(workspace: &Workspace, own: &Own) -> Result<()> {
    configure(workspace)?;
    let path = own.folder.join("Cargo.toml");
    // Cargo will say what is wrong with a manifest that cannot be read.
    let Ok(text) = fs::read_to_string(&path) else {
        return Ok(());
    };
    let Ok(manifest) = toml::from_str::<toml::Table>(&text) else {
        return Ok(());
    };
    let stage = &own.purpose.stage;
    let mut lines = Lines::of(&text);

    let wanted = wanted(workspace, own)?;
    let before = lines.ours(stage);
    if !is_complete(&own.folder, &manifest, &wanted) {
        let place = workspace.place(&path);
        if !is_untouched(&manifest, &before) {
            bail!("{}", by_hand(&place, stage, &manifest, &wanted));
        }
        lines.renew(&before, &wanted);
    }

    let mut added = false;
    let mut foreign = false;
    for section in SECTIONS {
        let there = manifest.get(section).and_then(toml::Value::as_table);
        let there = there.cloned().unwrap_or_default();
        let dependencies = dependencies(workspace, stage, section)?;
        let names = BTreeSet::from_iter(dependencies.iter().map(|(name, _)| name));
        foreign |= there.keys().any(|name| !names.contains(name));
        for (name, dependency) in &dependencies {
            if !there.contains_key(name) {
                lines.depend(section, &format!("{name} = {dependency}"), &head(stage));
                added = true;
            }
        }
    }
    let new = lines.text();
    if new == text {
        return Ok(());
    }
    // Of a crate with dependencies of the reader's own, Cargo knows more than we.
    if added && !foreign {
        state::write(&own.folder.join("Cargo.lock"), &lock(workspace, own)?)?;
    }
    let names = |entries: &[Entry]| Vec::from_iter(entries.iter().map(|entry| entry.name.clone()));
    let before = Vec::from_iter(before.into_iter().map(|ours| ours.entry));
    recount(workspace, own, &names(&before), &names(&wanted))?;
    state::write(&path, &new)
}

/// Whether a manifest names all tests that it should, however it is written, and none of the
/// reference's that is not there.
fn is_complete(folder: &Path, manifest: &toml::Table, wanted: &[Entry]) -> bool {
    let listed = listed(manifest);
    let is_listed = |wanted: &Entry| {
        listed.iter().any(|entry| {
            let [ours, theirs] = [&wanted.path, &entry.path].map(|path| folder.join(path));
            let same = || ours.canonicalize().ok() == theirs.canonicalize().ok();
            entry.name == wanted.name && (entry.path == wanted.path || same())
        })
    };
    let is_there = |entry: &Entry| !is_outside(entry) || folder.join(&entry.path).is_file();
    wanted.iter().all(is_listed) && listed.iter().all(is_there)
}

/// Whether a test is one of the project's, and not the reader's own.
fn is_outside(entry: &Entry) -> bool {
    let path = entry.path.strip_prefix("../../");
    path.is_some_and(|path| path.starts_with("stages/") || path.starts_with("scripts/"))
}

/// The tests that a manifest lists, its own ones too.
fn listed(manifest: &toml::Table) -> Vec<Entry> {
    let tests = manifest.get("test").and_then(toml::Value::as_array);
    let text = |test: &toml::Value, key| Some(test.get(key)?.as_str()?.to_owned());
    let entry = |test: &toml::Value| {
        Some(Entry {
            name: text(test, "name")?,
            path: text(test, "path")?,
        })
    };
    tests.into_iter().flatten().filter_map(entry).collect()
}

/// Whether the project's tests are all as an earlier version has written them: the
/// steps in order, without a gap, and then the challenge.
fn is_untouched(manifest: &toml::Table, ours: &[Ours]) -> bool {
    let listed = listed(manifest);
    let outside = listed.iter().filter(|entry| is_outside(entry));
    let number = |entry: &Entry| {
        let digits = entry.name.strip_prefix("step")?.split('_').next()?;
        digits.parse::<usize>().ok()
    };
    let steps = ours.iter().filter(|ours| ours.entry.name != CHALLENGE);
    let numbers = Vec::from_iter(steps.map(|ours| number(&ours.entry)));
    let in_order = (1..)
        .zip(&numbers)
        .all(|(number, seen)| *seen == Some(number));
    let last = ours.iter().position(|ours| ours.entry.name == CHALLENGE);
    outside.eq(ours.iter().map(|ours| &ours.entry))
        && !numbers.is_empty()
        && in_order
        && last.is_none_or(|last| last + 1 == ours.len())
}

/// What to say of a list that is the reader's.
fn by_hand(place: &str, stage: &str, manifest: &toml::Table, wanted: &[Entry]) -> String {
    let listed = listed(manifest);
    let mut text = format!(
        "the list of tests in {place} has been changed by hand, so it stays as it is. It should \
         name every step that {stage} has now."
    );
    let old = listed
        .iter()
        .filter(|entry| is_outside(entry) && !wanted.contains(entry));
    let old = Vec::from_iter(old.map(Entry::text));
    if !old.is_empty() {
        text += &format!("\n\nPlease take out:\n\n{}", old.concat());
    }
    let missing = wanted.iter().filter(|wanted| !listed.contains(wanted));
    let missing = Vec::from_iter(missing.map(Entry::text));
    if !missing.is_empty() {
        text = format!(
            "{}\n\nPlease put in:\n\n{}",
            text.trim_end(),
            missing.concat()
        );
    }
    text.trim_end().to_owned()
}

/// A manifest, line by line.
struct Lines {
    lines: Vec<String>,
    /// What a line ends with: an editor may have changed it.
    end: &'static str,
}

/// One of the project's tests, just as an earlier version has written it.
struct Ours {
    /// The first of its three lines.
    line: usize,
    entry: Entry,
}

impl Lines {
    fn of(text: &str) -> Lines {
        Lines {
            lines: text.split_inclusive('\n').map(str::to_owned).collect(),
            end: if text.contains("\r\n") { "\r\n" } else { "\n" },
        }
    }

    fn text(&self) -> String {
        self.lines.concat()
    }

    fn line(&self, index: usize) -> &str {
        self.lines
            .get(index)
            .map_or("", |line| line.trim_end_matches(['\r', '\n']))
    }

    /// The tests that an earlier version has written.
    fn ours(&self, stage: &str) -> Vec<Ours> {
        let value = |line: usize, key: &str| {
            let line = self.line(line).strip_prefix(key)?;
            line.strip_prefix(" = \"")?.strip_suffix('"')
        };
        let mut ours = Vec::new();
        for line in 0..self.lines.len() {
            if self.line(line) == "[[test]]"
                && let (Some(name), Some(path)) = (value(line + 1, "name"), value(line + 2, "path"))
                // One with more lines is the reader's.
                && (self.line(line + 3).starts_with('#') || !self.line(line + 3).contains('='))
                && is_ours(stage, name, path)
            {
                let [name, path] = [name, path].map(str::to_owned);
                let entry = Entry { name, path };
                ours.push(Ours { line, entry });
            }
        }
        ours
    }

    /// Takes out what is not wanted, and puts in what is missing: each test after the one before
    /// it. What stands between them stays.
    fn renew(&mut self, ours: &[Ours], wanted: &[Entry]) {
        let mut kept = self.lines.clone();
        for ours in ours {
            kept[ours.line..ours.line + 3]
                .iter_mut()
                .for_each(String::clear);
        }
        // What comes before each line, and at the end.
        let mut new = vec![String::new(); kept.len() + 1];
        let mut after = ours.first().map_or(kept.len(), |ours| ours.line);
        for entry in wanted {
            let there = ours.iter().find(|ours| ours.entry.name == entry.name);
            let line = there.map_or(after, |ours| ours.line);
            new[line] += &entry.text().replace('\n', self.end);
            after = there.map_or(after, |ours| ours.line + 3);
        }
        let end = new.pop().unwrap_or_default();
        let lines = new.into_iter().zip(kept).map(|(new, kept)| new + &kept);
        *self = Lines::of(&(lines.collect::<String>() + &end));
    }

    /// Adds a dependency at the end of its section; to a new one above the tests if there is none.
    fn depend(&mut self, section: &str, dependency: &str, tests: &str) {
        let end = self.end;
        let heading = format!("[{section}]");
        let position = |wanted: &str| (0..self.lines.len()).find(|line| self.line(*line) == wanted);
        if let Some(begin) = position(&heading) {
            let filled = |line: &usize| {
                !matches!(self.line(*line), "") && !self.line(*line).starts_with('[')
            };
            let last = (begin + 1..self.lines.len()).take_while(filled).last();
            let at = last.unwrap_or(begin) + 1;
            self.lines.insert(at, format!("{dependency}{end}"));
        } else {
            let first = || position("[[test]]");
            let at = position(tests).or_else(first).unwrap_or(self.lines.len());
            let text = format!("{heading}{end}{dependency}{end}{end}");
            self.lines.insert(at, text);
        }
    }
}

/// Whether an earlier version has written such a test.
fn is_ours(stage: &str, name: &str, path: &str) -> bool {
    let Some(path) = path.strip_prefix("../../") else {
        return false;
    };
    match name {
        CHALLENGE => ["scripts/course", content::PLACE].iter().any(|folder| {
            let rest = path.strip_prefix(&format!("{folder}/{stage}/challenges/"));
            rest.is_some_and(|rest| rest.ends_with("/test.rs"))
        }),
        _ => path == format!("stages/{stage}/tests/{name}.rs"),
    }
}

/// Counts anew how many steps were green, in a list that has changed.
fn recount(workspace: &Workspace, own: &Own, before: &[String], now: &[String]) -> Result<()> {
    let mut state = State::load(workspace);
    if let Some(known) = state.crates.get_mut(&own.name)
        && let Some(green) = &mut known.green
        && before != now
    {
        let then = &before[..before.len().min(*green)];
        // Where as many are left, some were only renamed.
        if before.len() != now.len() {
            *green = now.iter().take_while(|name| then.contains(name)).count();
        }
        state.save(workspace)?;
    }
    Ok(())
}

/// `work/.cargo/config.toml`. In a reader's crate, Cargo looks for packages in that crate only: the
/// aliases lead back to the tools, from every folder below.
///
/// A path with a space needs a list of words, but Cargo joins lists of one name in several files,
/// and those of the top folder have the names `book` and `course` already: hence two more names.
fn config(manifest: &str) -> String {
    let manifest = toml::Value::from(manifest);
    let alias = |name: &str| {
        format!(
            "{name} = \"work-{name}\"\nwork-{name} = [\n    \
             \"run\", \"--manifest-path\", {manifest},\n    \
             \"--package\", \"cargo-{name}\", \"--bin\", \"cargo-{name}\", \"--\",\n]\n"
        )
    };
    format!(
        "# One target folder for all, and the project's commands in every folder below this one.\n\
         # If the project moves, `cargo course` in its new folder writes this file anew.\n\n\
         [build]\ntarget-dir = \"../target\"\n\n[alias]\n{}{}",
        alias("book"),
        alias("course")
    )
}

/// What earlier versions have written into it.
const EARLIER: [&str; 2] = [
    "\
# One target folder for all, and `cargo course` in the folder of each crate.

[build]
target-dir = \"../target\"

[alias]
course = \"run --manifest-path ../../Cargo.toml -p scripts --bin course --no-default-features --features course --\"
",
    "\
# One target folder for all, and `cargo course` in the folder of each crate.

[build]
target-dir = \"../target\"

[alias]
course = \"run --manifest-path ../../Cargo.toml --package cargo-course --bin cargo-course --\"
",
];

/// Writes `work/.cargo/config.toml` if it is not there, or is what an earlier version wrote, or
/// what was written for another place.
///
/// # Errors
/// The folder cannot be written to.
pub fn configure(workspace: &Workspace) -> Result<()> {
    let folder = workspace.path("work").join(".cargo");
    let path = folder.join("config.toml");
    let manifest = workspace.root().join("Cargo.toml");
    // What is not Unicode does not fit into a file of Cargo's; this holds in the crates' top folders.
    let new = config(manifest.to_str().unwrap_or("../../Cargo.toml"));
    if path.exists() {
        let Ok(text) = read(&path) else {
            return Ok(());
        };
        if text == new || !(EARLIER.contains(&text.as_str()) || is_of_another_place(&text)) {
            return Ok(());
        }
    }
    fs::create_dir_all(&folder).context("the folder work/.cargo cannot be made")?;
    state::write(&path, &new)
}

/// Whether a text is `config` for some place.
fn is_of_another_place(text: &str) -> bool {
    let Ok(table) = toml::from_str::<toml::Table>(text) else {
        return false;
    };
    let course = table
        .get("alias")
        .and_then(|alias| alias.get("work-course"));
    let manifest = course.and_then(|words| words.get(2)?.as_str());
    manifest.is_some_and(|manifest| config(manifest) == text)
}

fn parse(path: &Path) -> Result<toml::Table> {
    toml::from_str(&read(path)?).with_context(|| format!("{} is not right", path.display()))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use pretty_assertions::assert_eq;

    use super::*;
    use crate::own::Purpose;
    use crate::state::Known;

    /// As commit 4426302 wrote them.
    const MANIFEST: &str = include_str!("../tests/earlier/challenge-tan.toml");
    const CONFIG: &str = include_str!("../tests/earlier/config.toml");

    /// The steps of stage 1 in those days.
    const STEPS: [&str; 6] = [
        "step1_variables",
        "step2_children",
        "step3_gradients",
        "step4_reuse",
        "step5_operators",
        "step6_functions",
    ];

    const HEADER: &str = "//! # Title\n//!\n//! Chapter: x.md#y\n//!\n//! About: graph\n//!\n//! Items: a.rs `f`\n//!\n\
                          //! Text.\n//!\n//! Hint 1: None.\n";

    /// A workspace with a stage 1, and one crate in `work`.
    struct Place {
        folder: tempfile::TempDir,
        own: Own,
    }

    impl Place {
        /// With these steps, and the crate for the challenge `tan` that was begun with others.
        fn new(steps: &[&str], manifest: &str) -> Place {
            let folder = tempfile::tempdir().unwrap();
            let purpose = Purpose {
                challenge: Some("tan".to_owned()),
                ..Purpose::stage("stage1")
            };
            let place = Place {
                own: Own {
                    name: purpose.folder(),
                    folder: folder.path().join("work").join(purpose.folder()),
                    purpose,
                },
                folder,
            };
            place.write(
                "Cargo.toml",
                "[workspace.package]\nedition = \"2024\"\nrust-version = \"1.95\"\n\
                 [workspace.dependencies]\npretty_assertions = \"1.4\"\nnew = \"1\"\n\
                 proptest = { version = \"1.12\", default-features = false, features = [\"std\"] }\n",
            );
            place.write(
                "Cargo.lock",
                "[[package]]\nname = \"stage1\"\nversion = \"1\"\n",
            );
            place.depend("pretty_assertions.workspace = true\nproptest.workspace = true\n");
            place.write("stages/stage1/src/lib.rs", "");
            for step in steps {
                place.write(&format!("stages/stage1/tests/{step}.rs"), HEADER);
            }
            place.write(
                &format!("{}/stage1/challenges/tan/test.rs", content::PLACE),
                "",
            );
            place.write("work/challenge-tan/Cargo.toml", manifest);
            place
        }

        fn path(&self, place: &str) -> PathBuf {
            self.folder.path().join(place)
        }

        fn write(&self, place: &str, text: &str) {
            let path = self.path(place);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        fn depend(&self, dependencies: &str) {
            let text = format!("[package]\nname = \"stage1\"\n[dev-dependencies]\n{dependencies}");
            self.write("stages/stage1/Cargo.toml", &text);
        }

        fn workspace(&self) -> Workspace {
            Workspace::find(self.folder.path()).unwrap()
        }

        fn manifest(&self) -> String {
            fs::read_to_string(self.path("work/challenge-tan/Cargo.toml")).unwrap()
        }

        /// The manifest after an update, which is none the second time.
        fn updated(&self) -> String {
            update(&self.workspace(), &self.own).unwrap();
            let text = self.manifest();
            update(&self.workspace(), &self.own).unwrap();
            assert_eq!(self.manifest(), text);
            text
        }
    }

    fn test(step: &str) -> String {
        format!("[[test]]\nname = \"{step}\"\npath = \"../../stages/stage1/tests/{step}.rs\"\n")
    }

    /// The earlier manifest with the paths of today.
    fn today() -> String {
        MANIFEST.replace("scripts/course/", "scripts/cargo-course/content/")
    }

    #[test]
    fn a_new_manifest_is_as_it_was() {
        let place = Place::new(&STEPS, "");
        assert_eq!(new(&place.workspace(), &place.own).unwrap(), today());
    }

    #[test]
    fn a_challenge_that_has_moved_is_found() {
        let place = Place::new(&STEPS, MANIFEST);
        assert_eq!(place.updated(), today());
    }

    #[test]
    fn steps_may_be_added_renamed_split_and_removed() {
        let [one, two, three, four, five, six] = STEPS;
        let exam = "step7_exam";
        // Added at the end.
        let place = Place::new(&[&STEPS[..], &[exam]].concat(), MANIFEST);
        let expected = today().replace(&test(six), &(test(six) + &test(exam)));
        assert_eq!(place.updated(), expected);
        // Renamed, the first one too.
        let place = Place::new(
            &["step1_boxes", two, three, "step4_paths", five, six],
            MANIFEST,
        );
        let expected = today().replace(&test(one), &test("step1_boxes"));
        assert_eq!(
            place.updated(),
            expected.replace(&test(four), &test("step4_paths"))
        );
        // Split, so that those after it have other numbers.
        let split = [one, two, "step3_seeds", "step4_pulls", "step5_reuse"];
        let place = Place::new(&split, MANIFEST);
        let begin = today().split_once(&test(three)).unwrap().0.to_owned();
        let end = today().split_once(&test(six)).unwrap().1.to_owned();
        let middle = split[2..].iter().map(|step| test(step)).collect::<String>();
        assert_eq!(place.updated(), begin + &middle + &end);
        // Removed.
        let place = Place::new(&STEPS[..5], MANIFEST);
        assert_eq!(place.updated(), today().replace(&test(six), ""));
    }

    #[test]
    fn what_the_reader_has_added_stays() {
        let mine =
            "# Mine.\n[[test]]\nname = \"mine\"\npath = \"tests/mine.rs\"\n\n# The hard one:\n";
        let between = MANIFEST.replace(&test(STEPS[3]), &(mine.to_owned() + &test(STEPS[3])));
        let all = between
            .replace(
                "proptest = ",
                "# For my own tests.\nrand = '0.9'\nproptest = ",
            )
            .replace(
                "\n[workspace]",
                "\n[profile.dev]\nopt-level = 1\n\n[workspace]  # apart",
            );
        let steps = [&STEPS[..4], &["step5_exam"]].concat();
        let place = Place::new(&steps, &all);
        place.depend("new.workspace = true\npretty_assertions.workspace = true\n");
        place.write("work/challenge-tan/Cargo.lock", "mine");
        let expected = all
            .replace(&test(STEPS[4]), &test("step5_exam"))
            .replace(&test(STEPS[5]), "")
            .replace("scripts/course/", "scripts/cargo-course/content/")
            .replace(
                "version = \"1.12\" }\n",
                "version = \"1.12\" }\nnew = { version = \"1\" }\n",
            );
        assert_eq!(place.updated(), expected);
        let lock = || fs::read_to_string(place.path("work/challenge-tan/Cargo.lock")).unwrap();
        assert_eq!(lock(), "mine");
    }

    #[test]
    fn a_dependency_that_the_tests_have_now_reaches_earlier_crates() {
        let place = Place::new(&STEPS, MANIFEST);
        let old = "pretty_assertions.workspace = true\nproptest.workspace = true\n";
        place.depend(&format!("new.workspace = true\n{old}"));
        place.write("work/challenge-tan/Cargo.lock", "old");
        let text = place.updated();
        assert_eq!(
            text,
            today().replace(
                "version = \"1.12\" }\n",
                "version = \"1.12\" }\nnew = { version = \"1\" }\n"
            )
        );
        let lock = fs::read_to_string(place.path("work/challenge-tan/Cargo.lock")).unwrap();
        assert_eq!(
            lock,
            "[[package]]\nname = \"my-challenge-tan\"\nversion = \"1\"\n"
        );

        // Where there is no such section yet, it comes above the tests.
        let (begin, _) = MANIFEST.split_once("[dev-dependencies]").unwrap();
        let (_, end) = MANIFEST.split_once("# The tests").unwrap();
        let place = Place::new(&STEPS, &format!("{begin}# The tests{end}"));
        place.depend("new.workspace = true\n");
        let section = "[dev-dependencies]\nnew = { version = \"1\" }\n\n# The tests";
        assert!(place.updated().contains(section), "{}", place.manifest());
    }

    #[test]
    fn line_ends_are_those_of_the_editor() {
        let with = |text: &str| text.replace('\n', "\r\n");
        let place = Place::new(&["step1_boxes"], &with(MANIFEST));
        let begin = today().split_once("[[test]]").unwrap().0.to_owned();
        let end = today().split_once(&test(STEPS[5])).unwrap().1.to_owned();
        assert_eq!(
            place.updated(),
            with(&(begin + &test("step1_boxes") + &end))
        );
    }

    #[test]
    fn a_list_that_was_changed_by_hand_is_left_and_explained() {
        let steps = [&STEPS[..5], &["step6_exam"]].concat();
        let without = |step: &str| MANIFEST.replace(&test(step), "");
        for changed in [
            without(STEPS[2]),
            MANIFEST.replace(&test(STEPS[4]), &(test(STEPS[4]) + "harness = false\n")),
            MANIFEST.replace("tests/step4_reuse.rs", "tests/../tests/step4_reuse.rs"),
            MANIFEST.replace("name = \"step2_children\"", "name = 'step2_children'"),
        ] {
            let place = Place::new(&steps, &changed);
            let error = update(&place.workspace(), &place.own).unwrap_err();
            let error = error.to_string();
            assert_eq!(place.manifest(), changed);
            let words =
                "the list of tests in work/challenge-tan/Cargo.toml has been changed by hand";
            assert!(error.starts_with(words), "{error}");
            assert!(error.contains("take out"), "{error}");
            assert!(error.contains(&test(STEPS[5])), "{error}");
            let missing = error.split_once("put in:\n\n").unwrap().1;
            assert!(missing.contains(test("step6_exam").trim_end()), "{error}");
        }

        // What is complete is right, however it is written.
        let other = today()
            .replace("name = \"step2_children\"", "name = 'step2_children'")
            .replace("tests/step4_reuse.rs", "tests/../tests/step4_reuse.rs")
            .replace(&test(STEPS[4]), &(test(STEPS[4]) + "harness = false\n"));
        let place = Place::new(&STEPS, &other);
        assert_eq!(place.updated(), other);
        // What is no manifest at all is Cargo's business.
        let place = Place::new(&STEPS, "[package\n");
        assert_eq!(place.updated(), "[package\n");
    }

    #[test]
    fn how_far_a_crate_is_is_counted_anew() {
        let [one, two, three, four, five, six] = STEPS;
        for (steps, before, after) in [
            // An exam at the end.
            (vec![one, two, three, four, five, six, "step7_exam"], 6, 6),
            // Another one in between.
            (
                vec![one, two, "step3_new", "step4_gradients", "step5_reuse"],
                4,
                2,
            ),
            (vec![one, two, three, four, five], 6, 5),
            // As many: some have other names.
            (vec![one, "step2_results", three, four, five, six], 4, 4),
        ] {
            let place = Place::new(&steps, MANIFEST);
            let mut state = State::default();
            let known = Known {
                green: Some(before),
                ..Known::default()
            };
            state.crates.insert(place.own.name.clone(), known);
            state.save(&place.workspace()).unwrap();
            place.updated();
            let state = State::load(&place.workspace());
            assert_eq!(
                state.crates[&place.own.name].green,
                Some(after),
                "{steps:?}"
            );
        }
    }

    #[test]
    fn the_settings_are_written_anew_where_they_are_ours() {
        let place = Place::new(&STEPS, MANIFEST);
        let workspace = place.workspace();
        let config = place.path("work/.cargo/config.toml");
        let read = || fs::read_to_string(&config).unwrap();
        configure(&workspace).unwrap();
        let now = read();
        let table: toml::Table = toml::from_str(&now).unwrap();
        for command in ["book", "course"] {
            let words = table["alias"][format!("work-{command}")]
                .as_array()
                .unwrap();
            let manifest = Path::new(words[2].as_str().unwrap());
            assert_eq!(manifest, place.path("Cargo.toml"));
        }
        assert_eq!(CONFIG, EARLIER[0]);
        let moved = now.replace(
            table["alias"]["work-course"][2].as_str().unwrap(),
            "/old/Cargo.toml",
        );
        let windows = CONFIG.replace('\n', "\r\n");
        for ours in [CONFIG, EARLIER[1], &moved, &windows] {
            fs::write(&config, ours).unwrap();
            configure(&workspace).unwrap();
            assert_eq!(read(), now);
        }
        for theirs in [
            &now.replace("\"../target\"", "\"mine\""),
            &(moved + "\n# Mine.\n"),
            "[",
            "",
        ] {
            fs::write(&config, theirs).unwrap();
            configure(&workspace).unwrap();
            assert_eq!(read(), *theirs);
        }
    }
}

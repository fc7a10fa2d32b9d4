//! The bugs and challenges in `content`. Its `README.md` describes the files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::explanation::Explanation;
use project::stages::Sources;
use project::{Workspace, entries, file_name, is_left_behind, read};

/// What there is to say about a stage.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// What a reader can do who has passed all steps.
    pub achieved: String,
    /// The stage that it grows out of, where that is not the one before.
    pub begun_with: Option<String>,
    /// For those who begin with the stage before; may be empty.
    #[serde(default)]
    pub advice: String,
    /// The steps that the stage before passes already, by the names of their files.
    #[serde(default)]
    pub passed_before: Vec<String>,
}

/// A classic mistake, as an edit to the reference.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bug {
    /// The name of the file, without `.toml`.
    #[serde(skip)]
    pub slug: String,
    /// What the list shows.
    pub title: String,
    /// The file below `src`.
    pub file: String,
    /// What the mistake replaces; occurs once.
    pub find: String,
    /// The mistake.
    pub replace: String,
    /// The first step that turns red.
    pub step: String,
    /// What `check` says, by its key.
    pub diagnosis: String,
    /// For those who have found it.
    pub story: String,
}

/// A task beyond the steps.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    /// The name of the folder.
    #[serde(skip)]
    pub slug: String,
    /// The stage that it belongs to.
    #[serde(skip)]
    pub stage: String,
    /// The test.
    #[serde(skip)]
    pub test: PathBuf,
    /// What the list shows.
    pub title: String,
    /// The task, in Markdown.
    pub text: String,
    /// From gentle to explicit.
    pub hints: Vec<String>,
    /// The worked solution.
    #[serde(rename = "edit")]
    pub edits: Vec<Edit>,
}

/// A change to the reference.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The file below `src`.
    pub file: String,
    /// What is replaced; occurs once.
    #[serde(default)]
    pub find: String,
    /// What comes in its place.
    pub replace: String,
    /// Goes to the end of the file instead.
    #[serde(default)]
    pub append: bool,
    /// Is a file of its own instead.
    #[serde(default)]
    pub new: bool,
}

impl Edit {
    /// Changes the sources.
    ///
    /// # Errors
    /// The file is not there (or is, though it should be new), or `find` does not occur once.
    pub fn apply(&self, sources: &mut Sources) -> Result<()> {
        let file = &self.file;
        if self.new {
            if sources.insert(file.clone(), self.replace.clone()).is_some() {
                bail!("{file} is there already, so it cannot be new");
            }
            return Ok(());
        }
        let text = sources
            .get_mut(file)
            .with_context(|| format!("there is no file {file}"))?;
        if self.append {
            text.push_str(&self.replace);
            return Ok(());
        }
        let count = if self.find.is_empty() {
            0
        } else {
            text.matches(&self.find).count()
        };
        if count != 1 {
            bail!(
                "this should occur once in {file}, but occurs {count} times:\n{}",
                self.find
            );
        }
        *text = text.replace(&self.find, &self.replace);
        Ok(())
    }
}

impl Bug {
    /// Plants the bug.
    ///
    /// # Errors
    /// It does not fit the sources.
    pub fn plant(&self, sources: &mut Sources) -> Result<()> {
        let edit = Edit {
            file: self.file.clone(),
            find: self.find.clone(),
            replace: self.replace.clone(),
            append: false,
            new: false,
        };
        edit.apply(sources)
            .with_context(|| format!("the bug `{}`", self.slug))
    }

    /// A number that stands for the bug where its name would say too much.
    pub fn mark(&self) -> String {
        // FNV-1a, 32 bits.
        let mark = self.slug.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
        format!("{mark:08x}")
    }
}

impl Challenge {
    /// Writes the worked solution into the sources.
    ///
    /// # Errors
    /// It does not fit them.
    pub fn solve(&self, sources: &mut Sources) -> Result<()> {
        for edit in &self.edits {
            edit.apply(sources)
                .with_context(|| format!("the solution of `{}`", self.slug))?;
        }
        Ok(())
    }
}

/// Where they are, from the top of the workspace.
pub const PLACE: &str = "scripts/cargo-course/content";

/// The folder of a stage's bugs and challenges.
fn folder(workspace: &Workspace, stage: &str) -> PathBuf {
    workspace.path(&format!("{PLACE}/{stage}"))
}

/// What there is to say about a stage.
///
/// # Errors
/// The file is missing, or not as it should be.
pub fn stage(workspace: &Workspace, stage: &str) -> Result<Stage> {
    parse(&folder(workspace, stage).join("stage.toml"))
}

/// The bugs of a stage, sorted by their names.
///
/// # Errors
/// A file is not as it should be.
pub fn bugs(workspace: &Workspace, stage: &str) -> Result<Vec<Bug>> {
    let mut bugs = Vec::new();
    for path in entries_if_any(&folder(workspace, stage).join("bugs"))? {
        if let Some(slug) = file_name(&path).strip_suffix(".toml") {
            let bug: Bug = parse(&path)?;
            bugs.push(Bug {
                slug: slug.to_owned(),
                ..bug
            });
        }
    }
    Ok(bugs)
}

/// What it means that certain tests of a stage fail, the first that fits before the others.
///
/// # Errors
/// The file is not as it should be.
pub fn explanations(workspace: &Workspace, stage: &str) -> Result<Vec<Explanation>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Table {
        explanation: Vec<Explanation>,
    }
    let path = folder(workspace, stage).join("explanations.toml");
    if !path.is_file() {
        return Ok(Vec::new());
    }
    Ok(parse::<Table>(&path)?.explanation)
}

/// What `show` runs on a reader's engine.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Programs {
    /// The last step whose items are needed for it, as the name of its file.
    pub needs: String,
    /// The programs, in order.
    #[serde(rename = "program")]
    pub programs: Vec<Program>,
}

/// A program for `show`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// What it shows.
    pub title: String,
    /// Lines `let name = expression;`, and an expression.
    pub program: String,
    /// The names that it does not define, with their values as one writes them.
    pub inputs: Vec<(String, String)>,
    /// How many times it is differentiated.
    #[serde(default = "once")]
    pub order: usize,
}

fn once() -> usize {
    1
}

/// What `show` runs on a reader's engine of a stage; none if its pictures cannot run.
///
/// # Errors
/// The file is not as it should be.
pub fn programs(workspace: &Workspace, stage: &str) -> Result<Option<Programs>> {
    let path = folder(workspace, stage).join("programs.toml");
    match path.is_file() {
        true => parse(&path).map(Some),
        false => Ok(None),
    }
}

/// The challenges of a stage, sorted by their names.
///
/// # Errors
/// A file is not as it should be.
pub fn challenges(workspace: &Workspace, stage: &str) -> Result<Vec<Challenge>> {
    let mut challenges = Vec::new();
    for path in entries_if_any(&folder(workspace, stage).join("challenges"))? {
        if path.join("challenge.toml").is_file() {
            let challenge: Challenge = parse(&path.join("challenge.toml"))?;
            challenges.push(Challenge {
                slug: file_name(&path),
                stage: stage.to_owned(),
                test: path.join("test.rs"),
                ..challenge
            });
        }
    }
    Ok(challenges)
}

/// The challenges of all stages, by their names.
///
/// # Errors
/// A file is not as it should be, or two challenges have the same name.
pub fn all_challenges(workspace: &Workspace) -> Result<BTreeMap<String, Challenge>> {
    let mut all = BTreeMap::new();
    for stage in workspace.stages()? {
        for challenge in challenges(workspace, &stage)? {
            if let Some(other) = all.insert(challenge.slug.clone(), challenge) {
                bail!("two challenges are called `{}`", other.slug);
            }
        }
    }
    Ok(all)
}

/// The challenge of that name.
///
/// # Errors
/// There is none.
pub fn challenge(workspace: &Workspace, slug: &str) -> Result<Challenge> {
    all_challenges(workspace)?.remove(slug).with_context(|| {
        format!("there is no challenge `{slug}`; `cargo course challenge` lists them")
    })
}

fn entries_if_any(folder: &Path) -> Result<Vec<PathBuf>> {
    if folder.is_dir() {
        let mut entries = entries(folder)?;
        entries.retain(|path| !is_left_behind(path));
        Ok(entries)
    } else {
        Ok(Vec::new())
    }
}

fn parse<T: DeserializeOwned>(path: &Path) -> Result<T> {
    toml::from_str(&read(path)?).with_context(|| format!("{} is not right", path.display()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{run, step};

    /// What this reads of an engine of `tests/engines` that is a single file; those that are right name
    /// no step.
    #[derive(Deserialize)]
    struct Engine {
        #[serde(default)]
        step: Option<String>,
        #[serde(default)]
        tests: Vec<String>,
        #[serde(rename = "edit")]
        edits: Vec<Edit>,
    }

    fn workspace() -> Workspace {
        Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    #[test]
    fn explanations_have_a_name_and_say_something() {
        let workspace = workspace();
        for stage in workspace.stages().unwrap() {
            let mut keys = BTreeSet::new();
            for row in explanations(&workspace, &stage).unwrap() {
                let key = &row.key;
                assert!(keys.insert(key.clone()), "{stage}: {key} twice");
                assert!(!row.fails.is_empty(), "{stage}, {key}: no test fails");
                let says = row.says.trim();
                assert!(says.ends_with(['.', ')']), "{stage}, {key}: {says}");
            }
        }
    }

    #[test]
    fn what_is_shown_needs_a_step_that_is_there() {
        let workspace = workspace();
        let mut shown = Vec::new();
        for stage in workspace.stages().unwrap() {
            let Some(programs) = programs(&workspace, &stage).unwrap() else {
                continue;
            };
            let steps = step::of_stage(&workspace, &stage).unwrap();
            let needs = &programs.needs;
            assert!(
                steps.iter().any(|step| step.name == *needs),
                "{stage}: {needs}"
            );
            assert!(programs.programs.len() > 4, "{stage}");
            shown.push(stage);
        }
        assert_eq!(shown, ["stage1", "stage2", "stage3", "stage4"]);
    }

    /// What is said of steps, tests and lines has to follow when they are renamed, split or changed.
    #[test]
    fn steps_tests_and_lines_that_are_named_are_there() {
        let workspace = workspace();
        let mut wrong = Vec::new();
        for stage in workspace.stages().unwrap() {
            let steps = step::of_stage(&workspace, &stage).unwrap();
            let tests = |step: &step::Step| {
                let tests = run::tests(&step.file).into_iter();
                BTreeSet::from_iter(tests.map(|test| test.name))
            };
            let steps = steps.iter().map(|step| (step.name.clone(), tests(step)));
            let steps = BTreeMap::from_iter(steps);
            let mut named = |place: &str, step: &str, tests: &[String]| {
                let Some(known) = steps.get(step) else {
                    wrong.push(format!("{place}: there is no step {step}"));
                    return;
                };
                for test in tests.iter().filter(|test| !known.contains(*test)) {
                    wrong.push(format!("{place}: {step} has no test {test}"));
                }
            };
            let content = workspace.place(&folder(&workspace, &stage));
            for row in explanations(&workspace, &stage).unwrap() {
                let place = format!("{content}/explanations.toml, {}", row.key);
                named(&place, &row.step, &[row.fails, row.passes].concat());
            }
            for name in self::stage(&workspace, &stage).unwrap().passed_before {
                named(&format!("{content}/stage.toml"), &name, &[]);
            }
            let mut edited = Vec::new();
            for bug in bugs(&workspace, &stage).unwrap() {
                let place = format!("{content}/bugs/{}.toml", bug.slug);
                named(&place, &bug.step, &[]);
                let mut sources = workspace.reference(&stage).unwrap();
                edited.push((place, bug.plant(&mut sources)));
            }
            for challenge in challenges(&workspace, &stage).unwrap() {
                let place = format!("{content}/challenges/{}/challenge.toml", challenge.slug);
                let mut sources = workspace.reference(&stage).unwrap();
                edited.push((place, challenge.solve(&mut sources)));
            }
            let engines = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engines");
            for kind in ["wrong", "right"] {
                for path in entries_if_any(&engines.join(kind).join(&stage)).unwrap() {
                    // Those in folders are whole.
                    if path.is_dir() {
                        continue;
                    }
                    let engine: Engine = parse(&path).unwrap();
                    let place = workspace.place(&path);
                    if let Some(step) = &engine.step {
                        named(&place, step, &engine.tests);
                    }
                    let mut sources = workspace.reference(&stage).unwrap();
                    let mut edits = engine.edits.iter();
                    edited.push((place, edits.try_for_each(|edit| edit.apply(&mut sources))));
                }
            }
            for (place, applied) in edited {
                wrong.extend(applied.err().map(|error| format!("{place}: {error:#}")));
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }
}

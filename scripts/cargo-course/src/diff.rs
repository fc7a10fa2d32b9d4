//! What changes from one version of a stage to another.

use std::path::Path;

use anyhow::{Result, bail};

use crate::content;
use crate::own::{self, Own, Purpose};
use crate::paint::{FAINT, STRONG, paint};
use crate::{skeleton, start};
use project::Workspace;
use project::anchors::without_anchors;
use project::diff::{CONTEXT, ChangeTag, UnifiedHunkHeader, group_diff_ops, lines};
use project::stages::{Sources, sources};

/// The sources that a word on the command line stands for, and what to call them: `stage2`,
/// `mine`, `mine:stage1-2` or `solution:tan`. What is `mine` depends on the word for the other
/// side.
///
/// # Errors
/// One of the words stands for nothing.
pub fn side(
    workspace: &Workspace,
    here: &Path,
    word: &str,
    other: &str,
) -> Result<(String, Sources)> {
    let (name, sources) = if word == "mine" {
        let own = mine(workspace, here, other)?;
        (workspace.place(&own.folder), sources(&own.src())?)
    } else if let Some(name) = word.strip_prefix("mine:") {
        let own = own::named(workspace, name)?;
        (workspace.place(&own.folder), sources(&own.src())?)
    } else if let Some(slug) = word.strip_prefix("solution:") {
        let challenge = content::challenge(workspace, slug)?;
        let mut sources = workspace.reference(&challenge.stage)?;
        challenge.solve(&mut sources)?;
        (word.to_owned(), sources)
    } else if workspace.stages()?.iter().any(|stage| stage == word) {
        (format!("stages/{word}"), workspace.reference(word)?)
    } else {
        return unknown(workspace, word);
    };
    let mut sources = without_anchors(sources);
    for text in sources.values_mut() {
        *text = skeleton::without_allow(text);
    }
    Ok((name, sources))
}

/// What the reader has written for the stage on the other side, without bug and challenge; beside
/// a solution, rather that of the challenge.
fn mine(workspace: &Workspace, here: &Path, other: &str) -> Result<Own> {
    let (stage, challenge) = if other == "mine" {
        let Some(own) = own::current(workspace, here)? else {
            bail!("you have no crate yet; make one with `cargo course start stage1`");
        };
        return Ok(own);
    } else if let Some(name) = other.strip_prefix("mine:") {
        (own::named(workspace, name)?.purpose.stage, None)
    } else if let Some(slug) = other.strip_prefix("solution:") {
        let challenge = content::challenge(workspace, slug)?;
        let purpose = start::challenge_purpose(&challenge);
        (challenge.stage, Some(purpose))
    } else if workspace.stages()?.iter().any(|stage| stage == other) {
        (other.to_owned(), None)
    } else {
        return unknown(workspace, other);
    };
    let purposes = challenge.into_iter().chain([Purpose::stage(&stage)]);
    for purpose in purposes {
        if let Some(own) = own::current_for(workspace, here, &purpose)? {
            return Ok(own);
        }
    }
    bail!(
        "you have no {stage} of your own yet; make one with `cargo course start {stage}` \
         (mine:FOLDER is any other crate in work)"
    )
}

fn unknown<T>(workspace: &Workspace, word: &str) -> Result<T> {
    bail!(
        "`{word}` is none of {}, mine, mine:FOLDER and solution:CHALLENGE",
        workspace.stages()?.join(", ")
    )
}

/// Takes out the lines that are nothing but a comment.
pub fn without_comments(sources: Sources) -> Sources {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let code = |text: String| text.split_inclusive('\n').filter(is_code).collect();
    sources
        .into_iter()
        .map(|(name, text)| (name, code(text)))
        .collect()
}

/// The difference, file by file, as `diff -u` writes it.
pub fn diff(old: &(String, Sources), new: &(String, Sources)) -> String {
    let mut text = String::new();
    let mut files: Vec<&String> = old.1.keys().chain(new.1.keys()).collect();
    files.sort();
    files.dedup();
    for file in files {
        let [before, after] = [&old.1, &new.1].map(|sources| -> Vec<&str> {
            let text = sources.get(file).map_or("", String::as_str);
            text.lines().collect()
        });
        if before == after {
            continue;
        }
        let name = |(name, sources): &(String, Sources)| match sources.contains_key(file) {
            true => format!("{name}/src/{file}"),
            false => "(no such file)".to_owned(),
        };
        text += &format!(
            "{}\n{}\n",
            paint(STRONG, &format!("--- {}", name(old))),
            paint(STRONG, &format!("+++ {}", name(new)))
        );
        for hunk in group_diff_ops(lines(&before, &after), CONTEXT) {
            text += &format!(
                "{}\n",
                paint(FAINT, &UnifiedHunkHeader::new(&hunk).to_string())
            );
            for change in hunk.iter().flat_map(|op| op.iter_changes(&before, &after)) {
                let line = change.value();
                text += &match change.tag() {
                    ChangeTag::Equal => format!(" {line}\n"),
                    ChangeTag::Delete => format!("{}\n", paint(REMOVED, &format!("-{line}"))),
                    ChangeTag::Insert => format!("{}\n", paint(ADDED, &format!("+{line}"))),
                };
            }
        }
        text.push('\n');
    }
    if text.is_empty() {
        text = format!("There is no difference between {} and {}.\n", old.0, new.0);
    }
    text
}

const REMOVED: anstyle::Style = anstyle::AnsiColor::Red.on_default();
const ADDED: anstyle::Style = anstyle::AnsiColor::Green.on_default();

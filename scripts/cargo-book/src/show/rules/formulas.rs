//! `book/rules.toml`: the formulas, each with the code that it was written for.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Result, anyhow, bail};
use serde::Deserialize;
use toml::Spanned;

use project::Workspace;

/// Where the formulas are.
pub const FORMULAS: &str = "book/rules.toml";

/// All formulas.
#[derive(Debug)]
pub(super) struct Formulas {
    /// Functions that have a sign of their own in the formulas.
    pub(super) signs: Vec<String>,
    rules: HashMap<Key, (usize, Row)>,
}

/// The primitive, and the argument; none for a rule of all arguments.
type Key = (String, Option<usize>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    signs: Vec<String>,
    #[serde(default)]
    rule: Vec<Spanned<Row>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    of: String,
    argument: Option<usize>,
    /// The code that the formula was written for.
    code: String,
    /// TeX, a formula on each line.
    formula: String,
}

impl Formulas {
    /// Reads them.
    ///
    /// # Errors
    /// The file is missing, or has a row that means nothing, or two for one rule.
    pub(super) fn read(workspace: &Workspace) -> Result<Formulas> {
        let text = workspace.read(FORMULAS)?;
        let line = |offset: usize| text[..offset].matches('\n').count() + 1;
        let file: File = toml::from_str(&text).map_err(|error| {
            let at = line(error.span().map_or(0, |span| span.start));
            anyhow!("{FORMULAS}:{at}: {}", error.message())
        })?;
        let mut rules = HashMap::new();
        for row in file.rule {
            let line = line(row.span().start);
            let row = row.into_inner();
            let key = (row.of.clone(), row.argument);
            if let Some((first, _)) = rules.insert(key.clone(), (line, row)) {
                bail!(
                    "{FORMULAS}:{line}: the {} has a row in line {first} already",
                    named(&key)
                );
            }
        }
        Ok(Formulas {
            signs: file.signs,
            rules,
        })
    }

    /// The formula of a rule in TeX, and in further lines what its names mean.
    ///
    /// # Errors
    /// There is none, or it was written for other code. The message holds what to write instead.
    pub(super) fn of(&self, primitive: &str, argument: Option<usize>, code: &str) -> Result<&str> {
        let key = (primitive.to_owned(), argument);
        let rule = named(&key);
        let Some((line, row)) = self.rules.get(&key) else {
            let argument = argument.map(|argument| format!("argument = {argument}\n"));
            let argument = argument.unwrap_or_default();
            let code = quoted(code);
            bail!(
                "the {rule} has no formula. Write one into {FORMULAS}:\n\n[[rule]]\nof = \"{primitive}\"\n{argument}{code}\nformula = 'h = …'\n"
            );
        };
        if squeezed(&row.code) != squeezed(code) {
            let (formula, code) = (row.formula.trim(), quoted(code));
            bail!(
                "the {rule} has changed. See whether {FORMULAS}:{line} still says the same, `{formula}`, and then write into that row:\n\n{code}\n"
            );
        }
        Ok(&row.formula)
    }

    /// What is there for no rule of `rules`, and for no function in `functions`.
    pub(super) fn for_nothing(
        &self,
        rules: &BTreeSet<Key>,
        functions: &BTreeSet<String>,
    ) -> Vec<String> {
        let rows = self.rules.iter().filter(|(key, _)| !rules.contains(*key));
        let rows = rows.map(|(key, (line, _))| (*line, format!("there is no {}", named(key))));
        let signs = self.signs.iter().filter(|sign| !functions.contains(*sign));
        let signs = signs.map(|sign| (1, format!("there is no function `{sign}` to have a sign")));
        let found: BTreeSet<(usize, String)> = rows.chain(signs).collect();
        let found = found.into_iter();
        found
            .map(|(line, message)| format!("{FORMULAS}:{line}: {message}"))
            .collect()
    }
}

/// A rule in words.
fn named((primitive, argument): &Key) -> String {
    match argument {
        Some(argument) => format!("rule of `{primitive}` for argument {argument}"),
        None => format!("rule of `{primitive}` for all arguments"),
    }
}

/// The line or lines of a row that hold its code.
fn quoted(code: &str) -> String {
    if code.contains(['\n', '\'']) {
        format!("code = '''\n{code}\n'''")
    } else {
        format!("code = '{code}'")
    }
}

/// Code without spaces and without the commas that formatting adds.
fn squeezed(code: &str) -> String {
    let squeezed: String = code.split_whitespace().collect();
    squeezed
        .replace(",)", ")")
        .replace(",]", "]")
        .replace(",}", "}")
}

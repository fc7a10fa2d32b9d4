//! The stage's own code: which lines of it are shown beside the picture, and which of them runs.

use crate::recording::Listing;

/// A file of a stage, and its text.
pub type Source = (&'static str, &'static str);

/// The files that the listings are cut from.
#[derive(Clone, Copy, Debug)]
pub struct Sources {
    /// The folder that they are in.
    pub folder: &'static str,
    /// The files, by name.
    pub files: &'static [Source],
}

/// An item of a file: a function, or a block of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The file that it is in.
    pub file: &'static str,
    /// How its first line begins, but for the spaces before it.
    pub item: &'static str,
}

/// The lines of an excerpt.
#[derive(Debug)]
pub struct Cut {
    file: String,
    first: usize,
    lines: Vec<&'static str>,
}

impl Sources {
    /// The lines of an item, to the bracket that closes it. None if it is not there exactly once.
    pub fn cut(&self, excerpt: Excerpt) -> Option<Cut> {
        let (name, text) = self.files.iter().find(|(name, _)| *name == excerpt.file)?;
        let lines: Vec<&str> = text.lines().collect();
        let starts = |line: &&str| line.trim_start().starts_with(excerpt.item);
        let start = lines.iter().position(starts)?;
        if lines.iter().filter(|line| starts(line)).count() != 1 {
            return None;
        }
        let indent = lines[start].len() - lines[start].trim_start().len();
        let closes = |line: &&str| {
            let rest = line.get(indent..).unwrap_or_default();
            line.trim_start().len() == rest.len() && rest.starts_with('}')
        };
        let length = lines[start..].iter().position(closes)? + 1;
        let lines = lines[start..start + length].iter();
        Some(Cut {
            file: format!("{}/{name}", self.folder),
            first: start + 1,
            lines: lines
                .map(|line| line.get(indent..).unwrap_or_default())
                .collect(),
        })
    }
}

impl Cut {
    /// The row with `needle`, from 0. None if not exactly one row has it.
    pub fn row(&self, needle: &str) -> Option<usize> {
        let mut rows = self.lines.iter().enumerate();
        let (row, _) = rows.find(|(_, line)| line.contains(needle))?;
        rows.all(|(_, line)| !line.contains(needle)).then_some(row)
    }

    /// As it is shown.
    pub fn listing(&self) -> Listing {
        Listing {
            file: self.file.clone(),
            first: self.first,
            text: self.lines.join("\n"),
        }
    }
}

//! The stage's own code: which lines of it are shown beside the picture, and which of them runs.

use std::borrow::Cow;

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

/// A line that runs.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it is shown in.
    pub excerpt: Excerpt,
    needle: Cow<'static, str>,
    closure: Option<usize>,
}

impl Excerpt {
    /// The line with `needle`.
    pub fn line(self, needle: impl Into<Cow<'static, str>>) -> Line {
        Line {
            excerpt: self,
            needle: needle.into(),
            closure: None,
        }
    }
}

impl Line {
    /// Not this line, but that of a closure after it, unless the line has closures itself.
    pub fn closure(self, number: usize) -> Line {
        Line {
            closure: Some(number),
            ..self
        }
    }
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
    /// The row of a line, from 0. None if not exactly one has its needle.
    pub fn row(&self, line: &Line) -> Option<usize> {
        let rows = self.lines.iter().enumerate();
        let mut rows = rows.filter(|(_, row)| row.contains(&*line.needle));
        let ((row, _), None) = (rows.next()?, rows.next()) else {
            return None;
        };
        match line.closure {
            Some(number) if !self.lines[row].contains(['|', '[']) => {
                let rest = self.lines.iter().enumerate().skip(row);
                let mut closures = rest.filter(|(_, row)| row.contains("|g, "));
                closures.nth(number).map(|(row, _)| row)
            }
            _ => Some(row),
        }
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

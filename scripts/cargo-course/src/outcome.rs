//! What two engines did with a program, and where they differ.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::run::How;

/// What became of a program.
#[derive(Debug)]
pub enum Outcome {
    /// It was run on both engines.
    Recorded(Recorded),
    /// The book's engine does not take it either.
    Refused(String),
    /// The reader's engine has ended the process, or had to be stopped.
    Ended(How),
    /// It was not run any more, after one that had to be stopped.
    Left,
}

/// What two engines did with a program.
#[derive(Debug, Deserialize)]
pub struct Recorded {
    /// The reader's, as the recorder wrote it.
    pub own: Box<RawValue>,
    /// The book's.
    pub reference: Box<RawValue>,
}

/// What matters here of a recording.
#[derive(Debug, Deserialize)]
pub struct Recording {
    /// Its steps.
    pub steps: Vec<Said>,
    /// The first thing that the book's engine does otherwise.
    pub difference: Option<Difference>,
}

/// A step in words.
#[derive(Debug, Deserialize)]
pub struct Said {
    /// The sentence.
    pub say: String,
}

/// Where two engines differ, and how.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Difference {
    /// The step, from 0.
    pub step: usize,
    /// What it is, in words.
    pub say: String,
}

impl Outcome {
    /// How the reader's engine came to no end of its own, after its name.
    pub fn ended(how: &How) -> String {
        match how {
            How::Ended(said) => {
                let said = said.lines().filter(|line| !line.trim().is_empty()).take(2);
                let said = Vec::from_iter(said.map(str::trim)).join(" ");
                format!("has ended the whole program. It said: {said}")
            }
            how => format!("{}.", how.words()),
        }
    }

    /// Whether both engines did the same.
    pub fn is_same(&self) -> bool {
        match self {
            Outcome::Recorded(recorded) => recorded.own().is_ok_and(|own| own.difference.is_none()),
            _ => false,
        }
    }
}

impl Recorded {
    /// What the reader's engine did.
    ///
    /// # Errors
    /// It is not what the recorder writes.
    pub fn own(&self) -> Result<Recording> {
        serde_json::from_str(self.own.get()).context("the recording cannot be read")
    }
}

//! What is asked for, and the errors that may come back.

use serde::{Deserialize, Serialize};

/// A program, and the stage to run it on.
#[derive(Clone, Debug, Deserialize)]
pub struct Request {
    /// `stage1` to `stage4`.
    pub stage: String,
    /// Lines `let name = expression;`, then one expression.
    pub program: String,
    /// The names that the program does not define, with their values as they were written.
    #[serde(default)]
    pub inputs: Vec<(String, String)>,
    /// How often to differentiate.
    #[serde(default = "once")]
    pub order: usize,
}

fn once() -> usize {
    1
}

/// Where something is in a program: a line from 0, and columns in UTF-16 units, as JavaScript
/// counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The line, from 0.
    pub line: usize,
    /// The first column.
    pub start: usize,
    /// The column after the last.
    pub end: usize,
}

/// Why there is no recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Error {
    /// What is wrong, and what was expected.
    pub message: String,
    /// Where in the program.
    #[serde(flatten)]
    pub place: Option<Place>,
    /// The input that is wrong, if it is not the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
}

impl Error {
    /// Something is wrong at a place of the program.
    pub fn at(place: Place, message: impl Into<String>) -> Error {
        Error {
            message: message.into(),
            place: Some(place),
            input: None,
        }
    }

    /// The value of an input is wrong.
    pub fn input(name: &str, message: impl Into<String>) -> Error {
        Error {
            message: message.into(),
            place: None,
            input: Some(name.to_owned()),
        }
    }

    /// Something is wrong that has no place.
    pub fn anywhere(message: impl Into<String>) -> Error {
        Error {
            message: message.into(),
            place: None,
            input: None,
        }
    }
}

/// What a request is answered with.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Response<R> {
    /// What the engine did.
    Recording(R),
    /// Why it did nothing.
    Error(Error),
}

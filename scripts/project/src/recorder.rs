//! What `scripts/recorder` is asked, and what it answers.

use serde::Deserialize;
use serde_json::json;

/// The request to run a program on a stage with these inputs, differentiated `order` times: JSON in one line.
pub fn request(stage: &str, program: &str, inputs: &[(String, String)], order: usize) -> String {
    json!({ "stage": stage, "program": program, "inputs": inputs, "order": order }).to_string()
}

/// The answer, with as much of a recording as matters to who asks.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer<R> {
    /// What the engine did.
    Recording(R),
    /// Why it did nothing.
    Error(Refusal),
}

/// Why there is no recording.
#[derive(Debug, Deserialize)]
pub struct Refusal {
    /// What is wrong, and what was expected.
    pub message: String,
    line: Option<usize>,
    start: Option<usize>,
    input: Option<String>,
}

impl Refusal {
    /// The message behind its place.
    pub fn text(&self) -> String {
        match (&self.input, self.line, self.start) {
            (Some(input), ..) => format!("`{input}`: {}", self.message),
            (None, Some(line), Some(start)) => {
                format!("line {}, column {}: {}", line + 1, start + 1, self.message)
            }
            _ => self.message.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn a_refusal_says_where() {
        let text = |answer: &str| match serde_json::from_str(answer).unwrap() {
            Answer::Recording(()) => "a recording".to_owned(),
            Answer::Error(refusal) => refusal.text(),
        };
        assert_eq!(text(r#"{"recording":null}"#), "a recording");
        assert_eq!(text(r#"{"error":{"message":"no"}}"#), "no");
        assert_eq!(
            text(r#"{"error":{"message":"no","line":0,"start":4,"end":5}}"#),
            "line 1, column 5: no"
        );
        assert_eq!(text(r#"{"error":{"message":"no","input":"x"}}"#), "`x`: no");
    }
}

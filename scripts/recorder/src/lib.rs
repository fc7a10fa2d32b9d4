//! Runs a small program on stage 1, 2, 3 or 4, and writes down what the engine did, step by step.
//!
//! The stages know nothing of it. Their public items are enough to see what they make, in which
//! order they walk, and what their rules return.
//!
//! ```
//! let request = r#"{"stage":"stage2","program":"x * x","inputs":[["x","3"]]}"#;
//! let response = recorder::record(request);
//! assert!(response.starts_with(r#"{"recording":{"stage":"stage2","#), "{response}");
//! ```

pub mod evaluate;
pub mod listing;
pub mod picture;
pub mod program;
pub mod recording;
pub mod request;
pub mod stages;
pub mod words;

use evaluate::{Item, run, value};
use program::{Program, Term, parse, parse_value};
use recording::{Recorder, Recording};
use request::{Error, Request, Response};
use stages::stage2::Stage2;

/// Answers a request, both in JSON.
pub fn record(request: &str) -> String {
    let recording = serde_json::from_str::<Request>(request)
        .map_err(|error| Error::anywhere(format!("the request: {error}")))
        .and_then(|request| recording(&request));
    let response = match recording {
        Ok(recording) => Response::Recording(recording),
        Err(error) => Response::Error(error),
    };
    serde_json::to_string(&response).expect("all keys are strings")
}

/// What the engine does with a program.
///
/// # Errors
/// The program cannot be run on the stage.
pub fn recording(request: &Request) -> Result<Recording, Error> {
    let program = parse(&request.program)?;
    let inputs = request.inputs.iter().map(|(name, text)| {
        let value = parse_value(name, text)?;
        Ok((name.clone(), value))
    });
    let inputs = inputs.collect::<Result<Vec<_>, Error>>()?;
    let mut recording = match request.stage.as_str() {
        "stage2" => on_stage2(&program, &inputs)?,
        other => {
            let message =
                format!("unknown stage `{other}`; expected stage1, stage2, stage3 or stage4");
            return Err(Error::anywhere(message));
        }
    };
    recording.stage = request.stage.clone();
    recording.program = request.program.clone();
    recording.inputs = request.inputs.clone();
    recording.order = request.order;
    picture::place(&mut recording);
    Ok(recording)
}

fn on_stage2(program: &Program, inputs: &[(String, Term)]) -> Result<Recording, Error> {
    let mut recorder = Recorder::new(stages::STAGE2);
    let mut engine = Stage2::new(&mut recorder);
    let mut scope = Vec::new();
    for (name, term) in inputs {
        let Term::Number(number) = term else {
            return Err(Error::input(name, "stage2 has no arrays; stage4 has"));
        };
        scope.push((name.clone(), Item::Value(engine.input(name, *number))));
    }
    let output = run(&mut engine, program, &scope)?;
    let output = value(&mut engine, output, program.output.place);
    engine.walk(output)?;
    Ok(recorder.recording)
}

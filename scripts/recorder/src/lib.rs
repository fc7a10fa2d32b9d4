//! Runs a small program on stage 1, 2, 3 or 4, or forwards, and writes down what the engine did, step by step.
//!
//! The stages know nothing of it. Their public items are enough to see what they make, in which
//! order they walk, and what their rules return. So each module of [`stages`] can be compiled against
//! the crate of a reader, too: [`beside`] shows what that does beside the stage of the book.
//!
//! ```
//! let request = r#"{"stage":"stage2","program":"x * x","inputs":[["x","3"]]}"#;
//! let response = recorder::record(request);
//! assert!(response.starts_with(r#"{"recording":{"stage":"stage2","#), "{response}");
//! ```

pub mod beside;
pub mod compare;
pub mod digits;
#[path = "../../../tests/src/dual.rs"]
pub mod dual;
pub mod evaluate;
/// What the dual numbers of `tests` need.
#[path = "../../../tests/src"]
pub mod exam {
    pub mod number;
}
pub mod forward;
pub mod labels;
pub mod levels;
pub mod listing;
pub mod order;
pub mod panics;
pub mod picture;
pub mod program;
pub mod recorder;
pub mod recording;
pub mod request;
pub mod stages;
pub mod variants;
pub mod words;

use std::panic::PanicHookInfo;

use forward::FORWARD;
use listing::Sources;
use program::{Program, Term, parse, parse_value};
use recorder::Recorder;
use recording::Recording;
use request::{Error, Request, Response};
use stages::{STAGE1, STAGE2, STAGE3, STAGE4};
use variants::{at_once, confused_traces, dropped_recursion};

#[cfg(target_arch = "wasm32")]
mod live;

/// Answers a request, both in JSON.
pub fn record(request: &str) -> String {
    let recording = serde_json::from_str::<Request>(request)
        .map_err(|error| Error::anywhere(format!("the request: {error}")))
        .and_then(|request| recording(&request));
    respond(&match recording {
        Ok(recording) => Response::Recording(recording),
        Err(error) => Response::Error(error),
    })
}

/// The response to a request during which an engine panics, for where panics cannot be caught.
pub fn panicked(info: &PanicHookInfo<'_>) -> String {
    respond(&Response::Error(panics::error(info)))
}

fn respond(response: &Response<Recording>) -> String {
    serde_json::to_string(response).expect("all keys are strings")
}

/// What the engine does with a program, with a place for everything.
///
/// # Errors
/// The program cannot be run on the stage.
pub fn recording(request: &Request) -> Result<Recording, Error> {
    let mut recording = without_places(request)?;
    // What stage 2 can run as well has the same places on all stages.
    if request.order == 1 && request.stage != "stage2" {
        let twin = Request {
            stage: "stage2".to_owned(),
            ..request.clone()
        };
        let program = parse(&request.program)?.computed();
        if let Ok(mut twin) = run_program(&twin, &program) {
            picture::place(&mut twin);
            if picture::take_places(&mut recording, &twin) {
                return Ok(recording);
            }
        }
    }
    picture::place(&mut recording);
    Ok(recording)
}

/// What the engine does with a program.
///
/// # Errors
/// The program cannot be run on the stage.
pub fn without_places(request: &Request) -> Result<Recording, Error> {
    check(request)?;
    run_program(request, &parse(&request.program)?)
}

/// The stage and the order must be such as there are.
fn check(request: &Request) -> Result<(), Error> {
    let (stage, order) = (variants::base(&request.stage), request.order);
    let most = match stage {
        "forward" | "stage1" | "stage2" => 1,
        "stage3" | "stage4" => 3,
        _ => {
            let message =
                format!("unknown stage `{stage}`; expected stage1, stage2, stage3 or stage4");
            return Err(Error::anywhere(message));
        }
    };
    if order == 0 || order > most {
        let message = match most {
            1 => format!("order {order}: {stage} has the first derivative only"),
            _ => format!("order {order}; expected 1, 2 or 3"),
        };
        return Err(Error::anywhere(message));
    }
    Ok(())
}

fn run_program(request: &Request, program: &Program) -> Result<Recording, Error> {
    reference(request, program)?.finish()
}

/// What the engine of the book does with a program.
fn reference(request: &Request, program: &Program) -> Result<Recorder, Error> {
    let (watch, sources): (Watch, Sources) = match request.stage.as_str() {
        "forward" => (forward::record, FORWARD),
        "stage1" => (stages::stage1::record, STAGE1),
        "stage2" => (stages::stage2::record, STAGE2),
        "stage3" => (stages::stage3::record, STAGE3),
        "stage4" => (stages::stage4::record, STAGE4),
        "stage2-at-once" => (at_once::watch::record, at_once::SOURCES),
        "stage2-dropped-recursion" => {
            (dropped_recursion::watch::record, dropped_recursion::SOURCES)
        }
        _ => (confused_traces::watch::record, confused_traces::SOURCES),
    };
    let mut recorder = Recorder::new(sources);
    watched(&mut recorder, watch, request, program)?;
    Ok(recorder)
}

/// How a stage is watched while it runs a program, with these inputs, differentiated so often.
pub type Watch = fn(&mut Recorder, &Program, &[(String, Term)], usize) -> Result<(), Error>;

/// Writes down what an engine does with a program.
///
/// # Errors
/// The program cannot be run, or the engine has stopped. What it did until then is written down.
pub fn watched(
    recorder: &mut Recorder,
    watch: Watch,
    request: &Request,
    program: &Program,
) -> Result<(), Error> {
    let inputs = request.inputs.iter().map(|(name, text)| {
        let value = parse_value(name, text)?;
        Ok((name.clone(), value))
    });
    let inputs = inputs.collect::<Result<Vec<_>, Error>>()?;
    let recording = &mut recorder.recording;
    recording.stage = request.stage.clone();
    recording.title = variants::title(&request.stage);
    recording.program = request.program.clone();
    recording.inputs = request.inputs.clone();
    recording.order = request.order;
    panics::catch(|| watch(recorder, program, &inputs, request.order))
}

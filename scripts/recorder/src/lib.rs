//! Runs a small program on stage 1, 2, 3 or 4, or forwards, and writes down what the engine did, step by step.
//!
//! The stages know nothing of it. Their public items are enough to see what they make, in which
//! order they walk, and what their rules return.
//!
//! ```
//! let request = r#"{"stage":"stage2","program":"x * x","inputs":[["x","3"]]}"#;
//! let response = recorder::record(request);
//! assert!(response.starts_with(r#"{"recording":{"stage":"stage2","#), "{response}");
//! ```

#[path = "../../../tests/src/dual.rs"]
pub mod dual;
pub mod evaluate;
/// What the dual numbers of `tests` need.
#[path = "../../../tests/src"]
pub mod exam {
    pub mod number;
}
pub mod forward;
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

use evaluate::{Item, Scope, run};
use forward::{FORWARD, Forward};
use levels::{Levels, Traced};
use listing::Sources;
use order::Walk;
use program::{Program, Term, parse, parse_value};
use recorder::Recorder;
use recording::Recording;
use request::{Error, Request, Response};
use stages::stage1::Stage1;
use stages::stage2::Stage2;
use stages::stage3::Stage3;
use stages::stage4::Stage4;
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
    run_program(request, &parse(&request.program)?)
}

fn run_program(request: &Request, program: &Program) -> Result<Recording, Error> {
    let (stage, order) = (request.stage.as_str(), request.order);
    let inputs = request.inputs.iter().map(|(name, text)| {
        let value = parse_value(name, text)?;
        Ok((name.clone(), value))
    });
    let inputs = inputs.collect::<Result<Vec<_>, Error>>()?;
    let mut recording = panics::catch(|| match stage {
        "forward" => {
            let mut recorder = Recorder::new(FORWARD);
            walk(&mut Forward::new(&mut recorder), program, &inputs)?;
            recorder.finish()
        }
        "stage1" => on_stage1(program, &inputs),
        "stage2" => {
            let mut recorder = Recorder::new(STAGE2);
            walk(&mut Stage2::new(&mut recorder), program, &inputs)?;
            recorder.finish()
        }
        "stage3" => on_traces::<Stage3>(program, &inputs, order, STAGE3),
        "stage4" => on_traces::<Stage4>(program, &inputs, order, STAGE4),
        variant => on_variant(variant, program, &inputs, order),
    })?;
    recording.stage = request.stage.clone();
    recording.title = variants::title(stage);
    recording.program = request.program.clone();
    recording.inputs = request.inputs.clone();
    recording.order = order;
    Ok(recording)
}

fn numbers(stage: &str, inputs: &[(String, Term)]) -> Result<Vec<(String, f64)>, Error> {
    let numbers = inputs.iter().map(|(name, term)| match term {
        Term::Number(number) => Ok((name.clone(), *number)),
        _ => {
            let message = format!("`{name}`: {stage} has no arrays; stage4 has");
            Err(Error::input(name, message))
        }
    });
    numbers.collect()
}

fn on_stage1(program: &Program, inputs: &[(String, Term)]) -> Result<Recording, Error> {
    let mut recorder = Recorder::new(STAGE1);
    let mut engine = Stage1::new(&mut recorder);
    let mut scope = Scope::new();
    let mut nodes = Vec::new();
    for (name, number) in numbers("stage1", inputs)? {
        nodes.push(engine.input(&name, number));
        scope.push((name, Item::Value(nodes[nodes.len() - 1])));
    }
    let output = run(&mut engine, program, &scope)?;
    if let Some(output) = output.filter(|_| !program.asks()) {
        engine.pull(output, &nodes)?;
    }
    recorder.finish()
}

fn walk(engine: &mut impl Walk, program: &Program, inputs: &[(String, Term)]) -> Result<(), Error> {
    let mut scope = Scope::new();
    for (name, number) in numbers(engine.stage(), inputs)? {
        let node = engine.input(&name, number);
        scope.push((name, Item::Value(node)));
    }
    match run(engine, program, &scope)? {
        Some(output) => engine.walk(output),
        None => Ok(()),
    }
}

/// A stage with one edit.
fn on_variant(
    variant: &str,
    program: &Program,
    inputs: &[(String, Term)],
    order: usize,
) -> Result<Recording, Error> {
    let mut recorder;
    match variant {
        "stage2-at-once" => {
            recorder = Recorder::new(at_once::SOURCES);
            walk(
                &mut at_once::watch::Stage2::new(&mut recorder),
                program,
                inputs,
            )?;
        }
        "stage2-dropped-recursion" => {
            recorder = Recorder::new(dropped_recursion::SOURCES);
            let mut engine = dropped_recursion::watch::Stage2::new(&mut recorder);
            walk(&mut engine, program, inputs)?;
        }
        _ => {
            use confused_traces::{SOURCES, watch};
            return on_traces::<watch::Stage3>(program, inputs, order, SOURCES);
        }
    }
    recorder.finish()
}

/// Stages 3 and 4.
fn on_traces<S: Traced>(
    program: &Program,
    inputs: &[(String, Term)],
    order: usize,
    sources: Sources,
) -> Result<Recording, Error> {
    let values = inputs.iter().map(|(name, term)| {
        let value = match term {
            Term::Array(shape, elements) => S::array(shape, elements),
            Term::Number(number) => Some(S::number(*number)),
            _ => None,
        };
        let message = format!("`{name}`: {} has no arrays; stage4 has", S::NAME);
        let value = value.ok_or_else(|| Error::input(name, message))?;
        Ok((name.clone(), value))
    });
    let values = values.collect::<Result<Vec<_>, Error>>()?;
    if values.is_empty() && order > 1 {
        let message =
            "order 2 and 3 need an input: the derivatives are taken with respect to the first";
        return Err(Error::anywhere(message));
    }
    let mut recorder = Recorder::new(sources);
    let mut engine = Levels::<S>::new(&mut recorder, order == 1 && !program.has_grad());
    let mut body = |engine: &mut Levels<'_, S>, boxed: &[S::Value]| {
        let mut scope = Scope::new();
        for ((name, _), value) in values.iter().zip(boxed) {
            let handle = engine.handle(value.clone(), None);
            scope.push((name.clone(), Item::Value(handle)));
        }
        let output = run(engine, program, &scope)?;
        let output = output.expect("the stage shows no `drop`");
        Ok(engine.value(output))
    };
    engine.differentiate(order, &values, &mut body, None)?;
    recorder.finish()
}

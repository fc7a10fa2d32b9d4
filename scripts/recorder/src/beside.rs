//! The engine of a reader beside the stage of the book that it is to become.

use std::fs;
use std::path::Path;

use serde::Serialize;

use crate::compare::{Difference, first};
use crate::listing::{Source, Sources};
use crate::picture;
use crate::program::parse;
use crate::recorder::Recorder;
use crate::recording::{Recording, Step};
use crate::request::{Error, Request, Response};
use crate::{Watch, check, reference, watched};

/// What both engines did with a program.
#[derive(Debug, Serialize)]
pub struct Beside {
    /// What the reader's did, with the first difference.
    pub own: Recording,
    /// What the book's did.
    pub reference: Recording,
}

/// Runs a program on both engines.
///
/// # Errors
/// The program cannot be run on the stage of the book.
pub fn beside(request: &Request, watch: Watch, sources: Sources) -> Result<Beside, Error> {
    check(request)?;
    let program = parse(&request.program)?;
    let wanted = reference(request, &program)?;
    let facts = wanted.facts.clone();
    let mut reference = wanted.finish()?;
    let mut recorder = Recorder::of_reader(sources);
    let stopped = watched(&mut recorder, watch, request, &program).err();
    let stopped = stopped.map(|error| stop(&mut recorder, &error));

    let differences = [
        recorder.fault.take(),
        first(&recorder.facts, &facts),
        stopped,
    ];
    let difference = differences.into_iter().flatten();
    let difference = difference.min_by_key(|difference| difference.step);

    let mut own = recorder.finish()?;
    picture::place(&mut reference);
    picture::place(&mut own);
    let number = request.stage.trim_start_matches("stage");
    own.title = format!("Your stage {number}");
    own.difference = difference;
    reference.title = format!("Stage {number} of the book");
    Ok(Beside { own, reference })
}

/// A last step, in which the engine has stopped.
fn stop(recorder: &mut Recorder, error: &Error) -> Difference {
    let message = error.message.trim();
    let step = Step::new("stopped", format!("The engine stops: {message}")).at(error.place);
    recorder.step(step, None);
    Difference {
        step: recorder.recording.steps.len() - 1,
        say: format!("Your engine stopped here, and the reference goes on. It said: {message}"),
    }
}

/// Reads the files of a reader's crate for the listings. They are read once and kept.
///
/// # Errors
/// The folder cannot be read.
pub fn sources(folder: &Path, place: &str) -> std::io::Result<Sources> {
    fn keep(text: String) -> &'static str {
        Box::leak(text.into_boxed_str())
    }
    let mut files: Vec<Source> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "rs") {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            files.push((keep(name.into_owned()), keep(fs::read_to_string(&path)?)));
        }
    }
    Ok(Sources {
        folder: keep(place.to_owned()),
        files: Box::leak(files.into_boxed_slice()),
    })
}

/// Answers the request that is the first argument of the program, and writes the answer into the file
/// that is the second: what the engine itself may print does not get between.
///
/// # Errors
/// The crate cannot be read, or the file not be written.
pub fn main(watch: Watch, folder: &str, place: &str) -> std::io::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let mut argument = || arguments.next().unwrap_or_default();
    let (request, file) = (argument(), argument());
    let sources = sources(Path::new(folder), place)?;
    let request = serde_json::from_str::<Request>(&request.to_string_lossy());
    let request = request.map_err(|error| Error::anywhere(format!("the request: {error}")));
    let answer = match request.and_then(|request| beside(&request, watch, sources)) {
        Ok(both) => Response::Recording(both),
        Err(error) => Response::Error(error),
    };
    fs::write(file, serde_json::to_string(&answer)?)
}

//! `cargo course`: build the stages yourself, step by step.

use std::process::ExitCode;

use clap::Parser;
use scripts::course::command::{Arguments, run};
use scripts::course::paint::{BAD, paint};

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            anstream::eprintln!("{} {error:#}", paint(BAD, "error:"));
            ExitCode::FAILURE
        }
    }
}

//! `cargo course`: build the stages yourself, step by step.

use std::process::ExitCode;

use cargo_course::command::{Arguments, run};
use cargo_course::paint::{BAD, paint, respect_dumb_terminals};
use clap::Parser;

fn main() -> ExitCode {
    respect_dumb_terminals();
    match run(Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            anstream::eprintln!("{} {error:#}", paint(BAD, "error:"));
            ExitCode::FAILURE
        }
    }
}

//! The preprocessor as a command, for those who run `mdbook build book` or `mdbook serve book`.

use std::process::ExitCode;

use anyhow::Result;
use cargo_book::preprocessor::Stages;
use mdbook_preprocessor::{Preprocessor, parse_input};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let result = match arguments.next().as_deref() {
        Some("supports") => {
            let renderer = arguments.next().unwrap_or_default();
            Stages::default().supports_renderer(&renderer)
        }
        _ => preprocess().map(|()| true),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn preprocess() -> Result<()> {
    let (context, book) = parse_input(std::io::stdin())?;
    let stages = Stages::default();
    let book = stages.run(&context, book)?;
    for gap in &stages.outcome().borrow().gaps {
        eprintln!("warning: {gap}");
    }
    serde_json::to_writer(std::io::stdout(), &book)?;
    Ok(())
}

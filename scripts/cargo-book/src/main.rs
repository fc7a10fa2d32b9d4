//! `cargo book`: the book, built, checked and shown.

use std::fmt::Display;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use cargo_book::draw::picture;
use cargo_book::{book, epub, serve};
use clap::{Args, Parser, Subcommand};
use project::Workspace;

/// Build the book and show it in the browser
#[derive(Parser)]
#[command(
    name = "cargo book",
    bin_name = "cargo book",
    args_conflicts_with_subcommands = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Subcommand)]
enum Command {
    /// Build the book, serve it on localhost and reload it on every change (the default)
    Serve(Serve),
    /// Build the book into book/book, check its links, and that it shows all code of the stages
    Build,
    /// Build and check the book, then write it as an EPUB for e-readers: book/book.epub
    Epub,
    /// List what the chapters show of the stages, file by file
    Coverage,
    /// Draw the picture of the README again
    Picture,
}

#[derive(Args)]
struct Serve {
    /// The port on localhost
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Do not open the browser
    #[arg(long)]
    no_open: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<()> {
    let here = std::env::current_dir().context("there is no current folder")?;
    let workspace = Workspace::find(&here)?;
    match arguments.command.unwrap_or(Command::Serve(arguments.serve)) {
        Command::Serve(Serve { port, no_open }) => serve::serve(&workspace, port, !no_open),
        Command::Build => {
            let page = build(&workspace)?.join("index.html");
            say(format_args!("Open {}", page.display()))
        }
        Command::Epub => {
            let pages = build(&workspace)?;
            let path = workspace.path(epub::PLACE);
            let epub = epub::write(&workspace, &pages, &path)?;
            say(&epub)?;
            say(path.display())
        }
        Command::Coverage => {
            let coverage = book::coverage(&workspace)?;
            say(coverage.listing.trim_end())?;
            for gap in &coverage.gaps {
                eprintln!("warning: {gap}");
            }
            say(&coverage)
        }
        Command::Picture => {
            let svg = picture::draw(&workspace)?;
            let path = workspace.path(picture::PLACE);
            std::fs::write(&path, svg)
                .with_context(|| format!("{} cannot be written", picture::PLACE))?;
            say(picture::PLACE)
        }
    }
}

/// Builds the complete book, says what was done, and gives the folder of the pages.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    match book::build(workspace)? {
        Some(built) => {
            say(&built)?;
            Ok(built.folder)
        }
        None => {
            say("Nothing has changed since the book was built.")?;
            Ok(workspace.path(book::PAGES))
        }
    }
}

/// Prints a line. Where nobody reads on (`cargo book coverage | head`) the command is over.
fn say(line: impl Display) -> Result<()> {
    match writeln!(std::io::stdout().lock(), "{line}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        written => written.context("the output cannot be written"),
    }
}

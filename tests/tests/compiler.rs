//! What the book quotes of the compiler is what the compiler says.
//!
//! A quote is a listing that begins with `error`, after a program that does not compile. Messages
//! change from one version of Rust to the next. So each line of a quote is looked for only where
//! the compiler is of the version that the chapter names; of any other, only its first line, which
//! says which error it is.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command};

use pretty_assertions::assert_eq;

/// A program that does not compile, and the lines that the chapter shows of the error.
struct Quote {
    program: String,
    lines: Vec<String>,
}

impl Quote {
    /// `leave` of ` --> leave.rs:5:31`.
    fn name(&self) -> &str {
        let place = self.lines.iter().find_map(|line| {
            let (place, _) = line.split_once(" --> ")?.1.split_once(".rs:")?;
            Some(place)
        });
        place.expect("a quote says which line of which file the error is in")
    }
}

/// The quotes of a chapter.
fn quotes(chapter: &str) -> Vec<Quote> {
    let (mut quotes, mut program) = (Vec::new(), String::new());
    let mut lines = chapter.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            continue;
        };
        let listing = lines.by_ref().take_while(|line| *line != "```");
        let listing = Vec::from_iter(listing.map(str::to_owned));
        if language.contains("compile_fail") {
            program = complete(&listing);
        } else if language == "text" && listing[0].starts_with("error") {
            quotes.push(Quote {
                program: program.clone(),
                lines: listing,
            });
        }
    }
    quotes
}

/// A listing, with everything but its imports in a function.
fn complete(listing: &[String]) -> String {
    let (imports, rest): (Vec<_>, Vec<_>) =
        listing.iter().partition(|line| line.starts_with("use "));
    let imports = imports.iter().map(|line| format!("{line}\n"));
    let mut program = String::from_iter(imports);
    let rest = rest.iter().skip_while(|line| line.is_empty());
    let rest = rest.map(|line| format!("    {line}").trim_end().to_owned() + "\n");
    if !program.is_empty() {
        program.push('\n');
    }
    program + "fn main() {\n" + &String::from_iter(rest) + "}\n"
}

/// What the compiler says, and whether it is content.
fn compile(arguments: &[&str], source: &Path, to: &Path) -> (bool, String) {
    let mut command = Command::new("rustc");
    command.args(["--edition", "2024", "--emit", "metadata"]);
    command.args(["--cap-lints", "allow"]).args(arguments);
    // The messages name the file as it is given.
    command.current_dir(source.parent().expect("a file is in a folder"));
    command.arg("-o").arg(to);
    let output = command.arg(source.file_name().expect("a file")).output();
    let output = output.expect("rustc");
    let text = String::from_utf8(output.stderr).expect("text");
    (output.status.success(), text)
}

/// `1.95` of `rustc 1.95.0 (…)`.
fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let text = String::from_utf8(output.expect("rustc").stdout).expect("text");
    let version = text.split(' ').nth(1).expect("a version");
    let mut parts = version.splitn(3, '.');
    let (major, minor) = (parts.next(), parts.next());
    format!("{}.{}", major.expect("a number"), minor.expect("a number"))
}

#[test]
fn the_compiler_says_what_the_chapter_on_the_tape_quotes() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let chapter = fs::read_to_string(root.join("book/src/stage5.md")).unwrap();
    let named = chapter
        .split_once("(Rust ")
        .and_then(|(_, rest)| Some(rest.split_once(')')?.0));
    let is_named = named.expect("the chapter names the version") == compiler();

    let folder = env::temp_dir().join(format!("quotes-of-the-compiler-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let library = folder.join("libstage5.rmeta");
    let source = root.join("stages/stage5/src/lib.rs");
    let (compiles, text) = compile(
        &["--crate-type=lib", "--crate-name=stage5"],
        &source,
        &library,
    );
    assert!(compiles, "the stage itself does not compile:\n{text}");

    let external = format!("--extern=stage5={}", library.display());
    let quotes = quotes(&chapter);
    assert_eq!(quotes.len(), 3, "the quotes of the chapter");
    for quote in quotes {
        let source = folder.join(quote.name()).with_extension("rs");
        fs::write(&source, &quote.program).unwrap();
        let (_, text) = compile(&[&external], &source, &source.with_extension("rmeta"));
        let mut said = text.lines();
        let quoted = match is_named {
            true => &quote.lines[..],
            false => &quote.lines[..1],
        };
        // In the same order, with others in between.
        let found = quoted.iter().filter(|line| said.any(|said| said == *line));
        let found = Vec::from_iter(found.cloned());
        assert_eq!(found, quoted, "the compiler says:\n{text}");
    }
    fs::remove_dir_all(&folder).unwrap();
}

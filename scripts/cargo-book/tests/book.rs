//! The commands and the preprocessor on small workspaces in temporary folders.

mod theme;

use std::cell::Cell;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use cargo_book::book::{self, Writing};
use cargo_book::runner::Runner;
use cargo_book::show::description;
use pretty_assertions::assert_eq;
use project::Workspace;
use tempfile::TempDir;

/// A workspace with two stages, one example and a book of two chapters.
struct Fixture {
    folder: TempDir,
}

const GRAPH: &str = "\
// ANCHOR: node
pub struct Node {
    pub value: f64,
}
// ANCHOR_END: node
";

const EXAMPLE: &str = r#"
fn main() {
    println!("before\n## values\nx = {}\n## dot", 1 + 1);
    println!("digraph {{ a -> b [label=\"2\"]; }}");
    println!("\n## table\nh  error\n1  0.5\n## curve\nx: h\ny: error\nline: one\n1 2\n3 4");
    println!("\n## matrix\nmatrix: sum\n1 1");
    if std::env::args().count() > 9 { std::process::exit(3); }
}
"#;

const CHAPTER: &str = r#"# One

{{#code stages/stage1/src/graph.rs:node}}

{{#diff stage1 stage2 graph.rs:node}}

{{#run stage2 graph values}}

{{#graph stage2 graph dot "A title" "A description"}}

{{#table stage2 graph table}}

{{#plot stage2 graph curve "A plot" "A line"}}

{{#matrices stage2 graph matrix "A matrix" "A row"}}

With $x^2$ and [a link](two.md#here).
"#;

/// Of every chapter.
const DESCRIPTION: &str =
    "What a “chapter” of this book is about & what it is not about, in one sentence.";

impl Fixture {
    fn new() -> Fixture {
        let fixture = Fixture {
            folder: tempfile::tempdir().unwrap(),
        };
        for (place, text) in theme::files() {
            fixture.write(&place, &text);
        }
        fixture.write(
            "Cargo.toml",
            "[workspace]\nresolver = \"3\"\nmembers = [\"stages/stage1\", \"stages/stage2\"]\n",
        );
        for stage in ["stage1", "stage2"] {
            fixture.write(
                &format!("stages/{stage}/Cargo.toml"),
                &format!(
                    "[package]\nname = \"{stage}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n"
                ),
            );
            fixture.write(&format!("stages/{stage}/src/lib.rs"), "");
        }
        fixture.write("stages/stage1/src/graph.rs", GRAPH);
        fixture.write(
            "stages/stage2/src/graph.rs",
            &GRAPH.replace("pub value", "pub parents: Vec<Node>,\n    pub value"),
        );
        fixture.write("stages/stage2/examples/graph.rs", EXAMPLE);
        fixture.write(
            "book/src/SUMMARY.md",
            "# Summary\n\n- [One](one.md)\n- [Two](two.md)\n",
        );
        fixture.write("book/src/one.md", CHAPTER);
        fixture.write("book/src/two.md", "# Two\n\n## Here\n");
        fixture
    }

    fn path(&self, place: &str) -> PathBuf {
        // For Cargo and others, the brackets in a pattern are a choice of letters.
        self.folder.path().join("a clone [x]").join(place)
    }

    fn workspace(&self) -> Workspace {
        Workspace::find(&self.path("")).unwrap()
    }

    fn write(&self, place: &str, text: &str) {
        let path = self.path(place);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // A chapter gets its description on the line below its heading, which is blank.
        let description = format!("\n{{{{#description \"{DESCRIPTION}\"}}}}\n");
        let text = match place.ends_with(".md") && !place.ends_with("SUMMARY.md") {
            true => text.replacen("\n\n", &description, 1),
            false => text.to_owned(),
        };
        fs::write(path, text).unwrap();
    }

    fn page(&self, name: &str) -> String {
        fs::read_to_string(self.path("book/book").join(name)).unwrap()
    }

    /// `cargo book` in a folder of the fixture.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-book"));
        command
            .args(arguments)
            .current_dir(self.path(""))
            .env("CARGO_TARGET_DIR", self.path("target"));
        command
    }

    /// What `cargo book build` says of a book that it builds.
    fn built(&self) -> String {
        let output = self.command(&["build"]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// All files in a folder and in those below it.
    fn files(&self, place: &str) -> Vec<PathBuf> {
        project::files(&self.path(place), &|_| false).unwrap()
    }

    /// What `cargo book build` refuses.
    fn refused(&self) -> String {
        let output = self.command(&["build"]).output().unwrap();
        assert!(!output.status.success(), "{output:?}");
        errors(&output)
    }
}

/// A recorder that knows one answer. It notes each of its runs.
const RECORDER: &str = r##"
use std::io::{BufRead, Write};

fn main() {
    let mut runs = std::fs::File::options().create(true).append(true).open("runs").unwrap();
    writeln!(runs, "run").unwrap();
    for line in std::io::stdin().lock().lines() {
        let stage = if line.unwrap().contains("stage1") { "stage1" } else { "stage2" };
        println!("{}", r#"{"recording":{"stage":"STAGE","title":"STAGE","nodes":[],"arrows":[],"width":1,"height":1,"steps":[{"say":"Recorded.","set":[]}]}}"#.replace("STAGE", stage));
    }
}
"##;

#[test]
fn all_programs_are_recorded_in_one_run_until_they_change() {
    let fixture = Fixture::new();
    let members = fs::read_to_string(fixture.path("Cargo.toml")).unwrap();
    let members = members.replace("members = [", "members = [\"recorder\", ");
    fixture.write("Cargo.toml", &members);
    let manifest = "[package]\nname = \"recorder\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    fixture.write("recorder/Cargo.toml", manifest);
    fixture.write("recorder/src/bin/record.rs", RECORDER);
    let steps = r#"{{#steps stage1 stage2 "x * x" x=3 "A title" "A description"}}"#;
    let two = format!("# Two\n\n## Here\n\n{steps}\n");
    fixture.write("book/src/two.md", &two);
    let runs = || {
        fs::read_to_string(fixture.path("runs"))
            .unwrap()
            .lines()
            .count()
    };

    fixture.built();
    assert_eq!(runs(), 1);
    let page = fixture.page("two.html");
    for wanted in [
        "<td>Recorded.</td>",
        "[{\"stage\":\"stage1\"",
        "{\"stage\":\"stage2\"",
        "theme/stepper-",
    ] {
        assert!(page.contains(wanted), "{wanted} is not in\n{page}");
    }
    // What needs no steps loads nothing for them.
    assert!(!fixture.page("one.html").contains("stepper"));

    fixture.write("book/src/two.md", &format!("{two}\nWords.\n"));
    fixture.built();
    assert_eq!(runs(), 1, "kept");
    fixture.write("book/src/two.md", &two.replace("x=3", "x=4"));
    fixture.built();
    assert_eq!(runs(), 2, "another input");
    fixture.write(
        "recorder/src/bin/record.rs",
        &RECORDER.replace("Recorded", "Again"),
    );
    fixture.built();
    assert_eq!(runs(), 3, "another recorder");
    assert!(fixture.page("two.html").contains("<td>Again.</td>"));

    fixture.write(
        "recorder/src/bin/record.rs",
        "fn main() { panic!(\"no\"); }",
    );
    let refused = fixture.refused();
    assert!(
        refused.contains(
            "book/src/two.md:5: `cargo run --quiet --package recorder --bin record` failed"
        ),
        "{refused}"
    );
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).replace("\r\n", "\n")
}

#[test]
fn every_directive_reaches_the_page() {
    let fixture = Fixture::new();
    let said = fixture.built();
    for wanted in [
        "9 directives, 1 formulas, 1 examples run",
        "\ncoverage: 7 of 7 lines, 1 of 1 hunks shown\n",
        "index.html",
    ] {
        assert!(said.contains(wanted), "{wanted} is not in\n{said}");
    }

    let page = fixture.page("one.html");
    for wanted in [
        "<code>stages/stage1/src/graph.rs</code>",
        "<span class=\"hl-type\">Node</span>",
        "<ins><span class=\"diff-mark\">+</span>    <span class=\"hl-keyword\">pub</span> parents",
        "<code>cargo run <span class=\"unbroken\">--quiet</span> <span class=\"unbroken\">-p</span> stage2 ",
        "x = 2\n",
        "<desc id=\"graph-1-desc\">A description</desc>",
        "<th class=\"number\">error</th>",
        "<desc id=\"plot-2-desc\">A line</desc>",
        "<desc id=\"matrices-3-1-desc\">row 1: 1 1</desc>",
        "<span class=\"katex\">",
    ] {
        assert!(page.contains(wanted), "{wanted} is not in\n{page}");
    }
    for unwanted in ["{{#", "ANCHOR", "## values", "play.rust-lang.org"] {
        assert!(!page.contains(unwanted), "{unwanted} is in\n{page}");
    }
}

#[test]
fn the_commands_work_in_every_folder() {
    let fixture = Fixture::new();
    fixture.write("book/src/one.md", NO_EXAMPLE);
    fixture.write("work/stage1/Cargo.toml", "[package]\nname = \"stage1\"\n");
    fixture.write("work/stage1/src/lib.rs", "");
    for (folder, made) in [
        ("work/stage1/src", "5 pages: "),
        ("book/src", "Nothing has changed"),
        ("stages/stage1/src", "Nothing has changed"),
    ] {
        let mut command = fixture.command(&["build"]);
        let output = command.current_dir(fixture.path(folder)).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.starts_with(made), "{folder}: {said}");
        let page = fixture.path("book/book/index.html").canonicalize().unwrap();
        let (_, open) = said.trim_end().rsplit_once("Open ").unwrap();
        assert_eq!(Path::new(open).canonicalize().unwrap(), page);
    }
}

/// A chapter without an example to run: no program is built for it.
const NO_EXAMPLE: &str = "# One\n\n{{#diff stage1 stage2 graph.rs:node}}\n";

#[test]
fn a_book_is_made_again_when_something_has_changed_and_not_before() {
    let fixture = Fixture::new();
    fixture.write("book/src/one.md", NO_EXAMPLE);
    let workspace = fixture.workspace();
    let is_made = || book::build(&workspace).unwrap().is_some();
    assert!(is_made());
    assert!(!is_made(), "nothing has changed");

    let change = |place: &str| {
        let was = fs::read(fixture.path(place)).unwrap_or_default();
        // As long as before: not even that tells it.
        let mut now = was.clone();
        match now.iter().rposition(|byte| *byte == b'e') {
            Some(at) if place.ends_with(".md") || place.ends_with(".html") => now[at] = b'a',
            _ if was.is_empty() => now.push(b'\n'),
            _ => now.insert(0, b'\n'),
        }
        fs::create_dir_all(fixture.path(place).parent().unwrap()).unwrap();
        fs::write(fixture.path(place), now).unwrap();
    };
    for place in [
        "book/book.toml",
        "book/src/two.md",
        "book/src/images/new.svg",
        "book/theme/book.css",
        "book/theme/head.hbs",
        "stages/stage1/src/graph.rs",
        "stages/stage1/Cargo.toml",
        "stages/stage2/examples/graph.rs",
        "tests/examples/new.rs",
        "README.md",
        "Cargo.lock",
        ".cargo/config.toml",
        "book/book/one.html",
        "book/book/new.html",
        "target/book.digests",
    ] {
        change(place);
        assert!(is_made(), "{place} has changed");
        assert!(!is_made(), "{place} is as it was");
    }
    for place in [
        "book/book/two.html",
        "book/book/.nojekyll",
        "book/src/images/new.svg",
        "target/book.digests",
    ] {
        fs::remove_file(fixture.path(place)).unwrap();
        assert!(is_made(), "{place} is gone");
        assert!(!is_made(), "{place} is as it was");
    }
    for place in ["target/debug/x", "book/book.epub", "book/src/.one.md.swp"] {
        change(place);
        assert!(!is_made(), "{place} is not in the book");
    }
    fs::write(
        fixture.path("book/src/one.md"),
        fs::read(fixture.path("book/src/one.md")).unwrap(),
    )
    .unwrap();
    assert!(!is_made(), "saved as it was");
}

#[test]
fn two_builds_wait_for_each_other() {
    let fixture = Fixture::new();
    fs::create_dir_all(fixture.path("target")).unwrap();
    let other = fs::File::create(fixture.path("target/book.lock")).unwrap();
    other.lock().unwrap();

    let mut command = fixture.command(&["build"]);
    let mut build = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut said = BufReader::new(build.stderr.take().unwrap());
    said.read_line(&mut line).unwrap();
    assert_eq!(
        line,
        "Waiting for another `cargo book`, which is building the book.\n"
    );
    assert!(!fixture.path("book/book").exists());

    drop(other);
    assert!(build.wait().unwrap().success());
    assert!(fixture.path("book/book/one.html").exists());
}

#[test]
fn a_book_with_a_problem_is_never_passed_as_unchanged() {
    let fixture = Fixture::new();
    fixture.write("book/src/one.md", NO_EXAMPLE);
    let workspace = fixture.workspace();
    let build = || book::build(&workspace).map(|built| built.is_some());
    assert!(build().unwrap());
    let good = fs::read(fixture.path("book/src/two.md")).unwrap();
    for wrong in [
        "# Two\n\n[a](three.html)\n", // seen in the pages
        "# Two\n\n<b>open\n",         // seen by mdBook
        "# Two\n",                    // has no description
        "# Two\n\n{{#code x}}\n",
    ] {
        fixture.write("book/src/two.md", wrong);
        for _ in 0..2 {
            assert!(build().is_err(), "{wrong}");
        }
    }
    fs::write(fixture.path("book/src/two.md"), good).unwrap();
    assert!(build().unwrap(), "the pages were another book's");
    assert!(!build().unwrap());
}

#[test]
fn another_program_makes_another_book() {
    let fixture = Fixture::new();
    fixture.write("book/src/one.md", NO_EXAMPLE);
    let program = fixture.path("target/cargo-book");
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_cargo-book"), &program).unwrap();
    let built = || {
        let mut command = Command::new(&program);
        let output = command.arg("build").current_dir(fixture.path("")).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    assert!(built().starts_with("5 pages"));
    assert!(built().starts_with("Nothing has changed"));
    let file = fs::File::options().write(true).open(&program).unwrap();
    file.set_modified(std::time::SystemTime::UNIX_EPOCH)
        .unwrap();
    drop(file);
    assert!(built().starts_with("5 pages"));
}

/// The programs that `cargo book` asks for the live engine, each a script that takes their place.
#[cfg(unix)]
struct Toolchain {
    folder: TempDir,
}

#[cfg(unix)]
impl Toolchain {
    /// A compiler that knows no other target, rustup without a network, and a cargo that compiles.
    fn new() -> Toolchain {
        let toolchain = Toolchain {
            folder: tempfile::tempdir().unwrap(),
        };
        toolchain.replace("rustc", "echo \"${0%/*}/target\"");
        toolchain.replace("rustup", "exit 1");
        let artifact = r#"{"target":{"name":"recorder"},"filenames":["'$0.wasm'"]}"#;
        toolchain.replace(
            "cargo",
            &format!("printf '\\0asm' > \"$0.wasm\"; echo '{artifact}'"),
        );
        toolchain
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Another script for a program. That it was asked, and for what, is kept.
    fn replace(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt;
        let text = format!("#!/bin/sh\necho \"$@\" >> \"$0.asked\"\n{script}\n");
        fs::write(self.path(name), text).unwrap();
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(self.path(name), executable).unwrap();
    }

    /// What a program was asked for, line by line.
    fn asked(&self, name: &str) -> Vec<String> {
        let asked = fs::read_to_string(self.path(&format!("{name}.asked")));
        let asked = asked.unwrap_or_default();
        asked.lines().map(str::to_owned).collect()
    }

    /// What `cargo book build` prints with them, and what it says besides.
    fn build(&self, fixture: &Fixture, cargo: &str) -> (String, String) {
        let output = fixture
            .command(&["build"])
            .env("PATH", self.folder.path())
            .env("RUSTC", self.path("rustc"))
            .env_remove("ENGINE_CARGO")
            .env(cargo, self.path("cargo"))
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout.clone()).unwrap();
        (said, errors(&output))
    }
}

#[cfg(unix)]
impl Fixture {
    /// A book without an example, in a workspace with a recorder.
    fn with_recorder() -> Fixture {
        let fixture = Fixture::new();
        fixture.write("book/src/one.md", NO_EXAMPLE);
        fixture.write("scripts/recorder/Cargo.toml", "");
        fixture
    }

    /// The names of the engines beside the pages, and those that the pages have in their heads.
    fn engines(&self) -> (Vec<String>, Vec<Option<String>>) {
        let names = self.files("book/book").into_iter().filter_map(|path| {
            let name = path.file_name()?.to_str()?;
            name.starts_with("engine-").then(|| name.to_owned())
        });
        let pages = ["index.html", "one.html", "two.html"].map(|page| {
            let page = self.page(page);
            let (_, rest) = page.split_once("<meta name=\"autograd-engine\" content=\"")?;
            assert!(!rest.contains("autograd-engine"), "twice in {page}");
            let (name, rest) = rest.split_once("\">")?;
            assert!(rest.contains("</head>"), "not in the head of {page}");
            Some(name.to_owned())
        });
        (names.collect(), pages.into())
    }
}

#[cfg(unix)]
const NO_TARGET: &str = "note: without `rustup target add wasm32-unknown-unknown` the figures step through what was recorded, and nothing in them can be changed\n";

#[cfg(unix)]
#[test]
fn a_book_without_the_target_for_the_live_engine_says_so_and_is_complete() {
    let (fixture, toolchain) = (Fixture::with_recorder(), Toolchain::new());
    let (said, errors) = toolchain.build(&fixture, "CARGO");
    assert!(said.starts_with("5 pages"), "{said}{errors}");
    let asking = "Asking rustup for the target wasm32-unknown-unknown: with it, the figures run in the browser.\n";
    assert_eq!(errors, format!("{asking}{NO_TARGET}"));
    assert_eq!(fixture.engines(), (vec![], vec![None; 3]));
    let (said, errors) = toolchain.build(&fixture, "CARGO");
    assert!(said.starts_with("Nothing has changed"), "{said}{errors}");

    // rustup is asked once.
    fixture.write("book/src/two.md", "# Two\n\n## Here\n\nWords.\n");
    let (said, errors) = toolchain.build(&fixture, "CARGO");
    assert!(said.starts_with("5 pages"), "{said}");
    assert_eq!(errors, NO_TARGET);
    let added = "target add wasm32-unknown-unknown";
    assert_eq!(toolchain.asked("rustup"), [added]);
    assert_eq!(toolchain.asked("cargo"), Vec::<String>::new());

    // Nor is it there on every machine.
    fs::remove_file(fixture.path("target/engine.asked")).unwrap();
    fixture.write("book/src/two.md", "# Two\n\n## Here\n\nMore.\n");
    fs::remove_file(toolchain.path("rustup")).unwrap();
    let (said, errors) = toolchain.build(&fixture, "CARGO");
    assert!(said.starts_with("5 pages"), "{said}");
    assert_eq!(errors, format!("{asking}{NO_TARGET}"));

    // As soon as somebody has added the target, the same book is made again.
    fs::create_dir(toolchain.path("target")).unwrap();
    let (said, errors) = toolchain.build(&fixture, "CARGO");
    assert!(said.starts_with("5 pages"), "{said}");
    assert_eq!(errors, "");
    assert_eq!(fixture.engines().0.len(), 1);
}

#[cfg(unix)]
#[test]
fn rustup_adds_the_target_for_the_live_engine() {
    let (fixture, toolchain) = (Fixture::with_recorder(), Toolchain::new());
    toolchain.replace("rustup", "/bin/mkdir \"${0%/*}/target\"");
    let (said, errors) = toolchain.build(&fixture, "CARGO");
    assert!(said.starts_with("5 pages"), "{said}{errors}");
    assert!(!errors.contains("note"), "{errors}");
    assert_eq!(fixture.engines().0.len(), 1);
    let (said, _) = toolchain.build(&fixture, "CARGO");
    assert!(said.starts_with("Nothing has changed"), "{said}");
}

#[cfg(unix)]
#[test]
fn the_live_engine_is_beside_the_pages_and_in_their_heads() {
    let (fixture, toolchain) = (Fixture::with_recorder(), Toolchain::new());
    // Another cargo may have the target where this compiler has it not.
    let (said, errors) = toolchain.build(&fixture, "ENGINE_CARGO");
    assert!(said.starts_with("5 pages"), "{said}");
    assert_eq!(errors, "");
    assert_eq!(toolchain.asked("rustc"), Vec::<String>::new());
    assert_eq!(
        toolchain.asked("cargo"),
        [
            "rustc --quiet --package recorder --lib --crate-type cdylib --profile engine --target wasm32-unknown-unknown --message-format=json-render-diagnostics"
        ]
    );
    let (names, heads) = fixture.engines();
    assert_eq!(heads, [0; 3].map(|_| Some(names[0].clone())));
    assert_eq!(names.len(), 1);

    let (said, _) = toolchain.build(&fixture, "ENGINE_CARGO");
    assert!(said.starts_with("Nothing has changed"), "{said}");
    assert_eq!(toolchain.asked("cargo").len(), 1);

    // Another engine has another name, and what does not compile stops the book.
    let artifact = r#"{"target":{"name":"recorder"},"filenames":["'$0.wasm'"]}"#;
    let script = format!("printf 'other' > \"$0.wasm\"; echo '{artifact}'");
    toolchain.replace("cargo", &script);
    fixture.write("stages/stage1/src/lib.rs", "// New.\n");
    toolchain.build(&fixture, "ENGINE_CARGO");
    let (others, heads) = fixture.engines();
    assert_ne!(others, names);
    assert_eq!(heads, [0; 3].map(|_| Some(others[0].clone())));
    toolchain.replace("cargo", "echo 'error: no such item' >&2; exit 101");
    fixture.write("stages/stage1/src/lib.rs", "// Wrong.\n");
    let (_, errors) = toolchain.build(&fixture, "ENGINE_CARGO");
    for wanted in ["the live engine: cargo failed", "error: no such item"] {
        assert!(errors.contains(wanted), "{wanted} is not in {errors}");
    }
}

#[test]
fn what_editors_leave_behind_is_in_no_book() {
    let fixture = Fixture::new();
    fixture.built();
    let pages = fixture.files("book/book");
    let page = fixture.page("one.html");
    for folder in [
        "book",
        "book/src",
        "book/src/images",
        "book/theme",
        "book/theme/fonts",
        "stages",
        "stages/stage1/src",
        "stages/stage2/examples",
        "tests/src",
    ] {
        fs::create_dir_all(fixture.path(folder)).unwrap();
        let write = |name: &str, bytes: &[u8]| {
            fs::write(fixture.path(folder).join(name), bytes).unwrap();
        };
        for name in ["one.md", "graph.rs", "book.css", "fonts.css", "new.svg"] {
            write(&format!("._{name}"), &[0, 0xff, 0xfe]);
            write(&format!(".{name}.swp"), &[0, 0xff]);
            write(&format!("{name}~"), b"// ANCHOR: old\n");
            write(&format!("#{name}#"), b"half");
            #[cfg(unix)]
            {
                let note = fixture.path(folder).join(format!(".#{name}"));
                std::os::unix::fs::symlink("me@here.1:2", note).unwrap();
            }
        }
        write(".DS_Store", &[0, 0xff]);
    }
    // A change, or the pages would stay.
    fixture.write("book/src/two.md", "# Two\n\n## Here\n\nWords.\n");
    assert!(fixture.built().contains(" 9 directives, "));
    assert!(fixture.page("two.html").contains("Words."));
    let names = |pages: Vec<PathBuf>| {
        let search = |path: &PathBuf| !path.to_string_lossy().contains("search-index");
        pages.into_iter().filter(search).collect::<Vec<_>>()
    };
    assert_eq!(names(fixture.files("book/book")), names(pages));
    let head = |page: &str| page.split("search-index").next().unwrap().to_owned();
    assert_eq!(head(&fixture.page("one.html")), head(&page));

    fixture.write(
        "book/src/two.md",
        "# Two\n\n{{#code stages/stage1/src/graph.rs~}}\n",
    );
    let refused = fixture.refused();
    let wanted = "two.md:3: stages/stage1/src/graph.rs~ is hidden, or a copy that an editor keeps";
    assert!(refused.contains(wanted), "{refused}");
}

#[test]
fn mdbook_with_the_command_makes_the_same_pages() {
    let fixture = Fixture::new();
    // Without an example to run: the command has no target folder of its own.
    fixture.write(
        "book/src/one.md",
        "# One\n\n{{#diff stage1 stage2 graph.rs:node}}\n\n$x$\n",
    );
    let workspace = fixture.workspace();
    book::build(&workspace).unwrap();
    let ours = fixture.page("one.html");

    let settings = fs::read_to_string(fixture.path("book/book.toml")).unwrap();
    let command = "cargo run --quiet --package cargo-book --bin mdbook-stages";
    assert!(settings.contains(command));
    let binary = env!("CARGO_BIN_EXE_mdbook-stages").replace('\\', "/");
    fixture.write("book/book.toml", &settings.replace(command, &binary));
    let book = mdbook_driver::MDBook::load(fixture.path("book")).unwrap();
    book.build().unwrap();
    // But for the head: only `cargo book` puts the description and the search in, and takes out what no figure and
    // no question needs.
    let theirs = description::in_head(&fixture.page("one.html")).unwrap();
    let lines = theirs.split_inclusive('\n');
    let figures = ["stepper", "boundary", "pad", "slide", "quiz", "progress"]
        .map(|figure| format!("theme/{figure}"));
    let needed = lines.filter(|line| !figures.iter().any(|files| line.contains(files)));
    let (before, rest) = ours.split_once("<meta name=\"book-search\"").unwrap();
    let (_, after) = rest.split_once('\n').unwrap();
    assert_eq!(needed.collect::<String>(), format!("{before}{after}"));
}

#[test]
fn each_chapter_describes_itself_to_search_engines() {
    let fixture = Fixture::new();
    let workspace = fixture.workspace();
    let chapter = "# One\n\n{{#diff stage1 stage2 graph.rs:node}}\n";
    fixture.write("book/src/one.md", chapter);
    book::build(&workspace).unwrap();
    let meta = format!(
        r#"<meta name="description" content="{}">"#,
        DESCRIPTION.replace('&', "&amp;")
    );
    for page in ["index.html", "one.html", "two.html"].map(|page| fixture.page(page)) {
        assert_eq!(page.matches("description").count(), 1, "{page}");
        let (head, _) = page.split_once("</head>").unwrap();
        assert!(head.contains(&meta), "{head}");
    }
    assert!(!fixture.page("print.html").contains(&meta));

    // One that is being written has none yet.
    fs::write(fixture.path("book/src/two.md"), "# Two\n").unwrap();
    let message = "book/src/two.md:1: expected {{#description \"…\"}} below the heading: what a search engine shows of this chapter";
    let runner = Arc::new(Runner::new(&workspace));
    let preview = book::preview(&workspace, runner, Writing::default()).unwrap();
    assert_eq!(preview.outcome.gaps, [message]);
    assert_eq!(
        book::build(&workspace).unwrap_err().to_string(),
        format!("a problem in the book:\n  {message}")
    );
}

#[test]
fn each_page_leads_to_its_source_where_a_repository_is_known() {
    const KEY: &str = "MDBOOK_OUTPUT__HTML__GIT_REPOSITORY_URL";
    let fixture = Fixture::new();
    fixture.write("book/src/one.md", NO_EXAMPLE);
    let pages = |command: &mut Command| {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        ["index.html", "one.html", "two.html", "print.html"].map(|page| fixture.page(page))
    };
    let repository = "https://example.org/a/b";
    let known = pages(fixture.command(&["build"]).env(KEY, repository));
    for (page, source) in known[..3].iter().zip(["one.md", "one.md", "two.md"]) {
        for link in [
            format!(r#"<a href="{repository}/blob/HEAD/book/src/{source}">"#),
            format!(
                r#"<a class="report" href="{repository}/issues/new?template=wrong-statement.yml&amp;page={source}">"#
            ),
        ] {
            assert!(page.contains(&link), "{link} is not in {page}");
        }
    }
    for page in pages(fixture.command(&["build"]).env_remove(KEY))
        .iter()
        .chain([&known[3]])
    {
        assert!(
            !page.contains("report") && !page.contains("<footer"),
            "{page}"
        );
    }
}

#[test]
fn a_region_that_is_not_shown_is_reported_once() {
    let fixture = Fixture::new();
    fixture.write(
        "stages/stage2/src/trace.rs",
        "// ANCHOR: trace\nlet x;\n// ANCHOR_END: trace\n",
    );
    assert_eq!(
        fixture.refused(),
        "error: a problem in the book:
  stages/stage2/src/trace.rs:2: no chapter shows line 2: expected {{#code stages/stage2/src/trace.rs:trace}} or a diff
"
    );
}

#[test]
fn lines_that_are_as_in_the_stage_before_need_no_second_showing() {
    let fixture = Fixture::new();
    let same = "// ANCHOR: same\nlet same;\n// ANCHOR_END: same\n";
    fixture.write("stages/stage1/src/trace.rs", same);
    fixture.write("stages/stage2/src/trace.rs", &format!("// moved\n{same}"));
    fixture.write(
        "book/src/one.md",
        &format!(
            "{CHAPTER}\n{{{{#code stages/stage1/src/trace.rs:same}}}}\n\n\
             {{{{#diff stage1 stage2 trace.rs:top}}}}\n"
        ),
    );
    let output = fixture.command(&["build"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");

    fixture.write(
        "stages/stage2/src/trace.rs",
        &format!("// moved\n{}", same.replace("let", "not")),
    );
    assert_eq!(
        fixture.refused(),
        "error: 2 problems in the book:
  stages/stage1/src/trace.rs:2: no diff shows stage2 dropping line 2: expected {{#diff stage1 stage2 trace.rs:same}}
  stages/stage2/src/trace.rs:3: no chapter shows line 3: expected {{#code stages/stage2/src/trace.rs:same}} or a diff
"
    );
}

#[test]
fn the_coverage_is_listed_without_a_build() {
    let fixture = Fixture::new();
    fixture.write(
        "stages/stage1/src/graph.rs",
        &format!("{GRAPH}struct Edge;\n"),
    );
    let output = fixture.command(&["coverage"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "\
stages/stage1/src/graph.rs
  lines 2–4: book/src/one.md:3
  lines 2–4: book/src/one.md:5, stage1 → stage2
  line 6: not shown
stages/stage1/src/lib.rs
stages/stage2/src/graph.rs
  lines 2–5: book/src/one.md:5, stage1 → stage2
stages/stage2/src/lib.rs
coverage: 7 of 8 lines, 1 of 2 hunks shown
"
    );
    let said = errors(&output);
    let wanted = "warning: stages/stage1/src/graph.rs:6: no chapter shows line 6: ";
    assert!(said.starts_with(wanted), "{said}");
    assert!(!fixture.path("book/book").exists(), "nothing is built");
}

#[test]
fn all_problems_are_listed_at_once() {
    let fixture = Fixture::new();
    fixture.write(
        "book/src/one.md",
        "# One\n\n{{#code stages/stage1/src/nod.rs}}\n\n{{#diff stage1 stage1 graph.rs}}\n\n\
         {{#diff stage1 stage2 tape.rs}}\n\n{{#diff stage1 stage9 graph.rs}}\n\n\
         {{#run stage2 graph nothing}}\n\n{{#graph stage2 graph values \"T\" \"D\"}}\n\n\
         {{#diff stage1 stage2 graph.rs:edge}}\n\n{{#diff stage1 stage2 tape.rs:edge}}\n\n\
         {{#diff stage1 stage2 new.rs:edge}}\n\n{{#table stage2 graph dot}}\n\n\
         {{#plot stage2 graph values \"T\" \"D\"}}\n\n\
         {{#matrices stage2 graph values \"T\" \"D\"}}\n\n{{#plot stage2 graph values}}\n",
    );
    fixture.write("stages/stage2/src/new.rs", "x\n");
    fixture.write("stages/stage1/src/trace.rs", "// ANCHOR: open\nx\n");
    for place in ["tests/benches/a.rs", "tests/src/lib.rs"] {
        fixture.write(place, "// ANCHOR: a\nx\n// ANCHOR_END: a\n");
    }
    fixture.write(
        "stages/stage2/examples/graph.rs",
        &format!("// ANCHOR: main\n{EXAMPLE}\n// ANCHOR_END: main\n"),
    );
    assert_eq!(
        fixture.refused(),
        "error: 17 problems in the book:
  book/src/one.md:3: there is no file stages/stage1/src/nod.rs
  book/src/one.md:5: stages/stage1/src/graph.rs and stages/stage1/src/graph.rs do not differ here
  book/src/one.md:7: there is no file stages/stage1/src/tape.rs, and no stages/stage2/src/tape.rs
  book/src/one.md:9: there is no stage stage9 in stages/
  book/src/one.md:11: there is no section `nothing` in the output (it has: values, dot, table, curve, matrix)
  book/src/one.md:13: the section `values` holds no graph that can be drawn: line 1: expected `digraph`, found `x`
  book/src/one.md:15: there is no anchor `edge` in stages/stage1/src/graph.rs (it has: node), nor in stages/stage2/src/graph.rs (it has: node)
  book/src/one.md:17: there is no file stages/stage1/src/tape.rs, and no stages/stage2/src/tape.rs
  book/src/one.md:19: there is no anchor `edge` in stages/stage2/src/new.rs (it has no anchors)
  book/src/one.md:21: the section `dot` is no table: expected a header and at least one row under it
  book/src/one.md:23: the section `values` holds no plot that can be drawn: line 1: expected two numbers, found `x = 2`
  book/src/one.md:25: the section `values` holds no matrices that can be drawn: line 1: expected `matrix: NAME` first, found `x = 2`
  book/src/one.md:27: expected {{#plot STAGE EXAMPLE SECTION \"TITLE\" \"DESCRIPTION\"}}, none of them empty
  stages/stage1/src/trace.rs:1: the anchor `open` is not closed: expected a line `// ANCHOR_END: open`
  stages/stage2/examples/graph.rs:1: no chapter shows the anchor `main`: expected {{#code stages/stage2/examples/graph.rs:main}} or a diff, or no anchor
  tests/benches/a.rs:1: no chapter shows the anchor `a`: expected {{#code tests/benches/a.rs:a}} or a diff, or no anchor
  tests/src/lib.rs:1: no chapter shows the anchor `a`: expected {{#code tests/src/lib.rs:a}} or a diff, or no anchor
"
    );
}

#[test]
fn an_example_that_fails_is_an_error_with_what_it_said() {
    let fixture = Fixture::new();
    fixture.write(
        "stages/stage2/examples/graph.rs",
        "fn main() { eprintln!(\"oh no\"); std::process::exit(3); }",
    );
    let message = fixture.refused();
    let start = "  book/src/one.md:7: `cargo run --quiet -p stage2 --example graph` failed (exit";
    assert!(
        message.contains(start) && message.contains("    oh no\n"),
        "{message}"
    );
}

#[test]
fn a_broken_link_and_a_stray_tag_are_errors() {
    let fixture = Fixture::new();
    fixture.write(
        "book/src/two.md",
        "# Two\n\nthree.html (three.htmlx)\n\n[a](three.html)\n",
    );
    assert_eq!(
        fixture.refused(),
        "error: 2 problems in the pages:
  book/src/one.md:17: `two.md#here` leads to no place in that page
  book/src/two.md:5: `three.html` is not there
"
    );
    fixture.write("book/src/two.md", "# Two\n\n## Here\n\n<b>open\n");
    let message = fixture.refused();
    assert!(
        message.starts_with(
            "error: a problem in the book, seen by mdBook:\n  unclosed HTML tag `<b>`"
        ),
        "{message}"
    );
}

#[test]
fn an_example_runs_again_only_when_its_program_has_changed() {
    let fixture = Fixture::new();
    // How often it has run for a book that shows these words of it. Another chapter changes each time,
    // or the pages would stay.
    let books = Cell::new(0);
    let runs = |words: &str| -> usize {
        books.set(books.get() + 1);
        let two = format!("# Two\n\n## Here\n\nBook {}.\n", books.get());
        fixture.write("book/src/two.md", &two);
        let said = fixture.built();
        let page = fixture.page("one.html");
        assert!(page.contains(words), "{words} is not in\n{page}");
        let (before, _) = said.split_once(" examples run").unwrap();
        before.rsplit(' ').next().unwrap().parse().unwrap()
    };
    assert_eq!(runs("x = 2\n"), 1);
    assert_eq!(runs("x = 2\n"), 0);

    fixture.write(
        "stages/stage2/examples/graph.rs",
        &EXAMPLE.replace("1 + 1", "1 + 2"),
    );
    assert_eq!(runs("x = 3\n"), 1);
    assert_eq!(runs("x = 3\n"), 0);

    let kept = fixture.path("target/debug/examples/graph.printed");
    let text = fs::read_to_string(&kept).unwrap();
    for damaged in ["", "nonsense", &text[1..], &text.replace(' ', "")] {
        fs::write(&kept, damaged).unwrap();
        assert_eq!(runs("x = 3\n"), 1, "{damaged}");
    }
    assert_eq!(fs::read_to_string(&kept).unwrap(), text);
}

#[test]
fn wrong_use_of_the_command_is_refused() {
    let fixture = Fixture::new();
    let outside = tempfile::tempdir().unwrap();
    let output = fixture
        .command(&["build"])
        .current_dir(outside.path())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let message = errors(&output);
    assert!(
        message.starts_with("error: ")
            && message.ends_with(" is outside of the workspace: neither it nor a folder above it holds both Cargo.toml and stages\n"),
        "{message}"
    );

    let output = fixture.command(&["bild"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let message = errors(&output);
    assert!(
        message.starts_with("error: unrecognized subcommand 'bild'") && message.contains("'build'"),
        "{message}"
    );
}

/// A process that does not outlive the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// How long a test waits for what should come at once.
const PATIENCE: Duration = Duration::from_secs(20);

fn get(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// What the server tells an open page.
fn events(port: u16) -> impl Iterator<Item = String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let path = "/_tower-livereload/event-stream";
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    // From here on it is heard.
    assert!(lines.any(|line| line == "event: init"));
    lines
}

/// A server for the fixture, its port, and what it prints from then on.
fn served(fixture: &Fixture) -> (Running, u16, impl Iterator<Item = String> + Send + use<>) {
    let mut child = fixture
        .command(&["--port", "0", "--no-open"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let running = Running(child);
    let mut lines = output.lines().map_while(Result::ok);
    let address = lines
        .find(|line| line.contains("http://localhost:"))
        .unwrap();
    let port = address.split("localhost:").nth(1).unwrap();
    let port = port.split('/').next().unwrap().parse().unwrap();
    (running, port, lines)
}

#[test]
fn the_server_serves_and_rebuilds() {
    let fixture = Fixture::new();
    fixture.write(
        "book/src/one.md",
        "# One\n\n{{#diff stage1 stage2 graph.rs:node}}\n\nold\n",
    );
    let (_running, port, mut lines) = served(&fixture);

    let page = get(port, "/one.html");
    assert!(
        page.starts_with("HTTP/1.1 200") && page.contains("old"),
        "{page}"
    );
    assert!(get(port, "/no.html").starts_with("HTTP/1.1 404"));
    let mut events = events(port);

    fixture.write(
        "book/src/one.md",
        "# One\n\n{{#diff stage1 stage2 graph.rs:node}}\n\nnew words\n",
    );
    let start = Instant::now();
    // A book that is being built is not answered from: no page is ever missing.
    while !get(port, "/one.html").contains("new words") {
        assert!(start.elapsed() < PATIENCE, "not rebuilt");
        assert!(get(port, "/two.html").starts_with("HTTP/1.1 200"));
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(lines.next().unwrap(), "Rebuilding…");
    assert!(lines.next().unwrap().starts_with("Rebuilt: "));
    assert!(lines.next().unwrap().starts_with("coverage: "));
    assert!(events.any(|line| line == "event: reload"));
    // Reading the sources is no change of them: nothing more is built.
    let (sender, more) = mpsc::channel();
    std::thread::spawn(move || lines.for_each(|line| drop(sender.send(line))));
    assert_eq!(more.recv_timeout(Duration::from_millis(1500)).ok(), None);
}

/// An example that writes down each run, and does not end before there is a file `go`.
const WAITING: &str = r#"
use std::{fs, io::Write, path::Path, thread, time::Duration};

fn main() {
    let mut runs = fs::OpenOptions::new().create(true).append(true).open("runs").unwrap();
    runs.write_all(b"x").unwrap();
    while !Path::new("go").exists() {
        thread::sleep(Duration::from_millis(10));
    }
    println!("first");
}
"#;

#[test]
fn the_reader_s_progress_is_shown_where_it_is_made_and_not_in_a_published_book() {
    let fixture = Fixture::new();
    let meta = "<meta name=\"course-progress\" content=\"../../work/.progress.js\">";
    fixture.built();
    let page = fixture.page("one.html");
    assert!(!page.contains("progress"), "{page}");

    let (running, port, _lines) = served(&fixture);
    let page = get(port, "/one.html");
    assert!(
        page.contains(meta) && page.contains("theme/progress-"),
        "{page}"
    );
    let told = || get(port, "/work/.progress.js");
    assert!(told().starts_with("HTTP/1.1 200 ") && !told().contains("course"));
    for text in ["courseProgress(1);", "courseProgress(2);"] {
        fixture.write("work/.progress.js", text);
        assert!(told().contains(text), "without another book: {}", told());
    }

    // It would build the same pages.
    drop(running);
    fixture.write("book/src/two.md", "# Two\n\n## Here\n\nOther words.\n");
    fixture.built();
    let page = fixture.page("one.html");
    assert!(page.contains(meta), "{page}");
}

#[test]
fn examples_run_again_when_code_changes_and_pages_do_not_wait_for_them() {
    let fixture = Fixture::new();
    let chapter = "# One\n\n{{#diff stage1 stage2 graph.rs:node}}\n\n{{#run stage2 graph}}\n";
    fixture.write("book/src/one.md", chapter);
    fixture.write("stages/stage2/examples/graph.rs", WAITING);
    fixture.write("go", "");
    let (_running, port, lines) = served(&fixture);
    let mut lines = lines.filter(|line| line.starts_with("Rebuil"));
    let runs = || fs::read_to_string(fixture.path("runs")).unwrap().len();
    assert_eq!(runs(), 1);

    fixture.write("book/src/one.md", &format!("{chapter}\nwords\n"));
    assert_eq!(lines.next().unwrap(), "Rebuilding…");
    let rebuilt = lines.next().unwrap();
    assert!(rebuilt.contains(" 0 examples run"), "{rebuilt}");
    let page = get(port, "/one.html");
    assert!(page.contains("first") && page.contains("words"), "{page}");
    assert_eq!(runs(), 1);

    fs::remove_file(fixture.path("go")).unwrap();
    fixture.write(
        "stages/stage2/examples/graph.rs",
        &WAITING.replace("first", "second"),
    );
    assert_eq!(lines.next().unwrap(), "Rebuilding…");
    let start = Instant::now();
    while runs() == 1 {
        assert!(start.elapsed() < PATIENCE, "not run again");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(get(port, "/one.html").contains("first"));

    // One that does not end is stopped when it is mended.
    fixture.write(
        "stages/stage2/examples/graph.rs",
        "fn main() { println!(\"third\"); }",
    );
    let start = Instant::now();
    while !get(port, "/one.html").contains("third") {
        assert!(start.elapsed() < PATIENCE, "not stopped");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(lines.next().unwrap(), "Rebuilding…");
    let rebuilt = lines.next().unwrap();
    assert!(rebuilt.contains(" 1 examples run"), "{rebuilt}");
}

#[test]
fn an_unfinished_chapter_is_shown_with_warnings_and_not_published() {
    let fixture = Fixture::new();
    fixture.write("book/src/one.md", "# One\n\nTo be written.\n");
    let (mut running, port, lines) = served(&fixture);
    assert!(get(port, "/one.html").contains("To be written."));
    fixture.write("book/src/one.md", "# One\n\nStill to be written.\n");
    let mut lines = lines.skip_while(|line| !line.starts_with("Rebuilt: "));
    assert!(lines.next().is_some());
    assert!(get(port, "/one.html").contains("Still to be written."));

    let mut said = String::new();
    let _ = running.0.kill();
    let mut errors = running.0.stderr.take().unwrap();
    errors.read_to_string(&mut said).unwrap();
    let refused = fixture.refused();
    let problems: Vec<&str> = refused.lines().skip(1).collect();
    assert_eq!(problems.len(), 2, "{refused}");
    let warnings: String = problems
        .iter()
        .map(|problem| format!("warning: {}\n", problem.trim_start()))
        .collect();
    assert_eq!(said, warnings.repeat(2));
}

/// What is wrong is no warning, and said once, also while the book is being written.
#[test]
fn what_the_coverage_cannot_read_is_refused() {
    let fixture = Fixture::new();
    // Without an example to run: there is no command with a target folder of its own.
    let chapter = "# One\n\n{{#diff stage1 stage2 graph.rs:node}}\n";
    fixture.write("book/src/one.md", chapter);
    let workspace = fixture.workspace();
    let refused = |message: &str| {
        let runner = Arc::new(Runner::new(&workspace));
        let preview = book::preview(&workspace, runner, Writing::default());
        assert_eq!(preview.unwrap_err().to_string(), message);
    };
    fixture.write("stages/stage2/src/trace.rs", "// ANCHOR: open\nx\n");
    refused(
        "a problem in the book:
  stages/stage2/src/trace.rs:1: the anchor `open` is not closed: expected a line `// ANCHOR_END: open`",
    );
}

#[test]
fn nobody_needs_to_read_on() {
    let fixture = Fixture::new();
    for arguments in ["build", "coverage"] {
        let mut child = fixture
            .command(&[arguments])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(errors(&output), "");
    }
}

#[test]
fn a_taken_port_is_refused() {
    let fixture = Fixture::new();
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = fixture
        .command(&["serve", "--no-open", "--port", &port])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = errors(&output);
    let wanted = format!(
        "error: port {port} is taken by another program: choose another with `cargo book --port "
    );
    assert!(message.starts_with(&wanted), "{message}");
}

#[test]
fn the_picture_of_the_readme_is_up_to_date() {
    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let committed = workspace.read(cargo_book::draw::picture::PLACE).unwrap();
    let drawn = cargo_book::draw::picture::draw(&workspace).unwrap();
    assert!(
        committed == drawn,
        "draw it again with `cargo book picture`"
    );
}

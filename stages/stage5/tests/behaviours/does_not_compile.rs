//! What the compiler refuses: a variable that leaves its recording, or meets one of another.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::process::{self, Command, Output};

use pretty_assertions::assert_eq;

/// The compiler has no code for this error.
const LIFETIME: &str = "lifetime may not live long enough";

/// A name, what the compiler says, and the program.
const WRONG: [(&str, &[&str], &str); 6] = [
    (
        "a_variable_leaves_its_recording",
        &[LIFETIME],
        "let mut tape = Tape::new();
         let x = tape.open(|trace| trace.input(3.0));",
    ),
    (
        "a_variable_is_kept_outside",
        &["E0521"],
        "let mut kept = None;
         Tape::new().open(|trace| kept = Some(trace.input(3.0)));",
    ),
    (
        "variables_of_two_tapes_meet",
        &["E0521"],
        "Tape::new().open(|here| {
             Tape::new().open(|there| (here.input(3.0) * there.input(4.0)).value())
         });",
    ),
    (
        "a_seed_for_a_variable_of_another_tape",
        &["E0521", LIFETIME],
        "Tape::new().open(|here| {
             let x = here.input(3.0);
             Tape::new().open(|there| drop(there.backward(&[(x, 1.0)])))
         });",
    ),
    (
        "a_tape_is_cleared_while_it_is_recorded",
        &["E0499"],
        "let mut tape = Tape::new();
         tape.open(|trace| {
             let x = trace.input(3.0);
             tape.open(|_| ());
             (x * x).record().value()
         });",
    ),
    (
        "a_variable_leaves_a_rewound_recording",
        &["E0521"],
        "let mut tape = Tape::new();
         let mut kept = Vec::new();
         let mark = tape.open(|trace| trace.mark(&[]));
         tape.rewind(&mark, |trace, _| kept.push(trace.input(3.0)));",
    ),
];

/// Has the compiler look at a library or a program, and returns what it says.
fn compile(arguments: &[&OsStr]) -> Output {
    let mut command = Command::new("rustc");
    command
        .args([
            "--edition",
            "2024",
            "--emit",
            "metadata",
            "--cap-lints",
            "allow",
        ])
        .args(["--error-format", "short"])
        .args(arguments);
    command.output().unwrap()
}

/// What the compiler says of each program, by its name.
fn errors() -> BTreeMap<String, BTreeSet<String>> {
    let folder = env::temp_dir().join(format!("stage5-does-not-compile-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let library = folder.join("libstage5.rmeta");
    let [out, crate_type, name] = ["-o", "--crate-type=lib", "--crate-name=stage5"].map(OsStr::new);
    // A test is run in the folder of its crate.
    let source = OsStr::new("src/lib.rs");
    let output = compile(&[crate_type, name, out, library.as_os_str(), source]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "the stage itself does not compile:\n{text}"
    );

    let mut external = OsString::from("--extern=stage5=");
    external.push(&library);
    let mut errors = BTreeMap::new();
    for (name, _, body) in WRONG {
        let source = folder.join(format!("{name}.rs"));
        let program = format!("use stage5::Tape;\n\nfn main() {{\n{body}\n}}\n");
        fs::write(&source, program).unwrap();
        let to = source.with_extension("rmeta");
        let output = compile(&[&external, out, to.as_os_str(), source.as_os_str()]);
        let text = String::from_utf8(output.stderr).unwrap();
        println!("{text}");
        // NAME.rs:LINE:COLUMN: error[CODE]: MESSAGE
        let codes = text.lines().filter_map(|line| {
            let (_, error) = line.split_once(": error")?;
            let code = error.trim_start_matches(['[', ':', ' ']);
            code.split([']', ':']).next().map(str::to_owned)
        });
        errors.insert(name.to_owned(), codes.collect());
    }
    fs::remove_dir_all(&folder).unwrap();
    errors
}

#[test]
fn each_wrong_program_is_refused_for_its_own_reason() {
    let expected = WRONG.map(|(name, errors, _)| {
        let errors = errors.iter().map(|error| (*error).to_owned());
        (name.to_owned(), errors.collect())
    });
    assert_eq!(errors(), BTreeMap::from(expected));
}

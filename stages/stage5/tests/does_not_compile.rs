//! What the compiler refuses: a variable that leaves its recording, or meets one of another.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

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
        "a_variable_from_before_a_rewind",
        &["E0521"],
        "let mut tape = Tape::new();
         let mut kept = Vec::new();
         let mark = tape.open(|trace| trace.mark(&[]));
         tape.rewind(&mark, |trace, _| kept.push(trace.input(3.0)));",
    ),
];

/// What the compiler says of each program, by its name.
fn errors() -> BTreeMap<String, BTreeSet<String>> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("does_not_compile");
    let examples = folder.join("examples");
    fs::create_dir_all(&examples).unwrap();
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/lib.rs"), "").unwrap();
    let manifest = format!(
        "[package]\nname = \"wrong\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
         stage5 = {{ package = {:?}, path = {:?} }}\n",
        env!("CARGO_PKG_NAME"),
        env!("CARGO_MANIFEST_DIR")
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    for (name, _, body) in WRONG {
        let program = format!("use stage5::Tape;\n\nfn main() {{\n{body}\n}}\n");
        fs::write(examples.join(format!("{name}.rs")), program).unwrap();
    }
    let output = Command::new(env!("CARGO"))
        .args([
            "check",
            "--offline",
            "--examples",
            "--keep-going",
            "--message-format",
            "short",
        ])
        .arg("--target-dir")
        .arg(folder.join("target"))
        .current_dir(&folder)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    println!("{text}");
    let mut errors: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in text.lines() {
        // examples/NAME.rs:LINE:COLUMN: error[CODE]: MESSAGE
        let Some((place, error)) = line.split_once(": error") else {
            continue;
        };
        let name = place.split(['/', '\\', '.']).nth(1).unwrap();
        let code = error.trim_start_matches(['[', ':', ' ']);
        let code = code.split([']', ':']).next().unwrap();
        let errors = errors.entry(name.to_owned()).or_default();
        errors.insert(code.to_owned());
    }
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

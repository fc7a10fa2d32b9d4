//! Stages with one edit each, so that a reader can watch what goes wrong with it. They are compiled
//! from the sources of the stages, and watched by what watches these.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The stage, what it is called, and its edit: a planted bug of the course, or one of our own.
const VARIANTS: [(&str, &str, &str); 3] = [
    ("stage2", "at_once", "variants/at-once.toml"),
    (
        "stage2",
        "dropped_recursion",
        "../cargo-course/content/stage2/bugs/dropped-recursion.toml",
    ),
    (
        "stage3",
        "confused_traces",
        "../cargo-course/content/stage3/bugs/confused-traces.toml",
    ),
];

#[derive(Deserialize)]
struct Edit {
    file: String,
    find: String,
    replace: String,
}

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("Cargo says where to write"));
    let mut modules = String::new();
    for (stage, name, edit) in VARIANTS {
        let folder = out.join(name);
        fs::create_dir_all(&folder).expect("a folder for the variant");
        let edit: Edit = toml::from_str(&read(Path::new(edit))).expect("an edit");
        let mut sources = sources(stage);
        let text = sources.get_mut(&edit.file).expect("the edited file");
        assert_eq!(
            text.matches(&edit.find).count(),
            1,
            "{name} fits in one place"
        );
        *text = text.replacen(&edit.find, &edit.replace, 1);

        let engine = format!("crate::variants::{name}::engine::");
        for (file, text) in &sources {
            // It is a module here, and the engine's own files are beside it.
            let text = text.replace("crate::", &engine);
            write(&folder.join(file), &text);
        }
        let watch = read(&Path::new("src/stages").join(format!("{stage}.rs")));
        let watch = watch.replace(&format!("use {stage}::"), "use super::engine::");
        write(&folder.join("watch.rs"), &watch);
        let files: String = sources
            .iter()
            .fold(String::new(), |mut files, (file, text)| {
                let _ = write!(files, "({file:?}, {text:?}), ");
                files
            });
        let _ = writeln!(
            modules,
            "/// A stage with one edit.\n\
             pub mod {name} {{\n\
             #[path = {:?}]\n\
             pub mod engine;\n\
             #[path = {:?}]\n\
             pub mod watch;\n\
             /// Its files.\n\
             pub const SOURCES: crate::listing::Sources = crate::listing::Sources {{\n\
             folder: \"changed: stages/{stage}/src\", files: &[{files}] }};\n\
             }}",
            folder.join("lib.rs"),
            folder.join("watch.rs"),
        );
    }
    write(&out.join("variants.rs"), &modules);
    println!("cargo::rerun-if-changed=build.rs");
}

fn sources(stage: &str) -> BTreeMap<String, String> {
    let folder = Path::new("../../stages").join(stage).join("src");
    let files = fs::read_dir(&folder).expect("the stage's files");
    let files = files.map(|file| file.expect("a file").file_name());
    let names = files.map(|name| name.into_string().expect("a plain name"));
    let read = |name: String| {
        let text = read(&folder.join(&name));
        (name, text)
    };
    names.map(read).collect()
}

fn read(path: &Path) -> String {
    println!("cargo::rerun-if-changed={}", path.display());
    let text = fs::read_to_string(path);
    text.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

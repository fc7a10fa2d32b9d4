//! The settings and the theme of the real book, for a small one.

use std::path::Path;

use project::Workspace;

/// The places of the files with their texts. Which style sheets and scripts there are, the settings say.
pub(crate) fn files() -> Vec<(String, String)> {
    let real = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let settings: toml::Table = toml::from_str(&real.read("book/book.toml").unwrap()).unwrap();
    let html = &settings["output"]["html"];
    let named = ["additional-css", "additional-js"].map(|key| html[key].as_array().unwrap());
    let named = named.into_iter().flatten();
    let named = named.map(|file| file.as_str().unwrap());
    let others = [
        "book.toml",
        "theme/book.js",
        "theme/head.hbs",
        "theme/index.hbs",
        "theme/toc.html.hbs",
    ];
    let places = others.into_iter().chain(named);
    let places = places.map(|file| format!("book/{file}"));
    places
        .map(|place| (place.clone(), real.read(&place).unwrap()))
        .collect()
}

//! Stages with one edit each, for what goes wrong with it: `build.rs` makes them.

include!(concat!(env!("OUT_DIR"), "/variants.rs"));

/// What is not called after its stage in the pictures.
const TITLES: [(&str, &str); 4] = [
    ("forward", "Forward mode"),
    ("stage2-at-once", "Stage 2, if nodes passed on at once"),
    (
        "stage2-dropped-recursion",
        "Stage 2, with the drop that Rust writes",
    ),
    ("stage3-confused-traces", "Stage 3, if every box came off"),
];

/// The stage that a variant is made of.
pub fn base(stage: &str) -> &str {
    let known = TITLES.iter().any(|(name, _)| *name == stage);
    match stage.split_once('-') {
        Some((base, _)) if known => base,
        _ => stage,
    }
}

/// What a stage or a variant is called.
pub fn title(stage: &str) -> String {
    let known = TITLES.iter().find(|(name, _)| *name == stage);
    known.map_or_else(
        || stage.replacen("stage", "Stage ", 1),
        |(_, title)| (*title).to_owned(),
    )
}

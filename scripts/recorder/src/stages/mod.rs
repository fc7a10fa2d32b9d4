//! The stages, each watched from outside.

pub mod stage1;
pub mod stage2;
pub mod stage3;
pub mod stage4;

use crate::listing::Sources;

macro_rules! sources {
    ($folder:literal: $($file:literal)*) => {
        Sources {
            folder: concat!("stages/", $folder, "/src"),
            files: &[$((
                $file,
                include_str!(concat!("../../../../stages/", $folder, "/src/", $file)),
            )),*],
        }
    };
}

/// The files of stage 1 that are shown.
pub const STAGE1: Sources = sources!("stage1": "graph.rs" "trace.rs" "backward.rs");
/// The files of stage 2 that are shown.
pub const STAGE2: Sources = sources!("stage2": "graph.rs" "trace.rs" "backward.rs");
/// The files of stage 3 that are shown.
pub const STAGE3: Sources = sources!("stage3": "trace.rs" "backward.rs");
/// The files of stage 4 that are shown.
pub const STAGE4: Sources = sources!("stage4": "trace.rs" "backward.rs" "vjp.rs" "rules.rs");

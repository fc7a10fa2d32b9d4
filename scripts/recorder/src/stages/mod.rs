//! The stages, each watched from outside.

pub mod stage2;

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

/// The files of stage 2 that are shown.
pub const STAGE2: Sources = sources!("stage2": "graph.rs" "trace.rs" "backward.rs");

//! stage4

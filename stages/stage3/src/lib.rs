//! stage3

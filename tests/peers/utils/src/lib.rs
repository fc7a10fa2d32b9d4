//! `RustQuant_autodiff` uses the crate of this name in its tests alone, and that one brings fifty others, which draw.

//! What must hold across the stages.

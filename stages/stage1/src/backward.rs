//! The walk: gradients are pulled from the results.

use crate::graph::Var;

// ANCHOR: seed
impl Var {
    /// Declares `gradient` to be d output / d this variable: 1 makes this variable the output.
    pub fn seed(&self, gradient: f64) {
        self.grad_cache().set(Some(gradient));
    }

    /// Forgets this variable's gradient, seeded or pulled. Other variables keep theirs.
    pub fn clear(&self) {
        self.grad_cache().set(None);
    }
}
// ANCHOR_END: seed

// ANCHOR: grad
impl Var {
    /// The gradient: d output / d this variable, for the outputs that have been seeded.
    ///
    /// A seed is returned as it is. Otherwise the gradient is the sum over all children of weight ×
    /// the child's gradient, computed once and then remembered. If nothing is seeded, it is 0.
    ///
    /// # Stack
    ///
    /// The children are asked recursively, so a chain of some ten thousand operations ends in a
    /// stack overflow.
    pub fn grad(&self) -> f64 {
        if let Some(grad) = self.grad_cache().get() {
            return grad;
        }
        let mut grad = 0.0;
        for (weight, child) in self.children() {
            grad += weight * child.grad();
        }
        self.grad_cache().set(Some(grad));
        grad
    }
}
// ANCHOR_END: grad

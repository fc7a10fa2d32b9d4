//! The walk.

use crate::graph::Var;

impl Var {
    /// Declares the gradient.
    pub fn seed(&self, gradient: f64) {
        self.set_gradient(Some(gradient));
    }

    /// Forgets the gradient.
    pub fn clear(&self) {
        self.set_gradient(None);
    }

    /// The gradient.
    pub fn grad(&self) -> f64 {
        self.gradient().unwrap_or_else(|| {
            let contributions = self
                .children()
                .into_iter()
                .map(|(weight, child)| child.grad() * weight);
            let gradient = contributions.sum();
            self.set_gradient(Some(gradient));
            gradient
        })
    }
}

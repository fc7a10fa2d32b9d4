//! The walk: children first, in a loop.

use crate::graph::{Var, change};

impl Var {
    /// Declares the gradient.
    pub fn seed(&self, gradient: f64) {
        self.declared().set(Some(gradient));
        change();
    }

    /// Forgets the seed; answers are never kept for long.
    pub fn clear(&self) {
        self.declared().set(None);
        change();
    }

    /// What is known of the gradient without asking any child.
    fn known(&self) -> Option<f64> {
        self.declared().get().or_else(|| self.answer())
    }

    /// The gradient.
    pub fn grad(&self) -> f64 {
        let mut waiting = vec![self.clone()];
        while let Some(var) = waiting.last().cloned() {
            let children = var.children();
            let unknown: Vec<Var> = match var.known() {
                Some(_) => Vec::new(),
                None => children
                    .iter()
                    .filter(|(_, child)| child.known().is_none())
                    .map(|(_, child)| child.clone())
                    .collect(),
            };
            if unknown.is_empty() {
                waiting.pop();
                if var.known().is_none() {
                    let gradient = children
                        .iter()
                        .rev()
                        .map(|(weight, child)| weight * child.known().expect("it was asked"))
                        .sum();
                    var.remember(gradient);
                }
            } else {
                waiting.extend(unknown);
            }
        }
        self.known().expect("it was worked out")
    }
}

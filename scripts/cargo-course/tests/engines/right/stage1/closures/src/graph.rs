//! The data: variables that point at the results they went into.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use crate::trace::Weight;

/// A number that takes part in a computation and can be asked for its gradient.
///
/// A clone is a second handle to the same variable, not a copy of it.
#[derive(Clone)]
pub struct Var(Rc<Inner>);

struct Inner {
    value: f64,
    /// The results this variable went into, each with its weight: d result / d this variable.
    children: RefCell<Vec<(Weight, Var)>>,
    /// The gradient, once it has been seeded or pulled.
    grad: Cell<Option<f64>>,
}

impl Var {
    /// A new variable that has gone into nothing yet.
    pub fn new(value: f64) -> Var {
        Var(Rc::new(Inner {
            value,
            children: RefCell::new(Vec::new()),
            grad: Cell::new(None),
        }))
    }

    /// The number itself.
    pub fn value(&self) -> f64 {
        self.0.value
    }

    /// The results this variable went into, each with its weight d result / d this variable.
    ///
    /// ```
    /// use stage1::Var;
    ///
    /// let x = Var::new(3.0);
    /// let y = &x * 5.0;
    /// let (weight, child) = &x.children()[0];
    /// assert_eq!((*weight, child.value()), (5.0, y.value()));
    /// ```
    pub fn children(&self) -> Vec<(f64, Var)> {
        let children = self.0.children.borrow();
        let with_weight = |(weight, child): &(Weight, Var)| (weight(), child.clone());
        children.iter().map(with_weight).collect()
    }

    pub(crate) fn add_child(&self, weight: Weight, result: &Var) {
        self.0.children.borrow_mut().push((weight, result.clone()));
    }

    pub(crate) fn grad_cache(&self) -> &Cell<Option<f64>> {
        &self.0.grad
    }
}

impl From<f64> for Var {
    /// A plain number becomes a variable of its own.
    fn from(value: f64) -> Self {
        Self::new(value)
    }
}

impl fmt::Debug for Var {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Var").field(&self.value()).finish()
    }
}

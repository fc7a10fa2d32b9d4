//! The data: variables that point at the results they went into.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

/// A number that takes part in a computation and can be asked for its gradient.
///
/// A clone is a second handle to the same variable, not a copy of it.
#[derive(Clone)]
pub struct Var(Rc<Inner>);

struct Inner {
    value: f64,
    /// The results this variable went into, each with its weight: d result / d this variable.
    children: RefCell<Vec<(f64, Var)>>,
    /// What was declared.
    seed: Cell<Option<f64>>,
    /// What was worked out, and at which time.
    answer: Cell<(u64, f64)>,
}

impl Var {
    /// A new variable that has gone into nothing yet.
    pub fn new(value: f64) -> Var {
        Var(Rc::new(Inner {
            value,
            children: RefCell::new(Vec::new()),
            seed: Cell::new(None),
            answer: Cell::new((0, f64::NAN)),
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
        self.0.children.borrow().clone()
    }

    pub(crate) fn add_child(&self, weight: f64, result: &Var) {
        self.0.children.borrow_mut().push((weight, result.clone()));
        change();
    }

    pub(crate) fn declared(&self) -> &Cell<Option<f64>> {
        &self.0.seed
    }

    /// The answer, if nothing has changed since.
    pub(crate) fn answer(&self) -> Option<f64> {
        let (time, answer) = self.0.answer.get();
        (time == now()).then_some(answer)
    }

    pub(crate) fn remember(&self, answer: f64) {
        self.0.answer.set((now(), answer));
    }
}

thread_local! {
    static TIME: Cell<u64> = const { Cell::new(1) };
}

fn now() -> u64 {
    TIME.get()
}

/// Makes all answers invalid that were given so far.
pub(crate) fn change() {
    TIME.set(TIME.get() + 1);
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

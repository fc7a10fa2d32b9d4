//! The data: an arena of slots, and handles that are indices.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;

thread_local! {
    static ARENA: RefCell<Arena> = const {
        RefCell::new(Arena {
            slots: Vec::new(),
            handles: 0,
        })
    };
}

/// All variables of a thread, until the last handle is gone.
struct Arena {
    slots: Vec<Slot>,
    handles: usize,
}

struct Slot {
    value: f64,
    children: Vec<(f64, usize)>,
    gradient: Option<f64>,
}

/// A handle to a slot. It belongs to its thread.
pub struct Var {
    index: usize,
    thread: PhantomData<Rc<()>>,
}

impl Var {
    /// A new variable.
    pub fn new(value: f64) -> Var {
        let index = ARENA.with_borrow_mut(|arena| {
            arena.slots.push(Slot {
                value,
                children: Vec::new(),
                gradient: None,
            });
            arena.slots.len() - 1
        });
        Var::handle(index)
    }

    fn handle(index: usize) -> Var {
        ARENA.with_borrow_mut(|arena| arena.handles += 1);
        Var {
            index,
            thread: PhantomData,
        }
    }

    fn slot<T>(&self, look: impl FnOnce(&mut Slot) -> T) -> T {
        ARENA.with_borrow_mut(|arena| look(&mut arena.slots[self.index]))
    }

    /// The number itself.
    pub fn value(&self) -> f64 {
        self.slot(|slot| slot.value)
    }

    /// The results this variable went into, with their weights.
    pub fn children(&self) -> Vec<(f64, Var)> {
        let children = self.slot(|slot| slot.children.clone());
        let handles = children
            .into_iter()
            .map(|(weight, index)| (weight, Var::handle(index)));
        handles.collect()
    }

    pub(crate) fn add_child(&self, weight: f64, result: &Var) {
        self.slot(|slot| slot.children.push((weight, result.index)));
    }

    pub(crate) fn gradient(&self) -> Option<f64> {
        self.slot(|slot| slot.gradient)
    }

    pub(crate) fn set_gradient(&self, gradient: Option<f64>) {
        self.slot(|slot| slot.gradient = gradient);
    }
}

impl Clone for Var {
    fn clone(&self) -> Var {
        Var::handle(self.index)
    }
}

impl Drop for Var {
    fn drop(&mut self) {
        ARENA.with_borrow_mut(|arena| {
            arena.handles -= 1;
            if arena.handles == 0 {
                arena.slots.clear();
            }
        });
    }
}

impl From<f64> for Var {
    fn from(value: f64) -> Var {
        Var::new(value)
    }
}

impl fmt::Debug for Var {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Var({:?})", self.value())
    }
}

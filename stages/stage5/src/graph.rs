//! The data: one list of edges in the place of nodes.

use std::cell::{Cell, RefCell};

use crate::number::Number;

// ANCHOR: edge
/// One argument of one entry: the entry `child` was computed from the entry `parent`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge<T = f64> {
    /// The result.
    pub child: u32,
    /// The argument, which is an earlier entry.
    pub parent: u32,
    /// The local derivative, d child / d parent. If the parent occurs more than once, each occurrence has
    /// an edge, and the weights add up to it.
    pub weight: T,
}
// ANCHOR_END: edge

// ANCHOR: tape
/// What a computation leaves behind: an [`Edge`] for each argument of each entry, in the order in
/// which they were recorded.
///
/// An entry is an input or a recorded result, and is no more than a number, counted from 0. A tape
/// keeps its memory, so use one again and again: [`Tape::open`] clears it and records anew.
pub struct Tape<T = f64> {
    pub(crate) edges: RefCell<Vec<Edge<T>>>,
    /// How many of the edges are in use. Those behind them are there to be written over.
    pub(crate) used: Cell<usize>,
    /// How many entries there are.
    pub(crate) len: Cell<u32>,
    /// How many there may be.
    pub(crate) limit: u32,
    /// The numbers of the marks that it can be rewound to.
    pub(crate) marks: RefCell<Vec<u64>>,
    /// The memory of gradients that have been dropped.
    pub(crate) spare: Cell<Vec<T>>,
}

impl<T: Number> Tape<T> {
    /// An empty tape, for as many entries as 32 bits can count.
    pub fn new() -> Tape<T> {
        Tape::with_limit(u32::MAX)
    }

    /// An empty tape that refuses to hold more than `limit` entries.
    pub fn with_limit(limit: u32) -> Tape<T> {
        Tape {
            edges: RefCell::new(Vec::new()),
            used: Cell::new(0),
            len: Cell::new(0),
            limit,
            marks: RefCell::new(Vec::new()),
            spare: Cell::new(Vec::new()),
        }
    }
}

impl<T: Number> Default for Tape<T> {
    fn default() -> Self {
        Self::new()
    }
}
// ANCHOR_END: tape

// ANCHOR: mark
/// A place to rewind a tape to, and the variables to go on with from there.
pub struct Mark<T = f64> {
    /// A number that no other mark has.
    pub(crate) id: u64,
    /// How many edges and entries there were.
    pub(crate) used: usize,
    pub(crate) len: u32,
    /// The entries and values of the variables.
    pub(crate) kept: Vec<(u32, T)>,
}
// ANCHOR_END: mark

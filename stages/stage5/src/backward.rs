//! The walk: gradients are pushed along the tape, from its end to its beginning.

use std::mem;

use crate::graph::{Edge, Tape};
use crate::number::Number;
use crate::trace::{Trace, Var};

// ANCHOR: gradients
/// The gradients of one walk.
pub struct Gradients<'t, T = f64> {
    trace: Trace<'t, T>,
    /// The adjoint of each entry up to the last output.
    adjoints: Vec<T>,
}

impl<'t, T: Number> Gradients<'t, T> {
    /// The gradient of `var`: d output / d `var` times the seed, added up over the outputs. 0 when none
    /// of them depends on it.
    pub fn of(&self, var: Var<'t, T>) -> T {
        let adjoint = self.adjoints.get(var.entry() as usize).copied();
        adjoint.unwrap_or(T::from(0.0))
    }
}

impl<T> Drop for Gradients<'_, T> {
    /// Leaves the memory to the next walk.
    fn drop(&mut self) {
        let adjoints = mem::take(&mut self.adjoints);
        self.trace.tape.spare.set(adjoints);
    }
}
// ANCHOR_END: gradients

// ANCHOR: backward
impl<'t, T: Number> Trace<'t, T> {
    /// Walks the tape from the outputs back to its beginning, and returns the gradients of
    /// everything on the way.
    ///
    /// Each output comes with its seed, d something / d output: 1 for the gradient of the output
    /// itself. The outputs' gradients add up. The tape stays as it is.
    ///
    /// ```
    /// use stage5::Tape;
    ///
    /// Tape::new().open(|trace| {
    ///     let x = trace.input(3.0);
    ///     let (square, cube) = ((x * x).record(), (x * x * x).record());
    ///     assert_eq!(trace.backward(&[(square, 1.0)]).of(x), 6.0);
    ///     assert_eq!(trace.backward(&[(cube, 1.0)]).of(x), 27.0);
    ///     assert_eq!(trace.backward(&[(square, 10.0), (cube, 1.0)]).of(x), 87.0);
    /// });
    /// ```
    ///
    /// # Panics
    ///
    /// If the adjoints do not fit into memory, or while a sum asks for its terms.
    pub fn backward(self, outputs: &[(Var<'t, T>, T)]) -> Gradients<'t, T> {
        let zero = T::from(0.0);
        let last = outputs.iter().map(|(output, _)| output.entry()).max();
        let count = last.map_or(0, |last| last as usize + 1);
        let mut adjoints = self.tape.spare.take();
        adjoints.clear();
        assert!(
            adjoints.try_reserve(count).is_ok(),
            "the tape does not fit into memory: expected room for an adjoint of each entry"
        );
        adjoints.resize(count, zero);
        for (output, seed) in outputs {
            let adjoint = &mut adjoints[output.entry() as usize];
            *adjoint = *adjoint + *seed;
        }

        // Entries after the last output do not matter to it.
        let edges = self.edges_mut();
        let edges = &edges[..self.tape.used.get()];
        let end = edges.partition_point(|edge| Some(edge.child) <= last);
        let mut edges = edges[..end].iter().rev().peekable();
        // On a chain, the adjoint that was changed last is the next one needed: it stays at hand.
        let (mut changed, mut latest) = (u32::MAX, zero);
        while let Some(&&Edge { child, .. }) = edges.peek() {
            // An argument comes before its results, so by now their contributions are complete.
            let gradient = if child == changed {
                latest
            } else {
                adjoints[child as usize]
            };
            while let Some(edge) = edges.next_if(|edge| edge.child == child) {
                let adjoint = &mut adjoints[edge.parent as usize];
                *adjoint = *adjoint + edge.weight.times(gradient);
                (changed, latest) = (edge.parent, *adjoint);
            }
        }
        Gradients {
            trace: self,
            adjoints,
        }
    }
}
// ANCHOR_END: backward

// ANCHOR: gradient
/// The value of `f` at `x`, and its gradient: one number for each input.
///
/// ```
/// use stage5::gradient;
///
/// let (value, slopes) = gradient(|x| (x[0] * x[1] + x[0].sin()).record(), &[0.0, 4.2]);
/// assert_eq!(value, 0.0);
/// assert_eq!(slopes, [5.2, 0.0]);
/// ```
pub fn gradient(f: impl for<'t> FnOnce(&[Var<'t>]) -> Var<'t>, x: &[f64]) -> (f64, Vec<f64>) {
    Tape::new().gradient(f, x)
}

impl<T: Number> Tape<T> {
    /// The value of `f` at `x`, and its gradient. Clears the tape first, as [`Tape::open`] does.
    ///
    /// # Panics
    ///
    /// If the tape is full or does not fit into memory, and where `f` does.
    pub fn gradient(
        &mut self,
        f: impl for<'t> FnOnce(&[Var<'t, T>]) -> Var<'t, T>,
        x: &[T],
    ) -> (T, Vec<T>) {
        self.open(|trace| {
            let inputs = trace.inputs(x);
            let output = f(&inputs);
            let gradients = trace.backward(&[(output, T::from(1.0))]);
            let gradient = inputs.iter().map(|&input| gradients.of(input)).collect();
            (output.value(), gradient)
        })
    }
}
// ANCHOR_END: gradient

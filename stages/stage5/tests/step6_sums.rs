//! # Sums of any length
//!
//! Chapter: stage5.md#sums
//!
//! About: values, graph, gradients
//!
//! Items: ops.rs `Trace::sum`, `Trace::dot`, `Partials<T> for Products<'_, '_, T>`
//!
//! The type of an expression says how long it is, so a loop cannot make it longer. Two operations of
//! a `Trace` take as many terms as there are, and make one entry of them.
//!
//! `trace.sum(terms) -> Var<'t, T>` takes an `impl IntoIterator<Item = Expression<'t, T, P>>`, and records
//! the sum as one entry with the edges of all terms. It writes them while it asks for the next term, so
//! nothing else may be recorded in between: that panics with "`Trace::sum`: expected terms that
//! are recorded before the sum is, or not at all". On a full tape it panics like `record`.
//!
//! `trace.dot(x, y)`, of two slices of variables, is an expression: its partials are a `Products` of
//! both slices, and for each variable of one slice the partial is its partner in the other, first all of
//! `x` and then all of `y`. Slices of different lengths are refused: "`Trace::dot`: expected as many
//! variables in `y` as in `x`, 3, not 2".
//!
//! Hint 1: `sum` is `record` with a loop in it: `extend` for each term, all with the same child.
//! Hint 2: It holds `edges_mut()` until it is done. Whatever is recorded meanwhile finds the list
//! borrowed, and `edges_mut` says why.
//! Hint 3: `Products` counts `2 * x.len()`. It writes `y.value.times(factor)` into the edges of the first
//! half, whose parents are the entries of `x`, and the other way round.

use pretty_assertions::assert_eq;
use stage5::{Edge, Tape, gradient};

#[path = "../../../tests/src/panics.rs"]
mod panics;

use panics::{message, refused};

/// The edges of `child`, by the entries and weights of its arguments.
fn edges(child: u32, parents: &[(u32, f64)]) -> Vec<Edge> {
    let edge = |&(parent, weight)| Edge {
        child,
        parent,
        weight,
    };
    parents.iter().map(edge).collect()
}

#[test]
fn a_sum_is_one_entry_with_the_edges_of_all_terms() {
    Tape::new().open(|trace| {
        let x = trace.inputs(&[3.0, 4.0]);
        let sum = trace.sum(x.iter().map(|&x| x * x));
        assert_eq!((sum.value(), sum.entry()), (25.0, 2));
        let expected = edges(2, &[(0, 3.0), (0, 3.0), (1, 4.0), (1, 4.0)]);
        assert_eq!(trace.edges(), expected);
    });
}

#[test]
fn a_sum_has_a_gradient_like_any_result() {
    let x: Vec<f64> = (0..1000).map(f64::from).collect();
    let (value, slopes) = gradient(
        |x| {
            let squares = x[0].trace().sum(x.iter().map(|x| x.powi(2)));
            (squares / 2.0).record()
        },
        &x,
    );
    assert_eq!(value, 332_833_500.0 / 2.0);
    assert_eq!(slopes, x);
}

#[test]
fn a_sum_of_nothing_is_0() {
    Tape::<f64>::new().open(|trace| {
        let sum = trace.sum(trace.inputs(&[]));
        assert_eq!((sum.value(), sum.entry()), (0.0, 0));
        assert_eq!(trace.edges(), []);
    });
}

#[test]
fn what_is_recorded_while_a_sum_asks_for_its_terms_is_refused() {
    Tape::new().open(|trace| {
        let x = trace.input(3.0);
        let says = |work: &dyn Fn()| {
            let said = message(work);
            let expected = "expected terms that are recorded before the sum is, or not at all";
            // To the end: the name of an inner error tells the reader nothing.
            assert_eq!(said, format!("`Trace::sum`: {expected}"));
        };
        says(&|| _ = trace.sum((0..3).map(|_| (x * x).record())));
        says(&|| _ = trace.sum((0..3).map(|_| trace.input(1.0))));
        says(&|| _ = trace.sum((0..3).map(|_| trace.sum([x]))));
        assert_eq!(trace.sum((0..3).map(|_| x * x)).value(), 27.0);
    });
}

#[test]
fn a_full_tape_refuses_a_sum_and_keeps_what_it_has() {
    Tape::with_limit(2).open(|trace| {
        let x = trace.input(3.0);
        let _square = (x * x).record();
        let before = trace.edges();
        refused(&["tape is full", "at most 2 entries"], || {
            _ = trace.sum([x, x])
        });
        assert_eq!(trace.edges(), before);
    });
}

#[test]
fn a_scalar_product_is_an_expression() {
    Tape::new().open(|trace| {
        let x = trace.inputs(&[1.0, 2.0]);
        let y = trace.inputs(&[3.0, 4.0]);
        let product = trace.dot(&x, &y);
        assert_eq!(product.value(), 11.0);
        assert_eq!(trace.edges(), []);
        let double = (product * 2.0 + x[0]).record();
        assert_eq!((double.value(), double.entry()), (23.0, 4));
        let parents = [(0, 6.0), (1, 8.0), (2, 2.0), (3, 4.0), (0, 1.0)];
        assert_eq!(trace.edges(), edges(4, &parents));
    });
}

#[test]
fn a_scalar_product_that_does_not_matter_has_weights_of_0() {
    Tape::new().open(|trace| {
        let [x, y, z] = [2.0, f64::INFINITY, 0.0].map(|number| trace.input(number));
        let _ = (trace.dot(&[x], &[y]) * z).record();
        let parents = [(0, 0.0), (1, 0.0), (2, f64::INFINITY)];
        assert_eq!(trace.edges(), edges(3, &parents));
    });
}

#[test]
fn a_variable_may_be_on_both_sides_of_a_scalar_product() {
    let norm = gradient(|x| x[0].trace().dot(x, x).record(), &[3.0, 4.0]);
    assert_eq!(norm, (25.0, vec![6.0, 8.0]));
}

#[test]
fn a_long_scalar_product_has_the_gradient_of_its_sum() {
    let numbers: Vec<f64> = (0..200).map(f64::from).collect();
    let (dot, by_dot) = gradient(
        |x| x[0].trace().dot(&x[..100], &x[100..]).record(),
        &numbers,
    );
    let (sum, by_sum) = gradient(
        |x| {
            let (x, y) = x.split_at(100);
            x[0].trace().sum(x.iter().zip(y).map(|(&x, &y)| x * y))
        },
        &numbers,
    );
    assert_eq!((dot, by_dot), (sum, by_sum));
}

#[test]
fn a_scalar_product_of_nothing_is_0() {
    Tape::<f64>::new().open(|trace| {
        assert_eq!(trace.dot(&[], &[]).record().value(), 0.0);
        assert_eq!(trace.edges(), []);
    });
}

#[test]
fn a_scalar_product_of_different_lengths_names_both() {
    Tape::new().open(|trace| {
        let x = trace.inputs(&[1.0, 2.0, 3.0]);
        refused(&["`Trace::dot`", "3, not 2"], || _ = trace.dot(&x, &x[1..]));
    });
}

//! # An expression is one entry
//!
//! Chapter: stage5.md#expressions
//!
//! About: values, graph, rules
//!
//! Items: trace.rs `Partials<T> for Entry`, `Partials<T> for Scaled<T, P>`,
//! `Partials<T> for Joined<P, Q>`, `Expression::record`, `extend`, `grow`, ops.rs
//! `Operand<'t, T> for Expression<'t, T, Q>`, `Expression::unary`, `Expression::binary`,
//! `Neg for Expression<'t, T, P>`, rules.rs `add`, `sub`, `mul`, `div`, `neg`, number.rs `Number::times`
//!
//! An operation records nothing. It computes its value, and returns a larger expression, whose type
//! says what its partial derivatives are: `Entry` is 1 for an entry, `Scaled(weight, partials)` is the
//! chain rule, `Joined(first, second)` has those of two arguments. `record()` puts a whole expression
//! on the tape: one entry, and an edge for each place in it where a variable appears, in the order in
//! which they are written. So `(x * y + x).record()` makes one entry and three edges.
//!
//! In `trace.rs`, the public trait `Partials<T>: Copy` has `count(&self) -> usize` and
//! `write(&self, child: u32, factor: T, edges: &mut [Edge<T>])`; `record(self) -> Var<'t, T>` is a
//! method of every expression. On a full tape it panics like `input`, and what is on the tape stays. It
//! also panics where the tape does not fit into memory: "the tape does not fit into memory: expected
//! room for more edges". (`Vec::try_reserve` returns an error where others end the process. The exam
//! tries it.)
//!
//! In `ops.rs`, the operators `+`, `-`, `*`, `/` and the minus sign take expressions of any kind, which
//! are `Copy`. Each rule is a function in `rules.rs`, over any `Number`, which returns the result with
//! its weights: `mul(x, y)` is `(x * y, [y, x])`, and `neg(x)` is `(-x, -1)`. `Number` gets operators for
//! that, also those with an `f64` on the right. And it gets `times(self, slope: Self) -> Self`, a product
//! in which a `slope` of 0 makes 0 of an infinite weight as well.
//! A second argument is of any type with the public trait `Operand<'t, T>`, so that plain numbers can
//! follow in the next step. The exam uses it as `stage5::ops::Operand`.
//!
//! Hint 1: `binary` calls the rule with both values. The weight of each argument scales the partials
//! that the argument has already: `Joined(Scaled(by_self, …), Scaled(by_other, …))`.
//! Hint 2: `Scaled` writes nothing itself. It hands `self.0.times(factor)` to the partials that it
//! scales. `Joined` splits the edges at `self.0.count()`, with `split_at_mut`.
//! Hint 3: `extend` makes `count` edges at the end of the list with `Vec::resize`, and calls `write` with
//! the factor 1 to fill them in. Faster is a list that stays long when the tape is opened again, beside a
//! count of the edges in use: then there is something to fill in already, unless the list has to `grow`.

use pretty_assertions::assert_eq;
use stage5::{Edge, Tape, Trace, Var};

#[path = "../../../tests/src/panics.rs"]
mod panics;

use panics::refused;

/// The edges of `child`, by the entries and weights of its arguments.
fn edges<const N: usize>(child: u32, parents: [(u32, f64); N]) -> Vec<Edge> {
    let edge = |(parent, weight)| Edge {
        child,
        parent,
        weight,
    };
    parents.map(edge).to_vec()
}

/// Records one expression of x = 6 and y = 2.
fn recorded(f: impl for<'t> FnOnce(Var<'t>, Var<'t>) -> Var<'t>) -> (f64, Vec<Edge>) {
    Tape::new().open(|trace| {
        let z = f(trace.input(6.0), trace.input(2.0));
        assert_eq!(z.entry(), 2, "one entry after the two inputs");
        (z.value(), trace.edges())
    })
}

#[test]
fn an_operation_computes_and_records_nothing() {
    Tape::new().open(|trace| {
        let (x, y) = (trace.input(6.0), trace.input(2.0));
        assert_eq!((x * y).value(), 12.0);
        assert_eq!(trace.edges(), []);
        assert_eq!(trace.input(1.0).entry(), 2);
    });
}

#[test]
fn a_recorded_operation_is_one_entry_with_an_edge_for_each_argument() {
    let product = recorded(|x, y| (x * y).record());
    assert_eq!(product, (12.0, edges(2, [(0, 2.0), (1, 6.0)])));
}

#[test]
fn each_operator_has_its_value_and_its_weights() {
    let sum = recorded(|x, y| (x + y).record());
    assert_eq!(sum, (8.0, edges(2, [(0, 1.0), (1, 1.0)])));
    let difference = recorded(|x, y| (x - y).record());
    assert_eq!(difference, (4.0, edges(2, [(0, 1.0), (1, -1.0)])));
    let quotient = recorded(|x, y| (x / y).record());
    assert_eq!(quotient, (3.0, edges(2, [(0, 0.5), (1, -1.5)])));
    let negative = recorded(|x, _| (-x).record());
    assert_eq!(negative, (-6.0, edges(2, [(0, -1.0)])));
}

#[test]
fn a_variable_that_is_used_twice_has_two_edges() {
    let square = recorded(|x, _| (x * x).record());
    assert_eq!(square, (36.0, edges(2, [(0, 6.0), (0, 6.0)])));
}

#[test]
fn a_whole_expression_is_one_entry() {
    let whole = recorded(|x, y| (x * y + x / y - -x).record());
    let parents = [(0, 2.0), (1, 6.0), (0, 0.5), (1, -1.5), (0, 1.0)];
    assert_eq!(whole, (21.0, edges(2, parents)));
}

#[test]
fn the_weights_along_the_way_are_multiplied() {
    let product = recorded(|x, y| ((x + y) * (x - y)).record());
    let parents = [(0, 4.0), (1, 4.0), (0, 8.0), (1, -8.0)];
    assert_eq!(product, (32.0, edges(2, parents)));
    let quotient = recorded(|x, y| (y / (x / y)).record());
    let [by_y, by_x] = [1.0 / 3.0, -2.0 / 9.0];
    let (value, edges) = quotient;
    assert_eq!(value, 2.0 / 3.0);
    let expected = [(1, by_y), (0, by_x * 0.5), (1, by_x * -1.5)];
    for (edge, (parent, weight)) in edges.iter().zip(expected) {
        assert_eq!(edge.parent, parent);
        assert!(
            (edge.weight - weight).abs() < 1e-15,
            "not close\n  left: {}\n right: {weight}",
            edge.weight
        );
    }
    assert_eq!(edges.len(), expected.len());
}

#[test]
fn what_does_not_matter_has_the_weight_0_however_steep_it_is() {
    Tape::new().open(|trace| {
        let (x, y) = (trace.input(1.0), trace.input(0.0));
        // 1 / 0 is infinite, and so are its slopes.
        let _ = ((x / y) * y).record();
        assert_eq!(
            trace.edges(),
            edges(2, [(0, 0.0), (1, 0.0), (1, f64::INFINITY)])
        );
    });
}

#[test]
fn a_recorded_result_is_an_argument_like_an_input() {
    Tape::new().open(|trace| {
        let x = trace.input(3.0);
        let square = (x * x).record();
        let cube = (square * x).record();
        assert_eq!((cube.value(), cube.entry()), (27.0, 2));
        let mut expected = edges(1, [(0, 3.0), (0, 3.0)]);
        expected.extend(edges(2, [(1, 3.0), (0, 9.0)]));
        assert_eq!(trace.edges(), expected);
    });
}

#[test]
fn an_expression_can_be_used_twice() {
    let twice = recorded(|x, y| {
        let product = x * y;
        (product + product).record()
    });
    let parents = [(0, 2.0), (1, 6.0), (0, 2.0), (1, 6.0)];
    assert_eq!(twice, (24.0, edges(2, parents)));
}

#[test]
fn an_expression_may_be_long() {
    Tape::new().open(|trace| {
        let (x, y) = (trace.input(6.0), trace.input(2.0));
        let product = (x * y).record();
        let four = x + y - x + y;
        let sixteen = four + four + four + four;
        let long = (sixteen + sixteen - product).record();
        assert_eq!((long.value(), long.entry()), (20.0, 3));
        let mut expected = edges(2, [(0, 2.0), (1, 6.0)]);
        for _ in 0..8 {
            expected.extend(edges(3, [(0, 1.0), (1, 1.0), (0, -1.0), (1, 1.0)]));
        }
        expected.extend(edges(3, [(2, -1.0)]));
        assert_eq!(trace.edges(), expected);
    });
}

#[test]
fn a_variable_can_be_recorded_once_more() {
    let again = recorded(|x, _| x.record());
    assert_eq!(again, (6.0, edges(2, [(0, 1.0)])));
}

#[test]
fn a_full_tape_refuses_a_result_and_keeps_what_it_has() {
    fn fill<'t>(trace: Trace<'t>) -> [Var<'t>; 2] {
        let (x, y) = (trace.input(3.0), trace.input(4.0));
        [x, (x * y).record()]
    }
    Tape::with_limit(3).open(|trace| {
        let [x, product] = fill(trace);
        let before = trace.edges();
        refused(&["tape is full", "at most 3 entries"], || {
            _ = (x * product).record()
        });
        assert_eq!(trace.edges(), before);
    });
}

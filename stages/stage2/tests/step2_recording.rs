//! # Results point at their inputs
//!
//! Chapter: stage2.md#recording
//!
//! About: values, graph
//!
//! Items: trace.rs `record`, ops.rs `Op::apply`, `Add<&Container> for &Container`,
//! `Sub<&Container> for &Container`, `Mul<&Container> for &Container`,
//! `Div<&Container> for &Container`, `Neg for &Container`, `Neg for Container`,
//! `From<&Container> for Container`, `Container::powf`, `Container::sin`, `Container::cos`,
//! `Container::exp`, `Container::ln`, `Container::sqrt`, `Container::tanh`
//!
//! Every operation makes one new node: which operation, with which arguments, with which result,
//! and the nodes of the arguments as its parents. The arrow has turned round: a result knows its
//! inputs, and an input does not change. No derivative is computed yet.
//!
//! The variants of `Op` are `Input`, `Add`, `Sub`, `Mul`, `Div`, `Neg`, `Powf`, `Sin`, `Cos`, `Exp`,
//! `Ln`, `Sqrt` and `Tanh`. Operators have the same forms as in stage 1; a plain number, even the
//! exponent in `x.powf(2.0)`, is recorded as an input of its own. `powf` takes an
//! `impl Into<Container>`.
//!
//! Hint 1: All operations look alike now. They differ in their `Op` only.
//! Hint 2: `Op::apply` is one `match` over plain numbers. `record` takes the values out of the
//! containers, calls `apply`, and makes the node.
//! Hint 3: `Node::new(op, values, result, parents)`, where `parents` are the `Rc::clone`s of
//! `arg.node()`, in the order of the arguments.

use std::rc::Rc;

use pretty_assertions::assert_eq;
use stage2::{Container, Op};

#[track_caller]
fn assert_close(actual: f64, expected: f64) {
    let close = (actual - expected).abs() <= 1e-12 * expected.abs().max(1.0);
    assert!(close, "not close\n  left: {actual}\n right: {expected}");
}

/// The ids of the nodes that `container`'s node points at.
fn parents(container: &Container) -> Vec<u64> {
    let parents = &container.node().parents;
    parents.iter().map(|parent| parent.id).collect()
}

#[test]
fn values_are_those_of_the_plain_operations() {
    let (x, y) = (Container::new(6.0), Container::new(2.0));
    assert_eq!((&x + &y).value(), 8.0);
    assert_eq!((&x - &y).value(), 4.0);
    assert_eq!((&x * &y).value(), 12.0);
    assert_eq!((&x / &y).value(), 3.0);
    assert_eq!((-&x).value(), -6.0);
    assert_close(x.powf(&y).value(), 36.0);
    assert_close(x.sin().value(), 6.0_f64.sin());
    assert_close(x.cos().value(), 6.0_f64.cos());
    assert_close(x.exp().value(), 6.0_f64.exp());
    assert_close(x.ln().value(), 6.0_f64.ln());
    assert_close(x.sqrt().value(), 6.0_f64.sqrt());
    assert_close(x.tanh().value(), 6.0_f64.tanh());
}

#[test]
fn a_node_holds_the_recipe_of_its_result() {
    let (x, y) = (Container::new(6.0), Container::new(2.0));
    let z = &x / &y;
    assert_eq!(z.node().op, Op::Div);
    assert_eq!(z.node().args, [6.0, 2.0]);
    assert_eq!(z.node().result, 3.0);
}

#[test]
fn each_operation_is_recorded_under_its_own_name() {
    let (x, y) = (Container::new(6.0), Container::new(2.0));
    assert_eq!((&x + &y).node().op, Op::Add);
    assert_eq!((&x - &y).node().op, Op::Sub);
    assert_eq!((&x * &y).node().op, Op::Mul);
    assert_eq!((&x / &y).node().op, Op::Div);
    assert_eq!((-&x).node().op, Op::Neg);
    assert_eq!(x.powf(&y).node().op, Op::Powf);
    assert_eq!(x.sin().node().op, Op::Sin);
    assert_eq!(x.cos().node().op, Op::Cos);
    assert_eq!(x.exp().node().op, Op::Exp);
    assert_eq!(x.ln().node().op, Op::Ln);
    assert_eq!(x.sqrt().node().op, Op::Sqrt);
    assert_eq!(x.tanh().node().op, Op::Tanh);
}

#[test]
fn the_parents_are_the_nodes_of_the_arguments_in_their_order() {
    let (x, y) = (Container::new(6.0), Container::new(2.0));
    assert_eq!(parents(&(&x - &y)), [x.node().id, y.node().id]);
    assert_eq!(parents(&(&y - &x)), [y.node().id, x.node().id]);
}

#[test]
fn an_argument_that_is_used_twice_is_a_parent_twice() {
    let x = Container::new(3.0);
    assert_eq!(parents(&(&x * &x)), [x.node().id, x.node().id]);
}

#[test]
fn a_result_is_the_argument_of_the_next_operation() {
    let x = Container::new(3.0);
    let square = &x * &x;
    let root = square.sqrt();
    assert_eq!(root.value(), 3.0);
    assert_eq!(parents(&root), [square.node().id]);
}

#[test]
fn an_input_does_not_know_its_results() {
    let x = Container::new(3.0);
    let _square = &x * &x;
    assert!(x.node().parents.is_empty());
    assert_eq!(x.node().op, Op::Input);
}

#[test]
fn a_plain_number_may_stand_on_either_side() {
    let x = Container::new(4.0);
    assert_eq!((&x + 2.0).value(), 6.0);
    assert_eq!((2.0 + &x).value(), 6.0);
    assert_eq!((&x - 2.0).value(), 2.0);
    assert_eq!((2.0 - &x).value(), -2.0);
    assert_eq!((&x * 2.0).value(), 8.0);
    assert_eq!((2.0 * &x).value(), 8.0);
    assert_eq!((&x / 2.0).value(), 2.0);
    assert_eq!((2.0 / &x).value(), 0.5);
    assert_close(x.powf(2.0).value(), 16.0);
}

#[test]
fn a_plain_number_is_recorded_as_an_input_of_its_own() {
    let x = Container::new(4.0);
    let y = 2.0 - &x;
    let number = &y.node().parents[0];
    assert_eq!((number.op, number.result), (Op::Input, 2.0));
    assert_eq!(y.node().parents[1].id, x.node().id);
}

#[test]
fn owned_containers_and_references_mix() {
    let x = Container::new(3.0);
    let y = (&x + x.clone()) * x.clone() - (x.clone() * &x) + 2.0 * x.clone() - -x.clone() / 1.0;
    assert_eq!(y.value(), 18.0); // x² + 3x
}

#[test]
fn a_clone_shares_its_node_with_the_original() {
    let x = Container::new(3.0);
    let y = x.clone().sin();
    assert!(Rc::ptr_eq(&y.node().parents[0], x.node()));
}

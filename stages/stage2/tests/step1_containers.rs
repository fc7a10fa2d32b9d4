//! # Nodes and containers
//!
//! Chapter: stage2.md#nodes-and-containers
//!
//! About: values, graph
//!
//! Items: graph.rs `Node::new`, `Container::new`, `Container::with_node`, `Container::value`,
//! `Container::node`, `From<f64> for Container`, `fmt::Debug for Container`
//!
//! A variable comes apart into two things: a `Container` that carries a value, and a `Node` that
//! says where the value came from. A new container is an input: its node has the operation
//! `Op::Input`, no arguments and no parents. Every node has an id that no other node has.
//!
//! In `graph.rs` a `Node` has the public fields `id: u64`, `op: Op`, `args: Vec<f64>`, `result: f64`
//! and `parents: Vec<Rc<Node>>`. A `Container` can be cloned; `value()` is its number, `node()` a
//! reference to its `Rc<Node>`, and it prints as `Container(2.5)`. `Container::from(2.5)` is
//! `Container::new(2.5)`. In `ops.rs` the enum `Op` begins with `Input`; it derives `Clone`, `Copy`,
//! `Debug` and `PartialEq`. `lib.rs` exports all three.
//!
//! Hint 1: Ids are how a walk will tell nodes apart, so an id must never be handed out twice, even
//! when the first node is long gone.
//! Hint 2: Count the nodes made so far in a `thread_local!` with a `Cell<u64>`.
//! Hint 3: `let id = NEXT_ID.replace(NEXT_ID.get() + 1);` In `Container::new`, the node is
//! `Node::new(Op::Input, Vec::new(), value, Vec::new())`.

use pretty_assertions::assert_eq;
use stage2::{Container, Op};

#[test]
fn a_container_gives_its_number_back() {
    assert_eq!(Container::new(2.5).value(), 2.5);
}

#[test]
fn a_new_container_is_an_input() {
    let x = Container::new(2.5);
    assert_eq!(x.node().op, Op::Input);
    assert_eq!(x.node().result, 2.5);
    assert!(x.node().args.is_empty());
    assert!(x.node().parents.is_empty());
}

#[test]
fn a_clone_is_a_second_handle_to_the_same_node() {
    let x = Container::new(2.5);
    let same = x.clone();
    assert_eq!(same.value(), 2.5);
    assert_eq!(same.node().id, x.node().id);
}

#[test]
fn equal_numbers_in_two_containers_have_two_nodes() {
    assert_ne!(Container::new(2.5).node().id, Container::new(2.5).node().id);
}

#[test]
fn an_id_is_not_used_again_after_its_node_is_gone() {
    let mut ids: Vec<u64> = (0..100)
        .map(|i| Container::new(f64::from(i)).node().id)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 100);
}

#[test]
fn a_plain_number_becomes_an_input() {
    let x = Container::from(2.5);
    assert_eq!((x.value(), x.node().op), (2.5, Op::Input));
}

#[test]
fn a_container_prints_as_its_number() {
    assert_eq!(format!("{:?}", Container::new(2.5)), "Container(2.5)");
}

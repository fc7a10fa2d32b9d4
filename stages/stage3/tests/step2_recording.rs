//! # A trace records
//!
//! Chapter: stage3.md#recording
//!
//! About: graph, memory, long chains
//!
//! Items: graph.rs `Node::new`, `Container::with_node`, `Container::value`, `Container::node`,
//! `Container::trace`, `Drop for Node`, trace.rs `Trace::open`, `Trace::input`, `Trace::id`,
//! `Drop for Trace`, `Primitive::bind`, `innermost_trace`, `Container::check_open`
//!
//! A trace is open from `Trace::open()` until it is dropped. It boxes inputs:
//! `fn input(&self, value: &Value) -> Rc<Container>`. A wrapped function that meets a container of an
//! open trace takes the number out, calls `raw`, boxes the result too and records a node. The node's
//! parents are the nodes of those arguments that were containers, each with its position. Plain numbers
//! are recorded as arguments but get no node of their own. (One trace at a time is enough here: how
//! traces nest is the next step.)
//!
//! A node's `args: Vec<Value>` and `result: Value` are what was found in the boxes, so plain numbers
//! here, and `parents` is a `Vec<(usize, Rc<Node>)>`. Inputs have the primitive `INPUT`, of `trace.rs`. A
//! container has `value() -> &Value`, `node() -> &Rc<Node>` and `trace() -> u64`, the `id()` of its trace.
//! `lib.rs` exports `Container`, `Node` and `Trace`.
//!
//! No id of a trace or a node is used twice. A container whose trace has ended can still be read, but
//! not computed with; the message names the function and the position: `` `sin`: argument 0 is a
//! container of trace 7, which has ended ``. Nodes are freed once nothing holds them, long chains in a loop.
//!
//! Hint 1: Keep the ids of the open traces in a `thread_local!` list. Dropping the `Trace` takes
//! its id off the list, even if a panic drops it.
//! Hint 2: In `bind`, replace each container by what it carries, keep its node with its position,
//! call `self.raw` on the numbers, and box the result together with a new node.
//! Hint 3: `innermost_trace` goes through the arguments, calls `check_open` on each container, and
//! returns the id of its trace, or `None` if there is no container. With an id in hand, `bind` makes
//! `Value::Boxed(Rc::new(Container::with_node(result, node, trace)))`.

use std::collections::HashSet;
use std::rc::{Rc, Weak};

use stage3::ops::{DIV, SIN};
use stage3::trace::INPUT;
use stage3::{Container, Node, Primitive, Trace, Value};

#[path = "../../../tests/src/panics.rs"]
mod panics;
#[path = "../../../tests/src/threads.rs"]
mod threads;

use panics::refused;

fn plain(value: f64) -> Value {
    Value::from(value)
}

/// A new input of `trace`, as a value.
fn input(trace: &Trace, value: f64) -> Value {
    Value::Boxed(trace.input(&plain(value)))
}

#[track_caller]
fn container(value: &Value) -> &Rc<Container> {
    match value {
        Value::Boxed(container) => container,
        Value::Plain(number) => panic!("expected a container, got the plain number {number}"),
    }
}

/// The positions and ids of the nodes that the node of `value` points at.
#[track_caller]
fn parents(value: &Value) -> Vec<(usize, u64)> {
    let parents = &container(value).node().parents;
    parents
        .iter()
        .map(|(argnum, parent)| (*argnum, parent.id))
        .collect()
}

#[track_caller]
fn id(value: &Value) -> u64 {
    container(value).node().id
}

#[test]
fn an_input_is_a_container_of_its_trace() {
    let trace = Trace::open();
    let x = trace.input(&plain(2.5));
    assert_eq!(x.trace(), trace.id());
    assert_eq!(x.value().value(), 2.5);
    assert_eq!(x.node().primitive.name, INPUT.name);
    assert!(x.node().args.is_empty() && x.node().parents.is_empty());
}

#[test]
fn the_number_of_a_container_is_that_of_what_it_carries() {
    let trace = Trace::open();
    assert_eq!(input(&trace, 2.5).value(), 2.5);
    assert_eq!(format!("{:?}", input(&trace, 2.5)), "Value(2.5)");
    assert!(input(&trace, 2.5) == 2.5 && input(&trace, 2.5) < input(&trace, 3.0));
}

#[test]
fn a_function_of_a_container_is_a_container_of_the_same_trace() {
    let trace = Trace::open();
    let y = input(&trace, 2.5).sin();
    assert_eq!(y.value(), 2.5_f64.sin());
    assert_eq!(container(&y).trace(), trace.id());
}

#[test]
fn a_node_holds_the_recipe_of_its_result() {
    let trace = Trace::open();
    let (x, y) = (input(&trace, 6.0), input(&trace, 2.0));
    let z = &x / &y;
    let node = container(&z).node();
    assert_eq!(node.primitive.name, DIV.name);
    assert_eq!(node.args, [plain(6.0), plain(2.0)]);
    assert_eq!(node.result, 3.0);
    assert!(node.args.iter().all(|arg| matches!(arg, Value::Plain(_))));
}

#[test]
fn the_parents_are_the_nodes_of_the_arguments_with_their_positions() {
    let trace = Trace::open();
    let (x, y) = (input(&trace, 6.0), input(&trace, 2.0));
    assert_eq!(parents(&(&x - &y)), [(0, id(&x)), (1, id(&y))]);
    assert_eq!(parents(&(&x * &x)), [(0, id(&x)), (1, id(&x))]);
}

#[test]
fn a_plain_number_is_an_argument_without_a_node() {
    let trace = Trace::open();
    let x = input(&trace, 6.0);
    let z = 2.0 - &x;
    assert_eq!(container(&z).node().args, [plain(2.0), plain(6.0)]);
    assert_eq!(parents(&z), [(1, id(&x))]);
}

#[test]
fn plain_numbers_are_not_recorded_although_a_trace_is_open() {
    let _trace = Trace::open();
    assert!(matches!(plain(2.0) * plain(3.0), Value::Plain(6.0)));
}

#[test]
fn a_function_of_ones_own_is_recorded_like_any_other() {
    static HYPOT: Primitive = Primitive::new("hypot", |args| args[0].hypot(args[1]));
    let trace = Trace::open();
    let x = input(&trace, 3.0);
    let z = HYPOT.bind(&[&x, &plain(4.0)]);
    assert_eq!(z.value(), 5.0);
    assert_eq!(container(&z).node().primitive.name, "hypot");
    assert_eq!(parents(&z), [(0, id(&x))]);
}

#[test]
fn each_operation_is_recorded_under_its_own_name() {
    let trace = Trace::open();
    let x = input(&trace, 0.5);
    let results = [
        ("add", &x + 1.0),
        ("sub", &x - 1.0),
        ("mul", &x * 1.0),
        ("div", &x / 1.0),
        ("neg", -&x),
        ("powf", x.powf(2.0)),
        ("sin", x.sin()),
        ("cos", x.cos()),
        ("exp", x.exp()),
        ("ln", x.ln()),
        ("sqrt", x.sqrt()),
        ("tanh", x.tanh()),
    ];
    for (name, result) in results {
        assert_eq!(container(&result).node().primitive.name, name);
    }
}

#[test]
fn ids_of_nodes_and_traces_are_not_used_again() {
    let mut traces = HashSet::new();
    let mut nodes = HashSet::new();
    for _ in 0..100 {
        let trace = Trace::open();
        assert!(traces.insert(trace.id()), "trace {}", trace.id());
        let node = trace.input(&plain(1.0)).node().id;
        assert!(nodes.insert(node), "node {node}");
    }
}

#[test]
fn a_container_that_outlives_its_trace_is_refused_by_name() {
    let trace = Trace::open();
    let x = input(&trace, 1.0);
    drop(trace);
    refused(&["`sin`", "argument 0", "ended"], || drop(SIN.bind(&[&x])));
    refused(&["`mul`", "argument 1", "ended"], || drop(2.0 * &x));
}

#[test]
fn a_container_that_outlives_its_trace_is_not_taken_for_one_of_a_later_trace() {
    let earlier = Trace::open();
    let x = input(&earlier, 1.0);
    drop(earlier);
    let later = Trace::open();
    let y = input(&later, 2.0);
    refused(&["`add`", "argument 1", "ended"], || drop(&y + &x));
}

#[test]
fn a_container_can_be_read_after_its_trace_has_ended() {
    let trace = Trace::open();
    let x = input(&trace, 2.5);
    drop(trace);
    assert_eq!(x.value(), 2.5);
}

#[test]
fn a_trace_that_a_panic_drops_has_ended() {
    let mut kept = None;
    refused(&["an error in the recorded function"], || {
        let trace = Trace::open();
        kept = Some(input(&trace, 1.0));
        panic!("an error in the recorded function");
    });
    refused(&["ended"], || drop(kept.unwrap().sin()));
}

#[test]
fn traces_may_end_in_any_order() {
    let (first, second) = (Trace::open(), Trace::open());
    let (x, y) = (input(&first, 1.0), input(&second, 2.0));
    drop(first);
    assert_eq!((&y + 1.0).value(), 3.0);
    drop(second);
    let _third = Trace::open();
    refused(&["ended"], || drop(&x + 1.0));
    refused(&["ended"], || drop(&y + 1.0));
}

#[test]
fn results_that_nobody_holds_are_freed() {
    let trace = Trace::open();
    let x = input(&trace, 1.0);
    let results: Vec<Weak<Node>> = (0..1000)
        .map(|_| Rc::downgrade(container(&x.sin()).node()))
        .collect();
    assert!(results.iter().all(|node| node.strong_count() == 0));
    assert_eq!(Rc::strong_count(container(&x).node()), 1);
}

#[test]
fn a_long_chain_is_dropped_on_a_small_stack() {
    threads::with_a_small_stack(|| {
        let trace = Trace::open();
        let mut y = input(&trace, 1.0);
        for _ in 0..threads::LONG {
            y = y.sin();
        }
    });
}

//! # A million operations, freed in time
//!
//! Chapter: stage2.md#deep-graphs
//!
//! About: memory, long chains
//!
//! Items: graph.rs `Drop for Node`
//!
//! A result that nobody holds any more is freed, with everything that only it needed. The drop
//! that Rust writes does this by recursion, and a long chain overflows the stack. Written as a
//! loop, it takes a chain of a million operations apart in a thread with 2 MiB of stack, also
//! while a panic unwinds. (When the stack overflows, this whole test program dies.)
//!
//! Hint 1: A node's drop drops its `parents`, whose drop drops *their* `parents`, and so on. Who
//! could hold all those parents instead, so that there is nothing left to recurse into?
//! Hint 2: Take the parents out with `std::mem::take`, pop one after the other, and if you were
//! its last owner, append its parents to the list.
//! Hint 3: `while let Some(parent) = parents.pop() { if let Some(mut node) = Rc::into_inner(parent)
//! { parents.append(&mut node.parents); } }`

use std::rc::{Rc, Weak};
use std::thread;

use stage2::{Container, Node, backward};

/// Runs `work` in a thread with 2 MiB of stack, which is what tests have by default. The thread
/// has the name of the test, so that a stack overflow says where it happened.
fn with_a_small_stack<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> thread::Result<T> {
    let name = thread::current().name().unwrap_or("test").to_owned();
    let thread = thread::Builder::new()
        .name(name)
        .stack_size(2 * 1024 * 1024)
        .spawn(work);
    thread.unwrap().join()
}

fn chain(x: &Container, length: usize) -> Container {
    let mut y = x.clone();
    for _ in 0..length {
        y = y.sin();
    }
    y
}

fn count_live(nodes: &[Weak<Node>]) -> usize {
    nodes.iter().filter(|node| node.strong_count() > 0).count()
}

#[test]
fn a_discarded_result_is_freed() {
    let x = Container::new(1.0);
    let results: Vec<Weak<Node>> = (0..1000).map(|_| Rc::downgrade(x.sin().node())).collect();
    assert_eq!(count_live(&results), 0);
    assert_eq!(Rc::strong_count(x.node()), 1);
}

#[test]
fn the_results_in_between_go_with_the_last_one() {
    let x = Container::new(1.0);
    let mut results = Vec::new();
    let mut y = x.clone();
    for _ in 0..1000 {
        y = y.sin();
        results.push(Rc::downgrade(y.node()));
    }
    assert_eq!(count_live(&results), 1000);
    drop(y);
    assert_eq!(count_live(&results), 0);
    assert_eq!(Rc::strong_count(x.node()), 1);
}

#[test]
fn a_result_keeps_alive_what_it_was_made_from() {
    let x = Container::new(0.0);
    let input = Rc::downgrade(x.node());
    let y = x.sin();
    drop(x);
    assert_eq!(count_live(std::slice::from_ref(&input)), 1);
    drop(y);
    assert_eq!(count_live(&[input]), 0);
}

#[test]
fn what_somebody_else_still_needs_is_left_whole() {
    let x = Container::new(3.0);
    let square = &x * &x;
    let (root, power) = (square.sqrt(), &square * &square);
    drop(root);
    drop(square);
    assert_eq!(backward(&[(&power, 1.0)]).of(&x), 108.0);
}

#[test]
fn a_chain_of_a_million_sines_has_value_and_gradient_and_can_be_dropped() {
    let result = with_a_small_stack(|| {
        let x = Container::new(1.0);
        let y = chain(&x, 1_000_000);
        (y.value(), backward(&[(&y, 1.0)]).of(&x))
    });

    // The same with plain numbers.
    let (mut value, mut angles) = (1.0_f64, Vec::new());
    for _ in 0..1_000_000 {
        angles.push(value);
        value = value.sin();
    }
    let gradient = angles
        .iter()
        .rev()
        .fold(1.0, |gradient, angle| gradient * angle.cos());
    assert_eq!(result.unwrap(), (value, gradient));
}

#[test]
fn a_long_chain_is_dropped_from_its_input_as_well() {
    let result = with_a_small_stack(|| {
        let x = Container::new(1.0);
        let y = chain(&x, 100_000);
        drop(x);
        drop(y);
    });
    assert!(result.is_ok());
}

#[test]
fn a_long_row_of_diamonds_can_be_dropped() {
    let result = with_a_small_stack(|| {
        let mut y = Container::new(0.0);
        for _ in 0..100_000 {
            y = &y + &y;
        }
    });
    assert!(result.is_ok());
}

#[test]
fn a_long_chain_is_dropped_while_a_panic_unwinds() {
    let result = with_a_small_stack(|| {
        let x = Container::new(1.0);
        let y = chain(&x, 1_000_000);
        assert!(y.value() > 1.0, "this error unwinds");
    });
    let message = *result.unwrap_err().downcast::<&str>().unwrap();
    assert_eq!(message, "this error unwinds");
}

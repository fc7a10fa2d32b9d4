//! # Long chains, freed in time
//!
//! Chapter: stage2.md#deep-graphs
//!
//! About: memory, long chains
//!
//! Items: graph.rs `Drop for Node`
//!
//! A result is freed once nothing holds it any more, with everything that only it needed. The drop
//! that Rust writes does this by recursion, and a long chain overflows the stack, whichever argument
//! it goes through. Written as a loop, it takes a chain of any length apart on a small stack, even
//! while a panic unwinds. (When the stack overflows, this whole test program dies.)
//!
//! Hint 1: A node's drop drops its `parents`, whose drop drops *their* `parents`, and so on. Who
//! could hold all those parents instead, so that there is nothing left to recurse into?
//! Hint 2: Take the parents out with `std::mem::take`, pop one after the other, and if you were
//! its last owner, append its parents to the list.
//! Hint 3: `while let Some(parent) = parents.pop() { if let Some(mut node) = Rc::into_inner(parent)
//! { parents.append(&mut node.parents); } }`

use std::rc::{Rc, Weak};

use stage2::{Container, Node, backward};

#[path = "../../../tests/src/threads.rs"]
mod threads;

use threads::{LONG, with_a_small_stack};

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
fn a_long_chain_of_sines_has_value_and_gradient_and_can_be_dropped() {
    let (value, gradient) = with_a_small_stack(|| {
        let x = Container::new(1.0);
        let y = chain(&x, LONG);
        (y.value(), backward(&[(&y, 1.0)]).of(&x))
    });

    // The same with plain numbers.
    let (mut plain, mut slope) = (1.0_f64, 1.0_f64);
    for _ in 0..LONG {
        slope *= plain.cos();
        plain = plain.sin();
    }
    assert!((value - plain).abs() < 1e-9, "{value}, not {plain}");
    assert!(
        (gradient / slope - 1.0).abs() < 1e-9,
        "{gradient}, not {slope}"
    );
}

#[test]
fn a_long_chain_is_dropped_from_its_input_as_well() {
    with_a_small_stack(|| {
        let x = Container::new(1.0);
        let y = chain(&x, LONG);
        drop(x);
        drop(y);
    });
}

#[test]
fn a_long_chain_of_second_arguments_can_be_dropped() {
    with_a_small_stack(|| {
        let mut y = Container::new(0.0);
        for _ in 0..LONG {
            y = 1.0 + &y;
        }
    });
}

#[test]
fn a_long_chain_of_first_and_second_arguments_in_turn_can_be_dropped() {
    with_a_small_stack(|| {
        let mut y = Container::new(0.0);
        for _ in 0..LONG / 2 {
            y = 1.0 + &y;
            y = &y + 1.0;
        }
    });
}

#[test]
fn a_long_row_of_diamonds_can_be_dropped() {
    with_a_small_stack(|| {
        let mut y = Container::new(0.0);
        for _ in 0..LONG {
            y = &y + &y;
        }
    });
}

#[test]
#[should_panic(expected = "this error unwinds")]
fn a_long_chain_is_dropped_while_a_panic_unwinds() {
    with_a_small_stack(|| {
        let x = Container::new(1.0);
        let y = chain(&x, LONG);
        assert!(y.value() > 1.0, "this error unwinds");
    });
}

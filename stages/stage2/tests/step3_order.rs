//! # Each node before its parents
//!
//! Chapter: stage2.md#the-order
//!
//! About: order, long chains
//!
//! Items: backward.rs `order`
//!
//! Before a node passes its gradient on, all of its children must have passed theirs to it. `order`
//! lists what the outputs depend on so that each node comes once, and before its parents. Counting
//! does it: a node's turn comes when all of its children have had theirs. It is
//! `pub fn order<'a>(outputs: &[&'a Node]) -> Vec<&'a Node>`, in `backward.rs`, and `lib.rs` says
//! `pub mod backward;`. The number of paths may double with each operation, and chains may be long:
//! it looks at each node once, in a loop.
//!
//! Hint 1: Following the parents as you meet them is not enough: a node may be met first on a
//! short path, while a long path to it has not been walked yet.
//! Hint 2: Two loops, no recursion. The first counts the children of each node that can be reached.
//! The second takes a node whose count is 0 and takes 1 off the count of each of its parents.
//! Hint 3: Start both loops with the outputs. An output that another output depends on has a count
//! above 0 after the first loop; it must not be in the second loop's starting list.

use std::collections::{HashMap, HashSet};
use std::mem::ManuallyDrop;

use pretty_assertions::assert_eq;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stage2::backward::order;
use stage2::{Container, Node};

#[path = "../../../tests/src/threads.rs"]
mod threads;

/// The ids of the nodes in the order of the walk from `outputs`.
fn ids(outputs: &[&Container]) -> Vec<u64> {
    let outputs: Vec<&Node> = outputs.iter().map(|output| &**output.node()).collect();
    order(&outputs).iter().map(|node| node.id).collect()
}

#[test]
fn an_input_alone_is_the_whole_order() {
    let x = Container::new(1.0);
    assert_eq!(ids(&[&x]), [x.node().id]);
}

#[test]
fn a_chain_is_walked_from_its_end() {
    let x = Container::new(1.0);
    let y = x.sin();
    let z = y.cos();
    assert_eq!(ids(&[&z]), [z.node().id, y.node().id, x.node().id]);
}

#[test]
fn a_reused_node_comes_once() {
    let x = Container::new(3.0);
    let square = &x * &x;
    assert_eq!(ids(&[&square]), [square.node().id, x.node().id]);
}

#[test]
fn a_node_waits_for_the_longest_path_to_it() {
    // From z, x is one step away and three steps away.
    let x = Container::new(1.0);
    let y = x.sin().cos();
    let left_first = &x + &y;
    assert_eq!(ids(&[&left_first]).last(), Some(&x.node().id));
    let right_first = &y + &x;
    assert_eq!(ids(&[&right_first]).last(), Some(&x.node().id));
}

#[test]
fn what_the_output_does_not_depend_on_is_left_out() {
    let (x, y) = (Container::new(1.0), Container::new(2.0));
    let z = x.sin();
    let _unused = &z * &y;
    assert_eq!(ids(&[&z]), [z.node().id, x.node().id]);
}

#[test]
fn several_outputs_share_one_order() {
    let x = Container::new(1.0);
    let (sin, cos) = (x.sin(), x.cos());
    let ids = ids(&[&sin, &cos]);
    assert_eq!(ids.len(), 3);
    assert_eq!(ids[2], x.node().id);
}

#[test]
fn an_output_waits_for_the_output_that_depends_on_it() {
    let x = Container::new(1.0);
    let y = x.sin();
    let z = y.cos();
    assert_eq!(ids(&[&y, &z]), [z.node().id, y.node().id, x.node().id]);
    assert_eq!(ids(&[&z, &y]), [z.node().id, y.node().id, x.node().id]);
}

#[test]
fn an_output_that_is_named_twice_comes_once() {
    let x = Container::new(1.0);
    let y = x.sin();
    assert_eq!(ids(&[&y, &y]), [y.node().id, x.node().id]);
}

/// Along each path, this would take longer than the universe is old.
#[test]
fn a_thousand_diamonds_are_a_thousand_and_one_nodes() {
    let length = threads::in_good_time(|| {
        let mut y = Container::new(1.0);
        for _ in 0..1000 {
            y = &y + &y;
        }
        ids(&[&y]).len()
    });
    assert_eq!(length, 1001);
}

#[test]
fn a_long_chain_does_not_overflow_the_stack() {
    threads::with_a_small_stack(|| {
        let x = Container::new(1.0);
        let mut y = x.clone();
        for _ in 0..threads::LONG {
            y = y.sin();
        }
        // How a long chain is dropped is the matter of a later step: this one is not dropped.
        let y = ManuallyDrop::new(y);
        let ids = ids(&[&y]);
        assert_eq!(ids.len(), threads::LONG + 1);
        assert_eq!(ids.last(), Some(&x.node().id));
    });
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// Each pair of indices makes a sum of two of the containers that are there already.
    #[test]
    fn in_any_graph_each_node_comes_once_and_before_its_parents(
        sums in prop::collection::vec((0..1000_usize, 0..1000_usize), 1..40)
    ) {
        let mut containers = vec![Container::new(1.0)];
        for (i, j) in sums {
            let (left, right) = (&containers[i % containers.len()], &containers[j % containers.len()]);
            containers.push(left + right);
        }
        let output = containers.last().unwrap();
        let order = order(&[output.node()]);

        let places: HashMap<u64, usize> = order.iter().map(|node| node.id).zip(0..).collect();
        prop_assert_eq!(places.len(), order.len(), "each node comes once");
        for node in &order {
            for parent in &node.parents {
                prop_assert!(places[&node.id] < places[&parent.id]);
            }
        }
        let reached: HashSet<u64> = order.iter().flat_map(|node| &node.parents).map(|p| p.id).collect();
        prop_assert_eq!(reached.len() + 1, order.len(), "all but the output is somebody's parent");
    }
}

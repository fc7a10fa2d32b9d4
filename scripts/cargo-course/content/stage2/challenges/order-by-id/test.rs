//! Descending ids are a topological order.

use std::collections::HashMap;

use pretty_assertions::assert_eq;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stage2::backward::{order, order_by_id};
use stage2::{Container, Node};

#[path = "../../../../../../tests/src/threads.rs"]
mod threads;

/// The ids of the nodes in the order of the walk from `outputs`.
fn ids(outputs: &[&Container]) -> Vec<u64> {
    let outputs: Vec<&Node> = outputs.iter().map(|output| &**output.node()).collect();
    order_by_id(&outputs).iter().map(|node| node.id).collect()
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
    let x = Container::new(1.0);
    let y = x.sin().cos();
    for z in [&x + &y, &y + &x] {
        assert_eq!(ids(&[&z]).last(), Some(&x.node().id));
    }
}

#[test]
fn an_output_waits_for_the_output_that_depends_on_it() {
    let x = Container::new(1.0);
    let y = x.sin();
    let z = y.cos();
    assert_eq!(ids(&[&y, &z, &y]), [z.node().id, y.node().id, x.node().id]);
}

#[test]
fn what_the_output_does_not_depend_on_is_left_out() {
    let (x, y) = (Container::new(1.0), Container::new(2.0));
    let z = x.sin();
    let _unused = &z * &y;
    assert_eq!(ids(&[&z]), [z.node().id, x.node().id]);
}

#[test]
fn each_node_is_visited_once() {
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
    let x = Container::new(1.0);
    let mut y = x.clone();
    for _ in 0..100_000 {
        y = y.sin();
    }
    assert_eq!(ids(&[&y]).len(), 100_001);
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// Each pair of indices makes a sum of two of the containers that are there already.
    #[test]
    fn in_any_graph_it_lists_the_same_nodes_as_counting_each_before_its_parents(
        sums in prop::collection::vec((0..1000_usize, 0..1000_usize), 1..40)
    ) {
        let mut containers = vec![Container::new(1.0)];
        for (i, j) in sums {
            let (left, right) = (&containers[i % containers.len()], &containers[j % containers.len()]);
            containers.push(left + right);
        }
        let output = containers.last().unwrap();
        let by_id = order_by_id(&[output.node()]);

        let places: HashMap<u64, usize> = by_id.iter().map(|node| node.id).zip(0..).collect();
        prop_assert_eq!(places.len(), by_id.len(), "each node comes once");
        for node in &by_id {
            for parent in &node.parents {
                prop_assert!(places[&node.id] < places[&parent.id]);
            }
        }
        prop_assert_eq!(order(&[output.node()]).len(), by_id.len());
    }
}

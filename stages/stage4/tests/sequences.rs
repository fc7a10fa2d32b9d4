//! What the chapter on practice says of a loop over time.

#[path = "../examples/sequences.rs"]
#[allow(dead_code, reason = "the tests have no use for what is printed")]
mod sequences;

use sequences::{gradients, nodes, sequences as numbers, start, trained};
use stage4::Value;

use self::sequences::digits::Random;

#[test]
fn the_full_gradient_agrees_with_differences() {
    let mut random = Random(1);
    let parameters = start(&mut random);
    let numbers = numbers(&mut random);
    let (_, full) = gradients(&parameters, &numbers, 24);
    for (index, place) in [(0, vec![2, 7]), (1, vec![3]), (2, vec![5]), (3, vec![11])] {
        let nudged = |by: f64| {
            let mut parameters = parameters.clone();
            let mut elements = parameters[index].array();
            elements[&*place] += by;
            parameters[index] = Value::from(elements);
            gradients(&parameters, &numbers, 24).0
        };
        let difference = (nudged(1e-5) - nudged(-1e-5)) / 2e-5;
        let slope = full[index].array()[&*place];
        assert!(
            (slope - difference).abs() < 1e-8,
            "{slope} and {difference}"
        );
    }
}

#[test]
fn chunks_change_the_gradient_and_not_the_error() {
    let mut random = Random(1);
    let parameters = start(&mut random);
    let numbers = numbers(&mut random);
    let (error, full) = gradients(&parameters, &numbers, 24);
    let (same, truncated) = gradients(&parameters, &numbers, 5);
    assert!((error - same).abs() < 1e-12);
    // What the answer is made with has its whole gradient: no step lies between.
    let away = |index: usize| (&full[index] - &truncated[index]).abs().max().value();
    assert!(away(3) < 1e-12);
    assert!(away(0) > 1e-3);
}

#[test]
fn a_walk_must_go_back_further_than_the_delay() {
    assert!(trained(24, 300) < 0.01);
    assert!(trained(6, 300) < 0.01);
    assert!(trained(4, 300) > 0.8);
}

#[test]
fn a_shorter_walk_needs_fewer_nodes() {
    assert!(nodes(6) * 3 < nodes(24));
}

//! The network of the example learns what it should.

#[path = "../examples/moons.rs"]
#[allow(dead_code, reason = "the test has no use for the table")]
mod moons;

use moons::Random;

#[test]
fn the_network_learns_to_tell_the_moons_apart() {
    let mut losses = Vec::new();
    let mut last_accuracy = 0.0;
    let mut random = Random(2);
    let data = moons::moons(&mut random);
    moons::train(&mut random, &data, |step, loss, parameters| {
        if step % 100 == 0 {
            losses.push(loss);
            last_accuracy = moons::accuracy(parameters, &data.0, &data.1);
        }
    });
    assert!(
        losses.is_sorted_by(|before, after| before > after),
        "{losses:?}"
    );
    assert!(
        losses[0] > 0.5 && losses[losses.len() - 1] < 0.05,
        "{losses:?}"
    );
    assert!(last_accuracy >= 0.99, "{last_accuracy}");
}

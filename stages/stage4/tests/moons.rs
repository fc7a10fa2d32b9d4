//! The network of the example learns what it should.

#[path = "../examples/moons.rs"]
#[allow(dead_code, reason = "the test has no use for the picture")]
mod moons;

#[test]
fn the_network_learns_to_tell_the_moons_apart() {
    let mut losses = Vec::new();
    let mut last_accuracy = 0.0;
    moons::train(|_, loss, accuracy| {
        losses.push(loss);
        last_accuracy = accuracy;
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

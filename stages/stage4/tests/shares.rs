//! What the chapter on practice says of the parts of a batch.

#[path = "../examples/shares.rs"]
#[allow(dead_code, reason = "the tests have no use for what is printed")]
mod shares;

use shares::{Weight, accumulated, batch, difference, on_threads, parameters, whole};

#[test]
fn parts_weighted_by_their_size_add_up_to_the_whole() {
    let (batch, parameters) = (batch(), parameters());
    let all = whole(&parameters, &batch);
    for size in [1, 8, 12, 32] {
        let parts = accumulated(&parameters, &batch, size, Weight::Pictures);
        assert!(difference(&all, &parts) < 1e-14, "{size}");
    }
}

#[test]
fn parts_of_unequal_size_must_not_count_alike() {
    let (batch, parameters) = (batch(), parameters());
    let all = whole(&parameters, &batch);
    let alike = |size| difference(&all, &accumulated(&parameters, &batch, size, Weight::Parts));
    assert!(alike(12) > 1e-2);
    assert!(alike(8) < 1e-14);
}

#[test]
fn threads_that_are_added_in_order_change_no_digit() {
    let (batch, parameters) = (batch(), parameters());
    let in_turn = accumulated(&parameters, &batch, 8, Weight::Pictures);
    assert_eq!(
        difference(&in_turn, &on_threads(&parameters, &batch, 8)),
        0.0
    );
}

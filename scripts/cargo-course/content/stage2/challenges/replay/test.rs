//! A recorded graph computes again, with other inputs.

use stage2::replay::replay;
use stage2::{Container, backward};

#[test]
fn without_changes_the_value_is_the_same() {
    let (x, y) = (Container::new(0.7), Container::new(1.9));
    let z = (x.sin() / &y - x.powf(&y)).tanh() + (&x * &y).sqrt();
    assert_eq!(replay(&z, &[]), z.value());
}

#[test]
fn a_change_is_carried_to_the_output() {
    let (x, y) = (Container::new(3.0), Container::new(4.0));
    let z = (&x * &x + &y * &y).sqrt();
    assert_eq!(z.value(), 5.0);
    assert_eq!(replay(&z, &[(&y, 0.0)]), 3.0);
    assert_eq!(replay(&z, &[(&x, 5.0), (&y, 12.0)]), 13.0);
}

#[test]
fn plain_numbers_in_the_program_stay() {
    let x = Container::new(3.0);
    let y = 2.0 * &x - 1.0;
    assert_eq!(replay(&y, &[(&x, 10.0)]), 19.0);
}

#[test]
fn an_intermediate_result_can_be_changed() {
    let x = Container::new(3.0);
    let square = &x * &x;
    let y = &square + 1.0;
    assert_eq!(replay(&y, &[(&square, 100.0)]), 101.0);
    assert_eq!(replay(&y, &[(&square, 100.0), (&x, 7.0)]), 101.0);
}

#[test]
fn the_graph_stays_as_it_is() {
    let x = Container::new(3.0);
    let y = &x * &x;
    assert_eq!(replay(&y, &[(&x, 5.0)]), 25.0);
    assert_eq!((x.value(), y.value()), (3.0, 9.0));
    assert_eq!(backward(&[(&y, 1.0)]).of(&x), 6.0);
}

#[test]
fn the_branch_that_was_taken_is_replayed() {
    let abs = |x: &Container| if x.value() < 0.0 { -x } else { x.clone() };
    let x = Container::new(3.0);
    let y = abs(&x) * 2.0;
    assert_eq!(replay(&y, &[(&x, -5.0)]), -10.0);
}

#[test]
fn a_long_chain_with_reuse_is_replayed_once() {
    let x = Container::new(1.0);
    let mut y = x.clone();
    for _ in 0..1000 {
        y = &y + &y;
    }
    assert_eq!(replay(&y, &[(&x, 2.0)]), 2.0 * y.value());
}

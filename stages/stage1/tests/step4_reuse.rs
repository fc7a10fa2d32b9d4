//! # Many paths, few steps
//!
//! Chapter: stage1.md#many-paths-few-steps
//!
//! About: gradients
//!
//! Items: backward.rs `Var::grad`, `Var::clear`
//!
//! An input that went into several results gets the *sum* of what comes back along all paths.
//! The number of paths can double with every operation, yet each variable needs to be worked out
//! only once: `grad` remembers its answer, for as long as the variable lives. `x.clear()` forgets the
//! gradient of `x`, whether it was an answer or a seed.
//!
//! Hint 1: A hundred lines of `b = &a + &a` have 2^100 paths. How many variables do they have?
//! Hint 2: Keep the sum in the variable before you return it, where `seed` keeps the seed.
//! Hint 3: End `grad` with `self.grad_cache().set(Some(grad)); grad`. `clear` sets the cache to
//! `None`.

use stage1::Var;

#[path = "../../../tests/src/threads.rs"]
mod threads;

/// `x` doubled `times` times by adding it to itself: 2^`times` paths.
fn doubled(x: &Var, times: usize) -> Var {
    let mut y = x.clone();
    for _ in 0..times {
        y = &y + &y;
    }
    y
}

#[test]
fn a_reused_input_gets_the_sum_of_both_paths() {
    let x = Var::new(3.0);
    let square = &x * &x;
    square.seed(1.0);
    assert_eq!(x.grad(), 6.0);
}

#[test]
fn the_first_expression_has_the_gradients_worked_out_by_hand() {
    let (a, b, c) = (Var::new(1.0), Var::new(2.0), Var::new(3.0));
    let d = &a + &b;
    let e = &b * &c;
    let f = &d * &e;
    assert_eq!(f.value(), 18.0);
    f.seed(1.0);
    assert_eq!(a.grad(), 6.0);
    assert_eq!(b.grad(), 15.0);
    assert_eq!(c.grad(), 6.0);
    assert_eq!(d.grad(), 6.0);
    assert_eq!(e.grad(), 3.0);
}

#[test]
fn paths_of_different_lengths_are_added_too() {
    let x = Var::new(3.0);
    let square = &x * &x;
    let sum = &(&square * &x) + &x;
    sum.seed(1.0);
    assert_eq!(x.grad(), 28.0); // x³ + x
}

#[test]
fn two_diamonds_in_a_row_have_four_paths() {
    let a = Var::new(1.0);
    let b = &a + &a;
    let c = &b + &b;
    c.seed(1.0);
    assert_eq!(a.grad(), 4.0);
}

#[test]
fn twenty_diamonds_have_a_million_paths() {
    let x = Var::new(1.0);
    doubled(&x, 20).seed(1.0);
    assert_eq!(x.grad(), 1_048_576.0);
}

/// Along each path, this would take longer than the universe is old.
#[test]
fn a_thousand_diamonds_take_a_thousand_steps() {
    let grad = threads::in_good_time(|| {
        let x = Var::new(1.0);
        doubled(&x, 1000).seed(1.0);
        x.grad()
    });
    assert_eq!(grad, 1.0715086071862673e301);
}

#[test]
fn asking_again_gives_the_same_gradient() {
    let x = Var::new(3.0);
    let square = &x * &x;
    square.seed(1.0);
    assert_eq!(x.grad(), 6.0);
    assert_eq!(x.grad(), 6.0);
}

#[test]
fn a_cleared_variable_asks_its_children_again() {
    let x = Var::new(3.0);
    let square = &x * &x;
    square.seed(1.0);
    assert_eq!(x.grad(), 6.0);
    square.seed(10.0);
    x.clear();
    assert_eq!(x.grad(), 60.0);
}

#[test]
fn a_cleared_output_is_no_longer_an_output() {
    let x = Var::new(3.0);
    let square = &x * &x;
    square.seed(1.0);
    square.clear();
    assert_eq!(x.grad(), 0.0);
}

#[test]
fn a_new_variable_has_no_gradient_and_no_child_of_one_that_is_gone() {
    for round in 0..100 {
        let x = Var::new(f64::from(round));
        let fresh = (x.grad(), x.children().len());
        assert_eq!(fresh, (0.0, 0), "variable {round}");
        let square = &x * &x;
        square.seed(1.0);
        x.clear();
        assert_eq!(x.grad(), 2.0 * f64::from(round));
    }
}

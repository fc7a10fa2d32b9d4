//! After a reset, a graph is as good as new.

use stage1::Var;

#[path = "../../../../../../tests/src/threads.rs"]
mod threads;

#[test]
fn one_output_after_another_can_be_differentiated() {
    let x = Var::new(3.0);
    (&x * &x).seed(1.0);
    assert_eq!(x.grad(), 6.0);
    x.reset();
    (&x * &x * &x).seed(1.0);
    assert_eq!(x.grad(), 27.0);
}

#[test]
fn the_variables_in_between_forget_as_well() {
    let x = Var::new(3.0);
    let square = &x * &x;
    assert_eq!(square.grad(), 0.0);
    (&square * &square).seed(1.0);
    x.reset();
    assert_eq!(x.grad(), 0.0);
    x.reset();
    (&square * &square).seed(1.0);
    assert_eq!(x.grad(), 108.0);
    assert_eq!(square.grad(), 18.0);
}

#[test]
fn a_variable_that_has_forgotten_already_does_not_stop_it() {
    let x = Var::new(3.0);
    let square = &x * &x;
    let power = &square * &square;
    power.seed(1.0);
    assert_eq!(x.grad(), 108.0);
    x.clear();
    square.clear();
    x.reset();
    assert_eq!(power.grad(), 0.0);
}

#[test]
fn what_was_not_computed_from_it_keeps_its_gradient() {
    let (x, y) = (Var::new(3.0), Var::new(5.0));
    let product = &x * &y;
    product.seed(1.0);
    assert_eq!(y.grad(), 3.0);
    x.reset();
    assert_eq!(y.grad(), 3.0);
    assert_eq!(product.grad(), 0.0);
}

#[test]
fn each_variable_is_visited_once() {
    let grad = threads::in_good_time(|| {
        let x = Var::new(1.0);
        let mut y = x.clone();
        for _ in 0..1000 {
            y = &y + &y;
        }
        y.seed(1.0);
        x.reset();
        x.grad()
    });
    assert_eq!(grad, 0.0);
}

#[test]
fn a_long_chain_does_not_overflow_the_stack() {
    let x = Var::new(1.0);
    let mut y = x.clone();
    for _ in 0..100_000 {
        y = y.sin();
    }
    y.seed(1.0);
    x.reset();
    assert_eq!(y.grad(), 0.0);
    // Dropping the chain would overflow the stack; this design cannot do better.
    std::mem::forget(x);
}

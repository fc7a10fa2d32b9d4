//! # Gradients are pulled
//!
//! Chapter: stage1.md#pulling-gradients
//!
//! About: gradients
//!
//! Items: graph.rs `Var::grad_cache`, backward.rs `Var::seed`, `Var::grad`
//!
//! `x.seed(1.0)` declares a variable's gradient; the output is seeded with 1. `x.grad()` of any
//! other variable asks its children: each child's own gradient, times the weight of the arrow to
//! it, all added up. This is the chain rule, read from the input's end. Where nothing is seeded,
//! gradients are 0. (The next step asks inputs that have several children.)
//!
//! Hint 1: A seeded variable has its answer already. It must not ask anyone.
//! Hint 2: If `grad_cache` holds a number, return that. Otherwise go through the children.
//! Hint 3: `for (weight, child) in self.children() { grad += weight * child.grad(); }`, starting
//! from `0.0`.

use stage1::Var;

#[test]
fn the_gradient_of_the_output_is_its_seed() {
    let x = Var::new(2.0);
    x.seed(1.0);
    assert_eq!(x.grad(), 1.0);
}

#[test]
fn an_input_pulls_the_weight_times_the_gradient_of_its_child() {
    let (x, y) = (Var::new(2.0), Var::new(3.0));
    let product = &x * &y;
    product.seed(1.0);
    assert_eq!(x.grad(), 3.0);
    assert_eq!(y.grad(), 2.0);
}

#[test]
fn weights_multiply_along_a_chain() {
    let (x, y, z) = (Var::new(2.0), Var::new(3.0), Var::new(5.0));
    let product = &x * &y;
    let all = &product * &z;
    all.seed(1.0);
    assert_eq!(product.grad(), 5.0);
    assert_eq!(x.grad(), 15.0);
    assert_eq!(y.grad(), 10.0);
    assert_eq!(z.grad(), 6.0);
}

#[test]
fn a_seed_scales_every_gradient() {
    let (x, y) = (Var::new(2.0), Var::new(3.0));
    let product = &x * &y;
    product.seed(10.0);
    assert_eq!(x.grad(), 30.0);
    assert_eq!(y.grad(), 20.0);
}

#[test]
fn a_seeded_variable_does_not_ask_its_children() {
    let (x, y) = (Var::new(2.0), Var::new(3.0));
    let sum = &x + &y;
    let square = &sum * &sum;
    square.seed(1.0);
    sum.seed(7.0);
    assert_eq!(sum.grad(), 7.0);
    assert_eq!(x.grad(), 7.0);
}

#[test]
fn without_a_seed_every_gradient_is_0() {
    let (x, y) = (Var::new(2.0), Var::new(3.0));
    let product = &x * &y;
    assert_eq!(product.grad(), 0.0);
    assert_eq!(x.grad(), 0.0);
}

#[test]
fn an_input_that_the_output_does_not_depend_on_has_gradient_0() {
    let (x, y) = (Var::new(2.0), Var::new(3.0));
    let square = &x * &x;
    square.seed(1.0);
    assert_eq!(y.grad(), 0.0);
}

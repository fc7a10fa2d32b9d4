//! # Results are recorded with their inputs
//!
//! Chapter: stage1.md#recording
//!
//! About: graph
//!
//! Items: trace.rs `record`, graph.rs `Var::children`, `Var::add_child`, ops.rs
//! `Add<&Var> for &Var`, `Mul<&Var> for &Var`
//!
//! `&x + &y` and `&x * &y` compute a new variable, and leave it with both inputs as a *child*.
//! Each child comes with a weight: the derivative of the result in that input, a plain number,
//! known as soon as the operation is done. An input that is used twice gets two children.
//! `children` lists them in the order of the operations: `fn children(&self) -> Vec<(f64, Var)>`.
//!
//! Hint 1: Which way do the arrows point? Nothing is stored in the result; the inputs change.
//! Hint 2: d(x + y)/dx = 1 and d(x + y)/dy = 1. d(x·y)/dx = y and d(x·y)/dy = x.
//! Hint 3: In `Mul`, `record(x * y, &[(y, self), (x, other)])`. In `record`, make the result with
//! `Var::new`, then call `input.add_child(*weight, &result)` for each input, and return the result.

use pretty_assertions::assert_eq;
use stage1::Var;

/// The children of `var`, each as (weight, value).
fn children(var: &Var) -> Vec<(f64, f64)> {
    let children = var.children();
    children
        .iter()
        .map(|(w, child)| (*w, child.value()))
        .collect()
}

#[test]
fn a_sum_has_the_sum_as_its_value() {
    assert_eq!((&Var::new(2.0) + &Var::new(3.0)).value(), 5.0);
}

#[test]
fn a_product_has_the_product_as_its_value() {
    assert_eq!((&Var::new(2.0) * &Var::new(3.0)).value(), 6.0);
}

#[test]
fn a_new_variable_has_no_children() {
    assert!(Var::new(2.0).children().is_empty());
}

#[test]
fn a_sum_is_a_child_of_both_inputs_with_weight_1() {
    let (x, y) = (Var::new(2.0), Var::new(3.0));
    let _sum = &x + &y;
    assert_eq!(children(&x), [(1.0, 5.0)]);
    assert_eq!(children(&y), [(1.0, 5.0)]);
}

#[test]
fn a_product_is_a_child_of_each_input_with_the_other_as_weight() {
    let (x, y) = (Var::new(2.0), Var::new(3.0));
    let _product = &x * &y;
    assert_eq!(children(&x), [(3.0, 6.0)]);
    assert_eq!(children(&y), [(2.0, 6.0)]);
}

#[test]
fn the_arrows_point_at_results_and_never_at_inputs() {
    let (x, y) = (Var::new(2.0), Var::new(3.0));
    let product = &x * &y;
    assert!(product.children().is_empty());
}

#[test]
fn an_input_that_is_used_twice_gets_two_children() {
    let x = Var::new(3.0);
    let _square = &x * &x;
    assert_eq!(children(&x), [(3.0, 9.0), (3.0, 9.0)]);
}

#[test]
fn children_are_listed_in_the_order_of_the_operations() {
    let (x, y) = (Var::new(2.0), Var::new(5.0));
    let _sum = &x + &y;
    let _product = &x * &y;
    assert_eq!(children(&x), [(1.0, 7.0), (5.0, 10.0)]);
}

#[test]
fn a_child_is_the_result_itself_and_not_a_copy() {
    let x = Var::new(2.0);
    let sum = &x + &x;
    let _product = &sum * &sum;
    let (_, child) = &x.children()[0];
    assert_eq!(children(child), [(4.0, 16.0), (4.0, 16.0)]);
}

#[test]
fn a_clone_is_a_second_handle_to_the_same_variable() {
    let x = Var::new(2.0);
    let _sum = &x.clone() + &Var::new(1.0);
    assert_eq!(children(&x), [(1.0, 3.0)]);
}

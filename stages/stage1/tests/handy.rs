//! What makes a variable handy: it is printed like a number, changed in place, and summed up.

use pretty_assertions::assert_eq;
use stage1::Var;

#[test]
fn it_is_printed_like_a_number() {
    let x = Var::new(2.5);
    assert_eq!(format!("{x} {x:.3} {x:6}|"), "2.5 2.500    2.5|");
    assert_eq!(Var::new(3.0).to_string(), "3");
}

#[test]
fn it_is_changed_in_place_by_values_references_and_numbers() {
    let y = Var::new(2.0);
    let mut x = Var::new(3.0);
    x += &y;
    x -= 1.0;
    x *= y.clone();
    x /= &y;
    assert_eq!(x.value(), 4.0);
}

#[test]
fn a_change_in_place_is_recorded() {
    let x = Var::new(3.0);
    let mut y = x.clone();
    y *= &x;
    y -= &x;
    y.seed(1.0);
    assert_eq!((y.value(), x.grad()), (6.0, 5.0)); // x² − x
}

#[test]
fn a_change_in_place_leaves_other_handles_alone() {
    let x = Var::new(3.0);
    let mut y = x.clone();
    y += 1.0;
    assert_eq!((x.value(), y.value()), (3.0, 4.0));
}

#[test]
fn values_references_and_numbers_are_summed_up() {
    let terms = [1.0, 2.0, 4.0].map(Var::new);
    assert_eq!(terms.iter().sum::<Var>().value(), 7.0);
    assert_eq!([1.0, 2.0].into_iter().sum::<Var>().value(), 3.0);
    assert_eq!(terms.into_iter().sum::<Var>().value(), 7.0);
}

#[test]
fn the_sum_of_nothing_is_0() {
    assert_eq!([0.0; 0].into_iter().sum::<Var>().value(), 0.0);
}

#[test]
fn each_term_of_a_sum_has_gradient_1() {
    let terms = [1.0, 2.0, 4.0].map(Var::new);
    terms.iter().chain([&terms[0]]).sum::<Var>().seed(1.0);
    assert_eq!(terms.map(|term| term.grad()), [2.0, 1.0, 1.0]);
}

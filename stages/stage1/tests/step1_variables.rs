//! # A number in a box
//!
//! Chapter: stage1.md#a-number-in-a-box
//!
//! About: values
//!
//! Items: graph.rs `Var::new`, `Var::value`, `From<f64> for Var`, `fmt::Debug for Var`
//!
//! A `Var` holds a number for as long as anyone has a handle to it, and a clone is a second handle.
//! It can be made with `Var::new(2.5)` or converted from an `f64` with `Var::from(2.5)`, it gives its
//! number back with `value()`, and it prints as `Var(2.5)`. `lib.rs` exports it.
//!
//! Hint 1: A new variable has gone into no result yet, and its gradient has not been asked for.
//! Hint 2: `Var` wraps an `Rc<Inner>`. Fill in the three fields: the value, an empty list, no
//! gradient.
//! Hint 3: `Var(Rc::new(Inner { value, children: RefCell::new(Vec::new()), grad: Cell::new(None) }))`.
//! For `Debug`, `f.debug_tuple("Var").field(&self.value()).finish()`.

use stage1::Var;

#[test]
fn a_variable_gives_its_number_back() {
    assert_eq!(Var::new(2.5).value(), 2.5);
    assert_eq!(Var::new(-1e300).value(), -1e300);
    assert!(Var::new(f64::NAN).value().is_nan());
}

#[test]
fn a_clone_holds_the_same_number_after_the_first_handle_is_gone() {
    let x = Var::new(2.5);
    let same = x.clone();
    drop(x);
    assert_eq!(same.value(), 2.5);
}

#[test]
fn a_plain_number_becomes_a_variable() {
    assert_eq!(Var::from(2.5).value(), 2.5);
}

#[test]
fn a_variable_prints_as_its_number() {
    assert_eq!(format!("{:?}", Var::new(2.5)), "Var(2.5)");
    assert_eq!(format!("{:?}", Var::new(2.0)), "Var(2.0)");
}

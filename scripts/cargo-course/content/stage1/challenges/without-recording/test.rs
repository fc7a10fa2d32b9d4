//! Recording can be switched off for a while.

use std::panic;
use std::thread;

use stage1::Var;
use stage1::trace::without_recording;

/// Whether operations on this thread are recorded.
fn recording() -> bool {
    let x = Var::new(1.0);
    x.sin();
    !x.children().is_empty()
}

#[test]
fn values_are_computed_and_inputs_stay_as_they_were() {
    let x = Var::new(3.0);
    let y = without_recording(|| &x * &x + 1.0);
    assert_eq!(y.value(), 10.0);
    assert!(x.children().is_empty());
}

#[test]
fn afterwards_operations_are_recorded_again() {
    without_recording(|| assert!(!recording()));
    assert!(recording());
}

#[test]
fn what_was_not_recorded_is_a_constant_to_what_follows() {
    let x = Var::new(3.0);
    let square = without_recording(|| &x * &x);
    (&square * &x).seed(1.0);
    assert_eq!(x.grad(), 9.0);
}

#[test]
fn it_can_be_nested() {
    without_recording(|| {
        without_recording(|| assert!(!recording()));
        assert!(!recording());
    });
    assert!(recording());
}

#[test]
fn a_panic_switches_it_on_again() {
    let result = panic::catch_unwind(|| without_recording(|| panic!("an error unwinds")));
    assert!(result.is_err());
    assert!(recording());
}

#[test]
fn other_threads_go_on_recording() {
    without_recording(|| assert!(thread::spawn(recording).join().unwrap()));
}

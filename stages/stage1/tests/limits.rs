//! What this design cannot do: the reasons for the stages that follow.

use std::process::{Command, Output};
use std::thread;

use stage1::Var;

#[test]
fn a_remembered_gradient_goes_stale_when_the_graph_grows() {
    let x = Var::new(3.0);
    (&x * &x).seed(1.0);
    assert_eq!(x.grad(), 6.0);
    (&x * &x * &x).seed(1.0);
    assert_eq!(x.grad(), 6.0); // 33 or 27, but not this
}

#[test]
fn two_seeded_outputs_are_mixed() {
    let x = Var::new(3.0);
    (&x * &x).seed(1.0);
    assert_eq!(x.grad(), 6.0);
    (&x * &x * &x).seed(1.0);
    x.clear();
    assert_eq!(x.grad(), 33.0); // 6 + 27: there is no way to ask for one of them
}

#[test]
fn reading_before_seeding_remembers_0() {
    let x = Var::new(3.0);
    let square = &x * &x;
    assert_eq!(x.grad(), 0.0);
    square.seed(1.0);
    assert_eq!(x.grad(), 0.0); // 6 is right
}

#[test]
fn clearing_an_input_leaves_the_variables_in_between_stale() {
    let x = Var::new(3.0);
    let square = &x * &x;
    assert_eq!(square.grad(), 0.0);
    (&square * &square).seed(1.0);
    x.clear();
    assert_eq!(x.grad(), 0.0); // 108 is right
}

#[test]
fn a_thousand_discarded_results_stay_alive() {
    let x = Var::new(1.0);
    for _ in 0..1000 {
        x.sin();
    }
    assert_eq!(x.children().len(), 1000);
}

#[test]
fn a_discarded_result_with_an_infinite_slope_spoils_the_gradient() {
    let x = Var::new(0.0);
    let y = &x * 3.0;
    x.sqrt(); // its gradient is 0, and its weight infinite
    y.seed(1.0);
    assert!(x.grad().is_nan()); // 3 is right
}

/// A chain of sines, from its input to its output.
fn chain(length: usize) -> (Var, Var) {
    let x = Var::new(1.0);
    let mut y = x.clone();
    for _ in 0..length {
        y = y.sin();
    }
    (x, y)
}

const CHILD: &str = "STAGE1_LIMITS_CHILD";

/// Runs `work` in a child process: this test program again, told to run only the test `name`.
/// There it gets a thread with a stack of 2 MiB. A stack overflow ends the whole process, so it
/// must not happen here.
fn in_a_child_process(name: &str, work: fn()) -> Option<Output> {
    if std::env::var_os(CHILD).is_some() {
        let thread = thread::Builder::new()
            .stack_size(2 * 1024 * 1024)
            .spawn(work);
        thread.unwrap().join().unwrap();
        return None;
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name])
        .env(CHILD, "1")
        .output();
    Some(output.unwrap())
}

#[track_caller]
fn assert_overflow(output: Option<Output>) {
    if let Some(output) = output {
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "the chain was not too deep");
        assert!(stderr.contains("overflowed its stack"), "{stderr}");
    }
}

#[test]
fn a_short_chain_is_walked_and_dropped() {
    let name = "a_short_chain_is_walked_and_dropped";
    let output = in_a_child_process(name, || {
        let (x, y) = chain(1000);
        y.seed(1.0);
        assert!(x.grad() > 0.0);
    });
    if let Some(output) = output {
        assert!(output.status.success(), "{output:?}");
    }
}

#[test]
fn the_gradient_of_a_deep_chain_overflows_the_stack() {
    let name = "the_gradient_of_a_deep_chain_overflows_the_stack";
    assert_overflow(in_a_child_process(name, || {
        let (x, y) = chain(100_000);
        y.seed(1.0);
        x.grad();
        std::mem::forget(x); // dropping it would overflow as well
    }));
}

#[test]
fn dropping_a_deep_chain_overflows_the_stack() {
    let name = "dropping_a_deep_chain_overflows_the_stack";
    assert_overflow(in_a_child_process(name, || drop(chain(100_000))));
}

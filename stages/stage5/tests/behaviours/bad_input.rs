//! What a tape does when it is full, empty, interrupted, or given a NaN.

#[cfg(target_os = "linux")]
use std::{env, process::Command, thread};

use pretty_assertions::assert_eq;
use stage5::{Tape, Trace, gradient};

use crate::exam::panics::{message, refused};

/// Fails unless the tape that `full` fills goes on as if nothing had happened.
fn refuses(full: impl for<'t> Fn(Trace<'t>)) {
    let mut tape = Tape::with_limit(3);
    tape.open(|trace| {
        let (x, y) = (trace.input(3.0), trace.input(4.0));
        let product = (x * y).record();
        let before = trace.edges();
        refused(&["tape is full", "at most 3 entries"], || full(trace));
        assert_eq!(trace.edges(), before);
        let gradients = trace.backward(&[(product, 1.0)]);
        assert_eq!([x, y].map(|x| gradients.of(x)), [4.0, 3.0]);
    });
    tape.open(|trace| assert_eq!(trace.input(5.0).entry(), 0));
}

#[test]
fn a_full_tape_refuses_an_input_and_a_sum_and_keeps_what_it_has() {
    refuses(|trace| _ = trace.input(5.0));
    refuses(|trace| drop(trace.inputs(&[5.0])));
    refuses(|trace| _ = trace.sum(trace.inputs(&[])));
}

#[test]
fn an_empty_tape_can_be_swept() {
    Tape::<f64>::new().open(|trace| {
        assert_eq!(trace.edges(), []);
        drop(trace.backward(&[]));
        assert_eq!(trace.input(2.0).entry(), 0);
    });
}

#[test]
fn nan_reaches_what_it_is_combined_with_and_no_further() {
    let (value, slopes) = gradient(
        |x| (x[0].ln() + x[0] * x[1] + x[2]).record(),
        &[f64::NAN, 2.0, 1.0],
    );
    assert!(value.is_nan() && slopes[0].is_nan() && slopes[1].is_nan());
    assert_eq!(slopes[2], 1.0);
}

#[test]
fn a_seed_of_nan_makes_the_gradients_nan() {
    Tape::new().open(|trace| {
        let (x, y) = (trace.input(3.0), trace.input(4.0));
        let square = (x * x).record();
        let gradients = trace.backward(&[(square, f64::NAN)]);
        assert!(gradients.of(x).is_nan());
        assert_eq!(gradients.of(y), 0.0);
    });
}

#[test]
fn a_seed_of_0_gives_gradients_of_0_and_leaves_other_seeds_alone() {
    Tape::new().open(|trace| {
        let x = trace.input(3.0);
        let (square, cube) = ((x * x).record(), (x * x * x).record());
        assert_eq!(trace.backward(&[(square, 0.0)]).of(x), 0.0);
        assert_eq!(trace.backward(&[(square, 0.0), (cube, 1.0)]).of(x), 27.0);
    });
}

/// The terms before the panic have been written, for an entry that no variable holds.
#[test]
fn a_panic_in_the_middle_of_a_sum_leaves_a_tape_to_use() {
    let mut tape = Tape::new();
    let product = tape.open(|trace| {
        let (x, y) = (trace.input(3.0), trace.input(4.0));
        refused(&["`Trace::sum`"], || {
            _ = trace.sum((0..2).map(|number| match number {
                0 => x,
                _ => (x * x).record(),
            }))
        });
        let product = (x * y).record();
        let gradients = trace.backward(&[(product, 1.0)]);
        [x, y].map(|x| gradients.of(x))
    });
    assert_eq!(product, [4.0, 3.0]);
}

/// The test runs itself again, in a process whose memory is limited.
#[cfg(target_os = "linux")]
#[test]
fn a_tape_that_does_not_fit_into_memory_says_so() {
    const LIMITED: &str = "STAGE5_MEMORY_IS_LIMITED";
    if env::var_os(LIMITED).is_some() {
        let mut tape = Tape::new();
        tape.open(|trace| {
            let x = trace.inputs(&[1.0; 50_000]);
            let said = message(|| {
                for _ in 0..100_000 {
                    let _ = trace.dot(&x, &x).record();
                }
            });
            assert!(
                said.starts_with("the tape does not fit into memory"),
                "{said}"
            );
            assert!(!said.contains("Error"), "{said}");
        });
        let product = tape.gradient(|x| (x[0] * x[1]).record(), &[3.0, 4.0]);
        assert_eq!(product, (12.0, vec![4.0, 3.0]));
        return;
    }
    let thread = thread::current();
    let name = thread.name().expect("the name of the test");
    let mut limited = Command::new("sh");
    limited
        .args([
            "-c",
            "ulimit -v 200000 && exec \"$0\" --exact \"$1\" --test-threads 1",
        ])
        .arg(env::current_exe().unwrap())
        .arg(name)
        .env(LIMITED, "");
    let output = limited.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("1 passed"), "{text}");
}

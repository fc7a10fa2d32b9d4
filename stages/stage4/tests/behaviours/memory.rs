//! Long chains, and nodes that go when they are no longer needed.

use std::cell::Cell;
use std::panic::{catch_unwind, resume_unwind};
use std::rc::Rc;

use allocation_counter::measure;
use ndarray::array;
use pretty_assertions::assert_eq;
use stage4::{
    Args, Data, Primitive, Raw, Trace, Value, defvjp, defvjp_variadic, downcast, grad, hessian,
    vector_jacobian,
};

use crate::exam::threads::{LONG, with_a_small_stack};
use crate::left::nothing_is_left;

thread_local! {
    static LIVE: Cell<usize> = const { Cell::new(0) };
}

/// A number that counts how many of its kind there are on this thread.
#[derive(Debug)]
struct Counted(f64);

fn counted(number: f64) -> Raw {
    LIVE.set(LIVE.get() + 1);
    Rc::new(Counted(number))
}

impl Drop for Counted {
    fn drop(&mut self) {
        LIVE.set(LIVE.get() - 1);
    }
}

impl Data for Counted {
    fn zeros(&self) -> Raw {
        counted(0.0)
    }

    fn ones(&self) -> Raw {
        counted(1.0)
    }

    fn add(&self, other: &Raw) -> Raw {
        counted(self.0 + downcast::<Counted>(other).expect("as many").0)
    }
}

fn product(args: &Args<'_>) -> Raw {
    counted(args.get::<Counted>(0).0 * args.get::<Counted>(1).0)
}

static PRODUCT: Primitive = Primitive::new("product", product);

fn times(x: &Value, y: &Value) -> Value {
    PRODUCT.bind(&[x, y])
}

fn define() {
    defvjp(
        &PRODUCT,
        &[|g, _, x| times(g, &x[1]), |g, _, x| times(g, &x[0])],
    );
}

#[test]
fn a_long_chain_has_a_gradient_and_is_dropped() {
    with_a_small_stack(|| {
        let chain = |x: &Value| (0..LONG).fold(x.clone(), |y, _| -y);
        let (value, pull_back) = vector_jacobian(chain, &Value::from(3.0));
        assert_eq!(value, 3.0); // `LONG` is even
        assert_eq!(pull_back(&Value::from(1.0)), 1.0);
    });
}

#[test]
fn a_long_chain_along_either_argument_is_dropped() {
    let chains: [fn(&Value) -> Value; 2] = [
        |x| (0..LONG).fold(x.clone(), |y, _| y + x),
        |x| (0..LONG).fold(x.clone(), |y, _| x + y),
    ];
    for chain in chains {
        with_a_small_stack(move || {
            let slope = grad(chain)(&Value::from(3.0));
            assert_eq!(slope, (LONG + 1) as f64);
        });
    }
}

#[test]
fn a_long_chain_of_nested_traces_has_second_derivatives_and_is_dropped() {
    with_a_small_stack(|| {
        let chain = |x: &Value| (0..LONG).fold(x.clone(), |y, _| y + 1.0) * x;
        assert_eq!(grad(grad(chain))(&Value::from(3.0)), 2.0);
    });
}

#[test]
fn long_chains_of_two_traces_are_dropped_in_any_order() {
    for outer_first in [true, false] {
        with_a_small_stack(move || {
            let (outer, inner) = (Trace::open(), Trace::open());
            let x = Value::Boxed(outer.input(&Value::from(3.0)));
            let y = (0..LONG).fold(x.clone(), |y, _| y + 1.0);
            let z = Value::Boxed(inner.input(&y));
            let z = (0..LONG / 2).fold(z, |z, _| z * &x / &x);
            if outer_first {
                drop((x, y));
                drop(z);
            } else {
                drop(z);
                drop((y, x));
            }
        });
    }
}

#[test]
fn a_chain_is_dropped_when_a_panic_unwinds() {
    with_a_small_stack(|| {
        let result = catch_unwind(|| {
            grad(|x| {
                let y = (0..LONG).fold(x.clone(), |y, _| -y);
                y.reshape(&[2])
            })(&Value::from(3.0))
        });
        assert!(result.is_err());
    });
}

#[test]
fn nodes_go_with_the_last_container() {
    define();
    assert_eq!(LIVE.get(), 0);
    let trace = Trace::open();
    let x = Value::Plain(counted(3.0));
    let input = trace.input(&x);
    let mut y = Value::Boxed(input.clone());
    for _ in 0..100 {
        y = times(&y, &y);
    }
    assert_eq!(LIVE.get(), 101);
    let last = times(&y, &y);
    drop(y);
    assert_eq!(LIVE.get(), 102); // the last one holds all the others
    drop(last);
    assert_eq!(LIVE.get(), 1);
    drop((input, x));
    assert_eq!(LIVE.get(), 0);
}

#[test]
fn results_that_nobody_keeps_are_freed() {
    let trace = Trace::open();
    let x = Value::Boxed(trace.input(&Value::Plain(counted(3.0))));
    for _ in 0..1000 {
        times(&x, &x);
    }
    assert_eq!(LIVE.get(), 1);
}

#[test]
fn a_loop_of_ten_thousand_steps_does_not_grow() {
    define();
    let mut weight = Value::Plain(counted(0.5));
    let shrink = Value::Plain(counted(0.9999));
    for _ in 0..10_000 {
        let cube = |w: &Value| times(&times(w, w), w);
        let (_, pull_back) = vector_jacobian(cube, &weight);
        let gradient = pull_back(&weight.ones());
        assert!(gradient.data::<Counted>().0 >= 0.0);
        weight = times(&weight, &shrink);
        drop((pull_back, gradient));
        assert_eq!(LIVE.get(), 2); // the weight and the factor
    }
}

#[test]
fn gradients_leave_nothing_in_memory() {
    let x = Value::from(array![1.0, 2.0, 3.0]);
    nothing_is_left("gradients_leave_nothing_in_memory", || {
        drop(grad(|x| (x.sin() * x).sum())(&x));
        drop(hessian(Value::prod)(&x));
    });
}

#[test]
fn functions_that_panic_leave_nothing_in_memory() {
    let failing = || {
        let slope = || {
            grad(|x| {
                let _sine = x.sin();
                resume_unwind(Box::new("an error of the user"))
            })(&Value::from(1.0))
        };
        assert!(catch_unwind(slope).is_err());
    };
    nothing_is_left("functions_that_panic_leave_nothing_in_memory", failing);
}

#[test]
fn traces_leave_nothing_in_memory() {
    nothing_is_left("traces_leave_nothing_in_memory", || {
        let (outer, inner) = (Trace::open(), Trace::open());
        let x = Value::Boxed(outer.input(&Value::from(2.0)));
        let y = Value::Boxed(inner.input(&x));
        drop(y * x);
    });
}

#[test]
fn rules_that_are_defined_anew_leave_nothing_in_memory() {
    static SAME: Primitive = Primitive::new("same", |args| args.map(|x| x));
    nothing_is_left(
        "rules_that_are_defined_anew_leave_nothing_in_memory",
        || {
            defvjp(&SAME, &[|g, _, _| g.clone()]);
            defvjp_variadic(&SAME, |_, g, _, _| g.clone());
        },
    );
}

#[test]
fn memory_grows_in_proportion_to_the_chain() {
    let allocated = |count: usize| {
        let chain = |x: &Value| (0..count).fold(x.clone(), |y, _| y.sin());
        let memory = measure(|| drop(grad(chain)(&Value::from(1.0))));
        [memory.count_total, memory.bytes_total, memory.bytes_max].map(|n| n as f64 / count as f64)
    };
    allocated(1);
    let (short, long) = (allocated(1000), allocated(20_000));
    // A vector or a map that is full doubles.
    for (what, (short, long)) in ["allocations", "bytes", "bytes at the peak"]
        .into_iter()
        .zip(short.into_iter().zip(long))
    {
        assert!(
            long < 2.5 * short,
            "{long} {what} for each of 20,000 operations, {short} for each of 1000"
        );
    }
}

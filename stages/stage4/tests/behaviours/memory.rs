//! Long chains, and nodes that go when nobody needs them.

use std::cell::Cell;
use std::rc::Rc;

use pretty_assertions::assert_eq;
use stage4::{Args, Data, Primitive, Raw, Trace, Value, defvjp, downcast, grad, vector_jacobian};

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
fn a_chain_of_a_million_operations_has_a_gradient_and_is_dropped() {
    // This thread has a stack of 2 MiB.
    let chain = |x: &Value| {
        let mut y = x.clone();
        for _ in 0..1_000_000 {
            y = -y;
        }
        y
    };
    let (value, pull_back) = vector_jacobian(chain, &Value::from(3.0));
    assert_eq!(value, 3.0);
    assert_eq!(pull_back(&Value::from(1.0)), 1.0);
}

#[test]
fn a_long_chain_of_nested_traces_has_second_derivatives_and_is_dropped() {
    let chain = |x: &Value| {
        let mut y = x.clone();
        for _ in 0..100_000 {
            y = -y;
        }
        y * x
    };
    assert_eq!(grad(grad(chain))(&Value::from(3.0)), 2.0);
}

#[test]
fn long_chains_of_two_traces_are_dropped_in_any_order() {
    for outer_first in [true, false] {
        let (outer, inner) = (Trace::open(), Trace::open());
        let mut y = Value::Boxed(outer.input(&Value::from(3.0)));
        let factor = y.clone();
        for _ in 0..100_000 {
            y = &y + 1.0;
        }
        let in_outer = y.clone();
        let mut z = Value::Boxed(inner.input(&y));
        for _ in 0..100_000 {
            z = &z * &factor / &factor;
        }
        if outer_first {
            drop((in_outer, y));
            drop(z);
        } else {
            drop(z);
            drop((y, in_outer));
        }
    }
}

#[test]
fn a_chain_is_dropped_when_a_panic_unwinds() {
    let result = std::panic::catch_unwind(|| {
        grad(|x| {
            let mut y = x.clone();
            for _ in 0..100_000 {
                y = -y;
            }
            y.reshape(&[2])
        })(&Value::from(3.0))
    });
    assert!(result.is_err());
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

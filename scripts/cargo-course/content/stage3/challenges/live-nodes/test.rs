//! The number of nodes that are alive on this thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use stage3::graph::live_nodes;
use stage3::{Trace, Value, grad, vector_jacobian};

#[test]
fn a_node_lives_as_long_as_somebody_holds_it() {
    assert_eq!(live_nodes(), 0);
    let trace = Trace::open();
    let x = Value::Boxed(trace.input(&Value::from(1.0)));
    assert_eq!(live_nodes(), 1);
    let y = x.sin().cos();
    assert_eq!(live_nodes(), 3);
    drop(x);
    assert_eq!(live_nodes(), 3); // y was made from it
    drop(y);
    assert_eq!(live_nodes(), 0);
}

#[test]
fn plain_numbers_have_no_nodes() {
    let x = Value::from(2.0);
    let _y = &x * &x + 1.0;
    assert_eq!(live_nodes(), 0);
}

#[test]
fn a_pull_back_holds_its_graph() {
    let (_, pull_back) = vector_jacobian(|x| x * x + x, &Value::from(3.0));
    assert_eq!(live_nodes(), 3);
    pull_back(&Value::from(1.0));
    assert_eq!(live_nodes(), 3); // the walk adds nothing that stays
    drop(pull_back);
    assert_eq!(live_nodes(), 0);
}

#[test]
fn derivatives_of_derivatives_leave_nothing_behind() {
    let slope = grad(grad(grad(|x: &Value| x.sin() * x.exp())));
    for _ in 0..100 {
        slope(&Value::from(1.0));
        assert_eq!(live_nodes(), 0);
    }
}

#[test]
fn the_nodes_of_nested_traces_are_counted_together() {
    let (outer, inner) = (Trace::open(), Trace::open());
    let x = Value::Boxed(outer.input(&Value::from(1.0)));
    let y = Value::Boxed(inner.input(&x));
    let _sine = y.sin();
    assert_eq!(live_nodes(), 4); // two inputs, and one sine on each level
}

#[test]
fn a_long_chain_is_counted_down_node_by_node() {
    let trace = Trace::open();
    let mut y = Value::Boxed(trace.input(&Value::from(1.0)));
    for _ in 0..50_000 {
        y = y.sin();
    }
    assert_eq!(live_nodes(), 50_001);
    drop(y);
    assert_eq!(live_nodes(), 0);
}

#[test]
fn a_panic_leaves_nothing_behind() {
    let result = catch_unwind(AssertUnwindSafe(|| {
        grad(|x| {
            let _y = x.sin();
            panic!("the function's own error")
        })(&Value::from(1.0))
    }));
    assert!(result.is_err());
    assert_eq!(live_nodes(), 0);
}

#[test]
fn each_thread_counts_its_own() {
    let trace = Trace::open();
    let _x = trace.input(&Value::from(1.0));
    assert_eq!(live_nodes(), 1);
    assert_eq!(thread::spawn(live_nodes).join().unwrap(), 0);
}

//! What derivatives of derivatives cost.

use pretty_assertions::assert_eq;
use stage3::backward::order;
use stage3::{Trace, Value, grad};

fn tanh(x: &Value) -> Value {
    let y = (-x).exp();
    (1.0 - &y) / (1.0 + &y)
}

/// How many nodes the result of `f` depends on in a trace that is opened around `f`.
fn nodes(f: impl Fn(&Value) -> Value) -> usize {
    let trace = Trace::open();
    let input = trace.input(&Value::from(1.0));
    match f(&Value::Boxed(input)) {
        Value::Boxed(result) => order(&[result.node()]).len(),
        Value::Plain(_) => 0,
    }
}

#[test]
fn each_order_takes_about_three_times_the_nodes_of_the_order_before() {
    let nodes = [
        nodes(tanh),
        nodes(grad(tanh)),
        nodes(grad(grad(tanh))),
        nodes(grad(grad(grad(tanh)))),
        nodes(grad(grad(grad(grad(tanh))))),
        nodes(grad(grad(grad(grad(grad(tanh)))))),
    ];
    assert_eq!(nodes, [6, 13, 33, 99, 319, 1053]);
}

#[test]
fn a_gradient_takes_a_small_multiple_of_the_nodes_of_its_function() {
    let chain = |x: &Value| (0..1000).fold(x.clone(), |y, _| y.sin());
    assert_eq!(nodes(chain), 1001);
    let gradient = nodes(grad(chain));
    assert!(gradient < 4 * 1001, "{gradient}");
}

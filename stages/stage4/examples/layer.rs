//! The shapes in one layer, as a picture in DOT: what each value is, and what each rule makes of
//! the gradient.

use ndarray::{Array1, Array2};
use stage4::{Trace, Value, backward::order};

fn main() {
    // Four samples of three numbers each, and two neurons.
    let samples = Value::from(Array2::ones((4, 3)));
    let trace = Trace::open();
    let weights = trace.input(&Value::from(Array2::ones((3, 2))));
    let bias = trace.input(&Value::from(Array1::ones(2)));
    let names = [(weights.node().id, "W"), (bias.node().id, "b")];
    let (weights, bias) = (Value::Boxed(weights), Value::Boxed(bias));

    let Value::Boxed(loss) = (samples.dot(&weights) + &bias).tanh().sum() else {
        unreachable!("what is made of containers is a container");
    };

    println!("## picture");
    println!("digraph {{");
    for node in order(&[&**loss.node()]) {
        let name = names.iter().find(|(id, _)| *id == node.id);
        let name = name.map_or(node.primitive.name, |(_, name)| name);
        println!(
            "  n{} [label=\"{name}\\n{}\"];",
            node.id,
            shape(&node.result)
        );
        for (_, parent) in &node.parents {
            let (from, to) = (shape(&node.result), shape(&parent.result));
            println!(
                "  n{} -> n{} [label=\"{from} to {to}\"];",
                node.id, parent.id
            );
        }
    }
    println!("}}");
}

fn shape(value: &Value) -> String {
    match value.shape() {
        [] => "number".to_owned(),
        [length] => length.to_string(),
        [rows, columns] => format!("{rows} × {columns}"),
        shape => format!("{shape:?}"),
    }
}

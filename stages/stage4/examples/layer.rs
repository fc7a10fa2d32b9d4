//! The shapes in one layer, as a picture in DOT: what each value is.

use ndarray::{Array1, Array2};
use stage4::{Trace, Value, draw};

fn main() {
    // Four samples of three numbers each, and two neurons.
    let samples = Value::from(Array2::ones((4, 3)));
    let trace = Trace::open();
    let weights = Value::Boxed(trace.input(&Value::from(Array2::ones((3, 2)))));
    let bias = Value::Boxed(trace.input(&Value::from(Array1::ones(2))));

    let Value::Boxed(loss) = (samples.dot(&weights) + &bias).tanh().sum() else {
        unreachable!("what is made of containers is a container");
    };

    println!("## picture");
    // The inputs come first, in the order in which they were made.
    let picture = draw::dot(&loss).replacen("input", "W", 1);
    print!("{}", picture.replacen("input", "b", 1));
}

//! Several inputs, several outputs, second derivatives.

use ndarray::array;
use stage4::ops::stack;
use stage4::{Value, grad, grads, hessian, hessian_vector_product, jacobian};

/// From radius and angle to x and y.
fn cartesian(polar: &Value) -> Value {
    let (radius, angle) = (polar.index(&[0]), polar.index(&[1]));
    stack(0, &[&radius * angle.cos(), &radius * angle.sin()])
}

/// Rosenbrock's valley, which is flat along a parabola and steep across it.
fn rosenbrock(p: &Value) -> Value {
    let (x, y) = (p.index(&[0]), p.index(&[1]));
    (1.0 - &x).powf(2.0) + 100.0 * (y - &x * &x).powf(2.0)
}

fn print(name: &str, value: &Value) {
    let array = value.array();
    let row = |numbers: &mut dyn Iterator<Item = &f64>| {
        let numbers: Vec<String> = numbers.map(|number| format!("{number:9.3}")).collect();
        println!("{name:10}{}", numbers.join(" "));
    };
    match array.ndim() {
        2 => array
            .rows()
            .into_iter()
            .for_each(|line| row(&mut line.iter())),
        _ => row(&mut array.iter()),
    }
}

fn main() {
    println!("## several-inputs");
    // A neuron: gradients in its input, its weights and its bias at once.
    let neuron = |p: &[Value]| (p[0].dot(&p[1]) + &p[2]).tanh();
    let inputs = [
        Value::from(array![1.0, 2.0]),
        Value::from(array![0.5, -0.25]),
        Value::from(0.5),
    ];
    let gradients = grads(neuron)(&inputs);
    print("input", &gradients[0]);
    print("weights", &gradients[1]);
    print("bias", &gradients[2]);

    println!("## jacobian");
    // A row for x and one for y; a column for the radius and one for the angle.
    let polar = Value::from(array![2.0, 1.0]);
    print("", &jacobian(cartesian)(&polar));

    println!("## hessian");
    let p = Value::from(array![0.0, 2.0]);
    print("gradient", &grad(rosenbrock)(&p));
    print("Hessian", &hessian(rosenbrock)(&p));

    println!("## hessian-vector-product");
    // One walk back through the gradient, however many variables there are.
    let direction = Value::from(array![1.0, 10.0]);
    let product = hessian_vector_product(rosenbrock)(&p, &direction);
    print("walk", &product);
    print("matrix", &hessian(rosenbrock)(&p).dot(&direction));
}

//! Forward over reverse: the Hessian, column by column, and a direction without the Hessian.

use stage5::{Dual, Number, Tape, Var, gradient, hessian_vector};

/// Rosenbrock's function: a valley, bent along a parabola.
fn valley<'t, T: Number>(x: &[Var<'t, T>]) -> Var<'t, T> {
    let bend = x[1] - x[0] * x[0];
    let rest = 1.0 - x[0];
    (100.0 * bend * bend + rest * rest).record()
}

fn main() {
    let x = [-1.2, 1.0];

    println!("## gradient");
    let (value, slopes) = gradient(valley, &x);
    println!("value {value}, gradient {slopes:?}");

    println!("## columns");
    for direction in [[1.0, 0.0], [0.0, 1.0]] {
        let (_, column) = hessian_vector(valley, &x, &direction);
        println!("{direction:?} gives {column:?}");
    }

    println!("## direction");
    // Downhill. However many variables there are, that is one sweep.
    let downhill: Vec<f64> = slopes.iter().map(|slope| -slope).collect();
    let (_, product) = hessian_vector(valley, &x, &downhill);
    println!("H·d = {product:?}");

    println!("## tanh");
    // The gradient on a tape of twofold dual numbers: orders 1, 2 and 3 of tanh.
    let input = Dual::input(Dual::input(0.5));
    let (_, slopes) = Tape::new().gradient(|x| x[0].tanh().record(), &[input]);
    let slope = slopes[0];
    println!("tanh′   {}", slope.value.value);
    println!("tanh″   {}", slope.slope.value);
    println!("tanh‴   {}", slope.slope.slope);
}

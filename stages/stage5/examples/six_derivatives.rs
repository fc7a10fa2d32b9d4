//! Six derivatives of (1 − e^−x) / (1 + e^−x), which is tanh(x/2): dual numbers of dual numbers on a
//! tape, swept once.
//!
//! ```text
//! cargo run -p stage5 --example six_derivatives
//! ```

use stage5::{Dual, Number, Tape, Var};

// ANCHOR: tanh
fn tanh<'t, T: Number>(x: &[Var<'t, T>]) -> Var<'t, T> {
    let y = (-x[0]).exp().record();
    ((1.0 - y) / (1.0 + y)).record()
}

/// A number with its first five derivatives: each level adds one order.
type Five = Dual<Dual<Dual<Dual<Dual>>>>;

/// The derivatives of orders 0 to 6.
fn derivatives(tape: &mut Tape<Five>, x: f64) -> [f64; 7] {
    let x = Dual::input(Dual::input(Dual::input(Dual::input(Dual::input(x)))));
    // Five orders forward. The sweep adds the sixth.
    let (y, slopes) = tape.gradient(tanh, &[x]);
    let slope = slopes[0];
    [
        y.value(),
        slope.value(),
        slope.slope.value(),
        slope.slope.slope.value(),
        slope.slope.slope.slope.value(),
        slope.slope.slope.slope.slope.value(),
        slope.slope.slope.slope.slope.slope,
    ]
}
// ANCHOR_END: tanh

fn main() {
    let mut tape = Tape::new();
    // The points of stage 3: 200 from −7 to 7.
    let points = (0..200).map(|i| -7.0 + 14.0 * f64::from(i) / 199.0);
    let curves = Vec::from_iter(points.map(|x| derivatives(&mut tape, x)));
    let (at_0, at_1) = (derivatives(&mut tape, 0.0), derivatives(&mut tape, 1.0));

    println!("## table");
    println!("order           at 0           at 1      height");
    for order in 0..7 {
        let heights = curves.iter().map(|curve| curve[order].abs());
        println!(
            "{order:5}  {:13}  {:13}  {:10.8}",
            fixed(at_0[order]),
            fixed(at_1[order]),
            heights.fold(0.0, f64::max)
        );
    }
}

/// `value` with ten decimals, and without the sign of −0.
fn fixed(value: f64) -> String {
    let text = format!("{value:.10}");
    match text.strip_prefix('-') {
        Some(digits) if digits.parse() == Ok(0.0) => digits.to_owned(),
        _ => text,
    }
}

//! Numbers of sixteen bits, rounded forward and backward, and a loss that is scaled against it.

use stage4::{Primitive, Value, defvjp, value_and_grad};

// ANCHOR: round
/// Rounds `x` to `digits` binary digits after the first. Below the exponent `least`, digits are
/// lost one by one.
fn rounded(x: f64, digits: i32, least: i32, largest: f64) -> f64 {
    let exponent = x.abs().log2().floor().max(f64::from(least));
    let unit = (exponent - f64::from(digits)).exp2();
    let rounded = (x / unit).round_ties_even() * unit;
    if x.is_infinite() || rounded.abs() > largest {
        return f64::INFINITY.copysign(x);
    }
    rounded
}

/// IEEE's half precision: ten digits after the first, exponents from −14 to 15.
pub(crate) fn f16(x: f64) -> f64 {
    rounded(x, 10, -14, 65504.0)
}

/// The upper half of an `f32`: seven digits after the first, and all of its exponents.
pub(crate) fn bf16(x: f64) -> f64 {
    rounded(x, 7, -126, 3.39e38)
}

static F16: Primitive = Primitive::new("f16", |args| args.map(f16));
static BF16: Primitive = Primitive::new("bf16", |args| args.map(bf16));

/// A gradient that goes back is rounded as the value was.
pub(crate) fn define() {
    defvjp(&F16, &[|g, _, _| F16.bind(&[g])]);
    defvjp(&BF16, &[|g, _, _| BF16.bind(&[g])]);
}
// ANCHOR_END: round

/// What numbers are rounded to.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Exact,
    Half,
    Brain,
}

impl Kind {
    fn round(self, x: &Value) -> Value {
        match self {
            Kind::Exact => x.clone(),
            Kind::Half => F16.bind(&[x]),
            Kind::Brain => BF16.bind(&[x]),
        }
    }
}

// ANCHOR: deep
/// The slope of a chain of layers, each of which makes it smaller, with the loss multiplied by
/// `scale` and the gradient divided by it again, in full precision.
pub(crate) fn slope(kind: Kind, layers: usize, scale: f64) -> f64 {
    let loss = |x: &Value| {
        let end = (0..layers).fold(kind.round(x), |x, _| kind.round(&(x * 0.25).tanh()));
        end * scale
    };
    value_and_grad(loss, &Value::from(0.5)).1.value() / scale
}
// ANCHOR_END: deep

/// 1, after a thousand steps of 0.0001, kept exactly or rounded each time.
pub(crate) fn steps(round: fn(f64) -> f64) -> f64 {
    (0..1000).fold(1.0, |x, _| round(x + 1e-4))
}

fn main() {
    define();
    println!("## table");
    println!("layers  f64      f16      f16, loss × 32768  bf16");
    for layers in [4, 8, 12, 16] {
        let scaled = slope(Kind::Half, layers, 32768.0);
        let [exact, half, brain] =
            [Kind::Exact, Kind::Half, Kind::Brain].map(|kind| slope(kind, layers, 1.0));
        println!("{layers:6}  {exact:.2e}  {half:.2e}  {scaled:17.2e}  {brain:.2e}");
    }

    println!("## steps");
    println!("1 and a thousand times 0.0001:  {:.4}", steps(|x| x));
    println!("rounded to f16 each time:       {:.4}", steps(f16));
    println!("rounded to bf16 each time:      {:.4}", steps(bf16));
}

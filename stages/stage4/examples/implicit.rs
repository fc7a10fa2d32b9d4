//! The derivative of a root: through all steps that found it, or through the equation that it solves.

use ndarray::array;
use stage4::{Args, Primitive, Raw, Trace, Value, backward::order, defvjp, grad};

/// The eccentricity of the ellipse.
const E: f64 = 0.8;

// ANCHOR: equation
/// Kepler's equation, as something that has to become 0. `x` says where a planet is on its ellipse,
/// and `m` how much of its year has passed, both as angles.
fn kepler(x: &Value, m: &Value) -> Value {
    x - E * x.sin() - m
}
// ANCHOR_END: equation

// ANCHOR: unrolled
/// The root by Newton's method, every step recorded.
pub(crate) fn unrolled(m: &Value) -> Value {
    let mut x = m.clone();
    while kepler(&x, m).abs() > 1e-14 {
        x = &x - kepler(&x, m) / (1.0 - E * x.cos());
    }
    x
}
// ANCHOR_END: unrolled

// ANCHOR: implicit
/// The root, as a function of plain numbers: how it is found is of no concern to the engine.
fn root(args: &Args<'_>) -> Raw {
    args.map(|m| unrolled(&Value::from(m)).value())
}

static ROOT: Primitive = Primitive::new("kepler", root);

/// The rule needs the root, which it is given as the result, and no step that led there.
pub(crate) fn define() {
    defvjp(&ROOT, &[|g, x, _| g / (1.0 - E * x.cos())]);
}

pub(crate) fn implicit(m: &Value) -> Value {
    ROOT.bind(&[m])
}
// ANCHOR_END: implicit

// ANCHOR: last_steps
/// The root as a constant, and so many steps of Newton's method from there.
pub(crate) fn last_steps(m: &Value, count: usize) -> Value {
    let root = unrolled(&m.detach());
    (0..count).fold(root, |x, _| {
        let step = kepler(&x, m) / (1.0 - E * x.cos());
        x - step
    })
}
// ANCHOR_END: last_steps

/// How many nodes the result depends on.
pub(crate) fn nodes(f: impl Fn(&Value) -> Value, m: f64) -> usize {
    let trace = Trace::open();
    let Value::Boxed(x) = f(&Value::Boxed(trace.input(&Value::from(m)))) else {
        return 0;
    };
    order(&[x.node()]).len()
}

fn main() {
    define();
    let m = 0.5;
    println!("## table");
    println!("x at m = 0.5        nodes  value       first derivative  second derivative");
    let show = |name: &str, f: &dyn Fn(&Value) -> Value| {
        let at = Value::from(m);
        let (value, first) = (f(&at).value(), grad(f)(&at).value());
        let second = grad(grad(f))(&at).value();
        println!(
            "{name:18}  {:5}  {value:.8}  {first:16.8}  {second:17.8}",
            nodes(f, m)
        );
    };
    show("all steps", &unrolled);
    show("by the equation", &implicit);
    show("one step more", &|m| last_steps(m, 1));
    show("two steps more", &|m| last_steps(m, 2));

    println!("## curve");
    println!("x: time m");
    println!("y: angle x, and its slope");
    let times: Vec<f64> = (0..=63).map(|i| 0.1 * f64::from(i)).collect();
    for (name, f) in [
        ("angle", &implicit as &dyn Fn(&Value) -> Value),
        ("slope", &grad(implicit)),
    ] {
        println!("line: {name}");
        for m in &times {
            println!("{m:.1} {:.4}", f(&Value::from(*m)).value());
        }
    }

    println!("## at-the-root");
    // Half of a turn: the planet is at the far end, where x = m, and the loop begins at the root.
    let m = Value::from(std::f64::consts::PI);
    println!("derivative at m = π");
    println!("  all steps:        {:.6}", grad(unrolled)(&m).value());
    println!("  by the equation:  {:.6}", grad(implicit)(&m).value());
    println!("  1 / (1 + 0.8):    {:.6}", 1.0 / (1.0 + E));

    println!("## array");
    let m = Value::from(array![0.1, 1.0, 2.0, 3.0]);
    println!("m      {}", m.array());
    println!("x      {:.4}", implicit(&m).array());
    println!("slope  {:.4}", grad(|m| implicit(m).sum())(&m).array());
}

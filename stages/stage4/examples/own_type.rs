//! Points in the plane as data: a type of one's own with two functions and their rules.

use std::panic::{self, AssertUnwindSafe};
use std::rc::Rc;

use stage4::{Data, Primitive, Raw, Trace, Value, defvjp, downcast, draw, grad};

// ANCHOR: bare
/// A type that can be in a container, and no more.
#[derive(Debug)]
struct Bare(f64);

impl Data for Bare {}

static TWICE: Primitive = Primitive::new("twice", |args| {
    let Bare(x) = args.get::<Bare>(0);
    Rc::new(x + x)
});
// ANCHOR_END: bare

// ANCHOR: point
#[derive(Debug)]
struct Point {
    x: f64,
    y: f64,
}
// ANCHOR_END: point

// ANCHOR: data
// What the walk asks of a type: `add` and `zeros`, and `kind` to compare.
impl Data for Point {
    fn kind(&self) -> &'static str {
        "a point"
    }

    fn zeros(&self) -> Raw {
        Rc::new(Point { x: 0.0, y: 0.0 })
    }

    fn ones(&self) -> Raw {
        Rc::new(Point { x: 1.0, y: 1.0 })
    }

    fn add(&self, other: &Raw) -> Raw {
        let other = downcast::<Point>(other).expect("a point for a point");
        let (x, y) = (self.x + other.x, self.y + other.y);
        Rc::new(Point { x, y })
    }
}
// ANCHOR_END: data

// ANCHOR: primitives
/// Two points to a number: the sum of the products of the coordinates.
static INNER: Primitive = Primitive::new("inner", |args| {
    let (p, q) = (args.get::<Point>(0), args.get::<Point>(1));
    Rc::new(p.x * q.x + p.y * q.y)
});

/// A number and a point to a point.
static SCALE: Primitive = Primitive::new("scale", |args| {
    let (factor, p) = (args.get::<f64>(0), args.get::<Point>(1));
    let (x, y) = (factor * p.x, factor * p.y);
    Rc::new(Point { x, y })
});

fn inner(p: &Value, q: &Value) -> Value {
    INNER.bind(&[p, q])
}

fn scale(factor: &Value, p: &Value) -> Value {
    SCALE.bind(&[factor, p])
}
// ANCHOR_END: primitives

// ANCHOR: rules
/// The rules need these two functions only, so every order of derivative is there.
fn define() {
    defvjp(
        &INNER,
        &[|g, _, x| scale(g, &x[1]), |g, _, x| scale(g, &x[0])],
    );
    defvjp(
        &SCALE,
        &[|g, _, x| inner(g, &x[1]), |g, _, x| scale(&x[0], g)],
    );
}
// ANCHOR_END: rules

// ANCHOR: energy
/// The energy of a planet at the point `p`, with a sun at 0: −1 / |p|.
fn energy(p: &Value) -> Value {
    -1.0 / inner(p, p).sqrt()
}
// ANCHOR_END: energy

/// The graph of the energy in DOT: what each value is.
fn picture(p: &Value) {
    let trace = Trace::open();
    let Value::Boxed(energy) = energy(&Value::Boxed(trace.input(p))) else {
        unreachable!("what is made of containers is a container");
    };
    print!("{}", draw::dot(&energy).replace("input", "p"));
}

/// Prints the message that `f` panics with.
fn refused(f: impl FnOnce()) {
    let error = panic::catch_unwind(AssertUnwindSafe(f)).expect_err("it panics");
    println!("{}", error.downcast_ref::<String>().expect("a text"));
}

fn main() {
    panic::set_hook(Box::new(|_| ())); // what is refused is printed here
    let p = Value::new(Point { x: 3.0, y: 4.0 });

    println!("## bare");
    let bare = Value::new(Bare(3.0));
    println!("twice {:?} is {}", bare, TWICE.bind(&[&bare]).value());
    defvjp(&TWICE, &[|g, _, _| g * 2.0]);
    refused(|| drop(grad(|x| TWICE.bind(&[x]))(&bare)));

    println!("## constant");
    refused(|| drop(grad(|_| Value::from(7.0))(&bare)));

    println!("## wrong-type");
    refused(|| drop(inner(&p, &Value::from(2.0))));

    println!("## point-result");
    refused(|| drop(grad(|p| p.clone())(&p)));

    println!("## value");
    println!("p · p    {}", inner(&p, &p).value());
    println!("energy  {:.6}", energy(&p).value());

    println!("## picture");
    picture(&p);

    println!("## no-rule");
    refused(|| drop(grad(energy)(&p)));

    define();
    let _ = panic::take_hook(); // from here on a panic speaks for itself
    println!("## first");
    let gradient = grad(energy)(&p);
    let Point { x, y } = gradient.data();
    println!("gradient ({x:.6}, {y:.6})");

    println!("## second");
    // ANCHOR: second
    // How the gradient changes along each axis: the columns of the Hessian.
    for (name, axis) in [
        ("x", Point { x: 1.0, y: 0.0 }),
        ("y", Point { x: 0.0, y: 1.0 }),
    ] {
        let axis = Value::new(axis);
        let along = grad(|p| inner(&grad(energy)(p), &axis))(&p);
        let Point { x, y } = along.data();
        println!("along {name}: ({x:.6}, {y:.6})");
    }
    // ANCHOR_END: second

    println!("## orbit");
    // ANCHOR: orbit
    // Half a kick, a move, half a kick: the force is minus the gradient of the energy.
    let step = 0.01;
    let (mut position, mut velocity) = ((1.0, 0.0), (0.0, 1.2));
    for n in 0..=1500 {
        let p = Value::new(Point {
            x: position.0,
            y: position.1,
        });
        let slope = grad(energy)(&p);
        let Point { x, y } = slope.data();
        let half_kick = |v: (f64, f64)| (v.0 - 0.5 * step * x, v.1 - 0.5 * step * y);
        if n > 0 {
            velocity = half_kick(velocity); // the second of the step before
        }
        if n % 300 == 0 {
            let moving = 0.5 * (velocity.0 * velocity.0 + velocity.1 * velocity.1);
            println!(
                "time {:4.1}   at ({:6.2}, {:6.2})   total energy {:.3}",
                f64::from(n) * step,
                position.0,
                position.1,
                energy(&p).value() + moving
            );
        }
        velocity = half_kick(velocity);
        position.0 += step * velocity.0;
        position.1 += step * velocity.1;
    }
    // ANCHOR_END: orbit
}

//! Points in the plane as data: a type of one's own with two functions and their rules.

use std::rc::Rc;

use stage4::{Data, Primitive, Raw, Value, defvjp, downcast, grad};

#[derive(Debug)]
struct Point {
    x: f64,
    y: f64,
}

// All that the engine asks of a type.
impl Data for Point {
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

/// The rules of each function need only the other one, so every order of derivative is there.
fn define() {
    defvjp(
        &INNER,
        &[|g, _, p| scale(g, &p[1]), |g, _, p| scale(g, &p[0])],
    );
    defvjp(
        &SCALE,
        &[|g, _, x| inner(g, &x[1]), |g, _, x| scale(&x[0], g)],
    );
}

/// The energy of a planet at unit distance from its sun and beyond: −1 / |p|.
fn energy(p: &Value) -> Value {
    -1.0 / inner(p, p).sqrt()
}

fn main() {
    define();
    let p = Value::new(Point { x: 3.0, y: 4.0 });

    println!("## first");
    println!("energy {:.6}", energy(&p).value());
    let gradient = grad(energy)(&p);
    let Point { x, y } = gradient.data();
    println!("gradient ({x:.6}, {y:.6})");

    println!("## second");
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
}

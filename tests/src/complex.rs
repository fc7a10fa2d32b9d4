//! A container type that stage 4 does not know: complex numbers, with primitives and rules.
//!
//! The convention: the gradient of a real L in z = x + iy is ∂L/∂x + i·∂L/∂y, the direction in
//! which L grows fastest. Where f has a complex derivative, the rule is then
//! gradient in z = gradient in f(z) × the conjugate of f′(z).

use std::rc::Rc;

use stage4::{Data, Primitive, Raw, Value, defvjp, downcast};

/// re + i·im.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Complex {
    /// The real part.
    pub re: f64,
    /// The imaginary part.
    pub im: f64,
}

impl Data for Complex {
    fn kind(&self) -> &'static str {
        "a complex number"
    }

    fn zeros(&self) -> Raw {
        raw(0.0, 0.0)
    }

    fn ones(&self) -> Raw {
        raw(1.0, 0.0)
    }

    fn add(&self, other: &Raw) -> Raw {
        let other: &Complex = downcast(other).expect("a complex number for a complex number");
        raw(self.re + other.re, self.im + other.im)
    }
}

fn raw(re: f64, im: f64) -> Raw {
    Rc::new(Complex { re, im })
}

static COMPLEX: Primitive = Primitive::new("complex", |args| raw(*args.get(0), *args.get(1)));
static RE: Primitive = Primitive::new("re", |args| Rc::new(args.get::<Complex>(0).re));
static IM: Primitive = Primitive::new("im", |args| Rc::new(args.get::<Complex>(0).im));
static CONJ: Primitive = Primitive::new("conj", |args| {
    let z: &Complex = args.get(0);
    raw(z.re, -z.im)
});
static MUL: Primitive = Primitive::new("complex_mul", |args| {
    let (z, w): (&Complex, &Complex) = (args.get(0), args.get(1));
    raw(z.re * w.re - z.im * w.im, z.re * w.im + z.im * w.re)
});
static EXP: Primitive = Primitive::new("complex_exp", |args| {
    let z: &Complex = args.get(0);
    raw(z.re.exp() * z.im.cos(), z.re.exp() * z.im.sin())
});

/// The number `re` + i·`im` of two real ones.
pub fn complex(re: impl Into<Value>, im: impl Into<Value>) -> Value {
    COMPLEX.bind(&[&re.into(), &im.into()])
}

/// The real part.
pub fn re(z: &Value) -> Value {
    RE.bind(&[z])
}

/// The imaginary part.
pub fn im(z: &Value) -> Value {
    IM.bind(&[z])
}

/// The conjugate: the imaginary part with the opposite sign.
pub fn conj(z: &Value) -> Value {
    CONJ.bind(&[z])
}

/// The product.
pub fn mul(z: &Value, w: &Value) -> Value {
    MUL.bind(&[z, w])
}

/// e to the power `z`.
pub fn exp(z: &Value) -> Value {
    EXP.bind(&[z])
}

/// Defines the rules. Once is enough, and twice does no harm.
pub fn define() {
    defvjp(&COMPLEX, &[|g, _, _| re(g), |g, _, _| im(g)]);
    defvjp(&RE, &[|g, _, _| complex(g, 0.0)]);
    defvjp(&IM, &[|g, _, _| complex(0.0, g)]);
    defvjp(&CONJ, &[|g, _, _| conj(g)]);
    defvjp(
        &MUL,
        &[
            |g, _, z| mul(g, &conj(&z[1])),
            |g, _, z| mul(g, &conj(&z[0])),
        ],
    );
    defvjp(&EXP, &[|g, result, _| mul(g, &conj(result))]);
}

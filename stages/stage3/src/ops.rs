//! The operations: a wrapped function and an overload for each.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use crate::graph::Value;
use crate::trace::{Primitive, Untraced};

// ANCHOR: op
/// Addition.
pub static ADD: Primitive = Primitive::new("add", |args| args[0] + args[1]);
/// Subtraction.
pub static SUB: Primitive = Primitive::new("sub", |args| args[0] - args[1]);
/// Multiplication.
pub static MUL: Primitive = Primitive::new("mul", |args| args[0] * args[1]);
/// Division.
pub static DIV: Primitive = Primitive::new("div", |args| args[0] / args[1]);
/// Change of sign.
pub static NEG: Primitive = Primitive::new("neg", |args| -args[0]);
/// The first argument to the power of the second.
pub static POWF: Primitive = Primitive::new("powf", |args| args[0].powf(args[1]));
/// Sine.
pub static SIN: Primitive = Primitive::new("sin", |args| args[0].sin());
/// Cosine.
pub static COS: Primitive = Primitive::new("cos", |args| args[0].cos());
/// e to a power.
pub static EXP: Primitive = Primitive::new("exp", |args| args[0].exp());
/// Natural logarithm.
pub static LN: Primitive = Primitive::new("ln", |args| args[0].ln());
/// Square root.
pub static SQRT: Primitive = Primitive::new("sqrt", |args| args[0].sqrt());
/// Hyperbolic tangent.
pub static TANH: Primitive = Primitive::new("tanh", |args| args[0].tanh());
/// Hyperbolic secant: 1 / cosh. It has no method; the rule of `tanh` needs it.
pub static SECH: Primitive = Primitive::new("sech", |args| 1.0 / args[0].cosh());
// ANCHOR_END: op

// ANCHOR: untraced
/// The largest whole number that is not above the argument.
pub static FLOOR: Untraced = Untraced::new("floor", |args| args[0].floor());
/// −1, 0 or 1, and NaN for NaN.
pub static SIGN: Untraced = Untraced::new("sign", |args| match args[0] {
    0.0 => 0.0,
    other => other.signum(),
});
// ANCHOR_END: untraced

// ANCHOR: operators
impl Add<&Value> for &Value {
    type Output = Value;

    fn add(self, other: &Value) -> Value {
        ADD.bind(&[self, other])
    }
}

impl Sub<&Value> for &Value {
    type Output = Value;

    fn sub(self, other: &Value) -> Value {
        SUB.bind(&[self, other])
    }
}

impl Mul<&Value> for &Value {
    type Output = Value;

    fn mul(self, other: &Value) -> Value {
        MUL.bind(&[self, other])
    }
}

impl Div<&Value> for &Value {
    type Output = Value;

    fn div(self, other: &Value) -> Value {
        DIV.bind(&[self, other])
    }
}

impl Neg for &Value {
    type Output = Value;

    fn neg(self) -> Value {
        NEG.bind(&[self])
    }
}
// ANCHOR_END: operators

// ANCHOR: functions
impl Value {
    /// `self` to the power `exponent`, which may be a number or a value.
    ///
    /// The derivative in the exponent holds for positive `self`; at 0⁰ it is taken to be 0.
    ///
    /// ```
    /// use stage3::{Value, grad};
    ///
    /// let square = |x: &Value| x.powf(2.0);
    /// assert_eq!(square(&Value::from(3.0)), 9.0);
    /// assert_eq!(grad(square)(&Value::from(3.0)), 6.0);
    /// ```
    pub fn powf(&self, exponent: impl Into<Self>) -> Self {
        POWF.bind(&[self, &exponent.into()])
    }

    /// The sine of an angle in radians.
    pub fn sin(&self) -> Self {
        SIN.bind(&[self])
    }

    /// The cosine of an angle in radians.
    pub fn cos(&self) -> Self {
        COS.bind(&[self])
    }

    /// e to the power `self`.
    pub fn exp(&self) -> Self {
        EXP.bind(&[self])
    }

    /// The natural logarithm; NaN below 0, as for `f64`.
    pub fn ln(&self) -> Self {
        LN.bind(&[self])
    }

    /// The square root; its derivative at 0 is infinite.
    pub fn sqrt(&self) -> Self {
        SQRT.bind(&[self])
    }

    /// The hyperbolic tangent.
    pub fn tanh(&self) -> Self {
        TANH.bind(&[self])
    }

    /// The largest whole number that is not above `self`, as a constant.
    pub fn floor(&self) -> Self {
        FLOOR.bind(&[self])
    }

    /// The sign: −1, 0 or 1 (and NaN for NaN), as a constant.
    pub fn sign(&self) -> Self {
        SIGN.bind(&[self])
    }
}
// ANCHOR_END: functions

// ANCHOR: forward
/// The other forms of the operators: owned operands, a plain number on either side, `+=` and its
/// relatives, and sums of many.
macro_rules! forward {
    ($Type:ident, $Operator:ident, $method:ident: $($Left:ty, $Right:ty;)*) => { $(
        impl $Operator<$Right> for $Left {
            type Output = $Type;

            fn $method(self, other: $Right) -> $Type {
                $Operator::$method(&$Type::from(self), &$Type::from(other))
            }
        }
    )* };
    ($Type:ident, $Operator:ident, $method:ident, $Assign:ident, $assign:ident) => {
        forward! { $Type, $Operator, $method:
            $Type, $Type; $Type, &$Type; &$Type, $Type;
            $Type, f64; f64, $Type; &$Type, f64; f64, &$Type;
        }

        impl<T: Into<$Type>> $Assign<T> for $Type {
            fn $assign(&mut self, other: T) {
                *self = $Operator::$method(&*self, &other.into());
            }
        }
    };
    ($Type:ident) => {
        forward!($Type, Add, add, AddAssign, add_assign);
        forward!($Type, Sub, sub, SubAssign, sub_assign);
        forward!($Type, Mul, mul, MulAssign, mul_assign);
        forward!($Type, Div, div, DivAssign, div_assign);

        impl<T: Into<$Type>> Sum<T> for $Type {
            fn sum<I: Iterator<Item = T>>(terms: I) -> $Type {
                let sum = terms.map(T::into).reduce(|sum, term| sum + term);
                sum.unwrap_or($Type::from(0.0))
            }
        }
    };
}

forward!(Value);

impl Neg for Value {
    type Output = Self;

    fn neg(self) -> Self {
        -&self
    }
}

impl From<&Value> for Value {
    /// A second handle to the same value.
    fn from(value: &Value) -> Self {
        value.clone()
    }
}
// ANCHOR_END: forward

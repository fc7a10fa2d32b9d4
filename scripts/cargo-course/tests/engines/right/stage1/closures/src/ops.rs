//! The operations, each overloaded by hand: a value and a weight for each input.
//!
//! The weights are the derivatives of elementary calculus; NIST's *Digital Library of
//! Mathematical Functions* lists them in §4.7, §4.20 and §4.34.

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::graph::Var;
use crate::trace::record;

impl Add<&Var> for &Var {
    type Output = Var;

    fn add(self, other: &Var) -> Var {
        let result = self.value() + other.value();
        record(
            result,
            [(Box::new(|| 1.0), self), (Box::new(|| 1.0), other)],
        )
    }
}

impl Sub<&Var> for &Var {
    type Output = Var;

    fn sub(self, other: &Var) -> Var {
        let result = self.value() - other.value();
        record(
            result,
            [(Box::new(|| 1.0), self), (Box::new(|| -1.0), other)],
        )
    }
}

impl Mul<&Var> for &Var {
    type Output = Var;

    fn mul(self, other: &Var) -> Var {
        let (x, y) = (self.value(), other.value());
        record(
            x * y,
            [(Box::new(move || y), self), (Box::new(move || x), other)],
        )
    }
}

impl Div<&Var> for &Var {
    type Output = Var;

    fn div(self, other: &Var) -> Var {
        let (x, y) = (self.value(), other.value());
        record(
            x / y,
            [
                (Box::new(move || 1.0 / y), self),
                (Box::new(move || -(x / y) / y), other),
            ],
        )
    }
}

impl Neg for &Var {
    type Output = Var;

    fn neg(self) -> Var {
        record(-self.value(), [(Box::new(|| -1.0), self)])
    }
}

impl Var {
    /// `self` to the power `exponent`, which may be a number or a variable.
    ///
    /// The derivative in the exponent holds for positive `self`; at 0 it is taken to be 0.
    ///
    /// ```
    /// use stage1::Var;
    ///
    /// let x = Var::new(3.0);
    /// let y = x.powf(2.0);
    /// y.seed(1.0);
    /// assert_eq!((y.value(), x.grad()), (9.0, 6.0));
    /// ```
    pub fn powf(&self, exponent: impl Into<Self>) -> Self {
        let exponent = exponent.into();
        let (x, y) = (self.value(), exponent.value());
        let result = x.powf(y);
        // Both formulas can say 0 · ∞, where the derivative is 0. At 0⁰ it is taken to be 0.
        let by_base = move || match (x, y) {
            (0.0, 0.0) => 0.0,
            _ if result == 0.0 && y.is_infinite() => 0.0,
            _ => y * x.powf(y - 1.0),
        };
        let by_exponent = move || match x {
            0.0 if y >= 0.0 => 0.0,
            _ if result == 0.0 && x.is_infinite() => 0.0,
            _ => result * x.ln(),
        };
        record(
            result,
            [
                (Box::new(by_base), self),
                (Box::new(by_exponent), &exponent),
            ],
        )
    }

    /// The sine of an angle in radians.
    pub fn sin(&self) -> Self {
        let x = self.value();
        record(x.sin(), [(Box::new(move || x.cos()), self)])
    }

    /// The cosine of an angle in radians.
    pub fn cos(&self) -> Self {
        let x = self.value();
        record(x.cos(), [(Box::new(move || -x.sin()), self)])
    }

    /// e to the power `self`.
    pub fn exp(&self) -> Self {
        let result = self.value().exp();
        record(result, [(Box::new(move || result), self)])
    }

    /// The natural logarithm; NaN below 0, as for `f64`.
    pub fn ln(&self) -> Self {
        let x = self.value();
        record(x.ln(), [(Box::new(move || 1.0 / x), self)])
    }

    /// The square root; its derivative at 0 is infinite.
    pub fn sqrt(&self) -> Self {
        let result = self.value().sqrt();
        record(result, [(Box::new(move || 0.5 / result), self)])
    }

    /// The hyperbolic tangent.
    pub fn tanh(&self) -> Self {
        let x = self.value();
        record(x.tanh(), [(Box::new(move || x.cosh().powi(-2)), self)])
    }
}

/// The other forms of the operators: owned operands, and a plain number on either side.
macro_rules! forward {
    ($Type:ident, $Operator:ident, $method:ident: $($Left:ty, $Right:ty;)*) => { $(
        impl $Operator<$Right> for $Left {
            type Output = $Type;

            fn $method(self, other: $Right) -> $Type {
                $Operator::$method(&$Type::from(self), &$Type::from(other))
            }
        }
    )* };
    ($Type:ident, $Operator:ident, $method:ident) => {
        forward! { $Type, $Operator, $method:
            $Type, $Type; $Type, &$Type; &$Type, $Type;
            $Type, f64; f64, $Type; &$Type, f64; f64, &$Type;
        }
    };
    ($Type:ident) => {
        forward!($Type, Add, add);
        forward!($Type, Sub, sub);
        forward!($Type, Mul, mul);
        forward!($Type, Div, div);
    };
}

forward!(Var);

impl Neg for Var {
    type Output = Self;

    fn neg(self) -> Self {
        -&self
    }
}

impl From<&Var> for Var {
    /// A second handle to the same variable.
    fn from(var: &Var) -> Self {
        var.clone()
    }
}

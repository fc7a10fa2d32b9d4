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
        record(self.value() + other.value(), &[(1.0, self), (1.0, other)])
    }
}

impl Sub<&Var> for &Var {
    type Output = Var;

    fn sub(self, other: &Var) -> Var {
        record(self.value() - other.value(), &[(1.0, self), (-1.0, other)])
    }
}

impl Mul<&Var> for &Var {
    type Output = Var;

    fn mul(self, other: &Var) -> Var {
        let (x, y) = (self.value(), other.value());
        record(x * y, &[(y, self), (x, other)])
    }
}

impl Div<&Var> for &Var {
    type Output = Var;

    fn div(self, other: &Var) -> Var {
        let (x, y) = (self.value(), other.value());
        record(x / y, &[(1.0 / y, self), (-x / y / y, other)])
    }
}

impl Neg for &Var {
    type Output = Var;

    fn neg(self) -> Var {
        record(-self.value(), &[(-1.0, self)])
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
        let by_base = if x == 0.0 && y == 0.0 || result == 0.0 && y.is_infinite() {
            0.0
        } else {
            y * x.powf(y - 1.0)
        };
        let by_exponent = if x == 0.0 && y >= 0.0 || result == 0.0 && x.is_infinite() {
            0.0
        } else {
            result * x.ln()
        };
        record(result, &[(by_base, self), (by_exponent, &exponent)])
    }

    /// The sine of an angle in radians.
    pub fn sin(&self) -> Self {
        let x = self.value();
        record(x.sin(), &[(x.cos(), self)])
    }

    /// The cosine of an angle in radians.
    pub fn cos(&self) -> Self {
        let x = self.value();
        record(x.cos(), &[(-x.sin(), self)])
    }

    /// e to the power `self`.
    pub fn exp(&self) -> Self {
        let result = self.value().exp();
        record(result, &[(result, self)])
    }

    /// The natural logarithm; NaN below 0, as for `f64`.
    pub fn ln(&self) -> Self {
        let x = self.value();
        record(x.ln(), &[(1.0 / x, self)])
    }

    /// The square root; its derivative at 0 is infinite.
    pub fn sqrt(&self) -> Self {
        let result = self.value().sqrt();
        record(result, &[(0.5 / result, self)])
    }

    /// The hyperbolic tangent.
    pub fn tanh(&self) -> Self {
        let x = self.value();
        // 1 − tanh² x is the same on paper, but loses its digits where tanh x is near ±1.
        let sech = 1.0 / x.cosh();
        record(x.tanh(), &[(sech * sech, self)])
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

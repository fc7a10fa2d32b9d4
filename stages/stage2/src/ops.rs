//! The operations: a closed list, and an overload for each.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use crate::graph::Container;
use crate::trace::record;

// ANCHOR: op
/// What a node can stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is named after its method")]
pub enum Op {
    /// A value that nothing computed.
    Input,
    Add,
    Sub,
    Mul,
    Div,
    Neg,
    Powf,
    Sin,
    Cos,
    Exp,
    Ln,
    Sqrt,
    Tanh,
}

impl Op {
    /// The operation's name in small letters.
    pub fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    /// Computes the result from the plain arguments.
    pub(crate) fn apply(self, args: &[f64]) -> f64 {
        match self {
            Op::Input => unreachable!("an input is not computed"),
            Op::Add => args[0] + args[1],
            Op::Sub => args[0] - args[1],
            Op::Mul => args[0] * args[1],
            Op::Div => args[0] / args[1],
            Op::Neg => -args[0],
            Op::Powf => args[0].powf(args[1]),
            Op::Sin => args[0].sin(),
            Op::Cos => args[0].cos(),
            Op::Exp => args[0].exp(),
            Op::Ln => args[0].ln(),
            Op::Sqrt => args[0].sqrt(),
            Op::Tanh => args[0].tanh(),
        }
    }
}
// ANCHOR_END: op

// ANCHOR: operators
impl Add<&Container> for &Container {
    type Output = Container;

    fn add(self, other: &Container) -> Container {
        record(Op::Add, &[self, other])
    }
}

impl Sub<&Container> for &Container {
    type Output = Container;

    fn sub(self, other: &Container) -> Container {
        record(Op::Sub, &[self, other])
    }
}

impl Mul<&Container> for &Container {
    type Output = Container;

    fn mul(self, other: &Container) -> Container {
        record(Op::Mul, &[self, other])
    }
}

impl Div<&Container> for &Container {
    type Output = Container;

    fn div(self, other: &Container) -> Container {
        record(Op::Div, &[self, other])
    }
}

impl Neg for &Container {
    type Output = Container;

    fn neg(self) -> Container {
        record(Op::Neg, &[self])
    }
}
// ANCHOR_END: operators

// ANCHOR: functions
impl Container {
    /// `self` to the power `exponent`, which may be a number or a container.
    ///
    /// The derivative in the exponent holds for positive `self`; at 0⁰ it is taken to be 0.
    ///
    /// ```
    /// use stage2::{Container, backward};
    ///
    /// let x = Container::new(3.0);
    /// let y = x.powf(2.0);
    /// assert_eq!((y.value(), backward(&[(&y, 1.0)]).of(&x)), (9.0, 6.0));
    /// ```
    pub fn powf(&self, exponent: impl Into<Self>) -> Self {
        record(Op::Powf, &[self, &exponent.into()])
    }

    /// The sine of an angle in radians.
    pub fn sin(&self) -> Self {
        record(Op::Sin, &[self])
    }

    /// The cosine of an angle in radians.
    pub fn cos(&self) -> Self {
        record(Op::Cos, &[self])
    }

    /// e to the power `self`.
    pub fn exp(&self) -> Self {
        record(Op::Exp, &[self])
    }

    /// The natural logarithm; NaN below 0, as for `f64`.
    pub fn ln(&self) -> Self {
        record(Op::Ln, &[self])
    }

    /// The square root; its derivative at 0 is infinite.
    pub fn sqrt(&self) -> Self {
        record(Op::Sqrt, &[self])
    }

    /// The hyperbolic tangent.
    pub fn tanh(&self) -> Self {
        record(Op::Tanh, &[self])
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

forward!(Container);

impl Neg for Container {
    type Output = Self;

    fn neg(self) -> Self {
        -&self
    }
}

impl From<&Container> for Container {
    /// A second handle to the same node.
    fn from(container: &Container) -> Self {
        container.clone()
    }
}
// ANCHOR_END: forward

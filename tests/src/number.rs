//! What an expression needs of its numbers, so that one text runs on plain numbers, on dual
//! numbers and on the operands of every stage.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// The arithmetic of `N`: with another `N`, with a reference to one, and with a plain number.
pub trait Operators<N>:
    Sized
    + Neg<Output = N>
    + Add<N, Output = N>
    + Sub<N, Output = N>
    + Mul<N, Output = N>
    + Div<N, Output = N>
    + for<'a> Add<&'a N, Output = N>
    + for<'a> Sub<&'a N, Output = N>
    + for<'a> Mul<&'a N, Output = N>
    + for<'a> Div<&'a N, Output = N>
    + Add<f64, Output = N>
    + Sub<f64, Output = N>
    + Mul<f64, Output = N>
    + Div<f64, Output = N>
{
}

impl<T, N> Operators<N> for T where
    T: Sized
        + Neg<Output = N>
        + Add<N, Output = N>
        + Sub<N, Output = N>
        + Mul<N, Output = N>
        + Div<N, Output = N>
        + for<'a> Add<&'a N, Output = N>
        + for<'a> Sub<&'a N, Output = N>
        + for<'a> Mul<&'a N, Output = N>
        + for<'a> Div<&'a N, Output = N>
        + Add<f64, Output = N>
        + Sub<f64, Output = N>
        + Mul<f64, Output = N>
        + Div<f64, Output = N>
{
}

/// A number that expressions can be written over.
///
/// Functions that compute with references say so beside it:
///
/// ```
/// use tests::number::{Number, Operators};
///
/// fn f<N: Number>(x: &N, y: &N) -> N
/// where
///     for<'a> &'a N: Operators<N>,
/// {
///     x * y + x.sin()
/// }
///
/// assert_eq!(f::<f64>(&0.0, &4.2), 0.0);
/// ```
///
/// The call names the type because the compiler would look for it among all types whose references
/// have operators, and those of `ndarray` send it round in circles.
pub trait Number: Clone + Debug + From<f64> + Operators<Self> {
    /// The number itself, for comparisons and for printing.
    fn value(&self) -> f64;

    /// `self` to the power `exponent`.
    fn powf(&self, exponent: &Self) -> Self;

    /// The sine.
    fn sin(&self) -> Self;

    /// The cosine.
    fn cos(&self) -> Self;

    /// e to the power `self`.
    fn exp(&self) -> Self;

    /// The natural logarithm.
    fn ln(&self) -> Self;

    /// The square root.
    fn sqrt(&self) -> Self;

    /// The hyperbolic tangent.
    fn tanh(&self) -> Self;

    /// The largest whole number that is not above `self`: to a derivative a constant.
    fn floor(&self) -> Self {
        Self::from(self.value().floor())
    }

    /// −1, 0 or 1: to a derivative a constant.
    fn sign(&self) -> Self {
        Self::from(sign(self.value()))
    }
}

/// −1, 0 or 1.
fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

impl Number for f64 {
    fn value(&self) -> f64 {
        *self
    }

    fn powf(&self, exponent: &f64) -> f64 {
        f64::powf(*self, *exponent)
    }

    fn sin(&self) -> f64 {
        f64::sin(*self)
    }

    fn cos(&self) -> f64 {
        f64::cos(*self)
    }

    fn exp(&self) -> f64 {
        f64::exp(*self)
    }

    fn ln(&self) -> f64 {
        f64::ln(*self)
    }

    fn sqrt(&self) -> f64 {
        f64::sqrt(*self)
    }

    fn tanh(&self) -> f64 {
        f64::tanh(*self)
    }
}

//! Numbers that a tape can compute with.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

// ANCHOR: number
/// What the operations need of the numbers on a tape: `f64`, a [`Dual`](crate::Dual), or a type of
/// your own.
pub trait Number:
    Copy
    + Debug
    + PartialEq
    + From<f64>
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
    + Div<f64, Output = Self>
{
    /// The number itself, without its derivatives.
    fn value(self) -> f64;

    /// `self`, a weight, times a slope or a gradient. One that is 0 contributes nothing, not even 0 · ∞.
    #[inline]
    fn times(self, slope: Self) -> Self {
        let zero = Self::from(0.0);
        if slope == zero { zero } else { self * slope }
    }

    /// `self` to a power.
    fn powf(self, exponent: Self) -> Self;

    /// `self` to a whole power.
    fn powi(self, exponent: i32) -> Self;

    /// The sine and the cosine. The derivative of each needs the other.
    fn sin_cos(self) -> (Self, Self);

    /// The sine.
    fn sin(self) -> Self {
        self.sin_cos().0
    }

    /// The cosine.
    fn cos(self) -> Self {
        self.sin_cos().1
    }

    /// The hyperbolic tangent.
    fn tanh(self) -> Self {
        self.tanh_with_slope().0
    }

    /// e to the power `self`.
    fn exp(self) -> Self;

    /// The natural logarithm.
    fn ln(self) -> Self;

    /// The square root.
    fn sqrt(self) -> Self;

    /// The hyperbolic tangent, and its slope, 1 − tanh².
    fn tanh_with_slope(self) -> (Self, Self);

    /// e to the power `self`, less 1; accurate near 0.
    fn exp_m1(self) -> Self;

    /// The natural logarithm of 1 + `self`; accurate near 0.
    fn ln_1p(self) -> Self;

    /// The absolute value.
    fn abs(self) -> Self;

    /// The larger of two; NaN if either is.
    fn max(self, other: Self) -> Self;

    /// The smaller of two; NaN if either is.
    fn min(self, other: Self) -> Self;

    /// The length of the vector (`self`, `other`).
    fn hypot(self, other: Self) -> Self;

    /// The angle of the vector (`other`, `self`).
    fn atan2(self, other: Self) -> Self;
}
// ANCHOR_END: number

// ANCHOR: number_f64
/// Functions that plain numbers have already.
macro_rules! functions {
    ($($function:ident),*) => { $(
        #[inline]
        fn $function(self) -> f64 {
            f64::$function(self)
        }
    )* };
}

impl Number for f64 {
    functions!(exp, ln, sqrt, exp_m1, ln_1p, abs);

    #[inline]
    fn value(self) -> f64 {
        self
    }

    #[inline]
    fn powf(self, exponent: f64) -> f64 {
        f64::powf(self, exponent)
    }

    #[inline]
    fn powi(self, exponent: i32) -> f64 {
        f64::powi(self, exponent)
    }

    // In a function of their own, sine and cosine compile to one call. Inlined into others, they
    // become two.
    #[inline(never)]
    fn sin_cos(self) -> (f64, f64) {
        f64::sin_cos(self)
    }

    #[inline]
    fn tanh_with_slope(self) -> (f64, f64) {
        let tanh = self.tanh();
        // 1 − tanh² costs less, but loses its digits where tanh is near ±1.
        let slope = if tanh.abs() < 0.9 {
            1.0 - tanh * tanh
        } else {
            let sech = 1.0 / self.cosh();
            sech * sech
        };
        (tanh, slope)
    }

    // `f64::max` and `f64::min` would drop a NaN.
    #[inline]
    fn max(self, other: f64) -> f64 {
        if self.is_nan() || self > other {
            self
        } else {
            other
        }
    }

    #[inline]
    fn min(self, other: f64) -> f64 {
        if self.is_nan() || self < other {
            self
        } else {
            other
        }
    }

    #[inline]
    fn hypot(self, other: f64) -> f64 {
        f64::hypot(self, other)
    }

    #[inline]
    fn atan2(self, other: f64) -> f64 {
        f64::atan2(self, other)
    }
}
// ANCHOR_END: number_f64

//! A type of number that stage 5 does not know: four numbers at once.

use std::array;
use std::ops::{Add, Div, Mul, Neg, Sub};

use stage5::Number;
use stage5::ops::Operand;
use stage5::trace::Partials;

// ANCHOR: four
/// Four numbers in the place of one. Whatever is done to them is done to each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Four(pub [f64; 4]);

impl Four {
    /// The sum of the four.
    pub fn sum(self) -> f64 {
        self.0.iter().sum()
    }
}

/// The same number four times.
impl From<f64> for Four {
    #[inline]
    fn from(number: f64) -> Four {
        Four([number; 4])
    }
}

/// Four plain numbers, which are not recorded.
impl<'t> Operand<'t, Four> for Four {
    type With<P: Partials<Four>> = P;

    #[inline]
    fn number(self) -> Four {
        self
    }

    #[inline]
    fn join<P: Partials<Four>>(self, first: P, _: Four) -> P {
        first
    }
}
// ANCHOR_END: four

// ANCHOR: functions
macro_rules! operators {
    ($($Operator:ident, $method:ident;)*) => { $(
        impl $Operator for Four {
            type Output = Four;

            #[inline]
            fn $method(self, other: Four) -> Four {
                Four(array::from_fn(|i| self.0[i].$method(other.0[i])))
            }
        }

        impl $Operator<f64> for Four {
            type Output = Four;

            #[inline]
            fn $method(self, other: f64) -> Four {
                self.$method(Four::from(other))
            }
        }
    )* };
}

operators! {
    Add, add;
    Sub, sub;
    Mul, mul;
    Div, div;
}

impl Neg for Four {
    type Output = Four;

    #[inline]
    fn neg(self) -> Four {
        Four(self.0.map(f64::neg))
    }
}

macro_rules! functions {
    (unary: $($unary:ident),*; binary: $($binary:ident),*; two_results: $($pair:ident),*) => {
        $(
            #[inline]
            fn $unary(self) -> Four {
                Four(self.0.map(Number::$unary))
            }
        )*
        $(
            #[inline]
            fn $binary(self, other: Four) -> Four {
                Four(array::from_fn(|i| Number::$binary(self.0[i], other.0[i])))
            }
        )*
        $(
            #[inline]
            fn $pair(self) -> (Four, Four) {
                let pairs = self.0.map(Number::$pair);
                (Four(pairs.map(|pair| pair.0)), Four(pairs.map(|pair| pair.1)))
            }
        )*
    };
}

impl Number for Four {
    // The trait asks for them all. On a tape, `abs` and those of two numbers need `value` as well.
    functions! {
        unary: exp, ln, sqrt, exp_m1, ln_1p, abs;
        binary: powf, max, min, hypot, atan2;
        two_results: sin_cos, tanh_with_slope
    }

    #[inline]
    fn times(self, slope: Four) -> Four {
        Four(array::from_fn(|i| self.0[i].times(slope.0[i])))
    }

    #[inline]
    fn powi(self, exponent: i32) -> Four {
        Four(self.0.map(|number| number.powi(exponent)))
    }

    /// Panics: a rule asks for the value when it has to decide something, and four numbers may
    /// disagree.
    fn value(self) -> f64 {
        panic!(
            "`Four::value`: expected one number to decide by, not four at once, {:?}",
            self.0
        )
    }
}
// ANCHOR_END: functions

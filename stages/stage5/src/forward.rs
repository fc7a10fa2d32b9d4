//! The other direction: numbers that carry a derivative along.

use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::graph::Tape;
use crate::number::Number;
use crate::rules;
use crate::trace::Var;

// ANCHOR: dual
/// A number and its derivative in one chosen input.
///
/// Both may be dual numbers themselves, and carry derivatives of a higher order.
///
/// ```
/// use stage5::{Dual, Number};
///
/// let x = Dual::input(3.0);
/// let y = x * x + x.powi(3);
/// assert_eq!((y.value, y.slope), (36.0, 33.0));
///
/// let x = Dual::input(Dual::input(3.0));
/// assert_eq!(x.powi(3).slope.slope, 18.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dual<T = f64> {
    /// The number.
    pub value: T,
    /// Its derivative.
    pub slope: T,
}

impl<T: Number> Dual<T> {
    /// The input that derivatives are taken with respect to.
    pub fn input(value: T) -> Dual<T> {
        let slope = T::from(1.0);
        Dual { value, slope }
    }

    /// A number that does not depend on that input.
    pub fn constant(value: T) -> Dual<T> {
        let slope = T::from(0.0);
        Dual { value, slope }
    }

    /// The result of an operation, whose derivative here is `weight`.
    #[inline]
    fn unary(self, (value, weight): (T, T)) -> Dual<T> {
        let slope = weight.times(self.slope);
        Dual { value, slope }
    }

    #[inline]
    fn binary(self, other: Dual<T>, rule: impl FnOnce(T, T) -> (T, [T; 2])) -> Dual<T> {
        let (value, [by_self, by_other]) = rule(self.value, other.value);
        let slope = by_self.times(self.slope) + by_other.times(other.slope);
        Dual { value, slope }
    }
}
// ANCHOR_END: dual

// ANCHOR: dual_number
impl<T: Number> Add for Dual<T> {
    type Output = Dual<T>;

    #[inline]
    fn add(self, other: Dual<T>) -> Dual<T> {
        Dual {
            value: self.value + other.value,
            slope: self.slope + other.slope,
        }
    }
}

impl<T: Number> Sub for Dual<T> {
    type Output = Dual<T>;

    #[inline]
    fn sub(self, other: Dual<T>) -> Dual<T> {
        Dual {
            value: self.value - other.value,
            slope: self.slope - other.slope,
        }
    }
}

impl<T: Number> Mul for Dual<T> {
    type Output = Dual<T>;

    #[inline]
    fn mul(self, other: Dual<T>) -> Dual<T> {
        self.binary(other, rules::mul)
    }
}

impl<T: Number> Div for Dual<T> {
    type Output = Dual<T>;

    #[inline]
    fn div(self, other: Dual<T>) -> Dual<T> {
        self.binary(other, rules::div)
    }
}

macro_rules! with_plain_numbers {
    ($($Operator:ident, $method:ident;)*) => { $(
        impl<T: Number> $Operator<f64> for Dual<T> {
            type Output = Dual<T>;

            #[inline]
            fn $method(self, other: f64) -> Dual<T> {
                self.$method(Dual::from(other))
            }
        }

        impl<T: Number> $Operator<Dual<T>> for f64 {
            type Output = Dual<T>;

            #[inline]
            fn $method(self, other: Dual<T>) -> Dual<T> {
                Dual::from(self).$method(other)
            }
        }
    )* };
}

with_plain_numbers! {
    Add, add;
    Sub, sub;
    Mul, mul;
    Div, div;
}

impl<T: Number> Neg for Dual<T> {
    type Output = Dual<T>;

    #[inline]
    fn neg(self) -> Dual<T> {
        Dual {
            value: -self.value,
            slope: -self.slope,
        }
    }
}

macro_rules! functions {
    (unary: $($unary:ident),*; binary: $($binary:ident),*) => {
        $(
            #[inline]
            fn $unary(self) -> Dual<T> {
                self.unary(rules::$unary(self.value))
            }
        )*
        $(
            #[inline]
            fn $binary(self, other: Dual<T>) -> Dual<T> {
                self.binary(other, rules::$binary)
            }
        )*
    };
}

impl<T: Number> Number for Dual<T> {
    functions! {
        unary: exp, ln, sqrt, exp_m1, ln_1p, abs;
        binary: powf, max, min, hypot, atan2
    }

    fn value(self) -> f64 {
        self.value.value()
    }

    // Left to itself, the compiler does not inline these three at each level of `Dual<Dual<…>>`. Then it
    // does not see that most slopes of an input are 0, or which parts of the result nobody asks for.
    #[inline(always)]
    fn times(self, slope: Dual<T>) -> Dual<T> {
        Dual {
            value: self.value.times(slope.value),
            slope: self.value.times(slope.slope) + self.slope.times(slope.value),
        }
    }

    #[inline(always)]
    fn sin_cos(self) -> (Dual<T>, Dual<T>) {
        let (sin, cos) = self.value.sin_cos();
        (self.unary((sin, cos)), self.unary((cos, -sin)))
    }

    #[inline(always)]
    fn tanh_with_slope(self) -> (Dual<T>, Dual<T>) {
        let (tanh, slope) = self.value.tanh_with_slope();
        let tanh = self.unary((tanh, slope));
        // 1 − tanh² depends on tanh, with the weight −2 tanh.
        let weight = -(tanh.value + tanh.value);
        let slope = Dual {
            value: slope,
            slope: weight.times(tanh.slope),
        };
        (tanh, slope)
    }

    #[inline]
    fn powi(self, exponent: i32) -> Dual<T> {
        self.unary(rules::powi(self.value, exponent))
    }
}

impl<T: Number> From<f64> for Dual<T> {
    /// A plain number is a constant.
    fn from(value: f64) -> Dual<T> {
        Dual::constant(T::from(value))
    }
}

impl<T: Number> PartialOrd for Dual<T> {
    /// Compares the numbers alone. But `==` compares the slopes too, so two of them can be neither less
    /// nor greater nor equal.
    fn partial_cmp(&self, other: &Dual<T>) -> Option<Ordering> {
        self.value.value().partial_cmp(&other.value.value())
    }
}
// ANCHOR_END: dual_number

// ANCHOR: hessian_vector
/// The gradient of `f` at `x`, and the product of its Hessian with `direction`: how the gradient
/// changes in that direction.
///
/// Forward over reverse: a tape of dual numbers is swept once, so both take a small multiple of
/// the time of `f`, however many inputs there are.
///
/// ```
/// use stage5::hessian_vector;
///
/// let (gradient, product) =
///     hessian_vector(|x| (x[0] * x[0] * x[1]).record(), &[3.0, 5.0], &[1.0, 0.0]);
/// assert_eq!(gradient, [30.0, 9.0]);
/// assert_eq!(product, [10.0, 6.0]); // The first column of the Hessian.
/// ```
///
/// # Panics
///
/// If `direction` is not as long as `x`.
pub fn hessian_vector(
    f: impl for<'t> FnOnce(&[Var<'t, Dual>]) -> Var<'t, Dual>,
    x: &[f64],
    direction: &[f64],
) -> (Vec<f64>, Vec<f64>) {
    assert!(
        x.len() == direction.len(),
        "`hessian_vector`: expected a direction of {} numbers, as many as inputs, not {}",
        x.len(),
        direction.len()
    );
    let inputs = x.iter().zip(direction);
    let inputs: Vec<Dual> = inputs
        .map(|(&value, &slope)| Dual { value, slope })
        .collect();
    let (_, gradient) = Tape::new().gradient(f, &inputs);
    gradient.iter().map(|by| (by.value, by.slope)).unzip()
}
// ANCHOR_END: hessian_vector

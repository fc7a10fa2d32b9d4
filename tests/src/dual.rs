//! Forward-mode dual numbers: a judge that shares nothing with the stages.
//!
//! A [`Dual`] carries a value and its derivative with respect to one chosen input. Every operation
//! computes both at once, so there is no graph and no walk, and the formulas below are written in
//! this file alone. The parts of a dual number may be dual numbers themselves: `Dual<Dual<f64>>`
//! carries a second derivative.

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::exam::number::Number;

// ANCHOR: dual
/// `value` + `slope`·δ, where δ² = 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dual<T = f64> {
    /// The number.
    pub value: T,
    /// Its derivative.
    pub slope: T,
}

impl<T: Number> Dual<T> {
    /// The input that the derivative is taken with respect to: its own derivative is 1.
    pub fn input(value: T) -> Dual<T> {
        Dual {
            value,
            slope: T::from(1.0),
        }
    }

    /// A number that does not depend on the input.
    pub fn constant(value: T) -> Dual<T> {
        Dual {
            value,
            slope: T::from(0.0),
        }
    }

    /// The chain rule: the result of a function whose derivative at this number is `derivative`.
    fn chain(&self, result: T, derivative: T) -> Dual<T> {
        Dual {
            value: result,
            slope: derivative * &self.slope,
        }
    }
}
// ANCHOR_END: dual

// ANCHOR: dual_gradient
/// The gradient of `f` at `x`: one run of `f` for each input.
pub fn gradient(f: impl Fn(&[Dual]) -> Dual, x: &[f64]) -> Vec<f64> {
    let slope_along = |number: usize| {
        let mut inputs: Vec<Dual> = x.iter().map(|&x| Dual::constant(x)).collect();
        inputs[number] = Dual::input(x[number]);
        f(&inputs).slope
    };
    (0..x.len()).map(slope_along).collect()
}
// ANCHOR_END: dual_gradient

/// A number that carries the derivatives of several orders.
pub trait Orders {
    /// The input at `x`.
    fn input_at(x: f64) -> Self;

    /// The derivative of order `order`; order 0 is the value.
    fn order(&self, order: usize) -> f64;
}

impl Orders for f64 {
    fn input_at(x: f64) -> f64 {
        x
    }

    fn order(&self, order: usize) -> f64 {
        assert_eq!(order, 0, "a plain number has no derivatives");
        *self
    }
}

impl<T: Orders + Number> Orders for Dual<T> {
    fn input_at(x: f64) -> Dual<T> {
        Dual::input(T::input_at(x))
    }

    fn order(&self, order: usize) -> f64 {
        match order {
            0 => self.value.order(0),
            _ => self.slope.order(order - 1),
        }
    }
}

// ANCHOR: dual_operators
impl<T: Number> Add<&Dual<T>> for &Dual<T> {
    type Output = Dual<T>;

    fn add(self, other: &Dual<T>) -> Dual<T> {
        Dual {
            value: self.value.clone() + &other.value,
            slope: self.slope.clone() + &other.slope,
        }
    }
}

impl<T: Number> Sub<&Dual<T>> for &Dual<T> {
    type Output = Dual<T>;

    fn sub(self, other: &Dual<T>) -> Dual<T> {
        Dual {
            value: self.value.clone() - &other.value,
            slope: self.slope.clone() - &other.slope,
        }
    }
}

impl<T: Number> Mul<&Dual<T>> for &Dual<T> {
    type Output = Dual<T>;

    fn mul(self, other: &Dual<T>) -> Dual<T> {
        Dual {
            value: self.value.clone() * &other.value,
            slope: self.slope.clone() * &other.value + self.value.clone() * &other.slope,
        }
    }
}

impl<T: Number> Div<&Dual<T>> for &Dual<T> {
    type Output = Dual<T>;

    /// From q·y = x follows q′ = (x′ − q·y′) / y.
    fn div(self, other: &Dual<T>) -> Dual<T> {
        let quotient = self.value.clone() / &other.value;
        let slope = (self.slope.clone() - quotient.clone() * &other.slope) / &other.value;
        Dual {
            value: quotient,
            slope,
        }
    }
}

impl<T: Number> Neg for &Dual<T> {
    type Output = Dual<T>;

    fn neg(self) -> Dual<T> {
        Dual {
            value: -self.value.clone(),
            slope: -self.slope.clone(),
        }
    }
}
// ANCHOR_END: dual_operators

// ANCHOR: dual_functions
impl<T: Number + PartialEq> Number for Dual<T> {
    fn value(&self) -> f64 {
        self.value.value()
    }

    /// (x^y)′ = y·x^(y−1)·x′ + x^y·ln x·y′. A term is left out if one of its factors is zero and so
    /// are all slopes of that factor. So a constant exponent may have a base without a logarithm,
    /// and 0 · ∞ counts as 0. The derivative of 0⁰ in the exponent is taken to be 0, too.
    fn powf(&self, exponent: &Dual<T>) -> Dual<T> {
        let zero = T::from(0.0);
        let (x, y) = (&self.value, &exponent.value);
        let value = x.powf(y);
        let mut slope = zero.clone();
        let power = x.powf(&(y.clone() - 1.0));
        if [&self.slope, y, &power]
            .iter()
            .all(|factor| **factor != zero)
        {
            slope = slope + power * y * &self.slope;
        }
        let both_0 = *x == zero && *y == zero;
        if exponent.slope != zero && value != zero && !both_0 {
            slope = slope + x.ln() * &value * &exponent.slope;
        }
        Dual { value, slope }
    }

    fn sin(&self) -> Dual<T> {
        self.chain(self.value.sin(), self.value.cos())
    }

    fn cos(&self) -> Dual<T> {
        self.chain(self.value.cos(), -self.value.sin())
    }

    fn exp(&self) -> Dual<T> {
        self.chain(self.value.exp(), self.value.exp())
    }

    fn ln(&self) -> Dual<T> {
        self.chain(self.value.ln(), T::from(1.0) / &self.value)
    }

    /// From r² = x follows r′ = 1 / 2r.
    fn sqrt(&self) -> Dual<T> {
        let root = self.value.sqrt();
        self.chain(root.clone(), T::from(1.0) / (root.clone() + &root))
    }

    /// The derivative is sech² x, and sech x = 2 / (e^x + e^−x). With e = e^−|x|, which cannot
    /// overflow, that is 2e / (1 + e²).
    fn tanh(&self) -> Dual<T> {
        let x = &self.value;
        let e = if x.value() > 0.0 {
            -x.clone()
        } else {
            x.clone()
        }
        .exp();
        let sech = (e.clone() + &e) / (e.clone() * &e + 1.0);
        self.chain(x.tanh(), sech.clone() * &sech)
    }
}
// ANCHOR_END: dual_functions

impl<T: Number> From<f64> for Dual<T> {
    /// A plain number is a constant.
    fn from(value: f64) -> Dual<T> {
        Dual::constant(T::from(value))
    }
}

/// The other forms of an operator: owned operands, and a plain number on the right.
macro_rules! forward {
    ($Operator:ident, $method:ident) => {
        impl<T: Number> $Operator for Dual<T> {
            type Output = Dual<T>;

            fn $method(self, other: Dual<T>) -> Dual<T> {
                $Operator::$method(&self, &other)
            }
        }

        impl<T: Number> $Operator<&Dual<T>> for Dual<T> {
            type Output = Dual<T>;

            fn $method(self, other: &Dual<T>) -> Dual<T> {
                $Operator::$method(&self, other)
            }
        }

        impl<T: Number> $Operator<Dual<T>> for &Dual<T> {
            type Output = Dual<T>;

            fn $method(self, other: Dual<T>) -> Dual<T> {
                $Operator::$method(self, &other)
            }
        }

        impl<T: Number> $Operator<f64> for Dual<T> {
            type Output = Dual<T>;

            fn $method(self, other: f64) -> Dual<T> {
                $Operator::$method(&self, &Dual::from(other))
            }
        }

        impl<T: Number> $Operator<f64> for &Dual<T> {
            type Output = Dual<T>;

            fn $method(self, other: f64) -> Dual<T> {
                $Operator::$method(self, &Dual::from(other))
            }
        }
    };
}

forward!(Add, add);
forward!(Sub, sub);
forward!(Mul, mul);
forward!(Div, div);

impl<T: Number> Neg for Dual<T> {
    type Output = Dual<T>;

    fn neg(self) -> Dual<T> {
        -&self
    }
}

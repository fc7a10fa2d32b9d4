//! Taylor coefficients: all derivatives in one variable in one pass.

use std::array;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// The first coefficients of the series of a result in powers of t, where the input is x + t.
///
/// ```
/// use stage5::taylor::Taylor;
///
/// let x = Taylor::<4>::input(3.0);
/// let cube = x * x * x;
/// assert_eq!([0, 1, 2, 3].map(|order| cube.derivative(order)), [27.0, 27.0, 18.0, 6.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Taylor<const N: usize>(pub [f64; N]);

impl<const N: usize> From<f64> for Taylor<N> {
    fn from(value: f64) -> Taylor<N> {
        Taylor(array::from_fn(|k| if k == 0 { value } else { 0.0 }))
    }
}

impl<const N: usize> Taylor<N> {
    /// The input, x + t.
    pub fn input(x: f64) -> Taylor<N> {
        let coefficient = |k| match k {
            0 => x,
            1 => 1.0,
            _ => 0.0,
        };
        Taylor(array::from_fn(coefficient))
    }

    /// The derivative of that order.
    pub fn derivative(self, order: usize) -> f64 {
        let factorial: f64 = (1..=order).map(|k| k as f64).product();
        self.0[order] * factorial
    }

    /// The coefficient `k` of what has the derivative self′ · `other`, for `k` from 1 on.
    fn chain(self, other: [f64; N], k: usize) -> f64 {
        // Those of an input are 0 from the third on. Where the compiler sees the input, it leaves them out.
        let present = (1..=k).filter(|&j| self.0[j] != 0.0);
        let sum: f64 = present.map(|j| j as f64 * self.0[j] * other[k - j]).sum();
        sum / k as f64
    }

    /// e to the power `self`.
    #[inline]
    pub fn exp(self) -> Taylor<N> {
        let mut y = [0.0; N];
        y[0] = self.0[0].exp();
        for k in 1..N {
            y[k] = self.chain(y, k);
        }
        Taylor(y)
    }

    #[inline]
    fn sin_cos(self) -> (Taylor<N>, Taylor<N>) {
        let (mut sin, mut cos) = ([0.0; N], [0.0; N]);
        (sin[0], cos[0]) = self.0[0].sin_cos();
        for k in 1..N {
            (sin[k], cos[k]) = (self.chain(cos, k), -self.chain(sin, k));
        }
        (Taylor(sin), Taylor(cos))
    }

    /// The sine.
    #[inline]
    pub fn sin(self) -> Taylor<N> {
        self.sin_cos().0
    }

    /// The cosine.
    #[inline]
    pub fn cos(self) -> Taylor<N> {
        self.sin_cos().1
    }

    /// The hyperbolic tangent.
    #[inline]
    pub fn tanh(self) -> Taylor<N> {
        // 1 − y², whose first coefficient keeps its digits as 1/cosh².
        let (mut y, mut v) = ([0.0; N], [0.0; N]);
        y[0] = self.0[0].tanh();
        v[0] = self.0[0].cosh().powi(-2);
        for k in 1..N {
            y[k] = self.chain(v, k);
            v[k] = -(0..=k).map(|i| y[i] * y[k - i]).sum::<f64>();
        }
        Taylor(y)
    }
}

impl<const N: usize> Add for Taylor<N> {
    type Output = Taylor<N>;

    fn add(self, other: Taylor<N>) -> Taylor<N> {
        Taylor(array::from_fn(|k| self.0[k] + other.0[k]))
    }
}

impl<const N: usize> Sub for Taylor<N> {
    type Output = Taylor<N>;

    fn sub(self, other: Taylor<N>) -> Taylor<N> {
        Taylor(array::from_fn(|k| self.0[k] - other.0[k]))
    }
}

impl<const N: usize> Mul for Taylor<N> {
    type Output = Taylor<N>;

    fn mul(self, other: Taylor<N>) -> Taylor<N> {
        let product = |k| (0..=k).map(|i| self.0[i] * other.0[k - i]).sum();
        Taylor(array::from_fn(product))
    }
}

impl<const N: usize> Div for Taylor<N> {
    type Output = Taylor<N>;

    fn div(self, other: Taylor<N>) -> Taylor<N> {
        let mut quotient = [0.0; N];
        for k in 0..N {
            let known: f64 = (0..k).map(|i| quotient[i] * other.0[k - i]).sum();
            quotient[k] = (self.0[k] - known) / other.0[0];
        }
        Taylor(quotient)
    }
}

impl<const N: usize> Neg for Taylor<N> {
    type Output = Taylor<N>;

    fn neg(self) -> Taylor<N> {
        Taylor(self.0.map(|coefficient| -coefficient))
    }
}

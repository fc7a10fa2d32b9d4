//! The derivative rules: the result of each operation, and its weight for each argument.
//!
//! They are written with operations of the number itself, so that it may carry derivatives of its
//! own. NIST's *Digital Library of Mathematical Functions* lists the derivatives in §4.7, §4.20 and
//! §4.34.

use crate::number::Number;

// ANCHOR: operators
#[inline]
pub(crate) fn add<T: Number>(x: T, y: T) -> (T, [T; 2]) {
    (x + y, [T::from(1.0), T::from(1.0)])
}

#[inline]
pub(crate) fn sub<T: Number>(x: T, y: T) -> (T, [T; 2]) {
    (x - y, [T::from(1.0), T::from(-1.0)])
}

#[inline]
pub(crate) fn mul<T: Number>(x: T, y: T) -> (T, [T; 2]) {
    (x * y, [y, x])
}

#[inline]
pub(crate) fn div<T: Number>(x: T, y: T) -> (T, [T; 2]) {
    let result = x / y;
    (result, [T::from(1.0) / y, -result / y])
}

#[inline]
pub(crate) fn neg<T: Number>(x: T) -> (T, T) {
    (-x, T::from(-1.0))
}
// ANCHOR_END: operators

// ANCHOR: functions
#[inline]
pub(crate) fn sin<T: Number>(x: T) -> (T, T) {
    x.sin_cos()
}

#[inline]
pub(crate) fn cos<T: Number>(x: T) -> (T, T) {
    let (sin, cos) = x.sin_cos();
    (cos, -sin)
}

#[inline]
pub(crate) fn exp<T: Number>(x: T) -> (T, T) {
    let result = x.exp();
    (result, result)
}

#[inline]
pub(crate) fn ln<T: Number>(x: T) -> (T, T) {
    (x.ln(), T::from(1.0) / x)
}

#[inline]
pub(crate) fn sqrt<T: Number>(x: T) -> (T, T) {
    let result = x.sqrt();
    (result, T::from(0.5) / result)
}

#[inline]
pub(crate) fn tanh<T: Number>(x: T) -> (T, T) {
    x.tanh_with_slope()
}

#[inline]
pub(crate) fn exp_m1<T: Number>(x: T) -> (T, T) {
    (x.exp_m1(), x.exp())
}

#[inline]
pub(crate) fn ln_1p<T: Number>(x: T) -> (T, T) {
    (x.ln_1p(), T::from(1.0) / (x + 1.0))
}

/// At 0 the weight is taken to be 0.
#[inline]
pub(crate) fn abs<T: Number>(x: T) -> (T, T) {
    (x.abs(), T::from(sign(x.value())))
}

/// −1, 0 or 1, and NaN for NaN.
pub(crate) fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}
// ANCHOR_END: functions

// ANCHOR: powers
#[inline]
pub(crate) fn powi<T: Number>(x: T, exponent: i32) -> (T, T) {
    let weight = match exponent {
        0 => T::from(0.0),
        _ => x.powi(exponent.saturating_sub(1)) * f64::from(exponent),
    };
    (x.powi(exponent), weight)
}

/// Both formulas can say 0 · ∞, where the derivative is 0. At 0⁰ it is taken to be 0.
#[inline]
pub(crate) fn powf<T: Number>(x: T, y: T) -> (T, [T; 2]) {
    let result = x.powf(y);
    let (base, exponent, is_0) = (x.value(), y.value(), result.value() == 0.0);
    let by_base = if base == 0.0 && exponent == 0.0 || is_0 && exponent.is_infinite() {
        T::from(0.0)
    } else {
        y * x.powf(y - 1.0)
    };
    let by_exponent = if base == 0.0 && exponent >= 0.0 || is_0 && base.is_infinite() {
        T::from(0.0)
    } else {
        result * x.ln()
    };
    (result, [by_base, by_exponent])
}
// ANCHOR_END: powers

// ANCHOR: choices
#[inline]
pub(crate) fn max<T: Number>(x: T, y: T) -> (T, [T; 2]) {
    (
        x.max(y),
        [share(y.value(), x.value()), share(x.value(), y.value())],
    )
}

#[inline]
pub(crate) fn min<T: Number>(x: T, y: T) -> (T, [T; 2]) {
    (
        x.min(y),
        [share(x.value(), y.value()), share(y.value(), x.value())],
    )
}

/// The weight: 0 if `other` wins over `own`, half at a tie, and 1 otherwise, even beside a NaN.
#[inline]
fn share<T: Number>(other: f64, own: f64) -> T {
    T::from(if other > own {
        0.0
    } else if other == own {
        0.5
    } else {
        1.0
    })
}
// ANCHOR_END: choices

// ANCHOR: plane
/// At the origin, where the length has a kink, both weights are taken to be 0.
#[inline]
pub(crate) fn hypot<T: Number>(x: T, y: T) -> (T, [T; 2]) {
    let result = x.hypot(y);
    match result.value() {
        0.0 => (result, [T::from(0.0); 2]),
        _ => (result, [x / result, y / result]),
    }
}

/// At the origin, where there is no angle, both weights are taken to be 0.
#[inline]
pub(crate) fn atan2<T: Number>(y: T, x: T) -> (T, [T; 2]) {
    let (result, length) = (y.atan2(x), x.hypot(y));
    match length.value() {
        0.0 => (result, [T::from(0.0); 2]),
        // The square of the length might overflow.
        _ => (result, [x / length / length, -y / length / length]),
    }
}
// ANCHOR_END: plane

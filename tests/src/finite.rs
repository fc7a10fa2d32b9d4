//! The measuring tool: derivatives by finite differences.
//!
//! It knows nothing of the function but its values, so it can judge any derivative, and it is never
//! exact. Three choices make it as good as it gets: a difference that looks to both sides, a step
//! that balances two errors, and a comparison that is relative to the size of what is compared.

use std::fmt;

// ANCHOR: step
/// How far to step away from `x`.
///
/// A step h makes two errors: the curve bends, which costs about h², and the values of the function
/// are rounded, which costs about ε/h. Their sum is smallest near h = ε^(1/3), some 6·10⁻⁶. Numbers
/// are rounded relative to their size, so a large `x` needs a step in proportion.
pub fn step(x: f64) -> f64 {
    f64::EPSILON.cbrt() * x.abs().max(1.0)
}
// ANCHOR_END: step

// ANCHOR: derivative
/// The derivative of `f` at `x`, by a central difference.
///
/// ```
/// use tests::finite::{close, derivative};
///
/// assert!(close(derivative(|x| x * x, 3.0), 6.0));
/// ```
pub fn derivative(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    let (left, right) = (x - step(x), x + step(x));
    // `left` and `right` have been rounded: divide by the distance that is really between them.
    (f(right) - f(left)) / (right - left)
}
// ANCHOR_END: derivative

// ANCHOR: gradient
/// The gradient of a function of several numbers: one derivative for each, the others held still.
///
/// An array counts as the numbers that it holds, one after the other.
pub fn gradient(f: impl Fn(&[f64]) -> f64, x: &[f64]) -> Vec<f64> {
    let along = |number: usize| {
        let moved = |moved: f64| {
            let mut x = x.to_vec();
            x[number] = moved;
            f(&x)
        };
        derivative(moved, x[number])
    };
    (0..x.len()).map(along).collect()
}
// ANCHOR_END: gradient

// ANCHOR: close
/// How much two numbers may differ, relative to the larger of them (or to 1, if both are small),
/// and still count as the same derivative.
///
/// A central difference has about 10 good digits of 16, fewer where the function bends strongly.
/// A rule that is wrong is usually wrong in the first digit.
pub const TOLERANCE: f64 = 1e-6;

/// The difference between `a` and `b`, relative to the larger of them, or to 1.
///
/// Equal infinities do not differ, nor does NaN from NaN; apart from that, whatever is not finite
/// differs infinitely from everything else.
pub fn relative_error(a: f64, b: f64) -> f64 {
    if a == b || (a.is_nan() && b.is_nan()) {
        return 0.0;
    }
    let error = (a - b).abs() / a.abs().max(b.abs()).max(1.0);
    if error.is_nan() { f64::INFINITY } else { error }
}

/// Whether `a` and `b` are the same up to [`TOLERANCE`].
pub fn close(a: f64, b: f64) -> bool {
    relative_error(a, b) <= TOLERANCE
}
// ANCHOR_END: close

// ANCHOR: check
/// A gradient that the finite difference disagrees with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mismatch {
    /// Which input, counted from 0.
    pub input: usize,
    /// What was claimed.
    pub gradient: f64,
    /// What was measured.
    pub finite: f64,
}

/// Compares a claimed gradient of `f` at `x` with the finite difference.
///
/// ```
/// use tests::finite::check;
///
/// let area = |x: &[f64]| x[0] * x[1];
/// assert!(check(area, &[2.0, 3.0], &[3.0, 2.0]).is_ok());
/// assert_eq!(check(area, &[2.0, 3.0], &[3.0, 4.0]).unwrap_err().input, 1);
/// ```
///
/// # Errors
///
/// The first input whose gradient differs.
///
/// # Panics
///
/// If there are not as many gradients as inputs.
pub fn check(f: impl Fn(&[f64]) -> f64, x: &[f64], claimed: &[f64]) -> Result<(), Mismatch> {
    assert_eq!(x.len(), claimed.len(), "one gradient for each input");
    for (input, finite) in gradient(f, x).into_iter().enumerate() {
        let gradient = claimed[input];
        if !close(gradient, finite) {
            return Err(Mismatch {
                input,
                gradient,
                finite,
            });
        }
    }
    Ok(())
}
// ANCHOR_END: check

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mismatch {
            input,
            gradient,
            finite,
        } = self;
        write!(
            f,
            "input {input}: gradient {gradient}, finite difference {finite}"
        )
    }
}

// ANCHOR: check_orders
/// Compares each function of `orders` with the finite difference of the one before it.
///
/// `orders` holds a function, its claimed derivative, the derivative of that, and so on. A rule
/// that is right when it is used once and wrong when it is differentiated shows up here.
///
/// # Errors
///
/// The first order, counted from 1, at which the derivative differs.
pub fn check_orders(orders: &[&dyn Fn(f64) -> f64], x: f64) -> Result<(), (usize, Mismatch)> {
    for (number, pair) in orders.windows(2).enumerate() {
        check(|x| pair[0](x[0]), &[x], &[pair[1](x)]).map_err(|mismatch| (number + 1, mismatch))?;
    }
    Ok(())
}
// ANCHOR_END: check_orders

// ANCHOR: trusted
/// The derivative of `f` at `x`, if a finite difference can be trusted there: if one with twice the
/// step says the same. Beside a kink and at a jump the two differ, and in noise they usually do.
///
/// ```
/// use tests::finite::{close, trusted};
///
/// assert!(close(trusted(|x| x * x, 3.0).unwrap(), 6.0));
/// assert_eq!(trusted(f64::floor, 1.0), None);
/// ```
pub fn trusted(f: impl Fn(f64) -> f64, x: f64) -> Option<f64> {
    let once = derivative(&f, x);
    let wide = 2.0 * step(x);
    let twice = (f(x + wide) - f(x - wide)) / (2.0 * wide);
    close(once, twice).then_some(once)
}
// ANCHOR_END: trusted

// ANCHOR: directional
/// How fast `f` changes at `x` when all inputs move at once, along `direction`: two runs of `f`,
/// however many inputs there are.
///
/// It is the product of the gradient and the direction.
///
/// ```
/// use tests::finite::{close, directional};
///
/// let area = |x: &[f64]| x[0] * x[1];
/// assert!(close(directional(area, &[2.0, 3.0], &[10.0, 1.0]), 3.0 * 10.0 + 2.0 * 1.0));
/// ```
///
/// # Panics
///
/// If `direction` is not as long as `x`, or if nothing moves along it.
pub fn directional(f: impl Fn(&[f64]) -> f64, x: &[f64], direction: &[f64]) -> f64 {
    assert_eq!(x.len(), direction.len(), "one speed for each input");
    let largest = |of: &[f64]| {
        of.iter()
            .fold(0.0, |most: f64, number| most.max(number.abs()))
    };
    let fastest = largest(direction);
    assert!(fastest > 0.0, "nothing moves along a direction of zeros");
    // The fastest input moves by the step of the largest one.
    let step = step(largest(x)) / fastest;
    let moved = |by: f64| {
        let along = x.iter().zip(direction).map(|(x, speed)| x + by * speed);
        f(&along.collect::<Vec<f64>>())
    };
    (moved(step) - moved(-step)) / (2.0 * step)
}
// ANCHOR_END: directional

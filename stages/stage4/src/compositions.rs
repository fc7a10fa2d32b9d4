//! Functions that are composed of operations, and are easily composed wrongly.
//!
//! None of them has a rule: each inherits its derivatives, of every order, from its parts. So each
//! part has to stay finite on the way back too, also the one that a `select` does not take.

use crate::array::Axes;
use crate::graph::Value;
use crate::ops::{check, concatenate, select};
use crate::trace::Untraced;

// ANCHOR: sigmoid
/// Functions of each element, whose usual formulas overflow or lose something.
impl Value {
    /// `1 / (1 + exp(-x))`, from 0 to 1.
    ///
    /// In this formula `exp` overflows at −1000: the value is right, and the slope NaN.
    ///
    /// ```
    /// use stage4::{Value, grad};
    ///
    /// let x = Value::from(-1000.0);
    /// let plain = |x: &Value| 1.0 / (1.0 + (-x).exp());
    /// assert!(grad(plain)(&x).value().is_nan());
    /// assert_eq!(grad(Value::sigmoid)(&x), 0.0);
    /// ```
    pub fn sigmoid(&self) -> Self {
        check("sigmoid", &[self]);
        let (positive, power) = self.decay();
        select(&positive, 1.0, &power) / (1.0 + power)
    }

    /// `ln(1 + exp(x))`, a smooth [`Value::relu`]. Its slope is the sigmoid.
    pub fn softplus(&self) -> Self {
        check("softplus", &[self]);
        let (positive, power) = self.decay();
        select(&positive, self, 0.0) + power.ln_1p()
    }

    /// Where `self` is positive, and `exp(-|x|)`, which is never above 1.
    ///
    /// Not by `abs`: its slope at 0 is 0, and so would be that of the sigmoid. The two formulas of the
    /// sigmoid are equal for every x, so it does not matter which of them is taken at 0.
    fn decay(&self) -> (Value, Value) {
        let positive = self.greater(0.0);
        let power = select(&positive, -self, self).exp();
        (positive, power)
    }

    /// The larger of `self` and 0; its slope at 0 is 0.
    ///
    /// With `maximum` the slope at 0 would be a half. And NaN stays NaN, as it is not less than 0.
    pub fn relu(&self) -> Self {
        check("relu", &[self]);
        select(&self.less_equal(0.0), 0.0, self)
    }

    /// `self`, but `low` where it is below, and `high` where it is above; its slope at both ends is
    /// 1.
    ///
    /// With `maximum` and `minimum` it would be a half there.
    pub fn clip(&self, low: impl Into<Self>, high: impl Into<Self>) -> Self {
        let (low, high) = (low.into(), high.into());
        let shapes = [self.shape(), low.shape(), high.shape()];
        check("clip", &[self, &low, &high]).broadcast_shapes(&shapes);
        let raised = select(&self.less(&low), &low, self);
        select(&raised.greater(&high), &high, &raised)
    }
}
// ANCHOR_END: sigmoid

// ANCHOR: norm
/// A power of two of about the size of the argument, to divide by without rounding; 1 for 0,
/// infinity and NaN.
///
/// A constant: a length that is scaled down and up again does not depend on the scale, so its
/// derivatives do not either.
pub static SCALE: Untraced = Untraced::new("scale", |args| {
    args.map(|x| match x.log2().floor() {
        exponent if exponent.is_finite() => exponent.min(1023.0).exp2(),
        _ => 1.0,
    })
});

/// Roots of sums of squares.
impl Value {
    /// The Euclidean length, the root of the sum of squares, with gradient 0 at 0.
    ///
    /// The root's slope at 0 is infinite, and infinity times the 0 of 2x is NaN. Squares can also
    /// overflow where their root does not.
    ///
    /// ```
    /// use stage4::{Value, grad};
    ///
    /// let plain = |x: &Value| (x * x).sum().sqrt();
    /// let zero = Value::from([0.0, 0.0]);
    /// assert!(grad(plain)(&zero).index(&[0]).value().is_nan());
    /// assert_eq!(grad(Value::norm)(&zero).index(&[0]), 0.0);
    /// assert_eq!(Value::from([1e200, 0.0]).norm(), 1e200);
    /// ```
    pub fn norm(&self) -> Self {
        check("norm", &[self]);
        self.norm_axis(self.all_axes())
    }

    /// [`Value::norm`] over some axes.
    pub fn norm_axis(&self, axes: impl Into<Axes>) -> Self {
        let axes = axes.into();
        check("norm_axis", &[self]).check_axes(&axes.axes, self.shape());
        if self.shape().contains(&0) {
            return self.abs().sum_axis(axes); // there is no largest element
        }
        let scale = SCALE.bind(&[&self.detach().abs().max_axis(axes.clone().keep())]);
        let scaled = self / &scale;
        let root = (&scaled * &scaled).sum_axis(axes).root();
        &root * scale.reshape(root.shape())
    }

    /// The length `√(x² + y²)` of each pair, with gradient 0 where both are 0.
    pub fn hypot(&self, other: impl Into<Self>) -> Self {
        let other = other.into();
        check("hypot", &[self, &other]).broadcast_shapes(&[self.shape(), other.shape()]);
        let scale = SCALE.bind(&[&self.detach().abs().maximum(other.detach().abs())]);
        let (x, y) = (self / &scale, other / &scale);
        (&x * &x + &y * &y).root() * scale
    }

    /// The square root, with slope 0 at 0.
    fn root(&self) -> Self {
        let is_zero = self.equals(0.0);
        // A select computes both sides. The one that is not taken must not meet the 0 either.
        select(&is_zero, 0.0, select(&is_zero, 1.0, self).sqrt())
    }
}
// ANCHOR_END: norm

// ANCHOR: spread
/// How far elements spread around their mean. As in `ndarray`, the sum of squares is divided by the
/// number of elements less `ddof`: 0 if they are all there is, 1 if they are a sample.
impl Value {
    /// The variance.
    pub fn var(&self, ddof: f64) -> Self {
        let (error, freedom) = self.spread("var", &self.all_axes(), ddof);
        error.square().sum() / freedom
    }

    /// [`Value::var`] over some axes.
    ///
    /// The mean of the squares less the square of the mean would be the same on paper. It is the
    /// small difference of two large numbers.
    pub fn var_axis(&self, axes: impl Into<Axes>, ddof: f64) -> Self {
        let axes = axes.into();
        let (error, freedom) = self.spread("var_axis", &axes, ddof);
        error.square().sum_axis(axes) / freedom
    }

    /// The standard deviation, with gradient 0 where all elements are equal.
    pub fn std(&self, ddof: f64) -> Self {
        let (error, freedom) = self.spread("std", &self.all_axes(), ddof);
        error.norm() / freedom.sqrt()
    }

    /// [`Value::std`] over some axes.
    pub fn std_axis(&self, axes: impl Into<Axes>, ddof: f64) -> Self {
        let axes = axes.into();
        let (error, freedom) = self.spread("std_axis", &axes, ddof);
        error.norm_axis(axes) / freedom.sqrt()
    }

    /// How far each element is from the mean, and the divisor of the squares.
    ///
    /// The mean is not detached here. As a constant it would leave the gradient as it is, since the
    /// differences add up to 0, and make the Hessian wrong.
    fn spread(&self, name: &'static str, axes: &Axes, ddof: f64) -> (Value, f64) {
        check(name, &[self]).check_axes(&axes.axes, self.shape());
        let count: usize = axes.axes.iter().map(|axis| self.shape()[*axis]).product();
        assert!(
            (0.0..=count as f64).contains(&ddof),
            "`{name}`: ddof is {ddof}; expected a number from 0 to {count}, the number of elements"
        );
        let error = self - self.mean_axis(axes.clone().keep());
        (error, count as f64 - ddof)
    }
}
// ANCHOR_END: spread

// ANCHOR: atan2
/// The angle of the point (second argument, first argument), from −π to π.
pub static ATAN2: Untraced = Untraced::new("atan2", |args| args.zip(f64::atan2));

impl Value {
    /// The angle in radians of the point (`x`, `self`), from −π to π; its gradient at the origin is
    /// 0.
    ///
    /// `(y / x).atan()` is right in two of the four quadrants, and divides by 0 where `x` is 0.
    ///
    /// ```
    /// use std::f64::consts::PI;
    /// use stage4::Value;
    ///
    /// let y = Value::from(1.0);
    /// assert_eq!(y.atan2(-1.0), 0.75 * PI);
    /// assert_eq!((&y / -1.0).atan(), -0.25 * PI);
    /// ```
    pub fn atan2(&self, x: impl Into<Self>) -> Self {
        let (y, x) = (self, &x.into());
        let angle = ATAN2.bind(&[y, x]);
        let (fixed_y, fixed_x) = (y.detach(), x.detach());
        // 0 / 0 and ∞ / ∞ say nothing. There, the angle is taken for a constant.
        let none = (&fixed_y / &fixed_x).is_nan();
        // Divide by the longer side: the quotient is at most 1.
        let wide = fixed_x.abs().greater_equal(fixed_y.abs());
        let opposite = select(&none, 0.0, select(&wide, y, -x));
        let adjacent = select(&none, 1.0, select(&wide, x, y));
        let part = (opposite / adjacent).atan();
        // It differs from the angle by some right angles, a constant. So the value is the angle's,
        // and the derivatives are those of the part.
        angle + (&part - part.detach())
    }
}
// ANCHOR_END: atan2

// ANCHOR: cumsum
impl Value {
    /// The running sums along `axis`: each element with all those before it.
    ///
    /// Not a product with a triangle of ones, where the zeros would turn an infinite element into
    /// NaN for all those before it. And not one addition for each element: the gradient of each
    /// slice would be a whole array. Each round adds what the round before has summed up, and so
    /// reaches twice as far.
    ///
    /// ```
    /// use ndarray::array;
    /// use stage4::Value;
    ///
    /// let x = Value::from([1.0, 2.0, 4.0]);
    /// assert_eq!(x.cumsum(0).array(), array![1.0, 3.0, 7.0].into_dyn());
    /// ```
    pub fn cumsum(&self, axis: usize) -> Self {
        check("cumsum", &[self]).check_axes(&[axis], self.shape());
        let length = self.shape()[axis];
        let mut sums = self.clone();
        let mut reach = 1;
        while reach < length {
            let done = sums.slice_axis(axis, ..reach);
            let before = sums.slice_axis(axis, ..length - reach);
            sums = concatenate(axis, &[done, before + sums.slice_axis(axis, reach..)]);
            reach *= 2;
        }
        sums
    }
}
// ANCHOR_END: cumsum

//! The operations: a wrapped function and an overload for each.

use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};
use std::rc::Rc;

use ndarray::Slice;

use crate::array::{self, Axes, Joint, Part, Places, Shape, check_not_empty};
use crate::graph::Value;
use crate::trace::{Args, Primitive, Untraced};

// ANCHOR: op
/// Addition.
pub static ADD: Primitive = Primitive::new("add", |args| args.zip(|x, y| x + y));
/// Subtraction.
pub static SUB: Primitive = Primitive::new("sub", |args| args.zip(|x, y| x - y));
/// Multiplication.
pub static MUL: Primitive = Primitive::new("mul", |args| args.zip(|x, y| x * y));
/// Division.
pub static DIV: Primitive = Primitive::new("div", |args| args.zip(|x, y| x / y));
/// Change of sign.
pub static NEG: Primitive = Primitive::new("neg", |args| args.map(|x| -x));
/// The first argument to the power of the second.
pub static POWF: Primitive = Primitive::new("powf", |args| args.zip(f64::powf));
/// Sine.
pub static SIN: Primitive = Primitive::new("sin", |args| args.map(f64::sin));
/// Cosine.
pub static COS: Primitive = Primitive::new("cos", |args| args.map(f64::cos));
/// e to a power.
pub static EXP: Primitive = Primitive::new("exp", array::exp);
/// Natural logarithm.
pub static LN: Primitive = Primitive::new("ln", |args| args.map(f64::ln));
/// Square root.
pub static SQRT: Primitive = Primitive::new("sqrt", |args| args.map(f64::sqrt));
/// Hyperbolic tangent.
pub static TANH: Primitive = Primitive::new("tanh", array::tanh);
/// 1 − y², where y = tanh x: computed from both, so it is exact where y is near ±1. It has no
/// method; the rule of `tanh` needs it.
pub static TANH_SLOPE: Primitive = Primitive::new("tanh_slope", |args| {
    args.zip(|y, x| {
        // The difference takes less time, but would lose its digits near ±1. There it is
        // computed as 1 / cosh² x.
        if y.abs() < 0.9 {
            1.0 - y * y
        } else {
            let e = (-2.0 * x.abs()).exp();
            4.0 * e / ((1.0 + e) * (1.0 + e))
        }
    })
});
// ANCHOR_END: op

// ANCHOR: more_ops
/// Tangent.
pub static TAN: Primitive = Primitive::new("tan", |args| args.map(f64::tan));
/// Inverse sine.
pub static ASIN: Primitive = Primitive::new("asin", |args| args.map(f64::asin));
/// Inverse cosine.
pub static ACOS: Primitive = Primitive::new("acos", |args| args.map(f64::acos));
/// Cosine of the inverse sine: √(1 − x²), exact near ±1. It has no method; the rules of `asin` and
/// `acos` need it.
pub static COS_ASIN: Primitive = Primitive::new("cos_asin", |args| {
    args.map(|x| ((1.0 - x) * (1.0 + x)).sqrt())
});
/// Inverse tangent.
pub static ATAN: Primitive = Primitive::new("atan", |args| args.map(f64::atan));
/// Hyperbolic sine.
pub static SINH: Primitive = Primitive::new("sinh", |args| args.map(f64::sinh));
/// Hyperbolic cosine.
pub static COSH: Primitive = Primitive::new("cosh", |args| args.map(f64::cosh));
/// e to a power, less 1; exact near 0.
pub static EXP_M1: Primitive = Primitive::new("exp_m1", |args| args.map(f64::exp_m1));
/// Natural logarithm of 1 + x; exact near 0.
pub static LN_1P: Primitive = Primitive::new("ln_1p", |args| args.map(f64::ln_1p));
/// Absolute value.
pub static ABS: Primitive = Primitive::new("abs", |args| args.map(f64::abs));
/// The square.
pub static SQUARE: Primitive = Primitive::new("square", |args| args.map(|x| x * x));
/// The larger of two; NaN if either is.
pub static MAXIMUM: Primitive = Primitive::new("maximum", |args| args.zip(array::larger));
/// The smaller of two; NaN if either is.
pub static MINIMUM: Primitive =
    Primitive::new("minimum", |args| args.zip(|x, y| -array::larger(-x, -y)));
/// The first argument where the third is not 0, the second elsewhere.
pub static SELECT: Primitive = Primitive::new("select", array::select);
// ANCHOR_END: more_ops

// ANCHOR: array_ops
/// The sum over the axes in the second argument.
pub static SUM: Primitive = Primitive::new("sum", array::sum);
/// The product over the axes in the second argument.
pub static PROD: Primitive = Primitive::new("prod", array::prod);
/// The largest over the axes in the second argument; NaN if there is one.
pub static MAX: Primitive = Primitive::new("max", array::max);
/// The smallest over the axes in the second argument; NaN if there is one.
pub static MIN: Primitive = Primitive::new("min", array::min);
/// The first argument, repeated to the shape in the second.
pub static BROADCAST: Primitive = Primitive::new("broadcast", array::broadcast);
/// The elements of the first argument in the shape that the second gives.
pub static RESHAPE: Primitive = Primitive::new("reshape", array::reshape);
/// The axes of the first argument in the order of the second.
pub static PERMUTE: Primitive = Primitive::new("permute", array::permute);
/// Part of the first argument.
pub static SLICE: Primitive = Primitive::new("slice", array::slice);
/// The opposite of slicing: a part, and zeros around it.
pub static PAD: Primitive = Primitive::new("pad", array::pad);
/// The elements at some places along one axis.
pub static TAKE: Primitive = Primitive::new("take", array::take);
/// The opposite of taking: adds the elements to zeros, at their places.
pub static SCATTER: Primitive = Primitive::new("scatter", array::scatter);
/// Arrays one after the other along one axis.
pub static CONCATENATE: Primitive = Primitive::new("concatenate", array::concatenate);
/// The matrix product over the last two axes.
pub static MATMUL: Primitive = Primitive::new("matmul", array::matmul);
// ANCHOR_END: array_ops

// ANCHOR: untraced
/// The largest whole number that is not above the argument.
pub static FLOOR: Untraced = Untraced::new("floor", |args| args.map(f64::floor));
/// −1, 0 or 1, and NaN for NaN.
pub static SIGN: Untraced = Untraced::new("sign", |args| {
    args.map(|x| match x {
        0.0 => 0.0,
        other => other.signum(),
    })
});
/// 1 where the arguments are equal, 0 elsewhere.
pub static EQUALS: Untraced = Untraced::new("equals", |args| args.zip(|x, y| f64::from(x == y)));
/// 1 where the first argument is greater, 0 elsewhere.
pub static GREATER: Untraced = Untraced::new("greater", |args| args.zip(|x, y| f64::from(x > y)));
/// 1 where the first argument is greater or equal, 0 elsewhere.
pub static GREATER_EQUAL: Untraced =
    Untraced::new("greater_equal", |args| args.zip(|x, y| f64::from(x >= y)));
/// 1 where the first argument is less, 0 elsewhere.
pub static LESS: Untraced = Untraced::new("less", |args| args.zip(|x, y| f64::from(x < y)));
/// 1 where the first argument is less or equal, 0 elsewhere.
pub static LESS_EQUAL: Untraced =
    Untraced::new("less_equal", |args| args.zip(|x, y| f64::from(x <= y)));
/// 1 where the argument is NaN, 0 elsewhere.
pub static IS_NAN: Untraced = Untraced::new("is_nan", |args| args.map(|x| f64::from(x.is_nan())));
/// 1 where the argument is neither NaN nor infinite, 0 elsewhere.
pub static IS_FINITE: Untraced =
    Untraced::new("is_finite", |args| args.map(|x| f64::from(x.is_finite())));
/// The position of the largest along one axis.
pub static ARGMAX: Untraced = Untraced::new("argmax", array::argmax);
/// The argument itself, as a constant.
pub static DETACH: Untraced = Untraced::new("detach", |args| Rc::clone(args.raw(0)));
// ANCHOR_END: untraced

// ANCHOR: operators
impl Add<&Value> for &Value {
    type Output = Value;

    fn add(self, other: &Value) -> Value {
        ADD.bind(&[self, other])
    }
}

impl Sub<&Value> for &Value {
    type Output = Value;

    fn sub(self, other: &Value) -> Value {
        SUB.bind(&[self, other])
    }
}

impl Mul<&Value> for &Value {
    type Output = Value;

    fn mul(self, other: &Value) -> Value {
        MUL.bind(&[self, other])
    }
}

impl Div<&Value> for &Value {
    type Output = Value;

    fn div(self, other: &Value) -> Value {
        DIV.bind(&[self, other])
    }
}

impl Neg for &Value {
    type Output = Value;

    fn neg(self) -> Value {
        NEG.bind(&[self])
    }
}
// ANCHOR_END: operators

// ANCHOR: functions
impl Value {
    /// `self` to the power `exponent`, which may be a number or an array.
    ///
    /// The derivative in the exponent holds for positive `self`; at 0⁰ it is taken to be 0.
    ///
    /// ```
    /// use stage4::{Value, grad};
    ///
    /// let square = |x: &Value| x.powf(2.0);
    /// assert_eq!(square(&Value::from(3.0)), 9.0);
    /// assert_eq!(grad(square)(&Value::from(3.0)), 6.0);
    /// ```
    pub fn powf(&self, exponent: impl Into<Self>) -> Self {
        POWF.bind(&[self, &exponent.into()])
    }

    /// The sine of an angle in radians.
    pub fn sin(&self) -> Self {
        SIN.bind(&[self])
    }

    /// The cosine of an angle in radians.
    pub fn cos(&self) -> Self {
        COS.bind(&[self])
    }

    /// e to the power `self`.
    pub fn exp(&self) -> Self {
        EXP.bind(&[self])
    }

    /// The natural logarithm; NaN below 0, as for `f64`.
    pub fn ln(&self) -> Self {
        LN.bind(&[self])
    }

    /// The square root; its derivative at 0 is infinite.
    pub fn sqrt(&self) -> Self {
        SQRT.bind(&[self])
    }

    /// The hyperbolic tangent.
    pub fn tanh(&self) -> Self {
        TANH.bind(&[self])
    }

    /// The largest whole number that is not above `self`, as a constant.
    pub fn floor(&self) -> Self {
        FLOOR.bind(&[self])
    }

    /// The sign: −1, 0 or 1 (and NaN for NaN), as a constant.
    pub fn sign(&self) -> Self {
        SIGN.bind(&[self])
    }
}
// ANCHOR_END: functions

// ANCHOR: more_functions
/// More functions of each element.
impl Value {
    /// The tangent of an angle in radians.
    pub fn tan(&self) -> Self {
        TAN.bind(&[self])
    }

    /// The angle in radians whose sine is `self`.
    pub fn asin(&self) -> Self {
        ASIN.bind(&[self])
    }

    /// The angle in radians whose cosine is `self`.
    pub fn acos(&self) -> Self {
        ACOS.bind(&[self])
    }

    /// The angle in radians whose tangent is `self`.
    pub fn atan(&self) -> Self {
        ATAN.bind(&[self])
    }

    /// The hyperbolic sine.
    pub fn sinh(&self) -> Self {
        SINH.bind(&[self])
    }

    /// The hyperbolic cosine.
    pub fn cosh(&self) -> Self {
        COSH.bind(&[self])
    }

    /// e to the power `self`, less 1; exact near 0.
    pub fn exp_m1(&self) -> Self {
        EXP_M1.bind(&[self])
    }

    /// The natural logarithm of 1 + `self`; exact near 0.
    pub fn ln_1p(&self) -> Self {
        LN_1P.bind(&[self])
    }

    /// The absolute value; its derivative at 0 is taken to be 0.
    pub fn abs(&self) -> Self {
        ABS.bind(&[self])
    }

    /// The square. `x * x` is one too, but on the way back each of its two factors gets a gradient,
    /// and these have to be added up.
    pub fn square(&self) -> Self {
        SQUARE.bind(&[self])
    }

    /// The smaller of `self` and `other`; NaN if either is. Where both are equal, each gets half
    /// of the gradient.
    pub fn minimum(&self, other: impl Into<Self>) -> Self {
        MINIMUM.bind(&[self, &other.into()])
    }

    /// The larger of `self` and `other`; NaN if either is. Where both are equal, each gets half
    /// of the gradient.
    pub fn maximum(&self, other: impl Into<Self>) -> Self {
        MAXIMUM.bind(&[self, &other.into()])
    }

    /// 1 where `self` and `other` are equal, 0 elsewhere, as a constant.
    pub fn equals(&self, other: impl Into<Self>) -> Self {
        EQUALS.bind(&[self, &other.into()])
    }

    /// 1 where `self` is greater than `other`, 0 elsewhere, as a constant.
    pub fn greater(&self, other: impl Into<Self>) -> Self {
        GREATER.bind(&[self, &other.into()])
    }

    /// 1 where `self` is greater than `other` or equal, 0 elsewhere, as a constant.
    pub fn greater_equal(&self, other: impl Into<Self>) -> Self {
        GREATER_EQUAL.bind(&[self, &other.into()])
    }

    /// 1 where `self` is less than `other`, 0 elsewhere, as a constant.
    pub fn less(&self, other: impl Into<Self>) -> Self {
        LESS.bind(&[self, &other.into()])
    }

    /// 1 where `self` is less than `other` or equal, 0 elsewhere, as a constant.
    pub fn less_equal(&self, other: impl Into<Self>) -> Self {
        LESS_EQUAL.bind(&[self, &other.into()])
    }

    /// 1 where `self` is NaN, 0 elsewhere, as a constant.
    pub fn is_nan(&self) -> Self {
        IS_NAN.bind(&[self])
    }

    /// 1 where `self` is neither NaN nor infinite, 0 elsewhere, as a constant.
    pub fn is_finite(&self) -> Self {
        IS_FINITE.bind(&[self])
    }

    /// 1 where `self` is infinite, 0 elsewhere, as a constant.
    pub fn is_infinite(&self) -> Self {
        check("is_infinite", &[self]);
        self.equals(f64::INFINITY) + self.equals(f64::NEG_INFINITY)
    }

    /// `self` as a constant, of any type.
    pub fn detach(&self) -> Self {
        DETACH.bind(&[self])
    }
}
// ANCHOR_END: more_functions

// ANCHOR: select
/// `x` where `condition` is not 0, and `y` elsewhere; all three broadcast. Known as `where` to
/// NumPy and PyTorch.
///
/// The condition counts as a constant. Only the side that is taken gets a gradient. The other side
/// is computed all the same, so keep what goes into it safe: a rule that divides 0 by 0 there makes
/// NaN.
///
/// ```
/// use ndarray::array;
/// use stage4::{Value, grad, ops::select};
///
/// let relu = |x: &Value| select(&x.greater(0.0), x, 0.0);
/// let x = Value::from(array![-1.0, 0.0, 2.0]);
/// assert_eq!(grad(|x| relu(x).sum())(&x).array(), array![0.0, 0.0, 1.0].into_dyn());
/// ```
pub fn select(condition: &Value, x: impl Into<Value>, y: impl Into<Value>) -> Value {
    let (x, y) = (x.into(), y.into());
    let shapes = [condition.shape(), x.shape(), y.shape()];
    check("select", &[condition, &x, &y]).broadcast_shapes(&shapes);
    SELECT.bind(&[&x, &y, &condition.detach()])
}
// ANCHOR_END: select

// ANCHOR: check
/// The arguments of a function that is composed of operations, checked in its own name: each is a
/// number or an array, and of no trace that has ended.
pub(crate) fn check<'a>(name: &'static str, args: &'a [&'a Value]) -> Args<'a> {
    let checked = Args::of(name, args);
    for argnum in 0..args.len() {
        checked.operand(argnum);
    }
    checked
}
// ANCHOR_END: check

// ANCHOR: reductions
/// Reductions: over all axes, over one (`x.sum_axis(1)`), over several
/// (`x.sum_axis([0, 2])`), and so that the axes stay, with length 1
/// (`x.sum_axis(Axes::from(1).keep())`). Each panics on an axis that is not there.
impl Value {
    pub(crate) fn all_axes(&self) -> Axes {
        Axes::all(self.shape().len())
    }

    /// The sum.
    pub fn sum(&self) -> Self {
        self.sum_axis(self.all_axes())
    }

    /// [`Value::sum`] over some axes.
    pub fn sum_axis(&self, axes: impl Into<Axes>) -> Self {
        SUM.bind(&[self, &Value::new(axes.into())])
    }

    /// The product.
    pub fn prod(&self) -> Self {
        self.prod_axis(self.all_axes())
    }

    /// [`Value::prod`] over some axes.
    pub fn prod_axis(&self, axes: impl Into<Axes>) -> Self {
        PROD.bind(&[self, &Value::new(axes.into())])
    }

    /// The largest element, NaN if there is one. Equal ones share the gradient evenly.
    pub fn max(&self) -> Self {
        self.max_axis(self.all_axes())
    }

    /// [`Value::max`] over some axes.
    pub fn max_axis(&self, axes: impl Into<Axes>) -> Self {
        MAX.bind(&[self, &Value::new(axes.into())])
    }

    /// The smallest element, NaN if there is one. Equal ones share the gradient evenly.
    pub fn min(&self) -> Self {
        self.min_axis(self.all_axes())
    }

    /// [`Value::min`] over some axes.
    pub fn min_axis(&self, axes: impl Into<Axes>) -> Self {
        MIN.bind(&[self, &Value::new(axes.into())])
    }

    /// The arithmetic mean; NaN of nothing.
    pub fn mean(&self) -> Self {
        check("mean", &[self]);
        self.mean_axis(self.all_axes())
    }

    /// [`Value::mean`] over some axes.
    pub fn mean_axis(&self, axes: impl Into<Axes>) -> Self {
        let axes = axes.into();
        check("mean_axis", &[self]).check_axes(&axes.axes, self.shape());
        let sum = self.sum_axis(axes.clone());
        let count: usize = axes.axes.iter().map(|axis| self.shape()[*axis]).product();
        sum / count as f64
    }

    /// The position of the first of the largest elements along `axis`, as a constant; of the first
    /// NaN if there is one.
    pub fn argmax_axis(&self, axis: usize) -> Self {
        ARGMAX.bind(&[self, &Value::new(Axes::from(axis))])
    }
}
// ANCHOR_END: reductions

// ANCHOR: softmax
/// Reductions of exponentials, which are stable for large elements.
impl Value {
    /// ln Σ exp `self` over the axes, without overflow. An infinite element has the gradient of the
    /// limit: ∞ gets all of it, and −∞ nothing.
    ///
    /// ```
    /// use ndarray::array;
    /// use stage4::Value;
    ///
    /// let x = Value::from(array![1000.0, 1000.0]);
    /// assert_eq!(x.logsumexp_axis(0), 1000.0 + 2.0_f64.ln());
    /// ```
    pub fn logsumexp_axis(&self, axes: impl Into<Axes>) -> Self {
        let axes = axes.into();
        check_not_empty(&check("logsumexp_axis", &[self]), self.shape(), &axes);
        let max = self.max_axis(axes.clone().keep());
        let sum = self.below(&max).exp().sum_axis(axes);
        // The largest is a constant here too, unless it is ∞: then nothing else matters.
        let shift = select(&max.equals(f64::INFINITY), &max, max.detach());
        // The shift has the axes kept; the sum may not.
        sum.ln() + shift.reshape(sum.shape())
    }

    /// exp `self` / Σ exp `self` over the axes, without overflow. If the largest is infinite, it gets
    /// 1, and several share it evenly.
    pub fn softmax_axis(&self, axes: impl Into<Axes>) -> Self {
        let axes = axes.into().keep();
        check_not_empty(&check("softmax_axis", &[self]), self.shape(), &axes);
        let max = self.detach().max_axis(axes.clone());
        let powers = self.below(&max).exp();
        let sum = powers.sum_axis(axes);
        powers / sum
    }

    /// `self` − `max`, with `max` as a constant: subtracting it changes neither softmax nor its
    /// derivative. Where `max` is infinite, ∞ − ∞ counts as 0.
    fn below(&self, max: &Self) -> Self {
        let max = max.detach();
        let among_infinite = select(&self.equals(&max), 0.0, f64::NEG_INFINITY);
        select(&max.is_infinite(), among_infinite, self - max)
    }
}
// ANCHOR_END: softmax

// ANCHOR: shapes
/// Shapes and places. Each panics if the shape of `self` does not fit.
impl Value {
    /// `self` repeated to `shape`.
    pub fn broadcast(&self, shape: &[usize]) -> Self {
        if self.shape() == shape {
            return self.clone();
        }
        BROADCAST.bind(&[self, &Value::new(Shape(shape.to_vec()))])
    }

    /// The same elements, in row-major order, in another shape.
    pub fn reshape(&self, shape: &[usize]) -> Self {
        if self.shape() == shape {
            return self.clone();
        }
        RESHAPE.bind(&[self, &Value::new(Shape(shape.to_vec()))])
    }

    /// The axes in another order.
    pub fn permuted_axes(&self, axes: &[usize]) -> Self {
        PERMUTE.bind(&[self, &Value::new(Axes::from(axes.to_vec()))])
    }

    /// The axes in reverse order: the transpose of a matrix.
    pub fn t(&self) -> Self {
        check("t", &[self]);
        self.permuted_axes(&Vec::from_iter((0..self.shape().len()).rev()))
    }

    /// The last two axes swapped: the transpose of each matrix in a stack.
    pub(crate) fn matrix_t(&self) -> Self {
        let mut axes = Vec::from_iter(0..self.shape().len());
        let rank = axes.len();
        axes.swap(rank - 1, rank - 2);
        self.permuted_axes(&axes)
    }

    /// Part of one axis. Its gradient is an array as large as `self`: prefer one [`Value::take`] to a
    /// loop of slices.
    ///
    /// ```
    /// use ndarray::{Slice, array};
    /// use stage4::Value;
    ///
    /// let x = Value::from(array![1.0, 2.0, 3.0, 4.0, 5.0]);
    /// let odd = x.slice_axis(0, Slice::from(..).step_by(2));
    /// assert_eq!(odd.array(), array![1.0, 3.0, 5.0].into_dyn());
    /// ```
    pub fn slice_axis(&self, axis: usize, slice: impl Into<Slice>) -> Self {
        let slice = slice.into();
        SLICE.bind(&[self, &Value::new(Part { axis, slice })])
    }

    /// `self` with part of one axis replaced by `part`, which may broadcast.
    pub fn with_slice_axis(&self, axis: usize, slice: impl Into<Slice>, part: &Self) -> Self {
        let slice = slice.into();
        let arrays = [self, part];
        let args = check("with_slice_axis", &arrays);
        args.check_slice(axis, slice, self.shape());
        let place = Value::new(Part { axis, slice });
        let shape = Value::new(Shape(self.shape().to_vec()));
        let old = self.slice_axis(axis, slice);
        args.check_broadcast(1, old.shape());
        let part = part.broadcast(old.shape());
        let replaced = PAD.bind(&[&old.ones(), &place, &shape]);
        select(&replaced, PAD.bind(&[&part, &place, &shape]), self)
    }

    /// Entry number `index` along `axis`, without that axis.
    pub fn index_axis(&self, axis: usize, index: usize) -> Self {
        let mut shape = self.shape().to_vec();
        assert!(
            axis < shape.len() && index < shape[axis],
            "`index_axis`: there is no entry {index} along axis {axis} in the shape {shape:?}"
        );
        let part = self.slice_axis(axis, index..index + 1);
        shape.remove(axis);
        part.reshape(&shape)
    }

    /// One element, by its place along each axis.
    pub fn index(&self, place: &[usize]) -> Self {
        let (places, shape) = (place.len(), self.shape());
        assert!(
            places == shape.len(),
            "`index`: {place:?} has {places} places; expected one for each axis of the shape {shape:?}"
        );
        assert!(
            place
                .iter()
                .zip(shape)
                .all(|(index, length)| index < length),
            "`index`: there is no element {place:?} in the shape {shape:?}"
        );
        let first_axis = |rest: Value, index: &usize| rest.index_axis(0, *index);
        place.iter().fold(self.clone(), first_axis)
    }

    /// The entries at `indices` along `axis`, in that order; a place may come more than once.
    pub fn take(&self, axis: usize, indices: &[usize]) -> Self {
        let indices = indices.to_vec();
        TAKE.bind(&[self, &Value::new(Places { axis, indices })])
    }
}

/// The arrays one after the other along `axis`. Panics if there are none, or if they do not fit.
pub fn concatenate(axis: usize, arrays: &[Value]) -> Value {
    let mut end = 0;
    let start = |array: &Value| {
        let start = end;
        end += array.shape().get(axis).unwrap_or(&0);
        start
    };
    let starts = arrays.iter().map(start).collect();
    let joint = Value::new(Joint { axis, starts });
    let args: Vec<&Value> = arrays.iter().chain([&joint]).collect();
    CONCATENATE.bind(&args)
}

/// The arrays side by side along a new `axis`. Panics unless there are some, of equal shape.
pub fn stack(axis: usize, arrays: &[Value]) -> Value {
    check("stack", &Vec::from_iter(arrays));
    let shapes: Vec<&[usize]> = arrays.iter().map(Value::shape).collect();
    let fits = |shape: &&[usize]| *shape == shapes[0] && axis <= shape.len();
    assert!(
        !arrays.is_empty() && shapes.iter().all(fits),
        "`stack`: the shapes {shapes:?} do not fit along a new axis {axis}; \
         expected at least one array, and equal shapes of at least {axis} axes"
    );
    let with_axis = |array: &Value| {
        let mut shape = array.shape().to_vec();
        shape.insert(axis, 1);
        array.reshape(&shape)
    };
    concatenate(axis, &arrays.iter().map(with_axis).collect::<Vec<_>>())
}
// ANCHOR_END: shapes

// ANCHOR: products
/// Products. Each panics if the shapes do not fit.
impl Value {
    /// The dot product of two vectors, and the product of a matrix with a vector or a matrix.
    /// Axes before the last two are a stack of matrices and broadcast. A number scales.
    ///
    /// ```
    /// use ndarray::array;
    /// use stage4::Value;
    ///
    /// let matrix = Value::from(array![[1.0, 2.0], [3.0, 4.0]]);
    /// let vector = Value::from(array![10.0, 1.0]);
    /// assert_eq!(matrix.dot(&vector).array(), array![12.0, 34.0].into_dyn());
    /// assert_eq!(vector.dot(&vector), 101.0);
    /// ```
    pub fn dot(&self, other: &Self) -> Self {
        let factors = [self, other];
        let args = check("dot", &factors);
        let (x, y) = (self.shape(), other.shape());
        if let ([.., columns], [rows] | [.., rows, _]) = (x, y) {
            assert!(
                columns == rows,
                "`dot`: the shapes {x:?} and {y:?} do not fit; expected the last axis of the first \
                 to be as long as the last but one of the second, or its only one"
            );
        }
        match (x, y) {
            ([], _) | (_, []) => self * other,
            // A vector becomes a matrix with one row on the left, one column on the right.
            ([n], _) => {
                let product = self.reshape(&[1, *n]).dot(other);
                let row_axis = y.len().max(2) - 2;
                product.index_axis(row_axis, 0)
            }
            (_, [n]) => {
                let product = self.dot(&other.reshape(&[*n, 1]));
                product.index_axis(x.len() - 1, 0)
            }
            _ => {
                args.batch(x, y);
                MATMUL.bind(&factors)
            }
        }
    }

    /// Each element of `self` times each of `other`; the shape is that of `self` followed by that
    /// of `other`.
    pub fn outer(&self, other: &Self) -> Self {
        check("outer", &[self, other]);
        let column = [self.shape(), &vec![1; other.shape().len()]].concat();
        self.reshape(&column) * other
    }
}
// ANCHOR_END: products

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

forward!(Value);

impl Neg for Value {
    type Output = Self;

    fn neg(self) -> Self {
        -&self
    }
}

impl From<&Value> for Value {
    /// A second handle to the same value.
    fn from(value: &Value) -> Self {
        value.clone()
    }
}
// ANCHOR_END: forward

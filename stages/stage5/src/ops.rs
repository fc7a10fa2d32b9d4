//! The operations: each makes a larger expression, by the weights that its rule gives.

use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};
use std::slice;

use crate::graph::Edge;
use crate::number::Number;
use crate::rules;
use crate::trace::{Expression, Joined, Partials, Scaled, Trace, Var, extend};

// ANCHOR: operand
/// A second argument: an expression, or a plain number, which is not recorded.
pub trait Operand<'t, T>: Copy {
    /// The partials of a result: those of its first argument, and those of this one.
    type With<P: Partials<T>>: Partials<T>;

    /// The number itself.
    fn number(self) -> T;

    /// Adds the partials of this argument, whose weight is `weight`.
    fn join<P: Partials<T>>(self, first: P, weight: T) -> Self::With<P>;
}

impl<'t, T: Number> Operand<'t, T> for f64 {
    type With<P: Partials<T>> = P;

    #[inline]
    fn number(self) -> T {
        T::from(self)
    }

    #[inline]
    fn join<P: Partials<T>>(self, first: P, _: T) -> P {
        first
    }
}

impl<'t, T: Number, Q: Partials<T>> Operand<'t, T> for Expression<'t, T, Q> {
    type With<P: Partials<T>> = Joined<P, Scaled<T, Q>>;

    #[inline]
    fn number(self) -> T {
        self.value
    }

    #[inline]
    fn join<P: Partials<T>>(self, first: P, weight: T) -> Joined<P, Scaled<T, Q>> {
        Joined(first, Scaled(weight, self.partials))
    }
}
// ANCHOR_END: operand

// ANCHOR: apply
/// The expression for the result of an operation of one argument.
type Of<'t, T, P> = Expression<'t, T, Scaled<T, P>>;

/// The expression for the result of an operation of two arguments.
type OfTwo<'t, T, P, R> = Expression<'t, T, <R as Operand<'t, T>>::With<Scaled<T, P>>>;

impl<'t, T: Number, P: Partials<T>> Expression<'t, T, P> {
    /// The result of an operation, whose derivative here is `weight`.
    #[inline]
    fn unary(self, (value, weight): (T, T)) -> Of<'t, T, P> {
        Expression {
            trace: self.trace,
            value,
            partials: Scaled(weight, self.partials),
        }
    }

    #[inline]
    fn binary<R: Operand<'t, T>>(
        self,
        other: R,
        rule: impl FnOnce(T, T) -> (T, [T; 2]),
    ) -> OfTwo<'t, T, P, R> {
        let (value, [by_self, by_other]) = rule(self.value, other.number());
        Expression {
            trace: self.trace,
            value,
            partials: other.join(Scaled(by_self, self.partials), by_other),
        }
    }
}
// ANCHOR_END: apply

// ANCHOR: operators
macro_rules! operators {
    ($($Operator:ident, $method:ident, $Assign:ident, $assign:ident;)*) => { $(
        impl<'t, T: Number, P: Partials<T>, R: Operand<'t, T>> $Operator<R> for Expression<'t, T, P> {
            type Output = OfTwo<'t, T, P, R>;

            #[inline]
            fn $method(self, other: R) -> Self::Output {
                self.binary(other, rules::$method)
            }
        }

        impl<'t, T: Number, P: Partials<T>> $Operator<Expression<'t, T, P>> for f64 {
            type Output = Of<'t, T, P>;

            #[inline]
            fn $method(self, other: Expression<'t, T, P>) -> Self::Output {
                let (value, [_, weight]) = rules::$method(T::from(self), other.value);
                other.unary((value, weight))
            }
        }

        /// Records the result.
        impl<'t, T: Number, R: Operand<'t, T>> $Assign<R> for Var<'t, T> {
            #[inline]
            fn $assign(&mut self, other: R) {
                *self = self.binary(other, rules::$method).record();
            }
        }
    )* };
}

operators! {
    Add, add, AddAssign, add_assign;
    Sub, sub, SubAssign, sub_assign;
    Mul, mul, MulAssign, mul_assign;
    Div, div, DivAssign, div_assign;
}

impl<'t, T: Number, P: Partials<T>> Neg for Expression<'t, T, P> {
    type Output = Of<'t, T, P>;

    #[inline]
    fn neg(self) -> Self::Output {
        self.unary(rules::neg(self.value))
    }
}
// ANCHOR_END: operators

// ANCHOR: functions
impl<'t, T: Number, P: Partials<T>> Expression<'t, T, P> {
    /// `self` to the power `exponent`, which may be a number or an expression.
    ///
    /// The derivative in the exponent holds for positive `self`; at 0⁰ it is taken to be 0.
    ///
    /// ```
    /// use stage5::gradient;
    ///
    /// assert_eq!(gradient(|x| x[0].powf(2.0).record(), &[3.0]), (9.0, vec![6.0]));
    /// ```
    #[inline]
    pub fn powf<R: Operand<'t, T>>(self, exponent: R) -> OfTwo<'t, T, P, R> {
        self.binary(exponent, rules::powf)
    }

    /// `self` to a whole power.
    #[inline]
    pub fn powi(self, exponent: i32) -> Of<'t, T, P> {
        self.unary(rules::powi(self.value, exponent))
    }

    /// The sine of an angle in radians.
    #[inline]
    pub fn sin(self) -> Of<'t, T, P> {
        self.unary(rules::sin(self.value))
    }

    /// The cosine of an angle in radians.
    #[inline]
    pub fn cos(self) -> Of<'t, T, P> {
        self.unary(rules::cos(self.value))
    }

    /// e to the power `self`.
    #[inline]
    pub fn exp(self) -> Of<'t, T, P> {
        self.unary(rules::exp(self.value))
    }

    /// The natural logarithm; NaN below 0, as for `f64`.
    #[inline]
    pub fn ln(self) -> Of<'t, T, P> {
        self.unary(rules::ln(self.value))
    }

    /// The square root; its derivative at 0 is infinite.
    #[inline]
    pub fn sqrt(self) -> Of<'t, T, P> {
        self.unary(rules::sqrt(self.value))
    }

    /// The hyperbolic tangent.
    #[inline]
    pub fn tanh(self) -> Of<'t, T, P> {
        self.unary(rules::tanh(self.value))
    }

    /// e to the power `self`, less 1; accurate near 0.
    #[inline]
    pub fn exp_m1(self) -> Of<'t, T, P> {
        self.unary(rules::exp_m1(self.value))
    }

    /// The natural logarithm of 1 + `self`; accurate near 0.
    #[inline]
    pub fn ln_1p(self) -> Of<'t, T, P> {
        self.unary(rules::ln_1p(self.value))
    }

    /// The absolute value; its derivative at 0 is taken to be 0.
    #[inline]
    pub fn abs(self) -> Of<'t, T, P> {
        self.unary(rules::abs(self.value))
    }

    /// The larger of `self` and `other`; NaN if either is. Where both are equal, each gets half of the
    /// gradient.
    #[inline]
    pub fn max<R: Operand<'t, T>>(self, other: R) -> OfTwo<'t, T, P, R> {
        self.binary(other, rules::max)
    }

    /// The smaller of `self` and `other`; NaN if either is. Where both are equal, each gets half of
    /// the gradient.
    #[inline]
    pub fn min<R: Operand<'t, T>>(self, other: R) -> OfTwo<'t, T, P, R> {
        self.binary(other, rules::min)
    }

    /// The length of the vector (`self`, `other`); its derivatives at (0, 0) are taken to be 0.
    #[inline]
    pub fn hypot<R: Operand<'t, T>>(self, other: R) -> OfTwo<'t, T, P, R> {
        self.binary(other, rules::hypot)
    }

    /// The angle of the vector (`other`, `self`) in radians; its derivatives at (0, 0) are taken to be
    /// 0.
    #[inline]
    pub fn atan2<R: Operand<'t, T>>(self, other: R) -> OfTwo<'t, T, P, R> {
        self.binary(other, rules::atan2)
    }

    /// The largest whole number that is not above `self`, as a plain number.
    pub fn floor(self) -> f64 {
        self.value.value().floor()
    }

    /// The sign: −1, 0 or 1 (and NaN for NaN), as a plain number.
    pub fn sign(self) -> f64 {
        rules::sign(self.value.value())
    }
}
// ANCHOR_END: functions

// ANCHOR: sums
impl<'t, T: Number> Trace<'t, T> {
    /// The sum of as many expressions as there are, all on the tape as one entry.
    ///
    /// ```
    /// use stage5::gradient;
    ///
    /// let squares = gradient(|x| x[0].trace().sum(x.iter().map(|x| x.powi(2))), &[3.0, 4.0]);
    /// assert_eq!(squares, (25.0, vec![6.0, 8.0]));
    /// ```
    ///
    /// # Panics
    ///
    /// If the tape is full or does not fit into memory, or if something is recorded while the sum asks
    /// for its terms. What is on the tape stays.
    #[inline]
    pub fn sum<P: Partials<T>>(
        self,
        terms: impl IntoIterator<Item = Expression<'t, T, P>>,
    ) -> Var<'t, T> {
        let mut edges = self.edges_mut();
        let entry = self.next_entry();
        // Counted first: if a term panics, the edges that the others have written must not be taken
        // for those of a later entry.
        self.tape.len.set(entry + 1);
        let mut sum = T::from(0.0);
        for term in terms {
            sum = sum + extend(&mut edges, entry, term);
        }
        self.var(entry, sum)
    }

    /// The scalar product: the sum of the products of numbers at the same place. Nothing of it is on the
    /// tape before [`Expression::record`].
    ///
    /// ```
    /// use stage5::gradient;
    ///
    /// let neuron = gradient(
    ///     |x| {
    ///         let (weights, inputs) = (&x[..2], &x[2..4]);
    ///         (x[0].trace().dot(weights, inputs) + x[4]).record()
    ///     },
    ///     &[1.0, 2.0, 3.0, 4.0, 5.0],
    /// );
    /// assert_eq!(neuron, (16.0, vec![3.0, 4.0, 1.0, 2.0, 1.0]));
    /// ```
    ///
    /// # Panics
    ///
    /// If `x` and `y` are not equally long.
    #[inline]
    pub fn dot<'a>(
        self,
        x: &'a [Var<'t, T>],
        y: &'a [Var<'t, T>],
    ) -> Expression<'t, T, Products<'a, 't, T>> {
        assert!(
            x.len() == y.len(),
            "`Trace::dot`: expected as many variables in `y` as in `x`, {}, not {}",
            x.len(),
            y.len()
        );
        let products = x.iter().zip(y).map(|(x, y)| x.value * y.value);
        Expression {
            trace: self,
            value: products.fold(T::from(0.0), T::add),
            partials: Products(x, y),
        }
    }
}

/// The partials of a scalar product: for each variable, its partner on the other side.
#[derive(Clone, Copy)]
pub struct Products<'a, 't, T>(&'a [Var<'t, T>], &'a [Var<'t, T>]);

impl<T: Number> Partials<T> for Products<'_, '_, T> {
    #[inline]
    fn count(&self) -> usize {
        2 * self.0.len()
    }

    #[inline]
    fn write(&self, child: u32, factor: T, edges: &mut [Edge<T>]) {
        let Products(x, y) = self;
        let (by_x, by_y) = edges.split_at_mut(x.len());
        for (((by_x, by_y), x), y) in by_x.iter_mut().zip(by_y).zip(*x).zip(*y) {
            x.partials
                .write(child, y.value.times(factor), slice::from_mut(by_x));
            y.partials
                .write(child, x.value.times(factor), slice::from_mut(by_y));
        }
    }
}
// ANCHOR_END: sums

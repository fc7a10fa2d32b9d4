//! What every stage is asked, written once over any stage's numbers.

use crate::exam::cases::{Case, Curve};
use crate::exam::dual::{self, Dual};
use crate::exam::finite::{self, relative_error};
use crate::exam::number::{Number, Operators};
use crate::exam::program::{Step, run};

/// The operand type of a stage.
pub trait Stage: Number {
    /// The stage's package.
    const NAME: &'static str;

    /// The value of `f` at `x`, and its gradient: one number for each input.
    fn gradient(f: impl FnOnce(&[Self]) -> Self, x: &[f64]) -> (f64, Vec<f64>);

    /// The operators and powers, in each form in which they can be written.
    fn forms() -> Vec<Form<Self>>;
}

/// The operand type of a stage that can differentiate its own gradients.
pub trait Nested: Stage + PartialOrd {
    /// The derivative of `f` at `x`.
    fn derivative(f: impl Fn(&Self) -> Self, x: &Self) -> Self;

    /// The derivative of order `order`; order 0 is `f` itself.
    fn derivative_of_order(order: usize, f: &dyn Fn(&Self) -> Self, x: &Self) -> Self {
        match order {
            0 => f(x),
            _ => Self::derivative(|x| Self::derivative_of_order(order - 1, f, x), x),
        }
    }
}

/// Makes the operand of a stage a [`Number`]. The stages name their methods alike, so this is the
/// same text for each of them.
macro_rules! number {
    ($Operand:ty $(, $constant:ident)*) => {
        impl Number for $Operand {
            fn value(&self) -> f64 {
                <$Operand>::value(self)
            }

            fn powf(&self, exponent: &Self) -> Self {
                <$Operand>::powf(self, exponent)
            }

            number!(methods $Operand: sin, cos, exp, ln, sqrt, tanh $(, $constant)*);
        }
    };
    (methods $Operand:ty: $($method:ident),*) => { $(
        fn $method(&self) -> Self {
            <$Operand>::$method(self)
        }
    )* };
}
pub(crate) use number;

/// An operation of two arguments in one of its forms: with a reference or an owned operand on
/// either side, or with a plain number.
pub struct Form<N> {
    /// How it is written, `x` and `y` being references.
    pub text: &'static str,
    /// The operation. Where its text has a plain number, that argument is not looked at.
    pub function: fn(&N, &N) -> N,
    /// Its value for 6 and 2.
    pub value: f64,
    /// Its derivatives there: 0 in an argument that is not looked at.
    pub slopes: [f64; 2],
}

/// All forms of the operators, and of powers.
macro_rules! forms {
    () => {
        forms! { x, y:
            8.0, [1.0, 1.0] => x + y, x + y.clone(), x.clone() + y, x.clone() + y.clone();
            8.0, [1.0, 0.0] => x + 2.0, x.clone() + 2.0;
            8.0, [0.0, 1.0] => 6.0 + y, 6.0 + y.clone();
            4.0, [1.0, -1.0] => x - y, x - y.clone(), x.clone() - y, x.clone() - y.clone();
            4.0, [1.0, 0.0] => x - 2.0, x.clone() - 2.0;
            4.0, [0.0, -1.0] => 6.0 - y, 6.0 - y.clone();
            12.0, [2.0, 6.0] => x * y, x * y.clone(), x.clone() * y, x.clone() * y.clone();
            12.0, [2.0, 0.0] => x * 2.0, x.clone() * 2.0;
            12.0, [0.0, 6.0] => 6.0 * y, 6.0 * y.clone();
            3.0, [0.5, -1.5] => x / y, x / y.clone(), x.clone() / y, x.clone() / y.clone();
            3.0, [0.5, 0.0] => x / 2.0, x.clone() / 2.0;
            3.0, [0.0, -1.5] => 6.0 / y, 6.0 / y.clone();
            36.0, [12.0, 36.0 * 6.0_f64.ln()] => x.powf(y), x.powf(y.clone());
            36.0, [12.0, 0.0] => x.powf(2.0);
            -6.0, [-1.0, 0.0] => -x, -x.clone();
        }
    };
    ($x:ident, $y:ident: $($value:expr, $slopes:expr => $($form:expr),*;)*) => {
        vec![ $( $(
            Form {
                text: stringify!($form),
                function: |$x: &Self, $y: &Self| {
                    let _ = ($x, $y);
                    $form
                },
                value: $value,
                slopes: $slopes,
            },
        )* )* ]
    };
}
pub(crate) use forms;

/// Fails unless two numbers are the same up to `tolerance`.
#[track_caller]
fn same(tolerance: f64, seen: f64, expected: f64, what: impl FnOnce() -> String) {
    assert!(
        relative_error(seen, expected) <= tolerance,
        "{}\n  left: {seen}\n right: {expected}",
        what()
    );
}

/// Every form of every operation has the value and the derivatives of the operation.
#[track_caller]
pub fn computes_every_form<S: Stage>() {
    for form in S::forms() {
        let Form { text, .. } = form;
        let (value, slopes) = S::gradient(|x| (form.function)(&x[0], &x[1]), &[6.0, 2.0]);
        same(1e-14, value, form.value, || {
            format!("{text}, for x = 6 and y = 2")
        });
        for ((slope, expected), by) in slopes.into_iter().zip(form.slopes).zip(["x", "y"]) {
            same(1e-14, slope, expected, || {
                format!("the derivative of {text} in {by}, for x = 6 and y = 2")
            });
        }
    }
}

/// Each case has the value and the gradient that the table knows.
#[track_caller]
pub fn computes<S: Stage>(cases: impl IntoIterator<Item = Case<S>>) {
    for case in cases {
        let (value, gradient) = S::gradient(case.function, &case.at());
        let at: Vec<String> = case
            .inputs
            .iter()
            .map(|(x, at)| format!("{x} = {at}"))
            .collect();
        let at = at.join(" and ");
        same(case.tolerance, value, case.value, || {
            format!("{}, for {at} ({})", case.name, case.source)
        });
        for (by, (gradient, &expected)) in gradient.into_iter().zip(case.gradient).enumerate() {
            same(case.tolerance, gradient, expected, || {
                let by = case.inputs[by].0;
                format!(
                    "the derivative of {} in {by}, for {at} ({})",
                    case.name, case.source
                )
            });
        }
    }
}

/// Each curve has the derivatives that the table knows, at every order.
#[track_caller]
pub fn computes_curves<S: Nested>(curves: impl IntoIterator<Item = Curve<S>>) {
    for curve in curves {
        for (order, &expected) in curve.orders.iter().enumerate() {
            let x = S::from(curve.at);
            let seen = S::derivative_of_order(order, &curve.function, &x).value();
            same(1e-13, seen, expected, || {
                format!(
                    "the derivative of order {order} of {}, for x = {} ({})",
                    curve.name, curve.at, curve.source
                )
            });
        }
    }
}

/// What is wrong with the value or the gradient of a program, if anything is: both judges are asked.
pub fn wrong_in_program<S: Stage>(steps: &[Step], x: &[f64]) -> Option<String>
where
    for<'a> &'a S: Operators<S>,
{
    let (value, gradient) = S::gradient(|x| run::<S>(steps, x), x);
    let expected = run::<f64>(steps, x);
    if relative_error(value, expected) > 1e-12 {
        return Some(format!("the value\n  left: {value}\n right: {expected}"));
    }
    let duals = dual::gradient(|x| run::<Dual>(steps, x), x);
    for (by, (gradient, dual)) in gradient.into_iter().zip(duals).enumerate() {
        if relative_error(gradient, dual) > 1e-9 {
            return Some(format!(
                "the derivative in input {by}\n  left: {gradient}\n right: {dual}"
            ));
        }
        let along = |moved: f64| {
            let mut x = x.to_vec();
            x[by] = moved;
            run::<f64>(steps, &x)
        };
        if let Some(finite) = finite::trusted(along, x[by])
            && relative_error(gradient, finite) > 1e-4
        {
            return Some(format!(
                "the derivative in input {by}, against a finite difference\n  left: {gradient}\n \
                 right: {finite}"
            ));
        }
    }
    None
}

/// What is wrong with the second derivative of a program in its first input, if anything is.
pub fn wrong_in_curvature<S: Nested>(steps: &[Step], x: &[f64]) -> Option<String>
where
    for<'a> &'a S: Operators<S>,
{
    let along_first = |first: &S| {
        let mut inputs: Vec<S> = x.iter().copied().map(S::from).collect();
        inputs[0] = first.clone();
        run::<S>(steps, &inputs)
    };
    let seen = S::derivative_of_order(2, &along_first, &S::from(x[0])).value();
    let mut inputs: Vec<Dual<Dual>> = x.iter().copied().map(Dual::from).collect();
    inputs[0] = dual::Orders::input_at(x[0]);
    let expected = dual::Orders::order(&run::<Dual<Dual>>(steps, &inputs), 2);
    let wrong = relative_error(seen, expected) > 1e-8;
    wrong.then(|| format!("the second derivative\n  left: {seen}\n right: {expected}"))
}

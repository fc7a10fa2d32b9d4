//! Every stage's operand as a [`Number`], and every stage's way to a gradient behind one name.

use stage2::Container;

use crate::number::Number;

/// The operand type of a stage.
pub trait Stage: Number {
    /// The stage's package.
    const NAME: &'static str;

    /// The value of `f` at `x`, and its gradient: one number for each input.
    fn gradient(f: impl FnOnce(&[Self]) -> Self, x: &[f64]) -> (f64, Vec<f64>);
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

impl Stage for stage1::Var {
    const NAME: &'static str = "stage1";

    fn gradient(f: impl FnOnce(&[Self]) -> Self, x: &[f64]) -> (f64, Vec<f64>) {
        let inputs: Vec<Self> = x.iter().copied().map(Self::new).collect();
        let output = f(&inputs);
        output.seed(1.0);
        (output.value(), inputs.iter().map(Self::grad).collect())
    }
}

impl Stage for Container {
    const NAME: &'static str = "stage2";

    fn gradient(f: impl FnOnce(&[Self]) -> Self, x: &[f64]) -> (f64, Vec<f64>) {
        let inputs: Vec<Self> = x.iter().copied().map(Self::new).collect();
        let output = f(&inputs);
        let gradients = stage2::backward(&[(&output, 1.0)]);
        let gradient = inputs.iter().map(|input| gradients.of(input)).collect();
        (output.value(), gradient)
    }
}

impl Stage for stage3::Value {
    const NAME: &'static str = "stage3";

    /// Opens the trace by hand, because `vector_jacobian` is for functions of one input.
    fn gradient(f: impl FnOnce(&[Self]) -> Self, x: &[f64]) -> (f64, Vec<f64>) {
        let trace = stage3::Trace::open();
        let inputs: Vec<_> = x.iter().map(|&x| trace.input(&Self::from(x))).collect();
        let boxed: Vec<Self> = inputs.iter().cloned().map(Self::Boxed).collect();
        match f(&boxed) {
            Self::Plain(constant) => (constant, vec![0.0; x.len()]),
            Self::Boxed(output) => {
                let gradients = stage3::backward(&[(&output, Self::from(1.0))]);
                let of = |input| gradients.of(input).value();
                let gradient = inputs.iter().map(|input| of(input)).collect();
                (output.value().value(), gradient)
            }
        }
    }
}

impl Stage for stage4::Value {
    const NAME: &'static str = "stage4";

    fn gradient(f: impl FnOnce(&[Self]) -> Self, x: &[f64]) -> (f64, Vec<f64>) {
        let inputs: Vec<Self> = x.iter().copied().map(Self::from).collect();
        let (value, gradients) = stage4::value_and_grads(f, &inputs);
        (value.value(), gradients.iter().map(Self::value).collect())
    }
}

impl Nested for stage3::Value {
    fn derivative(f: impl Fn(&Self) -> Self, x: &Self) -> Self {
        stage3::grad(f)(x)
    }
}

impl Nested for stage4::Value {
    fn derivative(f: impl Fn(&Self) -> Self, x: &Self) -> Self {
        stage4::grad(f)(x)
    }
}

/// The stages name their methods alike, so this is the same text for each of them.
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

number!(stage1::Var);
number!(Container);
number!(stage3::Value, floor, sign);
number!(stage4::Value, floor, sign);

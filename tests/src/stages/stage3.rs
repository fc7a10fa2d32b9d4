//! The operand of stage 3.

use stage3::{Trace, Value, backward, grad};

use crate::exam::number::Number;
use crate::exam::suite::{Form, Nested, Stage, forms, number};

number!(Value, floor, sign);

impl Stage for Value {
    const NAME: &'static str = "stage3";

    /// Opens the trace by hand, because `vector_jacobian` is for functions of one input.
    fn gradient(f: impl FnOnce(&[Self]) -> Self, x: &[f64]) -> (f64, Vec<f64>) {
        let trace = Trace::open();
        let inputs: Vec<_> = x.iter().map(|&x| trace.input(&Self::from(x))).collect();
        let boxed: Vec<Self> = inputs.iter().cloned().map(Self::Boxed).collect();
        match f(&boxed) {
            Self::Plain(constant) => (constant, vec![0.0; x.len()]),
            Self::Boxed(output) => {
                let gradients = backward(&[(&output, Self::from(1.0))]);
                let of = |input| gradients.of(input).value();
                let gradient = inputs.iter().map(|input| of(input)).collect();
                (output.value().value(), gradient)
            }
        }
    }

    fn forms() -> Vec<Form<Self>> {
        forms!()
    }
}

impl Nested for Value {
    fn derivative(f: impl Fn(&Self) -> Self, x: &Self) -> Self {
        grad(f)(x)
    }
}

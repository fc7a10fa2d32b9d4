//! The operand of stage 4.

use stage4::{Value, grad, value_and_grads};

use crate::exam::number::Number;
use crate::exam::suite::{Form, Nested, Stage, forms, number};

number!(Value, floor, sign);

impl Stage for Value {
    const NAME: &'static str = "stage4";

    fn gradient(f: impl FnOnce(&[Self]) -> Self, x: &[f64]) -> (f64, Vec<f64>) {
        let inputs: Vec<Self> = x.iter().copied().map(Self::from).collect();
        let (value, gradients) = value_and_grads(f, &inputs);
        (value.value(), gradients.iter().map(Self::value).collect())
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

//! The operand of stage 2.

use stage2::{Container, backward};

use crate::exam::number::Number;
use crate::exam::suite::{Form, Stage, forms, number};

number!(Container);

impl Stage for Container {
    const NAME: &'static str = "stage2";

    fn gradient(f: impl FnOnce(&[Self]) -> Self, x: &[f64]) -> (f64, Vec<f64>) {
        let inputs: Vec<Self> = x.iter().copied().map(Self::new).collect();
        let output = f(&inputs);
        let gradients = backward(&[(&output, 1.0)]);
        let gradient = inputs.iter().map(|input| gradients.of(input)).collect();
        (output.value(), gradient)
    }

    fn forms() -> Vec<Form<Self>> {
        forms!()
    }
}

//! The operand of stage 1.

use stage1::Var;

use crate::exam::number::Number;
use crate::exam::suite::{Form, Stage, forms, number};

number!(Var);

impl Stage for Var {
    const NAME: &'static str = "stage1";

    fn gradient(f: impl FnOnce(&[Self]) -> Self, x: &[f64]) -> (f64, Vec<f64>) {
        let inputs: Vec<Self> = x.iter().copied().map(Self::new).collect();
        let output = f(&inputs);
        output.seed(1.0);
        (output.value(), inputs.iter().map(Self::grad).collect())
    }

    fn forms() -> Vec<Form<Self>> {
        forms!()
    }
}

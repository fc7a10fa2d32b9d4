//! Random programs: straight lines of operations in which every result may be used again.

use crate::exam::number::{Number, Operators};

/// One operation. The arguments are indices of inputs and earlier results, modulo how many there
/// are, so that any numbers make a program.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "each is named after what it computes")]
pub enum Step {
    Add(usize, usize),
    Sub(usize, usize),
    Mul(usize, usize),
    /// x / (1 + y²)
    Div(usize, usize),
    /// (1 + x²)^tanh y
    Powf(usize, usize),
    Neg(usize),
    Sin(usize),
    Cos(usize),
    Tanh(usize),
    /// exp(tanh x)
    Exp(usize),
    /// ln(1 + x²)
    Ln(usize),
    /// sqrt(1 + x²)
    Sqrt(usize),
}

impl Step {
    /// How many kinds of step there are.
    pub const KINDS: usize = 12;

    /// The step of a kind, counted from 0.
    pub fn new(kind: usize, x: usize, y: usize) -> Step {
        match kind % Step::KINDS {
            0 => Step::Add(x, y),
            1 => Step::Sub(x, y),
            2 => Step::Mul(x, y),
            3 => Step::Div(x, y),
            4 => Step::Powf(x, y),
            5 => Step::Neg(x),
            6 => Step::Sin(x),
            7 => Step::Cos(x),
            8 => Step::Tanh(x),
            9 => Step::Exp(x),
            10 => Step::Ln(x),
            _ => Step::Sqrt(x),
        }
    }
}

/// Runs a program: the last result is its value. Results that grow large are brought back by a
/// sine, so that no number overflows.
pub fn run<N: Number>(steps: &[Step], inputs: &[N]) -> N
where
    for<'a> &'a N: Operators<N>,
{
    let mut values = inputs.to_vec();
    for step in steps {
        let at = |index: usize| &values[index % values.len()];
        let result = match *step {
            Step::Add(x, y) => at(x) + at(y),
            Step::Sub(x, y) => at(x) - at(y),
            Step::Mul(x, y) => at(x) * at(y),
            Step::Div(x, y) => at(x) / (at(y) * at(y) + 1.0),
            Step::Powf(x, y) => (at(x) * at(x) + 1.0).powf(&at(y).tanh()),
            Step::Neg(x) => -at(x),
            Step::Sin(x) => at(x).sin(),
            Step::Cos(x) => at(x).cos(),
            Step::Tanh(x) => at(x).tanh(),
            Step::Exp(x) => at(x).tanh().exp(),
            Step::Ln(x) => (at(x) * at(x) + 1.0).ln(),
            Step::Sqrt(x) => (at(x) * at(x) + 1.0).sqrt(),
        };
        let large = result.value().abs() > 8.0;
        values.push(if large { result.sin() } else { result });
    }
    values.pop().expect("a program has inputs")
}

//! Recording: what every operation does with its result.

use crate::graph::Var;

/// Makes the variable for a result, and leaves it with each input as a child.
///
/// `inputs` pairs each input with its weight, the local derivative d result / d input.
/// An input that is used twice is listed twice.
pub(crate) fn record(result: f64, inputs: &[(f64, &Var)]) -> Var {
    let result = Var::new(result);
    for (weight, input) in inputs {
        input.add_child(*weight, &result);
    }
    result
}

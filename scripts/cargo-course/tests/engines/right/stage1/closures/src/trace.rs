//! Recording.

use crate::graph::Var;

/// What works out a weight.
pub(crate) type Weight = Box<dyn Fn() -> f64>;

/// Makes the variable for a result, and leaves it with each input.
pub(crate) fn record<const N: usize>(result: f64, inputs: [(Weight, &Var); N]) -> Var {
    let result = Var::new(result);
    for (weight, input) in inputs {
        input.add_child(weight, &result);
    }
    result
}

//! What two engines say of the same program, and the first thing that they say differently.
//!
//! Right engines may differ in much: the numbers of their nodes, the order of independent ones, the
//! formulas of their rules. What has to be the same is what mathematics says: values, contributions
//! and gradients of what the program computes, whatever else an engine makes for it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::words::short;

/// Two right engines agree to that many parts of a number.
const CLOSE: f64 = 1e-9;

/// What something is said of. Nodes and operations are those that the program names, by the number
/// that the recorder gave them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// The value of a result.
    Value(usize),
    /// How many arguments a result, or how many results an argument is linked to.
    Links(usize, usize, usize),
    /// In how many boxes a result is.
    Boxes(usize),
    /// How many nodes are alive when the program has let go of a result.
    Alive(usize),
    /// What an argument has to be multiplied with for a result, by the position of the argument.
    Weight(usize, usize, usize),
    /// What a result adds to the gradient of an argument in a frame, by the position of the argument.
    Contribution(usize, usize, usize),
    /// The gradient of a value in a frame.
    Gradient(usize, usize),
}

/// Something that an engine did, with the numbers that count.
#[derive(Clone, Debug)]
pub struct Fact {
    /// What it is said of.
    pub key: Key,
    /// What the engine did, as in `added`.
    pub verb: &'static str,
    /// How it is shown.
    pub amount: String,
    /// The rest of the sentence.
    pub rest: String,
    /// The numbers themselves.
    pub numbers: Vec<f64>,
}

/// Where an engine does not do what it should, and what it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The step, from 0.
    pub step: usize,
    /// What it is, in words.
    pub say: String,
}

/// Whether two numbers are the same but for the last digits.
pub fn close(x: f64, y: f64) -> bool {
    let (distance, size) = ((x - y).abs(), x.abs().max(y.abs()).max(1.0));
    // An infinity is near to nothing but itself.
    x == y || x.is_nan() && y.is_nan() || size.is_finite() && distance <= CLOSE * size
}

/// Whether all numbers are.
pub fn all_close(x: &[f64], y: &[f64]) -> bool {
    x.len() == y.len() && x.iter().zip(y).all(|(x, y)| close(*x, *y))
}

/// The first fact of an engine, with its step, that the reference states otherwise. What only one of
/// them states is no difference: it may have got there by another way.
pub fn first(own: &[(usize, Fact)], reference: &[(usize, Fact)]) -> Option<Difference> {
    let known: BTreeMap<Key, &Fact> = reference.iter().map(|(_, fact)| (fact.key, fact)).collect();
    own.iter().find_map(|(step, fact)| {
        let wanted = known.get(&fact.key)?;
        let differs = !all_close(&fact.numbers, &wanted.numbers);
        differs.then(|| Difference {
            step: *step,
            say: fact.beside(wanted),
        })
    })
}

impl Fact {
    /// What one engine did, and the other.
    fn beside(&self, wanted: &Fact) -> String {
        let Fact { verb, rest, .. } = self;
        let (mut own, mut reference) = (self.amount.clone(), wanted.amount.clone());
        let mut place = String::new();
        if own == reference {
            // The digits that are not shown, or an element of a large array.
            let mut pairs = self.numbers.iter().zip(&wanted.numbers).enumerate();
            if let Some((index, (x, y))) = pairs.find(|(_, (x, y))| !close(**x, **y)) {
                (own, reference) = (short(*x), short(*y));
                if own == reference {
                    (own, reference) = (x.to_string(), y.to_string());
                }
                if self.numbers.len() > 1 {
                    place = format!(" (element {index}, counted from 0)");
                }
            }
        }
        format!("Your engine {verb} {own} {rest}; the reference {verb} {reference}{place}.")
    }
}

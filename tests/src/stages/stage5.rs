//! The operand of stage 5.
//!
//! In stage 5, the type of an expression says what was computed, and a variable belongs to one
//! recording. So there is no type that a function could be written over beforehand. [`Noted`] notes
//! down what is computed, and then it is done again on a tape, with an entry for each operation.

use std::cell::RefCell;
use std::ops::{Add, Div, Mul, Neg, Sub};

use stage5::ops::Operand;
use stage5::{Dual, Tape, Trace, Var};

use crate::exam::dual::Orders;
use crate::exam::number::Number;
use crate::exam::suite::{Form, Stage, forms, number};

/// A number, and the operation that it came from; none for a plain number.
#[derive(Clone, Copy, Debug)]
pub struct Noted {
    value: f64,
    operation: Option<usize>,
}

/// What was computed.
#[derive(Clone, Copy)]
enum Operation {
    Input,
    Unary(Unary, usize),
    Binary(Binary, Noted, Noted),
}

thread_local! {
    /// The operations that led to the numbers that there are, with their results.
    static OPERATIONS: RefCell<Vec<(Operation, f64)>> = const { RefCell::new(Vec::new()) };
}

impl Noted {
    fn note(operation: Operation, value: f64) -> Noted {
        let operation = OPERATIONS.with_borrow_mut(|operations| {
            operations.push((operation, value));
            operations.len() - 1
        });
        Noted {
            value,
            operation: Some(operation),
        }
    }

    /// The number itself.
    pub fn value(&self) -> f64 {
        self.value
    }
}

impl From<f64> for Noted {
    fn from(value: f64) -> Noted {
        Noted {
            value,
            operation: None,
        }
    }
}

impl From<&Noted> for Noted {
    fn from(noted: &Noted) -> Noted {
        *noted
    }
}

/// The operations of one argument: how they are noted, and how they are done on a tape.
macro_rules! unary {
    ($($Name:ident $method:ident),*) => {
        #[derive(Clone, Copy)]
        enum Unary {
            $($Name),*
        }

        impl Unary {
            fn record<'t, T: stage5::Number>(self, x: Var<'t, T>) -> Var<'t, T> {
                match self {
                    $(Unary::$Name => x.$method().record()),*
                }
            }
        }

        impl Noted {
            $(
                fn $method(&self) -> Noted {
                    let value = self.value.$method();
                    match self.operation {
                        None => Noted::from(value),
                        Some(x) => Noted::note(Operation::Unary(Unary::$Name, x), value),
                    }
                }
            )*
        }
    };
}

unary! { Neg neg, Sin sin, Cos cos, Exp exp, Ln ln, Sqrt sqrt, Tanh tanh }

/// The operations of two arguments.
#[derive(Clone, Copy)]
enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    Powf,
}

impl Noted {
    fn binary(self, other: Noted, binary: Binary) -> Noted {
        let (x, y) = (self.value, other.value);
        let value = match binary {
            Binary::Add => x + y,
            Binary::Sub => x - y,
            Binary::Mul => x * y,
            Binary::Div => x / y,
            Binary::Powf => x.powf(y),
        };
        match (self.operation, other.operation) {
            (None, None) => Noted::from(value),
            _ => Noted::note(Operation::Binary(binary, self, other), value),
        }
    }

    fn powf(&self, exponent: impl Into<Noted>) -> Noted {
        self.binary(exponent.into(), Binary::Powf)
    }
}

impl Binary {
    fn record<'t, T: stage5::Number>(
        self,
        variables: &[Var<'t, T>],
        x: Noted,
        y: Noted,
    ) -> Var<'t, T> {
        match (x.operation, y.operation) {
            (Some(x), Some(y)) => self.expression(variables[x], variables[y]),
            (Some(x), None) => self.expression(variables[x], y.value),
            (None, Some(y)) => {
                let (x, y) = (x.value, variables[y]);
                match self {
                    Binary::Add => (x + y).record(),
                    Binary::Sub => (x - y).record(),
                    Binary::Mul => (x * y).record(),
                    Binary::Div => (x / y).record(),
                    // The powers of a plain number are plain numbers.
                    Binary::Powf => self.expression(y.trace().input(T::from(x)), y),
                }
            }
            (None, None) => unreachable!("plain numbers are not noted"),
        }
    }

    fn expression<'t, T: stage5::Number>(
        self,
        x: Var<'t, T>,
        y: impl Operand<'t, T>,
    ) -> Var<'t, T> {
        match self {
            Binary::Add => (x + y).record(),
            Binary::Sub => (x - y).record(),
            Binary::Mul => (x * y).record(),
            Binary::Div => (x / y).record(),
            Binary::Powf => x.powf(y).record(),
        }
    }
}

macro_rules! operators {
    ($Operator:ident, $method:ident: $($Left:ty, $Right:ty;)*) => { $(
        impl $Operator<$Right> for $Left {
            type Output = Noted;

            fn $method(self, other: $Right) -> Noted {
                Noted::from(self).binary(Noted::from(other), Binary::$Operator)
            }
        }
    )* };
    ($Operator:ident, $method:ident) => {
        operators! { $Operator, $method:
            Noted, Noted; Noted, &Noted; &Noted, Noted; &Noted, &Noted;
            Noted, f64; f64, Noted; &Noted, f64; f64, &Noted;
        }
    };
}

operators!(Add, add);
operators!(Sub, sub);
operators!(Mul, mul);
operators!(Div, div);

impl Neg for Noted {
    type Output = Noted;

    fn neg(self) -> Noted {
        Noted::neg(&self)
    }
}

impl Neg for &Noted {
    type Output = Noted;

    fn neg(self) -> Noted {
        Noted::neg(self)
    }
}

number!(Noted);

/// Does on a tape what is noted: a variable for each operation.
fn again<'t, T: stage5::Number>(
    trace: Trace<'t, T>,
    operations: &[(Operation, f64)],
    x: &[T],
) -> Vec<Var<'t, T>> {
    let mut inputs = x.iter();
    let mut variables: Vec<Var<'t, T>> = Vec::with_capacity(operations.len());
    for &(operation, expected) in operations {
        let result = match operation {
            Operation::Input => trace.input(*inputs.next().expect("a number for each input")),
            Operation::Unary(unary, x) => unary.record(variables[x]),
            Operation::Binary(binary, x, y) => binary.record(&variables, x, y),
        };
        let value = result.value().value();
        assert!(
            value == expected || value.is_nan() && expected.is_nan(),
            "on the tape it is {value}, and without a tape {expected}"
        );
        variables.push(result);
    }
    variables
}

/// The value of `f` at `x`, and its gradient, on a tape of any numbers.
pub fn on_a_tape<T: stage5::Number>(f: impl FnOnce(&[Noted]) -> Noted, x: &[T]) -> (T, Vec<T>) {
    let outer = OPERATIONS.take();
    let inputs = x.iter().map(|x| Noted::note(Operation::Input, x.value()));
    let output = f(&inputs.collect::<Vec<_>>());
    let operations = OPERATIONS.replace(outer);
    let Some(output_place) = output.operation else {
        return (T::from(output.value), vec![T::from(0.0); x.len()]);
    };
    Tape::new().open(|trace| {
        let variables = again(trace, &operations, x);
        let output = variables[output_place];
        let gradients = trace.backward(&[(output, T::from(1.0))]);
        let inputs = &variables[..x.len()];
        let gradient = inputs.iter().map(|&input| gradients.of(input)).collect();
        (output.value(), gradient)
    })
}

impl Stage for Noted {
    const NAME: &'static str = "stage5";

    fn gradient(f: impl FnOnce(&[Self]) -> Self, x: &[f64]) -> (f64, Vec<f64>) {
        on_a_tape(f, x)
    }

    fn forms() -> Vec<Form<Self>> {
        forms!()
    }
}

impl<T: Orders + stage5::Number> Orders for Dual<T> {
    fn input_at(x: f64) -> Dual<T> {
        Dual::input(T::input_at(x))
    }

    fn order(&self, order: usize) -> f64 {
        match order {
            0 => self.value.order(0),
            _ => self.slope.order(order - 1),
        }
    }
}

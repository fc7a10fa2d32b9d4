//! Runs a program: the numbers as Rust would, everything else by the stage.

use crate::program::{Line, Node, Program, Term};
use crate::request::{Error, Place};

/// What an expression has come to.
#[derive(Clone, Copy, Debug)]
pub enum Item {
    /// A number that no stage has seen yet: a literal, or what Rust computes with literals.
    Number(f64),
    /// A value of the stage, by the number that it has there.
    Value(usize),
}

/// An argument of a method, after the receiver.
#[derive(Clone, Debug)]
pub enum Argument<V = usize> {
    /// A value of the stage.
    Value(V),
    /// Whole numbers: axes, or a shape.
    List(Vec<usize>),
    /// Part of an axis.
    Range(isize, Option<isize>),
}

/// What a method takes, after the receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// A value.
    Value,
    /// A whole number.
    Index,
    /// Whole numbers, or one.
    Axes,
    /// Whole numbers.
    List,
    /// `start..end`.
    Range,
}

/// The name of a method, and what it takes.
pub type Method = (&'static str, &'static [Parameter]);

/// The methods that every stage has.
pub const METHODS: &[Method] = &[
    ("powf", &[Parameter::Value]),
    ("sin", &[]),
    ("cos", &[]),
    ("exp", &[]),
    ("ln", &[]),
    ("sqrt", &[]),
    ("tanh", &[]),
];

/// Calls an operator or a method that every stage has, with arguments of whichever type. None if it
/// has none of this name. The arguments are values or references to such.
#[macro_export]
macro_rules! operation {
    ($name:expr, $args:expr) => {
        match ($name, $args) {
            ("add", [x, y]) => Some(*x + *y),
            ("sub", [x, y]) => Some(*x - *y),
            ("mul", [x, y]) => Some(*x * *y),
            ("div", [x, y]) => Some(*x / *y),
            ("neg", [x]) => Some(-*x),
            ("powf", [x, y]) => Some(x.powf(*y)),
            ("sin", [x]) => Some(x.sin()),
            ("cos", [x]) => Some(x.cos()),
            ("exp", [x]) => Some(x.exp()),
            ("ln", [x]) => Some(x.ln()),
            ("sqrt", [x]) => Some(x.sqrt()),
            ("tanh", [x]) => Some(x.tanh()),
            _ => None,
        }
    };
}

/// The values among the receiver and the arguments of a method.
pub fn operands(receiver: usize, args: &[Argument]) -> Vec<usize> {
    let values = args.iter().filter_map(|arg| match arg {
        Argument::Value(value) => Some(*value),
        _ => None,
    });
    [receiver].into_iter().chain(values).collect()
}

/// Where a value comes from in the program.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The place of its expression.
    pub place: Option<Place>,
    /// The name that a `let` gives to it.
    pub name: Option<&'a str>,
}

impl Origin<'_> {
    /// Something is wrong there.
    pub fn error(&self, message: String) -> Error {
        Error {
            place: self.place,
            ..Error::anywhere(message)
        }
    }
}

/// A function of the program, for a stage that calls it.
pub type Function<'a> = dyn FnMut(&mut dyn Engine, usize) -> Result<usize, Error> + 'a;

/// A stage that computes. It has the values, and gives a number for each.
pub trait Engine {
    /// The name of the stage.
    fn stage(&self) -> &'static str;

    /// The methods of its values.
    fn methods(&self) -> Vec<Method> {
        METHODS.to_vec()
    }

    /// A number that takes part in an operation.
    fn constant(&mut self, number: f64, place: Place) -> usize;

    /// An array that takes part in an operation.
    ///
    /// # Errors
    /// The stage has none.
    fn array(&mut self, _shape: &[usize], _elements: &[f64], place: Place) -> Result<usize, Error> {
        let message = format!("{} has no arrays; stage4 has", self.stage());
        Err(Error::at(place, message))
    }

    /// An operation or a method.
    ///
    /// # Errors
    /// The arguments do not fit.
    fn call(
        &mut self,
        name: &str,
        receiver: usize,
        args: &[Argument],
        origin: Origin<'_>,
    ) -> Result<usize, Error>;

    /// A call for what it does: `seed` with its number, `grad`, `clear` or `drop`.
    ///
    /// # Errors
    /// The stage has none.
    fn tell(
        &mut self,
        name: &str,
        _receiver: usize,
        _number: Option<f64>,
        origin: Origin<'_>,
    ) -> Result<(), Error> {
        let who = match name {
            "drop" => "stage1 and stage2 show",
            _ => "stage1 has",
        };
        let message = format!("{} has no `{name}` to look at; {who} it", self.stage());
        Err(origin.error(message))
    }

    /// The derivative of a function.
    ///
    /// # Errors
    /// The stage has none, or as the function.
    fn grad(
        &mut self,
        _parameter: &str,
        _function: &mut Function<'_>,
        _at: usize,
        origin: Origin<'_>,
    ) -> Result<usize, Error> {
        let message = format!("{} has no `grad`; stage3 and stage4 have", self.stage());
        Err(origin.error(message))
    }
}

/// The names that can be seen at some place, the innermost last.
pub type Scope = Vec<(String, Item)>;

/// Runs a program, and returns its output.
///
/// # Errors
/// A name has no value, or a method is unknown, or as the stage.
pub fn run(
    engine: &mut dyn Engine,
    program: &Program,
    scope: &Scope,
) -> Result<Option<usize>, Error> {
    let mut scope = scope.clone();
    for line in &program.lines {
        match line {
            Line::Let(name, node) => {
                let value = evaluate(engine, node, &scope, Some(name))?;
                scope.push((name.clone(), value));
            }
            Line::Do(node) => tell(engine, node, &mut scope)?,
        }
    }
    let Some(output) = &program.output else {
        return Ok(None);
    };
    let item = evaluate(engine, output, &scope, None)?;
    Ok(Some(value(engine, item, output.place)))
}

/// A call for what it does.
fn tell(engine: &mut dyn Engine, node: &Node, scope: &mut Scope) -> Result<(), Error> {
    let Term::Call(name, parts) = &node.term else {
        unreachable!("a line is a call");
    };
    let origin = Origin {
        place: Some(node.place),
        name: None,
    };
    let (receiver, args) = parts.split_first().expect("a call has a receiver");
    let args = args
        .iter()
        .map(|arg| match evaluate(engine, arg, scope, None)? {
            Item::Number(number) => Ok(number),
            Item::Value(_) => Err(Error::at(arg.place, format!("`{name}` takes a number"))),
        });
    let args = args.collect::<Result<Vec<_>, Error>>()?;
    let number = match (name.as_str(), &args[..]) {
        ("seed", [number]) => Some(*number),
        ("seed", _) => return Err(origin.error("`seed` takes one number".to_owned())),
        (_, []) => None,
        _ => return Err(origin.error(format!("`{name}` takes no arguments"))),
    };
    match evaluate(engine, receiver, scope, None)? {
        Item::Value(value) => engine.tell(name, value, number, origin)?,
        Item::Number(_) => {
            let message = format!("a plain number has no `{name}`");
            return Err(Error::at(receiver.place, message));
        }
    }
    if let ("drop", Term::Name(dropped)) = (name.as_str(), &receiver.term) {
        scope.retain(|(known, _)| known != dropped);
    }
    Ok(())
}

/// Makes a value of the stage of an item.
fn value(engine: &mut dyn Engine, item: Item, place: Place) -> usize {
    match item {
        Item::Number(number) => engine.constant(number, place),
        Item::Value(value) => value,
    }
}

fn evaluate(
    engine: &mut dyn Engine,
    node: &Node,
    scope: &Scope,
    name: Option<&str>,
) -> Result<Item, Error> {
    let place = node.place;
    let origin = Origin {
        place: Some(place),
        name,
    };
    match &node.term {
        Term::Number(number) => Ok(Item::Number(*number)),
        Term::Name(name) => {
            let known = scope.iter().rev().find(|(known, _)| known == name);
            known.map(|(_, item)| *item).ok_or_else(|| {
                Error::at(
                    place,
                    format!("`{name}` has no value; give it one as an input"),
                )
            })
        }
        Term::Array(shape, elements) => engine.array(shape, elements, place).map(Item::Value),
        Term::Call(function, parts) => call(engine, function, parts, scope, origin),
        Term::List(_) | Term::Range(..) => Err(Error::at(
            place,
            "a list or a range, where a value is expected; arrays are `array![…]`",
        )),
        Term::Grad {
            parameter,
            body,
            at,
        } => {
            let at_place = at.place;
            let at = evaluate(engine, at, scope, None)?;
            let at = value(engine, at, at_place);
            let mut function = |engine: &mut dyn Engine, input: usize| {
                let mut scope = scope.clone();
                scope.push((parameter.clone(), Item::Value(input)));
                let output = run(engine, body, &scope)?;
                Ok(output.expect("a function returns something"))
            };
            let gradient = engine.grad(parameter, &mut function, at, origin);
            gradient.map(Item::Value)
        }
    }
}

fn call(
    engine: &mut dyn Engine,
    name: &str,
    parts: &[Node],
    scope: &Scope,
    origin: Origin<'_>,
) -> Result<Item, Error> {
    let parameters: &[Parameter] = match name {
        "add" | "sub" | "mul" | "div" => &[Parameter::Value],
        "neg" => &[],
        _ => {
            let methods = engine.methods();
            let found = methods.iter().find(|(method, _)| *method == name);
            found.map(|(_, parameters)| *parameters).ok_or_else(|| {
                let names: Vec<&str> = methods.iter().map(|(method, _)| *method).collect();
                let (stage, names) = (engine.stage(), names.join(", "));
                let message = format!("{stage} has no method `{name}`; it has {names}");
                origin.error(message)
            })?
        }
    };
    let (receiver, args) = parts.split_first().expect("a call has a receiver");
    if args.len() != parameters.len() {
        let (expected, found) = (parameters.len(), args.len());
        let message = format!("`{name}` takes {expected} arguments, not {found}");
        return Err(origin.error(message));
    }

    let place = receiver.place;
    let receiver = evaluate(engine, receiver, scope, None)?;
    let mut items = Vec::new();
    for (arg, parameter) in args.iter().zip(parameters) {
        items.push(match parameter {
            Parameter::Value => Argument::Value(evaluate(engine, arg, scope, None)?),
            other => setting(name, arg, *other)?,
        });
    }

    // Rust itself computes with plain numbers.
    let numbers = items.iter().map(|item| match item {
        Argument::Value(Item::Number(number)) => Some(*number),
        _ => None,
    });
    if let Item::Number(first) = receiver
        && let Some(rest) = numbers.collect::<Option<Vec<_>>>()
        && let Some(number) = compute(name, first, &rest)
    {
        return Ok(Item::Number(number));
    }

    let receiver = value(engine, receiver, place);
    let mut arguments = Vec::new();
    for (item, arg) in items.into_iter().zip(args) {
        arguments.push(match item {
            Argument::Value(item) => Argument::Value(value(engine, item, arg.place)),
            Argument::List(list) => Argument::List(list),
            Argument::Range(start, end) => Argument::Range(start, end),
        });
    }
    engine
        .call(name, receiver, &arguments, origin)
        .map(Item::Value)
}

/// What `f64` has of its own.
fn compute(name: &str, x: f64, rest: &[f64]) -> Option<f64> {
    let args = [&[x], rest].concat();
    crate::operation!(name, &args[..])
}

/// An argument that is not a value.
fn setting(name: &str, arg: &Node, parameter: Parameter) -> Result<Argument<Item>, Error> {
    let whole = |node: &Node| match node.term {
        Term::Number(number) if number.fract() == 0.0 && (0.0..1e9).contains(&number) => {
            Some(number as usize)
        }
        _ => None,
    };
    let (found, expected) = match (parameter, &arg.term) {
        (Parameter::Index | Parameter::Axes, Term::Number(_)) => {
            let found = whole(arg).map(|index| Argument::List(vec![index]));
            (found, "a whole number")
        }
        (Parameter::Axes | Parameter::List, Term::List(elements)) => {
            let found = elements.iter().map(whole).collect::<Option<_>>();
            (found.map(Argument::List), "a list of whole numbers")
        }
        (Parameter::Range, Term::Range(start, end)) => {
            (Some(Argument::Range(*start, *end)), "a range")
        }
        (Parameter::Range, _) => (None, "a range, such as `0..2`"),
        (Parameter::List, _) => (None, "a list of whole numbers, such as `&[2, 3]`"),
        (Parameter::Axes, _) => (None, "an axis, such as `0`, or several, such as `[0, 1]`"),
        _ => (None, "a whole number"),
    };
    found.ok_or_else(|| Error::at(arg.place, format!("`{name}`: expected {expected}")))
}

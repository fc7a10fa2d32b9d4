//! Forward mode: dual numbers, watched while they compute.

use crate::dual::Dual;
use crate::evaluate::{Argument, Engine, Origin, operands};
use crate::exam::number::Number;
use crate::listing::{Excerpt, Line, Sources};
use crate::order::{self, Walk};
use crate::program::{Program, Term};
use crate::recorder::Recorder;
use crate::recording::{Of, Step};
use crate::request::{Error, Place};
use crate::words::{formula, short};

/// The file that is shown.
pub const FORWARD: Sources = Sources {
    folder: "tests/src",
    files: &[("dual.rs", include_str!("../../../tests/src/dual.rs"))],
};

/// A number and its speed.
const DUAL: Excerpt = Excerpt {
    file: "dual.rs",
    item: "impl<T: Number> Dual<T> {",
};

/// Records what dual numbers do with a program.
///
/// # Errors
/// The program cannot be run.
pub fn record(
    recorder: &mut Recorder,
    program: &Program,
    inputs: &[(String, Term)],
    _order: usize,
) -> Result<(), Error> {
    order::record(&mut Forward::new(recorder), program, inputs)
}

/// The dual numbers, by the numbers that they have in the recording.
pub struct Forward<'a> {
    recorder: &'a mut Recorder,
    duals: Vec<Dual>,
    /// The input that moves.
    moving: Option<String>,
}

impl<'a> Forward<'a> {
    /// Nothing has been computed.
    pub fn new(recorder: &'a mut Recorder) -> Forward<'a> {
        Forward {
            recorder,
            duals: Vec::new(),
            moving: None,
        }
    }

    fn leaf(&mut self, node: usize, dual: Dual, place: Option<Place>, say: String) -> usize {
        self.duals.push(dual);
        let of = Of::Node(node);
        let step = Step::new("made", say)
            .shows(node)
            .at(place)
            .set(of, "value", short(dual.value))
            .set(of, "speed", short(dual.slope));
        let step = self.recorder.mark(step, node, &[dual.value]);
        let running = match dual.slope {
            0.0 => "slope: T::from(0.0),",
            _ => "slope: T::from(1.0),",
        };
        self.recorder.step(step, Some(DUAL.line(running)));
        node
    }
}

impl Walk for Forward<'_> {
    /// The first input moves, and the others stand still.
    fn input(&mut self, name: &str, value: f64) -> usize {
        let node = self.recorder.node("input", name, None);
        let (dual, speed) = match self.moving {
            None => (Dual::input(value), "moves at speed 1"),
            Some(_) => (Dual::constant(value), "stands still: its speed is 0"),
        };
        self.moving.get_or_insert_with(|| format!("`{name}`"));
        let say = format!("`{name}` is {}, and {speed}.", short(value));
        self.leaf(node, dual, None, say)
    }

    /// There is none: the answer is there already.
    fn walk(&mut self, output: usize) -> Result<(), Error> {
        let name = self.recorder.title(output);
        let speed = short(self.duals[output].slope);
        let say = match &self.moving {
            Some(moving) => format!("The output {name} moves {speed} times as fast as {moving}."),
            None => format!("No input moves, and neither does {name}."),
        };
        let step = Step::new("final", say).node(output);
        self.recorder.step(step, None);
        Ok(())
    }
}

impl Engine for Forward<'_> {
    fn stage(&self) -> &'static str {
        "forward"
    }

    fn constant(&mut self, number: f64, place: Place) -> usize {
        let text = short(number);
        let node = self.recorder.node("constant", &text, Some(place));
        let say = format!("The number {text} stands still: its speed is 0.");
        self.leaf(node, Dual::constant(number), Some(place), say)
    }

    fn call(
        &mut self,
        name: &str,
        receiver: usize,
        args: &[Argument],
        origin: Origin<'_>,
    ) -> Result<usize, Error> {
        let operands = operands(receiver, args);
        let duals: Vec<Dual> = operands.iter().map(|i| self.duals[*i]).collect();
        let result = apply(name, &duals);
        let titles = self.recorder.titles(&operands);
        let (node, _) = self.recorder.result(name, &titles, &[], origin);
        let title = self.recorder.title(node);
        let values: Vec<String> = duals.iter().map(|dual| short(dual.value)).collect();
        let say = format!(
            "{title} = {} = {}.",
            formula(name, &values),
            short(result.value)
        );
        let mut step = Step::new("made", say).shows(node).at(origin.place).set(
            Of::Node(node),
            "value",
            short(result.value),
        );
        let mut terms = Vec::new();
        for (argnum, operand) in operands.iter().enumerate() {
            let arrow = self.recorder.arrow(*operand, node, argnum);
            let local = short(local(name, &duals, argnum));
            terms.push(format!("{} × {local}", short(duals[argnum].slope)));
            step = step
                .shows_arrows([&arrow])
                .set(Of::Arrow(arrow), "local", local);
        }
        let step = self.recorder.mark(step, node, &[result.value]);
        let line = line(name);
        self.recorder.step(step, Some(line.clone()));

        let say = format!(
            "Its speed: the speed of each argument, times the local derivative. {} = {}.",
            terms.join(" + "),
            short(result.slope)
        );
        let step = Step::new("speed", say).node(node).at(origin.place).set(
            Of::Node(node),
            "speed",
            short(result.slope),
        );
        self.recorder.step(step, Some(line));
        self.duals.push(result);
        Ok(node)
    }
}

/// How fast the result moves when this argument alone moves at speed 1.
fn local(name: &str, duals: &[Dual], argnum: usize) -> f64 {
    let mut alone: Vec<Dual> = duals
        .iter()
        .map(|dual| Dual::constant(dual.value))
        .collect();
    alone[argnum] = Dual::input(duals[argnum].value);
    apply(name, &alone).slope
}

fn apply(name: &str, args: &[Dual]) -> Dual {
    match (name, args) {
        ("add", [x, y]) => x + y,
        ("sub", [x, y]) => x - y,
        ("mul", [x, y]) => x * y,
        ("div", [x, y]) => x / y,
        ("neg", [x]) => -x,
        ("powf", [x, y]) => x.powf(y),
        ("sin", [x]) => x.sin(),
        ("cos", [x]) => x.cos(),
        ("exp", [x]) => x.exp(),
        ("ln", [x]) => x.ln(),
        ("sqrt", [x]) => x.sqrt(),
        ("tanh", [x]) => x.tanh(),
        _ => unreachable!("`{name}` is not among the methods"),
    }
}

/// The line that computes a speed.
fn line(name: &str) -> Line {
    let (item, running) = match name {
        "add" => ("fn add(self, other: &Dual<T>) -> Dual<T> {", "slope: "),
        "sub" => ("fn sub(self, other: &Dual<T>) -> Dual<T> {", "slope: "),
        "mul" => ("fn mul(self, other: &Dual<T>) -> Dual<T> {", "slope: "),
        "div" => ("fn div(self, other: &Dual<T>) -> Dual<T> {", "let slope = "),
        "neg" => ("impl<T: Number> Neg for &Dual<T> {", "slope: "),
        "powf" => (
            "fn powf(&self, exponent: &Dual<T>) -> Dual<T> {",
            "Dual { value, slope }",
        ),
        "sin" => ("fn sin(&self) -> Dual<T> {", "self.chain("),
        "cos" => ("fn cos(&self) -> Dual<T> {", "self.chain("),
        "exp" => ("fn exp(&self) -> Dual<T> {", "self.chain("),
        "ln" => ("fn ln(&self) -> Dual<T> {", "self.chain("),
        "sqrt" => ("fn sqrt(&self) -> Dual<T> {", "self.chain("),
        _ => ("fn tanh(&self) -> Dual<T> {", "self.chain("),
    };
    let file = "dual.rs";
    Excerpt { file, item }.line(running)
}

//! Stage 4, by its public items.

use std::rc::Rc;

use stage4::backward::{ACCUMULATE, order};
use stage4::ndarray::{ArrayD, IxDyn, Slice};
use stage4::{
    Axes, Container, Node, Raw, SharedArray, Trace, Value, backward, downcast, grad, select,
};

use crate::evaluate::Parameter::{Axes as Over, Index, List, Range, Value as Other};
use crate::evaluate::{Argument, METHODS, Method};
use crate::levels::{Seen, Shown, Traced};
use crate::listing::{Excerpt, Line};
use crate::words::{rounded, short};

/// The registry.
pub const VJP: Excerpt = Excerpt {
    file: "vjp.rs",
    item: "pub(crate) fn vjp(",
};
/// The sum over repeated axes.
pub const UNBROADCAST: Excerpt = Excerpt {
    file: "rules.rs",
    item: "pub fn unbroadcast(",
};
const LOOK_UP: &str = "let rule = registry.each.get(";
const SUM_UP: &str = "gradient.sum_axis(repeated)";

/// More elements are refused: the picture could not show them, and some operations multiply them.
const MOST_ELEMENTS: usize = 10_000;
/// Arrays with more rows or columns are shown by their shape.
const MOST_CELLS: usize = 4;

/// Stage 4.
pub struct Stage4;

/// The methods that stage 3 has not.
const MORE: &[Method] = &[
    ("floor", &[]),
    ("sign", &[]),
    ("tan", &[]),
    ("asin", &[]),
    ("acos", &[]),
    ("atan", &[]),
    ("sinh", &[]),
    ("cosh", &[]),
    ("exp_m1", &[]),
    ("ln_1p", &[]),
    ("abs", &[]),
    ("minimum", &[Other]),
    ("maximum", &[Other]),
    ("equals", &[Other]),
    ("greater", &[Other]),
    ("greater_equal", &[Other]),
    ("less", &[Other]),
    ("less_equal", &[Other]),
    ("detach", &[]),
    ("select", &[Other, Other]),
    ("sum", &[]),
    ("sum_axis", &[Over]),
    ("prod", &[]),
    ("prod_axis", &[Over]),
    ("max", &[]),
    ("max_axis", &[Over]),
    ("min", &[]),
    ("min_axis", &[Over]),
    ("mean", &[]),
    ("mean_axis", &[Over]),
    ("argmax_axis", &[Index]),
    ("logsumexp_axis", &[Over]),
    ("softmax_axis", &[Over]),
    ("broadcast", &[List]),
    ("reshape", &[List]),
    ("permuted_axes", &[List]),
    ("t", &[]),
    ("slice_axis", &[Index, Range]),
    ("index_axis", &[Index, Index]),
    ("index", &[List]),
    ("take", &[Index, List]),
    ("dot", &[Other]),
    ("outer", &[Other]),
    ("sigmoid", &[]),
    ("softplus", &[]),
    ("relu", &[]),
    ("clip", &[Other, Other]),
    ("norm", &[]),
    ("norm_axis", &[Over]),
    ("hypot", &[Other]),
];

/// All methods.
pub fn methods() -> Vec<Method> {
    [METHODS, MORE].concat()
}

fn container(value: &Value) -> &Rc<Container> {
    match value {
        Value::Boxed(container) => container,
        Value::Plain(_) => unreachable!("a value that a trace does not record"),
    }
}

fn call(name: &str, x: &Value, args: &[Argument<Value>]) -> Option<Value> {
    use Argument::{List, Range, Value as V};
    let one = |list: &Vec<usize>| list[0];
    let axes = |list: &Vec<usize>| Axes::from(list.clone());
    Some(match (name, args) {
        ("add", [V(y)]) => x + y,
        ("sub", [V(y)]) => x - y,
        ("mul", [V(y)]) => x * y,
        ("div", [V(y)]) => x / y,
        ("neg", []) => -x,
        ("powf", [V(y)]) => x.powf(y),
        ("sin", []) => x.sin(),
        ("cos", []) => x.cos(),
        ("exp", []) => x.exp(),
        ("ln", []) => x.ln(),
        ("sqrt", []) => x.sqrt(),
        ("tanh", []) => x.tanh(),
        ("floor", []) => x.floor(),
        ("sign", []) => x.sign(),
        ("tan", []) => x.tan(),
        ("asin", []) => x.asin(),
        ("acos", []) => x.acos(),
        ("atan", []) => x.atan(),
        ("sinh", []) => x.sinh(),
        ("cosh", []) => x.cosh(),
        ("exp_m1", []) => x.exp_m1(),
        ("ln_1p", []) => x.ln_1p(),
        ("abs", []) => x.abs(),
        ("minimum", [V(y)]) => x.minimum(y),
        ("maximum", [V(y)]) => x.maximum(y),
        ("equals", [V(y)]) => x.equals(y),
        ("greater", [V(y)]) => x.greater(y),
        ("greater_equal", [V(y)]) => x.greater_equal(y),
        ("less", [V(y)]) => x.less(y),
        ("less_equal", [V(y)]) => x.less_equal(y),
        ("detach", []) => x.detach(),
        ("select", [V(y), V(z)]) => select(x, y, z),
        ("sum", []) => x.sum(),
        ("sum_axis", [List(list)]) => x.sum_axis(axes(list)),
        ("prod", []) => x.prod(),
        ("prod_axis", [List(list)]) => x.prod_axis(axes(list)),
        ("max", []) => x.max(),
        ("max_axis", [List(list)]) => x.max_axis(axes(list)),
        ("min", []) => x.min(),
        ("min_axis", [List(list)]) => x.min_axis(axes(list)),
        ("mean", []) => x.mean(),
        ("mean_axis", [List(list)]) => x.mean_axis(axes(list)),
        ("argmax_axis", [List(list)]) => x.argmax_axis(one(list)),
        ("logsumexp_axis", [List(list)]) => x.logsumexp_axis(axes(list)),
        ("softmax_axis", [List(list)]) => x.softmax_axis(axes(list)),
        ("broadcast", [List(list)]) => x.broadcast(list),
        ("reshape", [List(list)]) => x.reshape(list),
        ("permuted_axes", [List(list)]) => x.permuted_axes(list),
        ("t", []) => x.t(),
        ("slice_axis", [List(axis), Range(start, end)]) => {
            x.slice_axis(one(axis), Slice::new(*start, *end, 1))
        }
        ("index_axis", [List(axis), List(index)]) => x.index_axis(one(axis), one(index)),
        ("index", [List(place)]) => x.index(place),
        ("take", [List(axis), List(places)]) => x.take(one(axis), places),
        ("dot", [V(y)]) => x.dot(y),
        ("outer", [V(y)]) => x.outer(y),
        ("sigmoid", []) => x.sigmoid(),
        ("softplus", []) => x.softplus(),
        ("relu", []) => x.relu(),
        ("clip", [V(y), V(z)]) => x.clip(y, z),
        ("norm", []) => x.norm(),
        ("norm_axis", [List(list)]) => x.norm_axis(axes(list)),
        ("hypot", [V(y)]) => x.hypot(y),
        _ => return None,
    })
}

/// How many elements the result has at most, before it is computed.
fn elements(name: &str, x: &Value, args: &[Argument<Value>]) -> usize {
    let product = |shape: &[usize]| shape.iter().fold(1, |n: usize, len| n.saturating_mul(*len));
    let mut shapes = vec![x.shape()];
    for arg in args {
        match arg {
            Argument::Value(value) => shapes.push(value.shape()),
            Argument::List(shape) if matches!(name, "broadcast" | "reshape") => {
                return product(shape);
            }
            _ => {}
        }
    }
    match (name, &shapes[..]) {
        ("outer", shapes) => {
            let sizes = shapes.iter().map(|shape| product(shape));
            sizes.fold(1, usize::saturating_mul)
        }
        // The common axis goes.
        ("dot", [[.., inner], y]) if !y.is_empty() && *inner > 0 => {
            (product(shapes[0]) / inner).saturating_mul((product(y) / inner).max(1))
        }
        // The longest along each axis, from the last.
        (_, shapes) => {
            let rank = shapes.iter().map(|shape| shape.len()).max().unwrap_or(0);
            let longest = |axis: usize| {
                let lengths = shapes
                    .iter()
                    .filter_map(|shape| shape.iter().rev().nth(axis));
                lengths.copied().max().unwrap_or(1)
            };
            product(&(0..rank).map(longest).collect::<Vec<_>>())
        }
    }
}

/// The numbers in a value, if it is not a setting.
fn numbers(raw: &Raw) -> Option<Vec<f64>> {
    let number = downcast::<f64>(raw).map(|number| vec![*number]);
    number.or_else(|| downcast::<SharedArray>(raw).map(|array| array.iter().copied().collect()))
}

/// Row by row, if there are few enough.
fn cells(shape: &[usize], numbers: &[f64], show: impl Fn(f64) -> String) -> Option<String> {
    let (rows, columns) = match *shape {
        [columns] => (1, columns),
        [rows, columns] => (rows, columns),
        _ => return None,
    };
    let few = 1..=MOST_CELLS;
    if !few.contains(&rows) || !few.contains(&columns) {
        return None;
    }
    let rows = numbers.chunks(columns).map(|row| {
        let row = row.iter().map(|number| show(*number));
        row.collect::<Vec<_>>().join(" ")
    });
    Some(rows.collect::<Vec<_>>().join(";"))
}

impl Traced for Stage4 {
    const NAME: &'static str = "stage4";
    const RAW: &'static str = "return Value::Plain((self.raw)(&Args::new(self.name, args)));";
    type Value = Value;
    type Node = Node;
    type Trace = Trace;

    fn methods() -> Vec<Method> {
        methods()
    }

    fn number(number: f64) -> Value {
        Value::from(number)
    }

    fn array(shape: &[usize], elements: &[f64]) -> Option<Value> {
        let array = ArrayD::from_shape_vec(IxDyn(shape), elements.to_vec());
        array.ok().map(Value::from)
    }

    fn open() -> Trace {
        Trace::open()
    }

    fn trace_id(trace: &Trace) -> u64 {
        trace.id()
    }

    fn input(trace: &Trace, value: &Value) -> Value {
        Value::Boxed(trace.input(value))
    }

    fn peel(value: &Value) -> Option<(u64, &Rc<Node>, &Value)> {
        match value {
            Value::Plain(_) => None,
            Value::Boxed(container) => {
                Some((container.trace(), container.node(), container.value()))
            }
        }
    }

    fn see(node: &Node) -> Seen<'_, Self> {
        Seen {
            id: node.id,
            name: node.primitive.name,
            args: &node.args,
            result: &node.result,
            parents: &node.parents,
        }
    }

    fn bind(node: &Node, args: &[&Value]) -> Value {
        node.primitive.bind(args)
    }

    fn call(name: &str, x: &Value, args: &[Argument<Value>]) -> Result<Value, String> {
        let elements = elements(name, x, args);
        if elements > MOST_ELEMENTS {
            return Err(format!(
                "`{name}`: the result has {elements} elements; at most {MOST_ELEMENTS} are computed here"
            ));
        }
        Ok(
            call(name, x, args)
                .unwrap_or_else(|| unreachable!("`{name}` is not among the methods")),
        )
    }

    fn order(output: &Node) -> Vec<&Node> {
        order(&[output])
    }

    fn backward(output: &Value, seed: &Value, inputs: &[Value]) -> Vec<Value> {
        let gradients = backward(&[(container(output), seed.clone())]);
        let inputs = inputs.iter();
        inputs.map(|input| gradients.of(container(input))).collect()
    }

    fn add(x: &Value, y: &Value) -> Value {
        ACCUMULATE.bind(&[x, y])
    }

    fn ones(value: &Value) -> Value {
        value.ones()
    }

    fn zeros(value: &Value) -> Value {
        value.zeros()
    }

    fn show(value: &Value) -> Shown {
        let Some(numbers) = numbers(value.raw()) else {
            return Shown {
                text: "a setting".to_owned(),
                ..Shown::default()
            };
        };
        if value.shape().is_empty() {
            let text = short(numbers[0]);
            return Shown {
                title: Some(text.clone()),
                text,
                numbers,
                ..Shown::default()
            };
        }
        let lengths: Vec<String> = value.shape().iter().map(usize::to_string).collect();
        let mut text = format!("array {}", lengths.join(" × "));
        let written = cells(value.shape(), &numbers, short).filter(|_| numbers.len() <= MOST_CELLS);
        if let Some(written) = written {
            text = format!("[{}]", written.replace(';', "; "));
        }
        Shown {
            text,
            title: Some("array".to_owned()),
            shape: Some(format!("({})", lengths.join(", "))),
            // Side by side there is room for four digits.
            cells: cells(value.shape(), &numbers, |number| rounded(number, 4)),
            numbers,
        }
    }

    fn check_output(value: &Value) {
        // The engine's own refusal, of what has no derivative but a Jacobian.
        grad(|_| value.clone())(&Value::from(0.0));
    }

    fn repeated(node: &Node, argnum: usize) -> Option<Vec<Value>> {
        let (shape, arg) = (node.result.shape(), &node.args[argnum]);
        let broadcasts = matches!(
            node.primitive.name,
            "add" | "sub" | "mul" | "div" | "powf" | "maximum" | "minimum" | "select" | "broadcast"
        );
        if !broadcasts || arg.shape() == shape {
            return None;
        }
        let mut args: Vec<Value> = node
            .args
            .iter()
            .map(|arg| Value::Plain(Rc::clone(arg.raw())))
            .collect();
        args[argnum] = args[argnum].broadcast(shape);
        Some(args)
    }

    fn look_up() -> Option<Line> {
        Some(VJP.line(LOOK_UP))
    }

    fn sum_up() -> Option<Line> {
        Some(UNBROADCAST.line(SUM_UP))
    }

    fn rule(node: &Node, argnum: usize) -> Line {
        rule(node.primitive.name, argnum)
    }
}

/// The line of a rule.
pub fn rule(primitive: &str, argnum: usize) -> Line {
    let item = match primitive {
        "accumulate" | "add" | "sub" | "mul" | "div" | "neg" | "powf" => "fn arithmetic(",
        "maximum" | "minimum" | "select" => "fn choices(",
        "sum" | "prod" | "max" | "min" => "fn reductions(",
        "broadcast" | "reshape" | "permute" | "slice" | "pad" | "take" | "scatter"
        | "concatenate" => "fn shapes(",
        "matmul" => "fn products(",
        _ => "fn functions(",
    };
    let file = "rules.rs";
    let name = primitive.to_uppercase();
    Excerpt { file, item }
        .line(format!("&{name},"))
        .closure(argnum)
}

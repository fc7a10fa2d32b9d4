//! Stage 4, by its public items.

use std::rc::Rc;

use stage4::backward::{ACCUMULATE, order};
use stage4::ndarray::{ArrayD, IxDyn, Slice};
use stage4::{Node, Raw, SharedArray, Trace, Value, backward, downcast, grad, select};

use crate::evaluate::Parameter::{Axes as Over, Index, List, Range, Value as Other};
use crate::evaluate::{Argument, METHODS, Method};
use crate::levels::{self, Shown, Traced};
use crate::listing::{Excerpt, Line};
use crate::program::{Program, Term};
use crate::recorder::Recorder;
use crate::request::Error;
use crate::words::{rounded, short};

/// The registry.
const VJP: Excerpt = Excerpt {
    file: "vjp.rs",
    item: "pub(crate) fn vjp(",
};
/// The sum over repeated axes.
const UNBROADCAST: Excerpt = Excerpt {
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

/// Records what the engine does with a program.
///
/// # Errors
/// The program cannot be run.
pub fn record(
    recorder: &mut Recorder,
    program: &Program,
    inputs: &[(String, Term)],
    order: usize,
) -> Result<(), Error> {
    levels::record::<Stage4>(recorder, program, inputs, order)
}

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
    ("square", &[]),
    ("minimum", &[Other]),
    ("maximum", &[Other]),
    ("equals", &[Other]),
    ("greater", &[Other]),
    ("greater_equal", &[Other]),
    ("less", &[Other]),
    ("less_equal", &[Other]),
    ("is_nan", &[]),
    ("is_finite", &[]),
    ("is_infinite", &[]),
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
    ("with_slice_axis", &[Index, Range, Other]),
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
    ("var", &[Index]),
    ("var_axis", &[Over, Index]),
    ("std", &[Index]),
    ("std_axis", &[Over, Index]),
    ("atan2", &[Other]),
    ("cumsum", &[Index]),
];

/// All methods.
pub fn methods() -> Vec<Method> {
    [METHODS, MORE].concat()
}

fn call(name: &str, values: &[&Value], args: &[Argument]) -> Option<Value> {
    let settings = args.iter().filter(|arg| !matches!(arg, Argument::Value(_)));
    let settings: Vec<&Argument> = settings.collect();
    let x = values[0];
    Some(match (values, &settings[..]) {
        ([_], []) => return of_one(name, x),
        ([_, y], []) => return of_two(name, x, y),
        ([_, y, z], []) => match name {
            "select" => select(x, *y, *z),
            "clip" => x.clip(*y, *z),
            _ => return None,
        },
        ([_], [Argument::List(list)]) => return with_list(name, x, list),
        ([_], [Argument::List(first), Argument::List(second)]) => match name {
            "index_axis" => x.index_axis(first[0], second[0]),
            "take" => x.take(first[0], second),
            "var_axis" => x.var_axis(&first[..], second[0] as f64),
            "std_axis" => x.std_axis(&first[..], second[0] as f64),
            _ => return None,
        },
        (_, [Argument::List(axis), Argument::Range(start, end)]) => {
            let slice = Slice::new(*start, *end, 1);
            match (name, values) {
                ("slice_axis", _) => x.slice_axis(axis[0], slice),
                ("with_slice_axis", [_, part]) => x.with_slice_axis(axis[0], slice, part),
                _ => return None,
            }
        }
        _ => return None,
    })
}

fn of_one(name: &str, x: &Value) -> Option<Value> {
    Some(match name {
        "neg" => -x,
        "sin" => x.sin(),
        "cos" => x.cos(),
        "exp" => x.exp(),
        "ln" => x.ln(),
        "sqrt" => x.sqrt(),
        "tanh" => x.tanh(),
        "floor" => x.floor(),
        "sign" => x.sign(),
        "tan" => x.tan(),
        "asin" => x.asin(),
        "acos" => x.acos(),
        "atan" => x.atan(),
        "sinh" => x.sinh(),
        "cosh" => x.cosh(),
        "exp_m1" => x.exp_m1(),
        "ln_1p" => x.ln_1p(),
        "abs" => x.abs(),
        "square" => x.square(),
        "detach" => x.detach(),
        "sum" => x.sum(),
        "prod" => x.prod(),
        "max" => x.max(),
        "min" => x.min(),
        "mean" => x.mean(),
        "t" => x.t(),
        "sigmoid" => x.sigmoid(),
        "softplus" => x.softplus(),
        "relu" => x.relu(),
        "norm" => x.norm(),
        "is_nan" => x.is_nan(),
        "is_finite" => x.is_finite(),
        "is_infinite" => x.is_infinite(),
        _ => return None,
    })
}

fn of_two(name: &str, x: &Value, y: &Value) -> Option<Value> {
    Some(match name {
        "add" => x + y,
        "sub" => x - y,
        "mul" => x * y,
        "div" => x / y,
        "powf" => x.powf(y),
        "minimum" => x.minimum(y),
        "maximum" => x.maximum(y),
        "equals" => x.equals(y),
        "greater" => x.greater(y),
        "greater_equal" => x.greater_equal(y),
        "less" => x.less(y),
        "less_equal" => x.less_equal(y),
        "dot" => x.dot(y),
        "outer" => x.outer(y),
        "hypot" => x.hypot(y),
        "atan2" => x.atan2(y),
        _ => return None,
    })
}

/// With axes, a shape or places.
fn with_list(name: &str, x: &Value, list: &[usize]) -> Option<Value> {
    Some(match name {
        "sum_axis" => x.sum_axis(list),
        "prod_axis" => x.prod_axis(list),
        "max_axis" => x.max_axis(list),
        "min_axis" => x.min_axis(list),
        "mean_axis" => x.mean_axis(list),
        "argmax_axis" => x.argmax_axis(list[0]),
        "logsumexp_axis" => x.logsumexp_axis(list),
        "softmax_axis" => x.softmax_axis(list),
        "broadcast" => x.broadcast(list),
        "reshape" => x.reshape(list),
        "permuted_axes" => x.permuted_axes(list),
        "index" => x.index(list),
        "norm_axis" => x.norm_axis(list),
        "cumsum" => x.cumsum(list[0]),
        "var" => x.var(list[0] as f64),
        "std" => x.std(list[0] as f64),
        _ => return None,
    })
}

/// How many elements the result has at most, before it is computed.
fn elements(name: &str, values: &[&Value], args: &[Argument]) -> usize {
    let product = |shape: &[usize]| {
        let lengths = shape.iter();
        lengths.fold(1, |product: usize, length| product.saturating_mul(*length))
    };
    if let ("broadcast" | "reshape", [Argument::List(shape)]) = (name, args) {
        return product(shape);
    }
    let shapes: Vec<&[usize]> = values.iter().map(|value| value.shape()).collect();
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
    crate::traced!();

    const NAME: &'static str = "stage4";
    const RAW: &'static str = "return Value::Plain((self.raw)(&Args::new(self.name, args)));";
    fn methods() -> Vec<Method> {
        methods()
    }

    fn array(shape: &[usize], elements: &[f64]) -> Option<Value> {
        let array = ArrayD::from_shape_vec(IxDyn(shape), elements.to_vec());
        array.ok().map(Value::from)
    }

    fn call(name: &str, values: &[&Value], args: &[Argument]) -> Result<Value, String> {
        let elements = elements(name, values, args);
        if elements > MOST_ELEMENTS {
            return Err(format!(
                "`{name}`: the result has {elements} elements; at most {MOST_ELEMENTS} are computed here"
            ));
        }
        let result = call(name, values, args);
        Ok(result.unwrap_or_else(|| unreachable!("`{name}` is not among the methods")))
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
            shape: Some(format!("{:?}", value.shape())),
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

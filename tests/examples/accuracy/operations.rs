//! Every operation of the stages: how they compute it, what is right, and where to compare.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

use stage4::ops::{COS_ASIN, TANH_SLOPE, select, stack};
use tests::dual::{self, Dual};
use tests::number::{Number, Operators};
use tests::stages::Stage;

use crate::reference::{Big, Function, big};

/// Who computes, in the order of the columns.
pub(crate) const ENGINES: [&str; 5] = ["stage 1", "stage 2", "stage 3", "stage 4", "dual"];

/// The value of a function at a place, and its gradient.
type Gradient = fn(&[f64]) -> (f64, Vec<f64>);

/// A function of one value of an engine that differentiates twice.
type Curve = fn(f64) -> f64;

/// One operation, in all engines that have it.
pub(crate) struct Operation {
    /// What is computed.
    pub(crate) name: &'static str,
    /// The names of the arguments in which it has a derivative.
    pub(crate) arguments: Vec<&'static str>,
    /// How each of the [`ENGINES`] computes it, if it can.
    pub(crate) gradients: [Option<Gradient>; 5],
    /// The second derivatives of stages 3 and 4, of an operation with one argument.
    pub(crate) curvatures: [Option<Curve>; 2],
    /// The same function with more digits.
    pub(crate) reference: Function,
    /// Where to compare.
    pub(crate) points: Vec<Vec<f64>>,
    /// How many units in the last place the value may be off, and the derivatives.
    pub(crate) bounds: [f64; 2],
}

impl Operation {
    /// With other bounds than [`BOUNDS`].
    fn within(self, value: f64, slope: f64) -> Operation {
        Operation {
            bounds: [value, slope],
            ..self
        }
    }

    /// Without second derivatives, which have zeros where any rounding is a large error.
    fn first_order(self) -> Operation {
        Operation {
            curvatures: [None, None],
            ..self
        }
    }
}

/// The bounds of most operations. The functions of `f64` are those of the system, and some systems
/// are a little less exact than others.
const BOUNDS: [f64; 2] = [4.0, 8.0];

/// How many units in the last place a second derivative may be off.
pub(crate) const CURVATURE_BOUND: f64 = 16.0;

/// An operation that all engines have, by one text.
macro_rules! everywhere {
    ($name:literal, |$($x:ident),+| $f:expr, $reference:expr, $points:expr) => {{
        fn function<N: Number>(inputs: &[N]) -> N
        where
            for<'a> &'a N: Operators<N>,
        {
            let [$($x),+] = inputs else { unreachable!() };
            $f
        }
        Operation {
            name: $name,
            arguments: vec![$(stringify!($x)),+],
            gradients: [
                Some(|x| Stage::gradient(function::<stage1::Var>, x)),
                Some(|x| Stage::gradient(function::<stage2::Container>, x)),
                Some(|x| Stage::gradient(function::<stage3::Value>, x)),
                Some(|x| Stage::gradient(function::<stage4::Value>, x)),
                Some(|x| {
                    let value = function::<f64>(x);
                    (value, dual::gradient(function::<Dual>, x))
                }),
            ],
            curvatures: [
                Some(|x| {
                    let f = |x: &_| function::<stage3::Value>(std::slice::from_ref(x));
                    stage3::grad(stage3::grad(f))(&x.into()).value()
                }),
                Some(|x| {
                    let f = |x: &_| function::<stage4::Value>(std::slice::from_ref(x));
                    stage4::grad(stage4::grad(f))(&x.into()).value()
                }),
            ],
            reference: $reference,
            points: $points,
            bounds: BOUNDS,
        }
    }};
}

/// An operation that stage 4 alone has.
macro_rules! in_stage4 {
    ($name:literal, $arguments:expr, $f:expr, $reference:expr, $points:expr) => {{
        fn function(x: &[stage4::Value]) -> stage4::Value {
            let f: fn(&[stage4::Value]) -> stage4::Value = $f;
            f(x)
        }
        Operation {
            name: $name,
            arguments: $arguments.to_vec(),
            gradients: [
                None,
                None,
                None,
                Some(|x| Stage::gradient(function, x)),
                None,
            ],
            curvatures: [
                None,
                Some(|x| {
                    let f = |x: &stage4::Value| function(std::slice::from_ref(x));
                    stage4::grad(stage4::grad(f))(&x.into()).value()
                }),
            ],
            reference: $reference,
            points: $points,
            bounds: BOUNDS,
        }
    }};
}

/// The table.
#[rustfmt::skip]
pub(crate) fn operations() -> Vec<Operation> {
    let mut operations = vec![
        everywhere!("x + y", |x, y| x + y, |x| &x[0] + &x[1], pairs(|_, _| true)),
        everywhere!("x − y", |x, y| x - y, |x| &x[0] - &x[1], pairs(|_, _| true)),
        everywhere!("x · y", |x, y| x * y, |x| &x[0] * &x[1], pairs(|_, _| true)),
        everywhere!("x / y", |x, y| x / y, |x| &x[0] / &x[1], pairs(|x, y| (x / y).is_finite())),
        everywhere!("−x", |x| -x, |x| -&x[0], places(|_| true)),
        everywhere!("x^y", |x, y| x.powf(y), |x| x[0].powf(&x[1]), powers()).within(4.0, 400.0),
        everywhere!("sin x", |x| x.sin(), |x| x[0].sin(), places(|_| true)),
        everywhere!("cos x", |x| x.cos(), |x| x[0].cos(), places(|_| true)),
        everywhere!("exp x", |x| x.exp(), |x| x[0].exp(), places(|x| x.abs() <= 1e4)),
        everywhere!("ln x", |x| x.ln(), |x| x[0].ln(), places(|x| x > 0.0)),
        everywhere!("sqrt x", |x| x.sqrt(), |x| x[0].sqrt(), places(|x| x > 0.0)),
        everywhere!("tanh x", |x| x.tanh(), |x| x[0].tanh(), places(|x| x.abs() <= 1e4)),
    ];
    operations.extend([
        in_stage4!("tan x", ["x"], |x| x[0].tan(), |x| x[0].tan(), places(|_| true)),
        in_stage4!("asin x", ["x"], |x| x[0].asin(), |x| x[0].asin(), places(|x| x.abs() < 1.0)),
        in_stage4!("acos x", ["x"], |x| x[0].acos(), |x| x[0].acos(), places(|x| x.abs() < 1.0)),
        in_stage4!("atan x", ["x"], |x| x[0].atan(), |x| x[0].atan(), places(|x| x.abs() < 1e154)),
        in_stage4!("sinh x", ["x"], |x| x[0].sinh(), |x| x[0].sinh(), places(|x| x.abs() <= 1e4)),
        in_stage4!("cosh x", ["x"], |x| x[0].cosh(), |x| x[0].cosh(), places(|x| x.abs() <= 1e4)),
        in_stage4!("tanh_slope", ["x"], |x| TANH_SLOPE.bind(&[&x[0].tanh(), &x[0]]), |x| { let sech = x[0].cosh().inv(); &sech * &sech }, places(|x| x.abs() <= 350.0)).first_order(),
        in_stage4!("cos_asin x", ["x"], |x| COS_ASIN.bind(&[&x[0]]), |x| x[0].asin().cos(), places(|x| x.abs() < 1.0)).first_order(),
        in_stage4!("exp_m1 x", ["x"], |x| x[0].exp_m1(), |x| x[0].exp_m1(), places(|x| x.abs() <= 1e4)),
        in_stage4!("ln_1p x", ["x"], |x| x[0].ln_1p(), |x| x[0].ln_1p(), places(|x| x > -1.0)),
        in_stage4!("abs x", ["x"], |x| x[0].abs(), |x| if x[0] < Big::ZERO { -&x[0] } else { x[0].clone() }, places(|x| x != 0.0)),
        in_stage4!("square x", ["x"], |x| x[0].square(), |x| &x[0] * &x[0], places(|x| x.abs() < 1e154)),
        in_stage4!("maximum", ["x", "y"], |x| x[0].maximum(&x[1]), |x| extremum(x, true), pairs(|x, y| x != y && x * y != 0.0)),
        in_stage4!("minimum", ["x", "y"], |x| x[0].minimum(&x[1]), |x| extremum(x, false), pairs(|x, y| x != y && x * y != 0.0)),
        in_stage4!("select", ["x", "y"], |x| select(&x[0].greater(&x[1]), &x[0], &x[1]), |x| extremum(x, true), pairs(|x, y| x != y && x * y != 0.0)),
        in_stage4!("sum", ["first", "last"], |x| stack(0, x).sum(), sum, positive_lists()),
        in_stage4!("mean", ["first", "last"], |x| stack(0, x).mean(), |x| sum(x) / count(x), positive_lists()),
        in_stage4!("prod", ["first", "last"], |x| stack(0, x).prod(), |x| x.iter().skip(1).fold(x[0].clone(), |y, x| y * x), lists()),
        in_stage4!("max", ["first", "last"], |x| stack(0, x).max(), |x| extremum(x, true), lists()),
        in_stage4!("min", ["first", "last"], |x| stack(0, x).min(), |x| extremum(x, false), lists()),
        in_stage4!("dot", ["first", "last"], |x| stack(0, x).dot(&stack(0, x)), squares, lists()),
        in_stage4!("logsumexp", ["first", "last"], |x| stack(0, x).logsumexp_axis(0), |x| exponentials(x).ln(), exponents()).within(4.0, 600.0),
        in_stage4!("softmax", ["first", "last"], |x| stack(0, x).softmax_axis(0).index(&[0]), |x| x[0].exp() / exponentials(x), exponents()).within(600.0, 600.0),
        in_stage4!("sigmoid x", ["x"], |x| x[0].sigmoid(), sigmoid, places(|x| x.abs() <= 1e4)).first_order(),
        in_stage4!("softplus x", ["x"], |x| x[0].softplus(), softplus, places(|x| x.abs() <= 1e4)),
        in_stage4!("relu x", ["x"], |x| x[0].relu(), |x| if x[0] < Big::ZERO { &x[0] * big(0.0, x[0].precision()) } else { x[0].clone() }, places(|x| x != 0.0)),
        in_stage4!("hypot", ["x", "y"], |x| x[0].hypot(&x[1]), norm, pairs(alike)),
        in_stage4!("atan2", ["y", "x"], |x| x[0].atan2(&x[1]), |x| x[0].atan2(&x[1]), pairs(alike)),
        in_stage4!("norm", ["first", "last"], |x| stack(0, x).norm(), norm, lengths()),
        in_stage4!("var", ["first", "last"], |x| stack(0, x).var(0.0), var, positive_lists()),
        in_stage4!("std", ["first", "last"], |x| stack(0, x).std(0.0), |x| var(x).sqrt(), positive_lists()),
    ]);
    operations
}

fn count(x: &[Big]) -> Big {
    big(x.len() as f64, x[0].precision())
}

fn sum(x: &[Big]) -> Big {
    x.iter().skip(1).fold(x[0].clone(), |sum, x| sum + x)
}

fn exponentials(x: &[Big]) -> Big {
    let exponentials: Vec<Big> = x.iter().map(Big::exp).collect();
    sum(&exponentials)
}

fn sigmoid(x: &[Big]) -> Big {
    let one = big(1.0, x[0].precision());
    &one / (&one + (-&x[0]).exp())
}

fn softplus(x: &[Big]) -> Big {
    (big(1.0, x[0].precision()) + x[0].exp()).ln()
}

fn squares(x: &[Big]) -> Big {
    sum(&x.iter().map(|x| x * x).collect::<Vec<_>>())
}

fn norm(x: &[Big]) -> Big {
    squares(x).sqrt()
}

fn var(x: &[Big]) -> Big {
    let mean = sum(x) / count(x);
    let errors: Vec<Big> = x.iter().map(|x| x - &mean).collect();
    squares(&errors) / count(x)
}

fn extremum(x: &[Big], largest: bool) -> Big {
    let better = |a: &Big, b: &Big| if largest { a > b } else { a < b };
    let best = x
        .iter()
        .reduce(|best, x| if better(x, best) { x } else { best });
    best.expect("an element").clone()
}

/// Places for functions of one number: subnormal, tiny, huge, and near 1 and the poles of the
/// tangent.
const MAGNITUDES: [f64; 42] = [
    5e-324,
    1e-310,
    f64::MIN_POSITIVE,
    1e-300,
    1e-160,
    1e-20,
    1e-8,
    1e-4,
    0.1,
    0.3,
    0.5,
    0.7,
    FRAC_PI_4,
    0.9,
    0.9999,
    1.0 - f64::EPSILON / 2.0,
    1.0,
    1.0 + f64::EPSILON,
    1.1,
    FRAC_PI_2,
    2.0,
    3.0,
    PI,
    5.0,
    10.0,
    18.0,
    19.1,
    30.0,
    100.0,
    300.0,
    370.0,
    700.0,
    709.5,
    745.0,
    1e4,
    1e8,
    1e10,
    1e22,
    1e100,
    1e155,
    1e300,
    f64::MAX,
];

/// Places for each of two numbers.
const COORDINATES: [f64; 10] = [1e-300, 1e-160, 1e-8, 0.1, 0.7, 1.0, 3.7, 1e8, 1e160, 1e300];

fn signed(magnitudes: &[f64]) -> Vec<f64> {
    let both = magnitudes.iter().flat_map(|&x| [x, -x]);
    both.chain([0.0]).collect()
}

/// Whether two numbers are so near that the reference needs no thousands of digits to see the smaller
/// one's square beside the larger one's.
fn alike(x: f64, y: f64) -> bool {
    (1e-9..1e9).contains(&(x / y).abs())
}

/// All places in a domain.
fn places(domain: fn(f64) -> bool) -> Vec<Vec<f64>> {
    let inside = signed(&MAGNITUDES).into_iter().filter(|&x| domain(x));
    inside.map(|x| vec![x]).collect()
}

/// All pairs in a domain.
fn pairs(domain: fn(f64, f64) -> bool) -> Vec<Vec<f64>> {
    let coordinates = signed(&COORDINATES);
    let mut pairs = Vec::new();
    for &x in &coordinates {
        let inside = coordinates.iter().filter(|&&y| domain(x, y));
        pairs.extend(inside.map(|&y| vec![x, y]));
    }
    pairs
}

/// Bases and exponents; the small exponents are those whose last digits are lost in y − 1.
fn powers() -> Vec<Vec<f64>> {
    let mut powers = Vec::new();
    for x in [
        1e-300,
        1e-160,
        0.1,
        1.0 + f64::EPSILON,
        2.0,
        10.0,
        1e100,
        1e300,
    ] {
        for y in [
            -10.0, -2.0, -1.0, -0.3, -1e-8, 1e-20, 0.1, 0.5, 1.0, 2.0, 3.7, 100.0,
        ] {
            powers.push(vec![x, y]);
        }
    }
    powers
}

/// Elements of one sign, whose sum loses no digits.
fn positive_lists() -> Vec<Vec<f64>> {
    let lists: [&[f64]; 5] = [
        &[0.1, 0.2, 0.3],
        &[1e-300, 5e-324, 3e-310],
        &[1e300, 1e280, 1e301],
        &[0.7, 1e16, 3.3, 0.1],
        &[2.5],
    ];
    lists.map(<[f64]>::to_vec).to_vec()
}

/// Elements of both signs and all sizes.
fn lists() -> Vec<Vec<f64>> {
    let lists: [&[f64]; 6] = [
        &[0.1, 0.5, -0.3],
        &[1e-300, -1e-20, 5e-324],
        &[1e10, 1e10 + 1.0],
        &[1e150, 2.0, -1e-150],
        &[3.0, 0.0, 5.0],
        &[2.5],
    ];
    lists.map(<[f64]>::to_vec).to_vec()
}

/// Elements whose squares would overflow or vanish, and others.
fn lengths() -> Vec<Vec<f64>> {
    let lists: [&[f64]; 5] = [
        &[0.1, 0.5, -0.3],
        &[1e200, 3e200, -2e199],
        &[1e-200, 3e-200],
        &[3.0, 0.0, 5.0],
        &[2.5],
    ];
    lists.map(<[f64]>::to_vec).to_vec()
}

/// Elements that would overflow without the largest taken out, and others.
fn exponents() -> Vec<Vec<f64>> {
    let lists: [&[f64]; 7] = [
        &[0.1, 0.5, -0.3],
        &[1000.0, 999.9, 998.0],
        &[-1000.0, -1000.5, -2000.0],
        &[-300.1, 300.3],
        &[0.1, 300.7, 20.3],
        &[1e6, 1e6 + 1.0],
        &[2.5],
    ];
    lists.map(<[f64]>::to_vec).to_vec()
}

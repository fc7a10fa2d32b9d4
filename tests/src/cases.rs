//! One table of named functions with numbers that are known from elsewhere.
//!
//! [`Case::source`] says where the numbers come from. Those marked *computed* come from an
//! independent implementation and were checked against central differences.

use std::f64::consts::{E, LN_2};

use crate::exam::number::{Number, Operators};

/// A function of some numbers, and what is known of it at one point.
pub struct Case<N> {
    /// What the case is called in reports.
    pub name: &'static str,
    /// Where the numbers come from.
    pub source: &'static str,
    /// The inputs' names and values.
    pub inputs: &'static [(&'static str, f64)],
    /// The function's value there.
    pub value: f64,
    /// Its gradient there.
    pub gradient: &'static [f64],
    /// How far off the stages may be, relative to the number.
    pub tolerance: f64,
    /// Whether the function has values on both sides of the point, for a finite difference.
    pub two_sided: bool,
    /// The function itself.
    pub function: fn(&[N]) -> N,
}

impl<N> Case<N> {
    /// The inputs' values.
    pub fn at(&self) -> Vec<f64> {
        self.inputs.iter().map(|(_, value)| *value).collect()
    }

    /// The case with numbers that are known less exactly.
    fn within(self, tolerance: f64) -> Case<N> {
        Case { tolerance, ..self }
    }

    /// The case at a point where the function ends, jumps or is vertical.
    fn one_sided(self) -> Case<N> {
        Case {
            two_sided: false,
            ..self
        }
    }
}

/// Makes a [`Case`] of an `N` from an expression over its inputs, which are references to numbers.
macro_rules! case {
    (
        $name:literal, $source:literal,
        ($($input:ident = $at:expr),+) => $body:expr,
        value: $value:expr, gradient: $gradient:expr $(,)?
    ) => {{
        fn function<N: Number>(inputs: &[N]) -> N
        where
            for<'a> &'a N: Operators<N>,
        {
            let [$($input),+] = inputs else { panic!("{} takes other inputs", $name) };
            $body
        }
        Case {
            name: $name,
            source: $source,
            inputs: &[$((stringify!($input), $at)),+],
            value: $value,
            gradient: &$gradient,
            tolerance: 1e-14,
            two_sided: true,
            function: function::<N>,
        }
    }};
}

/// The table.
pub fn cases<N: Number>() -> Vec<Case<N>>
where
    for<'a> &'a N: Operators<N>,
{
    let mut cases = Vec::new();
    cases.extend(expressions::<N>());
    cases.extend(each_operation::<N>());
    cases.extend(powers_at_the_edges::<N>());
    cases.extend(constants_and_control_flow::<N>());
    cases.extend(classics::<N>());
    cases
}

/// The operators in small expressions.
#[rustfmt::skip]
pub fn expressions<N: Number>() -> [Case<N>; 10]
where
    for<'a> &'a N: Operators<N>,
{
    [
        case!("(a + b) · (b · c)", "by hand",
            (a = 1.0, b = 2.0, c = 3.0) => (a + b) * (b * c),
            value: 18.0, gradient: [6.0, 15.0, 6.0]),
        case!("x · y + sin x", "computed",
            (x = 0.5, y = 4.2) => x * y + x.sin(),
            value: 2.579425538604203, gradient: [5.077582561890373, 0.5]),
        case!("b = a + a; b + b", "by hand",
            (a = 1.0) => { let b = a + a; &b + &b },
            value: 4.0, gradient: [4.0]),
        case!("a diamond, 20 times", "2^20",
            (a = 1.0) => doubled::<N>(20, a),
            value: 1048576.0, gradient: [1048576.0]),
        case!("a diamond, 1000 times", "2^1000",
            (a = 1.0) => doubled::<N>(1000, a),
            value: 1.0715086071862673e301, gradient: [1.0715086071862673e301]),
        case!("(x - y) / (x · y)", "by hand: 1/y - 1/x",
            (x = 2.0, y = 4.0) => (x - y) / (x * y),
            value: -0.25, gradient: [0.25, -0.0625]),
        case!("x / y · 1e200", "by hand; y² is infinite",
            (x = 1e200, y = 1e200) => x / y * 1e200,
            value: 1e200, gradient: [1.0, -1.0]),
        case!("-x - -(-y)", "by hand",
            (x = 2.0, y = 4.0) => -x - -(-y),
            value: -6.0, gradient: [-1.0, -1.0]),
        case!("((x + 2) · 3 - 4) / 5", "by hand",
            (x = 7.0) => ((x + 2.0) * 3.0 - 4.0) / 5.0,
            value: 4.6, gradient: [0.6]),
        case!("numbers on the left", "by hand: 2 + 3 - 4x + 5/x",
            (x = 2.0) => N::from(2.0) + (N::from(3.0) - N::from(4.0) * x) + N::from(5.0) / x,
            value: -0.5, gradient: [-5.25]),
    ]
}

/// Every operation once, at a point where nothing is special.
#[rustfmt::skip]
pub fn each_operation<N: Number>() -> [Case<N>; 11]
where
    for<'a> &'a N: Operators<N>,
{
    [
        case!("x / y", "by hand: 1/y, -x/y²",
            (x = 3.0, y = 4.0) => x / y,
            value: 0.75, gradient: [0.25, -0.1875]),
        case!("x^y", "by hand: y·x^(y-1), x^y·ln x",
            (x = 2.0, y = 3.0) => x.powf(y),
            value: 8.0, gradient: [12.0, 5.545177444479562]),
        case!("x^2", "by hand",
            (x = 3.0) => x.powf(&N::from(2.0)),
            value: 9.0, gradient: [6.0]),
        case!("2^y", "by hand: 2^y·ln 2",
            (y = 3.0) => N::from(2.0).powf(y),
            value: 8.0, gradient: [5.545177444479562]),
        case!("sin x", "cos x; sine and cosine of 1 from tables",
            (x = 1.0) => x.sin(),
            value: 0.8414709848078965, gradient: [0.5403023058681398]),
        case!("cos x", "-sin x; sine and cosine of 1 from tables",
            (x = 1.0) => x.cos(),
            value: 0.5403023058681398, gradient: [-0.8414709848078965]),
        case!("exp x", "e",
            (x = 1.0) => x.exp(),
            value: E, gradient: [E]),
        case!("ln x", "1/x",
            (x = 2.0) => x.ln(),
            value: LN_2, gradient: [0.5]),
        case!("sqrt x", "1/(2·sqrt x)",
            (x = 4.0) => x.sqrt(),
            value: 2.0, gradient: [0.25]),
        case!("tanh x", "1 - tanh² x, at ln 2: 3/5",
            (x = LN_2) => x.tanh(),
            value: 0.6, gradient: [0.64]),
        case!("(1 - e^-x) / (1 + e^-x)", "computed; it is tanh(x/2)",
            (x = 1.0) => squash::<N>(x),
            value: 0.46211715726000974, gradient: [0.393223866482964]),
    ]
}

/// Powers where a formula says 0 · ∞.
#[rustfmt::skip]
pub fn powers_at_the_edges<N: Number>() -> [Case<N>; 13]
where
    for<'a> &'a N: Operators<N>,
{
    [
        case!("x^0 at 0", "a constant",
            (x = 0.0) => x.powf(&N::from(0.0)),
            value: 1.0, gradient: [0.0]),
        case!("x^1 at 0", "the identity",
            (x = 0.0) => x.powf(&N::from(1.0)),
            value: 0.0, gradient: [1.0]),
        case!("x^2 at 0", "by hand",
            (x = 0.0) => x.powf(&N::from(2.0)),
            value: 0.0, gradient: [0.0]),
        case!("x^y at (0, 2)", "0^y is 0 for y > 0",
            (x = 0.0, y = 2.0) => x.powf(y),
            value: 0.0, gradient: [0.0, 0.0]).one_sided(),
        case!("0^y", "0 for y > 0",
            (y = 0.5) => N::from(0.0).powf(y),
            value: 0.0, gradient: [0.0]),
        case!("x^3 at -2", "a negative base with an integer power",
            (x = -2.0) => x.powf(&N::from(3.0)),
            value: -8.0, gradient: [12.0]),
        case!("x^-1 at 0", "1/x from above",
            (x = 0.0) => x.powf(&N::from(-1.0)),
            value: f64::INFINITY, gradient: [f64::NEG_INFINITY]).one_sided(),
        case!("x^-2 at 0", "1/x² from above",
            (x = 0.0) => x.powf(&N::from(-2.0)),
            value: f64::INFINITY, gradient: [f64::NEG_INFINITY]).one_sided(),
        case!("x^y at (1/2, ∞)", "0 all around",
            (x = 0.5, y = f64::INFINITY) => x.powf(y),
            value: 0.0, gradient: [0.0, 0.0]).one_sided(),
        case!("x^y at (∞, -1)", "1/x far out",
            (x = f64::INFINITY, y = -1.0) => x.powf(y),
            value: 0.0, gradient: [0.0, 0.0]).one_sided(),
        case!("x^y at (∞, 2)", "steeper and steeper",
            (x = f64::INFINITY, y = 2.0) => x.powf(y),
            value: f64::INFINITY, gradient: [f64::INFINITY, f64::INFINITY]).one_sided(),
        case!("x^0.5 at 0", "a vertical tangent",
            (x = 0.0) => x.powf(&N::from(0.5)),
            value: 0.0, gradient: [f64::INFINITY]).one_sided(),
        case!("sqrt x at 0", "a vertical tangent",
            (x = 0.0) => x.sqrt(),
            value: 0.0, gradient: [f64::INFINITY]).one_sided(),
    ]
}

/// Inputs that do not matter, functions that are constant in pieces, branches and loops.
#[rustfmt::skip]
pub fn constants_and_control_flow<N: Number>() -> [Case<N>; 11]
where
    for<'a> &'a N: Operators<N>,
{
    [
        case!("sin x, and y unused", "by hand",
            (x = 0.0, y = 3.0) => { let _ = y; x.sin() },
            value: 0.0, gradient: [1.0, 0.0]),
        case!("a constant", "by hand",
            (x = 1.0, y = 2.0) => { let _ = (x, y); N::from(5.0) },
            value: 5.0, gradient: [0.0, 0.0]),
        case!("one of the inputs", "by hand",
            (x = 1.0, y = 2.0) => { let _ = x; y.clone() },
            value: 2.0, gradient: [0.0, 1.0]),
        case!("2x + ln y at y = -1", "by hand; what is not a number stays on its side",
            (x = 1.0, y = -1.0) => x * 2.0 + y.ln(),
            value: f64::NAN, gradient: [2.0, -1.0]).one_sided(),
        case!("floor(x) · x · x", "by hand: 2·floor(x)·x",
            (x = 2.5) => x.floor() * x * x,
            value: 12.5, gradient: [10.0]),
        case!("sign(x) · x³", "by hand: 3·sign(x)·x²",
            (x = -2.0) => x.sign() * x * x * x,
            value: 8.0, gradient: [-12.0]),
        case!("if x > 0 { x² } else { -x }, at 3", "by hand",
            (x = 3.0) => if x.value() > 0.0 { x * x } else { -x },
            value: 9.0, gradient: [6.0]),
        case!("if x > 0 { x² } else { -x }, at -3", "by hand",
            (x = -3.0) => if x.value() > 0.0 { x * x } else { -x },
            value: 3.0, gradient: [-1.0]),
        case!("if x == 2 { x³ } else { x }", "by hand; equality compares values",
            (x = 2.0) => if x.value() == 2.0 { x * x * x } else { x.clone() },
            value: 8.0, gradient: [12.0]).one_sided(),
        case!("Newton's square root of 8", "the root's own derivative, 1 / (2·sqrt 8)",
            (x = 8.0) => newton_sqrt::<N>(x),
            value: 2.8284271247461903, gradient: [0.17677669529663687]),
        case!("x · x · x", "by hand",
            (x = 3.0) => x * x * x,
            value: 27.0, gradient: [27.0]),
    ]
}

/// References that other projects and books use.
#[rustfmt::skip]
pub fn classics<N: Number>() -> [Case<N>; 5]
where
    for<'a> &'a N: Operators<N>,
{
    [
        case!("x^x", "by hand: x^x·(ln x + 1)",
            (x = 2.0) => x.powf(x),
            value: 4.0, gradient: [6.772588722239782]),
        case!("Goldstein-Price", "computed; Goldstein and Price, 1971",
            (x = 1.0, y = 1.0) => goldstein_price::<N>(x, y),
            value: 1876.0, gradient: [-5376.0, 8064.0]),
        case!("Rosenbrock", "by hand; Rosenbrock, 1960",
            (x = 0.0, y = 2.0) => {
                let (a, b) = (-(x - 1.0), y - x * x);
                &a * &a + &b * &b * 100.0
            },
            value: 401.0, gradient: [-2.0, 400.0]),
        case!("micrograd's readme", "printed there, with four decimals",
            (a = -4.0, b = 2.0) => micrograd::<N>(a, b),
            value: 24.7041, gradient: [138.8338, 645.5773]).within(1e-6),
        case!("x⁴ - 2x²", "by hand: 4x³ - 4x",
            (x = 2.0) => { let square = x * x; &square * &square - &square * 2.0 },
            value: 8.0, gradient: [24.0]),
    ]
}

/// x + x, then the same with the sum, `times` times.
pub fn doubled<N: Number>(times: usize, x: &N) -> N
where
    for<'a> &'a N: Operators<N>,
{
    (0..times).fold(x.clone(), |x, _| &x + &x)
}

/// tanh(x/2), the way the first pages on automatic differentiation write it.
pub fn squash<N: Number>(x: &N) -> N
where
    for<'a> &'a N: Operators<N>,
{
    let e = (-x).exp();
    -(&e - 1.0) / (&e + 1.0)
}

/// Heron's method, written as Newton's for r² = x, until the root does not change any more.
fn newton_sqrt<N: Number>(x: &N) -> N
where
    for<'a> &'a N: Operators<N>,
{
    let mut root = x.clone();
    loop {
        let better = (&root + x / &root) / 2.0;
        if (better.value() - root.value()).abs() < 1e-14 {
            return better;
        }
        root = better;
    }
}

fn goldstein_price<N: Number>(x: &N, y: &N) -> N
where
    for<'a> &'a N: Operators<N>,
{
    let sum = x + y + 1.0;
    let first = x * x * 3.0 - x * 14.0 + x * y * 6.0 - y * 14.0 + y * y * 3.0 + 19.0;
    let difference = x * 2.0 - y * 3.0;
    let second = x * x * 12.0 - x * 32.0 - x * y * 36.0 + y * 48.0 + y * y * 27.0 + 18.0;
    (&sum * &sum * first + 1.0) * (&difference * &difference * second + 30.0)
}

fn micrograd<N: Number>(a: &N, b: &N) -> N
where
    for<'a> &'a N: Operators<N>,
{
    let relu = |x: N| if x.value() > 0.0 { x } else { N::from(0.0) };
    let mut c = a + b;
    let mut d = a * b + b.powf(&N::from(3.0));
    c = &c + (&c + 1.0);
    c = &c + (&c + 1.0 + -a);
    d = &d + (&d * 2.0 + relu(b + a));
    d = &d + (&d * 3.0 + relu(b - a));
    let e = c - d;
    let f = e.powf(&N::from(2.0));
    let g = &f / 2.0;
    g + N::from(10.0) / f
}

/// A function of one number, with its derivatives of several orders.
pub struct Curve<N> {
    /// What the curve is called in reports.
    pub name: &'static str,
    /// Where the numbers come from.
    pub source: &'static str,
    /// The point.
    pub at: f64,
    /// The value there, the derivative, the derivative's derivative, and so on.
    pub orders: &'static [f64],
    /// The function itself.
    pub function: fn(&N) -> N,
}

/// Makes a [`Curve`] of an `N` from an expression over its input, which is a reference to a number.
macro_rules! curve {
    ($name:literal, $source:literal, ($x:ident = $at:expr) => $body:expr, $orders:expr) => {{
        fn function<N: Number>($x: &N) -> N
        where
            for<'a> &'a N: Operators<N>,
        {
            $body
        }
        Curve {
            name: $name,
            source: $source,
            at: $at,
            orders: &$orders,
            function: function::<N>,
        }
    }};
}

/// The table of higher derivatives.
#[rustfmt::skip]
pub fn curves<N: Number>() -> Vec<Curve<N>>
where
    for<'a> &'a N: Operators<N>,
{
    vec![
        curve!("(1 - e^-x) / (1 + e^-x) at 1", "computed",
            (x = 1.0) => squash::<N>(x),
            [0.46211715726000974, 0.393223866482964, -0.181715495345897, -0.0706511610324713,
             0.247013722732786, -0.102083952249106, -0.566867817059244]),
        curve!("(1 - e^-x) / (1 + e^-x) at 0", "computed",
            (x = 0.0) => squash::<N>(x),
            [0.0, 0.5, 0.0, -0.25, 0.0, 0.5, 0.0]),
        curve!("tanh x at ln 2", "by hand: 1 - t², then by the chain rule, with t = 3/5",
            (x = LN_2) => x.tanh(),
            [0.6, 0.64, -0.768, 0.1024]),
        curve!("x · x · x", "by hand",
            (x = 3.0) => x * x * x,
            [27.0, 27.0, 18.0, 6.0, 0.0]),
        curve!("x^x", "by hand: x^x·(ln x + 1), x^x·((ln x + 1)² + 1/x)",
            (x = 2.0) => x.powf(x),
            [4.0, 6.772588722239782, 13.46698950015237]),
        curve!("x⁴ - 2x²", "by hand; Newton's method uses the first two",
            (x = 2.0) => { let square = x * x; &square * &square - &square * 2.0 },
            [8.0, 24.0, 44.0, 48.0, 24.0, 0.0]),
        curve!("x^2 at 0", "by hand",
            (x = 0.0) => x.powf(&N::from(2.0)),
            [0.0, 0.0, 2.0, 0.0]),
        curve!("x^1 at 0", "the identity",
            (x = 0.0) => x.powf(&N::from(1.0)),
            [0.0, 1.0, 0.0, 0.0]),
        curve!("x^3 at 0", "by hand",
            (x = 0.0) => x.powf(&N::from(3.0)),
            [0.0, 0.0, 0.0, 6.0, 0.0]),
        curve!("x^3 at -2", "by hand",
            (x = -2.0) => x.powf(&N::from(3.0)),
            [-8.0, 12.0, -12.0, 6.0]),
        curve!("floor(x) · x · x", "by hand: floor(x) is a constant",
            (x = 2.5) => x.floor() * x * x,
            [12.5, 10.0, 4.0, 0.0]),
        curve!("sign(x) · x³", "by hand: sign(x) is a constant",
            (x = -2.0) => x.sign() * x * x * x,
            [8.0, -12.0, 12.0, -6.0, 0.0]),
        curve!("the identity", "by hand",
            (x = 3.0) => x.clone(),
            [3.0, 1.0, 0.0, 0.0]),
        curve!("a constant", "by hand",
            (x = 3.0) => { let _ = x; N::from(5.0) },
            [5.0, 0.0, 0.0]),
        curve!("sin x", "cosine and sine in turn",
            (x = 1.0) => x.sin(),
            [0.8414709848078965, 0.5403023058681398, -0.8414709848078965, -0.5403023058681398,
             0.8414709848078965]),
        curve!("cos x", "sine and cosine in turn",
            (x = 1.0) => x.cos(),
            [0.5403023058681398, -0.8414709848078965, -0.5403023058681398, 0.8414709848078965]),
        curve!("1 / x", "by hand: ±n! / x^(n+1)",
            (x = 2.0) => N::from(1.0) / x,
            [0.5, -0.25, 0.25, -0.375, 0.75]),
        curve!("ln x", "by hand",
            (x = 2.0) => x.ln(),
            [LN_2, 0.5, -0.25, 0.25, -0.375]),
        curve!("sqrt x", "by hand",
            (x = 4.0) => x.sqrt(),
            [2.0, 0.25, -0.03125, 0.01171875]),
        curve!("exp(2x)", "by hand: 2^n·e^2x",
            (x = 0.0) => (x * 2.0).exp(),
            [1.0, 2.0, 4.0, 8.0, 16.0]),
        curve!("-x / (x - 3)", "by hand: -1 - 3/(x - 3)",
            (x = 4.0) => -x / (x - 3.0),
            [-4.0, 3.0, -6.0, 18.0]),
    ]
}

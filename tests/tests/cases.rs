//! Every case of the table, on every stage: against the table, the dual number and the finite
//! difference.

use tests::cases::{Case, Curve, cases, curves, squash};
use tests::diagnosis::{Report, Seen, examine};
use tests::dual::{self, Orders};
use tests::finite;
use tests::stages::{Nested, Stage};

/// A stage's operand, and where the table keeps the functions over it.
trait Table: Stage {
    fn function(case: &Case) -> fn(&[Self]) -> Self;
}

impl Table for stage1::Var {
    fn function(case: &Case) -> fn(&[Self]) -> Self {
        case.function.stage1
    }
}

impl Table for stage2::Container {
    fn function(case: &Case) -> fn(&[Self]) -> Self {
        case.function.stage2
    }
}

impl Table for stage3::Value {
    fn function(case: &Case) -> fn(&[Self]) -> Self {
        case.function.stage3
    }
}

impl Table for stage4::Value {
    fn function(case: &Case) -> fn(&[Self]) -> Self {
        case.function.stage4
    }
}

fn near(a: f64, b: f64, tolerance: f64) -> bool {
    finite::relative_error(a, b) <= tolerance
}

/// What the finite difference says; the table itself, where there is nothing on one side.
fn finite_gradient(case: &Case) -> Vec<f64> {
    match case.two_sided {
        true => finite::gradient(case.function.plain, &case.at()),
        false => case.gradient.to_vec(),
    }
}

/// Fails with the report of every gradient that is wrong.
fn every_case<S: Table>() {
    let mut reports = Vec::new();
    for case in cases() {
        let (value, gradient) = S::gradient(S::function(&case), &case.at());
        let dual = dual::gradient(case.function.dual, &case.at());
        let finite = finite_gradient(&case);
        for report in examine(
            S::NAME,
            case.name,
            case.inputs,
            1e-13,
            &gradient,
            &finite,
            &dual,
        ) {
            reports.push(report.to_string());
        }
        let known = || format!("{}: {} ({})", S::NAME, case.name, case.source);
        if !near(value, case.value, case.tolerance) {
            reports.push(format!("{}: value {value}, not {}", known(), case.value));
        }
        for (by, (&gradient, &expected)) in gradient.iter().zip(case.gradient).enumerate() {
            if !near(gradient, expected, case.tolerance) {
                let by = case.inputs[by].0;
                reports.push(format!("{}: by {by} {gradient}, not {expected}", known()));
            }
        }
    }
    assert!(reports.is_empty(), "{}", reports.join("\n\n"));
}

#[test]
fn the_judges_agree_with_the_table() {
    for case in cases() {
        let Case { name, .. } = case;
        let value = (case.function.plain)(&case.at());
        assert!(
            near(value, case.value, case.tolerance),
            "{name}: value {value}"
        );
        let dual = dual::gradient(case.function.dual, &case.at());
        for ((dual, finite), &known) in dual.iter().zip(finite_gradient(&case)).zip(case.gradient) {
            assert!(
                near(*dual, known, case.tolerance),
                "{name}: dual number {dual}, not {known}"
            );
            assert!(
                finite::close(finite, known),
                "{name}: finite difference {finite}, not {known}"
            );
        }
    }
}

#[test]
fn stage1_computes_every_case() {
    every_case::<stage1::Var>();
}

#[test]
fn stage2_computes_every_case() {
    every_case::<stage2::Container>();
}

#[test]
fn stage3_computes_every_case() {
    every_case::<stage3::Value>();
}

#[test]
fn stage4_computes_every_case() {
    every_case::<stage4::Value>();
}

/// Fails with the report of the first order that is wrong, for every curve.
fn every_curve<S: Nested>(function: fn(&Curve) -> fn(&S) -> S) {
    let mut reports = Vec::new();
    for curve in curves() {
        let f = function(&curve);
        let order = |order: usize, x: f64| S::derivative_of_order(order, &f, &S::from(x)).value();
        let dual = (curve.function.dual)(&Orders::input_at(curve.at));
        let wrong = |&number: &usize| !near(order(number, curve.at), curve.orders[number], 1e-13);
        if let Some(number) = (0..curve.orders.len()).find(wrong) {
            let report = Report {
                stage: S::NAME.to_owned(),
                operation: format!("{} ({})", curve.name, curve.source),
                inputs: vec![("x".to_owned(), curve.at.to_string())],
                by: 0,
                order: number,
                seen: Seen::Number {
                    gradient: order(number, curve.at),
                    finite: match number {
                        0 => (curve.function.plain)(&curve.at),
                        _ => finite::derivative(|x| order(number - 1, x), curve.at),
                    },
                    dual: dual.order(number),
                },
            };
            reports.push(report.to_string());
        }
    }
    assert!(reports.is_empty(), "{}", reports.join("\n\n"));
}

#[test]
fn the_judges_agree_with_the_curves_to_order_6() {
    for curve in curves() {
        let Curve { name, .. } = curve;
        let dual = (curve.function.dual)(&Orders::input_at(curve.at));
        for (order, &known) in curve.orders.iter().enumerate() {
            let dual = dual.order(order);
            assert!(
                near(dual, known, 1e-13),
                "{name}, order {order}: dual number {dual}"
            );
        }
        let slope = finite::derivative(|x| (curve.function.plain)(&x), curve.at);
        assert!(
            finite::close(slope, curve.orders[1]),
            "{name}: finite difference {slope}"
        );
    }
}

#[test]
fn stage3_computes_every_curve_to_order_6() {
    every_curve::<stage3::Value>(|curve| curve.function.stage3);
}

#[test]
fn stage4_computes_every_curve_to_order_6() {
    every_curve::<stage4::Value>(|curve| curve.function.stage4);
}

/// How high the curves of tanh(x/2) go in the picture of its first six derivatives.
const HEIGHTS: [f64; 6] = [
    0.49984536, 0.19242698, 0.24969080, 0.25495555, 0.49868631, 0.81501908,
];

/// 200 points from -7 to 7.
fn points() -> Vec<f64> {
    (0..200)
        .map(|point| -7.0 + 14.0 * f64::from(point) / 199.0)
        .collect()
}

fn has_height(order: usize, magnitudes: impl Iterator<Item = f64>) {
    let (height, known) = (magnitudes.fold(0.0, f64::max), HEIGHTS[order - 1]);
    assert!(
        (height - known).abs() < 6e-9,
        "order {order}: {height}, not {known}"
    );
}

#[test]
fn stage3_draws_tanh_with_orders_1_to_6_as_high_as_0_49984536_to_0_81501908() {
    use stage3::Value;
    for order in 1..=6 {
        let magnitude = |x: f64| {
            let slope = Value::derivative_of_order(order, &squash::<Value>, &Value::from(x));
            slope.value().abs()
        };
        has_height(order, points().into_iter().map(magnitude));
    }
}

#[test]
fn stage4_draws_tanh_with_orders_1_to_6_as_high_as_0_49984536_to_0_81501908() {
    use stage4::{Value, elementwise_grad};
    type Curve = Box<dyn Fn(&Value) -> Value>;
    let x = Value::from(ndarray::Array1::from(points()));
    let mut curve: Curve = Box::new(squash::<Value>);
    for order in 1..=6 {
        curve = Box::new(elementwise_grad(curve));
        has_height(order, curve(&x).array().into_iter().map(f64::abs));
    }
}

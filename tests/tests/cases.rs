//! Every case of the table, on every stage: against the table, the dual number and the finite
//! difference.

use tests::cases::{Case, Curve, cases, curves, squash};
use tests::diagnosis::{Report, Seen, examine};
use tests::dual::{self, Dual, Orders};
use tests::finite;
use tests::number::Operators;
use tests::stages::{Nested, Noted, Stage, on_a_tape};

/// A dual number of six levels, which carries the derivatives of orders 0 to 6.
type Dual6 = Dual<Dual<Dual<Dual<Dual<Dual<f64>>>>>>;

fn near(a: f64, b: f64, tolerance: f64) -> bool {
    finite::relative_error(a, b) <= tolerance
}

/// What the judges say of each case: its value, the dual numbers, and the finite differences, or the
/// table itself where there is nothing on one side.
fn judged() -> impl Iterator<Item = (f64, Vec<f64>, Vec<f64>)> {
    let plain_and_dual = cases::<f64>().into_iter().zip(cases::<Dual>());
    plain_and_dual.map(|(plain, dual)| {
        let finite = match plain.two_sided {
            true => finite::gradient(plain.function, &plain.at()),
            false => plain.gradient.to_vec(),
        };
        let value = (plain.function)(&plain.at());
        (value, dual::gradient(dual.function, &dual.at()), finite)
    })
}

/// Fails with the report of every gradient that is wrong.
fn every_case<S: Stage>()
where
    for<'a> &'a S: Operators<S>,
{
    let mut reports = Vec::new();
    for (case, (_, dual, finite)) in cases::<S>().into_iter().zip(judged()) {
        let (value, gradient) = S::gradient(case.function, &case.at());
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
    for (case, (value, dual, finite)) in cases::<f64>().into_iter().zip(judged()) {
        let Case { name, .. } = case;
        assert!(
            near(value, case.value, case.tolerance),
            "{name}: value {value}"
        );
        for ((dual, finite), &known) in dual.into_iter().zip(finite).zip(case.gradient) {
            assert!(
                near(dual, known, case.tolerance),
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

#[test]
fn stage5_computes_every_case() {
    every_case::<Noted>();
}

/// Fails with the report of the first order that is wrong, for every curve.
fn every_curve<S: Nested>()
where
    for<'a> &'a S: Operators<S>,
{
    let mut reports = Vec::new();
    let judges = curves::<f64>().into_iter().zip(curves::<Dual6>());
    for (curve, (plain, dual)) in curves::<S>().into_iter().zip(judges) {
        let f = curve.function;
        let order = |order: usize, x: f64| S::derivative_of_order(order, &f, &S::from(x)).value();
        let dual = (dual.function)(&Orders::input_at(curve.at));
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
                        0 => (plain.function)(&curve.at),
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
    for (plain, dual) in curves::<f64>().into_iter().zip(curves::<Dual6>()) {
        let Curve { name, .. } = plain;
        let dual = (dual.function)(&Orders::input_at(plain.at));
        for (order, &known) in plain.orders.iter().enumerate() {
            let dual = dual.order(order);
            assert!(
                near(dual, known, 1e-13),
                "{name}, order {order}: dual number {dual}"
            );
        }
        let slope = finite::derivative(|x| (plain.function)(&x), plain.at);
        assert!(
            finite::close(slope, plain.orders[1]),
            "{name}: finite difference {slope}"
        );
    }
}

#[test]
fn stage3_computes_every_curve_to_order_6() {
    every_curve::<stage3::Value>();
}

#[test]
fn stage4_computes_every_curve_to_order_6() {
    every_curve::<stage4::Value>();
}

/// On a tape of dual numbers the gradient is one more order than the numbers carry.
#[test]
fn stage5_computes_every_curve_to_order_6_on_a_tape_of_dual_numbers() {
    use stage5::Dual;
    type Dual5 = Dual<Dual<Dual<Dual<Dual>>>>;
    for curve in curves::<Noted>() {
        let (_, slope) = on_a_tape(|x| (curve.function)(&x[0]), &[Dual5::input_at(curve.at)]);
        for (order, &known) in curve.orders.iter().enumerate().skip(1) {
            let seen = slope[0].order(order - 1);
            let Curve { name, source, .. } = curve;
            assert!(
                near(seen, known, 1e-13),
                "{name} ({source}), order {order}: {seen}, not {known}"
            );
        }
    }
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

#[test]
fn stage5_draws_tanh_with_orders_1_to_6_as_high_as_0_49984536_to_0_81501908() {
    use stage5::Dual;
    type Dual5 = Dual<Dual<Dual<Dual<Dual>>>>;
    let slope = |x: f64| {
        let (_, slope) = on_a_tape(|x| squash::<Noted>(&x[0]), &[Dual5::input_at(x)]);
        slope[0]
    };
    for order in 1..=6 {
        let magnitude = |x: f64| slope(x).order(order - 1).abs();
        has_height(order, points().into_iter().map(magnitude));
    }
}

//! Random programs: what the steps come to is what each stage says itself, and two judges that share
//! nothing with the stages.

mod played;

use std::collections::BTreeMap;

use proptest::prelude::*;
use recorder::words::short;
use tests::dual::{self, Dual};
use tests::finite::relative_error;
use tests::program::{Step, run};
use tests::stages::{Nested, Stage};

use played::{Played, fails};

/// The program as text. Results that grow large are brought back by a sine, as [`run`] does it.
fn text(steps: &[Step], x: &[f64]) -> String {
    let mut values = x.to_vec();
    let mut names: Vec<String> = (0..x.len()).map(|input| format!("x{input}")).collect();
    let mut lines = String::new();
    for (number, step) in steps.iter().enumerate() {
        let name = |index: usize| &names[index % names.len()];
        let value = |index: usize| values[index % values.len()];
        let of_one = |x: usize, before: &str, after: &str, result: f64| {
            (format!("{before}{}{after}", name(x)), result)
        };
        let of_square = |x: usize, after: &str| format!("({0} * &{0} + 1){after}", name(x));
        let square = |x: usize| value(x) * value(x) + 1.0;
        let of_two =
            |x: usize, operator: &str, y: usize| format!("{} {operator} {}", name(x), name(y));
        let (expression, result) = match *step {
            Step::Add(x, y) => (of_two(x, "+", y), value(x) + value(y)),
            Step::Sub(x, y) => (of_two(x, "- &", y), value(x) - value(y)),
            Step::Mul(x, y) => (of_two(x, "*", y), value(x) * value(y)),
            Step::Div(x, y) => (
                format!("{} / {}", name(x), of_square(y, "")),
                value(x) / square(y),
            ),
            Step::Powf(x, y) => (
                of_square(x, &format!(".powf({}.tanh())", name(y))),
                square(x).powf(value(y).tanh()),
            ),
            Step::Neg(x) => of_one(x, "-", "", -value(x)),
            Step::Sin(x) => of_one(x, "", ".sin()", value(x).sin()),
            Step::Cos(x) => of_one(x, "", ".cos()", value(x).cos()),
            Step::Tanh(x) => of_one(x, "", ".tanh()", value(x).tanh()),
            Step::Exp(x) => of_one(x, "", ".tanh().exp()", value(x).tanh().exp()),
            Step::Ln(x) => (of_square(x, ".ln()"), square(x).ln()),
            Step::Sqrt(x) => (of_square(x, ".sqrt()"), square(x).sqrt()),
        };
        let large = result.abs() > 8.0;
        lines += &match large {
            true => format!("let t{number} = ({expression}).sin();\n"),
            false => format!("let t{number} = {expression};\n"),
        };
        values.push(if large { result.sin() } else { result });
        names.push(format!("t{number}"));
    }
    lines + names.last().expect("a program has inputs")
}

fn inputs(x: &[f64]) -> Vec<(String, String)> {
    let inputs = x.iter().enumerate();
    inputs
        .map(|(number, x)| (format!("x{number}"), x.to_string()))
        .collect()
}

fn program() -> impl Strategy<Value = (Vec<Step>, Vec<f64>)> {
    let step = (0..Step::KINDS, 0..100_usize, 0..100_usize);
    let step = step.prop_map(|(kind, x, y)| Step::new(kind, x, y));
    let steps = proptest::collection::vec(step, 1..8);
    (steps, proptest::collection::vec(-2.0..2.0_f64, 2))
}

/// The gradients that a recording ends with are those of the stage, which the judge confirms.
fn check_program<S: Stage>(steps: &[Step], x: &[f64]) -> Result<Played, TestCaseError>
where
    for<'a> &'a S: tests::number::Operators<S>,
{
    let text = text(steps, x);
    let played = fails(S::NAME, &text, &inputs(x), 1, "nothing").expect("it does not fail");
    let (value, gradient) = S::gradient(|x| run::<S>(steps, x), x);
    let duals = dual::gradient(|x| run::<Dual>(steps, x), x);
    for (by, (own, dual)) in gradient.into_iter().zip(duals).enumerate() {
        prop_assert!(relative_error(own, dual) < 1e-9);
        let input = played.input(by);
        prop_assert_eq!(played.node(input, "gradient"), short(own), "{}", text);
    }
    let last = played.output();
    prop_assert_eq!(played.node(last, "value"), short(value), "{}", text);
    Ok(played)
}

/// The sum of the contributions at the arrows of a node is its gradient.
fn check_sums(played: &Played) -> Result<(), TestCaseError> {
    let mut sums: BTreeMap<usize, f64> = BTreeMap::new();
    for (index, arrow) in played.recording.arrows.iter().enumerate() {
        // In stage 1 an arrow leads from an argument.
        let argument = arrow.from.min(arrow.to);
        let text = played.arrow(index, "contribution");
        if !text.is_empty() {
            *sums.entry(argument).or_default() += number(text);
        }
    }
    for (node, sum) in sums {
        let gradient = number(played.node(node, "gradient"));
        let close = (sum - gradient).abs() <= 1e-4 * sum.abs().max(gradient.abs()).max(1.0);
        prop_assert!(close, "node {}: {} and {}", node, sum, gradient);
    }
    Ok(())
}

fn number(text: &str) -> f64 {
    text.replace('−', "-").parse().expect("a number")
}

/// The nodes and the arrows, without their directions.
fn graph(played: &Played) -> (Vec<&str>, Vec<(usize, usize, usize)>) {
    let nodes = played
        .recording
        .nodes
        .iter()
        .map(|node| node.title.as_str());
    let arrows = played.recording.arrows.iter().map(|arrow| {
        let (from, to) = (arrow.from, arrow.to);
        (from.max(to), from.min(to), arrow.argnum)
    });
    let mut arrows: Vec<_> = arrows.collect();
    arrows.sort_unstable();
    (nodes.collect(), arrows)
}

/// A node is taken when it waits for no child, and passes its gradient on when it is complete.
fn check_order(played: &Played) -> Result<(), TestCaseError> {
    let recording = &played.recording;
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    let mut passed_on = Vec::new();
    let mut taken = Vec::new();
    for step in &recording.steps {
        for change in &step.set {
            if let (recorder::recording::Of::Node(node), "count") = (change.of, change.field) {
                counts.insert(node, change.text.parse().expect("a count"));
            }
        }
        let node = step.node.unwrap_or_default();
        match step.kind {
            "ready" => {
                prop_assert_eq!(counts.get(&node).copied().unwrap_or(0), 0);
                taken.push(node);
            }
            "rule" => passed_on.push(node),
            "added" => prop_assert!(!passed_on.contains(&node), "{:?}", step),
            _ => {}
        }
    }
    passed_on.dedup();
    let inner = taken.iter().copied().filter(|node| {
        let mut arrows = recording.arrows.iter();
        arrows.any(|arrow| arrow.from == *node && played.is_shown(arrow.to))
    });
    prop_assert_eq!(passed_on, inner.collect::<Vec<_>>());
    Ok(())
}

/// The second and the third derivative in the first input.
fn check_orders<S: Nested>(steps: &[Step], x: &[f64]) -> Result<(), TestCaseError>
where
    for<'a> &'a S: tests::number::Operators<S>,
{
    let text = text(steps, x);
    let along_first = |first: &S| {
        let mut inputs: Vec<S> = x.iter().copied().map(S::from).collect();
        inputs[0] = first.clone();
        run::<S>(steps, &inputs)
    };
    for order in [2, 3] {
        let own = S::derivative_of_order(order, &along_first, &S::from(x[0])).value();
        let Some(played) = fails(S::NAME, &text, &inputs(x), order, "nodes; at most 300") else {
            continue;
        };
        let shown = number(played.node(played.input(0), "gradient"));
        // All inputs are boxed here, and the other way round of a sum may round differently.
        prop_assert!(
            relative_error(shown, own) < 1e-4,
            "{}: {} and {}",
            text,
            shown,
            own
        );
        if order == 2 {
            let mut duals: Vec<Dual<Dual>> = x.iter().copied().map(Dual::from).collect();
            duals[0] = dual::Orders::input_at(x[0]);
            let judge = dual::Orders::order(&run::<Dual<Dual>>(steps, &duals), 2);
            prop_assert!(relative_error(shown, judge) < 1e-4);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_steps_come_to_what_the_stages_say((steps, x) in program()) {
        let first = check_program::<stage1::Var>(&steps, &x)?;
        let second = check_program::<stage2::Container>(&steps, &x)?;
        let third = check_program::<stage3::Value>(&steps, &x)?;
        let fourth = check_program::<stage4::Value>(&steps, &x)?;
        for played in [&first, &second, &third, &fourth] {
            check_sums(played)?;
            // So that everything can be at the same place on all stages.
            prop_assert_eq!(graph(played), graph(&first));
        }
        for played in [&second, &third, &fourth] {
            check_order(played)?;
        }
    }
}

proptest! {
    // Their graphs are large.
    #![proptest_config(ProptestConfig { cases: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn higher_derivatives_come_to_what_the_stages_say((steps, x) in program()) {
        let steps = &steps[..steps.len().min(3)];
        check_orders::<stage3::Value>(steps, &x)?;
        check_orders::<stage4::Value>(steps, &x)?;
    }
}

//! Random programs with sharing, on every stage: the judges agree with the stages, and the stages
//! agree with each other.

use proptest::prelude::*;
use tests::dual::{self, Dual, Orders};
use tests::finite::{self, relative_error};
use tests::program::{Step, run};
use tests::stages::{Nested, Noted, Stage, on_a_tape};

fn programs() -> impl Strategy<Value = Vec<Step>> {
    let any_step = (0..Step::KINDS, any::<usize>(), any::<usize>());
    let step = any_step.prop_map(|(kind, x, y)| Step::new(kind, x, y));
    prop::collection::vec(step, 1..40)
}

fn points() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-2.0..2.0, 1..5)
}

/// Whether a stage's gradient equals that of the dual numbers, up to rounding.
fn agrees<S: Stage>(
    program: impl FnOnce(&[S]) -> S,
    x: &[f64],
    value: f64,
    dual: &[f64],
) -> Result<(), TestCaseError> {
    let (own, gradient) = S::gradient(program, x);
    prop_assert_eq!(own, value, "{}", S::NAME);
    for (by, (&gradient, &dual)) in gradient.iter().zip(dual).enumerate() {
        let error = relative_error(gradient, dual);
        prop_assert!(
            error < 1e-9,
            "{} by {by}: {gradient}, dual number {dual}",
            S::NAME
        );
    }
    Ok(())
}

/// On a tape of dual numbers, the gradient carries its own derivative.
fn second_on_a_tape(steps: &[Step], x: &[f64]) -> f64 {
    let mut inputs: Vec<stage5::Dual> = x.iter().copied().map(stage5::Dual::from).collect();
    inputs[0] = stage5::Dual::input(x[0]);
    let (_, gradient) = on_a_tape(|x| run::<Noted>(steps, x), &inputs);
    gradient[0].slope
}

fn second<S: Nested>(program: impl Fn(&[S]) -> S, x: &[f64]) -> f64 {
    let along_first = |first: &S| {
        let mut inputs: Vec<S> = x.iter().copied().map(S::from).collect();
        inputs[0] = first.clone();
        program(&inputs)
    };
    S::derivative_of_order(2, &along_first, &S::from(x[0])).value()
}

proptest! {
    // Failures are not stored: the program is printed, and the next run draws others.
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_stage_agrees_with_dual_numbers(steps in programs(), x in points()) {
        let value = run::<f64>(&steps, &x);
        let dual = dual::gradient(|x| run::<Dual>(&steps, x), &x);
        agrees::<stage1::Var>(|x| run::<stage1::Var>(&steps, x), &x, value, &dual)?;
        agrees::<stage2::Container>(|x| run::<stage2::Container>(&steps, x), &x, value, &dual)?;
        agrees::<stage3::Value>(|x| run::<stage3::Value>(&steps, x), &x, value, &dual)?;
        agrees::<stage4::Value>(|x| run::<stage4::Value>(&steps, x), &x, value, &dual)?;
        agrees::<Noted>(|x| run::<Noted>(&steps, x), &x, value, &dual)?;
    }

    #[test]
    fn dual_numbers_agree_with_finite_differences(steps in programs(), x in points()) {
        let dual = dual::gradient(|x| run::<Dual>(&steps, x), &x);
        for (by, dual) in dual.into_iter().enumerate() {
            let along = |moved: f64| {
                let mut x = x.clone();
                x[by] = moved;
                run::<f64>(&steps, &x)
            };
            if let Some(finite) = finite::trusted(along, x[by]) {
                let error = relative_error(dual, finite);
                prop_assert!(error < 1e-4, "by {by}: {dual}, finite difference {finite}");
            }
        }
    }

    #[test]
    fn second_derivatives_agree_with_nested_dual_numbers(steps in programs(), x in points()) {
        let mut inputs: Vec<Dual<Dual>> = x.iter().copied().map(Dual::from).collect();
        inputs[0] = Orders::input_at(x[0]);
        let dual = run::<Dual<Dual>>(&steps, &inputs).order(2);
        for (name, second) in [
            ("stage3", second::<stage3::Value>(|x| run::<stage3::Value>(&steps, x), &x)),
            ("stage4", second::<stage4::Value>(|x| run::<stage4::Value>(&steps, x), &x)),
            ("stage5", second_on_a_tape(&steps, &x)),
        ] {
            let error = relative_error(second, dual);
            prop_assert!(error < 1e-8, "{name}: {second}, dual number {dual}");
        }
    }
}

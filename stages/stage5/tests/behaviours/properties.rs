//! Every operation on a tape at random points, against finite differences and dual numbers, and in
//! both ways of recording.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stage5::{Dual, Number, Var, gradient, hessian_vector};

/// Writes each operation once, for numbers and for variables.
macro_rules! for_each_operation {
    ($x:ident, $y:ident => $($name:literal: $expression:expr;)*) => {
        /// The operations on numbers of any kind.
        fn numbers<T: Number>() -> Vec<(&'static str, fn(T, T) -> T)> {
            vec![$(($name, |$x: T, $y: T| { let _ = $y; $expression })),*]
        }

        /// The same operations on variables of a tape of any numbers.
        fn recorded<'t, T: Number>($x: Var<'t, T>, $y: Var<'t, T>) -> Vec<Var<'t, T>> {
            vec![$($expression.record()),*]
        }
    };
}

for_each_operation! { x, y =>
    "x + y": x + y;
    "x - y": x - y;
    "x * y": x * y;
    "x / y": x / y;
    "-x": -x;
    "x + 2": x + 2.0;
    "x - 2": x - 2.0;
    "x * 2": x * 2.0;
    "x / 2": x / 2.0;
    "x^y": x.powf(y);
    "x^0": x.powi(0);
    "x^1": x.powi(1);
    "x^3": x.powi(3);
    "x^-2": x.powi(-2);
    "sin x": x.sin();
    "cos x": x.cos();
    "exp x": x.exp();
    "ln x": x.ln();
    "sqrt x": x.sqrt();
    "tanh x": x.tanh();
    "exp x - 1": x.exp_m1();
    "ln (1 + x)": x.ln_1p();
    "|x|": x.abs();
    "max": x.max(y);
    "min": x.min(y);
    "hypot": x.hypot(y);
    "atan2": x.atan2(y);
}

fn relative_error(seen: f64, expected: f64) -> f64 {
    (seen - expected).abs() / seen.abs().max(expected.abs()).max(1.0)
}

/// A fourth-order difference.
fn difference(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    let step = 1e-3;
    let slope = |step: f64| (f(x + step) - f(x - step)) / (2.0 * step);
    (4.0 * slope(step / 2.0) - slope(step)) / 3.0
}

/// The gradient of one of the operations.
fn slopes(number: usize, x: f64, y: f64) -> (f64, Vec<f64>) {
    gradient(|v| recorded(v[0], v[1])[number], &[x, y])
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64, failure_persistence: None, rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn each_operation_has_the_slopes_of_finite_differences_and_dual_numbers(
        (x, y) in (0.2..3.0, 0.2..3.0)
    ) {
        // A difference across the place where both are equal sees both sides of it.
        prop_assume!(f64::abs(x - y) > 0.01);
        let duals = numbers::<Dual>();
        for (number, (name, f)) in numbers::<f64>().into_iter().enumerate() {
            let (value, slopes) = slopes(number, x, y);
            prop_assert_eq!(value, f(x, y), "{}", name);
            let (_, dual) = duals[number];
            let by_x = dual(Dual::input(x), Dual::constant(y));
            let by_y = dual(Dual::constant(x), Dual::input(y));
            prop_assert_eq!((by_x.value, by_y.value), (value, value), "{}", name);
            prop_assert_eq!(&slopes, &[by_x.slope, by_y.slope], "{}", name);
            let differences = [difference(|x| f(x, y), x), difference(|y| f(x, y), y)];
            for (slope, difference) in slopes.into_iter().zip(differences) {
                let error = relative_error(slope, difference);
                prop_assert!(error < 1e-5, "{name}: {slope}, by differences {difference}");
            }
        }
    }

    #[test]
    fn each_operation_has_the_second_derivatives_of_differences_of_its_slopes(
        (x, y) in (0.2..3.0, 0.2..3.0)
    ) {
        prop_assume!(f64::abs(x - y) > 0.01);
        for (number, (name, _)) in numbers::<f64>().into_iter().enumerate() {
            let second = |direction: [f64; 2]| {
                hessian_vector(|v| recorded(v[0], v[1])[number], &[x, y], &direction).1
            };
            let (by_x, by_y) = (second([1.0, 0.0]), second([0.0, 1.0]));
            for by in 0..2 {
                let along_x = difference(|x| slopes(number, x, y).1[by], x);
                let along_y = difference(|y| slopes(number, x, y).1[by], y);
                prop_assert!(relative_error(by_x[by], along_x) < 1e-5, "{name}: {by_x:?}, {along_x}");
                prop_assert!(relative_error(by_y[by], along_y) < 1e-5, "{name}: {by_y:?}, {along_y}");
            }
        }
    }

    #[test]
    fn one_entry_for_an_expression_has_the_gradient_of_an_entry_for_each_operation(
        x in prop::collection::vec(0.2..3.0, 3)
    ) {
        let (value, slopes) = gradient(|v| {
            let (x, y, z) = (v[0], v[1], v[2]);
            let entry = (x * y + (x - z).sin() * 2.0 / y.exp() - x.powf(z)).record();
            assert_eq!(entry.entry(), 3, "one entry after three inputs");
            entry
        }, &x);
        let (single, single_slopes) = gradient(|v| {
            let (x, y, z) = (v[0], v[1], v[2]);
            let product = (x * y).record();
            let sine = ((x - z).record().sin().record() * 2.0).record();
            let quotient = (sine / y.exp().record()).record();
            let sum = (product + quotient).record();
            (sum - x.powf(z).record()).record()
        }, &x);
        prop_assert_eq!(value, single);
        for (whole, single) in slopes.iter().zip(&single_slopes) {
            prop_assert!(relative_error(*whole, *single) < 1e-14, "{slopes:?}, {single_slopes:?}");
        }
    }

    #[test]
    fn a_hessian_vector_product_is_the_difference_of_gradients(
        x in prop::collection::vec(-2.0..2.0, 3),
        direction in prop::collection::vec(-1.0..1.0, 3),
    ) {
        fn f<'t, T: Number>(x: &[Var<'t, T>]) -> Var<'t, T> {
            (x[0] * x[1].sin() + (x[2] * x[0]).tanh() * x[1].powi(3)).record()
        }
        let (slopes, product) = hessian_vector(f, &x, &direction);
        prop_assert_eq!(&slopes, &gradient(f, &x).1);
        for (by, product) in product.into_iter().enumerate() {
            let along = |step: f64| {
                let moved = x.iter().zip(&direction).map(|(x, along)| x + step * along);
                gradient(f, &moved.collect::<Vec<_>>()).1[by]
            };
            let difference = difference(along, 0.0);
            prop_assert!(relative_error(product, difference) < 1e-5, "{product}, {difference}");
        }
    }
}

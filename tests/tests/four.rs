//! Four numbers at once on the tape of stage 5: each is treated as if it were alone.

use pretty_assertions::assert_eq;
use proptest::prelude::*;
use stage5::{Edge, Number, Tape, Var, gradient};
use tests::four::Four;
use tests::panics::refused;

/// Every operation whose rule does not compare.
fn function<'t, T: Number>(x: &[Var<'t, T>]) -> Var<'t, T> {
    let trace = x[0].trace();
    let product = (x[0] * x[1] / (x[2].powi(2) + 1.0)).record();
    let roots = (x[1].exp().sqrt() - x[2].exp_m1().ln_1p() + x[0].exp().ln()).record();
    let waves = (2.0 * x[0].sin() - -(x[1].cos()) + x[2].tanh()).record();
    let sum = trace.sum(x.iter().map(|x| x.powi(3)));
    (trace.dot(&[product, roots], &[waves, sum]) / 3.0 - x[0]).record()
}

proptest! {
    // Failures are not stored: the numbers are printed, and the next run draws others.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_of_the_four_has_the_value_and_the_gradient_that_it_has_alone(
        points in prop::array::uniform4(prop::array::uniform3(-2.0..2.0)),
    ) {
        let x = [0, 1, 2].map(|input| Four(points.map(|point| point[input])));
        let (value, slopes) = Tape::new().gradient(function, &x);
        for (i, point) in points.iter().enumerate() {
            let alone = gradient(function, point);
            assert_eq!((value.0[i], slopes.iter().map(|slope| slope.0[i]).collect()), alone);
        }
    }

    #[test]
    fn functions_of_two_numbers_take_those_at_the_same_place(
        x in prop::array::uniform4(0.1..2.0),
        y in prop::array::uniform4(0.1..2.0),
    ) {
        type Function<T> = fn(T, T) -> T;
        let functions: [(Function<Four>, Function<f64>); 5] = [
            (Number::powf, f64::powf),
            (Number::max, f64::max),
            (Number::min, f64::min),
            (Number::hypot, f64::hypot),
            (Number::atan2, f64::atan2),
        ];
        for (i, (four, one)) in functions.into_iter().enumerate() {
            let alone = [0, 1, 2, 3].map(|place| one(x[place], y[place]));
            assert_eq!(four(Four(x), Four(y)).0, alone, "function {i}");
        }
    }
}

#[test]
fn four_edges_become_one_and_plain_numbers_make_none() {
    Tape::new().open(|trace| {
        let x = trace.input(Four::from(3.0));
        let factors = Four([1.0, 2.0, 3.0, 4.0]);
        _ = (x * factors + factors).record();
        let (child, parent, weight) = (1, 0, factors);
        let edge = Edge {
            child,
            parent,
            weight,
        };
        assert_eq!(trace.edges(), [edge]);
    });
    assert_eq!((4 * size_of::<Edge>(), size_of::<Edge<Four>>()), (64, 40));
}

#[test]
fn what_has_to_decide_is_refused() {
    type Function = for<'t> fn(Var<'t, Four>, Var<'t, Four>) -> Var<'t, Four>;
    let functions: [Function; 7] = [
        |x, _| x.abs().record(),
        |x, y| x.max(y).record(),
        |x, y| x.min(y).record(),
        |x, y| x.powf(y).record(),
        |x, y| x.hypot(y).record(),
        |x, y| x.atan2(y).record(),
        |x, y| if x < y { x } else { y },
    ];
    let parts = ["`Four::value`: expected one number"];
    for function in functions {
        refused(&parts, || {
            let inputs = [Four([1.0, 2.0, 3.0, 4.0]); 2];
            Tape::new().gradient(|x| function(x[0], x[1]), &inputs);
        });
    }
}

#[test]
fn a_gradient_of_0_is_left_out_beside_others_that_are_not() {
    let (_, slopes) = Tape::new().gradient(
        |x| (x[0].sqrt().record() * x[1]).record(),
        &[Four([0.0; 4]), Four([0.0, 1.0, 2.0, 3.0])],
    );
    let [alone, others @ ..] = slopes[0].0;
    assert_eq!((alone, others), (0.0, [f64::INFINITY; 3]));
}

//! Random shapes that broadcast: every gradient has the shape of its input, and every number in it
//! is the finite difference.

use ndarray::{ArrayD, IxDyn};
use proptest::prelude::*;
use stage4::ops::select;
use stage4::{Value, value_and_grads};
use tests::finite;
use tests::workloads::numbers;

/// Two shapes of rank 0 to 3 that broadcast against each other: what is left of a common shape
/// when leading axes are dropped and some of the others have length 1.
fn shapes() -> impl Strategy<Value = [Vec<usize>; 2]> {
    let common = prop::collection::vec(1..4_usize, 0..4);
    let cut = || (0..4_usize, prop::collection::vec(any::<bool>(), 3));
    (common, cut(), cut()).prop_map(|(common, left, right)| {
        [left, right].map(|(dropped, single)| {
            let axes = common.iter().zip(single);
            let lengths = axes.map(|(&length, single)| if single { 1 } else { length });
            lengths.skip(dropped).collect()
        })
    })
}

type Operation = fn(&Value, &Value) -> Value;

/// Operations of two arguments. Differences of the arguments stay away from ties and zeros.
fn operations() -> [(&'static str, Operation); 9] {
    [
        ("add", |x, y| x + y),
        ("sub", |x, y| x - y),
        ("mul", |x, y| x * y),
        ("div", |x, y| x / (y * y + 1.0)),
        ("powf", |x, y| (x * x + 1.0).powf(y)),
        ("maximum", |x, y| x.maximum(y)),
        ("minimum", |x, y| x.minimum(y)),
        ("select", |x, y| select(&x.greater(0.1), x, y)),
        ("select by y", |x, y| select(&y.greater(0.1), 2.0, x)),
    ]
}

fn array(shape: &[usize], elements: &[f64]) -> Value {
    Value::from(ArrayD::from_shape_vec(IxDyn(shape), elements.to_vec()).expect("they fit"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn gradients_have_their_inputs_shape_and_the_finite_differences_numbers(
        [left, right] in shapes(),
    ) {
        let lengths = [&left, &right].map(|shape| shape.iter().product::<usize>());
        let elements = numbers(lengths[0] + lengths[1]);
        for (name, operation) in operations() {
            // Each element of the result counts differently, so that none can stand in for another.
            let f = |x: &[Value]| {
                let result = operation(&x[0], &x[1]);
                let length = result.shape().iter().product();
                let weights = (1..=length).map(|i| i as f64).collect::<Vec<_>>();
                (&result * array(result.shape(), &weights)).sum()
            };
            let split = |elements: &[f64]| {
                let (x, y) = elements.split_at(lengths[0]);
                [array(&left, x), array(&right, y)]
            };
            let (_, gradients) = value_and_grads(f, &split(&elements));
            prop_assert_eq!(gradients[0].shape(), &left, "{}, first argument", name);
            prop_assert_eq!(gradients[1].shape(), &right, "{}, second argument", name);
            let claimed = gradients.iter().flat_map(|gradient| gradient.array());
            let claimed: Vec<f64> = claimed.collect();
            let plain = |x: &[f64]| f(&split(x)).value();
            let checked = finite::check(plain, &elements, &claimed);
            prop_assert!(checked.is_ok(), "{name}: {}", checked.unwrap_err());
        }
    }

    #[test]
    fn second_derivatives_have_the_finite_differences_numbers([left, right] in shapes()) {
        let lengths = [&left, &right].map(|shape| shape.iter().product::<usize>());
        let elements = numbers(lengths[0] + lengths[1]);
        let split = |elements: &[f64]| {
            let (x, y) = elements.split_at(lengths[0]);
            [array(&left, x), array(&right, y)]
        };
        let f = |x: &[Value]| ((&x[0] * &x[1]).tanh() * (&x[0] - &x[1]).exp()).sum();
        // The squared length of the gradient depends on every second derivative.
        let length = |x: &[Value]| {
            let (_, gradients) = value_and_grads(f, x);
            (&gradients[0] * &gradients[0]).sum() + (&gradients[1] * &gradients[1]).sum()
        };
        let (_, gradients) = value_and_grads(length, &split(&elements));
        prop_assert_eq!(gradients[0].shape(), &left);
        prop_assert_eq!(gradients[1].shape(), &right);
        let claimed: Vec<f64> = gradients.iter().flat_map(|gradient| gradient.array()).collect();
        let checked = finite::check(|x| length(&split(x)).value(), &elements, &claimed);
        prop_assert!(checked.is_ok(), "{}", checked.unwrap_err());
    }
}

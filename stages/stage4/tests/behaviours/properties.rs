//! Random shapes and slices: gradients against central differences, and the linear operations
//! against their transposes.

use ndarray::Slice;
use proptest::prelude::*;
use proptest::sample::subsequence;
use proptest::test_runner::RngSeed;
use stage4::{Value, vector_jacobian};

use crate::check::{arbitrary, check};

/// ⟨x, y⟩, the sum of the products of all elements.
fn inner(x: &Value, y: &Value) -> f64 {
    (x * y).sum().value()
}

/// Checks that `f` is linear, and that its pull-back is its transpose: ⟨f(x), g⟩ = ⟨x, pull(g)⟩.
fn check_transpose(
    f: impl Fn(&Value) -> Value,
    shape: &[usize],
    salt: u32,
) -> Result<(), TestCaseError> {
    let x = arbitrary(shape, salt);
    let (value, pull_back) = vector_jacobian(&f, &x);
    let seed = arbitrary(value.shape(), salt + 1);
    let gradient = pull_back(&seed);
    prop_assert_eq!(gradient.shape(), shape);
    let (forward, backward) = (inner(&value, &seed), inner(&x, &gradient));
    prop_assert!(
        (forward - backward).abs() < 1e-9,
        "{forward} is not {backward}"
    );
    // The transpose of the transpose is the function itself.
    let (_, push_forward) = vector_jacobian(|seed| vector_jacobian(&f, &x).1(seed), &seed);
    prop_assert_eq!(push_forward(&x).array(), value.array());
    Ok(())
}

fn shape(rank: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1..4_usize, rank)
}

/// A shape, and two that broadcast to it, at least together.
fn broadcastable() -> impl Strategy<Value = (Vec<usize>, Vec<usize>)> {
    let axis = (1..4_usize, 0..3);
    (prop::collection::vec(axis, 0..4), 0..3_usize, 0..3_usize).prop_map(
        |(axes, drop_x, drop_y)| {
            let side = |other: i32, drop: usize| -> Vec<usize> {
                let lengths = axes
                    .iter()
                    .map(|&(length, who)| if who == other { 1 } else { length });
                lengths.skip(drop.min(axes.len())).collect()
            };
            // One of the two has all axes.
            (
                side(0, drop_x * (drop_y % 2)),
                side(1, drop_y * ((drop_y + 1) % 2)),
            )
        },
    )
}

/// A shape, one of its axes, and a slice of that.
fn sliced() -> impl Strategy<Value = (Vec<usize>, usize, Slice)> {
    let step = prop_oneof![-3..0_isize, 1..4_isize];
    let ends = (0..6_usize, 0..6_usize, prop::bool::ANY, prop::bool::ANY);
    (
        prop::collection::vec(0..6_usize, 1..=3),
        0..3_usize,
        ends,
        step,
    )
        .prop_map(|(shape, axis, (start, end, from_end, open), step)| {
            let axis = axis % shape.len();
            let length = shape[axis];
            let (start, end) = (start.min(length), end.min(length));
            let start = start as isize
                - if from_end && start < length {
                    length as isize
                } else {
                    0
                };
            let end = (!open).then_some(end as isize);
            (shape, axis, Slice { start, end, step })
        })
}

proptest! {
    // The same inputs each time, and nothing is kept of a failure but what it prints.
    #![proptest_config(ProptestConfig {
        cases: 64, failure_persistence: None, rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn gradients_of_broadcast_operations_agree_with_central_differences(
        (x, y) in broadcastable(), salt in 0..1000_u32, which in 0..5,
    ) {
        let f = |p: &[Value]| match which {
            0 => &p[0] + &p[1],
            1 => &p[0] - &p[1] * &p[1],
            2 => &p[0] * &p[1],
            3 => &p[0] / &p[1],
            _ => p[0].powf(&p[1]),
        };
        let verdict = check(&f, &[arbitrary(&x, salt), arbitrary(&y, salt + 1)]);
        prop_assert!(verdict.is_ok(), "{verdict:?} for {x:?} and {y:?}");
    }

    #[test]
    fn padding_is_the_transpose_of_slicing((shape, axis, slice) in sliced(), salt in 0..1000_u32) {
        check_transpose(|x| x.slice_axis(axis, slice), &shape, salt)?;
    }

    #[test]
    fn a_part_read_written_back_is_the_same((shape, axis, slice) in sliced(), salt in 0..1000_u32) {
        let x = arbitrary(&shape, salt);
        let part = x.slice_axis(axis, slice);
        let same = x.with_slice_axis(axis, slice, &part);
        prop_assert_eq!(same.array(), x.array());
        // Another part is what is read again, and it alone gets the gradient there.
        let other = arbitrary(part.shape(), salt + 1);
        let written = x.with_slice_axis(axis, slice, &other);
        prop_assert_eq!(written.slice_axis(axis, slice).array(), other.array());
        let ones = x.ones();
        let (_, pull_back) = vector_jacobian(|part| x.with_slice_axis(axis, slice, part), &other);
        prop_assert_eq!(pull_back(&ones).array(), other.ones().array());
        let (_, pull_back) = vector_jacobian(|x| x.with_slice_axis(axis, slice, &other), &x);
        let left = (x.array().len() - other.array().len()) as f64;
        prop_assert_eq!(pull_back(&ones).sum().value(), left);
    }

    #[test]
    fn scattering_is_the_transpose_of_taking(
        shape in shape(1..=3), axis in 0..3_usize, places in prop::collection::vec(0..6_usize, 0..6),
        salt in 0..1000_u32,
    ) {
        let axis = axis % shape.len();
        let places: Vec<usize> = places.iter().map(|place| place % shape[axis]).collect();
        check_transpose(|x| x.take(axis, &places), &shape, salt)?;
    }

    #[test]
    fn summing_is_the_transpose_of_broadcasting(
        shape in shape(0..=3), front in shape(0..=2), ones in 0..8_u32, salt in 0..1000_u32,
    ) {
        let goal = [front, shape.clone()].concat();
        let with_ones: Vec<usize> = shape
            .iter()
            .enumerate()
            .map(|(i, &length)| if ones >> i & 1 == 1 { 1 } else { length })
            .collect();
        check_transpose(|x| x.broadcast(&goal), &with_ones, salt)?;
    }

    #[test]
    fn sums_permutations_and_reshapes_have_their_transposes(
        (shape, axes, order) in shape(1..=4).prop_flat_map(|shape| {
            let axes = Vec::from_iter(0..shape.len());
            let some = subsequence(axes.clone(), 0..=axes.len());
            (Just(shape), some, Just(axes).prop_shuffle())
        }),
        salt in 0..1000_u32,
    ) {
        check_transpose(|x| x.sum_axis(axes.clone()), &shape, salt)?;
        check_transpose(|x| x.permuted_axes(&order), &shape, salt)?;
        let length = shape.iter().product();
        check_transpose(|x| x.permuted_axes(&order).reshape(&[length, 1]), &shape, salt)?;
    }

    #[test]
    fn a_matrix_product_is_linear_in_each_matrix(
        (n, k, m) in (0..4_usize, 0..4_usize, 0..4_usize), (left, right) in broadcastable(),
        salt in 0..1000_u32,
    ) {
        let (x, y) = ([left, vec![n, k]].concat(), [right, vec![k, m]].concat());
        let (of_x, of_y) = (arbitrary(&x, salt + 2), arbitrary(&y, salt + 3));
        check_transpose(|x| x.dot(&of_y), &x, salt)?;
        check_transpose(|y| of_x.dot(y), &y, salt)?;
    }
}

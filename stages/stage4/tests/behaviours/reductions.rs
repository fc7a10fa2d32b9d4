//! Reductions over all axes, one or several, with or without keeping them.

use ndarray::array;
use pretty_assertions::assert_eq;
use stage4::array::Axes;
use stage4::{Value, grad, hessian, jacobian};

use crate::check::{arbitrary, array as array_of, assert_close, assert_gradients};

type Reduction = fn(&Value, Axes) -> Value;

const REDUCTIONS: [(&str, Reduction); 7] = [
    ("sum", |x, axes| x.sum_axis(axes)),
    ("mean", |x, axes| x.mean_axis(axes)),
    ("prod", |x, axes| x.prod_axis(axes)),
    ("max", |x, axes| x.max_axis(axes)),
    ("min", |x, axes| x.min_axis(axes)),
    ("logsumexp", |x, axes| x.logsumexp_axis(axes)),
    ("softmax", |x, axes| x.softmax_axis(axes).sum_axis(0).exp()),
];

const AXES: [&[usize]; 10] = [
    &[],
    &[0],
    &[1],
    &[2],
    &[0, 1],
    &[1, 0],
    &[2, 0],
    &[1, 2],
    &[0, 1, 2],
    &[2, 1, 0],
];

/// The reduction of all elements by a loop, and the axes by hand.
fn by_loop(name: &str, elements: &[f64]) -> f64 {
    let sum = |elements: &mut dyn Iterator<Item = f64>| elements.sum::<f64>();
    match name {
        "sum" => sum(&mut elements.iter().copied()),
        "mean" => sum(&mut elements.iter().copied()) / elements.len() as f64,
        "prod" => elements.iter().product(),
        "max" => elements.iter().copied().fold(f64::MIN, f64::max),
        "min" => elements.iter().copied().fold(f64::MAX, f64::min),
        "logsumexp" => sum(&mut elements.iter().map(|x| x.exp())).ln(),
        _ => unreachable!("softmax is not a reduction"),
    }
}

#[test]
fn values_agree_with_loops_over_all_choices_of_axes() {
    let x = arbitrary(&[2, 3, 2], 1);
    for (name, reduce) in &REDUCTIONS[..6] {
        for axes in AXES {
            let kept = reduce(&x, Axes::from(axes.to_vec()).keep()).array();
            let mut shape = vec![2, 3, 2];
            axes.iter().for_each(|&axis| shape[axis] = 1);
            assert_eq!(kept.shape(), shape, "{name} over {axes:?}");
            for (place, value) in kept.indexed_iter() {
                let elements: Vec<f64> = x
                    .array()
                    .indexed_iter()
                    .filter(|(other, _)| {
                        (0..3).all(|axis| axes.contains(&axis) || other[axis] == place[axis])
                    })
                    .map(|(_, x)| *x)
                    .collect();
                let error = (value - by_loop(name, &elements)).abs();
                assert!(error < 1e-12, "{name} over {axes:?}: {error}");
            }
            let dropped = reduce(&x, Axes::from(axes.to_vec()));
            let shape: Vec<usize> = (0..3)
                .filter(|axis| !axes.contains(axis))
                .map(|axis| [2, 3, 2][axis])
                .collect();
            assert_eq!(dropped.shape(), shape, "{name} over {axes:?}");
            assert!(
                dropped.array().iter().eq(kept.iter()),
                "{name} over {axes:?}"
            );
        }
    }
}

#[test]
fn gradients_agree_with_central_differences_over_all_choices_of_axes() {
    for (name, reduce) in REDUCTIONS {
        let dropped = AXES.map(|axes| Axes::from(axes.to_vec()));
        let kept = [AXES[1], AXES[6]].map(|axes| Axes::from(axes.to_vec()).keep());
        for axes in dropped.into_iter().chain(kept) {
            let f = |x: &[Value]| reduce(&x[0], axes.clone());
            let name = format!("{name} over {axes:?}");
            assert_gradients(&name, &f, &[arbitrary(&[2, 3, 2], 1)]);
        }
    }
}

#[test]
fn all_axes_are_meant_where_none_are_named() {
    let x = arbitrary(&[2, 3], 1);
    let all = [Value::sum, Value::mean, Value::prod, Value::max, Value::min];
    for (f, (name, reduce)) in all.into_iter().zip(REDUCTIONS) {
        assert_eq!(f(&x), reduce(&x, Axes::from([0, 1])), "{name}");
        assert_eq!(f(&Value::from(0.7)), 0.7, "{name} of a number");
        assert_eq!(grad(f)(&Value::from(0.7)), 1.0, "{name} of a number");
    }
}

#[test]
fn products_with_zeros_have_their_derivatives() {
    for zeros in 0..=3 {
        let mut elements = [2.0, 3.0, 5.0, 7.0];
        elements[..zeros].fill(0.0);
        let x = array_of(&[4], &elements);
        let others = |left_out: &[usize]| -> f64 {
            let kept = (0..4).filter(|i| !left_out.contains(i));
            kept.map(|i| elements[i]).product()
        };
        let first = ndarray::Array1::from_shape_fn(4, |i| others(&[i]));
        assert_close(&grad(Value::prod)(&x), &first);
        let second =
            ndarray::Array2::from_shape_fn(
                (4, 4),
                |(i, j)| {
                    if i == j { 0.0 } else { others(&[i, j]) }
                },
            );
        assert_close(&hessian(Value::prod)(&x), &second);
    }
}

#[test]
fn products_with_zeros_over_several_axes_agree_with_central_differences() {
    let x = array_of(&[2, 2, 2], &[0.0, 2.0, 3.0, 4.0, 5.0, 0.0, 0.0, 8.0]);
    for axes in AXES {
        let f = |x: &[Value]| x[0].prod_axis(axes.to_vec());
        assert_gradients(&format!("prod over {axes:?}"), &f, std::slice::from_ref(&x));
    }
}

#[test]
fn softmax_sums_to_1_and_has_its_known_jacobian() {
    let x = Value::from(array![0.1, 0.5, -0.3]);
    let s = x.softmax_axis(0);
    assert!((s.sum().value() - 1.0).abs() < 1e-15);
    let s = s.array();
    let expected = ndarray::Array2::from_shape_fn((3, 3), |(i, j)| {
        s[i] * (f64::from(u8::from(i == j)) - s[j])
    });
    assert_close(&jacobian(|x| x.softmax_axis(0))(&x), &expected);
    let twice = Value::from(array![[0.1, 0.5, -0.3], [1.0, 1.0, 1.0]]);
    assert_eq!(
        twice.softmax_axis(1).sum_axis(1).array(),
        array![1.0, 1.0].into_dyn()
    );
}

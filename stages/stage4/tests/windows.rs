//! What the chapter on practice says of convolutions.

#[path = "../examples/windows.rs"]
#[allow(dead_code, reason = "the tests have no use for what is printed")]
mod windows;

use ndarray::{Array2, Array3};
use stage4::{Value, grad};
use windows::{bars, convolved, dense, right, start, trained, windowed};

fn pictures() -> Array2<f64> {
    Array2::from_shape_fn((2, 36), |(i, j)| ((i * 36 + j) as f64 * 0.37).sin())
}

fn patterns() -> Array2<f64> {
    Array2::from_shape_fn((9, 4), |(i, j)| ((i * 4 + j) as f64 * 0.91).cos())
}

#[test]
fn it_is_what_four_loops_compute() {
    let (pictures, patterns) = (pictures(), patterns());
    let mut expected = Array3::<f64>::zeros((2, 16, 4));
    for picture in 0..2 {
        for (top, left) in (0..4).flat_map(|top| (0..4).map(move |left| (top, left))) {
            for pattern in 0..4 {
                for (row, column) in (0..3).flat_map(|row| (0..3).map(move |c| (row, c))) {
                    expected[[picture, 4 * top + left, pattern]] += pictures
                        [[picture, 6 * (top + row) + left + column]]
                        * patterns[[3 * row + column, pattern]];
                }
            }
        }
    }
    let actual = convolved(&Value::from(pictures), &Value::from(patterns));
    assert!((actual - Value::from(expected)).abs().max() < 1e-14);
}

#[test]
fn gradients_agree_with_differences() {
    let (pictures, patterns) = (Value::from(pictures()), Value::from(patterns()));
    let f = |pictures: &Value, patterns: &Value| {
        let fits = convolved(pictures, patterns);
        (&fits * &fits).mean()
    };
    let by_pictures = grad(|x| f(x, &patterns))(&pictures);
    let by_patterns = grad(|x| f(&pictures, x))(&patterns);
    let nudged = |x: &Value, place: [usize; 2], by: f64| {
        let mut elements = x.array();
        elements[&place[..]] += by;
        Value::from(elements)
    };
    for place in [[0, 0], [0, 14], [1, 35]] {
        let at = |by| f(&nudged(&pictures, place, by), &patterns).value();
        let difference = (at(1e-5) - at(-1e-5)) / 2e-5;
        assert!((by_pictures.index(&place).value() - difference).abs() < 1e-8);
    }
    for place in [[0, 0], [4, 2], [8, 3]] {
        let at = |by| f(&pictures, &nudged(&patterns, place, by)).value();
        let difference = (at(1e-5) - at(-1e-5)) / 2e-5;
        assert!((by_patterns.index(&place).value() - difference).abs() < 1e-8);
    }
}

#[test]
fn there_are_as_many_bars_of_each_kind() {
    for (upper_left, count) in [(true, 16), (false, 32)] {
        let labels = bars(upper_left).labels;
        assert_eq!(labels.shape(), [count]);
        assert_eq!(labels.sum(), 0.0);
    }
}

#[test]
fn windows_tell_bars_where_none_has_been_seen() {
    let unseen = bars(false);
    let share = |network, inputs, hidden| {
        right(
            network,
            &trained(network, start(inputs, hidden), 300),
            &unseen,
        )
    };
    assert_eq!(share(windowed, 9, 4), 1.0);
    assert!(share(dense, 36, 8) < 0.8);
}

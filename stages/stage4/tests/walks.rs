//! What the chapter on arrays says of rows and columns.

#[path = "../examples/walks.rs"]
#[allow(dead_code, reason = "the tests have no use for what is printed")]
mod walks;

use ndarray::{Array1, Array2};
use stage4::{Value, jacobian};
use walks::{by_columns, counted, define, mixed};

fn inputs(count: usize) -> Value {
    Value::from(Array1::from_shape_fn(count, |i| 0.3 * i as f64 - 0.5))
}

#[test]
fn rows_and_columns_make_the_same_matrix_and_that_by_hand() {
    define();
    for (count, results) in [(2, 7), (4, 4), (7, 2)] {
        let x = inputs(count);
        let f = |x: &Value| mixed(x, results);
        let by_hand = Array2::from_shape_fn((results, count), |(i, j)| {
            (i + 2 * j) as f64 * (0.3 * j as f64 - 0.5).cos()
        });
        for matrix in [jacobian(f)(&x), by_columns(f, &x)] {
            assert_eq!(matrix.shape(), [results, count]);
            assert!((matrix - Value::from(by_hand.clone())).abs().max() < 1e-12);
        }
    }
}

#[test]
fn rows_take_a_walk_for_each_result_and_columns_a_run_for_each_input() {
    define();
    for (count, results) in [(2, 7), (7, 2)] {
        let x = inputs(count);
        let f = |x: &Value| mixed(x, results);
        assert_eq!(counted(|| drop(jacobian(f)(&x))), (1, results));
        assert_eq!(counted(|| drop(by_columns(f, &x))), (count, count));
    }
}

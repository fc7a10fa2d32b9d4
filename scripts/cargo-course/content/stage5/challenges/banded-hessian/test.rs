//! The band of a Hessian, with few sweeps.

use std::cell::Cell;

use pretty_assertions::assert_eq;
use stage5::forward::banded_hessian;
use stage5::{Dual, Var, hessian_vector};

/// Rosenbrock's function.
fn rosenbrock<'t>(x: &[Var<'t, Dual>]) -> Var<'t, Dual> {
    let valleys = x.windows(2).map(|x| {
        let (bend, rest) = (x[1] - x[0] * x[0], 1.0 - x[0]);
        100.0 * bend * bend + rest * rest
    });
    x[0].trace().sum(valleys)
}

/// The band, from one column after the other.
fn by_columns(
    f: impl for<'t> Fn(&[Var<'t, Dual>]) -> Var<'t, Dual>,
    x: &[f64],
    width: usize,
) -> Vec<Vec<f64>> {
    let mut band = vec![vec![0.0; 2 * width + 1]; x.len()];
    for column in 0..x.len() {
        let mut direction = vec![0.0; x.len()];
        direction[column] = 1.0;
        let (_, product) = hessian_vector(&f, x, &direction);
        for row in column.saturating_sub(width)..(column + width + 1).min(x.len()) {
            band[row][column + width - row] = product[row];
        }
    }
    band
}

fn point(count: usize) -> Vec<f64> {
    (0..count).map(|i| (i as f64 * 0.7).sin()).collect()
}

#[test]
fn a_small_hessian_is_the_one_worked_out_by_hand() {
    let band = banded_hessian(
        |x| (x[0] * x[1] + x[1] * x[2] * x[2]).record(),
        &[1.0, 2.0, 3.0],
        1,
    );
    assert_eq!(
        band,
        [[0.0, 0.0, 1.0], [1.0, 0.0, 6.0], [6.0, 4.0, 0.0]]
    );
}

#[test]
fn the_band_of_rosenbrocks_function_has_its_columns() {
    for count in [2, 3, 4, 7, 20] {
        let x = point(count);
        assert_eq!(
            banded_hessian(rosenbrock, &x, 1),
            by_columns(rosenbrock, &x, 1),
            "{count} variables"
        );
    }
}

#[test]
fn a_wider_band_than_needed_has_zeros_beside_it() {
    let x = point(9);
    assert_eq!(
        banded_hessian(rosenbrock, &x, 3),
        by_columns(rosenbrock, &x, 3)
    );
    assert_eq!(
        banded_hessian(rosenbrock, &x[..3], 5),
        by_columns(rosenbrock, &x[..3], 5)
    );
}

#[test]
fn a_band_of_width_0_is_the_diagonal() {
    let x = [1.0, 2.0, 3.0];
    let cubes = banded_hessian(|x| x[0].trace().sum(x.iter().map(|x| x.powi(3))), &x, 0);
    assert_eq!(cubes, [[6.0], [12.0], [18.0]]);
}

#[test]
fn a_thousand_variables_take_three_calls() {
    let calls = Cell::new(0);
    let x = point(1000);
    let band = banded_hessian(
        |x| {
            calls.set(calls.get() + 1);
            rosenbrock(x)
        },
        &x,
        1,
    );
    assert_eq!((band.len(), calls.get()), (1000, 3));
}

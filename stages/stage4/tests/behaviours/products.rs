//! Matrix products of all pairs of ranks.

use ndarray::{Array2, ArrayD, Dimension, IxDyn, array};
use pretty_assertions::assert_eq;
use stage4::{Value, jacobian};

use crate::check::{arbitrary, assert_close, assert_gradients};

const LEFT: [&[usize]; 5] = [&[], &[3], &[2, 3], &[2, 2, 3], &[2, 1, 2, 3]];
const RIGHT: [&[usize]; 5] = [&[], &[3], &[3, 2], &[2, 3, 2], &[1, 2, 3, 2]];

/// The product by its definition: a loop over every index.
fn by_loops(x: &ArrayD<f64>, y: &ArrayD<f64>) -> ArrayD<f64> {
    if x.ndim() == 0 || y.ndim() == 0 {
        return x * y;
    }
    // As matrices: a vector is a row on the left, a column on the right.
    let (as_row, as_column) = (x.ndim() == 1, y.ndim() == 1);
    let x = if as_row {
        x.clone().insert_axis(ndarray::Axis(0))
    } else {
        x.clone()
    };
    let y = if as_column {
        y.clone().insert_axis(ndarray::Axis(1))
    } else {
        y.clone()
    };

    // With the same number of leading axes.
    let rank = x.ndim().max(y.ndim());
    let with_rank = |mut array: ArrayD<f64>| {
        while array.ndim() < rank {
            array = array.insert_axis(ndarray::Axis(0));
        }
        array
    };
    let (x, y) = (with_rank(x), with_rank(y));
    let mut shape: Vec<usize> = (0..rank)
        .map(|axis| x.shape()[axis].max(y.shape()[axis]))
        .collect();
    (shape[rank - 2], shape[rank - 1]) = (x.shape()[rank - 2], y.shape()[rank - 1]);

    let mut result = ArrayD::zeros(IxDyn(&shape));
    for (place, sum) in result.indexed_iter_mut() {
        for k in 0..x.shape()[rank - 1] {
            let (mut of_x, mut of_y) = (place.slice().to_vec(), place.slice().to_vec());
            of_x[rank - 1] = k;
            of_y[rank - 2] = k;
            for axis in 0..rank - 2 {
                of_x[axis] %= x.shape()[axis];
                of_y[axis] %= y.shape()[axis];
            }
            *sum += x[&of_x[..]] * y[&of_y[..]];
        }
    }
    if as_column {
        result = result.index_axis_move(ndarray::Axis(rank - 1), 0);
    }
    if as_row {
        result = result.index_axis_move(ndarray::Axis(rank - 2), 0);
    }
    result
}

#[test]
fn products_of_all_ranks_agree_with_loops() {
    for left in LEFT {
        for right in RIGHT {
            let (x, y) = (arbitrary(left, 1), arbitrary(right, 2));
            assert_close(&x.dot(&y), &by_loops(&x.array(), &y.array()));
        }
    }
}

#[test]
fn gradients_of_products_of_all_ranks_agree_with_central_differences() {
    for left in LEFT {
        for right in RIGHT {
            let name = format!("{left:?} · {right:?}");
            let (x, y) = (arbitrary(left, 1), arbitrary(right, 2));
            assert_gradients(&name, &|x| x[0].dot(&x[1]), &[x, y]);
        }
    }
}

#[test]
fn the_ranks_of_the_results_are_those_of_matmul() {
    let rank = |left: usize, right: usize| {
        arbitrary(LEFT[left], 1)
            .dot(&arbitrary(RIGHT[right], 2))
            .shape()
            .len()
    };
    assert_eq!(
        [rank(1, 1), rank(1, 2), rank(2, 1), rank(2, 2)],
        [0, 1, 1, 2]
    );
    assert_eq!(
        [rank(1, 3), rank(3, 1), rank(2, 4), rank(4, 3)],
        [2, 2, 4, 4]
    );
}

#[test]
fn transposed_matrices_are_multiplied_where_they_are() {
    let (a, b) = (arbitrary(&[4, 3], 1), arbitrary(&[2, 4], 2));
    let product = a.t().dot(&b.t());
    assert_close(&product, &by_loops(&a.t().array(), &b.t().array()));
    assert_gradients("transposed", &|x| x[0].t().dot(&x[1].t()), &[a, b]);
}

#[test]
fn nothing_is_summed_to_0() {
    let product = arbitrary(&[2, 0], 1).dot(&arbitrary(&[0, 3], 2));
    assert_eq!(product.array(), Array2::zeros((2, 3)).into_dyn());
}

#[test]
fn an_outer_product_pairs_each_with_each() {
    let (x, y) = (arbitrary(&[2], 1), arbitrary(&[3], 2));
    let column = arbitrary(&[2], 1).reshape(&[2, 1]);
    assert_eq!(x.outer(&y).array(), column.dot(&y.reshape(&[1, 3])).array());
    assert_gradients("outer", &|x| x[0].outer(&x[1]).exp(), &[x, y]);
}

#[test]
fn the_jacobian_of_a_linear_map_is_its_matrix() {
    let a = arbitrary(&[2, 3], 1);
    let map = jacobian(|x| a.dot(x))(&arbitrary(&[3], 2));
    assert_eq!(map.array(), a.array());
}

#[test]
fn an_outer_product_has_the_axes_of_both() {
    let (number, vector) = (Value::from(2.0), Value::from(array![1.0, 2.0]));
    let matrix = Value::from(array![[1.0, 2.0], [3.0, 4.0]]);
    assert_eq!(number.outer(&number), 4.0);
    assert_eq!(vector.outer(&number).shape(), [2]);
    assert_eq!(
        vector.outer(&matrix).array(),
        array![[[1.0, 2.0], [3.0, 4.0]], [[2.0, 4.0], [6.0, 8.0]]].into_dyn()
    );
}

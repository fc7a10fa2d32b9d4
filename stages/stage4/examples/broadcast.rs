//! What goes in, what comes out, and what comes back: the operations that move numbers around.

use ndarray::{Array2, array};
use stage4::{Value, jacobian, vector_jacobian};

/// Prints the shapes on the way forward and back, and the Jacobian as a matrix: a row for each
/// element of the result, a column for each of the input.
fn show(name: &str, f: impl Fn(&Value) -> Value, x: &Value) {
    println!("## {name}");
    let (value, pull_back) = vector_jacobian(&f, x);
    let gradient = pull_back(&value.ones());
    println!(
        "in {:?}, out {:?}, gradient {:?}",
        x.shape(),
        value.shape(),
        gradient.shape()
    );

    let rows = value.array().len();
    let columns = x.array().len();
    let matrix = jacobian(f)(x).reshape(&[rows, columns]).array();
    for row in matrix.rows() {
        let numbers: Vec<String> = row.iter().map(|number| format!("{number:3}")).collect();
        println!("{}", numbers.join(" "));
    }
}

fn main() {
    let row = Value::from(array![1.0, 2.0, 3.0]);
    let column = Value::from(array![[10.0], [20.0]]);
    let matrix = Value::from(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);

    // Each element goes into two results. The gradient sums over both: read a column downwards.
    show("broadcast", |x| x.broadcast(&[2, 3]), &row);

    // The same happens wherever shapes differ.
    show("add-column", |x| x + &row, &column);

    // The transpose of the matrix above it: what is summed forward is repeated backward.
    show("sum", |x| x.sum_axis(0), &matrix);

    // The first place is taken twice, the second not at all.
    show("take", |x| x.take(0, &[0, 2, 0]), &row);

    show("transpose", |x| x.t(), &matrix);

    // Each row of the left matrix meets each column of the right one.
    let right = Value::from(Array2::from_shape_fn((3, 2), |(i, j)| {
        (1 + 2 * i + j) as f64
    }));
    show("matmul", |x| x.dot(&right), &matrix);
}

//! What goes in, what comes out, and what comes back: the Jacobians of the operations that move
//! numbers around.

use ndarray::{Array2, ArrayD, array};
use stage4::{Value, jacobian, vector_jacobian};

/// Prints the Jacobian as a matrix, a row for each element of the result and a column for each of
/// the input. To the left is a gradient for each row, and below what the rule makes of them.
fn show(name: &str, f: impl Fn(&Value) -> Value, x: &Value, seed: &[f64]) {
    let (value, pull_back) = vector_jacobian(&f, x);
    println!("matrix: {name}: {} to {}", shape(x), shape(&value));
    println!("columns input: {}", places(x).join(" "));
    println!("rows result: {}", places(&value).join(" "));

    let rows = value.array().len();
    let columns = x.array().len();
    let matrix = jacobian(f)(x).reshape(&[rows, columns]).array();
    for row in matrix.rows() {
        println!("{}", numbers(row));
    }

    let seed = ArrayD::from_shape_vec(value.shape(), seed.to_vec()).expect("one for each element");
    println!("left seed: {}", numbers(&seed));
    let gradient = pull_back(&Value::from(seed));
    println!("below gradient: {}\n", numbers(&gradient.array()));
}

fn shape(value: &Value) -> String {
    let lengths: Vec<String> = value.shape().iter().map(usize::to_string).collect();
    lengths.join(" × ")
}

/// The place of each element, row by row: `0,0`, `0,1`, …
fn places(value: &Value) -> Vec<String> {
    let mut places = vec![String::new()];
    for length in value.shape() {
        let longer = places.iter().flat_map(|place| {
            let comma = if place.is_empty() { "" } else { "," };
            (0..*length).map(move |index| format!("{place}{comma}{index}"))
        });
        places = longer.collect();
    }
    places
}

fn numbers<'a>(numbers: impl IntoIterator<Item = &'a f64>) -> String {
    let words: Vec<String> = numbers.into_iter().map(f64::to_string).collect();
    words.join(" ")
}

fn main() {
    let row = Value::from(array![1.0, 2.0, 3.0]);
    let column = Value::from(array![[10.0], [20.0]]);
    let matrix = Value::from(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let six = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];

    // Each element goes into two results. The gradient sums over both: read a column downwards.
    println!("## copies");
    show("broadcast", |x| x.broadcast(&[2, 3]), &row, &six);

    // The same happens wherever shapes differ.
    show("add a row of 3", |x| x + &row, &column, &six);

    // The transpose of the first matrix: what is summed forward is repeated backward.
    println!("## sum");
    show("sum", |x| x.sum_axis(0), &matrix, &[1.0, 2.0, 3.0]);

    // The first place is taken twice, the second not at all.
    println!("## moves");
    show("take", |x| x.take(0, &[0, 2, 0]), &row, &[1.0, 10.0, 100.0]);
    show("transpose", |x| x.t(), &matrix, &six);

    // Each row of the left matrix meets each column of the right one.
    println!("## matmul");
    let right = Value::from(Array2::from_shape_fn((3, 2), |(i, j)| {
        (1 + 2 * i + j) as f64
    }));
    show("matmul", |x| x.dot(&right), &matrix, &[1.0, 2.0, 3.0, 4.0]);
}

//! Systems of linear equations: primitives that share one factorisation, and their rules.

use std::cell::Cell;
use std::rc::Rc;

use ndarray::{Array2, ArrayView2, Ix2, array};
use stage4::{
    Args, Data, Primitive, Raw, SharedArray, Untraced, Value, defvjp, grad, grads,
    hessian_vector_product,
};

thread_local! {
    static FACTORED: Cell<usize> = const { Cell::new(0) };
}

// ANCHOR: factors
/// A matrix with its rows in another order, as a product L · U of two triangles, stored in one
/// matrix. It is found once, and then each system takes two substitutions.
#[derive(Debug)]
pub(crate) struct Factors {
    triangles: Array2<f64>,
    rows: Vec<usize>,
    sign: f64,
}

// A setting: it has no gradient.
impl Data for Factors {}

static FACTOR: Untraced = Untraced::new("factor", factor);
// ANCHOR_END: factors

fn matrix<'a>(args: &Args<'a>, argnum: usize) -> ArrayView2<'a, f64> {
    let array = args.get::<SharedArray>(argnum).view();
    let matrix = array.into_dimensionality::<Ix2>();
    matrix.unwrap_or_else(|_| args.refuse(argnum, "a matrix"))
}

// ANCHOR: elimination
/// Gaussian elimination. In each column the largest remaining number, whatever its sign, moves
/// up, and those below are divided by it.
fn factor(args: &Args<'_>) -> Raw {
    FACTORED.set(FACTORED.get() + 1);
    let mut a = matrix(args, 0).to_owned();
    let n = a.nrows();
    if a.ncols() != n {
        args.refuse(0, "a square matrix");
    }
    let mut rows = Vec::from_iter(0..n);
    let mut sign = 1.0;
    for k in 0..n {
        let size = |i: &usize| a[[*i, k]].abs();
        let largest = (k..n).max_by(|i, j| size(i).total_cmp(&size(j)));
        let pivot = largest.expect("there is a row");
        if pivot != k {
            rows.swap(k, pivot);
            sign = -sign;
            for j in 0..n {
                a.swap([k, j], [pivot, j]);
            }
        }
        if a[[k, k]] == 0.0 {
            continue; // a singular matrix, whose determinant is 0
        }
        for i in k + 1..n {
            a[[i, k]] /= a[[k, k]];
            for j in k + 1..n {
                a[[i, j]] -= a[[i, k]] * a[[k, j]];
            }
        }
    }
    Rc::new(Factors {
        triangles: a,
        rows,
        sign,
    })
}

impl Factors {
    /// A⁻¹ · b: first L, then U.
    fn solve(&self, b: ArrayView2<'_, f64>) -> Array2<f64> {
        let (n, a) = (self.rows.len(), &self.triangles);
        let mut x = Array2::from_shape_fn(b.dim(), |(i, column)| b[[self.rows[i], column]]);
        for column in 0..b.ncols() {
            for i in 0..n {
                let known: f64 = (0..i).map(|j| a[[i, j]] * x[[j, column]]).sum();
                x[[i, column]] -= known;
            }
            for i in (0..n).rev() {
                let known: f64 = (i + 1..n).map(|j| a[[i, j]] * x[[j, column]]).sum();
                x[[i, column]] = (x[[i, column]] - known) / a[[i, i]];
            }
        }
        x
    }

    /// The same for the matrix transposed: first U, then L, each transposed.
    fn solve_transposed(&self, b: ArrayView2<'_, f64>) -> Array2<f64> {
        let (n, a) = (self.rows.len(), &self.triangles);
        let mut x = b.to_owned();
        for column in 0..b.ncols() {
            for i in 0..n {
                let known: f64 = (0..i).map(|j| a[[j, i]] * x[[j, column]]).sum();
                x[[i, column]] = (x[[i, column]] - known) / a[[i, i]];
            }
            for i in (0..n).rev() {
                let known: f64 = (i + 1..n).map(|j| a[[j, i]] * x[[j, column]]).sum();
                x[[i, column]] -= known;
            }
        }
        let mut ordered = x.clone();
        for (i, row) in self.rows.iter().enumerate() {
            ordered.row_mut(*row).assign(&x.row(i));
        }
        ordered
    }
}
// ANCHOR_END: elimination

// ANCHOR: primitives
fn solved(args: &Args<'_>) -> Raw {
    let x = args.get::<Factors>(2).solve(matrix(args, 1));
    Rc::new(x.into_dyn().into_shared())
}

fn solved_transposed(args: &Args<'_>) -> Raw {
    let x = args.get::<Factors>(2).solve_transposed(matrix(args, 1));
    Rc::new(x.into_dyn().into_shared())
}

fn determinant(args: &Args<'_>) -> Raw {
    let factors = args.get::<Factors>(1);
    Rc::new(factors.sign * factors.triangles.diag().product())
}

/// A⁻¹ · B, of the matrices A and B and the factors of A.
static SOLVE: Primitive = Primitive::new("solve", solved);
/// The same for the matrix transposed.
static SOLVE_T: Primitive = Primitive::new("solve_t", solved_transposed);
/// The determinant, of a matrix and its factors.
static DET: Primitive = Primitive::new("det", determinant);

/// The matrix X with A · X = B.
pub(crate) fn solve(a: &Value, b: &Value) -> Value {
    let factors = FACTOR.bind(&[a]);
    SOLVE.bind(&[a, b, &factors])
}

/// The inverse of a matrix.
pub(crate) fn inverse(a: &Value) -> Value {
    solve(a, &identity(a))
}

/// The determinant of a matrix.
pub(crate) fn det(a: &Value) -> Value {
    let factors = FACTOR.bind(&[a]);
    DET.bind(&[a, &factors])
}

fn identity(a: &Value) -> Value {
    Value::from(Array2::<f64>::eye(a.shape()[0]))
}
// ANCHOR_END: primitives

// ANCHOR: rules
pub(crate) fn define() {
    defvjp(
        &SOLVE,
        &[
            |g, x, args| -SOLVE_T.bind(&[&args[0], g, &args[2]]).dot(&x.t()),
            |g, _, args| SOLVE_T.bind(&[&args[0], g, &args[2]]),
        ],
    );
    defvjp(
        &SOLVE_T,
        &[
            |g, x, args| -x.dot(&SOLVE.bind(&[&args[0], g, &args[2]]).t()),
            |g, _, args| SOLVE.bind(&[&args[0], g, &args[2]]),
        ],
    );
    defvjp(
        &DET,
        &[|g, y, args| g * y * SOLVE_T.bind(&[&args[0], &identity(&args[0]), &args[1]])],
    );
}
// ANCHOR_END: rules

/// How many matrices have been factored meanwhile.
pub(crate) fn factored(f: impl FnOnce()) -> usize {
    FACTORED.set(0);
    f();
    FACTORED.get()
}

fn main() {
    define();
    let a = Value::from(array![[0.0, 2.0, 1.0], [4.0, 1.0, 0.0], [1.0, 0.0, 3.0]]);
    let b = Value::from(array![[1.0], [2.0], [3.0]]);

    println!("## values");
    println!("A⁻¹ · b  {:.4}", solve(&a, &b).t().array());
    println!("A⁻¹");
    println!("{:.4}", inverse(&a).array());
    println!("det A    {:.4}", det(&a).value());

    println!("## gradients");
    let sum = |p: &[Value]| solve(&p[0], &p[1]).sum();
    let gradients = grads(sum)(&[a.clone(), b.clone()]);
    println!("of the sum of A⁻¹ · b, in A");
    println!("{:.4}", gradients[0].array());
    println!("in b, as a row");
    println!("{:.4}", gradients[1].t().array());
    println!("of det A, in A");
    println!("{:.4}", grad(det)(&a).array());

    println!("## factored");
    println!("of the sum of A⁻¹ · b    matrices factored");
    let by_a = |a: &Value| solve(a, &b).sum();
    for (name, count) in [
        ("the value", factored(|| drop(by_a(&a)))),
        ("the gradient in A", factored(|| drop(grad(by_a)(&a)))),
        (
            "a Hessian-vector product",
            factored(|| drop(hessian_vector_product(by_a)(&a, &a.ones()))),
        ),
    ] {
        println!("{name:24} {count:18}");
    }
}

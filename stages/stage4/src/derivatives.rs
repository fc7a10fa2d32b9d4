//! More derivatives, composed from [`vector_jacobian`] and [`grad`].

use crate::array::Operand;
use crate::backward::{check_form, check_number, grad, vector_jacobian};
use crate::graph::{Value, describe};
use crate::ops::{check, stack};

// ANCHOR: elementwise_grad
/// The derivative of each element of the result with respect to the element of `x` at the same
/// place, for an `f` that works on each element by itself. Made for curves.
///
/// For any other `f` it is the gradient of the sum of the result.
///
/// ```
/// use ndarray::array;
/// use stage4::{Value, elementwise_grad};
///
/// let x = Value::from(array![1.0, 2.0, 3.0]);
/// let slopes = elementwise_grad(|x| x * x)(&x);
/// assert_eq!(slopes.array(), array![2.0, 4.0, 6.0].into_dyn());
/// ```
///
/// # Panics
///
/// As [`vector_jacobian`].
pub fn elementwise_grad(f: impl Fn(&Value) -> Value) -> impl Fn(&Value) -> Value {
    move |x| {
        let (value, pull_back) = vector_jacobian(&f, x);
        pull_back(&value.ones())
    }
}
// ANCHOR_END: elementwise_grad

// ANCHOR: jacobian
/// The Jacobian of `f`: the derivative of each element of the result with respect to each element
/// of `x`, as an array of the shape of the result followed by the shape of `x`.
///
/// It costs one pull-back for each element of the result.
///
/// ```
/// use ndarray::array;
/// use stage4::{Value, jacobian};
///
/// let x = Value::from(array![2.0, 3.0]);
/// let product_and_squares = |x: &Value| x * x.prod();
/// let rows = jacobian(product_and_squares)(&x);
/// assert_eq!(rows.array(), array![[12.0, 4.0], [9.0, 12.0]].into_dyn());
/// ```
///
/// # Panics
///
/// If `x` or the result is neither a number nor an array; else as [`vector_jacobian`].
pub fn jacobian(f: impl Fn(&Value) -> Value) -> impl Fn(&Value) -> Value {
    move |x| {
        check("jacobian", &[x]);
        let (value, pull_back) = vector_jacobian(&f, x);
        assert!(
            Operand::of(value.raw()).is_some(),
            "`jacobian`: the function returned {}; expected a number or an array",
            describe(value.raw())
        );
        let shape = [value.shape(), x.shape()].concat();
        let count = value.shape().iter().product();
        let rows: Vec<Value> = (0..count)
            .map(|i| pull_back(&unit(i, count).reshape(value.shape())))
            .collect();
        if rows.is_empty() {
            return Value::from(ndarray::ArrayD::<f64>::zeros(shape));
        }
        stack(0, &rows).reshape(&shape)
    }
}

/// 1 at place `i` of `length` zeros.
fn unit(i: usize, length: usize) -> Value {
    let mut unit = vec![0.0; length];
    unit[i] = 1.0;
    Value::from(ndarray::Array1::from(unit))
}
// ANCHOR_END: jacobian

// ANCHOR: hessian
/// The Hessian of `f`, which returns a number: the Jacobian of its gradient.
///
/// ```
/// use ndarray::array;
/// use stage4::{Value, hessian};
///
/// let x = Value::from(array![2.0, 3.0]);
/// let matrix = hessian(|x| x.prod() + x.index(&[0]).powf(3.0))(&x);
/// assert_eq!(matrix.array(), array![[12.0, 1.0], [1.0, 0.0]].into_dyn());
/// ```
///
/// # Panics
///
/// As [`grad`].
pub fn hessian(f: impl Fn(&Value) -> Value) -> impl Fn(&Value) -> Value {
    jacobian(grad(returning_number("hessian", f)))
}

/// The Hessian of `f` at `x` times the `vector`, which has the shape of `x`, without the Hessian:
/// since the Hessian is symmetric, the product is what the pull-back of the gradient makes of the
/// vector.
///
/// ```
/// use ndarray::array;
/// use stage4::{Value, hessian_vector_product};
///
/// let x = Value::from(array![2.0, 3.0]);
/// let vector = Value::from(array![1.0, 10.0]);
/// let product = hessian_vector_product(|x| x.prod())(&x, &vector);
/// assert_eq!(product.array(), array![10.0, 1.0].into_dyn());
/// ```
///
/// # Panics
///
/// If the `vector` is not of the kind and shape of `x`; else as [`grad`].
pub fn hessian_vector_product(f: impl Fn(&Value) -> Value) -> impl Fn(&Value, &Value) -> Value {
    let gradient = grad(returning_number("hessian_vector_product", f));
    move |x, vector| {
        check_form(
            || "`hessian_vector_product`: the vector".to_owned(),
            vector,
            x,
        );
        vector_jacobian(&gradient, x).1(vector)
    }
}

/// `f`; if it returns anything but a number, the panic names the function that `f` was given to.
fn returning_number(name: &'static str, f: impl Fn(&Value) -> Value) -> impl Fn(&Value) -> Value {
    move |x| {
        let value = f(x);
        check_number(name, &value);
        value
    }
}
// ANCHOR_END: hessian

// ANCHOR: jvp
/// The value of `f` at `x`, and its derivative along `vector`, which has the shape of `x`: the Jacobian
/// times the vector, without the Jacobian.
///
/// This is forward mode, made of reverse mode. The pull-back takes a seed u to u · J. It is linear in
/// the seed, so its own Jacobian is J transposed, whatever the seed is, and *its* pull-back takes a
/// vector v to v · transpose(J), which is J · v. So forward mode costs two walks, and no second set of rules.
///
/// ```
/// use ndarray::array;
/// use stage4::{Value, jvp};
///
/// let x = Value::from(array![2.0, 3.0]);
/// let vector = Value::from(array![1.0, 10.0]);
/// let (value, along) = jvp(|x| x * x.prod(), &x, &vector);
/// assert_eq!(value.array(), array![12.0, 18.0].into_dyn());
/// assert_eq!(along.array(), array![52.0, 129.0].into_dyn());
/// ```
///
/// # Panics
///
/// If the `vector` is not of the kind and shape of `x`; else as [`vector_jacobian`].
pub fn jvp(f: impl FnOnce(&Value) -> Value, x: &Value, vector: &Value) -> (Value, Value) {
    check_form(|| "`jvp`: the vector".to_owned(), vector, x);
    let (value, pull_back) = vector_jacobian(f, x);
    let (_, along) = vector_jacobian(|seed| pull_back(seed), &value.ones());
    (value, along(vector))
}
// ANCHOR_END: jvp

//! The judge: gradients against central differences, of first and second order.

use ndarray::{Array, ArrayD, Dimension, IxDyn};
use stage4::{Value, value_and_grads};

/// A function of several values.
pub(crate) type Function<'a> = &'a dyn Fn(&[Value]) -> Value;

const STEP: f64 = 1e-5;
const TOLERANCE: f64 = 2e-7;

/// An array from its shape and its elements.
pub(crate) fn array(shape: &[usize], elements: &[f64]) -> Value {
    let array = ArrayD::from_shape_vec(IxDyn(shape), elements.to_vec());
    Value::from(array.expect("as many elements as the shape has places"))
}

/// An array of numbers without any pattern, from 0.5 to 1.5. Another `salt` gives others.
pub(crate) fn arbitrary(shape: &[usize], salt: u32) -> Value {
    let count = shape.iter().product::<usize>();
    let number = |i: usize| {
        let hash = (i as u32 + 1 + 1000 * salt).wrapping_mul(2_654_435_761) >> 8;
        0.5 + f64::from(hash) / f64::from(1 << 24)
    };
    array(shape, &Vec::from_iter((0..count).map(number)))
}

/// Panics unless `actual` is close to `expected`, in shape and in every element.
#[track_caller]
pub(crate) fn assert_close<D: Dimension>(actual: &Value, expected: &Array<f64, D>) {
    close("the value", actual, &expected.clone().into_dyn()).unwrap_or_else(|why| panic!("{why}"));
}

fn close(what: &str, actual: &Value, expected: &ArrayD<f64>) -> Result<(), String> {
    let actual = actual.array();
    if actual.shape() != expected.shape() {
        let (actual, expected) = (actual.shape(), expected.shape());
        return Err(format!("{what} has shape {actual:?}, not {expected:?}"));
    }
    for (place, expected) in expected.indexed_iter() {
        let error = (actual[&place] - expected).abs();
        if error.is_nan() || error > TOLERANCE * (1.0 + expected.abs()) {
            let place = place.slice();
            return Err(format!(
                "{what} is not, at {place:?}:\n{actual}\nbut\n{expected}"
            ));
        }
    }
    Ok(())
}

/// Checks the gradients of `f` at `xs` against central differences, and those of the gradients.
pub(crate) fn check(f: Function<'_>, xs: &[Value]) -> Result<(), String> {
    // One number that depends on all elements of the result, on each differently.
    let weighted = |xs: &[Value]| {
        let y = f(xs);
        let weights = arbitrary(y.shape(), 7);
        (y * weights).sum()
    };
    compare("the gradient", &weighted, xs)?;
    // The same for the gradients.
    let of_gradients = |xs: &[Value]| {
        let (_, gradients) = value_and_grads(weighted, xs);
        let weigh = |(i, gradient): (usize, &Value)| {
            (gradient * arbitrary(gradient.shape(), 20 + i as u32)).sum()
        };
        let terms = gradients.iter().enumerate().map(weigh);
        terms.fold(Value::from(0.0), |sum, term| sum + term)
    };
    compare("the second derivative", &of_gradients, xs)
}

fn compare(what: &str, f: Function<'_>, xs: &[Value]) -> Result<(), String> {
    let (_, gradients) = value_and_grads(f, xs);
    for (argnum, gradient) in gradients.iter().enumerate() {
        let what = format!("{what} by argument {argnum}");
        close(&what, gradient, &differences(f, xs, argnum))?;
    }
    Ok(())
}

/// The derivative of a number by each element of argument `argnum`, by central differences.
fn differences(f: Function<'_>, xs: &[Value], argnum: usize) -> ArrayD<f64> {
    let x = xs[argnum].array();
    let mut result = x.clone();
    for (place, derivative) in result.indexed_iter_mut() {
        let at = |step: f64| {
            let mut x = x.clone();
            x[&place] += step;
            let mut xs = xs.to_vec();
            xs[argnum] = Value::from(x);
            f(&xs).value()
        };
        *derivative = (at(STEP) - at(-STEP)) / (2.0 * STEP);
    }
    result
}

/// Panics unless the gradients of `f` at `xs` agree with central differences.
#[track_caller]
pub(crate) fn assert_gradients(name: &str, f: Function<'_>, xs: &[Value]) {
    check(f, xs).unwrap_or_else(|why| panic!("{name}: {why}"));
}

/// Panics unless `f` panics, and returns what it says.
#[track_caller]
pub(crate) fn message<T>(f: impl FnOnce() -> T) -> String {
    let Err(panic) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)) else {
        panic!("a panic is expected, and there was none");
    };
    match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => (*panic.downcast::<&str>().expect("a text")).to_owned(),
    }
}

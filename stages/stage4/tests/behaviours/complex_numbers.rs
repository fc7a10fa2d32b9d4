//! A type, primitives and rules from outside stage 4, differentiated once, twice and more.

use pretty_assertions::assert_eq;
use stage4::{Value, grad, grads, vector_jacobian};

use crate::complex::{Complex, complex, conj, define, exp, im, mul, re};
use crate::exam::finite::{self, relative_error};

fn at(re: f64, im: f64) -> Value {
    define();
    Value::new(Complex { re, im })
}

fn number(value: &Value) -> (f64, f64) {
    let z: &Complex = value.data();
    (z.re, z.im)
}

fn cube(z: &Value) -> Value {
    mul(z, &mul(z, z))
}

#[test]
fn the_gradient_of_the_squared_magnitude_is_2z() {
    let squared_magnitude = |z: &Value| re(&mul(z, &conj(z)));
    assert_eq!(number(&grad(squared_magnitude)(&at(3.0, 4.0))), (6.0, 8.0));
}

#[test]
fn the_gradient_of_the_real_part_of_z_cubed_is_the_conjugate_of_3z_squared() {
    // 3·(1 + 2i)² = -9 + 12i
    assert_eq!(
        number(&grad(|z| re(&cube(z)))(&at(1.0, 2.0))),
        (-9.0, -12.0)
    );
}

#[test]
fn the_second_derivative_of_z_cubed_is_the_conjugate_of_6z() {
    // The gradient is the conjugate of 3z², whose real part has the gradient conj(6z).
    let gradient = grad(|z| re(&cube(z)));
    assert_eq!(
        number(&grad(|z| re(&gradient(z)))(&at(1.0, 2.0))),
        (6.0, -12.0)
    );
}

#[test]
fn the_derivatives_of_exp_of_it_are_those_of_cosine_up_to_order_4() {
    define();
    let cosine = |t: &Value| re(&exp(&complex(0.0, t)));
    let (t, (sin, cos)) = (Value::from(0.7), 0.7_f64.sin_cos());
    let first = grad(cosine);
    let second = grad(&first);
    let third = grad(&second);
    let fourth = grad(&third);
    let orders = [cosine(&t), first(&t), second(&t), third(&t), fourth(&t)];
    for (order, expected) in orders.iter().zip([cos, -sin, -cos, sin, cos]) {
        assert!(
            relative_error(order.value(), expected) < 1e-15,
            "{orders:?}"
        );
    }
}

#[test]
fn gradients_by_real_and_imaginary_part_agree_with_the_finite_difference() {
    define();
    let f = |x: &[Value]| {
        let z = complex(&x[0], &x[1]);
        im(&mul(&exp(&z), &conj(&cube(&z)))) + re(&z)
    };
    let x = [0.3, -0.8];
    let gradients = grads(f)(&x.map(Value::from));
    let claimed: Vec<f64> = gradients.iter().map(Value::value).collect();
    let plain = |x: &[f64]| f(&[Value::from(x[0]), Value::from(x[1])]).value();
    assert_eq!(finite::check(plain, &x, &claimed), Ok(()));
}

#[test]
fn second_derivatives_by_both_parts_agree_with_the_finite_difference() {
    define();
    let f = |x: &[Value]| re(&exp(&cube(&complex(&x[0], &x[1]))));
    let x = [0.6, 0.4];
    for by in 0..2 {
        let first = |x: &[Value]| grads(f)(x).swap_remove(by);
        let plain = |x: &[f64]| first(&[Value::from(x[0]), Value::from(x[1])]).value();
        let gradients = grads(first)(&x.map(Value::from));
        let claimed: Vec<f64> = gradients.iter().map(Value::value).collect();
        assert_eq!(finite::check(plain, &x, &claimed), Ok(()));
    }
}

#[test]
fn a_complex_result_takes_a_complex_seed() {
    let (value, pull_back) = vector_jacobian(|z| mul(z, z), &at(1.0, 2.0));
    assert_eq!(number(&value), (-3.0, 4.0));
    // i times the conjugate of 2 + 4i
    assert_eq!(number(&pull_back(&at(0.0, 1.0))), (4.0, 2.0));
}

#[test]
fn a_complex_input_that_does_not_matter_has_gradient_0() {
    assert_eq!(
        number(&grad(|_| Value::from(5.0))(&at(1.0, 2.0))),
        (0.0, 0.0)
    );
    assert_eq!(
        number(&grad(|z| re(&grad(re)(z)))(&at(1.0, 2.0))),
        (0.0, 0.0)
    );
}

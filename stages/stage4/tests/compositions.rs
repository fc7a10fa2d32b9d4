//! What is composed with care: values and derivatives, also where the obvious formula fails.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, LN_2, PI};

use ndarray::{Array1, Array2, array};
use pretty_assertions::assert_eq;
use stage4::{Axes, Trace, Value, backward::order, elementwise_grad, grad, hessian, jacobian, jvp};

#[path = "behaviours/check.rs"]
#[allow(dead_code, reason = "some of it is for other tests")]
mod check;

use check::{arbitrary, array, assert_close, assert_gradients, message};

/// The values of `f` and of its first two derivatives at `x`.
fn orders(f: fn(&Value) -> Value, x: f64) -> [f64; 3] {
    let x = Value::from(x);
    let first = grad(f);
    [f(&x), first(&x), grad(&first)(&x)].map(|value| value.value())
}

fn elements(value: &Value) -> Vec<f64> {
    value.array().into_iter().collect()
}

mod sigmoid_and_softplus {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn sigmoid_has_its_value_and_derivatives_at_0() {
        assert_eq!(orders(Value::sigmoid, 0.0), [0.5, 0.25, 0.0]);
        // σ‴(0) = −1/8: a wrong formula at 0 shows at the latest here.
        let third = grad(grad(grad(Value::sigmoid)))(&Value::from(0.0));
        assert_eq!(third, -0.125);
    }

    #[test]
    fn sigmoid_is_stable_at_both_ends() {
        assert_eq!(orders(Value::sigmoid, 1000.0), [1.0, 0.0, 0.0]);
        assert_eq!(orders(Value::sigmoid, -1000.0), [0.0, 0.0, 0.0]);
        // Far out it is as small as e^x, to the last digits.
        let [value, slope, curvature] = orders(Value::sigmoid, -40.0);
        let power = (-40.0_f64).exp();
        for actual in [value, slope, curvature] {
            assert!((actual / power - 1.0).abs() < 1e-15, "{actual}");
        }
        assert_eq!(orders(Value::sigmoid, f64::INFINITY), [1.0, 0.0, 0.0]);
        assert_eq!(orders(Value::sigmoid, f64::NEG_INFINITY), [0.0, 0.0, 0.0]);
    }

    #[test]
    fn softplus_has_its_value_and_derivatives_at_0() {
        assert_eq!(orders(Value::softplus, 0.0), [LN_2, 0.5, 0.25]);
        let third = grad(grad(grad(Value::softplus)))(&Value::from(0.0));
        assert_eq!(third, 0.0);
    }

    #[test]
    fn softplus_is_stable_at_both_ends() {
        assert_eq!(orders(Value::softplus, 1000.0), [1000.0, 1.0, 0.0]);
        assert_eq!(orders(Value::softplus, -1000.0), [0.0, 0.0, 0.0]);
        let [value, slope, _] = orders(Value::softplus, -40.0);
        assert_eq!(value, (-40.0_f64).exp());
        assert!((slope / value - 1.0).abs() < 1e-15, "{slope}");
    }

    #[test]
    fn nan_stays_in_its_lane() {
        for f in [Value::sigmoid, Value::softplus, Value::relu] {
            let x = Value::from([f64::NAN, 1.0]);
            let slopes = elements(&elementwise_grad(f)(&x));
            assert!(elements(&f(&x))[0].is_nan());
            assert_eq!(slopes[1], grad(f)(&Value::from(1.0)).value());
        }
    }

    #[test]
    fn gradients_agree_with_central_differences() {
        let x = || vec![array(&[5], &[-3.0, -0.4, 0.3, 1.0, 2.5])];
        assert_gradients("sigmoid", &|x| x[0].sigmoid(), &x());
        assert_gradients("softplus", &|x| x[0].softplus(), &x());
    }
}

mod relu_and_clip {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn relu_has_slope_0_at_0() {
        let x = Value::from([-1.0, 0.0, 2.0]);
        assert_eq!(elements(&x.relu()), [0.0, 0.0, 2.0]);
        assert_eq!(
            elements(&elementwise_grad(Value::relu)(&x)),
            [0.0, 0.0, 1.0]
        );
    }

    #[test]
    fn relu_passes_nan_on() {
        assert!(Value::from(f64::NAN).relu().value().is_nan());
        assert_eq!(Value::from(f64::NEG_INFINITY).relu(), 0.0);
    }

    #[test]
    fn clip_has_slope_1_from_end_to_end() {
        let x = Value::from([-2.0, -1.0, 0.5, 3.0, 4.0]);
        let clip = |x: &Value| x.clip(-1.0, 3.0);
        assert_eq!(elements(&clip(&x)), [-1.0, -1.0, 0.5, 3.0, 3.0]);
        let slopes = elements(&elementwise_grad(clip)(&x));
        assert_eq!(slopes, [0.0, 1.0, 1.0, 1.0, 0.0]);
        assert!(Value::from(f64::NAN).clip(0.0, 1.0).value().is_nan());
    }

    #[test]
    fn the_ends_of_clip_broadcast_and_have_gradients() {
        let x = Value::from(array![[0.0, 5.0], [2.0, 9.0]]);
        let low = |low: &Value| x.clip(low, 8.0).sum();
        assert_eq!(elements(&grad(low)(&Value::from([1.0, 1.0]))), [1.0, 0.0]);
        let high = |high: &Value| x.clip(0.0, high).sum();
        assert_eq!(grad(high)(&Value::from(4.0)), 2.0);
    }
}

mod norm_and_hypot {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn a_norm_is_the_root_of_the_sum_of_squares() {
        let x = Value::from(array![[3.0, 0.0], [4.0, -5.0]]);
        assert_eq!(Value::from([3.0, -4.0]).norm(), 5.0);
        assert_close(&x.norm(), &ndarray::arr0(50.0_f64.sqrt()));
        assert_eq!(elements(&x.norm_axis(0)), [5.0, 5.0]);
        assert_eq!(x.norm_axis(Axes::from(0).keep()).shape(), [1, 2]);
        assert_eq!(Value::from(-3.0).norm(), 3.0);
        assert_eq!(Value::from([]).norm(), 0.0);
    }

    #[test]
    fn its_gradient_at_0_is_0() {
        let zero = Value::from([0.0, 0.0]);
        assert_eq!(elements(&grad(Value::norm)(&zero)), [0.0, 0.0]);
        assert_eq!(elements(&hessian(Value::norm)(&zero)), [0.0; 4]);
        // One row of zeros beside another.
        let x = Value::from(array![[0.0, 0.0], [3.0, 4.0]]);
        let gradient = grad(|x| x.norm_axis(1).sum())(&x);
        assert_close(&gradient, &array![[0.0, 0.0], [0.6, 0.8]]);
    }

    #[test]
    fn its_hessian_is_that_of_a_length() {
        let x = Value::from([3.0, 4.0]);
        // (I − u·uᵀ) / |x| with the unit vector u = (0.6, 0.8).
        let expected = array![[0.64, -0.48], [-0.48, 0.36]] / 5.0;
        assert_close(&hessian(Value::norm)(&x), &expected);
        // Through it: the Hessian of |x|³ is 3 (|x|·I + x·xᵀ / |x|).
        let cube = |x: &Value| x.norm().powf(3.0);
        let expected = array![
            [5.0 + 9.0 / 5.0, 12.0 / 5.0],
            [12.0 / 5.0, 5.0 + 16.0 / 5.0]
        ] * 3.0;
        assert_close(&hessian(cube)(&x), &expected);
    }

    #[test]
    fn squares_neither_overflow_nor_vanish() {
        for size in [1e-300, 1e200, f64::MAX / 8.0] {
            let x = Value::from([3.0 * size, 4.0 * size]);
            let ratio = x.norm().value() / size;
            assert!((ratio - 5.0).abs() < 1e-14, "{ratio}");
            assert_close(&grad(Value::norm)(&x), &array![0.6, 0.8]);
        }
        assert_eq!(Value::from([5e-324, 0.0]).norm(), 5e-324);
        assert_eq!(Value::from([f64::MAX]).norm(), f64::MAX);
        assert_eq!(Value::from([f64::INFINITY, 1.0]).norm(), f64::INFINITY);
        assert!(Value::from([f64::NAN, 1.0]).norm().value().is_nan());
    }

    #[test]
    fn hypot_is_the_length_of_a_pair() {
        let (x, y) = (
            Value::from([3.0, 0.0, 5e200]),
            Value::from([4.0, 0.0, 12e200]),
        );
        let lengths = x.hypot(&y);
        assert_eq!(elements(&lengths)[..2], [5.0, 0.0]);
        let ratio = elements(&lengths)[2] / 13e200;
        assert!((ratio - 1.0).abs() < 1e-15, "{ratio}");
        let slopes = elementwise_grad(|x| x.hypot(&y))(&x);
        assert_close(&slopes, &array![0.6, 0.0, 5.0 / 13.0]);
    }

    #[test]
    fn gradients_agree_with_central_differences() {
        let cube = || vec![arbitrary(&[2, 3, 2], 1)];
        assert_gradients("norm", &|x| x[0].norm(), &cube());
        assert_gradients("norm_axis", &|x| x[0].norm_axis([0, 2]), &cube());
        let pair = vec![arbitrary(&[2, 3], 1), arbitrary(&[3], 2)];
        assert_gradients("hypot", &|x| x[0].hypot(&x[1]), &pair);
    }
}

mod spread {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn variance_and_deviation_have_their_values() {
        let x = Value::from([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]);
        assert_eq!((x.var(0.0).value(), x.std(0.0).value()), (4.0, 2.0));
        assert_close(&x.var(1.0), &ndarray::arr0(32.0 / 7.0));
        let rows = Value::from(array![[1.0, 3.0], [2.0, 6.0]]);
        assert_eq!(elements(&rows.var_axis(1, 0.0)), [1.0, 4.0]);
        assert_eq!(elements(&rows.std_axis(1, 0.0)), [1.0, 2.0]);
        assert_eq!(rows.std_axis(Axes::from(1).keep(), 0.0).shape(), [2, 1]);
    }

    #[test]
    fn a_large_mean_does_not_drown_the_variance() {
        let x = Value::from([1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]);
        assert_eq!(x.var(1.0), 30.0);
    }

    #[test]
    fn equal_elements_have_a_deviation_with_gradient_0() {
        let x = Value::from([3.0, 3.0]);
        assert_eq!(elements(&grad(|x| x.std(0.0))(&x)), [0.0, 0.0]);
        assert_eq!(elements(&hessian(|x| x.std(0.0))(&x)), [0.0; 4]);
    }

    #[test]
    fn the_hessian_knows_that_the_mean_moves() {
        // 2/n (I − 1·1ᵀ/n). With a constant mean it would be 2/n I.
        let x = Value::from([1.0, 5.0]);
        let expected = array![[0.5, -0.5], [-0.5, 0.5]];
        assert_close(&hessian(|x| x.var(0.0))(&x), &expected);
    }

    #[test]
    fn gradients_agree_with_central_differences() {
        let cube = || vec![arbitrary(&[2, 3, 2], 1)];
        assert_gradients("var", &|x| x[0].var(1.0), &cube());
        assert_gradients("var_axis", &|x| x[0].var_axis([2, 0], 0.0), &cube());
        assert_gradients("std_axis", &|x| x[0].std_axis(1, 1.0), &cube());
    }

    #[test]
    fn more_freedom_than_elements_is_refused() {
        let x = Value::from([1.0, 2.0]);
        assert_eq!(
            message(|| x.std_axis(0, 3.0)),
            "`std_axis`: ddof is 3; expected a number from 0 to 2, the number of elements"
        );
        assert!(message(|| x.var_axis(0, -1.0)).starts_with("`var_axis`: ddof is -1;"));
        for (name, said) in [
            ("var", message(|| x.var(3.0))),
            ("std", message(|| x.std(3.0))),
        ] {
            assert!(said.starts_with(&format!("`{name}`: ddof is 3;")), "{said}");
        }
    }
}

mod atan2 {
    use pretty_assertions::assert_eq;

    use super::*;

    /// The points of a square around the origin, and its corners at infinity.
    const SIDES: [f64; 6] = [-1.0, -0.0, 0.0, 2.0, f64::INFINITY, f64::NEG_INFINITY];

    #[test]
    fn its_values_are_those_of_f64() {
        for y in SIDES {
            for x in SIDES {
                assert_eq!(Value::from(y).atan2(x), y.atan2(x), "atan2({y}, {x})");
            }
        }
        assert!(Value::from(f64::NAN).atan2(1.0).value().is_nan());
    }

    #[test]
    fn its_gradient_goes_round_the_origin() {
        let points = [
            (0.0, 2.0, 0.0),
            (2.0, 2.0, FRAC_PI_4),
            (2.0, 0.0, FRAC_PI_2),
            (2.0, -2.0, 3.0 * FRAC_PI_4),
            (0.0, -2.0, PI),
            (-2.0, -2.0, -3.0 * FRAC_PI_4),
            (-2.0, 0.0, -FRAC_PI_2),
        ];
        for (y, x, angle) in points {
            let angle_of = |p: &Value| p.index(&[0]).atan2(p.index(&[1]));
            let point = Value::from([y, x]);
            assert_close(&angle_of(&point), &ndarray::arr0(angle));
            let square = x * x + y * y;
            assert_close(&grad(angle_of)(&point), &array![x / square, -y / square]);
            let curvature = array![[-2.0 * x * y, y * y - x * x], [y * y - x * x, 2.0 * x * y]];
            assert_close(&hessian(angle_of)(&point), &(curvature / (square * square)));
        }
    }

    #[test]
    fn its_gradient_at_the_origin_is_0() {
        let zero = Value::from([0.0, 0.0]);
        let gradient = grad(|p| p.index(&[0]).atan2(p.index(&[1])))(&zero);
        assert_eq!(elements(&gradient), [0.0, 0.0]);
    }

    #[test]
    fn gradients_agree_with_central_differences() {
        let signs = array(&[4, 1], &[1.0, -1.0, 3.0, -3.0]);
        let inputs = [arbitrary(&[4, 3], 1) * signs, arbitrary(&[3], 2) - 1.0];
        assert_gradients("atan2", &|p| p[0].atan2(&p[1]), &inputs);
    }
}

mod cumsum {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn each_element_is_added_to_those_before_it() {
        for length in [0, 1, 2, 3, 7, 8, 9] {
            let x = Value::from(Array1::from_iter((1..=length).map(f64::from)));
            let expected = Array1::from_iter((1..=length).map(|n| f64::from(n * (n + 1) / 2)));
            assert_eq!(x.cumsum(0).array(), expected.into_dyn());
        }
        let x = Value::from(array![[1.0, 2.0, 4.0], [10.0, 20.0, 40.0]]);
        let along_1 = array![[1.0, 3.0, 7.0], [10.0, 30.0, 70.0]].into_dyn();
        assert_eq!(x.cumsum(1).array(), along_1);
        let along_0 = array![[1.0, 2.0, 4.0], [11.0, 22.0, 44.0]].into_dyn();
        assert_eq!(x.cumsum(0).array(), along_0);
    }

    #[test]
    fn its_jacobian_is_a_triangle_of_ones() {
        let x = Value::from([5.0, 6.0, 7.0]);
        let triangle = array![[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]].into_dyn();
        assert_eq!(jacobian(|x| x.cumsum(0))(&x).array(), triangle);
    }

    #[test]
    fn what_is_not_finite_reaches_only_what_comes_after_it() {
        let x = Value::from([1.0, f64::INFINITY, 2.0]);
        assert_eq!(elements(&x.cumsum(0)), [1.0, f64::INFINITY, f64::INFINITY]);
        let x = Value::from([1.0, 2.0, f64::NAN]);
        assert_eq!(elements(&x.cumsum(0))[..2], [1.0, 3.0]);
    }

    #[test]
    fn it_takes_a_few_operations_for_each_doubling_of_the_length() {
        let nodes = |length: usize| {
            let trace = Trace::open();
            let x = Value::Boxed(trace.input(&Value::from(Array1::ones(length))));
            let Value::Boxed(sums) = x.cumsum(0) else {
                panic!("what is made of containers is a container");
            };
            order(&[sums.node()]).len()
        };
        assert_eq!([1, 2, 4, 1024].map(nodes), [1, 6, 11, 51]);
    }

    #[test]
    fn gradients_agree_with_central_differences() {
        let cube = || vec![arbitrary(&[2, 5, 2], 1)];
        assert_gradients("cumsum", &|x| x[0].cumsum(1).exp(), &cube());
    }

    #[test]
    fn an_axis_that_is_not_there_is_refused() {
        assert_eq!(
            message(|| Value::from(Array2::ones((2, 3))).cumsum(2)),
            "`cumsum`: there is no axis 2 in the shape [2, 3]"
        );
    }
}

mod forward_mode {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn it_is_the_jacobian_times_the_vector() {
        let f = |x: &Value| x.outer(x).sum_axis(1) * x.sin();
        let (x, vector) = (arbitrary(&[3], 1), arbitrary(&[3], 2));
        let (value, along) = jvp(f, &x, &vector);
        assert_close(&value, &f(&x).array());
        assert_close(&along, &jacobian(f)(&x).dot(&vector).array());
    }

    #[test]
    fn it_agrees_with_a_central_difference() {
        let f = |x: &Value| x.softmax_axis(1).cumsum(0);
        let (x, vector) = (arbitrary(&[2, 3], 1), arbitrary(&[2, 3], 2));
        let (_, along) = jvp(f, &x, &vector);
        let step = 1e-5;
        let difference = f(&(&x + step * &vector)) - f(&(&x - step * &vector));
        assert_close(&along, &(difference / (2.0 * step)).array());
    }

    #[test]
    fn shapes_and_kinds_may_change_on_the_way() {
        let (value, along) = jvp(
            |x| x.sum(),
            &Value::from([1.0, 2.0]),
            &Value::from([10.0, 20.0]),
        );
        assert_eq!((value.value(), along.value()), (3.0, 30.0));
        let row = |x: &Value| x * Value::from([1.0, 2.0]);
        let (_, along) = jvp(row, &Value::from(3.0), &Value::from(5.0));
        assert_eq!(elements(&along), [5.0, 10.0]);
    }

    #[test]
    fn a_constant_does_not_move() {
        let x = Value::from([1.0, 2.0]);
        let (value, along) = jvp(|_| Value::from(7.0), &x, &x);
        assert_eq!((value.value(), along.value()), (7.0, 0.0));
    }

    #[test]
    fn it_nests_in_itself_and_in_gradients() {
        // Along 1 twice: the second derivative of x³ is 6x.
        let one = Value::from(1.0);
        let cube = |x: &Value| x * x * x;
        let slope = |x: &Value| jvp(cube, x, &one).1;
        assert_eq!(jvp(slope, &Value::from(2.0), &one).1, 12.0);
        assert_eq!(grad(slope)(&Value::from(2.0)), 12.0);
        // Forward over reverse: a Hessian times a vector.
        let f = |x: &Value| x.prod() + x.index(&[0]).powf(3.0);
        let (x, vector) = (Value::from([2.0, 3.0]), Value::from([1.0, 10.0]));
        let (_, along) = jvp(grad(f), &x, &vector);
        assert_eq!(elements(&along), elements(&hessian(f)(&x).dot(&vector)));
    }

    #[test]
    fn a_slope_of_0_in_the_seed_loses_nothing() {
        // The seed is a vector of ones, and only its derivative counts. Neither may be NaN.
        let (_, along) = jvp(
            |x| x.sqrt(),
            &Value::from([0.0, 4.0]),
            &Value::from([0.0, 1.0]),
        );
        assert_eq!(elements(&along)[1], 0.25);
    }

    #[test]
    fn a_vector_of_another_shape_is_refused() {
        assert_eq!(
            message(|| jvp(Value::sin, &Value::from([1.0, 2.0]), &Value::from(1.0))),
            "`jvp`: the vector is f64; expected an array of shape [2]"
        );
    }
}

#[test]
fn each_refuses_in_its_own_name() {
    #[derive(Debug)]
    struct Name;
    impl stage4::Data for Name {
        fn kind(&self) -> &'static str {
            "name"
        }
    }
    type Composed = (&'static str, fn(&Value) -> Value);
    let composed: [Composed; 14] = [
        ("sigmoid", Value::sigmoid),
        ("softplus", Value::softplus),
        ("relu", Value::relu),
        ("clip", |x| x.clip(0.0, 1.0)),
        ("norm", Value::norm),
        ("norm_axis", |x| x.norm_axis(0)),
        ("hypot", |x| x.hypot(1.0)),
        ("var", |x| x.var(0.0)),
        ("var_axis", |x| x.var_axis(0, 0.0)),
        ("std", |x| x.std(0.0)),
        ("std_axis", |x| x.std_axis(0, 0.0)),
        ("atan2", |x| x.atan2(1.0)),
        ("cumsum", |x| x.cumsum(0)),
        ("less_equal", |x| x.less_equal(0.0)),
    ];
    for (name, f) in composed {
        assert_eq!(
            message(|| f(&Value::new(Name))),
            format!("`{name}`: argument 0 is name; expected a number (f64) or an array")
        );
    }
    let (two, three) = (Value::from([1.0, 2.0]), Value::from([1.0, 2.0, 3.0]));
    for (name, said) in [
        ("clip", message(|| two.clip(&three, 1.0))),
        ("hypot", message(|| two.hypot(&three))),
        ("atan2", message(|| two.atan2(&three))),
    ] {
        let start = format!("`{name}`: the shapes [[2], [3]");
        assert!(said.starts_with(&start), "{said}");
    }
}

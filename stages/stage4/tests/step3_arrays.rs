//! # Arrays that broadcast
//!
//! Chapter: arrays.md#data-of-two-types
//!
//! About: values, shapes
//!
//! Items: array.rs `Data for SharedArray`, `into_raw`, `From<Array<f64, D>> for Value`,
//! `Value::array`, `Operand::of`, `Operand::view`, `Operand::shared`, `Args::operand`,
//! `Args::map`, `Args::zip`, `common_shape`, `Args::broadcast_shapes`, `Args::check_broadcast`,
//! `broadcast`, `select`, `larger`, ops.rs
//! `Add<&Value> for &Value`, `Sub<&Value> for &Value`, `Mul<&Value> for &Value`,
//! `Div<&Value> for &Value`, `Neg for &Value`, `Neg for Value`, `From<&Value> for Value`,
//! `Value::powf`, `Value::sin`, `Value::cos`, `Value::exp`, `Value::ln`, `Value::sqrt`,
//! `Value::tanh`, `Value::floor`, `Value::sign`, `Value::tan`, `Value::asin`, `Value::acos`,
//! `Value::atan`, `Value::sinh`, `Value::cosh`, `Value::exp_m1`, `Value::ln_1p`, `Value::abs`,
//! `Value::square`, `Value::minimum`, `Value::maximum`, `Value::equals`, `Value::greater`,
//! `Value::greater_equal`, `Value::less`, `Value::less_equal`, `Value::is_nan`, `Value::is_finite`,
//! `Value::is_infinite`, `Value::detach`, `check`, `select`, `Value::broadcast`
//!
//! A value may hold an `ndarray` array of any number of axes; one without axes is a number.
//! Functions of one number apply to each element. Functions of two take the elements in pairs,
//! after *broadcasting*: shapes are aligned at the last axis, and an axis of length 1, or a missing
//! one, repeats. (The shape that `Value::broadcast` is told is a setting, `Shape`, of the next section.)
//!
//! Names: `Value::from(array)` takes an owned `ndarray` array of any rank, `array()` gives an
//! `ArrayD<f64>`. In a raw function, `args.map(f)` and `args.zip(f)` apply a function of one number or
//! of two. The operators `+ - * /` and unary `-` take values, references and plain numbers on either
//! side. Methods of `Value` without an argument: `sin cos tan asin acos atan sinh cosh tanh exp exp_m1
//! ln ln_1p sqrt abs square floor sign is_nan is_finite is_infinite detach`; with a value, a reference
//! or a number: `powf maximum minimum equals greater greater_equal less less_equal`;
//! `broadcast(&[2, 3])`. `stage4::ops::select(&condition, x, y)` takes `x` where the condition is not
//! 0. Comparisons, `sign`, `floor`, `is_nan` and `is_finite` give constants, and `detach` makes one.
//!
//! NaN is neither greater nor equal, and the maximum and the minimum of NaN and a number are NaN.
//!
//! Refusals: shapes that do not broadcast are named with the operation: `mul`, [2, 3] and [2];
//! `broadcast`, [2] and [3]. (The operators are called `add`, `sub`, `mul`, `div` and `neg`, the
//! functions as their methods.) Anything that is neither a number nor an array is named with the
//! function and "argument 0".
//!
//! Hint 1: `Args::map` and `Args::zip` do the work, once for all operations.
//! Hint 2: Two numbers need no array, and an array with a number needs no broadcasting; only two
//! arrays do. `ndarray`'s own operators broadcast in one direction only.
//! Hint 3: In `zip`, find the common shape with `broadcast_shapes`, bring both arrays to it with
//! `array.broadcast(shape)`, and give them to `pairs`, or to
//! `Zip::from(&x).and(&y).map_collect(|x, y| f(*x, *y))`.

use ndarray::{Array3, arr0, array};
use pretty_assertions::assert_eq;
use stage4::ops::select;
use stage4::{Primitive, Value};

mod common;

use common::assert_refused;

#[test]
fn an_array_goes_in_and_comes_out() {
    let x = Value::from(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    assert_eq!(x.shape(), [2, 3]);
    let out = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]].into_dyn();
    assert_eq!(x.array(), out);
}

#[test]
fn an_array_without_axes_is_a_number() {
    assert_eq!(Value::from(arr0(2.5)), 2.5);
    assert_eq!(Value::from(2.5).array(), arr0(2.5).into_dyn());
}

#[test]
fn zeros_and_ones_have_the_shape() {
    let x = Value::from(array![[1.0, 2.0, 3.0]]);
    assert_eq!(x.zeros().array(), array![[0.0, 0.0, 0.0]].into_dyn());
    assert_eq!(x.ones().array(), array![[1.0, 1.0, 1.0]].into_dyn());
}

#[test]
fn a_function_applies_to_each_element() {
    let x = Value::from(array![0.25, -0.5]);
    type Function = fn(&Value) -> Value;
    type OfNumber = fn(f64) -> f64;
    let functions: [(Function, OfNumber); 16] = [
        (|x| -x, |x| -x),
        (Value::sin, f64::sin),
        (Value::cos, f64::cos),
        (Value::tan, f64::tan),
        (Value::asin, f64::asin),
        (Value::acos, f64::acos),
        (Value::atan, f64::atan),
        (Value::sinh, f64::sinh),
        (Value::cosh, f64::cosh),
        (Value::tanh, f64::tanh),
        (Value::exp, f64::exp),
        (Value::exp_m1, f64::exp_m1),
        (Value::ln_1p, f64::ln_1p),
        (Value::abs, f64::abs),
        (Value::square, |x| x * x),
        (Value::floor, f64::floor),
    ];
    for (function, of_number) in functions {
        let expected = array![of_number(0.25), of_number(-0.5)].into_dyn();
        assert_eq!(function(&x).array(), expected);
        assert_eq!(function(&Value::from(0.25)), of_number(0.25));
    }
    let x = Value::from(array![0.25, 9.0]);
    assert_eq!(x.sqrt().array(), array![0.5, 3.0].into_dyn());
    assert_eq!(
        x.ln().array(),
        array![0.25_f64.ln(), 9.0_f64.ln()].into_dyn()
    );
}

#[test]
fn operators_take_the_elements_in_pairs() {
    let (x, y) = (Value::from(array![8.0, 3.0]), Value::from(array![2.0, 4.0]));
    assert_eq!((&x + &y).array(), array![10.0, 7.0].into_dyn());
    assert_eq!((&x - &y).array(), array![6.0, -1.0].into_dyn());
    assert_eq!((&x * &y).array(), array![16.0, 12.0].into_dyn());
    assert_eq!((&x / &y).array(), array![4.0, 0.75].into_dyn());
    assert_eq!(x.powf(&y).array(), array![64.0, 81.0].into_dyn());
    assert_eq!(x.maximum(&y).array(), array![8.0, 4.0].into_dyn());
    assert_eq!(x.minimum(&y).array(), array![2.0, 3.0].into_dyn());
}

#[test]
fn a_plain_number_stands_on_either_side() {
    let x = Value::from(array![1.0, 2.0]);
    assert_eq!((&x - 1.0).array(), array![0.0, 1.0].into_dyn());
    assert_eq!((1.0 - &x).array(), array![0.0, -1.0].into_dyn());
    assert_eq!((4.0 / x.clone()).array(), array![4.0, 2.0].into_dyn());
    assert_eq!((x / 2.0).array(), array![0.5, 1.0].into_dyn());
}

#[test]
fn each_form_of_an_operator_keeps_its_sides() {
    let (x, y) = (&Value::from(8.0), &Value::from(2.0));
    let own = Value::clone;
    for sum in [x + y, own(x) + own(y), own(x) + y, x + own(y)] {
        assert_eq!(sum, 10.0);
    }
    for sum in [x + 2.0, own(x) + 2.0, 8.0 + y, 8.0 + own(y)] {
        assert_eq!(sum, 10.0);
    }
    for difference in [x - y, own(x) - own(y), own(x) - y, x - own(y)] {
        assert_eq!(difference, 6.0);
    }
    for difference in [x - 2.0, own(x) - 2.0, 8.0 - y, 8.0 - own(y)] {
        assert_eq!(difference, 6.0);
    }
    for product in [x * y, own(x) * own(y), own(x) * y, x * own(y)] {
        assert_eq!(product, 16.0);
    }
    for product in [x * 2.0, own(x) * 2.0, 8.0 * y, 8.0 * own(y)] {
        assert_eq!(product, 16.0);
    }
    for quotient in [x / y, own(x) / own(y), own(x) / y, x / own(y)] {
        assert_eq!(quotient, 4.0);
    }
    for quotient in [x / 2.0, own(x) / 2.0, 8.0 / y, 8.0 / own(y)] {
        assert_eq!(quotient, 4.0);
    }
    assert_eq!([-x, -own(x)], [-8.0, -8.0]);
}

#[test]
fn a_column_and_a_row_make_a_matrix() {
    let column = Value::from(array![[10.0], [20.0], [30.0]]);
    let row = Value::from(array![[1.0, 2.0]]);
    let sums = array![[11.0, 12.0], [21.0, 22.0], [31.0, 32.0]].into_dyn();
    assert_eq!((&column + &row).array(), sums);
    assert_eq!((&row + &column).array(), sums);
}

#[test]
fn missing_axes_are_added_in_front() {
    let cube = Value::from(Array3::from_elem((2, 2, 3), 10.0));
    let vector = Value::from(array![1.0, 2.0, 3.0]);
    for sum in [&cube + &vector, &vector + &cube] {
        assert_eq!(sum.shape(), [2, 2, 3]);
        for lane in sum.array().rows() {
            assert_eq!(lane.to_vec(), [11.0, 12.0, 13.0]);
        }
    }
}

#[test]
fn shapes_that_do_not_broadcast_are_refused_by_operation() {
    let matrix = Value::from(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let pair = Value::from(array![1.0, 2.0]);
    assert_refused(|| &matrix * &pair, &["`mul`", "[2, 3]", "[2]"]);
}

#[test]
fn select_chooses_for_each_element() {
    let condition = Value::from(array![1.0, 0.0, 1.0]);
    let x = Value::from(array![1.0, 2.0, 3.0]);
    assert_eq!(
        select(&condition, &x, -1.0).array(),
        array![1.0, -1.0, 3.0].into_dyn()
    );
    assert_eq!(
        select(&condition, -1.0, &x).array(),
        array![-1.0, 2.0, -1.0].into_dyn()
    );
    let column = Value::from(array![[10.0], [20.0]]);
    assert_eq!(
        select(&condition, &x, column).array(),
        array![[1.0, 10.0, 3.0], [1.0, 20.0, 3.0]].into_dyn()
    );
}

#[test]
fn comparisons_give_1_and_0() {
    let x = Value::from(array![1.0, 2.0, f64::NAN, f64::INFINITY]);
    assert_eq!(
        x.greater(1.0).array(),
        array![0.0, 1.0, 0.0, 1.0].into_dyn()
    );
    assert_eq!(x.equals(1.0).array(), array![1.0, 0.0, 0.0, 0.0].into_dyn());
    let comparisons = [
        (x.greater_equal(2.0), [0.0, 1.0, 0.0, 1.0]),
        (x.less(2.0), [1.0, 0.0, 0.0, 0.0]),
        (x.less_equal(2.0), [1.0, 1.0, 0.0, 0.0]),
        (x.is_infinite(), [0.0, 0.0, 0.0, 1.0]),
    ];
    for (comparison, expected) in comparisons {
        assert_eq!(comparison.array(), ndarray::arr1(&expected).into_dyn());
    }
    assert_eq!(x.is_nan().array(), array![0.0, 0.0, 1.0, 0.0].into_dyn());
    assert_eq!(x.is_finite().array(), array![1.0, 1.0, 0.0, 0.0].into_dyn());
    let x = Value::from(array![1.0, -f64::INFINITY, f64::NAN, f64::INFINITY]);
    let infinite = array![0.0, 1.0, 0.0, 1.0].into_dyn();
    assert_eq!(x.is_infinite().array(), infinite);
    let signs = Value::from(array![-2.0, 0.0, 3.0]).sign();
    assert_eq!(signs.array(), array![-1.0, 0.0, 1.0].into_dyn());
}

#[test]
fn the_larger_of_nan_and_a_number_is_nan() {
    let (x, y) = (
        Value::from(array![f64::NAN, 1.0]),
        Value::from(array![1.0, f64::NAN]),
    );
    assert!(x.maximum(&y).array().iter().all(|x| x.is_nan()));
    assert!(x.minimum(&y).array().iter().all(|x| x.is_nan()));
}

#[test]
fn a_value_is_repeated_to_a_shape() {
    let row = Value::from(array![1.0, 2.0]);
    let repeated = array![[1.0, 2.0], [1.0, 2.0]].into_dyn();
    assert_eq!(row.broadcast(&[2, 2]).array(), repeated);
    assert_eq!(
        Value::from(7.0).broadcast(&[2]).array(),
        array![7.0, 7.0].into_dyn()
    );
}

#[test]
fn a_value_that_cannot_be_repeated_to_the_shape_is_refused() {
    let pair = Value::from(array![1.0, 2.0]);
    assert_refused(|| pair.broadcast(&[3]), &["`broadcast`", "[2]", "[3]"]);
}

#[test]
fn a_new_primitive_works_on_arrays_at_once() {
    static HYPOT: Primitive = Primitive::new("hypot", |args| args.zip(f64::hypot));
    let x = Value::from(array![3.0, 5.0]);
    let y = Value::from(array![[4.0], [12.0]]);
    let sides = HYPOT.bind(&[&x, &y]);
    let expected = array![[5.0, 41.0_f64.sqrt()], [153.0_f64.sqrt(), 13.0]].into_dyn();
    assert!(
        (sides.array() - expected)
            .iter()
            .all(|error| error.abs() < 1e-12)
    );
}

#[test]
fn what_is_neither_number_nor_array_is_refused() {
    #[derive(Debug)]
    struct Name;
    impl stage4::Data for Name {}
    let name = Value::new(Name);
    assert_refused(|| name.sin(), &["`sin`", "argument 0"]);
}

#[test]
fn a_detached_value_is_the_same_as_a_constant() {
    let trace = stage4::Trace::open();
    let x = Value::Boxed(trace.input(&Value::from(array![1.0, 2.0])));
    let constant = x.detach();
    assert!(matches!(constant, Value::Plain(_)));
    assert_eq!(constant.array(), x.array());
}

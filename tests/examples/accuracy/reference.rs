//! The right answers: functions and their derivatives, computed with hundreds of digits.

use std::cmp::Ordering;

use dashu_float::FBig;
use dashu_float::round::mode::HalfEven;

/// A number with as many binary digits as it was made with.
pub(crate) type Big = FBig<HalfEven, 2>;

/// A function of some numbers.
pub(crate) type Function = fn(&[Big]) -> Big;

/// How many binary digits are tried, one after the other.
const DIGITS: [usize; 5] = [256, 512, 2048, 4096, 8192];

/// Two results with different numbers of digits agree if they differ by less than 2^−70.
const AGREEMENT: isize = 70;

/// `x` with `digits` digits.
pub(crate) fn big(x: f64, digits: usize) -> Big {
    let x = Big::try_from(x).expect("a finite number");
    x.with_precision(digits).value()
}

fn bigs(x: &[f64], digits: usize) -> Vec<Big> {
    x.iter().map(|&x| big(x, digits)).collect()
}

fn size(x: &Big) -> Big {
    if *x < Big::ZERO { -x } else { x.clone() }
}

/// The result of a computation that begins with a number of digits: more and more of them, until
/// two in a row agree. A zero may be what is left of a small number, and is believed at the end.
fn refined(compute: impl Fn(usize) -> Big) -> Big {
    let mut last = Big::ZERO;
    for digits in DIGITS {
        let found = compute(digits);
        if found != Big::ZERO && size(&(&found - &last)) < size(&found) >> AGREEMENT {
            return found;
        }
        last = found;
    }
    assert!(last == Big::ZERO, "no agreement with {DIGITS:?} digits");
    last
}

/// `f` at `x`.
pub(crate) fn value(f: Function, x: &[f64]) -> Big {
    refined(|digits| f(&bigs(x, digits)))
}

/// The derivative of `f` at `x` by argument number `argnum`: a central difference. The step has a
/// third of the digits, so that its square, the truncation, has two thirds. The rounding, divided
/// by the step, has two thirds as well.
pub(crate) fn slope(f: Function, x: &[f64], argnum: usize) -> Big {
    refined(|digits| {
        let (right, step) = moved(f, x, argnum, digits, digits / 3, 1);
        let (left, _) = moved(f, x, argnum, digits, digits / 3, -1);
        (right - left) / (step << 1)
    })
}

/// The second derivative of `f` at `x`, for a function of one number.
pub(crate) fn curvature(f: Function, x: f64) -> Big {
    refined(|digits| {
        let (right, step) = moved(f, &[x], 0, digits, digits / 4, 1);
        let (left, _) = moved(f, &[x], 0, digits, digits / 4, -1);
        let middle = f(&bigs(&[x], digits));
        (right - (middle << 1) + left) / (&step * &step)
    })
}

/// `f` where one argument has moved by a step, and the step: 2^−`places` of the argument.
fn moved(
    f: Function,
    x: &[f64],
    argnum: usize,
    digits: usize,
    places: usize,
    direction: isize,
) -> (Big, Big) {
    let mut x = bigs(x, digits);
    let scale = if x[argnum] == Big::ZERO {
        big(1.0, digits)
    } else {
        x[argnum].clone()
    };
    let step = size(&scale) >> places as isize;
    x[argnum] = match direction.cmp(&0) {
        Ordering::Less => &x[argnum] - &step,
        _ => &x[argnum] + &step,
    };
    (f(&x), step)
}

/// How far `found` is from `right`, in units in the last place of an `f64` that is nearest to
/// `right`.
pub(crate) fn error(found: f64, right: &Big) -> f64 {
    let nearest = right.to_f64().value();
    if found == nearest || found.is_nan() && nearest.is_nan() {
        if !found.is_finite() {
            return 0.0;
        }
    } else if !found.is_finite() || !nearest.is_finite() {
        return f64::INFINITY;
    }
    let below = nearest.abs().min(f64::MAX.next_down());
    let unit = below.next_up() - below;
    let error = (big(found, 8192) - right) / big(unit, 8192);
    error.to_f64().value().abs()
}

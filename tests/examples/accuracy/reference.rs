//! The right answers: functions and their derivatives, computed with hundreds of digits.

use dashu_float::FBig;
use dashu_float::ops::Abs;
use dashu_float::round::mode::HalfEven;

/// A number with as many binary digits as it was made with.
pub(crate) type Big = FBig<HalfEven, 2>;

/// A function of some numbers.
pub(crate) type Function = fn(&[Big]) -> Big;

/// `x` with `digits` digits.
pub(crate) fn big(x: f64, digits: usize) -> Big {
    let x = Big::try_from(x).expect("a finite number");
    x.with_precision(digits).value()
}

fn bigs(x: &[f64], digits: usize) -> Vec<Big> {
    x.iter().map(|&x| big(x, digits)).collect()
}

// ANCHOR: slope
/// How many binary digits are tried, one after the other.
const DIGITS: [usize; 6] = [220, 440, 880, 1760, 3520, 7040];

/// Two results with different numbers of digits agree if their first 70 digits do.
const AGREEMENT: isize = 70;

/// The result of `compute`, with enough digits that it agrees with the result for fewer. A zero may
/// be all that is left of a small number, so it is believed only at the end.
fn refined(compute: impl Fn(usize) -> Big) -> Big {
    let mut last = Big::ZERO;
    for digits in DIGITS {
        let found = compute(digits);
        if found != Big::ZERO && (&found - &last).abs() < found.clone().abs() >> AGREEMENT {
            return found;
        }
        last = found;
    }
    assert!(last == Big::ZERO, "no agreement with {DIGITS:?} digits");
    last
}

/// The derivative of `f` at `x` in argument number `argnum`: a central difference. The step
/// is smaller than `x` by a third of the digits, so the truncation, which goes with its square,
/// leaves two thirds of them right. The rounding, which is divided by the step, leaves as many.
pub(crate) fn slope(f: Function, x: &[f64], argnum: usize) -> Big {
    refined(|digits| {
        let step = step(x[argnum], digits, digits / 3);
        let right = f(&moved(x, argnum, &step));
        let left = f(&moved(x, argnum, &-&step));
        (right - left) / (step << 1)
    })
}
// ANCHOR_END: slope

/// `f` at `x`.
pub(crate) fn value(f: Function, x: &[f64]) -> Big {
    refined(|digits| f(&bigs(x, digits)))
}

/// The second derivative of `f` at `x`, for a function of one number.
pub(crate) fn curvature(f: Function, x: f64) -> Big {
    refined(|digits| {
        let step = step(x, digits, digits / 4);
        let right = f(&moved(&[x], 0, &step));
        let left = f(&moved(&[x], 0, &-&step));
        let middle = f(&bigs(&[x], digits));
        (right - (middle << 1) + left) / (&step * &step)
    })
}

/// 2^−`places` of `x`, or of 1 at 0.
fn step(x: f64, digits: usize, places: usize) -> Big {
    let scale = if x == 0.0 { 1.0 } else { x.abs() };
    big(scale, digits) >> places as isize
}

/// `x`, where one argument has moved by a step.
fn moved(x: &[f64], argnum: usize, step: &Big) -> Vec<Big> {
    let mut x = bigs(x, step.precision());
    x[argnum] = &x[argnum] + step;
    x
}

/// How far `found` is from `right`, in units in the last place: the distance of the `f64` nearest to
/// `right` to the next one.
pub(crate) fn error(found: f64, right: &Big) -> f64 {
    let nearest = right.to_f64().value();
    if !found.is_finite() || !nearest.is_finite() {
        return if found == nearest { 0.0 } else { f64::INFINITY };
    }
    // Beyond the largest number there is no next one.
    let size = nearest.abs().min(f64::MAX.next_down());
    let unit = size.next_up() - size;
    let error = (big(found, 53) - right) / big(unit, 53);
    error.to_f64().value().abs()
}

//! What the chapter on practice says of numbers of sixteen bits.

#[path = "../examples/half.rs"]
#[allow(dead_code, reason = "the tests have no use for what is printed")]
mod half;

use half::{Kind, bf16, define, f16, slope, steps};

/// The number that sixteen bits stand for, by the standard.
fn decoded(bits: u16) -> f64 {
    let (exponent, digits) = (i32::from(bits >> 10), f64::from(bits & 0x3ff));
    match exponent {
        0 => digits * 2.0_f64.powi(-24),
        _ => (1.0 + digits / 1024.0) * 2.0_f64.powi(exponent - 15),
    }
}

#[test]
fn every_half_is_itself_and_what_lies_between_two_goes_to_the_nearer() {
    for bits in 0..0x7bff_u16 {
        let (low, high) = (decoded(bits), decoded(bits + 1));
        assert_eq!(f16(low), low);
        let even = if bits % 2 == 0 { low } else { high };
        assert_eq!(f16(0.5 * low + 0.5 * high), even);
        assert_eq!(f16(0.75 * low + 0.25 * high), low);
        assert_eq!(f16(-0.25 * low - 0.75 * high), -high);
    }
}

#[test]
fn what_is_too_large_is_infinite() {
    assert_eq!(f16(65519.0), 65504.0);
    assert_eq!(f16(-65520.0), f64::NEG_INFINITY);
    assert_eq!(bf16(1e39), f64::INFINITY);
    // The rule rounds a gradient that has become infinite before.
    assert_eq!(f16(f64::NEG_INFINITY), f64::NEG_INFINITY);
    assert!(f16(f64::NAN).is_nan());
}

#[test]
fn bf16_is_the_rounded_upper_half_of_an_f32() {
    for i in 0..10_000 {
        let number =
            (f64::from(i) * 0.37).exp2().recip() as f32 * if i % 2 == 0 { 1.3 } else { -1.7 };
        if !number.is_normal() {
            break;
        }
        let bits = number.to_bits();
        let upper = bits.wrapping_add(0x7fff + ((bits >> 16) & 1)) & 0xffff_0000;
        assert_eq!(bf16(f64::from(number)), f64::from(f32::from_bits(upper)));
    }
}

#[test]
fn a_scaled_loss_keeps_what_half_precision_would_lose() {
    define();
    let exact = slope(Kind::Exact, 16, 1.0);
    assert_eq!(slope(Kind::Half, 16, 1.0), 0.0);
    for (kind, scale) in [(Kind::Half, 32768.0), (Kind::Brain, 1.0)] {
        assert!((slope(kind, 16, scale) / exact - 1.0).abs() < 0.05);
    }
}

#[test]
fn small_steps_vanish_in_rounded_weights() {
    assert!((steps(|x| x) - 1.1).abs() < 1e-9);
    assert_eq!(steps(f16), 1.0);
    assert_eq!(steps(bf16), 1.0);
}

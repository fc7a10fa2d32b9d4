//! How a wrong number looks beside the right one.

/// A relation that has a known cause, where it is that of a gradient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// Half of what it should be.
    Half,
    /// Twice what it should be.
    Double,
    /// Zero, and it should not be.
    Zero,
    /// What it should be, with the opposite sign.
    Opposite,
}

/// How far a number may be from the pattern, relative to its size. What is compared may be a
/// finite difference, which has eight good digits or so.
const TOLERANCE: f64 = 1e-6;

impl Pattern {
    /// The pattern in a number that is not what it should be; none if it has no known one.
    ///
    /// ```
    /// use project::pattern::Pattern;
    ///
    /// assert_eq!(Pattern::of(3.0, 6.0), Some(Pattern::Half));
    /// assert_eq!(Pattern::of(2.0, 6.0), None);
    /// ```
    pub fn of(seen: f64, expected: f64) -> Option<Pattern> {
        match () {
            () if close(seen, expected) => None,
            () if seen == 0.0 => Some(Pattern::Zero),
            () if close(seen, expected / 2.0) => Some(Pattern::Half),
            () if close(seen, expected * 2.0) => Some(Pattern::Double),
            () if close(seen, -expected) => Some(Pattern::Opposite),
            () => None,
        }
    }
}

/// Whether two numbers are the same, or both are not a number.
pub fn close(a: f64, b: f64) -> bool {
    let size = a.abs().max(b.abs());
    a == b || (a.is_nan() && b.is_nan()) || size.is_finite() && (a - b).abs() <= TOLERANCE * size
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pattern_is_recognised_up_to_the_digits_of_a_finite_difference() {
        for (seen, expected, pattern) in [
            (3.0, 6.0, Some(Pattern::Half)),
            (12.0, 6.0, Some(Pattern::Double)),
            (0.0, 6.0, Some(Pattern::Zero)),
            (-6.0, 6.0, Some(Pattern::Opposite)),
            (3.0000001, 6.0, Some(Pattern::Half)),
            (3.00001, 6.0, None),
            (6.0, 6.0, None),
            (6.0000001, 6.0, None),
            (5.0, 6.0, None),
            (6.0, 0.0, None),
            (f64::NAN, 6.0, None),
            (f64::NAN, f64::NAN, None),
            (f64::INFINITY, 6.0, None),
            (f64::NEG_INFINITY, f64::INFINITY, Some(Pattern::Opposite)),
            (0.0, f64::INFINITY, Some(Pattern::Zero)),
        ] {
            assert_eq!(Pattern::of(seen, expected), pattern, "{seen} {expected}");
        }
    }
}

//! The axes of a plot: where its numbers are, and which of them are written.

use anyhow::{Result, bail};

/// What is written at an axis, and how it counts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    pub(super) label: String,
    pub(super) logarithmic: bool,
}

/// Where the numbers of an axis are: `from` and `to` are its ends, of the logarithms if it is
/// logarithmic.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    pub(super) from: f64,
    pub(super) to: f64,
    logarithmic: bool,
    /// Where something is written, and what.
    pub(super) ticks: Vec<(f64, String)>,
}

impl Scale {
    /// A scale for some numbers, with at most `most` ticks.
    pub(super) fn new(
        axis: &Axis,
        numbers: impl Iterator<Item = f64>,
        most: usize,
    ) -> Result<Scale> {
        let numbers: Vec<f64> = numbers
            .map(|number| {
                if axis.logarithmic {
                    number.log10()
                } else {
                    number
                }
            })
            .collect();
        let mut from = numbers.iter().copied().fold(f64::INFINITY, f64::min);
        let mut to = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // Up to powers of ten, where there would hardly be one between the ends.
        if axis.logarithmic && to.floor() - from.ceil() < 1.0 {
            (from, to) = (from.floor(), to.ceil());
        }
        let (least, greatest) = (from, to);
        if to - from <= 1e-9 * from.abs().max(to.abs()) {
            let size = if axis.logarithmic { 1.0 } else { from.abs() };
            let room = 0.5 * size.max(1.0);
            (from, to) = (from - room, to + room);
        }
        let margin = 0.03 * (to - from);
        let (from, to) = (from - margin, to + margin);
        if !(to - from).is_normal() {
            bail!("it cannot be drawn from {least:e} to {greatest:e}");
        }
        let ticks = if axis.logarithmic {
            powers(from, to, most)
        } else {
            round_numbers(from, to, most)
        };
        Ok(Scale {
            from,
            to,
            logarithmic: axis.logarithmic,
            ticks,
        })
    }

    /// From 0 at one end of the axis to 1 at the other.
    pub(super) fn place(&self, number: f64) -> f64 {
        let number = if self.logarithmic {
            number.log10()
        } else {
            number
        };
        (number - self.from) / (self.to - self.from)
    }
}

/// Multiples of 1, 2 or 5 times a power of ten, as many as are allowed.
fn round_numbers(from: f64, to: f64, most: usize) -> Vec<(f64, String)> {
    let smallest = ((to - from) / most as f64).log10().floor() as i32;
    let ticks = |power: i32, factor: f64| {
        let step = factor * 10f64.powi(power);
        let decimals = (-power).max(0) as usize;
        let times = (from / step).ceil() as i64..=(to / step).floor() as i64;
        times
            .map(|times| times as f64 * step)
            .map(|number| (number, plain(number, decimals)))
            .collect::<Vec<_>>()
    };
    let powers = smallest..=smallest + 1;
    let mut steps = powers.flat_map(|power| [1.0, 2.0, 5.0].map(|factor| (power, factor)));
    steps
        .find_map(|(power, factor)| {
            let ticks = ticks(power, factor);
            (ticks.len() <= most).then_some(ticks)
        })
        .unwrap_or_default()
}

/// Powers of ten; each, or each second, or each third.
fn powers(from: f64, to: f64, most: usize) -> Vec<(f64, String)> {
    let (first, last) = (from.ceil() as i32, to.floor() as i32);
    let step = (last - first) / most as i32 + 1;
    let exponents = || (first..=last).filter(|exponent| exponent % step == 0);
    let is_short = exponents().all(|exponent| (-2..=5).contains(&exponent));
    exponents()
        .map(|exponent| {
            let text = if is_short {
                plain(10f64.powi(exponent), (-exponent).max(0) as usize)
            } else {
                format!("10{}", superscript(exponent))
            };
            (f64::from(exponent), text)
        })
        .collect()
}

/// A number with a real minus and with commas.
fn plain(number: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", number.abs());
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut out = String::new();
    if number < 0.0 {
        out.push('−');
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

fn superscript(number: i32) -> String {
    let raised = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '0' | '4'..='9' => char::from_u32('⁰' as u32 + c as u32 - '0' as u32).unwrap_or(c),
        _ => c,
    };
    number.to_string().chars().map(raised).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn texts(ticks: Vec<(f64, String)>) -> Vec<String> {
        ticks.into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn ticks_are_round_numbers() {
        assert_eq!(
            texts(round_numbers(-7.2, 7.2, 7)),
            ["−6", "−4", "−2", "0", "2", "4", "6"]
        );
        assert_eq!(texts(round_numbers(0.0, 0.25, 4)), ["0.0", "0.1", "0.2"]);
        assert_eq!(
            texts(round_numbers(0.0, 2e6, 3)),
            ["0", "1,000,000", "2,000,000"]
        );
        assert_eq!(
            texts(powers(-14.3, 0.1, 7)),
            ["10⁻¹²", "10⁻⁹", "10⁻⁶", "10⁻³", "10⁰"]
        );
        assert_eq!(
            texts(powers(-1.0, 3.5, 7)),
            ["0.1", "1", "10", "100", "1,000"]
        );
    }

    #[test]
    fn an_axis_holds_its_numbers() {
        let axis = |logarithmic| Axis {
            label: String::new(),
            logarithmic,
        };
        for (logarithmic, numbers) in [
            (false, [-3.0, 5.0]),
            (false, [1e-12, 9e-12]),
            (false, [1e17, 1.0001e17]),
            (true, [2.0, 7.0]),
            (true, [1e-9, 1e3]),
        ] {
            let scale = Scale::new(&axis(logarithmic), numbers.into_iter(), 7).unwrap();
            let [from, to] = numbers.map(|number| scale.place(number));
            assert!(0.0 < from && from < to && to < 1.0, "{scale:?}");
            assert!(to - from > 0.4, "they are far apart: {scale:?}");
            assert!((2..=7).contains(&scale.ticks.len()), "{scale:?}");
        }
        // One number alone has its place in the middle.
        for number in [0.0, 4.0, 1e17, -1e17] {
            let scale = Scale::new(&axis(false), [number].into_iter(), 7).unwrap();
            let alone = scale.place(number);
            assert!((alone - 0.5).abs() < 1e-9, "{alone}");
            assert!((2..=7).contains(&scale.ticks.len()), "{scale:?}");
        }
    }
}

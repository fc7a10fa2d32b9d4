//! `{{#pad stage4 figures pad "Title" "Description"}}`: a network that reads digits, for digits that the reader
//! draws. The example prints the network, and what it reads in some pictures:
//!
//! ```text
//! mean: 4.9                      // of the ink, and its deviation
//! deviation: 6.0
//! parameter: 2 3                 // its shape, and its numbers, in the next line
//! 0.1 0.2 0.3 0.4 0.5 0.6
//! picture: 005d…000 1472: 1      // 64 points, the line of the file, and the digit that was meant
//! probabilities: 0.01 0.9 …      // for each digit
//! digit: 1                       // the one whose score is differentiated
//! gradient: 0.1 -0.2 …           // of that score, in each point
//! ```
//!
//! The pictures are drawn for paper. The network goes into the page for the theme's `pad.js`, as numbers of 32
//! bits; the engine of the page runs it.

use std::fmt::Write;

use anyhow::{Context, Result, bail};
use data_encoding::BASE64;
use serde_json::json;

use crate::draw::digits::{self, SIDE};
use crate::html::{data, escape, figure};

/// A sign is written where the gradient is at least this share of its largest number.
const SIGNED: f64 = 0.2;

/// A network, and what it has read.
#[derive(Debug, Default, PartialEq)]
pub struct Pad {
    mean: f64,
    deviation: f64,
    parameters: Vec<(Vec<usize>, Vec<f64>)>,
    readings: Vec<Reading>,
}

#[derive(Debug, Default, PartialEq)]
struct Reading {
    points: String,
    ink: Vec<u32>,
    line: String,
    meant: String,
    probabilities: Vec<f64>,
    digit: usize,
    gradient: Vec<f64>,
}

/// Reads what an example prints.
///
/// # Errors
/// The text is not as the module shows it; the message names the line.
pub fn parse(text: &str) -> Result<Pad> {
    let mut pad = Pad::default();
    for (index, line) in text.lines().enumerate() {
        pad.read(line)
            .with_context(|| format!("line {}", index + 1))?;
    }
    pad.check()?;
    Ok(pad)
}

fn list<T: std::str::FromStr>(text: &str) -> Result<Vec<T>> {
    let number = |word: &str| {
        word.parse()
            .ok()
            .with_context(|| format!("`{word}` is no number"))
    };
    text.split(' ').map(number).collect()
}

fn one<T: std::str::FromStr + Copy>(text: &str) -> Result<T> {
    list(text)?.first().copied().context("expected a number")
}

impl Pad {
    fn read(&mut self, line: &str) -> Result<()> {
        let Some((word, rest)) = line.split_once(": ") else {
            let (_, numbers) = self
                .parameters
                .last_mut()
                .context("expected `parameter: SHAPE` first")?;
            *numbers = list(line)?;
            return Ok(());
        };
        let reading = self.readings.last_mut();
        let expected = || format!("expected a picture before `{word}:`");
        match word {
            "mean" => self.mean = one(rest)?,
            "deviation" => self.deviation = one(rest)?,
            "parameter" => self.parameters.push((list(rest)?, Vec::new())),
            "picture" => {
                let words = rest.split_once(' ');
                let words = words.and_then(|(points, rest)| Some((points, rest.split_once(": ")?)));
                let (points, (line, meant)) = words.with_context(|| {
                    format!("expected `picture: POINTS LINE: DIGIT`, found `{line}`")
                })?;
                self.readings.push(Reading {
                    ink: digits::ink(points)?,
                    points: points.to_owned(),
                    line: line.to_owned(),
                    meant: meant.to_owned(),
                    ..Reading::default()
                });
            }
            "probabilities" => reading.with_context(expected)?.probabilities = list(rest)?,
            "digit" => reading.with_context(expected)?.digit = one(rest)?,
            "gradient" => reading.with_context(expected)?.gradient = list(rest)?,
            _ => bail!(
                "expected mean, deviation, parameter, picture, probabilities, digit or gradient, found `{word}:`"
            ),
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        for (shape, numbers) in &self.parameters {
            let size: usize = shape.iter().product();
            if size != numbers.len() {
                bail!(
                    "expected {size} numbers for the shape {shape:?}, found {}",
                    numbers.len()
                );
            }
        }
        if self.parameters.is_empty() || self.readings.is_empty() {
            bail!("expected parameters and pictures");
        }
        for reading in &self.readings {
            let sizes = (reading.probabilities.len(), reading.gradient.len());
            if sizes != (10, SIDE * SIDE) || reading.digit > 9 {
                bail!(
                    "picture {}: expected 10 probabilities, one of the digits, and a gradient of 64",
                    reading.line
                );
            }
        }
        Ok(())
    }
}

impl Reading {
    /// The two most probable digits, with their probabilities.
    fn best(&self) -> [(usize, f64); 2] {
        let mut all: Vec<(usize, f64)> = self.probabilities.iter().copied().enumerate().collect();
        all.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        [all[0], all[1]]
    }

    /// The ten probabilities as bars.
    fn bars(&self) -> String {
        let mut svg =
            r#"<svg class="pad-bars" viewBox="0 0 100 100" aria-hidden="true">"#.to_owned();
        let mut path = String::new();
        for (digit, share) in self.probabilities.iter().enumerate() {
            let y = 10 * digit;
            let _ = write!(svg, r#"<text x="4" y="{}">{digit}</text>"#, y + 8);
            let _ = write!(
                path,
                "M11 {}h{:.1}v6h-{:.1}z",
                y + 2,
                88.0 * share + 0.5,
                88.0 * share + 0.5
            );
        }
        svg + &format!(r#"<path d="{path}"></path></svg>"#)
    }

    /// The gradient as cells, with a sign where it is large.
    fn slopes(&self) -> String {
        let most = self
            .gradient
            .iter()
            .fold(0.0, |most: f64, slope| most.max(slope.abs()));
        let mut svg =
            r#"<svg class="pad-slopes" viewBox="0 0 80 80" aria-hidden="true">"#.to_owned();
        let mut signs = String::new();
        for (at, slope) in self.gradient.iter().enumerate() {
            let share = if most > 0.0 { slope.abs() / most } else { 0.0 };
            let (x, y) = (10 * (at % SIDE), 10 * (at / SIDE));
            let side = if *slope < 0.0 { "less" } else { "more" };
            // Only what can be seen.
            if share >= 0.05 {
                let _ = write!(
                    svg,
                    r#"<path class="pad-{side}" fill-opacity="{:.2}" d="M{x} {y}h10v10h-10z"></path>"#,
                    0.85 * share
                );
            }
            if share >= SIGNED {
                let _ = match side {
                    "less" => write!(signs, "M{} {}h4", x + 3, y + 5),
                    _ => write!(signs, "M{} {}h4m-2 -2v4", x + 3, y + 5),
                };
            }
        }
        svg + &format!(r#"<path class="pad-sign" d="{signs}"></path></svg>"#)
    }

    fn still(&self) -> String {
        let picture = digits::picture(&self.ink);
        let [(first, share), (second, other)] = self.best();
        format!(
            r#"<div><div class="pad-three">{picture}{}{}</div><p>{}: meant as {}, read as {first} ({:.1}%), then {second} ({:.1}%)</p></div>"#,
            self.bars(),
            self.slopes(),
            escape(&self.line),
            escape(&self.meant),
            100.0 * share,
            100.0 * other,
        )
    }
}

/// The figure for a chapter.
pub fn render(pad: &Pad, title: &str, description: &str) -> String {
    let stills: String = pad.readings.iter().map(Reading::still).collect();
    let numbers = pad.parameters.iter().flat_map(|(_, numbers)| numbers);
    let bytes: Vec<u8> = numbers
        .flat_map(|number| (*number as f32).to_le_bytes())
        .collect();
    let rounded = |numbers: &[f64]| -> Vec<f64> {
        numbers
            .iter()
            .map(|number| (1e6 * number).round() / 1e6)
            .collect()
    };
    let readings = pad.readings.iter().map(|reading| {
        json!({
            "points": reading.points,
            "line": reading.line,
            "meant": reading.meant,
            "probabilities": rounded(&reading.probabilities),
            "digit": reading.digit,
            "gradient": rounded(&reading.gradient),
        })
    });
    let all = json!({
        "mean": pad.mean,
        "deviation": pad.deviation,
        "shapes": pad.parameters.iter().map(|(shape, _)| shape).collect::<Vec<_>>(),
        "numbers": BASE64.encode(&bytes),
        "readings": readings.collect::<Vec<_>>(),
    });
    let key = r#"<ul class="pad-key" aria-label="Signs"><li><span class="pad-plus">+</span> more ink here raises the score</li><li><span class="pad-minus">−</span> more ink here lowers it</li></ul>"#;
    let body = format!(
        r#"<autograd-pad><div class="pad-still" role="group" aria-label="{}">{}</div>{key}{}</autograd-pad>"#,
        escape(description),
        stills,
        data(&all.to_string())
    );
    figure("live", &escape(title), &body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::svg::drawn;
    use pretty_assertions::assert_eq;

    fn text() -> String {
        let points = format!("g{}", "0".repeat(63));
        let shares = "0 0.125 0 0.75 0.125 0 0 0 0 0";
        let gradient = format!("0.5 -0.25{}", " 0.01".repeat(62));
        format!(
            "mean: 4.5\ndeviation: 6\nparameter: 2 1\n0.5 -2\nparameter: 1\n1\n\
             picture: {points} 1472: 1\nprobabilities: {shares}\ndigit: 3\ngradient: {gradient}\n"
        )
    }

    #[test]
    fn pictures_are_drawn_and_the_network_is_in_the_page() {
        let html = render(&parse(&text()).unwrap(), "A & B", "What it is");
        assert!(!html.contains('\n') && !html.contains("{{"), "{html}");
        let said = "<p>1472: meant as 1, read as 3 (75.0%), then 1 (12.5%)</p>";
        assert!(html.contains(said), "{html}");
        let pictures: Vec<&str> = html.split("<svg").skip(1).collect();
        assert_eq!(pictures.len(), 3);
        let of = |index: usize| {
            let (svg, _) = pictures[index].split_once("</svg>").unwrap();
            format!("<svg{svg}</svg>")
        };
        // What is too small is left away; both signs are written.
        assert_eq!(drawn(&of(2), &["pad-more"]).len(), 1);
        assert_eq!(drawn(&of(2), &["pad-less"]).len(), 1);
        assert_eq!(
            drawn(&of(2), &["pad-sign"])[0].path,
            "M3 5h4m-2 -2v4M13 5h4"
        );
        assert!(of(1).contains("M11 32h66.5v6h-66.5z"), "{}", of(1));

        let (_, data) = html
            .split_once("<script type=\"application/json\">")
            .unwrap();
        let (data, _) = data.split_once("</script>").unwrap();
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["shapes"], json!([[2, 1], [1]]));
        let bytes = BASE64
            .decode(data["numbers"].as_str().unwrap().as_bytes())
            .unwrap();
        let expected = [0.5_f32, -2.0, 1.0].map(f32::to_le_bytes).concat();
        assert_eq!(bytes, expected);
        assert_eq!(data["readings"][0]["digit"], 3);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let refused = |text: &str, message: &str| {
            assert_eq!(format!("{:#}", parse(text).unwrap_err()), message);
        };
        refused("", "expected parameters and pictures");
        refused("1 2\n", "line 1: expected `parameter: SHAPE` first");
        refused("digit: 3\n", "line 1: expected a picture before `digit:`");
        refused("mean: x\n", "line 1: `x` is no number");
        refused(
            "size: 3\n",
            "line 1: expected mean, deviation, parameter, picture, probabilities, digit or gradient, found `size:`",
        );
        refused(
            "picture: 0 1\n",
            "line 1: expected `picture: POINTS LINE: DIGIT`, found `picture: 0 1`",
        );
        refused(
            &text().replace("0.5 -2", "0.5"),
            "expected 2 numbers for the shape [2, 1], found 1",
        );
        refused(
            &text().replace("digit: 3", "digit: 10"),
            "picture 1472: expected 10 probabilities, one of the digits, and a gradient of 64",
        );
    }
}

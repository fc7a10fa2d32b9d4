//! `{{#digits stage4 digits pictures "Title" "Description"}}`: pictures of 8 by 8 points beside each other.
//! Each line has the ink of the points, from `0` to `g`, which is 16, and what stands below:
//!
//! ```text
//! 005d910000dfaf5003f20b8004c008800580098004b01c7002e5ac00006da000 0
//! ```

use std::fmt::Write;

use anyhow::{Context, Result, bail};

use crate::html::{escape, figure};

/// Points in a row, and rows.
pub(crate) const SIDE: usize = 8;
/// As much ink as there can be.
pub(crate) const MOST: u32 = 16;

/// A picture and what stands below.
#[derive(Debug, PartialEq)]
pub struct Digit {
    ink: Vec<u32>,
    caption: String,
}

/// Reads what an example prints.
///
/// # Errors
/// A line is not as the module shows it.
pub fn parse(text: &str) -> Result<Vec<Digit>> {
    let line = |(index, line): (usize, &str)| {
        let digit = line.split_once(' ').map(|(points, caption)| {
            Ok(Digit {
                ink: ink(points)?,
                caption: caption.to_owned(),
            })
        });
        let digit = digit.with_context(|| format!("expected points and words, found `{line}`"));
        digit
            .flatten()
            .with_context(|| format!("line {}", index + 1))
    };
    let digits: Vec<Digit> = text.lines().enumerate().map(line).collect::<Result<_>>()?;
    if digits.is_empty() {
        bail!("there is no picture");
    }
    Ok(digits)
}

/// The ink of all points of a picture.
pub(crate) fn ink(points: &str) -> Result<Vec<u32>> {
    let ink: Option<Vec<u32>> = points
        .chars()
        .map(|point| point.to_digit(MOST + 1))
        .collect();
    let ink = ink.filter(|ink| ink.len() == SIDE * SIDE);
    ink.with_context(|| format!("expected 64 points from 0 to g, found `{points}`"))
}

/// The picture as SVG: a path for each grey.
pub(crate) fn picture(ink: &[u32]) -> String {
    let mut svg = format!(r#"<svg class="digit" viewBox="0 0 {SIDE} {SIDE}" aria-hidden="true">"#);
    for level in 1..=MOST {
        let mut path = String::new();
        for at in (0..ink.len()).filter(|at| ink[*at] == level) {
            let _ = write!(path, "M{} {}h1v1h-1z", at % SIDE, at / SIDE);
        }
        if !path.is_empty() {
            let opacity = f64::from(level) / f64::from(MOST);
            let _ = write!(svg, r#"<path fill-opacity="{opacity}" d="{path}"></path>"#);
        }
    }
    svg + "</svg>"
}

/// The figure for a chapter.
pub fn render(digits: &[Digit], title: &str, description: &str) -> String {
    let digits = digits.iter().map(|Digit { ink, caption }| {
        let caption = escape(caption);
        format!("<div>{}<p>{caption}</p></div>", picture(ink))
    });
    let body = format!(
        r#"<div class="digits" role="group" aria-label="{}">{}</div>"#,
        escape(description),
        digits.collect::<String>()
    );
    figure("picture", &escape(title), &body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_picture_has_a_path_for_each_grey() {
        let points = format!("0g8{}8", "0".repeat(60));
        let digits = parse(&format!("{points} a < b\n")).unwrap();
        assert_eq!(
            render(&digits, "A & B", "What \"it\" is"),
            "<figure class=\"picture\"><figcaption>A &amp; B</figcaption>\
             <div class=\"digits\" role=\"group\" aria-label=\"What &quot;it&quot; is\"><div>\
             <svg class=\"digit\" viewBox=\"0 0 8 8\" aria-hidden=\"true\">\
             <path fill-opacity=\"0.5\" d=\"M2 0h1v1h-1zM7 7h1v1h-1z\"></path>\
             <path fill-opacity=\"1\" d=\"M1 0h1v1h-1z\"></path></svg><p>a &lt; b</p></div></div></figure>"
        );
    }

    #[test]
    fn what_is_no_picture_is_refused_with_its_line() {
        let refused = |text: &str, message: &str| {
            assert_eq!(format!("{:#}", parse(text).unwrap_err()), message);
        };
        refused("", "there is no picture");
        refused("0", "line 1: expected points and words, found `0`");
        let zeros = "0".repeat(64);
        refused(
            &format!("{zeros} a\n0 b\n"),
            "line 2: expected 64 points from 0 to g, found `0`",
        );
        refused(
            &format!("h{} a\n", &zeros[1..]),
            &format!(
                "line 1: expected 64 points from 0 to g, found `h{}`",
                &zeros[1..]
            ),
        );
    }
}

//! `{{#matrices stage4 broadcast pictures "Title" "Description"}}`: small matrices that an example
//! prints, each drawn as a grid of cells. They are written like this:
//!
//! ```text
//! matrix: the sum over rows
//! columns input: 0,0 0,1 1,0 1,1     // a caption, and a name for each column
//! rows result: 0 1                   // and for each row
//! 1 0 1 0
//! 0 1 0 1
//! left seed: 5 7                     // a column of numbers to the left of the matrix
//! below gradient: 5 7 5 7            // a row of numbers under it
//! ```
//!
//! All but `matrix:` and the rows of numbers can be left out. A zero is faint; another number has a
//! shade, which is stronger the larger it is.

use std::fmt::Write;

use anyhow::{Context, Result, bail};

use crate::html::{escape, figure};

/// A cell, the text in it, and what a letter of it takes.
const CELL: (f64, f64) = (32.0, 25.0);
const FONT: f64 = 14.0;
const LETTER: f64 = 0.58 * FONT;
const LINE: f64 = 1.5 * FONT;
/// Between the matrix and what stands beside it.
const GAP: f64 = 8.0;

/// Matrices that stand side by side.
#[derive(Debug, PartialEq)]
pub struct Matrices(Vec<Matrix>);

/// A matrix with what is written around it.
#[derive(Debug, Default, PartialEq)]
struct Matrix {
    name: String,
    rows: Vec<Vec<String>>,
    column_names: Line,
    row_names: Line,
    left: Line,
    below: Line,
}

/// A caption with the words or numbers that belong to it.
#[derive(Debug, Default, PartialEq)]
struct Line {
    caption: String,
    cells: Vec<String>,
}

/// Reads what an example prints.
///
/// # Errors
/// The text is not as the module shows it; the message names the line or the matrix.
pub fn parse(text: &str) -> Result<Matrices> {
    let mut matrices: Vec<Matrix> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if !line.is_empty() {
            read_line(line, &mut matrices).with_context(|| format!("line {}", index + 1))?;
        }
    }
    if matrices.is_empty() {
        bail!("there is no matrix: expected `matrix: NAME`");
    }
    for matrix in &matrices {
        matrix
            .check()
            .with_context(|| format!("the matrix `{}`", matrix.name))?;
    }
    Ok(Matrices(matrices))
}

fn read_line(line: &str, matrices: &mut Vec<Matrix>) -> Result<()> {
    let (head, rest) = match line.split_once(':') {
        Some((head, rest)) => (Some(head.trim()), rest),
        None => (None, line),
    };
    if head == Some("matrix") {
        matrices.push(Matrix {
            name: rest.trim().to_owned(),
            ..Matrix::default()
        });
        return Ok(());
    }
    let Some(matrix) = matrices.last_mut() else {
        bail!("expected `matrix: NAME` first, found `{line}`");
    };
    let cells: Vec<String> = rest.split_whitespace().map(str::to_owned).collect();
    let (word, caption) = head.map_or(("", ""), |head| head.split_once(' ').unwrap_or((head, "")));
    let place = match (head, word) {
        (None, _) => None,
        (_, "columns") => Some(&mut matrix.column_names),
        (_, "rows") => Some(&mut matrix.row_names),
        (_, "left") => Some(&mut matrix.left),
        (_, "below") => Some(&mut matrix.below),
        _ => bail!("expected matrix, columns, rows, left or below, found `{word}`"),
    };
    if !matches!(word, "columns" | "rows")
        && let Some(cell) = cells.iter().find(|cell| !number(cell).is_finite())
    {
        bail!("expected a number, found `{cell}`");
    }
    match place {
        None => matrix.rows.push(cells),
        Some(place) if place.cells.is_empty() => {
            *place = Line {
                caption: caption.trim().to_owned(),
                cells,
            };
        }
        Some(_) => bail!("`{}` has its {word} already", matrix.name),
    }
    Ok(())
}

fn number(cell: &str) -> f64 {
    cell.parse().unwrap_or(f64::NAN)
}

impl Matrix {
    fn check(&self) -> Result<()> {
        let Some(first) = self.rows.first() else {
            bail!("has no rows of numbers");
        };
        let (rows, columns) = (self.rows.len(), first.len());
        if let Some(row) = self.rows.iter().find(|row| row.len() != columns) {
            bail!(
                "has a row of {} numbers under one of {columns}: `{}`",
                row.len(),
                row.join(" ")
            );
        }
        for (line, word, wanted) in [
            (&self.column_names, "columns", columns),
            (&self.row_names, "rows", rows),
            (&self.left, "left", rows),
            (&self.below, "below", columns),
        ] {
            let found = line.cells.len();
            if found != 0 && found != wanted {
                bail!("is {rows} × {columns}: expected {wanted} of `{word}`, found {found}");
            }
        }
        Ok(())
    }

    fn svg(&self, id: &str) -> String {
        let widest = |line: &Line| {
            let cells = line.cells.iter().map(|cell| width(cell));
            cells.fold(0.0, f64::max)
        };
        let columns = self.rows[0].len() as f64;
        // From the left: the names of the rows, the column at the side, the matrix.
        let names = widest(&self.row_names).max(width(&self.row_names.caption));
        let side = if self.left.cells.is_empty() {
            0.0
        } else {
            CELL.0.max(width(&self.left.caption)) + GAP
        };
        let before = (names + GAP + side).max(width(&self.below.caption) + GAP);
        let side_at = before - side;
        // From the top: the caption, the names of the columns, the matrix, the row under it.
        let has = |line: &Line| f64::from(u8::from(!line.cells.is_empty()));
        let has_caption = f64::from(u8::from(!self.column_names.caption.is_empty()));
        let head = has(&self.column_names)
            .max(has(&self.left))
            .max(has(&self.row_names));
        let top = LINE * (1.0 + has_caption + head) + 4.0;
        let bottom = top + self.rows.len() as f64 * CELL.1;
        let total = (
            (before + columns * CELL.0 + 2.0).max(width(&self.name)),
            bottom + has(&self.below) * (GAP + CELL.1) + 2.0,
        );

        let mut svg = format!(
            r#"<svg class="matrix" role="img" aria-labelledby="{id}-title {id}-desc" viewBox="0 0 {w:.0} {h:.0}" width="{w:.0}" height="{h:.0}"><title id="{id}-title">{}</title><desc id="{id}-desc">{}</desc>"#,
            escape(&self.name),
            escape(&self.in_words()),
            w = total.0.ceil(),
            h = total.1.ceil(),
        );
        let middle = before + columns * CELL.0 / 2.0;
        let name_at = middle
            .min(total.0 - width(&self.name) / 2.0)
            .max(width(&self.name) / 2.0);
        text(&mut svg, "matrix-name", name_at, LINE * 0.7, &self.name);
        text(
            &mut svg,
            "matrix-caption",
            middle,
            LINE * 1.7,
            &self.column_names.caption,
        );
        let header = top - 0.35 * LINE;
        for (index, name) in self.column_names.cells.iter().enumerate() {
            let x = before + (index as f64 + 0.5) * CELL.0;
            text(&mut svg, "matrix-caption", x, header, name);
        }
        text(
            &mut svg,
            "matrix-row",
            names,
            header,
            &self.row_names.caption,
        );
        for (index, name) in self.row_names.cells.iter().enumerate() {
            let y = top + (index as f64 + 0.5) * CELL.1 + 0.35 * FONT;
            text(&mut svg, "matrix-row", names, y, name);
        }
        let side_width = side - GAP;
        text(
            &mut svg,
            "matrix-caption",
            side_at + side_width / 2.0,
            header,
            &self.left.caption,
        );
        for (index, cell) in self.left.cells.iter().enumerate() {
            let x = side_at + (side_width - CELL.0) / 2.0;
            draw(
                &mut svg,
                "matrix-side",
                [x, top + index as f64 * CELL.1],
                cell,
                "",
            );
        }
        let largest = self.rows.iter().flatten().map(|cell| number(cell).abs());
        let largest = largest.fold(0.0, f64::max);
        for (row, cells) in self.rows.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                let at = [before + column as f64 * CELL.0, top + row as f64 * CELL.1];
                let size = number(cell).abs();
                let class = if size == 0.0 {
                    "matrix-zero"
                } else {
                    "matrix-cell"
                };
                let shade = if size == 0.0 {
                    0.0
                } else {
                    0.4 + 0.6 * size / largest
                };
                draw(
                    &mut svg,
                    class,
                    at,
                    cell,
                    &format!(r#" fill-opacity="{shade:.2}""#),
                );
            }
        }
        for (index, cell) in self.below.cells.iter().enumerate() {
            let at = [before + index as f64 * CELL.0, bottom + GAP];
            draw(&mut svg, "matrix-side", at, cell, "");
        }
        let below_at = bottom + GAP + CELL.1 / 2.0 + 0.35 * FONT;
        text(
            &mut svg,
            "matrix-row",
            before - GAP,
            below_at,
            &self.below.caption,
        );
        svg.push_str("</svg>");
        svg
    }

    /// The numbers, for those who cannot see them.
    fn in_words(&self) -> String {
        let named = |line: &Line| format!("; {}: {}", line.caption, line.cells.join(" "));
        let mut words = self
            .rows
            .iter()
            .enumerate()
            .map(|(index, row)| {
                let name = self.row_names.cells.get(index).cloned();
                let name = name.unwrap_or_else(|| (index + 1).to_string());
                format!("row {name}: {}", row.join(" "))
            })
            .collect::<Vec<_>>()
            .join("; ");
        for line in [&self.left, &self.below] {
            if !line.cells.is_empty() {
                words += &named(line);
            }
        }
        words
    }
}

fn width(text: &str) -> f64 {
    text.chars().count() as f64 * LETTER
}

fn text(svg: &mut String, class: &str, x: f64, y: f64, text: &str) {
    if !text.is_empty() {
        let text = escape(text);
        let _ = write!(
            svg,
            r#"<text class="{class}" x="{x:.1}" y="{y:.1}">{text}</text>"#
        );
    }
}

fn draw(svg: &mut String, class: &str, [x, y]: [f64; 2], cell: &str, more: &str) {
    let (width, height) = CELL;
    let _ = write!(
        svg,
        r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{width}" height="{height}"{more}></rect>"#
    );
    let class = format!("{class}-text");
    let cell = cell.replace('-', "−");
    text(
        svg,
        &class,
        x + width / 2.0,
        y + height / 2.0 + 0.35 * FONT,
        &cell,
    );
}

/// The figure for a chapter: the pictures side by side, as many as fit, and the title as their
/// caption. `id` is unique in the page.
pub fn render(matrices: &Matrices, id: &str, title: &str, description: &str) -> String {
    let mut body = format!(
        r#"<div class="matrices" role="group" aria-label="{}" aria-describedby="{id}-desc"><p id="{id}-desc" hidden>{}</p>"#,
        escape(title),
        escape(description)
    );
    for (index, matrix) in matrices.0.iter().enumerate() {
        let svg = matrix.svg(&format!("{id}-{}", index + 1));
        let _ = write!(body, r#"<div class="graph-scroll">{svg}</div>"#);
    }
    body.push_str("</div>");
    figure("picture", &escape(title), &body)
}

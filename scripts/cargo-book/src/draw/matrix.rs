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

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use anyhow::{Context, Result, bail};

use crate::draw::svg;
use crate::html::{escape, figure};

/// A cell at its narrowest, the text in it, and what a letter of it takes.
const CELL: f64 = 32.0;
const HEIGHT: f64 = 25.0;
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
        if rest.trim().is_empty() {
            bail!("there is nothing after `matrix:`");
        }
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
    let Some(place) = place else {
        matrix.rows.push(cells);
        return Ok(());
    };
    // Only a line that was read has cells.
    if cells.is_empty() {
        bail!("there is nothing after `{line}`");
    }
    if !place.cells.is_empty() {
        bail!("`{}` has its {word} already", matrix.name);
    }
    *place = Line {
        caption: caption.trim().to_owned(),
        cells,
    };
    Ok(())
}

fn number(cell: &str) -> f64 {
    cell.parse().unwrap_or(f64::NAN)
}

impl Matrix {
    fn check(&self) -> Result<()> {
        let Some(first) = self.rows.first() else {
            bail!("there are no rows of numbers");
        };
        let (rows, columns) = (self.rows.len(), first.len());
        if let Some(row) = self.rows.iter().find(|row| row.len() != columns) {
            bail!(
                "numbers in a row: expected {columns} as in the first, found {}: `{}`",
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
                bail!("it is {rows} × {columns}: expected {wanted} of `{word}`, found {found}");
            }
        }
        Ok(())
    }

    fn svg(&self, id: &str) -> String {
        let widest = |cells: &mut dyn Iterator<Item = &String>| {
            cells.map(|cell| width(cell)).fold(0.0, f64::max)
        };
        let numbers = || {
            self.rows
                .iter()
                .chain([&self.left.cells, &self.below.cells])
        };
        let mut canvas = Canvas {
            cell: CELL
                .max(widest(&mut numbers().flatten()) + 12.0)
                .max(widest(&mut self.column_names.cells.iter()) + 4.0),
            ..Canvas::default()
        };
        let cell = canvas.cell;
        let is_there = |line: &Line| !line.cells.is_empty();
        let some = |condition: bool, length: f64| if condition { length } else { 0.0 };

        // From the left: the names of the rows, the column beside the matrix, the matrix.
        let names = widest(&mut self.row_names.cells.iter()).max(width(&self.row_names.caption));
        let names = names + some(is_there(&self.row_names), GAP);
        let side = cell.max(width(&self.left.caption)) + GAP;
        let side = some(is_there(&self.left), side);
        let left = (names + side).max(some(
            is_there(&self.below),
            width(&self.below.caption) + GAP,
        )) + 1.0;
        let right = left + self.rows[0].len() as f64 * cell;
        // From the top: the name, a caption, the names of the columns, the matrix, the row under it.
        let header = [&self.column_names, &self.row_names, &self.left];
        let top = LINE
            + some(!self.column_names.caption.is_empty(), LINE)
            + some(header.into_iter().any(is_there), LINE)
            + 4.0;
        let bottom = top + self.rows.len() as f64 * HEIGHT;

        let middle = (left + right) / 2.0;
        let lines = [
            ("name", 0.7 * LINE, &self.name),
            ("caption", 1.7 * LINE, &self.column_names.caption),
        ];
        let widest = lines.map(|(_, _, text)| width(text));
        let total = (
            widest.into_iter().fold(right + 1.0, f64::max),
            bottom + some(is_there(&self.below), GAP + HEIGHT) + 1.0,
        );
        // Above the middle of the matrix, as far as there is room.
        for (class, y, text) in lines {
            let half = width(text) / 2.0;
            canvas.text(class, middle.min(total.0 - half).max(half), y, text);
        }
        let above = top - 0.35 * LINE;
        canvas.text("row", left - side - GAP, above, &self.row_names.caption);
        canvas.text(
            "caption",
            left - GAP - (side - GAP) / 2.0,
            above,
            &self.left.caption,
        );
        for (index, name) in self.column_names.cells.iter().enumerate() {
            canvas.text("caption", left + (index as f64 + 0.5) * cell, above, name);
        }

        let largest = self.rows.iter().flatten().map(|cell| number(cell).abs());
        let largest = largest.fold(0.0, f64::max);
        for (index, row) in self.rows.iter().enumerate() {
            let y = top + index as f64 * HEIGHT;
            if let Some(name) = self.row_names.cells.get(index) {
                canvas.text("row", left - side - GAP, middle_of(y), name);
            }
            if let Some(number) = self.left.cells.get(index) {
                canvas.cell(
                    "side",
                    left - GAP - (side - GAP + cell) / 2.0,
                    y,
                    number,
                    1.0,
                );
            }
            for (index, cell_text) in row.iter().enumerate() {
                let x = left + index as f64 * cell;
                let size = number(cell_text).abs();
                let (class, shade) = match size {
                    0.0 => ("zero", 0.0),
                    _ => ("cell", 0.4 + 0.6 * size / largest),
                };
                canvas.cell(class, x, y, cell_text, shade);
            }
        }
        for (index, number) in self.below.cells.iter().enumerate() {
            canvas.cell(
                "side",
                left + index as f64 * cell,
                bottom + GAP,
                number,
                1.0,
            );
        }
        canvas.text(
            "row",
            left - GAP,
            middle_of(bottom + GAP),
            &self.below.caption,
        );

        let size = (total.0.ceil(), total.1.ceil());
        let head = svg::head("matrix", id, &self.name, &self.in_words(), size, true);
        format!("{head}{canvas}</svg>")
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
    svg::width(text, LETTER)
}

/// The baseline of a text in a cell that begins at `y`.
fn middle_of(y: f64) -> f64 {
    y + HEIGHT / 2.0 + 0.35 * FONT
}

/// What is drawn. Cells that look alike are one element, and so are the numbers of one digit in them.
#[derive(Default)]
struct Canvas {
    /// How wide each cell is.
    cell: f64,
    /// By class and shade: the path around the cells.
    boxes: BTreeMap<(String, String), String>,
    /// By class: the places and the digits.
    digits: BTreeMap<String, [String; 3]>,
    texts: String,
}

impl Canvas {
    fn text(&mut self, class: &str, x: f64, y: f64, text: &str) {
        if !text.is_empty() {
            let text = escape(text);
            let _ = write!(
                self.texts,
                r#"<text class="matrix-{class}" x="{x:.1}" y="{y:.1}">{text}</text>"#
            );
        }
    }

    fn cell(&mut self, class: &str, x: f64, y: f64, number: &str, shade: f64) {
        let shade = format!("{shade:.2}");
        let path = self.boxes.entry((class.to_owned(), shade)).or_default();
        let _ = write!(path, "M{x:.1} {y:.1}h{:.1}v{HEIGHT:.1}h-{0:.1}z", self.cell);
        let (x, y) = (x + self.cell / 2.0, middle_of(y));
        let class = format!("{class}-text");
        if number.len() == 1 {
            let [xs, ys, digits] = self.digits.entry(class).or_default();
            let _ = write!(xs, "{x:.1} ");
            let _ = write!(ys, "{y:.1} ");
            *digits += number;
        } else {
            self.text(&class, x, y, &number.replace('-', "−"));
        }
    }
}

impl fmt::Display for Canvas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((class, shade), path) in &self.boxes {
            write!(
                f,
                r#"<path class="matrix-{class}" d="{path}" fill-opacity="{shade}"></path>"#
            )?;
        }
        for (class, [xs, ys, digits]) in &self.digits {
            let (xs, ys) = (xs.trim_end(), ys.trim_end());
            write!(
                f,
                r#"<text class="matrix-{class}" x="{xs}" y="{ys}">{digits}</text>"#
            )?;
        }
        f.write_str(&self.texts)
    }
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
        body.push_str(&svg::scrolling(&svg));
    }
    body.push_str("</div>");
    figure("picture", &escape(title), &body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::svg::{Drawn, assert_near, drawn as elements};
    use pretty_assertions::assert_eq;

    const SUM: &str = "matrix: sum\ncolumns input: a b c d\nrows result: y z\n1 0 1 0\n0 -2 0 1\n\
                       left seed: 5 7\nbelow gradient: 5 -14 5 7\n\nmatrix: plain\n3\n";

    fn drawn(text: &str) -> String {
        render(&parse(text).unwrap(), "m1", "A & B", "What it \"is\"")
    }

    #[test]
    fn each_matrix_is_drawn_with_what_stands_around_it() {
        let html = drawn(SUM);
        for (part, count) in [
            (
                "<div class=\"graph-scroll\" tabindex=\"0\"><svg class=\"matrix\"",
                2,
            ),
            ("class=\"matrix-cell\"", 3),
            ("class=\"matrix-zero\"", 1),
            ("class=\"matrix-side\"", 1),
            (">0000</text>", 1),
            (">−14</text>", 1),
            (">gradient</text>", 1),
            (
                "role=\"group\" aria-label=\"A &amp; B\" aria-describedby=\"m1-desc\"",
                1,
            ),
            ("<p id=\"m1-desc\" hidden>What it &quot;is&quot;</p>", 1),
            ("aria-labelledby=\"m1-2-title m1-2-desc\"", 1),
            (
                "<desc id=\"m1-1-desc\">row y: 1 0 1 0; row z: 0 -2 0 1; seed: 5 7; gradient: 5 -14 5 7</desc>",
                1,
            ),
            ("<desc id=\"m1-2-desc\">row 1: 3</desc>", 1),
        ] {
            assert_eq!(html.matches(part).count(), count, "{part} in\n{html}");
        }
        assert!(!html.contains('\n'), "one line of HTML");
    }

    /// The cells of a class, with what stands in the middle of each, from the top and the left.
    fn cells(svg: &str, class: &str) -> Vec<Drawn> {
        let document = roxmltree::Document::parse(svg).unwrap();
        let of = |class: String| {
            let nodes = document.descendants();
            nodes.filter(move |node| node.attribute("class") == Some(&*class))
        };
        let number = |text: &str| text.parse::<f64>().unwrap();
        let mut texts: Vec<(f64, f64, String)> = Vec::new();
        for text in of(format!("{class}-text")) {
            let [xs, ys] = ["x", "y"].map(|name| text.attribute(name).unwrap().split(' '));
            let whole = text.text().unwrap();
            // A place for each of its letters, or one for all.
            let parts: Vec<String> = match xs.clone().count() {
                1 => vec![whole.to_owned()],
                _ => whole.chars().map(String::from).collect(),
            };
            assert_eq!(parts.len(), xs.clone().count());
            let places = xs.map(number).zip(ys.map(number)).zip(parts);
            texts.extend(places.map(|((x, y), part)| (x, y, part)));
        }
        let paths = of(class.to_owned()).flat_map(|path| path.attribute("d").unwrap().split('z'));
        let boxes = paths.filter(|path| !path.is_empty()).map(|path| {
            let [x, y, width, height, _] = path
                .split(['M', ' ', 'h', 'v'])
                .skip(1)
                .map(number)
                .collect::<Vec<_>>()[..]
            else {
                panic!("{path}");
            };
            let is_inside = |text: &&(f64, f64, String)| {
                (x..x + width).contains(&text.0) && (y..y + height).contains(&text.1)
            };
            let (at, base, text) = texts.iter().find(is_inside).unwrap();
            assert_near(*at, x + width / 2.0);
            assert_near(*base, middle_of(y));
            Drawn {
                x,
                y,
                width,
                text: text.clone(),
                path: path.to_owned(),
            }
        });
        let mut boxes: Vec<Drawn> = boxes.collect();
        assert_eq!(boxes.len(), texts.len());
        boxes.sort_by(|a, b| (a.y, a.x).partial_cmp(&(b.y, b.x)).unwrap());
        boxes
    }

    #[test]
    fn every_number_stands_in_its_cell() {
        let svg = parse(SUM).unwrap().0[0].svg("m1");
        let mut numbers = cells(&svg, "matrix-cell");
        numbers.extend(cells(&svg, "matrix-zero"));
        numbers.sort_by(|a, b| (a.y, a.x).partial_cmp(&(b.y, b.x)).unwrap());
        assert_eq!(numbers.len(), 2 * 4);
        let (left, top, width) = (numbers[0].x, numbers[0].y, numbers[0].width);
        for (index, cell) in numbers.iter().enumerate() {
            assert_near(cell.x, left + (index % 4) as f64 * width);
            assert_near(cell.y, top + (index / 4) as f64 * HEIGHT);
        }
        let sides = cells(&svg, "matrix-side");
        assert_eq!(sides.len(), 2 + 4);
        for (index, cell) in sides[..2].iter().enumerate() {
            assert!(cell.x + width < left);
            assert_near(cell.y, top + index as f64 * HEIGHT);
        }
        for (index, cell) in sides[2..].iter().enumerate() {
            assert_near(cell.x, left + index as f64 * width);
            assert!(cell.y > top + 2.0 * HEIGHT);
            assert_near(cell.y, sides[2].y);
        }
        for (cells, wanted) in [(numbers, "1 0 1 0 0 −2 0 1"), (sides, "5 7 5 −14 5 7")] {
            let found: Vec<&str> = cells.iter().map(|cell| &*cell.text).collect();
            assert_eq!(found.join(" "), wanted);
        }
    }

    #[test]
    fn names_and_captions_stand_at_what_they_name() {
        let svg = parse(SUM).unwrap().0[0].svg("m1");
        let first = |class: &str| cells(&svg, class).remove(0);
        let (cell, side) = (first("matrix-cell"), first("matrix-side"));
        let (left, top, width) = (cell.x, cell.y, cell.width);
        let one = |class: &str, text: &str| -> Drawn {
            assert_eq!(svg.matches(&format!(">{text}</text>")).count(), 1, "{text}");
            let mut found = elements(&svg, &[class]).into_iter();
            found.find(|found| found.text == text).unwrap()
        };

        // In the middle above its column; at the end of the room before its row.
        let mut names = top;
        for (index, name) in ["a", "b", "c", "d"].into_iter().enumerate() {
            let found = one("matrix-caption", name);
            assert_near(found.x, left + (index as f64 + 0.5) * width);
            assert!(found.y < top && found.y > top - LINE, "{found:?}");
            names = found.y;
        }
        for (index, name) in ["y", "z"].into_iter().enumerate() {
            let found = one("matrix-row", name);
            assert!(found.x < side.x, "{found:?}");
            assert_near(found.y, middle_of(top + index as f64 * HEIGHT));
        }

        let result = one("matrix-row", "result");
        assert_near(result.x, one("matrix-row", "y").x);
        assert_near(result.y, names);
        let seed = one("matrix-caption", "seed");
        assert_near(seed.y, names);
        assert!(side.x < seed.x && seed.x < left, "{seed:?}");
        let gradient = one("matrix-row", "gradient");
        assert!(gradient.x < left, "{gradient:?}");
        assert_near(gradient.y, middle_of(cells(&svg, "matrix-side")[2].y));
        let (input, name) = (one("matrix-caption", "input"), one("matrix-name", "sum"));
        assert!(name.y < input.y && input.y < names, "{name:?} {input:?}");
        for found in [input, name] {
            assert_near(found.x, left + 2.0 * width);
        }
    }

    #[test]
    fn larger_numbers_have_more_shade() {
        let svg = drawn("matrix: m\n1 -2 0 4 1\n");
        let shades = svg.split("fill-opacity=\"").skip(1);
        let shades: Vec<&str> = shades.map(|part| part.split('"').next().unwrap()).collect();
        assert_eq!(shades, ["0.55", "0.70", "1.00", "0.00"]);
    }

    #[test]
    fn cells_are_as_wide_as_the_widest_number() {
        assert!(drawn("matrix: m\n1 2\n").contains("h32.0v"));
        assert!(drawn("matrix: m\n1 -2.345678\n").contains("h85.1v"));
    }

    #[test]
    fn what_is_written_above_the_columns_is_in_the_picture() {
        let size = |html: &str, attribute: &str| -> f64 {
            let found = html.split(attribute).nth(1).unwrap();
            found.split('"').next().unwrap().parse().unwrap()
        };
        let caption = "a caption that is longer than the matrix";
        let html = drawn(&format!("matrix: m\ncolumns {caption}: a\n1\n"));
        let (whole, half) = (size(&html, "\" width=\""), width(caption) / 2.0);
        let x = size(&html, "\"matrix-caption\" x=\"");
        assert!(x >= half - 0.1 && x + half <= whole + 0.1, "{html}");

        let html = drawn("matrix: m\ncolumns: narrow wide-as-a-word\n1 2\n");
        assert!(
            size(&html.replace('v', "\""), " 46.0h") > width("wide-as-a-word"),
            "{html}"
        );
    }

    #[test]
    fn what_is_no_matrix_is_refused() {
        let refused = |text: &str, message: &str| {
            assert_eq!(format!("{:#}", parse(text).unwrap_err()), message);
        };
        refused("", "there is no matrix: expected `matrix: NAME`");
        refused(
            "1 2\n",
            "line 1: expected `matrix: NAME` first, found `1 2`",
        );
        refused(
            "matrix: a\n",
            "the matrix `a`: there are no rows of numbers",
        );
        refused("matrix:\n1\n", "line 1: there is nothing after `matrix:`");
        refused("matrix: a\n\n1 x\n", "line 3: expected a number, found `x`");
        refused(
            "matrix: a\nright: 1\n1\n",
            "line 2: expected matrix, columns, rows, left or below, found `right`",
        );
        refused(
            "matrix: a\n1 2\n3\n",
            "the matrix `a`: numbers in a row: expected 2 as in the first, found 1: `3`",
        );
        refused(
            "matrix: a\nrows: x y\n1 2 3\n",
            "the matrix `a`: it is 1 × 3: expected 1 of `rows`, found 2",
        );
        refused(
            "matrix: a\nleft u: 1\nleft v: 2\n1\n",
            "line 3: `a` has its left already",
        );
        refused(
            "matrix: a\ncolumns: u\ncolumns v: w\n1\n",
            "line 3: `a` has its columns already",
        );
        for line in ["left u:", "below:", "rows names:"] {
            refused(
                &format!("matrix: a\n{line}\n1\n"),
                &format!("line 2: there is nothing after `{line}`"),
            );
        }
    }
}

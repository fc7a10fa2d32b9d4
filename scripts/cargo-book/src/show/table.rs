//! `{{#table tests derivatives errors}}`: a table that an example prints, as a table of the page.
//! The first line is the header. Columns are separated by two spaces or more:
//!
//! ```text
//! h      one-sided    central
//! 0.1        0.043    0.00089
//! ```
//!
//! or by `|`, so that a cell can be empty. A column of numbers is aligned to the right.

use std::fmt::Write;

use anyhow::{Result, bail};

use crate::directive::Example;
use crate::html::{escape, output};

/// Cells, in rows of equal length.
#[derive(Debug, PartialEq)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// Reads what an example prints.
///
/// # Errors
/// There is no row under the header, or one with more or fewer cells; the message names the line. A
/// column has no name: it would be read out as nothing.
pub fn parse(text: &str) -> Result<Table> {
    let mut lines = text.lines().enumerate();
    let (_, first) = lines.next().unwrap_or_default();
    let bars = first.contains('|');
    let header = cells(first, bars);
    if let Some(column) = header.iter().position(String::is_empty) {
        bail!("line 1: column {} has no name", column + 1);
    }
    let mut rows = Vec::new();
    for (index, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let row = cells(line, bars);
        if row.len() != header.len() {
            bail!(
                "line {}: expected {} cells as in the header, found {} (two spaces or `|` between cells)",
                index + 1,
                header.len(),
                row.len()
            );
        }
        rows.push(row);
    }
    if rows.is_empty() {
        bail!("expected a header and at least one row under it");
    }
    Ok(Table { header, rows })
}

fn cells(line: &str, bars: bool) -> Vec<String> {
    let cells: Vec<&str> = if bars {
        line.split('|').collect()
    } else {
        let parts = line.trim().split("  ");
        parts.filter(|part| !part.trim().is_empty()).collect()
    };
    cells
        .into_iter()
        .map(|cell| cell.trim().to_owned())
        .collect()
}

/// The command as the caption, then the table.
pub fn render(example: &Example, table: &Table) -> String {
    let is_number: Vec<bool> = (0..table.header.len())
        .map(|column| table.rows.iter().all(|row| is_number(&row[column])))
        .collect();
    let mut html = String::from(r#"<div class="table-wrapper" tabindex="0"><table><thead>"#);
    row(&mut html, "th", &table.header, &is_number);
    html.push_str("</thead><tbody>");
    for cells in &table.rows {
        row(&mut html, "td", cells, &is_number);
    }
    html.push_str("</tbody></table></div>");
    output(&example.command(), &html)
}

fn row(html: &mut String, tag: &str, cells: &[String], is_number: &[bool]) {
    html.push_str("<tr>");
    for (cell, is_number) in cells.iter().zip(is_number) {
        let class = if *is_number { r#" class="number""# } else { "" };
        // A number is not broken anyway.
        let cell = match (tag, is_number) {
            ("td", true) => cell.clone(),
            _ => unbroken(cell),
        };
        let _ = write!(html, "<{tag}{class}>{}</{tag}>", escape(&cell));
    }
    html.push_str("</tr>");
}

/// No line ends in a formula, such as `1 / (1 − x)` or `ε = 1e-8`.
fn unbroken(cell: &str) -> String {
    let mut text = cell.to_owned();
    for sign in ["=", "+", "−", "·", "/", "×"] {
        text = text.replace(&format!(" {sign} "), &format!("\u{a0}{sign}\u{a0}"));
    }
    // A word joiner.
    text.replace("e-", "e-\u{2060}")
}

/// So many letters are a long list.
const LONG: usize = 16;

/// Digits and what stands around them: `1e-5`, `−0.5`, `× 2.6`, `1,000`, `12 %`. Or nothing, or numbers
/// that have no digits.
fn is_number(cell: &str) -> bool {
    let has_no_digits = |word: &str| ["NaN", "inf", "-inf"].contains(&word);
    if cell.split(", ").all(has_no_digits) {
        return true;
    }
    // A long list is read from its beginning.
    if cell.contains(", ") && cell.len() > LONG {
        return false;
    }
    let allowed = |c: char| c.is_ascii_digit() || ".,+-−e×% ".contains(c);
    let has_digit = cell.contains(|c: char| c.is_ascii_digit());
    cell.is_empty() || (has_digit && cell.chars().all(allowed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn rendered(text: &str) -> String {
        let example = Example {
            stage: "stage2".into(),
            name: "graph".into(),
        };
        render(&example, &parse(text).unwrap())
    }

    #[test]
    fn a_table_stands_under_its_command_with_numbers_to_the_right() {
        assert_eq!(
            rendered("  a name      size\n  x <y>     × 1.5\n\n  z       -12e-3\n"),
            "<figure class=\"output\"><figcaption>\
             <code>cargo run --quiet -p stage2 --example graph</code></figcaption>\
             <div class=\"table-wrapper\" tabindex=\"0\"><table><thead>\
             <tr><th>a name</th><th class=\"number\">size</th></tr></thead><tbody>\
             <tr><td>x &lt;y&gt;</td><td class=\"number\">× 1.5</td></tr>\
             <tr><td>z</td><td class=\"number\">-12e-3</td></tr></tbody></table></div></figure>"
        );
    }

    #[test]
    fn numbers_that_are_not_finite_leave_a_column_of_numbers_what_it_is() {
        let html = rendered("a  b\n1  NaN\n2  -inf\n3  inf\n4  NaN, NaN\n5  0.5, 2\n");
        assert_eq!(html.matches("<td class=\"number\">").count(), 10);
        assert!(rendered("a  b\n1  infinite\n2  0.5\n").contains("<td>0.5</td>"));
    }

    #[test]
    fn a_long_list_of_numbers_begins_at_the_left() {
        let html = rendered("a | b\n1 | 1e-300, -1e-20, 5\n2 | 3\n");
        assert!(html.contains("<td>3</td>"), "{html}");
    }

    #[test]
    fn a_formula_stays_on_its_line() {
        let html = rendered("a | b\nslope of 1 / (1 − x) | ε = 1e-8\n");
        assert!(html.contains("<td>slope of 1\u{a0}/\u{a0}(1\u{a0}−\u{a0}x)</td>"));
        assert!(html.contains("<td>ε\u{a0}=\u{a0}1e-\u{2060}8</td>"));
    }

    #[test]
    fn between_bars_a_cell_may_be_empty() {
        let table = parse("a | b | c\n1 |  | two  words\n").unwrap();
        assert_eq!(table.rows, [["1", "", "two  words"]]);
        assert!(rendered("a|b\n1|\n|x\n").contains("<td class=\"number\">1</td><td></td>"));
    }

    #[test]
    fn rows_of_other_lengths_and_columns_without_names_are_refused() {
        let refused = |text: &str| parse(text).unwrap_err().to_string();
        assert_eq!(
            refused("a  b\n1  2\n\n1 2\n"),
            "line 4: expected 2 cells as in the header, found 1 (two spaces or `|` between cells)"
        );
        assert_eq!(refused("| b\n1 | 2\n"), "line 1: column 1 has no name");
        assert_eq!(
            refused("a  b\n"),
            "expected a header and at least one row under it"
        );
    }
}

//! Changes of the same kind, one after the other: the first of them says what all of them do.

use std::collections::HashMap;
use std::ops::Range;

/// Changes that are folded away.
#[derive(Debug, PartialEq)]
pub struct Repeat {
    /// Which of the changes.
    pub changes: Range<usize>,
    /// How many of these make up one that is like the first.
    pub period: usize,
}

/// With fewer repetitions, a fold takes as much room as it saves.
const FEWEST: usize = 2;

/// Which changes repeat those before them. Each change is its lines, with their marks.
pub fn repeats(changes: &[String]) -> Vec<Repeat> {
    let kinds: Vec<String> = changes.iter().map(|change| kind(change)).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < kinds.len() {
        // An impl has two changes, or more: the shortest period of those that reach farthest.
        let reach = |period: usize| {
            let alike = |i: &usize| *i < kinds.len() && kinds[*i] == kinds[*i - period];
            let same = (at + period..).take_while(alike).count();
            same / period * period
        };
        let period = (1..=4).rev().max_by_key(|period| reach(*period));
        match period.map(|period| (period, reach(period))) {
            Some((period, reach)) if reach >= FEWEST * period => {
                found.push(Repeat {
                    changes: at + period..at + period + reach,
                    period,
                });
                at += period + reach;
            }
            _ => at += 1,
        }
    }
    found
}

/// A change without its names, numbers and signs of operations: each word is the number of its first
/// appearance, in small letters and in capitals alike.
fn kind(change: &str) -> String {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut kind = String::new();
    let mut rest = change;
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    while let Some(first) = rest.chars().next() {
        let length = match rest.find(|c| !is_word(c)) {
            Some(0) => first.len_utf8(),
            Some(end) => end,
            None => rest.len(),
        };
        let (word, after) = rest.split_at(length);
        if is_word(first) {
            let next = seen.len();
            let number = seen.entry(word.to_lowercase()).or_insert(next);
            kind += &format!("w{number} ");
        } else if first == '\n' || !first.is_whitespace() {
            kind.push(if "+-*/".contains(first) { '+' } else { first });
        }
        // The mark of a line is no operation.
        if let Some(line) = after.strip_prefix(['-', '+'])
            && first == '\n'
        {
            kind.push_str(&after[..1]);
            rest = line;
        } else {
            rest = after;
        }
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn found(changes: &[&str]) -> Vec<(Range<usize>, usize)> {
        let changes: Vec<String> = changes.iter().map(|change| format!("\n{change}")).collect();
        let found = repeats(&changes).into_iter();
        found
            .map(|repeat| (repeat.changes, repeat.period))
            .collect()
    }

    #[test]
    fn other_names_and_signs_are_more_of_the_same() {
        let changes = ["add +", "sub -", "mul *", "div /"].map(|change| {
            let (name, sign) = change.split_once(' ').unwrap();
            let large = name.to_uppercase();
            format!("-{large} = new(\"{name}\", a[0] {sign} a[1])\n+{large} = zip(a {sign} b)")
        });
        let changes: Vec<&str> = changes.iter().map(String::as_str).collect();
        assert_eq!(found(&changes), [(1..4, 1)]);
    }

    #[test]
    fn what_repeats_may_have_several_parts() {
        let changes = [
            "-x",
            "-impl A\n+impl B",
            "-a()\n+b(c)",
            "-impl C\n+impl D",
            "-c()\n+d(e)",
            "-impl E\n+impl F",
            "-e()\n+f(g)",
            "+y",
        ];
        assert_eq!(found(&changes), [(3..7, 2)]);
    }

    #[test]
    fn two_of_a_kind_and_other_structures_stay() {
        assert_eq!(found(&["-a\n+b()", "-c\n+d()"]), []);
        assert_eq!(found(&["-a\n+b()", "-c\n+d(e)", "-f\n+g(h, i)"]), []);
        // Names that agree in the one and not in the other.
        assert_eq!(found(&["-a\n+a()", "-b\n+c()", "-d\n+e()"]), []);
        assert_eq!(found(&["-a", "+a", "-a"]), []);
    }
}

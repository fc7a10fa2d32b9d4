//! Numbers and formulas as they are shown.

/// A number with six digits at most.
pub fn short(number: f64) -> String {
    rounded(number, 6)
}

/// A number with some digits at most. Very large and very small ones get a power of ten.
pub fn rounded(number: f64, digits: usize) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "∞" } else { "−∞" }.to_owned();
    }
    let rounded = format!("{number:.*e}", digits - 1);
    // Also −0 is 0.
    let rounded = rounded.parse::<f64>().expect("a number") + 0.0;
    let size = rounded.abs();
    let text = if size != 0.0 && !(1e-5..1e7).contains(&size) {
        format!("{rounded:e}")
    } else {
        rounded.to_string()
    };
    text.replace('-', "−")
}

/// An operation with its operands, as one writes it.
pub fn formula(op: &str, args: &[String]) -> String {
    match (op, args) {
        ("add" | "accumulate", [x, y]) => format!("{} + {}", first(x), later(y)),
        ("sub", [x, y]) => format!("{} − {}", first(x), later(y)),
        ("mul", [x, y]) => format!("{} × {}", first(x), later(y)),
        ("div", [x, y]) => format!("{} / {}", first(x), later(y)),
        ("neg", [x]) => format!("−{}", later(x)),
        _ => format!("{op}({})", args.join(", ")),
    }
}

/// The first operand. A shape has a sign of its own: `(array 2 × 3) × 4`.
fn first(operand: &str) -> String {
    match operand.starts_with("array ") {
        true => format!("({operand})"),
        false => operand.to_owned(),
    }
}

/// An operand with a sign before it.
fn later(operand: &str) -> String {
    match operand.starts_with('−') {
        true => format!("({operand})"),
        false => first(operand),
    }
}

/// What a result is called that has no name: its operation and its operands, if that is short.
/// Otherwise its number.
pub fn title(op: &str, args: &[String], number: usize) -> String {
    let in_brackets = |arg: &String| match op {
        "add" | "sub" | "mul" | "div" | "neg" | "accumulate" if has_operator(arg) => {
            format!("({arg})")
        }
        _ => arg.clone(),
    };
    let title = formula(op, &args.iter().map(in_brackets).collect::<Vec<_>>());
    match title.chars().count() <= 14 {
        true => title,
        false => format!("n{number}"),
    }
}

/// Whether there is an operator outside of all brackets.
fn has_operator(title: &str) -> bool {
    let mut depth = 0;
    title.chars().any(|letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        depth == 0 && letter == ' '
    })
}

/// `none`, `one child`, `2 children`.
pub fn children(count: usize) -> String {
    match count {
        0 => "none".to_owned(),
        1 => "one child".to_owned(),
        count => format!("{count} children"),
    }
}

/// `1 call is open`, `2 calls are open`.
pub fn open_calls(count: usize) -> String {
    match count {
        1 => "one call is open".to_owned(),
        count => format!("{count} calls are open"),
    }
}

/// `no parent`, `one parent`, `2 parents`.
pub fn counted(count: usize, what: &str) -> String {
    match count {
        0 => format!("no {what}"),
        1 => format!("one {what}"),
        count => format!("{count} {what}s"),
    }
}

/// `no box`, `one box`, `2 boxes`.
pub fn boxes(count: usize) -> String {
    match count {
        0 | 1 => counted(count, "box"),
        count => format!("{count} boxes"),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

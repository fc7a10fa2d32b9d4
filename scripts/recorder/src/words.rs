//! Numbers and formulas as they are shown.

/// A number with six digits at most. Very large and very small ones get a power of ten.
pub fn short(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "∞" } else { "−∞" }.to_owned();
    }
    let rounded: f64 = format!("{number:.5e}").parse().expect("a number");
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
        ("add" | "accumulate", [x, y]) => format!("{x} + {}", negative_in_brackets(y)),
        ("sub", [x, y]) => format!("{x} − {}", negative_in_brackets(y)),
        ("mul", [x, y]) => format!("{x} × {}", negative_in_brackets(y)),
        ("div", [x, y]) => format!("{x} / {}", negative_in_brackets(y)),
        ("neg", [x]) => format!("−{}", negative_in_brackets(x)),
        _ => format!("{op}({})", args.join(", ")),
    }
}

fn negative_in_brackets(operand: &str) -> String {
    match operand.starts_with('−') {
        true => format!("({operand})"),
        false => operand.to_owned(),
    }
}

/// What a result is called that has no name: its operation and its operands, if that is short.
/// Otherwise its number.
pub fn title(op: &str, args: &[String], number: usize) -> String {
    let simple = |arg: &String| {
        arg.chars()
            .all(|c| c.is_alphanumeric() || ".−_".contains(c))
    };
    let in_brackets = |arg: &String| match (op, simple(arg)) {
        ("add" | "sub" | "mul" | "div" | "neg" | "accumulate", false) => format!("({arg})"),
        _ => arg.clone(),
    };
    let title = formula(op, &args.iter().map(in_brackets).collect::<Vec<_>>());
    match title.chars().count() <= 14 {
        true => title,
        false => format!("n{number}"),
    }
}

/// `one child`, `2 children`.
pub fn children(count: usize) -> String {
    match count {
        1 => "one child".to_owned(),
        count => format!("{count} children"),
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

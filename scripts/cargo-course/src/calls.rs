//! The calls that led to a panic, from what the test program prints with `RUST_BACKTRACE=1`.

use crate::run::Panic;

/// One call on the way from a test to a panic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The name of the function in which something is called.
    pub function: String,
    /// Its file: `src/graph.rs` in the reader's crate, or from the top of the project.
    pub file: String,
    /// The line of the call.
    pub line: usize,
}

impl Call {
    /// Whether it is in the reader's crate.
    pub fn is_own(&self) -> bool {
        self.file.starts_with("src/")
    }
}

/// The calls that led to `panic`, the innermost first, up to the test. Calls inside of libraries are
/// left out. Nothing where the program knows no lines.
pub fn of_panic(output: &str, panic: &Panic) -> Vec<Call> {
    let place = format!(" panicked at {}:{}:", panic.file, panic.line);
    let Some((_, after)) = output.split_once(&place) else {
        return Vec::new();
    };
    let Some((_, frames)) = after.split_once("stack backtrace:\n") else {
        return Vec::new();
    };
    let mut calls: Vec<Call> = Vec::new();
    let mut function = "";
    for line in frames.lines() {
        // `   2: stage1::trace::record`, and below `             at ./src/trace.rs:12:9`
        if let Some(place) = line.trim_start().strip_prefix("at ") {
            let Some(call) = call(function, place) else {
                continue;
            };
            let is_test = !call.is_own();
            // A function that calls itself says no more the second time.
            if calls.last() != Some(&call) {
                calls.push(call);
            }
            if is_test {
                break;
            }
        } else if let Some((number, name)) = line.trim_start().split_once(": ")
            && number.parse::<usize>().is_ok()
        {
            function = name;
        } else {
            break;
        }
    }
    // The place of the panic itself is known.
    let is_place =
        |call: &Call| call.line == panic.line && panic.file.replace('\\', "/") == call.file;
    if calls.first().is_some_and(is_place) {
        calls.remove(0);
    }
    calls
}

/// A call in the reader's crate or in a test.
fn call(function: &str, place: &str) -> Option<Call> {
    let place = place.replace('\\', "/");
    // The last number is the column.
    let mut parts = place.rsplitn(3, ':');
    let (_, line, path) = (parts.next()?, parts.next()?, parts.next()?);
    let is_library = path.starts_with("/rustc/") || path.contains("/registry/src/");
    let file = match path.rsplit_once("../") {
        _ if is_library => return None,
        Some((_, file)) => file.to_owned(),
        None => format!("src/{}", path.rsplit_once("/src/")?.1),
    };
    Some(Call {
        function: name(function),
        file,
        line: line.parse().ok()?,
    })
}

/// `grad` of `stage1::backward::<impl stage1::graph::Var>::grad::{{closure}}`.
fn name(function: &str) -> String {
    let mut plain = String::new();
    let (mut depth, mut last) = (0, ' ');
    for c in function.chars() {
        match c {
            '<' => depth += 1,
            // The arrow of `fn() -> f64` closes nothing.
            '>' if last != '-' => depth -= 1,
            _ if depth == 0 => plain.push(c),
            _ => {}
        }
        last = c;
    }
    let mut parts = plain.rsplit("::");
    let is_name = |part: &&str| !part.is_empty() && !part.starts_with('{');
    parts.find(is_name).unwrap_or("{closure}").to_owned()
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    const OUTPUT: &str = "\
thread 'a' (7) panicked at src/trace.rs:9:5:
caught by the test
stack backtrace:
   0: __rustc::rust_begin_unwind
             at /rustc/59807616/library/std/src/panicking.rs:689:5
note: run with

thread 'a' (7) panicked at src/trace.rs:178:9:
`sin`: argument 0 is a container of trace 1, which has ended
stack backtrace:
   0: __rustc::rust_begin_unwind
             at /rustc/59807616/library/std/src/panicking.rs:689:5
   1: core::panicking::panic_fmt
             at /rustc/59807616/library/core/src/panicking.rs:80:14
   2: stage3::graph::Container::check_open
             at ./src/trace.rs:178:9
   3: stage3::trace::innermost_trace
             at ./src/trace.rs:162:23
   4: stage3::trace::Primitive::bind
             at /home/me/my work/stage3/src/trace.rs:120:27
   5: stage3::trace::Primitive::bind
             at /home/me/my work/stage3/src/trace.rs:120:27
   6: stage3::ops::<impl stage3::graph::Value>::sin
             at ./src/ops.rs:98:13
   7: core::ops::function::FnOnce::call_once
             at /rustc/59807616/library/core/src/ops/function.rs:250:5
   8: step5_vector_jacobian::a_test::{{closure}}
             at ./../../stages/stage3/tests/step5_vector_jacobian.rs:88:30
   9: stage3::backward::vector_jacobian
             at ./src/backward.rs:188:18
";

    #[test]
    fn the_calls_of_the_right_panic_are_read_up_to_the_test() {
        let panic = |line| Panic {
            file: "src/trace.rs".to_owned(),
            line,
            message: String::new(),
        };
        let call = |function: &str, file: &str, line| Call {
            function: function.to_owned(),
            file: file.to_owned(),
            line,
        };
        let test = "stages/stage3/tests/step5_vector_jacobian.rs";
        let expected = [
            call("innermost_trace", "src/trace.rs", 162),
            call("bind", "src/trace.rs", 120),
            call("sin", "src/ops.rs", 98),
            call("a_test", test, 88),
        ];
        assert_eq!(of_panic(OUTPUT, &panic(178)), expected);
        assert_eq!(of_panic(OUTPUT, &panic(1)), []);
        assert_eq!(of_panic(OUTPUT, &panic(9)), []);
        let without_lines = "thread 'a' panicked at src/trace.rs:178:9:\nx\nstack backtrace:\n   \
                             0: rust_begin_unwind\n   1: stage3::trace::bind\n";
        assert_eq!(of_panic(without_lines, &panic(178)), []);
    }

    #[test]
    fn a_function_is_called_by_its_name_alone() {
        for (function, expected) in [
            ("stage1::trace::record", "record"),
            ("stage1::backward::<impl stage1::graph::Var>::grad", "grad"),
            (
                "<stage4::vjp::Rules as core::default::Default>::default",
                "default",
            ),
            (
                "stage4::backward::pull::<alloc::boxed::Box<dyn Fn(f64) -> stage4::Value>>::{{closure}}",
                "pull",
            ),
            (
                "{closure#2}<stage4::backward::pull::{closure_env#0}>",
                "{closure}",
            ),
        ] {
            assert_eq!(name(function), expected);
        }
    }

    #[test]
    fn paths_of_windows_are_read() {
        let place = "C:\\me\\work\\stage3\\src\\ops.rs:98:13";
        let call = call("stage3::ops::sin", place).unwrap();
        assert_eq!((call.file.as_str(), call.line), ("src/ops.rs", 98));
    }
}

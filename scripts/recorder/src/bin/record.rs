//! Reads requests from the standard input, one JSON object on each line, and writes one response
//! for each.

use std::io::{self, BufRead, Write};

fn main() -> io::Result<()> {
    let mut output = io::stdout().lock();
    for request in io::stdin().lock().lines() {
        let request = request?;
        if !request.trim().is_empty() {
            writeln!(output, "{}", recorder::record(&request))?;
        }
    }
    Ok(())
}

//! How a tape grows: entries, edges and bytes for a thousand to ten million operations.

use allocation_counter::measure;
use stage5::{Edge, Tape, Trace};

/// Three operations, and one entry of the tape.
const STEP: usize = 3;

/// x ← 1.0001 · sin x + 0.0001, so many times, and back.
fn chain(trace: Trace<'_>, operations: usize) -> (u32, f64) {
    let x = trace.input(1.0);
    let mut y = x;
    for _ in 0..operations / STEP {
        y = (1.0001 * y.sin() + 0.0001).record();
    }
    (y.entry(), trace.backward(&[(y, 1.0)]).of(x))
}

fn main() {
    println!("## growth");
    println!("operations   entries     edges  bytes of edges  an operation");
    for operations in [1_000, 10_000, 100_000, 1_000_000, 10_000_000] {
        let (entries, edges) = Tape::new().open(|trace| {
            let (entries, _) = chain(trace, operations);
            (entries, trace.edges().len())
        });
        let bytes = edges * size_of::<Edge>();
        println!(
            "{operations:10}  {entries:8}  {edges:8}  {bytes:14}  {:12.3}",
            bytes as f64 / operations as f64
        );
    }

    println!("## again");
    let mut tape = Tape::new();
    for turn in 1..=3 {
        let seen = measure(|| _ = tape.open(|trace| chain(trace, 100_000)));
        println!("turn {turn}: {} allocations", seen.count_total);
    }

    println!("## slope");
    let (_, slope) = Tape::new().open(|trace| chain(trace, 3_000));
    println!("after 1000 steps: {slope:e}");
}

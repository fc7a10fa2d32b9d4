//! How much memory a gradient takes: the most that is held at one time during the gradient of a
//! chain of sines, and the allocations made, for each operation.
//!
//! This is a program apart from the times because an allocator that counts is slower.

use allocation_counter::measure;
use tests::stages::Stage;
use tests::workloads::sines;

/// Stage 1 stays below the ten thousand operations at which its recursion overflows the stack.
const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];

fn main() {
    println!("\nSine chain: memory of a gradient for each operation, at its peak");
    println!(
        "\n  {:<10}{:>12}{:>12}{:>12}{:>12}{:>18}",
        "", "10^3", "10^4", "10^5", "10^6", "allocations"
    );
    row("stage1", &SIZES[..1], sine_gradient::<stage1::Var>);
    row("stage2", &SIZES, sine_gradient::<stage2::Container>);
    row("stage3", &SIZES, sine_gradient::<stage3::Value>);
    row("stage4", &SIZES, sine_gradient::<stage4::Value>);
    row("stage5", &SIZES, |size| {
        drop(stage5::gradient(
            |x| sines::on_a_tape(size, x[0]),
            &[sines::INPUT],
        ))
    });
    println!();
}

fn sine_gradient<S: Stage>(size: usize) {
    drop(S::gradient(
        |x| sines::function(size, &x[0]),
        &[sines::INPUT],
    ));
}

fn row(stage: &str, sizes: &[usize], gradient: impl Fn(usize)) {
    print!("  {stage:<10}");
    let mut allocations = 0.0;
    for number in 0..SIZES.len() {
        let Some(&size) = sizes.get(number) else {
            print!("{:>12}", "-");
            continue;
        };
        let memory = measure(|| gradient(size));
        print!(
            "{:>12}",
            format!("{:.0} bytes", memory.bytes_max as f64 / size as f64)
        );
        allocations = memory.count_total as f64 / size as f64;
    }
    println!("{allocations:>18.1}");
}

//! Where this design gives wrong answers, or keeps what is no longer needed.

use stage1::Var;

fn main() {
    println!("## stale-cache");
    let x = Var::new(3.0);
    let y = &x * &x;
    y.seed(1.0);
    println!("y = x²: dy/dx = {}", x.grad());
    let z = &x * &x * &x;
    z.seed(1.0);
    // x remembers its gradient, and does not know that there is a new child.
    println!("z = x³: dz/dx = {} (27 is right)", x.grad());

    println!("## mixed-outputs");
    x.clear();
    // Now x asks all of its children: those that lead to z, but also those that lead to y.
    println!("x cleared: dz/dx = {} (27 is right)", x.grad());

    println!("## read-before-seed");
    let x = Var::new(3.0);
    let y = &x * &x;
    // Too early: y has no gradient yet, counts as 0, and even remembers that.
    println!("before y is seeded: dy/dx = {}", x.grad());
    y.seed(1.0);
    println!("after y is seeded: dy/dx = {} (6 is right)", x.grad());

    println!("## kept-alive");
    let x = Var::new(1.0);
    for _ in 0..1000 {
        // Only x keeps the result.
        x.sin();
    }
    println!("results kept alive by x: {}", x.children().len());

    println!("## discarded");
    let x = Var::new(0.0);
    let y = &x * 3.0;
    x.sqrt(); // thrown away, but its slope at 0 is infinite, and x remembers
    y.seed(1.0);
    println!("y = 3x: dy/dx = {} (3 is right)", x.grad());
}

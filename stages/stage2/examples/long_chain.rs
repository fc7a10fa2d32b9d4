//! A million operations in a thread with a small stack, and more paths than anyone could walk.

use std::rc::Rc;
use std::thread;

use stage2::{Container, backward};

fn main() {
    // 2 MiB, as in stage 1, where chains of 100,000 sines ended in a stack overflow.
    let thread = thread::Builder::new()
        .stack_size(2 * 1024 * 1024)
        .spawn(deep);
    thread.expect("a thread").join().expect("the thread's end");
}

fn deep() {
    println!("## sines");
    let x = Container::new(1.0);
    let mut y = x.clone();
    for _ in 0..1_000_000 {
        y = y.sin();
    }
    println!("1000000 sines, stack of 2 MiB");
    println!("value    {:.6e}", y.value());
    println!("gradient {:.6e}", backward(&[(&y, 1.0)]).of(&x));
    drop(y);
    println!(
        "dropped; x's node now has {} owner",
        Rc::strong_count(x.node())
    );

    println!("## paths");
    let mut y = x.clone();
    for _ in 0..1000 {
        y = &y + &y;
    }
    println!("x doubled 1000 times has 2^1000 paths");
    println!("gradient {:e}", backward(&[(&y, 1.0)]).of(&x));
}

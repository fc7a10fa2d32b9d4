//! How long a chain of sines may be before recursion ends the program.
//!
//! A stack overflow cannot be caught: it ends the whole process. So this program starts itself
//! again for each chain, and sees how that went.

use std::process::Command;
use std::thread;

use stage1::Var;

/// What Rust gives to a thread unless told otherwise. The main thread often has 8 MiB.
const STACK: usize = 2 * 1024 * 1024;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [section, length] = &args[..] {
        let (section, length) = (section.clone(), length.parse().expect("a length"));
        let work = move || run(&section, length);
        let thread = thread::Builder::new().stack_size(STACK).spawn(work);
        thread.expect("a thread").join().expect("the thread's end");
        return;
    }

    for section in ["grad", "drop"] {
        println!("## {section}");
        for length in ["100", "1000", "100000"] {
            // An optimised build has smaller stack frames, so it hits the same limit a little later.
            let build = if cfg!(debug_assertions) {
                "debug"
            } else {
                "release"
            };
            let ended = in_a_child_process(section, length);
            println!("{length:>6} sines, {build} build, stack of 2 MiB: {ended}");
        }
    }
}

fn run(section: &str, length: usize) {
    let x = Var::new(1.0);
    let mut y = x.clone();
    for _ in 0..length {
        y = y.sin();
    }
    if section == "grad" {
        // x asks its child, which asks its child, which …
        y.seed(1.0);
        println!("gradient {:.3e}", x.grad());
    } else {
        // x owns its child, which owns its child, which …
        drop((x, y));
        println!("dropped");
    }
}

fn in_a_child_process(section: &str, length: &str) -> String {
    let program = std::env::current_exe().expect("the path of this program");
    let output = Command::new(program)
        .args([section, length])
        .output()
        .expect("a child process");
    if output.status.success() {
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    } else if String::from_utf8_lossy(&output.stderr).contains("overflowed its stack") {
        "stack overflow".to_owned()
    } else {
        panic!("the child process failed in another way: {output:?}");
    }
}

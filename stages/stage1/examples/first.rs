//! The first expressions, with the gradient of everything in them.

use stage1::Var;

fn main() {
    println!("## first");
    let (a, b, c) = (Var::new(1.0), Var::new(2.0), Var::new(3.0));
    let d = &a + &b;
    let e = &b * &c;
    let f = &d * &e;

    // df/df. All other gradients follow from this one.
    f.seed(1.0);

    for (name, var) in [
        ("a", &a),
        ("b", &b),
        ("c", &c),
        ("d", &d),
        ("e", &e),
        ("f", &f),
    ] {
        println!("{name}: value {:2}, gradient {:2}", var.value(), var.grad());
    }

    println!("## sine");
    let (x, y) = (Var::new(0.5), Var::new(4.2));
    let z = &x * &y + x.sin();
    z.seed(1.0);
    for (name, var) in [("x", &x), ("y", &y), ("z", &z)] {
        println!(
            "{name}: value {:.8}, gradient {:.8}",
            var.value(),
            var.grad()
        );
    }
}

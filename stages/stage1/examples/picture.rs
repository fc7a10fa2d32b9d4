//! The first expression as a picture, in DOT: the arrows are the children.

use stage1::Var;

fn main() {
    let (a, b, c) = (Var::new(1.0), Var::new(2.0), Var::new(3.0));
    let d = &a + &b;
    let e = &b * &c;
    let f = &d * &e;
    f.seed(1.0);

    let results = [("d", &d), ("e", &e), ("f", &f)];
    println!("## picture");
    println!("digraph {{");
    for (name, var) in [("a", &a), ("b", &b), ("c", &c)].iter().chain(&results) {
        let (value, gradient) = (var.value(), var.grad());
        println!("  {name} [label=\"{name}\\nvalue {value}\\ngradient {gradient}\"];");
        for (weight, child) in var.children() {
            // A variable has no name. The three results have different values, which will do.
            let is_child = |(_, result): &&(&str, &Var)| result.value() == child.value();
            let (child, _) = results.iter().find(is_child).expect("one of the results");
            // The result above, as in every picture, and the arrow from the input to it.
            println!("  {child} -> {name} [label=\"{weight}\", dir=back];");
        }
    }
    println!("}}");
}

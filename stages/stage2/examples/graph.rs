//! Two graphs, as text and in DOT. `dot -Tsvg` of Graphviz turns the latter into pictures.

use stage2::{Container, backward, draw};

fn main() {
    let (x, y) = (Container::new(0.5), Container::new(4.2));
    let z = &x * &y + x.sin();
    let gradients = backward(&[(&z, 1.0)]);
    println!("## text");
    print!("{}", draw::text(&z, &gradients));
    println!("## dot");
    print!("{}", draw::dot(&z, &gradients));

    // b went into two results: two arrows end at it, and its gradient is the sum of both ways.
    let (a, b, c) = (
        Container::new(1.0),
        Container::new(2.0),
        Container::new(3.0),
    );
    let f = (&a + &b) * (&b * &c);
    println!("## first-expression");
    print!("{}", draw::dot(&f, &backward(&[(&f, 1.0)])));
}

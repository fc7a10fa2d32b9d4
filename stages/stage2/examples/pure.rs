//! `backward` is a function: it changes nothing, and may be asked anything at any time.

use stage2::{Container, backward};

fn main() {
    println!("## twice");
    let x = Container::new(3.0);
    let square = &x * &x;
    println!("once:  {}", backward(&[(&square, 1.0)]).of(&x));
    println!("again: {}", backward(&[(&square, 1.0)]).of(&x));

    println!("## seeds");
    println!("seed 1: {}", backward(&[(&square, 1.0)]).of(&x));
    println!("seed 3: {}", backward(&[(&square, 3.0)]).of(&x));

    println!("## two-outputs");
    // In stage 1, x still read 6 after the cube was seeded, and 33 when its cache was cleared.
    let cube = &x * &x * &x;
    println!("of the square: {}", backward(&[(&square, 1.0)]).of(&x));
    println!("of the cube:   {}", backward(&[(&cube, 1.0)]).of(&x));
    println!(
        "of their sum:  {}",
        backward(&[(&square, 1.0), (&cube, 1.0)]).of(&x)
    );

    println!("## intermediate");
    let (a, b, c) = (
        Container::new(1.0),
        Container::new(2.0),
        Container::new(3.0),
    );
    let d = &a + &b;
    let e = &b * &c;
    let f = &d * &e;
    let of_f = backward(&[(&f, 1.0)]);
    println!(
        "df/dd = {}, df/de = {}, df/db = {}",
        of_f.of(&d),
        of_f.of(&e),
        of_f.of(&b)
    );
    // A walk may begin anywhere.
    let of_e = backward(&[(&e, 1.0)]);
    println!("de/db = {}, de/da = {}", of_e.of(&b), of_e.of(&a));
}

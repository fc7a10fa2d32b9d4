//! # Many outputs, any seed, again and again
//!
//! Chapter: stage2.md#a-pure-function
//!
//! About: gradients
//!
//! Items: backward.rs `backward`, `Gradients::of`
//!
//! `backward` changes nothing: called again it answers again, from the graph as it is then. It
//! takes several outputs at once, intermediate results among them, and each with a seed of its
//! own; the gradients of all of them add up. If the walk was built well, nothing is left to do
//! here, and these tests show what has been gained over stage 1.
//!
//! Hint 1: Where could a gradient survive from one of your calls to the next? There should be no
//! such place.
//! Hint 2: A seed is a contribution like any other: an output on which another output depends has
//! its seed and receives a gradient as well.
//! Hint 3: Begin with `for (output, seed) in outputs { add_to(&mut gradients, output.node(), *seed); }`
//! on an empty map.

use stage2::{Container, backward};

#[test]
fn a_discarded_result_with_an_infinite_slope_spoils_nothing() {
    let x = Container::new(0.0);
    let y = &x * 3.0;
    let _discarded = x.sqrt();
    assert_eq!(backward(&[(&y, 1.0)]).of(&x), 3.0);
}

#[test]
fn the_same_call_gives_the_same_gradients() {
    let x = Container::new(3.0);
    let square = &x * &x;
    assert_eq!(backward(&[(&square, 1.0)]).of(&x), 6.0);
    assert_eq!(backward(&[(&square, 1.0)]).of(&x), 6.0);
}

#[test]
fn a_seed_of_3_gives_three_times_the_gradient() {
    let (x, y) = (Container::new(2.0), Container::new(5.0));
    let product = &x * &y;
    let gradients = backward(&[(&product, 3.0)]);
    assert_eq!(gradients.of(&x), 15.0);
    assert_eq!(gradients.of(&y), 6.0);
    assert_eq!(gradients.of(&product), 3.0);
}

#[test]
fn each_output_of_a_graph_has_gradients_of_its_own() {
    let x = Container::new(3.0);
    let (square, cube) = (&x * &x, &x * &x * &x);
    assert_eq!(backward(&[(&square, 1.0)]).of(&x), 6.0);
    assert_eq!(backward(&[(&cube, 1.0)]).of(&x), 27.0);
    assert_eq!(backward(&[(&square, 1.0)]).of(&x), 6.0);
}

#[test]
fn a_graph_may_grow_after_a_walk() {
    let x = Container::new(3.0);
    let square = &x * &x;
    assert_eq!(backward(&[(&square, 1.0)]).of(&x), 6.0);
    let power = &square * &square;
    assert_eq!(backward(&[(&power, 1.0)]).of(&x), 108.0);
}

#[test]
fn the_gradients_of_an_earlier_walk_stay_as_they_were() {
    let x = Container::new(3.0);
    let square = &x * &x;
    let earlier = backward(&[(&square, 1.0)]);
    let later = backward(&[(&square, 10.0)]);
    assert_eq!((earlier.of(&x), later.of(&x)), (6.0, 60.0));
}

#[test]
fn several_outputs_add_up_each_with_its_seed() {
    let x = Container::new(3.0);
    let (square, cube) = (&x * &x, &x * &x * &x);
    assert_eq!(backward(&[(&square, 1.0), (&cube, 1.0)]).of(&x), 33.0);
    assert_eq!(backward(&[(&square, 10.0), (&cube, 1.0)]).of(&x), 87.0);
}

#[test]
fn an_output_that_is_named_twice_counts_twice() {
    let x = Container::new(3.0);
    let square = &x * &x;
    assert_eq!(backward(&[(&square, 1.0), (&square, 1.0)]).of(&x), 12.0);
}

#[test]
fn an_output_on_which_another_depends_has_both_gradients() {
    let x = Container::new(3.0);
    let square = &x * &x;
    let power = &square * &square;
    for outputs in [
        [(&square, 1.0), (&power, 1.0)],
        [(&power, 1.0), (&square, 1.0)],
    ] {
        let gradients = backward(&outputs);
        assert_eq!(gradients.of(&square), 19.0); // 1 + 2·9
        assert_eq!(gradients.of(&x), 114.0); // 6·19
    }
}

#[test]
fn an_intermediate_result_can_be_seeded_alone() {
    let (x, y) = (Container::new(2.0), Container::new(5.0));
    let product = &x * &y;
    let square = &product * &product;
    let gradients = backward(&[(&product, 1.0)]);
    assert_eq!(gradients.of(&x), 5.0);
    assert_eq!(gradients.of(&square), 0.0); // the product does not depend on its square
}

#[test]
fn the_gradients_of_intermediate_results_can_be_read() {
    let (a, b, c) = (
        Container::new(1.0),
        Container::new(2.0),
        Container::new(3.0),
    );
    let d = &a + &b;
    let e = &b * &c;
    let f = &d * &e;
    let gradients = backward(&[(&f, 1.0)]);
    assert_eq!(gradients.of(&d), 6.0);
    assert_eq!(gradients.of(&e), 3.0);
    assert_eq!(gradients.of(&f), 1.0);
    assert_eq!(gradients.of_node(d.node()), 6.0);
}

#[test]
fn without_outputs_every_gradient_is_0() {
    let x = Container::new(3.0);
    let square = &x * &x;
    let gradients = backward(&[]);
    assert_eq!((gradients.of(&square), gradients.of(&x)), (0.0, 0.0));
}

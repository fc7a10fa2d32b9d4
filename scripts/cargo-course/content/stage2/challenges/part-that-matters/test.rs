//! The part of a graph between one input and the output.

use pretty_assertions::assert_eq;
use stage2::{Container, backward, draw};

#[test]
fn only_what_depends_on_the_input_is_shown() {
    let (a, b, c) = (
        Container::new(1.0),
        Container::new(2.0),
        Container::new(3.0),
    );
    let f = (&a + &b) * (&b * &c);
    let gradients = backward(&[(&f, 1.0)]);
    let expected = "\
n0 = input()          value 1  gradient 6
n3 = add(n0, n1)      value 3  gradient 6
n5 = mul(n3, n4)      value 18  gradient 1
";
    assert_eq!(draw::text_between(&a, &f, &gradients), expected);
    let expected = "\
n2 = input()          value 3  gradient 6
n4 = mul(n1, n2)      value 6  gradient 3
n5 = mul(n3, n4)      value 18  gradient 1
";
    assert_eq!(draw::text_between(&c, &f, &gradients), expected);
}

#[test]
fn an_intermediate_result_can_stand_for_the_input() {
    let x = Container::new(3.0);
    let square = &x * &x;
    let y = &square + 1.0;
    let expected = "\
n1 = mul(n0, n0)      value 9  gradient 1
n3 = add(n1, n2)      value 10  gradient 1
";
    assert_eq!(
        draw::text_between(&square, &y, &backward(&[(&y, 1.0)])),
        expected
    );
}

#[test]
fn if_everything_depends_on_the_input_everything_is_shown() {
    let x = Container::new(3.0);
    let y = (&x * &x).sin();
    let gradients = backward(&[(&y, 1.0)]);
    assert_eq!(
        draw::text_between(&x, &y, &gradients),
        draw::text(&y, &gradients)
    );
}

#[test]
fn an_input_that_does_not_matter_gives_no_picture() {
    let (x, y) = (Container::new(3.0), Container::new(5.0));
    let sine = x.sin();
    let _unused = &sine * &y;
    let gradients = backward(&[(&sine, 1.0)]);
    assert_eq!(draw::text_between(&y, &sine, &gradients), "");
}

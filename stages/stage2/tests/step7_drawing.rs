//! # The graph as a picture
//!
//! Chapter: stage2.md#drawing
//!
//! About: drawing
//!
//! Items: ops.rs `Op::name`, draw.rs `text`, `dot`, `named`, `short`
//!
//! `draw.rs` is a new file, and `lib.rs` says `pub mod draw;`. Both of its functions take
//! `(output: &Container, gradients: &Gradients)` and return a `String`. `name()` of an `Op` is its name in
//! small letters: that of `Op::Powf` is `powf`.
//!
//! `draw::text` writes a line for each node, in the order in which the nodes were made, with its name,
//! its recipe, its value and its gradient: `n3 = add(n0, n1)      value 3  gradient 6`. Name and recipe
//! together are padded to 20 characters, and two spaces follow. An input is an `input()`.
//!
//! `draw::dot` writes the same graph in the language of Graphviz: `digraph {`, then for each node a line
//! `n3 [label="add\nvalue 3\ngradient 6"];`, with a backslash and an n between the parts of the label,
//! and a line for each arrow to an input, with the local derivative: `n3 -> n0 [label="1"];`. Lines are
//! indented by two spaces, and the last one is `}`. A node that is used twice is drawn once.
//!
//! Numbers have six significant digits at most, and no exponent. (`named` and `short` are helpers:
//! the nodes with their names, and a number as text.)
//!
//! Hint 1: `order` lists all nodes, and the ids tell in which order they were made.
//! Hint 2: Ids go on counting from graph to graph. Give the nodes of this graph names of their own,
//! `n0`, `n1`, …, in a map from id to name.
//! Hint 3: The local derivative is a `vjp` with gradient 1. For six digits, `format!("{value:.5e}")`
//! rounds; parse that, and print it with `{}`. In text, name and recipe together are padded:
//! `format!("{recipe:20}  value {value}  gradient {gradient}\n")` with `n3 = add(n0, n1)` as the
//! recipe.

use pretty_assertions::assert_eq;
use stage2::{Container, Op, backward, draw};

/// f = (a + b) · (b · c).
fn first_expression() -> Container {
    let (a, b, c) = (
        Container::new(1.0),
        Container::new(2.0),
        Container::new(3.0),
    );
    (&a + &b) * (&b * &c)
}

#[test]
fn an_operation_is_named_in_small_letters() {
    assert_eq!(Op::Input.name(), "input");
    assert_eq!(Op::Mul.name(), "mul");
    assert_eq!(Op::Powf.name(), "powf");
}

#[test]
fn text_has_a_line_for_each_node() {
    let f = first_expression();
    let text = draw::text(&f, &backward(&[(&f, 1.0)]));
    let expected = "\
n0 = input()          value 1  gradient 6
n1 = input()          value 2  gradient 15
n2 = input()          value 3  gradient 6
n3 = add(n0, n1)      value 3  gradient 6
n4 = mul(n1, n2)      value 6  gradient 3
n5 = mul(n3, n4)      value 18  gradient 1
";
    assert_eq!(text, expected);
}

#[test]
fn dot_has_an_arrow_from_each_result_to_its_inputs() {
    let f = first_expression();
    let dot = draw::dot(&f, &backward(&[(&f, 1.0)]));
    let expected = r#"digraph {
  n0 [label="input\nvalue 1\ngradient 6"];
  n1 [label="input\nvalue 2\ngradient 15"];
  n2 [label="input\nvalue 3\ngradient 6"];
  n3 [label="add\nvalue 3\ngradient 6"];
  n3 -> n0 [label="1"];
  n3 -> n1 [label="1"];
  n4 [label="mul\nvalue 6\ngradient 3"];
  n4 -> n1 [label="3"];
  n4 -> n2 [label="2"];
  n5 [label="mul\nvalue 18\ngradient 1"];
  n5 -> n3 [label="6"];
  n5 -> n4 [label="3"];
}
"#;
    assert_eq!(dot, expected);
}

#[test]
fn a_node_that_is_used_twice_is_drawn_once_with_two_arrows() {
    let x = Container::new(3.0);
    let y = &x * &x;
    let dot = draw::dot(&y, &backward(&[(&y, 1.0)]));
    let expected = r#"digraph {
  n0 [label="input\nvalue 3\ngradient 6"];
  n1 [label="mul\nvalue 9\ngradient 1"];
  n1 -> n0 [label="3"];
  n1 -> n0 [label="3"];
}
"#;
    assert_eq!(dot, expected);
}

#[test]
fn the_same_graph_made_again_gives_the_same_picture() {
    let (once, again) = (first_expression(), first_expression());
    let gradients = backward(&[(&once, 1.0), (&again, 1.0)]);
    assert_eq!(
        draw::text(&once, &gradients),
        draw::text(&again, &gradients)
    );
    assert_eq!(draw::dot(&once, &gradients), draw::dot(&again, &gradients));
}

#[test]
fn the_gradients_are_those_of_the_given_walk() {
    let x = Container::new(3.0);
    let y = x.powf(2.0);
    let expected = "\
n0 = input()          value 3  gradient 0
n1 = input()          value 2  gradient 0
n2 = powf(n0, n1)     value 9  gradient 0
";
    assert_eq!(draw::text(&y, &backward(&[])), expected);
}

#[test]
fn numbers_have_six_digits_at_most() {
    let x = Container::new(2.0);
    let y = x.sqrt() * 1e-9;
    let text = draw::text(&y, &backward(&[(&y, 1.0)]));
    assert_eq!(
        text,
        "\
n0 = input()          value 2  gradient 0.000000000353553
n1 = sqrt(n0)         value 1.41421  gradient 0.000000001
n2 = input()          value 0.000000001  gradient 1.41421
n3 = mul(n1, n2)      value 0.00000000141421  gradient 1
"
    );
}

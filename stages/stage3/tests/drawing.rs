//! The graph of a trace as a picture.

use std::rc::Rc;
use std::thread;

use pretty_assertions::assert_eq;
use stage3::{Container, Primitive, Trace, Value, backward, draw};

fn boxed(value: Value) -> Rc<Container> {
    match value {
        Value::Boxed(container) => container,
        Value::Plain(_) => panic!("what is made of containers is a container"),
    }
}

/// z = x·y + sin x at (0.5, 4.2), and the gradients of it.
fn product_and_sine(trace: &Trace) -> (Rc<Container>, stage3::Gradients) {
    let [x, y] = [0.5, 4.2].map(|number| Value::Boxed(trace.input(&Value::from(number))));
    let z = boxed(&x * &y + x.sin());
    let gradients = backward(&[(&z, Value::from(1.0))]);
    (z, gradients)
}

/// Runs `test` in a thread of its own, where the first trace has the number 0.
fn in_new_thread(test: fn()) {
    thread::spawn(test).join().expect("the test's end");
}

#[test]
fn text_has_a_line_for_each_node() {
    let trace = Trace::open();
    let (z, gradients) = product_and_sine(&trace);
    let expected = "\
n0 = input()          value 0.5  gradient 5.07758
n1 = input()          value 4.2  gradient 0.5
n2 = mul(n0, n1)      value 2.1  gradient 1
n3 = sin(n0)          value 0.479426  gradient 1
n4 = add(n2, n3)      value 2.57943  gradient 1
";
    assert_eq!(draw::text(&z, &gradients), expected);
}

#[test]
fn dot_has_an_arrow_from_each_result_to_its_inputs() {
    let trace = Trace::open();
    let (z, gradients) = product_and_sine(&trace);
    let expected = r#"digraph {
  n0 [label="input\nvalue 0.5\ngradient 5.07758"];
  n1 [label="input\nvalue 4.2\ngradient 0.5"];
  n2 [label="mul\nvalue 2.1\ngradient 1"];
  n2 -> n0 [label="4.2"];
  n2 -> n1 [label="0.5"];
  n3 [label="sin\nvalue 0.479426\ngradient 1"];
  n3 -> n0 [label="0.877583"];
  n4 [label="add\nvalue 2.57943\ngradient 1"];
  n4 -> n2 [label="1"];
  n4 -> n3 [label="1"];
}
"#;
    assert_eq!(draw::dot(&z, &gradients), expected);
}

#[test]
fn a_constant_has_no_node_and_is_shown_where_it_is_used() {
    let trace = Trace::open();
    let x = Value::Boxed(trace.input(&Value::from(3.0)));
    let y = boxed(2.0 - &x * (1.0 / 3.0));
    let gradients = backward(&[(&y, Value::from(1.0))]);
    let expected = "\
n0 = input()          value 3  gradient -0.333333
n1 = mul(n0, 0.333333)  value 1  gradient -1
n2 = sub(2, n1)       value 1  gradient 1
";
    assert_eq!(draw::text(&y, &gradients), expected);
    let dot = draw::dot(&y, &gradients);
    let arrows: Vec<&str> = dot.lines().filter(|line| line.contains("->")).collect();
    let expected = [
        r#"  n1 -> n0 [label="0.333333"];"#,
        r#"  n2 -> n1 [label="-1"];"#,
    ];
    assert_eq!(arrows, expected);
}

#[test]
fn numbers_of_traces_further_out_are_in_their_boxes() {
    in_new_thread(|| {
        let outer = Trace::open();
        let x = Value::Boxed(outer.input(&Value::from(5.0)));
        let inner = Trace::open();
        let y = Value::Boxed(inner.input(&Value::from(2.0)));
        let product = boxed(&x * &y);
        let gradients = backward(&[(&product, Value::from(1.0))]);
        let expected = "\
n0 = input()          value 2  gradient [5]₀
n1 = mul([5]₀, n0)    value [10]₀  gradient 1
";
        assert_eq!(draw::text(&product, &gradients), expected);
    });
}

#[test]
fn a_box_in_a_box_has_the_number_of_each_trace() {
    in_new_thread(|| {
        for _ in 0..11 {
            Trace::open();
        }
        let (outer, middle, inner) = (Trace::open(), Trace::open(), Trace::open());
        let x = Value::Boxed(outer.input(&Value::from(3.0)));
        let x = Value::Boxed(middle.input(&x));
        let y = boxed(&x * Value::Boxed(inner.input(&Value::from(1.0))));
        let text = draw::text(&y, &backward(&[]));
        assert!(text.contains("mul([[3]₁₁]₁₂, n0)"), "{text}");
    });
}

#[test]
fn a_local_derivative_is_in_its_boxes_too() {
    in_new_thread(|| {
        let (outer, inner) = (Trace::open(), Trace::open());
        let x = Value::Boxed(outer.input(&Value::from(5.0)));
        let y = boxed(&x * Value::Boxed(inner.input(&Value::from(2.0))));
        let dot = draw::dot(&y, &backward(&[]));
        assert!(dot.contains(r#"n1 -> n0 [label="[5]₀"];"#), "{dot}");
    });
}

#[test]
#[should_panic(expected = "no derivative rule for argument 0 of primitive `cube`")]
fn a_primitive_without_a_rule_is_named() {
    static CUBE: Primitive = Primitive::new("cube", |args| args[0].powi(3));
    let trace = Trace::open();
    let x = Value::Boxed(trace.input(&Value::from(2.0)));
    draw::dot(&boxed(CUBE.bind(&[&x])), &backward(&[]));
}

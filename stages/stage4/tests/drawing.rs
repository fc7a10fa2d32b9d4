//! The graph of a trace as a picture.

use std::rc::Rc;
use std::thread;

use ndarray::{Array1, Array2};
use pretty_assertions::assert_eq;
use stage4::{Container, Data, Primitive, Trace, Value, draw};

fn boxed(value: Value) -> Rc<Container> {
    match value {
        Value::Boxed(container) => container,
        Value::Plain(_) => panic!("what is made of containers is a container"),
    }
}

fn ones(rows: usize, columns: usize) -> Value {
    Value::from(Array2::ones((rows, columns)))
}

/// The sum of a layer of two neurons for four samples.
fn layer(trace: &Trace) -> Rc<Container> {
    let weights = Value::Boxed(trace.input(&ones(3, 2)));
    let bias = Value::Boxed(trace.input(&Value::from(Array1::ones(2))));
    boxed((ones(4, 3).dot(&weights) + &bias).max())
}

#[test]
fn text_has_a_line_with_the_shape_for_each_node() {
    let trace = Trace::open();
    let expected = "\
n0 = input()          array 3 × 2
n1 = input()          array 2
n2 = matmul(array 4 × 3, n0)  array 4 × 2
n3 = add(n2, n1)      array 4 × 2
n4 = max(n3, Axes { axes: [0, 1], keep: false })  4
";
    assert_eq!(draw::text(&layer(&trace)), expected);
}

#[test]
fn dot_has_an_arrow_from_each_result_to_its_inputs() {
    let trace = Trace::open();
    let expected = r#"digraph {
  n0 [label="input\narray 3 × 2"];
  n1 [label="input\narray 2"];
  n2 [label="matmul\narray 4 × 2"];
  n2 -> n0;
  n3 [label="add\narray 4 × 2"];
  n3 -> n2;
  n3 -> n1;
  n4 [label="max\n4"];
  n4 -> n3;
}
"#;
    assert_eq!(draw::dot(&layer(&trace)), expected);
}

#[test]
fn values_of_traces_further_out_are_in_their_boxes() {
    // In a thread of its own the first trace has the number 0.
    let test = || {
        let (outer, inner) = (Trace::open(), Trace::open());
        let x = Value::Boxed(outer.input(&ones(2, 3)));
        let y = Value::Boxed(inner.input(&Value::from(0.5)));
        let expected = "\
n0 = input()          0.5
n1 = mul([array 2 × 3]₀, n0)  [array 2 × 3]₀
";
        assert_eq!(draw::text(&boxed(&x * &y)), expected);
    };
    thread::spawn(test).join().expect("the test's end");
}

#[test]
fn another_type_is_shown_as_debug_prints_it() {
    #[derive(Debug)]
    struct Named(#[allow(dead_code, reason = "`Debug` reads it")] &'static str);
    impl Data for Named {}
    static LENGTH: Primitive = Primitive::new("length", |_| Rc::new(5.0));

    let trace = Trace::open();
    let x = Value::Boxed(trace.input(&Value::new(Named("grain"))));
    let length = boxed(LENGTH.bind(&[&x, &Value::new(Named("a"))]));
    let expected = r#"n0 = input()          Named("grain")
n1 = length(n0, Named("a"))  5
"#;
    assert_eq!(draw::text(&length), expected);
    // A quotation mark would end the label.
    let first = r#"  n0 [label="input\nNamed(\"grain\")"];"#;
    assert_eq!(draw::dot(&length).lines().nth(1), Some(first));
}

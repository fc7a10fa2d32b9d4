//! What each trace records when traces nest.
//!
//! `[5]₀` is the number 5 in a box of trace 0, and `[[5]₀]₁` is that in a box of trace 1.

use std::rc::Rc;
use std::thread;

use stage3::{Node, Trace, Value, backward, draw, vector_jacobian};

fn main() {
    // Numbers are counted for each thread, so each of these begins at trace 0.
    for section in [product, sine, pull_back] {
        thread::spawn(section).join().expect("the section's end");
    }
}

/// d/dy (x·y) at y = 1, by hand: what `grad` does in the middle of an outer trace.
fn product() {
    // ANCHOR: product
    let outer = Trace::open();
    let x = outer.input(&Value::from(5.0));
    let inner = Trace::open();
    let y = inner.input(&Value::from(1.0));
    let product = Value::Boxed(x.clone()) * Value::Boxed(y.clone());
    // ANCHOR_END: product

    let names = [(x.node(), "x"), (y.node(), "y")];
    let Value::Boxed(on_inner) = &product else {
        unreachable!("a product of containers")
    };
    let Value::Boxed(on_outer) = on_inner.value() else {
        unreachable!("x is in the product")
    };
    println!("## product");
    println!("x = {}", show(&Value::Boxed(x.clone())));
    println!("y = {}", show(&Value::Boxed(y.clone())));
    println!("x * y = {}", show(&product));
    println!("trace 0 recorded {}", recipe(on_outer.node(), &names));
    println!("trace 1 recorded {}", recipe(on_inner.node(), &names));

    println!("## product-picture");
    println!("digraph {{");
    println!("  y [label=\"y\\ninput of trace 1\"];");
    println!("  x [label=\"x\\ninput of trace 0\"];");
    println!(
        "  inner [label=\"{}\\ntrace 1\"];",
        computation(on_inner.node())
    );
    println!(
        "  outer [label=\"{}\\ntrace 0\"];",
        computation(on_outer.node())
    );
    println!("  inner -> y [label=\"parent\"];");
    println!("  outer -> x [label=\"parent\"];");
    println!("  inner -> outer [label=\"result\", style=dashed];");
    println!("}}");

    println!("## product-walk");
    // ANCHOR: product_walk
    drop(inner);
    let gradients = backward(&[(on_inner, Value::from(1.0))]);
    let slope = gradients.of(&y);
    // ANCHOR_END: product_walk
    println!("inner walk: {}", show(&slope));
    print!("{}", draw::text(on_inner, &gradients));
    let Value::Boxed(slope) = slope else {
        unreachable!("the slope is x")
    };
    let gradients = backward(&[(&slope, Value::from(1.0))]);
    println!("outer walk: {}", show(&gradients.of(&x)));
    print!("{}", draw::text(&slope, &gradients));
}

/// The second derivative of the sine at 0.5.
fn sine() {
    let outer = Trace::open();
    let x = outer.input(&Value::from(0.5));
    let inner = Trace::open();
    let y = inner.input(&Value::Boxed(x.clone()));
    let sine = Value::Boxed(y.clone()).sin();

    let Value::Boxed(on_inner) = &sine else {
        unreachable!("the sine of a container")
    };
    let Value::Boxed(on_outer) = on_inner.value() else {
        unreachable!("y carries a container")
    };
    let mut names = vec![(x.node(), "x"), (y.node(), "y"), (on_outer.node(), "sin")];
    println!("## sin-recorded");
    println!("y = {}", show(&Value::Boxed(y.clone())));
    println!("y.sin() = {}", show(&sine));
    println!("trace 0 recorded {}", recipe(on_outer.node(), &names));
    println!("trace 1 recorded {}", recipe(on_inner.node(), &names));

    drop(inner);
    let slope = backward(&[(on_inner, Value::from(1.0))]).of(&y);
    let Value::Boxed(slope) = &slope else {
        unreachable!("the rule computed with a container")
    };
    let product = slope.node();
    let cosine = &product.parents[0].1;
    names.extend([(cosine, "cos"), (product, "mul")]);
    println!("## sin-first-walk");
    println!("reads            {}", recipe(on_inner.node(), &names));
    println!("trace 0 recorded {}", recipe(cosine, &names));
    println!("trace 0 recorded {}", recipe(product, &names));
    println!("result           {}", show(&Value::Boxed(slope.clone())));

    println!("## sin-second-walk");
    let gradients = backward(&[(slope, Value::from(1.0))]);
    print!("{}", draw::text(slope, &gradients));
    println!("## sin-picture");
    print!("{}", draw::dot(slope, &gradients));
}

/// Two functions in a row, and their pull-backs in the other direction.
fn pull_back() {
    // ANCHOR: pull_back
    let (sine, pull_sine) = vector_jacobian(Value::sin, &Value::from(0.5));
    let (square, pull_square) = vector_jacobian(|x| x * x, &sine);
    let by_sine = pull_square(&Value::from(1.0));
    let by_x = pull_sine(&by_sine);
    // ANCHOR_END: pull_back
    println!("## pull-back");
    let (sine, square) = (show(&sine), show(&square));
    println!("values     0.5     ── sin ─►  {sine}  ── square ─►  {square}");
    let (by_x, by_sine) = (show(&by_x), show(&by_sine));
    println!("gradients  {by_x}  ◄─ sin ──  {by_sine}  ◄─ square ──  1");
}

/// A value with all of its boxes.
fn show(value: &Value) -> String {
    match value {
        Value::Plain(number) => ((number * 1e4).round() / 1e4).to_string(),
        Value::Boxed(container) => {
            let subscript = ['₀', '₁', '₂', '₃'][container.trace() as usize];
            format!("[{}]{subscript}", show(container.value()))
        }
    }
}

/// What a node computed, and its parents with their positions.
fn recipe(node: &Node, names: &[(&Rc<Node>, &str)]) -> String {
    let parents: Vec<String> = node
        .parents
        .iter()
        .map(|(argnum, parent)| format!("({argnum}, {})", name(parent, names)))
        .collect();
    format!("{:26}  parents {}", computation(node), parents.join(" "))
}

fn computation(node: &Node) -> String {
    format!("{} = {}", call(node), show(&node.result))
}

fn call(node: &Node) -> String {
    let args: Vec<String> = node.args.iter().map(show).collect();
    format!("{}({})", node.primitive.name, args.join(", "))
}

fn name<'a>(node: &Node, names: &[(&Rc<Node>, &'a str)]) -> &'a str {
    let found = names.iter().find(|(named, _)| named.id == node.id);
    found.map_or("?", |(_, name)| name)
}

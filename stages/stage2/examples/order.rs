//! Why the walk needs an order: two walks without one, and the counting that `order` does.

use std::collections::{HashMap, HashSet};

use stage2::backward::order;
use stage2::{Container, Node, Op, backward};

fn main() {
    // f = x² + x⁴, and its derivative at 3 is 2·3 + 4·3³ = 114.
    let x = Container::new(3.0);
    let a = &x * &x;
    let b = &a * &a;
    let f = &a + &b;
    let names = HashMap::from([
        (x.node().id, "x"),
        (a.node().id, "a"),
        (b.node().id, "b"),
        (f.node().id, "f"),
    ]);

    println!("## picture");
    picture(&f, &names);

    println!("## at-once");
    for (name, f) in [("a + b", &f), ("b + a", &(&b + &a))] {
        let mut gradients = HashMap::from([(f.node().id, 1.0)]);
        at_once(f.node(), &mut gradients, &mut HashSet::new());
        let (wrong, right) = (gradients[&x.node().id], backward(&[(f, 1.0)]).of(&x));
        println!("f = {name}: at once {wrong:3}, backward {right:3}");
    }

    println!("## every-path");
    println!("doubled  gradient  calls along every path  nodes in order");
    for times in [1, 2, 3, 10, 20] {
        let x = Container::new(1.0);
        let mut y = x.clone();
        for _ in 0..times {
            y = &y + &y;
        }
        let (mut gradients, mut calls) = (HashMap::new(), 0);
        every_path(y.node(), 1.0, &mut gradients, &mut calls);
        let gradient = gradients[&x.node().id];
        assert_eq!(gradient, backward(&[(&y, 1.0)]).of(&x));
        let nodes = order(&[y.node()]).len();
        println!("{times:7}  {gradient:8}  {calls:22}  {nodes:14}");
    }

    println!("## counting");
    counting(&f, &names);
}

// ANCHOR: at_once
/// Each node passes its gradient on as soon as it has one. Wrong.
fn at_once(node: &Node, gradients: &mut HashMap<u64, f64>, done: &mut HashSet<u64>) {
    if !done.insert(node.id) {
        return;
    }
    let gradient = gradients[&node.id];
    for (argnum, parent) in node.parents.iter().enumerate() {
        *gradients.entry(parent.id).or_insert(0.0) += gradient * local(node, argnum);
    }
    for parent in &node.parents {
        at_once(parent, gradients, done);
    }
}
// ANCHOR_END: at_once

// ANCHOR: every_path
/// Each contribution travels on by itself. Right, but it takes every path there is.
fn every_path(node: &Node, part: f64, gradients: &mut HashMap<u64, f64>, calls: &mut u64) {
    *calls += 1;
    *gradients.entry(node.id).or_insert(0.0) += part;
    for (argnum, parent) in node.parents.iter().enumerate() {
        every_path(parent, part * local(node, argnum), gradients, calls);
    }
}
// ANCHOR_END: every_path

/// The local derivative d result / d argument number `argnum`.
fn local(node: &Node, argnum: usize) -> f64 {
    match node.op {
        Op::Add => 1.0,
        Op::Mul => node.args[1 - argnum],
        op => unimplemented!("{op:?} is not used here"),
    }
}

/// How many children each node still waits for, and the gradients so far, node after node.
fn counting(output: &Container, names: &HashMap<u64, &str>) {
    let order = order(&[output.node()]);
    let mut gradients = HashMap::from([(output.node().id, 1.0)]);
    let heads = |heads: Vec<String>| heads.concat();
    let columns: String = order
        .iter()
        .map(|n| format!("{:>4}", names[&n.id]))
        .collect();
    println!("          children left          gradient so far");
    println!("        {columns}   ready {columns}");
    for taken in 0..=order.len() {
        let waiting = &order[taken..];
        let left = |node: &Node| {
            let arrows = waiting.iter().flat_map(|child| &child.parents);
            arrows.filter(|parent| parent.id == node.id).count()
        };
        let step = match taken {
            0 => "at first".to_owned(),
            _ => format!("take {}  ", names[&order[taken - 1].id]),
        };
        let counts = order.iter().enumerate().map(|(i, node)| match i {
            _ if i < taken => "   ·".to_owned(),
            _ => format!("{:4}", left(node)),
        });
        let ready: String = waiting
            .iter()
            .filter(|node| left(node) == 0)
            .map(|node| names[&node.id])
            .collect();
        let sums = order.iter().map(|node| match gradients.get(&node.id) {
            Some(gradient) => format!("{gradient:4}"),
            None => "   ·".to_owned(),
        });
        println!(
            "{step}{}   {ready:5} {}",
            heads(counts.collect()),
            heads(sums.collect())
        );
        if let Some(node) = waiting.first() {
            let gradient = gradients[&node.id];
            for (argnum, parent) in node.parents.iter().enumerate() {
                *gradients.entry(parent.id).or_insert(0.0) += gradient * local(node, argnum);
            }
        }
    }
}

/// The graph in DOT, with names and local derivatives, and no gradients yet.
fn picture(output: &Container, names: &HashMap<u64, &str>) {
    println!("digraph {{");
    for node in order(&[output.node()]) {
        let name = names[&node.id];
        println!("  {name} [label=\"{name}\\nvalue {}\"];", node.result);
        for (argnum, parent) in node.parents.iter().enumerate() {
            println!(
                "  {name} -> {} [label=\"{}\"];",
                names[&parent.id],
                local(node, argnum)
            );
        }
    }
    println!("}}");
}

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
        let (found, right) = (gradients[&x.node().id], backward(&[(f, 1.0)]).of(&x));
        println!("f = {name}: at once {found:3}, backward {right:3}");
    }

    println!("## every-path");
    println!("doublings  gradient    calls  nodes");
    for doublings in [1, 2, 3, 10, 20] {
        let x = Container::new(1.0);
        let mut y = x.clone();
        for _ in 0..doublings {
            y = &y + &y;
        }
        let (mut gradients, mut calls) = (HashMap::new(), 0);
        every_path(y.node(), 1.0, &mut gradients, &mut calls);
        let gradient = gradients[&x.node().id];
        assert_eq!(gradient, backward(&[(&y, 1.0)]).of(&x));
        let nodes = order(&[y.node()]).len();
        println!("{doublings:9}  {gradient:8}  {calls:7}  {nodes:5}");
    }

    println!("## counting");
    counting(&f, &names);
}

// ANCHOR: at_once
/// A node passes its gradient on as soon as it has one. Wrong.
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

/// The walk as a table: how many children each node waits for, who is ready, and the gradients.
fn counting(output: &Container, names: &HashMap<u64, &str>) {
    let order = order(&[output.node()]);
    let row = |cell: &dyn Fn(usize) -> Option<String>| -> String {
        let cells = (0..order.len()).map(|i| cell(i).unwrap_or_else(|| "·".to_owned()));
        cells.map(|cell| format!("{cell:>4}")).collect()
    };
    let name = |i: usize| Some(names[&order[i].id].to_owned());
    println!("         children to wait for         gradient");
    println!("        {}  ready  {}", row(&name), row(&name));

    let mut gradients = HashMap::from([(output.node().id, 1.0)]);
    for taken in 0..=order.len() {
        let step = match taken {
            0 => "at first".to_owned(),
            _ => format!("{} passed", names[&order[taken - 1].id]),
        };
        let left = |i: usize| {
            let arrows = order[taken..].iter().flat_map(|child| &child.parents);
            arrows.filter(|parent| parent.id == order[i].id).count()
        };
        let counts = row(&|i| (i >= taken).then(|| left(i).to_string()));
        let ready: Vec<_> = (taken..order.len()).filter(|i| left(*i) == 0).collect();
        let ready: String = ready.into_iter().filter_map(name).collect();
        let sums = row(&|i| gradients.get(&order[i].id).map(f64::to_string));
        println!("{step:8}{counts}  {ready:5}  {sums}");

        if let Some(node) = order.get(taken) {
            let gradient = gradients[&node.id];
            for (argnum, parent) in node.parents.iter().enumerate() {
                *gradients.entry(parent.id).or_insert(0.0) += gradient * local(node, argnum);
            }
        }
    }
}

/// The graph in DOT, with names and local derivatives, and without gradients.
fn picture(output: &Container, names: &HashMap<u64, &str>) {
    println!("digraph {{");
    for node in order(&[output.node()]) {
        let name = names[&node.id];
        println!("  {name} [label=\"{name}\\nvalue {}\"];", node.result);
        for (argnum, parent) in node.parents.iter().enumerate() {
            let (parent, local) = (names[&parent.id], local(node, argnum));
            println!("  {name} -> {parent} [label=\"{local}\"];");
        }
    }
    println!("}}");
}

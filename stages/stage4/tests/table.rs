//! The table of operations that the exam checks holds every primitive of this crate.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;

use stage4::{Node, Trace, Value};

#[path = "behaviours/check.rs"]
#[allow(dead_code, reason = "the table needs only part of it")]
mod check;
#[path = "behaviours/operations.rs"]
mod operations;

use operations::{Operation, operations};

#[test]
fn the_table_holds_every_primitive_with_every_argument() {
    let listed = primitives(include_str!("../src/ops.rs"));
    assert!(listed.len() > 30 && listed["minimum"] == 2 && !listed.contains_key("floor"));
    for operation in operations() {
        assert!(
            listed.contains_key(operation.name),
            "{} is in ops.rs",
            operation.name
        );
    }

    let mut met = BTreeSet::new();
    for operation in operations() {
        let met_here = recorded(&operation);
        let named = met_here.iter().any(|(name, _)| *name == operation.name);
        assert!(named, "the entry `{}` does not call it", operation.name);
        met.extend(met_here);
    }
    for (name, arguments) in listed {
        for argnum in 0..arguments {
            assert!(
                met.contains(&(name, argnum)),
                "no row in tests/behaviours/operations.rs records `{name}` with a variable as argument \
                 {argnum}"
            );
        }
    }
}

/// All primitives in the source, with the number of arguments that have a derivative.
fn primitives(source: &'static str) -> BTreeMap<&'static str, usize> {
    let statics = source.split("pub static ").skip(1);
    let of_primitives = statics.filter_map(|rest| rest.split_once(": Primitive ="));
    of_primitives
        .filter(|(name, _)| {
            name.chars()
                .all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit())
        })
        .filter_map(|(_, rest)| {
            let (_, rest) = rest.split_once('"')?;
            let (name, rest) = rest.split_once('"')?;
            let (raw, _) = rest.split_once(";\n")?;
            // The functions of `array` take one, and data beside it: all but two.
            let two = raw.contains("args.zip(") || ["select", "matmul"].contains(&name);
            Some((name, if two { 2 } else { 1 }))
        })
        .collect()
}

/// The primitives that an operation records, with the arguments that are differentiated.
fn recorded(operation: &Operation) -> BTreeSet<(&'static str, usize)> {
    let trace = Trace::open();
    let mut met = BTreeSet::new();
    for inputs in &operation.inputs {
        let boxed: Vec<Value> = inputs
            .iter()
            .map(|x| Value::Boxed(trace.input(x)))
            .collect();
        let result = (operation.function)(&boxed);
        // Not recorded at all: the operation left its input as it was.
        let Value::Boxed(result) = result else {
            continue;
        };
        let mut seen = HashSet::new();
        let mut unseen = vec![Rc::clone(result.node())];
        while let Some(node) = unseen.pop() {
            let Node {
                id,
                primitive,
                parents,
                ..
            } = &*node;
            if seen.insert(*id) {
                met.extend(parents.iter().map(|(argnum, _)| (primitive.name, *argnum)));
                unseen.extend(parents.iter().map(|(_, parent)| Rc::clone(parent)));
            }
        }
    }
    met
}

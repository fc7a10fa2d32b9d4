//! Every primitive of stage 3 has a derivative rule for each of its arguments. Its rules are the arms
//! of a `match` on names, so no compiler sees that one is missing.

use std::collections::BTreeSet;

use pretty_assertions::assert_eq;
use stage3::{Primitive, Value, ops, vector_jacobian};
use tests::finite::{close, derivative};

/// How many arguments each primitive has.
const PRIMITIVES: [(&Primitive, usize); 13] = [
    (&ops::ADD, 2),
    (&ops::SUB, 2),
    (&ops::MUL, 2),
    (&ops::DIV, 2),
    (&ops::NEG, 1),
    (&ops::POWF, 2),
    (&ops::SIN, 1),
    (&ops::COS, 1),
    (&ops::EXP, 1),
    (&ops::LN, 1),
    (&ops::SQRT, 1),
    (&ops::TANH, 1),
    (&ops::SECH, 1),
];

#[test]
fn the_list_names_every_primitive_and_all_of_its_arguments() {
    let source = include_str!("../../stages/stage3/src/ops.rs");
    let in_source: BTreeSet<(&str, usize)> = source
        .split("Primitive::new(\"")
        .skip(1)
        .map(|rest| {
            let (name, rest) = rest.split_once('"').unwrap();
            let raw = rest.split(";\n").next().unwrap();
            let used = (0..).take_while(|argnum| raw.contains(&format!("args[{argnum}]")));
            (name, used.count())
        })
        .collect();
    let listed = PRIMITIVES.map(|(primitive, count)| (primitive.name, count));
    assert_eq!(BTreeSet::from(listed), in_source);
}

#[test]
fn every_primitive_has_a_rule_for_each_argument() {
    for (primitive, count) in PRIMITIVES {
        for argnum in 0..count {
            let at = |x: &Value| {
                let mut args = [Value::from(0.3), Value::from(0.7)];
                args[argnum] = x.clone();
                primitive.bind(&[&args[0], &args[1]][..count])
            };
            let x = [0.3, 0.7][argnum];
            let (_, pull_back) = vector_jacobian(at, &Value::from(x));
            let gradient = pull_back(&Value::from(1.0)).value();
            let finite = derivative(|x| at(&Value::from(x)).value(), x);
            assert!(
                close(gradient, finite),
                "argument {argnum} of `{}`: {gradient}, but by differences {finite}",
                primitive.name
            );
        }
    }
}

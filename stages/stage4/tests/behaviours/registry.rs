//! The registry: one for all threads, and open while a rule runs.

use std::cell::Cell;
use std::thread;

use pretty_assertions::assert_eq;
use stage4::{Primitive, Value, defvjp, defvjp_variadic, grad};

use crate::check::message;
use crate::meanwhile::ends_meanwhile;

fn one() -> Value {
    Value::from(1.0)
}

#[test]
fn rules_may_be_defined_while_a_rule_runs() {
    static OUTER: Primitive = Primitive::new("outer", |args| args.map(|x| 3.0 * x));
    static INNER: Primitive = Primitive::new("inner", |args| args.map(|x| 3.0 * x));
    thread_local! { static OPEN: Cell<bool> = const { Cell::new(false) } }
    defvjp(
        &OUTER,
        &[|g, _, _| {
            // On another thread, which goes on when this rule has returned: a registry that is
            // locked here would keep this thread waiting for itself, and all other tests with it.
            let define = || defvjp(&INNER, &[|g, _, _| g * 3.0]);
            OPEN.set(ends_meanwhile(define));
            g * 3.0
        }],
    );
    assert_eq!(grad(|x| OUTER.bind(&[x]))(&one()), 3.0);
    assert!(OPEN.get(), "the registry is locked while a rule runs");
    assert_eq!(grad(|x| INNER.bind(&[x]))(&one()), 3.0);
}

#[test]
fn rules_that_one_thread_defines_hold_for_all() {
    static TREBLE: Primitive = Primitive::new("treble", |args| args.map(|x| 3.0 * x));
    thread::spawn(|| defvjp(&TREBLE, &[|g, _, _| g * 3.0]))
        .join()
        .expect("to define a rule is no reason to panic");
    assert_eq!(grad(|x| TREBLE.bind(&[x]))(&one()), 3.0);
}

#[test]
fn a_panic_in_a_rule_leaves_the_registry_whole() {
    static FAILING: Primitive = Primitive::new("failing", |args| args.map(|x| x));
    static SOUND: Primitive = Primitive::new("sound", |args| args.map(|x| 3.0 * x));
    defvjp(&FAILING, &[|_, _, _| panic!("the rule has failed")]);
    let said = message(|| grad(|x| FAILING.bind(&[x]))(&one()));
    assert_eq!(said, "the rule has failed");
    defvjp(&SOUND, &[|g, _, _| g * 3.0]);
    assert_eq!(grad(|x| SOUND.bind(&[x]))(&one()), 3.0);
}

#[test]
fn new_rules_of_either_kind_replace_all_that_were_there() {
    static SUM: Primitive = Primitive::new("own_sum", |args| args.zip(|x, y| x + y));
    let by_first = || grad(|x| SUM.bind(&[x, &one()]))(&one());
    let by_second = || grad(|x| SUM.bind(&[&one(), x]))(&one());
    defvjp(&SUM, &[|g, _, _| g * 2.0, |g, _, _| g * 3.0]);
    assert_eq!([by_first(), by_second()], [2.0, 3.0]);
    defvjp_variadic(&SUM, |argnum, g, _, _| g * (argnum + 4) as f64);
    assert_eq!([by_first(), by_second()], [4.0, 5.0]);
    defvjp(&SUM, &[|g, _, _| g * 6.0]);
    assert_eq!(by_first(), 6.0);
    assert!(message(by_second).contains("argument 1"));
}

#[test]
fn a_rule_is_found_by_its_primitive_and_not_by_its_name() {
    static FIRST: Primitive = Primitive::new("same", |args| args.map(|x| 2.0 * x));
    static SECOND: Primitive = Primitive::new("same", |args| args.map(|x| 3.0 * x));
    defvjp(&FIRST, &[|g, _, _| g * 2.0]);
    assert!(message(|| grad(|x| SECOND.bind(&[x]))(&one())).contains("`same`"));
    defvjp(&SECOND, &[|g, _, _| g * 3.0]);
    assert_eq!(grad(|x| SECOND.bind(&[&FIRST.bind(&[x])]))(&one()), 6.0);
}

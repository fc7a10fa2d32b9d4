//! The registry is open while a rule runs.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use pretty_assertions::assert_eq;
use stage4::{Primitive, Value, defvjp, grad};

#[test]
fn a_rule_may_define_rules() {
    static OUTER: Primitive = Primitive::new("outer", |args| args.map(|x| 3.0 * x));
    static INNER: Primitive = Primitive::new("inner", |args| args.map(|x| 3.0 * x));
    let (sender, receiver) = mpsc::channel();
    // On a thread that can be given up on. If the registry stayed locked while a rule runs, this
    // would never end, and neither would any other test beside it.
    thread::spawn(move || {
        defvjp(
            &OUTER,
            &[|g, _, _| {
                defvjp(&INNER, &[|g, _, _| g * 3.0]);
                INNER.bind(&[g])
            }],
        );
        let slope = grad(|x| OUTER.bind(&[x]))(&Value::from(1.0));
        sender.send(slope.value())
    });
    let slope = receiver.recv_timeout(Duration::from_secs(10));
    assert_eq!(slope, Ok(3.0));
}

//! # A registry of rules
//!
//! Chapter: stage4.md#registry
//!
//! About: gradients, rules, higher derivatives
//!
//! Items: vjp.rs `Registry::defvjp`, `Registry::defvjp_variadic`, `Registry::forget`, `address`, `defvjp`,
//! `defvjp_variadic`, `write`, `vjp`, backward.rs `Gradients::of`, `backward`, `add_to`,
//! `check_form`, `order`, `vector_jacobian`, `vector_jacobians`, `grad`, `value_and_grads`,
//! `check_number`
//!
//! The rules move out of the walk into a table that anyone may add to: for each primitive and
//! each argument, a function that makes the gradient of the argument from the gradient of the
//! result. The walk looks the rule up, and checks that what comes back has the kind and shape of
//! the argument. Gradients that meet are added by a primitive `ACCUMULATE`, of `backward.rs`, which
//! calls `Data::add`. A rule may differentiate, and may define rules: the registry is not locked
//! while it runs. `rules.rs` is a new file: its `define` takes a `&mut Registry`, and does nothing yet.
//!
//! Names: a `Rule` is a `fn(&Value, &Value, &[Value]) -> Value`, of the gradient, the result and the
//! arguments; a `VariadicRule` gets the argument's number first. `defvjp(&PRIMITIVE, &[rule, …])`
//! defines one for each argument, `defvjp_variadic(&PRIMITIVE, rule)` one for all of them, and what
//! the primitive had before is forgotten. `backward(&[(&container, seed), …])` returns `Gradients`,
//! with `of(&container)` for an input. `vector_jacobian(f, &x)` and `vector_jacobians(f, &xs)` return
//! the value and a pull-back, a `Box<dyn Fn(&Value) -> Value>`, or `-> Vec<Value>`. `grad(f)` is a
//! function of `&Value`, and `value_and_grads(f, &xs)` returns the value and a `Vec` of gradients.
//! There `f` takes a `&[Value]`.
//!
//! Refusals: a primitive without a rule is named (`lonely`), with "argument 0", and `defvjp` as the
//! remedy. A rule that returns another kind names the primitive (`numb`), "argument 0" and both
//! kinds, f64 and point. A seed of another kind says "seed" and both kinds. `grad` of a function that
//! returns a point says `grad`, point and f64. `of` a value that is no input says `Gradients::of`, and
//! the primitive that computed it.
//!
//! If you begin with your stage 3: no test asks for `draw.rs` from here on. Leave it out, or let it
//! follow, as the chapter shows at its end.
//!
//! Hint 1: A primitive is a `static`, so its address says which it is; a name may be taken twice.
//! Hint 2: The table is a `HashMap<(usize, usize), Rule>` behind a lock. Release the lock before
//! you call the rule: it may differentiate, and so come back.
//! Hint 3: `let rule = registry.each.get(&(address(primitive), argnum)).copied();`, then
//! `drop(registry)`, then `match`. If neither table has a rule, panic with the primitive's name,
//! the argument's number and what to do about it.

use std::cell::Cell;
use std::rc::Rc;

use pretty_assertions::assert_eq;
use stage4::{
    Args, Data, Primitive, Raw, Trace, Value, backward, defvjp, defvjp_variadic, downcast, grad,
    value_and_grads, vector_jacobian, vector_jacobians,
};

mod common;
#[path = "common/meanwhile.rs"]
mod meanwhile;

use common::assert_refused;
use meanwhile::ends_meanwhile;

fn product(args: &Args<'_>) -> Raw {
    Rc::new(args.get::<f64>(0) * args.get::<f64>(1))
}

static TIMES: Primitive = Primitive::new("times", product);

fn times(x: &Value, y: &Value) -> Value {
    TIMES.bind(&[x, y])
}

static CUBE: Primitive = Primitive::new("cube", |args| Rc::new(args.get::<f64>(0).powi(3)));

fn cube(x: &Value) -> Value {
    CUBE.bind(&[x])
}

/// Defines the rules of the primitives above.
fn define() {
    defvjp(
        &TIMES,
        &[|g, _, x| times(g, &x[1]), |g, _, x| times(g, &x[0])],
    );
    defvjp(
        &CUBE,
        &[|g, _, x| times(g, &times(&Value::from(3.0), &times(&x[0], &x[0])))],
    );
}

#[test]
fn a_rule_is_found_for_each_argument() {
    define();
    let (value, gradients) = value_and_grads(|x| times(&x[0], &x[1]), &[5.0.into(), 7.0.into()]);
    assert_eq!(value, 35.0);
    assert_eq!(gradients, [7.0, 5.0]);
}

#[test]
fn an_argument_used_twice_gets_the_sum() {
    define();
    assert_eq!(grad(|x| times(x, x))(&Value::from(3.0)), 6.0);
    assert_eq!(grad(|x| times(&cube(x), x))(&Value::from(2.0)), 32.0); // x⁴
}

#[test]
fn a_gradient_is_complete_before_it_is_passed_on() {
    define();
    // From y to the output there are a short way and a long one: y¹⁰ with y = x³, at x = 1.
    let long = |y: &Value| cube(&cube(y));
    let short_first = |x: &Value| {
        let y = cube(x);
        times(&y, &long(&y))
    };
    let long_first = |x: &Value| {
        let y = cube(x);
        times(&long(&y), &y)
    };
    let x = Value::from(1.0);
    assert_eq!(grad(short_first)(&x), 30.0);
    assert_eq!(grad(long_first)(&x), 30.0);
}

#[test]
fn a_gradient_can_be_differentiated_again() {
    define();
    let x = Value::from(2.0);
    assert_eq!(grad(cube)(&x), 12.0);
    assert_eq!(grad(grad(cube))(&x), 12.0); // 6x
}

#[test]
fn the_result_is_handed_to_the_rule() {
    static EXP: Primitive = Primitive::new("exp", |args| Rc::new(args.get::<f64>(0).exp()));
    define();
    defvjp(&EXP, &[|g, result, _| times(g, result)]);
    let e = 1.0_f64.exp();
    assert_eq!(grad(grad(grad(|x| EXP.bind(&[x]))))(&Value::from(1.0)), e);
}

#[test]
fn the_pull_back_is_pure_and_scales_with_the_seed() {
    define();
    let (value, pull_back) = vector_jacobian(cube, &Value::from(2.0));
    assert_eq!(value, 8.0);
    assert_eq!(pull_back(&Value::from(1.0)), 12.0);
    assert_eq!(pull_back(&Value::from(3.0)), 36.0);
    assert_eq!(pull_back(&Value::from(1.0)), 12.0);
}

#[test]
fn outputs_add_up_also_where_one_depends_on_another() {
    define();
    let trace = Trace::open();
    let x = trace.input(&Value::from(2.0));
    let Value::Boxed(y) = cube(&Value::Boxed(x.clone())) else {
        panic!("a container");
    };
    let Value::Boxed(z) = times(&Value::Boxed(y.clone()), &Value::from(10.0)) else {
        panic!("a container");
    };
    let gradients = backward(&[(&z, Value::from(1.0)), (&y, Value::from(100.0))]);
    assert_eq!(gradients.of(&x), 110.0 * 12.0);
    let gradients = backward(&[(&x, Value::from(5.0)), (&y, Value::from(1.0))]);
    assert_eq!(gradients.of(&x), 5.0 + 12.0);
}

#[test]
fn the_gradient_of_a_value_in_between_is_not_kept() {
    define();
    let trace = Trace::open();
    let x = trace.input(&Value::from(2.0));
    let Value::Boxed(y) = cube(&Value::Boxed(x)) else {
        panic!("a container");
    };
    let gradients = backward(&[(&y, Value::from(1.0))]);
    assert_refused(|| gradients.of(&y), &["`Gradients::of`", "`cube`"]);
}

#[test]
fn an_input_that_does_not_matter_gets_zeros_of_its_kind() {
    let p = Value::new(Point(3.0, 4.0));
    let (value, pull_backs) = vector_jacobians(|x| x[1].clone(), &[p, Value::from(7.0)]);
    let gradients = pull_backs(&Value::from(1.0));
    assert_eq!(value, 7.0);
    assert_eq!(gradients[0].data::<Point>(), &Point(0.0, 0.0));
    assert_eq!(gradients[1], 1.0);
    assert_eq!(grad(|_| Value::from(7.0))(&Value::from(3.0)), 0.0);
}

#[test]
fn two_primitives_of_one_name_have_rules_of_their_own() {
    static DOUBLE: Primitive = Primitive::new("same", |args| Rc::new(2.0 * args.get::<f64>(0)));
    static TRIPLE: Primitive = Primitive::new("same", |args| Rc::new(3.0 * args.get::<f64>(0)));
    define();
    defvjp(&DOUBLE, &[|g, _, _| times(g, &Value::from(2.0))]);
    defvjp(&TRIPLE, &[|g, _, _| times(g, &Value::from(3.0))]);
    assert_eq!(grad(|x| DOUBLE.bind(&[x]))(&Value::from(1.0)), 2.0);
    assert_eq!(grad(|x| TRIPLE.bind(&[x]))(&Value::from(1.0)), 3.0);
}

#[test]
fn a_rule_can_be_replaced() {
    static SAME: Primitive = Primitive::new("same", |args| Rc::clone(args.raw(0)));
    defvjp(&SAME, &[|g, _, _| g.zeros()]);
    assert_eq!(grad(|x| SAME.bind(&[x]))(&Value::from(1.0)), 0.0);
    defvjp(&SAME, &[|g, _, _| g.clone()]);
    assert_eq!(grad(|x| SAME.bind(&[x]))(&Value::from(1.0)), 1.0);
    defvjp_variadic(&SAME, |_, g, _, _| times(g, &Value::from(2.0)));
    define();
    assert_eq!(grad(|x| SAME.bind(&[x]))(&Value::from(1.0)), 2.0);
    defvjp(&SAME, &[|g, _, _| g.clone()]);
    assert_eq!(grad(|x| SAME.bind(&[x]))(&Value::from(1.0)), 1.0);
}

#[test]
fn a_rule_for_any_argument_is_told_which() {
    // x0 + 2·x1 + 3·x2 + …
    static WEIGHTED: Primitive = Primitive::new("weighted", |args| {
        let terms = (0..args.count()).map(|i| (i + 1) as f64 * args.get::<f64>(i));
        Rc::new(terms.sum::<f64>())
    });
    define();
    defvjp_variadic(&WEIGHTED, |argnum, g, _, _| {
        times(g, &Value::from((argnum + 1) as f64))
    });
    let xs = [1.0, 1.0, 1.0, 1.0].map(Value::from);
    let weighted = |x: &[Value]| WEIGHTED.bind(&Vec::from_iter(x));
    let (value, gradients) = value_and_grads(weighted, &xs);
    assert_eq!(value, 10.0);
    assert_eq!(gradients, [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn a_rule_may_define_rules_and_differentiate() {
    // The rule of this one asks for the derivative of another function.
    static SLOPED: Primitive = Primitive::new("sloped", |args| Rc::clone(args.raw(0)));
    thread_local! { static OPEN: Cell<bool> = const { Cell::new(false) } }
    define();
    defvjp(
        &SLOPED,
        &[|g, _, x| {
            // First on another thread: if the registry were locked now, this one would wait for
            // itself, and never end.
            OPEN.set(ends_meanwhile(define));
            match OPEN.get() {
                true => times(g, &grad(cube)(&x[0])),
                false => g.clone(),
            }
        }],
    );
    let slope = grad(|x| SLOPED.bind(&[x]))(&Value::from(2.0));
    assert!(OPEN.get(), "the registry is locked while a rule runs");
    assert_eq!(slope, 12.0);
}

#[test]
fn without_a_rule_the_error_names_primitive_argument_and_remedy() {
    static LONELY: Primitive = Primitive::new("lonely", |args| Rc::clone(args.raw(0)));
    let slope = || grad(|x| LONELY.bind(&[x]))(&Value::from(1.0));
    assert_refused(slope, &["`lonely`", "argument 0", "`defvjp`"]);
}

#[test]
fn an_argument_without_a_rule_is_found_beside_one_that_has_it() {
    static HALF: Primitive = Primitive::new("half", product);
    define();
    defvjp(&HALF, &[|g, _, x| times(g, &x[1])]);
    let x = Value::from(3.0);
    let constant = Value::from(2.0);
    assert_eq!(grad(|x| HALF.bind(&[x, &constant]))(&x), 2.0);
    let other = || grad(|x| HALF.bind(&[&constant, x]))(&x);
    assert_refused(other, &["`half`", "argument 1"]);
}

/// A point in the plane.
#[derive(Debug, PartialEq)]
struct Point(f64, f64);

impl Data for Point {
    fn kind(&self) -> &'static str {
        "point"
    }

    fn zeros(&self) -> Raw {
        Rc::new(Point(0.0, 0.0))
    }

    fn ones(&self) -> Raw {
        Rc::new(Point(1.0, 1.0))
    }

    fn add(&self, other: &Raw) -> Raw {
        let other = downcast::<Point>(other).expect("a point for a point");
        Rc::new(Point(self.0 + other.0, self.1 + other.1))
    }
}

/// The sum of the products of the coordinates.
static DOT: Primitive = Primitive::new("dot", |args| {
    let (p, q) = (args.get::<Point>(0), args.get::<Point>(1));
    Rc::new(p.0 * q.0 + p.1 * q.1)
});

/// A point, farther away by a factor.
static SCALE: Primitive = Primitive::new("scale", |args| {
    let (factor, p) = (args.get::<f64>(0), args.get::<Point>(1));
    Rc::new(Point(factor * p.0, factor * p.1))
});

fn dot(p: &Value, q: &Value) -> Value {
    DOT.bind(&[p, q])
}

fn scale(factor: &Value, p: &Value) -> Value {
    SCALE.bind(&[factor, p])
}

/// The rules of each are written with the other.
fn define_points() {
    defvjp(
        &DOT,
        &[|g, _, p| scale(g, &p[1]), |g, _, p| scale(g, &p[0])],
    );
    defvjp(
        &SCALE,
        &[|g, _, x| dot(g, &x[1]), |g, _, x| scale(&x[0], g)],
    );
}

#[test]
fn a_type_of_ones_own_is_differentiated() {
    define_points();
    let p = Value::new(Point(3.0, 4.0));
    let square = |p: &Value| dot(p, p);
    assert_eq!(square(&p), 25.0);
    assert_eq!(grad(square)(&p).data::<Point>(), &Point(6.0, 8.0));
}

#[test]
fn a_type_of_ones_own_is_differentiated_twice() {
    define();
    define_points();
    let (p, q) = (Value::new(Point(3.0, 4.0)), Value::new(Point(1.0, 2.0)));
    let cube_along_q = |p: &Value| cube(&dot(p, &q)); // gradient 3·(p·q)²·q
    let gradient = grad(cube_along_q)(&p);
    assert_eq!(gradient.data::<Point>(), &Point(363.0, 726.0));
    let by_q = |p: &Value| dot(&grad(cube_along_q)(p), &q); // gradient 6·(p·q)·(q·q)·q
    assert_eq!(grad(by_q)(&p).data::<Point>(), &Point(330.0, 660.0));
}

#[test]
fn a_rule_that_returns_another_kind_is_refused() {
    static NUMB: Primitive = Primitive::new("numb", |_| Rc::new(0.0));
    defvjp(&NUMB, &[|g, _, _| g.clone()]);
    let slope = || grad(|p| NUMB.bind(&[p]))(&Value::new(Point(3.0, 4.0)));
    assert_refused(slope, &["argument 0", "`numb`", "f64", "point"]);
}

#[test]
fn a_seed_of_another_kind_is_refused() {
    define_points();
    let p = Value::new(Point(3.0, 4.0));
    let (_, pull_back) = vector_jacobian(|p| scale(&Value::from(2.0), p), &p);
    assert_refused(|| pull_back(&Value::from(1.0)), &["seed", "f64", "point"]);
}

#[test]
fn grad_takes_a_function_that_returns_a_number() {
    define_points();
    let p = Value::new(Point(3.0, 4.0));
    let slope = || grad(|p| scale(&Value::from(2.0), p))(&p);
    assert_refused(slope, &["`grad`", "point", "f64"]);
}

//! # Open containers
//!
//! Chapter: stage4.md#open-containers
//!
//! About: values, graph
//!
//! Items: graph.rs `Data::kind`, `Data::shape`, `Data::zeros`, `Data::ones`, `Data::add`,
//! `downcast`, `describe`, `Node::new`, `Drop for Node`, `Container::with_node`,
//! `Container::value`, `Container::node`, `Container::trace`, `Value::new`, `Value::raw`,
//! `Value::value`, `Value::data`, `Value::shape`, `Value::zeros`, `Value::ones`,
//! `From<f64> for Value`, `Debug for Value`, `PartialEq for Value`, `PartialOrd for Value`,
//! `PartialEq<f64> for Value`, `PartialOrd<f64> for Value`, array.rs `Data for f64`, trace.rs
//! `Trace::open`, `Trace::input`, `Trace::id`, `Drop for Trace`, `Primitive::new`,
//! `Primitive::bind`, `Args::new`, `Args::count`, `Args::raw`, `Args::get`, `Args::refuse`,
//! `innermost_trace`, `Container::check_open`, `Untraced::new`, `Untraced::bind`
//!
//! A value may hold anything that implements `Data`: a number, or a type of your own. A raw
//! function takes `Args`, asks for each argument by position and type, and refuses by name what
//! it cannot use. The tracer stays as it was in stage 3: it never looks at what it carries.
//!
//! If you begin with your stage 3: `ops.rs` waits for step 3, and `backward.rs` for step 2. Until
//! then, leave them out of `lib.rs`. `draw.rs` waits for step 2 as well.
//!
//! Names: `Raw` is an `Rc<dyn Data>`. `Data` is a trait over `Any` and `Debug` with `kind(&self) ->
//! &'static str`, `shape(&self) -> &[usize]`, `zeros(&self) -> Raw`, `ones(&self) -> Raw` and
//! `add(&self, other: &Raw) -> Raw`. All have a default: the type's name, no axes, and a panic.
//! `downcast::<T>(&Raw) -> Option<&T>`. A raw function is a `fn(&Args<'_>) -> Raw`, and `Primitive`
//! and `Untraced` are made as in stage 3, by `new(name, raw)`. `Args` has `count()`, `raw(0)` and
//! `get::<T>(0)`. A `Value` is `Plain(Raw)` or `Boxed(Rc<Container>)`, made by `Value::from(2.5)` or
//! `Value::new(data)`. It has `raw()`, `data::<T>()`, `value()` for a number, `shape()`, `zeros()` and
//! `ones()`, all of the data at the bottom, and is shown by `{:?}` as `Value(2.5)`. `Container`,
//! `Node` (`id`, `primitive`, `args`, `result`, `parents`) and `Trace` stay as they were.
//!
//! Refusals: data read as another type names both types, f64 and point. What has no gradient says
//! "has no gradient", and its type. An argument of another type names the function (`scale`), the
//! argument ("argument 0"), its type and the expected one; a missing one, the function and "argument
//! 1". A container whose trace has ended names the function, "argument 0" and "has ended".
//!
//! Hint 1: Only two things change in `bind`: what the raw function is handed, and what it returns.
//! Hint 2: `Data: Any`, so a `&dyn Data` can become a `&dyn Any`, and that can be downcast.
//! Hint 3: `let any: &dyn Any = &**raw; any.downcast_ref()`. In `Args::get`,
//! `downcast(self.raw(argnum)).unwrap_or_else(|| self.refuse(argnum, type_name::<T>()))`.

use std::rc::Rc;

use pretty_assertions::assert_eq;
use stage4::{Args, Data, Primitive, Raw, Trace, Untraced, Value, downcast};

mod common;

use common::assert_refused;

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

/// A setting: not differentiated, so it defines nothing.
#[derive(Debug)]
struct Side(&'static str);

impl Data for Side {}

/// The length of the line from the origin to a point.
fn length(args: &Args<'_>) -> Raw {
    let point = args.get::<Point>(0);
    Rc::new(point.0.hypot(point.1))
}

/// A point, farther away by a factor.
fn scale(args: &Args<'_>) -> Raw {
    let (factor, point) = (args.get::<f64>(0), args.get::<Point>(1));
    Rc::new(Point(factor * point.0, factor * point.1))
}

static LENGTH: Primitive = Primitive::new("length", length);
static SCALE: Primitive = Primitive::new("scale", scale);
static QUADRANT: Untraced = Untraced::new("quadrant", |args| {
    let point = args.get::<Point>(0);
    let side = if point.0 < 0.0 { "left" } else { "right" };
    Rc::new(Side(side))
});

#[test]
fn a_number_goes_in_and_comes_out() {
    let x = Value::from(2.5);
    assert_eq!(x.value(), 2.5);
    assert_eq!(x.data::<f64>(), &2.5);
    assert_eq!(x.shape(), [0; 0]);
    assert_eq!(format!("{x:?}"), "Value(2.5)");
}

#[test]
fn numbers_are_compared() {
    let (x, y) = (Value::from(2.5), Value::from(2.0));
    assert!(x == 2.5 && x != 2.0 && x > 2.0 && x < 3.0);
    assert_eq!(x, x.clone());
    assert_ne!(x, y);
    assert!(x > y);
    let nan = Value::from(f64::NAN);
    assert_ne!(nan, nan.clone());
}

#[test]
fn numbers_are_compared_through_all_boxes() {
    let (outer, inner) = (Trace::open(), Trace::open());
    let x = Value::Boxed(outer.input(&Value::from(2.5)));
    let boxed_twice = Value::Boxed(inner.input(&x));
    let two = Value::from(2.0);
    for x in [x, boxed_twice] {
        assert!(x == 2.5 && x != 2.0 && x > 2.0 && x < 3.0);
        assert_eq!(x, Value::from(2.5));
        assert_eq!(Value::from(2.5), x);
        assert!(x > two);
        assert!(two < x);
        assert_eq!(format!("{x:?}"), "Value(2.5)");
    }
}

#[test]
fn a_type_of_ones_own_goes_in_and_comes_out() {
    let p = Value::new(Point(3.0, 4.0));
    assert_eq!(p.data::<Point>(), &Point(3.0, 4.0));
    assert_eq!(p.raw().kind(), "point");
    assert_eq!(format!("{p:?}"), "Value(Point(3.0, 4.0))");
}

#[test]
fn downcast_finds_the_type_and_no_other() {
    let p = Value::new(Point(3.0, 4.0));
    assert_eq!(downcast::<Point>(p.raw()), Some(&Point(3.0, 4.0)));
    assert_eq!(downcast::<f64>(p.raw()), None);
}

#[test]
fn zeros_ones_and_sums_are_those_of_the_type() {
    let p = Value::new(Point(3.0, 4.0));
    assert_eq!(p.zeros().data::<Point>(), &Point(0.0, 0.0));
    assert_eq!(p.ones().data::<Point>(), &Point(1.0, 1.0));
    let sum = p.raw().add(p.ones().raw());
    assert_eq!(downcast::<Point>(&sum), Some(&Point(4.0, 5.0)));

    let x = Value::from(2.5);
    assert_eq!(x.zeros(), 0.0);
    assert_eq!(x.ones(), 1.0);
    assert_eq!(downcast::<f64>(&x.raw().add(x.ones().raw())), Some(&3.5));
}

#[test]
fn a_point_is_not_read_as_a_number() {
    assert_refused(|| Value::new(Point(3.0, 4.0)).value(), &["f64", "point"]);
}

#[test]
fn a_setting_has_neither_zeros_nor_ones_nor_sums() {
    let side = Value::new(Side("left"));
    assert_refused(|| side.zeros(), &["Side", "has no gradient"]);
    assert_refused(|| side.ones(), &["Side", "has no gradient"]);
    assert_refused(|| side.raw().add(side.raw()), &["Side", "has no gradient"]);
}

#[test]
fn a_raw_function_takes_and_returns_any_type() {
    let p = Value::new(Point(3.0, 4.0));
    assert_eq!(LENGTH.bind(&[&p]), 5.0);
    let farther = SCALE.bind(&[&Value::from(2.0), &p]);
    assert_eq!(farther.data::<Point>(), &Point(6.0, 8.0));
}

#[test]
fn an_argument_of_the_wrong_type_is_refused_by_function_and_position() {
    let p = Value::new(Point(3.0, 4.0));
    let swapped = || SCALE.bind(&[&p, &p]);
    assert_refused(swapped, &["`scale`", "argument 0", "point", "f64"]);
}

#[test]
fn a_missing_argument_is_named() {
    let too_few = || SCALE.bind(&[&Value::from(2.0)]);
    assert_refused(too_few, &["`scale`", "argument 1"]);
}

#[test]
fn a_raw_function_knows_how_many_arguments_there_are() {
    static COUNT: Primitive = Primitive::new("count", |args| Rc::new(args.count() as f64));
    let x = Value::from(2.5);
    assert_eq!(COUNT.bind(&[]), 0.0);
    assert_eq!(COUNT.bind(&[&x, &x, &x]), 3.0);
}

#[test]
fn a_call_is_recorded_whatever_the_type() {
    let trace = Trace::open();
    let p = trace.input(&Value::new(Point(3.0, 4.0)));
    let Value::Boxed(farther) = SCALE.bind(&[&Value::from(2.0), &Value::Boxed(p.clone())]) else {
        panic!("an argument is a container, so the result is one");
    };
    assert_eq!(farther.trace(), trace.id());
    assert_eq!(farther.value().data::<Point>(), &Point(6.0, 8.0));

    let node = farther.node();
    assert_eq!(node.primitive.name, "scale");
    assert_eq!(node.args[0], 2.0);
    assert_eq!(node.args[1].data::<Point>(), &Point(3.0, 4.0));
    assert_eq!(node.result.data::<Point>(), &Point(6.0, 8.0));
    assert_eq!(node.parents.len(), 1);
    assert_eq!(node.parents[0].0, 1);
    assert_eq!(node.parents[0].1.id, p.node().id);
}

#[test]
fn a_node_keeps_its_arguments_and_its_result_without_the_boxes_of_its_trace() {
    let trace = Trace::open();
    let p = Value::Boxed(trace.input(&Value::new(Point(3.0, 4.0))));
    let Value::Boxed(farther) = SCALE.bind(&[&Value::from(2.0), &p]) else {
        panic!("an argument is a container, so the result is one");
    };
    let node = farther.node();
    assert!(matches!(node.args[1], Value::Plain(_)), "it is still boxed");
    assert!(matches!(node.result, Value::Plain(_)), "it is still boxed");
}

#[test]
fn a_call_is_recorded_by_each_open_trace() {
    let (outer, inner) = (Trace::open(), Trace::open());
    let x = Value::Boxed(outer.input(&Value::from(2.0)));
    let p = Value::Boxed(inner.input(&Value::new(Point(3.0, 4.0))));
    let Value::Boxed(at_inner) = SCALE.bind(&[&x, &p]) else {
        panic!("the inner trace records the point");
    };
    let Value::Boxed(at_outer) = at_inner.value() else {
        panic!("the outer trace records the factor");
    };
    assert_eq!(at_inner.trace(), inner.id());
    assert_eq!(at_outer.trace(), outer.id());
    assert_eq!(at_outer.node().parents[0].0, 0);
}

#[test]
fn a_function_without_a_derivative_takes_all_containers_off() {
    let trace = Trace::open();
    let p = Value::Boxed(trace.input(&Value::new(Point(-3.0, 4.0))));
    let side = QUADRANT.bind(&[&p]);
    assert!(matches!(side, Value::Plain(_)));
    assert_eq!(side.data::<Side>().0, "left");
}

#[test]
fn a_container_that_outlived_its_trace_is_refused() {
    let trace = Trace::open();
    let p = Value::Boxed(trace.input(&Value::new(Point(3.0, 4.0))));
    drop(trace);
    let late = || LENGTH.bind(&[&p]);
    assert_refused(late, &["`length`", "argument 0", "has ended"]);
}

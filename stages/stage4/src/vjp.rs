//! The registry: which rules belong to which primitive.

use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock, RwLockWriteGuard};

use crate::graph::Value;
use crate::rules;
use crate::trace::Primitive;

// ANCHOR: rule
/// A derivative rule: from the gradient of the result, the result and the arguments to the
/// gradient of one argument.
///
/// It computes with primitives, so that what it does can be recorded and differentiated in turn.
/// It returns a value of the kind and shape of its argument.
pub type Rule = fn(gradient: &Value, result: &Value, args: &[Value]) -> Value;

/// One rule for all arguments of a primitive that takes any number of them; the first parameter
/// says which.
pub type VariadicRule =
    fn(argnum: usize, gradient: &Value, result: &Value, args: &[Value]) -> Value;
// ANCHOR_END: rule

// ANCHOR: registry
/// The rules by primitive and argument, and those for any argument by primitive.
///
/// A primitive is known by its address: it is a `static`, and two that happen to have the same
/// name do not share rules.
#[derive(Default)]
pub(crate) struct Registry {
    each: HashMap<(usize, usize), Rule>,
    any: HashMap<usize, VariadicRule>,
}

impl Registry {
    pub(crate) fn defvjp(&mut self, primitive: &'static Primitive, rules: &[Rule]) {
        self.forget(primitive);
        for (argnum, rule) in rules.iter().enumerate() {
            self.each.insert((address(primitive), argnum), *rule);
        }
    }

    pub(crate) fn defvjp_variadic(&mut self, primitive: &'static Primitive, rule: VariadicRule) {
        self.forget(primitive);
        self.any.insert(address(primitive), rule);
    }

    /// Takes out all rules of `primitive`.
    fn forget(&mut self, primitive: &'static Primitive) {
        let old = address(primitive);
        self.each.retain(|(primitive, _), _| *primitive != old);
        self.any.remove(&old);
    }
}

fn address(primitive: &'static Primitive) -> usize {
    std::ptr::from_ref(primitive).addr()
}

/// One registry for all threads. The rules of this crate are in it from the start: Rust runs
/// nothing before `main`, so this is the one line of the engine that names them.
static REGISTRY: LazyLock<RwLock<Registry>> = LazyLock::new(|| {
    let mut registry = Registry::default();
    rules::define(&mut registry);
    RwLock::new(registry)
});
// ANCHOR_END: registry

// ANCHOR: defvjp
/// Defines the derivative rules of `primitive`, one for each argument, in order. Arguments that
/// are never differentiated, such as settings, come last and need none. Rules that the primitive
/// had before are forgotten.
///
/// ```
/// use stage4::{Primitive, Value, defvjp, grad};
///
/// static CUBE: Primitive = Primitive::new("cube", |args| args.map(|x| x * x * x));
/// defvjp(&CUBE, &[|gradient, _, args| gradient * 3.0 * &args[0] * &args[0]]);
///
/// let cube = |x: &Value| CUBE.bind(&[x]);
/// assert_eq!(grad(cube)(&Value::from(2.0)), 12.0);
/// assert_eq!(grad(grad(cube))(&Value::from(2.0)), 12.0);
/// ```
pub fn defvjp(primitive: &'static Primitive, rules: &[Rule]) {
    write().defvjp(primitive, rules);
}

/// Defines one derivative rule for all arguments of `primitive`, however many there are.
///
/// ```
/// use stage4::{Args, Primitive, Value, defvjp_variadic, grads};
///
/// fn total(args: &Args<'_>) -> stage4::Raw {
///     std::rc::Rc::new((0..args.count()).map(|i| args.get::<f64>(i)).sum::<f64>())
/// }
/// static TOTAL: Primitive = Primitive::new("total", total);
/// defvjp_variadic(&TOTAL, |_argnum, gradient, _, _| gradient.clone());
///
/// let twice_and_once = |x: &[Value]| TOTAL.bind(&[&x[0], &x[1], &x[0]]);
/// assert_eq!(grads(twice_and_once)(&[5.0.into(), 7.0.into()]), [2.0, 1.0]);
/// ```
pub fn defvjp_variadic(primitive: &'static Primitive, rule: VariadicRule) {
    write().defvjp_variadic(primitive, rule);
}

fn write() -> RwLockWriteGuard<'static, Registry> {
    // No rule runs while the lock is held, so a panic elsewhere leaves the registry whole.
    REGISTRY.write().unwrap_or_else(PoisonError::into_inner)
}
// ANCHOR_END: defvjp

// ANCHOR: vjp
/// Looks up the rule for argument number `argnum` of `primitive`, and applies it.
pub(crate) fn vjp(
    primitive: &'static Primitive,
    argnum: usize,
    gradient: &Value,
    result: &Value,
    args: &[Value],
) -> Value {
    let registry = REGISTRY.read().unwrap_or_else(PoisonError::into_inner);
    let rule = registry.each.get(&(address(primitive), argnum)).copied();
    let variadic = registry.any.get(&address(primitive)).copied();
    // A rule may differentiate, and so come back here.
    drop(registry);
    match (rule, variadic) {
        (Some(rule), _) => rule(gradient, result, args),
        (None, Some(rule)) => rule(argnum, gradient, result, args),
        (None, None) => panic!(
            "no derivative rule for argument {argnum} of primitive `{}`; \
             define one for each argument with `defvjp`",
            primitive.name
        ),
    }
}
// ANCHOR_END: vjp

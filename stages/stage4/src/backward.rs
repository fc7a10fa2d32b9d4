//! The walk: gradients are pushed from the outputs to the inputs.

use std::collections::HashMap;
use std::rc::Rc;

use crate::graph::{Container, Node, Value, describe};
use crate::trace::{Primitive, Trace};
use crate::vjp::vjp;

// ANCHOR: accumulate
/// The sum of two gradients of one value: works for every type of data, and never broadcasts.
pub static ACCUMULATE: Primitive =
    Primitive::new("accumulate", |args| args.raw(0).add(args.raw(1)));
// ANCHOR_END: accumulate

// ANCHOR: backward
/// The gradients of the inputs, from one walk.
pub struct Gradients(HashMap<u64, Value>);

impl Gradients {
    /// d output / d `container`, which is an input of the trace; zeros when the outputs do not
    /// depend on it.
    ///
    /// # Panics
    ///
    /// If it is not an input: the walk has let its gradient go.
    pub fn of(&self, container: &Container) -> Value {
        let name = container.node().primitive.name;
        assert!(
            container.node().parents.is_empty(),
            "`Gradients::of`: expected an input, not a result of `{name}`, whose gradient is not kept"
        );
        let gradient = self.0.get(&container.node().id).cloned();
        gradient.unwrap_or_else(|| container.value().zeros())
    }
}

/// Walks the graph from the outputs back to the inputs, and returns the gradients of the inputs.
///
/// Each output comes with its seed, d something / d output: 1 for the gradient of the output
/// itself. The outputs' gradients add up. The graph stays as it is.
///
/// [`vector_jacobian`] opens the trace and calls this; [`Trace::input`] shows how to do it by
/// hand.
///
/// # Panics
///
/// If a seed, or what a rule returns, is not of the kind and shape of the value that it is the
/// gradient of; on a [`Primitive`] without a rule; and if a rule meets a container whose trace has
/// ended.
pub fn backward(outputs: &[(&Container, Value)]) -> Gradients {
    let mut gradients = HashMap::new();
    let mut nodes: Vec<&Node> = Vec::new();
    for (output, seed) in outputs {
        check_form(|| "the seed of the output".to_owned(), seed, output.value());
        add_to(&mut gradients, output.node(), seed.clone());
        nodes.push(output.node());
    }
    for node in order(&nodes) {
        if node.parents.is_empty() {
            continue; // an input keeps its gradient
        }
        // Once passed on, a gradient is let go: arrays take a lot of room.
        let gradient = gradients.remove(&node.id).expect("its children come first");
        for (argnum, parent) in &node.parents {
            let contribution = vjp(node.primitive, *argnum, &gradient, &node.result, &node.args);
            let name = node.primitive.name;
            let rule = || format!("what the rule for argument {argnum} of `{name}` returned");
            check_form(rule, &contribution, &node.args[*argnum]);
            add_to(&mut gradients, parent, contribution);
        }
    }
    Gradients(gradients)
}

fn add_to(gradients: &mut HashMap<u64, Value>, node: &Node, contribution: Value) {
    let gradient = match gradients.get(&node.id) {
        Some(gradient) => ACCUMULATE.bind(&[gradient, &contribution]),
        None => contribution,
    };
    gradients.insert(node.id, gradient);
}

/// Panics if a gradient is not of the kind and shape of the value that it belongs to.
pub(crate) fn check_form(what: impl Fn() -> String, gradient: &Value, value: &Value) {
    let (gradient, value) = (gradient.raw(), value.raw());
    assert!(
        gradient.kind() == value.kind() && gradient.shape() == value.shape(),
        "{} is {}; expected {}",
        what(),
        describe(gradient),
        describe(value)
    );
}
// ANCHOR_END: backward

// ANCHOR: order
/// Everything that the outputs depend on, each node before its parents (and after all of its
/// children), so that a gradient is complete before it is passed on.
///
/// Counts the children of each node first, then takes a node once the count is used up. This is
/// Kahn's topological sort (1962). It loops where recursion would overflow the stack.
pub fn order<'a>(outputs: &[&'a Node]) -> Vec<&'a Node> {
    let mut children: HashMap<u64, usize> = HashMap::new();
    let mut ready = Vec::new();
    for &output in outputs {
        if children.insert(output.id, 0).is_none() {
            ready.push(output);
        }
    }
    let mut unseen = ready.clone();
    while let Some(node) = unseen.pop() {
        for (_, parent) in &node.parents {
            let count = children.entry(parent.id).or_insert_with(|| {
                unseen.push(parent);
                0
            });
            *count += 1;
        }
    }

    // An output that another output depends on has to wait for it.
    ready.retain(|output| children[&output.id] == 0);
    let mut order = Vec::with_capacity(children.len());
    while let Some(node) = ready.pop() {
        order.push(node);
        for (_, parent) in &node.parents {
            let count = children.get_mut(&parent.id).expect("it was counted");
            *count -= 1;
            if *count == 0 {
                ready.push(parent);
            }
        }
    }
    order
}
// ANCHOR_END: order

// ANCHOR: vector_jacobian
/// Turns a gradient of the result into the gradient of the input.
pub type PullBack = Box<dyn Fn(&Value) -> Value>;

/// The value of `f` at `x`, and the pull-back: a function from d something / d value to
/// d something / d `x`.
///
/// The pull-back may be called again and again. What it returns can be differentiated by the traces
/// that were open when `vector_jacobian` was called, and by the trace of the seed.
///
/// ```
/// use ndarray::array;
/// use stage4::{Value, vector_jacobian};
///
/// let x = Value::from(array![3.0, 4.0]);
/// let (value, pull_back) = vector_jacobian(|x| x * x, &x);
/// assert_eq!(value.array(), array![9.0, 16.0].into_dyn());
/// let gradient = pull_back(&Value::from(array![1.0, 10.0]));
/// assert_eq!(gradient.array(), array![6.0, 80.0].into_dyn());
/// ```
///
/// # Panics
///
/// If `x` or what `f` returns is a container whose trace has ended, or if `f` returns one of a trace
/// that was opened inside it and is still open. The pull-back panics as [`backward`] does.
pub fn vector_jacobian(f: impl FnOnce(&Value) -> Value, x: &Value) -> (Value, PullBack) {
    let (value, pull_back) = vector_jacobians(|xs| f(&xs[0]), std::slice::from_ref(x));
    (value, Box::new(move |seed| pull_back(seed).remove(0)))
}
// ANCHOR_END: vector_jacobian

// ANCHOR: vector_jacobians
/// Turns a gradient of the result into the gradients of the inputs.
pub type PullBacks = Box<dyn Fn(&Value) -> Vec<Value>>;

/// [`vector_jacobian`] for a function of several inputs.
///
/// # Panics
///
/// As [`vector_jacobian`].
pub fn vector_jacobians(f: impl FnOnce(&[Value]) -> Value, xs: &[Value]) -> (Value, PullBacks) {
    let trace = Trace::open();
    let inputs: Vec<Rc<Container>> = xs.iter().map(|x| trace.input(x)).collect();
    let boxed: Vec<Value> = inputs.iter().cloned().map(Value::Boxed).collect();
    let output = f(&boxed);
    if let Value::Boxed(container) = &output {
        container.check_open(|| "the result of the differentiated function".to_owned());
    }
    // To this trace, a plain result or one of a trace further out does not depend on the inputs.
    let (value, output) = match output {
        Value::Boxed(output) if output.trace() == trace.id() => {
            (output.value().clone(), Some(output))
        }
        Value::Boxed(output) if output.trace() > trace.id() => panic!(
            "the result of the differentiated function is a container of trace {}, which was \
             opened inside; expected plain data or a container of trace {} or further out",
            output.trace(),
            trace.id()
        ),
        constant => (constant, None),
    };
    let constant = value.clone();
    let pull_back = move |seed: &Value| match &output {
        Some(output) => {
            let gradients = backward(&[(output, seed.clone())]);
            inputs.iter().map(|input| gradients.of(input)).collect()
        }
        None => {
            check_form(|| "the seed of the output".to_owned(), seed, &constant);
            inputs.iter().map(|input| input.value().zeros()).collect()
        }
    };
    (value, Box::new(pull_back))
}
// ANCHOR_END: vector_jacobians

// ANCHOR: grad
/// The derivative of `f`, as a function that can be differentiated again.
///
/// ```
/// use ndarray::array;
/// use stage4::{Value, grad};
///
/// let slope = grad(|x| (x * x * x).sum());
/// let x = Value::from(array![1.0, 2.0]);
/// assert_eq!(slope(&x).array(), array![3.0, 12.0].into_dyn());
/// ```
///
/// # Panics
///
/// If `f` returns anything but a number: an array has a Jacobian instead. Otherwise as
/// [`vector_jacobian`].
pub fn grad(f: impl Fn(&Value) -> Value) -> impl Fn(&Value) -> Value {
    move |x| {
        let (value, pull_back) = vector_jacobian(&f, x);
        check_number("grad", &value);
        pull_back(&Value::from(1.0))
    }
}

/// The derivatives of `f` in each of its inputs.
///
/// ```
/// use stage4::{Value, grads};
///
/// let by_each = grads(|xs| &xs[0] * &xs[1]);
/// let gradients = by_each(&[Value::from(3.0), Value::from(4.0)]);
/// assert_eq!(gradients, [4.0, 3.0]);
/// ```
///
/// # Panics
///
/// As [`grad`].
pub fn grads(f: impl Fn(&[Value]) -> Value) -> impl Fn(&[Value]) -> Vec<Value> {
    move |xs| {
        let (value, pull_back) = vector_jacobians(&f, xs);
        check_number("grads", &value);
        pull_back(&Value::from(1.0))
    }
}

/// The value of `f` at `x`, and its derivative, for the price of one call.
///
/// ```
/// use stage4::{Value, value_and_grad};
///
/// let (value, slope) = value_and_grad(|x| x * x, &Value::from(3.0));
/// assert_eq!((value.value(), slope.value()), (9.0, 6.0));
/// ```
///
/// # Panics
///
/// As [`grad`].
pub fn value_and_grad(f: impl FnOnce(&Value) -> Value, x: &Value) -> (Value, Value) {
    let (value, pull_back) = vector_jacobian(f, x);
    check_number("value_and_grad", &value);
    (value, pull_back(&Value::from(1.0)))
}

/// The value of `f` at `xs`, and its derivatives in each of them, for the price of one call.
///
/// # Panics
///
/// As [`grad`].
pub fn value_and_grads(f: impl FnOnce(&[Value]) -> Value, xs: &[Value]) -> (Value, Vec<Value>) {
    let (value, pull_back) = vector_jacobians(f, xs);
    check_number("value_and_grads", &value);
    (value, pull_back(&Value::from(1.0)))
}

/// Panics unless the function that `name` was given has returned a number.
pub(crate) fn check_number(name: &str, value: &Value) {
    let one = Value::from(1.0);
    assert!(
        value.raw().kind() == one.raw().kind(),
        "`{name}`: the function returned {}; expected {} \
         (sum it, or use `elementwise_grad`, `jacobian` or `vector_jacobian`)",
        describe(value.raw()),
        one.raw().kind()
    );
}
// ANCHOR_END: grad

//! What a computation leaves behind, and how much it does for each operation.
//!
//! Bytes and allocations are counted by the allocator, for the thread of the test.

use std::rc::Rc;

use allocation_counter::{AllocationInfo, measure};
use ndarray::array;
use stage4::{Value, value_and_grads};
use tests::cases::doubled;
use tests::number::{Number, Operators};
use tests::stages::{Noted, Stage};
use tests::workloads::sines;

fn sine_gradient<S: Stage>(count: usize) -> AllocationInfo {
    // Once without counting, for what a thread allocates only once.
    drop(S::gradient(|x| sines::function(1, &x[0]), &[1.0]));
    measure(|| drop(S::gradient(|x| sines::function(count, &x[0]), &[1.0])))
}

#[test]
fn every_stage_frees_all_it_allocated_for_a_gradient() {
    for (stage, memory) in [
        ("stage1", sine_gradient::<stage1::Var>(100)),
        ("stage2", sine_gradient::<stage2::Container>(100)),
        ("stage3", sine_gradient::<stage3::Value>(100)),
        ("stage4", sine_gradient::<Value>(100)),
        ("stage5", sine_gradient::<Noted>(100)),
    ] {
        // Ten bytes for each sine are less than any of them takes.
        assert!(
            memory.bytes_total > 1000,
            "{stage} allocated {} bytes",
            memory.bytes_total
        );
        assert_eq!(
            (memory.count_current, memory.bytes_current),
            (0, 0),
            "{stage}"
        );
    }
}

#[test]
fn stage1_keeps_1000_discarded_results_alive_and_stage2_keeps_none() {
    let x = stage1::Var::new(1.0);
    let held = measure(|| (0..1000).for_each(|_| drop(&x * 2.0)));
    assert_eq!(x.children().len(), 1000);
    assert!(
        held.count_current >= 1000,
        "{} allocations",
        held.count_current
    );

    let x = stage2::Container::new(1.0);
    let held = measure(|| (0..1000).for_each(|_| drop(&x * 2.0)));
    assert_eq!((held.count_current, Rc::strong_count(x.node())), (0, 1));
}

#[test]
fn stages_3_and_4_free_1000_discarded_results_while_the_trace_is_open() {
    let held = |gradient: &mut dyn FnMut()| measure(gradient).count_current;
    let trace = stage3::Trace::open();
    let x = stage3::Value::Boxed(trace.input(&stage3::Value::from(1.0)));
    assert_eq!(held(&mut || (0..1000).for_each(|_| drop(&x * 2.0))), 0);
    let trace = stage4::Trace::open();
    let x = Value::Boxed(trace.input(&Value::from(1.0)));
    assert_eq!(held(&mut || (0..1000).for_each(|_| drop(&x * 2.0))), 0);
}

#[test]
fn a_node_is_freed_with_its_last_container() {
    let x = stage2::Container::new(1.0);
    let y = x.sin();
    let z = y.cos();
    let weak = Rc::downgrade(y.node());
    drop(y);
    assert!(weak.upgrade().is_some(), "z still points at it");
    drop(z);
    assert!(weak.upgrade().is_none());
}

#[test]
fn a_pull_back_holds_the_graph_and_frees_it() {
    let x = Value::from(array![1.0, 2.0]);
    let gradient = || {
        let (_, pull_back) = stage4::vector_jacobian(|x| (x * x).sum(), &x);
        let gradient = pull_back(&Value::from(1.0));
        assert_eq!(gradient.array(), array![2.0, 4.0].into_dyn());
    };
    // Once without counting, for the registry of rules.
    gradient();
    let memory = measure(gradient);
    assert_eq!((memory.count_current, memory.bytes_current), (0, 0));
}

#[test]
fn a_training_loop_of_10_000_steps_does_not_grow() {
    let samples = Value::from(array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
    let targets = Value::from(array![0.0, 1.0, 1.0, 0.0]);
    let loss = |p: &[Value]| {
        let miss = (samples.dot(&p[0]) + &p[1]).tanh().dot(&p[2]) + &p[3] - &targets;
        (&miss * &miss).mean()
    };
    let mut parameters = vec![
        Value::from(array![[0.6, -0.4, 0.9], [-0.7, 0.8, 0.5]]),
        Value::from(array![0.1, -0.2, 0.3]),
        Value::from(array![0.5, -0.6, 0.7]),
        Value::from(0.0),
    ];
    let step = |parameters: &mut Vec<Value>| {
        let (loss, gradients) = value_and_grads(loss, parameters);
        for (parameter, gradient) in parameters.iter_mut().zip(gradients) {
            *parameter = &*parameter - gradient * 0.1;
        }
        loss.value()
    };
    let before = step(&mut parameters);
    let (mut after, mut peaks) = (before, Vec::new());
    for _ in 0..10 {
        let memory = measure(|| (0..1000).for_each(|_| after = step(&mut parameters)));
        assert_eq!((memory.count_current, memory.bytes_current), (0, 0));
        peaks.push(memory.bytes_max);
    }
    assert!(
        after < before / 100.0,
        "the loss went from {before} to {after}"
    );
    assert!(peaks.iter().all(|&peak| peak == peaks[0]), "{peaks:?}");
}

/// Checks that neither the number of allocations nor the bytes of each operation grow with the
/// number of operations. A hash map doubles when it is full, hence the factor for the bytes.
fn is_linear<S: Stage>(counts: &[usize]) {
    let each = |count: usize| {
        let memory = sine_gradient::<S>(count);
        let totals = [memory.count_total, memory.bytes_total, memory.bytes_max];
        totals.map(|total| total as f64 / count as f64)
    };
    let few = each(1000);
    for &count in counts {
        let many = each(count);
        let name = S::NAME;
        for (number, factor) in [1.05, 2.0, 2.0].into_iter().enumerate() {
            let what = ["allocations", "bytes in all", "bytes at the peak"][number];
            assert!(
                many[number] < factor * few[number],
                "{name}: {} {what} for each of {count} operations, {} for each of 1000",
                many[number],
                few[number]
            );
        }
    }
}

#[test]
fn stage1_is_linear_in_the_length_of_a_chain_up_to_its_stack() {
    is_linear::<stage1::Var>(&[2000, 4000]);
}

#[test]
fn stage2_is_linear_in_the_length_of_a_chain_to_10_to_the_6() {
    is_linear::<stage2::Container>(&[10_000, 1_000_000]);
}

#[test]
fn stage3_is_linear_in_the_length_of_a_chain_to_10_to_the_6() {
    is_linear::<stage3::Value>(&[10_000, 1_000_000]);
}

#[test]
fn stage4_is_linear_in_the_length_of_a_chain_to_10_to_the_6() {
    is_linear::<Value>(&[10_000, 1_000_000]);
}

/// Checks that each further doubling costs the same, while the number of paths doubles.
fn doubles_at_a_constant_price<S: Stage>()
where
    for<'a> &'a S: Operators<S>,
{
    let allocations = |times: usize| {
        let run = || {
            let (_, gradient) = S::gradient(|x| doubled::<S>(times, &x[0]), &[1.0]);
            assert_eq!(gradient, [2.0_f64.powi(times as i32)]);
        };
        measure(run).count_total
    };
    allocations(1);
    let (ten, twenty, thousand) = (allocations(10), allocations(20), allocations(1000));
    assert!(
        twenty <= 2 * ten,
        "{}: {twenty} allocations for 20, {ten} for 10",
        S::NAME
    );
    assert!(
        thousand <= 100 * ten,
        "{}: {thousand} allocations for 1000, {ten} for 10",
        S::NAME
    );
}

#[test]
fn a_diamond_20_times_with_2_to_the_20_paths_costs_twice_as_much_as_10_times() {
    doubles_at_a_constant_price::<stage1::Var>();
    doubles_at_a_constant_price::<stage2::Container>();
    doubles_at_a_constant_price::<stage3::Value>();
    doubles_at_a_constant_price::<Value>();
}

#[test]
fn the_walk_visits_each_of_21_nodes_of_a_diamond_once() {
    let x = stage2::Container::new(1.0);
    assert_eq!(
        stage2::backward::order(&[doubled::<stage2::Container>(20, &x).node()]).len(),
        21
    );

    let trace = stage3::Trace::open();
    let x = stage3::Value::Boxed(trace.input(&stage3::Value::from(1.0)));
    let stage3::Value::Boxed(y) = doubled::<stage3::Value>(20, &x) else {
        panic!("a function of a container is a container");
    };
    assert_eq!(stage3::backward::order(&[y.node()]).len(), 21);

    let trace = stage4::Trace::open();
    let x = Value::Boxed(trace.input(&Value::from(1.0)));
    let Value::Boxed(y) = doubled::<Value>(20, &x) else {
        panic!("a function of a container is a container");
    };
    assert_eq!(stage4::backward::order(&[y.node()]).len(), 21);
}

#[test]
fn an_error_that_unwinds_drops_a_chain_of_100_000() {
    fn unwinds<S: Number>(input: S) {
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _chain = sines::function(100_000, &input);
            std::panic::resume_unwind(Box::new("an error of the user"));
        }));
        assert!(result.is_err());
    }
    unwinds(stage2::Container::new(1.0));
    let trace = stage3::Trace::open();
    unwinds(stage3::Value::Boxed(trace.input(&stage3::Value::from(1.0))));
    let trace = stage4::Trace::open();
    unwinds(Value::Boxed(trace.input(&Value::from(1.0))));
}

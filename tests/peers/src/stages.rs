//! The stages.

use std::hint::black_box;

use ndarray::ArrayD;
use stage4::{Value, elementwise_grad, value_and_grads, vector_jacobian};
use stage5::{Dual, Number as _, Tape, Var};
use tests::number::{Number, Operators};
use tests::stages::{Nested, Stage};
use tests::workloads::{broadcast, digits_network, rosenbrock, small_network, stretched_sines};

use crate::measure::{Cell, Make, Run, run, run_numbers};
use crate::work;

/// Stage 4 on arrays, with `exp` and `tanh` from `rustnum`.
#[cfg(feature = "others")]
pub const WITH_RUSTNUM: &str = "stage 4, with rustnum";

pub fn cells() -> Vec<Cell> {
    let stages = [
        // It goes back by recursion, and would overflow the stack on anything longer.
        short_cells::<stage1::Var>("stage 1"),
        short_cells::<stage2::Container>("stage 2"),
        long_cells::<stage2::Container>("stage 2"),
        short_cells::<stage3::Value>("stage 3"),
        long_cells::<stage3::Value>("stage 3"),
        short_cells::<Value>("stage 4"),
        long_cells::<Value>("stage 4"),
        array_cells("stage 4, on arrays"),
        #[cfg(feature = "others")]
        array_cells(WITH_RUSTNUM),
        tape_cells(),
        vec![Cell {
            workload: work::TANH,
            engine: "stage 3",
            make: tanh_number_by_number,
        }],
    ];
    stages.concat()
}

/// Number by number. The broadcast expression is not among these: six million nodes would take
/// gigabytes.
fn short_cells<S: Stage + 'static>(engine: &'static str) -> Vec<Cell>
where
    for<'a> &'a S: Operators<S>,
{
    let cell = |workload, make: Make| Cell {
        workload,
        engine,
        make,
    };
    vec![
        cell(work::ROSENBROCK, || rosenbrock::<S>(1000)),
        cell(work::CHAIN, || chain::<S>(1000)),
        cell(work::NETWORK, network::<S>),
    ]
}

fn long_cells<S: Stage + 'static>(engine: &'static str) -> Vec<Cell>
where
    for<'a> &'a S: Operators<S>,
{
    let cell = |workload, make: Make| Cell {
        workload,
        engine,
        make,
    };
    vec![
        cell(work::LARGE_ROSENBROCK, || rosenbrock::<S>(100_000)),
        cell(work::LONG_CHAIN, || chain::<S>(1_000_000)),
        cell(work::MEMORY, || chain::<S>(1_000_000)),
    ]
}

fn rosenbrock<S: Stage + 'static>(count: usize) -> Box<dyn Run>
where
    for<'a> &'a S: Operators<S>,
{
    gradient(rosenbrock::function::<S>, rosenbrock::inputs(count))
}

fn chain<S: Stage + 'static>(count: usize) -> Box<dyn Run> {
    let f = move |x: &[S]| (0..count).fold(x[0].clone(), |x, _| x.sin() * 1.0001 + 0.0001);
    gradient(f, vec![work::CHAIN_INPUT])
}

fn network<S: Stage + 'static>() -> Box<dyn Run>
where
    for<'a> &'a S: Operators<S>,
{
    let (samples, targets) = small_network::samples();
    let f = move |p: &[S]| small_network::function::<S>(&samples, &targets, p);
    gradient(f, small_network::Parameters::start().flat())
}

fn gradient<S: Stage + 'static>(f: impl Fn(&[S]) -> S + 'static, x: Vec<f64>) -> Box<dyn Run> {
    run_numbers(move || S::gradient(&f, black_box(&x)))
}

/// Point by point, order by order.
fn tanh_number_by_number() -> Box<dyn Run> {
    let points = work::tanh_points();
    let six = |&x: &f64| {
        let x = stage3::Value::from(x);
        [1, 2, 3, 4, 5, 6].map(|order| {
            let derivative = Nested::derivative_of_order(order, &stage3::Value::tanh, &x);
            Number::value(&derivative)
        })
    };
    run(
        move || -> Vec<[f64; 6]> { black_box(&points).iter().map(six).collect() },
        |all| work::by_order(&all),
    )
}

fn array_cells(engine: &'static str) -> Vec<Cell> {
    let cell = |workload, make: Make| Cell {
        workload,
        engine,
        make,
    };
    vec![
        cell(work::ROSENBROCK, || rosenbrock_on_array(1000)),
        cell(work::LARGE_ROSENBROCK, || rosenbrock_on_array(100_000)),
        cell(work::NETWORK, || {
            let data: Vec<Value> = values(work::network_data());
            let f = move |p: &[Value]| small_network::on_arrays(&data[0], &data[1], p);
            on_arrays(f, work::network_arrays())
        }),
        cell(work::DIGITS, || {
            let data: Vec<Value> = values(work::digits_data());
            let f = move |p: &[Value]| digits_network::on_arrays(&data[0], &data[1], p);
            on_arrays(f, work::digits_arrays())
        }),
        cell(work::BROADCAST, || {
            on_arrays(broadcast::on_arrays, work::broadcast_arrays())
        }),
        cell(work::TANH, tanh_on_array),
    ]
}

fn rosenbrock_on_array(count: usize) -> Box<dyn Run> {
    let f = |x: &[Value]| rosenbrock::on_array(&x[0]);
    on_arrays(f, work::rosenbrock_array(count))
}

fn on_arrays(f: impl Fn(&[Value]) -> Value + 'static, inputs: Vec<ArrayD<f64>>) -> Box<dyn Run> {
    let inputs = values(inputs);
    run(
        move || value_and_grads(&f, black_box(&inputs)),
        |(value, gradients)| work::join(numbers(&value)[0], gradients.iter().map(numbers)),
    )
}

fn values(arrays: Vec<ArrayD<f64>>) -> Vec<Value> {
    arrays.into_iter().map(Value::from).collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.array().iter().copied().collect()
}

/// All points at once. Two orders at a time: a derivative comes with the value of what is differentiated.
fn tanh_on_array() -> Box<dyn Run> {
    fn derivative(order: usize, x: &Value) -> Value {
        match order {
            0 => x.tanh(),
            _ => elementwise_grad(|x| derivative(order - 1, x))(x),
        }
    }
    let points = Value::from(ndarray::Array1::from(work::tanh_points()));
    let two = move |order| {
        let (value, pull_back) = vector_jacobian(|x| derivative(order, x), black_box(&points));
        let ones = value.ones();
        [value, pull_back(&ones)]
    };
    run(
        move || [1, 3, 5].map(&two),
        |all| all.iter().flatten().map(numbers).collect(),
    )
}

fn tape_cells() -> Vec<Cell> {
    let cell = |engine, workload, make: Make| Cell {
        workload,
        engine,
        make,
    };
    let [each, whole, sum] = ["stage 5, each operation", "stage 5", "stage 5, one sum"];
    let four = "stage 5, four at once";
    vec![
        cell(each, work::ROSENBROCK, || {
            on_a_tape(rosenbrock::each_operation, rosenbrock::inputs(1000))
        }),
        cell(each, work::LARGE_ROSENBROCK, || {
            on_a_tape(rosenbrock::each_operation, rosenbrock::inputs(100_000))
        }),
        cell(each, work::CHAIN, || chain_by_operation(1000)),
        cell(each, work::LONG_CHAIN, || chain_by_operation(1_000_000)),
        cell(each, work::MEMORY, || chain_by_operation(1_000_000)),
        cell(whole, work::ROSENBROCK, || {
            on_a_tape(rosenbrock::each_assignment, rosenbrock::inputs(1000))
        }),
        cell(whole, work::LARGE_ROSENBROCK, || {
            on_a_tape(rosenbrock::each_assignment, rosenbrock::inputs(100_000))
        }),
        cell(whole, work::CHAIN, || chain_by_assignment(1000)),
        cell(whole, work::LONG_CHAIN, || chain_by_assignment(1_000_000)),
        cell(whole, work::MEMORY, || chain_by_assignment(1_000_000)),
        cell(whole, work::NETWORK, || {
            let (samples, targets) = small_network::samples();
            on_a_tape(
                move |p| small_network::on_a_tape(&samples, &targets, p),
                small_network::Parameters::start().flat(),
            )
        }),
        cell(whole, work::BROADCAST, || {
            let (a, b) = broadcast::inputs(work::SIZE);
            on_a_tape(
                |x| broadcast::on_a_tape(x, work::SIZE),
                a.into_iter().chain(b).collect(),
            )
        }),
        cell(whole, work::TANH, tanh_by_dual_numbers),
        cell(sum, work::ROSENBROCK, || {
            on_a_tape(rosenbrock::one_sum, rosenbrock::inputs(1000))
        }),
        cell(sum, work::LARGE_ROSENBROCK, || {
            on_a_tape(rosenbrock::one_sum, rosenbrock::inputs(100_000))
        }),
        cell(four, work::NETWORK, || {
            let (samples, targets) = small_network::samples();
            let parameters = small_network::Parameters::start().flat();
            let mut tape = Tape::new();
            run_numbers(move || {
                small_network::in_fours(&mut tape, &samples, &targets, black_box(&parameters))
            })
        }),
    ]
}

fn chain_by_operation(count: usize) -> Box<dyn Run> {
    on_a_tape(
        move |x| stretched_sines::each_operation(count, x[0]),
        vec![work::CHAIN_INPUT],
    )
}

fn chain_by_assignment(count: usize) -> Box<dyn Run> {
    on_a_tape(
        move |x| stretched_sines::each_assignment(count, x[0]),
        vec![work::CHAIN_INPUT],
    )
}

fn on_a_tape(f: impl for<'t> Fn(&[Var<'t>]) -> Var<'t> + 'static, x: Vec<f64>) -> Box<dyn Run> {
    let mut tape = Tape::new();
    run_numbers(move || tape.gradient(&f, black_box(&x)))
}

/// Dual numbers of dual numbers, six levels of them.
fn tanh_by_dual_numbers() -> Box<dyn Run> {
    let points = work::tanh_points();
    let six = |&x: &f64| {
        let x = Dual::input(Dual::input(Dual::input(x)));
        let by1 = Dual::input(Dual::input(Dual::input(x))).tanh().slope;
        let by2 = by1.slope;
        let by3 = by2.slope;
        let by4 = by3.slope;
        let by5 = by4.slope;
        [
            by1.value(),
            by2.value(),
            by3.value(),
            by4.value(),
            by5.value(),
            by5.slope,
        ]
    };
    run(
        move || -> Vec<[f64; 6]> { black_box(&points).iter().map(six).collect() },
        |all| work::by_order(&all),
    )
}

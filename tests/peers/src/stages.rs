//! The stages.

use std::hint::black_box;

use ::stage4::{Value, elementwise_grad, value_and_grads};
use ::stage5::{Dual, Number as _, Tape, Var};
use ndarray::ArrayD;
use tests::stages::{Nested, Stage};
use tests::workloads::{broadcast, rosenbrock, small_network, stretched_sines};

use crate::measure::{Run, run, run_numbers};
use crate::work;

/// Stages 1 to 4, number by number.
fn scalar<S: Stage + 'static>(f: impl Fn(&[S]) -> S + 'static, x: Vec<f64>) -> Box<dyn Run> {
    run_numbers(move || S::gradient(&f, black_box(&x)))
}

macro_rules! scalars {
    ($($module:ident, $Operand:ty;)*) => { $(
        pub mod $module {
            use super::*;

            pub fn rosenbrock(count: usize) -> Box<dyn Run> {
                scalar(rosenbrock::function::<$Operand>, rosenbrock::inputs(count))
            }

            pub fn sines(count: usize) -> Box<dyn Run> {
                let f = move |x: &[$Operand]| {
                    (0..count).fold(x[0].clone(), |x, _| x.sin() * 1.0001 + 0.0001)
                };
                scalar(f, vec![work::SINES_INPUT])
            }

            pub fn network() -> Box<dyn Run> {
                let (samples, targets) = small_network::samples();
                let f = move |p: &[$Operand]| {
                    small_network::function::<$Operand>(&samples, &targets, p)
                };
                scalar(f, small_network::Parameters::start().flat())
            }
        }
    )* };
}

scalars! {
    stage1, ::stage1::Var;
    stage2, ::stage2::Container;
    stage3, ::stage3::Value;
    stage4, ::stage4::Value;
}

/// Point by point, order by order.
pub fn tanh_of_stage3() -> Box<dyn Run> {
    let points = work::tanh_points();
    let six = |&x: &f64| {
        let x = ::stage3::Value::from(x);
        [1, 2, 3, 4, 5, 6].map(|order| {
            let derivative = Nested::derivative_of_order(order, &::stage3::Value::tanh, &x);
            tests::number::Number::value(&derivative)
        })
    };
    run(
        move || -> Vec<[f64; 6]> { black_box(&points).iter().map(six).collect() },
        |all| work::by_order(&all),
    )
}

pub mod stage4_on_arrays {
    use super::*;

    fn arrays(f: impl Fn(&[Value]) -> Value + 'static, inputs: Vec<ArrayD<f64>>) -> Box<dyn Run> {
        let inputs: Vec<Value> = inputs.into_iter().map(Value::from).collect();
        run(
            move || value_and_grads(&f, black_box(&inputs)),
            |(value, gradients)| work::join(numbers(&value)[0], gradients.iter().map(numbers)),
        )
    }

    fn numbers(value: &Value) -> Vec<f64> {
        value.array().iter().copied().collect()
    }

    pub fn rosenbrock(count: usize) -> Box<dyn Run> {
        arrays(
            |x| rosenbrock::on_array(&x[0]),
            work::rosenbrock_array(count),
        )
    }

    pub fn network() -> Box<dyn Run> {
        let data: Vec<Value> = work::network_data().into_iter().map(Value::from).collect();
        let f = move |p: &[Value]| small_network::on_arrays(&data[0], &data[1], p);
        arrays(f, work::network_arrays())
    }

    pub fn broadcast() -> Box<dyn Run> {
        arrays(broadcast::on_arrays, work::broadcast_arrays())
    }

    /// Order by order, all points at once.
    pub fn tanh() -> Box<dyn Run> {
        fn derivative(order: usize, x: &Value) -> Value {
            match order {
                0 => x.tanh(),
                _ => elementwise_grad(|x| derivative(order - 1, x))(x),
            }
        }
        let points = Value::from(ndarray::Array1::from(work::tanh_points()));
        run(
            move || [1, 2, 3, 4, 5, 6].map(|order| derivative(order, black_box(&points))),
            |all| all.iter().map(numbers).collect(),
        )
    }
}

pub mod stage5 {
    use super::*;

    fn on_a_tape(f: impl for<'t> Fn(&[Var<'t>]) -> Var<'t> + 'static, x: Vec<f64>) -> Box<dyn Run> {
        let mut tape = Tape::new();
        run_numbers(move || tape.gradient(&f, black_box(&x)))
    }

    pub fn rosenbrock(count: usize) -> Box<dyn Run> {
        on_a_tape(rosenbrock::each_assignment, rosenbrock::inputs(count))
    }

    pub fn rosenbrock_as_one_sum(count: usize) -> Box<dyn Run> {
        on_a_tape(rosenbrock::one_sum, rosenbrock::inputs(count))
    }

    pub fn rosenbrock_by_operation(count: usize) -> Box<dyn Run> {
        on_a_tape(rosenbrock::each_operation, rosenbrock::inputs(count))
    }

    pub fn sines(count: usize) -> Box<dyn Run> {
        on_a_tape(
            move |x| stretched_sines::each_assignment(count, x[0]),
            vec![work::SINES_INPUT],
        )
    }

    pub fn sines_by_operation(count: usize) -> Box<dyn Run> {
        on_a_tape(
            move |x| stretched_sines::each_operation(count, x[0]),
            vec![work::SINES_INPUT],
        )
    }

    pub fn network() -> Box<dyn Run> {
        let (samples, targets) = small_network::samples();
        on_a_tape(
            move |p| small_network::on_a_tape(&samples, &targets, p),
            small_network::Parameters::start().flat(),
        )
    }

    pub fn broadcast() -> Box<dyn Run> {
        let (a, b) = broadcast::inputs(work::SIZE);
        on_a_tape(
            |x| broadcast::on_a_tape(x, work::SIZE),
            a.into_iter().chain(b).collect(),
        )
    }

    /// Dual numbers of dual numbers, six levels of them.
    pub fn tanh() -> Box<dyn Run> {
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
}

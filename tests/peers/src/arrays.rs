//! Other engines whose numbers are arrays.

use std::hint::black_box;

use ndarray::ArrayD;

use crate::measure::{Cell, Make, Run, run};
use crate::work;

pub fn cells() -> Vec<Cell> {
    let cell = |engine, workload, make: Make| Cell {
        workload,
        engine,
        make,
    };
    let [autograd, candle, burn] = ["autograd", "candle-core", "burn-ndarray"];
    vec![
        cell(autograd, work::ROSENBROCK, || autograd::rosenbrock(1000)),
        cell(autograd, work::LARGE_ROSENBROCK, || {
            autograd::rosenbrock(100_000)
        }),
        cell(autograd, work::NETWORK, autograd::network),
        cell(autograd, work::DIGITS, autograd::digits),
        cell(autograd, work::BROADCAST, autograd::broadcast),
        cell(autograd, work::TANH, autograd::tanh),
        cell(candle, work::ROSENBROCK, || candle::rosenbrock(1000)),
        cell(candle, work::LARGE_ROSENBROCK, || {
            candle::rosenbrock(100_000)
        }),
        cell(candle, work::NETWORK, candle::network),
        cell(candle, work::DIGITS, candle::digits),
        cell(candle, work::BROADCAST, candle::broadcast),
        cell(burn, work::ROSENBROCK, || burn::rosenbrock(1000)),
        cell(burn, work::LARGE_ROSENBROCK, || burn::rosenbrock(100_000)),
        cell(burn, work::NETWORK, burn::network),
        cell(burn, work::DIGITS, burn::digits),
        cell(burn, work::BROADCAST, burn::broadcast),
    ]
}

/// The shape and the numbers of an array.
fn taken_apart(array: ArrayD<f64>) -> (Vec<usize>, Vec<f64>) {
    (array.shape().to_vec(), array.into_iter().collect())
}

/// Its graph is made before it computes, and may be evaluated as often as one likes. So it is not
/// within the time.
mod autograd {
    use std::time::Instant;

    use ::autograd::ndarray::{Array, ArrayD, IxDyn};
    use ::autograd::{Graph, NdArray, Tensor};

    use super::*;
    use crate::measure::Parts;

    /// Makes the tensors that are asked for of the inputs.
    type Build = for<'g> fn(&'g Graph<f64>, &[Tensor<'g, f64>]) -> Vec<Tensor<'g, f64>>;

    struct Lazy {
        inputs: Vec<ArrayD<f64>>,
        build: Build,
        parts: fn(Vec<Vec<f64>>) -> Parts,
    }

    impl Lazy {
        /// Evaluates `count` times: the last results, and the seconds.
        fn evaluate(&self, count: u32) -> (Vec<NdArray<f64>>, f64) {
            ::autograd::run(|graph: &mut Graph<f64>| {
                let graph: &Graph<f64> = graph;
                let shape = |input: &ArrayD<f64>| -> Vec<isize> {
                    input
                        .shape()
                        .iter()
                        .map(|&length| length as isize)
                        .collect()
                };
                let tensors = self
                    .inputs
                    .iter()
                    .map(|input| graph.placeholder(&shape(input)));
                let tensors: Vec<Tensor<'_, f64>> = tensors.collect();
                let wanted = (self.build)(graph, &tensors);
                let mut results = Vec::new();
                let start = Instant::now();
                for _ in 0..count {
                    let feeds = tensors.iter().zip(&self.inputs);
                    let feeds: Vec<_> = feeds.map(|(x, input)| x.given(input.view())).collect();
                    results = black_box(graph.eval(&wanted, &feeds));
                }
                let seconds = start.elapsed().as_secs_f64();
                let results = results.into_iter().map(|result| result.expect("a result"));
                (results.collect(), seconds)
            })
        }
    }

    impl Run for Lazy {
        fn seconds(&mut self, count: u32) -> f64 {
            self.evaluate(count).1
        }

        fn parts(&mut self) -> Parts {
            let results = self.evaluate(1).0.into_iter();
            (self.parts)(
                results
                    .map(|result| result.iter().copied().collect())
                    .collect(),
            )
        }
    }

    fn lazy(
        build: Build,
        inputs: Vec<ndarray::ArrayD<f64>>,
        parts: fn(Vec<Vec<f64>>) -> Parts,
    ) -> Box<dyn Run> {
        let inputs = inputs.into_iter().map(|input| {
            let (shape, numbers) = taken_apart(input);
            Array::from_shape_vec(IxDyn(&shape), numbers).expect("as many as the shape says")
        });
        let inputs = inputs.collect();
        Box::new(Lazy {
            inputs,
            build,
            parts,
        })
    }

    /// The first of the results is the value.
    fn joined(results: Vec<Vec<f64>>) -> Parts {
        let value = results[0][0];
        work::join(value, results.into_iter().skip(1))
    }

    /// The value and its gradients.
    fn with_gradients<'g>(
        graph: &'g Graph<f64>,
        value: Tensor<'g, f64>,
        inputs: &[Tensor<'g, f64>],
    ) -> Vec<Tensor<'g, f64>> {
        let mut wanted = vec![value];
        wanted.extend(graph.grad(&[value], inputs));
        wanted
    }

    pub fn rosenbrock(count: usize) -> Box<dyn Run> {
        let build: Build = |graph, x| {
            let (here, next) = (
                graph.slice(x[0], &[0], &[-2]),
                graph.slice(x[0], &[1], &[-1]),
            );
            let (bend, rest) = (next - graph.square(here), here - 1.0);
            let terms = graph.square(bend) * 100.0 + graph.square(rest);
            with_gradients(graph, graph.reduce_sum_to_scalar(terms), x)
        };
        lazy(build, work::rosenbrock_array(count), joined)
    }

    pub fn network() -> Box<dyn Run> {
        let build: Build = |graph, x| {
            let (data, p) = x.split_at(2);
            let hidden = graph.tanh(graph.matmul(data[0], p[0]) + p[1]);
            let hidden = graph.tanh(graph.matmul(hidden, p[2]) + p[3]);
            let miss = graph.matmul(hidden, p[4]) + p[5] - data[1];
            let error = graph.reduce_mean(graph.square(miss), &[0, 1], false);
            with_gradients(graph, error, p)
        };
        let mut inputs = work::network_data();
        inputs.extend(work::network_arrays());
        lazy(build, inputs, joined)
    }

    pub fn digits() -> Box<dyn Run> {
        let build: Build = |graph, x| {
            let (data, p) = x.split_at(2);
            let hidden = graph.tanh(graph.matmul(data[0], p[0]) + p[1]);
            let scores = graph.matmul(hidden, p[2]) + p[3];
            let right = graph.reduce_sum(scores * data[1], &[1], true);
            let losses = graph.reduce_logsumexp(scores, 1, true) - right;
            with_gradients(graph, graph.reduce_mean(losses, &[0, 1], false), p)
        };
        let mut inputs = work::digits_data();
        inputs.extend(work::digits_arrays());
        lazy(build, inputs, joined)
    }

    pub fn broadcast() -> Box<dyn Run> {
        let build: Build = |graph, x| {
            let (a, b) = (x[0], x[1]);
            let terms = graph.tanh(a + b) * graph.exp(graph.neg(graph.square(a)));
            with_gradients(graph, graph.reduce_sum_to_scalar(terms), x)
        };
        lazy(build, work::broadcast_arrays(), joined)
    }

    pub fn tanh() -> Box<dyn Run> {
        let build: Build = |graph, x| {
            let mut derivative = graph.tanh(x[0]);
            let mut next = || {
                derivative = graph.grad(&[derivative], &[x[0]])[0];
                derivative
            };
            (0..6).map(|_| next()).collect()
        };
        let points = ndarray::Array1::from(work::tanh_points()).into_dyn();
        lazy(build, vec![points], |results| results)
    }
}

mod candle {
    use candle_core::{Device, Result, Tensor, Var};

    use super::*;

    fn eager(
        f: impl Fn(&[Var]) -> Result<Tensor> + 'static,
        inputs: Vec<ArrayD<f64>>,
    ) -> Box<dyn Run> {
        let inputs: Vec<Var> = inputs.into_iter().map(variable).collect();
        let gradient = move || -> Result<(Tensor, Vec<Tensor>)> {
            let inputs = black_box(&inputs);
            let value = f(inputs)?;
            let mut gradients = value.backward()?;
            let of = |input: &Var| gradients.remove(input).expect("the value depends on it");
            Ok((value, inputs.iter().map(of).collect()))
        };
        run(
            move || gradient().expect("no errors"),
            |(value, gradients)| work::join(numbers(&value)[0], gradients.iter().map(numbers)),
        )
    }

    fn variable(array: ArrayD<f64>) -> Var {
        let (shape, numbers) = taken_apart(array);
        Var::from_vec(numbers, shape, &Device::Cpu).expect("as many as the shape says")
    }

    fn numbers(tensor: &Tensor) -> Vec<f64> {
        let flat = tensor.flatten_all().expect("an array");
        flat.to_vec1().expect("numbers")
    }

    pub fn rosenbrock(count: usize) -> Box<dyn Run> {
        let f = move |x: &[Var]| {
            let (here, next) = (x[0].narrow(0, 0, count - 1)?, x[0].narrow(0, 1, count - 1)?);
            let (bend, rest) = ((next - here.sqr()?)?, (here - 1.0)?);
            ((bend.sqr()? * 100.0)? + rest.sqr()?)?.sum_all()
        };
        eager(f, work::rosenbrock_array(count))
    }

    pub fn network() -> Box<dyn Run> {
        let data = work::network_data().into_iter();
        let data: Vec<Tensor> = data.map(|x| variable(x).as_detached_tensor()).collect();
        let f = move |p: &[Var]| {
            let hidden = data[0].matmul(&p[0])?.broadcast_add(&p[1])?.tanh()?;
            let hidden = hidden.matmul(&p[2])?.broadcast_add(&p[3])?.tanh()?;
            let miss = (hidden.matmul(&p[4])?.broadcast_add(&p[5])? - &data[1])?;
            miss.sqr()?.mean_all()
        };
        eager(f, work::network_arrays())
    }

    pub fn digits() -> Box<dyn Run> {
        let data = work::digits_data().into_iter();
        let data: Vec<Tensor> = data.map(|x| variable(x).as_detached_tensor()).collect();
        let f = move |p: &[Var]| {
            let hidden = data[0].matmul(&p[0])?.broadcast_add(&p[1])?.tanh()?;
            let scores = hidden.matmul(&p[2])?.broadcast_add(&p[3])?;
            (scores.log_sum_exp(1)? - (scores * &data[1])?.sum(1)?)?.mean_all()
        };
        eager(f, work::digits_arrays())
    }

    pub fn broadcast() -> Box<dyn Run> {
        let f = |x: &[Var]| {
            let (a, b) = (&x[0], &x[1]);
            (a.broadcast_add(b)?.tanh()? * a.sqr()?.neg()?.exp()?)?.sum_all()
        };
        eager(f, work::broadcast_arrays())
    }
}

mod burn {
    use burn_autodiff::Autodiff;
    use burn_ndarray::{NdArray, NdArrayDevice};
    use burn_tensor::activation::log_softmax;
    use burn_tensor::{DType, Tensor, TensorData};

    use super::*;

    type Backend = Autodiff<NdArray<f64>>;
    type Array<const D: usize> = Tensor<Backend, D>;

    fn eager<const D: usize>(
        f: impl Fn(&[Array<D>]) -> Array<1> + 'static,
        inputs: Vec<ArrayD<f64>>,
    ) -> Box<dyn Run> {
        let inputs: Vec<Array<D>> = inputs
            .into_iter()
            .map(|x| array(x).require_grad())
            .collect();
        run(
            move || {
                let inputs = black_box(&inputs);
                let value = f(inputs);
                let gradients = value.backward();
                let of = |input: &Array<D>| input.grad(&gradients).expect("a dependency");
                let gradients: Vec<_> = inputs.iter().map(of).collect();
                (value, gradients)
            },
            |(value, gradients)| {
                let numbers = |data: TensorData| data.to_vec::<f64>().expect("numbers");
                let gradients = gradients.into_iter().map(|x| numbers(x.into_data()));
                work::join(numbers(value.into_data())[0], gradients)
            },
        )
    }

    fn array<const D: usize>(array: ArrayD<f64>) -> Array<D> {
        let (shape, numbers) = taken_apart(array);
        let data = TensorData::new(numbers, shape);
        Tensor::from_data(data, (&NdArrayDevice::default(), DType::F64))
    }

    pub fn rosenbrock(count: usize) -> Box<dyn Run> {
        let f = move |x: &[Array<1>]| {
            let (here, next) = (
                x[0].clone().slice(0..count - 1),
                x[0].clone().slice(1..count),
            );
            let (bend, rest) = (next - here.clone().square(), here - 1.0);
            (bend.square() * 100.0 + rest.square()).sum()
        };
        eager(f, work::rosenbrock_array(count))
    }

    pub fn network() -> Box<dyn Run> {
        let data: Vec<Array<2>> = work::network_data().into_iter().map(array).collect();
        let f = move |p: &[Array<2>]| {
            let layer = |x: Array<2>, i: usize| x.matmul(p[i].clone()) + p[i + 1].clone();
            let hidden = layer(data[0].clone(), 0).tanh();
            let hidden = layer(hidden, 2).tanh();
            let miss = layer(hidden, 4) - data[1].clone();
            miss.square().mean()
        };
        eager(f, work::network_arrays())
    }

    pub fn digits() -> Box<dyn Run> {
        let data: Vec<Array<2>> = work::digits_data().into_iter().map(array).collect();
        let f = move |p: &[Array<2>]| {
            let hidden = (data[0].clone().matmul(p[0].clone()) + p[1].clone()).tanh();
            let scores = hidden.matmul(p[2].clone()) + p[3].clone();
            -(log_softmax(scores, 1) * data[1].clone()).sum_dim(1).mean()
        };
        eager(f, work::digits_arrays())
    }

    pub fn broadcast() -> Box<dyn Run> {
        let f = |x: &[Array<2>]| {
            let (a, b) = (x[0].clone(), x[1].clone());
            ((a.clone() + b).tanh() * a.square().neg().exp()).sum()
        };
        eager(f, work::broadcast_arrays())
    }
}

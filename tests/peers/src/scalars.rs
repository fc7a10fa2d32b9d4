//! Other engines whose numbers are single ones.
//!
//! The text of each workload is here once, over any [`Scalar`]. An engine says how its numbers
//! compute, and how a gradient is asked for.

use std::hint::black_box;
use std::ops::{Add, Mul, Neg, Sub};

use ndarray::Array2;
use tests::workloads::{broadcast, rosenbrock, small_network};
use xad_rs::Real;

use crate::measure::{Cell, Make, Run, run_numbers};
use crate::work;

/// A number of another engine.
trait Scalar:
    Clone
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
{
    fn sin(&self) -> Self;
    fn exp(&self) -> Self;
    fn tanh(&self) -> Self;

    /// x·x. Whoever has a faster one says so, here and below.
    fn square(&self) -> Self {
        self.clone() * self.clone()
    }

    /// The sum of one or more.
    fn sum(terms: impl Iterator<Item = Self>) -> Self {
        terms.reduce(|sum, term| sum + term).expect("a term")
    }

    /// Σ xᵢ·yᵢ
    fn dot(x: &[Self], y: &[Self]) -> Self {
        Self::sum(x.iter().zip(y).map(|(x, y)| x.clone() * y.clone()))
    }
}

/// An engine, with its tape if that can be used again.
trait Engine {
    fn gradient(&mut self, f: &impl Function, x: &[f64]) -> (f64, Vec<f64>);
}

/// A function of any numbers.
trait Function {
    fn of<S: Scalar>(&self, x: &[S]) -> S;
}

struct Rosenbrock;

impl Function for Rosenbrock {
    fn of<S: Scalar>(&self, x: &[S]) -> S {
        S::sum(x.windows(2).map(|pair| {
            let (here, next) = (pair[0].clone(), pair[1].clone());
            let (bend, rest) = (next - here.square(), here - 1.0);
            bend.square() * 100.0 + rest.square()
        }))
    }
}

struct Chain(usize);

impl Function for Chain {
    fn of<S: Scalar>(&self, x: &[S]) -> S {
        (0..self.0).fold(x[0].clone(), |x, _| x.sin() * 1.0001 + 0.0001)
    }
}

struct Network {
    samples: Array2<f64>,
    targets: Array2<f64>,
}

impl Function for Network {
    fn of<S: Scalar>(&self, parameters: &[S]) -> S {
        const WIDTH: usize = 16;
        let (first, rest) = parameters.split_at(3 * WIDTH);
        let (second, third) = rest.split_at((WIDTH + 1) * WIDTH);
        // The weights of each neuron, one after the other.
        let column = |to: usize| (0..WIDTH).map(move |from| second[from * WIDTH + to].clone());
        let weights: Vec<S> = (0..WIDTH).flat_map(column).collect();
        let (mut hidden, mut deeper) = (Vec::with_capacity(WIDTH), Vec::with_capacity(WIDTH));
        let errors = self
            .samples
            .outer_iter()
            .zip(&self.targets)
            .map(|(sample, &target)| {
                hidden.clear();
                hidden.extend((0..WIDTH).map(|to| {
                    let (left, right) = (first[to].clone(), first[WIDTH + to].clone());
                    let sum = left * sample[0] + right * sample[1];
                    (sum + first[2 * WIDTH + to].clone()).tanh()
                }));
                deeper.clear();
                deeper.extend((0..WIDTH).map(|to| {
                    let sum = S::dot(&weights[to * WIDTH..][..WIDTH], &hidden);
                    (sum + second[WIDTH * WIDTH + to].clone()).tanh()
                }));
                let miss = S::dot(&third[..WIDTH], &deeper) + third[WIDTH].clone() - target;
                miss.square()
            });
        S::sum(errors) * (1.0 / self.samples.nrows() as f64)
    }
}

/// A row by row, and then b.
struct Broadcast;

impl Function for Broadcast {
    fn of<S: Scalar>(&self, x: &[S]) -> S {
        let (a, b) = x.split_at(work::SIZE * work::SIZE);
        S::sum(a.iter().zip(b.iter().cycle()).map(|(a, b)| {
            let sum = a.clone() + b.clone();
            sum.tanh() * (-a.square()).exp()
        }))
    }
}

pub fn cells() -> Vec<Cell> {
    let engines = [
        cells_of::<Reverse>("reverse"),
        cells_of::<RustQuant>("RustQuant_autodiff"),
        cells_of::<Xad>("xad-rs"),
    ];
    engines.concat()
}

fn cells_of<E: Engine + Default + 'static>(engine: &'static str) -> Vec<Cell> {
    let cell = |workload, make: Make| Cell {
        workload,
        engine,
        make,
    };
    vec![
        cell(work::ROSENBROCK, || rosenbrock::<E>(1000)),
        cell(work::LARGE_ROSENBROCK, || rosenbrock::<E>(100_000)),
        cell(work::CHAIN, || chain::<E>(1000)),
        cell(work::LONG_CHAIN, || chain::<E>(1_000_000)),
        cell(work::NETWORK, network::<E>),
        cell(work::BROADCAST, broadcast::<E>),
        cell(work::MEMORY, || chain::<E>(1_000_000)),
    ]
}

fn rosenbrock<E: Engine + Default + 'static>(count: usize) -> Box<dyn Run> {
    gradient::<E>(Rosenbrock, rosenbrock::inputs(count))
}

fn chain<E: Engine + Default + 'static>(count: usize) -> Box<dyn Run> {
    gradient::<E>(Chain(count), vec![work::CHAIN_INPUT])
}

fn network<E: Engine + Default + 'static>() -> Box<dyn Run> {
    let (samples, targets) = small_network::samples();
    let network = Network { samples, targets };
    gradient::<E>(network, small_network::Parameters::start().flat())
}

fn broadcast<E: Engine + Default + 'static>() -> Box<dyn Run> {
    let (a, b) = broadcast::inputs(work::SIZE);
    gradient::<E>(Broadcast, a.into_iter().chain(b).collect())
}

fn gradient<E: Engine + Default + 'static>(
    function: impl Function + 'static,
    x: Vec<f64>,
) -> Box<dyn Run> {
    let mut engine = E::default();
    run_numbers(move || engine.gradient(&function, black_box(&x)))
}

#[derive(Default)]
struct Reverse(::reverse::Tape);

impl Engine for Reverse {
    fn gradient(&mut self, f: &impl Function, x: &[f64]) -> (f64, Vec<f64>) {
        self.0.clear();
        let x = self.0.add_vars(x);
        let y = f.of(&x);
        (y.val(), ::reverse::Gradient::wrt(&y.grad(), &x))
    }
}

impl Scalar for ::reverse::Var<'_> {
    fn sin(&self) -> Self {
        ::reverse::Var::sin(self)
    }

    fn exp(&self) -> Self {
        ::reverse::Var::exp(self)
    }

    fn tanh(&self) -> Self {
        ::reverse::Var::tanh(self)
    }
}

#[derive(Default)]
struct RustQuant(RustQuant_autodiff::Graph);

impl Engine for RustQuant {
    fn gradient(&mut self, f: &impl Function, x: &[f64]) -> (f64, Vec<f64>) {
        self.0.clear();
        let x = self.0.vars(x);
        let y = f.of(&x);
        let gradients: Vec<f64> = RustQuant_autodiff::Accumulate::accumulate(&y);
        (y.value(), RustQuant_autodiff::Gradient::wrt(&gradients, &x))
    }
}

impl Scalar for RustQuant_autodiff::Variable<'_> {
    fn sin(&self) -> Self {
        RustQuant_autodiff::Variable::sin(*self)
    }

    fn exp(&self) -> Self {
        RustQuant_autodiff::Variable::exp(*self)
    }

    fn tanh(&self) -> Self {
        RustQuant_autodiff::Variable::tanh(*self)
    }
}

struct Xad(xad_rs::Tape<f64>);

impl Default for Xad {
    fn default() -> Xad {
        // The argument has no meaning.
        Xad(xad_rs::Tape::new(true))
    }
}

impl Engine for Xad {
    fn gradient(&mut self, f: &impl Function, x: &[f64]) -> (f64, Vec<f64>) {
        xad_rs::compute_gradient_rev_with(&mut self.0, x, |x| f.of(x))
    }
}

impl Scalar for xad_rs::AReal<f64> {
    fn sin(&self) -> Self {
        Real::sin(self)
    }

    fn exp(&self) -> Self {
        Real::exp(self)
    }

    fn tanh(&self) -> Self {
        Real::tanh(self)
    }

    /// With one argument.
    fn square(&self) -> Self {
        Real::powi(self, 2)
    }

    /// One entry for all terms.
    fn sum(terms: impl Iterator<Item = Self>) -> Self {
        Real::sum(&terms.collect::<Vec<_>>())
    }

    /// One entry for all products.
    fn dot(x: &[Self], y: &[Self]) -> Self {
        Real::dot(x, y)
    }
}

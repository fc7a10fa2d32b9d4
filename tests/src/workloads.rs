//! What the benches run: functions with their inputs, and their gradients written by hand.
//!
//! The gradients by hand are the yardstick. They do what a careful person does with `ndarray`:
//! every intermediate result is computed once, and nothing is computed that is not asked for. All
//! return the value beside the gradient, since the stages compute it too.

/// Σ 100·(next − x²)² + (1 − x)² over neighbours (Rosenbrock, 1960).
pub mod rosenbrock {
    use stage5::Var;

    use crate::number::{Number, Operators};

    /// As many as are asked for, between −1 and 1.
    pub fn inputs(count: usize) -> Vec<f64> {
        super::numbers(count)
    }

    /// The function.
    pub fn function<N: Number>(x: &[N]) -> N
    where
        for<'a> &'a N: Operators<N>,
    {
        let mut sum = N::from(0.0);
        for pair in x.windows(2) {
            let (bend, rest) = (&pair[1] - &pair[0] * &pair[0], &pair[0] - 1.0);
            sum = sum + &bend * &bend * 100.0 + &rest * &rest;
        }
        sum
    }

    /// The function on a whole array at once.
    pub fn on_array(x: &stage4::Value) -> stage4::Value {
        let last = x.shape()[0];
        let (here, next) = (x.slice_axis(0, ..last - 1), x.slice_axis(0, 1..));
        let (bend, rest) = (next - here.square(), here - 1.0);
        (bend.square() * 100.0 + rest.square()).sum()
    }

    // ANCHOR: each_operation
    /// The function on a tape with an entry for each operation.
    pub fn each_operation<'t>(x: &[Var<'t>]) -> Var<'t> {
        let mut sum = x[0].trace().input(0.0);
        for pair in x.windows(2) {
            let square = (pair[0] * pair[0]).record();
            let (bend, rest) = ((pair[1] - square).record(), (pair[0] - 1.0).record());
            let bend = (bend * bend).record();
            sum = (sum + (bend * 100.0).record()).record();
            sum = (sum + (rest * rest).record()).record();
        }
        sum
    }
    // ANCHOR_END: each_operation

    // ANCHOR: each_assignment
    /// The function on a tape with an entry for each assignment but `rest`: with one partial, an
    /// entry of its own would save nothing.
    pub fn each_assignment<'t>(x: &[Var<'t>]) -> Var<'t> {
        let mut sum = x[0].trace().input(0.0);
        for pair in x.windows(2) {
            let (bend, rest) = ((pair[1] - pair[0] * pair[0]).record(), pair[0] - 1.0);
            sum += 100.0 * bend.powi(2) + rest.powi(2);
        }
        sum
    }
    // ANCHOR_END: each_assignment

    // ANCHOR: one_sum
    /// The function on a tape with one entry, the sum.
    pub fn one_sum<'t>(x: &[Var<'t>]) -> Var<'t> {
        x[0].trace().sum(x.windows(2).map(|pair| {
            let (bend, rest) = (pair[1] - pair[0].powi(2), pair[0] - 1.0);
            100.0 * bend.powi(2) + rest.powi(2)
        }))
    }
    // ANCHOR_END: one_sum

    /// The value and the gradient.
    pub fn by_hand(x: &[f64]) -> (f64, Vec<f64>) {
        let (mut value, mut gradient) = (0.0, vec![0.0; x.len()]);
        for i in 0..x.len() - 1 {
            let (bend, rest) = (x[i + 1] - x[i] * x[i], x[i] - 1.0);
            value += 100.0 * bend * bend + rest * rest;
            gradient[i] += 2.0 * rest - 400.0 * x[i] * bend;
            gradient[i + 1] += 200.0 * bend;
        }
        (value, gradient)
    }
}

/// The sine of the sine of the sine.
pub mod sines {
    use stage5::Var;

    use crate::number::Number;

    /// Where the chain starts.
    pub const INPUT: f64 = 1.0;

    /// The function: `count` sines.
    pub fn function<N: Number>(count: usize, x: &N) -> N {
        (0..count).fold(x.clone(), |x, _| x.sin())
    }

    /// The function on a tape.
    pub fn on_a_tape(count: usize, x: Var<'_>) -> Var<'_> {
        (0..count).fold(x, |x, _| x.sin().record())
    }

    /// The value and the derivative.
    pub fn by_hand(count: usize, x: f64) -> (f64, f64) {
        let step = |(x, slope): (f64, f64), _| {
            let (sin, cos) = x.sin_cos();
            (sin, slope * cos)
        };
        (0..count).fold((x, 1.0), step)
    }
}

/// The same with a stretch and a shift between the sines: three operations in one assignment.
pub mod stretched_sines {
    use stage5::Var;

    /// Where the chain starts.
    pub const INPUT: f64 = 0.5;

    /// The function, `count` times.
    pub fn function(count: usize, x: f64) -> f64 {
        (0..count).fold(x, |x, _| x.sin() * 1.0001 + 0.0001)
    }

    /// The function on a tape with an entry for each operation.
    pub fn each_operation(count: usize, x: Var<'_>) -> Var<'_> {
        (0..count).fold(x, |x, _| {
            let stretched = (x.sin().record() * 1.0001).record();
            (stretched + 0.0001).record()
        })
    }

    /// The function on a tape with an entry for each assignment.
    pub fn each_assignment(count: usize, x: Var<'_>) -> Var<'_> {
        (0..count).fold(x, |x, _| (x.sin() * 1.0001 + 0.0001).record())
    }

    /// The value and the derivative.
    pub fn by_hand(count: usize, x: f64) -> (f64, f64) {
        let step = |(x, slope): (f64, f64), _| {
            let (sin, cos) = x.sin_cos();
            (sin * 1.0001 + 0.0001, slope * (cos * 1.0001))
        };
        (0..count).fold((x, 1.0), step)
    }
}

/// tanh and its first six derivatives, at 200 points.
pub mod six_derivatives {
    use stage5::{Dual, Number, Tape};

    /// A number with its first five derivatives: each level adds one order.
    type Five = Dual<Dual<Dual<Dual<Dual>>>>;

    /// The points of stage 3: from −7 to 7.
    pub fn points() -> Vec<f64> {
        (0..200)
            .map(|i| -7.0 + 14.0 * f64::from(i) / 199.0)
            .collect()
    }

    /// The function.
    pub fn function(points: &[f64]) -> Vec<f64> {
        points.iter().map(|x| x.tanh()).collect()
    }

    /// The orders 0 to 6, as polynomials in y = tanh x times 1 − y².
    pub fn by_hand(points: &[f64]) -> Vec<[f64; 7]> {
        let orders = |x: &f64| {
            let (y, sech) = (x.tanh(), 1.0 / x.cosh());
            // 1 − y², with all digits.
            let (square, slope) = (y * y, sech * sech);
            [
                y,
                slope,
                slope * y * -2.0,
                slope * (6.0 * square - 2.0),
                slope * y * (16.0 - 24.0 * square),
                slope * (16.0 + square * (120.0 * square - 120.0)),
                slope * y * (square * (960.0 - 720.0 * square) - 272.0),
            ]
        };
        points.iter().map(orders).collect()
    }

    /// The orders 0 to 6: five from nested dual numbers, and one more from the sweep of their tape.
    pub fn on_a_tape(tape: &mut Tape<Five>, points: &[f64]) -> Vec<[f64; 7]> {
        let orders = |&x: &f64| {
            let x = Dual::input(Dual::input(Dual::input(Dual::input(Dual::input(x)))));
            let (y, slopes) = tape.gradient(|x| x[0].tanh().record(), &[x]);
            let [one, two, three, four, five, six] = orders(slopes[0]);
            [y.value(), one, two, three, four, five, six]
        };
        points.iter().map(orders).collect()
    }

    /// The orders 0 to 6 from nested dual numbers alone.
    pub fn nested(points: &[f64]) -> Vec<[f64; 7]> {
        let orders = |&x: &f64| {
            let x = Dual::input(Dual::input(Dual::input(Dual::input(Dual::input(x)))));
            let y = Dual::input(x).tanh();
            let [one, two, three, four, five, six] = orders(y.slope);
            [y.value(), one, two, three, four, five, six]
        };
        points.iter().map(orders).collect()
    }

    /// The orders 0 to 5 in a nested number.
    fn orders(y: Five) -> [f64; 6] {
        [
            y.value(),
            y.slope.value(),
            y.slope.slope.value(),
            y.slope.slope.slope.value(),
            y.slope.slope.slope.slope.value(),
            y.slope.slope.slope.slope.slope,
        ]
    }
}

/// A network with 2 inputs, two layers of 16 and one output, with tanh between them: the mean
/// squared error over 100 samples.
pub mod small_network {
    use std::array;

    use ndarray::{Array1, Array2, Axis};
    use stage4::Value;
    use stage5::ops::Operand;
    use stage5::{Tape, Var};

    use crate::four::Four;
    use crate::number::{Number, Operators};

    const SAMPLES: usize = 100;
    const WIDTH: usize = 16;

    /// The parameters: weights and biases of each layer in turn.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Parameters {
        /// 2 × 16, 16 × 16 and 16 × 1.
        pub weights: [Array2<f64>; 3],
        /// 16, 16 and 1.
        pub biases: [Array1<f64>; 3],
    }

    impl Parameters {
        /// Where the training starts.
        pub fn start() -> Parameters {
            let shapes = [(2, WIDTH), (WIDTH, WIDTH), (WIDTH, 1)];
            Parameters {
                weights: shapes.map(|(from, to)| super::matrix(from, to) / (from as f64).sqrt()),
                biases: shapes.map(|(_, to)| Array1::from(super::numbers(to)) * 0.1),
            }
        }

        /// All parameters one after the other: the weights and the bias of a layer, row by row.
        pub fn flat(&self) -> Vec<f64> {
            let layers = self.weights.iter().zip(&self.biases);
            layers
                .flat_map(|(weights, bias)| weights.iter().chain(bias).copied())
                .collect()
        }

        /// The weights and the bias of each layer in turn, for stage 4.
        pub fn values(&self) -> Vec<Value> {
            let layers = self.weights.iter().zip(&self.biases);
            layers
                .flat_map(|(w, b)| [Value::from(w.clone()), Value::from(b.clone())])
                .collect()
        }
    }

    /// The samples, 100 × 2, and what the network should say, 100 × 1: whether the signs differ.
    pub fn samples() -> (Array2<f64>, Array2<f64>) {
        let samples = super::matrix(SAMPLES, 2);
        let targets = samples.map_axis(Axis(1), |sample| -sample[0].signum() * sample[1].signum());
        (samples, targets.insert_axis(Axis(1)))
    }

    /// The function, number by number.
    pub fn function<N: Number>(samples: &Array2<f64>, targets: &Array2<f64>, parameters: &[N]) -> N
    where
        for<'a> &'a N: Operators<N>,
    {
        let mut error = N::from(0.0);
        for (sample, target) in samples.outer_iter().zip(targets) {
            let (first, rest) = parameters.split_at(3 * WIDTH);
            let (second, third) = rest.split_at((WIDTH + 1) * WIDTH);
            let hidden: Vec<N> = (0..WIDTH)
                .map(|to| {
                    let sum = &first[to] * sample[0] + &first[WIDTH + to] * sample[1];
                    (sum + &first[2 * WIDTH + to]).tanh()
                })
                .collect();
            let hidden: Vec<N> = (0..WIDTH)
                .map(|to| neuron::<N>(second, WIDTH, to, &hidden).tanh())
                .collect();
            let miss = neuron::<N>(third, 1, 0, &hidden) - *target;
            error = error + &miss * &miss;
        }
        error / SAMPLES as f64
    }

    /// One neuron of a layer that is `width` wide.
    fn neuron<N: Number>(layer: &[N], width: usize, to: usize, inputs: &[N]) -> N
    where
        for<'a> &'a N: Operators<N>,
    {
        let bias = layer[inputs.len() * width + to].clone();
        let weighted = inputs
            .iter()
            .enumerate()
            .map(|(from, x)| x * &layer[from * width + to]);
        weighted.fold(bias, |sum, term| sum + term)
    }

    /// The function on a tape: a neuron is an entry, and so is the error of each sample.
    pub fn on_a_tape<'t>(
        samples: &Array2<f64>,
        targets: &Array2<f64>,
        parameters: &[Var<'t>],
    ) -> Var<'t> {
        let samples = samples.outer_iter().zip(targets);
        let samples = samples.map(|(sample, target)| ([sample[0], sample[1]], *target));
        error(samples, parameters)
    }

    // ANCHOR: in_fours
    /// The value and the gradient, with four samples at once on the tape.
    pub fn in_fours(
        tape: &mut Tape<Four>,
        samples: &Array2<f64>,
        targets: &Array2<f64>,
        parameters: &[f64],
    ) -> (f64, Vec<f64>) {
        // SAMPLES is 100, a multiple of four.
        let groups = (0..SAMPLES).step_by(4).map(|start| {
            let rows =
                |data: &Array2<f64>, column| Four(array::from_fn(|i| data[[start + i, column]]));
            ([rows(samples, 0), rows(samples, 1)], rows(targets, 0))
        });
        // Four copies of each parameter, one for each sample of a group.
        let copies: Vec<Four> = parameters.iter().map(|&number| number.into()).collect();
        let (errors, gradients) = tape.gradient(|copies| error(groups, copies), &copies);
        (errors.sum(), gradients.into_iter().map(Four::sum).collect())
    }
    // ANCHOR_END: in_fours

    /// The squared errors, added up and divided by the number of samples.
    ///
    /// With fours, each place has the sum for its share of the samples.
    fn error<'t, T: stage5::Number, X: Operand<'t, T>>(
        samples: impl Iterator<Item = ([X; 2], X)>,
        parameters: &[Var<'t, T>],
    ) -> Var<'t, T> {
        let trace = parameters[0].trace();
        let (first, rest) = parameters.split_at(3 * WIDTH);
        let (second, third) = rest.split_at((WIDTH + 1) * WIDTH);
        // The weights of each neuron, one after the other.
        let column = |to| (0..WIDTH).map(move |from| second[from * WIDTH + to]);
        let weights: Vec<Var<'t, T>> = (0..WIDTH).flat_map(column).collect();
        let mut misses = Vec::with_capacity(SAMPLES);
        let (mut hidden, mut deeper) = (Vec::with_capacity(WIDTH), Vec::with_capacity(WIDTH));
        for (sample, target) in samples {
            hidden.clear();
            hidden.extend((0..WIDTH).map(|to| {
                let sum = first[to] * sample[0] + first[WIDTH + to] * sample[1];
                (sum + first[2 * WIDTH + to]).tanh().record()
            }));
            deeper.clear();
            deeper.extend((0..WIDTH).map(|to| {
                let sum = trace.dot(&weights[to * WIDTH..][..WIDTH], &hidden);
                (sum + second[WIDTH * WIDTH + to]).tanh().record()
            }));
            let output = trace.dot(&third[..WIDTH], &deeper) + third[WIDTH];
            misses.push((output - target).record());
        }
        let squares = trace.sum(misses.iter().map(|miss| miss.powi(2)));
        (squares / SAMPLES as f64).record()
    }

    /// The function on arrays.
    pub fn on_arrays(samples: &Value, targets: &Value, p: &[Value]) -> Value {
        let hidden = (samples.dot(&p[0]) + &p[1]).tanh();
        let hidden = (hidden.dot(&p[2]) + &p[3]).tanh();
        let miss = hidden.dot(&p[4]) + &p[5] - targets;
        miss.square().mean()
    }

    /// The value alone.
    pub fn plain(samples: &Array2<f64>, targets: &Array2<f64>, p: &Parameters) -> f64 {
        let [w1, w2, w3] = &p.weights;
        let [b1, b2, b3] = &p.biases;
        let hidden = (samples.dot(w1) + b1).mapv_into(f64::tanh);
        let hidden = (hidden.dot(w2) + b2).mapv_into(f64::tanh);
        let miss = hidden.dot(w3) + b3 - targets;
        miss.mapv(|miss| miss * miss).sum() / SAMPLES as f64
    }

    /// The value and the gradient.
    pub fn by_hand(
        samples: &Array2<f64>,
        targets: &Array2<f64>,
        p: &Parameters,
    ) -> (f64, Parameters) {
        let [w1, w2, w3] = &p.weights;
        let [b1, b2, b3] = &p.biases;
        let first = (samples.dot(w1) + b1).mapv_into(f64::tanh);
        let second = (first.dot(w2) + b2).mapv_into(f64::tanh);
        let miss = second.dot(w3) + b3 - targets;
        let value = miss.mapv(|miss| miss * miss).sum() / SAMPLES as f64;

        let by_third = miss * (2.0 / SAMPLES as f64);
        let mut by_second = by_third.dot(&w3.t());
        by_second.zip_mut_with(&second, |gradient, y| *gradient *= 1.0 - y * y);
        let mut by_first = by_second.dot(&w2.t());
        by_first.zip_mut_with(&first, |gradient, y| *gradient *= 1.0 - y * y);
        let gradient = Parameters {
            weights: [
                samples.t().dot(&by_first),
                first.t().dot(&by_second),
                second.t().dot(&by_third),
            ],
            biases: [by_first, by_second, by_third].map(|by| by.sum_axis(Axis(0))),
        };
        (value, gradient)
    }

    /// The value and the gradient, number by number, as a tape computes them.
    pub fn by_hand_in_loops(
        samples: &Array2<f64>,
        targets: &Array2<f64>,
        parameters: &[f64],
    ) -> (f64, Vec<f64>) {
        let (first, rest) = parameters.split_at(3 * WIDTH);
        let (second, third) = rest.split_at((WIDTH + 1) * WIDTH);
        let mut value = 0.0;
        let mut gradient = vec![0.0; parameters.len()];
        let (by_first, rest) = gradient.split_at_mut(3 * WIDTH);
        let (by_second, by_third) = rest.split_at_mut((WIDTH + 1) * WIDTH);
        for (sample, target) in samples.outer_iter().zip(targets) {
            let hidden: [f64; WIDTH] = array::from_fn(|to| {
                let sum = first[to] * sample[0] + first[WIDTH + to] * sample[1];
                (sum + first[2 * WIDTH + to]).tanh()
            });
            let deeper: [f64; WIDTH] = array::from_fn(|to| {
                let weighted = (0..WIDTH).map(|from| hidden[from] * second[from * WIDTH + to]);
                (weighted.sum::<f64>() + second[WIDTH * WIDTH + to]).tanh()
            });
            let weighted = deeper.iter().zip(third).map(|(x, weight)| x * weight);
            let miss = weighted.sum::<f64>() + third[WIDTH] - target;
            value += miss * miss / SAMPLES as f64;

            let by_miss = miss * 2.0 / SAMPLES as f64;
            by_third[WIDTH] += by_miss;
            let mut by_hidden = [0.0; WIDTH];
            for to in 0..WIDTH {
                by_third[to] += by_miss * deeper[to];
                let by_sum = by_miss * third[to] * (1.0 - deeper[to] * deeper[to]);
                by_second[WIDTH * WIDTH + to] += by_sum;
                for from in 0..WIDTH {
                    by_second[from * WIDTH + to] += by_sum * hidden[from];
                    by_hidden[from] += by_sum * second[from * WIDTH + to];
                }
            }
            for to in 0..WIDTH {
                let by_sum = by_hidden[to] * (1.0 - hidden[to] * hidden[to]);
                by_first[to] += by_sum * sample[0];
                by_first[WIDTH + to] += by_sum * sample[1];
                by_first[2 * WIDTH + to] += by_sum;
            }
        }
        (value, gradient)
    }
}

/// A network of 784, 128 and 10, as for pictures of digits: tanh in the middle, and the mean
/// cross-entropy of a softmax over a batch of 256.
pub mod digits_network {
    use ndarray::{Array1, Array2, Axis};
    use stage4::Value;

    const BATCH: usize = 256;

    /// The parameters, or their gradients.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Parameters {
        /// 784 × 128 and 128 × 10.
        pub weights: [Array2<f64>; 2],
        /// 128 and 10.
        pub biases: [Array1<f64>; 2],
    }

    impl Parameters {
        /// Where the training starts.
        pub fn start() -> Parameters {
            let shapes = [(784, 128), (128, 10)];
            Parameters {
                weights: shapes.map(|(from, to)| super::matrix(from, to) / (from as f64).sqrt()),
                biases: shapes.map(|(_, to)| Array1::from(super::numbers(to)) * 0.1),
            }
        }

        /// The weights and the bias of each layer in turn, for stage 4.
        pub fn values(&self) -> Vec<Value> {
            let layers = self.weights.iter().zip(&self.biases);
            layers
                .flat_map(|(w, b)| [Value::from(w.clone()), Value::from(b.clone())])
                .collect()
        }
    }

    /// Pictures, 256 × 784, and digits as rows with a single 1, 256 × 10.
    pub fn samples() -> (Array2<f64>, Array2<f64>) {
        let pictures = super::matrix(BATCH, 784);
        let digits = Array2::from_shape_fn((BATCH, 10), |(i, digit)| f64::from(i % 10 == digit));
        (pictures, digits)
    }

    /// The function on arrays.
    pub fn on_arrays(pictures: &Value, digits: &Value, p: &[Value]) -> Value {
        let hidden = (pictures.dot(&p[0]) + &p[1]).tanh();
        let scores = hidden.dot(&p[2]) + &p[3];
        (scores.logsumexp_axis(1) - (&scores * digits).sum_axis(1)).mean()
    }

    /// The value alone.
    pub fn plain(pictures: &Array2<f64>, digits: &Array2<f64>, p: &Parameters) -> f64 {
        let hidden = (pictures.dot(&p.weights[0]) + &p.biases[0]).mapv_into(f64::tanh);
        let mut scores = hidden.dot(&p.weights[1]) + &p.biases[1];
        cross_entropy(&mut scores, digits)
    }

    /// The value and the gradient.
    pub fn by_hand(
        pictures: &Array2<f64>,
        digits: &Array2<f64>,
        p: &Parameters,
    ) -> (f64, Parameters) {
        let hidden = (pictures.dot(&p.weights[0]) + &p.biases[0]).mapv_into(f64::tanh);
        let mut scores = hidden.dot(&p.weights[1]) + &p.biases[1];
        let value = cross_entropy(&mut scores, digits);

        // The gradient in the scores is softmax minus target.
        let by_scores = (scores - digits) / BATCH as f64;
        let mut by_hidden = by_scores.dot(&p.weights[1].t());
        by_hidden.zip_mut_with(&hidden, |gradient, y| *gradient *= 1.0 - y * y);
        let gradient = Parameters {
            weights: [pictures.t().dot(&by_hidden), hidden.t().dot(&by_scores)],
            biases: [by_hidden, by_scores].map(|by| by.sum_axis(Axis(0))),
        };
        (value, gradient)
    }

    /// The mean cross-entropy; leaves the softmax in the place of the scores.
    fn cross_entropy(scores: &mut Array2<f64>, digits: &Array2<f64>) -> f64 {
        let mut total = 0.0;
        for (mut scores, digit) in scores.outer_iter_mut().zip(digits.outer_iter()) {
            let largest = scores.fold(f64::NEG_INFINITY, |x, &y| x.max(y));
            let right = scores.dot(&digit);
            scores.mapv_inplace(|score| (score - largest).exp());
            let sum = scores.sum();
            total += largest + sum.ln() - right;
            scores /= sum;
        }
        total / BATCH as f64
    }
}

/// sum(tanh(A + b)·exp(−A·A)) for a matrix A and a row b that is broadcast to all of its rows.
pub mod broadcast {
    use ndarray::{Array2, Axis, Zip};
    use stage4::Value;
    use stage5::Var;

    /// A with `size` rows and columns, and b with one row.
    pub fn inputs(size: usize) -> (Array2<f64>, Array2<f64>) {
        (super::matrix(size, size), super::matrix(1, size))
    }

    /// The function on arrays: `x` holds A and b.
    pub fn on_arrays(x: &[Value]) -> Value {
        let (a, b) = (&x[0], &x[1]);
        ((a + b).tanh() * (-a.square()).exp()).sum()
    }

    /// The function on a tape, number by number: `x` holds A row by row, and then b.
    pub fn on_a_tape<'t>(x: &[Var<'t>], size: usize) -> Var<'t> {
        let (a, b) = x.split_at(size * size);
        let pairs = a.iter().zip(b.iter().cycle());
        let terms = pairs.map(|(&a, &b)| (a + b).tanh() * (-a.powi(2)).exp());
        b[0].trace().sum(terms)
    }

    /// The value alone.
    pub fn plain(a: &Array2<f64>, b: &Array2<f64>) -> f64 {
        let term = |sum: f64, &a: &f64, &b: &f64| sum + (a + b).tanh() * (-a * a).exp();
        Zip::from(a).and_broadcast(b).fold(0.0, term)
    }

    /// The value and the gradients in A and b, in one pass over the matrix.
    pub fn by_hand(a: &Array2<f64>, b: &Array2<f64>) -> (f64, Array2<f64>, Array2<f64>) {
        let mut value = 0.0;
        let mut by_a = Array2::zeros(a.raw_dim());
        let mut by_b = Array2::zeros(b.raw_dim());
        for (a, mut by_a) in a.outer_iter().zip(by_a.outer_iter_mut()) {
            let (b, by_b) = (b.index_axis(Axis(0), 0), by_b.index_axis_mut(Axis(0), 0));
            Zip::from(&a)
                .and(&b)
                .and(&mut by_a)
                .and(by_b)
                .for_each(|&a, &b, by_a, by_b| {
                    let (tanh, exp) = ((a + b).tanh(), (-a * a).exp());
                    let by_sum = (1.0 - tanh * tanh) * exp;
                    value += tanh * exp;
                    *by_a = by_sum - 2.0 * a * tanh * exp;
                    *by_b += by_sum;
                });
        }
        (value, by_a, by_b)
    }
}

/// Numbers between −1 and 1 that look random and are the same on every machine: the multiples of
/// the golden ratio, without their whole part.
pub fn numbers(count: usize) -> Vec<f64> {
    let number = |i: usize| 2.0 * (i as f64 * 1.618033988749895).fract() - 1.0;
    (1..=count).map(number).collect()
}

fn matrix(rows: usize, columns: usize) -> ndarray::Array2<f64> {
    let numbers = numbers(rows * columns);
    ndarray::Array2::from_shape_vec((rows, columns), numbers).expect("as many as are needed")
}

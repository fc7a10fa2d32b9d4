//! How an engine is compared with a gradient by hand.

use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// The value and the gradient, or whatever else an engine computes, as lists of numbers.
pub type Parts = Vec<Vec<f64>>;

/// Makes what is to be run.
pub type Make = fn() -> Box<dyn Run>;

/// A cell of the table.
#[derive(Clone, Copy)]
pub struct Cell {
    pub workload: &'static str,
    pub engine: &'static str,
    pub make: Make,
}

/// A piece of work that can be done again and again.
pub trait Run {
    /// The seconds that it takes `count` times.
    fn seconds(&mut self, count: u32) -> f64;

    /// What it computes.
    fn parts(&mut self) -> Parts;
}

struct Plain<F, P> {
    gradient: F,
    parts: P,
}

impl<G, F: FnMut() -> G, P: Fn(G) -> Parts> Run for Plain<F, P> {
    /// What `gradient` returns is dropped within the time, as a graph has to be.
    fn seconds(&mut self, count: u32) -> f64 {
        let start = Instant::now();
        for _ in 0..count {
            drop(black_box((self.gradient)()));
        }
        start.elapsed().as_secs_f64()
    }

    fn parts(&mut self) -> Parts {
        (self.parts)((self.gradient)())
    }
}

/// Runs `gradient`; `parts` makes numbers of what it returns, outside of the time.
pub fn run<G>(
    gradient: impl FnMut() -> G + 'static,
    parts: impl Fn(G) -> Parts + 'static,
) -> Box<dyn Run> {
    Box::new(Plain { gradient, parts })
}

/// Runs a gradient that comes as numbers.
pub fn run_numbers(gradient: impl FnMut() -> (f64, Vec<f64>) + 'static) -> Box<dyn Run> {
    run(gradient, |(value, gradient)| vec![vec![value], gradient])
}

/// Each takes its turn for this long, or once if that is longer.
const TURN: f64 = 0.01;

/// They take turns for this long, and at least this often.
const ROUNDS: (Duration, usize) = (Duration::from_millis(1500), 3);

/// The median of how many times longer `engine` takes than `by_hand`, measured in turns, so that a
/// machine that slows down slows both.
pub fn ratio(engine: &mut dyn Run, by_hand: &mut dyn Run) -> f64 {
    let counts = (count(engine), count(by_hand));
    let mut ratios = Vec::new();
    let start = Instant::now();
    while start.elapsed() < ROUNDS.0 || ratios.len() < ROUNDS.1 {
        let by_hand = by_hand.seconds(counts.1) / f64::from(counts.1);
        ratios.push(engine.seconds(counts.0) / f64::from(counts.0) / by_hand);
    }
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

/// How often `run` is done in one turn. To find out warms it up, and grows its tape.
fn count(run: &mut dyn Run) -> u32 {
    let mut count = 1;
    while run.seconds(count) < TURN {
        count *= 2;
    }
    count
}

/// What the process holds at most, in bytes, beyond what it holds now. Nothing but Linux tells.
///
/// Pages count, and a list that is larger than its content does not touch all of its pages. So it does
/// not matter how far a list has just grown, as it does to an allocator that counts.
pub fn peak<R>(f: impl FnOnce() -> R) -> (R, Option<f64>) {
    let before = status("VmRSS:");
    let result = f();
    let peak = status("VmHWM:");
    (result, peak.zip(before).map(|(peak, before)| peak - before))
}

/// A line of the status of this process, in bytes.
fn status(name: &str) -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024.0)
}

/// The largest difference between two of the same lists, relative to the largest number in it.
///
/// # Panics
///
/// If there are not as many numbers in both.
pub fn difference(seen: &Parts, expected: &Parts) -> f64 {
    assert_eq!(lengths(seen), lengths(expected), "the lengths of the lists");
    let lists = seen.iter().zip(expected);
    lists.fold(0.0, |largest, (seen, expected)| {
        let scale = expected
            .iter()
            .fold(f64::MIN_POSITIVE, |a, x| a.max(x.abs()));
        let pairs = seen.iter().zip(expected);
        pairs.fold(largest, |largest, (seen, expected)| {
            let difference = (seen - expected).abs() / scale;
            // NaN has to be seen, and `max` would ignore it.
            if difference > largest || difference.is_nan() {
                difference
            } else {
                largest
            }
        })
    })
}

fn lengths(parts: &Parts) -> Vec<usize> {
    parts.iter().map(Vec::len).collect()
}

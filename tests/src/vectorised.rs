//! `exp` and `tanh` of several numbers at once, from the crate `rustnum`.

use rustnum::Array;
use stage4::array::Elementary;

// ANCHOR: vectorised
/// For [`set_elementary`](stage4::array::set_elementary). A result may be two numbers away from the
/// best one.
pub const VECTORISED: Elementary = Elementary {
    exp: |xs, ys| by_block(Array::exp_inplace, f64::exp, xs, ys),
    tanh: |xs, ys| by_block(Array::tanh_inplace, f64::tanh, xs, ys),
};

/// What is copied at a time stays in the nearest cache.
const BLOCK: usize = 2048;

/// With fewer numbers, the copies take more time than is won.
const FEW: usize = 32;

/// `rustnum` has arrays of its own: numbers are copied into one, and the results out of it.
fn by_block(all: fn(&mut Array<f64>), one: fn(f64) -> f64, xs: &[f64], ys: &mut [f64]) {
    for (xs, ys) in xs.chunks(BLOCK).zip(ys.chunks_mut(BLOCK)) {
        if xs.len() < FEW {
            ys.iter_mut().zip(xs).for_each(|(y, x)| *y = one(*x));
            continue;
        }
        let mut block = Array::from_vec(xs.to_vec(), &[xs.len()]);
        all(&mut block);
        ys.copy_from_slice(block.as_slice().expect("an array of one axis"));
    }
}
// ANCHOR_END: vectorised

//! `exp` and `tanh` of several numbers at once, from the crate `rustnum`.

use rustnum::Array;
use stage4::array::Elementary;

// ANCHOR: vectorised
/// For [`set_elementary`](stage4::array::set_elementary). A result is up to two `f64`s away from the
/// one nearest to the right answer.
pub const VECTORISED: Elementary = Elementary {
    exp: |xs, ys| by_block(Array::exp_inplace, f64::exp, xs, ys),
    tanh: |xs, ys| by_block(Array::tanh_inplace, f64::tanh, xs, ys),
};

/// 16 KiB: little enough to stay in the cache until copied back.
pub const BLOCK: usize = 2048;

/// For fewer numbers, perhaps at an array's end, copying may cost more than it gains.
pub const FEW: usize = 24;

/// `rustnum` works on arrays of its own, so each piece is copied into one, and the results back.
fn by_block(in_place: fn(&mut Array<f64>), one: fn(f64) -> f64, xs: &[f64], ys: &mut [f64]) {
    for (xs, ys) in xs.chunks(BLOCK).zip(ys.chunks_mut(BLOCK)) {
        if xs.len() < FEW {
            ys.iter_mut().zip(xs).for_each(|(y, x)| *y = one(*x));
        } else {
            let mut block = Array::from_vec(xs.to_vec(), &[xs.len()]);
            in_place(&mut block);
            ys.copy_from_slice(block.as_slice().expect("an array of one axis"));
        }
    }
}
// ANCHOR_END: vectorised

//! Large results, which are written into blocks that are no longer needed.

use allocation_counter::measure;
use ndarray::{Array1, Array2, ArrayD, Axis, Slice, Zip};
use pretty_assertions::assert_eq;
use proptest::prelude::*;
use stage4::array::release_blocks;
use stage4::{Primitive, SharedArray, Value, value_and_grads};

/// Enough rows and columns for a large array, of 40,000 numbers.
const SIZE: usize = 200;
const BYTES: u64 = 8 * (SIZE * SIZE) as u64;
/// What is kept at most.
const MOST: u64 = 128 << 20;

fn matrix() -> Array2<f64> {
    Array2::from_shape_fn((SIZE, SIZE), |(i, j)| (i as f64 * 0.7 + j as f64).sin())
}

/// Leaves `count` blocks as large as `x` behind, which are full of NaN.
fn leave_nan(count: usize, x: &Value) {
    drop(Vec::from_iter((0..count).map(|_| x * f64::NAN)));
}

/// The bits, by which even NaN and −0 are equal to themselves alone.
fn bits(array: &ArrayD<f64>) -> ArrayD<u64> {
    array.mapv(f64::to_bits)
}

#[test]
fn a_block_that_nobody_holds_is_used_again() {
    let x = Value::from(matrix());
    let row = Value::from(matrix().row(0));
    let again: [(&str, &dyn Fn() -> Value); 7] = [
        ("map", &|| x.sin()),
        ("zip", &|| &x + &x),
        ("zip with a number", &|| 2.0 * &x),
        ("broadcast", &|| x.sum().broadcast(&[SIZE, SIZE])),
        ("map of a slice", &|| x.slice_axis(1, 1..).sin()),
        ("matmul", &|| x.dot(&x)),
        ("gradient", &|| {
            let loss = |x: &[Value]| (x[0].slice_axis(0, 1..).tanh() * x[1].exp()).sum();
            value_and_grads(loss, &[x.clone(), row.clone()]).1.remove(0)
        }),
    ];
    for (name, run) in again {
        release_blocks();
        let first = measure(|| drop(run()));
        let second = measure(|| drop(run()));
        // A product needs some memory to work in besides.
        let saved = first.bytes_total - second.bytes_total;
        assert!(saved > BYTES * 9 / 10, "{name}: {first:?}, then {second:?}");
    }
}

#[test]
fn a_block_that_somebody_holds_is_not() {
    let x = Value::from(matrix());
    release_blocks();
    let held: [fn(Value) -> Box<dyn std::any::Any>; 5] = [
        |y| Box::new(y),
        |y| Box::new(y.raw().clone()),
        |y| Box::new(y.t()),
        |y| Box::new(y.slice_axis(0, ..1)),
        |y| Box::new(y.data::<SharedArray>().clone()),
    ];
    for hold in held {
        let held = hold(x.sin());
        let memory = measure(|| drop(x.cos()));
        assert!(memory.bytes_total >= BYTES, "{memory:?}");
        drop(held);
        release_blocks();
    }
}

#[test]
fn what_is_kept_is_bounded_and_can_be_given_back() {
    const LENGTH: usize = 1 << 20;
    let memory = measure(|| {
        for i in 0..20 {
            drop(-Value::from(Array1::zeros(LENGTH + i)));
        }
        // Several have to go for this one.
        drop(-Value::from(Array1::zeros(8 * LENGTH)));
    });
    let kept = memory.bytes_current as u64;
    assert!(kept < MOST + 10_000, "{kept} bytes");
    assert!(kept > MOST - 9 * LENGTH as u64, "{kept} bytes");
    let memory = measure(release_blocks);
    assert!(memory.bytes_current < -(MOST as i64) / 2, "{memory:?}");
}

#[test]
fn one_result_beyond_the_bound_is_not_kept() {
    let x = Value::from(0.5).broadcast(&[(MOST / 8) as usize + 1]);
    release_blocks();
    let memory = measure(|| drop(-&x));
    assert!(memory.bytes_current < 1000, "{memory:?}");
}

#[test]
fn zeros_are_zeros_in_an_old_block() {
    let part = Value::from(matrix().slice_axis(Axis(0), Slice::from(1..)));
    let padded = |x: &[Value]| {
        let whole = x[0].slice_axis(0, 1..);
        whole.sum() + x[0].dot(&x[0].t()).sum()
    };
    let fresh = value_and_grads(padded, std::slice::from_ref(&part))
        .1
        .remove(0);
    leave_nan(5, &part);
    let again = value_and_grads(padded, &[part]).1.remove(0);
    assert_eq!(bits(&again.array()), bits(&fresh.array()));
}

/// The order of the elements decides in which order they are added up, and so the last digits of
/// a sum.
#[test]
fn the_order_of_the_elements_is_that_of_ndarray() {
    static SAME: Primitive = Primitive::new("same", |args| args.map(|x| x));
    static SUM: Primitive = Primitive::new("sum of two", |args| args.zip(|x, y| x + y));
    let long = Array1::from_iter(matrix());
    let x = matrix().into_dyn().into_shared();
    let mut every_second = ndarray::concatenate![Axis(1), x, x].into_shared();
    every_second.slice_axis_inplace(Axis(1), Slice::from(..).step_by(2));
    let orders: Vec<SharedArray> = vec![
        x.clone(),
        x.clone().reversed_axes(),
        every_second,
        long.clone().insert_axis(Axis(0)).into_dyn().into_shared(),
        long.clone().insert_axis(Axis(1)).into_dyn().into_shared(),
        long.insert_axis(Axis(0))
            .reversed_axes()
            .into_dyn()
            .into_shared(),
    ];
    for x in &orders {
        leave_nan(3, &Value::from(matrix()));
        let ours = SAME.bind(&[&Value::from(x.clone())]);
        let ours = ours.data::<SharedArray>();
        let theirs = x.mapv(|x| x);
        assert_eq!(
            (ours.strides(), bits(&ours.to_owned())),
            (theirs.strides(), bits(&theirs.to_owned()))
        );
        for y in orders.iter().filter(|y| y.shape() == x.shape()) {
            leave_nan(3, &Value::from(matrix()));
            let ours = SUM.bind(&[&Value::from(x.clone()), &Value::from(y.clone())]);
            let ours = ours.data::<SharedArray>();
            let theirs = Zip::from(x).and(y).map_collect(|x, y| x + y);
            assert_eq!(
                (ours.strides(), bits(&ours.to_owned())),
                (theirs.strides(), bits(&theirs))
            );
        }
    }
}

/// A step of a program: what it computes, from which of the values that are held, and which of
/// them it lets go.
#[derive(Clone, Copy, Debug)]
struct Step {
    operation: usize,
    arguments: [usize; 2],
    lets_go: Option<usize>,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (
        0..8_usize,
        [0..100_usize, 0..100],
        prop::option::of(0..100_usize),
    );
    let step = step.prop_map(|(operation, arguments, lets_go)| Step {
        operation,
        arguments,
        lets_go,
    });
    prop::collection::vec(step, 1..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Each result is that of `ndarray`, and still is when it is let go.
    #[test]
    fn what_is_held_never_changes(steps in steps()) {
        let mut held = vec![(Value::from(matrix()), matrix().into_dyn())];
        for Step { operation, arguments, lets_go } in steps {
            let [(x, x_copy), (y, y_copy)] = arguments.map(|i| &held[i % held.len()]);
            held.push(match operation {
                0 => (-x, -x_copy),
                1 => (x + y, x_copy + y_copy),
                2 => (x * 0.5, x_copy * 0.5),
                3 => (x.t(), x_copy.t().to_owned()),
                4 => (x.t() - y, &x_copy.t() - y_copy),
                5 => (x.clone(), x_copy.clone()),
                6 => {
                    let row = x_copy.index_axis(Axis(0), 0).to_owned();
                    (x.index_axis(0, 0).broadcast(x.shape()), row.broadcast(x_copy.raw_dim()).unwrap().to_owned())
                }
                _ => {
                    let mut padded = x_copy.clone();
                    padded.index_axis_mut(Axis(1), 0).fill(1.0);
                    (x.with_slice_axis(1, ..1, &Value::from(1.0)), padded)
                }
            });
            if let Some(i) = lets_go && held.len() > 1 {
                let (value, copy) = held.swap_remove(i % held.len());
                prop_assert!(bits(&value.array()) == bits(&copy));
            }
        }
        for (value, copy) in held {
            prop_assert!(bits(&value.array()) == bits(&copy));
        }
    }
}

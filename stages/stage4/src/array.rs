//! What the operations compute with: numbers, and `ndarray` arrays that broadcast.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;

use ndarray::{
    ArcArray, Array, Array1, ArrayBase, ArrayD, ArrayView, ArrayView2, ArrayViewD, Axis, DataOwned,
    Dimension, Ix3, IxDyn, ShapeError, Slice, Zip, aview1,
};

use crate::graph::{Data, Raw, Value, describe, downcast};
use crate::trace::Args;

// ANCHOR: number
impl Data for f64 {
    fn zeros(&self) -> Raw {
        Rc::new(0.0)
    }

    fn ones(&self) -> Raw {
        Rc::new(1.0)
    }

    fn add(&self, other: &Raw) -> Raw {
        Rc::new(self + downcast::<f64>(other).expect("an f64 for an f64"))
    }
}
// ANCHOR_END: number

// ANCHOR: data
/// An array whose elements are shared, so that a clone, a slice or a transpose copies nothing, and
/// neither does a reshape of elements that lie row by row.
pub type SharedArray = ArcArray<f64, IxDyn>;

impl Data for SharedArray {
    fn kind(&self) -> &'static str {
        match self.ndim() {
            0 => "an array without axes",
            _ => "an array",
        }
    }

    fn shape(&self) -> &[usize] {
        self.shape()
    }

    fn zeros(&self) -> Raw {
        Rc::new(SharedArray::zeros(self.raw_dim()))
    }

    fn ones(&self) -> Raw {
        Rc::new(SharedArray::ones(self.raw_dim()))
    }

    fn add(&self, other: &Raw) -> Raw {
        let other = downcast::<SharedArray>(other).expect("an array for an array");
        pairs(&self.view(), &other.view(), |x, y| x + y)
    }

    /// The elements alone. `Debug` adds strides and layout.
    fn print(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Boxes an array; one without axes as the number that it is, so that a number is always `f64`.
pub(crate) fn into_raw<S>(array: ArrayBase<S, IxDyn>) -> Raw
where
    S: DataOwned<Elem = f64>,
{
    match array.ndim() {
        0 => Rc::new(array[[]]),
        _ => Rc::new(array.into_shared()),
    }
}
// ANCHOR_END: data

// ANCHOR: convert
impl<D: Dimension> From<Array<f64, D>> for Value {
    /// An array stays plain: it is not recorded. One without axes becomes a number.
    fn from(array: Array<f64, D>) -> Value {
        Value::Plain(into_raw(array.into_dyn()))
    }
}

impl<D: Dimension> From<ArcArray<f64, D>> for Value {
    /// The elements stay shared.
    fn from(array: ArcArray<f64, D>) -> Value {
        Value::Plain(into_raw(array.into_dyn()))
    }
}

impl<D: Dimension> From<ArrayView<'_, f64, D>> for Value {
    /// The elements are copied.
    fn from(array: ArrayView<'_, f64, D>) -> Value {
        Value::from(array.to_owned())
    }
}

impl<S: ndarray::Data<Elem = f64>, D: Dimension> From<&ArrayBase<S, D>> for Value {
    /// The elements are copied.
    fn from(array: &ArrayBase<S, D>) -> Value {
        Value::from(array.to_owned())
    }
}

impl From<Vec<f64>> for Value {
    /// A vector: an array with one axis.
    fn from(elements: Vec<f64>) -> Value {
        Value::from(Array1::from(elements))
    }
}

impl From<&[f64]> for Value {
    /// A vector, to which the elements are copied.
    fn from(elements: &[f64]) -> Value {
        Value::from(aview1(elements))
    }
}

impl<const N: usize> From<[f64; N]> for Value {
    /// A vector.
    fn from(elements: [f64; N]) -> Value {
        Value::from(aview1(&elements))
    }
}

impl Value {
    /// A copy of the array at the bottom, with all containers taken off; a number gives an array
    /// without axes.
    ///
    /// # Panics
    ///
    /// If there is neither an array nor a number.
    pub fn array(&self) -> ArrayD<f64> {
        match Operand::of(self.raw()) {
            Some(operand) => operand.view().to_owned(),
            None => panic!(
                "`array`: expected a number or an array, not {}",
                describe(self.raw())
            ),
        }
    }
}
// ANCHOR_END: convert

// ANCHOR: operand
/// What every operation of this crate takes.
pub(crate) enum Operand<'a> {
    Number(&'a f64),
    Array(&'a SharedArray),
}

impl<'a> Operand<'a> {
    pub(crate) fn of(raw: &'a Raw) -> Option<Operand<'a>> {
        let number = downcast(raw).map(Operand::Number);
        number.or_else(|| downcast(raw).map(Operand::Array))
    }

    /// The elements, read-only; a number as an array without axes.
    pub(crate) fn view(&self) -> ArrayViewD<'a, f64> {
        match self {
            Operand::Number(number) => ndarray::aview0(*number).into_dyn(),
            Operand::Array(array) => array.view(),
        }
    }

    /// A handle to the same elements; a number is copied into an array without axes.
    pub(crate) fn shared(&self) -> SharedArray {
        match self {
            Operand::Number(number) => ndarray::arr0(**number).into_dyn().into_shared(),
            Operand::Array(array) => SharedArray::clone(array),
        }
    }
}

impl<'a> Args<'a> {
    /// Argument number `argnum` as a number or an array.
    ///
    /// Panics if it is neither, or an array without axes.
    pub(crate) fn operand(&self, argnum: usize) -> Operand<'a> {
        match Operand::of(self.raw(argnum)) {
            Some(Operand::Array(array)) if array.ndim() == 0 => {
                self.refuse(argnum, "the number in it, which `Value::from` takes out")
            }
            Some(operand) => operand,
            None => self.refuse(argnum, "a number (f64) or an array"),
        }
    }
}
// ANCHOR_END: operand

// ANCHOR: map
impl Args<'_> {
    /// Applies `f` to each element of the only argument, a number or an array.
    ///
    /// # Panics
    ///
    /// If the argument is of another type.
    pub fn map(&self, f: impl Fn(f64) -> f64) -> Raw {
        match self.operand(0) {
            Operand::Number(x) => Rc::new(f(*x)),
            Operand::Array(x) => each(&x.view(), f),
        }
    }

    /// Applies `f` to the elements of two arguments, which broadcast against each other. The rules of
    /// such a primitive end with [`unbroadcast`](crate::rules::unbroadcast).
    ///
    /// # Panics
    ///
    /// If their shapes do not broadcast, or an argument is neither a number nor an array.
    pub fn zip(&self, f: impl Fn(f64, f64) -> f64) -> Raw {
        match (self.operand(0), self.operand(1)) {
            (Operand::Number(x), Operand::Number(y)) => Rc::new(f(*x, *y)),
            (Operand::Number(x), Operand::Array(y)) => each(&y.view(), |y| f(*x, y)),
            (Operand::Array(x), Operand::Number(y)) => each(&x.view(), |x| f(x, *y)),
            (Operand::Array(x), Operand::Array(y)) if x.shape() == y.shape() => {
                pairs(&x.view(), &y.view(), f)
            }
            (Operand::Array(x), Operand::Array(y)) => {
                let shape = IxDyn(&self.broadcast_shapes(&[x.shape(), y.shape()]));
                let [x, y] = [x, y].map(|array| {
                    array
                        .broadcast(shape.clone())
                        .expect("the shapes do broadcast")
                });
                pairs(&x, &y, f)
            }
        }
    }
}
// ANCHOR_END: map

// ANCHOR: broadcast
/// The shape that all `shapes` broadcast to, if there is one. They are aligned at the last axis. Axes of
/// length 1 and missing axes repeat, and the others have one length.
pub(crate) fn common_shape(shapes: &[&[usize]]) -> Option<Vec<usize>> {
    let rank = shapes.iter().map(|shape| shape.len()).max().unwrap_or(0);
    let mut result = vec![1; rank];
    for shape in shapes {
        let axes = result[rank - shape.len()..].iter_mut().zip(*shape);
        for (common, &length) in axes {
            if *common == 1 {
                *common = length;
            }
            if length != 1 && length != *common {
                return None;
            }
        }
    }
    Some(result)
}

impl Args<'_> {
    /// The shape that all `shapes` broadcast to.
    pub(crate) fn broadcast_shapes(&self, shapes: &[&[usize]]) -> Vec<usize> {
        let name = self.name;
        common_shape(shapes).unwrap_or_else(|| {
            panic!(
                "`{name}`: the shapes {shapes:?} do not broadcast; \
                 expected equal lengths, or 1, for each axis counted from the last"
            )
        })
    }

    /// Panics if argument number `argnum` does not broadcast to `shape`.
    pub(crate) fn check_broadcast(&self, argnum: usize, shape: &[usize]) {
        let repeated = self
            .operand(argnum)
            .view()
            .broadcast(IxDyn(shape))
            .is_some();
        if !repeated {
            self.refuse(argnum, &format!("a shape that broadcasts to {shape:?}"));
        }
    }
}

/// The first argument, repeated to the shape in the second.
pub(crate) fn broadcast(args: &Args<'_>) -> Raw {
    let (array, Shape(shape)) = (args.operand(0).shared(), args.get(1));
    args.check_broadcast(0, shape);
    let repeated = array
        .broadcast(IxDyn(shape))
        .expect("the shape does broadcast");
    // A loop over two axes takes less time than one over any number of them.
    match matrix(&repeated) {
        Ok(matrix) if matrix.len() < LARGE => into_raw(matrix.to_owned().into_dyn()),
        _ => each(&repeated, |x| x),
    }
}

/// Takes the first argument where the third is not 0, and the second elsewhere.
pub(crate) fn select(args: &Args<'_>) -> Raw {
    let [x, y, condition] = [0, 1, 2].map(|argnum| args.operand(argnum).shared());
    let shape = IxDyn(&args.broadcast_shapes(&[x.shape(), y.shape(), condition.shape()]));
    let [x, y, condition] = [&x, &y, &condition].map(|array| {
        array
            .broadcast(shape.clone())
            .expect("the shapes do broadcast")
    });
    let take = |&x: &f64, &y: &f64, &condition: &f64| if condition != 0.0 { x } else { y };
    into_raw(Zip::from(&x).and(&y).and(&condition).map_collect(take))
}
// ANCHOR_END: broadcast

// ANCHOR: settings
/// Axes to reduce over, or to permute.
#[derive(Clone, Debug, PartialEq)]
pub struct Axes {
    pub(crate) axes: Vec<usize>,
    pub(crate) keep: bool,
}

impl Axes {
    /// A reduction leaves these axes in place, with length 1.
    pub fn keep(self) -> Axes {
        Axes { keep: true, ..self }
    }

    pub(crate) fn all(rank: usize) -> Axes {
        Axes::from(Vec::from_iter(0..rank))
    }
}

impl From<Vec<usize>> for Axes {
    fn from(axes: Vec<usize>) -> Axes {
        Axes { axes, keep: false }
    }
}

impl From<&[usize]> for Axes {
    fn from(axes: &[usize]) -> Axes {
        Axes::from(axes.to_vec())
    }
}

impl<const N: usize> From<[usize; N]> for Axes {
    fn from(axes: [usize; N]) -> Axes {
        Axes::from(axes.to_vec())
    }
}

impl From<usize> for Axes {
    fn from(axis: usize) -> Axes {
        Axes::from([axis])
    }
}

/// The length of each axis.
#[derive(Debug)]
pub(crate) struct Shape(pub(crate) Vec<usize>);

/// Part of one axis.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) axis: usize,
    pub(crate) slice: Slice,
}

/// Where arrays are joined: an axis, and where each of them starts on it.
#[derive(Debug)]
pub(crate) struct Joint {
    pub(crate) axis: usize,
    pub(crate) starts: Vec<usize>,
}

/// Places along one axis, in any order and any number.
#[derive(Debug)]
pub(crate) struct Places {
    pub(crate) axis: usize,
    pub(crate) indices: Vec<usize>,
}

// None of these has a gradient.
impl Data for Axes {}
impl Data for Shape {}
impl Data for Part {}
impl Data for Joint {}
impl Data for Places {}
// ANCHOR_END: settings

// ANCHOR: reduce
impl Args<'_> {
    /// Reduces the first argument over the axes in the second, one axis after the other.
    fn reduce(&self, over_axis: impl Fn(&SharedArray, Axis) -> ArrayD<f64>) -> Raw {
        let mut result = self.operand(0).shared();
        let Axes { axes, keep } = self.get(1);
        self.check_axes(axes, result.shape());
        // From the last to the first, so that the numbers of those to come stay right.
        let mut axes = axes.clone();
        axes.sort();
        for axis in axes.into_iter().rev().map(Axis) {
            result = over_axis(&result, axis).into_shared();
            if *keep {
                result = result.insert_axis(axis);
            }
        }
        into_raw(result)
    }

    pub(crate) fn check_axes(&self, axes: &[usize], shape: &[usize]) {
        let name = self.name;
        for (i, axis) in axes.iter().enumerate() {
            assert!(
                *axis < shape.len(),
                "`{name}`: there is no axis {axis} in the shape {shape:?}"
            );
            assert!(
                !axes[..i].contains(axis),
                "`{name}`: axis {axis} is given twice in {axes:?}"
            );
        }
    }
}

/// The sum.
pub(crate) fn sum(args: &Args<'_>) -> Raw {
    args.reduce(|array, axis| match matrix(&array.view()) {
        // Loops over two axes take less time than loops over any number of them.
        Ok(matrix) => matrix.sum_axis(axis).into_dyn(),
        Err(_) => array.sum_axis(axis),
    })
}

/// The product.
pub(crate) fn prod(args: &Args<'_>) -> Raw {
    args.reduce(|array, axis| array.product_axis(axis))
}

/// The largest element; NaN if there is one.
pub(crate) fn max(args: &Args<'_>) -> Raw {
    check_not_empty(args, args.operand(0).view().shape(), args.get(1));
    args.reduce(|array, axis| array.fold_axis(axis, f64::NEG_INFINITY, |x, y| larger(*x, *y)))
}

/// The smallest element; NaN if there is one.
pub(crate) fn min(args: &Args<'_>) -> Raw {
    check_not_empty(args, args.operand(0).view().shape(), args.get(1));
    args.reduce(|array, axis| array.fold_axis(axis, f64::INFINITY, |x, y| -larger(-x, -y)))
}

/// The position of the first of the largest elements along one axis; of the first NaN if there is
/// one.
pub(crate) fn argmax(args: &Args<'_>) -> Raw {
    check_not_empty(args, args.operand(0).view().shape(), args.get(1));
    args.reduce(|array, axis| {
        array.map_axis(axis, |lane| {
            let mut best = 0;
            for (i, x) in lane.iter().enumerate() {
                if *x > lane[best] || x.is_nan() && !lane[best].is_nan() {
                    best = i;
                }
            }
            best as f64
        })
    })
}

/// Panics if an axis that is reduced is missing in `shape`, or has no elements to choose from.
pub(crate) fn check_not_empty(args: &Args<'_>, shape: &[usize], axes: &Axes) {
    args.check_axes(&axes.axes, shape);
    let name = args.name;
    assert!(
        axes.axes.iter().all(|axis| shape[*axis] > 0),
        "`{name}`: no elements in the shape {shape:?}"
    );
}

/// The larger number; NaN if either is (where `f64::max` would drop it).
pub(crate) fn larger(x: f64, y: f64) -> f64 {
    if x.is_nan() || x > y { x } else { y }
}
// ANCHOR_END: reduce

// ANCHOR: shapes
/// The elements of the first argument in the shape that the second gives.
pub(crate) fn reshape(args: &Args<'_>) -> Raw {
    let (array, Shape(shape)) = (args.operand(0).shared(), args.get(1));
    if array.len() != shape.iter().product() {
        args.refuse(
            0,
            &format!(
                "{} elements for the shape {shape:?}",
                shape.iter().product::<usize>()
            ),
        );
    }
    let in_order = if array.is_standard_layout() {
        array
    } else {
        array.as_standard_layout().into_owned().into_shared()
    };
    let array = in_order
        .into_shape_with_order(IxDyn(shape))
        .expect("the lengths are equal");
    into_raw(array)
}

/// The axes of the first argument, in the order of the second.
pub(crate) fn permute(args: &Args<'_>) -> Raw {
    let (array, Axes { axes, .. }) = (args.operand(0).shared(), args.get(1));
    args.check_axes(axes, array.shape());
    if axes.len() != array.ndim() {
        args.refuse(0, &format!("as many axes as in {axes:?}"));
    }
    into_raw(array.permuted_axes(IxDyn(axes)))
}

impl Args<'_> {
    /// Panics if an axis is missing in `shape`, or too short for the slice.
    pub(crate) fn check_slice(&self, axis: usize, slice: Slice, shape: &[usize]) {
        self.check_axes(&[axis], shape);
        let (name, length) = (self.name, shape[axis] as isize);
        let within = |place: isize| (-length..=length).contains(&place);
        assert!(
            within(slice.start) && slice.end.is_none_or(within) && slice.step != 0,
            "`{name}`: {slice:?} does not fit axis {axis} of length {length}; \
             expected start and end from {} to {length}, and a step other than 0",
            -length
        );
    }
}

/// Part of the first argument.
pub(crate) fn slice(args: &Args<'_>) -> Raw {
    let (mut array, Part { axis, slice }) = (args.operand(0).shared(), args.get(1));
    args.check_slice(*axis, *slice, array.shape());
    array.slice_axis_inplace(Axis(*axis), *slice);
    into_raw(array)
}

/// The opposite of `slice`: zeros of the shape in the third argument, with the first argument at
/// the part that the second gives.
pub(crate) fn pad(args: &Args<'_>) -> Raw {
    let (part, Part { axis, slice }, Shape(shape)) = (args.operand(0), args.get(1), args.get(2));
    let mut result = zeros(shape);
    let mut place = result.slice_axis_mut(Axis(*axis), *slice);
    match part.view().broadcast(place.raw_dim()) {
        Some(part) => place.assign(&part),
        None => args.refuse(
            0,
            &format!("an array that broadcasts to {:?}", place.shape()),
        ),
    }
    keep(result)
}

/// The elements of the first argument at the places in the second.
pub(crate) fn take(args: &Args<'_>) -> Raw {
    let (array, Places { axis, indices }) = (args.operand(0).shared(), args.get(1));
    args.check_axes(&[*axis], array.shape());
    let length = array.shape()[*axis];
    for index in indices {
        let name = args.name;
        assert!(
            *index < length,
            "`{name}`: index {index} is out of range for length {length} along axis {axis}"
        );
    }
    into_raw(array.select(Axis(*axis), indices))
}

/// The opposite of `take`: adds the first argument to zeros of the shape in the third, at the
/// places in the second. A place that comes twice gets both.
pub(crate) fn scatter(args: &Args<'_>) -> Raw {
    let (parts, Places { axis, indices }, Shape(shape)) =
        (args.operand(0), args.get(1), args.get(2));
    let mut result = ArrayD::zeros(IxDyn(shape));
    for (part, index) in parts.view().axis_iter(Axis(*axis)).zip(indices) {
        let mut place = result.index_axis_mut(Axis(*axis), *index);
        place += &part;
    }
    into_raw(result)
}

/// The arguments one after the other along the axis in the last one.
pub(crate) fn concatenate(args: &Args<'_>) -> Raw {
    let last = args.count() - 1;
    let Joint { axis, .. } = args.get(last);
    let arrays: Vec<ArrayViewD<'_, f64>> = (0..last).map(|i| args.operand(i).view()).collect();
    let (name, shapes) = (
        args.name,
        Vec::from_iter(arrays.iter().map(|array| array.shape())),
    );
    let rank = shapes.first().map_or(0, |shape| shape.len());
    let equal_ranks = shapes.iter().all(|shape| shape.len() == rank);
    assert!(
        arrays.is_empty() || !equal_ranks || *axis < rank,
        "`{name}`: there is no axis {axis} in the shapes {shapes:?}"
    );
    equal_ranks
        .then(|| ndarray::concatenate(Axis(*axis), &arrays).ok())
        .flatten()
        .map(into_raw)
        .unwrap_or_else(|| {
            panic!(
                "`{name}`: the shapes {shapes:?} do not fit along axis {axis}; \
                 expected at least one array, and equal lengths for every other axis"
            )
        })
}
// ANCHOR_END: shapes

// ANCHOR: matmul
/// The matrix product over the last two axes; the axes before them broadcast.
pub(crate) fn matmul(args: &Args<'_>) -> Raw {
    let (x, y) = (args.operand(0).shared(), args.operand(1).shared());
    let (rank_x, rank_y) = (x.ndim(), y.ndim());
    let fits = rank_x >= 2 && rank_y >= 2 && x.shape()[rank_x - 1] == y.shape()[rank_y - 2];
    assert!(
        fits,
        "`{}`: the shapes {:?} and {:?} do not fit; \
         expected the last axis of the first to be as long as the last but one of the second",
        args.name,
        x.shape(),
        y.shape()
    );
    // `dot` makes room for a small product itself, and need not fill it with zeros first.
    if let (Ok(x), Ok(y)) = (matrix(&x.view()), matrix(&y.view()))
        && x.nrows() * y.ncols() < LARGE
    {
        return into_raw(x.dot(&y).into_dyn());
    }
    let batch = args.batch(x.shape(), y.shape());
    let (x_matrix, y_matrix) = (&x.shape()[rank_x - 2..], &y.shape()[rank_y - 2..]);
    let xs = matrices(&x, &batch, x_matrix);
    let ys = matrices(&y, &batch, y_matrix);
    let shape = [xs.shape()[0], x_matrix[0], y_matrix[1]];
    // Its elements are not read but written over, whatever they are.
    let mut result = reused(&shape)
        .unwrap_or_else(|| ArrayD::zeros(&shape[..]))
        .into_dimensionality::<Ix3>()
        .expect("three axes");
    for ((x, y), mut product) in xs
        .outer_iter()
        .zip(ys.outer_iter())
        .zip(result.outer_iter_mut())
    {
        ndarray::linalg::general_mat_mul(1.0, &x, &y, 0.0, &mut product);
    }
    let shape = [&batch[..], &[x_matrix[0], y_matrix[1]]].concat();
    keep(
        result
            .into_shape_with_order(IxDyn(&shape))
            .expect("the lengths are equal"),
    )
}

impl Args<'_> {
    /// The axes before the last two, to which those of two stacks of matrices broadcast.
    pub(crate) fn batch(&self, x: &[usize], y: &[usize]) -> Vec<usize> {
        let name = self.name;
        let [x_batch, y_batch] = [x, y].map(|shape| &shape[..shape.len() - 2]);
        common_shape(&[x_batch, y_batch]).unwrap_or_else(|| {
            panic!(
                "`{name}`: the stacks of matrices in the shapes {x:?} and {y:?} do not broadcast; \
                 expected equal lengths, or 1, for each axis before the last two"
            )
        })
    }
}

/// `array` as one matrix, if it has two axes.
fn matrix<'a>(array: &ArrayViewD<'a, f64>) -> Result<ArrayView2<'a, f64>, ShapeError> {
    array.clone().into_dimensionality()
}

/// `array` as one stack of matrices, repeated to the axes in `batch`.
fn matrices(array: &SharedArray, batch: &[usize], matrix: &[usize]) -> ArcArray<f64, Ix3> {
    let stack = (batch.iter().product(), matrix[0], matrix[1]);
    if array.ndim() == 2 && batch.is_empty() {
        // One matrix, transposed or not, is used where it is.
        let array = array.clone().insert_axis(Axis(0));
        return array.into_dimensionality().expect("three axes");
    }
    let shape = [batch, matrix].concat();
    let repeated = array
        .broadcast(IxDyn(&shape))
        .expect("the shapes do broadcast");
    let in_order = repeated.as_standard_layout().into_owned().into_shared();
    in_order
        .into_shape_with_order(stack)
        .expect("the lengths are equal")
}
// ANCHOR_END: matmul

// ANCHOR: blocks
/// A block of this many numbers, 256 KiB, is large. The allocator gives large blocks back to the
/// system, and each page of the next one has to be fetched from there again.
const LARGE: usize = 1 << 15;

/// At most this many numbers, 128 MiB, are kept.
const MOST: usize = 1 << 24;

thread_local! {
    /// A second handle to each of the latest large results, the oldest first.
    static KEPT: RefCell<VecDeque<Rc<SharedArray>>> = const { RefCell::new(VecDeque::new()) };
}

/// Boxes a result, and keeps a handle to it if it is large.
fn keep(result: ArrayD<f64>) -> Raw {
    if result.len() < LARGE {
        return into_raw(result);
    }
    let result = Rc::new(result.into_shared());
    KEPT.with_borrow_mut(|kept| {
        kept.push_back(Rc::clone(&result));
        let mut numbers: usize = kept.iter().map(|block| block.len()).sum();
        while numbers > MOST {
            numbers -= kept.pop_front().map_or(0, |block| block.len());
        }
    });
    result
}

/// An array to write a large result into, in the block of an earlier one that nothing else holds.
/// Its old elements are still in it.
fn reused(shape: &[usize]) -> Option<ArrayD<f64>> {
    let length = shape.iter().product();
    if length < LARGE {
        return None;
    }
    KEPT.with_borrow_mut(|kept| {
        let free = |block: &Rc<SharedArray>| block.len() == length && Rc::strong_count(block) == 1;
        let block = kept.remove(kept.iter().rposition(free)?)?;
        // Nothing else holds this array. Another one may still share its elements, and keeps them.
        let array = Rc::into_inner(block)?.try_into_owned_nocopy().ok()?;
        ArrayD::from_shape_vec(shape, array.into_raw_vec_and_offset().0).ok()
    })
}

/// Gives the blocks that are kept on this thread back to the allocator.
///
/// They are kept for later results of the same size. On a thread that computes no more of these,
/// they are in the way: up to 128 MiB.
pub fn release_blocks() {
    KEPT.take();
}

/// Zeros, to which a result is added.
fn zeros(shape: &[usize]) -> ArrayD<f64> {
    match reused(shape) {
        Some(mut result) => {
            result.fill(0.0);
            result
        }
        None => ArrayD::zeros(shape),
    }
}

/// `f` of each element.
fn each(x: &ArrayViewD<'_, f64>, f: impl Fn(f64) -> f64) -> Raw {
    // An array without gaps is mapped as it lies in memory. If that is not row by row, nor is the
    // result.
    if let Some(mut result) = reused(x.shape())
        && (x.strides() == result.strides() || x.as_slice_memory_order().is_none())
    {
        Zip::from(x).map_assign_into(&mut result, |x| f(*x));
        return keep(result);
    }
    keep(x.mapv(f))
}

/// `f` of the elements of two arrays of one shape, in pairs.
fn pairs(x: &ArrayViewD<'_, f64>, y: &ArrayViewD<'_, f64>, f: impl Fn(f64, f64) -> f64) -> Raw {
    let f = |x: &f64, y: &f64| f(*x, *y);
    // If neither goes row by row, the result need not either.
    if (x.is_standard_layout() || y.is_standard_layout())
        && let Some(mut result) = reused(x.shape())
    {
        Zip::from(x).and(y).map_assign_into(&mut result, f);
        return keep(result);
    }
    // Slices have no gaps, so the compiler can apply `f` to several elements at once.
    if let (Some(xs), Some(ys)) = (x.as_slice(), y.as_slice()) {
        let elements = xs.iter().zip(ys).map(|(x, y)| f(x, y)).collect();
        let result = ArrayD::from_shape_vec(x.raw_dim(), elements);
        return keep(result.expect("as many elements as in `x`"));
    }
    match (matrix(x), matrix(y)) {
        (Ok(x), Ok(y)) => keep(Zip::from(x).and(y).map_collect(f).into_dyn()),
        _ => keep(Zip::from(x).and(y).map_collect(f)),
    }
}
// ANCHOR_END: blocks

// ANCHOR: elementary
/// A function of many numbers per call: it writes the result for each number of the first slice to the
/// same place in the second, which has the same length. What the second held before is meaningless.
pub type Many = fn(&[f64], &mut [f64]);

/// Functions for `exp` and `tanh` of arrays that replace `f64::exp` and `f64::tanh`.
#[derive(Clone, Copy, Debug)]
pub struct Elementary {
    /// e to the power of each number.
    pub exp: Many,
    /// The hyperbolic tangent of each number.
    pub tanh: Many,
}

thread_local! {
    static ELEMENTARY: Cell<Option<Elementary>> = const { Cell::new(None) };
}

/// Makes `exp` and `tanh` of arrays on this thread call `functions`, or with `None`, the default,
/// `f64::exp` and `f64::tanh`. Single numbers, and arrays that are not stored row by row without
/// gaps, always go through the latter.
///
/// ```
/// use ndarray::array;
/// use stage4::Value;
/// use stage4::array::{Elementary, set_elementary};
///
/// let rough = Elementary {
///     exp: |xs, ys| ys.iter_mut().zip(xs).for_each(|(y, x)| *y = 1.0 + x),
///     tanh: |xs, ys| ys.copy_from_slice(xs),
/// };
/// let x = Value::from(array![0.0, 0.5]);
/// set_elementary(Some(rough));
/// assert_eq!(x.exp().array(), array![1.0, 1.5].into_dyn());
/// assert_eq!(x.tanh().array(), array![0.0, 0.5].into_dyn());
/// set_elementary(None);
/// assert_eq!(x.exp().array()[1], 0.5_f64.exp());
/// ```
pub fn set_elementary(functions: Option<Elementary>) {
    ELEMENTARY.set(functions);
}

/// e to the power of each element.
pub(crate) fn exp(args: &Args<'_>) -> Raw {
    let many = ELEMENTARY.get().map(|functions| functions.exp);
    map_many(args, many, f64::exp)
}

/// The hyperbolic tangent of each element.
pub(crate) fn tanh(args: &Args<'_>) -> Raw {
    let many = ELEMENTARY.get().map(|functions| functions.tanh);
    map_many(args, many, f64::tanh)
}

/// `many` of an array whose elements lie row by row without gaps, and `one` of anything else.
fn map_many(args: &Args<'_>, many: Option<Many>, one: impl Fn(f64) -> f64) -> Raw {
    if let Some(many) = many
        && let Operand::Array(x) = args.operand(0)
        && let Some(elements) = x.as_slice()
    {
        // Every element is written, so old ones need not be cleared.
        let mut result = reused(x.shape()).unwrap_or_else(|| ArrayD::zeros(x.raw_dim()));
        many(elements, result.as_slice_mut().expect("row by row"));
        return keep(result);
    }
    args.map(one)
}
// ANCHOR_END: elementary

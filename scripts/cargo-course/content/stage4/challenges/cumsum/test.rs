//! Running sums along an axis, as one operation, and their derivatives.

use ndarray::array;
use pretty_assertions::assert_eq;
use stage4::backward::order;
use stage4::{Trace, Value, grad, jacobian, vector_jacobian};

fn matrix() -> Value {
    Value::from(array![[1.0, 2.0, 4.0], [10.0, 20.0, 40.0]])
}

#[test]
fn each_element_is_added_to_those_before_it() {
    let x = Value::from(array![1.0, 2.0, 4.0]);
    assert_eq!(x.cumsum(0).array(), array![1.0, 3.0, 7.0].into_dyn());
    assert_eq!(x.array(), array![1.0, 2.0, 4.0].into_dyn());
}

#[test]
fn one_call_records_one_node() {
    let trace = Trace::open();
    let Value::Boxed(sums) = Value::Boxed(trace.input(&matrix())).cumsum(1) else {
        panic!("the sums of a container are a container");
    };
    assert_eq!(sums.node().primitive.name, "cumsum");
    assert_eq!(order(&[sums.node()]).len(), 2);
}

#[test]
fn it_runs_along_any_axis() {
    let along_0 = array![[1.0, 2.0, 4.0], [11.0, 22.0, 44.0]].into_dyn();
    assert_eq!(matrix().cumsum(0).array(), along_0);
    let along_1 = array![[1.0, 3.0, 7.0], [10.0, 30.0, 70.0]].into_dyn();
    assert_eq!(matrix().cumsum(1).array(), along_1);
}

#[test]
#[should_panic(expected = "`cumsum`: there is no axis 2 in the shape [2, 3]")]
fn an_axis_that_is_not_there_is_refused() {
    matrix().cumsum(2);
}

#[test]
fn the_gradient_of_an_element_is_summed_from_its_place_on() {
    let (_, pull_back) = vector_jacobian(|x| x.cumsum(1), &matrix());
    let seed = Value::from(array![[1.0, 10.0, 100.0], [2.0, 20.0, 200.0]]);
    let expected = array![[111.0, 110.0, 100.0], [222.0, 220.0, 200.0]].into_dyn();
    assert_eq!(pull_back(&seed).array(), expected);
    let (_, pull_back) = vector_jacobian(|x| x.cumsum(0), &matrix());
    let expected = array![[3.0, 30.0, 300.0], [2.0, 20.0, 200.0]].into_dyn();
    assert_eq!(pull_back(&seed).array(), expected);
}

#[test]
fn its_jacobian_is_a_triangle_of_ones() {
    let x = Value::from(array![5.0, 6.0, 7.0]);
    let triangle = array![[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]].into_dyn();
    assert_eq!(jacobian(|x| x.cumsum(0))(&x).array(), triangle);
}

#[test]
fn it_can_be_differentiated_again() {
    // (x₀)² + (x₀ + x₁)², with the second derivatives [[4, 2], [2, 2]].
    let f = |x: &Value| {
        let sums = x.cumsum(0);
        (&sums * &sums).sum()
    };
    let x = Value::from(array![3.0, 5.0]);
    assert_eq!(grad(f)(&x).array(), array![22.0, 16.0].into_dyn());
    let second = jacobian(grad(f))(&x);
    assert_eq!(second.array(), array![[4.0, 2.0], [2.0, 2.0]].into_dyn());
}

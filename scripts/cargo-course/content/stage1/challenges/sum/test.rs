//! A sum of any number of variables is recorded as one operation.

use stage1::Var;

#[test]
fn the_value_is_the_sum() {
    let vars = [1.0, 2.0, 4.0].map(Var::new);
    let total: Var = vars.iter().sum();
    assert_eq!(total.value(), 7.0);
}

#[test]
fn each_input_has_gradient_1() {
    let vars = [1.0, 2.0, 4.0].map(Var::new);
    vars.iter().sum::<Var>().seed(1.0);
    assert_eq!(vars.each_ref().map(Var::grad), [1.0, 1.0, 1.0]);
}

#[test]
fn an_input_that_comes_twice_counts_twice() {
    let (x, y) = (Var::new(3.0), Var::new(5.0));
    let total: Var = [&x, &y, &x].into_iter().sum();
    assert_eq!(total.value(), 11.0);
    total.seed(1.0);
    assert_eq!((x.grad(), y.grad()), (2.0, 1.0));
}

#[test]
fn nothing_lies_between_an_input_and_the_sum() {
    let vars = [1.0, 2.0, 4.0].map(Var::new);
    let total: Var = vars.iter().sum();
    for var in &vars {
        let children = var.children();
        assert_eq!(children.len(), 1);
        assert_eq!((children[0].0, children[0].1.value()), (1.0, 7.0));
    }
    assert!(total.children().is_empty());
}

#[test]
fn the_sum_of_nothing_is_0() {
    assert_eq!([].iter().sum::<Var>().value(), 0.0);
}

#[test]
fn a_mean_can_be_built_on_it() {
    let vars = [1.0, 2.0, 6.0].map(Var::new);
    let mean = vars.iter().sum::<Var>() / 3.0;
    let squares = vars.each_ref().map(|var| (var - &mean) * (var - &mean));
    let variance = squares.iter().sum::<Var>() / 3.0;
    variance.seed(1.0);
    for (var, expected) in vars.iter().zip([-4.0 / 3.0, -2.0 / 3.0, 2.0]) {
        assert!((var.grad() - expected).abs() < 1e-12, "{}", var.grad());
    }
}

#[test]
fn a_sum_of_100_000_variables_does_not_overflow_the_stack() {
    let vars: Vec<Var> = (0..100_000).map(|i| Var::new(f64::from(i))).collect();
    let total: Var = vars.iter().sum();
    total.seed(1.0);
    assert_eq!(vars[0].grad(), 1.0);
    assert_eq!(vars[99_999].grad(), 1.0);
}

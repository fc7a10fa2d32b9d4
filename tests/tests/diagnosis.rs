//! The report of a wrong gradient, by its text: one test for each known pattern.

use pretty_assertions::assert_eq;
use tests::diagnosis::{Report, Seen, examine};

/// A report on x · y at (3, 4), in x, unless a test changes it.
fn report(seen: Seen) -> Report {
    Report {
        stage: "stage2".to_owned(),
        operation: "x · y".to_owned(),
        inputs: vec![
            ("x".to_owned(), "3".to_owned()),
            ("y".to_owned(), "4".to_owned()),
        ],
        by: 0,
        order: 1,
        seen,
    }
}

fn number(gradient: f64, truth: f64) -> Seen {
    Seen::Number {
        gradient,
        finite: truth,
        dual: truth,
    }
}

#[test]
fn half_means_that_a_contribution_was_overwritten() {
    let report = Report {
        operation: "x · x".to_owned(),
        inputs: vec![("x".to_owned(), "3".to_owned())],
        ..report(number(3.0, 6.0))
    };
    assert_eq!(
        report.to_string(),
        "\
stage2: the gradient of x · x is wrong
  at                 x = 3
  by                 x
  gradient           3
  finite difference  6
  dual number        6
  guess              half of what it should be: where an input is used twice, its second \
contribution overwrites the first instead of being added to it
  read               book/src/stage2.md"
    );
}

#[test]
fn double_means_that_gradients_were_not_cleared() {
    let report = Report {
        stage: "stage1".to_owned(),
        ..report(number(8.0, 4.0))
    };
    assert_eq!(
        report.to_string(),
        "\
stage1: the gradient of x · y is wrong
  at                 x = 3, y = 4
  by                 x
  gradient           8
  finite difference  4
  dual number        4
  guess              double what it should be: the gradients were not cleared between two walks, \
or an edge is walked twice
  read               book/src/stage1.md"
    );
}

#[test]
fn zero_means_that_an_edge_is_missing() {
    let report = Report {
        stage: "stage3".to_owned(),
        by: 1,
        ..report(number(0.0, 3.0))
    };
    assert_eq!(
        report.to_string(),
        "\
stage3: the gradient of x · y is wrong
  at                 x = 3, y = 4
  by                 y
  gradient           0
  finite difference  3
  dual number        3
  guess              zero: the result has no edge to this input, so the walk never reaches it
  read               book/src/stage3.md"
    );
}

#[test]
fn the_opposite_sign_means_a_lost_minus() {
    let report = Report {
        stage: "stage4".to_owned(),
        ..report(number(-4.0, 4.0))
    };
    assert_eq!(
        report.to_string(),
        "\
stage4: the gradient of x · y is wrong
  at                 x = 3, y = 4
  by                 x
  gradient           -4
  finite difference  4
  dual number        4
  guess              the opposite sign: the rule has lost a minus
  read               book/src/stage4.md"
    );
}

#[test]
fn nan_where_there_is_a_derivative_means_zero_times_infinity() {
    assert_eq!(
        report(number(f64::NAN, 0.0)).to_string(),
        "\
stage2: the gradient of x · y is wrong
  at                 x = 3, y = 4
  by                 x
  gradient           NaN
  finite difference  0
  dual number        0
  guess              not a number: at this point the rule computes 0 · ∞ or 0 / 0, and needs a \
case of its own
  read               book/src/stage2.md"
    );
}

#[test]
fn wrong_only_at_second_order_means_a_rule_that_is_not_traced() {
    let report = Report {
        order: 2,
        ..report(number(0.0, 2.0))
    };
    assert_eq!(
        report.to_string(),
        "\
stage2: the derivative of order 2 of x · y is wrong
  at                 x = 3, y = 4
  by                 x
  gradient           0
  finite difference  2
  dual number        2
  guess              right at the order below: the rule is not written with traced operations, so \
its own dependence on the input is lost
  read               book/src/stage3.md"
    );
}

#[test]
fn a_wrong_shape_means_a_broadcast_that_was_not_summed_back() {
    let report = Report {
        stage: "stage4".to_owned(),
        operation: "add".to_owned(),
        inputs: vec![("b".to_owned(), "[1, 2]".to_owned())],
        ..report(Seen::Shape {
            gradient: vec![3, 2],
            input: vec![2],
        })
    };
    assert_eq!(
        report.to_string(),
        "\
stage4: the gradient of add is wrong
  at                 b = [1, 2]
  by                 b
  gradient's shape   [3, 2]
  input's shape      [2]
  guess              the wrong shape: the input was broadcast, and its gradient was not summed \
back over the repeated axes
  read               book/src/arrays.md"
    );
}

#[test]
fn judges_that_disagree_mean_a_kink_or_a_bad_step() {
    let seen = Seen::Number {
        gradient: 1.0,
        finite: 0.5,
        dual: 1.0,
    };
    assert_eq!(
        report(seen).to_string(),
        "\
stage2: the gradient of x · y is wrong
  at                 x = 3, y = 4
  by                 x
  gradient           1
  finite difference  0.5
  dual number        1
  guess              the judges disagree with each other: the function has a kink or a jump here, \
or the step of the finite difference does not suit it; look there first
  read               book/src/checking.md"
    );
}

#[test]
fn any_other_number_gets_no_guess() {
    assert_eq!(
        report(number(5.0, 4.0)).to_string(),
        "\
stage2: the gradient of x · y is wrong
  at                 x = 3, y = 4
  by                 x
  gradient           5
  finite difference  4
  dual number        4
  guess              none: compare the rule with a table of derivatives"
    );
}

#[test]
fn only_the_wrong_inputs_are_reported() {
    let inputs = [("x", 3.0), ("y", 4.0)];
    let reports = examine(
        "stage2",
        "x · y",
        &inputs,
        1e-13,
        &[4.0, 1.5],
        &[4.0, 3.0],
        &[4.0, 3.0],
    );
    let expected = Report {
        by: 1,
        ..report(number(1.5, 3.0))
    };
    assert_eq!(reports, [expected]);
}

#[test]
fn an_error_of_1e_12_is_reported_where_1e_13_is_asked_for() {
    let examine = |gradient: f64| {
        let inputs = [("x", 1.0)];
        examine(
            "stage2",
            "sin x",
            &inputs,
            1e-13,
            &[gradient],
            &[4.0],
            &[4.0],
        )
        .len()
    };
    assert_eq!(examine(4.0), 0);
    assert_eq!(examine(4.0 + 4e-12), 1);
}

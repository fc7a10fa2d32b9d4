//! # The exam
//!
//! Chapter: stage2.md#what-breaks-now
//!
//! About: values, graph, gradients, rules, memory, long chains
//!
//! There is nothing left to write. The steps have tried a few examples of each thing; the exam asks
//! everything that is known about this stage: all forms of all operators, powers of 0, of infinity
//! and to infinity (0 where a formula says 0 · ∞), a table of functions with known gradients, and
//! random graphs with any outputs and seeds, against finite differences and dual numbers. It also
//! asks what is easily overlooked: gradients belong to nodes, and a node that is gone has nothing
//! in common with a new one at the same place in memory; a walk leaves nothing behind; and all
//! memory is free once the last container is gone.
//!
//! Hint 1: Nothing here is new. Which sentence of which step does the failing test hold you to?
//! Hint 2: The message names the function, the point and the input. Build the same with three
//! containers in a test of your own, and look at it with `draw::text`.

use pretty_assertions::assert_eq;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stage2::{Container, Op, backward, draw};

/// The judges, the table of cases, and what every stage is asked.
#[path = "../../../tests/src/exam.rs"]
mod exam;
#[path = "../../../tests/src/stages/stage2.rs"]
mod operand;

/// What is left in memory.
#[path = "../../../tests/src/left.rs"]
mod left;

use exam::program::Step;
use exam::{cases, suite, threads};
use left::nothing_is_left;

#[test]
fn every_form_of_every_operator_has_its_value_and_its_slopes() {
    suite::computes_every_form::<Container>();
}

#[test]
fn small_expressions_have_the_gradients_worked_out_by_hand() {
    // Some have more paths than could be followed one by one.
    threads::in_good_time(|| suite::computes(cases::expressions::<Container>()));
}

#[test]
fn each_operation_has_the_derivatives_of_the_textbook() {
    suite::computes(cases::each_operation::<Container>());
}

#[test]
fn powers_and_roots_at_0_and_infinity_have_the_derivatives_of_the_limit() {
    suite::computes(cases::powers_at_the_edges::<Container>());
}

#[test]
fn constants_branches_and_loops_have_their_gradients() {
    suite::computes(cases::constants_and_control_flow::<Container>());
}

#[test]
fn functions_from_other_books_have_the_gradients_printed_there() {
    suite::computes(cases::classics::<Container>());
}

#[test]
fn each_operation_records_its_arguments_in_their_order() {
    let (x, y) = (Container::new(6.0), Container::new(2.0));
    for result in [&x + &y, &x - &y, &x * &y, &x / &y, x.powf(&y)] {
        let node = result.node();
        assert_eq!(node.args, [6.0, 2.0], "{:?}", node.op);
        assert_eq!(node.result, result.value(), "{:?}", node.op);
        let parents = [node.parents[0].id, node.parents[1].id];
        assert_eq!(parents, [x.node().id, y.node().id], "{:?}", node.op);
    }
}

#[test]
fn gradients_stay_when_the_output_is_gone() {
    let x = Container::new(3.0);
    let gradients = {
        let square = &x * &x;
        backward(&[(&square, 1.0)])
    };
    assert_eq!(gradients.of(&x), 6.0);
}

#[test]
fn a_new_container_has_no_gradient_of_a_node_that_is_gone() {
    let gradients = {
        let x = Container::new(3.0);
        let power = (0..100).fold(x.clone(), |power, _| power * &x);
        backward(&[(&power, 1.0)])
    };
    // Some of these are where the nodes of the power have been.
    let fresh: Vec<Container> = (0..100).map(|_| Container::new(3.0)).collect();
    for x in &fresh {
        assert_eq!(gradients.of(x), 0.0);
        assert_eq!(gradients.of_node(x.node()), 0.0);
    }
}

#[test]
fn a_seed_of_0_gives_gradients_of_0_and_leaves_other_seeds_alone() {
    let x = Container::new(3.0);
    let (square, cube) = (&x * &x, &x * &x * &x);
    assert_eq!(backward(&[(&square, 0.0)]).of(&x), 0.0);
    assert_eq!(backward(&[(&square, 0.0), (&cube, 1.0)]).of(&x), 27.0);
}

#[test]
fn a_walk_over_one_graph_does_not_disturb_another() {
    let (x, y) = (Container::new(3.0), Container::new(5.0));
    let (square, cube) = (&x * &x, &y * &y * &y);
    let (of_square, of_cube) = (backward(&[(&square, 1.0)]), backward(&[(&cube, 1.0)]));
    assert_eq!((of_square.of(&x), of_square.of(&y)), (6.0, 0.0));
    assert_eq!((of_cube.of(&x), of_cube.of(&y)), (0.0, 75.0));
}

#[test]
fn every_operation_is_drawn_under_its_name_in_small_letters() {
    let all = [
        Op::Input,
        Op::Add,
        Op::Sub,
        Op::Mul,
        Op::Div,
        Op::Neg,
        Op::Powf,
        Op::Sin,
        Op::Cos,
        Op::Exp,
        Op::Ln,
        Op::Sqrt,
        Op::Tanh,
    ];
    let names = all.map(Op::name).join(" ");
    assert_eq!(
        names,
        "input add sub mul div neg powf sin cos exp ln sqrt tanh"
    );
}

#[test]
fn large_and_negative_numbers_are_drawn_with_six_digits() {
    let x = Container::new(-1_234_567.0);
    let y = &x * 1e-6;
    assert_eq!(
        draw::text(&y, &backward(&[(&y, -2.0)])),
        "\
n0 = input()          value -1234570  gradient -0.000002
n1 = input()          value 0.000001  gradient 2469130
n2 = mul(n0, n1)      value -1.23457  gradient -2
"
    );
}

#[test]
fn only_what_the_output_depends_on_is_drawn() {
    let (x, y) = (Container::new(2.0), Container::new(3.0));
    let sine = x.sin();
    let _unused = &sine * &y;
    let square = &x * &x;
    let expected = "\
n0 = input()          value 2  gradient 4
n1 = mul(n0, n0)      value 4  gradient 1
";
    assert_eq!(draw::text(&square, &backward(&[(&square, 1.0)])), expected);
}

/// Graphs, walks and pictures, all gone at the end.
fn round() {
    let (x, y) = (Container::new(0.5), Container::new(4.2));
    let z = &x * &y + x.sin() - (&x / &y).exp();
    let gradients = backward(&[(&z, 1.0), (&x, 2.0)]);
    assert!(gradients.of(&x) + gradients.of(&y) > 0.0);
    assert!(draw::text(&z, &gradients).len() > draw::dot(&x, &gradients).len());
}

#[test]
fn all_memory_is_free_when_the_last_container_is_gone() {
    nothing_is_left("all_memory_is_free_when_the_last_container_is_gone", round);
}

#[test]
fn a_walk_leaves_nothing_behind() {
    let x = Container::new(0.5);
    let y = (0..10).fold(x.clone(), |y, _| y.sin() * &x);
    nothing_is_left("a_walk_leaves_nothing_behind", || {
        drop(backward(&[(&y, 1.0)]));
    });
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// Straight lines of operations in which every result may be used again.
    #[test]
    fn random_programs_agree_with_dual_numbers_and_finite_differences(
        steps in prop::collection::vec((0..Step::KINDS, any::<usize>(), any::<usize>()), 1..40),
        x in prop::collection::vec(-2.0..2.0, 1..5),
    ) {
        let steps: Vec<Step> = steps.iter().map(|&(kind, x, y)| Step::new(kind, x, y)).collect();
        let wrong = suite::wrong_in_program::<Container>(&steps, &x);
        prop_assert!(wrong.is_none(), "{steps:?} at {x:?}: {}", wrong.unwrap_or_default());
    }

    /// Each pair of indices makes a product or a sum of two of the containers that are there
    /// already, and any two of them are outputs.
    #[test]
    fn the_gradients_of_two_outputs_are_the_sum_of_those_of_each(
        pairs in prop::collection::vec((any::<bool>(), any::<usize>(), any::<usize>()), 1..20),
        (first, second) in (any::<usize>(), any::<usize>()),
    ) {
        let mut containers = vec![Container::new(0.5), Container::new(-0.75)];
        for (is_product, i, j) in pairs {
            let (a, b) = (&containers[i % containers.len()], &containers[j % containers.len()]);
            containers.push(if is_product { a * b } else { (a + b) * 0.5 });
        }
        let first = &containers[first % containers.len()];
        let second = &containers[second % containers.len()];
        let both = backward(&[(first, 3.0), (second, -1.0)]);
        let (of_first, of_second) = (backward(&[(first, 3.0)]), backward(&[(second, -1.0)]));
        for (number, container) in containers.iter().enumerate() {
            let (seen, expected) = (
                both.of(container),
                of_first.of(container) + of_second.of(container),
            );
            prop_assert!(
                (seen - expected).abs() < 1e-9,
                "container {number}\n  left: {seen}\n right: {expected}"
            );
        }
    }
}

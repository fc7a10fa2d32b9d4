//! What the chapter on training says of the digits, and of the network that reads them.

#[path = "../examples/digits.rs"]
#[allow(dead_code, reason = "the tests have no use for the pictures")]
mod digits;

use digits::{
    LINES, Random, Set, TRAINING, accuracy, adam, cost, epoch, finite_difference, loss, momentum,
    sets, start, train,
};
use pretty_assertions::assert_eq;
use stage4::{Value, value_and_grads};

fn both_sets() -> (Set, Set) {
    let lines: Vec<&str> = LINES.lines().collect();
    let (training, test) = lines.split_at(TRAINING);
    sets(training, test)
}

#[test]
fn the_file_holds_the_pictures_that_its_authors_describe() {
    let mut counts = [0; 10];
    for (number, line) in LINES.lines().enumerate() {
        let (points, digit) = line.split_at(64);
        assert!(
            points.chars().all(|point| point.is_digit(17)),
            "line {}: {points}",
            number + 1
        );
        let digit: usize = digit.strip_prefix(' ').unwrap().parse().unwrap();
        counts[digit] += 1;
    }
    assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
}

#[test]
fn the_training_set_is_standardised_and_the_test_set_is_scaled_alike() {
    let (training, test) = both_sets();
    let squares = |set: &Set| (&set.pictures * &set.pictures).mean().value();
    assert!(training.pictures.mean().value().abs() < 1e-12);
    assert!((squares(&training) - 1.0).abs() < 1e-12);
    // No ink is the same number in both.
    let paper = |set: &Set| set.pictures.min().value();
    assert_eq!(paper(&training), paper(&test));
}

#[test]
fn before_learning_the_loss_is_near_that_of_guessing() {
    let (training, _) = both_sets();
    let loss = loss(&start(&mut Random(1)), &training).value();
    assert!((loss - 10.0_f64.ln()).abs() < 0.1, "{loss}");
}

#[test]
fn gradients_agree_with_finite_differences() {
    let (training, _) = both_sets();
    let few = training.take(&Vec::from_iter(0..20));
    let parameters = start(&mut Random(1));
    let (_, gradients) = value_and_grads(|p| loss(p, &few), &parameters);
    let places: [(usize, &[usize]); 6] = [
        (0, &[28, 0]),
        (0, &[35, 20]),
        (1, &[5]),
        (2, &[3, 7]),
        (2, &[31, 9]),
        (3, &[2]),
    ];
    for (index, place) in places {
        let gradient = gradients[index].array()[place];
        let difference = finite_difference(&parameters, &few, index, place);
        assert!(
            gradient.abs() > 1e-4 && (gradient - difference).abs() < 1e-6 * gradient.abs(),
            "{index}, {place:?}: {gradient} and {difference}"
        );
    }
}

#[test]
fn ten_pictures_are_learned_by_heart() {
    let (training, _) = both_sets();
    let ten = training.take(&Vec::from_iter(0..10));
    let mut random = Random(1);
    let mut parameters = start(&mut random);
    let mut step = momentum(0.05);
    for _ in 0..100 {
        epoch(&mut parameters, &ten, &mut random, &mut step);
    }
    let loss = loss(&parameters, &ten).value();
    assert!(loss < 0.01, "{loss}");
    assert_eq!(accuracy(&parameters, &ten), 1.0);
}

#[test]
fn nine_of_ten_unseen_digits_are_read_after_ten_epochs() {
    let (training, test) = both_sets();
    let (_, progress) = train(&training, &test, momentum(0.05));
    let (first, last) = (&progress[0], &progress[9]);
    assert!(last.loss < first.loss / 20.0, "{progress:?}");
    // The test set is by other writers, and some of their ones look like nines.
    assert!(
        last.test_accuracy > 0.9 && last.test_accuracy < last.accuracy - 0.05,
        "{progress:?}"
    );
}

#[test]
fn adam_learns_as_fast_as_momentum() {
    let (training, _) = both_sets();
    let mut random = Random(1);
    let mut parameters = start(&mut random);
    let mut step = adam(0.01);
    let losses = [1, 2, 3].map(|_| epoch(&mut parameters, &training, &mut random, &mut step));
    assert!(losses[0] > 0.5 && losses[2] < 0.15, "{losses:?}");
}

#[test]
fn a_second_run_gives_the_same_numbers() {
    let (training, _) = both_sets();
    let run = || {
        let mut random = Random(1);
        let mut parameters = start(&mut random);
        let loss = epoch(&mut parameters, &training, &mut random, momentum(0.05));
        (
            loss,
            parameters.iter().map(Value::array).collect::<Vec<_>>(),
        )
    };
    assert_eq!(run(), run());
}

#[test]
fn the_number_of_nodes_does_not_depend_on_the_number_of_pictures() {
    let (training, _) = both_sets();
    let (nodes, numbers) = cost(&training.take(&[0]));
    let (nodes_of_ten, numbers_of_ten) = cost(&training.take(&Vec::from_iter(0..10)));
    assert_eq!(nodes, nodes_of_ten);
    // What grows is what belongs to a picture: 164 results.
    assert_eq!(numbers_of_ten - numbers, 9 * 164);
}

//! What the network reads in a picture, and what it says of its points.

use pretty_assertions::assert_eq;
use recorder::digits::{Request, read, reading};

/// A network that knows nothing, from 64 points over 3 neurons to 10 scores.
fn request() -> Request {
    let numbers = |shape: &[usize]| {
        let number = |i: usize| ((i * 7919 + 13) % 101) as f64 / 100.0 - 0.5;
        let count = shape.iter().product();
        (shape.to_vec(), (0..count).map(number).collect())
    };
    Request {
        mean: 5.0,
        deviation: 6.0,
        parameters: [
            numbers(&[64, 3]),
            numbers(&[3]),
            numbers(&[3, 10]),
            numbers(&[10]),
        ],
        picture: (0..64).map(|i| f64::from(i * i % 17)).collect(),
        digit: None,
    }
}

/// The score of a digit, by hand, up to a number that all digits share.
fn score(request: &Request, digit: usize) -> f64 {
    let probabilities = reading(request).unwrap().probabilities;
    probabilities[digit].ln() - probabilities[0].ln()
}

#[test]
fn the_gradient_is_the_slope_of_the_score_in_each_point() {
    for digit in [3, 8] {
        let request = Request {
            digit: Some(digit),
            ..request()
        };
        let of_digit = reading(&request).unwrap();
        let of_zero = Request {
            digit: Some(0),
            ..request.clone()
        };
        let of_zero = reading(&of_zero).unwrap();
        assert_eq!((of_digit.digit, of_digit.gradient.len()), (digit, 64));
        for point in 0..64 {
            let nudged = |nudge: f64| {
                let mut nudged = request.clone();
                nudged.picture[point] += nudge;
                score(&nudged, digit)
            };
            let difference = (nudged(1e-4) - nudged(-1e-4)) / 2e-4;
            let gradient = of_digit.gradient[point] - of_zero.gradient[point];
            assert!(
                (gradient - difference).abs() < 1e-8,
                "{point}: {gradient} and {difference}"
            );
        }
    }
}

#[test]
fn the_probabilities_are_those_of_the_network() {
    let request = request();
    let [first, b1, second, b2] = request.parameters.clone().map(|(_, numbers)| numbers);
    let hidden: Vec<f64> = (0..3)
        .map(|to| {
            let scaled = request.picture.iter().map(|ink| (ink - 5.0) / 6.0);
            let products = scaled.enumerate().map(|(from, x)| x * first[3 * from + to]);
            (products.sum::<f64>() + b1[to]).tanh()
        })
        .collect();
    let score = |to: usize| {
        let products = hidden.iter().enumerate();
        products
            .map(|(from, x)| x * second[10 * from + to])
            .sum::<f64>()
            + b2[to]
    };
    let powers: Vec<f64> = (0..10).map(|to| score(to).exp()).collect();
    let sum: f64 = powers.iter().sum();
    let found = reading(&request).unwrap();
    for (power, probability) in powers.iter().zip(&found.probabilities) {
        assert!((power / sum - probability).abs() < 1e-12, "{found:?}");
    }
    // It reads the most probable.
    assert_eq!(found.probabilities.len(), 10);
    let most = found.probabilities.iter().copied().fold(0.0, f64::max);
    assert_eq!(found.probabilities[found.digit], most);
}

#[test]
fn what_does_not_fit_is_refused() {
    let refused = |change: &dyn Fn(&mut Request), message: &str| {
        let mut request = request();
        change(&mut request);
        let error = reading(&request).unwrap_err().message;
        assert!(error.contains(message), "{error}");
    };
    refused(&|request| request.digit = Some(10), "there is no digit 10");
    refused(
        &|request| request.parameters[0].0 = vec![3, 64, 2],
        "a parameter: ",
    );
    let request = r#"{"mean":0,"deviation":1,"parameters":[[[2,2],[1,0,0,1]],[[2],[0,0]],[[2,1],[1,1]],[[1],[0]]],"picture":[1,2,3]}"#;
    let answer = read(request);
    assert!(
        answer.starts_with(r#"{"error":{"message":"`dot`: "#),
        "{answer}"
    );
    let answer = read(&request.replace("[1,2,3]", "[1,2]"));
    assert!(
        answer.starts_with(r#"{"reading":{"probabilities":[1.0],"digit":0,"gradient":["#),
        "{answer}"
    );
    let answer = read("{}");
    assert!(
        answer.starts_with(r#"{"error":{"message":"the request: missing field `mean`"#),
        "{answer}"
    );
}

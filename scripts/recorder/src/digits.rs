//! What the network of the chapter on training reads in a picture, and which of its points that depends on:
//! stage 4 runs it, and walks back to the picture.

use serde::{Deserialize, Serialize};
use stage4::ndarray::{ArrayD, IxDyn};
use stage4::{Value, vector_jacobian};

use crate::panics;
use crate::request::Error;

/// A trained network, and a picture for it.
#[derive(Clone, Debug, Deserialize)]
pub struct Request {
    /// Of the ink in the training set.
    pub mean: f64,
    /// Of the ink in the training set.
    pub deviation: f64,
    /// Weights and biases of the first layer, then of the second: the shape and the numbers of each.
    pub parameters: [(Vec<usize>, Vec<f64>); 4],
    /// The ink in each point.
    pub picture: Vec<f64>,
    /// Whose score the gradient is of; that of the digit that is read, if there is none.
    pub digit: Option<usize>,
}

/// What the network makes of a picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reading {
    /// For each digit.
    pub probabilities: Vec<f64>,
    /// Whose score the gradient is of.
    pub digit: usize,
    /// The derivative of that score in each point.
    pub gradient: Vec<f64>,
}

/// What a request is answered with.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Response {
    Reading(Reading),
    Error(Error),
}

/// Answers a request, both in JSON.
pub fn read(request: &str) -> String {
    let reading = serde_json::from_str::<Request>(request)
        .map_err(|error| Error::anywhere(format!("the request: {error}")))
        .and_then(|request| panics::catch(|| reading(&request)));
    let response = match reading {
        Ok(reading) => Response::Reading(reading),
        Err(error) => Response::Error(error),
    };
    serde_json::to_string(&response).expect("all keys are strings")
}

/// What the network makes of a picture.
///
/// # Errors
/// Numbers and shapes do not fit, or there is no such digit.
pub fn reading(request: &Request) -> Result<Reading, Error> {
    let array = |(shape, numbers): &(Vec<usize>, Vec<f64>)| {
        let array = ArrayD::from_shape_vec(IxDyn(shape), numbers.clone());
        let array = array.map_err(|error| Error::anywhere(format!("a parameter: {error}")))?;
        Ok(Value::from(array))
    };
    let parameters: Result<Vec<Value>, Error> = request.parameters.iter().map(array).collect();
    let p = parameters?;
    let network = |picture: &Value| {
        let scaled = (picture - request.mean) / request.deviation;
        let hidden = (scaled.dot(&p[0]) + &p[1]).tanh();
        hidden.dot(&p[2]) + &p[3]
    };
    let picture = Value::from(request.picture.clone());
    let (scores, pull_back) = vector_jacobian(network, &picture);
    let digit = match request.digit {
        Some(digit) => digit,
        None => scores.argmax_axis(0).value() as usize,
    };
    let mut seed = scores.zeros().array();
    let Some(one) = seed.get_mut(digit) else {
        return Err(Error::anywhere(format!("there is no digit {digit}")));
    };
    *one = 1.0;
    let numbers = |value: &Value| value.array().into_iter().collect();
    Ok(Reading {
        probabilities: numbers(&scores.softmax_axis(0)),
        digit,
        gradient: numbers(&pull_back(&Value::from(seed))),
    })
}

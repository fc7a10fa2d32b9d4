//! What to say about a gradient that is wrong.
//!
//! A report shows the operation, the input, the gradient and what both judges found, and where the
//! numbers have a known pattern it guesses the cause and names the chapter to read.

use std::fmt;

use project::pattern::Pattern;

use crate::finite::{close, relative_error};

/// A gradient that is wrong, and all that was seen of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The stage's package.
    pub stage: String,
    /// The operation or case.
    pub operation: String,
    /// The inputs' names and values.
    pub inputs: Vec<(String, String)>,
    /// The input that the gradient is in, as an index into `inputs`.
    pub by: usize,
    /// 1 for a first derivative, 2 for the derivative of that, where the first was right.
    pub order: usize,
    /// What is wrong.
    pub seen: Seen,
}

/// A gradient and what the judges say.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// The wrong number.
    Number {
        /// What the stage computed.
        gradient: f64,
        /// What the finite difference says.
        finite: f64,
        /// What the dual number says.
        dual: f64,
    },
    /// The wrong shape.
    Shape {
        /// The gradient's shape.
        gradient: Vec<usize>,
        /// The input's shape.
        input: Vec<usize>,
    },
}

/// A cause that leaves a known pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// Half: of two contributions one has replaced the other.
    Overwritten,
    /// Double: the gradients of an earlier walk are still there.
    NotCleared,
    /// Zero: the walk does not reach the input.
    MissingEdge,
    /// The opposite sign.
    Sign,
    /// NaN where there is a derivative.
    ZeroTimesInfinity,
    /// Right at first and wrong when differentiated again.
    NotTraced,
    /// The shape of the result instead of the input's.
    NotSummed,
    /// The judges contradict each other.
    JudgesDisagree,
}

impl Report {
    /// The cause, where the pattern is known.
    pub fn guess(&self) -> Option<Guess> {
        let (gradient, finite, dual) = match self.seen {
            Seen::Shape { .. } => return Some(Guess::NotSummed),
            Seen::Number {
                gradient,
                finite,
                dual,
            } => (gradient, finite, dual),
        };
        match () {
            () if !close(finite, dual) => Some(Guess::JudgesDisagree),
            () if self.order > 1 => Some(Guess::NotTraced),
            () if gradient.is_nan() => Some(Guess::ZeroTimesInfinity),
            () => Pattern::of(gradient, dual).map(|pattern| match pattern {
                Pattern::Zero => Guess::MissingEdge,
                Pattern::Half => Guess::Overwritten,
                Pattern::Double => Guess::NotCleared,
                Pattern::Opposite => Guess::Sign,
            }),
        }
    }
}

impl Guess {
    /// The guess in words.
    pub fn words(self) -> &'static str {
        match self {
            Guess::Overwritten => {
                "half of what it should be: where an input is used twice, its second contribution \
                 overwrites the first instead of being added to it"
            }
            Guess::NotCleared => {
                "double what it should be: the gradients were not cleared between two walks, \
                 or an edge is walked twice"
            }
            Guess::MissingEdge => {
                "zero: the result has no edge to this input, so the walk never reaches it"
            }
            Guess::Sign => "the opposite sign: the rule has lost a minus",
            Guess::ZeroTimesInfinity => {
                "not a number: at this point the rule computes 0 · ∞ or 0 / 0, \
                 and needs a case of its own"
            }
            Guess::NotTraced => {
                "right at the order below: the rule is not written with traced operations, \
                 so its own dependence on the input is lost"
            }
            Guess::NotSummed => {
                "the wrong shape: the input was broadcast, and its gradient was not summed back \
                 over the repeated axes"
            }
            Guess::JudgesDisagree => {
                "the judges disagree with each other: the function has a kink or a jump here, or \
                 the step of the finite difference does not suit it; look there first"
            }
        }
    }

    /// The chapter to read, for a gradient of `stage`.
    pub fn chapter(self, stage: &str) -> String {
        match self {
            Guess::NotCleared => "stage1.md".to_owned(),
            Guess::Overwritten => "stage2.md".to_owned(),
            Guess::NotTraced => "stage3.md".to_owned(),
            Guess::NotSummed => "arrays.md".to_owned(),
            Guess::JudgesDisagree => "checking.md".to_owned(),
            Guess::MissingEdge | Guess::Sign | Guess::ZeroTimesInfinity => format!("{stage}.md"),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let derivative = match self.order {
            1 => "gradient".to_owned(),
            order => format!("derivative of order {order}"),
        };
        writeln!(
            f,
            "{}: the {derivative} of {} is wrong",
            self.stage, self.operation
        )?;
        let inputs: Vec<String> = self
            .inputs
            .iter()
            .map(|(name, at)| format!("{name} = {at}"))
            .collect();
        writeln!(f, "  at                 {}", inputs.join(", "))?;
        writeln!(f, "  by                 {}", self.inputs[self.by].0)?;
        match &self.seen {
            Seen::Number {
                gradient,
                finite,
                dual,
            } => {
                writeln!(f, "  gradient           {gradient}")?;
                writeln!(f, "  finite difference  {finite}")?;
                writeln!(f, "  dual number        {dual}")?;
            }
            Seen::Shape { gradient, input } => {
                writeln!(f, "  gradient's shape   {gradient:?}")?;
                writeln!(f, "  input's shape      {input:?}")?;
            }
        }
        match self.guess() {
            Some(guess) => {
                writeln!(f, "  guess              {}", guess.words())?;
                write!(
                    f,
                    "  read               book/src/{}",
                    guess.chapter(&self.stage)
                )
            }
            None => write!(
                f,
                "  guess              none: compare the rule with a table of derivatives"
            ),
        }
    }
}

/// Compares a gradient with both judges, and reports every number that is wrong.
///
/// A number counts as wrong if it is further than `tolerance` from the dual number, or if it does
/// not agree with the finite difference.
pub fn examine(
    stage: &str,
    operation: &str,
    inputs: &[(&str, f64)],
    tolerance: f64,
    gradient: &[f64],
    finite: &[f64],
    dual: &[f64],
) -> Vec<Report> {
    let report = |by: usize| Report {
        stage: stage.to_owned(),
        operation: operation.to_owned(),
        inputs: inputs
            .iter()
            .map(|(name, at)| (name.to_string(), at.to_string()))
            .collect(),
        by,
        order: 1,
        seen: Seen::Number {
            gradient: gradient[by],
            finite: finite[by],
            dual: dual[by],
        },
    };
    let wrong = |&by: &usize| {
        let far = relative_error(gradient[by], dual[by]) > tolerance;
        far || !close(gradient[by], finite[by])
    };
    (0..inputs.len()).filter(wrong).map(report).collect()
}

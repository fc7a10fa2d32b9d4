//! Formulas, and how they are written in TeX.

/// A formula. What is said of conditions in a program, 1 where they hold and 0 elsewhere, holds
/// here too: a condition is a formula.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Formula {
    /// A number without a sign.
    Number(f64),
    /// A letter or a name, as TeX.
    Symbol(String),
    /// Its terms; those that are subtracted are negative products.
    Sum(Vec<Formula>),
    /// Factors over factors; no factor is itself a product.
    Product {
        negative: bool,
        over: Vec<Formula>,
        under: Vec<Formula>,
    },
    /// A matrix product.
    Matrices(Box<[Formula; 2]>),
    Power(Box<[Formula; 2]>),
    Root(Box<Formula>),
    Transposed(Box<Formula>),
    /// A function that is written without parentheses if possible; its name is TeX.
    Function(&'static str, Box<Formula>),
    /// An operator by name. The mark stands below it, as TeX.
    Operator {
        name: String,
        mark: Option<String>,
        operands: Vec<Formula>,
    },
    /// The shape of something, for operators: it becomes their mark.
    Shape(Box<Formula>),
    /// The relation is TeX.
    Compare(&'static str, Box<[Formula; 2]>),
    IsNan(Box<Formula>),
    /// A condition, and what holds with and without it.
    Choice(Box<[Formula; 3]>),
}

const OR: &str = r" \text{ or } ";

/// How strongly the parts of a formula hold together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Sum,
    Product,
    Function,
    Power,
    Atom,
}

impl Formula {
    pub(crate) fn symbol(tex: impl Into<String>) -> Formula {
        Formula::Symbol(tex.into())
    }

    pub(crate) fn plus(self, other: Formula) -> Formula {
        let mut terms = match self {
            Formula::Sum(terms) => terms,
            term => vec![term],
        };
        match other {
            Formula::Sum(more) => terms.extend(more),
            term => terms.push(term),
        }
        Formula::Sum(terms)
    }

    pub(crate) fn minus(self, other: Formula) -> Formula {
        self.plus(other.negated())
    }

    pub(crate) fn negated(self) -> Formula {
        let (negative, over, under) = self.parts();
        Formula::Product {
            negative: !negative,
            over,
            under,
        }
    }

    pub(crate) fn times(self, other: Formula) -> Formula {
        let (negative, mut over, mut under) = self.parts();
        let (other_negative, other_over, other_under) = other.parts();
        multiply(&mut over, other_over);
        multiply(&mut under, other_under);
        Formula::Product {
            negative: negative != other_negative,
            over,
            under,
        }
    }

    pub(crate) fn divided_by(self, other: Formula) -> Formula {
        let (negative, over, under) = other.parts();
        self.times(Formula::Product {
            negative,
            over: under,
            under: over,
        })
    }

    pub(crate) fn power(self, exponent: Formula) -> Formula {
        Formula::Power(Box::new([self, exponent]))
    }

    /// The sign, and the factors above and below the line. A half is a 2 below.
    fn parts(self) -> (bool, Vec<Formula>, Vec<Formula>) {
        match self {
            Formula::Product {
                negative,
                over,
                under,
            } => (negative, over, under),
            Formula::Number(0.5) => (false, vec![], vec![Formula::Number(2.0)]),
            factor => (false, vec![factor], vec![]),
        }
    }

    /// The formula in TeX.
    pub(crate) fn tex(&self) -> String {
        self.written(Level::Sum)
    }

    /// In parentheses if it holds together less than `least`.
    fn written(&self, least: Level) -> String {
        let (tex, level) = self.plain();
        if level < least {
            parentheses(&tex)
        } else {
            tex
        }
    }

    fn plain(&self) -> (String, Level) {
        match self {
            Formula::Number(number) => (number.to_string(), Level::Atom),
            Formula::Symbol(tex) => (tex.clone(), Level::Atom),
            Formula::Sum(terms) => {
                let mut tex = String::new();
                for term in terms {
                    let written = match term {
                        Formula::Product { negative: true, .. } => term.tex(),
                        _ => term.written(Level::Product),
                    };
                    match written.strip_prefix('-') {
                        _ if tex.is_empty() => tex = written,
                        Some(rest) => tex.push_str(&format!(" - {rest}")),
                        None => tex.push_str(&format!(" + {written}")),
                    }
                }
                (tex, Level::Sum)
            }
            Formula::Product {
                negative,
                over,
                under,
            } => {
                let (tex, level) = match &under[..] {
                    [] => (factors(over), Level::Product),
                    _ => {
                        let [over, under] = [over, under].map(|part| match &part[..] {
                            [factor] => factor.tex(),
                            _ => factors(part),
                        });
                        (format!(r"\dfrac{{{over}}}{{{under}}}"), Level::Power)
                    }
                };
                if *negative {
                    (format!("-{tex}"), Level::Sum)
                } else {
                    (tex, level)
                }
            }
            Formula::Matrices(factors) => {
                let [left, right] = factors
                    .each_ref()
                    .map(|factor| factor.written(Level::Power));
                (format!(r"{left} \, {right}"), Level::Product)
            }
            Formula::Power(parts) => {
                let [base, exponent] = &**parts;
                let tex = format!("{}^{{{}}}", base.written(Level::Atom), exponent.tex());
                (tex, Level::Power)
            }
            Formula::Root(inner) => (format!(r"\sqrt{{{}}}", inner.tex()), Level::Atom),
            Formula::Transposed(inner) => (
                format!(r"{}^\top", inner.written(Level::Atom)),
                Level::Power,
            ),
            Formula::Function(name, inner) => (
                format!("{name} {}", inner.written(Level::Power)),
                Level::Function,
            ),
            Formula::Operator {
                name,
                mark,
                operands,
            } => {
                let mark = mark
                    .as_ref()
                    .map_or(String::new(), |mark| format!("_{{{mark}}}"));
                let tex: Vec<String> = operands.iter().map(Formula::tex).collect();
                let (name, tex) = (format!(r"\operatorname{{{name}}}{mark}"), tex.join(", "));
                match operands[..] {
                    // Its brace is enough.
                    [Formula::Choice(_)] => (format!("{name} {tex}"), Level::Sum),
                    _ => (name + &parentheses(&tex), Level::Atom),
                }
            }
            Formula::Shape(inner) => {
                let tex = format!(r"\operatorname{{shape}}{}", parentheses(&inner.tex()));
                (tex, Level::Atom)
            }
            Formula::Compare(..) | Formula::IsNan(_) => {
                (format!("[{}]", self.condition()), Level::Atom)
            }
            Formula::Choice(parts) => {
                let mut rows = Vec::new();
                let mut rest = parts;
                loop {
                    let [condition, then, otherwise] = &**rest;
                    rows.push(format!(
                        r"{} & \text{{if }} {}",
                        then.tex(),
                        condition.condition()
                    ));
                    match otherwise {
                        Formula::Choice(next) => rest = next,
                        last => {
                            rows.push(format!(r"{} & \text{{otherwise}}", last.tex()));
                            break;
                        }
                    }
                }
                // Fractions would touch.
                let high = rows.iter().any(|row| row.contains(r"\dfrac"));
                let rows = rows.join(if high { r" \\[0.8em] " } else { r" \\ " });
                (format!(r"\begin{{cases}} {rows} \end{{cases}}"), Level::Sum)
            }
        }
    }

    /// What must hold so that the formula is not 0.
    fn condition(&self) -> String {
        match self {
            Formula::Compare(relation, sides) => {
                let [left, right] = sides.each_ref().map(Formula::tex);
                format!("{left} {relation} {right}")
            }
            Formula::IsNan(inner) => format!(r"{} \text{{ is NaN}}", inner.tex()),
            Formula::Product { over, .. } if self.is_condition() => {
                let written = |part: &Formula| match part.condition() {
                    either if either.contains(OR) => parentheses(&either),
                    condition => condition,
                };
                over.iter()
                    .map(written)
                    .collect::<Vec<_>>()
                    .join(r" \text{ and } ")
            }
            Formula::Sum(terms) if self.is_condition() => match &terms[..] {
                // Greater or equal.
                [Formula::Compare(">", greater), Formula::Compare("=", equal)]
                    if greater == equal =>
                {
                    Formula::Compare(r"\ge", equal.clone()).condition()
                }
                _ => terms
                    .iter()
                    .map(Formula::condition)
                    .collect::<Vec<_>>()
                    .join(OR),
            },
            _ => format!(r"{} \ne 0", self.tex()),
        }
    }

    /// Whether it is made of nothing but comparisons: their product is *and*, their sum is *or*.
    fn is_condition(&self) -> bool {
        match self {
            Formula::Compare(..) | Formula::IsNan(_) => true,
            Formula::Product {
                negative: false,
                over,
                under,
            } => under.is_empty() && over.iter().all(Formula::is_condition),
            Formula::Sum(terms) => terms.iter().all(Formula::is_condition),
            _ => false,
        }
    }
}

/// In parentheses that are as high as what is in them.
fn parentheses(tex: &str) -> String {
    if tex.contains(r"\dfrac") || tex.contains(r"\begin") {
        // Without the space that TeX leaves around these.
        format!(r"\mathopen{{}}\left({tex}\right)\mathclose{{}}")
    } else {
        format!("({tex})")
    }
}

/// Adds factors: numbers to the front, and equal neighbours become a square.
fn multiply(factors: &mut Vec<Formula>, more: Vec<Formula>) {
    for factor in more {
        match (factors.last_mut(), factor) {
            (_, number @ Formula::Number(_)) => factors.insert(0, number),
            (Some(last), factor) if *last == factor => *last = factor.power(Formula::Number(2.0)),
            (_, factor) => factors.push(factor),
        }
    }
}

fn factors(factors: &[Formula]) -> String {
    let mut tex = String::new();
    for (i, factor) in factors.iter().enumerate() {
        if i > 0 {
            let is_number = |factor| matches!(factor, &Formula::Number(_));
            let beside = is_number(&factors[i - 1]) && !is_number(factor);
            tex.push_str(if beside { " " } else { r" \cdot " });
        }
        // What follows a function would seem to belong to its argument.
        let last = i + 1 == factors.len();
        tex.push_str(&factor.written(if last { Level::Function } else { Level::Power }));
    }
    if tex.is_empty() { "1".to_owned() } else { tex }
}

#[cfg(test)]
impl Formula {
    /// The value for single numbers.
    pub(crate) fn value(&self, of: &dyn Fn(&str) -> f64) -> f64 {
        let value = |formula: &Formula| formula.value(of);
        match self {
            Formula::Number(number) => *number,
            Formula::Symbol(tex) => of(tex),
            Formula::Sum(terms) => terms.iter().map(value).sum(),
            Formula::Product {
                negative,
                over,
                under,
            } => {
                let sign = if *negative { -1.0 } else { 1.0 };
                let [over, under] =
                    [over, under].map(|part| part.iter().map(value).product::<f64>());
                sign * over / under
            }
            Formula::Power(parts) => value(&parts[0]).powf(value(&parts[1])),
            Formula::Root(inner) => value(inner).sqrt(),
            Formula::Function(name, inner) => {
                let inner = value(inner);
                match *name {
                    r"\sin" => inner.sin(),
                    r"\cos" => inner.cos(),
                    r"\sinh" => inner.sinh(),
                    r"\cosh" => inner.cosh(),
                    r"\tanh" => inner.tanh(),
                    r"\ln" => inner.ln(),
                    r"\operatorname{sign}" if inner == 0.0 => 0.0,
                    r"\operatorname{sign}" => inner.signum(),
                    other => panic!("what is {other}?"),
                }
            }
            // One number has no axes to sum over.
            Formula::Operator { name, operands, .. } if name == "sum" => value(&operands[0]),
            Formula::Operator { name, operands, .. } if name == "sech" => {
                value(&operands[0]).cosh().recip()
            }
            Formula::Operator { name, operands, .. } if name == "cos_asin" => {
                value(&operands[0]).asin().cos()
            }
            Formula::Compare("=", sides) => f64::from(value(&sides[0]) == value(&sides[1])),
            Formula::Compare(">", sides) => f64::from(value(&sides[0]) > value(&sides[1])),
            Formula::Choice(parts) => {
                let [condition, then, otherwise] = &**parts;
                value(if value(condition) == 0.0 {
                    otherwise
                } else {
                    then
                })
            }
            other => panic!("{other:?} is not made of single numbers"),
        }
    }
}

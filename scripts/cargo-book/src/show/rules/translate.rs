//! Rules in Rust become formulas.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use syn::spanned::Spanned;
use syn::{BinOp, Expr, Lit, Pat, Stmt, UnOp};

use super::formula::Formula;

/// The file with the rules, and what their expressions may refer to.
pub(crate) struct Code<'a> {
    /// The path from the top of the workspace.
    pub place: &'static str,
    pub text: &'a str,
    /// The functions in the file by name.
    pub functions: HashMap<String, &'a syn::ItemFn>,
    /// The printed names of the primitives by the names of their statics.
    pub primitives: HashMap<String, String>,
}

/// A formula written by hand, for a rule that is better told than translated.
struct ByHand {
    primitive: &'static str,
    argnum: usize,
    /// What it was written for: when the rule changes, somebody has to look again.
    code: &'static str,
    lines: &'static [&'static str],
}

const BY_HAND: &[ByHand] = &[
    ByHand {
        primitive: "permute",
        argnum: 0,
        code: "|g, _, x| {
            let order = &x[1].data::<Axes>().axes;
            let mut inverse = vec![0; order.len()];
            for (to, &from) in order.iter().enumerate() {
                inverse[from] = to;
            }
            g.permuted_axes(&inverse)
        }",
        lines: &[r"h = \operatorname{permute}(g, s^{-1})"],
    },
    ByHand {
        primitive: "concatenate",
        argnum: 0,
        code: "|argnum, g, _, x| {
            let Joint { axis, starts } = x[x.len() - 1].data();
            let start = starts[argnum];
            g.slice_axis(*axis, start..start + x[argnum].shape()[*axis])
        }",
        lines: &[
            r"h_i = \operatorname{slice}(g, p_i)",
            r"\text{where } p_i \text{ is the place of } x_i \text{ in } y",
        ],
    },
];

/// A rule: the expression, and where it belongs.
#[derive(Clone, Copy)]
pub(crate) struct Rule<'a> {
    pub primitive: &'a str,
    pub argnum: usize,
    /// Whether the rule is for all arguments, however many there are.
    pub variadic: bool,
    /// What tells the arguments apart that have a gradient, as TeX.
    pub subscripts: &'a [String],
    pub expression: &'a Expr,
}

/// A rule as a formula.
pub(crate) struct Translated {
    pub formula: Formula,
    /// Choices that got a name, as TeX.
    pub named: Vec<(String, Formula)>,
}

/// What a name stands for.
#[derive(Clone)]
enum Meaning {
    Formula(Formula),
    /// The list of arguments.
    Arguments,
}

type Names = HashMap<String, Meaning>;

impl Code<'_> {
    /// The line of a node, from 1, with the place before it.
    pub(crate) fn place_of(&self, node: &impl Spanned) -> String {
        format!("{}:{}", self.place, node.span().start().line)
    }

    pub(crate) fn source(&self, node: &impl Spanned) -> &str {
        &self.text[node.span().byte_range()]
    }

    /// The formula of a rule in TeX, and below it what its names mean.
    ///
    /// # Errors
    /// There is no translation, or the one by hand was made for other code.
    pub(crate) fn lines(&self, rule: Rule<'_>) -> Result<Vec<String>> {
        if let Some(form) = by_hand(rule) {
            let Rule {
                primitive,
                argnum,
                expression,
                ..
            } = rule;
            let code = self.source(expression);
            if squeezed(form.code) != squeezed(code) {
                bail!(
                    "{}: the rule for argument {argnum} of `{primitive}` is not the one that its formula was written for: \
                     in scripts/cargo-book/src/show/rules/translate.rs, correct the formula in `BY_HAND`, or take it out, and quote `{}`",
                    self.place_of(expression),
                    one_line(code)
                );
            }
            return Ok(form.lines.iter().map(|&line| line.to_owned()).collect());
        }
        let Translated { formula, named } = self.translate(rule)?;
        let result = format!("h{} = {}", rule.subscripts[rule.argnum], formula.tex());
        let named = named.iter();
        let named =
            named.map(|(name, formula)| format!(r"\text{{where }} {name} = {}", formula.tex()));
        Ok([result].into_iter().chain(named).collect())
    }

    /// The formula of a rule, whether or not there is one by hand.
    pub(crate) fn translate(&self, rule: Rule<'_>) -> Result<Translated> {
        let Rule {
            primitive,
            argnum,
            expression,
            ..
        } = rule;
        let mut translation = Translation {
            code: self,
            rule,
            named: Vec::new(),
        };
        let formula = translation.rule(expression).with_context(|| {
            let at = self.place_of(expression);
            format!("{at}: the rule for argument {argnum} of `{primitive}`")
        })?;
        let named = translation.named;
        Ok(Translated { formula, named })
    }
}

/// The formula written by hand for a rule, if there is one.
fn by_hand(rule: Rule<'_>) -> Option<&'static ByHand> {
    let is_for = |form: &&ByHand| form.primitive == rule.primitive && form.argnum == rule.argnum;
    BY_HAND.iter().find(is_for)
}

/// Code without spaces and without the commas that formatting adds.
fn squeezed(code: &str) -> String {
    let squeezed: String = code.split_whitespace().collect();
    squeezed
        .replace(",)", ")")
        .replace(",]", "]")
        .replace(",}", "}")
}

fn one_line(code: &str) -> String {
    code.split_whitespace().collect::<Vec<_>>().join(" ")
}

struct Translation<'a> {
    code: &'a Code<'a>,
    rule: Rule<'a>,
    named: Vec<(String, Formula)>,
}

impl Translation<'_> {
    /// A closure, or the name of a function: of the gradient, the result and the arguments.
    fn rule(&mut self, expression: &Expr) -> Result<Formula> {
        let mut given = vec![
            Meaning::Formula(Formula::symbol("g")),
            Meaning::Formula(Formula::symbol("y")),
            Meaning::Arguments,
        ];
        if self.rule.variadic {
            // Which argument it is.
            given.insert(0, Meaning::Formula(Formula::symbol("i")));
        }
        match expression {
            Expr::Closure(closure) => {
                let parameters: Vec<&Pat> = closure.inputs.iter().collect();
                let mut names = self.bind(&parameters, given)?;
                self.value(&closure.body, &mut names)
            }
            Expr::Path(path) => match path.path.get_ident().map(ToString::to_string) {
                Some(name) => self.inlined(&name, given, expression),
                None => self.unknown(expression),
            },
            _ => self.unknown(expression),
        }
    }

    fn bind(&self, parameters: &[&Pat], given: Vec<Meaning>) -> Result<Names> {
        if parameters.len() != given.len() {
            bail!(
                "it takes {} arguments; expected {}",
                parameters.len(),
                given.len()
            );
        }
        let mut names = Names::new();
        for (pattern, meaning) in parameters.iter().zip(given) {
            self.pattern(pattern, meaning, &mut names)?;
        }
        Ok(names)
    }

    fn pattern(&self, pattern: &Pat, meaning: Meaning, names: &mut Names) -> Result<()> {
        match pattern {
            Pat::Ident(name) if name.subpat.is_none() => {
                names.insert(name.ident.to_string(), meaning);
                Ok(())
            }
            Pat::Wild(_) => Ok(()),
            _ => self.unknown(pattern),
        }
    }

    /// The body of a function of the file, with the arguments in the places of its parameters.
    fn inlined(&mut self, name: &str, given: Vec<Meaning>, call: &impl Spanned) -> Result<Formula> {
        let Some(function) = self.code.functions.get(name) else {
            return self.unknown(call);
        };
        let parameters = function.sig.inputs.iter().filter_map(|input| match input {
            syn::FnArg::Typed(typed) => Some(&*typed.pat),
            syn::FnArg::Receiver(_) => None,
        });
        let parameters: Vec<&Pat> = parameters.collect();
        let mut names = self.bind(&parameters, given)?;
        self.block(&function.block, &mut names)
    }

    fn block(&mut self, block: &syn::Block, names: &mut Names) -> Result<Formula> {
        let Some((last, statements)) = block.stmts.split_last() else {
            return self.unknown(block);
        };
        for statement in statements {
            let Stmt::Local(local) = statement else {
                return self.unknown(statement);
            };
            let Some(init) = &local.init else {
                return self.unknown(statement);
            };
            match (&local.pat, &*init.expr) {
                (Pat::Tuple(patterns), Expr::Tuple(values)) => {
                    // All values come before all names.
                    let values = values.elems.iter();
                    let values: Vec<Formula> = values
                        .map(|value| self.value(value, names))
                        .collect::<Result<_>>()?;
                    for (pattern, value) in patterns.elems.iter().zip(values) {
                        self.pattern(pattern, Meaning::Formula(value), names)?;
                    }
                }
                (pattern, value) => {
                    let mut value = self.value(value, names)?;
                    if let (Pat::Ident(name), Formula::Choice(_)) = (pattern, &value) {
                        let name = name.ident.to_string().replace('_', r"\_");
                        let name = format!(r"\textit{{{name}}}");
                        self.named.push((name.clone(), value));
                        value = Formula::Symbol(name);
                    }
                    self.pattern(pattern, Meaning::Formula(value), names)?;
                }
            }
        }
        match last {
            Stmt::Expr(value, None) => self.value(value, names),
            _ => self.unknown(last),
        }
    }

    fn value(&mut self, expression: &Expr, names: &mut Names) -> Result<Formula> {
        match expression {
            Expr::Paren(inner) => self.value(&inner.expr, names),
            Expr::Reference(inner) => self.value(&inner.expr, names),
            Expr::Block(inner) => self.block(&inner.block, &mut names.clone()),
            Expr::Lit(literal) => match &literal.lit {
                Lit::Float(number) => Ok(Formula::Number(number.base10_parse()?)),
                Lit::Int(number) => Ok(Formula::Number(number.base10_parse()?)),
                _ => self.unknown(expression),
            },
            Expr::Path(path) => {
                let name = path.path.get_ident().map(ToString::to_string);
                match name.and_then(|name| names.get(&name)) {
                    Some(Meaning::Formula(formula)) => Ok(formula.clone()),
                    _ => self.unknown(expression),
                }
            }
            Expr::Index(index) => self.argument(index, names),
            Expr::Unary(unary) => {
                let inner = self.value(&unary.expr, names)?;
                match unary.op {
                    UnOp::Neg(_) => Ok(inner.negated()),
                    UnOp::Deref(_) => Ok(inner),
                    _ => self.unknown(expression),
                }
            }
            Expr::Binary(binary) => {
                let left = self.value(&binary.left, names)?;
                let right = self.value(&binary.right, names)?;
                match binary.op {
                    BinOp::Add(_) => Ok(left.plus(right)),
                    BinOp::Sub(_) => Ok(left.minus(right)),
                    BinOp::Mul(_) => Ok(left.times(right)),
                    BinOp::Div(_) => Ok(left.divided_by(right)),
                    _ => self.unknown(expression),
                }
            }
            Expr::Call(call) => self.call(call, names),
            Expr::MethodCall(call) => self.method(call, names),
            _ => self.unknown(expression),
        }
    }

    /// `x[0]`: an argument by its letter. What is never differentiated comes last.
    fn argument(&self, index: &syn::ExprIndex, names: &Names) -> Result<Formula> {
        let list = match &*index.expr {
            Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
            _ => None,
        };
        let is_arguments = |name: String| matches!(names.get(&name), Some(Meaning::Arguments));
        let number = match &*index.index {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Int(number) => number.base10_parse::<usize>().ok(),
                _ => None,
            },
            _ => None,
        };
        match number {
            Some(number) if list.is_some_and(is_arguments) && !self.rule.variadic => {
                match self.rule.subscripts.get(number) {
                    Some(subscript) => Ok(Formula::symbol(format!("x{subscript}"))),
                    None if number == self.rule.subscripts.len() => Ok(Formula::symbol("s")),
                    None => self.unknown(index),
                }
            }
            _ => self.unknown(index),
        }
    }

    /// A call of a function of the crate.
    fn call(&mut self, call: &syn::ExprCall, names: &mut Names) -> Result<Formula> {
        let name = match &*call.func {
            Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
            _ => None,
        };
        let Some(name) = name else {
            return self.unknown(call);
        };
        let arguments = call.args.iter();
        let arguments: Vec<Formula> = arguments
            .map(|argument| self.value(argument, names))
            .collect::<Result<_>>()?;
        match (&*name, &arguments[..]) {
            ("select", [condition, then, otherwise]) => {
                let parts = [condition, then, otherwise].map(Formula::clone);
                Ok(Formula::Choice(Box::new(parts)))
            }
            ("unbroadcast", [value, target]) => Ok(to_shape_of(target, "sum", &[value])),
            ("expand", [value, axes, target]) => Ok(to_shape_of(target, "expand", &[value, axes])),
            ("others", _) => Ok(operator("others", None, &arguments)),
            ("shape_of", [value]) => Ok(Formula::Shape(Box::new(value.clone()))),
            _ => {
                let given = arguments.into_iter().map(Meaning::Formula).collect();
                self.inlined(&name, given, call)
            }
        }
    }

    fn method(&mut self, call: &syn::ExprMethodCall, names: &mut Names) -> Result<Formula> {
        let method = call.method.to_string();
        if method == "bind" {
            return self.primitive(call, names);
        }
        let value = self.value(&call.receiver, names)?;
        let arguments = call.args.iter();
        let arguments: Vec<Formula> = arguments
            .map(|argument| self.value(argument, names))
            .collect::<Result<_>>()?;
        let function = |name: &'static str| Ok(Formula::Function(name, Box::new(value.clone())));
        let compare = |relation, other: &Formula| {
            Ok(Formula::Compare(
                relation,
                Box::new([value.clone(), other.clone()]),
            ))
        };
        match (&*method, &arguments[..]) {
            // The same value, and axes that stay or go: a formula does not tell these apart.
            ("clone" | "data" | "keep", []) => Ok(value),
            ("shape", []) => Ok(Formula::Shape(Box::new(value))),
            ("sin", []) => function(r"\sin"),
            ("cos", []) => function(r"\cos"),
            ("sinh", []) => function(r"\sinh"),
            ("cosh", []) => function(r"\cosh"),
            ("tanh", []) => function(r"\tanh"),
            ("ln", []) => function(r"\ln"),
            ("sign", []) => function(r"\operatorname{sign}"),
            ("exp", []) => Ok(Formula::symbol("e").power(value)),
            ("sqrt", []) => Ok(Formula::Root(Box::new(value))),
            ("powf", [exponent]) => Ok(value.power(exponent.clone())),
            ("matrix_t", []) => Ok(Formula::Transposed(Box::new(value))),
            ("dot", [other]) => Ok(Formula::Matrices(Box::new([value, other.clone()]))),
            ("equals", [other]) => compare("=", other),
            ("greater", [other]) => compare(">", other),
            ("is_infinite", []) => compare("=", &Formula::symbol(r"\pm\infty")),
            ("is_nan", []) => Ok(Formula::IsNan(Box::new(value))),
            ("sum_axis", [axes]) => Ok(operator("sum", Some(axes.tex()), &[value])),
            ("reshape", [Formula::Shape(target)]) => Ok(to_shape_of(target, "reshape", &[&value])),
            _ => self.unknown(call),
        }
    }

    /// `SLICE.bind(&[g, &x[1]])`: an operator by the name of the primitive.
    fn primitive(&mut self, call: &syn::ExprMethodCall, names: &mut Names) -> Result<Formula> {
        let primitive = match &*call.receiver {
            Expr::Path(path) => path.path.get_ident(),
            _ => None,
        };
        let code = self.code;
        let name = primitive.and_then(|name| code.primitives.get(&name.to_string()));
        let arguments = match call.args.first() {
            Some(Expr::Reference(inner)) => match &*inner.expr {
                Expr::Array(array) => Some(array.elems.iter()),
                _ => None,
            },
            _ => None,
        };
        let (Some(name), Some(arguments)) = (name, arguments) else {
            return self.unknown(call);
        };
        let mut operands = Vec::new();
        let mut mark = None;
        for argument in arguments {
            match self.value(argument, names)? {
                Formula::Shape(target) => mark = Some(format!(r"\to {}", target.tex())),
                operand => operands.push(operand),
            }
        }
        Ok(operator(name, mark, &operands))
    }

    fn unknown<T>(&self, node: &impl Spanned) -> Result<T> {
        bail!(
            "`{}` cannot be written as a formula: expected what scripts/cargo-book/src/show/rules/translate.rs knows, or a formula in its `BY_HAND`",
            one_line(self.code.source(node))
        )
    }
}

fn operator(name: &str, mark: Option<String>, operands: &[Formula]) -> Formula {
    Formula::Operator {
        name: name.to_owned(),
        mark,
        operands: operands.to_vec(),
    }
}

/// An operator whose result has the shape of `target`.
fn to_shape_of(target: &Formula, name: &str, operands: &[&Formula]) -> Formula {
    let operands: Vec<Formula> = operands.iter().map(|&operand| operand.clone()).collect();
    operator(name, Some(format!(r"\to {}", target.tex())), &operands)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    const HELPERS: &str = "
        fn half(of: &Value, or_not: &Value) -> Value { select(or_not, of * 0.5, of) }
        fn named(g: &Value, y: &Value, x: &[Value]) -> Value {
            let (x, factor) = (&x[0], y * y);
            g * x * factor
        }
    ";

    /// What `rules` become; in the error, what the last cause is.
    fn all(rules: &str, primitive: &str, variadic: bool) -> Vec<Result<Vec<String>, String>> {
        let text = format!("static RULES: Rules = [{rules}];{HELPERS}");
        let file = syn::parse_file(&text).unwrap();
        let functions = file.items.iter().filter_map(|item| match item {
            syn::Item::Fn(function) => Some((function.sig.ident.to_string(), function)),
            _ => None,
        });
        let code = Code {
            place: "rules.rs",
            text: &text,
            functions: functions.collect(),
            primitives: [("PAD".to_owned(), "pad".to_owned())].into(),
        };
        let syn::Item::Static(list) = &file.items[0] else {
            panic!("a static comes first");
        };
        let Expr::Array(list) = &*list.expr else {
            panic!("it is a list");
        };
        let subscripts: Vec<String> = match list.elems.len() {
            _ if variadic => vec!["_i".to_owned()],
            1 => vec![String::new()],
            count => (0..count).map(|i| format!("_{i}")).collect(),
        };
        let rules = list.elems.iter().enumerate();
        let lines = rules.map(|(argnum, expression)| {
            code.lines(Rule {
                primitive,
                argnum,
                variadic,
                subscripts: &subscripts,
                expression,
            })
            .map_err(|error| format!("{error:#}"))
        });
        lines.collect()
    }

    fn only(rule: &str) -> Result<Vec<String>, String> {
        all(rule, "f", false).swap_remove(0)
    }

    /// A rule of a function of one argument, by its body.
    #[track_caller]
    fn becomes(body: &str, formula: &str) {
        let lines = only(&format!("|g, y, x| {body}"));
        assert_eq!(lines, Ok(vec![format!("h = {formula}")]), "{body}");
    }

    #[test]
    fn letters_stand_for_the_parameters_whatever_their_names_are() {
        becomes("g.clone()", "g");
        becomes("&y", "y");
        becomes("x[0].clone()", "x");
        becomes("x[1].data()", "s");
        assert_eq!(
            only("|u, v, w| u * v * &w[0]"),
            Ok(vec![r"h = g \cdot y \cdot x".into()])
        );
        let both = all(
            "|g, _, x| g * &x[1], |g, _, x| g * &x[0] * x[2].data()",
            "f",
            false,
        );
        assert_eq!(both[0], Ok(vec![r"h_0 = g \cdot x_1".into()]));
        assert_eq!(both[1], Ok(vec![r"h_1 = g \cdot x_0 \cdot s".into()]));
        let any = all("|_, g, _, _| g.clone()", "f", true);
        assert_eq!(any, [Ok(vec!["h_i = g".into()])]);
    }

    #[test]
    fn sums_keep_their_signs() {
        becomes("1.0 - y", "1 - y");
        becomes("-g + y", "-g + y");
        becomes("g - (y - &x[0])", r"g - (y - x)");
        becomes("g + (y - &x[0])", "g + y - x");
        becomes("-(g + y)", "-(g + y)");
        becomes("-(-g)", "g");
        becomes("g - -y", "g + y");
        becomes("g - y * 2.5", "g - 2.5 y");
    }

    #[test]
    fn products_gather_signs_numbers_and_squares() {
        becomes("g * y", r"g \cdot y");
        becomes("g * (1.0 + y * y)", r"g \cdot (1 + y^{2})");
        becomes("-g * (-y)", r"g \cdot y");
        becomes("g * 3.0 * y", r"3 g \cdot y");
        becomes("g * 3.0 * 4.0", r"4 \cdot 3 g");
        becomes("g * x[0].sin() * y", r"g \cdot (\sin x) \cdot y");
    }

    #[test]
    fn quotients_become_one_fraction() {
        becomes("g / &x[0]", r"\dfrac{g}{x}");
        becomes("-g * y / &x[0]", r"-\dfrac{g \cdot y}{x}");
        becomes("g / (1.0 + y)", r"\dfrac{g}{1 + y}");
        becomes("(g - y) / (&x[0] / y)", r"\dfrac{(g - y) \cdot y}{x}");
        becomes("1.0 / y / &x[0]", r"\dfrac{1}{y \cdot x}");
        becomes("g * 0.5 / y", r"\dfrac{g}{2 y}");
        becomes("0.5 + y", "0.5 + y");
        becomes("(g / y).sin()", r"\sin \dfrac{g}{y}");
        becomes(
            "y * (1.0 + g / y)",
            r"y \cdot \mathopen{}\left(1 + \dfrac{g}{y}\right)\mathclose{}",
        );
    }

    #[test]
    fn methods_become_functions_and_powers() {
        becomes("g * x[0].cos()", r"g \cdot \cos x");
        becomes("g.sinh() + g.cosh()", r"\sinh g + \cosh g");
        becomes("(1.0 + y).ln()", r"\ln (1 + y)");
        becomes("x[0].sign()", r"\operatorname{sign} x");
        becomes("g * x[0].exp()", r"g \cdot e^{x}");
        becomes("(1.0 - &x[0] * &x[0]).sqrt()", r"\sqrt{1 - x^{2}}");
        becomes("x[0].powf(y - 1.0)", "x^{y - 1}");
        becomes("(-g).powf(y)", "(-g)^{y}");
    }

    #[test]
    fn matrix_products_stand_side_by_side() {
        becomes("g.dot(&x[0].matrix_t())", r"g \, x^\top");
        becomes("(g + y).dot(&x[0])", r"(g + y) \, x");
    }

    #[test]
    fn operators_are_named_and_marked_with_the_shape_they_lead_to() {
        becomes("unbroadcast(-g, &x[0])", r"\operatorname{sum}_{\to x}(-g)");
        becomes(
            "expand(g, &x[1], &x[0])",
            r"\operatorname{expand}_{\to x}(g, s)",
        );
        becomes("others(&x[0], x[1].data())", r"\operatorname{others}(x, s)");
        becomes(
            "g.sum_axis(x[1].data::<Axes>().clone().keep())",
            r"\operatorname{sum}_{s}(g)",
        );
        becomes(
            "g.reshape(x[0].shape())",
            r"\operatorname{reshape}_{\to x}(g)",
        );
        becomes("PAD.bind(&[g, &x[1]])", r"\operatorname{pad}(g, s)");
        becomes(
            "PAD.bind(&[g, &x[1], &shape_of(&x[0])])",
            r"\operatorname{pad}_{\to x}(g, s)",
        );
        becomes("g * x[0].shape()", r"g \cdot \operatorname{shape}(x)");
    }

    #[test]
    fn choices_are_cases_and_comparisons_conditions() {
        becomes(
            "select(&x[0].greater(y), g, 0.0)",
            r"\begin{cases} g & \text{if } x > y \\ 0 & \text{otherwise} \end{cases}",
        );
        becomes(
            "select(&x[1], g / y, select(&x[0].is_nan(), 1.0, y))",
            r"\begin{cases} \dfrac{g}{y} & \text{if } s \ne 0 \\[0.8em] 1 & \text{if } x \text{ is NaN} \\[0.8em] y & \text{otherwise} \end{cases}",
        );
        becomes(
            "unbroadcast(select(&x[1], g, 0.0), &x[0])",
            r"\operatorname{sum}_{\to x} \begin{cases} g & \text{if } s \ne 0 \\ 0 & \text{otherwise} \end{cases}",
        );
        becomes(
            "g * select(&x[1], y, 0.0)",
            r"g \cdot \mathopen{}\left(\begin{cases} y & \text{if } s \ne 0 \\ 0 & \text{otherwise} \end{cases}\right)\mathclose{}",
        );
        becomes("g * x[0].equals(1.0)", r"g \cdot [x = 1]");
    }

    #[test]
    fn products_of_conditions_are_and_and_sums_are_or() {
        let condition = |code: &str, condition: &str| {
            becomes(
                &format!("select(&({code}), g, 0.0)"),
                &format!(
                    r"\begin{{cases}} g & \text{{if }} {condition} \\ 0 & \text{{otherwise}} \end{{cases}}"
                ),
            );
        };
        condition(
            "x[0].equals(0.0) * y.is_nan()",
            r"x = 0 \text{ and } y \text{ is NaN}",
        );
        condition("y.greater(0.0) + y.equals(0.0)", r"y \ge 0");
        condition("y.greater(0.0) + y.equals(1.0)", r"y > 0 \text{ or } y = 1");
        condition(
            "x[0].equals(0.0) * (y.greater(0.0) + y.equals(1.0))",
            r"x = 0 \text{ and } (y > 0 \text{ or } y = 1)",
        );
        condition("x[0].equals(0.0) * y", r"[x = 0] \cdot y \ne 0");
        condition("y.equals(0.0) - y.equals(1.0)", r"[y = 0] - [y = 1] \ne 0");
    }

    #[test]
    fn names_are_replaced_and_choices_keep_theirs() {
        becomes("{ let a = y * y; g * a }", r"g \cdot y^{2}");
        becomes("{ let (y, g) = (g, y); y - g }", "g - y");
        becomes(
            "half(g, &x[1])",
            r"\begin{cases} \dfrac{g}{2} & \text{if } s \ne 0 \\[0.8em] g & \text{otherwise} \end{cases}",
        );
        assert_eq!(only("named"), Ok(vec![r"h = g \cdot x \cdot y^{2}".into()]));
        let lines = only("|g, _, x| { let at_0 = select(&x[1], 1.0, 2.0); g * at_0 }");
        assert_eq!(
            lines,
            Ok(vec![
                r"h = g \cdot \textit{at\_0}".to_owned(),
                r"\text{where } \textit{at\_0} = \begin{cases} 1 & \text{if } s \ne 0 \\ 2 & \text{otherwise} \end{cases}".to_owned(),
            ])
        );
    }

    #[track_caller]
    fn refused(rule: &str, code: &str) {
        let message = format!(
            "rules.rs:1: the rule for argument 0 of `f`: `{code}` cannot be written as a formula: \
             expected what scripts/cargo-book/src/show/rules/translate.rs knows, or a formula in its `BY_HAND`"
        );
        assert_eq!(only(rule), Err(message));
    }

    #[test]
    fn what_has_no_formula_is_named() {
        refused("|g, _, x| g * x[0].erf()", "x[0].erf()");
        refused("|g, _, x| g * bessel(1, &x[0])", "bessel(1, &x[0])");
        refused("|g, _, _| g * z", "z");
        refused("|g, _, x| g * x", "x");
        refused("|g, _, x| g * &x[2]", "x[2]");
        refused("|g, y, _| g * &y[0]", "y[0]");
        refused("|g, _, x| g * &x[0 + 1]", "x[0 + 1]");
        refused("|g, y, _| g % y", "g % y");
        refused("|g, _, _| !g", "!g");
        refused("|g, _, _| { g.look(); g.clone() }", "g.look();");
        refused("|g, _, _| { let h; g.clone() }", "let h;");
        refused("|g, _, _| { let [a] = g; a }", "[a]");
        refused("|g, _, _| {}", "{}");
        refused("|g, _, _| { g; }", "g;");
        refused("|g, _, x| g.reshape(&x[0])", "g.reshape(&x[0])");
        refused("|g, _, _| NONE.bind(&[g])", "NONE.bind(&[g])");
        refused("|g, _, _| PAD.bind(g)", "PAD.bind(g)");
        refused("|g, _, _| \"g\"", "\"g\"");
        refused("nobody", "nobody");
        refused("f()", "f()");
        let any = all("|i, g, _, x| g * &x[0]", "f", true);
        assert!(
            any[0].as_ref().is_err_and(|why| why.contains("`x[0]`")),
            "{any:?}"
        );
        assert_eq!(
            only("|g| g.clone()"),
            Err(
                "rules.rs:1: the rule for argument 0 of `f`: it takes 1 arguments; expected 3"
                    .into()
            )
        );
    }

    #[test]
    fn a_formula_by_hand_is_for_the_code_that_it_quotes() {
        let code = BY_HAND[0].code;
        let name = BY_HAND[0].primitive;
        let shown = BY_HAND[0]
            .lines
            .iter()
            .map(|&line| line.to_owned())
            .collect();
        assert_eq!(all(code, name, false), [Ok::<Vec<String>, _>(shown)]);

        let changed = code.replace("inverse[from] = to", "inverse[to] = from");
        let why = all(&changed, name, false).swap_remove(0).unwrap_err();
        let start = "rules.rs:1: the rule for argument 0 of `permute` is not the one that its formula was written for: ";
        assert!(why.starts_with(start), "{why}");
        assert!(
            why.contains("inverse[to] = from; } g.permuted_axes(&inverse) }`"),
            "{why}"
        );
    }

    #[test]
    fn formatting_makes_no_difference_to_a_formula_by_hand() {
        assert_eq!(squeezed("f(\n    a,\n    b,\n)"), squeezed("f(a, b)"));
        assert_ne!(squeezed("f(a, b)"), squeezed("f(b, a)"));
    }
}

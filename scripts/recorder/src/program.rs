//! The program: `let` lines and an expression in Rust syntax, read with their places.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{BinOp, Block, Expr, Lit, Member, Pat, RangeLimits, Stmt, Token, UnOp};

use crate::request::{Error, Place};

/// More are refused: such a graph cannot be looked at.
pub const MOST_NODES: usize = 300;
/// Brackets within brackets. The parser calls itself for each.
const DEEPEST: usize = 40;
const ALLOWED: &str = "allowed are `let` lines, numbers, names, + - * /, brackets and methods";

/// `let` lines, and the expression after them.
#[derive(Clone, Debug)]
pub struct Program {
    /// Each name with its expression.
    pub lets: Vec<(String, Node)>,
    /// What comes out.
    pub output: Node,
}

/// An expression, and its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub term: Term,
    /// Where it is.
    pub place: Place,
}

/// The expressions that a program may have.
#[derive(Clone, Debug)]
pub enum Term {
    /// A number.
    Number(f64),
    /// The value of a `let`, of an input or of a parameter.
    Name(String),
    /// `array![…]`: the length of each axis, and the elements row by row.
    Array(Vec<usize>, Vec<f64>),
    /// An operator or a method, with the operands or the receiver first.
    Call(String, Vec<Node>),
    /// `[0, 1]` among the arguments of a method.
    List(Vec<Node>),
    /// `0..2` among the arguments of a method.
    Range(isize, Option<isize>),
    /// `grad(|y| body)(at)`.
    Grad {
        /// The name of the closure's parameter.
        parameter: String,
        /// The body of the closure.
        body: Box<Program>,
        /// Where the derivative is taken.
        at: Box<Node>,
    },
}

impl Program {
    /// Whether a derivative is taken inside of it.
    pub fn has_grad(&self) -> bool {
        let lets = self.lets.iter().map(|(_, node)| node);
        lets.chain([&self.output]).any(Node::has_grad)
    }
}

impl Node {
    fn has_grad(&self) -> bool {
        match &self.term {
            Term::Grad { .. } => true,
            Term::Call(_, parts) | Term::List(parts) => parts.iter().any(Node::has_grad),
            _ => false,
        }
    }
}

/// Reads a program.
///
/// # Errors
/// It does not parse, or has something that is not allowed, or too much of it.
pub fn parse(text: &str) -> Result<Program, Error> {
    let program = read(text);
    // What the parser keeps of the texts it has seen is only for spans, and no span is left.
    proc_macro2::extra::invalidate_current_thread_spans();
    program
}

fn read(text: &str) -> Result<Program, Error> {
    let reader = Reader {
        lines: text.lines().collect(),
    };
    let tokens: TokenStream = text
        .parse()
        .map_err(|error: proc_macro2::LexError| reader.error(error.span(), &error.to_string()))?;
    reader.check_size(tokens.clone())?;
    let statements = Block::parse_within
        .parse2(tokens)
        .map_err(|error| reader.error(error.span(), &error.to_string()))?;
    reader.program(&statements)
}

/// Reads the value of an input: a number, or `array![…]`.
///
/// # Errors
/// It is neither.
pub fn parse_value(name: &str, text: &str) -> Result<Term, Error> {
    if let Ok(number) = text.trim().replace('−', "-").parse() {
        return Ok(Term::Number(number));
    }
    let refuse = |problem: String| Error::input(name, format!("`{name}` = {text}: {problem}"));
    let program = parse(text).map_err(|error| refuse(error.message))?;
    match program.output.term {
        term @ (Term::Number(_) | Term::Array(..)) if program.lets.is_empty() => Ok(term),
        _ => Err(refuse("expected a number or `array![…]`".to_owned())),
    }
}

struct Reader<'a> {
    lines: Vec<&'a str>,
}

impl Reader<'_> {
    /// Where the text is, of which only the first line is marked if it has several.
    fn place(&self, span: Span) -> Place {
        let (start, end) = (span.start(), span.end());
        let line = start
            .line
            .saturating_sub(1)
            .min(self.lines.len().max(1) - 1);
        let text = self.lines.get(line).copied().unwrap_or_default();
        let column = |column: usize| text.chars().take(column).map(char::len_utf16).sum();
        Place {
            line,
            start: column(start.column),
            end: column(if end.line == start.line {
                end.column
            } else {
                usize::MAX
            }),
        }
    }

    fn end(&self) -> Place {
        let line = self.lines.len().max(1) - 1;
        let text = self.lines.last().copied().unwrap_or_default();
        let end = text.chars().map(char::len_utf16).sum();
        Place {
            line,
            start: end,
            end,
        }
    }

    fn error(&self, span: Span, message: &str) -> Error {
        let at_end = message.starts_with("unexpected end of input");
        let place = if at_end { self.end() } else { self.place(span) };
        Error::at(place, message)
    }

    fn refuse<T>(&self, part: &impl Spanned, what: &str) -> Result<T, Error> {
        let place = self.place(part.span());
        Err(Error::at(place, format!("{what}; {ALLOWED}")))
    }

    /// Counts before anything calls itself for what the program has too much of.
    fn check_size(&self, tokens: TokenStream) -> Result<(), Error> {
        let mut operations = 0;
        let mut levels = vec![tokens.into_iter()];
        while let Some(level) = levels.last_mut() {
            match level.next() {
                None => {
                    levels.pop();
                }
                Some(TokenTree::Group(group)) => {
                    if levels.len() > DEEPEST {
                        let message = format!(
                            "brackets more than {DEEPEST} deep; give a part a name by `let`"
                        );
                        return Err(Error::at(self.place(group.span_open()), message));
                    }
                    if group.delimiter() != Delimiter::None {
                        levels.push(group.stream().into_iter());
                    }
                }
                Some(TokenTree::Punct(punct)) if "+-*/.".contains(punct.as_char()) => {
                    operations += 1;
                }
                Some(_) => {}
            }
        }
        if operations > MOST_NODES {
            return Err(Error::at(
                self.end(),
                format!("{operations} operations; at most {MOST_NODES} can be shown"),
            ));
        }
        Ok(())
    }

    fn program(&self, statements: &[Stmt]) -> Result<Program, Error> {
        let Some((last, lets)) = statements.split_last() else {
            let message = "an empty program; expected an expression, such as `x * x`";
            return Err(Error::at(self.end(), message));
        };
        let lets = lets.iter().map(|line| self.let_line(line));
        let lets = lets.collect::<Result<Vec<_>, _>>()?;
        match last {
            Stmt::Expr(expression, None) => Ok(Program {
                lets,
                output: self.node(expression)?,
            }),
            Stmt::Macro(line) if line.semi_token.is_none() => Ok(Program {
                lets,
                output: Node {
                    term: self.array(&line.mac)?,
                    place: self.place(line.span()),
                },
            }),
            Stmt::Local(_) => {
                self.let_line(last)?;
                let message = "the program ends with a `let`; expected an expression after it, \
                               the output";
                Err(Error::at(self.end(), message))
            }
            Stmt::Expr(expression, Some(_)) => {
                self.node(expression)?;
                let message = "a `;` after the last expression; without it, it is the output";
                Err(Error::at(self.place(last.span()), message))
            }
            _ => self.refuse(last, "this is not an expression"),
        }
    }

    fn let_line(&self, line: &Stmt) -> Result<(String, Node), Error> {
        let local = match line {
            Stmt::Local(local) => local,
            // `loop { … }` and its relatives say what they are.
            Stmt::Expr(expression, _) => {
                self.node(expression)?;
                return self.refuse(line, "this value is not used; expected `let name = …;`");
            }
            _ => return self.refuse(line, "expected `let name = …;`"),
        };
        let name = self.name(&local.pat)?;
        match &local.init {
            Some(init) if init.diverge.is_none() => Ok((name, self.node(&init.expr)?)),
            _ => self.refuse(line, "expected `let name = …;`"),
        }
    }

    fn name(&self, pattern: &Pat) -> Result<String, Error> {
        match pattern {
            Pat::Ident(name) if name.subpat.is_none() && name.by_ref.is_none() => {
                Ok(name.ident.to_string())
            }
            Pat::Type(typed) => self.name(&typed.pat),
            _ => self.refuse(pattern, "expected a plain name"),
        }
    }

    fn node(&self, expression: &Expr) -> Result<Node, Error> {
        let place = self.place(expression.span());
        let term = match expression {
            Expr::Paren(inner) => return self.node(&inner.expr),
            Expr::Group(inner) => return self.node(&inner.expr),
            Expr::Reference(inner) if inner.mutability.is_none() => return self.node(&inner.expr),
            Expr::Lit(literal) => Term::Number(self.number(&literal.lit)?),
            Expr::Path(path) => match path.path.get_ident() {
                Some(name) => Term::Name(name.to_string()),
                None => return self.refuse(expression, "a path"),
            },
            Expr::Unary(unary) => match unary.op {
                UnOp::Neg(_) => Term::Call("neg".to_owned(), vec![self.node(&unary.expr)?]),
                _ => return self.refuse(&unary.op, "an unknown operator"),
            },
            Expr::Binary(binary) => {
                let name = match binary.op {
                    BinOp::Add(_) => "add",
                    BinOp::Sub(_) => "sub",
                    BinOp::Mul(_) => "mul",
                    BinOp::Div(_) => "div",
                    _ => return self.refuse(&binary.op, "an unknown operator"),
                };
                let operands = vec![self.node(&binary.left)?, self.node(&binary.right)?];
                Term::Call(name.to_owned(), operands)
            }
            Expr::MethodCall(call) => {
                let parts = [&*call.receiver].into_iter().chain(&call.args);
                let parts = parts
                    .map(|part| self.node(part))
                    .collect::<Result<_, _>>()?;
                // The operators have their names, too: they are not methods.
                let name = match call.method.to_string().as_str() {
                    "add" | "sub" | "mul" | "div" | "neg" => {
                        return self.refuse(&call.method, "write it with its operator");
                    }
                    name => name.to_owned(),
                };
                Term::Call(name, parts)
            }
            Expr::Call(call) => return self.call(call, place),
            Expr::Macro(array) => self.array(&array.mac)?,
            Expr::Array(list) => {
                let elements = list.elems.iter().map(|element| self.node(element));
                Term::List(elements.collect::<Result<_, _>>()?)
            }
            Expr::Range(range) => self.range(range)?,
            Expr::Loop(_) | Expr::While(_) | Expr::ForLoop(_) => {
                return self.refuse(expression, "a loop: the graph would have no end");
            }
            Expr::If(_) | Expr::Match(_) => {
                return self.refuse(expression, "a choice that the graph would not show");
            }
            Expr::Block(_) => return self.refuse(expression, "a block"),
            Expr::Closure(_) => {
                return self.refuse(expression, "a closure that is not in `grad(|y| …)(…)`");
            }
            Expr::Field(field) => {
                let what = match &field.member {
                    Member::Named(name) => format!("a field; did you mean `.{name}()`?"),
                    Member::Unnamed(_) => "a field".to_owned(),
                };
                return self.refuse(&field.member, &what);
            }
            _ => return self.refuse(expression, "this is not known here"),
        };
        Ok(Node { term, place })
    }

    fn number(&self, literal: &Lit) -> Result<f64, Error> {
        let number = match literal {
            Lit::Float(number) if matches!(number.suffix(), "" | "f64") => number.base10_parse(),
            Lit::Int(number) if matches!(number.suffix(), "" | "f64") => number.base10_parse(),
            _ => return self.refuse(literal, "a literal that is not a number"),
        };
        number.map_err(|error| self.error(literal.span(), &error.to_string()))
    }

    /// `grad(|y| …)(…)`, and functions that a stage may have.
    fn call(&self, call: &syn::ExprCall, place: Place) -> Result<Node, Error> {
        if let Expr::Path(path) = &*call.func
            && let Some(name) = path.path.get_ident()
        {
            if name == "grad" {
                let what = "`grad` makes a function; call it, too: `grad(|y| …)(x)`";
                return self.refuse(call, what);
            }
            if name != "select" {
                return self.refuse(&call.func, &format!("an unknown function `{name}`"));
            }
            let args = call.args.iter().map(|part| self.node(part));
            return Ok(Node {
                term: Term::Call(name.to_string(), args.collect::<Result<_, _>>()?),
                place,
            });
        }
        if let Expr::Call(inner) = &*call.func
            && let Expr::Path(path) = &*inner.func
            && path.path.is_ident("grad")
        {
            let (Some(Expr::Closure(closure)), 1) = (inner.args.first(), inner.args.len()) else {
                return self.refuse(inner, "`grad` takes one closure: `grad(|y| …)(x)`");
            };
            let (Some(parameter), 1) = (closure.inputs.first(), closure.inputs.len()) else {
                return self.refuse(closure, "the closure takes one parameter: `grad(|y| …)(x)`");
            };
            let (Some(at), 1) = (call.args.first(), call.args.len()) else {
                return self.refuse(
                    call,
                    "the derivative is taken at one value: `grad(|y| …)(x)`",
                );
            };
            let body = match &*closure.body {
                Expr::Block(block) => self.program(&block.block.stmts)?,
                expression => Program {
                    lets: Vec::new(),
                    output: self.node(expression)?,
                },
            };
            let term = Term::Grad {
                parameter: self.name(parameter)?,
                body: Box::new(body),
                at: Box::new(self.node(at)?),
            };
            return Ok(Node { term, place });
        }
        self.refuse(&call.func, "this cannot be called")
    }

    fn array(&self, call: &syn::Macro) -> Result<Term, Error> {
        if !call.path.is_ident("array") {
            return self.refuse(&call.path, "an unknown macro; arrays are `array![…]`");
        }
        let elements = call
            .parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated)
            .map_err(|error| self.error(error.span(), &error.to_string()))?;
        let (mut shape, mut numbers) = (Vec::new(), Vec::new());
        self.elements(&elements, 0, &mut shape, &mut numbers, call)?;
        Ok(Term::Array(shape, numbers))
    }

    /// The elements of an array, row by row: all rows are equally long.
    fn elements(
        &self,
        elements: &Punctuated<Expr, Token![,]>,
        axis: usize,
        shape: &mut Vec<usize>,
        numbers: &mut Vec<f64>,
        whole: &impl Spanned,
    ) -> Result<(), Error> {
        if axis == shape.len() {
            if !numbers.is_empty() {
                return self.refuse(whole, "rows and numbers side by side");
            }
            shape.push(elements.len());
        }
        if shape[axis] != elements.len() {
            let (found, expected) = (elements.len(), shape[axis]);
            let what = format!("a row of {found}, where the first has {expected}");
            return self.refuse(whole, &what);
        }
        for element in elements {
            match element {
                Expr::Array(row) => {
                    self.elements(&row.elems, axis + 1, shape, numbers, row)?;
                }
                _ if axis + 1 < shape.len() => {
                    return self.refuse(element, "rows and numbers side by side");
                }
                _ => numbers.push(self.constant(element)?),
            }
        }
        Ok(())
    }

    fn constant(&self, expression: &Expr) -> Result<f64, Error> {
        match self.node(expression)?.term {
            Term::Number(number) => Ok(number),
            Term::Call(name, operands) if name == "neg" => match operands[..] {
                [
                    Node {
                        term: Term::Number(number),
                        ..
                    },
                ] => Ok(-number),
                _ => self.refuse(expression, "not a number"),
            },
            _ => self.refuse(expression, "not a number"),
        }
    }

    fn range(&self, range: &syn::ExprRange) -> Result<Term, Error> {
        let end = |end: &Option<Box<Expr>>| match end {
            None => Ok(None),
            Some(end) => {
                let number = self.constant(end)?;
                if number.fract() != 0.0 || number.abs() > 1e9 {
                    return self.refuse(end, "not a whole number");
                }
                Ok(Some(number as isize))
            }
        };
        if !matches!(range.limits, RangeLimits::HalfOpen(_)) {
            return self.refuse(range, "write the range as `start..end`");
        }
        Ok(Term::Range(
            end(&range.start)?.unwrap_or(0),
            end(&range.end)?,
        ))
    }
}

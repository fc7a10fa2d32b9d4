//! The program: lines and an expression in Rust syntax, read with their places.
//!
//! The language is small, and has to be: the reader goes into the page with the engines. Rust's own
//! parser is ten times as large, and calls itself for more than brackets, so that a long text of the
//! wrong kind ends in a stack overflow.

use proc_macro2::{Delimiter, Group, LexError, LineColumn, Span, TokenStream, TokenTree};

use crate::request::{Error, Place};

/// More are refused: such a graph cannot be looked at.
pub const MOST_NODES: usize = 300;
/// Brackets within brackets. The reader calls itself for each.
const DEEPEST: usize = 40;
const ALLOWED: &str = "allowed are `let` lines, numbers, names, + - * /, brackets and methods";

/// Lines, and the expression after them.
#[derive(Clone, Debug)]
pub struct Program {
    /// All but the last expression.
    pub lines: Vec<Line>,
    /// What comes out. None if the program ends with a call that is a line of its own.
    pub output: Option<Node>,
}

/// A line of a program.
#[derive(Clone, Debug)]
pub enum Line {
    /// `let name = expression;`
    Let(String, Node),
    /// A call for what it does, and not for its result: one of [`DOES`].
    Do(Node),
}

/// The methods, and a function, that are called for what they do.
pub const DOES: [&str; 4] = ["seed", "grad", "clear", "drop"];

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
        let lines = self.lines.iter().map(|line| match line {
            Line::Let(_, node) | Line::Do(node) => node,
        });
        lines.chain(&self.output).any(Node::has_grad)
    }

    /// Whether it asks for gradients itself, so that nothing is left to ask for.
    pub fn asks(&self) -> bool {
        self.lines.iter().any(|line| match line {
            Line::Let(..) => false,
            Line::Do(node) => !node.calls("drop"),
        })
    }

    /// What it computes, and nothing else that it does.
    pub fn computed(&self) -> Program {
        let lines = self.lines.iter();
        let lines: Vec<Line> = lines
            .filter(|line| matches!(line, Line::Let(..)))
            .cloned()
            .collect();
        let last = lines.iter().rev().find_map(|line| match line {
            Line::Let(name, node) => Some(Node {
                term: Term::Name(name.clone()),
                place: node.place,
            }),
            Line::Do(_) => None,
        });
        let output = self.output.clone().or(last);
        Program { lines, output }
    }
}

impl Node {
    /// Whether it is a call of this method or function.
    fn calls(&self, name: &str) -> bool {
        matches!(&self.term, Term::Call(called, _) if called == name)
    }

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
    // What is kept of the texts that were read is only for spans, and no span is left.
    proc_macro2::extra::invalidate_current_thread_spans();
    program
}

fn read(text: &str) -> Result<Program, Error> {
    let lines = Lines(text.lines().collect());
    let tokens: TokenStream = text
        .parse()
        .map_err(|error: LexError| lines.unreadable(&error))?;
    check_size(&lines, tokens.clone())?;
    Tokens::new(&lines, tokens, lines.end()).program()
}

/// Reads the value of an input: a number, or `array![…]`.
///
/// # Errors
/// It is neither.
pub fn parse_value(name: &str, text: &str) -> Result<Term, Error> {
    if let Ok(number) = text.trim().replace('−', "-").parse() {
        return Ok(Term::Number(number));
    }
    let refuse = |problem: &str| Err(Error::input(name, format!("`{name}` = {text}: {problem}")));
    if !text.contains("array!") {
        return refuse("expected a number");
    }
    match parse(text) {
        Ok(Program {
            lines,
            output:
                Some(Node {
                    term: array @ Term::Array(..),
                    ..
                }),
        }) if lines.is_empty() => Ok(array),
        Ok(_) => refuse("expected `array![…]`"),
        Err(error) => refuse(&error.message),
    }
}

/// The lines of a text, for the places in it.
struct Lines<'a>(Vec<&'a str>);

/// From where to where something is.
#[derive(Clone, Copy)]
struct Extent {
    start: LineColumn,
    end: LineColumn,
}

impl Extent {
    fn to(self, other: Extent) -> Extent {
        let (start, end) = (self.start, other.end);
        Extent { start, end }
    }
}

impl From<Span> for Extent {
    fn from(span: Span) -> Extent {
        let (start, end) = (span.start(), span.end());
        Extent { start, end }
    }
}

impl Lines<'_> {
    /// Of something that has several lines, the first is marked.
    fn place(&self, extent: Extent) -> Place {
        let Extent { start, end } = extent;
        let line = start.line.saturating_sub(1);
        let text = self.0.get(line).copied().unwrap_or_default();
        let units = |columns: usize| text.chars().take(columns).map(char::len_utf16).sum();
        Place {
            line,
            start: units(start.column),
            end: units(match end.line == start.line {
                true => end.column,
                false => usize::MAX,
            }),
        }
    }

    /// After the last letter.
    fn end(&self) -> Extent {
        let line = self.0.len().max(1);
        let column = self.0.last().map_or(0, |text| text.chars().count());
        let end = LineColumn { line, column };
        Extent { start: end, end }
    }

    /// No tokens can be made of the text: most often, a bracket is missing.
    fn unreadable(&self, error: &LexError) -> Error {
        let mut open = Vec::new();
        for (number, text) in self.0.iter().enumerate() {
            for (column, letter) in text.chars().enumerate() {
                let line = number + 1;
                let start = LineColumn { line, column };
                let end = LineColumn {
                    line,
                    column: column + 1,
                };
                let extent = Extent { start, end };
                let opening = match letter {
                    '(' | '[' | '{' => {
                        open.push((letter, extent));
                        continue;
                    }
                    ')' => '(',
                    ']' => '[',
                    '}' => '{',
                    _ => continue,
                };
                if open.pop().map(|(letter, _)| letter) != Some(opening) {
                    let message = format!("this `{letter}` closes no `{opening}`");
                    return Error::at(self.place(extent), message);
                }
            }
        }
        match open.pop() {
            Some((letter, extent)) => {
                Error::at(self.place(extent), format!("this `{letter}` is not closed"))
            }
            None => Error::at(
                self.place(error.span().into()),
                "a sign that is not known here",
            ),
        }
    }
}

/// Counts what the program has too much of, before anything calls itself for it.
fn check_size(lines: &Lines<'_>, tokens: TokenStream) -> Result<(), Error> {
    let mut operations = 0;
    let mut levels = vec![tokens.into_iter()];
    while let Some(level) = levels.last_mut() {
        match level.next() {
            None => {
                levels.pop();
            }
            Some(TokenTree::Group(group)) => {
                if levels.len() > DEEPEST {
                    let message =
                        format!("brackets more than {DEEPEST} deep; give a part a name with `let`");
                    return Err(Error::at(lines.place(group.span_open().into()), message));
                }
                levels.push(group.stream().into_iter());
            }
            Some(TokenTree::Punct(punct)) if "+-*/.".contains(punct.as_char()) => {
                operations += 1;
            }
            Some(_) => {}
        }
    }
    if operations > MOST_NODES {
        let message = format!("{operations} operations; at most {MOST_NODES} can be shown");
        return Err(Error::at(lines.place(lines.end()), message));
    }
    Ok(())
}

/// The tokens between two brackets, or all.
struct Tokens<'a> {
    lines: &'a Lines<'a>,
    tokens: Vec<TokenTree>,
    next: usize,
    /// The bracket that closes them, or the end of the text.
    end: Extent,
}

impl<'a> Tokens<'a> {
    fn new(lines: &'a Lines<'a>, tokens: TokenStream, end: Extent) -> Tokens<'a> {
        let tokens = tokens.into_iter().collect();
        let next = 0;
        Tokens {
            lines,
            tokens,
            next,
            end,
        }
    }

    fn inside(&self, group: &Group) -> Tokens<'a> {
        Tokens::new(self.lines, group.stream(), group.span_close().into())
    }

    fn peek(&self) -> Option<&TokenTree> {
        self.tokens.get(self.next)
    }

    /// Where the next token is.
    fn here(&self) -> Extent {
        self.peek().map_or(self.end, |token| token.span().into())
    }

    /// Where the last token was.
    fn before(&self) -> Extent {
        let last = self
            .next
            .checked_sub(1)
            .and_then(|last| self.tokens.get(last));
        last.map_or(self.end, |token| token.span().into())
    }

    fn error<T>(&self, extent: Extent, message: impl Into<String>) -> Result<T, Error> {
        Err(Error::at(self.lines.place(extent), message))
    }

    fn refuse<T>(&self, extent: Extent, what: &str) -> Result<T, Error> {
        self.error(extent, format!("{what}; {ALLOWED}"))
    }

    /// Takes this sign, if it is the next.
    fn sign(&mut self, sign: char) -> bool {
        let found = matches!(self.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == sign);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, sign: char) -> Result<(), Error> {
        match self.sign(sign) {
            true => Ok(()),
            false => self.error(self.here(), format!("expected `{sign}`")),
        }
    }

    /// Takes a word, if it is the next.
    fn word(&mut self) -> Option<String> {
        let Some(TokenTree::Ident(word)) = self.peek() else {
            return None;
        };
        let word = word.to_string();
        self.next += 1;
        Some(word)
    }

    /// Takes what is in round brackets, if they are next.
    fn arguments(&mut self) -> Option<Tokens<'a>> {
        match self.peek() {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
                let inside = self.inside(group);
                self.next += 1;
                Some(inside)
            }
            _ => None,
        }
    }

    fn name(&mut self) -> Result<String, Error> {
        let here = self.here();
        self.word()
            .map_or_else(|| self.refuse(here, "expected a plain name"), Ok)
    }

    /// Lines and an expression.
    fn program(mut self) -> Result<Program, Error> {
        let mut lines = Vec::new();
        loop {
            if self.peek().is_none() {
                let message = match lines.last() {
                    None => "an empty program; expected an expression, such as `x * x`",
                    Some(Line::Do(_)) => {
                        let output = None;
                        return Ok(Program { lines, output });
                    }
                    Some(Line::Let(..)) => {
                        "the program ends with a `let`; expected an expression after it"
                    }
                };
                return self.error(self.end, message);
            }
            if matches!(self.peek(), Some(TokenTree::Ident(word)) if word == "let") {
                self.next += 1;
                let name = self.name()?;
                self.expect('=')?;
                lines.push(Line::Let(name, self.sum()?.0));
                self.expect(';')?;
                continue;
            }
            let (node, extent) = self.sum()?;
            let does = DOES.iter().any(|name| node.calls(name));
            match (self.sign(';'), does) {
                (true, false) => {
                    let what = match self.peek() {
                        None => "without its `;` the last expression is the output",
                        Some(_) => "this value is not used; expected `let name = …;`",
                    };
                    return self.error(extent, what);
                }
                (false, false) => {
                    self.ended()?;
                    let output = Some(node);
                    return Ok(Program { lines, output });
                }
                (has_end, true) => {
                    if !has_end {
                        self.ended()?;
                    }
                    lines.push(Line::Do(node));
                }
            }
        }
    }

    /// Nothing is left.
    fn ended(&self) -> Result<(), Error> {
        match self.peek() {
            None => Ok(()),
            Some(TokenTree::Punct(_)) => self.refuse(self.here(), "an unknown operator"),
            Some(_) => self.error(self.here(), "expected an operator, or the end"),
        }
    }

    /// Terms with + and − between them.
    fn sum(&mut self) -> Result<(Node, Extent), Error> {
        self.operators(&[('+', "add"), ('-', "sub")], Self::product)
    }

    /// Factors with × and / between them.
    fn product(&mut self) -> Result<(Node, Extent), Error> {
        self.operators(&[('*', "mul"), ('/', "div")], Self::signed)
    }

    fn operators(
        &mut self,
        operators: &[(char, &str)],
        operand: fn(&mut Self) -> Result<(Node, Extent), Error>,
    ) -> Result<(Node, Extent), Error> {
        let (mut left, mut extent) = operand(self)?;
        while let Some((_, name)) = operators.iter().find(|(sign, _)| self.sign(*sign)) {
            let (right, end) = operand(self)?;
            extent = extent.to(end);
            left = self.call(name, vec![left, right], extent);
        }
        Ok((left, extent))
    }

    fn call(&self, name: &str, parts: Vec<Node>, extent: Extent) -> Node {
        Node {
            term: Term::Call(name.to_owned(), parts),
            place: self.lines.place(extent),
        }
    }

    /// Something with signs before it. `&` means nothing here.
    fn signed(&mut self) -> Result<(Node, Extent), Error> {
        let mut minus = Vec::new();
        loop {
            let here = self.here();
            if self.sign('-') {
                minus.push(here);
            } else if !self.sign('&') {
                break;
            }
        }
        let (mut node, mut extent) = self.methods()?;
        for start in minus.into_iter().rev() {
            extent = start.to(extent);
            node = self.call("neg", vec![node], extent);
        }
        Ok((node, extent))
    }

    /// Something with methods after it.
    fn methods(&mut self) -> Result<(Node, Extent), Error> {
        let (mut node, mut extent) = self.part()?;
        while !self.at_range() && self.sign('.') {
            let here = self.here();
            let name = self.name()?;
            let Some(arguments) = self.arguments() else {
                return self.refuse(here, &format!("a field; did you mean `.{name}()`?"));
            };
            if matches!(name.as_str(), "add" | "sub" | "mul" | "div" | "neg") {
                return self.refuse(here, "write it with its operator");
            }
            extent = extent.to(self.before());
            let parts = [vec![node], arguments.list()?].concat();
            node = self.call(&name, parts, extent);
        }
        Ok((node, extent))
    }

    fn at_range(&self) -> bool {
        let dot = |place: usize| match self.tokens.get(place) {
            Some(TokenTree::Punct(punct)) => punct.as_char() == '.',
            _ => false,
        };
        dot(self.next) && dot(self.next + 1)
    }

    /// A number, a name, a call, an array, or what is in brackets.
    fn part(&mut self) -> Result<(Node, Extent), Error> {
        let extent = self.here();
        let Some(token) = self.peek().cloned() else {
            return self.error(extent, "expected an expression");
        };
        self.next += 1;
        let term = match token {
            TokenTree::Literal(literal) => {
                let text = literal.to_string().replace('_', "");
                match text.trim_end_matches("f64").parse() {
                    Ok(number) => Term::Number(number),
                    Err(_) => return self.refuse(extent, "a literal that is not a number"),
                }
            }
            TokenTree::Ident(word) => return self.word_part(&word.to_string(), extent),
            TokenTree::Group(group) => {
                let inside = self.inside(&group);
                match group.delimiter() {
                    Delimiter::Parenthesis => {
                        let node = inside.whole()?;
                        return Ok((node, extent));
                    }
                    Delimiter::Bracket => Term::List(inside.list()?),
                    _ => return self.refuse(extent, "a block"),
                }
            }
            TokenTree::Punct(punct) => match punct.as_char() {
                '|' => return self.refuse(extent, "a closure that is not in `grad(|y| …)(…)`"),
                '!' => return self.refuse(extent, "an unknown operator"),
                _ => return self.error(extent, "expected an expression"),
            },
        };
        let place = self.lines.place(extent);
        Ok((Node { term, place }, extent))
    }

    /// What begins with a word.
    fn word_part(&mut self, word: &str, start: Extent) -> Result<(Node, Extent), Error> {
        let term = match word {
            "loop" | "while" | "for" => {
                return self.refuse(start, "a loop: the graph would have no end");
            }
            "if" | "match" => {
                return self.refuse(start, "a choice, which the graph would not show");
            }
            "fn" | "mut" | "move" | "return" | "let" | "struct" | "use" => {
                return self.refuse(start, "this is not known here");
            }
            _ if self.sign('!') => {
                if word != "array" {
                    return self.refuse(start, "an unknown macro; arrays are `array![…]`");
                }
                let Some(TokenTree::Group(group)) = self.peek().cloned() else {
                    return self.error(self.here(), "expected `[`");
                };
                self.next += 1;
                let (mut shape, mut numbers) = (Vec::new(), Vec::new());
                let elements = self.inside(&group).list()?;
                let place = self.lines.place(start.to(self.before()));
                elements_of(&elements, 0, &mut shape, &mut numbers, place)?;
                Term::Array(shape, numbers)
            }
            _ if self.sign(':') => return self.refuse(start, "a path"),
            _ => match self.arguments() {
                Some(inside) => return self.function(word, inside, start),
                None => Term::Name(word.to_owned()),
            },
        };
        let extent = start.to(self.before());
        let place = self.lines.place(extent);
        Ok((Node { term, place }, extent))
    }

    /// `grad(|y| …)(…)`, and functions that a stage may have.
    fn function(
        &mut self,
        name: &str,
        inside: Tokens<'a>,
        start: Extent,
    ) -> Result<(Node, Extent), Error> {
        let extent = start.to(self.before());
        match name {
            "grad" => {
                let (parameter, body) = inside.closure(extent)?;
                let Some(at) = self.arguments() else {
                    let what = "`grad` makes a function; call it, too: `grad(|y| …)(x)`";
                    return self.refuse(extent, what);
                };
                let extent = start.to(self.before());
                let term = Term::Grad {
                    parameter,
                    body: Box::new(body),
                    at: Box::new(at.whole()?),
                };
                let place = self.lines.place(extent);
                Ok((Node { term, place }, extent))
            }
            "drop" => {
                let parts = inside.list()?;
                match &parts[..] {
                    [
                        Node {
                            term: Term::Name(_),
                            ..
                        },
                    ] => Ok((self.call(name, parts, extent), extent)),
                    _ => self.refuse(extent, "`drop` takes one name"),
                }
            }
            "select" => {
                let parts = inside.list()?;
                match parts.is_empty() {
                    true => self.refuse(extent, "`select` takes a condition and two values"),
                    false => Ok((self.call(name, parts, extent), extent)),
                }
            }
            _ => self.refuse(start, &format!("an unknown function `{name}`")),
        }
    }

    /// `|y| …`, with one parameter. `whole` is the call that it is in.
    fn closure(mut self, whole: Extent) -> Result<(String, Program), Error> {
        if !self.sign('|') {
            return self.refuse(whole, "`grad` takes one closure: `grad(|y| …)(x)`");
        }
        let parameter = self.name()?;
        if !self.sign('|') {
            let what = "the closure takes one parameter: `grad(|y| …)(x)`";
            return self.refuse(self.here(), what);
        }
        if let Some(TokenTree::Group(group)) = self.peek()
            && group.delimiter() == Delimiter::Brace
        {
            let body = self.inside(group).program()?;
            if body.output.is_none() {
                return self.refuse(self.here(), "this function returns nothing");
            }
            self.next += 1;
            self.ended()?;
            return Ok((parameter, body));
        }
        let lines = Vec::new();
        let output = Some(self.whole()?);
        Ok((parameter, Program { lines, output }))
    }

    /// One expression, and nothing else.
    fn whole(mut self) -> Result<Node, Error> {
        let (node, _) = self.sum()?;
        self.ended()?;
        Ok(node)
    }

    /// Expressions with commas between them, the arguments of a method or the elements of an array.
    fn list(mut self) -> Result<Vec<Node>, Error> {
        let mut list = Vec::new();
        while self.peek().is_some() {
            list.push(self.argument()?);
            if self.peek().is_some() && !self.sign(',') {
                self.ended()?;
            }
        }
        Ok(list)
    }

    /// An expression, or a range.
    fn argument(&mut self) -> Result<Node, Error> {
        let start = self.here();
        let first = match self.at_range() {
            true => None,
            false => Some(self.sum()?.0),
        };
        if !self.at_range() {
            return first.map_or_else(|| self.error(start, "expected an expression"), Ok);
        }
        self.next += 2;
        let last = match self.peek() {
            None => None,
            Some(TokenTree::Punct(punct)) if punct.as_char() == ',' => None,
            Some(TokenTree::Punct(punct)) if punct.as_char() == '=' => {
                return self.refuse(self.here(), "write the range as `start..end`");
            }
            Some(_) => Some(self.sum()?.0),
        };
        let end = |end: Option<Node>| end.map(|end| whole_number(&end)).transpose();
        let range = Term::Range(end(first)?.unwrap_or(0), end(last)?);
        let place = self.lines.place(start.to(self.before()));
        Ok(Node { term: range, place })
    }
}

/// The number that an expression is, with its sign.
fn constant(node: &Node) -> Result<f64, Error> {
    match &node.term {
        Term::Number(number) => Ok(*number),
        Term::Call(name, parts) if name == "neg" => constant(&parts[0]).map(|number| -number),
        _ => Err(Error::at(node.place, "expected a number")),
    }
}

fn whole_number(node: &Node) -> Result<isize, Error> {
    match constant(node)? {
        number if number.fract() == 0.0 && number.abs() < 1e9 => Ok(number as isize),
        _ => Err(Error::at(node.place, "expected a whole number")),
    }
}

/// The elements of an array, row by row: all rows are equally long.
fn elements_of(
    elements: &[Node],
    axis: usize,
    shape: &mut Vec<usize>,
    numbers: &mut Vec<f64>,
    place: Place,
) -> Result<(), Error> {
    let mixed = "rows and numbers side by side";
    if axis == shape.len() {
        if !numbers.is_empty() {
            return Err(Error::at(place, mixed));
        }
        shape.push(elements.len());
    }
    if shape[axis] != elements.len() {
        let (found, expected) = (elements.len(), shape[axis]);
        let message = format!("a row of {found}, where the first has {expected}");
        return Err(Error::at(place, message));
    }
    for element in elements {
        match &element.term {
            Term::List(row) => elements_of(row, axis + 1, shape, numbers, element.place)?,
            _ if axis + 1 < shape.len() => return Err(Error::at(element.place, mixed)),
            _ => numbers.push(constant(element)?),
        }
    }
    Ok(())
}

/// The inputs of a stage that has numbers only.
///
/// # Errors
/// One is an array.
pub fn numbers(stage: &str, inputs: &[(String, Term)]) -> Result<Vec<(String, f64)>, Error> {
    let numbers = inputs.iter().map(|(name, term)| match term {
        Term::Number(number) => Ok((name.clone(), *number)),
        _ => {
            let message = format!("`{name}`: {stage} has no arrays; stage4 has");
            Err(Error::input(name, message))
        }
    });
    numbers.collect()
}

//! A small part of Graphviz' DOT language, as much as the stages print.
//!
//! ```text
//! digraph {
//!     n0 [label="x\n0.5", shape=ellipse];      // a box without the shape
//!     n1 -> n0 [label="4.2", style=dashed];    // solid without the style
//!     n1 -> n0 [dir=back];                     // placed as before, with the arrow head at n1
//! }
//! ```
//!
//! Names are words, numbers or quoted. `;` ends a statement; the last may do without. All else is
//! an error, comments too: a picture never lacks what was asked for.

use anyhow::{Result, bail};

/// A graph as it was written.
#[derive(Debug, PartialEq, Default)]
pub struct Graph {
    /// The nodes, in the order in which they were first named. There is at least one.
    pub nodes: Vec<Node>,
    /// The edges, in order.
    pub edges: Vec<Edge>,
}

/// A node.
#[derive(Debug, PartialEq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// The lines of its label; the name without one.
    pub label: Vec<String>,
    /// Whether it is drawn round.
    pub round: bool,
}

/// An edge between two nodes, as indices into [`Graph::nodes`].
#[derive(Debug, PartialEq)]
pub struct Edge {
    /// Where it begins.
    pub from: usize,
    /// Where its arrow points.
    pub to: usize,
    /// What is written at it.
    pub label: Option<String>,
    /// Whether its line is dashed.
    pub dashed: bool,
    /// Whether the arrow head is where it begins.
    pub back: bool,
}

#[derive(Debug, PartialEq, Clone)]
enum Token {
    Word(String),
    Sign(char),
    Arrow,
    End,
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    at: usize,
}

/// Reads a graph.
///
/// # Errors
/// The text is not in the part of DOT that this module knows; the message names the line.
pub fn parse(text: &str) -> Result<Graph> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
    };
    parser.graph()
}

fn tokens(text: &str) -> Result<Vec<(Token, usize)>> {
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        match c {
            '\n' => line += 1,
            _ if c.is_whitespace() => {}
            '"' => {
                let start = line;
                let mut word = String::new();
                loop {
                    match chars.next() {
                        Some('"') => break,
                        Some('\\') => match chars.next() {
                            Some('n') => word.push('\n'),
                            Some(c @ ('"' | '\\')) => word.push(c),
                            Some(c) => bail!("line {line}: `\\{c}` is not expected here"),
                            None => {}
                        },
                        Some(c) => {
                            line += usize::from(c == '\n');
                            word.push(c);
                        }
                        None => bail!("line {start}: a quotation mark is not closed"),
                    }
                }
                tokens.push((Token::Word(word), start));
            }
            '-' if next == Some('>') => {
                chars.next();
                tokens.push((Token::Arrow, line));
            }
            '{' | '}' | '[' | ']' | '=' | ';' | ',' => tokens.push((Token::Sign(c), line)),
            // What begins with a minus is a number: `a -- b` and `a-b` are no words.
            _ if is_in_word(c)
                || c == '-' && next.is_some_and(|next| next.is_ascii_digit() || next == '.') =>
            {
                let mut word = String::from(c);
                while let Some(c) = chars.next_if(|c| is_in_word(*c)) {
                    word.push(c);
                }
                tokens.push((Token::Word(word), line));
            }
            _ => bail!("line {line}: `{c}` is not expected here"),
        }
    }
    tokens.push((Token::End, line));
    Ok(tokens)
}

fn is_in_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.')
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.at].0
    }

    fn advance(&mut self) -> Token {
        let token = self.tokens[self.at].0.clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    fn eat(&mut self, sign: char) -> bool {
        let found = *self.peek() == Token::Sign(sign);
        if found {
            self.advance();
        }
        found
    }

    fn expected<T>(&self, what: &str) -> Result<T> {
        let (token, line) = &self.tokens[self.at];
        let found = match token {
            Token::Word(word) => format!("`{word}`"),
            Token::Sign(sign) => format!("`{sign}`"),
            Token::Arrow => "`->`".to_owned(),
            Token::End => "the end".to_owned(),
        };
        bail!("line {line}: expected {what}, found {found}")
    }

    fn word(&mut self, what: &str) -> Result<String> {
        match self.peek() {
            Token::Word(word) => {
                let word = word.clone();
                self.advance();
                Ok(word)
            }
            _ => self.expected(what),
        }
    }

    fn graph(&mut self) -> Result<Graph> {
        if *self.peek() != Token::Word("digraph".to_owned()) {
            return self.expected("`digraph`");
        }
        self.advance();
        if !self.eat('{') {
            return self.expected("`{`");
        }
        let mut graph = Graph::default();
        loop {
            self.statement(&mut graph)?;
            let is_ended = self.eat(';');
            if self.eat('}') {
                break;
            }
            if !is_ended {
                return self.expected("`;` or `}` after a statement");
            }
        }
        match self.peek() {
            Token::End => Ok(graph),
            _ => self.expected("the end"),
        }
    }

    fn statement(&mut self, graph: &mut Graph) -> Result<()> {
        let from = self.node("a node or an edge", graph)?;
        if *self.peek() == Token::Arrow {
            self.advance();
            let to = self.node("a node", graph)?;
            let edge = self.edge(from, to)?;
            graph.edges.push(edge);
            return Ok(());
        }
        let node = &mut graph.nodes[from];
        for (key, value, line) in self.attributes()? {
            match (&*key, &*value) {
                ("label", _) => node.label = value.lines().map(str::to_owned).collect(),
                ("shape", "ellipse") => node.round = true,
                _ => bail!(
                    "line {line}: expected `label` or `shape=ellipse` at a node, found `{key}={value}`"
                ),
            }
        }
        Ok(())
    }

    /// The node with the name that is next, as an index.
    fn node(&mut self, what: &str, graph: &mut Graph) -> Result<usize> {
        if let Token::Word(word) = self.peek()
            && matches!(&**word, "graph" | "node" | "edge" | "subgraph")
        {
            return self.expected(what);
        }
        let name = self.word(what)?;
        let known = graph.nodes.iter().position(|node| node.name == name);
        Ok(known.unwrap_or_else(|| {
            graph.nodes.push(Node {
                label: vec![name.clone()],
                name,
                round: false,
            });
            graph.nodes.len() - 1
        }))
    }

    fn edge(&mut self, from: usize, to: usize) -> Result<Edge> {
        let mut edge = Edge {
            from,
            to,
            label: None,
            dashed: false,
            back: false,
        };
        for (key, value, line) in self.attributes()? {
            match (&*key, &*value) {
                ("label", text) if text.contains('\n') => {
                    bail!("line {line}: the label of an edge is one line")
                }
                ("label", _) => edge.label = Some(value),
                ("style", "dashed") => edge.dashed = true,
                ("dir", "back") => edge.back = true,
                _ => bail!(
                    "line {line}: expected `label`, `style=dashed` or `dir=back` at an edge, found `{key}={value}`"
                ),
            }
        }
        Ok(edge)
    }

    /// In brackets, if there are any: what is set, to which value, in which line.
    fn attributes(&mut self) -> Result<Vec<(String, String, usize)>> {
        let mut attributes = Vec::new();
        if !self.eat('[') {
            return Ok(attributes);
        }
        loop {
            let line = self.tokens[self.at].1;
            let key = self.word("an attribute")?;
            if !self.eat('=') {
                return self.expected("`=`");
            }
            attributes.push((key, self.word("a value")?, line));
            if self.eat(']') {
                return Ok(attributes);
            }
            if !self.eat(',') {
                return self.expected("`,` or `]`");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_graph_is_read() {
        let graph = parse(
            r#"
            digraph {
                n0 [label="x\n0.5"];
                n1 [label="exp", shape=ellipse];
                n0 -> n1 [label="4.2", style=dashed];
                n0 -> n1 [dir=back];
                n1 -> "a \"b\\";
                -1 -> n1
            }"#,
        )
        .unwrap();
        let node = |name: &str, label: &[&str], round| Node {
            name: name.into(),
            label: label.iter().map(|line| (*line).to_owned()).collect(),
            round,
        };
        let edge = |from, to| Edge {
            from,
            to,
            label: None,
            dashed: false,
            back: false,
        };
        assert_eq!(
            graph,
            Graph {
                nodes: vec![
                    node("n0", &["x", "0.5"], false),
                    node("n1", &["exp"], true),
                    node("a \"b\\", &["a \"b\\"], false),
                    node("-1", &["-1"], false),
                ],
                edges: vec![
                    Edge {
                        label: Some("4.2".into()),
                        dashed: true,
                        ..edge(0, 1)
                    },
                    Edge {
                        back: true,
                        ..edge(0, 1)
                    },
                    edge(1, 2),
                    edge(3, 1),
                ],
            }
        );
    }

    #[track_caller]
    fn refused(text: &str, message: &str) {
        assert_eq!(parse(text).unwrap_err().to_string(), message);
    }

    #[test]
    fn what_is_not_known_is_refused_with_its_line() {
        refused("graph { a }", "line 1: expected `digraph`, found `graph`");
        refused("digraph x { a }", "line 1: expected `{`, found `x`");
        for word in ["subgraph", "graph", "node", "edge"] {
            refused(
                &format!("digraph {{\n {word} [shape=ellipse];\n a\n}}"),
                &format!("line 2: expected a node or an edge, found `{word}`"),
            );
        }
        refused(
            "digraph {\n rankdir=BT;\n a\n}",
            "line 2: expected `;` or `}` after a statement, found `=`",
        );
        refused(
            "digraph {\n a\n b\n}",
            "line 3: expected `;` or `}` after a statement, found `b`",
        );
        refused(
            "digraph {\n a -> ;\n}",
            "line 2: expected a node, found `;`",
        );
        refused(
            "digraph {\n a -> b -> c\n}",
            "line 2: expected `;` or `}` after a statement, found `->`",
        );
        refused(
            "digraph { a;",
            "line 1: expected a node or an edge, found the end",
        );
        refused("digraph { a } b", "line 1: expected the end, found `b`");
        refused(
            "digraph { a [label=\"x] }",
            "line 1: a quotation mark is not closed",
        );
        refused(
            "digraph {\n a [label=\"x\\l\"]\n}",
            "line 2: `\\l` is not expected here",
        );
        refused("digraph { a:b }", "line 1: `:` is not expected here");
        refused(
            "digraph {\n}",
            "line 2: expected a node or an edge, found `}`",
        );
    }

    #[test]
    fn an_edge_without_a_direction_is_refused() {
        refused("digraph {\n a -- b\n}", "line 2: `-` is not expected here");
        refused("digraph { a-b -> c }", "line 1: `-` is not expected here");
        refused(
            "digraph { a-1 }",
            "line 1: expected `;` or `}` after a statement, found `-1`",
        );
    }

    #[test]
    fn what_is_not_drawn_is_refused_with_its_line() {
        let of_nodes = "expected `label` or `shape=ellipse` at a node, found";
        refused(
            "digraph {\n a [label=b,\n color=red]\n}",
            &format!("line 3: {of_nodes} `color=red`"),
        );
        refused(
            "digraph { a [shape=circle] }",
            &format!("line 1: {of_nodes} `shape=circle`"),
        );
        let of_edges = "expected `label`, `style=dashed` or `dir=back` at an edge, found";
        for attribute in ["style=dotted", "dir=both", "shape=ellipse"] {
            refused(
                &format!("digraph {{\n a -> b [{attribute}];\n}}"),
                &format!("line 2: {of_edges} `{attribute}`"),
            );
        }
        refused(
            "digraph { a -> b [label=\"c\\nd\"] }",
            "line 1: the label of an edge is one line",
        );
        refused("digraph { a [label] }", "line 1: expected `=`, found `]`");
        refused(
            "digraph { a [label=x shape=ellipse] }",
            "line 1: expected `,` or `]`, found `shape`",
        );
    }
}

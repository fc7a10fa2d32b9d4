//! A small part of Graphviz' DOT language, as much as the stages print.
//!
//! ```text
//! digraph name? {
//!     rankdir=BT;                              // TB (the default), BT, LR or RL
//!     node [shape=box];                        // read, but without effect (so is `edge`)
//!     n0 [label="x\n0.5", shape=ellipse];      // box (the default) or ellipse
//!     n1 -> n0 [label="4.2", style=dashed];    // solid (the default) or dashed
//!     n1 -> n0 [dir=back];                     // placed as before, with the arrow head at n1
//! }
//! ```
//!
//! Names are words, numbers or quoted; statements end with `;` or a new line; comments are
//! `//`, `#` and `/* */`. Other attributes are ignored. Subgraphs, ports, undirected edges and
//! HTML labels are errors.

use anyhow::{Result, bail};

/// A graph as it was written.
#[derive(Debug, PartialEq, Default)]
pub struct Graph {
    /// `TB`, `BT`, `LR` or `RL`.
    pub direction: Option<String>,
    /// The nodes, in the order in which they were first named.
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
    let graph = parser.graph()?;
    if graph.nodes.is_empty() {
        bail!("the graph has no nodes");
    }
    Ok(graph)
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
            '#' => while chars.next_if(|c| *c != '\n').is_some() {},
            '/' if next == Some('/') => while chars.next_if(|c| *c != '\n').is_some() {},
            '/' if next == Some('*') => {
                let mut last = ' ';
                chars.next();
                loop {
                    match chars.next() {
                        Some('/') if last == '*' => break,
                        Some(c) => {
                            line += usize::from(c == '\n');
                            last = c;
                        }
                        None => bail!("line {line}: a comment is not closed"),
                    }
                }
            }
            '"' => {
                let start = line;
                let mut word = String::new();
                loop {
                    match chars.next() {
                        Some('"') => break,
                        Some('\\') => match chars.next() {
                            Some('n' | 'l' | 'r') => word.push('\n'),
                            Some(c) => word.push(c),
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
            _ if c.is_alphanumeric() || matches!(c, '_' | '.' | '-') => {
                let mut word = String::from(c);
                while let Some(c) = chars.next_if(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
                {
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
        if let Token::Word(_) = self.peek() {
            self.advance();
        }
        if !self.eat('{') {
            return self.expected("`{`");
        }
        let mut graph = Graph::default();
        while !self.eat('}') {
            if !self.eat(';') {
                self.statement(&mut graph)?;
            }
        }
        match self.peek() {
            Token::End => Ok(graph),
            _ => self.expected("the end"),
        }
    }

    fn statement(&mut self, graph: &mut Graph) -> Result<()> {
        let word = self.word("a statement or `}`")?;
        if word == "subgraph" {
            self.at -= 1;
            return self.expected("a node or an edge");
        }
        if self.eat('=') {
            let value = self.word("a value")?;
            return graph.set(&word, value);
        }
        if matches!(&*word, "graph" | "node" | "edge") && *self.peek() == Token::Sign('[') {
            for (key, value) in self.attributes()? {
                if word == "graph" {
                    graph.set(&key, value)?;
                }
            }
            return Ok(());
        }
        let mut path = vec![graph.node(&word)];
        while *self.peek() == Token::Arrow {
            self.advance();
            let word = self.word("a node")?;
            path.push(graph.node(&word));
        }
        let attributes = self.attributes()?;
        if let [node] = path[..] {
            for (key, value) in attributes {
                match &*key {
                    "label" => graph.nodes[node].label = value.lines().map(str::to_owned).collect(),
                    "shape" => {
                        graph.nodes[node].round = matches!(&*value, "ellipse" | "circle" | "oval");
                    }
                    _ => {}
                }
            }
            return Ok(());
        }
        for pair in path.windows(2) {
            let find = |name: &str| {
                let found = attributes.iter().find(|(key, _)| key == name);
                found.map(|(_, value)| value.clone())
            };
            graph.edges.push(Edge {
                from: pair[0],
                to: pair[1],
                label: find("label").filter(|label| !label.is_empty()),
                dashed: find("style").is_some_and(|style| style == "dashed" || style == "dotted"),
                back: find("dir").is_some_and(|dir| dir == "back"),
            });
        }
        Ok(())
    }

    fn attributes(&mut self) -> Result<Vec<(String, String)>> {
        let mut attributes = Vec::new();
        while self.eat('[') {
            while !self.eat(']') {
                let key = self.word("an attribute or `]`")?;
                if !self.eat('=') {
                    return self.expected("`=`");
                }
                attributes.push((key, self.word("a value")?));
                let _ = self.eat(',') || self.eat(';');
            }
        }
        Ok(attributes)
    }
}

impl Graph {
    fn node(&mut self, name: &str) -> usize {
        let known = self.nodes.iter().position(|node| node.name == name);
        known.unwrap_or_else(|| {
            self.nodes.push(Node {
                name: name.to_owned(),
                label: vec![name.to_owned()],
                round: false,
            });
            self.nodes.len() - 1
        })
    }

    fn set(&mut self, key: &str, value: String) -> Result<()> {
        if key == "rankdir" {
            if !matches!(&*value, "TB" | "BT" | "LR" | "RL") {
                bail!("rankdir is TB, BT, LR or RL, not `{value}`");
            }
            self.direction = Some(value);
        }
        Ok(())
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
            digraph example {
                rankdir=BT; // upwards
                node [shape=box, fontname="x"];
                n0 [label="x\n0.5"];
                n1 [label="exp", shape=ellipse]
                n0 -> n1 [label="4.2", style=dashed];
                n0 -> n1 [dir=back];
                n1 -> "a b" -> n0 /* no label */
            }"#,
        )
        .unwrap();
        let node = |name: &str, label: &[&str], round| Node {
            name: name.into(),
            label: label.iter().map(|line| (*line).to_owned()).collect(),
            round,
        };
        let edge = |from, to, label: Option<&str>, dashed| Edge {
            from,
            to,
            label: label.map(str::to_owned),
            dashed,
            back: false,
        };
        assert_eq!(
            graph,
            Graph {
                direction: Some("BT".into()),
                nodes: vec![
                    node("n0", &["x", "0.5"], false),
                    node("n1", &["exp"], true),
                    node("a b", &["a b"], false)
                ],
                edges: vec![
                    edge(0, 1, Some("4.2"), true),
                    Edge {
                        back: true,
                        ..edge(0, 1, None, false)
                    },
                    edge(1, 2, None, false),
                    edge(2, 0, None, false)
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
        refused(
            "digraph {\n subgraph x { a }\n}",
            "line 2: expected a node or an edge, found `subgraph`",
        );
        refused(
            "digraph {\n a -> ;\n}",
            "line 2: expected a node, found `;`",
        );
        refused(
            "digraph { a",
            "line 1: expected a statement or `}`, found the end",
        );
        refused(
            "digraph { a [label=\"x] }",
            "line 1: a quotation mark is not closed",
        );
        refused("digraph { a:b }", "line 1: `:` is not expected here");
        refused("digraph { }", "the graph has no nodes");
        refused(
            "digraph { rankdir=up a }",
            "rankdir is TB, BT, LR or RL, not `up`",
        );
    }
}

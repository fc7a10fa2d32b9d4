//! What KaTeX has typeset, with fewer elements, and without breaks where none is read: half of what it
//! makes are spaces and supports, which can be the style of what is beside them. `book.css` knows them.

use katex::ClassList;
use katex::dom_tree::{DomSpan, HtmlDomNode, SymbolNode};
use katex::types::{CssProperty, CssStyle};
use katex::units::make_em;

/// Classes without a look: with no other one, a sign or a group needs no element.
const PLAIN: [&str; 8] = [
    "mord", "mbin", "mrel", "mopen", "mclose", "mpunct", "minner", "mtight",
];

/// Lightens a formula. One on a line of its own never breaks.
pub fn lighten(formula: &mut DomSpan, display: bool) {
    if formula.classes.contains("katex-html") {
        join(formula, display);
        spare(formula);
        return;
    }
    for child in &mut formula.children {
        if let HtmlDomNode::DomSpan(child) = child {
            lighten(child, display);
        }
    }
}

/// A browser breaks a line between two bases: one is left of those between which nobody reads a break.
fn join(formula: &mut DomSpan, display: bool) {
    let mut joined: Vec<HtmlDomNode> = Vec::new();
    let mut open = 0;
    for child in std::mem::take(&mut formula.children) {
        let together =
            display || open > 0 || joined.last().is_some_and(|last| number(last, &child));
        open += brackets(&child, "mopen") - brackets(&child, "mclose");
        match (joined.last_mut(), child) {
            (Some(HtmlDomNode::DomSpan(last)), HtmlDomNode::DomSpan(next))
                if together && is_base(last) && is_base(&next) =>
            {
                last.height = last.height.max(next.height);
                last.depth = last.depth.max(next.depth);
                // The first of its children is the strut.
                last.children.extend(next.children.into_iter().skip(1));
            }
            (_, child) => joined.push(child),
        }
    }
    for child in &mut joined {
        if let HtmlDomNode::DomSpan(base) = child
            && is_base(base)
        {
            base.children.remove(0);
            let height = make_em(base.height + base.depth);
            let mut style = format!("--height:{height};");
            if base.depth > 0.0 {
                style += &format!("--depth:{};", make_em(-base.depth));
            }
            base.attributes.insert("style".to_owned(), style);
        }
    }
    formula.children = joined;
}

fn is_base(span: &DomSpan) -> bool {
    span.classes.contains("katex-base")
}

fn parts(node: &HtmlDomNode) -> &[HtmlDomNode] {
    match node {
        HtmlDomNode::DomSpan(span) => &span.children,
        _ => &[],
    }
}

/// How many brackets of a kind are in a base. Side by side they are one symbol.
fn brackets(base: &HtmlDomNode, class: &str) -> i32 {
    let found = parts(base).iter().filter(|part| part.has_class(class));
    let counts =
        found.map(|part| symbol(part).map_or(1, |symbol| symbol.text.chars().count() as i32));
    counts.sum()
}

/// Whether the one ends, and the other goes on, as `2 · 10⁻⁸` does.
fn number(before: &HtmlDomNode, after: &HtmlDomNode) -> bool {
    let mut signs = parts(before).iter().rev().filter_map(symbol);
    let times = signs
        .next()
        .is_some_and(|sign| ["⋅", "×"].contains(&&*sign.text));
    let digit = |sign: Option<&SymbolNode>, end: fn(&str) -> Option<char>| {
        sign.and_then(|sign| end(&sign.text))
            .is_some_and(|letter| letter.is_ascii_digit())
    };
    let first = parts(after).iter().find_map(symbol);
    times
        && digit(signs.next(), |text| text.chars().next_back())
        && digit(first, |text| text.chars().next())
}

fn symbol(node: &HtmlDomNode) -> Option<&SymbolNode> {
    match node {
        HtmlDomNode::Symbol(symbol) => Some(symbol),
        _ => None,
    }
}

/// Leaves out elements for which a style or a text is enough.
fn spare(span: &mut DomSpan) {
    // What supports the rows of a fraction, or of an index.
    if let Some(HtmlDomNode::DomSpan(strut)) = span.children.first()
        && strut.classes.contains("pstrut")
        && let Some(height) = strut.style.get(CssProperty::Height)
    {
        let style = format!("{}--strut:{height};", std::mem::take(&mut span.style));
        span.attributes.insert("style".to_owned(), style);
        span.children.remove(0);
    }
    // The room beside a fraction.
    if let [
        HtmlDomNode::DomSpan(left),
        HtmlDomNode::DomSpan(fraction),
        HtmlDomNode::DomSpan(right),
    ] = &mut span.children[..]
        && fraction.classes.contains("mfrac")
        && [left, right].iter().all(|side| is_room(side))
    {
        fraction.style.insert(CssProperty::Margin, "0 0.12em");
        span.children.remove(2);
        span.children.remove(0);
    }
    for mut child in unpacked(std::mem::take(&mut span.children)) {
        if let HtmlDomNode::DomSpan(child) = &mut child {
            spare(child);
        }
        let widened = match (space(&child), span.children.last_mut()) {
            (Some(width), Some(before)) => widen(before, width),
            _ => false,
        };
        if !widened {
            span.children.push(child);
        }
    }
    // A row is a block with one child, which has to be an element.
    if span.attributes.contains_key("style") && !is_base(span) {
        return;
    }
    let is_plain = |classes: &ClassList| classes.iter().all(|class| PLAIN.contains(&class));
    for mut child in std::mem::take(&mut span.children) {
        match &mut child {
            HtmlDomNode::DomSpan(group)
                // Without any class it may be what the style sheet makes large.
                if is_plain(&group.classes)
                    && (group.children.is_empty() || !group.classes.is_empty())
                    && group.style.is_empty()
                    && group.attributes.is_empty() =>
            {
                span.children.append(&mut group.children);
                continue;
            }
            HtmlDomNode::Symbol(symbol) if is_plain(&symbol.classes) && symbol.italic <= 0.0 => {
                // With a style it is an element all the same.
                symbol.classes = ClassList::Empty;
            }
            _ => {}
        }
        span.children.push(child);
    }
}

/// What is in fragments, which are no elements.
fn unpacked(nodes: Vec<HtmlDomNode>) -> Vec<HtmlDomNode> {
    let nodes = nodes.into_iter().flat_map(|node| match node {
        HtmlDomNode::Fragment(fragment) => unpacked(fragment.children),
        node => vec![node],
    });
    nodes.collect()
}

/// Whether it is the empty sign beside a fraction, in the size of what is around it.
fn is_room(span: &DomSpan) -> bool {
    span.classes.contains("nulldelimiter") && !span.classes.contains("katex-sizing")
}

/// How wide a space is, in em.
fn space(node: &HtmlDomNode) -> Option<f64> {
    match node {
        HtmlDomNode::DomSpan(span)
            if span.classes.contains("mspace") && span.children.is_empty() =>
        {
            em(&span.style)
        }
        _ => None,
    }
}

fn em(style: &CssStyle) -> Option<f64> {
    let margin = style.get(CssProperty::MarginRight)?;
    margin.strip_suffix("em")?.parse().ok()
}

/// Whether a space could be added at the end of something: in another size it would be another space.
fn widen(node: &mut HtmlDomNode, space: f64) -> bool {
    let classes = node.classes();
    if !classes.iter().any(|class| class.starts_with('m')) || classes.contains("katex-sizing") {
        return false;
    }
    let (style, italic) = match node {
        HtmlDomNode::Symbol(symbol) => (&mut symbol.style, std::mem::take(&mut symbol.italic)),
        HtmlDomNode::DomSpan(span) => (&mut span.style, 0.0),
        _ => return false,
    };
    let width = em(style).unwrap_or(0.0) + italic.max(0.0) + space;
    style.insert(CssProperty::MarginRight, make_em(width));
    true
}

//! What the drawn pictures share: [`crate::draw::graph`], [`crate::draw::plot`] and [`crate::draw::matrix`].

use crate::html::escape;

/// How wide a text is if each of its letters takes so much.
pub(crate) fn width(text: &str, letter: f64) -> f64 {
    text.chars().count() as f64 * letter
}

/// The beginning of a picture, with its name and what it shows for those who cannot see it. `id` is
/// unique in the page. Unless the picture is to grow and shrink with the page, it is `fixed`.
pub(crate) fn head(
    class: &str,
    id: &str,
    title: &str,
    description: &str,
    (width, height): (f64, f64),
    fixed: bool,
) -> String {
    let size = if fixed {
        format!(r#" width="{width:.0}" height="{height:.0}""#)
    } else {
        String::new()
    };
    format!(
        r#"<svg class="{class}" role="img" aria-labelledby="{id}-title {id}-desc" viewBox="0 0 {width:.0} {height:.0}"{size}><title id="{id}-title">{}</title><desc id="{id}-desc">{}</desc>"#,
        escape(title),
        escape(description),
    )
}

/// The picture in a box that scrolls sideways, also by the keyboard. Where it need not scroll, the
/// theme's script takes the box out of the keyboard's way.
pub(crate) fn scrolling(svg: &str) -> String {
    format!(r#"<div class="graph-scroll" tabindex="0">{svg}</div>"#)
}

/// An element of a picture, for the tests: its place and width, its text and, of a path, its commands.
#[cfg(test)]
#[derive(Debug)]
pub(crate) struct Drawn {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) text: String,
    pub(crate) path: String,
}

/// The elements of a picture that have one of the classes, in order. What has no place is at NaN,
/// which is near nothing.
#[cfg(test)]
pub(crate) fn drawn(svg: &str, classes: &[&str]) -> Vec<Drawn> {
    let document = roxmltree::Document::parse(svg).unwrap();
    let found = document.descendants().filter_map(|node| {
        let class = node.attribute("class")?;
        if !class.split(' ').any(|class| classes.contains(&class)) {
            return None;
        }
        let number = |name: &str| node.attribute(name).map(|text| text.parse().unwrap());
        Some(Drawn {
            x: number("x").or(number("cx")).unwrap_or(f64::NAN),
            y: number("y").or(number("cy")).unwrap_or(f64::NAN),
            width: number("width").unwrap_or(f64::NAN),
            text: node.text().unwrap_or_default().to_owned(),
            path: node.attribute("d").unwrap_or_default().to_owned(),
        })
    });
    found.collect()
}

/// Panics unless two places are the same. Only one decimal is written, so sums are not exact.
#[cfg(test)]
#[track_caller]
pub(crate) fn assert_near(found: f64, wanted: f64) {
    assert!(
        (found - wanted).abs() < 0.3,
        "expected {wanted}, found {found}"
    );
}

//! What the drawn pictures share: [`crate::graph`], [`crate::plot`] and [`crate::matrix`].

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

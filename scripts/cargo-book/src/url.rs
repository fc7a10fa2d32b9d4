//! What a link in a page says.

use std::path::{Component, Path, PathBuf};

/// Without `.` and `..`.
pub(crate) fn normalized(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                out.pop();
            }
            Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}

/// Percent signs resolved.
pub(crate) fn decoded(text: &str) -> String {
    let bytes = percent_encoding::percent_decode_str(text);
    bytes.decode_utf8_lossy().into_owned()
}

/// The scheme of an address that does not lead into the book: `https` of `https://…`.
pub(crate) fn scheme(url: &str) -> Option<&str> {
    let start = url.split(['/', '?', '#']).next()?;
    start.split_once(':').map(|(scheme, _)| scheme)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_colon_after_a_slash_belongs_to_a_path() {
        assert_eq!(scheme("https://example.org/a"), Some("https"));
        assert_eq!(scheme("data:image/png,x"), Some("data"));
        for path in ["a.html", "a/b:c.html", "a?b:c", "#a:b", ""] {
            assert_eq!(scheme(path), None, "{path}");
        }
    }

    #[test]
    fn a_link_is_a_path() {
        assert_eq!(normalized(Path::new("a/../b/./c")), Path::new("b/c"));
        assert_eq!(decoded("a%20b"), "a b");
    }
}

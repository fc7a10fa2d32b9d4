//! The reader's progress in the course, which pages that are built here show: `cargo course` writes it into a
//! script, and the theme's `progress.js` loads that again and again.
//!
//! A book that is published comes from a workspace without such a file, and shows nothing of it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::html::escape;
use crate::stamp::PAGES;
use project::Workspace;

/// The file, from the top of the workspace.
pub const FILE: &str = "work/.progress.js";

/// How the element in the head begins that says where the file is.
pub const META: &str = r#"<meta name="course-progress""#;

/// The file, if there is one, or if it may come while the book is shown.
pub fn file(workspace: &Workspace, begins: bool) -> Option<PathBuf> {
    let file = workspace.path(FILE);
    (begins || file.is_file()).then_some(file)
}

/// Whether there is the file by now, and pages that do not know of it.
pub fn is_new(workspace: &Workspace, pages: &Path) -> bool {
    let page = fs::read_to_string(pages.join("index.html"));
    workspace.path(FILE).is_file() && !page.is_ok_and(|page| page.contains(META))
}

/// A page of `book/book` that knows where the file is. Pages that are written elsewhere do not: they are to be
/// the same on every machine.
pub fn in_head(text: &str, file: &Path, page: &Path) -> String {
    let root = file.ancestors().nth(2);
    let Some(place) = root.and_then(|root| page.strip_prefix(root.join(PAGES)).ok()) else {
        return text.to_owned();
    };
    let up = "../".repeat(place.components().count() + 1);
    let meta = format!(
        "{META} content=\"{}\">\n</head>",
        escape(&format!("{up}{FILE}"))
    );
    text.replacen("</head>", &meta, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_page_in_its_usual_place_knows_where_the_file_is() {
        let told = |page: &str| {
            in_head(
                "<head>\n</head>",
                Path::new("/a/work/.progress.js"),
                Path::new(page),
            )
        };
        assert_eq!(
            told("/a/book/book/one.html"),
            "<head>\n<meta name=\"course-progress\" content=\"../../work/.progress.js\">\n</head>"
        );
        assert!(told("/a/book/book/deep/one.html").contains("../../../work"));
        for elsewhere in ["/b/book/book/one.html", "/a/target/tmp/book/one.html"] {
            assert_eq!(told(elsewhere), "<head>\n</head>");
        }
    }
}

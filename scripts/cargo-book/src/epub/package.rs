//! The EPUB around the chapters: its metadata, its tables of contents, and the archive.

use std::io::{Cursor, Write};

use anyhow::{Context, Result};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::html::escape;

/// Tells this book from all others. It never changes.
const IDENTIFIER: &str = "urn:uuid:5a0f4d6e-2f0b-4c53-9a3e-7d1c86b0e941";
/// The date of the edition: a new edition gets a new one. A reader that has an older edition shows
/// the new one in its place.
const MODIFIED: &str = "2026-11-26T00:00:00Z";
/// Who may do what with the book.
pub(super) const RIGHTS: &str = "Text: CC BY 4.0. Code: MIT or Apache-2.0.";

/// The name of the style sheet, beside the chapters.
pub(super) const STYLE_NAME: &str = "book.css";
pub(super) const TITLE_PAGE: &str = "title-page.xhtml";

const MIMETYPE: &str = "application/epub+zip";
const CONTAINER: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"#;

/// What `book.toml` says of the book.
pub(super) struct Metadata<'a> {
    pub(super) title: &'a str,
    pub(super) description: Option<&'a str>,
    pub(super) language: &'a str,
    pub(super) authors: &'a [String],
}

/// A file of the EPUB.
pub(super) struct File {
    name: String,
    bytes: Vec<u8>,
    /// What the package must say of it: `mathml`, `svg`, `cover-image`.
    pub(super) properties: Vec<&'static str>,
    in_spine: bool,
}

impl File {
    pub(super) fn new(name: &str, bytes: impl Into<Vec<u8>>) -> File {
        File {
            name: name.to_owned(),
            bytes: bytes.into(),
            properties: Vec::new(),
            in_spine: false,
        }
    }

    /// The same file, to be read in its turn.
    pub(super) fn in_spine(self) -> File {
        File {
            in_spine: true,
            ..self
        }
    }
}

/// A line of the table of contents, with those below it. Its texts are XML.
#[derive(Default)]
pub(super) struct Entry {
    pub(super) title: String,
    /// A part has none.
    pub(super) href: Option<String>,
    pub(super) entries: Vec<Entry>,
}

impl Entry {
    /// Where it leads; for a part, to its first chapter.
    pub(super) fn target(&self) -> Option<&str> {
        let below = || self.entries.first().and_then(Entry::target);
        self.href.as_deref().or_else(below)
    }
}

/// An XHTML file. `kind` is what its body is, in the vocabulary of EPUB.
pub(super) fn xhtml(language: &str, title: &str, style: &str, kind: &str, body: &str) -> String {
    let language = escape(language);
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="{language}" xml:lang="{language}">
<head>
<title>{}</title>
<link rel="stylesheet" type="text/css" href="{}"/>
</head>
<body epub:type="{kind}">
{body}</body>
</html>
"#,
        escape(title),
        escape(style),
    )
}

/// The type of a file, from its name.
pub(super) fn media_type(name: &str) -> Option<&'static str> {
    let extension = name.rsplit_once('.')?.1.to_ascii_lowercase();
    Some(match &*extension {
        "xhtml" => "application/xhtml+xml",
        "css" => "text/css",
        "ncx" => "application/x-dtbncx+xml",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        _ => return None,
    })
}

/// The archive.
pub(super) fn pack(
    metadata: &Metadata<'_>,
    contents: &[Entry],
    mut files: Vec<File>,
) -> Result<Vec<u8>> {
    let mut nav = File::new("nav.xhtml", navigation(metadata, contents));
    nav.properties.push("nav");
    files.push(nav);
    // The table of contents for readers of EPUB 2.
    files.push(File::new("toc.ncx", ncx(metadata, contents)));

    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // The first file says what the archive is, at a place where no one need unpack it.
    let plain = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(0o644);
    let packed = plain.compression_method(CompressionMethod::Deflated);
    let mut add = |name: &str, bytes: &[u8], options| {
        zip.start_file(name, options)?;
        zip.write_all(bytes)
            .with_context(|| format!("{name} cannot be packed"))
    };
    add("mimetype", MIMETYPE.as_bytes(), plain)?;
    add("META-INF/container.xml", CONTAINER.as_bytes(), packed)?;
    let package = package(metadata, &files)?;
    add("EPUB/package.opf", package.as_bytes(), packed)?;
    for file in &files {
        add(&format!("EPUB/{}", file.name), &file.bytes, packed)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// `package.opf`: what the book is, its files, and the order in which they are read.
fn package(metadata: &Metadata<'_>, files: &[File]) -> Result<String> {
    let mut about = String::new();
    if let Some(description) = metadata.description {
        about.push_str(&format!(
            "<dc:description>{}</dc:description>\n",
            escape(description)
        ));
    }
    for author in metadata.authors {
        about.push_str(&format!("<dc:creator>{}</dc:creator>\n", escape(author)));
    }
    let mut manifest = String::new();
    let mut spine = String::new();
    for (number, file) in files.iter().enumerate() {
        let name = &file.name;
        let media_type = media_type(name).with_context(|| format!("{name} has no known type"))?;
        let id = if name == "toc.ncx" {
            "ncx".to_owned()
        } else {
            format!("file-{number}")
        };
        let properties = match &*file.properties.join(" ") {
            "" => String::new(),
            properties => format!(r#" properties="{properties}""#),
        };
        manifest.push_str(&format!(
            "<item id=\"{id}\" href=\"{}\" media-type=\"{media_type}\"{properties}/>\n",
            escape(name)
        ));
        if file.properties.contains(&"cover-image") {
            // For readers of EPUB 2.
            about.push_str(&format!("<meta name=\"cover\" content=\"{id}\"/>\n"));
        }
        if file.in_spine {
            spine.push_str(&format!("<itemref idref=\"{id}\"/>\n"));
        }
    }
    Ok(format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="identifier">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="identifier">{IDENTIFIER}</dc:identifier>
<dc:title>{}</dc:title>
<dc:language>{}</dc:language>
{about}<dc:rights>{RIGHTS}</dc:rights>
<meta property="dcterms:modified">{MODIFIED}</meta>
<meta property="schema:accessMode">textual</meta>
<meta property="schema:accessMode">visual</meta>
<meta property="schema:accessModeSufficient">textual</meta>
<meta property="schema:accessibilityFeature">MathML</meta>
<meta property="schema:accessibilityFeature">longDescription</meta>
<meta property="schema:accessibilityFeature">structuralNavigation</meta>
<meta property="schema:accessibilityFeature">tableOfContents</meta>
<meta property="schema:accessibilityHazard">none</meta>
</metadata>
<manifest>
{manifest}</manifest>
<spine toc="ncx">
{spine}</spine>
</package>
"#,
        escape(metadata.title),
        escape(metadata.language),
    ))
}

/// `nav.xhtml`: the table of contents.
fn navigation(metadata: &Metadata<'_>, contents: &[Entry]) -> String {
    let start = contents.iter().find_map(Entry::target).unwrap_or_default();
    let body = format!(
        r#"<nav epub:type="toc">
<h1>Contents</h1>
{}</nav>
<nav epub:type="landmarks" hidden="">
<h2>Landmarks</h2>
<ol>
<li><a epub:type="titlepage" href="{}">Title page</a></li>
<li><a epub:type="bodymatter" href="{start}">Start</a></li>
</ol>
</nav>
"#,
        list(contents),
        TITLE_PAGE,
    );
    xhtml(
        metadata.language,
        metadata.title,
        STYLE_NAME,
        "frontmatter",
        &body,
    )
}

fn list(entries: &[Entry]) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let mut out = String::from("<ol>\n");
    for Entry {
        title,
        href,
        entries,
    } in entries
    {
        let line = match href {
            Some(href) => format!(r#"<a href="{href}">{title}</a>"#),
            None => format!("<span>{title}</span>"),
        };
        out.push_str(&format!("<li>{line}{}</li>\n", list(entries)));
    }
    out + "</ol>\n"
}

/// `toc.ncx`: the same table for older readers.
fn ncx(metadata: &Metadata<'_>, contents: &[Entry]) -> String {
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1">
<head><meta name="dtb:uid" content="{IDENTIFIER}"/></head>
<docTitle><text>{}</text></docTitle>
<navMap>
{}</navMap>
</ncx>
"#,
        escape(metadata.title),
        points(contents, &mut 0),
    )
}

fn points(entries: &[Entry], number: &mut usize) -> String {
    let mut out = String::new();
    for entry in entries {
        let Some(target) = entry.target() else {
            continue;
        };
        *number += 1;
        out.push_str(&format!(
            "<navPoint id=\"point-{number}\"><navLabel><text>{}</text></navLabel><content src=\"{target}\"/>\n",
            entry.title,
        ));
        out.push_str(&points(&entry.entries, number));
        out.push_str("</navPoint>\n");
    }
    out
}

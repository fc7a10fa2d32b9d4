//! The EPUB: what is in the archive, that it is XML, and that its links lead somewhere.

mod theme;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use cargo_book::epub;
use cargo_book::preprocessor::Stages;
use mdbook_driver::MDBook;
use pretty_assertions::assert_eq;
use project::Workspace;
use roxmltree::{Document, Node, ParsingOptions};
use tempfile::TempDir;
use zip::{CompressionMethod, ZipArchive};

const MATHML: &str = "http://www.w3.org/1998/Math/MathML";
const SVG: &str = "http://www.w3.org/2000/svg";

const SUMMARY: &str = "\
# Summary

[Before](before.md)

# Part one

- [One & two](one.md)
  - [Deep](deep/below.md)

# Part two

- [Last](last.md)

[After](after.md)
";

const ONE: &str = r##"# One

{{#code stages/stage1/src/lib.rs}}

{{#diff stage1 stage2 lib.rs}}

## The *formula* $x_1 < \sin y$ {#formula}

$$ \frac{a}{b} $$

[deeper](deep/below.md#here), [out](https://example.org/?a=1&b=2), and a note[^1].

[^1]: Below.

> [!NOTE]
> Mind &amp; heart.

<details>
<summary>Predict: what is <code>1 &lt; 2</code>?</summary>

True.

</details>

| a | b |
|---|---|
| 1 | 2 |

term
: its meaning

<figure class="picture"><figcaption>A line</figcaption><svg viewBox="0 0 1 1"><path d="M0 0L1 1"></path></svg></figure>

```text
first {
second
```

A line<br>break, and ![a dot](images/dot.svg).
"##;

/// A workspace with two stages and a book of five chapters. None of them runs a program.
struct Fixture {
    folder: TempDir,
}

impl Fixture {
    fn new() -> Fixture {
        let fixture = Fixture {
            folder: tempfile::tempdir().unwrap(),
        };
        for (place, text) in theme::files() {
            fixture.write(&place, &text);
        }
        fixture.write("Cargo.toml", "[workspace]\n");
        fixture.write("stages/stage1/src/lib.rs", "fn old() {}\n");
        fixture.write("stages/stage2/src/lib.rs", "fn new() {}\n");
        fixture.write("book/src/SUMMARY.md", SUMMARY);
        fixture.write("book/src/before.md", "# Before\n");
        fixture.write("book/src/one.md", ONE);
        fixture.write(
            "book/src/deep/below.md",
            "# Below\n\n## Here\n\n[up](../one.md#formula) [top](#here) ![a dot](../images/dot.svg)\n",
        );
        fixture.write("book/src/last.md", "# Last\n");
        fixture.write("book/src/after.md", "# After\n");
        fixture.write(
            "book/src/images/dot.svg",
            "<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>",
        );
        fixture
    }

    fn write(&self, place: &str, text: &str) {
        let path = self.folder.path().join(place);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Builds the book, and writes the EPUB twice.
    fn epub(&self) -> anyhow::Result<Archive> {
        let workspace = Workspace::find(self.folder.path()).unwrap();
        // Without the checks of the pages: those allow no chapter in a folder of its own.
        let mut book = MDBook::load(workspace.path("book")).unwrap();
        book.with_preprocessor(Stages::default());
        book.build().unwrap();
        let target = self.folder.path().join("book.epub");
        written(&workspace, &book.build_dir_for("html"), &target)
    }
}

#[cfg(feature = "slow-tests")]
fn real() -> Workspace {
    Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The EPUB of a built book. Writing it again makes the same file.
fn written(workspace: &Workspace, folder: &Path, target: &Path) -> anyhow::Result<Archive> {
    epub::write(workspace, folder, target)?;
    let bytes = fs::read(target).unwrap();
    epub::write(workspace, folder, target)?;
    assert!(fs::read(target).unwrap() == bytes, "another file");
    Ok(Archive::open(bytes))
}

/// The files of an EPUB.
struct Archive {
    bytes: Vec<u8>,
    files: BTreeMap<String, String>,
}

impl Archive {
    fn open(bytes: Vec<u8>) -> Archive {
        let mut zip = ZipArchive::new(Cursor::new(bytes.clone())).unwrap();
        let first = zip.by_index(0).unwrap();
        assert_eq!(first.name().unwrap(), "mimetype");
        assert_eq!(first.compression(), CompressionMethod::Stored);
        drop(first);
        let mut files = BTreeMap::new();
        for index in 0..zip.len() {
            let mut file = zip.by_index(index).unwrap();
            let mut text = String::new();
            let name = file.name().unwrap().into_owned();
            file.read_to_string(&mut text).unwrap();
            files.insert(name, text);
        }
        assert_eq!(files["mimetype"], "application/epub+zip");
        Archive { bytes, files }
    }

    fn file(&self, name: &str) -> &str {
        let file = self.files.get(&format!("EPUB/{name}"));
        file.unwrap_or_else(|| panic!("{name} is not in {:?}", self.files.keys()))
    }

    /// Every file that is to be XML, read.
    fn documents(&self) -> BTreeMap<&str, Document<'_>> {
        let extensions = ["xhtml", "xml", "opf", "ncx", "svg"];
        let is_xml = |name: &str| extensions.contains(&name.rsplit('.').next().unwrap());
        let files = self.files.iter().filter(|(name, _)| is_xml(name));
        files
            .map(
                |(name, text)| match Document::parse_with_options(text, options()) {
                    Ok(document) => (&**name, document),
                    Err(error) => panic!("{name}: {error}"),
                },
            )
            .collect()
    }

    /// The chapters in the order of reading.
    fn spine(&self) -> Vec<String> {
        let package = Document::parse(self.file("package.opf")).unwrap();
        let items = elements(&package, "item");
        let name = |id| {
            let item = items.iter().find(|item| item.attribute("id") == Some(id));
            item.unwrap().attribute("href").unwrap().to_owned()
        };
        let order = elements(&package, "itemref");
        order
            .iter()
            .map(|item| name(item.attribute("idref").unwrap()))
            .collect()
    }

    /// What must hold in any EPUB of the book.
    fn verify(&self) {
        let documents = self.documents();
        let package = &documents["EPUB/package.opf"];
        let mut listed = BTreeSet::new();
        for item in elements(package, "item") {
            let name = format!("EPUB/{}", item.attribute("href").unwrap());
            let properties = item.attribute("properties").unwrap_or_default();
            if name.ends_with(".xhtml") {
                for (namespace, property) in [(MATHML, "mathml"), (SVG, "svg")] {
                    let found = documents[&*name].descendants();
                    let used = found
                        .filter(Node::is_element)
                        .any(|node| node.tag_name().namespace() == Some(namespace));
                    let said = properties.split(' ').any(|said| said == property);
                    assert_eq!(said, used, "{property} in {name}");
                }
            }
            assert!(listed.insert(name), "{item:?} is listed twice");
        }
        let apart = ["mimetype", "META-INF/container.xml", "EPUB/package.opf"];
        listed.extend(apart.map(str::to_owned));
        let files: BTreeSet<String> = self.files.keys().cloned().collect();
        assert_eq!(listed, files);

        for (name, document) in &documents {
            let mut ids = BTreeSet::new();
            for node in document.descendants() {
                if let Some(id) = node.attribute("id") {
                    assert!(ids.insert(id), "{name}: `{id}` is there twice");
                }
                for attribute in ["href", "src"] {
                    if let Some(url) = node.attribute(attribute) {
                        let web = url.contains("://") && node.tag_name().name() == "a";
                        assert!(web || leads(&documents, &files, name, url), "{name}: {url}");
                    }
                }
                let names = [Some(node.tag_name().name()), node.attribute("class")];
                for unwanted in ["details", "script", "semantics", "katex-html"] {
                    assert!(!names.contains(&Some(unwanted)), "{name}: {unwanted}");
                }
                let text = if node.is_text() { node.text() } else { None };
                let found = text.is_some_and(|text| text.contains("{{#"));
                assert!(!found, "{name}: {text:?}");
            }
        }
        let style = self.file("book.css");
        assert!(!style.contains("url(") && !style.contains("@import"));
    }
}

/// XHTML has a document type.
fn options<'a>() -> ParsingOptions<'a> {
    ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    }
}

fn elements<'a, 'i>(document: &'a Document<'i>, name: &str) -> Vec<Node<'a, 'i>> {
    let all = document.descendants();
    all.filter(|node| node.tag_name().name() == name).collect()
}

/// Whether a link in the file `name` leads to a file of the EPUB, and to an id in it.
fn leads(
    documents: &BTreeMap<&str, Document<'_>>,
    files: &BTreeSet<String>,
    name: &str,
    url: &str,
) -> bool {
    let (path, fragment) = url.split_once('#').unwrap_or((url, ""));
    let mut target: Vec<&str> = name.split('/').collect();
    if !path.is_empty() {
        target.pop();
        for part in path.split('/') {
            match part {
                ".." => drop(target.pop()),
                part => target.push(part),
            }
        }
    }
    let target = target.join("/");
    let has_id = || {
        let mut all = documents[&*target].descendants();
        all.any(|node| node.attribute("id") == Some(fragment))
    };
    files.contains(&target) && (fragment.is_empty() || has_id())
}

#[test]
fn a_small_book_is_an_epub() {
    let epub = Fixture::new().epub().unwrap();
    epub.verify();
    assert_eq!(
        epub.spine(),
        [
            "title-page.xhtml",
            "before.xhtml",
            "one.xhtml",
            "deep/below.xhtml",
            "last.xhtml",
            "after.xhtml"
        ]
    );
    let picture = epub.file("images/dot.svg");
    assert!(picture.starts_with("<svg"), "{picture}");

    let cover = epub.file("cover.svg");
    let lines = r#"y="230">Autograd from</tspan><tspan x="100" y="380">Scratch in</tspan>"#;
    assert!(cover.contains(lines), "{cover}");
    let package = epub.file("package.opf");
    for wanted in [
        r#"href="cover.svg" media-type="image/svg+xml" properties="cover-image"/>"#,
        r#"<meta name="cover" content="file-1"/>"#,
    ] {
        assert!(package.contains(wanted), "{wanted} is not in\n{package}");
    }

    let nav = epub.file("nav.xhtml");
    assert_eq!(
        nav.split_once("<h1>Contents</h1>\n")
            .unwrap()
            .1
            .split_once("</nav>")
            .unwrap()
            .0,
        "\
<ol>
<li><a href=\"before.xhtml\">Before</a></li>
<li><span>Part one</span><ol>
<li><a href=\"one.xhtml\">One &amp; two</a><ol>
<li><a href=\"one.xhtml#formula\">The formula x1&lt;sin\u{2061}y</a></li>
<li><a href=\"deep/below.xhtml\">Deep</a><ol>
<li><a href=\"deep/below.xhtml#here\">Here</a></li>
</ol>
</li>
</ol>
</li>
</ol>
</li>
<li><span>Part two</span><ol>
<li><a href=\"last.xhtml\">Last</a></li>
</ol>
</li>
<li><a href=\"after.xhtml\">After</a></li>
</ol>
"
    );
    let points: Vec<&str> = epub
        .file("toc.ncx")
        .split("<content src=\"")
        .skip(1)
        .collect();
    let points: Vec<&str> = points
        .iter()
        .map(|point| point.split('"').next().unwrap())
        .collect();
    assert_eq!(
        points,
        [
            "before.xhtml",
            "one.xhtml", // part one
            "one.xhtml",
            "one.xhtml#formula",
            "deep/below.xhtml",
            "deep/below.xhtml#here",
            "last.xhtml", // part two
            "last.xhtml",
            "after.xhtml"
        ]
    );
}

#[test]
fn a_chapter_reads_well_on_paper() {
    let epub = Fixture::new().epub().unwrap();
    let page = epub.file("one.xhtml");
    for wanted in [
        "<title>One &amp; two</title>",
        "<h2 id=\"formula\">The <em>formula</em> <math xmlns=\"http://www.w3.org/1998/Math/MathML\">",
        "<mi>sin</mi><mo lspace=\"0\" rspace=\"0.1667em\">\u{2061}</mo><mi>y</mi>",
        "<math xmlns=\"http://www.w3.org/1998/Math/MathML\" display=\"block\"><mfrac>",
        "<a href=\"deep/below.xhtml#here\">",
        "<a href=\"https://example.org/?a=1&amp;b=2\">",
        "<figure class=\"listing\"><figcaption> <code>stages/stage1/src/lib.rs</code></figcaption>\n\
         <pre><code class=\"code-rust\"><span class=\"hl-keyword\">fn</span>",
        "<del><span class=\"diff-mark\">-</span>",
        "<ins><span class=\"diff-mark\">+</span>",
        "<p class=\"blockquote-tag-title\">Note</p>",
        "<div class=\"fold\">\n<p class=\"fold-title\">Predict: ",
        "<p>True.</p>\n</div>",
        "<dt id=\"term\">",
        "viewBox=\"0 0 1 1\"><path d=\"M0 0L1 1\"/></svg><figcaption>A line</figcaption></figure>",
        "<pre><code class=\"code-text\">first &#123;\nsecond\n</code></pre>",
        "A line<br/>break",
        "break, and <img alt=\"a dot\" src=\"images/dot.svg\"/>.</p>",
    ] {
        assert!(page.contains(wanted), "{wanted} is not in\n{page}");
    }
    let deep = epub.file("deep/below.xhtml");
    for wanted in [
        "href=\"../book.css\"",
        "href=\"../one.xhtml#formula\"",
        "href=\"#here\"",
    ] {
        assert!(deep.contains(wanted), "{wanted} is not in\n{deep}");
    }
}

#[test]
fn the_same_book_in_another_folder_is_the_same_file() {
    let [one, other] = [(); 2].map(|()| Fixture::new().epub().unwrap());
    assert!(one.bytes == other.bytes);
}

#[test]
fn what_cannot_stand_in_an_epub_is_refused_with_its_chapter() {
    let fixture = Fixture::new();
    fixture.write("book/src/images/dot.txt", "");
    fixture.write(
        "book/src/deep/below.md",
        "# Below\n\n## Here\n\n[a](../print.html) [b](../one.md#mdbook-content)\n\n\
         <b id=\"here\">\u{7}</b> ![c](../images/dot.txt)\n",
    );
    let error = fixture.epub().err().unwrap().to_string();
    assert_eq!(
        error,
        "5 problems in the EPUB:
  book/src/deep/below.md: the id `here` is there twice
  book/src/deep/below.md: the character U+0007 cannot stand in an EPUB
  book/src/deep/below.md: `../print.html` leads to no chapter
  book/src/deep/below.md: `../one.html#mdbook-content` leads to no place in that chapter
  book/src/deep/below.md: `../images/dot.txt`: expected a picture in SVG, PNG, JPEG, GIF or WebP"
    );
}

/// Builds the whole book, which takes a minute.
#[cfg(feature = "slow-tests")]
#[test]
fn the_book_is_an_epub() {
    // Not into book/book: someone may be reading there.
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("epub");
    let built = std::process::Command::new(env!("CARGO_BIN_EXE_cargo-book"))
        .arg("build")
        .current_dir(real().root())
        .env("MDBOOK_BUILD__BUILD_DIR", &folder)
        .output()
        .unwrap();
    assert!(built.status.success(), "{built:?}");
    let target = folder.with_extension("epub");
    let epub = written(&real(), &folder, &target).unwrap();
    epub.verify();
    let summary = real().read("book/src/SUMMARY.md").unwrap();
    let links = summary.split("](").skip(1);
    let mut chapters: Vec<String> = links
        .map(|link| link.split(".md)").next().unwrap().to_owned() + ".xhtml")
        .collect();
    assert!(chapters.len() > 10, "{chapters:?}");
    chapters.insert(0, "title-page.xhtml".to_owned());
    assert_eq!(epub.spine(), chapters);
}

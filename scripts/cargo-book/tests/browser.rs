//! The real book in a real browser: each page opens from the disk, without the network and
//! without a complaint; everyone can use it, on any screen; and it is light.

mod chromium;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::sync::mpsc::{self, Receiver};
use std::thread;

use chromium::{Chromium, Reader, Tab};
use pretty_assertions::assert_eq;
use project::Workspace;
use project::anchors::Source;
use serde_json::json;

/// A proxy that leads nowhere: it only tells what it was asked for.
struct Proxy {
    port: u16,
    asked: Receiver<String>,
}

impl Proxy {
    fn start() -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asks, asked) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut request = String::new();
                let read = BufReader::new(stream.unwrap()).read_line(&mut request);
                if read.is_err() || asks.send(request).is_err() {
                    return;
                }
            }
        });
        Proxy { port, asked }
    }
}

/// Chromium asks its maker for the time and for news of itself, whatever page is open. That the
/// pages name no such host is checked whenever the book is built.
fn is_of_the_browser(request: &str) -> bool {
    // Or it opens a connection, and says nothing.
    if request.is_empty() {
        return true;
    }
    ["google.com", "googleapis.com", "gvt1.com"]
        .iter()
        .any(|host| request.contains(&format!(".{host}")))
}

/// What the page at `address` says on the console, and asks from other hosts.
fn complaints(browser: &Path, proxy: &Proxy, address: &str) -> Vec<String> {
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu"])
        .args(["--no-first-run", "--disable-sync", "--disable-quic"])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
        ])
        .arg(format!("--proxy-server=http://127.0.0.1:{}", proxy.port))
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(["--enable-logging=stderr", "--dump-dom", address])
        .output()
        .unwrap();
    let page = String::from_utf8_lossy(&output.stdout);
    assert!(
        page.contains("</html>"),
        "{address} did not open: {output:?}"
    );
    let log = String::from_utf8_lossy(&output.stderr);
    let said = log.lines().filter_map(|line| line.split_once("CONSOLE"));
    let asked = proxy.asked.try_iter();
    said.map(|(_, said)| said.to_owned())
        .chain(asked.filter(|request| !is_of_the_browser(request)))
        .collect()
}

/// Where the book's repository is said to be.
const REPOSITORY: &str = "https://example.org/somebody/autograd";

/// The real book, built into a folder of that name.
fn built(name: &str) -> PathBuf {
    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let built = Command::new(env!("CARGO_BIN_EXE_cargo-book"))
        .arg("build")
        .current_dir(workspace.root())
        .env("MDBOOK_BUILD__BUILD_DIR", &folder)
        .env("MDBOOK_OUTPUT__HTML__GIT_REPOSITORY_URL", REPOSITORY)
        .output()
        .unwrap();
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    folder
}

/// Built once for all tests.
static BOOK: LazyLock<PathBuf> = LazyLock::new(|| built("book"));

/// The pages of [`BOOK`], by name. `print` holds all of them once more.
fn pages() -> Vec<String> {
    let files = std::fs::read_dir(&*BOOK).unwrap();
    let names = files.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut pages: Vec<String> = names
        .filter_map(|name| name.strip_suffix(".html").map(str::to_owned))
        .collect();
    pages.sort();
    assert!(pages.len() > 8, "{pages:?}");
    pages
}

/// All files in a folder and in those below it.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.insert(path.clone(), std::fs::read(path).unwrap());
        }
    }
    files
}

#[test]
fn a_second_build_is_the_same_byte_for_byte() {
    let [first, second] = [BOOK.clone(), built("book-again")].map(|folder| {
        let files = files(&folder).into_iter();
        let place = |path: PathBuf| path.strip_prefix(&folder).unwrap().to_owned();
        files
            .map(|(path, bytes)| (place(path), bytes))
            .collect::<BTreeMap<_, _>>()
    });
    assert!(first.len() > 30, "{:?}", first.keys());
    let places: BTreeSet<&PathBuf> = first.keys().chain(second.keys()).collect();
    let different: Vec<_> = places
        .into_iter()
        .filter(|place| first.get(*place) != second.get(*place))
        .collect();
    assert_eq!(different, Vec::<&PathBuf>::new());
}

#[test]
fn every_page_opens_without_network_and_without_an_error() {
    let Some(browser) = chromium::program() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad.html");
    let text = "<html><img src='http://example.invalid/a.png'><script>oops()</script></html>";
    std::fs::write(&bad, text).unwrap();
    let proxy = Proxy::start();
    let address = format!("file://{}", bad.display());
    let said = complaints(&browser, &proxy, &address).join("\n");
    assert!(said.contains("oops is not defined"), "not seen: {said}");
    assert!(
        said.contains("http://example.invalid/a.png"),
        "not seen: {said}"
    );

    for page in pages() {
        let address = format!("file://{}/{page}.html", BOOK.display());
        let said = complaints(&browser, &proxy, &address);
        assert_eq!(said, Vec::<String>::new(), "{address}");
    }
}

/// Serves the book; gives its address.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let files = tower_http::services::ServeDir::new(&*BOOK);
    let app = axum::Router::new().fallback_service(files);
    thread::spawn(move || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let served = runtime.enable_all().build().unwrap().block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, app).await
        });
        served.unwrap();
    });
    address
}

const WIDE: Reader = Reader {
    width: 1280,
    dark: false,
    scripts: true,
    stored: None,
};

const NARROW: Reader = Reader { width: 360, ..WIDE };

/// What is wrong with a page as it stands: by axe-core, which is in `tests/axe`, and sideways.
fn findings(tab: &mut Tab<'_>) -> Vec<String> {
    const AXE: &str = include_str!("axe/axe.min.js");
    tab.evaluate(&format!("{AXE}; 0"));
    let found = tab.evaluate(
        "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.flatMap(
            ({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target}: ${failureSummary}`)
        ))",
    );
    let mut found: Vec<String> = serde_json::from_value(found).unwrap();
    let page = "document.documentElement.scrollWidth > window.innerWidth";
    if tab.evaluate(page) == json!(true) {
        found.push("the page scrolls sideways".to_owned());
    }
    found
}

#[test]
fn everyone_can_use_every_page() {
    let Some(program) = chromium::program() else {
        return;
    };
    let (mut chromium, address) = (Chromium::start(&program), serve());

    // The judge is awake.
    let bad = "data:text/html,<html><body style='min-width: 99em'><img src='data:,'></body></html>";
    let found = findings(&mut chromium.open(bad, &NARROW)).join("\n");
    for wanted in ["image-alt: ", "html-has-lang: ", "scrolls sideways"] {
        assert!(found.contains(wanted), "{wanted} is not in {found}");
    }

    let mut all = Vec::new();
    let dark = Reader { dark: true, ..WIDE };
    for page in pages() {
        for reader in [dark, NARROW] {
            let mut tab = chromium.open(&format!("{address}/{page}.html"), &reader);
            let found = findings(&mut tab).into_iter();
            all.extend(found.map(|finding| format!("{page}, {reader:?}: {finding}")));
        }
    }
    assert_eq!(all, Vec::<String>::new());

    // Everything that can be opened or chosen, in the chapter that has most of it.
    let chosen = |key, value| Reader {
        stored: Some((key, value)),
        ..WIDE
    };
    let build = ("book-reading", "build");
    let click = |element: &str| format!("document.querySelector('{element}').click()");
    let search = "(async () => {
        const soon = (test) => new Promise((done) => {
            const timer = setInterval(() => test() && (clearInterval(timer), done()), 20);
        });
        document.querySelector('#mdbook-search-toggle').click();
        const bar = document.querySelector('#mdbook-searchbar');
        await soon(() => document.activeElement === bar);
        bar.value = 'gradient';
        bar.dispatchEvent(new KeyboardEvent('keyup'));
        await soon(() => document.querySelector('#mdbook-searchresults li'));
    })()";
    for (reader, action) in [
        (chosen("mdbook-theme", "light"), String::new()),
        (chosen("mdbook-theme", "navy"), String::new()),
        (chosen("mdbook-sidebar", "hidden"), String::new()),
        (chosen(build.0, build.1), String::new()),
        (
            Reader {
                dark: true,
                ..chosen(build.0, build.1)
            },
            String::new(),
        ),
        (
            Reader {
                width: 360,
                ..chosen(build.0, build.1)
            },
            String::new(),
        ),
        (NARROW, click("#mdbook-sidebar-toggle")),
        (WIDE, click("#theme summary")),
        (NARROW, click("#theme summary")),
        (WIDE, search.to_owned()),
        (NARROW, search.to_owned()),
        (Reader { dark: true, ..WIDE }, search.to_owned()),
        (
            Reader {
                scripts: false,
                ..WIDE
            },
            String::new(),
        ),
        (
            Reader {
                scripts: false,
                ..NARROW
            },
            String::new(),
        ),
        (
            Reader {
                scripts: false,
                dark: true,
                ..NARROW
            },
            String::new(),
        ),
    ] {
        let mut tab = chromium.open(&format!("{address}/stage2.html"), &reader);
        tab.evaluate(&action);
        assert_eq!(
            findings(&mut tab),
            Vec::<String>::new(),
            "{reader:?} {action}"
        );
    }
}

#[test]
fn who_builds_the_stages_asks_for_their_code() {
    let Some(program) = chromium::program() else {
        return;
    };
    let (mut chromium, address) = (Chromium::start(&program), serve());
    let page = format!("{address}/stage2.html");
    // How many listings of the stages are open, and whether the folds of the chapter are closed.
    let open = "(() => {
        const all = Array.from(document.querySelectorAll('main details'));
        const [open, closed] = [true, false].map((open) => all.filter((one) => one.open === open));
        return [open.length, closed.length, open.every((one) => one.matches('.solution'))];
    })()";
    let folds = "document.querySelectorAll('main details:not(.solution)').length";
    let listings = "document.querySelectorAll('main details.solution').length";

    let mut tab = chromium.open(&page, &WIDE);
    let (folds, listings) = (tab.evaluate(folds), tab.evaluate(listings));
    assert!(folds.as_u64() > Some(3) && listings.as_u64() > Some(9));
    assert_eq!(tab.evaluate(open), json!([listings, folds, true]));
    // What is said of the lines of a listing is folded with it.
    let comments = "document.querySelectorAll('main details.solution + .commentary').length";
    let readable = "Array.from(document.querySelectorAll('.commentary p'))
        .filter((paragraph) => paragraph.checkVisibility())
        .map((paragraph) => paragraph.closest('.commentary'))
        .filter((comment, i, all) => comment !== all[i - 1]).length";
    let comments = tab.evaluate(comments);
    assert!(comments.as_u64() > Some(5));
    assert_eq!(tab.evaluate(readable), comments);
    tab.evaluate("document.querySelector('[name=reading][value=build]').click()");
    let all = folds.as_u64().unwrap() + listings.as_u64().unwrap();
    assert_eq!(tab.evaluate(open), json!([0, all, true]));
    assert_eq!(tab.evaluate(readable), json!(0));
    // It is remembered.
    tab.evaluate("window.before = true; location.reload()");
    tab.until("!window.before && document.readyState === 'complete'");
    assert_eq!(tab.evaluate(open), json!([0, all, true]));
    assert_eq!(tab.evaluate(readable), json!(0));
    tab.evaluate("document.querySelector('.solution:has(+ .commentary) summary').click()");
    assert_eq!(tab.evaluate(open), json!([1, all - 1, true]));
    assert_eq!(tab.evaluate(readable), json!(1));
    drop(tab);

    // The rules of stage 4 would give some of its steps away.
    let builds = Reader {
        stored: Some(("book-reading", "build")),
        ..WIDE
    };
    let mut tab = chromium.open(&format!("{address}/rules.html"), &builds);
    let tables = "document.querySelectorAll('.rules > .table-wrapper').length";
    let shown = "Array.from(document.querySelectorAll('.rules > .table-wrapper'))
        .filter((table) => table.checkVisibility({ contentVisibilityAuto: true })).length";
    assert!(tab.evaluate(tables).as_u64() > Some(3));
    assert_eq!(tab.evaluate(shown), json!(1), "what has no rule");
    drop(tab);

    let without = Reader {
        scripts: false,
        ..WIDE
    };
    let mut tab = chromium.open(&page, &without);
    assert_eq!(tab.evaluate(open), json!([listings, folds, true]));
    assert_eq!(tab.evaluate(readable), comments);
}

#[test]
fn a_report_knows_the_page_the_section_and_the_words() {
    let Some(program) = chromium::program() else {
        return;
    };
    let (mut chromium, address) = (Chromium::start(&program), serve());
    // The two links, as they are when they are clicked.
    let filled = "Array.from(document.querySelectorAll('.report')).map((link) => {
        link.dispatchEvent(new PointerEvent('pointerdown'));
        const asked = new URL(link.href).searchParams;
        return [asked.get('template'), asked.get('page'), asked.get('statement')];
    })";
    let form = "wrong-statement.yml";
    let mut tab = chromium.open(&format!("{address}/index.html"), &WIDE);
    let first = json!([form, "introduction.md", ""]);
    assert_eq!(tab.evaluate(filled), json!([first, first]));
    drop(tab);

    let mut tab = chromium.open(&format!("{address}/stage2.html"), &WIDE);
    let second = "main.querySelectorAll('h2')[1]";
    tab.evaluate(&format!(
        "window.main = document.querySelector('main'); {second}.scrollIntoView()"
    ));
    let id = tab.evaluate(&format!("{second}.id"));
    let id = id.as_str().unwrap();
    tab.until(&format!(
        "document.querySelector('.sections .current')?.hash === '#{id}'"
    ));
    let section = format!("stage2.md#{id}");
    assert_eq!(
        tab.evaluate(filled),
        json!([[form, section, ""], [form, "stage2.md", ""]])
    );
    // Words of another section, though the reader has scrolled on.
    let words = tab.evaluate(
        "(() => {
            const third = main.querySelectorAll('h2')[2];
            const paragraph = Array.from(main.querySelectorAll('p')).find(
                (one) => third.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
            document.getSelection().selectAllChildren(paragraph);
            return [third.id, document.getSelection().toString().trim()];
        })()",
    );
    let [id, words]: [String; 2] = serde_json::from_value(words).unwrap();
    let selected = json!([form, format!("stage2.md#{id}"), words]);
    assert_eq!(tab.evaluate(filled), json!([selected, selected]));
}

#[test]
fn the_theme_follows_the_system_also_without_scripts() {
    let Some(program) = chromium::program() else {
        return;
    };
    let (mut chromium, address) = (Chromium::start(&program), serve());
    let mut ground = |reader: &Reader| {
        let mut tab = chromium.open(&format!("{address}/index.html"), reader);
        tab.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    };
    let [light, dark] = [false, true].map(|dark| ground(&Reader { dark, ..WIDE }));
    assert_ne!(light, dark);
    for (is_dark, expected) in [(false, &light), (true, &dark)] {
        let reader = Reader {
            dark: is_dark,
            scripts: false,
            ..WIDE
        };
        assert_eq!(&ground(&reader), expected);
    }
    for (theme, expected) in [("light", &light), ("navy", &dark)] {
        for dark in [false, true] {
            let stored = Some(("mdbook-theme", theme));
            assert_eq!(
                &ground(&Reader {
                    dark,
                    stored,
                    ..WIDE
                }),
                expected,
                "{theme}"
            );
        }
    }
}

/// Bytes on the way from a server that compresses.
fn compressed(file: &Path) -> usize {
    let bytes = std::fs::read(file).unwrap();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(&bytes).unwrap();
    encoder.finish().unwrap().len()
}

#[test]
fn every_page_is_light() {
    const MOST: usize = 250 * 1024;
    let Some(program) = chromium::program() else {
        return;
    };
    let (mut chromium, address) = (Chromium::start(&program), serve());
    for page in pages() {
        // All chapters in one: for paper.
        if page == "print" {
            continue;
        }
        let mut tab = chromium.open(&format!("{address}/{page}.html"), &WIDE);
        tab.evaluate("document.fonts.ready.then(() => true)");
        let requests: BTreeSet<String> = tab.requests().into_iter().collect();
        let files: Vec<&str> = requests
            .iter()
            .filter_map(|request| request.strip_prefix(&format!("{address}/")))
            .collect();
        let weights: BTreeMap<&str, usize> = files
            .into_iter()
            .map(|file| (file, compressed(&BOOK.join(file))))
            .collect();
        let has = |part: &str| weights.keys().any(|file| file.contains(part));
        assert!(has(".html") && has(".css"), "{weights:?}");
        // The index of the search is as heavy as all pages together: it waits until it is wanted.
        assert!(!has("search"), "{weights:?}");
        let weight: usize = weights.values().sum();
        assert!(weight < MOST, "{page}: {weight} bytes, {weights:#?}");
        println!("{page}: {weight}");
    }
}

#[test]
fn every_page_says_what_it_is() {
    let Some(program) = chromium::program() else {
        return;
    };
    let (mut chromium, address) = (Chromium::start(&program), serve());
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for page in pages() {
        let mut tab = chromium.open(&format!("{address}/{page}.html"), &WIDE);
        let about = tab.evaluate(
            "[document.documentElement.lang, document.title, document.querySelector('main h1').textContent,
              document.head.querySelector('meta[name=description]')?.content ?? '',
              document.head.querySelector('meta[name=robots]')?.content ?? '']",
        );
        let [language, title, heading, description, robots]: [String; 5] =
            serde_json::from_value(about).unwrap();
        assert_eq!(language, "en", "{page}");
        // The front page is the first chapter, and the page for paper holds what all others hold.
        if robots == "noindex" || page == "index" {
            continue;
        }
        assert!(title.starts_with(&heading), "{page}: {title}, {heading}");
        let letters = description.chars().count();
        assert!(
            (70..=170).contains(&letters),
            "{page}: {letters}: {description}"
        );
        for text in [title, description] {
            let before = seen.insert(text, page.clone());
            assert_eq!(before, None, "{page} says of itself what another page says");
        }
    }
    assert!(seen.len() > 16, "{seen:?}");
}

/// Clicks the button of each difference on a page, and keeps what it would copy.
const COPY: &str = "(() => {
    const copied = [];
    const clipboard = { writeText: async (text) => copied.push(text) };
    Object.defineProperty(navigator, 'clipboard', { value: clipboard });
    for (const code of document.querySelectorAll('.code-diff')) {
        code.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
        code.parentElement.querySelector('.copy')?.click();
    }
    return copied;
})()";

#[test]
fn the_button_at_a_difference_copies_the_new_code() {
    let Some(program) = chromium::program() else {
        return;
    };
    let (mut chromium, address) = (Chromium::start(&program), serve());
    let mut tab = chromium.open(&format!("{address}/stage2.html"), &WIDE);
    let copied: Vec<String> = serde_json::from_value(tab.evaluate(COPY)).unwrap();

    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let new = Source::read(&workspace, "stages/stage2/src/trace.rs").unwrap();
    let new = new.expect(Some("record")).unwrap().text;
    assert!(copied.contains(&new), "{copied:#?}");
    // Where a whole region has gone, there is nothing to copy.
    let page = std::fs::read_to_string(BOOK.join("stage2.html")).unwrap();
    let gone = page.matches("gone in stage2</span>").count();
    let differences = page.matches("class=\"code-diff\"").count();
    assert!(gone > 0);
    assert_eq!(copied.len(), differences - gone);
    for text in copied {
        let marked = |line: &str| line.starts_with(['+', '⋯']);
        assert!(!text.lines().any(marked), "{text}");
    }
}

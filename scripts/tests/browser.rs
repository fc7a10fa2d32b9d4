//! The real book in a real browser: each page opens from the disk, without the network and
//! without a complaint.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{self, Receiver};
use std::thread;

use pretty_assertions::assert_eq;
use scripts::source::Source;
use scripts::workspace::Workspace;
use tempfile::TempDir;

/// Chromium on the `PATH`, under one of its names. A reader need not have it. CI must.
fn browser() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let mut programs =
        std::env::split_paths(&folders).flat_map(|folder| names.map(|name| folder.join(name)));
    let program = programs.find(|program| program.is_file());
    assert!(
        program.is_some() || std::env::var_os("CI").is_none(),
        "expected chromium on the PATH"
    );
    program
}

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

/// The page at `address` when its scripts have run, and what the browser says about it.
fn opened(browser: &Path, proxy: &Proxy, address: &str) -> (String, String) {
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
    let [page, log] =
        [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    assert!(
        page.contains("</html>"),
        "{address} did not open: {output:?}"
    );
    (page, log)
}

/// What the page at `address` says on the console, and asks from other hosts.
fn complaints(browser: &Path, proxy: &Proxy, address: &str) -> Vec<String> {
    let (_, log) = opened(browser, proxy, address);
    let said = log.lines().filter_map(|line| line.split_once("CONSOLE"));
    let asked = proxy.asked.try_iter();
    said.map(|(_, said)| said.to_owned())
        .chain(asked.filter(|request| !is_of_the_browser(request)))
        .collect()
}

/// The real book, built into a folder of its own.
fn built() -> TempDir {
    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let built = Command::new(env!("CARGO_BIN_EXE_book"))
        .arg("build")
        .current_dir(workspace.root())
        .env("MDBOOK_BUILD__BUILD_DIR", folder.path().join("book"))
        .output()
        .unwrap();
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    folder
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
    let [first, second] = [built(), built()].map(|folder| {
        let files = files(folder.path()).into_iter();
        let place = |path: PathBuf| path.strip_prefix(folder.path()).unwrap().to_owned();
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
    let Some(browser) = browser() else {
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

    let book = built();
    let pages = std::fs::read_dir(book.path().join("book")).unwrap();
    let mut pages: Vec<PathBuf> = pages.map(|entry| entry.unwrap().path()).collect();
    pages.retain(|page| {
        page.extension()
            .is_some_and(|extension| extension == "html")
    });
    pages.sort();
    assert!(pages.len() > 8, "{pages:?}");
    for page in pages {
        let address = format!("file://{}", page.display());
        let said = complaints(&browser, &proxy, &address);
        assert_eq!(said, Vec::<String>::new(), "{address}");
    }
}

/// Clicks the button of each difference on a page, and keeps what it would copy.
const COPY: &str = "
<script>
addEventListener('load', () => {
    const copied = [];
    const clipboard = { writeText: async (text) => copied.push(text) };
    Object.defineProperty(navigator, 'clipboard', { value: clipboard });
    for (const code of document.querySelectorAll('.code-diff')) {
        code.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
        code.parentElement.querySelector('.copy')?.click();
    }
    const plain = (character) => '\\\\u00' + character.charCodeAt().toString(16);
    const result = document.createElement('pre');
    result.id = 'copied';
    result.textContent = JSON.stringify(copied).replace(/[<>&]/g, plain);
    document.body.append(result);
});
</script>";

#[test]
fn the_button_at_a_difference_copies_the_new_code() {
    let Some(browser) = browser() else {
        return;
    };
    let book = built();
    let page = book.path().join("book/stage2.html");
    let html = std::fs::read_to_string(&page).unwrap();
    std::fs::write(&page, html.replace("</body>", &format!("{COPY}</body>"))).unwrap();
    let address = format!("file://{}", page.display());
    let (page, _) = opened(&browser, &Proxy::start(), &address);
    let copied = page.split("<pre id=\"copied\">").nth(1).unwrap();
    let copied = copied.split("</pre>").next().unwrap();
    let copied: Vec<String> = serde_json::from_str(copied).unwrap();

    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let new = Source::read(&workspace, "stages/stage2/src/trace.rs").unwrap();
    let new = new.expect(Some("record")).unwrap().text;
    assert!(copied.contains(&new), "{copied:#?}");
    // Where a whole region has gone, there is nothing to copy.
    let gone = page.matches(">gone in stage2<").count();
    let differences = page.matches("class=\"code-diff\"").count();
    assert!(gone > 0);
    assert_eq!(copied.len(), differences - gone);
    for text in copied {
        let marked = |line: &str| line.starts_with(['+', '⋯']);
        assert!(!text.lines().any(marked), "{text}");
    }
}

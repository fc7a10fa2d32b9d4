//! The real book in a real browser: each page opens from the disk, without the network and
//! without a complaint; everyone can use it, on any screen; and it is light.

mod chromium;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{LazyLock, Mutex};
use std::thread;

use chromium::{Chromium, Reader, Tab};
use pretty_assertions::assert_eq;
use project::Workspace;
use project::anchors::Source;
use serde_json::{Value, json};
use tempfile::TempDir;

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
fn complaints(chromium: &mut Chromium, proxy: &Proxy, address: &str) -> Vec<String> {
    let mut tab = chromium.open(address, &WIDE);
    // Two pictures of the screen later its scripts have had their turn.
    tab.evaluate(
        "new Promise((shown) => { requestAnimationFrame(() => { requestAnimationFrame(shown); }); })",
    );
    let asked = proxy.asked.try_iter();
    tab.said()
        .into_iter()
        .chain(asked.filter(|request| !is_of_the_browser(request)))
        .collect()
}

/// Where the book's repository is said to be.
const REPOSITORY: &str = "https://example.org/somebody/autograd";

/// Builds the real book into a folder.
fn build(folder: &Path) {
    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let built = Command::new(env!("CARGO_BIN_EXE_cargo-book"))
        .arg("build")
        .current_dir(workspace.root())
        .env("MDBOOK_BUILD__BUILD_DIR", folder)
        .env("MDBOOK_OUTPUT__HTML__GIT_REPOSITORY_URL", REPOSITORY)
        .output()
        .unwrap();
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
}

/// Built once for all tests.
static BOOK: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("book");
    // Another run of these tests has to wait: the lock is held until this process ends.
    let lock = File::create(folder.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    std::mem::forget(lock);
    build(&folder);
    folder
});

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
    let again = tempfile::tempdir().unwrap();
    build(again.path());
    let [first, second] = [&*BOOK, again.path()].map(|folder| {
        let files = files(folder).into_iter();
        let place = |path: PathBuf| path.strip_prefix(folder).unwrap().to_owned();
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
    let Some(program) = chromium::program() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad.html");
    let text = "<html><img src='http://example.invalid/a.png'><script>oops()</script></html>";
    std::fs::write(&bad, text).unwrap();
    let proxy = Proxy::start();
    let server = format!("--proxy-server=http://127.0.0.1:{}", proxy.port);
    let quiet = [
        "--disable-sync",
        "--disable-quic",
        "--disable-component-update",
    ];
    let mut chromium = Chromium::start_with(&program, &[&[&*server], &quiet[..]].concat());
    let address = format!("file://{}", bad.display());
    let said = complaints(&mut chromium, &proxy, &address).join("\n");
    assert!(said.contains("oops is not defined"), "not seen: {said}");
    assert!(
        said.contains("http://example.invalid/a.png"),
        "not seen: {said}"
    );

    for page in pages() {
        let address = format!("file://{}/{page}.html", BOOK.display());
        let said = complaints(&mut chromium, &proxy, &address);
        assert_eq!(said, Vec::<String>::new(), "{address}");
    }
}

/// Serves the book; gives its address.
fn serve() -> String {
    serve_below("")
}

/// Chromium, and the address of the book for it; none if there is no Chromium.
fn browser() -> Option<(Chromium, String)> {
    let program = chromium::program()?;
    Some((Chromium::start(&program), serve()))
}

/// Serves the book as a part of a site; gives the address of the book.
fn serve_below(path: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = format!("http://{}{path}", listener.local_addr().unwrap());
    let files = tower_http::services::ServeDir::new(&*BOOK);
    let app = match path {
        "" => axum::Router::new().fallback_service(files),
        _ => axum::Router::new().nest_service(path, files),
    };
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
    before: None,
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

/// Does something for each of these, in as many browsers as there are processors, and not more than a few: each takes
/// some hundred megabytes. It has the book as a part of a site, at its address.
fn for_each<I: Send, O: Send>(
    program: &Path,
    items: Vec<I>,
    act: impl Fn(&mut Chromium, &str, I) -> O + Sync,
) -> Vec<O> {
    let waiting = Mutex::new(items.into_iter().enumerate());
    let done = Mutex::new(Vec::new());
    let next = || waiting.lock().unwrap().next();
    let work = || {
        let (mut chromium, address) = (Chromium::start(program), serve_below("/some/where"));
        while let Some((place, item)) = next() {
            let output = act(&mut chromium, &address, item);
            done.lock().unwrap().push((place, output));
        }
    };
    let processors = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..processors.min(4) {
            scope.spawn(work);
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, output)| output).collect()
}

/// What there is to see on a page that is not `print`: that one holds all others, and takes as long as all of them.
struct Laid {
    /// What [`BROKEN`] finds.
    broken: Value,
    /// What [`HEIGHTS`] finds, where there are steppers.
    heights: Vec<(Vec<u64>, Vec<String>)>,
}

impl Laid {
    /// This opens folds, so it comes last.
    fn out(tab: &mut Tab<'_>) -> Laid {
        let heights = serde_json::from_value(tab.evaluate(HEIGHTS)).unwrap();
        let broken = tab.evaluate(BROKEN);
        Laid { broken, heights }
    }
}

/// A page as a reader with a wide screen finds it. To open a page takes longer than most of what it is asked, so it is
/// asked all of that at once.
struct Visit {
    page: String,
    /// Of which files it consists, once its fonts are there.
    files: BTreeSet<String>,
    elements: u64,
    /// All code in it.
    code: String,
    /// Its language, title, heading, description, and what it tells robots.
    about: [String; 5],
    /// How many questions it asks, and what [`UNKNOWING`] finds.
    questions: (u64, Vec<String>),
    /// What [`WITHOUT_PICTURES`] finds.
    without_pictures: Vec<f64>,
    /// What [`misled`] and [`TOUCHED`] find.
    steppers: [Vec<String>; 2],
    /// What [`TIGHT`] finds.
    tight: Value,
    laid: Option<Laid>,
}

impl Visit {
    fn new(chromium: &mut Chromium, address: &str, page: String) -> Visit {
        let mut tab = chromium.open(&format!("{address}/{page}.html"), &WIDE);
        tab.evaluate("document.fonts.ready.then(() => true)");
        let requests = tab.requests().into_iter();
        let base = format!("{address}/");
        let files = requests
            .filter_map(|request| Some(request.strip_prefix(&base)?.to_owned()))
            .collect();
        let elements = tab.evaluate("document.querySelectorAll('*').length");
        let code = tab.evaluate(
            "Array.from(document.querySelectorAll('main :is(code, kbd)'), (code) => code.textContent).join('')",
        );
        let about = tab.evaluate(
            "[document.documentElement.lang, document.title, document.querySelector('main h1').textContent,
              document.head.querySelector('meta[name=description]')?.content ?? '',
              document.head.querySelector('meta[name=robots]')?.content ?? '']",
        );
        let questions = tab.evaluate("document.querySelectorAll('.quiz-box').length");
        // What changes the page comes last, and what changes it most comes after the others.
        let (mut steppers, mut without_pictures, mut tight, mut laid) = Default::default();
        if page != "print" {
            let touched = serde_json::from_value(tab.evaluate(TOUCHED)).unwrap();
            steppers = [misled(&mut tab), touched];
            without_pictures = serde_json::from_value(tab.evaluate(WITHOUT_PICTURES)).unwrap();
            laid = Some(Laid::out(&mut tab));
            tight = tab.evaluate(TIGHT);
        }
        let unknowing = serde_json::from_value(tab.evaluate(UNKNOWING)).unwrap();
        Visit {
            page,
            files,
            elements: elements.as_u64().unwrap(),
            code: code.as_str().unwrap().to_owned(),
            about: serde_json::from_value(about).unwrap(),
            questions: (questions.as_u64().unwrap(), unknowing),
            without_pictures,
            steppers,
            tight,
            laid,
        }
    }
}

/// A visit to each page; none if there is no Chromium.
fn visits() -> Option<&'static [Visit]> {
    static VISITS: LazyLock<Option<Vec<Visit>>> =
        LazyLock::new(|| Some(for_each(&chromium::program()?, pages(), Visit::new)));
    VISITS.as_deref()
}

/// Each page but `print` on a narrow screen: what is wrong with it, as it is for [`findings`], and more. None if there
/// is no Chromium.
fn narrow() -> Option<&'static [(String, Vec<String>, Laid)]> {
    type Seen = (String, Vec<String>, Laid);
    static SEEN: LazyLock<Option<Vec<Seen>>> = LazyLock::new(|| {
        let mut pages = pages();
        pages.retain(|page| page != "print");
        let look = |chromium: &mut Chromium, address: &str, page: String| {
            let mut tab = chromium.open(&format!("{address}/{page}.html"), &NARROW);
            // It is the first chapter once more.
            let found = match &*page {
                "index" => Vec::new(),
                _ => findings(&mut tab),
            };
            (page, found, Laid::out(&mut tab))
        };
        Some(for_each(&chromium::program()?, pages, look))
    });
    SEEN.as_deref()
}

#[test]
fn everyone_can_use_every_page() {
    let (Some(program), Some(narrow)) = (chromium::program(), narrow()) else {
        return;
    };

    // The judge is awake.
    let mut chromium = Chromium::start(&program);
    let bad = "data:text/html,<html><body style='min-width: 99em'><img src='data:,'></body></html>";
    let found = findings(&mut chromium.open(bad, &NARROW)).join("\n");
    for wanted in ["image-alt: ", "html-has-lang: ", "scrolls sideways"] {
        assert!(found.contains(wanted), "{wanted} is not in {found}");
    }

    drop(chromium);

    let mut all = Vec::new();
    for (page, found, _) in narrow {
        all.extend(found.iter().map(|found| format!("{page}, narrow: {found}")));
    }
    let dark = Reader { dark: true, ..WIDE };
    // The others hold chapters once more, and the one of all chapters takes as long as all of them.
    let mut chapters = pages();
    chapters.retain(|page| !["index", "print"].contains(&&**page));
    let found = for_each(&program, chapters, |chromium, address, page| {
        let mut tab = chromium.open(&format!("{address}/{page}.html"), &dark);
        let found = findings(&mut tab).into_iter();
        found
            .map(|found| format!("{page}, dark: {found}"))
            .collect::<Vec<_>>()
    });
    all.extend(found.into_iter().flatten());
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
        document.querySelector('#search-toggle').click();
        const field = document.activeElement;
        field.value = 'gradient';
        field.dispatchEvent(new InputEvent('input'));
        await soon(() => document.querySelector('#search li'));
    })()";
    let actions = vec![
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
        (WIDE, HALF_WAY.to_owned()),
        (NARROW, HALF_WAY.to_owned()),
        (Reader { dark: true, ..WIDE }, HALF_WAY.to_owned()),
        (WIDE, ANSWERED.to_owned()),
        (NARROW, ANSWERED.to_owned()),
        (Reader { dark: true, ..WIDE }, ANSWERED.to_owned()),
        (NARROW, click("#mdbook-sidebar-toggle")),
        (WIDE, click("#theme summary")),
        (NARROW, click("#theme summary")),
        (WIDE, search.to_owned()),
        (NARROW, search.to_owned()),
        (Reader { dark: true, ..WIDE }, search.to_owned()),
        (WIDE.without_scripts(), String::new()),
        (NARROW.without_scripts(), String::new()),
        (
            Reader {
                scripts: false,
                dark: true,
                ..NARROW
            },
            String::new(),
        ),
    ];
    let found = for_each(&program, actions, |chromium, address, (reader, action)| {
        let mut tab = chromium.open(&format!("{address}/stage2.html"), &reader);
        tab.evaluate(&action);
        let found = findings(&mut tab).into_iter();
        found
            .map(|found| format!("{reader:?} {action}: {found}"))
            .collect::<Vec<_>>()
    });
    assert_eq!(found.concat(), Vec::<String>::new());
}

#[test]
fn who_builds_the_stages_asks_for_their_code() {
    let Some((mut chromium, address)) = browser() else {
        return;
    };
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
    tab.reload();
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

    let without = WIDE.without_scripts();
    let mut tab = chromium.open(&page, &without);
    assert_eq!(tab.evaluate(open), json!([listings, folds, true]));
    assert_eq!(tab.evaluate(readable), comments);
}

/// What the search says of itself, and the titles and lines that it found first.
const FOUND: &str = "[document.querySelector('#search [role=status]').textContent,
    Array.from(document.querySelectorAll('#search li'), (item) => item.innerText).slice(0, 5).join('\\n')]";

/// Asks the search of an open page.
fn ask(tab: &mut Tab<'_>, words: &str) -> [String; 2] {
    tab.evaluate(&format!(
        "(() => {{
            const field = document.querySelector('#search input');
            field.value = {};
            field.dispatchEvent(new InputEvent('input'));
        }})()",
        json!(words)
    ));
    serde_json::from_value(tab.evaluate(FOUND)).unwrap()
}

#[test]
fn the_search_keeps_every_letter_and_the_place() {
    let Some((mut chromium, address)) = browser() else {
        return;
    };
    for shift in [false, true] {
        let mut tab = chromium.open(&format!("{address}/stage2.html"), &WIDE);
        // The index takes a while.
        tab.evaluate(
            "window.held = [];
            document.head.append = (script) => held.push(script);
            scrollTo({ top: 4000, behavior: 'instant' })",
        );
        tab.type_sign('/', shift);
        for letter in "while".chars() {
            tab.type_sign(letter, false);
        }
        let loading: [String; 2] = serde_json::from_value(tab.evaluate(FOUND)).unwrap();
        assert_eq!(loading, ["Loading the index of the book …", ""]);
        tab.evaluate("HTMLHeadElement.prototype.append.call(document.head, ...held)");
        tab.until("document.querySelector('#search li') !== null");
        let field = "document.querySelector('#search input').value";
        assert_eq!(tab.evaluate(field), json!("while"));
        tab.press("Escape");
        tab.until("!document.querySelector('#search').open");
        assert_eq!(tab.evaluate("scrollY"), json!(4000));

        // It is asked for what was asked before, and the keyboard leads to an answer.
        tab.type_sign('/', shift);
        assert_eq!(tab.evaluate(field), json!("while"));
        for letter in "unbroadcast".chars() {
            tab.type_sign(letter, false);
        }
        tab.press("ArrowDown");
        let chosen = tab.evaluate("document.activeElement.href");
        let chosen = chosen.as_str().unwrap().to_owned();
        assert!(chosen.contains(".html?highlight=unbroadcast#"), "{chosen}");
    }
}

#[test]
fn the_search_finds_small_words_signs_and_code_as_written() {
    let Some((mut chromium, address)) = browser() else {
        return;
    };
    for start in [address, format!("file://{}", BOOK.display())] {
        let mut tab = chromium.open(&format!("{start}/index.html"), &WIDE);
        tab.evaluate("document.querySelector('#search-toggle').click()");
        tab.until("window.bookSections !== undefined");
        for (words, wanted) in [
            ("where", "where"),
            ("if", "if"),
            ("for", "for"),
            ("Σ", "∑"),
            ("∂", "∂"),
            ("→", "→"),
            (
                "Rc::into_inner",
                "if let Some(mut node) = Rc::into_inner(parent) {",
            ),
            ("FINITE differences", "inite differences"),
            // Another form of the word.
            ("matrix product", "Matrix products"),
            ("subtracted gradients", "gradient"),
        ] {
            let [status, found] = ask(&mut tab, words);
            assert!(status.contains("section"), "{words}: {status}");
            assert!(found.contains(wanted), "{words}: {found}");
        }
        // Σ is no σ.
        let [_, found] = ask(&mut tab, "Σ");
        assert!(!found.contains('σ'), "{found}");
        let nothing = ["Nothing found for “qqq”.".to_owned(), String::new()];
        assert_eq!(ask(&mut tab, "qqq"), nothing);
        assert_eq!(ask(&mut tab, ""), ["", ""]);
        // A term of the glossary comes first.
        let [_, found] = ask(&mut tab, "adjoint");
        assert!(found.starts_with("adjoint"), "{found}");
    }
}

#[test]
fn what_was_found_is_marked_and_its_folds_are_open() {
    let Some((mut chromium, address)) = browser() else {
        return;
    };
    let builds = Reader {
        stored: Some(("book-reading", "build")),
        ..WIDE
    };
    // Code of a stage, words about it, and a fold of the text.
    for (page, words, section) in [
        ("stage2", "Rc::into_inner(parent)", "deep-graphs"),
        ("stage2", "random programs and measures", "the-rules"),
    ] {
        let query = words.replace(' ', "+");
        let mut tab = chromium.open(
            &format!("{address}/{page}.html?highlight={query}#{section}"),
            &builds,
        );
        let shown = "(() => {
                const marks = Array.from(CSS.highlights.get('search'));
                const inView = (range) => {
                    const { top, bottom } = range.getBoundingClientRect();
                    return top > 0 && bottom <= innerHeight && bottom > top;
                };
                const open = Array.from(document.querySelectorAll('main details[open]'));
                return marks.some(inView) && open.length > 0
                    && open.every((fold) => marks.some((mark) => fold.contains(mark.startContainer)));
            })()";
        tab.until(shown);
        tab.press("Escape");
        assert_eq!(tab.evaluate("CSS.highlights.has('search')"), json!(false));
    }
}

#[test]
fn a_report_knows_the_page_the_section_and_the_words() {
    let Some((mut chromium, address)) = browser() else {
        return;
    };
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
    let Some((mut chromium, address)) = browser() else {
        return;
    };
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
    let Some(visits) = visits() else {
        return;
    };
    for Visit { page, files, .. } in visits {
        // All chapters in one: for paper.
        if page == "print" {
            continue;
        }
        let weights: BTreeMap<&str, usize> = files
            .iter()
            .map(|file| (&**file, compressed(&BOOK.join(file))))
            .collect();
        let has = |part: &str| weights.keys().any(|file| file.contains(part));
        assert!(has(".html") && has(".css"), "{weights:?}");
        // The index of the search is heavier than a page: it waits until it is wanted.
        assert!(!has("search-index"), "{weights:?}");
        let weight: usize = weights.values().sum();
        assert!(weight < MOST, "{page}: {weight} bytes, {weights:#?}");
        println!("{page}: {weight}");
    }
}

/// The signs in the list of those that the font of code has: numbers and ranges of them, as hexadecimals.
fn listed() -> BTreeSet<char> {
    let list = include_str!("../../../book/theme/fonts/code-signs.txt");
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let ranges = lines.flat_map(str::split_whitespace).map(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        [first, last].map(|number| u32::from_str_radix(number, 16).unwrap())
    });
    let numbers = ranges.flat_map(|[first, last]| first..=last);
    numbers.filter_map(char::from_u32).collect()
}

#[test]
fn every_sign_of_code_is_in_its_font() {
    let (Some(visits), Some((mut chromium, address))) = (visits(), browser()) else {
        return;
    };
    let code = visits.iter().flat_map(|visit| visit.code.chars());
    let mut signs: BTreeSet<char> = code.collect();
    signs.retain(|sign| !sign.is_whitespace());
    assert!(signs.len() > 120, "{signs:?}");
    let listed = listed();
    let unlisted: Vec<&char> = signs.difference(&listed).collect();
    assert_eq!(unlisted, Vec::<&char>::new(), "not in code-signs.txt");

    // And the font has what the list says. This letter is in fonts of the system only.
    let mut tab = chromium.open(&format!("{address}/index.html"), &WIDE);
    tab.evaluate("document.querySelector('main').insertAdjacentHTML('afterbegin', '<code id=\"sign\">a</code>')");
    tab.evaluate("document.fonts.ready.then(() => true)");
    let is_elsewhere = |sign: &char| {
        tab.evaluate(&format!(
            "document.querySelector('#sign').textContent = {}; document.querySelector('#sign').offsetWidth",
            json!(sign)
        ));
        !tab.is_in_own_font("#sign")
    };
    let elsewhere: Vec<char> = std::iter::once('é')
        .chain(listed)
        .filter(is_elsewhere)
        .collect();
    assert_eq!(elsewhere, ['é']);
}

/// The live engine, if there is the target to compile it for. A reader need not have it; CI must.
fn engine() -> Option<PathBuf> {
    let mut files = files(&BOOK).into_keys();
    let engine = files.find(|path| path.to_string_lossy().contains("/engine-"));
    assert!(
        engine.is_some() || std::env::var_os("CI").is_none(),
        "expected an engine beside the pages"
    );
    engine
}

#[test]
fn the_live_engine_is_light() {
    const MOST: usize = 400 * 1024;
    let Some(engine) = engine() else {
        return;
    };
    let weight = compressed(&engine);
    println!("engine: {weight}");
    assert!(weight < MOST, "{weight} bytes");
}

/// What the recorder is asked, as [stage, program, inputs, order].
fn requests() -> Vec<String> {
    let numbers = json!([["x", "3"], ["y", "4"]]);
    let arrays = json!([
        ["x", "array![[1.0, 2.0], [3.0, 4.0]]"],
        ["w", "array![0.5, -1.5]"]
    ]);
    let misfits = json!([["x", "array![1.0, 2.0]"], ["w", "array![1.0, 2.0, 3.0]"]]);
    let product = "let t = x * y;\nt.sin() + x";
    let requests = [
        json!(["stage1", product, numbers, 1]),
        json!(["stage2", product, numbers, 1]),
        json!(["stage3", product, numbers, 2]),
        json!(["stage3", "grad(|y| y * y * x)(x).exp() / y", numbers, 1]),
        json!(["stage4", "(x * &w).tanh().sum()", arrays, 1]),
        json!(["stage4", "(x * w).sum()", arrays, 2]),
        json!(["stage2", "(x - x).ln() * y", numbers, 1]),
        // Each of these is an error, and the engine of the last ones panics.
        json!(["stage2", "x +", numbers, 1]),
        json!(["stage5", "x", numbers, 1]),
        json!(["stage4", "x + w", misfits, 1]),
        json!(["stage4", "x.dot(&w)", misfits, 1]),
        json!(["stage2", product, numbers, 1]),
    ];
    let requests = requests.map(|request| {
        let [stage, program, inputs, order] = [0, 1, 2, 3].map(|at| &request[at]);
        json!({ "stage": stage, "program": program, "inputs": inputs, "order": order }).to_string()
    });
    requests.into()
}

/// A program of the workspace, such as `--example figures`, brought up to date as `cargo book` does: of all packages.
/// Of one alone it would have dependencies with other features, and be another program.
fn program(kind: &str, name: &str) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--quiet", "--workspace", kind, name]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let commands = Path::new(env!("CARGO_BIN_EXE_cargo-book")).parent();
    let folder = match kind {
        "--example" => commands.unwrap().join("examples"),
        _ => commands.unwrap().to_owned(),
    };
    Command::new(folder.join(name))
}

/// What the recorder answers as a program of this machine.
fn recorded(requests: &[String]) -> Vec<String> {
    let mut recorder = program("--bin", "record")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = recorder.stdin.take().unwrap();
    let lines: String = requests.iter().map(|line| format!("{line}\n")).collect();
    thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = recorder.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(str::to_owned).collect()
}

/// Loads the live engine, as a figure does.
const LOAD: &str = "new Promise((loaded, failed) => {
    const script = document.createElement('script');
    script.src = document.querySelector('meta[name=autograd-engine]').content;
    script.addEventListener('load', () => loaded(true));
    script.addEventListener('error', () => failed(new Error(script.src)));
    document.head.append(script);
})";

#[test]
fn the_live_engine_records_what_the_recorder_does() {
    let (Some(program), Some(_)) = (chromium::program(), engine()) else {
        return;
    };
    let requests = requests();
    let expected = recorded(&requests);
    assert_eq!(expected.len(), requests.len());
    let errors = expected
        .iter()
        .filter(|line| line.starts_with("{\"error\""));
    assert_eq!(errors.count(), 4, "{expected:#?}");
    assert_eq!(expected[1], expected[requests.len() - 1]);

    let mut chromium = Chromium::start(&program);
    for address in [
        format!("file://{}", BOOK.display()),
        serve_below("/books/autograd"),
    ] {
        let mut tab = chromium.open(&format!("{address}/index.html"), &WIDE);
        assert_eq!(tab.evaluate(LOAD), json!(true), "{address}");
        // One after the other, then all at once.
        for (request, expected) in requests.iter().zip(&expected) {
            let answer = tab.evaluate(&format!("autogradEngine.record({})", json!(request)));
            assert_eq!(answer.as_str().unwrap(), expected, "{request}");
        }
        let all = format!(
            "Promise.all({}.map((request) => autogradEngine.record(request)))",
            json!(requests)
        );
        let answers: Vec<String> = serde_json::from_value(tab.evaluate(&all)).unwrap();
        assert_eq!(answers, expected);
        // The page goes on meanwhile.
        let longest = requests.iter().max_by_key(|request| request.len());
        let order = format!(
            "(async () => {{
                const order = [];
                setTimeout(() => order.push('page'));
                await autogradEngine.record({});
                order.push('engine');
                return order;
            }})()",
            json!(longest)
        );
        assert_eq!(tab.evaluate(&order), json!(["page", "engine"]), "{address}");
    }
}

#[test]
fn while_the_engine_answers_only_the_last_question_waits() {
    let (Some(_), Some((mut chromium, address))) = (engine(), browser()) else {
        return;
    };
    let mut tab = chromium.open(&format!("{address}/stage2.html"), &WIDE);
    assert_eq!(tab.evaluate(LOAD), json!(true));
    let asked = "(async () => {
        const { record } = autogradEngine;
        const asked = [];
        let answer;
        const answered = new Promise((resolve) => { answer = resolve; });
        autogradEngine.record = async (request) => {
            asked.push(JSON.parse(request).inputs[0][1]);
            await answered;
            return record(request);
        };
        const figure = document.querySelector('autograd-stepper:has(.steps-player:only-child input[type=range])');
        const slider = figure.querySelector('.steps-inputs input[type=range]');
        for (const value of ['1', '2', '3', '4']) {
            slider.value = value;
            slider.dispatchEvent(new Event('input'));
            await new Promise((resolve) => setTimeout(resolve));
        }
        answer();
        while (!figure.querySelector('.steps-live').textContent.includes('= 4')) {
            await new Promise(requestAnimationFrame);
        }
        return asked;
    })()";
    assert_eq!(tab.evaluate(asked), json!(["1", "4"]));
}

/// Who publishes the book may forbid workers.
#[test]
fn the_live_engine_needs_no_worker() {
    let (Some(program), Some(_)) = (chromium::program(), engine()) else {
        return;
    };
    let requests = requests();
    let expected = recorded(&requests);
    let mut chromium = Chromium::start(&program);
    let address = serve_below("/books/autograd");
    for forbid in [
        "window.Worker = class { constructor() { throw new Error('forbidden'); } }; 0",
        "window.Worker = class extends Worker { constructor() { super('not-there.js'); } }; 0",
    ] {
        let mut tab = chromium.open(&format!("{address}/index.html"), &WIDE);
        tab.evaluate(forbid);
        assert_eq!(tab.evaluate(LOAD), json!(true));
        let all = format!(
            "Promise.all({}.map((request) => autogradEngine.record(request)))",
            json!(requests)
        );
        let answers: Vec<String> = serde_json::from_value(tab.evaluate(&all)).unwrap();
        assert_eq!(answers, expected, "{forbid}");
    }
}

#[test]
fn every_page_says_what_it_is() {
    let Some(visits) = visits() else {
        return;
    };
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for Visit { page, about, .. } in visits {
        let [language, title, heading, description, robots] = about;
        assert_eq!(language, "en", "{page}");
        // The front page is the first chapter, and the page for paper holds what all others hold.
        if robots == "noindex" || page == "index" {
            continue;
        }
        assert!(title.starts_with(heading), "{page}: {title}, {heading}");
        let letters = description.chars().count();
        assert!(
            (70..=170).contains(&letters),
            "{page}: {letters}: {description}"
        );
        for text in [title, description] {
            let before = seen.insert(text, page);
            assert_eq!(before, None, "{page} says of itself what another page says");
        }
    }
    assert!(seen.len() > 16, "{seen:?}");
}

/// What is far away is laid out later, unless the reader goes there.
#[test]
fn on_a_phone_what_is_far_away_waits_until_the_page_can_be_read() {
    let Some((mut chromium, address)) = browser() else {
        return;
    };
    let page = format!("{address}/arrays.html");
    let laid_out = "(() => {
        const blocks = Array.from(document.querySelectorAll('.content > p'));
        const waiting = blocks.filter((block) => getComputedStyle(block).contentVisibility === 'auto').length;
        return [blocks.length > 100, waiting > 50, waiting > 0];
    })()";
    let all = json!([true, false, false]);
    // Without an idle moment it goes on waiting.
    let busy = |reader| Reader {
        before: Some("window.requestIdleCallback = () => 0;"),
        ..reader
    };
    let deferred = chromium.open(&page, &busy(NARROW)).evaluate(laid_out);
    assert_eq!(deferred, json!([true, true, true]));
    assert_eq!(chromium.open(&page, &busy(WIDE)).evaluate(laid_out), all);

    let mut tab = chromium.open(&page, &NARROW);
    tab.until("!document.documentElement.matches('.deferred')");
    assert_eq!(tab.evaluate(laid_out), all);
    drop(tab);

    // The place of a section is exact.
    let section = format!("{page}#in-pytorch-and-jax");
    let mut tab = chromium.open(&section, &busy(NARROW));
    assert_eq!(tab.evaluate(laid_out), all);
    let top = "document.getElementById('in-pytorch-and-jax').getBoundingClientRect().top";
    tab.until(&format!("{top} > 0 && {top} < 100"));
    tab.reload();
    assert_eq!(tab.evaluate(laid_out), all);
}

/// Elements cost time before anything can be read, and each time that the style changes.
#[test]
fn no_page_has_too_many_elements() {
    const MOST: u64 = 8_000;
    let Some(visits) = visits() else {
        return;
    };
    for Visit { page, elements, .. } in visits {
        if page == "print" {
            continue;
        }
        let count = *elements;
        assert!(count > 10, "{page}: {count} elements");
        assert!(count <= MOST, "{page}: {count} elements");
    }
}

/// What is broken that nobody reads in two parts: in code a word that begins with `-`, and within sentences and outputs
/// also `1e-3`, and short words with `&[` or `&(`; in a formula a number, or what is in brackets. Everything is laid
/// out for it.
const BROKEN: &str = r"(() => {
    document.head.append(Object.assign(document.createElement('style'), {
        textContent: '* { content-visibility: visible !important; }',
    }));
    document.querySelectorAll('main details').forEach((fold) => { fold.open = true; });
    const seen = { options: 0, formulas: 0, broken: [] };
    const OPTION = /(?<!\S)-\S+/g;
    const WHOLE = /(?<!\S)-\S+|\d\S*e-\d\S*|(?<!\S)(?=\S{1,25}(?!\S))\S*&[[(]\S*/g;
    const texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode;
        const code = text.parentElement.closest('code');
        const whole = code?.matches('.code-rust') ? OPTION : WHOLE;
        for (const { 0: word, index } of code ? text.data.matchAll(whole) : []) {
            const range = new Range();
            range.setStart(text, index);
            range.setEnd(text, index + word.length);
            seen.options += 1;
            if (new Set(Array.from(range.getClientRects(), ({ top }) => Math.round(top))).size > 1) {
                seen.broken.push(word);
            }
        }
    }
    for (const formula of document.querySelectorAll('main .katex-html')) {
        let before = '';
        let right = -Infinity;
        for (const base of formula.children) {
            const box = base.getBoundingClientRect();
            const count = (signs) => before.split(signs).length;
            const isOpen = count(/[([{]/) > count(/[)\]}]/);
            const isNumber = /\d[⋅×]?$/.test(before) && /^\d/.test(base.textContent);
            if (box.left < right - 1) {
                seen.formulas += 1;
                if (isOpen || isNumber) {
                    seen.broken.push(formula.textContent);
                }
            }
            before += base.textContent;
            right = box.right;
        }
    }
    return seen;
})()";

#[test]
fn no_line_ends_in_an_option_a_number_or_brackets() {
    let (Some(visits), Some(narrow)) = (visits(), narrow()) else {
        return;
    };
    let wide = visits
        .iter()
        .filter_map(|visit| Some((&visit.page, "wide", visit.laid.as_ref()?)));
    let narrow = narrow.iter().map(|(page, _, laid)| (page, "narrow", laid));
    let (mut options, mut formulas) = (0, 0);
    for (page, reader, Laid { broken: seen, .. }) in wide.chain(narrow) {
        assert_eq!(seen["broken"], json!([]), "{page}, {reader}");
        options += seen["options"].as_u64().unwrap();
        formulas += seen["formulas"].as_u64().unwrap();
    }
    // It has looked at some, and formulas break elsewhere.
    assert!(options > 100 && formulas > 10, "{options}, {formulas}");
}

/// The chapters in which no reader scrolls far without a picture.
const ILLUSTRATED: [&str; 16] = [
    "introduction",
    "setup",
    "derivatives",
    "stage1",
    "stage2",
    "stage3",
    "stage4",
    "arrays",
    "containers",
    "checking",
    "training",
    "custom",
    "practice",
    "speed",
    "stage5",
    "frameworks",
];

/// How many screens of 900 pixels are above each picture, below the one before; and below the last one, up
/// to the questions.
const WITHOUT_PICTURES: &str = "(() => {
    const style = document.createElement('style');
    style.textContent = '* { content-visibility: visible !important; }';
    document.head.append(style);
    const pictures = document.querySelectorAll('main :is(figure:is(.picture, .live, .stepper), .doors)');
    const seen = Array.from(pictures).filter((picture) => picture.checkVisibility());
    const places = seen.map((picture) => picture.getBoundingClientRect());
    const questions = document.querySelector('#check-yourself')?.getBoundingClientRect().top;
    const end = questions ?? document.querySelector('main').getBoundingClientRect().bottom;
    const above = [0, ...places.map(({ bottom }) => bottom)];
    const below = [...places.map(({ top }) => top), end];
    return below.map((top, index) => (top - above[index]) / 900);
})()";

#[test]
fn no_reader_scrolls_far_without_a_picture() {
    let Some(visits) = visits() else {
        return;
    };
    let mut far = Vec::new();
    for page in ILLUSTRATED {
        let visit = visits.iter().find(|visit| visit.page == page).unwrap();
        let screens = &visit.without_pictures;
        assert!(screens.len() > 2, "{page}: {screens:?}");
        if screens[0] > 1.0 {
            far.push(format!(
                "{page}: {:.2} screens before the first",
                screens[0]
            ));
        }
        for (index, screens) in screens.iter().enumerate().filter(|(_, far)| **far > 3.0) {
            far.push(format!(
                "{page}: {screens:.2} screens after picture {index}"
            ));
        }
    }
    assert_eq!(far, Vec::<String>::new());
}

/// What is hard to read in the pictures: a text at the edge of its picture or on another one, a text that a line goes
/// through or nearly touches, and a line that labels leave nothing of. A label has a ground of its own, so that
/// a line may go on behind it, but not an outline or the head of an arrow.
const TIGHT: &str = r"(() => {
    document.head.append(Object.assign(document.createElement('style'), {
        textContent: '* { content-visibility: visible !important; }',
    }));
    document.querySelectorAll('main details').forEach((fold) => { fold.open = true; });
    const pen = document.createElement('canvas').getContext('2d');

    // The parts of a text that stand in one row, as boxes around what is drawn.
    function rows(text) {
        pen.font = getComputedStyle(text).font;
        const found = [];
        // Blanks at its ends and after others have no place, and what stands over a letter is no sign of its own.
        const content = text.textContent.trim().replace(/\s+/g, ' ');
        for (const { 0: sign, index } of content.matchAll(/[^\s\p{M}]/gu)) {
            const { x, width } = text.getExtentOfChar(index);
            const { y } = text.getStartPositionOfChar(index);
            const ink = pen.measureText(sign);
            const [left, right] = [x + 0.06 * width, x + 0.94 * width];
            const [top, bottom] = [y - ink.actualBoundingBoxAscent, y + ink.actualBoundingBoxDescent];
            const last = found.at(-1);
            if (last?.y === y && left >= last.right && left - last.right < 1.5 * width) {
                last.right = right;
                last.top = Math.min(last.top, top);
                last.bottom = Math.max(last.bottom, bottom);
                last.said += sign;
            } else {
                found.push({ y, left, right, top, bottom, said: sign, isLabel: text.matches('.graph-label') });
            }
        }
        return found;
    }

    function lines(shape) {
        const d = shape.getAttribute('d');
        const kind = ['arrow', 'edge'].find((kind) => shape.matches(`path.graph-${kind}`)) ?? 'outline';
        return (d ? d.split(/(?=M)/) : ['']).map((d) => {
            // Of a path its parts, each as a path of its own, which need not be drawn to be measured.
            const part = d ? shape.cloneNode() : shape;
            if (d) part.setAttribute('d', d);
            const count = Math.ceil(part.getTotalLength());
            const points = Array.from({ length: count + 1 }, (_, index) => part.getPointAtLength(index));
            return { kind, points };
        });
    }

    const seen = { texts: 0, lines: 0, tight: [] };
    for (const picture of document.querySelectorAll('main :is(figure.picture svg.graph, .doors svg)')) {
        const texts = Array.from(picture.querySelectorAll('text')).flatMap(rows);
        const drawn = Array.from(picture.querySelectorAll('path, rect, circle, ellipse, line')).flatMap(lines);
        seen.texts += texts.length;
        seen.lines += drawn.length;
        const say = (what) => seen.tight.push(`${picture.getAttribute('aria-label')?.slice(0, 60)}: ${what}`);
        const far = ({ left, right, top, bottom }, { x, y }) =>
            Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
        const { x, y, width, height } = picture.viewBox.baseVal;
        for (const [index, text] of texts.entries()) {
            if (text.left < x || text.right > x + width || text.top < y || text.bottom > y + height) {
                say(`${text.said} is cut off`);
            }
            for (const other of texts.slice(0, index)) {
                const apart = Math.max(other.left - text.right, text.left - other.right);
                if (apart < 2 && text.top < other.bottom && other.top < text.bottom) {
                    say(`${text.said} meets ${other.said}`);
                }
            }
            for (const { kind, points } of drawn) {
                const least = kind === 'edge' ? (text.isLabel ? 0 : 1) : 1.5;
                const near = Math.min(...points.map((point) => far(text, point)));
                if (near < least) {
                    say(`${text.said} is ${near.toFixed(1)} from an ${kind}`);
                }
            }
        }
        const labels = texts.filter(({ isLabel }) => isLabel);
        for (const { kind, points } of drawn.filter(({ kind }) => kind === 'edge')) {
            const shown = points.map((point) => labels.every((label) => far(label, point) > 2) ? '-' : ' ').join('');
            const longest = Math.max(...shown.split(' ').map(({ length }) => length));
            if (shown.includes(' ') && longest < 10) {
                say(`of a line of ${points.length} only ${longest} are seen`);
            }
        }
    }
    return seen;
})()";

#[test]
fn the_texts_of_pictures_stand_clear() {
    let (Some(visits), Some(program)) = (visits(), chromium::program()) else {
        return;
    };
    let mut chromium = Chromium::start(&program);
    // The judge is awake.
    let bad = "data:text/html,<main><figure class='picture'><svg class='graph' viewBox='0 0 200 90' width='200'>
        <rect x='10' y='10' width='40' height='20'/><path class='graph-edge' d='M60 60L90 60'/>
        <path class='graph-arrow' d='M98 60L90 56L90 64Z'/><text x='12' y='25'>wide text</text>
        <text x='70' y='25'>more</text><text x='195' y='80'>out</text>
        <text class='graph-label' x='60' y='65'>label</text></svg></figure></main>";
    let seen = chromium.open(bad, &WIDE).evaluate(TIGHT)["tight"].to_string();
    for wanted in [
        "widetext is 0.0 from an outline",
        "more meets widetext",
        "out is cut off",
        "label is 0.0 from an arrow",
        "only 0 are seen",
    ] {
        assert!(seen.contains(wanted), "{wanted} is not in {seen}");
    }

    let (mut texts, mut lines) = (0, 0);
    let mut all = Vec::new();
    for Visit {
        page, tight: seen, ..
    } in visits
    {
        if page == "print" {
            continue;
        }
        let tight: Vec<String> = serde_json::from_value(seen["tight"].clone()).unwrap();
        all.extend(tight.into_iter().map(|tight| format!("{page}: {tight}")));
        texts += seen["texts"].as_u64().unwrap();
        lines += seen["lines"].as_u64().unwrap();
    }
    assert_eq!(all, Vec::<String>::new());
    assert!(texts > 500 && lines > 500, "{texts}, {lines}");
}

/// Brings all steppers of a page to their middle, and opens what they fold.
const HALF_WAY: &str = "for (const range of document.querySelectorAll('.steps-controls input')) {
    range.value = Math.floor(range.max / 2);
    range.dispatchEvent(new Event('input'));
    const player = range.closest('.steps-player');
    player.querySelector('.steps-toggle[aria-expanded=false]')?.click();
    player.closest('autograd-stepper').querySelectorAll('details').forEach((fold) => { fold.open = true; });
    player.closest('autograd-stepper').querySelector('.steps-edit[aria-expanded=false]')?.click();
}";

/// The pages with something to step through.
fn stepped() -> Vec<String> {
    let mut pages = pages();
    pages.retain(|page| {
        let text = std::fs::read_to_string(BOOK.join(page).with_extension("html")).unwrap();
        page != "print" && text.contains("<autograd-stepper")
    });
    assert!(pages.len() > 1, "{pages:?}");
    pages
}

/// All complaints about the steppers of a page.
fn misled(tab: &mut Tab<'_>) -> Vec<String> {
    const JUDGE: &str = include_str!("steps.js");
    let found = tab.evaluate(&format!(
        "{JUDGE}; Array.from(document.querySelectorAll('autograd-stepper')).flatMap(complaints)"
    ));
    serde_json::from_value(found).unwrap()
}

#[test]
fn every_stepper_shows_what_was_recorded_and_the_right_derivatives() {
    let (Some(visits), Some((mut chromium, address))) = (visits(), browser()) else {
        return;
    };
    let mut all = Vec::new();
    let stepped = stepped();
    for visit in visits.iter().filter(|visit| stepped.contains(&visit.page)) {
        let found = visit.steppers[0].iter();
        all.extend(found.map(|complaint| format!("{}: {complaint}", visit.page)));
    }
    for page in stepped {
        let file = format!("file://{}/{page}.html", BOOK.display());
        let found = misled(&mut chromium.open(&file, &WIDE)).into_iter();
        all.extend(found.map(|complaint| format!("{file}: {complaint}")));
    }
    assert_eq!(all, Vec::<String>::new());

    // The judge is awake: it sees an event that is broken in the picture alone, and one that was recorded wrongly.
    let page = format!("{address}/stage2.html");
    for (event, in_picture, wanted) in [
        (
            "change => change.field === 'gradient'",
            true,
            "gradient of node",
        ),
        ("change => change.field === 'value'", true, "value of node"),
        ("change => change.field === 'count'", true, "count of node"),
        (
            "change => change.field === 'local'",
            true,
            "local derivatives",
        ),
        (
            "change => change.field === 'gradient'",
            false,
            "the gradient of x: differences say",
        ),
    ] {
        let mut tab = chromium.open(&page, &WIDE);
        tab.evaluate(&format!(
            "(() => {{
                const stepper = document.querySelectorAll('autograd-stepper')[2];
                const broken = stepper.cloneNode();
                const data = stepper.querySelector('script').cloneNode(true);
                const recorded = data.textContent;
                const other = JSON.parse(recorded);
                const changes = other.recordings[0].steps.flatMap(({{ set }}) => set).filter({event});
                changes[changes.length - 1].text = '7';
                data.textContent = JSON.stringify(other);
                broken.append(data);
                stepper.replaceWith(broken);
                if ({in_picture}) {{
                    data.textContent = recorded;
                }}
            }})()"
        ));
        let found = misled(&mut tab).join("\n");
        assert!(found.contains(wanted), "broken: {event}, found: {found}");
    }
}

/// What a step changes in the picture, beyond what it is about: nodes and arrows that it touches and that
/// neither it nor the step before speaks of, and geometry that it sets.
const TOUCHED: &str = "(() => {
    const found = [];
    for (const player of document.querySelectorAll('.steps-player')) {
        const stepper = player.closest('autograd-stepper');
        const index = Array.from(stepper.querySelectorAll('.steps-player')).indexOf(player);
        const { steps, title } = JSON.parse(stepper.querySelector('script').textContent).recordings[index];
        const picture = player.querySelector('.steps-graph');
        const nodes = Array.from(picture.querySelectorAll('.steps-node'));
        const arrows = Array.from(picture.querySelectorAll('.steps-arrow'));
        const [first, , , next] = player.querySelectorAll('.steps-controls button');
        first.click();
        const observer = new MutationObserver(() => {});
        observer.observe(picture, { subtree: true, childList: true, attributes: true, characterData: true });
        const about = ({ node, arrow, set }, kind) => [kind === 'node' ? node : arrow, ...set.map((change) => change[kind])];
        steps.slice(1).forEach((step, at) => {
            next.click();
            const expected = [step, steps[at]];
            for (const { target, attributeName } of observer.takeRecords()) {
                const element = target.nodeType === Node.TEXT_NODE ? target.parentElement : target;
                for (const [kind, all] of [['node', nodes], ['arrow', arrows]]) {
                    const number = all.indexOf(element?.closest(`.steps-${kind}`));
                    if (number >= 0 && !expected.some((step) => about(step, kind).includes(number))) {
                        found.push(`${title}, step ${at + 2}: ${kind} ${number}`);
                    }
                }
                if (['x', 'y', 'd', 'width', 'height', 'transform', 'viewBox'].includes(attributeName)) {
                    found.push(`${title}, step ${at + 2}: ${attributeName} of ${element.outerHTML.slice(0, 60)}`);
                }
            }
        });
        observer.disconnect();
    }
    return found;
})()";

#[test]
fn a_step_touches_only_what_it_is_about() {
    let Some(visits) = visits() else {
        return;
    };
    let mut all = Vec::new();
    let stepped = stepped();
    for visit in visits.iter().filter(|visit| stepped.contains(&visit.page)) {
        let found = visit.steppers[1].iter();
        all.extend(found.map(|found| format!("{}: {found}", visit.page)));
    }
    assert_eq!(all, Vec::<String>::new());
}

/// The page for programs of the reader's own, with one of about a hundred nodes.
fn hundred() -> String {
    let line = |n: usize| format!("let a{} = a{n}.sin() * y;\n", n + 1);
    let lines: String = (1..48).map(line).collect();
    let program = format!("let a1 = x.sin() * y;\n{lines}a48");
    let program = program.replace(' ', "+").replace('\n', "%0A");
    format!("playground.html#program={program}&stages=stage2&in.x=0.5&in.y=1.1")
}

/// Steps through the second half of a recording and back; gives the most changes that a step makes in the page,
/// and how many changes there are outside of the player.
const CHANGED: &str = "(() => {
    const player = document.querySelector('.steps-player');
    const [, back, , next, last] = player.querySelectorAll('.steps-controls button');
    last.click();
    const observer = new MutationObserver(() => {});
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    const changed = [back, next].flatMap((button) => Array.from({ length: 290 }, () => {
        button.click();
        return observer.takeRecords();
    }));
    observer.disconnect();
    const isOutside = ({ target }) => target.isConnected && !player.contains(target);
    return [Math.max(...changed.map((records) => records.length)), changed.flat().filter(isOutside).length];
})()";

/// Drags the slider through four places between two pictures of the screen; gives what the player said meanwhile.
const DRAGGED: &str = "(async () => {
    const player = document.querySelector('.steps-player');
    const [range, at] = ['.steps-controls input', '.steps-at'].map((name) => player.querySelector(name));
    const said = [];
    const observer = new MutationObserver((changes) => said.push(...changes.map(() => at.textContent)));
    observer.observe(at, { subtree: true, childList: true, characterData: true });
    const picture = () => new Promise((shown) => { requestAnimationFrame(shown); });
    await picture();
    for (const place of ['50', '60', '70', '80']) {
        range.value = place;
        range.dispatchEvent(new Event('input'));
    }
    await picture();
    await picture();
    return said;
})()";

/// Takes twenty steps back from the end, each with a picture of the screen. All run in the same file: its name is in
/// the page.
const WALKED: &str = "(async () => {
    const back = document.querySelectorAll('.steps-controls button')[1];
    for (let step = 0; step < 20; step += 1) {
        back.click();
        await new Promise((shown) => { requestAnimationFrame(shown); });
    }
})()";

/// Jumps from the first step to the last, and gives how many changes that makes in the picture at once, how many more
/// come with the next pictures of the screen, and the nodes that do not show their gradient then.
const JUMPED: &str = "(async () => {
    const { recording, picture } = document.querySelector('autograd-stepper').players[0];
    const [first, , , , last] = document.querySelectorAll('.steps-controls button');
    const drawn = async () => {
        while (picture.late.size > 0) {
            await new Promise((shown) => { requestAnimationFrame(shown); });
        }
    };
    document.querySelector('.steps-scroll').scrollIntoView();
    first.click();
    await drawn();
    let later = 0;
    const observer = new MutationObserver((changes) => { later += changes.length; });
    observer.observe(picture.element, { subtree: true, childList: true, attributes: true, characterData: true });
    last.click();
    const atOnce = observer.takeRecords().length;
    await drawn();
    observer.disconnect();
    const changes = recording.steps.flatMap(({ set }) => set).filter(({ field }) => field === 'gradient');
    const gradients = new Map(changes.map(({ node, text }) => [node, `∇ ${text}`]));
    const nodes = document.querySelectorAll('.steps-node');
    const wrong = Array.from(gradients).filter(([node, text]) => !nodes[node].textContent.includes(text));
    return [atOnce, later, wrong.length];
})()";

/// Work, not time: what a step changes does not grow with the graph, and nothing around it is laid out.
#[test]
fn a_step_in_a_graph_of_a_hundred_nodes_is_little_work() {
    let (Some(program), Some(_)) = (chromium::program(), engine()) else {
        return;
    };
    let (mut chromium, address) = (Chromium::start(&program), serve());
    for reader in [NARROW, WIDE] {
        let mut tab = chromium.open(&format!("{address}/{}", hundred()), &reader);
        tab.until("document.querySelectorAll('.steps-live .steps-node').length === 98");
        // The steps in words have followed the program.
        tab.until("document.querySelectorAll('.steps-words tbody tr').length > 500");
        let [at_once, later, wrong]: [usize; 3] =
            serde_json::from_value(tab.evaluate(JUMPED)).unwrap();
        println!("{reader:?}: a jump changes {at_once} at once, {later} later");
        assert!(at_once > 20 && at_once < later, "{at_once}, {later}");
        assert_eq!(wrong, 0);
        let [most, outside]: [usize; 2] = serde_json::from_value(tab.evaluate(CHANGED)).unwrap();
        println!("{reader:?}: at most {most} changes");
        assert!((5..=28).contains(&most), "{most} changes in one step");
        assert_eq!(outside, 0);
        assert_eq!(tab.evaluate(DRAGGED), json!(["81 of 583"]));
        tab.evaluate(
            "document.querySelectorAll('.steps-controls button')[4].click();
            new Promise((shown) => { requestAnimationFrame(() => { requestAnimationFrame(shown); }); })",
        );
        let roots = tab.laid_out(WALKED);
        assert!(
            roots.iter().any(|root| root.starts_with("svg ")),
            "{roots:?}"
        );
        assert!(!roots.contains("#document"), "{roots:?}");
    }
}

/// The heights that a player has while it goes through its steps, and the sentences that have no room, or whose line
/// of the stage is out of sight.
const HEIGHTS: &str = "(() => {
    document.head.append(Object.assign(document.createElement('style'), {
        textContent: '* { content-visibility: visible !important; }',
    }));
    return Array.from(document.querySelectorAll('.steps-player')).map((player) => {
        const [first, , , next] = player.querySelectorAll('.steps-controls button');
        const sentence = player.querySelector('.steps-sentence');
        const heights = new Set();
        const cut = [];
        first.click();
        for (let step = 0; step <= player.querySelector('.steps-controls input').max; step += 1) {
            heights.add(player.offsetHeight);
            const [room, line] = ['.steps-code > ol', '.steps-code:not([hidden]) .steps-here']
                .map((name) => player.querySelector(name)?.getBoundingClientRect());
            const isSeen = !line || (line.top >= room.top - 1 && line.bottom <= room.bottom + 1);
            if (sentence.scrollHeight > sentence.clientHeight || !isSeen) {
                cut.push(sentence.textContent);
            }
            next.click();
        }
        return [Array.from(heights), cut];
    });
})()";

#[test]
fn each_sentence_has_room_and_the_line_that_it_speaks_of_is_in_sight() {
    let (Some(visits), Some(narrow)) = (visits(), narrow()) else {
        return;
    };
    let wide = visits
        .iter()
        .filter_map(|visit| Some((&visit.page, "wide", visit.laid.as_ref()?)));
    let narrow = narrow.iter().map(|(page, _, laid)| (page, "narrow", laid));
    let stepped = stepped();
    for (page, reader, Laid { heights, .. }) in wide.chain(narrow) {
        if !stepped.contains(page) {
            continue;
        }
        assert!(!heights.is_empty(), "{page}, {reader}");
        for (heights, cut) in heights {
            assert_eq!(*cut, Vec::<String>::new(), "{page}, {reader}");
            assert!(
                heights.len() == 1 && heights[0] > 200,
                "{page}, {reader}: {heights:?}"
            );
        }
    }
}

#[test]
fn a_stepper_needs_no_mouse() {
    let Some((mut chromium, address)) = browser() else {
        return;
    };
    let page = format!("{address}/stage2.html");
    let mut tab = chromium.open(&page, &WIDE);
    tab.evaluate(
        "const before = document.querySelector('figure.stepper').previousElementSibling;
        before.tabIndex = -1;
        before.focus()",
    );
    let at = "document.querySelector('.steps-at').textContent";
    let count = tab.evaluate("document.querySelector('.steps-controls input').max");
    let last: usize = count.as_str().unwrap().parse().unwrap();
    let place = |step: usize| json!(format!("{step} of {}", last + 1));
    // First come the fields for the inputs, if there is an engine.
    let is_inside = "document.activeElement.closest('.steps-player') !== null";
    for _ in 0..20 {
        tab.press("Tab");
        if tab.evaluate(is_inside) == json!(true) {
            break;
        }
    }
    // Each control in turn, and keys do the same at all of them.
    for control in 0..7 {
        if control > 0 {
            tab.press("Tab");
        }
        assert_eq!(tab.evaluate(is_inside), json!(true));
        tab.press("Home");
        assert_eq!(tab.evaluate(at), place(1));
        tab.press("ArrowRight");
        tab.press("ArrowRight");
        assert_eq!(tab.evaluate(at), place(3));
        tab.press("ArrowLeft");
        assert_eq!(tab.evaluate(at), place(2));
        tab.press("End");
        tab.press("ArrowRight");
        assert_eq!(tab.evaluate(at), place(last + 1));
    }
    // The space bar plays from the beginning, and stops.
    let label = "document.querySelectorAll('.steps-controls button')[2].title";
    tab.press(" ");
    assert_eq!(tab.evaluate(label), json!("Pause"));
    assert_eq!(tab.evaluate(at), place(1));
    tab.until(&format!("{at} === '2 of {}'", last + 1));
    tab.press(" ");
    assert_eq!(tab.evaluate(label), json!("Play"));
    // From any other step it goes on, and does not wait with it.
    let pressed = format!(
        "[document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {{ key: ' ', bubbles: true }})), {at}][1]"
    );
    tab.press("Home");
    tab.evaluate("document.querySelector('.steps-controls input').focus()");
    assert_eq!(tab.evaluate(&pressed), place(2));
    assert_eq!(tab.evaluate(label), json!("Pause"));
    tab.press(" ");
    // Before the last step there is one to show, and nothing to pause.
    tab.press("End");
    tab.press("ArrowLeft");
    assert_eq!(tab.evaluate(&pressed), place(last + 1));
    assert_eq!(tab.evaluate(label), json!("Play"));
    // No arrow has led to another chapter.
    assert_eq!(tab.evaluate("location.href"), json!(page));
}

#[test]
fn a_stepper_without_scripts_is_a_picture_and_its_steps_in_words() {
    let Some((mut chromium, address)) = browser() else {
        return;
    };
    let without = NARROW.without_scripts();
    let seen = "Array.from(document.querySelectorAll('autograd-stepper')).map((stepper) => {
        const { recordings } = JSON.parse(stepper.querySelector('script').textContent);
        const pictures = Array.from(stepper.querySelectorAll('.steps-still svg'));
        const last = (recording, kind, index, field) => recording.steps.flatMap(({ set }) => set)
            .findLast((change) => change[kind] === index && change.field === field)?.text;
        return pictures.length === recordings.length && recordings.every((recording, index) => {
            const picture = pictures[index];
            const rows = Array.from(stepper.querySelectorAll('.steps-words')[index].querySelectorAll('tbody tr'));
            const gradients = recording.nodes.map((_, node) => (
                last(recording, 'node', node, 'gradient-cells')?.split(';')[0] ?? last(recording, 'node', node, 'gradient')));
            return picture.checkVisibility() && rows.length === recording.steps.length
                && recording.steps.every(({ say }, step) => rows[step].lastChild.textContent === say.replaceAll('`', ''))
                && gradients.every((gradient) => !gradient || picture.textContent.includes(`∇ ${gradient}`));
        });
    })";
    for page in stepped() {
        let mut tab = chromium.open(&format!("{address}/{page}.html"), &without);
        let seen: Vec<bool> = serde_json::from_value(tab.evaluate(seen)).unwrap();
        assert!(
            !seen.is_empty() && seen.iter().all(|seen| *seen),
            "{page}: {seen:?}"
        );
    }
}

#[test]
fn a_stepper_is_at_most_a_page_on_paper() {
    let Some((mut chromium, address)) = browser() else {
        return;
    };
    // A4 without its margins, at 96 dots an inch.
    let paper = Reader { width: 672, ..WIDE };
    let heights = "Array.from(document.querySelectorAll('figure.stepper')).map((figure) => {
        figure.querySelectorAll('details').forEach((fold) => { fold.open = true; });
        return Math.round(figure.getBoundingClientRect().height);
    })";
    for page in stepped() {
        let mut tab = chromium.open(&format!("{address}/{page}.html"), &paper);
        tab.on_paper();
        let heights: Vec<u64> = serde_json::from_value(tab.evaluate(heights)).unwrap();
        println!("{page}: {heights:?}");
        assert!(
            heights.iter().all(|height| (200..=971).contains(height)),
            "{page}: {heights:?}"
        );
    }
}

#[test]
fn a_program_is_changed_and_shared() {
    let (Some(program), Some(_)) = (chromium::program(), engine()) else {
        return;
    };
    let (mut chromium, address) = (Chromium::start(&program), serve_below("/some/where"));
    let write = |text: &str| {
        format!(
            "(() => {{
                const text = document.querySelector('.steps-area textarea');
                text.value = `{text}`;
                text.dispatchEvent(new Event('input'));
            }})()"
        )
    };
    let results = "document.querySelector('.steps-results').textContent";
    let shows = |gradients: &str| format!("{results}.includes('{gradients}')");

    for start in [address.clone(), format!("file://{}", BOOK.display())] {
        let mut tab = chromium.open(&format!("{start}/playground.html"), &WIDE);
        // It is not loaded before it is wanted.
        assert!(
            !tab.requests()
                .iter()
                .any(|request| request.contains("engine-"))
        );
        tab.evaluate(&write("let s = x * x;\ns * y"));
        tab.until(&shows("∇ x = 24 ∇ y = 9"));
        // Another engine beside it.
        tab.evaluate(
            "(() => {
                const [, beside] = document.querySelectorAll('.steps-choices select');
                beside.value = 'stage1';
                beside.dispatchEvent(new Event('change'));
            })()",
        );
        tab.until(&shows("Stage 1: 4 nodes. ∇ x = 24 ∇ y = 9"));
        let shared = tab.evaluate("location.href");

        // What is wrong is said at its place, and the last good picture stays.
        tab.evaluate(&write("let s = x * x;\ns.sine() * y"));
        tab.until("document.querySelector('.steps-problem').textContent.includes('sine')");
        let wrong = tab.evaluate(
            "[document.querySelector('.steps-where mark').textContent.includes('sine'),
              document.querySelector('.steps-area textarea').getAttribute('aria-invalid'),
              document.querySelectorAll('.steps-scroll > .steps-graph').length,
              document.querySelector('.steps-problem').textContent.startsWith('Line 2: ')]",
        );
        assert_eq!(wrong, json!([true, "true", 2, true]));
        assert_eq!(tab.evaluate(&shows("∇ x = 24 ∇ y = 9")), json!(true));
        tab.evaluate(&write("x + y"));
        tab.until(&shows("∇ x = 1 ∇ y = 1"));
        assert_eq!(
            tab.evaluate("document.querySelector('.steps-problem').textContent"),
            json!("")
        );
        drop(tab);

        // The address holds the program, the inputs and the engines.
        let mut tab = chromium.open(shared.as_str().unwrap(), &WIDE);
        tab.until(&shows("Stage 1: 4 nodes. ∇ x = 24 ∇ y = 9"));
    }

    // An input of a figure in a chapter.
    let mut tab = chromium.open(&format!("{address}/stage2.html"), &WIDE);
    tab.evaluate(
        "(() => {
            const stepper = document.querySelectorAll('autograd-stepper')[2];
            stepper.querySelectorAll('.steps-controls button')[4].click();
            const slider = stepper.querySelector('.steps-input input[type=range]');
            slider.value = '2';
            slider.dispatchEvent(new Event('input'));
        })()",
    );
    // x² + x⁴ at 2 has the slope 2 · 2 + 4 · 8.
    tab.until(
        "document.querySelectorAll('autograd-stepper')[2].querySelector('.steps-node .steps-gradient').textContent === '∇ 36'",
    );
}

/// What a section of an example prints, run once more.
fn printed(example: &str, section: &str) -> String {
    let output = program("--example", example).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let (_, text) = text.split_once(&format!("## {section}\n")).unwrap();
    text.split("\n## ").next().unwrap().to_owned()
}

#[test]
fn the_line_between_the_moons_is_where_the_scores_change_their_sign() {
    let Some(program) = chromium::program() else {
        return;
    };
    // Step, loss, share and scores, from below.
    let printed = printed("figures", "boundary");
    let steps: Vec<_> = printed
        .split("step: ")
        .skip(1)
        .map(|text| {
            let (head, scores) = text.split_once('\n').unwrap();
            let words: Vec<&str> = head.split(' ').collect();
            let row = |row: &str| row.split(' ').map(|score| score.parse().unwrap()).collect();
            let scores: Vec<Vec<f64>> = scores.lines().map(row).collect();
            json!({ "step": words[0], "loss": words[2], "right": words[4], "scores": scores })
        })
        .collect();
    assert!(steps.len() > 20);
    let judge = format!(
        "(() => {{
            const steps = {};
            const figure = document.querySelector('autograd-boundary');
            const range = figure.querySelector('input');
            const found = [];
            const look = (index) => {{
                range.value = String(index);
                range.dispatchEvent(new Event('input'));
                const {{ step, loss, right, scores }} = steps[index];
                const said = figure.querySelector('.live-say').textContent;
                if (range.getAttribute('aria-valuetext') !== `step ${{step}}`
                    || ![loss, `${{right}} of`].every((number) => said.includes(` ${{number}}`))) {{
                    found.push(`step ${{step}}: ${{said}}`);
                }}
                const side = figure.querySelector('.live-part .boundary-side');
                const svg = side.ownerSVGElement;
                const {{ width, height }} = svg.viewBox.baseVal;
                scores.forEach((row, up) => row.forEach((score, right) => {{
                    // The frame is a line of its own, and the path is rounded.
                    if (Math.abs(score) < 0.1 || !up || !right || up === scores.length - 1 || right === row.length - 1) {{
                        return;
                    }}
                    const point = svg.createSVGPoint();
                    point.x = width * right / (row.length - 1);
                    point.y = height * (1 - up / (scores.length - 1));
                    if (side.isPointInFill(point) !== score > 0) {{
                        found.push(`step ${{step}}: ${{score}} at ${{right}}, ${{up}}`);
                    }}
                }}));
            }};
            const last = steps.length - 1;
            if (range.max !== String(last)) {{
                found.push(`${{range.max}} and not ${{last}}`);
            }}
            for (let index = 0; index <= last; index += 1) {{
                look(index);
            }}
            for (let index = last; index >= 0; index -= 1) {{
                look(index);
            }}
            return found;
        }})()",
        json!(steps)
    );
    let (mut chromium, address) = (Chromium::start(&program), serve());
    for address in [address.clone(), format!("file://{}", BOOK.display())] {
        let mut tab = chromium.open(&format!("{address}/training.html"), &WIDE);
        assert_eq!(tab.evaluate(&judge), json!([]), "{address}");
    }

    // It plays from the beginning, stops at the end, and is dragged by keys.
    let mut tab = chromium.open(&format!("{address}/training.html"), &WIDE);
    let at = "document.querySelector('autograd-boundary output').textContent";
    let label = "document.querySelector('autograd-boundary button').title";
    assert_eq!(tab.evaluate(at), json!("Step 600"));
    tab.evaluate("document.querySelector('autograd-boundary button').focus()");
    tab.press(" ");
    assert_eq!(tab.evaluate(at), json!("Step 0"));
    assert_eq!(tab.evaluate(label), json!("Pause"));
    tab.until(&format!("{label} === 'Play'"));
    assert_eq!(tab.evaluate(at), json!("Step 600"));
    tab.press("Tab");
    tab.press("Home");
    assert_eq!(tab.evaluate(at), json!("Step 0"));
    tab.press("ArrowRight");
    assert_eq!(tab.evaluate(at), json!("Step 5"));
    drop(tab);

    // Without scripts: four pictures, the first and the last among them.
    let without = NARROW.without_scripts();
    let mut tab = chromium.open(&format!("{address}/training.html"), &without);
    let seen = "Array.from(document.querySelectorAll('.boundary-still > div'))
        .filter((still) => still.checkVisibility()).map((still) => still.textContent.match(/Step \\d+/g).pop())";
    let seen: Vec<String> = serde_json::from_value(tab.evaluate(seen)).unwrap();
    assert_eq!(
        (seen.len(), &*seen[0], &*seen[3]),
        (4, "Step 0", "Step 600")
    );
}

#[test]
fn a_step_is_dragged_along_the_errors_and_all_that_is_said_is_of_the_run() {
    let Some(program) = chromium::program() else {
        return;
    };
    let printed = printed("derivatives", "error-plot");
    let stops: Vec<_> = printed
        .split("stop: ")
        .skip(1)
        .map(|text| {
            let (name, text) = text.split_once('\n').unwrap();
            let rows = text.lines().filter(|line| line.contains(" | "));
            let row = |row: &str| row.split('|').map(|cell| cell.trim().to_owned()).collect();
            let rows: Vec<Vec<String>> = rows.map(row).collect();
            let say = text.lines().find_map(|line| line.strip_prefix("say: "));
            json!({ "name": name, "rows": rows, "say": say.unwrap() })
        })
        .collect();
    assert_eq!(stops.len(), 61);
    let judge = format!(
        "(() => {{
            const stops = {};
            const figure = document.querySelector('autograd-slide');
            const range = figure.querySelector('input');
            const found = range.max === String(stops.length - 1) ? [] : [`${{range.max}} stops`];
            let left = 0;
            stops.forEach(({{ name, rows, say }}, index) => {{
                range.value = String(index);
                range.dispatchEvent(new Event('input'));
                const shown = Array.from(figure.querySelectorAll('tbody tr'), (row) => Array.from(row.cells, (cell) => cell.textContent));
                if (JSON.stringify(shown) !== JSON.stringify(rows) || figure.querySelector('.live-say').textContent !== say
                    || range.getAttribute('aria-valuetext') !== name || figure.querySelector('output').textContent !== `h = ${{name}}`) {{
                    found.push(`${{name}}: ${{JSON.stringify(shown)}}`);
                }}
                // The line goes to the right, and a marker that is shown lies on it.
                const {{ x }} = figure.querySelector('.slide-line').getBBox();
                const off = Array.from(figure.querySelectorAll('.slide-marker'), (marker) => marker.getBBox())
                    .filter((box) => box.width && Math.abs(box.x + box.width / 2 - x) > 0.3);
                if (x <= left || off.length) {{
                    found.push(`${{name}}: at ${{x}} after ${{left}}, ${{off.length}} markers off`);
                }}
                left = x;
            }});
            return found;
        }})()",
        json!(stops)
    );
    let (mut chromium, address) = (Chromium::start(&program), serve());
    for address in [address.clone(), format!("file://{}", BOOK.display())] {
        let mut tab = chromium.open(&format!("{address}/derivatives.html"), &WIDE);
        assert_eq!(tab.evaluate(&judge), json!([]), "{address}");
    }

    // By keys, and by the pointer in the picture.
    let mut tab = chromium.open(&format!("{address}/derivatives.html"), &WIDE);
    let at = "document.querySelector('autograd-slide output').textContent";
    assert_eq!(tab.evaluate(at), json!("h = 1.00e-1"));
    tab.evaluate("document.querySelector('autograd-slide input').focus()");
    tab.press("Home");
    assert_eq!(tab.evaluate(at), json!("h = 1.00e-16"));
    tab.press("ArrowRight");
    assert_eq!(tab.evaluate(at), json!("h = 1.78e-16"));
    let drag = "(() => {
        const svg = document.querySelector('autograd-slide svg');
        const path = svg.querySelectorAll('path.plot-marker')[1];
        const { left, width } = path.getBoundingClientRect();
        svg.dispatchEvent(new PointerEvent('pointerdown', { clientX: left + width, clientY: 9, buttons: 1 }));
    })()";
    tab.evaluate(drag);
    assert_eq!(tab.evaluate(at), json!("h = 1.00e-1"));
    drop(tab);

    // Without scripts there are the curves alone.
    let without = NARROW.without_scripts();
    let mut tab = chromium.open(&format!("{address}/derivatives.html"), &without);
    let seen = "[...document.querySelector('autograd-slide').children]
        .filter((part) => part.checkVisibility()).map((part) => part.querySelectorAll('.plot-name').length)";
    assert_eq!(tab.evaluate(seen), json!([5]));
}

/// Answers all questions of a page, the first of them rightly and the others wrongly, where a wrong answer is
/// known.
const ANSWERED: &str = "document.querySelectorAll('.quiz-box').forEach((box, index) => {
    const form = box.querySelector('form');
    const right = box.querySelector('.quiz-answer b').textContent;
    const answer = index ? box.querySelector('.quiz-not b')?.textContent ?? right : right;
    const field = form.querySelector('[type=text]');
    if (field) {
        field.value = answer;
    }
    form.querySelectorAll('[type=radio]').forEach((radio) => { radio.checked = radio.value === answer; });
    form.requestSubmit();
});";

/// All complaints about the questions of a page: each knows its right answer, and why the others are wrong.
const UNKNOWING: &str = "Array.from(document.querySelectorAll('.quiz-box')).flatMap((box) => {
    const form = box.querySelector('form');
    const question = box.querySelector('legend').textContent;
    const verdict = box.querySelector('.quiz-verdict');
    const fold = box.querySelector('details');
    const say = (answer) => {
        const field = form.querySelector('[type=text]');
        if (field) {
            field.value = answer;
        } else {
            const radio = Array.from(form.querySelectorAll('[type=radio]')).find(({ value }) => value === answer);
            if (!radio) {
                return 'not offered';
            }
            radio.checked = true;
        }
        fold.open = false;
        form.requestSubmit();
        return fold.open ? verdict.textContent : 'nothing to read';
    };
    const right = box.querySelector('.quiz-answer b').textContent;
    const reasons = Array.from(box.querySelectorAll('.quiz-answer + ul > li')).map((item) => {
        const copy = item.cloneNode(true);
        copy.querySelector('.quiz-not').remove();
        return [item.querySelector('.quiz-not b').textContent, `✗ Wrong: ${copy.textContent}`];
    });
    const found = [...reasons, [right, `✓ Right: ${right}`]].map(([answer, wanted]) => [answer, wanted, say(answer)]);
    const field = form.querySelector('[type=text]');
    if (field) {
        field.value = '';
    }
    return found.filter(([, wanted, seen]) => wanted !== seen).map((one) => `${question} ${one.join(' | ')}`);
})";

#[test]
fn every_question_knows_its_answer_and_why_others_are_wrong() {
    let Some(visits) = visits() else {
        return;
    };
    let mut asked = 0;
    let mut all = Vec::new();
    for visit in visits {
        let (count, found) = &visit.questions;
        asked += count;
        all.extend(found.iter().map(|found| format!("{}: {found}", visit.page)));
    }
    assert_eq!(all, Vec::<String>::new());
    assert!(asked > 5, "{asked}");
}

/// The first question of a page of which the answer is typed, and the first of which it is chosen.
const BOXES: &str = "const typed = document.querySelector('.quiz-box:has([type=text])');
    const chosen = document.querySelector('.quiz-box:has([type=radio])');
    const rightOf = (box) => box.querySelector('.quiz-answer b').textContent;
    const said = (box) => box.querySelector('.quiz-verdict').textContent;";

#[test]
fn answers_are_judged_kept_and_forgotten() {
    let Some(program) = chromium::program() else {
        return;
    };
    let mut chromium = Chromium::start(&program);
    for address in [format!("file://{}", BOOK.display()), serve()] {
        let mut tab = chromium.open(&format!("{address}/stage1.html"), &WIDE);
        tab.evaluate(BOXES);
        let submit = |answer: &str| {
            format!(
                "typed.querySelector('input').value = {answer};
                typed.querySelector('form').requestSubmit();
                [said(typed).split(':')[0], typed.querySelector('details').open]"
            )
        };
        // Not an answer: nothing is given away.
        assert_eq!(
            tab.evaluate(&submit("'many'")),
            json!(["Type a number, such as 12, 0.5, 1/2 or 1e-3.", false])
        );
        assert_eq!(
            tab.evaluate(&submit("''"))[1],
            json!(false),
            "an empty field"
        );
        assert_eq!(tab.evaluate(&submit("'12345'")), json!(["✗ Wrong", true]));
        // However a number is written.
        for form in [
            "right",
            "` ${right}.0 `",
            "`${2 * right}/2`",
            "`+${right}e0`",
            "`${right}^1`",
        ] {
            let submit = submit(&format!(
                "(() => {{ const right = rightOf(typed); return {form}; }})()"
            ));
            assert_eq!(tab.evaluate(&submit), json!(["✓ Right", true]), "{form}");
        }
        let wrong = "chosen.querySelectorAll('[type=radio]').forEach((radio) => {
                radio.checked = radio.value === chosen.querySelector('.quiz-not b').textContent;
            });
            chosen.querySelector('form').requestSubmit();
            said(chosen)";
        let wrong = tab.evaluate(wrong);
        assert!(wrong.as_str().unwrap().starts_with("✗ Wrong: "), "{wrong}");
        let tally = "document.querySelector('.quiz-tally span').textContent";
        let counted = tab.evaluate(tally);
        let counted = counted.as_str().unwrap();
        assert!(
            counted.ends_with("Answered: 2, right:\u{a0}1."),
            "{counted}"
        );

        // They are there again.
        tab.reload();
        tab.evaluate(BOXES);
        let kept = "[said(typed).split(':')[0], said(chosen), typed.querySelector('details').open]";
        assert_eq!(tab.evaluate(kept), json!(["✓ Right", wrong, true]));
        assert_eq!(tab.evaluate(tally), json!(counted));

        // This page is forgotten, another one not.
        tab.evaluate(
            "const answers = JSON.parse(localStorage.getItem('book-answers'));
            answers.elsewhere = { question: 'answer' };
            localStorage.setItem('book-answers', JSON.stringify(answers));
            document.querySelector('.quiz-tally button').click()",
        );
        let nothing = json!(["", "", false]);
        assert_eq!(tab.evaluate(kept), nothing);
        let stored = "localStorage.getItem('book-answers')";
        let other = r#"{"elsewhere":{"question":"answer"}}"#;
        assert_eq!(tab.evaluate(stored), json!(other));
        tab.reload();
        tab.evaluate(BOXES);
        assert_eq!(tab.evaluate(kept), nothing);
        tab.evaluate("document.querySelectorAll('.quiz-tally button')[1].click()");
        assert_eq!(tab.evaluate(stored), json!("{}"));

        // Where nothing can be kept, questions are judged all the same.
        tab.evaluate(
            "Object.defineProperty(window, 'localStorage', { get() { throw new Error('closed'); } }); 0",
        );
        assert_eq!(
            tab.evaluate(&submit("rightOf(typed)")),
            json!(["✓ Right", true])
        );
        assert_eq!(
            tab.evaluate(tally)
                .as_str()
                .unwrap()
                .ends_with("Answered: 1, right:\u{a0}1."),
            true
        );
    }
}

#[test]
fn a_question_needs_no_mouse() {
    let Some((mut chromium, address)) = browser() else {
        return;
    };
    let page = format!("{address}/stage1.html");
    let mut tab = chromium.open(&page, &WIDE);
    tab.evaluate(BOXES);
    let enter = |tab: &mut Tab<'_>, name: &str| {
        tab.evaluate(&format!(
            "{name}.previousElementSibling.tabIndex = -1; {name}.previousElementSibling.focus()"
        ));
        let is_inside =
            format!("{name}.querySelector('.quiz-options').contains(document.activeElement)");
        while tab.evaluate(&is_inside) != json!(true) {
            tab.press("Tab");
        }
    };
    enter(&mut tab, "typed");
    tab.write("7/2");
    tab.press("Enter");
    assert_eq!(
        tab.evaluate("[said(typed), typed.querySelector('.quiz-verdict').role]"),
        json!(["✗ Wrong: the answer is below.", "status"])
    );
    enter(&mut tab, "chosen");
    tab.press("ArrowDown");
    tab.press("ArrowRight");
    assert_eq!(
        tab.evaluate("said(chosen)"),
        json!(""),
        "not before it is confirmed"
    );
    tab.press("Enter");
    assert_eq!(
        tab.evaluate(
            "[chosen.querySelectorAll('[type=radio]')[2].checked, said(chosen) !== '',
              chosen.querySelector('details').open]"
        ),
        json!([true, true, true])
    );
    // No arrow has led to another chapter.
    assert_eq!(tab.evaluate("location.href"), json!(page));
}

#[test]
fn a_question_without_scripts_and_on_paper_is_a_fold_with_its_answer() {
    let Some((mut chromium, address)) = browser() else {
        return;
    };
    let without = NARROW.without_scripts();
    let count = "document.querySelectorAll('details.quiz').length";
    let folds = "[document.querySelectorAll('.quiz-box').length,
        Array.from(document.querySelectorAll('details.quiz')).every((fold) => {
            const offered = Array.from(fold.querySelectorAll('summary .quiz-offered > span'));
            const answers = Array.from(fold.querySelectorAll('.quiz-answer > b, .quiz-not > b'));
            const texts = (list) => list.map(({ textContent }) => textContent).sort().join();
            return !fold.open && answers.length > 0 && (offered.length === 0 || texts(offered) === texts(answers));
        })]";
    for (page, reader) in [("stage1", without), ("print", WIDE)] {
        let mut tab = chromium.open(&format!("{address}/{page}.html"), &reader);
        assert!(tab.evaluate(count).as_u64() > Some(3));
        assert_eq!(tab.evaluate(folds), json!([0, true]), "{page}");
    }
}

#[test]
fn a_drawn_digit_is_read_by_the_engine_of_the_page() {
    let (Some(program), Some(_)) = (chromium::program(), engine()) else {
        return;
    };
    // What the stage says on this machine.
    let printed = printed("figures", "pad");
    let after = |name: &str| -> Vec<Vec<f64>> {
        let lines = printed.lines().filter_map(|line| line.strip_prefix(name));
        lines
            .map(|line| line.split(' ').map(|word| word.parse().unwrap()).collect())
            .collect()
    };
    let (probabilities, gradients, digits) = (
        after("probabilities: "),
        after("gradient: "),
        after("digit: "),
    );
    assert_eq!(
        (probabilities.len(), gradients.len(), digits.len()),
        (4, 4, 4)
    );
    let say = "document.querySelector('autograd-pad .live-say').textContent";
    let answered = "new Promise((done) => {
        const timer = setInterval(() => !pad.asking && (clearInterval(timer), done(true)), 20);
    })";

    let (mut chromium, address) = (Chromium::start(&program), serve_below("/some/where"));
    for start in [address.clone(), format!("file://{}", BOOK.display())] {
        let mut tab = chromium.open(&format!("{start}/training.html"), &WIDE);
        tab.evaluate("window.pad = document.querySelector('autograd-pad'); 0");
        // Nothing is loaded before something is drawn.
        assert!(
            !tab.requests()
                .iter()
                .any(|request| request.contains("engine-"))
        );
        for picture in 0..4 {
            tab.evaluate(&format!(
                "(() => {{
                    const choice = pad.querySelector('select');
                    choice.value = '{picture}';
                    choice.dispatchEvent(new Event('change'));
                }})()"
            ));
            let recorded = tab.evaluate(say);
            // The engine says of the same picture what was recorded.
            let digit = digits[picture][0];
            tab.evaluate(&format!(
                "pad.querySelectorAll('.pad-scores button')[{digit}].click()"
            ));
            tab.evaluate(answered);
            assert_eq!(tab.evaluate(say), recorded);
            let shares: Vec<String> = probabilities[picture]
                .iter()
                .map(|share| format!("{:.1}%", 100.0 * share))
                .collect();
            let shown =
                "Array.from(pad.querySelectorAll('.pad-share'), (share) => share.textContent)";
            assert_eq!(tab.evaluate(shown), json!(shares));
            let reading = tab.evaluate(
                "autogradEngine.read(pad.question()).then((answer) => JSON.parse(answer).reading)",
            );
            for (name, expected) in [("probabilities", &probabilities), ("gradient", &gradients)] {
                let found: Vec<f64> = serde_json::from_value(reading[name].clone()).unwrap();
                let pairs = found.iter().zip(&expected[picture]);
                assert_eq!(found.len(), expected[picture].len());
                for (found, expected) in pairs {
                    assert!(
                        (found - expected).abs() < 1e-9,
                        "{name}: {found} and {expected}"
                    );
                }
            }
            // A sign beside the colour, and the right one.
            let most = gradients[picture]
                .iter()
                .fold(0.0_f64, |most, slope| most.max(slope.abs()));
            let signs: Vec<&str> = gradients[picture]
                .iter()
                .map(|slope| match slope / most {
                    share if share >= 0.2 => "+",
                    share if share <= -0.2 => "−",
                    _ => "",
                })
                .collect();
            let shown = "Array.from(pad.querySelectorAll('.pad-gradient span'), (sign) => sign.textContent)";
            assert_eq!(tab.evaluate(shown), json!(signs));
        }

        // By mouse: a stroke from top to bottom is a 1.
        tab.evaluate("Array.from(pad.querySelectorAll('button')).find((one) => one.textContent === 'Clear').click()");
        tab.evaluate(answered);
        let blank = tab.evaluate(say);
        tab.evaluate("pad.querySelector('.pad-grid').scrollIntoView({ block: 'center' })");
        let place = |x: f64, y: f64| {
            format!(
                "(() => {{
                    const {{ left, top, width, height }} = pad.querySelector('.pad-grid').getBoundingClientRect();
                    return [left + width * {x}, top + height * {y}];
                }})()"
            )
        };
        let mut at =
            |x, y| -> [f64; 2] { serde_json::from_value(tab.evaluate(&place(x, y))).unwrap() };
        let (from, to) = (at(0.55, 0.05), at(0.55, 0.95));
        tab.drag(from, to);
        tab.evaluate(answered);
        let drawn = tab.evaluate(say);
        assert_ne!(drawn, blank);
        assert!(
            drawn.as_str().unwrap().starts_with("It reads: 1 ("),
            "{drawn}"
        );
        assert_eq!(
            tab.evaluate("pad.ink[4] > 8 && pad.ink[0] === 0"),
            json!(true)
        );

        // By keys.
        tab.evaluate("pad.querySelector('[role=gridcell][tabindex=\"0\"]').focus()");
        for key in ["Home", "ArrowRight", " "] {
            tab.press(key);
        }
        tab.evaluate(answered);
        assert_ne!(tab.evaluate(say), drawn);
        assert_eq!(
            tab.evaluate("document.activeElement.getAttribute('aria-label')"),
            json!("row 1, point 2: 16 of 16")
        );
        tab.press(" ");
        tab.evaluate(answered);
        assert_eq!(tab.evaluate(say), drawn);
        let found = findings(&mut tab);
        assert_eq!(found, Vec::<String>::new());
    }

    // Without scripts: what was recorded.
    let without = NARROW.without_scripts();
    let mut tab = chromium.open(&format!("{address}/training.html"), &without);
    let seen = "Array.from(document.querySelectorAll('.pad-still > div'))
        .map((still) => still.checkVisibility() && still.textContent.includes(', read as '))";
    assert_eq!(tab.evaluate(seen), json!([true, true, true, true]));
}

/// Clicks the button of each difference on a page, and keeps what it would copy.
const COPY: &str = "(() => {
    const copied = [];
    const clipboard = { writeText: async (text) => copied.push(text) };
    Object.defineProperty(navigator, 'clipboard', { value: clipboard });
    for (const listing of document.querySelectorAll('.listing:has(.code-diff)')) {
        const block = listing.querySelector('pre');
        block.firstChild.dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));
        block.querySelector('.copy')?.click();
    }
    return copied;
})()";

#[test]
fn the_button_at_a_difference_copies_the_new_code() {
    let Some((mut chromium, address)) = browser() else {
        return;
    };
    let mut tab = chromium.open(&format!("{address}/stage2.html"), &WIDE);
    let copied: Vec<String> = serde_json::from_value(tab.evaluate(COPY)).unwrap();

    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let new = Source::read(&workspace, "stages/stage2/src/trace.rs").unwrap();
    let new = new.expect(Some("record")).unwrap().text;
    assert!(copied.contains(&new), "{copied:#?}");
    // Where a whole region has gone, there is nothing to copy.
    let page = std::fs::read_to_string(BOOK.join("stage2.html")).unwrap();
    let gone = page.matches("gone in stage2</span>").count();
    let differences = tab.evaluate("document.querySelectorAll('.listing:has(.code-diff)').length");
    assert!(gone > 0);
    assert_eq!(
        Some((copied.len() + gone) as u64),
        differences.as_u64(),
        "{copied:#?}"
    );
    for text in copied {
        let marked = |line: &str| line.starts_with(['+', '⋯']);
        assert!(!text.lines().any(marked), "{text}");
    }
}

#[test]
fn a_difference_shows_one_side_and_what_repeats_on_demand() {
    let Some((mut chromium, address)) = browser() else {
        return;
    };
    let page = format!("{address}/stage3.html");
    let mut tab = chromium.open(&page, &WIDE);
    tab.evaluate("window.listing = document.querySelector('.listing:has(.more)')");
    // The signs of the lines that can be read, and whether the calls of the second operation are.
    let seen = "(() => {
        const lines = Array.from(listing.querySelectorAll('ins, del'));
        const shown = lines.filter((line) => line.checkVisibility());
        const signs = new Set(shown.map((line) => line.localName));
        return [Array.from(signs).sort().join(' '), shown.some((line) => /SUB|Op::Sub/.test(line.textContent))];
    })()";
    let choose = |side: &str| format!("listing.querySelector('input[value=\"{side}\"]').click()");
    assert_eq!(tab.evaluate(seen), json!(["del ins", false]));
    tab.evaluate("listing.querySelector('.more summary').click()");
    assert_eq!(tab.evaluate(seen), json!(["del ins", true]));
    let labels =
        "Array.from(listing.querySelectorAll('.tools label'), (label) => label.textContent)";
    assert_eq!(
        tab.evaluate(labels),
        json!(["Difference", "stage2", "stage3"])
    );
    for (side, signs) in [("old", "del"), ("new", "ins"), ("", "del ins")] {
        tab.evaluate(&choose(side));
        assert_eq!(tab.evaluate(seen), json!([signs, true]));
    }
    // What is copied is what is shown, also in the fold.
    tab.evaluate(&choose("old"));
    let copied: Vec<String> = serde_json::from_value(tab.evaluate(COPY)).unwrap();
    let old = copied.iter().find(|code| code.contains("Op::Sub"));
    assert!(
        old.is_some_and(|code| code.contains("Op::Div") && !code.contains("SUB")),
        "{copied:#?}"
    );
    drop(tab);

    let without = WIDE.without_scripts();
    let mut tab = chromium.open(&page, &without);
    tab.evaluate("window.listing = document.querySelector('.listing:has(.more)')");
    assert_eq!(tab.evaluate(seen), json!(["del ins", false]));
    let tools = "document.querySelectorAll('.tools').length";
    assert_eq!(tab.evaluate(tools), json!(0));
}

#[test]
fn documentation_in_listings_is_folded_until_it_is_asked_for() {
    let Some((mut chromium, address)) = browser() else {
        return;
    };
    let page = format!("{address}/arrays.html");
    let readable = "(() => {
        document.querySelectorAll('main details').forEach((fold) => { fold.open = true; });
        const all = Array.from(document.querySelectorAll('.docs'));
        const shown = all.filter((docs) => docs.firstElementChild.checkVisibility());
        return shown.length / all.length;
    })()";
    let mut tab = chromium.open(&page, &WIDE);
    let count = tab.evaluate("document.querySelectorAll('.docs').length");
    assert!(count.as_u64() > Some(20), "{count}");
    assert_eq!(tab.evaluate(readable), json!(0));
    // One, where it is.
    tab.evaluate("document.querySelector('.docs').click()");
    assert_eq!(
        tab.evaluate("document.querySelectorAll('.docs > span').values().filter((docs) => docs.checkVisibility()).toArray().length"),
        json!(1)
    );
    // All, there and back, and each button stays where it is. Windows scroll by whole points, so half a point may be
    // left; and another half when what comes into view is laid out, frames later, and the browser makes up for it.
    let moved = "(async () => {
        const moved = [];
        const top = (button) => button.getBoundingClientRect().top;
        // On a busy machine what comes into view is laid out later.
        const rest = async (button) => {
            for (let [frames, before] = [0, NaN]; frames < 10; frames += 1) {
                await new Promise(requestAnimationFrame);
                if (top(button) !== before) {
                    [frames, before] = [0, top(button)];
                }
            }
        };
        const buttons = Array.from(document.querySelectorAll('details[open] > .tools > button'));
        for (const button of buttons.flatMap((button) => [button, button])) {
            button.scrollIntoView();
            await rest(button);
            const before = top(button);
            button.click();
            await rest(button);
            moved.push(Math.abs(top(button) - before));
        }
        return [moved.length > 10, moved.filter((far) => far >= 1)];
    })()";
    assert_eq!(tab.evaluate(moved), json!([true, []]));
    assert_eq!(tab.evaluate(readable), json!(0));
    let button = "document.querySelector('details[open] > .tools > button')";
    tab.evaluate(&format!("{button}.click()"));
    assert_eq!(tab.evaluate(readable), json!(1));
    assert_eq!(
        tab.evaluate(&format!("{button}.textContent")),
        json!("Hide docs")
    );
    tab.reload();
    assert_eq!(tab.evaluate(readable), json!(1));
    tab.evaluate(&format!("{button}.click()"));
    // What a search has marked is shown.
    tab.evaluate("document.querySelector('.docs > span').prepend(document.createElement('mark'))");
    assert_eq!(
        tab.evaluate("document.querySelector('.docs > span').checkVisibility()"),
        json!(true)
    );
    drop(tab);

    let without = WIDE.without_scripts();
    let mut tab = chromium.open(&page, &without);
    assert_eq!(tab.evaluate(readable), json!(1));
}

/// Of each note whether it is right of the text, whether it leaves the window, and what it meets; and how far
/// apart the centres of paragraphs and pictures are.
const NOTES: &str = "(() => {
    const box = (element) => element.getBoundingClientRect();
    const notes = Array.from(document.querySelectorAll('main > p > small, .commentary > p > small'));
    const blocks = Array.from(document.querySelectorAll('main > *, .commentary > *'))
        .filter((block) => !block.matches('.commentary') && block.getClientRects().length);
    const meets = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    const margin = notes.filter((note) => box(note).left >= box(note.parentElement).right);
    const outside = notes.filter((note) => box(note).right > innerWidth);
    const covered = margin.filter((note) => blocks.some((block) => meets(box(note), box(block))));
    const centre = (element) => box(element).left + box(element).width / 2;
    const centres = Array.from(document.querySelectorAll('main > p, main > .picture'), centre);
    return [
        notes.length > 3,
        margin.length / notes.length,
        outside.map((note) => note.textContent),
        covered.map((note) => note.textContent),
        Math.round(Math.max(...centres) - Math.min(...centres)),
        getComputedStyle(notes[0], '::before').content,
    ];
})()";

#[test]
fn notes_are_in_the_margin_where_there_is_one() {
    let Some((mut chromium, address)) = browser() else {
        return;
    };
    for page in ["derivatives", "arrays", "stage3"] {
        for (width, margin, bracket) in [(1280, 1, "none"), (390, 0, "\"(\"")] {
            let reader = Reader { width, ..WIDE };
            let mut tab = chromium.open(&format!("{address}/{page}.html"), &reader);
            assert_eq!(
                tab.evaluate(NOTES),
                json!([true, margin, [], [], 0, bracket]),
                "{page}, {width}"
            );
        }
    }
}

#[test]
fn commands_are_copied_without_their_prompt_and_by_the_keyboard() {
    let Some((mut chromium, address)) = browser() else {
        return;
    };
    let mut tab = chromium.open(&format!("{address}/stage2.html"), &WIDE);
    let copied = tab.evaluate(
        "(() => {
            const copied = [];
            const clipboard = { writeText: async (text) => copied.push(text) };
            Object.defineProperty(navigator, 'clipboard', { value: clipboard });
            const buttons = document.querySelectorAll('pre:has(.code-console) > .copy, .output > figcaption > .copy');
            for (const button of buttons) {
                button.click();
            }
            return copied;
        })()",
    );
    let copied: Vec<String> = serde_json::from_value(copied).unwrap();
    for wanted in [
        "cargo test -p stage2 --no-fail-fast\n",
        "cargo run --quiet -p stage2 --example graph",
    ] {
        assert!(copied.iter().any(|text| text == wanted), "{copied:#?}");
    }
    assert!(
        !copied.iter().any(|text| text.contains("$ ")),
        "{copied:#?}"
    );
    // The keyboard comes to it, and it is seen then.
    let seen = tab.evaluate(
        "(() => {
            const button = document.querySelector('.output > figcaption > .copy');
            button.focus();
            return [document.activeElement === button, getComputedStyle(button).opacity];
        })()",
    );
    assert_eq!(seen, json!([true, "1"]));

    // The section that is read stays in view in the list, and a choice closes the menu.
    tab.evaluate("Array.from(document.querySelectorAll('main h2[id]')).at(-1).scrollIntoView({ behavior: 'instant' })");
    tab.until(
        "(() => {
            const link = document.querySelector('.sections [aria-current]')?.getBoundingClientRect();
            return link?.top > 48 && link.bottom < innerHeight && scrollY > 5000;
        })()",
    );
    let open = "document.querySelector('#theme').open";
    tab.evaluate("document.querySelector('#theme').open = true");
    tab.evaluate(
        "document.querySelector('#theme input').dispatchEvent(new MouseEvent('click', { detail: 1, bubbles: true }))",
    );
    assert_eq!(tab.evaluate(open), json!(false));
}

/// Of the page of all chapters: what its contents lead to, chapters and then sections; what it holds; and what stands
/// at the head of the pages of each chapter.
const BOUND: &str = r#"(() => {
    const texts = (headings) => headings.map((heading) => `${heading.localName} ${heading.textContent}`);
    const all = (headings) => texts(Array.from(document.querySelectorAll(headings)));
    const links = Array.from(document.querySelectorAll('.contents a'));
    const rules = Array.from(document.styleSheets).filter((sheet) => !sheet.href).flatMap((sheet) => [...sheet.cssRules]);
    const head = (chapter) => {
        const page = rules.find((rule) => rule.selectorText === getComputedStyle(chapter).page);
        return page.cssRules[0].cssText;
    };
    return [
        texts(links.map((link) => document.querySelector(link.hash))),
        all('.printed :is(h1, h2)'),
        Array.from(document.querySelectorAll('.printed'), head),
        all('.content :is(h1, h2, h3, h4)'),
    ];
})()"#;

/// The titles in the outline of a PDF, in their order, each with the number of titles above it. None for a title with
/// signs beyond ASCII, which is written otherwise.
fn outline(pdf: &[u8]) -> Vec<(usize, Option<String>)> {
    let text = String::from_utf8_lossy(pdf);
    let number = |text: &str| -> usize { text.split_once(' ').unwrap().0.parse().unwrap() };
    let (_, root) = text.split_once("/Outlines ").unwrap();
    // What stands above has the smaller number.
    let mut depths = BTreeMap::from([(number(root), 0)]);
    let mut titles = BTreeMap::new();
    for object in text.split("\nendobj\n") {
        if let Some((id, entry)) = object.split_once(" 0 obj\n<</Title ")
            && let Some((title, rest)) = entry.split_once("\n/Dest")
        {
            let (_, parent) = rest.split_once("/Parent ").unwrap();
            let title = title
                .strip_prefix('(')
                .and_then(|title| title.strip_suffix(')'));
            titles.insert(
                id.parse::<usize>().unwrap(),
                (number(parent), title.map(|title| title.replace('\\', ""))),
            );
        }
    }
    let titles = titles.into_iter().map(|(id, (parent, title))| {
        let depth = depths[&parent];
        depths.insert(id, depth + 1);
        (depth, title)
    });
    titles.collect()
}

#[test]
fn the_book_on_paper_has_contents_heads_and_an_outline() {
    let Some(program) = chromium::program() else {
        return;
    };
    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let summary = std::fs::read_to_string(workspace.path("book/src/SUMMARY.md")).unwrap();
    let names = summary.lines().filter_map(|line| {
        let (name, _) = line.split_once('[')?.1.split_once("](")?;
        Some(name)
    });
    let names: Vec<&str> = names.collect();
    let mut chromium = Chromium::start(&program);
    let address = format!("file://{}/print.html", BOOK.display());
    // A4 without its margins. What is wider makes the browser shrink the whole book.
    let paper = Reader { width: 672, ..WIDE };
    let mut tab = chromium.open(&address, &paper);
    tab.on_paper();
    let width = tab.evaluate("document.documentElement.scrollWidth");
    assert!(width.as_u64() <= Some(672), "{width}");
    let found = tab.evaluate(BOUND);
    let [contents, held, heads, headings]: [Vec<String>; 4] =
        serde_json::from_value(found).unwrap();
    assert_eq!(contents, held);
    let wanted = names
        .iter()
        .map(|name| format!("@top-right {{ content: \"{name}\"; }}"));
    assert_eq!(heads, wanted.collect::<Vec<_>>());

    let wanted = headings.iter().map(|heading| {
        let (level, title) = heading[1..].split_once(' ').unwrap();
        let title = title.is_ascii().then(|| title.to_owned());
        (level.parse::<usize>().unwrap() - 1, title)
    });
    assert_eq!(outline(&tab.print()), wanted.collect::<Vec<_>>());
}

/// Two chapters in a workspace of their own, with the theme of the real book.
fn small_workspace() -> TempDir {
    const DESCRIPTION: &str =
        "What a chapter of this small book is about, and what it is not about, in one sentence.";
    let real = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let write = |place: &str, text: &[u8]| {
        let path = folder.path().join(place);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let theme = project::files(&real.path("book/theme"), &|_| false).unwrap();
    for file in theme.into_iter().chain([real.path("book/book.toml")]) {
        write(&real.place(&file), &std::fs::read(file).unwrap());
    }
    write("Cargo.toml", b"[workspace]\n");
    write("stages/stage1/src/lib.rs", b"");
    write(
        "book/src/SUMMARY.md",
        b"# Summary\n\n- [Stage 1](stage1.md)\n- [Other](other.md)\n",
    );
    for (name, text) in [
        (
            "stage1",
            "## Variables\n\nWords.\n\n## Children\n\nWords.\n\n**Build it.** Words.\n",
        ),
        ("other", "Words.\n"),
    ] {
        let text =
            format!("# About {name}\n\n{{{{#description \"{DESCRIPTION} ({name})\"}}}}\n\n{text}");
        write(&format!("book/src/{name}.md"), text.as_bytes());
    }
    folder
}

/// Builds the book of a workspace, where it says or into another folder.
fn build_small(workspace: &Path, pages: Option<&Path>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-book"));
    command.arg("build").current_dir(workspace);
    if let Some(pages) = pages {
        command.env("MDBOOK_BUILD__BUILD_DIR", pages);
    }
    let built = command.output().unwrap();
    let errors = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{errors}");
}

#[test]
fn the_ticks_of_the_course_are_in_the_book_of_its_reader_alone() {
    let Some(program) = chromium::program() else {
        return;
    };
    let mut chromium = Chromium::start(&program);
    let (workspace, published) = (small_workspace(), tempfile::tempdir().unwrap());
    let note = |next: &str, done: [bool; 2]| {
        let step = |number: usize, title: &str, page: &str| json!({ "number": number, "title": title, "page": page, "done": done[number - 1] });
        let steps = [
            step(1, "A variable", "stage1.html#variables"),
            step(2, "Its children", "stage1.html#children"),
        ];
        let progress = json!({ "next": next, "stages": { "stage1": steps } });
        std::fs::create_dir_all(workspace.path().join("work")).unwrap();
        let text = format!("courseProgress({progress});\n");
        std::fs::write(workspace.path().join("work/.progress.js"), text).unwrap();
    };
    let pages = workspace.path().join("book/book");
    let shown =
        "Array.from(document.querySelectorAll('.progress')).map(({ textContent }) => textContent)";
    let mut shows_nothing = |pages: &Path| {
        let address = format!("file://{}/stage1.html", pages.display());
        let mut tab = chromium.open(&address, &WIDE);
        assert_eq!(tab.evaluate(shown), json!([]));
        let asked = tab.requests();
        let is_told = |request: &String| request.contains("progress");
        assert!(!asked.iter().any(is_told), "{asked:?}");
    };

    build_small(workspace.path(), None);
    shows_nothing(&pages);
    note("cargo course check", [true, false]);
    build_small(workspace.path(), Some(published.path()));
    shows_nothing(published.path());

    build_small(workspace.path(), None);
    let address = |page: &str| format!("file://{}/{page}.html", pages.display());
    let mut tab = chromium.open(&address("stage1"), &WIDE);
    let marks = "Array.from(document.querySelectorAll('#mdbook-sidebar a'))
        .map((link) => link.querySelector('.progress')?.textContent ?? '')";
    tab.until(&format!("{marks}.some(Boolean)"));
    assert_eq!(
        tab.evaluate(marks),
        json!(["1 of 2 built", "✓ built", "", ""])
    );
    let words = "Array.from(document.querySelectorAll('.progress-box :is(p, li)')).map(({ textContent }) => textContent)";
    assert_eq!(
        tab.evaluate(words),
        json!([
            "Your stage 1: 1 of 2 steps.",
            "✓ 1. A variable (done)",
            "· 2. Its children (not done yet)",
            "Next: cargo course check"
        ])
    );
    // The open page follows the next check.
    note("cargo course start stage2", [true, true]);
    tab.until(&format!("{words}[0] === 'Your stage 1: 2 of 2 steps.'"));
    let next = "document.querySelector('.progress-box code').textContent";
    assert_eq!(tab.evaluate(next), json!("cargo course start stage2"));
    assert_eq!(
        tab.evaluate(marks),
        json!(["✓ built", "✓ built", "✓ built", ""])
    );
    tab.on_paper();
    let seen =
        "Array.from(document.querySelectorAll('.progress')).some((mark) => mark.checkVisibility())";
    assert_eq!(tab.evaluate(seen), json!(false));
    drop(tab);

    let mut tab = chromium.open(&address("other"), &WIDE);
    tab.until(&format!("{marks}.some(Boolean)"));
    assert_eq!(tab.evaluate(shown), json!(["✓ built"]));
}

/// The box of a stage stands below the words that begin its part of the course.
#[test]
fn every_stage_s_chapter_has_a_place_for_its_ticks() {
    let workspace = Workspace::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    for stage in workspace.stages().unwrap() {
        let chapter = workspace.read(&format!("book/src/{stage}.md")).unwrap();
        let starts = chapter.matches("\n**Build it.** ").count();
        assert_eq!(starts, 1, "{stage}");
    }
}

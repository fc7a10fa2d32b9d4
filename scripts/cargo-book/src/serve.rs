//! The book in the browser, rebuilt and reloaded when something in it changes.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};

use anyhow::{Context, Result, bail};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::services::ServeDir;
use tower_livereload::{LiveReloadLayer, Reloader};

use crate::book::{self, Built, Writing};
use crate::progress;
use crate::runner::Runner;
use crate::show::rules::FORMULAS;
use project::Workspace;
use project::watch::{Snapshot, changed};

/// Builds the book, serves it on localhost and watches its sources, until the process ends.
///
/// # Errors
/// The port is taken, or the first build fails.
pub fn serve(workspace: &Workspace, port: u16, open: bool) -> Result<()> {
    let listener = listen(port)?;
    let sources = look(workspace)?;
    let runner = Arc::new(Runner::new(workspace));
    let writing = Writing::default();
    let built = book::preview(workspace, Arc::clone(&runner), Arc::clone(&writing))?;
    warn(&built);
    println!("{built}");

    let reload = LiveReloadLayer::new();
    let reloader = reload.reloader();
    let file = workspace.path(progress::FILE);
    let app = axum::Router::new()
        // Where a page looks for `../../work` that is at the top of the site.
        .route(
            &format!("/{}", progress::FILE),
            get(move || std::future::ready(told(&file))),
        )
        .fallback_service(ServeDir::new(&built.folder))
        .layer(reload)
        .layer(from_fn_with_state(Arc::clone(&writing), wait));
    let (sender, wanted) = mpsc::channel();
    let watched = workspace.clone();
    std::thread::spawn(move || watch(&watched, sources, runner, &sender));
    let workspace = workspace.clone();
    std::thread::spawn(move || rebuild(&workspace, &wanted, &writing, &reloader));

    let address = format!("http://localhost:{}/", listener.local_addr()?.port());
    println!("The book is at {address} (Ctrl-C ends it)");
    if open && let Err(error) = open::that_detached(&address) {
        eprintln!("The browser cannot be opened ({error}): open {address} yourself.");
    }
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        axum::serve(listener, app).await
    })?;
    Ok(())
}

fn listen(port: u16) -> Result<TcpListener> {
    let other = || format!("choose another with `cargo book --port {}`", other(port));
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            bail!("port {port} is taken by another program: {}", other())
        }
        Err(error) => {
            Err(error).with_context(|| format!("port {port} cannot be used: {}", other()))
        }
    }
}

/// A port to use in place of another. Those below 1024 are for who has the right to them.
fn other(port: u16) -> u16 {
    match port.checked_add(1) {
        Some(next) if next >= 1024 => next,
        _ => 3000,
    }
}

/// The reader's progress as it is now; nothing where nothing is begun.
fn told(file: &Path) -> impl IntoResponse + use<> {
    let headers = [
        (CONTENT_TYPE, "text/javascript"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, std::fs::read_to_string(file).unwrap_or_default())
}

/// Answers when no pages are being written.
async fn wait(State(writing): State<Writing>, request: Request, next: Next) -> Response {
    let _complete = writing.read().await;
    next.run(request).await
}

/// Asks for a book with the examples of the runner whenever a source changes. When something
/// outside of the book has changed, the runner is a new one, and the old one is stopped: what it
/// still runs may never end.
fn watch(
    workspace: &Workspace,
    mut sources: Snapshot,
    mut runner: Arc<Runner>,
    wanted: &Sender<Arc<Runner>>,
) {
    while let Ok(now) = changed(&sources, || look(workspace)) {
        let book = workspace.path("book");
        if now.outside(&book) != sources.outside(&book) {
            runner.stop();
            runner = Arc::new(Runner::new(workspace));
        }
        sources = now;
        if wanted.send(Arc::clone(&runner)).is_err() {
            return;
        }
    }
}

/// Builds the books that are asked for; of those that wait the last is enough. An error is shown,
/// and the reader may go on.
fn rebuild(
    workspace: &Workspace,
    wanted: &Receiver<Arc<Runner>>,
    writing: &Writing,
    reloader: &Reloader,
) {
    for next in wanted {
        let runner = wanted.try_iter().last().unwrap_or(next);
        println!("Rebuilding…");
        match book::preview(workspace, Arc::clone(&runner), Arc::clone(writing)) {
            // The next one is asked for.
            Err(_) if runner.is_stopped() => continue,
            Ok(built) => {
                warn(&built);
                println!("Rebuilt: {built}");
            }
            Err(error) => eprintln!("error: {error:#}"),
        }
        reloader.reload();
    }
}

/// Names what is missing in a book that is being written.
fn warn(built: &Built) {
    for gap in &built.outcome.gaps {
        eprintln!("warning: {gap}");
    }
}

/// The files that the book is made of: its own, what chapters show of the packages, and what records
/// how their engines run.
fn look(workspace: &Workspace) -> Result<Snapshot> {
    let mut sources = Snapshot::default();
    let recorder = "scripts/recorder/src";
    for place in [
        "book/book.toml",
        FORMULAS,
        "book/src",
        "book/theme",
        recorder,
    ] {
        sources.add(&workspace.path(place));
    }
    let stages = workspace.stages()?;
    let packages = stages.iter().map(|stage| workspace.stage(stage));
    for package in packages.chain([workspace.path("tests")]) {
        for part in ["src", "examples", "tests", "benches"] {
            sources.add(&package.join(part));
        }
    }
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_change_of_a_source_is_seen_and_the_built_book_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let write = |place: &str, text: &str| {
            let path = folder.path().join(place);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("Cargo.toml", "");
        write("stages/stage1/Cargo.toml", "");
        let workspace = Workspace::find(folder.path()).unwrap();
        for (place, is_source) in [
            ("book/book.toml", true),
            ("book/rules.toml", true),
            ("book/src/deep/a.md", true),
            ("book/theme/head.hbs", true),
            ("stages/stage1/src/lib.rs", true),
            ("stages/stage1/examples/a.rs", true),
            ("stages/stage1/tests/a.rs", true),
            ("scripts/recorder/src/a.rs", true),
            ("tests/src/a.rs", true),
            ("tests/examples/a.rs", true),
            ("tests/tests/a.rs", true),
            ("tests/benches/a.rs", true),
            ("tests/target/a.rs", false),
            ("stages/stage1/target/a.rs", false),
            ("book/book/index.html", false),
        ] {
            let before = look(&workspace).unwrap();
            assert_eq!(look(&workspace).unwrap(), before, "nothing changed");
            write(place, "new");
            let seen = look(&workspace).unwrap() != before;
            assert_eq!(seen, is_source, "{place}");
        }
    }

    #[test]
    fn a_taken_port_is_named() {
        let listener = listen(0).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(
            listen(port).unwrap_err().to_string(),
            format!(
                "port {port} is taken by another program: choose another with `cargo book --port {}`",
                other(port)
            )
        );
    }

    #[test]
    fn the_port_that_is_proposed_can_be_used() {
        assert_eq!(
            [3000, 1023, 1022, 80, 65535].map(other),
            [3001, 1024, 3000, 3000, 3000]
        );
    }
}

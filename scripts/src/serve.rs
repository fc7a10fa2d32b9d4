//! The book in the browser, rebuilt and reloaded when something in it changes.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use notify_debouncer_mini::notify::RecursiveMode;
use notify_debouncer_mini::{DebounceEventResult, new_debouncer};
use tower_http::services::ServeDir;
use tower_livereload::{LiveReloadLayer, Reloader};

use crate::book;
use crate::workspace::{Workspace, entries};

/// Builds the book, serves it on localhost and watches its sources, until the process ends.
///
/// # Errors
/// The port is taken, the first build fails, or the browser cannot be opened.
pub fn serve(workspace: &Workspace, port: u16, open: bool) -> Result<()> {
    let listener = listen(port)?;
    let built = book::build(workspace)?;
    println!("{built}");

    let reload = LiveReloadLayer::new();
    let reloader = reload.reloader();
    let files = ServeDir::new(&built.folder);
    let app = axum::Router::new().fallback_service(files).layer(reload);
    watch(workspace, reloader)?;

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
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(
            "port {port} is taken by another program: choose another with `cargo book --port {}`",
            port.checked_add(1).unwrap_or(3000)
        ),
        Err(error) => Err(error).with_context(|| {
            format!("port {port} cannot be used: choose another with `cargo book --port 3000`")
        }),
    }
}

/// Rebuilds on another thread when a source changes. An error is shown and the old book stays.
fn watch(workspace: &Workspace, reloader: Reloader) -> Result<()> {
    let (sender, changes) = mpsc::channel();
    let mut debouncer = new_debouncer(
        Duration::from_millis(300),
        move |result: DebounceEventResult| {
            if let Ok(events) = result {
                let _ = sender.send(events);
            }
        },
    )?;
    let book = workspace.book();
    let mut watched = vec![
        (book.clone(), RecursiveMode::NonRecursive),
        (book.join("src"), RecursiveMode::Recursive),
        (book.join("theme"), RecursiveMode::Recursive),
    ];
    let stages = workspace.root().join("stages");
    if stages.is_dir() {
        for stage in entries(&stages)? {
            for folder in ["src", "examples"] {
                watched.push((stage.join(folder), RecursiveMode::Recursive));
            }
        }
    }
    for (folder, mode) in watched.iter().filter(|(folder, _)| folder.is_dir()) {
        debouncer
            .watcher()
            .watch(folder, *mode)
            .with_context(|| format!("{} cannot be watched", folder.display()))?;
    }

    let workspace = workspace.clone();
    std::thread::spawn(move || {
        let _debouncer = debouncer; // it watches as long as it lives
        while let Ok(events) = changes.recv() {
            let mut paths = events.iter().map(|event| event.path.as_path());
            if !paths.any(|path| is_source(&book, path)) {
                continue;
            }
            match book::build(&workspace) {
                Ok(built) => println!("Rebuilt: {built}"),
                Err(error) => eprintln!("error: {error:#}"),
            }
            reloader.reload();
        }
    });
    Ok(())
}

/// In the book's own folder only `book.toml` is a source: the built book is there as well.
fn is_source(book: &Path, path: &Path) -> bool {
    match path.strip_prefix(book) {
        Ok(inside) => {
            inside == Path::new("book.toml")
                || inside.starts_with("src")
                || inside.starts_with("theme")
        }
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn the_built_book_is_no_source() {
        let book = Path::new("w").join("book");
        let source = |path: &str| is_source(&book, &Path::new("w").join(path));
        assert_eq!(
            [
                "book/src/a.md",
                "book/theme/head.hbs",
                "book/book.toml",
                "stages/stage1/src/lib.rs",
                "book/book/index.html",
                "book/other"
            ]
            .map(source),
            [true, true, true, true, false, false]
        );
    }

    #[test]
    fn a_taken_port_is_named() {
        let listener = listen(0).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(
            listen(port).unwrap_err().to_string(),
            format!(
                "port {port} is taken by another program: choose another with `cargo book --port {}`",
                port.checked_add(1).unwrap_or(3000)
            )
        );
    }
}

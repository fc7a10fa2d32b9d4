//! Chromium, driven by its own protocol (<https://chromedevtools.github.io/devtools-protocol/>).

use std::collections::{BTreeSet, VecDeque};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Message, WebSocket};

/// How long a page may take for anything that it is asked.
const PATIENCE: Duration = Duration::from_secs(600);

/// Chromium on the `PATH`, under one of its names. A reader need not have it; CI must.
pub(crate) fn program() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let program = std::env::split_paths(&folders)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|program| program.is_file());
    assert!(
        program.is_some() || std::env::var_os("CI").is_none(),
        "expected chromium on the PATH"
    );
    program
}

/// A running Chromium.
pub(crate) struct Chromium {
    process: Child,
    socket: WebSocket<TcpStream>,
    calls: u64,
    events: VecDeque<Value>,
    _profile: TempDir,
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Chromium {
    pub(crate) fn start(program: &Path) -> Chromium {
        Chromium::start_with(program, &[])
    }

    /// As `start`, with more arguments.
    pub(crate) fn start_with(program: &Path, arguments: &[&str]) -> Chromium {
        let profile = tempfile::tempdir().unwrap();
        let process = Command::new(program)
            .args(["--headless", "--no-sandbox", "--disable-gpu"])
            .args(["--no-first-run", "--disable-background-networking"])
            .args(arguments)
            .arg("--remote-debugging-port=0")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        // Its port and the path of its socket, as soon as it listens.
        let (port, path) = loop {
            let text = std::fs::read_to_string(profile.path().join("DevToolsActivePort"));
            if let Some((port, path)) = text.unwrap_or_default().split_once('\n') {
                break (port.to_owned(), path.to_owned());
            }
            assert!(start.elapsed() < PATIENCE, "Chromium does not start");
            std::thread::sleep(Duration::from_millis(20));
        };
        let stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let address = format!("ws://127.0.0.1:{port}{path}");
        // The whole book as a PDF is one long message.
        let limits = WebSocketConfig::default()
            .max_frame_size(None)
            .max_message_size(None);
        let (socket, _) =
            tungstenite::client::client_with_config(address, stream, Some(limits)).unwrap();
        Chromium {
            process,
            socket,
            calls: 0,
            events: VecDeque::new(),
            _profile: profile,
        }
    }

    fn call(&mut self, session: Option<&str>, method: &str, parameters: Value) -> Value {
        self.calls += 1;
        let mut call = json!({ "id": self.calls, "method": method, "params": parameters });
        if let Some(session) = session {
            call["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(call.to_string())).unwrap();
        loop {
            let mut message = self.receive();
            if message["id"] == json!(self.calls) {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].take();
            }
            self.events.push_back(message);
        }
    }

    fn receive(&mut self) -> Value {
        let message = self.socket.read().unwrap();
        serde_json::from_str(message.to_text().unwrap()).unwrap()
    }

    /// Opens a page for a reader who was never here before.
    pub(crate) fn open(&mut self, address: &str, reader: &Reader) -> Tab<'_> {
        let context = self.call(None, "Target.createBrowserContext", json!({}));
        let context = context["browserContextId"].as_str().unwrap().to_owned();
        let target = json!({ "url": "about:blank", "browserContextId": context });
        let target = self.call(None, "Target.createTarget", target)["targetId"].take();
        let attach = json!({ "targetId": target, "flatten": true });
        let session = self.call(None, "Target.attachToTarget", attach);
        let mut tab = Tab {
            session: session["sessionId"].as_str().unwrap().to_owned(),
            context,
            chromium: self,
        };
        for domain in ["Page", "Network", "Runtime", "Log"].map(|domain| format!("{domain}.enable"))
        {
            tab.call(&domain, json!({}));
        }
        let size = json!({ "width": reader.width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        tab.call("Emulation.setDeviceMetricsOverride", size);
        let scheme = if reader.dark { "dark" } else { "light" };
        let scheme = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        tab.call("Emulation.setEmulatedMedia", scheme);
        let disabled = json!({ "value": !reader.scripts });
        tab.call("Emulation.setScriptExecutionDisabled", disabled);
        if let Some((key, value)) = reader.stored {
            let script = json!({ "source": format!("localStorage.setItem('{key}', '{value}');") });
            tab.call("Page.addScriptToEvaluateOnNewDocument", script);
        }
        if let Some(script) = reader.before {
            let script = json!({ "source": script });
            tab.call("Page.addScriptToEvaluateOnNewDocument", script);
        }
        tab.call("Page.navigate", json!({ "url": address }));
        tab.wait("Page.loadEventFired");
        // The page has done without them; questions may use them.
        let enabled = json!({ "value": false });
        tab.call("Emulation.setScriptExecutionDisabled", enabled);
        tab
    }
}

/// Who opens a page, and with what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader {
    pub(crate) width: u32,
    pub(crate) dark: bool,
    pub(crate) scripts: bool,
    /// What is kept from other pages.
    pub(crate) stored: Option<(&'static str, &'static str)>,
    /// A script that runs before those of the page.
    pub(crate) before: Option<&'static str>,
}

impl Reader {
    /// The same one, whose browser runs no scripts.
    pub(crate) fn without_scripts(self) -> Reader {
        Reader {
            scripts: false,
            ..self
        }
    }
}

/// An open page.
pub(crate) struct Tab<'browser> {
    chromium: &'browser mut Chromium,
    session: String,
    context: String,
}

impl Drop for Tab<'_> {
    fn drop(&mut self) {
        let context = json!({ "browserContextId": self.context });
        if !std::thread::panicking() {
            self.chromium
                .call(None, "Target.disposeBrowserContext", context);
            self.chromium.events.clear();
        }
    }
}

impl Tab<'_> {
    fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.chromium.call(Some(&self.session), method, parameters)
    }

    fn wait(&mut self, event: &str) {
        while !self
            .chromium
            .events
            .iter()
            .any(|found| found["method"] == event)
        {
            let message = self.chromium.receive();
            self.chromium.events.push_back(message);
        }
    }

    /// The value of an expression in the page, or what its promise comes to.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let evaluation =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let mut answer = self.call("Runtime.evaluate", evaluation);
        let thrown = &answer["exceptionDetails"];
        assert!(thrown.is_null(), "{expression:.80}: {thrown}");
        answer["result"]["value"].take()
    }

    /// Whether the text of an element is drawn with fonts that came with the page, and not with the system's.
    pub(crate) fn is_in_own_font(&mut self, element: &str) -> bool {
        self.call("DOM.enable", json!({}));
        self.call("CSS.enable", json!({}));
        let root = self.call("DOM.getDocument", json!({ "depth": 0 }))["root"]["nodeId"].take();
        let element = json!({ "nodeId": root, "selector": element });
        let node = self.call("DOM.querySelector", element);
        let fonts = self.call("CSS.getPlatformFontsForNode", node);
        let mut fonts = fonts["fonts"].as_array().unwrap().iter();
        fonts.all(|font| font["isCustomFont"] == json!(true))
    }

    /// Opens the page once more, for the same reader.
    pub(crate) fn reload(&mut self) {
        let events = &mut self.chromium.events;
        events.retain(|event| event["method"] != "Page.loadEventFired");
        self.call("Page.reload", json!({}));
        self.wait("Page.loadEventFired");
    }

    /// Waits until an expression in the page is true.
    pub(crate) fn until(&mut self, expression: &str) {
        let start = Instant::now();
        while self.evaluate(expression) != json!(true) {
            assert!(start.elapsed() < PATIENCE, "never true: {expression}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What the browser lays out while an expression comes to its end: the elements where it begins.
    pub(crate) fn laid_out(&mut self, expression: &str) -> BTreeSet<String> {
        let events = &mut self.chromium.events;
        events.retain(|event| event["method"] != "Tracing.tracingComplete");
        let timeline = json!({ "includedCategories": ["devtools.timeline"] });
        let tracing = json!({ "transferMode": "ReportEvents", "traceConfig": timeline });
        self.call("Tracing.start", tracing);
        self.evaluate(expression);
        self.call("Tracing.end", json!({}));
        self.wait("Tracing.tracingComplete");
        let events = self.chromium.events.iter();
        events
            .filter(|event| event["method"] == "Tracing.dataCollected")
            .flat_map(|event| event["params"]["value"].as_array().into_iter().flatten())
            .filter(|event| event["name"] == "Layout")
            .flat_map(|event| event["args"]["endData"]["layoutRoots"].as_array())
            .flatten()
            .filter_map(|root| root["nodeName"].as_str())
            .map(str::to_owned)
            .collect()
    }

    /// Shows the page as it is on paper.
    pub(crate) fn on_paper(&mut self) {
        self.call("Emulation.setEmulatedMedia", json!({ "media": "print" }));
    }

    /// The page as its reader prints it into a file, a PDF.
    pub(crate) fn print(&mut self) -> Vec<u8> {
        let options = json!({ "generateDocumentOutline": true, "generateTaggedPDF": true });
        let printed = self.call("Page.printToPDF", options);
        let data = printed["data"].as_str().unwrap();
        data_encoding::BASE64.decode(data.as_bytes()).unwrap()
    }

    /// Presses a key, as the keyboard does.
    pub(crate) fn press(&mut self, key: &str) {
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            "Escape" => 27,
            " " => 32,
            "End" => 35,
            "Home" => 36,
            "ArrowLeft" => 37,
            "ArrowRight" => 39,
            "ArrowDown" => 40,
            _ => panic!("{key} is no key of these tests"),
        };
        // What is confirmed by a key is confirmed by the sign that it writes.
        let text = if key == "Enter" { "\r" } else { "" };
        for kind in ["keyDown", "keyUp"] {
            let event =
                json!({ "type": kind, "key": key, "windowsVirtualKeyCode": code, "text": text });
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// Writes into what has the focus.
    pub(crate) fn write(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text }));
    }

    /// Types a sign, on a keyboard where it may need Shift.
    pub(crate) fn type_sign(&mut self, sign: char, shift: bool) {
        let modifiers = if shift { 8 } else { 0 };
        let down = json!({ "type": "keyDown", "key": sign, "text": sign, "modifiers": modifiers });
        self.call("Input.dispatchKeyEvent", down);
        let up = json!({ "type": "keyUp", "key": sign, "modifiers": modifiers });
        self.call("Input.dispatchKeyEvent", up);
    }

    /// Drags the mouse from one place of the window to another.
    pub(crate) fn drag(&mut self, from: [f64; 2], to: [f64; 2]) {
        let places = [
            ("mouseMoved", from),
            ("mousePressed", from),
            ("mouseMoved", to),
            ("mouseReleased", to),
        ];
        for (kind, [x, y]) in places {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event);
        }
    }

    /// What the page has said on the console, and the browser of the page.
    pub(crate) fn said(&self) -> Vec<String> {
        let events = self.chromium.events.iter();
        events
            .filter_map(|event| match event["method"].as_str()? {
                "Runtime.consoleAPICalled" => Some(&event["params"]["args"]),
                "Runtime.exceptionThrown" => Some(&event["params"]["exceptionDetails"]),
                "Log.entryAdded" => Some(&event["params"]["entry"]),
                _ => None,
            })
            .map(Value::to_string)
            .collect()
    }

    /// What the page has asked for, by address.
    pub(crate) fn requests(&self) -> Vec<String> {
        let events = self.chromium.events.iter();
        events
            .filter(|event| event["method"] == "Network.requestWillBeSent")
            .filter_map(|event| event["params"]["request"]["url"].as_str())
            .map(str::to_owned)
            .collect()
    }
}

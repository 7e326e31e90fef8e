//! A running browser.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use fantoccini::wd::{TimeoutConfiguration, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde::Deserialize;
use serde_json::{Value, json};
use url::{ParseError, Url};

use crate::Engine;
use crate::engine::Setup;
use crate::processes::Driver;

/// The time limit for loading a page or running a script. Even a busy machine does not reach it.
const TIMEOUT: Duration = Duration::from_mins(1);

/// One window of an engine. Engine, driver and display end when this is dropped, even by a panic.
#[derive(Debug)]
pub struct Browser {
    engine: Engine,
    client: Client,
    session: String,
    driver: Driver,
}

/// A console message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ConsoleLine {
    /// The level: `SEVERE` or `WARNING`; Chromium also has `INFO` and `DEBUG`.
    pub level: String,
    /// The part of the engine that sent it.
    pub source: String,
    /// The text; in Chromium, it begins with the address of the page.
    pub message: String,
}

impl ConsoleLine {
    /// Returns the message without the address of the page or the resource, with which Chromium begins it.
    #[must_use]
    pub fn text(&self) -> &str {
        let line = self.message.as_str();
        let start = ["Access to ", "Fetch API ", "WebSocket connection to "]
            .iter()
            .find_map(|start| line.find(start));
        match start {
            Some(start) => line.get(start..).unwrap_or_default(),
            None => line.split_once(" - ").map_or(line, |split| split.1),
        }
    }
}

impl Browser {
    pub(crate) async fn start(engine: Engine, setup: &Setup) -> Self {
        let (driver, client) = connect(engine, setup).await;
        // Only dropping this ends the session.
        client.persist().await.expect("a session");
        let session = client.session_id().await.expect("a session");
        let session = session.expect("a session has an id");
        let browser = Self {
            engine,
            client,
            session,
            driver,
        };
        let patience = Some(TIMEOUT);
        let timeouts = TimeoutConfiguration::new(patience, patience, Some(Duration::ZERO));
        let set = browser.client.update_timeouts(timeouts).await;
        set.expect("timeouts can be set");
        browser
    }

    /// Returns the engine.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Returns the WebDriver client, for commands without a method here.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Opens a page, and checks its origin: if an engine cannot resolve a host, it may show a page of its own without
    /// an error.
    pub async fn open(&self, origin: &str, target: &str) {
        self.open_as(&format!("{origin}{target}"), origin).await;
    }

    /// Opens a page by a URL whose host may not be in canonical form, and checks its origin.
    pub async fn open_as(&self, url: &str, origin: &str) {
        let opened = self.client.goto(url).await;
        opened.unwrap_or_else(|error| panic!("{}: {url}: {error}", self.engine.name()));
        let started = Instant::now();
        let mut there = Value::Null;
        // While Firefox replaces the document, a script returns nothing.
        while there.is_null() && started.elapsed() < TIMEOUT {
            there = self.run("return location.origin", &[]).await;
        }
        assert_eq!(there, origin, "{} shows another page", self.engine.name());
    }

    /// Runs a script in the page, as the body of a function with these arguments, and returns its result.
    pub async fn run(&self, script: &str, arguments: &[Value]) -> Value {
        let ran = self.client.execute(script, arguments.to_vec()).await;
        ran.unwrap_or_else(|error| panic!("{}: {error}", self.engine.name()))
    }

    /// Runs a script in the page, as the body of an async function with these arguments, and returns its result. An
    /// exception fails the test.
    pub async fn run_async(&self, script: &str, arguments: &[Value]) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             (async function () {{ {script} }}).apply(null, arguments)
                 .then(value => done({{value}}), error => done({{error: String(error)}}));"
        );
        let ran = self.client.execute_async(&script, arguments.to_vec()).await;
        let mut ended = ran.unwrap_or_else(|error| panic!("{}: {error}", self.engine.name()));
        if let Some(error) = ended.get("error") {
            panic!("{}: the script threw {error}", self.engine.name());
        }
        ended["value"].take()
    }

    /// Returns the console messages since the last call.
    ///
    /// # Panics
    ///
    /// Panics for WebKit, which does not expose its console.
    pub async fn console(&self) -> Vec<ConsoleLine> {
        let lines = match self.engine {
            Engine::Chromium => self.command("se/log", json!({"type": "browser"})).await,
            Engine::Firefox => {
                self.command("moz/context", json!({"context": "chrome"}))
                    .await;
                let lines = self.run(CONSOLE_OF_FIREFOX, &[]).await;
                self.command("moz/context", json!({"context": "content"}))
                    .await;
                lines
            }
            Engine::WebKit => panic!("WebKit does not expose its console"),
        };
        serde_json::from_value(lines).expect("console messages")
    }

    /// Returns the console messages since the last call, up to the first one with this text. Waits for it, because a script may
    /// notice that it is blocked before the console does.
    ///
    /// # Panics
    ///
    /// Panics if no such message comes within a minute, or for WebKit, which does not expose its console.
    pub async fn console_until(&self, text: &str) -> Vec<ConsoleLine> {
        let started = Instant::now();
        let mut lines = Vec::new();
        while started.elapsed() < TIMEOUT {
            lines.extend(self.console().await);
            if let Some(found) = lines.iter().position(|line| line.message.contains(text)) {
                lines.truncate(found + 1);
                return lines;
            }
        }
        panic!(
            "{} does not print `{text}`, but {lines:#?}",
            self.engine.name()
        );
    }

    /// Sends an engine-specific command, below the address of the session.
    async fn command(&self, endpoint: &'static str, body: Value) -> Value {
        let response = self
            .client
            .issue_cmd(EngineCommand { endpoint, body })
            .await;
        response.unwrap_or_else(|error| panic!("{}: {endpoint}: {error}", self.engine.name()))
    }
}

/// Starts a driver and a session. Another program may take a port or display that was free a moment ago; in that case, it
/// tries again.
async fn connect(engine: Engine, setup: &Setup) -> (Driver, Client) {
    const ATTEMPTS: usize = 5;
    let mut errors = Vec::new();
    for _ in 0..ATTEMPTS {
        let Some(driver) = engine.driver(setup) else {
            errors.push("the driver ended before it was ready".to_owned());
            continue;
        };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(engine.capabilities(setup));
        match builder.connect(&format!("http://{}", driver.address)).await {
            Ok(client) => return (driver, client),
            Err(error) => errors.push(error.to_string()),
        }
    }
    panic!("{} does not start: {errors:#?}", engine.name());
}

/// Runs with the privileges of the browser. Returns warnings and errors; other messages have another type.
const CONSOLE_OF_FIREFOX: &str = "
    const lines = Services.console.getMessageArray().filter(line => line instanceof Ci.nsIScriptError);
    Services.console.reset();
    return lines.map(line => ({
        level: line.flags & Ci.nsIScriptError.warningFlag ? 'WARNING' : 'SEVERE',
        source: line.category,
        message: line.errorMessage,
    }));";

impl Drop for Browser {
    fn drop(&mut self) {
        // Blocking, and without the client, whose runtime may be gone. Killing only the driver would leave the browser running.
        if let Err(error) = self.end_session() {
            eprintln!("{}: the session does not end: {error}", self.engine.name());
        }
    }
}

impl Browser {
    fn end_session(&self) -> io::Result<()> {
        let address = self.driver.address;
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        let session = &self.session;
        write!(
            stream,
            "DELETE /session/{session} HTTP/1.1\r\nHost: {address}\r\n\r\n"
        )?;
        // The first byte of the response means that the session has ended. Some drivers never close the connection.
        stream.read_exact(&mut [0])
    }
}

/// A command that is not in the WebDriver protocol.
#[derive(Debug)]
struct EngineCommand {
    endpoint: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for EngineCommand {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!(
            "session/{}/{}",
            session.unwrap_or_default(),
            self.endpoint
        ))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}

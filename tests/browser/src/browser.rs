//! A browser that runs.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use fantoccini::wd::{TimeoutConfiguration, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::{ParseError, Url};

use crate::Engine;
use crate::processes::Driver;

/// How long a page may load, or a script run: far longer than it does on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// One window of an engine. Engine, driver and display end when this is dropped, also by a panic.
#[derive(Debug)]
pub struct Browser {
    engine: Engine,
    client: Client,
    session: String,
    driver: Driver,
}

/// A line of the console.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ConsoleLine {
    /// `SEVERE`, `WARNING`, `INFO` or `DEBUG`.
    pub level: String,
    /// `network`, `javascript`, `console-api` and others.
    pub source: String,
    /// What it says, behind the address of what says it.
    pub message: String,
}

impl Browser {
    pub(crate) async fn start(
        engine: Engine,
        driver: Driver,
        capabilities: Map<String, Value>,
    ) -> Self {
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities);
        let connected = builder.connect(&format!("http://{}", driver.address)).await;
        let client = connected.unwrap_or_else(|error| panic!("{}: {error}", engine.name()));
        // The session is ended when this is dropped, and nowhere else.
        client.persist().await.expect("a session");
        let session = client.session_id().await.expect("a session");
        let session = session.expect("a session has an id");
        let browser = Self {
            engine,
            client,
            session,
            driver,
        };
        let patience = Some(PATIENCE);
        let timeouts = TimeoutConfiguration::new(patience, patience, Some(Duration::ZERO));
        let set = browser.client.update_timeouts(timeouts).await;
        set.expect("time-outs are settable");
        browser
    }

    /// What it is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The session itself, for what has no method here.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Opens a page, and makes sure that it is one of this origin: an engine that does not find a host may land, without
    /// an error, on a page of its own.
    pub async fn open(&self, origin: &str, target: &str) {
        let opened = self.client.goto(&format!("{origin}{target}")).await;
        opened.unwrap_or_else(|error| panic!("{}: {origin}{target}: {error}", self.engine.name()));
        let there = self.run("return location.origin", &[]).await;
        assert_eq!(there, origin, "{} is elsewhere", self.engine.name());
    }

    /// Runs a script in the page, as the body of a function that gets these arguments, and returns what it returns.
    pub async fn run(&self, script: &str, arguments: &[Value]) -> Value {
        let ran = self.client.execute(script, arguments.to_vec()).await;
        ran.unwrap_or_else(|error| panic!("{}: {error}", self.engine.name()))
    }

    /// Runs a script in the page, as the body of an async function that gets these arguments, and returns what it comes
    /// to. What it throws fails the test.
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

    /// What the console of Chromium has said since it was last asked.
    ///
    /// # Panics
    ///
    /// For another engine: Firefox tells by another protocol only, and WebKit not at all.
    pub async fn console(&self) -> Vec<ConsoleLine> {
        let lines = self.client.issue_cmd(ReadConsole).await;
        let lines = lines.unwrap_or_else(|error| panic!("{}: {error}", self.engine.name()));
        serde_json::from_value(lines).expect("lines of a console")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Blocking, and without the client, whose runtime may be gone: a driver that is merely killed leaves its browser.
        if let Err(error) = self.end_session() {
            eprintln!("{}: the session does not end: {error}", self.engine.name());
        }
    }
}

impl Browser {
    fn end_session(&self) -> io::Result<()> {
        let address = self.driver.address;
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let session = &self.session;
        write!(
            stream,
            "DELETE /session/{session} HTTP/1.1\r\nHost: {address}\r\n\r\n"
        )?;
        // The first byte of the response says that it is done. Some drivers never close the connection.
        stream.read_exact(&mut [0])
    }
}

/// A command that only chromedriver has.
#[derive(Debug)]
struct ReadConsole;

impl WebDriverCompatibleCommand for ReadConsole {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (
            http::Method::POST,
            Some(json!({"type": "browser"}).to_string()),
        )
    }
}

//! A browser that runs.

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
    /// `SEVERE` or `WARNING`; of Chromium, `INFO` and `DEBUG` too.
    pub level: String,
    /// Which part of the engine says it, in words of its own.
    pub source: String,
    /// What it says; of Chromium, behind the address of the page.
    pub message: String,
}

impl Browser {
    pub(crate) async fn start(engine: Engine, webgl: bool) -> Self {
        let (driver, client) = connect(engine, webgl).await;
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
        set.expect("timeouts can be set");
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

    /// What the console has said since it was last asked.
    ///
    /// # Panics
    ///
    /// For WebKit, which does not tell.
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
            Engine::WebKit => panic!("WebKit does not tell what its console says"),
        };
        serde_json::from_value(lines).expect("lines of a console")
    }

    /// The console's lines since it was last asked, up to the first one with this text, for which it waits: a script may learn
    /// that it is blocked before the console does.
    ///
    /// # Panics
    ///
    /// If there is none within a minute, or for WebKit, which does not tell.
    pub async fn console_until(&self, text: &str) -> Vec<ConsoleLine> {
        let started = Instant::now();
        let mut lines = Vec::new();
        while started.elapsed() < PATIENCE {
            lines.extend(self.console().await);
            if let Some(found) = lines.iter().position(|line| line.message.contains(text)) {
                lines.truncate(found + 1);
                return lines;
            }
        }
        panic!(
            "{} does not say `{text}`, but {lines:#?}",
            self.engine.name()
        );
    }

    /// A command that only this engine has, below the address of the session.
    async fn command(&self, endpoint: &'static str, body: Value) -> Value {
        let answered = self.client.issue_cmd(Own { endpoint, body }).await;
        answered.unwrap_or_else(|error| panic!("{}: {endpoint}: {error}", self.engine.name()))
    }
}

/// A driver, and a session of it. Ports and displays that were free a moment ago may be lost to another program: then it is
/// tried again.
async fn connect(engine: Engine, webgl: bool) -> (Driver, Client) {
    const ATTEMPTS: usize = 5;
    let mut errors = Vec::new();
    for _ in 0..ATTEMPTS {
        let Some(driver) = engine.driver(webgl) else {
            errors.push("the driver has ended before it was ready".to_owned());
            continue;
        };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(engine.capabilities(webgl));
        match builder.connect(&format!("http://{}", driver.address)).await {
            Ok(client) => return (driver, client),
            Err(error) => errors.push(error.to_string()),
        }
    }
    panic!("{} does not start: {errors:#?}", engine.name());
}

/// Runs with the rights of the browser itself. Warnings and errors; what is merely logged is of another kind.
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

/// A command that the protocol leaves to the engines.
#[derive(Debug)]
struct Own {
    endpoint: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Own {
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

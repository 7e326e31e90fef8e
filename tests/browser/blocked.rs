//! Compares the console lines that `omnicors-browser` predicts with those of Chromium and Firefox, for every kind of block.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "blocked/elements.rs"]
mod elements;
#[path = "blocked/table.rs"]
mod table;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use omnicors_browser::{Outcome, Page, Server, ServerError};
use omnicors_browser_tests::http::{ReceivedRequest, Reply};
use omnicors_browser_tests::site::{EMPTY_PAGE, Site};
use omnicors_browser_tests::{Browser, Engine};
use serde_json::json;

use table::{Block, STREAM, blocks};

/// The engines whose consoles can be read.
const ENGINES: [Engine; 2] = [Engine::Chromium, Engine::Firefox];

/// The time limit for a console message. Even a busy machine does not reach it.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The time without a message after which the request is sent again.
const PATIENCE: Duration = Duration::from_secs(5);

/// The reasons that a page on http can provoke. `MixedContent` needs https, and a stream that is redirected needs HTTP/2.
const REASONS: [&str; 26] = [
    "AllowCredentialsMissing",
    "AllowCredentialsNotTrue",
    "AllowOriginMismatch",
    "AllowOriginMissing",
    "AllowOriginMultiple",
    "AllowOriginWildcardWithCredentials",
    "BadPort",
    "CorsCheck",
    "HandshakeStatus",
    "HeaderNotAllowed",
    "InvalidAllowHeaders",
    "InvalidAllowMethods",
    "InvalidLocation",
    "InvalidRequest",
    "MethodNotAllowed",
    "NotAllowed",
    "NotHttp",
    "NotSameOrigin",
    "PreflightCheck",
    "PreflightStatus",
    "Redirect",
    "ResourcePolicy",
    "StreamOverHttp1",
    "TooMany",
    "Unreachable",
    "UserInfo",
];

#[test]
fn every_reason_is_in_the_table() {
    let mut provoked = BTreeSet::new();
    for block in blocks() {
        let outcome = predict(
            &block,
            "http://app.localhost:1080",
            "http://api.localhost:1081/text?1",
        );
        let reason = format!("{:?}", outcome.result().unwrap_err());
        let names = reason.split(|character: char| !character.is_ascii_alphanumeric());
        provoked.extend(
            names
                .filter(|name| REASONS.contains(name))
                .map(str::to_owned),
        );
    }
    assert!(provoked.iter().eq(REASONS), "{provoked:?}");
}

#[test]
#[ignore = "needs Chromium and Firefox: run cargo xtask test"]
fn the_crate_predicts_the_console_line_of_each_block() {
    let found = Engine::in_each(ENGINES, compare);
    let lines: usize = found.iter().map(|found| found.0).sum();
    let faults: Vec<String> = found.into_iter().flat_map(|found| found.1).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    println!(
        "console: the crate predicts {lines} lines of Chromium and Firefox for {} blocks",
        blocks().len()
    );
}

/// Returns the number of lines, and the differences.
async fn compare(engine: Engine) -> (usize, Vec<String>) {
    let of_crate = match engine {
        Engine::Chromium => omnicors_browser::Engine::Chromium,
        Engine::Firefox => omnicors_browser::Engine::Firefox,
        Engine::WebKit => panic!("WebKit's console cannot be read"),
    };
    let browser = engine.start().await;
    let pages = Site::start(own);
    let page = pages.origin("app.localhost");
    let mut lines = 0;
    let mut faults = Vec::new();
    for (number, block) in blocks().into_iter().enumerate() {
        // Firefox does not support streams as bodies.
        if block.name == STREAM && engine == Engine::Firefox {
            continue;
        }
        let api = Site::start(block.respond);
        let url = format!("{}/text?{number}.", api.origin("api.localhost"));
        let outcome = predict(&block, &page, &url);
        let expected = outcome.console(of_crate);
        browser.open(&page, "/").await;
        let script = format!(
            "const URL = arguments[0];
             try {{ await ({}); return 'not blocked'; }} catch (error) {{ return 'blocked'; }}",
            block.script
        );
        let arguments = [json!(url)];
        let result = browser.run_async(&script, &arguments).await;
        assert_eq!(result, "blocked", "{}: {}", engine.name(), block.name);
        let said = said(&browser, number, expected.is_some(), || {
            browser.run_async(&script, &arguments)
        })
        .await;
        lines += usize::from(expected.is_some());
        if said.first() != expected.as_ref() {
            faults.push(format!(
                "{}, {}: {:?}\npredicted: {expected:?}\nthe engine: {said:#?}",
                block.name,
                engine.name(),
                outcome.result().err()
            ));
        }
    }
    (lines, faults)
}

/// Returns the lines about a block, without those that every block has. A browser may drop a beacon, and then says nothing:
/// `again` is called if no line appears.
async fn said<Repeated: Future>(
    browser: &Browser,
    number: usize,
    expected: bool,
    again: impl Fn() -> Repeated,
) -> Vec<String> {
    let started = Instant::now();
    let mut repeated = Instant::now();
    let mut said = Vec::new();
    loop {
        // The marker is printed after the lines that are already there. In Firefox, a script may notice the block earlier.
        let marker = format!("marker {number}.");
        let script = "setTimeout(marker => { throw new Error(marker); }, 0, arguments[0])";
        browser.run(script, &[json!(marker)]).await;
        let lines = browser.console_until(&marker).await;
        let lines = lines
            .iter()
            .filter(|line| !line.message.contains(&marker) && !is_noise(&line.message));
        said.extend(lines.map(|line| line.text().to_owned()));
        if !expected || !said.is_empty() || started.elapsed() > TIMEOUT {
            return said;
        }
        if repeated.elapsed() > PATIENCE {
            again().await;
            repeated = Instant::now();
        }
    }
}

/// Lines of the engines that do not say why a request is blocked.
fn is_noise(line: &str) -> bool {
    line.ends_with("net::ERR_FAILED")
        || line.ends_with("net::ERR_CONNECTION_REFUSED")
        || line.contains("data: URI not allowed")
        || line.contains("is deprecated")
        || line.starts_with("NotAllowedError")
}

/// The page's own server: `/redirect?` redirects to the URL that follows.
fn own(request: &ReceivedRequest) -> Reply {
    match request.target.split_once("/redirect?") {
        Some((_, url)) => Reply::new(302, "text/plain", "").field("location", url),
        None => Reply::page(EMPTY_PAGE),
    }
}

fn predict(block: &Block, page: &str, url: &str) -> Outcome {
    let page = Page::new(page).expect("the address of the page is a URL");
    let mut servers = Servers(block.respond);
    (block.fetch)(&page, url).send_now(&mut servers)
}

/// The servers of the table, without sockets.
struct Servers(fn(&ReceivedRequest) -> Reply);

impl Server<()> for Servers {
    async fn respond(&mut self, request: Request<Bytes>) -> Result<Response<Bytes>, ServerError> {
        let uri = request.uri();
        if uri.port_u16() == Some(8) {
            return Err("connection refused".into());
        }
        let fields = request.headers().iter();
        let received = ReceivedRequest {
            method: request.method().to_string(),
            target: uri
                .path_and_query()
                .map(ToString::to_string)
                .unwrap_or_default(),
            fields: fields
                .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
                .collect(),
            body: request.body().to_vec(),
        };
        let reply = match uri.host() {
            Some("app.localhost") => own(&received),
            _ => (self.0)(&received),
        };
        let mut response = Response::builder().status(reply.status);
        for (name, value) in &reply.fields {
            response = response.header(name, value);
        }
        Ok(response.body(Bytes::from(reply.body))?)
    }
}

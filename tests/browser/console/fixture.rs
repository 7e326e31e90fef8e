//! A browser with a page, and the requests of the document's sections.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use omnicors_browser_tests::api::Api;
use omnicors_browser_tests::browser::ConsoleLine;
use omnicors_browser_tests::document::Section;
use omnicors_browser_tests::http::{ReceivedRequest, Reply};
use omnicors_browser_tests::site::{EMPTY_PAGE, Site};
use omnicors_browser_tests::{Browser, Engine};
use omnicors_core::{Policy, PolicyConfig, RequestParts, evaluate};
use omnicors_tests::cases::verdict_name;
use serde_json::json;

/// The names of the page and the API in the document.
pub(crate) const PAGE: &str = "https://app.example";
pub(crate) const API: &str = "https://api.example";

/// The time limit for a console message. Even a busy machine does not reach it.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The cause of a blocked request.
#[derive(Clone, Copy)]
pub(crate) enum Cause {
    /// The policy of the section. Holds the core's verdict, in the notation of the table of cases.
    Policy(&'static str),
    /// The page is treated as public, and the browser sends nothing. Only in Chromium.
    Public,
    /// A server without Omnicors sends this response.
    OtherServer(fn(&ReceivedRequest) -> Reply),
    /// No server listens.
    NoServer,
}

pub(crate) struct Fixture {
    pub(crate) browser: Browser,
    /// Serves the pages until it is dropped.
    _pages: Site,
    pub(crate) page: String,
}

/// Each request has a unique query, so that a message belongs to one request.
static NUMBER: AtomicUsize = AtomicUsize::new(0);

impl Fixture {
    pub(crate) async fn start(engine: Engine) -> Self {
        let browser = engine.start().await;
        let pages = Site::start(page);
        let page = pages.origin("app.localhost");
        Self {
            browser,
            _pages: pages,
            page,
        }
    }

    /// Makes the request of a section, and returns its console messages with the names of the document.
    pub(crate) async fn denied(
        &mut self,
        section: &Section,
        cause: Cause,
        documented: &[&str],
    ) -> Vec<String> {
        let query = new_query();
        let server;
        let (api, outcome) = match cause {
            Cause::Policy(verdict) => {
                let policy = self.policy(section.block("toml policy").expect("a policy"));
                let started = Api::start(policy.clone());
                let api = started.origin("api.localhost");
                let outcome = self.ask(section, &api, &query).await;
                assert_eq!(
                    verdict_on(section, &policy, &started, &query),
                    verdict,
                    "{}",
                    section.title
                );
                (api, outcome)
            }
            Cause::Public => {
                let policy = self.policy(section.block("toml policy").expect("a policy"));
                let started = Api::start(policy);
                let api = started.origin("api.localhost");
                let outcome = self.ask(section, &api, &query).await;
                assert!(
                    started.arrived(&query).is_empty(),
                    "the browser sent the request"
                );
                (api, outcome)
            }
            Cause::OtherServer(respond) => {
                server = Site::start(respond);
                let api = server.origin("api.localhost");
                let outcome = self.ask(section, &api, &query).await;
                (api, outcome)
            }
            Cause::NoServer => {
                // The port is free after the drop, and the system does not reuse it immediately.
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
                let port = listener
                    .local_addr()
                    .expect("a bound socket has one")
                    .port();
                drop(listener);
                let api = format!("http://api.localhost:{port}");
                let outcome = self.ask(section, &api, &query).await;
                (api, outcome)
            }
        };
        assert_eq!(outcome, "TypeError", "{}", section.title);
        let lines = self.said(&query, documented.len().max(1)).await;
        let lines = lines.iter().map(|line| {
            let line = line.replace(&format!("?{query}"), "");
            line.replace(&api, API).replace(&self.page, PAGE)
        });
        lines.collect()
    }

    /// Makes the request of a section in an engine that allows it.
    pub(crate) async fn reads(&self, section: &Section) {
        let policy = self.policy(section.block("toml policy").expect("a policy"));
        let api = Api::start(policy);
        let api = api.origin("api.localhost");
        let outcome = self.ask(section, &api, &new_query()).await;
        assert_eq!(outcome, "text of the server", "{}", section.title);
    }

    /// Repeats the request after the change of the section: the page reads the response, and the console is empty.
    pub(crate) async fn changed(&mut self, section: &Section, change: &str) {
        let query = new_query();
        let api = Api::start(self.policy(change));
        let outcome = self
            .ask(section, &api.origin("api.localhost"), &query)
            .await;
        assert_eq!(
            outcome, "text of the server",
            "{}, after the change",
            section.title
        );
        let said = self.said(&query, 0).await;
        assert!(
            said.is_empty(),
            "{}, after the change: {said:?}",
            section.title
        );
    }

    pub(crate) fn policy(&self, text: &str) -> Policy {
        let text = text.replace(PAGE, &self.page);
        let config: PolicyConfig =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        config
            .build()
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    /// Runs the script of a section; returns the text of the response, or the name of the exception.
    async fn ask(&self, section: &Section, api: &str, query: &str) -> String {
        let kinds = [
            ("js", "/"),
            ("js sandboxed", SANDBOXED),
            ("js public", PUBLIC),
        ];
        let mut scripts = kinds
            .into_iter()
            .filter_map(|(kind, target)| Some((section.block(kind)?, target)));
        let (script, target) = scripts.next().expect("a script");
        self.browser.open(&self.page, target).await;
        let script = script.replace(API, api);
        let script = script.replace("/text\"", &format!("/text?{query}\""));
        let script = format!(
            "return {script}.then(response => response.text()).catch(error => error.name);"
        );
        let outcome = self.browser.run_async(&script, &[]).await;
        outcome.as_str().expect("a text").to_owned()
    }

    /// Returns the messages about a request, up to a marker that is printed afterwards: in Firefox, a script may notice the block
    /// before the console prints it. `documented` is the expected number of messages.
    async fn said(&self, query: &str, documented: usize) -> Vec<String> {
        let started = Instant::now();
        let mut said = Vec::new();
        while said.len() < documented && started.elapsed() < TIMEOUT {
            said.extend(self.lines_about(query).await);
        }
        let marker = new_query();
        let script = "setTimeout(marker => { throw new Error(marker); }, 0, arguments[0])";
        self.browser.run(script, &[json!(marker)]).await;
        said.extend(about(query, &self.browser.console_until(&marker).await));
        said
    }

    async fn lines_about(&self, query: &str) -> Vec<String> {
        about(query, &self.browser.console().await)
    }
}

/// Filters messages about a request, and removes the prefixes and suffixes of the engines.
fn about(query: &str, lines: &[ConsoleLine]) -> Vec<String> {
    let lines = lines.iter().filter(|line| line.message.contains(query));
    // Chromium adds this line after each message.
    let lines = lines.filter(|line| !line.message.ends_with("net::ERR_FAILED"));
    lines.map(|line| line.text().to_owned()).collect()
}

/// Serves an empty page. It may have the origin `null` (without a frame, whose console belongs to another process), be
/// treated as a page from the internet, or send no referrer.
fn page(request: &ReceivedRequest) -> Reply {
    let page = Reply::page(EMPTY_PAGE);
    match request.target.as_str() {
        SANDBOXED => page.field("content-security-policy", "sandbox allow-scripts"),
        PUBLIC => page.field("content-security-policy", "treat-as-public-address"),
        NO_REFERRER => page.field("referrer-policy", "no-referrer"),
        _ => page,
    }
}

const SANDBOXED: &str = "/sandboxed";
const PUBLIC: &str = "/public";
pub(crate) const NO_REFERRER: &str = "/no-referrer";

/// Returns a unique query that no other query contains.
pub(crate) fn new_query() -> String {
    format!("number={}.", NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// Returns the core's verdict on the last request with this query, in the notation of the table.
fn verdict_on(section: &Section, policy: &Policy, api: &Api, query: &str) -> String {
    let arrived = api.arrived(query);
    let last = arrived
        .last()
        .unwrap_or_else(|| panic!("{}: no request arrived", section.title));
    let fields = last.headers.iter();
    let fields: Vec<_> = fields
        .map(|(name, value)| (name.as_str(), value.as_bytes()))
        .collect();
    let parts = RequestParts::read(policy, last.method.as_str(), &fields);
    let decision = evaluate(policy, &parts);
    let script = section
        .blocks
        .iter()
        .find(|block| block.0.starts_with("js"));
    let includes = script.is_some_and(|script| script.1.contains(r#"credentials: "include""#));
    verdict_name(if includes {
        decision.verdict_with_credentials()
    } else {
        decision.verdict()
    })
}

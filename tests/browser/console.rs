//! Compares the console messages of browsers for each denial with `docs/reading-the-console.md`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use omnicors_browser_tests::api::Api;
use omnicors_browser_tests::browser::ConsoleLine;
use omnicors_browser_tests::document::{self, Section, plain};
use omnicors_browser_tests::http::{ReceivedRequest, Reply};
use omnicors_browser_tests::site::{EMPTY_PAGE, Site};
use omnicors_browser_tests::{Browser, Engine};
use omnicors_core::{Policy, PolicyConfig, RequestParts, evaluate, limits};
use omnicors_tests::cases::verdict_name;
use serde_json::json;

const DOCUMENT: &str = "reading-the-console.md";

/// The names of the page and the API in the document.
const PAGE: &str = "https://app.example";
const API: &str = "https://api.example";

/// The time limit for a console message. Even a busy machine does not reach it.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The engines whose consoles can be read.
const ENGINES: [Engine; 2] = [Engine::Chromium, Engine::Firefox];

/// The cause of a blocked request.
#[derive(Clone, Copy)]
enum Cause {
    /// The policy of the section. Holds the core's verdict, in the notation of the table of cases.
    Policy(&'static str),
    /// The page is treated as public, and the browser sends nothing. Only in Chromium.
    Public,
    /// A server without Omnicors sends this response.
    OtherServer(fn(&ReceivedRequest) -> Reply),
    /// No server listens.
    NoServer,
}

/// Every section of the document, in order, and its cause.
const CAUSES: [(&str, Cause); 14] = [
    (
        "The origin is not allowed",
        Cause::Policy("OriginNotAllowed"),
    ),
    (
        "The origin is not allowed, and the browser asks first",
        Cause::Policy("OriginNotAllowed"),
    ),
    ("The origin is null", Cause::Policy("OriginOpaque")),
    (
        "The method is not listed",
        Cause::Policy("MethodNotAllowed(PUT)"),
    ),
    (
        "A header is not listed",
        Cause::Policy("HeaderNotAllowed(content-type)"),
    ),
    (
        "Credentials are not allowed",
        Cause::Policy("CredentialsNotAllowed"),
    ),
    (
        "Credentials are not allowed, and the browser asks first",
        Cause::Policy("CredentialsNotAllowed"),
    ),
    (
        "Any origin is allowed, and the page sends credentials",
        Cause::Policy("CredentialsNotAllowed"),
    ),
    (
        "The preflight is answered with an error",
        Cause::OtherServer(|request| allow_origin(request, 401)),
    ),
    (
        "The preflight is redirected",
        Cause::OtherServer(|request| allow_origin(request, 301).field("location", "/elsewhere")),
    ),
    (
        "There are two answers",
        Cause::OtherServer(|request| {
            allow_origin(request, 200).field("access-control-allow-origin", "*")
        }),
    ),
    (
        "The answer is for another origin",
        Cause::OtherServer(|_| {
            Reply::new(200, "text/plain", "")
                .field("access-control-allow-origin", "https://admin.example")
        }),
    ),
    ("The server cannot be reached", Cause::NoServer),
    ("The page is public and the server is not", Cause::Public),
];

/// A denial with the same console messages as another one.
struct SimilarDenial {
    /// The section of the other denial.
    title: &'static str,
    verdict: &'static str,
    policy: &'static str,
    /// Replacements in the script and the messages of the section.
    replaced: Vec<(&'static str, String)>,
}

fn similar_denials() -> [SimilarDenial; 3] {
    let long_method = "M".repeat(limits::REQUEST_METHOD + 1);
    let long_name = "x".repeat(limits::REQUEST_HEADERS + 1);
    [
        SimilarDenial {
            title: "The origin is not allowed",
            verdict: "OriginUndecided",
            policy: "lookup_origins = true",
            replaced: Vec::new(),
        },
        SimilarDenial {
            title: "The method is not listed",
            verdict: "RequestMethodMalformed",
            policy: r#"
                allow_origins = ["https://app.example"]
                allow_credentials = true
                allow_methods = ["*"]"#,
            replaced: vec![("PUT", long_method)],
        },
        SimilarDenial {
            title: "A header is not listed",
            verdict: "RequestHeadersTooLong",
            policy: r#"
                allow_origins = ["https://app.example"]
                allow_credentials = true
                allow_headers = ["*"]"#,
            replaced: vec![
                ("Content-Type", long_name.clone()),
                ("content-type", long_name),
            ],
        },
    ]
}

impl SimilarDenial {
    /// Returns the section of the other denial, changed for this one.
    fn section(&self, sections: &[Section]) -> Section {
        let section = sections.iter().find(|section| section.title == self.title);
        let mut section = section.expect("the document has the section").clone();
        for (kind, text) in &mut section.blocks {
            if kind == "toml policy" {
                self.policy.clone_into(text);
            } else {
                for (from, to) in &self.replaced {
                    *text = text.replace(from, to);
                }
            }
        }
        section
    }
}

/// Returns a response that allows the origin of the request.
fn allow_origin(request: &ReceivedRequest, status: u16) -> Reply {
    let origin = request.field("origin").unwrap_or_default();
    Reply::new(status, "text/plain", "").field("access-control-allow-origin", origin)
}

#[test]
fn the_document_has_a_section_for_every_tested_denial() {
    let sections = document::sections(&document::read(DOCUMENT));
    let documented: Vec<&str> = sections
        .iter()
        .map(|section| section.title.as_str())
        .collect();
    let provoked: Vec<&str> = CAUSES.iter().map(|cause| cause.0).collect();
    assert_eq!(documented, provoked);
    for (section, (_, cause)) in sections.iter().zip(CAUSES) {
        let kinds: BTreeSet<&str> = section
            .blocks
            .iter()
            .map(|block| block.0.as_str())
            .collect();
        let by_policy = matches!(cause, Cause::Policy(_));
        let is_public = matches!(cause, Cause::Public);
        for (kind, needed) in [
            ("text chromium", true),
            ("text firefox", !is_public),
            ("text webkit", !is_public),
            ("toml policy", by_policy || is_public),
            ("toml change", by_policy),
        ] {
            assert_eq!(kinds.contains(kind), needed, "{}: {kind}", section.title);
        }
    }
}

#[test]
fn the_document_maps_every_denial_of_the_core_to_a_section() {
    let rows = document::table(&document::read(DOCUMENT), ["denial", "in the console"]);
    let similar_denials = similar_denials();
    let similar_denials = similar_denials.iter().map(|similar_denials| {
        (
            similar_denials.title,
            Cause::Policy(similar_denials.verdict),
        )
    });
    for (title, cause) in CAUSES.into_iter().chain(similar_denials) {
        let Cause::Policy(verdict) = cause else {
            continue;
        };
        let name = verdict.split('(').next().unwrap_or(verdict);
        let row = rows.iter().find(|row| {
            plain(&row[0])
                .split(", ")
                .any(|documented| documented == name)
        });
        let row = row.unwrap_or_else(|| panic!("no row for {name}"));
        let documented = plain(&row[1]);
        let is_documented = documented.split("; ").any(|documented| documented == title);
        assert!(
            is_documented,
            "the row of {name} must name `{title}`: {documented}"
        );
    }
}

/// Only the section about a missing origin may mention `Access-Control-Allow-Origin`.
#[test]
fn messages_for_a_missing_method_or_header_do_not_name_allow_origin() {
    for section in document::sections(&document::read(DOCUMENT)) {
        let named = match section.title.as_str() {
            "The method is not listed" => "Access-Control-Allow-Methods",
            "A header is not listed" => "Access-Control-Allow-Headers",
            _ => continue,
        };
        for engine in ["chromium", "firefox", "webkit"] {
            let lines = section
                .block(&format!("text {engine}"))
                .expect("the section has messages of each engine");
            assert!(lines.contains(named), "{engine}: {lines}");
            assert!(!lines.contains("Allow-Origin"), "{engine}: {lines}");
        }
    }
}

#[test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
fn the_document_quotes_the_console_messages_of_each_denial() {
    let sections = document::sections(&document::read(DOCUMENT));
    let found = Engine::in_each(ENGINES, async |engine| read_in(engine, &sections).await);
    let mut lines = 0;
    let mut faults = Vec::new();
    for (of_engine, of_engine_faults) in found {
        lines += of_engine;
        faults.extend(of_engine_faults);
    }
    assert!(
        faults.is_empty(),
        "change {DOCUMENT} to:\n\n{}",
        faults.join("\n")
    );
    let names = ENGINES.map(Engine::name).join(" and ");
    println!(
        "console: {lines} lines of {names} for {} denials, as documented; WebDriver has no access to the console of WebKit",
        CAUSES.len() + similar_denials().len()
    );
}

#[test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
fn with_no_referrer_a_form_sends_the_origin_null_but_fetch_sends_the_origin_of_the_page() {
    const SUBMIT: &str = r#"
        const form = document.createElement("form");
        Object.assign(form, { method: "post", action: arguments[0], target: "result" });
        const frame = document.createElement("iframe");
        frame.name = "result";
        document.body.append(frame, form);
        const loaded = new Promise(resolve => frame.onload = resolve);
        form.submit();
        await loaded;"#;
    const FETCH: &str = "await fetch(arguments[0], { method: \"POST\" });";
    Engine::in_each(Engine::ALL, async |engine| {
        let fixture = Fixture::start(engine).await;
        let api = Api::start(fixture.policy(r#"allow_origins = ["https://app.example"]"#));
        for (script, expected) in [(SUBMIT, "null"), (FETCH, fixture.page.as_str())] {
            fixture.browser.open(&fixture.page, NO_REFERRER).await;
            let query = new_query();
            let target = format!("{}/text?{query}", api.origin("api.localhost"));
            fixture.browser.run_async(script, &[json!(target)]).await;
            let arrived = api.arrived(&query);
            let origin = arrived
                .last()
                .expect("the request arrived")
                .headers
                .get("origin");
            assert_eq!(
                origin.expect("the request has an origin"),
                expected,
                "{}",
                engine.name()
            );
        }
    });
}

/// Returns the number of messages of one engine, and the differences from the document.
async fn read_in(engine: Engine, sections: &[Section]) -> (usize, Vec<String>) {
    let mut fixture = Fixture::start(engine).await;
    let mut lines = 0;
    let mut faults = Vec::new();
    let similar_denials = similar_denials().map(|similar_denials| {
        (
            similar_denials.section(sections),
            Cause::Policy(similar_denials.verdict),
        )
    });
    let causes = CAUSES.map(|cause| cause.1);
    let documented = sections.iter().cloned().zip(causes).chain(similar_denials);
    for (index, (section, cause)) in documented.enumerate() {
        let kind = format!("text {}", engine.name());
        if matches!(cause, Cause::Public) && section.block(&kind).is_none() {
            fixture.reads(&section).await;
            continue;
        }
        let documented: Vec<&str> = section.block(&kind).unwrap_or_default().lines().collect();
        let got = fixture.denied(&section, cause, &documented).await;
        lines += got.len();
        // Several messages come in any order.
        let documented: BTreeSet<&str> = documented.iter().copied().map(beginning).collect();
        if documented != got.iter().map(|line| beginning(line)).collect() {
            let got = got.join("\n");
            faults.push(format!("### {}\n\n```{kind}\n{got}\n```\n", section.title));
        }
        match section.block("toml change") {
            Some(change) if index < CAUSES.len() => fixture.changed(&section, change).await,
            _ => {}
        }
    }
    (lines, faults)
}

/// Returns the part of a message that Firefox prints if it repeats a long name.
fn beginning(line: &str) -> &str {
    line.get(..500).unwrap_or(line)
}

struct Fixture {
    browser: Browser,
    /// Serves the pages until it is dropped.
    _pages: Site,
    page: String,
}

/// Each request has a unique query, so that a message belongs to one request.
static NUMBER: AtomicUsize = AtomicUsize::new(0);

impl Fixture {
    async fn start(engine: Engine) -> Self {
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
    async fn denied(
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
    async fn reads(&self, section: &Section) {
        let policy = self.policy(section.block("toml policy").expect("a policy"));
        let api = Api::start(policy);
        let api = api.origin("api.localhost");
        let outcome = self.ask(section, &api, &new_query()).await;
        assert_eq!(outcome, "text of the server", "{}", section.title);
    }

    /// Repeats the request after the change of the section: the page reads the response, and the console is empty.
    async fn changed(&mut self, section: &Section, change: &str) {
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

    fn policy(&self, text: &str) -> Policy {
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
        said.extend(about(query, self.browser.console_until(&marker).await));
        said
    }

    async fn lines_about(&self, query: &str) -> Vec<String> {
        about(query, self.browser.console().await)
    }
}

/// Filters messages about a request, and removes the prefixes and suffixes of the engines.
fn about(query: &str, lines: Vec<ConsoleLine>) -> Vec<String> {
    let lines = lines.into_iter().map(|line| line.message);
    let lines = lines.filter(|line| line.contains(query));
    // Chromium adds this line after each message.
    let lines = lines.filter(|line| !line.ends_with("net::ERR_FAILED"));
    lines.map(|line| without_address(&line)).collect()
}

/// Removes the address of the page or the resource, with which Chromium begins a message.
fn without_address(line: &str) -> String {
    if let Some(start) = line.find("Access to ") {
        return line[start..].to_owned();
    }
    let said = line.split_once(" - ").map_or(line, |split| split.1);
    said.to_owned()
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
const NO_REFERRER: &str = "/no-referrer";

/// Returns a unique query that no other query contains.
fn new_query() -> String {
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

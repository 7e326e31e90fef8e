//! What the console of a browser says of each denial, as `docs/reading-the-console.md` tells it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "to panic is how a test fails"
)]

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use omnicors_browser_tests::api::Api;
use omnicors_browser_tests::browser::ConsoleLine;
use omnicors_browser_tests::document::{self, Section, plain};
use omnicors_browser_tests::http::{Asked, Reply};
use omnicors_browser_tests::site::{EMPTY_PAGE, Site};
use omnicors_browser_tests::{Browser, Engine};
use omnicors_core::{Policy, PolicyConfig, RequestParts, evaluate, limits};
use omnicors_tests::cases::verdict_name;
use serde_json::json;

const DOCUMENT: &str = "reading-the-console.md";

/// What the document calls the page and the API.
const PAGE: &str = "https://app.example";
const API: &str = "https://api.example";

/// How long a line may take to come: far longer than it does on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Whose consoles can be read.
const ENGINES: [Engine; 2] = [Engine::Chromium, Engine::Firefox];

/// Why a browser refuses.
#[derive(Clone, Copy)]
enum Cause {
    /// By the policy of the section; the core's verdict, in words of the table of cases.
    Policy(&'static str),
    /// Nothing is sent, because the page is treated as public: in Chromium only.
    Public,
    /// Something else than Omnicors answers.
    Answer(fn(&Asked) -> Reply),
    /// Nobody does.
    Nobody,
}

/// Every section of the document, in order.
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
        Cause::Answer(|asked| answer(asked, 401)),
    ),
    (
        "The preflight is redirected",
        Cause::Answer(|asked| answer(asked, 301).line("location", "/elsewhere")),
    ),
    (
        "There are two answers",
        Cause::Answer(|asked| answer(asked, 200).line("access-control-allow-origin", "*")),
    ),
    (
        "The answer is for another origin",
        Cause::Answer(|_| {
            Reply::new(200, "text/plain", "")
                .line("access-control-allow-origin", "https://admin.example")
        }),
    ),
    ("The server cannot be reached", Cause::Nobody),
    ("The page is public and the server is not", Cause::Public),
];

/// A denial that looks in the console like another one.
struct Alike {
    /// The section of the other one.
    title: &'static str,
    verdict: &'static str,
    policy: &'static str,
    /// What the script and the lines have instead.
    replaced: Vec<(&'static str, String)>,
}

fn alike() -> [Alike; 3] {
    let long_method = "M".repeat(limits::REQUEST_METHOD + 1);
    let long_name = "x".repeat(limits::REQUEST_HEADERS + 1);
    [
        Alike {
            title: "The origin is not allowed",
            verdict: "OriginUndecided",
            policy: "lookup_origins = true",
            replaced: Vec::new(),
        },
        Alike {
            title: "The method is not listed",
            verdict: "RequestMethodMalformed",
            policy: r#"
                allow_origins = ["https://app.example"]
                allow_credentials = true
                allow_methods = ["*"]"#,
            replaced: vec![("PUT", long_method)],
        },
        Alike {
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

impl Alike {
    /// The section of the other one, as it would be written for this one.
    fn section(&self, sections: &[Section]) -> Section {
        let section = sections.iter().find(|section| section.title == self.title);
        let mut section = section.expect("there is one").clone();
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

/// A response that names the origin which asks.
fn answer(asked: &Asked, status: u16) -> Reply {
    let origin = asked.line("origin").unwrap_or_default();
    Reply::new(status, "text/plain", "").line("access-control-allow-origin", origin)
}

#[test]
fn the_document_has_a_section_for_every_denial_that_is_provoked() {
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
fn the_document_tells_how_a_denial_of_the_core_looks() {
    let rows = document::table(&document::read(DOCUMENT), ["denial", "in the console"]);
    let alike = alike();
    let alike = alike
        .iter()
        .map(|alike| (alike.title, Cause::Policy(alike.verdict)));
    for (title, cause) in CAUSES.into_iter().chain(alike) {
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
            "{name} looks like `{title}` as well: {documented}"
        );
    }
}

/// The document's own lines hold what a reader relies on: only a missing origin is described as one.
#[test]
fn a_missing_method_or_header_is_never_told_as_a_missing_origin() {
    for section in document::sections(&document::read(DOCUMENT)) {
        let named = match section.title.as_str() {
            "The method is not listed" => "Access-Control-Allow-Methods",
            "A header is not listed" => "Access-Control-Allow-Headers",
            _ => continue,
        };
        for engine in ["chromium", "firefox", "webkit"] {
            let lines = section
                .block(&format!("text {engine}"))
                .expect("it is there");
            assert!(lines.contains(named), "{engine}: {lines}");
            assert!(!lines.contains("Allow-Origin"), "{engine}: {lines}");
        }
    }
}

#[test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
fn every_console_says_of_each_denial_what_the_document_says() {
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
        "{DOCUMENT} is to say:\n\n{}",
        faults.join("\n")
    );
    let names = ENGINES.map(Engine::name).join(" and ");
    println!(
        "console: {lines} lines of {names} for {} denials, as documented; webkit's console is not to be had over WebDriver",
        CAUSES.len() + alike().len()
    );
}

#[test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
fn without_a_referrer_a_form_has_the_origin_null_and_a_fetch_that_of_the_page() {
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
        let stage = Stage::start(engine).await;
        let api = Api::start(stage.policy(r#"allow_origins = ["https://app.example"]"#));
        for (script, expected) in [(SUBMIT, "null"), (FETCH, stage.page.as_str())] {
            stage.browser.open(&stage.page, NO_REFERRER).await;
            let query = new_query();
            let target = format!("{}/text?{query}", api.origin("api.localhost"));
            stage.browser.run_async(script, &[json!(target)]).await;
            let arrived = api.arrived(&query);
            let origin = arrived.last().expect("it arrives").headers.get("origin");
            assert_eq!(origin.expect("it has one"), expected, "{}", engine.name());
        }
    });
}

/// The number of lines that one engine has printed, and what the document says otherwise.
async fn read_in(engine: Engine, sections: &[Section]) -> (usize, Vec<String>) {
    let mut stage = Stage::start(engine).await;
    let mut lines = 0;
    let mut faults = Vec::new();
    let alike = alike().map(|alike| (alike.section(sections), Cause::Policy(alike.verdict)));
    let causes = CAUSES.map(|cause| cause.1);
    let documented = sections.iter().cloned().zip(causes).chain(alike);
    for (index, (section, cause)) in documented.enumerate() {
        let kind = format!("text {}", engine.name());
        if matches!(cause, Cause::Public) && section.block(&kind).is_none() {
            stage.reads(&section).await;
            continue;
        }
        let documented: Vec<&str> = section.block(&kind).unwrap_or_default().lines().collect();
        let got = stage.denied(&section, cause, &documented).await;
        lines += got.len();
        // Several have no order.
        let documented: BTreeSet<&str> = documented.iter().copied().map(beginning).collect();
        if documented != got.iter().map(|line| beginning(line)).collect() {
            let got = got.join("\n");
            faults.push(format!("### {}\n\n```{kind}\n{got}\n```\n", section.title));
        }
        match section.block("toml change") {
            Some(change) if index < CAUSES.len() => stage.changed(&section, change).await,
            _ => {}
        }
    }
    (lines, faults)
}

/// As much of a line as Firefox prints of one that repeats a long name.
fn beginning(line: &str) -> &str {
    line.get(..500).unwrap_or(line)
}

struct Stage {
    browser: Browser,
    /// Serves as long as it is held.
    _pages: Site,
    page: String,
}

/// No two addresses are the same: no line is about two requests.
static NUMBER: AtomicUsize = AtomicUsize::new(0);

impl Stage {
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

    /// Makes the request of a section, and returns what the console says of it, in the words of the document.
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
                assert!(started.arrived(&query).is_empty(), "it was sent");
                (api, outcome)
            }
            Cause::Answer(respond) => {
                server = Site::start(respond);
                let api = server.origin("api.localhost");
                let outcome = self.ask(section, &api, &query).await;
                (api, outcome)
            }
            Cause::Nobody => {
                // Free again once this is dropped, and not given out anew so soon.
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

    /// Makes it again after the change: now the page reads the response, and the console has nothing to say.
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

    /// What the script of a section gets: the text of a response, or the name of what was thrown.
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

    /// What the console says about this, expecting this many lines, and up to a line that is printed then: in Firefox, a script
    /// may learn that it is refused before the console does.
    async fn said(&self, query: &str, documented: usize) -> Vec<String> {
        let started = Instant::now();
        let mut said = Vec::new();
        while said.len() < documented && started.elapsed() < PATIENCE {
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

/// The lines about this, without what an engine puts before and behind.
fn about(query: &str, lines: Vec<ConsoleLine>) -> Vec<String> {
    let lines = lines.into_iter().map(|line| line.message);
    let lines = lines.filter(|line| line.contains(query));
    // Chromium prints it after each other.
    let lines = lines.filter(|line| !line.ends_with("net::ERR_FAILED"));
    lines.map(|line| without_address(&line)).collect()
}

/// Chromium begins with where the page or the resource is.
fn without_address(line: &str) -> String {
    if let Some(start) = line.find("Access to ") {
        return line[start..].to_owned();
    }
    let said = line.split_once(" - ").map_or(line, |split| split.1);
    said.to_owned()
}

/// An empty page, whose origin is `null` where it is asked for so: without a frame, whose console is another process's. Or one
/// that is treated as if it were from the internet, or that sends no referrer.
fn page(asked: &Asked) -> Reply {
    let page = Reply::page(EMPTY_PAGE);
    match asked.target.as_str() {
        SANDBOXED => page.line("content-security-policy", "sandbox allow-scripts"),
        PUBLIC => page.line("content-security-policy", "treat-as-public-address"),
        NO_REFERRER => page.line("referrer-policy", "no-referrer"),
        _ => page,
    }
}

const SANDBOXED: &str = "/sandboxed";
const PUBLIC: &str = "/public";
const NO_REFERRER: &str = "/no-referrer";

/// Unlike every other, and no part of one.
fn new_query() -> String {
    format!("number={}.", NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// The core's verdict on the last request that came, in words of the table of cases.
fn verdict_on(section: &Section, policy: &Policy, api: &Api, query: &str) -> String {
    let arrived = api.arrived(query);
    let last = arrived
        .last()
        .unwrap_or_else(|| panic!("{}: nothing has arrived", section.title));
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

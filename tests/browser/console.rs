//! Compares the console messages of browsers for each denial with `docs/reading-the-console.md`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "console/fixture.rs"]
mod fixture;

use std::collections::BTreeSet;

use omnicors_browser_tests::Engine;
use omnicors_browser_tests::api::Api;
use omnicors_browser_tests::document::{self, Section, plain};
use omnicors_browser_tests::http::{ReceivedRequest, Reply};
use omnicors_core::limits;
use serde_json::json;

use fixture::{Cause, Fixture, NO_REFERRER, new_query};

const DOCUMENT: &str = "reading-the-console.md";

/// The engines whose consoles can be read.
const ENGINES: [Engine; 2] = [Engine::Chromium, Engine::Firefox];

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

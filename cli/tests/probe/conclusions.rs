//! `probe` concludes what omnicors-browser concludes from the same server.

use axum::body::Body;
use http::{Request, Response};
use omnicors_browser::{Browser, Credentials, Engine, HttpServer, Mode, Page};
use serde_json::Value;

use crate::command::json;
use crate::server::Running;
use crate::sites::{APP, respond};

const SERVERS: [&str; 13] = [
    "right",
    "public",
    "reflecting",
    "null",
    "twice",
    "list",
    "wildcard",
    "login",
    "no-preflight",
    "invalid-list",
    "broken",
    "any-header",
    "redirecting",
];

struct Case {
    origin: &'static str,
    method: &'static str,
    headers: &'static [&'static str],
    has_credentials: bool,
    engine: (Engine, &'static str),
    mode: (Mode, &'static str),
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let engines = [
        (Engine::Standard, "standard"),
        (Engine::Chromium, "chromium"),
        (Engine::Firefox, "firefox"),
        (Engine::WebKit, "webkit"),
    ];
    for (index, origin) in [
        APP,
        "https://other.example",
        "null",
        "http://localhost:3000",
    ]
    .into_iter()
    .enumerate()
    {
        for (method, headers) in [
            ("GET", &[][..]),
            ("PUT", &["content-type"]),
            ("patch", &["x-custom: 1", "x-other: 2"]),
            ("GET", &["authorization"]),
            ("POST", &["content-type: text/plain"]),
        ] {
            for has_credentials in [false, true] {
                let engine = engines[(index + cases.len()) % 4];
                let mode = (Mode::Cors, "cors");
                cases.push(Case {
                    origin,
                    method,
                    headers,
                    has_credentials,
                    engine,
                    mode,
                });
            }
        }
    }
    for mode in [(Mode::NoCors, "no-cors"), (Mode::SameOrigin, "same-origin")] {
        let engine = engines[0];
        cases.push(Case {
            origin: APP,
            method: "GET",
            headers: &[],
            has_credentials: false,
            engine,
            mode,
        });
    }
    cases
}

#[tokio::test]
async fn every_conclusion_is_that_of_the_engine() {
    let mut counts = [0; 3];
    // Each server with a third of the cases, and each case with a third of the servers or more.
    for (shift, name) in SERVERS.into_iter().enumerate() {
        let (server, _) = Running::recording(move |request: &Request<Body>| -> Response<Body> {
            respond(name, request)
        });
        let url = server.url("/items");
        for case in cases().into_iter().skip(shift % 3).step_by(3) {
            let page = if case.origin == "null" {
                Page::opaque()
            } else {
                Page::new(case.origin).unwrap()
            };
            let mut fetch = page.fetch(&url).method(case.method).mode(case.mode.0);
            let mut arguments = vec![
                url.as_str(),
                "--origin",
                case.origin,
                "--method",
                case.method,
            ];
            arguments.extend(["--engine", case.engine.1, "--mode", case.mode.1]);
            for header in case.headers {
                let usual = if *header == "authorization" {
                    "Bearer omnicors"
                } else {
                    "application/json"
                };
                let (name, value) = header.split_once(": ").unwrap_or((header, usual));
                fetch = fetch.header(name, value);
                arguments.extend(["--header", header]);
            }
            if case.has_credentials {
                fetch = fetch.credentials(Credentials::Include);
                arguments.push("--credentials");
            }
            let mut direct = HttpServer::new(&server.url("")).unwrap();
            let outcome = Browser::new(case.engine.0).send(&fetch, &mut direct).await;
            let (code, report) = json(&arguments);
            let context = format!("{name} {arguments:?}\n{outcome}\n{report:#}");
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let is_left = outcome.exchanges().len() > report["exchanges"].as_array().unwrap().len();
            match outcome.result() {
                // The redirect of this server leads to another host, to which the command sends nothing.
                _ if is_left => {
                    assert_eq!(
                        (code, text(&report["conclusion"])),
                        (1, "unknown".to_owned()),
                        "{context}"
                    );
                }
                Ok(response) if response.status() != 0 => {
                    counts[0] += 1;
                    assert_eq!(
                        (code, text(&report["conclusion"])),
                        (0, "readable".to_owned()),
                        "{context}"
                    );
                    assert_eq!(report["readable"]["status"], response.status(), "{context}");
                    let headers = report["readable"]["headers"].as_array().unwrap();
                    let mut names: Vec<_> =
                        headers.iter().map(|field| text(&field["name"])).collect();
                    names.sort_unstable();
                    let mut expected: Vec<_> =
                        response.headers().keys().map(ToString::to_string).collect();
                    expected.sort_unstable();
                    assert_eq!(names, expected, "{context}");
                }
                Ok(_) => {
                    counts[1] += 1;
                    assert_eq!(
                        (code, text(&report["conclusion"])),
                        (0, "opaque".to_owned()),
                        "{context}"
                    );
                }
                Err(error) => {
                    counts[2] += 1;
                    assert_eq!(
                        (code, text(&report["conclusion"])),
                        (1, "blocked".to_owned()),
                        "{context}"
                    );
                    assert_eq!(
                        text(&report["blocked"]["reason"]),
                        error.to_string(),
                        "{context}"
                    );
                    assert_eq!(
                        text(&report["blocked"]["section"]["url"]),
                        error.section().url(),
                        "{context}"
                    );
                    if let Some(line) = outcome.console(case.engine.0) {
                        let shown = text(&report["blocked"]["console"][case.engine.1]);
                        assert_eq!(shown, line, "{context}");
                    }
                }
            }
        }
    }
    assert!(counts.iter().all(|&count| count >= 3), "{counts:?}");
}

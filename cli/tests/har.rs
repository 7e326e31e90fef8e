//! `omnicors har`: recordings of real browsers, and its messages.
//!
//! `tests/har/record.mjs` makes the recordings. It also writes what the page saw and what the console printed, which is what is expected here.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use serde_json::Value;

/// What a page and the console of its browser said.
struct Seen {
    /// For each case, `readable`, `opaque`, `blocked` or `aborted`.
    results: BTreeMap<String, String>,
    /// For each case that CORS blocked, the first line of the console about it.
    lines: BTreeMap<String, String>,
}

/// The case in a URL or in a line of a console. A redirect has the name of the first request.
fn case(text: &str) -> Option<String> {
    for (after, name) in [
        ("second", "redirect-to-second"),
        ("any", "redirect-to-any"),
        ("redirect", "redirect-allowed"),
    ] {
        if text.contains(&format!("after={after}")) {
            return Some(name.to_owned());
        }
    }
    let (_, name) = text.rsplit_once("case=")?;
    let end = name.find(|character: char| !character.is_ascii_alphanumeric() && character != '-');
    Some(name[..end.unwrap_or(name.len())].to_owned())
}

fn seen(browser: &str) -> Seen {
    let text = fs::read_to_string(format!("tests/har/{browser}.json")).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    let results = json["results"].as_object().unwrap();
    let results = results
        .iter()
        .map(|(name, result)| (name.clone(), result.as_str().unwrap().to_owned()));
    let mut lines = BTreeMap::new();
    for line in json["console"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap())
    {
        let is_about_cors = line.contains("has been blocked by CORS policy")
            // Firefox prints this about requests without a response as well.
            || (line.contains("Cross-Origin Request Blocked") && !line.contains("CORS request did not succeed"));
        if is_about_cors && let Some(case) = case(line) {
            lines.entry(case).or_insert_with(|| line.to_owned());
        }
    }
    Seen {
        results: results.collect(),
        lines,
    }
}

fn run(arguments: &[&str]) -> (String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_omnicors"))
        .arg("har")
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    (
        String::from_utf8(output.stdout).unwrap(),
        output.status.code().unwrap(),
    )
}

fn report(file: &str) -> Value {
    let (text, code) = run(&[
        &format!("tests/har/{file}.har"),
        "--format",
        "json",
        "--all",
    ]);
    assert_eq!(
        code,
        i32::from(
            file.ends_with("chromium") || file.ends_with("firefox") || file.ends_with("sanitized")
        ),
        "{text}"
    );
    serde_json::from_str(&text).unwrap()
}

/// Returns the requests of a list, by case.
fn by_case(report: &Value, list: &str) -> BTreeMap<String, Value> {
    let requests = report[list].as_array().unwrap().iter();
    requests
        .filter_map(|request| Some((case(request["url"].as_str()?)?, request.clone())))
        .collect()
}

/// Compares a report with what the browser did, except in these cases.
fn compare(file: &str, browser: &str, unseen: &[&str]) {
    let seen = seen(browser);
    let report = report(file);
    let blocked = by_case(&report, "blocked");
    let readable = by_case(&report, "readable");
    let mut compared = 0;
    for (name, result) in &seen.results {
        let line = seen.lines.get(name);
        if unseen.contains(&name.as_str()) {
            assert!(
                !blocked.contains_key(name) && line.is_some(),
                "{file}: {name} is not an exception"
            );
            continue;
        }
        assert_eq!(
            blocked.contains_key(name),
            line.is_some(),
            "{file}: {name}: {line:?}, {:?}",
            blocked.get(name)
        );
        if let Some(line) = line {
            assert_eq!(
                blocked[name]["console"].as_str(),
                Some(line.as_str()),
                "{file}: {name}"
            );
        }
        assert_eq!(
            readable.contains_key(name),
            result == "readable" && name != "same-origin",
            "{file}: {name}"
        );
        compared += 1;
    }
    assert!(compared >= 45, "{compared}");
    assert_eq!(
        report["unknown"].as_array().unwrap().len(),
        0,
        "{}",
        report["unknown"]
    );
}

#[test]
fn the_findings_in_a_recording_of_chromium_are_what_its_console_said() {
    compare("chromium", "chromium", &[]);
}

#[test]
fn the_findings_in_a_recording_without_sensitive_data_are_the_same() {
    compare("chromium-sanitized", "chromium", &[]);
    let report = report("chromium-sanitized");
    let blocked = by_case(&report, "blocked");
    assert_eq!(blocked["credentials-missing"]["credentials"], "assumed");
    assert!(
        blocked["credentials-missing"]["notes"][0]
            .as_str()
            .unwrap()
            .contains("shows no cookies")
    );
}

#[test]
fn the_findings_in_a_recording_of_firefox_are_what_its_console_said() {
    compare("firefox", "firefox", &[]);
}

#[test]
fn other_failures_are_not_called_cors() {
    for file in ["chromium-secure", "firefox-secure"] {
        let report = report(file);
        assert_eq!(report["blocked"].as_array().unwrap().len(), 0, "{report}");
        let failed = by_case(&report, "failed");
        let reason = |name: &str| failed[name]["reason"].as_str().unwrap().to_owned();
        assert!(
            reason("mixed-content").starts_with("an https page cannot fetch an http URL"),
            "{file}: {failed:?}"
        );
        assert!(
            reason("blocked-by-client").contains("an extension"),
            "{file}: {failed:?}"
        );
    }
    let report = report("chromium");
    let failed = by_case(&report, "failed");
    for (name, reason) in [
        (
            "refused",
            "nothing listens at this address (net::ERR_CONNECTION_REFUSED)",
        ),
        (
            "refused-preflight",
            "nothing listens at this address (net::ERR_CONNECTION_REFUSED)",
        ),
        (
            "no-such-host",
            "the host name was not found (net::ERR_NAME_NOT_RESOLVED)",
        ),
        (
            "dropped",
            "the server closed the connection without a response (net::ERR_EMPTY_RESPONSE)",
        ),
        (
            "aborted",
            "the page or the user cancelled it (net::ERR_ABORTED)",
        ),
    ] {
        assert_eq!(failed[name]["reason"], reason, "{name}");
    }
}

#[test]
fn no_secret_is_printed() {
    for file in ["chromium", "firefox"] {
        let file = format!("tests/har/{file}.har");
        let recorded = fs::read_to_string(&file).unwrap();
        for format in ["human", "json"] {
            let (text, _) = run(&[&file, "--all", "--format", format]);
            for secret in ["secret-cookie", "secret-token", "secret-body"] {
                // Firefox does not record the body of a request that it does not send.
                let is_body_of_firefox = secret == "secret-body" && file.contains("firefox");
                assert!(
                    recorded.contains(secret) || is_body_of_firefox,
                    "{file}: {secret}"
                );
                assert!(!text.contains(secret), "{file}: {secret}: {text}");
            }
        }
    }
}

#[test]
fn the_messages_are_those_of_the_snapshots() {
    trycmd::TestCases::new()
        .case("tests/cmd/har/*.md")
        .case("docs/har.md");
}

#[test]
fn a_recording_cannot_change_what_a_terminal_shows() {
    let escape = "\\u001b[2J\\u202e";
    let recording = format!(
        r#"{{"log": {{"version": "1.2", "creator": {{"name": "WebInspector{escape}", "version": "1"}}, "pages": [], "entries": [
            {{"startedDateTime": "2026-01-01T00:00:00Z", "time": 1, "_error": "net::ERR_FAILED{escape}", "_resourceType": "fetch",
              "request": {{"method": "GET{escape}", "url": "https://api.example/{escape}", "httpVersion": "h2", "cookies": [],
                "headers": [{{"name": "Origin", "value": "https://app.example"}}], "queryString": [], "headersSize": -1, "bodySize": 0}},
              "response": {{"status": 200, "statusText": "{escape}", "httpVersion": "h2", "cookies": [], "redirectURL": "{escape}",
                "headers": [{{"name": "vary", "value": "{escape}"}}], "content": {{"size": 0, "mimeType": ""}}, "headersSize": -1, "bodySize": -1}},
              "cache": {{}}, "timings": {{"send": 0, "wait": 0, "receive": 0}}}}]}}}}"#
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hostile.har");
    fs::write(&file, recording).unwrap();
    for format in ["human", "json"] {
        let output = Command::new(env!("CARGO_BIN_EXE_omnicors"))
            .args(["--color", "always", "har", "--all", "--format", format])
            .arg(&file)
            .output()
            .unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(text.contains("api.example"), "{format}: {text:?}");
        assert!(!text.contains("\u{1b}[2J"), "{format}: {text:?}");
        assert!(!text.contains('\u{202e}'), "{format}: {text:?}");
    }
}

/// Each text of a recording is a value as a whole: one style, or a line that looks like one of the report.
#[test]
fn a_recording_cannot_hide_text_or_add_lines() {
    for hostile in ["\u{1b}[8m", "\u{1b}[30m", "x\nReadable", "x\rReadable"] {
        let headers = |name: &str| {
            serde_json::json!([
                { "name": "Origin", "value": "https://app.example" },
                { "name": name, "value": hostile },
            ])
        };
        let entry = |method: &str, error: &str| {
            serde_json::json!({
                "_resourceType": "fetch",
                "request": { "method": method, "url": "https://api.example/", "headers": headers("x") },
                "response": {
                    "status": 200, "_error": error, "redirectURL": hostile,
                    "headers": headers(&format!("access-control-{hostile}")),
                },
            })
        };
        let recording = serde_json::json!({ "log": {
            "creator": { "name": hostile, "version": hostile },
            "entries": [
                entry(hostile, ""), entry("GET", "net::ERR_FAILED"), entry("GET", hostile), entry("GET", ""),
            ],
        }});
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hostile.har");
        fs::write(&file, recording.to_string()).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_omnicors"))
            .args(["--color", "always", "har", "--all"])
            .arg(&file)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("api.example"), "{text:?}");
        let escaped = hostile.escape_default().to_string();
        assert!(text.contains(&escaped), "{text:?}");
        for forged in ["\u{1b}[8m", "\u{1b}[30m", "\nReadable", "\r"] {
            assert!(!text.contains(forged), "{hostile:?}: {text:?}");
        }
    }
}

/// Libraries for event streams use `fetch()` with a method and headers, for which a browser sends a preflight. An `EventSource` has neither.
#[test]
fn an_event_stream_with_a_preflight_is_a_fetch() {
    let entry = |method: &str, fields: &[(&str, &str)], status: i32| {
        let headers = |fields: &[(&str, &str)]| -> Vec<Value> {
            let fields = fields.iter();
            fields
                .map(|(name, value)| serde_json::json!({ "name": name, "value": value }))
                .collect()
        };
        let page = [
            ("origin", "https://app.example"),
            ("sec-fetch-mode", "cors"),
        ];
        let allowed = [("access-control-allow-origin", "https://app.example")];
        serde_json::json!({
            "request": {
                "method": method,
                "url": "https://api.example/stream",
                "headers": headers(&[&page[..], fields].concat()),
            },
            "response": { "status": status, "headers": headers(&allowed) },
        })
    };
    let preflight = [
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type"),
    ];
    let post = [
        ("accept", "text/event-stream"),
        ("content-type", "application/json"),
    ];
    let recording = serde_json::json!({ "log": {
        "version": "1.2",
        "creator": { "name": "Playwright", "version": "1" },
        "pages": [],
        "entries": [entry("OPTIONS", &preflight, 204), entry("POST", &post, -1)],
    }});
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stream.har");
    fs::write(&file, recording.to_string()).unwrap();
    let (text, code) = run(&[file.to_str().unwrap()]);
    assert_eq!(code, 1, "{text}");
    let reason = "the preflight failed: add `content-type` to `Access-Control-Allow-Headers`";
    assert!(text.contains(reason), "{text}");
}

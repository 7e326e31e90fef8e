//! Which requests `probe` sends, and to which hosts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use http::{Request, Response};

use crate::command::{json, probe};
use crate::server::Running;

const PAGE: [&str; 2] = ["--origin", "https://app.example"];

fn allowing(_: &Request<Body>) -> Response<Body> {
    Response::builder()
        .header("access-control-allow-origin", "https://app.example")
        .header("access-control-allow-methods", "PUT")
        .body(Body::from("hello"))
        .unwrap()
}

#[test]
fn only_the_preflight_is_sent_if_only_it_was_asked_for() {
    let (server, requests) = Running::recording(allowing);
    let (code, report) = json(
        &[
            &[
                server.url("/").as_str(),
                "--method",
                "put",
                "--preflight-only",
            ],
            &PAGE[..],
        ]
        .concat(),
    );
    assert_eq!(
        (code, report["conclusion"].as_str().unwrap()),
        (0, "preflight-accepted")
    );
    assert_eq!(requests.lines(), ["OPTIONS / https://app.example"]);

    let (code, report) =
        json(&[&[server.url("/").as_str(), "--preflight-only"], &PAGE[..]].concat());
    assert_eq!(
        (code, report["conclusion"].as_str().unwrap()),
        (0, "no-preflight")
    );
    assert_eq!(requests.lines().len(), 1);
}

#[test]
fn a_denied_preflight_ends_the_probe() {
    let (server, requests) = Running::recording(|_| Response::new(Body::empty()));
    let (code, report) =
        json(&[&[server.url("/").as_str(), "--method", "DELETE"], &PAGE[..]].concat());
    assert_eq!(
        (code, report["conclusion"].as_str().unwrap()),
        (1, "blocked")
    );
    assert_eq!(requests.lines(), ["OPTIONS / https://app.example"]);
}

/// 192.0.2.1 is an address for documentation (<https://www.rfc-editor.org/rfc/rfc5737>): nothing can be sent to it.
#[test]
fn what_may_change_something_on_another_machine_needs_yes() {
    let remote = [
        "--resolve",
        "api.example:443:192.0.2.1",
        "--connect-timeout",
        "0.2",
        "--origin",
        "https://app.example",
    ];
    for arguments in [
        &["--method", "POST"][..],
        &["--method", "patch"],
        &["--audit"],
    ] {
        let arguments = [&["https://api.example/"], arguments, &remote[..]].concat();
        let output = probe(&arguments);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{message}");
        assert!(message.contains("Add `--yes` to send"), "{message}");

        // With it, or with the preflight alone, a connection is tried.
        let output = probe(&[&arguments[..], &["--yes"]].concat());
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{message}");
        assert!(message.contains("192.0.2.1:443"), "{message}");
    }
    for method in ["GET", "HEAD", "options"] {
        let output = probe(&[&["https://api.example/", "--method", method], &remote[..]].concat());
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains("192.0.2.1:443"), "{message}");
    }
}

#[test]
fn a_redirect_to_another_host_is_reported_and_followed_only_if_asked_for() {
    let (target, asked) = Running::recording(|_| {
        Response::builder()
            .header("access-control-allow-origin", "*")
            .body(Body::from("hello"))
            .unwrap()
    });
    // The same loopback under another name.
    let location = format!("http://other.localhost:{}/target", target.address.port());
    let (server, _) = Running::recording(move |_| {
        Response::builder()
            .status(302)
            .header("access-control-allow-origin", "*")
            .header("location", &location)
            .body(Body::empty())
            .unwrap()
    });
    let url = server.url("/");
    let arguments = [&[url.as_str()], &PAGE[..]].concat();
    let (code, report) = json(&arguments);
    assert_eq!(
        (code, report["conclusion"].as_str().unwrap()),
        (1, "unknown")
    );
    assert!(
        report["stopped"]
            .as_str()
            .unwrap()
            .contains("http://other.localhost:"),
        "{report:#}"
    );
    assert_eq!(asked.lines().len(), 0);

    let (code, report) = json(&[&arguments[..], &["--follow-hosts"]].concat());
    assert_eq!(
        (code, report["conclusion"].as_str().unwrap()),
        (0, "readable"),
        "{report:#}"
    );
    assert_eq!(
        asked.lines(),
        ["GET /target null"],
        "after a redirect between origins, browsers send `null`"
    );
}

/// Responds with a redirect to a URL, which keeps the method.
fn redirecting(location: &'static str) -> Running {
    let respond = move |request: &Request<Body>| {
        let response = Response::builder()
            .header("access-control-allow-origin", "https://app.example")
            .header("access-control-allow-methods", "PUT");
        if request.method() == http::Method::OPTIONS {
            return response.body(Body::empty()).unwrap();
        }
        let response = response.status(307).header("location", location);
        response.body(Body::empty()).unwrap()
    };
    Running::recording(respond).0
}

/// A server of the user's own must not be able to send a change to another machine.
#[test]
fn a_redirect_sends_nothing_that_may_change_something_to_another_machine_without_yes() {
    let server = redirecting("https://other.example/items");
    let url = server.url("/");
    let arguments = [
        &[
            url.as_str(),
            "--method",
            "POST",
            "--follow-hosts",
            "--resolve",
            "other.example:443:192.0.2.1",
            "--connect-timeout",
            "0.2",
        ],
        &PAGE[..],
    ]
    .concat();
    let (code, report) = json(&arguments);
    assert_eq!(
        (code, report["conclusion"].as_str().unwrap()),
        (1, "unknown"),
        "{report:#}"
    );
    let stopped = report["stopped"].as_str().unwrap();
    assert!(
        stopped.contains("POST https://other.example/items"),
        "{stopped}"
    );
    assert!(stopped.contains("Add `--yes` to send it"), "{stopped}");
    assert_eq!(report["exchanges"].as_array().unwrap().len(), 1);

    // With it, a connection is tried.
    let output = probe(&[&arguments[..], &["--yes"]].concat());
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{message}");
    assert!(message.contains("192.0.2.1:443"), "{message}");
}

/// The certificate of the server at the end of a redirect matters as much as that of the first one.
#[test]
fn a_redirect_to_another_machine_with_insecure_gets_the_warning() {
    let server = redirecting("https://other.example/");
    let url = server.url("/");
    let output = probe(
        &[
            &[
                url.as_str(),
                "--insecure",
                "--follow-hosts",
                "--resolve",
                "other.example:443:192.0.2.1",
                "--connect-timeout",
                "0.2",
            ],
            &PAGE[..],
        ]
        .concat(),
    );
    let message = String::from_utf8(output.stderr).unwrap();
    let warnings = message
        .matches("warning: `--insecure` does not check")
        .count();
    assert_eq!(warnings, 1, "{message}");

    let (server, _) = Running::recording(allowing);
    let output = probe(&[&[server.url("/").as_str(), "--insecure"], &PAGE[..]].concat());
    assert!(output.stderr.is_empty(), "loopback needs no warning");
}

#[test]
fn a_redirect_on_the_same_host_is_followed() {
    let (server, requests) = Running::recording(|request| {
        let builder = Response::builder().header("access-control-allow-origin", "*");
        if request.uri().path() == "/" {
            return builder
                .status(307)
                .header("location", "/next")
                .body(Body::empty())
                .unwrap();
        }
        builder.body(Body::from("hello")).unwrap()
    });
    let (code, report) = json(&[&[server.url("/").as_str()], &PAGE[..]].concat());
    assert_eq!(
        (code, report["conclusion"].as_str().unwrap()),
        (0, "readable")
    );
    assert_eq!(
        requests.lines(),
        ["GET / https://app.example", "GET /next https://app.example"]
    );
}

#[test]
fn secrets_are_sent_and_not_shown() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let (server, _) = Running::recording(move |request| {
        let has = |name: &str| {
            request
                .headers()
                .get(name)
                .is_some_and(|value| value.to_str().unwrap().contains("SECRET"))
        };
        if has("cookie") && has("authorization") {
            counted.fetch_add(1, Ordering::Relaxed);
        }
        Response::builder()
            .header("access-control-allow-origin", "https://app.example")
            .header("access-control-allow-credentials", "true")
            .header("access-control-allow-headers", "authorization")
            .header("set-cookie", "session=SECRET; HttpOnly")
            .header("set-cookie", "SECRET; Path=/")
            .header("set-cookie", "SECRET")
            .body(Body::empty())
            .unwrap()
    });
    let url = server.url("/");
    let arguments = [
        &[
            url.as_str(),
            "--credentials",
            "--cookies",
            "a=SECRET",
            "--header",
            "authorization: Bearer SECRET",
        ],
        &PAGE[..],
    ]
    .concat();
    for format in [&["--verbose"][..], &["--format", "json"]] {
        let output = probe(&[&arguments[..], format].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{text}");
        assert!(!text.contains("SECRET"), "{text}");
        assert!(
            text.contains("(hidden)") && text.contains("session=(hidden)"),
            "{text}"
        );
    }
    assert_eq!(
        count.load(Ordering::Relaxed),
        2,
        "the preflights have neither"
    );
}

#[test]
fn a_port_at_which_nothing_listens_gets_a_message() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let output = probe(&[
        &format!("http://{address}/"),
        "--origin",
        "https://app.example",
    ]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{message}");
    assert!(
        message.contains(&format!(
            "nothing listens at {address}: start the server, or check the port"
        )),
        "{message}"
    );
}

#[test]
fn a_name_without_an_address_gets_a_message() {
    // No name below `invalid` has an address: https://www.rfc-editor.org/rfc/rfc6761#section-6.4
    let output = probe(&["http://api.invalid/", "--origin", "http://localhost:3000"]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{message}");
    assert!(
        message.contains("the address of `api.invalid` is not known"),
        "{message}"
    );
    assert!(
        message.contains("`--resolve api.invalid:80:127.0.0.1`"),
        "{message}"
    );
}

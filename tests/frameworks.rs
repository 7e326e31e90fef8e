//! Responses of realistic applications in each framework: errors, 404, 405, panics, streams, authentication and the
//! application's own fields. Every response has the same CORS fields in every framework.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "frameworks/checks.rs"]
mod checks;
#[path = "frameworks/several.rs"]
mod several;
#[path = "frameworks/targets.rs"]
mod targets;

use std::io::ErrorKind;

use omnicors_core::{Guard, PolicyConfig};
use omnicors_tests::cases::Outcome;
use omnicors_tests::client::Connection;
use omnicors_tests::frameworks::{self, Framework, Policies, Started, built};

use checks::CHECKS;
use checks::Expected::{self, NoResponse, Response, Stream};

const ALLOWED: &str = "https://allowed.test";
const DENIED: &str = "https://denied.test";

fn config() -> PolicyConfig {
    PolicyConfig::new()
        .allow_origins([ALLOWED])
        .allow_methods(["PUT"])
        .allow_headers(["x-asked"])
        .expose_headers(["x-own"])
        .allow_credentials(true)
}

/// The CORS fields of a response to an allowed page.
const ALLOWED_FIELDS: [&str; 3] = [
    "access-control-allow-credentials: true",
    "access-control-allow-origin: https://allowed.test",
    "access-control-expose-headers: x-own",
];

const PREFLIGHT_FIELDS: [&str; 5] = [
    "access-control-allow-credentials: true",
    "access-control-allow-headers: x-asked",
    "access-control-allow-methods: GET, HEAD, POST, PUT",
    "access-control-allow-origin: https://allowed.test",
    "access-control-max-age: 600",
];

#[test]
fn every_response_has_the_same_cors_fields_in_every_framework() {
    let all = frameworks::all();
    let names: Vec<_> = all.iter().map(|framework| framework.name()).collect();
    for (name, _, reason) in CHECKS.iter().flat_map(|check| check.exceptions) {
        assert!(names.contains(name), "unknown framework {name}: {reason}");
    }
    let mut counts = Vec::new();
    let mut differences = Vec::new();
    for framework in &all {
        let mut suite = Suite::new(&**framework);
        suite.check_responses();
        suite.check_application_fields();
        suite.check_preflights();
        suite.check_same_origin_pages();
        counts.push(suite.checks);
        differences.extend(suite.differences);
    }
    for difference in &differences {
        println!("{difference}\n");
    }
    assert!(
        counts.iter().all(|count| *count == counts[0]),
        "the frameworks ran different checks: {counts:?}"
    );
    println!(
        "frameworks: {} checks x {} servers, {} differences",
        counts[0],
        all.len(),
        differences.len()
    );
    assert!(differences.is_empty(), "{} differences", differences.len());
}

/// The checks of one framework.
struct Suite {
    name: &'static str,
    started: Started,
    /// The same application with a policy that rejects denied origins.
    rejecting: Started,
    checks: usize,
    differences: Vec<String>,
}

impl Suite {
    fn new(framework: &dyn Framework) -> Self {
        let start = |config: PolicyConfig| framework.start(Policies::Replaceable(built(config)));
        Self {
            name: framework.name(),
            started: start(config()),
            rejecting: start(config().guard(Guard::All)),
            checks: 0,
            differences: Vec::new(),
        }
    }

    fn check_responses(&mut self) {
        for check in &CHECKS {
            let exception = check
                .exceptions
                .iter()
                .find(|exception| exception.0 == self.name);
            let expected = exception.map_or(check.expected, |(_, expected, reason)| {
                println!("{}: {}: {reason}", self.name, check.name);
                *expected
            });
            for (origin, fields) in [
                (Some(ALLOWED), &ALLOWED_FIELDS[..]),
                (Some(DENIED), &[]),
                (None, &[]),
            ] {
                let mut request = check.fields.to_vec();
                request.extend(origin.map(|origin| ("Origin", origin)));
                let got = ask(&self.started, check.method, check.path, &request, expected);
                self.compare(
                    &format!("{} ({})", check.name, origin.unwrap_or("without an origin")),
                    &got,
                    &wanted(expected, fields, &["origin"]),
                );
            }
        }
    }

    /// `Vary` is merged, and the application's CORS fields are replaced.
    fn check_application_fields(&mut self) {
        let expected = Response(200, Some("hello"));
        for (origin, fields) in [
            (&[("Origin", ALLOWED)][..], &ALLOWED_FIELDS[..]),
            (&[("Origin", DENIED)], &[]),
            (&[], &[]),
        ] {
            let got = ask(&self.started, "GET", "/vary", origin, expected);
            let vary = ["accept-encoding", "origin"];
            self.compare(
                "a Vary of the application",
                &got,
                &wanted(expected, fields, &vary),
            );

            let got = ask(&self.started, "GET", "/own-headers", origin, expected);
            let name = "CORS fields of the application";
            self.compare(name, &got, &wanted(expected, fields, &["origin"]));
            let own = got.map(|got| got.own);
            self.expect_equal(
                "a field other than CORS is kept",
                &own,
                &Ok(vec!["stays".to_owned()]),
            );
        }
    }

    /// Preflights get the same response, whatever route and method they ask for.
    fn check_preflights(&mut self) {
        for path in [
            "/",
            "/missing",
            "/form",
            "/panic",
            "/options",
            "/private",
            "/own-headers",
        ] {
            for (origin, status, fields) in
                [(ALLOWED, 204, &PREFLIGHT_FIELDS[..]), (DENIED, 403, &[])]
            {
                let request = [("Origin", origin), ("Access-Control-Request-Method", "PUT")];
                let response = Response(status, Some(""));
                let got = ask(&self.started, "OPTIONS", path, &request, response);
                let mut expected = wanted(response, fields, &["origin"]);
                expected.outcome.ran = false;
                self.compare(
                    &format!("a preflight to {path} ({origin})"),
                    &got,
                    &expected,
                );
            }
        }
    }

    /// Same-origin pages send an `Origin` with a POST; the policy need not list their origin.
    fn check_same_origin_pages(&mut self) {
        for (name, request, is_rejected) in [
            (
                "recognized by Host",
                &[("Host", "denied.test"), ("Origin", DENIED)][..],
                false,
            ),
            (
                "by Sec-Fetch-Site",
                &[("Origin", DENIED), ("Sec-Fetch-Site", "same-origin")],
                false,
            ),
            (
                "of another site",
                &[("Origin", DENIED), ("Sec-Fetch-Site", "cross-site")],
                true,
            ),
            ("of another host", &[("Origin", DENIED)], true),
            ("none's", &[], false),
        ] {
            let status = if is_rejected { 403 } else { 200 };
            let body = if is_rejected { "" } else { "posted" };
            let expected = Response(status, Some(body));
            let got = ask(&self.rejecting, "POST", "/form", request, expected);
            // A cache must not send the 403 to a same-origin page.
            let no_store: &[&str] = if is_rejected {
                &["cache-control: no-store"]
            } else {
                &[]
            };
            let mut wanted = wanted(expected, no_store, &["origin"]);
            wanted.outcome.ran = !is_rejected;
            self.compare(&format!("a same-origin page, {name}"), &got, &wanted);
        }
    }

    fn compare(&mut self, name: &str, got: &Result<Received, String>, wanted: &Received) {
        let got = got.as_ref().map(|got| got.outcome.clone());
        self.expect_equal(
            name,
            &got.map_err(Clone::clone),
            &Ok(wanted.outcome.clone()),
        );
    }

    fn expect_equal<T: PartialEq + std::fmt::Debug>(
        &mut self,
        name: &str,
        got: &Result<T, String>,
        expected: &Result<T, String>,
    ) {
        self.checks += 1;
        if got != expected {
            let name = format!("{}: {name}", self.name);
            self.differences.push(format!(
                "{name}\n  expected: {expected:?}\n  got:      {got:?}"
            ));
        }
    }
}

/// The compared parts of a response.
struct Received {
    outcome: Outcome,
    /// The values of `X-Own`.
    own: Vec<String>,
}

fn wanted(expected: Expected, fields: &[&str], vary: &[&str]) -> Received {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let (status, body) = match expected {
        Response(status, body) => (status, body),
        Stream(status, body) => (status, Some(body)),
        NoResponse => (0, None),
    };
    let has_response = status != 0;
    Received {
        outcome: Outcome {
            status,
            ran: true,
            body: body.unwrap_or_default().to_owned(),
            fields: if has_response {
                owned(fields)
            } else {
                Vec::new()
            },
            vary: if has_response {
                owned(vary)
            } else {
                Vec::new()
            },
        },
        own: Vec::new(),
    }
}

/// Sends a request on a new connection; ignores the body if `expected` does not state it.
fn ask(
    started: &Started,
    method: &str,
    path: &str,
    fields: &[(&str, &str)],
    expected: Expected,
) -> Result<Received, String> {
    let mut request = fields.to_vec();
    if !fields.iter().any(|field| field.0 == "Host") {
        request.insert(0, ("Host", "api.test"));
    }
    let open = || Connection::open(started.address()).map_err(|error| error.to_string());
    let mut others = Vec::new();
    if let NoResponse = expected {
        for _ in 0..OTHER_CONNECTIONS {
            let mut other = open()?;
            expect_served(&mut other)?;
            others.push(other);
        }
    }
    started.take_runs();
    let mut connection = open()?;
    let response = if let Stream(_, first) = expected {
        connection
            .send_request(method, path, &request)
            .and_then(|()| connection.receive_until(first.as_bytes()))
    } else {
        connection.ask(method, path, &request)
    };
    let runs = started.take_runs();
    let mut outcome = match (response, expected) {
        (Ok(response), _) => {
            let own = response
                .values("x-own")
                .map(|value| value.escape_ascii().to_string());
            let own = own.collect();
            Ok(Received {
                outcome: Outcome::of(&response),
                own,
            })
        }
        (Err(error), NoResponse) if is_closed(error.kind()) => {
            // Connections that were opened before and after the panic still work.
            others.push(open()?);
            others.iter_mut().try_for_each(expect_served)?;
            Ok(wanted(NoResponse, &[], &[]))
        }
        (Err(error), _) => Err(error.to_string()),
    }?;
    outcome.outcome.ran = runs > 0;
    match expected {
        Response(_, None) => outcome.outcome.body.clear(),
        Stream(_, first) => first.clone_into(&mut outcome.outcome.body),
        Response(..) | NoResponse => {}
    }
    Ok(outcome)
}

/// The number of other open connections while one ends: one on each thread of a server.
const OTHER_CONNECTIONS: usize = 2;

fn expect_served(other: &mut Connection) -> Result<(), String> {
    match other.ask("GET", "/", &[("Host", "api.test")]) {
        Ok(response) if response.status == 200 => Ok(()),
        Ok(response) => Err(format!(
            "another connection gets status {}",
            response.status
        )),
        Err(error) => Err(format!("another connection: {error}")),
    }
}

fn is_closed(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset)
}

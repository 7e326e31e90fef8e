//! What can become of a request in each framework, as one writes for it: errors, 404, 405, panics, streams, logins and the
//! application's own lines. Every response that leaves is the same, as far as CORS has a say in it.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "to panic is how a test fails"
)]

#[path = "frameworks/checks.rs"]
mod checks;

use std::io::ErrorKind;

use omnicors_core::PolicyConfig;
use omnicors_tests::cases::Outcome;
use omnicors_tests::client::Connection;
use omnicors_tests::frameworks::{self, Framework, Policies, Started, built};

use checks::CHECKS;
use checks::Expected::{self, Nothing, Response, Stream};

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

/// What a response to a page that is allowed carries.
const ALLOWED_LINES: [&str; 3] = [
    "access-control-allow-credentials: true",
    "access-control-allow-origin: https://allowed.test",
    "access-control-expose-headers: x-own",
];

const PREFLIGHT_LINES: [&str; 5] = [
    "access-control-allow-credentials: true",
    "access-control-allow-headers: x-asked",
    "access-control-allow-methods: GET, HEAD, POST, PUT",
    "access-control-allow-origin: https://allowed.test",
    "access-control-max-age: 600",
];

#[test]
fn whatever_becomes_of_a_request_the_response_carries_the_same_lines_in_every_framework() {
    let all = frameworks::all();
    let names: Vec<_> = all.iter().map(|framework| framework.name()).collect();
    for (name, _, reason) in CHECKS.iter().flat_map(|check| check.instead) {
        assert!(names.contains(name), "there is no {name}: {reason}");
    }
    let mut asked = Vec::new();
    let mut differences = Vec::new();
    for framework in &all {
        let mut suite = Suite::new(&**framework);
        suite.whatever_becomes_of_a_request();
        suite.what_the_application_says_itself();
        suite.preflights();
        suite.pages_of_the_servers_own();
        asked.push(suite.asked);
        differences.extend(suite.differences);
    }
    for difference in &differences {
        println!("{difference}\n");
    }
    assert!(
        asked.iter().all(|count| *count == asked[0]),
        "not all have been asked the same: {asked:?}"
    );
    println!(
        "frameworks: {} checks x {} servers, {} differences",
        asked[0],
        all.len(),
        differences.len()
    );
    assert!(differences.is_empty(), "{} differences", differences.len());
}

/// What one framework is asked.
struct Suite {
    name: &'static str,
    started: Started,
    /// The same, with a policy that refuses.
    refusing: Started,
    asked: usize,
    differences: Vec<String>,
}

impl Suite {
    fn new(framework: &dyn Framework) -> Self {
        let start = |config: PolicyConfig| framework.start(Policies::Replaceable(built(config)));
        Self {
            name: framework.name(),
            started: start(config()),
            refusing: start(config().refuse_disallowed_origins(true)),
            asked: 0,
            differences: Vec::new(),
        }
    }

    fn whatever_becomes_of_a_request(&mut self) {
        for check in &CHECKS {
            let instead = check.instead.iter().find(|instead| instead.0 == self.name);
            let expected = instead.map_or(check.expected, |(_, expected, reason)| {
                println!("{}: {}: {reason}", self.name, check.name);
                *expected
            });
            for (origin, lines) in [
                (Some(ALLOWED), &ALLOWED_LINES[..]),
                (Some(DENIED), &[]),
                (None, &[]),
            ] {
                let mut request = check.lines.to_vec();
                request.extend(origin.map(|origin| ("Origin", origin)));
                let got = ask(&self.started, check.method, check.path, &request, expected);
                self.compare(
                    &format!("{} ({})", check.name, origin.unwrap_or("without an origin")),
                    &got,
                    &wanted(expected, lines, &["origin"]),
                );
            }
        }
    }

    /// Its `Vary` is kept, and its CORS lines are replaced.
    fn what_the_application_says_itself(&mut self) {
        let expected = Response(200, Some("hello"));
        for (origin, lines) in [
            (&[("Origin", ALLOWED)][..], &ALLOWED_LINES[..]),
            (&[("Origin", DENIED)], &[]),
            (&[], &[]),
        ] {
            let got = ask(&self.started, "GET", "/vary", origin, expected);
            let vary = ["accept-encoding", "origin"];
            self.compare(
                "a Vary of the application's",
                &got,
                &wanted(expected, lines, &vary),
            );

            let got = ask(&self.started, "GET", "/own-lines", origin, expected);
            let name = "CORS lines of the application's";
            self.compare(name, &got, &wanted(expected, lines, &["origin"]));
            let own = got.map(|got| got.own);
            self.same(
                "what is no CORS line stays",
                &own,
                &Ok(vec!["stays".to_owned()]),
            );
        }
    }

    /// Whatever is there, and whatever it asks for.
    fn preflights(&mut self) {
        for path in [
            "/",
            "/missing",
            "/form",
            "/panic",
            "/options",
            "/private",
            "/own-lines",
        ] {
            for (origin, status, lines) in
                [(ALLOWED, 204, &PREFLIGHT_LINES[..]), (DENIED, 403, &[])]
            {
                let request = [("Origin", origin), ("Access-Control-Request-Method", "PUT")];
                let answered = Response(status, Some(""));
                let got = ask(&self.started, "OPTIONS", path, &request, answered);
                let mut expected = wanted(answered, lines, &["origin"]);
                expected.outcome.ran = false;
                self.compare(
                    &format!("a preflight to {path} ({origin})"),
                    &got,
                    &expected,
                );
            }
        }
    }

    /// They send an `Origin` with a POST, which no list of other sites' origins need have.
    fn pages_of_the_servers_own(&mut self) {
        for (name, request, is_refused) in [
            (
                "by its Host",
                &[("Host", "denied.test"), ("Origin", DENIED)][..],
                false,
            ),
            (
                "by Sec-Fetch-Site",
                &[("Origin", DENIED), ("Sec-Fetch-Site", "same-origin")],
                false,
            ),
            (
                "another site's",
                &[("Origin", DENIED), ("Sec-Fetch-Site", "cross-site")],
                true,
            ),
            ("another host's", &[("Origin", DENIED)], true),
            ("none's", &[], false),
        ] {
            let status = if is_refused { 403 } else { 200 };
            let body = if is_refused { "" } else { "posted" };
            let expected = Response(status, Some(body));
            let got = ask(&self.refusing, "POST", "/form", request, expected);
            // A cache must not give the 403 to the site's own page.
            let no_store: &[&str] = if is_refused {
                &["cache-control: no-store"]
            } else {
                &[]
            };
            let mut wanted = wanted(expected, no_store, &["origin"]);
            wanted.outcome.ran = !is_refused;
            self.compare(
                &format!("a page of the server's own, {name}"),
                &got,
                &wanted,
            );
        }
    }

    fn compare(&mut self, name: &str, got: &Result<Got, String>, wanted: &Got) {
        let got = got.as_ref().map(|got| got.outcome.clone());
        self.same(
            name,
            &got.map_err(Clone::clone),
            &Ok(wanted.outcome.clone()),
        );
    }

    fn same<T: PartialEq + std::fmt::Debug>(
        &mut self,
        name: &str,
        got: &Result<T, String>,
        expected: &Result<T, String>,
    ) {
        self.asked += 1;
        if got != expected {
            let name = format!("{}: {name}", self.name);
            self.differences.push(format!(
                "{name}\n  expected: {expected:?}\n  got:      {got:?}"
            ));
        }
    }
}

/// What has come back, as far as it is looked at.
struct Got {
    outcome: Outcome,
    /// The values of `X-Own`.
    own: Vec<String>,
}

fn wanted(expected: Expected, lines: &[&str], vary: &[&str]) -> Got {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let (status, body) = match expected {
        Response(status, body) => (status, body),
        Stream(status, body) => (status, Some(body)),
        Nothing => (0, None),
    };
    let has_response = status != 0;
    Got {
        outcome: Outcome {
            status,
            ran: true,
            body: body.unwrap_or_default().to_owned(),
            lines: if has_response {
                owned(lines)
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

/// Asks on a connection of its own; a body that `expected` does not speak of is left out.
fn ask(
    started: &Started,
    method: &str,
    path: &str,
    lines: &[(&str, &str)],
    expected: Expected,
) -> Result<Got, String> {
    let mut request = lines.to_vec();
    if !lines.iter().any(|line| line.0 == "Host") {
        request.insert(0, ("Host", "api.test"));
    }
    let open = || Connection::open(started.address()).map_err(|error| error.to_string());
    let mut others = Vec::new();
    if let Nothing = expected {
        for _ in 0..OTHERS {
            let mut other = open()?;
            is_served(&mut other)?;
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
            Ok(Got {
                outcome: Outcome::of(&response),
                own,
            })
        }
        (Err(error), Nothing) if has_ended(error.kind()) => {
            // Nobody else feels it, before or after.
            others.push(open()?);
            others.iter_mut().try_for_each(is_served)?;
            Ok(wanted(Nothing, &[], &[]))
        }
        (Err(error), _) => Err(error.to_string()),
    }?;
    outcome.outcome.ran = runs > 0;
    match expected {
        Response(_, None) => outcome.outcome.body.clear(),
        Stream(_, first) => first.clone_into(&mut outcome.outcome.body),
        Response(..) | Nothing => {}
    }
    Ok(outcome)
}

/// Connections that are open while another one ends: one on each thread of a server's.
const OTHERS: usize = 2;

fn is_served(other: &mut Connection) -> Result<(), String> {
    match other.ask("GET", "/", &[("Host", "api.test")]) {
        Ok(response) if response.status == 200 => Ok(()),
        Ok(response) => Err(format!("another connection gets {}", response.status)),
        Err(error) => Err(format!("another connection: {error}")),
    }
}

fn has_ended(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset)
}

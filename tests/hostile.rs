//! Hostile requests over a raw socket to every server. Each must get a response or a closed connection in time, without a
//! panic or an echo, and must not affect another client of the same server.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "hostile/requests.rs"]
mod requests;

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use omnicors_core::{Policy, PolicyConfig};
use omnicors_tests::cases::{self, Case, Outcome};
use omnicors_tests::client::{self, Connection, Response};
use omnicors_tests::frameworks::{self, Framework, Policies, built};
use omnicors_tests::progress::Progress;

use requests::{HostileRequest, Kind};

/// The number of panics in all threads. A server may catch and hide a panic.
static PANICS: AtomicUsize = AtomicUsize::new(0);

#[test]
fn hostile_requests_cause_no_panic_hang_or_echo_and_do_not_affect_other_clients() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        before(info);
    }));
    let all = frameworks::all();
    let groups = groups();
    let count: usize = groups.iter().map(|(_, requests)| requests.len()).sum();
    let mut found = Report::default();
    for framework in &all {
        for (policy, requests) in &groups {
            found.send_all(&**framework, policy, requests);
        }
    }
    // Includes panics after a server was dropped.
    let panics = PANICS.load(Ordering::SeqCst);
    for fault in &found.faults {
        println!("{fault}\n");
    }
    println!(
        "hostile: {count} requests x {} servers, {} panics, {} hangs, {} echoes",
        all.len(),
        panics,
        found.hangs,
        found.echoes
    );
    let faults = found.faults.len();
    assert_eq!((faults, panics), (0, 0), "(faults, panics)");
}

/// Returns the requests, grouped by the policy of the server.
fn groups() -> Vec<(Policy, Vec<HostileRequest>)> {
    let table = cases::load();
    let mut by_policy: BTreeMap<&str, Vec<HostileRequest>> = BTreeMap::new();
    for case in &table.cases {
        if case.file == "hostile-origins" || case.is_hard_to_carry() {
            by_policy
                .entry(&case.policy)
                .or_default()
                .push(of_table(case));
        }
    }
    let mut groups: Vec<_> = by_policy
        .into_iter()
        .map(|(name, requests)| (table.policies[name].clone(), requests))
        .collect();
    // A policy that echoes everything it can.
    let echoing = PolicyConfig::new()
        .allow_origins(["https://example.com", "https://*.example.com"])
        .allow_methods(["*"])
        .allow_headers(["*"])
        .allow_credentials(true);
    groups.push((built(echoing), requests::all()));
    groups
}

/// Returns a case of the table with all its bytes, even if HTTP parsers reject them.
fn of_table(case: &Case) -> HostileRequest {
    // An allowed value may be echoed, and a word of a few letters may be in a response by chance.
    let is_denied = |value: &&[u8]| {
        let allowed = case
            .expected
            .fields
            .iter()
            .any(|field| contains(field.as_bytes(), value));
        // Parsers remove the space around a value.
        value.len() > 8 && value.trim_ascii() == *value && !allowed
    };
    let fields = case.request.fields.iter();
    let fields = fields.map(|(name, value)| (name.as_str(), value.as_slice()));
    let values = fields.clone().filter(|(name, _)| {
        let name = name.to_ascii_lowercase();
        name == "origin" || name.starts_with("access-control-request-")
    });
    HostileRequest {
        name: case.name.clone(),
        bytes: client::head(&case.request.method, "/", fields),
        kind: Kind::Complete,
        marks: values
            .map(|(_, value)| value)
            .filter(is_denied)
            .map(<[u8]>::to_ascii_lowercase)
            .collect(),
    }
}

/// The problems that were found.
#[derive(Default)]
struct Report {
    hangs: usize,
    echoes: usize,
    /// All problems, as text.
    faults: Vec<String>,
}

impl Report {
    /// Sends the requests to a server with this policy, each on a new connection, while a well-behaved client uses it too.
    fn send_all(
        &mut self,
        framework: &dyn Framework,
        policy: &Policy,
        requests: &[HostileRequest],
    ) {
        let policies = Policies::ByPath([policy.clone(), built(good_config())]);
        let started = framework.start(policies);
        let good = Progress::new();
        thread::scope(|scope| {
            let over = good.finish_when_dropped();
            let client = scope.spawn(|| send_good_requests(started.address(), &good));
            for request in requests {
                let name = format!("{}: {}", framework.name(), request.name);
                let panics = PANICS.load(Ordering::SeqCst);
                if let Err(fault) = self.send(started.address(), request, &good) {
                    self.faults.push(format!("{name}: {fault}"));
                }
                if PANICS.load(Ordering::SeqCst) > panics {
                    self.faults.push(format!("{name}: a panic"));
                }
                if good.is_finished() {
                    break;
                }
            }
            drop(over);
            if let Err(error) = client.join().unwrap() {
                let name = framework.name();
                self.faults
                    .push(format!("{name}: the other client failed: {error}"));
            }
        });
    }

    fn send(
        &mut self,
        address: SocketAddr,
        request: &HostileRequest,
        good: &Progress,
    ) -> Result<(), String> {
        let connected = Connection::open(address);
        let mut connection = connected.map_err(|error| error.to_string())?;
        // A server may respond and close before it has read everything.
        let _ = connection.send(&request.bytes);
        // The other client must get a response while this connection is open.
        good.wait_for(1);
        if request.kind != Kind::Complete {
            connection.finish();
        }
        if request.kind == Kind::Http2 {
            return self.check_all(connection.receive_all(), request);
        }
        loop {
            match connection.receive(false) {
                Ok(Some(response)) => self.check_response(&response, request)?,
                Ok(None) => return Ok(()),
                Err(error) => return self.check_end(&error),
            }
            // The server has responded, so the client closes its side.
            connection.finish();
        }
    }

    fn check_end(&mut self, error: &io::Error) -> Result<(), String> {
        match error.kind() {
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
                Ok(())
            }
            ErrorKind::TimedOut | ErrorKind::WouldBlock => {
                self.hangs += 1;
                Err("timeout".to_owned())
            }
            _ => Err(error.to_string()),
        }
    }

    fn check_all(
        &mut self,
        all: io::Result<Vec<u8>>,
        request: &HostileRequest,
    ) -> Result<(), String> {
        match all {
            Ok(all) => self.find_echo(&all, request),
            Err(error) => self.check_end(&error),
        }
    }

    fn find_echo(&mut self, bytes: &[u8], request: &HostileRequest) -> Result<(), String> {
        match request.marks.iter().find(|mark| contains(bytes, mark)) {
            None => Ok(()),
            Some(mark) => {
                self.echoes += 1;
                let mark = mark.escape_ascii();
                Err(format!("echoes {mark}: {}", bytes.escape_ascii()))
            }
        }
    }

    fn check_response(
        &mut self,
        response: &Response,
        request: &HostileRequest,
    ) -> Result<(), String> {
        for (name, value) in &response.fields {
            self.find_echo(&[name.as_bytes(), b": ", value].concat(), request)?;
        }
        match response.status {
            // 501 and 505 are proper rejections; other 5xx statuses are errors of the server.
            100..=499 | 501 | 505 => Ok(()),
            status => Err(format!("gets status {status}")),
        }
    }
}

fn good_config() -> PolicyConfig {
    PolicyConfig::new()
        .allow_origins(["https://good.test"])
        .allow_methods(["PUT"])
        .allow_credentials(true)
}

/// Sends valid requests to the same server on a persistent connection until the work is finished, and compares all
/// responses.
fn send_good_requests(address: SocketAddr, progress: &Progress) -> Result<(), String> {
    let _over = progress.finish_when_dropped();
    let origin = ("Origin", "https://good.test");
    let host = ("Host", "api.test");
    let request_method = ("Access-Control-Request-Method", "PUT");
    let expected = |status, body: &str, fields: &[&str]| Outcome {
        status,
        ran: false,
        body: body.to_owned(),
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        vary: vec!["origin".to_owned()],
    };
    let actual = [
        "access-control-allow-credentials: true",
        "access-control-allow-origin: https://good.test",
    ];
    let preflight = [
        "access-control-allow-credentials: true",
        "access-control-allow-methods: GET, HEAD, POST, PUT",
        "access-control-allow-origin: https://good.test",
        "access-control-max-age: 600",
    ];
    let connected = Connection::open(address);
    let mut connection = connected.map_err(|error| error.to_string())?;
    while !progress.is_finished() {
        for (method, fields, expected) in [
            ("GET", &[host, origin][..], expected(200, "hello", &actual)),
            (
                "OPTIONS",
                &[host, origin, request_method],
                expected(204, "", &preflight),
            ),
        ] {
            let response = connection.ask(method, "/other", fields);
            let got = Outcome::of(&response.map_err(|error| error.to_string())?);
            if got != expected {
                return Err(format!("expected: {expected}\n  got:      {got}"));
            }
        }
        progress.add();
    }
    Ok(())
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    let part = part.to_ascii_lowercase();
    let bytes = bytes.to_ascii_lowercase();
    bytes.windows(part.len()).any(|window| window == part)
}

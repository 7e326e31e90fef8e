//! What a stranger may send, over a raw socket, to every server: an answer or a connection that ends, in time, without a panic,
//! and without an echo; while another client of the same server notices nothing.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "to panic is how a test fails"
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

use requests::{Hostile, Kind};

/// How many panics there have been, in whatever thread: a server may hide that it had one.
static PANICS: AtomicUsize = AtomicUsize::new(0);

#[test]
fn a_hostile_request_causes_no_panic_no_hang_no_echo_and_disturbs_nobody() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        before(info);
    }));
    let all = frameworks::all();
    let groups = groups();
    let count: usize = groups.iter().map(|(_, requests)| requests.len()).sum();
    let mut found = Found::default();
    for framework in &all {
        for (policy, requests) in &groups {
            found.send_all(&**framework, policy, requests);
        }
    }
    // Of a server that is gone as well.
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
    assert_eq!((faults, panics), (0, 0), "faults, and panics");
}

/// The requests, by the policy that they are sent to.
fn groups() -> Vec<(Policy, Vec<Hostile>)> {
    let table = cases::load();
    let mut by_policy: BTreeMap<&str, Vec<Hostile>> = BTreeMap::new();
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
    // Which echoes whatever can be.
    let echoing = PolicyConfig::new()
        .allow_origins(["https://example.com", "https://*.example.com"])
        .allow_methods(["*"])
        .allow_headers(["*"])
        .allow_credentials(true);
    groups.push((built(echoing), requests::all()));
    groups
}

/// A case of the table, with all its bytes, whether or not a parser lets them through.
fn of_table(case: &Case) -> Hostile {
    // What is allowed may come back; and a word of a few letters may stand in a response all the same.
    let is_denied = |value: &&[u8]| {
        let allowed = case
            .expected
            .lines
            .iter()
            .any(|line| contains(line.as_bytes(), value));
        // The space around a value is no part of it.
        value.len() > 8 && value.trim_ascii() == *value && !allowed
    };
    let lines = case.request.lines.iter();
    let lines = lines.map(|(name, value)| (name.as_str(), value.as_slice()));
    let asked = lines.clone().filter(|(name, _)| {
        let name = name.to_ascii_lowercase();
        name == "origin" || name.starts_with("access-control-request-")
    });
    Hostile {
        name: case.name.clone(),
        bytes: client::head(&case.request.method, "/", lines),
        kind: Kind::Whole,
        marks: asked
            .map(|(_, value)| value)
            .filter(is_denied)
            .map(<[u8]>::to_ascii_lowercase)
            .collect(),
    }
}

/// What has gone wrong.
#[derive(Default)]
struct Found {
    hangs: usize,
    echoes: usize,
    /// All of these, and what else there may be, as text.
    faults: Vec<String>,
}

impl Found {
    /// Sends these to a server with this policy, each on a connection of its own, beside a client that is no stranger.
    fn send_all(&mut self, framework: &dyn Framework, policy: &Policy, requests: &[Hostile]) {
        let policies = Policies::ByPath([policy.clone(), built(good_config())]);
        let started = framework.start(policies);
        let good = Progress::new();
        thread::scope(|scope| {
            let over = good.over_when_dropped();
            let client = scope.spawn(|| ask_well(started.address(), &good));
            for request in requests {
                let name = format!("{}: {}", framework.name(), request.name);
                let panics = PANICS.load(Ordering::SeqCst);
                if let Err(fault) = self.send(started.address(), request, &good) {
                    self.faults.push(format!("{name}: {fault}"));
                }
                if PANICS.load(Ordering::SeqCst) > panics {
                    self.faults.push(format!("{name}: something has panicked"));
                }
                if good.is_over() {
                    break;
                }
            }
            drop(over);
            if let Err(error) = client.join().unwrap() {
                let name = framework.name();
                self.faults
                    .push(format!("{name}: the other client is disturbed: {error}"));
            }
        });
    }

    fn send(
        &mut self,
        address: SocketAddr,
        request: &Hostile,
        good: &Progress,
    ) -> Result<(), String> {
        let connected = Connection::open(address);
        let mut connection = connected.map_err(|error| error.to_string())?;
        // A server may answer, and close, before it has read all.
        let _ = connection.send(&request.bytes);
        // While this one is open, and perhaps waited for.
        good.wait_for(1);
        if request.kind != Kind::Whole {
            connection.finish();
        }
        if request.kind == Kind::Http2 {
            return self.look_at_all(connection.receive_all(), request);
        }
        loop {
            match connection.receive(false) {
                Ok(Some(response)) => self.look_at(&response, request)?,
                Ok(None) => return Ok(()),
                Err(error) => return self.ended(&error),
            }
            // It has answered, so that it need not wait for more.
            connection.finish();
        }
    }

    fn ended(&mut self, error: &io::Error) -> Result<(), String> {
        match error.kind() {
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
                Ok(())
            }
            ErrorKind::TimedOut | ErrorKind::WouldBlock => {
                self.hangs += 1;
                Err("hangs".to_owned())
            }
            _ => Err(error.to_string()),
        }
    }

    fn look_at_all(&mut self, all: io::Result<Vec<u8>>, request: &Hostile) -> Result<(), String> {
        match all {
            Ok(all) => self.find_echo(&all, request),
            Err(error) => self.ended(&error),
        }
    }

    fn find_echo(&mut self, bytes: &[u8], request: &Hostile) -> Result<(), String> {
        match request.marks.iter().find(|mark| contains(bytes, mark)) {
            None => Ok(()),
            Some(mark) => {
                self.echoes += 1;
                let mark = mark.escape_ascii();
                Err(format!("echoes {mark}: {}", bytes.escape_ascii()))
            }
        }
    }

    fn look_at(&mut self, response: &Response, request: &Hostile) -> Result<(), String> {
        for (name, value) in &response.lines {
            self.find_echo(&[name.as_bytes(), b": ", value].concat(), request)?;
        }
        match response.status {
            // These two say that the server has understood well, and will not.
            100..=499 | 501 | 505 => Ok(()),
            status => Err(format!("is answered with {status}")),
        }
    }
}

fn good_config() -> PolicyConfig {
    PolicyConfig::new()
        .allow_origins(["https://good.test"])
        .allow_methods(["PUT"])
        .allow_credentials(true)
}

/// Another client of the same server, on a connection that is kept: asks the same again and again, until it is over, and
/// looks at all that comes.
fn ask_well(address: SocketAddr, answers: &Progress) -> Result<(), String> {
    let _over = answers.over_when_dropped();
    let origin = ("Origin", "https://good.test");
    let host = ("Host", "api.test");
    let method = ("Access-Control-Request-Method", "PUT");
    let expected = |status, body: &str, lines: &[&str]| Outcome {
        status,
        ran: false,
        body: body.to_owned(),
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
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
    while !answers.is_over() {
        for (asked, lines, expected) in [
            ("GET", &[host, origin][..], expected(200, "hello", &actual)),
            (
                "OPTIONS",
                &[host, origin, method],
                expected(204, "", &preflight),
            ),
        ] {
            let response = connection.ask(asked, "/other", lines);
            let got = Outcome::of(&response.map_err(|error| error.to_string())?);
            if got != expected {
                return Err(format!("expected: {expected}\n  got:      {got}"));
            }
        }
        answers.add();
    }
    Ok(())
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    let part = part.to_ascii_lowercase();
    let bytes = bytes.to_ascii_lowercase();
    bytes.windows(part.len()).any(|window| window == part)
}

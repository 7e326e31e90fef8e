//! Many requests from many origins, hostile ones among them, while policies are replaced, a candidate is compared, and events are
//! logged: no response is lost or wrong, and the memory does not grow.
//!
//! `OMNICORS_EFFORT` multiplies the number of requests: with 500, each framework gets 1,000,000.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use omnicors_core::{Guard, Policy, PolicyConfig};
use omnicors_tests::client::{Connection, Response};
use omnicors_tests::effort::{self, Random};
use omnicors_tests::frameworks::{self, Framework, Policies, built};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// The number of requests to each framework, times the effort.
const REQUESTS: usize = 2_000;

/// The number of concurrent connections.
const CONNECTIONS: usize = 4;

/// The number of origins. Every second one is listed by both policies.
const ORIGINS: usize = 1_000;

/// The number of requests after which a connection is replaced.
const PER_CONNECTION: usize = 500;

/// The greatest accepted growth of the resident memory after the first fifth of the requests, in bytes. Allocators keep some memory.
const MOST_GROWTH: i64 = 16 << 20;

/// Counts the events with the target of the adapters.
struct Counter {
    info: AtomicUsize,
    others: AtomicUsize,
}

static EVENTS: Counter = Counter {
    info: AtomicUsize::new(0),
    others: AtomicUsize::new(0),
};

struct Listener;

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "omnicors"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let is_info = *event.metadata().level() == Level::INFO;
        let counter = if is_info {
            &EVENTS.info
        } else {
            &EVENTS.others
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// An origin, and whether the policies list it.
fn origin(number: usize) -> (String, bool) {
    let is_listed = number.is_multiple_of(2);
    let origin = match number % 20 {
        // Hostile: long, malformed, opaque.
        1 => format!("https://{}.{number}.example", "x".repeat(2_000)),
        3 => format!("https://{number}.example/"),
        5 => "null".to_owned(),
        7 => format!("HTTPS://{number}.EXAMPLE"),
        _ => format!("https://{number}.example"),
    };
    (origin, is_listed)
}

/// Both policies list the same origins. They differ in what browsers may read.
fn policies() -> [Policy; 2] {
    let listed = || {
        let listed = (0..ORIGINS).map(origin).filter(|(_, is_listed)| *is_listed);
        PolicyConfig::new()
            .allow_origins(listed.map(|(origin, _)| origin))
            .allow_methods(["PUT"])
            .guard(Guard::UnsafeMethods)
    };
    [
        listed().expose_headers(["x-first"]),
        listed().expose_headers(["x-second"]),
    ]
    .map(built)
}

/// Every fourth origin.
fn candidate() -> Policy {
    let origins = (0..ORIGINS).step_by(4).map(|number| origin(number).0);
    built(PolicyConfig::new().allow_origins(origins))
}

#[test]
fn no_response_is_lost_or_wrong_and_memory_does_not_grow() {
    tracing::subscriber::set_global_default(Listener).unwrap();
    let times = usize::try_from(effort::times()).unwrap();
    for framework in frameworks::all() {
        soak(&*framework, REQUESTS * times);
    }
    let minutes = 1 + START.elapsed().as_secs() / 60;
    let info = EVENTS.info.load(Ordering::Relaxed);
    let most = usize::try_from(minutes).unwrap() * 11 + 11;
    assert!(info > 0 && info <= most, "{info} events at info");
    println!(
        "soak: {info} events at info, {} others",
        EVENTS.others.load(Ordering::Relaxed)
    );
}

static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);

fn soak(framework: &dyn Framework, count: usize) {
    let start = Instant::now();
    std::sync::LazyLock::force(&START);
    let name = framework.name();
    let [first, second] = policies();
    let started = framework.start(Policies::Replaceable(first.clone()));
    started.shadow(candidate());
    let next = AtomicUsize::new(0);
    let wrong: Mutex<Option<String>> = Mutex::new(None);
    let swaps = AtomicUsize::new(0);
    let mut warm = None;
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                scope.spawn(|| {
                    if let Err(error) = ask(started.address(), &next, count) {
                        *wrong.lock().unwrap() = Some(error);
                        next.store(count, Ordering::SeqCst);
                    }
                })
            })
            .collect();
        while !clients.iter().all(thread::ScopedJoinHandle::is_finished) {
            let swap = swaps.fetch_add(1, Ordering::Relaxed);
            started.replace(
                if swap.is_multiple_of(2) {
                    &second
                } else {
                    &first
                }
                .clone(),
            );
            if swap % 50 == 49 {
                let report = started.end_shadow();
                let origins = report.map_or(0, |report| report.origins().len());
                assert!(origins <= 100, "{name}");
                started.shadow(candidate());
            }
            if warm.is_none() && next.load(Ordering::SeqCst) >= count / 5 {
                warm = Some(resident_bytes());
            }
            thread::park_timeout(Duration::from_millis(5));
        }
    });
    if let Some(wrong) = wrong.lock().unwrap().take() {
        panic!("{name}: {wrong}");
    }
    let report = started.end_shadow();
    let after = resident_bytes();
    let growth = after - warm.unwrap_or(after);
    println!(
        "soak: {name}: {count} requests in {:.1} s, {} swaps, the last candidate differs in {}, memory {:+} MiB",
        start.elapsed().as_secs_f64(),
        swaps.load(Ordering::Relaxed),
        report.map_or(0, |report| report.count_differences()),
        growth / (1 << 20),
    );
    assert!(
        growth <= MOST_GROWTH,
        "{name}: memory grew by {growth} bytes"
    );
}

/// Sends requests until enough are sent in all.
fn ask(address: std::net::SocketAddr, next: &AtomicUsize, count: usize) -> Result<(), String> {
    let text = |error: io::Error| format!("a response is lost: {error}");
    let mut connection = Connection::open(address).map_err(text)?;
    let mut left = PER_CONNECTION;
    loop {
        let number = next.fetch_add(1, Ordering::SeqCst);
        if number >= count {
            return Ok(());
        }
        if left == 0 {
            connection = Connection::open(address).map_err(text)?;
            left = PER_CONNECTION;
        }
        left -= 1;
        let mut random = Random::numbered(number);
        let (origin, is_listed) = origin(random.below(ORIGINS));
        let fields = [
            ("Host", "api.test"),
            ("Origin", origin.as_str()),
            ("Access-Control-Request-Method", "PUT"),
            ("Cookie", "session=1"),
        ];
        let (method, path, fields) = match random.below(3) {
            0 => ("OPTIONS", "/", &fields[..3]),
            1 => ("GET", "/", &fields[..2]),
            _ => ("POST", "/form", &[fields[0], fields[1], fields[3]][..]),
        };
        let response = connection.ask(method, path, fields).map_err(text)?;
        check(method, &origin, is_listed, &response)?;
    }
}

/// Returns an error unless the response is the one to this request.
fn check(method: &str, origin: &str, is_listed: bool, response: &Response) -> Result<(), String> {
    let (status, body) = match (method, is_listed) {
        ("OPTIONS", true) => (204, ""),
        ("OPTIONS" | "POST", false) => (403, ""),
        ("POST", true) => (200, "posted"),
        _ => (200, "hello"),
    };
    let allowed: Vec<_> = response.values("access-control-allow-origin").collect();
    let expected: &[&[u8]] = if is_listed { &[origin.as_bytes()] } else { &[] };
    let is_right =
        response.status == status && response.body == body.as_bytes() && allowed == expected;
    if is_right {
        return Ok(());
    }
    Err(format!("{method} from {origin} gets {response:?}"))
}

/// Returns the resident memory of this process, or 0 where it is not known.
fn resident_bytes() -> i64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<i64>().ok());
    kibibytes.map_or(0, |kibibytes| kibibytes << 10)
}

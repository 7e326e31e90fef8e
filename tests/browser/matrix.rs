//! Sends every case that a page can cause from real pages in real browsers to real servers: the browser must conclude what
//! the core predicts.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Instant;

use omnicors_browser_tests::Engine;
use omnicors_browser_tests::cases::{self, BrowserCase, BrowserCases, Ports};
use omnicors_browser_tests::page;
use omnicors_browser_tests::prediction::{Addresses, FetchOutcome, FetchResult, observed, predict};
use omnicors_browser_tests::relay::{Relay, Route};
use omnicors_tests::servers::{self, Running, Server};

/// The servers that run all cases. Every other server that listens runs the cases of `everywhere.toml`.
const SERVERS_WITH_ALL_CASES: [&str; 3] = ["axum", "actix-web", "rocket"];

/// The minimum number of cases: guards against cases that are skipped by mistake.
const MIN_CASES: usize = 150;

#[test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
fn every_engine_concludes_what_the_core_predicts() {
    let pages = Relay::start();
    let others = pages.on_another_port();
    let api = pages.on_another_port();
    let all = cases::load(Ports {
        page: pages.port(),
        other: others.port(),
    });
    let (servers, _running) = Servers::start(&all);
    let matrix = Matrix {
        pages,
        others,
        api,
        all,
        servers,
    };

    let disagreements = Engine::in_each(Engine::ALL, async |engine| matrix.ask_timed(engine).await);
    let disagreements = disagreements.concat();
    for disagreement in &disagreements {
        println!("{disagreement}\n");
    }
    for case in &matrix.all.cases {
        if let Some(deviates) = &case.deviates {
            let engines = deviates.engines.join(", ");
            println!(
                "deviation from the standard: {engines}: `{}`: {}",
                case.name, deviates.what
            );
        }
    }
    let names = Engine::ALL.map(Engine::name).join(", ");
    let count = matrix.all.cases.len();
    println!(
        "browsers: {count} cases x {names}: {} disagreements",
        disagreements.len()
    );
    assert!(
        disagreements.is_empty(),
        "{} disagreements",
        disagreements.len()
    );
    assert!(count >= MIN_CASES, "{count} cases");
}

struct Matrix {
    pages: Relay,
    others: Relay,
    api: Relay,
    all: BrowserCases,
    servers: Servers,
}

/// A running case: its server, and its number at the relay.
struct RunningCase<'a> {
    case: &'a BrowserCase,
    server: &'static str,
    number: usize,
}

impl Matrix {
    /// Returns all cases for all servers that run them and can carry them.
    fn requests(&self) -> impl Iterator<Item = (&'static str, &BrowserCase)> {
        self.servers.carriers.iter().flat_map(|(server, carriers)| {
            let cases = self.all.cases.iter();
            let cases =
                cases.filter(|case| case.everywhere || SERVERS_WITH_ALL_CASES.contains(server));
            let cases = cases.filter(|case| case.cannot_carry(carriers).is_none());
            cases.map(|case| (*server, case))
        })
    }

    async fn ask_timed(&self, engine: Engine) -> Vec<String> {
        let started = Instant::now();
        let found = self.ask(engine).await;
        println!(
            "{}: {} requests to {} servers in {:.1} s",
            engine.name(),
            self.requests().count(),
            self.servers.carriers.len(),
            started.elapsed().as_secs_f64(),
        );
        found
    }

    /// Runs all requests in one engine: a page for each origin, and in it a script for each policy.
    async fn ask(&self, engine: Engine) -> Vec<String> {
        let mut by_origin: BTreeMap<String, BTreeMap<_, Vec<_>>> = BTreeMap::new();
        for (server, case) in self.requests() {
            let site = if case.page.other_port {
                &self.others
            } else {
                &self.pages
            };
            let batches = by_origin.entry(site.origin(&case.page.host)).or_default();
            let batch = batches
                .entry((case.page.sandboxed, &case.policy))
                .or_default();
            batch.push((server, case));
        }
        let browser = engine.start().await;
        let mut disagreements = Vec::new();
        for (origin, batches) in by_origin {
            let addresses = Addresses {
                page: &origin,
                api: self.api.port(),
            };
            browser.open(&origin, "/").await;
            for ((sandboxed, _), batch) in batches {
                let batch: Vec<RunningCase<'_>> = batch
                    .into_iter()
                    .map(|(server, case)| self.send(server, case, &addresses))
                    .collect();
                let arguments: Vec<_> = batch
                    .iter()
                    .map(|running| {
                        let first = addresses.origin(&running.case.hops[0].host);
                        let url = format!("{first}{}", Relay::target(running.number, 0));
                        page::fetch_arguments(running.case, &url)
                    })
                    .collect();
                let results = page::fetch_all(&browser, &arguments, sandboxed).await;
                for (running, result) in batch.iter().zip(results) {
                    let exchanges = self.api.take(running.number);
                    let policies = &self.all.policies;
                    let expected = predict(
                        engine.name(),
                        running.case,
                        policies,
                        &addresses,
                        &exchanges,
                    );
                    let got = observed(running.case, policies, &exchanges, &result);
                    if let Err(difference) = compare(running.case, &expected, &got) {
                        disagreements.push(format!(
                            "`{}`, policy `{}`, in {} against {}: {difference}\n  {result}",
                            running.case.name,
                            running.case.policy,
                            engine.name(),
                            running.server,
                        ));
                    }
                }
            }
        }
        disagreements
    }

    /// Sets the routes of a case, and returns the running case.
    fn send<'a>(
        &self,
        server: &'static str,
        case: &'a BrowserCase,
        addresses: &Addresses<'_>,
    ) -> RunningCase<'a> {
        let number = self.api.new_case();
        for (index, (hop, policy)) in case.hops.iter().zip(case.policies()).enumerate() {
            let respond = |field: &String| ("x-respond".to_owned(), field.clone());
            let mut with_actual: Vec<(String, String)> = Vec::new();
            if let Some(status) = hop.redirect {
                let next = addresses.origin(&case.hops[index + 1].host);
                let location = format!("Location: {next}{}", Relay::target(number, index + 1));
                with_actual.push(respond(&location));
                with_actual.push(("x-respond-status".to_owned(), status.to_string()));
            } else {
                with_actual.extend(case.response.iter().map(respond));
                with_actual.extend(HEADERS_TO_READ.map(|field| respond(&field.to_owned())));
                with_actual.push(("x-respond-status".to_owned(), case.status.to_string()));
            }
            let route = Route {
                to: self.servers.addresses[&(server, policy.to_owned())],
                with_preflight: case.preflight_response.iter().map(respond).collect(),
                with_actual,
            };
            self.api.route(number, index, route);
        }
        RunningCase {
            case,
            server,
            number,
        }
    }
}

/// The fields of each response, some readable and some not.
const HEADERS_TO_READ: [&str; 4] = [
    "X-Total: 3",
    "X-Request-Id: 7",
    "Cache-Control: no-store",
    "Content-Language: en",
];

fn compare(case: &BrowserCase, expected: &FetchOutcome, got: &FetchOutcome) -> Result<(), String> {
    if expected != got {
        return Err(format!("\n  expected {expected:#?}\n  got {got:#?}"));
    }
    // Both must agree with the expectation in the case.
    let verdicts: Vec<_> = got.sent.iter().map(|sent| sent.verdict.as_str()).collect();
    let ended = verdicts
        .iter()
        .find(|verdict| **verdict != "allowed")
        .unwrap_or(&"allowed");
    if case.verdict != *ended {
        return Err(format!(
            "the case expects {}, but the verdicts are {verdicts:?}",
            case.verdict
        ));
    }
    if let (Some(readable), FetchResult::Response { headers, .. }) = (&case.readable, &got.result) {
        let own: BTreeSet<_> = headers
            .iter()
            .filter(|name| name.starts_with("x-"))
            .collect();
        let own: BTreeSet<_> = own
            .into_iter()
            .filter(|name| TO_READ.contains(&name.as_str()))
            .collect();
        if own != readable.iter().collect() {
            return Err(format!(
                "the case expects {readable:?} to be readable, but {own:?} are"
            ));
        }
    }
    Ok(())
}

/// The names that `readable` of a case may contain.
const TO_READ: [&str; 2] = ["x-total", "x-request-id"];

/// The servers, each with every policy that its cases use.
struct Servers {
    carriers: Vec<(&'static str, Vec<&'static str>)>,
    addresses: BTreeMap<(&'static str, String), SocketAddr>,
}

impl Servers {
    /// Starts them. They run until they are dropped.
    fn start(all: &BrowserCases) -> (Self, Vec<Box<dyn Running>>) {
        let mut started = Self {
            carriers: Vec::new(),
            addresses: BTreeMap::new(),
        };
        let mut running = Vec::new();
        for server in servers::all() {
            running.extend(started.add(&*server, all));
        }
        let names: Vec<_> = started.carriers.iter().map(|server| server.0).collect();
        for name in SERVERS_WITH_ALL_CASES {
            assert!(names.contains(&name), "{name} is not among {names:?}");
        }
        (started, running)
    }

    fn add(&mut self, server: &dyn Server, all: &BrowserCases) -> Vec<Box<dyn Running>> {
        let name = server.name();
        let mut started = Vec::new();
        for case in &all.cases {
            if !case.everywhere && !SERVERS_WITH_ALL_CASES.contains(&name) {
                continue;
            }
            for policy in case.policies() {
                let key = (name, policy.to_owned());
                if self.addresses.contains_key(&key) {
                    continue;
                }
                let policy = &all.policies[policy];
                let running = server.start(policy, policy.lookup_origins());
                // A browser cannot reach a server that is called in process.
                let Some(address) = running.address() else {
                    return started;
                };
                self.addresses.insert(key, address);
                started.push(running);
            }
        }
        self.carriers.push((name, server.carriers()));
        started
    }
}

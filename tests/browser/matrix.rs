//! Every case that a page can provoke, asked by real pages in real browsers of real servers: the browser concludes what
//! the core says that it will.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "to panic is how a test fails"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Instant;

use omnicors_browser_tests::Engine;
use omnicors_browser_tests::asks::{self, Ask, Asks, Ports};
use omnicors_browser_tests::page;
use omnicors_browser_tests::prediction::{Course, Ending, Place, observed, predict};
use omnicors_browser_tests::relay::{Relay, Route};
use omnicors_tests::servers::{self, Running, Server};

/// Asked everything; every other server that listens is asked the cases of `everywhere.toml`.
const ASKED_EVERYTHING: [&str; 3] = ["axum", "actix-web", "rocket"];

/// Fewer would prove little.
const AT_LEAST: usize = 150;

#[test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
fn every_engine_concludes_what_the_core_says_it_will() {
    let pages = Relay::start();
    let others = pages.on_another_port();
    let api = pages.on_another_port();
    let all = asks::load(Ports {
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

    let disagreements =
        Engine::in_each(Engine::ALL, async |engine| matrix.ask_in_time(engine).await);
    let disagreements = disagreements.concat();
    for disagreement in &disagreements {
        println!("{disagreement}\n");
    }
    for ask in &matrix.all.asks {
        if let Some(departs) = &ask.departs {
            let engines = departs.engines.join(", ");
            println!(
                "not as the standard says: {engines}: `{}`: {}",
                ask.name, departs.what
            );
        }
    }
    let names = Engine::ALL.map(Engine::name).join(", ");
    let count = matrix.all.asks.len();
    println!(
        "browsers: {count} cases x {names}: {} disagreements",
        disagreements.len()
    );
    assert!(
        disagreements.is_empty(),
        "{} disagreements",
        disagreements.len()
    );
    assert!(count >= AT_LEAST, "{count} cases");
}

struct Matrix {
    pages: Relay,
    others: Relay,
    api: Relay,
    all: Asks,
    servers: Servers,
}

/// A case on its way: to which server, under which number.
struct Asked<'a> {
    ask: &'a Ask,
    server: &'static str,
    case: usize,
}

impl Matrix {
    /// All cases for all servers that are asked them and can carry them.
    fn requests(&self) -> impl Iterator<Item = (&'static str, &Ask)> {
        self.servers.carriers.iter().flat_map(|(server, carriers)| {
            let asks = self.all.asks.iter();
            let asks = asks.filter(|ask| ask.everywhere || ASKED_EVERYTHING.contains(server));
            let asks = asks.filter(|ask| ask.cannot_carry(carriers).is_none());
            asks.map(|ask| (*server, ask))
        })
    }

    async fn ask_in_time(&self, engine: Engine) -> Vec<String> {
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

    /// Puts all to one engine: a page for each origin, and in it a script for each policy.
    async fn ask(&self, engine: Engine) -> Vec<String> {
        let mut by_origin: BTreeMap<String, BTreeMap<_, Vec<_>>> = BTreeMap::new();
        for (server, ask) in self.requests() {
            let site = if ask.page.other_port {
                &self.others
            } else {
                &self.pages
            };
            let batches = by_origin.entry(site.origin(&ask.page.host)).or_default();
            let batch = batches
                .entry((ask.page.sandboxed, &ask.policy))
                .or_default();
            batch.push((server, ask));
        }
        let browser = engine.start().await;
        let mut disagreements = Vec::new();
        for (origin, batches) in by_origin {
            let place = Place {
                page: &origin,
                api: self.api.port(),
            };
            browser.open(&origin, "/").await;
            for ((sandboxed, _), batch) in batches {
                let batch: Vec<Asked<'_>> = batch
                    .into_iter()
                    .map(|(server, ask)| self.send(server, ask, &place))
                    .collect();
                let arguments: Vec<_> = batch
                    .iter()
                    .map(|asked| {
                        let first = place.origin(&asked.ask.hops[0].host);
                        let url = format!("{first}{}", Relay::target(asked.case, 0));
                        page::fetch_arguments(asked.ask, &url)
                    })
                    .collect();
                let answers = page::fetch_all(&browser, &arguments, sandboxed).await;
                for (asked, answer) in batch.iter().zip(answers) {
                    let exchanges = self.api.take(asked.case);
                    let policies = &self.all.policies;
                    let expected = predict(engine.name(), asked.ask, policies, &place, &exchanges);
                    let got = observed(asked.ask, policies, &exchanges, &answer);
                    if let Err(difference) = compare(asked.ask, &expected, &got) {
                        disagreements.push(format!(
                            "`{}`, policy `{}`, {} asks {}: {difference}\n  {answer}",
                            asked.ask.name,
                            asked.ask.policy,
                            engine.name(),
                            asked.server,
                        ));
                    }
                }
            }
        }
        disagreements
    }

    /// Lays the ways of a case.
    fn send<'a>(&self, server: &'static str, ask: &'a Ask, place: &Place<'_>) -> Asked<'a> {
        let case = self.api.new_case();
        for (index, (hop, policy)) in ask.hops.iter().zip(ask.policies()).enumerate() {
            let respond = |line: &String| ("x-respond".to_owned(), line.clone());
            let mut with_actual: Vec<(String, String)> = Vec::new();
            if let Some(status) = hop.redirect {
                let next = place.origin(&ask.hops[index + 1].host);
                let location = format!("Location: {next}{}", Relay::target(case, index + 1));
                with_actual.push(respond(&location));
                with_actual.push(("x-respond-status".to_owned(), status.to_string()));
            } else {
                with_actual.extend(ask.response.iter().map(respond));
                with_actual.extend(HEADERS_TO_READ.map(|line| respond(&line.to_owned())));
                with_actual.push(("x-respond-status".to_owned(), ask.status.to_string()));
            }
            let route = Route {
                to: self.servers.addresses[&(server, policy.to_owned())],
                with_preflight: ask.preflight_response.iter().map(respond).collect(),
                with_actual,
            };
            self.api.route(case, index, route);
        }
        Asked { ask, server, case }
    }
}

/// What each response has, so that there is something to read and something to hide.
const HEADERS_TO_READ: [&str; 4] = [
    "X-Total: 3",
    "X-Request-Id: 7",
    "Cache-Control: no-store",
    "Content-Language: en",
];

fn compare(ask: &Ask, expected: &Course, got: &Course) -> Result<(), String> {
    if expected != got {
        return Err(format!("\n  expected {expected:#?}\n  got {got:#?}"));
    }
    // And both are what a person has written.
    let verdicts: Vec<_> = got.sent.iter().map(|sent| sent.verdict.as_str()).collect();
    let ended = verdicts
        .iter()
        .find(|verdict| **verdict != "allowed")
        .unwrap_or(&"allowed");
    if ask.verdict != *ended {
        return Err(format!(
            "the case says {}, and it is {verdicts:?}",
            ask.verdict
        ));
    }
    if let (Some(readable), Ending::Response { headers, .. }) = (&ask.readable, &got.ending) {
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
                "the case says that {readable:?} are readable, and {own:?} are"
            ));
        }
    }
    Ok(())
}

/// The names among these that a case can speak of.
const TO_READ: [&str; 2] = ["x-total", "x-request-id"];

/// The servers, each with every policy that it is asked about.
struct Servers {
    carriers: Vec<(&'static str, Vec<&'static str>)>,
    addresses: BTreeMap<(&'static str, String), SocketAddr>,
}

impl Servers {
    /// Starts them; they run until they are dropped.
    fn start(all: &Asks) -> (Self, Vec<Box<dyn Running>>) {
        let mut started = Self {
            carriers: Vec::new(),
            addresses: BTreeMap::new(),
        };
        let mut running = Vec::new();
        for server in servers::all() {
            running.extend(started.add(&*server, all));
        }
        let names: Vec<_> = started.carriers.iter().map(|server| server.0).collect();
        for name in ASKED_EVERYTHING {
            assert!(names.contains(&name), "{name} is not among {names:?}");
        }
        (started, running)
    }

    fn add(&mut self, server: &dyn Server, all: &Asks) -> Vec<Box<dyn Running>> {
        let name = server.name();
        let mut started = Vec::new();
        for ask in &all.asks {
            if !ask.everywhere && !ASKED_EVERYTHING.contains(&name) {
                continue;
            }
            for policy in ask.policies() {
                let key = (name, policy.to_owned());
                if self.addresses.contains_key(&key) {
                    continue;
                }
                let policy = &all.policies[policy];
                let running = server.start(policy, policy.lookup_origins());
                // One that is called in process is out of a browser's reach.
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

//! Scenarios of web-platform-tests over https and HTTP/2, in real browsers and with `omnicors-browser`, with the same servers.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "scenarios/beacons.rs"]
mod beacons;
#[path = "scenarios/cookies.rs"]
mod cookies;
#[path = "scenarios/events.rs"]
mod events;
#[path = "scenarios/preflights.rs"]
mod preflights;
#[path = "scenarios/reading.rs"]
mod reading;
#[path = "scenarios/redirects.rs"]
mod redirects;
#[path = "scenarios/resources.rs"]
mod resources;
#[path = "scenarios/scenario.rs"]
mod scenario;
#[path = "scenarios/sent_fields.rs"]
mod sent_fields;
#[path = "scenarios/sockets.rs"]
mod sockets;
#[path = "scenarios/stored_responses.rs"]
mod stored_responses;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use omnicors_browser_tests::certificate::Certificate;
use omnicors_browser_tests::origins::Origins;
use omnicors_browser_tests::site::EMPTY_PAGE;
use omnicors_browser_tests::{Browser, Engine};
use serde_json::Value;
use tokio::time::sleep;

use self::scenario::{Expected, Model, Place, Scenario, line};

const COMMON: &str = include_str!("scenarios/common.js");

fn scenarios() -> Vec<Scenario> {
    [
        stored_responses::scenarios(),
        preflights::scenarios(),
        redirects::scenarios(),
        reading::scenarios(),
        resources::scenarios(),
        beacons::scenarios(),
        sockets::scenarios(),
        events::scenarios(),
        cookies::scenarios(),
        sent_fields::scenarios(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn each_scenario_has_a_name_of_its_own() {
    let scenarios = scenarios();
    let names: BTreeSet<&str> = scenarios.iter().map(|scenario| scenario.name).collect();
    assert_eq!(names.len(), scenarios.len());
}

#[test]
#[ignore = "needs Chromium, Firefox and WebKitGTK: run cargo xtask test"]
fn browsers_and_the_crate_agree_in_each_scenario() {
    let certificate = Certificate::new();
    let scenarios = scenarios();
    let faults = Engine::in_each(Engine::ALL, async |engine| {
        let fixture = Fixture {
            origins: Origins::start(&certificate),
            browser: engine.start_accepting(&certificate).await,
        };
        let mut faults = Vec::new();
        for scenario in &scenarios {
            faults.extend(fixture.check(scenario).await);
        }
        faults
    });
    let faults = faults.concat();
    let names = Engine::ALL.map(Engine::name).join(", ");
    println!(
        "scenarios: {} scenarios x {names}: {} disagreements",
        scenarios.len(),
        faults.len()
    );
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

struct Fixture {
    origins: Origins,
    browser: Browser,
}

/// The lines of a run.
#[derive(Debug, PartialEq, Eq)]
struct Lines {
    requests: Vec<String>,
    reads: Vec<String>,
}

/// The time limit for a request on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

impl Fixture {
    /// Runs a scenario, and returns a description of a disagreement.
    async fn check(&self, scenario: &Scenario) -> Option<String> {
        let engine = self.browser.engine();
        let case = self
            .origins
            .add((scenario.server)(), |case| self.page(scenario, case));
        let expected = self.expected(scenario, case);
        for place in scenario.visits {
            let origin = place.origin(&self.origins);
            self.browser.open(&origin, &format!("/{case}/visit")).await;
        }
        let page = Place::App.origin(&self.origins);
        self.browser.open(&page, &format!("/{case}/page")).await;
        let outcome = self.browser.run_async("return await outcome", &[]).await;
        if scenario.lacking.contains(&engine) {
            let message = "the engine has the feature: remove it from `lacking`";
            let has_feature = outcome != "cannot";
            return has_feature.then(|| format!("{}: {}: {message}", engine.name(), scenario.name));
        }
        let Value::Array(reads) = outcome else {
            return Some(format!("{}: {}: {outcome}", engine.name(), scenario.name));
        };
        // A script that leaves the page cannot return anything.
        self.browser.run("globalThis.leave?.()", &[]).await;
        let mut requests = self.requests(case, expected.requests.len()).await;
        if scenario.merges_repeats {
            requests.dedup();
        }
        let got = Lines {
            requests,
            reads: reads
                .iter()
                .map(|read| read.as_str().expect("text").to_owned())
                .collect(),
        };
        (got != expected).then(|| {
            let source = match &scenario.expected {
                Expected::Crate(_) => "omnicors-browser",
                Expected::Listed(listed) => listed.link,
            };
            let name = format!("{}: {}", engine.name(), scenario.name);
            format!("{name}: {got:#?}, but expected by {source}: {expected:#?}")
        })
    }

    fn page(&self, scenario: &Scenario, case: usize) -> String {
        let places: Vec<String> = Place::ALL
            .iter()
            .map(|(place, name)| format!("const {name} = \"{}\";", place.url(&self.origins, case)))
            .collect();
        let places = places.concat();
        let script = scenario.script;
        format!(
            "{EMPTY_PAGE}<body><script>globalThis.outcome = (async function () {{
                {places} {COMMON} {script}
                return reads;
            }})();</script>"
        )
    }

    fn expected(&self, scenario: &Scenario, case: usize) -> Lines {
        let engine = self.browser.engine();
        match &scenario.expected {
            Expected::Crate(run) => {
                let mut model = Model::new(engine, &self.origins, case, (scenario.server)());
                run(&mut model);
                let arrived = model.arrived.iter();
                let mut requests: Vec<String> =
                    arrived.map(|request| line(request, case)).collect();
                if scenario.merges_repeats {
                    requests.dedup();
                }
                Lines {
                    requests,
                    reads: model.reads,
                }
            }
            Expected::Listed(listed) => {
                let deviating = listed
                    .deviating
                    .iter()
                    .find(|deviating| deviating.0 == engine);
                let (requests, reads) = deviating
                    .map_or((listed.requests, listed.reads), |deviating| {
                        (deviating.1, deviating.2)
                    });
                let owned = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
                Lines {
                    requests: owned(requests),
                    reads: owned(reads),
                }
            }
        }
    }

    /// Returns the requests of a case, after this number has arrived.
    async fn requests(&self, case: usize, count: usize) -> Vec<String> {
        let started = Instant::now();
        while self.origins.arrived(case).len() < count && started.elapsed() < PATIENCE {
            sleep(Duration::from_millis(10)).await;
        }
        let arrived = self.origins.arrived(case);
        arrived.iter().map(|request| line(request, case)).collect()
    }
}

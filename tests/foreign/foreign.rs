//! Compares what `omnicors-browser`, the command `omnicors probe` and Chromium conclude about servers of other projects.
//!
//! Usually this is a sample of the servers. With `OMNICORS_FOREIGN=all`, as in `cargo xtask full foreign`, it is all of them, and
//! `docs/other-servers.md` must say what was seen. `UPDATE_EXPECT=1` writes that page.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::env;
use std::fs;

use omnicors_browser::Engine;
use omnicors_browser_tests::prediction::FetchResult;
use omnicors_foreign_tests::ask::ask;
use omnicors_foreign_tests::catalog::{self, Configuration, ForeignServer};
use omnicors_foreign_tests::document;
use omnicors_foreign_tests::measured::Measured;
use omnicors_foreign_tests::observe::{Observed, Pages, url};
use omnicors_foreign_tests::probe::{Probed, Program};
use omnicors_foreign_tests::requests::{self, From};
use omnicors_foreign_tests::running::start;

/// The program with the servers of Rust libraries.
const RUST_SERVER: &str = env!("CARGO_BIN_EXE_rust-server");

/// The minimum number of servers, configurations of each, and requests to each, in a run with all servers.
const LEAST: [usize; 3] = [12, 3, 20];

#[tokio::test(flavor = "current_thread")]
#[ignore = "needs Chromium and servers of other projects: run cargo xtask test"]
async fn chromium_concludes_what_is_predicted_about_servers_of_other_projects() {
    let is_all = env::var("OMNICORS_FOREIGN").is_ok_and(|value| value == "all");
    let servers = if is_all {
        catalog::ALL.to_vec()
    } else {
        catalog::sample()
    };
    let omnicors = Program::beside(RUST_SERVER);
    let pages = Pages::start().await;
    let mut found = Found::default();
    for server in &servers {
        for configuration in server.configurations() {
            found
                .compare(&pages, &omnicors, *server, *configuration)
                .await;
        }
    }
    for disagreement in &found.disagreements {
        println!("{disagreement}\n");
    }
    let (configurations, requests) = (found.measured.len(), found.requests());
    println!(
        "foreign: {requests} requests to {} servers of other projects in {configurations} configurations, and {} probes: {} disagreements; {} lines in the console",
        servers.len(),
        found.probes,
        found.disagreements.len(),
        found.lines,
    );
    assert!(found.disagreements.is_empty());
    if is_all {
        let [of_servers, of_configurations, of_requests] = LEAST;
        assert!(servers.len() >= of_servers);
        let least = servers.iter().map(|server| server.configurations().len());
        assert!(least.min() >= Some(of_configurations));
        assert!(requests::ALL.len() >= of_requests);
        assert_page_says(&document::render(&found.measured, &found.names));
    }
}

#[derive(Default)]
struct Found {
    measured: Vec<Measured>,
    names: BTreeMap<(&'static str, Configuration), document::Names>,
    disagreements: Vec<String>,
    /// The number of lines that the console was predicted to have, and had.
    lines: usize,
    /// The number of runs of `omnicors probe` that were compared.
    probes: usize,
}

impl Found {
    fn requests(&self) -> usize {
        self.measured.len() * requests::ALL.len()
    }

    /// Starts a server, makes all requests in Chromium, in the model and with the command, and compares.
    async fn compare(
        &mut self,
        pages: &Pages,
        omnicors: &Program,
        server: ForeignServer,
        configuration: Configuration,
    ) {
        let allowed = pages.origin(From::Allowed);
        let running = start(server, configuration, &allowed, RUST_SERVER);
        let address = running.address;
        let observed = pages.observe(address).await;
        let mut outcomes = Vec::new();
        for (number, (request, mut observed)) in requests::ALL.iter().zip(observed).enumerate() {
            let origin = pages.origin(request.from);
            let url = url(address, number, request);
            let outcome = ask(address, &origin, request, &url).await;
            let console = outcome.console(Engine::Chromium);
            let mut predicted = Observed {
                result: FetchResult::predicted(&outcome, false),
                // The driver does not pass on what frames of other origins print.
                console: console.filter(|_| request.from != From::Sandboxed),
            };
            without_date(&mut observed.result);
            without_date(&mut predicted.result);
            self.lines += usize::from(predicted.console.is_some());
            if predicted != observed {
                self.disagreements.push(format!(
                    "{} ({}), `{}`:\n  predicted {predicted:?}\n  Chromium  {observed:?}\n{outcome}",
                    server.title,
                    configuration.name(),
                    request.name,
                ));
            }
            let expected = Probed::expected(request, &observed);
            let probed = omnicors.ask(address, &origin, request, &url);
            self.probes += 1;
            if probed != expected {
                self.disagreements.push(format!(
                    "{} ({}), `{}`:\n  omnicors probe {probed:?}\n  Chromium       {expected:?}\n{outcome}",
                    server.title,
                    configuration.name(),
                    request.name,
                ));
            }
            outcomes.push(outcome);
        }
        let names = document::names(|from| pages.origin(from), &address.to_string());
        self.names.insert((server.name, configuration), names);
        self.measured.push(Measured {
            server,
            configuration,
            outcomes,
        });
    }
}

/// Removes the field that differs between two requests.
fn without_date(result: &mut FetchResult) {
    if let FetchResult::Response { headers, .. } = result {
        headers.remove("date");
    }
}

fn assert_page_says(expected: &str) {
    let path = document::path();
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, expected).expect("the page can be written");
        return;
    }
    let page = fs::read_to_string(&path).unwrap_or_default();
    let mut lines = expected.lines().zip(page.lines());
    let difference = lines.find(|(expected, line)| expected != line);
    assert!(
        page == expected,
        "docs/other-servers.md does not say what was seen; to write it, run the test with UPDATE_EXPECT=1; the first difference is {difference:#?}"
    );
}

//! The servers of the matrix.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use omnicors_browser_tests::cases::{BrowserCase, BrowserCases, On};
use omnicors_tests::servers::{self, Running, Server};

/// The servers that run all cases of the files. Every other server that listens runs the cases of `everywhere.toml`.
const SERVERS_WITH_ALL_CASES: [&str; 3] = ["axum", "actix-web", "rocket"];

/// The servers, each with every policy that its cases use.
pub(crate) struct Servers {
    pub(crate) carriers: Vec<(&'static str, Vec<&'static str>)>,
    pub(crate) addresses: BTreeMap<(&'static str, String), SocketAddr>,
}

impl Servers {
    /// Starts them. They run until they are dropped.
    pub(crate) fn start(all: &BrowserCases) -> (Self, Vec<Box<dyn Running>>) {
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
            if !runs(name, case) {
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

/// Returns true if this server runs the case.
pub(crate) fn runs(server: &str, case: &BrowserCase) -> bool {
    match case.on {
        On::All => true,
        On::Three => SERVERS_WITH_ALL_CASES.contains(&server),
        On::Axum => server == "axum",
    }
}

//! Runs every case on every server: same status, same CORS fields, same `Vary`, same decision to run the application.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use omnicors_core::PolicyConfig;
use omnicors_tests::cases::{self, Case, Outcome, Table};
use omnicors_tests::client::Request;
use omnicors_tests::servers::{self, Core, HANGING, NoResponse, Running, Server, take_lookups};

/// Held by tests whose servers look origins up, because lookups are counted by origin for all servers of the process.
static LOOKUPS: Mutex<()> = Mutex::new(());

#[test]
fn every_server_sends_the_expected_response_to_every_case() {
    let _alone = LOOKUPS.lock().unwrap_or_else(PoisonError::into_inner);
    let table = cases::load();
    let servers = servers::all();
    let names: BTreeSet<&str> = servers.iter().map(|server| server.name()).collect();
    assert_eq!(names.len(), servers.len(), "two servers have the same name");

    let mut differences = Vec::new();
    for server in &servers {
        differences.extend(ask_all(&**server, &table));
    }
    for difference in &differences {
        println!("{difference}\n");
    }
    println!(
        "parity: {} cases x {} servers, {} differences",
        table.cases.len(),
        servers.len(),
        differences.len()
    );
    assert!(differences.is_empty(), "{} differences", differences.len());
}

/// Runs all cases on one server, started once for each policy, and returns the differences as text.
fn ask_all(server: &dyn Server, table: &Table) -> Vec<String> {
    let mut by_policy: BTreeMap<(&str, bool), Vec<&Case>> = BTreeMap::new();
    for case in &table.cases {
        let policy = &table.policies[&case.policy];
        let is_core = server.name() == Core.name();
        let is_without_lookup = case.is_without_lookup(policy);
        if is_without_lookup && !is_core {
            continue;
        }
        let looks_up = policy.lookup_origins() && !is_without_lookup;
        let started = (case.policy.as_str(), looks_up);
        by_policy.entry(started).or_default().push(case);
    }
    let mut differences = Vec::new();
    for ((policy, looks_up), cases) in by_policy {
        let running = server.start(&table.policies[policy], looks_up);
        for case in cases {
            if let Err(difference) = ask(&*running, &server.carriers(), case) {
                differences.push(format!(
                    "`{}`, policy `{policy}`\n  {}: {difference}",
                    case.name,
                    server.name()
                ));
            }
        }
    }
    differences
}

fn ask(running: &dyn Running, carriers: &[&str], case: &Case) -> Result<(), String> {
    let is_excused = case.cannot_carry(carriers).is_some();
    let got = match running.ask(&case.request) {
        Ok(response) => Outcome::of(&response),
        Err(NoResponse::CannotCarry(_)) if is_excused => return Ok(()),
        Err(NoResponse::CannotCarry(reason)) => {
            return Err(format!(
                "cannot carry the request, and `cannot_carry` does not say so: {reason}"
            ));
        }
        Err(NoResponse::Failed(reason)) => return Err(format!("no response: {reason}")),
    };
    if got == case.expected || (is_excused && is_clean_rejection(&got)) {
        return Ok(());
    }
    Err(format!(
        "differs\n    expected: {}\n    got:      {got}",
        case.expected
    ))
}

/// Returns true for the rejection of a malformed request by the server's HTTP parser. It must not echo the request.
fn is_clean_rejection(got: &Outcome) -> bool {
    matches!(got.status, 400 | 413 | 431) && !got.ran && got.fields.is_empty()
}

#[test]
fn an_origin_is_looked_up_at_most_once_and_a_timeout_denies_it() {
    let _alone = LOOKUPS.lock().unwrap_or_else(PoisonError::into_inner);
    // Reset counts of other tests.
    let _before = take_lookups("null");
    let policy = PolicyConfig::new()
        .allow_origins(["https://listed.test"])
        .lookup_origins(true);
    let policy = policy.build().expect("a policy");
    for server in servers::all() {
        let running = server.start(&policy, true);
        for (origin, allowed, times) in [
            ("https://tenant.looked-up.test", true, 1),
            ("https://unlisted.looked-up.test", false, 1),
            (HANGING, false, 1),
            ("https://listed.test", true, 0),
            ("null", false, 0),
            ("app://tenant.looked-up.test", true, 1),
            ("https://tenant.malformed.test/", false, 0),
        ] {
            let of_preflight = match origin {
                HANGING => 503,
                _ if allowed => 204,
                _ => 403,
            };
            for (method, status) in [("GET", 200), ("OPTIONS", of_preflight)] {
                let mut fields = vec![("Host", "api.test"), ("Origin", origin)];
                if method == "OPTIONS" {
                    fields.push(("Access-Control-Request-Method", "PUT"));
                }
                let owned = |(name, value): (&str, &str)| (name.to_owned(), value.into());
                let response = running.ask(&Request {
                    method: method.to_owned(),
                    fields: fields.into_iter().map(owned).collect(),
                });
                let request = format!("{}: {method} from {origin}", server.name());
                let response = response.unwrap_or_else(|error| panic!("{request}: {error:?}"));
                assert_eq!(response.status, status, "{request}");
                let stated = response.values("access-control-allow-origin");
                let expected = allowed.then_some(origin.as_bytes());
                assert!(stated.eq(expected), "{request}: {response:?}");
                assert_eq!(take_lookups(origin), times, "{request}");
            }
        }
    }
}

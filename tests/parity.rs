//! Every case of the table, put to every server: same status, same CORS lines, same `Vary`, application run or not run.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "to panic is how a test fails"
)]

use std::collections::{BTreeMap, BTreeSet};

use omnicors_core::{Decision, Policy, PolicyConfig, RequestParts, evaluate};
use omnicors_tests::cases::{self, Case, Outcome, Table, verdict_name};
use omnicors_tests::client::Request;
use omnicors_tests::servers::{self, HANGING, Running, Server, Unanswered, take_asked};

#[test]
fn every_server_gives_the_same_answer_to_every_case() {
    let table = cases::load();
    let servers = servers::all();
    let names: BTreeSet<&str> = servers.iter().map(|server| server.name()).collect();
    assert_eq!(names.len(), servers.len(), "two servers have one name");

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

/// Puts all cases to one server, started once for each policy that they have; returns the differences, as text.
fn ask_all(server: &dyn Server, table: &Table) -> Vec<String> {
    let mut by_policy: BTreeMap<(&str, bool), Vec<&Case>> = BTreeMap::new();
    for case in &table.cases {
        let started = (case.policy.as_str(), case.outside.is_some());
        by_policy.entry(started).or_default().push(case);
    }
    let mut differences = Vec::new();
    for ((policy, decides), cases) in by_policy {
        let running = server.start(&table.policies[policy], decides);
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
        Err(Unanswered::CannotCarry(_)) if is_excused => return Ok(()),
        Err(Unanswered::CannotCarry(reason)) => {
            return Err(format!(
                "cannot carry it, and the case does not say so: {reason}"
            ));
        }
        Err(Unanswered::Failed(reason)) => return Err(format!("no response: {reason}")),
    };
    if got == case.expected || (is_excused && is_clean_refusal(&got)) {
        return Ok(());
    }
    Err(format!(
        "differs\n    expected: {}\n    got:      {got}",
        case.expected
    ))
}

/// What a server's own parser answers to what it does not let through. Nothing of the request may be in it.
fn is_clean_refusal(got: &Outcome) -> bool {
    matches!(got.status, 400 | 413 | 431) && !got.ran && got.lines.is_empty()
}

#[test]
fn an_origin_is_put_to_the_decider_once_if_at_all_and_denied_where_it_takes_too_long() {
    let policy = PolicyConfig::new()
        .allow_origins(["https://listed.test"])
        .decide_origins_outside(true);
    let policy = policy.build().expect("a policy");
    for server in servers::all() {
        let running = server.start(&policy, true);
        for (origin, allowed, times) in [
            ("https://tenant.decided.test", true, 1),
            ("https://stranger.decided.test", false, 1),
            (HANGING, false, 1),
            ("https://listed.test", true, 0),
            ("null", false, 0),
            ("https://tenant.malformed.test/", false, 0),
        ] {
            for (method, status) in [("GET", 200), ("OPTIONS", if allowed { 204 } else { 403 })] {
                let mut lines = vec![("Host", "api.test"), ("Origin", origin)];
                if method == "OPTIONS" {
                    lines.push(("Access-Control-Request-Method", "PUT"));
                }
                let owned = |(name, value): (&str, &str)| (name.to_owned(), value.into());
                let response = running.ask(&Request {
                    method: method.to_owned(),
                    lines: lines.into_iter().map(owned).collect(),
                });
                let asked = format!("{}: {method} from {origin}", server.name());
                let response = response.unwrap_or_else(|error| panic!("{asked}: {error:?}"));
                assert_eq!(response.status, status, "{asked}");
                let told = response.values("access-control-allow-origin");
                let expected = allowed.then_some(origin.as_bytes());
                assert!(told.eq(expected), "{asked}: {response:?}");
                assert_eq!(take_asked(origin), times, "{asked}");
            }
        }
    }
}

#[test]
fn the_core_concludes_what_the_table_says_a_browser_will() {
    let table = cases::load();
    for case in &table.cases {
        let policy = &table.policies[&case.policy];
        let parts = parts_from_lines(case);
        let decision = evaluate(policy, &parts);
        assert_eq!(
            verdict_name(decision.verdict()),
            case.verdict,
            "`{}`",
            case.name
        );
        if let Some(expected) = &case.verdict_with_credentials {
            let verdict = verdict_name(decision.verdict_with_credentials());
            assert_eq!(verdict, *expected, "with credentials: `{}`", case.name);
        }
        let explained = policy.explain(&parts);
        assert_eq!(
            verdict_name(explained.verdict()),
            case.verdict,
            "explained: `{}`",
            case.name
        );
        assert!(!explained.to_string().is_empty());
    }
}

#[test]
fn parts_from_setters_and_from_lines_are_decided_alike() {
    let table = cases::load();
    for case in &table.cases {
        let policy = &table.policies[&case.policy];
        let expected = told(policy, &parts_from_lines(case));
        assert_eq!(told(policy, &parts_from_setters(case)), expected);

        // Names in whatever case.
        for change in [str::to_ascii_uppercase, str::to_ascii_lowercase] {
            let lines = &case.request.lines;
            let lines = lines.iter().map(|(name, value)| (change(name), value));
            let parts = RequestParts::from_lines(&case.request.method, lines);
            assert_eq!(told(policy, &with_verdict(parts, case)), expected);
        }
    }
}

fn parts_from_lines(case: &Case) -> RequestParts<'_> {
    let lines = case.request.lines.iter();
    let lines = lines.map(|(name, value)| (name, value));
    with_verdict(RequestParts::from_lines(&case.request.method, lines), case)
}

fn parts_from_setters(case: &Case) -> RequestParts<'_> {
    let mut parts = RequestParts::new(&case.request.method);
    for (name, value) in &case.request.lines {
        parts = match name.to_ascii_lowercase().as_str() {
            "origin" => parts.origin(value),
            "access-control-request-method" => parts.request_method(value),
            "access-control-request-headers" => parts.request_headers(value),
            "host" => parts.host(value),
            "sec-fetch-site" => parts.sec_fetch_site(value),
            _ => parts,
        };
    }
    with_verdict(parts, case)
}

fn with_verdict<'a>(parts: RequestParts<'a>, case: &Case) -> RequestParts<'a> {
    match case.outside {
        Some(allowed) => parts.origin_verdict(allowed),
        None => parts,
    }
}

/// Everything that a decision says, as text.
fn told(policy: &Policy, parts: &RequestParts<'_>) -> String {
    let decision = evaluate(policy, parts);
    let status = match decision {
        Decision::Forward { .. } => "forward".to_owned(),
        Decision::Answer { status, .. } => status.to_string(),
    };
    format!(
        "{status} {:?} {:?} {:?} {:?} {:?}",
        decision.headers(),
        decision.headers().removed(),
        decision.verdict(),
        decision.verdict_with_credentials(),
        policy.origin_to_decide(parts),
    )
}

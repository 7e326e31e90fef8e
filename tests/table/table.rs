//! Compares the core with every case of the table, without a server. `tests/parity.rs` does this for each server.

#![allow(clippy::indexing_slicing, reason = "a test fails by panicking")]

use omnicors_core::{Decision, Policy, RequestParts, evaluate};
use omnicors_tests::cases::{self, Case, Outcome, lookup_result, verdict_name};
use omnicors_tests::direct;

#[test]
fn the_core_sends_the_expected_response_to_every_case() {
    let table = cases::load();
    let mut differences = 0;
    for case in &table.cases {
        let policy = &table.policies[&case.policy];
        let is_looked_up = policy.lookup_origins() && !case.is_without_lookup(policy);
        let lookup = is_looked_up.then_some(lookup_result as direct::Lookup);
        let got = Outcome::of(&direct::respond(policy, &case.request, lookup));
        if got != case.expected {
            differences += 1;
            let (name, expected) = (&case.name, &case.expected);
            println!("`{name}`\n    expected: {expected}\n    got:      {got}\n");
        }
    }
    println!(
        "table: {} cases, the core alone, {differences} differences",
        table.cases.len()
    );
    assert_eq!(differences, 0, "differences");
}

#[test]
fn the_verdict_of_the_core_agrees_with_the_table() {
    let table = cases::load();
    for case in &table.cases {
        let policy = &table.policies[&case.policy];
        let parts = read_parts(policy, case);
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
fn parts_that_are_set_and_parts_that_are_read_get_the_same_decision() {
    let table = cases::load();
    for case in &table.cases {
        let policy = &table.policies[&case.policy];
        let expected = summary(policy, &read_parts(policy, case));
        if let Some(parts) = set_parts(case) {
            assert_eq!(summary(policy, &parts), expected);
        }

        // Field names in any case.
        for change in [str::to_ascii_uppercase, str::to_ascii_lowercase] {
            let fields = case.request.fields.iter();
            let fields: Vec<_> = fields.map(|(name, value)| (change(name), value)).collect();
            let parts = RequestParts::read(policy, &case.request.method, &fields);
            assert_eq!(summary(policy, &with_result(parts, case)), expected);
        }
    }
}

fn read_parts<'a>(policy: &Policy, case: &'a Case) -> RequestParts<'a> {
    let parts = RequestParts::read(policy, &case.request.method, &case.request.fields);
    with_result(parts, case)
}

/// Returns `None` if the request has fields that cannot be set.
fn set_parts(case: &Case) -> Option<RequestParts<'_>> {
    let mut parts = RequestParts::new(&case.request.method);
    let mut lists = 0;
    for (name, value) in &case.request.fields {
        parts = match name.to_ascii_lowercase().as_str() {
            "origin" => parts.origin(value),
            "access-control-request-method" => parts.request_method(value),
            "access-control-request-headers" => {
                lists += 1;
                parts.request_headers(value)
            }
            // The host of most cases is not the host of an origin.
            "host" if value != b"api.test" => return None,
            "sec-fetch-site" => return None,
            _ => parts,
        };
    }
    (lists < 2).then(|| with_result(parts, case))
}

fn with_result<'a>(parts: RequestParts<'a>, case: &Case) -> RequestParts<'a> {
    parts.lookup_result(case.lookup)
}

/// Returns everything in a decision, as text.
fn summary(policy: &Policy, parts: &RequestParts<'_>) -> String {
    let decision = evaluate(policy, parts);
    let status = match decision {
        Decision::Forward { .. } => "forward".to_owned(),
        Decision::Respond { status, .. } => status.to_string(),
    };
    format!(
        "{status} {:?} {:?} {:?} {:?} {:?}",
        decision.headers(),
        decision.headers().removed(),
        decision.verdict(),
        decision.verdict_with_credentials(),
        policy.origin_to_look_up(parts),
    )
}

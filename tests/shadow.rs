//! A candidate is compared with the policy in force, in every framework, over sockets. The policy in force is obeyed.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use omnicors_core::{Guard, PolicyConfig};
use omnicors_http::ShadowDifference;
use omnicors_tests::cases::Outcome;
use omnicors_tests::client::Connection;
use omnicors_tests::frameworks::{self, Policies, built};

const BOTH: &str = "https://both.test";
const ONLY_IN_FORCE: &str = "https://in-force.test";
const ONLY_CANDIDATE: &str = "https://candidate.test";
const NEITHER: &str = "https://neither.test";

const PREFLIGHT: (&str, &str) = ("Access-Control-Request-Method", "PUT");
const CROSS_SITE: (&str, &str) = ("Sec-Fetch-Site", "cross-site");

/// A request, how often it is sent, and how the candidate's decision differs.
type Case = (
    usize,
    &'static str,
    &'static str,
    Option<&'static str>,
    &'static [(&'static str, &'static str)],
    Option<ShadowDifference>,
);

const CASES: [Case; 11] = [
    (1, "GET", "/", None, &[], None),
    (2, "GET", "/", Some(BOTH), &[], None),
    (
        3,
        "GET",
        "/",
        Some(ONLY_IN_FORCE),
        &[],
        Some(ShadowDifference::Blocked),
    ),
    (
        4,
        "GET",
        "/",
        Some(ONLY_CANDIDATE),
        &[],
        Some(ShadowDifference::Allowed),
    ),
    (5, "GET", "/", Some(NEITHER), &[], None),
    (
        6,
        "OPTIONS",
        "/",
        Some(ONLY_IN_FORCE),
        &[PREFLIGHT],
        Some(ShadowDifference::Blocked),
    ),
    // Both statuses are 204, but the candidate does not list the method.
    (
        7,
        "OPTIONS",
        "/",
        Some(BOTH),
        &[PREFLIGHT],
        Some(ShadowDifference::Blocked),
    ),
    // Only the candidate has a guard.
    (
        8,
        "POST",
        "/form",
        Some(NEITHER),
        &[CROSS_SITE],
        Some(ShadowDifference::Rejected),
    ),
    (9, "POST", "/form", Some(BOTH), &[CROSS_SITE], None),
    // Only the policy in force allows credentials.
    (
        10,
        "GET",
        "/",
        Some(BOTH),
        &[("Cookie", "a=b")],
        Some(ShadowDifference::Blocked),
    ),
    // The CORS check does not apply to a navigation.
    (
        11,
        "GET",
        "/",
        Some(ONLY_IN_FORCE),
        &[("Sec-Fetch-Mode", "navigate")],
        None,
    ),
];

#[test]
fn a_candidate_is_compared_and_the_policy_in_force_is_obeyed() {
    let in_force = built(
        PolicyConfig::new()
            .allow_origins([BOTH, ONLY_IN_FORCE])
            .allow_credentials(true)
            .allow_methods(["PUT"]),
    );
    let candidate = built(
        PolicyConfig::new()
            .allow_origins([BOTH, ONLY_CANDIDATE])
            .guard(Guard::UnsafeMethods),
    );
    let all = frameworks::all();
    for framework in &all {
        let name = framework.name();
        let started = framework.start(Policies::Replaceable(in_force.clone()));
        let responses = || -> Vec<Outcome> {
            let mut connection = Connection::open(started.address()).unwrap();
            let mut outcomes = Vec::new();
            for (times, method, path, origin, others, _) in CASES {
                let mut fields = vec![("Host", "api.test")];
                fields.extend(origin.map(|origin| ("Origin", origin)));
                fields.extend(others);
                for _ in 0..times {
                    let response = connection.ask(method, path, &fields).unwrap();
                    outcomes.push(Outcome::of(&response));
                }
            }
            outcomes
        };
        let before = responses();
        started.shadow(candidate.clone());
        // The comparison continues with the next policy, which is the same here.
        started.replace(in_force.clone());
        assert_eq!(responses(), before, "{name}: the responses changed");
        let report = started.end_shadow();
        assert_eq!(
            responses(),
            before,
            "{name}: the responses changed after the end"
        );
        let Some(report) = report else {
            assert_eq!(name, "custom server", "every adapter has a shadow");
            continue;
        };

        let sent: usize = CASES.iter().map(|case| case.0).sum();
        assert_eq!(report.count_requests(), sent as u64, "{name}");
        for difference in [
            ShadowDifference::Blocked,
            ShadowDifference::Allowed,
            ShadowDifference::Rejected,
            ShadowDifference::Run,
            ShadowDifference::Status,
            ShadowDifference::Headers,
        ] {
            let expected = CASES.iter().filter(|case| case.5 == Some(difference));
            let expected: usize = expected.map(|case| case.0).sum();
            let counted = report.count(difference);
            assert_eq!(counted, expected as u64, "{name}: {difference}\n{report}");
        }
        let origins: Vec<_> = report
            .origins()
            .iter()
            .map(|it| (it.origin(), it.count()))
            .collect();
        let expected = [
            (Some(BOTH), 17),
            (Some(ONLY_IN_FORCE), 9),
            (Some(NEITHER), 8),
            (Some(ONLY_CANDIDATE), 4),
        ];
        assert_eq!(origins, expected, "{name}");
        let text = report.to_string();
        for part in [
            "66 requests in 0 minutes, 38 differ",
            "add `https://in-force.test` to allow_origins",
            "https://neither.test: 8 requests; the application would not run",
        ] {
            assert!(text.contains(part), "{name}: {part}\n{text}");
        }
    }
    println!(
        "shadow: {} requests x {} servers",
        3 * CASES.len(),
        all.len()
    );
}

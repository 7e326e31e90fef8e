//! The hosts that are served.

use super::*;

#[test]
fn hosts_are_checked_first_and_whatever_the_guard_is() {
    let config = || origins(["https://app.test"]).allow_hosts(["api.test", "localhost:3000"]);
    for policy in [
        config().build().unwrap(),
        config().guard(Guard::All).build().unwrap(),
        origins(["*"])
            .allow_hosts(["api.test", "localhost:3000"])
            .build()
            .unwrap(),
    ] {
        for (fields, expected) in [
            (&[(HOST, "api.test")][..], None),
            (&[(HOST, "API.TEST.:1")], None),
            (&[(":authority", "api.test")], None),
            (&[(":authority", "api.test"), (HOST, "api.test")], None),
            (&[(":authority", "api.test:443"), (HOST, "api.test")], None),
            (&[(HOST, "localhost:3000")], None),
            (&[], Some(Rejection::HostMissing)),
            (&[(HOST, "evil.test")], Some(Rejection::HostNotListed)),
            (&[(HOST, "")], Some(Rejection::HostNotListed)),
            (&[(HOST, "localhost:4000")], Some(Rejection::HostNotListed)),
            (
                &[(HOST, "api.test"), (HOST, "api.test")],
                Some(Rejection::HostAmbiguous),
            ),
            (
                &[(HOST, "api.test"), (":authority", "evil.test")],
                Some(Rejection::HostAmbiguous),
            ),
            (
                &[(HOST, "evil.test"), (":authority", "api.test")],
                Some(Rejection::HostAmbiguous),
            ),
        ] {
            assert_eq!(
                rejection(&policy, "GET", fields),
                expected,
                "{policy} {fields:?}"
            );
            let mut preflight = fields.to_vec();
            preflight.extend([LISTED, ("access-control-request-method", "PUT")]);
            let request = RequestParts::read(&policy, "OPTIONS", &preflight);
            let decided = decide(&policy, &request);
            if expected.is_some() {
                assert_eq!(decided, ["respond 421", "cache-control: no-store"]);
                let verdict = evaluate(&policy, &request).verdict();
                assert_eq!(verdict, Verdict::Denied(Denial::Rejected), "{policy}");
            } else {
                assert_eq!(decided[0], "respond 204");
            }
        }
    }
}

/// The response is a 421, whatever the lookup says.
#[test]
fn the_origin_of_a_request_for_another_host_is_not_looked_up() {
    for report_only in [false, true] {
        let config = origins(["https://app.test"]).lookup_origins(true);
        let config = config.allow_hosts(["api.test"]);
        let policy = config.guard_report_only(report_only).build().unwrap();
        for method in ["GET", "OPTIONS"] {
            for (host, is_served) in [("api.test", true), ("other.test", false)] {
                let fields = [
                    STRANGER,
                    (HOST, host),
                    ("access-control-request-method", "PUT"),
                ];
                let request = RequestParts::read(&policy, method, &fields);
                let is_looked_up = policy.origin_to_look_up(&request).is_some();
                assert_eq!(is_looked_up, is_served || report_only, "{method} {host}");
                let results = [
                    None,
                    Some(LookupResult::Allowed),
                    Some(LookupResult::Failed),
                ];
                for result in results.into_iter().filter(|_| !is_looked_up) {
                    let decision = evaluate(&policy, &request.lookup_result(result));
                    let is_421 = matches!(decision, Decision::Respond { status: 421, .. });
                    assert!(is_421, "{method} {decision:?}");
                }
            }
        }
    }
}

//! Requests that are rejected, and lookups that failed.

use alloc::vec;

use super::{decide, everything, get, origins, preflight};
use crate::{Guard, LookupResult, OriginStatus, RequestParts, evaluate};

#[test]
fn a_policy_can_reject_actual_requests_from_denied_origins() {
    let config = everything(["https://a.test"]).config();
    let policy = config.guard(Guard::All).build().unwrap();
    for origin in ["https://b.test", "null", "https://b.test/"] {
        assert_eq!(
            decide(&policy, &get().origin(origin)),
            ["respond 403", "cache-control: no-store", "+ vary: Origin"],
            "{origin}"
        );
    }
    let twice = get().origin("https://a.test").origin("https://a.test");
    assert_eq!(decide(&policy, &twice)[0], "respond 403");
    // A preflight does not need `no-store`, because caches do not store responses to OPTIONS.
    assert_eq!(
        decide(&policy, &preflight("https://b.test", "PUT")),
        ["respond 403", "+ vary: Origin"]
    );
    assert_eq!(
        decide(&policy, &get().origin("https://a.test"))[0],
        "forward"
    );
    assert_eq!(decide(&policy, &get())[0], "forward");
    let options = RequestParts::new("OPTIONS").origin("https://b.test");
    assert_eq!(decide(&policy, &options)[0], "respond 403");
}

#[test]
fn requests_from_the_servers_own_pages_are_never_rejected() {
    let policy = origins(["https://a.test"])
        .guard(Guard::All)
        .build()
        .unwrap();
    let decide_post = |fields: &[(&str, &str)]| {
        let mut all = vec![("origin", "https://own.test:8443")];
        all.extend(fields);
        decide(&policy, &RequestParts::read(&policy, "POST", &all))
    };
    let host = ("host", "own.test:8443");
    let site = |value| ("sec-fetch-site", value);
    for own in [
        &[site("same-origin")][..],
        &[site("none")],
        &[host],
        &[("host", "OWN.test:8443")],
        &[(":authority", "own.test:8443")],
        &[("host", "other.test"), site("same-origin")],
    ] {
        assert_eq!(decide_post(own), ["forward", "+ vary: Origin"], "{own:?}");
    }
    for other in [
        &[][..],
        &[("host", "own.test")],
        &[("host", "own.test:8443.evil.test")],
        &[host, ("host", "other.test")],
        &[host, (":authority", "other.test")],
        // Sec-Fetch-Site takes precedence over Host.
        &[host, site("cross-site")],
        &[host, site("same-site")],
    ] {
        assert_eq!(
            decide_post(other),
            ["respond 403", "cache-control: no-store", "+ vary: Origin"],
            "{other:?}"
        );
    }
    // Browsers never send a preflight to the page's own origin.
    let fields = [
        ("origin", "https://own.test"),
        ("access-control-request-method", "PUT"),
        ("host", "own.test"),
    ];
    let request = RequestParts::read(&policy, "OPTIONS", &fields);
    assert_eq!(decide(&policy, &request)[0], "respond 403");
    // The server does not have the origin of an application with a custom scheme.
    let fields = [("origin", "tauri://localhost"), ("host", "localhost")];
    let request = RequestParts::read(&policy, "POST", &fields);
    assert_eq!(decide(&policy, &request)[0], "respond 403");
}

#[test]
fn no_cache_stores_a_response_if_a_lookup_failed_or_was_not_made() {
    const NOT_STORED: [&str; 2] = ["cache-control: no-store", "+ vary: Origin"];
    const AGAIN: [&str; 3] = [
        "cache-control: no-store",
        "retry-after: 1",
        "+ vary: Origin",
    ];
    let config = || everything(["https://a.test"]).config().lookup_origins(true);
    let policy = config().build().unwrap();
    let refusing = config().guard(Guard::All).build().unwrap();
    let forwarding = config().forward_preflights(true).build().unwrap();
    for (result, instead) in [
        (None, "respond 403"),
        (Some(LookupResult::NotBegun), "respond 403"),
        (Some(LookupResult::Failed), "respond 503"),
    ] {
        let actual = get().origin("https://b.test").lookup_result(result);
        let preflight = preflight("https://b.test", "PUT").lookup_result(result);
        for (policy, request, first) in [
            (&policy, &actual, "forward"),
            (&policy, &preflight, instead),
            (&refusing, &actual, instead),
            (&refusing, &preflight, instead),
            (&forwarding, &preflight, "forward"),
        ] {
            let decision = evaluate(policy, request);
            assert_eq!(decision.origin_status(), OriginStatus::Undecided);
            assert_eq!(decision.kind(), request.kind());
            let decided = decide(policy, request);
            assert_eq!(decided[0], first);
            if first == "respond 503" {
                assert_eq!(decided[1..], AGAIN);
            } else {
                assert_eq!(decided[1..], NOT_STORED);
            }
        }
    }
    // Caches may store responses after a successful lookup, and responses that do not need one.
    for request in [
        get(),
        get()
            .origin("https://a.test")
            .lookup_result(LookupResult::Failed),
        get().origin("null"),
        get().origin("https://B.test"),
        get()
            .origin("https://b.test")
            .lookup_result(LookupResult::Allowed),
        get()
            .origin("https://b.test")
            .lookup_result(LookupResult::NotAllowed),
        preflight("https://b.test", "PUT").lookup_result(LookupResult::Allowed),
        preflight("https://b.test", "PUT").lookup_result(LookupResult::NotAllowed),
    ] {
        let decision = evaluate(&policy, &request);
        assert_ne!(decision.origin_status(), OriginStatus::Undecided);
        let decided = decide(&policy, &request);
        assert!(!decided.contains(&NOT_STORED[0].into()), "{request:?}");
    }
}

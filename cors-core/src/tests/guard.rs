//! The guard: whose requests are run.

mod explanations;
mod hosts;

use alloc::vec::Vec;

use super::{decide, origins};
use crate::{
    Decision, Denial, Guard, LookupResult, OriginStatus, Policy, PolicyConfig, Rejection,
    RequestParts, Verdict, evaluate,
};

type Fields<'a> = &'a [(&'static str, &'a str)];

const ORIGIN: &str = "origin";
const SITE: &str = "sec-fetch-site";
const MODE: &str = "sec-fetch-mode";
const HOST: &str = "host";
const LISTED: (&str, &str) = (ORIGIN, "https://app.test");
const STRANGER: (&str, &str) = (ORIGIN, "https://evil.test");
const CROSS_SITE: (&str, &str) = (SITE, "cross-site");

/// Returns the rejection of a request. Asserts that the status agrees with it.
fn rejection(policy: &Policy, method: &str, fields: Fields<'_>) -> Option<Rejection> {
    let fields = fields.to_vec();
    let request = RequestParts::read(policy, method, &fields);
    let decision = evaluate(policy, &request);
    let rejection = decision.rejection();
    match (&decision, rejection) {
        (Decision::Respond { status, headers }, Some(rejection)) => {
            assert_eq!(*status, rejection.status(), "{method} {fields:?}");
            let no_store = headers.iter().any(|field| {
                field.name.as_str() == "cache-control" && field.value.as_str() == "no-store"
            });
            assert!(no_store, "{method} {fields:?}");
        }
        (Decision::Forward { .. }, None) => {}
        (decision, rejection) => panic!("{method} {fields:?}: {decision:?}, {rejection:?}"),
    }
    rejection
}

fn policy(guard: Guard) -> Policy {
    let config = origins(["https://app.test", "https://*.apps.test"]).guard(guard);
    let config = config.allow_navigations_from(["https://login.test", "https://*.idp.test"]);
    config.build().unwrap()
}

#[track_caller]
fn assert_passes(policy: &Policy, method: &str, fields: Fields<'_>) {
    assert_eq!(
        rejection(policy, method, fields),
        None,
        "{method} {fields:?}"
    );
}

#[track_caller]
fn assert_rejected(policy: &Policy, method: &str, fields: Fields<'_>, expected: Rejection) {
    let found = rejection(policy, method, fields);
    assert_eq!(found, Some(expected), "{method} {fields:?}");
}

#[test]
fn safe_methods_pass_unless_they_open_a_websocket() {
    let policy = policy(Guard::UnsafeMethods);
    for method in ["GET", "HEAD", "OPTIONS"] {
        assert_passes(&policy, method, &[STRANGER, CROSS_SITE]);
        for upgrade in [
            "websocket",
            "WebSocket",
            "h2c, websocket",
            "h2c , WEBSOCKET ,",
        ] {
            let fields = [STRANGER, CROSS_SITE, ("upgrade", upgrade)];
            assert_rejected(&policy, method, &fields, Rejection::OriginNotListed);
        }
        let upgrades = [
            STRANGER,
            CROSS_SITE,
            ("upgrade", "h2c"),
            ("upgrade", "websocket"),
        ];
        assert_rejected(&policy, method, &upgrades, Rejection::OriginNotListed);
        assert_passes(
            &policy,
            method,
            &[STRANGER, CROSS_SITE, ("upgrade", "websockets")],
        );
        assert_passes(
            &policy,
            method,
            &[LISTED, CROSS_SITE, ("upgrade", "websocket")],
        );
    }
    // Chromium's handshake carries `Origin` and no `Sec-Fetch-*`.
    let handshake = [STRANGER, (HOST, "api.test"), ("upgrade", "websocket")];
    assert_rejected(&policy, "GET", &handshake, Rejection::OriginNotHost);
    let own = [
        (ORIGIN, "https://api.test"),
        (HOST, "api.test"),
        ("upgrade", "websocket"),
    ];
    assert_passes(&policy, "GET", &own);
    // RFC 8441: an extended CONNECT.
    assert_rejected(
        &policy,
        "CONNECT",
        &[STRANGER, CROSS_SITE],
        Rejection::OriginNotListed,
    );
    // Methods are case-sensitive.
    for method in [
        "POST", "PUT", "PATCH", "DELETE", "get", "Get", "PROPFIND", "", "QUERY",
    ] {
        assert_rejected(
            &policy,
            method,
            &[STRANGER, CROSS_SITE],
            Rejection::OriginNotListed,
        );
    }
}

#[test]
fn the_guard_all_checks_every_cors_request() {
    let policy = policy(Guard::All);
    for (fields, is_checked) in [
        (&[STRANGER, CROSS_SITE, (MODE, "cors")][..], true),
        (&[STRANGER, CROSS_SITE], true),
        (&[STRANGER], true),
        (&[STRANGER, CROSS_SITE, (MODE, "")], true),
        (&[CROSS_SITE, (MODE, "cors")], true),
        (
            &[STRANGER, CROSS_SITE, (MODE, "no-cors"), (MODE, "no-cors")],
            true,
        ),
        // An image, a frame and a link of another site.
        (&[CROSS_SITE, (MODE, "no-cors")], false),
        (&[STRANGER, CROSS_SITE, (MODE, "navigate")], false),
        (&[CROSS_SITE], false),
        (&[], false),
    ] {
        let found = rejection(&policy, "GET", fields);
        assert_eq!(found.is_some(), is_checked, "{fields:?}");
    }
    // `Sec-Fetch-Storage-Access` is sent with images and frames.
    let image = [
        CROSS_SITE,
        (MODE, "no-cors"),
        ("sec-fetch-storage-access", "active"),
    ];
    assert_passes(&policy, "GET", &image);
}

#[test]
fn a_preflight_passes_whatever_its_origin_is() {
    let policy = policy(Guard::All);
    for origin in ["https://app.test", "https://evil.test", "null"] {
        let fields = [
            (ORIGIN, origin),
            ("access-control-request-method", "POST"),
            CROSS_SITE,
        ];
        let fields = fields.to_vec();
        let request = RequestParts::read(&policy, "OPTIONS", &fields);
        assert_eq!(evaluate(&policy, &request).rejection(), None);
        let expected = if origin == "https://app.test" {
            "respond 204"
        } else {
            "respond 403"
        };
        assert_eq!(decide(&policy, &request)[0], expected, "{origin}");
    }
}

#[test]
fn sec_fetch_site_decides_if_it_is_there() {
    let policy = policy(Guard::UnsafeMethods);
    let own = (ORIGIN, "https://api.test");
    let host = (HOST, "api.test");
    for site in ["same-origin", "none"] {
        assert_passes(&policy, "POST", &[STRANGER, (SITE, site)]);
        assert_passes(&policy, "POST", &[(SITE, site)]);
        assert_passes(&policy, "POST", &[(ORIGIN, "null"), (SITE, site)]);
    }
    for site in ["cross-site", "same-site", "Same-Origin", "none ", "x"] {
        let site = (SITE, site);
        assert_passes(&policy, "POST", &[LISTED, site]);
        assert_passes(&policy, "POST", &[(ORIGIN, "https://a.apps.test"), site]);
        for other in [STRANGER, own, (ORIGIN, "null"), (ORIGIN, "")] {
            let fields = [other, host, site];
            assert_rejected(&policy, "POST", &fields, Rejection::OriginNotListed);
        }
        assert_rejected(&policy, "POST", &[host, site], Rejection::OriginNotListed);
        assert_rejected(
            &policy,
            "POST",
            &[LISTED, LISTED, site],
            Rejection::OriginNotListed,
        );
    }
    let repeated = [(SITE, "same-origin"), (SITE, "same-origin")];
    assert_rejected(&policy, "POST", &repeated, Rejection::OriginNotListed);
    let repeated = [LISTED, (SITE, "none"), (SITE, "cross-site")];
    assert_passes(&policy, "POST", &repeated);
}

#[test]
fn without_sec_fetch_site_the_origin_is_compared_with_the_host() {
    let policy = policy(Guard::UnsafeMethods);
    let empty = (SITE, "");
    for site in [None, Some(empty)] {
        let with = |fields: &[(&'static str, &'static str)]| -> Vec<(&'static str, &'static str)> {
            fields.iter().copied().chain(site).collect()
        };
        for fields in [
            &[][..],
            &[(ORIGIN, "")],
            &[LISTED, (HOST, "api.test")],
            &[(ORIGIN, "https://api.test"), (HOST, "api.test")],
            &[(ORIGIN, "http://api.test:8080"), (HOST, "API.test:8080")],
            &[(ORIGIN, "http://intranet."), (HOST, "intranet.")],
            &[(ORIGIN, "https://api.test"), (HOST, "api.test:443")],
            &[(ORIGIN, "http://[::1]:3000"), (":authority", "[::1]:3000")],
            &[
                (ORIGIN, "http://[::1]:3000"),
                (":authority", "[::1]:3000"),
                (HOST, "[::1]:3000"),
            ],
        ] {
            assert_passes(&policy, "POST", &with(fields));
        }
        for fields in [
            &[STRANGER][..],
            &[STRANGER, (HOST, "api.test")],
            &[(ORIGIN, "https://api.test"), (HOST, "api.test:8443")],
            &[
                (ORIGIN, "https://api.test"),
                (HOST, "api.test"),
                (HOST, "api.test"),
            ],
            &[
                (ORIGIN, "https://api.test"),
                (HOST, "api.test"),
                (":authority", "b.test"),
            ],
            &[(ORIGIN, "null"), (HOST, "null")],
            &[(ORIGIN, "tauri://localhost"), (HOST, "localhost")],
            &[LISTED, LISTED],
            // The site's own origin behind a proxy that rewrites `Host`.
            &[(ORIGIN, "https://api.test"), (HOST, "127.0.0.1:3000")],
            &[
                (ORIGIN, "https://api.test"),
                (HOST, "127.0.0.1"),
                ("x-forwarded-host", "api.test"),
            ],
        ] {
            assert_rejected(&policy, "POST", &with(fields), Rejection::OriginNotHost);
        }
    }
}

#[test]
fn a_navigation_passes_from_the_origins_that_may_send_it() {
    let policy = policy(Guard::UnsafeMethods);
    let navigation = (MODE, "navigate");
    for origin in ["https://login.test", "https://eu.idp.test"] {
        let origin = (ORIGIN, origin);
        assert_passes(&policy, "POST", &[origin, CROSS_SITE, navigation]);
        assert_passes(&policy, "POST", &[origin, (SITE, "same-site"), navigation]);
        // It may not read anything.
        let fields = [origin, CROSS_SITE, navigation].to_vec();
        let request = RequestParts::read(&policy, "POST", &fields);
        assert_eq!(
            evaluate(&policy, &request).origin_status(),
            OriginStatus::Denied
        );
        for mode in ["cors", "no-cors", "websocket", "nested-navigate", ""] {
            let fields = [origin, CROSS_SITE, (MODE, mode)];
            assert_rejected(&policy, "POST", &fields, Rejection::OriginNotListed);
        }
        assert_rejected(
            &policy,
            "POST",
            &[origin, CROSS_SITE],
            Rejection::OriginNotListed,
        );
        let twice = [origin, CROSS_SITE, navigation, navigation];
        assert_rejected(&policy, "POST", &twice, Rejection::OriginNotListed);
    }
    let stranger = [STRANGER, CROSS_SITE, navigation];
    assert_rejected(&policy, "POST", &stranger, Rejection::OriginNotListed);
    let null = [(ORIGIN, "null"), CROSS_SITE, navigation];
    assert_rejected(&policy, "POST", &null, Rejection::OriginNotListed);
}

#[test]
fn neither_opaque_origins_nor_the_second_tier_pass() {
    let config = origins(["https://app.test", "null", "file://"])
        .dangerously_allow_opaque_origins(true)
        .allow_credentials(true)
        .allow_others_without_credentials(true)
        .guard(Guard::UnsafeMethods);
    let policy = config.build().unwrap();
    for origin in ["null", "file://", "https://other.test"] {
        for site in [&[CROSS_SITE][..], &[]] {
            let mut fields = alloc::vec![(ORIGIN, origin)];
            fields.extend(site);
            assert!(rejection(&policy, "POST", &fields).is_some(), "{origin}");
            // CORS still lets the page read.
            assert_passes(&policy, "GET", &fields);
        }
    }
    let fields = [(ORIGIN, "null"), CROSS_SITE];
    let request = RequestParts::read(&policy, "POST", &fields);
    let verdict = evaluate(&policy, &request).verdict();
    assert_eq!(verdict, Verdict::Denied(Denial::Rejected));
    let request = RequestParts::read(&policy, "GET", &fields);
    assert_eq!(evaluate(&policy, &request).verdict(), Verdict::Allowed);
}

#[test]
fn predicates_and_lookups_list_an_origin() {
    let config = || PolicyConfig::new().guard(Guard::UnsafeMethods);
    let predicate = config().allow_origins_if(|origin| origin.host() == Some("app.test"));
    let predicate = predicate.build().unwrap();
    assert_passes(&predicate, "POST", &[LISTED, CROSS_SITE]);
    assert!(rejection(&predicate, "POST", &[STRANGER, CROSS_SITE]).is_some());

    let lookup = config().lookup_origins(true).build().unwrap();
    let fields = [LISTED, CROSS_SITE];
    for (result, expected) in [
        (Some(LookupResult::Allowed), "forward"),
        (Some(LookupResult::NotAllowed), "respond 403"),
        (Some(LookupResult::NotBegun), "respond 403"),
        (None, "respond 403"),
        (Some(LookupResult::Failed), "respond 503"),
        (Some(LookupResult::TimedOut), "respond 503"),
    ] {
        let request = RequestParts::read(&lookup, "POST", &fields).lookup_result(result);
        let decided = decide(&lookup, &request);
        assert_eq!(decided[0], expected, "{result:?}");
        let is_rejected = evaluate(&lookup, &request).rejection().is_some();
        assert_eq!(is_rejected, expected == "respond 403", "{result:?}");
        // A request that the guard does not check is forwarded, whatever the result is.
        let request = RequestParts::read(&lookup, "GET", &fields).lookup_result(result);
        assert_eq!(decide(&lookup, &request)[0], "forward", "{result:?}");
        let own = [LISTED, (SITE, "same-origin")];
        let request = RequestParts::read(&lookup, "POST", &own).lookup_result(result);
        assert_eq!(decide(&lookup, &request)[0], "forward", "{result:?}");
    }
}

#[test]
fn a_rejection_has_vary_and_no_store_and_nothing_else() {
    let policy = policy(Guard::UnsafeMethods);
    let fields = [STRANGER, CROSS_SITE];
    let request = RequestParts::read(&policy, "POST", &fields);
    let expected = ["respond 403", "cache-control: no-store", "+ vary: Origin"];
    assert_eq!(decide(&policy, &request), expected);
    // The guard adds nothing to `Vary` of other responses.
    let fields = [LISTED, CROSS_SITE];
    let request = RequestParts::read(&policy, "POST", &fields);
    let expected = [
        "forward",
        "access-control-allow-origin: https://app.test",
        "+ vary: Origin",
    ];
    assert_eq!(decide(&policy, &request), expected);
}

#[test]
fn report_only_runs_the_application_and_returns_the_rejection() {
    let config = origins(["https://app.test"]).guard(Guard::UnsafeMethods);
    let config = config.allow_hosts(["api.test"]).guard_report_only(true);
    let policy = config.build().unwrap();
    for (fields, expected) in [
        (
            &[(HOST, "api.test"), STRANGER, CROSS_SITE][..],
            Some(Rejection::OriginNotListed),
        ),
        (&[(HOST, "api.test"), LISTED, CROSS_SITE], None),
        (
            &[(HOST, "evil.test"), LISTED, CROSS_SITE],
            Some(Rejection::HostNotListed),
        ),
    ] {
        let fields = fields.to_vec();
        let request = RequestParts::read(&policy, "POST", &fields);
        let decision = evaluate(&policy, &request);
        assert_eq!(decision.rejection(), expected);
        assert!(matches!(decision, Decision::Forward { .. }), "{fields:?}");
        if let Some(rejection) = expected {
            let suggestion = policy.suggestion_to_run(&request, rejection).unwrap();
            let (setting, value) = match rejection {
                Rejection::HostNotListed => ("allow_hosts", "`evil.test`"),
                _ => ("allow_origins", "`https://evil.test`"),
            };
            assert!(suggestion.ends_with(setting), "{suggestion}");
            assert!(suggestion.contains(value), "{suggestion}");
        }
        let explanation = policy.explain(&request);
        assert_eq!(
            expected.is_some(),
            explanation
                .steps()
                .iter()
                .any(|step| alloc::format!("{step}").contains("only reports")),
        );
    }
}

#[test]
fn a_rejected_request_that_cors_allows_without_credentials_is_rejected() {
    let config = origins(["https://app.test"]).allow_credentials(true);
    let config = config.allow_others_without_credentials(true);
    let policy = config.guard(Guard::UnsafeMethods).build().unwrap();
    let fields = [STRANGER, CROSS_SITE];
    let request = RequestParts::read(&policy, "POST", &fields);
    let decision = evaluate(&policy, &request);
    assert!(matches!(decision, Decision::Respond { status: 403, .. }));
    assert_eq!(decision.verdict(), Verdict::Denied(Denial::Rejected));
}

//! The prepared outlines are those of the decisions.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use super::response::echoing;
use super::{Only, everything, everything_with_credentials, origins};
use crate::adapter::{ForwardOutlines, PreflightOutcome, ResponseOutline, preflight_fields};
use crate::{Decision, Guard, LookupResult, Policy, RequestKind, RequestParts, evaluate};

const LISTED: (&str, &str) = ("origin", "https://a.test");
const OTHER: (&str, &str) = ("origin", "https://b.test");
const UPGRADE: (&str, &str) = ("upgrade", "h2c, websocket");
const NAVIGATE: (&str, &str) = ("sec-fetch-mode", "navigate");
const REQUEST_METHOD: (&str, &str) = ("access-control-request-method", "PUT");

fn policies() -> impl Iterator<Item = Policy> {
    let with = everything(["https://a.test"]).config();
    [
        everything(["*"]).config(),
        everything(["*"]).config().guard_report_only(true),
        with.clone(),
        with.clone().static_origin(true),
        with.clone().lookup_origins(true),
        with.clone().allow_origins_in(Only("https://b.test")),
        with.clone()
            .guard(Guard::All)
            .allow_origins_in(Only("https://b.test")),
        with.clone().guard(Guard::UnsafeMethods),
        with.clone().guard(Guard::All),
        with.clone().guard(Guard::All).lookup_origins(true),
        with.clone().guard(Guard::All).allow_hosts(["api.test"]),
        with.clone().guard(Guard::All).guard_report_only(true),
        origins(["https://a.test", "null"])
            .dangerously_allow_opaque_origins(true)
            .guard(Guard::All),
        everything_with_credentials(["https://a.test"]).config(),
        echoing().config().allow_others_without_credentials(true),
        origins(["https://*.test"]).merge_expose_headers(true),
        origins(["https://a.test"]).forward_preflights(true),
        with.clone().preflight_status(200).max_age(None),
        with.clone()
            .allow_origins_if(|origin| origin.as_str() == "https://b.test"),
        everything(["*"])
            .config()
            .allow_credentials(true)
            .dangerously_allow_any_origin_with_credentials(true),
    ]
    .into_iter()
    .map(|config| config.build().unwrap())
}

#[test]
fn a_prepared_outline_is_that_of_the_decision() {
    for policy in policies() {
        let outlines = ForwardOutlines::of(&policy);
        let non_cors = evaluate(&policy, &RequestParts::new("GET"));
        let non_cors = ResponseOutline::of(non_cors.headers());
        assert!(policy.may_reject() || outlines.non_cors() == non_cors);
        for fields in [
            &[][..],
            &[("accept", "*/*")],
            &[LISTED],
            &[OTHER],
            &[LISTED, LISTED],
            &[("origin", "null"), REQUEST_METHOD],
            &[LISTED, REQUEST_METHOD],
            &[NAVIGATE],
            &[OTHER, NAVIGATE],
            &[OTHER, UPGRADE],
            &[("upgrade", "h2c")],
        ] {
            let fields = fields.to_vec();
            for result in [
                None,
                Some(LookupResult::Allowed),
                Some(LookupResult::NotAllowed),
                Some(LookupResult::Failed),
            ] {
                for method in ["GET", "options", "DELETE"] {
                    let request = RequestParts::read(&policy, method, &fields);
                    let decision = evaluate(&policy, &request.lookup_result(result));
                    let Some(outline) = outlines.find(&policy, method, &fields, result) else {
                        assert!(policy.may_reject());
                        continue;
                    };
                    assert!(matches!(decision, Decision::Forward { .. }));
                    let expected = ResponseOutline::of(decision.headers());
                    assert_eq!(*outline, expected, "{policy} {request:?}");
                }
                assert_eq!(outlines.find(&policy, "OPTIONS", &fields, result), None);
            }
        }
    }
}

/// Returns a decision to respond as text.
fn response(decision: &Decision<'_>) -> String {
    let Decision::Respond { status, headers } = decision else {
        return String::from("forward");
    };
    let mut fields: Vec<_> = headers.iter().map(|field| field.to_string()).collect();
    fields.sort_unstable();
    format!("{status} {fields:?}")
}

#[test]
fn the_outcome_of_a_preflight_is_that_of_the_decision() {
    let mut found = 0;
    for policy in policies() {
        for origins in [
            &[][..],
            &[LISTED],
            &[OTHER],
            &[("origin", "null")],
            &[LISTED, LISTED],
            &[OTHER, LISTED],
        ] {
            for methods in [
                &[][..],
                &[REQUEST_METHOD],
                &[REQUEST_METHOD, REQUEST_METHOD],
                &[("access-control-request-method", "")],
            ] {
                let fields = [origins, methods].concat();
                for method in ["OPTIONS", "options", "PUT"] {
                    let Some(outcome) = PreflightOutcome::find(&policy, method, &fields) else {
                        continue;
                    };
                    found += 1;
                    let request = RequestParts::read(&policy, method, &fields);
                    assert_eq!(request.kind(), RequestKind::Preflight);
                    let mut expected: Vec<_> = Vec::new();
                    let status = match outcome {
                        PreflightOutcome::Denied => {
                            expected.push(String::from("vary: Origin"));
                            403
                        }
                        PreflightOutcome::Allowed => {
                            expected
                                .extend(preflight_fields(&policy).iter().map(ToString::to_string));
                            if !policy.is_static() {
                                expected
                                    .push(format!("access-control-allow-origin: {}", fields[0].1));
                            }
                            policy.preflight_status()
                        }
                    };
                    expected.sort_unstable();
                    let decision = evaluate(&policy, &request);
                    assert_eq!(
                        response(&decision),
                        format!("{status} {expected:?}"),
                        "{policy} {request:?}"
                    );
                    assert_eq!(decision.rejection(), None);
                }
            }
        }
    }
    assert!(found > 100, "{found}");
}

#[test]
fn an_outcome_is_found_if_a_response_depends_on_the_origin_only() {
    let with = || origins(["https://a.test"]);
    let fields = vec![LISTED, REQUEST_METHOD];
    for (config, is_found) in [
        (with(), true),
        (with().allow_methods(["*"]).allow_headers(["*"]), true),
        (with().allow_credentials(true), true),
        (with().guard(Guard::All), true),
        (with().static_origin(true), true),
        (origins(["*"]), true),
        (with().allow_credentials(true).allow_methods(["*"]), false),
        (with().allow_credentials(true).allow_headers(["*"]), false),
        (
            with()
                .allow_credentials(true)
                .allow_others_without_credentials(true),
            false,
        ),
        (with().lookup_origins(true), false),
        (with().guard(Guard::All).allow_hosts(["api.test"]), false),
        (with().forward_preflights(true), false),
    ] {
        let policy = config.build().unwrap();
        let found = PreflightOutcome::find(&policy, "OPTIONS", &fields);
        assert_eq!(found.is_some(), is_found, "{policy}");
    }
}

#[test]
fn an_outline_is_found_for_a_request_that_the_guard_does_not_check() {
    let with = everything(["https://a.test"]).config();
    let unsafe_methods = &with.clone().guard(Guard::UnsafeMethods).build().unwrap();
    let all = &with.guard(Guard::All).build().unwrap();
    for (policy, method, fields, is_found) in [
        (unsafe_methods, "GET", &[][..], true),
        (unsafe_methods, "HEAD", &[OTHER], true),
        (unsafe_methods, "GET", &[OTHER, ("upgrade", "h2c")], true),
        (unsafe_methods, "GET", &[OTHER, UPGRADE], false),
        (unsafe_methods, "GET", &[LISTED, UPGRADE], true),
        (unsafe_methods, "POST", &[], false),
        (unsafe_methods, "POST", &[LISTED], true),
        (all, "GET", &[], true),
        (all, "GET", &[NAVIGATE], true),
        (all, "GET", &[OTHER, NAVIGATE], true),
        (all, "GET", &[OTHER], false),
        (all, "GET", &[LISTED], true),
        (all, "GET", &[("sec-fetch-mode", "cors")], false),
        (all, "GET", &[UPGRADE], false),
    ] {
        let outlines = ForwardOutlines::of(policy);
        let found = outlines.find(policy, method, &fields.to_vec(), None);
        assert_eq!(found.is_some(), is_found, "{method} {fields:?} {policy}");
    }
}

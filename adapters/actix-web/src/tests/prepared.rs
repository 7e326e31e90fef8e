//! Compares the decisions that are prepared with those of an evaluation.

use omnicors_adapter::omnicors_core::PolicyConfig;

use super::*;
use crate::decision::{OwnedDecision, evaluate_always, prepared_response};
use crate::request::RequestMap;
use crate::response::{Fields, ForwardHeaders};

const OTHER: &str = "https://other.example";

/// Each decision is made in the quick way, and by an evaluation. With the feature `metrics`, requests are always evaluated, so the functions
/// are called themselves.
#[test]
fn a_prepared_decision_is_that_of_an_evaluation() {
    let (mut forwarded, mut responses) = (0, 0);
    for config in configs() {
        let policy = PreparedPolicy::shared(config.build().unwrap());
        for request in requests() {
            let method = request.method().as_str();
            let fields = RequestMap::new(&request);
            let quick = if let Some(outline) = policy.outline(method, &fields, None) {
                forwarded += 1;
                let origin = || fields.origin().cloned();
                let values = &policy.values().values;
                OwnedDecision::Forward(ForwardHeaders::with_outline(outline, values, origin))
            } else if let Some(response) = prepared_response(&policy, &request) {
                responses += 1;
                OwnedDecision::Respond(response)
            } else {
                continue;
            };
            let evaluated = evaluate_always(&policy, &request, None);
            assert_eq!(
                parts(quick),
                parts(evaluated),
                "{request:?} {:?}",
                policy.policy()
            );
        }
    }
    assert!(forwarded > 100 && responses > 50, "{forwarded} {responses}");
}

fn configs() -> [PolicyConfig; 14] {
    let one = || PolicyConfig::new().allow_origins([ALLOWED]);
    let two = || {
        PolicyConfig::new()
            .allow_origins([ALLOWED, OTHER])
            .allow_methods(["PUT"])
    };
    [
        two(),
        two()
            .allow_credentials(true)
            .allow_headers(["x-a"])
            .expose_headers(["x-b"])
            .preflight_status(200)
            .max_age(None)
            .allow_private_network(true)
            .timing_allow_origin(true),
        one().static_origin(true).timing_allow_origin(true),
        one().allow_origins_if(|origin| origin.as_str() == OTHER),
        one().guard(Guard::All).allow_methods(["*"]),
        one().lookup_origins(true),
        one().merge_expose_headers(true),
        one().forward_preflights(true),
        one().allow_hosts(["api.example"]),
        one().guard(Guard::All).guard_report_only(true),
        one()
            .allow_others_without_credentials(true)
            .allow_credentials(true),
        PolicyConfig::new()
            .allow_origins(["*"])
            .preflight_status(299),
        PolicyConfig::new().allow_origins(["https://*.example"]),
        PolicyConfig::new()
            .allow_origins(["*"])
            .allow_credentials(true)
            .dangerously_allow_any_origin_with_credentials(true),
    ]
}

fn requests() -> Vec<ServiceRequest> {
    let mut requests = Vec::new();
    for method in [Method::OPTIONS, Method::GET, Method::POST] {
        for origins in [
            &[][..],
            &[ALLOWED],
            &[OTHER],
            &["null"],
            &["https://x.test"],
            &[OTHER, ALLOWED],
        ] {
            for methods in [&[][..], &["PUT"], &["PUT", "PUT"]] {
                let mut request = TestRequest::default().method(method.clone());
                for origin in origins {
                    request = request.append_header(("origin", *origin));
                }
                for method in methods {
                    request = request.append_header(("access-control-request-method", *method));
                }
                requests.push(request.to_srv_request());
            }
        }
    }
    requests
}

/// Returns the status of a response, if there is one, and the fields in the order of their names.
fn parts(decision: OwnedDecision) -> (Option<StatusCode>, Vec<(String, String)>) {
    let fields = |headers: &HeaderMap| {
        let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
        let fields = headers.iter();
        let mut fields: Vec<_> = fields
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect();
        fields.sort_unstable();
        fields
    };
    match decision {
        OwnedDecision::Forward(mut forward) => {
            let mut headers = HeaderMap::new();
            forward.apply(&mut Fields(&mut headers));
            (None, fields(&headers))
        }
        OwnedDecision::Respond(response) => (Some(response.status()), fields(response.headers())),
    }
}

//! The prepared outlines are those of the decisions.

use super::response::echoing;
use super::{everything, everything_with_credentials, origins};
use crate::adapter::{ForwardOutlines, ResponseOutline};
use crate::{Decision, Guard, LookupResult, Policy, RequestParts, evaluate};

const LISTED: (&str, &str) = ("origin", "https://a.test");
const OTHER: (&str, &str) = ("origin", "https://b.test");
const REQUEST_METHOD: (&str, &str) = ("access-control-request-method", "PUT");

fn policies() -> impl Iterator<Item = Policy> {
    let with = everything(["https://a.test"]).config();
    [
        everything(["*"]).config(),
        everything(["*"]).config().guard_report_only(true),
        with.clone(),
        with.clone().static_origin(true),
        with.clone().lookup_origins(true),
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
    ]
    .into_iter()
    .map(|config| config.build().unwrap())
}

#[test]
fn a_prepared_outline_is_that_of_the_decision() {
    let mut found = 0;
    for policy in policies() {
        let outlines = ForwardOutlines::of(&policy);
        for fields in [
            &[][..],
            &[("accept", "*/*")],
            &[LISTED],
            &[OTHER],
            &[LISTED, LISTED],
            &[("origin", "null"), REQUEST_METHOD],
            &[LISTED, REQUEST_METHOD],
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
                    found += 1;
                }
                assert_eq!(outlines.find(&policy, "OPTIONS", &fields, result), None);
            }
        }
    }
    // Of the policies with a guard, three only find outlines for the listed origin, and one also for an origin that a lookup allows.
    let listed = 2 * 4 * 3;
    assert_eq!(found, 9 * 7 * 4 * 3 + 4 * listed + 3);
}

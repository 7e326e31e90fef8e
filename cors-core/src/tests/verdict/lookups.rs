//! Verdicts of lookups.

use super::verdict;
use crate::tests::{get, origins, preflight};
use crate::{Decision, Denial, LookupResult, PolicyConfig, Verdict, evaluate};

#[test]
fn a_denial_of_the_origin_names_the_lookup() {
    let policy = PolicyConfig::new().lookup_origins(true).build().unwrap();
    let request = get().origin("https://a.test");
    for (result, expected) in [
        (None, Err(Denial::OriginUndecided)),
        (Some(LookupResult::Failed), Err(Denial::LookupFailed)),
        (Some(LookupResult::TimedOut), Err(Denial::LookupTimedOut)),
        (Some(LookupResult::NotBegun), Err(Denial::LookupNotBegun)),
        (
            Some(LookupResult::NotAllowed),
            Err(Denial::LookupNotAllowed),
        ),
        (Some(LookupResult::Allowed), Ok(())),
    ] {
        assert_eq!(verdict(&policy, &request.lookup_result(result)), expected);
    }
}

#[test]
fn a_lookup_result_can_be_made_of_a_bool_or_a_result() {
    assert_eq!(LookupResult::from(true), LookupResult::Allowed);
    assert_eq!(LookupResult::from(false), LookupResult::NotAllowed);
    for (result, expected) in [
        (Ok(true), LookupResult::Allowed),
        (Ok(false), LookupResult::NotAllowed),
        (Err("timeout"), LookupResult::Failed),
    ] {
        assert_eq!(LookupResult::from(result), expected);
    }
}

/// Fetch, [CORS check](https://fetch.spec.whatwg.org/#cors-check), step 2: a 503 after a failed lookup has no
/// `Access-Control-Allow-Origin`.
#[test]
fn a_failed_lookup_is_denied_even_if_others_are_allowed_without_credentials() {
    let config = origins(["https://a.test"]).allow_credentials(true);
    let config = config
        .allow_others_without_credentials(true)
        .lookup_origins(true);
    let policy = config.build().unwrap();
    let request = preflight("https://b.test", "GET");
    let request = request.lookup_result(LookupResult::Failed);
    let decision = evaluate(&policy, &request);
    assert!(matches!(decision, Decision::Respond { status: 503, .. }));
    let failed = Verdict::Denied(Denial::LookupFailed);
    assert_eq!(decision.verdict(), failed);
    assert_eq!(decision.verdict_with_credentials(), failed);

    // The second tier is for requests without credentials only.
    let request = preflight("https://b.test", "GET").lookup_result(LookupResult::NotAllowed);
    let decision = evaluate(&policy, &request);
    assert_eq!(decision.verdict(), Verdict::Allowed);
    assert!(!decision.verdict_with_credentials().is_allowed());
}

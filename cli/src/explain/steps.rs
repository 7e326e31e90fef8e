//! The steps of the policy's decision about one request that the browser sends.

use omnicors::adapters::http::RequestHead;
use omnicors_browser::Exchange;
use omnicors_core::{LookupResult, Outcome, Policy, RequestParts};

use serde::Serialize;

/// One step of the policy.
#[derive(Debug, Serialize)]
pub(super) struct StepReport {
    pub(super) subject: &'static str,
    pub(super) outcome: &'static str,
    pub(super) found: String,
    pub(super) standard: &'static str,
}

/// Returns the steps for an exchange.
pub(super) fn of_exchange(
    policy: &Policy,
    lookup: Option<LookupResult>,
    exchange: &Exchange,
) -> Vec<StepReport> {
    let head = RequestHead::from(exchange.request());
    of_parts(policy, &parts(policy, lookup, &head))
}

/// Returns what to change, as far as the policy knows: whether a request has credentials is not in its fields.
pub(super) fn suggestion(
    policy: &Policy,
    lookup: Option<LookupResult>,
    exchange: &Exchange,
) -> Option<String> {
    let head = RequestHead::from(exchange.request());
    let parts = parts(policy, lookup, &head);
    policy.explain(&parts).suggestion().map(str::to_owned)
}

/// Returns true if the request needs a lookup to be decided.
pub(super) fn needs_lookup(policy: &Policy, exchange: &Exchange) -> bool {
    let head = RequestHead::from(exchange.request());
    let parts = parts(policy, None, &head);
    policy.origin_to_look_up(&parts).is_some()
}

pub(super) fn parts<'a>(
    policy: &Policy,
    lookup: Option<LookupResult>,
    head: &'a RequestHead<'_>,
) -> RequestParts<'a> {
    RequestParts::read(policy, head.method.as_str(), head).lookup_result(lookup)
}

/// Returns the steps for a request.
pub(super) fn of_parts(policy: &Policy, parts: &RequestParts<'_>) -> Vec<StepReport> {
    let explanation = policy.explain(parts);
    let steps = explanation.steps().iter();
    steps
        .map(|step| StepReport {
            subject: step.subject(),
            outcome: match step.outcome() {
                Outcome::Noted => "noted",
                Outcome::Passed => "passed",
                Outcome::Failed => "failed",
            },
            found: step.found().to_owned(),
            standard: step.standard(),
        })
        .collect()
}

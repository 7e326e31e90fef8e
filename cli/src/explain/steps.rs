//! The steps of the policy's decision about one request that the browser sends.

use std::str::FromStr as _;

use omnicors_browser::Exchange;
use omnicors_browser::http::{HeaderMap, HeaderName, HeaderValue};
use omnicors_core::adapter::{RequestField, RequestFields};
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

/// The fields of a request.
struct Fields<'a>(&'a HeaderMap);

impl RequestFields for Fields<'_> {
    fn value(&self, field: RequestField, index: usize) -> Option<&[u8]> {
        // Pseudo-header fields such as `:authority` are not names of the `http` crate.
        let name = HeaderName::from_str(field.as_str()).ok()?;
        let mut values = self.0.get_all(name).iter();
        values.nth(index).map(HeaderValue::as_bytes)
    }
}

/// Returns the steps for an exchange.
pub(super) fn of_exchange(
    policy: &Policy,
    lookup: Option<LookupResult>,
    exchange: &Exchange,
) -> Vec<StepReport> {
    let fields = Fields(exchange.request().headers());
    of_parts(policy, &parts(policy, lookup, exchange, &fields))
}

/// Returns what to change, as far as the policy knows: whether a request has credentials is not in its fields.
pub(super) fn suggestion(
    policy: &Policy,
    lookup: Option<LookupResult>,
    exchange: &Exchange,
) -> Option<String> {
    let fields = Fields(exchange.request().headers());
    let parts = parts(policy, lookup, exchange, &fields);
    policy.explain(&parts).suggestion().map(str::to_owned)
}

fn parts<'a>(
    policy: &Policy,
    lookup: Option<LookupResult>,
    exchange: &'a Exchange,
    fields: &'a Fields<'_>,
) -> RequestParts<'a> {
    RequestParts::read(policy, exchange.request().method().as_str(), fields).lookup_result(lookup)
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

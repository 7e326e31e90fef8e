//! The core without a server: applies a decision to the response of the [application](mod@crate::application).

use omnicors_core::{Decision, LookupResult, Policy, RequestParts, evaluate};

use crate::application::application;
use crate::apply::apply;
use crate::client::{Request, Response};

/// Looks an origin up.
pub type Lookup = fn(&str) -> LookupResult;

/// Returns the response to a request. Without `lookup`, an origin that the policy looks up stays undecided.
#[must_use]
pub fn respond(policy: &Policy, request: &Request, lookup: Option<Lookup>) -> Response {
    let mut parts = RequestParts::read(policy, &request.method, &request.fields);
    if let Some(lookup) = lookup
        && let Some(origin) = policy.origin_to_look_up(&parts)
    {
        parts = parts.lookup_result(lookup(origin.as_str()));
    }
    let mut response = Response {
        status: 0,
        fields: Vec::new(),
        body: Vec::new(),
    };
    let decision = evaluate(policy, &parts);
    match decision {
        Decision::Respond { status, .. } => response.status = status,
        Decision::Forward { .. } => {
            let planned = application(request.fields.iter().map(|(name, value)| (name, value)));
            response.status = planned.status;
            let fields = planned.fields.into_iter();
            response
                .fields
                .extend(fields.map(|(name, value)| (name.to_ascii_lowercase(), value.into())));
            if request.method != "HEAD" {
                response.body = planned.body.into();
            }
        }
    }
    apply(decision.headers(), &mut response.fields);
    response
}

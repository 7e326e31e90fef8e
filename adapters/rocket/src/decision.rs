use omnicors_adapter::VaryNames;
use omnicors_adapter::omnicors_core::adapter::is_like_non_cors;
use omnicors_adapter::omnicors_core::{Decision, LookupResult, Policy, RequestParts, evaluate};
use rocket::{Request, Response};

use crate::request::RequestMap;
use crate::response::{Fields, ForwardHeaders, owned, set_status_without_body};
use crate::source::PreparedPolicy;

/// A decision that borrows nothing, so that it can be kept until the response.
///
/// The default bypasses CORS: the request is forwarded, and its response is not changed.
#[derive(Debug, Default)]
pub(crate) struct OwnedDecision {
    /// The status to respond with, or `None` to forward the request.
    status: Option<u16>,
    fields: ForwardHeaders,
}

/// Decides about a request with the result of its origin lookup, if there was one.
///
/// Returns `None` if the decision is to forward with the [fields of non-CORS requests](non_cors_fields), and `knows_non_cors` is
/// true: the caller knows them already.
pub(crate) fn decide(
    prepared: &PreparedPolicy,
    request: &Request<'_>,
    lookup_result: Option<LookupResult>,
    knows_non_cors: bool,
) -> Option<OwnedDecision> {
    let policy = prepared.policy();
    let fields = RequestMap::new(request);
    let parts =
        RequestParts::read(policy, request.method().as_str(), &fields).lookup_result(lookup_result);
    let decision = evaluate(policy, &parts);
    if prepared.is_observed() {
        prepared.observe(&parts, &decision, || request.uri().path().as_str().into());
    }
    let is_known = knows_non_cors
        && matches!(&decision, Decision::Forward { headers } if is_like_non_cors(headers));
    (!is_known).then(|| OwnedDecision::new(&decision))
}

/// Returns the fields for the response to a non-CORS request.
pub(crate) fn non_cors_fields(policy: &Policy) -> ForwardHeaders {
    owned(evaluate(policy, &RequestParts::new("GET")).headers())
}

impl OwnedDecision {
    fn new(decision: &Decision<'_>) -> Self {
        Self {
            status: match decision {
                Decision::Forward { .. } => None,
                Decision::Respond { status, .. } => Some(*status),
            },
            fields: owned(decision.headers()),
        }
    }

    /// Adds the names of the request fields that the choice of the policy read to `Vary` of the response. Returns `None` if
    /// nothing needs to be kept.
    pub(crate) fn vary_on(decision: Option<Self>, names: VaryNames) -> Option<Self> {
        if names.is_empty() {
            return decision;
        }
        let mut decision = decision.unwrap_or_default();
        decision.fields.vary_on(names);
        Some(decision)
    }

    /// Returns the status to respond with, or `None` if the application runs.
    pub(crate) fn status(&self) -> Option<u16> {
        self.status
    }

    /// Applies the decision to a response. `is_ours` is true if the response is from the responding route.
    pub(crate) fn apply(mut self, response: &mut Response<'_>, is_ours: bool) {
        if let Some(status) = self.status {
            if !is_ours {
                // The response is from a catcher, or from a route to which a later fairing led the request. Discard it.
                *response = Response::new();
            }
            set_status_without_body(response, status);
        }
        self.fields.apply(&mut Fields(response));
    }
}

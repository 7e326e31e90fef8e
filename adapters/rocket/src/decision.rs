use omnicors_adapter::VaryNames;
use omnicors_adapter::omnicors_core::adapter::is_like_non_cors;
use omnicors_adapter::omnicors_core::{Decision, LookupResult, Policy, RequestParts, evaluate};
use rocket::{Request, Response};

use crate::request::RequestMap;
use crate::response::{Fields, ForwardHeaders, owned, set_status_without_body};

/// A decision that borrows nothing, so that it can wait for the response.
///
/// The default forwards the request and leaves the response as it is.
#[derive(Debug, Default)]
pub(crate) struct OwnedDecision {
    /// The status to respond with, without running the application; or `None` to forward the request.
    status: Option<u16>,
    fields: ForwardHeaders,
}

/// Decides about a request, given the result of the lookup of its origin, if there was one.
///
/// Returns `None` if the response gets [the fields of non-CORS requests](non_cors_fields) and the caller knows those already.
pub(crate) fn decide(
    policy: &Policy,
    request: &Request<'_>,
    lookup_result: Option<LookupResult>,
    knows_non_cors: bool,
) -> Option<OwnedDecision> {
    let fields = RequestMap::new(request);
    let parts =
        RequestParts::read(policy, request.method().as_str(), &fields).lookup_result(lookup_result);
    #[cfg(feature = "tracing")]
    omnicors_adapter::events::denial(policy, &parts, request.uri().path().as_str());
    let decision = evaluate(policy, &parts);
    let is_known = knows_non_cors
        && matches!(&decision, Decision::Forward { headers } if is_like_non_cors(headers));
    (!is_known).then(|| OwnedDecision::new(&decision))
}

/// Returns the fields that a policy adds to the response to every non-CORS request that it forwards.
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

    /// Adds the names of request fields that the choice of the policy read to `Vary` of the response. Returns `None` if there
    /// is nothing to keep.
    pub(crate) fn vary_on(decision: Option<Self>, names: VaryNames) -> Option<Self> {
        if names.is_empty() {
            return decision;
        }
        let mut decision = decision.unwrap_or_default();
        decision.fields.vary_on(names);
        Some(decision)
    }

    /// Returns true if the application is not to be run.
    pub(crate) fn is_response(&self) -> bool {
        self.status.is_some()
    }

    /// Changes a response as decided. `is_ours` says that the response was made by our own route.
    pub(crate) fn apply(mut self, response: &mut Response<'_>, is_ours: bool) {
        if let Some(status) = self.status {
            if !is_ours {
                // It is from a catcher, or from a route that a later fairing led to. Nothing of it is sent.
                *response = Response::new();
            }
            set_status_without_body(response, status);
        }
        self.fields.apply(&mut Fields(response));
    }
}

use omnicors_adapter::omnicors_core::{Decision, Policy, RequestKind, RequestParts, evaluate};
use rocket::{Request, Response};

use crate::request::{host, parts};
use crate::response::{Fields, ForwardHeaders, owned, set_status_without_body};

/// A decision that borrows nothing, so that it can wait for the response.
#[derive(Debug)]
pub(crate) struct OwnedDecision {
    /// The status to respond with, without running the application; or `None` to forward the request.
    status: Option<u16>,
    fields: ForwardHeaders,
}

/// Decides about a request, given the result of the lookup of its origin, if there was one.
///
/// Returns `None` if the decision is [the one for non-CORS requests](non_cors_fields) and the caller knows that already.
pub(crate) fn decide(
    policy: &Policy,
    request: &Request<'_>,
    lookup_result: Option<bool>,
    knows_non_cors: bool,
) -> Option<OwnedDecision> {
    #[cfg(feature = "tracing")]
    log_denial(policy, request, lookup_result);
    let reads_site = policy.refuses_disallowed_origins();
    let host = reads_site.then(|| host(request)).flatten();
    let parts = parts(request, reads_site, host.as_deref()).origin_verdict(lookup_result);
    let decision = evaluate(policy, &parts);
    let is_non_cors = matches!(
        &decision,
        Decision::Forward { headers } if headers.kind() == RequestKind::NonCors
    );
    (!is_non_cors || !knows_non_cors).then(|| OwnedDecision::new(&decision))
}

/// Returns the fields that a policy adds to the response to every non-CORS request that it forwards.
pub(crate) fn non_cors_fields(policy: &Policy) -> ForwardHeaders {
    owned(evaluate(policy, &RequestParts::new("GET")).headers())
}

#[cfg(feature = "tracing")]
fn log_denial(policy: &Policy, request: &Request<'_>, lookup_result: Option<bool>) {
    use omnicors_adapter::events;

    if events::is_enabled() {
        let host = host(request);
        let parts = || parts(request, true, host.as_deref()).origin_verdict(lookup_result);
        events::denial(policy, parts, request.uri().path().as_str(), |name| {
            request.headers().get_one(name).map(str::as_bytes)
        });
    }
}

impl OwnedDecision {
    fn new(decision: &Decision<'_>) -> Self {
        Self {
            status: match decision {
                Decision::Forward { .. } => None,
                Decision::Answer { status, .. } => Some(*status),
            },
            fields: owned(decision.headers()),
        }
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
